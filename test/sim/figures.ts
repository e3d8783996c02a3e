/**
 * What a world showed: violations, counts, and each incident as it was committed.
 * Why apart: the oracle's parts fill them, the command and the tests read them.
 * Must not: judge.
 */
import type { Cause, Confidence, IncidentKind } from "../../collector/core/types/incident.ts";

export interface Violation {
  readonly atMs: number;
  /** A rule of SPEC.md or detection.md. */
  readonly rule: string;
  readonly server: string | null;
  readonly sentence: string;
}

/** Says that a rule did not hold. `server` null: it is of no one server. */
export type Violate = (rule: string, server: string | null, sentence: string) => void;

/** One incident as it was committed, for scenarios that know what to expect. */
export interface IncidentSeen {
  readonly id: string;
  readonly number: number;
  /** null: of several servers, or of the collector. */
  readonly serverId: string | null;
  readonly firstKind: IncidentKind;
  readonly firstVariant: string | null;
  readonly confidence: Confidence;
  readonly openedMs: number;
  /** Since the last sign of life that could be read. */
  readonly silentMs: number;
  kind: IncidentKind;
  variant: string | null;
  groupedUnder: string | null;
  closedMs: number | null;
  finalCause: Cause | null;
}

export interface Figures {
  incidents: number;
  falseAlarms: number;
  missed: number;
  early: number;
  late: number;
  kindRight: number;
  kindWrong: number;
  kindUnsure: number;
  causeRight: number;
  causeWrong: number;
  /** The collector said "unknown" where a cause could have been named. */
  causeUnknown: number;
  /** Several things happened: no one cause is right. */
  causeUnsure: number;
  recoveries: number;
  /** Undisturbed verdicts: ms after the last heartbeat plus T. */
  delayMinMs: number;
  delayMaxMs: number;
  readonly byKind: Map<string, number>;
  /** Wrong ones: `said, though it was …`. */
  readonly wrong: Map<string, number>;
}

export function newFigures(): Figures {
  return {
    incidents: 0,
    falseAlarms: 0,
    missed: 0,
    early: 0,
    late: 0,
    kindRight: 0,
    kindWrong: 0,
    kindUnsure: 0,
    causeRight: 0,
    causeWrong: 0,
    causeUnknown: 0,
    causeUnsure: 0,
    recoveries: 0,
    delayMinMs: Number.POSITIVE_INFINITY,
    delayMaxMs: Number.NEGATIVE_INFINITY,
    byKind: new Map(),
    wrong: new Map(),
  };
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Counts one more under a name. */
export function counted(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
