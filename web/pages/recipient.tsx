/**
 * One recipient: all it wishes, whether it is reached, its key; and what is done with it: on, off, tested, away.
 * Must not: remove without a page in between that says what is lost, or show a key but once, when it is made.
 */
import { roleIncludes } from "../auth/users.ts";
import { word } from "../i18n/language.ts";
import { page } from "../page.tsx";
import { ActButton, ProblemList, type Problems } from "../parts/controls.tsx";
import { Facts } from "../parts/facts.tsx";
import { MadeKey } from "../parts/made-key.tsx";
import { DrillResult, languageName, recipientPath, RecipientState } from "../parts/recipient-card.tsx";
import {
  RecipientForm,
  recipientInputOf,
  recipientLabels,
  recipientProblems,
  typedRecipient,
  valuesOfRecipient,
  type RecipientValues,
} from "../parts/recipient-form.tsx";
import { wishWords } from "../parts/recipient-words.ts";
import { problemsOf } from "../problems.ts";
import { shownAddress } from "../recipient-address.ts";
import { recipientRules } from "../rules-telling.ts";
import type { Html, Scene } from "../scene.ts";
import type { RecipientInput, RecipientView } from "../source-recipients.ts";
import { done, type Visit } from "../visit.ts";
import { notFoundPage, refusalText, refusedPage } from "./errors.tsx";
import { removalPage } from "./removal.tsx";

function recipientOf(visit: Visit): RecipientView | null {
  const id = visit.c.req.param("id");
  return visit.panel.source.recipients().find((recipient) => recipient.id === id) ?? null;
}

/** What can be done at once, and how it stands. */
function Side({ scene, recipient }: { readonly scene: Scene; readonly recipient: RecipientView }): Html {
  const { texts } = scene;
  const { recipient: words, notifications, drill, common } = texts;
  const path = recipientPath(recipient);
  const drilled = scene.source.drills().find(({ recipientId }) => recipientId === recipient.id);
  const mayEdit = roleIncludes(scene.role, "admin");
  return (
    <div>
      <section class="panel" aria-labelledby="recipient-state">
        <h2 id="recipient-state">{words.state}</h2>
        <RecipientState scene={scene} recipient={recipient} />
        {drilled ? <DrillResult scene={scene} row={drilled} /> : null}
        {mayEdit ? (
          <div class="actions">
            {recipient.enabled ? <ActButton action={`${path}/drill`}>{drill.send}</ActButton> : null}
            <ActButton action={`${path}/${recipient.enabled ? "disable" : "enable"}`}>
              {recipient.enabled ? notifications.disable : notifications.enable}
            </ActButton>
            <a class="button button-danger" href={`${path}/remove`}>
              {common.remove}…
            </a>
          </div>
        ) : null}
      </section>
      {recipient.channel === "webhook" ? (
        <section class="panel" aria-labelledby="recipient-key">
          <h2 id="recipient-key">{words.key}</h2>
          <p>{recipient.hasSecret ? words.keyThere : words.keyMissing}</p>
          {mayEdit ? (
            <>
              {recipient.hasSecret ? <p class="quiet small">{words.keyRenewHint}</p> : null}
              <div class="actions">
                <ActButton action={`${path}/secret`}>{words.keyRenew}</ActButton>
              </div>
            </>
          ) : null}
        </section>
      ) : null}
    </div>
  );
}

/** For those who may only read. */
function Wishes({ scene, recipient }: { readonly scene: Scene; readonly recipient: RecipientView }): Html {
  const { recipient: words, addRecipient, notifications } = scene.texts;
  return (
    <section class="panel" aria-labelledby="recipient-wishes">
      <h2 id="recipient-wishes">{words.content}</h2>
      <Facts
        rows={[
          [addRecipient.channel, word(scene.texts.channel, recipient.channel)],
          [words.address, shownAddress(recipient, scene.role)],
          [words.audience, recipient.audience === "users" ? notifications.users : notifications.staff],
          [words.language, languageName(recipient.language)],
          [words.content, wishWords(scene, recipient).join(" · ")],
        ]}
      />
    </section>
  );
}

function recipientPage(
  visit: Visit,
  recipient: RecipientView,
  state: {
    readonly values?: RecipientValues;
    readonly problems?: Problems;
    readonly madeSecret?: string;
  } = {},
): Promise<Response> {
  const { texts, scene } = visit;
  const { problems, madeSecret } = state;
  return page(visit, {
    title: recipient.name,
    status: problems ? 422 : 200,
    content: (
      <>
        <div class="page-head">
          <h1>{recipient.name}</h1>
          <p class="quiet">{word(texts.channel, recipient.channel)}</p>
        </div>
        {madeSecret === undefined ? null : <MadeKey texts={texts} secret={madeSecret} />}
        <ProblemList texts={texts} problems={problems} labels={recipientLabels(texts)} />
        <div class="columns columns-wide-left">
          {roleIncludes(scene.role, "admin") ? (
            <RecipientForm
              visit={visit}
              recipient={recipient}
              values={state.values ?? valuesOfRecipient(recipient)}
              problems={problems}
              path={recipientPath(recipient)}
            />
          ) : (
            <Wishes scene={scene} recipient={recipient} />
          )}
          <Side scene={scene} recipient={recipient} />
        </div>
      </>
    ),
  });
}

export function showRecipient(visit: Visit): Promise<Response> {
  const recipient = recipientOf(visit);
  return recipient ? recipientPage(visit, recipient) : notFoundPage(visit);
}

/** Which field a refusal of the collector is about. */
const refusedFields: Readonly<Record<string, string>> = {
  recipient_exists: "address",
  site_not_found: "siteIds",
};

export async function editRecipient(visit: Visit): Promise<Response> {
  const recipient = recipientOf(visit);
  if (!recipient) return notFoundPage(visit);
  const values = typedRecipient(visit.form);
  const parsed = recipientRules.safeParse(recipientInputOf(recipient, values));
  if (!parsed.success) {
    const problems = recipientProblems(problemsOf(visit.texts, parsed.error));
    return recipientPage(visit, recipient, { values, problems });
  }
  const saved = await visit.panel.source.saveRecipient(recipient.id, parsed.data);
  if (saved.ok) return done(visit, "saved", recipientPath(recipient), true);
  const problems = new Map([[refusedFields[saved.code] ?? "", refusalText(visit, saved.code)]]);
  return recipientPage(visit, recipient, { values, problems });
}

// ── At once ──────────────────────────────────────────────────────────────────────────────────────────

async function setEnabled(visit: Visit, enabled: boolean): Promise<Response> {
  const recipient = recipientOf(visit);
  if (!recipient) return notFoundPage(visit);
  const { id, disabledReason: _, hasSecret: __, ...wishes } = recipient;
  const input: RecipientInput = { ...wishes, enabled };
  const saved = await visit.panel.source.saveRecipient(id, input);
  if (!saved.ok) return refusedPage(visit, saved.code);
  return done(visit, enabled ? "enabled" : "disabled", "/notifications");
}

export function enableRecipient(visit: Visit): Promise<Response> {
  return setEnabled(visit, true);
}
export function disableRecipient(visit: Visit): Promise<Response> {
  return setEnabled(visit, false);
}

export async function drillRecipient(visit: Visit): Promise<Response> {
  const recipient = recipientOf(visit);
  if (!recipient) return notFoundPage(visit);
  const result = await visit.panel.source.startDrill([recipient.id], visit.session.user.username);
  // The list lives: there the result comes by itself.
  return result.ok ? done(visit, "drilled", "/notifications", true) : refusedPage(visit, result.code);
}

export async function renewSecret(visit: Visit): Promise<Response> {
  const recipient = recipientOf(visit);
  if (!recipient) return notFoundPage(visit);
  const result = await visit.panel.source.renewSecret(recipient.id);
  if (!result.ok) return refusedPage(visit, result.code);
  return recipientPage(visit, recipientOf(visit) ?? recipient, { madeSecret: result.value });
}

export function showRemoveRecipient(visit: Visit): Promise<Response> {
  const recipient = recipientOf(visit);
  if (!recipient) return notFoundPage(visit);
  const words = visit.texts.notifications;
  return removalPage(visit, {
    title: words.removeTitle(recipient.name),
    what: words.removeWhat,
    path: recipientPath(recipient),
  });
}

export async function removeRecipient(visit: Visit): Promise<Response> {
  const recipient = recipientOf(visit);
  if (!recipient) return notFoundPage(visit);
  const result = await visit.panel.source.removeRecipient(recipient.id);
  return result.ok ? done(visit, "removed", "/notifications", true) : refusedPage(visit, result.code);
}
