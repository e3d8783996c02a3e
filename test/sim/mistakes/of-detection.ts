/**
 * Mistakes about one server: silence, verdicts, recovery, sessions, goodbyes, ping-only devices; and of the agent itself.
 */
import { lastMoment } from "../scenario.ts";
import { mistake, type Mistake } from "./mistake.ts";
import { stoppedAndThenDead } from "./stories.ts";

const detector = "collector/core/detector.ts";
const pingOnly = "collector/core/ping-only.ts";
const registry = "collector/core/registry.ts";
const sessions = "collector/core/sessions.ts";
const times = "collector/core/times.ts";
const verdicts = "collector/core/verdicts.ts";

export const mistakesOfDetection: readonly Mistake[] = [
  mistake(
    "the verdict falls at 2T/3",
    times,
    "return Math.max(settings.downAfterMs, server.downAfterMs ?? 0);",
    "return (2 / 3) * Math.max(settings.downAfterMs, server.downAfterMs ?? 0);",
  ),
  mistake(
    "a server's own longer T is forgotten",
    times,
    "return Math.max(settings.downAfterMs, server.downAfterMs ?? 0);",
    "return Math.max(settings.downAfterMs, 0 * (server.downAfterMs ?? 0));",
  ),
  mistake(
    "who was heard between the mark and the verdict is judged all the same",
    verdicts,
    "if (!heard || silentMs(draft, heard) < downAfterOf(server, draft.state.settings)) return;",
    "if (!heard) return;",
    lastMoment,
  ),
  mistake(
    "a verdict is committed 5 s late",
    "collector/core/status.ts",
    "? draft.nowMs + afterMs",
    "? draft.nowMs + afterMs + 5_000",
  ),
  mistake(
    "a host that answers ping is never told",
    verdicts,
    "function goDown(draft: Draft, server: Server, judgement: JudgementWithVariant): void {",
    'function goDown(draft: Draft, server: Server, judgement: JudgementWithVariant): void {\n  if (judgement.kind === "agent_down") return;',
  ),
  mistake(
    "a recovery at the first heartbeat",
    detector,
    'return become(draft, {\n        ...base(draft, server.id),\n        status: "recovering",',
    'recover(draft, detector.incidentId, server, draft.nowMs, server.mode === "agent" ? heard : null);\n      return become(draft, { ...base(draft, server.id), status: "up" });\n      become(draft, {\n        ...base(draft, server.id),\n        status: "recovering",',
  ),
  mistake(
    "silent again while recovering is a new outage of its own",
    "collector/core/status.ts",
    'become(draft, { ...base(draft, server.id), status: "down", incidentId, aloneFromCoreMs });',
    'become(draft, { ...base(draft, server.id), status: "suspect" });\n  void [incidentId, aloneFromCoreMs];',
  ),
  mistake(
    "a goodbye is believed of any session",
    sessions,
    "if (!heard || !detector || heard.sessionId !== sessionId || sequence <= heard.sequence)",
    "if (!heard || !detector)",
  ),
  mistake(
    "an old session's heartbeats are believed",
    sessions,
    "if (!heard || !detector || heard.sessionId !== sessionId) return refusal",
    "if (!heard || !detector) return refusal",
  ),
  mistake(
    "a connection that ends is silence since the heartbeat before the last",
    sessions,
    "...heard,\n    connected: false,\n    disconnectedWallMs: event.at.wallMs,",
    "...heard,\n    hearingMs: heard.hearingMs - draft.state.times.intervalMs,\n    connected: false,\n    disconnectedWallMs: event.at.wallMs,",
  ),
  mistake(
    "a new session's heartbeats are refused while the old socket is open",
    sessions,
    'reason: "replaced" });\n    doubtSinceBroken(draft, server);',
    'reason: "replaced" });\n    return refusal("session_not_current");',
  ),
  mistake(
    "a promise to be back never ends",
    sessions,
    "const deadlineCoreMs = awayMs === null ? null : nowMs + awayMs;",
    "const deadlineCoreMs = awayMs === null ? null : null;",
  ),
  mistake(
    "a goodbye is acknowledged and forgotten",
    sessions,
    'draft.put("detector", serverId, { ...since, status: "planned", reason, deadlineCoreMs });',
    "void since;",
  ),
  mistake(
    "an agent stopped by hand: nobody sees that its host died later",
    verdicts,
    "if (!silence || silence.lastAliveCoreMs === null) return false;",
    "if (!silence || silence.lastAliveCoreMs !== null) return false;",
    stoppedAndThenDead,
  ),
  mistake(
    "a planned absence that ends well is not ended: the promise is held against it",
    detector,
    'case "new":\n    case "planned":\n      lookAfterLife(draft, server);\n      return become(draft, { ...base(draft, server.id), status: "up" });',
    'case "planned":\n      return lookAfterLife(draft, server);\n    case "new":\n      lookAfterLife(draft, server);\n      return become(draft, { ...base(draft, server.id), status: "up" });',
  ),
  {
    name: "a ping-only server is down by silence alone, without a failed probe",
    edits: [
      {
        file: verdicts,
        was: 'if (server.mode === "ping" && !failedProperly(draft, server)) return;',
        now: "",
      },
      {
        file: detector,
        was: '(server.mode === "agent" || failedProperly(draft, server))',
        now: "(server.mode === server.mode)",
      },
    ],
  },
  mistake(
    "a ping-only server whose probes could not be made counts as failed",
    pingOnly,
    'told.findLastIndex((verdict) => verdict !== "dead");',
    'told.findLastIndex((verdict) => verdict === "alive") + (told.includes("none") ? 1 : 0);',
  ),
  mistake(
    "ping-only servers are asked only each 2T",
    times,
    "probeEveryMs: downAfterMs / 3,",
    "probeEveryMs: 2 * downAfterMs,",
  ),
  mistake(
    "staff resume a server, and its pause counts as silence",
    registry,
    'draft.put("heard", serverId, { ...heard, coreMs: draft.nowMs, hearingMs });\n    draft.put("silence", serverId, null);\n    draft.put("detector", serverId, { ...since, status: "up" });',
    'draft.put("heard", serverId, { ...heard, coreMs: heard.coreMs, hearingMs: Math.min(heard.hearingMs, hearingMs) });\n    draft.put("silence", serverId, null);\n    draft.put("detector", serverId, { ...since, status: "up" });',
  ),
  mistake(
    "staff pause a server, and its incident stays open",
    registry,
    'endIncident(draft, serverId, "paused_by_staff");',
    "",
  ),
  mistake(
    "staff remove a server, and its incident stays open",
    registry,
    'endIncident(draft, serverId, "removed_by_staff");',
    "",
  ),
  mistake(
    "two suspicions a minute apart: the second is not looked at until the hour",
    detector,
    "askWhileFine(draft, server.id);\n      return become(",
    'draft.put("look", server.id, { coreMs: draft.nowMs + draft.state.times.baselineEveryMs });\n      return become(',
  ),
  {
    name: "the agent waits for its acknowledgement for ever (half-open connections)",
    edits: [
      {
        file: "agent/session.ts",
        was: "oldest === undefined ? Number.POSITIVE_INFINITY : oldest.sentAtMs + state.ackTimeoutMs;",
        now: "oldest === undefined ? Number.POSITIVE_INFINITY : oldest.sentAtMs + 60 * state.ackTimeoutMs;",
      },
      {
        file: "agent/session-open.ts",
        was: "nowMs - oldest.sentAtMs >= state.ackTimeoutMs",
        now: "nowMs - oldest.sentAtMs >= 60 * state.ackTimeoutMs",
      },
    ],
  },
  mistake(
    "the agent's waits between two dials have no ceiling",
    "shared/backoff.ts",
    "const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(30, Math.max(0, attempt - 1)));",
    "const ceiling = Math.min(60 * capMs, baseMs * 2 ** Math.min(30, Math.max(0, attempt - 1)));",
  ),
];
