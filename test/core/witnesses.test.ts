/**
 * Who is asked to look for us, what of it counts, and what programs, checks and gateways prove.
 * Must not: judge groups (groups.test.ts).
 */
import { describe, expect, test } from "vitest";
import { learned, noBaseline } from "../../collector/core/baselines.ts";
import { gatewayReached, judge, testimonyOf, verdictOf } from "../../collector/core/evidence.ts";
import type { Effect } from "../../collector/core/types/effects.ts";
import type {
  Baseline,
  ProbeResult,
  ProbeRound,
  WitnessReport,
} from "../../collector/core/types/evidence.ts";
import type { Server } from "../../collector/core/types/registry.ts";
import { hour, minute, resultOf, second } from "./records.ts";
import { createHearingStage } from "./stage.ts";
import type { ProbeAnswer, Stage } from "./stage.ts";

const ssh: Partial<ProbeResult> = { verdict: "alive", detail: "connected", banner: "SSH-2.0-OpenSSH_9.2" };
const accepts: Partial<ProbeResult> = { verdict: "alive", detail: "connected" };

function icmp(verdict: "alive" | "dead" | "none"): ProbeResult {
  return resultOf({ kind: "icmp", host: "10.0.0.1", port: null }, verdict);
}
function banner(answer: ProbeAnswer & object): ProbeResult {
  return resultOf({ kind: "banner", host: "10.0.0.1", port: 22 }, answer);
}
const timedOut = banner({ verdict: "dead" });
const refused = banner({ verdict: "alive", detail: "refused" });

function round(results: readonly ProbeResult[], witnesses: readonly WitnessReport[] = []): ProbeRound {
  return { roundId: "x.1", startedCoreMs: 1, finishedCoreMs: 2, results, witnesses };
}

function report(serverId: string, sameSite: boolean, ...results: ProbeResult[]): WitnessReport {
  return { serverId, serverName: serverId, sameSite, results };
}

const usual: Baseline = {
  ...noBaseline("x", 0),
  icmpAsked: 100,
  icmpAnswered: 100,
  tcpAsked: 100,
  tcpAnswered: 100,
  banners: { "10.0.0.1:22": { asked: 100, spoke: 100 } },
};

function judged(rounds: readonly ProbeRound[], changes: Partial<Parameters<typeof judge>[0]> = {}): string {
  const { kind, variant, confidence } = judge({
    rounds,
    baseline: usual,
    neighbourHeard: false,
    gatewayAddress: null,
    hasCheck: false,
    ...changes,
  });
  return [kind, variant, confidence].filter((word) => word !== null).join(" ");
}

/** A system that beat for an hour and is frozen: its kernel answers, its programs do not. */
function frozen(): Stage {
  const stage = createHearingStage();
  stage.link("a");
  stage.add("x");
  stage.probeRule = (request) => (request.kind === "icmp" ? "alive" : ssh);
  stage.playAgent("x");
  stage.pass(hour);
  stage.probeRule = (request) => (request.kind === "icmp" ? "alive" : accepts);
  stage.stopAgent("x");
  return stage;
}

describe("what programs prove", () => {
  test.each([
    ["a program speaks", [icmp("alive"), banner(ssh)], "agent_down high"],
    ["a program speaks, ICMP is filtered", [icmp("dead"), banner(ssh)], "agent_down high"],
    [
      "it accepts and says nothing where it used to speak",
      [icmp("alive"), banner(accepts)],
      "host_hung medium",
    ],
    ["it echoes, the port that used to speak is silent", [icmp("alive"), timedOut], "host_hung medium"],
    ["refused: somebody said no", [icmp("alive"), refused], "agent_down medium"],
    [
      "an echo alone, the port could not be asked",
      [icmp("alive"), banner({ verdict: "none" })],
      "agent_down low",
    ],
    ["nothing answers", [icmp("dead"), timedOut], "host_down medium"],
    ["nothing could be asked", [icmp("none"), banner({ verdict: "none" })], "host_down low"],
  ])("[E1] [E5] %s: %j → %s", (_what, results, expected) => {
    expect(judged([round(results)])).toBe(expected);
  });

  test("[E5] a port that seldom spoke, or was seldom asked, hangs nobody", () => {
    for (const banners of [
      {},
      { "10.0.0.1:22": { asked: 4, spoke: 4 } },
      { "10.0.0.1:22": { asked: 100, spoke: 94 } },
      { "10.0.0.2:22": { asked: 100, spoke: 100 } },
    ])
      expect(judged([round([icmp("alive"), banner(accepts)])], { baseline: { ...usual, banners } })).toBe(
        "agent_down medium",
      );
    const just = { "10.0.0.1:22": { asked: 5, spoke: 5 } };
    expect(judged([round([icmp("alive"), banner(accepts)])], { baseline: { ...usual, banners: just } })).toBe(
      "host_hung medium",
    );
  });

  test("[E5] [E2] banners are learned by port, forgotten with the port, and old ones fade", () => {
    let baseline = noBaseline("x", 0);
    for (let count = 0; count < 5; count += 1) baseline = learned(baseline, round([banner(ssh)]));
    expect(baseline.banners).toEqual({ "10.0.0.1:22": { asked: 5, spoke: 5 } });
    baseline = learned(baseline, round([banner({ verdict: "none" })]));
    expect(baseline.banners).toEqual({ "10.0.0.1:22": { asked: 5, spoke: 5 } });
    baseline = learned(baseline, round([icmp("alive")]));
    expect(baseline.banners).toEqual({});
    for (let count = 0; count < 1_000; count += 1) baseline = learned(baseline, round([banner(ssh)]));
    const kept = baseline.banners["10.0.0.1:22"];
    expect(kept?.asked).toBeLessThanOrEqual(201);
    expect(kept?.spoke).toBe(kept?.asked);
  });

  test("[E5] a frozen system is told as hung, and as worse when it dies", () => {
    const stage = frozen();
    stage.pass(4 * minute);
    expect(stage.told()).toEqual(["down Server x host_hung"]);
    stage.probeRule = () => "dead";
    stage.pass(10 * minute);
    expect(stage.told()).toEqual(["down Server x host_hung", "worse Server x host_down"]);
  });
});

describe("while it is down", () => {
  function hung(): Stage {
    const stage = frozen();
    stage.pass(6 * minute);
    expect(stage.incident("x").kind).toBe("host_hung");
    return stage;
  }

  test("[E4] a host that thaws speaks before its agent beats: one round changes no kind", () => {
    const stage = hung();
    stage.probeRule = (request) => (request.kind === "icmp" ? "alive" : ssh);
    const rounds = stage.rounds.length;
    while (stage.rounds.length === rounds) stage.pass(second);
    stage.pass(second);
    stage.playAgent("x");
    stage.pass(minute);
    expect(stage.incident("x").kind).toBe("host_hung");
    expect(stage.told()).toEqual(["down Server x host_hung", "recovered Server x host_hung"]);
  });

  test("[E4] a banner that times out once makes no hung host of one whose agent is down", () => {
    const stage = createHearingStage();
    stage.link("a");
    stage.add("x");
    stage.probeRule = (request) => (request.kind === "icmp" ? "alive" : ssh);
    stage.playAgent("x");
    stage.pass(hour);
    stage.stopAgent("x");
    stage.pass(6 * minute);
    let asked = 0;
    stage.probeRule = (request) => {
      if (request.kind === "icmp") asked += 1;
      return request.kind === "icmp" ? "alive" : asked % 2 === 1 ? accepts : ssh;
    };
    stage.pass(20 * minute);
    expect(asked).toBeGreaterThan(5);
    expect(stage.told()).toEqual(["down Server x agent_down"]);
    expect(stage.incident("x").timeline.map((line) => line.what.type)).not.toContain("kind_changed");
  });

  test("[E4] two rounds that each say milder are recorded", () => {
    const stage = hung();
    stage.probeRule = (request) => (request.kind === "icmp" ? "alive" : ssh);
    stage.pass(5 * minute);
    expect(stage.incident("x").kind).toBe("agent_down");
    expect(stage.told()).toEqual(["down Server x host_hung"]);
  });
});

describe("what a ping-only server never answered", () => {
  function firewalled(port: "never" | "usually"): Stage {
    const stage = createHearingStage();
    stage.link("a");
    stage.add("p", { mode: "ping", probePorts: [9_100] });
    stage.probeRule = (request) => (request.kind === "icmp" || port === "usually" ? "alive" : "dead");
    stage.pass(20 * minute);
    expect(stage.status("p")).toBe("up");
    return stage;
  }

  test("[E3] [D12] says nothing while ICMP cannot be asked: our ping is missing, the printer is not down", () => {
    const stage = firewalled("never");
    stage.probeRule = (request) => (request.kind === "icmp" ? "none" : "dead");
    stage.pass(30 * minute);
    expect(stage.told()).toEqual([]);
    stage.probeRule = () => "dead";
    stage.pass(5 * minute);
    expect(stage.told()).toEqual(["down Server p host_down"]);
  });

  test("[E3] [D12] a port that used to answer tells all the same", () => {
    const stage = firewalled("usually");
    stage.probeRule = (request) => (request.kind === "icmp" ? "none" : "dead");
    stage.pass(5 * minute);
    expect(stage.told()).toEqual(["down Server p host_down"]);
  });
});

describe("a check", () => {
  const check = {
    type: "http",
    url: "http://10.0.0.1/health",
    expectedStatus: 200,
    expectedText: null,
  } as const;

  function checkedServer(changes: Partial<Server>): Stage {
    const stage = createHearingStage();
    stage.link("a");
    stage.add("p", { mode: "ping", check, ...changes });
    stage.pass(10 * minute);
    expect(stage.status("p")).toBe("up");
    return stage;
  }

  test("[E6] a ping-only server is heard only when its check does what is expected: agent_down, service", () => {
    const stage = checkedServer({});
    stage.probeRule = (request) =>
      request.kind === "http" ? { verdict: "alive", asExpected: false, detail: "status_503" } : "alive";
    stage.pass(5 * minute);
    expect(stage.told()).toEqual(["down Server p agent_down/service"]);
    // A device without an agent has no agent that could have stopped.
    expect(stage.incident("p")).toMatchObject({ confidence: "high", cause: "unknown" });
    stage.probeRule = () => "alive";
    stage.pass(2 * minute);
    expect(stage.told()).toEqual([
      "down Server p agent_down/service",
      "recovered Server p agent_down/service",
    ]);
  });

  test("[E6] [E1] a host that answers nothing at all is down, with a check too", () => {
    const stage = checkedServer({});
    stage.probeRule = () => "dead";
    stage.pass(5 * minute);
    expect(stage.incident("p").kind).toBe("host_down");
  });

  test("[E6] a TCP check wants an open port: refused is no answer of the service", () => {
    const stage = checkedServer({ check: { type: "tcp", port: 5432 } });
    stage.probeRule = (request) =>
      request.kind === "tcp" ? { verdict: "alive", detail: "refused" } : "alive";
    stage.pass(5 * minute);
    expect(stage.told()).toEqual(["down Server p agent_down/service"]);
  });

  test("[E6] [D12] a check that could not be made says nothing, though the host answers", () => {
    const stage = checkedServer({});
    stage.probeRule = (request) => (request.kind === "http" ? "none" : "alive");
    stage.pass(30 * minute);
    expect(stage.told()).toEqual([]);
  });

  test("[E6] the request names the address asked, the port of the URL and what is expected", () => {
    const stage = createHearingStage();
    const urls = [
      ["http://a.example/x", 80],
      ["https://a.example/x", 443],
      ["https://a.example:8443/x", 8443],
      ["http://[2001:db8::1]:81/x", 81],
    ] as const;
    for (const [index, [url]] of urls.entries())
      stage.add(`p${index}`, { mode: "ping", address: "10.0.0.9", check: { ...check, url } });
    stage.pass(2 * minute);
    for (const [index, [url, port]] of urls.entries()) {
      const order = stage.effects.find(
        (effect) => effect.type === "start_probe" && effect.serverId === `p${index}`,
      ) as Extract<Effect, { type: "start_probe" }>;
      expect(order.requests.find((request) => request.kind === "http")).toEqual({
        kind: "http",
        host: "10.0.0.9",
        port,
        url,
        expectedStatus: 200,
        expectedText: null,
      });
    }
  });
});

/** A silent server, witnesses of three other sites and two neighbours of its own. */
function witnessed(): Stage {
  const stage = createHearingStage();
  stage.link("a");
  stage.addSite("s", { gatewayAddress: "10.0.0.254" });
  for (const id of ["x", "n1", "n2", "n3"]) {
    stage.add(id, { siteId: "s" });
    stage.playAgent(id, { features: id === "x" ? [] : ["witness"] });
  }
  for (const site of ["p", "q", "r", "t"])
    for (const index of [1, 2]) {
      stage.add(`${site}${index}`, { siteId: site });
      stage.playAgent(`${site}${index}`, { features: ["witness", "journal"] });
    }
  stage.pass(20 * minute);
  return stage;
}

function asks(stage: Stage, from = 0): Extract<Effect, { type: "ask_witness" }>[] {
  return stage.effects.slice(from).filter((effect) => effect.type === "ask_witness");
}

describe("asking witnesses", () => {
  test("[W1] three of different other sites and two of its own, in each round of a suspect server", () => {
    const stage = witnessed();
    const from = stage.effects.length;
    stage.stopAgent("x");
    stage.pass(3 * minute);
    const byRound = new Map<string, string[]>();
    for (const ask of asks(stage, from))
      byRound.set(ask.roundId, [...(byRound.get(ask.roundId) ?? []), ask.serverId]);
    expect(byRound.size).toBe(3);
    for (const ids of byRound.values()) {
      const sites = ids.map((id) => stage.state.tables.server.get(id)?.siteId);
      const own = sites.filter((siteId) => siteId === "s");
      const others = sites.filter((siteId) => siteId !== "s");
      expect([own.length, others.length, new Set(others).size]).toEqual([2, 3, 3]);
      expect(ids).not.toContain("x");
    }
  });

  test("[W1] and while it is down by itself, each time it is probed", () => {
    const stage = witnessed();
    stage.stopAgent("x");
    stage.pass(4 * minute);
    expect(stage.status("x")).toBe("down");
    const from = stage.effects.length;
    stage.pass(5 * minute);
    expect(new Set(asks(stage, from).map((ask) => ask.roundId)).size).toBeGreaterThanOrEqual(4);
  });

  test("[W1] only who is up, was heard within 2 η, is connected and can do it", () => {
    const stage = witnessed();
    const from = stage.effects.length;
    // p, r2, t2, n2: no such feature any more; q: paused; r1: silent; t1: its socket is gone; n1: away. n3 is left.
    for (const id of ["p1", "p2", "r2", "t2", "n2"]) stage.playAgent(id, { features: ["journal"] });
    for (const serverId of ["q1", "q2"]) stage.push({ type: "server_paused", serverId, by: "staff" });
    stage.goodbye("n1", "shutdown");
    for (const id of ["x", "r1"]) stage.stopAgent(id);
    stage.pass(35 * second);
    stage.stopAgent("t1", "cut");
    stage.pass(28 * second);
    const asked = new Set(asks(stage, from).map((ask) => ask.serverId));
    expect([...asked]).toEqual(["n3"]);
  });

  test("[W1] the collector's own machine sees what the collector sees: it is not asked", () => {
    const stage = createHearingStage();
    for (const id of ["x", "own"]) stage.add(id);
    stage.state.tables.server.get("own");
    stage.add("other", { siteId: "s9" });
    stage.playAgent("x");
    stage.playAgent("own", { features: ["witness"], peerAddress: "127.0.0.1", bootId: "host-boot-1" });
    stage.playAgent("other", { features: ["witness"], peerAddress: "127.0.0.1", bootId: "host-boot-1" });
    stage.pass(5 * minute);
    stage.stopAgent("x");
    stage.pass(4 * minute);
    expect(asks(stage)).toEqual([]);
  });

  test("[W1] [V1] nobody is asked while a mass flag is up: the answer is the same for all", () => {
    const stage = witnessed();
    for (const id of ["p1", "p2", "q1", "q2", "r1", "r2"]) stage.stopAgent(id);
    while (!stage.state.tables.mass.has("")) stage.pass(second);
    const from = stage.effects.length;
    stage.pass(minute);
    expect(asks(stage, from)).toEqual([]);
  });

  test("[W2] only about addresses of servers and gateways that are kept here, and never a whole URL", () => {
    const stage = witnessed();
    stage.add("web", {
      mode: "ping",
      siteId: "s",
      address: "10.0.0.77",
      probePorts: [443],
      check: { type: "http", url: "http://10.0.0.77/", expectedStatus: null, expectedText: null },
    });
    stage.pass(5 * minute);
    const from = stage.effects.length;
    stage.probeRule = (_request, id) => (id === "web" || id === "x" ? "dead" : "alive");
    stage.stopAgent("x");
    stage.pass(10 * minute);
    const asked = asks(stage, from);
    expect(asked.length).toBeGreaterThan(0);
    for (const ask of asked) {
      expect(ask.requests.length).toBeLessThanOrEqual(16);
      for (const request of ask.requests) {
        expect(["10.0.0.1", "10.0.0.77", "10.0.0.254"]).toContain(request.host);
        expect(request.kind).not.toBe("http");
      }
    }
  });

  test("[W2] a server with the most ports is asked about in one message of at most 16 requests", () => {
    const stage = witnessed();
    const server = stage.state.tables.server.get("x")!;
    // As many as staff may name (web/rules.ts).
    const probePorts = Array.from({ length: 8 }, (_, index) => 1_000 + index);
    stage.push({ type: "server_saved", server: { ...server, probePorts } });
    const from = stage.effects.length;
    stage.stopAgent("x");
    stage.pass(4 * minute);
    expect(asks(stage, from).length).toBeGreaterThan(0);
    for (const ask of asks(stage, from)) expect(ask.requests.length).toBeLessThanOrEqual(16);
  });
});

describe("believing witnesses", () => {
  /** x is silent and its newest round is open or just answered. */
  function suspected(): {
    readonly stage: Stage;
    readonly roundId: string;
    readonly asked: readonly string[];
  } {
    const stage = witnessed();
    stage.probeRule = (_request, id) => (id === "x" ? "dead" : "alive");
    stage.stopAgent("x");
    stage.pass(62 * second);
    const newest = stage.state.tables.silence.get("x")?.rounds.at(-1)?.roundId;
    if (newest === undefined) throw new Error("no round yet");
    return { stage, roundId: newest, asked: stage.state.tables.silence.get("x")?.witnessIds ?? [] };
  }

  function answer(
    stage: Stage,
    serverId: string,
    roundId: string,
    verdict: "alive" | "dead" = "alive",
  ): unknown {
    const sessionId = stage.state.tables.heard.get(serverId)?.sessionId ?? "none";
    const results = [icmp(verdict)];
    return stage.push({ type: "witness_answered", serverId, sessionId, roundId, results }).reply;
  }

  function reports(stage: Stage): string[] {
    const silence = stage.state.tables.silence.get("x");
    return [...(silence?.witnesses ?? []), ...(silence?.rounds ?? []).flatMap((one) => one.witnesses)].map(
      (one) => `${one.serverId} ${verdictOf(one)}`,
    );
  }

  test("[W3] a report of somebody who was not asked, of an older round or of an older session is dropped", () => {
    const { stage, roundId, asked } = suspected();
    const stranger = ["p1", "p2", "q1", "q2", "r1", "r2", "t1", "t2", "n1", "n2", "n3"].find(
      (id) => !asked.includes(id),
    )!;
    answer(stage, stranger, roundId);
    answer(stage, asked[0]!, "x.1");
    answer(stage, asked[0]!, "nobody.1");
    stage.push({
      type: "witness_answered",
      serverId: asked[0]!,
      sessionId: "an-older-one",
      roundId,
      results: [icmp("alive")],
    });
    expect(reports(stage)).toEqual([]);
    answer(stage, asked[0]!, roundId);
    expect(reports(stage)).toEqual([`${asked[0]} alive`]);
  });

  test("[W3] the first report of each counts: saying it twice, or otherwise, changes nothing", () => {
    const { stage, roundId, asked } = suspected();
    answer(stage, asked[0]!, roundId, "dead");
    answer(stage, asked[0]!, roundId, "alive");
    expect(reports(stage)).toEqual([`${asked[0]} dead`]);
  });

  test("[W3] a report that comes after the next round began is late", () => {
    const { stage, roundId, asked } = suspected();
    stage.pass(62 * second);
    answer(stage, asked[0]!, roundId);
    expect(reports(stage).filter((line) => line.startsWith(`${asked[0]} `))).toEqual([]);
  });

  test("[W3] reports of an outage that is over are dropped", () => {
    const { stage, roundId, asked } = suspected();
    stage.playAgent("x");
    answer(stage, asked[0]!, roundId);
    expect(stage.state.tables.silence.get("x")).toBeUndefined();
  });

  test("[W3] a restart forgets who was asked: what comes then is dropped", () => {
    const { stage, roundId, asked } = suspected();
    stage.restart({ lost: "nothing" });
    stage.pass(10 * second);
    answer(stage, asked[0]!, roundId);
    expect(reports(stage)).toEqual([]);
  });
});

describe("what witnesses change", () => {
  const dead = [icmp("dead"), timedOut];
  const elsewhere = (...verdicts: ("alive" | "dead" | "none")[]): WitnessReport[] =>
    verdicts.map((verdict, index) => report(`w${index}`, false, icmp(verdict)));

  test.each([
    [["alive"], "host_down medium"],
    [["alive", "alive"], "path_down medium"],
    [["alive", "alive", "dead"], "path_down medium"],
    [["alive", "alive", "dead", "dead"], "host_down high"],
    [["dead"], "host_down medium"],
    [["dead", "dead"], "host_down high"],
    [["none", "none", "none"], "host_down medium"],
    [["alive", "dead", "none"], "host_down medium"],
  ] as const)("[W4] [S12] dead from here, %j elsewhere: %s", (verdicts, expected) => {
    expect(judged([round(dead, elsewhere(...verdicts))])).toBe(expected);
  });

  test("[W4] [E3] nothing known from here, alive elsewhere: not the path when a neighbour is heard, else the path, unsure", () => {
    // Simulated (seed 120539): while our pings told nothing a stopped agent was told as a broken path.
    const blind = [icmp("none")];
    const two = elsewhere("alive", "alive");
    const [kind, heard] = ["path_down low", { neighbourHeard: true }] as const;
    expect(judged([round(blind, two)])).toBe(kind);
    expect(judged([round(blind, two)], heard)).toBe("agent_down low");
    expect(judged([round(blind, elsewhere("alive"))], heard)).toBe("host_down low");
    expect(judged([round(dead, two)], heard)).toBe("path_down medium");
  });

  test("[W4] [S12] no single report, whatever it says, changes what three others agree on", () => {
    for (const honest of ["alive", "dead"] as const)
      for (const lie of ["alive", "dead", "none"] as const) {
        const truth = judged([round(dead, elsewhere(honest, honest, honest))]);
        expect([honest, lie, judged([round(dead, elsewhere(honest, honest, lie))])]).toEqual([
          honest,
          lie,
          truth,
        ]);
      }
  });

  test("[W4] two neighbours reach it: alive, by what they saw, a step less sure", () => {
    const two = (...results: ProbeResult[]): WitnessReport[] => [
      report("n1", true, ...results),
      report("n2", true, ...results),
    ];
    expect(judged([round(dead, two(icmp("alive"), banner(ssh)))])).toBe("agent_down medium");
    expect(judged([round(dead, two(icmp("alive"), banner(accepts)))])).toBe("host_hung low");
    expect(judged([round(dead, two(icmp("alive")))])).toBe("agent_down low");
    expect(judged([round(dead, two(icmp("alive")).slice(1))])).toBe("host_down medium");
  });

  test("[W4] the gateway that a witness reaches is not the host", () => {
    const reports = [1, 2].map((index) =>
      report(
        `w${index}`,
        false,
        icmp("dead"),
        resultOf({ kind: "icmp", host: "10.0.0.254", port: null }, "alive"),
      ),
    );
    expect(testimonyOf(reports, "10.0.0.254")).toEqual({
      aliveElsewhere: 0,
      deadElsewhere: 2,
      aliveSameSite: 0,
    });
    expect(gatewayReached(reports, "10.0.0.254")).toBe(2);
    expect(gatewayReached(reports, null)).toBe(0);
    expect(judged([round(dead, reports)], { gatewayAddress: "10.0.0.254" })).toBe("host_down high");
  });

  test("[W4] a router that is a server and its site's gateway: witnesses that reach it say its path is cut", () => {
    const stage = createHearingStage();
    stage.link("a");
    stage.addSite("s", { gatewayAddress: "10.0.0.254" });
    stage.add("router", { siteId: "s", mode: "ping", address: "10.0.0.254", probePorts: [] });
    stage.add("n", { siteId: "s" });
    stage.playAgent("n");
    for (const id of ["w1", "w2", "w3"]) {
      stage.add(id, { siteId: `of-${id}` });
      stage.playAgent(id, { features: ["witness"] });
    }
    stage.pass(20 * minute);
    stage.probeRule = (_request, id) => (id === "router" ? "dead" : "alive");
    stage.witnessRule = () => "alive";
    stage.pass(6 * minute);
    expect(stage.told()).toEqual(["down Server router path_down"]);
  });

  test("[W4] what witnesses saw of the gateway is no evidence about each server", () => {
    const stage = witnessed();
    stage.probeRule = (_request, id) => (id === "x" ? "dead" : "alive");
    stage.witnessRule = (_id, request) => (request.host === "10.0.0.254" ? "alive" : "dead");
    stage.stopAgent("x");
    stage.pass(4 * minute);
    const targets = stage
      .incident("x")
      .evidence.flatMap((item) =>
        item.type === "probe" && item.from !== "collector" ? [item.result.target] : [],
      );
    expect(targets.length).toBeGreaterThan(0);
    expect(targets).not.toContain("10.0.0.254");
  });

  test("[E4] [W4] found out while down: the path, not the host; told once more only when worse", () => {
    const stage = witnessed();
    stage.probeRule = (_request, id) => (id === "x" ? "dead" : "alive");
    stage.witnessRule = (_id, request) => (request.host === "10.0.0.1" ? "dead" : null);
    stage.stopAgent("x");
    stage.pass(5 * minute);
    expect(stage.incident("x").kind).toBe("host_down");
    stage.witnessRule = () => "alive";
    stage.pass(10 * minute);
    expect(stage.incident("x").kind).not.toBe("host_down");
    expect(stage.told()).toEqual(["down Server x host_down"]);
  });

  test("[E4] [H13] a collector that is cut off makes no other kind of an outage that was there before", () => {
    // Simulated (seed 100945): a stopped agent became a dead host because the collector's own line was cut.
    const stage = witnessed();
    stage.sentinels = [
      { target: "192.0.2.1:443", near: false },
      { target: "198.51.100.1:443", near: false },
    ];
    stage.pass(10 * minute);
    stage.stopAgent("x");
    stage.pass(6 * minute);
    expect(stage.told()).toEqual(["down Server x agent_down"]);
    stage.sentinelRule = () => "dead";
    stage.probeRule = () => "dead";
    stage.witnessRule = () => null;
    for (const { id } of stage.state.tables.server.values()) stage.stopAgent(id);
    stage.pass(30 * minute);
    expect(stage.hearingState).toBe("isolated");
    expect(stage.incident("x").kind).toBe("agent_down");
    expect(stage.told().filter((line) => line.includes("Server x"))).toEqual(["down Server x agent_down"]);
  });

  test("[E4] [W4] no word from witnesses does not end a path that two of them told", () => {
    const stage = witnessed();
    stage.probeRule = (_request, id) => (id === "x" ? "dead" : "alive");
    stage.witnessRule = () => "alive";
    for (const id of ["n1", "n2", "n3"]) stage.playAgent(id, { features: [] });
    stage.stopAgent("x");
    stage.pass(5 * minute);
    expect(stage.told()).toEqual(["down Server x path_down"]);
    stage.witnessRule = () => null;
    stage.pass(20 * minute);
    expect(stage.told()).toEqual(["down Server x path_down"]);
    stage.witnessRule = () => "dead";
    stage.pass(10 * minute);
    expect(stage.told()).toEqual(["down Server x path_down", "worse Server x host_down"]);
  });

  test("[E7] a gateway is asked with the rounds of its site's servers, and at most once an interval", () => {
    const stage = witnessed();
    stage.add("y", { siteId: "s" });
    stage.playAgent("y");
    stage.pass(5 * minute);
    const from = stage.effects.length;
    stage.stopAgent("x");
    stage.stopAgent("y");
    stage.pass(4 * minute);
    const asked = stage.effects.slice(from).filter((effect) => effect.type === "start_gateway_probe");
    expect(asked.length).toBeGreaterThanOrEqual(3);
    const starts = asked.map((effect) => Number(effect.roundId.split(".").at(-1)));
    for (const [index, atMs] of starts.slice(1).entries())
      expect(atMs - (starts[index] ?? 0)).toBeGreaterThanOrEqual(stage.times.intervalMs);
  });

  test("[E7] the rounds of a fine ping-only server do not ask its router each time; its first failure does", () => {
    const stage = createHearingStage();
    stage.link("a");
    stage.addSite("s", { gatewayAddress: "10.0.0.254" });
    stage.add("p", { siteId: "s", mode: "ping" });
    stage.pass(hour);
    const asks = (of: "start_probe" | "start_gateway_probe", from: number): number =>
      stage.effects.slice(from).filter((effect) => effect.type === of).length;
    const calm = stage.effects.length;
    stage.pass(3 * hour);
    expect(asks("start_probe", calm)).toBeGreaterThan(150);
    expect(asks("start_gateway_probe", calm)).toBeLessThanOrEqual(4);
    const failing = stage.effects.length;
    stage.probeRule = () => "dead";
    stage.pass(3 * minute);
    expect(asks("start_gateway_probe", failing)).toBeGreaterThanOrEqual(2);
  });

  test("[E7] another address is another gateway: what the old one used to answer does not count", () => {
    const stage = createHearingStage();
    stage.link("a");
    stage.addSite("s", { gatewayAddress: "10.0.0.254" });
    stage.add("x", { siteId: "s" });
    stage.add("w", { siteId: "t" });
    for (const id of ["x", "w"]) stage.playAgent(id);
    stage.pass(hour);
    expect(stage.state.tables.gateway.get("s")).toMatchObject({ address: "10.0.0.254" });
    stage.addSite("s", { gatewayAddress: "10.0.0.253" });
    stage.gatewayRule = () => "dead";
    stage.probeRule = (_request, id) => (id === "x" ? "dead" : "alive");
    stage.stopAgent("x");
    stage.pass(4 * minute);
    expect(stage.state.tables.gateway.get("s")).toMatchObject({ address: "10.0.0.253", answered: 0 });
    // A gateway that never answered says nothing: one server alone is told by itself.
    expect(stage.told()).toEqual(["down Server x host_down"]);
  });
});
