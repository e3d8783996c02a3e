/**
 * A random life of a small world with sites, gateways, parents, witnesses, sentinels, windows and journals: its steps, and a
 * stage on which they happen.
 * Must not: expect anything; group-properties.test.ts does.
 */
import fc from "fast-check";
import type { ProbeVerdict } from "../../collector/core/types/evidence.ts";
import type { JournalEntry } from "../../collector/core/types/journal.ts";
import type { Server } from "../../collector/core/types/registry.ts";
import type { GoodbyeReason } from "../../collector/core/types/server.ts";
import type { DeliveryOutcome } from "../../collector/core/types/telling.ts";
import { anyRestart, anyVerdict } from "./lives.ts";
import { entryOf, farSentinels, minute, second } from "./records.ts";
import { createStage } from "./stage.ts";
import type { ProbeAnswer, RestartOptions, Stage } from "./stage.ts";

const sites = ["a", "b", "c"] as const;
export const cast: Readonly<Record<string, Partial<Server>>> = {
  a1: { siteId: "a" },
  a2: { siteId: "a", parentId: "a1" },
  b1: { siteId: "b" },
  b2: { siteId: "b", downAfterMs: 5 * minute },
  c1: { siteId: "c", parentId: "b1" },
  p1: { siteId: "c", mode: "ping" },
  free: { parentId: "c1" },
};
export const names = Object.keys(cast);

export type Step =
  | { readonly do: "pass" | "stall" | "sleep" | "stepWall"; readonly ms: number }
  | { readonly do: "restart"; readonly how: RestartOptions }
  | { readonly do: "play"; readonly ids: readonly string[]; readonly anew: boolean }
  | { readonly do: "stop"; readonly ids: readonly string[]; readonly how: "freeze" | "cut" }
  /** Long enough for a verdict, or for a recovery: what single steps seldom come to. */
  | { readonly do: "fall" | "rise"; readonly ids: readonly string[]; readonly ms: number }
  | { readonly do: "cutOff"; readonly near: ProbeVerdict; readonly ms: number }
  | { readonly do: "mend"; readonly ms: number }
  | { readonly do: "flap"; readonly ids: readonly string[]; readonly times: number }
  | { readonly do: "goodbye"; readonly id: string; readonly reason: GoodbyeReason }
  | { readonly do: "probes"; readonly id: string; readonly verdict: ProbeVerdict | "banner" | null }
  | { readonly do: "gateway"; readonly id: string; readonly verdict: ProbeVerdict }
  | { readonly do: "witnesses"; readonly verdict: ProbeVerdict | null }
  | { readonly do: "sentinels"; readonly verdict: ProbeVerdict | null; readonly near: ProbeVerdict }
  | { readonly do: "disk"; readonly full: boolean }
  | {
      readonly do: "window";
      readonly which: number;
      readonly id: string | null;
      readonly site: string | null;
      readonly ms: number;
    }
  | { readonly do: "unwindow"; readonly which: number }
  | { readonly do: "journal"; readonly id: string; readonly ok: boolean; readonly more: boolean }
  | {
      readonly do: "staff";
      readonly id: string;
      readonly what: "pause" | "resume" | "remove" | "move" | "orphan" | "add";
    }
  | { readonly do: "channel"; readonly outcome: DeliveryOutcome | null };

export const anyId = fc.constantFrom(...names);
/** One server, a whole site, or a random few. */
const someIds = fc.oneof(
  anyId.map((id) => [id]),
  fc.constantFrom(...sites).map((site) => names.filter((id) => cast[id]?.siteId === site)),
  fc.subarray(names, { minLength: 1 }),
);
const sent: DeliveryOutcome = { type: "sent", externalId: "1" };

function stepOf(kind: "gentle" | "everything"): fc.Arbitrary<Step> {
  const ms = fc.oneof(
    fc.integer({ min: 0, max: 20 * second }),
    fc.integer({ min: 20 * second, max: 2 * minute }),
    fc.integer({ min: 2 * minute, max: 8 * minute }),
  );
  const steps: fc.WeightedArbitrary<Step>[] = [
    { weight: 12, arbitrary: ms.map((value): Step => ({ do: "pass", ms: value })) },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant("play" as const), ids: someIds, anew: fc.boolean() }),
    },
    {
      weight: 7,
      arbitrary: fc.record({
        do: fc.constant("stop" as const),
        ids: someIds,
        how: fc.constantFrom("freeze" as const, "cut" as const),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("probes" as const),
        id: anyId,
        verdict: fc.constantFrom<ProbeVerdict | "banner" | null>(
          "alive",
          "dead",
          "dead",
          "none",
          "banner",
          null,
        ),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("gateway" as const),
        id: fc.constantFrom(...sites),
        verdict: anyVerdict,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("witnesses" as const),
        verdict: fc.option(anyVerdict, { nil: null }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("goodbye" as const),
        id: anyId,
        reason: fc.constantFrom<GoodbyeReason>("reboot", "shutdown", "upgrade", "agent_stopped"),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("journal" as const),
        id: anyId,
        ok: fc.boolean(),
        more: fc.boolean(),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("staff" as const),
        id: anyId,
        what: fc.constantFrom("pause", "resume", "remove", "move", "orphan", "add"),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("window" as const),
        which: fc.nat(2),
        id: fc.option(anyId, { nil: null }),
        site: fc.option(fc.constantFrom(...sites), { nil: null }),
        ms: fc.integer({ min: minute, max: 30 * minute }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("unwindow" as const), which: fc.nat(2) }) },
  ];
  steps.push(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant("fall" as const),
        ids: someIds,
        ms: fc.integer({ min: 150 * second, max: 6 * minute }),
      }),
    },
    {
      weight: 7,
      arbitrary: fc.record({
        do: fc.constant("rise" as const),
        ids: someIds,
        ms: fc.integer({ min: 0, max: 2 * minute }),
      }),
    },
  );
  steps.push({
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("flap" as const),
      ids: someIds,
      times: fc.integer({ min: 2, max: 4 }),
    }),
  });
  const harsh: fc.WeightedArbitrary<Step>[] = [
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("cutOff" as const),
        near: anyVerdict,
        ms: fc.integer({ min: 20 * second, max: 6 * minute }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.integer({ min: 0, max: 3 * minute }).map((value): Step => ({ do: "mend", ms: value })),
    },
    {
      weight: 2,
      arbitrary: fc.integer({ min: 1, max: 3 * minute }).map((value): Step => ({ do: "stall", ms: value })),
    },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 1, max: 30 * minute }).map((value): Step => ({ do: "sleep", ms: value })),
    },
    {
      weight: 1,
      arbitrary: fc.integer({ min: -1e7, max: 1e7 }).map((value): Step => ({ do: "stepWall", ms: value })),
    },
    {
      weight: 3,
      arbitrary: anyRestart.map((how): Step => ({ do: "restart", how })),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("sentinels" as const),
        verdict: fc.option(anyVerdict, { nil: null }),
        near: anyVerdict,
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("disk" as const), full: fc.boolean() }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("channel" as const),
        outcome: fc.constantFrom<DeliveryOutcome | null>(
          sent,
          sent,
          { type: "retry", error: "refused", retryAfterMs: null },
          { type: "unknown", error: "timeout" },
          null,
        ),
      }),
    },
  ];
  return fc.oneof(...steps, ...(kind === "everything" ? harsh : []));
}

export function life(kind: "gentle" | "everything"): fc.Arbitrary<Step[]> {
  return fc.array(stepOf(kind), { minLength: 1, maxLength: 60, size: "max" });
}

export interface World {
  readonly stage: Stage;
  readonly perform: (step: Step) => void;
  readonly heal: () => void;
  readonly beating: ReadonlySet<string>;
  readonly isDiskFull: () => boolean;
}

export function worldOf(checkedWhole: boolean, wallMs = Date.UTC(2025, 0, 6, 1)): World {
  const stage = createStage({ checkedWhole, startedAt: { wallMs } });
  const probes = new Map<string, ProbeAnswer>();
  const gateways = new Map<string, ProbeVerdict>();
  const beating = new Set<string>();
  const lives = new Map<string, number>();
  const sequences = new Map<string, number>();
  let diskFull = false;
  let sentinelVerdict: ProbeVerdict | null = "alive";
  let nearVerdict: ProbeVerdict = "alive";
  let witnessVerdict: ProbeVerdict | null = "dead";
  stage.probeRule = (_request, id) => (probes.has(id) ? (probes.get(id) ?? null) : "alive");
  stage.gatewayRule = (siteId) => gateways.get(siteId) ?? "alive";
  stage.witnessRule = () => witnessVerdict;
  stage.sentinels = [{ target: "10.0.0.254", near: true }, ...farSentinels];
  stage.sentinelRule = (_target, near) => (near ? nearVerdict : sentinelVerdict);
  stage.link("a");
  for (const site of sites) stage.addSite(site, { gatewayAddress: `10.0.${site}.254` });
  for (const id of names) add(id);
  for (const id of names) play(id, false);
  stage.pass(6 * minute);

  function add(id: string): void {
    const changes = cast[id] ?? {};
    const parentId =
      changes.parentId != null && stage.state.tables.server.has(changes.parentId) ? changes.parentId : null;
    stage.add(id, { ...changes, parentId });
  }

  function play(id: string, anew: boolean): void {
    if (!stage.state.tables.agent.has(id) || stage.state.tables.server.get(id)?.mode !== "agent") return;
    const count = (lives.get(id) ?? 0) + (anew ? 1 : 0);
    lives.set(id, count);
    beating.add(id);
    const features = id === "b2" ? [] : (["witness", "journal"] as const);
    stage.playAgent(id, { bootId: `boot-${Math.floor(count / 2)}`, startedBootMs: 60_000 + count, features });
  }

  function entries(id: string, ok: boolean): JournalEntry[] {
    const first = sequences.get(id) ?? 1;
    sequences.set(id, first + 10);
    return Array.from({ length: 10 }, (_, index) =>
      entryOf({
        sequence: first + index,
        ageMs: (10 - index) * 15 * second,
        bootId: `boot-${Math.floor((lives.get(id) ?? 0) / 2)}`,
        collector: "timeout",
        gateway: "ok",
        internet: ok ? "ok" : "failed",
      }),
    );
  }

  function byStaff(id: string, what: Extract<Step, { do: "staff" }>["what"]): void {
    const server = stage.state.tables.server.get(id);
    if (what === "add") {
      // Commands are refused on a full disk; an add is two of them.
      if (!server && !diskFull) add(id);
      return;
    }
    if (!server) return;
    if (what === "pause") stage.push({ type: "server_paused", serverId: id, by: "staff" });
    else if (what === "resume") stage.push({ type: "server_resumed", serverId: id, by: "staff" });
    else if (what === "move")
      stage.push({ type: "server_saved", server: { ...server, siteId: server.siteId === "a" ? "b" : "a" } });
    else if (what === "orphan") stage.push({ type: "server_saved", server: { ...server, parentId: null } });
    else {
      if (beating.delete(id)) stage.stopAgent(id);
      stage.push({ type: "server_removed", serverId: id, by: "staff" });
    }
  }

  function perform(step: Step): void {
    switch (step.do) {
      case "pass":
        return stage.pass(step.ms);
      case "stall":
        return stage.stall(step.ms);
      case "sleep":
        return stage.sleep(step.ms);
      case "stepWall":
        return stage.stepWall(step.ms);
      case "restart":
        // Nobody starts on a full disk.
        if (!diskFull) stage.restart(step.how);
        return;
      case "play":
        for (const id of step.ids) play(id, step.anew);
        return;
      case "stop":
        for (const id of step.ids) if (beating.delete(id)) stage.stopAgent(id, step.how);
        if (step.ids.includes("p1")) probes.set("p1", "dead");
        return;
      case "fall":
        perform({ do: "stop", ids: step.ids, how: "freeze" });
        return stage.pass(step.ms);
      case "rise":
        perform({ do: "play", ids: step.ids, anew: false });
        if (step.ids.includes("p1")) probes.delete("p1");
        return stage.pass(step.ms);
      case "cutOff":
        sentinelVerdict = "dead";
        nearVerdict = step.near;
        perform({ do: "stop", ids: names, how: "freeze" });
        return stage.pass(step.ms);
      case "flap":
        for (let count = 0; count < step.times; count += 1) {
          perform({ do: "fall", ids: step.ids, ms: 200 * second });
          perform({ do: "rise", ids: step.ids, ms: 20 * second });
        }
        return;
      case "mend":
        sentinelVerdict = "alive";
        perform({ do: "play", ids: names, anew: false });
        probes.delete("p1");
        return stage.pass(step.ms);
      case "goodbye":
        if (beating.delete(step.id)) stage.goodbye(step.id, step.reason);
        return;
      case "probes":
        probes.set(
          step.id,
          step.verdict === "banner"
            ? { verdict: "alive", detail: "connected", banner: "SSH-2.0" }
            : step.verdict,
        );
        return;
      case "gateway":
        gateways.set(step.id, step.verdict);
        return;
      case "witnesses":
        witnessVerdict = step.verdict;
        return;
      case "sentinels":
        sentinelVerdict = step.verdict;
        nearVerdict = step.near;
        return;
      case "disk":
        diskFull = step.full;
        return stage.setDiskFull(step.full);
      case "window":
        stage.window(`w${step.which}`, step.ms, {
          serverId: step.id !== null && stage.state.tables.server.has(step.id) ? step.id : null,
          siteId: step.site,
        });
        return;
      case "unwindow":
        stage.push({ type: "maintenance_removed", maintenanceId: `w${step.which}` });
        return;
      case "journal":
        stage.tellJournal(
          step.id,
          entries(step.id, step.ok),
          step.more,
          stage.state.tables.heard.get(step.id)?.sessionId ?? "none",
        );
        return;
      case "staff":
        return byStaff(step.id, step.what);
      case "channel": {
        const { outcome } = step;
        stage.sendRule = () => outcome;
        return;
      }
    }
  }

  function heal(): void {
    diskFull = false;
    stage.setDiskFull(false);
    probes.clear();
    gateways.clear();
    sentinelVerdict = "alive";
    nearVerdict = "alive";
    stage.sendRule = () => sent;
    for (const id of names) {
      stage.push({ type: "server_resumed", serverId: id, by: "staff" });
      play(id, false);
    }
  }

  return { stage, perform, heal, beating, isDiskFull: () => diskFull };
}
