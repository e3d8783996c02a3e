/**
 * Who may press what: a chat that is not linked, of users, switched off, a topic, people who are not allowed.
 * Why apart from what presses do: here the question is that nothing happens, and that nobody learns anything.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { answerText, botBefore, toastOf, type Bot } from "./bot-by-hand.ts";
import { createStore, type Store } from "./desk-double.ts";
import { fakeWithChats, FORUM, GROUP, TOPIC } from "./harness.ts";

const BUDI = { fromId: 4005, fromName: "Budi" };
const VERBS = ["ack", "check", "mute", "mute1h", "mutemorning", "muterecovered", "back"] as const;
const TELLING = ["announce", "say", "unsay", "over"] as const;

describe("who may press", () => {
  let fake: FakeTelegram;
  let store: Store;
  let bot: Bot;
  beforeEach(async () => {
    fake = await fakeWithChats();
    store = createStore();
    store.usersChats = 2;
    store.addIncident(12);
    bot = botBefore(fake, store);
  });
  afterEach(() => fake.close());

  /** A message with every button there is, as an old one of ours might have, or somebody else's. */
  async function messageWithAll(chatId: number, threadId?: number): Promise<number> {
    const buttons = [...VERBS, ...TELLING].map((verb) => [{ text: verb, callback_data: `${verb}:i12` }]);
    const response = await fetch(`${fake.apiRoot}/bot${fake.token}/sendMessage`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        chat_id: chatId,
        message_thread_id: threadId,
        text: "x",
        reply_markup: { inline_keyboard: buttons },
      }),
    });
    const { result } = (await response.json()) as { result: { message_id: number } };
    return result.message_id;
  }
  /** Presses every button; what became of each. */
  async function pressAll(chatId: number, messageId: number): Promise<void> {
    for (const verb of [...VERBS, ...TELLING])
      fake.people.press({ chatId, messageId, callbackData: `${verb}:i12`, ...BUDI });
    await bot.handleAll();
  }
  const nothingButSilence = () => {
    const answers = fake.queries.presses.map(({ answer }) => answer && [answer.text, answer.alert]);
    expect(answers).toEqual([...VERBS, ...TELLING].map(() => ["", false]));
    expect(store.pushed).toEqual([]);
    expect(store.asked).toEqual([]);
    expect(fake.ledger).toHaveLength(1);
    expect(fake.ledger[0]?.history.filter(({ kind }) => kind === "edited" || kind === "deleted")).toEqual([]);
  };

  it("in a chat that is not linked every button stops turning, and nothing is learned", async () => {
    await pressAll(GROUP, await messageWithAll(GROUP));
    nothingButSilence();
  });

  it("in a users' chat nothing happens, and nobody is told how to be let in", async () => {
    store.addRecipient({ id: "users", address: String(GROUP), audience: "users" });
    await pressAll(GROUP, await messageWithAll(GROUP));
    nothingButSilence();
  });

  it("in a chat that staff switched off nothing happens", async () => {
    store.addRecipient({ id: "off", address: String(GROUP), enabled: false });
    await pressAll(GROUP, await messageWithAll(GROUP));
    nothingButSilence();
  });

  it("in a chat that could not be reached for a while, staff act all the same", async () => {
    store.addRecipient({ id: "lost", address: String(GROUP), enabled: false, disabledReason: "kicked" });
    const messageId = await messageWithAll(GROUP);
    fake.people.press({ chatId: GROUP, messageId, callbackData: "ack:i12", ...BUDI });
    await bot.handleAll();
    expect(store.eventsOf("incident_acknowledged")).toHaveLength(1);
  });

  it("in a topic that is not linked, those of the chat act when that is; of another topic they do not", async () => {
    const messageId = await messageWithAll(FORUM, TOPIC);
    store.addRecipient({ id: "other", address: `${FORUM}/99` });
    await pressAll(FORUM, messageId);
    nothingButSilence();
    store.addRecipient({ id: "chat", address: String(FORUM) });
    fake.people.press({ chatId: FORUM, messageId, callbackData: "ack:i12", ...BUDI });
    await bot.handleAll();
    expect(store.eventsOf("incident_acknowledged")).toHaveLength(1);
  });

  it("somebody who is not among those allowed gets an alert and their id, and nothing is done", async () => {
    store.addRecipient({ id: "it", address: String(GROUP), allowedPeople: ["4001"] });
    const messageId = await messageWithAll(GROUP);
    const id = fake.people.press({ chatId: GROUP, messageId, callbackData: "ack:i12", ...BUDI });
    await bot.handleAll();
    expect(fake.people.toast(id)).toMatchObject({
      text: toastOf(store, { type: "not_allowed" }),
      alert: true,
    });
    const text = answerText(store, { type: "not_allowed", personId: "4005" });
    expect(text).toContain("4005");
    expect(fake.ledger.at(-1)).toMatchObject({ chatId: GROUP, replyTo: messageId, text });
    expect(store.pushed).toEqual([]);
  });

  it("somebody who is among them acts", async () => {
    store.addRecipient({ id: "it", address: String(GROUP), allowedPeople: ["4005"] });
    const messageId = await messageWithAll(GROUP);
    fake.people.press({ chatId: GROUP, messageId, callbackData: "ack:i12", ...BUDI });
    await bot.handleAll();
    expect(store.eventsOf("incident_acknowledged")).toMatchObject([{ by: "Budi" }]);
  });

  it("a button that is not ours stops turning, and that is all", async () => {
    store.addRecipient({ id: "it", address: String(GROUP) });
    const messageId = await messageWithAll(GROUP);
    const foreign = [
      "ack:12",
      "ack:i012",
      "ack:i12 ",
      "ACK:i12",
      "ack",
      "constructor:i1",
      "ack:i9999999999999999",
    ];
    for (const [at, data] of foreign.entries()) {
      const id = fake.people.press({ chatId: GROUP, messageId, callbackData: "ack:i12", ...BUDI });
      // The fake lets nobody press what is not there; Telegram cannot be held to it.
      await bot.handle({
        update_id: 1_000 + at,
        callback_query: {
          id,
          from: { id: 4005, is_bot: false, first_name: "Budi" },
          chat_instance: "1",
          data,
          message: { message_id: messageId, date: 1, chat: { id: GROUP, type: "group", title: "IT" } },
        },
      });
      expect(fake.people.toast(id), data).toMatchObject({ text: "", alert: false });
    }
    expect(store.pushed).toEqual([]);
  });
});
