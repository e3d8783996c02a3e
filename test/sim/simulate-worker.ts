/**
 * One process that runs the worlds it is handed, one after the other.
 * Why processes: a world is one thread's work; the cores are filled by many of them.
 * Must not: print; the parent tells.
 */
import type { Size } from "./plan-drawing.ts";
import { runSeed, type Summary } from "./run.ts";

export interface Assignment {
  readonly seed: number;
  readonly size: Size;
}
export interface Outcome {
  readonly summary: Summary;
  /** Processor time of this world, ms. */
  readonly processorMs: number;
}

process.on("message", (assignment: Assignment) => {
  const before = process.cpuUsage();
  const summary = runSeed(assignment.seed, assignment.size);
  const used = process.cpuUsage(before);
  const outcome: Outcome = { summary, processorMs: (used.user + used.system) / 1_000 };
  process.send?.(outcome);
});
// The parent is gone: nobody waits for this.
process.on("disconnect", () => process.exit(0));
