/**
 * Maintenance windows: what is down within one is recorded and not told; what is still down at its end is told then (incidents).
 * Why calendar time: a window is what staff agreed with people, and they read the wall clock.
 * Must not: touch detection. Only who is told, and when.
 */
import type { Draft } from "./draft.ts";
import { refusal } from "./draft.ts";
import { shelve } from "./shelf.ts";
import type { Decision } from "./types/effects.ts";
import type { Event } from "./types/events.ts";
import type { Incident } from "./types/incident.ts";

/** Windows that ended are kept so long, to be read. */
const KEPT_MS = 90 * 86_400_000;

/** Whether a window mutes this incident now. A group is muted when each of its servers is. */
export function inMaintenance(
  draft: Draft,
  incident: Pick<Incident, "serverId" | "siteId" | "group">,
): boolean {
  if (draft.state.tables.maintenance.size === 0) return false;
  if (isCovered(draft, incident.serverId, incident.siteId)) return true;
  const serverIds = incident.group?.serverIds ?? [];
  return (
    serverIds.length > 0 && serverIds.every((id) => isCovered(draft, id, draft.server(id)?.siteId ?? null))
  );
}

function isCovered(draft: Draft, serverId: string | null, siteId: string | null): boolean {
  const { wallMs } = draft.at;
  for (const window of draft.all("maintenance")) {
    if (wallMs < window.startsWallMs || wallMs >= window.endsWallMs) continue;
    if (window.serverId !== null && window.serverId !== serverId) continue;
    if (window.siteId === null || window.siteId === siteId) return true;
  }
  return false;
}

export function maintenanceSaved(
  draft: Draft,
  event: Extract<Event, { type: "maintenance_saved" }>,
): Decision {
  const { maintenance } = event;
  if (maintenance.serverId !== null && !draft.server(maintenance.serverId))
    return refusal("server_not_found");
  if (maintenance.siteId !== null && !draft.get("site", maintenance.siteId)) return refusal("site_not_found");
  if (maintenance.endsWallMs <= maintenance.startsWallMs) return refusal("maintenance_ends_before_it_starts");
  if (event.shelf) shelve(draft, event.shelf);
  for (const old of draft.all("maintenance"))
    if (old.endsWallMs + KEPT_MS < draft.at.wallMs) draft.put("maintenance", old.id, null);
  draft.put("maintenance", maintenance.id, maintenance);
  draft.publish("maintenance", maintenance.id);
  return draft.done({ ok: true, id: maintenance.id });
}

export function maintenanceRemoved(
  draft: Draft,
  event: Extract<Event, { type: "maintenance_removed" }>,
): Decision {
  if (!draft.get("maintenance", event.maintenanceId)) return refusal("maintenance_not_found");
  draft.put("maintenance", event.maintenanceId, null);
  draft.publish("maintenance", event.maintenanceId);
  return draft.done();
}
