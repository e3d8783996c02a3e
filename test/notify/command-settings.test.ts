/**
 * Commands with which a chat chooses for itself: /lang, and /board with and without the right to pin.
 * Why all else of the recipient is looked at too: a chat that changes its language must not lose its quiet hours.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OFFSET_KEY } from "../../collector/notify/telegram/updates.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { answerText, botBefore, type Bot } from "./bot-by-hand.ts";
import { createStore, type Store } from "./desk-double.ts";
import { fakeWithChats, FORUM, GROUP, PRIVATE } from "./harness.ts";

let fake: FakeTelegram;
let store: Store;
let bot: Bot;
beforeEach(async () => {
  fake = await fakeWithChats();
  store = createStore();
  bot = botBefore(fake, store);
});
afterEach(() => fake.close());
/** Of the update that was handled last. */
const offset = () => [{ key: OFFSET_KEY, value: bot.updates.nextUpdateId }];

async function asked(text: string, chatId = PRIVATE): Promise<string> {
  store.pushed.length = 0;
  const before = fake.ledger.length;
  fake.people.say({ chatId, text, ...(chatId === PRIVATE ? {} : { fromId: 4005, fromName: "Budi" }) });
  await bot.handleAll();
  expect(fake.ledger).toHaveLength(before + 1);
  return fake.ledger.at(-1)!.text;
}

describe("/lang", () => {
  const me = () => store.recipients.get("sari");
  beforeEach(() => void store.addRecipient({ id: "sari", address: String(PRIVATE), pin: true }));

  it.each([
    ["/lang en", "en"],
    ["/lang English", "en"],
    ["/lang inggris", "en"],
    ["/lang id", "id"],
    ["/lang Indonesia", "id"],
    ["/lang bahasa", "id"],
  ] as const)("%s: answers in it, and keeps all else as it was", async (text, language) => {
    const before = me();
    expect(await asked(text)).toBe(answerText(store, { type: "language" }, language));
    expect(me()).toEqual({ ...before, language });
    expect(store.pushed).toEqual([{ type: "recipient_saved", recipient: me(), shelf: offset() }]);
  });

  it("without one, or one it does not speak: which", async () => {
    for (const text of ["/lang", "/lang de", "/lang en id"])
      expect(await asked(text), text).toBe(answerText(store, { type: "which", what: "lang", example: null }));
    expect(store.pushed).toEqual([]);
  });

  it("that the core refuses: says that nothing was changed, in the language that stays", async () => {
    store.refuseNext = "site_not_found";
    expect(await asked("/lang en")).toBe(answerText(store, { type: "not_kept" }));
    expect(me()?.language).toBe("id");
  });
});

describe("/board", () => {
  const board = (on: boolean, outcome: "done" | "unpinned" | "already") =>
    answerText(store, { type: "board", on, outcome });

  it("on, in private: nobody is asked whether it may pin there", async () => {
    store.addRecipient({ id: "sari", address: String(PRIVATE) });
    expect(await asked("/board on")).toBe(board(true, "done"));
    expect(store.pushed).toEqual([
      {
        type: "recipient_saved",
        recipient: { ...store.recipients.get("sari"), board: true },
        shelf: offset(),
      },
    ]);
    expect(fake.requestsOf("getChatMember")).toEqual([]);
  });

  it("on, in a group: says whether it may pin there", async () => {
    store.addRecipient({ id: "group", address: String(GROUP) });
    expect(await asked("/board on", GROUP)).toBe(board(true, "unpinned"));
    store.addRecipient({ id: "forum", address: String(FORUM) });
    Object.assign(fake.world.chat(FORUM)!, { canPin: true });
    expect(await asked("/board aktif", FORUM)).toBe(board(true, "done"));
    expect(store.recipients.get("group")?.board).toBe(true);
  });

  it("on, where Telegram does not say who may: it is on all the same", async () => {
    store.addRecipient({ id: "group", address: String(GROUP) });
    fake.faults.add("getChatMember", { kind: "server_error", when: "before" });
    expect(await asked("/board on", GROUP)).toBe(board(true, "done"));
  });

  it("off, and what is so already: the second costs no commit", async () => {
    store.addRecipient({ id: "group", address: String(GROUP), board: true });
    expect(await asked("/board on", GROUP)).toBe(board(true, "already"));
    expect(store.pushed).toEqual([]);
    expect(await asked("/board off", GROUP)).toBe(board(false, "done"));
    expect(await asked("/board mati", GROUP)).toBe(board(false, "already"));
    expect(store.recipients.get("group")?.board).toBe(false);
    expect(fake.requestsOf("getChatMember")).toEqual([]);
  });

  it("without a word, or with another: which", async () => {
    store.addRecipient({ id: "group", address: String(GROUP) });
    for (const text of ["/board", "/board maybe"])
      expect(await asked(text, GROUP)).toBe(
        answerText(store, { type: "which", what: "board", example: null }),
      );
    expect(store.pushed).toEqual([]);
  });

  it("that the core refuses: says that nothing was changed", async () => {
    store.addRecipient({ id: "group", address: String(GROUP) });
    store.refuseNext = "recipient_exists";
    expect(await asked("/board on", GROUP)).toBe(answerText(store, { type: "not_kept" }));
  });
});
