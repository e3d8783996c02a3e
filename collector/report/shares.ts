/**
 * Whose minutes an outage is: the server's, the link's, planned, or the collector's own.
 * Why: a closed incident says it in its minutes; an open one is counted under what its present cause says.
 * Must not: judge a cause anew; the table repeats `minutesOf` of core/causes.ts (test/report/shares.test.ts holds them together).
 */
import type { Cause, Incident, IncidentMinutes } from "../core/types/incident.ts";

export type Share = keyof IncidentMinutes;

/** In the order in which they are shown. */
export const SHARES: readonly Share[] = ["server", "link", "planned", "collector"];
/** What lowers availability. */
export const COUNTED: readonly Share[] = ["server", "link"];

export const NO_MINUTES: IncidentMinutes = { server: 0, link: 0, planned: 0, collector: 0 };

const SHARE_OF_CAUSE: Readonly<Record<Cause, Share>> = {
  host_crash_or_power: "server",
  host_rebooted: "server",
  host_hung: "server",
  host_suspended: "server",
  agent_stopped: "server",
  host_network: "link",
  site_lan: "link",
  site_link: "link",
  site_power: "server",
  site_link_or_power: "link",
  path_or_provider: "link",
  collector: "collector",
  connection: "link",
  name_certificate_or_proxy: "link",
  planned: "planned",
  unknown: "server",
};

/** Parts of one, 0 to 1 each; together 1. */
export function sharesOf(incident: Pick<Incident, "minutes" | "cause" | "finalCause">): IncidentMinutes {
  const { minutes } = incident;
  const total = minutes === null ? 0 : SHARES.reduce((sum, share) => sum + minutes[share], 0);
  // Minutes are rounded: an outage of two seconds has none, and is still somebody's.
  if (minutes === null || total <= 0)
    return { ...NO_MINUTES, [SHARE_OF_CAUSE[incident.finalCause ?? incident.cause]]: 1 };
  return scaledMinutes(minutes, 1 / total);
}

export function scaledMinutes(minutes: IncidentMinutes, factor: number): IncidentMinutes {
  return mapped((share) => minutes[share] * factor);
}

/** A loop, not a fold each: a month of 5,000 servers has 50,000 of them. */
export function addedMinutes(all: Iterable<IncidentMinutes>): IncidentMinutes {
  const sum = { ...NO_MINUTES };
  for (const minutes of all) {
    sum.server += minutes.server;
    sum.link += minutes.link;
    sum.planned += minutes.planned;
    sum.collector += minutes.collector;
  }
  return sum;
}

/** Those that lower availability. */
export function countedMinutes(minutes: IncidentMinutes): number {
  return COUNTED.reduce((sum, share) => sum + minutes[share], 0);
}

export function allMinutes(minutes: IncidentMinutes): number {
  return SHARES.reduce((sum, share) => sum + minutes[share], 0);
}

/** To a tenth, as an incident's own. */
export function roundedMinutes(minutes: IncidentMinutes): IncidentMinutes {
  return mapped((share) => Math.round(minutes[share] * 10) / 10);
}

/** The largest; of equals the first in the order shown. */
export function mainShare(shares: IncidentMinutes): Share {
  return SHARES.reduce((most, share) => (shares[share] > shares[most] ? share : most));
}

function mapped(value: (share: Share) => number): IncidentMinutes {
  return {
    server: value("server"),
    link: value("link"),
    planned: value("planned"),
    collector: value("collector"),
  };
}
