/**
 * What staff do about an open incident, in the panel or in a chat: take it, ask for quiet, look again, tell its users, note.
 * Why each is an event of the core: it changes what is told next, in the same commit as its line in the timeline.
 * Must not: check who may (web, notify), or make a probe (the shell hands in what one found).
 */
import { announce, announceOver, usersOf } from "./announcing.ts";
import type { Draft } from "./draft.ts";
import { refusal } from "./draft.ts";
import { verdictOf } from "./evidence.ts";
import { isWaiting, note, rowsOf, superseded } from "./outbox.ts";
import { refreshTold } from "./refresh.ts";
import { shelve } from "./shelf.ts";
import type { Decision } from "./types/effects.ts";
import type { Event } from "./types/events.ts";
import type { Incident } from "./types/incident.ts";

type Of<T extends Event["type"]> = Extract<Event, { type: T }>;
type Handling =
  Of<"incident_acknowledged"> | Of<"incident_quieted"> | Of<"incident_checked"> | Of<"incident_announced">;

/** The open incident and its event's poll offset, or why not. The offset of a refused one need not be kept: it changed nothing. */
function opened(draft: Draft, event: Handling): Incident | Decision {
  const incident = draft.get("incident", event.incidentId);
  if (!incident) return refusal("incident_not_found");
  if (incident.endedWallMs !== null) return refusal("incident_closed");
  if (event.shelf) shelve(draft, event.shelf);
  return incident;
}

function isDecision(value: Incident | Decision): value is Decision {
  return "commit" in value;
}

function changed(draft: Draft, incidentId: string): Decision {
  refreshTold(draft, incidentId);
  draft.publish("incident", incidentId);
  return draft.done();
}

/** Somebody is on it: no repeats and no next recipients; the end is told all the same. */
export function incidentAcknowledged(draft: Draft, event: Of<"incident_acknowledged">): Decision {
  const incident = opened(draft, event);
  if (isDecision(incident)) return incident;
  if (incident.acknowledgedBy === event.by) return refusal("already_so");
  draft.put("incident", incident.id, { ...incident, acknowledgedBy: event.by, pursuits: [] });
  for (const row of rowsOf(draft, incident.id))
    if (row.step === "repeat" && isWaiting(row)) draft.put("notification", row.id, superseded(draft, row));
  note(draft, incident.id, { type: "acknowledged", by: event.by });
  return changed(draft, incident.id);
}

/** No repeats, no next recipients and no worsening until then. */
export function incidentQuieted(draft: Draft, event: Of<"incident_quieted">): Decision {
  const incident = opened(draft, event);
  if (isDecision(incident)) return incident;
  const { by, untilWallMs } = event;
  draft.put("incident", incident.id, { ...incident, quiet: { by, untilWallMs } });
  note(draft, incident.id, { type: "quieted", by, untilWallMs });
  return changed(draft, incident.id);
}

/** A check by hand: shown, and never judged by. What the core asks itself decides. */
export function incidentChecked(draft: Draft, event: Of<"incident_checked">): Decision {
  const incident = opened(draft, event);
  if (isDecision(incident)) return incident;
  const { by, evidence } = event;
  draft.put("incident", incident.id, { ...incident, checked: { by, wallMs: draft.at.wallMs, evidence } });
  const results = evidence.flatMap((item) => (item.type === "probe" ? [item.result] : []));
  note(draft, incident.id, { type: "checked", by, verdict: verdictOf({ results }) });
  return changed(draft, incident.id);
}

export function incidentAnnounced(draft: Draft, event: Of<"incident_announced">): Decision {
  const incident = opened(draft, event);
  if (isDecision(incident)) return incident;
  if (event.over) {
    if (incident.announcement === null) return refusal("not_announced");
    if (incident.announcement.overWallMs !== null) return refusal("already_so");
    announceOver(draft, incident.id, event.by);
  } else {
    if (usersOf(draft, incident).length === 0) return refusal("nobody_to_announce_to");
    if (incident.announcement !== null) return refusal("already_so");
    announce(draft, incident, event.by);
  }
  return changed(draft, incident.id);
}

export function incidentNoted(draft: Draft, event: Of<"incident_noted">): Decision {
  const incident = draft.get("incident", event.incidentId);
  if (!incident) return refusal("incident_not_found");
  note(draft, incident.id, { type: "note", by: event.by, text: event.text });
  draft.publish("incident", incident.id);
  return draft.done();
}
