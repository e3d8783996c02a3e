/**
 * `/api/v1/recipients`: who is told, and codes to link a chat.
 * Must not: hold rules of its own; they are rules.ts.
 */
import * as z from "zod";
import { deepLink } from "../pages/notifications.tsx";
import { linkCodeRules, recipientRules } from "../rules.ts";
import type { RecipientView } from "../source.ts";
import { jsonOf, listPage, listQuery, queryOf, type Call } from "./call.ts";
import { invalid, refused } from "./problem.ts";
import { recipientShape, timeShape } from "./shapes.ts";

function find({ panel }: Call, id: string): RecipientView | null {
  return panel.source.recipients().find((recipient) => recipient.id === id) ?? null;
}
function recipientOf(call: Call): RecipientView | Response {
  return find(call, call.c.req.param("id") ?? "") ?? refused(call.c, "recipient_not_found");
}
function answer(call: Call, id: string, status: 200 | 201): Response {
  const recipient = find(call, id);
  return recipient ? call.c.json(recipientShape(recipient), status) : refused(call.c, "recipient_not_found");
}

export function listRecipients(call: Call): Response {
  const query = queryOf(call, z.object(listQuery));
  return query instanceof Response
    ? query
    : listPage(call, call.panel.source.recipients(), query, recipientShape);
}

export function getRecipient(call: Call): Response {
  const recipient = recipientOf(call);
  return recipient instanceof Response ? recipient : call.c.json(recipientShape(recipient));
}

export async function createRecipient(call: Call): Promise<Response> {
  const { source } = call.panel;
  const json = await jsonOf(call);
  if (json instanceof Response) return json;
  const parsed = recipientRules.safeParse({ language: source.system().language, ...json });
  if (!parsed.success) return invalid(call.c, "invalid_body", parsed.error);
  const result = await source.saveRecipient(null, parsed.data);
  return result.ok ? answer(call, result.value, 201) : refused(call.c, result.code);
}

export async function changeRecipient(call: Call): Promise<Response> {
  const recipient = recipientOf(call);
  if (recipient instanceof Response) return recipient;
  const json = await jsonOf(call);
  if (json instanceof Response) return json;
  const parsed = recipientRules.safeParse({ ...recipient, ...json });
  if (!parsed.success) return invalid(call.c, "invalid_body", parsed.error);
  const result = await call.panel.source.saveRecipient(recipient.id, parsed.data);
  return result.ok ? answer(call, recipient.id, 200) : refused(call.c, result.code);
}

export async function deleteRecipient(call: Call): Promise<Response> {
  const recipient = recipientOf(call);
  if (recipient instanceof Response) return recipient;
  const result = await call.panel.source.removeRecipient(recipient.id);
  return result.ok ? call.c.body(null, 204) : refused(call.c, result.code);
}

export async function createLinkCode(call: Call): Promise<Response> {
  const { source } = call.panel;
  const json = await jsonOf(call);
  if (json instanceof Response) return json;
  const { language, telegram } = source.system();
  const parsed = linkCodeRules.safeParse({ language, ...json });
  if (!parsed.success) return invalid(call.c, "invalid_body", parsed.error);
  const result = await source.createLinkCode(parsed.data);
  if (!result.ok) return refused(call.c, result.code);
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
