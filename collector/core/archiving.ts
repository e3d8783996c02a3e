/**
 * Closed incidents leave the living state: told, and their cause final.
 * Why apart: whoever settles a row, a cause or an incident may be the last to have held it here.
 * Must not: lose an incident (the archive gets it in the same commit).
 */
import { isOpen } from "./apply.ts";
import { dropToldWithoutIncident } from "./delivery.ts";
import type { Draft } from "./draft.ts";
import { hearingIn } from "./hearing.ts";
import { rowsOf } from "./outbox.ts";

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

/** Hearing returned: agents that dialled again tell their journals within T from now. */
export function resumeCauses(draft: Draft): void {
  for (const id of draft.state.derived.uncertainIncidents) {
    const incident = draft.get("incident", id);
    if (incident?.causeDueCoreMs == null) continue;
    const causeDueCoreMs = draft.nowMs + draft.state.times.journalWaitMs;
    draft.put("incident", id, { ...incident, causeDueCoreMs });
  }
}

/** Nobody tells more about it: what is known now is final. */
export function settleCauses(draft: Draft): void {
  // While nobody can be heard no journal can come; the return of hearing waits for it anew (below).
  const hearing = hearingIn(draft);
  if (hearing.state !== "hearing") return;
  for (const id of draft.state.derived.uncertainIncidents) {
    const incident = draft.get("incident", id);
    if (incident?.causeDueCoreMs == null || incident.causeDueCoreMs > draft.nowMs) continue;
    draft.put("incident", id, { ...incident, causeDueCoreMs: null });
    archiveIfTold(draft, id);
  }
}
