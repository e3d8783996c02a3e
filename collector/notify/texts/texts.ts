/**
 * The shape of what a channel says, the same in every language: the compiler refuses a missing key, kind or cause.
 * Why sentences and not words: word order differs; a language file holds whole sentences with their places.
 * Must not: hold markup, escape anything, or know Telegram.
 */
import type { Cause, Confidence, IncidentKind, ProbeResult } from "../../core/types.ts";

export interface Texts {
  /** The state in capitals, the first thing read. */
  readonly state: Readonly<Record<IncidentKind, string>>;
  readonly stateWorse: (state: string) => string;
  readonly stateRecovered: string;
  readonly stateLate: Readonly<Record<IncidentKind, string>>;
  readonly stateNeverCame: string;
  /** What the kind means, true whatever the evidence was. */
  readonly meaning: Readonly<Record<IncidentKind, string>>;
  /** What a variant of a kind adds; an unknown variant adds nothing. */
  readonly variant: Readonly<Record<string, string>>;
  readonly neverCame: string;
  readonly neverCameAdvice: string;
  readonly toldLate: string;
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
  readonly registered: (started: string) => string;
  /** e.g. "Was down for 12 minutes, 10:02:15–10:14:20 WITA". */
  readonly lasted: (kind: IncidentKind, duration: string, period: string) => string;
  readonly evidence: {
    readonly lastHeard: (time: string) => string;
    /** Before what the collector's own probes said, e.g. "from here". */
    readonly fromCollector: string;
    /** One probe; `target` is what was asked, `port` null for ICMP. */
    readonly probe: (
      result: ProbeResult,
      target: string,
      port: string | null,
      roundTrip: string | null,
    ) => string;
    readonly socketOpen: string;
    readonly socketClosed: (time: string) => string;
    readonly reboot: (time: string, clean: boolean | null) => string;
    readonly agentRestarted: (time: string) => string;
  };
  readonly duration: {
    readonly seconds: (count: number) => string;
    readonly minutes: (count: number) => string;
    readonly hours: (count: number) => string;
    readonly days: (count: number) => string;
  };
  /** Short names, Sunday first; January first. */
  readonly weekdays: readonly string[];
  readonly months: readonly string[];
  readonly incident: (number: number) => string;
  readonly repeat: string;
  readonly mapButton: string;
  readonly panel: (url: string) => string;
  readonly panelButton: string;
  readonly unnamed: string;
  readonly linked: string;
  readonly alreadyLinked: string;
  readonly codeRefused: string;
}
