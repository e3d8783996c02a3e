/**
 * Draws the faults of the sweep's worlds: each family is rich in what one setting decides.
 * Why at constant rates: drawn worlds differ much in how much happens; here a few must be enough for a table.
 * Must not: look at the setting that is swept.
 */
import { between, HOUR_MS, index, MINUTE_MS, pick, SECOND_MS, spread, type Random } from "./draws.ts";
import type { Fault } from "./plan-faults.ts";
import type { Plan } from "./plan.ts";
import { drawCollectorTroubles } from "./sweep-collector-faults.ts";
import { daily, LONG_MS, longOutage, QUIET_MS } from "./sweep-draws.ts";

/** Worlds with faults of their own; `mixed` ones are drawn as `npm run simulate` does. */
export type OwnFamily = "cuts" | "collector" | "many" | "few" | "hub" | "guests" | "returns" | "witnesses";

/** The faults of a family in a world, in any order. */
export function drawFamily(family: OwnFamily, plan: Plan, random: Random, faults: Fault[]): void {
  switch (family) {
    case "cuts":
      return drawCuts(plan, random, faults);
    case "collector":
      return drawCollectorTroubles(plan, random, faults);
    case "many":
    case "few":
      return drawMany(plan, random, faults);
    case "hub":
      return drawHub(plan, random, faults);
    case "guests":
      return drawGuests(plan, random, faults);
    case "returns":
      return drawReturns(plan, random, faults);
    case "witnesses":
      return drawWitnessed(plan, random, faults);
  }
}

// ── Short absences ───────────────────────────────────────────────────────────────────────────────────

function drawCuts(plan: Plan, random: Random, faults: Fault[]): void {
  const count = plan.servers.length;
  const server = (): number => index(random, count);
  daily(plan, random, 10 * count, (atMs) =>
    faults.push({
      kind: "path_cut",
      atMs,
      server: server(),
      forMs: spread(random, 10 * SECOND_MS, 240 * SECOND_MS),
      direction: pick(random, ["both", "both", "up"] as const),
    }),
  );
  // A crash with a quick reboot; the boot itself takes 10 s to 2 min more.
  daily(plan, random, 3 * count, (atMs) =>
    faults.push({ kind: "power_cut", atMs, server: server(), forMs: spread(random, 5_000, 120_000) }),
  );
  daily(plan, random, 2 * count, (atMs) =>
    faults.push({ kind: "agent_killed", atMs, server: server(), forMs: spread(random, 1_000, 120_000) }),
  );
  daily(plan, random, 4 * count, (atMs) =>
    faults.push({ kind: "connection_forgotten", atMs, server: server(), reset: random() < 0.2 }),
  );
  daily(plan, random, 2 * count, (atMs) =>
    faults.push({
      kind: "path_poor",
      atMs,
      server: server(),
      forMs: spread(random, 30 * SECOND_MS, 300 * SECOND_MS),
      lossShare: 0.3 + 0.5 * random(),
      jitterMs: between(random, 0, 500),
    }),
  );
  daily(plan, random, 1.5 * count, (atMs) => faults.push(longOutage(plan, random, atMs)));
  for (const site of plan.sites.keys()) {
    daily(plan, random, 3, (atMs) =>
      faults.push({
        kind: "site_link_cut",
        atMs,
        site,
        forMs: spread(random, 10_000, 240_000),
        direction: "both",
      }),
    );
    daily(plan, random, 1, (atMs) =>
      faults.push({ kind: "site_connections_forgotten", atMs, site, reset: false }),
    );
  }
  daily(plan, random, 2, (atMs) =>
    faults.push({ kind: "collector_restarted", atMs, forMs: spread(random, 2_000, 30_000) }),
  );
}

// ── Many at once ─────────────────────────────────────────────────────────────────────────────────────

function drawMany(plan: Plan, random: Random, faults: Fault[]): void {
  const some = (): number => between(random, 4 * MINUTE_MS, 30 * MINUTE_MS);
  /** So many different numbers below `of`. */
  const chosen = (count: number, of: number): number[] => {
    const left = Array.from({ length: of }, (_, number) => number);
    return Array.from(
      { length: Math.min(count, of) },
      () => left.splice(index(random, left.length), 1)[0] as number,
    );
  };
  daily(plan, random, 12, (atMs) => {
    const sites = chosen(between(random, 2, plan.sites.length), plan.sites.length);
    faults.push({ kind: "wan_cut", atMs, forMs: some(), sites });
  });
  daily(plan, random, 8, (atMs) =>
    faults.push({ kind: "uplink_cut", atMs, forMs: some(), direction: "both" }),
  );
  daily(plan, random, 3, (atMs) => faults.push({ kind: "collector_lan_cut", atMs, forMs: some() }));
  daily(plan, random, 4, (atMs) => faults.push({ kind: "internet_cut", atMs, forMs: some() }));
  daily(plan, random, 3, (atMs) =>
    faults.push({
      kind: "sentinel_silent",
      atMs,
      forMs: spread(random, HOUR_MS, 6 * HOUR_MS),
      sentinel: index(random, 3),
    }),
  );
  daily(plan, random, 6, (atMs) =>
    faults.push({
      kind: "uplink_poor",
      atMs,
      forMs: between(random, 2 * MINUTE_MS, 20 * MINUTE_MS),
      lossShare: 0.1 + 0.3 * random(),
      jitterMs: between(random, 100, 500),
    }),
  );
  // By chance within a minute, at places that have nothing to do with each other.
  daily(plan, random, 12, (atMs) => {
    for (const server of chosen(between(random, 2, 6), plan.servers.length))
      faults.push({ kind: "power_cut", atMs: atMs + between(random, 0, 40_000), server, forMs: some() });
  });
  daily(plan, random, 6, (atMs) =>
    faults.push({ kind: "site_power_cut", atMs, site: index(random, plan.sites.length), forMs: some() }),
  );
  daily(plan, random, 20, (atMs) => faults.push(longOutage(plan, random, atMs)));
}

// ── Nobody is heard ──────────────────────────────────────────────────────────────────────────────────

/** All lines meet at one place. While it is off nobody is heard, and only sentinels can tell that we still hear. */
function drawHub(plan: Plan, random: Random, faults: Fault[]): void {
  daily(plan, random, 10, (atMs) => {
    const forMs = between(random, LONG_MS, 25 * MINUTE_MS);
    faults.push({ kind: "wan_cut", atMs, forMs, sites: [...plan.sites.keys()] });
    // Half of the packets to the sentinels are lost meanwhile.
    const [lossShare, jitterMs] = [0.4 + 0.25 * random(), between(random, 100, 500)];
    faults.push({ kind: "uplink_poor", atMs, forMs, lossShare, jitterMs });
  });
  daily(plan, random, 8, (atMs) =>
    faults.push({
      kind: "uplink_cut",
      atMs,
      forMs: between(random, 4 * MINUTE_MS, 20 * MINUTE_MS),
      direction: "both",
    }),
  );
}

// ── A machine and its guests ─────────────────────────────────────────────────────────────────────────

function drawGuests(plan: Plan, random: Random, faults: Fault[]): void {
  const some = (): number => between(random, 4 * MINUTE_MS, 30 * MINUTE_MS);
  for (const server of plan.sites.keys())
    daily(plan, random, 8, (atMs) => faults.push({ kind: "power_cut", atMs, server, forMs: some() }));
  daily(plan, random, plan.servers.length, (atMs) => faults.push(longOutage(plan, random, atMs)));
}

// ── Back for a moment ────────────────────────────────────────────────────────────────────────────────

/** Far enough apart that nobody is taken for flapping (three within an hour). */
const GROUP_EVERY_MS = 2 * HOUR_MS;

function drawReturns(plan: Plan, random: Random, faults: Fault[]): void {
  for (const server of plan.servers.keys())
    for (let atMs = QUIET_MS; atMs + GROUP_EVERY_MS <= plan.durationMs; atMs += GROUP_EVERY_MS) {
      const beginMs = atMs + between(random, 0, 30 * MINUTE_MS);
      const forMs = between(random, 4 * MINUTE_MS, 10 * MINUTE_MS);
      const direction = "both" as const;
      faults.push({ kind: "path_cut", atMs: beginMs, server, forMs, direction });
      if (random() >= 0.6) continue;
      const againMs = beginMs + forMs + spread(random, 3 * SECOND_MS, MINUTE_MS);
      faults.push({
        kind: "path_cut",
        atMs: againMs,
        server,
        forMs: between(random, 4 * MINUTE_MS, 10 * MINUTE_MS),
        direction,
      });
    }
}

// ── What others see ──────────────────────────────────────────────────────────────────────────────────

function drawWitnessed(plan: Plan, random: Random, faults: Fault[]): void {
  const some = (): number => between(random, 4 * MINUTE_MS, 20 * MINUTE_MS);
  daily(plan, random, 3 * plan.servers.length, (atMs) =>
    faults.push({ kind: "power_cut", atMs, server: index(random, plan.servers.length), forMs: some() }),
  );
  daily(plan, random, plan.servers.length, (atMs) =>
    faults.push({
      kind: "path_cut",
      atMs,
      server: index(random, plan.servers.length),
      forMs: some(),
      direction: "both",
    }),
  );
  for (const site of plan.sites.keys())
    daily(plan, random, 4, (atMs) =>
      faults.push({ kind: "route_cut", atMs, site, forMs: some(), to: "collector", direction: "both" }),
    );
}
