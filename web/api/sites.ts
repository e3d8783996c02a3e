/**
 * `/api/v1/sites`.
 * Must not: hold rules of its own; they are rules.ts.
 */
import * as z from "zod";
import { siteRules } from "../rules.ts";
import type { SiteView } from "../source-servers.ts";
import { jsonOf, listPage, listQuery, queryOf, type Call } from "./call.ts";
import { invalid, refused } from "./problem.ts";
import { siteShape } from "./shapes.ts";

function siteOf({ c, panel }: Call): SiteView | Response {
  return panel.source.site(c.req.param("id") ?? "") ?? refused(c, "site_not_found");
}

function answer({ c, panel }: Call, id: string, status: 200 | 201): Response {
  const site = panel.source.site(id);
  if (!site) return refused(c, "site_not_found");
  if (status === 201) c.header("Location", `/api/v1/sites/${encodeURIComponent(id)}`);
  return c.json(siteShape(site), status);
}

export function listSites(call: Call): Response {
  const query = queryOf(call, z.object(listQuery));
  return query instanceof Response ? query : listPage(call, call.panel.source.sites(), query, siteShape);
}

export function getSite(call: Call): Response {
  const site = siteOf(call);
  return site instanceof Response ? site : call.c.json(siteShape(site));
}

export async function createSite(call: Call): Promise<Response> {
  const { source } = call.panel;
  const json = await jsonOf(call);
  if (json instanceof Response) return json;
  const parsed = siteRules.safeParse({ timeZone: source.system().timeZone, ...json });
  if (!parsed.success) return invalid(call.c, "invalid_body", parsed.error);
  const result = await source.saveSite(null, parsed.data);
  return result.ok ? answer(call, result.value, 201) : refused(call.c, result.code);
}

export async function changeSite(call: Call): Promise<Response> {
  const site = siteOf(call);
  if (site instanceof Response) return site;
  const json = await jsonOf(call);
  if (json instanceof Response) return json;
  const parsed = siteRules.safeParse({ ...site, ...json });
  if (!parsed.success) return invalid(call.c, "invalid_body", parsed.error);
  const result = await call.panel.source.saveSite(site.id, parsed.data);
  return result.ok ? answer(call, site.id, 200) : refused(call.c, result.code);
}

export async function deleteSite(call: Call): Promise<Response> {
  const site = siteOf(call);
  if (site instanceof Response) return site;
  const result = await call.panel.source.removeSite(site.id);
  return result.ok ? call.c.body(null, 204) : refused(call.c, result.code);
}
