/**
 * News without an outage of its own: a server that never came, that flaps, whose identity two machines share; a recipient
 * that is gone; a drill.
 * Must not: sound like an outage.
 */
import type { ChannelName } from "../../core/types/registry.ts";
import type { Message, Step } from "../../core/types/telling.ts";
import type { Texts } from "../texts/texts.ts";
import { isShort, type Body, type Setting, type Told } from "./composition.ts";
import { alertEvidence } from "./evidence.ts";
import { personIn } from "./handled.ts";
import { headline, nameSpan } from "./headline.ts";
import { oneLine, quotedAddress, say, shortLine } from "./markup.ts";
import { reasonLine } from "./reasons.ts";
import { zoned } from "./times.ts";

/** Addresses of a duplicate identity: two machines, perhaps more; each an IP address. */
const ADDRESSES_SHOWN_MAX = 4;
const ADDRESS_LENGTH_MAX = 80;
/** A channel's own words about why it refuses: a line of a phone, or four. */
const REASON_LENGTH_MAX = 200;

export type FlappingStep = Extract<Step, `flapping${string}`>;

/** "8 incidents since 09:22:15 WITA." */
export function flappingCount(texts: Texts, message: Message): string {
  const { flapping, startedWallMs, detectedWallMs, timeZone } = message;
  const since = zoned(texts, flapping?.sinceWallMs ?? startedWallMs, timeZone, detectedWallMs);
  return texts.flapping.incidents(flapping?.incidents ?? 0, since);
}

export function neverCameBody(setting: Setting, told: Told): Body {
  const { texts } = setting;
  const { message } = told;
  const started = zoned(texts, message.startedWallMs, message.timeZone, null);
  const evidence = isShort(setting) ? null : alertEvidence(texts, message);
  return {
    head: headline(texts, message, "⚪", texts.stateNeverCame),
    lines: [
      reasonLine(texts, told),
      say(texts.neverCame),
      say(texts.neverCameAdvice),
      say(`🕒 ${texts.registered(started)}`),
      evidence,
    ],
    spare: [evidence],
    withPlace: true,
  };
}

export function flappingBody(setting: Setting, told: Told, step: FlappingStep): Body {
  const { texts } = setting;
  const { message } = told;
  const { flapping: words } = texts;
  const incidents = flappingCount(texts, message);
  const now = message.flapping?.downNow === true ? words.downNow : words.upNow;
  const said = {
    flapping: { icon: "🟠", state: words.state, text: `${incidents} ${now} ${words.digests}` },
    flapping_digest: { icon: "🟠", state: words.stateStill, text: `${incidents} ${now}` },
    flapping_over: { icon: "🟢", state: words.stateOver, text: `${words.calm} ${incidents}` },
  }[step];
  return {
    head: headline(texts, message, said.icon, said.state),
    lines: [reasonLine(texts, told), say(said.text)],
    spare: [],
    withPlace: step === "flapping",
  };
}

export function duplicateBody(setting: Setting, told: Told): Body {
  const { texts } = setting;
  const { message } = told;
  const { duplicate: words } = texts;
  const addresses = [...new Set(message.addresses)]
    .map((address) => quotedAddress(oneLine(address, ADDRESS_LENGTH_MAX, ADDRESS_LENGTH_MAX)))
    .filter((address) => address !== "")
    .slice(0, ADDRESSES_SHOWN_MAX);
  const noticed = zoned(texts, message.detectedWallMs, message.timeZone, null);
  const over = message.step === "duplicate_over";
  return {
    head: headline(texts, message, over ? "🟢" : "🟠", over ? words.stateOver : words.state),
    lines: [
      reasonLine(texts, told),
      ...(over
        ? [say(words.over(addresses[0] ?? null))]
        : [say(words.meaning(addresses)), say(words.advice), say(`🕒 ${texts.noticed(noticed)}`)]),
    ],
    spare: [],
    withPlace: false,
  };
}

export function lostBody({ texts }: Setting, { message }: Told): Body {
  const { lost: words } = texts;
  const name = message.lost === null ? "" : oneLine(message.lost.recipientName);
  const because = message.lost === null ? "" : shortLine(message.lost.reason, REASON_LENGTH_MAX);
  return {
    head: [
      { text: "⚠️ " },
      { text: words.state, style: "bold" },
      { text: " · " },
      nameSpan(name || texts.unnamed),
    ],
    lines: [
      say(words.meaning),
      because === "" ? null : say(words.because(quotedAddress(because))),
      say(words.advice),
    ],
    spare: [],
    withPlace: false,
  };
}

export const CHANNEL_NAMES: Readonly<Record<ChannelName, string>> = {
  telegram: "Telegram",
  webhook: "Webhook",
  ntfy: "ntfy",
};

export function channelBody({ texts }: Setting, { message }: Told): Body {
  const { channel: words } = texts;
  const name = message.channel === null ? "" : CHANNEL_NAMES[message.channel.name];
  const reason = message.channel?.reason ?? null;
  const because = reason === null ? "" : shortLine(reason, REASON_LENGTH_MAX);
  const isBack = message.step === "channel_back";
  return {
    head: [
      { text: isBack ? "🟢 " : "⚠️ " },
      { text: isBack ? words.stateBack(name) : words.stateLost(name), style: "bold" },
    ],
    lines: isBack
      ? [say(words.back(name))]
      : [
          say(words.lost(name)),
          because === "" ? null : say(words.because(quotedAddress(because))),
          say(words.advice),
        ],
    spare: [],
    withPlace: false,
  };
}

export function drillBody({ texts }: Setting, { message }: Told): Body {
  const { drill: words } = texts;
  const by = message.handling.acknowledgedBy ?? "";
  return {
    head: [{ text: "🔔 " }, { text: words.state, style: "bold" }, { text: ` · ${words.calm}` }],
    lines: [say(words.meaning(by === "" ? null : personIn(texts, by))), say(words.works)],
    spare: [],
    withPlace: false,
  };
}
