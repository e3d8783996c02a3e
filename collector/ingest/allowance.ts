/**
 * How many messages one session may send within one heartbeat interval.
 * Why a window and not a bucket: two numbers per session and no arithmetic of fractions; across the edge of two windows
 * a peer may send twice as many, which is still nothing for the collector.
 * Must not: read a clock; the time is an argument.
 */

/** The window a session is in. Changed only by `takeOne` and `giveBackOne`. */
export interface Allowance {
  windowStartMs: number;
  taken: number;
}

/** A fresh window that starts at monotonic `nowMs`. */
export function createAllowance(nowMs: number): Allowance {
  return { windowStartMs: nowMs, taken: 0 };
}

/** Takes one message of at most `max` in `windowMs`; false: it is one too many. */
export function takeOne(allowance: Allowance, nowMs: number, windowMs: number, max: number): boolean {
  if (nowMs - allowance.windowStartMs >= windowMs) {
    allowance.windowStartMs = nowMs;
    allowance.taken = 0;
  }
  allowance.taken += 1;
  return allowance.taken <= max;
}

/** The message taken last does not count: it is an answer that was asked for, so its number is ours. */
export function giveBackOne(allowance: Allowance): void {
  allowance.taken = Math.max(0, allowance.taken - 1);
}
