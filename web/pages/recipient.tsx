/**
 * What is done with one recipient: on, off, away.
 * Must not: remove without a page in between that says what is lost.
 */
import type { RecipientView } from "../source.ts";
import { done, type Visit } from "../visit.ts";
import { notFoundPage, refusedPage } from "./errors.tsx";
import { removalPage } from "./removal.tsx";

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
  const words = visit.texts.notifications;
  return removalPage(visit, {
    title: words.removeTitle(recipient.name),
    what: words.removeWhat,
    path: pathOf(recipient),
    back: "/notifications",
  });
}

export async function removeRecipient(visit: Visit): Promise<Response> {
  const recipient = recipientOf(visit);
  if (!recipient) return notFoundPage(visit);
  const result = await visit.panel.source.removeRecipient(recipient.id);
  return result.ok ? done(visit, "removed", "/notifications", true) : refusedPage(visit, result.code);
}
