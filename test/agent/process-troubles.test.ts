/**
 * The built agent and a collector that is silent, gone, wrong or refuses it: it gives up, tells why, and comes back.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { agentStage, rhythm } from "./agent-stage.ts";
import type { CollectorDouble } from "./collector-double.ts";

const stage = agentStage();
let collector: CollectorDouble;
let stateDir: string;
beforeEach(() => {
  ({ collector, stateDir } = stage);
});

describe("a collector that is in trouble, or is not what it says", () => {
  beforeEach(() => stage.enrolled());

  test("a collector that stops answering is given up after the ack time-out and dialled again", async () => {
    stage.agent(["run"]);
    await stage.beating();
    const frozen = collector.newest;
    const ackedAt = performance.now();
    collector.behaviour.acks = false;
    await collector.until("a new socket", () => collector.newest !== frozen);
    expect(performance.now() - ackedAt).toBeGreaterThan(rhythm.ackTimeoutMs * 0.9);
    collector.behaviour.acks = true;
    await stage.beating();
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
    const one = stage.agent(["run"]);
    const other = stage.agent(["run"], { DETAK_STATE_DIR: elsewhere });
    const [opening, dialing] = await Promise.all([
      one.logged("session_lost", 15_000),
      other.logged("session_lost", 15_000),
    ]);
    expect(opening["reason"]).toBe("opening_timed_out");
    expect(dialing["reason"]).toBe("dial_timed_out");
    expect(held.length).toBeGreaterThan(0);
    collector.behaviour.hellos = true;
    await stage.beating();
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
    stage.agent(["run"], { DETAK_COLLECTOR_URL: collector.url });
    await stage.beating();
    const status = stage.agent(["status"]);
    expect(await status.exited()).toBe(0);
    expect(status.text).toContain(`Dials: ws://127.0.0.1:${collector.port}/agent`);
    expect(collector.misuses).toEqual([]);
  });

  test("garbage is closed with 4400, and the agent comes back", async () => {
    collector.behaviour.garbage = '{"type":"hello","versionMin":"one"}';
    stage.agent(["run"]);
    await collector.until("the close", () => collector.newest?.closeCode === 4400);
    collector.behaviour.garbage = null;
    await stage.beating();
    expect(collector.misuses).toEqual([]);
  });

  test("a refused connection and a collector that comes back are survived", async () => {
    const one = stage.agent(["run"]);
    await stage.beating();
    const port = collector.port;
    await collector.close();
    await one.until("refused", () =>
      one.logs.some((line) => line.event === "session_lost" && line["detail"] === "ECONNREFUSED"),
    );
    await collector.open(port);
    await stage.beating();
    expect(collector.misuses).toEqual([]);
  });

  test("a refused upgrade is waited for as long as Retry-After says", async () => {
    collector.behaviour.refuses = 503;
    const one = stage.agent(["run"]);
    const lost = await one.logged("session_lost");
    expect(lost["detail"]).toBe("HTTP 503");
    expect(lost["redialMs"]).toBeGreaterThanOrEqual(1_000);
    collector.behaviour.refuses = null;
    await stage.beating();
  });

  test("a collector with another key gets nothing and is named in the status", async () => {
    collector.becomeAnother();
    const one = stage.agent(["run"]);
    const lost = await one.logged("session_lost");
    expect(lost["reason"]).toBe("collector_key_wrong");
    expect(collector.newest?.prove).toBeNull();
    await collector.until("the close", () => collector.newest?.closeCode === 1000);
    const status = stage.agent(["status"]);
    expect(await status.exited()).toBe(1);
    expect(status.text).toContain("Not connected");
    expect(status.text).toContain("not the one this agent knows");
    expect(collector.misuses).toEqual([]);
  });

  test("a collector that cannot prove its key gets no beat, and 4401", async () => {
    collector.behaviour.proves = false;
    const one = stage.agent(["run"]);
    const lost = await one.logged("session_lost");
    expect(lost["reason"]).toBe("collector_proof_wrong");
    await collector.until("the close", () => collector.newest?.closeCode === 4401);
    expect(stage.beatsSoFar()).toBe(0);
    expect(collector.misuses).toEqual([]);
  });

  test("a fatal close is told in words by status, and redialled only after 15 minutes", async () => {
    collector.behaviour.closesProveWith = 4410;
    const one = stage.agent(["run"]);
    const lost = await one.logged("session_lost");
    expect(lost["redialMs"]).toBeGreaterThanOrEqual(900_000);
    const status = stage.agent(["status"], { LC_ALL: "id_ID.UTF-8" });
    expect(await status.exited()).toBe(1);
    expect(status.text).toContain("Server ini telah dihapus dari kolektor.");
    one.kill("SIGTERM");
    expect(await one.exited()).toBe(0);
  });
});
