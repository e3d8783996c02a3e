/**
 * A ledger as a text people can read: messages, and what happened to them, line by line.
 */
import { afterEach, beforeEach, expect, it } from "vitest";
import { BUDI, GROUP, rehearse, samplePng, SARI, type Rehearsal } from "../fakes/telegram/rehearsal.ts";
import { blockOf, transcriptOf } from "../fakes/transcript.ts";

let stage: Rehearsal;
beforeEach(async () => {
  stage = await rehearse();
});
afterEach(() => stage.fake.close());

const transcript = (all = false) =>
  transcriptOf(
    all ? stage.fake.world.messages : stage.fake.ledger,
    (id) => stage.fake.world.chat(id)?.title ?? "",
  );

it("writes a message with its links, its answer and its moment", async () => {
  await stage.send('🔴 <b>MATI</b> · <code>a.b</code> <a href="https://m.ap/">peta</a>', {
    parse_mode: "HTML",
  });
  await stage.send("balasan", { reply_parameters: { message_id: 1 } });
  expect(transcript()).toBe(
    [
      "═══ Sari",
      "│ ── 2026-03-05T03:00:05.000Z · #1",
      "│ 🔴 *MATI* · `a.b` [peta](https://m.ap/)",
      "│ ── 2026-03-05T03:00:10.000Z · #2 · reply to #1",
      "│ balasan",
      "",
    ].join("\n"),
  );
});

it("writes what happened to a message under it, in order", async () => {
  const reply_markup = { inline_keyboard: [[{ text: "Mine", callback_data: "ack" }]] };
  const id = await stage.send("satu\ndua", { chat_id: GROUP, reply_markup });
  stage.fake.world.chat(GROUP)!.canPin = true;
  const by = { chatId: GROUP, fromId: BUDI, fromName: "Budi" };
  const at = { chat_id: GROUP, message_id: id };
  const press = stage.fake.people.press({ ...by, button: "Mine" });
  await stage.call("answerCallbackQuery", {
    callback_query_id: press,
    text: "baris\nlain",
    show_alert: true,
  });
  await stage.call("editMessageText", { ...at, text: "tiga", reply_markup });
  await stage.call("editMessageReplyMarkup", at);
  await stage.call("pinChatMessage", { ...at, disable_notification: true });
  await stage.call("setMessageReaction", { ...at, reaction: [{ type: "emoji", emoji: "👍" }] });
  stage.fake.people.react({ ...by, messageId: id, emoji: "🙏" });
  stage.fake.people.react({ ...by, messageId: id, emoji: [] });
  await stage.call("unpinChatMessage", at);
  await stage.call("deleteMessage", at);
  expect(blockOf(stage.fake.ledger[0]!, null)).toBe(
    [
      "│ ── #1 · edited 1× · 👍 · deleted",
      "│ tiga",
      "│ · Budi pressed [ Mine → ack ]",
      "│ · alert: baris ⏎ lain",
      "│ · text changed, it was: satu ⏎ dua",
      "│ · keyboard changed, it was: [ Mine → ack ]",
      "│ · pinned, silent",
      "│ · reacted 👍",
      "│ · Budi reacted 🙏",
      "│ · Budi took the reaction away",
      "│ · unpinned",
      "│ · deleted",
    ].join("\n"),
  );
});

it("writes pictures, people and Telegram's own lines too", async () => {
  stage.fake.people.say({ chatId: SARI, text: "/server kasir" });
  await stage.upload("sendPhoto", { chat_id: SARI, caption: "grafik" }, { photo: samplePng(160, 80) });
  await stage.call("pinChatMessage", { chat_id: SARI, message_id: 2 });
  expect(transcript(true)).toBe(
    [
      "═══ Sari",
      "│ ── 2026-03-05T03:00:00.000Z · #1 · from Sari",
      "│ /server kasir",
      "│ ── 2026-03-05T03:00:00.000Z · #2 · pinned",
      "│ 🖼 160 × 80",
      "│ grafik",
      "│ · 2026-03-05T03:00:00.000Z pinned",
      "│ ── 2026-03-05T03:00:00.000Z · #3",
      "│ (Detak pinned #2)",
      "",
    ].join("\n"),
  );
});
