/**
 * One event in, one decision out. Pure: the same state and event give the same decision on every machine.
 * Why one switch: every way into the core is in this list.
 * Must not: mutate the state (`apply` does), read a clock, or wait.
 */
import { unreachable } from "../../shared/assert.ts";
import { look, newDetector, roundFinished, verdict } from "./detector.ts";
import * as delivery from "./delivery.ts";
import { accepted, Draft, refusal } from "./draft.ts";
import { clockOf, coreNow, credit, hearingOf, observed, started } from "./hearing.ts";
import { archiveIfTold } from "./incidents.ts";
import * as registry from "./registry.ts";
import { keepAnswer } from "./rounds.ts";
import * as sessions from "./sessions.ts";
import type { State } from "./state.ts";
import type { ClockRecord, Decision, Event, Hearing } from "./types.ts";

type Of<T extends Event["type"]> = Extract<Event, { type: T }>;

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
    case "outbox_woken":
      delivery.expireLeases(draft, false);
      delivery.claim(draft);
      archiveTold(draft);
      return draft.done();
    case "delivery_finished":
      delivery.settle(draft, event.notificationId, event.attempt, event.outcome);
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
      return registry.incidentAcknowledged(draft, event);
    case "incident_noted":
      return registry.incidentNoted(draft, event);
    case "recipient_saved":
      return registry.recipientSaved(draft, event);
    case "recipient_removed":
      return registry.recipientRemoved(draft, event);
    case "link_code_created":
      return registry.linkCodeCreated(draft, event);
    case "chat_linked":
      return registry.chatLinked(draft, event);
    case "shelf_written":
      return registry.shelfWritten(draft, event);
    default:
      return unreachable(event);
  }
}

/** What the store holds when the collector stops by itself is all that was heard; the next start may rely on it. */
function collectorStopping(draft: Draft): Decision {
  draft.put("clock", "", { ...clockOf(draft.state), ...draft.at, coreMs: draft.nowMs });
  draft.put("meta", "", { ...draft.meta(), stoppedCoreMs: draft.nowMs });
  return draft.done();
}

/** First of all after loading: no session lives, nothing is being sent, and we have not heard anybody yet. */
function collectorStarted(state: State, event: Of<"collector_started">): Decision {
  const { clock, hearing } = started(state, event.at, event.hostBootId);
  const before = clockOf(state);
  const draft = new Draft(state, event.at, clock.coreMs);
  draft.put("clock", "", clock);
  draft.put("hearing", "", hearing);
  const meta = draft.meta();
  const random = state.tables.meta.has("") ? meta.random : event.seed;
  // Of a clean stop the volatile facts are complete; otherwise they may be as old as the start of the run before.
  const complete = meta.stoppedCoreMs === before.coreMs;
  const newestVolatileMs = Math.max(before.coreMs, meta.startedCoreMs);
  draft.put("meta", "", { ...meta, random, startedCoreMs: clock.coreMs, stoppedCoreMs: null });
  for (const serverId of state.tables.server.keys()) {
    const heard = state.tables.heard.get(serverId);
    const detector = state.tables.detector.get(serverId);
    // A sign of life may have met a full disk (F3): what was heard after the status began ends it.
    const heardSince =
      (detector?.status === "suspect" || detector?.status === "new" || detector?.status === "planned") &&
      heard !== undefined &&
      heard.wallMs > 0 &&
      heard.coreMs > detector.sinceCoreMs;
    if (heardSince) {
      const since = { serverId, sinceCoreMs: heard.coreMs, sinceWallMs: heard.wallMs };
      draft.put("detector", serverId, { ...since, status: "up" });
    }
    const status = heardSince ? "up" : detector?.status;
    // Who was up may have been heard in the last moments, which never reached the disk. Only who is judged by silence:
    // of a planned server this would look like a sign of life at the next start.
    const mayBeNewer = (status === "up" || status === "recovering") && before.hostBootId !== "" && !complete;
    const newestMs = mayBeNewer
      ? Math.max(heard?.coreMs ?? 0, newestVolatileMs) + state.times.volatileLossMs
      : 0;
    const heardMs = Math.min(Math.max(heard?.coreMs ?? 0, newestMs), clock.coreMs);
    if (heard)
      draft.put("heard", serverId, {
        ...heard,
        coreMs: heardMs,
        hearingMs: Math.min(heard.hearingMs, hearing.hearingMs),
        sessionId: null,
        connected: false,
        disconnectedWallMs: null,
      });
    else if (status !== undefined && status !== "new" && status !== "paused")
      // The volatile facts are lost: silence is counted from now.
      draft.put("heard", serverId, {
        serverId,
        coreMs: clock.coreMs,
        hearingMs: hearing.hearingMs,
        wallMs: event.at.wallMs,
        sessionId: null,
        bootId: null,
        sequence: 0,
        agentStartedBootMs: null,
        connected: false,
        disconnectedWallMs: null,
        announced: null,
      });
    const silence = state.tables.silence.get(serverId);
    if (silence) draft.put("silence", serverId, { ...silence, openRoundId: null });
    if (status === undefined) draft.put("detector", serverId, newDetector(draft, serverId));
    draft.put("look", serverId, { coreMs: clock.coreMs });
  }
  for (const serverId of state.tables.mark.keys()) draft.put("mark", serverId, null);
  // Volatile facts of a server that was removed just before a crash.
  for (const table of ["heard", "silence", "baseline", "health", "look"] as const)
    for (const serverId of state.tables[table].keys())
      if (!state.tables.server.has(serverId)) draft.put(table, serverId, null);
  delivery.expireLeases(draft, true);
  if (before.hostBootId === "") delivery.forgetWaits(draft);
  archiveTold(draft);
  draft.publish("hearing", "");
  return draft.done();
}

/** A tick, or the sockets were read once more: time moves, hearing is judged, and then what is due. */
function clocked(state: State, event: Of<"tick" | "sockets_drained">): Decision {
  const before = hearingOf(state);
  if (before.state === "starting") return refusal("already_so");
  const { clock, hearing, returned } = observed(state, event.at, event.type === "tick");
  const due = event.type === "tick" ? state.derived.schedule.due(clock.coreMs) : [];
  if (
    event.type === "tick" &&
    due.length === 0 &&
    hearing.state === before.state &&
    state.derived.openNotifications.size === 0
  )
    return quietTick(clock, hearing);
  const draft = new Draft(state, event.at, clock.coreMs);
  draft.put("clock", "", clock);
  draft.put("hearing", "", hearing);
  if (hearing.state !== before.state) draft.publish("hearing", "");
  if (returned) credit(draft, before, hearing);
  if (event.type === "sockets_drained") {
    for (const serverId of state.tables.mark.keys()) verdict(draft, serverId);
    return draft.done();
  }
  for (const serverId of due) look(draft, serverId);
  // Claims are an event of their own: a tick must not depend on the disk (see failed-commit.ts).
  if (delivery.isDue(draft)) draft.effect({ type: "wake_outbox" });
  return draft.done();
}

/** Most ticks: nobody is due and nothing waits to be told. Only time moves; no draft is made. */
function quietTick(clock: ClockRecord, hearing: Hearing): Decision {
  return {
    commit: [],
    later: [
      { table: "clock", key: "", value: clock },
      { table: "hearing", key: "", value: hearing },
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
  return draft.done();
}

/** Closed incidents whose last row settled, and messages without an incident, leave the living state. */
function archiveTold(draft: Draft): void {
  for (const incident of draft.state.tables.incident.values())
    if (incident.endedWallMs !== null) archiveIfTold(draft, incident.id);
  delivery.dropToldWithoutIncident(draft);
}
