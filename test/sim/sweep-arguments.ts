/**
 * The command line of `npm run sweep`.
 * Why apart: a wrong argument gets one clear line, and a test can ask for each of them without a process.
 * Must not: print or run anything.
 */
import { parseArgs } from "node:util";
import type { Size } from "./plan-drawing.ts";
import { settings, type Setting } from "./sweep-settings.ts";

export interface SweepArguments {
  readonly settings: readonly Setting[];
  readonly firstSeed: number;
  readonly lastSeed: number;
  readonly size: Size;
}

export type ParsedSweepArguments =
  | { readonly ok: true; readonly arguments: SweepArguments }
  | { readonly ok: false; readonly mistake: string };

export const usage = `npm run sweep -- [--settings NAME,NAME] [--seeds A..B] [--hours H] [--servers S]

  --settings    some of: ${settings.map((setting) => setting.key).join(", ")} (default: all)
  --seeds A..B  worlds of each table, from A to B, at most 10000 (default 1..10)
  --hours H     simulated hours of each world, 3 to 720 (default 24)
  --servers S   servers of each world, 4 to 500 (default 20)`;

/** 2^31: the generator's state has 32 bits. */
const SEED_MAX = 2_147_483_647;
const WORLDS_MAX = 10_000;
/** In less a world of returns has no outage. */
const HOURS_MIN = 3;

export function parseSweepArguments(words: readonly string[]): ParsedSweepArguments {
  let values: Record<string, string | undefined>;
  try {
    values = parseArgs({
      args: [...words],
      options: {
        settings: { type: "string" },
        seeds: { type: "string" },
        hours: { type: "string" },
        servers: { type: "string" },
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
  const chosen = settingsOf(values["settings"]);
  if (typeof chosen === "string") return { ok: false, mistake: chosen };
  const seeds = seedsOf(values["seeds"] ?? "1..10");
  if (typeof seeds === "string") return { ok: false, mistake: seeds };
  const hours = numberOf("--hours", values["hours"] ?? "24", HOURS_MIN, 720);
  const servers = numberOf("--servers", values["servers"] ?? "20", 4, 500);
  for (const outcome of [hours, servers])
    if (typeof outcome === "string") return { ok: false, mistake: outcome };
  return {
    ok: true,
    arguments: {
      settings: chosen,
      firstSeed: seeds[0],
      lastSeed: seeds[1],
      size: { hours: hours as number, servers: servers as number },
    },
  };
}

function settingsOf(names: string | undefined): readonly Setting[] | string {
  if (names === undefined) return settings;
  const found: Setting[] = [];
  for (const name of names.split(",")) {
    const setting = settings.find((one) => one.key === name);
    if (!setting)
      return `--settings knows no "${name}"; it knows ${settings.map((one) => one.key).join(", ")}`;
    if (!found.includes(setting)) found.push(setting);
  }
  return found;
}

function seedsOf(seeds: string): readonly [number, number] | string {
  const match = /^(\d+)\.\.(\d+)$/.exec(seeds);
  if (!match) return `--seeds must look like 1..10, not "${seeds}"`;
  const first = numberOf("--seeds", match[1] as string, 0, SEED_MAX);
  const last = numberOf("--seeds", match[2] as string, 0, SEED_MAX);
  if (typeof first === "string") return first;
  if (typeof last === "string") return last;
  if (first > last) return `--seeds ${first}..${last} counts backwards`;
  return last - first < WORLDS_MAX ? [first, last] : `--seeds ${first}..${last} is more than ${WORLDS_MAX}`;
}

function numberOf(name: string, text: string, low: number, high: number): number | string {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= low && number <= high) return number;
  return `${name} must be a whole number from ${low} to ${high}, not "${text}"`;
}
