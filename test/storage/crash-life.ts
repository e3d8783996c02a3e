/**
 * A short life of a store: every kind of write, with the state after each commit. Shared by the process that lives it and
 * the test that judges what was left.
 */
import type { Write } from "../../collector/core/types/tables.ts";
import { archiveWrites, sampleArchived, sampleServer } from "./samples.ts";

export interface LifeCommit {
  readonly writes: readonly Write[];
  /** Wait for this file of the store before the next commit; null: do not. */
  readonly awaitFile: string | null;
}

const archived = (number: number): readonly Write[] => archiveWrites(sampleArchived(number));
const counter = (value: number): Write => ({ table: "shelf", key: "counter", value });
const incident = (number: number): Write => ({
  table: "incident",
  key: `i${number}`,
  value: sampleArchived(number).incident,
});

export const lifeCommits: readonly LifeCommit[] = [
  { writes: [counter(1), { table: "server", key: "s1", value: sampleServer(1) }], awaitFile: null },
  { writes: [counter(2), incident(1), incident(2)], awaitFile: null },
  { writes: [counter(3), ...archived(1)], awaitFile: "archive/index-2026-01.json" },
  { writes: [counter(4), ...archived(2)], awaitFile: "archive/incidents-2026-01.json.previous" },
  { writes: [counter(5), { table: "server", key: "s1", value: null }], awaitFile: null },
];

/** What is kept after the first `count` commits, in a form that compares. */
export function lifeStateAfter(count: number): {
  readonly living: readonly string[];
  readonly archived: readonly number[];
} {
  const living = new Map<string, unknown>();
  const numbers: number[] = [];
  for (const { table, key, value } of lifeCommits.slice(0, count).flatMap(({ writes }) => writes)) {
    if (table === "archive" && value !== null) numbers.unshift(value.incident.number);
    else if (value === null) living.delete(`${table} ${key}`);
    else living.set(`${table} ${key}`, value);
  }
  return {
    living: [...living].map(([name, value]) => `${name} ${JSON.stringify(value)}`).sort(),
    archived: numbers,
  };
}
