/**
 * A random life of several servers under random faults: its steps, and a stage on which they happen.
 * Must not: expect anything; properties.test.ts does.
 */
import fc from "fast-check";
import type { ProbeVerdict } from "../../collector/core/types/evidence.ts";
import type { GoodbyeReason } from "../../collector/core/types/server.ts";
import type { DeliveryOutcome } from "../../collector/core/types/telling.ts";
import { anyRestart, anyVerdict } from "./lives.ts";
import { minute, second } from "./records.ts";
import { createStage } from "./stage.ts";
import type { RestartOptions, Stage, StageOptions } from "./stage.ts";

export const servers = ["s0", "s1", "s2", "p0"] as const;
type ServerId = (typeof servers)[number];
const recipients = ["r0", "r1"] as const;

export type Step =
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
      arbitrary: fc.record({
        type: fc.constant("stray_answer" as const),
        serverId: anyServer,
        verdict: anyVerdict,
      }),
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
        verdict: fc.option(anyVerdict, { nil: null }),
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
      arbitrary: anyRestart.map((how): Step => ({ type: "restart", how })),
    },
  ];
  return fc.oneof(...ordinary, ...(withCollectorFaults ? faults : []));
}

export function life(withCollectorFaults = true): fc.Arbitrary<Step[]> {
  return fc.array(stepOf(withCollectorFaults), { minLength: 1, maxLength: 40, size: "max" });
}

/** A stage with the cast, and the rules that steps set. */
export function castOf(options: StageOptions = {}): {
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
          rows: [{ notificationId: row?.id ?? "none", attempt: step.attempt }],
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
