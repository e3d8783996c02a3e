/**
 * A channel whose send is one POST: the part that is the same for all of them.
 * Why: the time limit, closing, redaction, health and "never throws" must not be forgotten in one of them.
 * Must not: know what is sent, or what a status means to whom.
 */
import type { ChannelName, Recipient } from "../../core/types/registry.ts";
import type { DeliveryOutcome } from "../../core/types/telling.ts";
import type { Channel, SendRequest } from "../channel.ts";
import type { Log } from "../log.ts";
import { describeError } from "./error-text.ts";
import { exchange, type Answer, type Post } from "./exchange.ts";
import { createWaysHealth, type WayState } from "./health.ts";
import { redactorOf } from "./redaction.ts";

/** The whole of one send; below the worker's limit and the row's lease. */
export const SEND_LIMIT_MS = 15_000;

export interface HttpChannelOptions {
  readonly log: Log;
  /** Unix ms. */
  readonly now: () => number;
  /** Shorter in tests. */
  readonly sendLimitMs?: number;
}

/** `way` null: nobody was asked, so nothing is known of the way. */
export interface Verdict {
  readonly outcome: DeliveryOutcome;
  readonly way: WayState | null;
}

/** What is a channel's own. Both are called once a send, and may throw only by mistake. */
export interface HttpEdge {
  readonly name: ChannelName;
  prepare(request: SendRequest, nowWallMs: number): Post | Verdict;
  judge(answer: Answer, request: SendRequest, nowWallMs: number): Verdict;
}

export function rejected(scope: "recipient" | "message", error: string, way: WayState | null): Verdict {
  return { outcome: { type: "rejected", error, scope }, way };
}

export function retry(error: string, way: WayState, retryAfterMs: number | null = null): Verdict {
  return { outcome: { type: "retry", error, retryAfterMs }, way };
}

export function unknown(error: string, way: WayState): Verdict {
  return { outcome: { type: "unknown", error }, way };
}

export function createHttpChannel(edge: HttpEdge, options: HttpChannelOptions): Channel {
  const { log, now } = options;
  const sendLimitMs = options.sendLimitMs ?? SEND_LIMIT_MS;
  const health = createWaysHealth(now);
  const closing = new AbortController();

  async function attempt(request: SendRequest): Promise<Verdict> {
    const prepared = edge.prepare(request, now());
    if ("outcome" in prepared) return prepared;
    const signal = AbortSignal.any([AbortSignal.timeout(sendLimitMs), closing.signal]);
    const result = await exchange(prepared, signal, redactorOf(request.recipient));
    switch (result.type) {
      case "answered":
        return edge.judge(result.answer, request, now());
      case "never_sent":
        return retry(result.error, "unreachable");
      case "lost":
        return unknown(result.error, result.status === null ? "unreachable" : "failing");
    }
  }

  /** The same without anything that must not be seen. */
  function redacted(outcome: DeliveryOutcome, recipient: Recipient): DeliveryOutcome {
    return "error" in outcome ? { ...outcome, error: redactorOf(recipient)(outcome.error) } : outcome;
  }

  async function send(request: SendRequest): Promise<DeliveryOutcome> {
    const { recipient } = request;
    const verdict = await attempt(request);
    const outcome = redacted(verdict.outcome, recipient);
    const error = "error" in outcome ? outcome.error : null;
    if (verdict.way !== null) health.saw(recipient.id, verdict.way, error);
    if (error !== null)
      log.warn({ recipient: recipient.id, outcome: outcome.type, error }, `${edge.name} send`);
    return outcome;
  }

  return {
    name: edge.name,
    async send(request) {
      try {
        return await send(request);
      } catch (error) {
        // A bug of ours (rendering); nothing says how far it came, so nothing is sent twice because of it.
        const text = describeError(error, redactorOf(request.recipient));
        log.error({ recipient: request.recipient.id, error: text }, `${edge.name} send failed inside`);
        return { type: "rejected", error: text, scope: "message" };
      }
    },
    health: () => health.current(),
    close() {
      closing.abort();
      return Promise.resolve();
    },
  };
}
