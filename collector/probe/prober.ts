/**
 * The collector's prober: makes the probes the core asks for, never more at once than this machine bears.
 * Why a pool: when a thousand servers fall silent in one tick, a thousand `ping` processes would take the collector
 * down with them.
 * Must not: judge a server, retry, or keep anything between rounds but addresses of names and which ping works.
 */
import type { Effect } from "../core/types/effects.ts";
import type { EventBody } from "../core/types/events.ts";
import type { ProbeRequest, ProbeResult } from "../core/types/evidence.ts";
import { portTarget } from "../../shared/probe/address.ts";
import type { ProbeAnswer } from "../../shared/probe/result.ts";
import { createAsker, type Asked } from "./asker.ts";
import { createIcmpAsker } from "./icmp-asker.ts";
import { createNames, type Lookup } from "./names.ts";
import { CONTROL_ADDRESSES, createNegativeControl } from "./negative-control.ts";
import { createOnLink } from "./on-link.ts";
import { createSlots } from "./slots.ts";
import { ended, none, openTurns, type End, type Turn } from "./turn.ts";

export type ProbeEffect = Extract<
  Effect,
  { readonly type: "start_probe" | "start_gateway_probe" | "cancel_probe" }
>;
/** A round of a server, or of a site's gateway, is over. */
export type ProbeEvent = Extract<EventBody, { readonly type: "probe_finished" | "gateway_probed" }>;
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
  /** Addresses that nobody has (negative-control.ts). Empty: no such questions. Default: those of the documents. */
  readonly controlAddresses?: readonly string[];
}

export interface Prober {
  /**
   * One answer for each request, in their order, within `timeLimitMs`. A request whose turn did not come is `none`
   * with `not_asked`; all that is open when `signal` aborts is `none` with `cancelled`. Never rejects.
   */
  run(requests: readonly ProbeRequest[], timeLimitMs: number, signal?: AbortSignal): Promise<ProbeResult[]>;
  /** Carries out the core's orders. A cancelled round is not reported. */
  perform(effect: ProbeEffect, report: (event: ProbeEvent) => void): void;
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

  const ask = createAsker({ now, sockets, names, icmp });
  const control = createNegativeControl({
    now,
    addresses: options.controlAddresses ?? CONTROL_ADDRESSES,
    isOnLink: createOnLink(now),
    ask: (request, limitMs) => track(askAlone(request, limitMs)),
  });

  /** For whoever is not part of a round. */
  const askAlone = async (request: ProbeRequest, limitMs: number): Promise<ProbeAnswer> => {
    const turns = openTurns(now, limitMs);
    const forget = endedBy(turns.cancel);
    const turn = turns.next();
    const asked = await Promise.race([track(ask(request, turn)), ended(turn)]);
    forget();
    turns.close();
    return asked?.answer ?? none(turn.open);
  };

  /** Calls `cancel` when the prober closes; at once when it is closed. Returns the way to be forgotten. */
  const endedBy = (cancel: () => void): (() => void) => {
    if (closing.signal.aborted) cancel();
    openRuns.add(cancel);
    return () => openRuns.delete(cancel);
  };

  const answerOf = async (request: ProbeRequest, turn: Turn): Promise<ProbeResult> => {
    const asked = await Promise.race([track(ask(request, turn)), ended(turn)]);
    const answer = asked === null ? null : await believed(asked, request, turn);
    const cancelled = turn.working.reason === ("cancelled" satisfies End);
    const target = request.kind === "icmp" ? request.host : portTarget(request.host, request.port);
    if (answer !== null && !(cancelled && answer.verdict === "none"))
      return { kind: request.kind, target, ...answer };
    return { kind: request.kind, target, ...none(cancelled ? "cancelled" : turn.open) };
  };

  const believed = ({ answer, address }: Asked, request: ProbeRequest, turn: Turn): Promise<ProbeAnswer> =>
    address === null ? Promise.resolve(answer) : control.judged(request, address, answer, turn.waiting);

  const run = async (
    requests: readonly ProbeRequest[],
    timeLimitMs: number,
    signal?: AbortSignal,
  ): Promise<ProbeResult[]> => {
    const turns = openTurns(now, timeLimitMs);
    const forget = endedBy(turns.cancel);
    if (signal?.aborted === true) turns.cancel();
    signal?.addEventListener("abort", turns.cancel);
    try {
      return await Promise.all(requests.map((request) => answerOf(request, turns.next())));
    } finally {
      turns.close();
      signal?.removeEventListener("abort", turns.cancel);
      forget();
    }
  };

  return {
    run: (requests, timeLimitMs, signal) => track(run(requests, timeLimitMs, signal)),
    perform(effect, report) {
      if (effect.type === "cancel_probe") {
        rounds.get(effect.roundId)?.abort();
        return;
      }
      const { roundId } = effect;
      const round = new AbortController();
      rounds.set(roundId, round);
      void track(run(effect.requests, effect.timeLimitMs, round.signal)).then((results) => {
        rounds.delete(roundId);
        if (round.signal.aborted || closing.signal.aborted) return;
        report(
          effect.type === "start_probe"
            ? { type: "probe_finished", serverId: effect.serverId, roundId, results }
            : { type: "gateway_probed", siteId: effect.siteId, roundId, results },
        );
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
