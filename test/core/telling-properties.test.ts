/**
 * What people are told over random schedules of outages and random faults of their channels: each fact once, in order.
 * How it is judged: by a ledger of what the other side accepted, whatever the collector was told of it.
 * Must not: know how the outbox decides, or trust a row's status.
 */
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { ChannelName, DeliveryOutcome, Notification, Recipient } from "../../collector/core/types.ts";
import { expectRest } from "./lives.ts";
import { minute, second } from "./records.ts";
import { createHearingStage, type Stage } from "./stage.ts";

// Long lives, and shrinking them when one fails, on a machine that is shared.
vi.setConfig({ testTimeout: 180_000 });

const recipients = { chat: "telegram", group: "telegram", phone: "ntfy", desk: "webhook" } as const;
type RecipientId = keyof typeof recipients;
const recipientIds = Object.keys(recipients) as RecipientId[];
const servers = ["s0", "s1", "s2", "s3", "s4", "s5"] as const;

/** What becomes of a send, and what the collector hears of it; null: nothing. */
interface Fate {
  readonly accepted: boolean;
  readonly outcome: DeliveryOutcome | null;
}

const taken: Fate = { accepted: true, outcome: { type: "sent", externalId: "1" } };
const retry = (retryAfterMs: number | null): Fate => ({
  accepted: false,
  outcome: { type: "retry", error: "not now", retryAfterMs },
});
const doubt: DeliveryOutcome = { type: "unknown", error: "no whole answer" };
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(taken) },
  { weight: 3, arbitrary: fc.constantFrom(retry(null), retry(20 * second), retry(3 * minute)) },
  { weight: 4, arbitrary: fc.boolean().map((accepted) => ({ accepted, outcome: doubt })) },
  { weight: 1, arbitrary: fc.boolean().map((accepted) => ({ accepted, outcome: null })) },
);

type Step =
  | { readonly type: "fall" | "rise"; readonly serverIds: readonly string[] }
  | { readonly type: "acknowledge"; readonly serverId: string }
  | { readonly type: "pass" | "restart"; readonly ms: number }
  /** All of a recipient's sends meet the next fates, or none does. */
  | { readonly type: "trouble"; readonly recipientId: RecipientId; readonly isOut: boolean };

const some = fc.oneof(fc.subarray([...servers], { minLength: 1, maxLength: 1 }), fc.subarray([...servers]));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: some.map((serverIds): Step => ({ type: "fall", serverIds })) },
  { weight: 4, arbitrary: some.map((serverIds): Step => ({ type: "rise", serverIds })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...servers).map((serverId): Step => ({ type: "acknowledge", serverId })),
  },
  {
    weight: 6,
    arbitrary: fc
      .oneof(fc.integer({ min: 0, max: 40 * second }), fc.integer({ min: minute, max: 9 * minute }))
      .map((ms): Step => ({ type: "pass", ms })),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 90 * second }).map((ms): Step => ({ type: "restart", ms })),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("trouble" as const),
      recipientId: fc.constantFrom(...recipientIds),
      isOut: fc.boolean(),
    }),
  },
);

interface Schedule {
  readonly steps: readonly Step[];
  readonly fates: readonly Fate[];
  readonly sendDelayMs: number;
}

const schedule: fc.Arbitrary<Schedule> = fc.record({
  steps: fc.array(step, { minLength: 4, maxLength: 40 }),
  fates: fc.array(fate, { minLength: 1, maxLength: 12 }),
  sendDelayMs: fc.integer({ min: 0, max: 20 * second }),
});

/** One row in one send. */
interface Attempt {
  readonly recipientId: string;
  readonly channel: ChannelName;
  readonly row: Notification;
  readonly accepted: boolean;
  /** The collector cannot know whether it was accepted. */
  readonly isDoubtful: boolean;
}

interface Lived {
  readonly stage: Stage;
  readonly attempts: readonly Attempt[];
}

/** Plays it; then everybody is up, every send works, and half an hour passes. */
function live({ steps, fates, sendDelayMs }: Schedule): Lived {
  const stage = createHearingStage({ checkedWhole: false });
  for (const id of recipientIds)
    stage.link(id, {
      channel: recipients[id],
      address: id === "group" ? "-1001" : id === "chat" ? "7" : `https://${id}.example/`,
    });
  for (const id of servers) stage.add(id);
  for (const id of servers) stage.playAgent(id);
  stage.pass(5 * minute);

  /** By the number of rows that were tried before it. */
  const sends = new Map<number, Fate>();
  const restartsMs: number[] = [];
  const out = new Set<string>();
  let next = 0;
  const rule = (_row: Notification, recipient: Recipient): DeliveryOutcome | null => {
    const one = (out.has(recipient.id) ? fates[next++ % fates.length] : undefined) ?? taken;
    sends.set(stage.attempts.length, one);
    return one.outcome;
  };
  stage.sendRule = rule;
  stage.sendDelayMs = sendDelayMs;
  const down = new Set<string>();
  const falls = new Map<string, number>();
  for (const one of steps) {
    switch (one.type) {
      case "fall":
        for (const id of one.serverIds) {
          // A third outage within the hour would be told as flapping.
          if (down.has(id) || (falls.get(id) ?? 0) >= 2) continue;
          falls.set(id, (falls.get(id) ?? 0) + 1);
          down.add(id);
          stage.stopAgent(id);
        }
        break;
      case "rise":
        for (const id of one.serverIds) if (down.delete(id)) stage.playAgent(id);
        break;
      case "acknowledge": {
        const incidentId = stage.incidents(one.serverId).at(-1)?.id;
        if (incidentId !== undefined) stage.push({ type: "incident_acknowledged", incidentId, by: "sari" });
        break;
      }
      case "pass":
        stage.pass(one.ms);
        break;
      case "restart":
        restartsMs.push(stage.worldMs);
        stage.restart({ awayMs: one.ms, redialMs: second });
        break;
      case "trouble":
        if (one.isOut) out.add(one.recipientId);
        else out.delete(one.recipientId);
    }
  }
  out.clear();
  for (const id of down) stage.playAgent(id);
  stage.pass(30 * minute);

  let current: Fate = taken;
  const attempts = stage.attempts.map(({ worldMs, notification, recipient }, index): Attempt => {
    current = sends.get(index) ?? current;
    const isCutOff = restartsMs.some((ms) => ms >= worldMs && ms <= worldMs + sendDelayMs);
    return {
      recipientId: recipient.id,
      channel: recipient.channel,
      row: notification,
      accepted: current.accepted,
      isDoubtful: current.outcome === null || current.outcome.type === "unknown" || isCutOff,
    };
  });
  return { stage, attempts };
}

/** What one recipient was told of one incident: of its beginning, or of its end. */
function countsOf(tries: readonly Attempt[]): string[] {
  const problems: string[] = [];
  const accepted = tries.filter((one) => one.accepted);
  const marked = accepted.filter(({ row }) => row.repeat).length;
  const unmarked = accepted.filter(({ row }) => !row.repeat);
  // A webhook's receiver knows a message again by its id.
  const times =
    tries[0]?.channel === "webhook" ? new Set(unmarked.map(({ row }) => row.id)).size : unmarked.length;
  if (times > 1) problems.push(`told ${times} times`);
  if (marked > 1) problems.push(`told again ${marked} times`);
  return problems;
}

function problemsOf({ stage, attempts }: Lived): string[] {
  return stage.allIncidents().flatMap((incident) =>
    recipientIds.flatMap((recipientId) => {
      const tries = attempts.filter(
        ({ row, recipientId: id }) => row.incidentId === incident.id && id === recipientId,
      );
      const begins = tries.filter(({ row }) => row.step === "down" || row.step === "told_late");
      const ends = tries.filter(({ row }) => row.step === "recovered" || row.step === "told_late");
      const problems = [...countsOf(begins), ...countsOf(ends)];
      const firstMarked = tries.findIndex(({ row }) => row.repeat);
      if (firstMarked >= 0 && !tries.slice(0, firstMarked).some((one) => one.isDoubtful))
        problems.push("marked without a doubt");
      // Twice of unknown fate, it is left at that.
      const isLost = (some: readonly Attempt[]): boolean =>
        !some.some((one) => one.accepted) && some.filter((one) => one.isDoubtful).length < 2;
      if (isLost(begins)) problems.push("its beginning is lost");
      if (isLost(ends)) problems.push("its end is lost");
      const steps = tries.filter((one) => one.accepted).map(({ row }) => row.step);
      const end = steps.findIndex((one) => one === "recovered" || one === "told_late");
      if (end >= 0 && steps.slice(end).includes("down")) problems.push(`out of order: ${steps.join(", ")}`);
      return problems.map((problem) => `${incident.id} to ${recipientId}: ${problem}`);
    }),
  );
}

describe("any schedule of outages, any faults of the channels", () => {
  test("[O2] [O3] [O4] [O5] [O6] [O7] [O8] [S6] [S7] [R8] each recipient is told of each beginning and end once, in order", () => {
    fc.assert(
      fc.property(schedule, (drawn) => {
        const lived = live(drawn);
        expect(problemsOf(lived)).toEqual([]);
        expectRest(lived.stage);
      }),
      { numRuns: 300 },
    );
  });

  test("they meet what they are about: doubts, marked repeats, merged ends, several in one", () => {
    const met = new Map<string, number>();
    const count = (what: string): void => void met.set(what, (met.get(what) ?? 0) + 1);
    fc.assert(
      fc.property(schedule, (drawn) => {
        const { stage, attempts } = live(drawn);
        for (const { row, isDoubtful } of attempts) {
          if (isDoubtful) count("doubt");
          if (row.repeat) count("marked");
          count(row.step);
        }
        if (stage.sends.some((rows) => rows.length > 1)) count("several");
      }),
      { numRuns: 60, seed: 7 },
    );
    expect([...met.keys()]).toEqual(
      expect.arrayContaining(["doubt", "marked", "down", "recovered", "told_late", "several"]),
    );
  });
});
