/**
 * The collector's program and its host: the real core and the real store inside a shell that can be killed at any
 * boundary, stalled, suspended and restarted.
 * Why a shell of its own: collector/loop.ts lives on promises and real timers. This one keeps the same order — decide,
 * commit, apply, perform; two turns to drain; failed commits by core/failed-commit.ts — step by step on simulated time.
 * Must not: decide anything, or hide an effect or a refusal from the oracle.
 */
import { unreachable } from "../../shared/assert.ts";
import { closeCodes } from "../../shared/close-codes.ts";
import type {
  Decision,
  Effect,
  Event,
  EventBody,
  Instant,
  Reply,
  Write,
} from "../../collector/core/types.ts";
import type { State } from "../../collector/core/state.ts";
import { volatileTables } from "../../collector/core/state.ts";
import { createMemoryDisk, openMemoryStorage, type MemoryStorage } from "../../collector/storage/memory.ts";
import type { Connection } from "./connection.ts";
import { entries } from "./entries.ts";
import { Ingest } from "./ingest.ts";
import type { KillBoundary } from "./plan.ts";
import { Prober } from "./prober.ts";
import { VolatileFacts } from "./volatile-facts.ts";
import type { World } from "./world.ts";

/** As in collector/loop.ts. */
const STORE_RETRY_MS = 1_000;

interface Waiting {
  readonly event: Event;
  /** Told the core's answer when the commit is durable. */
  readonly answered: ((reply: Reply) => void) | null;
}

/** Something that arrived while the program was not given time. */
export type Arrival = () => void;

export class Collector {
  readonly world: World;
  readonly ingest: Ingest;
  readonly prober: Prober;
  readonly disk = createMemoryDisk("at_load");
  /** The living state; null while there is no process. Public for the checks, never for the oracle's judgement. */
  state: State | null = null;
  /** 0: no process. */
  process = 0;
  listening = false;
  // Holds, counted as faults overlap.
  readonly holds = { dead: 0, hostOff: 0, suspended: 0, stalled: 0, diskFull: 0, pingMissing: 0 };
  commitMsNow: number | null = null;
  /** The next commit that fits is the process's last. */
  armedKill: { readonly boundary: KillBoundary; skip: number; readonly killed: () => void } | null = null;

  #processes = 0;
  #starting = false;
  #paused = false;
  #wasDead = false;
  #hostBoot = 1;
  #hostBootedMs = 0;
  #hostOff = false;
  #sleptMs = 0;
  #asleepSinceMs: number | null = null;
  #processOriginMs = 0;
  wallOffsetMs = 1_760_000_000_000;

  #storage: MemoryStorage | null = null;
  readonly #facts = new VolatileFacts();
  #queue: Waiting[] = [];
  #head = 0;
  #kept: Waiting[] = [];
  #busy = false;
  #committing: { readonly waiting: Waiting; readonly decision: Decision; readonly decidedMs: number } | null =
    null;
  #storeFails = false;
  #storeRetryMs = 0;
  #tickWaiting = false;
  #tickDueMs = 0;
  #drainAsked = false;
  #wakeAsked = false;
  #stopping = false;
  #stoppedByItself = false;
  #arrivals: { readonly arrive: Arrival; readonly turn: 1 | 2 }[] = [];
  #silencedSinceMs = 0;

  constructor(world: World) {
    this.world = world;
    this.ingest = new Ingest(world, this);
    this.prober = new Prober(world, this);
  }

  // ── What is true of it ─────────────────────────────────────────────────────────────────────────────

  /** Its host's network is up. */
  get online(): boolean {
    return !this.#hostOff && this.holds.suspended === 0;
  }

  /** The process exists and is given time. */
  get running(): boolean {
    return this.process > 0 && !this.#paused;
  }

  get paused(): boolean {
    return this.#paused;
  }

  clock(): Instant {
    const { nowMs } = this.world;
    const sleptMs = this.#sleptMs;
    return {
      monotonicMs: nowMs - sleptMs - this.#processOriginMs,
      // uptime() counts in steps of 10 ms.
      bootMs: Math.floor((nowMs - this.#hostBootedMs) / 10) * 10,
      wallMs: nowMs + this.wallOffsetMs,
    };
  }

  // ── What faults do to it ───────────────────────────────────────────────────────────────────────────

  /** A hold changed: becomes what follows from all of them. */
  settle(): void {
    const { holds, world } = this;
    const hostOff = holds.hostOff > 0;
    if (hostOff && !this.#hostOff) {
      this.kill(false);
      this.#hostOff = true;
    }
    if (!hostOff && this.#hostOff) {
      this.#hostOff = false;
      this.#hostBoot += 1;
      this.#hostBootedMs = world.nowMs;
      this.#sleptMs = 0;
      this.#asleepSinceMs = null;
    }
    if (holds.dead > 0 && this.process > 0) this.kill(true);
    const asleep = holds.suspended > 0 && !hostOff;
    if (asleep && this.#asleepSinceMs === null) this.#asleepSinceMs = world.nowMs;
    let sleptMs = 0;
    if (!asleep && this.#asleepSinceMs !== null) {
      sleptMs = world.nowMs - this.#asleepSinceMs;
      this.#sleptMs += sleptMs;
      this.#asleepSinceMs = null;
    }
    const paused = holds.suspended > 0 || holds.stalled > 0;
    if (paused !== this.#paused) {
      this.#paused = paused;
      if (paused) this.#silencedSinceMs = world.nowMs;
      else this.#resume(sleptMs);
    }
    if (holds.dead === 0 && !hostOff && this.process === 0) this.#startLater();
    world.collectorChanged();
  }

  /** SIGTERM: agents are told to come back, the core says its last word, volatile facts reach the disk. */
  stop(stopped: () => void): void {
    if (!this.running || this.#stopping) return stopped();
    this.#stopping = true;
    this.listening = false;
    this.ingest.closeAll(closeCodes.going_away.code, "going_away");
    this.push({ type: "collector_stopping" }, () => {
      this.#facts.flush();
      this.#stoppedByItself = true;
      stopped();
    });
  }

  /** kill −9, or the host's power with it. */
  kill(kernelLives: boolean): void {
    if (this.process === 0) return;
    const { world } = this;
    if (this.#committing && world.random() < 0.5)
      this.#makeDurable(this.#committing.decision.commit, this.#committing.decidedMs);
    this.ingest.processDied(kernelLives);
    this.prober.processDied();
    world.oracle.collectorDied(world.nowMs, this.#stoppedByItself);
    this.process = 0;
    this.listening = false;
    this.state = null;
    if (this.#storage) {
      this.#facts.crash(this.#storage);
      this.#storage.crashNow();
    }
    this.#storage = null;
    this.#committing = null;
    this.#arrivals = [];
    for (const server of world.servers) server.beatsWaiting = 0;
    world.collectorChanged();
  }

  #startLater(): void {
    if (this.#starting) return;
    this.#starting = true;
    const { world } = this;
    world.callAt(world.nowMs + world.plan.collector.startMs, () => {
      this.#starting = false;
      if (this.holds.dead > 0 || this.#hostOff || this.process > 0) return;
      if (this.#paused) {
        this.#wasDead = true;
        return;
      }
      this.#start();
    });
  }

  #start(): void {
    const { world } = this;
    this.#processes += 1;
    this.process = this.#processes;
    this.#processOriginMs = world.nowMs - this.#sleptMs;
    this.#queue = [];
    this.#head = 0;
    this.#kept = [];
    this.#busy = false;
    this.#storeFails = false;
    this.#tickWaiting = false;
    this.#drainAsked = false;
    this.#wakeAsked = false;
    this.#stopping = false;
    this.#stoppedByItself = false;
    const storage = openMemoryStorage({ disk: this.disk, flush: "by_caller" });
    this.#storage = storage;
    const state = world.core.createState(world.settings);
    world.core.applySnapshot(state, storage.loadNow());
    this.state = state;
    world.oracle.collectorStarted(world.nowMs, this.#hostBoot);
    this.push(
      { type: "collector_started", hostBootId: `host-${this.#hostBoot}`, seed: world.plan.seed },
      () => {
        this.listening = true;
        world.collectorChanged();
      },
    );
    this.#tickDueMs = world.nowMs;
    this.#scheduleTick();
    const { process } = this;
    const flush = (): void => {
      if (this.process !== process) return;
      if (!this.#paused && this.holds.diskFull === 0) {
        this.#facts.flush();
        world.oracle.flushed(world.nowMs);
      }
      world.callAt(world.nowMs + world.plan.collector.laterFlushMs, flush);
    };
    world.callAt(world.nowMs + world.plan.collector.laterFlushMs, flush);
  }

  #resume(sleptMs: number): void {
    const { world } = this;
    if (this.#wasDead && this.process === 0) {
      this.#wasDead = false;
      this.#startLater();
      return;
    }
    if (this.process === 0) return;
    world.oracle.collectorAway(this.#silencedSinceMs, world.nowMs);
    // While the machine slept its timers slept too; after a stall they are all late.
    this.#tickDueMs += sleptMs;
    // Two turns of the event loop read everything that waited; timers come first.
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    const { process } = this;
    const turn = (number: 1 | 2): void => {
      if (this.process !== process) return;
      for (const waiting of arrivals) if (waiting.turn === number) this.arrive(waiting.arrive);
    };
    world.callAt(world.nowMs, () => turn(1));
    world.callAt(world.nowMs, () => turn(2));
    if (this.#tickDueMs <= world.nowMs) this.#tickNow();
    else this.#scheduleTick();
  }

  /** Something for the process: at once, or when it is given time again. */
  arrive(arrival: Arrival): void {
    if (this.#paused) this.#arrivals.push({ arrive: arrival, turn: this.world.random() < 0.5 ? 1 : 2 });
    else arrival();
  }

  // ── Ticks ──────────────────────────────────────────────────────────────────────────────────────────

  tickFired(process: number): void {
    if (process !== this.process || this.#paused || this.#tickDueMs > this.world.nowMs) return;
    this.#tickNow();
  }

  #tickNow(): void {
    this.#tickDueMs = this.world.nowMs + this.world.tickMs;
    this.#scheduleTick();
    if (this.#tickWaiting) return;
    this.#tickWaiting = true;
    this.push({ type: "tick" }, null);
  }

  #scheduleTick(): void {
    this.world.queue.put(this.#tickDueMs, entries.tick, null, this.process, null);
  }

  // ── The loop ───────────────────────────────────────────────────────────────────────────────────────

  push(body: EventBody, answered: ((reply: Reply) => void) | null): void {
    if (this.process === 0) return;
    const event = body as { at?: Instant };
    event.at = this.clock();
    const waiting: Waiting = { event: event as Event, answered };
    if (this.#busy || this.#head < this.#queue.length) {
      this.#queue.push(waiting);
      if (!this.#busy) this.#run();
      return;
    }
    this.#busy = true;
    this.#busy = !this.#step(waiting);
    if (!this.#busy && this.#head < this.#queue.length) this.#run();
  }

  #run(): void {
    this.#busy = true;
    while (this.#head < this.#queue.length) {
      const waiting = this.#queue[this.#head] as Waiting;
      this.#head += 1;
      if (!this.#step(waiting)) return;
    }
    this.#queue = [];
    this.#head = 0;
    this.#busy = false;
  }

  /** False: its commit is under way, or the process died of it. */
  #step(waiting: Waiting): boolean {
    const { world, state } = this;
    if (state === null) return false;
    const { event } = waiting;
    if (event.type === "tick") {
      this.#tickWaiting = false;
      if (this.#kept.length > 0 && this.clock().monotonicMs >= this.#storeRetryMs) this.#takeKept();
    }
    // Nobody is judged while a sign of life of theirs may be among what is kept.
    if (event.type === "sockets_drained" && this.#kept.length > 0) return true;
    const decision = world.core.decide(state, event);
    world.checks.decided(state, event, decision);
    if (decision.commit.length === 0) {
      this.#settle(waiting, decision);
      return this.process > 0;
    }
    if (this.#storeFails && this.clock().monotonicMs < this.#storeRetryMs) {
      this.#failed(waiting, decision);
      return true;
    }
    if (world.effectsFirst) for (const effect of decision.effects) this.#perform(effect);
    if (this.#killedAt("before_commit", decision)) return false;
    this.#committing = { waiting, decision, decidedMs: world.nowMs };
    const { process } = this;
    const [fromMs, toMs] = world.plan.collector.commitMs;
    const ms = this.commitMsNow ?? fromMs + Math.floor(world.random() * (toMs - fromMs + 1));
    world.callAt(world.nowMs + ms, () => {
      if (this.process === process) this.arrive(() => this.#commitEnded(process));
    });
    return false;
  }

  #commitEnded(process: number): void {
    const committing = this.#committing;
    if (this.process !== process || committing === null) return;
    this.#committing = null;
    const { waiting, decision, decidedMs } = committing;
    if (this.holds.diskFull > 0) {
      this.#storeFails = true;
      this.#storeRetryMs = this.clock().monotonicMs + STORE_RETRY_MS;
      this.#failed(waiting, decision);
    } else {
      this.#makeDurable(decision.commit, decidedMs);
      if (this.#storeFails) {
        this.#storeFails = false;
        this.#takeKept();
      }
      if (this.#killedAt("after_commit", decision)) return;
      this.#settle(waiting, decision);
      if (this.process !== process) return;
    }
    this.#run();
  }

  #makeDurable(commit: readonly Write[], decidedMs: number): void {
    const { world } = this;
    this.#storage?.commitNow(commit);
    world.traceCommit(commit);
    world.oracle.committed(commit, decidedMs, world.nowMs);
  }

  #settle(waiting: Waiting, decision: Decision): void {
    const state = this.state as State;
    const { apply } = this.world.core;
    if (decision.commit.length > 0) apply(state, decision.commit);
    if (decision.later.length > 0) {
      apply(state, decision.later);
      this.#keepLater(decision.later);
    }
    if (this.world.effectsFirst && decision.commit.length > 0) {
      waiting.answered?.(decision.reply);
      return;
    }
    const killAt =
      decision.commit.length > 0 && this.armedKill?.boundary === "half_of_effects"
        ? Math.floor(decision.effects.length / 2)
        : -1;
    for (let index = 0; index < decision.effects.length; index += 1) {
      if (index === killAt && this.#killedAt("half_of_effects", decision)) return;
      this.#perform(decision.effects[index] as Effect);
      if (this.process === 0) return;
    }
    waiting.answered?.(decision.reply);
    if (decision.commit.length > 0) this.world.checks.settled(state);
  }

  #keepLater(writes: readonly Write[]): void {
    for (const write of writes) if (volatileTables.has(write.table)) this.#facts.put(write);
  }

  #failed(waiting: Waiting, decision: Decision): void {
    const { world } = this;
    const after = world.core.afterFailedCommit(waiting.event, decision);
    world.core.apply(this.state as State, after.apply);
    this.#keepLater(after.apply);
    for (const effect of after.effects) this.#perform(effect);
    if (after.event === "keep") this.#kept.push(waiting);
    else waiting.answered?.(after.reply);
  }

  #takeKept(): void {
    this.#queue = [...this.#kept, ...this.#queue.slice(this.#head)];
    this.#head = 0;
    this.#kept = [];
  }

  #killedAt(boundary: KillBoundary, decision: Decision): boolean {
    const armed = this.armedKill;
    if (armed?.boundary !== boundary || decision.commit.length === 0) return false;
    if (armed.skip > 0) {
      armed.skip -= 1;
      return false;
    }
    const { killed } = armed;
    this.armedKill = null;
    // Not durable: the coin of a commit under way must not be thrown.
    this.#committing = null;
    killed();
    return true;
  }

  /** Asked by Telegram's model when a request has just left. */
  sendLeft(): void {
    const armed = this.armedKill;
    if (armed?.boundary !== "after_send") return;
    if (armed.skip > 0) {
      armed.skip -= 1;
      return;
    }
    const { killed } = armed;
    this.armedKill = null;
    killed();
  }

  #perform(effect: Effect): void {
    const { world } = this;
    switch (effect.type) {
      case "send_ack":
        return this.ingest.acknowledge(effect.sessionId, effect.sequence);
      case "publish":
        return;
      case "drain_sockets":
        return this.#drain();
      case "wake_outbox":
        return this.#wake();
      case "close_session":
        return this.ingest.closeSession(effect.sessionId, effect.reason);
      case "start_probe":
        return this.prober.start(effect);
      case "cancel_probe":
        return this.prober.cancel(effect.roundId);
      case "send_notification":
        return world.telegram.send(effect.notification, effect.recipient, this.process);
      default:
        return unreachable(effect);
    }
  }

  #drain(): void {
    if (this.#drainAsked) return;
    this.#drainAsked = true;
    this.#afterTurns(this.world.drainTurns, () => {
      this.#drainAsked = false;
      this.push({ type: "sockets_drained" }, null);
    });
  }

  #wake(): void {
    if (this.#wakeAsked) return;
    this.#wakeAsked = true;
    this.#afterTurns(1, () => {
      this.#wakeAsked = false;
      this.push({ type: "outbox_woken" }, null);
    });
  }

  /** After so many turns of the event loop; what waits in the sockets is read in between. */
  #afterTurns(turns: number, call: () => void): void {
    const { process, world } = this;
    const turn = (left: number): void => {
      if (this.process !== process) return;
      if (left === 0) this.arrive(() => (this.process === process ? call() : undefined));
      else world.callAt(world.nowMs, () => turn(left - 1));
    };
    turn(turns);
  }

  /** An arriving word of a connection; the kernel keeps it while the process is not given time. */
  receive(connection: Connection, kind: number, value: number, payload: unknown): void {
    if (this.process === 0 || connection.collectorProcess !== this.process) {
      this.ingest.strangerSpoke(connection);
      return;
    }
    if (this.#stopping) return;
    if (this.#paused) {
      if (kind === entries.upBeat) connection.server.beatsWaiting += 1;
      this.arrive(() => {
        if (kind === entries.upBeat) connection.server.beatsWaiting -= 1;
        this.ingest.receive(connection, kind, value, payload);
      });
    } else this.ingest.receive(connection, kind, value, payload);
  }
}
