/**
 * When a recipient's daily digest and monthly report are due, by the calendar of its zone.
 * Why with a window: after a restart at noon the digest of seven o'clock still comes; a digest that is switched on at noon waits
 * for tomorrow's seven o'clock, or it would come at once and surprise.
 * Must not: remember anything; what was given is in the recipient.
 */
import type { Recipient } from "../core/types/registry.ts";
import { dayAfter, dayEdges, localMoment, monthAfter, monthEdges } from "./calendar.ts";
import type { Span } from "./spans.ts";

/** A digest that could not be given on time is still worth reading for so long. */
const DIGEST_WINDOW_MINUTES = 180;
/** A report comes with the first digest hour of the month, or in the days after it. */
const REPORT_WINDOW_DAYS = 3;
/** For those who get a report and no digest. */
const REPORT_MINUTE = 7 * 60;

export interface SummaryDue {
  readonly step: "digest" | "report";
  /** The day or the month it is given on. */
  readonly given: string;
  /** The day or the month that it tells of. */
  readonly period: string;
  readonly span: Span;
}

/** What is due for the recipient now and was not given yet; at most one of each. */
export function summariesDue(
  recipient: Pick<
    Recipient,
    | "enabled"
    | "audience"
    | "timeZone"
    | "digestMinute"
    | "monthlyReport"
    | "digestedDay"
    | "reportedMonth"
    | "createdWallMs"
  >,
  settingZone: string,
  nowMs: number,
): SummaryDue[] {
  if (!recipient.enabled || recipient.audience !== "staff") return [];
  const zone = recipient.timeZone ?? settingZone;
  const { day, month, minute } = localMoment(zone, nowMs);
  const due: SummaryDue[] = [];
  const { digestMinute } = recipient;
  if (digestMinute !== null && isWithin(minute, digestMinute) && isNew(recipient.digestedDay, day)) {
    const period = dayAfter(day, -1);
    due.push({ step: "digest", given: day, period, span: dayEdges(zone, period) });
  }
  const isReportDay = Number(day.slice(-2)) <= REPORT_WINDOW_DAYS;
  const reportMinute = digestMinute ?? REPORT_MINUTE;
  if (
    recipient.monthlyReport &&
    isReportDay &&
    minute >= reportMinute &&
    isNew(recipient.reportedMonth, month)
  ) {
    const period = monthAfter(month, -1);
    due.push({ step: "report", given: month, period, span: monthEdges(zone, period) });
  }
  return due;
}

/** Days and months are ordered as their text is. */
function isNew(newest: string | null, given: string): boolean {
  return newest === null || newest < given;
}

/** Within the window after the hour, over midnight not at all: that is another day. */
function isWithin(minute: number, fromMinute: number): boolean {
  return minute >= fromMinute && minute < fromMinute + DIGEST_WINDOW_MINUTES;
}
