/**
 * ICMP echo through the system's own `fping` or `ping`.
 * Why the system's programs: a raw socket needs privileges that neither the collector nor an agent should hold, and
 * Node has none. `fping` asks many hosts with one process; `ping` is everywhere.
 * Must not: judge by exit codes (see ping-output.ts), look up names, or keep state.
 */
import { isIPv6 } from "node:net";
import { INTERRUPT_BEFORE_MS, runProgram } from "./program.ts";
import { hasReply, readFping, readPing } from "./ping-output.ts";
import type { ProbeAnswer } from "./result.ts";

/** A ping program and the manner of its arguments. */
export interface PingProgram {
  readonly manner: "fping" | "iputils" | "plain" | "bsd" | "windows";
  readonly file: string;
  /** PATH to search; default: that of this process. */
  readonly path: string | undefined;
}

export interface IcmpOptions {
  readonly program: PingProgram;
  /** From the start of the program to the last answer; at least `ICMP_LIMIT_MIN_MS`. */
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Requests sent before silence counts as an answer. One lost packet on a poor link (10 % lost) must not look like
 * a dead host: three lost in a row is 1 in 1,000.
 */
const REQUESTS = 3;
/** Under this a program may not even have started; silence within it would say nothing. */
export const ICMP_LIMIT_MIN_MS = 2 * INTERRUPT_BEFORE_MS;
/**
 * Longer waiting finds nobody more: three requests a second apart, and a satellite link answers in 0.7 s.
 */
export const ICMP_LIMIT_MAX_MS = REQUESTS * 1_000 + INTERRUPT_BEFORE_MS;
/** Addresses of one fping: its arguments stay under 4 KiB, and sending three rounds takes 0.2 s. */
export const FPING_ADDRESSES_MAX = 64;

const none = (detail: ProbeAnswer["detail"]): ProbeAnswer => ({ verdict: "none", detail, roundTripMs: null });

/**
 * Asks one address by `ping`, or up to `FPING_ADDRESSES_MAX` at once by `fping`. Addresses are IP addresses as
 * `probeAddress` returns them. Never rejects; each address has an answer.
 */
export async function askIcmp(
  addresses: readonly string[],
  options: IcmpOptions,
): Promise<ReadonlyMap<string, ProbeAnswer>> {
  if (options.program.manner === "fping") return askFping(addresses, options, performance.now());
  const answers = await Promise.all(
    addresses.map(async (address) => [address, await askPing(address, options)] as const),
  );
  return new Map(answers);
}

async function askPing(address: string, options: IcmpOptions): Promise<ProbeAnswer> {
  const { program, limitMs, signal } = options;
  const command = pingCommand(program, address, limitMs);
  const run = await runProgram(command.file, command.arguments, {
    limitMs,
    signal,
    path: program.path,
    enough: (stdout) => hasReply(stdout, address),
  });
  if (run.type === "cancelled") return none("cancelled");
  if (run.type === "not_started") return none(run.reason);
  const answer = readPing(run.stdout, run.stderr, address);
  // Killed before it could say how many it sent: whether it asked at all is not known.
  return run.killed && answer.verdict === "dead" && answer.detail === "timeout"
    ? none("local_error")
    : answer;
}

/** Splits a batch in halves as long as an answer from another address leaves open whose it was. */
async function askFping(
  addresses: readonly string[],
  options: IcmpOptions,
  startedMs: number,
): Promise<ReadonlyMap<string, ProbeAnswer>> {
  const { program, signal } = options;
  const limitMs = options.limitMs - (performance.now() - startedMs);
  if (limitMs < ICMP_LIMIT_MIN_MS) return new Map(addresses.map((address) => [address, none("not_asked")]));

  const run = await runProgram(program.file, fpingArguments(addresses, limitMs), {
    limitMs,
    signal,
    path: program.path,
  });
  if (run.type === "cancelled") return new Map(addresses.map((address) => [address, none("cancelled")]));
  if (run.type === "not_started") return new Map(addresses.map((address) => [address, none(run.reason)]));

  const { answers, otherAddressSeen } = readFping(run.stdout, run.stderr, addresses);
  const whole = new Map(addresses.map((address) => [address, answers.get(address) ?? none("local_error")]));
  if (!otherAddressSeen || addresses.length === 1) return whole;

  const doubtful = addresses.filter((address) => whole.get(address)?.verdict === "alive");
  const middle = Math.ceil(doubtful.length / 2);
  for (const half of [doubtful.slice(0, middle), doubtful.slice(middle)]) {
    if (half.length === 0) continue;
    for (const [address, answer] of await askFping(half, options, startedMs)) whole.set(address, answer);
  }
  return whole;
}

function fpingArguments(addresses: readonly string[], limitMs: number): readonly string[] {
  // Sending takes 1 ms an address and round; what is left is shared by the rounds.
  const sendingMs = addresses.length * REQUESTS;
  const timeoutMs = Math.floor((limitMs - INTERRUPT_BEFORE_MS - sendingMs) / REQUESTS);
  // -e: print the time. -B 1: no growing waits. -i 1: a millisecond between packets.
  return [
    ...["-e", "-r", String(REQUESTS - 1), "-t", String(Math.max(50, timeoutMs)), "-B", "1", "-i", "1"],
    ...addresses,
  ];
}

function pingCommand(
  program: PingProgram,
  address: string,
  limitMs: number,
): { readonly file: string; readonly arguments: readonly string[] } {
  const seconds = String(Math.max(1, Math.ceil((limitMs - INTERRUPT_BEFORE_MS) / 1_000)));
  switch (program.manner) {
    case "iputils":
      // With -w it goes on asking each second until one answer came (-c 1) or the time is over.
      return { file: program.file, arguments: ["-n", "-c", "1", "-w", seconds, address] };
    case "bsd": {
      // macOS and FreeBSD have a program of its own for IPv6, which knows no deadline: ours interrupts it.
      const six = isIPv6(address);
      const file = six ? program.file.replace(/ping$/, "ping6") : program.file;
      const deadline = six ? [] : ["-t", seconds];
      return { file, arguments: ["-n", "-c", String(REQUESTS), ...deadline, address] };
    }
    case "windows":
      return {
        file: program.file,
        arguments: [
          ...["-n", String(REQUESTS), "-w", String(Math.floor((limitMs - INTERRUPT_BEFORE_MS) / REQUESTS))],
          address,
        ],
      };
    case "plain":
    case "fping":
      return { file: program.file, arguments: ["-c", String(REQUESTS), "-w", seconds, address] };
  }
}

export type PingAbility =
  | { readonly type: "ok"; readonly program: PingProgram }
  | { readonly type: "no_program" }
  | { readonly type: "no_permission" };

export interface PingSearch {
  /** Names or paths, tried in this order; `fping` is told from `ping` by its name. */
  readonly files: readonly string[];
  readonly path?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A loopback answer takes under a millisecond; the rest is a busy machine starting a program. */
const ABILITY_LIMIT_MS = 5_000;

/**
 * Finds the first program that this process may use, by asking 127.0.0.1. Silence there (a firewall on loopback) is
 * still ability: the question went out.
 */
export async function findPingProgram(search: PingSearch): Promise<PingAbility> {
  let refused = false;
  for (const file of search.files) {
    const program = await recognize(file, search);
    if (program === null) continue;
    const answers = await askIcmp(["127.0.0.1"], {
      program,
      limitMs: ABILITY_LIMIT_MS,
      signal: search.signal,
    });
    const answer = answers.get("127.0.0.1");
    if (answer !== undefined && answer.verdict !== "none") return { type: "ok", program };
    if (answer?.detail !== "no_program") refused = true;
  }
  return { type: refused ? "no_permission" : "no_program" };
}

async function recognize(file: string, search: PingSearch): Promise<PingProgram | null> {
  const { path, signal } = search;
  if (/fping(?:\.exe)?$/i.test(file)) return { manner: "fping", file, path };
  if (process.platform === "win32") return { manner: "windows", file, path };
  if (process.platform === "darwin" || process.platform === "freebsd") return { manner: "bsd", file, path };
  const run = await runProgram(file, ["-V"], { limitMs: ABILITY_LIMIT_MS, path, signal });
  if (run.type !== "ended") {
    // Present but not for us: kept, so that asking tells "no permission" from "no program".
    return run.type === "not_started" && run.reason === "no_permission"
      ? { manner: "plain", file, path }
      : null;
  }
  return { manner: run.stdout.includes("iputils") ? "iputils" : "plain", file, path };
}
