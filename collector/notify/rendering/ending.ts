/**
 * The end of an outage: how long, why, what proves it; by itself, or with the outage that was never told.
 * Must not: send anybody to a place; nobody has to go there any more.
 */
import type { Message } from "../../core/types/telling.ts";
import { situationOf } from "../texts/situation.ts";
import type { Texts } from "../texts/texts.ts";
import { finalCause } from "./causes.ts";
import { isShort, type Body, type Setting, type Told } from "./composition.ts";
import { endingEvidence } from "./evidence.ts";
import { groupHeadline, headline } from "./headline.ts";
import { say, type Line } from "./markup.ts";
import { memberLines } from "./members.ts";
import { reasonLine } from "./reasons.ts";
import { lastedLine } from "./times.ts";

/** What the end of an outage of several servers, or of the collector's own, leaves open. */
function afterwards(texts: Texts, message: Message): Line | null {
  if (message.kind === "collector_trouble") return say(texts.unjudged);
  return message.members.length > 1 ? say(texts.rest) : null;
}

export function recoveredBody(setting: Setting, told: Told): Body {
  const { texts } = setting;
  const { message } = told;
  const evidence = isShort(setting) ? null : endingEvidence(texts, message);
  return {
    head: headline(texts, message, "🟢", texts.situation[situationOf(message)].over ?? texts.stateRecovered),
    lines: [
      reasonLine(texts, told),
      lastedLine(texts, message, false),
      say(finalCause(texts, message)),
      evidence,
      afterwards(texts, message),
    ],
    spare: [evidence],
    withPlace: false,
  };
}

export function toldLateBody(setting: Setting, told: Told): Body {
  const { texts } = setting;
  const { message, repeat } = told;
  const evidence = isShort(setting) ? null : endingEvidence(texts, message);
  const members = isShort(setting) ? [] : memberLines(texts, message);
  return {
    head: groupHeadline(texts, message, "🟢", texts.situation[situationOf(message)].late),
    lines: [
      reasonLine(texts, told),
      lastedLine(texts, message, true),
      say(finalCause(texts, message)),
      evidence,
      ...members,
      afterwards(texts, message),
      // A repeat may have been seen before; its own mark says what is true.
      repeat ? null : say(texts.toldLate),
    ],
    spare: [evidence, ...members.toReversed()],
    withPlace: false,
  };
}
