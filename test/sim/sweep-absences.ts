/**
 * When each server was really away, and when the collector was in trouble itself: what the sweep compares alerts with.
 * Why not the oracle's violations: those ask whether the core kept its rules for its settings; a sweep asks what people
 * would have seen of the same world with other settings.
 * Must not: read the core's state, or depend on a setting that is swept.
 */
import { SECOND_MS } from "./draws.ts";
import type { Fault } from "./plan-faults.ts";
import type { Plan } from "./plan.ts";
import { Truth, type Reason } from "./truth.ts";
import type { World } from "./world.ts";

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Nobody gets a heartbeat through in less: two absences so close together are one silence (the redial's cap, 2 η). */
const MERGED_MS = 30 * SECOND_MS;
/** Shorter than a drain can be noticed by: no trouble. */
const TROUBLE_MIN_MS = 5 * SECOND_MS;
/** From such loss on the collector's line is in trouble. */
const TROUBLE_LOSS = 0.1;

/** Not the server's own: the collector's network and host. */
const foreign: ReadonlySet<Reason> = new Set<Reason>(["collector_network", "collector_host", "check"]);

/** Watches a world while it runs. Put in before `run`. */
export class Absences {
  readonly #world: World;
  readonly #truth: Truth;
  readonly #spans: Span[][];
  readonly #awaySinceMs: (number | null)[];

  constructor(world: World) {
    this.#world = world;
    this.#truth = new Truth(world);
    this.#spans = world.servers.map(() => []);
    this.#awaySinceMs = world.servers.map(() => null);
    const { oracle } = world;
    const before = oracle.truthChanged.bind(oracle);
    oracle.truthChanged = (server): void => {
      before(server);
      this.#look(server.index);
    };
  }

  #look(index: number): void {
    const { nowMs, servers } = this.#world;
    const server = servers[index];
    if (!server) return;
    const away = this.#truth.reasons(server).some((reason) => !foreign.has(reason));
    const sinceMs = this.#awaySinceMs[index] ?? null;
    if (away === (sinceMs !== null)) return;
    if (sinceMs !== null && nowMs > sinceMs) this.#spans[index]?.push({ fromMs: sinceMs, toMs: nowMs });
    this.#awaySinceMs[index] = away ? nowMs : null;
  }

  /** Each time it was away, as it was. Its first start is none. */
  of(index: number): readonly Span[] {
    const sinceMs = this.#awaySinceMs[index] ?? null;
    const spans = this.#spans[index] ?? [];
    const all = sinceMs === null ? spans : [...spans, { fromMs: sinceMs, toMs: this.#world.nowMs }];
    return all.filter((span) => span.fromMs > MERGED_MS);
  }
}

/** Spans that are one silence to whoever waits for a heartbeat. */
export function merged(spans: readonly Span[]): readonly Span[] {
  const found: Span[] = [];
  for (const span of spans) {
    const last = found.at(-1);
    if (last && span.fromMs - last.toMs < MERGED_MS)
      found[found.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
    else found.push(span);
  }
  return found;
}

/** When the collector was away, stood still, or had no line of its own or none to the public network; in order. */
export function troublesOf(plan: Plan): readonly Span[] {
  return plan.faults
    .flatMap((fault) => {
      const forMs = troubleMs(fault, plan.collector.startMs);
      return forMs >= TROUBLE_MIN_MS ? [{ fromMs: fault.atMs, toMs: fault.atMs + forMs }] : [];
    })
    .sort((a, b) => a.fromMs - b.fromMs);
}

function troubleMs(fault: Fault, startMs: number): number {
  switch (fault.kind) {
    case "collector_killed":
    case "collector_restarted":
    case "collector_host_rebooted":
      // However short: agents must dial again.
      return Math.max(TROUBLE_MIN_MS, fault.forMs + startMs);
    case "collector_stalled":
    case "collector_suspended":
    case "uplink_cut":
    case "collector_lan_cut":
    // Together with a cut of all sites' lines nobody at all is reached, and it must suspect itself.
    case "internet_cut":
      return fault.forMs;
    case "uplink_poor":
      return fault.lossShare >= TROUBLE_LOSS ? fault.forMs : 0;
    default:
      return 0;
  }
}

/** When the collector's own network, or the public one behind it, was really cut. */
export function ownCutsOf(plan: Plan): readonly Span[] {
  return plan.faults.flatMap((fault) =>
    fault.kind === "uplink_cut" || fault.kind === "collector_lan_cut" || fault.kind === "internet_cut"
      ? [{ fromMs: fault.atMs, toMs: fault.atMs + fault.forMs }]
      : [],
  );
}

/** When lines to several sites were cut by one cause. */
export function sharedCutsOf(plan: Plan): readonly Span[] {
  return plan.faults.flatMap((fault) =>
    fault.kind === "wan_cut" ? [{ fromMs: fault.atMs, toMs: fault.atMs + fault.forMs }] : [],
  );
}

/** How long two spans overlap, ms; 0: not at all. */
export function overlapMs(a: Span, b: Span): number {
  return Math.max(0, Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs));
}
