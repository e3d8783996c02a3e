/**
 * Which incidents go to whom.
 * Why a route of all incidents exists from the start: every server alerts by default; staff narrow it, never the reverse.
 * Must not: send or enqueue anything (outbox), or look at the clock (pursuit).
 */
import type { Draft } from "./draft.ts";
import { refusal } from "./draft.ts";
import type { Decision } from "./types/effects.ts";
import type { Event } from "./types/events.ts";
import type { Incident, IncidentKind } from "./types/incident.ts";
import type { Recipient, Route } from "./types/registry.ts";

type Of<T extends Event["type"]> = Extract<Event, { type: T }>;

/** The route that takes everything until staff change it. It can be switched off, not removed. */
export const DEFAULT_ROUTE_ID = "default";

const MINUTE_MS = 60_000;
/** While it is down and nobody took it. */
export const REPEATS_USUAL: readonly number[] = [
  30 * MINUTE_MS,
  120 * MINUTE_MS,
  360 * MINUTE_MS,
  1_440 * MINUTE_MS,
];

/** What a route is matched by. */
export interface Subject {
  readonly kind: IncidentKind;
  readonly siteIds: readonly string[];
  readonly tags: readonly string[];
}

export function ensureDefaultRoute(draft: Draft): void {
  if (draft.get("route", DEFAULT_ROUTE_ID)) return;
  draft.put("route", DEFAULT_ROUTE_ID, {
    id: DEFAULT_ROUTE_ID,
    name: draft.state.settings.language === "id" ? "Semua insiden" : "All incidents",
    enabled: true,
    siteIds: [],
    tags: [],
    kinds: [],
    steps: [{ afterMs: 0, to: "everyone" }],
    repeatMs: REPEATS_USUAL,
    fallbackRecipientIds: [],
    createdWallMs: draft.at.wallMs,
  });
}

/** Of a group: the sites and tags of each of its servers. */
export function subjectOfIncident(
  draft: Draft,
  incident: Pick<Incident, "kind" | "siteId" | "serverId" | "group">,
): Subject {
  const serverIds = incident.group?.serverIds ?? (incident.serverId === null ? [] : [incident.serverId]);
  const tags = new Set<string>();
  for (const id of serverIds) for (const tag of draft.server(id)?.tags ?? []) tags.add(tag);
  const siteIds = incident.group?.siteIds ?? (incident.siteId === null ? [] : [incident.siteId]);
  return { kind: incident.kind, siteIds, tags: [...tags] };
}

/** Of news about a server that is no incident. */
export function subjectOfServer(draft: Draft, serverId: string | null, kind: IncidentKind): Subject {
  const server = serverId === null ? undefined : draft.server(serverId);
  return { kind, siteIds: server?.siteId == null ? [] : [server.siteId], tags: server?.tags ?? [] };
}

/** The routes that take it, oldest first. */
export function routesFor(draft: Draft, subject: Subject): Route[] {
  const meets = (wanted: readonly string[], given: readonly string[]): boolean =>
    wanted.length === 0 || wanted.some((one) => given.includes(one));
  return [...draft.all("route")]
    .filter(
      (route) =>
        route.enabled &&
        meets(route.siteIds, subject.siteIds) &&
        meets(route.tags, subject.tags) &&
        meets(route.kinds, [subject.kind]),
    )
    .sort((a, b) => a.createdWallMs - b.createdWallMs || (a.id < b.id ? -1 : 1));
}

/** Whom the steps `from` to `until` (not included) of a route tell. */
export function recipientsOf(draft: Draft, route: Route, from: number, until: number): Recipient[] {
  const found = new Map<string, Recipient>();
  for (const step of route.steps.slice(from, until)) {
    for (const recipient of draft.all("recipient")) {
      if (recipient.audience !== "staff") continue;
      const isMeant =
        step.to === "everyone"
          ? !route.fallbackRecipientIds.includes(recipient.id)
          : step.to.includes(recipient.id);
      if (isMeant) found.set(recipient.id, recipient);
    }
  }
  return [...found.values()];
}

/** Steps of a route that are told at once. */
export function firstSteps(route: Route): number {
  return Math.max(1, route.steps.filter((step) => step.afterMs === 0).length);
}

/** Everybody whom the first steps of all routes tell of it. */
export function firstRecipients(draft: Draft, subject: Subject): Recipient[] {
  const found = new Map<string, Recipient>();
  for (const route of routesFor(draft, subject))
    for (const recipient of recipientsOf(draft, route, 0, firstSteps(route)))
      found.set(recipient.id, recipient);
  return [...found.values()];
}

/** Who is told in the place of `recipientId`. */
export function fallbacksFor(draft: Draft, subject: Subject, recipientId: string): Recipient[] {
  const found = new Map<string, Recipient>();
  for (const route of routesFor(draft, subject)) {
    if (!recipientsOf(draft, route, 0, route.steps.length).some((one) => one.id === recipientId)) continue;
    for (const id of route.fallbackRecipientIds) {
      const recipient = draft.get("recipient", id);
      if (recipient && id !== recipientId) found.set(id, recipient);
    }
  }
  return [...found.values()];
}

export function routeSaved(draft: Draft, { route }: Of<"route_saved">): Decision {
  const times = route.steps.map((step) => step.afterMs);
  const isAscending = times.every((atMs, index) => index === 0 || atMs >= (times[index - 1] ?? 0));
  if (times[0] !== 0 || !isAscending || route.repeatMs.some((ms) => !(ms > 0)))
    return refusal("route_steps_wrong");
  const named = [
    ...route.fallbackRecipientIds,
    ...route.steps.flatMap(({ to }) => (to === "everyone" ? [] : to)),
  ];
  if (named.some((id) => !draft.get("recipient", id))) return refusal("recipient_not_found");
  if (route.siteIds.some((id) => !draft.get("site", id))) return refusal("site_not_found");
  draft.put("route", route.id, route);
  draft.publish("route", route.id);
  return draft.done({ ok: true, id: route.id });
}

export function routeRemoved(draft: Draft, { routeId }: Of<"route_removed">): Decision {
  if (!draft.get("route", routeId)) return refusal("route_not_found");
  if (routeId === DEFAULT_ROUTE_ID) return refusal("route_is_default");
  draft.put("route", routeId, null);
  draft.publish("route", routeId);
  return draft.done();
}

/** A recipient or a site is gone: no route names it any more. One that was about that site alone is switched off, not widened. */
export function forgetInRoutes(
  draft: Draft,
  gone: { readonly recipientId?: string; readonly siteId?: string },
): void {
  for (const route of [...draft.all("route")]) {
    const siteIds = route.siteIds.filter((id) => id !== gone.siteId);
    const next: Route = {
      ...route,
      siteIds,
      enabled: route.enabled && !(route.siteIds.length > 0 && siteIds.length === 0),
      fallbackRecipientIds: route.fallbackRecipientIds.filter((id) => id !== gone.recipientId),
      steps: route.steps.map((step) =>
        step.to === "everyone" ? step : { ...step, to: step.to.filter((id) => id !== gone.recipientId) },
      ),
    };
    const isSame =
      siteIds.length === route.siteIds.length &&
      next.fallbackRecipientIds.length === route.fallbackRecipientIds.length &&
      next.steps.every((step, index) => step.to.length === route.steps[index]?.to.length);
    if (isSame) continue;
    draft.put("route", route.id, next);
    draft.publish("route", route.id);
  }
}
