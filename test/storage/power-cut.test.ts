/**
 * Loss of power at a random step of random histories: what was committed is there, whole, and nothing else.
 */
import { describe, expect, test } from "vitest";
import type { Write } from "../../collector/core/types/tables.ts";
import { openLowdbStorage } from "../../collector/storage/lowdb.ts";
import { type Storage, StoreCorrupt } from "../../collector/storage/storage.ts";
import { generator } from "../../shared/rng.ts";
import { createMemoryFileSystem, type MemoryFileSystem } from "./memory-file-system.ts";
import { archiveWrites, dayMs, sampleArchived, startWallMs } from "./samples.ts";

const directory = "/store";
const always = { fromWallMs: 0, toWallMs: Number.MAX_SAFE_INTEGER, limit: 1_000 };

const open = (files: MemoryFileSystem): Promise<Storage> =>
  openLowdbStorage({
    directory,
    files,
    laterFlushMs: 0,
    lock: async () => ({ notice: null, close: () => Promise.resolve() }),
  });

/** Commit `number` writes a counter, a record of its own, and archives an incident now and then. */
function commitOf(number: number): readonly Write[] {
  const archived =
    number % 3 === 0
      ? archiveWrites(sampleArchived(number, { startedWallMs: startWallMs + (number % 4) * 20 * dayMs }))
      : [];
  return [
    { table: "shelf", key: "counter", value: number },
    { table: "shelf", key: `k${number}`, value: "x".repeat(number * 7) },
    ...archived,
  ];
}

/** What is stored, as the number of commits it stands for; throws when it is the state after no commit at all. */
async function commitCountOf(storage: Storage): Promise<number> {
  const { shelf } = await storage.load();
  const counter = shelf.get("counter");
  const count = typeof counter === "number" ? counter : 0;
  const expected = new Map<string, unknown>(count === 0 ? [] : [["counter", count]]);
  for (let number = 1; number <= count; number++) expected.set(`k${number}`, "x".repeat(number * 7));
  expect(shelf).toEqual(expected);
  const archived = (await storage.archivedIncidents(always)).map(({ incident }) => incident.number);
  const numbers = Array.from({ length: Math.floor(count / 3) }, (_, index) => 3 * (index + 1));
  expect(archived).toEqual(numbers.reverse());
  return count;
}

interface Cut {
  readonly asked: number;
  readonly resolved: number;
  readonly after: MemoryFileSystem;
}

/** Runs commits until the power is cut before step `stopAt`, or to the end when there are fewer steps. */
async function runUntilCut(
  files: MemoryFileSystem,
  from: number,
  stopAt: number,
  random: () => number,
): Promise<Cut> {
  let asked = from;
  let resolved = from;
  let steps = 0;
  let reached: () => void = () => undefined;
  const cut = new Promise<void>((resolve) => (reached = resolve));
  files.beforeStep = async () => {
    if (steps++ < stopAt) return;
    reached();
    await new Promise<never>(() => undefined);
  };
  const work = async (): Promise<void> => {
    const storage = await open(files);
    for (let group = 0; group < 6; group++) {
      const commits: Promise<void>[] = [];
      for (let count = 1 + Math.floor(random() * 3); count > 0; count--) {
        const number = ++asked;
        commits.push(
          storage.commit(commitOf(number)).then(() => void (resolved = Math.max(resolved, number))),
        );
      }
      storage.later([{ table: "look", key: `s${group}`, value: { coreMs: asked } }]);
      await Promise.all(commits);
    }
    await storage.close();
  };
  await Promise.race([work(), cut]);
  return { asked, resolved, after: files.afterPowerCut(random) };
}

describe("a loss of power", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "[ST1] [ST2] [ST8] at a random step keeps every resolved commit whole, seed %i",
    async (seed) => {
      const random = generator(seed);
      for (let history = 0; history < 40; history++) {
        let files = createMemoryFileSystem();
        let count = 0;
        for (let life = 0; life < 4; life++) {
          const cut = await runUntilCut(files, count, Math.floor(random() * 160), random);
          files = cut.after;
          const storage = await open(files);
          count = await commitCountOf(storage);
          expect(count).toBeGreaterThanOrEqual(cut.resolved);
          expect(count).toBeLessThanOrEqual(cut.asked);
          await storage.close();
        }
      }
    },
    60_000,
  );

  test("[ST1] the disk of this test is unkind: without fsync a commit would be lost", async () => {
    let lost = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const files = createMemoryFileSystem();
      const careless = {
        ...files,
        openFolder: async () => ({ sync: () => Promise.resolve(), close: () => Promise.resolve() }),
      };
      const storage = await openLowdbStorage({
        directory,
        files: careless,
        lock: async () => ({ notice: null, close: () => Promise.resolve() }),
      });
      await storage.commit(commitOf(1));
      const after = await open(files.afterPowerCut(generator(seed))).catch((error: unknown) => {
        expect(error).toBeInstanceOf(StoreCorrupt);
        return null;
      });
      if (after === null || (await commitCountOf(after)) < 1) lost++;
    }
    expect(lost).toBeGreaterThan(5);
  });

  test("[ST1] a commit resolves only after its file and its folder were fsynced, in this order", async () => {
    const files = createMemoryFileSystem();
    const storage = await open(files);
    const steps: string[] = [];
    files.beforeStep = async (line) => void steps.push(line.replaceAll(`${directory}/`, ""));
    await storage.commit([{ table: "shelf", key: "a", value: 1 }]);
    const order = [
      "create state.json.new",
      "write state.json.new",
      "sync state.json.new",
      "rename state.json.new state.json",
      "sync folder /store",
    ];
    expect(
      steps.filter((line) => order.includes(line)).filter((line, index, all) => all.indexOf(line) === index),
    ).toEqual(order);
    expect(steps.indexOf("rename state.json.previous.new state.json.previous")).toBeLessThan(
      steps.indexOf("rename state.json.new state.json"),
    );
    await storage.close();
  });
});
