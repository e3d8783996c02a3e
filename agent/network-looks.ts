/**
 * Looks at what lies between this machine and its collector: the gateway, the internet, the name. In the background;
 * the newest answers go into the journal.
 * Why: afterwards these tell a dead cable from a dead branch link from a dead collector, when nobody else can.
 * Must not: make anybody wait, look at anything while the collector is on this very machine, or call something failed
 * that never answered (closed networks exist).
 */
import { lookup, type LookupAddress, type LookupOptions } from "node:dns";
import type { Reached } from "../shared/journal.ts";
import { findDefaultGateways } from "../shared/probe/default-gateway.ts";
import { askIcmp, ICMP_LIMIT_MAX_MS, ICMP_LIMIT_MIN_MS } from "../shared/probe/icmp.ts";
import type { ProbeAnswer, ProbeVerdict } from "../shared/probe/result.ts";
import { askTcp, TCP_LIMIT_MAX_MS } from "../shared/probe/tcp.ts";
import type { Ping } from "./ping.ts";
import { isOnThisMachine, usualPublicAddresses, type PublicAddress } from "./public-addresses.ts";

export const lookLimits = {
  /** While everything is fine: only to know what usually answers. */
  calmEveryMs: 10 * 60_000,
  /** Silence of something that has not answered for so long says nothing (detection.md, sentinels). */
  knownForMs: 24 * 3_600_000,
  /** A look that took its time is still the newest; an older one than this is not the present any more. */
  freshForMs: 11 * 60_000,
  /** The system's resolver asks twice for 5 s each; who waits longer has no name. */
  nameMs: 8_000,
} as const;

/** What a gateway that answers no ping still answers or refuses: DNS, its own pages. */
const gatewayPorts = [53, 80, 443] as const;

export interface Looks {
  readonly gateway: Reached;
  readonly dns: Reached;
  readonly internet: Reached;
}

export interface NetworkLooksOptions {
  readonly collectorUrl: string;
  /** null: the usual ones, unless the collector is on this machine. Empty: none. */
  readonly publicAddresses: readonly PublicAddress[] | null;
  readonly ping: Ping;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** The gateways to ask; default: those of the routing table, none when the collector is on this machine. */
  readonly gateways?: () => Promise<readonly string[]>;
}

/** As `net.connect` takes it. */
export type NameLookup = (
  name: string,
  options: LookupOptions,
  done: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
) => void;

export interface NetworkLooks {
  /** Starts a look, unless one is under way; `withinMs` bounds it. */
  look(withinMs: number): void;
  /** The newest answers of looks that began at `sinceMs` or later. */
  newest(sinceMs: number): Looks;
  /** What answered before the program started counts as known. */
  remember(known: Pick<Looks, "gateway" | "internet">): void;
  /**
   * The look-up for dials to the collector; its outcome is the look at the name: the very question that matters, and
   * it costs nothing more.
   */
  readonly lookup: NameLookup;
  close(): void;
}

interface Seen {
  readonly reached: Reached;
  readonly beganMs: number;
}

export function createNetworkLooks(options: NetworkLooksOptions): NetworkLooks {
  return new Looking(options);
}

class Looking implements NetworkLooks {
  private readonly now: () => number;
  private readonly publicAddresses: readonly PublicAddress[];
  private readonly gateways: () => Promise<readonly string[]>;
  private readonly closing = new AbortController();
  private looking = false;
  private readonly ping: Ping;
  private gateway: Seen | undefined;
  private internet: Seen | undefined;
  private name: Seen | undefined;
  /** When each last answered. */
  private readonly answeredMs = new Map<"gateway" | "internet", number>();

  constructor(options: NetworkLooksOptions) {
    this.now = options.now;
    this.ping = options.ping;
    const here = isOnThisMachine(options.collectorUrl);
    this.publicAddresses = options.publicAddresses ?? (here ? [] : usualPublicAddresses);
    const { signal } = this.closing;
    this.gateways =
      options.gateways ?? (here ? () => Promise.resolve([]) : () => findDefaultGateways({ signal }));
  }

  look(withinMs: number): void {
    if (this.looking || this.closing.signal.aborted) return;
    this.looking = true;
    const beganMs = this.now();
    void Promise.all([
      this.lookAtGateway(withinMs).then((verdict) => {
        this.gateway = { reached: this.judged("gateway", verdict), beganMs };
      }),
      this.lookAtInternet(withinMs).then((verdict) => {
        this.internet = { reached: this.judged("internet", verdict), beganMs };
      }),
    ]).finally(() => {
      this.looking = false;
    });
  }

  private judged(what: "gateway" | "internet", verdict: ProbeVerdict): Reached {
    const nowMs = this.now();
    if (verdict === "alive") {
      this.answeredMs.set(what, nowMs);
      return "ok";
    }
    const answeredMs = this.answeredMs.get(what);
    const known = answeredMs !== undefined && nowMs - answeredMs <= lookLimits.knownForMs;
    return verdict === "dead" && known ? "failed" : "unknown";
  }

  /** Any of the gateways, by ping or by any answer to TCP. */
  private async lookAtGateway(withinMs: number): Promise<ProbeVerdict> {
    const gateways = await this.gateways();
    // No default route any more: the cable is out, or the address was lost. What used to answer cannot.
    if (gateways.length === 0) return this.answeredMs.has("gateway") ? "dead" : "none";
    const limitMs = Math.min(withinMs, TCP_LIMIT_MAX_MS);
    return firstAlive([
      this.pinged(gateways, withinMs),
      ...gateways.flatMap((gateway) => gatewayPorts.map((port) => this.connected(gateway, port, limitMs))),
    ]);
  }

  private async pinged(gateways: readonly string[], withinMs: number): Promise<ProbeVerdict> {
    const limitMs = Math.min(withinMs, ICMP_LIMIT_MAX_MS);
    if (limitMs < ICMP_LIMIT_MIN_MS) return "none";
    const { signal } = this.closing;
    const ability = await this.ping.ability(signal);
    if (ability?.type !== "ok") return "none";
    const answers = await askIcmp(gateways, { program: ability.program, limitMs, signal });
    return bestOf([...answers.values()]);
  }

  private async connected(host: string, port: number, limitMs: number): Promise<ProbeVerdict> {
    return (await askTcp(host, port, { limitMs, signal: this.closing.signal })).verdict;
  }

  private async lookAtInternet(withinMs: number): Promise<ProbeVerdict> {
    if (this.publicAddresses.length === 0) return "none";
    const limitMs = Math.min(withinMs, TCP_LIMIT_MAX_MS);
    return firstAlive(this.publicAddresses.map(({ host, port }) => this.connected(host, port, limitMs)));
  }

  newest(sinceMs: number): Looks {
    const nowMs = this.now();
    const of = (seen: Seen | undefined): Reached =>
      seen !== undefined && seen.beganMs >= sinceMs && nowMs - seen.beganMs <= lookLimits.freshForMs
        ? seen.reached
        : "unknown";
    return { gateway: of(this.gateway), dns: of(this.name), internet: of(this.internet) };
  }

  remember(known: Pick<Looks, "gateway" | "internet">): void {
    for (const what of ["gateway", "internet"] as const) {
      if (known[what] === "ok" && !this.answeredMs.has(what)) this.answeredMs.set(what, this.now());
    }
  }

  readonly lookup: NameLookup = (name, lookupOptions, done) => {
    const beganMs = this.now();
    const tooLong = setTimeout(() => {
      this.name = { reached: "failed", beganMs };
    }, lookLimits.nameMs);
    tooLong.unref();
    lookup(name, lookupOptions, (error, address, family) => {
      clearTimeout(tooLong);
      // An answer that came when the dial had long been given up is no name for it.
      const late = this.now() - beganMs > lookLimits.nameMs;
      this.name = { reached: error === null && !late ? "ok" : "failed", beganMs };
      done(error, address, family);
    });
  };

  close(): void {
    this.closing.abort();
  }
}

/** The first `alive`, at once; else, when all have answered, `dead` before `none`. */
async function firstAlive(asked: readonly Promise<ProbeVerdict>[]): Promise<ProbeVerdict> {
  const verdicts = Promise.all(asked).then((all) =>
    all.includes("alive") ? "alive" : all.includes("dead") ? "dead" : "none",
  );
  const alive = asked.map(async (one) => ((await one) === "alive" ? "alive" : verdicts));
  return Promise.race(alive);
}

function bestOf(answers: readonly ProbeAnswer[]): ProbeVerdict {
  const verdicts = answers.map((answer) => answer.verdict);
  return verdicts.includes("alive") ? "alive" : verdicts.includes("dead") ? "dead" : "none";
}
