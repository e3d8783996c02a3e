/**
 * `parse` against hostile text: it never throws, and never lets a value out of range through.
 * Must not: know how the schemas are written; ranges are said again here, from PROTOCOL.md.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as wire from "../../shared/wire.ts";

const beat = (text: string): wire.Parsed<wire.AgentMessage> => wire.parse(wire.agentMessage, text);
const key43 = "A".repeat(43);
const signature86 = "A".repeat(86);
const prove = {
  type: "prove",
  version: 1,
  agentKey: key43,
  agentNonce: key43,
  signature: signature86,
  bootId: "boot",
  agentVersion: "1",
  agentStartedBootMs: 0,
};
const proves = (change: object): boolean =>
  wire.parse(wire.agentOpening, JSON.stringify({ ...prove, ...change })).ok;

describe("parse", () => {
  test("[P8] never throws, whatever the text", () => {
    const schemas = [wire.agentOpening, wire.agentMessage, wire.collectorMessage];
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json(), fc.constant("")), (text) => {
        for (const schema of schemas) expect(typeof wire.parse<unknown>(schema, text).ok).toBe("boolean");
      }),
      { numRuns: 500 },
    );
  });

  test("[P8] never throws and never accepts a wrong kind, for objects that almost fit", () => {
    const anything = fc.oneof(fc.jsonValue(), fc.constant({ cpu: 2 }), fc.constant([]));
    const nearly = fc.record(
      {
        type: fc.constantFrom("beat", "goodbye", "inventory", "ack", "__proto__", 1, null),
        sequence: fc.oneof(fc.double(), fc.integer(), anything),
        health: anything,
        reason: anything,
        inventory: anything,
      },
      { requiredKeys: ["type"] },
    );
    fc.assert(
      fc.property(nearly, (value) => {
        const parsed = beat(JSON.stringify(value));
        if (!parsed.ok) {
          expect(parsed.problem.length).toBeGreaterThan(0);
          return;
        }
        expect(["beat", "goodbye", "inventory"]).toContain(parsed.message.type);
        if ("sequence" in parsed.message) {
          expect(Number.isSafeInteger(parsed.message.sequence)).toBe(true);
          expect(parsed.message.sequence).toBeGreaterThanOrEqual(1);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ["0", false],
    ["1", true],
    ["-1", false],
    ["1.5", false],
    ["1.0", true],
    ["9007199254740991", true],
    ["9007199254740992", false],
    ["1e999", false],
    ['"1"', false],
    ["null", false],
    ["[1]", false],
    ["true", false],
    ["NaN", false],
  ])("[P19] sequence %s: accepted %s", (sequence, accepted) => {
    expect(beat(`{"type":"beat","sequence":${sequence}}`).ok).toBe(accepted);
  });

  test.each([
    [{ cpu: 1 }, true],
    [{ cpu: 1.000001 }, false],
    [{ cpu: -0.1 }, false],
    [{ cpu: "0" }, false],
    [{ load: [0, 0, 0] }, true],
    [{ load: [0, 0] }, false],
    [{ load: [0, 0, 0, 0] }, false],
    [{ load: [0, -1, 0] }, false],
    [{ memoryUsedBytes: 2 ** 53 - 1 }, true],
    [{ memoryUsedBytes: 2 ** 53 }, false],
    [{ memoryUsedBytes: -1 }, false],
    [{ temperatureCelsius: 300 }, true],
    [{ temperatureCelsius: 301 }, false],
    [{ temperatureCelsius: -101 }, false],
    [{ uptimeSeconds: 1e10 }, true],
    [{ uptimeSeconds: 1e10 + 1 }, false],
    [{ disks: Array.from({ length: 32 }, () => ({ mount: "/", sizeBytes: 1, usedBytes: 1 })) }, true],
    [{ disks: Array.from({ length: 33 }, () => ({ mount: "/", sizeBytes: 1, usedBytes: 1 })) }, false],
    [{ disks: [{ mount: "m".repeat(200), sizeBytes: 1, usedBytes: 1 }] }, true],
    [{ disks: [{ mount: "m".repeat(201), sizeBytes: 1, usedBytes: 1 }] }, false],
    [{ disks: [{ mount: "/", sizeBytes: 1 }] }, false],
    [{}, true],
    [[], false],
  ])("[P24] health %j: accepted %s", (health, accepted) => {
    expect(beat(JSON.stringify({ type: "beat", sequence: 1, health })).ok).toBe(accepted);
  });

  test("[P8] unknown fields are dropped, `__proto__` among them, and touch no prototype", () => {
    const text =
      '{"type":"beat","sequence":3,"__proto__":{"polluted":true},"constructor":{"x":1},"more":[1]}';
    const parsed = beat(text);
    expect(parsed).toEqual({ ok: true, message: { type: "beat", sequence: 3 } });
    if (parsed.ok) expect(Object.keys(parsed.message)).toEqual(["type", "sequence"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("[P8] a message cannot hide its fields in `__proto__`", () => {
    expect(beat('{"__proto__":{"type":"beat","sequence":1}}').ok).toBe(false);
    expect(beat('{"type":"beat","__proto__":{"sequence":1}}').ok).toBe(false);
  });

  test("[P8] nesting as deep as a message can be is refused or ignored, not followed", () => {
    const depth = 32_000;
    const deep = "[".repeat(depth) + "]".repeat(depth);
    expect(beat(deep).ok).toBe(false);
    expect(beat(`{"type":"beat","sequence":1,"more":${deep}}`).ok).toBe(true);
    expect(beat(`{"type":"beat","sequence":1,"health":${deep}}`).ok).toBe(false);
    expect(beat('{"a":'.repeat(12_000)).ok).toBe(false);
  });

  test("[P8] keys and signatures have one length and one spelling", () => {
    expect(proves({})).toBe(true);
    for (const agentKey of [
      "A".repeat(42),
      "A".repeat(44),
      `${"A".repeat(42)}B`,
      `${"A".repeat(42)}=`,
      `${key43}\n`,
      `${"A".repeat(42)}+`,
    ]) {
      expect(proves({ agentKey })).toBe(false);
    }
    for (const signature of ["A".repeat(85), "A".repeat(87), `${"A".repeat(85)}B`, `${"A".repeat(85)}/`]) {
      expect(proves({ signature })).toBe(false);
    }
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        expect(proves({ agentKey: Buffer.from(bytes).toString("base64url") })).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (bytes) => {
        expect(proves({ signature: Buffer.from(bytes).toString("base64url") })).toBe(true);
      }),
    );
  });

  test("[P8] a signed line has no control characters and no broken Unicode", () => {
    expect(proves({ bootId: "b".repeat(128) })).toBe(true);
    expect(proves({ bootId: "b".repeat(129) })).toBe(false);
    expect(proves({ bootId: "Kantor Cabang Désa 🌋" })).toBe(true);
    for (const bootId of ["", "a\n", "a\u0000", "a\u007f", "\ud83c", "\udf0b\ud83c"]) {
      expect(proves({ bootId })).toBe(false);
    }
  });
});
