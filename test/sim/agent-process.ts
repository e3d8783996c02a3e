/**
 * The agent's program on one simulated host: the real session (agent/session.ts) in a shell on simulated time.
 * Why a shell of its own: agent/session-shell.ts lives on sockets and timers; this one performs the same effects.
 * Must not: decide anything about the session, or know whether its host has power (server.ts does).
 */
import { nextDeadlineMs, startSession, step } from "../../agent/session.ts";
import type { SessionEffect, SessionEvent, SessionState, StopReason } from "../../agent/session-types.ts";
import { unreachable } from "../../shared/assert.ts";
import { Connection, dial, sendUp } from "./connection.ts";
import { entries } from "./entries.ts";
import type { DownWord, UpWord } from "./entries.ts";
import type { SimulatedServer } from "./server.ts";
import { agentKeyOf, collectorKey, inventoryOf, nonceOf, signature } from "./wire-samples.ts";
import type { World } from "./world.ts";

/** The agent's shell sees a suspend that is longer than this (agent/session-shell.ts, `sleptMs`). */
const SLEPT_MS = 5_000;

/** What the kernel keeps while the program is not given time. `word` null: an ack. */
interface Unread {
  readonly connection: Connection;
  readonly sequence: number;
  readonly word: DownWord | null;
}

export class AgentProcess {
  readonly #server: SimulatedServer;
  readonly #world: World;
  /** 0: it does not run. Each start is a new number. */
  number = 0;
  connection: Connection | null = null;
  #starts = 0;
  #startedBootMs = 0;
  #session: SessionState | null = null;
  #timerToken = 0;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #unread: Unread[] = [];

  constructor(server: SimulatedServer, world: World) {
    this.#server = server;
    this.#world = world;
  }

  start(sinceBootMs: number): void {
    this.#starts += 1;
    this.number = this.#starts;
    this.#startedBootMs = sinceBootMs;
    this.#session = startSession({
      purpose: "serve",
      collectorKey,
      seed: (this.#world.plan.seed * 31 + this.#server.index * 1_009 + this.#starts) | 0,
    });
    if (!this.#server.frozen) this.#begin();
  }

  #begin(): void {
    const nowMs = this.#monotonicMs();
    this.#tell({ type: "started", nowMs });
    this.#tell({ type: "health_read", nowMs });
    this.#tell({ type: "inventory_read", nowMs });
  }

  /** `kernelLives`: its sockets are closed in order; otherwise nobody is told anything. */
  kill(kernelLives: boolean): void {
    if (this.number === 0) return;
    const { connection } = this;
    this.number = 0;
    this.#session = null;
    this.connection = null;
    this.#unread = [];
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    this.#timerToken += 1;
    if (connection && kernelLives) this.#closeEnd(connection);
    this.#world.truthChanged(this.#server);
  }

  /** Asks it to end with a goodbye. */
  stop(reason: StopReason): void {
    this.#tell({ type: "stop_requested", nowMs: this.#monotonicMs(), reason });
  }

  /** It is given time again; its host slept for `sleptMs` of the time that it was not. */
  resume(sleptMs: number): void {
    if (this.#session === null) return;
    if (this.#session.kind === "idle") return this.#begin();
    if (sleptMs > SLEPT_MS) this.#tell({ type: "machine_slept", nowMs: this.#monotonicMs(), sleptMs });
    // The sockets are read before a late timer is believed.
    const unread = this.#unread;
    this.#unread = [];
    for (const { connection, sequence, word } of unread)
      if (word) this.receiveWord(connection, word);
      else this.receiveAck(connection, sequence);
    this.#tell({ type: "time_passed", nowMs: this.#monotonicMs() });
  }

  timerFired(token: number): void {
    if (token !== this.#timerToken) return;
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    if (this.#server.frozen || this.number === 0) return;
    this.#tell({ type: "time_passed", nowMs: this.#monotonicMs() });
  }

  receiveAck(connection: Connection, sequence: number): void {
    if (!this.#takes(connection)) return;
    if (this.#server.frozen) {
      this.#unread.push({ connection, sequence, word: null });
      return;
    }
    this.#tell({
      type: "message_received",
      nowMs: this.#monotonicMs(),
      link: connection.link,
      message: { type: "ack", sequence },
    });
  }

  receiveWord(connection: Connection, word: DownWord): void {
    if (!this.#takes(connection)) return;
    if (this.#server.frozen) {
      this.#unread.push({ connection, sequence: 0, word });
      return;
    }
    const nowMs = this.#monotonicMs();
    const { link } = connection;
    switch (word.type) {
      case "opened":
        return this.#tell({ type: "socket_opened", nowMs, link });
      case "closed":
        connection.agentOpen = false;
        if (this.connection === connection) this.connection = null;
        return this.#tell({ type: "socket_closed", nowMs, link, code: word.code, detail: word.reason });
      case "hello":
      case "welcome":
        return this.#tell({ type: "message_received", nowMs, link, message: word });
      default:
        return unreachable(word);
    }
  }

  /** The kernel has a socket for it, of the process that runs now. */
  #takes(connection: Connection): boolean {
    return (
      connection.agentOpen &&
      this.#server.online &&
      this.number > 0 &&
      connection.agentProcess === this.number
    );
  }

  #monotonicMs(): number {
    return this.#world.nowMs - this.#server.sleptMs;
  }

  #tell(event: SessionEvent): void {
    if (this.#session === null) return;
    const { state, effects } = step(this.#session, event);
    this.#session = state;
    for (const effect of effects) this.#perform(effect);
    this.#setTimer();
  }

  /** A timer that is due sooner than needed serves as well: it finds nothing to do and asks again. */
  #setTimer(): void {
    if (this.#session === null) return;
    const deadlineMs = nextDeadlineMs(this.#session) + this.#server.sleptMs;
    if (deadlineMs >= this.#timerAtMs || deadlineMs === Number.POSITIVE_INFINITY) return;
    this.#timerAtMs = deadlineMs;
    this.#timerToken += 1;
    const { queue, nowMs } = this.#world;
    queue.put(Math.max(nowMs, deadlineMs), entries.agentTimer, this.#server, this.#timerToken, null);
  }

  #perform(effect: SessionEffect): void {
    const { index } = this.#server;
    switch (effect.type) {
      case "send_beat": {
        if (this.connection === null) return;
        this.#world.beatsSent += 1;
        const health = effect.health ? this.#server.health : null;
        sendUp(this.#world, this.connection, entries.upBeat, effect.sequence, health);
        return;
      }
      case "dial":
        if (this.connection) this.#terminate(this.connection);
        this.connection = new Connection(this.#server, effect.link, this.number);
        dial(this.#world, this.connection);
        return;
      case "send_opening":
        return this.#say({
          type: "prove",
          version: effect.version,
          agentKey: agentKeyOf(index),
          agentNonce: nonceOf(effect.link),
          signature,
          bootId: this.#server.bootId,
          agentVersion: "0.1.0",
          agentStartedBootMs: this.#startedBootMs,
        });
      case "check_welcome":
        return this.#tell({
          type: "collector_checked",
          nowMs: this.#monotonicMs(),
          link: effect.link,
          right: effect.welcome.signature === signature,
        });
      case "send_inventory":
        return this.#say({ type: "inventory", inventory: inventoryOf(index) });
      case "send_goodbye":
        return this.#say({ type: "goodbye", sequence: effect.sequence, reason: effect.reason });
      case "close":
        if (this.connection) this.#closeEnd(this.connection);
        this.connection = null;
        return;
      case "terminate":
        if (this.connection) this.#terminate(this.connection);
        this.connection = null;
        return;
      case "finished":
        return this.kill(true);
      case "set_health_rhythm":
      case "log":
        return;
      case "check_enrolled":
      case "store_identity":
        throw new Error("assertion failed: a simulated agent is enrolled from the start");
      default:
        return unreachable(effect);
    }
  }

  #say(word: UpWord): void {
    if (this.connection === null) return;
    sendUp(this.#world, this.connection, entries.upWord, 0, this.#world.throughTheWire(word));
  }

  /** FIN: comes after what was sent before, and is sent again until it arrives. */
  #closeEnd(connection: Connection): void {
    if (!connection.agentOpen) return;
    connection.agentOpen = false;
    sendUp(this.#world, connection, entries.upWord, 0, { type: "closed" });
  }

  /** RST: what waits to be sent is thrown away, and the reset itself may be lost. */
  #terminate(connection: Connection): void {
    if (!connection.agentOpen) return;
    connection.agentOpen = false;
    const waits = connection.heldUp !== null;
    connection.heldUp = null;
    if (!waits && connection.forgotten === "no" && this.#server.path.cutUp === 0)
      sendUp(this.#world, connection, entries.upWord, 0, { type: "closed" });
    else connection.forgotten = "silent";
  }
}
