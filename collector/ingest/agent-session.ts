/**
 * One agent's socket from its first byte to its end: a union of states, handshake → open → closing → closed.
 * Why apart from server.ts: all that a peer may say and what follows is here, in handshake.ts and in open-session.ts, behind
 * a socket of four words, so it is tested without a network.
 * Must not: know `ws` or HTTP, judge a server (the core does), or touch anything but this socket when a peer errs.
 */
import type { Reply } from "../core/types/effects.ts";
import type { EventBody } from "../core/types/events.ts";
import { unreachable } from "../../shared/assert.ts";
import { closeCodes, type CloseName } from "../../shared/close-codes.ts";
import type { Feature } from "../../shared/wire.ts";
import { createAllowance, giveBackOne, takeOne, type Allowance } from "./allowance.ts";
import { Handshake, type HandshakePort } from "./handshake.ts";
import { OpenSession, type OpenSessionPort, type Proven } from "./open-session.ts";
import { endLevel, type LogFields, type SessionContext, type SessionSocket } from "./session-context.ts";

type State =
  | { readonly phase: "handshake"; readonly handshake: Handshake }
  | { readonly phase: "open"; readonly session: OpenSession }
  /** Nothing is read any more. */
  | { readonly phase: "closing" }
  | { readonly phase: "closed" };

/** A log line is for people: longer problems are cut. */
const problemCharactersMax = 200;

export class AgentSession implements HandshakePort, OpenSessionPort {
  /** Where the peer comes from: an address without port. */
  readonly peerAddress: string;
  readonly #context: SessionContext;
  readonly #socket: SessionSocket;
  #state: State;
  readonly #allowance: Allowance;
  /** Whether the core was told of this session, so that it must hear of its end: once. */
  #connected: Proven | null = null;
  #pending = true;

  /** Begins with `hello`, at once. */
  constructor(context: SessionContext, socket: SessionSocket, peerAddress: string) {
    this.peerAddress = peerAddress;
    this.#context = context;
    this.#socket = socket;
    this.#allowance = createAllowance(context.nowMs());
    const handshake = new Handshake(this, context);
    this.#state = { phase: "handshake", handshake };
    handshake.begin();
  }

  /** Nothing that arrives counts any more. */
  get isEnding(): boolean {
    return this.#state.phase === "closing" || this.#state.phase === "closed";
  }

  /** One text frame arrived. */
  receive(text: string): void {
    const state = this.#state;
    if (!this.#mayGoOn()) return;
    switch (state.phase) {
      case "handshake":
        state.handshake.receive(text);
        return;
      case "open":
        state.session.receive(text, this.#context.nowMs());
        return;
      case "closing":
      case "closed":
        return;
      default:
        unreachable(state);
    }
  }

  /** A ping or pong arrived: it counts as a message, so that a flood of them ends as one. */
  receiveControl(): void {
    this.#mayGoOn();
  }

  /** The session, for the core's orders; null while there is none, or no more. */
  get openSession(): OpenSession | null {
    return this.#state.phase === "open" ? this.#state.session : null;
  }

  /** Closes with one code; what arrives later is ignored. Idempotent. */
  end(name: CloseName, problem?: string): void {
    if (this.isEnding) return;
    this.noteEnd(name, problem);
    this.#socket.close(closeCodes[name].code, name);
  }

  /** As `end`, for an end that the socket itself has begun with the code of `name`. */
  noteEnd(name: CloseName, problem?: string): void {
    if (this.isEnding) return;
    this.#context.log(endLevel(name, this.#connected !== null), "session_ending", {
      ...this.#logFields(),
      reason: name,
      ...(problem === undefined ? {} : { problem: problem.slice(0, problemCharactersMax) }),
    });
    this.#state = { phase: "closing" };
    this.#endPending();
  }

  /** Ends it at once, without a close frame: nobody listens at the other end. */
  terminate(problem: string): void {
    if (this.#state.phase === "closed") return;
    this.#context.log("info", "session_terminated", { ...this.#logFields(), problem });
    this.#state = { phase: "closing" };
    this.#endPending();
    this.#socket.terminate();
  }

  /** The socket is gone. The core hears of it once, if it had heard of the session. */
  socketClosed(): void {
    if (this.#state.phase === "closed") return;
    this.#state = { phase: "closed" };
    this.#endPending();
    this.#tellDisconnected();
  }

  /** Looks at the deadlines, as they stood at monotonic `markedMs`. The caller has read the sockets since. */
  sweep(markedMs: number): void {
    const state = this.#state;
    if (state.phase === "handshake" && state.handshake.isLate(markedMs)) {
      this.end("handshake_timeout");
    } else if (state.phase === "open" && markedMs - state.session.heardMs > this.#context.rhythm.idleMs) {
      this.terminate("nothing heard for 10/3 of the heartbeat interval");
    }
  }

  // ── What the handshake and the open session ask of their socket ────────────────────────────────────

  /** Sends; a peer that lets its answers pile up is not reading, and goes. */
  send(text: string): void {
    this.#socket.send(text);
    if (this.#socket.bufferedAmount > this.#context.limits.bufferedBytesMax) {
      this.terminate("the peer does not read");
    }
  }

  /** Pushes in the order of arrival. A host that cannot take the event is the world's failure: come back later. */
  ask(event: EventBody, answered: (reply: Reply) => void, failed?: () => void): void {
    this.#context.push(event).then(answered, (error: unknown) => {
      this.#context.log("error", "push_failed", {
        ...this.#logFields(),
        type: event.type,
        problem: error instanceof Error ? error.message.slice(0, problemCharactersMax) : "unknown error",
      });
      failed?.();
      this.end("going_away", "the event could not be stored");
    });
  }

  nameSession(sessionId: string): void {
    this.#context.sessionProven(sessionId, this);
  }

  proved(proven: Proven, features: readonly Feature[]): void {
    this.#connected = proven;
    if (this.isEnding) {
      // Closed while the core decided. If the socket is gone already, this is the moment to say so.
      if (this.#state.phase === "closed") this.#tellDisconnected();
      return;
    }
    this.#state = { phase: "open", session: new OpenSession(this, proven, features, this.#context.nowMs()) };
    this.#endPending();
  }

  /** Gives the core an event of an open session. Its acks come back as effects; only a refusal is looked at here. */
  report(event: EventBody): void {
    this.ask(event, this.#reportAnswered);
  }

  messageWasAsked(): void {
    giveBackOne(this.#allowance);
  }

  log(level: "debug" | "info" | "warn" | "error", event: string, fields: LogFields): void {
    this.#context.log(level, event, { ...this.#logFields(), ...fields });
  }

  // ── Its own ────────────────────────────────────────────────────────────────────────────────────────

  /** Counts one message; false when the session is ending, or ends here because there were too many. */
  #mayGoOn(): boolean {
    if (this.isEnding) return false;
    const { limits, rhythm } = this.#context;
    if (
      takeOne(
        this.#allowance,
        this.#context.nowMs(),
        rhythm.heartbeatIntervalMs,
        limits.messagesPerIntervalMax,
      )
    ) {
      return true;
    }
    this.end("too_fast");
    return false;
  }

  readonly #reportAnswered = (reply: Reply): void => {
    if (reply.ok) return;
    if (reply.code === "session_not_current") this.end("replaced", reply.code);
    else if (reply.code === "server_not_found") this.end("removed", reply.code);
    else this.#context.log("warn", "report_refused", { ...this.#logFields(), code: reply.code });
  };

  #endPending(): void {
    if (!this.#pending) return;
    this.#pending = false;
    this.#context.openingEnded(this);
  }

  #tellDisconnected(): void {
    const proven = this.#connected;
    if (proven === null) return;
    this.#connected = null;
    this.#context.sessionEnded(proven.sessionId);
    if (this.#context.isStopping()) return;
    this.ask({ type: "agent_disconnected", ...proven }, () => undefined);
  }

  #logFields(): LogFields {
    const state = this.#state;
    const proven = this.#connected ?? (state.phase === "handshake" ? state.handshake.proven : null);
    return { peerAddress: this.peerAddress, ...proven };
  }
}
