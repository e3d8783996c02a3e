/**
 * What is kept: the records of hearing and of the collector, the tables, writes, settings.
 * Must not: hold code that decides, or name anything of Node, sockets, files or Telegram.
 */
import type { HealthSample } from "../../../shared/health.ts";
import type { Baseline, Gateway, Sentinel, SentinelPlan } from "./evidence.ts";
import type { Incident } from "./incident.ts";
import type { JournalDigest } from "./journal.ts";
import type {
  ChannelName,
  AgentRecord,
  Enrollment,
  Language,
  LinkCode,
  Maintenance,
  Recipient,
  Route,
  Server,
  Site,
} from "./registry.ts";
import type { Detector, Flapping, Heard, Identity, MassFlag, ServerLog, Silence } from "./server.ts";
import type { Notification } from "./telling.ts";
import type { ClockRecord } from "./time.ts";

export type HearingState = "starting" | "grace" | "hearing" | "drain" | "isolated";

/** Can we hear at all? One record, key `""`. */
export interface Hearing {
  readonly state: HearingState;
  readonly sinceCoreMs: number;
  /** End of grace or drain. */
  readonly untilCoreMs: number;
  /** The hearing clock: ms that ran only in state `hearing`. */
  readonly hearingMs: number;
  /** When hearing was lost (begin of the gap), for the credit when it returns. */
  readonly lostAtCoreMs: number;
  /** The last time that nobody could have been heard ended here (a start, a long gap): what is older says nothing about "at once". */
  readonly awayUntilCoreMs: number;
  /** Both clocks were moved up to here. */
  readonly lastTickCoreMs: number;
}

/** Small facts. Key of the table: the name. */
export interface Meta {
  readonly nextIncidentNumber: number;
  readonly nextNotificationSequence: number;
  readonly random: number;
  /** When the collector last started: volatile facts that are older were never written in that run. */
  readonly startedCoreMs: number;
  /**
   * When the collector last stopped by itself; null while it runs. Volatile facts of just this moment are complete:
   * nothing newer was lost.
   */
  readonly stoppedCoreMs: number | null;
  /** Channels that refuse us altogether (a wrong token), as was told to the others. */
  readonly refusedChannels: readonly ChannelName[];
}

export interface StoredHealth {
  readonly serverId: string;
  readonly wallMs: number;
  readonly sample: HealthSample;
}

/**
 * Everything that is kept, by table. `durable` tables are written by commits; `volatile` ones by `later` and may be
 * lost for some seconds; both are given back at start.
 */
export interface DurableTables {
  site: Site;
  server: Server;
  agent: AgentRecord;
  enrollment: Enrollment;
  recipient: Recipient;
  route: Route;
  linkCode: LinkCode;
  detector: Detector;
  incident: Incident;
  notification: Notification;
  meta: Meta;
  /** JSON of other rooms (panel users, sessions, poll offset); the core only carries it. Key: `<room>/<id>`. */
  shelf: ShelfValue;
  maintenance: Maintenance;
  flapping: Flapping;
  serverLog: ServerLog;
  /** Incidents that are over and told; leaves the living state. Key: incident id. */
  archive: ArchivedIncident;
}
export interface VolatileTables {
  heard: Heard;
  silence: Silence;
  baseline: Baseline;
  gateway: Gateway;
  sentinel: Sentinel;
  sentinelPlan: SentinelPlan;
  mass: MassFlag;
  identity: Identity;
  journal: JournalDigest;
  /** When suspicions of a server ended well, in the last hour: the sign of an unstable link. Key: serverId. */
  unstable: {
    readonly serverId: string;
    readonly endedCoreMs: readonly number[];
    readonly loggedCoreMs: number | null;
  };
  health: StoredHealth;
  hearing: Hearing;
  clock: ClockRecord;
  /** When a tick must look at a server (key: serverId) or a group (key: incident id) next; keeps a tick's work at what is due. */
  look: { readonly coreMs: number };
  /** Servers marked by a tick, waiting for the sockets to be read once more. Key: serverId. */
  mark: { readonly serverId: string; readonly atCoreMs: number };
}
export type Tables = DurableTables & VolatileTables;
export type TableName = keyof Tables;
export type ShelfValue =
  string | number | boolean | null | readonly ShelfValue[] | { readonly [key: string]: ShelfValue };

export interface ArchivedIncident {
  readonly incident: Incident;
  readonly notifications: readonly Notification[];
}

/** One change of one record; `value: null` removes it. */
export type Write = {
  [K in TableName]: { readonly table: K; readonly key: string; readonly value: Tables[K] | null };
}[TableName];

export interface Settings {
  /** η */
  readonly heartbeatIntervalMs: number;
  /** T */
  readonly downAfterMs: number;
  readonly language: Language;
  readonly timeZone: string;
  /** Without a trailing slash; null: unknown. */
  readonly publicUrl: string | null;
}
