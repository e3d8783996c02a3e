/**
 * The fake's edits and deletions: what stays, what goes, what is refused, and what the history says of it.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FORUM, GROUP, rehearse, samplePng, SARI, type Rehearsal } from "../fakes/telegram/rehearsal.ts";

const KEYS = { inline_keyboard: [[{ text: "Mine", callback_data: "ack" }]] };
const NOT_MODIFIED =
  "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";

describe("the fake's edits", () => {
  let stage: Rehearsal;
  beforeEach(async () => {
    stage = await rehearse();
  });
  afterEach(() => stage.fake.close());

  const last = () => stage.fake.ledger.at(-1)!;
  const edit = (text: string, message_id: number, more: object = {}) =>
    stage.call("editMessageText", { chat_id: SARI, message_id, text, ...more });
  const at = (message_id: number) => ({ chat_id: SARI, message_id });

  it("keep the earlier text, with its moment", async () => {
    const id = await stage.send("before");
    stage.clock.nowMs += 60_000;
    expect(await edit("<b>after</b>", id, { parse_mode: "HTML" })).toMatchObject({
      ok: true,
      result: { text: "after", edit_date: stage.clock.nowMs / 1000 },
    });
    expect(last()).toMatchObject({
      text: "after",
      edits: [{ text: "before", atMs: stage.clock.nowMs }],
      history: [{ kind: "edited", what: "text", atMs: stage.clock.nowMs, before: { text: "before" } }],
    });
  });

  it("take the keyboard away unless it is given again", async () => {
    const id = await stage.send("one", { reply_markup: KEYS });
    await edit("two", id, { reply_markup: KEYS });
    expect(last().buttons).toHaveLength(1);
    expect((await edit("three", id)).result).not.toHaveProperty("reply_markup");
    expect(last().buttons).toEqual([]);
    expect(last().history.at(-1)).toMatchObject({ before: { buttons: [[{ callbackData: "ack" }]] } });
  });

  it("are refused when nothing changes: text, entities and keyboard", async () => {
    const id = await stage.send("same", { reply_markup: KEYS });
    const values = { ...at(id), text: "same", reply_markup: KEYS };
    expect(await stage.refusal("editMessageText", values)).toBe(NOT_MODIFIED);
    expect(await stage.refusal("editMessageReplyMarkup", { ...at(id), reply_markup: KEYS })).toBe(
      NOT_MODIFIED,
    );
    expect(await edit("<i>same</i>", id, { parse_mode: "HTML", reply_markup: KEYS })).toMatchObject({
      ok: true,
    });
    expect(await edit("<i>same</i>", id, { parse_mode: "HTML" })).toMatchObject({ ok: true });
  });

  it("are refused for what is not there, or not the bot's", async () => {
    stage.fake.people.say({ chatId: SARI, text: "halo" });
    expect(await stage.refusal("editMessageText", { ...at(1), text: "x" })).toBe(
      "Bad Request: message can't be edited",
    );
    expect(await stage.refusal("editMessageReplyMarkup", { ...at(1), reply_markup: KEYS })).toBe(
      "Bad Request: message can't be edited",
    );
    expect(await stage.refusal("editMessageText", { ...at(9), text: "x" })).toBe(
      "Bad Request: message to edit not found",
    );
    expect(await stage.refusal("editMessageText", { text: "x" })).toBe(
      "Bad Request: message identifier is not specified",
    );
    expect(await stage.refusal("editMessageText", { inline_message_id: "abc", text: "x" })).toBe(
      "Bad Request: MESSAGE_ID_INVALID",
    );
    expect(await stage.refusal("editMessageText", { chat_id: 5, message_id: 1, text: "x" })).toBe(
      "Bad Request: chat not found",
    );
  });

  it("are as strict about text and buttons as sending", async () => {
    const id = await stage.send("x");
    const refused = (values: object) => stage.refusal("editMessageText", { ...at(id), ...values });
    expect(await refused({ text: "<b>", parse_mode: "HTML" })).toMatch(/can't parse entities/);
    expect(await refused({ text: " " })).toBe("Bad Request: message text is empty");
    expect(await refused({ text: "y".repeat(4_097) })).toBe("Bad Request: message is too long");
    expect(await refused({ text: "y", reply_markup: { inline_keyboard: [{}] } })).toBe(
      'Bad Request: field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    );
    expect(await refused({ text: "y", reply_markup: "{" })).toBe(
      "Bad Request: can't parse reply keyboard markup JSON object",
    );
    expect(last().history).toEqual([]);
  });

  it("know captions from texts", async () => {
    const text = await stage.send("teks");
    await stage.upload("sendPhoto", { chat_id: SARI, caption: "dulu" }, { photo: samplePng() });
    const photo = last().messageId;
    expect(await stage.refusal("editMessageText", { ...at(photo), text: "x" })).toBe(
      "Bad Request: there is no text in the message to edit",
    );
    expect(await stage.refusal("editMessageCaption", { ...at(text), caption: "x" })).toBe(
      "Bad Request: there is no caption in the message to edit",
    );
    expect(await stage.refusal("editMessageCaption", { ...at(photo), caption: "x".repeat(1_025) })).toBe(
      "Bad Request: message caption is too long",
    );
    expect(
      await stage.call("editMessageCaption", { ...at(photo), caption: "kini", reply_markup: KEYS }),
    ).toMatchObject({ ok: true, result: { caption: "kini" } });
    expect(await stage.call("editMessageCaption", at(photo))).toMatchObject({ ok: true });
    expect(last()).toMatchObject({ text: "", buttons: [], edits: [{ text: "dulu" }, { text: "kini" }] });
  });

  it("of the keyboard alone leave the text, and no keyboard takes it away", async () => {
    const id = await stage.send("x");
    await stage.call("editMessageReplyMarkup", { ...at(id), reply_markup: KEYS });
    expect(last()).toMatchObject({ text: "x", edits: [], buttons: [[{ callbackData: "ack" }]] });
    await stage.call("editMessageReplyMarkup", at(id));
    expect(last().buttons).toEqual([]);
    expect(last().history).toMatchObject([
      { what: "keyboard", before: { buttons: [] } },
      { what: "keyboard", before: { buttons: [[{ callbackData: "ack" }]] } },
    ]);
  });

  it("count against the same quota as messages: one a second, twenty a minute in a group", async () => {
    await stage.fake.close();
    stage = await rehearse({ enforceQuota: true });
    const id = await stage.send("0");
    expect(await edit("1", id)).toMatchObject({ error_code: 429, parameters: { retry_after: 1 } });
    expect(last().text).toBe("0");
    stage.clock.nowMs += 1_000;
    expect(await edit("1", id)).toMatchObject({ ok: true });
    expect(await stage.call("sendMessage", { chat_id: SARI, text: "2" })).toMatchObject({ error_code: 429 });

    const grouped = await stage.send("0", { chat_id: GROUP });
    for (let count = 1; count < 20; count += 1) {
      stage.clock.nowMs += 1_000;
      const values = { chat_id: GROUP, message_id: grouped, text: String(count) };
      expect(await stage.call("editMessageText", values)).toMatchObject({ ok: true });
    }
    stage.clock.nowMs += 1_000;
    expect(
      await stage.call("editMessageText", { chat_id: GROUP, message_id: grouped, text: "20" }),
    ).toMatchObject({ error_code: 429, parameters: { retry_after: 40 } });
    expect(await stage.refusal("editMessageText", { chat_id: GROUP, message_id: grouped, text: "19" })).toBe(
      NOT_MODIFIED,
    );
  });
});

describe("the fake's deleteMessage", () => {
  let stage: Rehearsal;
  beforeEach(async () => {
    stage = await rehearse();
  });
  afterEach(() => stage.fake.close());
  const refused = (values: object) => stage.refusal("deleteMessage", { ...values });

  it("takes a message away from people, not from the ledger", async () => {
    const id = await stage.send("x");
    expect(await stage.call("deleteMessage", { chat_id: SARI, message_id: id })).toMatchObject({
      result: true,
    });
    expect(stage.fake.ledger).toMatchObject([
      { text: "x", deletedAtMs: stage.clock.nowMs, history: [{ kind: "deleted" }] },
    ]);
    expect(await refused({ chat_id: SARI, message_id: id })).toBe("Bad Request: message to delete not found");
    expect(await stage.refusal("editMessageText", { chat_id: SARI, message_id: id, text: "y" })).toBe(
      "Bad Request: message to edit not found",
    );
  });

  it("wants both identifiers", async () => {
    expect(await refused({ message_id: 1 })).toBe("Bad Request: chat identifier is not specified");
    expect(await refused({ chat_id: SARI })).toBe("Bad Request: message identifier is not specified");
  });

  it("needs a right for others' messages in a group, and after two days for its own", async () => {
    stage.fake.people.say({ chatId: FORUM, fromId: SARI, text: "halo" });
    stage.fake.people.say({ chatId: SARI, text: "halo" });
    expect(await stage.call("deleteMessage", { chat_id: SARI, message_id: 1 })).toMatchObject({ ok: true });
    expect(await refused({ chat_id: FORUM, message_id: 1 })).toBe("Bad Request: message can't be deleted");
    const own = await stage.send("x", { chat_id: FORUM });
    stage.clock.nowMs += 48 * 3_600_000 + 1;
    expect(await refused({ chat_id: FORUM, message_id: own })).toBe(
      "Bad Request: message can't be deleted for everyone",
    );
    stage.fake.world.chat(FORUM)!.canDelete = true;
    for (const message_id of [1, own]) {
      expect(await stage.call("deleteMessage", { chat_id: FORUM, message_id })).toMatchObject({ ok: true });
    }
  });
});
