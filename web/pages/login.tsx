/**
 * Coming in and going out: log in, log out, the language.
 * Must not: tell whether a user exists; keep a session over a login; forward to a foreign address.
 */
import type { Context } from "hono";
import {
  clearSessionCookie,
  readCookie,
  writeDeviceCookie,
  writeLanguageCookie,
  writeSessionCookie,
} from "../auth/cookies.ts";
import { deviceMark, deviceOf, type LoginTry } from "../auth/login-throttle.ts";
import { PASSWORD_LENGTH_MAX, PasswordQueueFull, verifyPassword } from "../auth/password.ts";
import { closeSession, csrfValid, openSession } from "../auth/sessions.ts";
import { adminExists, normalUsername, setUserLanguage, userByName, type User } from "../auth/users.ts";
import { addressOf, type PanelParts } from "../context.ts";
import { isLanguage } from "../i18n/language.ts";
import { spokenDuration } from "../islands/spoken-time.ts";
import { plainPage } from "../page.tsx";
import { Field } from "../parts/controls.tsx";
import { ownPath } from "../paths.ts";
import { formOf, readerOf, requestOrigin, sessionOfRequest, type Reader } from "../visit.ts";
import { expiredFormPage } from "./errors.tsx";

const DEVICE_KEY = "panel/device-key";

/** The key of the device marks, made once. */
async function deviceKey({ source, settings }: PanelParts): Promise<string> {
  const kept = source.shelf.get(DEVICE_KEY);
  if (typeof kept === "string") return kept;
  const made = settings.randomId();
  await source.shelf.write([{ key: DEVICE_KEY, value: made }]);
  return made;
}

/** Opens a session for a user who has just proven to be one, and marks the browser as known. */
export async function enter(panel: PanelParts, c: Context, user: User): Promise<void> {
  const { source, settings } = panel;
  const token = await openSession(source, {
    user,
    previousToken: readCookie(settings, c, "session"),
    nowMs: settings.now(),
    randomId: settings.randomId,
  });
  writeSessionCookie(settings, c, token);
  writeDeviceCookie(settings, c, deviceMark(await deviceKey(panel), user.id, settings.randomId()));
}

// ── Log in ───────────────────────────────────────────────────────────────────────────────────────────

function loginPage(
  reader: Reader,
  state: {
    readonly status?: 200 | 401 | 429 | 503;
    readonly problem?: string;
    readonly username?: string;
    readonly next: string | null;
    readonly note?: string | null;
  },
): Promise<Response> {
  const { texts, panel } = reader;
  return plainPage(reader, {
    title: texts.login.title,
    status: state.status ?? 200,
    content: (
      <div class="gate">
        <h1>{texts.login.title}</h1>
        <p class="quiet">{texts.product.tagline}</p>
        {state.note ? (
          <p class="message message-hint" role="status">
            {state.note}
          </p>
        ) : null}
        {state.problem ? (
          <p class="message message-problem" role="alert">
            {state.problem}
          </p>
        ) : null}
        {adminExists(panel.source) ? null : <p class="message message-hint">{texts.login.noAdmin}</p>}
        <form class="form" method="post" action="/login">
          {state.next === null ? null : <input type="hidden" name="next" value={state.next} />}
          <Field
            name="username"
            label={texts.login.username}
            value={state.username ?? ""}
            autocomplete="username"
            required
            autofocus={!state.username}
            maxlength={100}
          />
          <Field
            name="password"
            type="password"
            label={texts.login.password}
            autocomplete="current-password"
            required
            autofocus={Boolean(state.username)}
            maxlength={PASSWORD_LENGTH_MAX}
          />
          <button type="submit" class="button button-primary button-wide">
            {texts.login.submit}
          </button>
        </form>
      </div>
    ),
  });
}

export function showLogin(panel: PanelParts) {
  return (c: Context): Response | Promise<Response> => {
    const next = ownPath(c.req.query("next"));
    if (sessionOfRequest(panel, c)) return c.redirect(next ?? "/", 303);
    const reader = readerOf(panel, c);
    const { login } = reader.texts;
    const note = c.req.query("out") !== undefined ? login.loggedOut : next === null ? null : login.needed;
    return loginPage(reader, { next, note });
  };
}

export function logIn(panel: PanelParts) {
  return async (c: Context): Promise<Response> => {
    const { source, settings, throttle } = panel;
    const reader = readerOf(panel, c);
    const { login } = reader.texts;
    // There is no session to key a token with yet; a page of another site must still not log anybody in.
    if (requestOrigin(panel, c) === "other") return expiredFormPage(reader);
    const form = await formOf(c);
    const username = normalUsername(form.raw("username")).slice(0, 100);
    const next = ownPath(form.raw("next"));
    const user = userByName(source, username);
    const carried = readCookie(settings, c, "device");
    const device = user && carried !== null ? deviceOf(await deviceKey(panel), user.id, carried) : null;
    const attempt: LoginTry = { username, address: addressOf(settings, c), device };

    const waitMs = throttle.waitMs(attempt, settings.now());
    if (waitMs > 0) {
      c.header("Retry-After", String(Math.ceil(waitMs / 1_000)));
      const problem = login.wait(spokenDuration(reader.language, Math.max(1_000, waitMs)));
      return loginPage(reader, { status: 429, problem, username, next });
    }
    // Counted before the password is looked at: tries sent at the same time must not all be free.
    throttle.failed(attempt, settings.now());
    let right: boolean;
    try {
      const password = form.raw("password").slice(0, PASSWORD_LENGTH_MAX);
      right = await verifyPassword(password, user?.passwordHash ?? null, settings.passwordCost);
    } catch (error) {
      if (!(error instanceof PasswordQueueFull)) throw error;
      c.header("Retry-After", "5");
      return loginPage(reader, { status: 503, problem: login.busy, username, next });
    }
    if (!user || !right) return loginPage(reader, { status: 401, problem: login.wrong, username, next });
    throttle.succeeded(attempt);
    await enter(panel, c, user);
    return c.redirect(next ?? "/", 303);
  };
}

export function logOut(panel: PanelParts) {
  return async (c: Context): Promise<Response> => {
    const session = sessionOfRequest(panel, c);
    if (session) {
      const form = await formOf(c);
      if (requestOrigin(panel, c) === "other" || !csrfValid(session, form.raw("csrf")))
        return expiredFormPage(readerOf(panel, c, session));
      await closeSession(panel.source, session.key);
    }
    clearSessionCookie(panel.settings, c);
    return c.redirect("/login?out", 303);
  };
}

// ── Language ─────────────────────────────────────────────────────────────────────────────────────────

export function chooseLanguage(panel: PanelParts) {
  return async (c: Context): Promise<Response> => {
    const session = sessionOfRequest(panel, c);
    const reader = readerOf(panel, c, session);
    const form = await formOf(c);
    if (requestOrigin(panel, c) === "other") return expiredFormPage(reader);
    if (session && !csrfValid(session, form.raw("csrf"))) return expiredFormPage(reader);
    const language = form.text("language");
    if (isLanguage(language)) {
      writeLanguageCookie(panel.settings, c, language);
      if (session) await setUserLanguage(panel.source, session.user, language);
    }
    return c.redirect(ownPath(form.raw("back")) ?? "/", 303);
  };
}
