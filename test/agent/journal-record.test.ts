/**
 * The journal's lines: what is written is read, and what is torn costs only itself.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ageOf,
  entryOf,
  recordBytesMax,
  recordLine,
  recordOf,
  recordsOf,
  type JournalRecord,
} from "../../agent/journal-record.ts";
import { journalBatch, journalEntriesOf } from "../../shared/journal.ts";
import { agentMessage, encode, limits, parse } from "../../shared/wire.ts";
import { anyRecord, clocks, record, someRecords } from "./journal-fixtures.ts";

/** As a program writes them: the boot is named where it changes. */
function textOf(records: readonly JournalRecord[]): string {
  return records.map((one, index) => recordLine(one, records[index - 1]?.bootId !== one.bootId)).join("");
}

describe("lines", () => {
  test("every record comes back from its line, and no line is longer than it may be", () => {
    fc.assert(
      fc.property(anyRecord, (one) => {
        const line = recordLine(one, true);
        expect(recordOf(line.trimEnd(), null)).toEqual(one);
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(recordBytesMax);
        expect(recordOf(recordLine(one, false).trimEnd(), one.bootId)).toEqual(one);
        expect(recordOf(recordLine(one, false).trimEnd(), null)).toBeNull();
      }),
    );
  });

  test("a steady tick of a long-lived journal takes at most 60 bytes: a week at η = 15 s is under 2.5 MB", () => {
    const late = record(10_000_000, { bootMs: 9e9, wallMs: 1_760_000_000_000, owedFrom: null });
    expect(recordLine(late, false).length).toBeLessThanOrEqual(60);
  });

  test("a file's text gives back its records, in order", () => {
    fc.assert(
      fc.property(someRecords, (records) => {
        expect(recordsOf(textOf(records))).toEqual(records);
      }),
    );
  });

  test("cut anywhere and written on as the writer does it, all records are read but at most the one that was cut", () => {
    fc.assert(
      fc.property(someRecords, someRecords, fc.nat(), (before, after, at) => {
        const text = textOf(before);
        const cut = text.slice(0, at % (text.length + 1));
        const whole = recordsOf(cut);
        expect(whole).toEqual(before.slice(0, whole.length));
        expect(whole.length).toBeGreaterThanOrEqual(cut.split("\n").length - 1);
        const last = before.at(-1)?.sequence ?? 0;
        const next = after.map((one) => ({ ...one, sequence: one.sequence + last }));
        expect(recordsOf(`${cut}\n${textOf(next)}`)).toEqual([...whole, ...next]);
      }),
      { numRuns: 500 },
    );
  });

  test("nonsense anywhere between never fails the reading, and never brings a record that was not written", () => {
    const nonsense = fc.oneof(
      fc.string(),
      fc.constant("\0".repeat(40)),
      fc.json(),
      fc.constant("[1,2,3,4,5,6,7"),
    );
    fc.assert(
      fc.property(someRecords, nonsense, fc.nat(), (records, dirt, at) => {
        const lines = textOf(records).split("\n");
        lines.splice(at % lines.length, 0, dirt.replaceAll("\n", ""));
        for (const one of recordsOf(lines.join("\n"))) expect(records).toContainEqual(one);
      }),
    );
  });

  test("numbers that mean nothing are no record", () => {
    const good = recordLine(record(7), true).trimEnd();
    expect(recordOf(good, null)).toEqual(record(7));
    for (const bad of [
      good.replace("[7,", "[0,"),
      good.replace("[7,", "[7.5,"),
      good.replace("[7,", "[-7,"),
      good.replace("[7,", '["7",'),
      good.replace("[7,", "[7,7,7,"),
      good.replace(/"boot-2"/, '""'),
      good.replace(/"boot-2"/, "2"),
      // An event, a collector's answer and a link that do not exist.
      '[7,1,1,9,0,0,20,0,"b"]',
      '[7,1,1,0,0,0,9,0,"b"]'.replace(",9,0,", ",29,0,"),
      '[7,1,1,0,0,0,90000,0,"b"]',
      "null",
      "[]",
    ])
      expect(recordOf(bad, "boot-2"), bad).toBeNull();
  });

  test("what was written twice, after a write that failed half way, is read once", () => {
    const text = textOf([record(1), record(2), record(3)]);
    expect(recordsOf(`${text}\n${text}${recordLine(record(4), true)}`).map((one) => one.sequence)).toEqual([
      1, 2, 3, 4,
    ]);
  });
});

describe("ages", () => {
  test("within one boot the boot clock counts, whatever the wall clock was set to", () => {
    expect(ageOf(record(1, { bootMs: 9_999_000, wallMs: 0 }), clocks)).toBe(1_000);
    expect(ageOf(record(1, { bootMs: 9_999_000, wallMs: 9e15 }), clocks)).toBe(1_000);
    // A boot clock that is coarse may seem to run backwards.
    expect(ageOf(record(1, { bootMs: 10_000_400 }), clocks)).toBe(0);
  });

  test("over boots the wall clock counts, but nothing of a former boot is younger than this one", () => {
    const former = { bootId: "boot-1", bootMs: 5 };
    expect(ageOf(record(1, { ...former, wallMs: clocks.wallMs - 86_400_000 }), clocks)).toBe(86_400_000);
    expect(ageOf(record(1, { ...former, wallMs: clocks.wallMs + 1 }), clocks)).toBe(clocks.bootMs);
  });

  test("entries of all kinds fit the wire, and come back from it", () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 20 }), (records) => {
        const entries = records.map((one, index) => entryOf({ ...one, sequence: index + 1 }, clocks));
        const { message, taken } = journalBatch(entries);
        const parsed = parse(agentMessage, encode(message));
        expect(parsed.ok && parsed.message.type === "journal" && journalEntriesOf(parsed.message)).toEqual(
          entries.slice(0, taken),
        );
        expect(Buffer.byteLength(encode(message))).toBeLessThan(limits.messageBytesMax);
      }),
    );
  });
});
