/**
 * Incidents: open, change their kind, close, move to the archive; and the message about them, as data.
 * Why here: an incident, its server's status and its outbox rows are one decision and so one commit (S5).
 * Must not: decide that a server is down (detector) or who is reached when (outbox).
 */
import { dropToldWithoutIncident } from "./delivery.ts";
import type { Draft } from "./draft.ts";
import { finalCause, isWorse } from "./evidence.ts";
import type { Judgement } from "./evidence.ts";
import { isOpen } from "./apply.ts";
import { enqueueForAll, enqueueRecovery, note, rowsOf, supersedeWaiting, withLine } from "./outbox.ts";
import type {
  CloseReason,
  Evidence,
  Heard,
  Incident,
  IncidentMinutes,
  Message,
  Server,
  Step,
} from "./types.ts";

/** Opens the incident of a server and its rows. Returns it. */
export function open(
  draft: Draft,
  server: Server,
  judgement: Judgement,
  evidence: readonly Evidence[],
): Incident {
  const meta = draft.meta();
  const heard = draft.get("heard", server.id);
  const site = server.siteId === null ? undefined : draft.get("site", server.siteId);
  const startedCoreMs = heard?.coreMs ?? draft.nowMs;
  // The silence is measured; the wall clock may have been stepped meanwhile, so the start is counted back from now.
  const startedWallMs = Math.round(draft.at.wallMs - Math.max(0, draft.nowMs - startedCoreMs));
  const bare: Incident = {
    id: `i${meta.nextIncidentNumber}`,
    number: meta.nextIncidentNumber,
    kind: judgement.kind,
    variant: null,
    serverId: server.id,
    siteId: server.siteId,
    serverName: server.name,
    siteName: site?.name ?? "",
    groupedUnder: null,
    startedWallMs,
    startedCoreMs,
    detectedWallMs: draft.at.wallMs,
    detectedCoreMs: draft.nowMs,
    endedWallMs: null,
    endedCoreMs: null,
    closeReason: null,
    confidence: judgement.confidence,
    cause: judgement.cause,
    finalCause: null,
    evidence,
    acknowledgedBy: null,
    timeline: [],
    minutes: null,
    bootIdBefore: heard?.bootId ?? null,
    agentStartedBootMsBefore: heard?.agentStartedBootMs ?? null,
  };
  let incident = withLine(bare, draft.at.wallMs, {
    type: "opened",
    kind: judgement.kind,
    confidence: judgement.confidence,
    cause: judgement.cause,
  });
  for (const item of evidence)
    incident = withLine(incident, draft.at.wallMs, { type: "evidence", evidence: item });
  draft.put("meta", "", { ...draft.meta(), nextIncidentNumber: meta.nextIncidentNumber + 1 });
  draft.put("incident", incident.id, incident);
  enqueueForAll(draft, incident.id, server.id, "down", "first", messageOf(draft, incident, server, "down"));
  draft.publish("incident", incident.id);
  return incident;
}

/** New evidence while it is down. Worse: told once more. Milder or equal: recorded. */
export function changeKind(
  draft: Draft,
  incidentId: string,
  server: Server,
  judgement: Judgement,
  evidence: readonly Evidence[],
): void {
  const before = draft.get("incident", incidentId);
  if (!before || before.endedWallMs !== null || before.kind === judgement.kind) return;
  const worse = isWorse(before.kind, judgement.kind);
  const incident = withLine(
    {
      ...before,
      kind: judgement.kind,
      confidence: judgement.confidence,
      cause: judgement.cause,
      evidence: [...before.evidence.filter((item) => item.type !== "probe"), ...evidence],
    },
    draft.at.wallMs,
    { type: "kind_changed", from: before.kind, to: judgement.kind },
  );
  draft.put("incident", incidentId, incident);
  if (worse) {
    enqueueForAll(
      draft,
      incidentId,
      server.id,
      "worse",
      "worse",
      messageOf(draft, incident, server, "worse"),
    );
  }
  draft.publish("incident", incidentId);
}

/** The server was heard twice again, first at `endedCoreMs`: closes and tells the end. */
export function recover(
  draft: Draft,
  incidentId: string,
  server: Server,
  endedCoreMs: number,
  now: Heard | null,
): void {
  const before = draft.get("incident", incidentId);
  if (!before || before.endedWallMs !== null) return;
  const cause = finalCause(
    before.kind,
    before.cause,
    { bootId: before.bootIdBefore, agentStartedBootMs: before.agentStartedBootMsBefore },
    now,
  );
  const incident = closed(draft, before, "recovered", endedCoreMs, cause);
  draft.put("incident", incidentId, incident);
  enqueueRecovery(draft, incident, (step) =>
    messageOf(draft, draft.get("incident", incidentId) ?? incident, server, step),
  );
  archiveIfTold(draft, incidentId);
  draft.publish("incident", incidentId);
}

/** Staff removed or paused the server: closes without a message. */
export function closeByStaff(
  draft: Draft,
  incidentId: string,
  reason: Exclude<CloseReason, "recovered">,
): void {
  const before = draft.get("incident", incidentId);
  if (!before || before.endedWallMs !== null) return;
  draft.put("incident", incidentId, closed(draft, before, reason, draft.nowMs, before.cause));
  note(draft, incidentId, { type: "notify", recipientName: null, reason, send: false });
  supersedeWaiting(draft, incidentId);
  archiveIfTold(draft, incidentId);
  draft.publish("incident", incidentId);
}

function closed(
  draft: Draft,
  incident: Incident,
  reason: CloseReason,
  endedCoreMs: number,
  cause: Incident["cause"],
): Incident {
  const durationMs = Math.max(0, endedCoreMs - incident.startedCoreMs);
  return withLine(
    {
      ...incident,
      endedCoreMs,
      endedWallMs: Math.round(incident.startedWallMs + durationMs),
      closeReason: reason,
      finalCause: cause,
      minutes: minutesOf(cause, durationMs),
    },
    draft.at.wallMs,
    { type: "closed", reason, finalCause: cause },
  );
}

/** Whose minutes they are, by the final cause. Rounded to a tenth. */
export function minutesOf(cause: Incident["cause"], durationMs: number): IncidentMinutes {
  const minutes = Math.round(durationMs / 6_000) / 10;
  const none = { server: 0, link: 0, planned: 0, collector: 0 };
  switch (cause) {
    case "connection":
    case "path_or_provider":
    case "site_link":
    case "site_lan":
    case "site_link_or_power":
    case "name_certificate_or_proxy":
      return { ...none, link: minutes };
    case "planned":
      return { ...none, planned: minutes };
    case "collector":
      return { ...none, collector: minutes };
    default:
      return { ...none, server: minutes };
  }
}

/** A closed incident leaves the living state as soon as nothing of it waits to be told. */
function archiveIfTold(draft: Draft, incidentId: string): void {
  const incident = draft.get("incident", incidentId);
  if (!incident || incident.endedWallMs === null) return;
  const notifications = rowsOf(draft, incidentId);
  if (notifications.some(isOpen)) return;
  draft.put("archive", incidentId, { incident, notifications });
  draft.put("incident", incidentId, null);
  for (const row of notifications) draft.put("notification", row.id, null);
}

/** What a person needs to know of an incident, as data; channels put it into words. */
export function messageOf(draft: Draft, incident: Incident, server: Server, step: Step): Message {
  const site = server.siteId === null ? undefined : draft.get("site", server.siteId);
  const { settings } = draft.state;
  const hasOwnPlace = server.latitude !== null && server.longitude !== null;
  return {
    step,
    incidentNumber: incident.number,
    kind: incident.kind,
    variant: incident.variant,
    serverName: server.name,
    siteName: site?.name ?? null,
    siteAddress: site?.address || null,
    latitude: hasOwnPlace ? server.latitude : (site?.latitude ?? null),
    longitude: hasOwnPlace ? server.longitude : (site?.longitude ?? null),
    timeZone: site?.timeZone ?? settings.timeZone,
    startedWallMs: incident.startedWallMs,
    detectedWallMs: incident.detectedWallMs,
    endedWallMs: incident.endedWallMs,
    durationMs:
      incident.endedCoreMs === null
        ? null
        : Math.round(Math.max(0, incident.endedCoreMs - incident.startedCoreMs)),
    confidence: incident.confidence,
    cause: incident.cause,
    finalCause: incident.finalCause,
    evidence: incident.evidence,
    panelUrl: settings.publicUrl === null ? null : `${settings.publicUrl}/incidents/${incident.id}`,
  };
}

/** Closed incidents whose last row settled, and messages without an incident, leave the living state. */
export function archiveTold(draft: Draft): void {
  for (const incident of draft.state.tables.incident.values())
    if (incident.endedWallMs !== null) archiveIfTold(draft, incident.id);
  dropToldWithoutIncident(draft);
}
