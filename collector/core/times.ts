/**
 * Every time the detector uses, derived from two settings: η (heartbeat interval) and T (down-after).
 * Why derived: a test runs the same machine scaled down to seconds. The factors come from detection.md's table.
 * Must not: hold a time that is not a function of η and T.
 */
import type { Server } from "./types/registry.ts";
import type { Settings } from "./types/tables.ts";

export interface Times {
  /** η */
  readonly intervalMs: number;
  /** T */
  readonly downAfterMs: number;
  /** The shell pushes a tick this often. η/15: 1 s at 15 s; half the commit tolerance of 2 s. */
  readonly tickMs: number;
  /** Silence that makes a server suspect: 3 η. */
  readonly suspectMs: number;
  /** A tick late by more is a stall: η/3. */
  readonly stallMs: number;
  /** A stall longer than this is a gap: 8/3 η, when agents have given up waiting for an ack. */
  readonly gapMs: number;
  /** After a stall: 4/3 η, so that each living agent was read once more. */
  readonly drainMs: number;
  /** After start: T/2. Agents redial within 2 η; the rest is for slow links. */
  readonly graceStartMs: number;
  /** After a long gap: 5/12 T. */
  readonly graceGapMs: number;
  /** Hearing that a server silent through a grace still gets, with one fresh round of probes: 2 η. */
  readonly freshMs: number;
  /** Two heartbeats of a recovery lie at least this far apart: 2/3 η. */
  readonly recoverySpacingMs: number;
  /** A round of probes answers within 13/15 η: the last begins at T − η and is back 2 s (of 15) before T. */
  readonly probeLimitMs: number;
  /** Ping-only servers while fine, and agents' hosts while down: T/3. */
  readonly probeEveryMs: number;
  /** Ping-only servers from the first failure on: T/12, but never before the round under way must have ended. */
  readonly probeFailingEveryMs: number;
  /** A fine agent's host is asked this seldom to learn what is usual: 20 T (1 h). */
  readonly baselineEveryMs: number;
  /** Somebody heard so long ago is heard "lately": 2 η, more than the longest wait between two heartbeats. */
  readonly latelyMs: number;
  /** Suspicions within this are "at once": 4 η. */
  readonly massWindowMs: number;
  /** A verdict waits for sentinels or a parent at most so long: T/3. */
  readonly holdMs: number;
  /** A group is over so long after the first of it came back, if not all are back before: T/2. */
  readonly settleMs: number;
  /** Sentinels are asked this often while all is well: T/3. */
  readonly sentinelEveryMs: number;
  /** A round of sentinels answers within η/3. */
  readonly sentinelLimitMs: number;
  /** A journal is waited for so long after an incident's end: T. */
  readonly journalWaitMs: number;
  /**
   * What could not be sent is tried again at least this often (O3): 5/36 T (25 s), for delivery within T/3 of a channel's return
   * allows one missed try; between 1 s and 25 s.
   */
  readonly retryCapMs: number;
  /** What a crash may have taken of the volatile facts: they are stored each η/3, with the clock of the tick before (6 s). */
  readonly volatileLossMs: number;
}

export function timesOf(intervalMs: number, downAfterMs: number): Times {
  const tickMs = Math.max(20, Math.round(intervalMs / 15));
  const probeLimitMs = Math.round((13 / 15) * intervalMs);
  return {
    intervalMs,
    downAfterMs,
    tickMs,
    suspectMs: 3 * intervalMs,
    stallMs: intervalMs / 3,
    gapMs: (8 / 3) * intervalMs,
    drainMs: (4 / 3) * intervalMs,
    graceStartMs: downAfterMs / 2,
    graceGapMs: (5 / 12) * downAfterMs,
    freshMs: 2 * intervalMs,
    recoverySpacingMs: (2 / 3) * intervalMs,
    probeLimitMs,
    probeEveryMs: downAfterMs / 3,
    probeFailingEveryMs: Math.max(downAfterMs / 12, probeLimitMs + tickMs),
    baselineEveryMs: 20 * downAfterMs,
    latelyMs: 2 * intervalMs,
    massWindowMs: 4 * intervalMs,
    holdMs: downAfterMs / 3,
    settleMs: downAfterMs / 2,
    sentinelEveryMs: downAfterMs / 3,
    sentinelLimitMs: intervalMs / 3,
    journalWaitMs: downAfterMs,
    retryCapMs: Math.min(25_000, Math.max(1_000, (5 / 36) * downAfterMs)),
    volatileLossMs: intervalMs / 3 + tickMs,
  };
}

/** A server's own T may be longer than the setting, never shorter. */
export function downAfterOf(server: Server, settings: Settings): number {
  return Math.max(settings.downAfterMs, server.downAfterMs ?? 0);
}

/** When the three rounds of probes begin, as silence in ms: T/3, 2T/3, T − η. */
export function roundsAt(downAfterMs: number, intervalMs: number): readonly [number, number, number] {
  return [downAfterMs / 3, (2 * downAfterMs) / 3, downAfterMs - intervalMs];
}
