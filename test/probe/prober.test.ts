/**
 * The collector's prober: bounded, ordered, cancellable, with real sockets and programs.
 */
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ProbeRequest } from "../../collector/core/types/evidence.ts";
import { createNames } from "../../collector/probe/names.ts";
import {
  createProber,
  type ProbeEvent,
  type Prober,
  type ProberOptions,
} from "../../collector/probe/prober.ts";
import { createSlots } from "../../collector/probe/slots.ts";
import { createNamespace, namespaceObstacle, type Namespace } from "./namespace.ts";
import { speaker } from "./speakers.ts";
import { createProgramFolder, installed, type ProgramFolder } from "./programs.ts";

const obstacle = await namespaceObstacle();
const fping = await installed("fping");
const now = (): number => performance.now();
const tcp = (host: string, port: number): ProbeRequest => ({ kind: "tcp", host, port });
const icmp = (host: string): ProbeRequest => ({ kind: "icmp", host, port: null });

let folder: ProgramFolder;
let server: Server;
let port: number;
let namespace: Namespace | null = null;
let prober: Prober | null = null;
const create = (options: Partial<ProberOptions> = {}): Prober => {
  // No negative controls: they would be asked outside (house.test.ts has a world for them).
  prober = createProber({ now, controlAddresses: [], ...options });
  return prober;
};

beforeAll(async () => {
  folder = await createProgramFolder();
  // Speaks like a ping program whose host answers after a while.
  await folder.script(
    "ping",
    'for address in "$@"; do :; done',
    "/bin/sleep 0.02",
    'echo "64 bytes from $address: seq=0 ttl=64 time=20.0 ms"',
  );
  server = createServer((socket) => socket.on("error", () => undefined).resume());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
  if (obstacle === null) namespace = await createNamespace();
});
afterEach(() => prober?.close());
afterAll(async () => {
  server.close();
  await folder.close();
  await namespace?.close();
});

/** The most that was under way at once while `until` was not yet settled. */
async function watch(
  probing: Prober,
  until: Promise<unknown>,
): Promise<{ processes: number; sockets: number }> {
  const most = { processes: 0, sockets: 0 };
  let over = false;
  void until.finally(() => (over = true));
  while (!over) {
    most.processes = Math.max(most.processes, probing.load.processes);
    most.sockets = Math.max(most.sockets, probing.load.sockets);
    await new Promise(setImmediate);
  }
  return most;
}

describe("a round", () => {
  it("answers each request in its place", async () => {
    const results = await create({ programs: [join(folder.path, "ping")] }).run(
      [tcp("127.0.0.1", port), icmp("127.0.0.1"), icmp("-f"), tcp("127.0.0.1", 0), tcp("localhost", port)],
      10_000,
    );
    expect(results).toMatchObject([
      { kind: "tcp", target: `127.0.0.1:${port}`, verdict: "alive", detail: "connected" },
      { kind: "icmp", target: "127.0.0.1", verdict: "alive", detail: "reply", roundTripMs: 20 },
      { kind: "icmp", target: "-f", verdict: "none", detail: "bad_address" },
      { kind: "tcp", target: "127.0.0.1:0", verdict: "none", detail: "bad_address" },
      { kind: "tcp", target: `localhost:${port}`, verdict: "alive" },
    ]);
  });

  it("asks each kind in its own way", async () => {
    const page = await speaker((socket) => {
      socket.once("data", () => socket.end("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"));
    });
    const greeting = await speaker((socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n"));
    const gone = await speaker(() => undefined);
    await gone.close();
    const http = { kind: "http", host: "127.0.0.1", port: page.port, expectedText: null } as const;
    const results = await create().run(
      [
        { ...http, url: "http://x/", expectedStatus: 503 },
        { ...http, url: "http://x/", expectedStatus: null },
        { ...http, url: "no url", expectedStatus: null },
        { ...http, url: "http://x/", expectedStatus: null, port: 65_536 },
        { kind: "banner", host: "127.0.0.1", port: greeting.port },
        tcp("127.0.0.1", gone.port),
      ],
      10_000,
    );
    expect(results).toMatchObject([
      { kind: "http", target: `127.0.0.1:${page.port}`, detail: "expected", asExpected: true },
      { kind: "http", verdict: "alive", detail: "status_503", asExpected: false },
      { kind: "http", verdict: "none", detail: "bad_address" },
      { kind: "http", verdict: "none", detail: "bad_address" },
      { kind: "banner", verdict: "alive", banner: "SSH-2.0-OpenSSH_9.2" },
      { kind: "tcp", verdict: "alive", detail: "refused", asExpected: false },
    ]);
    await page.close();
    await greeting.close();
  });

  it.each(["banner", "http"] as const)(
    "a %s probe keeps the round's limit and frees its socket",
    async (kind) => {
      const silent = await speaker(() => undefined);
      const probing = create();
      const startedMs = now();
      const request = {
        kind,
        host: "127.0.0.1",
        port: silent.port,
        url: "http://x/",
        expectedStatus: null,
        expectedText: null,
      };
      expect(await probing.run([request], 700)).toMatchObject([
        { verdict: "alive", detail: kind === "http" ? "no_answer" : "connected" },
      ]);
      expect(now() - startedMs).toBeLessThan(2_500);
      expect(await probing.run([request], 100)).toMatchObject([{ verdict: "none", detail: "not_asked" }]);
      expect(probing.load.sockets).toBe(0);
      await silent.close();
    },
  );

  it("without a ping program ICMP is no evidence, TCP still is", async () => {
    const probing = create({ path: join(folder.path, "empty") });
    expect(await probing.icmpAbility()).toBe("no_program");
    expect(await probing.run([icmp("127.0.0.1"), tcp("127.0.0.1", port)], 5_000)).toMatchObject([
      { verdict: "none", detail: "no_program" },
      { verdict: "alive", detail: "connected" },
    ]);
  });

  it("a name that does not exist is no evidence", async () => {
    const probing = create({ lookup: () => Promise.reject(new Error("ENOTFOUND")) });
    expect(await probing.run([tcp("gone.example", 22)], 5_000)).toMatchObject([
      { target: "gone.example:22", verdict: "none", detail: "name_not_found" },
    ]);
  });

  it("a lookup that hangs ends with the round", async () => {
    const probing = create({ lookup: () => new Promise(() => undefined) });
    expect(await probing.run([tcp("slow.example", 22)], 200)).toMatchObject([
      { verdict: "none", detail: "name_not_found" },
    ]);
  });

  it.skipIf(obstacle !== null)(
    "who was asked and is silent is dead, whose turn never came is no evidence",
    async () => {
      const silent = namespace?.silentAddress ?? "";
      const probing = create({ maxConcurrent: { sockets: 1 } });
      const results = await probing.run([tcp(silent, 1), tcp(silent, 2), tcp(silent, 3)], 600);
      expect(results).toMatchObject([
        { verdict: "dead", detail: "timeout" },
        { verdict: "none", detail: "not_asked" },
        { verdict: "none", detail: "not_asked" },
      ]);
    },
  );
});

describe("many at once", () => {
  it("500 pings never use more processes than allowed, and all are answered", async () => {
    const probing = create({ programs: [join(folder.path, "ping")], maxConcurrent: { processes: 8 } });
    const hosts = Array.from({ length: 500 }, (_, index) => `10.9.${index >> 8}.${index & 255}`);
    const rounds = Promise.all(hosts.map((host) => probing.run([icmp(host)], 25_000)));
    const most = await watch(probing, rounds);
    expect(most.processes).toBe(8);
    const verdicts = (await rounds).flat().map((result) => `${result.target} ${result.verdict}`);
    expect(verdicts).toEqual(hosts.map((host) => `${host} alive`));
  });

  it.skipIf(fping === null)("fping asks 500 hosts with eight processes", async () => {
    const probing = create({ programs: [fping ?? ""] });
    await probing.icmpAbility();
    const hosts = Array.from({ length: 500 }, (_, index) => `127.1.${index >> 8}.${index & 255}`);
    const rounds = Promise.all(hosts.map((host) => probing.run([icmp(host)], 10_000)));
    const most = await watch(probing, rounds);
    expect(most.processes).toBeLessThanOrEqual(8);
    for (const [result] of await rounds) expect(result).toMatchObject({ verdict: "alive", detail: "reply" });
  });

  it.skipIf(obstacle !== null)("500 connections to nobody never use more sockets than allowed", async () => {
    const silent = namespace?.silentAddress ?? "";
    const probing = create({ maxConcurrent: { sockets: 16 } });
    const round = probing.run(
      Array.from({ length: 500 }, (_, index) => tcp(silent, index + 1)),
      1_000,
    );
    expect((await watch(probing, round)).sockets).toBe(16);
    const details = (await round).map((result) => result.detail);
    expect(details.slice(0, 16)).toEqual(Array.from({ length: 16 }, () => "timeout"));
    expect(new Set(details.slice(16))).toEqual(new Set(["not_asked"]));
  });
});

describe("the core's orders", () => {
  const report = (): {
    readonly reports: ProbeEvent[];
    readonly take: (event: ProbeEvent) => void;
  } => {
    const reports: ProbeEvent[] = [];
    return { reports, take: (event) => reports.push(event) };
  };

  it("a started round is reported once, under its own name", async () => {
    const probing = create();
    const { reports, take } = report();
    probing.perform(
      {
        type: "start_probe",
        serverId: "s1",
        roundId: "r1",
        requests: [tcp("127.0.0.1", port)],
        timeLimitMs: 5_000,
      },
      take,
    );
    await expect.poll(() => reports.length, { timeout: 10_000 }).toBe(1);
    expect(reports[0]).toMatchObject({
      type: "probe_finished",
      serverId: "s1",
      roundId: "r1",
      results: [{ kind: "tcp", verdict: "alive", asExpected: true }],
    });
    expect(probing.load.rounds).toBe(0);
  });

  it("a gateway's round is reported as the site's", async () => {
    const probing = create({ programs: [join(folder.path, "ping")] });
    const { reports, take } = report();
    probing.perform(
      {
        type: "start_gateway_probe",
        siteId: "jkt",
        roundId: "g1",
        requests: [icmp("127.0.0.1")],
        timeLimitMs: 5_000,
      },
      take,
    );
    await expect.poll(() => reports.length, { timeout: 10_000 }).toBe(1);
    expect(reports[0]).toMatchObject({
      type: "gateway_probed",
      siteId: "jkt",
      roundId: "g1",
      results: [{ target: "127.0.0.1", verdict: "alive", detail: "reply" }],
    });
  });

  it.skipIf(obstacle !== null)("a cancelled round frees its sockets and is never reported", async () => {
    const probing = create();
    const { reports, take } = report();
    const requests = [tcp(namespace?.silentAddress ?? "", 22)];
    probing.perform(
      { type: "start_probe", serverId: "s1", roundId: "r1", requests, timeLimitMs: 60_000 },
      take,
    );
    await expect.poll(() => probing.load.sockets, { timeout: 10_000 }).toBe(1);
    probing.perform({ type: "cancel_probe", roundId: "r1" }, take);
    await expect
      .poll(() => probing.load, { timeout: 10_000 })
      .toEqual({ processes: 0, sockets: 0, rounds: 0 });
    expect(reports).toEqual([]);
  });

  it("to cancel a round that is over is nothing", () => {
    create().perform({ type: "cancel_probe", roundId: "r9" }, () => undefined);
  });

  it("closing cancels what is open and leaves no process", async () => {
    await folder.script(
      "slow",
      'for address in "$@"; do :; done',
      'if [ "$address" = -V ]; then exit; fi',
      'if [ "$address" = 127.0.0.1 ]; then echo "64 bytes from 127.0.0.1: seq=0 ttl=64 time=1 ms"; exit; fi',
      "exec /bin/sleep 600",
    );
    const probing = create({ programs: [join(folder.path, "slow")] });
    const { reports, take } = report();
    const open = probing.run([icmp("10.9.0.1"), icmp("10.9.0.2")], 60_000);
    probing.perform(
      {
        type: "start_probe",
        serverId: "s1",
        roundId: "r1",
        requests: [icmp("10.9.0.3")],
        timeLimitMs: 60_000,
      },
      take,
    );
    await expect.poll(() => probing.load.processes, { timeout: 10_000 }).toBe(3);
    await probing.close();
    expect(probing.load).toEqual({ processes: 0, sockets: 0, rounds: 0 });
    expect(await open).toMatchObject([{ detail: "cancelled" }, { detail: "cancelled" }]);
    expect(reports).toEqual([]);
    await probing.close();
  });
});

describe("slots", () => {
  it("are given in order, one to each, and a place in the queue can be left", async () => {
    const slots = createSlots(1, 10);
    const staying = new AbortController().signal;
    const leaving = new AbortController();
    const first = await slots.take(staying);
    const second = slots.take(leaving.signal);
    const third = slots.take(staying);
    leaving.abort();
    expect(await second).toBeNull();
    first?.();
    first?.();
    const release = await third;
    expect(release).not.toBeNull();
    expect(slots.taken).toBe(1);
    release?.();
    expect(slots.taken).toBe(0);
  });

  it("who comes when the queue is full is turned away at once", async () => {
    const slots = createSlots(1, 1);
    const staying = new AbortController().signal;
    await slots.take(staying);
    const waiting = slots.take(staying);
    expect(await slots.take(staying)).toBeNull();
    expect(await Promise.race([waiting, Promise.resolve("waits")])).toBe("waits");
  });
});

describe("names", () => {
  const signal = new AbortController().signal;

  it("are looked up once for all who ask, and remembered for five minutes", async () => {
    let clockMs = 0;
    let asked = 0;
    const names = createNames(
      () => clockMs,
      (name) => {
        asked += 1;
        return Promise.resolve(name === "db.example" ? "10.0.0.2" : "::ffff:10.0.0.3");
      },
    );
    const both = await Promise.all([
      names.address("db.example", signal),
      names.address("db.example", signal),
    ]);
    expect(both).toEqual(["10.0.0.2", "10.0.0.2"]);
    clockMs = 299_999;
    await names.address("db.example", signal);
    expect(asked).toBe(1);
    clockMs = 300_000;
    await names.address("db.example", signal);
    expect(asked).toBe(2);
    expect(await names.address("other.example", signal)).toBe("10.0.0.3");
  });

  it("a failure is not remembered, and an address that may not be probed is none", async () => {
    const answers = ["", "0.0.0.0", "10.0.0.2"];
    const names = createNames(now, async () => {
      const answer = answers.shift();
      if (!answer) throw new Error("EAI_AGAIN");
      return answer;
    });
    expect(await names.address("db.example", signal)).toBeNull();
    expect(await names.address("db.example", signal)).toBeNull();
    expect(await names.address("db.example", signal)).toBe("10.0.0.2");
  });

  it("never more than two are looked up at once, whatever hangs", async () => {
    const asked: string[] = [];
    const names = createNames(now, (name) => {
      asked.push(name);
      return new Promise(() => undefined);
    });
    const giveUp = new AbortController();
    const all = ["a.example", "b.example", "c.example"].map((name) => names.address(name, giveUp.signal));
    await expect.poll(() => asked.length).toBe(2);
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
    giveUp.abort();
    expect(await Promise.all(all)).toEqual([null, null, null]);
    expect(asked).toEqual(["a.example", "b.example"]);
  });
});
