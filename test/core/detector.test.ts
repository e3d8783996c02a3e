/**
 * One server: from what was heard of it, and what was not, to its status. The stories behind D1–D17.
 * Must not: judge kinds and causes (evidence.test.ts) or messages (outbox.test.ts).
 */
import { describe, expect, test } from "vitest";
import { NEVER_CAME_MS } from "../../collector/core/never-came.ts";
import { downAfterOf } from "../../collector/core/times.ts";
import type { ProbeVerdict } from "../../collector/core/types/evidence.ts";
import { hour, minute, second, serverOf, settingsUsual } from "./records.ts";
import { createHearingStage, reportedAfter } from "./stage.ts";
import type { ProbeAnswer, Stage } from "./stage.ts";

function steady(): Stage {
  const stage = createHearingStage();
  stage.link("a");
  stage.add("x");
  stage.playAgent("x");
  stage.pass(5 * minute);
  expect(stage.status("x")).toBe("up");
  return stage;
}

/** A ping-only server whose host answers as `verdict()` says. */
function pinged(verdict: () => ProbeVerdict | null): Stage {
  const stage = createHearingStage();
  stage.link("a");
  stage.probeRule = verdict;
  stage.add("p", { mode: "ping" });
  stage.pass(5 * minute);
  return stage;
}

function passUntil(stage: Stage, wanted: () => boolean, atMostMs = 20 * minute): void {
  for (let passedMs = 0; !wanted(); passedMs += second) {
    if (passedMs > atMostMs) throw new Error("it never happened");
    stage.pass(second);
  }
}

describe("the verdict", () => {
  test("[D1] a tick only marks: the server stays suspect until the sockets were read once more", () => {
    const stage = steady();
    stage.stopAgent("x");
    stage.pass(179 * second);
    while (stage.worldMs - (stage.lastBeatWorldMs.get("x") ?? 0) < 181 * second) {
      stage.stall(second);
      const decision = stage.tickNow();
      expect(decision.commit).toEqual([]);
    }
    expect(stage.status("x")).toBe("suspect");
    expect(stage.state.tables.mark.has("x")).toBe(true);
    expect(stage.effects.some((effect) => effect.type === "drain_sockets")).toBe(true);
    const decision = stage.push({ type: "sockets_drained" });
    expect(stage.status("x")).toBe("down");
    expect(decision.commit.length).toBeGreaterThan(0);
    expect(stage.state.tables.mark.has("x")).toBe(false);
  });

  test("[D1] [S1] a heartbeat that waited in the socket while the tick marked saves its server", () => {
    const stage = steady();
    const session = stage.stopAgent("x");
    const sequence = stage.state.tables.heard.get("x")?.sequence ?? 0;
    stage.pass(179 * second);
    for (let step = 0; step < 3; step += 1) {
      stage.stall(second);
      stage.tickNow();
    }
    expect(stage.state.tables.mark.has("x")).toBe(true);
    stage.beat("x", session, sequence + 1);
    stage.push({ type: "sockets_drained" });
    expect(stage.status("x")).toBe("up");
    expect(stage.openings).toEqual([]);
  });

  test("[D1] a planned server that came back while the tick marked is not judged", () => {
    const stage = steady();
    stage.goodbye("x", "upgrade");
    stage.pass(118 * second);
    const session = stage.connect("x");
    for (let step = 0; step < 4; step += 1) {
      stage.stall(second);
      stage.tickNow();
    }
    expect(stage.state.tables.mark.has("x")).toBe(true);
    stage.beat("x", session, 1);
    stage.push({ type: "sockets_drained" });
    expect(stage.status("x")).toBe("up");
    expect(stage.openings).toEqual([]);
  });

  test("[D1] a host that died after its agent was stopped is judged after the sockets were read, too", () => {
    const stage = steady();
    stage.goodbye("x", "agent_stopped");
    stage.pass(2 * minute);
    stage.probeRule = () => "dead";
    const from = stage.pushed.length;
    passUntil(stage, () => stage.openings.length > 0);
    expect(stage.openedBy(from)).toBe("sockets_drained");
  });

  test.each([
    ["all probes succeed", (): ProbeVerdict => "alive"],
    ["all probes fail", (): ProbeVerdict => "dead"],
    ["no probe can be made", (): ProbeVerdict => "none"],
    ["no round is ever answered", (): null => null],
  ])("[D2] [S3] [L1] silence of T is exactly one incident within 2 s when %s", (_name, rule) => {
    const stage = steady();
    stage.probeRule = rule;
    stage.stopAgent("x");
    stage.pass(2 * hour);
    expect(stage.openings).toHaveLength(1);
    expect(reportedAfter(stage, "x")).toBeGreaterThanOrEqual(180 * second);
    expect(reportedAfter(stage, "x")).toBeLessThanOrEqual(182 * second);
    expect(stage.sent().filter((row) => row.step === "down")).toHaveLength(1);
  });

  test("[D2] [S3] fifty servers that fall silent at once are fifty incidents in one commit", () => {
    const stage = createHearingStage();
    for (let index = 0; index < 50; index += 1) stage.add(`x${index}`);
    for (let index = 0; index < 50; index += 1) stage.playAgent(`x${index}`);
    stage.pass(2 * minute);
    for (let index = 0; index < 50; index += 1) stage.stopAgent(`x${index}`, "cut");
    const before = stage.pushed.length;
    stage.pass(185 * second);
    expect(stage.openings).toHaveLength(50);
    const verdicts = stage.pushed
      .slice(before)
      .filter(({ decision }) => decision.commit.some((write) => write.table === "incident"));
    expect(verdicts).toHaveLength(1);
  });

  test("[D2] a server silent for 179 s that beats again is nobody's incident", () => {
    const stage = steady();
    const session = stage.stopAgent("x");
    const sequence = stage.state.tables.heard.get("x")?.sequence ?? 0;
    stage.pass(179 * second);
    stage.beat("x", session, sequence + 1);
    stage.pass(60 * second);
    expect(stage.openings).toEqual([]);
  });

  test("[D3] a server's own T may be longer, and then holds", () => {
    const stage = createHearingStage();
    stage.add("slow", { downAfterMs: 10 * minute });
    stage.playAgent("slow");
    stage.pass(minute);
    stage.stopAgent("slow");
    stage.pass(20 * minute);
    expect(reportedAfter(stage, "slow")).toBeGreaterThanOrEqual(600 * second);
    expect(reportedAfter(stage, "slow")).toBeLessThanOrEqual(602 * second);
  });

  test("[D3] a server's own T shorter than the setting is refused, and changes nothing", () => {
    const stage = createHearingStage();
    const decision = stage.push({
      type: "server_saved",
      server: serverOf("x", { downAfterMs: 60 * second }),
    });
    expect(decision.reply).toEqual({ ok: false, code: "down_after_too_short" });
    expect(decision.commit).toEqual([]);
    expect(stage.state.tables.server.has("x")).toBe(false);
  });

  test("[D3] a shorter one that is in the store, because the setting was raised since, does not count", () => {
    const stored = serverOf("x", { downAfterMs: 60 * second });
    expect(downAfterOf(stored, settingsUsual)).toBe(180 * second);
    expect(downAfterOf(stored, { ...settingsUsual, downAfterMs: 30 * second })).toBe(60 * second);
  });
});

describe("rounds of probes", () => {
  test("[D4] they begin at T/3, 2T/3 and T − η of silence, and each is bounded to 13/15 η", () => {
    const stage = steady();
    const last = stage.lastBeatWorldMs.get("x") ?? 0;
    stage.stopAgent("x");
    stage.pass(178 * second);
    const rounds = stage.rounds.filter(
      (round) => round.worldMs > last && !round.roundId.startsWith("usual."),
    );
    const at = rounds.map((round) => (round.worldMs - last) / second);
    expect(at).toHaveLength(3);
    for (const [index, due] of [60, 120, 165].entries()) {
      expect(at[index]).toBeGreaterThanOrEqual(due);
      expect(at[index]).toBeLessThanOrEqual(due + 1.5);
    }
    expect(rounds.map((round) => round.timeLimitMs)).toEqual([13_000, 13_000, 13_000]);
  });

  test("[D4] with a longer T of its own the rounds of a server move with it", () => {
    const stage = createHearingStage();
    stage.add("slow", { downAfterMs: 10 * minute });
    stage.playAgent("slow");
    stage.pass(minute);
    const last = stage.lastBeatWorldMs.get("slow") ?? 0;
    stage.stopAgent("slow");
    stage.pass(9 * minute + 50 * second);
    const at = stage.rounds
      .filter((round) => round.worldMs > last && !round.roundId.startsWith("usual."))
      .map((round) => Math.floor((round.worldMs - last) / second));
    expect(at).toHaveLength(3);
    for (const [index, due] of [200, 400, 585].entries())
      expect(Math.abs((at[index] ?? 0) - due)).toBeLessThan(2);
  });

  test("[D4] a round that was missed during a stall is not made up for", () => {
    const stage = steady();
    stage.stopAgent("x");
    stage.pass(50 * second);
    const before = stage.rounds.length;
    stage.sleep(4 * minute);
    stage.pass(stage.times.graceGapMs + 3 * second);
    // Two moments passed unheard; one round is asked for both.
    expect(stage.rounds.length - before).toBe(1);
  });

  test("[D4] the last round's answer is in the incident, also when it comes as late as it may", () => {
    const stage = steady();
    stage.probeDelayMs = 13 * second;
    let asked = 0;
    stage.stopAgent("x");
    stage.probeRule = () => ((asked += 1) > 4 ? "dead" : "alive");
    stage.pass(185 * second);
    // ICMP and one port are asked three times: only the third round said dead.
    expect(asked).toBeGreaterThanOrEqual(6);
    expect(stage.incident("x").kind).toBe("host_down");
  });

  test("[D13] an answer of another round, of a round of an earlier silence, and of a removed server are dropped", () => {
    const stage = steady();
    stage.probeRule = () => null;
    stage.stopAgent("x");
    stage.pass(62 * second);
    const earlier = stage.rounds.at(-1)?.roundId ?? "";
    stage.playAgent("x");
    stage.pass(minute);
    stage.stopAgent("x");
    stage.pass(62 * second);
    const open = stage.state.tables.silence.get("x")?.openRoundId;
    expect(open).not.toBe(earlier);
    for (const roundId of [earlier, "x.0", "", "y.1"]) {
      const decision = stage.push({
        type: "probe_finished",
        serverId: "x",
        roundId,
        results: [{ kind: "icmp", target: "10.0.0.1", verdict: "alive", detail: "reply", roundTripMs: 1 }],
      });
      expect(decision.later).toEqual([]);
      expect(decision.commit).toEqual([]);
    }
    expect(stage.state.tables.silence.get("x")?.rounds).toEqual([]);
    stage.push({ type: "server_removed", serverId: "x", by: "staff" });
    const decision = stage.push({ type: "probe_finished", serverId: "x", roundId: open ?? "", results: [] });
    expect(decision.reply).toEqual({ ok: false, code: "server_not_found" });
    expect(decision.later).toEqual([]);
  });

  test("[D13] a heartbeat cancels the round that is under way", () => {
    const stage = steady();
    stage.probeRule = () => null;
    stage.stopAgent("x", "cut");
    const open = stage.state.tables.silence.get("x")?.openRoundId;
    expect(open).toBeTruthy();
    stage.playAgent("x");
    expect(stage.effects).toContainEqual({ type: "cancel_probe", roundId: open });
    expect(stage.state.tables.silence.has("x")).toBe(false);
  });

  test("a socket that closes starts one round at once and changes no status", () => {
    const stage = steady();
    const before = stage.rounds.length;
    stage.stopAgent("x", "cut");
    expect(stage.rounds.length - before).toBe(1);
    expect(stage.status("x")).toBe("up");
    expect(stage.state.tables.heard.get("x")?.connected).toBe(false);
  });
});

describe("sessions", () => {
  test("[D5] [S8] an older session's heartbeats and end are refused and change nothing", () => {
    const stage = steady();
    const old = stage.stopAgent("x");
    stage.connect("x");
    const heard = stage.state.tables.heard.get("x");
    const beat = stage.beat("x", old, 1_000);
    expect(beat).toEqual({
      commit: [],
      later: [],
      effects: [],
      reply: { ok: false, code: "session_not_current" },
    });
    const end = stage.push({ type: "agent_disconnected", serverId: "x", sessionId: old });
    expect(end.reply).toEqual({ ok: false, code: "session_not_current" });
    expect(end.later).toEqual([]);
    expect(stage.state.tables.heard.get("x")).toEqual(heard);
    // Beating on in the old session is silence.
    for (let step = 0; step < 20; step += 1) {
      stage.beat("x", old, 2_000 + step);
      stage.pass(10 * second);
    }
    expect(stage.status("x")).toBe("down");
  });

  test("[D5] [S9] a goodbye from an older session plans nothing", () => {
    const stage = steady();
    const old = stage.stopAgent("x");
    const session = stage.connect("x");
    stage.beat("x", session, 1);
    const decision = stage.push({
      type: "goodbye_received",
      serverId: "x",
      sessionId: old,
      sequence: 999,
      reason: "shutdown",
      awayForMs: null,
    });
    expect(decision).toEqual({
      commit: [],
      later: [],
      effects: [],
      reply: { ok: false, code: "session_not_current" },
    });
    stage.pass(4 * minute);
    expect(stage.status("x")).toBe("down");
  });

  test("[D5] [S9] a goodbye of another server's session, or with a sequence that was used, plans nothing", () => {
    const stage = steady();
    stage.add("y");
    stage.playAgent("y");
    const sessionOfY = stage.state.tables.heard.get("y")?.sessionId ?? "";
    const goodbye = (sessionId: string, sequence: number): boolean =>
      stage.push({
        type: "goodbye_received",
        serverId: "x",
        sessionId,
        sequence,
        reason: "shutdown",
        awayForMs: null,
      }).reply.ok;
    expect(goodbye(sessionOfY, 99)).toBe(false);
    const heard = stage.state.tables.heard.get("x");
    expect(goodbye(heard?.sessionId ?? "", heard?.sequence ?? 0)).toBe(false);
    expect(stage.status("x")).toBe("up");
  });

  test("[D5] [S8] after a restart of the collector the sessions from before are over", () => {
    const stage = steady();
    const old = stage.stopAgent("x");
    stage.restart({ lost: "nothing" });
    expect(stage.beat("x", old, 10_000).reply).toEqual({ ok: false, code: "session_not_current" });
  });

  test("[D6] a sequence that is not above the last is acknowledged with the last and changes nothing", () => {
    const stage = steady();
    const heard = stage.state.tables.heard.get("x");
    const sessionId = heard?.sessionId ?? "";
    stage.pass(5 * second);
    for (const sequence of [1, (heard?.sequence ?? 0) - 1, heard?.sequence ?? 0]) {
      const decision = stage.beat("x", sessionId, sequence);
      expect(decision).toEqual({
        commit: [],
        later: [],
        effects: [{ type: "send_ack", sessionId, sequence: stage.state.tables.heard.get("x")?.sequence }],
        reply: { ok: true },
      });
    }
  });

  test("[D7] a day of steady heartbeats, with health samples, commits nothing", () => {
    const stage = steady();
    const before = stage.commits;
    stage.pass(6 * hour);
    const heard = stage.state.tables.heard.get("x");
    const decision = stage.push({
      type: "heartbeat_received",
      serverId: "x",
      sessionId: heard?.sessionId ?? "",
      sequence: (heard?.sequence ?? 0) + 1,
      health: { cpu: 0.5 },
    });
    expect(decision.commit).toEqual([]);
    expect(stage.commits).toBe(before);
    expect(stage.state.tables.health.get("x")?.sample).toEqual({ cpu: 0.5 });
    expect(decision.effects).toContainEqual({
      type: "send_ack",
      sessionId: heard?.sessionId,
      sequence: (heard?.sequence ?? 0) + 1,
    });
  });

  test("[D7] [H8] suspicion and its end are one commit each, of nothing but the status", () => {
    const stage = steady();
    const session = stage.stopAgent("x");
    const sequence = stage.state.tables.heard.get("x")?.sequence ?? 0;
    const from = stage.pushed.length;
    stage.pass(100 * second);
    expect(stage.status("x")).toBe("suspect");
    stage.beat("x", session, sequence + 1);
    expect(stage.status("x")).toBe("up");
    const committed = stage.pushed.slice(from).flatMap(({ decision }) => decision.commit);
    expect(committed.map((write) => `${write.table} ${write.key}`)).toEqual(["detector x", "detector x"]);
  });

  test("[D15] a second session of the same identity replaces the first, whose socket is closed", () => {
    const stage = steady();
    const first = stage.state.tables.heard.get("x")?.sessionId ?? "";
    stage.effects.length = 0;
    const second_ = stage.connect("x");
    expect(stage.effects).toContainEqual({ type: "close_session", sessionId: first, reason: "replaced" });
    expect(stage.state.tables.heard.get("x")?.sessionId).toBe(second_);
    stage.effects.length = 0;
    stage.push({ type: "agent_disconnected", serverId: "x", sessionId: first });
    expect(stage.state.tables.heard.get("x")?.connected).toBe(true);
    expect(stage.effects).toEqual([]);
  });

  test("[D15] connecting is not yet a sign of life: who dials but never beats is down after T", () => {
    const stage = steady();
    stage.stopAgent("x", "cut");
    for (let step = 0; step < 25; step += 1) {
      stage.connect("x");
      stage.pass(10 * second);
    }
    expect(stage.status("x")).toBe("down");
    expect(reportedAfter(stage, "x")).toBeLessThanOrEqual(182 * second);
  });

  test("a server that is not known, has no key, or is ping-only gets no session", () => {
    const stage = createHearingStage();
    stage.push({ type: "server_saved", server: serverOf("keyless") });
    stage.add("p", { mode: "ping" });
    for (const serverId of ["nobody", "keyless", "p"]) {
      const decision = stage.push({
        type: "agent_connected",
        serverId,
        sessionId: "s",
        bootId: "b",
        agentVersion: "1",
        agentStartedBootMs: 0,
        peerAddress: "192.0.2.1",
        features: [],
      });
      expect(decision.reply).toEqual({ ok: false, code: "server_not_found" });
      expect(decision.later).toEqual([]);
    }
  });
});

describe("goodbyes", () => {
  test.each([
    ["reboot", 600 * second],
    ["upgrade", 120 * second],
  ] as const)(
    "[D8] after a %s that never returns it is down, not back, at its deadline",
    (reason, deadlineMs) => {
      const stage = steady();
      const saidAt = stage.worldMs;
      stage.goodbye("x", reason);
      stage.pass(hour);
      expect(stage.openings).toHaveLength(1);
      expect(stage.incident("x").kind).toBe("not_back");
      const afterMs = (stage.openings[0]?.worldMs ?? 0) - saidAt;
      expect(afterMs).toBeGreaterThanOrEqual(deadlineMs);
      expect(afterMs).toBeLessThanOrEqual(deadlineMs + 2 * second);
    },
  );

  test.each(["shutdown", "suspend", "agent_stopped"] as const)(
    "[D8] after a %s there is no deadline: silence of two days is planned",
    (reason) => {
      const stage = steady();
      stage.goodbye("x", reason);
      stage.pass(2 * 24 * hour);
      expect(stage.status("x")).toBe("planned");
      expect(stage.openings).toEqual([]);
    },
  );

  test("[D8] an agent's own promise counts instead of the usual time, up to a day", () => {
    const stage = steady();
    stage.goodbye("x", "shutdown", 30 * minute);
    stage.pass(29 * minute);
    expect(stage.status("x")).toBe("planned");
    stage.pass(2 * minute);
    expect(stage.status("x")).toBe("down");
    const other = steady();
    other.goodbye("x", "reboot", 30 * 24 * hour);
    other.pass(24 * hour + 3 * second);
    expect(other.status("x")).toBe("down");
  });

  test("[D8] who is back before the deadline is up again without an incident or a message", () => {
    const stage = steady();
    stage.goodbye("x", "reboot");
    stage.pass(4 * minute);
    stage.playAgent("x", { bootId: "another-boot", startedBootMs: 20_000 });
    expect(stage.status("x")).toBe("up");
    stage.pass(hour);
    expect(stage.openings).toEqual([]);
    expect(stage.attempts).toEqual([]);
  });

  test("[D8] the session ends with its goodbye: the socket is closed and it is acknowledged", () => {
    const stage = steady();
    const session = stage.state.tables.heard.get("x")?.sessionId;
    const sequence = (stage.state.tables.heard.get("x")?.sequence ?? 0) + 1;
    const decision = stage.goodbye("x", "shutdown");
    expect(decision.effects).toContainEqual({ type: "send_ack", sessionId: session, sequence });
    expect(decision.effects).toContainEqual({
      type: "close_session",
      sessionId: session,
      reason: "goodbye",
    });
  });

  test("[D8] a host that keeps answering after its agent was stopped is fine for a day", () => {
    const stage = steady();
    stage.goodbye("x", "agent_stopped");
    stage.pass(24 * hour);
    const probesADay = 24 * 60;
    expect(stage.rounds.length).toBeGreaterThan(probesADay - 60);
    expect(stage.status("x")).toBe("planned");
  });

  test("[D8] a host that stops answering for T after its agent was stopped is down, and not sooner", () => {
    const stage = steady();
    stage.goodbye("x", "agent_stopped");
    stage.pass(10 * minute);
    stage.probeRule = () => "dead";
    const lastAlive = stage.state.tables.silence.get("x")?.lastAliveCoreMs ?? 0;
    stage.pass(20 * minute);
    expect(stage.openings).toHaveLength(1);
    expect(stage.incident("x").kind).toBe("host_down");
    expect((stage.openings[0]?.coreMs ?? 0) - lastAlive).toBeGreaterThanOrEqual(180 * second);
    expect((stage.openings[0]?.coreMs ?? 0) - lastAlive).toBeLessThanOrEqual(5 * minute);
  });

  test("[D8] [E3] what cannot be asked any more is not the host's silence, nor is a port that never answered", () => {
    // Simulated (seed 120889): something began to answer every ping, which voids them; the firewalled port was dead as ever,
    // and a host that was fine was told as down.
    const stage = createHearingStage();
    let ping: ProbeVerdict = "alive";
    stage.probeRule = (request) => (request.kind === "icmp" ? ping : "dead");
    stage.add("x", { probePorts: [443] });
    stage.playAgent("x");
    stage.pass(20 * minute);
    stage.goodbye("x", "agent_stopped");
    stage.pass(10 * minute);
    ping = "none";
    stage.pass(20 * minute);
    expect(stage.status("x")).toBe("planned");
    ping = "dead";
    stage.pass(10 * minute);
    expect(stage.status("x")).toBe("down");
  });

  test("[D12] [E3] asked something else, a device has a full T; what never answered says nothing while pings cannot be sent", () => {
    // Simulated (seed 201988): no ping program any more, one port behind a firewall; staff chose another port, and the
    // silence of the old one made a fine device down at once.
    const stage = createHearingStage();
    let ping: ProbeAnswer = "alive";
    stage.probeRule = (request) => (request.kind === "icmp" ? ping : "dead");
    stage.add("x", { mode: "ping", probePorts: [443] });
    stage.pass(20 * minute);
    ping = { verdict: "none", detail: "no_program" };
    stage.pass(10 * minute);
    stage.push({ type: "server_saved", server: serverOf("x", { mode: "ping", probePorts: [22] }) });
    stage.pass(20 * minute);
    expect(stage.openings).toEqual([]);
    ping = "dead";
    stage.pass(4 * minute);
    expect(stage.status("x")).toBe("down");
  });

  test("[D12] [E3] asked something else without a ping program: one answer is enough to know that its silence is one", () => {
    // Simulated (seed 430395): the answer was not learned yet when the device fell silent, and nobody was ever told.
    const stage = createHearingStage();
    let port: ProbeAnswer = "alive";
    stage.probeRule = (request) =>
      request.kind === "icmp" ? { verdict: "none", detail: "no_program" } : port;
    stage.add("x", { mode: "ping", probePorts: [443] });
    stage.pass(20 * minute);
    stage.push({ type: "server_saved", server: serverOf("x", { mode: "ping", probePorts: [22] }) });
    stage.pass(30 * second);
    port = "dead";
    stage.pass(8 * minute);
    expect(stage.status("x")).toBe("down");
  });

  test("[D12] a device that moved to another address is silent from then on, not since before", () => {
    const stage = createHearingStage();
    stage.add("x", { mode: "ping", probePorts: [] });
    stage.pass(10 * minute);
    stage.probeRule = () => "dead";
    stage.pass(110 * second);
    expect(stage.status("x")).toBe("suspect");
    const movedMs = stage.worldMs;
    stage.push({
      type: "server_saved",
      server: serverOf("x", { mode: "ping", probePorts: [], address: "10.0.0.9" }),
    });
    stage.pass(10 * minute);
    expect(stage.openings).toHaveLength(1);
    expect((stage.openings[0]?.worldMs ?? 0) - movedMs).toBeGreaterThanOrEqual(180 * second);
  });

  test("[E2] what was asked before a pause is not learned from its end: nobody heard the server then", () => {
    // Simulated (seed 201381): hung, paused and resumed; its silent programs became what is usual.
    const stage = createHearingStage();
    stage.add("x");
    stage.playAgent("x");
    stage.pass(minute);
    const before = stage.state.tables.baseline.get("x");
    stage.push({ type: "server_paused", serverId: "x", by: "staff" });
    stage.stopAgent("x");
    stage.pass(10 * second);
    stage.push({ type: "server_resumed", serverId: "x", by: "staff" });
    expect(stage.state.tables.baseline.get("x")).toEqual(before && { ...before, pending: null });
  });

  test("[D12] a device with a check is judged by it, also while somebody answers pings for everybody", () => {
    // Simulated (seed 200654): pings proved nothing, the page of a camera had stopped, and nobody was told.
    const stage = createHearingStage();
    const check = {
      type: "http",
      url: "http://10.0.0.1/",
      expectedStatus: null,
      expectedText: null,
    } as const;
    let isServed = true;
    stage.probeRule = (request) =>
      request.kind === "icmp"
        ? { kind: "icmp", verdict: "none", detail: "answered_for_all" }
        : { verdict: isServed ? "alive" : "dead", asExpected: isServed };
    stage.add("x", { mode: "ping", probePorts: [], check });
    stage.pass(10 * minute);
    expect(stage.status("x")).toBe("up");
    isServed = false;
    stage.pass(5 * minute);
    expect(stage.status("x")).toBe("down");
  });

  test("[D12] [E3] after hours without evidence two lost pings are no silence of T; a device that is dead is told all the same", () => {
    // Simulated (seed 190849): something answered every ping, which voids them; a poor line lost two of them within a minute.
    for (const blind of ["answered_for_all", "no_program"] as const) {
      const stage = createHearingStage();
      stage.add("x", { mode: "ping", probePorts: [] });
      stage.pass(10 * minute);
      let lost = 0;
      stage.probeRule = (request) => {
        lost -= 1;
        if (lost >= 0) return "dead";
        return {
          kind: request.kind,
          target: request.host,
          verdict: "none",
          detail: blind,
          roundTripMs: null,
        };
      };
      stage.pass(2 * hour);
      for (let time = 0; time < 2; time += 1) {
        lost = 1;
        stage.pass(70 * second);
      }
      stage.pass(20 * minute);
      expect(stage.openings, blind).toEqual([]);
      lost = Number.POSITIVE_INFINITY;
      stage.pass(4 * minute);
      expect(stage.status("x"), blind).toBe("down");
    }
  });

  test("[D8] a host that never answered a probe is not judged by probes after its agent was stopped", () => {
    const stage = steady();
    stage.probeRule = () => "dead";
    stage.goodbye("x", "agent_stopped");
    stage.pass(24 * hour);
    expect(stage.status("x")).toBe("planned");
  });
});

describe("recovery", () => {
  function down(): Stage {
    const stage = steady();
    stage.stopAgent("x");
    stage.pass(5 * minute);
    expect(stage.status("x")).toBe("down");
    return stage;
  }

  test("[D9] one heartbeat is not yet a recovery: nothing is told", () => {
    const stage = down();
    const session = stage.connect("x");
    stage.beat("x", session, 1);
    expect(stage.status("x")).toBe("recovering");
    stage.pass(40 * second);
    expect(stage.sent().map((row) => row.step)).toEqual(["down"]);
  });

  test("[D9] two heartbeats closer than 2/3 η are not yet a recovery, the third far enough is", () => {
    const stage = down();
    const session = stage.connect("x");
    stage.beat("x", session, 1);
    stage.pass(5 * second);
    stage.beat("x", session, 2);
    expect(stage.status("x")).toBe("recovering");
    stage.pass(5 * second - 1);
    stage.beat("x", session, 3);
    expect(stage.status("x")).toBe("recovering");
    stage.pass(1);
    stage.beat("x", session, 4);
    expect(stage.status("x")).toBe("up");
    stage.pass(3 * second);
    expect(stage.sent().map((row) => row.step)).toEqual(["down", "recovered"]);
  });

  test("[D9] heartbeats that queued up in a socket and are read together are not a recovery", () => {
    const stage = down();
    const session = stage.connect("x");
    for (let sequence = 1; sequence <= 10; sequence += 1) stage.beat("x", session, sequence);
    expect(stage.status("x")).toBe("recovering");
  });

  test("[D10] falling silent again while recovering is the same incident without another message", () => {
    const stage = down();
    for (let step = 0; step < 5; step += 1) {
      const session = stage.connect("x");
      stage.beat("x", session, 1);
      stage.pass(2 * minute);
      expect(stage.status("x")).toBe("down");
    }
    expect(stage.openings).toHaveLength(1);
    expect(stage.sent().map((row) => row.step)).toEqual(["down"]);
    const lines = stage.incident("x").timeline.map((line) => line.what.type);
    expect(lines.filter((type) => type === "heard_again")).toHaveLength(5);
    expect(lines.filter((type) => type === "silent_again")).toHaveLength(5);
  });

  test("[D10] a goodbye while recovering continues the same incident without a message", () => {
    const stage = down();
    const session = stage.connect("x");
    stage.beat("x", session, 1);
    stage.push({
      type: "goodbye_received",
      serverId: "x",
      sessionId: session,
      sequence: 2,
      reason: "reboot",
      awayForMs: null,
    });
    expect(stage.status("x")).toBe("down");
    stage.pass(20 * minute);
    expect(stage.openings).toHaveLength(1);
    expect(stage.sent().map((row) => row.step)).toEqual(["down"]);
    stage.playAgent("x");
    stage.pass(minute);
    expect(stage.sent().map((row) => row.step)).toEqual(["down", "recovered"]);
  });

  test("[D9] a restart of the collector in the middle of a recovery neither repeats nor forgets it", () => {
    const stage = down();
    stage.playAgent("x");
    expect(stage.status("x")).toBe("recovering");
    stage.restart({ awayMs: 20 * second });
    stage.pass(10 * minute);
    expect(stage.status("x")).toBe("up");
    expect(stage.openings).toHaveLength(1);
    expect(stage.sent().map((row) => row.step)).toEqual(["down", "recovered"]);
  });
});

describe("ping-only servers", () => {
  test("[D11] while fine they are asked each T/3, and each T/12 from the first failure on", () => {
    let verdict: ProbeVerdict = "alive";
    const stage = pinged(() => verdict);
    expect(stage.status("p")).toBe("up");
    const fine = stage.rounds.map((round) => round.worldMs);
    const gaps = fine.slice(1).map((at, index) => at - (fine[index] ?? 0));
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(58 * second);
    for (const gap of gaps) expect(gap).toBeLessThanOrEqual(62 * second);
    verdict = "dead";
    passUntil(stage, () => stage.status("p") === "suspect");
    const from = stage.rounds.length;
    stage.pass(90 * second);
    const failing = stage.rounds.slice(from - 1).map((round) => round.worldMs);
    expect(failing.length).toBeGreaterThanOrEqual(6);
    for (const [index, at] of failing.slice(1).entries())
      expect(at - (failing[index] ?? 0)).toBeLessThanOrEqual(17 * second);
  });

  test("[D11] the verdict falls T after the last success, within 2 s, and one success in between prevents it", () => {
    let verdict: ProbeVerdict = "alive";
    const stage = pinged(() => verdict);
    const last = stage.state.tables.heard.get("p")?.coreMs ?? 0;
    verdict = "dead";
    stage.pass(10 * minute);
    const lastHeard = stage.incident("p").startedCoreMs;
    expect(lastHeard).toBeGreaterThanOrEqual(last);
    expect((stage.openings[0]?.coreMs ?? 0) - lastHeard).toBeGreaterThanOrEqual(180 * second);
    expect((stage.openings[0]?.coreMs ?? 0) - lastHeard).toBeLessThanOrEqual(182 * second);

    let asked = 0;
    const lucky = pinged(() => {
      asked += 1;
      return asked % 18 === 0 ? "alive" : "dead";
    });
    lucky.pass(hour);
    expect(lucky.openings).toEqual([]);
  });

  test("[D11] two successes close the incident at the first of them", () => {
    let verdict: ProbeVerdict = "alive";
    const stage = pinged(() => verdict);
    verdict = "dead";
    passUntil(stage, () => stage.status("p") === "down");
    stage.pass(5 * minute);
    verdict = "alive";
    const backAt = stage.worldMs;
    passUntil(stage, () => stage.status("p") === "up");
    stage.pass(5 * second);
    const incident = stage.incident("p");
    expect((incident.endedCoreMs ?? 0) - (stage.coreMs - stage.worldMs)).toBeGreaterThanOrEqual(backAt);
    expect(stage.sent().map((row) => row.step)).toEqual(["down", "recovered"]);
    expect((incident.endedCoreMs ?? 0) - incident.startedCoreMs).toBeGreaterThan(8 * minute);
  });

  test("[D12] [E3] probes that can't be made for a day make nobody down", () => {
    let verdict: ProbeVerdict = "alive";
    const stage = pinged(() => verdict);
    verdict = "none";
    stage.pass(24 * hour);
    expect(stage.openings).toEqual([]);
    expect(stage.status("p")).toBe("up");
  });

  test("[D12] one failed probe at the end of T is not enough: two must have failed", () => {
    let verdict: ProbeVerdict = "alive";
    const stage = pinged(() => verdict);
    verdict = "none";
    stage.pass(170 * second);
    verdict = "dead";
    let failed = 0;
    stage.probeRule = (request) => {
      if (request.kind === "icmp") failed += 1;
      return verdict;
    };
    passUntil(stage, () => stage.status("p") === "down");
    expect(failed).toBeGreaterThanOrEqual(2);
  });

  test.each([
    ["can't be made", "none"],
    ["are never answered", null],
  ] as const)(
    "[D12] failures of an earlier outage do not count for the next one, when probes %s between the two",
    (_name, between) => {
      let verdict: ProbeVerdict | null = "alive";
      const stage = pinged(() => verdict);
      verdict = "dead";
      passUntil(stage, () => stage.status("p") === "down");
      stage.pass(2 * minute);
      verdict = "alive";
      passUntil(stage, () => stage.status("p") === "up");
      verdict = between;
      stage.pass(160 * second);
      const from = stage.pushed.length;
      verdict = "dead";
      passUntil(stage, () => stage.status("p") === "down", 10 * minute);
      const failed = stage.pushed
        .slice(from)
        .filter(
          ({ body }) =>
            body.type === "probe_finished" && body.results.every((result) => result.verdict === "dead"),
        ).length;
      expect(failed).toBeGreaterThanOrEqual(2);
    },
  );

  test("[D12] when the newest probe could not be made, the failed ones before it are not enough", () => {
    let verdict: ProbeVerdict = "alive";
    const stage = pinged(() => verdict);
    verdict = "dead";
    passUntil(stage, () => stage.status("p") === "suspect");
    stage.pass(40 * second);
    verdict = "none";
    stage.pass(hour);
    expect(stage.openings).toEqual([]);
  });

  test("[D12] when probes can be made again and fail, the verdict falls with the next two at the latest", () => {
    let verdict: ProbeVerdict = "alive";
    const stage = pinged(() => verdict);
    verdict = "dead";
    passUntil(stage, () => stage.status("p") === "suspect");
    verdict = "none";
    stage.pass(hour);
    verdict = "dead";
    const from = stage.worldMs;
    passUntil(stage, () => stage.status("p") === "down");
    expect(stage.worldMs - from).toBeLessThanOrEqual(45 * second);
  });

  test("[D11] a ping-only server without an address is never asked, never up and never down", () => {
    const stage = createHearingStage();
    stage.add("p", { mode: "ping", address: null });
    stage.pass(hour);
    expect(stage.rounds).toEqual([]);
    expect(stage.status("p")).toBe("new");
  });
});

describe("staff", () => {
  test("[D14] pausing closes the open incident without a message and supersedes what waits", () => {
    const stage = steady();
    stage.sendRule = () => ({ type: "retry", error: "connection refused", retryAfterMs: null });
    stage.stopAgent("x");
    stage.pass(200 * second);
    expect(stage.rows().map((row) => row.status)).toEqual(["retry"]);
    stage.push({ type: "server_paused", serverId: "x", by: "staff" });
    const incident = stage.incident("x");
    expect(incident.closeReason).toBe("paused_by_staff");
    stage.sendRule = () => ({ type: "sent", externalId: "1" });
    stage.pass(hour);
    expect(stage.sent()).toEqual([]);
    expect(stage.rows()).toEqual([]);
  });

  test("[D14] a message that was under way while staff paused is not sent again when it turns out not sent", () => {
    const stage = steady();
    stage.sendRule = () => ({ type: "retry", error: "connection refused", retryAfterMs: null });
    stage.sendDelayMs = 5 * second;
    stage.stopAgent("x");
    passUntil(stage, () => stage.attempts.length === 1);
    stage.push({ type: "server_paused", serverId: "x", by: "staff" });
    stage.sendRule = () => ({ type: "sent", externalId: "1" });
    stage.pass(hour);
    expect(stage.attempts).toHaveLength(1);
    expect(stage.rows()).toEqual([]);
  });

  test("[D14] a message of unknown fate is not repeated after staff removed its server", () => {
    const stage = steady();
    stage.sendRule = () => ({ type: "unknown", error: "timeout" });
    stage.sendDelayMs = 5 * second;
    stage.stopAgent("x");
    passUntil(stage, () => stage.attempts.length === 1);
    stage.push({ type: "server_removed", serverId: "x", by: "staff" });
    stage.pass(hour);
    expect(stage.attempts).toHaveLength(1);
    expect(stage.rows()).toEqual([]);
    expect(stage.incident("x").closeReason).toBe("removed_by_staff");
  });

  test("[D14] removing takes the server, its key, its session and its tokens in one commit", () => {
    const stage = steady();
    const session = stage.state.tables.heard.get("x")?.sessionId;
    const decision = stage.push({ type: "server_removed", serverId: "x", by: "staff" });
    expect(decision.effects).toContainEqual({
      type: "close_session",
      sessionId: session,
      reason: "removed",
    });
    const { tables, derived } = stage.state;
    for (const table of [
      "server",
      "agent",
      "detector",
      "heard",
      "silence",
      "baseline",
      "health",
      "look",
    ] as const)
      expect(tables[table].has("x")).toBe(false);
    expect(tables.enrollment.size).toBe(0);
    expect(derived.serverByAgentKey.size).toBe(0);
    expect(derived.schedule.has("x")).toBe(false);
    stage.pass(hour);
    expect(stage.openings).toEqual([]);
  });

  test("[D14] [D16] a server that was never installed and is removed before its message was sent leaves nothing behind", () => {
    const stage = createHearingStage();
    stage.link("a");
    stage.sendRule = () => ({ type: "retry", error: "connection refused", retryAfterMs: null });
    stage.push({ type: "server_saved", server: serverOf("x") });
    stage.pass(25 * hour);
    expect(stage.rows()).toHaveLength(1);
    stage.push({ type: "server_removed", serverId: "x", by: "staff" });
    expect(stage.rows()).toEqual([]);
  });

  test("[D14] a paused server is silent for two days without a word, and resumed it gets a full T", () => {
    const stage = steady();
    stage.push({ type: "server_paused", serverId: "x", by: "staff" });
    stage.stopAgent("x");
    stage.pass(2 * 24 * hour);
    expect(stage.openings).toEqual([]);
    stage.push({ type: "server_resumed", serverId: "x", by: "staff" });
    const from = stage.worldMs;
    stage.pass(10 * minute);
    const afterMs = (stage.openings[0]?.worldMs ?? 0) - from;
    expect(afterMs).toBeGreaterThanOrEqual(180 * second);
    expect(afterMs).toBeLessThanOrEqual(182 * second);
  });

  test("[D14] a paused server that beats is up at once when resumed", () => {
    const stage = steady();
    stage.push({ type: "server_paused", serverId: "x", by: "staff" });
    stage.pass(hour);
    stage.push({ type: "server_resumed", serverId: "x", by: "staff" });
    expect(stage.status("x")).toBe("up");
    stage.pass(hour);
    expect(stage.openings).toEqual([]);
  });

  test("[D14] changing a server from agent to ping-only begins anew, and the agent's session is closed", () => {
    const stage = steady();
    const session = stage.state.tables.heard.get("x")?.sessionId;
    const decision = stage.push({ type: "server_saved", server: serverOf("x", { mode: "ping" }) });
    expect(decision.effects).toContainEqual({ type: "close_session", sessionId: session, reason: "removed" });
    expect(stage.status("x")).toBe("new");
    stage.pass(2 * second);
    expect(stage.status("x")).toBe("up");
  });

  test("[D14] [D16] a server that was paused before it ever came is new again when resumed, also after a restart", () => {
    for (const lost of ["unflushed", "everything"] as const) {
      const stage = createHearingStage();
      stage.add("x");
      stage.push({ type: "server_paused", serverId: "x", by: "staff" });
      stage.pass(minute);
      stage.restart({ awayMs: minute, lost });
      stage.push({ type: "server_resumed", serverId: "x", by: "staff" });
      expect(stage.status("x")).toBe("new");
      stage.pass(hour);
      expect(stage.openings).toEqual([]);
    }
  });

  test("[D16] a server that never came is told once after 24 h, without an incident", () => {
    const stage = createHearingStage();
    stage.link("a");
    stage.push({ type: "server_saved", server: serverOf("x") });
    stage.pass(NEVER_CAME_MS - minute);
    expect(stage.attempts).toEqual([]);
    stage.pass(2 * hour);
    expect(stage.sent()).toEqual([{ step: "never_came", recipientId: "a", repeat: false }]);
    stage.pass(2 * NEVER_CAME_MS);
    expect(stage.attempts).toHaveLength(1);
    expect(stage.openings).toEqual([]);
    expect(stage.rows()).toEqual([]);
    expect(stage.status("x")).toBe("new");
  });

  test("[D16] a collector that restarts each hour still tells it, once", () => {
    const stage = createHearingStage();
    stage.link("a");
    stage.push({ type: "server_saved", server: serverOf("x") });
    for (let step = 0; step < 40; step += 1) {
      stage.pass(58 * minute);
      stage.restart({ awayMs: 2 * minute });
    }
    stage.pass(3 * hour);
    expect(stage.sent().map((row) => row.step)).toEqual(["never_came"]);
  });
});

describe("the schedule", () => {
  test("[D17] a tick looks only at those that are due", () => {
    const stage = createHearingStage({ checkedWhole: false });
    for (let index = 0; index < 300; index += 1) stage.add(`x${index}`);
    for (let index = 0; index < 300; index += 1) {
      stage.playAgent(`x${index}`);
      stage.pass(137);
    }
    stage.pass(hour);
    let looked = 0;
    let ticks = 0;
    for (let step = 0; step < 60; step += 1) {
      const before = stage.pushed.length;
      stage.pass(second);
      for (const { body, decision } of stage.pushed.slice(before)) {
        if (body.type !== "tick") continue;
        ticks += 1;
        looked += decision.later.filter((write) => write.table === "look").length;
      }
    }
    // Each steady server is looked at about once in 3 η.
    expect(ticks).toBe(60);
    expect(looked / ticks).toBeLessThan(300 / 20);
    expect(looked).toBeGreaterThan(0);
  });

  test("[D17] every server has its place: of two hundred in every status none is forgotten over a restart", () => {
    const stage = createHearingStage({ checkedWhole: false });
    for (let index = 0; index < 200; index += 1) stage.add(`x${index}`);
    for (let index = 0; index < 150; index += 1) stage.playAgent(`x${index}`);
    for (let index = 0; index < 50; index += 1)
      stage.goodbye(`x${index}`, index % 2 === 0 ? "reboot" : "shutdown");
    for (let index = 50; index < 100; index += 1) stage.stopAgent(`x${index}`);
    stage.pass(90 * second);
    stage.restart({ awayMs: minute });
    for (let index = 0; index < 200; index += 1)
      expect(stage.state.derived.schedule.has(`x${index}`)).toBe(true);
    stage.pass(15 * minute);
    const down = [...stage.state.tables.detector.values()].filter((detector) => detector.status === "down");
    // 50 silent ones, and 25 whose reboot never ended.
    expect(down).toHaveLength(75);
  });
});
