/**
 * Asks the places that prove the collector's own network: its gateway (near), and some far away.
 * Why: a collector whose line is cut hears nobody, and must be able to suspect itself before it accuses everybody.
 * Must not: conclude anything; what several silent places mean is decided in the core.
 */
import { setMaxListeners } from "node:events";
import type { EventBody } from "../core/types/events.ts";
import type { ProbeRequest, ProbeVerdict } from "../core/types/evidence.ts";
import { portTarget, probeAddress, sameAddress } from "../../shared/probe/address.ts";
import { findDefaultGateways } from "../../shared/probe/default-gateway.ts";
import type { Prober } from "./prober.ts";

export interface SentinelAddress {
  readonly host: string;
  readonly port: number;
}
export type SentinelAnswer = Extract<EventBody, { readonly type: "sentinels_answered" }>["answers"][number];

export interface SentinelsOptions {
  /**
   * `usual`: two public name services and the Telegram API. A list: these in their place. With either, the own gateways
   * are asked too. `none`: nobody is asked.
   */
  readonly list: "usual" | "none" | readonly SentinelAddress[];
  /** `http:` or `https:` URL. */
  readonly telegramApiRoot: string;
  readonly prober: Pick<Prober, "run">;
  /** Monotonic ms. */
  readonly now: () => number;
  /** IP addresses; default: by the system's routing table. Must not reject. */
  readonly findGateways?: (signal: AbortSignal) => Promise<readonly string[]>;
}

export interface Sentinels {
  /**
   * One answer for each, within `timeLimitMs`, far ones by TCP, near ones by ICMP or any answer of TCP. Cancelled or
   * closed: "none" for each that had not answered. Never rejects.
   */
  ask(timeLimitMs: number, signal?: AbortSignal): Promise<readonly SentinelAnswer[]>;
  /** Cancels everything; resolves when no question is open. Idempotent. */
  close(): Promise<void>;
}

/** Anycast addresses of two companies that share no network: both silent at once is us. By address, so that no name service is needed. */
const PUBLIC: readonly SentinelAddress[] = [
  { host: "1.1.1.1", port: 443 },
  { host: "8.8.8.8", port: 443 },
];
/** Name service and the two pages of settings: a gateway that keeps quiet on ICMP mostly has, or refuses, one of them. */
const GATEWAY_PORTS: readonly number[] = [53, 80, 443];
/** ICMP alone is asked first; only who keeps quiet is bothered on its ports as well. */
const ICMP_AHEAD_MS = 1_000;
/** Of a short time limit ICMP may take so much for itself. */
const ICMP_AHEAD_SHARE = 1 / 4;
/** How much of a time limit the search for the gateways may hold up; on Linux it takes a millisecond. */
const GATEWAY_SEARCH_SHARE = 1 / 4;
/** A changed route is noticed after this; a program has to be started for it on some systems. */
const GATEWAYS_KEPT_MS = 60_000;
/**
 * No evidence about a server, but of a sentinel: a name that is not found any more, and an answer that comes for
 * everybody, are how a cut network looks from inside. Where it was always so, the sentinel never answered, and the core
 * gives it no say.
 */
const PROVES_NO_NETWORK: ReadonlySet<string> = new Set(["name_not_found", "answered_for_all"]);

export function createSentinels(options: SentinelsOptions): Sentinels {
  const { prober, now } = options;
  const findGateways = options.findGateways ?? ((signal) => findDefaultGateways({ signal }));
  const far = farOf(options.list, options.telegramApiRoot);
  const closing = new AbortController();
  const work = new Set<Promise<unknown>>();
  let gateways: readonly string[] = [];
  let gatewaysUntilMs = -Infinity;

  /** The last known ones stay: a route that vanished with its cable must not make its sentinel vanish. */
  const lookAtGateways = async (): Promise<void> => {
    if (now() < gatewaysUntilMs) return;
    gatewaysUntilMs = now() + GATEWAYS_KEPT_MS;
    const found = await findGateways(closing.signal);
    if (found.length > 0) gateways = found;
  };

  const verdictOf = async (
    request: ProbeRequest,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<ProbeVerdict> => {
    const [result] = await prober.run([request], deadlineMs - now(), signal);
    if (result === undefined) return "none";
    return PROVES_NO_NETWORK.has(result.detail) ? "dead" : result.verdict;
  };

  const askFar = async (
    { host, port }: SentinelAddress,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<SentinelAnswer> => {
    const verdict = await verdictOf({ kind: "tcp", host, port }, deadlineMs, signal);
    const near = gateways.some((gateway) => sameAddress(gateway, host));
    return { target: portTarget(host, port), near, verdict };
  };

  const askNear = async (
    gateway: string,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<SentinelAnswer> => {
    const enough = new AbortController();
    const either = AbortSignal.any([signal, enough.signal]);
    /** Whoever answers first ends the waiting for the others. */
    const ask = async (request: ProbeRequest): Promise<ProbeVerdict> => {
      const verdict = await verdictOf(request, deadlineMs, either);
      if (verdict === "alive") enough.abort();
      return verdict;
    };
    const byIcmp = ask({ kind: "icmp", host: gateway, port: null });
    await settledOrAfter(byIcmp, Math.min(ICMP_AHEAD_MS, (deadlineMs - now()) * ICMP_AHEAD_SHARE));
    const ports = either.aborted ? [] : GATEWAY_PORTS;
    const byTcp = ports.map((port) => ask({ kind: "tcp", host: gateway, port }));
    return { target: gateway, near: true, verdict: together(await Promise.all([byIcmp, ...byTcp])) };
  };

  const ask = async (timeLimitMs: number, signal: AbortSignal): Promise<readonly SentinelAnswer[]> => {
    const deadlineMs = now() + timeLimitMs;
    if (options.list === "none" || closing.signal.aborted) return [];
    const byTcp = far.map((address) => askFar(address, deadlineMs, signal));
    // A table that cannot be read in time is read for the next round; this one asks whom it knows.
    await settledOrAfter(lookAtGateways(), timeLimitMs * GATEWAY_SEARCH_SHARE);
    const near = gateways.map((gateway) => askNear(gateway, deadlineMs, signal));
    return Promise.all([...near, ...byTcp]);
  };

  return {
    ask(timeLimitMs, signal) {
      const either = signal === undefined ? closing.signal : AbortSignal.any([closing.signal, signal]);
      // One listener for each question; the round ends soon.
      setMaxListeners(0, either);
      const answers = ask(timeLimitMs, either);
      work.add(answers);
      void answers.finally(() => work.delete(answers));
      return answers;
    },
    async close() {
      closing.abort();
      await Promise.all([...work]);
    },
  };
}

/** Those far away, each once. */
function farOf(list: SentinelsOptions["list"], telegramApiRoot: string): readonly SentinelAddress[] {
  if (list === "none") return [];
  const addresses = list === "usual" ? [...PUBLIC, ...serverOf(telegramApiRoot)] : list;
  return [...new Map(addresses.map((address) => [portTarget(address.host, address.port), address])).values()];
}

/** Where the Telegram API is; nothing for one on this very machine: reaching that proves no network. */
function serverOf(apiRoot: string): readonly SentinelAddress[] {
  const url = new URL(apiRoot);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const address = probeAddress(host);
  if (address === null || /^(?:localhost|127\..*|::1)$/.test(address.text)) return [];
  return [{ host, port: Number(url.port) || (url.protocol === "http:" ? 80 : 443) }];
}

/** One answer is enough; without one, one proper silence. */
function together(verdicts: readonly ProbeVerdict[]): ProbeVerdict {
  if (verdicts.includes("alive")) return "alive";
  return verdicts.includes("dead") ? "dead" : "none";
}

async function settledOrAfter(promise: Promise<unknown>, waitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise((resolve) => (timer = setTimeout(resolve, Math.max(0, waitMs))));
  await Promise.race([promise, waited]);
  clearTimeout(timer);
}
