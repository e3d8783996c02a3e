/**
 * The worker: one order, one send, one outcome, whatever the channel does.
 * Why with the real channel once: the order of the core must fit what a channel takes.
 * Must not: wait for a limit that a test's own timer can reach.
 */
import { describe, expect, it } from "vitest";
import type { Reply } from "../../collector/core/types/effects.ts";
import type { EventBody } from "../../collector/core/types/events.ts";
import type { ChannelName, Recipient } from "../../collector/core/types/registry.ts";
import type { DeliveryOutcome, Notification } from "../../collector/core/types/telling.ts";
import type { Channel, SendRequest } from "../../collector/notify/channel.ts";
import { createWorker, WORKER_LIMIT_MS, type WorkerOptions } from "../../collector/notify/worker.ts";
import { keptLog, manualTimers, message, notification, recipient } from "./fixtures.ts";
import { channelTo, fakeWithChats } from "./harness.ts";

/** A channel whose answers the test gives. */
function scripted(
  answer: (request: SendRequest) => Promise<DeliveryOutcome>,
  name: ChannelName = "telegram",
): Channel {
  return {
    name,
    send: answer,
    health: () => ({ state: "ok", detail: null, sinceWallMs: 0 }),
    close: () => Promise.resolve(),
  };
}

const unasked = (name: ChannelName) => scripted(() => Promise.reject(new Error(`${name} was asked`)), name);
const NO_TARGETS = { replyToExternalId: null, editsExternalId: null };

function desk(
  channel: Channel,
  options: Partial<Pick<WorkerOptions, "findTargets" | "isQuietHour" | "channels">> = {},
) {
  const pushed: EventBody[] = [];
  const watchers: (() => void)[] = [];
  const timers = manualTimers();
  const log = keptLog();
  const worker = createWorker({
    channels: { telegram: channel, webhook: unasked("webhook"), ntfy: unasked("ntfy") },
    push: (event): Promise<Reply> => {
      pushed.push(event);
      for (const watcher of watchers.splice(0)) watcher();
      return Promise.resolve({ ok: true });
    },
    log,
    findTargets: () => NO_TARGETS,
    isQuietHour: () => false,
    after: timers.after,
    ...options,
  });
  const outcome = async (count: number): Promise<EventBody> => {
    while (pushed.length < count) await new Promise<void>((resolve) => watchers.push(resolve));
    return pushed[count - 1]!;
  };
  return { worker, pushed, outcome, timers, log };
}

const order = (changes: Partial<Notification> = {}, to: Partial<Recipient> = {}) =>
  ({
    type: "send_notification",
    notifications: [notification(changes)],
    recipient: recipient(to),
  }) as const;

describe("the worker", () => {
  it("sends through the real channel and reports the row's attempt with its outcome", async () => {
    const fake = await fakeWithChats();
    try {
      const { worker, outcome, pushed } = desk(channelTo(fake.apiRoot, fake.token).channel);
      worker.perform(order({ attempts: 3 }));
      expect(await outcome(1)).toEqual({
        type: "delivery_finished",
        rows: [{ notificationId: "i12/down/recipient1/telegram", attempt: 3 }],
        outcome: { type: "sent", externalId: "1" },
      });
      await worker.close();
      expect(pushed).toHaveLength(1);
      expect(fake.ledger).toHaveLength(1);
    } finally {
      await fake.close();
    }
  });

  it("hands the channel what a row says, its mark, and the messages that it answers and shows anew", async () => {
    const requests: SendRequest[] = [];
    const channel = scripted((request) => {
      requests.push(request);
      return Promise.resolve({ type: "sent", externalId: "9" });
    });
    const { worker, outcome } = desk(channel, {
      findTargets: ({ step }, { id }) => ({
        replyToExternalId: step === "recovered" && id === "recipient1" ? "77" : null,
        editsExternalId: step === "edit" ? "66" : null,
      }),
    });
    const row = { step: "recovered", repeat: true, reason: "recovered", queuedWallMs: 5 } as const;
    worker.perform(order({ id: "end", ...row }));
    worker.perform(order({ id: "anew", step: "edit" }));
    await outcome(2);
    expect(requests).toEqual([
      {
        tellings: [{ id: "end", ...row, message: message(), replyToExternalId: "77", editsExternalId: null }],
        recipient: recipient(),
        silent: false,
      },
      expect.objectContaining({
        tellings: [expect.objectContaining({ id: "anew", replyToExternalId: null, editsExternalId: "66" })],
      }),
    ]);
  });

  it("several rows are one send, in their order, and one outcome that names each with its attempt", async () => {
    const requests: SendRequest[] = [];
    const channel = scripted((request) => {
      requests.push(request);
      return Promise.resolve({ type: "sent", externalId: "9" });
    });
    const { worker, outcome, pushed } = desk(channel);
    const notifications = ["b", "a", "c"].map((id, at) => notification({ id, attempts: at + 1 }));
    worker.perform({ type: "send_notification", notifications, recipient: recipient() });
    expect(await outcome(1)).toMatchObject({
      rows: [
        { notificationId: "b", attempt: 1 },
        { notificationId: "a", attempt: 2 },
        { notificationId: "c", attempt: 3 },
      ],
    });
    await worker.close();
    expect(requests.map(({ tellings }) => tellings.map(({ id }) => id))).toEqual([["b", "a", "c"]]);
    expect(pushed).toHaveLength(1);
  });

  it("each channel gets what is meant for it", async () => {
    const asked: string[] = [];
    const named = (name: ChannelName) =>
      scripted(({ recipient: { channel } }) => {
        asked.push(`${name} ${channel}`);
        return Promise.resolve({ type: "sent", externalId: "1" });
      }, name);
    const channels = { telegram: named("telegram"), webhook: named("webhook"), ntfy: named("ntfy") };
    const { worker, outcome } = desk(channels.telegram, { channels });
    for (const channel of ["ntfy", "telegram", "webhook"] as const)
      worker.perform(order({ id: channel }, { channel }));
    await outcome(3);
    expect(asked).toEqual(["ntfy ntfy", "telegram telegram", "webhook webhook"]);
  });

  it("in a quiet hour of the recipient it is told without a sound, otherwise with one", async () => {
    const silents: boolean[] = [];
    const channel = scripted(({ silent }) => {
      silents.push(silent);
      return Promise.resolve({ type: "sent", externalId: "1" });
    });
    const { worker, outcome } = desk(channel, { isQuietHour: ({ id }) => id === "asleep" });
    worker.perform(order({ id: "1" }, { id: "asleep" }));
    worker.perform(order({ id: "2" }, { id: "awake" }));
    await outcome(2);
    expect(silents).toEqual([true, false]);
  });

  it("targets that cannot be looked up are an outcome too", async () => {
    const channel = scripted(() => Promise.resolve({ type: "sent", externalId: "1" }));
    const { worker, outcome } = desk(channel, {
      findTargets: () => {
        throw new Error("secret");
      },
    });
    worker.perform(order());
    const reported = await outcome(1);
    expect(reported).toMatchObject({ outcome: { type: "unknown" } });
    expect(JSON.stringify(reported)).not.toContain("secret");
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

  it("close waits for what is under way, but not longer than it was told, and takes nothing new", async () => {
    let sends = 0;
    const channel = scripted(() => {
      sends += 1;
      return new Promise(() => {});
    });
    const { worker, pushed, timers } = desk(channel);
    worker.perform(order());
    const closing = worker.close(4_321);
    await timers.waitingFor((delayMs) => delayMs === 4_321);
    worker.perform(order({ id: "late" }));
    timers.fire((delayMs) => delayMs === 4_321);
    await closing;
    expect(sends).toBe(1);
    expect(pushed).toEqual([]);
  });

  it("an outcome nobody takes is logged and breaks nothing", async () => {
    const log = keptLog();
    const worker = createWorker({
      channels: {
        telegram: scripted(() => Promise.resolve({ type: "sent", externalId: "1" })),
        webhook: unasked("webhook"),
        ntfy: unasked("ntfy"),
      },
      push: () => Promise.reject(new Error("closed")),
      log,
      findTargets: () => NO_TARGETS,
      isQuietHour: () => false,
    });
    worker.perform(order());
    await worker.close();
    expect(log.lines.join()).toContain("was not taken");
  });
});
