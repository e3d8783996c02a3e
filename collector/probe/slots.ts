/**
 * A fixed number of slots, given out in the order they were asked for.
 * Why: processes, sockets and name lookups are each limited, and a burst of 5,000 probes must wait its turn.
 * Must not: know what the slots are for.
 */
export interface Slots {
  /**
   * Resolves with the way to give the slot back (call it once), or with null when `signal` aborted before the turn
   * came or the queue is full.
   */
  take(signal: AbortSignal): Promise<(() => void) | null>;
  readonly taken: number;
}

/** `waitingMax`: who comes when so many wait is turned away at once. */
export function createSlots(count: number, waitingMax: number): Slots {
  let taken = 0;
  let granting = false;
  // A Set keeps the order and lets anyone leave from the middle at once.
  const waiting = new Set<() => void>();

  const release = (): (() => void) => {
    let returned = false;
    return () => {
      if (returned) return;
      returned = true;
      taken -= 1;
      grant();
    };
  };
  // One start per turn of the event loop: starting a process blocks it for milliseconds, and heartbeats must be
  // read in between.
  const grant = (): void => {
    if (granting || taken >= count || waiting.size === 0) return;
    granting = true;
    setImmediate(() => {
      granting = false;
      const [next] = waiting;
      if (next !== undefined && taken < count) {
        waiting.delete(next);
        next();
      }
      grant();
    });
  };

  return {
    get taken() {
      return taken;
    },
    take(signal) {
      if (signal.aborted || waiting.size >= waitingMax) return Promise.resolve(null);
      return new Promise((resolve) => {
        const leave = (): void => {
          waiting.delete(turn);
          resolve(null);
        };
        const turn = (): void => {
          signal.removeEventListener("abort", leave);
          taken += 1;
          resolve(release());
        };
        signal.addEventListener("abort", leave, { once: true });
        waiting.add(turn);
        grant();
      });
    },
  };
}
