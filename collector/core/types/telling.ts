/**
 * What must be told: messages as data, and rows of the outbox.
 * Must not: hold code that decides, or name anything of Node, sockets, files or Telegram.
 */
import type {
  Cause,
  CheckedFacts,
  CloseReason,
  Confidence,
  Evidence,
  IncidentKind,
  IncidentMinutes,
  NotifyReason,
  Quiet,
} from "./incident.ts";
import type { ChannelName } from "./registry.ts";

/** What a row tells: the outage, its worsening, that it goes on, its end, both at once (late). */
export type Step =
  | "down"
  | "worse"
  | "repeat"
  | "recovered"
  | "told_late"
  /** A told message is to be shown as things are now. */
  | "edit"
  /** The place as a pin on the map. */
  | "pin"
  /** To a branch's users, in their words. */
  | "announced"
  | "announced_over"
  /** Without an incident of their own: about one server. */
  | "never_came"
  | "flapping"
  | "flapping_digest"
  | "flapping_over"
  | "duplicate"
  | "duplicate_over"
  /** About the telling itself: a recipient cannot be reached any more; a whole channel refuses us, or takes us again; a drill. */
  | "recipient_lost"
  | "channel_lost"
  | "channel_back"
  | "drill"
  /** How things are: each day, each month, always (pinned). */
  | "digest"
  | "report"
  | "board";

/** A message as data; a channel renders it in the recipient's language. Durations in ms, times in Unix ms. */
export interface Message {
  readonly step: Step;
  readonly incidentNumber: number;
  readonly kind: IncidentKind;
  readonly variant: string | null;
  readonly serverName: string;
  readonly siteName: string | null;
  readonly siteAddress: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly timeZone: string;
  readonly startedWallMs: number;
  readonly detectedWallMs: number;
  readonly endedWallMs: number | null;
  readonly durationMs: number | null;
  readonly confidence: Confidence;
  readonly cause: Cause;
  readonly finalCause: Cause | null;
  readonly evidence: readonly Evidence[];
  /** Servers that the incident stands for, in the order they fell silent; empty: only the one named. At most 30. */
  readonly members: readonly { readonly serverName: string; readonly siteName: string }[];
  /** All of them, and their sites. */
  readonly memberCount: number;
  readonly siteCount: number;
  /** Only of a flapping server: incidents since it flaps (or that made it so), and whether it is down now. */
  readonly flapping: {
    readonly incidents: number;
    readonly sinceWallMs: number;
    readonly downNow: boolean;
  } | null;
  /** Only of a duplicate identity: where its sessions come from. */
  readonly addresses: readonly string[];
  /** Why it is over; null: it is not, or there is no incident. */
  readonly closeReason: CloseReason | null;
  /** What people did about it so far. */
  readonly handling: Handling;
  /** Only of a repeat: how long it has been so, ms, and the how manieth it is. */
  readonly repeat: { readonly count: number; readonly silentMs: number } | null;
  /** Only of a digest, a report, a board: how things are. */
  readonly summary: Summary | null;
  /** Only of a lost recipient: its name, and the channel's words. */
  readonly lost: { readonly recipientName: string; readonly reason: string } | null;
  /** Only of a channel that refuses us, or takes us again: which, and its words (null: it takes us). */
  readonly channel: { readonly name: ChannelName; readonly reason: string | null } | null;
  /** Address of the incident in the panel; null when the panel's public address is not set. */
  readonly panelUrl: string | null;
}

export interface Handling {
  readonly acknowledgedBy: string | null;
  readonly quiet: Quiet | null;
  readonly checked: CheckedFacts | null;
  readonly announced: boolean;
}

/** How things are, for a digest (a day), a report (a month) and a board (now). Durations in ms. */
export interface Summary {
  readonly wallMs: number;
  /** The day (`2026-11-29`) or month (`2026-10`) it is about; null: now. */
  readonly period: string | null;
  readonly servers: number;
  readonly up: number;
  /** Open incidents that are told by themselves, oldest first; at most 30, and all of them. */
  readonly open: readonly SummaryIncident[];
  readonly openCount: number;
  /** Of the period: incidents, minutes of outage by what caused them, sites or servers with the most; null: now. */
  readonly past: SummaryPast | null;
}
export interface SummaryIncident {
  readonly number: number;
  readonly kind: IncidentKind;
  readonly variant: string | null;
  readonly serverName: string;
  readonly siteName: string;
  readonly startedWallMs: number;
  readonly memberCount: number;
  readonly acknowledgedBy: string | null;
}
export interface SummaryPast {
  readonly incidents: number;
  readonly minutes: IncidentMinutes;
  /** Share of the time that servers were up, 0 to 1; null: there are none. */
  readonly availability: number | null;
  readonly worst: readonly { readonly name: string; readonly incidents: number; readonly minutes: number }[];
}

export type NotificationStatus =
  "queued" | "sending" | "sent" | "retry" | "unknown" | "rejected" | "superseded";

/** One row of the outbox. Key of the table: id (`<incident>/<step>/<recipient>/<channel>`), unique. */
export interface Notification {
  readonly id: string;
  readonly incidentId: string;
  readonly serverId: string | null;
  readonly step: Step;
  readonly recipientId: string;
  readonly channel: ChannelName;
  readonly reason: NotifyReason;
  readonly message: Message;
  readonly status: NotificationStatus;
  readonly attempts: number;
  /** Not sent before this. */
  readonly notBeforeCoreMs: number;
  /** While sending: an answer after this is no longer waited for; the row is then unknown. */
  readonly leaseUntilCoreMs: number | null;
  /** The text carries the mark: what it tells may have arrived before. */
  readonly repeat: boolean;
  /** The one more send that an unknown fate allows has been used. */
  readonly repeated: boolean;
  /** The channel's name of the accepted message (Telegram message id). */
  readonly externalId: string | null;
  /** Accepted as one line of a message that told several; that one is not edited. */
  readonly folded: boolean;
  /** It is sent alone: a message that told it with others was refused as such. */
  readonly alone: boolean;
  /** Of an edit: the row whose message is shown anew. */
  readonly editOf: string | null;
  /** Of an edit under way: what it says has changed again meanwhile. */
  readonly stale: boolean;
  /** Not told until then: the route's fallback recipients are told too. null: they were, or there is no need. */
  readonly fallbackCoreMs: number | null;
  readonly lastError: string | null;
  /** The order of rows over all recipients. */
  readonly sequence: number;
  readonly queuedWallMs: number;
  readonly settledWallMs: number | null;
}

/** What a channel knows after one attempt. The edge decides it once; the core never reads errors. */
export type DeliveryOutcome =
  | { readonly type: "sent"; readonly externalId: string }
  /** Known not accepted; try again not before `retryAfterMs` (null: the outbox's own backoff). */
  | { readonly type: "retry"; readonly error: string; readonly retryAfterMs: number | null }
  /** Perhaps accepted, perhaps not. */
  | { readonly type: "unknown"; readonly error: string }
  /** Never: this recipient is gone (`recipient`) or this message can't be taken (`message`). */
  | { readonly type: "rejected"; readonly error: string; readonly scope: "recipient" | "message" }
  /** The chat moved; the row goes to the new address. */
  | { readonly type: "moved"; readonly address: string };
