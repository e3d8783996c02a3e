/**
 * The collector's own network: sentinels, and the state in which it believes itself cut off.
 * Why: a collector whose line is cut must accuse itself, once, and nobody else; and must not excuse a dead server by that.
 * Must not: look at how rounds of sentinels are planned beyond when they are asked and what follows.
 */
import { describe, expect, test } from "vitest";
import type { ProbeVerdict } from "../../collector/core/types/evidence.ts";
import { hour, minute, second } from "./records.ts";
import { createHearingStage } from "./stage.ts";
import type { Stage, StageOptions } from "./stage.ts";

const near = { target: "10.0.0.254", near: true };
const far1 = { target: "192.0.2.1:443", near: false };
const far2 = { target: "198.51.100.1:443", near: false };

/** Three servers of three sites that beat, and sentinels that answer. */
function steady(sentinels = [near, far1, far2], options: StageOptions = {}): Stage {
  const stage = createHearingStage(options);
  stage.sentinels = [...sentinels];
  stage.link("a");
  for (const id of ["x", "y", "z"]) {
    stage.add(id, { siteId: `site-${id}` });
    stage.playAgent(id);
  }
  stage.pass(5 * minute);
  return stage;
}

/** The collector's own line is cut: nobody is heard and the sentinels that are named fail. */
function cut(stage: Stage, failing: readonly { readonly target: string }[] = [far1, far2]): void {
  const targets = new Set(failing.map((one) => one.target));
  stage.sentinelRule = (target): ProbeVerdict => (targets.has(target) ? "dead" : "alive");
  for (const id of ["x", "y", "z"]) stage.stopAgent(id);
}

function mend(stage: Stage): void {
  stage.sentinelRule = () => "alive";
  for (const id of ["x", "y", "z"]) stage.playAgent(id);
}

/** When sentinels were asked, in true ms since `fromMs`. */
function asked(stage: Stage, act: () => void): number[] {
  const startMs = stage.worldMs;
  const at: number[] = [];
  const rule = stage.sentinelRule;
  const first = stage.sentinels[0]?.target;
  stage.sentinelRule = (target, isNear) => {
    if (target === first) at.push(stage.worldMs - startMs);
    return rule(target, isNear);
  };
  act();
  stage.sentinelRule = rule;
  return at;
}

/** Passes until the stage is in `state`; true ms that took. */
function passUntil(stage: Stage, state: Stage["hearingState"], limitMs = 10 * minute): number {
  const startMs = stage.worldMs;
  while (stage.hearingState !== state) {
    if (stage.worldMs - startMs > limitMs) throw new Error(`never ${state}, is ${stage.hearingState}`);
    stage.pass(stage.times.tickMs);
  }
  return stage.worldMs - startMs;
}

describe("asking", () => {
  test("[H11] while all is well they are asked each T/3", () => {
    const stage = steady();
    const at = asked(stage, () => stage.pass(10 * minute));
    expect(at.length).toBeGreaterThanOrEqual(9);
    expect(at.length).toBeLessThanOrEqual(10);
  });

  test("[H11] each η while nobody is heard, also while they answer: the next cut must not wait for T/3", () => {
    // Simulated (seed 102867): the near one died minutes after the line, and that was found T/3 later.
    const stage = steady();
    cut(stage, []);
    stage.pass(minute);
    const at = asked(stage, () => stage.pass(2 * minute));
    expect(at.length).toBeGreaterThanOrEqual(7);
  });

  test("[H11] at once when nobody was heard for 2 η, and each η while those that decide fail", () => {
    const stage = steady();
    stage.pass(20 * second);
    cut(stage, []);
    const at = asked(stage, () => stage.pass(45 * second));
    const silentAt = Math.max(...["x", "y", "z"].map((id) => stage.lastBeatWorldMs.get(id) ?? 0));
    const atOnce = at.map((ms) => stage.worldMs - 45 * second + ms - silentAt);
    expect(atOnce.some((ms) => ms >= 30 * second && ms <= 32 * second)).toBe(true);

    const failing = steady();
    cut(failing, [far1, far2, near]);
    passUntil(failing, "isolated");
    const rounds = asked(failing, () => failing.pass(5 * minute));
    expect(rounds.length).toBeGreaterThanOrEqual(19);
    expect(rounds.length).toBeLessThanOrEqual(21);
  });

  test("[H11] at once when a mass flag went up", () => {
    const stage = steady();
    for (const id of ["u", "v", "w"]) {
      stage.add(id, { siteId: `site-${id}` });
      stage.playAgent(id);
    }
    stage.pass(2 * minute);
    for (const id of ["x", "y", "z"]) stage.stopAgent(id);
    const flaggedAt = (): number | undefined => stage.state.tables.mass.get("")?.flaggedCoreMs;
    while (flaggedAt() === undefined) stage.pass(second);
    const at = asked(stage, () => stage.pass(3 * second));
    expect(at.length).toBe(1);
  });

  test("[H11] a round that is never answered is asked again", () => {
    const stage = steady();
    stage.sentinelRule = () => null;
    stage.pass(5 * minute);
    stage.sentinelRule = () => "alive";
    const at = asked(stage, () => stage.pass(90 * second));
    expect(at.length).toBeGreaterThanOrEqual(1);
    expect(stage.state.tables.sentinel.get(far1.target)?.lastAliveCoreMs).toBeGreaterThan(
      stage.coreMs - 91 * second,
    );
  });

  test("[H11] [S10] an answer to another round than the one awaited changes nothing", () => {
    const stage = steady();
    const before = stage.state.tables.sentinel.get(far1.target);
    stage.push({
      type: "sentinels_answered",
      roundId: "sentinels.1",
      answers: [{ ...far1, verdict: "dead" }],
    });
    expect(stage.state.tables.sentinel.get(far1.target)).toEqual(before);
  });
});

describe("isolation", () => {
  test("[E2] [E7] what is met while the collector is cut off, or stands still, teaches nothing of who is fine", () => {
    // Simulated (few servers, seed 107): rounds into an isolation were learned as misses, and a host that hung later was
    // told as a stopped agent.
    const stage = steady();
    stage.addSite("site-x", { gatewayAddress: "10.0.0.254" });
    stage.pass(hour);
    const known = stage.state.tables.baseline.get("x")!;
    expect(known.icmpAsked).toBeGreaterThanOrEqual(5);
    // Each cut begins at another moment of the hour between two rounds that teach, and lasts past the next one.
    for (const [index, lastsMs] of [
      2 * hour,
      minute,
      90 * minute,
      3 * minute,
      2 * hour,
      62 * minute,
    ].entries()) {
      stage.pass(index * 11 * minute);
      stage.probeRule = () => "dead";
      stage.gatewayRule = () => "dead";
      cut(stage);
      stage.pass(lastsMs);
      stage.probeRule = () => "alive";
      stage.gatewayRule = () => "alive";
      mend(stage);
      stage.pass(3 * hour);
    }
    const learned = stage.state.tables.baseline.get("x");
    expect(learned?.icmpAsked).toBeGreaterThan(known.icmpAsked);
    expect(learned?.icmpAnswered).toBe(learned?.icmpAsked);
    const gateway = stage.state.tables.gateway.get("site-x");
    expect(gateway?.asked).toBeGreaterThan(5);
    expect(gateway?.answered).toBe(gateway?.asked);
  });

  test.each([
    ["uplink", [far1, far2]],
    ["network", [near, far1, far2]],
  ] as const)(
    "[H13] [H14] a cut own line is one collector_trouble (%s), no server is told, and it ends with the line",
    (variant, failing) => {
      const stage = steady();
      cut(stage, failing);
      passUntil(stage, "isolated");
      stage.pass(30 * minute);
      expect(stage.told()).toEqual([`down collector_trouble collector_trouble/${variant}`]);
      mend(stage);
      stage.pass(10 * minute);
      expect(stage.hearingState).toBe("hearing");
      expect(stage.told().slice(1)).toEqual([`recovered collector_trouble collector_trouble/${variant}`]);
      expect(stage.allIncidents().map((incident) => incident.kind)).toEqual(["collector_trouble"]);
      expect(stage.allIncidents()[0]).toMatchObject({ finalCause: "collector", closeReason: "recovered" });
    },
  );

  test("[H13] isolation comes within 2 η and two rounds of questions, long before T", () => {
    const stage = steady();
    cut(stage);
    const tookMs = passUntil(stage, "isolated");
    expect(tookMs).toBeLessThanOrEqual(70 * second);
    expect(stage.openings).toHaveLength(1);
  });

  test("[H13] [S2] the hearing clock stands still, and marks are dropped", () => {
    const stage = steady();
    cut(stage);
    passUntil(stage, "isolated");
    const hearingMs = stage.state.tables.hearing.get("")?.hearingMs;
    stage.pass(2 * hour);
    expect(stage.state.tables.hearing.get("")?.hearingMs).toBe(hearingMs);
    expect(stage.state.tables.mark.size).toBe(0);
    expect(stage.openings.filter((opening) => opening.serverId !== "")).toEqual([]);
  });

  test("[H13] [F1] who was marked while the disk was full is not judged by that after an isolation", () => {
    const stage = steady();
    for (const id of ["x", "y", "z"]) stage.stopAgent(id);
    stage.pass(2 * minute);
    stage.setDiskFull(true);
    stage.pass(2 * minute);
    expect(stage.state.tables.mark.size).toBe(3);
    stage.sentinelRule = () => "dead";
    passUntil(stage, "isolated");
    expect(stage.state.tables.mark.size).toBe(0);
    stage.setDiskFull(false);
    stage.pass(10 * minute);
    expect(stage.told()).toEqual(["down collector_trouble collector_trouble/network"]);
  });

  test("[H13] one heartbeat of anybody is proof: whatever sentinels say, the silent ones are told", () => {
    const stage = steady();
    stage.sentinelRule = () => "dead";
    stage.stopAgent("x");
    stage.pass(4 * minute);
    expect(stage.hearingState).toBe("hearing");
    expect(stage.told()).toEqual(["down Server x agent_down"]);
    expect(stage.status("x")).toBe("down");
  });

  test("[H13] one answering sentinel that decides is enough to hear", () => {
    const stage = steady();
    cut(stage, [far1, near]);
    stage.pass(5 * minute);
    expect(stage.hearingState).toBe("hearing");
    expect(stage.openings.some((opening) => opening.incident.kind === "mass_outage")).toBe(true);
  });

  test("[H13] a single failed round is no isolation", () => {
    const stage = steady();
    let rounds = 0;
    for (const id of ["x", "y", "z"]) stage.stopAgent(id);
    stage.sentinelRule = (target) => {
      if (target === near.target) rounds += 1;
      return rounds % 2 === 1 ? "dead" : "alive";
    };
    stage.pass(5 * minute);
    expect(stage.pushed.some(({ decision }) => JSON.stringify(decision.later).includes('"isolated"'))).toBe(
      false,
    );
  });

  test("[H13] [H11] hearing the collector's own machine proves nothing", () => {
    const own = { peerAddress: "127.0.0.1", bootId: "host-boot-1" };
    const stage = createHearingStage();
    stage.sentinels = [far1, far2];
    stage.link("a");
    stage.add("own");
    stage.playAgent("own", own);
    stage.add("x");
    stage.playAgent("x");
    stage.pass(5 * minute);
    stage.stopAgent("x");
    stage.sentinelRule = () => "dead";
    stage.pass(10 * minute);
    expect(stage.hearingState).toBe("isolated");
    expect(stage.told()).toEqual(["down collector_trouble collector_trouble/network"]);
  });

  test("[H11] a probe of the collector's own machine is no sign of the network", () => {
    const stage = createHearingStage();
    stage.sentinels = [far1, far2];
    stage.add("own", { mode: "ping", address: "127.0.0.1" });
    stage.add("x");
    stage.playAgent("x");
    stage.pass(5 * minute);
    stage.stopAgent("x");
    stage.sentinelRule = () => "dead";
    stage.pass(10 * minute);
    expect(stage.hearingState).toBe("isolated");
  });

  test("[H14] a server that staff resumed while isolated connects: its heartbeat ends the isolation, not that moment", () => {
    // Simulated (seed 160908).
    const stage = steady();
    stage.push({ type: "server_paused", serverId: "x", by: "staff" });
    cut(stage);
    passUntil(stage, "isolated");
    stage.pass(minute);
    stage.push({ type: "server_resumed", serverId: "x", by: "staff" });
    stage.pass(10 * minute);
    const session = stage.connect("x");
    stage.pass(3 * second);
    expect(stage.hearingState).toBe("isolated");
    stage.beat("x", session, 1);
    stage.pass(2 * second);
    expect(stage.hearingState).toBe("grace");
  });

  test("[H14] a heartbeat ends it: grace of 5/12 T, and the incident is over", () => {
    const stage = steady();
    cut(stage);
    passUntil(stage, "isolated");
    stage.pass(minute);
    stage.playAgent("x");
    stage.pass(2 * second);
    expect(stage.hearingState).toBe("grace");
    expect(stage.shared().map((incident) => incident.closeReason)).toEqual(["recovered"]);
    const graceMs = passUntil(stage, "hearing");
    expect(graceMs).toBeGreaterThanOrEqual(72 * second);
    expect(graceMs).toBeLessThanOrEqual(76 * second);
  });

  test("[H14] one answering sentinel ends it; who is dead then is told soon, once", () => {
    const stage = steady();
    cut(stage);
    passUntil(stage, "isolated");
    stage.pass(20 * minute);
    stage.sentinelRule = (target) => (target === far2.target ? "alive" : "dead");
    stage.playAgent("x");
    stage.playAgent("y");
    passUntil(stage, "grace");
    passUntil(stage, "hearing");
    stage.pass(35 * second);
    expect(stage.status("z")).toBe("down");
    expect(stage.incidents("z")).toHaveLength(1);
    expect(stage.status("x")).toBe("up");
  });

  test("[H14] staff who resume a server while isolated are no heartbeat", () => {
    const stage = steady();
    stage.add("p", { siteId: "site-x" });
    stage.playAgent("p");
    stage.pass(minute);
    stage.push({ type: "server_paused", serverId: "p", by: "staff" });
    stage.stopAgent("p");
    cut(stage);
    passUntil(stage, "isolated");
    stage.pass(minute);
    stage.push({ type: "server_resumed", serverId: "p", by: "staff" });
    stage.pass(5 * minute);
    expect(stage.hearingState).toBe("isolated");
    expect(stage.told()).toHaveLength(1);
  });

  test("[H14] over a restart it stays one incident, told once and ended once", () => {
    const stage = steady();
    cut(stage);
    passUntil(stage, "isolated");
    stage.pass(10 * minute);
    for (const lost of ["unflushed", "nothing"] as const) {
      stage.restart({ awayMs: minute, lost });
      stage.pass(10 * minute);
      expect([lost, stage.told()]).toEqual([lost, ["down collector_trouble collector_trouble/uplink"]]);
      expect(stage.hearingState).toBe("isolated");
    }
    mend(stage);
    stage.pass(10 * minute);
    expect(stage.told().slice(1)).toEqual(["recovered collector_trouble collector_trouble/uplink"]);
  });

  test("[H14] cut for days, restarted, and still cut: those that decided go on deciding", () => {
    const stage = steady(undefined, { checkedWhole: false });
    cut(stage);
    passUntil(stage, "isolated");
    stage.pass(26 * hour);
    stage.restart({ awayMs: minute, lost: "nothing" });
    stage.pass(20 * minute);
    expect(stage.hearingState).toBe("isolated");
    expect(stage.told()).toEqual(["down collector_trouble collector_trouble/uplink"]);
    mend(stage);
    stage.pass(10 * minute);
    expect(stage.told().slice(1)).toEqual(["recovered collector_trouble collector_trouble/uplink"]);
  });

  test("[H14] the line comes back while the collector restarts: one end, no server", () => {
    const stage = steady();
    cut(stage);
    passUntil(stage, "isolated");
    stage.pass(5 * minute);
    stage.sentinelRule = () => "alive";
    stage.restart({ awayMs: 30 * second });
    mend(stage);
    stage.pass(10 * minute);
    expect(stage.told()).toEqual([
      "down collector_trouble collector_trouble/uplink",
      "recovered collector_trouble collector_trouble/uplink",
    ]);
    expect(stage.hearingState).toBe("hearing");
  });

  test("[H13] [F1] [F3] a full disk delays what is told of it, and nothing else", () => {
    const stage = steady();
    stage.setDiskFull(true);
    cut(stage);
    passUntil(stage, "isolated");
    stage.pass(10 * minute);
    expect(stage.openings).toEqual([]);
    stage.setDiskFull(false);
    stage.pass(5 * second);
    expect(stage.told()).toEqual(["down collector_trouble collector_trouble/uplink"]);
    stage.setDiskFull(true);
    mend(stage);
    stage.pass(10 * minute);
    expect(stage.hearingState).toBe("hearing");
    stage.setDiskFull(false);
    stage.pass(2 * minute);
    expect(stage.told().slice(1)).toEqual(["recovered collector_trouble collector_trouble/uplink"]);
    expect(stage.allIncidents()).toHaveLength(1);
  });

  test("[H13] the machine sleeps and stalls while isolated: nobody is told but the collector", () => {
    const stage = steady();
    cut(stage);
    passUntil(stage, "isolated");
    stage.sleep(2 * hour);
    stage.pass(minute);
    stage.stall(3 * minute);
    stage.pass(10 * minute);
    expect(stage.hearingState).toBe("isolated");
    expect(stage.openings).toHaveLength(1);
  });

  test.each([
    ["sleeps for an hour", (stage: Stage): void => stage.sleep(hour)],
    ["stalls for 35 s", (stage: Stage): void => stage.stall(35 * second)],
  ])("[H13] it %s while a lone sentinel fails: its own absence is nobody's silence", (_, leave) => {
    // Simulated (seed 50095): the first tick after a suspend counted the sleep as 2 η without anybody.
    const stage = steady([far1]);
    stage.sentinelRule = () => "dead";
    stage.pass(3 * minute);
    leave(stage);
    stage.pass(10 * minute);
    expect(stage.told()).toEqual([]);
    expect(stage.hearingState).toBe("hearing");
  });

  test("[H13] it sleeps while a round is under way: what comes before the first tick counts the sleep as nobody's silence", () => {
    // Simulated (seed 420020): the round that the sleep had cut short was read first, and isolated it for a second.
    const stage = steady();
    stage.sentinelRule = () => "dead";
    stage.pass(3 * minute);
    stage.probeDelayMs = 3 * second;
    const openRound = () => stage.state.tables.sentinelPlan.get("")?.openRoundId ?? null;
    while (openRound() === null) stage.pass(stage.times.tickMs);
    stage.sleep(hour);
    const answers = [far1, far2].map(({ target, near }) => ({ target, near, verdict: "dead" as const }));
    stage.push({ type: "sentinels_answered", roundId: openRound() ?? "", answers });
    stage.sentinelRule = () => "alive";
    stage.pass(10 * minute);
    expect(stage.told()).toEqual([]);
    expect(stage.hearingState).toBe("hearing");
  });

  test("[H13] a cut in a grace of the start isolates too, and nobody is told after it", () => {
    const stage = steady();
    stage.restart({ awayMs: 10 * second });
    for (const id of ["x", "y", "z"]) stage.stopAgent(id);
    stage.sentinelRule = () => "dead";
    passUntil(stage, "isolated", 2 * minute);
    stage.pass(20 * minute);
    expect(stage.told()).toEqual(["down collector_trouble collector_trouble/network"]);
  });
});

describe("who decides", () => {
  test("[H12] sentinels that never answered decide nothing: closed networks exist", () => {
    const stage = createHearingStage();
    stage.sentinels = [far1, far2];
    stage.sentinelRule = () => "dead";
    stage.add("x");
    stage.playAgent("x");
    stage.pass(5 * minute);
    stage.stopAgent("x");
    stage.pass(5 * minute);
    expect(stage.hearingState).toBe("hearing");
    expect(stage.status("x")).toBe("down");
  });

  test.each([
    [23.9 * hour, "isolated"],
    [24.2 * hour, "hearing"],
  ] as const)("[H12] an answer %d ms ago: a cut leads to %s", (agoMs, state) => {
    const stage = steady([far1, far2], { checkedWhole: false });
    // The internet is gone for good, and servers are heard all the time.
    stage.sentinelRule = () => "dead";
    const lastAliveMs = stage.state.tables.sentinel.get(far1.target)?.lastAliveCoreMs ?? 0;
    stage.pass(agoMs - (stage.coreMs - lastAliveMs) - 2 * minute);
    expect(stage.hearingState).toBe("hearing");
    for (const id of ["x", "y", "z"]) stage.stopAgent(id);
    stage.pass(2 * minute);
    expect(stage.hearingState).toBe(state);
  });

  test("[H12] near only: the own gateway decides", () => {
    const stage = steady([near]);
    cut(stage, [near]);
    passUntil(stage, "isolated");
    expect(stage.shared()[0]).toMatchObject({ kind: "collector_trouble", variant: "network" });
    const fine = steady([near]);
    cut(fine, []);
    fine.pass(5 * minute);
    expect(fine.hearingState).toBe("hearing");
  });

  test("[H12] one far sentinel alone may be down by itself: the near one must fail too", () => {
    const stage = steady([near, far1]);
    cut(stage, [far1]);
    stage.pass(5 * minute);
    expect(stage.hearingState).toBe("hearing");
    const both = steady([near, far1]);
    cut(both, [far1, near]);
    passUntil(both, "isolated");
  });

  test("[H12] what could not be asked says nothing, neither for nor against", () => {
    const stage = steady();
    for (const id of ["x", "y", "z"]) stage.stopAgent(id);
    stage.sentinelRule = () => "none";
    stage.pass(5 * minute);
    expect(stage.hearingState).toBe("hearing");
    const isolated = steady();
    cut(isolated);
    passUntil(isolated, "isolated");
    isolated.sentinelRule = () => "none";
    isolated.pass(5 * minute);
    expect(isolated.hearingState).toBe("isolated");
  });

  test("[H12] a sentinel that settings do not name any more has no say", () => {
    const stage = steady([far1, far2]);
    stage.sentinels = [far1];
    stage.pass(2 * minute);
    expect([...stage.state.tables.sentinel.keys()]).toEqual([far1.target]);
  });
});

describe("a world heard only by probes", () => {
  function pinged(): Stage {
    const stage = createHearingStage();
    stage.sentinels = [near, far1, far2];
    stage.link("a");
    for (const id of ["p", "q"]) stage.add(id, { mode: "ping", siteId: "site1" });
    stage.pass(10 * minute);
    return stage;
  }

  test("[H13] [H11] the internet fails, servers of the LAN answer each T/3: the collector hears, and says nothing", () => {
    const stage = pinged();
    stage.sentinelRule = (_target, isNear) => (isNear ? "alive" : "dead");
    stage.pass(30 * minute);
    expect(stage.hearingState).toBe("hearing");
    expect(stage.told()).toEqual([]);
    // And a dead one is told as ever.
    stage.probeRule = (_request, serverId) => (serverId === "p" ? "dead" : "alive");
    stage.pass(5 * minute);
    expect(stage.told()).toHaveLength(1);
    expect(stage.status("p")).toBe("down");
  });

  test("[H13] nobody answers any more, nor a sentinel: isolated, and no server is told", () => {
    const stage = pinged();
    stage.sentinelRule = () => "dead";
    stage.probeRule = () => "dead";
    stage.pass(30 * minute);
    expect(stage.told()).toEqual(["down collector_trouble collector_trouble/network"]);
    stage.sentinelRule = () => "alive";
    stage.probeRule = () => "alive";
    stage.pass(10 * minute);
    expect(stage.told()).toEqual([
      "down collector_trouble collector_trouble/network",
      "recovered collector_trouble collector_trouble/network",
    ]);
  });

  test("[H13] no server at all: the collector still tells of its own line", () => {
    const stage = createHearingStage();
    stage.sentinels = [far1, far2];
    stage.link("a");
    stage.pass(5 * minute);
    stage.sentinelRule = () => "dead";
    stage.pass(5 * minute);
    expect(stage.told()).toEqual(["down collector_trouble collector_trouble/network"]);
  });
});
