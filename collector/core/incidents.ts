/**
 * Incidents: open, change their kind, close, move to the archive.
 * Why here: an incident, its server's status and its outbox rows are one decision and so one commit (S5).
 * Must not: decide that a server is down (detector), what it is grouped under (groups) or who is reached when (outbox).
 */
import { dropToldWithoutIncident } from "./delivery.ts";
import type { Draft } from "./draft.ts";
import { finalCause, findings, groupCause, minutesOf } from "./causes.ts";
import { isWorse } from "./evidence.ts";
import type { Judgement } from "./evidence.ts";
import { isOpen } from "./apply.ts";
import { countIncident } from "./flapping.ts";
import { inMaintenance } from "./maintenance.ts";
import { messageOf } from "./messages.ts";
import { enqueueForAll, enqueueRecovery, note, rowsOf, supersedeWaiting, withLine } from "./outbox.ts";
import type {
  CloseReason,
  Evidence,
  GroupFacts,
  Heard,
  Incident,
  JournalDigest,
  NotifyReason,
  Server,
} from "./types.ts";

/** Members whose ending a group remembers: enough to tell its cause; 5,000 would be rewritten 5,000 times. */
const ENDINGS_MAX = 100;

/** Open incidents of no single server, as this decision leaves them. */
export function sharedIncidents(draft: Draft): Incident[] {
  return living(draft, draft.state.derived.sharedIncidents, draft.openedShared);
}

/** Open incidents grouped under `groupId`, as this decision leaves them. */
export function membersOf(draft: Draft, groupId: string): Incident[] {
  return living(draft, draft.state.derived.membersOf.get(groupId), draft.opened).filter(
    (incident) => incident.groupedUnder === groupId,
  );
}

function living(draft: Draft, ids: ReadonlySet<string> | undefined, opened: readonly string[]): Incident[] {
  const found: Incident[] = [];
  for (const id of [...(ids ?? []), ...opened]) {
    const incident = draft.get("incident", id);
    if (incident && incident.endedWallMs === null) found.push(incident);
  }
  return found;
}

type Opening = Pick<Incident, "serverId" | "siteId" | "serverName" | "siteName" | "group" | "variant"> &
  Judgement & { readonly evidence: readonly Evidence[]; readonly startedCoreMs: number };

/** A new open incident with its first lines, not told to anybody yet. */
function begun(
  draft: Draft,
  opening: Opening,
  heard: Heard | undefined,
  groupedUnder: string | null,
): Incident {
  const { startedCoreMs } = opening;
  const meta = draft.meta();
  draft.put("meta", "", { ...meta, nextIncidentNumber: meta.nextIncidentNumber + 1 });
  let incident: Incident = {
    id: `i${meta.nextIncidentNumber}`,
    number: meta.nextIncidentNumber,
    kind: opening.kind,
    variant: opening.variant,
    serverId: opening.serverId,
    siteId: opening.siteId,
    serverName: opening.serverName,
    siteName: opening.siteName,
    groupedUnder,
    // The silence is measured; the wall clock may have been stepped meanwhile, so the start is counted back from now.
    startedWallMs: Math.round(draft.at.wallMs - Math.max(0, draft.nowMs - startedCoreMs)),
    startedCoreMs,
    detectedWallMs: draft.at.wallMs,
    detectedCoreMs: draft.nowMs,
    endedWallMs: null,
    endedCoreMs: null,
    closeReason: null,
    confidence: opening.confidence,
    cause: opening.cause,
    finalCause: null,
    evidence: opening.evidence,
    acknowledgedBy: null,
    timeline: [],
    minutes: null,
    bootIdBefore: heard?.bootId ?? null,
    agentStartedBootMsBefore: heard?.agentStartedBootMs ?? null,
    group: opening.group,
    muted: false,
    causeDueCoreMs: null,
  };
  incident = withLine(incident, draft.at.wallMs, {
    type: "opened",
    kind: opening.kind,
    confidence: opening.confidence,
    cause: opening.cause,
  });
  for (const evidence of opening.evidence)
    incident = withLine(incident, draft.at.wallMs, { type: "evidence", evidence });
  draft.open(incident);
  draft.publish("incident", incident.id);
  return incident;
}

/** Opens the incident of a server: told by itself, or (`cover`) by the incident that stands for several. */
export function open(
  draft: Draft,
  server: Server,
  judgement: Judgement & { readonly variant: string | null },
  evidence: readonly Evidence[],
  cover: Incident | null,
): Incident {
  const heard = draft.get("heard", server.id);
  const site = server.siteId === null ? undefined : draft.get("site", server.siteId);
  // What the journal of an earlier outage said is over.
  draft.put("journal", server.id, null);
  const incident = begun(
    draft,
    {
      ...judgement,
      serverId: server.id,
      siteId: server.siteId,
      serverName: server.name,
      siteName: site?.name ?? "",
      group: null,
      evidence,
      startedCoreMs: heard?.coreMs ?? draft.nowMs,
    },
    heard,
    cover?.id ?? null,
  );
  if (!cover) {
    tell(draft, incident.id, "first");
  } else {
    note(draft, incident.id, { type: "grouped", incidentId: cover.id, number: cover.number });
    note(draft, incident.id, { type: "notify", recipientName: null, reason: "grouped", send: false });
    note(draft, cover.id, { type: "joined", serverName: server.name });
  }
  return draft.get("incident", incident.id) ?? incident;
}

/** Opens an incident that stands for several servers, and tells it. */
export function openGroup(
  draft: Draft,
  judgement: Judgement & { readonly variant: string | null },
  group: GroupFacts,
  evidence: readonly Evidence[],
  startedCoreMs: number,
): Incident {
  const siteId = group.type === "site" ? (group.siteIds[0] ?? null) : null;
  const site = siteId === null ? undefined : draft.get("site", siteId);
  const incident = begun(
    draft,
    {
      ...judgement,
      serverId: null,
      siteId,
      serverName: "",
      siteName: site?.name ?? "",
      group,
      evidence,
      startedCoreMs,
    },
    undefined,
    null,
  );
  tell(draft, incident.id, "first");
  return draft.get("incident", incident.id) ?? incident;
}

/** The collector itself is in trouble: one incident, of nobody's server. */
export function openTrouble(draft: Draft, variant: "uplink" | "network", evidence: Evidence): void {
  const incident = begun(
    draft,
    {
      kind: "collector_trouble",
      variant,
      confidence: "high",
      cause: "collector",
      serverId: null,
      siteId: null,
      serverName: "",
      siteName: "",
      group: null,
      evidence: [evidence],
      startedCoreMs: Math.min(draft.nowMs, draft.state.derived.newestHeardMs || draft.nowMs),
    },
    undefined,
    null,
  );
  tell(draft, incident.id, "first");
}

export function closeTrouble(draft: Draft, incident: Incident): void {
  finish(draft, closed(draft, incident, "recovered", draft.nowMs, "collector", null, null));
}

/** Tells an open incident's outage to everybody, unless a window mutes it or its subject flaps. */
export function tell(draft: Draft, incidentId: string, reason: NotifyReason): void {
  const incident = draft.get("incident", incidentId);
  if (!incident) return;
  if (inMaintenance(draft, incident)) {
    draft.put("incident", incidentId, { ...incident, muted: true });
    note(draft, incidentId, { type: "notify", recipientName: null, reason: "maintenance", send: false });
    return;
  }
  if (!countIncident(draft, incident)) {
    note(draft, incidentId, { type: "notify", recipientName: null, reason: "flapping", send: false });
    return;
  }
  const message = messageOf(draft, incident, "down");
  enqueueForAll(draft, incidentId, incident.serverId, "down", reason, message);
}

/** New evidence while it is down. Worse: told once more. Milder or equal: recorded. */
export function changeKind(
  draft: Draft,
  incidentId: string,
  judgement: Judgement & { readonly variant: string | null },
  evidence: readonly Evidence[],
): void {
  const before = draft.get("incident", incidentId);
  if (!before || before.endedWallMs !== null) return;
  if (before.kind === judgement.kind && before.variant === judgement.variant) return;
  const { kind, variant, confidence, cause } = judgement;
  const incident = withLine(
    {
      ...before,
      ...{ kind, variant, confidence, cause },
      evidence: [...before.evidence.filter((item) => item.type !== "probe"), ...evidence],
    },
    draft.at.wallMs,
    before.kind === kind
      ? { type: "variant_changed", from: before.variant, to: variant }
      : { type: "kind_changed", from: before.kind, to: kind },
  );
  draft.put("incident", incidentId, incident);
  draft.publish("incident", incidentId);
  if (!isWorse(before.kind, kind) || incident.groupedUnder !== null || incident.muted) return;
  if (inMaintenance(draft, incident))
    return note(draft, incidentId, {
      type: "notify",
      recipientName: null,
      reason: "maintenance",
      send: false,
    });
  // Nobody was told of the outage because the server flaps: neither of its worsening.
  if (rowsOf(draft, incidentId).length === 0 && draft.state.derived.flapping.has(incident.serverId ?? ""))
    return;
  const message = messageOf(draft, incident, "worse");
  enqueueForAll(draft, incidentId, incident.serverId, "worse", "worse", message);
}

/** The server was heard twice again, first at `endedCoreMs`: closes, tells the end, and says so to its group. */
export function recover(
  draft: Draft,
  incidentId: string,
  server: Server,
  endedCoreMs: number,
  now: Heard | null,
): void {
  const before = draft.get("incident", incidentId);
  if (!before || before.endedWallMs !== null) return;
  const digest = draft.get("journal", server.id) ?? null;
  const durationMs = Math.max(0, endedCoreMs - before.startedCoreMs);
  const cause = finalCause(draft.state.times, before, now, digest, durationMs);
  // The agent will tell more of it; until then the cause is what is known now.
  const expected = now?.features.includes("journal") === true && digest?.complete !== true;
  const causeDueCoreMs = expected ? draft.nowMs + draft.state.times.journalWaitMs : null;
  const incident = closed(draft, before, "recovered", endedCoreMs, cause, causeDueCoreMs, digest);
  if (incident.groupedUnder !== null) memberEnded(draft, incident, digest);
  else freeMembers(draft, incidentId, draft.state.times.settleMs);
  finish(draft, incident);
}

/** Tells the end of a closed incident and archives it when nothing is left to do. */
function finish(draft: Draft, incident: Incident): void {
  draft.put("incident", incident.id, incident);
  draft.publish("incident", incident.id);
  if (incident.groupedUnder === null && incident.muted)
    note(draft, incident.id, { type: "notify", recipientName: null, reason: "maintenance", send: false });
  else if (incident.groupedUnder === null)
    enqueueRecovery(draft, incident, (step) =>
      messageOf(draft, draft.get("incident", incident.id) ?? incident, step),
    );
  archiveIfTold(draft, incident.id);
}

/** A group is over: `endedCoreMs` is when the first of it was back. */
export function closeGroup(
  draft: Draft,
  incident: Incident,
  endedCoreMs: number,
  cause: Incident["cause"],
  causeDueCoreMs: number | null,
): void {
  finish(draft, closed(draft, incident, "recovered", endedCoreMs, cause, causeDueCoreMs, null));
}

/** A member of a group is back: the group learns how it ended for it. */
export function memberEnded(draft: Draft, incident: Incident, digest: JournalDigest | null): void {
  const group = incident.groupedUnder === null ? undefined : draft.get("incident", incident.groupedUnder);
  if (!group?.group || incident.serverId === null) return;
  const { serverId } = incident;
  const ending = {
    serverId,
    cause: incident.finalCause ?? "unknown",
    backCoreMs: incident.endedCoreMs ?? draft.nowMs,
    rebootedUnclean:
      incident.finalCause === "host_crash_or_power" ||
      incident.finalCause === "host_rebooted" ||
      (digest !== null && digest.reboots > 0 && digest.cleanReboot !== true),
  };
  const others = group.group.endings.filter((other) => other.serverId !== serverId);
  if (others.length >= ENDINGS_MAX) return;
  const facts: GroupFacts = { ...group.group, endings: [...others, ending] };
  const isNew = others.length === group.group.endings.length;
  draft.put("incident", group.id, { ...group, group: facts });
  if (group.endedWallMs !== null) return correctGroupCause(draft, group.id);
  if (isNew) note(draft, group.id, { type: "member_back", serverName: incident.serverName });
}

/** A closed group learned more about its members. */
function correctGroupCause(draft: Draft, groupId: string): void {
  const group = draft.get("incident", groupId);
  if (!group?.group) return;
  const cause = groupCause(group, group.group);
  const before = group.finalCause ?? "unknown";
  if (before === cause) return;
  const durationMs = Math.max(0, (group.endedCoreMs ?? draft.nowMs) - group.startedCoreMs);
  const corrected = { ...group, finalCause: cause, minutes: minutesOf(cause, durationMs, null) };
  draft.put(
    "incident",
    groupId,
    withLine(corrected, draft.at.wallMs, { type: "cause_corrected", from: before, to: cause }),
  );
  draft.publish("incident", groupId);
}

/** Whoever was grouped under a server's incident is told by itself when it is still down after `afterMs`. */
function freeMembers(draft: Draft, incidentId: string, afterMs: number): void {
  for (const member of membersOf(draft, incidentId)) {
    const detector = member.serverId === null ? undefined : draft.get("detector", member.serverId);
    if (detector?.status !== "down" && detector?.status !== "recovering") continue;
    const aloneFromCoreMs = draft.nowMs + afterMs;
    if (detector.status === "down")
      draft.put("detector", detector.serverId, { ...detector, aloneFromCoreMs });
    draft.put("look", detector.serverId, { coreMs: aloneFromCoreMs });
  }
}

/** When a grouped server that is down must be told by itself: its group is over already, or null. */
export function aloneFrom(draft: Draft, incidentId: string): number | null {
  const groupId = draft.get("incident", incidentId)?.groupedUnder;
  if (groupId == null) return null;
  const group = draft.get("incident", groupId);
  return group && group.endedWallMs === null ? null : draft.nowMs + draft.state.times.settleMs;
}

/** The group is over and this one is still down: it is told by itself from now on. */
export function ungroup(draft: Draft, incident: Incident): void {
  // An incident's id is its number; the group itself may be in the archive already.
  const number = Number(incident.groupedUnder?.slice(1) ?? 0);
  draft.put("incident", incident.id, { ...incident, groupedUnder: null });
  note(draft, incident.id, { type: "ungrouped", number });
  draft.publish("incident", incident.id);
  tell(draft, incident.id, "group_over");
}

/** It belongs to another group from now on. */
export function regroup(draft: Draft, incident: Incident, cover: Incident): void {
  draft.put("incident", incident.id, { ...incident, groupedUnder: cover.id });
  note(draft, incident.id, { type: "grouped", incidentId: cover.id, number: cover.number });
  draft.publish("incident", incident.id);
}

/** Staff removed or paused the server: closes without a message. */
export function closeByStaff(
  draft: Draft,
  incidentId: string,
  reason: Exclude<CloseReason, "recovered">,
): void {
  const before = draft.get("incident", incidentId);
  if (!before || before.endedWallMs !== null) return;
  draft.put("incident", incidentId, closed(draft, before, reason, draft.nowMs, before.cause, null, null));
  note(draft, incidentId, { type: "notify", recipientName: null, reason, send: false });
  supersedeWaiting(draft, incidentId);
  freeMembers(draft, incidentId, 0);
  archiveIfTold(draft, incidentId);
  draft.publish("incident", incidentId);
}

function closed(
  draft: Draft,
  incident: Incident,
  reason: CloseReason,
  endedCoreMs: number,
  cause: Incident["cause"],
  causeDueCoreMs: number | null,
  digest: JournalDigest | null,
): Incident {
  const durationMs = Math.max(0, endedCoreMs - incident.startedCoreMs);
  const said = findings(draft.state.times, digest).map((finding): Evidence => ({
    type: "journal",
    finding,
    wallMs: draft.at.wallMs,
  }));
  return withLine(
    {
      ...incident,
      endedCoreMs,
      endedWallMs: Math.round(incident.startedWallMs + durationMs),
      closeReason: reason,
      finalCause: cause,
      causeDueCoreMs,
      evidence: [...incident.evidence.filter((item) => item.type !== "journal"), ...said],
      minutes: minutesOf(cause, durationMs, digest),
    },
    draft.at.wallMs,
    { type: "closed", reason, finalCause: cause },
  );
}

/** The journal of a closed incident came: its cause, its minutes and its evidence are what that says. */
export function correctCause(
  draft: Draft,
  incident: Incident,
  digest: JournalDigest,
  now: Heard | null,
): void {
  const durationMs = Math.max(0, (incident.endedCoreMs ?? draft.nowMs) - incident.startedCoreMs);
  const cause = finalCause(draft.state.times, incident, now, digest, durationMs);
  const said = findings(draft.state.times, digest).map((finding): Evidence => ({
    type: "journal",
    finding,
    wallMs: draft.at.wallMs,
  }));
  const before = incident.finalCause ?? "unknown";
  let corrected: Incident = {
    ...incident,
    finalCause: cause,
    causeDueCoreMs: digest.complete ? null : incident.causeDueCoreMs,
    minutes: minutesOf(cause, durationMs, digest),
    evidence: [...incident.evidence.filter((item) => item.type !== "journal"), ...said],
  };
  if (before !== cause)
    corrected = withLine(corrected, draft.at.wallMs, { type: "cause_corrected", from: before, to: cause });
  draft.put("incident", incident.id, corrected);
  if (corrected.groupedUnder !== null) memberEnded(draft, corrected, digest);
  draft.publish("incident", incident.id);
  archiveIfTold(draft, incident.id);
}

/** A closed incident leaves the living state as soon as nothing of it waits to be told or learned. */
export function archiveIfTold(draft: Draft, incidentId: string): void {
  const incident = draft.get("incident", incidentId);
  if (!incident || incident.endedWallMs === null || incident.causeDueCoreMs !== null) return;
  const notifications = rowsOf(draft, incidentId);
  if (notifications.some(isOpen)) return;
  draft.put("archive", incidentId, { incident, notifications });
  draft.put("incident", incidentId, null);
  for (const row of notifications) draft.put("notification", row.id, null);
}

/** Closed incidents whose last row settled, and messages without an incident, leave the living state. */
export function archiveTold(draft: Draft): void {
  for (const incident of draft.state.tables.incident.values())
    if (incident.endedWallMs !== null) archiveIfTold(draft, incident.id);
  dropToldWithoutIncident(draft);
}

/** Nobody tells more about it: what is known now is final. */
export function settleCauses(draft: Draft): void {
  for (const id of draft.state.derived.uncertainIncidents) {
    const incident = draft.get("incident", id);
    if (incident?.causeDueCoreMs == null || incident.causeDueCoreMs > draft.nowMs) continue;
    draft.put("incident", id, { ...incident, causeDueCoreMs: null });
    archiveIfTold(draft, id);
  }
}
