/**
 * English texts of news without an outage of its own.
 * Must not: frighten; most of it can wait for the morning.
 */
import type { NoticeTexts } from "../shapes/notices.ts";
import { counted, enMeasures } from "./measures.ts";

export const enNotices: NoticeTexts = {
  stateNeverCame: "NEVER HEARD",
  neverCame: "This server was registered, but has not been heard even once.",
  neverCameAdvice: "Check that the agent is installed, its address, and its way to the collector.",
  registered: (started) => `Registered ${started}`,
  flapping: {
    state: "FLAPPING",
    stateStill: "STILL FLAPPING",
    stateOver: "CALM AGAIN",
    incidents: (count, since) => `${counted("incident")(count)} since ${since}.`,
    downNow: "It is down now.",
    upNow: "It is up now.",
    digests: "From now on there is only a summary now and then, until it is calm again.",
    calm: "It is heard steadily, with no new incident. News comes as usual again.",
  },
  duplicate: {
    state: "DUPLICATE IDENTITY",
    stateOver: "IDENTITY NO LONGER DUPLICATE",
    meaning: (addresses) =>
      addresses.length === 0
        ? "Two machines use the same agent identity."
        : `Two machines use the same agent identity, from ${enMeasures.listed(addresses)}.`,
    advice:
      "Usually one is a clone of the other. Until then one of them may go down unnoticed behind the other: install the agent on one of them again with a new token.",
    over: (address) =>
      address === null
        ? "Only one machine uses this identity now."
        : `Only one machine uses this identity now, from ${address}.`,
  },
  lost: {
    state: "RECIPIENT UNREACHABLE",
    meaning: "Messages there are refused, so nothing more is sent. Everybody else is still told.",
    because: (reason) => `What the channel said: ${reason}`,
    advice:
      "On Telegram: invite the bot to the group again, or ask the person to unblock it; it is then linked again by itself. Other channels: check the address in the panel, under Notifications.",
  },
  channel: {
    stateLost: (channel) => `${channel.toUpperCase()} REFUSES THE TOKEN`,
    stateBack: (channel) => `${channel.toUpperCase()} WORKS AGAIN`,
    lost: (channel) =>
      `Nobody is told through ${channel} until this is mended. What waits there is kept and sent afterwards.`,
    because: (reason) => `What the channel said: ${reason}`,
    advice: "Check the bot's token: it may have been revoked. With a new one, start the collector again.",
    back: (channel) => `What waited for ${channel} is being sent now.`,
  },
  drill: {
    state: "DRILL",
    calm: "nothing to do",
    meaning: (by) =>
      by === null
        ? "This is a scheduled drill. There is no outage."
        : `This is a drill, asked for by ${by}. There is no outage.`,
    works: "This message arrived, so news of an outage will arrive here too.",
  },
};
