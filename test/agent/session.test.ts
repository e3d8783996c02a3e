/**
 * The session's duties one by one: rhythm, time-outs, back-off, health, goodbye.
 */
import { describe, expect, test } from "vitest";
import { nextDeadlineMs, step } from "../../agent/session.ts";
import { sessionLimits } from "../../agent/session-redial.ts";
import type { OpenState, SessionEffect, SessionState } from "../../agent/session-types.ts";
import { fatalRedialMs } from "../../shared/close-codes.ts";
import {
  ack,
  checked,
  closedWith,
  driven,
  enrolling,
  hello,
  message,
  nowMs,
  opened,
  serving,
  started,
  states,
  stopped,
  welcome,
} from "./session-fixtures.ts";

function asOpen(state: SessionState): OpenState {
  if (state.kind !== "open") throw new Error(`not open but ${state.kind}`);
  return state;
}

function typesOf(effects: readonly SessionEffect[]): string[] {
  return effects.map((effect) => effect.type);
}

/** Tells `time_passed` at each deadline and acknowledges each beat at once, `count` times. */
function afterBeats(
  state: SessionState,
  count: number,
): { state: OpenState; beats: SessionEffect[]; atMs: number[] } {
  const beats: SessionEffect[] = [];
  const atMs: number[] = [];
  let current = state;
  while (beats.length < count) {
    const dueMs = nextDeadlineMs(current);
    const passed = step(current, { type: "time_passed", nowMs: dueMs });
    const beat = passed.effects.find((effect) => effect.type === "send_beat");
    if (beat === undefined) throw new Error(`no beat but ${typesOf(passed.effects).join(" ")}`);
    beats.push(beat);
    atMs.push(dueMs);
    current = step(passed.state, ack(asOpen(passed.state).sequence, dueMs)).state;
  }
  return { state: asOpen(current), beats, atMs };
}

describe("beats", () => {
  test("the first beat goes at once after the collector's proof, with sequence 1", () => {
    const { effects } = step(states.proving_check, checked(true));
    expect(effects).toContainEqual({ type: "send_beat", link: 1, sequence: 1, health: false });
  });

  test("beats keep to η ± 1/3, all of that range, and their sequence grows by 1", () => {
    const { beats, atMs } = afterBeats(states.open_acked, 600);
    expect(beats.map((beat) => (beat.type === "send_beat" ? beat.sequence : 0))).toEqual(
      Array.from({ length: 600 }, (_, index) => index + 2),
    );
    const waits = atMs.slice(1).map((at, index) => at - (atMs[index] ?? 0));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(10_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(20_000);
    expect(Math.min(...waits)).toBeLessThan(10_300);
    expect(Math.max(...waits)).toBeGreaterThan(19_700);
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    expect(Math.abs(mean - 15_000)).toBeLessThan(500);
  });

  test("two seeds do not beat together", () => {
    const other = driven(
      { ...serving, seed: 8 },
      started,
      opened,
      message(hello),
      message(welcome),
      checked(true),
    );
    expect(nextDeadlineMs(other)).not.toBe(nextDeadlineMs(states.open));
  });

  test("health goes with the first beat after it was read, then once per interval", () => {
    const ready = step(states.open_acked, { type: "health_read", nowMs }).state;
    const { beats, atMs } = afterBeats(ready, 200);
    const withHealth = atMs.filter((_, index) => {
      const beat = beats[index];
      return beat?.type === "send_beat" && beat.health;
    });
    expect(withHealth[0]).toBe(atMs[0]);
    const spanMs = (atMs.at(-1) ?? 0) - (atMs[0] ?? 0);
    // On the grid of 60 s: the jitter of the beats does not stretch the rhythm.
    expect(Math.abs(withHealth.length - spanMs / 60_000)).toBeLessThan(2);
  });

  test("health that was read before the session goes with its first beat", () => {
    const ready = step(states.proving_check, { type: "health_read", nowMs }).state;
    expect(step(ready, checked(true)).effects).toContainEqual({
      type: "send_beat",
      link: 1,
      sequence: 1,
      health: true,
    });
  });

  test("the inventory follows the first ack, not the first beat", () => {
    const ready = step(states.proving_check, { type: "inventory_read", nowMs }).state;
    const open = step(ready, checked(true));
    expect(typesOf(open.effects)).not.toContain("send_inventory");
    const first = step(open.state, ack(1));
    expect(typesOf(first.effects)).toEqual(["send_inventory"]);
  });
});

describe("acks", () => {
  test("when the oldest beat is unanswered for ackTimeoutMs the socket is terminated and redialled", () => {
    let state: SessionState = states.open;
    const beatAt = asOpen(state).unacked[0]?.sentAtMs ?? 0;
    let atMs = 0;
    while (state.kind === "open") {
      atMs = nextDeadlineMs(state);
      const passed = step(state, { type: "time_passed", nowMs: atMs });
      if (passed.state.kind !== "open") {
        expect(typesOf(passed.effects)).toEqual(["terminate", "log"]);
      }
      state = passed.state;
    }
    expect(atMs - beatAt).toBe(40_000);
    expect(state.kind).toBe("waiting");
    expect(state.standing.problem?.code).toBe("ack_missing");
  });

  test("an ack of a later beat covers the earlier ones", () => {
    const two = step(states.open, { type: "time_passed", nowMs: nextDeadlineMs(states.open) }).state;
    expect(asOpen(two).unacked).toHaveLength(2);
    expect(asOpen(step(two, ack(2)).state).unacked).toEqual([]);
  });

  test("an ack of the earlier of two leaves the later one to be waited for", () => {
    const dueMs = nextDeadlineMs(states.open);
    const two = step(states.open, { type: "time_passed", nowMs: dueMs }).state;
    expect(asOpen(step(two, ack(1)).state).unacked).toEqual([{ sequence: 2, sentAtMs: dueMs }]);
  });

  test("a collector that asks for a long wait gets no more than unackedBeatsMax beats", () => {
    let state = driven(
      serving,
      started,
      opened,
      message(hello),
      message({ ...welcome, ackTimeoutMs: 3_600_000 }),
      checked(true),
    );
    let beats = 1;
    while (state.kind === "open") {
      const passed = step(state, { type: "time_passed", nowMs: nextDeadlineMs(state) });
      beats += passed.effects.filter((effect) => effect.type === "send_beat").length;
      state = passed.state;
    }
    expect(beats).toBe(sessionLimits.unackedBeatsMax);
    expect(state.standing.problem?.code).toBe("ack_missing");
  });
});

describe("redialling", () => {
  function waitsAfterFailures(count: number, code: number): number[] {
    let state: SessionState = driven(serving, started);
    const waits: number[] = [];
    for (let index = 0; index < count; index += 1) {
      state = step(state, closedWith(code, nowMs, state.standing.link)).state;
      if (state.kind !== "waiting") throw new Error(state.kind);
      waits.push(state.redialAtMs - nowMs);
      state = step(state, { type: "time_passed", nowMs: state.redialAtMs }).state;
    }
    return waits;
  }

  test("the waits are drawn below 1 s, 2 s, 4 s … and never above 2 η", () => {
    const ceilings = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000];
    const largest = ceilings.map(() => 0);
    for (let seed = 0; seed < 300; seed += 1) {
      let state: SessionState = driven({ ...serving, seed }, started);
      ceilings.forEach((ceiling, index) => {
        state = step(state, closedWith(1006, nowMs, state.standing.link)).state;
        if (state.kind !== "waiting") throw new Error(state.kind);
        const waitMs = state.redialAtMs - nowMs;
        expect(waitMs).toBeLessThanOrEqual(ceiling);
        largest[index] = Math.max(largest[index] ?? 0, waitMs);
        state = step(state, { type: "time_passed", nowMs: state.redialAtMs }).state;
      });
    }
    largest.forEach((wait, index) => expect(wait).toBeGreaterThan((ceilings[index] ?? 0) * 0.9));
  });

  test("a refused connection is waited for anew each time, and logged once", () => {
    expect(waitsAfterFailures(20, 1006)).toHaveLength(20);
    const first = step(states.dialing, closedWith(1006));
    const again = step(first.state, { type: "time_passed", nowMs: nowMs + 60_000 });
    const second = step(again.state, closedWith(1006, nowMs + 60_000, 2));
    expect(typesOf(first.effects)).toContain("log");
    expect(typesOf(second.effects)).not.toContain("log");
  });

  test.each([4401, 4403, 4404, 4406, 4407, 4410])(
    "after the fatal close %i it redials after 15 minutes, and the reason is kept",
    (code) => {
      const { state } = step(states.open_acked, closedWith(code));
      if (state.kind !== "waiting") throw new Error(state.kind);
      expect(state.redialAtMs - nowMs).toBeGreaterThanOrEqual(fatalRedialMs);
      expect(state.redialAtMs - nowMs).toBeLessThanOrEqual(fatalRedialMs * 1.1);
      expect(state.standing.problem).toEqual({ code: "closed", closeCode: code, detail: "gone" });
      const dialing = step(state, { type: "time_passed", nowMs: state.redialAtMs }).state;
      expect(dialing.kind).toBe("dialing");
      expect(dialing.standing.problem?.closeCode).toBe(code);
    },
  );

  test.each([4400, 4408, 4409, 4429, 4503, 1000, 1002, 1009, 1005, 1006, 4999])(
    "after the close %i it redials with the usual back-off",
    (code) => {
      const { state } = step(states.open_acked, closedWith(code));
      if (state.kind !== "waiting") throw new Error(state.kind);
      expect(state.redialAtMs - nowMs).toBeLessThanOrEqual(1_000);
    },
  );

  test("a collector with another key is told nothing and redialled after 15 minutes", () => {
    const { state, effects } = step(
      states.proving_hello,
      message({ ...hello, collectorKey: "Z".repeat(42) + "A" }),
    );
    expect(effects[0]).toMatchObject({ type: "close", code: 1000 });
    expect(typesOf(effects)).not.toContain("send_opening");
    if (state.kind !== "waiting") throw new Error(state.kind);
    expect(state.redialAtMs - nowMs).toBeGreaterThanOrEqual(fatalRedialMs);
    expect(state.standing.problem?.code).toBe("collector_key_wrong");
  });

  test("a collector without a common version is closed with 4406", () => {
    const { state, effects } = step(
      states.proving_hello,
      message({ ...hello, versionMin: 2, versionCurrent: 3 }),
    );
    expect(effects[0]).toMatchObject({ type: "close", code: 4406 });
    expect(state.standing.problem?.code).toBe("version_unknown");
  });

  test("of a wider window the newest common version is spoken", () => {
    const { effects } = step(states.proving_hello, message({ ...hello, versionMin: 1, versionCurrent: 9 }));
    expect(effects[0]).toMatchObject({ type: "send_opening", version: 1 });
  });

  test("what a refused upgrade asks for is waited for on top of the back-off, at most 60 s", () => {
    for (const [asked, least] of [
      [5_000, 5_000],
      [3_600_000, 60_000],
    ] as const) {
      const { state } = step(states.dialing, {
        type: "socket_closed",
        nowMs,
        link: 1,
        code: 1006,
        detail: "HTTP 503",
        retryAfterMs: asked,
      });
      if (state.kind !== "waiting") throw new Error(state.kind);
      expect(state.redialAtMs - nowMs).toBeGreaterThanOrEqual(least);
      expect(state.redialAtMs - nowMs).toBeLessThanOrEqual(least + 1_000);
    }
  });

  test("the back-off begins anew only after a session that lasted 2 η", () => {
    const retried = driven(
      serving,
      started,
      closedWith(1006),
      { type: "time_passed", nowMs: nowMs + 1_000 },
      { ...opened, link: 2 },
      message(hello, 2),
      message(welcome, 2),
      checked(true, 2),
    );
    const early = step(retried, ack(1, nowMs + 10, 2)).state;
    expect(early.standing.attempt).toBe(1);
    expect(early.standing.problem).toBeNull();
    const beaten = step(retried, { type: "time_passed", nowMs: nextDeadlineMs(retried) }).state;
    const late = step(beaten, ack(2, nowMs + 30_000, 2)).state;
    expect(late.standing.attempt).toBe(0);
  });

  test("a machine that slept redials at once", () => {
    const { state, effects } = step(states.open_acked, { type: "machine_slept", nowMs, sleptMs: 60_000 });
    expect(typesOf(effects)).toEqual(["terminate", "log", "dial"]);
    expect(state.standing.link).toBe(2);
  });

  test("an agent that stood still for longer than an ack may take redials at once", () => {
    const { effects } = step(states.open_acked, {
      type: "time_passed",
      nowMs: nextDeadlineMs(states.open_acked) + 40_001,
    });
    expect(typesOf(effects)).toEqual(["terminate", "log", "dial"]);
  });

  test("an agent that stood still for less only beats", () => {
    const { effects } = step(states.open_acked, {
      type: "time_passed",
      nowMs: nextDeadlineMs(states.open_acked) + 39_000,
    });
    expect(typesOf(effects)).toEqual(["send_beat"]);
  });
});

describe("ending", () => {
  test("goodbye takes the next sequence, and its ack ends the session", () => {
    const leaving = step(states.open_acked, { ...stopped, reason: "reboot" });
    expect(leaving.effects[0]).toEqual({ type: "send_goodbye", link: 1, sequence: 2, reason: "reboot" });
    const end = step(leaving.state, ack(2));
    expect(end.effects.at(-1)).toEqual({ type: "finished", outcome: "stopped", problem: null });
  });

  test("a goodbye that is not acknowledged is waited for 2 s", () => {
    expect(nextDeadlineMs(states.closing) - nowMs).toBe(2_000);
  });

  test("enrolling gives up when its time is over, in whatever state it is", () => {
    for (const events of [[started], [started, opened], [started, closedWith(1006)]] as const) {
      const state = driven({ ...enrolling, giveUpAfterMs: 60_000 }, ...events);
      const { effects } = step(state, { type: "time_passed", nowMs: nowMs + 60_000 });
      expect(effects.at(-1)).toMatchObject({ type: "finished", outcome: "gave_up" });
    }
  });

  test("a stored identity counts when its socket is already gone", () => {
    const lost = step(states.enrolling_stored, closedWith(1006)).state;
    const { effects } = step(lost, { type: "identity_stored", nowMs });
    expect(effects).toEqual([{ type: "finished", outcome: "enrolled", problem: null }]);
  });
});

test("a steady year of beats keeps the state at its size", () => {
  const before = JSON.stringify(states.open_acked).length;
  const { state } = afterBeats(states.open_acked, 20_000);
  expect(JSON.stringify(state).length - before).toBeLessThan(40);
});
