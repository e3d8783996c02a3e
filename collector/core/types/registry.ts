/**
 * What staff and agents register: sites, servers, agents, recipients, routes, windows, codes.
 * Must not: hold code that decides, or name anything of Node, sockets, files or Telegram.
 */
import type { Inventory } from "../../../shared/health.ts";
import type { IncidentKind } from "./incident.ts";

export type Language = "id" | "en";
export type ServerMode = "agent" | "ping";

/**
 * What a ping-only server must do to count as heard, beyond answering at all.
 * `tcp`: accept a connection. `http`: answer with the status (null: any below 400) and hold the text (null: any).
 */
export type ServerCheck =
  | { readonly type: "tcp"; readonly port: number }
  | {
      readonly type: "http";
      readonly url: string;
      readonly expectedStatus: number | null;
      readonly expectedText: string | null;
    };

export interface Site {
  readonly id: string;
  readonly name: string;
  readonly code: string;
  readonly address: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** IANA name, e.g. Asia/Makassar. */
  readonly timeZone: string;
  readonly gatewayAddress: string | null;
  readonly contact: string;
  readonly provider: string;
  readonly circuitId: string;
  readonly createdWallMs: number;
}

export interface Server {
  readonly id: string;
  readonly name: string;
  readonly siteId: string | null;
  readonly mode: ServerMode;
  /** Host name or IP address that probes ask; null when not known yet. */
  readonly address: string | null;
  /** TCP ports that a probe asks; empty: only ICMP. */
  readonly probePorts: readonly number[];
  /** Only for ping-only servers; null: any answer is a sign of life. */
  readonly check: ServerCheck | null;
  /** Longer (never shorter) than the setting; null: the setting. */
  readonly downAfterMs: number | null;
  /** Own place; null: the site's. */
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** The server (hypervisor, router, VPN hub) without which this one cannot be reached. Never a circle. */
  readonly parentId: string | null;
  readonly tags: readonly string[];
  readonly createdWallMs: number;
}

/** The identity that the collector pinned for a server. Key of the table: serverId. */
export interface AgentRecord {
  readonly serverId: string;
  /** Raw Ed25519 public key, base64url. */
  readonly publicKey: string;
  readonly enrolledWallMs: number;
  readonly version: string;
  readonly inventory: Inventory | null;
}

/** A join token. The token itself is `<id>.<secret>`; only the hash is kept. Key of the table: id. */
export interface Enrollment {
  readonly id: string;
  /** SHA-256 of the secret, base64url. */
  readonly secretHash: string;
  readonly serverId: string | null;
  readonly siteId: string | null;
  readonly usesLeft: number;
  readonly expiresWallMs: number;
  readonly createdWallMs: number;
  /** Public keys that used it: the same key may ask again (a lost answer) without another use. */
  readonly usedBy: readonly string[];
}

export type ChannelName = "telegram" | "webhook" | "ntfy";

/** `staff`: told of incidents by routes. `users`: people of a branch, told only what staff announce. */
export type Audience = "staff" | "users";

/** What staff choose of a recipient. */
export interface RecipientWishes {
  readonly channel: ChannelName;
  /**
   * Telegram: chat id as a decimal string, or `<chat id>/<topic id>` for a forum topic. Webhook: the URL. ntfy: the URL of
   * the topic.
   */
  readonly address: string;
  readonly name: string;
  readonly language: Language;
  /** Webhook: the key of its signatures (`whsec_…`). ntfy: an access token. null: none. Never shown again. */
  readonly secret: string | null;
  readonly audience: Audience;
  /** Of users: the sites whose announcements they get; empty: every site's. */
  readonly siteIds: readonly string[];
  /** `short`: the first lines and the buttons, without evidence and place. */
  readonly detail: "full" | "short";
  /** The place follows a server's or a site's outage as a pin on the map, silently. */
  readonly pin: boolean;
  /** IANA name for quiet hours and digests; null: the setting. */
  readonly timeZone: string | null;
  /** Messages arrive without a sound from one minute of the day to another (0 to 1439), over midnight too. null: never. */
  readonly quietHours: { readonly fromMinute: number; readonly toMinute: number } | null;
  /** Minute of the day at which a daily digest comes; null: none. */
  readonly digestMinute: number | null;
  readonly monthlyReport: boolean;
  /** A pinned message that always says how things are (Telegram). */
  readonly board: boolean;
  /** Telegram user ids, decimal, that may press and command there; empty: everybody in the chat. */
  readonly allowedPeople: readonly string[];
}

export interface Recipient extends RecipientWishes {
  readonly id: string;
  readonly enabled: boolean;
  /** Why a channel said this recipient can never be reached, in the channel's words; null while fine. */
  readonly disabledReason: string | null;
  readonly createdWallMs: number;
  /** Channel pacing: nothing more is sent before this. */
  readonly nextSendCoreMs: number;
  /** Attempts in a row that were not accepted; the wait before the next grows with them. */
  readonly failures: number;
  /** The channel's id of the pinned board; null: there is none yet. */
  readonly boardExternalId: string | null;
  /** The newest day (`2026-11-30`) and month (`2026-11`) in its zone of which it was given a digest and a report. */
  readonly digestedDay: string | null;
  readonly reportedMonth: string | null;
}

/**
 * Which incidents go to whom, and when to the next. An incident matches when each list that is not empty holds one of its
 * sites, one of its servers' tags, its kind.
 */
export interface Route {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly siteIds: readonly string[];
  readonly tags: readonly string[];
  readonly kinds: readonly IncidentKind[];
  /** At least one; ascending, the first at 0. Each later step is told when nobody took the incident until then. */
  readonly steps: readonly RouteStep[];
  /** Waits before each repeat while it is down and nobody took it; the last goes on and on. Empty: no repeats. ms. */
  readonly repeatMs: readonly number[];
  /** Told when a recipient of a step could not be told for five minutes. */
  readonly fallbackRecipientIds: readonly string[];
  readonly createdWallMs: number;
}
export interface RouteStep {
  readonly afterMs: number;
  /** `everyone`: all recipients for staff. */
  readonly to: "everyone" | readonly string[];
}

/**
 * A window in which incidents are recorded and nobody is notified. Both ids null: every server. Calendar time: it is what
 * staff agreed with people.
 */
export interface Maintenance {
  readonly id: string;
  readonly siteId: string | null;
  readonly serverId: string | null;
  readonly startsWallMs: number;
  readonly endsWallMs: number;
  readonly note: string;
  readonly createdBy: string;
  readonly createdWallMs: number;
}

/** A one-time code that links a chat. Key of the table: the code's SHA-256, base64url. */
export interface LinkCode {
  readonly codeHash: string;
  readonly name: string;
  readonly language: Language;
  readonly audience: Audience;
  /** Of users: see `RecipientWishes`. */
  readonly siteIds: readonly string[];
  readonly expiresWallMs: number;
}
