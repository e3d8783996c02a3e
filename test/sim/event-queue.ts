/**
 * What will happen when: a binary heap over typed arrays, ordered by time and then by the order of scheduling.
 * Why not objects: a simulated heartbeat is three entries; they must cost nanoseconds and no garbage.
 * Must not: know what an entry means.
 */

const GROWTH = 2;

export class EventQueue {
  /** The entry that `next` took out. */
  atMs = 0;
  kind = 0;
  value = 0;
  subject: unknown = null;
  payload: unknown = null;

  #heap = new Int32Array(1_024);
  #size = 0;
  #times = new Float64Array(1_024);
  #orders = new Float64Array(1_024);
  #kinds = new Uint8Array(1_024);
  #values = new Float64Array(1_024);
  #subjects: unknown[] = new Array<unknown>(1_024).fill(null);
  #payloads: unknown[] = new Array<unknown>(1_024).fill(null);
  #free: number[] = Array.from({ length: 1_024 }, (_, index) => 1_023 - index);
  #order = 0;

  get size(): number {
    return this.#size;
  }

  /** Schedules an entry. Equal times come out in the order they were put in. */
  put(atMs: number, kind: number, subject: unknown, value: number, payload: unknown): void {
    if (this.#free.length === 0) this.#grow();
    const slot = this.#free.pop() as number;
    this.#order += 1;
    this.#times[slot] = atMs;
    this.#orders[slot] = this.#order;
    this.#kinds[slot] = kind;
    this.#values[slot] = value;
    this.#subjects[slot] = subject;
    this.#payloads[slot] = payload;
    const heap = this.#heap;
    const times = this.#times;
    let at = this.#size;
    this.#size += 1;
    // The newest entry goes after all of its time, so only an earlier time moves up.
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as number;
      if ((times[above] as number) <= atMs) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = slot;
  }

  /** When the next entry is due; infinity when there is none. */
  get nextMs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[this.#heap[0] as number] as number);
  }

  /** Takes the next entry out into the fields above. False: there is none. */
  next(): boolean {
    if (this.#size === 0) return false;
    const heap = this.#heap;
    const slot = heap[0] as number;
    this.atMs = this.#times[slot] as number;
    this.kind = this.#kinds[slot] as number;
    this.value = this.#values[slot] as number;
    this.subject = this.#subjects[slot];
    this.payload = this.#payloads[slot];
    this.#subjects[slot] = null;
    this.#payloads[slot] = null;
    this.#free.push(slot);
    this.#size -= 1;
    if (this.#size > 0) this.#sinkFromTop(heap[this.#size] as number);
    return true;
  }

  #sinkFromTop(slot: number): void {
    const heap = this.#heap;
    const size = this.#size;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#before(heap[child + 1] as number, heap[child] as number)) child += 1;
      const below = heap[child] as number;
      if (!this.#before(below, slot)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = slot;
  }

  #before(a: number, b: number): boolean {
    const timeA = this.#times[a] as number;
    const timeB = this.#times[b] as number;
    return timeA < timeB || (timeA === timeB && (this.#orders[a] as number) < (this.#orders[b] as number));
  }

  #grow(): void {
    const before = this.#heap.length;
    const after = before * GROWTH;
    const wider = <T extends Int32Array | Float64Array | Uint8Array>(old: T, made: T): T => {
      made.set(old);
      return made;
    };
    this.#heap = wider(this.#heap, new Int32Array(after));
    this.#times = wider(this.#times, new Float64Array(after));
    this.#orders = wider(this.#orders, new Float64Array(after));
    this.#kinds = wider(this.#kinds, new Uint8Array(after));
    this.#values = wider(this.#values, new Float64Array(after));
    for (let slot = after - 1; slot >= before; slot -= 1) {
      this.#free.push(slot);
      this.#subjects[slot] = null;
      this.#payloads[slot] = null;
    }
  }
}
