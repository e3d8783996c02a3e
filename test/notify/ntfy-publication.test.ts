/**
 * What is published: limits in bytes and whole characters, how urgent, marks, where a tap leads.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  JSON_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  publicationOf,
  shortened,
  TITLE_LENGTH_MAX,
} from "../../collector/notify/ntfy/publication.ts";
import { topicOf } from "../../collector/notify/ntfy/topic.ts";
import { messageToTell, recipientAt, requestTo, STEPS } from "./channel-contract-fixtures.ts";

const to = recipientAt("ntfy", "https://ntfy.example.test/topic", null);
const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
const charactersOf = (text: string) => Array.from(segmenter.segment(text), ({ segment }) => segment);
const published = (title: string, text: string) => publicationOf("topic", requestTo(to), { title, text });
const fitsBytes = (bytesMax: number) => (text: string) => Buffer.byteLength(text) <= bytesMax;

const anyText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 6_000, size: "max" }),
  fc.string({ unit: "binary", maxLength: 6_000, size: "max" }),
  fc
    .tuple(fc.constantFrom("é", "漢", "👩‍👩‍👧‍👦", "🇮🇩", "x", "\n", '"', "e\u0301", "\ud83d"), fc.nat(5_000))
    .map(([one, times]) => one.repeat(times)),
);

describe("a shortened text", () => {
  it("is the text when it fits, and else whole characters of its beginning and a …, as many as fit", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 200 }),
        fc.integer({ min: 3, max: 120 }),
        (text, max) => {
          const fits = fitsBytes(max);
          const short = shortened(text, max, fits);
          expect(fits(short)).toBe(true);
          if (fits(text)) {
            expect(short).toBe(text);
            return;
          }
          expect(short.endsWith("…")).toBe(true);
          const kept = short.slice(0, -1);
          const characters = charactersOf(text);
          const counts = characters.map((_, at) => characters.slice(0, at).join("").trimEnd());
          expect(counts).toContain(kept);
          // One more whole character would not fit.
          const longest = counts.filter((one) => fits(`${one}…`)).at(-1);
          expect(kept).toBe(longest);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("a publication", () => {
  it("stays within ntfy's limits with any texts, and holds no half characters", () => {
    fc.assert(
      fc.property(anyText, anyText, (title, text) => {
        const made = published(title, text);
        expect(Buffer.byteLength(made.message)).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
        expect(made.title.length).toBeLessThanOrEqual(TITLE_LENGTH_MAX);
        expect(Buffer.byteLength(JSON.stringify(made))).toBeLessThanOrEqual(JSON_BYTES_MAX);
        expect(made.title).not.toMatch(/[\n\u0000-\u001f]/);
        for (const shown of [made.title, made.message]) {
          expect(shown).not.toMatch(/\p{Surrogate}/u);
          expect(Buffer.from(shown).toString()).toBe(shown);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("keeps what fits as it is, to the last byte", () => {
    const text = "é".repeat(MESSAGE_BYTES_MAX / 2);
    expect(published("t", text).message).toBe(text);
    expect(published("t", `${text}x`).message).toBe(`${"é".repeat(MESSAGE_BYTES_MAX / 2 - 2)}…`);
    const family = "👩‍👩‍👧‍👦";
    expect(published("t", family.repeat(400)).message).toMatch(new RegExp(`^(${family})+…$`, "u"));
  });

  it("never is a message without words", () => {
    expect(published("MATI · srv-kasir", " \n ").message).toBe("MATI · srv-kasir");
    expect(published(" two\n lines\t", "x").title).toBe("two lines");
  });

  it("of each step has a priority that ntfy knows; quiet hours are quiet for all of them", () => {
    for (const step of STEPS)
      for (const kind of ["host_down", "site_down", "mass_outage", "collector_trouble"] as const) {
        const request = requestTo(to, { step, message: messageToTell({ kind }) });
        const { priority } = publicationOf("topic", request, { title: "t", text: "x" });
        expect([1, 2, 3, 4, 5]).toContain(priority);
        const isOutage = step === "down" || step === "worse" || step === "repeat";
        if (isOutage) expect(priority).toBe(kind === "host_down" ? 4 : 5);
        if (step === "recovered") expect(priority).toBe(3);
        const silent = publicationOf("topic", { ...request, silent: true }, { title: "t", text: "x" });
        expect(silent.priority).toBeLessThanOrEqual(2);
      }
  });

  it("leads to the panel only by a web address", () => {
    const clickOf = (panelUrl: string | null) =>
      publicationOf("topic", requestTo(to, { message: messageToTell({ panelUrl }) }), {
        title: "t",
        text: "x",
      }).click;
    expect(clickOf("http://10.1.2.3:7373/incidents/i12")).toBe("http://10.1.2.3:7373/incidents/i12");
    for (const none of [
      null,
      "",
      "javascript:alert(1)",
      "intent://x",
      "/incidents/i12",
      `https://x/${"y".repeat(2_000)}`,
    ])
      expect(clickOf(none)).toBeUndefined();
  });
});

describe("a topic's address", () => {
  it("is the server's root and the topic's name", () => {
    const topic = topicOf("https://ntfy.example.test:8443/kantor-pusat_1#x");
    expect(topic?.root.href).toBe("https://ntfy.example.test:8443/");
    expect(topic?.name).toBe("kantor-pusat_1");
  });
});
