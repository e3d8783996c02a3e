/**
 * What agents say: sessions, heartbeats, goodbyes, inventory.
 * Why apart: only the newest session of a server may change anything (S8, S9); that is checked here, once.
 * Must not: judge silence, or wait for a disk on a steady heartbeat.
 */
import { doubtSince } from "./baselines.ts";
import { awaitJournal } from "./causes.ts";
import { Draft, refusal } from "./draft.ts";
import { PLANNED_MAX_MS, PLANNED_MS, signOfLife } from "./detector.ts";
import { clockOf, coreNow, hearingNow, hearingOf } from "./hearing.ts";
import { isDuplicate, sessionSeen } from "./duplicates.ts";
import { doubtGatewaySince } from "./gateways.ts";
import { aloneFrom } from "./incident-endings.ts";
import { beginRound, noSilence } from "./rounds.ts";
import { log } from "./server-log.ts";
import { newDetector } from "./status.ts";
import type { State } from "./state.ts";
import type { Decision } from "./types/effects.ts";
import type { Event } from "./types/events.ts";
import type { Server } from "./types/registry.ts";
import type { Detector, Heard } from "./types/server.ts";

type Of<T extends Event["type"]> = Extract<Event, { type: T }>;

/** The newest session replaces the one before; nothing is heard by it yet. */
export function connected(draft: Draft, event: Of<"agent_connected">): Decision {
  const { serverId, sessionId } = event;
  const server = draft.server(serverId);
  const agent = draft.get("agent", serverId);
  if (server?.mode !== "agent" || !agent) return refusal("server_not_found");
  const before = draft.get("heard", serverId);
  if (before?.sessionId != null && before.sessionId !== sessionId && before.connected) {
    draft.effect({ type: "close_session", sessionId: before.sessionId, reason: "replaced" });
    doubtSinceBroken(draft, server);
  }
  draft.put("heard", serverId, {
    serverId,
    coreMs: before?.coreMs ?? draft.nowMs,
    hearingMs: before?.hearingMs ?? hearingNow(hearingOf(draft.state), draft.nowMs),
    wallMs: before?.wallMs ?? 0,
    sessionId,
    bootId: before?.bootId ?? null,
    sequence: 0,
    agentStartedBootMs: before?.agentStartedBootMs ?? null,
    connected: true,
    disconnectedWallMs: null,
    announced: { bootId: event.bootId, agentStartedBootMs: event.agentStartedBootMs },
    ownHost: isLoopback(event.peerAddress) && event.bootId === clockOf(draft.state).hostBootId,
    features: event.features,
  });
  sessionSeen(draft, event);
  if (agent.version !== event.agentVersion)
    draft.put("agent", serverId, { ...agent, version: event.agentVersion });
  if (server.address === null) draft.put("server", serverId, { ...server, address: event.peerAddress });
  if (!draft.get("detector", serverId)) draft.put("detector", serverId, newDetector(draft, serverId));
  draft.publish("server", serverId);
  return draft.done();
}

/**
 * One heartbeat. Steady (up, current session, no silence pending): one volatile record, one ack, nothing durable.
 * A sequence not above the last is acknowledged and changes nothing.
 */
export function beat(state: State, event: Of<"heartbeat_received">): Decision {
  const { serverId, sessionId, sequence } = event;
  const { tables } = state;
  const heard = tables.heard.get(serverId);
  const detector = tables.detector.get(serverId);
  if (!heard || !detector || heard.sessionId !== sessionId) return refusal("session_not_current");
  if (sequence <= heard.sequence)
    return {
      commit: [],
      later: [],
      effects: [{ type: "send_ack", sessionId, sequence: heard.sequence }],
      reply: { ok: true },
    };
  const nowMs = coreNow(clockOf(state), event.at);
  const next: Heard = {
    serverId,
    coreMs: Math.max(heard.coreMs, nowMs),
    hearingMs: hearingNow(hearingOf(state), nowMs),
    wallMs: event.at.wallMs,
    sessionId,
    bootId: heard.announced?.bootId ?? heard.bootId,
    sequence,
    agentStartedBootMs: heard.announced?.agentStartedBootMs ?? heard.agentStartedBootMs,
    connected: true,
    disconnectedWallMs: null,
    announced: null,
    ownHost: heard.ownHost,
    features: heard.features,
  };
  const isSame = heard.announced === null || heard.bootId === null || isSameProgram(heard, next);
  if (isSame && detector.status === "up" && !tables.silence.has(serverId))
    return {
      commit: [],
      later:
        event.health === null
          ? [{ table: "heard", key: serverId, value: next }]
          : [
              { table: "heard", key: serverId, value: next },
              {
                table: "health",
                key: serverId,
                value: { serverId, wallMs: event.at.wallMs, sample: event.health },
              },
            ],
      effects: [
        { type: "send_ack", sessionId, sequence },
        { type: "publish", topic: "heartbeat", id: serverId },
      ],
      reply: { ok: true },
    };
  return unsteadyBeat(new Draft(state, event.at, nowMs), event, detector, next);
}

function unsteadyBeat(
  draft: Draft,
  event: Of<"heartbeat_received">,
  detector: Detector,
  heard: Heard,
): Decision {
  const server = draft.server(event.serverId);
  if (!server) return refusal("server_not_found");
  if (event.health)
    draft.put("health", event.serverId, {
      serverId: event.serverId,
      wallMs: event.at.wallMs,
      sample: event.health,
    });
  const before = draft.get("heard", event.serverId);
  const isAnother =
    before !== undefined &&
    before.announced !== null &&
    before.bootId !== null &&
    !isSameProgram(before, heard);
  if (isAnother && !isDuplicate(draft, event.serverId))
    log(
      draft,
      event.serverId,
      before.bootId === heard.bootId
        ? { type: "agent_restarted" }
        : { type: "rebooted", clean: detector.status === "planned" ? true : null },
    );
  signOfLife(draft, server, detector, heard);
  draft.effect({ type: "send_ack", sessionId: event.sessionId, sequence: event.sequence });
  draft.publish("heartbeat", event.serverId);
  return draft.done();
}

function isSameProgram(
  a: Pick<Heard, "bootId" | "agentStartedBootMs">,
  b: Pick<Heard, "bootId" | "agentStartedBootMs">,
): boolean {
  return a.bootId === b.bootId && a.agentStartedBootMs === b.agentStartedBootMs;
}

function isLoopback(address: string): boolean {
  return /^(::ffff:)?127\./.test(address) || address === "::1";
}

/**
 * A connection ended: it was perhaps broken for as long as an agent waits for an ack (8/3 η), in one direction only, while
 * heartbeats still came. What was asked since met that.
 */
function doubtSinceBroken(draft: Draft, server: Server): void {
  const sinceMs = draft.nowMs - draft.state.times.gapMs;
  doubtSince(draft, server.id, sinceMs);
  doubtGatewaySince(draft, server.siteId, sinceMs);
}

/** The socket closed. Evidence only: the server stays what it is, and probes start at once. */
export function disconnected(draft: Draft, event: Of<"agent_disconnected">): Decision {
  const heard = draft.get("heard", event.serverId);
  const server = draft.server(event.serverId);
  if (!heard || !server || heard.sessionId !== event.sessionId) return refusal("session_not_current");
  draft.put("heard", event.serverId, {
    ...heard,
    connected: false,
    disconnectedWallMs: event.at.wallMs,
  });
  doubtSinceBroken(draft, server);
  const status = draft.get("detector", event.serverId)?.status;
  if (status === "up" || status === "suspect")
    beginRound(draft, server, draft.get("silence", event.serverId) ?? noSilence(event.serverId));
  draft.publish("server", event.serverId);
  return draft.done();
}

/** A planned absence, said in the current session; the session is over with it. */
export function goodbye(draft: Draft, event: Of<"goodbye_received">): Decision {
  const { serverId, sessionId, sequence, reason } = event;
  const heard = draft.get("heard", serverId);
  const detector = draft.get("detector", serverId);
  if (!heard || !detector || heard.sessionId !== sessionId || sequence <= heard.sequence)
    return refusal("session_not_current");
  const { nowMs } = draft;
  draft.put("heard", serverId, {
    ...heard,
    coreMs: Math.max(heard.coreMs, nowMs),
    hearingMs: hearingNow(hearingOf(draft.state), nowMs),
    wallMs: event.at.wallMs,
    sessionId: null,
    sequence,
    connected: false,
  });
  if (
    detector.status === "up" ||
    detector.status === "suspect" ||
    detector.status === "new" ||
    detector.status === "planned"
  ) {
    const usualMs = reason === "reboot" || reason === "upgrade" ? PLANNED_MS[reason] : null;
    const awayMs = event.awayForMs === null ? usualMs : Math.min(PLANNED_MAX_MS, event.awayForMs);
    const deadlineCoreMs = awayMs === null ? null : nowMs + awayMs;
    const since = { serverId, sinceCoreMs: nowMs, sinceWallMs: event.at.wallMs };
    draft.put("silence", serverId, null);
    log(draft, serverId, { type: "goodbye", reason });
    draft.put("detector", serverId, { ...since, status: "planned", reason, deadlineCoreMs });
    draft.put("look", serverId, { coreMs: reason === "agent_stopped" ? nowMs : (deadlineCoreMs ?? nowMs) });
  } else if (detector.status === "recovering") {
    // It was not back for good: the same outage goes on, without a new message.
    const { incidentId } = detector;
    const since = { serverId, sinceCoreMs: nowMs, sinceWallMs: event.at.wallMs };
    const aloneFromCoreMs = aloneFrom(draft, incidentId);
    draft.put("detector", serverId, { ...since, status: "down", incidentId, aloneFromCoreMs });
    awaitJournal(draft, serverId);
    draft.put("look", serverId, { coreMs: nowMs });
  }
  draft.effect({ type: "send_ack", sessionId, sequence });
  draft.effect({ type: "close_session", sessionId, reason: "goodbye" });
  draft.publish("server", serverId);
  return draft.done();
}

export function inventoried(draft: Draft, event: Of<"inventory_received">): Decision {
  const heard = draft.get("heard", event.serverId);
  const agent = draft.get("agent", event.serverId);
  if (heard?.sessionId !== event.sessionId || !agent) return refusal("session_not_current");
  if (JSON.stringify(agent.inventory) === JSON.stringify(event.inventory)) return draft.done();
  draft.put("agent", event.serverId, { ...agent, inventory: event.inventory });
  draft.publish("server", event.serverId);
  return draft.done();
}
