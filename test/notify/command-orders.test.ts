/**
 * Commands about what is down: /ack, and /mute of an incident, a server or a site; each in both languages.
 * Why on the pushed event: what was ordered and the poll's offset are one commit, and the answer says what became of it.
 * What a chat chooses for itself is in command-settings.test.ts.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Language } from "../../collector/core/types/registry.ts";
import type { Answer } from "../../collector/notify/rendering/answer-facts.ts";
import { NotTaken } from "../../collector/notify/telegram/taken.ts";
import { OFFSET_KEY } from "../../collector/notify/telegram/updates.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { answerText, botBefore, type Bot } from "./bot-by-hand.ts";
import { createStore, type Store } from "./desk-double.ts";
import { fakeWithChats, PRIVATE } from "./harness.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let fake: FakeTelegram;
let store: Store;
let bot: Bot;
beforeEach(async () => {
  fake = await fakeWithChats();
  store = createStore();
  bot = botBefore(fake, store);
});
afterEach(() => fake.close());
/** Of the update that was handled last. */
const offset = () => [{ key: OFFSET_KEY, value: bot.updates.nextUpdateId }];

async function asked(text: string): Promise<string> {
  store.pushed.length = 0;
  const before = fake.ledger.length;
  fake.people.say({ chatId: PRIVATE, text });
  await bot.handleAll();
  expect(fake.ledger).toHaveLength(before + 1);
  return fake.ledger.at(-1)!.text;
}

describe.each<Language>(["id", "en"])("ordered in %s", (language) => {
  beforeEach(() => store.addRecipient({ id: "sari", address: String(PRIVATE), name: "Tim IT", language }));
  const words = (answer: Answer) => answerText(store, answer, language);

  describe("/ack", () => {
    const ack = (asked_: string, number: number, outcome: Extract<Answer, { type: "ack" }>["outcome"]) =>
      words({ type: "ack", asked: asked_, number, outcome });

    it.each(["12", "#12", " 012 "])(
      "with a number, as in %j: one event, and it is theirs",
      async (number) => {
        store.addIncident(11);
        store.addIncident(12);
        expect(await asked(`/ack ${number}`)).toBe(ack(number.trim(), 12, { result: "done" }));
        expect(store.pushed).toEqual([
          { type: "incident_acknowledged", incidentId: "i12", by: "Sari", shelf: offset() },
        ]);
      },
    );

    it("without one: the one that is open; when none or several are, which", async () => {
      expect(await asked("/ack")).toBe(words({ type: "which", what: "ack", example: null }));
      store.addIncident(7, { endedMs: store.clockMs });
      store.addIncident(12);
      expect(await asked("/ack")).toBe(ack("", 12, { result: "done" }));
      store.addIncident(13);
      expect(await asked("/ack")).toBe(words({ type: "which", what: "ack", example: "13" }));
      expect(store.pushed).toEqual([]);
    });

    it("of what is no number: which; of one that nobody knows: says so", async () => {
      store.addIncident(12);
      expect(await asked("/ack srv-kasir")).toBe(words({ type: "which", what: "ack", example: "12" }));
      expect(await asked("/ack 99")).toBe(ack("99", 0, { result: "unknown" }));
      expect(store.pushed).toEqual([]);
    });

    it("of one that is over, or ended meanwhile, or is theirs already: what is so", async () => {
      store.addIncident(12, { endedMs: store.clockMs - HOUR_MS });
      expect(await asked("/ack 12")).toBe(
        ack("12", 12, { result: "closed", endedMs: store.clockMs - HOUR_MS }),
      );
      expect(store.pushed).toEqual([]);
      store.addIncident(12, { acknowledgedBy: "Sari" });
      expect(await asked("/ack 12")).toBe(ack("12", 12, { result: "already", by: "Sari" }));
      store.refuseNext = "incident_closed";
      expect(await asked("/ack 12")).toBe(ack("12", 12, { result: "closed", endedMs: store.clockMs }));
    });
  });

  describe("/mute of an incident", () => {
    const mute = (asked_: string, untilMs: number | null) =>
      words({ type: "mute", asked: asked_, number: 12, untilMs, outcome: { result: "done" } });
    beforeEach(() => void store.addIncident(12));

    it.each([
      ["/mute 12 2h", "12", 2 * HOUR_MS],
      ["/mute #12 30 menit", "#12", 30 * MINUTE_MS],
      ["/mute 12 1 hari", "12", DAY_MS],
      ["/mute 12 90 minutes", "12", 90 * MINUTE_MS],
      ["/mute 2 jam", "", 2 * HOUR_MS],
      ["/mute 12", "12", null],
      ["/mute", "", null],
    ])("%s", async (text, subject, forMs) => {
      const untilMs = forMs === null ? null : store.clockMs + forMs;
      expect(await asked(text)).toBe(mute(subject, untilMs));
      expect(store.pushed).toEqual([
        {
          type: "incident_quieted",
          incidentId: "i12",
          by: "Sari",
          untilWallMs: untilMs,
          shelf: offset(),
        },
      ]);
    });

    it("of one that nobody knows or that is over: says so", async () => {
      const unknown = {
        type: "mute",
        asked: "99",
        number: 0,
        untilMs: null,
        outcome: { result: "unknown" },
      } as const;
      expect(await asked("/mute 99")).toBe(words(unknown));
      store.addIncident(12, { endedMs: store.clockMs });
      const closed = { result: "closed", endedMs: store.clockMs } as const;
      expect(await asked("/mute 12")).toBe(
        words({ type: "mute", asked: "12", number: 12, untilMs: null, outcome: closed }),
      );
      expect(store.pushed).toEqual([]);
    });

    it("without saying which, when several are open: which", async () => {
      store.addIncident(13);
      for (const text of ["/mute", "/mute 2 jam", "/mute 12 30"])
        expect(await asked(text), text).toBe(words({ type: "which", what: "mute", example: "13" }));
      expect(store.pushed).toEqual([]);
    });
  });

  describe("/mute of a server or a site", () => {
    beforeEach(() => {
      store.addServer("srv-kasir");
      store.addServer("srv-berkas");
      store.addSite("Cabang Makassar");
    });
    const window = (
      scope: { serverId: string | null; siteId: string | null },
      forMs: number,
      note: string,
    ) => ({
      type: "maintenance_saved",
      shelf: offset(),
      maintenance: {
        id: expect.stringMatching(/^made/) as string,
        ...scope,
        startsWallMs: store.clockMs,
        endsWallMs: store.clockMs + forMs,
        note,
        createdBy: "Sari",
        createdWallMs: store.clockMs,
      },
    });

    it.each([
      ["/mute srv-kasir 2 jam", 2 * HOUR_MS],
      ["/mute SRV-KASIR 1 hari", DAY_MS],
      ["/mute srv-kasir", HOUR_MS],
    ])("%s: a window of that server", async (text, forMs) => {
      expect(await asked(text)).toBe(
        words({ type: "muted", name: "srv-kasir", untilMs: store.clockMs + forMs }),
      );
      const scope = { serverId: "server-srv-kasir", siteId: null };
      expect(store.pushed).toEqual([window(scope, forMs, "/mute srv-kasir")]);
    });

    it("by a piece of its name: the answer names the one that was muted", async () => {
      const untilMs = store.clockMs + 30 * MINUTE_MS;
      expect(await asked("/mute berkas 30m")).toBe(words({ type: "muted", name: "srv-berkas", untilMs }));
      expect(await asked("/mute makas 30m")).toBe(words({ type: "muted", name: "Cabang Makassar", untilMs }));
      const scope = { serverId: null, siteId: "site-Cabang Makassar" };
      expect(store.pushed).toEqual([window(scope, 30 * MINUTE_MS, "/mute Cabang Makassar")]);
    });

    it("named exactly so, though others hold its name: that one", async () => {
      store.addServer("srv-kasir-2");
      await asked("/mute srv-kasir 1h");
      expect(store.pushed).toEqual([
        window({ serverId: "server-srv-kasir", siteId: null }, HOUR_MS, "/mute srv-kasir"),
      ]);
    });

    it("that several have: their names, and nothing is muted", async () => {
      const answer = { type: "matches", what: "server", query: "srv", count: 2 } as const;
      expect(await asked("/mute srv 1h")).toBe(words({ ...answer, names: ["srv-kasir", "srv-berkas"] }));
      expect(store.pushed).toEqual([]);
    });

    it("that nobody has, or for longer than may be: which", async () => {
      for (const text of ["/mute srv-lain 1h", "/mute srv-kasir 8 hari", "/mute srv-kasir 2 hr"])
        expect(await asked(text), text).toBe(words({ type: "which", what: "mute", example: null }));
      expect(store.pushed).toEqual([]);
    });

    it("when the core refuses it: says that nothing was changed", async () => {
      store.refuseNext = "server_not_found";
      expect(await asked("/mute srv-kasir 1h")).toBe(
        words({ type: "muted", name: "srv-kasir", untilMs: null }),
      );
    });
  });
});

describe("an order while the store fails", () => {
  it.each(["/ack 12", "/mute 12 2h", "/mute srv-kasir", "/lang en", "/board on"])(
    "%s: nothing is said, and it is asked for again and done once",
    async (text) => {
      store.addRecipient({ id: "sari", address: String(PRIVATE) });
      store.addIncident(12);
      store.addServer("srv-kasir");
      store.failing = true;
      fake.people.say({ chatId: PRIVATE, text });
      await expect(bot.handleAll()).rejects.toThrow(NotTaken);
      expect(fake.ledger).toEqual([]);
      expect(fake.updates.unconfirmed).toHaveLength(1);
      store.failing = false;
      store.pushed.length = 0;
      await bot.handleAll();
      expect(store.pushed).toHaveLength(1);
      expect(fake.ledger).toHaveLength(1);
      expect(store.shelf.get(OFFSET_KEY)).toBe(bot.updates.nextUpdateId);
    },
  );
});
