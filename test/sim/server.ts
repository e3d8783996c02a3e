/**
 * One branch server as it really is: a host with power, a kernel and a network interface, and the agent's program on it.
 * Why holds are counted: faults overlap (a power cut while the agent was frozen); each takes its own hold and gives it
 * back, and what the server is follows from what is held. What a hypervisor lacks, its guests lack.
 * Must not: decide what the agent does, or know the collector's state.
 */
import type { StopReason } from "../../agent/session-types.ts";
import type { HealthSample } from "../../shared/health.ts";
import { AgentProcess } from "./agent-process.ts";
import { Path, pathChanged } from "./connection.ts";
import type { Place } from "./network.ts";
import type { ServerPlan } from "./plan.ts";
import type { World } from "./world.ts";

/** From a supervisor's order to the agent's first dial. */
const AGENT_START_MS = 200;
/** The agent is gone within 3 s of being asked to end, whether or not the collector answered. */
const STOP_MS = 3_000;

export class SimulatedServer {
  readonly index: number;
  readonly id: string;
  readonly plan: ServerPlan;
  /** What the host is to the collector: of a clone, its original's number. */
  readonly identity: number;
  readonly place: Place;
  readonly path: Path;
  readonly agent: AgentProcess;
  readonly health: HealthSample;
  readonly address: string;
  /** What it needs to have power and network. */
  parent: SimulatedServer | null = null;
  readonly guests: SimulatedServer[] = [];
  /** Heartbeats that wait in the collector's sockets, to be read at its next turn. */
  beatsWaiting = 0;
  /** Removed by staff: nobody expects anything of it. */
  removed = false;
  /** How many faults want it so. */
  readonly holds = {
    power: 0,
    hung: 0,
    suspended: 0,
    agentDead: 0,
    agentFrozen: 0,
    icmpFiltered: 0,
    serviceStopped: 0,
    checkFailing: 0,
  };
  /** Its programs were once stopped: that they say nothing is no news any more. */
  wasMute = false;
  /** Programs on it are given no time. */
  frozen = false;
  /** All sleep since it booted, ms. */
  sleptMs = 0;
  /** Its wall clock, ahead of the world's. */
  wallOffsetMs = 0;
  bootedMs = 0;

  readonly #world: World;
  #bootNumber = 1;
  #powered = true;
  #asleepSinceMs: number | null = null;
  #starting = false;
  #stopping = false;

  constructor(world: World, index: number, plan: ServerPlan) {
    this.#world = world;
    this.index = index;
    this.identity = plan.cloneOf ?? index;
    this.id = `s${this.identity}`;
    this.plan = plan;
    this.place = { type: "server", server: this };
    this.path = new Path(plan.path);
    this.address = `10.${(index >> 8) & 127}.${index & 255}.2`;
    this.agent = new AgentProcess(this, world);
    this.health = {
      cpu: 0.25,
      memoryTotalBytes: 8e9,
      memoryUsedBytes: 3e9,
      uptimeSeconds: 1_000 + index,
    };
    if (plan.cloneOf !== null) this.holds.power = 1;
    this.#powered = plan.cloneOf === null;
  }

  // ── What is true of it ─────────────────────────────────────────────────────────────────────────────

  /** Powered and awake: its kernel answers, even if no program on it is given time. */
  get online(): boolean {
    return this.#powered && !this.asleep;
  }

  get powered(): boolean {
    return this.#powered;
  }

  /** Suspended, or its hypervisor is. */
  get asleep(): boolean {
    return this.holds.suspended > 0 || (this.parent?.asleep ?? false);
  }

  /** Its kernel answers and no program on it does. */
  get frozenHost(): boolean {
    return this.holds.hung > 0;
  }

  get agentRuns(): boolean {
    return this.agent.number > 0 && !this.frozen;
  }

  get bootId(): string {
    // An agent on the collector's machine reads the same boot id as the collector.
    if (this.plan.ownHost) return `host-${this.#world.collector.hostBoot}`;
    return `boot-${this.index}-${this.#bootNumber}`;
  }

  get icmpAnswers(): boolean {
    return !this.plan.icmpBlocked && this.holds.icmpFiltered === 0;
  }

  /** Where the collector sees its connections come from. */
  get peerAddress(): string {
    if (this.plan.ownHost) return "127.0.0.1";
    const site = this.#world.network.siteOf(this);
    return this.plan.behindNat && site ? site.gatewayAddress : this.address;
  }

  // ── What faults do to it ───────────────────────────────────────────────────────────────────────────

  /** A hold changed: becomes what follows from all of them. */
  settle(): void {
    this.agent.unsteady();
    const { holds, parent } = this;
    this.wasMute ||= holds.serviceStopped > 0;
    const powered = holds.power === 0 && (parent === null || parent.powered);
    if (this.#powered && !powered) this.#losePower();
    if (!this.#powered && powered) this.#boot();
    const sleptMs = this.#settleSleep();
    if (holds.agentDead > 0) this.agent.kill(true);
    this.#settleAgent();
    const frozen = holds.hung > 0 || this.asleep || holds.agentFrozen > 0;
    if (frozen !== this.frozen) {
      this.frozen = frozen;
      if (frozen) this.agent.froze();
      else this.agent.resume(sleptMs);
    }
    this.#refresh();
    for (const guest of this.guests) guest.settle();
  }

  /** Falls asleep or wakes; returns how long it slept when it just woke. */
  #settleSleep(): number {
    const { nowMs } = this.#world;
    const asleep = this.asleep && this.#powered;
    if (asleep) this.#asleepSinceMs ??= nowMs;
    if (asleep || this.#asleepSinceMs === null) return 0;
    const sleptMs = nowMs - this.#asleepSinceMs;
    this.#asleepSinceMs = null;
    this.sleptMs += sleptMs;
    return sleptMs;
  }

  #settleAgent(): void {
    if (this.plan.mode !== "agent" || this.removed || this.#stopping) return;
    if (this.holds.agentDead > 0 || !this.#powered || this.agent.number > 0) return;
    const { nowMs } = this.#world;
    this.#startLater(this.#bootNumber > 1 && this.bootedMs === nowMs ? this.plan.bootMs : AGENT_START_MS);
  }

  /** The machine is told to go down or the agent to stop: it says goodbye if it can, then `then` happens. */
  sayGoodbye(reason: StopReason, then: () => void): void {
    if (!this.agentRuns) return then();
    this.#stopping = true;
    this.agent.stop(reason);
    this.#world.callAt(this.#world.nowMs + STOP_MS, () => {
      this.#stopping = false;
      then();
    });
  }

  /** Something on its way to the collector changed: words that wait may go now, or none goes any more. */
  networkChanged(): void {
    this.#refresh();
    for (const guest of this.guests) guest.networkChanged();
  }

  #refresh(): void {
    this.agent.unsteady();
    this.path.refresh(this.#world, this);
    pathChanged(this.#world, this);
    this.#world.truthChanged(this);
  }

  /** All faults end; a clone is switched off for good. */
  mend(): void {
    const { holds } = this;
    for (const name of Object.keys(holds) as (keyof typeof holds)[]) holds[name] = 0;
    if (this.plan.cloneOf !== null) holds.power = 1;
    this.#stopping = false;
    this.path.mend();
  }

  #losePower(): void {
    this.agent.kill(false);
    this.#powered = false;
    // Nothing of a dead kernel's connections is left; the other end learns it when it sends, or by silence.
    for (const connection of this.path.connections) {
      connection.agentOpen = false;
      connection.heldUp = null;
      connection.heldDown = null;
      connection.forgotten = "silent";
    }
  }

  #boot(): void {
    this.#powered = true;
    this.#bootNumber += 1;
    this.bootedMs = this.#world.nowMs;
    this.sleptMs = 0;
    this.#asleepSinceMs = null;
  }

  #startLater(waitMs: number): void {
    if (this.#starting) return;
    this.#starting = true;
    const boot = this.#bootNumber;
    this.#world.callAt(this.#world.nowMs + waitMs, () => {
      this.#starting = false;
      if (this.removed || this.holds.agentDead > 0 || !this.#powered || this.agent.number > 0) return;
      if (boot !== this.#bootNumber) return this.#startLater(waitMs);
      this.agent.start(this.#world.nowMs - this.bootedMs);
      this.#world.truthChanged(this);
    });
  }
}
