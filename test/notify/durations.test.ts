/**
 * How long people write that something shall be quiet.
 * Why strict: two hours that are read as two days keep a dead server quiet over a weekend.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationIn, withDuration } from "../../collector/notify/telegram/durations.ts";
import { hostile } from "./hostile.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const UNITS: readonly (readonly [readonly string[], number])[] = [
  [["m", "min", "mnt", "menit", "minute", "minutes"], MINUTE_MS],
  [["h", "j", "jam", "hour", "hours"], HOUR_MS],
  [["d", "hari", "day", "days"], DAY_MS],
];
const units = UNITS.flatMap(([words, ms]) => words.map((word) => [word, ms] as const));

describe("a duration", () => {
  for (const [word, ms] of units) {
    it(`is understood in "${word}", with and without a space, in any case`, () => {
      for (const text of [`2${word}`, `2 ${word}`, ` 2  ${word.toUpperCase()} `])
        expect(durationIn(text), text).toBe(2 * ms);
    });
  }

  it("is at most seven days, and more than nothing", () => {
    expect(durationIn("7 hari")).toBe(7 * DAY_MS);
    expect(durationIn("168h")).toBe(7 * DAY_MS);
    for (const text of ["8 hari", "169 jam", "9999 d", "99999m", "0m", "0 jam"])
      expect(durationIn(text), text).toBeNull();
  });

  it("is not guessed: what could be hours or days, a number alone, or a word is none", () => {
    for (const text of ["2 hr", "2hrs", "2 ari", "2", "jam", "", "2,5 jam", "-2h", "2h30m", "1e2m", "٢ jam"])
      expect(durationIn(text), text).toBeNull();
  });

  it("of any text is null or between a minute and seven days", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const ms = durationIn(text);
        if (ms === null) return;
        expect(ms).toBeGreaterThanOrEqual(MINUTE_MS);
        expect(ms).toBeLessThanOrEqual(7 * DAY_MS);
        expect(Number.isInteger(ms)).toBe(true);
      }),
    );
  });
});

describe("a command's words with a duration at their end", () => {
  it.each([
    ["12 2h", "12", 2 * HOUR_MS],
    ["12 30 menit", "12", 30 * MINUTE_MS],
    ["srv kasir 1 hari", "srv kasir", DAY_MS],
    ["2 jam", "", 2 * HOUR_MS],
    ["90m", "", 90 * MINUTE_MS],
    ["  Cabang   Makassar  45m ", "Cabang Makassar", 45 * MINUTE_MS],
  ])("%j", (argument, subject, durationMs) => {
    expect(withDuration(argument)).toEqual({ subject, durationMs });
  });

  it.each(["", "12", "srv-kasir", "srv-kasir 8 hari", "2 jam kasir", "rak 5"])(
    "%j says none, and keeps all its words",
    (argument) => expect(withDuration(argument)).toEqual({ subject: argument, durationMs: null }),
  );

  it("whatever stands before it: it is read, and the rest is kept", () => {
    const word = fc.stringMatching(/^[A-Za-z0-9._#-]{1,12}$/);
    const subject = fc.array(word, { maxLength: 4 }).map((words) => words.join(" "));
    const count = fc.integer({ min: 1, max: 120 });
    fc.assert(
      fc.property(subject, count, fc.constantFrom(...units), fc.boolean(), (before, number, unit, spaced) => {
        const [name, ms] = unit;
        const text = `${before} ${number}${spaced ? " " : ""}${name}`;
        if (number * ms > 7 * DAY_MS) expect(withDuration(text).durationMs).toBeNull();
        else expect(withDuration(text)).toEqual({ subject: before, durationMs: number * ms });
      }),
    );
  });

  it("of any text: nothing is thrown, and no word is made up", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const { subject, durationMs } = withDuration(text);
        const rest = text.trim().split(/\s+/).join(" ");
        if (durationMs === null) expect(subject).toBe(text.trim());
        else expect(rest.startsWith(subject)).toBe(true);
      }),
    );
  });
});
