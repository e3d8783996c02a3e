/**
 * What an incident is, as a person tells it: its kind, told apart further by a variant where that changes the words.
 * Why: "site down" is wrong for a branch whose machines answer and only the agents are silent.
 * Must not: judge; kind and variant are the core's.
 */
import type { IncidentKind } from "../../core/types/incident.ts";
import type { Message } from "../../core/types/telling.ts";

/** A kind, or `kind/variant` where the variant has words of its own. */
export type Situation =
  | IncidentKind
  | "agent_down/service"
  | "site_down/lan"
  | "site_down/path"
  | "site_down/agents"
  | "collector_trouble/uplink"
  | "collector_trouble/network";

/** Variants that have words of their own; any other (also `link_or_power`) is told by its kind. */
const OWN_WORDS: Readonly<Record<Exclude<Situation, IncidentKind>, true>> = {
  "agent_down/service": true,
  "site_down/lan": true,
  "site_down/path": true,
  "site_down/agents": true,
  "collector_trouble/uplink": true,
  "collector_trouble/network": true,
};

export function situationOf({ kind, variant }: Pick<Message, "kind" | "variant">): Situation {
  const told = `${kind}/${variant ?? ""}`;
  return Object.hasOwn(OWN_WORDS, told) ? (told as Situation) : kind;
}
