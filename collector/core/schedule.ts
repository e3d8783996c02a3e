/**
 * Which servers a tick must look at: buckets of equal width on the core's line of time.
 * Why: one tick looks at what is due, not at every server; deadlines stay data and no timer is needed.
 * Must not: decide anything, or lose a key: what was not moved on stays due.
 */

export class Schedule {
  readonly #widthMs: number;
  readonly #slotOf = new Map<string, number>();
  readonly #keysOf = new Map<number, Set<string>>();
  /** No bucket before this slot holds a key. */
  #first = Number.POSITIVE_INFINITY;

  constructor(widthMs: number) {
    this.#widthMs = Math.max(1, widthMs);
  }

  /** Puts or moves a key; `null` removes it. */
  set(key: string, atMs: number | null): void {
    const before = this.#slotOf.get(key);
    const slot = atMs === null ? undefined : Math.floor(atMs / this.#widthMs);
    if (before === slot) return;
    if (before !== undefined) {
      const keys = this.#keysOf.get(before);
      keys?.delete(key);
      if (keys?.size === 0) this.#keysOf.delete(before);
    }
    if (slot === undefined) {
      this.#slotOf.delete(key);
      return;
    }
    this.#slotOf.set(key, slot);
    let keys = this.#keysOf.get(slot);
    if (!keys) this.#keysOf.set(slot, (keys = new Set()));
    keys.add(key);
    if (slot < this.#first) this.#first = slot;
  }

  has(key: string): boolean {
    return this.#slotOf.has(key);
  }

  /** All keys whose moment has come, earliest bucket first, in the order they were put there. */
  due(nowMs: number): string[] {
    const now = Math.floor(nowMs / this.#widthMs);
    if (now < this.#first) return [];
    const slots: number[] = [];
    if (now - this.#first > this.#keysOf.size) {
      // A long leap: visiting the buckets that exist is cheaper than each slot in between.
      for (const slot of this.#keysOf.keys()) if (slot <= now) slots.push(slot);
      slots.sort((a, b) => a - b);
    } else {
      for (let slot = this.#first; slot <= now; slot += 1) if (this.#keysOf.has(slot)) slots.push(slot);
    }
    return slots.flatMap((slot) => [...(this.#keysOf.get(slot) ?? [])]);
  }

  /** Forgets empty slots before `nowMs`, so that `due` starts where the work is. */
  advance(nowMs: number): void {
    const now = Math.floor(nowMs / this.#widthMs);
    if (this.#keysOf.size === 0) {
      this.#first = Number.POSITIVE_INFINITY;
    } else if (now - this.#first > this.#keysOf.size) {
      this.#first = Number.POSITIVE_INFINITY;
      for (const slot of this.#keysOf.keys()) this.#first = Math.min(this.#first, slot);
    } else {
      while (this.#first < now && !this.#keysOf.has(this.#first)) this.#first += 1;
    }
  }
}
