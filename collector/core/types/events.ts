/**
 * Events: past facts that the core is told.
 * Must not: hold code that decides, or name anything of Node, sockets, files or Telegram.
 */
import type { HealthSample, Inventory } from "../../../shared/health.ts";
import type { ProbeResult, ProbeVerdict } from "./evidence.ts";
import type { Evidence } from "./incident.ts";
import type { JournalEntry } from "./journal.ts";
import type {
  ChannelName,
  Enrollment,
  LinkCode,
  Maintenance,
  Recipient,
  Route,
  Server,
  Site,
} from "./registry.ts";
import type { AgentFeature, GoodbyeReason } from "./server.ts";
import type { ShelfValue } from "./tables.ts";
import type { DeliveryOutcome, SummaryPast } from "./telling.ts";
import type { Instant } from "./time.ts";

export type EventBody =
  | { readonly type: "collector_started"; readonly hostBootId: string; readonly seed: number }
  /** The last event of all: no agent is heard any more. */
  | { readonly type: "collector_stopping" }
  | { readonly type: "tick" }
  /** The sockets were read once more (two turns of the event loop) after a `drain_sockets` effect. */
  | { readonly type: "sockets_drained" }
  | {
      readonly type: "agent_connected";
      readonly serverId: string;
      readonly sessionId: string;
      readonly bootId: string;
      readonly agentVersion: string;
      readonly agentStartedBootMs: number;
      /** The peer's address, used for probes while the server has none. */
      readonly peerAddress: string;
      readonly features: readonly AgentFeature[];
    }
  | {
      readonly type: "heartbeat_received";
      readonly serverId: string;
      readonly sessionId: string;
      readonly sequence: number;
      readonly health: HealthSample | null;
    }
  | {
      readonly type: "inventory_received";
      readonly serverId: string;
      readonly sessionId: string;
      readonly inventory: Inventory;
    }
  | {
      readonly type: "goodbye_received";
      readonly serverId: string;
      readonly sessionId: string;
      readonly sequence: number;
      readonly reason: GoodbyeReason;
      /** The agent's own promise: away for so long, ms; null: the reason's usual time. */
      readonly awayForMs: number | null;
    }
  | { readonly type: "agent_disconnected"; readonly serverId: string; readonly sessionId: string }
  | {
      readonly type: "probe_finished";
      readonly serverId: string;
      readonly roundId: string;
      readonly results: readonly ProbeResult[];
    }
  /** Answers to `start_gateway_probe`. */
  | {
      readonly type: "gateway_probed";
      readonly siteId: string;
      readonly roundId: string;
      readonly results: readonly ProbeResult[];
    }
  /** What an agent found on request. `serverId` and `sessionId` are the witness's own. */
  | {
      readonly type: "witness_answered";
      readonly serverId: string;
      readonly sessionId: string;
      readonly roundId: string;
      readonly results: readonly ProbeResult[];
    }
  | {
      readonly type: "journal_received";
      readonly serverId: string;
      readonly sessionId: string;
      /** Ascending by sequence. */
      readonly entries: readonly JournalEntry[];
      /** More will follow. */
      readonly more: boolean;
    }
  /** Answers to `ask_sentinels`: one for each sentinel that could be asked. */
  | {
      readonly type: "sentinels_answered";
      readonly roundId: string;
      readonly answers: readonly {
        readonly target: string;
        readonly near: boolean;
        readonly verdict: ProbeVerdict;
      }[];
    }
  | { readonly type: "outbox_woken" }
  | {
      readonly type: "delivery_finished";
      /** Those that one `send_notification` told. */
      readonly rows: readonly { readonly notificationId: string; readonly attempt: number }[];
      readonly outcome: DeliveryOutcome;
    }
  | {
      readonly type: "agent_enrolled";
      readonly enrollmentId: string;
      readonly publicKey: string;
      /** Used when the token makes a new server. */
      readonly newServerId: string;
      readonly hostName: string;
      readonly agentVersion: string;
      readonly peerAddress: string;
    }
  | { readonly type: "enrollment_created"; readonly enrollment: Enrollment }
  | { readonly type: "site_saved"; readonly site: Site }
  | { readonly type: "site_removed"; readonly siteId: string }
  | { readonly type: "server_saved"; readonly server: Server }
  | { readonly type: "server_paused"; readonly serverId: string; readonly by: string }
  | { readonly type: "server_resumed"; readonly serverId: string; readonly by: string }
  | { readonly type: "server_removed"; readonly serverId: string; readonly by: string }
  | {
      readonly type: "maintenance_saved";
      readonly maintenance: Maintenance;
      readonly shelf?: readonly ShelfWrite[];
    }
  | { readonly type: "maintenance_removed"; readonly maintenanceId: string }
  | (Handled & { readonly type: "incident_acknowledged" })
  /** null: until it has recovered. */
  | (Handled & { readonly type: "incident_quieted"; readonly untilWallMs: number | null })
  /** A check by hand was answered. */
  | (Handled & { readonly type: "incident_checked"; readonly evidence: readonly Evidence[] })
  /** To the site's users; `over`: that it is over. */
  | (Handled & { readonly type: "incident_announced"; readonly over: boolean })
  | {
      readonly type: "incident_noted";
      readonly incidentId: string;
      readonly by: string;
      readonly text: string;
    }
  | {
      readonly type: "recipient_saved";
      readonly recipient: Recipient;
      readonly shelf?: readonly ShelfWrite[];
    }
  | { readonly type: "recipient_removed"; readonly recipientId: string }
  /** A channel said that it can be reached again. */
  | {
      readonly type: "recipient_returned";
      readonly recipientId: string;
      readonly shelf: readonly ShelfWrite[];
    }
  /** A channel refuses us altogether, for all its recipients (a wrong token), with its words; null: it takes us. */
  | { readonly type: "channel_answered"; readonly channel: ChannelName; readonly refused: string | null }
  | { readonly type: "route_saved"; readonly route: Route }
  | { readonly type: "route_removed"; readonly routeId: string }
  /** A test of the whole way, to these recipients. */
  | {
      readonly type: "drill_started";
      readonly drillId: string;
      readonly recipientIds: readonly string[];
      readonly by: string;
    }
  /** Its hour has come. The figures of the past come from the archive, which the core does not hold. */
  | {
      readonly type: "summary_due";
      readonly recipientId: string;
      readonly step: "digest" | "report";
      /** The day or the month it is given on, in its zone: a second one of the same is not given. */
      readonly given: string;
      readonly period: string;
      readonly past: SummaryPast;
    }
  | { readonly type: "link_code_created"; readonly linkCode: LinkCode }
  /** A chat sent a code. `shelf` carries the poll offset, committed with the effect of the update. */
  | {
      readonly type: "chat_linked";
      readonly codeHash: string;
      readonly recipientId: string;
      readonly address: string;
      readonly chatName: string;
      readonly shelf: readonly ShelfWrite[];
    }
  /** JSON of another room. */
  | { readonly type: "shelf_written"; readonly writes: readonly ShelfWrite[] };

/** Staff handled an incident, in the panel or in a chat. `shelf` carries the poll offset of a chat's update. */
interface Handled {
  readonly incidentId: string;
  readonly by: string;
  readonly shelf?: readonly ShelfWrite[];
}

export interface ShelfWrite {
  readonly key: string;
  readonly value: ShelfValue;
  /** True: remove the key, `value` is ignored. */
  readonly remove?: boolean;
}

export type Event = EventBody & { readonly at: Instant };
export type EventType = EventBody["type"];
