/**
 * The rounds that one session was asked to probe: what goes on the wire, and which answers count.
 * Why: a witness may say anything. Only what it was asked, once, and in time, gets as far as the core.
 * Must not: judge what an answer means, or read a clock; the time is an argument.
 */
import type { Effect } from "../core/types/effects.ts";
import type { ProbeResult } from "../core/types/evidence.ts";
import {
  limits,
  probe as probeSchema,
  witnessTarget,
  type Probe,
  type Probed,
  type WitnessRequest,
} from "../../shared/wire.ts";

type AskWitness = Extract<Effect, { type: "ask_witness" }>;

/** What the wire can say. */
const timeLimitMsMin = 100;
const timeLimitMsMax = 60_000;

/** What one round asked and has no answer to yet, and until when one counts. */
export interface WitnessRound {
  readonly asked: Set<string>;
  readonly untilMs: number;
}
/** What was asked and is not answered, by round id. Changed only by `openRound` and `closeRound`. */
export type WitnessRounds = Map<string, WitnessRound>;

/** The order as a message; a string: why it can't be one, a sentence for the log. */
export function probeMessage(effect: AskWitness): Probe | string {
  // What a peer cannot read would cost it its session, and make a healthy server look as if it flapped.
  const checked = probeSchema.safeParse({
    type: "probe",
    roundId: effect.roundId,
    requests: effect.requests.map(({ kind, host, port }) =>
      port === null ? { kind, host } : { kind, host, port },
    ),
    // Where the rhythm is far from the usual one: an answer that comes later than the core waits for is dropped there.
    timeLimitMs: Math.min(timeLimitMsMax, Math.max(timeLimitMsMin, Math.round(effect.timeLimitMs))),
  });
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  return `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}`;
}

/** Keeps what is asked now. False: so many rounds are unanswered that no more is asked. */
export function openRound(rounds: WitnessRounds, probe: Probe, nowMs: number): boolean {
  for (const [roundId, { untilMs }] of rounds) if (untilMs < nowMs) rounds.delete(roundId);
  if (rounds.size >= limits.probeRoundsOpenMax && !rounds.has(probe.roundId)) return false;
  rounds.set(probe.roundId, {
    asked: new Set(probe.requests.map(askedName)),
    untilMs: nowMs + probe.timeLimitMs + limits.probeLateMs,
  });
  return true;
}

/**
 * Takes an answer: the results that were asked for, the first of each. null: nobody awaits this round (never asked here,
 * answered before, or too late).
 */
export function closeRound(rounds: WitnessRounds, probed: Probed, nowMs: number): ProbeResult[] | null {
  const round = rounds.get(probed.roundId);
  if (round === undefined) return null;
  rounds.delete(probed.roundId);
  if (round.untilMs < nowMs) return null;
  return probed.results.flatMap(({ kind, target, verdict, detail, roundTripMs, banner }) =>
    round.asked.delete(`${kind} ${target}`)
      ? [
          {
            kind,
            target,
            verdict,
            detail,
            roundTripMs: roundTripMs ?? null,
            ...(banner !== undefined && { banner }),
          },
        ]
      : [],
  );
}

function askedName(request: WitnessRequest): string {
  return `${request.kind} ${witnessTarget(request)}`;
}
