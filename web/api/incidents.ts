/**
 * `/api/v1/incidents`: read, one by one and in pages. What is done about one is in incident-actions.ts.
 * Must not: read an unbounded number of incidents for one call.
 */
import * as z from "zod";
import type { IncidentView } from "../source-incidents.ts";
import { decodeCursor, encodeCursor, listQuery, queryOf, type Call } from "./call.ts";
import { problem, refused } from "./problem.ts";
import { incidentShape, memberShape, notificationShape, timelineShape } from "./shapes.ts";

/** RFC 3339, or a date alone, read as its midnight in UTC. */
const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform((text) => Date.parse(text));

const incidentsQuery = z.object({
  ...listQuery,
  from: moment.optional(),
  to: moment.optional(),
  site: z.string().optional(),
  server: z.string().optional(),
  kind: z.string().optional(),
  open: z
    .enum(["true", "false", "1", "0"])
    .transform((text) => text === "true" || text === "1")
    .optional(),
});

export async function listIncidents(call: Call): Promise<Response> {
  const query = queryOf(call, incidentsQuery);
  if (query instanceof Response) return query;
  const before = query.cursor === undefined ? null : Number(decodeCursor(query.cursor) ?? Number.NaN);
  if (before !== null && !Number.isSafeInteger(before)) return problem(call.c, "invalid_cursor");
  // One more than asked for tells whether there is a next page.
  const found = await call.panel.source.incidents({
    limit: query.limit + 1,
    ...(query.from === undefined ? {} : { fromMs: query.from }),
    ...(query.to === undefined ? {} : { toMs: query.to }),
    ...(query.site === undefined ? {} : { siteId: query.site }),
    ...(query.server === undefined ? {} : { serverId: query.server }),
    ...(query.kind === undefined ? {} : { kind: query.kind }),
    ...(query.open === undefined ? {} : { open: query.open }),
    ...(before === null ? {} : { beforeNumber: before }),
  });
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  const nextCursor = found.length > items.length && last ? encodeCursor(String(last.number)) : null;
  return call.c.json({ items: items.map(incidentShape), nextCursor });
}

async function detailOf({ c, panel }: Call) {
  return (await panel.source.incident(c.req.param("id") ?? "")) ?? refused(c, "incident_not_found");
}

/** The incident that the path names. */
export async function incidentOf(call: Call): Promise<IncidentView | Response> {
  const detail = await detailOf(call);
  return detail instanceof Response ? detail : detail.incident;
}

export async function getIncident(call: Call): Promise<Response> {
  const detail = await detailOf(call);
  if (detail instanceof Response) return detail;
  return call.c.json({
    ...incidentShape(detail.incident),
    timeline: detail.timeline.map(timelineShape),
    notifications: detail.notifications.map(notificationShape),
    memberDetails: detail.members.map(memberShape),
  });
}
