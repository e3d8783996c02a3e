/**
 * English texts of what people did about an outage, and of the buttons with which they do it.
 * Must not: grow; a button holds two or three words.
 */
import type { HandlingTexts } from "../shapes/handling.ts";

export const enHandling: HandlingTexts = {
  taken: (by) => `${by} is on it`,
  wasTaken: (by) => `${by} was on it`,
  quietUntil: (time, by) => `Muted until ${time}, by ${by}`,
  quietUntilRecovered: (by) => `Muted until it recovers, by ${by}`,
  announced: "Users have been told",
  checked: (time, by, found) =>
    `Checked ${time} by ${by}: ${found === "" ? "nothing could be asked" : found}`,
  nobody: "Nobody is on it yet.",
  askToPress: "If you are working on it, press “Mine”: these reminders then stop.",
  askElsewhere: "If you are working on it, say so in the panel: these reminders then stop.",
  button: {
    take: "✋ Mine",
    takenBy: (by) => `✋ ${by}`,
    check: "🔄 Check again",
    mute: "🔕 Mute",
    announce: "📣 Tell users",
    over: "📣 Say it's over",
    map: "📍 Map",
    panel: "Open in panel",
    muteHour: "1 hour",
    muteMorning: "Until 07:00",
    muteRecovered: "Until recovered",
    back: "‹ Back",
    send: "📣 Send",
    cancel: "Cancel",
  },
};
