/**
 * Sentinels on loopback: whom they are, what their answers mean, and that a round is bounded. The usual ones, real
 * gateways and a cut line are asked in house.test.ts.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ProbeRequest, ProbeResult } from "../../collector/core/types/evidence.ts";
import { createProber, type Prober } from "../../collector/probe/prober.ts";
import { createSentinels, type Sentinels, type SentinelsOptions } from "../../collector/probe/sentinels.ts";
import { join } from "node:path";
import { createNamespace, namespaceObstacle, type Namespace } from "./namespace.ts";
import { createProgramFolder, type ProgramFolder } from "./programs.ts";
import { speaker, type Speaker } from "./speakers.ts";

const obstacle = await namespaceObstacle();
const now = (): number => performance.now();
/** The prober as it is, and what it was asked. */
let asked: ProbeRequest[];
let prober: Prober;
let sentinels: Sentinels;
let folder: ProgramFolder;
let namespace: Namespace | null = null;
let answering: Speaker;
let refusing: number;

const create = (options: Partial<SentinelsOptions>): Sentinels => {
  sentinels = createSentinels({
    list: [],
    telegramApiRoot: "https://api.telegram.org",
    now,
    findGateways: () => Promise.resolve([]),
    prober: {
      run: (requests, limitMs, signal): Promise<ProbeResult[]> => {
        asked.push(...requests);
        return prober.run(requests, limitMs, signal);
      },
    },
    ...options,
  });
  return sentinels;
};
/** Answers at once and opens nothing. */
const nobody: Pick<Prober, "run"> = {
  run: (requests) => {
    asked.push(...requests);
    return Promise.resolve([]);
  },
};

beforeAll(async () => {
  folder = await createProgramFolder();
  // A ping that nobody answers.
  await folder.script(
    "ping",
    'for address in "$@"; do :; done',
    'if [ "$address" = 127.0.0.1 ]; then echo "64 bytes from 127.0.0.1: seq=0 ttl=64 time=1 ms"; exit; fi',
    "/bin/sleep 0.1",
    'echo "3 packets transmitted, 0 received"',
  );
  answering = await speaker((socket) => socket.end());
  const gone = await speaker(() => undefined);
  refusing = gone.port;
  await gone.close();
  if (obstacle === null) namespace = await createNamespace();
});
afterEach(async () => {
  await sentinels.close();
  await prober.close();
});
afterAll(async () => {
  await answering.close();
  await folder.close();
  await namespace?.close();
});
const begin = (options: Partial<SentinelsOptions>): Sentinels => {
  asked = [];
  prober = createProber({ now, programs: [join(folder.path, "ping")], controlAddresses: [] });
  return create(options);
};

describe("who is asked", () => {
  const targets = (): readonly string[] =>
    asked.map((request) => `${request.host} ${request.port ?? "icmp"}`);

  it("usually: two public addresses and the Telegram API", async () => {
    await begin({ list: "usual", prober: nobody }).ask(5_000);
    expect(targets()).toEqual(["1.1.1.1 443", "8.8.8.8 443", "api.telegram.org 443"]);
  });

  it.each([
    ["http://10.0.0.5:8081/x", "10.0.0.5 8081"],
    ["http://bot.example", "bot.example 80"],
    ["https://[fd00::5]", "fd00::5 443"],
  ])("a Telegram API at %s: %s", async (telegramApiRoot, target) => {
    await begin({ list: "usual", telegramApiRoot, prober: nobody }).ask(5_000);
    expect(targets()).toContain(target);
  });

  it.each(["http://127.0.0.1:8081", "http://localhost:8081", "http://[::1]:8081"])(
    "a Telegram API on this very machine (%s) proves no network and is not asked",
    async (telegramApiRoot) => {
      await begin({ list: "usual", telegramApiRoot, prober: nobody }).ask(5_000);
      expect(targets()).toEqual(["1.1.1.1 443", "8.8.8.8 443"]);
    },
  );

  it("a list replaces those far away, each once; the gateway stays", async () => {
    const far = { host: "10.7.0.1", port: 53 };
    const findGateways = (): Promise<readonly string[]> => Promise.resolve(["127.0.0.9"]);
    await begin({ list: [far, far], findGateways, prober: nobody }).ask(100);
    expect(targets()).toEqual([
      "10.7.0.1 53",
      "127.0.0.9 icmp",
      "127.0.0.9 53",
      "127.0.0.9 80",
      "127.0.0.9 443",
    ]);
  });

  it("none: nobody, not even the gateway", async () => {
    const findGateways = (): Promise<readonly string[]> => Promise.resolve(["127.0.0.9"]);
    expect(await begin({ list: "none", findGateways, prober: nobody }).ask(5_000)).toEqual([]);
    expect(targets()).toEqual([]);
  });
});

describe("what a far one's answer means", () => {
  it("connected and refused are alive: somebody far away was reached", async () => {
    const list = [
      { host: "127.0.0.1", port: answering.port },
      { host: "127.0.0.1", port: refusing },
    ];
    expect(await begin({ list }).ask(5_000)).toEqual([
      { target: `127.0.0.1:${answering.port}`, near: false, verdict: "alive" },
      { target: `127.0.0.1:${refusing}`, near: false, verdict: "alive" },
    ]);
  });

  it.skipIf(obstacle !== null)("silence and unreachable are dead", async () => {
    const list = [
      { host: namespace?.silentAddress ?? "", port: 443 },
      { host: namespace?.unreachableAddress ?? "", port: 443 },
    ];
    const answers = await begin({ list }).ask(800);
    expect(answers.map((answer) => answer.verdict)).toEqual(["dead", "dead"]);
  });

  it("a name that is not found is dead: so a cut network looks from inside", async () => {
    asked = [];
    prober = createProber({
      now,
      lookup: () => Promise.reject(new Error("EAI_AGAIN")),
      controlAddresses: [],
    });
    expect(await create({ list: [{ host: "far.example", port: 443 }] }).ask(5_000)).toEqual([
      { target: "far.example:443", near: false, verdict: "dead" },
    ]);
  });

  it("what could not be asked says nothing", async () => {
    const list = [{ host: "0.0.0.0", port: 443 }];
    expect(await begin({ list }).ask(5_000)).toMatchObject([{ verdict: "none" }]);
  });

  it("one whose address is the gateway's is near", async () => {
    const findGateways = (): Promise<readonly string[]> => Promise.resolve(["127.0.0.1"]);
    const answers = await begin({ list: [{ host: "127.0.0.1", port: answering.port }], findGateways }).ask(
      5_000,
    );
    expect(answers.every((answer) => answer.near)).toBe(true);
  });
});

describe("a gateway", () => {
  const gateway = (address: string): Partial<SentinelsOptions> => ({
    findGateways: () => Promise.resolve([address]),
  });

  it("that answers ICMP is not bothered on its ports", async () => {
    expect(await begin(gateway("127.0.0.1")).ask(5_000)).toEqual([
      { target: "127.0.0.1", near: true, verdict: "alive" },
    ]);
    expect(asked.map((request) => request.kind)).toEqual(["icmp"]);
  });

  it("that keeps quiet on ICMP is alive by any answer of TCP, a refusal too", async () => {
    const startedMs = now();
    expect(await begin(gateway("127.0.0.9")).ask(20_000)).toEqual([
      { target: "127.0.0.9", near: true, verdict: "alive" },
    ]);
    expect(asked.map((request) => request.kind)).toEqual(["icmp", "tcp", "tcp", "tcp"]);
    expect(now() - startedMs).toBeLessThan(10_000);
  });

  it.skipIf(obstacle !== null)("that is silent on all is dead", async () => {
    expect(await begin(gateway(namespace?.silentAddress ?? "")).ask(1_600)).toMatchObject([
      { near: true, verdict: "dead" },
    ]);
  });

  it("is looked for once a minute; the last known one stays when the route is gone", async () => {
    let clockMs = 0;
    const found: (readonly string[])[] = [["127.0.0.1"], [], ["127.0.0.2"]];
    const asking = begin({
      now: () => clockMs,
      findGateways: () => Promise.resolve(found.shift() ?? []),
      prober: nobody,
    });
    const target = async (): Promise<string | undefined> => (await asking.ask(100))[0]?.target;
    expect(await target()).toBe("127.0.0.1");
    clockMs = 59_999;
    expect(await target()).toBe("127.0.0.1");
    clockMs = 60_000;
    expect(await target()).toBe("127.0.0.1");
    expect(found).toHaveLength(1);
    clockMs = 120_000;
    expect(await target()).toBe("127.0.0.2");
  });

  it("whose search hangs holds nobody up: the others are asked", async () => {
    const list = [{ host: "127.0.0.1", port: answering.port }];
    const startedMs = now();
    const answers = await begin({ list, findGateways: () => new Promise(() => undefined) }).ask(800);
    expect(answers).toMatchObject([{ verdict: "alive" }]);
    expect(now() - startedMs).toBeLessThan(5_000);
  });
});

describe("a round", () => {
  const silentList = (): readonly { readonly host: string; readonly port: number }[] =>
    Array.from({ length: 20 }, (_, index) => ({ host: namespace?.silentAddress ?? "", port: index + 1 }));

  it.skipIf(obstacle !== null)("is over at its time limit", async () => {
    const startedMs = now();
    const answers = await begin({ list: silentList() }).ask(600);
    expect(now() - startedMs).toBeLessThan(2_500);
    expect(new Set(answers.map((answer) => answer.verdict))).toEqual(new Set(["dead"]));
  });

  it.skipIf(obstacle !== null)("that is cancelled says nothing of anybody", async () => {
    const cancel = new AbortController();
    const round = begin({ list: silentList() }).ask(60_000, cancel.signal);
    await expect.poll(() => prober.load.sockets, { timeout: 10_000 }).toBe(20);
    cancel.abort();
    expect(new Set((await round).map((answer) => answer.verdict))).toEqual(new Set(["none"]));
  });

  it.skipIf(obstacle !== null)(
    "ends when all is closed, and leaves no socket; closing twice is closing once",
    async () => {
      const round = begin({ list: silentList() }).ask(60_000);
      await expect.poll(() => prober.load.sockets, { timeout: 10_000 }).toBe(20);
      await sentinels.close();
      expect((await round).every((answer) => answer.verdict === "none")).toBe(true);
      await expect.poll(() => prober.load.sockets, { timeout: 10_000 }).toBe(0);
      await sentinels.close();
      expect(await sentinels.ask(1_000)).toEqual([]);
    },
  );
});
