/**
 * The program in which a mistake runs: worlds one after the other, until one of them shows it.
 * Why a thread: a mistake may never come to an end; whoever started it stops it.
 * Must not: be imported; `patched.ts` bundles it.
 */
import { parentPort, workerData } from "node:worker_threads";
import { drawPlan, type Size } from "../plan-drawing.ts";
import type { Plan } from "../plan.ts";
import { runPlan } from "../run.ts";
import { planOf, type Story } from "../scenario.ts";

/** Drawn worlds, or one story. */
export type Order = { readonly seeds: readonly number[]; readonly size: Size } | { readonly story: Story };
/** The first world that did not hold, and the rules it broke at first; null: all held. */
export interface Caught {
  /** null: the story. */
  readonly seed: number | null;
  readonly rules: readonly string[];
  /** The first of what was said. */
  readonly sentence: string;
}

parentPort?.postMessage(firstCaught(workerData as Order));

function firstCaught(order: Order): Caught | null {
  if ("story" in order) return caughtBy(planOf(order.story), null);
  for (const seed of order.seeds) {
    const caught = caughtBy(drawPlan(seed, order.size), seed);
    if (caught) return caught;
  }
  return null;
}

function caughtBy(plan: Plan, seed: number | null): Caught | null {
  const { violations } = runPlan(plan, { stopsAtViolation: true });
  const [first] = violations;
  if (!first) return null;
  const rules = [...new Set(violations.map(({ rule }) => rule))].sort((a, b) => a.localeCompare(b));
  return { seed, rules, sentence: `${first.rule} ${first.server ?? ""} ${first.sentence}` };
}
