/**
 * What one press does about an incident: taken, checked again, quieted.
 * Why apart from its page: a card on any page leads here as well, and back.
 * Must not: press twice by a reload; each answers with a redirect.
 */
import { nextMinuteOfDay } from "../i18n/format.ts";
import { incidentPath, MORNING_MINUTE } from "../parts/incident-actions.tsx";
import { incidentZone } from "../parts/sentences.ts";
import type { IncidentView } from "../source-incidents.ts";
import { done, type Visit } from "../visit.ts";
import { notFoundPage, refusedPage } from "./errors.tsx";

/** An open incident, or the page that says why not. */
export async function openIncident(visit: Visit): Promise<IncidentView | Response> {
  const detail = await visit.panel.source.incident(visit.c.req.param("id") ?? "");
  if (!detail) return notFoundPage(visit);
  return detail.incident.endedAtMs === null ? detail.incident : refusedPage(visit, "incident_closed");
}

export async function acknowledgeIncident(visit: Visit): Promise<Response> {
  const incident = await openIncident(visit);
  if (incident instanceof Response) return incident;
  const result = await visit.panel.source.acknowledgeIncident(incident.id, visit.session.user.username);
  return result.ok ? done(visit, "acknowledged", incidentPath(incident)) : refusedPage(visit, result.code);
}

/** The result stands on the incident's own page. */
export async function checkIncident(visit: Visit): Promise<Response> {
  const incident = await openIncident(visit);
  if (incident instanceof Response) return incident;
  const result = await visit.panel.source.checkIncident(incident.id, visit.session.user.username);
  return result.ok ? done(visit, "checked", incidentPath(incident), true) : refusedPage(visit, result.code);
}

const HOUR_MS = 3_600_000;

/** Until when, by the last word of the path; undefined: there is no such word. */
function quietUntil(visit: Visit, incident: IncidentView): { readonly untilMs: number } | null | undefined {
  const { nowMs } = visit.scene;
  switch (visit.c.req.param("until")) {
    case "hour":
      return { untilMs: nowMs + HOUR_MS };
    case "morning":
      return { untilMs: nextMinuteOfDay(incidentZone(visit.scene, incident), MORNING_MINUTE, nowMs) };
    case "recovered":
      return null;
    case "end":
      return { untilMs: nowMs };
    default:
      return undefined;
  }
}

export async function quietIncident(visit: Visit): Promise<Response> {
  const incident = await openIncident(visit);
  if (incident instanceof Response) return incident;
  const until = quietUntil(visit, incident);
  if (until === undefined) return notFoundPage(visit);
  const result = await visit.panel.source.quietIncident(incident.id, until, visit.session.user.username);
  if (!result.ok) return refusedPage(visit, result.code);
  const ended = until !== null && until.untilMs <= visit.scene.nowMs;
  return done(visit, ended ? "unquieted" : "quieted", incidentPath(incident));
}
