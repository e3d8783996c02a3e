/**
 * One event in, one decision out. Pure: the same state and event give the same decision on every machine.
 * Why one switch: every way into the core is in this list.
 * Must not: mutate the state (`apply` does), read a clock, or wait.
 */
import { unreachable } from "../../shared/assert.ts";
import { roundFinished } from "./answers.ts";
import { archiveTold, resumeCauses, settleCauses } from "./archiving.ts";
import { doubtAllSince } from "./baselines.ts";
import { boardsDue, lookAtBoards } from "./boards.ts";
import { look, quietLook } from "./detector.ts";
import { claim, isDue } from "./claiming.ts";
import * as delivery from "./delivery.ts";
import { accepted, Draft, refusal } from "./draft.ts";
import { clockOf, coreNow, credit, hearingOf, observed } from "./hearing.ts";
import { flappingDue, lookAtFlapping } from "./flapping.ts";
import * as handling from "./handling.ts";
import { lookAtMuted } from "./incidents.ts";
import { doubtAllGatewaysSince, gatewayProbed } from "./gateways.ts";
import { lookAtGroups } from "./group-endings.ts";
import { journalReceived } from "./journal.ts";
import { collectorStarted, collectorStopping } from "./lifecycle.ts";
import { maintenanceRemoved, maintenanceSaved } from "./maintenance.ts";
import { expireMass, lookForMass, resumeMass } from "./mass.ts";
import * as recipients from "./recipients.ts";
import * as registry from "./registry.ts";
import { refreshJoined } from "./refresh.ts";
import { keepAnswer } from "./rounds.ts";
import { routeRemoved, routeSaved } from "./routes.ts";
import { lookAtSentinels, sentinelsAnswered, sentinelsDue } from "./sentinels.ts";
import * as sessions from "./sessions.ts";
import { shelve } from "./shelf.ts";
import { summaryDue } from "./summaries.ts";
import { lookAtFallbacks, lookAtPursuits, pursuitsDue } from "./telling.ts";
import { verdict } from "./verdicts.ts";
import { witnessAnswered } from "./witnesses.ts";
import type { State } from "./state.ts";
import type { Decision } from "./types/effects.ts";
import type { Event } from "./types/events.ts";
import type { Hearing, Write } from "./types/tables.ts";
import type { ClockRecord } from "./types/time.ts";

type Of<T extends Event["type"]> = Extract<Event, { type: T }>;

const noWrites: readonly Write[] = [];

/** What follows from `event` in `state`. Apply the writes (commit first, made durable) before the next call. */
export function decide(state: State, event: Event): Decision {
  // The common one first and on its own: a steady heartbeat makes no draft.
  if (event.type === "heartbeat_received") return sessions.beat(state, event);
  if (event.type === "collector_started") return collectorStarted(state, event);
  if (event.type === "tick" || event.type === "sockets_drained") return clocked(state, event);
  const draft = new Draft(state, event.at, coreNow(clockOf(state), event.at));
  if (event.type === "collector_stopping") return collectorStopping(draft);
  switch (event.type) {
    case "agent_connected":
      return sessions.connected(draft, event);
    case "inventory_received":
      return sessions.inventoried(draft, event);
    case "goodbye_received":
      return sessions.goodbye(draft, event);
    case "agent_disconnected":
      return sessions.disconnected(draft, event);
    case "probe_finished":
      return probeFinished(draft, event);
    case "gateway_probed":
      gatewayProbed(draft, event);
      return draft.done();
    case "witness_answered":
      return witnessAnswered(draft, event);
    case "journal_received":
      return journalReceived(draft, event);
    case "sentinels_answered":
      sentinelsAnswered(draft, event);
      return draft.done();
    case "maintenance_saved":
      return maintenanceSaved(draft, event);
    case "maintenance_removed":
      return maintenanceRemoved(draft, event);
    case "outbox_woken":
      delivery.expireLeases(draft, false);
      claim(draft);
      archiveTold(draft);
      return draft.done();
    case "delivery_finished":
      delivery.settle(draft, event.rows, event.outcome);
      archiveTold(draft);
      return draft.done();
    case "agent_enrolled":
      return registry.agentEnrolled(draft, event);
    case "enrollment_created":
      return registry.enrollmentCreated(draft, event);
    case "site_saved":
      return registry.siteSaved(draft, event);
    case "site_removed":
      return registry.siteRemoved(draft, event);
    case "server_saved":
      return registry.serverSaved(draft, event);
    case "server_paused":
      return registry.serverPaused(draft, event);
    case "server_resumed":
      return registry.serverResumed(draft, event);
    case "server_removed":
      return registry.serverRemoved(draft, event);
    case "incident_acknowledged":
      return handling.incidentAcknowledged(draft, event);
    case "incident_quieted":
      return handling.incidentQuieted(draft, event);
    case "incident_checked":
      return handling.incidentChecked(draft, event);
    case "incident_announced":
      return handling.incidentAnnounced(draft, event);
    case "incident_noted":
      return handling.incidentNoted(draft, event);
    case "recipient_saved":
      return recipients.recipientSaved(draft, event);
    case "recipient_removed":
      return recipients.recipientRemoved(draft, event);
    case "recipient_returned":
      return recipients.recipientReturned(draft, event);
    case "channel_answered":
      return recipients.channelAnswered(draft, event);
    case "route_saved":
      return routeSaved(draft, event);
    case "route_removed":
      return routeRemoved(draft, event);
    case "drill_started":
      return recipients.drillStarted(draft, event);
    case "summary_due":
      return summaryDue(draft, event);
    case "link_code_created":
      return recipients.linkCodeCreated(draft, event);
    case "chat_linked":
      return recipients.chatLinked(draft, event);
    case "shelf_written":
      shelve(draft, event.writes);
      return draft.done();
    default:
      return unreachable(event);
  }
}

/** A tick, or the sockets were read once more: time moves, hearing is judged, and then what is due. */
function clocked(state: State, event: Of<"tick" | "sockets_drained">): Decision {
  const before = hearingOf(state);
  if (before.state === "starting") return refusal("already_so");
  const { clock, hearing, returned, paused } = observed(state, event.at, event.type === "tick");
  const due = event.type === "tick" ? state.derived.schedule.due(clock.coreMs) : [];
  if (
    event.type === "tick" &&
    hearing.state === before.state &&
    state.derived.openNotifications.size === 0 &&
    isQuiet(state, clock.coreMs)
  ) {
    const looks = quietLooks(state, hearing, clock.coreMs, due);
    if (looks !== null) return quietTick(clock, hearing, looks);
  }
  const draft = new Draft(state, event.at, clock.coreMs);
  draft.put("clock", "", clock);
  draft.put("hearing", "", hearing);
  if (hearing.state !== before.state) draft.publish("hearing", "");
  if (returned) credit(draft, before, hearing);
  if (paused) {
    doubtAllSince(draft, before.lastTickCoreMs);
    doubtAllGatewaysSince(draft, before.lastTickCoreMs);
  }
  if (event.type === "sockets_drained") {
    for (const serverId of state.tables.mark.keys()) verdict(draft, serverId);
    refreshJoined(draft);
    return draft.done();
  }
  lookAtSentinels(draft);
  for (const serverId of due) look(draft, serverId);
  if (returned) {
    resumeMass(draft);
    // After a drain nobody had to dial anew.
    if (before.state === "grace") resumeCauses(draft);
  }
  if (draft.suspicions > 0) lookForMass(draft);
  expireMass(draft);
  lookAtGroups(draft);
  lookAtMuted(draft);
  lookAtFlapping(draft);
  lookAtPursuits(draft);
  lookAtFallbacks(draft);
  refreshJoined(draft);
  lookAtBoards(draft);
  settleCauses(draft);
  // Claims are an event of their own: a tick must not depend on the disk (see failed-commit.ts).
  if (isDue(draft)) draft.effect({ type: "wake_outbox" });
  return draft.done();
}

/** Nothing that a tick must look at beside single servers. */
function isQuiet(state: State, nowMs: number): boolean {
  const { derived } = state;
  return (
    derived.sharedIncidents.size === 0 &&
    derived.mutedIncidents.size === 0 &&
    derived.uncertainIncidents.size === 0 &&
    !flappingDue(state, nowMs) &&
    !pursuitsDue(state, nowMs) &&
    !boardsDue(state, nowMs) &&
    state.tables.mass.size === 0 &&
    !sentinelsDue(state, nowMs)
  );
}

/** When to look again at those who are due, if each of them is plainly fine; null: somebody is not. */
function quietLooks(
  state: State,
  hearing: Hearing,
  nowMs: number,
  due: readonly string[],
): readonly Write[] | null {
  if (due.length === 0) return noWrites;
  const looks: Write[] = [];
  for (const serverId of due) {
    const coreMs = quietLook(state, hearing, nowMs, serverId);
    if (coreMs === null) return null;
    looks.push({ table: "look", key: serverId, value: { coreMs } });
  }
  return looks;
}

/** Most ticks: who is due is fine and nothing waits to be told. Only time moves; no draft is made. */
function quietTick(clock: ClockRecord, hearing: Hearing, looks: readonly Write[]): Decision {
  return {
    commit: [],
    later: [
      { table: "clock", key: "", value: clock },
      { table: "hearing", key: "", value: hearing },
      ...looks,
    ],
    effects: [],
    reply: accepted,
  };
}

function probeFinished(draft: Draft, event: Of<"probe_finished">): Decision {
  const server = draft.server(event.serverId);
  if (!server) return refusal("server_not_found");
  const silence = keepAnswer(draft, server, event.roundId, event.results);
  if (silence) roundFinished(draft, server, silence);
  if (draft.suspicions > 0) lookForMass(draft);
  return draft.done();
}
