/**
 * The journal of a real agent: told to a strict collector after cuts, kills and restarts, on disks that fail.
 */
import { execFileSync } from "node:child_process";
import { constants } from "node:fs";
import { appendFile, mkdir, open, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { journalFolderName } from "../../agent/journal.ts";
import { recordLine, recordsOf, type JournalRecord } from "../../agent/journal-record.ts";
import { segmentName } from "../../agent/journal-segments.ts";
import { journalEntriesOf, type JournalEntry } from "../../shared/journal.ts";
import { agentStage, rhythm, waitsBetweenBeats } from "./agent-stage.ts";
import type { CollectorDouble, SeenSocket } from "./collector-double.ts";
import { record } from "./journal-fixtures.ts";
import { noTinyDisk, openTinyDisk } from "./tiny-disk.ts";

const intervalMs = rhythm.heartbeatIntervalMs;
const stage = agentStage();
let collector: CollectorDouble;
let stateDir: string;
beforeEach(() => {
  ({ collector, stateDir } = stage);
});

/** All that a socket was told, once it says that there is no more. */
async function told(socket: () => SeenSocket | undefined, limitMs?: number): Promise<JournalEntry[]> {
  const seen = await collector.until(
    "the whole journal",
    () => (socket()?.journals.at(-1)?.more === false ? socket() : null),
    limitMs,
  );
  return seen.journals.flatMap((message) => journalEntriesOf(message));
}

/** What the agent's newest file holds. */
async function kept(): Promise<JournalRecord[]> {
  const where = join(stateDir, journalFolderName);
  const names = (await readdir(where).catch(() => [])).sort();
  return recordsOf((await Promise.all(names.map((name) => readFile(join(where, name), "utf8")))).join(""));
}

async function keptUntil(what: string, look: (records: readonly JournalRecord[]) => boolean): Promise<void> {
  const deadline = AbortSignal.timeout(15_000);
  while (!look(await kept())) {
    if (deadline.aborted) throw new Error(`not within 15 s: ${what}`);
    await new Promise(setImmediate);
  }
}

/** A journal that an earlier boot has left, a minute ago. */
async function writeJournal(records: readonly JournalRecord[]): Promise<void> {
  const where = join(stateDir, journalFolderName);
  await mkdir(where, { recursive: true });
  const wallMs = Date.now() - 60_000;
  const text = records
    .map((one, index) => recordLine({ ...one, bootId: "an-earlier-boot", wallMs }, index === 0))
    .join("");
  await writeFile(join(where, segmentName(records[0]?.sequence ?? 1)), text);
}

const growing = (entries: readonly JournalEntry[]): boolean =>
  entries.every((entry, index) => index === 0 || entry.sequence > (entries[index - 1]?.sequence ?? 0));

describe("what is told", () => {
  beforeEach(() => stage.enrolled());

  test("[P37] a program that starts tells its start, with the features said in prove", async () => {
    stage.agent(["run"]);
    const entries = await told(() => collector.newest);
    expect(entries[0]).toMatchObject({ sequence: 1, event: "start", collector: "unknown" });
    expect(collector.newest?.prove?.features).toEqual(["witness", "journal"]);
    expect(entries[0]?.bootId).toBe(collector.newest?.prove?.bootId);
    await stage.beating(5);
    expect(collector.newest?.journals.at(-1)?.more).toBe(false);
    expect(collector.misuses).toEqual([]);
  });

  test("[P37] a cut collector: its silence is told from before the last acknowledgement on, with its reasons and its ages", async () => {
    const one = stage.agent(["run"]);
    await told(() => collector.newest);
    await stage.beating(8);
    const { port } = collector;
    const first = collector.newest;
    await collector.close();
    const cutAtMs = performance.now();
    await keptUntil("records of the cut", (records) => {
      return records.filter((entry) => entry.collector === "refused").length >= 5;
    });
    await collector.open(port);
    const entries = await told(() => (collector.newest === first ? undefined : collector.newest));
    const cutForMs = performance.now() - cutAtMs;
    expect(growing(entries)).toBe(true);
    const unheard = entries.findIndex((entry) => entry.collector !== "ok");
    expect(unheard).toBeGreaterThanOrEqual(2);
    expect(unheard).toBeLessThanOrEqual(6);
    expect(entries.filter((entry) => entry.collector === "refused").length).toBeGreaterThanOrEqual(5);
    for (const entry of entries) {
      expect(entry).toMatchObject({ event: "tick", gateway: "unknown", internet: "unknown", sleptMs: 0 });
      expect(entry.ageMs).toBeLessThan(cutForMs + 10 * intervalMs);
    }
    // One record each η, as far as a busy machine lets it.
    const ages = entries.map((entry) => entry.ageMs);
    expect([...ages].sort((a, b) => b - a)).toEqual(ages);
    await stage.beating(8);
    // Told once: the next session, without a gap before it, tells nothing.
    const second = collector.newest;
    collector.cut();
    await collector.until("a third session", () => collector.newest !== second && collector.newest?.prove);
    await stage.beating(8);
    expect(collector.newest?.journals).toEqual([]);
    expect(collector.misuses).toEqual([]);
    one.kill("SIGTERM");
    expect(await one.exited()).toBe(0);
  });

  test("a kill leaves no stop, an end in order does; the next program tells both, on the same boot", async () => {
    const first = stage.agent(["run"]);
    await told(() => collector.newest);
    await stage.beating(5);
    first.kill("SIGKILL");
    await first.exited();
    const second = stage.agent(["run"]);
    const afterKill = await told(() => collector.sockets.filter((seen) => seen.prove)[1]);
    expect(afterKill.map((entry) => entry.event).filter((event) => event !== "tick")).toEqual(["start"]);
    await stage.beating(5);
    second.kill("SIGTERM");
    expect(await second.exited()).toBe(0);
    expect((await kept()).at(-1)).toMatchObject({ event: "stop" });
    stage.agent(["run"]);
    const afterStop = await told(() => collector.sockets.filter((seen) => seen.prove)[2]);
    expect(afterStop.map((entry) => entry.event).filter((event) => event !== "tick")).toEqual([
      "stop",
      "start",
    ]);
    const all = [...afterKill, ...afterStop];
    expect(new Set(all.map((entry) => entry.bootId)).size).toBe(1);
    expect(new Set(afterStop.map((entry) => entry.sequence)).size).toBe(afterStop.length);
    expect(collector.misuses).toEqual([]);
  });

  test("a stopped process is a gap between two records, and the one after says how late it is", async () => {
    const one = stage.agent(["run"]);
    await told(() => collector.newest);
    await stage.beating(5);
    const before = await kept();
    const stoppedAtMs = performance.now();
    one.kill("SIGSTOP");
    const frozen = collector.newest;
    // Nobody else tells the time here: as long as ten beats would have taken.
    await new Promise((resolve) => setTimeout(resolve, 10 * intervalMs));
    one.kill("SIGCONT");
    const entries = await told(() => (collector.newest === frozen ? undefined : collector.newest));
    const stoodMs = performance.now() - stoppedAtMs;
    const late = entries.find((entry) => entry.lateMs > 0);
    expect(late?.lateMs).toBeGreaterThan(7 * intervalMs);
    expect(late?.lateMs).toBeLessThan(stoodMs);
    expect(late?.sequence).toBeGreaterThan(before.at(-1)?.sequence ?? 0);
    expect(collector.misuses).toEqual([]);
  });

  test("[P38] a long journal goes in messages of at most 200, each after its acknowledgement and no sooner than η/4; none delays a beat", async () => {
    await writeJournal(
      Array.from({ length: 950 }, (_, index) => record(index + 1, { collector: "unreachable" })),
    );
    stage.agent(["run"]);
    const entries = await told(() => collector.newest);
    expect(entries.map((entry) => entry.sequence).slice(0, 950)).toEqual(
      Array.from({ length: 950 }, (_, index) => index + 1),
    );
    expect(collector.newest?.journals.length).toBeGreaterThanOrEqual(5);
    for (const entry of entries.slice(0, 950)) expect(entry.bootId).toBe("an-earlier-boot");
    // A former boot's records are as old as the wall clock says, and never younger than this boot.
    expect(entries[0]?.ageMs).toBeGreaterThanOrEqual(60_000);
    await stage.beating(20);
    const waits = waitsBetweenBeats(collector.newest);
    expect(Math.max(...waits)).toBeLessThan(1_500);
    expect(collector.misuses).toEqual([]);
  });

  test("[P39] what was not acknowledged is told again in the next session, and what was is not", async () => {
    await writeJournal(
      Array.from({ length: 500 }, (_, index) => record(index + 1, { collector: "refused" })),
    );
    stage.agent(["run"]);
    await collector.until("the second message", () => {
      if (collector.newest?.journals.length === 1) collector.behaviour.acksJournals = false;
      return collector.newest?.journals.length === 2;
    });
    const first = collector.newest;
    // It waits for the acknowledgement, and beats.
    await stage.beating(10);
    expect(first?.journals).toHaveLength(2);
    collector.behaviour.acksJournals = true;
    collector.cut();
    const entries = await told(() => (collector.newest === first ? undefined : collector.newest));
    const acked = first?.journals[0]?.entries.at(-1)?.sequence ?? 0;
    const unacked = first?.journals[1]?.entries[0]?.sequence ?? 0;
    expect(unacked).toBe(acked + 1);
    expect(entries[0]?.sequence).toBe(unacked);
    expect(collector.misuses).toEqual([]);
  });

  test("a collector by name is found by the look-up that the journal listens to", async () => {
    await rm(join(stateDir, "identity.json"));
    const url = collector.url.replace("127.0.0.1", "localhost");
    const one = stage.agent(["enroll", "--collector", url, "--token", collector.addToken()]);
    expect(await one.exited()).toBe(0);
    stage.agent(["run"]);
    await told(() => collector.newest);
    await keptUntil("a found name", (records) => records.some((entry) => entry.dns === "ok"));
    await stage.beating(5);
    expect(collector.misuses).toEqual([]);
  });

  test("a torn journal costs the agent nothing but the torn line", async () => {
    await writeJournal([record(1, { collector: "name" }), record(2, { collector: "name" })]);
    await appendFile(join(stateDir, journalFolderName, segmentName(1)), "[3,45000,17600000");
    stage.agent(["run"]);
    const entries = await told(() => collector.newest);
    expect(entries.slice(0, 3).map((entry) => [entry.sequence, entry.event])).toEqual([
      [1, "tick"],
      [2, "tick"],
      [3, "start"],
    ]);
    expect(collector.misuses).toEqual([]);
  });

  test("[P33] a collector of before gets beats and nothing else; one that asks without the word gets 4400", async () => {
    collector.behaviour.features = null;
    stage.agent(["run"]);
    await stage.beating(10);
    expect(collector.newest?.journals).toEqual([]);
    const first = collector.newest;
    collector.probe({ roundId: "r", requests: [{ kind: "icmp", host: "10.0.4.2" }], timeLimitMs: 1_000 });
    await collector.until("4400", () => first?.closeCode === 4400);
    await collector.until("a new session", () => collector.newest !== first && collector.newest?.prove);
    const second = collector.newest;
    collector.tell({ type: "journal_ack", sequence: 1 });
    await collector.until("4400", () => second?.closeCode === 4400);
    await stage.beating(5);
    expect(collector.misuses).toEqual([]);
  });

  test("status says how large the journal is", async () => {
    stage.agent(["run"]);
    await told(() => collector.newest);
    await keptUntil("a record", (records) => records.length > 0);
    const status = stage.agent(["status"]);
    expect(await status.exited()).toBe(0);
    expect(status.text).toMatch(/^Journal: \d+ KB$/m);
  });
});

describe("disks that fail", () => {
  test.skipIf(process.platform === "win32")(
    "one that never answers delays no beat and no answer to a probe, and the agent still ends within 3 s",
    async () => {
      await stage.enrolled();
      // A pipe without a writer: whoever opens it to read waits for ever, as on a dead disk.
      const pipe = join(stateDir, journalFolderName, segmentName(1));
      await mkdir(join(stateDir, journalFolderName));
      execFileSync("mkfifo", [pipe]);
      const one = stage.agent(["run"]);
      await stage.beating(20);
      const waits = waitsBetweenBeats(collector.newest);
      expect(Math.max(...waits)).toBeLessThan(1_500);
      expect(collector.newest?.journals).toEqual([]);
      const requests = [{ kind: "tcp" as const, host: "127.0.0.1", port: 22 }];
      collector.probe({ roundId: "r", requests, timeLimitMs: 5_000 });
      await collector.until("probed", () => collector.newest?.probed.length === 1);
      one.kill("SIGTERM");
      await one.exited(3_500);
      expect(collector.newest?.goodbye).not.toBeNull();
      expect(one.logs.map((line) => line.event)).toContain("state_folder_hangs");
      // Ended by its own hand: leaving in order would wait for the disk.
      expect(one.signal).toBe("SIGKILL");
      expect(collector.misuses).toEqual([]);
    },
  );

  test.skipIf(process.platform === "win32")(
    "one that stops answering later delays no beat either, and holds nothing back when it is well again",
    async () => {
      await stage.enrolled();
      stage.agent(["run"]);
      await told(() => collector.newest);
      await keptUntil("a record", (records) => records.length > 2);
      const path = join(stateDir, journalFolderName, segmentName(1));
      await rm(path);
      execFileSync("mkfifo", [path]);
      await stage.beating(20);
      const waits = waitsBetweenBeats(collector.newest);
      expect(Math.max(...waits)).toBeLessThan(1_500);
      // A reader lets the waiting write through; after it there is a file again.
      const reader = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
      await rm(path);
      await reader.close();
      await keptUntil("records again", (records) => records.length > 2);
      expect(collector.misuses).toEqual([]);
    },
  );

  const why = noTinyDisk();
  test.skipIf(why !== "")(
    `a full one loses records, says so once, and the agent beats on${why}`,
    async () => {
      const disk = openTinyDisk(64);
      stage.afterwards(() => disk.close());
      stateDir = stage.stateDir = join(disk.path, "state");
      await stage.enrolled();
      await writeFile(join(disk.path, "filler"), Buffer.alloc(64 * 1024)).catch(() => undefined);
      const one = stage.agent(["run"]);
      await one.logged("journal_not_written");
      // Not even the lock had room: two of one identity is less of a risk than none.
      expect(one.logs.map((line) => line.event)).toContain("state_folder_not_locked");
      await stage.beating(20);
      // What memory holds is told all the same.
      expect((await told(() => collector.newest))[0]).toMatchObject({ sequence: 1, event: "start" });
      expect(one.logs.filter((line) => line.event === "journal_not_written")).toHaveLength(1);
      await rm(join(disk.path, "filler"));
      await one.logged("journal_written_again");
      await stage.beating(5);
      one.kill("SIGTERM");
      expect(await one.exited()).toBe(0);
      expect((await kept()).at(-1)).toMatchObject({ event: "stop" });
      expect(collector.misuses).toEqual([]);
    },
  );
});
