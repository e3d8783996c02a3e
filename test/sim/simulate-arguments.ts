/**
 * The command line of `npm run simulate`.
 * Why apart: a wrong argument gets one clear line, and a test can ask for each of them without a process.
 * Must not: print or run anything.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import type { Size } from "./plan-drawing.ts";

export interface SimulateArguments {
  readonly firstSeed: number;
  readonly lastSeed: number;
  /** True: one world, told in full. */
  readonly single: boolean;
  readonly size: Size;
  readonly jobs: number;
}

export type ParsedArguments =
  | { readonly ok: true; readonly arguments: SimulateArguments }
  | { readonly ok: false; readonly mistake: string };

export const usage = `npm run simulate -- --seed N [--hours H] [--servers S]
npm run simulate -- --seeds A..B [--hours H] [--servers S] [--jobs J]

  --seed N      one world, told in full
  --seeds A..B  all worlds from A to B, on several processes
  --hours H     simulated hours of each world, 0.1 to 8784 (default 24)
  --servers S   servers of each world, 1 to 5000 (default 20)
  --jobs J      processes, 1 to 256 (default: one for each core)`;

/** 2^31: the generator's state has 32 bits. */
const SEED_MAX = 2_147_483_647;

export function parseArguments(words: readonly string[]): ParsedArguments {
  let values: Record<string, string | undefined>;
  try {
    values = parseArgs({
      args: [...words],
      options: {
        seed: { type: "string" },
        seeds: { type: "string" },
        hours: { type: "string" },
        servers: { type: "string" },
        jobs: { type: "string" },
      },
      strict: true,
      allowPositionals: false,
    }).values;
  } catch (error) {
    return {
      ok: false,
      mistake: error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error),
    };
  }
  const range = seedsOf(values["seed"], values["seeds"]);
  if (typeof range === "string") return { ok: false, mistake: range };
  const hours = numberOf("--hours", values["hours"] ?? "24", 0.1, 8_784, false);
  const servers = numberOf("--servers", values["servers"] ?? "20", 1, 5_000, true);
  const jobs = numberOf("--jobs", values["jobs"] ?? String(availableParallelism()), 1, 256, true);
  for (const outcome of [hours, servers, jobs])
    if (typeof outcome === "string") return { ok: false, mistake: outcome };
  return {
    ok: true,
    arguments: {
      firstSeed: range[0],
      lastSeed: range[1],
      single: values["seed"] !== undefined,
      size: { hours: hours as number, servers: servers as number },
      jobs: jobs as number,
    },
  };
}

function seedsOf(seed: string | undefined, seeds: string | undefined): readonly [number, number] | string {
  if ((seed === undefined) === (seeds === undefined)) return "give either --seed N or --seeds A..B";
  if (seed !== undefined) {
    const number = numberOf("--seed", seed, 0, SEED_MAX, true);
    return typeof number === "string" ? number : [number, number];
  }
  const match = /^(\d+)\.\.(\d+)$/.exec(seeds ?? "");
  if (!match) return `--seeds must look like 1..1000, not "${seeds ?? ""}"`;
  const first = numberOf("--seeds", match[1] as string, 0, SEED_MAX, true);
  const last = numberOf("--seeds", match[2] as string, 0, SEED_MAX, true);
  if (typeof first === "string") return first;
  if (typeof last === "string") return last;
  return first <= last ? [first, last] : `--seeds ${first}..${last} counts backwards`;
}

function numberOf(name: string, text: string, low: number, high: number, whole: boolean): number | string {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (number >= low && number <= high && (!whole || Number.isInteger(number))) return number;
  return `${name} must be a ${whole ? "whole " : ""}number from ${low} to ${high}, not "${text}"`;
}
