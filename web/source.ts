/**
 * What the panel and the API may ask and command. The composition root hands them an implementation.
 * Why: the panel never imports the collector; it can be tested with a source of its own, and the collector without it.
 * Must not: leak storage or core types; times here are Unix ms, views are plain data.
 */
import type { HealthSample, Inventory } from "../shared/health.ts";

export type Status = "new" | "up" | "suspect" | "down" | "planned" | "recovering" | "paused";
export type Language = "id" | "en";

export interface SiteView {
  readonly id: string;
  readonly name: string;
  readonly code: string;
  readonly address: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly timeZone: string;
  readonly gatewayAddress: string | null;
  readonly contact: string;
  readonly provider: string;
  readonly circuitId: string;
}
/** What staff may set of a site. */
export type SiteInput = Omit<SiteView, "id">;

export interface ServerView {
  readonly id: string;
  readonly name: string;
  readonly siteId: string | null;
  readonly siteName: string | null;
  readonly address: string | null;
  readonly probePorts: readonly number[];
  readonly mode: "agent" | "ping";
  readonly status: Status;
  readonly statusSinceMs: number;
  readonly lastHeartbeatMs: number | null;
  /** The effective time, and the server's own (null: the setting). */
  readonly downAfterSeconds: number;
  readonly ownDownAfterSeconds: number | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly parentId: string | null;
  readonly tags: readonly string[];
  readonly openIncidentId: string | null;
  readonly agent: {
    readonly version: string;
    readonly enrolledAtMs: number;
    readonly inventory: Inventory | null;
  } | null;
  readonly health: { readonly atMs: number; readonly sample: HealthSample } | null;
  /** What probes said last, newest first, at most 10. */
  readonly probes: readonly ProbeView[];
}
export interface ServerInput {
  readonly name: string;
  readonly siteId: string | null;
  readonly mode: "agent" | "ping";
  readonly address: string | null;
  readonly probePorts: readonly number[];
  readonly downAfterSeconds: number | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly parentId: string | null;
  readonly tags: readonly string[];
}
export interface ProbeView {
  readonly kind: "icmp" | "tcp" | "http" | "banner";
  readonly target: string;
  readonly verdict: "alive" | "dead" | "none";
  /** Machine word, e.g. `refused`, `timeout`, `no_program`; i18n has a sentence for each. */
  readonly detail: string;
  readonly roundTripMs: number | null;
}

/** `kind`, `cause`, evidence types and timeline types are machine words; i18n has a sentence for each. */
export interface IncidentView {
  readonly id: string;
  readonly number: number;
  readonly kind: string;
  readonly variant: string | null;
  readonly serverId: string | null;
  readonly serverName: string;
  readonly siteId: string | null;
  readonly siteName: string;
  readonly groupedUnder: string | null;
  readonly startedAtMs: number;
  readonly detectedAtMs: number;
  readonly endedAtMs: number | null;
  readonly durationMs: number | null;
  readonly confidence: "high" | "medium" | "low";
  readonly cause: string;
  readonly finalCause: string | null;
  readonly evidence: readonly EvidenceView[];
  readonly acknowledgedBy: string | null;
  readonly minutes: {
    readonly server: number;
    readonly link: number;
    readonly planned: number;
    readonly collector: number;
  };
}
export type EvidenceView =
  | { readonly type: "last_heard"; readonly atMs: number; readonly silentMs: number }
  | { readonly type: "probe"; readonly from: "collector"; readonly result: ProbeView; readonly atMs: number }
  | { readonly type: "socket"; readonly state: "open" | "closed"; readonly atMs: number }
  | { readonly type: "reboot"; readonly clean: boolean | null; readonly atMs: number }
  | { readonly type: "agent_restarted"; readonly atMs: number };

export type TimelineView =
  | {
      readonly atMs: number;
      readonly type: "opened";
      readonly kind: string;
      readonly confidence: string;
      readonly cause: string;
    }
  | { readonly atMs: number; readonly type: "kind_changed"; readonly from: string; readonly to: string }
  | { readonly atMs: number; readonly type: "evidence"; readonly evidence: EvidenceView }
  | {
      readonly atMs: number;
      readonly type: "notify";
      readonly recipientName: string | null;
      readonly reason: string;
      readonly send: boolean;
    }
  | {
      readonly atMs: number;
      readonly type: "delivered";
      readonly recipientName: string;
      readonly step: string;
      readonly repeat: boolean;
    }
  | {
      readonly atMs: number;
      readonly type: "delivery_failed";
      readonly recipientName: string;
      readonly step: string;
      readonly error: string;
    }
  | { readonly atMs: number; readonly type: "acknowledged"; readonly by: string }
  | { readonly atMs: number; readonly type: "note"; readonly by: string; readonly text: string }
  | { readonly atMs: number; readonly type: "heard_again" | "silent_again" }
  | { readonly atMs: number; readonly type: "closed"; readonly reason: string; readonly finalCause: string };

/** A row of the outbox, as the incident's page shows it. */
export interface NotificationView {
  readonly id: string;
  readonly recipientName: string;
  readonly channel: string;
  readonly step: string;
  readonly reason: string;
  readonly status: "queued" | "sending" | "sent" | "retry" | "unknown" | "rejected" | "superseded";
  readonly attempts: number;
  readonly lastError: string | null;
  readonly repeat: boolean;
  readonly queuedAtMs: number;
  readonly settledAtMs: number | null;
}

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
  readonly topic: "server" | "site" | "incident" | "recipient" | "notification" | "hearing" | "heartbeat";
  readonly id: string;
}

export interface PanelSource {
  // ── ask: answers from memory ──
  sites(): readonly SiteView[];
  site(id: string): SiteView | null;
  servers(): readonly ServerView[];
  server(id: string): ServerView | null;
  openIncidents(): readonly IncidentView[];
  /** Open and closed, newest number first. */
  incidents(filter: IncidentFilter): Promise<readonly IncidentView[]>;
  incident(id: string): Promise<{
    readonly incident: IncidentView;
    readonly timeline: readonly TimelineView[];
    readonly notifications: readonly NotificationView[];
  } | null>;
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
