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

interface LocalMoment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  /** `10:02:15` */
  readonly time: string;
}

/** The zone itself, or UTC when its name is not one this system knows. */
function knownZone(timeZone: string): string {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return timeZone;
  } catch {
    return "UTC";
  }
}

function localMoment(wallMs: number, timeZone: string): LocalMoment {
  // Beyond ±8.64e15 ms there is no date; hostile numbers must not break a message.
  const moment = new Date(Number.isFinite(wallMs) && Math.abs(wallMs) <= 8.64e15 ? wallMs : 0);
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: knownZone(timeZone),
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).formatToParts(moment);
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
  const known = INDONESIAN_ZONES[timeZone];
  if (known !== undefined) return known;
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: knownZone(timeZone),
    timeZoneName: "short",
  }).formatToParts(new Date(Number.isFinite(wallMs) && Math.abs(wallMs) <= 8.64e15 ? wallMs : 0));
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
  const total = Math.max(0, Math.floor((Number.isFinite(durationMs) ? durationMs : 0) / 1000));
  const two = (large: string, count: number, small: (count: number) => string) =>
    count === 0 ? large : `${large} ${small(count)}`;
  if (total < 60) return seconds(total);
  // Seconds matter for a short outage and are noise in a long one.
  if (total < 600) return two(minutes(Math.floor(total / 60)), total % 60, seconds);
  if (total < 3_600) return minutes(Math.floor(total / 60));
  if (total < 86_400) return two(hours(Math.floor(total / 3_600)), Math.floor((total % 3_600) / 60), minutes);
  return two(days(Math.floor(total / 86_400)), Math.floor((total % 86_400) / 3_600), hours);
}
