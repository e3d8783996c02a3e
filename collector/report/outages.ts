/**
 * What a period was like: each server's outages and their minutes, by site and in all; availability.
 * Why: the digest, the monthly report, the pictures and the panel must say the same figures.
 * Must not: read a clock or a store (incidents, servers and now are handed in), or count one outage twice: a group's own
 * incident, and the collector's, are nobody's downtime; the members carry theirs.
 */
import type { Incident, IncidentMinutes } from "../core/types/incident.ts";
import type { Server, Site } from "../core/types/registry.ts";
import type { SummaryPast } from "../core/types/telling.ts";
import {
  addedMinutes,
  countedMinutes,
  mainShare,
  NO_MINUTES,
  roundedMinutes,
  scaledMinutes,
  sharesOf,
  type Share,
} from "./shares.ts";
import { clippedSpan, lengthMs, mergedSpans, withoutSpans, type Span } from "./spans.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Of a summary: more would not be read. */
const WORST_MAX = 5;

export type ReportIncident = Pick<
  Incident,
  | "id"
  | "number"
  | "kind"
  | "serverId"
  | "siteId"
  | "serverName"
  | "siteName"
  | "groupedUnder"
  | "startedWallMs"
  | "endedWallMs"
  | "cause"
  | "finalCause"
  | "minutes"
>;

export interface ReportInput {
  /** Living and archived that overlap the period; of two with one id the first counts (hand in the living first). */
  readonly incidents: readonly ReportIncident[];
  /** Those that are watched now; leave out one that was never heard, or it counts as up. */
  readonly servers: readonly Pick<Server, "id" | "name" | "siteId" | "createdWallMs">[];
  readonly sites: readonly Pick<Site, "id" | "name">[];
  /** By server id, where known: time in which it was not watched. */
  readonly pausedSpans: ReadonlyMap<string, readonly Span[]>;
  readonly nowMs: number;
}

/** One stretch in which a server was out; stretches of one server never overlap. */
export interface Outage extends Span {
  readonly incidentNumber: number;
  /** Whose it is, in parts of one. */
  readonly shares: IncidentMinutes;
  readonly mainShare: Share;
}

interface Figures {
  /** Of outages; not rounded. */
  readonly minutes: IncidentMinutes;
  readonly watchedMs: number;
  /** 0 to 1; null: it was not watched at all. Planned minutes and the collector's do not lower it. */
  readonly availability: number | null;
}
export interface ServerFigures extends Figures {
  readonly serverId: string;
  readonly name: string;
  readonly siteId: string | null;
  /** Empty: it has none. */
  readonly siteName: string;
  /** False: it is gone since; its minutes count, its time and availability are unknown. */
  readonly isRegistered: boolean;
  /** Its own, grouped or not. */
  readonly incidents: number;
  /** Ascending. */
  readonly outages: readonly Outage[];
}
export interface SiteFigures extends Figures {
  /** null: servers without a site. */
  readonly siteId: string | null;
  readonly name: string;
  readonly servers: number;
  /** Its servers' own, added up. */
  readonly incidents: number;
  /** Stretches in which at least one of its servers was out, ascending. */
  readonly outages: readonly Span[];
}
export interface PeriodFigures extends Figures, Span {
  readonly servers: readonly ServerFigures[];
  readonly sites: readonly SiteFigures[];
  /** Those that are told by themselves: not grouped. */
  readonly incidents: number;
  /** When the collector itself was in trouble; in nobody's minutes. */
  readonly collectorTrouble: readonly Span[];
}

/** Of [fromMs, toMs), as far as it is past. */
export function periodFigures(input: ReportInput, period: Span): PeriodFigures {
  const until = { fromMs: period.fromMs, toMs: Math.min(period.toMs, input.nowMs) };
  const incidents = incidentsIn(input, period);
  const ofServer = grouped(incidents.filter(isOwn), (incident) => incident.serverId);
  const siteNames = new Map(input.sites.map((site) => [site.id, site.name]));
  const servers = input.servers.map((server): ServerFigures => {
    const since = { ...until, fromMs: Math.max(until.fromMs, server.createdWallMs) };
    const watched = withoutSpans(since, input.pausedSpans.get(server.id) ?? []);
    const own = ofServer.get(server.id) ?? [];
    ofServer.delete(server.id);
    return {
      serverId: server.id,
      name: server.name,
      siteId: server.siteId,
      siteName: (server.siteId === null ? undefined : siteNames.get(server.siteId)) ?? "",
      isRegistered: true,
      incidents: own.length,
      ...serverPart(own, watched, input.nowMs),
    };
  });
  for (const [serverId, own] of ofServer) {
    const [newest] = own.toSorted((a, b) => b.number - a.number);
    if (serverId === null || !newest) continue;
    const { outages, minutes } = serverPart(own, [until], input.nowMs);
    servers.push({
      serverId,
      name: newest.serverName,
      siteId: newest.siteId,
      siteName: (newest.siteId === null ? undefined : siteNames.get(newest.siteId)) ?? newest.siteName,
      isRegistered: false,
      incidents: own.length,
      outages,
      minutes,
      watchedMs: 0,
      availability: null,
    });
  }
  const trouble = incidents.filter((incident) => incident.kind === "collector_trouble");
  return {
    ...period,
    ...together(servers),
    servers,
    sites: sitesOf(servers),
    incidents: incidents.filter((incident) => incident.groupedUnder === null).length,
    collectorTrouble: mergedSpans(
      trouble.flatMap((incident) => clippedSpan(spanOf(incident, input.nowMs), until) ?? []),
    ),
  };
}

/** One server's last 24 hours, 7 and 30 times 24 hours; null: it is not among the servers. */
export function recentFigures(
  input: ReportInput,
  serverId: string,
): Readonly<Record<"day" | "week" | "month", ServerFigures>> | null {
  const server = input.servers.find(({ id }) => id === serverId);
  if (!server) return null;
  const own = {
    ...input,
    servers: [server],
    incidents: input.incidents.filter((one) => one.serverId === serverId),
  };
  const last = (days: number): ServerFigures | undefined =>
    periodFigures(own, { fromMs: input.nowMs - days * DAY_MS, toMs: input.nowMs }).servers[0];
  const [day, week, month] = [last(1), last(7), last(30)];
  return day && week && month ? { day, week, month } : null;
}

/**
 * For a digest or a report. The collector's own trouble is in its minutes, once and not for each server: otherwise nobody
 * would see it there.
 */
export function summaryPastOf(figures: PeriodFigures): SummaryPast {
  const trouble = { ...NO_MINUTES, collector: lengthMs(figures.collectorTrouble) / MINUTE_MS };
  const worst = figures.servers
    .map((server) => ({
      name: server.siteName === "" ? server.name : `${server.siteName} — ${server.name}`,
      incidents: server.incidents,
      minutes: Math.round(countedMinutes(server.minutes) * 10) / 10,
    }))
    .filter(({ minutes }) => minutes > 0)
    .sort((a, b) => b.minutes - a.minutes || b.incidents - a.incidents || (a.name < b.name ? -1 : 1));
  return {
    incidents: figures.incidents,
    minutes: roundedMinutes(addedMinutes([figures.minutes, trouble])),
    availability: figures.availability,
    worst: worst.slice(0, WORST_MAX),
  };
}

/** Minutes of these outages inside the frame. */
export function minutesIn(outages: readonly Outage[], frame: Span): IncidentMinutes {
  return addedMinutes(
    outages.map((outage) => {
      const part = clippedSpan(outage, frame);
      return part ? scaledMinutes(outage.shares, (part.toMs - part.fromMs) / MINUTE_MS) : NO_MINUTES;
    }),
  );
}

/** A share as percent with two decimals, rounded down: 100 is said only when nothing was missing. */
export function percentOf(availability: number): number {
  // 0.9942 × 10,000 is 9,942 less a hair.
  return Math.floor(availability * 10_000 + 1e-6) / 100;
}

/** Each once, of outages that overlap the period; one that ended in the moment it started counts where it started. */
function incidentsIn(input: ReportInput, period: Span): ReportIncident[] {
  const once = new Map<string, ReportIncident>();
  for (const incident of input.incidents) if (!once.has(incident.id)) once.set(incident.id, incident);
  return [...once.values()].filter((incident) => {
    // A server that is not well is not out.
    if (incident.kind === "health") return false;
    const { fromMs, toMs } = spanOf(incident, input.nowMs);
    return fromMs < period.toMs && (toMs > period.fromMs || fromMs >= period.fromMs);
  });
}

/** Is it one server's downtime, and not what stands for others or for the collector? */
function isOwn(incident: ReportIncident): boolean {
  switch (incident.kind) {
    case "site_down":
    case "mass_outage":
    case "collector_trouble":
    case "health":
      return false;
    default:
      return incident.serverId !== null;
  }
}

function spanOf(incident: ReportIncident, nowMs: number): Span {
  return { fromMs: incident.startedWallMs, toMs: incident.endedWallMs ?? nowMs };
}

function serverPart(
  own: readonly ReportIncident[],
  watched: readonly Span[],
  nowMs: number,
): Figures & Pick<ServerFigures, "outages"> {
  const outages = outagesOf(own, nowMs).flatMap((outage) =>
    watched.flatMap((span) => clippedSpan(outage, span) ?? []),
  );
  const minutes = minutesIn(outages, { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY });
  const watchedMs = lengthMs(watched);
  return { outages, minutes, watchedMs, availability: availabilityOf(minutes, watchedMs) };
}

/** Where incidents overlap, the time is that of the one that began first: each moment counts once, in whatever period. */
function outagesOf(own: readonly ReportIncident[], nowMs: number): Outage[] {
  const outages: Outage[] = [];
  let coveredToMs = Number.NEGATIVE_INFINITY;
  for (const incident of own.toSorted((a, b) => a.startedWallMs - b.startedWallMs || a.number - b.number)) {
    const span = spanOf(incident, nowMs);
    const fromMs = Math.max(span.fromMs, coveredToMs);
    if (fromMs >= span.toMs) continue;
    coveredToMs = span.toMs;
    const shares = sharesOf(incident);
    outages.push({
      fromMs,
      toMs: span.toMs,
      incidentNumber: incident.number,
      shares,
      mainShare: mainShare(shares),
    });
  }
  return outages;
}

/** Minutes of all; time and availability of those that are registered. */
function together(servers: readonly ServerFigures[]): Figures {
  const registered = servers.filter((server) => server.isRegistered);
  const watchedMs = registered.reduce((sum, server) => sum + server.watchedMs, 0);
  const known = addedMinutes(registered.map((server) => server.minutes));
  return {
    minutes: addedMinutes(servers.map((server) => server.minutes)),
    watchedMs,
    availability: availabilityOf(known, watchedMs),
  };
}

function sitesOf(servers: readonly ServerFigures[]): SiteFigures[] {
  return [...grouped(servers, (server) => server.siteId)].map(([siteId, ofSite]) => ({
    ...together(ofSite),
    siteId,
    name: ofSite.find((server) => server.siteName !== "")?.siteName ?? "",
    servers: ofSite.filter((server) => server.isRegistered).length,
    incidents: ofSite.reduce((sum, server) => sum + server.incidents, 0),
    outages: mergedSpans(ofSite.flatMap((server) => server.outages)),
  }));
}

function availabilityOf(minutes: IncidentMinutes, watchedMs: number): number | null {
  if (watchedMs <= 0) return null;
  return Math.min(1, Math.max(0, 1 - (countedMinutes(minutes) * MINUTE_MS) / watchedMs));
}

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
