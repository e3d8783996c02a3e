/**
 * What must hold after each step, checked from the core's own records.
 * Why here: tests, the simulator and a paranoid operator run the same list. The simulator's oracle checks the truth
 * from outside as well.
 * Must not: change anything, or be run on each heartbeat in production.
 */
import { isOpen } from "./apply.ts";
import { isBeside } from "./channels.ts";
import { clockOf, hearingNow, hearingOf, observed } from "./hearing.ts";
import { subjectOf } from "./outbox.ts";
import type { State } from "./state.ts";
import { downAfterOf } from "./times.ts";
import type { Decision } from "./types/effects.ts";
import type { Event } from "./types/events.ts";
import type { Write } from "./types/tables.ts";
import type { Notification } from "./types/telling.ts";

/** Rounding of the boot clock and of credits. */
const SLACK_MS = 1;

/** What is wrong with `decision` in `state` (before it is applied), as sentences that begin with the rule; empty: nothing. */
export function violations(state: State, event: Event, decision: Decision): string[] {
  const found: string[] = [];
  const written = new Map<string, Write>();
  for (const write of decision.commit) written.set(`${write.table} ${write.key}`, write);
  for (const write of decision.commit) {
    if (write.table === "detector" && write.value?.status === "down")
      checkVerdict(write.key, write.value.incidentId);
    if (write.table === "notification" && write.value) checkRow(write.value);
    if (write.table === "incident" && write.value === null && !written.has(`archive ${write.key}`))
      found.push(`S4: incident ${write.key} vanished without being archived`);
  }
  for (const effect of decision.effects)
    if (effect.type === "send_notification")
      for (const { id } of effect.notifications) {
        const claim = written.get(`notification ${id}`);
        if (claim?.table !== "notification" || claim.value?.status !== "sending")
          found.push(`O2: ${id} is sent without a durable claim`);
      }
  return found;

  function checkVerdict(serverId: string, incidentId: string): void {
    const before = state.tables.detector.get(serverId);
    if (before?.status === "down" || before?.status === "recovering") return;
    const incident = written.get(`incident ${incidentId}`) ?? written.get(`archive ${incidentId}`);
    if (!incident) found.push(`S5: ${serverId} went down without its incident in the same commit`);
    const { hearing } = observed(state, event.at, false);
    if (hearing.state !== "hearing") found.push(`S2: ${serverId} was judged in state ${hearing.state}`);
    if (before?.status === "planned") return;
    const heard = state.tables.heard.get(serverId);
    const server = state.tables.server.get(serverId);
    if (!heard || !server) {
      found.push(`S1: ${serverId} went down but was never heard`);
      return;
    }
    const silentMs = hearing.hearingMs - heard.hearingMs;
    if (silentMs + SLACK_MS < downAfterOf(server, state.settings))
      found.push(`S1: ${serverId} went down after ${String(Math.round(silentMs))} ms of silence`);
  }

  function checkRow(row: Notification): void {
    const before = state.tables.notification.get(row.id);
    // What shows a message anew is sent each time that there is something new.
    if (isBeside(row.step)) return;
    if (before?.status === "sent" && row.status !== "sent")
      found.push(`S6: ${row.id} was accepted and becomes ${row.status}`);
    if (row.status === "sending" && before?.status === "unknown" && (before.repeated || !row.repeat))
      found.push(`S6: ${row.id} of unknown fate is sent again ${before.repeated ? "twice" : "unmarked"}`);
    if (row.status !== "sending" || before?.status === "sending") return;
    for (const id of state.derived.openNotifications) {
      const other = state.tables.notification.get(id);
      if (!other || other.recipientId !== row.recipientId || subjectOf(other) !== subjectOf(row)) continue;
      if (other.sequence < row.sequence && isStillOpen(other)) found.push(`S7: ${row.id} overtakes ${id}`);
    }
  }

  function isStillOpen(row: Notification): boolean {
    const now = written.get(`notification ${row.id}`);
    if (now?.table === "notification") return now.value !== null && isOpen(now.value);
    return isOpen(row);
  }
}

/** What is wrong with a whole state, as sentences; empty: nothing. Costs O(everything). */
export function stateViolations(state: State): string[] {
  const found: string[] = [];
  const { tables, derived } = state;
  const openOf = new Map<string, string>();
  for (const incident of tables.incident.values()) {
    if (incident.serverId === null || incident.endedWallMs !== null) continue;
    const other = openOf.get(incident.serverId);
    if (other !== undefined)
      found.push(`S4: ${other} and ${incident.id} are both open for ${incident.serverId}`);
    openOf.set(incident.serverId, incident.id);
  }
  for (const detector of tables.detector.values()) {
    const open = openOf.get(detector.serverId);
    const claimed =
      detector.status === "down" || detector.status === "recovering" ? detector.incidentId : undefined;
    if (open !== claimed)
      found.push(
        `S5: ${detector.serverId} is ${detector.status} with incident ${String(claimed)}, open is ${String(open)}`,
      );
    if (!derived.schedule.has(detector.serverId)) found.push(`D17: nobody will look at ${detector.serverId}`);
    if (!tables.server.has(detector.serverId))
      found.push(`D14: a detector outlived its server ${detector.serverId}`);
  }
  let placed = 0;
  for (const server of tables.server.values()) {
    if (server.siteId === null) continue;
    placed += 1;
    if (derived.serversOf.get(server.siteId)?.has(server.id) !== true)
      found.push(`S13: ${server.id} is not among the servers of ${server.siteId}`);
  }
  for (const ids of derived.serversOf.values()) placed -= ids.size;
  if (placed !== 0) found.push(`S13: ${-placed} servers too many are among those of sites`);
  for (const row of tables.notification.values())
    if (isOpen(row) !== derived.openNotifications.has(row.id))
      found.push(`S13: ${row.id} is not indexed as it is`);
  const sending = new Map<string, Notification>();
  for (const id of derived.openNotifications) {
    const row = tables.notification.get(id);
    if (row?.status !== "sending") continue;
    const other = sending.get(row.recipientId);
    // Told by one message they were claimed at once.
    if (other && !(row.folded && other.folded && row.leaseUntilCoreMs === other.leaseUntilCoreMs))
      found.push(`O6: ${other.id} and ${id} are sent to one recipient at once`);
    sending.set(row.recipientId, row);
  }
  found.push(...groupViolations(state));
  const hearing = hearingOf(state);
  if (hearingNow(hearing, clockOf(state).coreMs) < 0) found.push("H3: the hearing clock is negative");
  return found;
}

/** What is wrong with groups and the indexes about them, as sentences; empty: nothing. */
function groupViolations(state: State): string[] {
  const found: string[] = [];
  const { tables, derived } = state;
  const indexed = (is: boolean, index: ReadonlySet<string> | undefined, id: string, name: string): void => {
    if (is !== (index?.has(id) ?? false)) found.push(`S13: ${id} is not indexed as it is (${name})`);
  };
  for (const incident of tables.incident.values()) {
    const { id } = incident;
    const isOpenStill = incident.endedWallMs === null;
    indexed(isOpenStill && incident.serverId === null, derived.sharedIncidents, id, "shared");
    indexed(isOpenStill && incident.muted, derived.mutedIncidents, id, "muted");
    indexed(isOpenStill && incident.pursuits.length > 0, derived.pursuedIncidents, id, "pursued");
    indexed(!isOpenStill && incident.causeDueCoreMs !== null, derived.uncertainIncidents, id, "uncertain");
    if (incident.groupedUnder !== null)
      indexed(isOpenStill, derived.membersOf.get(incident.groupedUnder), id, "member");
    if (!isOpenStill || incident.groupedUnder === null || incident.serverId === null) continue;
    const group = tables.incident.get(incident.groupedUnder);
    const detector = tables.detector.get(incident.serverId);
    // Nobody would ever tell of it: its group is over and no moment is set.
    if (
      (!group || group.endedWallMs !== null) &&
      detector?.status === "down" &&
      detector.aloneFromCoreMs === null
    )
      found.push(
        `V5: ${id} is grouped under ${incident.groupedUnder}, which is over, and will never be told`,
      );
  }
  for (const record of tables.flapping.values())
    indexed(record.sinceCoreMs !== null, derived.flapping, record.subject, "flapping");
  return found;
}
