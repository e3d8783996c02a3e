/**
 * The session without a network: clocks, orders of events that a real socket shows once in a year, and random peers.
 * Must not: reach into the session; only its socket, its context and its events are seen.
 */
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Effect, Reply } from "../../collector/core/types/effects.ts";
import type { EventBody } from "../../collector/core/types/events.ts";
import { AgentSession } from "../../collector/ingest/agent-session.ts";
import { createCollectorKeys } from "../../collector/ingest/keys.ts";
import { ingestLimits, rhythmOf } from "../../collector/ingest/limits.ts";
import type { SessionContext } from "../../collector/ingest/session-context.ts";
import { closeName } from "../../shared/close-codes.ts";
import {
  collectorMessage,
  encode,
  parse,
  type CollectorMessage,
  type Hello,
  type Probed,
} from "../../shared/wire.ts";
import { createIdentity, enrollMessage, proveMessage } from "./agent.ts";
import { tokenId, tokenSecret } from "./host.ts";
import { createHash } from "node:crypto";

const { keys } = createCollectorKeys();
const identity = createIdentity();
const secretHash = createHash("sha256").update(tokenSecret).digest("base64url");

interface Pushed {
  readonly event: EventBody;
  readonly answer: (reply: Reply) => void;
  readonly fail: () => void;
}

/** One session on a socket of paper, with a clock that stands still until it is moved. */
function begin() {
  let nowMs = 1_000;
  let stopping = false;
  const pushed: Pushed[] = [];
  const sent: CollectorMessage[] = [];
  const ends: string[] = [];
  const logs: string[] = [];
  const proven = new Set<string>();
  let pendingEnded = 0;
  const socket = {
    bufferedAmount: 0,
    send(text: string) {
      const parsed = parse(collectorMessage, text);
      if (!parsed.ok) throw new Error(parsed.problem);
      sent.push(parsed.message);
    },
    close: (code: number, reason: string) => ends.push(`${code} ${reason}`),
    terminate: () => ends.push("terminated"),
  };
  let ids = 0;
  const context: SessionContext = {
    keys,
    limits: ingestLimits,
    rhythm: rhythmOf(15_000),
    nowMs: () => nowMs,
    newId: () => `id_${(ids += 1)}`,
    newNonce: () => randomBytes(32).toString("base64url"),
    push: (event) =>
      new Promise((resolve, reject) =>
        pushed.push({ event, answer: resolve, fail: () => reject(new Error("disk full")) }),
      ),
    findAgent: (publicKey) => (publicKey === identity.publicKey ? { serverId: "server_1" } : null),
    findEnrollment: (id) => (id === tokenId ? { secretHash } : null),
    log: (level, event) => {
      if (level === "warn") logs.push(`${level} ${event}`);
    },
    sessionProven: (sessionId) => proven.add(sessionId),
    sessionEnded: (sessionId) => proven.delete(sessionId),
    openingEnded: () => (pendingEnded += 1),
    isStopping: () => stopping,
  };
  const session = new AgentSession(context, socket, "192.0.2.1");
  const hello = sent[0] as Hello;
  return {
    session,
    socket,
    hello,
    pushed,
    sent,
    ends,
    logs,
    proven,
    pendingEnded: () => pendingEnded,
    types: () => pushed.map(({ event }) => event.type),
    pass: (ms: number) => (nowMs += ms),
    now: () => nowMs,
    stop: () => (stopping = true),
    /** Answers the push at `index` and lets the session go on. */
    async answer(index: number, reply: Reply = { ok: true }) {
      pushed[index]!.answer(reply);
      await settled();
    },
    async open(features?: string[]) {
      session.receive(encode(proveMessage(hello, identity, features && { features })));
      await this.answer(0);
      return this;
    },
  };
}

/** Lets every promise that can go on go on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const beat = (sequence: number): string => encode({ type: "beat", sequence });
const both = ["witness", "journal"];
const probed = (roundId: string, results: Probed["results"] = []): string =>
  encode({ type: "probed", roundId, results });
const journal = (sequence: number): string =>
  encode({
    type: "journal",
    bootIds: ["boot-1"],
    entries: [{ sequence, boot: 0, event: "tick", ageMs: 1_000 }],
    more: true,
  });
const ask = (roundId: string, change: object = {}): Extract<Effect, { type: "ask_witness" }> => ({
  type: "ask_witness",
  serverId: "server_1",
  sessionId: "id_1",
  roundId,
  requests: [{ kind: "icmp", host: "10.0.4.2", port: null }],
  timeLimitMs: 8_000,
  ...change,
});

describe("a session", () => {
  test("[P26] the allowance starts afresh after one interval", async () => {
    const one = await begin().open();
    for (let sequence = 1; sequence <= 19; sequence += 1) one.session.receive(beat(sequence));
    one.pass(15_000);
    for (let sequence = 20; sequence <= 39; sequence += 1) one.session.receive(beat(sequence));
    expect(one.ends).toEqual([]);
    one.pass(14_999);
    one.session.receive(beat(40));
    expect(one.ends).toEqual(["4429 too_fast"]);
    expect(one.types().filter((type) => type === "heartbeat_received").length).toBe(39);
  });

  test("[P11] the deadline of the opening is judged by the moment it was marked", () => {
    const one = begin();
    one.pass(5_000);
    one.session.sweep(one.now());
    expect(one.ends).toEqual([]);
    one.pass(1);
    one.session.sweep(one.now());
    expect(one.ends).toEqual(["4408 handshake_timeout"]);
  });

  test("[P11] while the core decides, no deadline of the peer runs", async () => {
    const one = begin();
    one.session.receive(encode(proveMessage(one.hello, identity)));
    one.pass(60_000);
    one.session.sweep(one.now());
    expect(one.ends).toEqual([]);
    await one.answer(0);
    expect(one.sent[1]?.type).toBe("welcome");
  });

  test("[P27] after a stall of the collector, a beat that was waiting in the socket saves its session", async () => {
    const [late, silent] = await Promise.all([begin().open(), begin().open()]);
    for (const one of [late, silent]) one.pass(170_000);
    const markedMs = late.now();
    late.session.receive(beat(1));
    late.session.sweep(markedMs);
    silent.session.sweep(markedMs);
    expect(late.ends).toEqual([]);
    expect(silent.ends).toEqual(["terminated"]);
  });

  test("[P27] the idle limit is 10/3 of the interval, from welcome or the last message", async () => {
    const one = await begin().open();
    one.pass(50_000);
    one.session.sweep(one.now());
    one.session.receive(beat(1));
    one.pass(50_000);
    one.session.sweep(one.now());
    expect(one.ends).toEqual([]);
    one.pass(1);
    one.session.sweep(one.now());
    expect(one.ends).toEqual(["terminated"]);
  });

  test("[P28] more than 256 KiB that the peer did not take end the session without a close frame", async () => {
    const one = await begin().open();
    one.socket.bufferedAmount = 262_144;
    one.session.openSession?.acknowledge(1);
    expect(one.ends).toEqual([]);
    one.socket.bufferedAmount = 262_145;
    one.session.openSession?.acknowledge(2);
    expect(one.ends).toEqual(["terminated"]);
  });

  test("a socket that goes while the core decides: the core hears of the end, after the beginning", async () => {
    const one = begin();
    one.session.receive(encode(proveMessage(one.hello, identity)));
    one.session.socketClosed();
    expect(one.types()).toEqual(["agent_connected"]);
    await one.answer(0);
    expect(one.types()).toEqual(["agent_connected", "agent_disconnected"]);
    expect(one.sent.length).toBe(1);
    expect(one.proven.size).toBe(0);
  });

  test("a socket that goes while the core refuses: the core hears nothing more", async () => {
    const one = begin();
    one.session.receive(encode(proveMessage(one.hello, identity)));
    one.session.socketClosed();
    await one.answer(0, { ok: false, code: "server_not_found" });
    expect(one.types()).toEqual(["agent_connected"]);
    expect(one.proven.size).toBe(0);
  });

  test("a socket that goes while the key is pinned sends nothing more and asks nothing more", async () => {
    const one = begin();
    one.session.receive(encode(enrollMessage(one.hello, identity)));
    one.session.socketClosed();
    await one.answer(0, { ok: true, id: "server_1" });
    expect(one.types()).toEqual(["agent_enrolled"]);
    expect(one.sent.length).toBe(1);
  });

  test("[P18] an order to close that comes before welcome is obeyed, and welcome is not sent", async () => {
    const one = begin();
    one.session.receive(encode(proveMessage(one.hello, identity)));
    expect([...one.proven]).toEqual(["id_1"]);
    one.session.end("replaced");
    await one.answer(0);
    expect(one.ends).toEqual(["4409 replaced"]);
    expect(one.sent.map(({ type }) => type)).toEqual(["hello"]);
    one.session.socketClosed();
    expect(one.types()).toEqual(["agent_connected", "agent_disconnected"]);
  });

  test("[P19] a repeated sequence before anything was processed is not answered", async () => {
    const one = await begin().open();
    one.session.receive(beat(1));
    one.session.receive(beat(1));
    expect(one.sent.map(({ type }) => type)).toEqual(["hello", "welcome"]);
    expect(one.types()).toEqual(["agent_connected", "heartbeat_received"]);
  });

  test("[P20] an ack after the end is not sent", async () => {
    const one = await begin().open();
    one.session.end("normal");
    one.session.openSession?.acknowledge(1);
    expect(one.sent.length).toBe(2);
  });

  test("[P30] an event that cannot be stored ends only this session, once", async () => {
    const one = await begin().open();
    one.session.receive(beat(1));
    one.session.receive(beat(2));
    one.pushed[1]!.fail();
    one.pushed[2]!.fail();
    await settled();
    expect(one.ends).toEqual(["4503 going_away"]);
  });

  test("[P30] when the collector stops, the core is not told of the ends it made", async () => {
    const one = await begin().open();
    one.stop();
    one.session.end("going_away");
    one.session.socketClosed();
    expect(one.types()).toEqual(["agent_connected"]);
    expect(one.proven.size).toBe(0);
  });

  test("an enrollment that the core answers without a server is the collector's fault, told as 4503", async () => {
    const one = begin();
    one.session.receive(encode(enrollMessage(one.hello, identity)));
    await one.answer(0);
    expect(one.ends).toEqual(["4503 going_away"]);
  });

  test("[P26] an answer that was asked for takes nothing of the allowance, one that was not does", async () => {
    const one = await begin().open(both);
    for (let round = 1; round <= 40; round += 1) {
      one.session.openSession?.askWitness(ask(`r${round}`), one.now());
      one.session.receive(probed(`r${round}`));
    }
    expect(one.ends).toEqual([]);
    expect(one.types().filter((type) => type === "witness_answered").length).toBe(40);
    // `prove` was the first of the window: 19 are left.
    for (let more = 0; more < 19; more += 1) one.session.receive(probed("r1"));
    expect(one.ends).toEqual([]);
    one.session.receive(probed("r1"));
    expect(one.ends).toEqual(["4429 too_fast"]);
  });

  test("[P34] 16 rounds may be unanswered; another is not asked before one is answered or long over", async () => {
    const one = await begin().open(both);
    const asked = (): number => one.sent.filter(({ type }) => type === "probe").length;
    for (let round = 1; round <= 20; round += 1)
      one.session.openSession?.askWitness(ask(`r${round}`), one.now());
    expect(asked()).toBe(16);
    one.session.receive(probed("r3"));
    one.session.openSession?.askWitness(ask("r21"), one.now());
    expect(asked()).toBe(17);
    one.pass(13_000);
    one.session.openSession?.askWitness(ask("r22"), one.now());
    expect(asked()).toBe(17);
    one.pass(1);
    for (let round = 23; round <= 40; round += 1)
      one.session.openSession?.askWitness(ask(`r${round}`), one.now());
    expect(asked()).toBe(33);
  });

  test("[P35] an answer counts until 5 s after the time limit, then no more, and is no misuse", async () => {
    const one = await begin().open(both);
    one.session.openSession?.askWitness(ask("in time"), one.now());
    one.session.openSession?.askWitness(ask("late"), one.now());
    one.pass(13_000);
    one.session.receive(probed("in time"));
    one.pass(1);
    one.session.receive(probed("late"));
    expect(one.pushed.flatMap(({ event }) => ("roundId" in event ? [event.roundId] : []))).toEqual([
      "in time",
    ]);
    expect(one.ends).toEqual([]);
  });

  test.each([
    ["a host that is no line", { requests: [{ kind: "icmp", host: "a\nb", port: null }] }],
    ["a port that is none", { requests: [{ kind: "tcp", host: "a", port: 0 }] }],
    [
      "a whole HTTP answer",
      { requests: [{ kind: "http", host: "a", port: 80, url: "http://a/", expectedStatus: null }] },
    ],
    ["nothing", { requests: [] }],
    ["too much", { requests: Array(17).fill({ kind: "icmp", host: "a", port: null }) }],
  ])(
    "[P34] an order to probe %s is not sent, so that it costs the agent no session",
    async (_what, change) => {
      const one = await begin().open(both);
      one.session.openSession?.askWitness(ask("r1", change), one.now());
      expect(one.sent.length).toBe(2);
      expect(one.logs).toEqual(["warn probe_not_sayable"]);
    },
  );

  test.each([
    [333.4, 333],
    // η of 100 ms and of 15 minutes: 13/15 of it is outside of what the wire can say.
    [87, 100],
    [780_000, 60_000],
  ])("[P34] a round of %d ms is asked with the time limit %d", async (timeLimitMs, said) => {
    const one = await begin().open(both);
    one.session.openSession?.askWitness(ask("r1", { timeLimitMs }), one.now());
    expect(one.sent.at(-1)).toMatchObject({ type: "probe", timeLimitMs: said });
  });

  test("[P25] after its goodbye an agent is asked nothing more, and its journal is not acknowledged twice", async () => {
    const one = await begin().open(both);
    one.session.receive(journal(7));
    one.session.receive(encode({ type: "goodbye", sequence: 1, reason: "reboot" }));
    one.session.openSession?.askWitness(ask("r1"), one.now());
    one.session.openSession?.acknowledgeJournal(7);
    one.session.openSession?.acknowledgeJournal(7);
    expect(one.sent.map(({ type }) => type)).toEqual(["hello", "welcome", "journal_ack"]);
  });

  test("[P39] an acknowledgement of less than was sent does not make room for more", async () => {
    const one = await begin().open(both);
    one.session.openSession?.acknowledgeJournal(9);
    one.session.receive(journal(7));
    one.session.openSession?.acknowledgeJournal(6);
    expect(one.sent.length).toBe(2);
    one.session.receive(journal(8));
    expect(one.ends).toEqual(["4400 bad_message"]);
  });

  test("[P39] a journal that the core refuses ends nothing, and is not acknowledged", async () => {
    const one = await begin().open(both);
    one.session.receive(journal(7));
    await one.answer(1, { ok: false, code: "already_so" });
    expect(one.ends).toEqual([]);
    expect(one.sent.length).toBe(2);
  });

  test("whatever a peer says in whatever order, it ends at most once, and the core hears a possible story", async () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom("prove", "enroll", "answer", "answer", "refuse", "fail") },
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 6 }).map((sequence) => ({ sequence })) },
      { weight: 2, arbitrary: fc.constantFrom("goodbye", "inventory", "ping", "ack", "pass", "sweep") },
      { weight: 2, arbitrary: fc.constantFrom("probed", "journal", "ask", "journal_ack") },
      { weight: 1, arbitrary: fc.constantFrom("garbage", "order", "closed", "{}", '{"type":"beat"}') },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.boolean(), async (steps, startOpen) => {
        const one = begin();
        if (startOpen) await one.open(both);
        let journals = 0;
        let answered = one.pushed.length;
        let gone = false;
        for (const now of steps) {
          if (gone && typeof now !== "string") continue;
          if (typeof now !== "string") one.session.receive(beat(now.sequence));
          else if (now === "prove") one.session.receive(encode(proveMessage(one.hello, identity)));
          else if (now === "enroll") one.session.receive(encode(enrollMessage(one.hello, identity)));
          else if (now === "goodbye")
            one.session.receive(encode({ type: "goodbye", sequence: 4, reason: "reboot" }));
          else if (now === "inventory") one.session.receive('{"type":"inventory","inventory":{}}');
          else if (now === "ping") one.session.receiveControl();
          else if (now === "probed") one.session.receive(probed("r1"));
          else if (now === "journal") one.session.receive(journal((journals += 1)));
          else if (now === "ask") one.session.openSession?.askWitness(ask("r1"), one.now());
          else if (now === "journal_ack") one.session.openSession?.acknowledgeJournal(journals);
          else if (now === "ack") one.session.openSession?.acknowledge(3);
          else if (now === "pass") one.pass(20_000);
          else if (now === "sweep") one.session.sweep(one.now());
          else if (now === "order") one.session.end("removed");
          else if (now === "closed") {
            one.session.socketClosed();
            gone = true;
          } else if (now === "answer" || now === "refuse" || now === "fail") {
            const next = one.pushed[answered];
            if (next === undefined) continue;
            answered += 1;
            if (now === "fail") next.fail();
            else
              next.answer(
                now === "answer" ? { ok: true, id: "server_1" } : { ok: false, code: "already_so" },
              );
            await settled();
          } else one.session.receive(now);
        }
        // It ends at most once by a close and at most once by force after that, with codes that PROTOCOL.md knows.
        const codes = one.ends.filter((end) => end !== "terminated").map((end) => Number(end.split(" ")[0]));
        expect(codes.length).toBeLessThanOrEqual(1);
        expect(codes.every((code) => closeName(code) !== null)).toBe(true);
        expect(one.pendingEnded()).toBeLessThanOrEqual(1);
        // The story: at most one beginning and one end, reports only between them, sequences that grow.
        const types = one.types();
        const connected = types.indexOf("agent_connected");
        expect(types.filter((type) => type === "agent_connected").length).toBeLessThanOrEqual(1);
        expect(types.filter((type) => type === "agent_disconnected").length).toBeLessThanOrEqual(1);
        expect(types.filter((type) => type === "agent_enrolled").length).toBeLessThanOrEqual(1);
        if (types.includes("agent_disconnected")) expect(types.at(-1)).toBe("agent_disconnected");
        const reports = [
          "heartbeat_received",
          "goodbye_received",
          "inventory_received",
          "witness_answered",
          "journal_received",
        ];
        types.forEach((type, index) => {
          if (reports.includes(type)) expect(connected !== -1 && index > connected).toBe(true);
        });
        const sequences = one.pushed.flatMap(({ event }) => ("sequence" in event ? [event.sequence] : []));
        expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
        expect(types.filter((type) => type === "goodbye_received").length).toBeLessThanOrEqual(1);
        // Never more answers than questions, nor more journal messages than acknowledgements and the first.
        const count = (type: string): number => types.filter((other) => other === type).length;
        const said = (type: string): number => one.sent.filter((message) => message.type === type).length;
        expect(count("witness_answered")).toBeLessThanOrEqual(said("probe"));
        expect(count("journal_received")).toBeLessThanOrEqual(said("journal_ack") + 1);
      }),
      { numRuns: 400 },
    );
  });
});
