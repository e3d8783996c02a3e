/**
 * Features over real sockets: old agents beside new ones, probes on request, the journal, and agents that misuse them.
 * Must not: sleep; each wait is for a message, a close or a condition with a deadline.
 */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import type { Effect } from "../../collector/core/types/effects.ts";
import type { IngestOptions } from "../../collector/ingest/server.ts";
import { journalBatch, journalEntriesOf, type JournalEntry } from "../../shared/journal.ts";
import type { Journal, Probed } from "../../shared/wire.ts";
import {
  createIdentity,
  dial,
  openSession,
  proveMessage,
  until,
  welcomeIsGenuine,
  type OpenAgent,
} from "./agent.ts";
import { startIngest, type Running } from "./host.ts";

let running: Running;
afterEach(() => running.stop());

const both = ["witness", "journal"];

async function opened(features?: string[], options: IngestOptions = {}): Promise<OpenAgent> {
  running = await startIngest(options);
  return openedMore("server_1", features);
}

async function openedMore(serverId: string, features?: string[]): Promise<OpenAgent> {
  const identity = createIdentity();
  running.host.agents.set(identity.publicKey, serverId);
  return openSession(running.port, identity, {}, features === undefined ? {} : { features });
}

const golden = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../wire/golden/${name}.json`, import.meta.url), "utf8"));
const probed = golden("probed") as Probed;
const journal = golden("journal") as Journal;

/** The order that the golden `probe` stands for. */
function order(agent: OpenAgent, roundId = probed.roundId): Extract<Effect, { type: "ask_witness" }> {
  return {
    type: "ask_witness",
    serverId: "server_1",
    sessionId: agent.welcome.sessionId,
    roundId,
    requests: [
      { kind: "icmp", host: "10.0.4.2", port: null },
      { kind: "tcp", host: "fd00::2", port: 3389 },
      { kind: "banner", host: "db.cabang.example", port: 22 },
    ],
    timeLimitMs: 8_000,
  };
}

/** A beat that comes back acknowledged: everything sent before it was read, and the session lives. */
async function stillHeard(agent: OpenAgent, sequence = 1): Promise<void> {
  agent.send({ type: "beat", sequence });
  expect(await agent.next()).toEqual({ type: "ack", sequence });
}

describe("features", () => {
  test("[P33] the core hears what the agent can do, and nothing of words that nobody knows", async () => {
    await opened(["telepathy", "journal", "witness", "journal"]);
    await openedMore("server_2", ["journal"]);
    await openedMore("server_3", []);
    await openedMore("server_4");
    expect(running.host.eventsOf("agent_connected").map(({ features }) => features)).toEqual([
      ["witness", "journal"],
      ["journal"],
      [],
      [],
    ]);
  });

  test("[P33] welcome names the collector's features, and its signature is what agents of before check", async () => {
    const agent = await opened();
    const { features, ...before } = agent.welcome;
    expect(features).toEqual(both);
    expect(welcomeIsGenuine(agent.hello, agent.prove, before)).toBe(true);
  });

  test("[P33] an agent of before is never asked, whatever the core orders", async () => {
    const agent = await opened();
    running.ingest.perform(order(agent));
    running.ingest.perform({ type: "ack_journal", sessionId: agent.welcome.sessionId, sequence: 813 });
    await stillHeard(agent);
    expect(agent.unread).toEqual([]);
  });

  test.each([
    ["journal", undefined, journal],
    ["journal", ["witness"], journal],
    ["probed", undefined, probed],
    ["probed", ["journal"], probed],
  ])("[P33] %s from an agent that said %j is closed with 4400", async (_type, features, message) => {
    const agent = await opened(features);
    agent.send(message);
    expect((await agent.closed).code).toBe(4400);
    await until(() => running.host.events.length === 2, "agent_disconnected");
    expect(running.host.events.map(({ type }) => type)).toEqual(["agent_connected", "agent_disconnected"]);
  });

  test.each(["journal", "probed"])("[P17] %s before welcome is closed with 4400", async (name) => {
    running = await startIngest();
    const identity = createIdentity();
    running.host.agents.set(identity.publicKey, "server_1");
    const hasty = await dial(running.port);
    hasty.send(golden(name) as object);
    expect((await hasty.closed).code).toBe(4400);
    // With its prove already on the way, too.
    const agent = await dial(running.port);
    agent.send(proveMessage(await agent.nextOf("hello"), identity, { features: both }));
    agent.send(golden(name) as object);
    expect((await agent.closed).code).toBe(4400);
  });
});

describe("a witness", () => {
  test("[P34] [P35] is asked what the core orders, and the core hears what it found", async () => {
    const agent = await opened(both);
    running.ingest.perform(order(agent));
    expect(await agent.next()).toEqual(golden("probe"));
    agent.send(probed);
    await until(() => running.host.eventsOf("witness_answered").length === 1, "witness_answered");
    expect(running.host.eventsOf("witness_answered")).toEqual([
      {
        type: "witness_answered",
        serverId: "server_1",
        sessionId: agent.welcome.sessionId,
        roundId: probed.roundId,
        results: [
          { kind: "icmp", target: "10.0.4.2", verdict: "dead", detail: "timeout", roundTripMs: null },
          { kind: "tcp", target: "[fd00::2]:3389", verdict: "alive", detail: "refused", roundTripMs: 1.25 },
          {
            kind: "banner",
            target: "db.cabang.example:22",
            verdict: "alive",
            detail: "connected",
            roundTripMs: 3.1,
            banner: "SSH-2.0-OpenSSH_9.2",
          },
        ],
      },
    ]);
  });

  test("[P35] that answers what nobody asked it, or asked somebody else, or twice, is not heard", async () => {
    const agent = await opened(both);
    const other = await openedMore("server_2", both);
    running.ingest.perform(order(other, "other's"));
    await other.nextOf("probe");
    agent.send({ ...probed, roundId: "never asked" });
    agent.send({ ...probed, roundId: "other's" });
    await stillHeard(agent);
    expect(running.host.eventsOf("witness_answered")).toEqual([]);
    running.ingest.perform(order(agent));
    await agent.nextOf("probe");
    agent.send(probed);
    agent.send(probed);
    await stillHeard(agent, 2);
    expect(running.host.eventsOf("witness_answered").length).toBe(1);
  });

  test("[P35] that adds results nobody asked for, or says one thing twice, is heard only for the first of what was asked", async () => {
    const agent = await opened(both);
    running.ingest.perform(order(agent));
    await agent.nextOf("probe");
    const [icmp] = probed.results;
    agent.send({
      ...probed,
      results: [
        { ...icmp, target: "10.0.4.3" },
        { ...icmp, kind: "tcp", target: "10.0.4.2:22" },
        { ...icmp, detail: "unreachable" },
        { ...icmp, verdict: "alive", detail: "reply" },
      ],
    });
    await stillHeard(agent);
    expect(running.host.eventsOf("witness_answered").map(({ results }) => results)).toEqual([
      [{ kind: "icmp", target: "10.0.4.2", verdict: "dead", detail: "unreachable", roundTripMs: null }],
    ]);
  });

  test("[P34] an order for a session that is gone asks nobody", async () => {
    const agent = await opened(both);
    agent.socket.terminate();
    await until(() => running.ingest.sessionCount === 0, "the session is gone");
    running.ingest.perform(order(agent));
    expect(running.host.logged.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
  });

  test("[P26] that floods answers is closed with 4429, and only the one that was asked is heard", async () => {
    const agent = await opened(both);
    running.ingest.perform(order(agent));
    await agent.nextOf("probe");
    for (let answer = 0; answer < 200; answer += 1) agent.send(probed);
    expect((await agent.closed).code).toBe(4429);
    expect(running.host.eventsOf("witness_answered").length).toBe(1);
  });

  test("[P28] that does not read its probes is dropped", async () => {
    const agent = await opened(both, { limits: { bufferedBytesMax: 1_024 } });
    agent.socket.pause();
    const asked = order(agent);
    // The kernel takes some megabytes first. A round that is asked again is open once, so the limit of 16 is not met.
    for (let round = 0; round < 200_000 && running.ingest.sessionCount > 0; round += 1) {
      running.ingest.perform({ ...asked, roundId: `r${round % 16}`.padEnd(128, "-") });
      if (round % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => running.ingest.sessionCount === 0, "the session is gone");
    expect(running.host.eventsOf("agent_disconnected").length).toBe(1);
    agent.socket.terminate();
  });

  test.each([
    { results: [{ ...probed.results[0], banner: "SSH\u0000" }] },
    { results: [{ ...probed.results[0], verdict: "perhaps" }] },
    { results: Array(17).fill(probed.results[0]) },
    { roundId: "" },
  ])("[P35] an answer that is not valid is closed with 4400", async (change) => {
    const agent = await opened(both);
    running.ingest.perform(order(agent));
    agent.send({ ...probed, ...change });
    expect((await agent.closed).code).toBe(4400);
    expect(running.host.eventsOf("witness_answered")).toEqual([]);
  });
});

describe("a journal", () => {
  const entries = (count: number): JournalEntry[] =>
    Array.from({ length: count }, (_, index) => ({
      ...journalEntriesOf(journal)[1]!,
      sequence: index + 1,
      ageMs: (count - index) * 15_000,
    }));

  test("[P37] reaches the core as whole entries, and is acknowledged when the core says so", async () => {
    const agent = await opened(both);
    agent.send(journal);
    await until(() => running.host.eventsOf("journal_received").length === 1, "journal_received");
    const [boot, laterBoot] = journal.bootIds;
    const unknown = {
      lateMs: 0,
      sleptMs: 0,
      link: "unknown",
      gateway: "unknown",
      dns: "unknown",
      internet: "unknown",
      collector: "unknown",
    };
    expect(running.host.eventsOf("journal_received")).toEqual([
      {
        type: "journal_received",
        serverId: "server_1",
        sessionId: agent.welcome.sessionId,
        more: false,
        entries: [
          { ...unknown, sequence: 811, bootId: boot, event: "tick", ageMs: 125_000.5, collector: "ok" },
          {
            sequence: 812,
            bootId: boot,
            event: "tick",
            ageMs: 109_000,
            lateMs: 1_200,
            sleptMs: 900,
            link: "up",
            gateway: "ok",
            dns: "failed",
            internet: "failed",
            collector: "timeout",
          },
          {
            ...unknown,
            sequence: 813,
            bootId: laterBoot,
            event: "start",
            ageMs: 61_000,
            link: "down",
            gateway: "failed",
          },
        ],
      },
    ]);
    await stillHeard(agent);
    running.ingest.perform({ type: "ack_journal", sessionId: agent.welcome.sessionId, sequence: 813 });
    expect(await agent.next()).toEqual({ type: "journal_ack", sequence: 813 });
  });

  test("[P38] of many messages goes one by one, in order, with beats between them", async () => {
    const agent = await opened(both);
    const told = entries(900);
    for (let at = 0, turn = 1; at < told.length; turn += 1) {
      const { message, taken } = journalBatch(told.slice(at));
      agent.send(message);
      await stillHeard(agent, turn);
      at += taken;
      running.ingest.perform({ type: "ack_journal", sessionId: agent.welcome.sessionId, sequence: at });
      expect(await agent.next()).toEqual({ type: "journal_ack", sequence: at });
    }
    const received = running.host.eventsOf("journal_received");
    expect(received.flatMap((event) => event.entries)).toEqual(told);
    expect(received.map(({ more }) => more)).toEqual([true, true, true, true, false]);
  });

  test("[P38] a second message before the acknowledgement is closed with 4400, and only the first is heard", async () => {
    const agent = await opened(both);
    agent.send(journal);
    agent.send(journal);
    expect((await agent.closed).code).toBe(4400);
    expect(running.host.eventsOf("journal_received").length).toBe(1);
  });

  test("[P39] a collector that never acknowledges hears beats as ever", async () => {
    const agent = await opened(both);
    agent.send(journal);
    for (let sequence = 1; sequence <= 10; sequence += 1) await stillHeard(agent, sequence);
    expect(agent.unread).toEqual([]);
  });

  test("[P6] a message over 64 KiB is closed with 1009, and nothing of it is heard", async () => {
    const agent = await opened(both);
    agent.send({ ...journal, filling: "x".repeat(65_536) });
    expect((await agent.closed).code).toBe(1009);
    expect(running.host.eventsOf("journal_received")).toEqual([]);
  });

  test.each([
    [
      "too many entries",
      { entries: entries(201).map((_, index) => ({ ...journal.entries[0], sequence: index + 1 })) },
    ],
    ["no entry", { entries: [] }],
    ["entries out of order", { entries: [...journal.entries].reverse() }],
    ["the same entry twice", { entries: [journal.entries[0], journal.entries[0]] }],
    ["a boot that is not listed", { bootIds: [journal.bootIds[0]] }],
    ["an age that is none", { entries: [{ ...journal.entries[0], ageMs: -1 }] }],
    ["an event nobody knows", { entries: [{ ...journal.entries[0], event: "nap" }] }],
    ["null for unknown", { entries: [{ ...journal.entries[0], dns: null }] }],
    ["no word on what follows", { more: undefined }],
  ])("[P37] with %s is closed with 4400, and nothing of it is heard", async (_what, change) => {
    const agent = await opened(both);
    agent.send({ ...journal, ...change });
    expect((await agent.closed).code).toBe(4400);
    expect(running.host.eventsOf("journal_received")).toEqual([]);
  });

  test("[P30] that cannot be stored is closed with 4503, so that it is told again in another session", async () => {
    const agent = await opened(both);
    running.host.answer = () => Promise.reject(new Error("disk full"));
    agent.send(journal);
    expect((await agent.closed).code).toBe(4503);
  });
});
