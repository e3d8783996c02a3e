/**
 * Several tellings in one message: none is dropped, each keeps its state, its time and its number.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Language } from "../../collector/core/types/registry.ts";
import type { Message, Step } from "../../collector/core/types/telling.ts";
import type { Telling } from "../../collector/notify/channel.ts";
import { renderPlain } from "../../collector/notify/rendering/plain.ts";
import { render, TEXT_LENGTH_MAX } from "../../collector/notify/rendering/render.ts";
import { textsOf } from "../../collector/notify/texts/languages.ts";
import type { Situation } from "../../collector/notify/texts/situation.ts";
import { DETECTED_MS, recipient, STARTED_MS, telling, UNTOUCHED } from "./fixtures.ts";
import { ended, KINDS } from "./stories-kinds.ts";
import { parsed } from "./stories-shown.ts";

const LANGUAGES: readonly Language[] = ["id", "en"];
/** What channels fold: see the traits of the core. */
const TOGETHER_MAX = { telegram: 20, ntfy: 10 } as const;

/** Names of 300 characters, with all that makes text long or turns it around. */
const NAMES = [
  "👨‍👩‍👧‍👦".repeat(300),
  `<b>&"${"x".repeat(294)}`,
  "מרכז ".repeat(60),
  `a\r\nb\u2028${"é".normalize("NFD").repeat(300)}`,
  "@semua ".repeat(50),
  '"\\'.repeat(150),
  "\u202eevil ".repeat(60),
  "界".repeat(300),
] as const;
const SITUATIONS = Object.keys(textsOf("id").situation) as readonly Situation[];
const FOLDED: readonly Step[] = [
  "down",
  "worse",
  "repeat",
  "recovered",
  "told_late",
  "flapping",
  "never_came",
];

const worst = fc.record({
  step: fc.constantFrom(...FOLDED),
  situation: fc.constantFrom(...SITUATIONS),
  serverName: fc.constantFrom(...NAMES),
  siteName: fc.constantFrom(...NAMES),
  by: fc.option(fc.constantFrom(...NAMES)),
  timeZone: fc.constantFrom("Asia/Makassar", "America/St_Johns", "nowhere"),
  startedWallMs: fc.integer({ min: -8e15, max: 8e15 }),
  lengthMs: fc.constantFrom(60_000, 40 * 86_400_000, 1e300),
  repeat: fc.boolean(),
});
type Worst = typeof worst extends fc.Arbitrary<infer T> ? T : never;

function tellingOf(any: Worst, index: number): Telling {
  const [kind, variant] = any.situation.split("/");
  const isOver = any.step === "recovered" || any.step === "told_late";
  const changes: Partial<Message> = {
    step: any.step,
    kind: kind as Message["kind"],
    variant: variant ?? null,
    incidentNumber: 9_000_001 + index,
    serverName: any.serverName,
    siteName: any.siteName,
    timeZone: any.timeZone,
    startedWallMs: any.startedWallMs,
    endedWallMs: isOver ? any.startedWallMs + Math.min(any.lengthMs, 4e12) : null,
    durationMs: isOver ? any.lengthMs : null,
    members: [{ serverName: any.serverName, siteName: any.siteName }],
    memberCount: 5_000_000,
    siteCount: 1_000_000,
    handling: { ...UNTOUCHED, acknowledgedBy: any.by },
    repeat: { count: 3, silentMs: any.lengthMs },
  };
  return telling(changes, { repeat: any.repeat });
}

describe("several in one message", () => {
  it("twenty of the worst fit, and the number of each is there on a line of its own", () => {
    fc.assert(
      fc.property(
        fc.array(worst, { minLength: TOGETHER_MAX.telegram, maxLength: TOGETHER_MAX.telegram }),
        fc.constantFrom(...LANGUAGES),
        (all, language) => {
          const [first, ...others] = all.map(tellingOf);
          if (!first) return;
          const rendered = render([first, ...others], recipient({ language }));
          const { text } = parsed(rendered);
          expect(text.length).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
          const rows = text.split("\n").slice(1, 1 + all.length);
          rows.forEach((row, index) => {
            expect(row.match(/#90000\d\d/g)).toEqual([`#${9_000_001 + index}`]);
            expect(row.includes(textsOf(language).summary.several.repeat)).toBe(all[index]?.repeat);
            // Names grow short; what happened and since when stay.
            if (all[index]?.step === "down") expect(row).toContain(textsOf(language).summary.openSince(""));
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  it("fifty, more than are ever folded, still have their number and their state", () => {
    fc.assert(
      fc.property(fc.array(worst, { minLength: 50, maxLength: 50 }), (all) => {
        const [first, ...others] = all.map(tellingOf);
        if (!first) return;
        const { text } = render([first, ...others], recipient());
        expect(text.length).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
        for (const index of all.keys()) expect(text).toContain(`#${9_000_001 + index}`);
      }),
      { numRuns: 20 },
    );
  });

  it("ten of the worst fit a channel without markup, byte by byte", () => {
    fc.assert(
      fc.property(
        fc.array(worst, { minLength: TOGETHER_MAX.ntfy, maxLength: TOGETHER_MAX.ntfy }),
        fc.constantFrom(...LANGUAGES),
        (all, language) => {
          const [first, ...others] = all.map(tellingOf);
          if (!first) return;
          const { text } = renderPlain([first, ...others], recipient({ language, channel: "ntfy" }));
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_096);
          for (const index of all.keys()) expect(text).toContain(`#${9_000_001 + index}`);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("usual names are shown whole, also of twenty", () => {
    const serverName = "jkt-application-server-01";
    const [first, ...others] = Array.from({ length: 20 }, (_, index) =>
      telling({ incidentNumber: index + 1, serverName, siteName: "Kantor Cabang Pembantu Makassar" }),
    );
    if (!first) throw new Error("nothing to tell");
    const { text } = render([first, ...others], recipient());
    expect(text.split("\n").filter((row) => row.includes(`${serverName} — Kantor Cabang`))).toHaveLength(20);
  });

  it("one that was told late says from when to when; the one sent again is marked on its line, and not above", () => {
    const { text } = render(
      [telling(ended("told_late", 7)), telling({ incidentNumber: 13 }, { repeat: true })],
      recipient(),
    );
    const [head, late, again] = text.split("\n");
    expect(head).toBe("🔴 2 kabar sekaligus · 1 gangguan, 1 pulih");
    expect(late).toContain("10:02–10:09 WITA · #12");
    expect(again).toMatch(/#13 · kiriman ulang$/);
  });

  it("how to act is said of the first that nobody took, where commands can be sent", () => {
    const tellings = [
      telling(ended("recovered", 7)),
      telling({ incidentNumber: 13, handling: { ...UNTOUCHED, acknowledgedBy: "Rani" } }),
      telling({ incidentNumber: 14 }),
    ] as const;
    const of = (to: Parameters<typeof recipient>[0]) => render([...tellings], recipient(to)).text;
    expect(of({})).toContain("kirim /ack 14");
    expect(of({ audience: "users" })).not.toContain("/ack");
    expect(renderPlain([...tellings], recipient({ channel: "ntfy" })).text).not.toContain("/ack");
    expect(render([tellings[0], tellings[1]], recipient()).text).not.toContain("/ack");
  });
});

describe("what users of a branch get", () => {
  it("holds no name of a server, no address, no evidence and no number, alone and in a row", () => {
    const inside = /srv-kasir|mks-|10\.20\.4|#\d|Ahmad Yani|i12|google|panel/;
    for (const [kind, changes] of Object.entries(KINDS))
      for (const step of ["announced", "announced_over"] as const) {
        const announced = telling({ kind: kind as Message["kind"], ...changes, step });
        const to = recipient({ audience: "users" });
        for (const rendered of [render([announced], to), render([announced, announced], to)]) {
          expect(rendered.html).not.toMatch(inside);
          expect(rendered.keyboard).toEqual([]);
        }
        const { title, text } = renderPlain([announced], recipient({ audience: "users", channel: "ntfy" }));
        expect(`${title}\n${text}`).not.toMatch(inside);
      }
  });
});

describe("times in summaries", () => {
  it("are the recipient's own, or the setting's", () => {
    const summary: Message["summary"] = {
      wallMs: DETECTED_MS,
      period: null,
      servers: 2,
      up: 2,
      open: [],
      openCount: 0,
      past: null,
    };
    const board = telling({ step: "board", incidentNumber: 0, timeZone: "Asia/Jakarta", summary });
    expect(render([board], recipient()).text).toContain("09:05 WIB");
    expect(render([board], recipient({ timeZone: "Asia/Jayapura" })).text).toContain("11:05 WIT");
  });

  it("a mute that had ended when the message was decided is not shown as if it held", () => {
    const handling = { ...UNTOUCHED, quiet: { by: "Sari", untilWallMs: STARTED_MS + 3_600_000 } };
    const at = (queuedWallMs: number) => render([telling({ handling }, { queuedWallMs })], recipient()).text;
    expect(at(STARTED_MS)).toContain("Senyap sampai 11:02 WITA");
    expect(at(STARTED_MS + 3_600_000)).not.toContain("Senyap");
  });
});
