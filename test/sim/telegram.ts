/**
 * Telegram as it is: it accepts or does not, and its answer arrives or does not. Keeps the ledger of what was accepted.
 * Why a ledger: "nothing lost, nothing doubled" is what people received, not what the collector believes.
 * Must not: know the outbox; rows are only names to it, several of which one message may tell.
 */
import { unreachable } from "../../shared/assert.ts";
import { isBeside } from "../../collector/core/channels.ts";
import type { Recipient } from "../../collector/core/types/registry.ts";
import type { DeliveryOutcome, Notification, Step } from "../../collector/core/types/telling.ts";
import type { TelegramFailure } from "./plan-faults.ts";
import type { World } from "./world.ts";

/** As notify/telegram: an answer is waited for this long, then the send is of unknown fate. */
const CHANNEL_LIMIT_MS = 30_000;
/** Telegram: one message a second and chat; a little less is let pass. */
const CHAT_PACE_MS = 900;
/** Just past the row's lease of 90 s. */
const HANG_MS = 100_000;

/** One message that people received. */
export interface Accepted {
  readonly atMs: number;
  readonly chat: string;
  readonly incidentNumber: number;
  readonly step: Step;
  readonly repeat: boolean;
  readonly serverName: string;
  readonly notificationId: string;
  readonly attempt: number;
}

/** One attempt, with what really became of it. */
export interface Attempt {
  readonly atMs: number;
  readonly notificationId: string;
  readonly incidentNumber: number;
  readonly step: Step;
  readonly recipientId: string;
  readonly chat: string;
  readonly attempt: number;
  readonly repeat: boolean;
  accepted: boolean;
  /** What the collector was told, if it lived to be told; null: nothing. */
  told: DeliveryOutcome["type"] | null;
}

/** One message on its way: a line for each row that it tells. */
interface Sending {
  readonly chat: string;
  readonly process: number;
  /** It only shows a message anew: nobody's news, and nothing that could be doubled. */
  readonly beside: boolean;
  readonly lines: readonly { readonly notification: Notification; readonly attempt: Attempt }[];
}

export class Telegram {
  readonly ledger: Accepted[] = [];
  readonly attempts: Attempt[] = [];
  /** Failures that last now; the newest counts. */
  readonly failing: TelegramFailure[] = [];
  readonly stumbles: TelegramFailure[] = [];
  readonly limitedUntilMs = new Map<string, number>();
  readonly blocked = new Set<string>();
  readonly movedTo = new Map<string, string>();
  readonly #world: World;
  readonly #lastAcceptedMs = new Map<string, number>();
  /** Until when the collector was told to leave a chat alone. */
  readonly #askedToWaitMs = new Map<string, number>();
  #messageId = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Fine again since; while something fails: null. Only what concerns all chats. */
  get fine(): boolean {
    return this.failing.length === 0 && this.stumbles.length === 0 && this.#world.network.publicReached;
  }

  send(notifications: readonly Notification[], recipient: Recipient, process: number): void {
    const world = this.#world;
    const lines = notifications.map((notification) => ({
      notification,
      attempt: {
        atMs: world.nowMs,
        notificationId: notification.id,
        incidentNumber: notification.message.incidentNumber,
        step: notification.step,
        recipientId: recipient.id,
        chat: recipient.address,
        attempt: notification.attempts,
        repeat: notification.repeat,
        accepted: false,
        told: null,
      } satisfies Attempt,
    }));
    const beside = notifications.every(({ step }) => isBeside(step));
    const sending: Sending = { chat: recipient.address, process, beside, lines };
    if (!beside) this.attempts.push(...lines.map((line) => line.attempt));
    const waitMs = (this.#askedToWaitMs.get(sending.chat) ?? 0) - world.nowMs;
    if (waitMs > 1_000)
      world.oracle.report(
        "O3",
        notifications[0]?.serverId ?? null,
        `sent ${Math.round(waitMs / 1000)} s before retry_after was over`,
      );
    world.oracle.messages.composed(notifications);
    if (!beside) for (const { attempt, notification } of lines) world.oracle.attempted(attempt, notification);
    const thereMs = 20 + Math.floor(world.random() * 180);
    world.callAt(world.nowMs + thereMs, () => this.#reached(sending));
    world.collector.killAt("after_send")?.();
  }

  #reached(sending: Sending): void {
    const unreached: TelegramFailure | null = this.#world.network.publicReached ? null : "refused";
    const failure = unreached ?? this.stumbles.shift() ?? this.failing.at(-1) ?? null;
    const backMs = 20 + Math.floor(this.#world.random() * 180);
    const answer = (outcome: DeliveryOutcome, ms = backMs): void => this.#answer(sending, outcome, ms);
    const unknown = (error: string, ms = backMs): void => answer({ type: "unknown", error }, ms);
    const lateMs = CHANNEL_LIMIT_MS;
    if (failure !== null)
      for (const { attempt } of sending.lines) this.#world.oracle.messages.failed(attempt);
    switch (failure) {
      case "refused":
        return answer({ type: "retry", error: "ECONNREFUSED", retryAfterMs: null });
      case "limited":
        return answer({ type: "retry", error: "429", retryAfterMs: 5_000 });
      case "server_error_before":
        return unknown("502");
      case "server_error_after":
        this.#accept(sending);
        return unknown("502");
      case "timeout_before":
        return unknown("timeout", lateMs);
      case "timeout_after":
        this.#accept(sending);
        return unknown("timeout", lateMs);
      case "reset_before":
        return unknown("ECONNRESET");
      case "reset_after":
        this.#accept(sending);
        return unknown("ECONNRESET");
      case "hang_accepted":
        this.#accept(sending);
        return answer({ type: "sent", externalId: String(this.#messageId) }, HANG_MS);
      case "hang_forever":
        return;
      case null:
        return this.#regular(sending, answer);
      default:
        return unreachable(failure);
    }
  }

  #regular(sending: Sending, answer: (outcome: DeliveryOutcome) => void): void {
    const { chat } = sending;
    const { nowMs } = this.#world;
    if (this.blocked.has(chat))
      return answer({ type: "rejected", error: "403: bot was blocked by the user", scope: "recipient" });
    const moved = this.movedTo.get(chat);
    if (moved !== undefined) return answer({ type: "moved", address: moved });
    const limitedMs = (this.limitedUntilMs.get(chat) ?? 0) - nowMs;
    if (limitedMs > 0)
      return answer({ type: "retry", error: "429", retryAfterMs: Math.ceil(limitedMs / 1000) * 1000 });
    const lastMs = this.#lastAcceptedMs.get(chat) ?? Number.NEGATIVE_INFINITY;
    if (nowMs - lastMs < CHAT_PACE_MS) return answer({ type: "retry", error: "429", retryAfterMs: 1_000 });
    this.#accept(sending);
    answer({ type: "sent", externalId: String(this.#messageId) });
  }

  #accept(sending: Sending): void {
    this.#messageId += 1;
    this.#lastAcceptedMs.set(sending.chat, this.#world.nowMs);
    if (sending.beside) return;
    for (const { notification, attempt } of sending.lines) this.#read(notification, attempt);
  }

  /** One line of a message that people received. */
  #read(notification: Notification, attempt: Attempt): void {
    attempt.accepted = true;
    const { message } = notification;
    const accepted: Accepted = {
      atMs: this.#world.nowMs,
      chat: attempt.chat,
      incidentNumber: message.incidentNumber,
      step: notification.step,
      repeat: attempt.repeat,
      serverName: message.serverName,
      notificationId: notification.id,
      attempt: attempt.attempt,
    };
    this.ledger.push(accepted);
    this.#world.trace.number(attempt.incidentNumber);
    this.#world.trace.text(notification.step);
    this.#world.oracle.accepted(accepted, attempt);
  }

  #answer(sending: Sending, outcome: DeliveryOutcome, ms: number): void {
    const { collector, oracle } = this.#world;
    this.#world.callAt(this.#world.nowMs + ms, () => {
      if (collector.process !== sending.process) return;
      collector.arrive(() => {
        if (outcome.type === "retry" && outcome.retryAfterMs !== null)
          this.#askedToWaitMs.set(sending.chat, this.#world.nowMs + outcome.retryAfterMs);
        for (const { attempt } of sending.lines) {
          attempt.told = outcome.type;
          if (sending.beside) oracle.messages.answered(attempt, outcome);
          else oracle.told(attempt, outcome);
        }
        const rows = sending.lines.map(({ attempt }) => ({
          notificationId: attempt.notificationId,
          attempt: attempt.attempt,
        }));
        collector.push({ type: "delivery_finished", rows, outcome }, null);
      });
    });
  }
}
