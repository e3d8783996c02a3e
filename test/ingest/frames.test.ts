/**
 * Frames that are too large, too many, broken or binary, over real sockets and raw bytes.
 * Must not: sleep.
 */
import { afterEach, describe, expect, test } from "vitest";
import { createIdentity, dial, openSession, until, type OpenAgent } from "./agent.ts";
import { startIngest, type Running } from "./host.ts";
import { closeCodeOf, frame, rawWebSocket } from "./raw-peer.ts";
import type { IngestOptions } from "../../collector/ingest/server.ts";

let running: Running;
afterEach(() => running.stop());

async function opened(options: IngestOptions = {}): Promise<OpenAgent> {
  running = await startIngest(options);
  const identity = createIdentity();
  running.host.agents.set(identity.publicKey, "server_1");
  return openSession(running.port, identity);
}

/** A beat of exactly `bytes` bytes, filled with a field that is ignored. */
function beatOf(bytes: number, sequence: number): string {
  const empty = JSON.stringify({ type: "beat", sequence, filling: "" });
  return JSON.stringify({ type: "beat", sequence, filling: "x".repeat(bytes - empty.length) });
}

describe("frames", () => {
  test("[P5] a binary frame is closed with 1003, before and in a session", async () => {
    const agent = await opened();
    agent.send(Buffer.from('{"type":"beat","sequence":1}'));
    expect(await agent.closed).toEqual({ code: 1003, reason: "binary_refused" });
    const stranger = await dial(running.port);
    stranger.send(Buffer.alloc(3));
    expect((await stranger.closed).code).toBe(1003);
    expect(running.host.eventsOf("heartbeat_received")).toEqual([]);
  });

  test("[P5] text that is not UTF-8 is closed with 1007", async () => {
    const agent = await opened();
    agent.socket.send(Buffer.from([0x22, 0xc3, 0x28, 0x22]), { binary: false });
    expect((await agent.closed).code).toBe(1007);
    await until(() => running.host.eventsOf("agent_disconnected").length === 1, "agent_disconnected");
  });

  test.each([
    ["without a mask", Buffer.from([0x81, 0x02, 0x7b, 0x7d])],
    ["with a reserved bit", frame(0x91, Buffer.from("{}"))],
    ["marked as compressed", frame(0xc1, Buffer.from("{}"))],
    ["of an unknown opcode", frame(0x83, Buffer.from("{}"))],
    ["that continues nothing", frame(0x80, Buffer.from("{}"))],
    ["that is a ping in two parts", frame(0x09, Buffer.from("{}"))],
    ["that is a ping of 126 bytes", frame(0x89, Buffer.alloc(126))],
  ])("[P5] a frame %s is closed with 1002", async (_name, bytes) => {
    running = await startIngest();
    const peer = await rawWebSocket(running.port);
    peer.socket.write(bytes);
    expect(await closeCodeOf(peer)).toBe(1002);
    peer.socket.destroy();
  });

  test("[P5] a message in two fragments is one message, and a ping between them is answered", async () => {
    const agent = await opened();
    const ponged = new Promise<string>((resolve) =>
      agent.socket.once("pong", (data) => resolve(data.toString())),
    );
    agent.socket.send('{"type":"beat",', { fin: false });
    agent.socket.ping("still there?");
    agent.socket.send('"sequence":1}', { fin: true });
    expect(await agent.next()).toEqual({ type: "ack", sequence: 1 });
    expect(await ponged).toBe("still there?");
  });

  test("[P6] a message of 65,536 bytes is read, one of 65,537 is closed with 1009", async () => {
    const agent = await opened();
    agent.send(beatOf(65_536, 1));
    expect(await agent.next()).toEqual({ type: "ack", sequence: 1 });
    agent.send(beatOf(65_537, 2));
    expect((await agent.closed).code).toBe(1009);
    expect(running.host.eventsOf("heartbeat_received").length).toBe(1);
  });

  test("[P6] fragments are counted together: 1009 before the last has come", async () => {
    const agent = await opened();
    agent.socket.send("x".repeat(40_000), { fin: false });
    agent.socket.send("x".repeat(40_000), { fin: false });
    expect((await agent.closed).code).toBe(1009);
  });

  test("[P6] a length that only threatens is closed with 1009 without waiting for the bytes", async () => {
    running = await startIngest();
    const peer = await rawWebSocket(running.port);
    peer.socket.write(Buffer.from([0x81, 0xff, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff]));
    expect(await closeCodeOf(peer)).toBe(1009);
    peer.socket.destroy();
  });

  test("[P7] 16 fragments are read, 17 are closed with 1008", async () => {
    const agent = await opened();
    const send = (text: string, fragments: number): void => {
      for (let part = 0; part < fragments - 1; part += 1) agent.socket.send(text[part] ?? "", { fin: false });
      agent.socket.send(text.slice(fragments - 1), { fin: true });
    };
    send('{"type":"beat","sequence":1}', 16);
    expect(await agent.next()).toEqual({ type: "ack", sequence: 1 });
    send('{"type":"beat","sequence":2}', 17);
    expect((await agent.closed).code).toBe(1008);
  });

  test("[P7] a frame that drips in byte by byte is closed with 1008", async () => {
    running = await startIngest({ limits: { bufferedChunksMax: 32 } });
    const peer = await rawWebSocket(running.port);
    peer.socket.write(Buffer.from([0x81, 0xfe, 0xea, 0x60, 0, 0, 0, 0]));
    // Each byte is its own write on a later turn; the kernel may still join some.
    const dripping = (async () => {
      for (let bytes = 0; bytes < 5_000 && !peer.socket.destroyed; bytes += 1) {
        await new Promise<void>((resolve) => {
          peer.socket.write("x", () => setImmediate(() => setImmediate(resolve)));
        });
      }
    })();
    expect(await closeCodeOf(peer)).toBe(1008);
    peer.socket.destroy();
    await dripping;
  });

  test("[P26] the 21st message within one interval is closed with 4429, and no more is processed", async () => {
    const agent = await opened();
    for (let sequence = 1; sequence <= 200; sequence += 1) agent.send({ type: "beat", sequence });
    expect(await agent.closed).toEqual({ code: 4429, reason: "too_fast" });
    // `prove` was the first of the window.
    expect(running.host.eventsOf("heartbeat_received").length).toBe(19);
  });

  test("[P26] pings count as messages", async () => {
    const agent = await opened();
    for (let ping = 0; ping < 20; ping += 1) agent.socket.ping();
    expect((await agent.closed).code).toBe(4429);
  });

  test("[P28] a peer that does not read is dropped", async () => {
    const agent = await opened({ limits: { bufferedBytesMax: 1_024 } });
    agent.socket.pause();
    const { sessionId } = agent.welcome;
    // The kernel takes some megabytes first; one ack is some 30 bytes.
    for (let sequence = 1; sequence < 2_000_000 && running.ingest.sessionCount > 0; sequence += 1) {
      running.ingest.perform({ type: "send_ack", sessionId, sequence });
      if (sequence % 10_000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => running.ingest.sessionCount === 0, "the session is gone");
    expect(running.host.eventsOf("agent_disconnected").length).toBe(1);
    expect(running.host.logged).toContainEqual(
      expect.objectContaining({
        event: "session_terminated",
        fields: expect.objectContaining({ problem: "the peer does not read" }) as unknown,
      }),
    );
    agent.socket.terminate();
  });
});

describe("many at once", () => {
  test("2,000 agents open their sessions at once, and each is heard", async () => {
    // Both ends share one process here, so each opening takes as long as nearly all of them.
    running = await startIngest({ limits: { handshakeMs: 20_000 } });
    const count = 2_000;
    const identities = Array.from({ length: count }, createIdentity);
    identities.forEach((identity, index) => running.host.agents.set(identity.publicKey, `server_${index}`));
    const agents = await Promise.all(
      identities.map((identity, index) =>
        // Several addresses, as the limit for one is 512.
        openSession(running.port, identity, { localAddress: `127.0.0.${2 + (index % 8)}` }),
      ),
    );
    expect(running.ingest.sessionCount).toBe(count);
    const answers = agents.map((agent) => agent.next());
    for (const agent of agents) agent.send({ type: "beat", sequence: 1 });
    expect(await Promise.all(answers)).toEqual(Array(count).fill({ type: "ack", sequence: 1 }));
    expect(new Set(running.host.eventsOf("heartbeat_received").map(({ serverId }) => serverId)).size).toBe(
      count,
    );
    const closes = agents.map((agent) => agent.closed);
    await running.ingest.close();
    expect((await Promise.all(closes)).every(({ code }) => code === 4503)).toBe(true);
    expect(running.ingest.sessionCount).toBe(0);
  }, 60_000);
});
