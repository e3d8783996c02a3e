/**
 * Draws that the sweep's worlds share: so many a day, and outages long enough for every setting.
 * Must not: keep a state of its own.
 */
import { between, DAY_MS, index, MINUTE_MS, pick, type Random } from "./draws.ts";
import type { Fault } from "./plan-faults.ts";
import type { Plan } from "./plan.ts";

/** Nothing happens before every agent is in. */
export const QUIET_MS = 5 * MINUTE_MS;
/** Outages of this length are told with every setting that is swept, and give the time of detection. */
export const LONG_MS = 15 * MINUTE_MS;
export const LONG_MAX_MS = 40 * MINUTE_MS;

/** Calls `make` so many times a day, at moments of the world's quiet of which it knows nothing. */
export function daily(plan: Plan, random: Random, perDay: number, make: (atMs: number) => void): void {
  let expected = (perDay * plan.durationMs) / DAY_MS;
  while (expected >= 1 || random() < expected) {
    make(between(random, QUIET_MS, Math.max(QUIET_MS, plan.durationMs - LONG_MAX_MS)));
    expected -= 1;
  }
}

/** An outage of 15 to 40 min, of any server unless one is named. */
export function longOutage(
  plan: Plan,
  random: Random,
  atMs: number,
  server = index(random, plan.servers.length),
): Fault {
  const kind = pick(random, ["power_cut", "path_cut", "host_hung", "agent_frozen"] as const);
  const forMs = between(random, LONG_MS, LONG_MAX_MS);
  return kind === "path_cut"
    ? { kind, atMs, forMs, server, direction: "both" }
    : { kind, atMs, forMs, server };
}
