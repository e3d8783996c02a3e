/**
 * One bounded queue: decide → commit → apply → perform.
 * Why one: ticks, heartbeats, probe answers, deliveries and commands are judged in the order they were seen, so a
 * stalled process can never judge a server whose heartbeat waits behind the tick.
 * Must not: decide anything itself; perform an effect before its commit is durable; lose an event that nobody repeats.
 */
import { apply } from "./core/apply.ts";
import { decide } from "./core/decide.ts";
import { afterFailedCommit } from "./core/failed-commit.ts";
import { volatileTables } from "./core/state.ts";
import type { State } from "./core/state.ts";
import type { Decision, Effect, Reply } from "./core/types/effects.ts";
import type { Event, EventBody } from "./core/types/events.ts";
import type { Instant } from "./core/types/time.ts";
import type { Storage } from "./storage/storage.ts";

/** Events that may wait: 5,000 agents × 20 heartbeats. Past it arriving heartbeats are dropped and counted: the agent redials. */
const QUEUE_MAX = 100_000;
/** A store that failed is asked again after this: often enough for a person, seldom enough for a sick disk. */
const STORE_RETRY_MS = 1_000;
/** Events decided in one turn of the event loop before sockets are read again. */
const TURN_MAX = 500;

export interface LoopOptions {
  readonly state: State;
  readonly storage: Storage;
  readonly clock: () => Instant;
  /** Carries out an effect; `drain_sockets` and `wake_outbox` are the loop's own. Must not throw. */
  readonly perform: (effect: Effect) => void;
  /** The store began (`error` set) or ceased to fail. */
  readonly onStoreChange: (error: string | null) => void;
  /** A bug of ours, or somebody else writes into our store: the process must stop and start clean. */
  readonly onBug: (error: unknown) => void;
}

export interface Loop {
  /** Stamps the event and puts it into the queue; resolves with the core's answer once its commit is durable. */
  push(event: EventBody): Promise<Reply>;
  /** Begins to tick. Call after `collector_started` was pushed. */
  start(): void;
  /** Why the store fails now; null: it does not. */
  readonly storeError: string | null;
  readonly droppedHeartbeats: number;
  /** No more ticks; resolves when everything pushed before was decided. Idempotent. */
  close(): Promise<void>;
}

interface Waiting {
  readonly event: Event;
  readonly resolve: (reply: Reply) => void;
}

export function createLoop(options: LoopOptions): Loop {
  const { state, storage, clock } = options;
  let queue: Waiting[] = [];
  let head = 0;
  let busy = false;
  let turnAsked = false;
  let tickWaiting = false;
  let drainAsked = false;
  let wakeAsked = false;
  let ticker: ReturnType<typeof setInterval> | null = null;
  let closed = false;
  let storeError: string | null = null;
  let storeRetryAtMs = 0;
  let kept: Waiting[] = [];
  let droppedHeartbeats = 0;
  const idle: (() => void)[] = [];

  function push(body: EventBody): Promise<Reply> {
    if (queue.length - head >= QUEUE_MAX && body.type === "heartbeat_received") {
      droppedHeartbeats += 1;
      return Promise.resolve({ ok: false, code: "store_failing" });
    }
    return new Promise<Reply>((resolve) => {
      queue.push({ event: { ...body, at: clock() }, resolve });
      run();
    });
  }

  /** Decides what waits, in order, until a commit must be awaited or the turn is full. */
  function run(): void {
    if (busy) return;
    busy = true;
    try {
      for (let count = 0; head < queue.length; count += 1) {
        if (count >= TURN_MAX) return nextTurn();
        const waiting = queue[head] as Waiting;
        head += 1;
        if (!step(waiting)) return;
      }
      queue = [];
      head = 0;
    } catch (error) {
      options.onBug(error);
    } finally {
      if (!committing) busy = false;
      if (!busy && head >= queue.length) for (const resolve of idle.splice(0)) resolve();
    }
  }

  let committing = false;

  function nextTurn(): void {
    if (turnAsked) return;
    turnAsked = true;
    setImmediate(() => {
      turnAsked = false;
      run();
    });
  }

  /** Decides one event. False: its commit is under way, and `run` goes on when it is done. */
  function step(waiting: Waiting): boolean {
    const { event } = waiting;
    if (event.type === "tick") {
      tickWaiting = false;
      retryKept();
    }
    // Nobody is judged while a sign of life of theirs may be among what is kept. The mark stays; the look comes again.
    if (event.type === "sockets_drained" && kept.length > 0) {
      waiting.resolve({ ok: false, code: "store_failing" });
      return true;
    }
    const decision = decide(state, event);
    if (decision.commit.length === 0) {
      settle(waiting, decision);
      return true;
    }
    // By the clock of now: an event that was kept carries the moment it happened.
    if (storeError !== null && clock().monotonicMs < storeRetryAtMs) {
      failed(waiting, decision);
      return true;
    }
    committing = true;
    storage
      .commit(decision.commit)
      .then(
        () => {
          committing = false;
          storeWorks();
          settle(waiting, decision);
          busy = false;
          run();
        },
        (error: unknown) => {
          committing = false;
          storeFails(error);
          failed(waiting, decision);
          busy = false;
          run();
        },
      )
      .catch(options.onBug);
    return false;
  }

  function settle(waiting: Waiting, decision: Decision): void {
    apply(state, decision.commit);
    apply(state, decision.later);
    if (decision.later.length > 0) storage.later(decision.later);
    for (const effect of decision.effects) perform(effect);
    waiting.resolve(decision.reply);
  }

  function failed(waiting: Waiting, decision: Decision): void {
    const after = afterFailedCommit(waiting.event, decision);
    apply(state, after.apply);
    const lasting = after.apply.filter((write) => volatileTables.has(write.table));
    if (lasting.length > 0) storage.later(lasting);
    for (const effect of after.effects) perform(effect);
    if (after.event === "keep" && kept.length < QUEUE_MAX) kept.push(waiting);
    else waiting.resolve(after.reply);
  }

  function storeFails(error: unknown): void {
    // Another program writes into the same folder: whatever is decided from now on may be untrue.
    if (error instanceof Error && error.name === "StoreInUse") return options.onBug(error);
    storeRetryAtMs = clock().monotonicMs + STORE_RETRY_MS;
    const sentence = error instanceof Error ? error.message : String(error);
    if (storeError !== sentence) {
      storeError = sentence;
      options.onStoreChange(sentence);
    }
  }

  function storeWorks(): void {
    if (storeError === null) return;
    storeError = null;
    options.onStoreChange(null);
    takeKept();
  }

  /** What was kept goes before what came later. */
  function takeKept(): void {
    if (kept.length === 0) return;
    queue = [...kept, ...queue.slice(head)];
    head = 0;
    kept = [];
  }

  function retryKept(): void {
    if (clock().monotonicMs >= storeRetryAtMs) takeKept();
  }

  function perform(effect: Effect): void {
    if (effect.type === "drain_sockets") return drainSockets();
    if (effect.type === "wake_outbox") return wakeOutbox();
    options.perform(effect);
  }

  /** Two turns of the event loop: whatever waited in the sockets has been read and pushed by then. */
  function drainSockets(): void {
    if (drainAsked) return;
    drainAsked = true;
    setImmediate(() => {
      setImmediate(() => {
        drainAsked = false;
        void push({ type: "sockets_drained" });
      });
    });
  }

  function wakeOutbox(): void {
    if (wakeAsked || closed) return;
    wakeAsked = true;
    setImmediate(() => {
      wakeAsked = false;
      void push({ type: "outbox_woken" });
    });
  }

  return {
    push,
    start() {
      ticker ??= setInterval(() => {
        if (tickWaiting) return;
        tickWaiting = true;
        void push({ type: "tick" });
      }, state.times.tickMs);
    },
    get storeError() {
      return storeError;
    },
    get droppedHeartbeats() {
      return droppedHeartbeats;
    },
    async close() {
      if (closed) return;
      closed = true;
      if (ticker) clearInterval(ticker);
      await push({ type: "collector_stopping" });
      if (busy || head < queue.length) await new Promise<void>((resolve) => idle.push(resolve));
      // A store that failed to the end: whoever still waits is told so.
      for (const waiting of kept.splice(0)) waiting.resolve({ ok: false, code: "store_failing" });
    },
  };
}
