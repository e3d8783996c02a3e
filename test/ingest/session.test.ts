/**
 * An open session over real sockets: beats, acks, goodbyes, and how sessions end.
 * Must not: sleep; each wait is for a message, a close or a condition with a deadline.
 */
import { afterEach, describe, expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { createIdentity, dial, openSession, until, type OpenAgent } from "./agent.ts";
import { createHost, startIngest, type Running, type TestHost } from "./host.ts";

let running: Running;
afterEach(() => running.stop());

async function opened(host?: TestHost): Promise<OpenAgent> {
  running = await startIngest({}, host);
  const identity = createIdentity();
  running.host.agents.set(identity.publicKey, "server_1");
  return openSession(running.port, identity);
}

const golden = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../wire/golden/${name}.json`, import.meta.url), "utf8")) as Record<
    string,
    unknown
  >;

describe("an open session", () => {
  test("[P19] [P20] beats reach the core in order, and each is acknowledged", async () => {
    const agent = await opened();
    for (let sequence = 1; sequence <= 5; sequence += 1) agent.send({ type: "beat", sequence });
    for (let sequence = 1; sequence <= 5; sequence += 1) {
      expect(await agent.next()).toEqual({ type: "ack", sequence });
    }
    expect(running.host.eventsOf("heartbeat_received")).toEqual(
      [1, 2, 3, 4, 5].map((sequence) => ({
        type: "heartbeat_received",
        serverId: "server_1",
        sessionId: agent.welcome.sessionId,
        sequence,
        health: null,
      })),
    );
  });

  test("[P19] a repeated or lower sequence is never processed again, and answered with the last processed", async () => {
    const agent = await opened();
    agent.send({ type: "beat", sequence: 1 });
    agent.send({ type: "beat", sequence: 7 });
    expect(await agent.next()).toEqual({ type: "ack", sequence: 1 });
    expect(await agent.next()).toEqual({ type: "ack", sequence: 7 });
    for (const sequence of [7, 1, 6]) {
      agent.send({ type: "beat", sequence });
      expect(await agent.next()).toEqual({ type: "ack", sequence: 7 });
    }
    agent.send({ type: "goodbye", sequence: 7, reason: "reboot" });
    expect(await agent.next()).toEqual({ type: "ack", sequence: 7 });
    agent.send({ type: "beat", sequence: 8 });
    expect(await agent.next()).toEqual({ type: "ack", sequence: 8 });
    expect(running.host.eventsOf("heartbeat_received").map(({ sequence }) => sequence)).toEqual([1, 7, 8]);
    expect(running.host.eventsOf("goodbye_received")).toEqual([]);
  });

  test("[P20] an ack never goes back, even when the core's orders come out of order", async () => {
    const agent = await opened();
    const { sessionId } = agent.welcome;
    running.ingest.perform({ type: "send_ack", sessionId, sequence: 4 });
    running.ingest.perform({ type: "send_ack", sessionId, sequence: 3 });
    expect(await agent.next()).toEqual({ type: "ack", sequence: 4 });
    expect(await agent.next()).toEqual({ type: "ack", sequence: 4 });
  });

  test("[P24] health and inventory reach the core as they were sent", async () => {
    const agent = await opened();
    const { health } = golden("beat-with-health");
    const { inventory } = golden("inventory");
    agent.send({ type: "beat", sequence: 1, health });
    agent.send({ type: "inventory", inventory });
    agent.send({ type: "beat", sequence: 2 });
    await agent.next();
    expect(await agent.next()).toEqual({ type: "ack", sequence: 2 });
    expect(running.host.eventsOf("heartbeat_received")[0]?.health).toEqual(health);
    expect(running.host.eventsOf("inventory_received")).toEqual([
      { type: "inventory_received", serverId: "server_1", sessionId: agent.welcome.sessionId, inventory },
    ]);
  });

  test("[P8] unknown fields are ignored in an open session", async () => {
    const agent = await opened();
    agent.send('{"sequence":1,"__proto__":{"sequence":9},"type":"beat","mood":"good"}');
    expect(await agent.next()).toEqual({ type: "ack", sequence: 1 });
  });

  test.each([
    '{"type":"beat"}',
    '{"type":"beat","sequence":0}',
    '{"type":"beat","sequence":1.5}',
    '{"type":"beat","sequence":1,"health":{"cpu":2}}',
    '{"type":"goodbye","sequence":1,"reason":"lunch"}',
    '{"type":"inventory"}',
    "beat",
  ])("[P8] %s is closed with 4400, and nothing reaches the core but the end", async (text) => {
    const agent = await opened();
    agent.send(text);
    expect((await agent.closed).code).toBe(4400);
    await until(() => running.host.events.length === 2, "agent_disconnected");
    expect(running.host.events.map(({ type }) => type)).toEqual(["agent_connected", "agent_disconnected"]);
  });

  test("garbage in a proven session is logged for staff, a stranger's is not", async () => {
    const agent = await opened();
    const stranger = await dial(running.port);
    stranger.send("garbage");
    await stranger.closed;
    agent.send("garbage");
    await agent.closed;
    const endings = running.host.logged.filter(({ event }) => event === "session_ending");
    expect(endings.map(({ level, fields }) => [level, fields["reason"], fields["problem"]])).toEqual([
      ["debug", "bad_message", "not JSON"],
      ["info", "bad_message", "not JSON"],
    ]);
    expect(endings[1]?.fields).toMatchObject({ serverId: "server_1", sessionId: agent.welcome.sessionId });
  });

  test("[P8] a misuse costs only its own socket", async () => {
    const rude = await opened();
    const other = createIdentity();
    running.host.agents.set(other.publicKey, "server_2");
    const polite = await openSession(running.port, other);
    rude.send("garbage");
    await rude.closed;
    polite.send({ type: "beat", sequence: 1 });
    expect(await polite.next()).toEqual({ type: "ack", sequence: 1 });
    expect(running.ingest.sessionCount).toBe(1);
  });

  test("[P25] a goodbye is acknowledged, then the socket is closed with 1000", async () => {
    const agent = await opened();
    agent.send({ type: "goodbye", sequence: 1, reason: "reboot", awayForMs: 600_000 });
    expect(await agent.next()).toEqual({ type: "ack", sequence: 1 });
    expect(await agent.closed).toEqual({ code: 1000, reason: "normal" });
    expect(running.host.eventsOf("goodbye_received")).toEqual([
      {
        type: "goodbye_received",
        serverId: "server_1",
        sessionId: agent.welcome.sessionId,
        sequence: 1,
        reason: "reboot",
        awayForMs: 600_000,
      },
    ]);
    await until(() => running.host.eventsOf("agent_disconnected").length === 1, "agent_disconnected");
  });

  test("[P25] a message after goodbye is closed with 4400, and the goodbye stands", async () => {
    const host = createHost();
    const agent = await opened(host);
    agent.send({ type: "goodbye", sequence: 1, reason: "shutdown" });
    agent.send({ type: "beat", sequence: 2 });
    expect((await agent.closed).code).toBe(4400);
    expect(host.eventsOf("goodbye_received")).toMatchObject([{ reason: "shutdown", awayForMs: null }]);
    expect(host.eventsOf("heartbeat_received")).toEqual([]);
  });

  test("[P18] the newest session of an identity wins; the older one is closed with 4409 and counts no more", async () => {
    const older = await opened();
    const newer = await openSession(running.port, older.identity);
    older.send({ type: "beat", sequence: 1 });
    expect(await older.closed).toEqual({ code: 4409, reason: "replaced" });
    newer.send({ type: "beat", sequence: 1 });
    expect(await newer.next()).toEqual({ type: "ack", sequence: 1 });
    expect(running.host.eventsOf("heartbeat_received").map(({ sessionId }) => sessionId)).toEqual([
      newer.welcome.sessionId,
    ]);
    await until(() => running.host.eventsOf("agent_disconnected").length === 1, "agent_disconnected");
    expect(running.host.eventsOf("agent_disconnected")[0]?.sessionId).toBe(older.welcome.sessionId);
    expect(running.ingest.sessionCount).toBe(1);
  });

  test("[P18] a beat that the core takes for an old session's is closed with 4409", async () => {
    const host = createHost();
    const agent = await opened(host);
    host.answer = async () => ({ ok: false, code: "session_not_current" });
    agent.send({ type: "beat", sequence: 1 });
    expect((await agent.closed).code).toBe(4409);
  });

  test("[P29] a removed server's session is closed with 4410, by order or by the core's answer", async () => {
    const host = createHost();
    const agent = await opened(host);
    host.ingest?.perform({ type: "close_session", sessionId: agent.welcome.sessionId, reason: "removed" });
    expect(await agent.closed).toEqual({ code: 4410, reason: "removed" });
    const again = await openSession(running.port, agent.identity);
    host.answer = async () => ({ ok: false, code: "server_not_found" });
    again.send({ type: "beat", sequence: 1 });
    expect((await again.closed).code).toBe(4410);
  });

  test("an order for a session that is gone, or never was, does nothing", async () => {
    const agent = await opened();
    agent.socket.terminate();
    await until(() => running.ingest.sessionCount === 0, "the session is gone");
    const { sessionId } = agent.welcome;
    running.ingest.perform({ type: "send_ack", sessionId, sequence: 1 });
    running.ingest.perform({ type: "close_session", sessionId, reason: "removed" });
    running.ingest.perform({ type: "close_session", sessionId: "never", reason: "goodbye" });
    expect(running.host.eventsOf("agent_disconnected").length).toBe(1);
  });

  test.each(["close", "terminate"] as const)("the core hears once that a socket ended by %s", async (how) => {
    const agent = await opened();
    if (how === "close") agent.socket.close(1000);
    else agent.socket.terminate();
    await until(() => running.host.eventsOf("agent_disconnected").length > 0, "agent_disconnected");
    await agent.closed;
    await until(() => running.ingest.sessionCount === 0, "the session is gone");
    expect(running.host.eventsOf("agent_disconnected")).toEqual([
      { type: "agent_disconnected", serverId: "server_1", sessionId: agent.welcome.sessionId },
    ]);
  });

  test("[P30] a collector that stops says 4503 to all, and only once", async () => {
    const agent = await opened();
    const closes = [running.ingest.close(), running.ingest.close()];
    expect(await agent.closed).toEqual({ code: 4503, reason: "going_away" });
    await Promise.all(closes);
    await running.ingest.close();
    expect(running.ingest.sessionCount).toBe(0);
    // It ended the sessions itself: no evidence against anybody.
    expect(running.host.eventsOf("agent_disconnected")).toEqual([]);
  });

  test("[P30] a peer that does not answer the close is dropped after the close time", async () => {
    running = await startIngest({ limits: { closeMs: 50 } });
    const identity = createIdentity();
    running.host.agents.set(identity.publicKey, "server_1");
    const agent = await openSession(running.port, identity);
    agent.socket.pause();
    await running.ingest.close();
    expect(running.ingest.sessionCount).toBe(0);
    agent.socket.resume();
    await agent.closed;
  });

  test("[P30] a beat that cannot be stored is closed with 4503", async () => {
    const host = createHost();
    const agent = await opened(host);
    host.answer = () => Promise.reject(new Error("disk full"));
    agent.send({ type: "beat", sequence: 1 });
    expect((await agent.closed).code).toBe(4503);
  });

  test("[P27] a session that says nothing for 10/3 of the interval is dropped without a close frame", async () => {
    const host = createHost(100);
    const agent = await opened(host);
    expect((await agent.closed).code).toBe(1006);
    await until(() => host.eventsOf("agent_disconnected").length === 1, "agent_disconnected");
  });

  test("[P27] pings do not keep a session alive that sends no message", async () => {
    const host = createHost(100);
    const agent = await opened(host);
    const pinging = setInterval(() => agent.socket.ping(), 25);
    expect((await agent.closed).code).toBe(1006);
    clearInterval(pinging);
  });
});
