/**
 * Draws the faults of a world: which kinds, how often, how long.
 * Why weights of its own for each seed: see plan-drawing.ts. Lengths lie around T as often as far from it: the edges are
 * where mistakes are.
 * Must not: know what the core does with them.
 */
import {
  between,
  DAY_MS,
  factor,
  HOUR_MS,
  index,
  MINUTE_MS,
  pick,
  SECOND_MS,
  spread,
  type Random,
} from "./draws.ts";
import type {
  Direction,
  Edit,
  Fault,
  FaultKind,
  FaultOfServer,
  FaultOfSite,
  FaultOfWorld,
  GoodbyeReason,
  TelegramFailure,
} from "./plan-faults.ts";
import type { Plan } from "./plan.ts";

/** How often each happens in a day, where it is on and the load is 1: per server, per site, or per world. */
const perServerDay = {
  power_cut: 0.8,
  rebooted: 1.2,
  host_hung: 0.7,
  host_suspended: 0.7,
  agent_killed: 1,
  agent_frozen: 0.7,
  agent_stopped: 0.8,
  path_cut: 1.5,
  path_refused: 0.5,
  path_poor: 0.4,
  connection_forgotten: 1.5,
  icmp_filtered: 0.3,
  service_stopped: 0.4,
  check_failing: 0.5,
  flapping: 0.15,
  agent_clock_stepped: 0.5,
  old_session_speaks: 0.7,
  paused_by_staff: 0.3,
  removed_by_staff: 0.03,
  edited_by_staff: 0.4,
} satisfies Partial<Record<FaultKind, number>>;
const perSiteDay = {
  site_link_cut: 1,
  site_link_poor: 0.3,
  site_power_cut: 0.7,
  site_lan_cut: 0.7,
  gateway_dead: 0.4,
  gateway_icmp_filtered: 0.4,
  site_connections_forgotten: 0.7,
  login_failing: 0.4,
  route_cut: 1.2,
} satisfies Partial<Record<FaultKind, number>>;
const perWorldDay = {
  clone_runs: 3,
  collector_killed: 8,
  collector_restarted: 3,
  collector_host_rebooted: 1,
  collector_stalled: 12,
  collector_suspended: 2,
  wall_clock_stepped: 4,
  disk_full: 2,
  disk_slow: 1.5,
  disk_locked: 1.5,
  ping_program_missing: 0.5,
  answered_for_all: 0.5,
  uplink_cut: 3,
  uplink_poor: 0.5,
  collector_lan_cut: 1.5,
  internet_cut: 1.5,
  wan_cut: 2.5,
  sentinel_silent: 2,
  telegram_fails: 4,
  telegram_stumbles: 10,
  telegram_limits: 3,
  chat_blocked: 0.15,
  chat_moved: 0.5,
  maintenance: 3,
  incident_acknowledged: 4,
  staff_intervene: 8,
} satisfies Partial<Record<FaultKind, number>>;

export type ServerKind = keyof typeof perServerDay;
export type SiteKind = keyof typeof perSiteDay;
export type WorldKind = keyof typeof perWorldDay;

/** All that a drawn world may meet. */
export const faultKinds: readonly FaultKind[] = [
  ...(Object.keys(perServerDay) as ServerKind[]),
  ...(Object.keys(perSiteDay) as SiteKind[]),
  ...(Object.keys(perWorldDay) as WorldKind[]),
];

/** A kind is off in so many worlds. */
const OFF_SHARE = 0.4;

export function drawFaults(random: Random, plan: Plan): Fault[] {
  const days = plan.durationMs / DAY_MS;
  const faults: Fault[] = [];
  /** Some worlds are mostly calm, others never. */
  const load = factor(random, 0.03, 1.5);
  /** Quiet before and after, so that the first agents come and the last fault has begun in time. */
  const when = (): number => between(random, 120_000, Math.max(120_000, plan.durationMs - 60_000));
  const repeat = (perDay: number, make: (atMs: number) => Fault | null): void => {
    let expected = perDay * days * load * (random() < OFF_SHARE ? 0 : factor(random, 0.2, 3));
    while (expected >= 1 || random() < expected) {
      const fault = make(when());
      if (fault) faults.push(fault);
      expected -= 1;
    }
  };
  const originals = plan.servers.filter((server) => server.cloneOf === null).length;
  for (const [kind, perDay] of Object.entries(perServerDay) as [ServerKind, number][])
    repeat(perDay * originals, (atMs) =>
      ofServer(random, plan, kind, { atMs, server: index(random, originals) }),
    );
  for (const [kind, perDay] of Object.entries(perSiteDay) as [SiteKind, number][])
    repeat(perDay * plan.sites.length, (atMs) =>
      ofSite(random, plan, kind, { atMs, site: index(random, plan.sites.length) }),
    );
  for (const [kind, perDay] of Object.entries(perWorldDay) as [WorldKind, number][])
    repeat(perDay, (atMs) => ofWorld(random, plan, kind, atMs));
  return faults.sort((a, b) => a.atMs - b.atMs);
}

const goodbyeReasons: readonly GoodbyeReason[] = [
  "reboot",
  "shutdown",
  "suspend",
  "upgrade",
  "agent_stopped",
];
const directions: readonly Direction[] = ["both", "both", "both", "up", "down"];
const edits: readonly Edit[] = [
  "name",
  "name",
  "site",
  "no_site",
  "no_parent",
  "parent",
  "down_after",
  "ports",
];

/** Around T as often as far from it. */
function outageMs(random: Random, { downAfterMs }: Plan): number {
  return random() < 0.3
    ? between(random, downAfterMs * 0.7, downAfterMs * 1.4)
    : spread(random, SECOND_MS, downAfterMs * 20);
}

function poor(random: Random): { lossShare: number; jitterMs: number; forMs: number } {
  return {
    forMs: spread(random, MINUTE_MS, 6 * HOUR_MS),
    lossShare: random() * 0.15,
    jitterMs: between(random, 0, 500),
  };
}

const ofMachines: ReadonlySet<ServerKind> = new Set<ServerKind>([
  "power_cut",
  "rebooted",
  "host_hung",
  "host_suspended",
  "path_cut",
  "path_refused",
  "path_poor",
]);

function ofServer(
  random: Random,
  plan: Plan,
  kind: ServerKind,
  base: { readonly atMs: number; readonly server: number },
): FaultOfServer | null {
  const forMs = outageMs(random, plan);
  const server = plan.servers[base.server];
  // What befalls the collector's own machine befalls the collector: those faults are drawn with it.
  if (server?.ownHost && ofMachines.has(kind)) return null;
  switch (kind) {
    case "rebooted":
      return { ...base, kind, forMs: spread(random, 5_000, 1_200_000), clean: random() < 0.6 };
    case "agent_stopped":
      return { ...base, kind, forMs: forMs + 3_000, reason: pick(random, goodbyeReasons) };
    case "path_cut":
      return { ...base, kind, forMs, direction: pick(random, directions) };
    case "path_poor":
      return { ...base, kind, ...poor(random) };
    case "connection_forgotten":
      return { ...base, kind, reset: random() < 0.5 };
    case "agent_killed":
      return { ...base, kind, forMs: random() < 0.5 ? between(random, 1_000, 10_000) : forMs };
    case "agent_clock_stepped":
      return { ...base, kind, byMs: pick(random, [HOUR_MS, -HOUR_MS, DAY_MS, -DAY_MS, 30_000]) };
    case "flapping":
      return {
        ...base,
        kind,
        times: between(random, 3, 8),
        downMs: Math.round(plan.downAfterMs * (1.1 + random())),
        upMs: spread(random, 2 * plan.heartbeatIntervalMs, 3 * plan.downAfterMs),
      };
    case "old_session_speaks":
    case "removed_by_staff":
      return { ...base, kind };
    case "edited_by_staff":
      return { ...base, kind, edit: pick(random, edits) };
    case "check_failing":
      return server?.check ? { ...base, kind, forMs } : null;
    case "icmp_filtered":
    case "service_stopped":
    case "paused_by_staff":
      return { ...base, kind, forMs: spread(random, 10_000, 4 * HOUR_MS) };
    case "power_cut":
    case "host_hung":
    case "host_suspended":
    case "agent_frozen":
    case "path_refused":
      return { ...base, kind, forMs };
  }
}

function ofSite(
  random: Random,
  plan: Plan,
  kind: SiteKind,
  base: { readonly atMs: number; readonly site: number },
): FaultOfSite {
  const forMs = random() < 0.5 ? outageMs(random, plan) : spread(random, 5_000, plan.downAfterMs * 20);
  switch (kind) {
    case "site_link_cut":
      return { ...base, kind, forMs, direction: pick(random, directions) };
    case "site_link_poor":
      return { ...base, kind, ...poor(random) };
    case "site_connections_forgotten":
      return { ...base, kind, reset: random() < 0.5 };
    case "login_failing":
      return { ...base, kind, forMs, how: pick(random, ["name", "certificate", "proxy"] as const) };
    case "route_cut": {
      const to = random() < 0.6 ? ("collector" as const) : index(random, plan.sites.length);
      return { ...base, kind, forMs, to, direction: pick(random, directions) };
    }
    case "gateway_icmp_filtered":
      return { ...base, kind, forMs: spread(random, 10_000, 4 * HOUR_MS) };
    case "site_power_cut":
    case "site_lan_cut":
    case "gateway_dead":
      return { ...base, kind, forMs };
  }
}

const telegramFailures: readonly TelegramFailure[] = [
  "refused",
  "limited",
  "server_error_before",
  "server_error_after",
  "timeout_before",
  "timeout_after",
  "reset_before",
  "reset_after",
];
const telegramStumbles: readonly TelegramFailure[] = [...telegramFailures, "hang_accepted", "hang_forever"];

function ofWorld(
  random: Random,
  plan: Plan,
  kind: WorldKind,
  atMs: number,
): FaultOfWorld | FaultOfServer | null {
  const { heartbeatIntervalMs, sites, recipients } = plan;
  const forMs = outageMs(random, plan);
  const recipient = index(random, recipients.length);
  switch (kind) {
    case "clone_runs": {
      const server = plan.servers.findIndex((one) => one.cloneOf !== null);
      return server < 0 ? null : { atMs, kind, server, forMs: spread(random, MINUTE_MS, 3 * HOUR_MS) };
    }
    case "collector_killed":
      return {
        atMs,
        kind,
        forMs: spread(random, 1_000, random() < 0.2 ? 2 * HOUR_MS : 60_000),
        boundary: pick(random, [
          "now",
          "before_commit",
          "after_commit",
          "half_of_effects",
          "after_send",
        ] as const),
      };
    case "collector_restarted":
      return { atMs, kind, forMs: spread(random, 1_000, 120_000) };
    case "collector_host_rebooted":
      return { atMs, kind, forMs: spread(random, 20_000, HOUR_MS) };
    case "collector_stalled":
      // Around the edges of stall (η/3) and gap (8/3 η) as often as far from them.
      return {
        atMs,
        kind,
        forMs: pick(random, [
          spread(random, 100, 300_000),
          Math.round((heartbeatIntervalMs / 3) * (0.7 + 0.6 * random())),
          Math.round(((8 * heartbeatIntervalMs) / 3) * (0.8 + 0.4 * random())),
        ]),
      };
    case "collector_suspended":
      return { atMs, kind, forMs: spread(random, 1_000, 2 * HOUR_MS) };
    case "wall_clock_stepped":
      return {
        atMs,
        kind,
        byMs: pick(random, [HOUR_MS, -HOUR_MS, 1_000, -1_000, DAY_MS, -1_759_000_000_000]),
      };
    case "disk_full":
      return { atMs, kind, forMs: spread(random, 500, 600_000) };
    case "disk_slow":
      return { atMs, kind, forMs: spread(random, 10_000, 600_000), commitMs: between(random, 100, 2_000) };
    case "disk_locked":
      return { atMs, kind, forMs: spread(random, 500, 300_000) };
    case "ping_program_missing":
    case "answered_for_all":
      return { atMs, kind, forMs: spread(random, MINUTE_MS, 6 * HOUR_MS) };
    case "uplink_cut":
      return { atMs, kind, forMs, direction: pick(random, directions) };
    case "uplink_poor":
      return { atMs, kind, ...poor(random) };
    case "collector_lan_cut":
    case "internet_cut":
      return { atMs, kind, forMs };
    case "wan_cut": {
      const cut = sites.map((_, site) => site).filter(() => random() < 0.6);
      return cut.length === 0 ? null : { atMs, kind, forMs, sites: cut };
    }
    case "sentinel_silent": {
      const sentinel = index(random, Math.max(1, plan.collector.farSentinels.length));
      return { atMs, kind, forMs: spread(random, MINUTE_MS, 30 * HOUR_MS), sentinel };
    }
    case "telegram_fails":
      return { atMs, kind, forMs: spread(random, 5_000, 2 * HOUR_MS), how: pick(random, telegramFailures) };
    case "telegram_stumbles":
      return { atMs, kind, count: between(random, 1, 3), how: pick(random, telegramStumbles) };
    case "telegram_limits":
      // Over with the faults: a wait of hours would make rest wait for it.
      return {
        atMs,
        kind,
        recipient,
        retryAfterMs: Math.min(spread(random, 2_000, 900_000), plan.durationMs - atMs),
      };
    case "chat_blocked":
    case "chat_moved":
      return { atMs, kind, recipient };
    case "maintenance": {
      const scope = random();
      return {
        atMs,
        kind,
        forMs: spread(random, MINUTE_MS, 4 * HOUR_MS),
        server: scope < 0.5 ? index(random, plan.servers.filter((one) => one.cloneOf === null).length) : null,
        site: scope >= 0.5 && scope < 0.9 ? index(random, sites.length) : null,
        beginsInMs: random() < 0.5 ? 0 : spread(random, SECOND_MS, 30 * MINUTE_MS),
        early: random() < 0.2,
      };
    }
    case "incident_acknowledged":
      return { atMs, kind };
    case "staff_intervene":
      return {
        atMs,
        kind,
        status: pick(random, ["suspect", "down", "recovering", "recovering", "planned", "paused"] as const),
        act: pick(random, [
          "pause",
          "pause",
          "pause",
          "pause",
          "edit",
          "edit",
          "edit",
          "edit",
          "remove",
        ] as const),
        forMs: spread(random, SECOND_MS, HOUR_MS),
        edit: pick(random, edits),
      };
  }
}
