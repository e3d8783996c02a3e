/**
 * The collector's own questions: probes of servers, of gateways, of sentinels, answered from the truth.
 * Why from the truth at the moment of asking: a probe says what is, not what was heard; the oracle compares kinds with it.
 * Must not: know why it is asked.
 */
import type { Effect } from "../../collector/core/types/effects.ts";
import type { EventBody } from "../../collector/core/types/events.ts";
import type { ProbeRequest, ProbeResult } from "../../collector/core/types/evidence.ts";
import type { Collector } from "./collector.ts";
import { collectorPlace, nearPlace, type Place } from "./network.ts";
import { ask } from "./questions.ts";
import type { World } from "./world.ts";

type Of<T extends Effect["type"]> = Extract<Effect, { type: T }>;

/** A sentinel that is silent is given up after this share of the time limit. */
const PATIENCE = 0.9;
/** The names of sentinels. */
export const NEAR_TARGET = "10.0.0.1";
export function farTarget(index: number): string {
  return `public-${index}:443`;
}
const NEAR_MS = 2;
const FAR_MS = 40;

export class Prober {
  readonly #world: World;
  readonly #collector: Collector;
  readonly #rounds = new Map<string, symbol>();

  constructor(world: World, collector: Collector) {
    this.#world = world;
    this.#collector = collector;
  }

  start(order: Of<"start_probe">): void {
    const { serverId, roundId } = order;
    const { results, ms } = this.#ask(order.requests, order.timeLimitMs);
    this.#answer(roundId, ms, () => {
      this.#world.oracle.probeRead(serverId, results, this.#world.nowMs);
      return { type: "probe_finished", serverId, roundId, results };
    });
  }

  startGateway(order: Of<"start_gateway_probe">): void {
    const { siteId, roundId } = order;
    const { results, ms } = this.#ask(order.requests, order.timeLimitMs);
    this.#answer(roundId, ms, () => ({ type: "gateway_probed", siteId, roundId, results }));
  }

  /** Its own router, and public addresses. */
  askSentinels(order: Of<"ask_sentinels">): void {
    const { roundId, timeLimitMs } = order;
    const { nearSentinel, farSentinels } = this.#world.plan.collector;
    const answers: Extract<EventBody, { type: "sentinels_answered" }>["answers"][number][] = [];
    let lastMs = NEAR_MS;
    const asked = (target: string, near: boolean, place: Place, answering: boolean, ms: number): void => {
      const { network, random } = this.#world;
      const { lossShare } = network.poorBetween(collectorPlace, place);
      const through = lossShare === 0 || [0, 1, 2].some(() => random() >= lossShare && random() >= lossShare);
      const alive = answering && through && network.answered(collectorPlace, place);
      answers.push({ target, near, verdict: alive ? "alive" : "dead" });
      lastMs = Math.max(lastMs, alive ? ms : Math.round(timeLimitMs * PATIENCE));
    };
    if (nearSentinel !== "none") asked(NEAR_TARGET, true, nearPlace, nearSentinel === "answers", NEAR_MS);
    for (const [index, plan] of farSentinels.entries())
      asked(farTarget(index), false, { type: "far", index }, plan === "answers", FAR_MS);
    this.#world.sentinelsAsked += answers.length;
    this.#answer(roundId, lastMs, () => {
      this.#world.oracle.sentinelsRead(answers, this.#world.nowMs);
      return { type: "sentinels_answered", roundId, answers };
    });
  }

  cancel(roundId: string): void {
    this.#rounds.delete(roundId);
  }

  processDied(): void {
    this.#rounds.clear();
  }

  #ask(
    requests: readonly ProbeRequest[],
    limitMs: number,
  ): { readonly results: ProbeResult[]; readonly ms: number } {
    const results: ProbeResult[] = [];
    let ms = 0;
    for (const request of requests) {
      const asked = ask(this.#world, collectorPlace, request, limitMs);
      results.push(asked.result);
      ms = Math.max(ms, asked.ms);
    }
    this.#world.probesAsked += requests.length;
    return { results, ms };
  }

  /** Hands an answer in when it is there, if the process that asked still runs and still wants it. */
  #answer(roundId: string, ms: number, made: () => EventBody): void {
    const token = Symbol(roundId);
    this.#rounds.set(roundId, token);
    const { process } = this.#collector;
    this.#world.callAt(this.#world.nowMs + ms, () => {
      if (this.#collector.process !== process) return;
      this.#collector.arrive(() => {
        if (this.#rounds.get(roundId) !== token) return;
        this.#rounds.delete(roundId);
        this.#collector.push(made(), null);
      });
    });
  }
}
