/** Days and months of places, held against what Intl says of the same moments. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  dayAfter,
  dayEdges,
  isTimeZone,
  localMoment,
  monthAfter,
  monthEdges,
  nextMinuteOfDay,
} from "../../collector/report/calendar.ts";
import { DAY_MS, HOUR_MS } from "./story.ts";

const ZONES = [
  "Asia/Jakarta",
  "Asia/Makassar",
  "Asia/Jayapura",
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/Sao_Paulo",
  "America/Havana",
  "Africa/Cairo",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Chatham",
];

const formats = new Map(
  ZONES.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat("en-CA", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    }),
  ]),
);
/** The same by other means. */
function byIntl(timeZone: string, wallMs: number): { day: string; minute: number } {
  const parts = Object.fromEntries(
    formats
      .get(timeZone)!
      .formatToParts(wallMs)
      .map(({ type, value }) => [type, value]),
  );
  return {
    day: `${parts["year"]}-${parts["month"]}-${parts["day"]}`,
    minute: Number(parts["hour"]) * 60 + Number(parts["minute"]),
  };
}

const zone = fc.constantFrom(...ZONES);
/** 2012 to 2040: before, some places turned their clocks at one minute past midnight. */
const moment = fc.integer({ min: Date.UTC(2012, 0, 2), max: Date.UTC(2040, 0, 1) });
const minuteOfDay = fc.integer({ min: 0, max: 1_439 });

describe("a moment there", () => {
  it("is the day, the month and the minute that Intl says", () => {
    fc.assert(
      fc.property(zone, moment, (timeZone, wallMs) => {
        const { day, month, minute } = localMoment(timeZone, wallMs);
        expect({ day, minute }).toEqual(byIntl(timeZone, wallMs));
        expect(month).toBe(day.slice(0, 7));
      }),
    );
  });

  it("is refused for a zone that does not exist", () => {
    expect(isTimeZone("Asia/Makassar")).toBe(true);
    for (const name of ["", "Asia/Nowhere", "<script>", "WITA\u0000"]) {
      expect(isTimeZone(name), name).toBe(false);
      expect(() => localMoment(name, 0)).toThrow(RangeError);
    }
  });
});

describe("the edges of a day", () => {
  it("hold every moment of it and no other", () => {
    fc.assert(
      fc.property(zone, moment, (timeZone, wallMs) => {
        const { day } = byIntl(timeZone, wallMs);
        const { fromMs, toMs } = dayEdges(timeZone, day);
        expect(fromMs).toBeLessThanOrEqual(wallMs);
        expect(toMs).toBeGreaterThan(wallMs);
        expect(byIntl(timeZone, fromMs).day).toBe(day);
        expect(byIntl(timeZone, toMs - 1).day).toBe(day);
        expect(byIntl(timeZone, fromMs - 1).day < day).toBe(true);
        expect(byIntl(timeZone, toMs).day > day).toBe(true);
        expect(dayEdges(timeZone, dayAfter(day, 1)).fromMs).toBe(toMs);
      }),
    );
  });

  it("are 17:00, 16:00 and 15:00 of the day before in London's winter for WIB, WITA and WIT", () => {
    const edges = (timeZone: string): string =>
      new Date(dayEdges(timeZone, "2026-11-30").fromMs).toISOString();
    expect(edges("Asia/Jakarta")).toBe("2026-11-29T17:00:00.000Z");
    expect(edges("Asia/Makassar")).toBe("2026-11-29T16:00:00.000Z");
    expect(edges("Asia/Jayapura")).toBe("2026-11-29T15:00:00.000Z");
  });

  it.each([
    ["Europe/Berlin", "2026-03-29", 23],
    ["Europe/Berlin", "2026-10-25", 25],
    ["America/New_York", "2026-03-08", 23],
    ["Australia/Lord_Howe", "2026-04-05", 24.5],
    ["America/Sao_Paulo", "2018-11-04", 23],
    ["Pacific/Apia", "2011-12-30", 0],
  ])("in %s on %s lie %d hours apart", (timeZone, day, hours) => {
    const { fromMs, toMs } = dayEdges(timeZone, day);
    expect((toMs - fromMs) / HOUR_MS).toBe(hours);
  });

  it("begin at 01:00 where midnight is skipped", () => {
    expect(localMoment("America/Sao_Paulo", dayEdges("America/Sao_Paulo", "2018-11-04").fromMs).minute).toBe(
      60,
    );
  });
});

describe("the edges of a month", () => {
  it("are those of its first and last day", () => {
    fc.assert(
      fc.property(zone, moment, (timeZone, wallMs) => {
        const { month } = localMoment(timeZone, wallMs);
        const edges = monthEdges(timeZone, month);
        const next = monthAfter(month, 1);
        expect(edges).toEqual({
          fromMs: dayEdges(timeZone, `${month}-01`).fromMs,
          toMs: dayEdges(timeZone, dayAfter(`${next}-01`, -1)).toMs,
        });
        expect(monthEdges(timeZone, next).fromMs).toBe(edges.toMs);
      }),
    );
  });

  it("go over the year", () => {
    expect(monthAfter("2026-01", -1)).toBe("2025-12");
    expect(monthAfter("2026-12", 1)).toBe("2027-01");
    expect(dayAfter("2028-03-01", -1)).toBe("2028-02-29");
    const { fromMs, toMs } = monthEdges("Asia/Jakarta", "2026-12");
    expect([new Date(fromMs).toISOString(), new Date(toMs).toISOString()]).toEqual([
      "2026-11-30T17:00:00.000Z",
      "2026-12-31T17:00:00.000Z",
    ]);
  });
});

describe("the next time that a clock there shows a minute", () => {
  it("comes later, shows it unless that day skips it, and was not passed over", () => {
    fc.assert(
      fc.property(zone, moment, minuteOfDay, (timeZone, afterMs, minute) => {
        const atMs = nextMinuteOfDay(timeZone, minute, afterMs);
        expect(atMs).toBeGreaterThan(afterMs);
        const there = byIntl(timeZone, atMs);
        // Skipped: later by what was skipped, at most an hour.
        const late = there.minute - minute;
        expect(late === 0 || (late > 0 && late <= 60)).toBe(true);
        if (late > 0) expect(byIntl(timeZone, atMs - late * 60_000).minute).not.toBe(minute);
        // Between both, no other day reached it: at most the day begun and one more.
        const before = byIntl(timeZone, afterMs).day;
        expect([before, dayAfter(before, 1)]).toContain(there.day);
        if (there.day !== before)
          expect(byIntl(timeZone, afterMs).minute).toBeGreaterThanOrEqual(minute - 60);
      }),
    );
  });

  it("comes once each day, whatever the clocks do", () => {
    fc.assert(
      fc.property(zone, moment, minuteOfDay, (timeZone, startMs, minute) => {
        let atMs = nextMinuteOfDay(timeZone, minute, startMs);
        for (let count = 0; count < 40; count += 1) {
          const nextMs = nextMinuteOfDay(timeZone, minute, atMs);
          expect(dayAfter(byIntl(timeZone, atMs).day, 1)).toBe(byIntl(timeZone, nextMs).day);
          atMs = nextMs;
        }
      }),
      { numRuns: 60 },
    );
  });

  it("is 07:00 in Jayapura two hours before it is 07:00 in Jakarta", () => {
    const nowMs = Date.UTC(2026, 10, 30, 3);
    const seven = (timeZone: string): number => nextMinuteOfDay(timeZone, 7 * 60, nowMs);
    expect(new Date(seven("Asia/Jayapura")).toISOString()).toBe("2026-11-30T22:00:00.000Z");
    expect(seven("Asia/Jakarta") - seven("Asia/Jayapura")).toBe(2 * HOUR_MS);
    // Exactly then: the next day's.
    expect(nextMinuteOfDay("Asia/Jakarta", 7 * 60, seven("Asia/Jakarta"))).toBe(
      seven("Asia/Jakarta") + DAY_MS,
    );
  });

  it("is 03:30 where 02:30 is skipped, and the first of two where 02:30 comes twice", () => {
    const at = (day: number, month: number): string =>
      new Date(nextMinuteOfDay("Europe/Berlin", 150, Date.UTC(2026, month, day, 20))).toISOString();
    expect(at(28, 2)).toBe("2026-03-29T01:30:00.000Z");
    expect(at(24, 9)).toBe("2026-10-25T00:30:00.000Z");
  });
});
