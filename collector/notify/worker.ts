/**
 * Carries out `send_notification`: picks the channel, asks it once, and reports what came of it.
 * Why so little: whether, when and how often to send is the outbox's; this is only its hand.
 * Must not: retry, drop an order without an outcome, or report two outcomes for one attempt.
 */
import type { ChannelName, DeliveryOutcome, Effect, EventBody, Notification, Reply } from "../core/types.ts";
import type { Channel } from "./channel.ts";
import type { Log } from "./log.ts";
import { realAfter, type After } from "./after.ts";

/** Above a channel's own limit (30 s), below the row's lease (90 s): something always comes back in time. */
export const WORKER_LIMIT_MS = 40_000;
/** Sends at one time. Telegram takes about 30 messages a second of a bot; more would only wait for 429. */
export const SENDS_IN_FLIGHT_MAX = 30;
/** When there are more, the row comes back after this, known not sent. */
const CROWDED_RETRY_MS = 1_000;
/** How long `close` waits for answers; what has none then is found as `sending` at the next start. */
export const WORKER_CLOSE_MS = 5_000;

type SendOrder = Extract<Effect, { type: "send_notification" }>;

export interface WorkerOptions {
  readonly channels: Readonly<Record<ChannelName, Channel>>;
  readonly push: (event: EventBody) => Promise<Reply>;
  readonly log: Log;
  /** The channel's id of the down message this row answers, for the same recipient; null: none, or not known. */
  readonly findDownExternalId: (notification: Notification) => string | null;
  readonly after?: After;
}

export interface Worker {
  /** Never throws; exactly one `delivery_finished` follows. */
  perform(effect: SendOrder): void;
  readonly inFlight: number;
  /** Takes no more orders (they get no outcome: the row stays `sending`), waits for those under way. Idempotent. */
  close(waitMs?: number): Promise<void>;
}

export function createWorker(options: WorkerOptions): Worker {
  const { channels, push, log } = options;
  const after = options.after ?? realAfter;
  const flights = new Map<string, Promise<void>>();
  let closed = false;

  async function report(notification: Notification, outcome: DeliveryOutcome): Promise<void> {
    try {
      await push({
        type: "delivery_finished",
        notificationId: notification.id,
        attempt: notification.attempts,
        outcome,
      });
    } catch (error) {
      log.error(
        { notification: notification.id, error: String(error) },
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
  async function ask({ notification, recipient }: SendOrder): Promise<DeliveryOutcome> {
    return channels[notification.channel].send({
      message: notification.message,
      recipient,
      reason: notification.reason,
      repeat: notification.repeat,
      replyToExternalId: options.findDownExternalId(notification),
    });
  }

  async function deliver(order: SendOrder): Promise<void> {
    await report(order.notification, await limited(ask(order)));
  }

  return {
    perform(effect) {
      const { notification } = effect;
      const key = `${notification.id} ${notification.attempts}`;
      if (closed || flights.has(key)) return;
      if (flights.size >= SENDS_IN_FLIGHT_MAX) {
        const error = `${SENDS_IN_FLIGHT_MAX} sends are under way`;
        void report(notification, { type: "retry", error, retryAfterMs: CROWDED_RETRY_MS });
        return;
      }
      const flight = deliver(effect).finally(() => flights.delete(key));
      flights.set(key, flight);
    },
    get inFlight() {
      return flights.size;
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
