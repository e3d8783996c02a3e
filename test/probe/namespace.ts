/**
 * A network namespace of our own, joined to this machine by a virtual cable: a place where hosts can vanish.
 * Why: on loopback nothing is ever silent — a closed port answers "refused".
 * Must not: touch any network that was there before; everything it makes is gone after `close`.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);
let made = 0;

export interface Namespace {
  readonly name: string;
  /** This machine's end of the cable. */
  readonly hostAddress: string;
  /** The namespace's end: answers ping; closed ports refuse. */
  readonly address: string;
  /** Packets to it are swallowed without a word. */
  readonly silentAddress: string;
  /** The namespace answers for it: "host unreachable". */
  readonly unreachableAddress: string;
  /** More addresses that the namespace may take with `addAddress`: silent until then and after `removeAddress`. */
  readonly spareAddress: string;
  addAddress(address: string): Promise<void>;
  removeAddress(address: string): Promise<void>;
  close(): Promise<void>;
}

/** Why there can be none here; null when there can. For `describe.skipIf`. */
export async function namespaceObstacle(): Promise<string | null> {
  if (process.platform !== "linux") return "needs Linux";
  if (process.getuid?.() !== 0) return "needs root";
  try {
    const namespace = await createNamespace();
    await namespace.close();
    return null;
  } catch (error) {
    return `needs network namespaces: ${(error as Error).message.split("\n")[0] ?? ""}`;
  }
}

export async function createNamespace(): Promise<Namespace> {
  made += 1;
  // Interface names have at most 15 characters; the process id keeps runs beside each other apart.
  const label = `dtk${process.pid.toString(36)}${made.toString(36)}`;
  const ip = async (...words: readonly string[]): Promise<void> => {
    await execute("ip", words, { timeout: 10_000 });
  };
  const close = async (): Promise<void> => {
    // Removing one end of the cable removes the other, with addresses and routes.
    await ip("link", "del", `${label}a`).catch(() => undefined);
    await ip("netns", "del", label).catch(() => undefined);
  };
  try {
    await ip("netns", "add", label);
    await ip("link", "add", `${label}a`, "type", "veth", "peer", "name", `${label}b`, "netns", label);
    const net = await freeNet(label);
    const inside = (...words: readonly string[]): Promise<void> => ip("-n", label, ...words);
    await ip("link", "set", `${label}a`, "up");
    await inside("link", "set", "lo", "up");
    await inside("addr", "add", `${net}.2/29`, "dev", `${label}b`);
    await inside("link", "set", `${label}b`, "up");
    await execute("ip", [...["netns", "exec", label, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]]);
    await inside("route", "add", "default", "via", `${net}.1`);
    await inside("route", "add", "blackhole", `${net}.128/26`);
    await inside("route", "add", "unreachable", `${net}.192/26`);
    await ip("route", "add", `${net}.128/25`, "via", `${net}.2`, "dev", `${label}a`);
    return {
      name: label,
      hostAddress: `${net}.1`,
      address: `${net}.2`,
      silentAddress: `${net}.130`,
      unreachableAddress: `${net}.200`,
      spareAddress: `${net}.140`,
      addAddress: (address) => inside("addr", "add", `${address}/32`, "dev", "lo"),
      removeAddress: (address) => inside("addr", "del", `${address}/32`, "dev", "lo"),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Gives this end an address in a net that nobody here has; tried in an order that differs between runs. */
async function freeNet(label: string): Promise<string> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const net = `10.231.${(process.pid + made * 7 + attempt * 31) % 256}`;
    const { stdout } = await execute("ip", [
      "-4",
      "route",
      "show",
      "to",
      "match",
      `${net}.2`,
      "table",
      "all",
    ]);
    if (stdout.includes(`${net}.`)) continue;
    await execute("ip", ["addr", "add", `${net}.1/29`, "dev", `${label}a`]);
    return net;
  }
  throw new Error("no free net in 10.231.0.0/16");
}
