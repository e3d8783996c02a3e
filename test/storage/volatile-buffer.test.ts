/**
 * Volatile writes on their way to their file.
 */
import { Low, Memory } from "lowdb";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { volatileTableNames } from "../../collector/storage/codec.ts";
import { createTableDocument, type TableDocument } from "../../collector/storage/table-document.ts";
import { createVolatileBuffer, type VolatileBuffer } from "../../collector/storage/volatile-buffer.ts";

function createBuffer(): {
  readonly low: Low<TableDocument>;
  readonly buffer: VolatileBuffer;
  readonly notices: string[];
} {
  const low = new Low<TableDocument>(new Memory(), createTableDocument(volatileTableNames));
  const notices: string[] = [];
  return { low, notices, buffer: createVolatileBuffer(low, (notice) => notices.push(notice)) };
}

const look = (key: string, coreMs: number) => ({ table: "look", key, value: { coreMs } }) as const;

describe("volatile writes", () => {
  test("[ST5] a record written again while a flush is under way keeps its newest value", async () => {
    const { low, buffer } = createBuffer();
    const last = 20_000;
    for (let number = 0; number <= last; number++) buffer.put([look(`s${number}`, 1)]);
    const flushing = buffer.flush();
    // The flush takes several turns; after the first one the last record still waits.
    await setImmediate();
    expect(low.data.get("look", "s0")).toBe('{"coreMs":1}');
    expect(low.data.get("look", `s${last}`)).toBeUndefined();
    buffer.put([look("s0", 2), look(`s${last}`, 2)]);
    await flushing;
    await buffer.flush();
    expect(low.data.get("look", "s0")).toBe('{"coreMs":2}');
    expect(low.data.get("look", `s${last}`)).toBe('{"coreMs":2}');
    expect(low.data.keyCount("look")).toBe(last + 1);
    expect([...buffer.entries()]).toEqual([]);
  });

  test("[ST5] a value that can't be stored is left out with a notice, and the others are written", async () => {
    const { low, buffer, notices } = createBuffer();
    buffer.put([look("a", Number.NaN), look("b", 2)]);
    await buffer.flush();
    expect([...low.data.entries("look")]).toEqual([["b", '{"coreMs":2}']]);
    expect(notices).toEqual(["A record of look (a) was left out: assertion failed: NaN can't be stored"]);
  });

  test("[ST5] a durable table is refused: it must be committed", () => {
    const { buffer } = createBuffer();
    expect(() => buffer.put([{ table: "shelf", key: "a", value: 1 }])).toThrow(
      "shelf is not a volatile table",
    );
  });
});
