/**
 * The whole world as JSON: what a page or a transcript needs, also after the fake is gone.
 * Why apart from the ledger: people's messages, topics' names and the bytes of pictures are not in it.
 * Must not: lose anything a person could have seen.
 */
import type { CommandList } from "./command-lists.ts";
import type { BotIdentity } from "./message.ts";
import type { InlineQuery, Press } from "./queries.ts";
import type { ChatType, Membership, StoredMessage, World } from "./world.ts";

export interface SnapshotChat {
  readonly id: number;
  readonly type: ChatType;
  readonly title: string;
  readonly membership: Membership;
  readonly topics: Readonly<Record<string, string>>;
}

export interface Snapshot {
  readonly botName: string;
  readonly botUsername: string;
  readonly chats: readonly SnapshotChat[];
  /** In the order they were sent, people's too. */
  readonly messages: readonly StoredMessage[];
  /** As data URIs, by file id. */
  readonly pictures: Readonly<Record<string, string>>;
  readonly presses: readonly Press[];
  readonly inline: readonly InlineQuery[];
  readonly commands: readonly CommandList[];
}

export function snapshotOf(parts: {
  readonly world: World;
  readonly bot: BotIdentity;
  readonly presses: readonly Press[];
  readonly inline: readonly InlineQuery[];
  readonly commands: readonly CommandList[];
}): Snapshot {
  const { world, bot, presses, inline, commands } = parts;
  return {
    botName: bot.name,
    botUsername: bot.username,
    chats: [...world.chats.values()].map(({ id, type, title, membership, topics }) => ({
      ...{ id, type, title, membership },
      topics: Object.fromEntries([...topics].map(([threadId, { name }]) => [threadId, name])),
    })),
    messages: world.messages,
    pictures: Object.fromEntries(
      [...world.pictures].map(([id, { mime, bytes }]) => [
        id,
        `data:${mime};base64,${bytes.toString("base64")}`,
      ]),
    ),
    presses,
    inline,
    commands,
  };
}

/** What an older or shorter file does not say. */
const UNSAID = {
  threadId: null,
  from: null,
  service: null,
  atMs: 0,
  text: "",
  entities: [],
  replyTo: null,
  buttons: [],
  silent: false,
  venue: null,
  photo: null,
  edits: [],
  history: [],
  reactions: [],
  personReactions: [],
  pinned: false,
  deletedAtMs: null,
} as const;

function messagesOf(list: readonly unknown[]): readonly StoredMessage[] {
  return list.map((given, index) => {
    const message = given as Partial<StoredMessage>;
    return {
      fromBot: true,
      method: "sendMessage",
      requestIndex: 0,
      order: index,
      messageId: index + 1,
      chatId: 0,
      ...UNSAID,
      ...message,
    } as StoredMessage;
  });
}

/** A snapshot from JSON: a whole world, or only the list of messages that `GET ledger` gives. Throws on anything else. */
export function readSnapshot(json: unknown): Snapshot {
  const isList = Array.isArray(json);
  const given = (isList ? { messages: json } : json) as Partial<Snapshot> | null;
  if (!Array.isArray(given?.messages)) throw new Error("neither a ledger nor a world: no list of messages");
  const messages = messagesOf(given.messages);
  return {
    botName: "Detak",
    botUsername: "bot",
    chats: [],
    pictures: {},
    presses: [],
    inline: [],
    commands: [],
    ...given,
    messages,
  };
}
