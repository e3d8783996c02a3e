/**
 * What each step says: which theme writes it.
 * Pure. Must not: know a channel's limits or markup beyond lines of spans.
 */
import { unreachable } from "../../../shared/assert.ts";
import { alertBody, repeatBody } from "./alert.ts";
import { announcedBody, announcedOverBody } from "./announcement.ts";
import type { Body, Setting, Told } from "./composition.ts";
import { recoveredBody, toldLateBody } from "./ending.ts";
import { channelBody, drillBody, duplicateBody, flappingBody, lostBody, neverCameBody } from "./notices.ts";
import { severalBody } from "./several.ts";
import { boardBody, digestBody, reportBody } from "./summaries.ts";

/** One telling whole, or several in a line each. */
export function bodyOf(setting: Setting, tellings: readonly [Told, ...Told[]]): Body {
  const [told] = tellings;
  return tellings.length > 1 ? severalBody(setting, tellings) : singleBody(setting, told);
}

function singleBody(setting: Setting, told: Told): Body {
  const { step } = told.message;
  switch (step) {
    case "down":
    case "worse":
    // Of an edit the message says which step it shows; these two are no steps of a text.
    case "edit":
    case "pin":
      return alertBody(setting, told);
    case "repeat":
      return repeatBody(setting, told);
    case "recovered":
      return recoveredBody(setting, told);
    case "told_late":
      return toldLateBody(setting, told);
    case "announced":
      return announcedBody(setting.texts, told);
    case "announced_over":
      return announcedOverBody(setting.texts, told);
    case "never_came":
      return neverCameBody(setting, told);
    case "flapping":
    case "flapping_digest":
    case "flapping_over":
      return flappingBody(setting, told, step);
    case "duplicate":
    case "duplicate_over":
      return duplicateBody(setting, told);
    case "recipient_lost":
      return lostBody(setting, told);
    case "channel_lost":
    case "channel_back":
      return channelBody(setting, told);
    case "drill":
      return drillBody(setting, told);
    case "digest":
      return digestBody(setting, told);
    case "report":
      return reportBody(setting, told);
    case "board":
      return boardBody(setting, told);
    default:
      return unreachable(step);
  }
}
