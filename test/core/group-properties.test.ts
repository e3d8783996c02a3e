/**
 * Random lives of a small world with sites, gateways, parents, witnesses, sentinels, windows and journals: what is told
 * covers what is down, once, whatever happens in between.
 * Must not: know how the core groups; a failure prints the steps that led there, shrunk.
 */
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { badPairs, misjudged, unbounded, untimely, wrong } from "./group-judgement.ts";
import { anyId, life, names, worldOf, type Step, type World } from "./group-life.ts";
import { anyVerdict, expectRest, expectSameDecisions } from "./lives.ts";
import { imageOf, minute, second } from "./records.ts";
import type { Stage } from "./stage.ts";

// Long lives, and shrinking them when one fails, on a machine that is shared.
vi.setConfig({ testTimeout: 240_000 });

function live(steps: readonly Step[], after: (world: World) => void = () => {}, checkedWhole = true): World {
  const world = worldOf(checkedWhole);
  for (const step of steps) {
    world.perform(step);
    after(world);
  }
  world.stage.pass(2 * second);
  return world;
}

/** Bounded on slow machines too, where a failure is being shrunk. */
const bounded = { interruptAfterTimeLimit: 60 * second };

describe("any life of a world with sites", () => {
  test("[S1] [S2] [S3] [S4] [S5] [S6] [S7] [S13] [S14] [O8] [O12] [V5] [V6] whoever is down is told once, or it is written why not; no end without a beginning; no group without members; and the writes alone give the state", () => {
    fc.assert(
      fc.property(life("everything"), (steps) => {
        // The stage throws with the sentence of an invariant that is broken.
        const world = live(steps, (now) => expect(wrong(now)).toEqual([]));
        const { stage } = world;
        expect(imageOf(stage.replayed())).toEqual(imageOf(stage.state));
        expect(unbounded(world)).toEqual([]);
        stage.pass(10 * minute);
        expect(badPairs(stage)).toEqual([]);
      }),
      { ...bounded, numRuns: 25 },
    );
  });

  test("[L2] [L3] after all faults end everybody is up, nothing is open, nobody is held and the outbox is empty", () => {
    fc.assert(
      fc.property(life("everything"), (steps) => {
        const { stage, perform, heal } = worldOf(false);
        for (const step of steps) perform(step);
        heal();
        stage.pass(6 * minute);
        expectRest(stage);
        expect(stage.state.derived.mutedIncidents.size + stage.state.derived.uncertainIncidents.size).toBe(0);
        expect(stage.state.derived.membersOf.size).toBe(0);
      }),
      { ...bounded, numRuns: 20 },
    );
  });

  test("[S3] [L1] [L3] [D2] [V4] a collector that is not disturbed: who is silent is told at T and 2 s, a guest T/3 later at most; who beats is not", () => {
    fc.assert(
      fc.property(life("gentle"), (steps) => {
        const { stage } = live(steps, (world) => expect(misjudged(world)).toEqual([]), false);
        expect(stage.openings.flatMap((opening) => untimely(stage, opening.incident))).toEqual([]);
      }),
      { ...bounded, numRuns: 20 },
    );
  });

  test("[S13] the same life twice gives the same decisions", () => {
    fc.assert(
      fc.property(life("everything"), (steps) => {
        const once = live(steps, undefined, false).stage;
        const again = live(steps, undefined, false).stage;
        expectSameDecisions(once, again);
      }),
      { ...bounded, numRuns: 5 },
    );
  });
});

/** Who was told of what and when, without anything that is only shown. */
function traceOf(stage: Stage): unknown {
  return {
    openings: stage.openings.map(({ worldMs, serverId, incident }) => [
      worldMs,
      serverId,
      incident.groupedUnder,
    ]),
    told: stage.attempts.map(({ worldMs, notification }) => [worldMs, notification.id]),
    statuses: names.map((id) => stage.status(id)),
  };
}

describe("differences that must not matter", () => {
  test("[S10] [H2] a wall clock that is off by any constant changes no verdict, no group and no message", () => {
    fc.assert(
      fc.property(life("everything"), fc.integer({ min: -1.7e12, max: 1e13 }), (steps, offMs) => {
        const played = [0, offMs].map((off) => {
          const { stage, perform } = worldOf(false, Date.UTC(2025, 0, 6, 1) + off);
          for (const step of steps) perform(step);
          stage.pass(2 * second);
          return stage;
        });
        const [right, wrong] = played.map(traceOf);
        expect(wrong).toEqual(right);
      }),
      { ...bounded, numRuns: 8 },
    );
  });

  test("[S12] one agent that lies about what it sees neither adds nor removes an alert", () => {
    fc.assert(
      fc.property(life("everything"), anyId, anyVerdict, (steps, liar, lie) => {
        const [honest, lied] = [false, true].map((isLying) => {
          const { stage, perform } = worldOf(false);
          const rule = stage.witnessRule;
          stage.witnessRule = (witnessId, request, aboutId) =>
            isLying && witnessId === liar ? lie : rule(witnessId, request, aboutId);
          for (const step of steps) perform(step);
          stage.pass(2 * second);
          return stage.openings.map(({ worldMs, serverId, incident }) => [
            worldMs,
            serverId,
            incident.groupedUnder,
          ]);
        });
        expect(lied).toEqual(honest);
      }),
      { ...bounded, numRuns: 8 },
    );
  });
});

describe("the lives themselves", () => {
  test("[S3] they meet what they are about: groups of each kind, mutes, flapping, isolation, corrections, a full disk", () => {
    const met = new Map<string, number>();
    const count = (what: string): void => void met.set(what, (met.get(what) ?? 0) + 1);
    fc.assert(
      fc.property(life("everything"), (steps) => {
        const { stage } = live(steps, undefined, false);
        for (const { incident } of stage.openings) {
          count(incident.kind);
          if (incident.variant !== null) count(`${incident.kind}/${incident.variant}`);
          if (incident.groupedUnder !== null) count("grouped");
          if (incident.muted) count("muted");
        }
        for (const incident of stage.allIncidents())
          for (const { what } of incident.timeline) {
            count(what.type);
            if (what.type === "notify") count(`notify ${what.reason}`);
          }
        for (const { decision } of stage.pushed)
          for (const write of decision.later)
            if (write.table === "hearing" && write.value) count(`hearing ${write.value.state}`);
      }),
      { ...bounded, numRuns: 60, seed: 20250106 },
    );
    const wanted = [
      ...["agent_down", "host_down", "not_back", "site_down", "mass_outage", "collector_trouble"],
      ...["site_down/agents", "site_down/lan", "site_down/link_or_power"],
      ...[
        "collector_trouble/uplink",
        "collector_trouble/network",
        "grouped",
        "muted",
        "joined",
        "member_back",
      ],
      ...["ungrouped", "silent_again", "cause_corrected", "kind_changed"],
      ...[
        "notify group_over",
        "notify maintenance",
        "notify maintenance_over",
        "notify flapping",
        "notify told_late",
      ],
      ...["hearing drain", "hearing grace", "hearing isolated"],
    ];
    expect(wanted.filter((what) => !met.has(what))).toEqual([]);
  });
});
