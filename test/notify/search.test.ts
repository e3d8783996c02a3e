/**
 * Inline search: whoever may look finds servers by name in any chat; nobody else finds anything.
 * Why every stranger gets an empty answer of their own: one that Telegram kept for all would show a company's servers.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { renderAnswer } from "../../collector/notify/rendering/answers.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { botBefore, settingOf, type Bot } from "./bot-by-hand.ts";
import { serverFacts } from "./answer-fixtures.ts";
import { createStore, type Store } from "./desk-double.ts";
import { fakeWithChats, GROUP, PRIVATE } from "./harness.ts";

const BUDI = 4005;

describe("a search", () => {
  let fake: FakeTelegram;
  let store: Store;
  let bot: Bot;
  beforeEach(async () => {
    fake = await fakeWithChats({ inlineMode: true });
    store = createStore();
    store.addServer("srv-kasir");
    store.addServer("srv-berkas", { status: "down" });
    bot = botBefore(fake, store);
  });
  afterEach(() => fake.close());

  async function search(query: string, fromId: number, inChat?: number) {
    const id = fake.people.inline({ query, fromId, ...(inChat === undefined ? {} : { chatId: inChat }) });
    await bot.handleAll();
    return fake.queries.inlineQuery(id)?.answer ?? expect.fail("not answered");
  }
  const titles = async (query: string, fromId: number) =>
    (await search(query, fromId)).results.map(({ title }) => title);

  it("by somebody who has the bot in private finds servers as /server would show them", async () => {
    store.addRecipient({ id: "sari", address: String(PRIVATE) });
    const { results, isPersonal, cacheSeconds } = await search("kasir", PRIVATE, GROUP);
    const rendered = renderAnswer({ type: "server", server: serverFacts("srv-kasir") }, settingOf(store));
    expect(results).toMatchObject([
      { id: "server-srv-kasir", title: rendered.text.split("\n")[0], text: rendered.text, buttons: [] },
    ]);
    expect(results[0]?.description).not.toBe("");
    expect(isPersonal).toBe(true);
    expect(cacheSeconds).toBeLessThanOrEqual(5);
  });

  it("by somebody who is named for a group finds them too, in the group's language", async () => {
    store.addRecipient({ id: "it", address: String(GROUP), language: "en", allowedPeople: [String(BUDI)] });
    const { results } = await search("berkas", BUDI);
    const setting = settingOf(store, "en");
    const server = serverFacts("srv-berkas", { status: "down" });
    expect(results.map(({ text }) => text)).toEqual([renderAnswer({ type: "server", server }, setting).text]);
  });

  it("without a word finds the first ten, of a name nobody has none", async () => {
    store.addRecipient({ id: "sari", address: String(PRIVATE) });
    for (let at = 0; at < 12; at += 1) store.addServer(`web-${at}`);
    expect(await titles("", PRIVATE)).toHaveLength(10);
    expect(await titles("medan", PRIVATE)).toEqual([]);
  });

  const STRANGERS: Readonly<Record<string, () => void>> = {
    "a stranger": () => {},
    "a member of a group where all may act": () =>
      void store.addRecipient({ id: "it", address: String(GROUP) }),
    "somebody whom a group does not name": () =>
      void store.addRecipient({ id: "it", address: String(GROUP), allowedPeople: ["4009"] }),
    "somebody of the users": () =>
      void store.addRecipient({
        id: "user",
        address: String(BUDI),
        audience: "users",
        allowedPeople: [String(BUDI)],
      }),
    "somebody whom a users' group names": () =>
      void store.addRecipient({
        id: "users",
        address: String(GROUP),
        audience: "users",
        allowedPeople: [String(BUDI)],
      }),
    "somebody whom staff switched off": () =>
      void store.addRecipient({ id: "off", address: String(BUDI), enabled: false }),
    "somebody who may not act in their own chat": () =>
      void store.addRecipient({ id: "own", address: String(BUDI), allowedPeople: ["4009"] }),
    "somebody linked on another channel": () =>
      void store.addRecipient({ id: "hook", address: String(BUDI), channel: "webhook" }),
  };
  for (const [who, link] of Object.entries(STRANGERS)) {
    it(`by ${who} finds nothing, and nothing is looked up`, async () => {
      link();
      const answer = await search("srv", BUDI);
      expect(answer).toMatchObject({ results: [], isPersonal: true });
      expect(store.asked).toEqual([]);
    });
  }

  it("of servers with names that nobody should give is an answer that Telegram takes", async () => {
    store.addRecipient({ id: "sari", address: String(PRIVATE) });
    for (const [at, name] of ["", " ", "<b>&", "x".repeat(500), "\u202e\u0000", "👨‍👩‍👧‍👦".repeat(40)].entries())
      store.servers.set(`odd-${at}-${"i".repeat(80)}`, serverFacts(name));
    expect((await titles("", PRIVATE)).every((title) => title.trim() !== "")).toBe(true);
  });

  it("that fails is a line in the log; the update is not asked for again, and the next one is handled", async () => {
    store.addRecipient({ id: "sari", address: String(PRIVATE) });
    const broken = Object.defineProperty(serverFacts("srv-broken"), "sinceMs", {
      get: () => {
        throw new Error("no figure");
      },
    });
    store.servers.set("broken", broken);
    fake.people.inline({ query: "broken", fromId: PRIVATE });
    fake.people.say({ chatId: PRIVATE, text: "/help" });
    await bot.handleAll();
    expect(bot.log.lines.join()).toMatch(/error .*no figure/);
    expect(fake.ledger).toHaveLength(1);
    expect(fake.updates.unconfirmed).toEqual([]);
  });

  it("costs no commit", async () => {
    store.addRecipient({ id: "sari", address: String(PRIVATE) });
    await search("kasir", PRIVATE);
    expect(store.pushed).toEqual([]);
  });
});
