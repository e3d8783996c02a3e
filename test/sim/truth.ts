/**
 * What is true of the servers now, and since when, and why one can't be heard.
 * Why apart: verdicts, kinds and causes are compared with it; it follows from power, processes, lines and firewalls alone.
 * Must not: know what the collector believes.
 */
import { collectorPlace } from "./network.ts";
import { tcpOf } from "./questions.ts";
import type { SimulatedServer } from "./server.ts";
import type { Watch } from "./watch.ts";
import type { World } from "./world.ts";

/** Worse paths are no longer called all right. */
const LOSS_SHARE_MAX = 0.3;

/** Why a server can't be heard. Several may hold at once. */
export type Reason =
  | "power"
  | "suspended"
  | "hung"
  | "agent_dead"
  | "agent_frozen"
  | "cable"
  | "lan"
  | "gateway"
  | "link"
  | "route"
  | "refused"
  | "login"
  | "collector_network"
  | "collector_host"
  | "check";

export class Truth {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Something about it may have changed. */
  changed(watch: Watch): void {
    const { nowMs } = this.#world;
    const { server } = watch;
    if (watch.machines.some((machine) => this.#isGood(machine))) watch.goodSinceMs ??= nowMs;
    else watch.goodSinceMs = null;
    const answers = this.reached(server) && this.canAnswer(server);
    const reasons = this.reasons(server).join("+");
    if (answers !== watch.answers || reasons !== watch.reasons) watch.truthChangedMs = nowMs;
    if (answers !== watch.answers) watch.answersChangedMs = nowMs;
    watch.answers = answers;
    watch.because(reasons, nowMs);
  }

  #isGood(server: SimulatedServer): boolean {
    const { collector } = this.#world;
    if (!collector.running || !collector.listening || server.path.lossShare > LOSS_SHARE_MAX) return false;
    if (!this.reached(server) || server.holds.checkFailing > 0) return false;
    if (this.#world.network.siteOf(server)?.loginFailing.length) return false;
    return server.plan.mode === "agent" ? server.agentRuns : this.canAnswer(server) && this.#serves(server);
  }

  /** A check needs a program. */
  #serves(server: SimulatedServer): boolean {
    const { check } = server.plan;
    if (check === null) return true;
    return tcpOf(server) === "speaks" && !server.frozenHost;
  }

  /** A packet gets from the collector's host to its kernel and back. */
  reached(server: SimulatedServer): boolean {
    return server.path.upOpen && server.path.downOpen;
  }

  /** While its kernel is reached, some question of the collector is answered, if it can be asked at all. */
  canAnswer(server: SimulatedServer): boolean {
    const { check } = server.plan;
    if (check !== null)
      return tcpOf(server) === "speaks" || (check.type === "tcp" && tcpOf(server) === "mute");
    if (server.icmpAnswers) return true;
    return this.#hasPorts(server) && tcpOf(server) !== "filtered";
  }

  /** Some question can be asked of it whose answer would say something. */
  askable(server: SimulatedServer): boolean {
    if (server.plan.check !== null) return true;
    // An answer to a ping proves nothing while somebody answers for all; silence does.
    const voided =
      this.#world.collector.holds.answeredForAll > 0 && server.icmpAnswers && this.reached(server);
    if (this.#world.pingWorks && !voided) return true;
    // Where pings used to be answered, the silence of a port that never was says nothing while they can't be asked.
    return this.#hasPorts(server) && (tcpOf(server) !== "filtered" || server.plan.icmpBlocked);
  }

  /** While it is fine the collector hears so. */
  shows(server: SimulatedServer): boolean {
    return this.canAnswer(server) && this.askable(server);
  }

  #hasPorts(server: SimulatedServer): boolean {
    return this.#world.staff.recordOf(server).probePorts.length > 0;
  }

  /** Why it can't be heard now; empty: nothing that lasts. */
  reasons(server: SimulatedServer): Reason[] {
    const world = this.#world;
    const { network, collector } = world;
    const site = network.siteOf(server);
    const found: Reason[] = [];
    if (!server.powered) found.push("power");
    else if (server.asleep) found.push("suspended");
    else if (server.frozenHost) found.push("hung");
    else if (server.plan.mode === "agent") {
      if (server.holds.agentFrozen > 0) found.push("agent_frozen");
      else if (server.agent.number === 0) found.push("agent_dead");
    }
    for (let one: SimulatedServer | null = server; one !== null; one = one.parent) {
      if (one.path.refused > 0) found.push("refused");
      if (one.path.cutUp > 0 || one.path.cutDown > 0) found.push("cable");
    }
    if (site !== null) {
      if (site.holds.lan > 0) found.push("lan");
      if (!site.gatewayOn) found.push(site.holds.gatewayPower > 0 ? "power" : "gateway");
      if (site.holds.linkUp > 0 || site.holds.linkDown > 0) found.push("link");
      if (site.loginFailing.length > 0) found.push("login");
      const place = { type: "gateway", site } as const;
      if (network.routeCut(place, collectorPlace) || network.routeCut(collectorPlace, place))
        found.push("route");
    }
    if (!server.plan.ownHost && network.collectorCut) found.push("collector_network");
    if (!collector.online) found.push("collector_host");
    if (server.holds.checkFailing > 0 || (server.plan.check !== null && !this.#serves(server)))
      found.push("check");
    return [...new Set(found)];
  }
}
