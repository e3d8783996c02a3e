/**
 * One chat for each way in which Telegram may fail: what is done to it just before a step, and what that does to a send.
 * Why a chat each: one collector then meets all of them at the same moment.
 * Must not: know a step's texts, or judge.
 */
import type { Fault } from "../fakes/telegram/faults.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import type { ChatType } from "../fakes/telegram/world.ts";

export interface FaultyChat {
  /** The fault, and the recipient's name. */
  readonly name: string;
  readonly chatId: number;
  /** As the recipient is saved. */
  readonly address: string;
  /** Where its messages go in the end; another id only of a chat that moves. */
  readonly laterChatId: number;
  /** Nobody can know what became of the first attempt. */
  readonly isUnknown: boolean;
  /** The chat is shut until somebody lets the bot in again. */
  readonly isBlocked: boolean;
  /** A message that is refused so is sent in a simpler form; an edit is left for the next change. */
  readonly refusesEdit: boolean;
  /** The next call of `method` about this chat meets the fault. */
  strike(fake: FakeTelegram, method: string): void;
}

type Cause = { readonly fault: Fault } | { readonly act: (fake: FakeTelegram, chatId: number) => void };

interface Kind {
  readonly cause: Cause;
  readonly type?: ChatType;
  readonly isUnknown?: true;
  readonly isBlocked?: true;
  readonly refusesEdit?: true;
  readonly moves?: true;
  readonly topic?: number;
}

const nothing = (): void => undefined;

/** Basic groups and forums among them, for their pace and their addresses. */
const kinds: Readonly<Record<string, Kind>> = {
  "no fault": { cause: { act: nothing } },
  "429 without retry_after": { cause: { fault: { kind: "too_many_requests" } } },
  "429 with retry_after": {
    cause: { fault: { kind: "too_many_requests", retryAfterSeconds: 5 } },
    type: "supergroup",
  },
  "5xx before accepting": { cause: { fault: { kind: "server_error", when: "before" } }, isUnknown: true },
  "5xx after accepting": {
    cause: { fault: { kind: "server_error", when: "after", body: "html" } },
    type: "supergroup",
    isUnknown: true,
  },
  "a reset before accepting": { cause: { fault: { kind: "drop", when: "before" } }, isUnknown: true },
  "a reset after accepting": { cause: { fault: { kind: "drop", when: "after" } }, isUnknown: true },
  "half an answer": { cause: { fault: { kind: "half_body" } }, type: "supergroup", isUnknown: true },
  "no answer, not accepted": { cause: { fault: { kind: "hang", when: "before" } }, isUnknown: true },
  "no answer, accepted": { cause: { fault: { kind: "hang", when: "after" } }, isUnknown: true },
  "HTML with 200, not accepted": { cause: { fault: { kind: "html", when: "before" } }, isUnknown: true },
  "HTML with 200, accepted": { cause: { fault: { kind: "html", when: "after" } }, isUnknown: true },
  "400 can't parse": { cause: { fault: { kind: "parse_error" } }, type: "supergroup", refusesEdit: true },
  "403 blocked, then unblocked": {
    cause: {
      act: (fake, chatId) => {
        const chat = fake.world.chat(chatId);
        // Without the update that would say so: the refusal itself must be understood.
        if (chat) chat.membership = "blocked";
      },
    },
    isBlocked: true,
  },
  "a group that moves": {
    cause: { act: (fake, chatId) => fake.world.migrate(chatId, movedTo(chatId)) },
    type: "group",
    moves: true,
  },
  "a topic that closes": {
    cause: {
      act: (fake, chatId) => {
        const topic = fake.world.chat(chatId)?.topics.get(TOPIC);
        if (topic) topic.closed = true;
      },
    },
    type: "supergroup",
    topic: 9,
  },
};
const TOPIC = 9;

/** Supergroups have ids of their own shape; private ones are positive, basic groups small negative. */
const idOf = (type: ChatType, index: number): number =>
  type === "private" ? 4_000 + index : type === "group" ? -(4_000 + index) : -(1_001_000_004_000 + index);
const movedTo = (chatId: number): number => -1_001_000_000_000 + chatId;

function chatOf(name: string, kind: Kind, index: number): FaultyChat {
  const { cause } = kind;
  const chatId = idOf(kind.type ?? "private", index);
  return {
    name,
    chatId,
    address: `${chatId}${kind.topic === undefined ? "" : `/${kind.topic}`}`,
    laterChatId: kind.moves === true ? movedTo(chatId) : chatId,
    isUnknown: kind.isUnknown ?? false,
    isBlocked: kind.isBlocked ?? false,
    refusesEdit: kind.refusesEdit ?? kind.isBlocked ?? false,
    strike(fake, method) {
      if ("fault" in cause) fake.faults.add(method, cause.fault, 1, chatId);
      else cause.act(fake, chatId);
    },
  };
}

/** Every fault that strikes one chat. */
export const faultyChats: readonly FaultyChat[] = Object.entries(kinds).map(([name, kind], index) =>
  chatOf(name, kind, index),
);

/** What strikes all chats at once: nobody listens. A private chat and a group. */
export const refusedChats: readonly FaultyChat[] = [
  chatOf("connections refused", { cause: { act: nothing } }, 100),
  chatOf("connections refused, a group", { cause: { act: nothing }, type: "supergroup" }, 101),
];

/** Makes them in the fake's world. */
export function addChats(fake: FakeTelegram, chats: readonly FaultyChat[]): void {
  for (const { name, chatId, address } of chats) {
    const type: ChatType = chatId > 0 ? "private" : chatId < -1_000_000_000_000 ? "supergroup" : "group";
    const topics = address.includes("/") ? { topics: { [TOPIC]: "Siaga" } } : {};
    fake.world.addChat({ id: chatId, type, title: name, ...topics });
  }
}
