/**
 * Errors of the JSON API: problem+json with a stable `code`, and one entry for each wrong field.
 * Why codes: programs branch on them; the sentences may change.
 * Must not: carry internals.
 */
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type * as z from "zod";
import { en } from "../i18n/en.ts";
import { word } from "../i18n/language.ts";
import { issueSentence } from "../problems.ts";

export interface FieldError {
  /** Dotted path in the body, or the name of the query parameter. */
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

const titles = {
  invalid_json: [400, "The body is not JSON."],
  invalid_query: [400, "A query parameter is wrong."],
  invalid_cursor: [400, "The cursor is not one of this list."],
  unauthorized: [401, "A valid token or session is needed."],
  forbidden: [403, "This token or user may not do this."],
  cross_site: [403, "A session may only be used by the panel's own pages."],
  not_found: [404, "There is nothing at this address."],
  body_too_large: [413, "The body is too large."],
  invalid_body: [422, "Some fields are wrong."],
  too_many_connections: [503, "Too many event streams are open."],
  internal_error: [500, "Something went wrong in the collector."],
} as const satisfies Readonly<Record<string, readonly [ContentfulStatusCode, string]>>;
export type ProblemCode = keyof typeof titles;

function send(
  c: Context,
  status: ContentfulStatusCode,
  code: string,
  detail: string,
  errors: readonly FieldError[] = [],
): Response {
  const body = { type: "about:blank", title: detail, status, code, errors };
  return c.body(JSON.stringify(body), status, { "Content-Type": "application/problem+json" });
}

export function problem(c: Context, code: ProblemCode, errors: readonly FieldError[] = []): Response {
  const [status, title] = titles[code];
  return send(c, status, code, title, errors);
}

/** A body or query that breaks the rules. */
export function invalid(c: Context, code: "invalid_body" | "invalid_query", error: z.ZodError): Response {
  const errors = error.issues.map((issue) => {
    const rule = /^rule:(\w+)$/.exec(issue.message)?.[1];
    return {
      field: issue.path.join("."),
      code: rule ? rule.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : issue.code,
      message: rule ? issueSentence(en, issue) : issue.message,
    };
  });
  return problem(c, code, errors);
}

/** Which field of a body a refusal is about; those that are about the path are 404 instead. */
const refusedFields: Readonly<Record<string, string>> = {
  down_after_too_short: "downAfterSeconds",
  recipient_exists: "address",
};

/** The collector said no. `code` is its own stable word. */
export function refused(c: Context, code: string, inBody: Readonly<Record<string, string>> = {}): Response {
  const sentence = Object.hasOwn(en.refusal, code) ? word(en.refusal, code) : en.refusal.unknown;
  const field = inBody[code] ?? refusedFields[code];
  const errors = field === undefined ? [] : [{ field, code, message: sentence }];
  if (code === "store_failing") return send(c, 503, code, sentence);
  if (code in inBody || code === "down_after_too_short") return send(c, 422, code, sentence, errors);
  return send(c, code.endsWith("_not_found") ? 404 : 409, code, sentence, errors);
}
