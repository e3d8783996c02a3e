/**
 * The buttons below a message, and what a press on one carries.
 * Why strict reading: a press comes from outside; what is not exactly ours is nothing.
 * Must not: decide who may press.
 */
import type { Language, Recipient } from "../../core/types/registry.ts";
import type { Message, Step } from "../../core/types/telling.ts";
import { textsOf } from "../texts/languages.ts";
import { bare } from "./markup.ts";
import { personIn } from "./handled.ts";
import { isPublicUrl, mapUrl, webUrl } from "./links.ts";

export type Button =
  { readonly text: string; readonly url: string } | { readonly text: string; readonly data: string };
export type Keyboard = readonly (readonly Button[])[];

const VERBS = [
  "ack",
  "check",
  "mute",
  "mute1h",
  "mutemorning",
  "muterecovered",
  "back",
  "announce",
  "say",
  "unsay",
  "over",
] as const;
/**
 * `mute`, `announce`: open their menu; `back`, `unsay`: close it. `say`: send the announcement that was shown; `over`: tell
 * users that it is over.
 */
export type Verb = (typeof VERBS)[number];

export interface Press {
  readonly verb: Verb;
  /** `i` and the incident's number. */
  readonly incidentId: string;
}

const PRESS = new RegExp(`^(${VERBS.join("|")}):(i[1-9]\\d{0,14})$`);
/** A name on half a phone's width. */
const BUTTON_NAME_LENGTH_MAX = 18;

export function pressData(verb: Verb, incidentId: string): string {
  return `${verb}:${incidentId}`;
}

/** null: not one of ours. */
export function parsePress(data: string): Press | null {
  const [, verb, incidentId] = PRESS.exec(data) ?? [];
  if (verb === undefined || incidentId === undefined) return null;
  return { verb: verb as Verb, incidentId };
}

export function incidentIdOf({ incidentNumber }: Pick<Message, "incidentNumber">): string {
  return `i${incidentNumber}`;
}

/** Steps below which staff act. */
const ACTIVE: ReadonlySet<Step> = new Set<Step>(["down", "worse", "repeat"]);
/** Steps that name a place where somebody may have to go, or had to. */
const PLACED: ReadonlySet<Step> = new Set<Step>(["down", "worse", "repeat", "never_came", "flapping"]);
/** Steps for people who have no panel. */
const FOR_USERS: ReadonlySet<Step> = new Set<Step>(["announced", "announced_over"]);

function links(mapLink: string | null, panelUrl: string | null, language: Language): readonly Button[] {
  const { button } = textsOf(language).handling;
  const panel = webUrl(panelUrl);
  return [
    ...(mapLink === null ? [] : [{ text: button.map, url: mapLink }]),
    ...(panel !== null && isPublicUrl(panel) ? [{ text: button.panel, url: panel.href }] : []),
  ];
}

function linksOf(message: Message, language: Language): readonly Button[] {
  if (FOR_USERS.has(message.step)) return [];
  const mapLink = PLACED.has(message.step) ? mapUrl(message.latitude, message.longitude) : null;
  return links(mapLink, message.panelUrl, language);
}

/** The map and the panel, below an answer about one place. */
export function linkButtons(
  place: Pick<Message, "latitude" | "longitude">,
  panelUrl: string | null,
  language: Language,
): Keyboard {
  return rows([links(mapUrl(place.latitude, place.longitude), panelUrl, language)]);
}

/** Take, check, mute, announce; the map and the panel. */
export function mainKeyboard(
  message: Message,
  recipient: Pick<Recipient, "audience" | "language">,
): Keyboard {
  const { language } = recipient;
  const texts = textsOf(language);
  const { button } = texts.handling;
  const isOpen = ACTIVE.has(message.step) && message.endedWallMs === null && message.incidentNumber > 0;
  if (recipient.audience === "users") return [];
  const below = linksOf(message, language);
  if (!isOpen) return rows([below]);
  const press = (text: string, verb: Verb): Button => ({
    text,
    data: pressData(verb, incidentIdOf(message)),
  });
  const by = message.handling.acknowledgedBy;
  const take = by === null ? button.take : button.takenBy(bare(personIn(texts, by, BUTTON_NAME_LENGTH_MAX)));
  const announce = message.handling.announced
    ? press(button.over, "over")
    : press(button.announce, "announce");
  // That the collector cannot hear is nothing that a branch's users notice.
  const isUsersBusiness = message.kind !== "collector_trouble";
  return rows([
    [press(take, "ack"), press(button.check, "check")],
    [press(button.mute, "mute"), ...(isUsersBusiness ? [announce] : [])],
    below,
  ]);
}

const rows = (all: Keyboard): Keyboard => all.filter((row) => row.length > 0);

/** In the place of the main keyboard: for how long. */
export function muteKeyboard(incidentId: string, language: Language): Keyboard {
  const { button } = textsOf(language).handling;
  return [
    [
      { text: button.muteHour, data: pressData("mute1h", incidentId) },
      { text: button.muteMorning, data: pressData("mutemorning", incidentId) },
    ],
    [
      { text: button.muteRecovered, data: pressData("muterecovered", incidentId) },
      { text: button.back, data: pressData("back", incidentId) },
    ],
  ];
}

/** Below the preview of an announcement. */
export function announceKeyboard(incidentId: string, language: Language): Keyboard {
  const { button } = textsOf(language).handling;
  return [
    [
      { text: button.send, data: pressData("say", incidentId) },
      { text: button.cancel, data: pressData("unsay", incidentId) },
    ],
  ];
}
