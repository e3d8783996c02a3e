/**
 * Answers to commands and presses: golden transcripts in both languages, and what must hold whatever people type.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Language } from "../../collector/core/types/registry.ts";
import type {
  Answer,
  AnswerSetting,
  ServerFacts,
  SiteFacts,
} from "../../collector/notify/rendering/answer-facts.ts";
import { commandsOf, renderAnswer } from "../../collector/notify/rendering/answers.ts";
import { TEXT_LENGTH_MAX } from "../../collector/notify/rendering/render.ts";
import { TOAST_LENGTH_MAX, toastText } from "../../collector/notify/rendering/toasts.ts";
import { readKeyboard } from "../fakes/telegram/message.ts";
import { hostile, numbers } from "./hostile.ts";
import { ANSWERS, NOW_MS, TOASTS } from "./stories-answers.ts";
import { markupOf, parsed, shown } from "./stories-shown.ts";
import { OPEN } from "./stories-telling.ts";

const LANGUAGES: readonly Language[] = ["id", "en"];
const settingIn = (language: Language): AnswerSetting => ({
  language,
  timeZone: "Asia/Makassar",
  nowMs: NOW_MS,
});
/** The rest of it in one line, as a title: what the answer is made of. */
const titleOf = ({ type, ...rest }: { readonly type: string }) => {
  const facts = JSON.stringify(rest).replaceAll('"', "");
  return facts === "{}" ? type : `${type} ${facts.length > 90 ? `${facts.slice(0, 90)}…` : facts}`;
};

describe("golden transcripts", () => {
  for (const language of LANGUAGES) {
    it(`answers, presses and the menu read as they should in ${language}`, async () => {
      const setting = settingIn(language);
      const text = [
        ...ANSWERS.map((answer) => `── ${titleOf(answer)}\n${shown(renderAnswer(answer, setting))}\n`),
        ...TOASTS.map((toast) => `── press: ${titleOf(toast)}\n${toastText(toast, setting)}\n`),
        `── menu\n${commandsOf(language)
          .map(({ command, description }) => `/${command} — ${description}`)
          .join("\n")}\n`,
      ].join("\n");
      await expect(text).toMatchFileSnapshot(`golden/answers.${language}.txt`);
    });
  }
});

describe("commands", () => {
  it("are named and described as Telegram takes them, in both languages the same", () => {
    for (const language of LANGUAGES)
      for (const { command, description } of commandsOf(language)) {
        expect(command).toMatch(/^[a-z0-9_]{1,32}$/);
        expect(description.length).toBeGreaterThan(3);
        expect(description.length).toBeLessThanOrEqual(256);
      }
    expect(commandsOf("id").map(({ command }) => command)).toEqual(
      commandsOf("en").map(({ command }) => command),
    );
  });
});

const places = fc.record({
  latitude: fc.option(numbers),
  longitude: fc.option(numbers),
  siteAddress: fc.option(hostile),
});
const statuses = fc.constantFrom("new", "up", "suspect", "down", "planned", "recovering", "paused");
const incidents = fc.record({
  number: fc.integer(),
  kind: fc.constantFrom("host_down", "site_down", "mass_outage", "collector_trouble"),
  variant: fc.option(hostile),
  serverName: hostile,
  siteName: hostile,
  startedWallMs: numbers,
  memberCount: numbers,
  acknowledgedBy: fc.option(hostile),
});
const servers = fc.record({
  name: hostile,
  siteName: fc.option(hostile),
  status: statuses,
  sinceMs: numbers,
  lastHeardMs: fc.option(numbers),
  address: fc.option(hostile),
  cpu: fc.option(numbers),
  memory: fc.option(numbers),
  fullestDisk: fc.option(fc.record({ mount: hostile, share: numbers })),
  incident: fc.option(incidents),
  lastDay: fc.option(fc.record({ outages: numbers, minutes: numbers })),
  place: places,
  panelUrl: fc.option(hostile),
}) as fc.Arbitrary<ServerFacts>;
const sites = fc.record({
  name: hostile,
  code: hostile,
  servers: fc.array(fc.record({ name: hostile, status: statuses }), { maxLength: 60 }),
  open: fc.array(incidents, { maxLength: 40 }),
  gateway: fc.option(fc.record({ address: hostile, verdict: fc.constantFrom("alive", "dead", "none") })),
  provider: hostile,
  circuitId: hostile,
  contact: hostile,
  place: places,
  panelUrl: fc.option(hostile),
}) as fc.Arbitrary<SiteFacts>;

const someAnswers = fc.oneof(
  fc.record({ type: fc.constant("server"), server: servers }),
  fc.record({ type: fc.constant("site"), site: sites }),
  fc.record({
    type: fc.constant("down"),
    open: fc.array(incidents, { maxLength: 60 }),
    openCount: numbers,
    hearing: fc.constantFrom("hearing", "isolated"),
  }),
  fc.record({
    type: fc.constant("matches"),
    what: fc.constantFrom("server", "site"),
    query: hostile,
    names: fc.array(hostile, { maxLength: 40 }),
    count: numbers,
  }),
  fc.record({
    type: fc.constant("which"),
    what: fc.constantFrom("server", "ack"),
    example: fc.option(hostile),
  }),
  fc.record({
    type: fc.constant("ack"),
    asked: hostile,
    number: fc.integer(),
    outcome: fc.oneof(
      fc.record({ result: fc.constant("already"), by: hostile }),
      fc.record({ result: fc.constant("closed"), endedMs: numbers }),
      fc.record({ result: fc.constant("unknown") }),
    ),
  }),
  fc.record({
    type: fc.constant("report"),
    month: hostile,
    past: fc.record({
      incidents: numbers,
      minutes: fc.record({ server: numbers, link: numbers, planned: numbers, collector: numbers }),
      availability: fc.option(numbers),
      worst: fc.array(fc.record({ name: hostile, incidents: numbers, minutes: numbers }), { maxLength: 30 }),
    }),
  }),
  fc.record({ type: fc.constant("not_allowed"), personId: hostile }),
) as fc.Arbitrary<Answer>;

describe("hostile text", () => {
  it("any answer is well-formed, inside Telegram's limit, and its buttons are ones Telegram takes", () => {
    fc.assert(
      fc.property(someAnswers, fc.constantFrom(...LANGUAGES), (answer, language) => {
        const rendered = renderAnswer(answer, settingIn(language));
        const { text } = parsed(rendered);
        expect(text.trim()).toBe(rendered.text.trim());
        expect(text.length).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
        expect(rendered.plain.length).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
        expect(text.trim()).not.toBe("");
        expect(text).not.toMatch(
          /[\u0000-\u0009\u000b-\u001f\u202a-\u202e\ufdd0\ufdd1]|NaN|undefined|null|Invalid Date/,
        );
        expect(readKeyboard(markupOf(rendered.keyboard)).ok).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("a name that people chose, or typed, calls nobody", () => {
    const of = (answer: Answer) => shown(renderAnswer(answer, settingIn("id")));
    const already = { result: "already", by: "@semua" } as const;
    expect(of({ type: "ack", asked: "12", number: 12, outcome: already })).toContain("`@semua`");
    expect(of({ type: "ack", asked: "/stop", number: 0, outcome: { result: "unknown" } })).toContain(
      "`/stop`",
    );
    expect(of({ type: "matches", what: "server", query: "@semua", names: [], count: 0 })).toContain(
      "“`@semua`”",
    );
  });

  it("what a press says fits the top of a phone, whatever people call themselves", () => {
    fc.assert(
      fc.property(hostile, numbers, fc.constantFrom(...LANGUAGES), (by, wallMs, language) => {
        for (const toast of [
          { type: "taken_already", by },
          { type: "over", endedMs: wallMs },
          { type: "announced", chats: wallMs },
        ] as const) {
          const text = toastText(toast, settingIn(language));
          expect(text.length).toBeLessThanOrEqual(TOAST_LENGTH_MAX);
          expect(text).not.toMatch(/[\u0000-\u001f\ufdd0\ufdd1]|NaN|undefined/);
        }
      }),
    );
  });
});

describe("what does not fit", () => {
  it("is counted: of a thousand open incidents thirty are named at most", () => {
    const open = Array.from({ length: 1_000 }, (_, index) => ({ ...OPEN[1]!, number: index + 1 }));
    const { text } = renderAnswer(
      { type: "down", open, openCount: 1_000, hearing: "hearing" },
      settingIn("id"),
    );
    const named = text.match(/#\d+ MATI/g)?.length ?? 0;
    expect(named).toBeGreaterThan(10);
    expect(text).toContain(`… dan ${1_000 - named} lainnya`);
    expect(text.length).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
  });
});
