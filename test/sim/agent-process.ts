/**
 * The agent's program on one simulated host: the real session (agent/session.ts) in a shell on simulated time.
 * Why a shell of its own: agent/session-shell.ts lives on sockets and timers; this one performs the same effects. While
 * nothing is wrong (steady), a beat and its ack are one entry in the queue instead of four: the same steps of the same
 * session at the same times, told when the beat arrives.
 * Must not: decide anything about the session, or know whether its host has power (server.ts does).
 */
import { nextDeadlineMs, startSession, step } from "../../agent/session.ts";
import type {
  Problem,
  SessionEffect,
  SessionEvent,
  SessionState,
  StopReason,
} from "../../agent/session-types.ts";
import { noLoad, withoutRound, withRound, type WitnessLoad } from "../../agent/witness-limits.ts";
import { unreachable } from "../../shared/assert.ts";
import type { Probe } from "../../shared/wire.ts";
import type { HealthSample } from "../../shared/health.ts";
import { AgentJournal } from "./agent-journal.ts";
import { answerWitness } from "./agent-witness.ts";
import { Connection, dial, sendUp } from "./connection.ts";
import { entries } from "./entries.ts";
import type { DownWord, UpWord } from "./entries.ts";
import type { SimulatedServer } from "./server.ts";
import { agentKeyOf, collectorKey, inventoryOf, nonceOf, signature } from "./wire-samples.ts";
import type { World } from "./world.ts";

/** The agent's shell sees a suspend that is longer than this (agent/session-shell.ts, `sleptMs`). */
const SLEPT_MS = 5_000;

/** One packet lost and sent again is still steady. */
const STEADY_LATE_MS = 250;

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
  readonly journal: AgentJournal;
  #starts = 0;
  #startedBootMs = 0;
  #session: SessionState | null = null;
  #timerToken = 0;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #unread: Unread[] = [];
  /** Rounds of questions lately, as the real witness counts them. */
  #load: WitnessLoad = noLoad;
  // Steady: when the next beat leaves; infinity: not steady.
  #steadyToken = 0;
  #steadyBeatMs = Number.POSITIVE_INFINITY;
  #steadyArrivesMs = 0;
  /** The connection whose ack is taken as soon as it is given. */
  #ackAtOnce: Connection | null = null;

  constructor(server: SimulatedServer, world: World) {
    this.#server = server;
    this.#world = world;
    this.journal = new AgentJournal(server, world);
  }

  get problem(): Problem | null {
    return this.#session?.standing.problem ?? null;
  }

  start(sinceBootMs: number): void {
    this.#starts += 1;
    this.number = this.#starts;
    this.#startedBootMs = sinceBootMs;
    this.#session = startSession({
      purpose: "serve",
      collectorKey,
      features: this.#server.plan.features,
      seed: (this.#world.plan.seed * 31 + this.#server.index * 1_009 + this.#starts) | 0,
    });
    this.#load = noLoad;
    this.journal.started();
    if (!this.#server.frozen) this.#begin();
  }

  #begin(): void {
    const nowMs = this.#monotonicMs();
    this.#tell({ type: "started", nowMs });
    this.#tell({ type: "health_read", nowMs });
    this.#tell({ type: "inventory_read", nowMs });
  }

  /** `kernelLives`: its sockets are closed in order; otherwise nobody is told anything. */
  kill(kernelLives: boolean, inOrder = false): void {
    if (this.number === 0) return;
    this.unsteady();
    const { connection } = this;
    this.number = 0;
    this.#session = null;
    this.connection = null;
    this.#unread = [];
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    this.#timerToken += 1;
    this.journal.ended(inOrder);
    if (connection && kernelLives) this.#closeEnd(connection);
    this.#world.truthChanged(this.#server);
  }

  /** Asks it to end with a goodbye. */
  stop(reason: StopReason): void {
    this.unsteady();
    this.#tell({ type: "stop_requested", nowMs: this.#monotonicMs(), reason });
  }

  froze(): void {
    this.unsteady();
  }

  /** It is given time again; its host slept for `sleptMs` of the time that it was not. */
  resume(sleptMs: number): void {
    if (this.#session === null) return;
    this.journal.resumed();
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

  // ── Steady ─────────────────────────────────────────────────────────────────────────────────────────

  /** All is acknowledged and nothing is wrong: the next beat is one entry, at the time it arrives. */
  #trySteady(): void {
    const session = this.#session;
    const { connection } = this;
    const { path } = this.#server;
    if (session?.kind !== "open" || connection === null || session.unacked.length > 0) return;
    if (!path.upOpen || !path.downOpen || this.#server.frozen) return;
    if (connection.heldUp !== null || connection.heldDown !== null || connection.forgotten !== "no") return;
    if (!connection.agentOpen || connection.phase !== "open" || session.journal.kind !== "none") return;
    const world = this.#world;
    // Late already (it was frozen, and what waited is read before the timer): the ordinary way.
    if (session.beatDueAtMs + this.#server.sleptMs < world.nowMs) return;
    const transitMs = path.transitMs(world.random);
    // Lost more than once: what follows of that is for the ordinary way.
    if (transitMs > path.delayMs + path.jitterMs + STEADY_LATE_MS) return;
    this.journal.rest();
    this.#timerToken += 1;
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    this.#steadyToken += 1;
    this.#steadyBeatMs = session.beatDueAtMs + this.#server.sleptMs;
    this.#steadyArrivesMs = Math.max(connection.upReadyMs, this.#steadyBeatMs + transitMs);
    world.queue.put(this.#steadyArrivesMs, entries.steadyBeat, this.#server, this.#steadyToken, null);
  }

  /** A beat that left while all was well arrives. */
  steadyArrived(token: number): void {
    if (token !== this.#steadyToken) return;
    const { connection } = this;
    if (connection === null) return;
    const beatMs = this.#steadyBeatMs;
    this.#steadyBeatMs = Number.POSITIVE_INFINITY;
    const health = this.#beatAt(beatMs);
    connection.upReadyMs = this.#world.nowMs;
    this.#ackAtOnce = connection;
    this.#world.arrivedUp(connection, entries.upBeat, this.#sequence, health);
    // Taken meanwhile, in the calls above.
    if ((this.#ackAtOnce as Connection | null) === null) return;
    this.#ackAtOnce = null;
    this.#watchAgain();
  }

  /** The session's own step at the moment the beat left. */
  #beatAt(beatMs: number): HealthSample | null {
    const { state, effects } = step(this.#session as SessionState, {
      type: "time_passed",
      nowMs: beatMs - this.#server.sleptMs,
    });
    this.#session = state;
    this.journal.sessionChanged(state);
    const [effect] = effects;
    if (effects.length !== 1 || effect?.type !== "send_beat")
      throw new Error("assertion failed: a steady agent did something else than beat");
    this.#world.beatsSent += 1;
    return effect.health ? this.#server.health : null;
  }

  get #sequence(): number {
    return this.#session?.kind === "open" ? this.#session.sequence : 0;
  }

  /** The collector's answer to a steady beat. False: it must travel like any other. */
  acknowledgedAtOnce(connection: Connection, sequence: number): boolean {
    if (this.#ackAtOnce !== connection) return false;
    const { path } = this.#server;
    if (!path.downOpen || connection.heldDown !== null || !connection.agentOpen) return false;
    const transitMs = path.transitMs(this.#world.random);
    if (transitMs > path.delayMs + path.jitterMs + STEADY_LATE_MS) return false;
    this.#ackAtOnce = null;
    const atMs = Math.max(connection.downReadyMs, this.#world.nowMs + transitMs);
    connection.downReadyMs = atMs;
    this.#acknowledged(connection, sequence, atMs);
    return true;
  }

  /** Something may be wrong from now on: what was one entry becomes the ordinary ones. */
  unsteady(): void {
    if (this.#steadyBeatMs === Number.POSITIVE_INFINITY) return;
    const beatMs = this.#steadyBeatMs;
    this.#steadyBeatMs = Number.POSITIVE_INFINITY;
    this.#steadyToken += 1;
    const { connection } = this;
    const { nowMs, queue } = this.#world;
    if (connection !== null && nowMs >= beatMs) {
      const health = this.#beatAt(beatMs);
      const atMs = Math.max(nowMs, this.#steadyArrivesMs);
      connection.upReadyMs = atMs;
      queue.put(atMs, entries.upBeat, connection, this.#sequence, health);
    }
    this.#watchAgain();
  }

  /** Whether nothing is wrong with this connection, so that nobody need look whether it went idle. */
  isSteadyOn(connection: Connection): boolean {
    return this.#steadyBeatMs !== Number.POSITIVE_INFINITY && this.connection === connection;
  }

  /** Not steady any more: what could be left alone has timers again. */
  #watchAgain(): void {
    this.#setTimer();
    this.journal.watch();
    if (this.connection?.idleUnwatched === true) this.#world.collector.ingest.watchIdle(this.connection);
  }

  // ── What the socket says ───────────────────────────────────────────────────────────────────────────

  receiveAck(connection: Connection, sequence: number): void {
    if (!this.#takes(connection)) return;
    if (this.#server.frozen) {
      this.#unread.push({ connection, sequence, word: null });
      return;
    }
    this.#acknowledged(connection, sequence, this.#world.nowMs);
  }

  /** The commonest step of all: no timer is set that the next beat would only take back. */
  #acknowledged(connection: Connection, sequence: number, atMs: number): void {
    this.unsteady();
    if (this.#session === null) return;
    this.#step({
      type: "message_received",
      nowMs: atMs - this.#server.sleptMs,
      link: connection.link,
      message: { type: "ack", sequence },
    });
    this.#trySteady();
    this.#setTimer();
  }

  receiveWord(connection: Connection, word: DownWord): void {
    if (!this.#takes(connection)) return;
    this.unsteady();
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
      case "probe":
      case "journal_ack":
        this.#tell({ type: "message_received", nowMs, link, message: word });
        return this.#trySteady();
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
    this.unsteady();
    if (this.#session === null) return;
    this.#step(event);
    this.#setTimer();
  }

  #step(event: SessionEvent): void {
    const { state, effects } = step(this.#session as SessionState, event);
    this.#session = state;
    this.journal.sessionChanged(state);
    for (const effect of effects) this.#perform(effect);
  }

  /** A timer that is due sooner than needed serves as well: it finds nothing to do and asks again. */
  #setTimer(): void {
    if (this.#session === null || this.#steadyBeatMs !== Number.POSITIVE_INFINITY) return;
    const deadlineMs = nextDeadlineMs(this.#session) + this.#server.sleptMs;
    if (deadlineMs >= this.#timerAtMs || deadlineMs === Number.POSITIVE_INFINITY) return;
    this.#timerAtMs = deadlineMs;
    this.#timerToken += 1;
    const { queue, nowMs } = this.#world;
    queue.put(Math.max(nowMs, deadlineMs), entries.agentTimer, this.#server, this.#timerToken, null);
  }

  #perform(effect: SessionEffect): void {
    const { identity } = this.#server;
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
          agentKey: agentKeyOf(identity),
          agentNonce: nonceOf(effect.link),
          signature,
          bootId: this.#server.bootId,
          agentVersion: "0.1.0",
          agentStartedBootMs: this.#startedBootMs,
          ...(effect.features.length > 0 && { features: [...effect.features] }),
        });
      case "check_welcome":
        return this.#tell({
          type: "collector_checked",
          nowMs: this.#monotonicMs(),
          link: effect.link,
          right: effect.welcome.signature === signature,
        });
      case "send_inventory":
        return this.#say({ type: "inventory", inventory: inventoryOf(identity) });
      case "read_journal":
        return this.#tell({
          type: "journal_read",
          nowMs: this.#monotonicMs(),
          link: effect.link,
          message: this.journal.nextMessage(),
        });
      case "journal_delivered":
        return this.journal.delivered(effect.sequence, effect.complete);
      case "ask_witness":
        return this.#askWitness(effect.link, effect.probe);
      case "send_journal":
      case "send_probed":
        return this.#say(effect.message);
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
        return this.kill(true, true);
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

  /** As agent/witness.ts: within its limits, at once, in the background. */
  #askWitness(link: number, probe: Probe): void {
    const load = withRound(this.#load, this.#monotonicMs(), probe.requests.length);
    if (load === null) return;
    this.#load = load;
    const process = this.number;
    answerWitness(this.#world, this.#server, probe, (message) => {
      if (this.number !== process) return;
      this.#load = withoutRound(this.#load);
      if (this.#server.frozen) return;
      this.unsteady();
      this.#tell({ type: "probe_answered", nowMs: this.#monotonicMs(), link, message });
      this.#trySteady();
    });
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
    if (!waits && connection.forgotten === "no" && this.#server.path.upOpen)
      sendUp(this.#world, connection, entries.upWord, 0, { type: "closed" });
    else connection.forgotten = "silent";
  }
}
