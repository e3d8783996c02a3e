/**
 * What can be wrong at the start: each one clear line and its exit code, nothing lost. And `npm start`, from start to Ctrl-C.
 */
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApi, type ServerAnswer } from "./api.ts";
import { root, startProgram, type Program } from "./program.ts";
import { isRunning } from "../probe/programs.ts";
import { built, startCollectorProgram } from "./world.ts";
import { until } from "./wait.ts";

const API_TOKEN = "e2e-token-of-this-world-only";
const programs: Program[] = [];
let folder: string;
const keep = (program: Program): Program => {
  programs.push(program);
  return program;
};
const settings = (
  dataFolder: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> => ({
  DETAK_HOST: "127.0.0.1",
  DETAK_PORT: "0",
  DETAK_DATA_DIR: dataFolder,
  DETAK_API_TOKEN: API_TOKEN,
  DETAK_SENTINELS: "none",
  ...more,
});
/** Runs the collector to its end. People's lines only: the log is JSON. */
async function ends(
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly lines: readonly string[] }> {
  const program = keep(startProgram([join(root, "dist/collector.js")], { environment }));
  const { code } = await program.ended;
  return { code, lines: program.errors.filter((line) => !line.startsWith("{")) };
}
/** Every file below, with its bytes. */
async function contents(path: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) {
      const file = join(entry.parentPath, entry.name);
      files[file] = (await readFile(file)).toString("base64");
    }
  return files;
}

beforeAll(async () => {
  await built();
  folder = await mkdtemp(join(tmpdir(), "detak-start-"));
}, 120_000);
afterAll(async () => {
  await Promise.all(programs.map((program) => program.kill().catch(() => undefined)));
  await rm(folder, { recursive: true, force: true });
});

describe("a collector that cannot start", () => {
  it("wrong settings: every mistake at once, one line each with the setting's name, exit 2, nothing written", async () => {
    const dataFolder = join(folder, "never");
    const { code, lines } = await ends(
      settings(dataFolder, {
        DETAK_PORT: "eighty",
        DETAK_HEARTBEAT_SECONDS: "-1",
        DETAK_TELEGRAM_TOKEN: "not-a-token",
        DETAK_LANGUAGE: "xx",
        DETAK_TIMEZONE: "Mars/Olympus",
        DETAK_LOG_LEVEL: "loud",
      }),
    );
    expect(code).toBe(2);
    for (const name of ["PORT", "HEARTBEAT_SECONDS", "TELEGRAM_TOKEN", "LANGUAGE", "TIMEZONE", "LOG_LEVEL"])
      expect(
        lines.filter((line) => line.startsWith(`DETAK_${name}: `)),
        name,
      ).toHaveLength(1);
    expect(lines).toHaveLength(6);
    expect(lines.join("\n")).not.toContain("not-a-token");
    await expect(stat(dataFolder)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("a port in use: one line, exit 1", async () => {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { code, lines } = await ends(settings(join(folder, "port"), { DETAK_PORT: String(port) }));
    server.close();
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(String(port));
  });

  it("a folder that cannot be made or written: one line that names it, exit 1", async () => {
    const inTheWay = join(folder, "a-file");
    await writeFile(inTheWay, "");
    // The second is closed to everybody, root included.
    for (const path of [join(inTheWay, "data"), ...(process.platform === "linux" ? ["/sys/detak"] : [])]) {
      const { code, lines } = await ends(settings(path));
      expect(code).toBe(1);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain(path);
    }
  });

  it("a second collector on the same folder: one line, exit 1; the first works on", async () => {
    const dataFolder = join(folder, "shared");
    const first = await startCollectorProgram(settings(dataFolder), keep);
    const { code, lines } = await ends(settings(dataFolder));
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(dataFolder);

    const api = createApi(first.url, API_TOKEN);
    await api.post("servers", { name: "toko-solo", mode: "agent" });
    expect((await first.program.stop()).code).toBe(0);
    // And after it ended, the folder is free.
    const next = await startCollectorProgram(settings(dataFolder), keep);
    const { items } = await createApi(next.url, API_TOKEN).get<{ readonly items: readonly ServerAnswer[] }>(
      "servers",
    );
    expect(items.map((server) => server.name)).toEqual(["toko-solo"]);
    await next.program.kill();
  });

  it("a state that cannot be read: one line that names the file, exit 1, and not a byte changed", async () => {
    const dataFolder = join(folder, "corrupt");
    const first = await startCollectorProgram(settings(dataFolder), keep);
    await createApi(first.url, API_TOKEN).post("servers", { name: "toko-tegal", mode: "agent" });
    await first.program.stop();
    const states = (await readdir(dataFolder)).filter((name) => name.startsWith("state"));
    expect(states.length).toBeGreaterThan(0);
    for (const name of states) {
      const whole = await readFile(join(dataFolder, name));
      await writeFile(join(dataFolder, name), whole.subarray(0, Math.floor(whole.length / 2)));
    }
    const before = await contents(dataFolder);
    const { code, lines } = await ends(settings(dataFolder));
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("state");
    expect(await contents(dataFolder)).toEqual(before);
  });
});

describe("npm start", () => {
  const start = (dataFolder: string): Program =>
    keep(
      startProgram(
        ["collector/start/start.mjs", "--host", "127.0.0.1", "--port", "0", "--data-dir", dataFolder],
        {
          environment: {
            DETAK_API_TOKEN: API_TOKEN,
            DETAK_SENTINELS: "none",
            DETAK_HEARTBEAT_SECONDS: "1",
            DETAK_DOWN_AFTER_SECONDS: "12",
          },
        },
      ),
    );
  const connected = (program: Program): Promise<string> =>
    until("this machine's agent is connected", 60_000, () => {
      if (program.end !== null)
        throw new Error(`it ended: ${[...program.output, ...program.errors].join(" | ")}`);
      const text = program.output.join("\n");
      return text.includes("this machine's agent: connected") && text;
    });
  const serversOf = async (
    text: string,
  ): Promise<readonly (ServerAnswer & { readonly health: unknown })[]> => {
    const url = new URL(/https?:\/\/\S+/.exec(text)?.[0] ?? "");
    const api = createApi(url.origin.replace("localhost", "127.0.0.1"), API_TOKEN);
    return until("one server is up and has said how it is", 60_000, async () => {
      const { items } = await api.get<{
        readonly items: readonly (ServerAnswer & { readonly health: unknown })[];
      }>("servers");
      return (
        items.length > 0 && items.every(({ status, health }) => status === "up" && health !== null) && items
      );
    });
  };
  /** The collector's and the agent's process ids. */
  const children = async (pid: number): Promise<readonly number[]> =>
    (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim().split(" ").map(Number);

  it(
    "shows the address and the set-up link, this machine comes up, Ctrl-C ends all of it with 0; again: the same server",
    { timeout: 180_000 },
    async () => {
      const dataFolder = join(folder, "start");
      const first = start(dataFolder);
      const text = await connected(first);
      expect(text).toMatch(/https?:\/\/\S+\/setup\/\S+/);
      const [server] = await serversOf(text);
      await expect(stat(join(dataFolder, "own-agent.token"))).rejects.toMatchObject({ code: "ENOENT" });

      const running = process.platform === "linux" ? await children(first.pid) : [];
      if (process.platform === "linux") expect(running).toHaveLength(2);
      first.signal("SIGINT");
      expect(await first.ended).toEqual({ code: 0, signal: null });
      for (const pid of running) expect(isRunning(pid)).toBe(false);

      const second = start(dataFolder);
      const again = await serversOf(await connected(second));
      expect(again.map(({ id }) => id)).toEqual([server?.id]);
      second.signal("SIGTERM");
      expect((await second.ended).code).toBe(0);
    },
  );

  it("passes on the collector's exit code and its line", { timeout: 60_000 }, async () => {
    const program = keep(startProgram(["collector/start/start.mjs", "--port", "eighty"], { folder: root }));
    expect((await program.ended).code).toBe(2);
    expect(program.errors.join("\n")).toContain("DETAK_PORT: ");
  });
});
