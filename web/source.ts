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
  /** What its gateway answers; null: it has no gateway address. */
  readonly gateway: GatewayView | null;
}
/** What staff may set of a site. */
export type SiteInput = Omit<SiteView, "id" | "gateway">;

export interface GatewayView {
  /** While servers of the site were heard: how often it was asked, and answered. */
  readonly asked: number;
  readonly answered: number;
  /** The newest answer; null: not asked since the collector started, or since the address was set. */
  readonly last: { readonly verdict: ProbeView["verdict"]; readonly atMs: number } | null;
}

/** What a ping-only server must do beyond answering. `expectedStatus` null: any below 400. `expectedText` null: any. */
export type ServerCheck =
  | { readonly type: "tcp"; readonly port: number }
  | {
      readonly type: "http";
      readonly url: string;
      readonly expectedStatus: number | null;
      readonly expectedText: string | null;
    };

export interface ServerView {
  readonly id: string;
  readonly name: string;
  readonly siteId: string | null;
  readonly siteName: string | null;
  readonly address: string | null;
  readonly probePorts: readonly number[];
  readonly check: ServerCheck | null;
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
  /** What is odd about it beside its status. */
  readonly marks: ServerMarks;
}
/** Each null: not so. */
export interface ServerMarks {
  readonly flapping: { readonly sinceMs: number; readonly incidents: number } | null;
  /** Suspicions of the last hour that ended well: its connection is unsteady. */
  readonly unstable: { readonly suspicions: number } | null;
  /** Two machines use its identity; where from. */
  readonly duplicate: { readonly sinceMs: number; readonly addresses: readonly string[] } | null;
  /** The window that mutes it now; of several the one that ends last. */
  readonly maintenance: { readonly endsAtMs: number; readonly note: string } | null;
}
/** What happened to a server and is no incident. */
export interface ServerLogView {
  readonly atMs: number;
  readonly what:
    | { readonly type: "rebooted"; readonly clean: boolean | null }
    | { readonly type: "agent_restarted" }
    /** `reason`: a machine word, e.g. `reboot`. */
    | { readonly type: "goodbye"; readonly reason: string }
    | { readonly type: "unstable_link"; readonly suspicions: number }
    | { readonly type: "duplicate"; readonly addresses: readonly string[] }
    | { readonly type: "duplicate_over"; readonly address: string }
    | { readonly type: "flapping" | "flapping_over"; readonly incidents: number };
}
export interface ServerInput {
  readonly name: string;
  readonly siteId: string | null;
  readonly mode: "agent" | "ping";
  readonly address: string | null;
  readonly probePorts: readonly number[];
  /** Only of ping-only servers. */
  readonly check: ServerCheck | null;
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
  /** What a program said first; null: nothing but the kernel answered. */
  readonly banner: string | null;
  /** Of a server's check; null: it is none, or could not be asked. */
  readonly asExpected: boolean | null;
}

/** `kind`, `variant`, `cause`, evidence types and timeline types are machine words; i18n has a sentence for each. */
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
  /** Of an incident that stands for several: its servers in the order they fell silent, and their sites. */
  readonly memberIds: readonly string[];
  readonly siteIds: readonly string[];
  /** A maintenance window keeps it untold. */
  readonly muted: boolean;
  readonly minutes: {
    readonly server: number;
    readonly link: number;
    readonly planned: number;
    readonly collector: number;
  };
}
/** A server of an incident that stands for several, with its own incident under it. */
export interface MemberView {
  readonly serverId: string;
  /** As it was called then; null: it is removed, and nothing tells its name any more. */
  readonly serverName: string | null;
  readonly siteName: string | null;
  /** Its own incident; null: it is archived, or there is none. */
  readonly incidentId: string | null;
  /** When it was heard again; null: it is not, or that was not kept. */
  readonly backAtMs: number | null;
}

export type EvidenceView =
  | { readonly type: "last_heard"; readonly atMs: number; readonly silentMs: number }
  | {
      readonly type: "probe";
      /** `witness`: an agent of another site. `neighbour`: one of the same site. `by`: the name of its server. */
      readonly from: "collector" | "witness" | "neighbour";
      readonly by: string | null;
      readonly result: ProbeView;
      readonly atMs: number;
    }
  | {
      readonly type: "gateway";
      readonly address: string;
      readonly verdict: ProbeView["verdict"];
      readonly atMs: number;
    }
  | {
      readonly type: "sentinels";
      readonly alive: readonly string[];
      readonly failed: readonly string[];
      readonly atMs: number;
    }
  | { readonly type: "journal"; readonly finding: JournalFindingView; readonly atMs: number }
  | { readonly type: "socket"; readonly state: "open" | "closed"; readonly atMs: number }
  | { readonly type: "reboot"; readonly clean: boolean | null; readonly atMs: number }
  | { readonly type: "agent_restarted"; readonly atMs: number };

/** What an agent wrote down while it could not be heard. `problem`: a machine word, e.g. `timeout`. */
export type JournalFindingView =
  | { readonly type: "ran_all_along" | "stopped_in_order" | "link_down" }
  | { readonly type: "stood_still" | "slept"; readonly forMs: number }
  | { readonly type: "gateway" | "internet"; readonly reached: boolean }
  | { readonly type: "collector"; readonly problem: string };

interface At {
  readonly atMs: number;
}
export type TimelineView = At &
  (
    | { readonly type: "opened"; readonly kind: string; readonly confidence: string; readonly cause: string }
    | { readonly type: "kind_changed"; readonly from: string; readonly to: string }
    | { readonly type: "variant_changed"; readonly from: string | null; readonly to: string | null }
    | { readonly type: "joined" | "member_back"; readonly serverName: string }
    | { readonly type: "grouped"; readonly incidentId: string; readonly number: number }
    | { readonly type: "ungrouped"; readonly number: number }
    | { readonly type: "cause_corrected"; readonly from: string; readonly to: string }
    | { readonly type: "evidence"; readonly evidence: EvidenceView }
    | {
        readonly type: "notify";
        readonly recipientName: string | null;
        readonly reason: string;
        readonly send: boolean;
      }
    | {
        readonly type: "delivered";
        readonly recipientName: string;
        readonly step: string;
        readonly repeat: boolean;
      }
    | {
        readonly type: "delivery_failed";
        readonly recipientName: string;
        readonly step: string;
        readonly error: string;
      }
    | { readonly type: "acknowledged"; readonly by: string }
    | { readonly type: "note"; readonly by: string; readonly text: string }
    | { readonly type: "heard_again" | "silent_again" }
    | { readonly type: "closed"; readonly reason: string; readonly finalCause: string }
  );

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
