/**
 * What holds over any schedule of outages, of what people do about them and of faults of their channels (the core on its stage).
 * Beside test/core/telling-properties.test.ts: that has one route to everybody; this has routes, next recipients, reminders,
 * fallbacks, users, groups, flapping, chats that shut us out and move.
 * Must not: know how the outbox decides; a failure prints the schedule, shrunk.
 */
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { expectRest } from "../core/lives.ts";
import { second } from "../core/records.ts";
import {
  baseless,
  disordered,
  doubled,
  falselyMarked,
  importunate,
  lost,
  stale,
  strangers,
} from "./schedule-judgement.ts";
import { anySchedule, play } from "./schedule.ts";

// Long lives, and shrinking them when one fails, on a machine that is shared.
vi.setConfig({ testTimeout: 240_000 });

const bounded = { interruptAfterTimeLimit: 60 * second };

describe("any schedule, any people, any faults of the channels", () => {
  test("[O1] [O4] [O6] [O7] [O8] [S6] [S7] [R1] [R2] [R3] [R4] [R5] [R8] each fact once, in order, to whom it is for, and no more of it than was asked for", () => {
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
        expect(stale(played)).toEqual([]);
        expect(played.unfolded).toEqual([]);
        expect(played.overdue).toEqual([]);
        expectRest(played.stage);
      }),
      { ...bounded, numRuns: 100 },
    );
  });
});
