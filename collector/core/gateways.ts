/**
 * A site's gateway: what it usually answers, and whether it answers while the site's servers are silent.
 * Why: a dead gateway makes many silent servers one outage, and a living one says that the line is not to blame.
 * Must not: judge a site (groups); a gateway that never answered proves nothing by its silence.
 */
import { connectedSince, fading, isDoubtful, usually } from "./baselines.ts";
import type { Draft } from "./draft.ts";
import { verdictOf } from "./evidence.ts";
import { undisturbedSince } from "./hearing.ts";
import { roundIdOf, startOfRound } from "./round-ids.ts";
import type { Event } from "./types/events.ts";
import type { Gateway, ProbeVerdict } from "./types/evidence.ts";

const ROUNDS_KEPT = 3;
const PREFIX = "gateway.";

function gatewayOf(draft: Draft, siteId: string): Gateway | null {
  const address = draft.get("site", siteId)?.gatewayAddress ?? null;
  if (address === null || address === "") return null;
  const known = draft.get("gateway", siteId);
  if (known?.address === address) return known;
  return {
    siteId,
    address,
    asked: 0,
    answered: 0,
    pending: null,
    openRoundId: null,
    rounds: [],
    nextCoreMs: 0,
  };
}

/** Asks it now, unless it was asked just now. Called with the rounds of a silent server of the site. */
export function askGateway(draft: Draft, siteId: string | null): void {
  if (siteId === null) return;
  const gateway = gatewayOf(draft, siteId);
  if (!gateway) return;
  const { times } = draft.state;
  const askedMs = gateway.openRoundId === null ? null : startOfRound(gateway.openRoundId);
  if (askedMs !== null && draft.nowMs - askedMs < times.probeLimitMs + times.tickMs) return;
  const newest = gateway.rounds.at(-1);
  if (newest && draft.nowMs - newest.startedCoreMs < times.intervalMs) return;
  const roundId = roundIdOf(`${PREFIX}${siteId}`, draft.nowMs);
  draft.put("gateway", siteId, { ...gateway, openRoundId: roundId });
  draft.effect({
    type: "start_gateway_probe",
    siteId,
    roundId,
    requests: [{ kind: "icmp", host: gateway.address, port: null }],
    timeLimitMs: times.probeLimitMs,
  });
}

/** Now and then, while its servers are fine: often at first, then hourly. */
export function learnGateway(draft: Draft, siteId: string | null): void {
  const gateway = siteId === null ? null : gatewayOf(draft, siteId);
  if (!gateway || siteId === null || gateway.nextCoreMs > draft.nowMs) return;
  const { times } = draft.state;
  const everyMs = isDoubtful(gateway.asked, gateway.answered) ? times.probeEveryMs : times.baselineEveryMs;
  draft.put("gateway", siteId, { ...gateway, nextCoreMs: draft.nowMs + everyMs });
  askGateway(draft, siteId);
}

/** It answered, or did not. */
export function gatewayProbed(draft: Draft, event: Extract<Event, { type: "gateway_probed" }>): void {
  const gateway = gatewayOf(draft, event.siteId);
  if (!gateway || gateway.openRoundId !== event.roundId) return;
  const round = {
    roundId: event.roundId,
    startedCoreMs: startOfRound(event.roundId),
    finishedCoreMs: draft.nowMs,
    results: event.results,
    witnesses: [],
  };
  const said = verdictOf(round);
  const known = confirmed(draft, gateway);
  const soonMs = isDoubtful(known.asked, known.answered)
    ? draft.nowMs + draft.state.times.probeEveryMs
    : Infinity;
  draft.put("gateway", event.siteId, {
    ...known,
    nextCoreMs: Math.min(known.nextCoreMs, soonMs),
    pending:
      said !== "none" && teaches(draft, event.siteId, round.startedCoreMs)
        ? { isAlive: said === "alive", finishedCoreMs: draft.nowMs }
        : null,
    openRoundId: null,
    rounds: [...gateway.rounds, round].slice(-ROUNDS_KEPT),
  });
  draft.publish("site", event.siteId);
}

/** Somebody of the site was fine and nothing disturbed the collector meanwhile: this is how it answers when nothing is wrong. */
function teaches(draft: Draft, siteId: string, startedMs: number): boolean {
  if (!undisturbedSince(draft, startedMs)) return false;
  for (const id of draft.state.derived.serversOf.get(siteId) ?? []) {
    const detector = draft.get("detector", id);
    const isReached = draft.server(id)?.mode === "ping" || connectedSince(draft, id, startedMs);
    if (isReached && detector?.status === "up" && detector.sinceCoreMs < startedMs) return true;
  }
  return false;
}

/** A server of the site fell silent: what was asked after the site's last sign of life met that silence, and teaches nothing. */
export function doubtGateway(draft: Draft, siteId: string | null): void {
  const gateway = siteId === null ? null : gatewayOf(draft, siteId);
  if (!gateway || siteId === null || gateway.pending === null) return;
  if (siteHeardSince(draft, siteId, gateway.pending.finishedCoreMs)) return;
  draft.put("gateway", siteId, { ...gateway, pending: null });
}

/** As `doubtSince` of the baselines. */
export function doubtGatewaySince(draft: Draft, siteId: string | null, sinceMs: number): void {
  const gateway = siteId === null ? undefined : draft.get("gateway", siteId);
  if (gateway?.pending && gateway.pending.finishedCoreMs >= sinceMs)
    draft.put("gateway", gateway.siteId, { ...gateway, pending: null });
}

/** As `doubtAllSince` of the baselines. */
export function doubtAllGatewaysSince(draft: Draft, sinceMs: number): void {
  for (const siteId of draft.state.tables.gateway.keys()) doubtGatewaySince(draft, siteId, sinceMs);
}

/** Counts the newest answer if a server of the site was heard since; otherwise it would teach an outage as usual. */
function confirmed(draft: Draft, gateway: Gateway): Gateway {
  const { pending } = gateway;
  if (!pending || !siteHeardSince(draft, gateway.siteId, pending.finishedCoreMs)) return gateway;
  const asked = gateway.asked + 1;
  const answered = gateway.answered + (pending.isAlive ? 1 : 0);
  const fade = fading(asked);
  return { ...gateway, pending: null, asked: fade(asked), answered: fade(answered) };
}

function siteHeardSince(draft: Draft, siteId: string, sinceMs: number): boolean {
  for (const id of draft.state.derived.serversOf.get(siteId) ?? []) {
    const heard = draft.get("heard", id);
    if (heard && heard.coreMs >= sinceMs) return true;
  }
  return false;
}

/**
 * What the gateway says of the present silence. `dead` only from one that used to answer; `none`: no gateway, never
 * answered, or not asked since `sinceMs`.
 */
export function gatewaySays(
  draft: Draft,
  siteId: string,
  sinceMs: number,
): { readonly verdict: ProbeVerdict; readonly address: string; readonly coreMs: number } | null {
  const gateway = gatewayOf(draft, siteId);
  if (!gateway) return null;
  const round = gateway.rounds.findLast((one) => one.finishedCoreMs > sinceMs && verdictOf(one) !== "none");
  if (!round) return { verdict: "none", address: gateway.address, coreMs: draft.nowMs };
  const usual = usually(gateway.asked, gateway.answered);
  const said = verdictOf(round);
  const verdict = said === "dead" && !usual ? "none" : said;
  return { verdict, address: gateway.address, coreMs: round.finishedCoreMs };
}
