/**
 * Every machine word of the collector has a sentence in both languages; times and numbers are said rightly.
 * Why here: the panel may not import the collector, so only a test can hold the two lists together (the compiler does it:
 * a word that is added and not translated does not compile).
 */
import { describe, expect, it } from "vitest";
import type { RefusalCode } from "../../collector/core/types/effects.ts";
import type {
  Cause,
  CloseReason,
  Confidence,
  IncidentKind,
  NotifyReason,
} from "../../collector/core/types/incident.ts";
import type { CollectorReach } from "../../collector/core/types/journal.ts";
import type { GoodbyeReason, Status } from "../../collector/core/types/server.ts";
import type { HearingState } from "../../collector/core/types/tables.ts";
import type { NotificationStatus, Step } from "../../collector/core/types/telling.ts";
import type { ProbeDetail, ProbeKind, ProbeVerdict } from "../../shared/probe/result.ts";
import {
  bytes,
  dateOf,
  exactMoment,
  localMinute,
  minuteOf,
  minuteText,
  momentOfLocal,
  nextMinuteOfDay,
  percent,
  secondsTaken,
  startOfDate,
  timeOfDay,
  zonedMoment,
  zoneName,
} from "../../web/i18n/format.ts";
import { en } from "../../web/i18n/en.ts";
import { id } from "../../web/i18n/id.ts";
import { idArranging } from "../../web/i18n/id/arranging.ts";
import { idFrame } from "../../web/i18n/id/frame.ts";
import { idStates } from "../../web/i18n/id/states.ts";
import { idStory } from "../../web/i18n/id/story.ts";
import { idTelling } from "../../web/i18n/id/telling.ts";
import { idWatching } from "../../web/i18n/id/watching.ts";
import { word } from "../../web/i18n/language.ts";
import { incidentKinds } from "../../web/rules-telling.ts";
import { spokenDuration, spokenMoment } from "../../web/islands/spoken-time.ts";

interface MachineWords {
  readonly status: Record<Status, string>;
  readonly statusMeaning: Record<Status, string>;
  readonly kind: Record<IncidentKind, string>;
  readonly cause: Record<Cause, string>;
  readonly causeSentence: Record<Cause, string>;
  readonly collectorReach: Record<CollectorReach, string>;
  readonly goodbyeReason: Record<GoodbyeReason, string>;
  readonly confidence: Record<Confidence, string>;
  readonly probeVerdict: Record<ProbeVerdict, string>;
  readonly probeKind: Record<ProbeKind, string>;
  /** A status is said with its number, by a text of its own. */
  readonly probeDetail: Record<Exclude<ProbeDetail, `status_${number}`>, string>;
  readonly notifyReason: Record<NotifyReason, string>;
  readonly closeReason: Record<CloseReason, string>;
  readonly step: Record<Step, string>;
  readonly delivery: Record<NotificationStatus, string>;
  readonly hearing: Record<HearingState, string>;
  readonly refusal: Record<RefusalCode, string>;
}

describe("the texts", () => {
  it("stand in one section each: none hides another of its name", () => {
    const keys = [idFrame, idStates, idStory, idWatching, idArranging, idTelling].flatMap((section) =>
      Object.keys(section),
    );
    expect(keys.toSorted()).toEqual(Object.keys(id).toSorted());
  });
});

describe("machine words", () => {
  const languages: Readonly<Record<string, MachineWords>> = { id, en };

  it.each(["id", "en"])("all have a text in %s", (language) => {
    for (const [name, dictionary] of Object.entries(languages[language]!))
      if (typeof dictionary === "object" && name !== "language")
        for (const [machineWord, text] of Object.entries(dictionary as Record<string, unknown>))
          // Only Telegram's "ok" needs no advice.
          if (typeof text === "string" && !(name === "telegramAdvice" && machineWord === "ok"))
            expect(text, `${name}.${machineWord}`).not.toBe("");
  });

  it("the kinds that a route may name are the collector's", () => {
    // Either list that lacks a word of the other does not compile.
    const kinds: readonly IncidentKind[] = incidentKinds;
    const missing: Exclude<IncidentKind, (typeof incidentKinds)[number]>[] = [];
    expect([...kinds].toSorted()).toEqual(Object.keys(id.kind).toSorted());
    expect(missing).toEqual([]);
  });

  it("that are not known are shown readably, also those that every object has", () => {
    expect(word(id.kind, "brand_new_kind")).toBe("brand new kind");
    expect(word(id.kind, "constructor")).toBe("constructor");
  });
});

describe("times", () => {
  it("are spoken in at most two units", () => {
    expect(spokenDuration("id", 12 * 60_000 + 40_000)).toBe("12 menit");
    expect(spokenDuration("id", 3_900_000)).toBe("1 jam 5 menit");
    expect(spokenDuration("en", 90_000_000)).toBe("1 day 1 hour");
    expect(spokenDuration("id", 400)).toBe("0 detik");
    expect(spokenDuration("id", -5)).toBe("0 detik");
    expect(spokenMoment("id", 0, 12 * 60_000)).toBe("12 menit yang lalu");
    expect(spokenMoment("id", 0, 300)).toBe("sekarang");
    expect(spokenMoment("en", 0, 25 * 3_600_000)).toBe("1 day ago");
  });

  it("are exact in the zone they belong to, and never fail for a zone that is not known", () => {
    const atMs = Date.UTC(2026, 10, 22, 3, 0, 0);
    expect(exactMoment("id", "Asia/Jakarta", atMs)).toBe("Min, 22 Nov 2026, 10.00.00 WIB");
    expect(exactMoment("id", "Asia/Jayapura", atMs)).toContain("12.00.00 WIT");
    expect(exactMoment("id", "Mars/Olympus", atMs)).toContain("03.00.00 UTC");
  });

  it("a date of a zone begins at its own midnight, also where the clock is turned", () => {
    expect(startOfDate("Asia/Jakarta", "2026-11-22")).toBe(Date.UTC(2026, 10, 21, 17));
    for (const zone of [
      "Asia/Jakarta",
      "Asia/Kathmandu",
      "Pacific/Kiritimati",
      "Pacific/Pago_Pago",
      "America/Sao_Paulo",
      "Europe/Berlin",
    ])
      for (const date of ["2026-03-29", "2026-10-25", "2026-01-01", "2018-11-04"]) {
        const from = startOfDate(zone, date)!;
        expect(dateOf(zone, from), `${zone} ${date}`).toBe(date);
        expect(dateOf(zone, from - 1), `${zone} ${date}`).not.toBe(date);
      }
    expect(startOfDate("Asia/Jakarta", "2026-13-45")).toBeNull();
    expect(startOfDate("Asia/Jakarta", "oops")).toBeNull();
  });
});

describe("a time that is typed", () => {
  it("is the moment that reads so in its zone, whatever the zone", () => {
    expect(momentOfLocal("Asia/Makassar", "2026-11-22T20:42")).toBe(Date.UTC(2026, 10, 22, 12, 42));
    expect(momentOfLocal("Asia/Jakarta", "2026-11-22 20:42")).toBe(Date.UTC(2026, 10, 22, 13, 42));
    expect(momentOfLocal("Asia/Jakarta", "2026-11-22T20:42:30")).toBe(Date.UTC(2026, 10, 22, 13, 42));
    const zones = ["Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin", "UTC"];
    for (const zone of zones)
      for (const text of ["2026-01-01T00:00", "2026-06-30T23:59", "2028-02-29T12:00", "2026-10-25T12:00"])
        expect(localMinute(zone, momentOfLocal(zone, text) ?? 0), `${zone} ${text}`).toBe(text);
  });

  it("where the clock is turned, is never an hour early nor lost", () => {
    // In Berlin 02:30 did not exist on 29 March, and was twice on 25 October 2026.
    expect(momentOfLocal("Europe/Berlin", "2026-03-29T02:30")).toBe(Date.UTC(2026, 2, 29, 1, 30));
    expect(momentOfLocal("Europe/Berlin", "2026-03-29T01:59")).toBe(Date.UTC(2026, 2, 29, 0, 59));
    expect(momentOfLocal("Europe/Berlin", "2026-03-29T03:00")).toBe(Date.UTC(2026, 2, 29, 1, 0));
    expect(momentOfLocal("Europe/Berlin", "2026-10-25T02:30")).toBe(Date.UTC(2026, 9, 25, 0, 30));
    expect(momentOfLocal("Europe/Berlin", "2026-10-25T03:00")).toBe(Date.UTC(2026, 9, 25, 2, 0));
  });

  it("is refused when it is no time", () => {
    for (const text of ["", "2026-11-22", "2026-13-01T00:00", "2026-02-30T10:00", "2026-11-22T25:00", "x"])
      expect(momentOfLocal("Asia/Jakarta", text), text).toBeNull();
  });

  it("is shown with its zone", () => {
    const atMs = Date.UTC(2026, 10, 22, 3, 0, 0);
    expect(zonedMoment("id", "Asia/Jakarta", atMs)).toBe("22 Nov, 10.00 WIB");
    expect(zonedMoment("id", "Asia/Jayapura", atMs)).toContain("12.00 WIT");
  });
});

describe("a time of day", () => {
  it("is read as it is typed in both languages, and shown as each writes it", () => {
    for (const minute of [0, 1, 59, 60, 719, 720, 1_439]) expect(minuteOf(minuteText(minute))).toBe(minute);
    expect([minuteOf("22.30"), minuteOf("7:05"), minuteOf("23:59")]).toEqual([1_350, 425, 1_439]);
    for (const text of ["", "24:00", "12:60", "12", "12:5", "-1:00", "x"])
      expect(minuteOf(text), text).toBeNull();
    expect([timeOfDay("id", 1_350), timeOfDay("en", 1_350)]).toEqual(["22.30", "22:30"]);
    expect(zoneName("Asia/Makassar", Date.UTC(2026, 10, 22))).toBe("WITA");
  });

  it("comes next today or tomorrow, in its own zone", () => {
    const next = (zone: string, iso: string) =>
      new Date(nextMinuteOfDay(zone, 7 * 60, Date.parse(iso))).toISOString();
    expect(next("Asia/Jakarta", "2026-11-22T20:00:00Z")).toBe("2026-11-23T00:00:00.000Z");
    expect(next("Asia/Jakarta", "2026-11-22T23:59:59Z")).toBe("2026-11-23T00:00:00.000Z");
    // At seven exactly the morning is over.
    expect(next("Asia/Jakarta", "2026-11-23T00:00:00Z")).toBe("2026-11-24T00:00:00.000Z");
    expect(next("Asia/Jayapura", "2026-11-22T20:00:00Z")).toBe("2026-11-22T22:00:00.000Z");
    expect(next("Asia/Jayapura", "2026-11-22T23:00:00Z")).toBe("2026-11-23T22:00:00.000Z");
    // The night in which the clock is turned back has an hour more.
    expect(next("Europe/Berlin", "2026-10-24T20:00:00Z")).toBe("2026-10-25T06:00:00.000Z");
  });

  it("what takes seconds is said in tenths while that tells something", () => {
    expect(secondsTaken("id", 840)).toBe("0,8 detik");
    expect(secondsTaken("en", 1_000)).toBe("1 second");
    expect(secondsTaken("id", 42_400)).toBe("42 detik");
    expect(secondsTaken("id", -5)).toBe("0 detik");
  });
});

describe("numbers", () => {
  it("have units, in the language's way", () => {
    expect(bytes("id", 6.56 * 2 ** 30)).toBe("6,6 GiB");
    expect(bytes("en", 6.56 * 2 ** 30)).toBe("6.6 GiB");
    expect(bytes("id", 0)).toBe("0 B");
    expect(bytes("id", 1023)).toBe("1.023 B");
    expect(bytes("id", 120.4 * 2 ** 30)).toBe("120 GiB");
    expect(percent("id", 0.374)).toBe("37%");
  });
});
