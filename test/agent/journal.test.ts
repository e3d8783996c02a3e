/**
 * The running journal on clocks set by hand and a real folder.
 */
import { rm } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startJournal } from "../../agent/journal.ts";
import { createLane } from "../../agent/lane.ts";
import type { SessionState } from "../../agent/session-types.ts";
import { journalEntriesOf } from "../../shared/journal.ts";
import { newFolder } from "./agent-process.ts";
import { states } from "./session-fixtures.ts";

let stateDir: string;
beforeEach(async () => {
  stateDir = await newFolder();
});
afterEach(() => rm(stateDir, { recursive: true, force: true }));

/** The open session of the fixtures, acknowledged at this moment. */
function acknowledged(atMs: number): SessionState {
  const { open_acked: open } = states;
  if (open.kind !== "open") throw new Error("the fixture is not open");
  return { ...open, ackedAtMs: atMs };
}

// Simulated: a suspended VM was told as a cut connection, since the journal went out before the tick that knew of the sleep.
test("[P37] a machine that woke tells how long it slept, also when it is asked before its next tick", async () => {
  const clock = { nowMs: 100_000, sleptMs: 0 };
  const journal = startJournal({
    stateDir,
    bootId: "boot",
    lane: createLane(),
    looks: {
      look: () => undefined,
      newest: () => ({ gateway: "unknown", dns: "unknown", internet: "unknown" }),
      remember: () => undefined,
      lookup: () => undefined,
      close: () => undefined,
    },
    log: () => undefined,
    now: () => clock.nowMs,
    bootClock: () => clock.nowMs + clock.sleptMs,
    wallClock: () => 1.7e12 + clock.nowMs + clock.sleptMs,
    link: { read: () => "up" },
  });
  try {
    journal.sessionChanged(acknowledged(clock.nowMs));
    const first = await journal.nextMessage();
    journal.delivered(first === null ? 0 : (journalEntriesOf(first).at(-1)?.sequence ?? 0), true);
    clock.sleptMs += 600_000;
    clock.nowMs += 500;
    journal.sessionChanged(acknowledged(clock.nowMs));
    const told = await journal.nextMessage();
    expect(told).not.toBeNull();
    const entries = told === null ? [] : journalEntriesOf(told);
    expect(entries.at(-1)).toMatchObject({ event: "tick", sleptMs: 600_000, collector: "ok" });
  } finally {
    await journal.stop();
  }
});
