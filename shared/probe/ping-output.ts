/**
 * Reads what `ping` and `fping` print. Pure, so that it is tested with recorded output of programs we do not have.
 * Why lines and not exit codes: the codes differ between programs, and an answer "unreachable" from a router, or one
 * from another address, is counted by some as a reply.
 * Must not: start anything.
 */
import { sameAddress } from "./address.ts";
import type { ProbeAnswer, ProbeDetail } from "./result.ts";

const dead = (detail: ProbeDetail): ProbeAnswer => ({ verdict: "dead", detail, roundTripMs: null });
const none = (detail: ProbeDetail): ProbeAnswer => ({ verdict: "none", detail, roundTripMs: null });

/**
 * A whole, undamaged reply of iputils, busybox, inetutils, BSD and macOS:
 * `64 bytes from 10.0.4.2: icmp_seq=1 ttl=64 time=0.346 ms`. The line must end there, or with "(DUP!)": programs
 * append "(truncated)", "(BAD CHECKSUM!)" or "(DIFFERENT ADDRESS!)" to what does not count.
 */
const UNIX_REPLY =
  /^\d+ bytes from ([^\s,]+?)[:,] (?:icmp_seq|seq)=\d+ (?:ttl|hlim)=\d+ time=([\d.]+) ms(?: \(DUP!\))?$/;
const PERMISSION =
  /operation not permitted|permission denied|must run as root|are you root|lacking privilege|too risky/i;
const UNREACHABLE =
  /unreachable|no route to host|host is down|time to live exceeded|ttl expired|time exceeded|packet filtered|prohibited/i;
const UNIX_SENT = /(\d+) packets transmitted/;
/** `Packets: Sent = 3, Received = 0, Lost = 3`: the words are translated, the signs are not. */
const WINDOWS_SENT = /= (\d+), [^=]+= \d+, [^=]+= \d+/;

/** What `ping` said about `address`, the IP address it was given. */
export function readPing(stdout: string, stderr: string, address: string): ProbeAnswer {
  const lines = stdout.split(/\r?\n/).map((line) => line.trim());
  let other = false;
  for (const [index, line] of lines.entries()) {
    const reply = readReply(line);
    if (reply === null) continue;
    // iputils and BSD compare the payload and complain in the next line.
    if (lines[index + 1]?.startsWith("wrong data byte") === true) continue;
    if (sameAddress(reply.from, address))
      return { verdict: "alive", detail: "reply", roundTripMs: reply.roundTripMs };
    other = true;
  }
  if (other) return dead("other_address");
  const all = `${stdout}\n${stderr}`;
  if (UNREACHABLE.test(all)) return dead("unreachable");
  // After the router's answers: "prohibited" there is an answer, "not permitted" here is our own system speaking.
  if (PERMISSION.test(all)) return none("no_permission");
  const sent = Number((UNIX_SENT.exec(stdout) ?? WINDOWS_SENT.exec(stdout))?.[1] ?? 0);
  return sent > 0 ? dead("timeout") : none("local_error");
}

/** True as soon as `stdout` of a running ping holds a reply that counts. */
export function hasReply(stdout: string, address: string): boolean {
  // Only whole lines: what follows on the line, or on the next one, may void the reply.
  const whole = stdout.slice(0, stdout.lastIndexOf("\n") + 1);
  return readPing(whole, "", address).verdict === "alive";
}

function readReply(line: string): { readonly from: string; readonly roundTripMs: number | null } | null {
  const unix = UNIX_REPLY.exec(line);
  if (unix) return { from: unix[1] ?? "", roundTripMs: Number(unix[2]) };
  return readWindowsReply(line);
}

/**
 * `Reply from 10.0.4.2: bytes=32 time<1ms TTL=64`, `Balasan dari 10.0.4.2: …`; over IPv6 without TTL:
 * `Reply from fd00::2: time<1ms`. "Destination host unreachable" has neither a TTL nor a time.
 */
function readWindowsReply(
  line: string,
): { readonly from: string; readonly roundTripMs: number | null } | null {
  const time = /[=<](\d+) ?ms\b/.exec(line);
  const from = /\s([0-9A-Fa-f.:%]+):\s/.exec(line)?.[1];
  if (from === undefined || time === null) return null;
  if (!from.includes(":") && !/\bTTL=\d+$/.test(line)) return null;
  return { from, roundTripMs: Number(time[1]) };
}

export interface FpingReading {
  /** By the address as it was given. An address of which nothing was said is absent. */
  readonly answers: ReadonlyMap<string, ProbeAnswer>;
  /**
   * An answer came from another address than the one asked, and fping says it in a way that does not name the asked
   * one: with more than one address, whoever is called alive must be asked again in a smaller batch.
   */
  readonly otherAddressSeen: boolean;
}

/** What `fping -e` said about `addresses`. */
export function readFping(stdout: string, stderr: string, addresses: readonly string[]): FpingReading {
  const answers = new Map<string, ProbeAnswer>();
  const asked = new Set(addresses);
  const otherAddressSeen = /\[<- [^\]]*\]/.test(`${stdout}\n${stderr}`);

  for (const line of `${stdout}\n${stderr}`.split(/\r?\n/)) {
    const alive = /^(\S+) is alive(?: \(([\d.]+) ms\))?/.exec(line.trim());
    if (alive && asked.has(alive[1] ?? "")) {
      const answer: ProbeAnswer = {
        verdict: "alive",
        detail: "reply",
        roundTripMs: alive[2] === undefined ? null : Number(alive[2]),
      };
      answers.set(alive[1] ?? "", otherAddressSeen && asked.size === 1 ? dead("other_address") : answer);
      continue;
    }
    const silent = /^(\S+) is unreachable$/.exec(line.trim())?.[1];
    if (silent !== undefined && asked.has(silent) && !answers.has(silent))
      answers.set(silent, dead("timeout"));
  }
  for (const line of stderr.split(/\r?\n/)) {
    const router = /^ICMP (.+) from \S+ for ICMP Echo sent to (\S+?)\.?$/.exec(line.trim());
    if (router) refine(answers, router[2] ?? "", dead("unreachable"));
    const local = /^(\S+?)\s*: (.+)$/.exec(line.trim().replace(/^\[<- [^\]]*\]\s*/, ""));
    if (local && asked.has(local[1] ?? "")) refine(answers, local[1] ?? "", readLocalFailure(local[2] ?? ""));
  }
  if (answers.size === 0 && PERMISSION.test(stderr))
    for (const address of addresses) answers.set(address, none("no_permission"));
  return { answers, otherAddressSeen };
}

/** Says more exactly why there was no answer; never takes an answer away. */
function refine(answers: Map<string, ProbeAnswer>, address: string, answer: ProbeAnswer): void {
  if (answers.get(address)?.verdict !== "alive") answers.set(address, answer);
}

function readLocalFailure(message: string): ProbeAnswer {
  if (UNREACHABLE.test(message)) return dead("unreachable");
  if (PERMISSION.test(message)) return none("no_permission");
  return none("local_error");
}
