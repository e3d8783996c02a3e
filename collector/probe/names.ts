/**
 * From a host name to the address that is probed, kept for a while.
 * Why not leave it to the ping program: a resolver that hangs holds a thread of this process (there are four, and
 * the disk needs them too), so lookups are few at a time, shared and remembered.
 * Must not: remember a failure, or answer with an address that may not be probed.
 */
import { lookup } from "node:dns/promises";
import { setMaxListeners } from "node:events";
import { probeAddress } from "../../shared/probe/address.ts";
import { createSlots } from "./slots.ts";
import { aborted } from "./turn.ts";

/** Finds the address by the system's own means (hosts file, DNS …), in the system's order of preference. */
export type Lookup = (name: string) => Promise<string>;

export interface Names {
  /** The IP address; null: not found, or not before `signal` aborted. */
  address(name: string, signal: AbortSignal): Promise<string | null>;
}

/** Of the four threads that lookups and the disk share, two always remain for the disk. */
const LOOKUPS_MAX = 2;
/** Dynamic DNS of branch links rarely promises more than five minutes. */
const REMEMBERED_MS = 5 * 60_000;
/** Far more names than servers; the oldest is forgotten first. */
const NAMES_MAX = 20_000;

const systemLookup: Lookup = async (name) => (await lookup(name, { order: "verbatim" })).address;

/** `now`: monotonic ms. */
export function createNames(now: () => number, find: Lookup = systemLookup): Names {
  const known = new Map<string, { readonly address: string; readonly untilMs: number }>();
  const underWay = new Map<string, Promise<string | null>>();
  const slots = createSlots(LOOKUPS_MAX, NAMES_MAX);
  // A lookup is shared, so no one who asked can call it off; its place in the queue is bounded by NAMES_MAX.
  const never = new AbortController().signal;
  setMaxListeners(0, never);

  const ask = async (name: string): Promise<string | null> => {
    const release = await slots.take(never);
    if (release === null) return null;
    try {
      const found = probeAddress(await find(name));
      if (found?.type !== "ip") return null;
      known.delete(name);
      known.set(name, { address: found.text, untilMs: now() + REMEMBERED_MS });
      const [oldest] = known.keys();
      if (known.size > NAMES_MAX && oldest !== undefined) known.delete(oldest);
      return found.text;
    } catch {
      return null;
    } finally {
      release();
    }
  };

  return {
    async address(name, signal) {
      const remembered = known.get(name);
      if (remembered !== undefined && now() < remembered.untilMs) return remembered.address;
      let asked = underWay.get(name);
      if (asked === undefined) {
        asked = ask(name).finally(() => underWay.delete(name));
        underWay.set(name, asked);
      }
      return Promise.race([asked, aborted(signal)]);
    },
  };
}
