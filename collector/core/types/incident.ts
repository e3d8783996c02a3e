/**
 * Outages: kinds, causes, evidence, what staff did about them, their timeline.
 * Must not: hold code that decides, or name anything of Node, sockets, files or Telegram.
 */
import type { ProbeResult, ProbeVerdict } from "./evidence.ts";
import type { CollectorReach } from "./journal.ts";
import type { GoodbyeReason } from "./server.ts";
import type { Step } from "./telling.ts";

export type IncidentKind =
  | "host_down"
  | "host_hung"
  | "agent_down"
  | "path_down"
  | "site_down"
  | "mass_outage"
  | "not_back"
  | "collector_trouble"
  | "health";

export type Cause =
  | "host_crash_or_power"
  | "host_rebooted"
  | "host_hung"
  | "host_suspended"
  | "agent_stopped"
  | "host_network"
  | "site_lan"
  | "site_link"
  | "site_power"
  | "site_link_or_power"
  | "path_or_provider"
  | "collector"
  /** The agent ran all along and could not be heard: the connection between it and the collector. */
  | "connection"
  | "name_certificate_or_proxy"
  | "planned"
  | "unknown";

export type Confidence = "high" | "medium" | "low";

/** One observation, as data; each channel and the panel put it into words. */
export type Evidence =
  | { readonly type: "last_heard"; readonly wallMs: number; readonly silentMs: number }
  | {
      readonly type: "probe";
      /** `witness`: an agent of another site. `neighbour`: one of the same site. */
      readonly from: "collector" | "witness" | "neighbour";
      /** Name of the server whose agent asked; null: the collector. */
      readonly by: string | null;
      readonly result: ProbeResult;
      readonly wallMs: number;
    }
  | {
      readonly type: "gateway";
      readonly address: string;
      readonly verdict: ProbeVerdict;
      readonly wallMs: number;
    }
  | {
      readonly type: "sentinels";
      readonly alive: readonly string[];
      readonly failed: readonly string[];
      readonly wallMs: number;
    }
  | { readonly type: "journal"; readonly finding: JournalFinding; readonly wallMs: number }
  | { readonly type: "socket"; readonly state: "open" | "closed"; readonly wallMs: number }
  | { readonly type: "reboot"; readonly clean: boolean | null; readonly wallMs: number }
  | { readonly type: "agent_restarted"; readonly wallMs: number };

/** What an agent's journal says about an outage, one sentence each. Durations in ms. */
export type JournalFinding =
  | { readonly type: "ran_all_along" }
  | { readonly type: "stood_still"; readonly forMs: number }
  | { readonly type: "slept"; readonly forMs: number }
  | { readonly type: "stopped_in_order" }
  | { readonly type: "gateway"; readonly reached: boolean }
  | { readonly type: "internet"; readonly reached: boolean }
  | { readonly type: "link_down" }
  | { readonly type: "collector"; readonly problem: CollectorReach };

/** Why somebody was or was not notified. */
export type NotifyReason =
  | "first"
  /** Nobody took it: the next recipients of the route. */
  | "escalated"
  /** It is still down and nobody took it. */
  | "repeat_due"
  /** Staff asked for quiet about this incident. */
  | "muted"
  | "acknowledged"
  /** The recipient it was meant for could not be told. */
  | "fallback"
  /** It can be reached again, and this goes on. */
  | "receiver_back"
  /** What it says has changed. */
  | "changed"
  | "announced"
  | "asked_for"
  | "scheduled"
  /** No route takes it. */
  | "no_route"
  /** Told by the incident it belongs to. */
  | "grouped"
  /** The group is over and this server is not back. */
  | "group_over"
  | "maintenance"
  | "maintenance_over"
  | "flapping"
  | "flapping_digest"
  | "flapping_over"
  | "duplicate"
  | "duplicate_over"
  | "worse"
  | "recovered"
  | "told_late"
  | "never_came"
  | "receiver_never_knew"
  | "no_recipients"
  | "recipient_disabled"
  | "removed_by_staff"
  | "paused_by_staff";

export interface TimelineEntry {
  readonly wallMs: number;
  readonly what:
    | {
        readonly type: "opened";
        readonly kind: IncidentKind;
        readonly confidence: Confidence;
        readonly cause: Cause;
      }
    | { readonly type: "kind_changed"; readonly from: IncidentKind; readonly to: IncidentKind }
    | { readonly type: "variant_changed"; readonly from: string | null; readonly to: string | null }
    /** Of a group: a server joined it, or is heard again. */
    | { readonly type: "joined"; readonly serverName: string }
    | { readonly type: "member_back"; readonly serverName: string }
    | { readonly type: "grouped"; readonly incidentId: string; readonly number: number }
    | { readonly type: "ungrouped"; readonly number: number }
    /** The agent's journal came: the cause is another one than was thought. */
    | { readonly type: "cause_corrected"; readonly from: Cause; readonly to: Cause }
    | { readonly type: "evidence"; readonly evidence: Evidence }
    | {
        readonly type: "notify";
        readonly recipientName: string | null;
        readonly reason: NotifyReason;
        readonly send: boolean;
      }
    | {
        readonly type: "delivered";
        readonly recipientName: string;
        readonly step: Step;
        readonly repeat: boolean;
      }
    | {
        readonly type: "delivery_failed";
        readonly recipientName: string;
        readonly step: Step;
        readonly error: string;
      }
    | { readonly type: "acknowledged"; readonly by: string }
    /** null: until it has recovered. */
    | { readonly type: "quieted"; readonly by: string; readonly untilWallMs: number | null }
    | { readonly type: "checked"; readonly by: string; readonly verdict: ProbeVerdict }
    | { readonly type: "announced"; readonly by: string; readonly over: boolean }
    | { readonly type: "note"; readonly by: string; readonly text: string }
    | { readonly type: "heard_again" }
    | { readonly type: "silent_again" }
    | { readonly type: "closed"; readonly reason: CloseReason; readonly finalCause: Cause };
}

export type CloseReason = "recovered" | "removed_by_staff" | "paused_by_staff";

/**
 * Of an incident that stands for several servers (`site_down`, `mass_outage`): what its end is judged by. The members'
 * own incidents name it in `groupedUnder`.
 */
export interface GroupFacts {
  readonly type: "site" | "mass";
  readonly siteIds: readonly string[];
  /** Servers whose incident belongs or belonged to it, in the order they fell silent. */
  readonly serverIds: readonly string[];
  /** Enough is back for it to be over: closed when everybody is, or so long after. null: not yet. */
  readonly backCoreMs: number | null;
  /** What became of members that are back: for the group's final cause. */
  readonly endings: readonly {
    readonly serverId: string;
    readonly cause: Cause;
    readonly backCoreMs: number;
    readonly rebootedUnclean: boolean;
  }[];
}

export interface IncidentMinutes {
  readonly server: number;
  readonly link: number;
  readonly planned: number;
  readonly collector: number;
}

export interface Quiet {
  readonly by: string;
  /** Calendar time, as a person chose it; null: until it has recovered. */
  readonly untilWallMs: number | null;
}

export interface CheckedFacts {
  readonly by: string;
  readonly wallMs: number;
  readonly evidence: readonly Evidence[];
}

export interface Announcement {
  readonly by: string;
  readonly wallMs: number;
  /** The end was announced too. */
  readonly overWallMs: number | null;
}

/** One route's way with an open incident: whom it told, and what comes next. */
export interface Pursuit {
  readonly routeId: string;
  readonly toldCoreMs: number;
  /** Steps of the route that were told. */
  readonly steps: number;
  readonly repeats: number;
  /** The newest repeat, or the first telling. */
  readonly repeatedCoreMs: number;
}

/** Key of the table: id (`i` and the number). */
export interface Incident {
  readonly id: string;
  readonly number: number;
  readonly kind: IncidentKind;
  readonly variant: string | null;
  readonly serverId: string | null;
  readonly siteId: string | null;
  /** Copies, so that an incident can still be read when the server or site is gone. */
  readonly serverName: string;
  readonly siteName: string;
  readonly groupedUnder: string | null;
  /** Last heartbeat before the outage. */
  readonly startedWallMs: number;
  readonly startedCoreMs: number;
  readonly detectedWallMs: number;
  readonly detectedCoreMs: number;
  readonly endedWallMs: number | null;
  readonly endedCoreMs: number | null;
  readonly closeReason: CloseReason | null;
  readonly confidence: Confidence;
  readonly cause: Cause;
  readonly finalCause: Cause | null;
  readonly evidence: readonly Evidence[];
  readonly acknowledgedBy: string | null;
  readonly timeline: readonly TimelineEntry[];
  readonly minutes: IncidentMinutes | null;
  /** Session facts at the last heartbeat, to tell the final cause by. */
  readonly bootIdBefore: string | null;
  readonly agentStartedBootMsBefore: number | null;
  /** Its silence was announced so; null: it was not. */
  readonly goodbye: GoodbyeReason | null;
  /** null: one server's own, or the collector's. */
  readonly group: GroupFacts | null;
  /** A maintenance window keeps it untold; looked at again when that ends. */
  readonly muted: boolean;
  /** Staff asked for quiet: no repeats, no escalation, no worsening until then (null: until it has recovered). null: no. */
  readonly quiet: Quiet | null;
  /** What the newest check by hand found; null: none was made. */
  readonly checked: CheckedFacts | null;
  /** What its users were told; null: nothing. */
  readonly announcement: Announcement | null;
  /** How it is pursued until somebody takes it, by route. */
  readonly pursuits: readonly Pursuit[];
  /** Closed, and its cause may still be corrected by the agent's journal until then. null: it is final. */
  readonly causeDueCoreMs: number | null;
}
