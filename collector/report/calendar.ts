/**
 * Days and months of a place: where they begin and end, and when a clock on the wall there shows a certain time next.
 * Why a library below: a day may have 23 or 25 hours, begin at 01:00, or be left out; Temporal is the standard for that.
 * Must not: read the clock (the moment is an argument), or judge anything by calendar time.
 */
import { Temporal } from "temporal-polyfill";
import type { Span } from "./spans.ts";

export const MINUTES_OF_DAY = 1_440;

/** What the calendar and the clock on the wall say at one moment. */
export interface LocalMoment {
  /** `2026-11-30` */
  readonly day: string;
  /** `2026-11` */
  readonly month: string;
  /** 0 to 1439, as the clock shows it. */
  readonly minute: number;
}

/** True: a name that all functions here take (IANA). */
export function isTimeZone(name: string): boolean {
  try {
    localMoment(name, 0);
    return true;
  } catch {
    return false;
  }
}

/** Throws RangeError when there is no such zone, as all functions here do. */
export function localMoment(timeZone: string, wallMs: number): LocalMoment {
  const there = Temporal.Instant.fromEpochMilliseconds(Math.floor(wallMs)).toZonedDateTimeISO(timeZone);
  const day = there.toPlainDate();
  return {
    day: day.toString(),
    month: day.toPlainYearMonth().toString(),
    minute: there.hour * 60 + there.minute,
  };
}

/** `2026-11-30` → the first moment of that day there, and of the day after. Mostly 24 hours. */
export function dayEdges(timeZone: string, day: string): Span {
  const date = Temporal.PlainDate.from(day);
  return { fromMs: startOf(timeZone, date), toMs: startOf(timeZone, date.add({ days: 1 })) };
}

/** `2026-11` → the first moment of that month there, and of the month after. */
export function monthEdges(timeZone: string, month: string): Span {
  const first = Temporal.PlainYearMonth.from(month).toPlainDate({ day: 1 });
  return { fromMs: startOf(timeZone, first), toMs: startOf(timeZone, first.add({ months: 1 })) };
}

/** `2026-11-30` and −1 → `2026-11-29`. */
export function dayAfter(day: string, days: number): string {
  return Temporal.PlainDate.from(day).add({ days }).toString();
}

/** `2026-01` and −1 → `2025-12`. */
export function monthAfter(month: string, months: number): string {
  return Temporal.PlainYearMonth.from(month).add({ months }).toString();
}

/**
 * The next time, later than `afterMs`, at which the clock there shows this minute of the day: once each day. Where the
 * clock skips it that day, as much later as it skipped; where it shows it twice, the first.
 */
export function nextMinuteOfDay(timeZone: string, minute: number, afterMs: number): number {
  const plainTime = Temporal.PlainTime.from({ hour: Math.floor(minute / 60), minute: minute % 60 });
  let date = Temporal.PlainDate.from(localMoment(timeZone, afterMs).day);
  for (;;) {
    const atMs = date.toZonedDateTime({ timeZone, plainTime }).epochMilliseconds;
    if (atMs > afterMs) return atMs;
    date = date.add({ days: 1 });
  }
}

function startOf(timeZone: string, date: Temporal.PlainDate): number {
  return date.toZonedDateTime(timeZone).epochMilliseconds;
}
