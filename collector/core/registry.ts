/**
 * What staff and join tokens change: sites, servers, agents' keys, recipients, link codes, acknowledgements.
 * Why in the core: a removed server's incident, rows and session end in the same commit as the server.
 * Must not: check passwords or roles (web) or make ids and secrets (the shell hands them in).
 */
import { doubtSince, noBaseline } from "./baselines.ts";
import type { Draft } from "./draft.ts";
import { accepted, refusal } from "./draft.ts";
import { newDetector } from "./status.ts";
import { hearingNow, hearingOf } from "./hearing.ts";
import { closeByStaff } from "./incident-endings.ts";
import { forgetFlapping, siteSubject } from "./flapping.ts";
import { isWithoutIncident, note } from "./outbox.ts";
import type { Decision, Event, Recipient, Server } from "./types.ts";

type Of<T extends Event["type"]> = Extract<Event, { type: T }>;

/** TCP ports asked of a server with an agent when nobody chose any: SSH, HTTPS, RDP. Refused also proves life. */
export const PROBE_PORTS_USUAL: readonly number[] = [22, 443, 3389];

function named(draft: Draft, id: string): Decision {
  return draft.done({ ok: true, id });
}

export function siteSaved(draft: Draft, event: Of<"site_saved">): Decision {
  draft.put("site", event.site.id, event.site);
  draft.publish("site", event.site.id);
  return named(draft, event.site.id);
}

export function siteRemoved(draft: Draft, event: Of<"site_removed">): Decision {
  if (!draft.get("site", event.siteId)) return refusal("site_not_found");
  if ((draft.state.derived.serversOf.get(event.siteId)?.size ?? 0) > 0) return refusal("site_not_empty");
  draft.put("site", event.siteId, null);
  draft.put("gateway", event.siteId, null);
  draft.put("flapping", siteSubject(event.siteId), null);
  for (const window of draft.all("maintenance"))
    if (window.siteId === event.siteId) draft.put("maintenance", window.id, null);
  draft.publish("site", event.siteId);
  return draft.done();
}

export function serverSaved(draft: Draft, event: Of<"server_saved">): Decision {
  const { server } = event;
  if (server.siteId !== null && !draft.get("site", server.siteId)) return refusal("site_not_found");
  if (server.downAfterMs !== null && server.downAfterMs < draft.state.settings.downAfterMs)
    return refusal("down_after_too_short");
  if (server.parentId !== null) {
    if (!draft.server(server.parentId)) return refusal("parent_not_found");
    if (isAncestor(draft, server.id, server.parentId)) return refusal("parent_circle");
  }
  const before = draft.server(server.id);
  draft.put("server", server.id, server);
  if (!before) {
    draft.put("detector", server.id, newDetector(draft, server.id));
  } else if (before.mode !== server.mode) {
    // Another sort of heartbeat: nothing that was heard before says anything about it.
    endIncident(draft, server.id, "removed_by_staff");
    endSession(draft, server.id);
    forgetObservations(draft, server.id);
    draft.put("detector", server.id, newDetector(draft, server.id));
  } else if (!sameQuestions(before, server)) {
    draft.put("baseline", server.id, noBaseline(server.id, draft.nowMs));
    if (server.mode === "ping") askAnew(draft, server.id);
  }
  draft.put("look", server.id, { coreMs: draft.nowMs });
  draft.publish("server", server.id);
  return named(draft, server.id);
}

/** True when `serverId` is `ofId` itself, or among its parents. */
function isAncestor(draft: Draft, serverId: string, ofId: string): boolean {
  const seen = new Set<string>();
  for (let next: string | null = ofId; next !== null && !seen.has(next);) {
    if (next === serverId) return true;
    seen.add(next);
    next = draft.server(next)?.parentId ?? null;
  }
  return false;
}

/** What it is asked is what it was asked before. */
function sameQuestions(a: Server, b: Server): boolean {
  const asked = ({ address, probePorts, check }: Server): string =>
    JSON.stringify([address, probePorts, check]);
  return asked(a) === asked(b);
}

/** It is asked something else from now on: what it did not answer before is no silence. A full T must pass first. */
function askAnew(draft: Draft, serverId: string): void {
  const status = draft.get("detector", serverId)?.status;
  const heard = draft.get("heard", serverId);
  if (!heard || (status !== "up" && status !== "suspect")) return;
  const open = draft.get("silence", serverId)?.openRoundId;
  if (open != null) draft.effect({ type: "cancel_probe", roundId: open });
  const hearingMs = hearingNow(hearingOf(draft.state), draft.nowMs);
  draft.put("heard", serverId, { ...heard, coreMs: draft.nowMs, hearingMs });
  draft.put("silence", serverId, null);
  draft.put("mark", serverId, null);
  draft.put("detector", serverId, {
    serverId,
    sinceCoreMs: draft.nowMs,
    sinceWallMs: draft.at.wallMs,
    status: "up",
  });
}

function endIncident(draft: Draft, serverId: string, reason: "removed_by_staff" | "paused_by_staff"): void {
  const detector = draft.get("detector", serverId);
  if (detector?.status === "down" || detector?.status === "recovering")
    closeByStaff(draft, detector.incidentId, reason);
}

function endSession(draft: Draft, serverId: string): void {
  const heard = draft.get("heard", serverId);
  if (heard?.sessionId != null && heard.connected)
    draft.effect({ type: "close_session", sessionId: heard.sessionId, reason: "removed" });
}

function forgetObservations(draft: Draft, serverId: string): void {
  const open = draft.get("silence", serverId)?.openRoundId;
  if (open != null) draft.effect({ type: "cancel_probe", roundId: open });
  for (const table of ["heard", "silence", "baseline", "health", "mark", "identity", "journal"] as const)
    draft.put(table, serverId, null);
  forgetFlapping(draft, serverId);
}

export function serverPaused(draft: Draft, event: Of<"server_paused">): Decision {
  const { serverId } = event;
  const detector = draft.get("detector", serverId);
  if (!detector) return refusal("server_not_found");
  if (detector.status === "paused") return refusal("already_so");
  endIncident(draft, serverId, "paused_by_staff");
  draft.put("mark", serverId, null);
  draft.put("detector", serverId, {
    serverId,
    sinceCoreMs: draft.nowMs,
    sinceWallMs: draft.at.wallMs,
    status: "paused",
  });
  draft.publish("server", serverId);
  return draft.done();
}

/** Judged again from now on: a full T of silence must pass first. */
export function serverResumed(draft: Draft, event: Of<"server_resumed">): Decision {
  const { serverId } = event;
  const detector = draft.get("detector", serverId);
  if (!detector) return refusal("server_not_found");
  if (detector.status !== "paused") return refusal("already_so");
  const heard = draft.get("heard", serverId);
  const since = { serverId, sinceCoreMs: draft.nowMs, sinceWallMs: draft.at.wallMs };
  if (!heard || heard.wallMs === 0) {
    draft.put("detector", serverId, { ...since, status: "new", told: false });
  } else {
    const hearingMs = hearingNow(hearingOf(draft.state), draft.nowMs);
    draft.put("heard", serverId, { ...heard, coreMs: draft.nowMs, hearingMs });
    draft.put("silence", serverId, null);
    draft.put("detector", serverId, { ...since, status: "up" });
    // Nobody heard it just now: a round of before teaches nothing.
    doubtSince(draft, serverId, 0);
  }
  draft.put("look", serverId, { coreMs: draft.nowMs });
  draft.publish("server", serverId);
  return draft.done();
}

export function serverRemoved(draft: Draft, event: Of<"server_removed">): Decision {
  const { serverId } = event;
  if (!draft.server(serverId)) return refusal("server_not_found");
  endIncident(draft, serverId, "removed_by_staff");
  endSession(draft, serverId);
  forgetObservations(draft, serverId);
  for (const row of draft.state.derived.openNotifications) {
    const open = draft.get("notification", row);
    if (open && isWithoutIncident(open.step) && open.serverId === serverId)
      draft.put("notification", row, null);
  }
  for (const enrollment of draft.all("enrollment"))
    if (enrollment.serverId === serverId) draft.put("enrollment", enrollment.id, null);
  for (const other of draft.all("server"))
    if (other.parentId === serverId) draft.put("server", other.id, { ...other, parentId: null });
  for (const window of draft.all("maintenance"))
    if (window.serverId === serverId) draft.put("maintenance", window.id, null);
  for (const table of ["detector", "agent", "server", "look", "serverLog"] as const)
    draft.put(table, serverId, null);
  draft.publish("server", serverId);
  return draft.done();
}

export function enrollmentCreated(draft: Draft, event: Of<"enrollment_created">): Decision {
  const { enrollment } = event;
  if (enrollment.serverId !== null && draft.server(enrollment.serverId)?.mode !== "agent")
    return refusal("server_not_found");
  if (enrollment.siteId !== null && !draft.get("site", enrollment.siteId)) return refusal("site_not_found");
  for (const old of draft.all("enrollment"))
    if (old.expiresWallMs < draft.at.wallMs) draft.put("enrollment", old.id, null);
  draft.put("enrollment", enrollment.id, enrollment);
  return named(draft, enrollment.id);
}

/** A join token was proven: pins the key, makes the server when the token names none. Asking again with the same key is no second use. */
export function agentEnrolled(draft: Draft, event: Of<"agent_enrolled">): Decision {
  const { publicKey } = event;
  const enrollment = draft.get("enrollment", event.enrollmentId);
  if (!enrollment) return refusal("enrollment_not_found");
  if (enrollment.expiresWallMs < draft.at.wallMs) return refusal("enrollment_expired");
  const known = draft.state.derived.serverByAgentKey.get(publicKey);
  if (enrollment.usedBy.includes(publicKey) && known !== undefined) return named(draft, known);
  if (known !== undefined && enrollment.serverId !== null && enrollment.serverId !== known)
    return refusal("agent_key_taken");
  if (enrollment.usesLeft < 1) return refusal("enrollment_used_up");
  // A key that is known already stays with its server: the agent only joins once more.
  const serverId = known ?? enrollment.serverId ?? event.newServerId;
  let server = draft.server(serverId);
  if (!server) {
    if (enrollment.serverId !== null) return refusal("server_not_found");
    server = {
      id: serverId,
      name: event.hostName,
      siteId: enrollment.siteId,
      mode: "agent",
      address: event.peerAddress,
      probePorts: PROBE_PORTS_USUAL,
      check: null,
      downAfterMs: null,
      latitude: null,
      longitude: null,
      parentId: null,
      tags: [],
      createdWallMs: draft.at.wallMs,
    } satisfies Server;
    draft.put("server", serverId, server);
    draft.put("detector", serverId, newDetector(draft, serverId));
  }
  if (server.mode !== "agent") return refusal("server_not_found");
  // Another key for the same server: the one before is no longer believed, nor what its session still has to say.
  const heard = draft.get("heard", serverId);
  if (known === undefined && heard) {
    endSession(draft, serverId);
    draft.put("heard", serverId, { ...heard, sessionId: null, connected: false, announced: null });
  }
  draft.put("agent", serverId, {
    serverId,
    publicKey,
    enrolledWallMs: draft.at.wallMs,
    version: event.agentVersion,
    inventory: null,
  });
  draft.put("enrollment", enrollment.id, {
    ...enrollment,
    usesLeft: enrollment.usesLeft - 1,
    usedBy: [...enrollment.usedBy, publicKey],
  });
  draft.publish("server", serverId);
  return named(draft, serverId);
}

export function incidentAcknowledged(draft: Draft, event: Of<"incident_acknowledged">): Decision {
  const incident = draft.get("incident", event.incidentId);
  if (!incident) return refusal("incident_not_found");
  if (incident.endedWallMs !== null) return refusal("incident_closed");
  if (incident.acknowledgedBy === event.by) return refusal("already_so");
  draft.put("incident", incident.id, { ...incident, acknowledgedBy: event.by });
  note(draft, incident.id, { type: "acknowledged", by: event.by });
  draft.publish("incident", incident.id);
  return draft.done();
}

export function incidentNoted(draft: Draft, event: Of<"incident_noted">): Decision {
  const incident = draft.get("incident", event.incidentId);
  if (!incident) return refusal("incident_not_found");
  note(draft, incident.id, { type: "note", by: event.by, text: event.text });
  draft.publish("incident", incident.id);
  return draft.done();
}

/** Two recipients of one channel and address would be told twice. */
function recipientAt(draft: Draft, channel: string, address: string): Recipient | undefined {
  return [...draft.all("recipient")].find(
    (recipient) => recipient.channel === channel && recipient.address === address,
  );
}

export function recipientSaved(draft: Draft, event: Of<"recipient_saved">): Decision {
  const { recipient } = event;
  const same = recipientAt(draft, recipient.channel, recipient.address);
  if (same && same.id !== recipient.id) return refusal("recipient_exists");
  draft.put("recipient", recipient.id, {
    ...recipient,
    disabledReason: recipient.enabled ? null : recipient.disabledReason,
    // The pace is the channel's: whoever saved the name knows an old one at best.
    nextSendCoreMs: draft.get("recipient", recipient.id)?.nextSendCoreMs ?? 0,
  });
  draft.publish("recipient", recipient.id);
  return named(draft, recipient.id);
}

export function recipientRemoved(draft: Draft, event: Of<"recipient_removed">): Decision {
  if (!draft.get("recipient", event.recipientId)) return refusal("recipient_not_found");
  draft.put("recipient", event.recipientId, null);
  draft.publish("recipient", event.recipientId);
  return draft.done();
}

export function linkCodeCreated(draft: Draft, event: Of<"link_code_created">): Decision {
  for (const old of draft.all("linkCode"))
    if (old.expiresWallMs < draft.at.wallMs) draft.put("linkCode", old.codeHash, null);
  draft.put("linkCode", event.linkCode.codeHash, event.linkCode);
  return draft.done();
}

/** The code is used up and the poll offset moves in the same commit: an update is never handled twice. */
export function chatLinked(draft: Draft, event: Of<"chat_linked">): Decision {
  shelve(draft, event.shelf);
  const code = draft.get("linkCode", event.codeHash);
  if (!code) return draft.done({ ok: false, code: "link_code_not_found" });
  if (code.expiresWallMs < draft.at.wallMs) return draft.done({ ok: false, code: "link_code_expired" });
  const known = recipientAt(draft, "telegram", event.address);
  const recipient: Recipient = {
    id: known?.id ?? event.recipientId,
    channel: "telegram",
    address: event.address,
    name: code.name || known?.name || event.chatName,
    language: code.language,
    enabled: true,
    disabledReason: null,
    createdWallMs: known?.createdWallMs ?? draft.at.wallMs,
    nextSendCoreMs: known?.nextSendCoreMs ?? 0,
  };
  draft.put("linkCode", event.codeHash, null);
  draft.put("recipient", recipient.id, recipient);
  draft.publish("recipient", recipient.id);
  return named(draft, recipient.id);
}

function shelve(draft: Draft, writes: Of<"shelf_written">["writes"]): void {
  for (const write of writes) draft.put("shelf", write.key, write.remove === true ? null : write.value);
}

export function shelfWritten(draft: Draft, event: Of<"shelf_written">): Decision {
  shelve(draft, event.writes);
  return draft.done(accepted);
}
