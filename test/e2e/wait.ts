/**
 * Waits for conditions, never for time.
 */
import { setTimeout as delay } from "node:timers/promises";

/**
 * Asks `look` until it answers something other than null, undefined or false; then resolves with it. Rejects at
 * `limitMs`, saying what was waited for and what `look` said (or threw) last.
 */
export async function until<T>(
  what: string,
  limitMs: number,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  everyMs = 100,
): Promise<T> {
  const deadlineMs = performance.now() + limitMs;
  let problem = "";
  for (;;) {
    try {
      const found = await look();
      if (found !== null && found !== undefined && found !== false) return found;
      problem = "";
    } catch (error) {
      problem = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (performance.now() > deadlineMs) throw new Error(`within ${limitMs} ms not seen: ${what}${problem}`);
    await delay(everyMs);
  }
}
