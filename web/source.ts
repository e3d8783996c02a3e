/**
 * What the panel and the API may ask and command. The composition root hands them an implementation.
 * Why: the panel never imports the collector; it can be tested with a source of its own, and the collector without it.
 * Must not: leak storage or core types; times here are Unix ms, views are plain data.
 */
import type { IncidentView, MemberView, NotificationView, TimelineView } from "./source-incidents.ts";
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

export interface RecipientView {
  readonly id: string;
  readonly channel: string;
  readonly address: string;
  readonly name: string;
  readonly language: Language;
  readonly enabled: boolean;
  readonly disabledReason: string | null;
}

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
    "server" | "site" | "incident" | "recipient" | "notification" | "hearing" | "heartbeat" | "maintenance";
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
  createEnrollment(input: EnrollmentInput): Promise<CommandResult<EnrollmentView>>;
  /** Adds (id null) or changes a recipient directly by its address. */
  saveRecipient(
    id: string | null,
    input: {
      readonly channel: string;
      readonly address: string;
      readonly name: string;
      readonly language: Language;
      readonly enabled: boolean;
    },
  ): Promise<CommandResult<string>>;
  removeRecipient(id: string): Promise<CommandResult>;
  /** A one-time code to link a chat: `/start <code>` in private, `/link <code>` in a group. */
  createLinkCode(input: {
    readonly name: string;
    readonly language: Language;
  }): Promise<CommandResult<{ readonly code: string; readonly expiresAtMs: number }>>;
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
