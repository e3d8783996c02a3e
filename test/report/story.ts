/**
 * What tests of the report are told with: servers, incidents and pictures' words, each with usual values.
 * Must not: know what comes out.
 */
import type { Server, Site } from "../../collector/core/types/registry.ts";
import type { MonthPictureLabels } from "../../collector/report/month-picture.ts";
import type { Outage, ReportIncident, ReportInput } from "../../collector/report/outages.ts";
import type { ServerPictureLabels } from "../../collector/report/server-picture.ts";
import { NO_MINUTES, type Share } from "../../collector/report/shares.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** Monday, 2 November 2026, midnight in Jakarta. */
export const MONDAY_MS = Date.UTC(2026, 10, 1, 17);

export type StoryServer = Pick<Server, "id" | "name" | "siteId" | "createdWallMs">;

export function server(id: string, siteId: string | null = "makassar", createdWallMs = 0): StoryServer {
  return { id, name: `srv-${id}`, siteId, createdWallMs };
}

export const SITES: readonly Pick<Site, "id" | "name">[] = [
  { id: "makassar", name: "Makassar" },
  { id: "jayapura", name: "Jayapura" },
];

/** A server's own, of hours after Monday's midnight; the server's fault. */
export function incident(
  number: number,
  fromHour: number,
  toHour: number | null,
  more: Partial<ReportIncident> = {},
): ReportIncident {
  const minutes = toHour === null ? null : { ...NO_MINUTES, server: (toHour - fromHour) * 60 };
  return {
    id: `i${number}`,
    number,
    kind: "host_down",
    serverId: "a",
    siteId: "makassar",
    serverName: "srv-a",
    siteName: "Makassar",
    groupedUnder: null,
    startedWallMs: MONDAY_MS + fromHour * HOUR_MS,
    endedWallMs: toHour === null ? null : MONDAY_MS + toHour * HOUR_MS,
    cause: "unknown",
    finalCause: toHour === null ? null : "host_crash_or_power",
    minutes,
    ...more,
  };
}

export function input(incidents: readonly ReportIncident[], more: Partial<ReportInput> = {}): ReportInput {
  return {
    incidents,
    servers: [server("a"), server("b"), server("c", "jayapura")],
    sites: SITES,
    pausedSpans: new Map(),
    nowMs: MONDAY_MS + 7 * DAY_MS,
    ...more,
  };
}

/** Of hours after Monday's midnight. */
export function hours(from: number, to: number): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: MONDAY_MS + from * HOUR_MS, toMs: MONDAY_MS + to * HOUR_MS };
}

export function outage(from: number, to: number, share: Share, number = 1): Outage {
  return {
    ...hours(from, to),
    incidentNumber: number,
    shares: { ...NO_MINUTES, [share]: 1 },
    mainShare: share,
  };
}

const percent = (availability: number | null): string =>
  availability === null ? "–" : `${(availability * 100).toFixed(2)} %`;
const duration = (minutes: number): string => `${Math.round(minutes)} min`;
const legend = {
  up: "sehat",
  server: "server",
  link: "jaringan",
  planned: "terencana",
  collector: "kolektor",
  notWatched: "tak dipantau",
};

export const SERVER_LABELS: ServerPictureLabels = {
  day: "24 jam",
  week: "7 hari",
  legend,
  dayName: (day) => day.slice(5),
  percent,
  duration,
};
export const MONTH_LABELS: MonthPictureLabels = {
  availability: "Ketersediaan",
  incidents: "Insiden",
  legend,
  percent,
  duration,
  more: (rows, out) => `dan ${rows} lagi, ${out} terganggu`,
  noOutages: "Tidak ada gangguan",
};
