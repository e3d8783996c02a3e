/**
 * The ping program that this agent may use, found once and kept.
 * Why shared: looks and witness ask by the same program, and finding it starts up to three.
 * Must not: believe for ever that there is none: it may be installed, or the machine was only out of processes.
 */
import { findPingProgram, type PingAbility } from "../shared/probe/icmp.ts";

/** Between two searches that found none. */
const searchAgainMs = 10 * 60_000;

export interface Ping {
  /** Never rejects. `signal` ends the waiting, with null; the search is shared, and goes on for the others. */
  ability(signal: AbortSignal): Promise<PingAbility | null>;
}

/** `now`: monotonic ms. `files`: the programs to try; default: this platform's. */
export function createPing(now: () => number, files = usualFiles()): Ping {
  let found: Promise<PingAbility> | undefined;
  let searchedAtMs = Number.NEGATIVE_INFINITY;
  let ability: PingAbility | undefined;
  return {
    ability(signal) {
      const stale = ability !== undefined && ability.type !== "ok" && now() - searchedAtMs >= searchAgainMs;
      if (found === undefined || stale) {
        searchedAtMs = now();
        ability = undefined;
        found = findPingProgram({ files }).then((answer) => (ability = answer));
      }
      if (ability !== undefined) return Promise.resolve(ability);
      if (signal.aborted) return Promise.resolve(null);
      const over = new Promise<null>((resolve) => {
        signal.addEventListener("abort", () => resolve(null), { once: true });
      });
      return Promise.race([found, over]);
    },
  };
}

/** fping asks many addresses by one process; Windows has only ping. */
function usualFiles(): readonly string[] {
  return process.platform === "win32" ? ["ping"] : ["fping", "ping"];
}
