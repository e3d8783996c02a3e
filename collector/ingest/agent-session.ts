/**
 * One agent's socket: a union of states, opening → enrolling | proving → open → closing → closed.
 * Why apart from server.ts: all that a peer may say and what follows is here, behind a socket of four words, so it is
 * tested without a network.
 * Must not: know `ws` or HTTP, judge a server (the core does), or touch anything but this socket when a peer errs.
 */
import type { EventBody, Reply } from "../core/types.ts";
import { unreachable } from "../../shared/assert.ts";
import { closeCodes, type CloseName } from "../../shared/close-codes.ts";
import { enrolledTranscript, welcomeTranscript } from "../../shared/proof.ts";
import {
  encode,
  featuresOf,
  knownFeatures,
  VERSION_CURRENT,
  VERSION_MIN,
  type Enroll,
  type Hello,
  type Prove,
} from "../../shared/wire.ts";
import { createAllowance, giveBackOne, takeOne, type Allowance } from "./allowance.ts";
import { tokenMac } from "./keys.ts";
import { OpenSession, type OpenSessionPort, type Proven } from "./open-session.ts";
import { judgeEnroll, judgeOpening, judgeProve } from "./opening.ts";
import { endLevel, type LogFields, type SessionContext, type SessionSocket } from "./session-context.ts";

type State =
  /** It is the peer's turn. `hello` is what it must answer; `enrolledHere`: it has already used its one `enroll`. */
  | {
      readonly phase: "opening";
      readonly hello: Hello;
      readonly deadlineMs: number;
      readonly enrolledHere: boolean;
    }
  /** It is the core's turn: nothing may arrive. */
  | { readonly phase: "enrolling" }
  | { readonly phase: "proving"; readonly proven: Proven }
  | { readonly phase: "open"; readonly session: OpenSession }
  /** Nothing is read any more. */
  | { readonly phase: "closing" }
  | { readonly phase: "closed" };
type StateOf<P extends State["phase"]> = Extract<State, { readonly phase: P }>;

/** A log line is for people: longer problems are cut. */
const problemCharactersMax = 200;

export class AgentSession implements OpenSessionPort {
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
    const nowMs = context.nowMs();
    this.#allowance = createAllowance(nowMs);
    const hello: Hello = {
      type: "hello",
      versionMin: VERSION_MIN,
      versionCurrent: VERSION_CURRENT,
      collectorKey: context.keys.publicKey,
      collectorNonce: context.newNonce(),
    };
    this.#state = {
      phase: "opening",
      hello,
      deadlineMs: nowMs + context.limits.handshakeMs,
      enrolledHere: false,
    };
    this.send(encode(hello));
  }

  get phase(): State["phase"] {
    return this.#state.phase;
  }

  /** One text frame arrived. */
  receive(text: string): void {
    const state = this.#state;
    if (!this.#mayGoOn()) return;
    switch (state.phase) {
      case "opening":
        this.#receiveOpening(state, text);
        return;
      case "enrolling":
      case "proving":
        this.end("bad_message", "a message before the collector's answer");
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
    if (this.#state.phase === "closing" || this.#state.phase === "closed") return;
    this.noteEnd(name, problem);
    this.#socket.close(closeCodes[name].code, name);
  }

  /** As `end`, for an end that the socket itself has begun with the code of `name`. */
  noteEnd(name: CloseName, problem?: string): void {
    if (this.#state.phase === "closing" || this.#state.phase === "closed") return;
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
    if (state.phase === "opening" && markedMs > state.deadlineMs) {
      this.end("handshake_timeout");
    } else if (state.phase === "open" && markedMs - state.session.heardMs > this.#context.rhythm.idleMs) {
      this.terminate("nothing heard for 10/3 of the heartbeat interval");
    }
  }

  // ── Opening ────────────────────────────────────────────────────────────────────────────────────────

  #receiveOpening(state: StateOf<"opening">, text: string): void {
    const opening = judgeOpening(text);
    if (!opening.ok) {
      this.end(opening.end, opening.problem);
      return;
    }
    const message = opening.value;
    switch (message.type) {
      case "enroll":
        if (state.enrolledHere) this.end("bad_message", "a second enroll");
        else this.#enroll(state.hello, message);
        return;
      case "prove":
        this.#prove(state.hello, message);
        return;
      default:
        unreachable(message);
    }
  }

  #enroll(hello: Hello, enroll: Enroll): void {
    const context = this.#context;
    const judged = judgeEnroll(hello, enroll, context.findEnrollment(enroll.tokenId));
    if (!judged.ok) {
      this.end(judged.end, judged.problem);
      return;
    }
    const { secretHash } = judged.value;
    this.#state = { phase: "enrolling" };
    this.#ask(
      {
        type: "agent_enrolled",
        enrollmentId: enroll.tokenId,
        publicKey: enroll.agentKey,
        newServerId: context.newId(),
        hostName: enroll.hostName,
        agentVersion: enroll.agentVersion,
        peerAddress: this.peerAddress,
      },
      (reply) => this.#enrollAnswered(hello, enroll, secretHash, reply),
    );
  }

  #enrollAnswered(hello: Hello, enroll: Enroll, secretHash: string, reply: Reply): void {
    // Closed meanwhile: the key may be pinned all the same; the agent asks again with it and uses the token no further.
    if (this.#state.phase !== "enrolling") return;
    if (!reply.ok) {
      this.end(reply.code === "agent_key_taken" ? "key_taken" : "token_refused", reply.code);
      return;
    }
    const serverId = reply.id;
    if (serverId === undefined) {
      // Ours to mend, not the agent's: it may try again.
      this.#context.log("error", "enroll_reply_without_server", this.#logFields());
      this.end("going_away", "no server id from the core");
      return;
    }
    this.#state = {
      phase: "opening",
      hello,
      deadlineMs: this.#context.nowMs() + this.#context.limits.handshakeMs,
      enrolledHere: true,
    };
    this.#context.log("info", "agent_enrolled", { ...this.#logFields(), serverId });
    const mac = tokenMac(secretHash, enrolledTranscript(hello, enroll, serverId));
    this.send(encode({ type: "enrolled", serverId, mac }));
  }

  #prove(hello: Hello, prove: Prove): void {
    const context = this.#context;
    const judged = judgeProve(hello, prove, context.findAgent(prove.agentKey));
    if (!judged.ok) {
      this.end(judged.end, judged.problem);
      return;
    }
    const proven: Proven = { serverId: judged.value.serverId, sessionId: context.newId() };
    this.#state = { phase: "proving", proven };
    context.sessionProven(proven.sessionId, this);
    this.#ask(
      {
        type: "agent_connected",
        ...proven,
        bootId: prove.bootId,
        agentVersion: prove.agentVersion,
        agentStartedBootMs: prove.agentStartedBootMs,
        peerAddress: this.peerAddress,
        features: featuresOf(prove.features),
      },
      (reply) => this.#proveAnswered(hello, prove, proven, reply),
      () => context.sessionEnded(proven.sessionId),
    );
  }

  #proveAnswered(hello: Hello, prove: Prove, proven: Proven, reply: Reply): void {
    const context = this.#context;
    if (!reply.ok) {
      context.sessionEnded(proven.sessionId);
      this.end(reply.code === "server_not_found" ? "removed" : "going_away", reply.code);
      return;
    }
    this.#connected = proven;
    if (this.#state.phase !== "proving") {
      // Closed while the core decided. If the socket is gone already, this is the moment to say so.
      if (this.#state.phase === "closed") this.#tellDisconnected();
      return;
    }
    const { heartbeatIntervalMs, ackTimeoutMs, healthIntervalMs } = context.rhythm;
    const claim = { sessionId: proven.sessionId, heartbeatIntervalMs, ackTimeoutMs, healthIntervalMs };
    const features = featuresOf(prove.features);
    const session = new OpenSession(this, proven, features, context.nowMs());
    this.#state = { phase: "open", session };
    this.#endPending();
    context.log("debug", "session_opened", { ...this.#logFields(), agentVersion: prove.agentVersion });
    const signature = context.keys.sign(welcomeTranscript(hello, prove, claim));
    this.send(encode({ type: "welcome", ...claim, signature, features: [...knownFeatures] }));
  }

  // ── The port of an open session ────────────────────────────────────────────────────────────────────

  /** Sends; a peer that lets its answers pile up is not reading, and goes. */
  send(text: string): void {
    this.#socket.send(text);
    if (this.#socket.bufferedAmount > this.#context.limits.bufferedBytesMax) {
      this.terminate("the peer does not read");
    }
  }

  /** Gives the core an event of an open session. Its acks come back as effects; only a refusal is looked at here. */
  report(event: EventBody): void {
    this.#ask(event, this.#reportAnswered);
  }

  messageWasAsked(): void {
    giveBackOne(this.#allowance);
  }

  log(level: "debug" | "warn", event: string, fields: LogFields): void {
    this.#context.log(level, event, { ...this.#logFields(), ...fields });
  }

  // ── Both ───────────────────────────────────────────────────────────────────────────────────────────

  /** Counts one message; false when the session is ending, or ends here because there were too many. */
  #mayGoOn(): boolean {
    if (this.#state.phase === "closing" || this.#state.phase === "closed") return false;
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

  /** Pushes in the order of arrival. A host that cannot take the event is the world's failure: come back later. */
  #ask(event: EventBody, answered: (reply: Reply) => void, failed?: () => void): void {
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
    this.#ask({ type: "agent_disconnected", ...proven }, () => undefined);
  }

  #logFields(): LogFields {
    const state = this.#state;
    const proven = this.#connected ?? (state.phase === "proving" ? state.proven : null);
    return { peerAddress: this.peerAddress, ...proven };
  }
}
