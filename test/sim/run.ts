/**
 * Runs one world and sums it up.
 * Why apart: the command, the workers and the tests report the same figures.
 * Must not: print.
 */
import type { Figures, Violation } from "./figures.ts";
import { drawPlan, type Size } from "./plan-drawing.ts";
import type { Plan } from "./plan.ts";
import { World, type WorldOptions } from "./world.ts";

export interface Summary {
  readonly seed: number;
  readonly hash: string;
  /** The first ones; `violationCount` counts all. */
  readonly violations: readonly Violation[];
  readonly violationCount: number;
  readonly figures: Figures;
  /** How often each kind of fault happened. */
  readonly injected: ReadonlyMap<string, number>;
  /** How often each event met a server in each status, and each change of status came about (edges.ts). */
  readonly edges: ReadonlyMap<string, number>;
  readonly beats: number;
  readonly probes: number;
  /** Messages that Telegram accepted; how many of them were marked repeats, and told late. */
  readonly messages: number;
  readonly repeats: number;
  readonly toldLate: number;
  readonly serverYears: number;
}

export const YEAR_MS = 365.25 * 86_400_000;

/** Runs a plan to rest. A bug that throws is a violation like any other: it names its place. */
export function runPlan(plan: Plan, options: WorldOptions = {}): Summary {
  const world = new World(plan, options);
  try {
    world.run();
  } catch (error) {
    const sentence = error instanceof Error ? (error.stack ?? error.message) : String(error);
    world.oracle.report("bug", null, sentence.split("\n").slice(0, 4).join(" "));
  }
  return {
    seed: plan.seed,
    hash: world.trace.hash,
    violations: world.oracle.violations,
    violationCount: world.oracle.violationCount,
    figures: world.oracle.figures,
    injected: world.injected,
    edges: world.checks.edges.met,
    beats: world.beatsSent,
    probes: world.probesAsked,
    messages: world.telegram.ledger.length,
    repeats: world.oracle.messages.repeats,
    toldLate: world.oracle.messages.lateMerges,
    serverYears: (plan.servers.length * world.nowMs) / YEAR_MS,
  };
}

export function runSeed(seed: number, size: Size, options: WorldOptions = {}): Summary {
  return runPlan(drawPlan(seed, size), options);
}

/** The one command that repeats a world. */
export function commandOf(seed: number, size: Size): string {
  return `npm run simulate -- --seed ${seed} --hours ${size.hours} --servers ${size.servers}`;
}
