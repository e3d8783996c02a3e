/**
 * Inline keyboards as the Bot API reads them, and refuses them.
 * Must not: know messages.
 */
import type { Button } from "./world.ts";

export type Keyboard =
  | { readonly ok: true; readonly buttons: readonly (readonly Button[])[] }
  | { readonly ok: false; readonly description: string };

/** What stands for a parameter that is no JSON; the real server has a sentence of its own for it. */
export const NOT_JSON = Symbol("not JSON");

const CALLBACK_DATA_BYTES_MAX = 64;
const BUTTONS_MAX = 100;
const COPY_TEXT_LENGTH_MAX = 256;

/** Telegram shows a button only for an address that others could open too. */
function isPublicUrl(text: string): boolean {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return false;
  }
  if (url.protocol === "tg:") return true;
  if (url.protocol !== "http:" && url.protocol !== "https:") return false;
  const host = url.hostname;
  if (host.startsWith("[") || !host.includes(".")) return false;
  if (/\.(local|localhost|internal|lan|home)$/.test(host)) return false;
  const isFour = /^\d+\.\d+\.\d+\.\d+$/.test(host);
  return !isFour || !/^(10\.|127\.|0\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(host);
}

function textIn(cell: Readonly<Record<string, unknown>>, key: string): string | null {
  const value = cell[key];
  return typeof value === "string" ? value : null;
}

/** One button, or the sentence it is refused with. */
function readButton(cell: unknown): Button | string {
  const parsing = "Bad Request: can't parse inline keyboard button: ";
  if (typeof cell !== "object" || cell === null) return `${parsing}InlineKeyboardButton must be an Object`;
  const fields = cell as Readonly<Record<string, unknown>>;
  const text = textIn(fields, "text");
  if (text === null) return `${parsing}Can't find field "text"`;
  if (text.trim() === "") return "Bad Request: inline keyboard button text must be non-empty";
  const url = textIn(fields, "url") ?? "";
  if (url !== "") {
    return isPublicUrl(url)
      ? { text, url, callbackData: null }
      : `Bad Request: inline keyboard button URL '${url}' is invalid: Wrong HTTP URL`;
  }
  const data = textIn(fields, "callback_data") ?? "";
  if (data !== "") {
    return Buffer.byteLength(data) > CALLBACK_DATA_BYTES_MAX
      ? "Bad Request: BUTTON_DATA_INVALID"
      : { text, url: null, callbackData: data };
  }
  const chosen = textIn(fields, "switch_inline_query");
  const here = textIn(fields, "switch_inline_query_current_chat");
  if (chosen !== null || here !== null) {
    const inlineQuery = { text: chosen ?? here ?? "", here: chosen === null };
    return { text, url: null, callbackData: null, inlineQuery };
  }
  const copyText = (fields["copy_text"] as { text?: unknown } | undefined)?.text;
  if (typeof copyText === "string") {
    return copyText.length < 1 || copyText.length > COPY_TEXT_LENGTH_MAX
      ? "Bad Request: BUTTON_COPY_TEXT_INVALID"
      : { text, url: null, callbackData: null, copyText };
  }
  return `${parsing}Text buttons are unallowed in the inline keyboard`;
}

/** Reads `reply_markup`; null is no keyboard. */
export function readKeyboard(markup: unknown): Keyboard {
  const refuse = (description: string): Keyboard => ({ ok: false, description });
  if (markup === null) return { ok: true, buttons: [] };
  if (markup === NOT_JSON) return refuse("Bad Request: can't parse reply keyboard markup JSON object");
  if (typeof markup !== "object") return refuse("Bad Request: object expected as reply markup");
  const rows = (markup as { inline_keyboard?: unknown }).inline_keyboard;
  if (!Array.isArray(rows)) return refuse("Bad Request: can't parse reply keyboard markup");
  const buttons: Button[][] = [];
  for (const row of rows as unknown[]) {
    if (!Array.isArray(row)) {
      return refuse(
        'Bad Request: field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
      );
    }
    const line: Button[] = [];
    for (const cell of row as unknown[]) {
      const button = readButton(cell);
      if (typeof button === "string") return refuse(button);
      line.push(button);
    }
    if (line.length > 0) buttons.push(line);
  }
  if (buttons.flat().length > BUTTONS_MAX) return refuse("Bad Request: reply markup is too long");
  return { ok: true, buttons };
}

/** The keyboard as a message carries it. */
export function keyboardJson(buttons: readonly (readonly Button[])[]): unknown {
  return {
    inline_keyboard: buttons.map((row) =>
      row.map(({ text, url, callbackData, inlineQuery, copyText }) => ({
        text,
        ...(url === null ? {} : { url }),
        ...(callbackData === null ? {} : { callback_data: callbackData }),
        ...(inlineQuery
          ? {
              [inlineQuery.here ? "switch_inline_query_current_chat" : "switch_inline_query"]:
                inlineQuery.text,
            }
          : {}),
        ...(copyText === undefined ? {} : { copy_text: { text: copyText } }),
      })),
    ),
  };
}
