/**
 * What each step of an incident says, line by line.
 * First line: state, server, site, because that is all a locked phone shows. Then what it means, since when, the
 * evidence.
 * Pure. Must not: know Telegram's limits or markup beyond lines of spans.
 */
import { unreachable } from "../../../shared/assert.ts";
import type { Cause, Message, NotifyReason, Step } from "../../core/types.ts";
import { situationOf, type Situation } from "../texts/situation.ts";
import type { Texts } from "../texts/texts.ts";
import { durationInWords, moment, period, zoneName } from "../texts/moments.ts";
import { alertEvidence, endingEvidence, startsWhenLastHeard } from "./evidence.ts";
import { clipped, looksActive, oneLine, type Line, type Span } from "./markup.ts";
import { memberCountText, memberLines } from "./members.ts";

/** What the row knows beside its message. */
export interface Telling {
  readonly reason: NotifyReason;
  /** The one more send of a message whose fate is unknown: it says that the first was not confirmed. */
  readonly repeat: boolean;
}

/** Red: users cannot work. Orange: look at it, users may still work. */
const ICON: Readonly<Record<Situation, string>> = {
  host_down: "🔴",
  host_hung: "🔴",
  agent_down: "🟠",
  "agent_down/service": "🔴",
  path_down: "🟠",
  site_down: "🔴",
  "site_down/lan": "🔴",
  "site_down/path": "🟠",
  "site_down/agents": "🟠",
  mass_outage: "🔴",
  not_back: "🟠",
  collector_trouble: "🟠",
  "collector_trouble/uplink": "🟠",
  "collector_trouble/network": "🟠",
  health: "🟠",
};

/** Situations that already say the cause; saying it twice reads like a machine. */
const SAID: Readonly<Partial<Record<Situation, readonly Cause[]>>> = {
  agent_down: ["agent_stopped"],
  "agent_down/service": ["agent_stopped"],
  "site_down/lan": ["site_lan"],
  "site_down/agents": ["agent_stopped"],
  host_hung: ["host_hung"],
  collector_trouble: ["collector"],
  "collector_trouble/uplink": ["collector"],
  "collector_trouble/network": ["collector"],
  not_back: ["planned"],
  health: ["unknown"],
};

/** Addresses of a duplicate identity: two machines, perhaps more; each an IP address. */
const ADDRESSES_SHOWN_MAX = 4;
const ADDRESS_LENGTH_MAX = 80;

function nameSpan(name: string): Span {
  return { text: name, style: looksActive(name) ? "code" : "bold" };
}

/** `🔴 MATI · server — site`; a group's own incident is about its site, or about how many. */
function headline(texts: Texts, message: Message, icon: string, state: string): Line {
  const server = oneLine(message.serverName);
  const site = message.siteName === null ? "" : oneLine(message.siteName);
  const spans: Span[] = [{ text: `${icon} ` }, { text: state, style: "bold" }];
  switch (message.kind) {
    case "mass_outage":
    case "collector_trouble":
      return spans;
    case "site_down":
      return [...spans, { text: " · " }, nameSpan(site || server || texts.unnamed)];
    default:
      spans.push({ text: " · " }, nameSpan(server || texts.unnamed));
      if (site !== "") spans.push({ text: " — " }, looksActive(site) ? nameSpan(site) : { text: site });
      return spans;
  }
}

/** The same with how many servers it holds: that tells the size of an outage on a locked phone. */
function groupHeadline(texts: Texts, message: Message, icon: string, state: string): Line {
  const count = memberCountText(texts, message);
  const head = headline(texts, message, icon, state);
  return count === null ? head : [...head, { text: ` · ${count}` }];
}

function likelyCause(texts: Texts, message: Message): string {
  const said = SAID[situationOf(message)]?.includes(message.cause) ?? false;
  if (said) return message.confidence === "low" ? texts.evidenceThin : "";
  const cause = texts.cause[message.cause];
  return cause === "" ? texts.causeUnknown[message.confidence] : texts.causeLikely[message.confidence](cause);
}

function meaning(texts: Texts, message: Message, reason: NotifyReason): string {
  const sentences = [
    texts.told[reason] ?? "",
    message.flapping === null ? "" : flappingCount(texts, message),
    texts.situation[situationOf(message)].meaning,
    likelyCause(texts, message),
  ];
  return sentences.filter(Boolean).join(" ");
}

function finalCause(texts: Texts, message: Message): string {
  if (message.finalCause === null) {
    const cause = texts.cause[message.cause];
    return cause === "" ? texts.causeFinalUnknown : texts.causeLikely[message.confidence](cause);
  }
  const cause = texts.cause[message.finalCause];
  return cause === "" ? texts.causeFinalUnknown : texts.causeFinal(cause);
}

const zoned = (texts: Texts, wallMs: number, timeZone: string, besideWallMs: number | null) =>
  `${moment(texts, wallMs, timeZone, besideWallMs)} ${zoneName(wallMs, timeZone)}`;

/** "8 incidents since 09:22:15 WITA." */
function flappingCount(texts: Texts, message: Message): string {
  const { flapping, startedWallMs, detectedWallMs, timeZone } = message;
  const since = zoned(texts, flapping?.sinceWallMs ?? startedWallMs, timeZone, detectedWallMs);
  return texts.flapping.incidents(flapping?.incidents ?? 0, since);
}

function sinceLine(texts: Texts, message: Message): Line {
  const { startedWallMs, detectedWallMs, timeZone } = message;
  const started = zoned(texts, startedWallMs, timeZone, detectedWallMs);
  const crossesDay = moment(texts, startedWallMs, timeZone, detectedWallMs).includes(" ");
  const detected = moment(texts, detectedWallMs, timeZone, crossesDay ? null : detectedWallMs);
  const since = startsWhenLastHeard(message) ? texts.sinceHeard : texts.since;
  return [{ text: `🕒 ${since(started, detected)}` }];
}

function lastedLine(texts: Texts, message: Message, withDay: boolean): Line {
  const endedWallMs = message.endedWallMs ?? message.detectedWallMs;
  const durationMs = message.durationMs ?? endedWallMs - message.startedWallMs;
  const span = period(texts, message.startedWallMs, endedWallMs, message.timeZone, withDay);
  const { lasted } = texts.situation[situationOf(message)];
  return [{ text: `🕒 ${texts.lasted(lasted, durationInWords(texts, durationMs), span)}` }];
}

function evidenceLine(parts: readonly string[]): Line | null {
  if (parts.length === 0) return null;
  const text = parts.join("; ");
  return [{ text: `🔎 ${text.slice(0, 1).toLocaleUpperCase("en")}${text.slice(1)}` }];
}

export interface Body {
  readonly head: Line;
  /** In order; a `null` is left out. */
  readonly lines: readonly (Line | null)[];
  /** Those of `lines` that are left out first when the message would be too long. */
  readonly spare: readonly (Line | null)[];
  readonly withPlace: boolean;
}

const say = (text: string): Line => [{ text }];

/** What the end of an outage of several servers, or of the collector's own, leaves open. */
function afterwards(texts: Texts, message: Message): Line | null {
  if (message.kind === "collector_trouble") return say(texts.unjudged);
  return message.members.length > 1 ? say(texts.rest) : null;
}

function alertBody(texts: Texts, message: Message, reason: NotifyReason): Body {
  const situation = situationOf(message);
  const { state } = texts.situation[situation];
  const evidence = evidenceLine(alertEvidence(texts, message));
  const members = memberLines(texts, message);
  return {
    head: groupHeadline(
      texts,
      message,
      ICON[situation],
      message.step === "worse" ? texts.stateWorse(state) : state,
    ),
    lines: [say(meaning(texts, message, reason)), sinceLine(texts, message), evidence, ...members],
    spare: [evidence, ...members.toReversed()],
    withPlace: true,
  };
}

function recoveredBody(texts: Texts, message: Message): Body {
  const evidence = evidenceLine(endingEvidence(texts, message));
  return {
    head: headline(texts, message, "🟢", texts.situation[situationOf(message)].over ?? texts.stateRecovered),
    lines: [
      lastedLine(texts, message, false),
      say(finalCause(texts, message)),
      evidence,
      afterwards(texts, message),
    ],
    spare: [evidence],
    withPlace: false,
  };
}

function toldLateBody(texts: Texts, message: Message, repeat: boolean): Body {
  const evidence = evidenceLine(endingEvidence(texts, message));
  const members = memberLines(texts, message);
  return {
    head: groupHeadline(texts, message, "🟢", texts.situation[situationOf(message)].late),
    lines: [
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

function neverCameBody(texts: Texts, message: Message): Body {
  const started = zoned(texts, message.startedWallMs, message.timeZone, null);
  const evidence = evidenceLine(alertEvidence(texts, message));
  return {
    head: headline(texts, message, "⚪", texts.stateNeverCame),
    lines: [
      say(texts.neverCame),
      say(texts.neverCameAdvice),
      [{ text: `🕒 ${texts.registered(started)}` }],
      evidence,
    ],
    spare: [evidence],
    withPlace: true,
  };
}

type FlappingStep = Extract<Step, `flapping${string}`>;

function flappingBody(texts: Texts, message: Message, step: FlappingStep): Body {
  const { flapping: words } = texts;
  const incidents = flappingCount(texts, message);
  const now = message.flapping?.downNow === true ? words.downNow : words.upNow;
  const told = {
    flapping: { icon: "🟠", state: words.state, text: `${incidents} ${now} ${words.digests}` },
    flapping_digest: { icon: "🟠", state: words.stateStill, text: `${incidents} ${now}` },
    flapping_over: { icon: "🟢", state: words.stateOver, text: `${words.calm} ${incidents}` },
  }[step];
  return {
    head: headline(texts, message, told.icon, told.state),
    lines: [say(told.text)],
    spare: [],
    withPlace: step === "flapping",
  };
}

function duplicateBody(texts: Texts, message: Message): Body {
  const { duplicate: words } = texts;
  const addresses = [...new Set(message.addresses)]
    .map((address) => clipped(oneLine(address), ADDRESS_LENGTH_MAX, ADDRESS_LENGTH_MAX))
    .filter((address) => address !== "")
    .slice(0, ADDRESSES_SHOWN_MAX);
  const noticed = zoned(texts, message.detectedWallMs, message.timeZone, null);
  const over = message.step === "duplicate_over";
  return {
    head: headline(texts, message, over ? "🟢" : "🟠", over ? words.stateOver : words.state),
    lines: over
      ? [say(words.over(addresses[0] ?? null))]
      : [say(words.meaning(addresses)), say(words.advice), [{ text: `🕒 ${texts.noticed(noticed)}` }]],
    spare: [],
    withPlace: false,
  };
}

export function bodyOf(texts: Texts, message: Message, { reason, repeat }: Telling): Body {
  switch (message.step) {
    case "down":
    case "worse":
      return alertBody(texts, message, reason);
    case "recovered":
      return recoveredBody(texts, message);
    case "told_late":
      return toldLateBody(texts, message, repeat);
    case "never_came":
      return neverCameBody(texts, message);
    case "flapping":
    case "flapping_digest":
    case "flapping_over":
      return flappingBody(texts, message, message.step);
    case "duplicate":
    case "duplicate_over":
      return duplicateBody(texts, message);
    default:
      return unreachable(message.step);
  }
}
