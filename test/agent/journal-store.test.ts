/**
 * The journal on real disks: whole, torn, killed, full, silent.
 */
import { execFileSync } from "node:child_process";
import { constants } from "node:fs";
import { appendFile, mkdir, open, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { recordLine, type JournalClocks, type JournalRecord } from "../../agent/journal-record.ts";
import {
  journalLimits,
  segmentIndexOf,
  segmentName,
  segmentNumber,
  surplusSegments,
} from "../../agent/journal-segments.ts";
import { openJournalStore, storeLimits, type JournalStore } from "../../agent/journal-store.ts";
import { createLane, type Lane } from "../../agent/lane.ts";
import { AgentProcess, bundle, newFolder } from "./agent-process.ts";
import { clocks, record } from "./journal-fixtures.ts";
import { noTinyDisk, openTinyDisk } from "./tiny-disk.ts";

let parent: string;
let folder: string;
let nowClocks: JournalClocks;
let troubles: string[];
let mended: number[];
beforeEach(async () => {
  parent = await newFolder();
  folder = join(parent, "journal");
  nowClocks = clocks;
  troubles = [];
  mended = [];
});
afterEach(() => rm(parent, { recursive: true, force: true }));

function opened(where = folder, lane: Lane = createLane()): JournalStore {
  return openJournalStore({
    folder: where,
    lane,
    clocks: () => nowClocks,
    onTrouble: (detail) => troubles.push(detail),
    onMended: (lost) => mended.push(lost),
  });
}

const numbersOf = (records: readonly JournalRecord[]): number[] => records.map((one) => one.sequence);
const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** All of it, as it is sent: page by page. */
async function allOf(store: JournalStore, from = 1, count = 200): Promise<JournalRecord[]> {
  const all: JournalRecord[] = [];
  for (let next = from; ;) {
    const { records, more } = await store.read(next, count);
    all.push(...records);
    if (!more) return all;
    expect(records).toHaveLength(count);
    next = (records.at(-1)?.sequence ?? 0) + 1;
  }
}

/** More than memory holds at once, so flushed on the way. */
async function fill(store: JournalStore, first: number, last: number, change: Partial<JournalRecord> = {}) {
  for (let sequence = first; sequence <= last; sequence += 1) {
    store.append(record(sequence, change));
    if (sequence % 200 === 0) await store.flush();
  }
  await store.flush();
}

async function filesOf(where = folder): Promise<string[]> {
  return (await readdir(where)).sort();
}

describe("files", () => {
  test("an empty folder has no past, and the first record makes it, for its owner only", async () => {
    const store = opened();
    expect(await store.past()).toEqual({ newest: null, acknowledged: null });
    expect(await readdir(parent)).toEqual([]);
    store.append(record(1, { event: "start" }));
    await store.flush();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, segmentName(1)))).mode & 0o777).toBe(0o600);
  });

  test("what was written is there for the next program, which goes on in the same file", async () => {
    const first = opened();
    await first.past();
    for (const sequence of upTo(5)) first.append(record(sequence));
    first.append(record(6, { collector: "timeout", owedFrom: 2 }));
    await first.flush();
    const second = opened();
    expect(await second.past()).toEqual({
      newest: record(6, { collector: "timeout", owedFrom: 2 }),
      acknowledged: record(5),
    });
    second.append(record(7, { event: "start", bootId: "boot-3" }));
    const { records, more } = await second.read(1, 200);
    expect(numbersOf(records)).toEqual(upTo(7));
    expect(records.at(-1)?.bootId).toBe("boot-3");
    expect(more).toBe(false);
    expect(await filesOf()).toEqual([segmentName(1)]);
  });

  test("the newest acknowledged record is found behind an outage of many files", async () => {
    const store = opened();
    await store.past();
    await fill(store, 1, 50);
    await fill(store, 51, 4_000, { collector: "unreachable" });
    expect((await filesOf()).length).toBeGreaterThan(2);
    const { newest, acknowledged } = await opened().past();
    expect([newest?.sequence, acknowledged?.sequence]).toEqual([4_000, 50]);
  });

  test("pages of any size give all records once and in order, over all files", async () => {
    const store = opened();
    await store.past();
    await fill(store, 1, 3_000);
    expect((await filesOf()).length).toBeGreaterThan(1);
    for (const [from, count] of [
      [1, 200],
      [1_337, 200],
      [2_990, 7],
      [2_801, 200],
    ] as const)
      expect(numbersOf(await allOf(store, from, count))).toEqual(upTo(3_000, from));
    expect(await store.read(3_001, 200)).toEqual({ records: [], more: false });
  });

  test("all together they stay within their bytes, the oldest go first, and what is left is whole", async () => {
    const store = opened();
    await store.past();
    // Long lines, to be there sooner.
    const long = { lateMs: 1e15, sleptMs: 1e15, bootId: "b".repeat(128) };
    let last = 0;
    let most = 0;
    while (last < 60_000) {
      await fill(store, last + 1, last + 4_000, long);
      last += 4_000;
      const files = await filesOf();
      const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size));
      most = Math.max(
        most,
        sizes.reduce((sum, size) => sum + size, 0),
      );
    }
    expect(most).toBeLessThanOrEqual(journalLimits.bytesMax);
    expect(most).toBeGreaterThan(journalLimits.bytesMax / 2);
    const records = await allOf(store);
    expect(records[0]?.sequence).toBeGreaterThan(1);
    expect(numbersOf(records)).toEqual(upTo(60_000, records[0]?.sequence ?? 0));
  }, 60_000);

  test("what is older than 7 days is not told, and its file goes at the next turn", async () => {
    const store = opened();
    await store.past();
    const dayMs = 24 * 3_600_000;
    // One record an hour for 20 days: no file is ever full, each is at most a day long.
    for (const hour of upTo(480)) {
      nowClocks = { ...clocks, bootMs: hour * 3_600_000 };
      store.append(record(hour, { bootMs: hour * 3_600_000 }));
      await store.flush();
    }
    const files = await filesOf();
    expect(files.length).toBeGreaterThanOrEqual(7);
    expect(files.length).toBeLessThanOrEqual(9);
    expect(segmentNumber(files[0] ?? "") ?? 0).toBeGreaterThan(480 - 9 * 24);
    const told = await allOf(store);
    expect(numbersOf(told)).toEqual(upTo(480, 480 - (7 * dayMs) / 3_600_000));
  });

  test("a wall clock that is set years ahead or back costs nothing of this boot", async () => {
    const store = opened();
    await store.past();
    const hour = 3_600_000;
    for (const sequence of upTo(60)) {
      const wallMs = sequence < 30 ? 0 : clocks.wallMs;
      nowClocks = { ...clocks, bootMs: sequence * hour, wallMs };
      store.append(record(sequence, { bootMs: sequence * hour, wallMs }));
      await store.flush();
    }
    expect(numbersOf(await allOf(store))).toEqual(upTo(60));
  });

  test("a stranger's files are left alone, and one of ours that cannot be read costs only itself", async () => {
    const store = opened();
    await store.past();
    await fill(store, 1, 3_000);
    const [first = "", second = ""] = await filesOf();
    await writeFile(join(folder, "notes.txt"), "mine");
    await writeFile(join(folder, "journal-1.jsonl"), "[1]");
    await rm(join(folder, first));
    await mkdir(join(folder, first));
    const next = opened();
    expect((await next.past()).newest?.sequence).toBe(3_000);
    expect((await allOf(next))[0]?.sequence).toBe(segmentNumber(second));
    expect(await filesOf()).toContain("notes.txt");
  });

  test("a file larger than the whole journal may be is none of ours", async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, segmentName(1)), recordLine(record(1), true));
    await truncate(join(folder, segmentName(1)), journalLimits.bytesMax + 1);
    expect(await opened().past()).toEqual({ newest: null, acknowledged: null });
  });
});

describe("torn", () => {
  test("cut at any byte, the next program reads what is whole and loses nothing that it writes", async () => {
    await mkdir(folder, { recursive: true });
    const path = join(folder, segmentName(1));
    const lines = [record(1), record(2), record(3)].map((one, index) => recordLine(one, index === 0));
    const text = lines.join("");
    for (let cut = 0; cut <= text.length; cut += 1) {
      await writeFile(path, text.slice(0, cut));
      const store = opened();
      const { newest } = await store.past();
      const from = (newest?.sequence ?? 0) + 1;
      expect(from).toBeGreaterThanOrEqual(text.slice(0, cut).split("\n").length);
      store.append(record(from, { event: "start", bootId: "boot-3" }));
      store.append(record(from + 1, { bootId: "boot-3" }));
      const { records } = await store.read(1, 200);
      expect(numbersOf(records)).toEqual(upTo(from + 1));
      expect(records.slice(-2).map((one) => one.bootId)).toEqual(["boot-3", "boot-3"]);
    }
  });

  test("zeros where a power cut left them are passed over", async () => {
    const store = opened();
    await store.past();
    store.append(record(1));
    await store.flush();
    await appendFile(join(folder, segmentName(1)), Buffer.alloc(4_096));
    const next = opened();
    expect((await next.past()).newest?.sequence).toBe(1);
    next.append(record(2, { event: "start" }));
    expect(numbersOf(await allOf(next))).toEqual([1, 2]);
  });

  test("a file that is removed or damaged under our hands is readable again 16 records later", async () => {
    const store = opened();
    await store.past();
    await fill(store, 1, 5);
    await rm(join(folder, segmentName(1)));
    await fill(store, 6, 20);
    expect(numbersOf(await allOf(store))).toEqual(upTo(20, 16));
    await appendFile(join(folder, segmentName(1)), "[21,3");
    await fill(store, 22, 40);
    expect(numbersOf(await allOf(store))).toEqual([...upTo(20, 16), ...upTo(40, 32)]);
  });

  test("killed in the middle of an append, again and again, it keeps all that it had synced, in order", async () => {
    const script = await bundle("test/agent/journal-writer.ts", parent, "writer.cjs");
    let first = 1;
    let starts = 0;
    for (let round = 0; round < 12; round += 1) {
      const writer = new AgentProcess(script, [folder, String(first)], {});
      // It writes all the time, so the kill meets another moment of it in each round.
      await writer.until("work", () => writer.logs.length > round);
      writer.kill("SIGKILL");
      await writer.end();
      starts += 1;
      const synced = Number(writer.logs.at(-1)?.["sequence"]);
      const store = opened();
      const { newest } = await store.past();
      expect(newest?.sequence).toBeGreaterThanOrEqual(synced);
      const records = await allOf(store);
      expect(numbersOf(records)).toEqual(upTo(newest?.sequence ?? 0, records[0]?.sequence ?? 0));
      expect(records.filter((one) => one.event === "start").length).toBeLessThanOrEqual(starts);
      first = (newest?.sequence ?? 0) + 1;
      expect(writer.text).toBe("");
    }
  });
});

describe("a disk that does not take it", () => {
  test("is told once; the newest hour stays in memory, is read from there, and is written when the disk is back", async () => {
    await writeFile(folder, "in the way");
    const store = opened();
    await store.past();
    const last = storeLimits.pendingMax + 50;
    for (const sequence of upTo(last)) {
      store.append(record(sequence));
      if (sequence === 100) await store.flush();
    }
    await store.flush();
    expect(troubles).toHaveLength(1);
    expect(numbersOf(await allOf(store))).toEqual(upTo(last, 51));
    expect(mended).toEqual([]);
    await rm(folder);
    store.append(record(last + 1));
    await store.flush();
    expect(mended).toEqual([51]);
    expect(numbersOf(await allOf(opened()))).toEqual([]);
    const next = opened();
    expect((await next.past()).newest?.sequence).toBe(last + 1);
    expect(numbersOf(await allOf(next))).toEqual(upTo(last + 1, 52));
    store.append(record(last + 2));
    await store.flush();
    expect(troubles).toHaveLength(1);
  });

  const why = noTinyDisk();
  test.skipIf(why !== "")(
    `a full disk only loses records, and half a line at its end does no harm${why}`,
    async () => {
      const disk = openTinyDisk(64);
      try {
        const where = join(disk.path, "journal");
        const store = opened(where);
        await store.past();
        await fill(store, 1, 200);
        const rest = join(disk.path, "filler");
        await writeFile(rest, Buffer.alloc(64 * 1024)).catch(() => undefined);
        await fill(store, 201, 800);
        expect(troubles.join()).toContain("ENOSPC");
        expect(troubles).toHaveLength(1);
        // What the file holds, then what memory holds; between them records are lost.
        const told = numbersOf(await allOf(store));
        expect(told.slice(0, 200)).toEqual(upTo(200));
        expect(told.slice(-storeLimits.pendingMax)).toEqual(upTo(800, 800 - storeLimits.pendingMax + 1));
        await rm(rest);
        store.append(record(801));
        await store.flush();
        expect(mended).toHaveLength(1);
        expect(mended[0]).toBeGreaterThan(0);
        const next = opened(where);
        expect((await next.past()).newest?.sequence).toBe(801);
        expect(numbersOf(await allOf(next)).slice(-storeLimits.pendingMax)).toEqual(
          upTo(801, 801 - storeLimits.pendingMax + 1),
        );
      } finally {
        disk.close();
      }
    },
  );

  test.skipIf(process.platform === "win32")(
    "one that never answers is waited for by nobody, and holds one thread, whatever else wants to write",
    async () => {
      // A pipe without a reader: opening it for writing waits for ever.
      await mkdir(folder, { recursive: true });
      const lane = createLane();
      const store = opened(folder, lane);
      await store.past();
      execFileSync("mkfifo", [join(folder, segmentName(1))]);
      const beganMs = performance.now();
      for (const sequence of upTo(1_000)) store.append(record(sequence));
      expect(performance.now() - beganMs).toBeLessThan(1_000);
      let statusWritten = false;
      const status = lane.run(() => Promise.resolve()).then(() => (statusWritten = true));
      // The other three threads of the pool work: reads of other files are answered.
      await Promise.all(upTo(20).map(() => readdir(parent)));
      expect(statusWritten).toBe(false);
      expect(lane.busy).toBe(true);
      // A reader comes: everything goes on.
      const reader = await open(join(folder, segmentName(1)), constants.O_RDONLY | constants.O_NONBLOCK);
      await status;
      expect(statusWritten).toBe(true);
      await reader.close();
    },
  );
});

describe("names and sizes", () => {
  test("names sort as their numbers do, and what is no name of ours has no number", () => {
    const names = [1, 9, 10, 99_999, Number.MAX_SAFE_INTEGER].map(segmentName);
    expect([...names].sort()).toEqual(names);
    expect(names.map(segmentNumber)).toEqual([1, 9, 10, 99_999, Number.MAX_SAFE_INTEGER]);
    for (const other of [
      "journal-1.jsonl",
      "journal-9999999999999999.jsonl",
      "journal-0000000000000000.jsonl",
      "x",
    ])
      expect(segmentNumber(other)).toBeNull();
  });

  test("the file of a number is the last that begins at or before it", () => {
    const segments = [10, 20, 30].map((firstSequence) => ({ firstSequence, bytes: 1 }));
    expect([1, 10, 19, 20, 29, 30, 99].map((one) => segmentIndexOf(segments, one))).toEqual([
      0, 0, 0, 1, 1, 2, 2,
    ]);
    expect(segmentIndexOf([], 5)).toBe(0);
  });

  test("as many of the oldest go as are needed, never the newest", () => {
    const half = journalLimits.bytesMax / 2;
    const segments = [half, half, half].map((bytes, index) => ({ firstSequence: index + 1, bytes }));
    expect(surplusSegments(segments, 0)).toBe(1);
    expect(surplusSegments(segments, 1)).toBe(2);
    expect(surplusSegments(segments, journalLimits.bytesMax)).toBe(2);
    expect(surplusSegments([], journalLimits.bytesMax * 2)).toBe(0);
  });
});

test("a lane runs one task at a time, in order, and goes on after one that failed", async () => {
  const lane = createLane();
  const order: string[] = [];
  const slow = lane.run(async () => {
    await new Promise(setImmediate);
    order.push("slow");
  });
  const failing = lane.run(() => Promise.reject(new Error("no")));
  const quick = lane.run(() => {
    order.push("quick");
    return Promise.resolve(7);
  });
  expect(lane.busy).toBe(true);
  await expect(failing).rejects.toThrow("no");
  expect(await quick).toBe(7);
  await slow;
  expect(order).toEqual(["slow", "quick"]);
  expect(lane.busy).toBe(false);
});
