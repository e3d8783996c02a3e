/**
 * Volatile facts on their way to the store: what was handed over, and what of it reached the disk by the last flush.
 * Why before the store and not in it: a flush each 5 s would check every heartbeat's record twice. Here each fact keeps
 * its newest value and the one that the last flush took, so that a flush is one number, and only what a crash leaves
 * behind goes through the store and its codec.
 * Must not: keep a durable table's record.
 */
import type { TableName, Write } from "../../collector/core/types/tables.ts";
import type { MemoryStorage } from "../../collector/storage/memory.ts";

interface Fact {
  newest: Write;
  /** The flush that will take `newest`. */
  flush: number;
  /** What the flush before took; null: nothing. */
  flushed: Write | null;
}

export class VolatileFacts {
  readonly #tables = new Map<TableName, Map<string, Fact>>();
  #flush = 1;

  put(write: Write): void {
    let table = this.#tables.get(write.table);
    if (!table) this.#tables.set(write.table, (table = new Map<string, Fact>()));
    const fact = table.get(write.key);
    if (!fact) {
      table.set(write.key, { newest: write, flush: this.#flush, flushed: null });
      return;
    }
    if (fact.flush !== this.#flush) {
      fact.flushed = fact.newest;
      fact.flush = this.#flush;
    }
    fact.newest = write;
  }

  /** What waits reaches the disk. */
  flush(): void {
    this.#flush += 1;
  }

  /** The process ends: what was flushed is in the store, the rest is lost. */
  crash(storage: MemoryStorage): void {
    for (const facts of this.#tables.values()) {
      const writes: Write[] = [];
      for (const fact of facts.values()) {
        const write = fact.flush === this.#flush ? fact.flushed : fact.newest;
        if (write !== null) writes.push(write);
      }
      storage.later(writes);
    }
    storage.flushNow();
    this.#tables.clear();
  }
}
