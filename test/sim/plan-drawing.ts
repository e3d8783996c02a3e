/**
 * Draws a world from a seed: settings, topology, and (fault-drawing.ts) which faults happen how often.
 * Why each seed its own mix (swarm testing): faults that are always all on hide each other; a seed without restarts sees
 * what restarts would have mended.
 * Must not: draw a setting that collector/config.ts refuses.
 */
import type { ServerCheck } from "../../collector/core/types/registry.ts";
import { generator } from "../../shared/rng.ts";
import { between, index, MINUTE_MS, HOUR_MS, pick, SECOND_MS, spread, type Random } from "./draws.ts";
import { drawFaults } from "./fault-drawing.ts";
import type { CollectorPlan, Plan, ServerPlan, SitePlan } from "./plan.ts";

export interface Size {
  readonly hours: number;
  readonly servers: number;
}

/** η in seconds; the default most often, the shortest seldom: its worlds take three times as long. */
const INTERVALS_S: readonly number[] = [
  15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 20, 20, 20, 30, 30, 30, 10, 10, 10, 5,
];
/** T in η; 12 is the default, 6 the least that the settings allow. */
const DOWN_AFTER_INTERVALS: readonly number[] = [12, 12, 12, 12, 10, 14, 18, 24];
const DOWN_AFTER_SHORT: readonly number[] = [6, 7, 8];
const SHORT_SHARE = 0.1;

/** The world of a seed. The same seed and size give the same plan. */
export function drawPlan(seed: number, size: Size): Plan {
  const random = generator(Math.imul(seed, 0x9e3779b1) ^ 0x5eed);
  for (let warm = 0; warm < 4; warm += 1) random();
  const heartbeatIntervalMs = pick(random, INTERVALS_S) * SECOND_MS;
  const intervals = pick(random, random() < SHORT_SHARE ? DOWN_AFTER_SHORT : DOWN_AFTER_INTERVALS);
  const downAfterMs = heartbeatIntervalMs * intervals;
  const siteCount = between(random, 1, Math.max(1, Math.ceil(size.servers / 3)));
  const sites = Array.from({ length: siteCount }, () => drawSite(random));
  const plan: Plan = {
    seed,
    durationMs: Math.round(size.hours * HOUR_MS),
    heartbeatIntervalMs,
    downAfterMs,
    sites,
    servers: drawServers(random, size.servers, siteCount, downAfterMs),
    recipients: Array.from({ length: between(random, 1, 3) }, (_, number) => ({
      address: random() < 0.5 ? `${1_000 + number}` : `-${1_000 + number}`,
    })),
    collector: drawCollector(random, heartbeatIntervalMs),
    faults: [],
  };
  return { ...plan, faults: drawFaults(random, plan) };
}

function drawSite(random: Random): SitePlan {
  return {
    gateway: pick(random, ["answers", "answers", "answers", "filtered", "none"] as const),
    gatewayUpsMs: random() < 0.5 ? 0 : spread(random, SECOND_MS, 20 * MINUTE_MS),
    connectionCut:
      random() < 0.1 ? { ageMs: spread(random, 2 * MINUTE_MS, 6 * HOUR_MS), reset: random() < 0.5 } : null,
  };
}

function drawServers(random: Random, count: number, siteCount: number, downAfterMs: number): ServerPlan[] {
  /** Some worlds have hypervisors, routers before servers, clones, a liar, NAT, old agents; many have none of it. */
  const shares = {
    guests: random() < 0.4 ? 0.5 : 0,
    nat: random() < 0.15 ? 0.4 : 0,
    old: pick(random, [0, 0, 0.2, 1]),
    checks: random() < 0.5 ? 0.5 : 0,
  };
  const liar = random() < 0.3 ? index(random, count) : -1;
  const ownHost = random() < 0.4 ? 0 : -1;
  const servers: ServerPlan[] = [];
  for (let number = 0; number < count; number += 1) {
    const mode = number === ownHost || random() < 0.85 ? ("agent" as const) : ("ping" as const);
    const guest = random() < shares.guests && number > 1;
    const parent = guest ? index(random, number) : null;
    // A guest stands where its host stands, and hosts are no guests.
    const host = parent === null ? null : (servers[parent] ?? null);
    const fits = host !== null && host.parent === null && !host.ownHost && number !== ownHost;
    const lone = number === ownHost || random() < 0.05;
    servers.push({
      site: fits ? host.site : lone ? null : index(random, siteCount),
      mode,
      downAfterMs: random() < 0.1 ? downAfterMs * pick(random, [1.5, 2]) : null,
      path: {
        delayMs: number === ownHost ? 0 : spread(random, 1, 300),
        jitterMs: number === ownHost ? 0 : spread(random, 1, 300),
        lossShare: number !== ownHost && random() < 0.1 ? random() * 0.1 : 0,
      },
      icmpBlocked: random() < 0.2,
      tcp: pick(random, ["speaks", "speaks", "speaks", "mute", "closed", "filtered"] as const),
      probePorts: random() < 0.75 ? pick(random, [[22], [443], [22, 443]]) : [],
      check: mode === "ping" && random() < shares.checks ? drawCheck(random, number) : null,
      features: random() < shares.old ? pick(random, [[], ["journal"], ["witness"]]) : ["witness", "journal"],
      parent: fits ? parent : null,
      liar: number === liar && mode === "agent",
      behindNat: mode === "agent" && number !== ownHost && random() < shares.nat,
      cloneOf: null,
      ownHost: number === ownHost,
      bootMs: spread(random, 10 * SECOND_MS, 2 * MINUTE_MS),
      upsMs: random() < 0.6 ? 0 : spread(random, SECOND_MS, 15 * MINUTE_MS),
    });
  }
  return random() < 0.2 ? [...servers, ...drawClone(random, servers, siteCount)] : servers;
}

/** Another machine restored from the same image; it runs only while a fault lets it. */
function drawClone(random: Random, servers: readonly ServerPlan[], siteCount: number): ServerPlan[] {
  const original = index(random, servers.length);
  const plan = servers[original];
  if (plan?.mode !== "agent" || plan.ownHost || plan.parent !== null) return [];
  const site = random() < 0.5 ? plan.site : index(random, siteCount);
  return [{ ...plan, site, cloneOf: original, liar: false, behindNat: false }];
}

function drawCheck(random: Random, number: number): ServerCheck {
  if (random() < 0.4) return { type: "tcp", port: 443 };
  return {
    type: "http",
    url: `https://10.${(number >> 8) & 127}.${number & 255}.2/`,
    expectedStatus: random() < 0.5 ? 200 : null,
    expectedText: random() < 0.5 ? "ok" : null,
  };
}

function drawCollector(random: Random, heartbeatIntervalMs: number): CollectorPlan {
  const closed = random() < 0.15;
  return {
    pingProgram: random() < 0.9,
    commitMs: [1, pick(random, [5, 20, 60])],
    // As collector/main.ts sets it.
    laterFlushMs: Math.min(5_000, heartbeatIntervalMs / 3),
    startMs: between(random, 300, 2_000),
    nearSentinel: pick(random, ["answers", "answers", "answers", "silent", "none"] as const),
    farSentinels: closed
      ? pick(random, [[], ["silent", "silent", "silent"]] as const)
      : pick(random, [
          ["answers", "answers", "answers"],
          ["answers", "answers", "answers"],
          ["answers", "answers", "silent"],
          ["answers"],
        ] as const),
  };
}
