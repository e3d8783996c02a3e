/**
 * What the panel knows of who is told: recipients, routes, drills, what users of a branch are told; and what staff may set.
 * Why apart from source.ts: these are people and the ways to them; there is what may be asked and commanded.
 * Must not: carry a recipient's secret (a view says only that there is one); times here are Unix ms, views are plain data.
 */
import type { Language } from "./source.ts";

export type ChannelName = "telegram" | "webhook" | "ntfy";
/** `staff`: told of incidents by routes. `users`: people of a branch, told only what staff announce. */
export type Audience = "staff" | "users";

/** What staff choose of a recipient. */
export interface RecipientWishes {
  readonly channel: ChannelName;
  /** Telegram: a chat id, or `<chat id>/<topic id>`. Webhook: the URL. ntfy: the topic's URL. */
  readonly address: string;
  readonly name: string;
  readonly language: Language;
  readonly audience: Audience;
  /** Of users: the sites whose announcements they get; empty: every site's. */
  readonly siteIds: readonly string[];
  readonly detail: "full" | "short";
  /** The place follows an outage as a pin on the map. */
  readonly pin: boolean;
  /** IANA name for quiet hours and digests; null: the setting. */
  readonly timeZone: string | null;
  /** Minutes of the day, over midnight too; null: never. */
  readonly quietHours: { readonly fromMinute: number; readonly toMinute: number } | null;
  readonly digestMinute: number | null;
  readonly monthlyReport: boolean;
  /** A pinned message that always says how things are. */
  readonly board: boolean;
  /** Telegram user ids that may press and command there; empty: everybody in the chat. */
  readonly allowedPeople: readonly string[];
}

export interface RecipientView extends RecipientWishes {
  readonly id: string;
  readonly enabled: boolean;
  /** Why its channel said that it cannot be reached; null while it can, and when staff switched it off. */
  readonly disabledReason: string | null;
  readonly hasSecret: boolean;
}

export interface RecipientInput extends RecipientWishes {
  readonly enabled: boolean;
  /** Left out: the one there is stays (a new webhook gets one made). null: none. */
  readonly secret?: string | null | undefined;
}

export interface SavedRecipient {
  readonly id: string;
  /** The key that was made for it: known only now. null: none was made. */
  readonly madeSecret: string | null;
}

export interface LinkCodeInput {
  readonly name: string;
  readonly language: Language;
  readonly audience: Audience;
  readonly siteIds: readonly string[];
}

export interface RouteStep {
  readonly afterSeconds: number;
  /** `everyone`: all recipients for staff. */
  readonly to: "everyone" | readonly string[];
}

/** An incident matches when each list that is not empty holds one of its sites, one of its servers' tags, its kind. */
export interface RouteInput {
  readonly name: string;
  readonly enabled: boolean;
  readonly siteIds: readonly string[];
  readonly tags: readonly string[];
  readonly kinds: readonly string[];
  /** Ascending, the first at 0: each later one is told when nobody took the incident until then. */
  readonly steps: readonly RouteStep[];
  /** Waits before each repeat; the last goes on and on. Empty: no repeats. */
  readonly repeatSeconds: readonly number[];
  readonly fallbackRecipientIds: readonly string[];
}
export interface RouteView extends RouteInput {
  readonly id: string;
  /** It is there from the start; it can be switched off, not removed. */
  readonly isDefault: boolean;
}

/** A place whose outages no enabled route tells to anybody who can be told. */
export interface UntoldView {
  readonly place:
    | { readonly type: "site"; readonly siteId: string }
    /** Servers that belong to no site. */
    | { readonly type: "no_site" }
    /** The collector's own trouble. */
    | { readonly type: "collector" };
  /** `part`: some kinds, or some servers (by their tags), are told. */
  readonly what: "all" | "part";
}

/** A recipient's part of the newest drill. */
export interface DrillRowView {
  readonly recipientId: string;
  readonly recipientName: string;
  readonly by: string;
  readonly status: "queued" | "sending" | "sent" | "retry" | "unknown" | "rejected" | "superseded";
  readonly attempts: number;
  readonly queuedAtMs: number;
  /** When its fate was known; null: it is not yet. */
  readonly settledAtMs: number | null;
  readonly lastError: string | null;
}

/** What users of a branch would be told of an incident now, and who they are. */
export interface AnnouncementView {
  readonly to: readonly {
    readonly recipientId: string;
    readonly name: string;
    readonly channel: ChannelName;
    readonly language: Language;
  }[];
  /** Word for word, once for each language that one of them reads. */
  readonly texts: readonly { readonly language: Language; readonly text: string }[];
}
