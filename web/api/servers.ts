/**
 * `/api/v1/servers`.
 * Must not: hold rules of its own; they are rules.ts.
 */
import * as z from "zod";
import { statusOrder } from "../look.ts";
import { serverRules } from "../rules.ts";
import type { ServerInput, ServerView } from "../source-servers.ts";
import { jsonOf, listPage, listQuery, queryOf, type Call } from "./call.ts";
import { invalid, refused } from "./problem.ts";
import { probeShape, serverLogShape, serverShape } from "./shapes.ts";

/** References in a body that may point nowhere: the body is wrong then, not the address. */
const references = {
  site_not_found: "siteId",
  parent_not_found: "parentId",
  parent_circle: "parentId",
};

function serverOf({ c, panel }: Call): ServerView | Response {
  return panel.source.server(c.req.param("id") ?? "") ?? refused(c, "server_not_found");
}

function answer({ c, panel }: Call, id: string, status: 200 | 201): Response {
  const server = panel.source.server(id);
  if (!server) return refused(c, "server_not_found");
  if (status === 201) c.header("Location", `/api/v1/servers/${encodeURIComponent(id)}`);
  return c.json(serverShape(server), status);
}

const serversQuery = z.object({
  ...listQuery,
  site: z.string().optional(),
  status: z.enum(statusOrder).optional(),
  mode: z.enum(["agent", "ping"]).optional(),
  tag: z.string().optional(),
});

export function listServers(call: Call): Response {
  const query = queryOf(call, serversQuery);
  if (query instanceof Response) return query;
  const { site, status, mode, tag } = query;
  const found = call.panel.source
    .servers()
    .filter(
      (server) =>
        (site === undefined || server.siteId === site) &&
        (status === undefined || server.status === status) &&
        (mode === undefined || server.mode === mode) &&
        (tag === undefined || server.tags.includes(tag)),
    );
  return listPage(call, found, query, serverShape);
}

export function getServer(call: Call): Response {
  const server = serverOf(call);
  return server instanceof Response ? server : call.c.json(serverShape(server));
}

/** What happened to it and is no incident, newest first. */
export function getServerLog(call: Call): Response {
  const server = serverOf(call);
  if (server instanceof Response) return server;
  const items = call.panel.source.serverLog(server.id).map(serverLogShape);
  return call.c.json({ items, nextCursor: null });
}

export async function createServer(call: Call): Promise<Response> {
  const json = await jsonOf(call);
  if (json instanceof Response) return json;
  const parsed = serverRules.safeParse(json);
  if (!parsed.success) return invalid(call.c, "invalid_body", parsed.error);
  const result = await call.panel.source.saveServer(null, parsed.data);
  return result.ok ? answer(call, result.value, 201) : refused(call.c, result.code, references);
}

/** What staff set of a server, as it stands: a PATCH is laid over it. */
function inputOf(server: ServerView): ServerInput {
  return {
    name: server.name,
    siteId: server.siteId,
    mode: server.mode,
    address: server.address,
    probePorts: server.probePorts,
    check: server.check,
    downAfterSeconds: server.ownDownAfterSeconds,
    latitude: server.latitude,
    longitude: server.longitude,
    parentId: server.parentId,
    tags: server.tags,
  };
}

export async function changeServer(call: Call): Promise<Response> {
  const server = serverOf(call);
  if (server instanceof Response) return server;
  const json = await jsonOf(call);
  if (json instanceof Response) return json;
  const parsed = serverRules.safeParse({ ...inputOf(server), ...json });
  if (!parsed.success) return invalid(call.c, "invalid_body", parsed.error);
  const result = await call.panel.source.saveServer(server.id, parsed.data);
  return result.ok ? answer(call, server.id, 200) : refused(call.c, result.code, references);
}

export async function deleteServer(call: Call): Promise<Response> {
  const server = serverOf(call);
  if (server instanceof Response) return server;
  const result = await call.panel.source.removeServer(server.id, call.by);
  return result.ok ? call.c.body(null, 204) : refused(call.c, result.code);
}

export async function pauseServer(call: Call): Promise<Response> {
  const server = serverOf(call);
  if (server instanceof Response) return server;
  const result = await call.panel.source.pauseServer(server.id, call.by);
  return result.ok ? answer(call, server.id, 200) : refused(call.c, result.code);
}

export async function resumeServer(call: Call): Promise<Response> {
  const server = serverOf(call);
  if (server instanceof Response) return server;
  const result = await call.panel.source.resumeServer(server.id, call.by);
  return result.ok ? answer(call, server.id, 200) : refused(call.c, result.code);
}

export async function checkServer(call: Call): Promise<Response> {
  const server = serverOf(call);
  if (server instanceof Response) return server;
  const result = await call.panel.source.checkServer(server.id);
  return result.ok ? call.c.json({ probes: result.value.map(probeShape) }) : refused(call.c, result.code);
}
