/**
 * A ledger as people would see it: one text, chat by chat, message by message, with links and buttons.
 * Why: what an alert looks like is judged by reading it, in golden files and after a campaign.
 */
import type { Entity } from "./telegram/entities.ts";
import type { HistoryEntry } from "./telegram/history.ts";
import type { Button, StoredMessage } from "./telegram/world.ts";

const MARKS: Readonly<Record<string, string>> = { bold: "*", italic: "_", code: "`" };

/** The text with bold, italics and links made visible. */
export function textOf(text: string, entities: readonly Entity[]): string {
  const inserts: { readonly at: number; readonly order: number; readonly mark: string }[] = [];
  for (const entity of entities) {
    const mark = MARKS[entity.type];
    const end = entity.offset + entity.length;
    if (mark !== undefined) {
      inserts.push({ at: entity.offset, order: 1, mark }, { at: end, order: 0, mark });
    } else if (entity.type === "text_link") {
      inserts.push(
        { at: entity.offset, order: 1, mark: "[" },
        { at: end, order: 0, mark: `](${entity.url ?? ""})` },
      );
    }
  }
  inserts.sort((a, b) => b.at - a.at || b.order - a.order);
  return inserts.reduce((shown, { at, mark }) => shown.slice(0, at) + mark + shown.slice(at), text);
}

function carried(button: Button): string {
  const query = button.inlineQuery ? `@… ${button.inlineQuery.text}` : undefined;
  return button.url ?? button.callbackData ?? query ?? button.copyText ?? "";
}

const buttonText = (button: Button): string => `[ ${button.text} → ${carried(button)} ]`;

const onOneLine = (text: string): string => text.split("\n").join(" ⏎ ");

/** What happened to a message, as a line. */
function entryOf(entry: HistoryEntry): string {
  switch (entry.kind) {
    case "edited": {
      if (entry.what === "keyboard") {
        return `keyboard changed, it was: ${entry.before.buttons.flat().map(buttonText).join(" ") || "none"}`;
      }
      return `${entry.what} changed, it was: ${onOneLine(entry.before.text)}`;
    }
    case "pinned":
      return entry.silent ? "pinned, silent" : "pinned";
    case "unpinned":
      return "unpinned";
    case "deleted":
      return "deleted";
    case "reacted": {
      const what = entry.emoji.length > 0 ? `reacted ${entry.emoji.join("")}` : "took the reaction away";
      return entry.by === null ? what : `${entry.by.name} ${what}`;
    }
    case "pressed":
      return `${entry.by.name} pressed [ ${entry.button} → ${entry.callbackData} ]`;
    case "answered": {
      if (entry.text === "" && entry.url === null) return "press answered without a word";
      return `${entry.alert ? "alert" : "toast"}: ${onOneLine(entry.text)}${entry.url === null ? "" : ` → ${entry.url}`}`;
    }
  }
}

function bodyOf(message: StoredMessage): readonly string[] {
  if (message.service !== null) return [`(${message.service})`];
  if (message.venue) return [`📍 ${message.venue.title}, ${message.venue.address}`];
  const text = textOf(message.text, message.entities).split("\n");
  if (!message.photo) return text;
  const { width, height } = message.photo;
  return [`🖼 ${width} × ${height}`, ...(message.text === "" ? [] : text)];
}

/** One message as a block of lines; `time` leaves the moments out when null. */
export function blockOf(message: StoredMessage, time: string | null): string {
  const head = [
    time,
    `#${message.messageId}`,
    message.from === null ? null : `from ${message.from.name}`,
    message.replyTo === null ? null : `reply to #${message.replyTo}`,
    message.silent ? "silent" : null,
    message.edits.length > 0 ? `edited ${message.edits.length}×` : null,
    message.pinned ? "pinned" : null,
    message.reactions.length > 0 ? message.reactions.join("") : null,
    message.deletedAtMs === null ? null : "deleted",
  ].filter((part) => part !== null);
  const buttons = message.buttons.map((row) => row.map(buttonText).join(" "));
  const history = message.history.map((entry) => {
    const moment = time === null ? "" : `${new Date(entry.atMs).toISOString()} `;
    return `· ${moment}${entryOf(entry)}`;
  });
  return [`── ${head.join(" · ")}`, ...bodyOf(message), ...buttons, ...history]
    .map((line) => `│ ${line}`.trimEnd())
    .join("\n");
}

/** The whole ledger, a chat (and topic) at a time, in the order of its first message. */
export function transcriptOf(
  ledger: readonly StoredMessage[],
  titleOf: (chatId: number) => string = String,
): string {
  const threads = new Map<string, StoredMessage[]>();
  for (const message of ledger) {
    const key = `${titleOf(message.chatId)}${message.threadId === null ? "" : ` / topic ${message.threadId}`}`;
    threads.set(key, [...(threads.get(key) ?? []), message]);
  }
  return [...threads]
    .map(([title, messages]) =>
      [
        `═══ ${title}`,
        ...messages.map((message) => blockOf(message, new Date(message.atMs).toISOString())),
      ].join("\n"),
    )
    .join("\n\n")
    .concat("\n");
}
