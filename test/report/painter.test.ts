/** From SVG to PNG with the real renderer; and what becomes of pictures where there is none. */
import { crc32, inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { monthPictureSvg } from "../../collector/report/month-picture.ts";
import { createPainter } from "../../collector/report/painter.ts";
import { encodePng } from "../../collector/report/png.ts";
import { serverPictureSvg } from "../../collector/report/server-picture.ts";
import { NO_MINUTES } from "../../collector/report/shares.ts";
import { page, text } from "../../collector/report/svg.ts";
import { hostile } from "./hostile.ts";
import { MONDAY_MS, MONTH_LABELS, outage, SERVER_LABELS } from "./story.ts";

function painterThatMustNotFail() {
  return createPainter({
    onProblem: (message) => {
      throw new Error(message);
    },
  });
}

/** What a reader of PNG sees. */
function read(png: Buffer): { width: number; height: number; pixel: (x: number, y: number) => number[] } {
  expect(png.subarray(0, 8).toString("hex")).toBe("89504e470d0a1a0a");
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    chunks.set(png.toString("latin1", at + 4, at + 8), png.subarray(at + 8, at + 8 + length));
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(png.subarray(at + 4, at + 8 + length)));
    at += 12 + length;
  }
  expect([...chunks.keys()]).toEqual(["IHDR", "IDAT", "IEND"]);
  const head = chunks.get("IHDR")!;
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const rows = inflateSync(chunks.get("IDAT")!);
  expect(rows.length).toBe(height * (width * 4 + 1));
  return {
    width,
    height,
    pixel: (x, y) => [...rows.subarray(y * (width * 4 + 1) + 1 + x * 4).subarray(0, 4)],
  };
}

const serverSvg = (serverName: string, siteName: string): string =>
  serverPictureSvg({
    serverName,
    siteName,
    timeZone: "Asia/Makassar",
    nowMs: MONDAY_MS + 40 * 3_600_000,
    watchedFromMs: 0,
    pausedSpans: [],
    outages: [outage(6, 12, "server"), outage(-2, 2, "link"), outage(20, 30, "planned")],
    collectorTrouble: [],
    availability: { day: null, week: 0.5 },
    labels: SERVER_LABELS,
  });

describe("a picture as PNG", () => {
  it("has its size, a white page, and letters from our own font", async () => {
    const png = await painterThatMustNotFail().toPng(
      page(300, [text(40, 200, "MMMMMM", { size: 160, bold: true })]),
    );
    const { width, height, pixel } = read(png!);
    expect([width, height]).toEqual([1_200, 300]);
    expect(pixel(0, 0)).toEqual([255, 255, 255, 255]);
    const inked = Array.from({ length: 900 }, (_, x) => pixel(40 + x, 150)).filter(([red = 255]) => red < 80);
    expect(inked.length).toBeGreaterThan(200);
  });

  it("is 1200 × 675 of a server and about so of a month, small enough to send at once", async () => {
    const painter = painterThatMustNotFail();
    const rows = Array.from({ length: 40 }, (_, index) => ({
      name: `cabang ${index}`,
      minutes: { ...NO_MINUTES, server: index, link: 40 - index },
      availability: 0.9,
    }));
    const month = monthPictureSvg({
      title: "Laporan",
      subtitle: "",
      rows,
      incidents: 1,
      minutes: NO_MINUTES,
      availability: null,
      labels: MONTH_LABELS,
    });
    const [one, other] = await Promise.all([
      painter.toPng(serverSvg("srv-a", "Makassar")),
      painter.toPng(month),
    ]);
    expect(read(one!)).toMatchObject({ width: 1_200, height: 675 });
    expect(read(other!).width).toBe(1_200);
    expect(read(other!).height).toBeLessThan(900);
    for (const png of [one, other]) expect(png!.length).toBeLessThan(300_000);
  });

  it("comes out whatever the names are", async () => {
    const painter = painterThatMustNotFail();
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (serverName, siteName) => {
        expect(await painter.toPng(serverSvg(serverName, siteName))).not.toBeNull();
      }),
      { numRuns: 40 },
    );
  });

  it("is refused when pixels are missing", async () => {
    await expect(encodePng(new Uint8Array(15), 2, 2)).rejects.toThrow("all pixels");
  });
});

describe("without a picture", () => {
  it("there is null, and one line for the log, on a platform without a renderer", async () => {
    const problems: string[] = [];
    let loads = 0;
    const painter = createPainter({
      onProblem: (message) => problems.push(message),
      load: () => {
        loads += 1;
        return Promise.reject(new Error("Cannot find module '@resvg/resvg-js-plan9'\nRequire stack: …"));
      },
    });
    expect(await Promise.all([painter.toPng("<svg/>"), painter.toPng("<svg/>")])).toEqual([null, null]);
    expect(problems).toEqual(["no pictures here: Cannot find module '@resvg/resvg-js-plan9'"]);
    expect(loads).toBe(1);
  });

  it("there is null for a picture that cannot be painted, and the next one comes", async () => {
    const problems: string[] = [];
    const painter = createPainter({ onProblem: (message) => problems.push(message) });
    expect(await painter.toPng("<svg xmlns='http://www.w3.org/2000/svg'><broken")).toBeNull();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^a picture failed: /u);
    expect(await painter.toPng(page(20, []))).not.toBeNull();
  });

  it("there is null at once for more than twenty that wait", async () => {
    const problems: string[] = [];
    const painter = createPainter({ onProblem: (message) => problems.push(message) });
    const pictures = await Promise.all(Array.from({ length: 23 }, () => painter.toPng(page(20, []))));
    expect(pictures.map((png) => png !== null)).toEqual([
      ...Array<boolean>(20).fill(true),
      false,
      false,
      false,
    ]);
    expect(problems).toHaveLength(3);
  });
});
