/**
 * The TCP probe against real sockets.
 */
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askTcp, tcpFailure } from "../../shared/probe/tcp.ts";
import { createNamespace, namespaceObstacle, type Namespace } from "./namespace.ts";

const listen = async (): Promise<{ readonly server: Server; readonly port: number }> => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
};

describe("a TCP probe on loopback", () => {
  it("a port that listens is alive, and the connection is closed at once", async () => {
    const { server, port } = await listen();
    const connected = once(server, "connection") as Promise<[Socket]>;
    const answer = await askTcp("127.0.0.1", port, { limitMs: 2_000 });
    expect(answer).toMatchObject({ verdict: "alive", detail: "connected" });
    expect(answer.roundTripMs).toBeGreaterThan(0);
    const [socket] = await connected;
    socket.resume();
    await once(socket, "close");
    server.close();
    await once(server, "close");
  });

  it("a port that refuses is alive: somebody said no", async () => {
    const { server, port } = await listen();
    server.close();
    await once(server, "close");
    expect(await askTcp("127.0.0.1", port, { limitMs: 2_000 })).toMatchObject({
      verdict: "alive",
      detail: "refused",
    });
  });

  it("cancelled before it began, it opens nothing", async () => {
    const { server, port } = await listen();
    let connections = 0;
    server.on("connection", () => (connections += 1));
    expect(await askTcp("127.0.0.1", port, { limitMs: 2_000, signal: AbortSignal.abort() })).toEqual({
      verdict: "none",
      detail: "cancelled",
      roundTripMs: null,
    });
    // A connection made after it would have been seen first: the listener takes them in order.
    await askTcp("127.0.0.1", port, { limitMs: 2_000 });
    await expect.poll(() => connections).toBe(1);
    server.close();
  });
});

describe("what a failed connection says", () => {
  it.each([
    ["ECONNREFUSED", "alive", "refused"],
    ["ECONNRESET", "alive", "refused"],
    ["ETIMEDOUT", "dead", "timeout"],
    ["EHOSTUNREACH", "dead", "unreachable"],
    ["ENETUNREACH", "dead", "unreachable"],
    ["EACCES", "none", "no_permission"],
    ["EPERM", "none", "no_permission"],
    ["EMFILE", "none", "no_resources"],
    ["EADDRNOTAVAIL", "none", "no_resources"],
    ["ENOBUFS", "none", "no_resources"],
    ["ENOTFOUND", "none", "name_not_found"],
    ["EAI_AGAIN", "none", "name_not_found"],
    ["EINVAL", "none", "local_error"],
    [undefined, "none", "local_error"],
  ])("%s: %s, %s", (code, verdict, detail) => {
    expect(tcpFailure(code)).toEqual([verdict, detail]);
  });
});

const obstacle = await namespaceObstacle();
describe.skipIf(obstacle !== null)(
  `a TCP probe across a cable${obstacle === null ? "" : ` (${obstacle})`}`,
  () => {
    let namespace: Namespace;
    beforeAll(async () => {
      namespace = await createNamespace();
    });
    afterAll(() => namespace.close());

    it("silence until the time limit is dead", async () => {
      const startedMs = performance.now();
      const answer = await askTcp(namespace.silentAddress, 22, { limitMs: 300 });
      expect(answer).toEqual({ verdict: "dead", detail: "timeout", roundTripMs: null });
      expect(performance.now() - startedMs).toBeGreaterThanOrEqual(299);
    });

    it("a router's unreachable is dead", async () => {
      expect(await askTcp(namespace.unreachableAddress, 22, { limitMs: 5_000 })).toEqual({
        verdict: "dead",
        detail: "unreachable",
        roundTripMs: null,
      });
    });

    it("a host without the port refuses and is alive", async () => {
      expect(await askTcp(namespace.address, 22, { limitMs: 5_000 })).toMatchObject({ detail: "refused" });
    });

    it("cancelled under way, it answers at once and says nothing of the host", async () => {
      const cancel = new AbortController();
      const asked = askTcp(namespace.silentAddress, 22, { limitMs: 60_000, signal: cancel.signal });
      cancel.abort();
      expect(await asked).toEqual({ verdict: "none", detail: "cancelled", roundTripMs: null });
    });
  },
);
