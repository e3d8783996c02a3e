/**
 * From what probes and witnesses said to kind, confidence and cause of one server's alert.
 * Why apart: evidence picks the kind of an alert, never whether there is one.
 * Must not: open incidents, look at sessions, or believe one witness alone.
 */
import { answersReliably, silentBanner } from "./baselines.ts";
import { thresholds } from "./thresholds.ts";
import type { Baseline, ProbeRound, ProbeVerdict, WitnessReport } from "./types/evidence.ts";
import type { Cause, Confidence, Evidence, IncidentKind } from "./types/incident.ts";

export interface Judgement {
  readonly kind: IncidentKind;
  readonly confidence: Confidence;
  readonly cause: Cause;
}
export type JudgementWithVariant = Judgement & { readonly variant: string | null };

/** One answer proves life; without one, one proper silence counts as dead; otherwise there is no evidence. */
export function verdictOf(round: Pick<ProbeRound, "results">): ProbeVerdict {
  if (round.results.some((result) => result.verdict === "alive")) return "alive";
  return round.results.some((result) => result.verdict === "dead") ? "dead" : "none";
}

/** The newest round that says anything. */
export function newestTelling(rounds: readonly ProbeRound[]): ProbeRound | null {
  return rounds.findLast((round) => verdictOf(round) !== "none") ?? null;
}

/** What witnesses found out about the host (not about its gateway). */
export interface Testimony {
  readonly aliveElsewhere: number;
  readonly deadElsewhere: number;
  readonly aliveSameSite: number;
}

export function testimonyOf(reports: readonly WitnessReport[], gatewayAddress: string | null): Testimony {
  let aliveElsewhere = 0;
  let deadElsewhere = 0;
  let aliveSameSite = 0;
  for (const report of reports) {
    const said = verdictOf({ results: report.results.filter((result) => result.target !== gatewayAddress) });
    if (said === "alive" && report.sameSite) aliveSameSite += 1;
    else if (said === "alive") aliveElsewhere += 1;
    else if (said === "dead" && !report.sameSite) deadElsewhere += 1;
  }
  return { aliveElsewhere, deadElsewhere, aliveSameSite };
}

/** How many witnesses of other sites reach the site's gateway. */
export function gatewayReached(reports: readonly WitnessReport[], gatewayAddress: string | null): number {
  if (gatewayAddress === null) return 0;
  return reports.filter(
    (report) =>
      !report.sameSite &&
      report.results.some((result) => result.target === gatewayAddress && result.verdict === "alive"),
  ).length;
}

/**
 * Which kind a silent server gets by itself. `neighbourHeard`: another server of its site is heard now. `hasCheck`: it is
 * ping-only and must do more than answer. `witnessesAgree`: so many must say the same.
 */
export function judge(
  input: {
    readonly rounds: readonly ProbeRound[];
    readonly baseline: Baseline | null;
    readonly neighbourHeard: boolean;
    readonly gatewayAddress: string | null;
    readonly hasCheck: boolean;
  },
  witnessesAgree: number = thresholds.witnessesAgree,
): JudgementWithVariant {
  const { baseline } = input;
  const round = newestTelling(input.rounds);
  const witnesses = input.rounds.findLast((one) => one.witnesses.length > 0)?.witnesses ?? [];
  const testimony = testimonyOf(witnesses, input.gatewayAddress);
  if (round && verdictOf(round) === "alive") {
    if (input.hasCheck)
      return { kind: "agent_down", variant: "service", confidence: "high", cause: "unknown" };
    return judgeAlive(round, baseline);
  }
  if (testimony.aliveSameSite >= witnessesAgree)
    return judgeSeenAlive(
      witnesses.filter((report) => report.sameSite),
      baseline,
    );
  // Dead from here, or nothing known from here: elsewhere they may see more.
  if (testimony.aliveElsewhere >= witnessesAgree && testimony.aliveElsewhere > testimony.deadElsewhere) {
    // We could not ask, and our way to its site is fine, as a neighbour is heard: it is not the path.
    if (!round && input.neighbourHeard) return judgeSeenAlive(witnesses, baseline);
    const confidence = round ? "medium" : "low";
    return { kind: "path_down", variant: null, confidence, cause: "path_or_provider" };
  }
  if (!round) return { kind: "host_down", variant: null, confidence: "low", cause: "unknown" };
  if (!answersReliably(baseline, round))
    return { kind: "host_down", variant: null, confidence: "low", cause: "unknown" };
  const sure = input.neighbourHeard || testimony.deadElsewhere >= witnessesAgree;
  return {
    kind: "host_down",
    variant: null,
    confidence: sure ? "high" : "medium",
    cause: input.neighbourHeard ? "host_crash_or_power" : "unknown",
  };
}

/** Alive from here: the agent alone, or a machine whose kernel answers and whose programs do not. */
function judgeAlive(round: ProbeRound, baseline: Baseline | null): JudgementWithVariant {
  if (round.results.some((result) => result.banner !== undefined))
    return { kind: "agent_down", variant: null, confidence: "high", cause: "agent_stopped" };
  if (round.results.some((result) => silentBanner(result, baseline)))
    return { kind: "host_hung", variant: null, confidence: "medium", cause: "host_hung" };
  const byTcp = round.results.some((result) => result.kind !== "icmp" && result.verdict === "alive");
  return {
    kind: "agent_down",
    variant: null,
    confidence: byTcp ? "medium" : "low",
    cause: "agent_stopped",
  };
}

/** These witnesses reach it, and we do not: it lives behind something that keeps our probes away, or we could not ask. */
function judgeSeenAlive(
  witnesses: readonly WitnessReport[],
  baseline: Baseline | null,
): JudgementWithVariant {
  const results = witnesses.flatMap((report) => report.results);
  if (results.some((result) => result.banner !== undefined))
    return { kind: "agent_down", variant: null, confidence: "medium", cause: "agent_stopped" };
  const hung = results.some((result) => silentBanner(result, baseline));
  return hung
    ? { kind: "host_hung", variant: null, confidence: "low", cause: "host_hung" }
    : { kind: "agent_down", variant: null, confidence: "low", cause: "agent_stopped" };
}

/** Observations of one round, for the incident and the message. `none` is listed too: what could not be asked is worth knowing. */
export function observations(round: ProbeRound, wallMs: number): Evidence[] {
  const own = round.results.map((result): Evidence => {
    return { type: "probe", from: "collector", by: null, result, wallMs };
  });
  const others = round.witnesses.flatMap((report) =>
    report.results
      .filter((result) => result.verdict !== "none")
      .map((result): Evidence => {
        const from = report.sameSite ? "neighbour" : "witness";
        return { type: "probe", from, by: report.serverName, result, wallMs };
      }),
  );
  return [...own, ...others];
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
