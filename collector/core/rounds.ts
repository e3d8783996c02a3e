/**
 * Rounds of probes: begin one, keep its answer, plan the next of the slow kind.
 * Why apart: the detector says when and what follows; a round is the same for every reason.
 * Must not: judge what an answer means (evidence) or change a status (detector).
 */
import { connectedSince, teach } from "./baselines.ts";
import type { Draft } from "./draft.ts";
import { verdictOf } from "./evidence.ts";
import { askGateway, learnGateway } from "./gateways.ts";
import { undisturbedSince } from "./hearing.ts";
import { roundIdOf, startOfRound } from "./round-ids.ts";
import { askWitnesses } from "./witnesses.ts";
import type { ProbeRequest, ProbeResult, ProbeRound } from "./types/evidence.ts";
import type { Server } from "./types/registry.ts";
import type { Silence } from "./types/server.ts";

/** Rounds kept of one silence: the newest tell; the first of a long outage are in the incident. */
const ROUNDS_KEPT = 6;
/** Prefix of rounds that only teach what is usual. */
const BASELINE_PREFIX = "usual.";

export function noSilence(serverId: string): Silence {
  return {
    serverId,
    roundsStarted: 0,
    openRoundId: null,
    witnessIds: [],
    witnesses: [],
    rounds: [],
    nextProbeCoreMs: null,
    lastAliveCoreMs: null,
  };
}

/** What one round asks of a server: ICMP, whether a program speaks on each of its ports, and its check. Empty without an address. */
export function requestsFor(server: Pick<Server, "address" | "probePorts" | "check">): ProbeRequest[] {
  const { address, check } = server;
  if (address === null) return [];
  const requests: ProbeRequest[] = [
    { kind: "icmp", host: address, port: null },
    ...server.probePorts.map((port): ProbeRequest => ({ kind: "banner", host: address, port })),
  ];
  if (check?.type === "tcp") requests.push({ kind: "tcp", host: address, port: check.port });
  if (check?.type === "http") {
    const { url, expectedStatus, expectedText } = check;
    requests.push({ kind: "http", host: address, port: portOf(url), url, expectedStatus, expectedText });
  }
  return requests;
}

/** The port of an http(s) address, which was checked when it was saved. */
function portOf(url: string): number {
  const explicit = /^https?:\/\/(?:\[[^\]]*\]|[^/:?#]*):(\d+)/i.exec(url)?.[1];
  return explicit === undefined ? (/^https:/i.test(url) ? 443 : 80) : Number(explicit);
}

/**
 * Orders a round. `silence` keeps it as this silence's open round, and witnesses make it too (`asksWitnesses`); null: it
 * only teaches the baseline.
 */
export function beginRound(
  draft: Draft,
  server: Server,
  silence: Silence | null,
  asksWitnesses = false,
): void {
  // A round of a ping-only server that is fine is no reason to ask its router.
  const isRoutine = server.mode === "ping" && draft.get("detector", server.id)?.status === "up";
  if (silence && !isRoutine) askGateway(draft, server.siteId);
  else learnGateway(draft, server.siteId);
  const requests = requestsFor(server);
  if (requests.length === 0) {
    if (silence) draft.put("silence", server.id, silence);
    return;
  }
  const roundId = roundIdOf(`${silence ? "" : BASELINE_PREFIX}${server.id}`, draft.nowMs);
  if (silence) {
    if (silence.openRoundId !== null) draft.effect({ type: "cancel_probe", roundId: silence.openRoundId });
    const witnessIds = asksWitnesses ? askWitnesses(draft, server, roundId, requests) : [];
    draft.put("silence", server.id, { ...silence, openRoundId: roundId, witnessIds, witnesses: [] });
  }
  draft.effect({
    type: "start_probe",
    serverId: server.id,
    roundId,
    requests,
    timeLimitMs: draft.state.times.probeLimitMs,
  });
}

/** Begins a round when the slow rhythm says so; returns when to look again. */
export function planProbes(draft: Draft, server: Server, everyMs: number, asksWitnesses = false): number {
  const silence = draft.get("silence", server.id) ?? noSilence(server.id);
  const planned = silence.nextProbeCoreMs;
  if (planned !== null && planned > draft.nowMs && planned <= draft.nowMs + everyMs) return planned;
  const next = draft.nowMs + everyMs;
  beginRound(draft, server, { ...silence, nextProbeCoreMs: next }, asksWitnesses);
  return next;
}

/** Keeps an answer. Returns the silence it belongs to, or null: nobody waits for it (a late or a teaching round). */
export function keepAnswer(
  draft: Draft,
  server: Server,
  roundId: string,
  results: readonly ProbeResult[],
): Silence | null {
  const silence = draft.get("silence", server.id);
  const round: ProbeRound = {
    roundId,
    startedCoreMs: startOfRound(roundId),
    finishedCoreMs: draft.nowMs,
    results,
    witnesses: silence?.openRoundId === roundId ? silence.witnesses : [],
  };
  if (roundId.startsWith(BASELINE_PREFIX)) {
    // It fell silent or lost its connection meanwhile, or the collector was disturbed: not how it answers when it is fine.
    const { startedCoreMs } = round;
    const isFine =
      draft.get("detector", server.id)?.status === "up" && connectedSince(draft, server.id, startedCoreMs);
    if (isFine && undisturbedSince(draft, startedCoreMs)) teach(draft, server.id, round);
    return null;
  }
  if (silence?.openRoundId !== roundId) return null;
  const kept: Silence = {
    ...silence,
    openRoundId: null,
    witnesses: [],
    rounds: [...silence.rounds, round].slice(-ROUNDS_KEPT),
    lastAliveCoreMs: verdictOf(round) === "alive" ? draft.nowMs : silence.lastAliveCoreMs,
  };
  draft.put("silence", server.id, kept);
  draft.publish("server", server.id);
  return kept;
}
