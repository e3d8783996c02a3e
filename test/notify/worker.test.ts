/**
 * The worker: one order, one send, one outcome, whatever the channel does.
 */
import { describe, expect, it } from "vitest";
import type { DeliveryOutcome, EventBody, Notification, Reply } from "../../collector/core/types.ts";
import type { Channel, SendRequest } from "../../collector/notify/channel.ts";
import { createWorker, SENDS_IN_FLIGHT_MAX, WORKER_LIMIT_MS } from "../../collector/notify/worker.ts";
import { keptLog, manualTimers, notification, recipient } from "./fixtures.ts";
import { channelTo, fakeWithChats } from "./harness.ts";

/** A channel whose answers the test gives. */
function scripted(answer: (request: SendRequest) => Promise<DeliveryOutcome>): Channel {
  return {
    name: "telegram",
    send: answer,
    health: () => ({ state: "ok", detail: null, sinceWallMs: 0 }),
    close: () => Promise.resolve(),
  };
}

function desk(channel: Channel, findDownExternalId: (row: Notification) => string | null = () => null) {
  const pushed: EventBody[] = [];
  const watchers: (() => void)[] = [];
  const timers = manualTimers();
  const log = keptLog();
  const worker = createWorker({
    channels: { telegram: channel },
    push: (event): Promise<Reply> => {
      pushed.push(event);
      for (const watcher of watchers.splice(0)) watcher();
      return Promise.resolve({ ok: true });
    },
    log,
    findDownExternalId,
    after: timers.after,
  });
  const outcome = async (count: number): Promise<EventBody> => {
    while (pushed.length < count) await new Promise<void>((resolve) => watchers.push(resolve));
    return pushed[count - 1]!;
  };
  return { worker, pushed, outcome, timers, log };
}

const order = (changes: Partial<Notification> = {}) =>
  ({ type: "send_notification", notification: notification(changes), recipient: recipient() }) as const;

describe("the worker", () => {
  it("sends through the real channel and reports the row's attempt with its outcome", async () => {
    const fake = await fakeWithChats();
    try {
      const { worker, outcome, pushed } = desk(channelTo(fake.apiRoot, fake.token).channel);
      worker.perform(order({ attempts: 3 }));
      expect(await outcome(1)).toEqual({
        type: "delivery_finished",
        notificationId: "i12/down/recipient1/telegram",
        attempt: 3,
        outcome: { type: "sent", externalId: "1" },
      });
      await worker.close();
      expect(pushed).toHaveLength(1);
      expect(fake.ledger).toHaveLength(1);
    } finally {
      await fake.close();
    }
  });

  it("hands the channel the repeat mark and the down message to answer", async () => {
    const requests: SendRequest[] = [];
    const channel = scripted((request) => {
      requests.push(request);
      return Promise.resolve({ type: "sent", externalId: "9" });
    });
    const { worker, outcome } = desk(channel, (row) => (row.step === "recovered" ? "77" : null));
    worker.perform(order({ step: "recovered", repeat: true }));
    await outcome(1);
    expect(requests).toMatchObject([{ repeat: true, replyToExternalId: "77" }]);
  });

  it("a channel that never answers comes back as unknown at the limit, and its late answer is not reported", async () => {
    let answer: (outcome: DeliveryOutcome) => void = () => {};
    const channel = scripted(() => new Promise((resolve) => (answer = resolve)));
    const { worker, outcome, pushed, timers } = desk(channel);
    worker.perform(order());
    timers.fire((delayMs) => delayMs === WORKER_LIMIT_MS);
    expect(await outcome(1)).toMatchObject({ outcome: { type: "unknown" } });
    answer({ type: "sent", externalId: "5" });
    await worker.close();
    expect(pushed).toHaveLength(1);
  });

  it("a channel that throws comes back as unknown, and nothing of its error is told", async () => {
    const rejecting = desk(scripted(() => Promise.reject(new Error("secret"))));
    rejecting.worker.perform(order());
    expect(await rejecting.outcome(1)).toMatchObject({ outcome: { type: "unknown" } });
    const throwing = desk(
      scripted(() => {
        throw new TypeError("secret");
      }),
    );
    throwing.worker.perform(order());
    expect(JSON.stringify(await throwing.outcome(1))).not.toContain("secret");
    expect(throwing.timers.waiting).toEqual([]);
  });

  it("the same order twice is sent once; the next attempt is a send of its own", async () => {
    let sends = 0;
    const release: (() => void)[] = [];
    const channel = scripted(() => {
      sends += 1;
      return new Promise((resolve) => release.push(() => resolve({ type: "sent", externalId: "1" })));
    });
    const { worker, outcome } = desk(channel);
    worker.perform(order());
    worker.perform(order());
    worker.perform(order({ attempts: 2 }));
    expect(sends).toBe(2);
    for (const one of release) one();
    await outcome(2);
    await worker.close();
  });

  it("above the limit of sends in flight a row comes back as known not sent", async () => {
    const channel = scripted(() => new Promise(() => {}));
    const { worker, outcome } = desk(channel);
    for (let count = 0; count < SENDS_IN_FLIGHT_MAX; count += 1) worker.perform(order({ id: `row${count}` }));
    expect(worker.inFlight).toBe(SENDS_IN_FLIGHT_MAX);
    worker.perform(order({ id: "one too many" }));
    expect(await outcome(1)).toMatchObject({ notificationId: "one too many", outcome: { type: "retry" } });
  });

  it("close waits for what is under way, but not longer than it was told, and takes nothing new", async () => {
    const channel = scripted(() => new Promise(() => {}));
    const { worker, pushed, timers } = desk(channel);
    worker.perform(order());
    const closing = worker.close(4_321);
    await timers.waitingFor((delayMs) => delayMs === 4_321);
    worker.perform(order({ id: "late" }));
    timers.fire((delayMs) => delayMs === 4_321);
    await closing;
    expect(worker.inFlight).toBe(1);
    expect(pushed).toEqual([]);
  });

  it("an outcome nobody takes is logged and breaks nothing", async () => {
    const log = keptLog();
    const worker = createWorker({
      channels: { telegram: scripted(() => Promise.resolve({ type: "sent", externalId: "1" })) },
      push: () => Promise.reject(new Error("closed")),
      log,
      findDownExternalId: () => null,
    });
    worker.perform(order());
    await worker.close();
    expect(log.lines.join()).toContain("was not taken");
  });
});
