/**
 * The built agent against a strict collector: real process, real socket, real files.
 */
import { mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AgentProcess, bundle, newFolder } from "./agent-process.ts";
import { CollectorDouble } from "./collector-double.ts";

/** η; everything else follows from it as in detection.md. */
const rhythm = { heartbeatIntervalMs: 200, ackTimeoutMs: 533, healthIntervalMs: 800 };

let folder: string;
let script: string;
let stateDir: string;
let collector: CollectorDouble;
const processes: AgentProcess[] = [];

beforeAll(async () => {
  folder = await newFolder();
  script = await bundle("agent/main.ts", folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  stateDir = join(await newFolder(), "state");
  collector = new CollectorDouble(rhythm);
  await collector.open();
});
afterEach(async () => {
  for (const one of processes.splice(0)) await one.end();
  await collector.close();
  await rm(join(stateDir, ".."), { recursive: true, force: true });
});

function agent(words: readonly string[], environment: Readonly<Record<string, string>> = {}): AgentProcess {
  const started = new AgentProcess(script, words, { DETAK_STATE_DIR: stateDir, ...environment });
  processes.push(started);
  return started;
}

async function enrolledAgent(): Promise<void> {
  const one = agent(["enroll", "--collector", collector.url, "--token", collector.addToken()]);
  expect(await one.exited()).toBe(0);
}

function beatsSoFar(): number {
  return collector.sockets.reduce((sum, socket) => sum + socket.beats.length, 0);
}

/** Some more beats, on whichever socket. */
async function beating(more = 3): Promise<void> {
  const goal = beatsSoFar() + more;
  await collector.until(`${goal} beats`, () => beatsSoFar() >= goal);
}

describe("enrolling", () => {
  test("a key pair is pinned on both ends, and the identity is readable for its owner only", async () => {
    const one = agent([
      "enroll",
      "--collector",
      `${collector.url}/some/page?x=1`,
      "--token",
      collector.addToken(),
    ]);
    expect(await one.exited()).toBe(0);
    expect(one.text).toContain(`ws://127.0.0.1:${collector.port}/agent`);
    const identity = JSON.parse(await readFile(join(stateDir, "identity.json"), "utf8")) as Record<
      string,
      string
    >;
    expect(identity["collectorKey"]).toBe(collector.publicKey);
    expect(collector.pinned.get(identity["agentKey"] ?? "")).toBe(identity["serverId"]);
    expect((await stat(join(stateDir, "identity.json"))).mode & 0o777).toBe(0o600);
    expect((await stat(stateDir)).mode & 0o777).toBe(0o700);
    expect(await readdir(stateDir)).toEqual(["identity.json"]);
    expect(collector.misuses).toEqual([]);
  });

  test("a lost answer is asked for again with the same key and token", async () => {
    collector.behaviour.answersEnroll = false;
    const token = collector.addToken();
    const first = agent(["enroll", "--collector", collector.url, "--token", token]);
    await collector.until("a cut answer", () => collector.pinned.size === 1);
    first.kill("SIGKILL");
    await first.exited();
    expect(await readdir(stateDir)).toContain("pending-identity.json");
    collector.behaviour.answersEnroll = true;
    const second = agent(["enroll", "--collector", collector.url, "--token", token]);
    expect(await second.exited()).toBe(0);
    expect(collector.pinned.size).toBe(1);
    expect(collector.misuses).toEqual([]);
  });

  test("a refused token ends with code 1 and one line, in the language of the person", async () => {
    const one = agent(["enroll", "--collector", collector.url, "--token", "unknown.secret"], {
      LANG: "id_ID.UTF-8",
    });
    expect(await one.exited()).toBe(1);
    expect(one.text.trim().split("\n")).toHaveLength(1);
    expect(one.text).toContain("Token pendaftaran tidak dikenal");
    expect(await readdir(stateDir)).not.toContain("identity.json");
  });

  test("a collector that does not know the token's hash is not pinned", async () => {
    collector.behaviour.rightMac = false;
    const one = agent(["enroll", "--collector", collector.url, "--token", collector.addToken()]);
    expect(await one.exited()).toBe(1);
    expect(one.text).toContain("could not prove itself");
    expect(await readdir(stateDir)).not.toContain("identity.json");
  });

  test("an enrolled agent is enrolled anew only when that is asked for", async () => {
    await enrolledAgent();
    const before = await readFile(join(stateDir, "identity.json"), "utf8");
    const again = agent(["enroll", "--collector", collector.url, "--token", collector.addToken()]);
    expect(await again.exited()).toBe(1);
    expect(again.text).toContain("--replace");
    expect(await readFile(join(stateDir, "identity.json"), "utf8")).toBe(before);
    const replaced = agent([
      "enroll",
      "--replace",
      "--collector",
      collector.url,
      "--token",
      collector.addToken(),
    ]);
    expect(await replaced.exited()).toBe(0);
    expect(await readFile(join(stateDir, "identity.json"), "utf8")).not.toBe(before);
  });

  test("run with a token and no identity enrolls first, and needs the token only once", async () => {
    const settings = { DETAK_COLLECTOR_URL: collector.url, DETAK_ENROLL_TOKEN: collector.addToken() };
    const first = agent(["run"], settings);
    await beating();
    first.kill("SIGTERM");
    expect(await first.exited()).toBe(0);
    const second = agent(["run"], settings);
    await beating();
    second.kill("SIGTERM");
    expect(await second.exited()).toBe(0);
    expect(collector.pinned.size).toBe(1);
    expect(collector.sockets.filter((socket) => socket.enroll !== null)).toHaveLength(1);
    expect(collector.misuses).toEqual([]);
  });
});

describe("serving", () => {
  beforeEach(enrolledAgent);

  test("beats come at the rhythm of the welcome, with real health soon and the inventory after the first", async () => {
    const one = agent(["run"]);
    const socket = await collector.until("health", () =>
      collector.sockets.find((seen) => seen.beats.some((beat) => beat.health?.cpu !== undefined)),
    );
    await collector.until("inventory", () => socket.inventories.length > 0);
    await beating(10);
    const health = socket.beats.find((beat) => beat.health?.cpu !== undefined)?.health;
    expect(health?.memoryTotalBytes).toBeGreaterThan(1e8);
    expect(health?.memoryUsedBytes).toBeLessThan(health?.memoryTotalBytes ?? 0);
    expect(health?.uptimeSeconds).toBeGreaterThan(0);
    if (process.platform === "linux") {
      expect(health?.load).toHaveLength(3);
      expect(health?.disks?.length).toBeGreaterThan(0);
    }
    expect(socket.inventories[0]?.inventory.cpuCount).toBeGreaterThan(0);
    // The child answered: only it knows whether this is a virtual machine.
    expect(socket.inventories[0]?.inventory.virtual).toBeTypeOf("boolean");
    expect(one.logs.map((line) => line.event)).not.toContain("inventory_incomplete");
    expect(socket.prove?.bootId).not.toBe("");
    expect(socket.headers.origin).toBeUndefined();
    const waits = socket.beats.slice(1).map((beat, index) => beat.atMs - (socket.beats[index]?.atMs ?? 0));
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    expect(mean).toBeGreaterThan(120);
    expect(mean).toBeLessThan(400);
    expect(collector.misuses).toEqual([]);
    one.kill("SIGTERM");
    expect(await one.exited()).toBe(0);
  });

  test("SIGTERM says goodbye, waits for its ack and exits 0 within 3 s", async () => {
    const one = agent(["run"]);
    await beating();
    const askedAt = performance.now();
    one.kill("SIGTERM");
    expect(await one.exited(3_000)).toBe(0);
    expect(performance.now() - askedAt).toBeLessThan(3_000);
    expect(collector.newest?.goodbye).toMatchObject({ reason: "agent_stopped" });
    await collector.until("the close", () => collector.newest?.closeCode === 1000);
    expect(collector.misuses).toEqual([]);
  });

  test("SIGTERM ends within 3 s and with 0 also when nobody answers the goodbye", async () => {
    const one = agent(["run"]);
    await beating();
    collector.behaviour.acks = false;
    one.kill("SIGTERM");
    expect(await one.exited(3_000)).toBe(0);
    expect(collector.newest?.goodbye).not.toBeNull();
  });

  test("kill -9 and a new start keep the identity, and heal the lock", async () => {
    const first = agent(["run"]);
    await beating();
    first.kill("SIGKILL");
    await first.exited();
    const second = agent(["run"]);
    await collector.until(
      "a second session",
      () => collector.sockets.filter((seen) => seen.prove).length === 2,
    );
    await beating();
    const keys = collector.sockets.map((seen) => seen.prove?.agentKey).filter((key) => key !== undefined);
    expect(new Set(keys).size).toBe(1);
    const boots = collector.sockets
      .map((seen) => seen.prove?.bootId)
      .filter((bootId) => bootId !== undefined);
    expect(new Set(boots).size).toBe(1);
    second.kill("SIGTERM");
    expect(await second.exited()).toBe(0);
    expect(collector.misuses).toEqual([]);
  });

  test("a second agent on the same folder is refused while the first lives", async () => {
    agent(["run"]);
    await beating();
    const second = agent(["run"]);
    expect(await second.exited()).toBe(1);
    expect(second.text).toContain("already running");
    await beating();
    expect(collector.sockets.filter((seen) => seen.prove)).toHaveLength(1);
  });

  test("a collector that stops answering is given up after the ack time-out and dialled again", async () => {
    agent(["run"]);
    await beating();
    const frozen = collector.newest;
    const ackedAt = performance.now();
    collector.behaviour.acks = false;
    await collector.until("a new socket", () => collector.newest !== frozen);
    expect(performance.now() - ackedAt).toBeGreaterThan(rhythm.ackTimeoutMs * 0.9);
    collector.behaviour.acks = true;
    await beating();
    expect(collector.misuses).toEqual([]);
  });

  test("a collector that accepts and never says a word, and one that never answers the upgrade, are given up", async () => {
    const held: Socket[] = [];
    const silent = createTcpServer((socket) => {
      socket.on("error", () => undefined);
      held.push(socket);
    });
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const elsewhere = `${stateDir}-elsewhere`;
    await mkdir(elsewhere, { mode: 0o700 });
    const identity = await readFile(join(stateDir, "identity.json"), "utf8");
    const moved = identity.replace(`:${collector.port}/`, `:${port}/`);
    await writeFile(join(elsewhere, "identity.json"), moved, { mode: 0o600 });

    collector.behaviour.hellos = false;
    const one = agent(["run"]);
    const other = agent(["run"], { DETAK_STATE_DIR: elsewhere });
    const [opening, dialing] = await Promise.all([
      one.logged("session_lost", 15_000),
      other.logged("session_lost", 15_000),
    ]);
    expect(opening["reason"]).toBe("opening_timed_out");
    expect(dialing["reason"]).toBe("dial_timed_out");
    expect(held.length).toBeGreaterThan(0);
    collector.behaviour.hellos = true;
    await beating();
    await other.end();
    for (const socket of held) socket.destroy();
    silent.close();
    await once(silent, "close");
  });

  test("a collector that moved is found by DETAK_COLLECTOR_URL, and its key is still the pinned one", async () => {
    const port = collector.port;
    await collector.close();
    await collector.open();
    expect(collector.port).not.toBe(port);
    agent(["run"], { DETAK_COLLECTOR_URL: collector.url });
    await beating();
    const status = agent(["status"]);
    expect(await status.exited()).toBe(0);
    expect(status.text).toContain(`Dials: ws://127.0.0.1:${collector.port}/agent`);
    expect(collector.misuses).toEqual([]);
  });

  test("garbage is closed with 4400, and the agent comes back", async () => {
    collector.behaviour.garbage = '{"type":"hello","versionMin":"one"}';
    agent(["run"]);
    await collector.until("the close", () => collector.newest?.closeCode === 4400);
    collector.behaviour.garbage = null;
    await beating();
    expect(collector.misuses).toEqual([]);
  });

  test("a refused connection and a collector that comes back are survived", async () => {
    const one = agent(["run"]);
    await beating();
    const port = collector.port;
    await collector.close();
    await one.until("refused", () =>
      one.logs.some((line) => line.event === "session_lost" && line["detail"] === "ECONNREFUSED"),
    );
    await collector.open(port);
    await beating();
    expect(collector.misuses).toEqual([]);
  });

  test("a refused upgrade is waited for as long as Retry-After says", async () => {
    collector.behaviour.refuses = 503;
    const one = agent(["run"]);
    const lost = await one.logged("session_lost");
    expect(lost["detail"]).toBe("HTTP 503");
    expect(lost["redialMs"]).toBeGreaterThanOrEqual(1_000);
    collector.behaviour.refuses = null;
    await beating();
  });

  test("a collector with another key gets nothing and is named in the status", async () => {
    collector.becomeAnother();
    const one = agent(["run"]);
    const lost = await one.logged("session_lost");
    expect(lost["reason"]).toBe("collector_key_wrong");
    expect(collector.newest?.prove).toBeNull();
    await collector.until("the close", () => collector.newest?.closeCode === 1000);
    const status = agent(["status"]);
    expect(await status.exited()).toBe(1);
    expect(status.text).toContain("Not connected");
    expect(status.text).toContain("not the one this agent knows");
    expect(collector.misuses).toEqual([]);
  });

  test("a collector that cannot prove its key gets no beat, and 4401", async () => {
    collector.behaviour.proves = false;
    const one = agent(["run"]);
    const lost = await one.logged("session_lost");
    expect(lost["reason"]).toBe("collector_proof_wrong");
    await collector.until("the close", () => collector.newest?.closeCode === 4401);
    expect(beatsSoFar()).toBe(0);
    expect(collector.misuses).toEqual([]);
  });

  test("a fatal close is told in words by status, and redialled only after 15 minutes", async () => {
    collector.behaviour.closesProveWith = 4410;
    const one = agent(["run"]);
    const lost = await one.logged("session_lost");
    expect(lost["redialMs"]).toBeGreaterThanOrEqual(900_000);
    const status = agent(["status"], { LC_ALL: "id_ID.UTF-8" });
    expect(await status.exited()).toBe(1);
    expect(status.text).toContain("Server ini telah dihapus dari kolektor.");
    one.kill("SIGTERM");
    expect(await one.exited()).toBe(0);
  });

  test("status of a connected agent says where and since when, and exits 0", async () => {
    const one = agent(["run"]);
    await beating();
    await one.logged("session_opened");
    const status = agent(["status"]);
    expect(await status.exited()).toBe(0);
    expect(status.text).toContain(`ws://127.0.0.1:${collector.port}/agent`);
    expect(status.text).toMatch(/Connected since: \d{4}-/);
    expect(status.text).toMatch(/Last acknowledged heartbeat: \d{4}-/);
    one.kill("SIGTERM");
    expect(await one.exited()).toBe(0);
    const after = agent(["status"]);
    expect(await after.exited()).toBe(1);
    expect(after.text).toContain("not running");
  });

  test("a damaged identity ends with code 1, one line, and is left as it is", async () => {
    const path = join(stateDir, "identity.json");
    const whole = await readFile(path, "utf8");
    for (const damaged of [
      "",
      whole.slice(0, whole.length / 2),
      "[]",
      whole.replace('"version": 1', '"version": 9'),
    ]) {
      await writeFile(path, damaged);
      const one = agent(["run"], {
        DETAK_COLLECTOR_URL: collector.url,
        DETAK_ENROLL_TOKEN: collector.addToken(),
      });
      expect(await one.exited()).toBe(1);
      expect(one.text.trim().split("\n")).toHaveLength(1);
      expect(one.text).toContain("identity.json");
      expect(await readFile(path, "utf8")).toBe(damaged);
    }
  });
});

test("an agent without an identity says how to enroll it, with code 1", async () => {
  const one = agent(["run"]);
  expect(await one.exited()).toBe(1);
  expect(one.text).toContain("detak-agent enroll");
});

test("readers that hang, throw or answer late do not delay a beat, and the others' values are carried", async () => {
  await enrolledAgent();
  const hung = await bundle("test/agent/hung-reader-agent.ts", folder, "hung.cjs");
  const one = new AgentProcess(hung, [stateDir], {});
  processes.push(one);
  const socket = await collector.until("health", () =>
    collector.sockets.find((seen) => seen.beats.some((beat) => beat.health !== undefined)),
  );
  await beating(20);
  const health = socket.beats.find((beat) => beat.health !== undefined)?.health;
  expect(health).toEqual({ load: [1, 2, 3] });
  const waits = socket.beats.slice(1).map((beat, index) => beat.atMs - (socket.beats[index]?.atMs ?? 0));
  // η + 1/3, and a slow machine's allowance; the hung reader's limit alone would be 5 s.
  expect(Math.max(...waits)).toBeLessThan(1_500);
  const troubled = one.logs.filter((line) => line.event === "health_reader_troubled");
  expect(troubled.map((line) => line["reader"])).toContain("throws");
  expect(collector.misuses).toEqual([]);
  one.kill("SIGTERM");
  expect(await one.exited(3_000)).toBe(0);
});

test("the bundle keeps to its budget of 600 KB", async () => {
  expect((await stat(script)).size).toBeLessThanOrEqual(600_000);
});
