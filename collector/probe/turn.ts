/**
 * One request on its way through the queues of the prober: until when, and what to say if it does not get through.
 * Why two signals: who still waits at the end of a round has missed it; what was started ends by its own limit.
 * Must not: know what is asked.
 */
import type { ProbeAnswer, ProbeDetail } from "../../shared/probe/result.ts";

export interface Turn {
  readonly deadlineMs: number;
  /** Aborts at the end of the round: who still waits has missed it. */
  readonly waiting: AbortSignal;
  /** Aborts a little later, or when the round is cancelled: what was started is ended. */
  readonly working: AbortSignal;
  /** What is to be said if the round ended now. */
  open: ProbeDetail;
}

/** A probe ends this long before its round, so that its answer is in it. */
const ANSWER_MARGIN_MS = 25;

/** Started, and yet no answer at the end of the round: the machine is too busy to tell. That is no evidence. */
export const STARTED: ProbeDetail = "local_error";

/** Why a round ended before all of it was answered. */
export type End = "cancelled" | "time_over";

export const none = (detail: ProbeDetail): ProbeAnswer => ({ verdict: "none", detail, roundTripMs: null });

/** How long a probe that starts now may take, ms. `nowMs`: monotonic. */
export function timeLeftMs(turn: Turn, nowMs: number): number {
  return turn.deadlineMs - ANSWER_MARGIN_MS - nowMs;
}

/** Null when the round is over for this request. */
export function ended(turn: Turn): Promise<null> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (turn.working.aborted || (turn.waiting.aborted && turn.open !== STARTED)) resolve(null);
    };
    turn.waiting.addEventListener("abort", look, { once: true });
    turn.working.addEventListener("abort", look, { once: true });
    look();
  });
}

/** Aborts when all of `signals` have. */
export function allOf(signals: readonly AbortSignal[]): {
  readonly signal: AbortSignal;
  forget(): void;
} {
  const all = new AbortController();
  const look = (): void => {
    if (signals.every((signal) => signal.aborted)) all.abort();
  };
  for (const signal of signals) signal.addEventListener("abort", look);
  look();
  return {
    signal: all.signal,
    forget() {
      for (const signal of signals) signal.removeEventListener("abort", look);
    },
  };
}
