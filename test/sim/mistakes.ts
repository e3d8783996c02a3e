/**
 * Mistakes put in on purpose: each is a small patch of the core or its shell, and the story that must catch it.
 * Why: a checker that never complains proves nothing; each of these was made by somebody, somewhere, in a monitor.
 * Must not: be used outside the tests.
 */
import type { Settings } from "../../collector/core/types.ts";
import type { Times } from "../../collector/core/times.ts";
import type { State } from "../../collector/core/state.ts";
import type { Decision, Detector, Event, Write } from "../../collector/core/types.ts";
import { HOUR, lastMoment, MINUTE, SECOND, type Story } from "./scenario.ts";
import { realCore, type Core, type WorldOptions } from "./world.ts";

export interface Mistake {
  readonly name: string;
  readonly options: WorldOptions;
  readonly story: () => Story;
  /** The rule whose violation shows it. */
  readonly rule: string;
}

type Decide = Core["decide"];

/** Another decide, made from the real one. */
function deciding(change: (real: Decide) => Decide): WorldOptions {
  return { core: { ...realCore, decide: change(realCore.decide) } };
}

/** Other derived times. */
function timing(change: (times: Times) => Partial<Times>): WorldOptions {
  const createState = (settings: Settings): State => {
    const state = realCore.createState(settings);
    return { ...state, times: { ...state.times, ...change(state.times) } };
  };
  return { core: { ...realCore, createState } };
}

/** Every write of a decision's commit through `change`; null leaves it out. */
function rewritten(decision: Decision, change: (write: Write) => Write | null): Decision {
  return { ...decision, commit: decision.commit.flatMap((write) => change(write) ?? []) };
}

const AT = 40 * MINUTE;
const powerCut = { kind: "power_cut", atMs: AT, server: 0, forMs: 20 * MINUTE } as const;
const frozen = { kind: "agent_frozen", atMs: AT, server: 0, forMs: 20 * MINUTE } as const;

export const mistakes: readonly Mistake[] = [
  {
    name: "no drain: the verdict falls in the tick, before the sockets were read",
    options: { drainTurns: 0 },
    story: lastMoment,
    rule: "S1",
  },
  {
    name: "no grace after a start",
    options: timing(() => ({ graceStartMs: 0 })),
    story: () => ({
      hours: 3,
      faults: [
        { kind: "collector_killed", atMs: AT, forMs: HOUR, boundary: "now" },
        { ...powerCut, atMs: AT + 10 * MINUTE, forMs: 3 * HOUR },
      ],
    }),
    rule: "S1",
  },
  {
    name: "no grace after a gap",
    options: timing(() => ({ graceGapMs: 0 })),
    story: () => ({
      hours: 3,
      faults: [
        { kind: "collector_suspended", atMs: AT, forMs: HOUR },
        { ...powerCut, atMs: AT + 10 * MINUTE, forMs: 3 * HOUR },
      ],
    }),
    rule: "S1",
  },
  {
    name: "a stall counts as the servers' silence",
    options: timing(() => ({ stallMs: Number.POSITIVE_INFINITY, gapMs: Number.POSITIVE_INFINITY })),
    story: () => ({
      faults: [
        { kind: "collector_stalled", atMs: AT, forMs: 170 * SECOND },
        { ...powerCut, atMs: AT - MINUTE },
      ],
    }),
    rule: "S1",
  },
  {
    name: "the wall clock instead of the monotonic one",
    options: deciding(
      (real) => (state, event) =>
        real(state, { ...event, at: { ...event.at, monotonicMs: event.at.wallMs, bootMs: event.at.wallMs } }),
    ),
    // Steps too small to be taken for a stall add up to half of T.
    story: () => ({
      faults: [
        { ...powerCut, forMs: 5 * MINUTE },
        ...Array.from({ length: 20 }, (_, index) => ({
          kind: "wall_clock_stepped" as const,
          atMs: AT + 20 * SECOND + index * 5 * SECOND,
          byMs: 4_500,
        })),
      ],
    }),
    rule: "S1",
  },
  {
    name: "a host that answers ping is never told",
    options: deciding((real) => (state, event) => {
      const decision = real(state, event);
      const silenced = decision.commit.some(
        (write) =>
          write.table === "incident" &&
          write.value?.kind === "agent_down" &&
          write.value.endedWallMs === null,
      );
      return silenced && event.type === "sockets_drained"
        ? { ...decision, commit: [], effects: [] }
        : decision;
    }),
    story: () => ({ faults: [frozen] }),
    rule: "S3",
  },
  {
    name: "a dead ping is enough: the verdict falls at 2T/3",
    options: {
      core: {
        ...realCore,
        createState: (settings) => ({
          ...realCore.createState(settings),
          settings: { ...settings, downAfterMs: (settings.downAfterMs * 2) / 3 },
        }),
      },
    },
    story: () => ({ faults: [powerCut] }),
    rule: "S1",
  },
  {
    name: "marked sent before it was sent",
    options: deciding(
      (real) => (state, event) =>
        rewritten(real(state, event), (write) =>
          write.table === "notification" && write.value?.status === "sending"
            ? { ...write, value: { ...write.value, status: "sent" } }
            : write,
        ),
    ),
    story: () => ({
      faults: [
        powerCut,
        {
          kind: "collector_killed",
          atMs: AT + 2 * MINUTE,
          forMs: 10 * SECOND,
          boundary: "after_commit",
          skip: 2,
        },
      ],
    }),
    rule: "O2",
  },
  {
    name: "effects before the commit",
    options: { effectsFirst: true },
    story: () => ({
      faults: [
        powerCut,
        {
          kind: "collector_killed",
          atMs: AT + 2 * MINUTE,
          forMs: 10 * SECOND,
          boundary: "before_commit",
          skip: 2,
        },
      ],
    }),
    rule: "O2",
  },
  {
    name: "an old session's words are believed",
    options: deciding((real) => (state, event) => real(state, asNewestSession(state, event))),
    story: () => ({ faults: [{ kind: "old_session_speaks", atMs: AT, server: 0 }] }),
    rule: "S8",
  },
  {
    name: "an unknown fate is taken for not sent",
    options: deciding(
      (real) => (state, event) =>
        real(
          state,
          event.type === "delivery_finished" && event.outcome.type === "unknown"
            ? { ...event, outcome: { type: "retry", error: event.outcome.error, retryAfterMs: null } }
            : event,
        ),
    ),
    story: () => ({
      faults: [powerCut, { kind: "telegram_stumbles", atMs: AT + MINUTE, how: "timeout_after", count: 1 }],
    }),
    rule: "S6",
  },
  {
    name: "a send that a crash interrupted is queued again in silence",
    options: deciding((real) => (state, event) => {
      const decision = real(state, event);
      if (event.type !== "collector_started") return decision;
      return rewritten(decision, (write) =>
        write.table === "notification" && write.value?.status === "unknown"
          ? { ...write, value: { ...write.value, status: "queued", notBeforeCoreMs: 0 } }
          : write,
      );
    }),
    story: () => ({
      faults: [
        powerCut,
        { kind: "collector_killed", atMs: AT + 2 * MINUTE, forMs: 10 * SECOND, boundary: "after_send" },
      ],
    }),
    rule: "S6",
  },
  {
    name: "retry_after is not honoured",
    options: deciding(
      (real) => (state, event) =>
        real(
          state,
          event.type === "delivery_finished" && event.outcome.type === "retry"
            ? { ...event, outcome: { ...event.outcome, retryAfterMs: null } }
            : event,
        ),
    ),
    story: () => ({
      faults: [
        powerCut,
        { kind: "telegram_limits", atMs: AT + MINUTE, recipient: 0, retryAfterMs: 10 * MINUTE },
      ],
    }),
    rule: "O3",
  },
  {
    name: "what happened while the disk was full is dropped",
    options: {
      core: {
        ...realCore,
        afterFailedCommit: (event, decision) => ({
          ...realCore.afterFailedCommit(event, decision),
          event: "drop",
        }),
      },
    },
    story: () => ({
      faults: [
        { kind: "agent_stopped", atMs: AT, server: 0, forMs: HOUR, reason: "shutdown" },
        { kind: "disk_full", atMs: AT - 10 * SECOND, forMs: MINUTE },
      ],
    }),
    rule: "S9",
  },
  {
    name: "a recovery at the first heartbeat",
    options: deciding((real) => (state, event) => {
      if (event.type !== "heartbeat_received") return real(state, event);
      const detector = state.tables.detector.get(event.serverId);
      if (detector?.status !== "down") return real(state, event);
      const tables = { ...state.tables, detector: new Map(state.tables.detector) };
      tables.detector.set(event.serverId, {
        ...detector,
        status: "recovering",
        firstBeatCoreMs: 0,
        firstBeatWallMs: 0,
      } as unknown as Detector);
      return real({ ...state, tables }, event);
    }),
    story: () => ({ faults: [powerCut] }),
    rule: "D9",
  },
  {
    name: "a promise to be back never ends",
    options: deciding(
      (real) => (state, event) =>
        rewritten(real(state, event), (write) =>
          write.table === "detector" && write.value?.status === "planned"
            ? { ...write, value: { ...write.value, deadlineCoreMs: null } }
            : write,
        ),
    ),
    story: () => ({ faults: [{ kind: "rebooted", atMs: AT, server: 0, forMs: 30 * MINUTE, clean: true }] }),
    rule: "S3",
  },
  {
    name: "an incident without its rows",
    options: deciding((real) => (state, event) => {
      const decision = real(state, event);
      if (event.type !== "sockets_drained") return decision;
      return rewritten(decision, (write) => (write.table === "notification" ? null : write));
    }),
    story: () => ({ faults: [powerCut] }),
    rule: "S3",
  },
  {
    name: "a probe that could not be asked is taken for a dead host",
    options: deciding(
      (real) => (state, event) =>
        real(
          state,
          event.type === "probe_finished"
            ? {
                ...event,
                results: event.results.map((result) =>
                  result.verdict === "none" ? { ...result, verdict: "dead" } : result,
                ),
              }
            : event,
        ),
    ),
    story: () => ({
      servers: [{ mode: "ping", probePorts: [] }, {}],
      faults: [{ kind: "ping_program_missing", atMs: AT, forMs: 10 * MINUTE }],
    }),
    rule: "E3",
  },
  {
    name: "a goodbye is believed of any session",
    options: deciding(
      (real) => (state, event) =>
        real(state, event.type === "goodbye_received" ? asNewestSession(state, event) : event),
    ),
    story: () => ({
      faults: [
        { kind: "old_session_speaks", atMs: AT, server: 0 },
        { ...powerCut, atMs: AT + MINUTE },
      ],
    }),
    rule: "S9",
  },
  {
    name: "the recovery of an outage nobody was told of is told",
    options: deciding((real) => (state, event) => {
      const decision = real(state, event);
      return rewritten(decision, (write) =>
        write.table === "notification" && write.value?.step === "told_late"
          ? { ...write, value: { ...write.value, step: "recovered" } }
          : write,
      );
    }),
    story: () => ({
      faults: [
        { ...powerCut, forMs: 10 * MINUTE },
        { kind: "telegram_fails", atMs: AT - MINUTE, forMs: 40 * MINUTE, how: "refused" },
      ],
    }),
    rule: "O8",
  },
];

function asNewestSession(state: State, event: Event): Event {
  if (event.type !== "heartbeat_received" && event.type !== "goodbye_received") return event;
  const sessionId = state.tables.heard.get(event.serverId)?.sessionId;
  return sessionId == null ? event : { ...event, sessionId };
}
