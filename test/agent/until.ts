/**
 * Waits until something that others do has come about.
 * Must not: poll; whoever changes something says so.
 */
import { once, type EventEmitter } from "node:events";

export type Found<T> = T | undefined | null | false;

/**
 * Resolves with the first truthy answer; looks again after each `change`. Rejects at `limitMs` with what `said` tells of
 * what was waited for.
 */
export async function until<T>(
  changes: EventEmitter,
  look: () => Found<T>,
  said: () => string,
  limitMs = 10_000,
): Promise<T> {
  const deadline = AbortSignal.timeout(limitMs);
  for (;;) {
    const found = look();
    if (found !== undefined && found !== null && found !== false) return found;
    try {
      await once(changes, "change", { signal: deadline });
    } catch {
      throw new Error(`not within ${limitMs} ms: ${said()}`);
    }
  }
}
