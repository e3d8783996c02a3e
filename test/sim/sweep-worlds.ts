/**
 * Worlds for the sweep: the same seed gives the same servers and the same faults whatever setting is swept.
 * Why other worlds than the drawn ones: each is rich in what one setting decides, and holds nothing whose right answer
 * another rule gives (staff, goodbyes, clones, ping-only devices, a failing disk or Telegram).
 * Must not: look at the setting that is swept; η and T are put into the finished plan.
 */
import { generator } from "../../shared/rng.ts";
import { index, SECOND_MS, type Random } from "./draws.ts";
import { drawFaults } from "./fault-drawing.ts";
import { drawPlan, type Size } from "./plan-drawing.ts";
import type { Fault, FaultKind } from "./plan-faults.ts";
import type { Plan, ServerPlan } from "./plan.ts";
import { drawFamily, type OwnFamily } from "./sweep-fault-drawing.ts";

export type Family = "mixed" | OwnFamily;

/** What each kind of world is rich in, for the heads of the tables. */
export const familySentences: Readonly<Record<Family, string>> = {
  mixed: "faults of servers, sites and the collector as `npm run simulate` draws them",
  cuts: "short absences of 5 to 240 s, forgotten connections and bursts of loss, and some real outages",
  collector:
    "the collector killed, restarted, stalled, suspended or rebooted, with outages and short cuts near it",
  many: "lines to several sites cut at once, the collector's own line cut, and machines that fail by chance together",
  few: "as `many`, with 8 servers",
  hub: "the lines to all sites cut at once while half of the sentinels' packets are lost, and our own line cut",
  guests: "machines with three guests each lose power, and so do others",
  returns: "outages whose server comes back for 3 to 60 s and is gone again",
  witnesses: "routes to the collector cut, machines off, and one agent that lies",
};

/** As the product is installed. */
const INTERVAL_MS = 15 * SECOND_MS;
const DOWN_AFTER_MS = 180 * SECOND_MS;

/** Of each host in the worlds with guests. */
const GUESTS = 3;

/** Where three are many by their number, not by their share. */
const FEW = 8;

/** Of the drawn faults: those whose right answer is the same for every setting. */
const mixedKinds: ReadonlySet<FaultKind> = new Set<FaultKind>([
  "power_cut",
  "rebooted",
  "host_hung",
  "host_suspended",
  "agent_killed",
  "agent_frozen",
  "path_cut",
  "path_refused",
  "path_poor",
  "connection_forgotten",
  "flapping",
  "site_link_cut",
  "site_link_poor",
  "site_power_cut",
  "site_lan_cut",
  "gateway_dead",
  "gateway_icmp_filtered",
  "site_connections_forgotten",
  "login_failing",
  "route_cut",
  "collector_killed",
  "collector_restarted",
  "collector_host_rebooted",
  "collector_stalled",
  "collector_suspended",
  "wall_clock_stepped",
  "disk_slow",
  "uplink_cut",
  "uplink_poor",
  "collector_lan_cut",
  "internet_cut",
  "wan_cut",
  "sentinel_silent",
]);

/** The world of a seed for one family, with the settings of today. */
export function sweepPlan(family: Family, seed: number, size: Size): Plan {
  const random = generator(Math.imul(seed, 0x85ebca6b) ^ familyNumber(family));
  for (let warm = 0; warm < 4; warm += 1) random();
  const drawn = drawPlan(seed, size);
  const servers = drawn.servers.filter((server) => server.cloneOf === null).map(plainServer);
  const plan: Plan = {
    ...drawn,
    heartbeatIntervalMs: INTERVAL_MS,
    downAfterMs: DOWN_AFTER_MS,
    servers,
    // One person, so that a message is a message.
    recipients: [{ address: "1000" }],
    collector: {
      ...drawn.collector,
      pingProgram: true,
      laterFlushMs: 5_000,
      nearSentinel: "answers",
      farSentinels: ["answers", "answers", "answers"],
    },
    faults: [],
  };
  if (family === "mixed") return { ...plan, faults: drawFaults(random, plan).flatMap(comparable) };
  const placed = placedAtSites(plan, family, random);
  const faults: Fault[] = [];
  drawFamily(family, placed, random, faults);
  return { ...placed, faults: faults.sort((a, b) => a.atMs - b.atMs) };
}

/** Few where sites must be many; five where a host, its guests and a neighbour stand together. */
function serversPerSite(family: Family): number {
  if (family === "witnesses" || family === "few") return 2;
  return family === "guests" ? GUESTS + 2 : 4;
}

function familyNumber(family: Family): number {
  return Object.keys(familySentences).indexOf(family) + 1;
}

/** An agent on a machine of its own, judged by the settings alone. */
function plainServer(server: ServerPlan): ServerPlan {
  const path = { ...server.path, delayMs: Math.max(1, server.path.delayMs) };
  return { ...server, mode: "agent", downAfterMs: null, check: null, liar: false, ownHost: false, path };
}

/** A drawn fault as the sweep can use it; nothing: it is another rule's matter. */
function comparable(fault: Fault): Fault[] {
  if (!mixedKinds.has(fault.kind)) return [];
  if (fault.kind === "rebooted") return [{ ...fault, clean: false }];
  // When it falls must not depend on what is committed.
  if (fault.kind === "collector_killed") return [{ ...fault, boundary: "now" }];
  // Of a way that is cut from the collector alone, heartbeats arrive until the agent misses its ack: no clear begin.
  if ("direction" in fault && fault.direction === "down") return [{ ...fault, direction: "both" }];
  return [fault];
}

/** Sites of different sizes; machines stand by themselves, so that one fault is one cause. */
function placedAtSites(plan: Plan, family: Family, random: Random): Plan {
  const servers = family === "few" ? plan.servers.slice(0, FEW) : plan.servers;
  const siteCount = Math.max(2, Math.floor(servers.length / serversPerSite(family)));
  const site = plan.sites[0] ?? { gateway: "answers", gatewayUpsMs: 0, connectionCut: null };
  const liar = family === "witnesses" ? index(random, servers.length) : -1;
  return {
    ...plan,
    sites: Array.from({ length: siteCount }, () => ({
      ...site,
      gateway: "answers" as const,
      gatewayUpsMs: 0,
    })),
    servers: servers.map((server, number) => ({
      ...server,
      site: siteOf(family, number, siteCount, random),
      parent: family === "guests" && number >= siteCount ? hostOf(number, siteCount) : null,
      upsMs: 0,
      features: family === "witnesses" ? ["witness", "journal"] : server.features,
      liar: number === liar,
    })),
  };
}

/** The first of each site by itself; the others fall where they fall, guests and neighbours where they belong. */
function siteOf(family: Family, number: number, siteCount: number, random: Random): number {
  return number < siteCount || family === "guests" ? number % siteCount : index(random, siteCount);
}

/** Of each site: its first machine is the host of the next three, and whoever is left stands beside it. */
function hostOf(number: number, siteCount: number): number | null {
  return number < siteCount * (1 + GUESTS) ? number % siteCount : null;
}
