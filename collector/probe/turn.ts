/**
 * One request on its way through the queues of the prober: until when, and what to say if it does not get through.
 * Why two signals: who still waits at the end of a round has missed it; what was started ends by its own limit.
 * Must not: know what is asked.
 */
import { setMaxListeners } from "node:events";
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

/** The turns of all that is asked together. */
export interface Turns {
  /** A turn for one request. */
  next(): Turn;
  /** Ends everything at once. */
  readonly cancel: () => void;
  /** To be called when all is answered. */
  close(): void;
}

/** A probe ends this long before its round, so that its answer is in it. */
const ANSWER_MARGIN_MS = 25;
/**
 * What was started ends by its own limit, just before the round does. After a stall of the event loop both are late at
 * the same time; so long the round waits for it.
 */
const STARTED_GRACE_MS = 250;

/** Started, and yet no answer at the end of the round: the machine is too busy to tell. That is no evidence. */
export const STARTED: ProbeDetail = "local_error";

/** Why a round ended before all of it was answered. */
export type End = "cancelled" | "time_over";

export const none = (detail: ProbeDetail): ProbeAnswer => ({ verdict: "none", detail, roundTripMs: null });

/** `now`: monotonic ms. */
export function openTurns(now: () => number, limitMs: number): Turns {
  const waiting = new AbortController();
  const working = new AbortController();
  // A few listeners for each request; the round, and with it both signals, ends soon.
  setMaxListeners(0, waiting.signal, working.signal);
  const finish = (end: End): void => {
    working.abort(end);
    waiting.abort(end);
  };
  let timer = setTimeout(() => {
    waiting.abort("time_over" satisfies End);
    timer = setTimeout(() => finish("time_over"), STARTED_GRACE_MS);
  }, limitMs);
  const deadlineMs = now() + limitMs;
  return {
    next: () => ({ deadlineMs, waiting: waiting.signal, working: working.signal, open: "not_asked" }),
    cancel: () => finish("cancelled"),
    close: () => clearTimeout(timer),
  };
}

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

/** Null as soon as `signal` aborts. */
export function aborted(signal: AbortSignal): Promise<null> {
  if (signal.aborted) return Promise.resolve(null);
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(null), { once: true });
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
