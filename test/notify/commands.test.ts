/**
 * Commands that ask: how things are, one server, one site, a month, what there is; each in both languages.
 * Why on what the fake accepted: an answer that Telegram refuses is read by nobody.
 * What commands change is in command-orders.test.ts, who may command in command-rights.test.ts.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Language } from "../../collector/core/types/registry.ts";
import type { SummaryIncident, SummaryPast } from "../../collector/core/types/telling.ts";
import type { Answer } from "../../collector/notify/rendering/answer-facts.ts";
import { commandsOf } from "../../collector/notify/rendering/answers.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { samplePng } from "../fakes/telegram/rehearsal.ts";
import { answerText, botBefore, type Bot } from "./bot-by-hand.ts";
import { serverFacts, siteFacts } from "./answer-fixtures.ts";
import { createStore, type Store, ZONE } from "./desk-double.ts";
import { STARTED_MS } from "./fixtures.ts";
import { fakeWithChats, FORUM, GROUP, PRIVATE, TOPIC } from "./harness.ts";

const OPEN: SummaryIncident = {
  number: 12,
  kind: "host_down",
  variant: null,
  serverName: "srv-kasir",
  siteName: "Cabang Makassar",
  startedWallMs: STARTED_MS,
  memberCount: 1,
  acknowledgedBy: null,
};
const PAST: SummaryPast = {
  incidents: 7,
  minutes: { server: 90, link: 240, planned: 30, collector: 0 },
  availability: 0.9987,
  worst: [{ name: "srv-kasir", incidents: 3, minutes: 61 }],
};

let fake: FakeTelegram;
let store: Store;
let bot: Bot;
beforeEach(async () => {
  fake = await fakeWithChats();
  store = createStore();
  bot = botBefore(fake, store);
});
afterEach(() => fake.close());

describe.each<Language>(["id", "en"])("asked in %s", (language) => {
  beforeEach(() => store.addRecipient({ id: "sari", address: String(PRIVATE), language }));

  /** What was answered to it; each is one message that answers it. */
  async function asked(text: string) {
    const before = fake.ledger.length;
    fake.people.say({ chatId: PRIVATE, text });
    const wanted = fake.world.messages.at(-1)?.messageId;
    await bot.handleAll();
    expect(fake.ledger).toHaveLength(before + 1);
    const said = fake.ledger.at(-1)!;
    expect(said.replyTo).toBe(wanted);
    return said;
  }
  const words = (answer: Answer) => answerText(store, answer, language);
  async function answers(text: string, answer: Answer): Promise<void> {
    expect((await asked(text)).text).toBe(words(answer));
    expect(store.pushed).toEqual([]);
  }

  it("/status: how many are how, and what is open", async () => {
    store.addServer("srv-kasir", { status: "down" });
    store.addServer("srv-berkas");
    store.open.push(OPEN);
    const counts = { new: 0, up: 1, suspect: 0, down: 1, planned: 0, recovering: 0, paused: 0 };
    await answers("/status", { type: "status", counts, open: [OPEN], openCount: 1, hearing: "hearing" });
    await answers("/status please", {
      type: "status",
      counts,
      open: [OPEN],
      openCount: 1,
      hearing: "hearing",
    });
  });

  it("/down: what is open, and when nothing is", async () => {
    await answers("/down", { type: "down", open: [], openCount: 0, hearing: "hearing" });
    store.open.push(OPEN);
    await answers("/DOWN", { type: "down", open: [OPEN], openCount: 1, hearing: "hearing" });
  });

  it("/server without a name: which one", async () => {
    await answers("/server", { type: "which", what: "server", example: null });
    await answers("/server   ", { type: "which", what: "server", example: null });
  });

  it("/server with a name, or a piece of it: that one, with its picture", async () => {
    store.addServer("srv-kasir");
    store.addServer("srv-berkas", { status: "down" });
    store.picture = () => Promise.resolve(samplePng());
    for (const query of ["srv-kasir", "KASIR"]) {
      const said = await asked(`/server ${query}`);
      expect(said.text).toBe(words({ type: "server", server: serverFacts("srv-kasir") }));
      expect(said.photo).toMatchObject({ width: 320 });
    }
    expect(store.asked).toContain(`picture server-srv-kasir ${language}`);
  });

  it("/server without a picture, or with one that fails: the text all the same", async () => {
    store.addServer("srv-kasir");
    const answer = { type: "server", server: serverFacts("srv-kasir") } as const;
    await answers("/server kasir", answer);
    store.picture = () => Promise.reject(new Error("no font"));
    await answers("/server kasir", answer);
    store.picture = () => Promise.resolve(new Uint8Array([1, 2, 3]));
    await answers("/server kasir", answer);
    expect(fake.ledger.every(({ photo }) => photo === null)).toBe(true);
  });

  it("/server that several have: their names, at most eight, and how many there are", async () => {
    const names = Array.from({ length: 11 }, (_, at) => `srv-${at + 10}`);
    for (const name of names) store.addServer(name);
    const answer = { type: "matches", what: "server", query: "srv", names: names.slice(0, 8) } as const;
    await answers("/server srv", { ...answer, count: 11 });
  });

  it("/server that is named exactly so, though others hold its name: that one", async () => {
    store.addServer("srv-kasir-2");
    store.addServer("srv-kasir");
    expect((await asked("/server srv-kasir")).text).toBe(
      words({ type: "server", server: serverFacts("srv-kasir") }),
    );
  });

  it("/server that two are named exactly: both, for nobody knows which is meant", async () => {
    for (const id of ["a", "b"]) store.servers.set(id, serverFacts("srv"));
    const answer = {
      type: "matches",
      what: "server",
      query: "srv",
      names: ["srv", "srv"],
      count: 2,
    } as const;
    await answers("/server srv", answer);
  });

  it("/server of a name nobody has: says so, whatever was typed", async () => {
    for (const query of ["mati semua", "<b>&", "x".repeat(300)])
      await answers(`/server ${query}`, {
        type: "matches",
        what: "server",
        query: query.slice(0, 200),
        names: [],
        count: 0,
      });
  });

  it("/site: which one, that one, several, none", async () => {
    await answers("/site", { type: "which", what: "site", example: null });
    store.addSite("Cabang Makassar");
    store.addSite("Cabang Manado");
    await answers("/site makassar", { type: "site", site: siteFacts("Cabang Makassar") });
    const names = ["Cabang Makassar", "Cabang Manado"];
    await answers("/site cabang", { type: "matches", what: "site", query: "cabang", names, count: 2 });
    await answers("/site medan", { type: "matches", what: "site", query: "medan", names: [], count: 0 });
  });

  it("/report: the month before this one; a month; what is no month; each with its picture when it is known", async () => {
    store.reports.set("2026-10", PAST);
    store.picture = () => Promise.resolve(samplePng());
    const report = (month: string, past: SummaryPast | null) => words({ type: "report", month, past });
    for (const text of ["/report", "/report 2026-10", "/report nonsense", "/report 2026-13"]) {
      const said = await asked(text);
      expect(said.text, text).toBe(report("2026-10", PAST));
      expect(said.photo, text).not.toBeNull();
    }
    expect(await asked("/report 2026-09")).toMatchObject({ text: report("2026-09", null), photo: null });
    expect(store.asked.filter((line) => line.startsWith("report"))).toEqual([
      `report null ${ZONE}`,
      `report 2026-10 ${ZONE}`,
      `report null ${ZONE}`,
      `report null ${ZONE}`,
      `report 2026-09 ${ZONE}`,
    ]);
  });

  it("/report counts in the chat's own zone", async () => {
    store.addRecipient({ id: "sari", address: String(PRIVATE), language, timeZone: "Asia/Jayapura" });
    await asked("/report");
    expect(store.asked).toContain("report null Asia/Jayapura");
  });

  it("/help, and /start without a code: all that it can do", async () => {
    for (const text of ["/help", "/help me", "/start"]) {
      const said = await asked(text);
      expect(said.text).toBe(words({ type: "help" }));
      for (const { command } of commandsOf(language)) expect(said.text).toContain(`/${command}`);
    }
  });

  it("what it does not know: says where all are, in private; also names that objects are born with", async () => {
    for (const name of ["nonsense", "constructor", "__proto__", "valueof", "tostring"])
      await answers(`/${name} x`, { type: "unknown_command" });
    expect(bot.log.lines.filter((line) => line.startsWith("error"))).toEqual([]);
  });
});

describe("an answer", () => {
  it("in a topic comes there, in a group it answers whoever asked; nobody there answers what is unknown", async () => {
    store.addRecipient({ id: "topic", address: `${FORUM}/${TOPIC}` });
    store.addRecipient({ id: "group", address: String(GROUP) });
    fake.people.say({ chatId: FORUM, threadId: TOPIC, fromId: 4005, text: "/help" });
    fake.people.say({ chatId: GROUP, fromId: 4005, text: "/help@detak_uji_bot" });
    for (const text of ["/nonsense", "/constructor", "/help@other_bot", "/status@other_bot"])
      fake.people.say({ chatId: GROUP, fromId: 4005, text });
    await bot.handleAll();
    expect(fake.ledger.map(({ chatId, threadId }) => [chatId, threadId])).toEqual([
      [FORUM, TOPIC],
      [GROUP, null],
    ]);
  });

  it("that cannot be sent costs the next one nothing", async () => {
    store.addRecipient({ id: "sari", address: String(PRIVATE) });
    fake.faults.add("sendMessage", { kind: "server_error", when: "before" });
    fake.people.say({ chatId: PRIVATE, text: "/help" });
    fake.people.say({ chatId: PRIVATE, text: "/help" });
    await bot.handleAll();
    expect(fake.ledger).toHaveLength(1);
    expect(bot.log.lines.join()).toContain("telegram answer not sent");
  });

  it("that cannot be put into words is a line in the log, and the next command is answered", async () => {
    store.addRecipient({ id: "sari", address: String(PRIVATE) });
    const broken = Object.defineProperty(serverFacts("broken"), "sinceMs", {
      get: () => {
        throw new Error("no figure");
      },
    });
    store.servers.set("broken", broken);
    fake.people.say({ chatId: PRIVATE, text: "/server broken" });
    fake.people.say({ chatId: PRIVATE, text: "/help" });
    await bot.handleAll();
    expect(fake.ledger).toHaveLength(1);
    expect(bot.log.lines.join()).toMatch(/error .*no figure/);
  });

  it("costs no commit: whoever asked asks again", async () => {
    store.addRecipient({ id: "sari", address: String(PRIVATE) });
    fake.people.say({ chatId: PRIVATE, text: "/status" });
    await bot.handleAll();
    expect(store.pushed).toEqual([]);
    expect(fake.updates.unconfirmed).toEqual([]);
  });
});
