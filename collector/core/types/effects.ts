/**
 * Effects: orders that are carried out after the commit; and the answer to whoever asked.
 * Must not: hold code that decides, or name anything of Node, sockets, files or Telegram.
 */
import type { ProbeRequest } from "./evidence.ts";
import type { Recipient } from "./registry.ts";
import type { Write } from "./tables.ts";
import type { Notification } from "./telling.ts";

export type Effect =
  | { readonly type: "send_ack"; readonly sessionId: string; readonly sequence: number }
  | {
      readonly type: "close_session";
      readonly sessionId: string;
      readonly reason: "replaced" | "removed" | "goodbye";
    }
  | {
      readonly type: "start_probe";
      readonly serverId: string;
      readonly roundId: string;
      readonly requests: readonly ProbeRequest[];
      /** The round must have answered within this time; what has not is `dead` (asked) or `none` (never asked). */
      readonly timeLimitMs: number;
    }
  | { readonly type: "cancel_probe"; readonly roundId: string }
  /** Asks a site's gateway; answered by `gateway_probed`. */
  | {
      readonly type: "start_gateway_probe";
      readonly siteId: string;
      readonly roundId: string;
      readonly requests: readonly ProbeRequest[];
      readonly timeLimitMs: number;
    }
  /** Asks an agent to probe for us; answered by `witness_answered`, or never. Only addresses of servers and gateways. */
  | {
      readonly type: "ask_witness";
      readonly serverId: string;
      readonly sessionId: string;
      readonly roundId: string;
      readonly requests: readonly ProbeRequest[];
      readonly timeLimitMs: number;
    }
  | { readonly type: "ask_sentinels"; readonly roundId: string; readonly timeLimitMs: number }
  /** Everything up to `sequence` was taken in. */
  | { readonly type: "ack_journal"; readonly sessionId: string; readonly sequence: number }
  | { readonly type: "drain_sockets" }
  /** At least one row; several are told by one message. Answered by `delivery_finished`. */
  | {
      readonly type: "send_notification";
      readonly notifications: readonly Notification[];
      readonly recipient: Recipient;
    }
  | { readonly type: "wake_outbox" }
  /** Something people look at changed. */
  | { readonly type: "publish"; readonly topic: Topic; readonly id: string };

export type Topic =
  | "server"
  | "site"
  | "incident"
  | "recipient"
  | "route"
  | "notification"
  | "hearing"
  | "heartbeat"
  | "maintenance";

/** The answer to whoever pushed the event. `code` is stable and goes to the API as is. */
export type Reply =
  { readonly ok: true; readonly id?: string } | { readonly ok: false; readonly code: RefusalCode };
export type RefusalCode =
  | "server_not_found"
  | "site_not_found"
  | "site_not_empty"
  | "incident_not_found"
  | "incident_closed"
  | "recipient_not_found"
  | "recipient_exists"
  | "route_not_found"
  | "route_is_default"
  | "route_steps_wrong"
  | "nobody_to_announce_to"
  | "not_announced"
  | "enrollment_not_found"
  | "enrollment_expired"
  | "enrollment_used_up"
  | "agent_key_taken"
  | "link_code_not_found"
  | "link_code_expired"
  | "session_not_current"
  | "down_after_too_short"
  | "parent_not_found"
  | "parent_circle"
  | "maintenance_not_found"
  | "maintenance_ends_before_it_starts"
  | "already_so"
  /** The store did not take it; nothing was changed. */
  | "store_failing";

export interface Decision {
  /** Durable, atomic, before any effect. */
  readonly commit: readonly Write[];
  /** May be lost for a few seconds. */
  readonly later: readonly Write[];
  readonly effects: readonly Effect[];
  readonly reply: Reply;
}
