/**
 * A message as data → what a person reads in Telegram, in their language: texts, markup, buttons, within the limit.
 * Pure: no clock, no network. Must not: trust a name.
 */
import type { Language, Message } from "../../core/types.ts";
import { en } from "../texts/en.ts";
import { id } from "../texts/id.ts";
import type { Texts } from "../texts/texts.ts";
import { isPublicUrl, mapUrl, webUrl } from "./addresses.ts";
import { bodyOf, type Telling } from "./body.ts";
import { clipped, linesHtml, linesPlain, linesText, oneLine, type Line } from "./markup.ts";

/** Telegram's own limit, in UTF-16 units after the entities are parsed. */
export const TEXT_LENGTH_MAX = 4096;

export interface Rendered {
  readonly html: string;
  /** The same without markup, for when Telegram cannot parse the HTML; at most `TEXT_LENGTH_MAX`. */
  readonly plain: string;
  readonly buttons: readonly { readonly text: string; readonly url: string }[];
}

const TEXTS: Readonly<Record<Language, Texts>> = { id, en };

export function textsOf(language: Language): Texts {
  return TEXTS[language];
}

/** The address, or the coordinates where there is none; a link when the place is on the map. */
function placeLine(message: Message): Line | null {
  const url = mapUrl(message.latitude, message.longitude);
  const address = message.siteAddress === null ? "" : oneLine(message.siteAddress);
  if (url === null) return address === "" ? null : [{ text: `📍 ${address}` }];
  return [{ text: "📍 " }, { text: address || `${message.latitude}, ${message.longitude}`, href: url }];
}

/**
 * The message in one language. What would not fit 4,096 is left out from the least needed: evidence, names from the
 * end, place, panel; the first lines always stay.
 */
export function render(message: Message, language: Language, telling: Telling): Rendered {
  const texts = textsOf(language);
  const { head, lines, spare, withPlace } = bodyOf(texts, message, telling);
  const place = withPlace ? mapUrl(message.latitude, message.longitude) : null;
  const panel = webUrl(message.panelUrl);
  const panelButton = panel !== null && isPublicUrl(panel);
  const footer = [
    withPlace ? placeLine(message) : null,
    message.incidentNumber > 0 ? [{ text: texts.incident(message.incidentNumber) }] : null,
    panel !== null && !panelButton ? [{ text: texts.panel(panel.href) }] : null,
  ];
  const mark: Line | null = telling.repeat ? [{ text: texts.repeat, style: "italic" }] : null;
  let shown = [head, mark, ...lines, ...footer].filter((line) => line !== null);
  for (const excess of [...spare, ...footer]) {
    if (linesText(shown).length <= TEXT_LENGTH_MAX) break;
    shown = shown.filter((line) => line !== excess);
  }
  return {
    html: linesHtml(shown),
    plain: clipped(linesPlain(shown), TEXT_LENGTH_MAX, TEXT_LENGTH_MAX),
    buttons: [
      ...(place === null ? [] : [{ text: texts.mapButton, url: place }]),
      ...(panelButton ? [{ text: texts.panelButton, url: panel.href }] : []),
    ],
  };
}
