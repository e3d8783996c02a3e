/**
 * Cuts long work into short turns of the event loop.
 * Why: heartbeats are read by the same thread; encoding five thousand records at once would hold them up.
 * Must not: measure time; what is cut is counted in characters, so that every run is cut alike.
 */
import { setImmediate } from "node:timers/promises";

/** 128 Ki characters take some 1 to 3 ms to encode on a slow core: far below the 20 ms of budgets.md. */
const charCountPerTurnMax = 131_072;

/** Call `spend` after each piece of work; it waits one turn of the event loop whenever a turn's share is used up. */
export interface Slicer {
  spend(charCount: number): Promise<void> | undefined;
}

export function createSlicer(): Slicer {
  let spent = 0;
  return {
    spend(charCount) {
      spent += charCount;
      if (spent < charCountPerTurnMax) return undefined;
      spent = 0;
      return setImmediate();
    },
  };
}
