/**
 * The built agent at its work: beats, ends and starts, and what it says of itself. Real process, real socket, real files.
 */
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { bundle } from "./agent-process.ts";
import { agentStage, waitsBetweenBeats } from "./agent-stage.ts";
import type { CollectorDouble } from "./collector-double.ts";

const stage = agentStage();
let collector: CollectorDouble;
let stateDir: string;
beforeEach(() => {
  ({ collector, stateDir } = stage);
});

describe("serving", () => {
  beforeEach(() => stage.enrolled());

  test("beats come at the rhythm of the welcome, with real health soon and the inventory after the first", async () => {
    const one = stage.agent(["run"]);
    const socket = await collector.until("health", () =>
      collector.sockets.find((seen) => seen.beats.some((beat) => beat.health?.cpu !== undefined)),
    );
    await collector.until("inventory", () => socket.inventories.length > 0);
    await stage.beating(10);
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
    const waits = waitsBetweenBeats(socket);
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    expect(mean).toBeGreaterThan(120);
    expect(mean).toBeLessThan(400);
    expect(collector.misuses).toEqual([]);
    one.kill("SIGTERM");
    expect(await one.exited()).toBe(0);
  });

  test("SIGTERM says goodbye, waits for its ack and exits 0 within 3 s", async () => {
    const one = stage.agent(["run"]);
    await stage.beating();
    const askedAt = performance.now();
    one.kill("SIGTERM");
    expect(await one.exited(3_000)).toBe(0);
    expect(performance.now() - askedAt).toBeLessThan(3_000);
    expect(collector.newest?.goodbye).toMatchObject({ reason: "agent_stopped" });
    await collector.until("the close", () => collector.newest?.closeCode === 1000);
    expect(collector.misuses).toEqual([]);
  });

  test("SIGTERM ends within 3 s and with 0 also when nobody answers the goodbye", async () => {
    const one = stage.agent(["run"]);
    await stage.beating();
    collector.behaviour.acks = false;
    one.kill("SIGTERM");
    expect(await one.exited(3_000)).toBe(0);
    expect(collector.newest?.goodbye).not.toBeNull();
  });

  test("kill -9 and a new start keep the identity, and heal the lock", async () => {
    const first = stage.agent(["run"]);
    await stage.beating();
    first.kill("SIGKILL");
    await first.exited();
    const second = stage.agent(["run"]);
    await collector.until(
      "a second session",
      () => collector.sockets.filter((seen) => seen.prove).length === 2,
    );
    await stage.beating();
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
    stage.agent(["run"]);
    await stage.beating();
    const second = stage.agent(["run"]);
    expect(await second.exited()).toBe(1);
    expect(second.text).toContain("already running");
    await stage.beating();
    expect(collector.sockets.filter((seen) => seen.prove)).toHaveLength(1);
  });

  test("status of a connected agent says where and since when, and exits 0", async () => {
    const one = stage.agent(["run"]);
    await stage.beating();
    await one.logged("session_opened");
    const status = stage.agent(["status"]);
    expect(await status.exited()).toBe(0);
    expect(status.text).toContain(`ws://127.0.0.1:${collector.port}/agent`);
    expect(status.text).toMatch(/Connected since: \d{4}-/);
    expect(status.text).toMatch(/Last acknowledged heartbeat: \d{4}-/);
    one.kill("SIGTERM");
    expect(await one.exited()).toBe(0);
    const after = stage.agent(["status"]);
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
      const one = stage.agent(["run"], {
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

test("readers that hang, throw or answer late do not delay a beat, and the others' values are carried", async () => {
  await stage.enrolled();
  const hung = await bundle("test/agent/hung-reader-agent.ts", stage.folder, "hung.cjs");
  const one = stage.agent([stage.stateDir], {}, hung);
  const socket = await collector.until("health", () =>
    collector.sockets.find((seen) => seen.beats.some((beat) => beat.health !== undefined)),
  );
  await stage.beating(20);
  const health = socket.beats.find((beat) => beat.health !== undefined)?.health;
  expect(health).toEqual({ load: [1, 2, 3] });
  const waits = waitsBetweenBeats(socket);
  // η + 1/3, and a slow machine's allowance; the hung reader's limit alone would be 5 s.
  expect(Math.max(...waits)).toBeLessThan(1_500);
  const troubled = one.logs.filter((line) => line.event === "health_reader_troubled");
  expect(troubled.map((line) => line["reader"])).toContain("throws");
  expect(collector.misuses).toEqual([]);
  one.kill("SIGTERM");
  expect(await one.exited(3_000)).toBe(0);
});

test("the bundle keeps to its budget of 600 KB", async () => {
  expect((await stat(stage.script)).size).toBeLessThanOrEqual(600_000);
});
