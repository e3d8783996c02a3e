/**
 * The agent's session, pure: from what happened to what must be done, and by when the next thing is due.
 * Why pure: main.ts, thousands of simulated agents and the property tests run exactly this; every branch can be
 * reached without a socket. The words it speaks are explained at the top of session-types.ts.
 * Must not: read a clock, draw its own randomness, know sockets, keys, files or health; import anything with effects.
 *
 * How to run it: `let state = startSession(settings)`, then for each event `({ state, effects } = step(state, event))`
 * and perform `effects` in order; tell `time_passed` when `nextDeadlineMs(state)` is reached.
 */
import { assert, unreachable } from "../shared/assert.ts";
import type { CollectorMessage } from "../shared/wire.ts";
import { journalDueMs, journalRead } from "./session-journal.ts";
import { inventoryRead, messageWhileOpen, probeAnswered, timePassedWhileOpen } from "./session-open.ts";
import {
  collectorChecked,
  identityStored,
  messageWhileEnrolling,
  messageWhileProving,
  socketOpened,
} from "./session-opening.ts";
import {
  closed,
  dial,
  fail,
  finish,
  logged,
  misuse,
  noEffects,
  redialAtOnce,
  sessionLimits,
  stay,
  terminated,
  withStanding,
} from "./session-redial.ts";
import type {
  Problem,
  SessionEvent,
  SessionSettings,
  SessionState,
  Step,
  StopReason,
} from "./session-types.ts";

/** A session that waits for `started`. */
export function startSession(settings: SessionSettings): SessionState {
  assert(
    settings.purpose === "enroll" || settings.collectorKey !== null,
    "a session to serve needs the pinned collector key",
  );
  return {
    kind: "idle",
    random: settings.seed | 0,
    standing: {
      settings,
      link: 0,
      attempt: 0,
      heartbeatIntervalMs: sessionLimits.heartbeatIntervalMs,
      healthReady: false,
      inventoryReady: false,
      problem: null,
      giveUpAtMs: Number.POSITIVE_INFINITY,
    },
  };
}

/** When `time_passed` must be told, on the events' clock; `Infinity`: never. */
export function nextDeadlineMs(state: SessionState): number {
  const giveUpAtMs = state.standing.giveUpAtMs;
  switch (state.kind) {
    case "idle":
    case "finished":
      return Number.POSITIVE_INFINITY;
    case "dialing":
    case "proving":
    case "enrolling":
      return Math.min(giveUpAtMs, state.deadlineMs);
    case "closing":
      return state.deadlineMs;
    case "waiting":
      return Math.min(giveUpAtMs, state.redialAtMs);
    case "open": {
      const oldest = state.unacked[0];
      const ackDueMs = oldest === undefined ? Number.POSITIVE_INFINITY : oldest.sentAtMs + state.ackTimeoutMs;
      return Math.min(state.beatDueAtMs, ackDueMs, journalDueMs(state.journal));
    }
    default:
      return unreachable(state);
  }
}

/** What follows from one event. Never throws for anything a peer or the world can do. */
export function step(state: SessionState, event: SessionEvent): Step {
  if (state.kind === "finished") return stay(state);
  switch (event.type) {
    case "started":
      return started(state, event.nowMs);
    case "socket_opened":
      return event.link === state.standing.link ? socketOpened(state, event.nowMs) : stay(state);
    case "message_received":
      return event.link === state.standing.link
        ? messageReceived(state, event.nowMs, event.message)
        : stay(state);
    case "garbage_received":
      return event.link === state.standing.link ? misuse(state, event.nowMs, event.problem) : stay(state);
    case "collector_checked":
      return event.link === state.standing.link
        ? collectorChecked(state, event.nowMs, event.right)
        : stay(state);
    case "identity_stored":
      return identityStored(state);
    case "socket_closed":
      return event.link === state.standing.link
        ? socketClosed(state, event.nowMs, event.code, event.detail, event.retryAfterMs)
        : stay(state);
    case "time_passed":
      return timePassed(state, event.nowMs);
    case "machine_slept":
      return machineSlept(state, event.nowMs, event.sleptMs);
    case "health_read":
      return state.standing.healthReady ? stay(state) : stay(withStanding(state, { healthReady: true }));
    case "inventory_read":
      return inventoryRead(state);
    case "journal_read":
      return event.link === state.standing.link
        ? journalRead(state, event.nowMs, event.message)
        : stay(state);
    case "probe_answered":
      return event.link === state.standing.link ? probeAnswered(state, event.message) : stay(state);
    case "stop_requested":
      return stopRequested(state, event.nowMs, event.reason);
    default:
      return unreachable(event);
  }
}

function started(state: SessionState, nowMs: number): Step {
  if (state.kind !== "idle") return stay(state);
  const giveUpAtMs = nowMs + (state.standing.settings.giveUpAfterMs ?? Number.POSITIVE_INFINITY);
  return dial(withStanding(state, { giveUpAtMs }), nowMs, noEffects);
}

function messageReceived(state: SessionState, nowMs: number, message: CollectorMessage): Step {
  switch (state.kind) {
    case "proving":
      return messageWhileProving(state, nowMs, message);
    case "enrolling":
      return messageWhileEnrolling(state, nowMs, message);
    case "open":
      return messageWhileOpen(state, nowMs, message);
    case "closing":
      // Anything else that was on its way when we said goodbye no longer matters.
      if (message.type !== "ack" || message.sequence < state.goodbyeSequence) return stay(state);
      return finish(state, "stopped", null, [closed(state, "normal", "goodbye")]);
    case "idle":
    case "dialing":
    case "waiting":
    case "finished":
      return stay(state);
    default:
      return unreachable(state);
  }
}

function socketClosed(
  state: SessionState,
  nowMs: number,
  code: number,
  detail: string,
  retryAfterMs: number | undefined,
): Step {
  switch (state.kind) {
    case "idle":
    case "waiting":
    case "finished":
      return stay(state);
    case "closing":
      return finish(state, "stopped", null, noEffects);
    case "dialing":
      return fail(state, nowMs, { code: "not_reached", detail }, noEffects, retryAfterMs);
    case "proving":
    case "enrolling":
    case "open":
      return fail(state, nowMs, { code: "closed", closeCode: code, detail }, noEffects, retryAfterMs);
    default:
      return unreachable(state);
  }
}

function timePassed(state: SessionState, nowMs: number): Step {
  if (nowMs >= state.standing.giveUpAtMs && state.kind !== "closing") {
    return finish(
      state,
      "gave_up",
      state.standing.problem,
      state.kind === "waiting" ? [] : [terminated(state)],
    );
  }
  switch (state.kind) {
    case "idle":
    case "finished":
      return stay(state);
    case "dialing":
      if (nowMs < state.deadlineMs) return stay(state);
      return fail(state, nowMs, { code: "dial_timed_out", detail: "no answer" }, [terminated(state)]);
    case "proving":
    case "enrolling":
      if (nowMs < state.deadlineMs) return stay(state);
      return fail(
        state,
        nowMs,
        { code: "opening_timed_out", detail: `while waiting for ${state.awaiting}` },
        [terminated(state)],
      );
    case "closing":
      if (nowMs < state.deadlineMs) return stay(state);
      return finish(state, "stopped", null, [terminated(state)]);
    case "waiting":
      return nowMs < state.redialAtMs ? stay(state) : dial(state, nowMs, noEffects);
    case "open":
      return timePassedWhileOpen(state, nowMs);
    default:
      return unreachable(state);
  }
}

function machineSlept(state: SessionState, nowMs: number, sleptMs: number): Step {
  if (state.kind === "idle" || state.kind === "closing" || state.kind === "finished") return stay(state);
  const problem: Problem = { code: "slept", detail: `${Math.round(sleptMs)} ms` };
  if (state.kind === "waiting") {
    return dial(state, nowMs, [logged("info", "machine_slept", { sleptMs: Math.round(sleptMs) })]);
  }
  return redialAtOnce(state, nowMs, problem);
}

function stopRequested(state: SessionState, nowMs: number, reason: StopReason): Step {
  switch (state.kind) {
    case "idle":
    case "waiting":
      return finish(state, "stopped", null, noEffects);
    case "dialing":
    case "proving":
    case "enrolling":
      return finish(state, "stopped", null, [terminated(state)]);
    case "open": {
      const goodbyeSequence = state.sequence + 1;
      return {
        state: {
          kind: "closing",
          standing: state.standing,
          random: state.random,
          goodbyeSequence,
          deadlineMs: nowMs + sessionLimits.goodbyeMs,
        },
        effects: [
          { type: "send_goodbye", link: state.standing.link, sequence: goodbyeSequence, reason },
          logged("info", "goodbye_said", { reason }),
        ],
      };
    }
    case "closing":
    case "finished":
      return stay(state);
    default:
      return unreachable(state);
  }
}
