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
 * that what follows stays in place.
 */
export function oneLine(text: string): string {
  const bounded = text.slice(0, 4 * NAME_UNITS_MAX);
  const line = bounded
    .replaceAll(/\p{Surrogate}/gu, "\ufffd")
    .replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, "")
    .replaceAll(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ")
    .trim();
  const cut = clipped(line, NAME_GRAPHEMES_MAX, NAME_UNITS_MAX);
  return /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(cut)
    ? `\u2068${cut}\u2069`
    : cut;
}

/** Whether Telegram would make a link, a mention, a tag or a command out of the text by itself. */
export function looksActive(text: string): boolean {
  return /[@#/]|\w\.\w/.test(text);
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
