/**
 * What an update of Telegram says, as far as the bot listens: codes, commands, presses, searches, and chats that moved, left
 * or came back.
 * Pure. Must not: answer, or know who is linked.
 */
import type { Message, Update, User } from "node-telegram-bot-api";
import { chatAddress, type ChatAddress } from "./addresses.ts";

/** Somebody who wrote or pressed. */
export interface Person {
  /** Telegram's user id, decimal. */
  readonly id: string;
  readonly name: string;
}

/** Where it was, and where an answer goes. */
export interface Place {
  /** As a recipient keeps it: `<chat id>` or `<chat id>/<topic id>`. */
  readonly address: string;
  readonly answerTo: ChatAddress;
  readonly isPrivate: boolean;
}

export type Incoming =
  | {
      readonly type: "link";
      readonly code: string;
      readonly place: Place;
      /** What the chat calls itself. */
      readonly chatName: string;
    }
  | { readonly type: "moved"; readonly fromChatId: string; readonly toChatId: string }
  | {
      readonly type: "command";
      /** Lower case, without the slash. */
      readonly name: string;
      readonly argument: string;
      readonly place: Place;
      /** null: the chat itself, by an anonymous admin or as a channel. */
      readonly person: Person | null;
      readonly messageId: number;
    }
  | {
      readonly type: "press";
      readonly queryId: string;
      readonly data: string;
      readonly place: Place;
      readonly person: Person;
      readonly messageId: number;
    }
  /** The bot may write to the chat (again), or may not any more. */
  | { readonly type: "membership"; readonly chatId: string; readonly mayWrite: boolean }
  | { readonly type: "search"; readonly queryId: string; readonly text: string; readonly person: Person };

/** Kinds of updates that are asked for. */
export const UPDATES_WANTED = [
  "message",
  "channel_post",
  "callback_query",
  "my_chat_member",
  "inline_query",
] as const;

/** A name in the panel's list; longer titles say no more. */
const CHAT_NAME_LENGTH_MAX = 128;
const PERSON_NAME_LENGTH_MAX = 64;
/** What somebody can sensibly look for. */
const ARGUMENT_LENGTH_MAX = 200;

/** `/name@Bot argument`: the suffix is there when a group has several bots. */
const COMMAND = /^\/([a-z0-9_]{1,32})(?:@([A-Za-z0-9_]+))?(?:\s+([^]*))?$/i;
/** A deep link's alphabet. */
const CODE = /^([A-Za-z0-9_-]{1,64})(?:\s|$)/;

/** null: nothing that is meant for us. `botUsername` without @. */
export function incomingIn(update: Update, botUsername: string): Incoming | null {
  if ("callback_query" in update) return pressIn(update.callback_query);
  if ("inline_query" in update) {
    const { id, query, from } = update.inline_query;
    return { type: "search", queryId: id, text: query.slice(0, ARGUMENT_LENGTH_MAX), person: personOf(from) };
  }
  if ("my_chat_member" in update) {
    const { chat, new_chat_member: now } = update.my_chat_member;
    const mayWrite =
      now.status === "member" ||
      now.status === "administrator" ||
      now.status === "creator" ||
      (now.status === "restricted" && "can_send_messages" in now && now.can_send_messages);
    return { type: "membership", chatId: String(chat.id), mayWrite };
  }
  const message =
    "message" in update ? update.message : "channel_post" in update ? update.channel_post : null;
  return message ? saidIn(message, botUsername) : null;
}

function saidIn(message: Message, botUsername: string): Incoming | null {
  if (typeof message.migrate_to_chat_id === "number")
    return {
      type: "moved",
      fromChatId: String(message.chat.id),
      toChatId: String(message.migrate_to_chat_id),
    };
  // An admin who stays anonymous, and a channel, write by the hand of a bot of Telegram's own: it is the chat that speaks.
  const isChat = message.sender_chat !== undefined;
  if (message.from?.is_bot === true && !isChat) return null;
  const [, name, suffix, rest = ""] = COMMAND.exec(message.text ?? "") ?? [];
  if (name === undefined) return null;
  // A command for another bot of the group is none of our business.
  if (suffix !== undefined && suffix.toLowerCase() !== botUsername.toLowerCase()) return null;
  const argument = rest.trim().slice(0, ARGUMENT_LENGTH_MAX);
  const place = placeOf(message);
  const command = name.toLowerCase();
  if (command === "start" || command === "link") {
    const code = CODE.exec(argument)?.[1];
    if (code !== undefined) return { type: "link", code, place, chatName: chatNameOf(message) };
  }
  const person = message.from && !isChat ? personOf(message.from) : null;
  return { type: "command", name: command, argument, place, person, messageId: message.message_id };
}

function pressIn(query: Extract<Update, { callback_query: unknown }>["callback_query"]): Incoming | null {
  const { message, data } = query;
  if (!message || data === undefined) return null;
  return {
    type: "press",
    queryId: query.id,
    data,
    place: placeOf(message),
    person: personOf(query.from),
    messageId: message.message_id,
  };
}

/** Of a message that Telegram does not show any more only its chat is known. */
function placeOf(message: Pick<Message, "chat"> & Partial<Message>): Place {
  const { chat } = message;
  const threadId = message.is_topic_message === true ? (message.message_thread_id ?? null) : null;
  return {
    address: chatAddress(chat.id, threadId),
    answerTo: { chatId: String(chat.id), threadId },
    isPrivate: chat.type === "private",
  };
}

function personOf(user: User): Person {
  const name = [user.first_name, user.last_name]
    .filter((part) => part !== undefined && part !== "")
    .join(" ");
  return {
    id: String(user.id),
    name: (name || user.username || String(user.id)).slice(0, PERSON_NAME_LENGTH_MAX),
  };
}

function chatNameOf(message: Message): string {
  const { chat } = message;
  const person = [chat.first_name, chat.last_name].filter((part) => part !== undefined && part !== "");
  const title = chat.title ?? (person.join(" ") || chat.username || String(chat.id));
  const topic =
    message.is_topic_message === true ? message.reply_to_message?.forum_topic_created?.name : undefined;
  const name = topic === undefined || topic === "" ? title : `${title} › ${topic}`;
  return name.slice(0, CHAT_NAME_LENGTH_MAX);
}
