/**
 * The pages for what went wrong: what happened, what was kept, what to do.
 * Must not: show internals (an error's text may hold a path or a token).
 */
import type { StatusCode } from "hono/utils/http-status";
import type { Role } from "../auth/users.ts";
import { word } from "../i18n/language.ts";
import { plainPage } from "../page.tsx";
import type { Reader } from "../visit.ts";

function errorPage(reader: Reader, status: StatusCode, title: string, text: string): Promise<Response> {
  return plainPage(reader, {
    title,
    status,
    content: (
      <div class="narrow error-page">
        <h1>{title}</h1>
        <p>{text}</p>
        <p>
          <a class="button button-plain" href="/">
            {reader.texts.error.home}
          </a>
        </p>
      </div>
    ),
  });
}

export function notFoundPage(reader: Reader): Promise<Response> {
  return errorPage(reader, 404, reader.texts.error.notFoundTitle, reader.texts.error.notFound);
}
export function forbiddenPage(reader: Reader, role: Role): Promise<Response> {
  return errorPage(
    reader,
    403,
    reader.texts.error.forbiddenTitle,
    reader.texts.error.forbidden(reader.texts.role[role]),
  );
}
export function expiredFormPage(reader: Reader): Promise<Response> {
  return errorPage(reader, 403, reader.texts.error.formTitle, reader.texts.error.form);
}
export function brokenPage(reader: Reader): Promise<Response> {
  return errorPage(reader, 500, reader.texts.error.brokenTitle, reader.texts.error.broken);
}
export function tooLargePage(reader: Reader): Promise<Response> {
  return errorPage(reader, 413, reader.texts.error.tooLargeTitle, reader.texts.error.tooLarge);
}
/** The collector said no to a plain button. */
export function refusedPage(reader: Reader, code: string): Promise<Response> {
  const status: StatusCode = code.endsWith("_not_found") ? 404 : code === "store_failing" ? 503 : 409;
  return errorPage(reader, status, reader.texts.error.storeTitle, refusalText(reader, code));
}
export function refusalText(reader: Reader, code: string): string {
  const { refusal } = reader.texts;
  return Object.hasOwn(refusal, code) ? word(refusal, code) : refusal.unknown;
}
