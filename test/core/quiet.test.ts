/**
 * What is recorded and not told, or told once: flapping, unstable links, maintenance windows, two machines with one
 * identity, reboots.
 * Must not: judge when there is an incident (detector.test.ts); these rules never change that.
 */
import { describe, expect, test } from "vitest";
import { FLAPPING_DIGEST_MS, FLAPPING_WINDOW_MS } from "../../collector/core/flapping.ts";
import { LOG_MAX } from "../../collector/core/server-log.ts";
import type { Server } from "../../collector/core/types/registry.ts";
import type { ServerLogEntry } from "../../collector/core/types/server.ts";
import { farSentinels, hour, imageOf, minute, second } from "./records.ts";
import { createHearingStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

function steady(...ids: string[]): Stage {
  const stage = createHearingStage();
  stage.link("a");
  for (const id of ids) {
    stage.add(id, { siteId: `of-${id}` });
    stage.playAgent(id);
  }
  stage.pass(5 * minute);
  return stage;
}

/** Down for `downMs` (longer than T) from its last heartbeat on, then back; true ms until it is up again. */
function outage(stage: Stage, serverId = "x", downMs = 4 * minute): void {
  stage.stopAgent(serverId);
  stage.pass(downMs);
  stage.playAgent(serverId);
  stage.pass(20 * second);
}

function said(stage: Stage): string[] {
  return stage.told().map((line) => line.split(" ")[0] ?? "");
}

function logOf(stage: Stage, serverId = "x"): ServerLogEntry["what"][] {
  return (stage.state.tables.serverLog.get(serverId)?.entries ?? []).map((entry) => entry.what);
}

function notTold(stage: Stage, serverId = "x"): string[] {
  return stage
    .incident(serverId)
    .timeline.flatMap(({ what }) => (what.type === "notify" && !what.send ? [what.reason] : []));
}

/** Nobody may hear of an end without a beginning, nor of a beginning twice. */
function expectPaired(stage: Stage): void {
  const open = new Set<string>();
  for (const { notification, outcome } of stage.attempts) {
    if (outcome?.type !== "sent") continue;
    const { incidentId, step } = notification;
    if (step === "down") {
      expect(open.has(incidentId)).toBe(false);
      open.add(incidentId);
    }
    if (step === "recovered") expect(open.delete(incidentId)).toBe(true);
  }
}

describe("flapping", () => {
  test("[Q1] the third incident within an hour: one message instead of its own; later ones and their ends are untold", () => {
    const stage = steady("x");
    for (let count = 0; count < 5; count += 1) outage(stage);
    expect(said(stage)).toEqual(["down", "recovered", "down", "recovered", "flapping"]);
    expect(stage.incidents("x")).toHaveLength(5);
    expect(notTold(stage)).toContain("flapping");
    const message = stage.attempts.at(-1)?.notification.message;
    expect(message?.flapping).toMatchObject({ incidents: 3, downNow: true });
    expect(stage.attempts.at(-1)?.notification).toMatchObject({ reason: "flapping", serverId: "x" });
    expectPaired(stage);
  });

  test.each([
    [59, 1],
    [61, 0],
  ])("[Q1] the third one %d min after the first: flaps %d times", (minutes, times) => {
    const stage = steady("x");
    outage(stage);
    const firstMs = stage.openings[0]?.worldMs ?? 0;
    outage(stage);
    // The verdict falls 180 to 182 s after the last heartbeat.
    stage.pass(firstMs + minutes * minute - 190 * second - stage.worldMs);
    outage(stage);
    const thirdMs = stage.openings[2]?.worldMs ?? 0;
    expect(Math.abs(thirdMs - firstMs - minutes * minute)).toBeLessThan(30 * second);
    expect(said(stage).filter((step) => step === "flapping")).toHaveLength(times);
  });

  test("[Q1] two servers do not flap together", () => {
    const stage = steady("x", "y", "z", "u", "v", "w");
    for (let count = 0; count < 2; count += 1) {
      outage(stage, "x");
      outage(stage, "y");
    }
    expect(said(stage)).not.toContain("flapping");
  });

  test("[Q1] a whole site flaps as the site, its servers do not", () => {
    const stage = createHearingStage();
    stage.link("a");
    for (const id of ["x", "y"]) {
      stage.add(id, { siteId: "s" });
      stage.playAgent(id);
    }
    stage.add("w", { siteId: "t" });
    stage.playAgent("w");
    stage.pass(5 * minute);
    for (let count = 0; count < 4; count += 1) {
      for (const id of ["x", "y"]) stage.stopAgent(id);
      stage.pass(4 * minute);
      for (const id of ["x", "y"]) stage.playAgent(id);
      stage.pass(40 * second);
    }
    expect(said(stage)).toEqual(["down", "recovered", "down", "recovered", "flapping"]);
    expect([...stage.state.derived.flapping]).toEqual(["site:s"]);
    stage.pass(2 * hour);
    expect(said(stage).slice(5)).toEqual(["flapping_digest", "flapping_over"]);
    const message = stage.attempts.at(-1)?.notification.message;
    expect(message).toMatchObject({ kind: "site_down", siteName: "Cabang Makassar" });
    expectPaired(stage);
  });

  test("[Q1] grouped incidents count for their site or parent, not for the server", () => {
    const stage = createHearingStage();
    stage.link("a");
    stage.add("host", { siteId: "h" });
    stage.add("vm", { siteId: "g", parentId: "host" });
    for (const id of ["w1", "w2", "w3", "w4"]) stage.add(id, { siteId: `of-${id}` });
    for (const id of ["host", "vm", "w1", "w2", "w3", "w4"]) stage.playAgent(id);
    stage.pass(5 * minute);
    for (let count = 0; count < 3; count += 1) {
      for (const id of ["host", "vm"]) stage.stopAgent(id);
      stage.pass(4 * minute);
      for (const id of ["host", "vm"]) stage.playAgent(id);
      stage.pass(20 * second);
    }
    expect([...stage.state.derived.flapping]).toEqual(["host"]);
    expect(said(stage)).toEqual(["down", "recovered", "down", "recovered", "flapping"]);
  });

  test("[Q2] a digest each half hour, if there was more", () => {
    const stage = steady("x");
    for (let count = 0; count < 5; count += 1) outage(stage);
    stage.pass(FLAPPING_DIGEST_MS);
    expect(said(stage).slice(5)).toEqual(["flapping_digest"]);
    expect(stage.attempts.at(-1)?.notification.message.flapping).toMatchObject({
      incidents: 5,
      downNow: false,
    });
    // Nothing more happened: nothing more is said until it is calm.
    stage.pass(FLAPPING_DIGEST_MS);
    expect(said(stage).slice(6)).toEqual(["flapping_over"]);
  });

  test("[Q2] [S4] a digest that finds it down tells that outage as any, and so its end", () => {
    const stage = steady("x");
    for (let count = 0; count < 3; count += 1) outage(stage);
    stage.stopAgent("x");
    stage.pass(2 * hour);
    expect(said(stage).slice(5)).toEqual(["down"]);
    const { notification } = stage.attempts.at(-1) ?? {};
    expect(notification).toMatchObject({ reason: "flapping_digest", incidentId: "i4" });
    expect(notification?.message.flapping).toMatchObject({ downNow: true });
    stage.playAgent("x");
    stage.pass(minute);
    expect(said(stage).slice(6)).toContain("recovered");
    expectPaired(stage);
  });

  test("[Q2] the outage that made it flap and never ends is told with the first digest", () => {
    const stage = steady("x");
    outage(stage);
    outage(stage);
    stage.stopAgent("x");
    stage.pass(4 * minute);
    expect(said(stage).at(-1)).toBe("flapping");
    stage.pass(FLAPPING_DIGEST_MS);
    expect(said(stage).at(-1)).toBe("down");
    stage.playAgent("x");
    stage.pass(minute);
    expect(said(stage)).toContain("recovered");
    expectPaired(stage);
  });

  test("[Q3] an hour without another and up: over, once; after that incidents are told again", () => {
    const stage = steady("x");
    for (let count = 0; count < 3; count += 1) outage(stage);
    const lastMs = stage.openings.at(-1)?.worldMs ?? 0;
    stage.pass(lastMs + FLAPPING_WINDOW_MS - 2 * second - stage.worldMs);
    expect(said(stage)).not.toContain("flapping_over");
    stage.pass(5 * second);
    expect(said(stage).slice(5)).toEqual(["flapping_over"]);
    stage.pass(5 * hour);
    expect(said(stage)).toHaveLength(6);
    outage(stage);
    expect(said(stage).slice(6)).toEqual(["down", "recovered"]);
    expect(logOf(stage).map((what) => what.type)).toEqual(["flapping", "flapping_over"]);
  });

  test("[Q3] one more incident begins the hour anew", () => {
    const stage = steady("x");
    for (let count = 0; count < 3; count += 1) outage(stage);
    stage.pass(50 * minute);
    outage(stage);
    stage.pass(50 * minute);
    expect(said(stage)).not.toContain("flapping_over");
    stage.pass(15 * minute);
    expect(said(stage).at(-1)).toBe("flapping_over");
  });

  test("[Q1] it may flap again after it was calm, with messages of their own", () => {
    const stage = steady("x");
    for (let round = 0; round < 2; round += 1) {
      for (let count = 0; count < 3; count += 1) outage(stage);
      stage.pass(2 * hour);
    }
    const once = ["down", "recovered", "down", "recovered", "flapping", "flapping_over"];
    expect(said(stage)).toEqual([...once, ...once]);
    const ids = stage.attempts.map((attempt) => attempt.notification.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("[Q1] [Q2] [S13] a restart in the middle of it, by the disk alone, changes nothing", () => {
    const stage = steady("x");
    for (let count = 0; count < 3; count += 1) outage(stage);
    stage.restart({ awayMs: minute, lost: "unflushed" });
    expect(imageOf(stage.replayed())).toEqual(imageOf(stage.state));
    stage.pass(3 * minute);
    outage(stage);
    expect(said(stage)).toHaveLength(5);
    stage.pass(2 * hour);
    expect(said(stage).slice(5)).toEqual(["flapping_digest", "flapping_over"]);
  });

  test("[Q2] [H10] a digest that fell due while the collector was away does not tell who came back meanwhile", () => {
    const stage = steady("x");
    for (let count = 0; count < 3; count += 1) outage(stage);
    stage.stopAgent("x");
    stage.pass(5 * minute);
    expect(stage.status("x")).toBe("down");
    stage.playAgent("x");
    stage.stopAgent("x");
    stage.restart({ awayMs: FLAPPING_DIGEST_MS, lost: "unflushed" });
    stage.pass(2 * second);
    stage.playAgent("x");
    stage.pass(5 * minute);
    expect(said(stage).slice(5)).toEqual(["flapping_digest"]);
    expect(stage.attempts.at(-1)?.notification.message.flapping?.downNow).toBe(false);
  });

  test("[Q1] [F1] on a full disk nothing of it is told twice or lost", () => {
    const stage = steady("x");
    outage(stage);
    outage(stage);
    stage.stopAgent("x");
    stage.pass(2 * minute);
    stage.setDiskFull(true);
    stage.pass(5 * minute);
    stage.setDiskFull(false);
    stage.pass(10 * second);
    expect(said(stage).slice(4)).toEqual(["flapping"]);
    stage.playAgent("x");
    stage.pass(minute);
    stage.setDiskFull(true);
    stage.pass(2 * hour);
    stage.setDiskFull(false);
    stage.pass(minute);
    expect(said(stage).slice(5)).toEqual(["flapping_over"]);
  });

  test("[Q1] [D14] a removed server flaps no more, and nothing of it waits", () => {
    const stage = steady("x");
    stage.sendRule = () => ({ type: "retry", error: "refused", retryAfterMs: null });
    for (let count = 0; count < 3; count += 1) outage(stage);
    stage.push({ type: "server_removed", serverId: "x", by: "staff" });
    stage.sendRule = () => ({ type: "sent", externalId: "1" });
    stage.pass(2 * hour);
    expect(stage.state.derived.flapping.size).toBe(0);
    expect(stage.state.tables.notification.size).toBe(0);
    expect(said(stage).filter((step) => step.startsWith("flapping"))).toEqual([]);
  });

  test("[O13] its messages are dropped once told, and kept while they cannot be told", () => {
    const stage = steady("x");
    for (let count = 0; count < 2; count += 1) outage(stage);
    stage.sendRule = () => ({ type: "retry", error: "refused", retryAfterMs: null });
    outage(stage);
    expect(stage.rows().map((row) => row.step)).toContain("flapping");
    stage.restart();
    stage.sendRule = () => ({ type: "sent", externalId: "1" });
    stage.pass(2 * minute);
    expect(said(stage).at(-1)).toBe("flapping");
    expect(stage.state.tables.notification.size).toBe(0);
    expect(stage.state.derived.openNotifications.size).toBe(0);
  });

  test("[O13] [S7] messages about one flapping site keep their order: a digest does not overtake what came before", () => {
    const stage = createHearingStage();
    stage.link("a");
    for (const id of ["x", "y"]) stage.add(id, { siteId: "s" });
    stage.add("w", { siteId: "t" });
    for (const id of ["x", "y", "w"]) stage.playAgent(id);
    stage.pass(5 * minute);
    let isRefused = true;
    stage.sendRule = ({ step }) =>
      isRefused && step === "flapping"
        ? { type: "retry", error: "refused", retryAfterMs: null }
        : { type: "sent", externalId: "1" };
    for (let count = 0; count < 5; count += 1) {
      for (const id of ["x", "y"]) stage.stopAgent(id);
      stage.pass(4 * minute);
      for (const id of ["x", "y"]) stage.playAgent(id);
      stage.pass(40 * second);
    }
    stage.pass(25 * minute);
    expect(stage.rows().map((row) => row.step)).toEqual(["flapping", "flapping_digest"]);
    isRefused = false;
    stage.pass(4 * hour);
    expect(said(stage).slice(4)).toEqual(["flapping", "flapping_digest", "flapping_over"]);
  });
});

describe("an unstable link", () => {
  function suspicion(stage: Stage): void {
    stage.stopAgent("x");
    stage.pass(70 * second);
    expect(stage.status("x")).toBe("suspect");
    stage.playAgent("x");
    stage.pass(minute);
  }

  test("[Q4] three suspicions that ended well within an hour are one line an hour, and no message", () => {
    const stage = steady("x");
    suspicion(stage);
    suspicion(stage);
    expect(logOf(stage)).toEqual([]);
    for (let count = 0; count < 5; count += 1) suspicion(stage);
    expect(logOf(stage)).toEqual([{ type: "unstable_link", suspicions: 3 }]);
    stage.pass(50 * minute);
    for (let count = 0; count < 4; count += 1) suspicion(stage);
    expect(logOf(stage)).toHaveLength(2);
    expect(stage.told()).toEqual([]);
  });

  test("[Q4] three within more than an hour are none", () => {
    const stage = steady("x");
    for (let count = 0; count < 4; count += 1) {
      suspicion(stage);
      stage.pass(29 * minute);
    }
    expect(logOf(stage)).toEqual([]);
  });

  test("[Q4] [F3] on a full disk the line is lost, not the sign of life", () => {
    const stage = steady("x");
    suspicion(stage);
    suspicion(stage);
    stage.setDiskFull(true);
    suspicion(stage);
    expect(stage.status("x")).toBe("up");
    stage.setDiskFull(false);
    stage.pass(5 * minute);
    expect(stage.openings).toEqual([]);
  });
});

describe("a maintenance window", () => {
  const scopes: [string, (stage: Stage) => unknown][] = [
    ["the server's own", (stage) => stage.window("w", 30 * minute, { serverId: "x" })],
    ["its site's", (stage) => stage.window("w", 30 * minute, { siteId: "of-x" })],
    ["everybody's", (stage) => stage.window("w", 30 * minute)],
    [
      "the server's at its site",
      (stage) => stage.window("w", 30 * minute, { serverId: "x", siteId: "of-x" }),
    ],
  ];

  test.each(scopes)("[Q5] %s: an outage within it is recorded and never told", (_which, open) => {
    const stage = steady("x", "y");
    open(stage);
    outage(stage, "x", 10 * minute);
    stage.pass(hour);
    expect(stage.told()).toEqual([]);
    expect(stage.incidents("x")).toHaveLength(1);
    expect(notTold(stage)).toEqual(["maintenance", "maintenance"]);
    expect(stage.state.tables.incident.size).toBe(0);
  });

  test.each<[string, Partial<Server>, (stage: Stage) => unknown]>([
    ["another server's", {}, (stage) => stage.window("w", hour, { serverId: "y" })],
    ["another site's", {}, (stage) => stage.window("w", hour, { siteId: "of-y" })],
    [
      "the server's at another site",
      {},
      (stage) => stage.window("w", hour, { serverId: "x", siteId: "of-y" }),
    ],
  ])("[Q5] %s window mutes nothing", (_which, _changes, open) => {
    const stage = steady("x", "y");
    open(stage);
    outage(stage);
    expect(said(stage)).toEqual(["down", "recovered"]);
  });

  test("[Q5] still down at its end: told then, once, with the first moment; and its end too", () => {
    const stage = steady("x", "y");
    stage.window("w", 30 * minute, { serverId: "x" });
    const startedMs = stage.now.wallMs;
    stage.stopAgent("x");
    stage.pass(30 * minute - 5 * second);
    expect(stage.told()).toEqual([]);
    stage.pass(10 * second);
    expect(said(stage)).toEqual(["down"]);
    const { notification } = stage.attempts[0] ?? {};
    expect(notification?.reason).toBe("maintenance_over");
    expect(notification?.message.startedWallMs).toBeLessThanOrEqual(startedMs);
    stage.pass(hour);
    stage.playAgent("x");
    stage.pass(minute);
    expect(said(stage)).toEqual(["down", "recovered"]);
  });

  test("[Q5] told before the window: the end within it is told", () => {
    const stage = steady("x", "y");
    stage.stopAgent("x");
    stage.pass(4 * minute);
    stage.window("w", hour, { serverId: "x" });
    stage.pass(5 * minute);
    stage.playAgent("x");
    stage.pass(minute);
    expect(said(stage)).toEqual(["down", "recovered"]);
  });

  test("[Q5] silent before it began, and due within it: muted; due a moment after its end: told at T as ever", () => {
    const within = steady("x", "y");
    within.stopAgent("x");
    within.pass(2 * minute);
    within.window("w", 10 * minute, { serverId: "x" });
    within.pass(5 * minute);
    expect(within.told()).toEqual([]);
    const after = steady("x", "y");
    after.window("w", 2 * minute, { serverId: "x" });
    after.stopAgent("x");
    after.pass(183 * second);
    expect(said(after)).toEqual(["down"]);
    expect(after.attempts[0]?.notification.reason).toBe("first");
  });

  test("[Q5] windows that overlap or touch: told when no window covers it any more", () => {
    const stage = steady("x", "y");
    stage.window("one", 20 * minute, { serverId: "x" });
    stage.window("two", 20 * minute, { siteId: "of-x", startsWallMs: stage.now.wallMs + 10 * minute });
    stage.window("three", 10 * minute, { startsWallMs: stage.now.wallMs + 30 * minute });
    stage.stopAgent("x");
    stage.pass(39 * minute);
    expect(stage.told()).toEqual([]);
    stage.pass(70 * second);
    expect(said(stage)).toEqual(["down"]);
  });

  test("[Q5] a window that is removed, shortened or lengthened while it is down", () => {
    for (const [act, told] of [
      [(stage: Stage) => stage.push({ type: "maintenance_removed", maintenanceId: "w" }), 1],
      [(stage: Stage) => stage.window("w", 10 * second, { serverId: "x" }), 1],
      [(stage: Stage) => stage.window("w", 2 * hour, { serverId: "x" }), 0],
    ] as const) {
      const stage = steady("x", "y");
      stage.window("w", 30 * minute, { serverId: "x" });
      stage.stopAgent("x");
      stage.pass(10 * minute);
      act(stage);
      stage.pass(told === 1 ? 15 * second : hour);
      expect(stage.told()).toHaveLength(told);
    }
  });

  test("[Q5] worse within a window is not told", () => {
    const stage = steady("x", "y");
    stage.stopAgent("x");
    stage.pass(4 * minute);
    expect(said(stage)).toEqual(["down"]);
    stage.window("w", hour, { serverId: "x" });
    stage.probeRule = (_request, id) => (id === "x" ? "dead" : "alive");
    stage.pass(10 * minute);
    expect(stage.incident("x").kind).toBe("host_down");
    expect(said(stage)).toEqual(["down"]);
    expect(notTold(stage)).toContain("maintenance");
  });

  test("[Q5] [D2] detection does not change: the incident opens at T all the same", () => {
    const stage = steady("x", "y");
    stage.window("w", hour);
    stage.stopAgent("x");
    stage.pass(183 * second);
    expect(stage.status("x")).toBe("down");
  });

  test("[Q5] a site's window mutes its site_down; one server's does not; the last to be uncovered tells", () => {
    const world = (): Stage => {
      const stage = createHearingStage();
      stage.link("a");
      for (const id of ["x", "y"]) {
        stage.add(id, { siteId: "s" });
        stage.playAgent(id);
      }
      stage.add("w", { siteId: "t" });
      stage.playAgent("w");
      stage.pass(5 * minute);
      return stage;
    };
    const whole = world();
    whole.window("w", 30 * minute, { siteId: "s" });
    for (const id of ["x", "y"]) whole.stopAgent(id);
    whole.pass(29 * minute);
    expect(whole.told()).toEqual([]);
    whole.pass(2 * minute);
    expect(whole.told()).toEqual(["down Cabang Makassar site_down/agents"]);

    const one = world();
    one.window("w", 30 * minute, { serverId: "x" });
    for (const id of ["x", "y"]) one.stopAgent(id);
    one.pass(5 * minute);
    expect(one.told()).toEqual(["down Cabang Makassar site_down/agents"]);

    // Both are in windows of their own: what staff agreed with people covers the site.
    const both = world();
    both.window("wx", 30 * minute, { serverId: "x" });
    both.window("wy", 60 * minute, { serverId: "y" });
    for (const id of ["x", "y"]) both.stopAgent(id);
    both.pass(20 * minute);
    expect(both.told()).toEqual([]);
    both.pass(15 * minute);
    expect(both.told()).toHaveLength(1);
    for (const id of ["x", "y"]) both.playAgent(id);
    both.pass(minute);
    expect(both.told()).toHaveLength(2);
    expectPaired(both);
  });

  test("[Q5] [V5] a muted group ends within its window while one server is left: that one is muted too, and told later", () => {
    const stage = createHearingStage();
    stage.link("a");
    for (const id of ["x", "y", "z"]) {
      stage.add(id, { siteId: "s" });
      stage.playAgent(id);
    }
    stage.add("w", { siteId: "t" });
    stage.playAgent("w");
    stage.pass(5 * minute);
    stage.window("w", hour, { siteId: "s" });
    for (const id of ["x", "y", "z"]) stage.stopAgent(id);
    stage.pass(10 * minute);
    for (const id of ["x", "y"]) stage.playAgent(id);
    stage.pass(10 * minute);
    expect(stage.told()).toEqual([]);
    expect(stage.incident("z")).toMatchObject({ groupedUnder: null, muted: true });
    stage.pass(41 * minute);
    expect(stage.told()).toEqual(["down Server z agent_down"]);
  });

  test("[Q5] of the collector's own trouble: everybody's window mutes it too", () => {
    const stage = steady("x");
    stage.sentinels = [...farSentinels];
    stage.pass(5 * minute);
    stage.window("w", 30 * minute);
    stage.sentinelRule = () => "dead";
    stage.stopAgent("x");
    stage.pass(10 * minute);
    expect(stage.hearingState).toBe("isolated");
    stage.sentinelRule = () => "alive";
    stage.playAgent("x");
    stage.pass(40 * minute);
    expect(stage.told()).toEqual([]);
    expect(stage.shared()).toHaveLength(1);
  });

  test("[Q5] the collector's own trouble that outlasts the window is told at its end, though it hears nobody", () => {
    const stage = steady("x");
    stage.sentinels = [...farSentinels];
    stage.pass(5 * minute);
    stage.window("w", 10 * minute);
    stage.sentinelRule = () => "dead";
    stage.stopAgent("x");
    stage.pass(30 * minute);
    expect(stage.told()).toEqual(["down collector_trouble collector_trouble/network"]);
  });

  test("[Q5] [H10] its end passes while the collector is away: who came back meanwhile is not told", () => {
    const stage = steady("x", "y");
    stage.window("w", 20 * minute, { serverId: "x" });
    stage.stopAgent("x");
    stage.pass(10 * minute);
    expect(stage.status("x")).toBe("down");
    stage.restart({ awayMs: 15 * minute });
    stage.pass(3 * second);
    stage.playAgent("x");
    stage.pass(10 * minute);
    expect(stage.told()).toEqual([]);
    expect(stage.incident("x").closeReason).toBe("recovered");
  });

  test("[Q5] its end passes while the collector is away: who is still down is told after the grace", () => {
    const stage = steady("x", "y");
    stage.window("w", 20 * minute, { serverId: "x" });
    stage.stopAgent("x");
    stage.pass(10 * minute);
    stage.restart({ awayMs: 15 * minute });
    stage.pass(5 * minute);
    expect(said(stage)).toEqual(["down"]);
  });

  test("[Q5] its end passes just as it comes back: not told", () => {
    const stage = steady("x", "y");
    stage.window("w", 20 * minute, { serverId: "x" });
    stage.stopAgent("x");
    stage.pass(20 * minute - 4 * second);
    stage.playAgent("x");
    stage.pass(10 * minute);
    expect(stage.told()).toEqual([]);
  });

  test("[Q5] [F1] a full disk over its end: told when there is room, once", () => {
    const stage = steady("x", "y");
    stage.window("w", 20 * minute, { serverId: "x" });
    stage.stopAgent("x");
    stage.pass(19 * minute);
    stage.setDiskFull(true);
    stage.pass(5 * minute);
    expect(stage.told()).toEqual([]);
    stage.setDiskFull(false);
    stage.pass(5 * second);
    expect(said(stage)).toEqual(["down"]);
  });

  test("[Q5] [S10] steps of the wall clock move windows and nothing else", () => {
    const stage = steady("x", "y");
    stage.window("w", 20 * minute, { serverId: "x" });
    stage.stopAgent("x");
    stage.pass(5 * minute);
    expect(stage.told()).toEqual([]);
    stage.stepWall(hour);
    stage.pass(2 * second);
    expect(said(stage)).toEqual(["down"]);
    stage.stepWall(-hour);
    stage.pass(5 * minute);
    stage.playAgent("x");
    stage.pass(minute);
    expect(said(stage)).toEqual(["down", "recovered"]);
    expect(stage.incidents("x")).toHaveLength(1);
  });

  test("[Q5] [Q1] muted incidents do not make it flap", () => {
    const stage = steady("x", "y");
    stage.window("w", 30 * minute, { serverId: "x" });
    for (let count = 0; count < 4; count += 1) outage(stage);
    stage.pass(15 * minute);
    outage(stage);
    expect(said(stage)).toEqual(["down", "recovered"]);
  });

  test("[Q5] refused: of nobody, of nowhere, that ends before it starts; removed with what it is about", () => {
    const stage = steady("x", "y");
    expect(stage.window("w", minute, { serverId: "nobody" }).reply).toEqual({
      ok: false,
      code: "server_not_found",
    });
    expect(stage.window("w", minute, { siteId: "nowhere" }).reply).toEqual({
      ok: false,
      code: "site_not_found",
    });
    for (const lastsMs of [0, -minute])
      expect(stage.window("w", lastsMs).reply).toEqual({
        ok: false,
        code: "maintenance_ends_before_it_starts",
      });
    expect(stage.push({ type: "maintenance_removed", maintenanceId: "w" }).reply).toEqual({
      ok: false,
      code: "maintenance_not_found",
    });
    stage.window("of-server", hour, { serverId: "x" });
    stage.window("of-site", hour, { siteId: "of-x" });
    stage.push({ type: "server_removed", serverId: "x", by: "staff" });
    stage.push({ type: "site_removed", siteId: "of-x" });
    expect(stage.state.tables.maintenance.size).toBe(0);
  });
});

describe("two machines with one identity", () => {
  const first = { bootId: "boot-1", startedBootMs: 100, peerAddress: "192.0.2.1" };
  const clone = { bootId: "boot-2", startedBootMs: 200, peerAddress: "192.0.2.2" };

  /** Each dials as soon as the other replaced it, `everyMs` apart. */
  function takeTurns(stage: Stage, turns: number, everyMs = 20 * second): void {
    for (let turn = 0; turn < turns; turn += 1) {
      stage.playAgent("x", turn % 2 === 0 ? first : clone);
      stage.pass(everyMs);
    }
  }

  function duplicates(stage: Stage): string[] {
    return said(stage).filter((step) => step.startsWith("duplicate"));
  }

  test("[Q6] A, B, then A again: one message with both addresses, one line", () => {
    const stage = steady("x");
    takeTurns(stage, 2);
    expect(duplicates(stage)).toEqual([]);
    takeTurns(stage, 1);
    expect(duplicates(stage)).toEqual(["duplicate"]);
    expect(stage.attempts.at(-1)?.notification.message.addresses).toEqual(
      expect.arrayContaining(["192.0.2.1", "192.0.2.2"]),
    );
    expect(logOf(stage).filter((what) => what.type === "duplicate")).toHaveLength(1);
  });

  test("[Q6] however often they change hands, it is told once, and the log is not flooded", () => {
    const stage = steady("x");
    takeTurns(stage, 4 * LOG_MAX);
    expect(duplicates(stage)).toEqual(["duplicate"]);
    expect(logOf(stage).length).toBeLessThan(6);
    expect(stage.openings).toEqual([]);
  });

  test("[Q6] T without a change of hands: over, with the address that is left", () => {
    const stage = steady("x");
    takeTurns(stage, 7);
    stage.pass(stage.times.downAfterMs - 30 * second);
    expect(duplicates(stage)).toEqual(["duplicate"]);
    stage.pass(2 * minute);
    expect(duplicates(stage)).toEqual(["duplicate", "duplicate_over"]);
    expect(stage.attempts.at(-1)?.notification.message.addresses).toEqual(["192.0.2.1"]);
    stage.pass(hour);
    expect(duplicates(stage)).toHaveLength(2);
    // The other one is switched on again later: that is news.
    stage.playAgent("x", clone);
    stage.pass(20 * second);
    stage.playAgent("x", first);
    stage.pass(20 * second);
    expect(duplicates(stage)).toEqual(["duplicate", "duplicate_over", "duplicate"]);
  });

  test("[Q6] [Q7] restarts, reboots, upgrades and redials are no duplicate", () => {
    const stage = steady("x");
    for (let count = 0; count < 8; count += 1) {
      stage.playAgent("x", { bootId: `boot-${Math.floor(count / 2)}`, startedBootMs: 1_000 + count });
      stage.pass(10 * second);
      stage.playAgent("x");
      stage.pass(10 * second);
    }
    expect(duplicates(stage)).toEqual([]);
    expect(stage.told()).toEqual([]);
    expect(logOf(stage).map((what) => what.type)).toContain("agent_restarted");
    expect(logOf(stage).map((what) => what.type)).toContain("rebooted");
  });

  test("[Q6] a restart of the collector between A, B and A does not hide it, nor tell it twice", () => {
    const stage = steady("x");
    takeTurns(stage, 2);
    stage.restart({ lost: "nothing", redialMs: hour });
    takeTurns(stage, 2);
    expect(duplicates(stage)).toEqual(["duplicate"]);
    stage.restart({ lost: "unflushed", redialMs: hour });
    takeTurns(stage, 6);
    expect(duplicates(stage)).toEqual(["duplicate"]);
  });

  test("[Q6] a crash that loses who was seen: its end is told all the same, and the next time too", () => {
    const stage = steady("x");
    takeTurns(stage, 5);
    stage.restart({ lost: "everything" });
    stage.pass(20 * minute);
    expect(duplicates(stage)).toEqual(["duplicate", "duplicate_over"]);
    takeTurns(stage, 4);
    expect(duplicates(stage)).toEqual(["duplicate", "duplicate_over", "duplicate"]);
  });

  test("[Q6] [F1] a full disk over its begin, and over its end", () => {
    const stage = steady("x");
    stage.setDiskFull(true);
    takeTurns(stage, 6);
    expect(duplicates(stage)).toEqual([]);
    stage.setDiskFull(false);
    takeTurns(stage, 2);
    expect(duplicates(stage)).toEqual(["duplicate"]);
    stage.setDiskFull(true);
    stage.pass(20 * minute);
    stage.setDiskFull(false);
    stage.pass(5 * minute);
    expect(duplicates(stage)).toEqual(["duplicate", "duplicate_over"]);
    stage.pass(hour);
    expect(duplicates(stage)).toHaveLength(2);
  });

  test("[Q6] both die: it is told as any outage", () => {
    const stage = steady("x");
    takeTurns(stage, 6);
    stage.stopAgent("x");
    stage.pass(10 * minute);
    expect(said(stage)).toContain("down");
    stage.playAgent("x", first);
    stage.pass(10 * minute);
    expectPaired(stage);
  });

  test("[Q6] [D14] a removed server leaves nothing of it", () => {
    const stage = steady("x");
    takeTurns(stage, 6);
    stage.push({ type: "server_removed", serverId: "x", by: "staff" });
    stage.pass(10 * minute);
    expect(duplicates(stage)).toEqual(["duplicate"]);
    expect(stage.state.tables.identity.size + stage.state.tables.serverLog.size).toBe(0);
  });
});

describe("a reboot without an incident", () => {
  test("[Q7] another boot or start is a line in the log, and nothing is told", () => {
    const stage = steady("x");
    stage.playAgent("x", { bootId: "boot-1" });
    stage.pass(minute);
    stage.playAgent("x", { startedBootMs: 99_000 });
    stage.pass(minute);
    expect(logOf(stage)).toEqual([{ type: "rebooted", clean: null }, { type: "agent_restarted" }]);
    expect(stage.told()).toEqual([]);
  });

  test("[Q7] after a goodbye it was a clean one", () => {
    const stage = steady("x");
    stage.goodbye("x", "reboot");
    stage.pass(minute);
    stage.playAgent("x", { bootId: "boot-1" });
    stage.pass(minute);
    expect(logOf(stage)).toEqual([
      { type: "goodbye", reason: "reboot" },
      { type: "rebooted", clean: true },
    ]);
  });

  test("[Q7] [S14] the log keeps its newest lines", () => {
    const stage = steady("x");
    for (let count = 0; count < LOG_MAX + 20; count += 1) {
      stage.playAgent("x", { bootId: `boot-${count}`, startedBootMs: count });
      stage.pass(5 * second);
    }
    expect(logOf(stage)).toHaveLength(LOG_MAX);
  });
});
