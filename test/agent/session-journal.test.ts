/**
 * The journal and the probes within the session: when they are said, and when not.
 */
import { describe, expect, test } from "vitest";
import { nextDeadlineMs, step } from "../../agent/session.ts";
import type { SessionEffect, SessionEvent, SessionState } from "../../agent/session-types.ts";
import {
  able,
  ack,
  checked,
  closedWith,
  driven,
  fullWelcome,
  hello,
  journal,
  journalAck,
  journalRead,
  message,
  nowMs,
  opened,
  probe,
  probed,
  serving,
  started,
  states,
  stopped,
  welcome,
} from "./session-fixtures.ts";

const typesOf = (effects: readonly SessionEffect[]): string[] => effects.map((effect) => effect.type);
const intervalMs = welcome.heartbeatIntervalMs;

function told(state: SessionState, ...events: readonly SessionEvent[]) {
  return events.reduce((before, event) => step(before.state, event), {
    state,
    effects: [] as readonly SessionEffect[],
  });
}

describe("features", () => {
  test("[P33] prove says what the settings say, an agent of before says nothing", () => {
    const said = (settings: typeof serving) =>
      step(driven(settings, started, opened), message(hello)).effects.find(
        (one) => one.type === "send_opening",
      );
    expect(said(able)).toMatchObject({ features: ["witness", "journal"] });
    expect(said(serving)).toMatchObject({ features: [] });
  });

  test("[P33] a feature counts only when both sides said it, whatever else the collector says", () => {
    const open = (features: readonly string[] | undefined, settings = able) => {
      const heard = { ...fullWelcome, features: features === undefined ? undefined : [...features] };
      const { features: _, ...plain } = heard;
      const state = driven(
        settings,
        started,
        opened,
        message(hello),
        message(heard.features === undefined ? plain : { ...plain, features: heard.features }),
        checked(true),
      );
      return state.kind === "open" ? state.features : null;
    };
    expect(open(undefined)).toEqual([]);
    expect(open(["journal", "magic"])).toEqual(["journal"]);
    expect(open(["journal", "witness", "journal"])).toEqual(["witness", "journal"]);
    expect(open(["journal", "witness"], serving)).toEqual([]);
    expect(open(["witness"], { ...able, features: ["journal"] })).toEqual([]);
  });
});

describe("the journal's turn", () => {
  test("[P37] it is read after the first ack, behind inventory, and never before", () => {
    const unheard = states.able_unheard;
    expect(typesOf(told(unheard, { type: "time_passed", nowMs: nowMs + 20_000 }).effects)).toEqual([
      "send_beat",
    ]);
    const ready = step(unheard, { type: "inventory_read", nowMs }).state;
    expect(typesOf(step(ready, ack(1)).effects)).toEqual(["send_inventory", "read_journal"]);
    expect(typesOf(told(ready, ack(1), ack(1)).effects)).toEqual([]);
  });

  test("[P38] the next is read η/4 after the last was sent, at the earliest when that was acknowledged", () => {
    const late = told(states.able_unacked, journalAck(7, nowMs + 9_000)).state;
    expect(typesOf(step(late, { type: "time_passed", nowMs: nowMs + 9_000 }).effects)).toEqual([
      "read_journal",
    ]);
    const soon = told(states.able_unacked, journalAck(7, nowMs + 10)).state;
    expect(nextDeadlineMs(soon)).toBe(nowMs + intervalMs / 4);
    expect(step(soon, { type: "time_passed", nowMs: nowMs + intervalMs / 4 - 1 }).state).toBe(soon);
    const next = step(soon, { type: "time_passed", nowMs: nowMs + intervalMs / 4 });
    expect(typesOf(next.effects)).toEqual(["read_journal"]);
    // What the reading takes does not shorten the rest.
    const sent = step(next.state, journalRead(journal(9, true), nowMs + 14_000)).state;
    const again = step(sent, journalAck(9, nowMs + 14_001)).state;
    expect(nextDeadlineMs(again)).toBe(
      Math.min(nextDeadlineMs(states.able_told), nowMs + 14_000 + intervalMs / 4),
    );
  });

  test("[P38] a beat that is due goes first, and the journal follows at once", () => {
    const resting = states.able_resting;
    const bothDueMs = nowMs + 2 * intervalMs;
    const beat = step(resting, { type: "time_passed", nowMs: bothDueMs });
    expect(typesOf(beat.effects)).toEqual(["send_beat"]);
    expect(nextDeadlineMs(beat.state)).toBeLessThanOrEqual(bothDueMs);
    expect(typesOf(step(beat.state, { type: "time_passed", nowMs: bothDueMs }).effects)).toEqual([
      "read_journal",
    ]);
  });

  test("[P39] without an acknowledgement nothing more is sent, and the beats go on as ever", () => {
    let state: SessionState = states.able_unacked;
    for (let turn = 0; turn < 20; turn += 1) {
      const dueMs = nextDeadlineMs(state);
      const { state: next, effects } = step(state, { type: "time_passed", nowMs: dueMs });
      expect(typesOf(effects)).toEqual(["send_beat"]);
      const sequence = next.kind === "open" ? next.sequence : 0;
      state = step(next, ack(sequence, dueMs)).state;
    }
    expect(state.kind === "open" && state.journal.kind).toBe("unacked");
  });

  test("an acknowledgement of less than was sent is waited on; one of more is a misuse", () => {
    expect(step(states.able_unacked, journalAck(6)).state).toBe(states.able_unacked);
    expect(typesOf(step(states.able_unacked, journalAck(8)).effects)).toContain("close");
  });

  test("what was read for a socket that is gone is not sent on the next", () => {
    const lost = told(states.able_reading, closedWith(1006)).state;
    expect(step(lost, journalRead(journal(7))).effects).toEqual([]);
    const again = told(
      lost,
      { type: "time_passed", nowMs: nowMs + 60_000 },
      { ...opened, link: 2 },
      message(hello, 2),
      message(fullWelcome, 2),
      checked(true, 2),
      ack(1, nowMs + 60_000, 2),
    );
    expect(typesOf(again.effects)).toEqual(["read_journal"]);
    expect(step(again.state, journalRead(journal(7))).effects).toEqual([]);
    expect(typesOf(step(again.state, journalRead(journal(7), nowMs + 60_000, 2)).effects)).toEqual([
      "send_journal",
    ]);
  });

  test("nothing is said after the goodbye", () => {
    const closing = step(states.able_reading, stopped).state;
    expect(step(closing, journalRead(journal(7))).effects).toEqual([]);
    expect(step(closing, { type: "probe_answered", nowMs, link: 1, message: probed }).effects).toEqual([]);
    expect(step(closing, message(probe)).effects).toEqual([]);
  });
});

describe("probes on request", () => {
  test("[P34] one is passed on as it came, at any time of an open session, also before the first ack", () => {
    expect(step(states.able_unheard, message(probe)).effects).toEqual([
      { type: "ask_witness", link: 1, probe },
    ]);
  });

  test("[P35] its answer is sent only on the socket that asked", () => {
    const answer = (link: number): SessionEvent => ({ type: "probe_answered", nowMs, link, message: probed });
    expect(step(states.able_told, answer(1)).effects).toEqual([
      { type: "send_probed", link: 1, message: probed },
    ]);
    expect(step(states.able_told, answer(0)).effects).toEqual([]);
    expect(step(states.waiting, answer(1)).effects).toEqual([]);
  });
});

test("a steady beat and its ack copy one small object each, and share all that did not change", () => {
  const before = states.able_told;
  const beat = step(before, { type: "time_passed", nowMs: nextDeadlineMs(before) }).state;
  const acked = step(beat, ack(2, nextDeadlineMs(before))).state;
  expect(beat.kind === "open" && acked.kind === "open").toBe(true);
  if (before.kind !== "open" || beat.kind !== "open" || acked.kind !== "open") return;
  for (const one of [beat, acked]) {
    expect(one.standing).toBe(before.standing);
    expect(one.features).toBe(before.features);
    expect(one.journal).toBe(before.journal);
  }
});
