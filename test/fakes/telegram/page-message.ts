/**
 * One message, and what happened to it, as pieces of the page.
 * Must not: know chats, or order anything.
 */
import type { HistoryEntry } from "./history.ts";
import { escapeHtml, formattedHtml, linkHtml } from "./page-text.ts";
import type { Button, StoredMessage } from "./world.ts";

/** What the pieces need from the page around them. */
export interface PageView {
  readonly botName: string;
  timeOf(atMs: number): string;
  /** The picture as a data URI; null when its bytes are not there. */
  picture(fileId: string): string | null;
  message(chatId: number, messageId: number): StoredMessage | null;
}

/** A number of a kept file, which may say anything. */
function plain(value: number): string {
  return escapeHtml(String(value));
}

export function anchorOf(message: { readonly chatId: number; readonly messageId: number }): string {
  return `m${plain(message.chatId)}-${plain(message.messageId)}`;
}

/** `#3`, leading to the message. */
export function numberHtml(message: { readonly chatId: number; readonly messageId: number }): string {
  return `<a class="number" href="#${anchorOf(message)}">#${plain(message.messageId)}</a>`;
}

function carried(button: Button): string {
  if (button.url !== null) return `↗ ${button.url.replace(/^https?:\/\//, "")}`;
  if (button.inlineQuery) return `@… ${button.inlineQuery.text}${button.inlineQuery.here ? " (here)" : ""}`;
  if (button.copyText !== undefined) return `⧉ ${button.copyText}`;
  return button.callbackData ?? "";
}

export function keyboardHtml(buttons: StoredMessage["buttons"]): string {
  if (buttons.length === 0) return "";
  const rows = buttons.map((row) => {
    const keys = row.map((button) => {
      const inside = `${escapeHtml(button.text)}<small>${escapeHtml(carried(button))}</small>`;
      return button.url === null ? `<span class="key">${inside}</span>` : linkHtml(button.url, inside, "key");
    });
    return `<div class="row">${keys.join("")}</div>`;
  });
  return `<div class="keys">${rows.join("")}</div>`;
}

function firstLine(message: StoredMessage): string {
  const line = message.text.split("\n")[0] ?? "";
  if (line !== "") return line;
  if (message.photo) return "picture";
  return message.venue ? message.venue.title : (message.service ?? "");
}

function quoteHtml(message: StoredMessage, view: PageView): string {
  if (message.replyTo === null) return "";
  const quoted = view.message(message.chatId, message.replyTo);
  if (!quoted) return `<span class="quote"><b>#${plain(message.replyTo)}</b></span>`;
  const author = quoted.from?.name ?? view.botName;
  const line = escapeHtml(firstLine(quoted));
  return `<a class="quote" href="#${anchorOf(quoted)}"><b>${escapeHtml(author)}</b><span>${line}</span></a>`;
}

function photoHtml(message: StoredMessage, view: PageView): string {
  const { photo } = message;
  if (!photo) return "";
  const source = view.picture(photo.fileId);
  const size = `${plain(photo.width)} × ${plain(photo.height)}`;
  if (source === null) {
    const kilobytes = Math.ceil(photo.fileSize / 1024);
    return `<div class="photo missing">picture, ${size}, ${kilobytes} kB: its bytes are not in this file</div>`;
  }
  const sides = `width="${plain(photo.width)}" height="${plain(photo.height)}"`;
  return `<img class="photo" src="${escapeHtml(source)}" ${sides} alt="picture, ${size}">`;
}

function venueHtml({ venue }: StoredMessage): string {
  if (!venue) return "";
  const place = `${plain(venue.latitude)}, ${plain(venue.longitude)}`;
  return `<div class="venue"><b>📍 ${escapeHtml(venue.title)}</b><span>${escapeHtml(venue.address)}</span><small>${place}</small></div>`;
}

function reactionsHtml(message: StoredMessage, view: PageView): string {
  const all = [
    ...message.reactions.map((emoji) => ({ emoji, name: view.botName })),
    ...message.personReactions.flatMap(({ by, emoji }) =>
      emoji.map((one) => ({ emoji: one, name: by.name })),
    ),
  ];
  if (all.length === 0) return "";
  const chips = all.map(
    ({ emoji, name }) => `<span class="chip">${escapeHtml(emoji)} <small>${escapeHtml(name)}</small></span>`,
  );
  return `<div class="chips">${chips.join("")}</div>`;
}

type Edit = HistoryEntry & { kind: "edited" };

/** Earlier versions, the oldest first; each with the moment it was replaced. */
function versionsHtml(message: StoredMessage, view: PageView): string {
  const edits = message.history.filter((entry): entry is Edit => entry.kind === "edited");
  if (edits.length === 0) return "";
  const items = edits.map(({ what, before, atMs }) => {
    const text =
      what === "keyboard" || before.text === ""
        ? ""
        : `<div class="text">${formattedHtml(before.text, before.entities)}</div>`;
    const keys = keyboardHtml(before.buttons);
    const nothing = text === "" && keys === "" ? `<div class="text quiet">without buttons</div>` : "";
    return `<li><p class="until">until ${view.timeOf(atMs)}, then the ${escapeHtml(what)} was changed</p>${text}${nothing}${keys}</li>`;
  });
  const title = edits.length === 1 ? "1 earlier version" : `${edits.length} earlier versions`;
  return `<details class="versions"><summary>${title}</summary><ol>${items.join("")}</ol></details>`;
}

function metaHtml(message: StoredMessage, view: PageView): string {
  const isEdited = message.history.some((entry) => entry.kind === "edited") || message.edits.length > 0;
  const parts = [
    numberHtml(message),
    message.silent ? `<span class="mark">🔕 silent</span>` : "",
    message.pinned ? `<span class="mark">📌 pinned</span>` : "",
    isEdited ? `<span class="mark">edited</span>` : "",
    message.deletedAtMs === null
      ? ""
      : `<span class="mark gone">deleted ${view.timeOf(message.deletedAtMs)}</span>`,
    view.timeOf(message.atMs),
  ];
  return `<footer>${parts.filter((part) => part !== "").join(" ")}</footer>`;
}

/** A message as a bubble with its buttons; Telegram's own lines are lines. */
export function messageHtml(message: StoredMessage, view: PageView): string {
  if (message.service !== null) {
    const silent = message.silent ? " 🔕" : "";
    return `<p class="line" id="${anchorOf(message)}">${escapeHtml(message.service)}${silent} ${view.timeOf(message.atMs)}</p>`;
  }
  const side = message.fromBot ? "bot" : "person";
  const gone = message.deletedAtMs === null ? "" : " deleted";
  const name = escapeHtml(message.from?.name ?? (message.fromBot ? view.botName : "?"));
  const text = message.text === "" ? "" : formattedHtml(message.text, message.entities);
  return [
    `<article class="message ${side}${gone}" id="${anchorOf(message)}">`,
    `<div class="bubble">`,
    `<p class="name">${name}</p>`,
    quoteHtml(message, view),
    photoHtml(message, view),
    venueHtml(message),
    text === "" ? "" : `<div class="text">${text}</div>`,
    reactionsHtml(message, view),
    metaHtml(message, view),
    `</div>`,
    keyboardHtml(message.buttons),
    versionsHtml(message, view),
    `</article>`,
  ].join("");
}

/** What happened to a message, at its place in the course of things; null: it is told elsewhere. */
export function entryHtml(message: StoredMessage, entry: HistoryEntry, view: PageView): string | null {
  const about = numberHtml(message);
  const time = view.timeOf(entry.atMs);
  const bot = escapeHtml(view.botName);
  const line = (html: string) => `<p class="line">${html} ${time}</p>`;
  switch (entry.kind) {
    case "edited":
      return line(`${bot} changed the ${escapeHtml(entry.what)} of ${about}`);
    case "pinned":
      // Telegram's own line tells it.
      return null;
    case "unpinned":
      return line(`${bot} unpinned ${about}`);
    case "deleted":
      return line(`${bot} deleted ${about}`);
    case "reacted": {
      const what =
        entry.emoji.length > 0
          ? `reacted ${escapeHtml(entry.emoji.join(" "))} to`
          : "took the reaction away from";
      if (entry.by === null) return line(`${bot} ${what} ${about}`);
      return `<p class="act"><span><b>${escapeHtml(entry.by.name)}</b> ${what} ${about} ${time}</span></p>`;
    }
    case "pressed": {
      const key = `<span class="key">${escapeHtml(entry.button)}<small>${escapeHtml(entry.callbackData)}</small></span>`;
      return `<p class="act"><span><b>${escapeHtml(entry.by.name)}</b> pressed ${key} on ${about} ${time}</span></p>`;
    }
    case "answered": {
      const text = escapeHtml(entry.text);
      const url = entry.url === null ? "" : ` <small>opens ${escapeHtml(entry.url)}</small>`;
      if (entry.text === "" && entry.url === null) {
        return `<p class="line">the press on ${about} was answered without a word ${time}</p>`;
      }
      const kind = entry.alert ? "alert" : "toast";
      const ok = entry.alert ? `<span class="ok">OK</span>` : "";
      return `<div class="${kind}" role="note"><p>${text}${url}</p>${ok}<footer>${kind} for ${about} ${time}</footer></div>`;
    }
  }
}
