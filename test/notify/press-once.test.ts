/**
 * A press is done once: whatever the store, Telegram or a kill does in between.
 * Why with the poll too: what is asked for again is decided there.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Update } from "node-telegram-bot-api";
import { NotTaken } from "../../collector/notify/telegram/taken.ts";
import { OFFSET_KEY } from "../../collector/notify/telegram/updates.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { botBefore, toastOf, type Bot } from "./bot-by-hand.ts";
import { createStore, type Store } from "./desk-double.ts";
import { openTelegram } from "./desk.ts";
import { fakeWithChats, GROUP } from "./harness.ts";

const BUDI = { fromId: 4005, fromName: "Budi" };

describe("a press is done once", () => {
  let fake: FakeTelegram;
  let store: Store;
  let bot: Bot;
  let told: number;
  beforeEach(async () => {
    fake = await fakeWithChats();
    store = createStore();
    store.usersChats = 2;
    store.addRecipient({ id: "it", address: String(GROUP) });
    store.addIncident(12);
    bot = botBefore(fake, store);
    told = await bot.tell(12, String(GROUP));
  });
  afterEach(() => fake.close());
  const press = (callbackData: string, messageId = told) =>
    fake.people.press({ chatId: GROUP, messageId, callbackData, ...BUDI });

  const DOING = [
    ["ack", "incident_acknowledged"],
    ["mute1h", "incident_quieted"],
    ["say", "incident_announced"],
  ] as const;
  for (const [verb, type] of DOING) {
    it(`${verb}: while the store fails nothing is said, and it is asked for again and done once`, async () => {
      if (verb === "mute1h") press("mute:i12");
      if (verb === "say") press("announce:i12");
      await bot.handleAll();
      const before = bot.updates.nextUpdateId;
      store.failing = true;
      const id = press(`${verb}:i12`, verb === "say" ? fake.ledger.at(-1)!.messageId : told);
      await expect(bot.handleAll()).rejects.toThrow(NotTaken);
      await expect(bot.handleAll()).rejects.toThrow(NotTaken);
      expect(fake.people.toast(id)).toBeNull();
      expect(bot.updates.nextUpdateId).toBe(before);
      expect(store.shelf.has(OFFSET_KEY)).toBe(false);
      store.failing = false;
      store.pushed.length = 0;
      await bot.handleAll();
      expect(store.eventsOf(type)).toHaveLength(1);
      expect(fake.people.toast(id)?.text).not.toBe("");
      expect(store.shelf.get(OFFSET_KEY)).toBe(bot.updates.nextUpdateId);
      expect(fake.updates.unconfirmed).toEqual([]);
    });
  }

  it("with the poll: the failing store is waited for, and the press is done when it takes it", async () => {
    const opened = openTelegram(fake, store);
    const isBackoff = (delayMs: number) => delayMs < 5_000;
    store.failing = true;
    const id = press("ack:i12");
    await opened.timers.waitingFor(isBackoff);
    expect(fake.updates.unconfirmed).toHaveLength(1);
    store.failing = false;
    opened.timers.fire(isBackoff);
    await fake.waitUntil(() => fake.people.toast(id) !== null);
    expect(fake.people.toast(id)?.text).toBe(toastOf(store, { type: "taken" }));
    await fake.waitUntil(() => fake.updates.unconfirmed.length === 0 && fake.updates.polled);
    expect(store.incidents.get("i12")?.acknowledgedBy).toBe("Budi");
    await opened.telegram.close();
  });

  it("the same update given twice is done once, also by one that was started anew", async () => {
    press("ack:i12");
    const answered = await fetch(`${fake.apiRoot}/bot${fake.token}/getUpdates`);
    const { result } = (await answered.json()) as { result: readonly [Update] };
    await bot.handle(result[0]);
    await bot.handle(result[0]);
    // Killed before Telegram was told: it gives the update again.
    const restarted = botBefore(fake, store);
    expect(restarted.updates.nextUpdateId).toBe(result[0].update_id + 1);
    await restarted.handle(result[0]);
    expect(store.eventsOf("incident_acknowledged")).toHaveLength(1);
    expect(fake.requestsOf("answerCallbackQuery")).toHaveLength(1);
  });

  it("a press whose answer never arrives holds up no other press", async () => {
    fake.faults.add("answerCallbackQuery", { kind: "hang", when: "before" });
    const opened = openTelegram(fake, store);
    press("ack:i12");
    await fake.waitUntil(() => fake.requests.some(({ outcome }) => outcome === "hung"));
    const second = press("check:i12");
    await fake.waitUntil(() => fake.people.toast(second) !== null);
    expect(store.asked).toContain("check i12 Budi");
    await opened.telegram.close();
  });
});
