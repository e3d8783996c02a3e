/**
 * A desk that tests fill: what the bot asks is looked up in maps, what it orders is written down and answered as the core
 * answers it.
 * Why not the core: here every refusal must be at hand, and every pushed event be seen as it was pushed.
 * Must not: change by anything but a pushed event and the test's own hand.
 */
import { createHash } from "node:crypto";
import type { RefusalCode, Reply } from "../../collector/core/types/effects.ts";
import type { EventBody, ShelfWrite } from "../../collector/core/types/events.ts";
import type { Language, LinkCode, Recipient } from "../../collector/core/types/registry.ts";
import type { ShelfValue } from "../../collector/core/types/tables.ts";
import type { SummaryIncident, SummaryPast } from "../../collector/core/types/telling.ts";
import type { ServerFacts, SiteFacts } from "../../collector/notify/rendering/answer-facts.ts";
import type { Desk, Found, IncidentBrief } from "../../collector/notify/telegram/desk.ts";
import { serverFacts, siteFacts } from "./answer-fixtures.ts";
import { DETECTED_MS, message, recipient } from "./fixtures.ts";

/** Of every place here. */
export const ZONE = "Asia/Makassar";
/** When the double's next morning is, after now. */
export const MORNING_AFTER_MS = 9 * 3_600_000;

type Handled = Extract<
  EventBody,
  { readonly type: "incident_acknowledged" | "incident_quieted" | "incident_announced" }
>;

export interface Store {
  readonly shelf: Map<string, ShelfValue>;
  readonly codes: Map<string, LinkCode>;
  readonly recipients: Map<string, Recipient>;
  readonly incidents: Map<string, IncidentBrief>;
  readonly servers: Map<string, ServerFacts>;
  readonly sites: Map<string, SiteFacts>;
  readonly reports: Map<string, SummaryPast>;
  readonly open: SummaryIncident[];
  /** Everything that was pushed, also what was not taken. */
  readonly pushed: EventBody[];
  /** What the bot asked for besides: checks, reports, pictures, mornings; a line each. */
  readonly asked: string[];
  /** While true, nothing is taken. */
  failing: boolean;
  /** The next event that is pushed is refused so. */
  refuseNext: RefusalCode | null;
  clockMs: number;
  /** Chats of users that an announcement reaches. */
  usersChats: number;
  /** What a check by hand comes to. */
  checking: () => Promise<void>;
  /** What incidents that are over come to. */
  archive: () => Promise<void>;
  picture: () => Promise<Uint8Array | null>;
  push(event: EventBody): Promise<Reply>;
  addCode(code: string, changes?: Partial<LinkCode>): void;
  addRecipient(changes: Partial<Recipient> & Pick<Recipient, "id">): Recipient;
  addIncident(number: number, changes?: Partial<IncidentBrief>): IncidentBrief;
  addServer(name: string, changes?: Partial<ServerFacts>): void;
  addSite(name: string, changes?: Partial<SiteFacts>): void;
  eventsOf<T extends EventBody["type"]>(type: T): readonly Extract<EventBody, { type: T }>[];
}

const refused = (code: RefusalCode): Reply => ({ ok: false, code });

export function createStore(): Store {
  const store: Store = {
    shelf: new Map(),
    codes: new Map(),
    recipients: new Map(),
    incidents: new Map(),
    servers: new Map(),
    sites: new Map(),
    reports: new Map(),
    open: [],
    pushed: [],
    asked: [],
    failing: false,
    refuseNext: null,
    clockMs: DETECTED_MS + 60_000,
    usersChats: 0,
    checking: () => Promise.resolve(),
    archive: () => Promise.resolve(),
    picture: () => Promise.resolve(null),
    async push(event) {
      store.pushed.push(event);
      if (store.failing) return refused("store_failing");
      const { refuseNext } = store;
      store.refuseNext = null;
      return refuseNext === null ? taken(store, event) : refused(refuseNext);
    },
    addCode(code, changes = {}) {
      const codeHash = createHash("sha256").update(code).digest("base64url");
      const usual = {
        name: "",
        language: "id",
        audience: "staff",
        siteIds: [],
        expiresWallMs: 1e15,
      } as const;
      store.codes.set(codeHash, { codeHash, ...usual, ...changes });
    },
    addRecipient(changes) {
      const added = recipient(changes);
      store.recipients.set(added.id, added);
      return added;
    },
    addIncident(number, changes = {}) {
      const incident: IncidentBrief = {
        id: `i${number}`,
        number,
        endedMs: null,
        acknowledgedBy: null,
        quiet: null,
        announced: false,
        announcedOver: false,
        timeZone: ZONE,
        ...changes,
      };
      store.incidents.set(incident.id, incident);
      return incident;
    },
    addServer(name, changes = {}) {
      store.servers.set(`server-${name}`, serverFacts(name, changes));
    },
    addSite(name, changes = {}) {
      store.sites.set(`site-${name}`, siteFacts(name, changes));
    },
    eventsOf<T extends EventBody["type"]>(type: T) {
      return store.pushed.filter((event): event is Extract<EventBody, { type: T }> => event.type === type);
    },
  };
  return store;
}

function shelve(store: Store, writes: readonly ShelfWrite[] = []): void {
  for (const { key, value } of writes) store.shelf.set(key, value);
}

/** As the core does it: what is refused changes nothing, but for the offset of a wrong code. */
function taken(store: Store, event: EventBody): Reply {
  const { recipients } = store;
  switch (event.type) {
    case "chat_linked":
      return linked(store, event);
    case "recipient_saved": {
      const other = [...recipients.values()].find(({ address }) => address === event.recipient.address);
      if (other && other.id !== event.recipient.id) return refused("recipient_exists");
      shelve(store, event.shelf);
      recipients.set(event.recipient.id, event.recipient);
      return { ok: true };
    }
    case "recipient_removed":
      recipients.delete(event.recipientId);
      return { ok: true };
    case "recipient_returned": {
      const back = recipients.get(event.recipientId);
      if (!back) return refused("recipient_not_found");
      shelve(store, event.shelf);
      if (back.enabled || back.disabledReason === null) return refused("already_so");
      recipients.set(back.id, { ...back, enabled: true, disabledReason: null });
      return { ok: true };
    }
    case "maintenance_saved":
      shelve(store, event.shelf);
      return { ok: true };
    case "shelf_written":
      shelve(store, event.writes);
      return { ok: true };
    case "incident_acknowledged":
    case "incident_quieted":
    case "incident_announced":
      return handled(store, event);
    default:
      throw new Error(`not expected here: ${event.type}`);
  }
}

function linked(store: Store, event: Extract<EventBody, { readonly type: "chat_linked" }>): Reply {
  shelve(store, event.shelf);
  const code = store.codes.get(event.codeHash);
  if (!code) return refused("link_code_not_found");
  if (code.expiresWallMs < store.clockMs) return refused("link_code_expired");
  store.codes.delete(event.codeHash);
  const known = [...store.recipients.values()].find(({ address }) => address === event.address);
  const { language, audience, siteIds } = code;
  const wishes = { language, audience, siteIds, address: event.address, name: code.name || event.chatName };
  const { id } = store.addRecipient({
    ...known,
    id: known?.id ?? event.recipientId,
    ...wishes,
    enabled: true,
    disabledReason: null,
  });
  return { ok: true, id };
}

function handled(store: Store, event: Handled): Reply {
  const before = store.incidents.get(event.incidentId);
  if (!before) return refused("incident_not_found");
  if (before.endedMs !== null) return refused("incident_closed");
  const after = changed(store, before, event);
  if (typeof after === "string") return refused(after);
  shelve(store, event.shelf);
  store.incidents.set(after.id, after);
  return { ok: true };
}

function changed(store: Store, before: IncidentBrief, event: Handled): IncidentBrief | RefusalCode {
  switch (event.type) {
    case "incident_acknowledged":
      return before.acknowledgedBy === event.by ? "already_so" : { ...before, acknowledgedBy: event.by };
    case "incident_quieted":
      return { ...before, quiet: { by: event.by, untilWallMs: event.untilWallMs } };
    case "incident_announced":
      if (event.over) {
        if (!before.announced) return "not_announced";
        return before.announcedOver ? "already_so" : { ...before, announcedOver: true };
      }
      if (store.usersChats === 0) return "nobody_to_announce_to";
      return before.announced ? "already_so" : { ...before, announced: true };
  }
}

/** Named exactly so first, then whoever holds it. */
function matching(query: string, all: ReadonlyMap<string, { readonly name: string }>): Found[] {
  const wanted = query.toLowerCase();
  return [...all]
    .map(([id, { name }]) => ({ id, name }))
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .sort((a, b) => Number(b.name.toLowerCase() === wanted) - Number(a.name.toLowerCase() === wanted));
}

export function deskOver(store: Store, language: Language = "id"): Desk {
  let ids = 0;
  const noted = <T>(line: string, answer: T): T => {
    store.asked.push(line);
    return answer;
  };
  const isOpen = ({ endedMs }: IncidentBrief) => endedMs === null;
  return {
    language,
    timeZone: ZONE,
    now: () => store.clockMs,
    push: (event) => store.push(event),
    shelfGet: (key) => store.shelf.get(key),
    recipients: () => [...store.recipients.values()],
    newId: () => {
      ids += 1;
      return `made${ids}`;
    },
    status() {
      const counts = { new: 0, up: 0, suspect: 0, down: 0, planned: 0, recovering: 0, paused: 0 };
      for (const { status } of store.servers.values()) counts[status] += 1;
      return { type: "status", counts, open: store.open, openCount: store.open.length, hearing: "hearing" };
    },
    findServers: (query) => matching(query, store.servers),
    findSites: (query) => matching(query, store.sites),
    async server(id) {
      const facts = store.servers.get(id);
      return facts ? { facts, timeZone: ZONE } : null;
    },
    site(id) {
      const facts = store.sites.get(id);
      return facts ? { facts, timeZone: ZONE } : null;
    },
    async report(month, timeZone) {
      const of = month ?? "2026-10";
      const past = store.reports.get(of) ?? null;
      return noted(`report ${String(month)} ${timeZone}`, { type: "report", month: of, past });
    },
    openIncidents: () => [...store.incidents.values()].filter(isOpen),
    async incident(id) {
      const incident = store.incidents.get(id) ?? null;
      if (!incident || !isOpen(incident)) await store.archive();
      return incident;
    },
    messageOf(incidentId, step) {
      const incident = store.incidents.get(incidentId);
      if (!incident || !isOpen(incident)) return null;
      const { acknowledgedBy, quiet, announced, number } = incident;
      const handling = { acknowledgedBy, quiet, checked: null, announced };
      return message({ step, incidentNumber: number, handling });
    },
    usersOf: () => store.usersChats,
    check: (incidentId, by) => noted(`check ${incidentId} ${by}`, store.checking()),
    nextMorning: (timeZone) => noted(`morning ${timeZone}`, store.clockMs + MORNING_AFTER_MS),
    serverPicture: (id, language_) => noted(`picture ${id} ${language_}`, store.picture()),
    monthPicture: (month, language_) => noted(`picture ${month} ${language_}`, store.picture()),
  };
}
