/**
 * Whether this machine's network interface has a link: a cable in it, or a radio that found its network.
 * Why only on Linux: /sys answers at once and without a program; elsewhere it is not known, which is no evidence.
 * Must not: wait, or call an interface that nobody uses a cut cable.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

export type LinkState = "up" | "down" | "unknown";

/** Interfaces that are looked at; more than a server has. */
const interfacesMax = 64;

export interface LinkReader {
  read(): LinkState;
}

/**
 * `up`: the interface that the default route uses (or used, while there is none) has a link; without ever a default
 * route: any real interface has. `down`: it, or all of them, have none. `root` is "/" outside tests.
 */
export function createLinkReader(platform: NodeJS.Platform = process.platform, root = "/"): LinkReader {
  let usual: string | null = null;
  return {
    read() {
      if (platform !== "linux") return "unknown";
      usual = defaultInterface(root) ?? usual;
      const names = usual === null ? realInterfaces(root) : [usual];
      const states = names.map((name) => interfaceLink(root, name)).filter((state) => state !== "unknown");
      if (states.includes("up")) return "up";
      return states.length > 0 ? "down" : "unknown";
    },
  };
}

/** The interface of the IPv4 default route with the least metric, else of the IPv6 one; null: there is none. */
function defaultInterface(root: string): string | null {
  const four = rows(root, "proc/net/route")
    .filter(([, destination, , , , , , mask]) => destination === "00000000" && mask === "00000000")
    .sort((one, other) => Number(one[6]) - Number(other[6]));
  const name = four[0]?.[0];
  if (name !== undefined) return name;
  const six = rows(root, "proc/net/ipv6_route")
    .filter(([destination, length, , , , , , , , device]) => {
      return length === "00" && /^0{32}$/.test(destination ?? "") && device !== "lo";
    })
    .sort((one, other) => parseInt(one[5] ?? "", 16) - parseInt(other[5] ?? "", 16));
  return six[0]?.[9] ?? null;
}

function rows(root: string, path: string): string[][] {
  return text(join(root, path))
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
}

/** Those with hardware of their own: no bridges, tunnels or containers. */
function realInterfaces(root: string): string[] {
  try {
    const folder = join(root, "sys/class/net");
    return readdirSync(folder)
      .slice(0, interfacesMax)
      .filter((name) => existsSync(join(folder, name, "device")));
  } catch {
    return [];
  }
}

/** `operstate` is what RFC 2863 says; drivers that do not say it (`unknown`) still tell their carrier. */
function interfaceLink(root: string, name: string): LinkState {
  // A name comes from the kernel's own table, but a path is a path.
  if (name.includes("/")) return "unknown";
  const folder = join(root, "sys/class/net", name);
  const state = text(join(folder, "operstate")).trim();
  if (state === "up") return "up";
  if (state === "down" || state === "lowerlayerdown" || state === "notpresent") return "down";
  const carrier = text(join(folder, "carrier")).trim();
  return carrier === "1" ? "up" : carrier === "0" ? "down" : "unknown";
}

/** Empty when it cannot be read: an interface that is switched off refuses to tell its carrier. */
function text(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
