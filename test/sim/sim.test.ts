/**
 * Drawn worlds: seeds with a story, fresh seeds each run, and what must hold between two runs.
 */
import { describe, expect, test, vi } from "vitest";
import { giveWay } from "../give-way.ts";
import { drawPlan, type Size } from "./plan-drawing.ts";
import type { FaultKind } from "./plan-faults.ts";
import { commandOf, runPlan, runSeed, type Summary } from "./run.ts";
import { planOf, MINUTE, play, type Story } from "./scenario.ts";
import { namedSeeds } from "./seeds.ts";

giveWay();
// A second of work lasts as long as others need the cores.
vi.setConfig({ testTimeout: 240_000 });

/** Fails with what happened and the one command that repeats it. */
function expectHeld(summary: Summary, size: Size): void {
  const lines = summary.violations.map(
    ({ atMs, rule, server, sentence }) => `${(atMs / 1000).toFixed(1)} s ${rule} ${server ?? ""} ${sentence}`,
  );
  expect(lines, `repeat it: ${commandOf(summary.seed, size)}`).toEqual([]);
}

describe("seeds that failed once", () => {
  test.each(namedSeeds)(
    "[S1] [S3] [L1] seed $seed ($size.hours h, $size.servers servers): $story",
    ({ seed, size }) => {
      expectHeld(runSeed(seed, size), size);
    },
  );
});

describe("fresh seeds", () => {
  const size: Size = { hours: 6, servers: 8 };
  // From the clock, so that each run of the suite sees worlds that none saw before.
  const base = Math.floor(Date.now() / 1000) % 1_000_000_000;
  console.info(`fresh seeds from ${base}`);
  test.each(Array.from({ length: 30 }, (_, index) => base + index))(
    "[L2] [L3] [S14] seed %i holds and comes to rest",
    (seed) => {
      expectHeld(runSeed(seed, size), size);
    },
  );
});

describe("between two runs", () => {
  const size: Size = { hours: 8, servers: 8 };

  test("[S13] the same seed gives the same trace, another seed another", () => {
    const first = runSeed(7, size);
    expect(runSeed(7, size).hash).toBe(first.hash);
    expect(first.violations).toEqual([]);
    expect(runSeed(8, size).hash).not.toBe(first.hash);
  });

  test("[S10] stepping the wall clock changes no verdict and no moment of any decision", () => {
    // Windows are calendar time: they move with the wall, and only they.
    const calendar = new Set<FaultKind>(["wall_clock_stepped", "maintenance"]);
    for (let seed = 11; seed <= 22; seed += 1) {
      const plan = drawPlan(seed, size);
      const steps = Array.from({ length: 12 }, (_, index) => ({
        kind: "wall_clock_stepped" as const,
        atMs: (index + 1) * 37 * MINUTE,
        byMs: [3_600_000, -7_200_000, -1_759_000_000_000, 86_400_000][index % 4] as number,
      }));
      const still = { ...plan, faults: plan.faults.filter((fault) => !calendar.has(fault.kind)) };
      const stepped = { ...still, faults: [...still.faults, ...steps].sort((a, b) => a.atMs - b.atMs) };
      expect(runPlan(stepped).hash, `seed ${seed}`).toBe(runPlan(still).hash);
    }
  });

  test("[S11] adding healthy servers adds no alert and removes none", () => {
    const story: Story = {
      servers: [{}, {}, { mode: "ping" }],
      faults: [
        { kind: "power_cut", atMs: 30 * MINUTE, server: 0, forMs: 10 * MINUTE },
        { kind: "agent_frozen", atMs: 40 * MINUTE, server: 1, forMs: 20 * MINUTE },
        { kind: "path_cut", atMs: 70 * MINUTE, server: 2, forMs: 10 * MINUTE, direction: "both" },
        { kind: "collector_killed", atMs: 75 * MINUTE, forMs: 20_000, boundary: "now" },
      ],
    };
    const verdicts = (servers: Story["servers"]): string[] => {
      const { incidents, violations } = play({ ...story, servers: servers ?? [] });
      expect(violations).toEqual([]);
      return incidents.map(({ serverId, firstKind }) => `${serverId} ${firstKind}`);
    };
    const alone = verdicts(story.servers);
    expect(alone).toEqual(["s0 host_down", "s1 agent_down", "s2 host_down"]);
    expect(verdicts([...(story.servers ?? []), ...Array.from({ length: 20 }, () => ({}))])).toEqual(alone);
  });

  test("every kind of fault happens in the drawn worlds", () => {
    const drawn = new Set<FaultKind>();
    for (let seed = 1; seed <= 120; seed += 1)
      for (const fault of drawPlan(seed, { hours: 24, servers: 20 }).faults) drawn.add(fault.kind);
    const kinds: Record<FaultKind, true> = {
      power_cut: true,
      rebooted: true,
      host_hung: true,
      host_suspended: true,
      agent_killed: true,
      agent_frozen: true,
      agent_stopped: true,
      path_cut: true,
      path_refused: true,
      path_poor: true,
      connection_forgotten: true,
      icmp_filtered: true,
      service_stopped: true,
      check_failing: true,
      flapping: true,
      clone_runs: true,
      agent_clock_stepped: true,
      old_session_speaks: true,
      site_link_cut: true,
      site_link_poor: true,
      site_power_cut: true,
      site_lan_cut: true,
      gateway_dead: true,
      gateway_icmp_filtered: true,
      site_connections_forgotten: true,
      login_failing: true,
      route_cut: true,
      collector_killed: true,
      collector_restarted: true,
      collector_host_rebooted: true,
      collector_stalled: true,
      collector_suspended: true,
      wall_clock_stepped: true,
      disk_full: true,
      disk_slow: true,
      disk_locked: true,
      ping_program_missing: true,
      answered_for_all: true,
      uplink_cut: true,
      uplink_poor: true,
      collector_lan_cut: true,
      internet_cut: true,
      wan_cut: true,
      sentinel_silent: true,
      telegram_fails: true,
      telegram_stumbles: true,
      telegram_limits: true,
      chat_blocked: true,
      chat_moved: true,
      paused_by_staff: true,
      removed_by_staff: true,
      edited_by_staff: true,
      maintenance: true,
      incident_acknowledged: true,
      staff_intervene: true,
    };
    expect([...drawn].toSorted()).toEqual(Object.keys(kinds).toSorted());
  });

  test("a plan is data: it survives JSON and gives the same run", () => {
    const plan = planOf({
      faults: [{ kind: "power_cut", atMs: 30 * MINUTE, server: 0, forMs: 10 * MINUTE }],
    });
    expect(runPlan(JSON.parse(JSON.stringify(plan)) as typeof plan).hash).toBe(runPlan(plan).hash);
  });
});
