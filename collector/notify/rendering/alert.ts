/**
 * An outage as it is told: at its beginning, when it gets worse, while nobody takes it; and the same message once it is
 * over.
 * First what it is, then what it means, since when, who is on it, the evidence.
 * Must not: know Telegram's limits.
 */
import type { Message } from "../../core/types/telling.ts";
import { durationInWords } from "../texts/moments.ts";
import { situationOf } from "../texts/situation.ts";
import { finalCause, likelyCause } from "./causes.ts";
import { isShort, type Body, type Setting, type Told } from "./composition.ts";
import { alertEvidence, endingEvidence } from "./evidence.ts";
import { announcedLine, checkedLine, quietLine, takenLine } from "./handled.ts";
import { groupHeadline, iconOf } from "./headline.ts";
import { say, type Line } from "./markup.ts";
import { memberLines } from "./members.ts";
import { flappingCount } from "./notices.ts";
import { reasonLine } from "./reasons.ts";
import { lastedLine, sinceLine, zoned } from "./times.ts";

const sentences = (...all: readonly string[]): Line | null => {
  const text = all.filter(Boolean).join(" ");
  return text === "" ? null : say(text);
};

function handledLines(setting: Setting, told: Told): readonly (Line | null)[] {
  const { texts } = setting;
  const { message } = told;
  return [
    takenLine(texts, message),
    quietLine(texts, told),
    announcedLine(texts, message),
    checkedLine(texts, message),
  ];
}

export function alertBody(setting: Setting, told: Told): Body {
  const { message } = told;
  if (message.endedWallMs !== null) return endedBody(setting, message);
  const { texts } = setting;
  const { state, meaning } = texts.situation[situationOf(message)];
  const evidence = isShort(setting) ? null : alertEvidence(texts, message);
  const members = isShort(setting) ? [] : memberLines(texts, message);
  return {
    head: groupHeadline(
      texts,
      message,
      iconOf(message),
      message.step === "worse" ? texts.stateWorse(state) : state,
    ),
    lines: [
      reasonLine(texts, told),
      sentences(
        message.flapping === null ? "" : flappingCount(texts, message),
        isShort(setting) ? "" : meaning,
        likelyCause(texts, message),
      ),
      sinceLine(texts, message),
      ...handledLines(setting, told),
      evidence,
      ...members,
    ],
    spare: [evidence, ...members.toReversed()],
    withPlace: true,
  };
}

/** Told at its beginning, and over by now: what it was stays below. */
function endedBody(setting: Setting, message: Message): Body {
  const { texts } = setting;
  if (message.closeReason !== null && message.closeReason !== "recovered")
    return unwatchedBody(setting, message);
  const situation = texts.situation[situationOf(message)];
  const isFull = !isShort(setting);
  const [before, since] = isFull
    ? [alertEvidence(texts, message), endingEvidence(texts, message)]
    : [null, null];
  const members = isFull ? memberLines(texts, message) : [];
  return {
    head: groupHeadline(texts, message, "✅", situation.over ?? texts.stateRecovered),
    lines: [
      lastedLine(texts, message, false),
      say(finalCause(texts, message)),
      since,
      takenLine(texts, message),
      announcedLine(texts, message),
      isFull ? say(texts.firstTold(`${iconOf(message)} ${situation.state}`, situation.meaning)) : null,
      before,
      ...members,
    ],
    spare: [before, since, ...members.toReversed()],
    withPlace: false,
  };
}

/** Staff paused or removed the server: nobody knows how it went on. */
function unwatchedBody(setting: Setting, message: Message): Body {
  const { texts } = setting;
  const situation = texts.situation[situationOf(message)];
  const reason = message.closeReason === "paused_by_staff" ? texts.paused : texts.removed;
  return {
    head: groupHeadline(texts, message, "⏹", texts.stateUnwatched),
    lines: [
      say(reason),
      sinceLine(texts, message),
      takenLine(texts, message),
      isShort(setting)
        ? null
        : say(texts.firstTold(`${iconOf(message)} ${situation.state}`, situation.meaning)),
    ],
    spare: [],
    withPlace: false,
  };
}

/** It goes on, and somebody should take it. */
export function repeatBody(setting: Setting, told: Told): Body {
  const { message } = told;
  if (message.endedWallMs !== null) return endedBody(setting, message);
  const { texts, canAct } = setting;
  const { handling } = texts;
  const silentMs = message.repeat?.silentMs ?? message.detectedWallMs - message.startedWallMs;
  const since = zoned(texts, message.startedWallMs, message.timeZone, message.startedWallMs + silentMs);
  const isTaken = message.handling.acknowledgedBy !== null;
  return {
    head: groupHeadline(texts, message, iconOf(message), texts.situation[situationOf(message)].still),
    lines: [
      reasonLine(texts, told),
      say(`🕒 ${texts.goesOn(durationInWords(texts, silentMs), since, message.repeat?.count ?? null)}`),
      isTaken ? null : sentences(handling.nobody, canAct ? handling.askToPress : handling.askElsewhere),
      sentences(likelyCause(texts, message)),
      ...handledLines(setting, told),
    ],
    spare: [],
    withPlace: false,
  };
}
