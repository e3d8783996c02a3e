/**
 * The fake itself: as strict as the real Bot API where a client could be wrong, or its ledger would prove nothing.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseHtml } from "../fakes/telegram/entities.ts";
import { FORUM, GROUP, rehearse, SARI as PRIVATE, TOPIC } from "../fakes/telegram/rehearsal.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";

interface Envelope {
  readonly ok: boolean;
  readonly error_code?: number;
  readonly description?: string;
  readonly parameters?: { readonly retry_after?: number; readonly migrate_to_chat_id?: number };
  readonly result?: { readonly message_id?: number } & readonly { readonly update_id: number }[];
}

describe("the fake Bot API", () => {
  let fake: FakeTelegram;
  let nowMs = 1_000_000;
  beforeEach(async () => {
    nowMs = 1_000_000;
    ({ fake } = await rehearse({ now: () => nowMs, enforceQuota: true }));
  });
  afterEach(() => fake.close());

  async function call(
    method: string,
    values: Readonly<Record<string, unknown>> = {},
    token = fake.token,
  ): Promise<Envelope> {
    const response = await fetch(`${fake.apiRoot}/bot${token}/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(values),
    });
    return (await response.json()) as Envelope;
  }
  const send = (text: string, more: Readonly<Record<string, unknown>> = {}) => {
    nowMs += 5_000;
    return call("sendMessage", { chat_id: PRIVATE, text, ...more });
  };
  const description = async (answer: Promise<Envelope>) => (await answer).description;

  it("knows tokens: 404 for what is none, 401 for a wrong one", async () => {
    expect(await call("getMe", {}, "nonsense")).toMatchObject({ ok: false, error_code: 404 });
    expect(await call("getMe", {}, `7000000001:${"x".repeat(35)}`)).toMatchObject({
      ok: false,
      error_code: 401,
    });
    expect(await call("getMe")).toMatchObject({ ok: true, result: { is_bot: true } });
    expect(await call("noSuchMethod")).toMatchObject({ ok: false, error_code: 404 });
  });

  it("reads form, JSON, multipart and query alike", async () => {
    const url = `${fake.apiRoot}/bot${fake.token}/sendMessage`;
    const form = new FormData();
    form.set("chat_id", String(PRIVATE));
    form.set("text", "multipart &amp; <b>");
    form.set("picture", new Blob(["bytes"]), "chart.png");
    const bodies: RequestInit[] = [
      { method: "POST", body: new URLSearchParams({ chat_id: String(PRIVATE), text: "form" }) },
      { method: "POST", body: form },
    ];
    for (const body of bodies) {
      nowMs += 5_000;
      expect((await (await fetch(url, body)).json()) as Envelope).toMatchObject({ ok: true });
    }
    nowMs += 5_000;
    await fetch(`${url}?chat_id=${PRIVATE}&text=query`);
    await send("json");
    expect(fake.ledger.map(({ text }) => text)).toEqual(["form", "multipart &amp; <b>", "query", "json"]);
  });

  it("gives each chat its own message ids", async () => {
    expect((await send("one")).result?.message_id).toBe(1);
    expect((await send("two")).result?.message_id).toBe(2);
    expect((await send("other chat", { chat_id: GROUP })).result?.message_id).toBe(1);
  });

  it("refuses HTML that is not whole, as the real server does", async () => {
    for (const text of [
      "<b>x",
      "x</b>",
      "<b><i>x</b></i>",
      "<script>x</script>",
      "a < b",
      "<b class=>x</b",
      "<span>x</span>",
    ]) {
      expect(await description(send(text, { parse_mode: "HTML" })), text).toMatch(
        /^Bad Request: can't parse entities/,
      );
    }
    expect(fake.ledger).toEqual([]);
    expect(await send("a &lt; b &amp; <b>c</b> > d &unknown;", { parse_mode: "HTML" })).toMatchObject({
      ok: true,
    });
    expect(fake.ledger[0]?.text).toBe("a < b & c > d &unknown;");
  });

  it("counts entities in UTF-16 units of the parsed text", () => {
    expect(parseHtml('🔴 <b>MATI &amp; <i>x</i></b> <a href="https://a.b/?c=1&amp;d=2">peta</a>')).toEqual({
      ok: true,
      text: "🔴 MATI & x peta",
      entities: [
        { type: "bold", offset: 3, length: 8 },
        { type: "italic", offset: 10, length: 1 },
        { type: "text_link", offset: 12, length: 4, url: "https://a.b/?c=1&d=2" },
      ],
    });
  });

  it("limits the text to 4096 after parsing, and takes no empty one", async () => {
    expect(await send(`<b>${"x".repeat(4096)}</b>`, { parse_mode: "HTML" })).toMatchObject({ ok: true });
    expect(await description(send("x".repeat(4097)))).toBe("Bad Request: message is too long");
    expect(await description(send("   "))).toBe("Bad Request: message text is empty");
    expect(await description(send("<b> </b>", { parse_mode: "HTML" }))).toBe(
      "Bad Request: message text is empty",
    );
  });

  it("knows chats, topics, replies and moves", async () => {
    expect(await description(send("x", { chat_id: 5 }))).toBe("Bad Request: chat not found");
    expect(await description(send("x", { chat_id: "" }))).toBe("Bad Request: chat_id is empty");
    expect(await description(send("x", { chat_id: FORUM, message_thread_id: 1 }))).toBe(
      "Bad Request: message thread not found",
    );
    expect(await send("x", { chat_id: FORUM, message_thread_id: TOPIC })).toMatchObject({ ok: true });
    expect(await description(send("x", { reply_parameters: { message_id: 99 } }))).toBe(
      "Bad Request: message to be replied not found",
    );
    expect(
      await send("x", { reply_parameters: { message_id: 99, allow_sending_without_reply: true } }),
    ).toMatchObject({ ok: true });
    fake.world.migrate(GROUP, -1007007);
    expect((await send("x", { chat_id: GROUP })).parameters?.migrate_to_chat_id).toBe(-1007007);
  });

  it("refuses buttons nobody else could open, and data over 64 bytes", async () => {
    const button = (cell: object) =>
      send("x", { reply_markup: { inline_keyboard: [[{ text: "b", ...cell }]] } });
    for (const url of [
      "http://localhost:1/",
      "http://10.0.0.1/",
      "http://detak/",
      "ftp://a.b/",
      "nonsense",
    ]) {
      expect(await description(button({ url })), url).toMatch(/Wrong HTTP URL/);
    }
    expect(await description(button({ callback_data: "é".repeat(33) }))).toBe(
      "Bad Request: BUTTON_DATA_INVALID",
    );
    expect(await button({ callback_data: "é".repeat(32) })).toMatchObject({ ok: true });
    expect(await description(button({}))).toMatch(/: Text buttons are unallowed/);
  });

  it("allows a message a second in a chat and twenty a minute in a group", async () => {
    await send("one");
    expect((await call("sendMessage", { chat_id: PRIVATE, text: "two" })).parameters?.retry_after).toBe(1);
    for (let count = 0; count < 20; count += 1) {
      nowMs += 1_500;
      expect(await call("sendMessage", { chat_id: GROUP, text: "x" })).toMatchObject({ ok: true });
    }
    nowMs += 1_500;
    expect((await call("sendMessage", { chat_id: GROUP, text: "x" })).parameters?.retry_after).toBe(30);
  });

  it("gives updates until an offset confirms them, for a day, to one poller at a time", async () => {
    const first = fake.people.say({ chatId: PRIVATE, text: "one" });
    const second = fake.people.say({ chatId: PRIVATE, text: "two" });
    const ids = async (values: object) =>
      (await call("getUpdates", { ...values })).result?.map(({ update_id }) => update_id);
    expect(await ids({})).toEqual([first, second]);
    expect(await ids({ limit: 1 })).toEqual([first]);
    expect(await ids({ offset: second })).toEqual([second]);
    expect(await ids({})).toEqual([second]);
    nowMs += 24 * 3_600_000;
    expect(await ids({})).toEqual([]);
    const waiting = call("getUpdates", { timeout: 30 });
    await fake.waitUntil(() => fake.updates.polled);
    const taking = call("getUpdates", { timeout: 30 });
    expect(await waiting).toMatchObject({ ok: false, error_code: 409 });
    await fake.waitUntil(() => fake.updates.polled);
    const third = fake.people.say({ chatId: PRIVATE, text: "three" });
    expect((await taking).result).toMatchObject([{ update_id: third, message: { text: "three" } }]);
  });

  it("gives only the kinds of updates that were asked for", async () => {
    await send("x", { reply_markup: { inline_keyboard: [[{ text: "b", callback_data: "d" }]] } });
    fake.people.press({ chatId: PRIVATE, messageId: 1, callbackData: "d", fromId: PRIVATE });
    const answer = await call("getUpdates", { allowed_updates: ["message"] });
    expect(answer.result).toEqual([]);
    expect((await call("getUpdates", { allowed_updates: ["callback_query"] })).result).toHaveLength(1);
  });
});
