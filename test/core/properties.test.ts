/**
 * What must hold whatever happens: random lives of several servers under random faults, each step checked by the
 * invariants, and the same life told twice with a difference that must not matter.
 * Must not: know how the core decides; a failure prints the steps that led there, shrunk.
 */
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { TIMELINE_MAX } from "../../collector/core/outbox.ts";
import type { DeliveryOutcome, GoodbyeReason, ProbeVerdict } from "../../collector/core/types.ts";
import { createStage, imageOf, serverOf } from "./stage.ts";
import type { RestartOptions, Stage, StageOptions } from "./stage.ts";

// Long lives, and shrinking them when one fails, on a machine that is shared.
vi.setConfig({ testTimeout: 180_000 });

const second = 1_000;
const minute = 60_000;

const servers = ["s0", "s1", "s2", "p0"] as const;
type ServerId = (typeof servers)[number];
const recipients = ["r0", "r1"] as const;

type Step =
  | { readonly type: "pass" | "stall" | "sleep" | "step_wall"; readonly ms: number }
  | { readonly type: "restart"; readonly how: RestartOptions }
  | { readonly type: "play"; readonly serverId: ServerId; readonly anew: boolean }
  | { readonly type: "stop"; readonly serverId: ServerId; readonly how: "freeze" | "cut" }
  | {
      readonly type: "goodbye";
      readonly serverId: ServerId;
      readonly reason: GoodbyeReason;
      readonly awayForMs: number | null;
    }
  | { readonly type: "stray_beat"; readonly serverId: ServerId; readonly sequence: number }
  | { readonly type: "stray_answer"; readonly serverId: ServerId; readonly verdict: ProbeVerdict }
  | {
      readonly type: "stray_delivery";
      readonly row: number;
      readonly attempt: number;
      readonly outcome: DeliveryOutcome;
    }
  | {
      readonly type: "probes";
      readonly serverId: ServerId;
      readonly verdict: ProbeVerdict | null;
      readonly delayMs: number;
    }
  | { readonly type: "channel"; readonly outcome: DeliveryOutcome | null; readonly delayMs: number }
  | {
      readonly type: "staff";
      readonly serverId: ServerId;
      readonly what: "pause" | "resume" | "remove" | "save" | "longer" | "mode";
    }
  | { readonly type: "recipient"; readonly recipientId: string; readonly what: "save" | "off" | "remove" }
  | { readonly type: "incident"; readonly number: number; readonly what: "acknowledge" | "note" };

const anyServer = fc.constantFrom(...servers);
const outcome: fc.Arbitrary<DeliveryOutcome> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<DeliveryOutcome>({ type: "sent", externalId: "1" }) },
  {
    weight: 2,
    arbitrary: fc.constant<DeliveryOutcome>({ type: "retry", error: "refused", retryAfterMs: null }),
  },
  {
    weight: 1,
    arbitrary: fc.constant<DeliveryOutcome>({ type: "retry", error: "429", retryAfterMs: 30 * second }),
  },
  { weight: 2, arbitrary: fc.constant<DeliveryOutcome>({ type: "unknown", error: "timeout" }) },
  {
    weight: 1,
    arbitrary: fc.constant<DeliveryOutcome>({ type: "rejected", error: "blocked", scope: "recipient" }),
  },
  {
    weight: 1,
    arbitrary: fc.constant<DeliveryOutcome>({ type: "rejected", error: "parse", scope: "message" }),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("-1009", "-1008")
      .map((address): DeliveryOutcome => ({ type: "moved", address })),
  },
);
const verdict = fc.constantFrom<ProbeVerdict>("alive", "dead", "none");

function stepOf(withCollectorFaults: boolean): fc.Arbitrary<Step> {
  const ms = fc.oneof(
    fc.integer({ min: 0, max: 20 * second }),
    fc.integer({ min: 20 * second, max: 4 * minute }),
    fc.integer({ min: 4 * minute, max: 12 * minute }),
  );
  const ordinary: fc.WeightedArbitrary<Step>[] = [
    { weight: 10, arbitrary: ms.map((value): Step => ({ type: "pass", ms: value })) },
    {
      weight: 4,
      arbitrary: fc.record({ type: fc.constant("play" as const), serverId: anyServer, anew: fc.boolean() }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constant("stop" as const),
        serverId: anyServer,
        how: fc.constantFrom("freeze" as const, "cut" as const),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant("goodbye" as const),
        serverId: anyServer,
        reason: fc.constantFrom<GoodbyeReason>("reboot", "shutdown", "suspend", "upgrade", "agent_stopped"),
        awayForMs: fc.option(fc.integer({ min: 0, max: 20 * minute }), { nil: null }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant("stray_beat" as const),
        serverId: anyServer,
        sequence: fc.integer({ min: 1, max: 60 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant("stray_answer" as const), serverId: anyServer, verdict }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant("stray_delivery" as const),
        row: fc.nat(5),
        attempt: fc.nat(4),
        outcome,
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant("probes" as const),
        serverId: anyServer,
        verdict: fc.option(verdict, { nil: null }),
        delayMs: fc.integer({ min: 0, max: 13 * second }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constant("channel" as const),
        outcome: fc.option(outcome, { nil: null }),
        delayMs: fc.integer({ min: 0, max: 100 * second }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant("staff" as const),
        serverId: anyServer,
        what: fc.constantFrom<Extract<Step, { type: "staff" }>["what"]>(
          "pause",
          "resume",
          "remove",
          "save",
          "longer",
          "mode",
        ),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant("recipient" as const),
        recipientId: fc.constantFrom(...recipients),
        what: fc.constantFrom("save" as const, "off" as const, "remove" as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant("incident" as const),
        number: fc.integer({ min: 1, max: 4 }),
        what: fc.constantFrom("acknowledge" as const, "note" as const),
      }),
    },
  ];
  const faults: fc.WeightedArbitrary<Step>[] = [
    {
      weight: 2,
      arbitrary: fc.integer({ min: 1, max: 3 * minute }).map((value): Step => ({ type: "stall", ms: value })),
    },
    {
      weight: 1,
      arbitrary: fc
        .integer({ min: 1, max: 60 * minute })
        .map((value): Step => ({ type: "sleep", ms: value })),
    },
    {
      weight: 1,
      arbitrary: fc.integer({ min: -1e9, max: 1e9 }).map((value): Step => ({ type: "step_wall", ms: value })),
    },
    {
      weight: 2,
      arbitrary: fc
        .record({
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
        })
        .map((how): Step => ({ type: "restart", how })),
    },
  ];
  return fc.oneof(...ordinary, ...(withCollectorFaults ? faults : []));
}

function life(withCollectorFaults = true): fc.Arbitrary<Step[]> {
  return fc.array(stepOf(withCollectorFaults), { minLength: 1, maxLength: 40, size: "max" });
}

/** A stage with the cast, and the rules that steps set. */
function castOf(options: StageOptions = {}): {
  readonly stage: Stage;
  readonly perform: (step: Step) => void;
  readonly heal: () => void;
} {
  const stage = createStage(options);
  const probes = new Map<string, ProbeVerdict | null>();
  stage.probeRule = (_request, serverId) => {
    const rule = probes.get(serverId);
    return rule === undefined ? "alive" : rule;
  };
  for (const recipientId of recipients) stage.link(recipientId);
  for (const serverId of servers) add(serverId);
  const playing = new Set<string>();
  const lives = new Map<string, number>();
  for (const serverId of servers) if (serverId !== "p0") play(serverId, false);

  function add(serverId: ServerId): void {
    stage.add(serverId, {
      mode: serverId === "p0" ? "ping" : "agent",
      siteId: serverId === "s2" ? null : "site1",
      address: serverId === "s2" ? null : "10.0.0.1",
    });
  }

  /** Only servers that exist, carry an agent and know its key can be dialled for. */
  function hasAgent(serverId: string): boolean {
    return (
      stage.state.tables.agent.has(serverId) && stage.state.tables.server.get(serverId)?.mode === "agent"
    );
  }

  function play(serverId: string, anew: boolean): void {
    if (!hasAgent(serverId)) return;
    const count = (lives.get(serverId) ?? 0) + (anew ? 1 : 0);
    lives.set(serverId, count);
    playing.add(serverId);
    stage.playAgent(serverId, { bootId: `boot-${Math.floor(count / 2)}`, startedBootMs: 60_000 + count });
  }

  function perform(step: Step): void {
    switch (step.type) {
      case "pass":
        return stage.pass(step.ms);
      case "stall":
        return stage.stall(step.ms);
      case "sleep":
        return stage.sleep(step.ms);
      case "step_wall":
        return stage.stepWall(step.ms);
      case "restart":
        return stage.restart(step.how);
      case "play":
        return play(step.serverId, step.anew);
      case "stop":
        if (playing.delete(step.serverId)) stage.stopAgent(step.serverId, step.how);
        return;
      case "goodbye":
        if (playing.delete(step.serverId)) stage.goodbye(step.serverId, step.reason, step.awayForMs);
        return;
      case "stray_beat": {
        const current = stage.state.tables.heard.get(step.serverId)?.sessionId ?? "none";
        stage.push({
          type: "heartbeat_received",
          serverId: step.serverId,
          sessionId: current,
          sequence: step.sequence,
          health: null,
        });
        return;
      }
      case "stray_answer": {
        const roundId = stage.state.tables.silence.get(step.serverId)?.openRoundId ?? `${step.serverId}.1`;
        stage.push({
          type: "probe_finished",
          serverId: step.serverId,
          roundId,
          results: [
            { kind: "icmp", target: "10.0.0.1", verdict: step.verdict, detail: "stray", roundTripMs: null },
          ],
        });
        return;
      }
      case "stray_delivery": {
        const row = stage.rows()[step.row];
        stage.push({
          type: "delivery_finished",
          notificationId: row?.id ?? "none",
          attempt: step.attempt,
          outcome: step.outcome,
        });
        return;
      }
      case "probes":
        probes.set(step.serverId, step.verdict);
        stage.probeDelayMs = step.delayMs;
        return;
      case "channel":
        stage.sendRule = () => step.outcome;
        stage.sendDelayMs = step.delayMs;
        return;
      case "staff":
        return byStaff(step.serverId, step.what);
      case "recipient":
        if (step.what === "remove") stage.push({ type: "recipient_removed", recipientId: step.recipientId });
        else stage.link(step.recipientId, { enabled: step.what === "save" });
        return;
      case "incident": {
        const incidentId = `i${step.number}`;
        if (step.what === "note")
          stage.push({ type: "incident_noted", incidentId, by: "staff", text: "here" });
        else stage.push({ type: "incident_acknowledged", incidentId, by: "staff" });
        return;
      }
    }
  }

  function byStaff(serverId: ServerId, what: Extract<Step, { type: "staff" }>["what"]): void {
    const server = stage.state.tables.server.get(serverId);
    switch (what) {
      case "pause":
        stage.push({ type: "server_paused", serverId, by: "staff" });
        return;
      case "resume":
        stage.push({ type: "server_resumed", serverId, by: "staff" });
        return;
      case "remove":
        if (playing.delete(serverId)) stage.stopAgent(serverId);
        stage.push({ type: "server_removed", serverId, by: "staff" });
        return;
      case "save":
        if (server) stage.push({ type: "server_saved", server: { ...server, name: `${server.name}'` } });
        else add(serverId);
        return;
      case "longer":
        if (server) stage.push({ type: "server_saved", server: { ...server, downAfterMs: 5 * minute } });
        return;
      case "mode":
        if (!server) return;
        if (playing.delete(serverId)) stage.stopAgent(serverId);
        stage.push({
          type: "server_saved",
          server: { ...server, mode: server.mode === "agent" ? "ping" : "agent", address: "10.0.0.7" },
        });
        return;
    }
  }

  /** All faults end: everybody who can beats, every host answers, the channel takes everything. */
  function heal(): void {
    probes.clear();
    stage.probeDelayMs = 50;
    stage.sendRule = () => ({ type: "sent", externalId: "1" });
    stage.sendDelayMs = 100;
    for (const serverId of servers) {
      stage.push({ type: "server_resumed", serverId, by: "staff" });
      play(serverId, false);
    }
  }

  return { stage, perform, heal };
}

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
        // As text: of two long lives that differ, a difference of thousands of objects helps nobody.
        expect(JSON.stringify(again.pushed) === JSON.stringify(once.pushed)).toBe(true);
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
        expect(stage.hearingState).toBe("hearing");
        expect([...stage.state.derived.openNotifications]).toEqual([]);
        expect([...stage.state.tables.incident.keys()]).toEqual([]);
        for (const server of stage.state.tables.server.values()) {
          const speaks =
            server.mode === "ping" ? server.address !== null : stage.state.tables.agent.has(server.id);
          expect([server.id, stage.status(server.id)]).toEqual([server.id, speaks ? "up" : "new"]);
        }
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
      verdict: fc.option(verdict, { nil: null }),
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
