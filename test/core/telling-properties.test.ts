/**
 * What holds over any schedule of outages, of what people do about them and of faults of their channels, on the core's stage.
 * How it is judged: by a ledger of what the other side accepted, whatever the collector was told of it.
 * Must not: know how the outbox decides; a failure prints the schedule, shrunk.
 */
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { expectRest } from "./lives.ts";
import { second } from "./records.ts";
import {
  baseless,
  disordered,
  doubled,
  falselyMarked,
  importunate,
  lost,
  strangers,
} from "./telling-judgement.ts";
import { anySchedule, play } from "./telling-life.ts";

// Long lives, and shrinking them when one fails, on a machine that is shared.
vi.setConfig({ testTimeout: 240_000 });

const bounded = { interruptAfterTimeLimit: 60 * second };

describe("any schedule, any people, any faults of the channels", () => {
  test("[O1] [O2] [O3] [O4] [O5] [O6] [O7] [O8] [S6] [S7] [R1] [R2] [R3] [R4] [R5] [R7] [R8] each fact once, in order, to whom it is for, and no more of it than was asked for", () => {
    fc.assert(
      fc.property(anySchedule, (schedule) => {
        const played = play(schedule);
        expect(doubled(played)).toEqual([]);
        expect(falselyMarked(played)).toEqual([]);
        expect(lost(played)).toEqual([]);
        expect(baseless(played)).toEqual([]);
        expect(disordered(played)).toEqual([]);
        expect(strangers(played)).toEqual([]);
        expect(importunate(played)).toEqual([]);
        expect(played.stale).toEqual([]);
        expect(played.unfolded).toEqual([]);
        expect(played.overdue).toEqual([]);
        expectRest(played.stage);
      }),
      { ...bounded, numRuns: 150 },
    );
  });

  test("they meet what they are about: each step, doubts, marked repeats, several in one, next recipients, stand-ins, moved chats", () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(anySchedule, (schedule) => {
        const { stage, attempts, shutOut } = play(schedule);
        for (const { row, isDoubtful } of attempts) {
          met.add(row.step).add(row.reason);
          if (isDoubtful) met.add("doubt");
          if (row.repeat) met.add("marked");
        }
        if (shutOut.size > 0) met.add("shut out");
        if (stage.state.tables.recipient.get("grp")?.address !== "-1001") met.add("moved");
        for (const { notification } of stage.beside) met.add(notification.step);
        if (stage.sends.some((rows) => rows.length > 1)) met.add("several");
      }),
      { numRuns: 100, seed: 7 },
    );
    expect([...met]).toEqual(
      expect.arrayContaining([
        ...["down", "worse", "recovered", "told_late", "repeat", "edit", "announced", "announced_over"],
        ...["flapping", "digest", "recipient_lost", "escalated", "fallback", "receiver_back"],
        ...["doubt", "marked", "shut out", "moved", "several"],
      ]),
    );
  });
});
