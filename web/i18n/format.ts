/**
 * Moments, numbers and sizes as people read them.
 * Must not: read a clock or a time zone of the machine; both are arguments.
 */
import type { Language } from "../source.ts";

const locale = (language: Language) => (language === "en" ? "en-GB" : "id-ID");

const DAY_MS = 86_400_000;

const moments = new Map<string, Intl.DateTimeFormat>();
/** Formats kept: 2 languages × 7 shapes × the zones of the sites; beyond that the oldest is made anew. */
const MOMENT_FORMATS_MAX = 200;

function momentFormat(
  language: Language,
  timeZone: string,
  shape: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const key = `${language} ${timeZone} ${shape}`;
  const known = moments.get(key);
  if (known) return known;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat(locale(language), { ...options, timeZone });
  } catch {
    // A zone this Node does not know: say the moment in UTC rather than not at all.
    format = new Intl.DateTimeFormat(locale(language), { ...options, timeZone: "UTC" });
  }
  for (const oldest of moments.keys()) {
    if (moments.size < MOMENT_FORMATS_MAX) break;
    moments.delete(oldest);
  }
  moments.set(key, format);
  return format;
}

/** "Min, 22 Nov 2026, 20.42.36 WIB" */
export function exactMoment(language: Language, timeZone: string, atMs: number): string {
  return momentFormat(language, timeZone, "exact", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  }).format(atMs);
}

/** "22 Nov 20.42" */
export function shortMoment(language: Language, timeZone: string, atMs: number): string {
  return momentFormat(language, timeZone, "short", {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  }).format(atMs);
}

/** "22 Nov 20.42 WIB" */
export function zonedMoment(language: Language, timeZone: string, atMs: number): string {
  return momentFormat(language, timeZone, "zoned", {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  }).format(atMs);
}

/** "20.42.36" */
export function clockTime(language: Language, timeZone: string, atMs: number): string {
  return momentFormat(language, timeZone, "clock", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).format(atMs);
}

/** "20.42" */
export function hourMinute(language: Language, timeZone: string, atMs: number): string {
  return momentFormat(language, timeZone, "minute", { hour: "2-digit", minute: "2-digit" }).format(atMs);
}

/** "2026-11-22" in the zone: what a date field takes. */
export function dateOf(timeZone: string, atMs: number): string {
  const parts = momentFormat("en", timeZone, "date", { year: "numeric", month: "2-digit", day: "2-digit" })
    .formatToParts(atMs)
    .map(({ type, value }) => [type, value] as const);
  const part = new Map(parts);
  return `${part.get("year") ?? ""}-${part.get("month") ?? ""}-${part.get("day") ?? ""}`;
}

/** Midnight at the begin of `date` ("2026-11-22") in the zone, Unix ms; null when it is no date. */
export function startOfDate(timeZone: string, date: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return null;
  const asUtc = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(asUtc)) return null;
  // Zones lie within a day of UTC: among those quarter hours the first that reads as this date is its midnight.
  for (let atMs = asUtc - 14 * 3_600_000; atMs <= asUtc + 14 * 3_600_000; atMs += 900_000)
    if (dateOf(timeZone, atMs) === date) return atMs;
  return null;
}

/** "2026-11-22T20:42" in the zone: what a field of date and time takes. */
export function localMinute(timeZone: string, atMs: number): string {
  const parts = momentFormat("en", timeZone, "local", {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(atMs);
  const part = (name: string) => parts.find(({ type }) => type === name)?.value ?? "";
  return `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

/**
 * Unix ms of "2026-11-22T20:42" (or with a space) in the zone; null when it is none. What a turned clock skips is the
 * moment it was turned to; of what it repeats, the first.
 */
export function momentOfLocal(timeZone: string, text: string): number | null {
  const [, date, time] = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?$/.exec(text) ?? [];
  if (date === undefined || time === undefined) return null;
  const asUtc = Date.parse(`${date}T${time}Z`);
  // Parsing takes 30 February for March.
  if (Number.isNaN(asUtc) || new Date(asUtc).toISOString().slice(0, 16) !== `${date}T${time}`) return null;
  const offsetAt = (atMs: number) => Date.parse(`${localMinute(timeZone, atMs)}Z`) - atMs;
  // The offsets of the day before and after are all that can hold at this time; the larger gives the earlier moment.
  const offsets = [asUtc - DAY_MS, asUtc + DAY_MS].map(offsetAt);
  const candidates = offsets.map((offset) => asUtc - offset).sort((a, b) => a - b);
  const wanted = `${date}T${time}`;
  return candidates.find((atMs) => localMinute(timeZone, atMs) === wanted) ?? candidates.at(-1) ?? null;
}

/** "22.00", of a minute of the day (0 to 1,439). */
export function timeOfDay(language: Language, minute: number): string {
  return hourMinute(language, "UTC", minute * 60_000);
}

/** "22:00": what a field of time takes. */
export function minuteText(minute: number): string {
  return localMinute("UTC", minute * 60_000).slice(-5);
}

/** 1,320 of "22:00"; null when it is no time of day. */
export function minuteOf(text: string): number | null {
  const [, hours, minutes] = /^([01]?\d|2[0-3])[:.]([0-5]\d)$/.exec(text) ?? [];
  return hours === undefined ? null : Number(hours) * 60 + Number(minutes);
}

/** "WIB", as the zone is called at that moment. In both languages: the English of browsers knows no name for it. */
export function zoneName(timeZone: string, atMs: number): string {
  const parts = momentFormat("id", timeZone, "zone", { timeZoneName: "short" }).formatToParts(atMs);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? timeZone;
}

/** The next time that it is this minute of the day in the zone, Unix ms. */
export function nextMinuteOfDay(timeZone: string, minute: number, nowMs: number): number {
  const on = (atMs: number) => momentOfLocal(timeZone, `${dateOf(timeZone, atMs)}T${minuteText(minute)}`);
  const today = on(nowMs) ?? nowMs;
  return today > nowMs ? today : (on(nowMs + DAY_MS) ?? nowMs + DAY_MS);
}

/** "0,8 detik", "12 detik": how long something took that takes seconds. */
export function secondsTaken(language: Language, ms: number): string {
  const digits = ms < 10_000 ? 1 : 0;
  const key = `${language} seconds ${digits}`;
  let format = numbers.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale(language), {
      style: "unit",
      unit: "second",
      unitDisplay: "long",
      maximumFractionDigits: digits,
    });
    numbers.set(key, format);
  }
  return format.format(Math.max(0, ms) / 1_000);
}

const numbers = new Map<string, Intl.NumberFormat>();
/** Making a format costs a hundred times what using it does; 2 languages × 4 shapes are kept. */
function numberFormat(language: Language, style: "decimal" | "percent", digits: number): Intl.NumberFormat {
  const key = `${language} ${style} ${digits}`;
  let format = numbers.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale(language), { style, maximumFractionDigits: digits });
    numbers.set(key, format);
  }
  return format;
}

export function number(language: Language, value: number, digits: 0 | 1 | 2 | 5 = 0): string {
  return numberFormat(language, "decimal", digits).format(value);
}

/** "37%", from a ratio of 0 to 1. */
export function percent(language: Language, ratio: number): string {
  return numberFormat(language, "percent", 0).format(ratio);
}

const sizes = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** "3,2 GiB" */
export function bytes(language: Language, value: number): string {
  const step = value < 1 ? 0 : Math.min(sizes.length - 1, Math.floor(Math.log2(value) / 10));
  const scaled = value / 2 ** (10 * step);
  return `${number(language, scaled, scaled < 10 && step > 0 ? 1 : 0)} ${sizes[step] ?? "B"}`;
}
