/**
 * `/api/v1/recipients`: who is told, codes to link a chat, keys of webhooks, drills.
 * Must not: hold rules of its own (they are rules-telling.ts), or give out a secret but in the answer that made it.
 */
import * as z from "zod";
import { deepLink } from "../recipient-address.ts";
import { drillRules, linkCodeRules, recipientRules } from "../rules-telling.ts";
import type { RecipientView } from "../source-recipients.ts";
import { bodyOf, jsonOf, listPage, listQuery, queryOf, type Call } from "./call.ts";
import { invalid, refused } from "./problem.ts";
import { drillShape, recipientShape } from "./shapes-telling.ts";
import { timeShape } from "./shapes.ts";

/** What in a body a refusal of the collector is about. */
const references = { site_not_found: "siteIds", channel_fixed: "channel" };

function find({ panel }: Call, id: string): RecipientView | null {
  return panel.source.recipients().find((recipient) => recipient.id === id) ?? null;
}
function recipientOf(call: Call): RecipientView | Response {
  return find(call, call.c.req.param("id") ?? "") ?? refused(call.c, "recipient_not_found");
}

export function listRecipients(call: Call): Response {
  const query = queryOf(call, z.object(listQuery));
  return query instanceof Response
    ? query
    : listPage(call, call.panel.source.recipients(), query, (one) => recipientShape(one, call.role));
}

export function getRecipient(call: Call): Response {
  const recipient = recipientOf(call);
  return recipient instanceof Response ? recipient : call.c.json(recipientShape(recipient, call.role));
}

/** A webhook that brings no secret gets one made, which this answer alone shows. */
export async function createRecipient(call: Call): Promise<Response> {
  const { source } = call.panel;
  const json = await jsonOf(call);
  if (json instanceof Response) return json;
  const parsed = recipientRules.safeParse({ language: source.system().language, ...json });
  if (!parsed.success) return invalid(call.c, "invalid_body", parsed.error);
  const result = await source.saveRecipient(null, parsed.data);
  if (!result.ok) return refused(call.c, result.code, references);
  const { id, madeSecret } = result.value;
  const recipient = find(call, id);
  if (!recipient) return refused(call.c, "recipient_not_found");
  call.c.header("Location", `/api/v1/recipients/${encodeURIComponent(id)}`);
  const shape = recipientShape(recipient, call.role);
  return call.c.json(madeSecret === null ? shape : { ...shape, secret: madeSecret }, 201);
}

export async function changeRecipient(call: Call): Promise<Response> {
  const recipient = recipientOf(call);
  if (recipient instanceof Response) return recipient;
  const json = await jsonOf(call);
  if (json instanceof Response) return json;
  const parsed = recipientRules.safeParse({ ...recipient, ...json });
  if (!parsed.success) return invalid(call.c, "invalid_body", parsed.error);
  const result = await call.panel.source.saveRecipient(recipient.id, parsed.data);
  return result.ok ? getRecipient(call) : refused(call.c, result.code, references);
}

export async function deleteRecipient(call: Call): Promise<Response> {
  const recipient = recipientOf(call);
  if (recipient instanceof Response) return recipient;
  const result = await call.panel.source.removeRecipient(recipient.id);
  return result.ok ? call.c.body(null, 204) : refused(call.c, result.code);
}

/** A new key for a webhook: shown in this answer, and never again. */
export async function renewSecret(call: Call): Promise<Response> {
  const recipient = recipientOf(call);
  if (recipient instanceof Response) return recipient;
  const result = await call.panel.source.renewSecret(recipient.id);
  return result.ok ? call.c.json({ secret: result.value }) : refused(call.c, result.code);
}

export async function createLinkCode(call: Call): Promise<Response> {
  const { source } = call.panel;
  const json = await jsonOf(call);
  if (json instanceof Response) return json;
  const { language, telegram } = source.system();
  const parsed = linkCodeRules.safeParse({ language, ...json });
  if (!parsed.success) return invalid(call.c, "invalid_body", parsed.error);
  const result = await source.createLinkCode(parsed.data);
  if (!result.ok) return refused(call.c, result.code, references);
  const { code, expiresAtMs } = result.value;
  return call.c.json(
    {
      code,
      expiresAt: timeShape(expiresAtMs),
      deepLink: deepLink(telegram.botUsername, code),
      privateCommand: `/start ${code}`,
      groupCommand: `/link ${code}`,
    },
    201,
  );
}

// ── Drills ───────────────────────────────────────────────────────────────────────────────────────────

/** How the newest drill stands; `results` is empty when there was none. */
export function getDrill(call: Call): Response {
  return call.c.json(drillShape(call.panel.source.drills()));
}

/** To those named; without `recipientIds` to everybody for staff who is switched on. */
export async function startDrill(call: Call): Promise<Response> {
  const body = await bodyOf(call, drillRules);
  if (body instanceof Response) return body;
  const { source } = call.panel;
  const result = await source.startDrill(body.recipientIds ?? null, call.by);
  if (!result.ok) return refused(call.c, result.code, { recipient_not_found: "recipientIds" });
  return call.c.json(drillShape(source.drills()), 202);
}
