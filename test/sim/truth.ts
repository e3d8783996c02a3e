/**
 * What is true of the servers now, and since when.
 * Why apart: verdicts are compared with it; it follows from power, processes, paths and firewalls alone.
 * Must not: know what the collector believes.
 */
import type { SimulatedServer } from "./server.ts";
import type { Watch } from "./watch.ts";
import type { World } from "./world.ts";

/** Worse paths are no longer called all right. */
const LOSS_SHARE_MAX = 0.3;

export class Truth {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Something about it may have changed. */
  changed(watch: Watch): void {
    const { nowMs } = this.#world;
    const { server } = watch;
    if (this.#isGood(server)) watch.goodSinceMs ??= nowMs;
    else watch.goodSinceMs = null;
    const answers = this.#world.kernelReached(server) && this.canAnswer(server);
    if (answers === watch.answers) return;
    watch.answers = answers;
    watch.answersChangedMs = nowMs;
  }

  #isGood(server: SimulatedServer): boolean {
    const { collector } = this.#world;
    if (!collector.running || !collector.listening || server.path.lossShare > LOSS_SHARE_MAX) return false;
    if (!this.#world.kernelReached(server)) return false;
    return server.plan.mode === "agent" ? server.agentRuns : this.canAnswer(server);
  }

  /** While its kernel is reached, some probe of the collector is answered. */
  canAnswer(server: SimulatedServer): boolean {
    if (server.icmpAnswers && this.#world.pingWorks) return true;
    return server.plan.probePorts.length > 0 && server.plan.tcp !== "filtered";
  }

  /** Some question can be asked of it at all. */
  askable(server: SimulatedServer): boolean {
    return server.plan.probePorts.length > 0 || this.#world.pingWorks;
  }
}
