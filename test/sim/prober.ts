/**
 * The collector's probes, answered from the truth of the simulated world.
 * Why from the truth at the moment of asking: a probe says what is, not what was heard; the oracle compares kinds with it.
 * Must not: know why it is asked.
 */
import type { Effect, ProbeRequest, ProbeResult, ProbeVerdict } from "../../collector/core/types.ts";
import type { Collector } from "./collector.ts";
import type { SimulatedServer } from "./server.ts";
import type { World } from "./world.ts";

type StartProbe = Extract<Effect, { type: "start_probe" }>;

/** A probe that meets silence gives up after this share of the round's limit. */
const PATIENCE = 0.8;

export class Prober {
  readonly #world: World;
  readonly #collector: Collector;
  readonly #rounds = new Map<string, symbol>();

  constructor(world: World, collector: Collector) {
    this.#world = world;
    this.#collector = collector;
  }

  start(order: StartProbe): void {
    const { nowMs } = this.#world;
    const token = Symbol(order.roundId);
    this.#rounds.set(order.roundId, token);
    const server = this.#world.serverOf(order.serverId);
    const results: ProbeResult[] = [];
    let lastMs = 0;
    for (const request of order.requests) {
      const { result, ms } = this.#ask(server, request, order.timeLimitMs);
      results.push(result);
      lastMs = Math.max(lastMs, ms);
    }
    this.#world.probesAsked += order.requests.length;
    const { process } = this.#collector;
    this.#world.callAt(nowMs + lastMs, () => {
      if (this.#collector.process !== process) return;
      this.#collector.arrive(() => {
        if (this.#rounds.get(order.roundId) !== token) return;
        this.#rounds.delete(order.roundId);
        this.#world.oracle.probeRead(order.serverId, order.roundId, results, this.#world.nowMs);
        this.#collector.push(
          { type: "probe_finished", serverId: order.serverId, roundId: order.roundId, results },
          null,
        );
      });
    });
  }

  cancel(roundId: string): void {
    this.#rounds.delete(roundId);
  }

  processDied(): void {
    this.#rounds.clear();
  }

  #ask(
    server: SimulatedServer | null,
    request: ProbeRequest,
    limitMs: number,
  ): { readonly result: ProbeResult; readonly ms: number } {
    const { kind, host, port } = request;
    const target = port === null ? host : `${host}:${port}`;
    const made = (verdict: ProbeVerdict, detail: string, ms: number) => ({
      result: { kind, target, verdict, detail, roundTripMs: verdict === "alive" ? ms : null },
      ms,
    });
    const silent = (): ReturnType<typeof made> => made("dead", "timeout", Math.round(limitMs * PATIENCE));
    if (kind === "icmp" && !this.#world.pingWorks) return made("none", "no_program", 5);
    if (server === null || server.address !== host || !this.#world.kernelReached(server)) return silent();
    if (!server.path.echoed(this.#world.random)) return silent();
    const roundTripMs = server.path.roundTripMs(this.#world.random);
    if (roundTripMs > limitMs) return silent();
    if (kind === "icmp") return server.icmpAnswers ? made("alive", "reply", roundTripMs) : silent();
    if (server.plan.tcp === "filtered") return silent();
    return made("alive", server.plan.tcp === "open" ? "connected" : "refused", roundTripMs);
  }
}
