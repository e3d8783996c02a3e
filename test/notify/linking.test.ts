/**
 * Linking a chat by its code: in private, in a group, in a topic; and what chats that are not linked learn (nothing).
 * Why with the poll: a code is used up in the same commit as the offset, and a second poll must not find it again.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WRONG_CODES_MAX } from "../../collector/notify/telegram/chats.ts";
import { OFFSET_KEY } from "../../collector/notify/telegram/updates.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { answerText } from "./bot-by-hand.ts";
import { createStore, type Store } from "./desk-double.ts";
import { openTelegram, type OpenTelegram } from "./desk.ts";
import { recipient } from "./fixtures.ts";
import { fakeWithChats, FORUM, GROUP, PRIVATE, TOPIC } from "./harness.ts";

const CODE = "vXq-3_kLmN9a";

describe("linking", () => {
  let fake: FakeTelegram;
  let store: Store;
  let desk: OpenTelegram;
  beforeEach(async () => {
    fake = await fakeWithChats();
    store = createStore();
    desk = openTelegram(fake, store);
  });
  afterEach(async () => {
    await desk.telegram.close();
    await fake.close();
  });

  /** Resolves when Telegram has been told that everything said so far was handled. */
  const handled = () => fake.waitUntil(() => fake.updates.unconfirmed.length === 0 && fake.updates.polled);
  const answers = () => fake.ledger.map(({ chatId, threadId, text }) => ({ chatId, threadId, text }));

  it("a deep link in private links the person and answers in the code's language", async () => {
    store.addCode(CODE, { language: "en", name: "Sari" });
    const updateId = fake.people.say({ chatId: PRIVATE, text: `/start ${CODE}` });
    await fake.waitUntil(() => fake.ledger.length === 1);
    expect([...store.recipients.values()]).toMatchObject([{ id: "made1", address: "4001", name: "Sari" }]);
    expect(answers()).toEqual([
      { chatId: PRIVATE, threadId: null, text: "✅ Linked. News about servers will come here." },
    ]);
    expect(store.shelf.get(OFFSET_KEY)).toBe(updateId + 1);
  });

  it("the code never leaves as itself: only its SHA-256 is pushed", async () => {
    store.addCode(CODE);
    fake.people.say({ chatId: PRIVATE, text: `/start ${CODE}` });
    await fake.waitUntil(() => fake.ledger.length === 1);
    expect(JSON.stringify([store.pushed, desk.log.lines])).not.toContain(CODE);
  });

  it("/link in a group links the group, named by its title", async () => {
    store.addCode(CODE);
    fake.people.say({ chatId: GROUP, fromId: PRIVATE, text: `/link ${CODE}` });
    await fake.waitUntil(() => fake.ledger.length === 1);
    expect([...store.recipients.values()]).toMatchObject([{ address: "-4002", name: "Divisi IT" }]);
    expect(answers()[0]?.text).toBe("✅ Terhubung. Kabar tentang server akan datang ke sini.");
  });

  it("/link@Bot in a topic links the topic, and the answer comes there", async () => {
    store.addCode(CODE);
    fake.people.say({ chatId: FORUM, threadId: TOPIC, fromId: PRIVATE, text: `/link@Detak_Uji_Bot ${CODE}` });
    await fake.waitUntil(() => fake.ledger.length === 1);
    expect([...store.recipients.values()]).toMatchObject([
      { address: `${FORUM}/${TOPIC}`, name: "IT Forum › Server" },
    ]);
    expect(answers()).toMatchObject([{ chatId: FORUM, threadId: TOPIC }]);
  });

  it("/link in the General topic links the chat without a thread", async () => {
    store.addCode(CODE);
    fake.people.say({ chatId: FORUM, fromId: PRIVATE, text: `/link ${CODE}` });
    await fake.waitUntil(() => fake.ledger.length === 1);
    expect([...store.recipients.values()]).toMatchObject([{ address: String(FORUM) }]);
  });

  it("a code for users links them to their sites, and says what they will be told", async () => {
    store.addCode(CODE, { audience: "users", siteIds: ["site1"], language: "en" });
    fake.people.say({ chatId: GROUP, fromId: PRIVATE, text: `/link ${CODE}` });
    await fake.waitUntil(() => fake.ledger.length === 1);
    expect([...store.recipients.values()]).toMatchObject([
      { address: String(GROUP), audience: "users", siteIds: ["site1"] },
    ]);
    expect(answers()[0]?.text).toBe(answerText(store, { type: "linked", audience: "users" }, "en"));
  });

  it("a chat that was lost and sends a new code is linked again, as the same recipient", async () => {
    store.addRecipient({ id: "it", address: String(PRIVATE), enabled: false, disabledReason: "blocked" });
    store.addCode(CODE);
    fake.people.say({ chatId: PRIVATE, text: `/start ${CODE}` });
    await fake.waitUntil(() => fake.ledger.length === 1);
    expect([...store.recipients.values()]).toMatchObject([{ id: "it", enabled: true, disabledReason: null }]);
    expect(store.pushed).toHaveLength(1);
  });

  it("a command meant for another bot is passed over", async () => {
    store.addCode(CODE);
    fake.people.say({ chatId: GROUP, fromId: PRIVATE, text: `/link@other_bot ${CODE}` });
    await handled();
    expect(store.pushed).toEqual([]);
    expect(fake.ledger).toEqual([]);
  });

  it("what is no link command gets no answer and costs no commit", async () => {
    for (const text of ["/start", "/link", "halo", "/status", "/start a.b", `start ${CODE}`, "/starter x"]) {
      fake.people.say({ chatId: PRIVATE, text });
    }
    await handled();
    expect(store.pushed).toEqual([]);
    expect(fake.ledger).toEqual([]);
  });

  it("an unknown and an expired code get the same neutral sentence, and nobody is linked", async () => {
    store.addCode("expired-code", { expiresWallMs: 1 });
    fake.people.say({ chatId: PRIVATE, text: "/start no-such-code" });
    fake.people.say({ chatId: PRIVATE, text: "/start expired-code" });
    await fake.waitUntil(() => fake.ledger.length === 2);
    const sentence = "Kode itu tidak berlaku atau sudah kedaluwarsa. Mintalah kode baru dari panel.";
    expect(answers().map(({ text }) => text)).toEqual([sentence, sentence]);
    expect(store.recipients.size).toBe(0);
  });

  it("a used code sent again in the chat it linked says that nothing has changed", async () => {
    store.addCode(CODE);
    fake.people.say({ chatId: PRIVATE, text: `/start ${CODE}` });
    fake.people.say({ chatId: PRIVATE, text: `/start ${CODE}` });
    await fake.waitUntil(() => fake.ledger.length === 2);
    expect(answers().map(({ text }) => text)).toContain(
      "Chat ini memang sudah terhubung; tidak ada yang berubah.",
    );
    expect(store.recipients.size).toBe(1);
  });

  it("a chat that tries one wrong code after the other is left alone, others are not, and after a while it may again", async () => {
    for (let count = 0; count < WRONG_CODES_MAX + 3; count += 1) {
      fake.people.say({ chatId: PRIVATE, text: `/start guess-${count}` });
    }
    store.addCode(CODE);
    fake.people.say({ chatId: PRIVATE, text: `/start ${CODE}` });
    store.addCode("group-code");
    fake.people.say({ chatId: GROUP, fromId: PRIVATE, text: "/link group-code" });
    await fake.waitUntil(() => fake.ledger.length === WRONG_CODES_MAX + 1);
    await handled();
    expect(store.eventsOf("chat_linked")).toHaveLength(WRONG_CODES_MAX + 1);
    expect([...store.recipients.values()].map(({ address }) => address)).toEqual(["-4002"]);
    store.clockMs += 600_001;
    fake.people.say({ chatId: PRIVATE, text: `/start ${CODE}` });
    await fake.waitUntil(() => store.recipients.size === 2 && fake.ledger.length === WRONG_CODES_MAX + 2);
  });

  it("a group that becomes a supergroup keeps its recipient under the new address", async () => {
    store.recipients.set("it", recipient({ id: "it", address: String(GROUP) }));
    fake.people.upgrade(GROUP, -1005005);
    await handled();
    expect([...store.recipients.values()]).toMatchObject([{ id: "it", address: "-1005005", enabled: true }]);
    expect(store.shelf.get(OFFSET_KEY)).toBeTypeOf("number");
  });

  it("a group whose new chat is linked already is not kept twice", async () => {
    store.recipients.set("old", recipient({ id: "old", address: String(GROUP) }));
    store.recipients.set("new", recipient({ id: "new", address: "-1005005" }));
    fake.people.upgrade(GROUP, -1005005);
    await handled();
    expect([...store.recipients.keys()]).toEqual(["new"]);
  });

  it("a move of a chat that is not linked changes nothing", async () => {
    fake.people.upgrade(GROUP, -1005005);
    await handled();
    expect(store.pushed).toEqual([]);
  });
});
