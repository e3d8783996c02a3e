/**
 * Journal records, their clocks and their arbitraries, for the journal's tests.
 * Must not: hold a rule of the journal; what is expected stands in the tests.
 */
import fc from "fast-check";
import type { JournalClocks, JournalRecord } from "../../agent/journal-record.ts";

export const clocks: JournalClocks = { bootId: "boot-2", bootMs: 10_000_000, wallMs: 1_760_000_000_000 };

/** An acknowledged tick; with what the test is about. */
export function record(sequence: number, change: Partial<JournalRecord> = {}): JournalRecord {
  return {
    sequence,
    bootId: "boot-2",
    bootMs: sequence * 15_000,
    wallMs: clocks.wallMs - clocks.bootMs + sequence * 15_000,
    event: "tick",
    lateMs: 0,
    sleptMs: 0,
    link: "up",
    gateway: "ok",
    dns: "unknown",
    internet: "ok",
    collector: "ok",
    owedFrom: null,
    ...change,
  };
}

const millis = fc.nat({ max: 10 ** 12 });
const reached = fc.constantFrom("ok" as const, "failed" as const, "unknown" as const);

export const anyRecord: fc.Arbitrary<JournalRecord> = fc.record({
  sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  bootId: fc.oneof(
    fc.uuid(),
    fc.string({ minLength: 1, maxLength: 128, unit: "grapheme" }).filter((text) => {
      return text.length <= 128 && !/[\p{Cc}\p{Cs}]/u.test(text);
    }),
  ),
  bootMs: millis,
  wallMs: fc.integer({ min: -(10 ** 13), max: 10 ** 13 }),
  event: fc.constantFrom("tick" as const, "start" as const, "stop" as const),
  lateMs: millis,
  sleptMs: millis,
  link: fc.constantFrom("up" as const, "down" as const, "unknown" as const),
  gateway: reached,
  dns: reached,
  internet: reached,
  collector: fc.constantFrom(
    ...(["ok", "timeout", "refused", "unreachable", "name", "certificate", "proxy", "rejected"] as const),
    "unknown" as const,
  ),
  owedFrom: fc.option(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), { nil: null }),
});

/** In order, as a program writes them: growing numbers, a boot now and then. */
export const someRecords: fc.Arbitrary<JournalRecord[]> = fc
  .array(fc.tuple(anyRecord, fc.boolean()), { minLength: 1, maxLength: 12 })
  .map((drawn) => {
    let bootId = "boot";
    return drawn.map(([one, again], index) => {
      if (!again) bootId = one.bootId;
      return { ...one, bootId, sequence: index * 3 + 1 };
    });
  });
