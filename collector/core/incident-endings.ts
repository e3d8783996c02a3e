/**
 * How incidents end: heard again, closed by staff, let go by a group; and what is learned of their cause afterwards.
 * Why apart from incidents.ts: that opens and tells; this closes, and an end touches groups, members and journals.
 * Must not: decide that a server is back (detector), or send anything for a corrected cause.
 */
import { archiveIfTold } from "./archiving.ts";
import { finalCause, findings, groupCause, minutesOf } from "./causes.ts";
import type { Draft } from "./draft.ts";
import { announceOver } from "./announcing.ts";
import { membersOf, tell } from "./incidents.ts";
import { messageOf } from "./messages.ts";
import { enqueueRecovery, note, notTold, supersedeWaiting, withLine } from "./outbox.ts";
import { refreshTold } from "./refresh.ts";
import { concernedBy } from "./telling.ts";
import type { CloseReason, Evidence, GroupFacts, Incident } from "./types/incident.ts";
import type { JournalDigest } from "./types/journal.ts";
import type { Server } from "./types/registry.ts";
import type { Heard } from "./types/server.ts";

/** Members whose ending a group remembers: enough to tell its cause; 5,000 would be rewritten 5,000 times. */
const ENDINGS_MAX = 100;

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
  freeMembers(draft, incidentId, draft.state.times.settleMs);
  finish(draft, incident);
}

/** Tells the end of a closed incident and archives it when nothing is left to do. */
function finish(draft: Draft, incident: Incident): void {
  draft.put("incident", incident.id, incident);
  draft.publish("incident", incident.id);
  if (incident.groupedUnder === null && incident.muted) notTold(draft, incident.id, null, "maintenance");
  else if (incident.groupedUnder === null) {
    enqueueRecovery(draft, incident, concernedBy(draft, incident), (step) =>
      messageOf(draft, draft.get("incident", incident.id) ?? incident, step),
    );
    announceOver(draft, incident.id, "");
    refreshTold(draft, incident.id);
  }
  archiveIfTold(draft, incident.id);
}

export function closeTrouble(draft: Draft, incident: Incident): void {
  finish(draft, closed(draft, incident, "recovered", draft.nowMs, "collector", null, null));
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
  refreshTold(draft, groupId);
  draft.publish("incident", groupId);
}

/** Whoever was grouped under a server's incident is told by itself when it is still down after `afterMs`. */
function freeMembers(draft: Draft, incidentId: string, afterMs: number): void {
  for (const member of membersOf(draft, incidentId)) {
    const detector = member.serverId === null ? undefined : draft.get("detector", member.serverId);
    // One that recovers keeps its own look; should it fall silent again, it gets its time then (backToDown).
    if (detector?.status !== "down") continue;
    const aloneFromCoreMs = draft.nowMs + afterMs;
    draft.put("detector", detector.serverId, { ...detector, aloneFromCoreMs });
    const next = draft.get("look", detector.serverId)?.coreMs ?? aloneFromCoreMs;
    draft.put("look", detector.serverId, { coreMs: Math.min(next, aloneFromCoreMs) });
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
  notTold(draft, incidentId, null, reason);
  supersedeWaiting(draft, incidentId);
  refreshTold(draft, incidentId);
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
  refreshTold(draft, incident.id);
  if (corrected.groupedUnder !== null) memberEnded(draft, corrected, digest);
  draft.publish("incident", incident.id);
  archiveIfTold(draft, incident.id);
}
