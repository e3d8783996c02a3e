/**
 * The servers that one message stands for: a count for the first line, and their names, by site where there are several.
 * Must not: grow with the outage; a chat takes 4,096 characters and a person reads a dozen names.
 */
import type { Message } from "../../core/types/telling.ts";
import type { Texts } from "../texts/texts.ts";
import { looksActive, oneLine, shortLine, type Line, type Span } from "./markup.ts";

/** All names together, in UTF-16 units: about 40 names of 35, and less than half of a message. */
const LIST_LENGTH_MAX = 1_500;
/** A name in a list; whole names are in the panel. */
const NAME_LENGTH_MAX = 40;

type Group = Pick<Message, "kind" | "members" | "memberCount" | "siteCount">;

/** At least what is listed, whatever the count says. */
function total({ members, memberCount }: Group): number {
  return Math.max(members.length, Number.isFinite(memberCount) ? Math.floor(memberCount) : 0);
}

/** "48 servers at 12 sites"; of one site only the servers; null: it stands for none but itself. */
export function memberCountText(texts: Texts, message: Group): string | null {
  if (message.members.length === 0) return null;
  const servers = total(message);
  const sites = Number.isFinite(message.siteCount) ? Math.floor(message.siteCount) : 0;
  return message.kind === "mass_outage" && sites > 1
    ? texts.serversAtSites(servers, sites)
    : texts.servers(servers);
}

const nameOf = (texts: Texts, name: string) => shortLine(name, NAME_LENGTH_MAX) || texts.unnamed;
const span = (text: string): Span => (looksActive(text) ? { text, style: "code" } : { text });

/** Their names in the order they fell silent; what does not fit is counted. */
export function memberLines(texts: Texts, message: Group): readonly Line[] {
  const bySite = message.kind === "mass_outage";
  const sites = new Map<string, Span[]>();
  let length = 0;
  let shown = 0;
  for (const { serverName, siteName } of message.members) {
    const site = bySite ? oneLine(siteName) : "";
    const name = nameOf(texts, serverName);
    length += name.length + 2 + (sites.has(site) ? 0 : 2 * NAME_LENGTH_MAX);
    if (length > LIST_LENGTH_MAX) break;
    sites.set(site, [...(sites.get(site) ?? []), span(name)]);
    shown += 1;
  }
  if (shown === 0) return [];
  const left = total(message) - shown;
  const others = left > 0 ? texts.andOthers(left) : null;
  const listed = (names: readonly Span[]): Span[] =>
    names.flatMap((name, index) => (index === 0 ? [name] : [{ text: ", " }, name]));
  if (!bySite) {
    const names = [...sites.values()].flat();
    return [[{ text: "🖥 " }, ...listed(names), ...(others === null ? [] : [{ text: `, ${others}` }])]];
  }
  return [
    ...[...sites].map(([site, names]): Line => [
      { text: "• " },
      span(site === "" ? texts.noSite : nameOf(texts, site)),
      { text: ": " },
      ...listed(names),
    ]),
    ...(others === null ? [] : [[{ text: `• ${others}` }]]),
  ];
}
