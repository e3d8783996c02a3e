/**
 * Times, durations, days and shares in words.
 */
import { describe, expect, it } from "vitest";
import {
  dayInWords,
  durationInWords,
  durationToTheMinute,
  moment,
  monthInWords,
  period,
  shortMoment,
  shortPeriod,
  zoneName,
} from "../../collector/notify/texts/moments.ts";
import { availabilityInWords, percentInWords } from "../../collector/notify/texts/numbers.ts";
import { en } from "../../collector/notify/texts/en.ts";
import { id } from "../../collector/notify/texts/id.ts";

const AT = Date.UTC(2026, 10, 22, 2, 2, 15);

describe("durations in words", () => {
  const rows: readonly (readonly [number, string, string])[] = [
    [0, "0 detik", "0 seconds"],
    [999, "0 detik", "0 seconds"],
    [1_000, "1 detik", "1 second"],
    [59_999, "59 detik", "59 seconds"],
    [60_000, "1 menit", "1 minute"],
    [185_000, "3 menit 5 detik", "3 minutes 5 seconds"],
    [599_000, "9 menit 59 detik", "9 minutes 59 seconds"],
    [600_000, "10 menit", "10 minutes"],
    [725_000, "12 menit", "12 minutes"],
    [3_600_000, "1 jam", "1 hour"],
    [3_900_000, "1 jam 5 menit", "1 hour 5 minutes"],
    [86_400_000, "1 hari", "1 day"],
    [180_000_000, "2 hari 2 jam", "2 days 2 hours"],
    [-5, "0 detik", "0 seconds"],
    [NaN, "0 detik", "0 seconds"],
  ];
  for (const [durationMs, indonesian, english] of rows) {
    it(`${durationMs} ms is "${indonesian}" and "${english}"`, () => {
      expect(durationInWords(id, durationMs)).toBe(indonesian);
      expect(durationInWords(en, durationMs)).toBe(english);
    });
  }
});

describe("to the minute, for those who do not count seconds", () => {
  it("a duration is rounded, and never nothing", () => {
    expect(durationToTheMinute(id, 225_000)).toBe("4 menit");
    expect(durationToTheMinute(en, 12_000)).toBe("1 minute");
    expect(durationToTheMinute(en, NaN)).toBe("1 minute");
    expect(durationToTheMinute(id, 75 * 60_000)).toBe("1 jam 15 menit");
  });

  it("a moment and a period have no seconds, and a day only where it is another one", () => {
    expect(shortMoment(id, AT, "Asia/Makassar", AT)).toBe("10:02");
    expect(shortMoment(id, AT, "Asia/Makassar", null)).toBe("Min 22 Nov 10:02");
    expect(shortPeriod(en, AT, AT + 725_000, "Asia/Makassar", AT)).toBe("10:02–10:14 WITA");
    expect(shortPeriod(en, AT, AT + 725_000, "Asia/Makassar", AT + 86_400_000)).toBe(
      "Sun 22 Nov 10:02–10:14 WITA",
    );
    expect(shortPeriod(id, AT, AT + 86_400_000, "Asia/Makassar", AT)).toBe(
      "Min 22 Nov 10:02 – Sen 23 Nov 10:02 WITA",
    );
  });
});

describe("days, months and shares", () => {
  it("a day and a month are named; what is neither stays as it is", () => {
    expect(dayInWords(id, "2026-11-29")).toBe("Min 29 Nov");
    expect(dayInWords(en, "2026-11-29")).toBe("Sun 29 Nov");
    expect(monthInWords(id, "2026-10")).toBe("Oktober 2026");
    expect(monthInWords(en, "2026-03")).toBe("March 2026");
    for (const other of ["", "2026-13", "2026-10-99x", "kemarin"]) {
      expect(dayInWords(id, other)).toBe(other);
      expect(monthInWords(id, other)).toBe(other);
    }
  });

  const shares: readonly (readonly [number, string, string])[] = [
    [1, "100\u00a0%", "100%"],
    [0.9999999, "99,999\u00a0%", "99.999%"],
    [0.99998, "99,998\u00a0%", "99.998%"],
    [0.9999, "99,99\u00a0%", "99.99%"],
    [0.9987, "99,87\u00a0%", "99.87%"],
    [0.99879, "99,87\u00a0%", "99.87%"],
    [0.5, "50,00\u00a0%", "50.00%"],
    [0, "0,00\u00a0%", "0.00%"],
    [NaN, "0,00\u00a0%", "0.00%"],
    [7, "100\u00a0%", "100%"],
  ];
  for (const [share, indonesian, english] of shares) {
    it(`an availability of ${share} is "${english}", never more than it was`, () => {
      expect(availabilityInWords(id, share)).toBe(indonesian);
      expect(availabilityInWords(en, share)).toBe(english);
    });
  }

  it("a share of memory is whole", () => {
    expect(percentInWords(id, 0.453)).toBe("45\u00a0%");
    expect(percentInWords(en, 1.7)).toBe("100%");
    expect(percentInWords(en, NaN)).toBe("0%");
  });

  it("thousands have the language's mark, and what is no number is none", () => {
    expect(id.count(1_234)).toBe("1.234");
    expect(en.count(1_234)).toBe("1,234");
    expect(en.count(NaN)).toBe("0");
    expect(en.count(1e300).length).toBeLessThan(30);
  });
});

describe("moments in the site's zone", () => {
  it("Indonesian zones have the names people use, in both languages", () => {
    expect(zoneName(AT, "Asia/Jakarta")).toBe("WIB");
    expect(zoneName(AT, "Asia/Pontianak")).toBe("WIB");
    expect(zoneName(AT, "Asia/Makassar")).toBe("WITA");
    expect(zoneName(AT, "Asia/Jayapura")).toBe("WIT");
    expect(zoneName(AT, "UTC")).toBe("UTC");
  });

  it("a day is named only where it is not the same day", () => {
    expect(moment(id, AT, "Asia/Makassar", AT + 60_000)).toBe("10:02:15");
    expect(moment(id, AT, "Asia/Makassar", AT + 86_400_000)).toBe("Min 22 Nov 10:02:15");
    expect(moment(en, AT, "Asia/Makassar", null)).toBe("Sun 22 Nov 10:02:15");
  });

  it("midnight is 00, and the day is the zone's day", () => {
    expect(moment(en, Date.UTC(2026, 10, 21, 16, 0, 5), "Asia/Makassar", null)).toBe("Sun 22 Nov 00:00:05");
    expect(moment(en, Date.UTC(2026, 10, 21, 16, 0, 5), "Asia/Jakarta", null)).toBe("Sat 21 Nov 23:00:05");
  });

  it("a period names both days when it crosses midnight", () => {
    expect(period(id, AT, AT + 725_000, "Asia/Makassar", false)).toBe("10:02:15–10:14:20 WITA");
    expect(period(id, AT, AT + 86_400_000, "Asia/Makassar", false)).toBe(
      "Min 22 Nov 10:02:15 – Sen 23 Nov 10:02:15 WITA",
    );
  });

  it("a zone nobody knows is shown as UTC, and says so", () => {
    expect(moment(en, AT, "Mars/Olympus", AT)).toBe("02:02:15");
    expect(zoneName(AT, "Mars/Olympus")).toBe("UTC");
  });
});
