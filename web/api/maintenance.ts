/**
 * `/api/v1/maintenance`: windows in which incidents are recorded and nobody is told.
 * Must not: hold rules of its own; they are rules.ts.
 */
import * as z from "zod";
import { maintenanceRules } from "../rules.ts";
import type { MaintenanceView } from "../source.ts";
import { jsonOf, listPage, listQuery, queryOf, type Call } from "./call.ts";
import { invalid, refused } from "./problem.ts";
import { maintenanceShape } from "./shapes.ts";

/** What in a body a refusal of the collector is about. */
const references = {
  site_not_found: "siteId",
  server_not_found: "serverId",
  maintenance_ends_before_it_starts: "endsAt",
};

function find({ panel }: Call, id: string): MaintenanceView | null {
  return panel.source.maintenance().find((window) => window.id === id) ?? null;
}
function maintenanceOf(call: Call): MaintenanceView | Response {
  return find(call, call.c.req.param("id") ?? "") ?? refused(call.c, "maintenance_not_found");
}

export function listMaintenance(call: Call): Response {
  const query = queryOf(call, z.object(listQuery));
  return query instanceof Response
    ? query
    : listPage(call, call.panel.source.maintenance(), query, maintenanceShape);
}

export function getMaintenance(call: Call): Response {
  const window = maintenanceOf(call);
  return window instanceof Response ? window : call.c.json(maintenanceShape(window));
}

const instant = z.iso.datetime({ offset: true });
/** RFC 3339 as Unix ms; whatever else becomes null, which breaks its rule. */
function momentOf(value: unknown): number | null | undefined {
  if (value === undefined) return undefined;
  const parsed = instant.safeParse(value);
  return parsed.success ? Date.parse(parsed.data) : null;
}

/** Without `startsAt` it starts now. */
export async function createMaintenance(call: Call): Promise<Response> {
  const { source, settings } = call.panel;
  const json = await jsonOf(call);
  if (json instanceof Response) return json;
  const parsed = maintenanceRules(settings.now()).safeParse({
    ...json,
    startsAt: momentOf(json.startsAt),
    endsAt: momentOf(json.endsAt),
  });
  if (!parsed.success) return invalid(call.c, "invalid_body", parsed.error);
  const { startsAt, endsAt, ...rest } = parsed.data;
  const result = await source.saveMaintenance(
    null,
    { ...rest, startsAtMs: startsAt, endsAtMs: endsAt },
    call.by,
  );
  if (!result.ok) return refused(call.c, result.code, references);
  const window = find(call, result.value);
  if (!window) return refused(call.c, "maintenance_not_found");
  call.c.header("Location", `/api/v1/maintenance/${encodeURIComponent(window.id)}`);
  return call.c.json(maintenanceShape(window), 201);
}

export async function deleteMaintenance(call: Call): Promise<Response> {
  const window = maintenanceOf(call);
  if (window instanceof Response) return window;
  const result = await call.panel.source.removeMaintenance(window.id);
  return result.ok ? call.c.body(null, 204) : refused(call.c, result.code);
}
