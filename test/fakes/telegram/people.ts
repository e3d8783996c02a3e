/**
 * What people do in the fake Telegram: write, press a button, react, ask inline. Each becomes the update the real server
 * would send, or none where the real server would keep it from the bot.
 * Must not: answer for the bot.
 */
import { actorOf, type Actor, type PeopleParts } from "./actor.ts";
import { createComings, type Comings } from "./comings.ts";
import { foundEntities } from "./entities.ts";
import { chatJson, messageJson, personJson } from "./message.ts";
import type { PressAnswer } from "./queries.ts";
import { botIsAdministrator, type Button, type Chat, type StoredMessage, type World } from "./world.ts";

export interface SayInput extends Actor {
  readonly chatId: number;
  readonly text: string;
  /** A topic of a forum. */
  readonly threadId?: number;
  /** The message it answers. */
  readonly replyTo?: number;
}

export interface PressInput extends Actor {
  readonly chatId: number;
  /** Without it: the newest message of the chat that has the button. */
  readonly messageId?: number;
  /** The button's text or its data. */
  readonly button?: string;
  /** The button's data. */
  readonly callbackData?: string;
}

export interface ReactInput extends Actor {
  readonly chatId: number;
  readonly messageId: number;
  /** One emoji, several, or none to take the reaction away. */
  readonly emoji: string | readonly string[];
}

export interface InlineInput extends Actor {
  readonly query: string;
  /** Where it is typed; without it, in the person's own chat with the bot. */
  readonly chatId?: number;
  readonly offset?: string;
}

export interface People extends Comings {
  /**
   * A person writes; the update's id, 0 when the bot does not get it (privacy mode, not a member). A private chat that
   * nobody made yet begins with this.
   */
  say(input: SayInput): number;
  /** A person presses a button of a message; the callback query's id. */
  press(input: PressInput): string;
  /** What the bot answered to a press; null while it has not. */
  toast(pressId: string): PressAnswer | null;
  /** A person reacts to a message; the update's id, 0 in groups where the bot is no administrator. */
  react(input: ReactInput): number;
  /** A person types `@bot query`; the inline query's id. Telegram may answer it from its cache. */
  inline(input: InlineInput): string;
}

/** Whether the bot gets a person's message at all. A command for another bot counts as one for this: be on your guard. */
function isHeard(parts: PeopleParts, chat: Chat, text: string, repliesTo: StoredMessage | null): boolean {
  if (chat.type === "private") return true;
  if (chat.membership !== "member" && chat.membership !== "muted") return false;
  if (!parts.settings.privacyMode || botIsAdministrator(chat)) return true;
  return text.startsWith("/") || repliesTo?.fromBot === true;
}

interface Found {
  readonly message: StoredMessage;
  readonly button: Button;
}

/** The button meant, on the message meant or the newest that has it. */
function findButton(world: World, input: PressInput): Found {
  const wanted = input.callbackData ?? input.button;
  const matches = (button: Button) =>
    button.callbackData === wanted || (input.callbackData === undefined && button.text === wanted);
  const candidates = world.messages.filter(
    (message) =>
      message.chatId === input.chatId &&
      message.deletedAtMs === null &&
      (input.messageId === undefined || message.messageId === input.messageId),
  );
  if (candidates.length === 0) throw new Error("no such message");
  for (const message of candidates.toReversed()) {
    const button = message.buttons.flat().find(matches);
    if (button?.callbackData === null) throw new Error(`"${button.text}" carries no data: nothing to press`);
    if (button) return { message, button };
  }
  const there = candidates.flatMap(({ buttons }) => buttons.flat().map(({ text }) => text));
  throw new Error(`the message has no such button: ${wanted ?? ""} (there are: ${there.join(", ")})`);
}

export function createPeople(parts: PeopleParts): People {
  const { world, updates, queries, now } = parts;
  const seconds = () => Math.floor(now() / 1000);

  /** A topic's first message, which stands for the topic in every message of it. */
  function topicRoot(chat: Chat, threadId: number): Readonly<Record<string, unknown>> {
    const name = chat.topics.get(threadId)?.name ?? "";
    const forum_topic_created = { name, icon_color: 7322096 };
    return { message_id: threadId, date: seconds(), chat: chatJson(chat), forum_topic_created };
  }

  function say(input: SayInput): number {
    const chat =
      world.chat(input.chatId) ??
      world.addChat({ id: input.chatId, type: "private", title: input.fromName ?? "Orang" });
    const from = actorOf(world, input, chat);
    const threadId = input.threadId ?? null;
    const repliesTo = input.replyTo === undefined ? null : world.message(chat.id, input.replyTo);
    if (input.replyTo !== undefined && !repliesTo) throw new Error("no such message to answer");
    const entities = foundEntities(input.text);
    const kept = world.keep({
      chatId: chat.id,
      threadId,
      fromBot: false,
      from,
      method: "user",
      requestIndex: parts.requestIndex(),
      atMs: now(),
      text: input.text,
      entities,
      replyTo: repliesTo?.messageId ?? null,
      buttons: [],
      silent: false,
      venue: null,
    });
    parts.changed();
    if (!isHeard(parts, chat, input.text, repliesTo)) return 0;
    return updates.push("message", {
      message_id: kept.messageId,
      date: seconds(),
      chat: chatJson(chat),
      from: personJson(from),
      text: input.text,
      ...(entities.length > 0 ? { entities } : {}),
      ...(threadId === null
        ? {}
        : {
            message_thread_id: threadId,
            is_topic_message: true,
            reply_to_message: topicRoot(chat, threadId),
          }),
      ...(repliesTo ? { reply_to_message: messageJson(repliesTo, chat, parts.bot) } : {}),
    });
  }

  function press(input: PressInput): string {
    const chat = world.chat(input.chatId);
    if (!chat) throw new Error("no such chat");
    const { message, button } = findButton(world, input);
    if (chat.type !== "private" && input.fromId === undefined) throw new Error("in a group: who presses?");
    const by = actorOf(world, input, chat);
    const callbackData = button.callbackData ?? "";
    const { chatId, messageId } = message;
    const kept = queries.addPress({
      atMs: now(),
      chatId,
      messageId,
      by,
      button: button.text,
      callbackData,
    });
    const what = { button: button.text, callbackData };
    world.note(message, now(), { kind: "pressed", by, pressId: kept.id, ...what });
    updates.push("callback_query", {
      id: kept.id,
      from: personJson(by),
      message: messageJson(message, chat, parts.bot),
      chat_instance: String(input.chatId),
      data: callbackData,
    });
    return kept.id;
  }

  function react(input: ReactInput): number {
    const chat = world.chat(input.chatId);
    const message = world.message(input.chatId, input.messageId);
    if (!chat || !message) throw new Error("no such message");
    const by = actorOf(world, input, chat);
    const emoji = typeof input.emoji === "string" ? [input.emoji] : input.emoji;
    const at = message.personReactions.findIndex((reaction) => reaction.by.id === by.id);
    const before = message.personReactions[at]?.emoji ?? [];
    if (at >= 0) message.personReactions.splice(at, 1);
    if (emoji.length > 0) message.personReactions.push({ by, emoji });
    world.note(message, now(), { kind: "reacted", by, emoji });
    parts.changed();
    if (chat.type !== "private" && !botIsAdministrator(chat)) return 0;
    const types = (list: readonly string[]) => list.map((one) => ({ type: "emoji", emoji: one }));
    return updates.push("message_reaction", {
      chat: chatJson(chat),
      message_id: message.messageId,
      user: personJson(by),
      date: seconds(),
      old_reaction: types(before),
      new_reaction: types(emoji),
    });
  }

  function inline(input: InlineInput): string {
    if (!parts.settings.inlineMode) throw new Error("inline mode is off: BotFather, /setinline");
    const chat = input.chatId === undefined ? null : world.chat(input.chatId);
    const by = actorOf(world, input, chat);
    const offset = input.offset ?? "";
    const order = world.nextOrder();
    const query = queries.addInline({ atMs: now(), order, by, query: input.query, offset });
    parts.changed();
    if (query.fromCache) return query.id;
    updates.push("inline_query", {
      id: query.id,
      from: personJson(by),
      query: input.query,
      offset,
      chat_type: !chat || chat.id === by.id ? "sender" : chat.type,
    });
    return query.id;
  }

  return {
    ...createComings(parts),
    say,
    press,
    react,
    inline,
    toast: (pressId) => queries.press(pressId)?.answer ?? null,
  };
}
