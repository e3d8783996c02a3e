/**
 * The times of an incident, in its site's zone: since when, how long.
 * Must not: read a clock.
 */
import type { Message } from "../../core/types/telling.ts";
import { durationInWords, moment, period, shortMoment, zoneName } from "../texts/moments.ts";
import { situationOf } from "../texts/situation.ts";
import type { Texts } from "../texts/texts.ts";
import { startsWhenLastHeard } from "./evidence.ts";
import type { Line } from "./markup.ts";

/** `10:02:15 WITA` */
export const zoned = (texts: Texts, wallMs: number, timeZone: string, besideWallMs: number | null): string =>
  `${moment(texts, wallMs, timeZone, besideWallMs)} ${zoneName(wallMs, timeZone)}`;

/** `10:02 WITA` */
export const shortZoned = (
  texts: Texts,
  wallMs: number,
  timeZone: string,
  besideWallMs: number | null,
): string => `${shortMoment(texts, wallMs, timeZone, besideWallMs)} ${zoneName(wallMs, timeZone)}`;

export function sinceLine(texts: Texts, message: Message): Line {
  const { startedWallMs, detectedWallMs, timeZone } = message;
  const started = zoned(texts, startedWallMs, timeZone, detectedWallMs);
  const crossesDay = moment(texts, startedWallMs, timeZone, detectedWallMs).includes(" ");
  const detected = moment(texts, detectedWallMs, timeZone, crossesDay ? null : detectedWallMs);
  const since = startsWhenLastHeard(message) ? texts.sinceHeard : texts.since;
  return [{ text: `🕒 ${since(started, detected)}` }];
}

/** How long it was, of one that is over. ms. */
export function lengthOf(message: Message): number {
  return message.durationMs ?? (message.endedWallMs ?? message.detectedWallMs) - message.startedWallMs;
}

export function lastedLine(texts: Texts, message: Message, withDay: boolean): Line {
  const endedWallMs = message.endedWallMs ?? message.detectedWallMs;
  const span = period(texts, message.startedWallMs, endedWallMs, message.timeZone, withDay);
  const { lasted } = texts.situation[situationOf(message)];
  return [{ text: `🕒 ${texts.lasted(lasted, durationInWords(texts, lengthOf(message)), span)}` }];
}
