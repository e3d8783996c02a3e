/**
 * Looks at the way to the collector: real sockets on loopback, link states of written /sys trees. What a cut line looks
 * like is in network.test.ts, in a network of its own.
 */
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLinkReader } from "../../agent/link-state.ts";
import { createNetworkLooks, lookLimits, type NetworkLooks } from "../../agent/network-looks.ts";
import type { Ping } from "../../agent/ping.ts";
import {
  isOnThisMachine,
  publicAddressesText,
  readPublicAddresses,
  usualPublicAddresses,
} from "../../agent/public-addresses.ts";
import { newFolder } from "./agent-process.ts";

/** A machine without a ping program. */
const noPing: Ping = { ability: () => Promise.resolve({ type: "no_program" }) };

describe("looks", () => {
  const servers: Server[] = [];
  const looking: NetworkLooks[] = [];
  let nowMs: number;
  beforeEach(() => {
    nowMs = 1_000_000;
  });
  afterEach(async () => {
    for (const one of looking.splice(0)) one.close();
    for (const server of servers.splice(0)) {
      server.close();
      await once(server, "close");
    }
  });

  async function listening(): Promise<{ host: string; port: number }> {
    const server = createServer((socket) => socket.destroy());
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  }

  function looksAt(options: Partial<Parameters<typeof createNetworkLooks>[0]>, ping = noPing): NetworkLooks {
    const looks = createNetworkLooks({
      collectorUrl: "ws://127.0.0.1:1/agent",
      publicAddresses: null,
      ping,
      now: () => nowMs,
      ...options,
    });
    looking.push(looks);
    return looks;
  }

  /** The newest answers, once there is one to the question. */
  async function answered(looks: NetworkLooks, what: "gateway" | "internet" | "dns", expected: string) {
    const deadline = AbortSignal.timeout(10_000);
    while (looks.newest(0)[what] !== expected) {
      if (deadline.aborted) throw new Error(`${what} is ${looks.newest(0)[what]}, not ${expected}`);
      await new Promise(setImmediate);
    }
    return looks.newest(0);
  }

  test("a connection is the internet, and so is a refusal: somebody there said no", async () => {
    const place = await listening();
    const looks = looksAt({ publicAddresses: [place] });
    looks.look(1_000);
    expect(await answered(looks, "internet", "ok")).toEqual({
      gateway: "unknown",
      dns: "unknown",
      internet: "ok",
    });
    const refusing = looksAt({ publicAddresses: [{ host: "127.0.0.1", port: 1 }] });
    refusing.look(1_000);
    await answered(refusing, "internet", "ok");
  });

  test("a gateway that answers no ping is found by any answer of its ports", async () => {
    const looks = looksAt({ gateways: () => Promise.resolve(["127.0.0.1"]) });
    looks.look(1_000);
    await answered(looks, "gateway", "ok");
  });

  test("with the collector on this machine nobody is asked unless the settings name somebody", async () => {
    let asked = 0;
    const counting: Ping = {
      ability: () => {
        asked += 1;
        return noPing.ability(new AbortController().signal);
      },
    };
    const looks = looksAt({}, counting);
    looks.look(1_000);
    await new Promise(setImmediate);
    expect(looks.newest(0)).toEqual({ gateway: "unknown", dns: "unknown", internet: "unknown" });
    expect(asked).toBe(0);
  });

  test("a route that is gone is a gateway that failed, if there was one", async () => {
    let gateways = ["127.0.0.1"];
    const looks = looksAt({ gateways: () => Promise.resolve(gateways) });
    looks.look(1_000);
    await answered(looks, "gateway", "ok");
    gateways = [];
    looks.look(1_000);
    await answered(looks, "gateway", "failed");
    // Of a machine that never had one nothing is known.
    const never = looksAt({ gateways: () => Promise.resolve([]) });
    never.look(1_000);
    await new Promise(setImmediate);
    expect(never.newest(0).gateway).toBe("unknown");
    // Unless the journal of an earlier program knew it.
    const again = looksAt({ gateways: () => Promise.resolve([]) });
    again.remember({ gateway: "ok", internet: "unknown" });
    again.look(1_000);
    await answered(again, "gateway", "failed");
  });

  test("what has not answered for a day counts as unknown, not as failed", async () => {
    let gateways = ["127.0.0.1"];
    const looks = looksAt({ gateways: () => Promise.resolve(gateways) });
    looks.look(1_000);
    await answered(looks, "gateway", "ok");
    gateways = [];
    nowMs += lookLimits.knownForMs + 1;
    looks.look(1_000);
    await answered(looks, "gateway", "unknown");
  });

  test("only looks that began late enough count, and none for long", async () => {
    const looks = looksAt({ publicAddresses: [await listening()] });
    looks.look(1_000);
    await answered(looks, "internet", "ok");
    expect(looks.newest(1_000_000).internet).toBe("ok");
    expect(looks.newest(1_000_001).internet).toBe("unknown");
    nowMs += lookLimits.freshForMs + 1;
    expect(looks.newest(0).internet).toBe("unknown");
  });

  test("the name is looked at by the dial's own look-up, and its answer is the dial's", async () => {
    const looks = looksAt({});
    const address = await new Promise((resolve, reject) => {
      looks.lookup("localhost", { family: 4 }, (error, found) =>
        error === null ? resolve(found) : reject(error),
      );
    });
    expect(address).toBe("127.0.0.1");
    expect(looks.newest(0).dns).toBe("ok");
  });

  test("a name that cannot be one has failed, without asking anybody", async () => {
    const looks = looksAt({});
    const code = await new Promise((resolve) => {
      // Longer than a name may be: the resolver refuses it by itself.
      looks.lookup("x".repeat(300), {}, (error) => resolve(error?.code));
    });
    expect(code).toMatch(/^(ENOTFOUND|EAI_|EINVAL)/);
    expect(looks.newest(0).dns).toBe("failed");
  });
});

describe("the link", () => {
  let root: string;
  beforeEach(async () => {
    root = await newFolder();
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function put(path: string, text: string): Promise<void> {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const route = (name: string, metric = 100) =>
    `Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n` +
    `${name}\t00000000\t0104000A\t0003\t0\t0\t${metric}\t00000000\t0\t0\t0\n` +
    `${name}\t0004000A\t00000000\t0001\t0\t0\t${metric}\t00FFFFFF\t0\t0\t0\n`;

  test("is that of the interface with the default route, and stays its own when the route goes with the cable", async () => {
    await put("proc/net/route", route("eth0"));
    await put("sys/class/net/eth0/operstate", "up\n");
    await put("sys/class/net/eth1/operstate", "down\n");
    await put("sys/class/net/eth1/device/x", "");
    const link = createLinkReader("linux", root);
    expect(link.read()).toBe("up");
    await put("sys/class/net/eth0/operstate", "down\n");
    expect(link.read()).toBe("down");
    await put("proc/net/route", route("").split("\n")[0] ?? "");
    await put("sys/class/net/eth1/operstate", "up\n");
    expect(link.read()).toBe("down");
    await put("sys/class/net/eth0/operstate", "up\n");
    expect(link.read()).toBe("up");
  });

  test("of an IPv6 host is that of its IPv6 default route", async () => {
    const zeros = "0".repeat(32);
    await put(
      "proc/net/ipv6_route",
      [
        `${zeros} 00 ${zeros} 00 ${zeros} ffffffff 00000001 00000000 00200200       lo`,
        `${zeros} 00 ${zeros} 00 fe800000000000000000000000000001 00000400 00000002 00000000 00000003     ens3`,
      ].join("\n"),
    );
    await put("sys/class/net/ens3/operstate", "lowerlayerdown\n");
    await put("sys/class/net/lo/operstate", "unknown\n");
    expect(createLinkReader("linux", root).read()).toBe("down");
  });

  test("a driver that does not tell its state tells its carrier", async () => {
    await put("proc/net/route", route("veth0"));
    await put("sys/class/net/veth0/operstate", "unknown\n");
    const link = createLinkReader("linux", root);
    expect(link.read()).toBe("unknown");
    await put("sys/class/net/veth0/carrier", "1\n");
    expect(link.read()).toBe("up");
    await put("sys/class/net/veth0/carrier", "0\n");
    expect(link.read()).toBe("down");
  });

  test("without a default route any real interface with a link will do; bridges and containers are none", async () => {
    await put("sys/class/net/docker0/operstate", "up\n");
    const link = createLinkReader("linux", root);
    expect(link.read()).toBe("unknown");
    await put("sys/class/net/eth0/device/x", "");
    await put("sys/class/net/eth0/operstate", "down\n");
    expect(link.read()).toBe("down");
    await put("sys/class/net/wlan0/device/x", "");
    await put("sys/class/net/wlan0/operstate", "up\n");
    expect(link.read()).toBe("up");
  });

  test("is not known on other platforms, nor of a machine that shows nothing", () => {
    expect(createLinkReader("darwin", root).read()).toBe("unknown");
    expect(createLinkReader("linux", root).read()).toBe("unknown");
  });
});

describe("the places that stand for the internet", () => {
  test.each([
    ["none", []],
    ["1.1.1.1:443", [{ host: "1.1.1.1", port: 443 }]],
    [
      " 10.0.0.1:53 , [fd00::1]:443",
      [
        { host: "10.0.0.1", port: 53 },
        { host: "fd00::1", port: 443 },
      ],
    ],
  ] as const)("%j is read", (text, expected) => {
    expect(readPublicAddresses(text)).toEqual(expected);
  });

  test.each([
    "",
    "1.1.1.1",
    "1.1.1.1:0",
    "1.1.1.1:65536",
    "example.com:443",
    "fd00::1:443",
    "1.1.1.1:443,",
    "0.0.0.0:443",
    "1.1.1.1:1,1.1.1.1:2,1.1.1.1:3,1.1.1.1:4,1.1.1.1:5",
    "none,1.1.1.1:443",
  ])("%j is a mistake", (text) => {
    expect(readPublicAddresses(text)).toBeNull();
  });

  test("what was read is written the same", () => {
    for (const text of ["none", "1.1.1.1:443,[fd00::1]:53"])
      expect(publicAddressesText(readPublicAddresses(text) ?? [])).toBe(text);
    expect(readPublicAddresses(publicAddressesText(usualPublicAddresses))).toEqual(usualPublicAddresses);
  });

  test.each([
    ["ws://127.0.0.1:8080/agent", true],
    ["ws://127.9.9.9/agent", true],
    ["ws://[::1]:8080/agent", true],
    ["ws://localhost:8080/agent", true],
    ["ws://detak.localhost/agent", true],
    ["wss://detak.example.com/agent", false],
    ["ws://10.0.0.1/agent", false],
    ["ws://[fd00::1]/agent", false],
  ])("%s is on this machine: %s", (url, expected) => {
    expect(isOnThisMachine(url)).toBe(expected);
  });
});
