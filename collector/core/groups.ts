/**
 * Which incident covers a verdict: a mass outage, a site's, a parent's, or none.
 * Why: one cause, one message. Only grouping may replace many alerts by one, and only while it is true.
 * Must not: decide that a server is down, or hold a verdict longer than T/3.
 */
import type { Draft } from "./draft.ts";
import { gatewayReached, newestTelling, observations, verdictOf } from "./evidence.ts";
import type { JudgementWithVariant } from "./evidence.ts";
import { gatewaySays } from "./gateways.ts";
import { hearingIn, hearingNow } from "./hearing.ts";
import { openGroup, sharedIncidents } from "./incidents.ts";
import { belongsToMass, massNow } from "./mass.ts";
import { failedTwice } from "./ping-only.ts";
import { ownNetworkSuspected, sentinelEvidence, sentinelsUndecided } from "./sentinels.ts";
import { downAfterOf } from "./times.ts";
import type { WitnessReport } from "./types/evidence.ts";
import type { Evidence, Incident } from "./types/incident.ts";
import type { Server } from "./types/registry.ts";
import type { Heard } from "./types/server.ts";

/** Parents of parents that are looked at: a VM, its host, its router, its hub, and some. */
const ANCESTORS_MAX = 8;
/** Observations of the first server that a group's incident carries. */
const OBSERVATIONS_MAX = 8;

/** Silence of a server on the hearing clock, ms. */
export function silentMs(draft: Draft, heard: Heard): number {
  const hearing = hearingIn(draft);
  return Math.max(0, hearingNow(hearing, draft.nowMs) - heard.hearingMs);
}

/** The parents of a server, the nearest first. */
function ancestors(draft: Draft, server: Server): Server[] {
  const found: Server[] = [];
  let next = server.parentId;
  while (next !== null && found.length < ANCESTORS_MAX && !found.some((one) => one.id === next)) {
    const parent = draft.server(next);
    if (!parent) break;
    found.push(parent);
    next = parent.parentId;
  }
  return found;
}

/** True while the verdict must wait: for the sentinels of a mass outage, or for a parent that is about to fall. At most T/3. */
export function isHeld(draft: Draft, server: Server, heard: Heard): boolean {
  const { times, settings } = draft.state;
  const silent = silentMs(draft, heard);
  if (silent >= downAfterOf(server, settings) + times.holdMs) return false;
  const mass = draft.get("mass", "");
  if (mass && belongsToMass(draft, mass.fromCoreMs, heard) && sentinelsUndecided(draft)) return true;
  return ancestors(draft, server).some((parent) => {
    const parentHeard = draft.get("heard", parent.id);
    if (!parentHeard || draft.get("detector", parent.id)?.status !== "suspect") return false;
    return downAfterOf(parent, settings) - silentMs(draft, parentHeard) <= times.holdMs;
  });
}

/** The incident that covers this server's verdict; opened now if it must be. null: it is told by itself. */
export function coverOf(draft: Draft, server: Server): Incident | null {
  const heard = draft.get("heard", server.id);
  if (!heard) return null;
  return massCover(draft, server, heard) ?? siteCover(draft, server, heard) ?? parentCover(draft, server);
}

// ── Mass ─────────────────────────────────────────────────────────────────────────────────────────────

function massCover(draft: Draft, server: Server, heard: Heard): Incident | null {
  for (const incident of sharedIncidents(draft)) {
    if (incident.kind !== "mass_outage" || !incident.group) continue;
    if (belongsToMass(draft, incident.startedCoreMs, heard)) return joined(draft, incident, server);
  }
  const mass = draft.get("mass", "");
  if (!mass || !belongsToMass(draft, mass.fromCoreMs, heard)) return null;
  const silent = massNow(draft, mass);
  if (!silent) return null;
  draft.put("mass", "", null);
  const sites = new Set(silent.map((id) => draft.server(id)?.siteId ?? ""));
  sites.delete("");
  const own = ownNetworkSuspected(draft);
  const opened = openGroup(
    draft,
    {
      kind: "mass_outage",
      variant: null,
      confidence: own ? "low" : "medium",
      cause: own ? "collector" : "unknown",
    },
    { type: "mass", siteIds: [...sites], serverIds: silent, backCoreMs: null, endings: [] },
    draft.state.tables.sentinel.size > 0 ? [sentinelEvidence(draft)] : [],
    mass.fromCoreMs,
  );
  // Its own status may be another one (its agent was stopped before): it belongs to them all the same, and is listed.
  return joined(draft, opened, server);
}

function joined(draft: Draft, incident: Incident, server: Server): Incident {
  if (!incident.group) return incident;
  const { siteIds, serverIds, endings } = incident.group;
  const isBackAgain = endings.some((ending) => ending.serverId === server.id);
  const isKnown = serverIds.includes(server.id);
  if (isKnown && !isBackAgain) return incident;
  const isNewSite = server.siteId !== null && !siteIds.includes(server.siteId);
  const group = {
    ...incident.group,
    // It was back, and is gone again: that was not how it ended.
    endings: isBackAgain ? endings.filter((ending) => ending.serverId !== server.id) : endings,
    serverIds: isKnown ? serverIds : [...serverIds, server.id],
    siteIds: isNewSite ? [...siteIds, server.siteId] : siteIds,
  };
  const next = { ...incident, group };
  draft.put("incident", incident.id, next);
  return next;
}

// ── Site ─────────────────────────────────────────────────────────────────────────────────────────────

function siteCover(draft: Draft, server: Server, heard: Heard): Incident | null {
  const { siteId } = server;
  if (siteId === null) return null;
  for (const incident of sharedIncidents(draft)) {
    if (incident.kind !== "site_down" || incident.siteId !== siteId || !incident.group) continue;
    const { backCoreMs } = incident.group;
    if (backCoreMs === null || heard.coreMs < backCoreMs) return joined(draft, incident, server);
  }
  const silent = silentTogether(draft, siteId, new Set());
  return silent === null ? null : openSite(draft, siteId, silent);
}

/**
 * All servers of the site that count are silent: they, the longest silent first. null: somebody is heard, or it is one
 * server without a gateway that tells. `alsoDown`: servers that are down already and count all the same.
 */
export function silentTogether(
  draft: Draft,
  siteId: string,
  alsoDown: ReadonlySet<string>,
): readonly Server[] | null {
  const silent: { readonly server: Server; readonly atMs: number }[] = [];
  for (const id of draft.state.derived.serversOf.get(siteId) ?? []) {
    const server = draft.server(id);
    const detector = draft.get("detector", id);
    const heard = draft.get("heard", id);
    if (!server || !detector || server.siteId !== siteId) continue;
    // Its host is down: that explains its silence, if it is silent.
    const isExplained = (): boolean =>
      !alsoDown.has(id) && ancestors(draft, server).some((parent) => isDown(draft, parent.id));
    switch (detector.status) {
      case "recovering":
        return null;
      case "down":
        if (alsoDown.has(id)) silent.push({ server, atMs: heard?.coreMs ?? draft.nowMs });
        break;
      case "up":
      case "suspect":
        if (!heard) break;
        if (
          server.mode === "ping"
            ? detector.status === "up" || !failedTwice(draft, server)
            : silentMs(draft, heard) < draft.state.times.latelyMs
        )
          return null;
        if (!isExplained()) silent.push({ server, atMs: heard.coreMs });
        break;
      case "new":
      case "planned":
      case "paused":
        break;
    }
  }
  silent.sort((a, b) => a.atMs - b.atMs || (a.server.id < b.server.id ? -1 : 1));
  const first = silent[0];
  if (!first) return null;
  const gateway = gatewaySays(draft, siteId, first.atMs)?.verdict ?? null;
  if (silent.length < 2) return gateway === "dead" ? silent.map((one) => one.server) : null;
  // One machine and its guests, behind a gateway that answers: it is that machine's outage.
  const servers = silent.map((one) => one.server);
  const ids = new Set(servers.map((server) => server.id));
  const roots = servers.filter((server) => !ancestors(draft, server).some((parent) => ids.has(parent.id)));
  return gateway === "alive" && roots.length === 1 ? null : servers;
}

function isDown(draft: Draft, serverId: string): boolean {
  return draft.get("detector", serverId)?.status === "down";
}

/** Opens the site's incident for servers that are silent together. */
export function openSite(draft: Draft, siteId: string, servers: readonly Server[]): Incident {
  const startedCoreMs = Math.min(
    draft.nowMs,
    ...servers.map((server) => draft.get("heard", server.id)?.coreMs ?? draft.nowMs),
  );
  const gateway = gatewaySays(draft, siteId, startedCoreMs);
  const evidence: Evidence[] = [
    {
      type: "last_heard",
      wallMs: Math.round(draft.at.wallMs - (draft.nowMs - startedCoreMs)),
      silentMs: Math.round(draft.nowMs - startedCoreMs),
    },
  ];
  if (gateway)
    evidence.push({
      type: "gateway",
      address: gateway.address,
      verdict: gateway.verdict,
      wallMs: Math.round(draft.at.wallMs - (draft.nowMs - gateway.coreMs)),
    });
  for (const server of servers) {
    if (evidence.length >= OBSERVATIONS_MAX) break;
    const round = newestTelling(draft.get("silence", server.id)?.rounds ?? []);
    if (!round) continue;
    const atWallMs = Math.round(draft.at.wallMs - (draft.nowMs - round.finishedCoreMs));
    evidence.push(...observations(round, atWallMs).slice(0, OBSERVATIONS_MAX - evidence.length));
  }
  const group = {
    type: "site" as const,
    siteIds: [siteId],
    serverIds: servers.map((server) => server.id),
    backCoreMs: null,
    endings: [],
  };
  return openGroup(draft, judgeSite(draft, siteId, servers, startedCoreMs), group, evidence, startedCoreMs);
}

/** What of a site is gone, from its gateway, its hosts and what witnesses of other sites reach. */
function judgeSite(
  draft: Draft,
  siteId: string,
  servers: readonly Server[],
  sinceCoreMs: number,
): JudgementWithVariant {
  const gateway = gatewaySays(draft, siteId, sinceCoreMs);
  const address = draft.get("site", siteId)?.gatewayAddress ?? null;
  let alive = 0;
  let dead = 0;
  const reached = new Set<string>();
  for (const server of servers) {
    const rounds = draft.get("silence", server.id)?.rounds ?? [];
    const round = newestTelling(rounds);
    if (round && verdictOf(round) === "alive") alive += 1;
    else if (round) dead += 1;
    for (const report of rounds.flatMap((one) => one.witnesses))
      if (seesSite(report, address)) reached.add(report.serverId);
  }
  const kind = "site_down" as const;
  if (alive > 0 && dead === 0)
    return { kind, variant: "agents", confidence: "medium", cause: "name_certificate_or_proxy" };
  if (alive > 0 || gateway?.verdict === "alive")
    return { kind, variant: "lan", confidence: "medium", cause: "site_lan" };
  if (reached.size >= draft.state.thresholds.witnessesAgree)
    return { kind, variant: "path", confidence: "medium", cause: "path_or_provider" };
  const confidence = gateway?.verdict === "dead" ? "high" : dead > 0 ? "medium" : "low";
  return { kind, variant: "link_or_power", confidence, cause: "site_link_or_power" };
}

/** An agent of another site reaches the gateway, or a host. */
function seesSite(report: WitnessReport, gatewayAddress: string | null): boolean {
  if (report.sameSite) return false;
  return verdictOf(report) === "alive" || gatewayReached([report], gatewayAddress) > 0;
}

// ── Parent ───────────────────────────────────────────────────────────────────────────────────────────

function parentCover(draft: Draft, server: Server): Incident | null {
  for (const parent of ancestors(draft, server)) {
    const detector = draft.get("detector", parent.id);
    if (detector?.status !== "down") continue;
    const incident = draft.get("incident", detector.incidentId);
    if (!incident) continue;
    // A parent that is grouped itself: whoever tells of it tells of this one too.
    const above = incident.groupedUnder === null ? undefined : draft.get("incident", incident.groupedUnder);
    return above && above.endedWallMs === null ? above : incident;
  }
  return null;
}
