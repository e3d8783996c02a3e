/**
 * Volatile writes on their way to latest.json: the last value of each record, until the next flush.
 * Why: five thousand heartbeats between two flushes are encoded and written once, not five thousand times.
 * Must not: fail whoever writes; a heartbeat never waits for a disk.
 */
import type { Low } from "lowdb";
import type { Write } from "../core/types/tables.ts";
import { encodeRecord, volatileTableNames } from "./codec.ts";
import { createSlicer } from "./slice.ts";
import type { TableDocument } from "./table-document.ts";

export interface VolatileBuffer {
  put(writes: readonly Write[]): void;
  /** Writes what waits into the file. Rejects with the file's error; nothing is lost then, flush again. */
  flush(): Promise<void>;
  /** What waits and is not in the document yet; null: removed. */
  entries(): Iterable<readonly [table: string, key: string, value: unknown]>;
}

export function createVolatileBuffer(
  low: Low<TableDocument>,
  onNotice: (notice: string) => void,
): VolatileBuffer {
  const waiting = new Map<string, Map<string, unknown>>();
  for (const table of volatileTableNames) waiting.set(table, new Map());
  /** The document holds more than its file. */
  let stale = false;

  /** A value that can't be stored is a bug, but not one that may stop the collector: it is left out. */
  function encode(table: string, key: string, value: unknown): string | null {
    if (value === null) return null;
    try {
      return encodeRecord(value);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      onNotice(`A record of ${table} (${key}) was left out: ${reason}`);
      return null;
    }
  }

  return {
    put(writes) {
      for (const { table, key, value } of writes) {
        const values = waiting.get(table);
        if (values === undefined) throw new Error(`assertion failed: ${table} is not a volatile table`);
        values.set(key, value);
      }
    },
    async flush() {
      const slicer = createSlicer();
      for (const [table, values] of waiting) {
        for (const key of [...values.keys()]) {
          // Read here and not before the last wait: it may have been written again meanwhile.
          const text = encode(table, key, values.get(key));
          values.delete(key);
          low.data.put(table, key, text);
          stale = true;
          await slicer.spend(text?.length ?? 0);
        }
      }
      if (!stale) return;
      await low.write();
      stale = false;
    },
    *entries() {
      for (const [table, values] of waiting) {
        for (const [key, value] of values) yield [table, key, value] as const;
      }
    },
  };
}
