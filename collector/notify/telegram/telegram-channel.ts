/**
 * Telegram as a channel: one send is one HTTP request, and its outcome is decided once.
 * More than one request only after Telegram said in so many words that it did not take the one before (markup it could
 * not parse, a topic that is gone), so that a person still gets the news.
 * Must not: retry, keep rows, or let the token out.
 */
import { Api } from "node-telegram-bot-api";
import type { SendMessageParams } from "node-telegram-bot-api";
import type { DeliveryOutcome, Recipient } from "../../core/types.ts";
import type { Channel, SendRequest } from "../channel.ts";
import type { Log } from "../log.ts";
import { parseChatAddress, type ChatAddress } from "./addresses.ts";
import { failureOf, type HealthFact } from "./failure.ts";
import { newFlight, track, trackedFetch } from "./flight.ts";
import type { HealthRecord } from "./health.ts";
import type { Redact } from "./redaction.ts";
import { render, type Rendered } from "./render.ts";

/** The whole of one send, all forms of the message together; below the worker's limit and the row's lease. */
export const SEND_LIMIT_MS = 30_000;

export interface TelegramChannelOptions {
  readonly token: string;
  readonly apiRoot: string;
  readonly health: HealthRecord;
  readonly redact: Redact;
  readonly log: Log;
  /** Shorter in tests. */
  readonly sendLimitMs?: number;
}

export interface TelegramSender extends Channel {
  /** One plain line to a chat, one request, no outcome: answers to commands. */
  say(address: ChatAddress, text: string): Promise<void>;
}

/** How much of the message is still asked for after refusals. */
interface Form {
  readonly thread: boolean;
  readonly markup: boolean;
}

function parameters(
  form: Form,
  address: ChatAddress,
  rendered: Rendered,
  replyToMessageId: number | null,
): SendMessageParams {
  const withThread = form.thread && address.threadId !== null;
  const withButtons = form.markup && rendered.buttons.length > 0;
  return {
    chat_id: address.chatId,
    text: form.markup ? rendered.html : rendered.plain,
    link_preview_options: { is_disabled: true },
    ...(form.markup ? { parse_mode: "HTML" } : {}),
    ...(withThread ? { message_thread_id: address.threadId } : {}),
    ...(replyToMessageId === null
      ? {}
      : { reply_parameters: { message_id: replyToMessageId, allow_sending_without_reply: true } }),
    ...(withButtons
      ? { reply_markup: { inline_keyboard: [rendered.buttons.map((button) => ({ ...button }))] } }
      : {}),
  };
}

function messageId(externalId: string | null): number | null {
  return externalId !== null && /^\d{1,15}$/.test(externalId) ? Number(externalId) : null;
}

export function createTelegramChannel(options: TelegramChannelOptions): TelegramSender {
  const { health, redact, log } = options;
  const sendLimitMs = options.sendLimitMs ?? SEND_LIMIT_MS;
  const api = new Api(options.token, {
    apiRoot: options.apiRoot,
    maxRetries: 0,
    timeoutMs: sendLimitMs,
    fetch: trackedFetch,
  });
  const closing = new AbortController();

  type Attempt = { readonly type: "sent"; readonly externalId: string } | ReturnType<typeof failureOf>;

  async function request(values: SendMessageParams, signal: AbortSignal): Promise<Attempt> {
    const flight = newFlight();
    try {
      const message: unknown = await track(flight, () => api.sendMessage(values, signal));
      const id =
        typeof message === "object" && message !== null && "message_id" in message
          ? message.message_id
          : null;
      if (typeof id === "number") return { type: "sent", externalId: String(id) };
      const error = "an answer without a message id";
      return { type: "outcome", outcome: { type: "unknown", error }, health: "failing" };
    } catch (error) {
      return failureOf(error, flight, redact);
    }
  }

  function settled(outcome: DeliveryOutcome, state: HealthFact, recipient: Recipient): DeliveryOutcome {
    const error = "error" in outcome ? outcome.error : null;
    health.saw(state, error);
    if (error !== null) log.warn({ recipient: recipient.id, outcome: outcome.type, error }, "telegram send");
    return outcome;
  }

  async function send({
    message,
    recipient,
    reason,
    repeat,
    replyToExternalId,
  }: SendRequest): Promise<DeliveryOutcome> {
    const address = parseChatAddress(recipient.address);
    if (!address) {
      return { type: "rejected", error: `not a chat address: ${recipient.address}`, scope: "recipient" };
    }
    const rendered = render(message, recipient.language, { reason, repeat });
    const signal = AbortSignal.any([AbortSignal.timeout(sendLimitMs), closing.signal]);
    let form: Form = { thread: address.threadId !== null, markup: true };
    for (;;) {
      const values = parameters(form, address, rendered, messageId(replyToExternalId));
      const attempt = await request(values, signal);
      if (attempt.type === "sent") return settled(attempt, "ok", recipient);
      if (attempt.type === "outcome") return settled(attempt.outcome, attempt.health, recipient);
      // Known not accepted: a simpler form of it may be. Each step takes something away, so at most three requests.
      if (attempt.form === "without_thread" && form.thread) form = { ...form, thread: false };
      else if (form.markup) form = { ...form, markup: false };
      else return settled(attempt.outcome, "ok", recipient);
    }
  }

  return {
    name: "telegram",
    async send(request_) {
      try {
        return await send(request_);
      } catch (error) {
        // A bug of ours (rendering); nothing says how far it came, so nothing is sent twice because of it.
        const text = redact(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
        log.error({ recipient: request_.recipient.id, error: text }, "telegram send failed inside");
        return { type: "rejected", error: text, scope: "message" };
      }
    },
    async say(address, text) {
      const flight = newFlight();
      try {
        await track(flight, () =>
          api.sendMessage(
            {
              chat_id: address.chatId,
              text,
              link_preview_options: { is_disabled: true },
              ...(address.threadId === null ? {} : { message_thread_id: address.threadId }),
            },
            AbortSignal.any([AbortSignal.timeout(sendLimitMs), closing.signal]),
          ),
        );
      } catch (error) {
        const failure = failureOf(error, flight, redact);
        const said = "error" in failure.outcome ? failure.outcome.error : failure.outcome.type;
        log.warn({ chat: address.chatId, error: said }, "telegram answer not sent");
      }
    },
    health: () => health.current(),
    close() {
      closing.abort();
      return Promise.resolve();
    },
  };
}
