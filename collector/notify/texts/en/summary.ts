/**
 * English texts of how things are: the daily digest, the monthly report, the pinned board, several messages in one.
 * Must not: say more than the figures do.
 */
import type { SummaryTexts } from "../shapes/summary.ts";
import { counted, enMeasures } from "./measures.ts";

const { count } = enMeasures;

export const enSummary: SummaryTexts = {
  digest: (day) => `Summary of ${day}`,
  report: (month) => `Report for ${month}`,
  allUp: (servers) => {
    if (servers === 1) return "The only server is healthy";
    return servers === 2 ? "Both servers are healthy" : `All ${count(servers)} servers are healthy`;
  },
  someUp: (up, servers) => `${count(up)} of ${counted("server")(servers)} healthy`,
  noServers: "No servers are watched yet",
  openIncidents: counted("open incident"),
  noneOpen: "no open incident",
  openHead: "Open incidents:",
  openSince: (time) => `since ${time}`,
  takenBy: (by) => `✋ ${by}`,
  nobody: "nobody on it yet",
  more: (value) => `… and ${count(value)} more`,
  noIncidents: "No incidents.",
  incidents: (value, total) => `${counted("incident")(value)}, ${total} in all.`,
  causes: (parts) => `By cause: ${parts.join(", ")}.`,
  minutesOf: {
    server: (duration) => `server ${duration}`,
    link: (duration) => `network ${duration}`,
    planned: (duration) => `planned ${duration}`,
    collector: (duration) => `collector ${duration}`,
  },
  availability: (percent) => `Availability ${percent}.`,
  availabilityShort: (percent) => `availability ${percent}`,
  worstHead: "Most affected:",
  worst: (name, incidents, duration) => `${name}: ${counted("incident")(incidents)}, ${duration}`,
  asOf: (time) => `As of ${time}`,
  updated: (time) => `Updated ${time}`,
  status: {
    new: "new",
    up: "healthy",
    suspect: "suspect",
    down: "down",
    planned: "planned",
    recovering: "recovering",
    paused: "paused",
  },
  several: {
    head: (value) => `${count(value)} messages in one`,
    outages: counted("outage"),
    recovered: (value) => `${count(value)} recovered`,
    howToTake: "To take one of them, send ",
    repeat: "sent again",
  },
};
