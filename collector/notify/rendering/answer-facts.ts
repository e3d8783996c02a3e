/**
 * What answers are made of, as plain data: whoever answers fills it, this room puts it into words.
 * Why types of their own: the words need names and figures, not the collector's tables.
 * Must not: hold a text.
 */
import type { ProbeVerdict } from "../../core/types/evidence.ts";
import type { Audience, Language } from "../../core/types/registry.ts";
import type { Status } from "../../core/types/server.ts";
import type { HearingState } from "../../core/types/tables.ts";
import type { Message, SummaryIncident, SummaryPast } from "../../core/types/telling.ts";

/** Whose language, and which times: a site's zone for what is about one place, else the chat's or the setting's. */
export interface AnswerSetting {
  readonly language: Language;
  readonly timeZone: string;
  /** Unix ms, like all times here. */
  readonly nowMs: number;
}

export interface ServerFacts {
  readonly name: string;
  readonly siteName: string | null;
  readonly status: Status;
  readonly sinceMs: number;
  /** null: never. */
  readonly lastHeardMs: number | null;
  readonly address: string | null;
  /** Shares of 0 to 1; null: not known. */
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly fullestDisk: { readonly mount: string; readonly share: number } | null;
  readonly incident: Pick<SummaryIncident, "number" | "kind" | "variant" | "acknowledgedBy"> | null;
  /** Of the last 24 hours. null: not known. */
  readonly lastDay: { readonly outages: number; readonly minutes: number } | null;
  readonly place: Pick<Message, "latitude" | "longitude" | "siteAddress">;
  readonly panelUrl: string | null;
}

export interface SiteFacts {
  readonly name: string;
  readonly code: string;
  readonly servers: readonly { readonly name: string; readonly status: Status }[];
  readonly open: readonly SummaryIncident[];
  readonly gateway: { readonly address: string; readonly verdict: ProbeVerdict } | null;
  /** Empty: not known. */
  readonly provider: string;
  readonly circuitId: string;
  readonly contact: string;
  readonly place: Pick<Message, "latitude" | "longitude" | "siteAddress">;
  readonly panelUrl: string | null;
}

/** What became of a wish about one incident. */
export type HandledOutcome =
  | { readonly result: "done" }
  /** It is so already. */
  | { readonly result: "already"; readonly by: string }
  | { readonly result: "closed"; readonly endedMs: number }
  | { readonly result: "unknown" }
  /** The store did not take it. */
  | { readonly result: "not_kept" };

export type Answer =
  | {
      readonly type: "status";
      readonly counts: Readonly<Record<Status, number>>;
      readonly open: readonly SummaryIncident[];
      readonly openCount: number;
      readonly hearing: HearingState;
    }
  | {
      readonly type: "down";
      readonly open: readonly SummaryIncident[];
      readonly openCount: number;
      readonly hearing: HearingState;
    }
  | { readonly type: "server"; readonly server: ServerFacts }
  | { readonly type: "site"; readonly site: SiteFacts }
  /** Not exactly one matches. `names`: the first of them. */
  | {
      readonly type: "matches";
      readonly what: "server" | "site";
      readonly query: string;
      readonly names: readonly string[];
      readonly count: number;
    }
  /** Something is missing behind the command. `example`: what could stand there. */
  | {
      readonly type: "which";
      readonly what: "server" | "site" | "ack" | "mute" | "lang" | "board";
      readonly example: string | null;
    }
  /** `past` null: nothing is known of that month. */
  | { readonly type: "report"; readonly month: string; readonly past: SummaryPast | null }
  /** `asked`: what stood behind the command. */
  | {
      readonly type: "ack";
      readonly asked: string;
      readonly number: number;
      readonly outcome: HandledOutcome;
    }
  | {
      readonly type: "mute";
      readonly asked: string;
      readonly number: number;
      readonly outcome: HandledOutcome;
      /** null: until it has recovered. */
      readonly untilMs: number | null;
    }
  /** A server or a site by name: kept as a maintenance window. `untilMs` null: it could not be done. */
  | { readonly type: "muted"; readonly name: string; readonly untilMs: number | null }
  /** In the new language. */
  | { readonly type: "language" }
  | { readonly type: "board"; readonly on: boolean; readonly outcome: "done" | "unpinned" | "already" }
  | { readonly type: "help" }
  | { readonly type: "not_allowed"; readonly personId: string }
  | { readonly type: "linked"; readonly audience: Audience }
  | { readonly type: "already_linked" }
  | { readonly type: "code_refused" }
  | { readonly type: "unknown_command" }
  | { readonly type: "not_kept" }
  /** What the users of so many chats would get; `message.step` is `announced`. */
  | { readonly type: "preview"; readonly message: Message; readonly chats: number };

/** What a press says for a moment. */
export type Toast =
  | { readonly type: "taken" }
  | { readonly type: "taken_already"; readonly by: string }
  | { readonly type: "over"; readonly endedMs: number }
  | { readonly type: "checking" }
  | { readonly type: "quiet"; readonly untilMs: number | null }
  | { readonly type: "announced"; readonly chats: number }
  | { readonly type: "announced_over" }
  | { readonly type: "announced_already" }
  | { readonly type: "over_already" }
  | { readonly type: "not_announced" }
  | { readonly type: "nobody_to_announce_to" }
  | { readonly type: "not_allowed" }
  | { readonly type: "incident_unknown" }
  | { readonly type: "not_kept" };
