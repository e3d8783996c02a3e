/**
 * Messages as data → what a person reads in a chat, in their language: text, markup, buttons, within the limit.
 * Pure: no clock, no network. Must not: trust a name, or drop one of several messages.
 */
import type { Recipient } from "../../core/types/registry.ts";
import type { Message } from "../../core/types/telling.ts";
import type { Telling } from "../channel.ts";
import { textsOf } from "../texts/languages.ts";
import type { Texts } from "../texts/texts.ts";
import { bodyOf } from "./body.ts";
import type { Body, Density, Told } from "./composition.ts";
import { fitted, type Fits, type Fitted } from "./fitting.ts";
import { mainKeyboard, type Keyboard } from "./keyboard.ts";
import { isPublicUrl, mapUrl, webUrl } from "./links.ts";
import { clipped, linesHtml, linesPlain, linesText, oneLine, say, type Line } from "./markup.ts";

/** Telegram's own limit, in UTF-16 units after the entities are parsed. */
export const TEXT_LENGTH_MAX = 4096;

export interface Rendered {
  readonly html: string;
  /** The same without markup, for when Telegram cannot parse the HTML; at most `TEXT_LENGTH_MAX`. */
  readonly plain: string;
  /** What is left of `html` after it was parsed: what limits count. At most `TEXT_LENGTH_MAX`. */
  readonly text: string;
  readonly keyboard: Keyboard;
  /** Somebody is on it; it is over. */
  readonly reaction: "seen" | "done" | null;
}

/** Fits into a chat. */
export const fitsChat: Fits = (lines) => linesText(lines).length <= TEXT_LENGTH_MAX;

/** The lines as a chat gets them. */
export function renderedFrom(
  lines: readonly Line[],
  keyboard: Keyboard,
  reaction: Rendered["reaction"] = null,
): Rendered {
  return {
    html: linesHtml(lines),
    plain: clipped(linesPlain(lines), TEXT_LENGTH_MAX, TEXT_LENGTH_MAX),
    text: linesText(lines),
    keyboard,
    reaction,
  };
}

/** The address, or the coordinates where there is none; a link when the place is on the map. */
export function placeLine(place: Pick<Message, "latitude" | "longitude" | "siteAddress">): Line | null {
  const url = mapUrl(place.latitude, place.longitude);
  const address = place.siteAddress === null ? "" : oneLine(place.siteAddress);
  if (url === null) return address === "" ? null : [{ text: `📍 ${address}` }];
  return [{ text: "📍 " }, { text: address || `${place.latitude}, ${place.longitude}`, href: url }];
}

function footerOf(
  texts: Texts,
  body: Body,
  recipient: Recipient,
  { message }: Told,
): readonly (Line | null)[] {
  if (message.step === "announced" || message.step === "announced_over") return [];
  const panel = webUrl(message.panelUrl);
  const isButton = panel !== null && isPublicUrl(panel);
  return [
    body.withPlace && recipient.detail === "full" ? placeLine(message) : null,
    message.incidentNumber > 0 ? say(texts.incident(message.incidentNumber)) : null,
    panel !== null && !isButton ? say(texts.panel(panel.href)) : null,
  ];
}

/** The whole text: of one telling with its mark, its place and its number; of several a line each. */
export function composed(
  tellings: readonly [Told, ...Told[]],
  recipient: Recipient,
  canAct: boolean,
  fits: Fits,
): Fitted {
  const texts = textsOf(recipient.language);
  const [first] = tellings;
  const isOne = tellings.length === 1;
  const mark: Line | null = isOne && first.repeat ? say(texts.repeat, "italic") : null;
  const make = (density: Density) => {
    const body = bodyOf({ texts, recipient, canAct, ...density }, tellings);
    return {
      body: { ...body, lines: [mark, ...body.lines] },
      footer: isOne ? footerOf(texts, body, recipient, first) : [],
    };
  };
  return fitted(make, fits);
}

function reactionTo({ step, endedWallMs, handling }: Message): Rendered["reaction"] {
  if (step !== "down" && step !== "worse" && step !== "repeat") return null;
  if (endedWallMs !== null) return "done";
  return handling.acknowledgedBy === null ? null : "seen";
}

/**
 * What a chat gets. What would not fit 4,096 characters is left out from the least needed: evidence, names from the end,
 * place, panel; the first line, and a line for each of several tellings, always stay.
 */
export function render(tellings: readonly [Telling, ...Telling[]], recipient: Recipient): Rendered {
  const [{ message }] = tellings;
  const isStaff = recipient.audience === "staff";
  const { lines } = composed(tellings, recipient, isStaff, fitsChat);
  return tellings.length === 1
    ? renderedFrom(lines, mainKeyboard(message, recipient), reactionTo(message))
    : renderedFrom(lines, []);
}
