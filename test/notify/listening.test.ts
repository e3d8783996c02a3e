/**
 * What the whole of Telegram asks for once it listens: the kinds of updates it needs, and the menu of commands.
 * Why with the poll: a kind that is not asked for by name is never given, and nothing else would show that.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commandsOf } from "../../collector/notify/rendering/answers.ts";
import { WATCHDOG_MS } from "../../collector/notify/telegram/poller.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { createStore, type Store } from "./desk-double.ts";
import { openTelegram, type OpenTelegram } from "./desk.ts";
import { recipient, telling } from "./fixtures.ts";
import { fakeWithChats, GROUP, PRIVATE } from "./harness.ts";

const isBackoff = (delayMs: number) => delayMs !== WATCHDOG_MS;

describe("listening", () => {
  let fake: FakeTelegram;
  let store: Store;
  let opened: OpenTelegram | null = null;
  beforeEach(async () => {
    fake = await fakeWithChats({ inlineMode: true });
    store = createStore();
  });
  afterEach(async () => {
    await opened?.telegram.close();
    opened = null;
    await fake.close();
  });
  const polled = () => fake.waitUntil(() => fake.updates.polled);
  const handled = () => fake.waitUntil(() => fake.updates.unconfirmed.length === 0 && fake.updates.polled);
  const menus = () => fake.requestsOf("setMyCommands");
  const menuTaken = () => fake.waitUntil(() => menus().filter(({ accepted }) => accepted).length >= 3);

  it("asks for messages, posts, presses, comings and searches by name, and for nothing else", async () => {
    opened = openTelegram(fake, store);
    await polled();
    const asked = fake
      .requestsOf("getUpdates")
      .map(({ parameters }) => parameters["allowed_updates"] ?? "null");
    expect(asked.map((text) => (JSON.parse(text) as string[]).toSorted())).toEqual(
      asked.map(() => ["callback_query", "channel_post", "inline_query", "message", "my_chat_member"]),
    );
  });

  it("hears a command, a press, a search and a coming, each with its effect", async () => {
    store.addRecipient({ id: "it", address: String(GROUP) });
    store.addRecipient({ id: "sari", address: String(PRIVATE), enabled: false, disabledReason: "blocked" });
    store.addIncident(12);
    opened = openTelegram(fake, store);
    const group = recipient({ id: "it", address: String(GROUP) });
    await opened.telegram.channel.send({ tellings: [telling()], recipient: group, silent: false });
    fake.people.say({ chatId: GROUP, fromId: 4005, text: "/help" });
    fake.people.unblockBot({ chatId: PRIVATE });
    const pressed = fake.people.press({
      chatId: GROUP,
      callbackData: "ack:i12",
      fromId: 4005,
      fromName: "Budi",
    });
    const searched = fake.people.inline({ query: "kasir", fromId: PRIVATE });
    await fake.waitUntil(() => fake.queries.inlineQuery(searched)?.answer != null);
    await fake.waitUntil(() => fake.ledger.length === 2 && fake.people.toast(pressed) !== null);
    await handled();
    expect(store.pushed.map(({ type }) => type)).toEqual(["recipient_returned", "incident_acknowledged"]);
  });

  it.each(["id", "en"] as const)(
    "describes its commands in both languages, and in %s for all others",
    async (language) => {
      opened = openTelegram(fake, store, language);
      await menuTaken();
      const lists = fake.commandLists.all.map(({ scope, languageCode, commands }) => [
        scope.type,
        languageCode,
        commands,
      ]);
      expect(lists).toEqual(
        expect.arrayContaining([
          ["default", "", commandsOf(language)],
          ["default", "id", commandsOf("id")],
          ["default", "en", commandsOf("en")],
        ]),
      );
      expect(lists).toHaveLength(3);
    },
  );

  it("a menu that was not taken is described again with the next poll, and then no more", async () => {
    fake.faults.add("setMyCommands", { kind: "too_many_requests", retryAfterSeconds: 1 }, 3);
    opened = openTelegram(fake, store);
    await fake.waitUntil(() => menus().length === 3 && menus().every(({ outcome }) => outcome === 429));
    await polled();
    const failOnce = async () => {
      fake.faults.add("getUpdates", { kind: "drop", when: "before" });
      fake.people.say({ chatId: PRIVATE, text: "halo" });
      await opened?.timers.waitingFor(isBackoff);
      opened?.timers.fire(isBackoff);
      await handled();
    };
    await failOnce();
    await menuTaken();
    await failOnce();
    await failOnce();
    expect(fake.requestsOf("getMe")).toHaveLength(4);
    expect(menus()).toHaveLength(6);
  });

  it("a menu that Telegram never takes keeps nothing from being heard, and is not the health of the way", async () => {
    fake.faults.add(
      "setMyCommands",
      { kind: "refusal", status: 400, description: "Bad Request: whatever" },
      99,
    );
    store.addCode("a-code");
    opened = openTelegram(fake, store);
    fake.people.say({ chatId: PRIVATE, text: "/start a-code" });
    await fake.waitUntil(() => fake.ledger.length === 1);
    expect(opened.telegram.channel.health().state).toBe("ok");
  });
});
