/**
 * A simulated world as data: settings, topology, and the faults with their times (plan-faults.ts).
 * Why data: the same plan can be drawn from a seed, written by hand as a scenario, printed, and shortened by hand when
 * it failed.
 * Must not: do anything; world.ts builds it and faults.ts makes it happen.
 */
import type { ServerCheck } from "../../collector/core/types/registry.ts";
import type { AgentFeature } from "../../collector/core/types/server.ts";
import type { Fault } from "./plan-faults.ts";

/** One way of a server's network to the collector and back. Times in ms, one way. */
export interface PathPlan {
  readonly delayMs: number;
  /** Uniform, on top of the delay. */
  readonly jitterMs: number;
  /** Share of packets lost; TCP turns it into waiting, a probe may fail by it. */
  readonly lossShare: number;
}

/** What a TCP question meets at a server while its host is fine. */
export type TcpPlan =
  /** A program speaks. */
  | "speaks"
  /** It accepts and never says a word. */
  | "mute"
  | "closed"
  | "filtered";

export interface ServerPlan {
  readonly site: number | null;
  readonly mode: "agent" | "ping";
  readonly downAfterMs: number | null;
  readonly path: PathPlan;
  /** A firewall drops ICMP. */
  readonly icmpBlocked: boolean;
  readonly tcp: TcpPlan;
  readonly probePorts: readonly number[];
  /** Only of a ping-only server. */
  readonly check: ServerCheck | null;
  /** What its agent can do; an old one: nothing. */
  readonly features: readonly AgentFeature[];
  /** The server without which it has no power and no network (a hypervisor, a router). */
  readonly parent: number | null;
  /** Its agent answers questions at random. At most one in a world. */
  readonly liar: boolean;
  /** Its address is not registered; the collector sees its site's router. */
  readonly behindNat: boolean;
  /** Another machine with the identity of this server; it runs only while a fault lets it. */
  readonly cloneOf: number | null;
  /** The collector's own machine. */
  readonly ownHost: boolean;
  /** From power to the agent's start, ms. */
  readonly bootMs: number;
  /** It outlives a cut of its site's power by so much, ms. */
  readonly upsMs: number;
}

export interface SitePlan {
  /** `none`: no address is registered. `filtered`: it never answers. */
  readonly gateway: "answers" | "filtered" | "none";
  readonly gatewayUpsMs: number;
  /** Something on the way ends each connection that is so old; null: nothing does. */
  readonly connectionCut: { readonly ageMs: number; readonly reset: boolean } | null;
}

export interface CollectorPlan {
  /** False: every ICMP question is answered `none`, `no_program`. */
  readonly pingProgram: boolean;
  /** A commit takes from … to, ms. */
  readonly commitMs: readonly [number, number];
  /** Volatile facts reach the disk this often, ms. */
  readonly laterFlushMs: number;
  /** From the start of the program to the open port, ms. */
  readonly startMs: number;
  /** Its own gateway; `silent`: known, and never answers. */
  readonly nearSentinel: "answers" | "silent" | "none";
  /** Far ones, each answering or never. Empty: a closed network. */
  readonly farSentinels: readonly ("answers" | "silent")[];
}

export interface RecipientPlan {
  /** Groups begin with `-`, as in Telegram. */
  readonly address: string;
}

export interface Plan {
  readonly seed: number;
  /** Faults happen in this time; then the world is mended and must come to rest. */
  readonly durationMs: number;
  readonly heartbeatIntervalMs: number;
  readonly downAfterMs: number;
  readonly sites: readonly SitePlan[];
  readonly servers: readonly ServerPlan[];
  readonly recipients: readonly RecipientPlan[];
  readonly collector: CollectorPlan;
  readonly faults: readonly Fault[];
}
