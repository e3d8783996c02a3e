/**
 * What the bot asks and orders on behalf of people in a chat; the composition root hands it in.
 * Why an interface: this room knows texts and Telegram, not the state; tests hand in a desk of their own.
 * Must not: know who may ask; whoever calls has looked.
 */
import type { Reply } from "../../core/types/effects.ts";
import type { EventBody } from "../../core/types/events.ts";
import type { Quiet } from "../../core/types/incident.ts";
import type { Language, Recipient } from "../../core/types/registry.ts";
import type { ShelfValue } from "../../core/types/tables.ts";
import type { Message, Step } from "../../core/types/telling.ts";
import type { Answer, ServerFacts, SiteFacts } from "../rendering/answer-facts.ts";

/** An incident as it is, living or over. */
export interface IncidentBrief {
  readonly id: string;
  readonly number: number;
  /** null: it is open. Unix ms, like all times here. */
  readonly endedMs: number | null;
  readonly acknowledgedBy: string | null;
  readonly quiet: Quiet | null;
  readonly announced: boolean;
  readonly announcedOver: boolean;
  readonly timeZone: string;
}

export interface Found {
  readonly id: string;
  readonly name: string;
}

export interface Desk {
  readonly language: Language;
  readonly timeZone: string;
  readonly now: () => number;
  readonly push: (event: EventBody) => Promise<Reply>;
  /** A value of the shelf as it is committed now. */
  readonly shelfGet: (key: string) => ShelfValue | undefined;
  readonly recipients: () => readonly Recipient[];
  readonly newId: () => string;

  status(): Extract<Answer, { readonly type: "status" }>;
  /** Whose name, code or address holds it; exact ones first. */
  findServers(query: string): readonly Found[];
  findSites(query: string): readonly Found[];
  server(id: string): Promise<{ readonly facts: ServerFacts; readonly timeZone: string } | null>;
  site(id: string): { readonly facts: SiteFacts; readonly timeZone: string } | null;
  /** `2026-10`; null: the month before this one. */
  report(month: string | null, timeZone: string): Promise<Extract<Answer, { readonly type: "report" }>>;
  openIncidents(): readonly IncidentBrief[];
  incident(id: string): Promise<IncidentBrief | null>;
  /** What is told of it now; null: it is not open any more. */
  messageOf(incidentId: string, step: Step): Message | null;
  /** Chats of users that an announcement would reach. */
  usersOf(incidentId: string): number;
  /** Asks its hosts now, and writes down what they answered. */
  check(incidentId: string, by: string): Promise<void>;
  /** When it is 07:00 there next. */
  nextMorning(timeZone: string): number;
  serverPicture(id: string, language: Language): Promise<Uint8Array | null>;
  monthPicture(month: string, language: Language): Promise<Uint8Array | null>;
}
