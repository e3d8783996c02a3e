/**
 * Which texts may be probed: one host's IP address, or a host name. Everything else is refused before it comes near a
 * socket or a command line.
 * Why: addresses are typed by staff and reported by agents; both are hostile text.
 * Must not: look up names (that takes time and may hang; the caller bounds it).
 */
import { SocketAddress, isIPv4, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";

export type ProbeAddress =
  /** `text` is in its one canonical form; an IPv4 address mapped into IPv6 is written as IPv4. */
  { readonly type: "ip"; readonly text: string } | { readonly type: "name"; readonly text: string };

/** RFC 1035: a name has at most 253 characters, a label 63. */
const NAME_LENGTH_MAX = 253;
const LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
/** The name of a network interface, after `%`. Linux allows 15 characters; Windows writes a number. */
const ZONE = /^[A-Za-z0-9._-]{1,32}$/;

/** The address in the form the rest of this folder compares and hands on; null: nothing that can be one host. */
export function probeAddress(text: string): ProbeAddress | null {
  const trimmed = text.trim();
  const ip = canonicalIp(trimmed);
  if (ip !== null) return isOneHost(ip) ? { type: "ip", text: ip } : null;
  const name = hostName(trimmed);
  return name === null ? null : { type: "name", text: name };
}

/** True when both are the same IP address, however written; false when either is not one. */
export function sameAddress(one: string, other: string): boolean {
  const a = canonicalIp(one);
  const b = canonicalIp(other);
  if (a === null || b === null) return false;
  if (a === b) return true;
  // Programs leave the zone out of what they print, or add it to what they were given.
  const [aAddress, aZone] = a.split("%");
  const [bAddress, bZone] = b.split("%");
  return aAddress === bAddress && (aZone === undefined || bZone === undefined);
}

/** How a probe of a port is written: `10.0.4.2:22`, `[fd00::2]:22`. */
export function portTarget(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function canonicalIp(text: string): string | null {
  if (isIPv4(text)) return text;
  if (!isIPv6(text)) return null;
  const [address = "", zone] = text.split("%");
  if (zone !== undefined && !ZONE.test(zone)) return null;
  const canonical = new SocketAddress({ address, family: "ipv6" }).address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(canonical)?.[1];
  if (mapped !== undefined) return mapped;
  return zone === undefined ? canonical : `${canonical}%${zone}`;
}

/** Nobody's, everybody's and many's addresses: an answer to those says nothing about one host. */
function isOneHost(ip: string): boolean {
  if (isIPv6(ip)) return ip !== "::" && !ip.toLowerCase().startsWith("ff");
  const first = Number(ip.split(".")[0]);
  return first !== 0 && first < 224;
}

function hostName(text: string): string | null {
  // Outside ASCII: an international name, asked by its ASCII form.
  const ascii = /^[\x00-\x7f]*$/.test(text) ? text : domainToASCII(text);
  const name = ascii.endsWith(".") ? ascii.slice(0, -1) : ascii;
  if (name.length === 0 || name.length > NAME_LENGTH_MAX) return null;
  const labels = name.split(".");
  // A last label of digits only is a mistyped IP address; resolvers read "10.1" as 10.0.0.1.
  if (/^\d+$/.test(labels.at(-1) ?? "")) return null;
  return labels.every((label) => LABEL.test(label)) ? name : null;
}
