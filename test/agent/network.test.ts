/**
 * What the agent sees of a branch whose cable, line or collector is cut, in network namespaces of its own.
 */
import { execFileSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JournalEntry } from "../../shared/journal.ts";
import type { WitnessResult } from "../../shared/wire.ts";
import { AgentProcess, bundle, newFolder } from "./agent-process.ts";

/** Why there is no such network here, for the names of the tests; empty: there is. */
function noNamespaces(): string {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return " (skipped: network namespaces need root on Linux)";
  try {
    execFileSync("unshare", ["-n", "ip", "link", "add", "a0", "type", "veth", "peer", "name", "b0"], {
      stdio: "pipe",
    });
    execFileSync("nsenter", ["--version"], { stdio: "pipe" });
    return "";
  } catch {
    return " (skipped: this system has no network namespaces for root, or not ip, unshare and nsenter)";
  }
}

const why = noNamespaces();

describe.skipIf(why !== "")(`a branch in a network of its own${why}`, () => {
  let folder: string;
  let world: AgentProcess | undefined;
  beforeAll(async () => {
    folder = await newFolder();
    const [agent, program] = await Promise.all([
      bundle("agent/main.ts", folder),
      bundle("test/agent/network-world.ts", folder, "world.cjs"),
    ]);
    world = new AgentProcess(program, [agent, join(folder, "state")], {}, ["unshare", "-n"]);
    await world.exited(110_000);
    expect(world.text).toBe("");
  }, 120_000);
  afterAll(async () => {
    await world?.end();
    await rm(folder, { recursive: true, force: true });
  });

  function scene(name: string): unknown {
    const line = world?.logs.find((one) => one.event === name);
    expect(line, `no scene ${name}`).toBeDefined();
    return line?.["value"];
  }

  /** The entries without an acknowledgement, less the first two: a look needs its time. */
  function unheard(name: string): JournalEntry[] {
    const entries = scene(name) as JournalEntry[];
    expect(entries.filter((entry) => entry.collector === "ok").length).toBeGreaterThanOrEqual(2);
    const settled = entries.filter((entry) => entry.collector !== "ok").slice(2);
    expect(settled.length).toBeGreaterThanOrEqual(2);
    return settled;
  }

  const share = (entries: readonly JournalEntry[], is: (entry: JournalEntry) => boolean): number =>
    entries.filter(is).length / entries.length;

  test("while all is well, gateway and internet are known to answer, and the link is up", () => {
    for (const entry of scene("calm") as JournalEntry[])
      expect(entry).toMatchObject({ link: "up", collector: "ok" });
  });

  test("a cut line: the gateway answers, the internet does not, nor the collector", () => {
    const entries = unheard("line");
    expect(share(entries, (entry) => entry.gateway === "ok")).toBeGreaterThanOrEqual(0.7);
    expect(share(entries, (entry) => entry.internet === "failed")).toBeGreaterThanOrEqual(0.7);
    expect(share(entries, (entry) => entry.link === "up")).toBe(1);
    expect(share(entries, (entry) => entry.collector === "timeout")).toBeGreaterThanOrEqual(0.7);
  });

  test("a cut collector: gateway and internet answer, it alone does not", () => {
    const entries = unheard("collector");
    expect(share(entries, (entry) => entry.gateway === "ok")).toBeGreaterThanOrEqual(0.7);
    expect(share(entries, (entry) => entry.internet === "ok")).toBeGreaterThanOrEqual(0.7);
    expect(share(entries, (entry) => entry.internet === "failed")).toBe(0);
  });

  test("a cable out: no link, no gateway, no internet", () => {
    const entries = unheard("cable");
    expect(share(entries, (entry) => entry.link === "down")).toBeGreaterThanOrEqual(0.7);
    expect(share(entries, (entry) => entry.gateway === "failed")).toBeGreaterThanOrEqual(0.7);
    expect(share(entries, (entry) => entry.gateway === "ok")).toBe(0);
    expect(share(entries, (entry) => entry.internet === "ok")).toBe(0);
  });

  test("[P35] [P36] a witness tells who lives and who does not, and never asks this machine, its network's all or loopback", () => {
    const results = scene("witness") as WitnessResult[];
    expect(results.map(({ kind, target, verdict, detail }) => [kind, target, verdict, detail])).toEqual([
      ["icmp", "10.9.1.5", "alive", "reply"],
      ["banner", "10.9.1.5:22", "alive", "connected"],
      ["tcp", "10.9.1.5:23", "alive", "refused"],
      ["icmp", "10.9.1.77", "dead", expect.stringMatching(/^(timeout|unreachable)$/)],
      ["banner", "10.9.1.77:22", "dead", expect.stringMatching(/^(timeout|unreachable)$/)],
      ["icmp", "10.9.0.2", "none", "not_allowed"],
      ["tcp", "10.9.0.255:22", "none", "not_allowed"],
      ["tcp", "127.0.0.1:22", "none", "not_allowed"],
    ]);
    expect(results[1]?.banner).toBe("SSH-2.0-Branch");
  });

  test("all the while the agent kept to the protocol, and no beat waited for a look, a probe or a journal", () => {
    const { misuses, longestWaitMs } = scene("end") as { misuses: string[]; longestWaitMs: number };
    expect(misuses).toEqual([]);
    // η + 1/3 and what a busy machine adds.
    expect(longestWaitMs).toBeLessThan(2_600);
  });
});
