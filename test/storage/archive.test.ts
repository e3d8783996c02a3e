/**
 * The archive of closed incidents: parts of a month, the index, and what a query reads.
 */
import { describe, expect, test } from "vitest";
import type { ArchivedIncident } from "../../collector/core/types/tables.ts";
import { currentSchema, type Schema } from "../../collector/storage/codec.ts";
import { openLowdbStorage } from "../../collector/storage/lowdb.ts";
import type { Storage } from "../../collector/storage/storage.ts";
import { createMemoryFileSystem, type MemoryFileSystem } from "./memory-file-system.ts";
import { archiveWrites, dayMs, sampleArchived, startWallMs } from "./samples.ts";

const directory = "/store";
const always = { fromWallMs: 0, toWallMs: Number.MAX_SAFE_INTEGER, limit: 1_000 };

/** Opens the store and counts which files of the archive are read as a whole. */
async function openCounting(
  files: MemoryFileSystem,
): Promise<{ readonly storage: Storage; readonly read: string[] }> {
  const read: string[] = [];
  const storage = await openLowdbStorage({
    directory,
    files: {
      ...files,
      read: (path) => {
        if (path.includes("/incidents-")) read.push(path.slice("/store/archive/".length));
        return files.read(path);
      },
    },
    laterFlushMs: 3_600_000,
    lock: async () => ({ notice: null, close: () => Promise.resolve() }),
  });
  return { storage, read };
}

const numbersOf = (found: readonly { readonly incident: { readonly number: number } }[]): readonly number[] =>
  found.map(({ incident }) => incident.number);

/** 600 incidents over three months: some 2 KB each, so several parts a month. */
async function filled(): Promise<MemoryFileSystem> {
  const files = createMemoryFileSystem();
  const { storage } = await openCounting(files);
  for (let number = 1; number <= 600; number++) {
    void storage.commit(
      archiveWrites(
        sampleArchived(number, { startedWallMs: startWallMs + Math.floor((number - 1) / 200) * 30 * dayMs }),
      ),
    );
  }
  await storage.close();
  return files;
}

describe("the archive", () => {
  test("[ST8] a month is cut into parts of bounded size, each incident in one of them", async () => {
    const files = await filled();
    const parts = files.paths().filter((path) => /\/incidents-[0-9.-]+\.json$/.test(path));
    expect(parts.length).toBeGreaterThan(4);
    const ids = parts.flatMap((path) =>
      [
        ...files
          .peek(path)!
          .toString()
          .matchAll(/^\["(i\d+)",/gm),
      ].map((match) => match[1]),
    );
    expect(ids).toHaveLength(600);
    expect(new Set(ids).size).toBe(600);
    for (const path of parts) expect(files.peek(path)!.byteLength).toBeLessThan(300_000);
  });

  test("[ST8] a start reads no part, and a page reads only the parts it shows", async () => {
    const files = await filled();
    const { storage, read } = await openCounting(files);
    expect(read).toEqual([]);
    expect(numbersOf(await storage.archivedIncidents({ ...always, limit: 20 }))).toEqual(
      Array.from({ length: 20 }, (_, index) => 600 - index),
    );
    expect(new Set(read).size).toBeLessThanOrEqual(2);
    expect(read.every((name) => name.startsWith("incidents-2026-03"))).toBe(true);
    await storage.archivedIncidents({ ...always, limit: 20 });
    expect(read.length).toBeLessThanOrEqual(2);
    await storage.close();
  });

  test("[ST8] all pages together are all incidents, each once, newest first", async () => {
    const { storage } = await openCounting(await filled());
    const seen: number[] = [];
    let beforeNumber = Number.MAX_SAFE_INTEGER;
    for (;;) {
      const page = numbersOf(await storage.archivedIncidents({ ...always, beforeNumber, limit: 77 }));
      if (page.length === 0) break;
      seen.push(...page);
      beforeNumber = page.at(-1)!;
    }
    expect(seen).toEqual(Array.from({ length: 600 }, (_, index) => 600 - index));
    await storage.close();
  });

  test("[ST8] an outage over the turn of a month is found from both sides", async () => {
    const files = createMemoryFileSystem();
    const { storage } = await openCounting(files);
    const startedWallMs = Date.UTC(2026, 0, 31, 23, 58);
    await storage.commit(archiveWrites(sampleArchived(1, { startedWallMs })));
    for (const month of [0, 1]) {
      const query = {
        fromWallMs: Date.UTC(2026, month, 1),
        toWallMs: Date.UTC(2026, month + 1, 1),
        limit: 10,
      };
      expect(numbersOf(await storage.archivedIncidents(query))).toEqual([1]);
    }
    expect(
      await storage.archivedIncidents({
        fromWallMs: Date.UTC(2026, 2, 1),
        toWallMs: Date.UTC(2026, 3, 1),
        limit: 10,
      }),
    ).toEqual([]);
    await storage.close();
    expect(files.paths()).toContain("/store/archive/incidents-2026-01.json");
  });

  test("[ST8] a month that an operator took away is simply not there any more", async () => {
    const files = await filled();
    for (const path of files.paths().filter((name) => name.includes("incidents-2026-02")))
      await files.remove(path);
    const { storage } = await openCounting(files);
    const numbers = numbersOf(await storage.archivedIncidents(always));
    expect(numbers).toHaveLength(400);
    expect(numbers).not.toContain(300);
    expect(storage.notices).toEqual([]);
    await storage.close();
  });

  test("[ST8] what moved to its month leaves state.json with the next commit", async () => {
    const files = createMemoryFileSystem();
    const { storage } = await openCounting(files);
    await storage.commit(archiveWrites(sampleArchived(1)));
    expect(files.peek("/store/state.json")!.toString()).toContain('["i1",');
    await storage.close();
    expect(files.peek("/store/state.json")!.toString()).not.toContain('["i1",');
    expect(files.peek("/store/archive/incidents-2026-01.json")!.toString()).toContain('["i1",');
  });

  test("[ST8] a clock that stood far off files the incident all the same", async () => {
    const files = createMemoryFileSystem();
    let { storage } = await openCounting(files);
    const far = [-62_135_596_800_000, 8_640_000_000_000_000];
    for (const [index, startedWallMs] of far.entries()) {
      await storage.commit(archiveWrites(sampleArchived(index + 1, { startedWallMs })));
    }
    await storage.close();
    ({ storage } = await openCounting(files));
    expect(await storage.archivedIncident("i1")).toEqual(sampleArchived(1, { startedWallMs: far[0]! }));
    expect(await storage.archivedIncident("i2")).toEqual(sampleArchived(2, { startedWallMs: far[1]! }));
    await storage.close();
  });

  test("[ST8] [ST11] an incident archived again beside its damaged part is found once, also when that part is restored", async () => {
    const files = createMemoryFileSystem();
    let { storage } = await openCounting(files);
    await storage.commit([...archiveWrites(sampleArchived(1)), ...archiveWrites(sampleArchived(2))]);
    await storage.close();
    const part = "/store/archive/incidents-2026-01.json";
    const whole = files.peek(part)!;
    files.put(part, whole.subarray(0, 40));
    ({ storage } = await openCounting(files));
    const changed = sampleArchived(1, { acknowledgedBy: "Budi" });
    await storage.commit(archiveWrites(changed));
    await storage.close();
    files.put(part, whole);
    ({ storage } = await openCounting(files));
    expect(await storage.archivedIncidents(always)).toEqual([sampleArchived(2), changed]);
    expect(await storage.archivedIncident("i1")).toEqual(changed);
    await storage.close();
  });

  test("[ST10] months of an older version are read through the migrations, in state.json and in their own files", async () => {
    const files = createMemoryFileSystem();
    const archived = sampleArchived(1);
    const { storage } = await openCounting(files);
    await storage.commit(archiveWrites(archived));
    await storage.close();
    const renamed: Schema = {
      version: currentSchema.version + 1,
      migrations: [
        {
          fromVersion: currentSchema.version,
          migrate: ({ tables }) => ({
            tables: {
              ...tables,
              archive: (tables["archive"] ?? []).map(([key, value]) => [key, rename(value)]),
            },
          }),
        },
      ],
    };
    const rename = (value: unknown): unknown => {
      const { incident, notifications } = value as ArchivedIncident;
      return { incident: { ...incident, serverName: "renamed", kind: "agent_down" }, notifications };
    };
    for (const life of [1, 2]) {
      const migrated = await openLowdbStorage({
        directory,
        files,
        schema: renamed,
        lock: async () => ({ notice: null, close: () => Promise.resolve() }),
      });
      expect(await migrated.archivedIncidents(always), `life ${life}`).toEqual([
        { ...archived, incident: { ...archived.incident, serverName: "renamed", kind: "agent_down" } },
      ]);
      // The index was made from the old version's facts: it must not answer for the new ones.
      expect(await migrated.archivedIncidents({ ...always, kind: "host_down" })).toEqual([]);
      await migrated.close();
    }
  });
});
