/**
 * First lines: what happened, to what, where. They are all that a locked phone shows.
 * Must not: hold what is read only after the message was opened.
 */
import type { Message } from "../../core/types/telling.ts";
import { situationOf, type Situation } from "../texts/situation.ts";
import type { Texts } from "../texts/texts.ts";
import { looksActive, oneLine, type Line, type Span } from "./markup.ts";
import { memberCountText } from "./members.ts";

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

export function iconOf(about: Pick<Message, "kind" | "variant">): string {
  return ICON[situationOf(about)];
}

export function nameSpan(name: string): Span {
  return { text: name, style: looksActive(name) ? "code" : "bold" };
}

/** `🔴 MATI · server — site`; a group's own incident is about its site, or about how many. */
export function headline(texts: Texts, message: Message, icon: string, state: string): Line {
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
export function groupHeadline(texts: Texts, message: Message, icon: string, state: string): Line {
  const count = memberCountText(texts, message);
  const head = headline(texts, message, icon, state);
  return count === null ? head : [...head, { text: ` · ${count}` }];
}
