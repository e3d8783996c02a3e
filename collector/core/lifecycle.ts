/**
 * The collector itself comes and goes: what a start may rely on, and what a stop leaves behind.
 * Why apart: what a crash may have taken is the subtlest thing the core believes about its own store.
 * Must not: judge anybody; a start only says what silence is counted from.
 */
import * as delivery from "./delivery.ts";
import { ensureDefaultRoute } from "./routes.ts";
import { newDetector } from "./status.ts";
import { Draft } from "./draft.ts";
import { clockOf, started } from "./hearing.ts";
import { archiveTold } from "./archiving.ts";
import type { State } from "./state.ts";
import type { Decision } from "./types/effects.ts";
import type { Event } from "./types/events.ts";

/** What the store holds when the collector stops by itself is all that was heard; the next start may rely on it. */
export function collectorStopping(draft: Draft): Decision {
  draft.put("clock", "", { ...clockOf(draft.state), ...draft.at, coreMs: draft.nowMs });
  draft.put("meta", "", { ...draft.meta(), stoppedCoreMs: draft.nowMs });
  return draft.done();
}

/** First of all after loading: no session lives, nothing is being sent, and we have not heard anybody yet. */
export function collectorStarted(
  state: State,
  event: Extract<Event, { type: "collector_started" }>,
): Decision {
  const { clock, hearing } = started(state, event.at, event.hostBootId);
  const before = clockOf(state);
  const draft = new Draft(state, event.at, clock.coreMs);
  draft.put("clock", "", clock);
  draft.put("hearing", "", hearing);
  const meta = draft.meta();
  const random = state.tables.meta.has("") ? meta.random : event.seed;
  // Of a clean stop the volatile facts are complete; otherwise they may be as old as the start of the run before.
  const complete = meta.stoppedCoreMs === before.coreMs;
  const newestVolatileMs = Math.max(before.coreMs, meta.startedCoreMs);
  draft.put("meta", "", { ...meta, random, startedCoreMs: clock.coreMs, stoppedCoreMs: null });
  for (const serverId of state.tables.server.keys()) {
    const heard = state.tables.heard.get(serverId);
    const detector = state.tables.detector.get(serverId);
    // A sign of life may have met a full disk (F3): what was heard after the status began ends it.
    const heardSince =
      (detector?.status === "suspect" || detector?.status === "new" || detector?.status === "planned") &&
      heard !== undefined &&
      heard.wallMs > 0 &&
      heard.coreMs > detector.sinceCoreMs;
    if (heardSince) {
      const since = { serverId, sinceCoreMs: heard.coreMs, sinceWallMs: heard.wallMs };
      draft.put("detector", serverId, { ...since, status: "up" });
    }
    const status = heardSince ? "up" : detector?.status;
    // Who was up may have been heard in the last moments, which never reached the disk. Only who is judged by silence:
    // of a planned server this would look like a sign of life at the next start.
    const mayBeNewer = (status === "up" || status === "recovering") && before.hostBootId !== "" && !complete;
    const newestMs = mayBeNewer
      ? Math.max(heard?.coreMs ?? 0, newestVolatileMs) + state.times.volatileLossMs
      : 0;
    const heardMs = Math.min(Math.max(heard?.coreMs ?? 0, newestMs), clock.coreMs);
    if (heard)
      draft.put("heard", serverId, {
        ...heard,
        coreMs: heardMs,
        hearingMs: Math.min(heard.hearingMs, hearing.hearingMs),
        sessionId: null,
        connected: false,
        disconnectedWallMs: null,
      });
    else if (status !== undefined && status !== "new" && status !== "paused")
      // The volatile facts are lost: silence is counted from now.
      draft.put("heard", serverId, {
        serverId,
        coreMs: clock.coreMs,
        hearingMs: hearing.hearingMs,
        wallMs: event.at.wallMs,
        sessionId: null,
        bootId: null,
        sequence: 0,
        agentStartedBootMs: null,
        connected: false,
        disconnectedWallMs: null,
        announced: null,
        ownHost: false,
        features: [],
      });
    const silence = state.tables.silence.get(serverId);
    if (silence)
      draft.put("silence", serverId, { ...silence, openRoundId: null, witnessIds: [], witnesses: [] });
    if (status === undefined) draft.put("detector", serverId, newDetector(draft, serverId));
    draft.put("look", serverId, { coreMs: clock.coreMs });
  }
  for (const serverId of state.tables.mark.keys()) draft.put("mark", serverId, null);
  // Volatile facts of a server that was removed just before a crash.
  for (const table of [
    "heard",
    "silence",
    "baseline",
    "health",
    "look",
    "identity",
    "journal",
    "unstable",
  ] as const)
    for (const serverId of state.tables[table].keys())
      if (!state.tables.server.has(serverId)) draft.put(table, serverId, null);
  for (const gateway of state.tables.gateway.values())
    if (state.tables.site.has(gateway.siteId))
      draft.put("gateway", gateway.siteId, { ...gateway, openRoundId: null, rounds: [] });
    else draft.put("gateway", gateway.siteId, null);
  // Whether the sentinels fail now is asked anew; when they answered last is remembered.
  for (const sentinel of state.tables.sentinel.values())
    draft.put("sentinel", sentinel.target, { ...sentinel, failedInRow: 0 });
  draft.put("sentinelPlan", "", { openRoundId: null, openedCoreMs: 0, nextCoreMs: clock.coreMs });
  ensureDefaultRoute(draft);
  delivery.expireLeases(draft, true);
  if (before.hostBootId === "") delivery.forgetWaits(draft);
  archiveTold(draft);
  draft.publish("hearing", "");
  return draft.done();
}
