/**
 * Comings and goings of the bot: blocked, added, removed, given rights, a group that becomes a supergroup.
 * Each changes how the bot stands in the chat and becomes the `my_chat_member` update the real server would send.
 * Must not: know what is written or pressed.
 */
import { actorOf, type Actor, type PeopleParts } from "./actor.ts";
import { botJson, botMemberJson, chatJson, personJson } from "./message.ts";
import type { BotRights, Chat, ChatInput, ChatType, Membership, Person } from "./world.ts";

export interface ComingInput extends Actor {
  readonly chatId: number;
}

export interface AddInput extends ComingInput, BotRights {
  /** Needed when the chat is new. */
  readonly type?: ChatType;
  readonly title?: string;
  readonly topics?: ChatInput["topics"];
}

export interface RightsInput extends ComingInput, BotRights {}

/** Each gives the id of its `my_chat_member` update. */
export interface Comings {
  /** A person blocks the bot in private. */
  blockBot(input: ComingInput): number;
  unblockBot(input: ComingInput): number;
  /** Somebody adds the bot to a group, which may be new. */
  addBot(input: AddInput): number;
  /** Somebody removes the bot from a group. */
  kickBot(input: ComingInput): number;
  /** Somebody makes the bot an administrator with these rights, or, without any, a member again. */
  promoteBot(input: RightsInput): number;
  /** A basic group becomes a supergroup: both chats get their service message. */
  upgrade(fromId: number, toId: number): void;
}

export function createComings(parts: PeopleParts): Comings {
  const { world, updates, bot, now } = parts;
  const seconds = () => Math.floor(now() / 1000);

  function found(chatId: number): Chat {
    const chat = world.chat(chatId);
    if (!chat) throw new Error("no such chat");
    return chat;
  }

  /** Telegram's own line in a chat. */
  function service(chat: Chat, text: string, extra: object, by: Person | null) {
    const kept = world.keep({
      chatId: chat.id,
      threadId: null,
      fromBot: false,
      service: text,
      method: "service",
      requestIndex: parts.requestIndex(),
      atMs: now(),
      text: "",
      entities: [],
      replyTo: null,
      buttons: [],
      silent: false,
      venue: null,
    });
    const from = by ? { from: personJson(by) } : {};
    return { message_id: kept.messageId, date: seconds(), chat: chatJson(chat), ...from, ...extra };
  }

  /** Changes how the bot stands, and says so. */
  function become(chat: Chat, by: Person, membership: Membership, rights: BotRights): number {
    const before = botMemberJson(chat, bot);
    chat.membership = membership;
    chat.administrator = rights.administrator ?? false;
    chat.canPin = rights.canPin ?? false;
    chat.canDelete = rights.canDelete ?? false;
    return updates.push("my_chat_member", {
      chat: chatJson(chat),
      from: personJson(by),
      date: seconds(),
      old_chat_member: before,
      new_chat_member: botMemberJson(chat, bot),
    });
  }

  return {
    blockBot(input) {
      const chat = found(input.chatId);
      if (chat.type !== "private") throw new Error("only a person blocks a bot; a group removes it");
      return become(chat, actorOf(world, input, chat), "blocked", {});
    },
    unblockBot(input) {
      const chat = found(input.chatId);
      return become(chat, actorOf(world, input, chat), "member", {});
    },
    addBot(input) {
      const { chatId, type = "supergroup", title = String(chatId), topics } = input;
      const known = world.chat(chatId);
      const chat = known ?? world.addChat({ id: chatId, type, title, ...(topics ? { topics } : {}) });
      if (!known) chat.membership = "left";
      const by = actorOf(world, input, chat);
      const id = become(chat, by, "member", input);
      const extra = { new_chat_members: [botJson(bot)] };
      updates.push("message", service(chat, `${by.name} added ${bot.name}`, extra, by));
      return id;
    },
    kickBot(input) {
      const chat = found(input.chatId);
      const by = actorOf(world, input, chat);
      const left = service(chat, `${by.name} removed ${bot.name}`, { left_chat_member: botJson(bot) }, by);
      const id = become(chat, by, "kicked", {});
      // A basic group still shows the bot its own removal; a supergroup is closed to it by then.
      if (chat.type === "group") updates.push("message", left);
      return id;
    },
    promoteBot(input) {
      const chat = found(input.chatId);
      return become(chat, actorOf(world, input, chat), "member", input);
    },
    upgrade(fromId, toId) {
      world.migrate(fromId, toId);
      const from = found(fromId);
      const to = found(toId);
      const text = `the group became a supergroup`;
      updates.push("message", service(from, text, { migrate_to_chat_id: toId }, null));
      updates.push("message", service(to, text, { migrate_from_chat_id: fromId }, null));
    },
  };
}
