/**
 * The contract of storage.ts as one suite of tests, run against every implementation.
 * Why: the loop and the simulator know only the interface; what holds for one store must hold for all.
 * Must not: look into files or know which implementation it talks to.
 */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Heard } from "../../collector/core/types/server.ts";
import type { ShelfValue, Write } from "../../collector/core/types/tables.ts";
import { currentSchema, type Schema, tableNames } from "../../collector/storage/codec.ts";
import {
  type ArchiveQuery,
  type Snapshot,
  type Storage,
  StoreError,
  StoreFailure,
  StoreInUse,
  StoreTooNew,
} from "../../collector/storage/storage.ts";
import { runHistory, step } from "./contract-history.ts";
import {
  archiveWrites,
  dayMs,
  fleetWrites,
  sampleArchived,
  sampleDetector,
  sampleServer,
  startWallMs,
} from "./samples.ts";
import { oneOfEach } from "./table-samples.ts";

/** One store and the accidents that can befall it. */
export interface StoreFixture {
  open(schema?: Schema): Promise<Storage>;
  /** kill −9: nothing more is written; the next `open` finds what was on the disk. */
  kill(storage: Storage): Promise<void>;
  /** The disk refuses the next commit. */
  failNextCommit(): void;
  /** What is on the disk now, while the store is open. */
  peek(): Promise<Snapshot>;
  discard(): Promise<void>;
}

const always: ArchiveQuery = { fromWallMs: 0, toWallMs: Number.MAX_SAFE_INTEGER, limit: 1_000 };

const shelf = (key: string, value: ShelfValue): Write => ({ table: "shelf", key, value });
const heard = (serverId: string, sequence: number): Heard => ({
  serverId,
  coreMs: sequence * 15_000,
  hearingMs: sequence * 15_000,
  wallMs: startWallMs + sequence * 15_000,
  sessionId: "session",
  bootId: "boot",
  sequence,
  agentStartedBootMs: 5_000,
  connected: true,
  disconnectedWallMs: null,
  announced: null,
  ownHost: false,
  features: ["witness"],
});

/** Waits for a condition, without a fixed sleep; fails after the deadline. */
export async function until(condition: () => Promise<boolean> | boolean, deadlineMs = 10_000): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error("the condition did not come true in time");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export function storageContract(name: string, openFresh: () => Promise<StoreFixture>): void {
  describe(`${name} keeps the contract of storage.ts`, () => {
    let fixture: StoreFixture;
    beforeEach(async () => {
      fixture = await openFresh();
    });
    afterEach(() => fixture.discard());

    const killAndOpen = async (storage: Storage): Promise<Storage> => {
      await fixture.kill(storage);
      return fixture.open();
    };

    test("[ST1] what commit resolved for is there after a kill and a fresh open", async () => {
      const storage = await fixture.open();
      await storage.commit([{ table: "server", key: "s1", value: sampleServer(1) }]);
      const snapshot = await (await killAndOpen(storage)).load();
      expect(snapshot.server.get("s1")).toEqual(sampleServer(1));
    });

    test("[ST1] every one of a hundred commits asked at once is there after a kill", async () => {
      const storage = await fixture.open();
      await Promise.all(
        Array.from({ length: 100 }, (_, index) => storage.commit([shelf(`k${index}`, index)])),
      );
      const snapshot = await (await killAndOpen(storage)).load();
      expect(snapshot.shelf.size).toBe(100);
    });

    test("[ST2] a commit of many records over many tables arrives whole", async () => {
      const storage = await fixture.open();
      const writes = fleetWrites(300);
      await storage.commit(writes);
      const snapshot = await (await killAndOpen(storage)).load();
      for (const { table, key, value } of writes) expect(snapshot[table].get(key)).toEqual(value);
    });

    test("[ST2] a load while a commit is under way shows all of it or nothing", async () => {
      const storage = await fixture.open();
      const committing = storage.commit(
        Array.from({ length: 2_000 }, (_, index) => shelf(`k${index}`, "x".repeat(200))),
      );
      const seen = (await storage.load()).shelf.size;
      await committing;
      expect([0, 2_000]).toContain(seen);
    });

    test("[ST3] of commits asked without waiting, the later write of a key wins", async () => {
      const storage = await fixture.open();
      await Promise.all(
        Array.from({ length: 50 }, (_, index) => storage.commit([shelf("k", index), shelf(`k${index}`, 1)])),
      );
      const snapshot = await (await killAndOpen(storage)).load();
      expect(snapshot.shelf.get("k")).toBe(49);
    });

    test("[ST3] of two writes of one key in one commit, the later wins", async () => {
      const storage = await fixture.open();
      await storage.commit([
        shelf("a", 1),
        shelf("a", null),
        shelf("a", 2),
        shelf("b", 1),
        { table: "shelf", key: "b", value: null },
      ]);
      const { shelf: kept } = await (await killAndOpen(storage)).load();
      expect([...kept]).toEqual([["a", 2]]);
    });

    test("[ST4] a commit that rejected changed nothing, and the next one succeeds", async () => {
      const storage = await fixture.open();
      await storage.commit([shelf("a", "before"), shelf("gone", 1)]);
      fixture.failNextCommit();
      await expect(
        storage.commit([
          shelf("a", "rejected"),
          shelf("new", 1),
          { table: "shelf", key: "gone", value: null },
        ]),
      ).rejects.toThrow(StoreFailure);
      expect([...(await storage.load()).shelf].sort()).toEqual([
        ["a", "before"],
        ["gone", 1],
      ]);
      await storage.commit([shelf("next", true)]);
      const snapshot = await (await killAndOpen(storage)).load();
      expect([...snapshot.shelf].sort()).toEqual([
        ["a", "before"],
        ["gone", 1],
        ["next", true],
      ]);
    });

    test("[ST4] a rejected archiving leaves the incident living and the archive as it was", async () => {
      const storage = await fixture.open();
      const archived = sampleArchived(1);
      await storage.commit([{ table: "incident", key: "i1", value: archived.incident }]);
      fixture.failNextCommit();
      await expect(storage.commit(archiveWrites(archived))).rejects.toThrow(StoreFailure);
      const again = await killAndOpen(storage);
      expect((await again.load()).incident.get("i1")).toEqual(archived.incident);
      expect(await again.archivedIncidents(always)).toEqual([]);
    });

    test("[ST4] a value that can't be stored is refused, and only its own commit", async () => {
      const storage = await fixture.open();
      const fine = storage.commit([shelf("fine", 1)]);
      const bad = storage.commit([shelf("half", 1), shelf("bad", Number.NaN)]);
      await expect(bad).rejects.toThrow("NaN can't be stored");
      await fine;
      const { shelf: kept } = await (await killAndOpen(storage)).load();
      expect([...kept]).toEqual([["fine", 1]]);
    });

    test("[ST5] what was written later is on disk at close", async () => {
      const storage = await fixture.open();
      storage.later([{ table: "heard", key: "s1", value: heard("s1", 1) }]);
      storage.later([{ table: "heard", key: "s1", value: heard("s1", 2) }]);
      await storage.close();
      expect((await (await fixture.open()).load()).heard.get("s1")).toEqual(heard("s1", 2));
    });

    test("[ST5] what was written later reaches the disk by itself", async () => {
      const storage = await fixture.open();
      storage.later([{ table: "heard", key: "s1", value: heard("s1", 1) }]);
      await until(async () => (await fixture.peek()).heard.get("s1")?.sequence === 1);
      storage.later([{ table: "heard", key: "s1", value: heard("s1", 2) }]);
      await until(async () => (await fixture.peek()).heard.get("s1")?.sequence === 2);
    });

    test("[ST5] losing what was written later loses nothing that was committed", async () => {
      const storage = await fixture.open();
      storage.later([{ table: "heard", key: "s1", value: heard("s1", 1) }]);
      await storage.commit([{ table: "detector", key: "s1", value: sampleDetector(1) }]);
      const snapshot = await (await killAndOpen(storage)).load();
      expect(snapshot.detector.get("s1")).toEqual(sampleDetector(1));
      expect([undefined, heard("s1", 1)]).toContainEqual(snapshot.heard.get("s1"));
    });

    test("[ST6] every kind of record comes back value for value", async () => {
      const storage = await fixture.open();
      const strange: ShelfValue = {
        "": [0, -1.5, 1e300, 5e-324, Number.MAX_SAFE_INTEGER, true, false, null, "", [], {}],
        text: 'quote " backslash \\ newline \n nul \u0000 line separator \u2028 emoji 🛰 lone surrogate \ud800',
        ["__proto__"]: { constructor: "a name like any other" },
        deep: [[[[{ a: [{ b: null }] }]]]],
      };
      const writes: Write[] = [
        ...oneOfEach("durable"),
        { table: "detector", key: "s2", value: sampleDetector(2, "suspect", 12.5) },
        shelf("10", "keys that look like numbers keep their record"),
        shelf("9", 9),
        shelf('panel/"strange"\n', strange),
      ];
      const volatile = oneOfEach("volatile");
      expect(new Set([...writes, ...volatile].map(({ table }) => table)).size).toBe(tableNames.length - 1);
      await storage.commit(writes);
      storage.later(volatile);
      await storage.close();
      const snapshot = await (await fixture.open()).load();
      for (const { table, key, value } of [...writes, ...volatile]) {
        expect(snapshot[table].get(key), table).toEqual(value);
      }
    });

    test("[ST6] load of a fresh store has every table, empty", async () => {
      const snapshot = await (await fixture.open()).load();
      expect(Object.keys(snapshot).sort()).toEqual([...tableNames].sort());
      for (const table of tableNames) expect(snapshot[table].size).toBe(0);
    });

    test("[ST7] a record written with null is gone, and stays gone", async () => {
      const storage = await fixture.open();
      await storage.commit([shelf("a", 1), shelf("b", 2)]);
      await storage.commit([
        { table: "shelf", key: "a", value: null },
        { table: "shelf", key: "never there", value: null },
      ]);
      storage.later([{ table: "heard", key: "s1", value: heard("s1", 1) }]);
      storage.later([{ table: "heard", key: "s1", value: null }]);
      await storage.close();
      const snapshot = await (await fixture.open()).load();
      expect([...snapshot.shelf]).toEqual([["b", 2]]);
      expect(snapshot.heard.size).toBe(0);
    });

    test("[ST7] an archived incident written with null is gone, before and after it was filed", async () => {
      let storage = await fixture.open();
      await storage.commit([...archiveWrites(sampleArchived(1)), ...archiveWrites(sampleArchived(2))]);
      await storage.commit([{ table: "archive", key: "i1", value: null }]);
      expect(await storage.archivedIncident("i1")).toBeNull();
      await storage.close();
      storage = await fixture.open();
      await storage.commit([{ table: "archive", key: "i2", value: null }]);
      expect(await storage.archivedIncidents(always)).toEqual([]);
      await storage.close();
      expect(await (await fixture.open()).archivedIncidents(always)).toEqual([]);
    });

    test("[ST8] an archived incident leaves the living state and is found by query and by id", async () => {
      const storage = await fixture.open();
      const archived = sampleArchived(1);
      const row = archived.notifications[0]!;
      await storage.commit([
        { table: "incident", key: "i1", value: archived.incident },
        { table: "notification", key: row.id, value: row },
      ]);
      await storage.commit(archiveWrites(archived));
      const check = async (store: Storage): Promise<void> => {
        const snapshot = await store.load();
        expect(snapshot.incident.size + snapshot.notification.size + snapshot.archive.size).toBe(0);
        expect(await store.archivedIncidents(always)).toEqual([archived]);
        expect(await store.archivedIncident("i1")).toEqual(archived);
        expect(await store.archivedIncident("i2")).toBeNull();
      };
      await check(storage);
      const killed = await killAndOpen(storage);
      await check(killed);
      await killed.close();
      await check(await fixture.open());
    });

    test("[ST8] queries filter, page by number and give the newest first", async () => {
      const storage = await fixture.open();
      const all = Array.from({ length: 40 }, (_, index) =>
        sampleArchived(index + 1, { startedWallMs: startWallMs + index * 5 * dayMs }),
      );
      await storage.commit(all.slice(0, 25).flatMap(archiveWrites));
      await storage.close();
      const again = await fixture.open();
      await again.commit(all.slice(25).flatMap(archiveWrites));
      const numbers = async (query: Partial<ArchiveQuery>): Promise<readonly number[]> =>
        (await again.archivedIncidents({ ...always, ...query })).map(({ incident }) => incident.number);
      const down = (from: number, to: number): readonly number[] =>
        Array.from({ length: from - to + 1 }, (_, index) => from - index);
      expect(await numbers({})).toEqual(down(40, 1));
      expect(await numbers({ limit: 10 })).toEqual(down(40, 31));
      expect(await numbers({ limit: 10, beforeNumber: 31 })).toEqual(down(30, 21));
      expect(await numbers({ serverId: "s3" })).toEqual([3]);
      expect(await numbers({ siteId: "site3" })).toEqual([38, 31, 24, 17, 10, 3]);
      expect(await numbers({ kind: "agent_down" })).toEqual([]);
      expect(
        await numbers({ fromWallMs: startWallMs + 5 * dayMs, toWallMs: startWallMs + 10 * dayMs }),
      ).toEqual([2]);
      // It began before the window and ended inside: it overlaps.
      expect(await numbers({ fromWallMs: startWallMs + 60_000, toWallMs: startWallMs + 120_000 })).toEqual([
        1,
      ]);
      expect(await numbers({ toWallMs: startWallMs })).toEqual([]);
    });

    test("[ST8] an incident archived twice is found once, as it was archived last", async () => {
      let storage = await fixture.open();
      await storage.commit(archiveWrites(sampleArchived(1)));
      await storage.close();
      storage = await fixture.open();
      const changed = sampleArchived(1, { acknowledgedBy: "Budi" });
      await storage.commit(archiveWrites(changed));
      expect(await storage.archivedIncidents(always)).toEqual([changed]);
      await storage.close();
      storage = await fixture.open();
      expect(await storage.archivedIncidents(always)).toEqual([changed]);
      expect(await storage.archivedIncident("i1")).toEqual(changed);
    });

    test("[ST8] a corrected incident replaces the earlier one in every answer, filed or not, over a kill, and by what it says now", async () => {
      const before = sampleArchived(1);
      const corrected = sampleArchived(1, {
        kind: "agent_down",
        finalCause: "agent_stopped",
        siteId: "site9",
        endedWallMs: startWallMs + 3_600_000,
        minutes: { server: 0, link: 60, planned: 0, collector: 0 },
      });
      const corrections: Write[] = [{ table: "archive", key: "i1", value: corrected }];
      const check = async (storage: Storage): Promise<void> => {
        const by = async (query: Partial<ArchiveQuery>): Promise<readonly unknown[]> =>
          storage.archivedIncidents({ ...always, ...query });
        expect(await storage.archivedIncident("i1")).toEqual(corrected);
        expect((await by({})).map((found) => (found as typeof corrected).incident.id)).toEqual(["i2", "i1"]);
        expect(await by({ kind: "agent_down" })).toEqual([corrected]);
        expect(await by({ siteId: "site9" })).toEqual([corrected]);
        expect(await by({ siteId: "site1", kind: "host_down" })).toEqual([]);
        // It now lasts an hour; before, it was over after 7 minutes.
        expect(await by({ fromWallMs: startWallMs + 1_800_000 })).toEqual([corrected]);
      };
      for (const filed of [false, true]) {
        await fixture.discard();
        fixture = await openFresh();
        let storage = await fixture.open();
        await storage.commit([
          ...archiveWrites(before),
          ...archiveWrites(sampleArchived(2, { endedWallMs: startWallMs })),
        ]);
        if (filed) {
          await storage.close();
          storage = await fixture.open();
          // Its facts are known and its file is in memory.
          expect(await storage.archivedIncident("i1")).toEqual(before);
        }
        await storage.commit(corrections);
        await check(storage);
        storage = await killAndOpen(storage);
        await check(storage);
        await storage.close();
        for (const _life of [1, 2]) {
          storage = await fixture.open();
          await check(storage);
          await storage.close();
        }
      }
    });

    test("[ST8] a query with a limit outside 1 to 1,000 is refused", async () => {
      const storage = await fixture.open();
      for (const limit of [0, 1_001, 1.5]) {
        await expect(storage.archivedIncidents({ ...always, limit })).rejects.toThrow("limit is 1 to 1000");
      }
    });

    test("[ST9] a second collector is refused while the first lives, and not after it died or closed", async () => {
      const first = await fixture.open();
      await expect(fixture.open()).rejects.toThrow(StoreInUse);
      await first.commit([shelf("a", 1)]);
      const second = await killAndOpen(first);
      expect((await second.load()).shelf.get("a")).toBe(1);
      await expect(fixture.open()).rejects.toThrow(StoreInUse);
      await second.close();
      await (await fixture.open()).close();
    });

    test("[ST10] a newer version is refused untouched, an older one migrates", async () => {
      const renamed: Schema = {
        version: currentSchema.version + 2,
        migrations: [
          ...currentSchema.migrations,
          {
            fromVersion: currentSchema.version,
            migrate: ({ tables }) => ({
              tables: {
                ...tables,
                shelf: (tables["shelf"] ?? []).map(([key, value]) => [`room/${key}`, value]),
              },
            }),
          },
          {
            fromVersion: currentSchema.version + 1,
            migrate: ({ tables }) => ({
              tables: { ...tables, shelf: (tables["shelf"] ?? []).map(([key, value]) => [key, [value]]) },
            }),
          },
        ],
      };
      let storage = await fixture.open();
      await storage.commit([shelf("a", 1)]);
      await storage.close();
      storage = await fixture.open(renamed);
      expect([...(await storage.load()).shelf]).toEqual([["room/a", [1]]]);
      await storage.commit([shelf("room/b", 2)]);
      await storage.close();
      await expect(fixture.open()).rejects.toThrow(StoreTooNew);
      storage = await fixture.open(renamed);
      expect([...(await storage.load()).shelf]).toEqual([
        ["room/a", [1]],
        ["room/b", 2],
      ]);
    });

    test("[ST12] close waits for everything asked before, may be called again, and ends the store", async () => {
      const storage = await fixture.open();
      const commits = Array.from({ length: 20 }, (_, index) => storage.commit([shelf(`k${index}`, index)]));
      storage.later([{ table: "heard", key: "s1", value: heard("s1", 9) }]);
      await Promise.all([storage.close(), storage.close()]);
      await Promise.all(commits);
      await expect(storage.commit([shelf("late", 1)])).rejects.toThrow(StoreError);
      await expect(storage.load()).rejects.toThrow(StoreError);
      await expect(storage.archivedIncidents(always)).rejects.toThrow(StoreError);
      await expect(storage.archivedIncident("i1")).rejects.toThrow(StoreError);
      expect(() => storage.later([])).toThrow(StoreError);
      const snapshot = await (await fixture.open()).load();
      expect(snapshot.shelf.size).toBe(20);
      expect(snapshot.heard.get("s1")).toEqual(heard("s1", 9));
    });

    test("[ST1] [ST3] [ST6] [ST7] [ST8] random histories end as a plain map says", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
          await fixture.discard();
          fixture = await openFresh();
          await runHistory(fixture, steps);
        }),
        { numRuns: 60 },
      );
    }, 120_000);
  });
}
