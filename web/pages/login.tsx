/**
 * Coming in and going out: log in, log out, the set-up link, the language.
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
import { completeSetup, setupLinkValid } from "../auth/first-admin.ts";
import { deviceMark, deviceOf, type LoginTry } from "../auth/login-throttle.ts";
import {
  PASSWORD_LENGTH_MAX,
  PASSWORD_LENGTH_MIN,
  PasswordQueueFull,
  verifyPassword,
} from "../auth/password.ts";
import { closeSession, csrfValid, openSession } from "../auth/sessions.ts";
import { adminExists, normalUsername, setUserLanguage, userByName, type User } from "../auth/users.ts";
import { addressOf, type PanelParts } from "../context.ts";
import { isLanguage } from "../i18n/language.ts";
import { spokenDuration } from "../islands/spoken-time.ts";
import { plainPage } from "../page.tsx";
import { Field, type Problems } from "../parts/controls.tsx";
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

async function enter(panel: PanelParts, c: Context, user: User): Promise<void> {
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

// ── The first admin ──────────────────────────────────────────────────────────────────────────────────

function setupPage(
  reader: Reader,
  state: { readonly token: string; readonly problems?: Problems; readonly username?: string },
): Promise<Response> {
  const { setup } = reader.texts;
  return plainPage(reader, {
    title: setup.title,
    status: state.problems ? 422 : 200,
    content: (
      <div class="gate">
        <h1>{setup.title}</h1>
        <p>{setup.lead}</p>
        <form class="form" method="post" action={`/setup/${encodeURIComponent(state.token)}`} novalidate>
          <Field
            name="username"
            label={setup.username}
            value={state.username ?? ""}
            problems={state.problems}
            autocomplete="username"
            required
            autofocus
            maxlength={64}
          />
          <Field
            name="password"
            type="password"
            label={setup.password}
            hint={setup.passwordHint(PASSWORD_LENGTH_MIN)}
            problems={state.problems}
            autocomplete="new-password"
            required
            maxlength={PASSWORD_LENGTH_MAX}
          />
          <Field
            name="passwordAgain"
            type="password"
            label={setup.passwordAgain}
            problems={state.problems}
            autocomplete="new-password"
            required
            maxlength={PASSWORD_LENGTH_MAX}
          />
          <button type="submit" class="button button-primary button-wide">
            {setup.submit}
          </button>
        </form>
      </div>
    ),
  });
}

function setupOverPage(reader: Reader): Promise<Response> {
  const { setup, login } = reader.texts;
  return plainPage(reader, {
    title: setup.usedTitle,
    status: 410,
    content: (
      <div class="gate">
        <h1>{setup.usedTitle}</h1>
        <p>{setup.used}</p>
        <p>
          <a class="button button-plain" href="/login">
            {login.title}
          </a>
        </p>
      </div>
    ),
  });
}

export function showSetup(panel: PanelParts) {
  return (c: Context): Promise<Response> => {
    const reader = readerOf(panel, c);
    const token = c.req.param("token") ?? "";
    return setupLinkValid(panel.source, token) ? setupPage(reader, { token }) : setupOverPage(reader);
  };
}

export function setUp(panel: PanelParts) {
  return async (c: Context): Promise<Response> => {
    const { source, settings } = panel;
    const reader = readerOf(panel, c);
    const { problem } = reader.texts.setup;
    if (requestOrigin(panel, c) === "other") return expiredFormPage(reader);
    const token = c.req.param("token") ?? "";
    if (!setupLinkValid(source, token)) return setupOverPage(reader);
    const form = await formOf(c);
    const username = form.text("username");
    const password = form.raw("password");
    // A program that fills the form may leave the repetition out; a person never sees it missing.
    if (form.has("passwordAgain") && form.raw("passwordAgain") !== password)
      return setupPage(reader, {
        token,
        username,
        problems: new Map([["passwordAgain", problem.password_differs]]),
      });
    const result = await completeSetup(source, {
      token,
      username,
      password,
      id: settings.randomId(),
      nowMs: settings.now(),
      cost: settings.passwordCost,
    });
    if (!result.ok) {
      if (result.code === "setup_link_used") return setupOverPage(reader);
      const field = result.code.startsWith("username") ? "username" : "password";
      return setupPage(reader, { token, username, problems: new Map([[field, problem[result.code]]]) });
    }
    await enter(panel, c, result.user);
    return c.redirect("/", 303);
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
