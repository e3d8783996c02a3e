/**
 * Who may command: chats that are not linked, of users, switched off, lost and back; people who are not allowed; channels.
 * Why apart from what commands do: a chat that may not know anything must not learn it from an answer either.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NotTaken } from "../../collector/notify/telegram/taken.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { answerText, botBefore, type Bot } from "./bot-by-hand.ts";
import { createStore, type Store } from "./desk-double.ts";
import { fakeWithChats, FORUM, GROUP, PRIVATE, TOPIC } from "./harness.ts";

const ALL = [
  ...["/status", "/down", "/server srv-kasir", "/site makassar", "/report", "/mute 12", "/mute srv-kasir"],
  ...["/ack", "/ack 12", "/board on", "/lang en", "/help", "/start", "/nonsense"],
];
const BUDI = { fromId: 4005, fromName: "Budi" };

describe("who may command", () => {
  let fake: FakeTelegram;
  let store: Store;
  let bot: Bot;
  beforeEach(async () => {
    fake = await fakeWithChats();
    store = createStore();
    store.addIncident(12);
    store.addServer("srv-kasir");
    store.addSite("Cabang Makassar");
    bot = botBefore(fake, store);
  });
  afterEach(() => fake.close());

  async function sayAll(chatId: number, texts: readonly string[] = ALL): Promise<void> {
    for (const text of texts) fake.people.say({ chatId, text, ...(chatId === PRIVATE ? {} : BUDI) });
    await bot.handleAll();
  }
  const nothing = () => {
    expect(fake.ledger).toEqual([]);
    expect(store.pushed).toEqual([]);
    expect(store.asked).toEqual([]);
  };

  it("a chat that is not linked learns nothing, in private and in a group", async () => {
    await sayAll(PRIVATE);
    await sayAll(GROUP);
    nothing();
  });

  it("a chat that is linked on another channel only is not linked", async () => {
    store.addRecipient({ id: "hook", channel: "webhook", address: String(PRIVATE) });
    await sayAll(PRIVATE);
    nothing();
  });

  it("a chat that staff switched off learns nothing", async () => {
    store.addRecipient({ id: "off", address: String(PRIVATE), enabled: false });
    await sayAll(PRIVATE);
    nothing();
  });

  it("users choose their language, alone and in a group, and nothing else is answered", async () => {
    store.addRecipient({ id: "one", address: String(PRIVATE), audience: "users" });
    store.addRecipient({ id: "all", address: String(GROUP), audience: "users", allowedPeople: ["1"] });
    for (const chatId of [PRIVATE, GROUP]) {
      await sayAll(chatId);
      expect(fake.ledger.map(({ text }) => text)).toEqual([answerText(store, { type: "language" }, "en")]);
      expect(store.pushed.map(({ type }) => type)).toEqual(["recipient_saved"]);
      fake.world.messages.forEach((message) => (message.deletedAtMs = 1));
      store.pushed.length = 0;
      (fake.world.messages as unknown[]).length = 0;
    }
    expect(store.asked).toEqual([]);
    expect([...store.recipients.values()].map(({ language }) => language)).toEqual(["en", "en"]);
  });

  it("people who are not allowed are told their id, whatever they ask, and nothing is done", async () => {
    store.addRecipient({ id: "it", address: String(GROUP), allowedPeople: ["4001"] });
    await sayAll(GROUP, ALL.slice(0, -1));
    const text = answerText(store, { type: "not_allowed", personId: "4005" });
    expect(fake.ledger.map((message) => message.text)).toEqual(ALL.slice(0, -1).map(() => text));
    expect(store.pushed).toEqual([]);
    expect(store.asked).toEqual([]);
  });

  it("people who are allowed command, by their own name", async () => {
    store.addRecipient({ id: "it", address: String(GROUP), allowedPeople: ["4001", "4005"] });
    await sayAll(GROUP, ["/ack 12"]);
    expect(store.eventsOf("incident_acknowledged")).toMatchObject([{ by: "Budi" }]);
  });

  it("an admin who stays anonymous, and a channel, act by the chat's name; where people are named, not at all", async () => {
    const chat = { id: FORUM, type: "supergroup", title: "IT Forum" } as const;
    const said = (update_id: number) => ({
      update_id,
      message: {
        message_id: update_id,
        date: 1,
        chat,
        from: { id: 1087968824, is_bot: true, first_name: "Group" },
        sender_chat: chat,
        text: "/ack 12",
      },
    });
    store.addRecipient({ id: "it", address: String(FORUM), name: "Tim IT", allowedPeople: ["4005"] });
    await bot.handle(said(1));
    expect(store.pushed).toEqual([]);
    store.addRecipient({ id: "it", address: String(FORUM), name: "Tim IT" });
    await bot.handle(said(2));
    expect(store.eventsOf("incident_acknowledged")).toMatchObject([{ by: "Tim IT" }]);
  });

  it("in a topic that is not linked those of the chat command when that is; in another topic than the linked one nobody", async () => {
    store.addRecipient({ id: "other", address: `${FORUM}/99` });
    fake.people.say({ chatId: FORUM, threadId: TOPIC, text: "/help", ...BUDI });
    await bot.handleAll();
    nothing();
    store.addRecipient({ id: "chat", address: String(FORUM) });
    fake.people.say({ chatId: FORUM, threadId: TOPIC, text: "/help", ...BUDI });
    await bot.handleAll();
    expect(fake.ledger).toMatchObject([{ chatId: FORUM, threadId: TOPIC }]);
  });
});

describe("a chat that was lost", () => {
  let fake: FakeTelegram;
  let store: Store;
  let bot: Bot;
  beforeEach(async () => {
    fake = await fakeWithChats();
    store = createStore();
    store.addRecipient({
      id: "sari",
      address: String(PRIVATE),
      enabled: false,
      disabledReason: "bot was blocked by the user",
    });
    bot = botBefore(fake, store);
  });
  afterEach(() => fake.close());
  const returned = () => store.eventsOf("recipient_returned");

  it("and writes again is told again, once, and answered", async () => {
    fake.people.say({ chatId: PRIVATE, text: "/help" });
    fake.people.say({ chatId: PRIVATE, text: "/help" });
    await bot.handleAll();
    expect(returned()).toMatchObject([{ recipientId: "sari" }]);
    expect(store.recipients.get("sari")).toMatchObject({ enabled: true, disabledReason: null });
    expect(fake.ledger).toHaveLength(2);
  });

  it("and unblocks the bot is told again, once, with the offset of the poll", async () => {
    fake.people.unblockBot({ chatId: PRIVATE });
    await bot.handleAll();
    expect(returned()).toEqual([
      {
        type: "recipient_returned",
        recipientId: "sari",
        shelf: [{ key: "telegram/offset", value: bot.updates.nextUpdateId }],
      },
    ]);
    expect(store.shelf.get("telegram/offset")).toBe(bot.updates.nextUpdateId);
    fake.people.blockBot({ chatId: PRIVATE });
    fake.people.unblockBot({ chatId: PRIVATE });
    await bot.handleAll();
    expect(returned()).toHaveLength(1);
    expect(fake.ledger).toEqual([]);
  });

  it("while the store fails: it is asked for again, and told again when it is taken", async () => {
    store.failing = true;
    fake.people.unblockBot({ chatId: PRIVATE });
    await expect(bot.handleAll()).rejects.toThrow(NotTaken);
    expect(store.recipients.get("sari")?.enabled).toBe(false);
    store.failing = false;
    await bot.handleAll();
    expect(store.recipients.get("sari")?.enabled).toBe(true);
  });

  it("and blocks the bot, is kicked or may not write: nothing by itself, the next send is judged there", async () => {
    store.addRecipient({ id: "group", address: String(GROUP) });
    // One is lost already, the other is not known to be.
    fake.people.blockBot({ chatId: PRIVATE });
    fake.people.kickBot({ chatId: GROUP, ...BUDI });
    await bot.handleAll();
    expect(store.pushed).toEqual([]);
  });

  it("a group that has the bot again: itself and its topics are told again, another chat is not", async () => {
    const lost = { enabled: false, disabledReason: "kicked" } as const;
    store.addRecipient({ id: "chat", address: String(FORUM), ...lost });
    store.addRecipient({ id: "topic", address: `${FORUM}/${TOPIC}`, ...lost });
    fake.people.kickBot({ chatId: FORUM, ...BUDI });
    fake.people.addBot({ chatId: FORUM, ...BUDI });
    await bot.handleAll();
    expect(returned().map(({ recipientId }) => recipientId)).toEqual(["chat", "topic"]);
    expect(store.recipients.get("sari")?.enabled).toBe(false);
  });

  it("one that staff switched off stays off, whatever it does", async () => {
    store.addRecipient({ id: "sari", address: String(PRIVATE), enabled: false });
    fake.people.say({ chatId: PRIVATE, text: "/help" });
    fake.people.unblockBot({ chatId: PRIVATE });
    await bot.handleAll();
    expect(store.pushed).toEqual([]);
    expect(fake.ledger).toEqual([]);
  });
});
