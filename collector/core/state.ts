/**
 * The living state: the tables, and what is derived from them for speed.
 * Why derived parts are here: they are rebuilt by `apply` alone, so replaying the writes gives the same state.
 * Must not: be changed by anything but `apply`.
 */
import { Schedule } from "./schedule.ts";
import { thresholds, type Thresholds } from "./thresholds.ts";
import { timesOf } from "./times.ts";
import type { Times } from "./times.ts";
import type { DurableTables, Settings, TableName, Tables, VolatileTables } from "./types/tables.ts";

export type TableMaps = { readonly [K in TableName]: Map<string, Tables[K]> };

export interface State {
  readonly settings: Settings;
  readonly times: Times;
  readonly thresholds: Thresholds;
  readonly tables: TableMaps;
  readonly derived: {
    readonly schedule: Schedule;
    readonly serverByAgentKey: Map<string, string>;
    /** Outbox rows that may still be sent. */
    readonly openNotifications: Set<string>;
    /** All rows of an incident, told or not. */
    readonly notificationsOf: Map<string, Set<string>>;
    readonly serversOf: Map<string, Set<string>>;
    /** Open incidents of no single server: sites, mass outages, the collector's own. */
    readonly sharedIncidents: Set<string>;
    /** Open incidents grouped under another one, by that one's id. */
    readonly membersOf: Map<string, Set<string>>;
    /** Open incidents that a maintenance window keeps untold. */
    readonly mutedIncidents: Set<string>;
    /** Open incidents that nobody took and routes go on with. */
    readonly pursuedIncidents: Set<string>;
    /** Closed incidents whose cause is not final. */
    readonly uncertainIncidents: Set<string>;
    /** Recipients that want a board. */
    readonly boards: Set<string>;
    /** Servers (and sites) that flap now. */
    readonly flapping: Set<string>;
    /** When any machine but the collector's own last sent a sign of life: an agent, or a ping-only server. Core time. */
    newestBeatMs: number;
    newestProbedMs: number;
  };
}

/** Written by commits; in the order in which a snapshot is put back. */
const durableNames = [
  "site",
  "server",
  "agent",
  "enrollment",
  "recipient",
  "route",
  "linkCode",
  "detector",
  "incident",
  "notification",
  "meta",
  "shelf",
  "maintenance",
  "flapping",
  "serverLog",
  "archive",
] as const satisfies readonly (keyof DurableTables)[];
/** Written by `later`. */
const volatileNames = [
  "heard",
  "silence",
  "baseline",
  "gateway",
  "sentinel",
  "sentinelPlan",
  "mass",
  "identity",
  "journal",
  "unstable",
  "health",
  "hearing",
  "clock",
  "look",
  "mark",
] as const satisfies readonly (keyof VolatileTables)[];

export const tableNames: readonly TableName[] = [...durableNames, ...volatileNames];

export const volatileTables: ReadonlySet<TableName> = new Set<TableName>(volatileNames);

/** An empty house. Load a snapshot by applying its records as writes. */
export function createState(settings: Settings): State {
  const times = timesOf(settings.heartbeatIntervalMs, settings.downAfterMs);
  const tables = Object.fromEntries(
    [...durableNames, ...volatileNames].map((name) => [name, new Map()]),
  ) as unknown as TableMaps;
  return {
    settings,
    times,
    thresholds,
    tables,
    derived: {
      schedule: new Schedule(times.tickMs),
      serverByAgentKey: new Map(),
      openNotifications: new Set(),
      notificationsOf: new Map(),
      serversOf: new Map(),
      sharedIncidents: new Set(),
      membersOf: new Map(),
      mutedIncidents: new Set(),
      pursuedIncidents: new Set(),
      uncertainIncidents: new Set(),
      boards: new Set(),
      flapping: new Set(),
      newestBeatMs: 0,
      newestProbedMs: 0,
    },
  };
}
