/**
 * The page of a ledger: whole, self-contained, escaped, and in the order in which people saw things.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pageOf } from "../fakes/telegram/page.ts";
import { escapeHtml, formattedHtml } from "../fakes/telegram/page-text.ts";
import { parseHtml } from "../fakes/telegram/entities.ts";
import {
  BUDI,
  FORUM,
  GROUP,
  rehearse,
  samplePng,
  SARI,
  TOPIC,
  type Rehearsal,
} from "../fakes/telegram/rehearsal.ts";
import { readSnapshot } from "../fakes/telegram/snapshot.ts";

const NASTY = `<script>alert(1)</script>"'&<img src=x onerror=alert(1)>`;

/** The tags of the page that a browser would act on. */
function tagsOf(html: string): readonly string[] {
  return [...html.matchAll(/<([a-z][a-z0-9]*)[\s>]/g)].map((match) => match[1] ?? "");
}

function inOrder(html: string, parts: readonly string[]): void {
  let at = 0;
  for (const part of parts) {
    const next = html.indexOf(part, at);
    expect(next, `${part} after place ${at}`).toBeGreaterThanOrEqual(at);
    at = next + part.length;
  }
}

describe("the page", () => {
  let stage: Rehearsal;
  beforeEach(async () => {
    stage = await rehearse({ inlineMode: true });
  });
  afterEach(() => stage.fake.close());
  const page = (zone = "Asia/Makassar") => pageOf(stage.fake.snapshot(), { zone });
  const main = () => page().slice(page().indexOf("<main>"));

  it("is one document that runs nothing and loads nothing", async () => {
    await stage.send("halo");
    const html = page();
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`);
    expect(tagsOf(html)).not.toContain("script");
    expect(tagsOf(html)).not.toContain("link");
    expect(html).not.toMatch(/\ssrc="(?!data:)/);
    expect(html).not.toMatch(/url\(|@import/);
    expect(html).toContain("prefers-color-scheme:dark");
  });

  it("lets nothing that people or the bot wrote become markup", async () => {
    stage.fake.world.addChat({ id: -77, type: "supergroup", title: NASTY, topics: { 3: NASTY } });
    const place = { chat_id: -77, message_thread_id: 3 };
    const reply_markup = { inline_keyboard: [[{ text: NASTY, callback_data: NASTY.slice(0, 60) }]] };
    const id = await stage.send(NASTY, { ...place, reply_markup });
    const nasty = { chatId: -77, fromId: BUDI, fromName: NASTY };
    const press = stage.fake.people.press({ ...nasty, button: NASTY });
    await stage.call("answerCallbackQuery", { callback_query_id: press, text: NASTY });
    stage.fake.people.react({ ...nasty, messageId: id, emoji: NASTY });
    stage.fake.people.say({ ...nasty, threadId: 3, text: NASTY, replyTo: id });
    await stage.call("editMessageText", { ...place, message_id: id, text: "aman" });
    await stage.upload("sendPhoto", { ...place, caption: NASTY }, { photo: samplePng() });
    await stage.call("sendVenue", { chat_id: -77, latitude: 1, longitude: 2, title: NASTY, address: NASTY });
    const query = stage.fake.people.inline({ ...nasty, query: NASTY });
    const input_message_content = { message_text: NASTY };
    const results = [{ type: "article", id: "1", title: NASTY, description: NASTY, input_message_content }];
    await stage.call("answerInlineQuery", { inline_query_id: query, results });
    await stage.call("setMyCommands", { commands: [{ command: "x", description: NASTY }] });
    const html = pageOf(stage.fake.snapshot(), { title: NASTY });
    expect(tagsOf(html)).not.toContain("script");
    expect(tagsOf(html).filter((tag) => tag === "img")).toHaveLength(1);
    expect(html).not.toContain("<img src=x");
    expect(html).not.toMatch(/<[^>]*\sonerror=/);
    // Many places, none of them raw.
    expect(html.split(escapeHtml("<script>alert(1)")).length).toBeGreaterThan(15);
  });

  it("shows each chat and topic by its name, with the course of things in it", async () => {
    const reply_markup = { inline_keyboard: [[{ text: "Saya tangani", callback_data: "ack:1" }]] };
    const id = await stage.send("<b>MATI</b>", { chat_id: GROUP, parse_mode: "HTML", reply_markup });
    const by = { chatId: GROUP, fromId: BUDI, fromName: "Budi" };
    const press = stage.fake.people.press({ ...by, button: "ack:1" });
    await stage.call("answerCallbackQuery", { callback_query_id: press, text: "tercatat" });
    await stage.call("editMessageText", { chat_id: GROUP, message_id: id, text: "PULIH" });
    stage.fake.people.say({ ...by, text: "terima kasih", replyTo: id });
    await stage.send("di topik", { chat_id: FORUM, message_thread_id: TOPIC, disable_notification: true });
    inOrder(main(), [
      "<h2>Divisi IT</h2>",
      `<article class="message bot" id="m-4002-1">`,
      `<div class="text">PULIH</div>`,
      `<details class="versions"><summary>1 earlier version</summary>`,
      `<b>MATI</b>`,
      `<span class="key">Saya tangani<small>ack:1</small></span>`,
      `<b>Budi</b> pressed <span class="key">Saya tangani<small>ack:1</small></span>`,
      `<div class="toast" role="note"><p>tercatat</p>`,
      `Detak changed the text of <a class="number" href="#m-4002-1">#1</a>`,
      `<article class="message person"`,
      `<a class="quote" href="#m-4002-1"><b>Detak</b><span>PULIH</span></a>`,
      "terima kasih",
      `<h2>IT Forum <span class="topic">› Server</span></h2>`,
      "🔕 silent",
    ]);
    expect(page()).toContain(`<li><a href="#t-4002-0">Divisi IT <small>2</small></a></li>`);
  });

  it("tells times in the zone that was chosen, and the day when it changes", async () => {
    await stage.send("satu");
    stage.clock.nowMs = Date.UTC(2026, 2, 5, 16, 0, 0);
    await stage.send("dua");
    expect(page("Asia/Makassar")).toContain(`<time datetime="2026-03-05T03:00:05.000Z">11:00:05</time>`);
    expect(page("Asia/Makassar").match(/class="day"/g)).toHaveLength(2);
    expect(page("UTC")).toContain(">03:00:05</time>");
    expect(page("UTC").match(/class="day"/g)).toHaveLength(1);
    expect(() => page("Mars/Olympus")).toThrow(RangeError);
  });

  it("shows pins, reactions, alerts, deletions and how the bot stands", async () => {
    const [board, gone] = [await stage.send("papan"), await stage.send("keliru")];
    await stage.call("pinChatMessage", { chat_id: SARI, message_id: board, disable_notification: true });
    await stage.call("setMessageReaction", {
      chat_id: SARI,
      message_id: board,
      reaction: [{ type: "emoji", emoji: "👀" }],
    });
    stage.fake.people.react({ chatId: SARI, messageId: board, emoji: "🙏" });
    await stage.call("deleteMessage", { chat_id: SARI, message_id: gone });
    const reply_markup = { inline_keyboard: [[{ text: "Periksa", callback_data: "c" }]] };
    await stage.send("x", { reply_markup });
    for (const [text, show_alert] of [
      ["masih mati", true],
      ["", false],
    ] as const) {
      const press = stage.fake.people.press({ chatId: SARI, button: "Periksa" });
      await stage.call("answerCallbackQuery", { callback_query_id: press, text, show_alert });
    }
    stage.fake.people.blockBot({ chatId: SARI });
    const html = main();
    for (const part of [
      `<a class="pinbar" href="#m4001-1">📌 papan</a>`,
      "Detak pinned #1 🔕",
      `<span class="chip">👀 <small>Detak</small></span><span class="chip">🙏 <small>Sari</small></span>`,
      `<b>Sari</b> reacted 🙏 to`,
      `<article class="message bot deleted" id="m4001-2">`,
      `<span class="mark gone">deleted`,
      `<div class="alert" role="note"><p>masih mati</p><span class="ok">OK</span>`,
      "was answered without a word",
      "private · 4001 · the bot is blocked",
    ])
      expect(html).toContain(part);
  });

  it("shows pictures in place, and says when their bytes are not there", async () => {
    await stage.upload("sendPhoto", { chat_id: SARI, caption: "grafik" }, { photo: samplePng(160, 80) });
    expect(main()).toMatch(
      /<img class="photo" src="data:image\/png;base64,[A-Za-z0-9+/=]+" width="160" height="80" alt="picture, 160 × 80">/,
    );
    const ledger = readSnapshot(JSON.parse(JSON.stringify(stage.fake.ledger)));
    expect(pageOf(ledger)).toContain("picture, 160 × 80, 1 kB: its bytes are not in this file");
    const id = stage.fake.ledger[0]?.photo?.fileId ?? "";
    const forged = { ...ledger, pictures: { [id]: `data:image/png;base64,"><script>` } };
    expect(tagsOf(pageOf(forged))).not.toContain("script");
    expect(pageOf(forged)).toContain("its bytes are not in this file");
  });

  it("shows inline queries with what was offered, and the menu of commands", async () => {
    const ask = (query: string) => stage.fake.people.inline({ fromId: BUDI, fromName: "Budi", query });
    const inline_query_id = ask("kasir");
    const input_message_content = { message_text: "🟢 <b>sehat</b>", parse_mode: "HTML" };
    const results = [
      { type: "article", id: "1", title: "srv-kasir", description: "Makassar", input_message_content },
    ];
    await stage.call("answerInlineQuery", { inline_query_id, results });
    ask("kasir");
    ask("lain");
    await stage.call("setMyCommands", {
      commands: [{ command: "status", description: "Keadaan" }],
      language_code: "id",
    });
    inOrder(main(), [
      "Inline queries",
      "@detak_uji_bot kasir",
      "<b>srv-kasir</b>",
      "🟢 <b>sehat</b>",
      "from Telegram's cache",
      "never answered",
      "<h3>default · id</h3><dl><dt>/status</dt><dd>Keadaan</dd></dl>",
    ]);
  });

  it("is made from a kept file as a program, from a world or only a ledger", async () => {
    await stage.send("halo", { chat_id: GROUP });
    const folder = mkdtempSync(join(tmpdir(), "detak-page-"));
    const program = fileURLToPath(new URL("../fakes/telegram/page-main.ts", import.meta.url));
    const run = (json: unknown, ...words: string[]) => {
      const file = join(folder, "kept.json");
      writeFileSync(file, JSON.stringify(json));
      return spawnSync(process.execPath, ["--import", "tsx", program, file, ...words], { encoding: "utf8" });
    };
    try {
      expect(run(stage.fake.snapshot(), "--title", "Percobaan <1>").stdout).toContain(
        "<title>Percobaan &lt;1&gt;</title>",
      );
      const bare = run(stage.fake.ledger, "--zone", "UTC");
      expect(bare.stdout).toContain("<h2>-4002</h2>");
      expect(bare.stdout).toContain(">03:00:05</time>");
      expect(run({ other: true }).status).not.toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("text on the page", () => {
  const shown = (html: string) => {
    const parsed = parseHtml(html);
    if (!parsed.ok) throw new Error(parsed.description);
    return formattedHtml(parsed.text, parsed.entities);
  };

  it("looks as Telegram shows it", () => {
    expect(shown("<b>a <i>b</i></b> <u>c</u> <s>d</s> <code>e &lt; f</code>")).toBe(
      "<b>a </b><i><b>b</b></i> <u>c</u> <s>d</s> <code>e &lt; f</code>",
    );
    expect(shown('<a href="https://a.b/?x=1&amp;y=2">peta</a>')).toBe(
      `<a href="https://a.b/?x=1&amp;y=2" rel="noreferrer noopener">peta</a>`,
    );
    expect(shown("a\n<blockquote>b\n<pre>c</pre></blockquote>\nd")).toBe(
      "a<blockquote>b<pre>c</pre></blockquote>d",
    );
    expect(shown("<blockquote expandable>b</blockquote>")).toBe(
      `<blockquote class="expandable">b</blockquote>`,
    );
    expect(shown("<tg-spoiler>x</tg-spoiler>")).toBe(`<span class="spoiler">x</span>`);
  });

  it("marks what Telegram marks by itself, not in code", () => {
    expect(shown("/status https://a.b/c <code>/down https://a.b</code>")).toBe(
      `<span class="link">/status</span> <a href="https://a.b/c" rel="noreferrer noopener">https://a.b/c</a> <code>/down https://a.b</code>`,
    );
  });

  it("leads nowhere dangerous", () => {
    expect(shown('<a href="javascript:alert(1)">x</a>')).toBe(`<span title="javascript:alert(1)">x</span>`);
  });

  it("stays whole when entities cross", () => {
    const bold = { type: "bold", offset: 0, length: 4 };
    const italic = { type: "italic", offset: 2, length: 4 };
    expect(formattedHtml("abcdef", [bold, italic])).toBe("<b>ab</b><i><b>cd</b></i><i>ef</i>");
  });
});
