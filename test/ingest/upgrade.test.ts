/**
 * Who may upgrade, how many at once, and what everybody else is told, byte by byte.
 * Must not: sleep.
 */
import { get } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { normalisedAddress, peerAddressOf } from "../../collector/ingest/peer-address.ts";
import { createIdentity, dial, openSession, until } from "./agent.ts";
import { createHost, startIngest, type Running } from "./host.ts";
import { answerOf, rawRequest } from "./raw-peer.ts";

let running: Running;
afterEach(() => running.stop());

describe("the upgrade", () => {
  test("[P1] GET /agent with detak.v1 is upgraded and detak.v1 is chosen among others", async () => {
    running = await startIngest();
    const peer = await rawRequest(running.port, { "Sec-WebSocket-Protocol": "chat, detak.v1 ,detak.v2" });
    const text = (await peer.readUntil((bytes) => bytes.includes("hello"))).toString("latin1");
    expect(text).toMatch(/^HTTP\/1\.1 101 /);
    expect(text).toContain("Sec-WebSocket-Protocol: detak.v1\r\n");
    peer.socket.destroy();
  });

  test.each(["/", "/agents", "/agent/", "/agent?token=x", "/agent/linux-x64", "//agent", "/Agent"])(
    "[P1] an upgrade of %s is answered with 404 and the socket is closed",
    async (path) => {
      running = await startIngest();
      const { status, headers } = await answerOf(await rawRequest(running.port, {}, `GET ${path} HTTP/1.1`));
      expect(status).toBe(404);
      expect(headers.get("connection")).toBe("close");
    },
  );

  test.each([undefined, "", "detak", "detak.v2", "detak.v11", "DETAK.V1"])(
    "[P1] the subprotocols %j are answered with 426 and the one that is spoken",
    async (offered) => {
      running = await startIngest();
      const peer = await rawRequest(running.port, { "Sec-WebSocket-Protocol": offered });
      const { status, headers } = await answerOf(peer);
      expect(status).toBe(426);
      expect(headers.get("upgrade")).toBe("websocket");
      expect(headers.get("sec-websocket-protocol")).toBe("detak.v1");
    },
  );

  test.each([
    [400, { "Sec-WebSocket-Key": "short" }, "GET"],
    [400, { "Sec-WebSocket-Key": undefined }, "GET"],
    [400, { "Sec-WebSocket-Version": "12" }, "GET"],
    [400, { "Sec-WebSocket-Protocol": "detak.v1, detak.v1" }, "GET"],
    [400, { Upgrade: "h2c" }, "GET"],
    [405, {}, "POST"],
  ])("[P1] a malformed handshake is answered with %i (%j)", async (expected, change, method) => {
    running = await startIngest();
    const peer = await rawRequest(running.port, change, `${method} /agent HTTP/1.1`);
    expect((await answerOf(peer)).status).toBe(expected);
  });

  test.each(["http://collector", "null", ""])("[P2] the origin %j is answered with 403", async (origin) => {
    running = await startIngest();
    const { status } = await answerOf(await rawRequest(running.port, { Origin: origin }));
    expect(status).toBe(403);
  });

  test("[P3] an offered compression is not accepted", async () => {
    running = await startIngest();
    const agent = await dial(running.port, { perMessageDeflate: true });
    expect(agent.socket.extensions).toBe("");
    agent.socket.close();
  });

  test("a plain request is left to the panel", async () => {
    running = await startIngest();
    const status = await new Promise((resolve, reject) => {
      get({ port: running.port, path: "/agent", agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on("error", reject);
    });
    expect(status).toBe(200);
  });

  test("[P4] more sockets opening than allowed are answered with 503 and Retry-After, until one is open or gone", async () => {
    running = await startIngest({ limits: { pendingMax: 2 } });
    const identity = createIdentity();
    running.host.agents.set(identity.publicKey, "server_1");
    const [first] = await Promise.all([dial(running.port), dial(running.port)]);
    const { status, headers } = await answerOf(await rawRequest(running.port));
    expect(status).toBe(503);
    expect(headers.get("retry-after")).toBe("5");
    first.socket.terminate();
    await until(
      () => running.host.logged.some(({ event }) => event === "upgrade_refused"),
      "the refusal is logged",
    );
    let opened = false;
    while (!opened) {
      opened = await openSession(running.port, identity).then(
        () => true,
        (error: unknown) => {
          if (String(error).includes("503")) return false;
          throw error;
        },
      );
    }
    // The open one no longer counts: one silent socket is left, one place is free.
    const next = await dial(running.port);
    expect((await next.nextOf("hello")).type).toBe("hello");
    expect((await answerOf(await rawRequest(running.port))).status).toBe(503);
  });

  test("[P4] one address cannot take every place", async () => {
    running = await startIngest({ limits: { pendingPerAddressMax: 2 } });
    await Promise.all([dial(running.port), dial(running.port)]);
    expect((await answerOf(await rawRequest(running.port))).status).toBe(503);
    const neighbour = await dial(running.port, { localAddress: "127.0.0.2" });
    expect((await neighbour.nextOf("hello")).type).toBe("hello");
  });

  test("[P4] a collector that stops answers with 503", async () => {
    running = await startIngest();
    await running.ingest.close();
    const { status, headers } = await answerOf(await rawRequest(running.port));
    expect(status).toBe(503);
    expect(headers.get("retry-after")).toBe("5");
  });

  test("a hundred refused peers leave no place taken", async () => {
    running = await startIngest({ limits: { pendingMax: 1 } });
    for (let round = 0; round < 100; round += 1) {
      expect((await answerOf(await rawRequest(running.port, { Origin: "x" }))).status).toBe(403);
    }
    const agent = await dial(running.port);
    expect((await agent.nextOf("hello")).type).toBe("hello");
  });
});

describe("the peer's address", () => {
  test("is the socket's, and X-Forwarded-For is not believed", async () => {
    running = await startIngest();
    const identity = createIdentity();
    running.host.agents.set(identity.publicKey, "server_1");
    await openSession(running.port, identity, { headers: { "X-Forwarded-For": "198.51.100.7" } });
    expect(running.host.eventsOf("agent_connected")[0]?.peerAddress).toBe("127.0.0.1");
  });

  test("is the last hop behind a trusted proxy", async () => {
    running = await startIngest({ trustProxy: true });
    const identity = createIdentity();
    running.host.agents.set(identity.publicKey, "server_1");
    await openSession(running.port, identity, {
      headers: { "X-Forwarded-For": "203.0.113.9, 198.51.100.7" },
    });
    expect(running.host.eventsOf("agent_connected")[0]?.peerAddress).toBe("198.51.100.7");
  });

  test.each([
    ["198.51.100.7", "198.51.100.7"],
    ["::ffff:198.51.100.7", "198.51.100.7"],
    [" 2001:db8::1 ", "2001:db8::1"],
    ["198.51.100.7, ", "127.0.0.9"],
    ["unknown", "127.0.0.9"],
    [undefined, "127.0.0.9"],
  ])("behind a trusted proxy that says %j it is %s", async (header, expected) => {
    running = await startIngest();
    const request = { headers: { "x-forwarded-for": header }, socket: { remoteAddress: "::ffff:127.0.0.9" } };
    expect(peerAddressOf(request, true)).toBe(expected);
    expect(peerAddressOf(request, false)).toBe("127.0.0.9");
  });

  test.each([
    ["::FFFF:192.0.2.1", "192.0.2.1"],
    ["2001:db8::ffff:192", "2001:db8::ffff:192"],
    ["::1", "::1"],
    ["", ""],
  ])("%j is spelt %j", async (address, expected) => {
    running = await startIngest({}, createHost());
    expect(normalisedAddress(address)).toBe(expected);
  });
});
