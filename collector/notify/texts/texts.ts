/**
 * The shape of what a channel says, the same in every language: the compiler refuses a missing key, kind or cause.
 * Why sentences and not words: word order differs; a language file holds whole sentences with their places.
 * Must not: hold markup, escape anything, or know Telegram.
 */
import type { Cause, CollectorReach, Confidence, NotifyReason, ProbeResult } from "../../core/types.ts";
import type { Situation } from "./situation.ts";

/** The words of one situation. */
export interface SituationTexts {
  /** The state in capitals, the first thing read. */
  readonly state: string;
  /** The same when it is told only after it is over. */
  readonly late: string;
  /** The end in capitals where "recovered" alone would not say of what; null: "recovered" with the name. */
  readonly over: string | null;
  /** What it means, true whatever the evidence was. */
  readonly meaning: string;
  /** Before a duration, e.g. "Was down for". */
  readonly lasted: string;
}

export interface Texts {
  readonly situation: Readonly<Record<Situation, SituationTexts>>;
  readonly stateWorse: (state: string) => string;
  readonly stateRecovered: string;
  readonly stateNeverCame: string;
  readonly neverCame: string;
  readonly neverCameAdvice: string;
  readonly toldLate: string;
  /** Why a message about an outage comes now, where that is not its beginning. */
  readonly told: Readonly<Partial<Record<NotifyReason, string>>>;
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
  readonly registered: (started: string) => string;
  readonly noticed: (time: string) => string;
  /** e.g. "Was down for 12 minutes, 10:02:15–10:14:20 WITA". */
  readonly lasted: (what: string, duration: string, period: string) => string;
  /** How much an outage of several servers holds. */
  readonly servers: (count: number) => string;
  readonly serversAtSites: (servers: number, sites: number) => string;
  /** Behind the names that are listed. */
  readonly andOthers: (count: number) => string;
  readonly noSite: string;
  readonly flapping: {
    readonly state: string;
    readonly stateStill: string;
    readonly stateOver: string;
    readonly incidents: (count: number, since: string) => string;
    readonly downNow: string;
    readonly upNow: string;
    /** What is told from now on. */
    readonly digests: string;
    readonly calm: string;
  };
  readonly duplicate: {
    readonly state: string;
    readonly stateOver: string;
    readonly meaning: (addresses: readonly string[]) => string;
    readonly advice: string;
    readonly over: (address: string | null) => string;
  };
  readonly evidence: {
    readonly lastHeard: (time: string) => string;
    /** Before what probes said, e.g. "from the collector:"; `by` names the server that asked. */
    readonly fromCollector: string;
    readonly fromWitness: (by: string | null) => string;
    readonly fromNeighbour: (by: string | null) => string;
    /** One probe; `target` is what was asked, `port` null for ICMP, `banner` what a program said. */
    readonly probe: (
      result: ProbeResult,
      target: string,
      port: string | null,
      roundTrip: string | null,
      banner: string | null,
    ) => string;
    readonly gateway: (address: string, verdict: ProbeResult["verdict"]) => string;
    readonly sentinelsAlive: (targets: readonly string[]) => string;
    readonly sentinelsFailed: (targets: readonly string[]) => string;
    readonly socketOpen: string;
    readonly socketClosed: (time: string) => string;
    readonly reboot: (time: string, clean: boolean | null) => string;
    readonly agentRestarted: (time: string) => string;
    /** Before what the agent wrote down while it could not be heard. */
    readonly journal: string;
    readonly ranAllAlong: string;
    readonly stoodStill: (duration: string) => string;
    readonly slept: (duration: string) => string;
    readonly stoppedInOrder: string;
    readonly gatewayReached: (reached: boolean) => string;
    readonly internetReached: (reached: boolean) => string;
    readonly linkDown: string;
    readonly collector: Readonly<Record<CollectorReach, string>>;
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
