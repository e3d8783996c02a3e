/**
 * Buckets of moments: nobody is lost, nobody comes early by more than a bucket, and the order holds.
 * Must not: know how wide the core makes its buckets.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Schedule } from "../../collector/core/schedule.ts";

describe("the schedule", () => {
  test("[D17] a key is due from its moment on, and stays due until it is moved", () => {
    const schedule = new Schedule(500);
    schedule.set("x", 10_000);
    expect(schedule.due(9_499)).toEqual([]);
    expect(schedule.due(10_000)).toEqual(["x"]);
    schedule.advance(60_000);
    expect(schedule.due(60_000)).toEqual(["x"]);
    schedule.set("x", 90_000);
    expect(schedule.due(60_000)).toEqual([]);
    expect(schedule.has("x")).toBe(true);
    schedule.set("x", null);
    expect(schedule.has("x")).toBe(false);
    expect(schedule.due(1e12)).toEqual([]);
  });

  test("[D17] a key that is put before the present is due at once", () => {
    const schedule = new Schedule(500);
    schedule.set("later", 100_000);
    schedule.advance(50_000);
    schedule.set("early", 3_000);
    expect(schedule.due(50_000)).toEqual(["early"]);
  });

  test("earlier buckets come first, and within one the order in which keys were put there", () => {
    const schedule = new Schedule(1_000);
    schedule.set("c", 5_100);
    schedule.set("b", 2_000);
    schedule.set("a", 5_900);
    expect(schedule.due(10_000)).toEqual(["b", "c", "a"]);
  });

  test("[D17] [S14] against a list of moments: the same keys are due, whatever leaps and moves came before", () => {
    const operation = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          type: fc.constant("set" as const),
          key: fc.constantFrom("a", "b", "c", "d", "e"),
          atMs: fc.option(fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 1e9 }))),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          type: fc.constant("pass" as const),
          ms: fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 1e8 })),
        }),
      },
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000 }),
        fc.array(operation, { maxLength: 60 }),
        (widthMs, steps) => {
          const schedule = new Schedule(widthMs);
          const model = new Map<string, number>();
          let nowMs = 0;
          for (const step of steps) {
            if (step.type === "pass") {
              nowMs += step.ms;
              schedule.advance(nowMs);
            } else {
              schedule.set(step.key, step.atMs);
              if (step.atMs === null) model.delete(step.key);
              else model.set(step.key, step.atMs);
            }
            const bucket = (ms: number): number => Math.floor(ms / widthMs);
            const expected = [...model]
              .filter(([, atMs]) => bucket(atMs) <= bucket(nowMs))
              .map(([key]) => key);
            const due = schedule.due(nowMs);
            expect([...due].sort()).toEqual(expected.sort());
            // Nobody whose moment has come is left out, and nobody comes early by a whole bucket.
            for (const [key, atMs] of model) if (atMs <= nowMs) expect(due).toContain(key);
            for (const key of due) expect(model.get(key) ?? Infinity).toBeLessThan(nowMs + widthMs);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("a leap of a thousand years costs no more than the keys there are", () => {
    const schedule = new Schedule(500);
    for (let index = 0; index < 100; index += 1) schedule.set(`x${index}`, index * 1_000);
    const leapMs = 1_000 * 365 * 86_400_000;
    schedule.advance(leapMs);
    expect(schedule.due(leapMs)).toHaveLength(100);
  });

  test("a hundred thousand keys in as many buckets survive a leap", () => {
    const schedule = new Schedule(10);
    for (let index = 0; index < 200_000; index += 1) schedule.set(`x${index}`, 1_000_000 + index * 10);
    schedule.advance(500_000_000);
    expect(schedule.due(500_000_000)).toHaveLength(200_000);
  });
});
