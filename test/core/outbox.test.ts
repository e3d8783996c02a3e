/**
 * From an incident to a person, once. The ledger of these tests is what the channel was asked to send.
 * Must not: know Telegram; a channel is a rule that answers each attempt.
 */
import { describe, expect, test } from "vitest";
import { traitsOf } from "../../collector/core/channels.ts";
import { FOLD_FROM } from "../../collector/core/claiming.ts";
import { LEASE_MS, UNKNOWN_REPEAT_MS } from "../../collector/core/delivery.ts";
import type { DeliveryOutcome, Notification } from "../../collector/core/types/telling.ts";
import { hour, minute, recipientOf, second } from "./records.ts";
import { createHearingStage } from "./stage.ts";
import type { Attempt, SendRule, Stage } from "./stage.ts";

const sent: DeliveryOutcome = { type: "sent", externalId: "m1" };
const refused: DeliveryOutcome = { type: "retry", error: "connection refused", retryAfterMs: null };
const unknown: DeliveryOutcome = { type: "unknown", error: "timeout" };

function steady(...recipients: string[]): Stage {
  const stage = createHearingStage();
  for (const recipient of recipients.length > 0 ? recipients : ["a"]) stage.link(recipient);
  stage.add("x");
  stage.playAgent("x");
  stage.pass(5 * minute);
  return stage;
}

/** Falls silent and is down. */
function fall(stage: Stage, serverId = "x"): void {
  stage.stopAgent(serverId);
  stage.pass(183 * second);
  expect(stage.status(serverId)).toBe("down");
}

/** Beats again and is up. */
function rise(stage: Stage, serverId = "x"): void {
  stage.playAgent(serverId);
  stage.pass(20 * second);
  expect(stage.status(serverId)).toBe("up");
}

function story(attempts: readonly Attempt[]): string[] {
  return attempts.map(
    ({ notification, outcome }) =>
      `${notification.step}${notification.repeat ? " repeat" : ""} → ${outcome?.type ?? "nothing"}`,
  );
}

/** The outcomes in order, the last one for all that follow. */
function script(...outcomes: (DeliveryOutcome | null)[]): SendRule {
  let next = 0;
  return () => outcomes[Math.min(next++, outcomes.length - 1)] ?? null;
}

function reasons(stage: Stage): string[] {
  return stage
    .incident("x")
    .timeline.flatMap(({ what }) =>
      what.type === "notify" ? [`${what.reason}${what.send ? "" : " (not sent)"}`] : [],
    );
}

function row(stage: Stage, step: string): Notification {
  const living = stage.rows();
  const archived = [...stage.archived.values()].flatMap((entry) => entry.notifications);
  const found = [...living, ...archived].find((candidate) => candidate.step === step);
  if (!found) throw new Error(`no row for ${step}`);
  return found;
}

describe("rows", () => {
  test("[O1] a row is unique by incident, step, recipient and channel: worse comes once, however often it worsens", () => {
    const stage = steady();
    fall(stage);
    for (let index = 0; index < 4; index += 1) {
      stage.probeRule = () => "dead";
      stage.pass(5 * minute);
      stage.probeRule = () => "alive";
      stage.pass(5 * minute);
    }
    expect(stage.sent().map((entry) => entry.step)).toEqual(["down", "worse"]);
    expect(new Set(stage.rows().map((entry) => entry.id)).size).toBe(stage.rows().length);
    expect(stage.rows().map((entry) => entry.id)).toEqual(["i1/down/a/telegram", "i1/worse/a/telegram"]);
  });

  test("[O2] nothing is sent without a durable claim, and nothing is sent that the channel did not accept", () => {
    const stage = steady();
    stage.sendRule = () => null;
    stage.stopAgent("x");
    stage.pass(180 * second);
    for (let step = 0; stage.attempts.length === 0 && step < 5; step += 1) stage.pass(second);
    expect(stage.rows()).toMatchObject([{ status: "sending", attempts: 1 }]);
    const claim = stage.pushed.findLast(({ decision }) =>
      decision.effects.some((effect) => effect.type === "send_notification"),
    );
    expect(claim?.body.type).toBe("outbox_woken");
    expect(claim?.decision.commit).toContainEqual(
      expect.objectContaining({ table: "notification", key: "i1/down/a/telegram" }),
    );
    stage.pass(10 * second);
    expect(row(stage, "down").status).toBe("sending");
    stage.push({
      type: "delivery_finished",
      rows: [{ notificationId: "i1/down/a/telegram", attempt: 1 }],
      outcome: { type: "sent", externalId: "77" },
    });
    expect(row(stage, "down")).toMatchObject({ status: "sent", externalId: "77", lastError: null });
  });

  test("[O2] a crash between the commit of an incident and its first send: it is sent after the start, unmarked", () => {
    const stage = steady();
    stage.stopAgent("x");
    for (let step = 0; stage.openings.length === 0; step += 1) {
      if (step > 10_000) throw new Error("never down");
      stage.stall(50);
      stage.tickNow();
      if (stage.state.tables.mark.size > 0) stage.push({ type: "sockets_drained" });
    }
    expect(stage.attempts).toEqual([]);
    stage.restart();
    stage.pass(5 * second);
    expect(story(stage.attempts)).toEqual(["down → sent"]);
  });
});

describe("known not sent", () => {
  test("[O3] it is tried again with growing waits, none longer than 25 s, until it is taken", () => {
    const stage = steady();
    stage.sendRule = () => refused;
    stage.stopAgent("x");
    stage.pass(30 * minute);
    const at = stage.attempts.map((attempt) => attempt.worldMs);
    const waits = at.slice(1).map((ms, index) => ms - (at[index] ?? 0));
    expect(waits.length).toBeGreaterThan(60);
    expect(Math.max(...waits)).toBeLessThanOrEqual(stage.times.retryCapMs + 2 * second);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...waits)).toBeGreaterThan(15 * second);
    stage.sendRule = () => sent;
    const from = stage.worldMs;
    stage.pass(minute);
    expect((stage.attempts.at(-1)?.worldMs ?? 0) - from).toBeLessThanOrEqual(
      stage.times.retryCapMs + 2 * second,
    );
    expect(stage.sent()).toHaveLength(1);
    expect(stage.sent()[0]?.repeat).toBe(false);
  });

  test("[O3] [L1] a Telegram outage of 30 minutes: told within 60 s of its end, once, with the original time", () => {
    const stage = steady();
    stage.sendRule = () => refused;
    stage.stopAgent("x");
    stage.pass(30 * minute);
    stage.sendRule = () => sent;
    stage.pass(minute);
    expect(stage.sent()).toEqual([{ step: "down", recipientId: "a", repeat: false }]);
    const told = stage.attempts.at(-1)?.notification.message;
    expect(stage.now.wallMs - (told?.startedWallMs ?? 0)).toBeGreaterThan(30 * minute);
  });

  test("[O3] retry_after is honoured to the moment, and holds back everything to that recipient", () => {
    const stage = steady();
    stage.add("y");
    stage.playAgent("y");
    stage.pass(minute);
    stage.sendRule = script({ type: "retry", error: "429", retryAfterMs: 40 * second }, sent);
    stage.stopAgent("x");
    stage.stopAgent("y");
    stage.pass(5 * minute);
    const [first, ...later] = stage.attempts.map((attempt) => attempt.worldMs);
    expect(later).toHaveLength(2);
    for (const ms of later) expect(ms - (first ?? 0)).toBeGreaterThanOrEqual(40 * second);
    expect((later[0] ?? 0) - (first ?? 0)).toBeLessThanOrEqual(42 * second);
  });

  test("[O3] a retry_after of hours is waited for", () => {
    const stage = steady();
    stage.sendRule = script({ type: "retry", error: "429", retryAfterMs: 5 * hour }, sent);
    fall(stage);
    stage.pass(4 * hour);
    expect(stage.attempts).toHaveLength(1);
    stage.pass(2 * hour);
    expect(stage.sent()).toHaveLength(1);
  });

  test("[O3] the waits of many recipients differ", () => {
    const stage = steady("a", "b", "c", "d", "e", "f", "g", "h");
    stage.sendRule = () => refused;
    stage.sendDelayMs = 1;
    fall(stage);
    stage.pass(5 * minute);
    const due = new Set(stage.rows().map((entry) => Math.round(entry.notBeforeCoreMs)));
    expect(due.size).toBeGreaterThan(4);
  });
});

describe("unknown fate", () => {
  test("[O4] [S6] it is sent once more after 60 s, marked; unknown again, it is left at that", () => {
    const stage = steady();
    stage.sendRule = () => unknown;
    fall(stage);
    stage.pass(hour);
    expect(story(stage.attempts)).toEqual(["down → unknown", "down repeat → unknown"]);
    const [first, repeat] = stage.attempts.map((attempt) => attempt.worldMs);
    expect((repeat ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(UNKNOWN_REPEAT_MS);
    expect((repeat ?? 0) - (first ?? 0)).toBeLessThanOrEqual(UNKNOWN_REPEAT_MS + 3 * second);
    expect(stage.rows()).toMatchObject([{ status: "unknown", repeat: true }]);
  });

  test("[O4] [S6] what was accepted is never sent again, through restarts and hours", () => {
    const stage = steady();
    fall(stage);
    for (let index = 0; index < 5; index += 1) {
      stage.pass(hour / 4);
      stage.restart({ awayMs: minute });
    }
    stage.pass(hour);
    expect(story(stage.attempts)).toEqual(["down → sent"]);
  });

  test("[O4] a repeat that is known not sent is tried again, still marked", () => {
    const stage = steady();
    stage.sendRule = script(unknown, refused, refused, sent);
    fall(stage);
    stage.pass(5 * minute);
    expect(story(stage.attempts)).toEqual([
      "down → unknown",
      "down repeat → retry",
      "down repeat → retry",
      "down repeat → sent",
    ]);
  });

  test("[O5] [S6] a send that a crash interrupted is unknown at the start: one marked repeat after 60 s", () => {
    const stage = steady();
    stage.sendRule = script(null, sent);
    stage.stopAgent("x");
    for (let step = 0; stage.attempts.length === 0 && step < 200; step += 1) stage.pass(second);
    expect(stage.rows()[0]?.status).toBe("sending");
    stage.restart({ awayMs: 5 * second });
    expect(stage.rows()[0]?.status).toBe("unknown");
    const from = stage.worldMs;
    stage.pass(UNKNOWN_REPEAT_MS - second);
    expect(stage.attempts).toHaveLength(1);
    stage.pass(5 * second);
    expect(story(stage.attempts)).toEqual(["down → nothing", "down repeat → sent"]);
    expect((stage.attempts[1]?.worldMs ?? 0) - from).toBeGreaterThanOrEqual(UNKNOWN_REPEAT_MS);
  });

  test("[O5] without an answer within its lease the fate is unknown", () => {
    const stage = steady();
    stage.sendRule = script(null, sent);
    fall(stage);
    stage.pass(LEASE_MS - 5 * second);
    expect(row(stage, "down").status).toBe("sending");
    stage.pass(8 * second);
    expect(row(stage, "down").status).toBe("unknown");
    stage.pass(UNKNOWN_REPEAT_MS + 2 * second);
    expect(story(stage.attempts)).toEqual(["down → nothing", "down repeat → sent"]);
  });

  test("[O11] a late 'sent' spares the repeat", () => {
    const stage = steady();
    stage.sendRule = () => null;
    fall(stage);
    stage.pass(LEASE_MS + 5 * second);
    expect(row(stage, "down").status).toBe("unknown");
    stage.push({
      type: "delivery_finished",
      rows: [{ notificationId: "i1/down/a/telegram", attempt: 1 }],
      outcome: sent,
    });
    expect(row(stage, "down")).toMatchObject({ status: "sent", repeat: false });
    stage.pass(hour);
    expect(stage.attempts).toHaveLength(1);
  });

  test("[O11] [O4] a late 'not sent' takes the doubt away: tried again unmarked, and its one repeat is still to come", () => {
    // Simulated (seed 130201): a locked disk kept the answer 429 until the lease was over, a crash made the marked repeat
    // unknown as well, and a message that Telegram had never accepted was given up.
    const stage = steady();
    stage.sendRule = () => null;
    fall(stage);
    stage.pass(LEASE_MS + 5 * second);
    stage.sendRule = script(unknown, sent);
    stage.push({
      type: "delivery_finished",
      rows: [{ notificationId: "i1/down/a/telegram", attempt: 1 }],
      outcome: refused,
    });
    expect(row(stage, "down")).toMatchObject({ status: "retry", repeat: false, repeated: false });
    stage.pass(30 * second);
    expect(row(stage, "down")).toMatchObject({ status: "unknown", repeat: false, attempts: 2 });
    stage.pass(2 * minute);
    expect(row(stage, "down")).toMatchObject({ status: "sent", repeat: true, attempts: 3 });
  });

  test("[O11] an answer to another attempt than the present one changes nothing", () => {
    const stage = steady();
    stage.sendRule = script(refused, null);
    fall(stage);
    stage.pass(5 * second);
    const before = row(stage, "down");
    expect(before).toMatchObject({ status: "sending", attempts: 2 });
    for (const attempt of [0, 1, 3])
      for (const outcome of [sent, refused, unknown]) {
        const decision = stage.push({
          type: "delivery_finished",
          rows: [{ notificationId: before.id, attempt }],
          outcome,
        });
        expect(decision.commit).toEqual([]);
      }
    expect(row(stage, "down")).toEqual(before);
  });

  test("[O11] while the fate of the second attempt is unknown, an answer to the first changes nothing", () => {
    const stage = steady();
    stage.sendRule = script(refused, unknown);
    fall(stage);
    stage.pass(5 * second);
    const before = row(stage, "down");
    expect(before).toMatchObject({ status: "unknown", attempts: 2 });
    for (const attempt of [0, 1, 3]) {
      const decision = stage.push({
        type: "delivery_finished",
        rows: [{ notificationId: before.id, attempt }],
        outcome: sent,
      });
      expect(decision.commit).toEqual([]);
    }
    expect(row(stage, "down")).toEqual(before);
  });

  test("[O11] [S6] a second answer to a message that was accepted changes nothing", () => {
    const stage = steady();
    fall(stage);
    for (const outcome of [refused, unknown, sent]) {
      const decision = stage.push({
        type: "delivery_finished",
        rows: [{ notificationId: "i1/down/a/telegram", attempt: 1 }],
        outcome,
      });
      expect(decision.commit).toEqual([]);
    }
    stage.pass(hour);
    expect(stage.attempts).toHaveLength(1);
  });
});

describe("order and pace", () => {
  test("[O6] [S7] while the down waits, nothing later about the same server overtakes it", () => {
    const stage = steady();
    stage.sendRule = () => refused;
    fall(stage);
    stage.probeRule = () => "dead";
    stage.pass(5 * minute);
    expect(stage.rows().map((entry) => entry.step)).toEqual(["down", "worse"]);
    expect(stage.attempts.every((attempt) => attempt.notification.step === "down")).toBe(true);
    stage.sendRule = () => sent;
    stage.pass(minute);
    expect(stage.sent().map((entry) => entry.step)).toEqual(["down", "worse"]);
  });

  test("[O6] a message that waits does not hold back another server's", () => {
    const stage = steady();
    stage.add("y");
    stage.playAgent("y");
    stage.pass(minute);
    stage.sendRule = (notification) => (notification.serverId === "x" ? refused : sent);
    stage.stopAgent("x");
    stage.pass(10 * second);
    stage.stopAgent("y");
    stage.pass(4 * minute);
    expect(stage.attempts.filter((attempt) => attempt.outcome?.type === "sent")).toHaveLength(1);
    expect(stage.attempts.find((attempt) => attempt.outcome?.type === "sent")?.notification.serverId).toBe(
      "y",
    );
  });

  test.each([
    ["private chat", "12345", 1 * second],
    ["group", "-10012345", 3 * second],
  ])("[O6] one at a time and paced: to a %s", (_name, address, paceMs) => {
    const stage = createHearingStage();
    stage.link("a", { address });
    const count = FOLD_FROM - 1;
    for (let index = 0; index < count; index += 1) stage.add(`x${index}`);
    for (let index = 0; index < count; index += 1) stage.playAgent(`x${index}`);
    stage.pass(minute);
    for (let index = 0; index < count; index += 1) stage.stopAgent(`x${index}`);
    stage.pass(5 * minute);
    expect(stage.sent()).toHaveLength(count);
    const at = stage.attempts.map((attempt) => attempt.worldMs);
    for (const [index, ms] of at.slice(1).entries())
      expect(ms - (at[index] ?? 0)).toBeGreaterThanOrEqual(paceMs);
    expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeLessThanOrEqual(count * (paceMs + second));
    const numbers = stage.attempts.map((attempt) => attempt.notification.message.incidentNumber);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });

  test("[S7] [O7] told late, an outage keeps its place before a newer one of the same server", () => {
    // Simulated (seed 310055): no answer came to the first one's send; it ended, the next one began, and was told before it.
    const stage = createHearingStage({ settings: { heartbeatIntervalMs: 2_000, downAfterMs: 24_000 } });
    stage.link("a");
    stage.add("x");
    stage.playAgent("x");
    stage.pass(minute);
    stage.sendRule = () => null;
    for (let outage = 0; outage < 2; outage += 1) {
      stage.stopAgent("x");
      stage.pass(26 * second);
      expect(stage.status("x")).toBe("down");
      if (outage > 0) break;
      stage.playAgent("x");
      stage.pass(10 * second);
      expect(stage.status("x")).toBe("up");
    }
    stage.sendRule = () => sent;
    stage.pass(LEASE_MS + UNKNOWN_REPEAT_MS);
    expect(stage.sent().map((entry) => entry.step)).toEqual(["told_late", "down"]);
    const taken = stage.attempts.filter(({ outcome }) => outcome?.type === "sent");
    expect(taken.map(({ notification }) => notification.message.incidentNumber)).toEqual([1, 2]);
  });

  test("[O6] recipients do not wait for each other", () => {
    const stage = steady("a", "b");
    stage.sendRule = (_notification, recipient) => (recipient.id === "a" ? null : sent);
    fall(stage);
    expect(stage.sent()).toEqual([{ step: "down", recipientId: "b", repeat: false }]);
    expect(stage.attempts).toHaveLength(2);
  });

  test("[O6] beyond what a channel bears at once, whose turn it is waits: not tried, nothing failed, no other channel held up", () => {
    // Seen in a run with 39 recipients: nine were put off by us with "30 sends are under way", in the timeline as failures of theirs.
    const { atOnceMax } = traitsOf("telegram");
    const hanging = Array.from({ length: atOnceMax }, (_, index) => `a${index}`);
    const stage = createHearingStage();
    for (const id of [...hanging, "b"]) stage.link(id);
    stage.link("w", { channel: "webhook", address: "https://example.org/detak" });
    stage.add("x");
    stage.playAgent("x");
    stage.pass(5 * minute);
    stage.sendRule = (_notification, recipient) => (hanging.includes(recipient.id) ? null : sent);
    fall(stage);
    expect(stage.sent()).toEqual([{ step: "down", recipientId: "w", repeat: false }]);
    expect(stage.attempts).toHaveLength(atOnceMax + 1);
    expect(stage.rows().find(({ recipientId }) => recipientId === "b")).toMatchObject({
      status: "queued",
      attempts: 0,
    });
    expect(stage.incident("x").timeline.filter(({ what }) => what.type === "delivery_failed")).toEqual([]);
    // No answer comes to the others either; their time is over, and it is b's turn.
    stage.pass(LEASE_MS);
    expect(stage.sent()).toContainEqual({ step: "down", recipientId: "b", repeat: false });
  });
});

describe("back before it was told", () => {
  test("[O7] a down that was never taken and its end become one message, told late", () => {
    const stage = steady();
    stage.sendRule = () => refused;
    fall(stage);
    stage.pass(5 * minute);
    rise(stage);
    stage.sendRule = () => sent;
    stage.pass(minute);
    expect(stage.sent()).toEqual([{ step: "told_late", recipientId: "a", repeat: false }]);
    const told = stage.attempts.at(-1)?.notification.message;
    expect(told?.endedWallMs).not.toBeNull();
    expect(told?.durationMs ?? 0).toBeGreaterThan(7 * minute);
    expect(row(stage, "down").status).toBe("superseded");
  });

  test("[O7] after an unknown fate the message of both carries the mark, and comes after the 60 s", () => {
    const stage = steady();
    stage.sendRule = script(unknown, sent);
    fall(stage);
    const first = stage.attempts[0]?.worldMs ?? 0;
    rise(stage);
    stage.pass(2 * minute);
    expect(story(stage.attempts)).toEqual(["down → unknown", "told_late repeat → sent"]);
    expect((stage.attempts[1]?.worldMs ?? 0) - first).toBeGreaterThanOrEqual(UNKNOWN_REPEAT_MS);
  });

  test("[O7] back while the down is being sent: taken, the recovery follows; refused, both become one", () => {
    for (const [outcome, expected] of [
      [sent, ["down → sent", "recovered → sent"]],
      [refused, ["down → retry", "told_late → sent"]],
      [unknown, ["down → unknown", "told_late repeat → sent"]],
    ] as const) {
      const stage = steady();
      stage.sendDelayMs = 40 * second;
      stage.sendRule = script(outcome, sent);
      fall(stage);
      rise(stage);
      stage.sendDelayMs = 100;
      stage.pass(5 * minute);
      expect(story(stage.attempts)).toEqual(expected);
    }
  });

  test("[O7] [O10] back while the down is being sent to a chat that had moved: one message, to the new address", () => {
    const stage = steady();
    stage.sendDelayMs = 40 * second;
    stage.sendRule = script({ type: "moved", address: "-100999" }, sent);
    fall(stage);
    rise(stage);
    stage.sendDelayMs = 100;
    stage.pass(5 * minute);
    expect(story(stage.attempts)).toEqual(["down → moved", "told_late → sent"]);
    expect(stage.attempts[1]?.recipient.address).toBe("-100999");
  });

  test("[O7] twice unknown, then back: the end is told on its own", () => {
    const stage = steady();
    stage.sendRule = script(unknown, unknown, sent);
    fall(stage);
    stage.pass(3 * minute);
    rise(stage);
    stage.pass(minute);
    expect(story(stage.attempts)).toEqual(["down → unknown", "down repeat → unknown", "recovered → sent"]);
  });

  test("[O7] a worsening that was not sent yet is not told after the end", () => {
    const stage = steady();
    stage.sendRule = () => refused;
    fall(stage);
    stage.probeRule = () => "dead";
    stage.pass(5 * minute);
    rise(stage);
    stage.sendRule = () => sent;
    stage.pass(2 * minute);
    expect(stage.sent().map((entry) => entry.step)).toEqual(["told_late"]);
    expect(row(stage, "worse").status).toBe("superseded");
  });

  test("[O8] nobody is told of a recovery who was not told of the outage", () => {
    const stage = steady("a");
    fall(stage);
    stage.link("late");
    rise(stage);
    stage.pass(minute);
    expect(stage.sent()).toEqual([
      { step: "down", recipientId: "a", repeat: false },
      { step: "recovered", recipientId: "a", repeat: false },
    ]);
    expect(reasons(stage)).toContain("receiver_never_knew (not sent)");
  });

  test("[O8] who was linked meanwhile and told of the worsening is told of the end", () => {
    const stage = steady("a");
    fall(stage);
    stage.link("late");
    stage.probeRule = () => "dead";
    stage.pass(5 * minute);
    expect(stage.sent().map((entry) => `${entry.recipientId} ${entry.step}`)).toContain("late worse");
    rise(stage);
    stage.pass(minute);
    expect(
      stage
        .sent()
        .filter((entry) => entry.recipientId === "late")
        .map((entry) => entry.step),
    ).toEqual(["worse", "recovered"]);
  });

  test("[O8] whose outage could not be taken, but who was told of the worsening, is told of the end", () => {
    const stage = steady();
    stage.sendRule = script({ type: "rejected", error: "can't parse", scope: "message" }, sent);
    fall(stage);
    stage.probeRule = () => "dead";
    stage.pass(5 * minute);
    rise(stage);
    stage.pass(minute);
    expect(story(stage.attempts)).toEqual(["down → rejected", "worse → sent", "recovered → sent"]);
  });

  test("[O8] a recovery behind a down that is rejected is not told", () => {
    const stage = steady();
    stage.sendDelayMs = 40 * second;
    stage.sendRule = script({ type: "rejected", error: "can't parse", scope: "message" }, sent);
    fall(stage);
    rise(stage);
    stage.sendDelayMs = 100;
    stage.pass(5 * minute);
    expect(story(stage.attempts)).toEqual(["down → rejected"]);
    expect(stage.archived.has("i1")).toBe(true);
  });
});

describe("rejected, moved, switched off", () => {
  test("[O9] rejected for the recipient: switched off with the reason, the row kept, nothing more is tried", () => {
    const stage = steady("a", "b");
    stage.sendRule = (_notification, recipient) =>
      recipient.id === "a"
        ? { type: "rejected", error: "Forbidden: bot was blocked by the user", scope: "recipient" }
        : sent;
    fall(stage);
    expect(stage.state.tables.recipient.get("a")).toMatchObject({
      enabled: false,
      disabledReason: "Forbidden: bot was blocked by the user",
    });
    expect(row(stage, "down")).toMatchObject({ status: "rejected", attempts: 1 });
    rise(stage);
    stage.pass(5 * minute);
    fall(stage);
    expect(stage.attempts.filter((attempt) => attempt.recipient.id === "a")).toHaveLength(1);
    // The other one is told of the outages, of the end, and that a chat was lost.
    const toOther = stage.attempts.filter((attempt) => attempt.recipient.id === "b");
    expect(toOther.map(({ notification }) => notification.step)).toEqual([
      "down",
      "recipient_lost",
      "recovered",
      "down",
    ]);
    expect(reasons(stage)).toContain("recipient_disabled (not sent)");
  });

  test("[O9] rejected for the message: only the row; the recipient gets the next one", () => {
    const stage = steady();
    stage.sendRule = script({ type: "rejected", error: "message is too long", scope: "message" }, sent);
    fall(stage);
    expect(stage.state.tables.recipient.get("a")?.enabled).toBe(true);
    rise(stage);
    stage.pass(minute);
    fall(stage);
    expect(stage.sent()).toHaveLength(1);
  });

  test("[O9] rows that waited for a recipient who was switched off or removed are settled, not left open", () => {
    for (const how of ["off", "removed"]) {
      const stage = steady();
      stage.sendRule = () => refused;
      fall(stage);
      if (how === "off")
        stage.push({ type: "recipient_saved", recipient: recipientOf("a", { enabled: false }) });
      else stage.push({ type: "recipient_removed", recipientId: "a" });
      stage.pass(minute);
      expect(stage.state.derived.openNotifications.size).toBe(0);
      rise(stage);
      stage.pass(minute);
      expect(stage.archived.has("i1")).toBe(true);
    }
  });

  test("[O10] a chat that moved is followed, and the same row goes to the new address", () => {
    const stage = steady();
    stage.sendRule = script({ type: "moved", address: "-100555" }, sent);
    fall(stage);
    stage.pass(10 * second);
    expect(story(stage.attempts)).toEqual(["down → moved", "down → sent"]);
    expect(stage.attempts[1]?.recipient.address).toBe("-100555");
    expect(stage.state.tables.recipient.get("a")?.address).toBe("-100555");
  });

  test("[O10] a group that moved to an address that is linked already is told once from then on", () => {
    const stage = steady("a");
    stage.link("b", { address: "-100555" });
    stage.sendRule = (_notification, recipient) =>
      recipient.id === "a" && recipient.address !== "-100555" ? { type: "moved", address: "-100555" } : sent;
    fall(stage);
    stage.pass(minute);
    rise(stage);
    stage.pass(minute);
    fall(stage);
    const told = stage.attempts.filter(
      (attempt) => attempt.notification.message.incidentNumber === 2 && attempt.outcome?.type === "sent",
    );
    expect(told).toHaveLength(1);
  });
});

describe("the timeline says why", () => {
  test("[O12] every notify and not-notify has its reason", () => {
    const stage = steady("a", "b");
    stage.push({
      type: "recipient_saved",
      recipient: recipientOf("off", { enabled: false, disabledReason: "gone" }),
    });
    fall(stage);
    stage.link("late");
    rise(stage);
    stage.pass(minute);
    expect(reasons(stage).sort()).toEqual([
      "first",
      "first",
      "receiver_never_knew (not sent)",
      "recipient_disabled (not sent)",
      "recovered",
      "recovered",
    ]);
  });

  test("[O12] delivered and failed sends are lines too, a storm of retries only one", () => {
    const stage = steady();
    stage.sendRule = () => refused;
    fall(stage);
    stage.pass(10 * minute);
    stage.sendRule = () => sent;
    stage.pass(minute);
    const types = stage.incident("x").timeline.map((line) => line.what.type);
    expect(types.filter((type) => type === "delivery_failed")).toHaveLength(1);
    expect(types.filter((type) => type === "delivered")).toHaveLength(1);
  });

  test("[O12] staff who pause: the timeline says that nobody was told, and why", () => {
    const stage = steady();
    fall(stage);
    stage.push({ type: "server_paused", serverId: "x", by: "staff" });
    expect(reasons(stage)).toEqual(["first", "paused_by_staff (not sent)"]);
  });

  test("[O12] a second worsening that is not told again says so", () => {
    const stage = steady();
    fall(stage);
    for (const verdict of ["dead", "alive", "dead"] as const) {
      stage.probeRule = () => verdict;
      stage.pass(5 * minute);
    }
    const worsened = stage
      .incident("x")
      .timeline.filter((line) => line.what.type === "kind_changed" && line.what.to === "host_down").length;
    expect(worsened).toBe(2);
    expect(reasons(stage).filter((reason) => reason.startsWith("worse"))).toHaveLength(2);
  });
});

describe("in the end", () => {
  test("[L2] after an hour of every fault the outbox is empty within five minutes", () => {
    const stage = steady("a", "b");
    const faults: (DeliveryOutcome | null)[] = [
      refused,
      unknown,
      null,
      { type: "retry", error: "429", retryAfterMs: 20 * second },
      sent,
    ];
    let next = 0;
    stage.sendRule = () => faults[next++ % faults.length] ?? null;
    for (let index = 0; index < 8; index += 1) {
      fall(stage);
      stage.pass(minute);
      if (index % 3 === 0) stage.restart({ awayMs: 20 * second });
      stage.pass(2 * minute);
      rise(stage);
      stage.pass(minute);
    }
    stage.sendRule = () => sent;
    stage.pass(5 * minute);
    expect(stage.state.derived.openNotifications.size).toBe(0);
    expect(stage.state.tables.incident.size).toBe(0);
    expect(stage.archived.size).toBe(8);
  });

  test("[L1] from the verdict to the channel is a second at most when nothing is in the way", () => {
    const stage = steady();
    stage.stopAgent("x");
    stage.pass(4 * minute);
    expect((stage.attempts[0]?.worldMs ?? 0) - (stage.openings[0]?.worldMs ?? 0)).toBeLessThanOrEqual(second);
  });
});
