/**
 * One server: from what was heard of it, and what was not, to its status.
 * Why: silence on the hearing clock decides that there is an outage; probes only say which kind.
 * Must not: use timers or wall time, decide while the collector cannot hear, or let an old session change anything.
 */
import { unreachable } from "../../shared/assert.ts";
import type { Draft } from "./draft.ts";
import { lookAtIdentity } from "./duplicates.ts";
import { judge, newestTelling, observations, verdictOf } from "./evidence.ts";
import type { JudgementWithVariant } from "./evidence.ts";
import { countSuspicion } from "./flapping.ts";
import { coverOf, isHeld, silentMs } from "./groups.ts";
import { hearingNow, hearingOf } from "./hearing.ts";
import * as incidents from "./incidents.ts";
import { note } from "./outbox.ts";
import { beginRound, noBaseline, noSilence, planProbes, teach } from "./rounds.ts";
import { tellNeverCame } from "./never-came.ts";
import { downAfterOf, roundsAt } from "./times.ts";
import type { Detector, Evidence, Heard, ProbeRound, Server, Silence } from "./types.ts";

/** A server heard within so many intervals is alive enough to vouch for its site: 2 η. */
const NEIGHBOUR_INTERVALS = 2;

/** Goodbyes that mean to return by themselves, and how long they get: reboot 10 min, upgrade 2 min. */
export const PLANNED_MS = { reboot: 600_000, upgrade: 120_000 } as const;
/** The longest absence an agent may announce for itself: one day. */
export const PLANNED_MAX_MS = 86_400_000;

type Base = Pick<Detector, "serverId" | "sinceCoreMs" | "sinceWallMs">;

function base(draft: Draft, serverId: string): Base {
  return { serverId, sinceCoreMs: draft.nowMs, sinceWallMs: draft.at.wallMs };
}

export function newDetector(draft: Draft, serverId: string): Detector {
  return { ...base(draft, serverId), status: "new", told: false };
}

function become(draft: Draft, detector: Detector): void {
  if (detector.status === "suspect") draft.suspicions += 1;
  draft.put("detector", detector.serverId, detector);
  draft.publish("server", detector.serverId);
}

/** When `remainingMs` more of hearing will have passed, on the core's time; while not hearing: when that may change. */
function whenHeardFor(draft: Draft, remainingMs: number): number {
  const hearing = draft.get("hearing", "") ?? hearingOf(draft.state);
  const { times } = draft.state;
  const afterMs = Math.max(times.tickMs, remainingMs);
  // While isolated nobody knows when; the return of hearing looks at everybody.
  if (hearing.state === "isolated") return draft.nowMs + times.intervalMs;
  return hearing.state === "hearing"
    ? draft.nowMs + afterMs
    : Math.max(draft.nowMs + draft.state.times.tickMs, hearing.untilCoreMs);
}

/** A heartbeat of the current session, or a successful probe of a ping-only server: sign of life. `heard` is the new record. */
export function signOfLife(draft: Draft, server: Server, detector: Detector, heard: Heard): void {
  draft.put("heard", server.id, heard);
  const pending = draft.get("silence", server.id);
  if (pending && server.mode === "agent") {
    if (pending.openRoundId !== null) draft.effect({ type: "cancel_probe", roundId: pending.openRoundId });
    draft.put("silence", server.id, null);
  }
  switch (detector.status) {
    case "up":
    case "paused":
      return;
    case "suspect":
      countSuspicion(draft, server.id);
      return become(draft, { ...base(draft, server.id), status: "up" });
    case "new":
    case "planned":
      lookAfterLife(draft, server);
      return become(draft, { ...base(draft, server.id), status: "up" });
    case "down":
      note(draft, detector.incidentId, { type: "heard_again" });
      lookAfterLife(draft, server);
      return become(draft, {
        ...base(draft, server.id),
        status: "recovering",
        incidentId: detector.incidentId,
        firstBeatCoreMs: draft.nowMs,
        firstBeatWallMs: draft.at.wallMs,
        beats: 1,
      });
    case "recovering":
      if (draft.nowMs - detector.firstBeatCoreMs < draft.state.times.recoverySpacingMs) return;
      become(draft, { ...base(draft, server.id), status: "up" });
      incidents.recover(
        draft,
        detector.incidentId,
        server,
        detector.firstBeatCoreMs,
        server.mode === "agent" ? heard : null,
      );
      return;
    default:
      unreachable(detector);
  }
}

/** An agent will be looked at when it could be suspect; a ping-only server's next probe must be planned at once. */
function lookAfterLife(draft: Draft, server: Server): void {
  const coreMs = server.mode === "ping" ? draft.nowMs : whenHeardFor(draft, draft.state.times.suspectMs);
  draft.put("look", server.id, { coreMs });
}

/** Looks at one server whose moment came: suspect, rounds of probes, marks for the verdict; says when to look again. */
export function look(draft: Draft, serverId: string): void {
  const server = draft.server(serverId);
  const detector = draft.get("detector", serverId);
  if (!server || !detector) {
    draft.put("look", serverId, null);
    return;
  }
  const { times } = draft.state;
  lookAtIdentity(draft, serverId);
  switch (detector.status) {
    case "paused":
      return lookAgain(draft, serverId, draft.nowMs + times.baselineEveryMs);
    case "new":
      return lookAtNew(draft, server, detector);
    case "up":
    case "suspect":
      return lookAtSilence(draft, server, detector);
    case "down": {
      if (tellsAlone(draft, detector)) {
        // Its group is over and it is not back.
        const incident = draft.get("incident", detector.incidentId);
        become(draft, { ...detector, aloneFromCoreMs: null });
        if (incident?.groupedUnder != null) incidents.ungroup(draft, incident);
      }
      const next = planProbes(
        draft,
        server,
        server.mode === "ping" ? times.probeFailingEveryMs : times.probeEveryMs,
        // Of a member its group is asked about; of a lone one the kind may still change.
        draft.get("incident", detector.incidentId)?.groupedUnder === null,
      );
      const { aloneFromCoreMs } = detector;
      const alone = aloneFromCoreMs === null ? next : Math.max(aloneFromCoreMs, draft.nowMs + times.tickMs);
      return lookAgain(draft, serverId, Math.min(next, alone));
    }
    case "recovering": {
      const heard = draft.get("heard", serverId);
      const silent = heard ? silentMs(draft, heard) : 0;
      if (silent >= times.suspectMs) return backToDown(draft, server, detector.incidentId);
      const again = whenHeardFor(draft, times.suspectMs - silent);
      if (server.mode === "agent") return lookAgain(draft, serverId, again);
      return lookAgain(
        draft,
        serverId,
        Math.min(again, planProbes(draft, server, times.probeFailingEveryMs)),
      );
    }
    case "planned": {
      const nextProbe =
        detector.reason === "agent_stopped"
          ? planProbes(draft, server, times.probeEveryMs)
          : Number.POSITIVE_INFINITY;
      if (detector.deadlineCoreMs !== null && detector.deadlineCoreMs <= draft.nowMs) {
        mark(draft, serverId);
        return lookAgain(draft, serverId, whenHeardFor(draft, 2 * times.tickMs));
      }
      const deadline = detector.deadlineCoreMs ?? draft.nowMs + times.baselineEveryMs;
      return lookAgain(draft, serverId, Math.min(nextProbe, deadline));
    }
    default:
      return unreachable(detector);
  }
}

/** Hearing, and so long after its group's end that it should have been back. */
function tellsAlone(draft: Draft, detector: Extract<Detector, { status: "down" }>): boolean {
  const hearing = draft.get("hearing", "") ?? hearingOf(draft.state);
  return (
    hearing.state === "hearing" &&
    detector.aloneFromCoreMs !== null &&
    detector.aloneFromCoreMs <= draft.nowMs
  );
}

function lookAgain(draft: Draft, serverId: string, coreMs: number): void {
  draft.put("look", serverId, { coreMs });
}

function lookAtNew(draft: Draft, server: Server, detector: Extract<Detector, { status: "new" }>): void {
  if (tellNeverCame(draft, server, detector)) become(draft, { ...detector, told: true });
  const hourly = draft.nowMs + draft.state.times.baselineEveryMs;
  const next = server.mode === "ping" ? planProbes(draft, server, draft.state.times.probeEveryMs) : hourly;
  lookAgain(draft, server.id, Math.min(next, hourly));
}

function lookAtSilence(
  draft: Draft,
  server: Server,
  detector: Extract<Detector, { status: "up" | "suspect" }>,
): void {
  const heard = draft.get("heard", server.id);
  if (!heard) {
    lookAgain(draft, server.id, draft.nowMs + draft.state.times.suspectMs);
    return;
  }
  const silent = silentMs(draft, heard);
  const downAfterMs = downAfterOf(server, draft.state.settings);
  let next =
    server.mode === "ping"
      ? Math.min(
          lookAtPinged(draft, server, detector),
          // Without a failed probe it is not failing, and T alone says nothing (no evidence is not "dead").
          silent < downAfterMs ? whenHeardFor(draft, downAfterMs - silent) : Number.POSITIVE_INFINITY,
        )
      : lookAtSilentAgent(draft, server, detector, silent, downAfterMs);
  if (
    silent >= downAfterMs &&
    awaitsAnswer(draft, server) &&
    silent < downAfterMs + draft.state.times.tickMs
  ) {
    next = draft.nowMs + draft.state.times.tickMs;
  } else if (silent >= downAfterMs && isHeld(draft, server, heard)) {
    next = draft.nowMs + draft.state.times.tickMs;
  } else if (silent >= downAfterMs && (server.mode === "agent" || failedProperly(draft, server))) {
    mark(draft, server.id);
    // Should the commit fail (a full disk), the verdict is tried again soon.
    next = Math.min(next, whenHeardFor(draft, 2 * draft.state.times.tickMs));
  }
  lookAgain(draft, server.id, next);
}

function lookAtPinged(draft: Draft, server: Server, detector: Detector): number {
  const { times } = draft.state;
  return planProbes(
    draft,
    server,
    detector.status === "suspect" ? times.probeFailingEveryMs : times.probeEveryMs,
    detector.status === "suspect",
  );
}

function lookAtSilentAgent(
  draft: Draft,
  server: Server,
  detector: Extract<Detector, { status: "up" | "suspect" }>,
  silent: number,
  downAfterMs: number,
): number {
  const { times } = draft.state;
  if (silent < times.suspectMs) {
    const next = whenHeardFor(draft, times.suspectMs - silent);
    return Math.min(next, planBaseline(draft, server));
  }
  if (detector.status === "up") become(draft, { ...base(draft, server.id), status: "suspect" });
  const rounds = roundsAt(downAfterMs, times.intervalMs);
  const silence = draft.get("silence", server.id) ?? noSilence(server.id);
  const due = rounds.filter((atMs) => atMs <= silent).length;
  // A round that was missed (a late look) is not made up for: the newest says more.
  if (due > silence.roundsStarted) beginRound(draft, server, { ...silence, roundsStarted: due }, true);
  const nextRound = rounds[due] ?? downAfterMs;
  return whenHeardFor(draft, Math.min(nextRound, downAfterMs) - silent);
}

/** Now and then a fine agent's host is asked, to learn what it usually answers. Returns when next. */
function planBaseline(draft: Draft, server: Server): number {
  const baseline = draft.get("baseline", server.id) ?? noBaseline(server.id, draft.nowMs);
  if (baseline.nextCoreMs > draft.nowMs) return baseline.nextCoreMs;
  // Often at first, so that an outage in the first hour already has a baseline: the first six come T/3 apart.
  const asked = Math.max(baseline.icmpAsked, baseline.tcpAsked);
  const everyMs = asked < 6 ? draft.state.times.probeEveryMs : draft.state.times.baselineEveryMs;
  draft.put("baseline", server.id, { ...baseline, nextCoreMs: draft.nowMs + everyMs });
  beginRound(draft, server, null);
  return draft.nowMs + everyMs;
}

/** A ping-only server was asked just now: a living one answers within a tick, and is not told down in that moment. */
function awaitsAnswer(draft: Draft, server: Server): boolean {
  return server.mode === "ping" && draft.get("silence", server.id)?.openRoundId != null;
}

/** A ping-only server is judged by probes that failed, not by probes that could not be made. */
function failedProperly(draft: Draft, server: Server): boolean {
  const rounds = draft.get("silence", server.id)?.rounds ?? [];
  const newest = rounds.at(-1);
  return (
    newest !== undefined &&
    checked(server, newest) === "dead" &&
    rounds.filter((round) => checked(server, round) === "dead").length >= 2
  );
}

function mark(draft: Draft, serverId: string): void {
  const hearing = draft.get("hearing", "") ?? hearingOf(draft.state);
  if (hearing.state !== "hearing") return;
  draft.put("mark", serverId, { serverId, atCoreMs: draft.nowMs });
  draft.effect({ type: "drain_sockets" });
}

/** Second phase: the sockets were read once more; whoever is still silent is down. */
export function verdict(draft: Draft, serverId: string): void {
  draft.put("mark", serverId, null);
  const hearing = draft.get("hearing", "") ?? hearingOf(draft.state);
  const server = draft.server(serverId);
  const detector = draft.get("detector", serverId);
  if (hearing.state !== "hearing" || !server || !detector) return;
  if (detector.status === "planned") {
    if (detector.reason === "agent_stopped" && hostDied(draft, server))
      return goDown(draft, server, judgementOf(draft, server));
    if (detector.deadlineCoreMs === null || detector.deadlineCoreMs > draft.nowMs) return;
    return goDown(draft, server, { kind: "not_back", variant: null, confidence: "high", cause: "planned" });
  }
  if (detector.status !== "up" && detector.status !== "suspect") return;
  const heard = draft.get("heard", serverId);
  if (!heard || silentMs(draft, heard) < downAfterOf(server, draft.state.settings)) return;
  if (server.mode === "ping" && !failedProperly(draft, server)) return;
  if (isHeld(draft, server, heard)) return;
  goDown(draft, server, judgementOf(draft, server));
}

function judgementOf(draft: Draft, server: Server): JudgementWithVariant {
  const site = server.siteId === null ? undefined : draft.get("site", server.siteId);
  return judge({
    gatewayAddress: site?.gatewayAddress ?? null,
    hasCheck: server.mode === "ping" && server.check !== null,
    rounds: draft.get("silence", server.id)?.rounds ?? [],
    baseline: draft.get("baseline", server.id) ?? null,
    neighbourHeard: neighbourHeard(draft, server),
  });
}

function neighbourHeard(draft: Draft, server: Server): boolean {
  if (server.siteId === null) return false;
  for (const id of draft.state.derived.serversOf.get(server.siteId) ?? []) {
    if (id === server.id) continue;
    const heard = draft.get("heard", id);
    const status = draft.get("detector", id)?.status;
    if (
      heard &&
      status === "up" &&
      draft.nowMs - heard.coreMs <= NEIGHBOUR_INTERVALS * draft.state.times.intervalMs
    )
      return true;
  }
  return false;
}

function goDown(draft: Draft, server: Server, judgement: JudgementWithVariant): void {
  // Who broke a promise is told by itself: nobody else's silence explains that.
  const cover = judgement.kind === "not_back" ? null : coverOf(draft, server);
  const incident = incidents.open(draft, server, judgement, evidenceOf(draft, server), cover);
  become(draft, {
    ...base(draft, server.id),
    status: "down",
    incidentId: incident.id,
    aloneFromCoreMs: null,
  });
  const silence = draft.get("silence", server.id);
  draft.put("silence", server.id, {
    ...(silence ?? noSilence(server.id)),
    nextProbeCoreMs: draft.nowMs + draft.state.times.probeFailingEveryMs,
  });
  draft.put("look", server.id, { coreMs: draft.nowMs + draft.state.times.probeFailingEveryMs });
}

function backToDown(draft: Draft, server: Server, incidentId: string): void {
  note(draft, incidentId, { type: "silent_again" });
  const aloneFromCoreMs = incidents.aloneFrom(draft, incidentId);
  become(draft, { ...base(draft, server.id), status: "down", incidentId, aloneFromCoreMs });
  draft.put("look", server.id, { coreMs: draft.nowMs });
}

/** What is known of this silence, in the order a person asks: last heard, the socket, the newest telling probes. */
function evidenceOf(draft: Draft, server: Server): Evidence[] {
  const heard = draft.get("heard", server.id);
  const evidence: Evidence[] = [];
  if (heard) {
    const silent = Math.round(Math.max(0, draft.nowMs - heard.coreMs));
    evidence.push({ type: "last_heard", wallMs: draft.at.wallMs - silent, silentMs: silent });
    if (server.mode === "agent" && heard.connected)
      evidence.push({ type: "socket", state: "open", wallMs: draft.at.wallMs });
    else if (server.mode === "agent" && heard.disconnectedWallMs !== null)
      evidence.push({ type: "socket", state: "closed", wallMs: heard.disconnectedWallMs });
  }
  const rounds = draft.get("silence", server.id)?.rounds ?? [];
  const round = newestTelling(rounds) ?? rounds.at(-1);
  if (round)
    evidence.push(...observations(round, Math.round(draft.at.wallMs - (draft.nowMs - round.finishedCoreMs))));
  return evidence;
}

/** A round of this silence answered. */
export function roundFinished(draft: Draft, server: Server, silence: Silence): void {
  const detector = draft.get("detector", server.id);
  const round = silence.rounds.at(-1);
  if (!detector || !round) return;
  const said = server.mode === "ping" ? checked(server, round) : verdictOf(round);
  if (server.mode === "ping") return pingAnswered(draft, server, detector, silence, said);
  if (detector.status === "down") return reconsider(draft, server, detector.incidentId, silence);
  if (detector.status === "planned" && detector.reason === "agent_stopped" && hostDied(draft, server))
    mark(draft, server.id);
}

/** Of a server with a check: alive only when it did what is expected of it. */
function checked(server: Server, round: ProbeRound): ReturnType<typeof verdictOf> {
  const { check } = server;
  if (check === null) return verdictOf(round);
  const kind = check.type;
  const result = round.results.find((one) => one.kind === kind);
  if (!result || result.verdict === "none") return "none";
  const passed = kind === "tcp" ? result.detail === "connected" : result.asExpected === true;
  return passed ? "alive" : "dead";
}

function pingAnswered(
  draft: Draft,
  server: Server,
  detector: Detector,
  silence: Silence,
  said: ReturnType<typeof verdictOf>,
): void {
  const { times } = draft.state;
  if (said === "alive") {
    const hearing = draft.get("hearing", "") ?? hearingOf(draft.state);
    const before = draft.get("heard", server.id);
    // What failed before the success says nothing about the next outage.
    draft.put("silence", server.id, { ...silence, rounds: silence.rounds.slice(-1) });
    signOfLife(draft, server, detector, {
      serverId: server.id,
      coreMs: draft.nowMs,
      hearingMs: hearingNow(hearing, draft.nowMs),
      wallMs: draft.at.wallMs,
      sessionId: null,
      bootId: null,
      sequence: (before?.sequence ?? 0) + 1,
      agentStartedBootMs: null,
      connected: false,
      disconnectedWallMs: null,
      announced: null,
      ownHost: false,
      features: [],
    });
    const round = silence.rounds.at(-1);
    if (round) teach(draft, server.id, round);
    return;
  }
  if (said !== "dead") return;
  if (detector.status === "recovering") return backToDown(draft, server, detector.incidentId);
  if (detector.status !== "up" && detector.status !== "suspect") return;
  if (detector.status === "up") become(draft, { ...base(draft, server.id), status: "suspect" });
  const started = silence.rounds.at(-1)?.startedCoreMs ?? draft.nowMs;
  const nextProbeCoreMs = Math.max(draft.nowMs, started + times.probeFailingEveryMs);
  draft.put("silence", server.id, { ...silence, nextProbeCoreMs });
  const heard = draft.get("heard", server.id);
  const downAfterMs = downAfterOf(server, draft.state.settings);
  // T may come before the next probe, or have come while this one was awaited: then the coming tick looks.
  const remainingMs = heard ? downAfterMs - silentMs(draft, heard) : times.probeFailingEveryMs;
  const verdictCoreMs = remainingMs > 0 ? whenHeardFor(draft, remainingMs) : draft.nowMs;
  draft.put("look", server.id, { coreMs: Math.min(nextProbeCoreMs, verdictCoreMs) });
}

/** While down: two rounds in a row that say another kind change the incident. */
function reconsider(draft: Draft, server: Server, incidentId: string, silence: Silence): void {
  const lastTwo = silence.rounds.slice(-2).map(verdictOf);
  if (lastTwo.length < 2 || lastTwo[0] !== lastTwo[1] || lastTwo[0] === "none") return;
  const incident = draft.get("incident", incidentId);
  const judgement = judgementOf(draft, server);
  // A promise that was broken (not_back) keeps its name: the new evidence is in the timeline of probes.
  if (!incident || incident.kind === "not_back") return;
  if (incident.kind === judgement.kind && incident.variant === judgement.variant) return;
  incidents.changeKind(
    draft,
    incidentId,
    judgement,
    evidenceOf(draft, server).filter((item) => item.type === "probe"),
  );
}

/** The agent was stopped on purpose and its host answered; now it has not for T: that is another matter. */
function hostDied(draft: Draft, server: Server): boolean {
  const silence = draft.get("silence", server.id);
  if (!silence || silence.lastAliveCoreMs === null) return false;
  const newest = silence.rounds.slice(-3);
  return (
    newest.length === 3 &&
    newest.every((round) => verdictOf(round) === "dead") &&
    draft.nowMs - silence.lastAliveCoreMs >= downAfterOf(server, draft.state.settings)
  );
}
