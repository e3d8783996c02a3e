/**
 * The collector's prober: makes the probes the core asks for, never more at once than this machine bears.
 * Why a pool: when a thousand servers fall silent in one tick, a thousand `ping` processes would take the collector
 * down with them.
 * Must not: judge a server, retry, or keep anything between rounds but addresses of names and which ping works.
 */
import { setMaxListeners } from "node:events";
import type { Effect, ProbeRequest, ProbeResult } from "../core/types.ts";
import { portTarget, probeAddress } from "../../shared/probe/address.ts";
import {
  FPING_ADDRESSES_MAX,
  ICMP_LIMIT_MAX_MS,
  ICMP_LIMIT_MIN_MS,
  askIcmp,
  findPingProgram,
  type PingAbility,
  type PingProgram,
} from "../../shared/probe/icmp.ts";
import { TCP_LIMIT_MAX_MS, TCP_LIMIT_MIN_MS, askTcp } from "../../shared/probe/tcp.ts";
import type { ProbeAnswer, ProbeDetail } from "../../shared/probe/result.ts";
import { createNames, type Lookup } from "./names.ts";
import { createSlots } from "./slots.ts";

export type ProbeEffect = Extract<Effect, { readonly type: "start_probe" | "cancel_probe" }>;
export type IcmpAbility = "ok" | "no_program" | "no_permission";

export interface ProberOptions {
  /** Monotonic ms. */
  readonly now: () => number;
  /** At most so many at once. */
  readonly maxConcurrent?: { readonly processes?: number; readonly sockets?: number };
  /** Names or paths of ping programs, the best first. */
  readonly programs?: readonly string[];
  /** Searched for the programs; default: PATH of this process. */
  readonly path?: string;
  readonly lookup?: Lookup;
}

export interface Prober {
  /**
   * One answer for each request, in their order, within `timeLimitMs`. A request whose turn did not come is `none`
   * with `not_asked`; all that is open when `signal` aborts is `none` with `cancelled`. Never rejects.
   */
  run(requests: readonly ProbeRequest[], timeLimitMs: number, signal?: AbortSignal): Promise<ProbeResult[]>;
  /** Carries out the core's orders. A cancelled round is not reported. */
  perform(
    effect: ProbeEffect,
    report: (roundId: string, serverId: string, results: readonly ProbeResult[]) => void,
  ): void;
  /** Whether this machine can ping: found out at the first question and again when older than 10 minutes. */
  icmpAbility(): Promise<IcmpAbility>;
  /** What is under way now, for tests and figures. */
  readonly load: { readonly processes: number; readonly sockets: number; readonly rounds: number };
  /** Cancels everything; resolves when no process and no socket is left. Idempotent. */
  close(): Promise<void>;
}

/** A ping process takes about 1 MB and a file descriptor or two: 64 MB at the very worst. */
const PROCESSES_MAX = 64;
/** Half of the usual limit of 1,024 file descriptors would be too many beside 500 agents; a quarter is not. */
const SOCKETS_MAX = 256;
/** Four probes for each of 5,000 servers. What comes on top is answered `not_asked` at once. */
const WAITING_MAX = 20_000;
/** Somebody may install `ping` or grant the permission while the collector runs. */
const ABILITY_KEPT_MS = 10 * 60_000;
/** What failed may have failed for a passing reason (no memory, no file descriptor). */
const INABILITY_KEPT_MS = 60_000;
/** A probe ends this long before its round, so that its answer is in it. */
const ANSWER_MARGIN_MS = 25;
/** Addresses that are asked for within this time share one fping. */
const BATCH_WAIT_MS = 5;

/** One request on its way through the queues. */
interface Turn {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** What is to be said if the round ended now. */
  open: ProbeDetail;
}
interface Waiting {
  readonly address: string;
  readonly turn: Turn;
  readonly settle: (answer: ProbeAnswer) => void;
}

/** Started, and yet no answer at the end of the round: the machine is too busy to tell. That is no evidence. */
const STARTED: ProbeDetail = "local_error";

/** Why a round ended before all of it was answered. */
type End = "cancelled" | "time_over";

const none = (detail: ProbeDetail): ProbeAnswer => ({ verdict: "none", detail, roundTripMs: null });

export function createProber(options: ProberOptions): Prober {
  const { now, path } = options;
  const processes = createSlots(options.maxConcurrent?.processes ?? PROCESSES_MAX, WAITING_MAX);
  const sockets = createSlots(options.maxConcurrent?.sockets ?? SOCKETS_MAX, WAITING_MAX);
  const names = createNames(now, options.lookup);
  const files = options.programs ?? ["fping", "ping"];

  const closing = new AbortController();
  const openRuns = new Set<AbortController>();
  const rounds = new Map<string, AbortController>();
  const work = new Set<Promise<unknown>>();
  let batch: Waiting[] = [];
  let ability: { readonly found: Promise<PingAbility>; untilMs: number } | null = null;

  const track = <T>(promise: Promise<T>): Promise<T> => {
    work.add(promise);
    void promise.finally(() => work.delete(promise));
    return promise;
  };

  const findAbility = (): Promise<PingAbility> => {
    if (ability !== null && now() < ability.untilMs) return ability.found;
    const found = track(findPingProgram({ files, path, signal: closing.signal }));
    const asked = { found, untilMs: now() + ABILITY_KEPT_MS };
    ability = asked;
    void found.then((outcome) => {
      if (outcome.type !== "ok") asked.untilMs = now() + INABILITY_KEPT_MS;
    });
    return found;
  };

  const limitOf = (turn: Turn): number => turn.deadlineMs - ANSWER_MARGIN_MS - now();

  // ── ICMP ──

  const askOneByPing = async (address: string, turn: Turn, program: PingProgram): Promise<ProbeAnswer> => {
    const release = await processes.take(turn.signal);
    if (release === null) return none("not_asked");
    try {
      const limitMs = Math.min(ICMP_LIMIT_MAX_MS, limitOf(turn));
      if (limitMs < ICMP_LIMIT_MIN_MS) return none("not_asked");
      turn.open = STARTED;
      const answers = await askIcmp([address], { program, limitMs, signal: turn.signal });
      return answers.get(address) ?? none("local_error");
    } finally {
      release();
    }
  };

  const askBatchByFping = async (members: readonly Waiting[], program: PingProgram): Promise<void> => {
    const everyone = new AbortController();
    const leave = (): void => {
      if (members.every((member) => member.turn.signal.aborted)) everyone.abort();
    };
    for (const member of members) member.turn.signal.addEventListener("abort", leave);
    leave();
    const release = await processes.take(everyone.signal);
    try {
      // Who left while waiting for the process is answered already.
      const present = members.filter((member) => !member.turn.signal.aborted);
      const limitMs = Math.min(ICMP_LIMIT_MAX_MS, ...present.map((member) => limitOf(member.turn)));
      const asked = release !== null && present.length > 0 && limitMs >= ICMP_LIMIT_MIN_MS;
      if (asked) for (const member of present) member.turn.open = STARTED;
      const answers = asked
        ? await askIcmp([...new Set(present.map((member) => member.address))], {
            program,
            limitMs,
            signal: everyone.signal,
          })
        : null;
      for (const member of members) member.settle(answers?.get(member.address) ?? none("not_asked"));
    } finally {
      for (const member of members) member.turn.signal.removeEventListener("abort", leave);
      release?.();
    }
  };

  const flush = (program: PingProgram): void => {
    // Similar deadlines together: one that is nearly due must not shorten the time of all.
    const members = batch.sort((a, b) => a.turn.deadlineMs - b.turn.deadlineMs);
    batch = [];
    for (let start = 0; start < members.length; start += FPING_ADDRESSES_MAX)
      void track(askBatchByFping(members.slice(start, start + FPING_ADDRESSES_MAX), program));
  };

  const askByIcmp = async (address: string, turn: Turn): Promise<ProbeAnswer> => {
    const found = await findAbility();
    if (found.type !== "ok") return none(found.type);
    if (found.program.manner !== "fping") return askOneByPing(address, turn, found.program);
    return new Promise((settle) => {
      batch.push({ address, turn, settle });
      if (batch.length === 1) setTimeout(() => flush(found.program), BATCH_WAIT_MS);
    });
  };

  // ── TCP ──

  const askByTcp = async (address: string, port: number, turn: Turn): Promise<ProbeAnswer> => {
    const release = await sockets.take(turn.signal);
    if (release === null) return none("not_asked");
    try {
      const limitMs = Math.min(TCP_LIMIT_MAX_MS, limitOf(turn));
      if (limitMs < TCP_LIMIT_MIN_MS) return none("not_asked");
      turn.open = STARTED;
      return await askTcp(address, port, { limitMs, signal: turn.signal });
    } finally {
      release();
    }
  };

  // ── one request, one round ──

  const ask = async (request: ProbeRequest, turn: Turn): Promise<ProbeAnswer> => {
    const host = probeAddress(request.host);
    if (host === null) return none("bad_address");
    const { port } = request;
    if (request.kind === "tcp" && !isPort(port)) return none("bad_address");
    turn.open = "name_not_found";
    const address = host.type === "ip" ? host.text : await names.address(host.text, turn.signal);
    if (address === null) return none("name_not_found");
    turn.open = "not_asked";
    return request.kind === "tcp" && isPort(port) ? askByTcp(address, port, turn) : askByIcmp(address, turn);
  };

  const answerOf = async (
    request: ProbeRequest,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<ProbeResult> => {
    const turn: Turn = { deadlineMs, signal, open: "not_asked" };
    const answered = track(ask(request, turn));
    const answer = await Promise.race([answered, ended(signal)]);
    const target = request.kind === "tcp" ? portTarget(request.host, request.port ?? 0) : request.host;
    if (answer !== null && !(signal.aborted && answer.verdict === "none"))
      return { kind: request.kind, target, ...answer };
    const detail = signal.reason === ("cancelled" satisfies End) ? "cancelled" : turn.open;
    return { kind: request.kind, target, ...none(detail) };
  };

  const run = async (
    requests: readonly ProbeRequest[],
    timeLimitMs: number,
    signal?: AbortSignal,
  ): Promise<ProbeResult[]> => {
    const end = new AbortController();
    // One listener or two for each request; the round, and with it the signal, ends soon.
    setMaxListeners(0, end.signal);
    const cancel = (): void => end.abort("cancelled" satisfies End);
    if (signal?.aborted === true || closing.signal.aborted) cancel();
    const timer = setTimeout(() => end.abort("time_over" satisfies End), timeLimitMs);
    signal?.addEventListener("abort", cancel);
    openRuns.add(end);
    try {
      const deadlineMs = now() + timeLimitMs;
      return await Promise.all(requests.map((request) => answerOf(request, deadlineMs, end.signal)));
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
      openRuns.delete(end);
    }
  };

  return {
    run: (requests, timeLimitMs, signal) => track(run(requests, timeLimitMs, signal)),
    perform(effect, report) {
      if (effect.type === "cancel_probe") {
        rounds.get(effect.roundId)?.abort();
        return;
      }
      const { roundId, serverId } = effect;
      const round = new AbortController();
      rounds.set(roundId, round);
      void track(run(effect.requests, effect.timeLimitMs, round.signal)).then((results) => {
        rounds.delete(roundId);
        if (!round.signal.aborted && !closing.signal.aborted) report(roundId, serverId, results);
      });
    },
    async icmpAbility() {
      return (await findAbility()).type;
    },
    get load() {
      return { processes: processes.taken, sockets: sockets.taken, rounds: rounds.size };
    },
    async close() {
      closing.abort();
      for (const end of openRuns) end.abort("cancelled" satisfies End);
      while (work.size > 0) await Promise.all([...work]);
    },
  };
}

function isPort(port: number | null): port is number {
  return port !== null && Number.isInteger(port) && port > 0 && port <= 65_535;
}

/** Null when the round is over. */
function ended(signal: AbortSignal): Promise<null> {
  if (signal.aborted) return Promise.resolve(null);
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}
