/**
 * Listening without end: conflicts, a wrong token, pages of HTML, a dead line, a restart.
 * Why timers are fired by hand: what the poller waits for, and how long, is what is asserted.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  OTHER_POLLER_WAIT_MS,
  UNAUTHORIZED_WAIT_MS,
  WATCHDOG_MS,
} from "../../collector/notify/telegram/poller.ts";
import { createTelegram } from "../../collector/notify/telegram/telegram.ts";
import { OFFSET_KEY } from "../../collector/notify/telegram/updates.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { createStore, deskOver, type Store } from "./desk-double.ts";
import { openTelegram, type OpenTelegram } from "./desk.ts";
import { keptLog, recipient, telling, unpaced } from "./fixtures.ts";
import { fakeWithChats, PRIVATE } from "./harness.ts";

const inside = (range: { readonly min: number; readonly max: number }) => (delayMs: number) =>
  delayMs >= range.min && delayMs <= range.max && delayMs !== WATCHDOG_MS;
const isBackoff = (delayMs: number) => delayMs < OTHER_POLLER_WAIT_MS.min;

describe("the poller", () => {
  let fake: FakeTelegram;
  let store: Store;
  let desk: OpenTelegram;
  beforeEach(async () => {
    fake = await fakeWithChats();
    store = createStore();
  });
  afterEach(async () => {
    await desk.telegram.close();
    await fake.close();
  });
  const polled = () => fake.waitUntil(() => fake.updates.polled);
  const state = () => desk.telegram.channel.health().state;

  it("starts as starting, learns the bot's name, and is ok", async () => {
    desk = openTelegram(fake, store);
    expect(state()).toBe("starting");
    expect(desk.telegram.botUsername()).toBeNull();
    await polled();
    expect(desk.telegram.botUsername()).toBe("detak_uji_bot");
    expect(state()).toBe("ok");
  });

  it("another poller of the same token: it waits with jitter, says so, and takes over again", async () => {
    desk = openTelegram(fake, store);
    await polled();
    await fetch(`${fake.apiRoot}/bot${fake.token}/getUpdates`, { method: "POST" });
    const waitMs = await desk.timers.waitingFor(inside(OTHER_POLLER_WAIT_MS));
    expect(waitMs).toBe(32_500);
    expect(desk.telegram.channel.health()).toMatchObject({
      state: "other_poller",
      detail: expect.stringContaining("terminated by other getUpdates") as string,
    });
    // Sends do not care who polls.
    const sent = await desk.telegram.channel.send({
      tellings: [telling()],
      recipient: recipient(),
      silent: false,
    });
    expect(sent.type).toBe("sent");
    expect(state()).toBe("other_poller");
    store.addCode("a-code");
    fake.people.say({ chatId: PRIVATE, text: "/start a-code" });
    desk.timers.fire(inside(OTHER_POLLER_WAIT_MS));
    await fake.waitUntil(() => fake.ledger.length === 2);
    expect(state()).toBe("ok");
  });

  it("a wrong token: unauthorized, tried again slowly, and it heals by itself", async () => {
    const right = fake.token;
    desk = openTelegram(fake, store);
    await polled();
    fake.token = "7000000001:revoked-and-renewed-0123456789abcdefgh";
    fake.people.say({ chatId: PRIVATE, text: "wakes the poll" });
    await desk.timers.waitingFor(inside(UNAUTHORIZED_WAIT_MS));
    expect(state()).toBe("unauthorized");
    const before = fake.requests.length;
    fake.token = right;
    desk.timers.fire(inside(UNAUTHORIZED_WAIT_MS));
    await polled();
    expect(state()).toBe("ok");
    expect(fake.requests.length).toBeGreaterThan(before);
    // Once may be a fault of Telegram's own.
    expect(desk.answered).toEqual([null, null]);
  });

  it("a token that stays refused is said to be, each time, and that it is taken again", async () => {
    const right = fake.token;
    desk = openTelegram(fake, store);
    await polled();
    fake.token = "7000000001:revoked-and-renewed-0123456789abcdefgh";
    fake.people.say({ chatId: PRIVATE, text: "wakes the poll" });
    for (let times = 0; times < 3; times += 1) {
      await desk.timers.waitingFor(inside(UNAUTHORIZED_WAIT_MS));
      if (times === 2) fake.token = right;
      desk.timers.fire(inside(UNAUTHORIZED_WAIT_MS));
    }
    await polled();
    expect(desk.answered).toEqual([null, "401: Unauthorized", "401: Unauthorized", null]);
  });

  const PASSING = [
    ["a page of HTML with 200", { kind: "html", when: "before" }, "failing"],
    ["a 502", { kind: "server_error", when: "before", body: "html" }, "failing"],
    ["half an answer", { kind: "half_body" }, "unreachable"],
    ["a reset", { kind: "drop", when: "before" }, "unreachable"],
    ["ok without a list", { kind: "raw", status: 200, body: '{"ok":true,"result":true}' }, "failing"],
    ["null", { kind: "raw", status: 200, body: "null" }, "failing"],
  ] as const;
  for (const [name, fault, expected] of PASSING) {
    it(`${name}: it backs off and goes on`, async () => {
      fake.faults.add("getUpdates", fault);
      // Something to answer with, so that half of an answer comes at once.
      fake.people.say({ chatId: PRIVATE, text: "halo" });
      desk = openTelegram(fake, store);
      await desk.timers.waitingFor(isBackoff);
      expect(state()).toBe(expected);
      desk.timers.fire(isBackoff);
      await polled();
      expect(state()).toBe("ok");
    });
  }

  it("backs off further with each failure, and at once less after a success", async () => {
    fake.faults.add("getMe", { kind: "drop", when: "before" }, 4);
    desk = openTelegram(fake, store);
    const waits: number[] = [];
    for (let count = 0; count < 4; count += 1) {
      waits.push(await desk.timers.waitingFor((delayMs) => delayMs !== WATCHDOG_MS));
      desk.timers.fire((delayMs) => delayMs !== WATCHDOG_MS);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000]);
    // A first poll with an answer is a success.
    fake.people.say({ chatId: PRIVATE, text: "halo" });
    await fake.waitUntil(() => fake.updates.unconfirmed.length === 0 && fake.updates.polled);
    fake.faults.add("getUpdates", { kind: "drop", when: "before" });
    fake.people.say({ chatId: PRIVATE, text: "halo" });
    expect(await desk.timers.waitingFor((delayMs) => delayMs !== WATCHDOG_MS)).toBe(500);
  });

  it("429 on the poll is waited out as long as Telegram says", async () => {
    fake.faults.add("getUpdates", { kind: "too_many_requests", retryAfterSeconds: 45 });
    desk = openTelegram(fake, store);
    expect(await desk.timers.waitingFor((delayMs) => delayMs !== WATCHDOG_MS)).toBe(45_000);
  });

  it("a poll that never answers is given up by the watchdog, and the next one hears what was said", async () => {
    fake.faults.add("getUpdates", { kind: "hang", when: "before" });
    desk = openTelegram(fake, store);
    await fake.waitUntil(() => fake.requests.some(({ outcome }) => outcome === "hung"));
    store.addCode("a-code");
    fake.people.say({ chatId: PRIVATE, text: "/start a-code" });
    desk.timers.fire((delayMs) => delayMs === WATCHDOG_MS);
    await desk.timers.waitingFor(isBackoff);
    expect(state()).toBe("unreachable");
    desk.timers.fire(isBackoff);
    await fake.waitUntil(() => fake.ledger.length === 1);
  });

  it("an old webhook on the token is removed, and the poll goes on", async () => {
    fake.setWebhook("https://old.example.com/hook");
    desk = openTelegram(fake, store);
    await desk.timers.waitingFor(isBackoff);
    expect(fake.requestsOf("deleteWebhook")).toHaveLength(1);
    desk.timers.fire(isBackoff);
    await polled();
    expect(state()).toBe("ok");
  });

  it("a restart goes on behind the last effect: no update is handled twice", async () => {
    desk = openTelegram(fake, store);
    store.addCode("first");
    const first = fake.people.say({ chatId: PRIVATE, text: "/start first" });
    await fake.waitUntil(() => fake.ledger.length === 1);
    await desk.telegram.close();
    expect(store.shelf.get(OFFSET_KEY)).toBe(first + 1);
    store.addCode("second");
    fake.people.say({ chatId: PRIVATE, text: "/start second" });
    desk = openTelegram(fake, store);
    await fake.waitUntil(() => fake.ledger.length === 2);
    expect(store.eventsOf("chat_linked")).toHaveLength(2);
    const offsets = fake.requestsOf("getUpdates").map(({ parameters }) => parameters["offset"]);
    expect(offsets).toContain(String(first + 1));
  });

  it("killed between the commit and the next poll: Telegram gives the update again, and it is not asked for", async () => {
    store.shelf.set(OFFSET_KEY, 0);
    store.addCode("only-once");
    const updateId = fake.people.say({ chatId: PRIVATE, text: "/start only-once" });
    // As the kill leaves it: the effect is durable with its offset, Telegram was not told.
    await store.push({
      type: "chat_linked",
      codeHash: [...store.codes.keys()][0] ?? "",
      recipientId: "before",
      address: String(PRIVATE),
      chatName: "Sari",
      shelf: [{ key: OFFSET_KEY, value: updateId + 1 }],
    });
    expect(fake.updates.unconfirmed).toHaveLength(1);
    desk = openTelegram(fake, store);
    await fake.waitUntil(() => fake.updates.polled);
    expect(fake.updates.unconfirmed).toHaveLength(0);
    expect(store.eventsOf("chat_linked")).toHaveLength(1);
    expect(fake.ledger).toEqual([]);
  });

  it("an update that the server repeats below the offset is passed over", async () => {
    store.addCode("a-code");
    const updateId = fake.people.say({ chatId: PRIVATE, text: "/start a-code" });
    store.shelf.set(OFFSET_KEY, updateId + 3);
    const update = {
      update_id: updateId,
      message: {
        message_id: 1,
        date: 1,
        chat: { id: PRIVATE, type: "private", first_name: "Sari" },
        text: "/start a-code",
      },
    };
    fake.faults.add("getUpdates", {
      kind: "raw",
      status: 200,
      body: JSON.stringify({ ok: true, result: [update] }),
    });
    desk = openTelegram(fake, store);
    await fake.waitUntil(() => fake.requestsOf("getUpdates").length >= 2 && fake.updates.polled);
    expect(store.pushed).toEqual([]);
  });

  it("after a quiet week Telegram numbers anew, far below: those updates are heard", async () => {
    store.shelf.set(OFFSET_KEY, 700_000_000);
    store.addCode("a-code");
    fake.updates.renumber(1_234);
    fake.people.say({ chatId: PRIVATE, text: "/start a-code" });
    desk = openTelegram(fake, store);
    await fake.waitUntil(() => fake.ledger.length === 1);
    expect(store.shelf.get(OFFSET_KEY)).toBe(1_235);
  });

  it("a store that fails leaves the update with Telegram until it is taken", async () => {
    store.failing = true;
    store.addCode("a-code");
    fake.people.say({ chatId: PRIVATE, text: "/start a-code" });
    desk = openTelegram(fake, store);
    await desk.timers.waitingFor(isBackoff);
    expect(fake.ledger).toEqual([]);
    expect(fake.updates.unconfirmed).toHaveLength(1);
    expect(state()).toBe("ok");
    store.failing = false;
    desk.timers.fire(isBackoff);
    await fake.waitUntil(() => fake.ledger.length === 1);
    expect(store.recipients.size).toBe(1);
  });

  it("an update of a shape nobody knows does not stop those after it", async () => {
    store.addCode("a-code");
    const strange = [
      { update_id: 5 },
      { update_id: 6, message: null },
      { update_id: 7, message: { text: 5 } },
    ];
    fake.faults.add("getUpdates", {
      kind: "raw",
      status: 200,
      body: JSON.stringify({ ok: true, result: strange }),
    });
    fake.people.say({ chatId: PRIVATE, text: "/start a-code" });
    desk = openTelegram(fake, store);
    await fake.waitUntil(() => fake.ledger.length === 1);
  });

  it("close ends a poll under way at once and may be called twice", async () => {
    desk = openTelegram(fake, store);
    await polled();
    await desk.telegram.close();
    await desk.telegram.close();
    await fake.waitUntil(() => !fake.updates.polled);
    expect(desk.timers.waiting).toEqual([]);
  });

  it("nothing it logs or shows holds the token", async () => {
    const [, secret = ""] = fake.token.split(":");
    for (const fault of [
      { kind: "drop", when: "before" },
      { kind: "html", when: "before" },
    ] as const) {
      fake.faults.add("getUpdates", fault);
    }
    desk = openTelegram(fake, store);
    for (let count = 0; count < 2; count += 1) {
      await desk.timers.waitingFor(isBackoff);
      expect(JSON.stringify([desk.log.lines, desk.telegram.channel.health()])).not.toContain(secret);
      desk.timers.fire(isBackoff);
    }
    await polled();
  });
});

describe("without a token", () => {
  it("the channel is off, every send waits in the outbox, nothing is asked of anybody", async () => {
    const telegram = createTelegram({
      token: null,
      apiRoot: "http://127.0.0.1:1",
      desk: deskOver(createStore()),
      pictureFor: () => Promise.resolve(null),
      log: keptLog(),
      now: () => 7,
      random: () => 0,
      pace: unpaced,
    });
    expect(telegram.channel.health()).toEqual({ state: "off", detail: null, sinceWallMs: 7 });
    expect(telegram.botUsername()).toBeNull();
    const outcome = await telegram.channel.send({
      tellings: [telling()],
      recipient: recipient(),
      silent: false,
    });
    expect(outcome).toEqual({ type: "retry", error: "no Telegram token is set", retryAfterMs: 60_000 });
    await telegram.close();
  });
});
