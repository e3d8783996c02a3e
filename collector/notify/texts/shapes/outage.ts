/**
 * The shape of what is said of an outage: what it is, why, since when, how it ended.
 * Why sentences and not words: word order differs; a language holds whole sentences with their places.
 * Must not: hold markup or escape anything.
 */
import type { Cause, Confidence, NotifyReason } from "../../../core/types/incident.ts";
import type { Situation } from "../situation.ts";

/** The words of one situation. */
export interface SituationTexts {
  /** The state in capitals, the first thing read. */
  readonly state: string;
  /** The same while it goes on. */
  readonly still: string;
  /** The same when it is told only after it is over. */
  readonly late: string;
  /** The end in capitals where "recovered" alone would not say of what; null: "recovered" with the name. */
  readonly over: string | null;
  /** What it means, true whatever the evidence was. */
  readonly meaning: string;
  /** Before a duration, e.g. "Was down for". */
  readonly lasted: string;
}

export interface OutageTexts {
  readonly situation: Readonly<Record<Situation, SituationTexts>>;
  readonly stateWorse: (state: string) => string;
  readonly stateRecovered: string;
  /** Staff paused or removed the server while it was down. */
  readonly stateUnwatched: string;
  readonly paused: string;
  readonly removed: string;
  readonly toldLate: string;
  /** Why a message about an outage comes now, or here, where that is not its beginning. */
  readonly told: Readonly<Partial<Record<NotifyReason, string>>>;
  /** The same of one that nobody took since it was noticed. */
  readonly escalated: (noticed: string) => string;
  /** At the end of an outage of several servers. */
  readonly rest: string;
  /** At the end of the collector's own trouble. */
  readonly unjudged: string;
  /** The cause as a part of a sentence; empty for `unknown`. */
  readonly cause: Readonly<Record<Cause, string>>;
  readonly causeLikely: Readonly<Record<Confidence, (cause: string) => string>>;
  readonly causeUnknown: Readonly<Record<Confidence, string>>;
  readonly evidenceThin: string;
  readonly causeFinal: (cause: string) => string;
  readonly causeFinalUnknown: string;
  /** e.g. "Since 10:02:15 WITA, noticed 10:05:15". */
  readonly since: (started: string, detected: string) => string;
  /** The same when that is the moment the server was heard last. */
  readonly sinceHeard: (started: string, detected: string) => string;
  readonly noticed: (time: string) => string;
  /** e.g. "Was down for 12 minutes, 10:02:15–10:14:20 WITA". */
  readonly lasted: (what: string, duration: string, period: string) => string;
  /** Of one that goes on; `count`: the how manieth reminder, null: not counted. */
  readonly goesOn: (duration: string, since: string, count: number | null) => string;
  /** In a message that was told at the beginning and says now that it is over: what it said then. */
  readonly firstTold: (state: string, meaning: string) => string;
  readonly incident: (number: number) => string;
  readonly repeat: string;
  readonly panel: (url: string) => string;
}
