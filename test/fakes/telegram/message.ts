/**
 * Messages, chats and keyboards as the Bot API writes and reads them.
 */
import type { Button, Chat, StoredMessage } from "./world.ts";

export type Keyboard =
  | { readonly ok: true; readonly buttons: readonly (readonly Button[])[] }
  | { readonly ok: false; readonly description: string };

const CALLBACK_DATA_BYTES_MAX = 64;

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

/** Reads `reply_markup`; null is no keyboard. */
export function readKeyboard(markup: unknown): Keyboard {
  if (markup === null) return { ok: true, buttons: [] };
  const rows = (markup as { inline_keyboard?: unknown }).inline_keyboard;
  if (!Array.isArray(rows))
    return { ok: false, description: "Bad Request: can't parse reply keyboard markup" };
  const buttons: Button[][] = [];
  for (const row of rows as unknown[]) {
    const line: Button[] = [];
    for (const cell of Array.isArray(row) ? (row as Record<string, unknown>[]) : []) {
      const text = typeof cell["text"] === "string" ? cell["text"] : "";
      const url = typeof cell["url"] === "string" ? cell["url"] : null;
      const data = typeof cell["callback_data"] === "string" ? cell["callback_data"] : null;
      if (text === "" || (url === null && data === null)) {
        return { ok: false, description: "Bad Request: text buttons are unallowed in the inline keyboard" };
      }
      if (url !== null && !isPublicUrl(url)) {
        return {
          ok: false,
          description: `Bad Request: inline keyboard button URL '${url}' is invalid: Wrong HTTP URL`,
        };
      }
      if (data !== null && Buffer.byteLength(data) > CALLBACK_DATA_BYTES_MAX) {
        return { ok: false, description: "Bad Request: BUTTON_DATA_INVALID" };
      }
      line.push({ text, url, callbackData: data });
    }
    if (line.length > 0) buttons.push(line);
  }
  return { ok: true, buttons };
}

export function chatJson(chat: Chat): Readonly<Record<string, unknown>> {
  return {
    id: chat.id,
    type: chat.type,
    ...(chat.type === "private" ? { first_name: chat.title } : { title: chat.title }),
    ...(chat.topics.size > 0 ? { is_forum: true } : {}),
  };
}

export function messageJson(
  message: StoredMessage,
  chat: Chat,
  bot: { readonly id: number; readonly username: string; readonly name: string },
): Readonly<Record<string, unknown>> {
  return {
    message_id: message.messageId,
    ...(message.threadId === null ? {} : { message_thread_id: message.threadId, is_topic_message: true }),
    from: { id: bot.id, is_bot: true, first_name: bot.name, username: bot.username },
    chat: chatJson(chat),
    date: Math.floor(message.atMs / 1000),
    ...(message.venue ? { venue: message.venue } : { text: message.text, entities: message.entities }),
    ...(message.edits.length > 0 ? { edit_date: Math.floor((message.edits.at(-1)?.atMs ?? 0) / 1000) } : {}),
  };
}
