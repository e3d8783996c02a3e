/**
 * Why an outage was, as the agent's journal tells it afterwards: the pure leaves, and journals that come early, late,
 * twice, half, or never.
 * Must not: judge kinds at alert time (evidence, witnesses).
 */
import { describe, expect, test } from "vitest";
import {
  digested,
  finalCause,
  findings,
  groupCause,
  minutesOf,
  noDigest,
} from "../../collector/core/causes.ts";
import { timesOf } from "../../collector/core/times.ts";
import type { Cause, GroupFacts, IncidentKind } from "../../collector/core/types/incident.ts";
import type { JournalDigest, JournalEntry } from "../../collector/core/types/journal.ts";
import type { GoodbyeReason } from "../../collector/core/types/server.ts";
import { entryOf, minute, second } from "./records.ts";
import { createHearingStage } from "./stage.ts";
import type { AgentFacts, Stage } from "./stage.ts";

const times = timesOf(15 * second, 3 * minute);
const intervalMs = times.intervalMs;

/** A journal of an outage that began at 0 and ended after `lastsMs`, as sent then; entry by entry. */
function journalOf(
  lastsMs: number,
  entryAt: (index: number, atMs: number) => Partial<JournalEntry> | null,
): JournalEntry[] {
  const entries: JournalEntry[] = [
    entryOf({ sequence: 1, ageMs: lastsMs + 2 * intervalMs }),
    entryOf({ sequence: 2, ageMs: lastsMs + intervalMs }),
  ];
  for (let atMs = 0; atMs <= lastsMs; atMs += intervalMs) {
    const changes = entryAt(entries.length - 2, atMs);
    if (changes) entries.push(entryOf({ sequence: entries.length + 1, ageMs: lastsMs - atMs, ...changes }));
  }
  return entries;
}

function digestOf(entries: readonly JournalEntry[], lastsMs: number): JournalDigest {
  let digest = noDigest("x", 0);
  for (const entry of entries) digest = digested(digest, entry, lastsMs, times);
  return { ...digest, complete: true };
}

interface Told {
  readonly kind?: IncidentKind;
  readonly cause?: Cause;
  readonly confidence?: "high" | "medium" | "low";
  readonly bootId?: string;
  readonly startedBootMs?: number;
  readonly goodbye?: GoodbyeReason;
}

const lasts = 10 * minute;
const cutOff: Partial<JournalEntry> = { collector: "timeout" };

function causeOf(entries: readonly JournalEntry[], told: Told = {}): Cause {
  return finalCause(
    times,
    {
      kind: told.kind ?? "host_down",
      cause: told.cause ?? "unknown",
      confidence: told.confidence ?? "medium",
      bootIdBefore: "boot-of-x",
      agentStartedBootMsBefore: 60_000,
      goodbye: told.goodbye ?? null,
    },
    { bootId: told.bootId ?? "boot-of-x", agentStartedBootMs: told.startedBootMs ?? 60_000 },
    digestOf(entries, lasts),
    lasts,
  );
}

describe("what a journal says", () => {
  const ran = (changes: Partial<JournalEntry>): JournalEntry[] =>
    journalOf(lasts, () => ({ ...cutOff, ...changes }));

  test.each<[string, Partial<JournalEntry>, Cause]>([
    ["link down", { link: "down" }, "host_network"],
    ["gateway failed", { gateway: "failed", internet: "failed" }, "host_network"],
    ["gateway fine, internet failed", { gateway: "ok", internet: "failed" }, "site_link"],
    ["internet fine", { gateway: "ok", internet: "ok" }, "path_or_provider"],
    [
      "name not found, internet fine",
      { gateway: "ok", internet: "ok", collector: "name" },
      "name_certificate_or_proxy",
    ],
    ["certificate refused", { internet: "ok", collector: "certificate" }, "name_certificate_or_proxy"],
    ["proxy in between", { collector: "proxy" }, "name_certificate_or_proxy"],
    ["refused by the collector", { internet: "ok", collector: "rejected" }, "name_certificate_or_proxy"],
    [
      "name not found, and no internet",
      { gateway: "ok", internet: "failed", collector: "name" },
      "site_link",
    ],
    ["gateway failed though the internet answers", { gateway: "failed", internet: "ok" }, "unknown"],
    ["nothing known of the network", {}, "connection"],
  ])("[C3] it ran all along, %s: %j → %s", (_what, changes, expected) => {
    expect(causeOf(ran(changes))).toBe(expected);
  });

  test("[C3] most looks must agree, 70 %: at odds is not enough", () => {
    const mixed = (failedOf10: number): JournalEntry[] =>
      journalOf(lasts, (index) => ({
        ...cutOff,
        gateway: "ok",
        internet: index % 10 < failedOf10 ? "failed" : "ok",
      }));
    expect(causeOf(mixed(10))).toBe("site_link");
    expect(causeOf(mixed(8))).toBe("site_link");
    expect(causeOf(mixed(5))).toBe("connection");
    expect(causeOf(mixed(2))).toBe("path_or_provider");
  });

  test("[C3] looks while acknowledged say nothing of the outage", () => {
    const entries = journalOf(lasts, (index) =>
      index < 4 ? { collector: "ok", gateway: "failed" } : { ...cutOff, gateway: "ok", internet: "failed" },
    );
    expect(causeOf(entries)).toBe("site_link");
  });

  test("[C2] another boot after the program was stopped by hand: nobody saw why, it was not planned (campaign: agent-stopped-then-host-dies)", () => {
    const entries = [
      entryOf({ sequence: 1, ageMs: lasts + 2 * intervalMs }),
      entryOf({ sequence: 2, ageMs: lasts, event: "stop" }),
      entryOf({ sequence: 3, ageMs: 0, event: "start", bootId: "second" }),
    ];
    expect(causeOf(entries, { bootId: "second" })).toBe("planned");
    expect(causeOf(entries, { bootId: "second", goodbye: "reboot" })).toBe("planned");
    expect(causeOf(entries, { bootId: "second", goodbye: "agent_stopped" })).toBe("unknown");
  });

  test("[C2] a program that was killed and started again: the machine is not said to have stood still (campaign: agent-killed)", () => {
    const gap = (event: "tick" | "start"): JournalEntry[] => [
      entryOf({ sequence: 1, ageMs: lasts + intervalMs }),
      entryOf({ sequence: 2, ageMs: 0, event }),
    ];
    const saidOf = (event: "tick" | "start"): string[] =>
      findings(times, digestOf(gap(event), lasts)).map((finding) => finding.type);
    expect(saidOf("tick")).toContain("stood_still");
    expect(saidOf("start")).not.toContain("stood_still");
  });

  test("[C2] another boot: in order → planned; without a stop → crash or power", () => {
    const rebooted = (stops: boolean): JournalEntry[] =>
      journalOf(lasts, (_index, atMs) => {
        if (atMs === 0) return stops ? { ...cutOff, event: "stop" } : cutOff;
        if (atMs < lasts - 2 * intervalMs) return null;
        return { bootId: "second", event: atMs === lasts - 2 * intervalMs ? "start" : "tick" };
      });
    const now = { bootId: "second" };
    expect(causeOf(rebooted(true), now)).toBe("planned");
    expect(causeOf(rebooted(false), now)).toBe("host_crash_or_power");
    expect(causeOf(rebooted(false), { ...now, kind: "host_hung" })).toBe("host_hung");
    // The agent died first, and its host, which had answered, later (simulated).
    expect(causeOf(rebooted(false), { ...now, kind: "agent_down" })).toBe("unknown");
  });

  test("[C2] who was restarted did not stand still: the program was away, not the machine", () => {
    const entries = journalOf(lasts, (_index, atMs) =>
      atMs === 0 ? cutOff : atMs < 9.5 * minute ? null : { event: atMs < 9.7 * minute ? "start" : "tick" },
    );
    expect(causeOf(entries, { startedBootMs: 999_000 })).toBe("agent_stopped");
    expect(findings(times, digestOf(entries, lasts)).map((finding) => finding.type)).not.toContain(
      "stood_still",
    );
  });

  test.each(["tick", "stop"] as const)(
    "[C2] it ran on for most of the outage and rebooted then, its last word a %s: unknown, never a guess",
    (last) => {
      const entries = journalOf(lasts, (_index, atMs) => {
        if (atMs > 9 * minute)
          return { ...cutOff, bootId: "second", event: atMs < 9.3 * minute ? "start" : "tick" };
        return { ...cutOff, event: atMs === 9 * minute ? last : "tick" };
      });
      expect(causeOf(entries, { bootId: "second" })).toBe("unknown");
    },
  );

  test.each<[string, Told, Cause]>([
    ["restarted", { startedBootMs: 999_000 }, "agent_stopped"],
    ["not restarted, the host seemed dead", {}, "host_hung"],
    [
      "not restarted, its programs were seen alive",
      { kind: "agent_down", confidence: "high" },
      "agent_stopped",
    ],
    ["not restarted, a mere echo was seen", { kind: "agent_down", confidence: "low" }, "unknown"],
    // A hung kernel accepts: called "agent stopped" three times in 40 simulated worlds.
    ["not restarted, a port accepted", { kind: "agent_down", confidence: "medium" }, "unknown"],
  ])("[C2] no entry for most of it, %s: %j → %s", (_what, told, expected) => {
    const entries = journalOf(lasts, (_index, atMs) => (atMs === 0 || atMs > 9.5 * minute ? {} : null));
    expect(causeOf(entries, told)).toBe(expected);
  });

  test("[C2] it slept for half of it: suspended, and the sleep is no stillness", () => {
    const slept = (sleptMs: number): JournalEntry[] =>
      journalOf(lasts, (_index, atMs) =>
        atMs > 0 && atMs < lasts - intervalMs
          ? null
          : { sleptMs: atMs >= lasts - intervalMs && atMs < lasts ? sleptMs : 0 },
      );
    expect(causeOf(slept(9 * minute))).toBe("host_suspended");
    expect(causeOf(slept(4 * minute))).toBe("host_hung");
    expect(digestOf(slept(9.5 * minute), lasts).gapsMs).toBe(0);
  });

  test.each([
    [3, 0],
    [4, 4],
  ])("[C2] %d intervals without an entry are %d intervals of stillness", (missing, counted) => {
    // So many intervals lie between the entry at 60 s and the one after it.
    const entries = journalOf(lasts, (_index, atMs) =>
      atMs > minute && atMs < minute + missing * intervalMs ? null : cutOff,
    );
    expect(digestOf(entries, lasts).gapsMs).toBe(counted * intervalMs);
  });

  test("[C1] an empty journal, or one that says nothing of the outage, changes nothing", () => {
    for (const entries of [[], [entryOf({ sequence: 5, ageMs: lasts + minute })]] as const) {
      expect(causeOf(entries, { kind: "agent_down", cause: "agent_stopped" })).toBe("unknown");
      expect(causeOf(entries, { kind: "path_down", cause: "path_or_provider" })).toBe("connection");
      expect(causeOf(entries, { bootId: "second" })).toBe("host_rebooted");
    }
  });

  test("[C5] [D6] entries that come twice, or out of order, count once", () => {
    const entries = journalOf(lasts, () => ({ ...cutOff, gateway: "ok", internet: "failed" }));
    const once = digestOf(entries, lasts);
    const twice = digestOf([...entries, ...entries, ...entries.slice(5)], lasts);
    expect(twice).toEqual(once);
  });

  test("[C5] findings are one sentence each, of what was most", () => {
    const entries = journalOf(lasts, (index) => ({
      ...cutOff,
      gateway: "ok",
      internet: "failed",
      collector: index % 3 === 0 ? "name" : "timeout",
    }));
    expect(findings(times, digestOf(entries, lasts))).toEqual([
      { type: "ran_all_along" },
      { type: "gateway", reached: true },
      { type: "internet", reached: false },
      { type: "collector", problem: "timeout" },
    ]);
    expect(findings(times, null)).toEqual([]);
    expect(findings(times, noDigest("x", 0))).toEqual([]);
  });
});

describe("minutes", () => {
  const stood = (gapsMs: number, sleptMs = 0): JournalDigest => ({
    ...noDigest("x", 0),
    complete: true,
    ticks: 10,
    gapsMs,
    sleptMs,
  });

  test("[C6] with a whole journal the time it stood still is the server's, the rest the link's", () => {
    expect(minutesOf("connection", 10 * minute, stood(4 * minute))).toEqual({
      server: 4,
      link: 6,
      planned: 0,
      collector: 0,
    });
    expect(minutesOf("unknown", 10 * minute, stood(4 * minute, 2 * minute))).toMatchObject({
      server: 6,
      link: 4,
    });
    // Never more than there was.
    expect(minutesOf("host_hung", 10 * minute, stood(50 * minute))).toMatchObject({ server: 10, link: 0 });
  });

  test("[C6] planned and the collector's own stay whole; half a journal splits nothing", () => {
    expect(minutesOf("planned", 10 * minute, stood(4 * minute))).toMatchObject({ planned: 10, server: 0 });
    expect(minutesOf("collector", 10 * minute, stood(4 * minute))).toMatchObject({ collector: 10 });
    expect(minutesOf("site_link", 10 * minute, { ...stood(4 * minute), complete: false })).toMatchObject({
      link: 10,
    });
    for (const cause of [
      "host_network",
      "path_or_provider",
      "site_lan",
      "name_certificate_or_proxy",
    ] as const)
      expect(minutesOf(cause, minute, null).link).toBe(1);
  });
});

describe("a group's cause", () => {
  type Ending = GroupFacts["endings"][number];

  function ofGroup(
    type: "site" | "mass",
    ...endings: (Partial<Ending> & { readonly cause: Cause })[]
  ): Cause {
    const group: GroupFacts = {
      type,
      siteIds: ["s"],
      serverIds: endings.map((_, index) => `n${index}`),
      backCoreMs: null,
      endings: endings.map((ending, index) => ({
        serverId: `n${index}`,
        backCoreMs: 0,
        rebootedUnclean: false,
        ...ending,
      })),
    };
    return groupCause({ kind: "site_down", variant: null, cause: "site_link_or_power" }, group);
  }
  const crash = (backCoreMs: number): Ending => ({
    serverId: "",
    cause: "host_crash_or_power",
    backCoreMs,
    rebootedUnclean: true,
  });

  test("[C4] two unclean reboots within 5 min are the power; one, or later ones, are not", () => {
    expect(ofGroup("site", crash(0), crash(5 * minute))).toBe("site_power");
    expect(ofGroup("site", crash(0), crash(5 * minute + 1))).toBe("site_link_or_power");
    expect(ofGroup("site", crash(0), { cause: "connection" })).toBe("site_link_or_power");
    expect(ofGroup("site", crash(0), crash(20 * minute), crash(21 * minute))).toBe("site_power");
    expect(ofGroup("mass", crash(0), crash(minute))).not.toBe("site_power");
  });

  test.each<["site" | "mass", Cause[], Cause]>([
    ["site", ["host_network", "host_network"], "site_lan"],
    ["site", ["site_link", "site_link", "path_or_provider"], "site_link"],
    ["site", ["site_link", "path_or_provider"], "unknown"],
    ["site", ["connection", "site_link"], "site_link"],
    ["site", ["connection", "unknown"], "site_link_or_power"],
    ["site", [], "site_link_or_power"],
    ["site", ["agent_stopped", "agent_stopped"], "agent_stopped"],
    ["site", ["name_certificate_or_proxy", "name_certificate_or_proxy"], "name_certificate_or_proxy"],
    ["mass", ["path_or_provider", "path_or_provider"], "collector"],
    ["mass", ["site_link", "site_link"], "site_link"],
    ["mass", ["host_network"], "site_link_or_power"],
  ])("[C4] %s whose members say %j: %s", (type, causes, expected) => {
    expect(ofGroup(type, ...causes.map((cause) => ({ cause })))).toBe(expected);
  });
});

const journalling: AgentFacts = { features: ["journal"] };
const cutFromTheInternet: Partial<JournalEntry> = { collector: "timeout", gateway: "ok", internet: "failed" };

/** A server with a journal that was down for ten minutes; its agent beats again from now on. */
function back(facts: AgentFacts = {}, downMs = 10 * minute): Stage {
  const stage = createHearingStage();
  stage.link("a");
  stage.add("x");
  stage.playAgent("x", journalling);
  stage.pass(5 * minute);
  stage.probeRule = () => "dead";
  stage.stopAgent("x");
  stage.pass(downMs);
  stage.playAgent("x", { ...journalling, ...facts });
  return stage;
}

function wholeJournal(
  stage: Stage,
  changes: Partial<JournalEntry> = cutFromTheInternet,
  from = 1,
): JournalEntry[] {
  const silentMs = stage.coreMs - stage.incident("x").startedCoreMs;
  return journalOf(silentMs, () => changes).map((entry) => ({
    ...entry,
    sequence: entry.sequence + from - 1,
  }));
}

/** What was told of it is shown anew with the corrected cause; then it leaves the living state. */
function shown(stage: Stage): void {
  stage.pass(5 * second);
}

describe("a journal that is sent", () => {
  test("[C5] before the second heartbeat: the recovery tells the cause, with its evidence and minutes", () => {
    const stage = back();
    const entries = wholeJournal(stage);
    const decision = stage.tellJournal("x", entries);
    expect(decision.effects).toContainEqual({
      type: "ack_journal",
      sessionId: stage.state.tables.heard.get("x")?.sessionId,
      sequence: entries.at(-1)?.sequence,
    });
    expect(decision.commit).toEqual([]);
    stage.pass(minute);
    const told = stage.attempts.at(-1)?.notification.message;
    expect(told).toMatchObject({ step: "recovered", finalCause: "site_link" });
    expect(told?.evidence).toContainEqual(
      expect.objectContaining({ type: "journal", finding: { type: "internet", reached: false } }),
    );
    expect(stage.archived.get("i1")?.incident).toMatchObject({
      finalCause: "site_link",
      causeDueCoreMs: null,
    });
    expect(stage.incident("x").minutes).toMatchObject({ server: 0, collector: 0 });
    expect(stage.incident("x").minutes?.link).toBeGreaterThan(9);
  });

  test("[C5] [I4] after the recovery: it waits for it, corrects the cause, sends nothing and is archived", () => {
    const stage = back();
    stage.pass(minute);
    expect(stage.told()).toHaveLength(2);
    expect(stage.archived.size).toBe(0);
    expect(stage.incident("x").finalCause).toBe("unknown");
    const entries = wholeJournal(stage);
    stage.tellJournal("x", entries);
    shown(stage);
    expect(stage.archived.get("i1")?.incident.finalCause).toBe("site_link");
    expect(stage.incident("x").timeline.map((line) => line.what)).toContainEqual({
      type: "cause_corrected",
      from: "unknown",
      to: "site_link",
    });
    stage.pass(10 * minute);
    expect(stage.told()).toHaveLength(2);
  });

  test("[C5] never: archived T after its end with what was known, and what comes later changes nothing", () => {
    const stage = back();
    stage.pass(16 * second);
    expect(stage.incident("x").endedWallMs).not.toBeNull();
    stage.pass(stage.times.downAfterMs - 3 * second);
    expect(stage.archived.size).toBe(0);
    stage.pass(5 * second);
    expect(stage.archived.get("i1")?.incident.finalCause).toBe("unknown");
    const entries = journalOf(10 * minute, () => cutFromTheInternet);
    const decision = stage.tellJournal("x", entries);
    expect(decision.effects.some((effect) => effect.type === "ack_journal")).toBe(true);
    expect(stage.archived.get("i1")?.incident.finalCause).toBe("unknown");
    expect(stage.state.tables.incident.size).toBe(0);
  });

  test("[C5] an agent without a journal is not waited for", () => {
    const stage = back({ features: [] });
    stage.pass(minute);
    expect(stage.archived.get("i1")?.incident).toMatchObject({
      finalCause: "unknown",
      causeDueCoreMs: null,
    });
  });

  test("[C5] in batches, half before and half after the recovery: corrected by each, final with the last", () => {
    const stage = back();
    const entries = wholeJournal(stage);
    stage.tellJournal("x", entries.slice(0, 10), true);
    stage.pass(minute);
    expect(stage.archived.size).toBe(0);
    const rest = entries.slice(10).map((entry) => ({ ...entry, ageMs: entry.ageMs + minute }));
    stage.tellJournal("x", rest.slice(0, 10), true);
    expect(stage.archived.size).toBe(0);
    stage.tellJournal("x", rest.slice(10), false);
    shown(stage);
    expect(stage.archived.get("i1")?.incident.finalCause).toBe("site_link");
  });

  test("[C5] [S8] of an older session it is refused and not acknowledged", () => {
    const stage = back();
    const decision = stage.tellJournal("x", wholeJournal(stage), false, "an-older-one");
    expect(decision).toMatchObject({
      reply: { ok: false, code: "session_not_current" },
      effects: [],
      later: [],
      commit: [],
    });
  });

  test("[C5] an empty batch completes it and acknowledges nothing", () => {
    const stage = back();
    stage.pass(minute);
    const decision = stage.tellJournal("x", []);
    expect(decision.effects.filter((effect) => effect.type === "ack_journal")).toEqual([]);
    expect(stage.archived.get("i1")?.incident.finalCause).toBe("unknown");
  });

  test("[C5] [D10] a relapse in the same outage: its journal goes on, and the second half is waited for", () => {
    const stage = back();
    stage.tellJournal("x", wholeJournal(stage));
    stage.stopAgent("x");
    stage.pass(20 * minute);
    expect(stage.incidents("x")).toHaveLength(1);
    stage.playAgent("x");
    stage.pass(minute);
    expect(stage.told()).toHaveLength(2);
    expect(stage.archived.size).toBe(0);
    const known = stage.state.tables.journal.get("x")?.lastSequence ?? 0;
    // The rest of it the machine slept: most of the whole outage.
    const entries = [
      entryOf({ sequence: known + 1, ageMs: 20 * minute, ...cutFromTheInternet }),
      entryOf({ sequence: known + 2, ageMs: 2 * minute, sleptMs: 17.5 * minute, collector: "timeout" }),
    ];
    stage.tellJournal("x", entries);
    shown(stage);
    expect(stage.archived.get("i1")?.incident.finalCause).toBe("host_suspended");
  });

  test("[C5] [S13] the collector restarts with half of it: the other half completes it", () => {
    const stage = back();
    const entries = wholeJournal(stage);
    stage.tellJournal("x", entries.slice(0, 20), true);
    stage.pass(20 * second);
    stage.restart({ awayMs: 5 * second, lost: "nothing" });
    stage.pass(10 * second);
    stage.tellJournal(
      "x",
      entries.slice(15).map((entry) => ({ ...entry, ageMs: entry.ageMs + 35 * second })),
    );
    shown(stage);
    expect(stage.archived.get("i1")?.incident.finalCause).toBe("site_link");
  });

  test("[C5] the collector was away for longer than T just after the recovery: the journal still counts", () => {
    const stage = back();
    stage.pass(20 * second);
    expect(stage.incident("x").endedWallMs).not.toBeNull();
    stage.restart({ awayMs: 5 * minute, lost: "nothing" });
    stage.pass(10 * second);
    const entries = journalOf(10 * minute, () => cutFromTheInternet).map((entry) => ({
      ...entry,
      ageMs: entry.ageMs + 5.5 * minute,
    }));
    stage.tellJournal("x", entries);
    expect(stage.incident("x").finalCause).toBe("site_link");
  });

  test("[C5] [F2] on a full disk nothing is acknowledged, and it is decided when there is room", () => {
    const stage = back();
    stage.pass(minute);
    stage.setDiskFull(true);
    const decision = stage.tellJournal("x", wholeJournal(stage));
    expect(decision.effects).toEqual([]);
    stage.pass(30 * second);
    stage.setDiskFull(false);
    expect(stage.effects.some((effect) => effect.type === "ack_journal")).toBe(true);
    shown(stage);
    expect(stage.archived.get("i1")?.incident.finalCause).toBe("site_link");
  });

  test("[C5] [S10] wall-clock steps between its entries change nothing", () => {
    const stage = back();
    const entries = wholeJournal(stage);
    stage.tellJournal("x", entries.slice(0, 10), true);
    stage.stepWall(-3 * 3_600_000);
    stage.tellJournal("x", entries.slice(10));
    stage.pass(minute);
    expect(stage.archived.get("i1")?.incident.finalCause).toBe("site_link");
  });

  test("[C5] after a time without an incident it is acknowledged and forgotten", () => {
    const stage = createHearingStage();
    stage.add("x");
    stage.playAgent("x", journalling);
    stage.pass(minute);
    const decision = stage.tellJournal("x", [entryOf({ sequence: 3, ageMs: minute, collector: "timeout" })]);
    expect(decision.effects).toContainEqual(expect.objectContaining({ type: "ack_journal", sequence: 3 }));
    expect(stage.state.tables.journal.size).toBe(0);
  });

  test("[C5] an outage of two months ago is not mixed with this one", () => {
    const stage = back();
    stage.tellJournal("x", wholeJournal(stage, { collector: "timeout", link: "down" }));
    stage.pass(10 * minute);
    expect(stage.archived.get("i1")?.incident.finalCause).toBe("host_network");
    stage.stopAgent("x");
    stage.pass(10 * minute);
    stage.playAgent("x");
    stage.tellJournal("x", wholeJournal(stage, cutFromTheInternet, 500));
    stage.pass(minute);
    expect(stage.archived.get("i2")?.incident.finalCause).toBe("site_link");
  });

  test("[C5] [D14] the server is removed while its cause is open: nothing hangs", () => {
    const stage = back();
    stage.pass(minute);
    stage.push({ type: "server_removed", serverId: "x", by: "staff" });
    stage.pass(5 * minute);
    expect(stage.state.tables.incident.size).toBe(0);
    expect(stage.state.tables.journal.size).toBe(0);
  });
});

describe("a machine whose agent was stopped by hand", () => {
  // A step of the wall between the goodbye and the verdict once made the cause "planned" (K26).
  test.each([0, 180 * minute])(
    "[C2] [H2] dies later and comes back: nobody saw why, its minutes are not planned ones; the wall steps %i ms meanwhile",
    (stepMs) => {
      const stage = createHearingStage();
      stage.link("a");
      stage.add("x");
      stage.playAgent("x", journalling);
      stage.pass(5 * minute);
      stage.goodbye("x", "agent_stopped");
      stage.stepWall(stepMs);
      stage.pass(10 * minute);
      expect(stage.status("x")).toBe("planned");
      stage.probeRule = () => "dead";
      stage.pass(30 * minute);
      expect(stage.told()).toEqual(["down Server x host_down"]);
      const startedMs = stage.incident("x").startedCoreMs;
      stage.playAgent("x", { ...journalling, bootId: "second" });
      const ageMs = stage.coreMs - startedMs;
      stage.tellJournal("x", [
        entryOf({ sequence: 1, ageMs: ageMs + 15 * second }),
        entryOf({ sequence: 2, ageMs: ageMs + second, event: "stop" }),
        entryOf({ sequence: 3, ageMs: 20 * second, event: "start", bootId: "second" }),
        entryOf({ sequence: 4, ageMs: 5 * second, bootId: "second" }),
      ]);
      stage.pass(minute);
      expect(stage.incident("x").finalCause).not.toBe("planned");
      expect(stage.incident("x").minutes?.planned).toBe(0);
    },
  );
});

describe("a group whose members tell", () => {
  function siteBack(facts: (id: string) => AgentFacts = () => ({})): Stage {
    const stage = createHearingStage();
    stage.link("a");
    for (const id of ["x", "y"]) {
      stage.add(id, { siteId: "s" });
      stage.playAgent(id, journalling);
    }
    stage.add("w", { siteId: "t" });
    stage.playAgent("w");
    stage.pass(5 * minute);
    stage.probeRule = (_request, id) => (id === "w" ? "alive" : "dead");
    for (const id of ["x", "y"]) stage.stopAgent(id);
    stage.pass(10 * minute);
    for (const id of ["x", "y"]) stage.playAgent(id, { ...journalling, ...facts(id) });
    return stage;
  }

  function entriesOf(id: string, stage: Stage, changes: Partial<JournalEntry>): JournalEntry[] {
    return wholeJournal(stage, changes).map((entry) => ({ ...entry, bootId: `boot-of-${id}` }));
  }

  test("[C4] [C5] before the site's end: its recovery tells the cause", () => {
    const stage = siteBack();
    for (const id of ["x", "y"]) stage.tellJournal(id, entriesOf(id, stage, cutFromTheInternet));
    stage.pass(minute);
    expect(stage.attempts.at(-1)?.notification.message).toMatchObject({
      step: "recovered",
      kind: "site_down",
      finalCause: "site_link",
    });
  });

  test("[C4] [C5] after it: corrected without a message, and all leave the living state", () => {
    const stage = siteBack();
    stage.pass(minute);
    expect(stage.shared()[0]?.endedWallMs).not.toBeNull();
    for (const id of ["x", "y"]) stage.tellJournal(id, entriesOf(id, stage, cutFromTheInternet));
    expect(stage.shared()[0]?.finalCause).toBe("site_link");
    stage.pass(5 * minute);
    expect(stage.told()).toHaveLength(2);
    expect(stage.state.tables.incident.size).toBe(0);
    expect(stage.archived.get(stage.shared()[0]?.id ?? "")?.incident.finalCause).toBe("site_link");
  });

  test("[C4] both machines booted anew within five minutes: the site's power", () => {
    const stage = siteBack((id) => ({ bootId: `second-of-${id}` }));
    stage.pass(minute);
    expect(stage.attempts.at(-1)?.notification.message).toMatchObject({ finalCause: "site_power" });
  });

  test("[C4] at odds: unknown", () => {
    const stage = siteBack();
    stage.tellJournal("x", entriesOf("x", stage, cutFromTheInternet));
    stage.tellJournal("y", entriesOf("y", stage, { ...cutFromTheInternet, internet: "ok" }));
    stage.pass(minute);
    expect(stage.attempts.at(-1)?.notification.message).toMatchObject({ finalCause: "unknown" });
  });
});
