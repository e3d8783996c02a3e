/**
 * What the users of a branch are told: that a disturbance is known, and that it is over.
 * Why so little: they want to know whether it is known, what they may notice, and when it is over.
 * Must not: name servers, addresses, evidence, causes or numbers of incidents.
 */
import type { Message } from "../../core/types/telling.ts";
import { durationToTheMinute, shortPeriod } from "../texts/moments.ts";
import { situationOf, type Situation } from "../texts/situation.ts";
import type { Texts } from "../texts/texts.ts";
import type { UserTexts } from "../texts/shapes/users.ts";
import type { Body, Told } from "./composition.ts";
import { quoted, say, shortLine, type Line } from "./markup.ts";
import { shortZoned } from "./times.ts";

/** Sites named in a sentence; the rest is counted. */
const SITES_NAMED_MAX = 4;
const SITE_LENGTH_MAX = 60;

const NOTICED: Readonly<Record<Situation, keyof UserTexts["mayNotice"]>> = {
  host_down: "some",
  host_hung: "some",
  agent_down: "nothing",
  "agent_down/service": "some",
  // The collector does not reach it; its users may.
  path_down: "some",
  site_down: "everything",
  "site_down/lan": "everything",
  "site_down/path": "everything",
  "site_down/agents": "nothing",
  mass_outage: "everything",
  not_back: "some",
  collector_trouble: "nothing",
  "collector_trouble/uplink": "nothing",
  "collector_trouble/network": "nothing",
  health: "some",
};

type Announced = Pick<Told, "message" | "queuedWallMs">;

interface Places {
  /** For the first line; null: not known. */
  readonly short: string | null;
  /** For a sentence. */
  readonly whole: string | null;
}

function placesOf(texts: Texts, message: Message): Places {
  const names = new Set<string>();
  if (message.kind === "mass_outage") for (const { siteName } of message.members) names.add(siteName);
  else names.add(message.siteName ?? "");
  const sites = [...names].map((name) => shortLine(name, SITE_LENGTH_MAX)).filter((name) => name !== "");
  const count =
    message.kind === "mass_outage" && Number.isFinite(message.siteCount)
      ? Math.max(sites.length, Math.floor(message.siteCount))
      : sites.length;
  const [only] = sites;
  if (only === undefined) {
    const counted = count > 1 ? texts.users.sites(count) : null;
    return { short: counted, whole: counted };
  }
  if (count === 1) return { short: quoted(only), whole: quoted(only) };
  const named = sites.slice(0, SITES_NAMED_MAX).map(quoted);
  const left = count - named.length;
  return {
    short: texts.users.sites(count),
    whole: texts.listed(left > 0 ? [...named, texts.users.otherSites(left)] : named),
  };
}

const head = (icon: string, text: string): Line => [{ text: `${icon} ` }, ...say(text, "bold")];

export function announcedBody(texts: Texts, { message, queuedWallMs }: Announced): Body {
  const { whole } = placesOf(texts, message);
  const since = shortZoned(texts, message.startedWallMs, message.timeZone, queuedWallMs);
  return {
    head: announcedHead(texts, message),
    lines: [
      say(texts.users.known(whole, since)),
      say(`${texts.users.mayNotice[NOTICED[situationOf(message)]]} ${texts.users.willTell}`),
    ],
    spare: [],
    withPlace: false,
  };
}

export function announcedOverBody(texts: Texts, { message, queuedWallMs }: Announced): Body {
  const { whole } = placesOf(texts, message);
  // Staff may say so before the machine has seen it.
  const overWallMs = message.endedWallMs ?? queuedWallMs;
  const durationMs = message.durationMs ?? overWallMs - message.startedWallMs;
  const period = shortPeriod(texts, message.startedWallMs, overWallMs, message.timeZone, queuedWallMs);
  return {
    head: announcedHead(texts, message),
    lines: [
      say(texts.users.works(whole, durationToTheMinute(texts, durationMs), period)),
      say(texts.users.thanks),
    ],
    spare: [],
    withPlace: false,
  };
}

/** The first line of either. */
export function announcedHead(texts: Texts, message: Message): Line {
  const { short } = placesOf(texts, message);
  return message.step === "announced_over"
    ? head("✅", texts.users.over(short))
    : head("📣", texts.users.trouble(short));
}
