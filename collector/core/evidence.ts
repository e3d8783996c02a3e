/**
 * From what probes said to kind, confidence and cause.
 * Why apart: evidence picks the kind of an alert, never whether there is one.
 * Must not: open incidents or look at sessions beyond what it is handed. Witnesses, gateways and banners join here.
 */
import type {
  Baseline,
  Cause,
  Confidence,
  Evidence,
  Heard,
  IncidentKind,
  ProbeRound,
  ProbeVerdict,
} from "./types.ts";

/** Asked at least so often before a baseline says anything. */
const BASELINE_ASKED_MIN = 5;
/** Share of answers that makes silence of a host telling. */
const BASELINE_RELIABLE = 0.95;

export interface Judgement {
  readonly kind: IncidentKind;
  readonly confidence: Confidence;
  readonly cause: Cause;
}

/** One answer proves life; without one, one proper silence counts as dead; otherwise there is no evidence. */
export function verdictOf(round: ProbeRound): ProbeVerdict {
  if (round.results.some((result) => result.verdict === "alive")) return "alive";
  return round.results.some((result) => result.verdict === "dead") ? "dead" : "none";
}

/** The newest round that says anything. */
export function newestTelling(rounds: readonly ProbeRound[]): ProbeRound | null {
  return rounds.findLast((round) => verdictOf(round) !== "none") ?? null;
}

/** Which kind a silent server gets from its own probes. `neighbourHeard`: another server of its site is heard now. */
export function judge(input: {
  readonly rounds: readonly ProbeRound[];
  readonly baseline: Baseline | null;
  readonly neighbourHeard: boolean;
}): Judgement {
  const round = newestTelling(input.rounds);
  if (!round) return { kind: "host_down", confidence: "low", cause: "unknown" };
  if (verdictOf(round) === "alive") {
    // Without a banner this proves the kernel, not the programs on it: a hung machine may still answer.
    const byTcp = round.results.some((result) => result.kind !== "icmp" && result.verdict === "alive");
    return { kind: "agent_down", confidence: byTcp ? "medium" : "low", cause: "agent_stopped" };
  }
  const reliable = answersReliably(input.baseline, round);
  if (!reliable) return { kind: "host_down", confidence: "low", cause: "unknown" };
  return input.neighbourHeard
    ? { kind: "host_down", confidence: "high", cause: "host_crash_or_power" }
    : { kind: "host_down", confidence: "medium", cause: "unknown" };
}

/** True when the host, while it was fine, nearly always answered a sort of probe that it was asked now and did not answer. */
export function answersReliably(baseline: Baseline | null, round: ProbeRound): boolean {
  if (!baseline) return false;
  const missed = (kind: "icmp" | "tcp"): boolean =>
    round.results.some((result) => result.kind === kind && result.verdict === "dead");
  const usual = (asked: number, answered: number): boolean =>
    asked >= BASELINE_ASKED_MIN && answered / asked >= BASELINE_RELIABLE;
  return (
    (missed("icmp") && usual(baseline.icmpAsked, baseline.icmpAnswered)) ||
    (missed("tcp") && usual(baseline.tcpAsked, baseline.tcpAnswered))
  );
}

/** Old answers fade: counts are halved when they pass this, so that a changed firewall is learned anew. */
const BASELINE_ASKED_MAX = 200;

/** What probes say while the server is fine. Only proper answers count; `none` teaches nothing. */
export function learned(baseline: Baseline, round: ProbeRound): Baseline {
  const next = { ...baseline, pending: null };
  const icmp = round.results.filter((result) => result.kind === "icmp" && result.verdict !== "none");
  const tcp = round.results.filter((result) => result.kind === "tcp" && result.verdict !== "none");
  if (icmp.length > 0) {
    next.icmpAsked += 1;
    if (icmp.some((result) => result.verdict === "alive")) next.icmpAnswered += 1;
  }
  if (tcp.length > 0) {
    next.tcpAsked += 1;
    if (tcp.some((result) => result.verdict === "alive")) next.tcpAnswered += 1;
  }
  if (next.icmpAsked > BASELINE_ASKED_MAX || next.tcpAsked > BASELINE_ASKED_MAX) {
    next.icmpAsked = Math.floor(next.icmpAsked / 2);
    next.icmpAnswered = Math.floor(next.icmpAnswered / 2);
    next.tcpAsked = Math.floor(next.tcpAsked / 2);
    next.tcpAnswered = Math.floor(next.tcpAnswered / 2);
  }
  return next;
}

/** Observations of one round, for the incident and the message. `none` is listed too: what could not be asked is worth knowing. */
export function observations(round: ProbeRound, wallMs: number): Evidence[] {
  return round.results.map((result) => ({ type: "probe", from: "collector", result, wallMs }));
}

/** How bad a kind is for the people behind it; a change upwards is told once more. */
const severity: Readonly<Record<IncidentKind, number>> = {
  health: 0,
  agent_down: 1,
  not_back: 2,
  host_hung: 3,
  path_down: 3,
  host_down: 4,
  site_down: 5,
  mass_outage: 6,
  collector_trouble: 6,
};

export function isWorse(from: IncidentKind, to: IncidentKind): boolean {
  return severity[to] > severity[from];
}

/** Why it was, as known when the server is heard again. "unknown" rather than a guess. */
export function finalCause(
  kind: IncidentKind,
  cause: Cause,
  before: { readonly bootId: string | null; readonly agentStartedBootMs: number | null },
  now: Pick<Heard, "bootId" | "agentStartedBootMs"> | null,
): Cause {
  if (kind === "not_back") return "planned";
  if (!now || before.bootId === null || now.bootId === null) return cause;
  if (now.bootId !== before.bootId) return "host_rebooted";
  if (now.agentStartedBootMs !== before.agentStartedBootMs) return "agent_stopped";
  // The same program on the same boot: it ran (or was stopped) all along.
  return kind === "agent_down" ? "agent_stopped" : "connection";
}
