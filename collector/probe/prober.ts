/**
 * The collector's prober: makes the probes the core asks for, never more at once than this machine bears.
 * Why a pool: when a thousand servers fall silent in one tick, a thousand `ping` processes would take the collector
 * down with them.
 * Must not: judge a server, retry, or keep anything between rounds but addresses of names and which ping works.
 */
import { setMaxListeners } from "node:events";
import type { Effect, ProbeRequest, ProbeResult } from "../core/types.ts";
import { portTarget, probeAddress } from "../../shared/probe/address.ts";
import { TCP_LIMIT_MAX_MS, TCP_LIMIT_MIN_MS, askTcp } from "../../shared/probe/tcp.ts";
import type { ProbeAnswer } from "../../shared/probe/result.ts";
import { createIcmpAsker } from "./icmp-asker.ts";
import { createNames, type Lookup } from "./names.ts";
import { createSlots } from "./slots.ts";
import { ended, none, STARTED, timeLeftMs, type End, type Turn } from "./turn.ts";

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
/**
 * What was started ends by its own limit, just before the round does. After a stall of the event loop both are late at
 * the same time; so long the round waits for it.
 */
const STARTED_GRACE_MS = 250;

export function createProber(options: ProberOptions): Prober {
  const { now } = options;
  const processes = createSlots(options.maxConcurrent?.processes ?? PROCESSES_MAX, WAITING_MAX);
  const sockets = createSlots(options.maxConcurrent?.sockets ?? SOCKETS_MAX, WAITING_MAX);
  const names = createNames(now, options.lookup);

  const closing = new AbortController();
  const openRuns = new Set<() => void>();
  const rounds = new Map<string, AbortController>();
  const work = new Set<Promise<unknown>>();

  const track = <T>(promise: Promise<T>): Promise<T> => {
    work.add(promise);
    void promise.finally(() => work.delete(promise));
    return promise;
  };

  const icmp = createIcmpAsker({
    now,
    processes,
    files: options.programs ?? ["fping", "ping"],
    path: options.path,
    closing: closing.signal,
    track,
  });

  const askByTcp = async (address: string, port: number, turn: Turn): Promise<ProbeAnswer> => {
    const release = await sockets.take(turn.waiting);
    if (release === null) return none("not_asked");
    try {
      const limitMs = Math.min(TCP_LIMIT_MAX_MS, timeLeftMs(turn, now()));
      if (limitMs < TCP_LIMIT_MIN_MS) return none("not_asked");
      turn.open = STARTED;
      return await askTcp(address, port, { limitMs, signal: turn.working });
    } finally {
      release();
    }
  };

  const ask = async (request: ProbeRequest, turn: Turn): Promise<ProbeAnswer> => {
    const host = probeAddress(request.host);
    if (host === null) return none("bad_address");
    const { port } = request;
    if (request.kind === "tcp" && !isPort(port)) return none("bad_address");
    turn.open = "name_not_found";
    const address = host.type === "ip" ? host.text : await names.address(host.text, turn.waiting);
    if (address === null) return none("name_not_found");
    turn.open = "not_asked";
    return request.kind === "tcp" && isPort(port) ? askByTcp(address, port, turn) : icmp.ask(address, turn);
  };

  const answerOf = async (request: ProbeRequest, turn: Turn): Promise<ProbeResult> => {
    const answered = track(ask(request, turn));
    const answer = await Promise.race([answered, ended(turn)]);
    const target = request.kind === "tcp" ? portTarget(request.host, request.port ?? 0) : request.host;
    const cancelled = turn.working.reason === ("cancelled" satisfies End);
    if (answer !== null && !(cancelled && answer.verdict === "none"))
      return { kind: request.kind, target, ...answer };
    return { kind: request.kind, target, ...none(cancelled ? "cancelled" : turn.open) };
  };

  const run = async (
    requests: readonly ProbeRequest[],
    timeLimitMs: number,
    signal?: AbortSignal,
  ): Promise<ProbeResult[]> => {
    const waiting = new AbortController();
    const working = new AbortController();
    // A few listeners for each request; the round, and with it both signals, ends soon.
    setMaxListeners(0, waiting.signal, working.signal);
    const finish = (end: End): void => {
      working.abort(end);
      waiting.abort(end);
    };
    const cancel = (): void => finish("cancelled");
    let timer = setTimeout(() => {
      waiting.abort("time_over" satisfies End);
      timer = setTimeout(() => finish("time_over"), STARTED_GRACE_MS);
    }, timeLimitMs);
    if (signal?.aborted === true || closing.signal.aborted) cancel();
    signal?.addEventListener("abort", cancel);
    openRuns.add(cancel);
    try {
      const deadlineMs = now() + timeLimitMs;
      return await Promise.all(
        requests.map((request) =>
          answerOf(request, {
            deadlineMs,
            waiting: waiting.signal,
            working: working.signal,
            open: "not_asked",
          }),
        ),
      );
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
      openRuns.delete(cancel);
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
      return (await icmp.ability()).type;
    },
    get load() {
      return { processes: processes.taken, sockets: sockets.taken, rounds: rounds.size };
    },
    async close() {
      closing.abort();
      for (const cancel of openRuns) cancel();
      while (work.size > 0) await Promise.all([...work]);
    },
  };
}

function isPort(port: number | null): port is number {
  return port !== null && Number.isInteger(port) && port > 0 && port <= 65_535;
}
