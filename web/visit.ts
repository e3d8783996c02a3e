/**
 * One person's request to a page: who, in which language, with which form; and the guard that stands before every page.
 * Why one guard: a route without its role, its same-origin check or its CSRF token can not be written by mistake.
 * Must not: let a changing request pass on the cookie alone.
 */
import type { Context } from "hono";
import { readCookie } from "./auth/cookies.ts";
import { originOf, type Origin } from "./auth/same-origin.ts";
import { csrfToken, csrfValid, sessionOf, touchSession, type Session } from "./auth/sessions.ts";
import { roleIncludes, type Role } from "./auth/users.ts";
import { hostOf, type PanelParts } from "./context.ts";
import { acceptedLanguage, isLanguage, textsOf } from "./i18n/language.ts";
import type { Texts } from "./i18n/id.ts";
import { lookAt } from "./look.ts";
import { expiredFormPage, forbiddenPage } from "./pages/errors.tsx";
import { ownPath } from "./paths.ts";
import type { Scene } from "./scene.ts";
import type { Language } from "./source.ts";

/** What is known before anybody has logged in. */
export interface Reader {
  readonly c: Context;
  readonly panel: PanelParts;
  readonly language: Language;
  readonly texts: Texts;
  /** Path and query of this page. */
  readonly path: string;
}

export interface Visit extends Reader {
  readonly session: Session;
  readonly scene: Scene;
  readonly csrf: string;
  readonly form: Form;
}

export interface Form {
  /** The trimmed value of a field, "" when it is not there. */
  text(name: string): string;
  /** As typed: passwords. */
  raw(name: string): string;
  has(name: string): boolean;
  /** Every value of a field that may stand several times: ticked boxes. */
  list(name: string): readonly string[];
}

export function readerOf(panel: PanelParts, c: Context, session: Session | null = null): Reader {
  const chosen = session?.user.language ?? readCookie(panel.settings, c, "language");
  const language = isLanguage(chosen)
    ? chosen
    : (acceptedLanguage(c.req.header("accept-language")) ?? panel.source.system().language);
  const url = new URL(c.req.url);
  return { c, panel, language, texts: textsOf(language), path: url.pathname + url.search };
}

export function requestOrigin(panel: PanelParts, c: Context): Origin {
  return originOf({
    fetchSite: c.req.header("sec-fetch-site"),
    origin: c.req.header("origin"),
    host: hostOf(panel.settings, c),
  });
}

export function sessionOfRequest(panel: PanelParts, c: Context): Session | null {
  const token = readCookie(panel.settings, c, "session");
  return token === null ? null : sessionOf(panel.source, token, panel.settings.now());
}

export async function formOf(c: Context): Promise<Form> {
  const fields = await c.req.parseBody({ all: true });
  const list = (name: string): string[] => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return [value].flat().filter((one) => typeof one === "string");
  };
  const raw = (name: string) => list(name).at(-1) ?? "";
  return { list, raw, text: (name) => raw(name).trim(), has: (name) => Object.hasOwn(fields, name) };
}

const noForm: Form = { raw: () => "", text: () => "", has: () => false, list: () => [] };

export function sceneOf(panel: PanelParts, language: Language, role: Role): Scene {
  const nowMs = panel.settings.now();
  const look = lookAt(panel.source, nowMs);
  return {
    source: panel.source,
    look,
    texts: textsOf(language),
    language,
    role,
    nowMs,
    timeZone: look.system.timeZone,
  };
}

export type PageHandler = (visit: Visit) => Response | Promise<Response>;

/** A page for everybody who has at least `role`: the only way a page is put on a route. */
export function guarded(panel: PanelParts, role: Role, handler: PageHandler) {
  return async (c: Context): Promise<Response> => {
    const reads = c.req.method === "GET";
    const session = sessionOfRequest(panel, c);
    const reader = readerOf(panel, c, session);
    if (!session) {
      const next = reads ? reader.path : "/";
      return c.redirect(next === "/" ? "/login" : `/login?next=${encodeURIComponent(next)}`, 303);
    }
    if (!reads && requestOrigin(panel, c) === "other") return expiredFormPage(reader);
    const form = reads ? noForm : await formOf(c);
    if (!reads && !csrfValid(session, form.raw("csrf"))) return expiredFormPage(reader);
    if (!roleIncludes(session.user.role, role)) return forbiddenPage(reader, session.user.role);
    await touchSession(panel.source, session.key, panel.settings.now());
    return handler({
      ...reader,
      session,
      form,
      scene: sceneOf(panel, reader.language, session.user.role),
      csrf: csrfToken(session, panel.settings.randomId()),
    });
  };
}

/** Back to where the form stood (or `fallback`), saying what was done. */
export function done(visit: Visit, what: keyof Texts["done"], fallback: string, always = false): Response {
  const back = always ? fallback : (ownPath(visit.form.raw("back")) ?? fallback);
  const url = new URL(back, "http://panel.invalid");
  url.searchParams.set("done", what);
  return visit.c.redirect(url.pathname + url.search, 303);
}
