/**
 * What the fake Telegram knows: chats, who is a member, topics, messages, and the ledger of what it accepted.
 * Why apart from HTTP: tests and the control door change the world; the methods only ask it.
 * Must not: know requests, faults or sockets.
 */
import type { Entity } from "./entities.ts";

export type ChatType = "private" | "group" | "supergroup" | "channel";
/** How the bot stands in a chat. `muted`: a member that may not write. */
export type Membership = "member" | "blocked" | "kicked" | "deactivated" | "deleted" | "muted";

export interface ChatInput {
  readonly id: number;
  readonly type: ChatType;
  /** Title of a group; first name in private. */
  readonly title: string;
  /** Topics by thread id; a chat with topics is a forum. */
  readonly topics?: Readonly<Record<number, string>>;
}

export interface Chat {
  readonly id: number;
  type: ChatType;
  title: string;
  readonly topics: Map<number, { readonly name: string; closed: boolean }>;
  membership: Membership;
  migratedTo: number | null;
  lastMessageId: number;
  /** When the bot's messages were accepted, for the quota. */
  readonly acceptedAtMs: number[];
}

export interface Button {
  readonly text: string;
  readonly url: string | null;
  readonly callbackData: string | null;
}

/** One message as Telegram keeps it. The ledger holds those of the bot, in the order they were accepted. */
export interface StoredMessage {
  readonly chatId: number;
  readonly threadId: number | null;
  readonly messageId: number;
  readonly fromBot: boolean;
  readonly method: string;
  /** Requests (of any method) the server had seen when this was accepted, itself included. */
  readonly requestIndex: number;
  readonly atMs: number;
  text: string;
  entities: readonly Entity[];
  readonly replyTo: number | null;
  buttons: readonly (readonly Button[])[];
  readonly silent: boolean;
  readonly venue: {
    readonly latitude: number;
    readonly longitude: number;
    readonly title: string;
    readonly address: string;
  } | null;
  readonly edits: { readonly atMs: number; readonly text: string }[];
  reactions: readonly string[];
  pinned: boolean;
}

export interface World {
  readonly chats: ReadonlyMap<number, Chat>;
  readonly messages: readonly StoredMessage[];
  readonly ledger: readonly StoredMessage[];
  addChat(input: ChatInput): Chat;
  chat(id: number): Chat | null;
  message(chatId: number, messageId: number): StoredMessage | null;
  /** Gives the message the chat's next id and keeps it. */
  keep(message: Omit<StoredMessage, "messageId" | "edits" | "reactions" | "pinned">): StoredMessage;
  /** The group becomes a supergroup with a new id; the old id only points there. */
  migrate(fromId: number, toId: number): void;
}

export function createWorld(): World {
  const chats = new Map<number, Chat>();
  const messages: StoredMessage[] = [];
  const world: World = {
    chats,
    messages,
    get ledger() {
      return messages.filter((message) => message.fromBot);
    },
    addChat(input) {
      const chat: Chat = {
        id: input.id,
        type: input.type,
        title: input.title,
        topics: new Map(
          Object.entries(input.topics ?? {}).map(([id, name]) => [Number(id), { name, closed: false }]),
        ),
        membership: "member",
        migratedTo: null,
        lastMessageId: 0,
        acceptedAtMs: [],
      };
      chats.set(chat.id, chat);
      return chat;
    },
    chat(id) {
      return chats.get(id) ?? null;
    },
    message(chatId, messageId) {
      return messages.find((message) => message.chatId === chatId && message.messageId === messageId) ?? null;
    },
    keep(message) {
      const chat = chats.get(message.chatId);
      if (!chat) throw new Error(`no chat ${message.chatId}`);
      chat.lastMessageId += 1;
      const kept: StoredMessage = {
        ...message,
        messageId: chat.lastMessageId,
        edits: [],
        reactions: [],
        pinned: false,
      };
      messages.push(kept);
      return kept;
    },
    migrate(fromId, toId) {
      const from = chats.get(fromId);
      if (!from) throw new Error(`no chat ${fromId}`);
      world.addChat({ id: toId, type: "supergroup", title: from.title });
      from.migratedTo = toId;
    },
  };
  return world;
}
