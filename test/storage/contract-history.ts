/**
 * Random histories of a store, and a model of plain maps that says how each must end.
 */
import fc from "fast-check";
import { expect } from "vitest";
import type { ShelfValue, TableName, Write } from "../../collector/core/types/tables.ts";
import { tableNames, volatileTableNames } from "../../collector/storage/codec.ts";
import {
  type ArchiveQuery,
  type Snapshot,
  type Storage,
  StoreFailure,
} from "../../collector/storage/storage.ts";
import type { StoreFixture } from "./contract.ts";
import { dayMs, sampleArchived, startWallMs } from "./samples.ts";

const always: ArchiveQuery = { fromWallMs: 0, toWallMs: Number.MAX_SAFE_INTEGER, limit: 1_000 };

export type Step =
  | { readonly type: "commits"; readonly commits: readonly (readonly Write[])[] }
  | { readonly type: "failed"; readonly writes: readonly Write[] }
  | { readonly type: "later"; readonly writes: readonly Write[] }
  | { readonly type: "reopen" | "kill" };

const key = fc.constantFrom("a", "b", "10", "9", "__proto__");
/** As JSON knows it: no negative zero. Null as a whole means removal. */
const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as ShelfValue);
const archivedWrite = fc
  .record({ number: fc.integer({ min: 1, max: 6 }), days: fc.integer({ min: 0, max: 2 }), by: fc.string() })
  .map(({ number, days, by }): Write => ({
    table: "archive",
    key: `i${number}`,
    value: sampleArchived(number, { startedWallMs: startWallMs + days * 20 * dayMs, acknowledgedBy: by }),
  }));
const durableWrite: fc.Arbitrary<Write> = fc.oneof(
  // The store carries any JSON under any table; one strange value is as good as a typed one.
  fc
    .tuple(fc.constantFrom<TableName>("shelf", "server", "detector", "meta"), key, json)
    .map(([table, name, value]) => ({ table, key: name, value }) as Write),
  archivedWrite,
  fc
    .integer({ min: 1, max: 6 })
    .map((number): Write => ({ table: "archive", key: `i${number}`, value: null })),
);
const volatileWrite = fc
  .tuple(fc.constantFrom(...volatileTableNames), key, json)
  .map(([table, name, value]) => ({ table, key: name, value }) as Write);
const writes = (write: fc.Arbitrary<Write>): fc.Arbitrary<Write[]> => fc.array(write, { maxLength: 6 });
export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("commits" as const),
      commits: fc.array(writes(durableWrite), { maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("failed" as const), writes: writes(durableWrite) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("later" as const), writes: writes(volatileWrite) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom("reopen" as const, "kill" as const) }) },
);

/** The model: plain maps, and for volatile records every value they ever had. */
export async function runHistory(fixture: StoreFixture, steps: readonly Step[]): Promise<void> {
  const durable = new Map<string, Write>();
  const volatile = new Map<string, Write>();
  const everHad = new Map<string, Set<string>>();
  const nameOf = ({ table, key: recordKey }: Write): string => `${table} ${recordKey}`;
  let storage = await fixture.open();
  for (const current of steps) {
    switch (current.type) {
      case "commits":
        await Promise.all(current.commits.map((commit) => storage.commit(commit)));
        for (const write of current.commits.flat()) durable.set(nameOf(write), write);
        break;
      case "failed":
        if (current.writes.length === 0) break;
        fixture.failNextCommit();
        await expect(storage.commit(current.writes)).rejects.toThrow(StoreFailure);
        break;
      case "later":
        storage.later(current.writes);
        for (const write of current.writes) {
          volatile.set(nameOf(write), write);
          const had = everHad.get(nameOf(write)) ?? new Set([JSON.stringify(null)]);
          everHad.set(nameOf(write), had.add(JSON.stringify(write.value)));
        }
        break;
      case "reopen":
        await storage.close();
        storage = await fixture.open();
        break;
      case "kill":
        await fixture.kill(storage);
        storage = await fixture.open();
        adoptVolatile(await storage.load(), volatile, everHad);
        break;
    }
    await compare(storage, durable, volatile);
  }
}

/** After a kill each volatile record may be as it ever was; from then on exactly what was found counts. */
function adoptVolatile(
  snapshot: Snapshot,
  volatile: Map<string, Write>,
  everHad: ReadonlyMap<string, ReadonlySet<string>>,
): void {
  for (const [name, write] of volatile) {
    const found = snapshot[write.table].get(write.key) ?? null;
    expect([...(everHad.get(name) ?? [])]).toContain(JSON.stringify(found));
    volatile.set(name, { ...write, value: found } as Write);
  }
}

async function compare(
  storage: Storage,
  durable: ReadonlyMap<string, Write>,
  volatile: ReadonlyMap<string, Write>,
): Promise<void> {
  const snapshot = await storage.load();
  const expected = new Map<TableName, Map<string, unknown>>(
    tableNames.map((table) => [table, new Map<string, unknown>()]),
  );
  const archived: Write[] = [];
  for (const write of [...durable.values(), ...volatile.values()]) {
    if (write.value === null) continue;
    if (write.table === "archive") archived.push(write);
    else expected.get(write.table)?.set(write.key, write.value);
  }
  for (const table of tableNames) expect(snapshot[table]).toEqual(expected.get(table));
  const newestFirst = archived
    .map((write) => write.value)
    .sort((left, right) => numberOf(right) - numberOf(left));
  expect(await storage.archivedIncidents(always)).toEqual(newestFirst);
}

const numberOf = (value: Write["value"]): number =>
  (value as { readonly incident: { readonly number: number } }).incident.number;
