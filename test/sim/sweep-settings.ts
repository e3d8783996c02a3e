/**
 * What is swept: each setting with its values, today's among them, and how a world gets another value.
 * Why here and nowhere else: the rest of the sweep runs worlds and compares; only this knows what a setting changes.
 * Must not: change more than the one thing that its row names.
 */
import { clockOf, coreNow } from "../../collector/core/hearing.ts";
import type { State } from "../../collector/core/state.ts";
import type { Thresholds } from "../../collector/core/thresholds.ts";
import type { Times } from "../../collector/core/times.ts";
import type { Settings } from "../../collector/core/types/tables.ts";
import { SECOND_MS } from "./draws.ts";
import type { Plan } from "./plan.ts";
import type { Family } from "./sweep-worlds.ts";
import { realCore, type Core, type WorldOptions } from "./world.ts";

export interface Value {
  /** As the table names it. */
  readonly name: string;
  readonly today: boolean;
  /** η and T are settings: they are put into the plan. */
  readonly plan?: (plan: Plan) => Plan;
  /** Everything else is put into the core. */
  readonly options?: WorldOptions;
}

export interface Setting {
  /** One word, for the command line. */
  readonly key: string;
  readonly title: string;
  readonly families: readonly Family[];
  readonly values: readonly Value[];
}

/** Other derived times, everything else as it is. */
function timing(change: (times: Times) => Partial<Times>): WorldOptions {
  const createState = (settings: Settings): State => {
    const state = realCore.createState(settings);
    return { ...state, times: { ...state.times, ...change(state.times) } };
  };
  return { core: { ...realCore, createState } };
}

/** Other numbers of agreement. */
function agreeing(change: Partial<Thresholds>): WorldOptions {
  const createState = (settings: Settings): State => {
    const state = realCore.createState(settings);
    return { ...state, thresholds: { ...state.thresholds, ...change } };
  };
  return { core: { ...realCore, createState } };
}

/** Other values of one threshold, named as a person reads them. */
function agreed(name: keyof Thresholds, values: readonly number[], today: number, unit = ""): Value[] {
  return values.map((value) => ({
    name: `${unit === "%" ? 100 * value : value}${unit === "" ? "" : " "}${unit}`,
    today: value === today,
    options: agreeing({ [name]: value }),
  }));
}

/** Values that are factors of what a derived time is today. */
function scaled(name: (factor: number) => string, time: keyof Times, factors: readonly number[]): Value[] {
  return factors.map((factor) => ({
    name: name(factor),
    today: factor === 1,
    options: timing((times) => ({ [time]: times[time] * factor })),
  }));
}

const GRACE_FACTORS: readonly number[] = [0, 0.25, 0.5, 1, 1.5, 2];

/** Closed at the first heartbeat: it is taken for one that comes after a first one at the same moment. */
function atFirstHeartbeat(): WorldOptions {
  const timed = timing(() => ({ recoverySpacingMs: 0 })).core ?? realCore;
  const decide: Core["decide"] = (state, event) => {
    if (event.type !== "heartbeat_received") return realCore.decide(state, event);
    const detector = state.tables.detector.get(event.serverId);
    if (detector?.status !== "down") return realCore.decide(state, event);
    const detectors = new Map(state.tables.detector);
    const { serverId, sinceCoreMs, sinceWallMs, incidentId } = detector;
    detectors.set(serverId, {
      serverId,
      sinceCoreMs,
      sinceWallMs,
      status: "recovering",
      incidentId,
      firstBeatCoreMs: coreNow(clockOf(state), event.at),
      firstBeatWallMs: event.at.wallMs,
      beats: 1,
    });
    return realCore.decide({ ...state, tables: { ...state.tables, detector: detectors } }, event);
  };
  return { core: { ...timed, decide } };
}

export const settings: readonly Setting[] = [
  {
    key: "interval",
    title: "η, with T = 180 s",
    families: ["cuts", "mixed"],
    values: [5, 10, 15, 20, 30].map((seconds) => ({
      name: `${seconds} s`,
      today: seconds === 15,
      plan: (plan: Plan) => ({ ...plan, heartbeatIntervalMs: seconds * SECOND_MS }),
    })),
  },
  {
    key: "down_after",
    title: "T, with η = 15 s",
    families: ["cuts", "mixed"],
    values: [90, 120, 150, 180, 240, 300, 360].map((seconds) => ({
      name: `${seconds} s`,
      today: seconds === 180,
      plan: (plan: Plan) => ({ ...plan, downAfterMs: seconds * SECOND_MS }),
    })),
  },
  {
    key: "grace_start",
    title: "Grace after a start (today T/2 = 90 s)",
    families: ["collector"],
    values: scaled((factor) => `${90 * factor} s`, "graceStartMs", GRACE_FACTORS),
  },
  {
    key: "grace_gap",
    title: "Grace after a gap or isolation (today 5/12 T = 75 s)",
    families: ["collector"],
    values: scaled((factor) => `${75 * factor} s`, "graceGapMs", GRACE_FACTORS),
  },
  {
    key: "drain",
    title: "Drain after a stall (today 4/3 η = 20 s)",
    families: ["collector"],
    values: scaled((factor) => `${20 * factor} s`, "drainMs", GRACE_FACTORS),
  },
  {
    key: "recovery",
    title: "R: heartbeats that make a recovery (today 2)",
    families: ["returns"],
    values: [
      { name: "1", today: false, options: atFirstHeartbeat() },
      { name: "2", today: true },
      // Heartbeats lie 2/3 to 4/3 η apart: the third is the first one 4/3 η after the first.
      {
        name: "3",
        today: false,
        options: timing(({ intervalMs }) => ({ recoverySpacingMs: (4 / 3) * intervalMs })),
      },
    ],
  },
  {
    key: "hold",
    title: "Hold of a verdict for sentinels or a parent, at most (today T/3 = 60 s)",
    families: ["guests", "hub"],
    values: scaled((factor) => `${60 * factor} s`, "holdMs", [0, 0.5, 1, 2]),
  },
  {
    key: "mass_share",
    title: "Share of the living servers that is many at once (today 30 %)",
    families: ["many"],
    values: agreed("massShare", [0.1, 0.2, 0.3, 0.4, 0.5], 0.3, "%"),
  },
  {
    key: "mass_servers",
    title: "Fewest servers that are many at once (today 3)",
    families: ["few"],
    values: agreed("massServers", [2, 3, 5, 8], 3),
  },
  {
    key: "sentinels",
    title: "R: rounds that sentinels fail in a row before the collector is cut off (today 2)",
    families: ["hub"],
    values: agreed("sentinelFailures", [1, 2, 3, 5], 2),
  },
  {
    key: "witnesses",
    title: "R: witnesses that must agree (today 2)",
    families: ["witnesses"],
    values: agreed("witnessesAgree", [1, 2, 3], 2),
  },
];
