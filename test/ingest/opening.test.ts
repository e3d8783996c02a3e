/**
 * Opening a session over real sockets: who gets in, who does not, and with which close code.
 * Must not: sleep; each wait is for a message, a close or a condition with a deadline.
 */
import { createHash, createHmac } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import type { RefusalCode } from "../../collector/core/types/effects.ts";
import { enrolledTranscript } from "../../shared/proof.ts";
import { encode } from "../../shared/wire.ts";
import {
  createIdentity,
  dial,
  enrollMessage,
  openSession,
  proveMessage,
  until,
  welcomeIsGenuine,
} from "./agent.ts";
import { createHost, startIngest, tokenSecret, type Running } from "./host.ts";

let running: Running;
afterEach(() => running.stop());

describe("opening a session", () => {
  test("[P9] hello comes first and at once, with the collector's key and a nonce of its own", async () => {
    running = await startIngest();
    const agents = await Promise.all([dial(running.port), dial(running.port)]);
    const [a, b] = await Promise.all(agents.map((agent) => agent.nextOf("hello")));
    expect(a!.collectorKey).toBe(running.collectorKey);
    expect(b!.collectorKey).toBe(running.collectorKey);
    expect(a!.collectorNonce).not.toBe(b!.collectorNonce);
    expect(Buffer.from(a!.collectorNonce, "base64url").length).toBe(32);
    expect([a!.versionMin, a!.versionCurrent]).toEqual([1, 1]);
  });

  test("[P12] [P13] a token and a key are enrolled, and the collector proves that it holds the token's hash", async () => {
    running = await startIngest();
    const identity = createIdentity();
    const agent = await dial(running.port);
    const hello = await agent.nextOf("hello");
    const enroll = enrollMessage(hello, identity);
    agent.send(enroll);
    const enrolled = await agent.nextOf("enrolled");
    const key = createHash("sha256").update(tokenSecret).digest();
    expect(enrolled.mac).toBe(
      createHmac("sha256", key)
        .update(enrolledTranscript(hello, enroll, enrolled.serverId))
        .digest("base64url"),
    );
    expect(running.host.events).toEqual([
      {
        type: "agent_enrolled",
        enrollmentId: "token_1",
        publicKey: identity.publicKey,
        newServerId: enrolled.serverId,
        hostName: "cabang-1",
        agentVersion: "0.1.0",
        peerAddress: "127.0.0.1",
      },
    ]);
    expect(JSON.stringify(enroll)).not.toContain(tokenSecret);
  });

  test("[P13] after enrolled the same socket may prove and open its session", async () => {
    running = await startIngest();
    const identity = createIdentity();
    const agent = await dial(running.port);
    const hello = await agent.nextOf("hello");
    agent.send(enrollMessage(hello, identity));
    await agent.nextOf("enrolled");
    const prove = proveMessage(hello, identity);
    agent.send(prove);
    expect(welcomeIsGenuine(hello, prove, await agent.nextOf("welcome"))).toBe(true);
  });

  test("[P14] the same key enrolls again after a lost answer, as the same server", async () => {
    running = await startIngest();
    const identity = createIdentity();
    const servers: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      const agent = await dial(running.port);
      agent.send(enrollMessage(await agent.nextOf("hello"), identity));
      servers.push((await agent.nextOf("enrolled")).serverId);
      agent.socket.close(1000);
      await agent.closed;
    }
    expect(servers[0]).toBe(servers[1]);
  });

  test("[P16] welcome carries the rhythm and a signature of the collector over this opening", async () => {
    running = await startIngest();
    const identity = createIdentity();
    running.host.agents.set(identity.publicKey, "server_1");
    const agent = await openSession(running.port, identity);
    expect(agent.welcome).toMatchObject({
      heartbeatIntervalMs: 15_000,
      ackTimeoutMs: 40_000,
      healthIntervalMs: 60_000,
    });
    expect(welcomeIsGenuine(agent.hello, agent.prove, agent.welcome)).toBe(true);
    const otherNonce = { ...agent.prove, agentNonce: agent.hello.collectorNonce };
    expect(welcomeIsGenuine(agent.hello, otherNonce, agent.welcome)).toBe(false);
    expect(welcomeIsGenuine(agent.hello, agent.prove, { ...agent.welcome, heartbeatIntervalMs: 1 })).toBe(
      false,
    );
    expect(running.host.eventsOf("agent_connected")).toEqual([
      {
        type: "agent_connected",
        serverId: "server_1",
        sessionId: agent.welcome.sessionId,
        bootId: "boot-1",
        agentVersion: "0.1.0",
        agentStartedBootMs: 61_234.5,
        peerAddress: "127.0.0.1",
        features: [],
      },
    ]);
    expect(running.ingest.sessionCount).toBe(1);
  });

  test("[P15] a key that nobody pinned is closed with 4403", async () => {
    running = await startIngest();
    const agent = await dial(running.port);
    agent.send(proveMessage(await agent.nextOf("hello"), createIdentity()));
    expect(await agent.closed).toEqual({ code: 4403, reason: "unknown_agent" });
    expect(running.host.events).toEqual([]);
  });

  test("[P15] a pinned key with another key's signature is closed with 4401 and the core hears nothing", async () => {
    running = await startIngest();
    const identity = createIdentity();
    running.host.agents.set(identity.publicKey, "server_1");
    const agent = await dial(running.port);
    const hello = await agent.nextOf("hello");
    const stranger = proveMessage(hello, createIdentity(), { agentKey: identity.publicKey });
    agent.send(stranger);
    expect(await agent.closed).toEqual({ code: 4401, reason: "bad_proof" });
    expect(running.host.events).toEqual([]);
  });

  test.each(["bootId", "agentVersion", "agentNonce"] as const)(
    "[P15] a prove whose %s was changed on the way is closed with 4401",
    async (field) => {
      running = await startIngest();
      const identity = createIdentity();
      running.host.agents.set(identity.publicKey, "server_1");
      const agent = await dial(running.port);
      const prove = proveMessage(await agent.nextOf("hello"), identity);
      agent.send({ ...prove, [field]: field === "agentNonce" ? "B".repeat(42) + "A" : "changed" });
      expect((await agent.closed).code).toBe(4401);
    },
  );

  test("[P15] a recorded prove is of no use on another socket, and the recorded session lives on", async () => {
    running = await startIngest();
    const identity = createIdentity();
    running.host.agents.set(identity.publicKey, "server_1");
    const genuine = await openSession(running.port, identity);
    const thief = await dial(running.port);
    await thief.nextOf("hello");
    thief.send(encode(genuine.prove));
    expect((await thief.closed).code).toBe(4401);
    genuine.send({ type: "beat", sequence: 1 });
    expect(await genuine.next()).toEqual({ type: "ack", sequence: 1 });
    expect(running.host.eventsOf("agent_connected").length).toBe(1);
  });

  test("[P12] [P15] a recorded enroll is of no use on another socket", async () => {
    running = await startIngest();
    const first = await dial(running.port);
    const enroll = enrollMessage(await first.nextOf("hello"), createIdentity());
    first.send(enroll);
    await first.nextOf("enrolled");
    const thief = await dial(running.port);
    await thief.nextOf("hello");
    thief.send(enroll);
    expect((await thief.closed).code).toBe(4404);
    expect(running.host.eventsOf("agent_enrolled").length).toBe(1);
  });

  test("[P12] an unknown token and a wrong secret are closed alike, with 4404", async () => {
    running = await startIngest();
    const unknown = await dial(running.port);
    unknown.send(enrollMessage(await unknown.nextOf("hello"), createIdentity(), { tokenId: "token_2" }));
    const wrong = await dial(running.port);
    wrong.send(enrollMessage(await wrong.nextOf("hello"), createIdentity(), {}, "f".repeat(32)));
    expect(await unknown.closed).toEqual({ code: 4404, reason: "token_refused" });
    expect(await wrong.closed).toEqual({ code: 4404, reason: "token_refused" });
    expect(running.host.events).toEqual([]);
  });

  test("[P12] a token with a key that its sender does not hold is closed with 4401", async () => {
    running = await startIngest();
    const agent = await dial(running.port);
    const hello = await agent.nextOf("hello");
    const enroll = enrollMessage(hello, createIdentity(), { agentKey: createIdentity().publicKey });
    agent.send(enroll);
    expect((await agent.closed).code).toBe(4401);
    expect(running.host.events).toEqual([]);
  });

  test.each([
    ["enrollment_expired", 4404],
    ["enrollment_used_up", 4404],
    ["enrollment_not_found", 4404],
    ["agent_key_taken", 4407],
  ] as [RefusalCode, number][])("[P12] the core's %s is closed with %i", async (code, closeCode) => {
    const host = createHost();
    host.answer = async () => ({ ok: false, code });
    running = await startIngest({}, host);
    const agent = await dial(running.port);
    agent.send(enrollMessage(await agent.nextOf("hello"), createIdentity()));
    expect((await agent.closed).code).toBe(closeCode);
  });

  test.each([0, 2, 99])(
    "[P10] version %i is refused: nonsense with 4400, another one with 4406",
    async (version) => {
      running = await startIngest();
      const identity = createIdentity();
      running.host.agents.set(identity.publicKey, "server_1");
      const agent = await dial(running.port);
      agent.send(proveMessage(await agent.nextOf("hello"), identity, { version }));
      expect((await agent.closed).code).toBe(version === 0 ? 4400 : 4406);
      expect(running.host.events).toEqual([]);
    },
  );

  test("[P10] a later version is told so even when its message looks different", async () => {
    running = await startIngest();
    const agent = await dial(running.port);
    await agent.nextOf("hello");
    agent.send({ type: "prove", version: 2, somethingNew: true });
    expect(await agent.closed).toEqual({ code: 4406, reason: "version_unsupported" });
  });

  test("[P11] a peer that opens and says nothing is closed with 4408", async () => {
    running = await startIngest({ limits: { handshakeMs: 60 } });
    const agent = await dial(running.port);
    expect(await agent.closed).toEqual({ code: 4408, reason: "handshake_timeout" });
    expect(running.host.events).toEqual([]);
  });

  test("[P11] after enrolled the time starts again, and ends in 4408 too", async () => {
    running = await startIngest({ limits: { handshakeMs: 500 } });
    const agent = await dial(running.port);
    agent.send(enrollMessage(await agent.nextOf("hello"), createIdentity()));
    await agent.nextOf("enrolled");
    expect((await agent.closed).code).toBe(4408);
  });

  test.each([
    ["not JSON", "detak?"],
    ["an empty frame", ""],
    ["null", "null"],
    ["an array", "[]"],
    ["a string", '"prove"'],
    ["no type", "{}"],
    ["an unknown type", '{"type":"reboot_the_server"}'],
    ["a collector's type", '{"type":"welcome"}'],
    ["its fields in __proto__", '{"__proto__":{"type":"prove","version":1}}'],
    ["64 KiB of open brackets", "[".repeat(65_536)],
    ["deeply nested objects", '{"a":'.repeat(13_000)],
  ])("[P8] a first message that is %s is closed with 4400", async (_name, text) => {
    running = await startIngest();
    const agent = await dial(running.port);
    await agent.nextOf("hello");
    agent.send(text);
    expect(await agent.closed).toEqual({ code: 4400, reason: "bad_message" });
    expect(running.host.events).toEqual([]);
  });

  test.each(["beat", "inventory", "goodbye"])("[P17] a %s before prove is closed with 4400", async (type) => {
    running = await startIngest();
    const agent = await dial(running.port);
    await agent.nextOf("hello");
    agent.send({ type, sequence: 1, reason: "reboot" });
    expect((await agent.closed).code).toBe(4400);
    expect(running.host.events).toEqual([]);
  });

  test("[P17] a beat before welcome is closed with 4400, and the session that was opened ends", async () => {
    running = await startIngest();
    const identity = createIdentity();
    running.host.agents.set(identity.publicKey, "server_1");
    const agent = await dial(running.port);
    agent.send(proveMessage(await agent.nextOf("hello"), identity));
    agent.send({ type: "beat", sequence: 1 });
    expect((await agent.closed).code).toBe(4400);
    await until(() => running.host.eventsOf("agent_disconnected").length === 1, "agent_disconnected");
    expect(running.host.events.map((event) => event.type)).toEqual(["agent_connected", "agent_disconnected"]);
    expect(agent.unread).toEqual([]);
    expect(running.ingest.sessionCount).toBe(0);
  });

  test("[P17] prove sent twice at once is closed with 4400", async () => {
    running = await startIngest();
    const identity = createIdentity();
    running.host.agents.set(identity.publicKey, "server_1");
    const agent = await dial(running.port);
    const hello = await agent.nextOf("hello");
    agent.send(proveMessage(hello, identity));
    agent.send(proveMessage(hello, identity));
    expect((await agent.closed).code).toBe(4400);
    expect(running.host.eventsOf("agent_connected").length).toBe(1);
  });

  test("[P17] a second enroll on one socket is closed with 4400", async () => {
    running = await startIngest();
    const identity = createIdentity();
    const agent = await dial(running.port);
    const hello = await agent.nextOf("hello");
    agent.send(enrollMessage(hello, identity));
    await agent.nextOf("enrolled");
    agent.send(enrollMessage(hello, identity));
    expect((await agent.closed).code).toBe(4400);
    expect(running.host.eventsOf("agent_enrolled").length).toBe(1);
  });

  test("[P17] anything before the answer to enroll is closed with 4400", async () => {
    running = await startIngest();
    const identity = createIdentity();
    const agent = await dial(running.port);
    const hello = await agent.nextOf("hello");
    agent.send(enrollMessage(hello, identity));
    agent.send(proveMessage(hello, identity));
    expect((await agent.closed).code).toBe(4400);
    expect(running.host.eventsOf("agent_connected")).toEqual([]);
  });

  test.each(["enroll", "prove"] as const)("[P17] %s in an open session is closed with 4400", async (type) => {
    running = await startIngest();
    const identity = createIdentity();
    running.host.agents.set(identity.publicKey, "server_1");
    const agent = await openSession(running.port, identity);
    agent.send(
      type === "enroll" ? enrollMessage(agent.hello, identity) : proveMessage(agent.hello, identity),
    );
    expect((await agent.closed).code).toBe(4400);
  });

  test("[P29] a server removed while its agent proves is closed with 4410", async () => {
    const host = createHost();
    host.answer = async () => ({ ok: false, code: "server_not_found" });
    running = await startIngest({}, host);
    const identity = createIdentity();
    host.agents.set(identity.publicKey, "server_1");
    const agent = await dial(running.port);
    agent.send(proveMessage(await agent.nextOf("hello"), identity));
    expect((await agent.closed).code).toBe(4410);
    await until(() => running.ingest.sessionCount === 0, "no session");
    expect(host.eventsOf("agent_disconnected")).toEqual([]);
  });

  test("[P30] a core that cannot store the session or the key is told as 4503", async () => {
    const host = createHost();
    host.answer = () => Promise.reject(new Error("disk full"));
    running = await startIngest({}, host);
    const identity = createIdentity();
    host.agents.set(identity.publicKey, "server_1");
    const proving = await dial(running.port);
    proving.send(proveMessage(await proving.nextOf("hello"), identity));
    expect((await proving.closed).code).toBe(4503);
    const enrolling = await dial(running.port);
    enrolling.send(enrollMessage(await enrolling.nextOf("hello"), createIdentity()));
    expect((await enrolling.closed).code).toBe(4503);
    expect(running.ingest.sessionCount).toBe(0);
    expect(
      host.logged.filter(({ level }) => level === "error").map(({ fields }) => fields["problem"]),
    ).toEqual(["disk full", "disk full"]);
  });
});
