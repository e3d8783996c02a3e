/**
 * Full-jitter exponential back-off.
 * Why full jitter: after a collector restart thousands of agents redial; spread evenly they are all back within the cap.
 * Must not: hold state or draw its own randomness.
 */

/**
 * How long to wait before attempt `attempt` (1 = the first retry), ms: a uniform draw from [0, ceiling], where the
 * ceiling starts at `baseMs`, doubles each attempt and stops at `capMs`. `random` is a draw from [0, 1).
 */
export function fullJitterMs(attempt: number, baseMs: number, capMs: number, random: number): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(30, Math.max(0, attempt - 1)));
  return Math.round(ceiling * random);
}
