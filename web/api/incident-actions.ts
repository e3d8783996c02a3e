/**
 * What is done about an incident over `/api/v1/incidents/:id/…`: taken, noted, quieted, checked, announced.
 * Why apart from reading them: each is one call that changes something, for operators, with one way to refuse.
 * Must not: hold rules of its own; they are rules.ts, rules-telling.ts, and the collector's.
 */
import * as z from "zod";
import { announceRules, quietRules } from "../rules-telling.ts";
import { noteRules } from "../rules.ts";
import type { CommandResult } from "../source.ts";
import type { IncidentView } from "../source-incidents.ts";
import { bodyOf, jsonOf, queryOf, type Call } from "./call.ts";
import { incidentOf } from "./incidents.ts";
import { invalid, refused } from "./problem.ts";
import { announcementShape } from "./shapes-telling.ts";
import { evidenceShape, incidentShape, probeShape } from "./shapes.ts";

/** One that is open: an archived one is not known to the collector's living state any more, and is closed, not missing. */
async function openIncidentOf(call: Call): Promise<IncidentView | Response> {
  const incident = await incidentOf(call);
  if (incident instanceof Response || incident.endedAtMs === null) return incident;
  return refused(call.c, "incident_closed");
}

/** The incident as it is now. */
async function answer(call: Call, incident: IncidentView, result: CommandResult): Promise<Response> {
  if (!result.ok) return refused(call.c, result.code);
  const detail = await call.panel.source.incident(incident.id);
  return call.c.json(incidentShape(detail?.incident ?? incident));
}

const acknowledgeRules = z.object({
  /** Who is on it, when a program speaks for a person. */
  by: z.string().trim().min(1).max(120).optional(),
});

export async function acknowledgeIncident(call: Call): Promise<Response> {
  const incident = await openIncidentOf(call);
  if (incident instanceof Response) return incident;
  const body = await bodyOf(call, acknowledgeRules);
  if (body instanceof Response) return body;
  const { source } = call.panel;
  return answer(call, incident, await source.acknowledgeIncident(incident.id, body.by ?? call.by));
}

/** Also about one that is over: what was done is often written down afterwards. */
export async function noteIncident(call: Call): Promise<Response> {
  const incident = await incidentOf(call);
  if (incident instanceof Response) return incident;
  const body = await bodyOf(call, noteRules);
  if (body instanceof Response) return body;
  return answer(call, incident, await call.panel.source.noteIncident(incident.id, call.by, body.text));
}

const instant = z.iso.datetime({ offset: true });
/** RFC 3339 as Unix ms; null stays; whatever else breaks its rule. */
function momentOrNull(value: unknown): number | null {
  if (value === null) return null;
  const parsed = instant.safeParse(value);
  return parsed.success ? Date.parse(parsed.data) : Number.NaN;
}

/** `{"untilAt": …}`; null: until it has recovered. */
export async function quietIncident(call: Call): Promise<Response> {
  const incident = await openIncidentOf(call);
  if (incident instanceof Response) return incident;
  const json = await jsonOf(call);
  if (json instanceof Response) return json;
  const rules = quietRules(call.panel.settings.now());
  const parsed = rules.safeParse({ ...json, untilAt: momentOrNull(json.untilAt) });
  if (!parsed.success) return invalid(call.c, "invalid_body", parsed.error);
  const { untilAt } = parsed.data;
  const until = untilAt === null ? null : { untilMs: untilAt };
  return answer(call, incident, await call.panel.source.quietIncident(incident.id, until, call.by));
}

/** What it found is written into the incident; `probes` are those of servers, as `/servers/:id/check` has them. */
export async function checkIncident(call: Call): Promise<Response> {
  const incident = await openIncidentOf(call);
  if (incident instanceof Response) return incident;
  const result = await call.panel.source.checkIncident(incident.id, call.by);
  if (!result.ok) return refused(call.c, result.code);
  const probes = result.value.flatMap((found) => (found.type === "probe" ? [found.result] : []));
  return call.c.json({ probes: probes.map(probeShape), evidence: result.value.map(evidenceShape) });
}

/** What users would be told, word for word, and who they are. */
export async function previewAnnouncement(call: Call): Promise<Response> {
  const incident = await openIncidentOf(call);
  if (incident instanceof Response) return incident;
  const query = queryOf(call, z.object({ over: z.enum(["true", "false"]).default("false") }));
  if (query instanceof Response) return query;
  const announcement = call.panel.source.announcement(incident.id, query.over === "true");
  return announcement ? call.c.json(announcementShape(announcement)) : refused(call.c, "incident_not_found");
}

export async function announceIncident(call: Call): Promise<Response> {
  const incident = await openIncidentOf(call);
  if (incident instanceof Response) return incident;
  const body = await bodyOf(call, announceRules);
  if (body instanceof Response) return body;
  return answer(call, incident, await call.panel.source.announceIncident(incident.id, body.over, call.by));
}
