/** What holds for the figures of any incidents and any period. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Cause, IncidentKind } from "../../collector/core/types/incident.ts";
import {
  periodFigures,
  recentFigures,
  summaryPastOf,
  type ReportIncident,
  type ReportInput,
} from "../../collector/report/outages.ts";
import { allMinutes, countedMinutes, NO_MINUTES, SHARES } from "../../collector/report/shares.ts";
import { lengthMs, mergedSpans, withoutSpans } from "../../collector/report/spans.ts";
import { incident, input, MINUTE_MS, MONDAY_MS, server } from "./story.ts";

const HOURS = 200;
const hour = fc.double({ min: -HOURS, max: HOURS, noNaN: true });
const tenths = fc.integer({ min: 0, max: 50 }).map((count) => count / 10);

const anyIncident = fc
  .record({
    fromHour: hour,
    length: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: null }),
    serverId: fc.constantFrom("a", "b", "c", "gone"),
    kind: fc.constantFrom<IncidentKind>(
      "host_down",
      "path_down",
      "not_back",
      "site_down",
      "health",
      "agent_down",
    ),
    cause: fc.constantFrom<Cause>("unknown", "site_link", "planned", "collector"),
    minutes: fc.record({ server: tenths, link: tenths, planned: tenths, collector: tenths }),
    isGrouped: fc.boolean(),
  })
  .map(({ fromHour, length, isGrouped, minutes, ...rest }) => ({
    fromHour,
    toHour: length === null ? null : fromHour + length,
    more: { ...rest, groupedUnder: isGrouped ? "i9999" : null, ...(length === null ? {} : { minutes }) },
  }));
const incidents = fc
  .array(anyIncident, { maxLength: 25 })
  .map((all): ReportIncident[] =>
    all.map(({ fromHour, toHour, more }, index) => incident(index + 1, fromHour, toHour, more)),
  );
const spans = fc.array(
  fc.tuple(hour, hour).map(([one, other]) => ({
    fromMs: MONDAY_MS + Math.min(one, other) * 3_600_000,
    toMs: MONDAY_MS + Math.max(one, other) * 3_600_000,
  })),
  { maxLength: 6 },
);
const edges = fc
  .tuple(hour, hour, hour)
  .map((three) => three.toSorted((a, b) => a - b).map((each) => MONDAY_MS + each * 3_600_000));
const world = fc.record({ incidents, paused: spans, edges, createdHour: hour, nowHour: hour });

type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

function inputOf({ incidents: all, paused, createdHour, nowHour }: World): ReportInput {
  return input(all, {
    servers: [server("a"), server("b", "makassar", MONDAY_MS + createdHour * 3_600_000), server("c", null)],
    pausedSpans: new Map([["a", paused]]),
    nowMs: MONDAY_MS + nowHour * 3_600_000,
  });
}
/** Sums of many parts of milliseconds: a hundredth of a second. */
const HAIR = 1 / 6_000;

describe("figures of any period", () => {
  it("never have more minutes than a server was watched, nor availability outside 0 to 1", () => {
    fc.assert(
      fc.property(world, (any) => {
        const [fromMs = 0, , toMs = 0] = any.edges;
        const figures = periodFigures(inputOf(any), { fromMs, toMs });
        for (const one of figures.servers) {
          const limitMs = one.isRegistered ? one.watchedMs : toMs - fromMs;
          expect(allMinutes(one.minutes)).toBeLessThanOrEqual(limitMs / MINUTE_MS + HAIR);
          expect(allMinutes(one.minutes)).toBeCloseTo(lengthMs(one.outages) / MINUTE_MS, 3);
          for (const share of SHARES) expect(one.minutes[share]).toBeGreaterThanOrEqual(0);
        }
        for (const { availability } of [figures, ...figures.servers, ...figures.sites])
          if (availability !== null) {
            expect(availability).toBeGreaterThanOrEqual(0);
            expect(availability).toBeLessThanOrEqual(1);
          }
      }),
    );
  });

  it("have outages that lie in the period and in what is past, in order, and never overlap", () => {
    fc.assert(
      fc.property(world, (any) => {
        const [fromMs = 0, , toMs = 0] = any.edges;
        const report = inputOf(any);
        for (const { outages } of periodFigures(report, { fromMs, toMs }).servers) {
          let lastMs = fromMs;
          for (const outage of outages) {
            expect(outage.fromMs).toBeGreaterThanOrEqual(lastMs);
            expect(outage.toMs).toBeGreaterThan(outage.fromMs);
            expect(outage.toMs).toBeLessThanOrEqual(Math.min(toMs, report.nowMs));
            expect(allMinutes(outage.shares)).toBeCloseTo(1, 9);
            lastMs = outage.toMs;
          }
        }
      }),
    );
  });

  it("of two adjacent periods add up to those of the whole", () => {
    fc.assert(
      fc.property(world, (any) => {
        const [fromMs = 0, middleMs = 0, toMs = 0] = any.edges;
        const report = inputOf(any);
        const whole = periodFigures(report, { fromMs, toMs });
        const parts = [
          periodFigures(report, { fromMs, toMs: middleMs }),
          periodFigures(report, { fromMs: middleMs, toMs }),
        ];
        const sum = (value: (figures: (typeof parts)[number]) => number): number =>
          parts.reduce((total, figures) => total + value(figures), 0);
        expect(sum((figures) => figures.watchedMs)).toBeCloseTo(whole.watchedMs, 1);
        for (const share of SHARES)
          expect(sum((figures) => figures.minutes[share])).toBeCloseTo(whole.minutes[share], 3);
        for (const { serverId, minutes } of whole.servers)
          expect(
            sum((figures) =>
              countedMinutes(figures.servers.find((one) => one.serverId === serverId)?.minutes ?? NO_MINUTES),
            ),
          ).toBeCloseTo(countedMinutes(minutes), 3);
      }),
    );
  });

  it("are the same in whatever order incidents come, and in all what servers and sites say", () => {
    fc.assert(
      fc.property(world, (any) => {
        const [fromMs = 0, , toMs = 0] = any.edges;
        const report = inputOf(any);
        const figures = periodFigures(report, { fromMs, toMs });
        const turned = periodFigures(
          { ...report, incidents: report.incidents.toReversed() },
          { fromMs, toMs },
        );
        for (const share of SHARES) expect(turned.minutes[share]).toBeCloseTo(figures.minutes[share], 6);
        expect(turned.incidents).toBe(figures.incidents);
        for (const share of SHARES)
          expect(figures.sites.reduce((sum, site) => sum + site.minutes[share], 0)).toBeCloseTo(
            figures.minutes[share],
            3,
          );
        const { worst } = summaryPastOf(figures);
        expect(worst.length).toBeLessThanOrEqual(5);
        expect(worst.map(({ minutes }) => minutes)).toEqual(
          worst.map(({ minutes }) => minutes).toSorted((a, b) => b - a),
        );
      }),
    );
  });

  it("of one server's last days are those of the same period among all", () => {
    fc.assert(
      fc.property(world, (any) => {
        const report = inputOf(any);
        const week = { fromMs: report.nowMs - 7 * 86_400_000, toMs: report.nowMs };
        const among = periodFigures(report, week).servers.find(({ serverId }) => serverId === "a");
        expect(recentFigures(report, "a")!.week).toEqual(among);
      }),
    );
  });
});

describe("spans", () => {
  it("merged are apart, in order, and cover the same time", () => {
    fc.assert(
      fc.property(spans, hour, (all, probe) => {
        const merged = mergedSpans(all);
        const atMs = MONDAY_MS + probe * 3_600_000;
        const holds = (span: { fromMs: number; toMs: number }): boolean =>
          span.fromMs <= atMs && atMs < span.toMs;
        expect(merged.some(holds)).toBe(all.some(holds));
        for (const [index, span] of merged.entries()) {
          expect(span.toMs).toBeGreaterThan(span.fromMs);
          if (index > 0) expect(span.fromMs).toBeGreaterThan(merged[index - 1]!.toMs);
        }
      }),
    );
  });

  it("taken away leave the rest", () => {
    fc.assert(
      fc.property(spans, edges, (holes, [fromMs = 0, , toMs = 0]) => {
        const frame = { fromMs, toMs };
        const left = withoutSpans(frame, holes);
        const inside = mergedSpans(holes).map((hole) => ({
          fromMs: Math.min(Math.max(hole.fromMs, fromMs), toMs),
          toMs: Math.min(Math.max(hole.toMs, fromMs), toMs),
        }));
        expect(lengthMs(left) + lengthMs(inside)).toBeCloseTo(toMs - fromMs, 1);
      }),
    );
  });
});
