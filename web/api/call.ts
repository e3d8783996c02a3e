/**
 * One call of the JSON API: who calls, with which body and query; and the guard before every route.
 * Why one guard: each route names its role, and a browser's session only counts from the panel's own pages.
 * Must not: take a session for a change unless the browser says that the request is our own.
 */
import type { Context } from "hono";
import { createHash, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import { csrfValid, touchSession } from "../auth/sessions.ts";
import { roleIncludes, type Role } from "../auth/users.ts";
import type { PanelParts } from "../context.ts";
import { requestOrigin, sessionOfRequest } from "../visit.ts";
import { invalid, problem } from "./problem.ts";

export interface Call {
  readonly c: Context;
  readonly panel: PanelParts;
  readonly role: Role;
  /** Who did it, for the record. */
  readonly by: string;
}

interface Caller {
  readonly role: Role;
  readonly by: string;
  readonly sessionKey: string | null;
}

/** Lists give at most this many items at once; more is a page away. */
export const LIST_LIMIT_MAX = 500;
const LIST_LIMIT_DEFAULT = 100;

function sameToken(given: string, expected: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}

function callerOf(panel: PanelParts, c: Context): Caller | Response {
  const header = c.req.header("authorization");
  if (header !== undefined) {
    const token = /^Bearer +(\S+) *$/i.exec(header)?.[1];
    const { apiToken } = panel.settings;
    if (token !== undefined && apiToken !== null && apiToken !== "" && sameToken(token, apiToken))
      return { role: "admin", by: "API", sessionKey: null };
    return unauthorized(c);
  }
  const session = sessionOfRequest(panel, c);
  if (!session) return unauthorized(c);
  if (c.req.method !== "GET" && c.req.method !== "HEAD") {
    const origin = requestOrigin(panel, c);
    const proven = csrfValid(session, c.req.header("x-csrf-token") ?? "");
    if (origin === "other" || (origin === "unknown" && !proven)) return problem(c, "cross_site");
  }
  return { role: session.user.role, by: session.user.username, sessionKey: session.key };
}

function unauthorized(c: Context): Response {
  c.header("WWW-Authenticate", 'Bearer realm="detak"');
  return problem(c, "unauthorized");
}

export type CallHandler = (call: Call) => Response | Promise<Response>;

/** A route of the API for everybody who has at least `role`. */
export function callable(panel: PanelParts, role: Role, handler: CallHandler) {
  return async (c: Context): Promise<Response> => {
    const caller = callerOf(panel, c);
    if (caller instanceof Response) return caller;
    if (!roleIncludes(caller.role, role)) return problem(c, "forbidden");
    if (caller.sessionKey !== null) await touchSession(panel.source, caller.sessionKey, panel.settings.now());
    return handler({ c, panel, role: caller.role, by: caller.by });
  };
}

/** The parsed body, or the answer to give. An absent body is `{}`. */
export async function bodyOf<T extends z.ZodType>(call: Call, rules: T): Promise<z.output<T> | Response> {
  const json = await jsonOf(call);
  if (json instanceof Response) return json;
  const parsed = rules.safeParse(json);
  return parsed.success ? parsed.data : invalid(call.c, "invalid_body", parsed.error);
}

/** The body as plain JSON; only objects are bodies here. */
export async function jsonOf({ c }: Call): Promise<Record<string, unknown> | Response> {
  const text = await c.req.text();
  if (text.trim() === "") return {};
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return problem(c, "invalid_json");
  }
  const object = z.record(z.string(), z.unknown()).safeParse(json);
  return object.success ? object.data : invalid(c, "invalid_body", object.error);
}

export function queryOf<T extends z.ZodType>({ c }: Call, rules: T): z.output<T> | Response {
  const parsed = rules.safeParse(c.req.query());
  return parsed.success ? parsed.data : invalid(c, "invalid_query", parsed.error);
}

// ── Lists ────────────────────────────────────────────────────────────────────────────────────────────

export const listQuery = {
  limit: z.coerce.number().int().min(1).max(LIST_LIMIT_MAX).default(LIST_LIMIT_DEFAULT),
  cursor: z.string().max(600).optional(),
};

/**
 * One page of a list that lies in memory, in the order of the ids. The cursor is the last id given: what is added or
 * removed meanwhile neither repeats nor hides another item.
 */
export function listPage<T extends { readonly id: string }>(
  call: Call,
  all: readonly T[],
  query: { readonly limit: number; readonly cursor?: string | undefined },
  shape: (item: T) => unknown,
): Response {
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor);
  if (query.cursor !== undefined && after === null) return problem(call.c, "invalid_cursor");
  const rest = [...all]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .filter(({ id }) => after === null || id > after);
  const items = rest.slice(0, query.limit);
  const last = items.at(-1);
  const nextCursor = rest.length > items.length && last ? encodeCursor(last.id) : null;
  return call.c.json({ items: items.map(shape), nextCursor });
}

/** Opaque to callers, so that its content may change. */
export function encodeCursor(value: string): string {
  return Buffer.from(`1 ${value}`).toString("base64url");
}
export function decodeCursor(cursor: string): string | null {
  const text = Buffer.from(cursor, "base64url").toString();
  return text.startsWith("1 ") && text.length > 2 ? text.slice(2) : null;
}
