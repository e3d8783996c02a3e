/**
 * From the core's recipients, routes and rows to the views of the panel: who is told, by which way, who is not, how a drill
 * went, and what users would be told.
 * Why the core's own matching: what a page says of a route must be what happens at night.
 * Must not: ask or command anything, or let a secret through.
 */
import { usersOf } from "./core/announcing.ts";
import { Draft } from "./core/draft.ts";
import { clockOf } from "./core/hearing.ts";
import { messageOf } from "./core/messages.ts";
import { rowsOf } from "./core/outbox.ts";
import { DEFAULT_ROUTE_ID, recipientsOf, routesFor, type Subject } from "./core/routes.ts";
import type { State } from "./core/state.ts";
import type { Incident, IncidentKind } from "./core/types/incident.ts";
import type { Language, Recipient, Route, Server } from "./core/types/registry.ts";
import type { Message, Notification } from "./core/types/telling.ts";
import type {
  AnnouncementView,
  DrillRowView,
  RecipientView,
  RouteView,
  UntoldView,
} from "../web/source-recipients.ts";

export function recipientView(recipient: Recipient): RecipientView {
  const { siteIds, quietHours, allowedPeople } = recipient;
  return {
    id: recipient.id,
    channel: recipient.channel,
    address: recipient.address,
    name: recipient.name,
    language: recipient.language,
    enabled: recipient.enabled,
    disabledReason: recipient.disabledReason,
    hasSecret: recipient.secret !== null,
    audience: recipient.audience,
    siteIds,
    detail: recipient.detail,
    pin: recipient.pin,
    timeZone: recipient.timeZone,
    quietHours,
    digestMinute: recipient.digestMinute,
    monthlyReport: recipient.monthlyReport,
    board: recipient.board,
    allowedPeople,
  };
}

export function routeViews(state: State): RouteView[] {
  return [...state.tables.route.values()]
    .sort((a, b) => a.createdWallMs - b.createdWallMs || (a.id < b.id ? -1 : 1))
    .map(routeView);
}

function routeView(route: Route): RouteView {
  return {
    id: route.id,
    isDefault: route.id === DEFAULT_ROUTE_ID,
    name: route.name,
    enabled: route.enabled,
    siteIds: route.siteIds,
    tags: route.tags,
    kinds: route.kinds,
    steps: route.steps.map(({ afterMs, to }) => ({ afterSeconds: afterMs / 1000, to })),
    repeatSeconds: route.repeatMs.map((ms) => ms / 1000),
    fallbackRecipientIds: route.fallbackRecipientIds,
  };
}

/** For reading alone: what the core's rules say of the state as it stands. */
function reading(state: State, nowMs: number): Draft {
  return new Draft(state, { monotonicMs: 0, bootMs: 0, wallMs: nowMs }, clockOf(state).coreMs);
}

// ── Who is not told ──────────────────────────────────────────────────────────────────────────────────

/** What may become of one server; what a route must take so that its outages are told. */
const kindsOfServer: readonly IncidentKind[] = [
  "host_down",
  "host_hung",
  "agent_down",
  "path_down",
  "not_back",
];

/** Empty while nobody at all can be told: that is another trouble, and said elsewhere. */
export function untoldViews(state: State, nowMs: number): UntoldView[] {
  const { tables } = state;
  if (![...tables.recipient.values()].some(({ audience, enabled }) => audience === "staff" && enabled))
    return [];
  const draft = reading(state, nowMs);
  const isTold = (subject: Subject): boolean =>
    routesFor(draft, subject).some((route) =>
      recipientsOf(draft, route, 0, route.steps.length).some(({ enabled }) => enabled),
    );
  const whatOf = (subjects: readonly Subject[]): UntoldView["what"] | null => {
    const told = subjects.filter(isTold).length;
    return told === subjects.length ? null : told === 0 ? "all" : "part";
  };
  const found: UntoldView[] = [];
  const serversOf = serversBySite(state);
  for (const { id } of tables.site.values()) {
    const what = whatOf(subjectsOf(id, serversOf.get(id) ?? []));
    if (what) found.push({ place: { type: "site", siteId: id }, what });
  }
  const alone = whatOf(subjectsOf(null, serversOf.get(null) ?? []));
  if (alone) found.push({ place: { type: "no_site" }, what: alone });
  const own = whatOf([{ kind: "collector_trouble", siteIds: [], tags: [] }]);
  if (own) found.push({ place: { type: "collector" }, what: own });
  return found;
}

function serversBySite(state: State): ReadonlyMap<string | null, readonly Server[]> {
  const bySite = new Map<string | null, Server[]>();
  for (const server of state.tables.server.values()) {
    const list = bySite.get(server.siteId);
    if (list) list.push(server);
    else bySite.set(server.siteId, [server]);
  }
  return bySite;
}

/** Every outage that the place may have, as routes see it: equal ones once. */
function subjectsOf(siteId: string | null, servers: readonly Server[]): Subject[] {
  const siteIds = siteId === null ? [] : [siteId];
  const byTags = new Map(servers.map(({ tags }) => [tags.join("\n"), tags]));
  const ofServers = [...byTags.values()].flatMap((tags) =>
    kindsOfServer.map((kind): Subject => ({ kind, siteIds, tags })),
  );
  if (siteId === null) return ofServers;
  return [
    ...ofServers,
    { kind: "site_down", siteIds, tags: [...new Set(servers.flatMap(({ tags }) => tags))] },
  ];
}

// ── Drills, announcements ────────────────────────────────────────────────────────────────────────────

/** Of a drill before, a row that was being sent when the newest began may still be there. */
export function drillViews(state: State): DrillRowView[] {
  const rows = [...state.tables.notification.values()].filter(({ step }) => step === "drill");
  const newest = rows.reduce<Notification | null>(
    (latest, row) => (latest && latest.sequence > row.sequence ? latest : row),
    null,
  );
  return rows
    .filter(({ incidentId }) => incidentId === newest?.incidentId)
    .map((row) => ({
      recipientId: row.recipientId,
      recipientName: state.tables.recipient.get(row.recipientId)?.name ?? "",
      by: row.message.handling.acknowledgedBy ?? "",
      status: row.status,
      attempts: row.attempts,
      queuedAtMs: row.queuedWallMs,
      settledAtMs: row.settledWallMs,
      lastError: row.lastError,
    }))
    .sort(
      (a, b) => a.recipientName.localeCompare(b.recipientName) || (a.recipientId < b.recipientId ? -1 : 1),
    );
}

/** `textOf` puts the message into the words that the channel sends. */
export function announcementView(
  state: State,
  incident: Incident,
  over: boolean,
  nowMs: number,
  textOf: (message: Message, language: Language) => string,
): AnnouncementView {
  const draft = reading(state, nowMs);
  const to = over ? toldUsers(draft, incident) : usersOf(draft, incident);
  const message = messageOf(draft, incident, over ? "announced_over" : "announced");
  const read = new Set(to.map(({ language }) => language));
  const languages = read.size === 0 ? [state.settings.language] : [...read].sort();
  return {
    to: to.map(({ id, name, channel, language }) => ({ recipientId: id, name, channel, language })),
    texts: languages.map((language) => ({ language, text: textOf(message, language) })),
  };
}

/** Whoever was told that it began, or may have been. */
function toldUsers(draft: Draft, incident: Incident): Recipient[] {
  return rowsOf(draft, incident.id).flatMap((row) =>
    row.step === "announced" &&
    (row.status === "sent" || row.status === "sending" || row.status === "unknown")
      ? (draft.get("recipient", row.recipientId) ?? [])
      : [],
  );
}
