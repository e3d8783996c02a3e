/**
 * What staff and join tokens change of what is watched: sites, servers, agents' keys.
 * Why in the core: a removed server's incident, rows and session end in the same commit as the server.
 * Must not: check passwords or roles (web) or make ids and secrets (the shell hands them in).
 */
import { doubtSince, noBaseline } from "./baselines.ts";
import type { Draft } from "./draft.ts";
import { refusal } from "./draft.ts";
import { newDetector } from "./status.ts";
import { hearingNow, hearingOf, shorten } from "./hearing.ts";
import { closeByStaff } from "./incident-endings.ts";
import { forgetFlapping, siteSubject } from "./flapping.ts";
import { isWithoutIncident } from "./outbox.ts";
import { forgetSite } from "./recipients.ts";
import { forgetInRoutes } from "./routes.ts";
import { downAfterOf } from "./times.ts";
import type { Decision } from "./types/effects.ts";
import type { Event } from "./types/events.ts";
import type { Server } from "./types/registry.ts";

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
  forgetInRoutes(draft, { siteId: event.siteId });
  forgetSite(draft, event.siteId);
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
  if (before?.mode === server.mode) {
    const longerMs = downAfterOf(before, draft.state.settings);
    const downAfterMs = downAfterOf(server, draft.state.settings);
    if (longerMs > downAfterMs) shorten(draft, server.id, longerMs, downAfterMs);
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
