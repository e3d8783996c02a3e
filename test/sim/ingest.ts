/**
 * The collector's end of the simulated connections: what collector/ingest does with words, without its promises.
 * Why again here: the real one is proven over real sockets in test/ingest; the simulator needs the same order of
 * events — hello, prove, connected, welcome; beats only from the session's own socket; idle sockets terminated.
 * Must not: judge silence; what a session may change is the core's to say.
 */
import { rhythmOf } from "../../collector/ingest/limits.ts";
import type { Rhythm } from "../../collector/ingest/limits.ts";
import type { Effect, Reply } from "../../collector/core/types/effects.ts";
import type { EventBody } from "../../collector/core/types/events.ts";
import type { ProbeResult } from "../../collector/core/types/evidence.ts";
import { closeCodes, type CloseName } from "../../shared/close-codes.ts";
import { journalEntriesOf } from "../../shared/journal.ts";
import { unreachable } from "../../shared/assert.ts";
import type { HealthSample } from "../../shared/health.ts";
import {
  featuresOf,
  knownFeatures,
  limits,
  VERSION_CURRENT,
  VERSION_MIN,
  type Prove,
} from "../../shared/wire.ts";
import type { Collector } from "./collector.ts";
import type { Connection } from "./connection.ts";
import { sendDown } from "./connection.ts";
import { entries } from "./entries.ts";
import type { DownWord, UpWord } from "./entries.ts";
import { collectorKey, nonceOf, signature } from "./wire-samples.ts";
import type { World } from "./world.ts";

/** How often deadlines of sockets are looked at (collector/ingest/server.ts). */
const SWEEP_MS = 1_000;
/** One beat in so many goes through the wire's text, to prove that it may. */
const WIRE_PROOF_EVERY = 256;

export class Ingest {
  readonly #world: World;
  readonly #collector: Collector;
  readonly #rhythm: Rhythm;
  readonly #sessions = new Map<string, Connection>();
  #open = new Set<Connection>();
  #sessionNumber = 0;
  #beats = 0;

  constructor(world: World, collector: Collector) {
    this.#world = world;
    this.#collector = collector;
    this.#rhythm = rhythmOf(world.plan.heartbeatIntervalMs);
  }

  /** A word reached this process. */
  receive(connection: Connection, kind: number, value: number, payload: unknown): void {
    if (connection.phase === "closing") return;
    if (kind === entries.upBeat) return this.#beat(connection, value, payload as HealthSample | null);
    this.#word(connection, payload as UpWord);
  }

  /** A word for a process that is gone, or a host without one: the kernel resets. */
  strangerSpoke(connection: Connection): void {
    const first = connection.collectorProcess === 0;
    if (first && this.#collector.process > 0) {
      connection.collectorProcess = this.#collector.process;
      connection.collectorOpen = true;
      this.#collector.arrive(() => this.receive(connection, entries.upWord, 0, { type: "upgrade" }));
      return;
    }
    if (connection.agentOpen) this.#tellEnd(connection, 1006, "ECONNRESET");
    connection.collectorOpen = false;
  }

  #word(connection: Connection, word: UpWord): void {
    switch (word.type) {
      case "upgrade":
        return this.#opened(connection);
      case "prove":
        return this.#proved(connection, word);
      case "inventory":
        if (connection.phase !== "open") return;
        connection.heardMs = this.#world.nowMs;
        return this.#collector.push(
          {
            type: "inventory_received",
            serverId: connection.server.id,
            sessionId: connection.sessionId,
            inventory: word.inventory,
          },
          this.#reported(connection),
        );
      case "goodbye": {
        if (connection.phase !== "open" || word.sequence <= connection.sequenceReceived) return;
        connection.heardMs = this.#world.nowMs;
        connection.sequenceReceived = word.sequence;
        const { id } = connection.server;
        const { sessionId } = connection;
        const awayForMs = word.awayForMs ?? null;
        this.#world.oracle.goodbyeRead(id, sessionId, word.reason, this.#world.nowMs);
        return this.#collector.push(
          {
            type: "goodbye_received",
            serverId: id,
            sessionId,
            sequence: word.sequence,
            reason: word.reason,
            awayForMs,
          },
          this.#reported(connection),
        );
      }
      case "probed": {
        if (connection.phase !== "open" || !connection.roundsAsked.delete(word.roundId)) return;
        connection.heardMs = this.#world.nowMs;
        const results = word.results.map(({ banner, ...result }): ProbeResult => {
          const roundTripMs = result.roundTripMs ?? null;
          return { ...result, roundTripMs, ...(banner !== undefined && { banner }) };
        });
        return this.#report(connection, { type: "witness_answered", roundId: word.roundId, results });
      }
      case "journal":
        if (connection.phase !== "open") return;
        connection.heardMs = this.#world.nowMs;
        return this.#report(connection, {
          type: "journal_received",
          entries: journalEntriesOf(word),
          more: word.more,
        });
      case "closed":
        return this.#gone(connection);
      default:
        return unreachable(word);
    }
  }

  #report(
    connection: Connection,
    said:
      | Pick<Extract<EventBody, { type: "witness_answered" }>, "type" | "roundId" | "results">
      | Pick<Extract<EventBody, { type: "journal_received" }>, "type" | "entries" | "more">,
  ): void {
    const { sessionId } = connection;
    const serverId = connection.server.id;
    this.#collector.push({ ...said, serverId, sessionId }, this.#reported(connection));
  }

  /** Asks the agent of this session to probe; one that is gone is not asked. */
  askWitness(order: Extract<Effect, { type: "ask_witness" }>): void {
    const connection = this.#sessions.get(order.sessionId);
    if (connection?.phase !== "open" || connection.server.id !== order.serverId) return;
    connection.roundsAsked.add(order.roundId);
    const { roundId, timeLimitMs } = order;
    const requests = order.requests.map((request) => {
      if (request.kind === "http") throw new Error("assertion failed: a witness is asked for a whole answer");
      const { kind, host } = request;
      return kind === "icmp" ? { kind, host } : { kind, host, port: request.port };
    });
    this.#say(connection, { type: "probe", roundId, requests, timeLimitMs });
  }

  acknowledgeJournal(sessionId: string, sequence: number): void {
    const connection = this.#sessions.get(sessionId);
    if (connection?.phase === "open") this.#say(connection, { type: "journal_ack", sequence });
  }

  #beat(connection: Connection, sequence: number, health: HealthSample | null): void {
    if (connection.phase !== "open" || sequence <= connection.sequenceReceived) return;
    const { nowMs } = this.#world;
    connection.heardMs = nowMs;
    connection.sequenceReceived = sequence;
    this.#beats += 1;
    const proven =
      this.#beats % WIRE_PROOF_EVERY === 0 ? this.#world.beatThroughTheWire(sequence, health) : health;
    const serverId = connection.server.id;
    const { sessionId } = connection;
    this.#world.oracle.beatRead(connection.server, sessionId, nowMs);
    this.#collector.push(
      { type: "heartbeat_received", serverId, sessionId, sequence, health: proven },
      this.#reported(connection),
    );
  }

  #opened(connection: Connection): void {
    const { nowMs } = this.#world;
    connection.phase = "opening";
    connection.heardMs = nowMs;
    this.#open.add(connection);
    this.#say(connection, { type: "opened" });
    this.#say(connection, {
      type: "hello",
      versionMin: VERSION_MIN,
      versionCurrent: VERSION_CURRENT,
      collectorKey,
      collectorNonce: nonceOf(this.#sessionNumber),
    });
    this.#world.callAt(nowMs + limits.handshakeMs, () =>
      this.#collector.arrive(() => {
        if (connection.phase === "opening" && this.#open.has(connection))
          this.#end(connection, "handshake_timeout");
      }),
    );
  }

  #proved(connection: Connection, prove: Prove): void {
    if (connection.phase !== "opening") return this.#end(connection, "bad_message");
    const serverId = this.#collector.state?.derived.serverByAgentKey.get(prove.agentKey);
    if (serverId === undefined) return this.#end(connection, "unknown_agent");
    if (prove.signature !== signature) return this.#end(connection, "bad_proof");
    this.#sessionNumber += 1;
    const sessionId = `session-${this.#sessionNumber}`;
    connection.phase = "proving";
    connection.sessionId = sessionId;
    this.#sessions.set(sessionId, connection);
    const { process } = this.#collector;
    this.#world.oracle.sessionProven(serverId, sessionId, connection.server);
    this.#collector.push(
      {
        type: "agent_connected",
        serverId,
        sessionId,
        bootId: prove.bootId,
        agentVersion: prove.agentVersion,
        agentStartedBootMs: prove.agentStartedBootMs,
        peerAddress: connection.server.peerAddress,
        features: featuresOf(prove.features),
      },
      (reply) => this.#connected(connection, process, reply),
    );
  }

  #connected(connection: Connection, process: number, reply: Reply): void {
    if (this.#collector.process !== process) return;
    if (!reply.ok) {
      this.#sessions.delete(connection.sessionId);
      return this.#end(connection, reply.code === "server_not_found" ? "removed" : "going_away");
    }
    if (connection.phase !== "proving") {
      // Closed while the core decided.
      this.#tellDisconnected(connection);
      return;
    }
    connection.phase = "open";
    connection.heardMs = this.#world.nowMs;
    const { heartbeatIntervalMs, ackTimeoutMs, healthIntervalMs } = this.#rhythm;
    const { sessionId } = connection;
    this.#say(connection, {
      type: "welcome",
      sessionId,
      signature,
      heartbeatIntervalMs,
      ackTimeoutMs,
      healthIntervalMs,
      features: [...knownFeatures],
    });
    this.watchIdle(connection);
  }

  /** Terminates a socket that said nothing for 10/3 η; the sockets are read once more before it is believed. */
  watchIdle(connection: Connection): void {
    const { nowMs, queue } = this.#world;
    connection.idleUnwatched = false;
    const dueMs = Math.max(connection.heardMs + this.#rhythm.idleMs + 1, nowMs + SWEEP_MS);
    queue.put(dueMs, entries.idleLook, connection, 0, null);
  }

  idleLooked(connection: Connection): void {
    if (connection.phase !== "open" || !this.#open.has(connection)) return;
    if (connection.server.agent.isSteadyOn(connection)) {
      // Its next beat is on its way; who ends that asks for the look again.
      connection.idleUnwatched = true;
      return;
    }
    if (this.#collector.paused) return this.#collector.arrive(() => this.watchIdle(connection));
    const idle = this.#world.nowMs - connection.heardMs > this.#rhythm.idleMs;
    if (!idle) return this.watchIdle(connection);
    connection.phase = "closing";
    this.#gone(connection);
    this.#tellEnd(connection, 1006, "idle");
  }

  /** The core's answer to what a session said. Undefined callbacks would hide a refusal. */
  #reported(connection: Connection): (reply: Reply) => void {
    return (connection.reported ??= (reply: Reply): void => {
      if (reply.ok || connection.phase === "closing") return;
      if (reply.code === "session_not_current") this.#end(connection, "replaced");
      else if (reply.code === "server_not_found") this.#end(connection, "removed");
    });
  }

  acknowledge(sessionId: string, sequence: number): void {
    const connection = this.#sessions.get(sessionId);
    if (connection?.phase !== "open") return;
    if (connection.server.agent.acknowledgedAtOnce(connection, sequence)) return;
    sendDown(this.#world, connection, entries.downAck, sequence, null);
  }

  closeSession(sessionId: string, reason: "replaced" | "removed" | "goodbye"): void {
    const connection = this.#sessions.get(sessionId);
    if (connection) this.#end(connection, reason === "goodbye" ? "normal" : reason);
  }

  closeAll(code: number, reason: string): void {
    for (const connection of this.#open) this.#tellEnd(connection, code, reason);
  }

  processDied(kernelLives: boolean): void {
    for (const connection of this.#open) {
      connection.phase = "closing";
      connection.collectorOpen = false;
      if (kernelLives) this.#tellEnd(connection, 1006, "ECONNRESET");
      else connection.heldDown = null;
    }
    this.#open = new Set();
    this.#sessions.clear();
  }

  #say(connection: Connection, word: DownWord): void {
    sendDown(this.#world, connection, entries.downWord, 0, this.#world.throughTheWire(word));
  }

  #tellEnd(connection: Connection, code: number, reason: string): void {
    sendDown(this.#world, connection, entries.downWord, 0, { type: "closed", code, reason });
  }

  #end(connection: Connection, name: CloseName): void {
    if (connection.phase === "closing") return;
    this.#tellEnd(connection, closeCodes[name].code, name);
    this.#gone(connection);
  }

  /** The socket is gone; the core hears of it once. */
  #gone(connection: Connection): void {
    const wasOpen = connection.phase === "open" || connection.collectorOpen;
    connection.phase = "closing";
    connection.collectorOpen = false;
    this.#open.delete(connection);
    if (wasOpen && this.#sessions.get(connection.sessionId) === connection)
      this.#tellDisconnected(connection);
  }

  #tellDisconnected(connection: Connection): void {
    if (!this.#sessions.delete(connection.sessionId)) return;
    const { sessionId } = connection;
    this.#collector.push({ type: "agent_disconnected", serverId: connection.server.id, sessionId }, null);
  }
}
