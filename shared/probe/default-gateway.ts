/**
 * The default gateways of this machine, by its own routing table.
 * Why: the nearest thing that can answer tells a cut cable or a dead switch from a cut uplink.
 * Must not: ask the network, or change anything.
 */
import { readFile } from "node:fs/promises";
import { endianness } from "node:os";
import { probeAddress } from "./address.ts";
import { runProgram } from "./program.ts";

export interface GatewaySearch {
  /** Default: this machine's. */
  readonly platform?: NodeJS.Platform;
  readonly signal?: AbortSignal | undefined;
}

/** Both programs print their table in milliseconds; a hung one must not hold a round of questions. */
const PROGRAM_LIMIT_MS = 3_000;

/**
 * At most one of IPv4 and one of IPv6 (`fe80::1%eth0`), in this order, each with the best metric. Empty: there is no
 * default route through a gateway, or the table cannot be read. Never rejects.
 */
export async function findDefaultGateways(search: GatewaySearch = {}): Promise<readonly string[]> {
  const platform = search.platform ?? process.platform;
  if (platform === "linux") {
    const [four, six] = await Promise.all(
      ["/proc/net/route", "/proc/net/ipv6_route"].map((file) => readFile(file, "latin1").catch(() => "")),
    );
    return present(readLinuxRoutes(four ?? ""), readLinuxIpv6Routes(six ?? ""));
  }
  const [file, words, read] =
    platform === "win32"
      ? (["route", ["print"], readWindowsRoutes] as const)
      : (["netstat", ["-rn"], readBsdRoutes] as const);
  const run = await runProgram(file, words, { limitMs: PROGRAM_LIMIT_MS, signal: search.signal });
  return run.type === "ended" ? read(run.stdout) : [];
}

interface Route {
  readonly gateway: string;
  readonly metric: number;
}

const present = (...gateways: readonly (string | null)[]): readonly string[] =>
  gateways.filter((gateway) => gateway !== null);

/** The first of those with the least metric, in the form that the rest of this folder compares. */
function best(routes: readonly Route[]): string | null {
  const [first] = [...routes].sort((one, other) => one.metric - other.metric);
  const address = first === undefined ? null : probeAddress(first.gateway);
  return address?.type === "ip" ? address.text : null;
}

/** linux/route.h: the route works; it leads through a gateway; it turns packets away. */
const ROUTE_UP = 0x1;
const ROUTE_GATEWAY = 0x2;
const ROUTE_REJECT = 0x200;
const leadsOn = (flags: string): boolean =>
  (parseInt(flags, 16) & (ROUTE_UP | ROUTE_GATEWAY | ROUTE_REJECT)) === (ROUTE_UP | ROUTE_GATEWAY);

/** `/proc/net/route`. The kernel prints addresses as numbers of this machine's byte order. */
export function readLinuxRoutes(text: string, order: "LE" | "BE" = endianness()): string | null {
  return best(
    rows(text).flatMap(([, destination, gateway, flags = "", , , metric, mask]) =>
      destination === "00000000" &&
      mask === "00000000" &&
      leadsOn(flags) &&
      /^[0-9A-F]{8}$/i.test(gateway ?? "")
        ? [{ gateway: dotted(gateway ?? "", order), metric: Number(metric) }]
        : [],
    ),
  );
}

function dotted(hex: string, order: "LE" | "BE"): string {
  const bytes = Buffer.from(hex, "hex");
  return [...(order === "LE" ? bytes.reverse() : bytes)].join(".");
}

/** `/proc/net/ipv6_route`: everything in hexadecimal, addresses in network order. */
export function readLinuxIpv6Routes(text: string): string | null {
  return best(
    rows(text).flatMap(
      ([destination, prefix, , , gateway = "", metric = "", , , flags = "", device = ""]) => {
        if (prefix !== "00" || !/^0{32}$/.test(destination ?? "") || !leadsOn(flags)) return [];
        if (!/^[0-9a-f]{32}$/.test(gateway) || /^0{32}$/.test(gateway)) return [];
        return [
          { gateway: zoned(gateway.replace(/(.{4})(?!$)/g, "$1:"), device), metric: parseInt(metric, 16) },
        ];
      },
    ),
  );
}

/** A link-local address means nothing without its interface. */
function zoned(address: string, device: string): string {
  return /^fe[89ab]/i.test(address) && !address.includes("%") ? `${address}%${device}` : address;
}

/** `netstat -rn` of macOS and FreeBSD: the first default of each family is the one in use. */
export function readBsdRoutes(text: string): readonly string[] {
  // `default  192.168.1.1  UGScg  en0`; `link#4` and the like are no gateways.
  const gateways = rows(text).flatMap(([destination, gateway = ""]) => {
    const address = destination === "default" ? probeAddress(gateway) : null;
    return address?.type === "ip" ? [address.text] : [];
  });
  return present(
    gateways.find((gateway) => !gateway.includes(":")) ?? null,
    gateways.find((gateway) => gateway.includes(":")) ?? null,
  );
}

/** `route print` of Windows: words are translated, so only the columns of the rows are read. */
export function readWindowsRoutes(text: string): readonly string[] {
  const four: Route[] = [];
  const six: Route[] = [];
  const table = rows(text);
  for (const [index, row] of table.entries()) {
    // Network, mask, gateway, interface, metric: the persistent ones below have no interface.
    if (row.length === 5 && row[0] === "0.0.0.0" && row[1] === "0.0.0.0")
      four.push({ gateway: row[2] ?? "", metric: Number(row[4]) });
    // Interface, metric, network, gateway: the persistent ones have interface 0.
    const [device = "", metric, network] = row;
    if (network !== "::/0" || !/^[1-9]\d*$/.test(device)) continue;
    // A long row is broken before its gateway.
    const gateway = row[3] ?? table[index + 1]?.[0] ?? "";
    six.push({ gateway: zoned(gateway, device), metric: Number(metric) });
  }
  const isAddress = ({ gateway }: Route): boolean => probeAddress(gateway)?.type === "ip";
  return present(best(four.filter(isAddress)), best(six.filter(isAddress)));
}

function rows(text: string): readonly (readonly string[])[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim().split(/\s+/))
    .filter(([first]) => first !== "");
}
