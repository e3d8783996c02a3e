/**
 * What people do in the fake Telegram: write, press a button, change a group. Each becomes the update the real server
 * would send.
 */
import { chatJson, messageJson } from "./message.ts";
import type { UpdateQueue } from "./updates.ts";
import type { StoredMessage, World } from "./world.ts";

export interface SayInput {
  readonly chatId: number;
  readonly text: string;
  /** Who writes; in private it is the chat itself. */
  readonly fromId?: number;
  readonly fromName?: string;
  readonly languageCode?: string;
  /** A topic of a forum. */
  readonly threadId?: number;
}

export interface PressInput {
  readonly chatId: number;
  readonly messageId: number;
  readonly callbackData: string;
  readonly fromId: number;
  readonly fromName?: string;
}

export interface People {
  /** A person writes; the update's id. A private chat that nobody made yet begins with this. */
  say(input: SayInput): number;
  /** A person presses a button of a message; the callback query's id. */
  press(input: PressInput): string;
  /** A basic group becomes a supergroup: both chats get their service message. */
  upgrade(fromId: number, toId: number): void;
}

interface Parts {
  readonly world: World;
  readonly updates: UpdateQueue;
  readonly presses: Map<string, number>;
  readonly bot: { readonly id: number; readonly username: string; readonly name: string };
  readonly now: () => number;
  readonly requestIndex: () => number;
}

export function createPeople(parts: Parts): People {
  const { world, updates, now } = parts;
  let pressCount = 0;

  function keep(chatId: number, threadId: number | null, text: string): StoredMessage {
    return world.keep({
      chatId,
      threadId,
      fromBot: false,
      method: "user",
      requestIndex: parts.requestIndex(),
      atMs: now(),
      text,
      entities: [],
      replyTo: null,
      buttons: [],
      silent: false,
      venue: null,
    });
  }

  return {
    say(input) {
      const chat =
        world.chat(input.chatId) ??
        world.addChat({ id: input.chatId, type: "private", title: input.fromName ?? "Orang" });
      const threadId = input.threadId ?? null;
      const kept = keep(chat.id, threadId, input.text);
      const topic = threadId === null ? undefined : chat.topics.get(threadId);
      const command = /^\/[A-Za-z0-9_@]+/.exec(input.text)?.[0];
      return updates.push("message", {
        message_id: kept.messageId,
        date: Math.floor(now() / 1000),
        chat: chatJson(chat),
        from: {
          id: input.fromId ?? input.chatId,
          is_bot: false,
          first_name: input.fromName ?? "Orang",
          ...(input.languageCode === undefined ? {} : { language_code: input.languageCode }),
        },
        text: input.text,
        ...(command === undefined
          ? {}
          : { entities: [{ type: "bot_command", offset: 0, length: command.length }] }),
        ...(threadId === null
          ? {}
          : {
              message_thread_id: threadId,
              is_topic_message: true,
              reply_to_message: {
                message_id: threadId,
                date: Math.floor(now() / 1000),
                chat: chatJson(chat),
                forum_topic_created: { name: topic?.name ?? "", icon_color: 7322096 },
              },
            }),
      });
    },
    press(input) {
      const chat = world.chat(input.chatId);
      const message = world.message(input.chatId, input.messageId);
      if (!chat || !message) throw new Error("no such message");
      const data = message.buttons.flat().map((button) => button.callbackData);
      if (!data.includes(input.callbackData)) throw new Error("the message has no such button");
      pressCount += 1;
      const id = `press-${pressCount}`;
      parts.presses.set(id, now());
      updates.push("callback_query", {
        id,
        from: { id: input.fromId, is_bot: false, first_name: input.fromName ?? "Orang" },
        message: messageJson(message, chat, parts.bot),
        chat_instance: String(input.chatId),
        data: input.callbackData,
      });
      return id;
    },
    upgrade(fromId, toId) {
      world.migrate(fromId, toId);
      const from = world.chat(fromId);
      const to = world.chat(toId);
      if (!from || !to) throw new Error("no such chat");
      const service = (chatId: number, extra: object) => ({
        message_id: keep(chatId, null, "").messageId,
        date: Math.floor(now() / 1000),
        chat: chatJson(chatId === fromId ? from : to),
        ...extra,
      });
      updates.push("message", service(fromId, { migrate_to_chat_id: toId }));
      updates.push("message", service(toId, { migrate_from_chat_id: fromId }));
    },
  };
}
