/**
 * Quiet hours: when a message arrives without a sound.
 * Why so exact: an hour too many, and an outage at dawn wakes nobody; one too few, and people mute the bot.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isQuietHour, minuteOfDay } from "../../collector/notify/quiet-hours.ts";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const at = (hour: number, minute = 0): number => hour * 60 + minute;
const quiet = (fromMinute: number, toMinute: number, timeZone: string | null = null) => ({
  quietHours: { fromMinute, toMinute },
  timeZone,
});
/** A winter's and a summer's day. */
const utc = (hour: number, minute = 0, day = Date.UTC(2026, 0, 15)): number =>
  day + at(hour, minute) * MINUTE_MS;

describe("the minute of the day", () => {
  it("is that of the zone, also where a day begins before or after ours, and at half hours", () => {
    expect(minuteOfDay(utc(2, 2), "Asia/Makassar")).toBe(at(10, 2));
    expect(minuteOfDay(utc(20), "Asia/Jayapura")).toBe(at(5));
    expect(minuteOfDay(utc(2), "America/New_York")).toBe(at(21));
    expect(minuteOfDay(utc(0), "Asia/Kolkata")).toBe(at(5, 30));
    expect(minuteOfDay(utc(16), "Asia/Makassar")).toBe(0);
  });

  it("of a zone that nobody knows is that of UTC, each time it is asked", () => {
    for (let time = 0; time < 2; time += 1)
      expect(minuteOfDay(utc(7, 5), "Asia/Makasar; drop")).toBe(at(7, 5));
    expect(minuteOfDay(utc(7, 5), "")).toBe(at(7, 5));
  });
});

describe("quiet hours", () => {
  it("none were chosen: never", () => {
    for (let hour = 0; hour < 24; hour += 1)
      expect(isQuietHour({ quietHours: null, timeZone: null }, utc(hour), "UTC")).toBe(false);
  });

  it("within a day: from the first minute to the one before the last", () => {
    const noon = quiet(at(12), at(13, 30));
    const told = [at(11, 59), at(12), at(13, 29), at(13, 30)].map((minute) =>
      isQuietHour(noon, utc(0, minute), "UTC"),
    );
    expect(told).toEqual([false, true, true, false]);
  });

  it("over midnight: the evening and the early morning, not the day", () => {
    const night = quiet(at(22), at(6));
    const told = [at(21, 59), at(22), at(23, 59), 0, at(5, 59), at(6), at(12)].map((minute) =>
      isQuietHour(night, utc(0, minute), "UTC"),
    );
    expect(told).toEqual([false, true, true, true, true, false, false]);
  });

  it("until midnight, and from midnight on", () => {
    const evening = [at(21), at(22), at(23, 59), 0].map((minute) =>
      isQuietHour(quiet(at(22), 0), utc(0, minute), "UTC"),
    );
    expect(evening).toEqual([false, true, true, false]);
    const morning = [at(23, 59), 0, at(5, 59), at(6)].map((minute) =>
      isQuietHour(quiet(0, at(6)), utc(0, minute), "UTC"),
    );
    expect(morning).toEqual([false, true, true, false]);
  });

  it("from and to the same: the whole day", () => {
    for (const minute of [0, 1, at(8), at(23, 59)])
      for (const now of [0, at(7, 59), at(8), at(8, 1), at(23, 59)])
        expect(isQuietHour(quiet(minute, minute), utc(0, now), "UTC")).toBe(true);
  });

  it("are the recipient's own zone's, and the setting's where it has none", () => {
    const now = utc(15); // 23:00 in Makassar, 22:00 in Jakarta.
    const night = [at(22, 30), at(6)] as const;
    expect(isQuietHour(quiet(...night, "Asia/Makassar"), now, "Asia/Jakarta")).toBe(true);
    expect(isQuietHour(quiet(...night), now, "Asia/Jakarta")).toBe(false);
    expect(isQuietHour(quiet(...night), now, "Asia/Makassar")).toBe(true);
    expect(isQuietHour(quiet(...night, "no zone at all"), utc(23), "Asia/Makassar")).toBe(true);
  });

  it("follow the clock on the wall when it is moved: the same hours in winter and in summer", () => {
    const [winter, summer] = [Date.UTC(2026, 0, 15), Date.UTC(2026, 6, 15)];
    const night = quiet(at(22), at(6), "Europe/Berlin");
    // 06:30 in Berlin in summer is 05:30 in winter.
    expect(isQuietHour(night, utc(4, 30, winter), "UTC")).toBe(true);
    expect(isQuietHour(night, utc(4, 30, summer), "UTC")).toBe(false);
    expect(isQuietHour(night, utc(20, 30, winter), "UTC")).toBe(false);
    expect(isQuietHour(night, utc(20, 30, summer), "UTC")).toBe(true);
  });

  it("when the clock is moved in the night, no minute of it is loud: an hour less, or one more", () => {
    const night = quiet(at(22), at(6), "Europe/Berlin");
    const quietMinutes = (fromMs: number): number => {
      let count = 0;
      for (let minute = 0; minute < 24 * 60; minute += 1)
        count += Number(isQuietHour(night, fromMs + minute * MINUTE_MS, "UTC"));
      return count;
    };
    // From noon to noon around 29 March and 25 October 2026.
    expect(quietMinutes(Date.UTC(2026, 2, 28, 11))).toBe(7 * 60);
    expect(quietMinutes(Date.UTC(2026, 9, 24, 10))).toBe(9 * 60);
  });

  it("whatever they are, a day has as many quiet minutes as lie between them, in one stretch", () => {
    const minute = fc.integer({ min: 0, max: DAY_MINUTES - 1 });
    fc.assert(
      fc.property(minute, minute, minute, (from, to, now) => {
        const length = (to - from + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;
        const isInside = (now - from + DAY_MINUTES) % DAY_MINUTES < length;
        expect(isQuietHour(quiet(from, to), utc(0, now), "UTC")).toBe(isInside);
      }),
    );
  });
});
