/**
 * Sentinels: places whose answer proves the collector's own network, and the state `isolated` when none answers.
 * Why: a collector whose own line is cut hears nobody; it must suspect itself, and say so once.
 * Must not: judge servers, or believe in isolation while anybody is heard.
 */
import { doubtAllSince } from "./baselines.ts";
import type { Draft } from "./draft.ts";
import { doubtAllGatewaysSince } from "./gateways.ts";
import { hearingIn, hearingOf, isolated, rejoined } from "./hearing.ts";
import { closeTrouble } from "./incident-endings.ts";
import { openTrouble, sharedIncidents } from "./incidents.ts";
import type { State } from "./state.ts";
import type { Event } from "./types/events.ts";
import type { Sentinel } from "./types/evidence.ts";
import type { Evidence } from "./types/incident.ts";
import type { Status } from "./types/server.ts";
import type { Hearing } from "./types/tables.ts";

/** A place that has not answered for a day says nothing by its silence: closed networks exist. */
const SENTINEL_VALID_MS = 86_400_000;

/** Nobody expects to hear these. */
const untold: ReadonlySet<Status> = new Set<Status>(["new", "planned", "paused"]);

/** When anybody but the collector's own machine was last heard, core time. */
function newestSignMs(state: State): number {
  return Math.max(state.derived.newestBeatMs, state.derived.newestProbedMs);
}

/**
 * From when on nobody was heard lately, if nobody is heard until then: 2 η after the last heartbeat, and after the
 * collector could hear again. Ping-only servers are heard each T/3 while all is well, and their probe takes its time.
 */
function silentFromMs(state: State, hearing: Hearing): number {
  const { derived, times } = state;
  const probeMs = times.probeEveryMs + times.probeLimitMs + 2 * times.tickMs;
  const couldHearMs = Math.max(derived.newestBeatMs, hearing.sinceCoreMs);
  return Math.max(couldHearMs + times.latelyMs, derived.newestProbedMs + probeMs);
}

/** Nobody but the collector's own machine was heard lately. */
function nobodyHeard(state: State, hearing: Hearing, nowMs: number): boolean {
  return nowMs >= silentFromMs(state, hearing);
}

/** Whether a tick must look at the sentinels at all; keeps a quiet tick quiet. */
export function sentinelsDue(state: State, nowMs: number): boolean {
  const plan = state.tables.sentinelPlan.get("");
  if ((plan?.nextCoreMs ?? 0) <= nowMs) return true;
  const mass = state.tables.mass.get("");
  if (mass !== undefined && (plan?.openedCoreMs ?? 0) < mass.flaggedCoreMs) return true;
  const hearing = hearingOf(state);
  return (
    state.derived.sharedIncidents.size > 0 ||
    nobodyHeard(state, hearing, nowMs) ||
    hearing.state === "isolated"
  );
}

/**
 * Those that decide: far ones that answered within a day; where there are not two (a closed network), the near one too.
 * While isolated they stay what they were, however long that lasts.
 */
function deciding(draft: Draft, hearing: Hearing): Sentinel[] {
  // Also over a restart: an isolation of days makes no sentinel invalid.
  const trouble =
    draft.state.derived.sharedIncidents.size === 0 && draft.openedShared.length === 0
      ? undefined
      : sharedIncidents(draft).find((incident) => incident.kind === "collector_trouble");
  const asOfMs =
    trouble?.detectedCoreMs ?? (hearing.state === "isolated" ? hearing.sinceCoreMs : draft.nowMs);
  const valid = [...draft.all("sentinel")].filter(
    (sentinel) => sentinel.lastAliveCoreMs !== null && asOfMs - sentinel.lastAliveCoreMs <= SENTINEL_VALID_MS,
  );
  const far = valid.filter((sentinel) => !sentinel.near);
  // One place alone may be down by itself: then the near one must fail too.
  return far.length >= 2 ? far : valid;
}

/** Asks when it is time, and draws the conclusion. */
export function lookAtSentinels(draft: Draft): void {
  if (!sentinelsDue(draft.state, draft.nowMs)) return;
  ask(draft);
  conclude(draft);
}

function conclude(draft: Draft): void {
  const hearing = hearingIn(draft);
  if (hearing.state === "starting") return;
  const judges = deciding(draft, hearing);
  const silent = nobodyHeard(draft.state, hearing, draft.nowMs);
  if (hearing.state === "isolated") {
    const heard = newestSignMs(draft.state) > hearing.sinceCoreMs;
    const failing = judges.length > 0 && judges.every((sentinel) => sentinel.failedInRow > 0);
    if (!heard && failing) return trouble(draft);
    draft.put("hearing", "", rejoined(hearing, draft.nowMs, draft.state.times.graceGapMs));
    draft.publish("hearing", "");
    return settle(draft);
  }
  const { sentinelFailures } = draft.state.thresholds;
  // Asleep or stalled until just now, as the next tick will say: nobody could be heard meanwhile.
  const { tickMs, stallMs } = draft.state.times;
  if (silent && draft.nowMs - hearing.lastTickCoreMs > tickMs + stallMs) return;
  if (judges.length > 0 && silent && judges.every((sentinel) => sentinel.failedInRow >= sentinelFailures)) {
    draft.put("hearing", "", isolated(hearing, draft.nowMs));
    doubtAllSince(draft, newestSignMs(draft.state));
    doubtAllGatewaysSince(draft, newestSignMs(draft.state));
    draft.publish("hearing", "");
    // Nobody is judged by what was marked before.
    for (const serverId of draft.state.tables.mark.keys()) draft.put("mark", serverId, null);
    return trouble(draft);
  }
  // After a restart: an open incident of ours is over as soon as anybody answers.
  const { awayUntilCoreMs } = hearing;
  const answered = judges.some((sentinel) => (sentinel.lastAliveCoreMs ?? 0) > awayUntilCoreMs);
  if (answered || newestSignMs(draft.state) > awayUntilCoreMs) settle(draft);
}

function ask(draft: Draft): void {
  const { times } = draft.state;
  const plan = draft.get("sentinelPlan", "") ?? { openRoundId: null, openedCoreMs: -Infinity, nextCoreMs: 0 };
  const { nowMs } = draft;
  if (plan.openRoundId !== null && nowMs - plan.openedCoreMs < 2 * times.sentinelLimitMs) return;
  const silentSinceMs = silentFromMs(draft.state, hearingIn(draft));
  const atOnce =
    (nowMs >= silentSinceMs && plan.openedCoreMs < silentSinceMs) ||
    (draft.get("mass", "") !== undefined && plan.openedCoreMs < (draft.get("mass", "")?.flaggedCoreMs ?? 0));
  if (plan.nextCoreMs > nowMs && !atOnce) return;
  const roundId = `sentinels.${Math.round(nowMs)}`;
  // The next round is planned by the answer; should none come, this is when it is asked again.
  const nextCoreMs = nowMs + times.sentinelEveryMs;
  draft.put("sentinelPlan", "", { openRoundId: roundId, openedCoreMs: Math.max(0, nowMs), nextCoreMs });
  draft.effect({ type: "ask_sentinels", roundId, timeLimitMs: times.sentinelLimitMs });
}

/** A round of sentinels answered. `none` (could not be asked) changes nothing. */
export function sentinelsAnswered(draft: Draft, event: Extract<Event, { type: "sentinels_answered" }>): void {
  const plan = draft.get("sentinelPlan", "");
  if (!plan || plan.openRoundId !== event.roundId) return;
  const known = new Set<string>();
  for (const answer of event.answers) {
    known.add(answer.target);
    const before = draft.get("sentinel", answer.target);
    if (answer.verdict === "none") continue;
    const alive = answer.verdict === "alive";
    draft.put("sentinel", answer.target, {
      target: answer.target,
      near: answer.near,
      lastAliveCoreMs: alive ? draft.nowMs : (before?.lastAliveCoreMs ?? null),
      failedInRow: alive ? 0 : (before?.failedInRow ?? 0) + 1,
    });
  }
  // Settings changed: whoever is not asked any more has no say.
  if (event.answers.length > 0)
    for (const sentinel of draft.state.tables.sentinel.values())
      if (!known.has(sentinel.target)) draft.put("sentinel", sentinel.target, null);
  const { times } = draft.state;
  const hearing = hearingIn(draft);
  const judges = deciding(draft, hearing);
  const failing = judges.length > 0 && judges.every((sentinel) => sentinel.failedInRow > 0);
  const isPressing =
    failing || hearing.state === "isolated" || nobodyHeard(draft.state, hearing, draft.nowMs);
  const nextCoreMs = isPressing
    ? plan.openedCoreMs + times.intervalMs
    : plan.openedCoreMs + times.sentinelEveryMs;
  draft.put("sentinelPlan", "", { ...plan, openRoundId: null, nextCoreMs });
  conclude(draft);
}

/** Whether far sentinels leave open if we can hear: one failed round, the next one not answered. */
export function sentinelsUndecided(draft: Draft): boolean {
  const judges = deciding(draft, hearingIn(draft));
  return (
    judges.length > 0 &&
    judges.every((sentinel) => sentinel.failedInRow > 0) &&
    judges.some((sentinel) => sentinel.failedInRow < draft.state.thresholds.sentinelFailures)
  );
}

/** All far sentinels fail: whatever is silent now may be silent because of us. */
export function ownNetworkSuspected(draft: Draft): boolean {
  const judges = deciding(draft, hearingIn(draft)).filter((sentinel) => !sentinel.near);
  const { sentinelFailures } = draft.state.thresholds;
  return judges.length > 0 && judges.every((sentinel) => sentinel.failedInRow >= sentinelFailures);
}

/**
 * The collector's own network was fine at some moment since `sinceMs`: it hears, and somebody was heard since or a sentinel
 * that decides answered; where none does and nobody but `serverId` was to be heard, there is nothing to suspect. Otherwise failed
 * probes may be its own doing.
 */
export function networkProvenSince(draft: Draft, serverId: string, sinceMs: number): boolean {
  const hearing = hearingIn(draft);
  if (hearing.state !== "hearing" || hearing.awayUntilCoreMs > sinceMs) return false;
  if (newestSignMs(draft.state) > sinceMs) return true;
  const judges = deciding(draft, hearing);
  if (judges.length > 0) return judges.some((sentinel) => (sentinel.lastAliveCoreMs ?? 0) > sinceMs);
  // A closed network: whoever should have been heard meanwhile is the only witness.
  for (const other of draft.all("detector"))
    if (other.serverId !== serverId && !untold.has(other.status)) return false;
  return true;
}

/** What sentinels said, for an incident. */
export function sentinelEvidence(draft: Draft): Evidence {
  const all = [...draft.all("sentinel")].filter((sentinel) => sentinel.lastAliveCoreMs !== null);
  return {
    type: "sentinels",
    alive: all.filter((sentinel) => sentinel.failedInRow === 0).map((sentinel) => sentinel.target),
    failed: all.filter((sentinel) => sentinel.failedInRow > 0).map((sentinel) => sentinel.target),
    wallMs: draft.at.wallMs,
  };
}

/** One incident for as long as it lasts, also over a restart. */
function trouble(draft: Draft): void {
  if (sharedIncidents(draft).some((incident) => incident.kind === "collector_trouble")) return;
  const near = [...draft.all("sentinel")].filter(
    (sentinel) => sentinel.near && sentinel.lastAliveCoreMs !== null,
  );
  const nearAnswers = near.some((sentinel) => sentinel.failedInRow === 0);
  openTrouble(draft, nearAnswers ? "uplink" : "network", sentinelEvidence(draft));
}

function settle(draft: Draft): void {
  for (const incident of sharedIncidents(draft))
    if (incident.kind === "collector_trouble") closeTrouble(draft, incident);
}
