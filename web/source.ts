/**
 * What the panel and the API may ask and command. The composition root hands them an implementation.
 * Why: the panel never imports the collector; it can be tested with a source of its own, and the collector without it.
 * Must not: leak storage or core types; times here are Unix ms, views are plain data.
 */
import type {
  EvidenceView,
  IncidentView,
  MemberView,
  NotificationView,
  TimelineView,
} from "./source-incidents.ts";
import type {
  AnnouncementView,
  DrillRowView,
  LinkCodeInput,
  RecipientInput,
  RecipientView,
  RouteInput,
  RouteView,
  SavedRecipient,
  UntoldView,
} from "./source-recipients.ts";
import type {
  ProbeView,
  ServerCheck,
  ServerInput,
  ServerLogView,
  ServerView,
  SiteInput,
  SiteView,
} from "./source-servers.ts";

export type Language = "id" | "en";

export interface SystemView {
  readonly version: string;
  readonly startedAtMs: number;
  readonly hearing: "starting" | "grace" | "hearing" | "drain" | "isolated";
  readonly hearingSinceMs: number | null;
  readonly hearingUntilMs: number | null;
  readonly store: {
    readonly state: "ok" | "failing";
    readonly detail: string | null;
    readonly notices: readonly string[];
  };
  readonly telegram: {
    readonly state: "off" | "starting" | "ok" | "unauthorized" | "other_poller" | "unreachable" | "failing";
    readonly detail: string | null;
    readonly sinceMs: number;
    /** Without @; null until known. */
    readonly botUsername: string | null;
  };
  /** Which probes this machine can make: `ok`, `no_program`, `no_permission`. */
  readonly icmp: "ok" | "no_program" | "no_permission" | "unknown";
  readonly heartbeatSeconds: number;
  readonly downAfterSeconds: number;
  readonly language: Language;
  readonly timeZone: string;
  readonly publicUrl: string | null;
  /** Rows not settled yet. */
  readonly outboxWaiting: number;
}

/** A window in which incidents are recorded and nobody is told. Both ids null: every server. At most one is set. */
export interface MaintenanceInput {
  readonly siteId: string | null;
  readonly serverId: string | null;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly note: string;
}
export interface MaintenanceView extends MaintenanceInput {
  readonly id: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
}

export interface EnrollmentInput {
  readonly siteId: string | null;
  readonly serverId: string | null;
  readonly uses: number;
  readonly expiresInSeconds: number;
}
export interface EnrollmentView {
  readonly token: string;
  readonly expiresAtMs: number;
}

/** `code` is stable (see RefusalCode of the core, plus `store_failing`). */
export type CommandResult<T = undefined> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: string };

export interface IncidentFilter {
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly siteId?: string;
  readonly serverId?: string;
  readonly kind?: string;
  readonly open?: boolean;
  readonly beforeNumber?: number;
  readonly limit: number;
}

export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** What changed, so that open pages are redrawn. `heartbeat`: a server was heard (throttled to one a second and server). */
export interface Change {
  readonly topic:
    | "server"
    | "site"
    | "incident"
    | "recipient"
    | "route"
    | "notification"
    | "hearing"
    | "heartbeat"
    | "maintenance";
  readonly id: string;
}

export interface PanelSource {
  // ── ask: answers from memory ──
  sites(): readonly SiteView[];
  site(id: string): SiteView | null;
  servers(): readonly ServerView[];
  server(id: string): ServerView | null;
  /** Newest first, at most 50. */
  serverLog(id: string): readonly ServerLogView[];
  openIncidents(): readonly IncidentView[];
  /** Open and closed, newest number first. */
  incidents(filter: IncidentFilter): Promise<readonly IncidentView[]>;
  incident(id: string): Promise<{
    readonly incident: IncidentView;
    readonly timeline: readonly TimelineView[];
    readonly notifications: readonly NotificationView[];
    readonly members: readonly MemberView[];
    /** The incident that this one is grouped under; null: none. */
    readonly group: IncidentView | null;
  } | null>;
  /** Also those that are over, as long as they are kept (90 days); in no order. */
  maintenance(): readonly MaintenanceView[];
  recipients(): readonly RecipientView[];
  /** The oldest first: the default one leads. */
  routes(): readonly RouteView[];
  /** Places whose outages nobody would be told of, as the collector itself matches them. */
  untold(): readonly UntoldView[];
  /** Of the newest drill, in the order of the recipients' names; empty: there was none. */
  drills(): readonly DrillRowView[];
  /** What users would be told of an open incident (`over`: of its end); null: there is no such incident. */
  announcement(incidentId: string, over: boolean): AnnouncementView | null;
  system(): SystemView;
  /** Calls back after each change was committed; returns the way to stop. */
  subscribe(listener: (change: Change) => void): () => void;

  // ── command: resolves when it is durable ──
  saveSite(id: string | null, input: SiteInput): Promise<CommandResult<string>>;
  removeSite(id: string): Promise<CommandResult>;
  saveServer(id: string | null, input: ServerInput): Promise<CommandResult<string>>;
  pauseServer(id: string, by: string): Promise<CommandResult>;
  resumeServer(id: string, by: string): Promise<CommandResult>;
  removeServer(id: string, by: string): Promise<CommandResult>;
  /** Adds (id null) or changes a window. */
  saveMaintenance(id: string | null, input: MaintenanceInput, by: string): Promise<CommandResult<string>>;
  removeMaintenance(id: string): Promise<CommandResult>;
  acknowledgeIncident(id: string, by: string): Promise<CommandResult>;
  noteIncident(id: string, by: string, text: string): Promise<CommandResult>;
  /** No repeats, no next recipients, no worsening until then (null: until it has recovered). A moment that is over ends the quiet. */
  quietIncident(id: string, until: { readonly untilMs: number } | null, by: string): Promise<CommandResult>;
  /** Tells the users of its sites; `over`: that it is over. */
  announceIncident(id: string, over: boolean, by: string): Promise<CommandResult>;
  /** Probes what it is about, now, and writes down what that found. Of a group: its gateways, and a few of its servers. */
  checkIncident(id: string, by: string): Promise<CommandResult<readonly EvidenceView[]>>;
  createEnrollment(input: EnrollmentInput): Promise<CommandResult<EnrollmentView>>;
  /** Adds (id null) or changes a recipient directly by its address. Its channel stays. */
  saveRecipient(id: string | null, input: RecipientInput): Promise<CommandResult<SavedRecipient>>;
  /** Makes a webhook a new key for its signatures; the one before stops at once. */
  renewSecret(id: string): Promise<CommandResult<string>>;
  removeRecipient(id: string): Promise<CommandResult>;
  /** A one-time code to link a chat: `/start <code>` in private, `/link <code>` in a group. */
  createLinkCode(
    input: LinkCodeInput,
  ): Promise<CommandResult<{ readonly code: string; readonly expiresAtMs: number }>>;
  /** Adds (id null) or changes a route. */
  saveRoute(id: string | null, input: RouteInput): Promise<CommandResult<string>>;
  removeRoute(id: string): Promise<CommandResult>;
  /** Sends a test through the whole way; null: to every recipient for staff that is switched on. */
  startDrill(recipientIds: readonly string[] | null, by: string): Promise<CommandResult<string>>;
  /** Probes the server once, now; nothing is decided from it. */
  checkServer(id: string): Promise<CommandResult<readonly ProbeView[]>>;
  /** Tries an address before a ping-only server is saved. */
  tryProbe(input: {
    readonly address: string;
    readonly probePorts: readonly number[];
    readonly check: ServerCheck | null;
  }): Promise<CommandResult<readonly ProbeView[]>>;

  // ── the panel's own records (users, sessions, tokens): JSON the collector only keeps, durable when it resolves ──
  readonly shelf: {
    get(key: string): JsonValue | null;
    /** Entries whose key begins with `prefix`, by key. */
    list(prefix: string): readonly { readonly key: string; readonly value: JsonValue }[];
    /** All or nothing; `value: null` removes. Rejects when the store fails. */
    write(changes: readonly { readonly key: string; readonly value: JsonValue | null }[]): Promise<void>;
  };
}
