/**
 * How a session loses its socket and comes to the next one: dial, wait, give up, finish.
 * Why apart: opening and open sessions fail in the same few ways, and the waits are one policy.
 * Must not: know what was being said when it failed.
 */
import { unreachable } from "../shared/assert.ts";
import { fullJitterMs } from "../shared/backoff.ts";
import { closeCodes, closeDuty, fatalRedialMs, type CloseName } from "../shared/close-codes.ts";
import { draw } from "../shared/rng.ts";
import { limits } from "../shared/wire.ts";
import type {
  DialingState,
  Outcome,
  Problem,
  SessionEffect,
  SessionState,
  Standing,
  Step,
  WaitingState,
} from "./session-types.ts";

export const sessionLimits = {
  /** Until the first welcome tells another η (detection.md). */
  heartbeatIntervalMs: 15_000,
  /** Name, TCP, TLS and upgrade: five round trips of a satellite link and a lost packet fit (PROTOCOL.md §1). */
  dialMs: 10_000,
  /** From the opened socket to the proven welcome: the collector gives 5 s, the rest is the way there and back. */
  openingMs: 2 * limits.handshakeMs,
  /** The first redial waits up to this, then doubling up to 2 η (detection.md). */
  redialBaseMs: 1_000,
  /** A goodbye's ack is waited for this long; the program must be gone within 3 s of SIGTERM. */
  goodbyeMs: 2_000,
  /** In 8/3 η at most 4 beats fit. A collector that asks for a longer wait gets no more than this many unanswered. */
  unackedBeatsMax: 16,
  /** What a refused upgrade may ask us to wait, at most: all agents are to be back within 60 s. */
  retryAfterMaxMs: 60_000,
} as const;

export const noEffects: readonly SessionEffect[] = [];

/** Nothing follows. */
export function stay(state: SessionState): Step {
  return { state, effects: noEffects };
}

/** The state with some of its standing changed. */
export function withStanding<S extends SessionState>(state: S, change: Partial<Standing>): S {
  return { ...state, standing: { ...state.standing, ...change } };
}

/** A line for the operator. */
export function logged(
  level: "info" | "warn" | "error",
  event: string,
  details: Readonly<Record<string, string | number>> = {},
): SessionEffect {
  return { type: "log", level, event, details };
}

/** A close frame with one of the protocol's codes. */
export function closed(state: SessionState, name: CloseName, reason: string): SessionEffect {
  // A close frame holds 123 bytes of reason; these are short English, cut to be sure.
  return {
    type: "close",
    link: state.standing.link,
    code: closeCodes[name].code,
    reason: reason.slice(0, 60),
  };
}

/** The newest socket, destroyed. */
export function terminated(state: SessionState): SessionEffect {
  return { type: "terminate", link: state.standing.link };
}

/** The next socket, after `before` was performed. */
export function dial(from: SessionState, nowMs: number, before: readonly SessionEffect[]): Step {
  const link = from.standing.link + 1;
  const state: DialingState = {
    kind: "dialing",
    standing: { ...from.standing, link },
    random: from.random,
    deadlineMs: nowMs + sessionLimits.dialMs,
  };
  return { state, effects: [...before, { type: "dial", link }] };
}

/** Leaves the socket by `ending` and waits to redial; how long depends on why. */
export function fail(
  from: SessionState,
  nowMs: number,
  problem: Problem,
  ending: readonly SessionEffect[],
  retryAfterMs = 0,
): Step {
  const standing = from.standing;
  const fatal = isFatal(problem);
  if (fatal && standing.settings.purpose === "enroll") return finish(from, "refused", problem, ending);

  const attempt = standing.attempt + 1;
  const { state: random, value } = draw(from.random);
  const waitMs = redialWaitMs(fatal, attempt, standing.heartbeatIntervalMs, retryAfterMs, value);
  const state: WaitingState = {
    kind: "waiting",
    standing: { ...standing, attempt, problem },
    random,
    redialAtMs: nowMs + waitMs,
  };
  const effects: SessionEffect[] = [...ending];
  if (!sameProblem(standing.problem, problem)) {
    effects.push(
      logged(fatal ? "error" : "warn", `session_lost`, {
        reason: problem.code,
        detail: problem.detail,
        ...(problem.closeCode === undefined ? {} : { closeCode: problem.closeCode }),
        redialMs: waitMs,
      }),
    );
  }
  return { state, effects };
}

/** Redialling soon is of no use: a `fatal` close, or a collector that is not ours or not our version (PROTOCOL.md §5). */
export function isFatal(problem: Problem): boolean {
  switch (problem.code) {
    case "version_unknown":
    case "collector_key_wrong":
    case "collector_proof_wrong":
      return true;
    case "closed":
      return problem.closeCode !== undefined && closeDuty(problem.closeCode) === "fatal";
    case "not_reached":
    case "dial_timed_out":
    case "opening_timed_out":
    case "garbage":
    case "ack_missing":
    case "stalled":
    case "slept":
      return false;
    default:
      return unreachable(problem.code);
  }
}

function redialWaitMs(
  fatal: boolean,
  attempt: number,
  heartbeatIntervalMs: number,
  retryAfterMs: number,
  random: number,
): number {
  // Spread by a tenth: what made one agent fatal may have made a thousand fatal in the same second.
  if (fatal) return Math.round(fatalRedialMs * (1 + random / 10));
  const jitterMs = fullJitterMs(attempt, sessionLimits.redialBaseMs, 2 * heartbeatIntervalMs, random);
  return Math.min(retryAfterMs, sessionLimits.retryAfterMaxMs) + jitterMs;
}

/** One line in the log for a problem that lasts, not one for each attempt. */
function sameProblem(before: Problem | null, now: Problem): boolean {
  return (
    before !== null &&
    before.code === now.code &&
    before.closeCode === now.closeCode &&
    before.detail === now.detail
  );
}

/** The end of the session, after `before` was performed. */
export function finish(
  from: SessionState,
  outcome: Outcome,
  problem: Problem | null,
  before: readonly SessionEffect[],
): Step {
  return {
    state: { kind: "finished", standing: { ...from.standing, problem }, random: from.random },
    effects: [...before, { type: "finished", outcome, problem }],
  };
}

/** The collector said something it must not: one close code, then the usual back-off. */
export function misuse(state: SessionState, nowMs: number, detail: string): Step {
  if (state.kind === "idle" || state.kind === "dialing" || state.kind === "waiting") return stay(state);
  if (state.kind === "closing") return finish(state, "stopped", null, [terminated(state)]);
  return fail(state, nowMs, { code: "garbage", detail }, [closed(state, "bad_message", detail)]);
}

/** The socket is older than the gap: what is at its other end has gone, so nothing is gained by waiting. */
export function redialAtOnce(state: SessionState, nowMs: number, problem: Problem): Step {
  return dial(withStanding(state, { problem }), nowMs, [
    terminated(state),
    logged("warn", "session_lost", { reason: problem.code, detail: problem.detail, redialMs: 0 }),
  ]);
}
