/**
 * Text as it can safely stand in a picture: names come from agents and staff and are hostile.
 * Why: one control character makes the whole picture unreadable, one bidi mark turns its neighbours around, and there is
 * no browser that would cut a long name off.
 * Must not: escape for XML (svg.ts does), or be trusted to measure to the pixel (svg.ts clips as well).
 */

/** Advance widths of DejaVu Sans Condensed, hundredths of an em, U+0020 to U+007E; from its hmtx table. */
const ASCII_WIDTHS = [
  29, 36, 41, 75, 57, 85, 70, 25, 35, 35, 45, 75, 29, 32, 29, 30, 57, 57, 57, 57, 57, 57, 57, 57, 57, 57, 30,
  30, 75, 75, 75, 48, 90, 62, 62, 63, 69, 57, 52, 70, 68, 27, 27, 59, 50, 78, 67, 71, 54, 71, 63, 57, 55, 66,
  62, 89, 62, 55, 62, 35, 30, 35, 75, 45, 45, 55, 57, 49, 57, 55, 32, 57, 57, 25, 25, 52, 25, 88, 57, 55, 57,
  57, 37, 47, 35, 57, 53, 74, 53, 53, 47, 57, 30, 57, 75,
];
/** Everything else: few letters are wider (the average is 0.57); dashes and pictures are. */
const OTHER_WIDTH = 66;
const WIDE_WIDTH = 100;
const WIDE = /[\u2010-\u2bff\u3000-\u9fff\uac00-\ud7af]|\p{Extended_Pictographic}/u;
/** Bold is so much wider at most, letter for letter on average. */
const BOLD_FACTOR = 1.14;
/** Code points of one letter with its marks; more is noise that climbs over the lines above. */
const MARKS_MAX = 4;
/** No line of a picture holds more; a name of megabytes costs nothing. */
const CHARACTERS_MAX = 200;

/** What XML cannot carry, and what is no letter: control characters, half surrogates, non-characters. */
const UNREADABLE = /[\p{Cc}\p{Cs}\u2028\u2029\ufffe\uffff]/gu;
/** Marks that turn text around, and those that take no room. Joiners stay: Arabic and Persian need them. */
const INVISIBLE = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const STRONG = /\p{L}/u;
const RIGHT_TO_LEFT_MARK = "\u200f";

const letters = new Intl.Segmenter("und", { granularity: "grapheme" });

/** One line without surprises; an empty name is a dash. */
export function cleanName(name: string): string {
  const line = name
    .slice(0, CHARACTERS_MAX * MARKS_MAX)
    .replace(UNREADABLE, " ")
    .replace(INVISIBLE, "")
    .replace(/\s+/gu, " ")
    .trim();
  let clean = "";
  let count = 0;
  for (const { segment } of letters.segment(line)) {
    if (count === CHARACTERS_MAX) break;
    count += 1;
    clean += Array.from(segment).slice(0, MARKS_MAX).join("");
  }
  return clean === "" ? "–" : clean;
}

/** Estimated, rather too wide; in the unit of `size`. */
export function widthOf(text: string, size: number, bold = false): number {
  let hundredths = 0;
  for (const { segment } of letters.segment(text)) hundredths += letterWidth(segment);
  return (hundredths / 100) * size * (bold ? BOLD_FACTOR : 1);
}

/** The name, or its beginning with an ellipsis at its end, where its own script ends. */
export function fittedName(name: string, width: number, size: number, bold = false): string {
  const clean = cleanName(name);
  if (widthOf(clean, size, bold) <= width) return clean;
  const room = width - widthOf("…", size, bold);
  let fitted = "";
  let taken = 0;
  for (const { segment } of letters.segment(clean)) {
    taken += widthOf(segment, size, bold);
    if (taken > room) break;
    fitted += segment;
  }
  const firstLetter = STRONG.exec(clean)?.[0] ?? "";
  return `${fitted.trimEnd()}…${RIGHT_TO_LEFT.test(firstLetter) ? RIGHT_TO_LEFT_MARK : ""}`;
}

function letterWidth(letter: string): number {
  const code = letter.codePointAt(0) ?? 0;
  const known = ASCII_WIDTHS[code - 0x20];
  if (known !== undefined) return known;
  return WIDE.test(letter) ? WIDE_WIDTH : OTHER_WIDTH;
}
