/**
 * How long people write that something shall be quiet: `30m`, `2h`, `1 hari`.
 * Pure. Must not: guess; what it does not understand is null.
 */

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
/** A mute that is longer would be forgotten; a window in the panel can be. */
const LONGEST_MS = 7 * DAY_MS;

const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^(?:m|min|mnt|menit|minutes?)$/i, MINUTE_MS],
  [/^(?:h|j|jam|hours?)$/i, 60 * MINUTE_MS],
  // Not `hr`: a day to some, an hour to others.
  [/^(?:d|hari|days?)$/i, DAY_MS],
];

/** ms; null: it says no duration, or one over seven days. */
export function durationIn(text: string): number | null {
  const [, count, unit] = /^(\d{1,4})\s*([a-z]{1,7})$/i.exec(text.trim()) ?? [];
  if (count === undefined || unit === undefined) return null;
  const ms = UNITS.find(([pattern]) => pattern.test(unit))?.[1];
  if (ms === undefined) return null;
  const total = Number(count) * ms;
  return total > 0 && total <= LONGEST_MS ? total : null;
}

/** A command's words with a duration at their end taken apart: `srv kasir 2 jam` → `srv kasir` and two hours. */
export function withDuration(argument: string): {
  readonly subject: string;
  readonly durationMs: number | null;
} {
  const words = argument.trim().split(/\s+/);
  for (const taken of [2, 1]) {
    if (words.length < taken) continue;
    const durationMs = durationIn(words.slice(-taken).join(" "));
    if (durationMs !== null) return { subject: words.slice(0, -taken).join(" "), durationMs };
  }
  return { subject: argument.trim(), durationMs: null };
}
