/**
 * The built agent becomes known to a strict collector, or is not: real process, real socket, real files.
 */
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { agentStage } from "./agent-stage.ts";
import type { CollectorDouble } from "./collector-double.ts";

const stage = agentStage();
let collector: CollectorDouble;
let stateDir: string;
beforeEach(() => {
  ({ collector, stateDir } = stage);
});

describe("enrolling", () => {
  test("a key pair is pinned on both ends, and the identity is readable for its owner only", async () => {
    const one = stage.agent([
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
    const first = stage.agent(["enroll", "--collector", collector.url, "--token", token]);
    await collector.until("a cut answer", () => collector.pinned.size === 1);
    first.kill("SIGKILL");
    await first.exited();
    expect(await readdir(stateDir)).toContain("pending-identity.json");
    collector.behaviour.answersEnroll = true;
    const second = stage.agent(["enroll", "--collector", collector.url, "--token", token]);
    expect(await second.exited()).toBe(0);
    expect(collector.pinned.size).toBe(1);
    expect(collector.misuses).toEqual([]);
  });

  test("a refused token ends with code 1 and one line, in the language of the person", async () => {
    const one = stage.agent(["enroll", "--collector", collector.url, "--token", "unknown.secret"], {
      LANG: "id_ID.UTF-8",
    });
    expect(await one.exited()).toBe(1);
    expect(one.text.trim().split("\n")).toHaveLength(1);
    expect(one.text).toContain("Token pendaftaran tidak dikenal");
    expect(await readdir(stateDir)).not.toContain("identity.json");
  });

  test("a collector that does not know the token's hash is not pinned", async () => {
    collector.behaviour.rightMac = false;
    const one = stage.agent(["enroll", "--collector", collector.url, "--token", collector.addToken()]);
    expect(await one.exited()).toBe(1);
    expect(one.text).toContain("could not prove itself");
    expect(await readdir(stateDir)).not.toContain("identity.json");
  });

  test("an enrolled agent is enrolled anew only when that is asked for", async () => {
    await stage.enrolled();
    const before = await readFile(join(stateDir, "identity.json"), "utf8");
    const again = stage.agent(["enroll", "--collector", collector.url, "--token", collector.addToken()]);
    expect(await again.exited()).toBe(1);
    expect(again.text).toContain("--replace");
    expect(await readFile(join(stateDir, "identity.json"), "utf8")).toBe(before);
    const replaced = stage.agent([
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
    const first = stage.agent(["run"], settings);
    await stage.beating();
    first.kill("SIGTERM");
    expect(await first.exited()).toBe(0);
    const second = stage.agent(["run"], settings);
    await stage.beating();
    second.kill("SIGTERM");
    expect(await second.exited()).toBe(0);
    expect(collector.pinned.size).toBe(1);
    expect(collector.sockets.filter((socket) => socket.enroll !== null)).toHaveLength(1);
    expect(collector.misuses).toEqual([]);
  });
});

test("an agent without an identity says how to enroll it, with code 1", async () => {
  const one = stage.agent(["run"]);
  expect(await one.exited()).toBe(1);
  expect(one.text).toContain("detak-agent enroll");
});
