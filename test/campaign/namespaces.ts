/**
 * Network namespaces of our own, with virtual cables between them and none to this machine's own network.
 * Why none: addresses of the documentation ranges and of a company can then be used as they are, by many worlds at once.
 * Must not: touch a namespace, an interface or a route that this program did not make.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);
/** A command of `ip` takes milliseconds; on a machine out of breath a second. */
const COMMAND_LIMIT_MS = 15_000;
/** Names are `dtkc-<process id>-<world>-<role>`: whose they are can be told after a crash (leftovers.ts). */
const PREFIX = "dtkc";
const NAME = new RegExp(`^${PREFIX}-(\\d+)-`);

export interface CableEnd {
  readonly namespace: string;
  /** The interface's name inside: at most 15 characters. */
  readonly port: string;
}

export interface Namespaces {
  /** Makes one, loopback up, and returns its name. */
  add(role: string): Promise<string>;
  /** A virtual cable; both ends up. */
  cable(a: CableEnd, b: CableEnd): Promise<void>;
  /** `ip <words>` inside. */
  readonly ip: (namespace: string, ...words: readonly string[]) => Promise<void>;
  /** A kernel setting inside, e.g. `net.ipv4.ip_forward`. */
  set(namespace: string, setting: string, value: string): Promise<void>;
  /** Rules for `nft -f` inside. */
  nft(namespace: string, rules: string): Promise<void>;
  /** Removes all of them, cables and routes with them. Idempotent. */
  close(): Promise<void>;
}

async function ip(...words: readonly string[]): Promise<string> {
  try {
    const { stdout } = await execute("ip", words, { timeout: COMMAND_LIMIT_MS });
    return stdout;
  } catch (error) {
    const said = (error as { readonly stderr?: string }).stderr?.trim() ?? "";
    throw new Error(`ip ${words.join(" ")}: ${said === "" ? (error as Error).message : said}`);
  }
}

/** Words that run a program inside a namespace, as its own process. */
export function inside(namespace: string): readonly string[] {
  return ["ip", "netns", "exec", namespace];
}

export function createNamespaces(world: string): Namespaces {
  const made: string[] = [];
  return {
    async add(role) {
      const name = `${PREFIX}-${process.pid}-${world}-${role}`;
      await ip("netns", "add", name);
      made.push(name);
      await ip("-n", name, "link", "set", "lo", "up");
      return name;
    },
    async cable(a, b) {
      const words = ["link", "add", a.port, "netns", a.namespace, "type", "veth"];
      await ip(...words, "peer", "name", b.port, "netns", b.namespace);
      for (const end of [a, b]) await ip("-n", end.namespace, "link", "set", end.port, "up");
    },
    ip: async (namespace, ...words) => {
      await ip("-n", namespace, ...words);
    },
    async set(namespace, setting, value) {
      const words = ["netns", "exec", namespace, "sysctl", "-q", "-w", `${setting}=${value}`];
      await ip(...words);
    },
    async nft(namespace, rules) {
      await ip("netns", "exec", namespace, "nft", rules);
    },
    async close() {
      for (const name of made.splice(0)) await ip("netns", "del", name).catch(() => undefined);
    },
  };
}

/** Whether there is an `nft` program. */
export async function canFilterPackets(): Promise<boolean> {
  return execute("nft", ["--version"], { timeout: COMMAND_LIMIT_MS }).then(
    () => true,
    () => false,
  );
}

/** Why there can be none here; null when there can. */
export async function namespacesObstacle(): Promise<string | null> {
  if (process.platform !== "linux") return "needs Linux: it makes network namespaces";
  if (process.getuid?.() !== 0) return "needs root: it makes network namespaces";
  const trial = createNamespaces("trial");
  try {
    const a = await trial.add("a");
    const b = await trial.add("b");
    await trial.cable({ namespace: a, port: "eth0" }, { namespace: b, port: "eth0" });
    await trial.ip(a, "link", "add", "lan", "type", "bridge");
    await trial.set(a, "net.ipv4.ip_forward", "1");
    await execute("ip", ["netns", "exec", a, "ping", "-c", "1", "-W", "1", "127.0.0.1"], {
      timeout: COMMAND_LIMIT_MS,
    });
    return null;
  } catch (error) {
    return `needs network namespaces and ping: ${(error as Error).message.split("\n")[0] ?? ""}`;
  } finally {
    await trial.close();
  }
}

/** Namespaces of our name, with the process that made each. */
export async function ourNamespaces(): Promise<readonly { readonly name: string; readonly maker: number }[]> {
  const lines = (await ip("netns", "list")).split("\n");
  return lines.flatMap((line) => {
    const name = line.split(" ")[0] ?? "";
    const maker = NAME.exec(name)?.[1];
    return maker === undefined ? [] : [{ name, maker: Number(maker) }];
  });
}

/** Ends every program inside one of our namespaces, and removes it. Only for a name of `ourNamespaces`. */
export async function clearNamespace(name: string): Promise<void> {
  for (const pid of (await ip("netns", "pids", name)).split("\n").filter(Boolean))
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // It ended by itself meanwhile.
    }
  await ip("netns", "del", name).catch(() => undefined);
}
