/**
 * Mistakes about time and hearing: clocks, graces, stalls, sentinels, isolation, restarts.
 */
import { lastMoment } from "../scenario.ts";
import { mistake, type Mistake } from "./mistake.ts";

const hearing = "collector/core/hearing.ts";
const lifecycle = "collector/core/lifecycle.ts";
const sentinels = "collector/core/sentinels.ts";
const times = "collector/core/times.ts";

export const mistakesOfHearing: readonly Mistake[] = [
  mistake(
    "no drain: the verdict falls before the sockets were read once more",
    "test/sim/collector-loop.ts",
    "const DRAIN_TURNS = 2;",
    "const DRAIN_TURNS = 0;",
    lastMoment,
  ),
  mistake("no grace after a start", times, "graceStartMs: downAfterMs / 2,", "graceStartMs: 0,"),
  mistake("no grace after a gap", times, "graceGapMs: (5 / 12) * downAfterMs,", "graceGapMs: 0,"),
  {
    name: "a stall is not noticed and counts as everybody's silence",
    edits: [
      { file: times, was: "stallMs: intervalMs / 3,", now: "stallMs: Number.POSITIVE_INFINITY," },
      { file: times, was: "gapMs: (8 / 3) * intervalMs,", now: "gapMs: Number.POSITIVE_INFINITY," },
    ],
  },
  mistake(
    "the wall clock instead of the monotonic one",
    hearing,
    "clock.coreMs + (at.monotonicMs - clock.monotonicMs) + sleptMs(clock, at)",
    "clock.coreMs + (at.wallMs - clock.wallMs)",
  ),
  mistake(
    "sleep of the collector's machine is not seen",
    hearing,
    "return slept >= SLEEP_MIN_MS ? slept : 0;",
    "return slept >= Number.POSITIVE_INFINITY ? slept : 0;",
  ),
  mistake(
    "the hearing clock runs during a grace",
    hearing,
    'return hearing.state === "hearing"\n    ?',
    'return hearing.state !== "isolated"\n    ?',
  ),
  mistake(
    "after a grace who was silent is judged at once, without a fresh round of probes",
    hearing,
    "Math.min(downAfterMs - state.times.freshMs, sinceHeardMs);",
    "sinceHeardMs;",
  ),
  mistake(
    "after a grace everybody gets another full T",
    hearing,
    "Math.min(downAfterMs - state.times.freshMs, sinceHeardMs);",
    "Math.min(0, sinceHeardMs);",
  ),
  mistake(
    "the time the collector was away is thought to be none",
    hearing,
    "before.hostBootId === hostBootId ? Math.max(0, at.bootMs - before.bootMs) : 0;",
    "before.hostBootId === hostBootId ? 0 : 0;",
  ),
  mistake(
    "the collector never suspects itself",
    sentinels,
    "if (judges.length > 0 && silent && judges.every((sentinel) => sentinel.failedInRow >= sentinelFailures)) {",
    "if (judges.length > 1e9 && silent && judges.every((sentinel) => sentinel.failedInRow >= sentinelFailures)) {",
  ),
  mistake(
    "one failing sentinel is enough for an isolation",
    sentinels,
    "silent && judges.every((sentinel) => sentinel.failedInRow >= sentinelFailures)) {",
    "silent && judges.some((sentinel) => sentinel.failedInRow >= sentinelFailures)) {",
  ),
  mistake(
    "isolated although somebody is heard",
    sentinels,
    "if (judges.length > 0 && silent && judges.every(",
    "if (judges.length > 0 && judges.every(",
  ),
  mistake(
    "one failed round of sentinels is enough",
    "collector/core/thresholds.ts",
    "sentinelFailures: 2,",
    "sentinelFailures: 1,",
  ),
  mistake(
    "sentinels that never answered count (a closed network is isolated for ever)",
    sentinels,
    "(sentinel) => sentinel.lastAliveCoreMs !== null && asOfMs - sentinel.lastAliveCoreMs <= SENTINEL_VALID_MS,",
    "(sentinel) => asOfMs - (sentinel.lastAliveCoreMs ?? asOfMs) <= SENTINEL_VALID_MS,",
  ),
  mistake(
    "no grace after an isolation",
    sentinels,
    "rejoined(hearing, draft.nowMs, draft.state.times.graceGapMs)",
    "rejoined(hearing, draft.nowMs, 0)",
  ),
  mistake(
    "the incident of the collector's own trouble is never closed",
    sentinels,
    'if (incident.kind === "collector_trouble") closeTrouble(draft, incident);',
    'if (incident.kind === "health") closeTrouble(draft, incident);',
  ),
  mistake(
    "each look at an isolation opens another incident",
    sentinels,
    'if (sharedIncidents(draft).some((incident) => incident.kind === "collector_trouble")) return;',
    'if (sharedIncidents(draft).some((incident) => incident.kind === "health")) return;',
  ),
  mistake(
    "the collector's own machine counts as heard from outside",
    "collector/core/apply.ts",
    "if (value !== null && !value.ownHost) signed(state, value);",
    "if (value !== null) signed(state, value);",
  ),
  mistake(
    "whatever moves a record of who was heard counts as a sign of life",
    "collector/core/apply.ts",
    "if (heard.sequence <= (before?.sequence ?? 0)) return;",
    "if (heard.sequence < 0 && before) return;",
  ),
  mistake(
    "a start forgets who was silent: everybody counts as heard now",
    lifecycle,
    "const heardMs = Math.min(Math.max(heard?.coreMs ?? 0, newestMs), clock.coreMs);",
    "const heardMs = Math.max(clock.coreMs, newestMs);",
  ),
];
