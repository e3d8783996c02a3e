/**
 * Worlds without chance, for stories with a known end: default settings, a calm network, and the faults of the story.
 * Why beside the drawn worlds: a story says what must come out, to the second; a drawn world only what must hold.
 * Must not: assert; the tests do.
 */
import type { IncidentSeen } from "./figures.ts";
import type { Fault } from "./plan-faults.ts";
import type { CollectorPlan, Plan, ServerPlan, SitePlan } from "./plan.ts";
import type { Accepted } from "./telegram.ts";
import { World, type WorldOptions } from "./world.ts";

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

const fineServer: ServerPlan = {
  site: 0,
  mode: "agent",
  downAfterMs: null,
  path: { delayMs: 20, jitterMs: 5, lossShare: 0 },
  icmpBlocked: false,
  tcp: "speaks",
  probePorts: [22],
  check: null,
  features: ["witness", "journal"],
  parent: null,
  liar: false,
  behindNat: false,
  cloneOf: null,
  ownHost: false,
  bootMs: 20 * SECOND,
  upsMs: 0,
};

const fineSite: SitePlan = { gateway: "answers", gatewayUpsMs: 0, connectionCut: null };

export const fineCollector: CollectorPlan = {
  pingProgram: true,
  commitMs: [1, 5],
  laterFlushMs: 5_000,
  startMs: 500,
  nearSentinel: "answers",
  farSentinels: ["answers", "answers", "answers"],
};

export interface Story {
  /** Each is a fine server with these differences. Default: three at one site. */
  readonly servers?: readonly Partial<ServerPlan>[];
  /** By number; fine ones with these differences. */
  readonly sites?: readonly Partial<SitePlan>[];
  readonly recipients?: readonly string[];
  readonly hours?: number;
  readonly seed?: number;
  readonly faults?: readonly Fault[];
  readonly plan?: Partial<Plan>;
}

export function planOf(story: Story): Plan {
  const servers = (story.servers ?? [{}, {}, {}]).map((server) => ({ ...fineServer, ...server }));
  const siteCount = 1 + Math.max(0, ...servers.map((server) => server.site ?? 0));
  return {
    seed: story.seed ?? 1,
    durationMs: (story.hours ?? 2) * HOUR,
    heartbeatIntervalMs: 15 * SECOND,
    downAfterMs: 180 * SECOND,
    sites: Array.from({ length: siteCount }, (_, index) => ({ ...fineSite, ...story.sites?.[index] })),
    servers,
    recipients: (story.recipients ?? ["1000"]).map((address) => ({ address })),
    collector: fineCollector,
    faults: story.faults ?? [],
    ...story.plan,
  };
}

export interface End {
  readonly world: World;
  readonly incidents: readonly IncidentSeen[];
  readonly ledger: readonly Accepted[];
  /** `rule server sentence` of each violation; a story without one shows an empty list. */
  readonly violations: readonly string[];
}

/** Plays a story to rest. `watch` may put its own looks into the world's queue before it runs. */
export function play(story: Story, options: WorldOptions = {}, watch?: (world: World) => void): End {
  const world = new World(planOf(story), options);
  watch?.(world);
  world.run();
  return {
    world,
    incidents: world.oracle.history,
    ledger: world.telegram.ledger,
    violations: world.oracle.violations.map(
      ({ atMs, rule, server, sentence }) => `${(atMs / 1000).toFixed(1)} ${rule} ${server ?? ""} ${sentence}`,
    ),
  };
}

/**
 * An agent comes back at the last moment: its first heartbeat reaches the collector's host while the collector stalls,
 * T passes in that stall, and the tick after it comes before the heartbeat is read.
 */
export function lastMoment(): Story {
  const story: Story = { servers: [{ path: { delayMs: 250, jitterMs: 0, lossShare: 0 } }], hours: 1 };
  const frozen = { kind: "agent_frozen", atMs: 20 * MINUTE, server: 0 } as const;
  const [incident] = play({ ...story, faults: [{ ...frozen, forMs: 10 * MINUTE }] }).incidents;
  if (!incident) throw new Error("assertion failed: a frozen agent was not told");
  const passesMs = incident.openedMs - incident.silentMs + 180 * SECOND;
  // SYN and answer, upgrade, hello, prove, welcome, beat: seven times 250 ms.
  const wakesMs = passesMs - 3_500;
  return {
    ...story,
    faults: [
      { ...frozen, forMs: wakesMs - frozen.atMs },
      { kind: "collector_stalled", atMs: wakesMs + 1_600, forMs: 4_000 },
    ],
  };
}
