/**
 * Why a message comes now, or to this chat, in one sentence, where a person would wonder.
 * Why so few: a first alert needs no reason; an escalated, a late or a stand-in one does.
 * Must not: name other recipients; who is told what is not everybody's business.
 */
import type { Step } from "../../core/types/telling.ts";
import type { Texts } from "../texts/texts.ts";
import type { Told } from "./composition.ts";
import { say, type Line } from "./markup.ts";
import { shortZoned } from "./times.ts";

const ALERTS: ReadonlySet<Step> = new Set<Step>(["down", "worse"]);
/** What a stand-in may be told. */
const OUTAGES: ReadonlySet<Step> = new Set<Step>([
  "down",
  "worse",
  "repeat",
  "recovered",
  "told_late",
  "never_came",
  "flapping",
  "flapping_digest",
  "flapping_over",
  "duplicate",
  "duplicate_over",
]);

export function reasonLine(texts: Texts, { message, reason, queuedWallMs }: Told): Line | null {
  if (reason === "fallback") return OUTAGES.has(message.step) ? say(texts.told.fallback ?? "") : null;
  // What is over is told by what it was.
  if (!ALERTS.has(message.step) || message.endedWallMs !== null) return null;
  if (reason === "escalated")
    return say(texts.escalated(shortZoned(texts, message.detectedWallMs, message.timeZone, queuedWallMs)));
  const told = texts.told[reason];
  return told === undefined ? null : say(told);
}
