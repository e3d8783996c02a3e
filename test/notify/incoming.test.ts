/**
 * What an update says: read from the shapes Telegram documents, and from shapes that nobody does.
 * Why hostile ones too: whoever can write to the bot chooses the text, the names and the buttons' data.
 * Must not: ask a server; the way in of real updates is tested in linking, commands and presses.
 */
import fc from "fast-check";
import type { Update } from "node-telegram-bot-api";
import { describe, expect, it } from "vitest";
import { incomingIn, type Incoming } from "../../collector/notify/telegram/incoming.ts";
import { hostile } from "./hostile.ts";

const BOT = "Detak_Bot";
const CHAT = { id: -1004003, type: "supergroup", title: "IT Forum" };
const SARI = { id: 4001, is_bot: false, first_name: "Sari", last_name: "Dewi" };

const read = (update: object): Incoming | null => incomingIn({ update_id: 1, ...update } as Update, BOT);
const said = (text: string, more: object = {}) =>
  read({ message: { message_id: 5, date: 1, chat: CHAT, from: SARI, text, ...more } });

describe("a command", () => {
  it("is a name, what stands behind it, the place, the person and the message", () => {
    expect(said("/Server  srv kasir ")).toEqual({
      type: "command",
      name: "server",
      argument: "srv kasir",
      place: {
        address: "-1004003",
        answerTo: { chatId: "-1004003", threadId: null },
        isPrivate: false,
      },
      person: { id: "4001", name: "Sari Dewi" },
      messageId: 5,
    });
  });

  it("for us by name, in any case, and without one; for another bot it is none", () => {
    expect(said("/status@Detak_Bot")).toMatchObject({ name: "status", argument: "" });
    expect(said("/status@detak_bot x")).toMatchObject({ name: "status", argument: "x" });
    expect(said("/status")).toMatchObject({ name: "status" });
    for (const text of ["/status@other_bot", "/status@Detak_Bot2", "/link@other_bot abc", "/start@x y"])
      expect(said(text), text).toBeNull();
  });

  it("in a topic comes from the topic; a thread of answers in a group without topics is none", () => {
    const inTopic = said("/down", { message_thread_id: 17, is_topic_message: true });
    expect(inTopic).toMatchObject({
      place: { address: "-1004003/17", answerTo: { chatId: "-1004003", threadId: 17 } },
    });
    expect(said("/down", { message_thread_id: 99 })).toMatchObject({ place: { address: "-1004003" } });
  });

  it("goes over several lines; what is too long is cut", () => {
    expect(said("/mute\n12\n2 jam")).toMatchObject({ name: "mute", argument: "12\n2 jam" });
    const long = said(`/server ${"x".repeat(5_000)}`);
    expect(long?.type === "command" && long.argument.length).toBe(200);
  });

  it("is not: a slash alone, a path, a command in the middle, a text of something else", () => {
    for (const text of ["/", "//status", "/status/", "/sta-tus", "hi /status", " /status", "", "/status@"])
      expect(said(text), text).toBeNull();
  });

  it("in a channel is the channel's own: nobody in person", () => {
    const channel = { id: -1007, type: "channel", title: "Kabar IT" };
    const post = { message_id: 3, date: 1, chat: channel, sender_chat: channel, text: "/status" };
    expect(read({ channel_post: post })).toMatchObject({
      type: "command",
      name: "status",
      person: null,
      place: { address: "-1007", isPrivate: false },
    });
  });

  it("of an admin who stays anonymous is the group's: nobody in person", () => {
    const anonymous = { id: 1087968824, is_bot: true, first_name: "Group", username: "GroupAnonymousBot" };
    expect(said("/ack 12", { from: anonymous, sender_chat: CHAT })).toMatchObject({
      type: "command",
      person: null,
    });
    expect(said("/link abc", { from: anonymous, sender_chat: CHAT })).toMatchObject({ type: "link" });
  });

  it("of another bot is passed over", () => {
    expect(said("/status", { from: { id: 9, is_bot: true, first_name: "Other" } })).toBeNull();
  });
});

describe("a code", () => {
  it("stands behind /start or /link, and is one word of its alphabet", () => {
    expect(said("/start abc-DEF_123 please")).toMatchObject({ type: "link", code: "abc-DEF_123" });
    expect(said("/LINK@detak_bot abc")).toMatchObject({ type: "link", code: "abc", chatName: "IT Forum" });
    for (const text of ["/start", "/link ", "/start a.b", `/link ${"x".repeat(65)}`, "/starter abc"])
      expect(said(text)?.type, text).toBe("command");
  });

  it("comes with what the chat calls itself: a topic by both names, a person by theirs", () => {
    const topic = {
      message_thread_id: 17,
      is_topic_message: true,
      reply_to_message: { forum_topic_created: { name: "Server" } },
    };
    expect(said("/link abc", topic)).toMatchObject({ chatName: "IT Forum › Server" });
    const alone = { id: 4001, type: "private", first_name: "Sari", last_name: "Dewi" };
    expect(said("/start abc", { chat: alone })).toMatchObject({ chatName: "Sari Dewi" });
    expect(said("/start abc", { chat: { id: 7, type: "private" } })).toMatchObject({ chatName: "7" });
  });
});

describe("what is no command", () => {
  it("an edit is none: what was written before was handled already", () => {
    const message = { message_id: 5, date: 1, edit_date: 2, chat: CHAT, from: SARI, text: "/ack 12" };
    expect(read({ edited_message: message })).toBeNull();
    expect(read({ edited_channel_post: message })).toBeNull();
  });

  it("pictures with a caption, joins, pins, polls and whatever comes next are none", () => {
    expect(said("", { text: undefined, caption: "/status", photo: [] })).toBeNull();
    expect(said("", { text: undefined, new_chat_members: [SARI] })).toBeNull();
    expect(said("", { text: undefined, pinned_message: { message_id: 4 } })).toBeNull();
    expect(read({ poll_answer: { poll_id: "1" } })).toBeNull();
    expect(read({ something_new: { of: 2030 } })).toBeNull();
    expect(read({})).toBeNull();
  });

  it("a group that became a supergroup has moved, whatever else is said", () => {
    expect(said("/status", { migrate_to_chat_id: -1009 })).toEqual({
      type: "moved",
      fromChatId: "-1004003",
      toChatId: "-1009",
    });
  });
});

describe("a press, a search, a coming", () => {
  const query = { id: "77", from: SARI, chat_instance: "1", data: "ack:i12" };

  it("a press says what the button carries, where and by whom", () => {
    const message = { message_id: 8, date: 1, chat: CHAT, is_topic_message: true, message_thread_id: 17 };
    expect(read({ callback_query: { ...query, message } })).toMatchObject({
      type: "press",
      queryId: "77",
      data: "ack:i12",
      messageId: 8,
      person: { id: "4001", name: "Sari Dewi" },
      place: { address: "-1004003/17" },
    });
  });

  it("a press on a message that is not shown any more still says where; one of inline mode is none", () => {
    const gone = { chat: CHAT, message_id: 8, date: 0 };
    expect(read({ callback_query: { ...query, message: gone } })).toMatchObject({
      place: { address: "-1004003" },
    });
    expect(read({ callback_query: { ...query, inline_message_id: "x" } })).toBeNull();
    expect(read({ callback_query: { ...query, data: undefined, message: gone } })).toBeNull();
  });

  it("a search says what was typed, cut to what can be looked for", () => {
    const found = read({ inline_query: { id: "9", from: SARI, query: "k".repeat(500), offset: "" } });
    expect(found).toMatchObject({ type: "search", queryId: "9", person: { id: "4001" } });
    expect(found?.type === "search" && found.text.length).toBe(200);
  });

  it.each([
    [{ status: "member" }, true],
    [{ status: "administrator" }, true],
    [{ status: "creator" }, true],
    [{ status: "restricted", can_send_messages: true }, true],
    [{ status: "restricted", can_send_messages: false }, false],
    [{ status: "restricted" }, false],
    [{ status: "left" }, false],
    [{ status: "kicked" }, false],
  ])("as %j the bot may write: %j", (new_chat_member, mayWrite) => {
    expect(read({ my_chat_member: { chat: CHAT, from: SARI, new_chat_member } })).toEqual({
      type: "membership",
      chatId: "-1004003",
      mayWrite,
    });
  });
});

const id = fc.integer({ min: -(2 ** 52), max: 2 ** 52 });
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const user = fc.record(
  { id, is_bot: fc.boolean(), first_name: hostile, last_name: hostile, username: hostile },
  { requiredKeys: ["id", "is_bot", "first_name"] },
);
const chat = fc.record(
  {
    id,
    type: fc.constantFrom("private", "group", "supergroup", "channel"),
    title: hostile,
    first_name: hostile,
  },
  { requiredKeys: ["id", "type"] },
);
const command = fc
  .tuple(
    fc.constantFrom("/start", "/link", "/ack@Detak_Bot", "/status@other", "/mute", "/constructor"),
    hostile,
  )
  .map(([name, rest]) => `${name} ${rest}`);
const message = fc.record(
  {
    message_id: id,
    date: fc.nat(),
    chat,
    from: user,
    sender_chat: chat,
    text: fc.oneof(hostile, command),
    is_topic_message: fc.boolean(),
    message_thread_id: id,
    migrate_to_chat_id: maybe(id),
  },
  { requiredKeys: ["message_id", "date", "chat"] },
);
const updates = fc.oneof(
  fc.record({ message }),
  fc.record({ channel_post: message }),
  fc.record({
    callback_query: fc.record({ id: hostile, from: user, data: maybe(hostile), message: maybe(message) }),
  }),
  fc.record({ inline_query: fc.record({ id: hostile, from: user, query: hostile, offset: hostile }) }),
);

describe("hostile updates", () => {
  it("of a shape Telegram documents: never thrown, and nothing longer than it may be", () => {
    fc.assert(
      fc.property(updates, (update) => {
        const incoming = read(update);
        if (incoming === null) return;
        if (incoming.type === "link") {
          expect(incoming.code).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
          expect(incoming.chatName.length).toBeLessThanOrEqual(128);
        }
        if (incoming.type === "command") {
          expect(incoming.name).toMatch(/^[a-z0-9_]{1,32}$/);
          expect(incoming.argument.length).toBeLessThanOrEqual(200);
        }
        if ("person" in incoming && incoming.person) {
          expect(incoming.person.id).toMatch(/^-?\d+$/);
          expect(incoming.person.name.length).toBeLessThanOrEqual(64);
          expect(incoming.person.name).not.toBe("");
        }
      }),
      { numRuns: 500 },
    );
  });

  it("a command for another bot is nothing, whatever stands behind it", () => {
    const other = fc
      .stringMatching(/^[A-Za-z0-9_]{3,20}$/)
      .filter((name) => name.toLowerCase() !== "detak_bot");
    fc.assert(
      fc.property(fc.constantFrom("start", "link", "ack", "mute"), other, hostile, (name, bot, rest) => {
        expect(said(`/${name}@${bot} ${rest}`)).toBeNull();
      }),
    );
  });
});
