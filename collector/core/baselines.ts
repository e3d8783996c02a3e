/**
 * What a server usually answers while it is fine, learned from rounds after which it was heard.
 * Why: silence of a host that never answered says nothing; silence of one that always did says much.
 * Must not: judge a server (evidence), or learn from an outage.
 */
import type { Draft } from "./draft.ts";
import type { Baseline, ProbeResult, ProbeRound } from "./types/evidence.ts";

/** Asked at least so often before a baseline says anything. */
const BASELINE_ASKED_MIN = 5;
/** Share of questions without an answer that leaves silence telling; among the first twenty one is forgiven. */
const MISSED_SHARE = 0.05;
const FORGIVES_FROM = 10;
/** Old answers fade: counts are halved when they pass this, so that a changed firewall is learned anew. */
const BASELINE_ASKED_MAX = 200;

/** Nearly always answered, and asked often enough to say so. */
export function usually(asked: number, answered: number): boolean {
  const missed = asked - answered;
  if (asked < BASELINE_ASKED_MIN) return false;
  return missed <= Math.max(MISSED_SHARE * asked, asked >= FORGIVES_FROM ? 1 : 0);
}

/**
 * Whether it must be asked often: at first, so that an outage in the first hour already has a baseline, and while one lost
 * packet decides whether its silence tells.
 */
export function isDoubtful(asked: number, answered: number): boolean {
  return asked <= BASELINE_ASKED_MIN || (answered < asked && asked < 1 / MISSED_SHARE);
}

/** What becomes of the counts when one of them has reached `asked`. */
export function fading(asked: number): (count: number) => number {
  return asked > BASELINE_ASKED_MAX ? (count) => Math.floor(count / 2) : (count) => count;
}

/** A program used to speak there and says nothing now. Refused or closed is no silence: somebody ended it. */
export function silentBanner(result: ProbeResult, baseline: Baseline | null): boolean {
  if (result.kind !== "banner" || result.banner !== undefined || result.verdict === "none") return false;
  if (result.detail === "refused" || result.detail === "closed") return false;
  const usual = baseline?.banners[result.target];
  return usual !== undefined && usually(usual.asked, usual.spoke);
}

/** True when the host, while it was fine, nearly always answered a sort of probe that it was asked now and did not answer. */
export function answersReliably(baseline: Baseline | null, round: ProbeRound): boolean {
  if (!baseline) return false;
  const missed = (isKind: (result: ProbeResult) => boolean): boolean =>
    round.results.some((result) => isKind(result) && result.verdict === "dead");
  return (
    (missed(isIcmp) && usually(baseline.icmpAsked, baseline.icmpAnswered)) ||
    (missed(isTcp) && usually(baseline.tcpAsked, baseline.tcpAnswered))
  );
}

function isIcmp(result: ProbeResult): boolean {
  return result.kind === "icmp";
}

/** Everything that begins with a TCP connection. */
function isTcp(result: ProbeResult): boolean {
  return result.kind !== "icmp";
}

/** What probes say while the server is fine. Only proper answers count; `none` teaches nothing. */
export function learned(baseline: Baseline, round: ProbeRound): Baseline {
  const icmp = round.results.filter((result) => isIcmp(result) && result.verdict !== "none");
  const tcp = round.results.filter((result) => isTcp(result) && result.verdict !== "none");
  const alive = (result: ProbeResult): boolean => result.verdict === "alive";
  const counts = {
    icmpAsked: baseline.icmpAsked + (icmp.length > 0 ? 1 : 0),
    icmpAnswered: baseline.icmpAnswered + (icmp.some(alive) ? 1 : 0),
    tcpAsked: baseline.tcpAsked + (tcp.length > 0 ? 1 : 0),
    tcpAnswered: baseline.tcpAnswered + (tcp.some(alive) ? 1 : 0),
  };
  const faded = fading(Math.max(counts.icmpAsked, counts.tcpAsked));
  const banners: Record<string, { readonly asked: number; readonly spoke: number }> = {};
  // Only ports that are still asked: a changed list is learned anew.
  for (const result of round.results) {
    if (result.kind !== "banner") continue;
    const before = baseline.banners[result.target] ?? { asked: 0, spoke: 0 };
    const counted = result.verdict === "none" ? 0 : 1;
    banners[result.target] = {
      asked: faded(before.asked + counted),
      spoke: faded(before.spoke + (result.banner === undefined ? 0 : counted)),
    };
  }
  return {
    ...baseline,
    icmpAsked: faded(counts.icmpAsked),
    icmpAnswered: faded(counts.icmpAnswered),
    tcpAsked: faded(counts.tcpAsked),
    tcpAnswered: faded(counts.tcpAnswered),
    banners,
    pending: null,
  };
}

/** Anything that is asked of it is doubtful. */
export function isUnsure(baseline: Baseline): boolean {
  const { icmpAsked, icmpAnswered, tcpAsked, tcpAnswered, banners } = baseline;
  // One of the two may never be asked.
  if (Math.max(icmpAsked, tcpAsked) <= BASELINE_ASKED_MIN) return true;
  const asks: readonly (readonly [number, number])[] = [
    [icmpAsked, icmpAnswered],
    [tcpAsked, tcpAnswered],
    ...Object.values(banners).map(({ asked, spoke }) => [asked, spoke] as const),
  ];
  return asks.some(([asked, answered]) => asked > 0 && isDoubtful(asked, answered));
}

/** It was asked in this way and has answered, as far as that is known; also just now, which is not learned yet. */
export function hasAnswered({ icmpAnswered, tcpAnswered, pending }: Baseline, byIcmp: boolean): boolean {
  if ((byIcmp ? icmpAnswered : tcpAnswered) > 0) return true;
  const results = pending?.results ?? [];
  return results.some(({ kind, verdict }) => verdict === "alive" && (kind === "icmp") === byIcmp);
}

/** Its agent's connection is open, and it is the one that was open at `sinceMs`. */
export function connectedSince(draft: Draft, serverId: string, sinceMs: number): boolean {
  const session = draft.get("identity", serverId)?.seen.at(-1);
  return draft.get("heard", serverId)?.connected === true && (session?.coreMs ?? 0) <= sinceMs;
}

/** Hands a round to the baseline; it counts once the server was heard after it. */
export function teach(draft: Draft, serverId: string, round: ProbeRound): void {
  const baseline = draft.get("baseline", serverId) ?? noBaseline(serverId, draft.nowMs);
  draft.put("baseline", serverId, { ...askedSoon(draft, confirmed(draft, baseline)), pending: round });
}

/**
 * The server fell silent. A round teaches only when heartbeats went on for as long after it as an agent waits for an ack (8/3 η);
 * otherwise it met perhaps what led to the silence. Rounds before count at once, or an unstable link, silent each few minutes,
 * would never let anything be learned.
 */
export function doubt(draft: Draft, serverId: string): void {
  const baseline = draft.get("baseline", serverId);
  if (!baseline?.pending) return;
  const heard = draft.get("heard", serverId);
  const { finishedCoreMs } = baseline.pending;
  const wasFine = heard !== undefined && heard.coreMs - finishedCoreMs > draft.state.times.gapMs;
  const next = wasFine
    ? askedSoon(draft, learned(baseline, baseline.pending))
    : askedAtOnce(draft, { ...baseline, pending: null });
  draft.put("baseline", serverId, next);
}

/** Nothing was learned: of a link that breaks each few minutes only what is asked right after its return can be. */
function askedAtOnce(draft: Draft, baseline: Baseline): Baseline {
  return isUnsure(baseline)
    ? { ...baseline, nextCoreMs: Math.min(baseline.nextCoreMs, draft.nowMs) }
    : baseline;
}

/** What was learned just now left it unsure: it is asked again in T/3, and not in an hour. */
function askedSoon(draft: Draft, baseline: Baseline): Baseline {
  if (!isUnsure(baseline)) return baseline;
  return {
    ...baseline,
    nextCoreMs: Math.min(baseline.nextCoreMs, draft.nowMs + draft.state.times.probeEveryMs),
  };
}

/** Something was wrong since `sinceMs` at the latest: what was met then says nothing of how it answers when it is fine. */
export function doubtSince(draft: Draft, serverId: string, sinceMs: number): void {
  const baseline = draft.get("baseline", serverId);
  if (baseline?.pending && baseline.pending.finishedCoreMs >= sinceMs)
    draft.put("baseline", serverId, { ...baseline, pending: null });
}

/** The collector itself stood still or was cut off since. Costs O(servers), only then. */
export function doubtAllSince(draft: Draft, sinceMs: number): void {
  for (const serverId of draft.state.tables.baseline.keys()) doubtSince(draft, serverId, sinceMs);
}

/** Nothing is known yet of what a server usually answers. */
export function noBaseline(serverId: string, nowMs: number): Baseline {
  return {
    serverId,
    icmpAsked: 0,
    icmpAnswered: 0,
    tcpAsked: 0,
    tcpAnswered: 0,
    banners: {},
    nextCoreMs: nowMs,
    pending: null,
  };
}

/** Counts the newest round if the server was heard after it; otherwise it would teach an outage as usual. */
function confirmed(draft: Draft, baseline: Baseline): Baseline {
  const heard = draft.get("heard", baseline.serverId);
  const { pending } = baseline;
  if (!pending || !heard || heard.coreMs <= pending.startedCoreMs) return baseline;
  return learned(baseline, pending);
}
