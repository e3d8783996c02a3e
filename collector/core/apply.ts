/**
 * The only mutation of the state: puts records into tables and keeps the derived parts right.
 * Why alone: replaying the writes of all decisions gives the same state (S13), in memory, after a crash, in simulation.
 * Must not: decide, check or look at a clock.
 */
import { unreachable } from "../../shared/assert.ts";
import type { State } from "./state.ts";
import type { Incident } from "./types/incident.ts";
import type { Heard } from "./types/server.ts";
import type { Tables, TableName, Write } from "./types/tables.ts";
import type { Notification } from "./types/telling.ts";

/** Puts (or, with null, removes) each record in order. Synchronous; changes `state` in place. */
export function apply(state: State, writes: readonly Write[]): void {
  for (const write of writes) applyOne(state, write);
}

/** Puts all records of a loaded store into an empty state. */
export function applySnapshot(
  state: State,
  snapshot: { readonly [K in TableName]: ReadonlyMap<string, Tables[K]> },
): void {
  for (const table of Object.keys(state.tables) as TableName[]) {
    for (const [key, value] of snapshot[table]) applyOne(state, { table, key, value } as Write);
  }
}

/** Still to be sent, or its fate still to be learned. */
export function isOpen(row: Notification): boolean {
  if (row.status === "unknown") return !row.repeated;
  return row.status === "queued" || row.status === "sending" || row.status === "retry";
}

function applyOne(state: State, write: Write): void {
  const { tables, derived } = state;
  switch (write.table) {
    // What each heartbeat and each tick writes comes first.
    case "heard": {
      const { value } = write;
      if (value !== null && !value.ownHost) signed(state, value);
      put(tables.heard, write.key, value);
      return;
    }
    case "clock":
      put(tables.clock, write.key, write.value);
      if (write.value) derived.schedule.advance(write.value.coreMs);
      return;
    case "hearing":
      return put(tables.hearing, write.key, write.value);
    case "look":
      put(tables.look, write.key, write.value);
      if (tables.detector.has(write.key)) derived.schedule.set(write.key, write.value?.coreMs ?? 0);
      return;
    case "agent": {
      const before = tables.agent.get(write.key);
      if (before) derived.serverByAgentKey.delete(before.publicKey);
      put(tables.agent, write.key, write.value);
      if (write.value) derived.serverByAgentKey.set(write.value.publicKey, write.key);
      return;
    }
    case "server": {
      const before = tables.server.get(write.key);
      if (before?.siteId != null) derived.serversOf.get(before.siteId)?.delete(write.key);
      put(tables.server, write.key, write.value);
      if (write.value?.siteId != null) memberOf(derived.serversOf, write.value.siteId).add(write.key);
      return;
    }
    case "detector":
      put(tables.detector, write.key, write.value);
      // A server that nobody looks at would never be judged: every detector has a place in the schedule.
      if (write.value === null) derived.schedule.set(write.key, null);
      else if (!derived.schedule.has(write.key)) derived.schedule.set(write.key, write.value.sinceCoreMs);
      return;
    case "notification": {
      const before = tables.notification.get(write.key);
      if (before) derived.notificationsOf.get(before.incidentId)?.delete(write.key);
      put(tables.notification, write.key, write.value);
      if (write.value) memberOf(derived.notificationsOf, write.value.incidentId).add(write.key);
      else if (before && derived.notificationsOf.get(before.incidentId)?.size === 0)
        derived.notificationsOf.delete(before.incidentId);
      if (write.value && isOpen(write.value)) derived.openNotifications.add(write.key);
      else derived.openNotifications.delete(write.key);
      return;
    }
    case "archive":
      // Leaves the living state: the store keeps it.
      return;
    case "site":
      return put(tables.site, write.key, write.value);
    case "enrollment":
      return put(tables.enrollment, write.key, write.value);
    case "recipient":
      if (write.value?.board === true) derived.boards.add(write.key);
      else derived.boards.delete(write.key);
      return put(tables.recipient, write.key, write.value);
    case "route":
      return put(tables.route, write.key, write.value);
    case "linkCode":
      return put(tables.linkCode, write.key, write.value);
    case "incident": {
      const before = tables.incident.get(write.key);
      if (before) unlistIncident(state, before);
      put(tables.incident, write.key, write.value);
      if (write.value) listIncident(state, write.value);
      return;
    }
    case "flapping":
      put(tables.flapping, write.key, write.value);
      if (write.value !== null && write.value.sinceCoreMs !== null) derived.flapping.add(write.key);
      else derived.flapping.delete(write.key);
      return;
    case "meta":
      return put(tables.meta, write.key, write.value);
    case "shelf":
      return put(tables.shelf, write.key, write.value);
    case "silence":
      return put(tables.silence, write.key, write.value);
    case "maintenance":
      return put(tables.maintenance, write.key, write.value);
    case "serverLog":
      return put(tables.serverLog, write.key, write.value);
    case "baseline":
      return put(tables.baseline, write.key, write.value);
    case "gateway":
      return put(tables.gateway, write.key, write.value);
    case "sentinel":
      return put(tables.sentinel, write.key, write.value);
    case "sentinelPlan":
      return put(tables.sentinelPlan, write.key, write.value);
    case "mass":
      return put(tables.mass, write.key, write.value);
    case "identity":
      return put(tables.identity, write.key, write.value);
    case "journal":
      return put(tables.journal, write.key, write.value);
    case "unstable":
      return put(tables.unstable, write.key, write.value);
    case "health":
      return put(tables.health, write.key, write.value);
    case "mark":
      return put(tables.mark, write.key, write.value);
    default:
      return unreachable(write);
  }
}

/**
 * A sign of life is a sequence that grew; not a record that was moved by a credit, a restart or staff, nor a session that
 * began: its record still carries the moment of before, which staff may have moved.
 */
function signed(state: State, heard: Heard): void {
  const { derived, tables } = state;
  const before = tables.heard.get(heard.serverId);
  if (heard.sequence <= (before?.sequence ?? 0)) return;
  if (tables.server.get(heard.serverId)?.mode === "ping")
    derived.newestProbedMs = Math.max(derived.newestProbedMs, heard.coreMs);
  else derived.newestBeatMs = Math.max(derived.newestBeatMs, heard.coreMs);
}

function listIncident(state: State, incident: Incident): void {
  const { derived } = state;
  if (incident.endedWallMs !== null) {
    if (incident.causeDueCoreMs !== null) derived.uncertainIncidents.add(incident.id);
    return;
  }
  if (incident.serverId === null) derived.sharedIncidents.add(incident.id);
  if (incident.groupedUnder !== null) memberOf(derived.membersOf, incident.groupedUnder).add(incident.id);
  if (incident.muted) derived.mutedIncidents.add(incident.id);
  if (incident.pursuits.length > 0) derived.pursuedIncidents.add(incident.id);
}

function unlistIncident(state: State, incident: Incident): void {
  const { derived } = state;
  derived.sharedIncidents.delete(incident.id);
  derived.mutedIncidents.delete(incident.id);
  derived.pursuedIncidents.delete(incident.id);
  derived.uncertainIncidents.delete(incident.id);
  if (incident.groupedUnder === null) return;
  const members = derived.membersOf.get(incident.groupedUnder);
  members?.delete(incident.id);
  if (members?.size === 0) derived.membersOf.delete(incident.groupedUnder);
}

function put<T>(table: Map<string, T>, key: string, value: T | null): void {
  if (value === null) table.delete(key);
  else table.set(key, value);
}

function memberOf(index: Map<string, Set<string>>, key: string): Set<string> {
  let members = index.get(key);
  if (!members) index.set(key, (members = new Set()));
  return members;
}
