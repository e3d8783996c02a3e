/**
 * What rounds of probes say of a server that has no agent to speak for it.
 * Why apart: its answers are its heartbeats, so a question that could not be asked, or one lost packet, must not be silence.
 * Must not: change a status or judge a kind.
 */
import { hasAnswered } from "./baselines.ts";
import type { Draft } from "./draft.ts";
import { verdictOf } from "./evidence.ts";
import type { Baseline, ProbeRound } from "./types/evidence.ts";
import type { Server } from "./types/registry.ts";

/** What a round says of a ping-only server: with a check, alive only when it did what is expected of it. */
export function checked(draft: Draft, server: Server, round: ProbeRound): ReturnType<typeof verdictOf> {
  const { check } = server;
  if (check === null) return tellingVerdict(round, draft.get("baseline", server.id));
  const kind = check.type;
  const result = round.results.find((one) => one.kind === kind);
  if (!result || result.verdict === "none") return "none";
  const passed = kind === "tcp" ? result.detail === "connected" : result.asExpected === true;
  return passed ? "alive" : "dead";
}

/**
 * While a question cannot be asked (no ping program), only the silence of one that it has answered says anything: a printer with a
 * closed firewall is not down because our ping is missing.
 */
export function tellingVerdict(
  round: ProbeRound,
  baseline: Baseline | undefined,
): ReturnType<typeof verdictOf> {
  const said = verdictOf(round);
  if (said !== "dead" || !baseline || round.results.every((result) => result.verdict !== "none")) return said;
  const tells = round.results.some(
    (result) => result.verdict === "dead" && hasAnswered(baseline, result.kind === "icmp"),
  );
  return tells ? "dead" : "none";
}

/** As many in a row must fail, and as many when something among the newest rounds could not be asked. */
const FAILED_MIN = 2;
const FAILED_AFTER_NONE_MIN = 3;

/**
 * A ping-only server is judged by probes that failed, not by probes that could not be made: two in a row, three when a round
 * before told nothing. While one of the newest rounds was answered by whoever answers for everybody it is not judged: after
 * hours without evidence two lost packets are no silence of T.
 */
export function failedProperly(draft: Draft, server: Server): boolean {
  const rounds = draft.get("silence", server.id)?.rounds ?? [];
  if (rounds.some((round) => isVoid(server, round))) return false;
  const told = rounds.map((round) => checked(draft, server, round));
  const inRow = told.length - 1 - told.findLastIndex((verdict) => verdict !== "dead");
  return inRow >= (told.includes("none") ? FAILED_AFTER_NONE_MIN : FAILED_MIN);
}

/** Somebody answered for everybody. Where a check is what counts, only that: its text and its status are nobody else's. */
function isVoid({ check }: Server, round: ProbeRound): boolean {
  return round.results.some(
    (result) => result.detail === "answered_for_all" && (check === null || result.kind === check.type),
  );
}

/** Two questions of the present silence went without an answer: more than one lost packet. */
export function failedTwice(draft: Draft, server: Server): boolean {
  const rounds = draft.get("silence", server.id)?.rounds ?? [];
  return rounds.filter((round) => checked(draft, server, round) === "dead").length >= 2;
}
