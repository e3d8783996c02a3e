/**
 * Each message of `detak.v1` has a golden file: what is written there must be read tomorrow.
 * Why: a renamed field compiles at both ends and breaks every agent in the field. Must not: rewrite the files.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type * as z from "zod";
import * as wire from "../../shared/wire.ts";

const folder = new URL("golden/", import.meta.url);
const protocol = readFileSync(new URL("../../shared/PROTOCOL.md", import.meta.url), "utf8");

function golden(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as Record<string, unknown>;
}

const messages: Record<string, z.ZodType<wire.CollectorMessage | wire.AgentMessage | wire.AgentOpening>> = {
  hello: wire.collectorMessage,
  enroll: wire.agentOpening,
  enrolled: wire.collectorMessage,
  prove: wire.agentOpening,
  "prove-with-features": wire.agentOpening,
  welcome: wire.collectorMessage,
  "welcome-with-features": wire.collectorMessage,
  beat: wire.agentMessage,
  "beat-with-health": wire.agentMessage,
  inventory: wire.agentMessage,
  goodbye: wire.agentMessage,
  ack: wire.collectorMessage,
  probe: wire.collectorMessage,
  probed: wire.agentMessage,
  journal: wire.agentMessage,
  journal_ack: wire.collectorMessage,
};

describe("golden messages", () => {
  test("every file in the folder is read by a test", () => {
    const files = readdirSync(folder).map((file) => file.replace(/\.json$/, ""));
    expect(files.sort()).toEqual([...Object.keys(messages), "transcripts"].sort());
  });

  test("every type that either side may send has a file", () => {
    const types = [wire.collectorMessage, wire.agentOpening, wire.agentMessage].flatMap((union) =>
      union.options.map((option) => option.shape.type.value),
    );
    expect(types.length).toBe(13);
    for (const type of types) expect(Object.keys(messages)).toContain(type);
  });

  test.each(Object.entries(messages))("%s is read in full and written back as it was", (name, schema) => {
    const message = golden(name);
    const parsed = wire.parse(schema, JSON.stringify(message));
    expect(parsed).toEqual({ ok: true, message });
    if (parsed.ok) expect(JSON.parse(wire.encode(parsed.message))).toEqual(message);
  });

  test.each(Object.entries(messages))("%s: every field is named in PROTOCOL.md", (name) => {
    const names = (value: unknown): string[] =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.entries(value).flatMap(([key, inner]) => [key, ...names(inner)])
        : Array.isArray(value)
          ? value.flatMap(names)
          : [];
    for (const field of names(golden(name))) expect(protocol).toContain(field);
  });

  test.each(Object.entries(messages))("%s without any one required field is refused", (name, schema) => {
    const message = golden(name);
    const optional = new Set(["health", "awayForMs", "features"]);
    for (const field of Object.keys(message)) {
      const { [field]: _dropped, ...rest } = message;
      const parsed = wire.parse(schema, JSON.stringify(rest));
      expect({ field, ok: parsed.ok }).toEqual({ field, ok: optional.has(field) });
    }
  });

  test.each(Object.entries(messages))("%s with null in any one field is refused", (name, schema) => {
    const message = golden(name);
    for (const field of Object.keys(message)) {
      expect(wire.parse(schema, JSON.stringify({ ...message, [field]: null })).ok).toBe(false);
    }
  });
});
