/**
 * The place of an outage as a pin on the map.
 * Must not: show a place that is not on the map, or one of several sites as if it were all.
 */
import type { Language } from "../../core/types/registry.ts";
import type { Message } from "../../core/types/telling.ts";
import { textsOf } from "../texts/languages.ts";
import { mapUrl } from "./links.ts";
import { oneLine, shortLine } from "./markup.ts";

/** What a venue shows of either in one line or two. */
const TITLE_LENGTH_MAX = 120;
const NAME_LENGTH_MAX = 55;

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
  readonly title: string;
  /** Never empty: Telegram wants one. */
  readonly address: string;
}

/** null: it is not on the map. */
export function placeOf(message: Message, { language }: { readonly language: Language }): Place | null {
  const { latitude, longitude } = message;
  if (latitude === null || longitude === null || mapUrl(latitude, longitude) === null) return null;
  const server = message.kind === "site_down" ? "" : shortLine(message.serverName, NAME_LENGTH_MAX);
  const site = shortLine(message.siteName ?? "", NAME_LENGTH_MAX);
  const address = oneLine(message.siteAddress ?? "", TITLE_LENGTH_MAX, 2 * TITLE_LENGTH_MAX);
  const title = [server, site].filter((name) => name !== "").join(" — ") || textsOf(language).unnamed;
  return { latitude, longitude, title, address: address || site || `${latitude}, ${longitude}` };
}
