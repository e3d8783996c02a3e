/** Figures of a period by stories that can be added up by hand. */
import { describe, expect, it } from "vitest";
import { percentOf, periodFigures, recentFigures, summaryPastOf } from "../../collector/report/outages.ts";
import { NO_MINUTES } from "../../collector/report/shares.ts";
import { DAY_MS, hours, HOUR_MS, incident, input, MONDAY_MS, server } from "./story.ts";

const MONDAY = hours(0, 24);
const of = (figures: ReturnType<typeof periodFigures>, id: string) =>
  figures.servers.find(({ serverId }) => serverId === id)!;

describe("one server's outages", () => {
  it("are clipped to the period, and lower its availability by their minutes", () => {
    const figures = periodFigures(
      input([incident(1, -2, 1), incident(2, 10, 10.5), incident(3, 23, 30)]),
      MONDAY,
    );
    const a = of(figures, "a");
    expect(a.outages.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
      [MONDAY.fromMs, MONDAY_MS + HOUR_MS],
      [MONDAY_MS + 10 * HOUR_MS, MONDAY_MS + 10.5 * HOUR_MS],
      [MONDAY_MS + 23 * HOUR_MS, MONDAY.toMs],
    ]);
    expect(a.minutes).toEqual({ ...NO_MINUTES, server: 150 });
    expect(a.incidents).toBe(3);
    expect(a.availability).toBeCloseTo(1 - 2.5 / 24, 12);
    expect(of(figures, "b").availability).toBe(1);
    expect(figures.availability).toBeCloseTo(1 - 2.5 / 72, 12);
  });

  it("are split as the incident's minutes are, in the same shares when clipped", () => {
    const split = { server: 60, link: 180, planned: 0, collector: 0 };
    const figures = periodFigures(input([incident(1, 22, 26, { minutes: split })]), MONDAY);
    expect(of(figures, "a").minutes).toEqual({ ...NO_MINUTES, server: 30, link: 90 });
    expect(of(figures, "a").outages[0]!.mainShare).toBe("link");
  });

  it("do not lower availability when planned or the collector's own, and are shown all the same", () => {
    const figures = periodFigures(
      input([
        incident(1, 1, 3, { minutes: { ...NO_MINUTES, planned: 120 }, finalCause: "planned" }),
        incident(2, 5, 6, { minutes: { ...NO_MINUTES, collector: 60 }, finalCause: "collector" }),
      ]),
      MONDAY,
    );
    expect(of(figures, "a")).toMatchObject({
      availability: 1,
      minutes: { ...NO_MINUTES, planned: 120, collector: 60 },
    });
    expect(summaryPastOf(figures)).toEqual({
      incidents: 2,
      minutes: { server: 0, link: 0, planned: 120, collector: 60 },
      availability: 1,
      worst: [],
    });
  });

  it("that are open count until now under what their present cause says", () => {
    const nowMs = MONDAY_MS + 12 * HOUR_MS;
    const figures = periodFigures(input([incident(1, 10, null, { cause: "site_link" })], { nowMs }), MONDAY);
    const a = of(figures, "a");
    expect(a.minutes).toEqual({ ...NO_MINUTES, link: 120 });
    expect(a.watchedMs).toBe(12 * HOUR_MS);
    expect(a.availability).toBeCloseTo(1 - 2 / 12, 12);
  });

  it("that overlap count once: the time is that of the one that began first", () => {
    const figures = periodFigures(
      input([
        incident(2, 2, 5, { minutes: { ...NO_MINUTES, link: 180 } }),
        incident(1, 1, 3),
        incident(3, 1.5, 2.5, { minutes: { ...NO_MINUTES, planned: 60 } }),
      ]),
      MONDAY,
    );
    expect(of(figures, "a").minutes).toEqual({ ...NO_MINUTES, server: 120, link: 120 });
    expect(of(figures, "a").outages.map(({ incidentNumber }) => incidentNumber)).toEqual([1, 2]);
    expect(of(figures, "a").incidents).toBe(3);
  });

  it("count from the day it is watched, and not while it is paused", () => {
    const figures = periodFigures(
      input([incident(1, 11, 13), incident(2, 17, 19)], {
        servers: [server("a", "makassar", MONDAY_MS + 12 * HOUR_MS)],
        pausedSpans: new Map([["a", [hours(18, 24)]]]),
      }),
      MONDAY,
    );
    expect(of(figures, "a")).toMatchObject({
      watchedMs: 6 * HOUR_MS,
      minutes: { ...NO_MINUTES, server: 120 },
    });
    expect(of(figures, "a").availability).toBeCloseTo(4 / 6, 12);
  });

  it("are nothing, and availability unknown, where it was not watched at all", () => {
    const figures = periodFigures(
      input([], { servers: [server("a", "makassar", MONDAY_MS + DAY_MS)] }),
      MONDAY,
    );
    expect(of(figures, "a")).toMatchObject({ watchedMs: 0, availability: null, minutes: NO_MINUTES });
    expect(figures.availability).toBeNull();
    expect(periodFigures(input([], { servers: [] }), MONDAY).availability).toBeNull();
  });

  it("stay in the minutes when the server is gone, and in nobody's availability", () => {
    const gone = incident(1, 1, 2, { serverId: "gone", serverName: "srv-gone" });
    const figures = periodFigures(input([gone]), MONDAY);
    expect(of(figures, "gone")).toMatchObject({ name: "srv-gone", isRegistered: false, availability: null });
    expect(figures.minutes.server).toBe(60);
    expect(figures.availability).toBe(1);
    expect(figures.sites.find(({ siteId }) => siteId === "makassar")).toMatchObject({
      servers: 2,
      availability: 1,
      minutes: { ...NO_MINUTES, server: 60 },
    });
    expect(summaryPastOf(figures).worst).toEqual([
      { name: "Makassar — srv-gone", incidents: 1, minutes: 60 },
    ]);
  });

  it("are not its health", () => {
    const figures = periodFigures(input([incident(1, 1, 2, { kind: "health" })]), MONDAY);
    expect(figures.incidents).toBe(0);
    expect(figures.minutes).toEqual(NO_MINUTES);
  });
});

describe("a site's outage", () => {
  const link = (hoursLong: number) => ({ ...NO_MINUTES, link: hoursLong * 60 });
  const group = incident(1, 8, 10, { kind: "site_down", serverId: null, minutes: link(2) });
  const grouped = { groupedUnder: "i1", minutes: link(2) };
  const figures = periodFigures(
    input([
      group,
      incident(2, 8, 10, grouped),
      incident(3, 8, 11, { ...grouped, serverId: "b", minutes: link(3) }),
    ]),
    MONDAY,
  );

  it("counts for each of its servers once, and is one incident", () => {
    expect(figures.minutes).toEqual({ ...NO_MINUTES, link: 300 });
    expect(figures.incidents).toBe(1);
    expect(of(figures, "a").incidents).toBe(1);
    expect(of(figures, "a").availability).toBeCloseTo(1 - 2 / 24, 12);
  });

  it("is one stretch of the site, whose availability is that of its servers together", () => {
    const site = figures.sites.find(({ siteId }) => siteId === "makassar")!;
    expect(site).toMatchObject({
      name: "Makassar",
      servers: 2,
      incidents: 2,
      outages: [hours(8, 11)],
      minutes: { ...NO_MINUTES, link: 300 },
    });
    expect(site.availability).toBeCloseTo(1 - 5 / 48, 12);
    expect(figures.sites.find(({ siteId }) => siteId === "jayapura")!.availability).toBe(1);
  });
});

describe("what stands for several servers", () => {
  it.each(["site_down", "mass_outage", "collector_trouble"] as const)(
    "%s is nobody's downtime, even if it names a server",
    (kind) => {
      const figures = periodFigures(input([incident(1, 1, 2, { kind })]), MONDAY);
      expect(figures).toMatchObject({ minutes: NO_MINUTES, availability: 1, incidents: 1 });
    },
  );
});

describe("the collector's own trouble", () => {
  it("is nobody's downtime, and is in the summary once", () => {
    const trouble = incident(1, 4, 5, {
      kind: "collector_trouble",
      serverId: null,
      siteId: null,
      cause: "collector",
      minutes: { ...NO_MINUTES, collector: 60 },
    });
    const figures = periodFigures(input([trouble]), MONDAY);
    expect(figures).toMatchObject({ minutes: NO_MINUTES, availability: 1, incidents: 1 });
    expect(figures.collectorTrouble).toEqual([hours(4, 5)]);
    expect(summaryPastOf(figures).minutes.collector).toBe(60);
  });
});

describe("a summary", () => {
  it("names the five with the most minutes, site and server", () => {
    const servers = "abcdefg".split("").map((id) => server(id, id === "g" ? null : "makassar"));
    const own = servers.map(({ id, name }, index) =>
      incident(index + 1, 1, 1 + (index + 1) / 10, { serverId: id, serverName: name }),
    );
    const { worst } = summaryPastOf(periodFigures(input(own, { servers }), MONDAY));
    expect(worst.map(({ name, minutes }) => [name, minutes])).toEqual([
      ["srv-g", 42],
      ["Makassar — srv-f", 36],
      ["Makassar — srv-e", 30],
      ["Makassar — srv-d", 24],
      ["Makassar — srv-c", 18],
    ]);
  });

  it("takes an incident that is handed in twice, living and archived, once", () => {
    const figures = periodFigures(input([incident(1, 1, 2), incident(1, 1, 4)]), MONDAY);
    expect(summaryPastOf(figures)).toMatchObject({ incidents: 1, minutes: { server: 60 } });
  });

  it("counts an incident in each period that it reaches, and not in one that it only touches", () => {
    const incidents = [incident(1, -5, 3), incident(2, -5, 0), incident(3, 24, 25), incident(4, 0, 0)];
    expect(periodFigures(input(incidents), MONDAY).incidents).toBe(2);
  });
});

describe("one server's last days", () => {
  it("are 24 hours, 7 and 30 times as much, back from now", () => {
    const nowMs = MONDAY_MS + 7 * DAY_MS;
    const recent = recentFigures(
      input([incident(1, 7 * 24 - 1, null), incident(2, 0, 12), incident(3, -24 * 20, -24 * 20 + 6)], {
        nowMs,
      }),
      "a",
    )!;
    expect(recent.day).toMatchObject({ incidents: 1, minutes: { server: 60 } });
    expect(recent.week).toMatchObject({ incidents: 2, minutes: { server: 13 * 60 } });
    expect(recent.month).toMatchObject({ incidents: 3, minutes: { server: 19 * 60 } });
    expect(recent.day.availability).toBeCloseTo(23 / 24, 12);
    expect(recentFigures(input([]), "nobody")).toBeNull();
  });
});

describe("availability as percent", () => {
  it("is rounded down: 100 only when nothing was missing", () => {
    expect(percentOf(1)).toBe(100);
    expect(percentOf(0.999_999)).toBe(99.99);
    expect(percentOf(0.9942)).toBe(99.42);
    expect(percentOf(0.29)).toBe(29);
    expect(percentOf(0)).toBe(0);
  });
});
