/**
 * What people do in the fake: their words, presses and reactions become the real server's updates, or none.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BUDI, FORUM, GROUP, rehearse, SARI, TOPIC, type Rehearsal } from "../fakes/telegram/rehearsal.ts";

const KEYS = {
  inline_keyboard: [
    [
      { text: "Saya tangani", callback_data: "ack:1" },
      { text: "Peta", url: "https://maps.example.com/" },
    ],
  ],
};
const TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid";

let stage: Rehearsal;
beforeEach(async () => {
  stage = await rehearse();
});
afterEach(() => stage.fake.close());

describe("people write", () => {
  it("with a name, an id, a language, in a topic, and commands are marked wherever they stand", async () => {
    const text = "/status@detak_uji_bot lalu /down, lihat https://a.b/c dan @budi";
    const from = { fromId: BUDI, fromName: "Budi", username: "budi", languageCode: "id" };
    const updateId = stage.fake.people.say({ chatId: FORUM, threadId: TOPIC, text, ...from });
    const [update] = await stage.updates();
    expect(update).toMatchObject({
      update_id: updateId,
      message: {
        from: { id: BUDI, first_name: "Budi", username: "budi", language_code: "id", is_bot: false },
        message_thread_id: TOPIC,
        reply_to_message: { forum_topic_created: { name: "Server" } },
        entities: [
          { type: "bot_command", offset: 0, length: 21 },
          { type: "bot_command", offset: 27, length: 5 },
          { type: "url", offset: 40, length: 13 },
          { type: "mention", offset: 58, length: 5 },
        ],
      },
    });
    expect(stage.fake.world.messages[0]).toMatchObject({ from: { id: BUDI, name: "Budi" }, fromBot: false });
    expect(stage.fake.ledger).toEqual([]);
  });

  it("and are known by name from then on", async () => {
    stage.fake.people.say({ chatId: GROUP, fromId: BUDI, fromName: "Budi", text: "/status" });
    stage.fake.people.say({ chatId: GROUP, fromId: BUDI, text: "/down" });
    const names = (await stage.updates()).map(
      (update) => (update["message"] as { from: { first_name: string } }).from.first_name,
    );
    expect(names).toEqual(["Budi", "Budi"]);
  });

  it("in groups with privacy mode the bot hears only commands and answers to itself", async () => {
    const say = (text: string, replyTo?: number) =>
      stage.fake.people.say({ chatId: GROUP, fromId: BUDI, text, ...(replyTo ? { replyTo } : {}) });
    const own = await stage.send("dari bot", { chat_id: GROUP });
    expect(say("obrolan")).toBe(0);
    expect(say("/status")).toBeGreaterThan(0);
    expect(say("ini jawaban", own)).toBeGreaterThan(0);
    expect((await stage.updates()).at(-1)).toMatchObject({
      message: { text: "ini jawaban", reply_to_message: { message_id: own, from: { is_bot: true } } },
    });
    stage.fake.settings.privacyMode = false;
    expect(say("obrolan")).toBeGreaterThan(0);
    stage.fake.settings.privacyMode = true;
    stage.fake.world.chat(GROUP)!.administrator = true;
    expect(say("obrolan")).toBeGreaterThan(0);
    stage.fake.world.chat(GROUP)!.membership = "kicked";
    expect(say("/status")).toBe(0);
    expect(() => say("x", 99)).toThrow("no such message to answer");
  });
});

describe("people press", () => {
  it("a button by its text or data, on the newest message that has it or a named one", async () => {
    const first = await stage.send("satu", { reply_markup: KEYS });
    const second = await stage.send("dua", { reply_markup: KEYS });
    await stage.send("tiga");
    stage.fake.people.press({ chatId: SARI, button: "Saya tangani" });
    stage.fake.people.press({ chatId: SARI, button: "ack:1", messageId: first });
    stage.fake.people.press({ chatId: SARI, callbackData: "ack:1", fromId: BUDI, fromName: "Budi" });
    const presses = (await stage.updates()).map(({ callback_query }) => callback_query);
    expect(presses).toMatchObject([
      { data: "ack:1", from: { id: SARI, first_name: "Sari" }, message: { message_id: second } },
      { data: "ack:1", message: { message_id: first, reply_markup: KEYS } },
      { data: "ack:1", from: { id: BUDI, first_name: "Budi" }, message: { message_id: second } },
    ]);
    // A 64-bit number as text, as the real server's.
    expect(stage.fake.queries.presses.map(({ id }) => /^\d{16,19}$/.test(id))).toEqual([true, true, true]);
    expect(stage.fake.ledger[1]?.history).toMatchObject([
      { kind: "pressed", by: { name: "Sari" }, button: "Saya tangani", callbackData: "ack:1" },
      { kind: "pressed", by: { name: "Budi" } },
    ]);
  });

  it("only what is there", async () => {
    const press = (more: object) => () => stage.fake.people.press({ chatId: SARI, ...more });
    expect(press({ button: "x" })).toThrow("no such message");
    const id = await stage.send("x", { reply_markup: KEYS });
    expect(press({ button: "Tutup" })).toThrow("no such button: Tutup (there are: Saya tangani, Peta)");
    expect(press({ button: "Peta" })).toThrow('"Peta" carries no data');
    expect(press({ chatId: GROUP, button: "x" })).toThrow("no such message");
    await stage.call("editMessageReplyMarkup", { chat_id: SARI, message_id: id });
    expect(press({ button: "Saya tangani" })).toThrow("no such button");
    await stage.send("x", { chat_id: GROUP, reply_markup: KEYS });
    expect(press({ chatId: GROUP, button: "Saya tangani" })).toThrow("who presses?");
  });

  it("and the bot answers once within 150 seconds; the toast is kept", async () => {
    await stage.send("x", { reply_markup: KEYS });
    const answer = (callback_query_id: string, more: object = {}) =>
      stage.call("answerCallbackQuery", { callback_query_id, ...more });
    const press = () => stage.fake.people.press({ chatId: SARI, button: "Saya tangani" });
    const first = press();
    expect(stage.fake.people.toast(first)).toBeNull();
    stage.clock.nowMs += 150_000;
    expect(await answer(first, { text: "Sudah jadi milik Sari", show_alert: true })).toMatchObject({
      result: true,
    });
    expect(stage.fake.people.toast(first)).toMatchObject({ text: "Sudah jadi milik Sari", alert: true });
    expect(stage.fake.ledger[0]?.history.at(-1)).toMatchObject({
      kind: "answered",
      pressId: first,
      alert: true,
    });
    expect((await answer(first)).description).toBe(TOO_OLD);
    expect((await answer("12")).description).toBe(TOO_OLD);
    const second = press();
    expect((await answer(second, { text: "x".repeat(201) })).description).toBe(
      "Bad Request: MESSAGE_TOO_LONG",
    );
    expect((await answer(second, { url: "https://example.com/" })).description).toBe(
      "Bad Request: URL_INVALID",
    );
    expect(await answer(second, { url: "https://t.me/detak_uji_bot?start=a" })).toMatchObject({ ok: true });
    const third = press();
    stage.clock.nowMs += 150_001;
    expect((await answer(third)).description).toBe(TOO_OLD);
    expect(stage.fake.queries.presses.map(({ answer: given }) => given?.text ?? null)).toEqual([
      "Sudah jadi milik Sari",
      "",
      null,
    ]);
  });
});

describe("people react", () => {
  it("and the bot hears of it in private and as an administrator, when it asked for such updates", async () => {
    const [own, grouped] = [await stage.send("x"), await stage.send("x", { chat_id: GROUP })];
    expect(stage.fake.people.react({ chatId: SARI, messageId: own, emoji: "👍" })).toBeGreaterThan(0);
    const react = (emoji: string | string[]) =>
      stage.fake.people.react({ chatId: GROUP, messageId: grouped, emoji, fromId: BUDI, fromName: "Budi" });
    expect(react("👀")).toBe(0);
    stage.fake.world.chat(GROUP)!.administrator = true;
    expect(react("🔥")).toBeGreaterThan(0);
    expect(await stage.updates()).toEqual([]);
    const heard = await stage.updates({ allowed_updates: ["message_reaction"] });
    expect(heard.map(({ message_reaction }) => message_reaction)).toMatchObject([
      {
        chat: { id: SARI },
        message_id: own,
        old_reaction: [],
        new_reaction: [{ type: "emoji", emoji: "👍" }],
      },
      { user: { first_name: "Budi" }, old_reaction: [{ emoji: "👀" }], new_reaction: [{ emoji: "🔥" }] },
    ]);
    expect(stage.fake.ledger[1]).toMatchObject({ personReactions: [{ by: { id: BUDI }, emoji: ["🔥"] }] });
    react([]);
    expect(stage.fake.ledger[1]?.personReactions).toEqual([]);
    expect(() => stage.fake.people.react({ chatId: SARI, messageId: 99, emoji: "👍" })).toThrow(
      "no such message",
    );
  });
});

describe("the bot comes and goes", () => {
  const member = async () =>
    (await stage.updates({ allowed_updates: ["my_chat_member"] })).at(-1)?.["my_chat_member"];
  const statuses = (from: string, to: string) => ({
    old_chat_member: { status: from, user: { is_bot: true } },
    new_chat_member: { status: to },
  });

  it("blocked and unblocked in private", async () => {
    stage.fake.people.blockBot({ chatId: SARI });
    expect(await member()).toMatchObject({
      chat: { id: SARI },
      from: { id: SARI },
      ...statuses("member", "kicked"),
    });
    expect(await stage.refusal("sendMessage", { chat_id: SARI, text: "x" })).toBe(
      "Forbidden: bot was blocked by the user",
    );
    expect(await stage.call("getChat", { chat_id: SARI })).toMatchObject({ ok: true });
    stage.fake.people.unblockBot({ chatId: SARI });
    expect(await member()).toMatchObject(statuses("kicked", "member"));
    expect(await stage.send("x")).toBe(1);
    expect(() => stage.fake.people.blockBot({ chatId: GROUP })).toThrow("only a person blocks");
  });

  it("added to a new group, made an administrator, removed", async () => {
    const chatId = -1009001;
    const by = { chatId, fromId: BUDI, fromName: "Budi" };
    stage.fake.people.addBot({ ...by, title: "Cabang", topics: { 5: "Server" } });
    const [added, service] = await stage.updates();
    expect(added).toMatchObject({
      my_chat_member: { from: { first_name: "Budi" }, ...statuses("left", "member") },
    });
    expect(service).toMatchObject({
      message: { chat: { title: "Cabang", is_forum: true }, new_chat_members: [{ is_bot: true }] },
    });
    stage.fake.people.promoteBot({ ...by, canPin: true });
    expect(await member()).toMatchObject({
      ...statuses("member", "administrator"),
      new_chat_member: { can_pin_messages: true, can_delete_messages: false },
    });
    const id = await stage.send("papan", { chat_id: chatId });
    expect(await stage.call("pinChatMessage", { chat_id: chatId, message_id: id })).toMatchObject({
      ok: true,
    });
    stage.fake.people.kickBot(by);
    expect(await member()).toMatchObject(statuses("administrator", "kicked"));
    expect(await stage.refusal("editMessageText", { chat_id: chatId, message_id: id, text: "y" })).toBe(
      "Forbidden: bot was kicked from the supergroup chat",
    );
    stage.fake.people.addBot(by);
    expect(await stage.refusal("pinChatMessage", { chat_id: chatId, message_id: id })).toMatch(
      /not enough rights/,
    );
  });

  it("a group that becomes a supergroup keeps its people and the bot's rights", async () => {
    stage.fake.people.say({ chatId: GROUP, fromId: BUDI, fromName: "Budi", text: "/status" });
    stage.fake.people.promoteBot({ chatId: GROUP, canPin: true });
    stage.fake.people.upgrade(GROUP, -1005005);
    expect((await stage.updates()).slice(-2)).toMatchObject([
      { message: { chat: { id: GROUP }, migrate_to_chat_id: -1005005 } },
      { message: { chat: { id: -1005005 }, migrate_from_chat_id: GROUP } },
    ]);
    const old = await stage.call("pinChatMessage", { chat_id: GROUP, message_id: 1 });
    expect(old.parameters?.migrate_to_chat_id).toBe(-1005005);
    const id = await stage.send("papan", { chat_id: -1005005 });
    expect(await stage.call("pinChatMessage", { chat_id: -1005005, message_id: id })).toMatchObject({
      ok: true,
    });
    expect(await stage.call("getChatMember", { chat_id: -1005005, user_id: BUDI })).toMatchObject({
      result: { status: "member", user: { first_name: "Budi" } },
    });
  });
});
