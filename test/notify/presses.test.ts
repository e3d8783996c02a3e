/**
 * Presses on the buttons below an outage: what they do, what the presser sees, what becomes of the message.
 * Why on the fake's own record of a press: a toast that Telegram refused was seen by nobody.
 * Who may press, and what a failing store does, is in press-rights.test.ts.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mainKeyboard, muteKeyboard } from "../../collector/notify/rendering/keyboard.ts";
import type { Toast } from "../../collector/notify/rendering/answer-facts.ts";
import { OFFSET_KEY } from "../../collector/notify/telegram/updates.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { answerText, botBefore, toastOf, type Bot } from "./bot-by-hand.ts";
import { createStore, MORNING_AFTER_MS, type Store } from "./desk-double.ts";
import { message, recipient } from "./fixtures.ts";
import { fakeWithChats, FORUM, GROUP, TOPIC } from "./harness.ts";

const BUDI = { fromId: 4005, fromName: "Budi" };
const HOUR_MS = 3_600_000;

describe("a press", () => {
  let fake: FakeTelegram;
  let store: Store;
  let bot: Bot;
  let told: number;
  beforeEach(async () => {
    fake = await fakeWithChats();
    store = createStore();
    store.addRecipient({ id: "it", address: String(GROUP) });
    store.addIncident(12);
    bot = botBefore(fake, store);
    told = await bot.tell(12, String(GROUP));
  });
  afterEach(() => fake.close());

  async function press(callbackData: string, messageId = told, chatId = GROUP) {
    const id = fake.people.press({ chatId, messageId, callbackData, ...BUDI });
    await bot.handleAll();
    const answer = fake.people.toast(id);
    return answer && { text: answer.text, alert: answer.alert };
  }
  const toast = (say: Toast) => ({ text: toastOf(store, say), alert: false });
  const buttons = (messageId = told) =>
    fake.world.message(GROUP, messageId)?.buttons.map((row) => row.map(({ text }) => text));
  const texts = (keyboard: ReturnType<typeof mainKeyboard>) =>
    keyboard.map((row) => row.map(({ text }) => text));
  /** Of the update that was handled last. */
  const offset = () => [{ key: OFFSET_KEY, value: bot.updates.nextUpdateId }];

  describe("to take it", () => {
    it("is one event with the poll's offset, and a toast that says so", async () => {
      expect(await press("ack:i12")).toEqual(toast({ type: "taken" }));
      expect(store.pushed).toEqual([
        { type: "incident_acknowledged", incidentId: "i12", by: "Budi", shelf: offset() },
      ]);
      expect(store.shelf.get(OFFSET_KEY)).toBe(bot.updates.nextUpdateId);
    });

    it("leaves the message alone: the outbox shows it anew", async () => {
      await press("ack:i12");
      expect(fake.ledger).toHaveLength(1);
      expect(fake.requests.filter(({ method }) => method.startsWith("edit"))).toEqual([]);
    });

    it("again says who is on it, as it is now", async () => {
      store.addIncident(12, { acknowledgedBy: "Budi" });
      expect(await press("ack:i12")).toEqual(toast({ type: "taken_already", by: "Budi" }));
    });

    it("too late says since when it is over, also when it ended while the press was under way", async () => {
      store.refuseNext = "incident_closed";
      expect(await press("ack:i12")).toEqual(toast({ type: "over", endedMs: store.clockMs }));
    });
  });

  describe("to mute", () => {
    it("opens the three times and the way back, and changes nothing yet", async () => {
      expect(await press("mute:i12")).toEqual({ text: "", alert: false });
      expect(buttons()).toEqual(texts(muteKeyboard("i12", "id")));
      expect(fake.world.message(GROUP, told)?.edits).toEqual([]);
      expect(store.pushed).toEqual([]);
    });

    const TIMES = [
      ["mute1h", "for an hour", (now: number) => now + HOUR_MS],
      ["mutemorning", "until the morning there", (now: number) => now + MORNING_AFTER_MS],
      ["muterecovered", "until it has recovered", () => null],
    ] as const;
    for (const [verb, name, until] of TIMES) {
      it(`${name}: one event with the offset, a toast with the time, and the usual buttons again`, async () => {
        await press("mute:i12");
        const untilMs = until(store.clockMs);
        expect(await press(`${verb}:i12`)).toEqual(toast({ type: "quiet", untilMs }));
        expect(store.pushed).toEqual([
          {
            type: "incident_quieted",
            incidentId: "i12",
            by: "Budi",
            untilWallMs: untilMs,
            shelf: offset(),
          },
        ]);
        expect(buttons()).toEqual(texts(mainKeyboard(message(), recipient())));
      });
    }

    it("asks for the morning of the incident's place", async () => {
      store.addIncident(12, { timeZone: "Asia/Jayapura" });
      await press("mute:i12");
      await press("mutemorning:i12");
      expect(store.asked).toContain("morning Asia/Jayapura");
    });

    it("the way back shows the usual buttons as they are by now, and changes nothing", async () => {
      await press("mute:i12");
      store.addIncident(12, { acknowledgedBy: "Sari", announced: true });
      expect(await press("back:i12")).toEqual({ text: "", alert: false });
      const handling = { acknowledgedBy: "Sari", quiet: null, checked: null, announced: true };
      expect(buttons()).toEqual(texts(mainKeyboard(message({ handling }), recipient())));
      expect(buttons()?.flat().join()).toContain("Sari");
      expect(store.pushed).toEqual([]);
    });
  });

  describe("to check again", () => {
    it("says so at once, and only then asks: the answer comes with the message", async () => {
      let answer = () => {};
      store.checking = () => new Promise((resolve) => (answer = resolve));
      expect(await press("check:i12")).toEqual(toast({ type: "checking" }));
      expect(store.asked).toEqual(["check i12 Budi"]);
      expect(store.pushed).toEqual([]);
      answer();
    });

    it("a check that fails is a line in the log, and the next press is handled", async () => {
      store.checking = () => Promise.reject(new Error(`no probe ${fake.token}`));
      expect(await press("check:i12")).toEqual(toast({ type: "checking" }));
      expect(bot.log.lines.join()).toMatch(/error .*no probe/);
      expect(bot.log.lines.join()).not.toContain(fake.token.split(":")[1]);
      expect(await press("ack:i12")).toEqual(toast({ type: "taken" }));
    });
  });

  describe("to announce", () => {
    const preview = () => fake.ledger.at(-1)!;

    it("shows what users would get, below the message, with two buttons, and tells nobody yet", async () => {
      store.usersChats = 3;
      expect(await press("announce:i12")).toEqual({ text: "", alert: false });
      const answer = {
        type: "preview",
        message: message({ step: "announced" }),
        chats: 3,
      } as const;
      expect(preview()).toMatchObject({ chatId: GROUP, replyTo: told, text: answerText(store, answer) });
      expect(
        preview()
          .buttons.flat()
          .map(({ callbackData }) => callbackData),
      ).toEqual(["say:i12", "unsay:i12"]);
      expect(store.pushed).toEqual([]);
    });

    it("sent from the preview: one event with the offset, to how many, and the preview cannot be pressed again", async () => {
      store.usersChats = 3;
      await press("announce:i12");
      expect(await press("say:i12", preview().messageId)).toEqual(toast({ type: "announced", chats: 3 }));
      expect(store.pushed).toEqual([
        { type: "incident_announced", incidentId: "i12", by: "Budi", over: false, shelf: offset() },
      ]);
      expect(preview().buttons).toEqual([]);
      expect(preview().deletedAtMs).toBeNull();
    });

    it("cancelled: the preview is gone, nobody is told", async () => {
      store.usersChats = 3;
      await press("announce:i12");
      expect(await press("unsay:i12", preview().messageId)).toEqual({ text: "", alert: false });
      expect(preview().deletedAtMs).not.toBeNull();
      expect(store.pushed).toEqual([]);
    });

    it("cancelled where Telegram does not let it be deleted any more: at least its buttons are gone", async () => {
      store.usersChats = 3;
      await press("announce:i12");
      const description = "Bad Request: message can't be deleted for everyone";
      fake.faults.add("deleteMessage", { kind: "refusal", status: 400, description });
      await press("unsay:i12", preview().messageId);
      expect(preview().buttons).toEqual([]);
    });

    it("cancelled after it is over: the preview is gone all the same", async () => {
      store.usersChats = 3;
      await press("announce:i12");
      store.addIncident(12, { endedMs: store.clockMs });
      await press("unsay:i12", preview().messageId);
      expect(preview().deletedAtMs).not.toBeNull();
    });

    it("to nobody: says where users' chats are linked, and shows no preview", async () => {
      expect(await press("announce:i12")).toEqual(toast({ type: "nobody_to_announce_to" }));
      expect(fake.ledger).toHaveLength(1);
    });

    it("twice: the second is told that users know, on the way in and on the preview", async () => {
      store.usersChats = 3;
      await press("announce:i12");
      store.addIncident(12, { announced: true });
      expect(await press("announce:i12")).toEqual(toast({ type: "announced_already" }));
      expect(await press("say:i12", preview().messageId)).toEqual(toast({ type: "announced_already" }));
      expect(preview().buttons).toEqual([]);
    });
  });

  describe("to tell users that it is over", () => {
    let known: number;
    beforeEach(async () => {
      store.usersChats = 3;
      store.addIncident(12, { announced: true });
      const handling = { acknowledgedBy: null, quiet: null, checked: null, announced: true };
      known = await bot.tell(12, String(GROUP), { handling });
    });

    it("is one event with the offset", async () => {
      expect(await press("over:i12", known)).toEqual(toast({ type: "announced_over" }));
      expect(store.pushed).toEqual([
        { type: "incident_announced", incidentId: "i12", by: "Budi", over: true, shelf: offset() },
      ]);
    });

    it("twice, or of what they never knew: says so", async () => {
      store.addIncident(12, { announced: true, announcedOver: true });
      expect(await press("over:i12", known)).toEqual(toast({ type: "over_already" }));
      store.addIncident(12);
      expect(await press("over:i12", known)).toEqual(toast({ type: "not_announced" }));
    });
  });

  describe("on an old message", () => {
    for (const verb of ["ack", "check", "mute", "announce"]) {
      it(`${verb}: says when it ended, takes the buttons away, and does nothing`, async () => {
        store.usersChats = 3;
        store.addIncident(12, { endedMs: store.clockMs - HOUR_MS });
        expect(await press(`${verb}:i12`)).toEqual(toast({ type: "over", endedMs: store.clockMs - HOUR_MS }));
        expect(buttons()).toEqual([]);
        expect(store.pushed).toEqual([]);
        expect(store.asked).toEqual([]);
      });
    }

    it("of an incident that nobody knows: says so, and takes the buttons away", async () => {
      store.incidents.clear();
      expect(await press("ack:i12")).toEqual(toast({ type: "incident_unknown" }));
      expect(buttons()).toEqual([]);
    });

    it("while the archive cannot be read: nothing is done, it is logged, and the next press is handled", async () => {
      store.addIncident(12, { endedMs: store.clockMs });
      store.archive = () => Promise.reject(new Error("disk"));
      expect(await press("ack:i12")).toBeNull();
      expect(bot.log.lines.join()).toContain("disk");
      store.archive = () => Promise.resolve();
      expect((await press("ack:i12"))?.text).toBe(toastOf(store, { type: "over", endedMs: store.clockMs }));
    });
  });

  it("in a topic answers in the topic", async () => {
    store.usersChats = 1;
    store.addRecipient({ id: "topic", address: `${FORUM}/${TOPIC}` });
    const inTopic = await bot.tell(12, `${FORUM}/${TOPIC}`);
    await press("announce:i12", inTopic, FORUM);
    expect(fake.ledger.at(-1)).toMatchObject({ chatId: FORUM, threadId: TOPIC, replyTo: inTopic });
  });

  it("speaks the chat's language", async () => {
    store.addRecipient({ id: "it", address: String(GROUP), language: "en" });
    expect((await press("ack:i12"))?.text).toBe(toastOf(store, { type: "taken" }, "en"));
    await press("mute:i12");
    expect(buttons()).toEqual(texts(muteKeyboard("i12", "en")));
  });
});
