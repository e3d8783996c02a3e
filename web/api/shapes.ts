/**
 * The shapes of the JSON API, made from the source's views: the contract other programs are run against.
 * Must not: drop or rename a field; adding one is fine. Times are RFC 3339 in UTC.
 */
import type { MaintenanceView } from "../source.ts";
import type {
  EvidenceView,
  IncidentView,
  JournalFindingView,
  MemberView,
  NotificationView,
  TimelineView,
} from "../source-incidents.ts";
import type { ProbeView, ServerLogView, ServerView, SiteView } from "../source-servers.ts";

export const timeShape = (atMs: number) => new Date(atMs).toISOString();
export const timeOrNull = (atMs: number | null) => (atMs === null ? null : timeShape(atMs));

function gatewayShape({ asked, answered, last }: NonNullable<SiteView["gateway"]>) {
  return {
    asked,
    answered,
    last: last === null ? null : { verdict: last.verdict, at: timeShape(last.atMs) },
  };
}

export function siteShape(site: SiteView) {
  return {
    id: site.id,
    name: site.name,
    code: site.code,
    address: site.address,
    latitude: site.latitude,
    longitude: site.longitude,
    timeZone: site.timeZone,
    gatewayAddress: site.gatewayAddress,
    contact: site.contact,
    provider: site.provider,
    circuitId: site.circuitId,
    gateway: site.gateway === null ? null : gatewayShape(site.gateway),
  };
}

export function probeShape(probe: ProbeView) {
  return {
    kind: probe.kind,
    target: probe.target,
    verdict: probe.verdict,
    detail: probe.detail,
    roundTripMs: probe.roundTripMs,
    banner: probe.banner,
    asExpected: probe.asExpected,
  };
}

function agentShape(agent: NonNullable<ServerView["agent"]>) {
  const { inventory } = agent;
  return {
    version: agent.version,
    enrolledAt: timeShape(agent.enrolledAtMs),
    hostName: inventory?.hostName ?? null,
    platform: inventory?.platform ?? null,
    os: inventory?.osName ?? null,
    kernel: inventory?.kernel ?? null,
    arch: inventory?.arch ?? null,
    cpuModel: inventory?.cpuModel ?? null,
    cpuCount: inventory?.cpuCount ?? null,
    memoryTotalBytes: inventory?.memoryTotalBytes ?? null,
    manufacturer: inventory?.manufacturer ?? null,
    model: inventory?.model ?? null,
    virtual: inventory?.virtual ?? null,
  };
}

function marksShape({ flapping, unstable, duplicate, maintenance }: ServerView["marks"]) {
  return {
    flapping:
      flapping === null ? null : { since: timeShape(flapping.sinceMs), incidents: flapping.incidents },
    unstable: unstable === null ? null : { suspicions: unstable.suspicions },
    duplicate:
      duplicate === null ? null : { since: timeShape(duplicate.sinceMs), addresses: duplicate.addresses },
    maintenance:
      maintenance === null ? null : { endsAt: timeShape(maintenance.endsAtMs), note: maintenance.note },
  };
}

export function serverShape(server: ServerView) {
  return {
    id: server.id,
    name: server.name,
    siteId: server.siteId,
    address: server.address,
    mode: server.mode,
    status: server.status,
    statusSince: timeShape(server.statusSinceMs),
    lastHeartbeatAt: timeOrNull(server.lastHeartbeatMs),
    downAfterSeconds: server.downAfterSeconds,
    latitude: server.latitude,
    longitude: server.longitude,
    parentId: server.parentId,
    tags: server.tags,
    probePorts: server.probePorts,
    check: server.check,
    openIncidentId: server.openIncidentId,
    agent: server.agent === null ? null : agentShape(server.agent),
    health: server.health === null ? null : { at: timeShape(server.health.atMs), ...server.health.sample },
    probes: server.probes.map(probeShape),
    marks: marksShape(server.marks),
  };
}

export function serverLogShape({ atMs, what }: ServerLogView) {
  return { at: timeShape(atMs), ...what };
}

function findingShape(finding: JournalFindingView) {
  return finding.type === "stood_still" || finding.type === "slept"
    ? { type: finding.type, forSeconds: finding.forMs / 1_000 }
    : finding;
}

export function evidenceShape(evidence: EvidenceView) {
  const at = timeShape(evidence.atMs);
  switch (evidence.type) {
    case "last_heard":
      return { type: evidence.type, at, silentSeconds: evidence.silentMs / 1_000 };
    case "probe":
      return {
        type: evidence.type,
        at,
        from: evidence.from,
        by: evidence.by,
        result: probeShape(evidence.result),
      };
    case "gateway":
      return { type: evidence.type, at, address: evidence.address, verdict: evidence.verdict };
    case "sentinels":
      return { type: evidence.type, at, alive: evidence.alive, failed: evidence.failed };
    case "journal":
      return { type: evidence.type, at, finding: findingShape(evidence.finding) };
    case "socket":
      return { type: evidence.type, at, state: evidence.state };
    case "reboot":
      return { type: evidence.type, at, clean: evidence.clean };
    case "agent_restarted":
      return { type: evidence.type, at };
  }
}

export function incidentShape(incident: IncidentView) {
  const { quiet, checked, announcement } = incident;
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
    startedAt: timeShape(incident.startedAtMs),
    detectedAt: timeShape(incident.detectedAtMs),
    endedAt: timeOrNull(incident.endedAtMs),
    confidence: incident.confidence,
    cause: incident.cause,
    finalCause: incident.finalCause,
    evidence: incident.evidence.map(evidenceShape),
    acknowledgedBy: incident.acknowledgedBy,
    members: incident.memberIds,
    memberSites: incident.siteIds,
    muted: incident.muted,
    quiet: quiet && { by: quiet.by, untilAt: timeOrNull(quiet.untilMs) },
    checked: checked && {
      by: checked.by,
      at: timeShape(checked.atMs),
      evidence: checked.evidence.map(evidenceShape),
    },
    announcement: announcement && {
      by: announcement.by,
      at: timeShape(announcement.atMs),
      overAt: timeOrNull(announcement.overAtMs),
    },
    minutes: {
      server: incident.minutes.server,
      link: incident.minutes.link,
      planned: incident.minutes.planned,
      collector: incident.minutes.collector,
    },
  };
}

/** A server of a group, in the answer about one incident; `members` of every incident are the ids alone. */
export function memberShape(member: MemberView) {
  return {
    serverId: member.serverId,
    serverName: member.serverName,
    siteName: member.siteName,
    incidentId: member.incidentId,
    backAt: timeOrNull(member.backAtMs),
  };
}

export function maintenanceShape(window: MaintenanceView) {
  return {
    id: window.id,
    siteId: window.siteId,
    serverId: window.serverId,
    startsAt: timeShape(window.startsAtMs),
    endsAt: timeShape(window.endsAtMs),
    note: window.note,
    createdBy: window.createdBy,
    createdAt: timeShape(window.createdAtMs),
  };
}

export function timelineShape(entry: TimelineView) {
  const { atMs, ...rest } = entry;
  if (rest.type === "evidence")
    return { at: timeShape(atMs), type: rest.type, evidence: evidenceShape(rest.evidence) };
  if (rest.type === "quieted")
    return { at: timeShape(atMs), type: rest.type, by: rest.by, untilAt: timeOrNull(rest.untilMs) };
  return { at: timeShape(atMs), ...rest };
}

export function notificationShape(row: NotificationView) {
  return {
    id: row.id,
    recipientName: row.recipientName,
    channel: row.channel,
    step: row.step,
    reason: row.reason,
    status: row.status,
    attempts: row.attempts,
    lastError: row.lastError,
    repeat: row.repeat,
    queuedAt: timeShape(row.queuedAtMs),
    settledAt: timeOrNull(row.settledAtMs),
  };
}
