/**
 * What people did about an outage, a line each: who is on it, until when it is quiet, that users know, what a check found.
 * Must not: trust a name; people choose theirs in Telegram.
 */
import type { Message } from "../../core/types/telling.ts";
import { shortMoment } from "../texts/moments.ts";
import type { Texts } from "../texts/texts.ts";
import type { Told } from "./composition.ts";
import { checkFindings } from "./evidence.ts";
import { quoted, say, shortLine, type Line } from "./markup.ts";
import { shortZoned } from "./times.ts";

/** People's names in a sentence; longer ones are no names. */
const PERSON_LENGTH_MAX = 40;

export function personIn(texts: Texts, by: string, lengthMax = PERSON_LENGTH_MAX): string {
  return quoted(shortLine(by, lengthMax) || texts.unnamed);
}

export function takenLine(texts: Texts, { handling, endedWallMs }: Message): Line | null {
  if (handling.acknowledgedBy === null) return null;
  const said = endedWallMs === null ? texts.handling.taken : texts.handling.wasTaken;
  return say(`✋ ${said(personIn(texts, handling.acknowledgedBy))}`);
}

export function announcedLine(texts: Texts, { handling }: Message): Line | null {
  return handling.announced ? say(`📣 ${texts.handling.announced}`) : null;
}

/** null: it is not, or not any more when this was decided. */
export function quietLine(texts: Texts, { message, queuedWallMs }: Told): Line | null {
  const { handling, timeZone, detectedWallMs } = message;
  const { quiet } = handling;
  if (quiet === null || (quiet.untilWallMs !== null && quiet.untilWallMs <= queuedWallMs)) return null;
  const by = personIn(texts, quiet.by);
  return say(
    `🔕 ${
      quiet.untilWallMs === null
        ? texts.handling.quietUntilRecovered(by)
        : texts.handling.quietUntil(shortZoned(texts, quiet.untilWallMs, timeZone, detectedWallMs), by)
    }`,
  );
}

export function checkedLine(texts: Texts, { handling, timeZone, detectedWallMs }: Message): Line | null {
  const { checked } = handling;
  if (checked === null) return null;
  // Its zone stands beside the outage's own time.
  const time = shortMoment(texts, checked.wallMs, timeZone, detectedWallMs);
  const found = checkFindings(texts, checked.evidence).join("; ");
  return say(`🔄 ${texts.handling.checked(time, personIn(texts, checked.by), found)}`);
}
