/**
 * Which servers a tick must look at: buckets of equal width on the core's line of time.
 * Why: one tick looks at what is due, not at every server; deadlines stay data and no timer is needed.
 * Must not: decide anything, or lose a key: what was not moved on stays due.
 */

const nobody: readonly string[] = [];
/** A minute of ticks at the usual rhythm. */
const LOOK_AHEAD_SLOTS = 64;

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
  due(nowMs: number): readonly string[] {
    // Runs each tick, and most ticks nobody is due: the same empty list each time.
    if (nowMs < this.#first * this.#widthMs) return nobody;
    const now = Math.floor(nowMs / this.#widthMs);
    const found: string[] = [];
    const take = (slot: number): void => {
      const keys = this.#keysOf.get(slot);
      if (keys) for (const key of keys) found.push(key);
    };
    if (now - this.#first > this.#keysOf.size) {
      // A long leap: visiting the buckets that exist is cheaper than each slot in between.
      const slots = [...this.#keysOf.keys()].filter((slot) => slot <= now).sort((a, b) => a - b);
      for (const slot of slots) take(slot);
    } else {
      for (let slot = this.#first; slot <= now; slot += 1) take(slot);
    }
    return found.length === 0 ? nobody : found;
  }

  /** Forgets empty slots before `nowMs` and a little after it, so that `due` starts where the work is. */
  advance(nowMs: number): void {
    const now = Math.floor(nowMs / this.#widthMs);
    if (this.#keysOf.size === 0) {
      this.#first = Number.POSITIVE_INFINITY;
    } else if (now - this.#first > this.#keysOf.size) {
      this.#first = Number.POSITIVE_INFINITY;
      for (const slot of this.#keysOf.keys()) this.#first = Math.min(this.#first, slot);
    } else {
      // On to where the next work is, a bounded way: ticks until then cost one comparison.
      const end = now + LOOK_AHEAD_SLOTS;
      while (this.#first < end && !this.#keysOf.has(this.#first)) this.#first += 1;
    }
  }
}
