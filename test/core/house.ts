/**
 * A house for the loop's tests: the loop on a real store in memory, agents that beat, a channel that accepts, and clocks moved
 * by hand; and what it did, in order.
 * Must not: wait for time to pass, or leave a loop running: each is closed after its test.
 */
import { afterEach, expect } from "vitest";
import { isBeside } from "../../collector/core/channels.ts";
import { hearingOf } from "../../collector/core/hearing.ts";
import { createState } from "../../collector/core/state.ts";
import type { Effect, Reply } from "../../collector/core/types/effects.ts";
import type { EventBody } from "../../collector/core/types/events.ts";
import type { Settings, Write } from "../../collector/core/types/tables.ts";
import type { Instant } from "../../collector/core/types/time.ts";
import { createLoop } from "../../collector/loop.ts";
import type { Loop } from "../../collector/loop.ts";
import { openMemoryStorage } from "../../collector/storage/memory.ts";
import type { Storage } from "../../collector/storage/storage.ts";
import { minute, recipientOf, second, serverOf, settingsUsual } from "./records.ts";

const loops: Loop[] = [];
const stores: ReturnType<typeof heldBack>[] = [];
afterEach(async () => {
  // A store that still holds back commits would hold back the end of its loop.
  for (const store of stores.splice(0)) {
    store.held = false;
    for (const release of store.waiting.splice(0)) release();
  }
  for (const loop of loops.splice(0)) await loop.close();
});

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Turns until something holds; a bounded number of them. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  for (let turns = 0; turns < 10_000; turns += 1) {
    if (holds()) return;
    await turn();
  }
  throw new Error(`it never came to this: ${what}`);
}

/** A house: the loop on a store, and what it did, in order. */
export function houseOf(
  wrap: (storage: Storage) => Storage = (storage) => storage,
  settings: Settings = settingsUsual,
) {
  const clock = { monotonicMs: 1_000, bootMs: 5_000_000, wallMs: Date.UTC(2025, 0, 6, 1) };
  const disk = { full: false };
  const memory = openMemoryStorage({ commitFault: () => (disk.full ? "fail" : "none") });
  const storage = wrap(memory);
  const state = createState(settings);
  const effects: Effect[] = [];
  const storeChanges: (string | null)[] = [];
  const bugs: unknown[] = [];
  const done: string[] = [];
  const loop = createLoop({
    state,
    storage: {
      ...storage,
      commit: async (writes) => {
        done.push("commit asked");
        await storage.commit(writes);
        done.push("commit durable");
      },
    },
    clock: (): Instant => ({ ...clock }),
    perform: (effect) => {
      done.push(effect.type);
      effects.push(effect);
      answer(effect);
    },
    onStoreChange: (error) => storeChanges.push(error),
    onBug: (error) => bugs.push(error),
  });
  loops.push(loop);
  const ledger: string[] = [];
  let sessions = 0;
  const beating = new Map<string, { sessionId: string; sequence: number; nextMs: number }>();

  function answer(effect: Effect): void {
    if (effect.type !== "send_notification") return;
    for (const { serverId, step } of effect.notifications)
      if (!isBeside(step)) ledger.push(`${serverId ?? ""} ${step}`);
    void loop.push({
      type: "delivery_finished",
      rows: effect.notifications.map(({ id, attempts }) => ({ notificationId: id, attempt: attempts })),
      outcome: { type: "sent", externalId: "1" },
    });
  }

  function move(ms: number): void {
    clock.monotonicMs += ms;
    clock.bootMs += ms;
    clock.wallMs += ms;
  }

  const house = {
    loop,
    state,
    clock,
    disk,
    memory,
    effects,
    storeChanges,
    bugs,
    done,
    ledger,
    move,
    push: (body: EventBody): Promise<Reply> => loop.push(body),
    status: (serverId: string): string | undefined => state.tables.detector.get(serverId)?.status,
    /** Time goes on by ticks; agents beat; the event loop turns until it is quiet. */
    async pass(ms: number): Promise<void> {
      for (let passed = 0; passed < ms; passed += second) {
        move(second);
        // Kept facts resolve only when the store is back: nobody may wait for them here.
        void loop.push({ type: "tick" });
        for (const [serverId, agent] of beating) {
          if (clock.monotonicMs < agent.nextMs) continue;
          agent.nextMs += settings.heartbeatIntervalMs;
          agent.sequence += 1;
          void loop.push({
            type: "heartbeat_received",
            serverId,
            sessionId: agent.sessionId,
            sequence: agent.sequence,
            health: null,
          });
        }
        for (let turns = 0; turns < 6; turns += 1) await turn();
      }
    },
    async start(): Promise<void> {
      await loop.push({ type: "collector_started", hostBootId: "boot", seed: 1 });
      await house.pass(state.times.graceStartMs + 2 * second);
      expect(hearingOf(state).state).toBe("hearing");
    },
    async add(serverId: string, changes: Parameters<typeof serverOf>[1] = {}): Promise<void> {
      await loop.push({ type: "server_saved", server: serverOf(serverId, changes) });
      await loop.push({
        type: "enrollment_created",
        enrollment: {
          id: `t-${serverId}`,
          secretHash: "h",
          serverId,
          siteId: null,
          usesLeft: 1,
          expiresWallMs: clock.wallMs + minute,
          createdWallMs: clock.wallMs,
          usedBy: [],
        },
      });
      await loop.push({
        type: "agent_enrolled",
        enrollmentId: `t-${serverId}`,
        publicKey: `k-${serverId}`,
        newServerId: "",
        hostName: "",
        agentVersion: "1",
        peerAddress: "127.0.0.1",
      });
    },
    /** Dials; beats from then on once the collector said welcome, as the real session does. */
    dial(serverId: string, version = "1"): Promise<Reply> {
      sessions += 1;
      const sessionId = `s${sessions}`;
      beating.delete(serverId);
      const replied = loop.push({
        type: "agent_connected",
        serverId,
        sessionId,
        bootId: "b",
        agentVersion: version,
        agentStartedBootMs: 1,
        peerAddress: "127.0.0.1",
        features: [],
      });
      void replied.then((reply) => {
        if (reply.ok) beating.set(serverId, { sessionId, sequence: 0, nextMs: clock.monotonicMs });
      });
      return replied;
    },
    silence(serverId: string): void {
      beating.delete(serverId);
    },
    goodbye(serverId: string, reason: "upgrade" | "reboot" | "shutdown"): Promise<Reply> {
      const agent = beating.get(serverId);
      if (!agent) throw new Error(`${serverId} does not beat`);
      beating.delete(serverId);
      return loop.push({
        type: "goodbye_received",
        serverId,
        sessionId: agent.sessionId,
        sequence: agent.sequence + 1,
        reason,
        awayForMs: null,
      });
    },
  };
  return house;
}

/** A house that has started, with one server `x` that beats, and a recipient if one is named. */
export async function steadyHouse(recipientId?: string): Promise<ReturnType<typeof houseOf>> {
  const house = houseOf();
  await house.start();
  if (recipientId !== undefined)
    await house.push({ type: "recipient_saved", recipient: recipientOf(recipientId) });
  await house.add("x");
  await house.dial("x");
  await house.pass(minute);
  return house;
}

/** A store whose commits end when the test says so. */
export function heldBack(storage: Storage): Storage & { readonly waiting: (() => void)[]; held: boolean } {
  const waiting: (() => void)[] = [];
  const held = {
    ...storage,
    waiting,
    held: false,
    async commit(writes: readonly Write[]): Promise<void> {
      if (held.held) await new Promise<void>((resolve) => waiting.push(resolve));
      await storage.commit(writes);
    },
  };
  stores.push(held);
  return held;
}
