/**
 * Several tellings in one message: how many, then a line each, then how to act on one.
 * Why a line and no more: each of them must be there, and a person must find hers at a glance.
 * Must not: drop a line, or show a branch's users what is not theirs to see.
 */
import { CHANNEL_NAMES } from "./notices.ts";
import { unreachable } from "../../../shared/assert.ts";
import type { Message, Step } from "../../core/types/telling.ts";
import { durationInWords, shortPeriod } from "../texts/moments.ts";
import { situationOf } from "../texts/situation.ts";
import { announcedHead } from "./announcement.ts";
import type { Body, Setting, Told } from "./composition.ts";
import { personIn } from "./handled.ts";
import { iconOf } from "./headline.ts";
import { quoted, say, shortLine, type Line, type Span } from "./markup.ts";
import { subjectSpans, summaryTitle, worstIcon } from "./summaries.ts";
import { lengthOf, shortZoned } from "./times.ts";

interface Row {
  readonly icon: string;
  /** What happened. */
  readonly state: string;
  /** To what, where. */
  readonly subject: readonly Span[];
  /** Since when, or how long. */
  readonly time: string | null;
}

const OUTAGES: ReadonlySet<Step> = new Set<Step>([
  "down",
  "worse",
  "repeat",
  "flapping",
  "flapping_digest",
  "edit",
  "pin",
]);
const ENDS: ReadonlySet<Step> = new Set<Step>(["recovered", "told_late", "flapping_over", "duplicate_over"]);

function isOver({ step, endedWallMs }: Message): boolean {
  return ENDS.has(step) || (OUTAGES.has(step) && endedWallMs !== null);
}

function rowOf(setting: Setting, { message, queuedWallMs }: Told): Row {
  const { texts, nameMax } = setting;
  const { step, startedWallMs, detectedWallMs, timeZone, flapping } = message;
  const situation = texts.situation[situationOf(message)];
  const members = { ...message, memberCount: message.members.length === 0 ? 1 : message.memberCount };
  const subject = subjectSpans(texts, members, nameMax);
  const since = (wallMs: number) =>
    texts.summary.openSince(shortZoned(texts, wallMs, timeZone, queuedWallMs));
  const lasted = durationInWords(texts, lengthOf(message));
  const over = situation.over ?? texts.stateRecovered;
  switch (step) {
    case "down":
    case "worse":
    case "edit":
    case "pin": {
      if (message.endedWallMs !== null) return { icon: "✅", state: over, subject, time: lasted };
      const state = step === "worse" ? texts.stateWorse(situation.state) : situation.state;
      return { icon: iconOf(message), state, subject, time: since(startedWallMs) };
    }
    case "repeat": {
      const silentMs = message.repeat?.silentMs ?? detectedWallMs - startedWallMs;
      return {
        icon: iconOf(message),
        state: situation.still,
        subject,
        time: durationInWords(texts, silentMs),
      };
    }
    case "recovered":
      return { icon: "🟢", state: over, subject, time: lasted };
    case "told_late": {
      const endedWallMs = message.endedWallMs ?? detectedWallMs;
      const time = shortPeriod(texts, startedWallMs, endedWallMs, timeZone, queuedWallMs);
      return { icon: "🟢", state: situation.late, subject, time };
    }
    case "never_came":
      return { icon: "⚪", state: texts.stateNeverCame, subject, time: null };
    case "flapping":
    case "flapping_digest":
    case "flapping_over": {
      const { state, stateStill, stateOver } = texts.flapping;
      const words = { flapping: state, flapping_digest: stateStill, flapping_over: stateOver };
      const icon = step === "flapping_over" ? "🟢" : "🟠";
      return { icon, state: words[step], subject, time: since(flapping?.sinceWallMs ?? startedWallMs) };
    }
    case "duplicate":
      return { icon: "🟠", state: texts.duplicate.state, subject, time: null };
    case "duplicate_over":
      return { icon: "🟢", state: texts.duplicate.stateOver, subject, time: null };
    case "recipient_lost": {
      const name = shortLine(message.lost?.recipientName ?? "", nameMax) || texts.unnamed;
      return { icon: "⚠️", state: texts.lost.state, subject: say(quoted(name)), time: null };
    }
    case "channel_lost":
    case "channel_back": {
      const name = message.channel === null ? "" : CHANNEL_NAMES[message.channel.name];
      const { stateLost, stateBack } = texts.channel;
      return step === "channel_lost"
        ? { icon: "⚠️", state: stateLost(name), subject: [], time: null }
        : { icon: "🟢", state: stateBack(name), subject: [], time: null };
    }
    case "drill":
      return { icon: "🔔", state: texts.drill.state, subject: [{ text: texts.drill.calm }], time: null };
    case "digest":
    case "report":
    case "board":
      return { icon: "📊", state: summaryTitle(texts, message), subject: [], time: null };
    case "announced":
    case "announced_over":
      return { icon: "📣", state: "", subject: announcedHead(texts, message), time: null };
    default:
      return unreachable(step);
  }
}

/** `🔴 MATI · srv-kasir — Cabang Makassar · 10:02 WITA · #12` */
function rowLine(setting: Setting, told: Told): Line {
  const { texts } = setting;
  const { message } = told;
  // Users get their own words, and nothing of the inside.
  if (message.step === "announced" || message.step === "announced_over") return announcedHead(texts, message);
  const { icon, state, subject, time } = rowOf(setting, told);
  const by = message.handling.acknowledgedBy;
  const isNumbered = message.incidentNumber > 0;
  if (setting.nameMax === 0)
    return [{ text: `${icon} ${state}${isNumbered ? ` · #${message.incidentNumber}` : ""}` }];
  return [
    { text: `${icon} ` },
    { text: state, style: "bold" },
    ...(subject.some(({ text }) => text !== "") ? [{ text: " · " }, ...subject] : []),
    ...(time === null ? [] : [{ text: ` · ${time}` }]),
    ...(isNumbered ? [{ text: ` · #${message.incidentNumber}` }] : []),
    ...(isNumbered && by !== null && !isOver(message)
      ? say(` · ✋ ${personIn(texts, by, setting.nameMax)}`)
      : []),
    ...(told.repeat
      ? [{ text: " · " }, { text: texts.summary.several.repeat, style: "italic" } as const]
      : []),
  ];
}

export function severalBody(setting: Setting, tellings: readonly Told[]): Body {
  const { texts, canAct } = setting;
  const { several } = texts.summary;
  const messages = tellings.map(({ message }) => message);
  const over = messages.filter(isOver);
  const outages = messages.filter((message) => OUTAGES.has(message.step) && !isOver(message));
  const counts = [
    ...(outages.length > 0 ? [several.outages(outages.length)] : []),
    ...(over.length > 0 ? [several.recovered(over.length)] : []),
  ];
  const untaken = outages.find(
    ({ incidentNumber, handling }) => incidentNumber > 0 && handling.acknowledgedBy === null,
  );
  return {
    head: [
      {
        text: `${worstIcon(outages)} `,
      },
      { text: several.head(tellings.length), style: "bold" },
      ...(counts.length > 0 ? [{ text: ` · ${counts.join(", ")}` }] : []),
    ],
    lines: [
      ...tellings.map((told) => rowLine(setting, told)),
      // Set as code: touched, it is copied whole; as a command it would be sent without its number.
      canAct && untaken !== undefined
        ? [{ text: several.howToTake }, { text: `/ack ${untaken.incidentNumber}`, style: "code" }]
        : null,
    ],
    spare: [],
    withPlace: false,
  };
}
