/**
 * The set-up page behind the one-time link: the first admin.
 * Must not: work once an admin exists.
 */
import type { Context } from "hono";
import { completeSetup, setupLinkValid } from "../auth/first-admin.ts";
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from "../auth/password.ts";
import type { PanelParts } from "../context.ts";
import { plainPage } from "../page.tsx";
import { Field, type Problems } from "../parts/controls.tsx";
import { formOf, readerOf, requestOrigin, type Reader } from "../visit.ts";
import { expiredFormPage } from "./errors.tsx";
import { enter } from "./login.tsx";

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
