/**
 * Methods that answer what a person did: a press on a button, an inline query.
 * Must not: invent leniency; what the real server refuses is refused here with the same words.
 */
import {
  badRequest,
  flag,
  formatted,
  integer,
  structured,
  TEXT_LENGTH_MAX,
  textParameter,
  YES,
  type Method,
  type MethodContext,
} from "./call.ts";
import { NOT_JSON, readKeyboard } from "./keyboard.ts";
import { INLINE_KEPT_MS, PRESS_KEPT_MS, type InlineResult } from "./queries.ts";

const TOAST_LENGTH_MAX = 200;
const RESULTS_MAX = 50;
const RESULT_ID_BYTES_MAX = 64;
const OFFSET_BYTES_MAX = 64;
const CACHE_SECONDS_DEFAULT = 300;
const CACHE_SECONDS_MAX = 86_400;

const TOO_OLD = "query is too old and response timeout expired or query ID is invalid";

/** A bot that is no game may only lead to itself. */
function isOwnLink(url: string, context: MethodContext): boolean {
  const lower = url.toLowerCase();
  const name = context.bot.username.toLowerCase();
  return ["https://t.me/", "http://t.me/", "t.me/"].some((root) => lower.startsWith(`${root}${name}?start=`));
}

export const answerCallbackQuery: Method = (parameters, context) => {
  const press = context.queries.press(textParameter(parameters, "callback_query_id"));
  if (!press || press.answer || context.now() - press.atMs > PRESS_KEPT_MS) return badRequest(TOO_OLD);
  const text = textParameter(parameters, "text");
  if (text.length > TOAST_LENGTH_MAX) return badRequest("MESSAGE_TOO_LONG");
  const url = textParameter(parameters, "url");
  if (url !== "" && !isOwnLink(url, context)) return badRequest("URL_INVALID");
  const shown = { text, alert: flag(parameters, "show_alert"), url: url === "" ? null : url };
  press.answer = { atMs: context.now(), ...shown };
  const message = context.world.messages.find(
    ({ chatId, messageId }) => chatId === press.chatId && messageId === press.messageId,
  );
  if (message) {
    context.world.note(message, context.now(), { kind: "answered", pressId: press.id, ...shown });
  }
  return YES;
};

/** One result; a string is what cannot be parsed about it, or, in capitals, what the server refuses. */
function readResult(given: unknown): InlineResult | string {
  if (typeof given !== "object" || given === null) return "Inline query result must be an object";
  const fields = given as Readonly<Record<string, unknown>>;
  const field = (key: string) => {
    const value = fields[key];
    return typeof value === "string" ? value : typeof value === "number" ? String(value) : null;
  };
  const [type, id, title] = [field("type"), field("id"), field("title")];
  if (type === null) return `Can't find field "type"`;
  if (id === null) return `Can't find field "id"`;
  if (type.toLowerCase() !== "article") return `type "${type}" is unsupported for the inline query result`;
  const content = fields["input_message_content"] as
    { message_text?: unknown; parse_mode?: unknown } | undefined;
  const source = content ? content.message_text : fields["message_text"];
  if (typeof source !== "string") return `Can't find field "message_text"`;
  const text = formatted(source, typeof content?.parse_mode === "string" ? content.parse_mode : "");
  if (typeof text === "string") return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
  const keyboard = readKeyboard(fields["reply_markup"] ?? null);
  if (!keyboard.ok) return keyboard.description.replace(/^Bad Request: /, "").replace(/^c/, "C");
  if (title === null) return `Can't find field "title"`;
  return { id, title, description: field("description") ?? "", ...text, buttons: keyboard.buttons };
}

/** What the server finds wrong in results that could be parsed. */
function resultsProblem(results: readonly InlineResult[]): string | null {
  const seen = new Set<string>();
  for (const { id, title, text } of results) {
    if (id === "") return "RESULT_ID_EMPTY";
    if (Buffer.byteLength(id) > RESULT_ID_BYTES_MAX) return "RESULT_ID_INVALID";
    if (seen.has(id)) return "RESULT_ID_DUPLICATE";
    if (title.trim() === "") return "ARTICLE_TITLE_EMPTY";
    if (text === "") return "MESSAGE_EMPTY";
    if (text.length > TEXT_LENGTH_MAX) return "MESSAGE_TOO_LONG";
    seen.add(id);
  }
  return null;
}

export const answerInlineQuery: Method = (parameters, context) => {
  const given = structured(parameters, "results");
  if (given === NOT_JSON) return badRequest("can't parse JSON encoded inline query results");
  if (given !== null && !Array.isArray(given)) return badRequest("expected an Array of inline query results");
  const list = (given ?? []) as unknown[];
  if (list.length > RESULTS_MAX) return badRequest("too many inline query results specified");
  const results: InlineResult[] = [];
  for (const one of list) {
    const result = readResult(one);
    if (typeof result === "string") {
      const isServers = /^[A-Z_]+$/.test(result);
      return badRequest(isServers ? result : `can't parse inline query result: ${result}`);
    }
    results.push(result);
  }
  const query = context.queries.inlineQuery(textParameter(parameters, "inline_query_id"));
  const isOpen = query?.answer === null && context.now() - query.atMs <= INLINE_KEPT_MS;
  if (!query || !isOpen) return badRequest(TOO_OLD);
  const problem = resultsProblem(results);
  if (problem !== null) return badRequest(problem);
  const nextOffset = textParameter(parameters, "next_offset");
  if (Buffer.byteLength(nextOffset) > OFFSET_BYTES_MAX) return badRequest("NEXT_OFFSET_INVALID");
  const asked = integer(parameters, "cache_time") ?? CACHE_SECONDS_DEFAULT;
  query.answer = {
    atMs: context.now(),
    results,
    cacheSeconds: Math.min(Math.max(asked, 0), CACHE_SECONDS_MAX),
    isPersonal: flag(parameters, "is_personal"),
    nextOffset,
  };
  return YES;
};
