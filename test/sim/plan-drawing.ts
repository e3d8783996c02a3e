/**
 * Draws a world from a seed: settings, topology, and which faults happen how often.
 * Why each seed its own mix (swarm testing): faults that are always all on hide each other; a seed without restarts sees
 * what restarts would have mended.
 * Must not: draw what the core does not promise yet (see README.md, "Not modelled").
 */
import { generator } from "../../shared/rng.ts";
import type { Fault, FaultKind, GoodbyeReason, Plan, ServerPlan, TelegramFailure } from "./plan.ts";

export interface Size {
  readonly hours: number;
  readonly servers: number;
}

type Random = () => number;

const HOUR_MS = 3_600_000;
const SECOND_MS = 1_000;

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}
function between(random: Random, low: number, high: number): number {
  return Math.round(low + random() * (high - low));
}
/** Log-uniform: as many short ones as long ones. */
function spread(random: Random, low: number, high: number): number {
  return Math.round(low * (high / low) ** random());
}

/** η in seconds; the default most often. */
const INTERVALS_S: readonly number[] = [15, 15, 15, 15, 15, 5, 10, 20, 30];
/** T in η; 12 is the default. */
const DOWN_AFTER_INTERVALS: readonly number[] = [12, 12, 12, 12, 10, 14, 18, 24];
/** Some worlds have the least T that the settings allow, or little more. */
const DOWN_AFTER_SHORT: readonly number[] = [6, 7, 8];
const SHORT_SHARE = 0.1;

/** How often each fault happens in a day, where it is on: per server, or per world. */
const perServerDay = {
  power_cut: 1,
  rebooted: 1.5,
  host_hung: 0.7,
  host_suspended: 0.7,
  agent_killed: 1.5,
  agent_frozen: 1,
  agent_stopped: 1,
  path_cut: 2,
  path_refused: 0.7,
  path_poor: 0.7,
  connection_forgotten: 2,
  icmp_filtered: 0.5,
  old_session_speaks: 1,
  paused_by_staff: 0.3,
  removed_by_staff: 0.03,
  edited_by_staff: 0.3,
} satisfies Partial<Record<FaultKind, number>>;
const perWorldDay = {
  site_cut: 2,
  site_power_cut: 1,
  collector_killed: 8,
  collector_restarted: 3,
  collector_host_rebooted: 1,
  collector_stalled: 12,
  collector_suspended: 2,
  wall_clock_stepped: 4,
  disk_full: 2,
  disk_slow: 1.5,
  ping_program_missing: 0.5,
  telegram_fails: 5,
  telegram_stumbles: 12,
  telegram_limits: 3,
  chat_blocked: 0.15,
  chat_moved: 0.5,
} satisfies Partial<Record<FaultKind, number>>;

/** The world of a seed. The same seed and size give the same plan. */
export function drawPlan(seed: number, size: Size): Plan {
  const random = generator(Math.imul(seed, 0x9e3779b1) ^ 0x5eed);
  for (let warm = 0; warm < 4; warm += 1) random();
  const heartbeatIntervalMs = pick(random, INTERVALS_S) * SECOND_MS;
  const usual = pick(random, DOWN_AFTER_INTERVALS);
  // Of a generator of its own, so that the worlds of all other seeds stay what they are.
  const rare = generator(seed ^ 0x7000);
  const downAfterMs = heartbeatIntervalMs * (rare() < SHORT_SHARE ? pick(rare, DOWN_AFTER_SHORT) : usual);
  const durationMs = Math.round(size.hours * HOUR_MS);
  const siteCount = between(random, 1, Math.max(1, Math.ceil(size.servers / 4)));
  const servers = Array.from({ length: size.servers }, () => drawServer(random, siteCount, downAfterMs));
  const recipientCount = between(random, 1, 3);
  const plan: Plan = {
    seed,
    durationMs,
    heartbeatIntervalMs,
    downAfterMs,
    siteCount,
    servers,
    recipients: Array.from({ length: recipientCount }, (_, index) => ({
      address: random() < 0.5 ? `${1_000 + index}` : `-${1_000 + index}`,
    })),
    collector: {
      pingProgram: random() < 0.9,
      commitMs: [1, pick(random, [5, 20, 60])],
      // As collector/main.ts sets it.
      laterFlushMs: Math.min(5_000, heartbeatIntervalMs / 3),
      startMs: between(random, 300, 2_000),
    },
    faults: [],
  };
  return { ...plan, faults: drawFaults(random, plan) };
}

function drawServer(random: Random, siteCount: number, downAfterMs: number): ServerPlan {
  const mode = random() < 0.85 ? "agent" : "ping";
  const ports = random() < 0.75 ? [22, 443] : [];
  return {
    site: random() < 0.95 ? Math.floor(random() * siteCount) : null,
    mode,
    downAfterMs: random() < 0.1 ? downAfterMs * pick(random, [1.5, 2]) : null,
    path: {
      delayMs: spread(random, 1, 300),
      jitterMs: spread(random, 1, 300),
      lossShare: random() < 0.2 ? random() * 0.1 : 0,
    },
    icmpBlocked: random() < 0.2,
    tcp: pick(random, ["open", "open", "closed", "filtered"] as const),
    probePorts: ports,
  };
}

function drawFaults(random: Random, plan: Plan): Fault[] {
  const days = plan.durationMs / (24 * HOUR_MS);
  const faults: Fault[] = [];
  /** Quiet before and after, so that the first agents come and the last fault has begun in time. */
  const when = (): number => between(random, 120_000, Math.max(120_000, plan.durationMs - 60_000));
  /** This world's weight of a kind: off, or a share of the usual up to thrice it. */
  const weight = (): number => (random() < 0.35 ? 0 : spread(random, 0.2, 3));
  const repeat = (perDay: number, make: () => Fault): void => {
    let expected = perDay * days * weight();
    while (expected >= 1 || random() < expected) {
      faults.push(make());
      expected -= 1;
    }
  };
  // Some kinds strike every server of a world or few of them: the weight is drawn once per world and kind.
  for (const [kind, perDay] of Object.entries(perServerDay) as [keyof typeof perServerDay, number][])
    repeat(perDay * plan.servers.length, () =>
      drawServerFault(random, plan, kind, when(), Math.floor(random() * plan.servers.length)),
    );
  for (const [kind, perDay] of Object.entries(perWorldDay) as [keyof typeof perWorldDay, number][])
    repeat(perDay, () => drawWorldFault(random, plan, kind, when()));
  return faults.sort((a, b) => a.atMs - b.atMs);
}

const goodbyeReasons: readonly GoodbyeReason[] = [
  "reboot",
  "shutdown",
  "suspend",
  "upgrade",
  "agent_stopped",
];

function drawServerFault(
  random: Random,
  plan: Plan,
  kind: keyof typeof perServerDay,
  atMs: number,
  server: number,
): Fault {
  const { downAfterMs } = plan;
  /** Around T as often as far from it: the edges are where mistakes are. */
  const outageMs = (): number =>
    random() < 0.3
      ? between(random, downAfterMs * 0.7, downAfterMs * 1.4)
      : spread(random, 1_000, downAfterMs * 20);
  const base = { atMs, server };
  switch (kind) {
    case "rebooted":
      return { ...base, kind, forMs: spread(random, 5_000, 1_200_000), clean: random() < 0.6 };
    case "agent_stopped":
      return { ...base, kind, forMs: outageMs() + 3_000, reason: pick(random, goodbyeReasons) };
    case "path_cut":
      return {
        ...base,
        kind,
        forMs: outageMs(),
        direction: pick(random, ["both", "both", "up", "down"] as const),
      };
    case "path_poor":
      return {
        ...base,
        kind,
        forMs: spread(random, 60_000, 6 * HOUR_MS),
        lossShare: random() * 0.15,
        jitterMs: between(random, 0, 500),
      };
    case "connection_forgotten":
      return { ...base, kind, reset: random() < 0.5 };
    case "agent_killed":
      return { ...base, kind, forMs: random() < 0.5 ? between(random, 1_000, 10_000) : outageMs() };
    case "old_session_speaks":
    case "removed_by_staff":
    case "edited_by_staff":
      return { ...base, kind };
    case "icmp_filtered":
    case "paused_by_staff":
      return { ...base, kind, forMs: spread(random, 10_000, 4 * HOUR_MS) };
    case "power_cut":
    case "host_hung":
    case "host_suspended":
    case "agent_frozen":
    case "path_refused":
      return { ...base, kind, forMs: outageMs() };
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

function drawWorldFault(random: Random, plan: Plan, kind: keyof typeof perWorldDay, atMs: number): Fault {
  const { downAfterMs, heartbeatIntervalMs } = plan;
  const site = Math.floor(random() * plan.siteCount);
  const recipient = Math.floor(random() * plan.recipients.length);
  switch (kind) {
    case "site_cut":
    case "site_power_cut":
      return { atMs, kind, site, forMs: spread(random, 5_000, downAfterMs * 20) };
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
        byMs: pick(random, [HOUR_MS, -HOUR_MS, 1_000, -1_000, 86_400_000, -1_759_000_000_000]),
      };
    case "disk_full":
      return { atMs, kind, forMs: spread(random, 500, 600_000) };
    case "disk_slow":
      return { atMs, kind, forMs: spread(random, 10_000, 600_000), commitMs: between(random, 100, 2_000) };
    case "ping_program_missing":
      return { atMs, kind, forMs: spread(random, 60_000, 6 * HOUR_MS) };
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
  }
}
