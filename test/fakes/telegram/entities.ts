/**
 * Reads Telegram's HTML the way the Bot API does: text and entities, or the sentence it refuses with.
 * Why strict: a name with `<` in it must fail here, in a test, and not at night.
 * Must not: repair anything.
 */

export interface Entity {
  readonly type: string;
  /** UTF-16 units, as Telegram counts. */
  readonly offset: number;
  readonly length: number;
  readonly url?: string;
  readonly language?: string;
}

export type ParsedText =
  | { readonly ok: true; readonly text: string; readonly entities: readonly Entity[] }
  | { readonly ok: false; readonly description: string };

const ENTITY_OF_TAG: Readonly<Record<string, string>> = {
  b: "bold",
  strong: "bold",
  i: "italic",
  em: "italic",
  u: "underline",
  ins: "underline",
  s: "strikethrough",
  strike: "strikethrough",
  del: "strikethrough",
  "tg-spoiler": "spoiler",
  span: "spoiler",
  a: "text_link",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
  "tg-emoji": "custom_emoji",
};

const NAMED: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

interface OpenTag {
  readonly name: string;
  readonly type: string;
  readonly offset: number;
  readonly at: number;
  readonly url: string | null;
}

function refuse(what: string): ParsedText {
  return { ok: false, description: `Bad Request: can't parse entities: ${what}` };
}

/** Decodes `&lt; &gt; &amp; &quot;` and numeric references; anything else after `&` stays as it is. */
function decodeReference(source: string, at: number): { readonly text: string; readonly next: number } {
  const match = /^&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot));?/.exec(source.slice(at, at + 12));
  if (!match) return { text: "&", next: at + 1 };
  const [whole, hexadecimal, decimal, named] = match;
  if (named !== undefined) return { text: NAMED[named] ?? "", next: at + whole.length };
  const code = hexadecimal !== undefined ? parseInt(hexadecimal, 16) : parseInt(decimal ?? "0", 10);
  if (code === 0 || code > 0x10ffff) return { text: "&", next: at + 1 };
  return { text: String.fromCodePoint(code), next: at + whole.length };
}

function decodeAll(source: string): string {
  let text = "";
  for (let at = 0; at < source.length;) {
    const character = source[at] ?? "";
    if (character !== "&") {
      text += character;
      at += 1;
      continue;
    }
    const decoded = decodeReference(source, at);
    text += decoded.text;
    at = decoded.next;
  }
  return text;
}

interface StartTag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly next: number;
}

/** Reads `<name a="b">` at `at`; a string is the refusal. */
function readStartTag(source: string, at: number): StartTag | string {
  const offset = Buffer.byteLength(source.slice(0, at));
  const head = /^<([a-zA-Z0-9-]*)/.exec(source.slice(at, at + 40));
  const name = (head?.[1] ?? "").toLowerCase();
  let next = at + 1 + name.length;
  const attributes = new Map<string, string>();
  for (;;) {
    while (/\s/.test(source[next] ?? "")) next += 1;
    const character = source[next];
    if (character === undefined) return `Unclosed start tag at byte offset ${offset}`;
    if (character === ">") break;
    const attribute = /^([a-zA-Z0-9-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([a-zA-Z0-9.-]+)))?/.exec(
      source.slice(next),
    );
    if (!attribute) {
      return ENTITY_OF_TAG[name] === undefined
        ? `Unsupported start tag "${name}" at byte offset ${offset}`
        : `Empty attribute name in the tag "${name}" at byte offset ${offset}`;
    }
    const [whole, key, double, single, bare] = attribute;
    attributes.set((key ?? "").toLowerCase(), decodeAll(double ?? single ?? bare ?? ""));
    next += whole.length;
  }
  if (ENTITY_OF_TAG[name] === undefined) {
    return `Unsupported start tag "${name}" at byte offset ${offset}`;
  }
  if (name === "span" && attributes.get("class") !== "tg-spoiler") {
    return `Tag "span" must have class "tg-spoiler" at byte offset ${offset}`;
  }
  return { name, attributes, next: next + 1 };
}

/** HTML as `parse_mode: "HTML"` reads it. */
export function parseHtml(source: string): ParsedText {
  let text = "";
  const open: OpenTag[] = [];
  const entities: Entity[] = [];
  for (let at = 0; at < source.length;) {
    const character = source[at] ?? "";
    if (character === "&") {
      const decoded = decodeReference(source, at);
      text += decoded.text;
      at = decoded.next;
      continue;
    }
    if (character !== "<") {
      text += character;
      at += 1;
      continue;
    }
    const byteOffset = Buffer.byteLength(source.slice(0, at));
    if (source[at + 1] === "/") {
      const end = /^<\/([a-zA-Z0-9-]*)\s*>/.exec(source.slice(at, at + 60));
      if (!end) return refuse(`Unclosed end tag at byte offset ${byteOffset}`);
      const last = open.pop();
      const name = (end[1] ?? "").toLowerCase();
      if (!last) return refuse(`Unexpected end tag at byte offset ${byteOffset}`);
      if (name !== "" && name !== last.name) {
        return refuse(
          `Unmatched end tag at byte offset ${byteOffset}, expected "</${last.name}>", found "</${name}>"`,
        );
      }
      const length = text.length - last.offset;
      if (length > 0) {
        entities.push({
          type: last.type,
          offset: last.offset,
          length,
          ...(last.name === "a" ? { url: last.url ?? text.slice(last.offset) } : {}),
        });
      }
      at += end[0].length;
      continue;
    }
    const tag = readStartTag(source, at);
    if (typeof tag === "string") return refuse(tag);
    const isExpandable = tag.name === "blockquote" && tag.attributes.has("expandable");
    open.push({
      name: tag.name,
      type: isExpandable ? "expandable_blockquote" : (ENTITY_OF_TAG[tag.name] ?? ""),
      offset: text.length,
      at,
      url: tag.attributes.get("href") ?? null,
    });
    at = tag.next;
  }
  const unclosed = open.at(-1);
  if (unclosed) {
    return refuse(
      `Can't find end tag corresponding to start tag "${unclosed.name}" at byte offset ${Buffer.byteLength(source.slice(0, unclosed.at))}`,
    );
  }
  return { ok: true, text, entities: entities.sort((a, b) => a.offset - b.offset || b.length - a.length) };
}

const SHOWS_NOTHING = /[\u0000-\u0008\u000b-\u001f\u2028-\u202e\u200e\u200f]/g;

/** What Telegram does to every text: trims, and drops characters that show nothing or turn the line around. */
export function cleanText(text: string): string {
  return text.replaceAll(SHOWS_NOTHING, "").trim();
}

/** The same, with entities that stay on their words. */
export function cleanFormatted(
  text: string,
  entities: readonly Entity[],
): { readonly text: string; readonly entities: readonly Entity[] } {
  const cleaned = cleanText(text);
  if (cleaned === text) return { text, entities };
  const dropped = [...text.matchAll(SHOWS_NOTHING)].map((match) => match.index);
  const visible = text.replaceAll(SHOWS_NOTHING, "");
  const leading = visible.length - visible.trimStart().length;
  const moved = (at: number) =>
    Math.min(Math.max(at - dropped.filter((index) => index < at).length - leading, 0), cleaned.length);
  const kept = entities.flatMap((entity) => {
    const offset = moved(entity.offset);
    const length = moved(entity.offset + entity.length) - offset;
    return length > 0 ? [{ ...entity, offset, length }] : [];
  });
  return { text: cleaned, entities: kept };
}

const FOUND_IN_TEXT: readonly (readonly [string, RegExp])[] = [
  ["bot_command", /(?<![\w/@<>])\/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]+)?(?![\w/<>])/g],
  ["mention", /(?<![\w/@])@[A-Za-z0-9_]{3,32}/g],
  ["url", /https?:\/\/[^\s<>"]+/g],
];

/** What Telegram marks in a text by itself. */
export function foundEntities(text: string): readonly Entity[] {
  return FOUND_IN_TEXT.flatMap(([type, pattern]) =>
    [...text.matchAll(pattern)].map((match) => ({ type, offset: match.index, length: match[0].length })),
  ).sort((a, b) => a.offset - b.offset);
}
