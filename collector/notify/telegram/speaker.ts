/**
 * What the bot says by itself in a chat: answers, toasts, keyboards; none of it is news, so none of it is kept.
 * Why apart from the channel: news has outcomes and an outbox; an answer that is lost is asked for again by a person.
 * Must not: retry, throw, or tell an outage.
 */
import type { Api } from "node-telegram-bot-api";
import type { Log } from "../log.ts";
import type { Keyboard } from "../rendering/keyboard.ts";
import type { Rendered } from "../rendering/render.ts";
import type { ChatAddress } from "./addresses.ts";
import { said, type Caller } from "./caller.ts";
import { destination, keyboardOf, pictureFile } from "./telegram-channel.ts";

/** A person waits no longer for an answer. */
const SPEAK_LIMIT_MS = 15_000;
const CAPTION_LENGTH_MAX = 1024;

export interface Speaker {
  /** A message; with a picture when there is one and the text fits below it. */
  say(
    to: ChatAddress,
    rendered: Rendered,
    more?: { readonly picture?: Uint8Array | null; readonly replyTo?: number },
  ): Promise<void>;
  /** Shows one of its own messages anew. */
  show(to: ChatAddress, messageId: number, rendered: Rendered): Promise<void>;
  /** Other buttons below a message; empty: none. */
  showKeyboard(to: ChatAddress, messageId: number, keyboard: Keyboard): Promise<void>;
  /** Takes a message away; where Telegram does not let it (after two days), at least its buttons. */
  remove(to: ChatAddress, messageId: number): Promise<void>;
  /** What a press says for a moment; `alert`: until it is closed. */
  toast(queryId: string, text: string, alert?: boolean): Promise<void>;
  /** Whether the bot may pin there; null: not known. */
  mayPin(to: ChatAddress): Promise<boolean | null>;
  ask(what: string, work: (api: Api, signal: AbortSignal) => Promise<unknown>): Promise<boolean>;
}

export function createSpeaker(caller: Caller, log: Log, limitMs = SPEAK_LIMIT_MS): Speaker {
  async function ask(
    what: string,
    work: (api: Api, signal: AbortSignal) => Promise<unknown>,
  ): Promise<boolean> {
    const answer = await caller.ask(work, caller.within(limitMs));
    if (!answer.ok && !/message is not modified/i.test(said(answer.failure)))
      log.warn({ what, error: said(answer.failure) }, "telegram answer not sent");
    return answer.ok;
  }
  const html = { parse_mode: "HTML", link_preview_options: { is_disabled: true } } as const;

  return {
    ask,
    async say(to, rendered, { picture = null, replyTo } = {}) {
      const common = {
        ...destination(to, true),
        ...keyboardOf(rendered.keyboard),
        ...(replyTo === undefined
          ? {}
          : { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } }),
      };
      if (picture && rendered.text.length <= CAPTION_LENGTH_MAX) {
        const photo = {
          ...common,
          photo: pictureFile(picture),
          caption: rendered.html,
          parse_mode: "HTML" as const,
        };
        if (await ask("picture", (api, signal) => api.sendPhoto(photo, signal))) return;
      }
      await ask("answer", (api, signal) =>
        api.sendMessage({ ...common, text: rendered.html, ...html }, signal),
      );
    },
    async show(to, messageId, rendered) {
      const message = { chat_id: to.chatId, message_id: messageId, text: rendered.html, ...html };
      await ask("edit", (api, signal) =>
        api.editMessageText({ ...message, ...keyboardOf(rendered.keyboard) }, signal),
      );
    },
    async showKeyboard(to, messageId, keyboard) {
      const message = { chat_id: to.chatId, message_id: messageId };
      await ask("keyboard", (api, signal) =>
        api.editMessageReplyMarkup({ ...message, ...keyboardOf(keyboard) }, signal),
      );
    },
    async remove(to, messageId) {
      const message = { chat_id: to.chatId, message_id: messageId };
      if (await ask("delete", (api, signal) => api.deleteMessage(message, signal))) return;
      await ask("keyboard", (api, signal) => api.editMessageReplyMarkup(message, signal));
    },
    async toast(queryId, text, alert = false) {
      await ask("toast", (api, signal) =>
        api.answerCallbackQuery(
          { callback_query_id: queryId, text, ...(alert ? { show_alert: true } : {}) },
          signal,
        ),
      );
    },
    async mayPin(to) {
      const me = await caller.ask((api, signal) => api.getMe(signal), caller.within(limitMs));
      if (!me.ok) return null;
      const member = await caller.ask(
        (api, signal) => api.getChatMember({ chat_id: to.chatId, user_id: me.value.id }, signal),
        caller.within(limitMs),
      );
      if (!member.ok) return null;
      const now = member.value;
      return now.status === "administrator" && "can_pin_messages" in now ? now.can_pin_messages : false;
    },
  };
}
