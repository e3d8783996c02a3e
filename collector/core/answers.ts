/**
 * What follows from an answered round: a ping-only server's sign of life or its first failure, another kind of an outage.
 * Why apart: the detector acts when time passes; this acts when somebody answers.
 * Must not: take a round that nobody awaited (rounds.ts drops those).
 */
import { teach } from "./baselines.ts";
import type { Draft } from "./draft.ts";
import { signOfLife } from "./detector.ts";
import { verdictOf } from "./evidence.ts";
import { doubtGateway } from "./gateways.ts";
import { silentMs } from "./groups.ts";
import { hearingIn, hearingNow } from "./hearing.ts";
import * as incidents from "./incidents.ts";
import { checked } from "./ping-only.ts";
import { networkProvenSince } from "./sentinels.ts";
import { backToDown, base, become, mark, whenHeardFor } from "./status.ts";
import { downAfterOf } from "./times.ts";
import type { Server } from "./types/registry.ts";
import type { Detector, Silence } from "./types/server.ts";
import { evidenceOf, hostDied, judgementOf } from "./verdicts.ts";

/** A round of this silence answered. */
export function roundFinished(draft: Draft, server: Server, silence: Silence): void {
  const detector = draft.get("detector", server.id);
  const round = silence.rounds.at(-1);
  if (!detector || !round) return;
  const said = server.mode === "ping" ? checked(draft, server, round) : verdictOf(round);
  if (server.mode === "ping") return pingAnswered(draft, server, detector, silence, said);
  if (detector.status === "down") return reconsider(draft, server, detector.incidentId, silence);
  if (detector.status === "planned" && detector.reason === "agent_stopped" && hostDied(draft, server))
    mark(draft, server.id);
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
    const hearing = hearingIn(draft);
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
      // Of this very machine: its answer proves no network.
      ownHost: /^(127\.|::1$|localhost$)/.test(server.address ?? ""),
      features: [],
    });
    const round = silence.rounds.at(-1);
    if (round) teach(draft, server.id, round);
    return;
  }
  if (said !== "dead") return;
  if (detector.status === "recovering") return backToDown(draft, server, detector.incidentId);
  if (detector.status !== "up" && detector.status !== "suspect") return;
  if (detector.status === "up") {
    doubtGateway(draft, server.siteId);
    become(draft, { ...base(draft, server.id), status: "suspect" });
  }
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

/**
 * While down: two rounds in a row, each by itself, that say the same other kind change the incident. One is not enough: a
 * host that thaws speaks before its agent beats.
 */
function reconsider(draft: Draft, server: Server, incidentId: string, silence: Silence): void {
  const [before, newest] = silence.rounds.slice(-2);
  if (!before || !newest || verdictOf(before) === "none" || verdictOf(newest) === "none") return;
  // While the collector itself is cut off everybody seems dead.
  if (!networkProvenSince(draft, server.id, before.startedCoreMs)) return;
  const incident = draft.get("incident", incidentId);
  const judgement = judgementOf(draft, server, [newest]);
  const judgedBefore = judgementOf(draft, server, [before]);
  if (judgedBefore.kind !== judgement.kind || judgedBefore.variant !== judgement.variant) return;
  // No witness was asked, or none answered: that is not "dead for them too".
  if (incident?.kind === "path_down" && judgement.kind === "host_down" && newest.witnesses.length === 0)
    return;
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
