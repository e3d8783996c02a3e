/**
 * Moments and durations in words, in a site's own time zone.
 * Why not only Intl: "WIB", "WITA", "WIT" are what people say, in both languages; Intl says "GMT+8" in English.
 * Must not: read a clock.
 */
import type { Texts } from "./texts.ts";

const INDONESIAN_ZONES: Readonly<Record<string, string>> = {
  "Asia/Jakarta": "WIB",
  "Asia/Pontianak": "WIB",
  "Asia/Makassar": "WITA",
  "Asia/Ujung_Pandang": "WITA",
  "Asia/Jayapura": "WIT",
};

/** Beyond this many seconds (a thousand years) a duration is no fact; its digits must not fill a message. */
const DURATION_SECONDS_MAX = 31_556_952_000;

interface LocalMoment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  /** `10:02:15` */
  readonly time: string;
}

interface ZoneFormats {
  readonly parts: Intl.DateTimeFormat;
  readonly name: Intl.DateTimeFormat;
}

/** Making a format costs a hundred times what using it does, and a mass outage is told in many zones at once. */
const FORMATS_MAX = 100;
const formats = new Map<string, ZoneFormats>();

function made(timeZone: string): ZoneFormats {
  return {
    parts: new Intl.DateTimeFormat("en-GB", {
      timeZone,
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    }),
    name: new Intl.DateTimeFormat("en-GB", { timeZone, timeZoneName: "short" }),
  };
}

/** Of the zone itself, or of UTC when its name is not one this system knows. */
function formatsOf(timeZone: string): ZoneFormats {
  const known = formats.get(timeZone);
  if (known) return known;
  let zone: ZoneFormats;
  try {
    zone = made(timeZone);
  } catch {
    zone = timeZone === "UTC" ? made("UTC") : formatsOf("UTC");
  }
  if (formats.size >= FORMATS_MAX) formats.clear();
  formats.set(timeZone, zone);
  return zone;
}

/** Beyond ±8.64e15 ms there is no date; hostile numbers must not break a message. */
function dateOf(wallMs: number): Date {
  return new Date(Number.isFinite(wallMs) && Math.abs(wallMs) <= 8.64e15 ? wallMs : 0);
}

function localMoment(wallMs: number, timeZone: string): LocalMoment {
  const parts = formatsOf(timeZone).parts.formatToParts(dateOf(wallMs));
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  const [year, month, day] = [Number(part("year")), Number(part("month")), Number(part("day"))];
  return {
    year,
    month,
    day,
    weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay(),
    time: `${part("hour")}:${part("minute")}:${part("second")}`,
  };
}

/** The short name of the zone at that moment: WIB, WITA, WIT, otherwise what Intl says (GMT+8, UTC). */
export function zoneName(wallMs: number, timeZone: string): string {
  if (Object.hasOwn(INDONESIAN_ZONES, timeZone)) return INDONESIAN_ZONES[timeZone] ?? "UTC";
  const parts = formatsOf(timeZone).name.formatToParts(dateOf(wallMs));
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "UTC";
}

function sameDay(a: LocalMoment, b: LocalMoment): boolean {
  return a.year === b.year && a.month === b.month && a.day === b.day;
}

/** `10:02:15`, with the day before it when it is not the day of `besideWallMs` (null: always with the day). */
export function moment(texts: Texts, wallMs: number, timeZone: string, besideWallMs: number | null): string {
  const local = localMoment(wallMs, timeZone);
  if (besideWallMs !== null && sameDay(local, localMoment(besideWallMs, timeZone))) return local.time;
  return `${texts.weekdays[local.weekday] ?? ""} ${local.day} ${texts.months[local.month - 1] ?? ""} ${local.time}`;
}

/** The same to the minute: `10:02`. */
export function shortMoment(
  texts: Texts,
  wallMs: number,
  timeZone: string,
  besideWallMs: number | null,
): string {
  return moment(texts, wallMs, timeZone, besideWallMs).slice(0, -3);
}

/** `10:02–10:14 WITA`; days are named when the two differ, or when that is not the day of `besideWallMs`. */
export function shortPeriod(
  texts: Texts,
  fromWallMs: number,
  toWallMs: number,
  timeZone: string,
  besideWallMs: number,
): string {
  const zone = zoneName(toWallMs, timeZone);
  const to = localMoment(toWallMs, timeZone);
  if (sameDay(localMoment(fromWallMs, timeZone), to))
    return `${shortMoment(texts, fromWallMs, timeZone, besideWallMs)}–${to.time.slice(0, -3)} ${zone}`;
  return `${shortMoment(texts, fromWallMs, timeZone, null)} – ${shortMoment(texts, toWallMs, timeZone, null)} ${zone}`;
}

/** `2026-11-29` → `Min 29 Nov`; anything else as it is. */
export function dayInWords(texts: Texts, day: string): string {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day) ?? [];
  const name = texts.months[Number(month) - 1];
  if (year === undefined || name === undefined) return day;
  const weekday = new Date(Date.UTC(Number(year), Number(month) - 1, Number(date))).getUTCDay();
  return `${texts.weekdays[weekday] ?? ""} ${Number(date)} ${name}`;
}

/** `2026-10` → `Oktober 2026`; anything else as it is. */
export function monthInWords(texts: Texts, month: string): string {
  const [, year, number] = /^(\d{4})-(\d{2})$/.exec(month) ?? [];
  const name = texts.monthsWhole[Number(number) - 1];
  return year === undefined || name === undefined ? month : `${name} ${year}`;
}

/** `10:02:15–10:14:20 WITA`; days are named when the two differ, or when `withDay`. */
export function period(
  texts: Texts,
  fromWallMs: number,
  toWallMs: number,
  timeZone: string,
  withDay: boolean,
): string {
  const zone = zoneName(toWallMs, timeZone);
  const to = localMoment(toWallMs, timeZone);
  if (sameDay(localMoment(fromWallMs, timeZone), to)) {
    return `${moment(texts, fromWallMs, timeZone, withDay ? null : toWallMs)}–${to.time} ${zone}`;
  }
  return `${moment(texts, fromWallMs, timeZone, null)} – ${moment(texts, toWallMs, timeZone, null)} ${zone}`;
}

/** Two units at most: `45 detik`, `3 menit 5 detik`, `12 menit`, `1 jam 5 menit`, `2 hari 3 jam`. */
export function durationInWords(texts: Texts, durationMs: number): string {
  const { seconds, minutes, hours, days } = texts.duration;
  const total = secondsOf(durationMs);
  const two = (large: string, count: number, small: (count: number) => string) =>
    count === 0 ? large : `${large} ${small(count)}`;
  if (total < 60) return seconds(total);
  // Seconds matter for a short outage and are noise in a long one.
  if (total < 600) return two(minutes(Math.floor(total / 60)), total % 60, seconds);
  if (total < 3_600) return minutes(Math.floor(total / 60));
  if (total < 86_400) return two(hours(Math.floor(total / 3_600)), Math.floor((total % 3_600) / 60), minutes);
  return two(days(Math.floor(total / 86_400)), Math.floor((total % 86_400) / 3_600), hours);
}

/** The same to the minute, and at least one: who waited does not count seconds. */
export function durationToTheMinute(texts: Texts, durationMs: number): string {
  return durationInWords(texts, Math.max(1, Math.round(secondsOf(durationMs) / 60)) * 60_000);
}

function secondsOf(durationMs: number): number {
  const seconds = Math.floor((Number.isFinite(durationMs) ? durationMs : 0) / 1000);
  return Math.max(0, Math.min(seconds, DURATION_SECONDS_MAX));
}
