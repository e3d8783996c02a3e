/**
 * Volatile facts on their way to the store: what was handed over, and what of it reached the disk by the last flush.
 * Why before the store and not in it: a flush each 5 s would check every heartbeat's record twice; here it moves
 * references, and only what a crash leaves behind goes through the store and its codec.
 * Must not: keep a durable table's record.
 */
import type { TableName, Write } from "../../collector/core/types.ts";
import type { MemoryStorage } from "../../collector/storage/memory.ts";

type Facts = Map<TableName, Map<string, Write>>;

export class VolatileFacts {
  readonly #flushed: Facts = new Map();
  readonly #waiting: Facts = new Map();

  put(write: Write): void {
    let table = this.#waiting.get(write.table);
    if (!table) this.#waiting.set(write.table, (table = new Map<string, Write>()));
    table.set(write.key, write);
  }

  /** What waits reaches the disk. */
  flush(): void {
    for (const [name, writes] of this.#waiting) {
      let table = this.#flushed.get(name);
      if (!table) this.#flushed.set(name, (table = new Map<string, Write>()));
      for (const [key, write] of writes) table.set(key, write);
      writes.clear();
    }
  }

  /** The process ends: what was flushed is in the store, the rest is lost. */
  crash(storage: MemoryStorage): void {
    for (const writes of this.#flushed.values()) storage.later([...writes.values()]);
    storage.flushNow();
    this.#flushed.clear();
    this.#waiting.clear();
  }
}
