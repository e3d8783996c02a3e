/**
 * Answers that list: how things are, what is down, which names match.
 * Must not: leave anything out without counting it.
 */
import type { Status } from "../../core/types/server.ts";
import type { HearingState } from "../../core/types/tables.ts";
import type { SummaryIncident } from "../../core/types/telling.ts";
import type { Texts } from "../texts/texts.ts";
import type { Answer, AnswerSetting } from "./answer-facts.ts";
import type { Body, Density } from "./composition.ts";
import { quoted, say, shortLine } from "./markup.ts";
import { lowered, openLines, stateText, worstIcon } from "./summaries.ts";

/** As in the panel: a shape and a word, never colour alone. */
export const SYMBOL: Readonly<Record<Status, string>> = {
  up: "●",
  suspect: "◐",
  down: "▲",
  recovering: "◉",
  planned: "◆",
  paused: "■",
  new: "○",
};
/** The worst first. */
export const STATUSES = ["down", "suspect", "recovering", "planned", "new", "paused", "up"] as const;

/** What was looked for, and names that match: a line of a phone each. */
const NAME_LENGTH_MAX = 60;
const MATCHES_SHOWN_MAX = 10;

/** Of a collector that does not simply hear nothing is said to be so, only to have been. */
function opening(
  texts: Texts,
  hearing: HearingState,
  open: readonly SummaryIncident[],
  state: string,
): Pick<Body, "head" | "lines"> {
  const why = texts.answers.hearing[hearing];
  if (why === "")
    return { head: [{ text: `${worstIcon(open)} ` }, { text: state, style: "bold" }], lines: [] };
  const known = texts.answers.lastKnown(lowered(state));
  return { head: [{ text: "⚠️ " }, { text: known, style: "bold" }], lines: [say(why)] };
}

export function statusBody(
  texts: Texts,
  { counts, open, openCount, hearing }: Extract<Answer, { type: "status" }>,
  { timeZone, nowMs }: AnswerSetting,
  density: Density,
): Body {
  const watched = STATUSES.filter((status) => status !== "paused");
  const servers = watched.reduce((sum, status) => sum + counts[status], 0);
  const up = counts.up + counts.suspect;
  const others = STATUSES.filter((status) => status !== "up" && counts[status] > 0);
  const parts = others.map(
    (status) => `${SYMBOL[status]} ${texts.count(counts[status])} ${texts.summary.status[status]}`,
  );
  const { head, lines } = opening(texts, hearing, open, stateText(texts, { servers, up, open, openCount }));
  return {
    head,
    lines: [
      ...lines,
      parts.length > 0 ? say(parts.join(" · ")) : null,
      ...openLines({ texts, timeZone, nowMs, ...density }, { open, openCount }),
    ],
    spare: [],
    withPlace: false,
  };
}

export function downBody(
  texts: Texts,
  { open, openCount, hearing }: Extract<Answer, { type: "down" }>,
  { timeZone, nowMs }: AnswerSetting,
  density: Density,
): Body {
  const isCalm = openCount <= 0 && open.length === 0;
  const state = isCalm ? texts.answers.nothingDown : texts.answers.downHead(Math.max(openCount, open.length));
  const { head, lines } = opening(texts, hearing, open, state);
  return {
    head,
    lines: [...lines, ...openLines({ texts, timeZone, nowMs, ...density }, { open, openCount })],
    spare: [],
    withPlace: false,
  };
}

export function matchesBody(
  texts: Texts,
  { what, query, names, count }: Extract<Answer, { type: "matches" }>,
  { nameMax }: Density,
): Body {
  const { answers: words } = texts;
  if (names.length === 0) {
    const asked = quoted(shortLine(query, NAME_LENGTH_MAX));
    const text = what === "server" ? words.noServer(asked) : words.noSite(asked);
    return { head: say(text), lines: [], spare: [], withPlace: false };
  }
  const shown = names
    .slice(0, MATCHES_SHOWN_MAX)
    .map((name) => quoted(shortLine(name, nameMax) || texts.unnamed));
  const all = Math.max(names.length, Number.isFinite(count) ? Math.floor(count) : 0);
  const left = all - shown.length;
  const listed = left > 0 ? `${shown.join(", ")}, ${texts.andOthers(left)}` : shown.join(", ");
  return {
    head: say(`${words.several(all, listed)}.`),
    lines: [say(words.severalAdvice)],
    spare: [],
    withPlace: false,
  };
}
