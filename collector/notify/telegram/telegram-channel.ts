/**
 * Telegram as a channel: one send is one HTTP request, and its outcome is decided once.
 * More than one request only after Telegram said in so many words that it did not take the one before (markup it could
 * not parse, a topic that is gone), so that a person still gets the news; or for what may be said twice (a reaction, a pin).
 * Must not: retry, keep rows, or let the token out.
 */
import { InputFile } from "node-telegram-bot-api";
import type { Api } from "node-telegram-bot-api";
import type { Recipient } from "../../core/types/registry.ts";
import type { DeliveryOutcome } from "../../core/types/telling.ts";
import type { Channel, SendRequest } from "../channel.ts";
import type { Log } from "../log.ts";
import type { Keyboard } from "../rendering/keyboard.ts";
import { placeOf } from "../rendering/place.ts";
import { render, type Rendered } from "../rendering/render.ts";
import { parseChatAddress, type ChatAddress } from "./addresses.ts";
import { said, type Caller } from "./caller.ts";
import type { Failure, HealthFact } from "./failure.ts";
import type { HealthRecord } from "./health.ts";
import type { Redact } from "../http/error-text.ts";

/** The whole of one send, all forms of the message together; below the worker's limit and the row's lease. */
export const SEND_LIMIT_MS = 30_000;
/** What may be said twice and is nobody's news gets so long. */
const ASIDE_LIMIT_MS = 10_000;
/** Telegram's own limit for the text below a picture, in UTF-16 units after the entities are parsed. */
const CAPTION_LENGTH_MAX = 1024;

export interface TelegramChannelOptions {
  readonly caller: Caller;
  readonly health: HealthRecord;
  readonly redact: Redact;
  readonly log: Log;
  /** A picture that goes with the message (PNG); null: none, or none could be made. */
  readonly pictureFor: (request: SendRequest) => Promise<Uint8Array | null>;
  /** Shorter in tests. */
  readonly sendLimitMs?: number;
}

/** How much of the message is still asked for after refusals. */
interface Form {
  readonly thread: boolean;
  readonly markup: boolean;
  readonly picture: boolean;
}

/** What one message is made of. */
interface Composed {
  readonly address: ChatAddress;
  readonly rendered: Rendered;
  readonly silent: boolean;
  readonly replyTo: number | null;
  readonly edits: number | null;
  /** Only with a text that fits below it. */
  readonly picture: Uint8Array | null;
}

export function createTelegramChannel(options: TelegramChannelOptions): Channel {
  const { caller, health, redact, log } = options;
  const sendLimitMs = options.sendLimitMs ?? SEND_LIMIT_MS;

  function settled(outcome: DeliveryOutcome, state: HealthFact, recipient: Recipient): DeliveryOutcome {
    const error = "error" in outcome ? outcome.error : null;
    health.saw(state, error);
    if (error !== null) log.warn({ recipient: recipient.id, outcome: outcome.type, error }, "telegram send");
    return outcome;
  }

  /** Sends it in the fullest form that Telegram takes. */
  async function told(
    composed: Composed,
    recipient: Recipient,
    signal: AbortSignal,
  ): Promise<DeliveryOutcome> {
    let form: Form = {
      thread: composed.address.threadId !== null,
      markup: true,
      picture: composed.picture !== null,
    };
    for (;;) {
      const answer = await caller.ask((api) => request(api, composed, form, signal), signal);
      if (answer.ok) return answered(accepted(answer.value, composed.edits), recipient);
      const { failure } = answer;
      // A chat may forbid pictures and take words.
      const isPictureRefused = form.picture && failure.outcome.type === "rejected";
      if (failure.type === "outcome" && !isPictureRefused)
        return settled(failure.outcome, failure.health, recipient);
      if (composed.edits !== null && NOT_MODIFIED.test(said(failure)))
        return settled({ type: "sent", externalId: String(composed.edits) }, "ok", recipient);
      // Known not accepted: a simpler form of it may be. Each step takes something away, so it ends.
      if (isThreadGone(failure) && form.thread) form = { ...form, thread: false };
      else if (form.picture) form = { ...form, picture: false };
      else if (form.markup && composed.edits === null) form = { ...form, markup: false };
      else return settled(failure.outcome, "ok", recipient);
    }
  }

  /** Of an answer with 200: whether it says what was accepted. */
  function answered(outcome: DeliveryOutcome, recipient: Recipient): DeliveryOutcome {
    return settled(outcome, outcome.type === "sent" ? "ok" : "failing", recipient);
  }

  /** What may be said twice, and is not worth an outcome. It ends with the send at the latest. */
  async function aside(
    what: string,
    signal: AbortSignal,
    work: (api: Api, signal: AbortSignal) => Promise<unknown>,
  ): Promise<void> {
    const limit = AbortSignal.any([signal, caller.within(Math.min(ASIDE_LIMIT_MS, sendLimitMs))]);
    const answer = await caller.ask(work, limit);
    if (!answer.ok) log.info({ what, error: said(answer.failure) }, "telegram aside");
  }

  async function send(request_: SendRequest): Promise<DeliveryOutcome> {
    const { tellings, recipient } = request_;
    const [first] = tellings;
    const address = parseChatAddress(recipient.address);
    if (!address)
      return { type: "rejected", error: `not a chat address: ${recipient.address}`, scope: "recipient" };
    const signal = caller.within(sendLimitMs);
    const edits = messageId(first.editsExternalId);
    if (first.step === "edit" && edits === null)
      return { type: "rejected", error: "the message to be shown anew is not known", scope: "message" };
    // The one repeat that an unknown fate allows is not spent while the way is known to be shut: asking costs nothing.
    if (tellings.some((telling) => telling.repeat)) {
      const way = await caller.ask((api) => api.getMe(signal), signal);
      if (!way.ok) return settled(notRepeated(way.failure), healthIn(way.failure), recipient);
    }
    if (first.step === "pin") return pinned(request_, address, signal);
    const rendered = render(tellings, recipient);
    const mayHavePicture = edits === null && rendered.text.length <= CAPTION_LENGTH_MAX;
    const outcome = await told(
      {
        address,
        rendered,
        silent: request_.silent || first.step === "board",
        replyTo: messageId(first.replyToExternalId),
        edits,
        // No message waits for a picture that cannot be made.
        picture: mayHavePicture ? await options.pictureFor(request_).catch(() => null) : null,
      },
      recipient,
      signal,
    );
    if (outcome.type !== "sent") return outcome;
    const chat = { chat_id: address.chatId, message_id: Number(outcome.externalId) };
    // Who is on it, or that it is over.
    const { reaction } = rendered;
    if (edits !== null && reaction !== null)
      await aside("reaction", signal, (api, limit) =>
        api.setMessageReaction({ ...chat, reaction: [{ type: "emoji", emoji: REACTION[reaction] }] }, limit),
      );
    if (first.step === "board" && edits === null)
      await aside("pin", signal, (api, limit) =>
        api.pinChatMessage({ ...chat, disable_notification: true }, limit),
      );
    return outcome;
  }

  /** The place of an outage on the map, below its message. */
  async function pinned(
    { tellings: [telling], recipient }: SendRequest,
    address: ChatAddress,
    signal: AbortSignal,
  ): Promise<DeliveryOutcome> {
    const place = placeOf(telling.message, recipient);
    if (!place) return { type: "rejected", error: "its place is not on the map", scope: "message" };
    const venue = {
      ...reply(messageId(telling.replyToExternalId)),
      ...place,
      disable_notification: true,
    };
    let withThread = address.threadId !== null;
    for (;;) {
      const where = destination(address, withThread);
      const answer = await caller.ask((api) => api.sendVenue({ ...where, ...venue }, signal), signal);
      if (answer.ok) return answered(accepted(answer.value, null), recipient);
      const { failure } = answer;
      if (!isThreadGone(failure) || !withThread)
        return settled(failure.outcome, healthIn(failure), recipient);
      withThread = false;
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
    health: () => health.current(),
    close() {
      caller.close();
      return Promise.resolve();
    },
  };
}

/** Somebody is on it; it is over. Both are among the emoji that bots may use. */
const REACTION = { seen: "👀", done: "👌" } as const;
/** An edit to what is there already: as good as made. */
const NOT_MODIFIED = /message is not modified/i;

function request(api: Api, composed: Composed, form: Form, signal: AbortSignal): Promise<unknown> {
  const { address, rendered, silent, replyTo, edits, picture } = composed;
  const text = form.markup ? rendered.html : rendered.plain;
  const markup = form.markup ? ({ parse_mode: "HTML" } as const) : {};
  const keyboard = form.markup ? keyboardOf(rendered.keyboard) : {};
  const preview = { link_preview_options: { is_disabled: true } };
  if (edits !== null)
    return api.editMessageText(
      { chat_id: address.chatId, message_id: edits, text, ...markup, ...preview, ...keyboard },
      signal,
    );
  const common = {
    ...destination(address, form.thread),
    ...reply(replyTo),
    ...markup,
    ...keyboard,
    ...(silent ? { disable_notification: true } : {}),
  };
  if (form.picture && picture)
    return api.sendPhoto({ ...common, photo: pictureFile(picture), caption: text }, signal);
  return api.sendMessage({ ...common, text, ...preview }, signal);
}

export function pictureFile(png: Uint8Array): InputFile {
  return new InputFile(png, { filename: "detak.png", contentType: "image/png" });
}

export function destination(address: ChatAddress, withThread: boolean) {
  return {
    chat_id: address.chatId,
    ...(withThread && address.threadId !== null ? { message_thread_id: address.threadId } : {}),
  };
}

export function keyboardOf(rows: Keyboard) {
  if (rows.length === 0) return {};
  return {
    reply_markup: {
      inline_keyboard: rows.map((row) =>
        row.map((button) =>
          "url" in button
            ? { text: button.text, url: button.url }
            : { text: button.text, callback_data: button.data },
        ),
      ),
    },
  };
}

function reply(replyTo: number | null) {
  return replyTo === null
    ? {}
    : { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } };
}

/** A message id was given: it is there. Of an edit the answer may be `true`. */
function accepted(answer: unknown, edits: number | null): DeliveryOutcome {
  if (edits !== null) return { type: "sent", externalId: String(edits) };
  const id =
    typeof answer === "object" && answer !== null && "message_id" in answer ? answer.message_id : null;
  return typeof id === "number"
    ? { type: "sent", externalId: String(id) }
    : { type: "unknown", error: "an answer without a message id" };
}

/** Nothing was sent: the way is shut. */
function notRepeated(failure: Failure): DeliveryOutcome {
  const { outcome } = failure;
  const retryAfterMs = outcome.type === "retry" ? outcome.retryAfterMs : null;
  return { type: "retry", error: `not repeated yet: ${said(failure)}`, retryAfterMs };
}

function healthIn(failure: Failure): HealthFact {
  return failure.type === "outcome" ? failure.health : "ok";
}

function isThreadGone(failure: Failure): boolean {
  return failure.type === "again" && failure.form === "without_thread";
}

function messageId(externalId: string | null): number | null {
  return externalId !== null && /^\d{1,15}$/.test(externalId) ? Number(externalId) : null;
}
