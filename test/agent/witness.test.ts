/**
 * Probes on request: what is answered, what is refused, what is dropped. Real sockets on loopback, which a real witness
 * never asks: here it is told that it may.
 */
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { createPing, type Ping } from "../../agent/ping.ts";
import {
  broadcastOf,
  mayBeAsked,
  noLoad,
  ownAddresses,
  witnessLimits,
  withRound,
  withoutRound,
  type WitnessLoad,
} from "../../agent/witness-limits.ts";
import { createWitness, type Witness } from "../../agent/witness.ts";
import { agentMessage, encode, parse, type Probe, type WitnessRequest } from "../../shared/wire.ts";

const noPing: Ping = { ability: () => Promise.resolve({ type: "no_program" }) };
const servers: Server[] = [];
const sockets: Socket[] = [];
const witnesses: Witness[] = [];
afterEach(async () => {
  for (const one of witnesses.splice(0)) one.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) {
    server.close();
    await once(server, "close");
  }
});

/** `speaks`: what it says to each connection; empty: nothing. */
async function listening(speaks = ""): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    if (speaks !== "") socket.write(speaks);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const port = await listening();
  const server = servers.pop();
  server?.close();
  if (server !== undefined) await once(server, "close");
  return port;
}

interface Options {
  readonly ping?: Ping;
  readonly now?: () => number;
  readonly allows?: (address: string) => boolean;
}

function witness(options: Options = {}, dropped: number[] = []): Witness {
  const one = createWitness({
    now: () => performance.now(),
    ping: noPing,
    allows: () => true,
    onDropped: (rounds) => dropped.push(rounds),
    ...options,
  });
  witnesses.push(one);
  return one;
}

const probe = (requests: readonly WitnessRequest[], timeLimitMs = 5_000, roundId = "round"): Probe => ({
  type: "probe",
  roundId,
  requests: [...requests],
  timeLimitMs,
});

describe("what is answered", () => {
  test("[P35] one result for each request, named as it was asked, and it fits the wire", async () => {
    const speaking = await listening("SSH-2.0-Test\r\n");
    const refusing = await freePort();
    const answer = await witness().ask(
      probe([
        { kind: "icmp", host: "127.0.0.1" },
        { kind: "tcp", host: "127.0.0.1", port: speaking },
        { kind: "banner", host: "127.0.0.1", port: speaking },
        { kind: "banner", host: "127.0.0.1", port: refusing },
        { kind: "tcp", host: "localhost", port: refusing },
        { kind: "tcp", host: "no host at all", port: 22 },
      ]),
    );
    expect(answer?.roundId).toBe("round");
    expect(
      answer?.results.map(({ kind, target, verdict, detail }) => [kind, target, verdict, detail]),
    ).toEqual([
      ["icmp", "127.0.0.1", "none", "no_program"],
      ["tcp", `127.0.0.1:${speaking}`, "alive", "connected"],
      ["banner", `127.0.0.1:${speaking}`, "alive", "connected"],
      ["banner", `127.0.0.1:${refusing}`, "alive", "refused"],
      ["tcp", `localhost:${refusing}`, "alive", "refused"],
      ["tcp", "no host at all:22", "none", "bad_address"],
    ]);
    expect(answer?.results[2]?.banner).toBe("SSH-2.0-Test");
    expect(answer?.results[2]?.roundTripMs).toBeGreaterThanOrEqual(0);
    expect(parse(agentMessage, encode(answer ?? { type: "probed", roundId: "r", results: [] })).ok).toBe(
      true,
    );
  });

  test("an echo request goes out by this machine's own program, where there is one", async () => {
    const ping = createPing(() => performance.now());
    const ability = await ping.ability(AbortSignal.timeout(10_000));
    const answer = await witness({ ping }).ask(probe([{ kind: "icmp", host: "127.0.0.1" }]));
    const result = answer?.results[0];
    if (ability?.type === "ok") expect(result).toMatchObject({ verdict: "alive", detail: "reply" });
    else expect(result).toMatchObject({ verdict: "none", detail: ability?.type });
  });

  test("[P35] a round is answered within its time, also when somebody accepts and never speaks", async () => {
    const silent = await listening();
    const beganMs = performance.now();
    const answer = await witness().ask(probe([{ kind: "banner", host: "127.0.0.1", port: silent }], 600));
    expect(performance.now() - beganMs).toBeLessThan(600);
    expect(answer?.results).toMatchObject([{ verdict: "alive", detail: "connected" }]);
    expect(answer?.results[0]).not.toHaveProperty("banner");
  });

  test("a time limit that is too short to ask at all is no evidence", async () => {
    const port = await listening();
    const answer = await witness().ask(
      probe(
        [
          { kind: "tcp", host: "127.0.0.1", port },
          { kind: "banner", host: "127.0.0.1", port },
        ],
        100,
      ),
    );
    expect(answer?.results.map(({ verdict, detail }) => [verdict, detail])).toEqual([
      ["none", "not_asked"],
      ["none", "not_asked"],
    ]);
  });

  test("a witness that is closed answers nothing, and what was under way ends", async () => {
    const silent = await listening();
    const one = witness();
    const asked = one.ask(probe([{ kind: "banner", host: "127.0.0.1", port: silent }], 60_000));
    one.close();
    expect(await asked).toBeNull();
    expect(await one.ask(probe([{ kind: "tcp", host: "127.0.0.1", port: silent }]))).toBeNull();
  });
});

describe("what is refused", () => {
  const never = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "169.254.1.1",
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "240.0.0.1",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.1.1",
    "64:ff9b::7f00:1",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "localhost",
  ];
  test.each(never)("[P36] %s is never asked: none, not_allowed", async (host) => {
    const one = createWitness({ now: () => performance.now(), ping: noPing, onDropped: () => undefined });
    witnesses.push(one);
    const answer = await one.ask(
      probe([
        { kind: "icmp", host },
        { kind: "tcp", host, port: 22 },
        { kind: "banner", host, port: 22 },
      ]),
    );
    expect(answer?.results.map(({ verdict, detail }) => [verdict, detail])).toEqual([
      ["none", "not_allowed"],
      ["none", "not_allowed"],
      ["none", "not_allowed"],
    ]);
  });

  test("[P36] nothing is sent to what is refused", async () => {
    const port = await listening("SSH-2.0-Test\r\n");
    let connections = 0;
    servers[0]?.on("connection", () => (connections += 1));
    const one = createWitness({ now: () => performance.now(), ping: noPing, onDropped: () => undefined });
    witnesses.push(one);
    await one.ask(probe([{ kind: "banner", host: "127.0.0.1", port }]));
    expect(connections).toBe(0);
  });

  test("addresses of this machine itself, and the broadcast of its networks, are refused; others are not", () => {
    const own = [
      { address: "10.0.4.2", broadcast: "10.0.4.255" },
      { address: "fd00::2", broadcast: null },
    ];
    expect(mayBeAsked("10.0.4.2", own)).toBe(false);
    expect(mayBeAsked("10.0.4.255", own)).toBe(false);
    expect(mayBeAsked("fd00::2", own)).toBe(false);
    for (const other of ["10.0.4.1", "10.0.5.255", "8.8.8.8", "fd00::3", "2001:db8::1"])
      expect(mayBeAsked(other, own)).toBe(true);
    for (const { address } of ownAddresses()) expect(mayBeAsked(address, ownAddresses())).toBe(false);
  });

  test.each([
    ["10.0.4.2/24", "10.0.4.255"],
    ["10.0.4.2/30", "10.0.4.3"],
    ["172.16.5.4/12", "172.31.255.255"],
    ["200.1.2.3/31", null],
    ["200.1.2.3/32", null],
    ["fd00::2/64", null],
    [null, null],
  ])("the broadcast address of %s is %s", (cidr, expected) => {
    expect(broadcastOf(cidr)).toBe(expected);
  });
});

describe("what is too much", () => {
  test("[P36] the fifth round at once is dropped without an answer, and told; when one has ended there is room", async () => {
    const silent = await listening();
    const dropped: number[] = [];
    const one = witness({}, dropped);
    const request: WitnessRequest = { kind: "banner", host: "127.0.0.1", port: silent };
    const rounds = Array.from({ length: 6 }, (_, index) => one.ask(probe([request], 500, `round_${index}`)));
    const answers = await Promise.all(rounds);
    expect(answers.map((answer) => answer?.roundId ?? null)).toEqual([
      "round_0",
      "round_1",
      "round_2",
      "round_3",
      null,
      null,
    ]);
    expect(dropped).toEqual([1]);
    expect(await one.ask(probe([request], 500))).not.toBeNull();
  });

  test("[P36] the sixty-first request of a minute is dropped; a minute later there is room", async () => {
    let nowMs = 0;
    const dropped: number[] = [];
    const one = witness({ now: () => nowMs, allows: () => false }, dropped);
    const fifteen = Array.from({ length: 15 }, (): WitnessRequest => ({ kind: "icmp", host: "10.0.4.2" }));
    for (let round = 0; round < 4; round += 1) {
      expect((await one.ask(probe(fifteen)))?.results).toHaveLength(15);
      nowMs += 1_000;
    }
    expect(await one.ask(probe(fifteen.slice(0, 1)))).toBeNull();
    expect(await one.ask(probe(fifteen.slice(0, 1)))).toBeNull();
    nowMs = 60_000;
    expect(await one.ask(probe(fifteen.slice(0, 16)))).not.toBeNull();
    // Told at the first, then once a minute with all since.
    expect(dropped).toEqual([1]);
    nowMs = 63_999 + 60_000;
    const load = Array.from({ length: 5 }, () => one.ask(probe(fifteen)));
    await Promise.all(load);
    expect(dropped).toEqual([1, 2]);
  });

  test("[P36] whatever is asked, never more than 60 requests are admitted in any minute, nor 4 rounds at once", () => {
    const asks = fc.array(
      fc.record({
        afterMs: fc.oneof(fc.nat({ max: 500 }), fc.nat({ max: 40_000 })),
        requests: fc.integer({ min: 1, max: 16 }),
        ends: fc.boolean(),
      }),
      { maxLength: 100 },
    );
    fc.assert(
      fc.property(asks, (sequence) => {
        let load: WitnessLoad = noLoad;
        let nowMs = 0;
        const admitted: { readonly atMs: number; readonly requests: number }[] = [];
        for (const { afterMs, requests, ends } of sequence) {
          nowMs += afterMs;
          if (ends && load.rounds > 0) load = withoutRound(load);
          const next = withRound(load, nowMs, requests);
          if (next !== null) {
            load = next;
            admitted.push({ atMs: nowMs, requests });
          }
          expect(load.rounds).toBeLessThanOrEqual(witnessLimits.roundsMax);
          expect(load.admitted.length).toBeLessThanOrEqual(witnessLimits.requestsMax);
          const minute = admitted.filter(({ atMs }) => nowMs - atMs < witnessLimits.requestsWindowMs);
          const sum = minute.reduce((total, one) => total + one.requests, 0);
          expect(sum).toBeLessThanOrEqual(witnessLimits.requestsMax);
          // And what fits is not refused.
          if (next === null && load.rounds < witnessLimits.roundsMax)
            expect(sum + requests).toBeGreaterThan(witnessLimits.requestsMax);
        }
      }),
    );
  });
});

describe("the ping program", () => {
  test("is searched once, and again only ten minutes after a search that found none", async () => {
    let nowMs = 0;
    const ping = createPing(() => nowMs, ["no-such-ping-program"]);
    const { signal } = new AbortController();
    const [one, other] = await Promise.all([ping.ability(signal), ping.ability(signal)]);
    expect(one).toEqual({ type: "no_program" });
    expect(other).toBe(one);
    nowMs = 599_999;
    expect(await ping.ability(signal)).toBe(one);
    nowMs = 600_000;
    const again = await ping.ability(signal);
    expect(again).toEqual(one);
    expect(again).not.toBe(one);
  });

  test("who does not want to wait gets null, and the search goes on for the others", async () => {
    const ping = createPing(() => 0, ["no-such-ping-program"]);
    const patient = ping.ability(new AbortController().signal);
    expect(await ping.ability(AbortSignal.abort())).toBeNull();
    expect(await patient).toEqual({ type: "no_program" });
  });
});
