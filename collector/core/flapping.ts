/**
 * A server (or a whole site) that fails again and again: one message, then a digest, until it is calm; and the hint before that, an unstable
 * link.
 * Why: a person woken a fifth time stops reading. Nothing is hidden: a digest tells what is down.
 * Must not: touch detection or incidents; only what of them is told.
 */
import type { Draft } from "./draft.ts";
import { hearingIn } from "./hearing.ts";
import { messageAbout, messageOf } from "./messages.ts";
import { tellByRoutes, tellNotice } from "./telling.ts";
import { log } from "./server-log.ts";
import type { State } from "./state.ts";
import type { Subject } from "./routes.ts";
import type { Incident } from "./types/incident.ts";
import type { Server } from "./types/registry.ts";
import type { Flapping } from "./types/server.ts";
import type { Message, Step } from "./types/telling.ts";

/** As many incidents within an hour make it flap; an hour without one makes it calm (detection.md). */
export const FLAPPING_INCIDENTS = 3;
export const FLAPPING_WINDOW_MS = 3_600_000;
export const FLAPPING_DIGEST_MS = 1_800_000;
/** As many suspicions that ended well within an hour are worth a line. */
export const UNSTABLE_SUSPICIONS = 3;

/** Key of a site among the subjects, beside which there are servers. */
const SITE_PREFIX = "site:";

export function siteSubject(siteId: string): string {
  return `${SITE_PREFIX}${siteId}`;
}

function subjectOf(incident: Incident): string | null {
  if (incident.serverId !== null) return incident.serverId;
  return incident.kind === "site_down" && incident.siteId !== null ? siteSubject(incident.siteId) : null;
}

/** The site of a subject; null: it is a server. */
function siteIdOf(subject: string): string | null {
  return subject.startsWith(SITE_PREFIX) ? subject.slice(SITE_PREFIX.length) : null;
}

/** Counts an incident that would be told now. False: its subject flaps, and a digest tells it. */
export function countIncident(draft: Draft, incident: Incident): boolean {
  const subject = subjectOf(incident);
  if (subject === null) return true;
  const before = draft.get("flapping", subject);
  const opened = [
    ...(before?.openedCoreMs ?? []).filter((atMs) => draft.nowMs - atMs < FLAPPING_WINDOW_MS),
    draft.nowMs,
  ];
  const record: Flapping = {
    subject,
    openedCoreMs: opened.slice(-20),
    sinceCoreMs: before?.sinceCoreMs ?? null,
    incidents: (before?.incidents ?? 0) + 1,
    incidentsDigested: before?.incidentsDigested ?? 0,
    nextDigestCoreMs: before?.nextDigestCoreMs ?? 0,
    told: before?.told ?? 0,
  };
  if (record.sinceCoreMs !== null) {
    draft.put("flapping", subject, record);
    return false;
  }
  if (opened.length < FLAPPING_INCIDENTS) {
    draft.put("flapping", subject, record);
    return true;
  }
  const begun: Flapping = {
    ...record,
    sinceCoreMs: draft.nowMs,
    incidents: opened.length,
    incidentsDigested: opened.length,
    nextDigestCoreMs: draft.nowMs + FLAPPING_DIGEST_MS,
  };
  tell(draft, begun, "flapping", true);
  if (incident.serverId !== null)
    log(draft, incident.serverId, { type: "flapping", incidents: opened.length });
  return false;
}

/** Whether a tick has anything to do with those who flap; keeps a quiet tick quiet. */
export function flappingDue(state: State, nowMs: number): boolean {
  for (const subject of state.derived.flapping) {
    const record = state.tables.flapping.get(subject);
    if (!record) continue;
    const newest = record.openedCoreMs.at(-1) ?? record.sinceCoreMs ?? 0;
    if (record.nextDigestCoreMs <= nowMs || nowMs - newest >= FLAPPING_WINDOW_MS) return true;
  }
  return false;
}

/** Digests that are due, and calm that has returned. Called by ticks while anybody flaps. */
export function lookAtFlapping(draft: Draft): void {
  // After a start or a gap it may have come back meanwhile: not told before it could be heard.
  const hearing = hearingIn(draft);
  if (hearing.state !== "hearing") return;
  for (const subject of draft.state.derived.flapping) {
    const record = draft.get("flapping", subject);
    if (!record || record.sinceCoreMs === null) continue;
    const open = openIncidentOf(draft, subject);
    const newest = record.openedCoreMs.at(-1) ?? record.sinceCoreMs;
    if (open === null && draft.nowMs - newest >= FLAPPING_WINDOW_MS) {
      calm(draft, record);
      continue;
    }
    if (record.nextDigestCoreMs > draft.nowMs) continue;
    const next = { ...record, nextDigestCoreMs: draft.nowMs + FLAPPING_DIGEST_MS };
    if (open !== null && isUntold(draft, open) && draft.get("detector", subject)?.status !== "recovering") {
      // It is down now: told as any outage, so that its end is told too.
      draft.put("flapping", subject, { ...next, incidentsDigested: record.incidents });
      const message = { ...messageOf(draft, open, "down"), flapping: factsOf(draft, record, true) };
      tellByRoutes(draft, open.id, "flapping_digest", message);
    } else if (record.incidents > record.incidentsDigested) {
      tell(draft, { ...next, incidentsDigested: record.incidents }, "flapping_digest", open !== null);
    } else draft.put("flapping", subject, next);
  }
}

function calm(draft: Draft, record: Flapping): void {
  tell(draft, record, "flapping_over", false);
  const told = draft.get("flapping", record.subject)?.told ?? record.told;
  draft.put("flapping", record.subject, {
    ...record,
    openedCoreMs: [],
    sinceCoreMs: null,
    incidents: 0,
    incidentsDigested: 0,
    told,
  });
  if (siteIdOf(record.subject) === null)
    log(draft, record.subject, { type: "flapping_over", incidents: record.incidents });
}

function isUntold(draft: Draft, incident: Incident): boolean {
  return (
    incident.groupedUnder === null &&
    !incident.muted &&
    (draft.state.derived.notificationsOf.get(incident.id)?.size ?? 0) === 0
  );
}

function openIncidentOf(draft: Draft, subject: string): Incident | null {
  const detector = draft.get("detector", subject);
  if (detector?.status === "down" || detector?.status === "recovering")
    return draft.get("incident", detector.incidentId) ?? null;
  if (siteIdOf(subject) === null) return null;
  for (const id of draft.state.derived.sharedIncidents) {
    const incident = draft.get("incident", id);
    if (incident && incident.endedWallMs === null && subjectOf(incident) === subject) return incident;
  }
  return null;
}

function factsOf(draft: Draft, record: Flapping, downNow: boolean): NonNullable<Message["flapping"]> {
  const first = record.openedCoreMs[0] ?? draft.nowMs;
  const sinceCoreMs = Math.min(record.sinceCoreMs ?? first, first);
  return {
    incidents: record.incidents,
    sinceWallMs: Math.round(draft.at.wallMs - (draft.nowMs - sinceCoreMs)),
    downNow,
  };
}

/** One message about the subject, without an incident of its own. */
function tell(draft: Draft, record: Flapping, step: Step, downNow: boolean): void {
  const told = record.told + 1;
  draft.put("flapping", record.subject, { ...record, told });
  const message = messageFor(draft, record, step, downNow);
  if (!message) return;
  const serverId = siteIdOf(record.subject) === null ? record.subject : null;
  const siteId = siteIdOf(record.subject);
  const subject: Subject | undefined =
    siteId === null ? undefined : { kind: message.kind, siteIds: [siteId], tags: [] };
  tellNotice(draft, `flapping-${record.subject}-${told}`, step, message, {
    serverId,
    ...(subject && { subject }),
  });
}

function messageFor(draft: Draft, record: Flapping, step: Step, downNow: boolean): Message | null {
  const flapping = factsOf(draft, record, downNow);
  const siteId = siteIdOf(record.subject);
  if (siteId === null) {
    const server = draft.server(record.subject);
    return server ? messageAbout(draft, server, step, { flapping }) : null;
  }
  const site = draft.get("site", siteId);
  if (!site) return null;
  const panelUrl = draft.state.settings.publicUrl && `${draft.state.settings.publicUrl}/sites/${siteId}`;
  const place: Pick<Server, "id" | "name" | "siteId" | "latitude" | "longitude"> = {
    id: siteId,
    name: "",
    siteId,
    latitude: null,
    longitude: null,
  };
  return { ...messageAbout(draft, place, step, { flapping, kind: "site_down" }), panelUrl };
}

/** A suspicion ended well. Several within an hour: a line in the server's log, once an hour. */
export function countSuspicion(draft: Draft, serverId: string): void {
  const before = draft.get("unstable", serverId);
  const endedCoreMs = [
    ...(before?.endedCoreMs ?? []).filter((atMs) => draft.nowMs - atMs < FLAPPING_WINDOW_MS),
    draft.nowMs,
  ].slice(-20);
  const loggedCoreMs = before?.loggedCoreMs ?? null;
  const isNews =
    endedCoreMs.length >= UNSTABLE_SUSPICIONS &&
    (loggedCoreMs === null || draft.nowMs - loggedCoreMs >= FLAPPING_WINDOW_MS);
  draft.put("unstable", serverId, {
    serverId,
    endedCoreMs,
    loggedCoreMs: isNews ? draft.nowMs : loggedCoreMs,
  });
  if (isNews) log(draft, serverId, { type: "unstable_link", suspicions: endedCoreMs.length });
}

/** A server is removed or another sort of server now: nothing of this is about it any more. */
export function forgetFlapping(draft: Draft, serverId: string): void {
  for (const table of ["flapping", "unstable"] as const)
    if (draft.get(table, serverId)) draft.put(table, serverId, null);
}
