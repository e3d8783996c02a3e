/**
 * What the panel knows of an incident: itself, its evidence, its timeline, its members, and whom it told.
 * Why apart from source.ts: the largest story that is told, and only few places read it.
 * Must not: leak storage or core types; times here are Unix ms, views are plain data.
 */
import type { ProbeView } from "./source-servers.ts";

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
  /** Staff asked for quiet, and it lasts: until then, or (null) until it has recovered. */
  readonly quiet: { readonly by: string; readonly untilMs: number | null } | null;
  /** The newest check by hand. */
  readonly checked: {
    readonly by: string;
    readonly atMs: number;
    readonly evidence: readonly EvidenceView[];
  } | null;
  /** What the users of its sites were told. */
  readonly announcement: {
    readonly by: string;
    readonly atMs: number;
    readonly overAtMs: number | null;
  } | null;
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
    /** null: until it has recovered. A moment not after the entry's own: the quiet was ended. */
    | { readonly type: "quieted"; readonly by: string; readonly untilMs: number | null }
    | { readonly type: "checked"; readonly by: string; readonly verdict: ProbeView["verdict"] }
    /** `by` empty: it recovered, and the end was told by itself. */
    | { readonly type: "announced"; readonly by: string; readonly over: boolean }
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
