/**
 * One request to the Bot API, at the bot's pace, judged once.
 * Why apart: sends, edits, pictures and answers to commands all need to know what became of their one request.
 * Must not: retry, or let the token out.
 */
import { Api } from "node-telegram-bot-api";
import { failureOf, type Failure } from "./failure.ts";
import type { Pace } from "./pace.ts";
import { newFlight, track, trackedFetch } from "../http/flight.ts";
import type { Redact } from "../http/error-text.ts";

export type Answer<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

export interface Caller {
  /** `work` makes exactly one request through the client it is given. */
  ask<T>(work: (api: Api, signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<Answer<T>>;
  /** Ends with the first of both: the limit, or `close`. */
  within(limitMs: number): AbortSignal;
  close(): void;
}

export function createCaller(options: {
  readonly token: string;
  readonly apiRoot: string;
  readonly redact: Redact;
  /** The client's own limit; the signals are shorter. */
  readonly timeoutMs: number;
  readonly pace: Pace;
}): Caller {
  const api = new Api(options.token, {
    apiRoot: options.apiRoot,
    // One call would otherwise be three requests after a reset, a hang or a 5xx: three identical alerts.
    maxRetries: 0,
    timeoutMs: options.timeoutMs,
    fetch: trackedFetch,
  });
  const closing = new AbortController();
  return {
    async ask(work, signal) {
      const flight = newFlight();
      try {
        // Until it is its turn, it is certainly not written.
        flight.written = false;
        await options.pace.turn(signal);
        flight.written = null;
        return { ok: true, value: await track(flight, () => work(api, signal)) };
      } catch (error) {
        return { ok: false, failure: failureOf(error, flight, options.redact) };
      }
    },
    within: (limitMs) => AbortSignal.any([AbortSignal.timeout(limitMs), closing.signal]),
    close: () => closing.abort(),
  };
}

/** What a failure says, in a line. */
export function said(failure: Failure): string {
  return "error" in failure.outcome ? failure.outcome.error : failure.outcome.type;
}
