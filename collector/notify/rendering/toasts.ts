/**
 * What a press says for a moment, at the top of the phone.
 * Must not: be longer than Telegram shows (200 characters), or hold markup.
 */
import { unreachable } from "../../../shared/assert.ts";
import { textsOf } from "../texts/languages.ts";
import type { AnswerSetting, Toast } from "./answer-facts.ts";
import { personIn } from "./handled.ts";
import { bare, clipped } from "./markup.ts";
import { shortZoned } from "./times.ts";

/** Telegram's own limit. */
export const TOAST_LENGTH_MAX = 200;

export function toastText(toast: Toast, { language, timeZone, nowMs }: AnswerSetting): string {
  const texts = textsOf(language);
  const { toast: words } = texts.answers;
  const time = (wallMs: number) => shortZoned(texts, wallMs, timeZone, nowMs);
  const said = (): string => {
    switch (toast.type) {
      case "taken":
        return words.taken;
      case "taken_already":
        return words.takenAlready(personIn(texts, toast.by));
      case "over":
        return words.over(time(toast.endedMs));
      case "checking":
        return words.checking;
      case "quiet":
        return toast.untilMs === null ? words.quietUntilRecovered : words.quietUntil(time(toast.untilMs));
      case "announced":
        return words.announced(toast.chats);
      case "announced_over":
        return words.announcedOver;
      case "announced_already":
        return words.announcedAlready;
      case "over_already":
        return words.overAlready;
      case "not_announced":
        return words.notAnnounced;
      case "nobody_to_announce_to":
        return words.nobodyToAnnounceTo;
      case "not_allowed":
        return words.notAllowed;
      case "incident_unknown":
        return words.incidentUnknown;
      case "not_kept":
        return words.notKept;
      default:
        return unreachable(toast);
    }
  };
  return clipped(bare(said()), TOAST_LENGTH_MAX, TOAST_LENGTH_MAX);
}
