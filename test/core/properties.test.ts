/**
 * What must hold whatever happens: random lives of several servers under random faults, each step checked by the
 * invariants, and the same life told twice with a difference that must not matter.
 * Must not: know how the core decides; a failure prints the steps that led there, shrunk.
 */
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { TIMELINE_MAX } from "../../collector/core/outbox.ts";
import { castOf, life, servers, type Step } from "./server-life.ts";
import { anyVerdict, expectRest, expectSameDecisions } from "./lives.ts";
import { imageOf, minute, second, serverOf } from "./records.ts";
import { createStage } from "./stage.ts";
import type { Stage, StageOptions } from "./stage.ts";

// Long lives, and shrinking them when one fails, on a machine that is shared.
vi.setConfig({ testTimeout: 180_000 });

/** What a life came to, without anything that is only shown. */
function traceOf(stage: Stage): unknown {
  return {
    openings: stage.openings.map(({ worldMs, coreMs, serverId, incident }) => ({
      worldMs,
      coreMs,
      serverId,
      kind: incident.kind,
      confidence: incident.confidence,
      number: incident.number,
    })),
    attempts: stage.attempts.map(({ worldMs, notification }) => [
      worldMs,
      notification.id,
      notification.repeat,
    ]),
    statuses: servers.map((serverId) => stage.status(serverId)),
    incidents: servers.map((serverId) =>
      stage.incidents(serverId).map(({ startedCoreMs, endedCoreMs, kind, finalCause, closeReason }) => ({
        startedCoreMs,
        endedCoreMs,
        kind,
        finalCause,
        closeReason,
      })),
    ),
  };
}

function live(
  steps: readonly Step[],
  options: StageOptions = {},
  prepare: (stage: Stage) => void = () => {},
): Stage {
  const { stage, perform } = castOf(options);
  prepare(stage);
  for (const step of steps) perform(step);
  stage.pass(2 * second);
  return stage;
}

describe("any life", () => {
  test("[S1] [S2] [S4] [S5] [S6] [S7] [S8] [S9] no step breaks an invariant, and nothing throws", () => {
    // The stage throws with the broken rule's sentence.
    fc.assert(
      fc.property(life(), (steps) => {
        live(steps);
      }),
      { numRuns: 200 },
    );
  });

  test("[S13] replaying all writes into an empty state gives the state, indexes and schedule included", () => {
    fc.assert(
      fc.property(life(), (steps) => {
        const stage = live(steps, { checkedWhole: false });
        expect(imageOf(stage.replayed())).toEqual(imageOf(stage.state));
      }),
      { numRuns: 80 },
    );
  });

  test("[S13] the same life twice gives the same decisions", () => {
    fc.assert(
      fc.property(life(), (steps) => {
        const once = live(steps, { checkedWhole: false });
        const again = live(steps, { checkedWhole: false });
        expectSameDecisions(once, again);
      }),
      { numRuns: 15 },
    );
  });

  test("[S14] what is kept stays bounded, and nothing of a removed server is left", () => {
    fc.assert(
      fc.property(life(), (steps) => {
        const { state } = live(steps, { checkedWhole: false });
        const { tables, derived } = state;
        for (const silence of tables.silence.values()) expect(silence.rounds.length).toBeLessThanOrEqual(6);
        for (const incident of tables.incident.values())
          expect(incident.timeline.length).toBeLessThanOrEqual(TIMELINE_MAX);
        for (const table of [
          "detector",
          "agent",
          "heard",
          "silence",
          "baseline",
          "health",
          "look",
          "mark",
        ] as const)
          for (const serverId of tables[table].keys())
            expect([table, tables.server.has(serverId)]).toEqual([table, true]);
        expect(derived.serverByAgentKey.size).toBe(tables.agent.size);
        expect([...derived.schedule.due(Number.MAX_SAFE_INTEGER)].sort()).toEqual(
          [...tables.detector.keys()].sort(),
        );
        const incidents = new Set([...tables.incident.keys(), ...servers.map((id) => `never_came-${id}`)]);
        for (const row of tables.notification.values()) expect(incidents.has(row.incidentId)).toBe(true);
        for (const [incidentId, rows] of derived.notificationsOf)
          for (const id of rows) expect(tables.notification.get(id)?.incidentId).toBe(incidentId);
      }),
      { numRuns: 80 },
    );
  });

  test("[L2] [L3] five minutes after all faults end everybody is up, nothing is open and the outbox is empty", () => {
    fc.assert(
      fc.property(life(), (steps) => {
        const { stage, perform, heal } = castOf({ checkedWhole: false });
        for (const step of steps) perform(step);
        heal();
        stage.pass(5 * minute);
        expectRest(stage);
      }),
      { numRuns: 80 },
    );
  });
});

describe("differences that must not matter", () => {
  test("[S10] [H2] a wall clock that is off by any constant changes no verdict and no message", () => {
    fc.assert(
      fc.property(life(), fc.integer({ min: -1.7e12, max: 1e13 }), (steps, offMs) => {
        const right = live(steps, { checkedWhole: false });
        const wrong = live(steps, {
          checkedWhole: false,
          startedAt: { wallMs: Date.UTC(2025, 0, 6, 1) + offMs },
        });
        expect(traceOf(wrong)).toEqual(traceOf(right));
      }),
      { numRuns: 60 },
    );
  });

  test("[S10] [H2] steps of the wall clock in between change no verdict and no message", () => {
    fc.assert(
      fc.property(
        life(),
        fc.array(fc.integer({ min: -4e9, max: 4e9 }), { minLength: 1, maxLength: 5 }),
        (steps, stepsOfWall) => {
          const calm = steps.filter((step) => step.type !== "step_wall");
          const stepped = calm.flatMap((step, index): Step[] => [
            step,
            // Tokens expire by the wall: a server is not added in the same moment.
            { type: "step_wall", ms: stepsOfWall[index % stepsOfWall.length] ?? 0 },
          ]);
          expect(traceOf(live(stepped, { checkedWhole: false }))).toEqual(
            traceOf(live(calm, { checkedWhole: false })),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test("[S11] healthy servers beside them change nobody's verdict and have none of their own", () => {
    fc.assert(
      fc.property(life(), fc.integer({ min: 1, max: 4 }), (steps, count) => {
        const alone = live(steps, { checkedWhole: false });
        const beside = live(steps, { checkedWhole: false }, (stage) => {
          for (let index = 0; index < count; index += 1) {
            stage.add(`healthy${index}`, { siteId: "site9" });
            stage.playAgent(`healthy${index}`);
          }
        });
        expect(beside.openings.filter((opening) => opening.serverId.startsWith("healthy"))).toEqual([]);
        // Who is down, and when. What it is told under may change: the share of a mass outage counts who is up.
        const verdictsOf = (stage: Stage): string[] =>
          stage.openings
            .filter((opening) => opening.serverId !== "")
            .map((opening) => `${opening.serverId} ${opening.worldMs}`)
            .sort();
        expect(verdictsOf(beside)).toEqual(verdictsOf(alone));
      }),
      { numRuns: 60 },
    );
  });

  test("[S11] [D6] [S8] heartbeats that arrive twice, out of order or from an older session change nothing", () => {
    fc.assert(
      fc.property(life(), (steps) => {
        const once = live(steps, { checkedWhole: false });
        const echoed = live(steps, { checkedWhole: false }, (stage) => {
          const older = new Map<string, string>();
          const current = new Map<string, string>();
          const say = (serverId: string, sessionId: string, sequence: number): void => {
            stage.push({ type: "heartbeat_received", serverId, sessionId, sequence, health: null });
          };
          stage.afterBeat = (serverId, sessionId, sequence) => {
            for (const old of [sequence, Math.max(1, sequence - 1), 1]) say(serverId, sessionId, old);
            const before = older.get(serverId);
            if (before !== undefined && before !== sessionId) say(serverId, before, sequence + 7);
            if (current.get(serverId) !== sessionId) {
              const replaced = current.get(serverId);
              if (replaced !== undefined) older.set(serverId, replaced);
              current.set(serverId, sessionId);
            }
          };
        });
        expect(traceOf(echoed)).toEqual(traceOf(once));
      }),
      { numRuns: 60 },
    );
  });
});

describe("a collector that is never disturbed", () => {
  test("[S3] [S1] whoever is silent for T is in exactly one incident, and who beats is in none", () => {
    const fate = fc.record({
      beatsMs: fc.integer({ min: 0, max: 10 * minute }),
      silentMs: fc.oneof(
        fc.integer({ min: 0, max: 165 * second }),
        fc.integer({ min: 183 * second, max: 20 * minute }),
      ),
      verdict: fc.option(anyVerdict, { nil: null }),
    });
    fc.assert(
      fc.property(fc.array(fate, { minLength: 1, maxLength: 8 }), (fates) => {
        const stage = createStage({ checkedWhole: false });
        stage.pass(95 * second);
        stage.add("x");
        let expected = 0;
        for (const { beatsMs, silentMs, verdict: answer } of fates) {
          stage.playAgent("x");
          // Two heartbeats apart, so that an outage before is over.
          stage.pass(16 * second + beatsMs);
          expect(stage.status("x")).toBe("up");
          stage.probeRule = () => answer;
          stage.stopAgent("x");
          const silentAlready = stage.worldMs - (stage.lastBeatWorldMs.get("x") ?? 0);
          stage.pass(Math.max(0, silentMs - silentAlready));
          const total = stage.worldMs - (stage.lastBeatWorldMs.get("x") ?? 0);
          if (total >= 182 * second) expected += 1;
          expect(stage.openings).toHaveLength(expected);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("a server whose settings are saved again and again is still judged", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), (everySeconds) => {
        const stage = createStage({ checkedWhole: false });
        stage.pass(95 * second);
        stage.add("x");
        stage.playAgent("x");
        stage.pass(minute);
        stage.stopAgent("x");
        for (let passed = 0; passed < 240; passed += everySeconds) {
          stage.pass(everySeconds * second);
          stage.push({ type: "server_saved", server: serverOf("x", { name: `name ${passed}` }) });
        }
        expect(stage.openings).toHaveLength(1);
      }),
      { numRuns: 15 },
    );
  });
});
