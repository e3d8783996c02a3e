/**
 * How exactly T after the last sign of life a verdict falls, over many phases of beats, ticks and probes.
 * Must not: run with anything but the real decisions; only the clocks are moved by hand.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ProbeVerdict } from "../../collector/core/types/evidence.ts";
import type { Settings } from "../../collector/core/types/tables.ts";
import { second } from "./records.ts";
import { createHearingStage } from "./stage.ts";
import type { Stage, StageOptions } from "./stage.ts";

/** Answers land on fractions of a millisecond; the sums of many of them are off by less than this. */
const roundingMs = 0.001;

interface Phases {
  readonly startMs: number;
  readonly beats: number;
  readonly probeDelayMs: number;
  readonly verdicts: readonly (ProbeVerdict | null)[];
  readonly cut: boolean;
}

function phasesOf(scale: number): fc.Arbitrary<Phases> {
  return fc.record({
    startMs: fc.double({ min: 0, max: 15 * second * scale, noNaN: true }),
    beats: fc.integer({ min: 1, max: 9 }),
    probeDelayMs: fc.double({ min: 0, max: 13 * second * scale, noNaN: true }),
    verdicts: fc.array(fc.constantFrom<ProbeVerdict | null>("alive", "dead", "none", null), {
      minLength: 1,
      maxLength: 5,
    }),
    cut: fc.boolean(),
  });
}

/** How long after its last heartbeat an agent's server is down. */
function agentDownAfter(stage: Stage, phases: Phases): number {
  stage.pass(phases.startMs);
  stage.add("x");
  stage.playAgent("x");
  stage.pass(phases.beats * stage.times.intervalMs + stage.times.intervalMs / 7);
  let asked = 0;
  stage.probeRule = () => phases.verdicts[asked++ % phases.verdicts.length] ?? null;
  stage.probeDelayMs = phases.probeDelayMs;
  stage.stopAgent("x", phases.cut ? "cut" : "freeze");
  stage.pass(stage.times.downAfterMs + 4 * stage.times.intervalMs);
  expect(stage.openings).toHaveLength(1);
  return (stage.openings[0]?.worldMs ?? 0) - (stage.lastBeatWorldMs.get("x") ?? 0);
}

/** How long after its last successful probe a ping-only server is down. */
function pingedDownAfter(stage: Stage, phases: Phases): number {
  stage.pass(phases.startMs);
  stage.probeDelayMs = phases.probeDelayMs;
  stage.add("p", { mode: "ping" });
  stage.pass(phases.beats * stage.times.probeEveryMs);
  expect(stage.status("p")).toBe("up");
  stage.probeRule = () => "dead";
  stage.pass(2 * stage.times.downAfterMs);
  expect(stage.openings).toHaveLength(1);
  const opening = stage.openings[0];
  return (opening?.coreMs ?? 0) - (opening?.incident.startedCoreMs ?? 0);
}

function expectWithin(afterMs: number, downAfterMs: number, toleranceMs: number): void {
  expect(afterMs).toBeGreaterThanOrEqual(downAfterMs - roundingMs);
  expect(afterMs).toBeLessThanOrEqual(downAfterMs + toleranceMs + roundingMs);
}

const fast: Partial<Settings> = { heartbeatIntervalMs: second, downAfterMs: 12 * second };

describe("η = 15 s, T = 180 s", () => {
  test("[D2] [L1] an agent's server is down 180 to 182 s after its last heartbeat, in every phase", () => {
    fc.assert(
      fc.property(phasesOf(1), (phases) => {
        expectWithin(agentDownAfter(createHearingStage(), phases), 180 * second, 2 * second);
      }),
      { numRuns: 150 },
    );
  });

  test("[D2] [D11] [D12] a ping-only server is down 180 to 182 s after its last success, in every phase", () => {
    fc.assert(
      fc.property(phasesOf(1), (phases) => {
        expectWithin(pingedDownAfter(createHearingStage(), phases), 180 * second, 2 * second);
      }),
      { numRuns: 100 },
    );
  });

  test("[D2] ticks that come up to 100 ms early or late do not make it later than 182 s", () => {
    fc.assert(
      fc.property(
        phasesOf(1),
        fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 13 }),
        (phases, lateness) => {
          const stage = createHearingStage();
          let ticks = 0;
          stage.tickLate = () => lateness[ticks++ % lateness.length] ?? 0;
          expectWithin(agentDownAfter(stage, phases), 180 * second, 2 * second);
        },
      ),
      { numRuns: 100 },
    );
  });

  test("[D2] [D3] a server's own T of 200 to 3,600 s is kept as exactly", () => {
    fc.assert(
      fc.property(phasesOf(1), fc.integer({ min: 200, max: 3_600 }), (phases, downAfterSeconds) => {
        const stage = createHearingStage();
        stage.pass(phases.startMs);
        stage.add("x", { downAfterMs: downAfterSeconds * second });
        stage.playAgent("x");
        stage.pass(phases.beats * stage.times.intervalMs);
        stage.stopAgent("x");
        stage.pass((downAfterSeconds + 60) * second);
        const afterMs = (stage.openings[0]?.worldMs ?? 0) - (stage.lastBeatWorldMs.get("x") ?? 0);
        expectWithin(afterMs, downAfterSeconds * second, 2 * second);
      }),
      { numRuns: 25 },
    );
  });
});

describe("scaled down to η = 1 s, T = 12 s", () => {
  const options: StageOptions = { settings: fast };

  test("[D2] an agent's server is down within two ticks of T", () => {
    fc.assert(
      fc.property(phasesOf(1 / 15), (phases) => {
        const stage = createHearingStage(options);
        expectWithin(agentDownAfter(stage, phases), 12 * second, 2 * stage.times.tickMs);
      }),
      { numRuns: 100 },
    );
  });

  test("[D2] [D11] a ping-only server is down within two ticks of T", () => {
    fc.assert(
      fc.property(phasesOf(1 / 15), (phases) => {
        const stage = createHearingStage(options);
        expectWithin(pingedDownAfter(stage, phases), 12 * second, 2 * stage.times.tickMs);
      }),
      { numRuns: 60 },
    );
  });
});

describe("the shortest T that settings allow, 6 η", () => {
  test("[D2] [D4] the verdict falls within 2 s of T, after at least one round of probes", () => {
    fc.assert(
      fc.property(phasesOf(1), (phases) => {
        const stage = createHearingStage({ settings: { downAfterMs: 90 * second } });
        expectWithin(agentDownAfter(stage, phases), 90 * second, 2 * second);
        const last = stage.lastBeatWorldMs.get("x") ?? 0;
        expect(stage.rounds.filter((round) => round.worldMs > last).length).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 50 },
    );
  });
});
