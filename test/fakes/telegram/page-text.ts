/**
 * Text with entities as HTML that looks as Telegram shows it.
 * Why by pieces: entities may cross each other in a broken ledger; the page must stay whole all the same.
 * Must not: let anything of a message become markup, or lead anywhere but to http, https, tg, mailto and tel.
 */
import { foundEntities, type Entity } from "./entities.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}

/** The address when a page may link to it. */
export function safeUrl(text: string): string | null {
  try {
    const { protocol } = new URL(text);
    return ["http:", "https:", "tg:", "mailto:", "tel:"].includes(protocol) ? text : null;
  } catch {
    return null;
  }
}

export function linkHtml(url: string, inside: string, className = ""): string {
  const attributes = className === "" ? "" : ` class="${className}"`;
  const target = safeUrl(url);
  return target === null
    ? `<span${attributes} title="${escapeHtml(url)}">${inside}</span>`
    : `<a${attributes} href="${escapeHtml(target)}" rel="noreferrer noopener">${inside}</a>`;
}

const TAGS: Readonly<Record<string, string>> = {
  bold: "b",
  italic: "i",
  underline: "u",
  strikethrough: "s",
  code: "code",
};
const BLOCKS: Readonly<Record<string, string>> = {
  pre: "<pre>",
  blockquote: "<blockquote>",
  expandable_blockquote: `<blockquote class="expandable">`,
};

const endOf = (entity: Entity): number => entity.offset + entity.length;

/** One piece of text in which the same entities hold from its beginning to its end. */
function pieceHtml(text: string, active: readonly Entity[]): string {
  let html = escapeHtml(text);
  for (const { type } of active) {
    const tag = TAGS[type];
    if (tag !== undefined) html = `<${tag}>${html}</${tag}>`;
    else if (type === "spoiler") html = `<span class="spoiler">${html}</span>`;
    else if (["bot_command", "mention", "hashtag"].includes(type)) html = `<span class="link">${html}</span>`;
  }
  const link = active.find(({ type }) => type === "text_link" || type === "url");
  return link ? linkHtml(link.url ?? text, html) : html;
}

function inlineHtml(text: string, from: number, to: number, entities: readonly Entity[]): string {
  const cuts = new Set([from, to]);
  for (const entity of entities) {
    for (const at of [entity.offset, endOf(entity)]) if (at > from && at < to) cuts.add(at);
  }
  const edges = [...cuts].sort((a, b) => a - b);
  return edges
    .slice(1)
    .map((end, index) => {
      const start = edges[index] ?? from;
      const active = entities.filter((entity) => entity.offset <= start && endOf(entity) >= end);
      return pieceHtml(text.slice(start, end), active);
    })
    .join("");
}

/** Blocks first; what is between and inside them by pieces. */
function rangeHtml(text: string, from: number, to: number, entities: readonly Entity[]): string {
  const block = entities
    .filter(
      ({ type, offset, length }) => BLOCKS[type] !== undefined && offset >= from && offset + length <= to,
    )
    .sort((a, b) => a.offset - b.offset || b.length - a.length)[0];
  if (!block) return inlineHtml(text, from, to, entities);
  const rest = entities.filter((entity) => entity !== block);
  const open = BLOCKS[block.type] ?? "";
  const close = block.type === "pre" ? "</pre>" : "</blockquote>";
  // A block stands on lines of its own: the breaks around it are its edges.
  const before = text[block.offset - 1] === "\n" ? block.offset - 1 : block.offset;
  const after = text[endOf(block)] === "\n" ? endOf(block) + 1 : endOf(block);
  return [
    inlineHtml(text, from, Math.max(before, from), rest),
    `${open}${rangeHtml(text, block.offset, endOf(block), rest)}${close}`,
    rangeHtml(text, Math.min(after, to), to, rest),
  ].join("");
}

/** What Telegram finds by itself, outside of code and links. */
function allEntities(text: string, entities: readonly Entity[]): readonly Entity[] {
  const closed = entities.filter(({ type }) => ["code", "pre", "text_link", "url"].includes(type));
  const free = foundEntities(text).filter(
    (found) => !closed.some((entity) => entity.offset < endOf(found) && found.offset < endOf(entity)),
  );
  const known = entities.filter(({ type }) => !["bot_command", "mention"].includes(type));
  return [...known, ...free];
}

export function formattedHtml(text: string, entities: readonly Entity[]): string {
  return rangeHtml(text, 0, text.length, allEntities(text, entities));
}
