/**
 * Which places stand for "the internet", by setting or by default.
 * Why apart from the looks: the settings are checked before anything runs.
 * Must not: ask any of them.
 */
import { BlockList, isIP, isIPv6 } from "node:net";
import { portTarget, probeAddress } from "../shared/probe/address.ts";

export interface PublicAddress {
  /** An IP address: a name would fail with the name service and not with the internet. */
  readonly host: string;
  readonly port: number;
}

/** Two that belong to different companies and answer everywhere; 443 is what branch firewalls let through. */
export const usualPublicAddresses: readonly PublicAddress[] = [
  { host: "1.1.1.1", port: 443 },
  { host: "8.8.8.8", port: 443 },
];

/** As the setting is written. */
export function publicAddressesText(addresses: readonly PublicAddress[]): string {
  return addresses.length === 0
    ? "none"
    : addresses.map(({ host, port }) => portTarget(host, port)).join(",");
}

/** Each is a connection attempt each η while cut off; two that are independent say it all. */
export const publicAddressesMax = 4;

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Whether the way to the collector leaves this machine at all, as far as its address says. */
export function isOnThisMachine(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  return isIP(host) !== 0 && loopback.check(host, isIPv6(host) ? "ipv6" : "ipv4");
}

/**
 * `host:port`, several with commas, or `none`: what `DETAK_INTERNET_TARGETS` says. Null: it cannot be read. Hosts are
 * IP addresses, `[fd00::1]:443` for IPv6.
 */
export function readPublicAddresses(text: string): readonly PublicAddress[] | null {
  if (text.trim() === "none") return [];
  const addresses: PublicAddress[] = [];
  for (const part of text.split(",")) {
    const match = /^\s*(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})\s*$/.exec(part);
    const address = probeAddress(match?.[1] ?? match?.[2] ?? "");
    const port = Number(match?.[3]);
    if (address?.type !== "ip" || !(port >= 1 && port <= 65_535)) return null;
    addresses.push({ host: address.text, port });
  }
  return addresses.length <= publicAddressesMax ? addresses : null;
}
