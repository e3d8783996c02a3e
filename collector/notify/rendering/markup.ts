/**
 * Lines of spans, and how they become Telegram's HTML or plain text.
 * Why spans: text is cut before it is marked up and escaped once, at the end, so no name can break a message.
 * Must not: know what a message says.
 */

export interface Span {
  readonly text: string;
  readonly style?: "bold" | "italic" | "code";
  /** Shown as a link; plain text puts the address beside it. */
  readonly href?: string;
}
export type Line = readonly Span[];

/** What is taken of one name or address: longer ones are no names. Graphemes, and UTF-16 units as Telegram counts. */
export const NAME_GRAPHEMES_MAX = 300;
export const NAME_UNITS_MAX = 700;

const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });

/** The text cut to so many graphemes and UTF-16 units, with `…` when something is missing; never inside a character. */
export function clipped(text: string, graphemesMax: number, unitsMax: number): string {
  if (text.length <= graphemesMax && text.length <= unitsMax) return text;
  let kept = "";
  let count = 0;
  // The slice bounds the work for a text of megabytes; 1 more than the limit shows whether there is more.
  for (const { segment } of segmenter.segment(text.slice(0, unitsMax + 1))) {
    if (count === graphemesMax || kept.length + segment.length > unitsMax - 1) break;
    kept += segment;
    count += 1;
  }
  return kept.length === text.length ? text : `${kept.trimEnd()}…`;
}

/**
 * One line of readable text out of anything: control characters, line breaks and marks that turn the direction of
 * the rest of the line become a space or nothing; lone surrogates become U+FFFD; right-to-left text is isolated so
 * that what follows stays in place. Cut before that, so that the isolation is never cut open.
 */
export function oneLine(text: string, graphemesMax = NAME_GRAPHEMES_MAX, unitsMax = NAME_UNITS_MAX): string {
  const bounded = text.slice(0, 4 * NAME_UNITS_MAX);
  const line = bounded
    .replaceAll(/\p{Surrogate}/gu, "\ufffd")
    .replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufeff]/g, "")
    .replaceAll(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ")
    .trim();
  const cut = clipped(line, graphemesMax, unitsMax);
  return /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(cut)
    ? `\u2068${cut}\u2069`
    : cut;
}

/** The same of at most so many characters; the room for long characters is twice that. */
export function shortLine(text: string, charactersMax: number): string {
  return oneLine(text, charactersMax, 2 * charactersMax);
}

/** Whether Telegram would make a link, a mention, a tag or a command out of the text by itself. */
export function looksActive(text: string): boolean {
  return /[@#/]|\w\.\w/.test(text);
}

/** Around a name inside a sentence that must stay quiet; no text holds these by itself (`oneLine` takes them out). */
const QUIET = { begin: "\ufdd0", end: "\ufdd1" } as const;

/** A name on its way into a sentence: `say` sets it as code when Telegram would make something of it. */
export function quoted(name: string): string {
  return looksActive(name) ? `${QUIET.begin}${name}${QUIET.end}` : name;
}

/** An address on its way into a sentence: that it looks like one is no harm, but nobody is to be called. */
export function quotedAddress(address: string): string {
  return /[@#/]/.test(address) ? `${QUIET.begin}${address}${QUIET.end}` : address;
}

/** A sentence with the names in it, as a line. */
export function say(sentence: string, style?: "bold" | "italic"): Line {
  return sentence.split(/(\ufdd0[^\ufdd1]*\ufdd1)/).flatMap((text): Span[] => {
    if (text === "") return [];
    if (text.startsWith(QUIET.begin)) return [{ text: text.slice(1, -1), style: "code" }];
    return [style === undefined ? { text } : { text, style }];
  });
}

/** A sentence for where there is no markup at all. */
export function bare(sentence: string): string {
  return sentence.replaceAll(/[\ufdd0\ufdd1]/g, "");
}

/** For text between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

const TAGS = { bold: "b", italic: "i", code: "code" } as const;

function spanHtml(span: Span): string {
  const text = escapeHtml(span.text);
  if (span.href !== undefined) return `<a href="${escapeHtml(span.href)}">${text}</a>`;
  if (span.style === undefined) return text;
  const tag = TAGS[span.style];
  return `<${tag}>${text}</${tag}>`;
}

export function linesHtml(lines: readonly Line[]): string {
  return lines.map((line) => line.map(spanHtml).join("")).join("\n");
}

/** What is left after Telegram parsed the HTML: this is what its limit of 4,096 counts. */
export function linesText(lines: readonly Line[]): string {
  return lines.map((line) => line.map((span) => span.text).join("")).join("\n");
}

/** Without any markup; links are written out. */
export function linesPlain(lines: readonly Line[]): string {
  return lines
    .map((line) =>
      line.map((span) => (span.href === undefined ? span.text : `${span.text}: ${span.href}`)).join(""),
    )
    .join("\n");
}
