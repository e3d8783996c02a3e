/**
 * From the core's incidents, their evidence, timelines and rows to the views of the panel.
 * Why apart from the other views: an incident is the longest story, and the only one that is also read from the archive.
 * Must not: ask or command anything.
 */
import type { State } from "./core/state.ts";
import type { Evidence, Incident, Quiet, TimelineEntry } from "./core/types/incident.ts";
import type { Recipient } from "./core/types/registry.ts";
import type { Notification } from "./core/types/telling.ts";
import { probeView } from "./panel-views.ts";
import type {
  EvidenceView,
  IncidentView,
  MemberView,
  NotificationView,
  TimelineView,
} from "../web/source-incidents.ts";

export function evidenceView(evidence: Evidence): EvidenceView {
  const { wallMs: atMs } = evidence;
  switch (evidence.type) {
    case "last_heard":
      return { type: "last_heard", atMs, silentMs: evidence.silentMs };
    case "probe": {
      const { from, by, result } = evidence;
      return { type: "probe", from, by, result: probeView(result), atMs };
    }
    case "gateway":
      return { type: "gateway", address: evidence.address, verdict: evidence.verdict, atMs };
    case "sentinels":
      return { type: "sentinels", alive: evidence.alive, failed: evidence.failed, atMs };
    case "journal":
      return { type: "journal", finding: evidence.finding, atMs };
    case "socket":
      return { type: "socket", state: evidence.state, atMs };
    case "reboot":
      return { type: "reboot", clean: evidence.clean, atMs };
    case "agent_restarted":
      return { type: "agent_restarted", atMs };
  }
}

/** `nowMs`: an open incident has lasted until now. `memberIds`: of one that is no group of its own (a parent's). */
export function incidentView(
  incident: Incident,
  nowMs: number,
  memberIds: readonly string[] = [],
): IncidentView {
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
    memberIds: incident.group?.serverIds ?? memberIds,
    siteIds: incident.group?.siteIds ?? [],
    muted: incident.muted,
    quiet: quietView(incident.quiet, nowMs),
    checked: incident.checked && {
      by: incident.checked.by,
      atMs: incident.checked.wallMs,
      evidence: incident.checked.evidence.map(evidenceView),
    },
    announcement: incident.announcement && {
      by: incident.announcement.by,
      atMs: incident.announcement.wallMs,
      overAtMs: incident.announcement.overWallMs,
    },
    minutes: incident.minutes ?? none,
  };
}

/** As long as it lasts. */
function quietView(quiet: Quiet | null, nowMs: number): IncidentView["quiet"] {
  if (quiet === null || (quiet.untilWallMs !== null && quiet.untilWallMs <= nowMs)) return null;
  return { by: quiet.by, untilMs: quiet.untilWallMs };
}

/** The servers of an incident, each with its own incident as long as that lives. */
export function memberViews(state: State, incident: Incident, memberIds: readonly string[]): MemberView[] {
  const { tables, derived } = state;
  const own = new Map<string, Incident>();
  for (const id of derived.membersOf.get(incident.id) ?? []) {
    const member = tables.incident.get(id);
    if (member && member.serverId !== null) own.set(member.serverId, member);
  }
  const endings = new Map(incident.group?.endings.map((ending) => [ending.serverId, ending]));
  return memberIds.map((serverId) => {
    const server = tables.server.get(serverId);
    const site = server?.siteId == null ? undefined : tables.site.get(server.siteId);
    const member = own.get(serverId);
    const ending = endings.get(serverId);
    return {
      serverId,
      serverName: member?.serverName ?? server?.name ?? null,
      siteName: (member?.siteName || site?.name) ?? null,
      incidentId: member?.id ?? null,
      // The incident itself says which moment of the core was which of the wall: also after another start.
      backAtMs:
        member?.endedWallMs ??
        (ending ? Math.round(incident.startedWallMs + (ending.backCoreMs - incident.startedCoreMs)) : null),
    };
  });
}

export function timelineView(entry: TimelineEntry): TimelineView {
  const { wallMs: atMs, what } = entry;
  switch (what.type) {
    case "evidence":
      return { atMs, type: "evidence", evidence: evidenceView(what.evidence) };
    case "quieted":
      return { atMs, type: "quieted", by: what.by, untilMs: what.untilWallMs };
    default:
      return { atMs, ...what };
  }
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
