/**
 * What all random lives have in common: how a collector is restarted in them, and what must be so at their end.
 * Must not: know what a life is about; that is the world's it is lived in.
 */
import fc from "fast-check";
import { expect } from "vitest";
import type { ProbeVerdict } from "../../collector/core/types/evidence.ts";
import { minute, second } from "./records.ts";
import type { Stage } from "./stage.ts";

export const anyVerdict = fc.constantFrom<ProbeVerdict>("alive", "dead", "none");

/** Away for a while or not, the host with it or not, and what its disk then still has. */
export const anyRestart = fc.record({
  awayMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 10 * minute })),
  hostRebooted: fc.boolean(),
  lost: fc.constantFrom(
    "unflushed" as const,
    "unflushed" as const,
    "nothing" as const,
    "everything" as const,
  ),
  redialMs: fc.integer({ min: 0, max: 30 * second }),
  byItself: fc.boolean(),
});

/** Everybody who can speak is up, nothing is open and everything was told. */
export function expectRest(stage: Stage): void {
  const { tables, derived } = stage.state;
  expect(stage.hearingState).toBe("hearing");
  expect([...derived.openNotifications]).toEqual([]);
  expect([...tables.incident.values()].map((one) => `${one.id} ${one.kind}`)).toEqual([]);
  for (const server of tables.server.values()) {
    const speaks = server.mode === "ping" ? server.address !== null : tables.agent.has(server.id);
    expect([server.id, stage.status(server.id)]).toEqual([server.id, speaks ? "up" : "new"]);
  }
}

/** As text: of two long lives that differ, a difference of thousands of objects helps nobody. */
export function expectSameDecisions(once: Stage, again: Stage): void {
  expect(JSON.stringify(again.pushed) === JSON.stringify(once.pushed)).toBe(true);
}
