/**
 * From the core's records to the views of the panel.
 * Why apart from the source: pure mappings, one per view, where a field that must not be seen can be seen to be missing.
 * Must not: ask or command anything.
 */
import type { State } from "./core/state.ts";
import { downAfterOf } from "./core/times.ts";
import type {
  Evidence,
  Incident,
  Notification,
  ProbeResult,
  Recipient,
  Server,
  Site,
  TimelineEntry,
} from "./core/types.ts";
import type {
  EvidenceView,
  IncidentView,
  NotificationView,
  ProbeView,
  RecipientView,
  ServerView,
  SiteView,
  TimelineView,
} from "../web/source.ts";

export function siteView(site: Site): SiteView {
  const { createdWallMs: _, ...view } = site;
  return view;
}

export function probeView(result: ProbeResult): ProbeView {
  return { ...result };
}

/** Probe results shown on a server's page, newest first. */
const PROBES_SHOWN_MAX = 10;

/** A server as the panel shows it; null: its detector is not there yet. */
export function serverView(state: State, server: Server): ServerView | null {
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
  };
}

export function evidenceView(evidence: Evidence): EvidenceView {
  const { wallMs: atMs } = evidence;
  switch (evidence.type) {
    case "last_heard":
      return { type: "last_heard", atMs, silentMs: evidence.silentMs };
    case "probe":
      return { type: "probe", from: evidence.from, result: probeView(evidence.result), atMs };
    case "socket":
      return { type: "socket", state: evidence.state, atMs };
    case "reboot":
      return { type: "reboot", clean: evidence.clean, atMs };
    case "agent_restarted":
      return { type: "agent_restarted", atMs };
  }
}

/** `nowMs`: an open incident has lasted until now. */
export function incidentView(incident: Incident, nowMs: number): IncidentView {
  const none = { server: 0, link: 0, planned: 0, collector: 0 };
  const endedAtMs = incident.endedWallMs;
  return {
    id: incident.id,
    number: incident.number,
    kind: incident.kind,
    variant: incident.variant,
    serverId: incident.serverId,
    serverName: incident.serverName,
    siteId: incident.siteId,
    siteName: incident.siteName,
    groupedUnder: incident.groupedUnder,
    startedAtMs: incident.startedWallMs,
    detectedAtMs: incident.detectedWallMs,
    endedAtMs,
    durationMs: Math.max(0, (endedAtMs ?? nowMs) - incident.startedWallMs),
    confidence: incident.confidence,
    cause: incident.cause,
    finalCause: incident.finalCause,
    evidence: incident.evidence.map(evidenceView),
    acknowledgedBy: incident.acknowledgedBy,
    minutes: incident.minutes ?? none,
  };
}

export function timelineView(entry: TimelineEntry): TimelineView {
  const { wallMs: atMs, what } = entry;
  return what.type === "evidence"
    ? { atMs, type: "evidence", evidence: evidenceView(what.evidence) }
    : { atMs, ...what };
}

export function notificationView(row: Notification, recipient: Recipient | undefined): NotificationView {
  return {
    id: row.id,
    recipientName: recipient?.name ?? "",
    channel: row.channel,
    step: row.step,
    reason: row.reason,
    status: row.status,
    attempts: row.attempts,
    lastError: row.lastError,
    repeat: row.repeat,
    queuedAtMs: row.queuedWallMs,
    settledAtMs: row.settledWallMs,
  };
}

export function recipientView(recipient: Recipient): RecipientView {
  return {
    id: recipient.id,
    channel: recipient.channel,
    address: recipient.address,
    name: recipient.name,
    language: recipient.language,
    enabled: recipient.enabled,
    disabledReason: recipient.disabledReason,
  };
}
