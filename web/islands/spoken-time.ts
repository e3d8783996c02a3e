/**
 * Durations and relative times in words, by the language rules that Node and browsers carry.
 * Why here: the server renders them first and the page keeps them fresh; both must say the same.
 * Must not: read a clock, or touch the page.
 */

const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

const unitFormats = new Map<string, Intl.NumberFormat>();
function inUnit(language: string, unit: string, count: number): string {
  const key = `${language} ${unit}`;
  let format = unitFormats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" });
    unitFormats.set(key, format);
  }
  return format.format(count);
}

/** "12 menit", "1 jam 5 menit": at most two units, rounded down; less than a second is 0 seconds. */
export function spokenDuration(language: string, durationMs: number): string {
  const rest = Math.max(0, durationMs);
  const first = units.findIndex(([, size]) => rest >= size);
  if (first === -1) return inUnit(language, "second", 0);
  const [unit = "second", size = 1_000] = units[first] ?? [];
  const words = [inUnit(language, unit, Math.floor(rest / size))];
  const [smaller, smallerSize = 1_000] = units[first + 1] ?? [];
  const remainder = Math.floor((rest % size) / smallerSize);
  // Seconds beside minutes would only flicker.
  if (smaller && smaller !== "second" && remainder > 0) words.push(inUnit(language, smaller, remainder));
  return words.join(" ");
}

const relativeFormats = new Map<string, Intl.RelativeTimeFormat>();
function relativeFormat(language: string, numeric: "auto" | "always"): Intl.RelativeTimeFormat {
  const key = `${language} ${numeric}`;
  let format = relativeFormats.get(key);
  if (!format) {
    format = new Intl.RelativeTimeFormat(language, { numeric });
    relativeFormats.set(key, format);
  }
  return format;
}

/** "12 menit yang lalu", "in 2 hours"; within the same second it is "now". */
export function spokenMoment(language: string, atMs: number, nowMs: number): string {
  const difference = atMs - nowMs;
  const found = units.find(([, size]) => Math.abs(difference) >= size);
  if (!found) return relativeFormat(language, "auto").format(0, "second");
  const [unit, size] = found;
  // Not `auto`: it calls 25 hours "yesterday".
  return relativeFormat(language, "always").format(Math.trunc(difference / size), unit);
}
