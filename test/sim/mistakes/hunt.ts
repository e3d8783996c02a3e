/**
 * Looks for the first drawn world that shows a mistake.
 * Why drawn worlds: a story written for a mistake shows that it can be seen; a world that knows nothing of it shows that
 * it would have been.
 * Must not: leave a thread or a file behind.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { drawPlan, type Size } from "../plan-drawing.ts";
import type { Mistake } from "./mistake.ts";
import { bundled } from "./patched.ts";
import type { Caught, Order } from "./worlds.ts";

/** Each mistake is caught within so many worlds of this size: the roughest of the first `SEEDS_DRAWN` seeds. */
export const SEEDS_MAX = 60;
export const SEEDS_DRAWN = 600;
export const MISTAKE_SIZE: Size = { hours: 24, servers: 20 };
/** A mistake that keeps a world from ending is stopped after this long. */
const LIMIT_MS = 240_000;

/** The seeds whose worlds have most faults, the roughest first: a calm world says little of how trouble is handled. */
export function roughestSeeds(): number[] {
  return Array.from({ length: SEEDS_DRAWN }, (_, index) => index + 1)
    .map((seed) => ({ seed, faults: drawPlan(seed, MISTAKE_SIZE).faults.length }))
    .sort((a, b) => b.faults - a.faults || a.seed - b.seed)
    .slice(0, SEEDS_MAX)
    .map(({ seed }) => seed);
}

/** The first world that breaks a rule with this mistake in it: its story, or one of `seeds`; null: none. Rejects when it never ends. */
export async function hunted(mistake: Mistake, seeds: readonly number[]): Promise<Caught | null> {
  const story = mistake.story?.();
  return caughtIn(mistake, story ? { story } : { seeds, size: MISTAKE_SIZE });
}

/** The first of these worlds, or the story, that breaks a rule without any mistake; null: none, as it must be. */
export async function heldWithout(order: Order): Promise<Caught | null> {
  return caughtIn(null, order);
}

async function caughtIn(mistake: Mistake | null, order: Order): Promise<Caught | null> {
  const folder = await mkdtemp(join(tmpdir(), "detak-mistake-"));
  try {
    const file = join(folder, "worlds.mjs");
    await writeFile(file, await bundled(mistake));
    return await answered(file, order);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function answered(file: string, order: Order): Promise<Caught | null> {
  const worker = new Worker(file, { workerData: order });
  const limit = AbortSignal.timeout(LIMIT_MS);
  try {
    return await new Promise<Caught | null>((resolve, reject) => {
      worker.once("message", (caught: Caught | null) => resolve(caught));
      worker.once("error", reject);
      worker.once("exit", (code) => reject(new Error(`the worlds ended with code ${code} and said nothing`)));
      limit.addEventListener("abort", () => reject(new Error(`no end within ${LIMIT_MS / 1_000} s`)));
    });
  } finally {
    await worker.terminate();
  }
}
