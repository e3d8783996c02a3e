/**
 * From the core's sites, servers and maintenance to the views of the panel.
 * Why apart from the source: pure mappings, one per view, where a field that must not be seen can be seen to be missing.
 * Must not: ask or command anything.
 */
import { FLAPPING_WINDOW_MS } from "./core/flapping.ts";
import { clockOf } from "./core/hearing.ts";
import type { State } from "./core/state.ts";
import { downAfterOf } from "./core/times.ts";
import type { ProbeResult, ProbeVerdict } from "./core/types/evidence.ts";
import type { Maintenance, Server, Site } from "./core/types/registry.ts";
import type { ServerLog } from "./core/types/server.ts";
import type { MaintenanceView } from "../web/source.ts";
import type {
  GatewayView,
  ProbeView,
  ServerLogView,
  ServerMarks,
  ServerView,
  SiteView,
} from "../web/source-servers.ts";

/** Unix ms of a moment on the core's line of time, by the wall clock as it stands now. */
export function wallOf(state: State, coreMs: number): number {
  const clock = clockOf(state);
  return Math.round(clock.wallMs - (clock.coreMs - coreMs));
}

export function siteView(state: State, site: Site): SiteView {
  const { createdWallMs: _, ...view } = site;
  return { ...view, gateway: gatewayView(state, site) };
}

/** One answer that proves life outweighs the others; nothing asked says nothing. */
function verdictOf(results: readonly ProbeResult[]): ProbeVerdict {
  const said = new Set(results.map(({ verdict }) => verdict));
  return said.has("alive") ? "alive" : said.has("dead") ? "dead" : "none";
}

function gatewayView(state: State, site: Site): GatewayView | null {
  if (site.gatewayAddress === null) return null;
  const gateway = state.tables.gateway.get(site.id);
  // The record of another address says nothing about this one.
  if (gateway?.address !== site.gatewayAddress) return { asked: 0, answered: 0, last: null };
  const round = gateway.rounds.at(-1);
  return {
    asked: gateway.asked,
    answered: gateway.answered,
    last: round ? { verdict: verdictOf(round.results), atMs: wallOf(state, round.finishedCoreMs) } : null,
  };
}

export function probeView(result: ProbeResult): ProbeView {
  return {
    kind: result.kind,
    target: result.target,
    verdict: result.verdict,
    detail: result.detail,
    roundTripMs: result.roundTripMs,
    banner: result.banner ?? null,
    asExpected: result.asExpected ?? null,
  };
}

/** Probe results shown on a server's page, newest first. */
const PROBES_SHOWN_MAX = 10;

/** A server as the panel shows it; null: its detector is not there yet. */
export function serverView(state: State, server: Server, muting: Muting): ServerView | null {
  const { tables, settings } = state;
  const detector = tables.detector.get(server.id);
  if (!detector) return null;
  const heard = tables.heard.get(server.id);
  const agent = tables.agent.get(server.id);
  const health = tables.health.get(server.id);
  const site = server.siteId === null ? undefined : tables.site.get(server.siteId);
  const probes = (tables.silence.get(server.id)?.rounds ?? []).toReversed().flatMap((round) => round.results);
  return {
    id: server.id,
    name: server.name,
    siteId: server.siteId,
    siteName: site?.name ?? null,
    address: server.address,
    probePorts: server.probePorts,
    check: server.check,
    mode: server.mode,
    status: detector.status,
    statusSinceMs: detector.sinceWallMs,
    lastHeartbeatMs: heard && heard.wallMs > 0 ? heard.wallMs : null,
    downAfterSeconds: downAfterOf(server, settings) / 1000,
    ownDownAfterSeconds: server.downAfterMs === null ? null : server.downAfterMs / 1000,
    latitude: server.latitude,
    longitude: server.longitude,
    parentId: server.parentId,
    tags: server.tags,
    openIncidentId:
      detector.status === "down" || detector.status === "recovering" ? detector.incidentId : null,
    agent: agent
      ? { version: agent.version, enrolledAtMs: agent.enrolledWallMs, inventory: agent.inventory }
      : null,
    health: health ? { atMs: health.wallMs, sample: health.sample } : null,
    probes: probes.slice(0, PROBES_SHOWN_MAX).map(probeView),
    marks: marksOf(state, server, muting),
  };
}

/** The windows that are open now, by what they mute; made once for a whole list of servers. */
export interface Muting {
  readonly everything: Maintenance | null;
  readonly bySite: ReadonlyMap<string, Maintenance>;
  readonly byServer: ReadonlyMap<string, Maintenance>;
}

/** Of several windows over the same the one that ends last. */
export function mutingAt(state: State, nowMs: number): Muting {
  const bySite = new Map<string, Maintenance>();
  const byServer = new Map<string, Maintenance>();
  let everything: Maintenance | null = null;
  const later = (a: Maintenance | null | undefined, b: Maintenance) =>
    a && a.endsWallMs >= b.endsWallMs ? a : b;
  for (const window of state.tables.maintenance.values()) {
    if (nowMs < window.startsWallMs || nowMs >= window.endsWallMs) continue;
    if (window.serverId !== null) byServer.set(window.serverId, later(byServer.get(window.serverId), window));
    else if (window.siteId !== null) bySite.set(window.siteId, later(bySite.get(window.siteId), window));
    else everything = later(everything, window);
  }
  return { everything, bySite, byServer };
}

function marksOf(state: State, server: Server, muting: Muting): ServerMarks {
  const { tables } = state;
  const flapping = tables.flapping.get(server.id);
  const unstable = tables.unstable.get(server.id);
  const identity = tables.identity.get(server.id);
  const nowCoreMs = clockOf(state).coreMs;
  const recently = (unstable?.endedCoreMs ?? []).filter((atMs) => nowCoreMs - atMs < FLAPPING_WINDOW_MS);
  const said = unstable?.loggedCoreMs ?? null;
  const windows = [
    muting.everything,
    server.siteId === null ? null : muting.bySite.get(server.siteId),
    muting.byServer.get(server.id),
  ].flatMap((window) => window ?? []);
  const window = windows.sort((a, b) => b.endsWallMs - a.endsWallMs)[0];
  return {
    flapping:
      flapping && flapping.sinceCoreMs !== null
        ? { sinceMs: wallOf(state, flapping.sinceCoreMs), incidents: flapping.incidents }
        : null,
    // As long as the core's own line about it is not older than what it counts.
    unstable:
      said !== null && nowCoreMs - said < FLAPPING_WINDOW_MS && recently.length > 0
        ? { suspicions: recently.length }
        : null,
    duplicate:
      identity && identity.duplicateSinceCoreMs !== null
        ? {
            sinceMs: wallOf(state, identity.duplicateSinceCoreMs),
            addresses: [...new Set(identity.seen.map(({ peerAddress }) => peerAddress))],
          }
        : null,
    maintenance: window ? { endsAtMs: window.endsWallMs, note: window.note } : null,
  };
}

export function serverLogView(log: ServerLog | undefined): ServerLogView[] {
  return (log?.entries ?? []).map(({ wallMs, what }) => ({ atMs: wallMs, what })).reverse();
}

export function maintenanceView(window: Maintenance): MaintenanceView {
  return {
    id: window.id,
    siteId: window.siteId,
    serverId: window.serverId,
    startsAtMs: window.startsWallMs,
    endsAtMs: window.endsWallMs,
    note: window.note,
    createdBy: window.createdBy,
    createdAtMs: window.createdWallMs,
  };
}
