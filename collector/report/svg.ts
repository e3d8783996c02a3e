/**
 * The small parts pictures are made of: texts, rectangles, the four patterns, legend, page.
 * Why our own: two pictures need little, and every text goes through one place that cleans, escapes and clips it.
 * Must not: know what is drawn, or let a text in that was not escaped.
 */
import { assert } from "../../shared/assert.ts";
import { fittedName, widthOf } from "./names.ts";
import { SHARES, type Share } from "./shares.ts";

/** The phone shows a picture about 360 px wide: what is 28 here is 8 there. */
export const PICTURE_WIDTH = 1_200;
export const MARGIN = 40;

export const COLOURS = {
  page: "#ffffff",
  ink: "#14181f",
  /** 7.5 : 1 on the page. */
  quiet: "#4b5563",
  line: "#c3c9d1",
  up: "#d5eedb",
  upEdge: "#6fae82",
  server: "#a61b1b",
  link: "#b45309",
  planned: "#1d4ed8",
  collector: "#858c98",
} as const;

export interface TextStyle {
  readonly size: number;
  readonly bold?: boolean;
  readonly colour?: string;
  /** Where the text ends instead of where it begins. */
  readonly anchor?: "start" | "middle" | "end";
}

/** One line of our own words. `y` is the line it stands on. */
export function text(x: number, y: number, words: string, style: TextStyle): string {
  const { size, bold = false, colour = COLOURS.ink, anchor = "start" } = style;
  const weight = bold ? ' font-weight="bold"' : "";
  return `<text x="${px(x)}" y="${px(y)}" font-size="${px(size)}" fill="${colour}" text-anchor="${anchor}"${weight}>${escaped(words)}</text>`;
}

/** One line of somebody's words: cleaned, cut to the width, and held inside its line whatever it does. */
export function nameText(x: number, y: number, name: string, width: number, style: TextStyle): string {
  const { size, bold = false } = style;
  const above = size * 1.05;
  const words = fittedName(name, width, size, bold);
  return (
    `<svg x="${px(x)}" y="${px(y - above)}" width="${px(width)}" height="${px(size * 1.4)}">` +
    `${text(0, above, words, { ...style, anchor: "start" })}</svg>`
  );
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function rectangle(box: Box, fill: string, more = ""): string {
  return `<rect x="${px(box.x)}" y="${px(box.y)}" width="${px(box.width)}" height="${px(box.height)}" fill="${fill}"${more}/>`;
}

/** Told apart without colour: solid; upright stripes; slanted stripes; plain grey. The stripes begin with the box. */
export function shareBox(box: Box, share: Share): string {
  if (share === "server" || share === "collector") return rectangle(box, COLOURS[share]);
  const inner = { x: 0, y: 0, width: box.width, height: box.height };
  const edge = { x: 1, y: 1, width: Math.max(0, box.width - 2), height: box.height - 2 };
  return (
    `<svg x="${px(box.x)}" y="${px(box.y)}" width="${px(box.width)}" height="${px(box.height)}">` +
    rectangle(inner, `url(#${share})`) +
    rectangle(edge, "none", ` stroke="${COLOURS[share]}" stroke-width="2"`) +
    "</svg>"
  );
}

/** The time in which all was well. */
export function upBox(box: Box): string {
  return rectangle(box, COLOURS.up, ` stroke="${COLOURS.upEdge}" stroke-width="2"`);
}

/** Time that nobody watched, or that is not yet: an empty frame. */
export function emptyBox(box: Box): string {
  return rectangle(box, COLOURS.page, ` stroke="${COLOURS.line}" stroke-width="2" stroke-dasharray="8 6"`);
}

export function line(x1: number, y1: number, x2: number, y2: number, colour: string, width: number): string {
  return `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${colour}" stroke-width="${px(width)}"/>`;
}

export interface LegendItem {
  readonly words: string;
  readonly box: (box: Box) => string;
}

export interface Legend {
  readonly svg: string;
  readonly height: number;
}

const LEGEND = { size: 28, line: 46, swatch: { width: 40, height: 28 }, gap: 12, between: 30 } as const;

/** Side by side in as many lines as they need, from `y` down. */
export function legend(y: number, items: readonly LegendItem[]): Legend {
  const { size, swatch, gap, between } = LEGEND;
  const right = PICTURE_WIDTH - MARGIN;
  let x = MARGIN;
  let base = y + 30;
  const svg = items.map(({ words, box }) => {
    const wordsWidth = Math.min(widthOf(words, size), right - MARGIN - swatch.width - gap);
    const width = swatch.width + gap + wordsWidth;
    if (x > MARGIN && x + width > right) {
      x = MARGIN;
      base += LEGEND.line;
    }
    const left = x;
    x += width + between;
    return (
      box({ x: left, y: base - 24, ...swatch }) +
      // The estimate is of whole hundredths: a hair more room, so that nothing is cut for that.
      nameText(left + swatch.width + gap, base, words, wordsWidth + 2, { size })
    );
  });
  return { svg: svg.join(""), height: base - y + 16 };
}

/** The four shares as legend items. */
export function shareItems(words: Readonly<Record<Share, string>>): LegendItem[] {
  return SHARES.map((share) => ({ words: words[share], box: (box) => shareBox(box, share) }));
}

/** The whole picture. */
export function page(height: number, parts: readonly string[]): string {
  const size = `width="${PICTURE_WIDTH}" height="${px(height)}"`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${PICTURE_WIDTH} ${px(height)}" ` +
    `font-family="DejaVu Sans" font-stretch="condensed"><defs>${patterns()}</defs>` +
    `${rectangle({ x: 0, y: 0, width: PICTURE_WIDTH, height }, COLOURS.page)}${parts.join("")}</svg>`
  );
}

function patterns(): string {
  const pattern = (share: Share, turned: string, stripe: number, period: number): string =>
    `<pattern id="${share}" width="${period}" height="${period}" patternUnits="userSpaceOnUse"${turned}>` +
    `<rect width="${period}" height="${period}" fill="${COLOURS.page}"/>` +
    `<rect width="${stripe}" height="${period}" fill="${COLOURS[share]}"/></pattern>`;
  return pattern("link", "", 5, 10) + pattern("planned", ' patternTransform="rotate(45)"', 6, 12);
}

function escaped(words: string): string {
  return words
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** To a tenth of a pixel. */
function px(value: number): string {
  assert(Number.isFinite(value), "a coordinate is a number");
  return String(Math.round(value * 10) / 10);
}
