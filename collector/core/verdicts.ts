/**
 * The second phase: the sockets were read once more, and whoever is silent still is down. Which kind, and under what.
 * Why apart from the detector: that marks; nothing but this opens an incident for silence.
 * Must not: judge while the collector cannot hear, or somebody who was heard after the mark.
 */
import type { Draft } from "./draft.ts";
import { judge, newestTelling, observations } from "./evidence.ts";
import type { JudgementWithVariant } from "./evidence.ts";
import { coverOf, isHeld, silentMs } from "./groups.ts";
import { hearingIn } from "./hearing.ts";
import * as incidents from "./incidents.ts";
import { failedProperly, tellingVerdict } from "./ping-only.ts";
import { noSilence } from "./rounds.ts";
import { base, become } from "./status.ts";
import { downAfterOf } from "./times.ts";
import type { ProbeRound } from "./types/evidence.ts";
import type { Evidence } from "./types/incident.ts";
import type { Server } from "./types/registry.ts";

/** Second phase: the sockets were read once more; whoever is still silent is down. */
export function verdict(draft: Draft, serverId: string): void {
  draft.put("mark", serverId, null);
  const hearing = hearingIn(draft);
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

/** What the rounds of its silence (or some of them) say of a server. */
export function judgementOf(
  draft: Draft,
  server: Server,
  rounds: readonly ProbeRound[] = draft.get("silence", server.id)?.rounds ?? [],
): JudgementWithVariant {
  return judge(
    {
      gatewayAddress: gatewayBeside(draft, server),
      hasCheck: server.mode === "ping" && server.check !== null,
      rounds,
      baseline: draft.get("baseline", server.id) ?? null,
      neighbourHeard: neighbourHeard(draft, server),
    },
    draft.state.thresholds.witnessesAgree,
  );
}

/** Its site's gateway; null also for a router that is a server itself: what is said of that address is said of it. */
function gatewayBeside(draft: Draft, server: Server): string | null {
  const site = server.siteId === null ? undefined : draft.get("site", server.siteId);
  return site?.gatewayAddress === server.address ? null : (site?.gatewayAddress ?? null);
}

function neighbourHeard(draft: Draft, server: Server): boolean {
  if (server.siteId === null) return false;
  for (const id of draft.state.derived.serversOf.get(server.siteId) ?? []) {
    if (id === server.id) continue;
    const heard = draft.get("heard", id);
    const status = draft.get("detector", id)?.status;
    if (heard && status === "up" && draft.nowMs - heard.coreMs <= draft.state.times.latelyMs) return true;
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

/** What is known of this silence, in the order a person asks: last heard, the socket, the newest telling probes. */
export function evidenceOf(draft: Draft, server: Server): Evidence[] {
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
  const gateway = gatewayBeside(draft, server);
  if (round)
    // What witnesses saw of the gateway is said of the site, not of each of its servers.
    evidence.push(
      ...observations(round, Math.round(draft.at.wallMs - (draft.nowMs - round.finishedCoreMs))).filter(
        (item) => item.type !== "probe" || item.from === "collector" || item.result.target !== gateway,
      ),
    );
  return evidence;
}

/** The agent was stopped on purpose and its host answered; now it has not for T: that is another matter. */
export function hostDied(draft: Draft, server: Server): boolean {
  const silence = draft.get("silence", server.id);
  const baseline = draft.get("baseline", server.id);
  if (!silence || silence.lastAliveCoreMs === null) return false;
  const newest = silence.rounds.slice(-3);
  return (
    newest.length === 3 &&
    newest.every((round) => tellingVerdict(round, baseline) === "dead") &&
    draft.nowMs - silence.lastAliveCoreMs >= downAfterOf(server, draft.state.settings)
  );
}
