/**
 * A message as data → what a person reads in Telegram, in their language.
 * First line: state, server, site, because that is all a locked phone shows. Then what it means, since when, the
 * evidence, the place, the incident's number.
 * Pure: no clock, no network. Must not: trust a name.
 */
import { unreachable } from "../../../shared/assert.ts";
import type { Cause, IncidentKind, Language, Message } from "../../core/types.ts";
import { en } from "../texts/en.ts";
import { id } from "../texts/id.ts";
import type { Texts } from "../texts/texts.ts";
import { durationInWords, moment, period, zoneName } from "../texts/moments.ts";
import { isPublicUrl, mapUrl, webUrl } from "./addresses.ts";
import { evidenceParts, startsWhenLastHeard } from "./evidence.ts";
import {
  clipped,
  linesHtml,
  linesPlain,
  linesText,
  looksActive,
  oneLine,
  type Line,
  type Span,
} from "./markup.ts";

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

/** Red: users cannot work. Orange: look at it, users may still work. */
const ICON: Readonly<Record<IncidentKind, string>> = {
  host_down: "🔴",
  host_hung: "🔴",
  agent_down: "🟠",
  path_down: "🟠",
  site_down: "🔴",
  mass_outage: "🔴",
  not_back: "🟠",
  collector_trouble: "🟠",
  health: "🟠",
};

/** Kinds that already say the cause; saying it twice reads like a machine. */
const SAID_BY_KIND: Readonly<Partial<Record<IncidentKind, readonly Cause[]>>> = {
  agent_down: ["agent_stopped"],
  host_hung: ["host_hung"],
  collector_trouble: ["collector"],
  not_back: ["planned"],
  health: ["unknown"],
};

function nameSpan(name: string): Span {
  return { text: name, style: looksActive(name) ? "code" : "bold" };
}

/** `🔴 MATI · server — site`; a site's own incident is about the site. */
function headline(texts: Texts, message: Message, icon: string, state: string): Line {
  const server = oneLine(message.serverName);
  const site = message.siteName === null ? "" : oneLine(message.siteName);
  const spans: Span[] = [{ text: `${icon} ` }, { text: state, style: "bold" }];
  const aboutSite = message.kind === "site_down";
  const subject = aboutSite ? site || server : server;
  if (subject !== "") spans.push({ text: " · " }, nameSpan(subject));
  else if (message.kind !== "mass_outage" && message.kind !== "collector_trouble") {
    spans.push({ text: " · " }, { text: texts.unnamed, style: "bold" });
  }
  if (!aboutSite && site !== "") {
    spans.push({ text: " — " }, looksActive(site) ? nameSpan(site) : { text: site });
  }
  return spans;
}

function likelyCause(texts: Texts, message: Message): string {
  const said = SAID_BY_KIND[message.kind]?.includes(message.cause) ?? false;
  if (said) return message.confidence === "low" ? texts.evidenceThin : "";
  const cause = texts.cause[message.cause];
  return cause === "" ? texts.causeUnknown[message.confidence] : texts.causeLikely[message.confidence](cause);
}

function meaning(texts: Texts, message: Message): string {
  const variant = message.variant === null ? "" : (texts.variant[message.variant] ?? "");
  return [texts.meaning[message.kind], variant, likelyCause(texts, message)].filter(Boolean).join(" ");
}

function finalCause(texts: Texts, message: Message): string {
  if (message.finalCause === null) {
    const cause = texts.cause[message.cause];
    return cause === "" ? texts.causeFinalUnknown : texts.causeLikely[message.confidence](cause);
  }
  const cause = texts.cause[message.finalCause];
  return cause === "" ? texts.causeFinalUnknown : texts.causeFinal(cause);
}

function sinceLine(texts: Texts, message: Message): Line {
  const { startedWallMs, detectedWallMs, timeZone } = message;
  const zone = zoneName(startedWallMs, timeZone);
  const started = `${moment(texts, startedWallMs, timeZone, detectedWallMs)} ${zone}`;
  const crossesDay = moment(texts, startedWallMs, timeZone, detectedWallMs).includes(" ");
  const detected = moment(texts, detectedWallMs, timeZone, crossesDay ? null : detectedWallMs);
  const since = startsWhenLastHeard(message) ? texts.sinceHeard : texts.since;
  return [{ text: `🕒 ${since(started, detected)}` }];
}

function lastedLine(texts: Texts, message: Message, withDay: boolean): Line {
  const endedWallMs = message.endedWallMs ?? message.detectedWallMs;
  const durationMs = message.durationMs ?? endedWallMs - message.startedWallMs;
  const span = period(texts, message.startedWallMs, endedWallMs, message.timeZone, withDay);
  return [{ text: `🕒 ${texts.lasted(message.kind, durationInWords(texts, durationMs), span)}` }];
}

function evidenceLine(texts: Texts, message: Message): Line | null {
  const parts = evidenceParts(texts, message);
  if (parts.length === 0) return null;
  const text = parts.join("; ");
  return [{ text: `🔎 ${text.slice(0, 1).toLocaleUpperCase("en")}${text.slice(1)}` }];
}

/** The address, or the coordinates where there is none; a link when the place is on the map. */
function placeLine(message: Message): Line | null {
  const url = mapUrl(message.latitude, message.longitude);
  const address = message.siteAddress === null ? "" : oneLine(message.siteAddress);
  if (url === null) return address === "" ? null : [{ text: `📍 ${address}` }];
  return [{ text: "📍 " }, { text: address || `${message.latitude}, ${message.longitude}`, href: url }];
}

interface Body {
  readonly head: Line;
  /** In order; a `null` is left out. */
  readonly lines: readonly (Line | null)[];
  readonly withPlace: boolean;
}

function body(texts: Texts, message: Message, repeat: boolean): Body {
  const say = (text: string): Line => [{ text }];
  switch (message.step) {
    case "down":
    case "worse": {
      const state = texts.state[message.kind];
      const shown = message.step === "worse" ? texts.stateWorse(state) : state;
      return {
        head: headline(texts, message, ICON[message.kind], shown),
        lines: [say(meaning(texts, message)), sinceLine(texts, message), evidenceLine(texts, message)],
        withPlace: true,
      };
    }
    case "recovered":
      return {
        head: headline(texts, message, "🟢", texts.stateRecovered),
        lines: [lastedLine(texts, message, false), say(finalCause(texts, message))],
        withPlace: false,
      };
    case "told_late":
      return {
        head: headline(texts, message, "🟢", texts.stateLate[message.kind]),
        lines: [
          lastedLine(texts, message, true),
          say(finalCause(texts, message)),
          // A repeat may have been seen before; its own mark says what is true.
          repeat ? null : say(texts.toldLate),
        ],
        withPlace: false,
      };
    case "never_came": {
      const zone = zoneName(message.startedWallMs, message.timeZone);
      const started = `${moment(texts, message.startedWallMs, message.timeZone, null)} ${zone}`;
      return {
        head: headline(texts, message, "⚪", texts.stateNeverCame),
        lines: [
          say(texts.neverCame),
          say(texts.neverCameAdvice),
          [{ text: `🕒 ${texts.registered(started)}` }],
          evidenceLine(texts, message),
        ],
        withPlace: true,
      };
    }
    default:
      return unreachable(message.step);
  }
}

/**
 * The message in one language. `repeat`: it says that the first was not confirmed. What would not fit 4,096 is left
 * out from the least needed: evidence, place, panel; the first lines always stay.
 */
export function render(message: Message, language: Language, repeat: boolean): Rendered {
  const texts = textsOf(language);
  const { head, lines, withPlace } = body(texts, message, repeat);
  const place = withPlace ? mapUrl(message.latitude, message.longitude) : null;
  const panel = webUrl(message.panelUrl);
  const panelButton = panel !== null && isPublicUrl(panel);
  const footer = [
    withPlace ? placeLine(message) : null,
    message.incidentNumber > 0 ? [{ text: texts.incident(message.incidentNumber) }] : null,
    panel !== null && !panelButton ? [{ text: texts.panel(panel.href) }] : null,
  ];
  const mark: Line | null = repeat ? [{ text: texts.repeat, style: "italic" }] : null;
  const optional = new Set<Line | null>([lines.at(-1) ?? null, ...footer]);
  let shown = [head, mark, ...lines, ...footer].filter((line) => line !== null);
  while (linesText(shown).length > TEXT_LENGTH_MAX) {
    const excess = shown.find((line) => optional.has(line));
    if (!excess) break;
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
