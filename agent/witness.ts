/**
 * Probes that the collector asks for: does this server reach what the collector cannot?
 * Why: a server that is silent here and answers elsewhere is not down; its path is.
 * Must not: make a beat wait, ask what witness-limits.ts refuses, send anything but the three kinds of probe, or call
 * `dead` what could not be asked.
 */
import { lookup } from "node:dns";
import { isIP } from "node:net";
import { probeAddress, type ProbeAddress } from "../shared/probe/address.ts";
import { askBanner, BANNER_LIMIT_MAX_MS, BANNER_LIMIT_MIN_MS } from "../shared/probe/banner.ts";
import { askIcmp, FPING_ADDRESSES_MAX, ICMP_LIMIT_MAX_MS, ICMP_LIMIT_MIN_MS } from "../shared/probe/icmp.ts";
import type { ProbeAnswer, ProbeDetail } from "../shared/probe/result.ts";
import { askTcp, TCP_LIMIT_MAX_MS, TCP_LIMIT_MIN_MS } from "../shared/probe/tcp.ts";
import {
  witnessTarget,
  type Probe,
  type Probed,
  type WitnessRequest,
  type WitnessResult,
} from "../shared/wire.ts";
import type { Ping } from "./ping.ts";
import {
  mayBeAsked,
  noLoad,
  ownAddresses,
  withRound,
  withoutRound,
  type WitnessLoad,
} from "./witness-limits.ts";

export interface WitnessOptions {
  /** Monotonic, ms. */
  readonly now: () => number;
  readonly ping: Ping;
  /** Told at the first round that is dropped, then once a minute: how many since. */
  readonly onDropped: (rounds: number) => void;
  /** Whether an IP address may be asked; default: [P36], and none of this machine's own. */
  readonly allows?: (address: string) => boolean;
}

export interface Witness {
  /** The answer to one round, within its time limit; null: it was too much, or the witness is closed. Never rejects. */
  ask(probe: Probe): Promise<Probed | null>;
  /** Ends what is under way. Idempotent. */
  close(): void;
}

const timing = {
  /** Kept from the round's time for gathering and sending the answer: it must not come late for a busy machine. */
  reserveMs: 100,
  /** Between two words about dropped rounds. */
  droppedEveryMs: 60_000,
} as const;

export function createWitness(options: WitnessOptions): Witness {
  return new Witnessing(options);
}

const none = (detail: ProbeDetail): ProbeAnswer => ({ verdict: "none", detail, roundTripMs: null });

/** One round: until when it may ask, on the monotonic clock, and what ends it. */
interface Round {
  readonly endsAtMs: number;
  readonly signal: AbortSignal;
}

class Witnessing implements Witness {
  private readonly options: WitnessOptions;
  private readonly closing = new AbortController();
  private load: WitnessLoad = noLoad;
  private dropped = 0;
  private toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: WitnessOptions) {
    this.options = options;
  }

  async ask(probe: Probe): Promise<Probed | null> {
    const nowMs = this.options.now();
    if (this.isClosed()) return null;
    const load = withRound(this.load, nowMs, probe.requests.length);
    if (load === null) {
      this.drop(nowMs);
      return null;
    }
    this.load = load;
    const ending = new AbortController();
    const end = (): void => ending.abort();
    const reserveMs = Math.min(timing.reserveMs, probe.timeLimitMs / 4);
    // The probes' own limits come first: what was asked properly and kept silent is `dead`, not called off.
    const timer = setTimeout(end, probe.timeLimitMs - reserveMs / 2);
    this.closing.signal.addEventListener("abort", end);
    try {
      const round: Round = { endsAtMs: nowMs + probe.timeLimitMs - reserveMs, signal: ending.signal };
      const results = await this.results(probe.requests, round);
      return this.isClosed() ? null : { type: "probed", roundId: probe.roundId, results };
    } finally {
      clearTimeout(timer);
      this.closing.signal.removeEventListener("abort", end);
      this.load = withoutRound(this.load);
    }
  }

  private isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  private drop(nowMs: number): void {
    this.dropped += 1;
    if (nowMs - this.toldAtMs < timing.droppedEveryMs) return;
    this.toldAtMs = nowMs;
    this.options.onDropped(this.dropped);
    this.dropped = 0;
  }

  private async results(requests: readonly WitnessRequest[], round: Round): Promise<WitnessResult[]> {
    // A name is looked up once for all its requests.
    const addresses = new Map<string, Promise<string | ProbeAnswer>>();
    for (const { host } of requests)
      if (!addresses.has(host)) addresses.set(host, this.allowedAddress(host, round));
    const echoes = this.echoes(requests, addresses, round);
    return Promise.all(
      requests.map(async (request) => {
        const address = (await addresses.get(request.host)) ?? none("local_error");
        if (typeof address !== "string") return resultOf(request, address);
        if (request.kind !== "icmp") return resultOf(request, await this.connection(request, address, round));
        return resultOf(request, (await echoes).get(address) ?? none("not_asked"));
      }),
    );
  }

  /** The IP address of `host` when it may be asked; else the answer that says why not. */
  private async allowedAddress(host: string, round: Round): Promise<string | ProbeAnswer> {
    const named = probeAddress(host);
    // Some of what is never asked is no host's address to begin with.
    if (named === null) return none(isIP(host.trim()) === 0 ? "bad_address" : "not_allowed");
    const address = named.type === "ip" ? named : await found(named.text, round.signal);
    if (address === null) return none("name_not_found");
    const allows = this.options.allows ?? ((text: string) => mayBeAsked(text, ownAddresses()));
    return address.type === "ip" && allows(address.text) ? address.text : none("not_allowed");
  }

  /** All echo requests of a round as one question: with fping that is one program. */
  private async echoes(
    requests: readonly WitnessRequest[],
    addresses: ReadonlyMap<string, Promise<string | ProbeAnswer>>,
    round: Round,
  ): Promise<ReadonlyMap<string, ProbeAnswer>> {
    const asked = new Set<string>();
    for (const request of requests) {
      if (request.kind !== "icmp") continue;
      const address = await addresses.get(request.host);
      if (typeof address === "string") asked.add(address);
    }
    const all = [...asked].slice(0, FPING_ADDRESSES_MAX);
    if (all.length === 0) return new Map();
    const same = (detail: ProbeDetail) => new Map(all.map((address) => [address, none(detail)]));
    const ability = await this.options.ping.ability(round.signal);
    if (ability?.type !== "ok") return same(ability?.type ?? "not_asked");
    const limitMs = Math.min(this.leftMs(round), ICMP_LIMIT_MAX_MS);
    if (limitMs < ICMP_LIMIT_MIN_MS) return same("not_asked");
    return askIcmp(all, { program: ability.program, limitMs, signal: round.signal });
  }

  private async connection(
    request: Exclude<WitnessRequest, { readonly kind: "icmp" }>,
    address: string,
    round: Round,
  ): Promise<ProbeAnswer> {
    const { signal } = round;
    const leftMs = this.leftMs(round);
    if (request.kind === "tcp") {
      if (leftMs < TCP_LIMIT_MIN_MS) return none("not_asked");
      return askTcp(address, request.port, { limitMs: Math.min(leftMs, TCP_LIMIT_MAX_MS), signal });
    }
    if (leftMs < BANNER_LIMIT_MIN_MS) return none("not_asked");
    const limitMs = Math.min(leftMs, BANNER_LIMIT_MAX_MS);
    return askBanner(address, request.port, { limitMs, name: request.host, signal });
  }

  private leftMs(round: Round): number {
    return round.endsAtMs - this.options.now();
  }

  close(): void {
    this.closing.abort();
  }
}

function resultOf(request: WitnessRequest, answer: ProbeAnswer): WitnessResult {
  const { verdict, detail, roundTripMs, banner } = answer;
  return {
    kind: request.kind,
    target: witnessTarget(request),
    verdict,
    detail,
    ...(roundTripMs === null ? {} : { roundTripMs }),
    ...(banner === undefined ? {} : { banner }),
  };
}

/** The system's answer for a name, while the round lasts; null: none. */
async function found(name: string, signal: AbortSignal): Promise<ProbeAddress | null> {
  if (signal.aborted) return null;
  const over = new Promise<null>((resolve) => {
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
  const asked = new Promise<ProbeAddress | null>((resolve) => {
    lookup(name, { order: "verbatim" }, (error, address) => {
      resolve(error === null ? probeAddress(address) : null);
    });
  });
  return Promise.race([asked, over]);
}
