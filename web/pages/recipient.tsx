/**
 * What is done with one recipient: on, off, away.
 * Must not: remove without a page in between that says what is lost.
 */
import { page } from "../page.tsx";
import { Csrf } from "../parts/controls.tsx";
import type { RecipientView } from "../source.ts";
import { done, type Visit } from "../visit.ts";
import { notFoundPage, refusedPage } from "./errors.tsx";

const pathOf = (recipient: RecipientView) => `/notifications/${encodeURIComponent(recipient.id)}`;

function recipientOf(visit: Visit): RecipientView | null {
  const id = visit.c.req.param("id");
  return visit.panel.source.recipients().find((recipient) => recipient.id === id) ?? null;
}

async function setEnabled(visit: Visit, enabled: boolean): Promise<Response> {
  const recipient = recipientOf(visit);
  if (!recipient) return notFoundPage(visit);
  const { channel, address, name, language } = recipient;
  const input = { channel, address, name, language, enabled };
  const saved = await visit.panel.source.saveRecipient(recipient.id, input);
  if (!saved.ok) return refusedPage(visit, saved.code);
  return done(visit, enabled ? "enabled" : "disabled", "/notifications", true);
}

export function enableRecipient(visit: Visit): Promise<Response> {
  return setEnabled(visit, true);
}
export function disableRecipient(visit: Visit): Promise<Response> {
  return setEnabled(visit, false);
}

export function showRemoveRecipient(visit: Visit): Promise<Response> {
  const recipient = recipientOf(visit);
  if (!recipient) return notFoundPage(visit);
  const { texts } = visit;
  const title = texts.notifications.removeTitle(recipient.name);
  return page(visit, {
    title,
    content: (
      <div class="narrow">
        <h1>{title}</h1>
        <p>{texts.notifications.removeWhat}</p>
        <form class="form" method="post" action={`${pathOf(recipient)}/remove`}>
          <Csrf token={visit.csrf} />
          <div class="actions">
            <button type="submit" class="button button-danger">
              {texts.common.remove}
            </button>
            <a class="button button-plain" href="/notifications">
              {texts.common.cancel}
            </a>
          </div>
        </form>
      </div>
    ),
  });
}

export async function removeRecipient(visit: Visit): Promise<Response> {
  const recipient = recipientOf(visit);
  if (!recipient) return notFoundPage(visit);
  const result = await visit.panel.source.removeRecipient(recipient.id);
  return result.ok ? done(visit, "removed", "/notifications", true) : refusedPage(visit, result.code);
}
