/**
 * Where a peer comes from: one address, spelt in one way.
 * Why: it is counted (pending handshakes) and asked (probes), so `::ffff:192.0.2.1` and `192.0.2.1` must be one.
 * Must not: believe a header unless the operator said that a proxy sets it.
 */
import { isIP } from "node:net";

/** All of a request that tells where it comes from. */
export interface AddressedRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** IPv4 in IPv6 clothes, as a dual-stack socket reports it, becomes IPv4. Anything else stays. */
export function normalisedAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  return mapped?.[1] ?? address;
}

/**
 * The peer's address. With `trustProxy`, the last entry of X-Forwarded-For: the one the nearest proxy wrote itself;
 * those before it came from the peer. Without a usable entry, and always otherwise, the socket's. "" when it is gone.
 */
export function peerAddressOf(request: AddressedRequest, trustProxy: boolean): string {
  if (trustProxy) {
    const header = request.headers["x-forwarded-for"];
    const list = Array.isArray(header) ? header.join(",") : (header ?? "");
    const last = list.split(",").at(-1)?.trim() ?? "";
    if (isIP(last) !== 0) return normalisedAddress(last);
  }
  return normalisedAddress(request.socket.remoteAddress ?? "");
}
