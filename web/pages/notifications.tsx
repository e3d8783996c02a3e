/**
 * Who is told: recipients, linking a chat, and how Telegram is.
 * Must not: show a link code twice.
 */
import { roleIncludes } from "../auth/users.ts";
import { word } from "../i18n/language.ts";
import { page } from "../page.tsx";
import { ActButton, Command, Csrf, Empty, ProblemList, type Problems } from "../parts/controls.tsx";
import { formFields, typedValues } from "../parts/form-fields.tsx";
import { Fragment } from "../parts/fragment.tsx";
import { TelegramState } from "../parts/telegram-state.tsx";
import { At } from "../parts/time.tsx";
import { problemsOf } from "../problems.ts";
import { linkCodeRules, recipientRules, ruleLimits } from "../rules.ts";
import type { Html, Scene, View } from "../scene.ts";
import type { RecipientView } from "../source.ts";
import { done, type Visit } from "../visit.ts";
import { refusalText } from "./errors.tsx";

const pathOf = (recipient: RecipientView) => `/notifications/${encodeURIComponent(recipient.id)}`;

function Telegram({ scene }: { readonly scene: Scene }): Html {
  return (
    <Fragment name="telegram">
      <section class="panel" aria-labelledby="telegram-title">
        <h2 id="telegram-title">{scene.texts.notifications.telegramState}</h2>
        <TelegramState scene={scene} />
      </section>
    </Fragment>
  );
}

function Recipients({ scene }: { readonly scene: Scene }): Html {
  const { texts } = scene;
  const { notifications } = texts;
  const recipients = scene.source.recipients();
  const mayEdit = roleIncludes(scene.role, "admin");
  return (
    <Fragment name="recipients">
      <section class="panel" aria-labelledby="recipients-title">
        <h2 id="recipients-title">{notifications.recipients}</h2>
        {recipients.length === 0 ? (
          <Empty title={notifications.empty} hint={notifications.emptyHint} />
        ) : (
          <ul class="rows">
            {recipients.map((recipient) => (
              <li class={recipient.enabled ? "" : "is-off"}>
                <div>
                  <strong>{recipient.name}</strong>
                  <span class="line quiet">
                    {word(texts.channel, recipient.channel)} {recipient.address} ·{" "}
                    {recipient.language === "en" ? "English" : "Bahasa Indonesia"}
                  </span>
                  <span class={`line ${recipient.enabled ? "good" : "problem"}`}>
                    {recipient.enabled
                      ? notifications.active
                      : recipient.disabledReason === null
                        ? notifications.inactive
                        : notifications.disabledBecause(recipient.disabledReason)}
                  </span>
                </div>
                {mayEdit ? (
                  <div class="actions">
                    <ActButton
                      action={`${pathOf(recipient)}/${recipient.enabled ? "disable" : "enable"}`}
                      label={`${recipient.enabled ? notifications.disable : notifications.enable}: ${recipient.name}`}
                    >
                      {recipient.enabled ? notifications.disable : notifications.enable}
                    </ActButton>
                    <a
                      class="button button-danger"
                      href={`${pathOf(recipient)}/remove`}
                      aria-label={`${texts.common.remove}: ${recipient.name}`}
                    >
                      {texts.common.remove}…
                    </a>
                  </div>
                ) : null}
              </li>
            ))}
          </ul>
        )}
      </section>
    </Fragment>
  );
}

export const notificationsView: View = {
  key: "notifications",
  names: ["telegram", "recipients"],
  periodic: ["telegram"],
  touched: (change) => (change.topic === "recipient" ? ["recipients"] : []),
  draw: (name, scene) => (name === "telegram" ? <Telegram scene={scene} /> : <Recipients scene={scene} />),
};

const languageChoices = [
  { value: "id", label: "Bahasa Indonesia" },
  { value: "en", label: "English" },
];

interface LinkCode {
  readonly name: string;
  readonly code: string;
  readonly expiresAtMs: number;
}

function LinkForm({
  visit,
  problems,
}: {
  readonly visit: Visit;
  readonly problems: Problems | undefined;
}): Html {
  const { texts, scene } = visit;
  const { notifications } = texts;
  const typed = typedValues(visit.form, ["linkName", "linkLanguage"]);
  const { field, select } = formFields(
    { ...typed, linkLanguage: typed.linkLanguage || scene.look.system.language },
    problems,
  );
  return (
    <section class="panel" aria-labelledby="link-title">
      <h2 id="link-title">{notifications.link}</h2>
      <p>{notifications.linkHint}</p>
      <form class="form" method="post" action="/notifications/link" novalidate>
        <Csrf token={visit.csrf} />
        {field("linkName", notifications.linkName, {
          hint: notifications.linkNameHint,
          required: true,
          maxlength: ruleLimits.nameLength,
        })}
        {select("linkLanguage", notifications.language, languageChoices)}
        <div class="actions">
          <button type="submit" class="button button-primary">
            {notifications.createCode}
          </button>
        </div>
      </form>
    </section>
  );
}

function DirectForm({
  visit,
  problems,
}: {
  readonly visit: Visit;
  readonly problems: Problems | undefined;
}): Html {
  const { texts, scene } = visit;
  const { notifications } = texts;
  const typed = typedValues(visit.form, ["address", "name", "language"]);
  const { field, select } = formFields(
    { ...typed, language: typed.language || scene.look.system.language },
    problems,
  );
  return (
    <section class="panel" aria-labelledby="direct-title">
      <h2 id="direct-title">{notifications.direct}</h2>
      <p>{notifications.directHint}</p>
      <form class="form" method="post" action="/notifications/add" novalidate>
        <Csrf token={visit.csrf} />
        {field("address", notifications.chatId, { required: true, maxlength: 32 })}
        {field("name", notifications.name, { required: true, maxlength: ruleLimits.nameLength })}
        {select("language", notifications.language, languageChoices)}
        <div class="actions">
          <button type="submit" class="button button-plain">
            {notifications.add}
          </button>
        </div>
      </form>
    </section>
  );
}

/** The address that opens the bot and sends it the code; null while the bot's name is not known. */
export function deepLink(botUsername: string | null, code: string): string | null {
  if (botUsername === null || !/^[A-Za-z0-9_]{3,64}$/.test(botUsername)) return null;
  return `https://t.me/${botUsername}?start=${encodeURIComponent(code)}`;
}

function CodeResult({ visit, link }: { readonly visit: Visit; readonly link: LinkCode }): Html {
  const { texts, scene } = visit;
  const { notifications } = texts;
  const url = deepLink(scene.look.system.telegram.botUsername, link.code);
  return (
    <section class="panel link-code" aria-labelledby="code-title">
      <h2 id="code-title">{notifications.codeTitle}</h2>
      <p>
        <strong>{notifications.codeFor(link.name)}</strong>{" "}
        <span class="quiet">
          {notifications.codeValid} <At scene={scene} atMs={link.expiresAtMs} />
        </span>
      </p>
      <h3>{notifications.codePrivate}</h3>
      {url === null ? (
        <Command label={notifications.codePrivateUnknown} text={`/start ${link.code}`} texts={texts} />
      ) : (
        <p>
          {notifications.codePrivateHow}{" "}
          <a class="code" href={url} rel="noreferrer" target="_blank">
            {url}
          </a>
        </p>
      )}
      <h3>{notifications.codeGroup}</h3>
      <Command label={notifications.codeGroupHow} text={`/link ${link.code}`} texts={texts} />
      <p class="quiet">{notifications.codeWait}</p>
    </section>
  );
}

function notificationsPage(
  visit: Visit,
  state: { readonly problems?: Problems; readonly link?: LinkCode },
): Promise<Response> {
  const { texts, scene } = visit;
  const { notifications } = texts;
  return page(visit, {
    title: notifications.title,
    status: state.problems ? 422 : 200,
    view: notificationsView,
    viewPath: "/notifications",
    content: (
      <>
        <div class="page-head">
          <h1>{notifications.title}</h1>
        </div>
        <p class="lead">{notifications.lead}</p>
        <ProblemList
          texts={texts}
          problems={state.problems}
          labels={{
            linkName: notifications.linkName,
            linkLanguage: notifications.language,
            address: notifications.chatId,
            name: notifications.name,
            language: notifications.language,
          }}
        />
        <div class="columns">
          <div>
            {state.link ? <CodeResult visit={visit} link={state.link} /> : null}
            <Recipients scene={scene} />
            <Telegram scene={scene} />
          </div>
          {roleIncludes(scene.role, "admin") ? (
            <div>
              <LinkForm visit={visit} problems={state.problems} />
              <DirectForm visit={visit} problems={state.problems} />
            </div>
          ) : null}
        </div>
      </>
    ),
  });
}

export function showNotifications(visit: Visit): Promise<Response> {
  return notificationsPage(visit, {});
}

export async function linkChat(visit: Visit): Promise<Response> {
  const { form, texts } = visit;
  const parsed = linkCodeRules.safeParse({
    name: form.text("linkName"),
    language: form.text("linkLanguage"),
  });
  if (!parsed.success) {
    const problems = problemsOf(texts, parsed.error);
    const names = { name: "linkName", language: "linkLanguage" } as Readonly<Record<string, string>>;
    return notificationsPage(visit, {
      problems: new Map([...problems].map(([field, text]) => [names[field] ?? field, text])),
    });
  }
  const created = await visit.panel.source.createLinkCode(parsed.data);
  if (!created.ok)
    return notificationsPage(visit, { problems: new Map([["", refusalText(visit, created.code)]]) });
  return notificationsPage(visit, { link: { name: parsed.data.name, ...created.value } });
}

export async function addRecipient(visit: Visit): Promise<Response> {
  const { form, texts } = visit;
  const parsed = recipientRules.safeParse({
    address: form.text("address"),
    name: form.text("name"),
    language: form.text("language"),
  });
  if (!parsed.success) return notificationsPage(visit, { problems: problemsOf(texts, parsed.error) });
  const saved = await visit.panel.source.saveRecipient(null, parsed.data);
  if (!saved.ok) {
    const field = saved.code === "recipient_exists" ? "address" : "";
    return notificationsPage(visit, { problems: new Map([[field, refusalText(visit, saved.code)]]) });
  }
  return done(visit, "added", "/notifications", true);
}
