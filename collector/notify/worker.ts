/**
 * Carries out `send_notification`: picks the channel, asks it once, and reports what came of it.
 * Why so little: whether, when and how often to send is the outbox's; this is only its hand.
 * Must not: retry, drop an order without an outcome, or report two outcomes for one attempt.
 */
import type { Effect, Reply } from "../core/types/effects.ts";
import type { EventBody } from "../core/types/events.ts";
import type { ChannelName, Recipient } from "../core/types/registry.ts";
import type { DeliveryOutcome, Notification } from "../core/types/telling.ts";
import type { Channel, Telling } from "./channel.ts";
import type { Log } from "./log.ts";
import { realAfter, type After } from "./after.ts";

/** Above a channel's own limit (30 s), below the row's lease (90 s): something always comes back in time. */
export const WORKER_LIMIT_MS = 40_000;
/** How long `close` waits for answers; what has none then is found as `sending` at the next start. */
export const WORKER_CLOSE_MS = 5_000;

type SendOrder = Extract<Effect, { type: "send_notification" }>;

export interface WorkerOptions {
  readonly channels: Readonly<Record<ChannelName, Channel>>;
  readonly push: (event: EventBody) => Promise<Reply>;
  readonly log: Log;
  /** The channel's ids of the messages that a row answers and shows anew; null: none, or not known. */
  readonly findTargets: (
    notification: Notification,
    recipient: Recipient,
  ) => Pick<Telling, "replyToExternalId" | "editsExternalId">;
  /** Whether it is a quiet hour for the recipient now. */
  readonly isQuietHour: (recipient: Recipient) => boolean;
  readonly after?: After;
}

export interface Worker {
  /** Never throws; exactly one `delivery_finished` follows. */
  perform(effect: SendOrder): void;
  /** Takes no more orders (they get no outcome: the row stays `sending`), waits for those under way. Idempotent. */
  close(waitMs?: number): Promise<void>;
}

export function createWorker(options: WorkerOptions): Worker {
  const { channels, push, log } = options;
  const after = options.after ?? realAfter;
  const flights = new Map<string, Promise<void>>();
  let closed = false;

  async function report({ notifications }: SendOrder, outcome: DeliveryOutcome): Promise<void> {
    try {
      await push({
        type: "delivery_finished",
        rows: notifications.map(({ id, attempts }) => ({ notificationId: id, attempt: attempts })),
        outcome,
      });
    } catch (error) {
      log.error(
        { notification: notifications[0]?.id, error: String(error) },
        "the outcome of a send was not taken",
      );
    }
  }

  /** The channel's outcome, or `unknown` at the limit; a channel that throws has a bug and sent who knows what. */
  function limited(sending: Promise<DeliveryOutcome>): Promise<DeliveryOutcome> {
    return new Promise((resolve) => {
      const stop = after(WORKER_LIMIT_MS, () =>
        resolve({ type: "unknown", error: `no answer from the channel in ${WORKER_LIMIT_MS / 1000} s` }),
      );
      sending.then(
        (outcome) => {
          stop();
          resolve(outcome);
        },
        (error: unknown) => {
          stop();
          const name = error instanceof Error ? error.name : typeof error;
          resolve({ type: "unknown", error: `the channel failed: ${name}` });
        },
      );
    });
  }

  // Async, so that whatever throws inside becomes an outcome too.
  async function ask({ notifications, recipient }: SendOrder): Promise<DeliveryOutcome> {
    const [first, ...others] = notifications.map((row): Telling => ({
      id: row.id,
      step: row.step,
      message: row.message,
      reason: row.reason,
      repeat: row.repeat,
      queuedWallMs: row.queuedWallMs,
      ...options.findTargets(row, recipient),
    }));
    if (!first) return { type: "rejected", error: "an order to tell nothing", scope: "message" };
    const silent = options.isQuietHour(recipient);
    return channels[recipient.channel].send({ tellings: [first, ...others], recipient, silent });
  }

  async function deliver(order: SendOrder): Promise<void> {
    await report(order, await limited(ask(order)));
  }

  return {
    perform(effect) {
      const [first] = effect.notifications;
      if (!first) return;
      const key = `${first.id} ${first.attempts}`;
      if (closed || flights.has(key)) return;
      const flight = deliver(effect).finally(() => flights.delete(key));
      flights.set(key, flight);
    },
    async close(waitMs = WORKER_CLOSE_MS) {
      closed = true;
      let stop = () => {};
      const limit = new Promise<void>((resolve) => {
        stop = after(waitMs, resolve);
      });
      await Promise.race([Promise.all(flights.values()), limit]);
      stop();
    },
  };
}
