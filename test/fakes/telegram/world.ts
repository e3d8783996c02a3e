/**
 * What the fake Telegram knows: chats, people, topics, messages and their history, pictures, and the ledger of what it
 * accepted.
 * Why apart from HTTP: tests and the control door change the world; the methods only ask it.
 * Must not: know requests, faults or sockets.
 */
import type { Entity } from "./entities.ts";
import type { HappenedToMessage, HistoryEntry } from "./history.ts";
import type { Picture } from "./picture.ts";

export type ChatType = "private" | "group" | "supergroup" | "channel";
/** How the bot stands in a chat. `muted`: a member that may not write; `left`: it went by itself. */
export type Membership = "member" | "blocked" | "kicked" | "left" | "deactivated" | "deleted" | "muted";
export type PersonStatus = "creator" | "administrator" | "member" | "left" | "kicked";

export interface Person {
  readonly id: number;
  readonly name: string;
  readonly username?: string;
  readonly languageCode?: string;
}

/** What the bot may do in a group besides writing. Any of them makes it an administrator. */
export interface BotRights {
  readonly canPin?: boolean;
  readonly canDelete?: boolean;
  readonly administrator?: boolean;
}

export interface ChatInput extends BotRights {
  readonly id: number;
  readonly type: ChatType;
  /** Title of a group; first name in private. */
  readonly title: string;
  /** Topics by thread id; a chat with topics is a forum. */
  readonly topics?: Readonly<Record<number, string>>;
  /** Who is in the group; whoever writes or presses joins by that. */
  readonly people?: readonly (Person & { readonly status?: PersonStatus })[];
}

export interface Chat {
  readonly id: number;
  type: ChatType;
  title: string;
  readonly topics: Map<number, { readonly name: string; closed: boolean }>;
  readonly people: Map<number, { person: Person; status: PersonStatus }>;
  membership: Membership;
  administrator: boolean;
  canPin: boolean;
  canDelete: boolean;
  migratedTo: number | null;
  lastMessageId: number;
  /** When the bot's messages and edits were accepted, for the quota. */
  readonly acceptedAtMs: number[];
}

export interface Button {
  readonly text: string;
  readonly url: string | null;
  readonly callbackData: string | null;
  /** Begins an inline query with this text, in a chat to be chosen or in this one. */
  readonly inlineQuery?: { readonly text: string; readonly here: boolean };
  readonly copyText?: string;
}

/** A picture of a message; its bytes are in `World.pictures`. */
export interface StoredPhoto {
  readonly fileId: string;
  readonly fileUniqueId: string;
  readonly width: number;
  readonly height: number;
  readonly fileSize: number;
}

/** One message as Telegram keeps it. The ledger holds those of the bot, in the order they were accepted. */
export interface StoredMessage {
  readonly chatId: number;
  readonly threadId: number | null;
  readonly messageId: number;
  readonly fromBot: boolean;
  /** Who wrote it; null: the bot, or Telegram itself. */
  readonly from: Person | null;
  /** Telegram's own line in the chat ("Detak pinned …"); null for a message. */
  readonly service: string | null;
  readonly method: string;
  /** Requests (of any method) the server had seen when this was accepted, itself included. */
  readonly requestIndex: number;
  readonly atMs: number;
  readonly order: number;
  /** The text; the caption of a picture. */
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
  readonly photo: StoredPhoto | null;
  /** Earlier texts and captions; `history` has them too, with everything else. */
  readonly edits: { readonly atMs: number; readonly text: string }[];
  readonly history: HistoryEntry[];
  /** The bot's own reaction. */
  reactions: readonly string[];
  /** People's reactions that stand now. */
  readonly personReactions: { readonly by: Person; readonly emoji: readonly string[] }[];
  pinned: boolean;
  deletedAtMs: number | null;
}

type MadeHere =
  "messageId" | "order" | "edits" | "history" | "reactions" | "personReactions" | "pinned" | "deletedAtMs";
export type NewMessage = Omit<StoredMessage, MadeHere | "from" | "service" | "photo"> &
  Partial<Pick<StoredMessage, "from" | "service" | "photo">>;

export interface World {
  readonly chats: ReadonlyMap<number, Chat>;
  readonly messages: readonly StoredMessage[];
  readonly ledger: readonly StoredMessage[];
  /** Everybody who was ever named. */
  readonly people: ReadonlyMap<number, Person>;
  /** Pictures by file id. */
  readonly pictures: Map<string, Picture>;
  addChat(input: ChatInput): Chat;
  chat(id: number): Chat | null;
  /** Names a person, or renames them; in a group they are a member from now on. */
  meet(person: Person, chat?: Chat): Person;
  /** A message that is still there. */
  message(chatId: number, messageId: number): StoredMessage | null;
  /** Gives the message the chat's next id and keeps it. */
  keep(message: NewMessage): StoredMessage;
  /** Writes into the message's history. */
  note(message: StoredMessage, atMs: number, entry: HappenedToMessage): void;
  nextOrder(): number;
  /** The group becomes a supergroup with a new id; the old id only points there. */
  migrate(fromId: number, toId: number): void;
}

export function botIsAdministrator(chat: Chat): boolean {
  return chat.administrator || chat.canPin || chat.canDelete;
}

function chatOf(input: ChatInput): Chat {
  return {
    id: input.id,
    type: input.type,
    title: input.title,
    topics: new Map(
      Object.entries(input.topics ?? {}).map(([id, name]) => [Number(id), { name, closed: false }]),
    ),
    people: new Map(
      (input.people ?? []).map(({ status, ...person }) => [
        person.id,
        { person, status: status ?? ("member" as const) },
      ]),
    ),
    membership: "member",
    administrator: input.administrator ?? false,
    canPin: input.canPin ?? false,
    canDelete: input.canDelete ?? false,
    migratedTo: null,
    lastMessageId: 0,
    acceptedAtMs: [],
  };
}

export function createWorld(): World {
  const chats = new Map<number, Chat>();
  const messages: StoredMessage[] = [];
  const people = new Map<number, Person>();
  let order = 0;
  const world: World = {
    chats,
    messages,
    people,
    pictures: new Map(),
    get ledger() {
      return messages.filter((message) => message.fromBot);
    },
    addChat(input) {
      const chat = chatOf(input);
      chats.set(chat.id, chat);
      for (const { person } of chat.people.values()) people.set(person.id, person);
      if (chat.type === "private") world.meet({ id: chat.id, name: chat.title });
      return chat;
    },
    chat(id) {
      return chats.get(id) ?? null;
    },
    meet(given, chat) {
      const person = { ...people.get(given.id), ...given };
      people.set(person.id, person);
      if (chat && chat.type !== "private") {
        const status = chat.people.get(person.id)?.status ?? "member";
        chat.people.set(person.id, { person, status });
      }
      return person;
    },
    message(chatId, messageId) {
      return (
        messages.find(
          (message) =>
            message.chatId === chatId && message.messageId === messageId && message.deletedAtMs === null,
        ) ?? null
      );
    },
    keep(message) {
      const chat = chats.get(message.chatId);
      if (!chat) throw new Error(`no chat ${message.chatId}`);
      chat.lastMessageId += 1;
      const kept: StoredMessage = {
        from: null,
        service: null,
        photo: null,
        ...message,
        messageId: chat.lastMessageId,
        order: world.nextOrder(),
        edits: [],
        history: [],
        reactions: [],
        personReactions: [],
        pinned: false,
        deletedAtMs: null,
      };
      messages.push(kept);
      return kept;
    },
    note(message, atMs, entry) {
      message.history.push({ atMs, order: world.nextOrder(), ...entry });
    },
    nextOrder() {
      order += 1;
      return order;
    },
    migrate(fromId, toId) {
      const from = chats.get(fromId);
      if (!from) throw new Error(`no chat ${fromId}`);
      const { title, administrator, canPin, canDelete } = from;
      const to = world.addChat({ id: toId, type: "supergroup", title, administrator, canPin, canDelete });
      for (const [id, member] of from.people) to.people.set(id, member);
      from.migratedTo = toId;
    },
  };
  return world;
}
