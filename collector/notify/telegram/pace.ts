/**
 * A bot's pace: so many requests in any second, whoever makes them.
 * Why at the edge: Telegram counts all that a bot says, answers to presses too, and beyond it answers 429 to every chat. A chat's own
 * pace is the outbox's.
 * Must not: drop a request, let one overtake another, or hold one back longer than that takes.
 */
import type { After } from "../after.ts";

/** Telegram takes about so many of one bot. */
export const REQUESTS_PER_SECOND = 30;
const SECOND_MS = 1_000;

export interface Pace {
  /** Resolves when it is this request's turn; rejects with the signal's reason when that comes first. */
  turn(signal: AbortSignal): Promise<void>;
}

interface Waiting {
  readonly signal: AbortSignal;
  readonly resolve: () => void;
  readonly giveUp: () => void;
}

export function createPace(after: After, perSecond = REQUESTS_PER_SECOND): Pace {
  const waiting: Waiting[] = [];
  let taken = 0;

  /** A turn keeps its place for a second, then it is the next one's. */
  function begin(): void {
    taken += 1;
    after(SECOND_MS, () => {
      taken -= 1;
      const next = waiting.shift();
      if (!next) return;
      next.signal.removeEventListener("abort", next.giveUp);
      begin();
      next.resolve();
    });
  }

  return {
    turn(signal) {
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      if (taken < perSecond) {
        begin();
        return Promise.resolve();
      }
      return new Promise<void>((resolve, reject) => {
        const one: Waiting = {
          signal,
          resolve,
          giveUp() {
            waiting.splice(waiting.indexOf(one), 1);
            reject(signal.reason as Error);
          },
        };
        waiting.push(one);
        signal.addEventListener("abort", one.giveUp, { once: true });
      });
    },
  };
}
