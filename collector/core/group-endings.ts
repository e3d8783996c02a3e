/**
 * When an incident that stands for several servers is over, and who is told by itself then.
 * Why apart from groups.ts: that joins servers together; this lets them go.
 * Must not: end a group while nobody can be heard, or leave anybody untold who is still down.
 */
import type { Draft } from "./draft.ts";
import { groupCause } from "./causes.ts";
import { openSite, silentMs, silentTogether } from "./groups.ts";
import { hearingIn } from "./hearing.ts";
import { closeByStaff, closeGroup, regroup, ungroup } from "./incident-endings.ts";
import { membersOf, sharedIncidents } from "./incidents.ts";
import { isMany } from "./mass.ts";
import type { GroupFacts, Incident } from "./types/incident.ts";
import type { Server } from "./types/registry.ts";

/** Looks at each open group; called by ticks while there is one. */
export function lookAtGroups(draft: Draft): void {
  const hearing = hearingIn(draft);
  for (const incident of sharedIncidents(draft)) {
    if (!incident.group) continue;
    const members = membersOf(draft, incident.id);
    // Who is suspect still fell with the others; its own T may be a long one.
    const isLeft = incident.group.serverIds.some((id) => draft.get("detector", id)?.status === "suspect");
    if (members.length === 0 && !isLeft) {
      if (incident.group.endings.length === 0) closeByStaff(draft, incident.id, "removed_by_staff");
      else end(draft, incident, incident.group, []);
    } else if (hearing.state === "hearing") {
      if (incident.group.type === "site") lookAtSite(draft, incident, incident.group, members);
      else lookAtMass(draft, incident, incident.group, members);
    }
  }
}

function lookAtSite(draft: Draft, incident: Incident, group: GroupFacts, members: readonly Incident[]): void {
  const siteId = group.siteIds[0] ?? "";
  const isHeard = somebodyHeard(draft, siteId);
  if (!isHeard) {
    // It came back for a moment and is gone again: the same outage goes on.
    if (group.backCoreMs !== null)
      draft.put("incident", incident.id, { ...incident, group: { ...group, backCoreMs: null } });
    return;
  }
  settle(draft, incident, group, members);
}

/** A server of the site is up and was heard lately. */
function somebodyHeard(draft: Draft, siteId: string): boolean {
  for (const id of draft.state.derived.serversOf.get(siteId) ?? []) {
    const heard = draft.get("heard", id);
    const server = draft.server(id);
    if (!heard || server?.siteId !== siteId || draft.get("detector", id)?.status !== "up") continue;
    if (server.mode === "ping" || silentMs(draft, heard) < draft.state.times.suspectMs) return true;
  }
  return false;
}

/** A mass outage is over when they are not many any more. Who is suspect still belongs to it. */
function lookAtMass(draft: Draft, incident: Incident, group: GroupFacts, members: readonly Incident[]): void {
  const memberOf = new Map(members.map((member) => [member.serverId, member]));
  const silent = group.serverIds.filter((id) => {
    const status = draft.get("detector", id)?.status;
    return status === "suspect" || (status === "down" && memberOf.has(id));
  });
  const sites = new Set(silent.map((id) => draft.server(id)?.siteId ?? ""));
  if (!isMany(draft.state, silent.length, group.serverIds.length, sites.size))
    return settle(draft, incident, group, members);
  if (group.backCoreMs !== null)
    draft.put("incident", incident.id, { ...incident, group: { ...group, backCoreMs: null } });
}

/** Enough is back: the rest gets T/2. */
function settle(draft: Draft, incident: Incident, group: GroupFacts, members: readonly Incident[]): void {
  if (group.backCoreMs === null) {
    draft.put("incident", incident.id, { ...incident, group: { ...group, backCoreMs: draft.nowMs } });
    return;
  }
  if (draft.nowMs - group.backCoreMs >= draft.state.times.settleMs) end(draft, incident, group, members);
}

function end(draft: Draft, incident: Incident, group: GroupFacts, left: readonly Incident[]): void {
  // Returns before the last time that all were silent are not its end.
  const backMs = group.backCoreMs ?? draft.nowMs;
  const returns = group.endings
    .map((ending) => ending.backCoreMs)
    .filter((atMs) => atMs >= backMs - draft.state.times.suspectMs);
  const firstBackMs = group.type === "site" ? Math.min(backMs, ...returns) : backMs;
  let uncertain = false;
  for (const id of draft.state.derived.uncertainIncidents)
    if (draft.get("incident", id)?.groupedUnder === incident.id) uncertain = true;
  const causeDueCoreMs = uncertain ? draft.nowMs + draft.state.times.journalWaitMs : null;
  closeGroup(draft, incident, firstBackMs, groupCause(incident, group), causeDueCoreMs);
  tellApart(
    draft,
    left.filter((member) => draft.get("detector", member.serverId ?? "")?.status === "down"),
  );
  // Heard once: if it does not come back after all, it is told by itself (see backToDown).
}

/** Those who are still down: by site where a whole site is, under a parent that is among them, or each by itself. */
function tellApart(draft: Draft, left: readonly Incident[]): void {
  const waiting = new Map<string, Incident>();
  for (const incident of left) if (incident.serverId !== null) waiting.set(incident.serverId, incident);
  const sites = new Set<string>();
  for (const id of waiting.keys()) {
    const siteId = draft.server(id)?.siteId;
    if (siteId != null) sites.add(siteId);
  }
  for (const siteId of sites) {
    const silent = silentTogether(draft, siteId, new Set(waiting.keys()));
    const here = silent?.filter((server) => waiting.has(server.id)) ?? [];
    if (!silent || here.length < 2) continue;
    const cover = openSite(draft, siteId, silent);
    for (const server of here) {
      const incident = waiting.get(server.id);
      if (incident) regroup(draft, incident, cover);
      waiting.delete(server.id);
    }
  }
  for (const [id, incident] of waiting) {
    const parent = parentAmong(draft, draft.server(id), waiting);
    if (parent) regroup(draft, incident, parent);
    else ungroup(draft, incident);
  }
}

function parentAmong(
  draft: Draft,
  server: Server | undefined,
  waiting: ReadonlyMap<string, Incident>,
): Incident | null {
  let next = server?.parentId ?? null;
  for (let depth = 0; next !== null && depth < waiting.size; depth += 1) {
    const incident = waiting.get(next);
    if (incident) return incident;
    next = draft.server(next)?.parentId ?? null;
  }
  return null;
}
