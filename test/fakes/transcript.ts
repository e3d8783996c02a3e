/**
 * A ledger as people would see it: one text, chat by chat, message by message, with links and buttons.
 * Why: what an alert looks like is judged by reading it, in golden files and after a campaign.
 */
import type { Entity } from "./telegram/entities.ts";
import type { StoredMessage } from "./telegram/world.ts";

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

/** One message as a block of lines; `time` leaves the moment out when null. */
export function blockOf(message: StoredMessage, time: string | null): string {
  const head = [
    time,
    `#${message.messageId}`,
    message.replyTo === null ? null : `reply to #${message.replyTo}`,
    message.silent ? "silent" : null,
    message.edits.length > 0 ? `edited ${message.edits.length}×` : null,
    message.pinned ? "pinned" : null,
    message.reactions.length > 0 ? message.reactions.join("") : null,
  ].filter((part) => part !== null);
  const body = message.venue
    ? [`📍 ${message.venue.title}, ${message.venue.address}`]
    : textOf(message.text, message.entities).split("\n");
  const buttons = message.buttons.map((row) =>
    row.map((button) => `[ ${button.text} → ${button.url ?? button.callbackData ?? ""} ]`).join(" "),
  );
  return [`── ${head.join(" · ")}`, ...body, ...buttons].map((line) => `│ ${line}`.trimEnd()).join("\n");
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
