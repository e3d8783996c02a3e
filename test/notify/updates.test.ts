/**
 * The handler of updates as such: nothing that comes in can stop what comes after it, and no update is done twice.
 * Why over every shape: Telegram adds fields each month, people choose texts and names, and one update that throws would be
 * asked for again for ever.
 * Must not: ask a server; what is said is not looked at here.
 */
import fc from "fast-check";
import type { Update } from "node-telegram-bot-api";
import { describe, expect, it } from "vitest";
import { OFFSET_KEY, createUpdateHandler } from "../../collector/notify/telegram/updates.ts";
import type { Speaker } from "../../collector/notify/telegram/speaker.ts";
import { createStore, deskOver } from "./desk-double.ts";
import { keptLog } from "./fixtures.ts";
import { hostile } from "./hostile.ts";

/** Says everything into the air. */
const MUTE: Speaker = {
  say: () => Promise.resolve(),
  show: () => Promise.resolve(),
  showKeyboard: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  toast: () => Promise.resolve(),
  mayPin: () => Promise.resolve(null),
  ask: () => Promise.resolve(true),
};

function handler() {
  const store = createStore();
  store.addRecipient({ id: "private", address: "4001" });
  store.addRecipient({ id: "group", address: "-4002", language: "en" });
  store.addIncident(12);
  store.addServer("srv-kasir");
  store.addSite("Cabang Makassar");
  store.usersChats = 2;
  const log = keptLog();
  const updates = createUpdateHandler({ desk: deskOver(store), speaker: MUTE, redact: (text) => text, log });
  const errors = () => log.lines.filter((line) => line.startsWith("error"));
  return { store, log, updates, errors };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

const KINDS = ["message", "channel_post", "callback_query", "inline_query", "my_chat_member"] as const;
const SAID = { date: 1, chat: { id: 4001, type: "private", first_name: "Sari" } } as const;

describe("an update", () => {
  it("of any shape at all is passed over, and the next one is handled", async () => {
    const anything = fc.oneof(
      fc.anything({ maxDepth: 4 }),
      fc.constantFrom<unknown>(null, undefined, {}, { text: "/status" }, { chat: null, text: "/start a" }),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...KINDS), anything, async (kind, value) => {
        const { updates, store } = handler();
        await updates.handle({ update_id: 7, [kind]: value } as unknown as Update, "bot");
        expect(updates.nextUpdateId).toBe(8);
        const text = "/ack 12";
        await updates.handle({ update_id: 8, message: { ...SAID, message_id: 1, text } }, "bot");
        expect(store.eventsOf("incident_acknowledged")).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  it("with any words behind any command, from a linked chat, breaks nothing", async () => {
    const names = [
      "status",
      "down",
      "server",
      "site",
      "report",
      "mute",
      "ack",
      "board",
      "lang",
      "help",
      "start",
    ];
    const name = fc.oneof(
      fc.constantFrom(...names, "constructor", "__proto__", "hasownproperty", "valueof"),
      fc.stringMatching(/^[a-z0-9_]{1,32}$/),
    );
    const chat = fc.constantFrom(
      { id: 4001, type: "private" } as const,
      { id: -4002, type: "group" } as const,
    );
    await fc.assert(
      fc.asyncProperty(name, hostile, hostile, chat, async (command, words, first_name, place) => {
        const { updates, errors } = handler();
        const from = { id: 4005, is_bot: false, first_name };
        const message = { message_id: 1, date: 1, chat: place, from, text: `/${command} ${words}` };
        await updates.handle({ update_id: 7, message }, "bot");
        await turn();
        expect(errors()).toEqual([]);
        expect(updates.nextUpdateId).toBe(8);
      }),
      { numRuns: 400 },
    );
  });

  it("of a press with any data, by anybody, breaks nothing", async () => {
    const verbs = ["ack", "check", "mute", "mute1h", "mutemorning", "muterecovered", "back"];
    const telling = ["announce", "say", "unsay", "over"];
    const data = fc.oneof(
      hostile,
      fc
        .tuple(fc.constantFrom(...verbs, ...telling), fc.nat(20))
        .map(([verb, number]) => `${verb}:i${number}`),
    );
    await fc.assert(
      fc.asyncProperty(data, hostile, async (pressed, first_name) => {
        const { updates, errors } = handler();
        const message = { ...SAID, message_id: 1, chat: { id: -4002, type: "group", title: "IT" } };
        const from = { id: 4005, is_bot: false, first_name };
        const query = { id: "1", from, chat_instance: "1", data: pressed, message };
        await updates.handle({ update_id: 7, callback_query: query }, "bot");
        await turn();
        expect(errors()).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it("below the offset was handled; far below it Telegram has begun a new numbering", async () => {
    const { updates, store } = handler();
    const ack = (update_id: number, number: number): Update => {
      store.addIncident(number);
      return { update_id, message: { ...SAID, message_id: 1, text: `/ack ${number}` } };
    };
    await updates.handle(ack(5_000, 1), "bot");
    for (const id of [5_000, 4_999, 4_500]) await updates.handle(ack(id, 2), "bot");
    expect(store.eventsOf("incident_acknowledged").map(({ incidentId }) => incidentId)).toEqual(["i1"]);
    await updates.handle(ack(12, 3), "bot");
    expect(store.eventsOf("incident_acknowledged").at(-1)?.incidentId).toBe("i3");
    expect(updates.nextUpdateId).toBe(13);
    expect(store.shelf.get(OFFSET_KEY)).toBe(13);
  });

  it("is counted from what the shelf says, and from nowhere when that is no number", () => {
    for (const [kept, expected] of [
      [41, 41],
      ["41", null],
      [null, null],
      [{}, null],
    ] as const) {
      const store = createStore();
      store.shelf.set(OFFSET_KEY, kept);
      const parts = { desk: deskOver(store), speaker: MUTE, redact: String, log: keptLog() };
      expect(createUpdateHandler(parts).nextUpdateId).toBe(expected);
    }
  });
});
