/**
 * An agent tells what it saw while it could not be heard.
 * Why: the one who was there knows whether it was the machine, the site's line, or us.
 * Must not: change a status or tell anybody anything by itself; it corrects causes.
 */
import type { Draft } from "./draft.ts";
import { refusal } from "./draft.ts";
import { digested, noDigest } from "./causes.ts";
import { correctCause } from "./incident-endings.ts";
import type { Decision } from "./types/effects.ts";
import type { Event } from "./types/events.ts";
import type { Incident } from "./types/incident.ts";

/** One batch. Entries of a time without an incident are acknowledged and forgotten. */
export function journalReceived(draft: Draft, event: Extract<Event, { type: "journal_received" }>): Decision {
  const { serverId, sessionId } = event;
  const heard = draft.get("heard", serverId);
  if (heard?.sessionId !== sessionId) return refusal("session_not_current");
  const newest = event.entries.at(-1);
  if (newest) draft.effect({ type: "ack_journal", sessionId, sequence: newest.sequence });
  const incident = incidentOf(draft, serverId);
  if (!incident) return draft.done();
  // The entry before the last heartbeat is where the outage begins for the agent.
  const fromCoreMs = incident.startedCoreMs - draft.state.times.tickMs;
  let digest = draft.get("journal", serverId) ?? noDigest(serverId, fromCoreMs);
  for (const entry of event.entries) digest = digested(digest, entry, draft.nowMs, draft.state.times);
  if (!event.more) digest = { ...digest, complete: true };
  draft.put("journal", serverId, digest);
  if (incident.endedWallMs !== null) correctCause(draft, incident, digest, heard);
  return draft.done();
}

/** The incident that a journal is about: the open one, or the last one whose cause is not final. */
function incidentOf(draft: Draft, serverId: string): Incident | null {
  const detector = draft.get("detector", serverId);
  if (detector?.status === "down" || detector?.status === "recovering")
    return draft.get("incident", detector.incidentId) ?? null;
  for (const id of draft.state.derived.uncertainIncidents) {
    const incident = draft.get("incident", id);
    if (incident?.serverId === serverId && incident.causeDueCoreMs !== null) return incident;
  }
  return null;
}
