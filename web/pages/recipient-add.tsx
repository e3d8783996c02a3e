/**
 * A new recipient: a Telegram chat by a one-time code, or an address of a webhook, an ntfy topic, a chat.
 * Must not: show a link code or a key twice.
 */
import { page } from "../page.tsx";
import { Csrf, Command, ProblemList, type Problems } from "../parts/controls.tsx";
import { formFields, namedChoices, typedValues } from "../parts/form-fields.tsx";
import { MadeKey } from "../parts/made-key.tsx";
import { QrCode } from "../parts/qr-code.tsx";
import { audienceChoices, channelChoices, languageChoices } from "../parts/recipient-choices.ts";
import { TickList } from "../parts/tick-list.tsx";
import { At } from "../parts/time.tsx";
import { problemsOf } from "../problems.ts";
import { deepLink } from "../recipient-address.ts";
import { ruleLimits } from "../rule-parts.ts";
import { linkCodeRules, recipientRules } from "../rules-telling.ts";
import type { Html } from "../scene.ts";
import { done, type Visit } from "../visit.ts";
import { refusalText } from "./errors.tsx";
import { notificationsView, Recipients } from "./notifications.tsx";

interface LinkCode {
  readonly name: string;
  readonly code: string;
  readonly expiresAtMs: number;
}

const linkFields = ["linkName", "linkLanguage", "linkAudience"] as const;

function LinkForm({ visit, problems }: FormProps): Html {
  const { texts, scene } = visit;
  const { addRecipient: words } = texts;
  const typed = typedValues(visit.form, linkFields);
  const { field, select } = formFields(
    { ...typed, linkLanguage: typed.linkLanguage || scene.look.system.language },
    problems,
  );
  return (
    <section class="panel" aria-labelledby="link-title">
      <h2 id="link-title">{words.link}</h2>
      <p>{words.linkHint}</p>
      <form class="form" method="post" action="/notifications/link" novalidate>
        <Csrf token={visit.csrf} />
        {field("linkName", words.name, {
          hint: words.nameHint,
          required: true,
          maxlength: ruleLimits.nameLength,
        })}
        {select("linkLanguage", words.language, languageChoices)}
        {select("linkAudience", words.audience, audienceChoices(texts))}
        <SitesOfUsers visit={visit} name="linkSiteIds" problems={problems} />
        <div class="actions">
          <button type="submit" class="button button-primary">
            {words.createCode}
          </button>
        </div>
      </form>
    </section>
  );
}

interface FormProps {
  readonly visit: Visit;
  readonly problems: Problems | undefined;
}

/** Shown when users are chosen; the stylesheet hides it otherwise. */
function SitesOfUsers({ visit, name, problems }: FormProps & { readonly name: string }): Html | null {
  const { addRecipient: words } = visit.texts;
  if (visit.scene.look.sites.length === 0) return null;
  return (
    <div class="only-users">
      <TickList
        name={name}
        legend={words.sites}
        hint={words.sitesHint}
        choices={namedChoices(visit.scene.look.sites)}
        chosen={visit.form.list(name)}
        problems={problems}
      />
    </div>
  );
}

const directFields = ["channel", "address", "name", "language", "audience", "token"] as const;

function DirectForm({ visit, problems }: FormProps): Html {
  const { texts, scene } = visit;
  const { addRecipient: words } = texts;
  const typed = typedValues(visit.form, directFields);
  const { field, select } = formFields(
    {
      ...typed,
      channel: typed.channel || "webhook",
      language: typed.language || scene.look.system.language,
    },
    problems,
  );
  return (
    <section class="panel" aria-labelledby="direct-title">
      <h2 id="direct-title">{words.direct}</h2>
      <p>{words.directHint}</p>
      <form class="form" method="post" action="/notifications/add" novalidate>
        <Csrf token={visit.csrf} />
        {select("channel", words.channel, channelChoices(texts))}
        {field("address", words.address, {
          hint: words.addressHint,
          required: true,
          maxlength: ruleLimits.receiverUrlLength,
        })}
        <div class="only-ntfy">
          {field("token", `${words.token} (${texts.common.optional})`, {
            hint: words.tokenHint,
            maxlength: ruleLimits.tokenLength,
          })}
        </div>
        {field("name", words.name, { required: true, maxlength: ruleLimits.nameLength })}
        {select("language", words.language, languageChoices)}
        {select("audience", words.audience, audienceChoices(texts))}
        <SitesOfUsers visit={visit} name="siteIds" problems={problems} />
        <div class="actions">
          <button type="submit" class="button button-plain">
            {words.save}
          </button>
        </div>
      </form>
    </section>
  );
}

function CodeResult({ visit, link }: { readonly visit: Visit; readonly link: LinkCode }): Html {
  const { texts, scene } = visit;
  const { addRecipient: words } = texts;
  const url = deepLink(scene.look.system.telegram.botUsername, link.code);
  return (
    <section class="panel link-code" aria-labelledby="code-title">
      <h2 id="code-title">{words.codeTitle}</h2>
      <p>
        <strong>{words.codeFor(link.name)}</strong>
        <span class="line quiet">
          {words.codeValid} <At scene={scene} atMs={link.expiresAtMs} />
        </span>
      </p>
      <h3>{words.codePrivate}</h3>
      {url === null ? (
        <Command label={words.codePrivateUnknown} text={`/start ${link.code}`} texts={texts} />
      ) : (
        <>
          <p>
            {words.codePrivateHow}{" "}
            <a class="code" href={url} rel="noreferrer" target="_blank">
              {url}
            </a>
          </p>
          <QrCode text={url} label={words.codeQr} />
        </>
      )}
      <h3>{words.codeGroup}</h3>
      <Command label={words.codeGroupHow} text={`/link ${link.code}`} texts={texts} />
      <p class="quiet">{words.codeWait}</p>
    </section>
  );
}

function addPage(visit: Visit, problems?: Problems): Promise<Response> {
  const { texts } = visit;
  const { addRecipient: words } = texts;
  return page(visit, {
    title: words.title,
    status: problems ? 422 : 200,
    content: (
      <>
        <div class="page-head">
          <h1>{words.title}</h1>
        </div>
        <p class="lead">{words.lead}</p>
        <ProblemList
          texts={texts}
          problems={problems}
          labels={{
            ...words,
            linkName: words.name,
            linkLanguage: words.language,
            linkAudience: words.audience,
            linkSiteIds: words.sites,
            siteIds: words.sites,
          }}
        />
        <div class="columns">
          <LinkForm visit={visit} problems={problems} />
          <DirectForm visit={visit} problems={problems} />
        </div>
      </>
    ),
  });
}

/** What was made and is shown only now; of a code with the list beside it, which shows when the chat comes. */
function madePage(
  visit: Visit,
  made: { readonly title: string; readonly content: Html; readonly waits: boolean },
): Promise<Response> {
  return page(visit, {
    title: made.title,
    ...(made.waits ? { view: notificationsView, viewPath: "/notifications" } : {}),
    content: (
      <>
        <div class="page-head">
          <h1>{made.title}</h1>
          <a class="button button-plain" href="/notifications">
            {visit.texts.addRecipient.back}
          </a>
        </div>
        <div class="columns">
          {made.content}
          {made.waits ? <Recipients scene={visit.scene} /> : null}
        </div>
      </>
    ),
  });
}

export function showAddRecipient(visit: Visit): Promise<Response> {
  return addPage(visit);
}

/** A field of the rules → the field of this form. */
const linkNames: Readonly<Record<string, string>> = {
  name: "linkName",
  language: "linkLanguage",
  audience: "linkAudience",
  siteIds: "linkSiteIds",
};

export async function linkChat(visit: Visit): Promise<Response> {
  const { form, texts } = visit;
  const audience = form.text("linkAudience") || "staff";
  const parsed = linkCodeRules.safeParse({
    name: form.text("linkName"),
    language: form.text("linkLanguage"),
    audience,
    siteIds: audience === "users" ? form.list("linkSiteIds") : [],
  });
  if (!parsed.success) {
    const problems = problemsOf(texts, parsed.error);
    return addPage(visit, new Map([...problems].map(([field, text]) => [linkNames[field] ?? field, text])));
  }
  const created = await visit.panel.source.createLinkCode(parsed.data);
  if (!created.ok) {
    const field = created.code === "site_not_found" ? "linkSiteIds" : "";
    return addPage(visit, new Map([[field, refusalText(visit, created.code)]]));
  }
  const link = { name: parsed.data.name, ...created.value };
  const content = <CodeResult visit={visit} link={link} />;
  return madePage(visit, { title: texts.addRecipient.title, content, waits: true });
}

/** Which field a refusal of the collector is about. */
const refusedFields: Readonly<Record<string, string>> = {
  recipient_exists: "address",
  site_not_found: "siteIds",
};

export async function addRecipient(visit: Visit): Promise<Response> {
  const { form, texts } = visit;
  const typed = typedValues(form, directFields);
  const { channel, address, name, language, token } = typed;
  const audience = typed.audience || "staff";
  const parsed = recipientRules.safeParse({
    channel: channel || "telegram",
    address,
    name,
    language,
    audience,
    siteIds: audience === "users" ? form.list("siteIds") : [],
    ...(channel === "ntfy" && token !== "" ? { secret: token } : {}),
  });
  if (!parsed.success) {
    const problems = problemsOf(texts, parsed.error, directFields);
    return addPage(
      visit,
      new Map([...problems].map(([field, text]) => [field === "secret" ? "token" : field, text])),
    );
  }
  const saved = await visit.panel.source.saveRecipient(null, parsed.data);
  if (!saved.ok)
    return addPage(visit, new Map([[refusedFields[saved.code] ?? "", refusalText(visit, saved.code)]]));
  const { madeSecret } = saved.value;
  if (madeSecret === null) return done(visit, "added", "/notifications", true);
  const content = <MadeKey texts={texts} secret={madeSecret} />;
  return madePage(visit, { title: parsed.data.name, content, waits: false });
}
