/**
 * `/api/v1/routes`: which incidents go to whom, and when to the next. (The API's own routes are in routes.ts.)
 * Must not: hold rules of its own; they are rules-telling.ts, and the collector's.
 */
import * as z from "zod";
import { routeChangeRules, routeRules } from "../rules-telling.ts";
import type { RouteInput, RouteView } from "../source-recipients.ts";
import { bodyOf, listPage, listQuery, queryOf, type Call } from "./call.ts";
import { refused } from "./problem.ts";
import { routeShape } from "./shapes-telling.ts";

function find({ panel }: Call, id: string): RouteView | null {
  return panel.source.routes().find((route) => route.id === id) ?? null;
}
function routeOf(call: Call): RouteView | Response {
  return find(call, call.c.req.param("id") ?? "") ?? refused(call.c, "route_not_found");
}

/** What in a body a refusal of the collector is about. Recipients are named in two places. */
function references(call: Call, { fallbackRecipientIds }: RouteInput): Readonly<Record<string, string>> {
  const known = new Set(call.panel.source.recipients().map(({ id }) => id));
  const isFallback = fallbackRecipientIds.some((id) => !known.has(id));
  return {
    route_steps_wrong: "steps",
    site_not_found: "siteIds",
    recipient_not_found: isFallback ? "fallbackRecipientIds" : "steps",
  };
}

export function listRoutes(call: Call): Response {
  const query = queryOf(call, z.object(listQuery));
  return query instanceof Response ? query : listPage(call, call.panel.source.routes(), query, routeShape);
}

export function getRoute(call: Call): Response {
  const route = routeOf(call);
  return route instanceof Response ? route : call.c.json(routeShape(route));
}

export async function createRoute(call: Call): Promise<Response> {
  const input = await bodyOf(call, routeRules);
  if (input instanceof Response) return input;
  const result = await call.panel.source.saveRoute(null, input);
  if (!result.ok) return refused(call.c, result.code, references(call, input));
  const route = find(call, result.value);
  if (!route) return refused(call.c, "route_not_found");
  call.c.header("Location", `/api/v1/routes/${encodeURIComponent(route.id)}`);
  return call.c.json(routeShape(route), 201);
}

export async function changeRoute(call: Call): Promise<Response> {
  const route = routeOf(call);
  if (route instanceof Response) return route;
  const change = await bodyOf(call, routeChangeRules);
  if (change instanceof Response) return change;
  const { id, isDefault: _, ...before } = route;
  const input: RouteInput = {
    ...before,
    ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
  };
  const result = await call.panel.source.saveRoute(id, input);
  return result.ok ? getRoute(call) : refused(call.c, result.code, references(call, input));
}

export async function deleteRoute(call: Call): Promise<Response> {
  const route = routeOf(call);
  if (route instanceof Response) return route;
  const result = await call.panel.source.removeRoute(route.id);
  return result.ok ? call.c.body(null, 204) : refused(call.c, result.code);
}
