/**
 * The prober and the sentinels behind a real router that can lie, be cut off, or be gone: with the usual settings, in
 * namespaces of our own.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProbeRequest } from "../../collector/core/types/evidence.ts";
import { createHouse, type House } from "./house.ts";
import { namespaceObstacle } from "./namespace.ts";
import { installed } from "./programs.ts";

const obstacle =
  (await namespaceObstacle()) ??
  ((await installed("ping")) === null && (await installed("fping")) === null ? "needs ping or fping" : null);
const title = (text: string): string => (obstacle === null ? text : `${text} (${obstacle})`);
const LOOK_AGAIN_MS = 61_000;

const icmp = (host: string): ProbeRequest => ({ kind: "icmp", host, port: null });
const banner = (host: string, port: number): ProbeRequest => ({ kind: "banner", host, port });
const page = (host: string, expectedText: string | null): ProbeRequest => ({
  kind: "http",
  host,
  port: 80,
  url: `http://${host}/`,
  expectedStatus: null,
  expectedText,
});

let house: House;
beforeAll(async () => {
  if (obstacle === null) house = await createHouse();
});
afterAll(async () => {
  if (obstacle === null) await house.close();
});

describe.skipIf(obstacle !== null)(title("behind an honest router"), () => {
  it("who is there is alive, who is not is dead", async () => {
    const { server, serverSix, nobody } = house;
    const results = await house.run([
      icmp(server),
      icmp(serverSix),
      banner(server, 22),
      banner(server, 80),
      banner(server, 443),
      { kind: "tcp", host: server, port: 443 },
      banner(server, 25),
      page(server, null),
      icmp(nobody),
      banner(nobody, 22),
    ]);
    expect(results).toMatchObject([
      { verdict: "alive", detail: "reply" },
      { verdict: "alive", detail: "reply" },
      { verdict: "alive", banner: "SSH-2.0-OpenSSH_9.2p1" },
      { verdict: "alive", banner: "HTTP 302" },
      { verdict: "alive", detail: "connected" },
      { verdict: "alive", detail: "connected", asExpected: true },
      { verdict: "alive", detail: "refused" },
      { verdict: "alive", detail: "expected" },
      { verdict: "dead" },
      { verdict: "dead" },
    ]);
  });
});

describe.skipIf(obstacle !== null)(title("behind a router that answers for every address"), () => {
  beforeAll(async () => {
    await house.answerForAll(true);
    await house.forward(LOOK_AGAIN_MS);
  });
  afterAll(async () => {
    await house.answerForAll(false);
    await house.forward(LOOK_AGAIN_MS);
  });

  it("echoes, bare connections, refusals and a portal's page prove nobody alive", async () => {
    const { nobody, serverSix } = house;
    const results = await house.run([
      icmp(nobody),
      icmp(serverSix),
      { kind: "tcp", host: nobody, port: 443 },
      banner(nobody, 443),
      banner(nobody, 25),
      banner(nobody, 80),
      page(nobody, null),
      page(nobody, "no such text"),
    ]);
    for (const { kind, target, ...answer } of results)
      expect(answer, `${kind} ${target}`).toEqual({
        verdict: "none",
        detail: "answered_for_all",
        roundTripMs: null,
      });
  });

  it("a program's own greeting, and the text that staff wait for, still do", async () => {
    expect(await house.run([banner(house.server, 22), page(house.server, "welcome")])).toMatchObject([
      { verdict: "alive", banner: "SSH-2.0-OpenSSH_9.2p1" },
      { verdict: "alive", detail: "expected", asExpected: true },
    ]);
  });

  it("the router itself, and every host of the own net, are believed: nobody stands between", async () => {
    expect(await house.run([icmp("10.0.0.1"), banner("10.0.0.1", 443), icmp("127.0.0.1")])).toMatchObject([
      { verdict: "alive", detail: "reply" },
      { verdict: "alive", detail: "connected" },
      { verdict: "alive", detail: "reply" },
    ]);
  });

  it("far sentinels count as silent, the near one answers", async () => {
    expect(await house.askSentinels()).toEqual([
      { target: "10.0.0.1", near: true, verdict: "alive" },
      { target: "fd42::1", near: true, verdict: "alive" },
      { target: "1.1.1.1:443", near: false, verdict: "dead" },
      { target: "8.8.8.8:443", near: false, verdict: "dead" },
      { target: "149.154.167.220:443", near: false, verdict: "dead" },
    ]);
  });
});

describe.skipIf(obstacle !== null)(title("the sentinels of a house"), () => {
  const verdicts = async (): Promise<Readonly<Record<string, string>>> =>
    Object.fromEntries((await house.askSentinels()).map(({ target, verdict }) => [target, verdict]));

  it("are its gateways by its own routing table, two public addresses and the Telegram API, all alive", async () => {
    expect(await house.gateways()).toEqual(["10.0.0.1", "fd42::1"]);
    expect(await house.askSentinels()).toEqual([
      { target: "10.0.0.1", near: true, verdict: "alive" },
      { target: "fd42::1", near: true, verdict: "alive" },
      { target: "1.1.1.1:443", near: false, verdict: "alive" },
      { target: "8.8.8.8:443", near: false, verdict: "alive" },
      { target: "149.154.167.220:443", near: false, verdict: "alive" },
    ]);
  });

  it("with the line cut, the near ones answer alone", async () => {
    await house.cutLine();
    expect(await verdicts()).toEqual({
      "10.0.0.1": "alive",
      "fd42::1": "alive",
      "1.1.1.1:443": "dead",
      "8.8.8.8:443": "dead",
      "149.154.167.220:443": "dead",
    });
    await house.mendLine();
  });

  it("with the cable out, all are dead, also those whose route vanished with it", async () => {
    await house.unplug();
    await house.forward(LOOK_AGAIN_MS);
    expect(await house.gateways()).toEqual([]);
    expect(new Set(Object.values(await verdicts()))).toEqual(new Set(["dead"]));
    await house.plugIn();
    await house.forward(LOOK_AGAIN_MS);
    await expect
      .poll(async () => new Set(Object.values(await verdicts())), { timeout: 20_000 })
      .toEqual(new Set(["alive"]));
  });
});
