/**
 * What a channel is to the outbox: one attempt, one outcome.
 * Why so small: retries, order, merging and repeats are the outbox's; a channel that retried by itself would double alerts.
 * Must not: keep rows, wait for a next attempt, or throw for what the world does.
 */
import type { DeliveryOutcome, Message, NotifyReason, Recipient } from "../core/types.ts";

export interface SendRequest {
  readonly message: Message;
  readonly recipient: Recipient;
  /** Why it is told: some reasons need a sentence, so that a person is not puzzled by a late alert. */
  readonly reason: NotifyReason;
  /** True: this is the one marked repeat of a send whose fate is unknown; the text says so. */
  readonly repeat: boolean;
  /** Channel's id of the down message this one answers (Telegram message id), when known. */
  readonly replyToExternalId: string | null;
}

/** How a channel is, for the panel and /readyz, in one machine word and a redacted detail. */
export interface ChannelHealth {
  readonly state: "off" | "starting" | "ok" | "unauthorized" | "other_poller" | "unreachable" | "failing";
  readonly detail: string | null;
  readonly sinceWallMs: number;
}

export interface Channel {
  readonly name: "telegram";
  /** One attempt, bounded in time by the channel itself; never throws, never retries. */
  send(request: SendRequest): Promise<DeliveryOutcome>;
  health(): ChannelHealth;
  close(): Promise<void>;
}
