/**
 * One server: from what was heard of it, and what was not, to its status.
 * Why: silence on the hearing clock decides that there is an outage; probes only say which kind.
 * Must not: use timers or wall time, decide while the collector cannot hear, or let an old session change anything.
 */
import { unreachable } from "../../shared/assert.ts";
import { doubt, isUnsure, noBaseline } from "./baselines.ts";
import type { Draft } from "./draft.ts";
import { lookAtIdentity, takesTurnsOrDid } from "./duplicates.ts";
import { countSuspicion } from "./flapping.ts";
import { doubtGateway } from "./gateways.ts";
import { isHeld, silentMs } from "./groups.ts";
import { hearingIn, hearingNow } from "./hearing.ts";
import { recover, ungroup } from "./incident-endings.ts";
import { note } from "./outbox.ts";
import { failedProperly } from "./ping-only.ts";
import { beginRound, noSilence, planProbes } from "./rounds.ts";
import { tellNeverCame } from "./never-came.ts";
import { backToDown, base, become, mark, whenHeardFor } from "./status.ts";
import { downAfterOf, roundsAt } from "./times.ts";
import type { State } from "./state.ts";
import type { Server } from "./types/registry.ts";
import type { Detector, Heard } from "./types/server.ts";
import type { Hearing } from "./types/tables.ts";

/** Goodbyes that mean to return by themselves, and how long they get: reboot 10 min, upgrade 2 min. */
export const PLANNED_MS = { reboot: 600_000, upgrade: 120_000 } as const;

/** The longest absence an agent may announce for itself: one day. */
export const PLANNED_MAX_MS = 86_400_000;

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
      askWhileFine(draft, server.id);
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
      recover(
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

/** Heard again before its next look: what is due to be asked of it while it is fine is asked now, or a link that breaks soon never lets it. */
function askWhileFine(draft: Draft, serverId: string): void {
  const next = draft.get("look", serverId)?.coreMs ?? draft.nowMs;
  const dueMs = draft.get("baseline", serverId)?.nextCoreMs ?? next;
  if (dueMs < next) draft.put("look", serverId, { coreMs: Math.max(draft.nowMs, dueMs) });
}

/** An agent will be looked at when it could be suspect; a ping-only server's next probe must be planned at once. */
function lookAfterLife(draft: Draft, server: Server): void {
  const coreMs = server.mode === "ping" ? draft.nowMs : whenHeardFor(draft, draft.state.times.suspectMs);
  draft.put("look", server.id, { coreMs });
}

/**
 * When to look again at an agent that is plainly fine, and nothing else is due for it; null: it needs a whole look. The
 * commonest look of all, so it makes no draft.
 */
export function quietLook(state: State, hearing: Hearing, nowMs: number, serverId: string): number | null {
  const { tables, times } = state;
  const heard = tables.heard.get(serverId);
  const baseline = tables.baseline.get(serverId);
  if (!heard || !baseline || hearing.state !== "hearing") return null;
  if (tables.detector.get(serverId)?.status !== "up" || tables.server.get(serverId)?.mode !== "agent")
    return null;
  if (takesTurnsOrDid(state, serverId)) return null;
  const silent = Math.max(0, hearingNow(hearing, nowMs) - heard.hearingMs);
  if (silent >= times.suspectMs || baseline.nextCoreMs <= nowMs) return null;
  return Math.min(nowMs + Math.max(times.tickMs, times.suspectMs - silent), baseline.nextCoreMs);
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
        if (incident?.groupedUnder != null) ungroup(draft, incident);
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
  const hearing = hearingIn(draft);
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
  if (detector.status === "up") {
    doubt(draft, server.id);
    doubtGateway(draft, server.siteId);
    become(draft, { ...base(draft, server.id), status: "suspect" });
  }
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
  const { probeEveryMs, baselineEveryMs } = draft.state.times;
  const everyMs = isUnsure(baseline) ? probeEveryMs : baselineEveryMs;
  draft.put("baseline", server.id, { ...baseline, nextCoreMs: draft.nowMs + everyMs });
  beginRound(draft, server, null);
  return draft.nowMs + everyMs;
}

/** A ping-only server was asked just now: a living one answers within a tick, and is not told down in that moment. */
function awaitsAnswer(draft: Draft, server: Server): boolean {
  return server.mode === "ping" && draft.get("silence", server.id)?.openRoundId != null;
}
