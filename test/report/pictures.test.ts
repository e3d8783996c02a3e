/** What the pictures hold, read from their SVG. */
import { describe, expect, it } from "vitest";
import {
  monthPictureSvg,
  monthRowsOf,
  type MonthPictureData,
  type MonthRow,
} from "../../collector/report/month-picture.ts";
import { periodFigures } from "../../collector/report/outages.ts";
import { serverPictureSvg, type ServerPictureData } from "../../collector/report/server-picture.ts";
import { addedMinutes, NO_MINUTES } from "../../collector/report/shares.ts";
import { COLOURS } from "../../collector/report/svg.ts";
import {
  DAY_MS,
  HOUR_MS,
  hours,
  incident,
  input,
  MONDAY_MS,
  MONTH_LABELS,
  outage,
  server,
  SERVER_LABELS,
} from "./story.ts";

/** Sunday noon: the seven strips are Monday to Sunday. */
const NOW_MS = MONDAY_MS + 6.5 * DAY_MS;
const STRIP_PX = 788;

function serverData(more: Partial<ServerPictureData> = {}): ServerPictureData {
  return {
    serverName: "srv-a",
    siteName: "Makassar",
    timeZone: "Asia/Jakarta",
    nowMs: NOW_MS,
    watchedFromMs: 0,
    pausedSpans: [],
    outages: [],
    collectorTrouble: [],
    availability: { day: 1, week: 0.98765 },
    labels: SERVER_LABELS,
    ...more,
  };
}
function monthData(rows: readonly MonthRow[], more: Partial<MonthPictureData> = {}): MonthPictureData {
  return {
    title: "Laporan November 2026",
    subtitle: "2 cabang",
    rows,
    incidents: 3,
    minutes: addedMinutes(rows.map(({ minutes }) => minutes)),
    availability: 0.99,
    labels: MONTH_LABELS,
    ...more,
  };
}
const row = (name: string, minutes: Partial<MonthRow["minutes"]>): MonthRow => ({
  name,
  minutes: { ...NO_MINUTES, ...minutes },
  availability: 0.5,
});

interface Drawn {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}
/** Boxes of one colour, without the legend's. */
function boxes(svg: string, fill: string): Drawn[] {
  return [
    ...svg.matchAll(/<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)" fill="([^"]+)"/g),
  ]
    .filter(([, , , , height, found]) => found === fill && height !== "28")
    .map(([, x, y, width]) => ({ x: Number(x), y: Number(y), width: Number(width) }));
}
/** Striped boxes lie in a frame of their own. */
function striped(svg: string, share: "link" | "planned"): Drawn[] {
  return [
    ...svg.matchAll(
      new RegExp(
        `<svg x="([\\d.-]+)" y="([\\d.-]+)" width="([\\d.]+)" height="([\\d.]+)"><rect [^>]*fill="url\\(#${share}\\)"`,
        "g",
      ),
    ),
  ]
    .filter(([, , , , height]) => height !== "28")
    .map(([, x, y, width]) => ({ x: Number(x), y: Number(y), width: Number(width) }));
}
const texts = (svg: string): string[] =>
  [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, words]) => words!);
const heightOf = (svg: string): number => Number(/height="(\d+(?:\.\d)?)"/.exec(svg)![1]);

describe("the picture of a server", () => {
  it("has a strip a day, the last up to now", () => {
    const svg = serverPictureSvg(serverData());
    const up = boxes(svg, COLOURS.up);
    expect(up.map(({ width }) => width)).toEqual([...Array<number>(6).fill(STRIP_PX), STRIP_PX / 2]);
    expect(texts(svg)).toEqual(
      expect.arrayContaining([
        "srv-a",
        "Makassar",
        "24 jam",
        "100.00 %",
        "98.77 %",
        "11-02",
        "11-08",
        "sehat",
      ]),
    );
    expect(texts(svg)).not.toContain("tak dipantau");
    expect(svg).toContain('width="1200" height="675"');
  });

  it("shows an outage where it was, as long as it was, and over midnight in both days", () => {
    const svg = serverPictureSvg(
      serverData({ outages: [outage(6, 12, "server"), outage(47, 49, "server")] }),
    );
    const [morning, evening, night] = boxes(svg, COLOURS.server);
    expect(morning!.width).toBeCloseTo(STRIP_PX / 4, 0);
    expect(morning!.x).toBeCloseTo(212 + STRIP_PX / 4, 0);
    expect(evening!.x + evening!.width).toBeCloseTo(212 + STRIP_PX, 0);
    expect(night!.x).toBe(212);
    expect(night!.y).toBeGreaterThan(evening!.y);
    expect(texts(svg).filter((words) => words.endsWith(" min"))).toEqual(["360 min", "60 min", "60 min"]);
  });

  it("tells the four apart without colour: solid, two kinds of stripes, grey", () => {
    const svg = serverPictureSvg(
      serverData({
        outages: [outage(1, 3, "server"), outage(4, 6, "link"), outage(7, 9, "planned")],
        collectorTrouble: [hours(10, 12)],
      }),
    );
    expect(boxes(svg, COLOURS.server)).toHaveLength(1);
    expect(striped(svg, "link")).toHaveLength(1);
    expect(striped(svg, "planned")).toHaveLength(1);
    expect(boxes(svg, COLOURS.collector)).toHaveLength(1);
    // Only what lowers availability is in the day's minutes.
    expect(texts(svg)).toContain("240 min");
  });

  it("keeps three minutes visible, also at the very end of a day", () => {
    const svg = serverPictureSvg(
      serverData({ outages: [outage(5, 5.05, "server"), outage(23.99, 24, "link")] }),
    );
    expect(boxes(svg, COLOURS.server)[0]!.width).toBeGreaterThanOrEqual(6);
    const [late] = striped(svg, "link");
    expect(late!.width).toBeGreaterThanOrEqual(12);
    expect(late!.x + late!.width).toBeLessThanOrEqual(212 + STRIP_PX + 0.1);
  });

  it("of a day that flaps is neither a day down nor a megabyte", () => {
    // Four minutes of every twelve, all week.
    const flapping = Array.from({ length: 840 }, (_, index) =>
      outage(index / 5, index / 5 + 1 / 15, "server", index),
    );
    const svg = serverPictureSvg(serverData({ outages: flapping }));
    expect(svg.length).toBeLessThan(300_000);
    for (const day of new Set(boxes(svg, COLOURS.server).map(({ y }) => y))) {
      const covered = boxes(svg, COLOURS.server).filter(({ y }) => y === day);
      expect(covered.reduce((sum, { width }) => sum + width, 0)).toBeLessThan(STRIP_PX / 2);
    }
  });

  it("leaves empty what was not watched, and says so", () => {
    const svg = serverPictureSvg(
      serverData({ watchedFromMs: MONDAY_MS + 30 * HOUR_MS, pausedSpans: [hours(60, 72)] }),
    );
    expect(boxes(svg, COLOURS.up).map(({ width }) => Math.round(width))).toEqual([
      STRIP_PX * 0.75,
      STRIP_PX * 0.5,
      ...Array<number>(3).fill(STRIP_PX),
      STRIP_PX / 2,
    ]);
    expect(texts(svg)).toContain("tak dipantau");
  });

  it("of a day with 25 hours has its ticks where the clock shows them", () => {
    const svg = serverPictureSvg(serverData({ timeZone: "Europe/Berlin", nowMs: Date.UTC(2026, 9, 27, 12) }));
    const ticks = [...svg.matchAll(/<line x1="([\d.]+)" y1="([\d.]+)"/g)].map(
      ([, x, y]) => [Number(x), Number(y)] as const,
    );
    const ofDay = (index: number): number[] =>
      ticks.filter(([, y]) => y === 182 + index * 58).map(([x]) => x);
    expect(ofDay(3)).toEqual([6, 12, 18].map((hour) => 212 + (STRIP_PX * hour) / 24));
    // Sunday, 25 October: 06:00 is the seventh hour.
    for (const [index, hour] of [7, 13, 19].entries())
      expect(ofDay(4)[index]).toBeCloseTo(212 + (STRIP_PX * hour) / 25, 0);
  });

  it("is whole at midnight, and for a server that begins in the future", () => {
    for (const more of [{ nowMs: MONDAY_MS }, { watchedFromMs: NOW_MS + DAY_MS }, { siteName: "" }])
      expect(serverPictureSvg(serverData(more))).toMatch(/^<svg .*<\/svg>$/su);
  });

  it("escapes and cleans names", () => {
    const svg = serverPictureSvg(
      serverData({ serverName: "<script>&\u0000\u202e\ud800", siteName: "\"'".repeat(150) }),
    );
    expect(svg).not.toContain("<script");
    expect(svg).toContain("&lt;script&gt;&amp;");
    expect(svg).not.toMatch(/[\u0000-\u0008\u202e\ud800]/u);
  });
});

describe("the picture of a month", () => {
  it("has a row each, the worst on top, what was planned below what was not", () => {
    const svg = monthPictureSvg(
      monthData([
        row("baik", {}),
        row("terencana", { planned: 600 }),
        row("buruk", { server: 30, link: 60, collector: 10 }),
        row("lumayan", { link: 45 }),
      ]),
    );
    const names = texts(svg).filter((words) => /^(?:baik|terencana|buruk|lumayan)$/u.test(words));
    expect(names).toEqual(["buruk", "lumayan", "terencana", "baik"]);
    expect(texts(svg)).toEqual(
      expect.arrayContaining(["90 min", "45 min", "terencana 600 min", "99.00 %", "3"]),
    );
  });

  it("stacks the shares: as long as the minutes, the longest row the whole bar", () => {
    const svg = monthPictureSvg(
      monthData([row("a", { server: 30, link: 60, collector: 10 }), row("b", { server: 50 })]),
    );
    const [first, second] = boxes(svg, COLOURS.server);
    expect(first!.width).toBeCloseTo(410 * 0.3, 0);
    expect(second!.width).toBeCloseTo(410 * 0.5, 0);
    expect(striped(svg, "link")[0]!.x).toBeCloseTo(first!.x + first!.width, 0);
    expect(boxes(svg, COLOURS.collector)[0]!.width).toBeCloseTo(41, 0);
  });

  it("shows twelve of five hundred and counts the rest", () => {
    const rows = Array.from({ length: 500 }, (_, index) =>
      row(`cabang ${index}`, { link: index < 480 ? 0 : index }),
    );
    const svg = monthPictureSvg(monthData(rows));
    expect(texts(svg).filter((words) => words.startsWith("cabang"))).toHaveLength(12);
    expect(texts(svg)).toContain("cabang 499");
    expect(texts(svg)).toContain("dan 488 lagi, 8 terganggu");
    expect(heightOf(svg)).toBeLessThan(900);
  });

  it("says that nothing was out", () => {
    for (const rows of [[], [row("a", {})], Array.from({ length: 500 }, () => row("a", {}))]) {
      const svg = monthPictureSvg(monthData(rows));
      expect(texts(svg)).toContain("● Tidak ada gangguan");
      expect(heightOf(svg)).toBe(675);
    }
  });

  it("keeps a small outage visible beside a whole month", () => {
    const svg = monthPictureSvg(monthData([row("a", { server: 43_200 }), row("b", { server: 3 })]));
    expect(boxes(svg, COLOURS.server)[1]!.width).toBeGreaterThanOrEqual(6);
  });

  it("takes its rows from sites, or from servers where sites are few", () => {
    const month = hours(0, 7 * 24);
    const few = periodFigures(input([incident(1, 1, 2)]), month);
    expect(monthRowsOf(few, "tanpa cabang").map(({ name }) => name)).toEqual([
      "srv-a — Makassar",
      "srv-b — Makassar",
      "srv-c — Jayapura",
    ]);
    const many = periodFigures(
      input([incident(1, 1, 2)], { servers: [server("a"), server("b", "jayapura"), server("c", null)] }),
      month,
    );
    expect(monthRowsOf(many, "tanpa cabang").map(({ name, minutes }) => [name, minutes.server])).toEqual([
      ["Makassar", 60],
      ["Jayapura", 0],
      ["tanpa cabang", 0],
    ]);
  });
});
