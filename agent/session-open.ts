/**
 * The open session: beats, acks, and when silence means the socket is dead.
 * Why apart: this is all that runs while an agent is fine, so it is kept cheap: a beat and its ack copy one small object.
 * Must not: be entered before the collector's proof was checked (session-opening.ts sees to that).
 */
import { assert, unreachable } from "../shared/assert.ts";
import { draw } from "../shared/rng.ts";
import type { CollectorMessage, Probe, Probed } from "../shared/wire.ts";
import { featuresOf } from "../shared/wire.ts";
import { firstJournal, journalAcked, readJournal, whenHeard } from "./session-journal.ts";
import {
  fail,
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
  OpenState,
  ProvingState,
  SessionEffect,
  SessionState,
  Step,
  UnackedBeat,
} from "./session-types.ts";

const noBeats: readonly UnackedBeat[] = [];

/** The collector is proven: the first beat goes at once. */
export function openSession(from: ProvingState, nowMs: number): Step {
  const welcome = from.welcome;
  assert(welcome !== null, "opened without a welcome");
  const own = from.standing.settings.features ?? [];
  const features = featuresOf(welcome.features).filter((feature) => own.includes(feature));
  const state: OpenState = {
    kind: "open",
    standing: { ...from.standing, heartbeatIntervalMs: welcome.heartbeatIntervalMs },
    random: from.random,
    sessionId: welcome.sessionId,
    openedAtMs: nowMs,
    ackTimeoutMs: welcome.ackTimeoutMs,
    healthIntervalMs: welcome.healthIntervalMs,
    sequence: 0,
    ackedSequence: 0,
    ackedAtMs: null,
    unacked: noBeats,
    beatDueAtMs: nowMs,
    healthDueAtMs: nowMs,
    features,
    journal: firstJournal(features),
  };
  return sendBeat(state, nowMs, [
    { type: "set_health_rhythm", intervalMs: welcome.healthIntervalMs },
    logged("info", "session_opened", { sessionId: welcome.sessionId }),
  ]);
}

/** What the collector may say in an open session: acks, and what the session's features allow. */
export function messageWhileOpen(state: OpenState, nowMs: number, message: CollectorMessage): Step {
  switch (message.type) {
    case "ack":
      return acked(state, nowMs, message.sequence);
    case "journal_ack":
      return journalAcked(state, nowMs, message.sequence);
    case "probe":
      return probeAsked(state, nowMs, message);
    case "hello":
    case "welcome":
    case "enrolled":
      return misuse(state, nowMs, `${message.type} in an open session`);
    default:
      return unreachable(message);
  }
}

/** Beats up to here were processed; an ack of what was never sent is a misuse. */
function acked(state: OpenState, nowMs: number, sequence: number): Step {
  if (sequence > state.sequence)
    return misuse(state, nowMs, `ack of ${sequence}, last sent was ${state.sequence}`);
  // An ack may come late or twice; what is acknowledged stays so.
  if (sequence <= state.ackedSequence) return stay(state);

  const { standing } = state;
  const firstAck = state.ackedSequence === 0;
  const remaining =
    sequence === state.sequence ? noBeats : state.unacked.filter((b) => b.sequence > sequence);
  // Only a session that lasted begins the back-off anew: two machines with one identity take it from each other at
  // once, and must not do so each second.
  const lasted = nowMs - state.openedAtMs >= 2 * standing.heartbeatIntervalMs;
  const attempt = lasted ? 0 : standing.attempt;
  const next: OpenState = {
    kind: "open",
    standing:
      attempt === standing.attempt && standing.problem === null
        ? standing
        : { ...standing, attempt, problem: null },
    random: state.random,
    sessionId: state.sessionId,
    openedAtMs: state.openedAtMs,
    ackTimeoutMs: state.ackTimeoutMs,
    healthIntervalMs: state.healthIntervalMs,
    sequence: state.sequence,
    ackedSequence: sequence,
    ackedAtMs: nowMs,
    unacked: remaining,
    beatDueAtMs: state.beatDueAtMs,
    healthDueAtMs: state.healthDueAtMs,
    features: state.features,
    journal: firstAck ? whenHeard(state.journal) : state.journal,
  };
  return { state: next, effects: firstAck ? afterFirstAck(next) : noEffects };
}

/** Inventory and journal wait for the first ack: the heartbeat is never behind something larger. */
function afterFirstAck(state: OpenState): readonly SessionEffect[] {
  const { link, inventoryReady } = state.standing;
  const effects: SessionEffect[] = [];
  if (inventoryReady) effects.push({ type: "send_inventory", link });
  if (state.journal.kind === "reading") effects.push({ type: "read_journal", link });
  return effects;
}

function probeAsked(state: OpenState, nowMs: number, probe: Probe): Step {
  if (!state.features.includes("witness")) return misuse(state, nowMs, "probe without the feature");
  return { state, effects: [{ type: "ask_witness", link: state.standing.link, probe }] };
}

/** Nothing is said after a goodbye, nor on another socket than that which asked. */
export function probeAnswered(state: SessionState, message: Probed): Step {
  if (state.kind !== "open" || !state.features.includes("witness")) return stay(state);
  return { state, effects: [{ type: "send_probed", link: state.standing.link, message }] };
}

/** Sent at once in a session that works, else after its first ack. */
export function inventoryRead(state: SessionState): Step {
  const next = state.standing.inventoryReady ? state : withStanding(state, { inventoryReady: true });
  if (state.kind !== "open" || state.ackedSequence === 0) return stay(next);
  return { state: next, effects: [{ type: "send_inventory", link: state.standing.link }] };
}

/** Beats when one is due; gives the socket up when its answers are overdue. */
export function timePassedWhileOpen(state: OpenState, nowMs: number): Step {
  // We stood still for longer than an ack may take (stopped process, suspended machine whose clocks do not show it):
  // the collector has given this socket up or soon will.
  if (nowMs - state.beatDueAtMs > state.ackTimeoutMs) {
    return redialAtOnce(state, nowMs, {
      code: "stalled",
      detail: `${Math.round(nowMs - state.beatDueAtMs)} ms`,
    });
  }
  const oldest = state.unacked[0];
  if (oldest !== undefined && nowMs - oldest.sentAtMs >= state.ackTimeoutMs) {
    const detail = `no ack of ${oldest.sequence} for ${Math.round(nowMs - oldest.sentAtMs)} ms`;
    return fail(state, nowMs, { code: "ack_missing", detail }, [terminated(state)]);
  }
  if (nowMs < state.beatDueAtMs) return readJournal(state, nowMs);
  if (state.unacked.length >= sessionLimits.unackedBeatsMax) {
    const detail = `${state.unacked.length} beats without an ack`;
    return fail(state, nowMs, { code: "ack_missing", detail }, [terminated(state)]);
  }
  return sendBeat(state, nowMs, noEffects);
}

function sendBeat(state: OpenState, nowMs: number, before: readonly SessionEffect[]): Step {
  const { state: random, value } = draw(state.random);
  const sequence = state.sequence + 1;
  const health = state.standing.healthReady && nowMs >= state.healthDueAtMs;
  const effect: SessionEffect = { type: "send_beat", link: state.standing.link, sequence, health };
  return {
    state: {
      kind: "open",
      standing: state.standing,
      random,
      sessionId: state.sessionId,
      openedAtMs: state.openedAtMs,
      ackTimeoutMs: state.ackTimeoutMs,
      healthIntervalMs: state.healthIntervalMs,
      sequence,
      ackedSequence: state.ackedSequence,
      ackedAtMs: state.ackedAtMs,
      unacked: [...state.unacked, { sequence, sentAtMs: nowMs }],
      // η × (1 ± 1/3), uniform: agents that began together do not stay together.
      beatDueAtMs: nowMs + Math.round(state.standing.heartbeatIntervalMs * (2 / 3 + (value * 2) / 3)),
      healthDueAtMs: health ? nextHealthDueMs(state, nowMs) : state.healthDueAtMs,
      features: state.features,
      journal: state.journal,
    },
    effects: before.length === 0 ? [effect] : [...before, effect],
  };
}

/** On the grid of the session's start, so that jittered beats do not stretch the rhythm; what was missed is missed. */
function nextHealthDueMs(state: OpenState, nowMs: number): number {
  const nextMs = state.healthDueAtMs + state.healthIntervalMs;
  return nextMs > nowMs ? nextMs : nowMs + state.healthIntervalMs;
}
