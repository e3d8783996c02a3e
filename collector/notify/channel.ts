/**
 * What a channel is to the outbox: one attempt, one outcome.
 * Why so small: retries, order, merging, folding and repeats are the outbox's; a channel that retried by itself would double alerts.
 * Must not: keep rows, wait for a next attempt, or throw for what the world does.
 */
import type { NotifyReason } from "../core/types/incident.ts";
import type { ChannelName, Recipient } from "../core/types/registry.ts";
import type { DeliveryOutcome, Message, Step } from "../core/types/telling.ts";

/** One row of the outbox, as it is to be told. */
export interface Telling {
  /** The row's id: the same at each attempt to tell it, and of no other. */
  readonly id: string;
  /** What the row is for. Its message says of which step the text is: of an edit it is the step of the message that is edited. */
  readonly step: Step;
  readonly message: Message;
  /** Why it is told: some reasons need a sentence, so that a person is not puzzled by a late alert. */
  readonly reason: NotifyReason;
  /** True: this is the one marked repeat of a send whose fate is unknown; the text says so. */
  readonly repeat: boolean;
  /** Unix ms at which it was decided that this be told. */
  readonly queuedWallMs: number;
  /** The channel's id of the message that this one answers, when known. */
  readonly replyToExternalId: string | null;
  /** Of an edit, or a board that is there already: the channel's id of the message that is shown anew. null: a new message. */
  readonly editsExternalId: string | null;
}

export interface SendRequest {
  /** At least one; several are told by one message, in this order, and none may be dropped. */
  readonly tellings: readonly [Telling, ...Telling[]];
  readonly recipient: Recipient;
  /** It is night there: without a sound. */
  readonly silent: boolean;
}

/** How a channel is, for the panel and /readyz, in one machine word and a redacted detail. */
export interface ChannelHealth {
  readonly state: "off" | "starting" | "ok" | "unauthorized" | "other_poller" | "unreachable" | "failing";
  readonly detail: string | null;
  readonly sinceWallMs: number;
}

export interface Channel {
  readonly name: ChannelName;
  /** One attempt, bounded in time by the channel itself; never throws, never retries. */
  send(request: SendRequest): Promise<DeliveryOutcome>;
  health(): ChannelHealth;
  close(): Promise<void>;
}
