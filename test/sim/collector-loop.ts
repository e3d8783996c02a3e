/**
 * One process of the collector from event to effect: decide, commit, apply, perform, as collector/loop.ts does it.
 * Why again here: the real loop lives on promises and timers. This one takes the same steps on simulated time, so that
 * the process can be killed between any two of them.
 * Must not: decide anything, or outlive its process.
 */
import { volatileTables, type State } from "../../collector/core/state.ts";
import type { Decision, Effect, Reply } from "../../collector/core/types/effects.ts";
import type { Event, EventBody } from "../../collector/core/types/events.ts";
import type { Instant } from "../../collector/core/types/time.ts";
import type { MemoryStorage } from "../../collector/storage/memory.ts";
import { unreachable } from "../../shared/assert.ts";
import type { Collector } from "./collector.ts";
import type { KillBoundary } from "./plan-faults.ts";
import type { VolatileFacts } from "./volatile-facts.ts";
import type { World } from "./world.ts";

/** As in collector/loop.ts: when a failed store is asked again, and turns of the event loop until all sockets were read. */
const STORE_RETRY_MS = 1_000;
const DRAIN_TURNS = 2;

interface Waiting {
  readonly event: Event;
  /** When the event was stamped, in true time: what came later, and waits behind it, is not known to its decision. */
  readonly stampedMs: number;
  /** Told the core's answer when the commit is durable. */
  readonly answered: ((reply: Reply) => void) | null;
}

interface Committing {
  readonly waiting: Waiting;
  readonly decision: Decision;
  readonly decidedMs: number;
}

/** The next commits that fit pass, `skip` of them; the one after is the process's last. */
export interface ArmedKill {
  readonly boundary: KillBoundary;
  skip: number;
  readonly killed: () => void;
}

export class CollectorLoop {
  readonly state: State;
  readonly #world: World;
  readonly #collector: Collector;
  readonly #storage: MemoryStorage;
  readonly #facts: VolatileFacts;
  #alive = true;
  #queue: Waiting[] = [];
  #head = 0;
  #kept: Waiting[] = [];
  #busy = false;
  #committing: Committing | null = null;
  #storeFails = false;
  #hasFailed = false;
  #applying = false;
  #storeRetryMs = 0;
  #tickWaiting = false;
  #drainAsked = false;
  #wakeAsked = false;

  constructor(world: World, collector: Collector, storage: MemoryStorage, facts: VolatileFacts) {
    this.#world = world;
    this.#collector = collector;
    this.#storage = storage;
    this.#facts = facts;
    this.state = world.core.createState(world.settings);
    world.core.applySnapshot(this.state, storage.loadNow());
  }

  /** The process is no more. A commit under way may have become durable or not: `durable` says. */
  end(durable: () => boolean): void {
    this.#alive = false;
    const committing = this.#committing;
    this.#committing = null;
    // Between a commit and its application, and once the disk has refused something, they may differ.
    if (committing === null && !this.#applying && !this.#hasFailed)
      this.#world.checks.replayed(this.state, this.#storage.disk);
    if (committing && durable()) this.#makeDurable(committing);
  }

  tick(): void {
    if (this.#tickWaiting) return;
    this.#tickWaiting = true;
    this.push({ type: "tick" }, null);
  }

  /** Stamps the event and decides it, or puts it behind what waits. Takes `body` over. */
  push(body: EventBody, answered: ((reply: Reply) => void) | null): void {
    if (!this.#alive) return;
    (body as { at?: Instant }).at = this.#collector.clock();
    const waiting: Waiting = { event: body as Event, stampedMs: this.#world.nowMs, answered };
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
    if (!this.#alive) return false;
    const { event } = waiting;
    const { core, checks } = this.#world;
    if (event.type === "tick") {
      this.#tickWaiting = false;
      if (this.#kept.length > 0 && this.#collector.clock().monotonicMs >= this.#storeRetryMs)
        this.#takeKept();
    }
    // Nobody is judged while a sign of life of theirs may be among what is kept.
    if (event.type === "sockets_drained" && this.#kept.length > 0) return true;
    const decision = core.decide(this.state, event);
    checks.decided(this.state, event, decision);
    if (decision.commit.length === 0) {
      this.#settle(waiting, decision);
      return this.#alive;
    }
    if (this.#storeFails && this.#collector.clock().monotonicMs < this.#storeRetryMs) {
      this.#failed(waiting, decision);
      return this.#alive;
    }
    this.#commit(waiting, decision);
    return false;
  }

  #commit(waiting: Waiting, decision: Decision): void {
    const world = this.#world;
    if (this.#dies("before_commit")) return;
    this.#committing = { waiting, decision, decidedMs: world.nowMs };
    const [fromMs, toMs] = world.plan.collector.commitMs;
    const ms = this.#collector.commitMsNow ?? fromMs + Math.floor(world.random() * (toMs - fromMs + 1));
    world.callAt(world.nowMs + ms, () =>
      this.#collector.whenUnlocked(() => {
        if (this.#alive) this.#collector.arrive(() => this.#commitEnded());
      }),
    );
  }

  #commitEnded(): void {
    const committing = this.#committing;
    if (committing === null) return;
    this.#committing = null;
    this.#commitSettled(committing);
    const tookMs = this.#world.nowMs - committing.decidedMs;
    // Behind a long commit ticks wait as behind a stall.
    if (tookMs > this.#world.plan.heartbeatIntervalMs / 3 - this.#world.tickMs)
      this.#world.oracle.collectorAway(committing.decidedMs, this.#world.nowMs, this.#world.tickMs);
    if (this.#alive) this.#run();
  }

  #commitSettled(committing: Committing): void {
    const { waiting, decision } = committing;
    if (this.#collector.holds.diskFull > 0) {
      this.#storeFails = true;
      this.#hasFailed = true;
      this.#collector.storeFailedMs = this.#world.nowMs;
      this.#storeRetryMs = this.#collector.clock().monotonicMs + STORE_RETRY_MS;
      return this.#failed(waiting, decision);
    }
    this.#makeDurable(committing);
    if (this.#storeFails) {
      this.#storeFails = false;
      this.#takeKept();
    }
    this.#applying = true;
    if (this.#dies("after_commit")) return;
    this.#applying = false;
    this.#settle(waiting, decision);
  }

  #makeDurable({ waiting, decision, decidedMs }: Committing): void {
    const world = this.#world;
    if (waiting.event.type === "collector_started") world.oracle.collectorStarted(decidedMs);
    this.#storage.commitNow(decision.commit);
    world.traceCommit(decision.commit);
    world.oracle.committed(decision.commit, { stampedMs: waiting.stampedMs, decidedMs }, world.nowMs);
  }

  #settle(waiting: Waiting, decision: Decision): void {
    const { core, checks } = this.#world;
    const committed = decision.commit.length > 0;
    if (committed) core.apply(this.state, decision.commit);
    core.apply(this.state, decision.later);
    for (const write of decision.later) this.#facts.put(write);
    this.#performAll(decision.effects, committed);
    if (!this.#alive) return;
    waiting.answered?.(decision.reply);
    if (committed) checks.settled(this.state);
  }

  #performAll(effects: readonly Effect[], committed: boolean): void {
    const half = committed ? Math.floor(effects.length / 2) : -1;
    for (let index = 0; index < effects.length; index += 1) {
      if (index === half && this.#dies("half_of_effects")) return;
      this.#perform(effects[index] as Effect);
      if (!this.#alive) return;
    }
  }

  #failed(waiting: Waiting, decision: Decision): void {
    const { core } = this.#world;
    const after = core.afterFailedCommit(waiting.event, decision);
    core.apply(this.state, after.apply);
    for (const write of after.apply) if (volatileTables.has(write.table)) this.#facts.put(write);
    for (const effect of after.effects) this.#perform(effect);
    if (after.event === "keep") this.#kept.push(waiting);
    else waiting.answered?.(after.reply);
  }

  /** What was kept goes before what came later. */
  #takeKept(): void {
    this.#queue = [...this.#kept, ...this.#queue.slice(this.#head)];
    this.#head = 0;
    this.#kept = [];
  }

  /** Whether the process dies here, now. */
  #dies(boundary: KillBoundary): boolean {
    const killed = this.#collector.killAt(boundary);
    if (killed === null) return false;
    killed();
    return true;
  }

  // ── Effects ────────────────────────────────────────────────────────────────────────────────────────

  #perform(effect: Effect): void {
    const { ingest, prober, process } = this.#collector;
    switch (effect.type) {
      case "send_ack":
        return ingest.acknowledge(effect.sessionId, effect.sequence);
      case "publish":
        return;
      case "drain_sockets":
        return this.#drain();
      case "wake_outbox":
        return this.#wake();
      case "close_session":
        return ingest.closeSession(effect.sessionId, effect.reason);
      case "start_probe":
        return prober.start(effect);
      case "cancel_probe":
        return prober.cancel(effect.roundId);
      case "start_gateway_probe":
        return prober.startGateway(effect);
      case "ask_sentinels":
        return prober.askSentinels(effect);
      case "ask_witness":
        return ingest.askWitness(effect);
      case "ack_journal":
        return ingest.acknowledgeJournal(effect.sessionId, effect.sequence);
      case "send_notification":
        return this.#world.telegram.send(effect.notifications, effect.recipient, process);
      default:
        return unreachable(effect);
    }
  }

  #drain(): void {
    if (this.#drainAsked) return;
    this.#drainAsked = true;
    this.#afterTurns(DRAIN_TURNS, () => {
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
    if (!this.#alive) return;
    if (turns === 0) return this.#collector.arrive(() => (this.#alive ? call() : undefined));
    this.#world.callAt(this.#world.nowMs, () => this.#afterTurns(turns - 1, call));
  }
}
