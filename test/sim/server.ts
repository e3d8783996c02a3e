/**
 * One branch server as it really is: a host with power and a kernel, and on it the real agent session in a process.
 * Why holds are counted: faults overlap (a power cut while the agent was frozen); each takes its own hold and gives it
 * back, and what the server is follows from what is held.
 * Must not: decide what the agent does (agent/session.ts does) or know the collector's state.
 */
import { nextDeadlineMs, startSession, step } from "../../agent/session.ts";
import type { SessionEffect, SessionEvent, SessionState, StopReason } from "../../agent/session-types.ts";
import { unreachable } from "../../shared/assert.ts";
import type { HealthSample } from "../../shared/health.ts";
import { Connection, dial, pathChanged, Path, sendUp } from "./connection.ts";
import { entries } from "./entries.ts";
import type { DownWord, UpWord } from "./entries.ts";
import type { ServerPlan } from "./plan.ts";
import { agentKeyOf, collectorKey, inventoryOf, nonceOf, signature } from "./wire-samples.ts";
import type { World } from "./world.ts";

/** From power to the agent's start: a small server's boot. */
const BOOT_MS = 20_000;
/** From a supervisor's order to the agent's first dial. */
const AGENT_START_MS = 200;
/** The agent's shell sees a suspend that is longer than this (agent/session-shell.ts, `sleptMs`). */
const SLEPT_MS = 5_000;

type Inbox = { readonly connection: Connection; readonly ack: number; readonly word: DownWord | null };

export class SimulatedServer {
  readonly index: number;
  readonly id: string;
  readonly plan: ServerPlan;
  readonly path: Path;
  readonly world: World;
  readonly health: HealthSample;
  address: string;
  /** Heartbeats that wait in the collector's sockets, to be read at its next turn. */
  beatsWaiting = 0;
  /** Removed by staff: nobody expects anything of it. */
  removed = false;

  // Holds: how many faults want it so.
  readonly holds = { power: 0, hung: 0, suspended: 0, agentDead: 0, agentFrozen: 0, icmpFiltered: 0 };

  bootNumber = 1;
  #bootedMs = 0;
  #powered = true;
  #sleptMs = 0;
  #asleepSinceMs: number | null = null;

  /** 0: no agent process. Each start is a new number. */
  process = 0;
  #processes = 0;
  #startedBootMs = 0;
  #session: SessionState | null = null;
  #connection: Connection | null = null;
  #timerToken = 0;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #inbox: Inbox[] = [];
  #frozen = false;
  #starting = false;
  #stopping: StopReason | null = null;

  constructor(world: World, index: number, plan: ServerPlan) {
    this.world = world;
    this.index = index;
    this.id = `s${index}`;
    this.plan = plan;
    this.path = new Path(plan.path);
    this.address = `10.${(index >> 8) & 255}.${index & 255}.2`;
    this.health = { cpu: 0.25, memoryTotalBytes: 8e9, memoryUsedBytes: 3e9, uptimeSeconds: 1_000 + index };
  }

  // ── What is true of it ─────────────────────────────────────────────────────────────────────────────

  /** Its network interface is up: powered and awake. */
  get online(): boolean {
    return this.#powered && this.holds.suspended === 0;
  }

  /** Its kernel answers: a hung userland does not matter. */
  get kernelAlive(): boolean {
    return this.online;
  }

  /** The agent's program runs and is given time. */
  get agentRuns(): boolean {
    return this.process > 0 && !this.#frozen;
  }

  get bootId(): string {
    return `boot-${this.index}-${this.bootNumber}`;
  }

  get connection(): Connection | null {
    return this.#connection;
  }

  get sessionKind(): SessionState["kind"] | "none" {
    return this.#session?.kind ?? "none";
  }

  // ── What faults do to it ───────────────────────────────────────────────────────────────────────────

  /** A hold changed: becomes what follows from all of them. */
  settle(): void {
    const { holds, world } = this;
    const powered = holds.power === 0;
    if (this.#powered && !powered) this.#losePower();
    if (!this.#powered && powered) this.#boot();
    const asleep = holds.suspended > 0 && this.#powered;
    if (asleep && this.#asleepSinceMs === null) this.#asleepSinceMs = world.nowMs;
    let sleptMs = 0;
    if (!asleep && this.#asleepSinceMs !== null) {
      sleptMs = world.nowMs - this.#asleepSinceMs;
      this.#sleptMs += sleptMs;
      this.#asleepSinceMs = null;
    }
    if (holds.agentDead > 0 && this.process > 0) this.#killProcess(true);
    if (
      this.plan.mode === "agent" &&
      holds.agentDead === 0 &&
      this.#powered &&
      this.process === 0 &&
      !this.removed &&
      this.#stopping === null
    )
      this.#startLater(this.#bootedMs === world.nowMs && world.nowMs > 0 ? BOOT_MS : AGENT_START_MS);
    const frozen = holds.hung > 0 || holds.suspended > 0 || holds.agentFrozen > 0;
    if (frozen !== this.#frozen) {
      this.#frozen = frozen;
      if (!frozen) this.#resume(sleptMs);
    }
    pathChanged(world, this);
    world.truthChanged(this);
  }

  /** The collector's host came or went: words that wait may go now. */
  collectorChanged(): void {
    pathChanged(this.world, this);
  }

  /** All faults end. */
  mend(): void {
    const { holds } = this;
    for (const name of Object.keys(holds) as (keyof typeof holds)[]) holds[name] = 0;
    this.#stopping = null;
    this.path.mend();
    this.settle();
  }

  get icmpAnswers(): boolean {
    return !this.plan.icmpBlocked && this.holds.icmpFiltered === 0;
  }

  /** The machine is told to go down or the agent to stop: it says goodbye if it can, then `then` happens. */
  sayGoodbye(reason: StopReason, then: () => void): void {
    const { world } = this;
    if (!this.agentRuns || this.#session === null) {
      then();
      return;
    }
    this.#stopping = reason;
    this.#tell({ type: "stop_requested", nowMs: this.#monotonicMs(), reason });
    // The program is gone within 3 s of being asked, whether or not the collector answered.
    world.callAt(world.nowMs + 3_000, () => {
      this.#stopping = null;
      then();
    });
  }

  #losePower(): void {
    this.#killProcess(false);
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
    this.bootNumber += 1;
    this.#bootedMs = this.world.nowMs;
    this.#sleptMs = 0;
    this.#asleepSinceMs = null;
  }

  #startLater(waitMs: number): void {
    if (this.#starting) return;
    this.#starting = true;
    const boot = this.bootNumber;
    this.world.callAt(this.world.nowMs + waitMs, () => {
      this.#starting = false;
      if (this.removed || this.holds.agentDead > 0 || !this.#powered || this.process > 0) return;
      if (boot !== this.bootNumber) return this.#startLater(waitMs);
      this.#startProcess();
    });
  }

  #startProcess(): void {
    this.#processes += 1;
    this.process = this.#processes;
    this.#stopping = null;
    this.#startedBootMs = this.world.nowMs - this.#bootedMs;
    this.#session = startSession({
      purpose: "serve",
      collectorKey,
      seed: (this.world.plan.seed * 31 + this.index * 1_009 + this.#processes) | 0,
    });
    this.world.truthChanged(this);
    if (this.#frozen) return;
    this.#begin();
  }

  #begin(): void {
    const nowMs = this.#monotonicMs();
    this.#tell({ type: "started", nowMs });
    this.#tell({ type: "health_read", nowMs });
    this.#tell({ type: "inventory_read", nowMs });
  }

  /** `kernelLives`: its sockets are closed in order; otherwise nobody is told anything. */
  #killProcess(kernelLives: boolean): void {
    if (this.process === 0) return;
    const connection = this.#connection;
    this.process = 0;
    this.#session = null;
    this.#connection = null;
    this.#inbox = [];
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    this.#timerToken += 1;
    if (connection && kernelLives) this.#closeEnd(connection);
    this.world.truthChanged(this);
  }

  #closeEnd(connection: Connection): void {
    if (!connection.agentOpen) return;
    connection.agentOpen = false;
    sendUp(this.world, connection, entries.upWord, 0, { type: "closed" });
  }

  #resume(sleptMs: number): void {
    this.world.truthChanged(this);
    if (this.process === 0 || this.#session === null) return;
    if (this.#session.kind === "idle") return this.#begin();
    if (sleptMs > SLEPT_MS) this.#tell({ type: "machine_slept", nowMs: this.#monotonicMs(), sleptMs });
    // The sockets are read before a late timer is believed.
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const { connection, ack, word } of inbox)
      if (word) this.receiveWord(connection, word);
      else this.receiveAck(connection, ack);
    this.#tell({ type: "time_passed", nowMs: this.#monotonicMs() });
  }

  // ── The shell of the agent's session ───────────────────────────────────────────────────────────────

  #monotonicMs(): number {
    return this.world.nowMs - this.#sleptMs;
  }

  timerFired(token: number): void {
    if (token !== this.#timerToken) return;
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    if (this.#frozen || this.process === 0) return;
    this.#tell({ type: "time_passed", nowMs: this.#monotonicMs() });
  }

  receiveAck(connection: Connection, sequence: number): void {
    if (!this.#takes(connection)) return;
    if (this.#frozen) {
      this.#inbox.push({ connection, ack: sequence, word: null });
      return;
    }
    this.#tell({
      type: "message_received",
      nowMs: this.#monotonicMs(),
      link: connection.link,
      message: { type: "ack", sequence },
    });
  }

  receiveWord(connection: Connection, word: DownWord): void {
    if (!this.#takes(connection)) return;
    if (this.#frozen) {
      this.#inbox.push({ connection, ack: 0, word });
      return;
    }
    const nowMs = this.#monotonicMs();
    const { link } = connection;
    switch (word.type) {
      case "opened":
        return this.#tell({ type: "socket_opened", nowMs, link });
      case "closed":
        connection.agentOpen = false;
        if (this.#connection === connection) this.#connection = null;
        return this.#tell({ type: "socket_closed", nowMs, link, code: word.code, detail: word.reason });
      case "hello":
      case "welcome":
        return this.#tell({ type: "message_received", nowMs, link, message: word });
      default:
        return unreachable(word);
    }
  }

  /** The kernel has a socket for it, of the process that runs now. */
  #takes(connection: Connection): boolean {
    return (
      connection.agentOpen && this.online && this.process > 0 && connection.agentProcess === this.process
    );
  }

  #tell(event: SessionEvent): void {
    if (this.#session === null) return;
    const { state, effects } = step(this.#session, event);
    this.#session = state;
    for (const effect of effects) this.#perform(effect);
    if (this.#session === null) return;
    const deadlineMs = nextDeadlineMs(this.#session) + this.#sleptMs;
    // A timer that is due no later serves as well: it will find nothing to do and ask again.
    if (deadlineMs < this.#timerAtMs) {
      this.#timerAtMs = deadlineMs;
      this.#timerToken += 1;
      if (deadlineMs !== Number.POSITIVE_INFINITY)
        this.world.queue.put(
          Math.max(this.world.nowMs, deadlineMs),
          entries.agentTimer,
          this,
          this.#timerToken,
          null,
        );
    }
  }

  #perform(effect: SessionEffect): void {
    const { world } = this;
    switch (effect.type) {
      case "send_beat": {
        const connection = this.#connection;
        if (connection === null) return;
        world.beatsSent += 1;
        sendUp(world, connection, entries.upBeat, effect.sequence, effect.health ? this.health : null);
        return;
      }
      case "dial": {
        if (this.#connection) this.#terminate(this.#connection);
        this.#connection = new Connection(this, effect.link, this.process);
        dial(world, this.#connection);
        return;
      }
      case "send_opening":
        return this.#say({
          type: "prove",
          version: effect.version,
          agentKey: agentKeyOf(this.index),
          agentNonce: nonceOf(effect.link),
          signature,
          bootId: this.bootId,
          agentVersion: "0.1.0",
          agentStartedBootMs: this.#startedBootMs,
        });
      case "check_welcome":
        return this.#tell({
          type: "collector_checked",
          nowMs: this.#monotonicMs(),
          link: effect.link,
          right: effect.welcome.signature === signature,
        });
      case "send_inventory":
        return this.#say({ type: "inventory", inventory: inventoryOf(this.index) });
      case "send_goodbye":
        return this.#say({ type: "goodbye", sequence: effect.sequence, reason: effect.reason });
      case "close":
        if (this.#connection) this.#closeEnd(this.#connection);
        this.#connection = null;
        return;
      case "terminate":
        if (this.#connection) this.#terminate(this.#connection);
        this.#connection = null;
        return;
      case "finished":
        return this.#killProcess(true);
      case "set_health_rhythm":
      case "log":
        return;
      case "check_enrolled":
      case "store_identity":
        throw new Error("assertion failed: a simulated agent is enrolled from the start");
      default:
        return unreachable(effect);
    }
  }

  #say(word: UpWord): void {
    if (this.#connection)
      sendUp(this.world, this.#connection, entries.upWord, 0, this.world.throughTheWire(word));
  }

  /** RST: what waits to be sent is thrown away, and the reset itself may be lost. */
  #terminate(connection: Connection): void {
    if (!connection.agentOpen) return;
    connection.agentOpen = false;
    const waits = connection.heldUp !== null;
    connection.heldUp = null;
    if (!waits && connection.forgotten === "no" && this.path.cutUp === 0)
      sendUp(this.world, connection, entries.upWord, 0, { type: "closed" });
    else connection.forgotten = "silent";
  }
}
