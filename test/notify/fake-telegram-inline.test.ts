/**
 * The fake's inline mode: what people type after the bot's name, what may be answered, and what Telegram caches.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BUDI, GROUP, rehearse, SARI, type Rehearsal } from "../fakes/telegram/rehearsal.ts";

const TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid";
const article = (id: string, more: object = {}) => ({
  type: "article",
  id,
  title: `Hasil ${id}`,
  input_message_content: { message_text: "<b>x</b>", parse_mode: "HTML" },
  ...more,
});

describe("the fake's inline mode", () => {
  let stage: Rehearsal;
  beforeEach(async () => {
    stage = await rehearse({ inlineMode: true });
  });
  afterEach(() => stage.fake.close());

  const ask = (query: string, more: object = {}) =>
    stage.fake.people.inline({ fromId: BUDI, fromName: "Budi", query, ...more });
  const answer = (inline_query_id: string, results: unknown, more: object = {}) =>
    stage.call("answerInlineQuery", { inline_query_id, results, ...more });
  const refused = async (results: unknown, more: object = {}) =>
    (await answer(ask(`q${stage.fake.queries.inline.length}`), results, more)).description;

  it("is off until BotFather is told", async () => {
    expect((await stage.call("getMe")).result).toMatchObject({ supports_inline_queries: true });
    stage.fake.settings.inlineMode = false;
    expect((await stage.call("getMe")).result).toMatchObject({ supports_inline_queries: false });
    expect(() => ask("kasir")).toThrow("inline mode is off");
  });

  it("gives queries to the bot and keeps what people were shown", async () => {
    const id = ask("kasir", { chatId: GROUP });
    const alone = ask("kasir 2");
    expect((await stage.updates()).map(({ inline_query }) => inline_query)).toMatchObject([
      { id, from: { id: BUDI, first_name: "Budi" }, query: "kasir", offset: "", chat_type: "group" },
      { id: alone, chat_type: "sender" },
    ]);
    const results = [article("1", { description: "sehat" }), article("2")];
    expect(await answer(id, results, { cache_time: 5 })).toMatchObject({ result: true });
    expect(stage.fake.queries.inlineQuery(id)?.answer).toMatchObject({
      cacheSeconds: 5,
      results: [
        { id: "1", title: "Hasil 1", description: "sehat", text: "x", entities: [{ type: "bold" }] },
        {},
      ],
    });
    expect((await answer(id, results)).description).toBe(TOO_OLD);
  });

  it("gives a query up after ten seconds", async () => {
    const [early, late] = [ask("a"), ask("b")];
    stage.clock.nowMs += 10_000;
    expect(await answer(early, [])).toMatchObject({ ok: true });
    stage.clock.nowMs += 1;
    expect((await answer(late, [])).description).toBe(TOO_OLD);
    expect((await answer("12", [])).description).toBe(TOO_OLD);
  });

  it("answers the same query from its cache, without asking the bot", async () => {
    await answer(ask("kasir"), [article("1")], { cache_time: 60 });
    await answer(ask("pribadi"), [article("1")], { cache_time: 60, is_personal: true });
    const before = (await stage.updates()).length;
    stage.clock.nowMs += 59_000;
    const again = ask("kasir", { fromId: SARI });
    expect(stage.fake.queries.inlineQuery(again)).toMatchObject({
      fromCache: true,
      answer: { results: [{ id: "1" }] },
    });
    ask("pribadi");
    expect(await stage.updates()).toHaveLength(before);
    ask("pribadi", { fromId: SARI });
    ask("kasir", { offset: "1" });
    stage.clock.nowMs += 1_000;
    ask("kasir");
    expect(await stage.updates()).toHaveLength(before + 3);
  });

  it("takes 50 results with ids of 64 bytes, each once", async () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => article(String(index)));
    expect(await answer(ask("50"), many(50))).toMatchObject({ ok: true });
    expect(await refused(many(51))).toBe("Bad Request: too many inline query results specified");
    expect(await answer(ask("64"), [article("é".repeat(32))])).toMatchObject({ ok: true });
    expect(await refused([article("é".repeat(33))])).toBe("Bad Request: RESULT_ID_INVALID");
    expect(await refused([article("")])).toBe("Bad Request: RESULT_ID_EMPTY");
    expect(await refused([article("1"), article("1")])).toBe("Bad Request: RESULT_ID_DUPLICATE");
  });

  it("refuses results that are not whole", async () => {
    const parsing = "Bad Request: can't parse inline query result: ";
    expect(await refused("{")).toBe("Bad Request: can't parse JSON encoded inline query results");
    expect(await refused({})).toBe("Bad Request: expected an Array of inline query results");
    expect(await refused(["x"])).toBe(`${parsing}Inline query result must be an object`);
    expect(await refused([{ id: "1" }])).toBe(`${parsing}Can't find field "type"`);
    expect(await refused([{ type: "article" }])).toBe(`${parsing}Can't find field "id"`);
    expect(await refused([article("1", { title: undefined })])).toBe(`${parsing}Can't find field "title"`);
    expect(await refused([article("1", { title: " " })])).toBe("Bad Request: ARTICLE_TITLE_EMPTY");
    expect(await refused([article("1", { input_message_content: undefined })])).toBe(
      `${parsing}Can't find field "message_text"`,
    );
    const content = (message_text: string) =>
      article("1", { input_message_content: { message_text, parse_mode: "HTML" } });
    expect(await refused([content("<b>")])).toMatch(`${parsing}Can't parse entities: `);
    expect(await refused([content(" ")])).toBe("Bad Request: MESSAGE_EMPTY");
    expect(await refused([content("x".repeat(4_097))])).toBe("Bad Request: MESSAGE_TOO_LONG");
    expect(await refused([article("1", { type: "video" })])).toBe(
      `${parsing}type "video" is unsupported for the inline query result`,
    );
    const long = { inline_keyboard: [[{ text: "b", callback_data: "x".repeat(65) }]] };
    expect(await refused([article("1", { reply_markup: long })])).toBe("Bad Request: BUTTON_DATA_INVALID");
    expect(await refused([article("1", { reply_markup: { inline_keyboard: [[{ text: "b" }]] } })])).toBe(
      `${parsing}Can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard`,
    );
    expect(await refused([], { next_offset: "x".repeat(65) })).toBe("Bad Request: NEXT_OFFSET_INVALID");
  });
});
