/**
 * The collector's host and program as they really are: killed, stalled, suspended, restarted, its disk full.
 * Why apart from its loop: here is when the process is given time and what it can read; there is what it does then.
 * Must not: decide anything, or hide from the oracle when it could not hear.
 */
import type { State } from "../../collector/core/state.ts";
import type { Reply } from "../../collector/core/types/effects.ts";
import type { EventBody } from "../../collector/core/types/events.ts";
import type { Instant } from "../../collector/core/types/time.ts";
import { createMemoryDisk, openMemoryStorage, type MemoryStorage } from "../../collector/storage/memory.ts";
import { closeCodes } from "../../shared/close-codes.ts";
import { CollectorLoop, type ArmedKill } from "./collector-loop.ts";
import type { Connection } from "./connection.ts";
import { entries } from "./entries.ts";
import { Ingest } from "./ingest.ts";
import type { KillBoundary } from "./plan-faults.ts";
import { Prober } from "./prober.ts";
import { VolatileFacts } from "./volatile-facts.ts";
import type { World } from "./world.ts";

/** The wall clock at the begin of every world: some day of 2025. */
const WALL_START_MS = 1_760_000_000_000;
/** A start that the disk refused is tried again after this. */
const START_AGAIN_MS = 1_000;
/** uptime() counts in steps of 10 ms. */
const BOOT_CLOCK_STEP_MS = 10;

/** Something that reached the program while it was not given time. `turn`: of the event loop, when it can be read. */
interface Arrival {
  readonly arrive: () => void;
  readonly turn: 1 | 2;
}

export class Collector {
  readonly ingest: Ingest;
  readonly prober: Prober;
  /** 0: no process. Each start is a new number. */
  process = 0;
  listening = false;
  /** How many faults want it so. */
  readonly holds = {
    dead: 0,
    hostOff: 0,
    suspended: 0,
    stalled: 0,
    diskFull: 0,
    diskLocked: 0,
    pingMissing: 0,
    answeredForAll: 0,
  };
  /** While the disk is slow: what a commit takes. */
  commitMsNow: number | null = null;
  /** When a fault last kept a question of ours from telling anything. */
  voidedMs = Number.NEGATIVE_INFINITY;
  /** When the disk last refused a commit. */
  storeFailedMs = Number.NEGATIVE_INFINITY;
  wallOffsetMs = WALL_START_MS;
  armedKill: ArmedKill | null = null;

  readonly #world: World;
  readonly #disk = createMemoryDisk("at_load");
  readonly #facts = new VolatileFacts();
  #storage: MemoryStorage | null = null;
  #loop: CollectorLoop | null = null;
  #processes = 0;
  #processOriginMs = 0;
  #starting = false;
  #startWaits = false;
  /** The core knows that this process runs. */
  #started = false;
  #stopping = false;
  #stoppedByItself = false;
  #paused = false;
  #pausedSinceMs = 0;
  #hostOff = false;
  #hostBoot = 1;
  #hostBootedMs = 0;
  #sleptMs = 0;
  #asleepSinceMs: number | null = null;
  #tickDueMs = 0;
  #arrivals: Arrival[] = [];
  /** Commits that wait for the disk's lock. */
  #locked: (() => void)[] = [];
  /** What the agent on this machine was last told of it. */
  readonly #ownHost = { power: 0, suspended: 0 };

  constructor(world: World) {
    this.#world = world;
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

  /** Counts the boots of its host. */
  get hostBoot(): number {
    return this.#hostBoot;
  }

  /** The living state, for checks and for what the panel would show; null while there is no process. */
  get state(): State | null {
    return this.#loop?.state ?? null;
  }

  clock(): Instant {
    const { nowMs } = this.#world;
    const bootMs = nowMs - this.#hostBootedMs;
    return {
      monotonicMs: nowMs - this.#sleptMs - this.#processOriginMs,
      bootMs: bootMs - (bootMs % BOOT_CLOCK_STEP_MS),
      wallMs: nowMs + this.wallOffsetMs,
    };
  }

  push(body: EventBody, answered: ((reply: Reply) => void) | null): void {
    this.#loop?.push(body, answered);
  }

  // ── What faults do to it ───────────────────────────────────────────────────────────────────────────

  /** A hold changed: becomes what follows from all of them. */
  settle(): void {
    const { holds } = this;
    this.#settlePower();
    if (holds.dead > 0) this.kill(true);
    const sleptMs = this.#settleSleep();
    const paused = holds.suspended > 0 || holds.stalled > 0;
    if (paused !== this.#paused) {
      this.#paused = paused;
      if (paused) this.#pausedSinceMs = this.#world.nowMs;
      else this.#resume(sleptMs);
    }
    if (holds.dead === 0 && !this.#hostOff && this.process === 0) this.#startLater();
    if (holds.diskLocked === 0 && this.#locked.length > 0) {
      // What waited is late, however short the lock was and whoever looked meanwhile.
      this.storeFailedMs = this.#world.nowMs;
      for (const go of this.#locked.splice(0)) go();
    }
    this.#settleOwnHost();
    this.#world.collectorChanged();
  }

  /** The agent on this machine sleeps and falls with it. */
  #settleOwnHost(): void {
    const power = this.holds.hostOff > 0 ? 1 : 0;
    const suspended = this.holds.suspended > 0 ? 1 : 0;
    const byPower = power - this.#ownHost.power;
    const bySuspended = suspended - this.#ownHost.suspended;
    if (byPower === 0 && bySuspended === 0) return;
    this.#ownHost.power = power;
    this.#ownHost.suspended = suspended;
    for (const server of this.#world.servers) {
      if (!server.plan.ownHost) continue;
      // At the mending of all its own holds are gone already.
      server.holds.power = Math.max(0, server.holds.power + byPower);
      server.holds.suspended = Math.max(0, server.holds.suspended + bySuspended);
      server.settle();
    }
  }

  /** At once, or when the disk's lock is gone. */
  whenUnlocked(go: () => void): void {
    if (this.holds.diskLocked === 0) go();
    else this.#locked.push(go);
  }

  #settlePower(): void {
    const off = this.holds.hostOff > 0;
    if (off && !this.#hostOff) {
      this.kill(false);
      this.#hostOff = true;
    }
    if (off || !this.#hostOff) return;
    this.#hostOff = false;
    this.#hostBoot += 1;
    this.#hostBootedMs = this.#world.nowMs;
    this.#sleptMs = 0;
    this.#asleepSinceMs = null;
  }

  /** Falls asleep or wakes; returns how long it slept when it just woke. */
  #settleSleep(): number {
    const { nowMs } = this.#world;
    const asleep = this.holds.suspended > 0 && !this.#hostOff;
    if (asleep) this.#asleepSinceMs ??= nowMs;
    if (asleep || this.#asleepSinceMs === null) return 0;
    const sleptMs = nowMs - this.#asleepSinceMs;
    this.#asleepSinceMs = null;
    this.#sleptMs += sleptMs;
    return sleptMs;
  }

  /** SIGTERM: agents are told to come back, the core says its last word, volatile facts reach the disk. */
  stop(stopped: () => void): void {
    if (!this.running || !this.#started || this.#stopping) return stopped();
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
    if (this.#loop === null || this.#storage === null) return;
    const world = this.#world;
    this.#loop.end(() => world.random() < 0.5);
    this.ingest.processDied(kernelLives);
    this.prober.processDied();
    world.oracle.collectorDied(this.#paused ? this.#pausedSinceMs : world.nowMs, this.#stoppedByItself);
    this.process = 0;
    this.listening = false;
    this.#loop = null;
    this.#facts.crash(this.#storage);
    this.#storage.crashNow();
    this.#storage = null;
    this.#arrivals = [];
    for (const server of world.servers) server.beatsWaiting = 0;
    world.collectorChanged();
  }

  /** What kills the process at this boundary; null: it lives on. */
  killAt(boundary: KillBoundary): (() => void) | null {
    const armed = this.armedKill;
    if (armed?.boundary !== boundary) return null;
    if (armed.skip > 0) {
      armed.skip -= 1;
      return null;
    }
    this.armedKill = null;
    return armed.killed;
  }

  // ── Its process ────────────────────────────────────────────────────────────────────────────────────

  #startLater(): void {
    if (this.#starting) return;
    this.#starting = true;
    const world = this.#world;
    world.callAt(world.nowMs + world.plan.collector.startMs, () => {
      this.#starting = false;
      if (this.holds.dead > 0 || this.#hostOff || this.process > 0) return;
      this.#startWaits = this.#paused;
      if (!this.#paused) this.#start();
    });
  }

  #start(): void {
    const world = this.#world;
    this.#processes += 1;
    this.process = this.#processes;
    this.#processOriginMs = world.nowMs - this.#sleptMs;
    this.#started = false;
    this.#stopping = false;
    this.#stoppedByItself = false;
    this.#storage = openMemoryStorage({ disk: this.#disk, flush: "by_caller" });
    this.#loop = new CollectorLoop(world, this, this.#storage, this.#facts);
    this.#sayStarted(this.process);
  }

  /** Ticks and listens only when the start is durable; a disk that refuses it is asked again. */
  #sayStarted(process: number): void {
    if (this.process !== process) return;
    const world = this.#world;
    const hostBootId = `host-${this.#hostBoot}`;
    this.push({ type: "collector_started", hostBootId, seed: world.plan.seed }, (reply) => {
      if (!reply.ok) {
        world.callAt(world.nowMs + START_AGAIN_MS, () => this.arrive(() => this.#sayStarted(process)));
        return;
      }
      this.#started = true;
      this.listening = true;
      this.#tickDueMs = world.nowMs;
      this.#scheduleTick();
      this.#flushLater(process);
      world.collectorChanged();
    });
  }

  /** Volatile facts reach the disk now and then, if it takes them. */
  #flushLater(process: number): void {
    const world = this.#world;
    world.callAt(world.nowMs + world.plan.collector.laterFlushMs, () => {
      if (this.process !== process) return;
      if (!this.#paused && this.holds.diskFull === 0 && this.holds.diskLocked === 0) {
        this.#facts.flush();
        world.oracle.flushed(world.nowMs);
      }
      this.#flushLater(process);
    });
  }

  #resume(sleptMs: number): void {
    const world = this.#world;
    if (this.process === 0) {
      if (this.#startWaits) this.#startLater();
      this.#startWaits = false;
      return;
    }
    if (this.#started) world.oracle.collectorAway(this.#pausedSinceMs, world.nowMs);
    // While the machine slept its timers slept too; after a stall they are all late.
    this.#tickDueMs += sleptMs;
    // Two turns of the event loop read everything that waited; timers come first.
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    const { process } = this;
    const read = (turn: 1 | 2): void => {
      if (this.process !== process) return;
      for (const waiting of arrivals) if (waiting.turn === turn) this.arrive(waiting.arrive);
    };
    world.callAt(world.nowMs, () => read(1));
    world.callAt(world.nowMs, () => read(2));
    if (!this.#started) return;
    if (this.#tickDueMs <= world.nowMs) this.#tick();
    else this.#scheduleTick();
  }

  /** Something for the process: at once, or when it is given time again. */
  arrive(arrive: () => void): void {
    if (this.#paused) this.#arrivals.push({ arrive, turn: this.#world.random() < 0.5 ? 1 : 2 });
    else arrive();
  }

  /** An arriving word of a connection; the kernel keeps it while the process is not given time. */
  receive(connection: Connection, kind: number, value: number, payload: unknown): void {
    if (this.process === 0 || connection.collectorProcess !== this.process)
      return this.ingest.strangerSpoke(connection);
    if (this.#stopping) return;
    if (!this.#paused) return this.ingest.receive(connection, kind, value, payload);
    const { server } = connection;
    const beats = kind === entries.upBeat ? 1 : 0;
    server.beatsWaiting += beats;
    this.arrive(() => {
      server.beatsWaiting -= beats;
      this.ingest.receive(connection, kind, value, payload);
    });
  }

  tickFired(process: number): void {
    if (process !== this.process || this.#paused || this.#tickDueMs > this.#world.nowMs) return;
    this.#tick();
  }

  #tick(): void {
    this.#tickDueMs = this.#world.nowMs + this.#world.tickMs;
    this.#scheduleTick();
    this.#loop?.tick();
  }

  #scheduleTick(): void {
    this.#world.queue.put(this.#tickDueMs, entries.tick, null, this.process, null);
  }
}
