/**
 * Can we hear at all? The three clocks, the hearing clock, and what happens when the collector itself was away.
 * Why first of all: a collector that slept, stalled or restarted must suspect itself, not its servers.
 * Must not: know servers beyond when they were last heard; that is the detector's.
 */
import type { Draft } from "./draft.ts";
import { downAfterOf, roundsAt } from "./times.ts";
import type { State } from "./state.ts";
import type { Heard } from "./types/server.ts";
import type { Hearing } from "./types/tables.ts";
import type { ClockRecord, Instant } from "./types/time.ts";

/** Sleep shorter than this is not told apart from the 10 ms steps of the boot clock and its rounding. */
const SLEEP_MIN_MS = 1_000;

/** How long the machine slept between two readings, ms; 0: it did not, as far as can be seen. */
function sleptMs(before: Instant, at: Instant): number {
  const slept = at.bootMs - before.bootMs - (at.monotonicMs - before.monotonicMs);
  return slept >= SLEEP_MIN_MS ? slept : 0;
}

/** The core's line of time at `at`. Before the last tick's only for an event that was kept while the disk was full. */
export function coreNow(clock: ClockRecord, at: Instant): number {
  return Math.max(0, clock.coreMs + (at.monotonicMs - clock.monotonicMs) + sleptMs(clock, at));
}

/** The hearing clock at `nowMs` of the core's time; of a moment before hearing began, as it stood then. */
export function hearingNow(hearing: Hearing, nowMs: number): number {
  return hearing.state === "hearing"
    ? hearing.hearingMs + (Math.max(nowMs, hearing.sinceCoreMs) - hearing.lastTickCoreMs)
    : hearing.hearingMs;
}

export const noClock: ClockRecord = {
  coreMs: 0,
  monotonicMs: 0,
  bootMs: 0,
  wallMs: 0,
  hostBootId: "",
};

export function clockOf(state: State): ClockRecord {
  return state.tables.clock.get("") ?? noClock;
}

export function hearingOf(state: State): Hearing {
  return (
    state.tables.hearing.get("") ?? {
      state: "starting",
      sinceCoreMs: 0,
      untilCoreMs: 0,
      hearingMs: 0,
      lostAtCoreMs: 0,
      awayUntilCoreMs: 0,
      lastTickCoreMs: 0,
    }
  );
}

/** Hearing as this decision leaves it. */
export function hearingIn(draft: Draft): Hearing {
  return draft.get("hearing", "") ?? hearingOf(draft.state);
}

/**
 * The collector came up: grace. The time it was away counts as far as it is known: on the same boot of the host the
 * boot clock tells; after a reboot of the host nothing trustworthy does, and it counts as none (never too early).
 */
export function started(
  state: State,
  at: Instant,
  hostBootId: string,
): { clock: ClockRecord; hearing: Hearing } {
  const before = clockOf(state);
  const awayMs = before.hostBootId === hostBootId ? Math.max(0, at.bootMs - before.bootMs) : 0;
  const coreMs = Math.max(before.coreMs + awayMs, newestDurableMs(state));
  return {
    clock: { ...at, coreMs, hostBootId },
    hearing: {
      ...hearingOf(state),
      state: "grace",
      sinceCoreMs: coreMs,
      untilCoreMs: coreMs + state.times.graceStartMs,
      lostAtCoreMs: before.coreMs,
      awayUntilCoreMs: coreMs,
      lastTickCoreMs: coreMs,
    },
  };
}

/**
 * The collector was neither away, stalled nor cut off since `sinceMs`, as far as it knows: what was met in between is not
 * its own doing. A grace or a drain says that it was, before; not that it is.
 */
export function undisturbedSince(draft: Draft, sinceMs: number): boolean {
  const hearing = hearingIn(draft);
  switch (hearing.state) {
    case "grace":
    case "drain":
      return hearing.sinceCoreMs <= sinceMs;
    case "hearing":
      return hearing.awayUntilCoreMs <= sinceMs;
    case "starting":
    case "isolated":
      return false;
  }
}

/** The collector's own network is gone: nobody's silence counts until somebody answers. */
export function isolated(hearing: Hearing, nowMs: number): Hearing {
  return {
    ...hearing,
    state: "isolated",
    sinceCoreMs: nowMs,
    untilCoreMs: nowMs,
    lostAtCoreMs: hearing.state === "hearing" ? hearing.lastTickCoreMs : hearing.lostAtCoreMs,
  };
}

/** Somebody answers again: grace, as after a long gap. */
export function rejoined(hearing: Hearing, nowMs: number, graceMs: number): Hearing {
  return {
    ...hearing,
    state: "grace",
    sinceCoreMs: nowMs,
    untilCoreMs: nowMs + graceMs,
    awayUntilCoreMs: nowMs,
  };
}

/** The clock is a volatile fact: when it was lost, the line goes on from the newest moment that a commit kept. */
function newestDurableMs(state: State): number {
  const meta = state.tables.meta.get("");
  let newestMs = Math.max(meta?.startedCoreMs ?? 0, meta?.stoppedCoreMs ?? 0);
  for (const detector of state.tables.detector.values()) newestMs = Math.max(newestMs, detector.sinceCoreMs);
  for (const incident of state.tables.incident.values())
    newestMs = Math.max(newestMs, incident.detectedCoreMs, incident.endedCoreMs ?? 0);
  return newestMs;
}

/**
 * Moves both clocks to this reading (a tick, or the sockets were drained) and judges the stretch since the last one:
 * a stall leads to drain, a gap to grace, and time that was not heard is counted for nobody. Hearing returns only with
 * a tick (`mayReturn`). `paused`: since the tick before the collector stood still for longer than a stall.
 */
export function observed(
  state: State,
  at: Instant,
  mayReturn: boolean,
): { clock: ClockRecord; hearing: Hearing; returned: boolean; paused: boolean } {
  const { times } = state;
  const before = clockOf(state);
  const hearing = hearingOf(state);
  const coreMs = Math.max(before.coreMs, coreNow(before, at));
  // Spelled out: this runs each second and in every simulated one, and spreads cost five times as much.
  const clock: ClockRecord = {
    coreMs,
    monotonicMs: at.monotonicMs,
    bootMs: at.bootMs,
    wallMs: at.wallMs,
    hostBootId: before.hostBootId,
  };

  const lateMs = coreMs - hearing.lastTickCoreMs - times.tickMs;
  // Nobody's silence counts while isolated, so a stall adds nothing; only an answer ends it (sentinels.ts).
  if (hearing.state === "isolated")
    return { clock, returned: false, paused: false, hearing: { ...hearing, lastTickCoreMs: coreMs } };
  if (lateMs > times.stallMs && lateMs <= times.gapMs && hearing.state === "grace") {
    const untilCoreMs = Math.max(hearing.untilCoreMs, coreMs + times.drainMs);
    return {
      clock,
      returned: false,
      paused: true,
      hearing: { ...hearing, lastTickCoreMs: coreMs, untilCoreMs },
    };
  }
  if (lateMs > times.gapMs) {
    const fresh = hearing.state === "hearing" || hearing.state === "drain";
    return {
      clock,
      returned: false,
      paused: true,
      hearing: {
        ...hearing,
        lastTickCoreMs: coreMs,
        state: "grace",
        sinceCoreMs: coreMs,
        untilCoreMs: Math.max(hearing.state === "grace" ? hearing.untilCoreMs : 0, coreMs + times.graceGapMs),
        lostAtCoreMs: fresh ? hearing.lastTickCoreMs : hearing.lostAtCoreMs,
        awayUntilCoreMs: coreMs,
      },
    };
  }
  if (lateMs > times.stallMs) {
    return {
      clock,
      returned: false,
      paused: true,
      hearing: {
        ...hearing,
        lastTickCoreMs: coreMs,
        state: "drain",
        sinceCoreMs: coreMs,
        untilCoreMs: coreMs + times.drainMs,
        lostAtCoreMs: hearing.lastTickCoreMs,
      },
    };
  }
  if (
    mayReturn &&
    (hearing.state === "grace" || hearing.state === "drain") &&
    coreMs >= hearing.untilCoreMs
  ) {
    return {
      clock,
      returned: true,
      paused: false,
      hearing: { ...hearing, lastTickCoreMs: coreMs, state: "hearing", sinceCoreMs: coreMs },
    };
  }
  return {
    clock,
    returned: false,
    paused: false,
    hearing: {
      state: hearing.state,
      sinceCoreMs: hearing.sinceCoreMs,
      untilCoreMs: hearing.untilCoreMs,
      hearingMs: hearingNow(hearing, coreMs),
      lostAtCoreMs: hearing.lostAtCoreMs,
      awayUntilCoreMs: hearing.awayUntilCoreMs,
      lastTickCoreMs: coreMs,
    },
  };
}

/**
 * Hearing returned: says for every server how much silence counts.
 * After grace: all that really passed since it was last heard, but at most T − 2 η, so that a server silent before gets
 * its verdict after one fresh round and no sooner. After drain: the stall itself is nobody's silence.
 */
export function credit(draft: Draft, before: Hearing, hearing: Hearing): void {
  const { state, nowMs } = draft;
  for (const heard of state.tables.heard.values()) {
    const server = state.tables.server.get(heard.serverId);
    if (!server) continue;
    const downAfterMs = downAfterOf(server, state.settings);
    const sinceHeardMs = Math.max(0, nowMs - heard.coreMs);
    const silentMs =
      before.state === "drain"
        ? heard.coreMs > before.lostAtCoreMs
          ? nowMs - Math.max(heard.coreMs, before.sinceCoreMs)
          : Math.max(0, before.hearingMs - heard.hearingMs) + (nowMs - before.sinceCoreMs)
        : Math.min(downAfterMs - state.times.freshMs, sinceHeardMs);
    countSilence(draft, heard, hearing.hearingMs, silentMs, downAfterMs);
    draft.put("look", heard.serverId, { coreMs: nowMs });
  }
}

/** Of a server's silence so much counts, by the hearing clock `hearingMs`; rounds that it already began are not begun again. */
function countSilence(
  draft: Draft,
  heard: Heard,
  hearingMs: number,
  silentMs: number,
  downAfterMs: number,
): void {
  const { serverId } = heard;
  draft.put("heard", serverId, { ...heard, hearingMs: hearingMs - silentMs });
  const silence = draft.get("silence", serverId);
  if (!silence) return;
  const begun = roundsAt(downAfterMs, draft.state.times.intervalMs).filter((atMs) => atMs <= silentMs).length;
  draft.put("silence", serverId, { ...silence, roundsStarted: begun });
}

/**
 * Staff made its T shorter while it is silent: it gets a fresh round as after a grace, for what was credited then was so by the
 * longer T.
 */
export function shorten(draft: Draft, serverId: string, longerMs: number, downAfterMs: number): void {
  const heard = draft.get("heard", serverId);
  if (!heard) return;
  const hearingMs = hearingNow(hearingOf(draft.state), draft.nowMs);
  const silentMs = hearingMs - heard.hearingMs;
  const creditMs = downAfterMs - draft.state.times.freshMs;
  if (silentMs < longerMs && silentMs > creditMs)
    countSilence(draft, heard, hearingMs, creditMs, downAfterMs);
}
