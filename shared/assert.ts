/**
 * Assertions for bugs of our own.
 * Why: a wrong state must stop the process before it tells anybody something untrue.
 * Must not: be used for a peer's mistake or the world's failure; those are values.
 */

/** Throws when `condition` is false: a bug. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** Ends every switch: the compiler refuses a case that was forgotten. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
