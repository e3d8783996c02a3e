/**
 * What people write to the bot, as far as the bot listens: `/start <code>` and `/link <code>`, and a group that moved.
 * Pure. Must not: answer, or know who is linked.
 */
import type { Message, Update } from "node-telegram-bot-api";
import { chatAddress, type ChatAddress } from "./addresses.ts";

export type Command =
  | {
      readonly type: "link";
      readonly code: string;
      /** As a recipient keeps it: `<chat id>` or `<chat id>/<topic id>`. */
      readonly address: string;
      readonly answerTo: ChatAddress;
      /** What the chat calls itself. */
      readonly chatName: string;
    }
  | { readonly type: "moved"; readonly fromChatId: string; readonly toChatId: string };

/** A name in the panel's list; longer titles say no more. */
const CHAT_NAME_LENGTH_MAX = 128;

/** `/start@Bot code`: the suffix is there when a group has several bots; the code is a deep link's alphabet. */
const LINK = /^\/(?:start|link)(?:@([A-Za-z0-9_]+))?\s+([A-Za-z0-9_-]{1,64})(?:\s|$)/i;

function nameOf(message: Message): string {
  const { chat } = message;
  const person = [chat.first_name, chat.last_name].filter((part) => part !== undefined && part !== "");
  const title = chat.title ?? (person.join(" ") || chat.username || String(chat.id));
  const topic =
    message.is_topic_message === true ? message.reply_to_message?.forum_topic_created?.name : undefined;
  const name = topic === undefined || topic === "" ? title : `${title} › ${topic}`;
  return name.slice(0, CHAT_NAME_LENGTH_MAX);
}

function messageIn(update: Update): Message | null {
  if ("message" in update) return update.message;
  return "channel_post" in update ? update.channel_post : null;
}

/** The command in an update; null: nothing that is meant for us. `botUsername` without @. */
export function commandIn(update: Update, botUsername: string): Command | null {
  const message = messageIn(update);
  if (!message) return null;
  const chatId = message.chat.id;
  if (typeof message.migrate_to_chat_id === "number") {
    return { type: "moved", fromChatId: String(chatId), toChatId: String(message.migrate_to_chat_id) };
  }
  const match = LINK.exec(message.text ?? "");
  if (!match?.[2] || message.from?.is_bot === true) return null;
  const [, suffix, code] = match;
  if (suffix !== undefined && suffix.toLowerCase() !== botUsername.toLowerCase()) return null;
  const threadId = message.is_topic_message === true ? (message.message_thread_id ?? null) : null;
  return {
    type: "link",
    code,
    address: chatAddress(chatId, threadId),
    answerTo: { chatId: String(chatId), threadId },
    chatName: nameOf(message),
  };
}
