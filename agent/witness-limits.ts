/**
 * What a witness refuses: too much at once, and addresses that are nobody else's.
 * Why at the agent: a collector that was taken over must not turn its agents into a port scanner of their own machines,
 * nor into a flood (PROTOCOL.md [P36]).
 * Must not: ask anything, or trust that the collector has checked.
 */
import { BlockList, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";

export const witnessLimits = {
  roundsMax: 4,
  requestsMax: 60,
  requestsWindowMs: 60_000,
} as const;

/** What was admitted lately; changed only by the functions below. */
export interface WitnessLoad {
  readonly rounds: number;
  /** Oldest first; at most `requestsMax` of them. */
  readonly admitted: readonly { readonly atMs: number; readonly requests: number }[];
}

export const noLoad: WitnessLoad = { rounds: 0, admitted: [] };

/** The load with this round in it; null: it would be too much. `nowMs` is monotonic. */
export function withRound(load: WitnessLoad, nowMs: number, requests: number): WitnessLoad | null {
  if (load.rounds >= witnessLimits.roundsMax) return null;
  const admitted = load.admitted.filter((one) => nowMs - one.atMs < witnessLimits.requestsWindowMs);
  const sum = admitted.reduce((total, one) => total + one.requests, requests);
  if (sum > witnessLimits.requestsMax) return null;
  return { rounds: load.rounds + 1, admitted: [...admitted, { atMs: nowMs, requests }] };
}

/** A round has ended. */
export function withoutRound(load: WitnessLoad): WitnessLoad {
  return { ...load, rounds: load.rounds - 1 };
}

/** RFC 6890 and its like: nobody's, this machine's, this cable's, everybody's. `probeAddress` refuses some before. */
const never = new BlockList();
for (const [network, length] of [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const)
  never.addSubnet(network, length, "ipv4");
for (const [network, length] of [
  // Unspecified, loopback, and IPv4 addresses in the old IPv6 dress.
  ["::", 96],
  // IPv4 by a translator: which address it becomes is the translator's business.
  ["64:ff9b::", 96],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const)
  never.addSubnet(network, length, "ipv6");

/**
 * Whether an IP address (as `probeAddress` returns it) may be asked: never loopback, unspecified, link-local, multicast
 * or broadcast, and none of this machine's own, whose answer would be its own kernel's.
 */
export function mayBeAsked(address: string, own: readonly OwnAddress[]): boolean {
  const [bare = "", zone] = address.split("%");
  if (zone !== undefined) return false;
  if (never.check(bare, isIPv6(bare) ? "ipv6" : "ipv4")) return false;
  return !own.some((one) => one.address === bare || one.broadcast === bare);
}

export interface OwnAddress {
  readonly address: string;
  /** The last address of its network; null: IPv6 has none, nor have networks of one or two. */
  readonly broadcast: string | null;
}

/** This machine's addresses now. */
export function ownAddresses(): OwnAddress[] {
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map(({ address, cidr }) => ({
      address: address.split("%")[0] ?? address,
      broadcast: broadcastOf(cidr),
    })),
  );
}

/** `10.0.4.2/24` → `10.0.4.255`. */
export function broadcastOf(cidr: string | null): string | null {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr ?? "");
  if (match === null) return null;
  const [a = 0, b = 0, c = 0, d = 0, length = 32] = match.slice(1).map(Number);
  if (length > 30) return null;
  const address = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const last = (address | (0xffff_ffff >>> length)) >>> 0;
  return [last >>> 24, (last >>> 16) & 255, (last >>> 8) & 255, last & 255].join(".");
}
