/**
 * A session before it is open: `hello`, at most one `enroll`, one `prove`, `welcome`; by turns the peer's and the core's.
 * Why apart from agent-session.ts: there a socket is kept in order from its first byte to its end; here a stranger becomes
 * a proven agent, and nobody needs any of it afterwards.
 * Must not: know how a socket ends, or what an open session says; one mistake is one `end`.
 */
import type { Reply } from "../core/types/effects.ts";
import type { EventBody } from "../core/types/events.ts";
import { unreachable } from "../../shared/assert.ts";
import type { CloseName } from "../../shared/close-codes.ts";
import { enrolledTranscript, welcomeTranscript } from "../../shared/proof.ts";
import {
  encode,
  featuresOf,
  knownFeatures,
  VERSION_CURRENT,
  VERSION_MIN,
  type Enroll,
  type Feature,
  type Hello,
  type Prove,
} from "../../shared/wire.ts";
import { tokenMac } from "./keys.ts";
import type { Proven } from "./open-session.ts";
import { judgeEnroll, judgeOpening, judgeProve } from "./opening.ts";
import type { LogFields, SessionContext } from "./session-context.ts";

/** What a handshake asks of the socket it happens on. */
export interface HandshakePort {
  readonly peerAddress: string;
  /** Nothing is read from the socket any more: what the core answers now comes too late. */
  readonly isEnding: boolean;
  send(text: string): void;
  /** Gives the core an event, in the order of the calls; `failed`: it could not be stored, and the session ends. */
  ask(event: EventBody, answered: (reply: Reply) => void, failed?: () => void): void;
  /** From now on the core may name the session by this id; until the context's `sessionEnded`. */
  nameSession(sessionId: string): void;
  /** The core has the session: from now on it is open, or, if the socket ended meanwhile, over. */
  proved(proven: Proven, features: readonly Feature[]): void;
  end(name: CloseName, problem: string): void;
  log(level: "debug" | "info" | "error", event: string, fields: LogFields): void;
}

type Turn =
  /** `enrolled`: it has already used its one `enroll`. */
  | { readonly of: "peer"; readonly deadlineMs: number; readonly enrolled: boolean }
  /** Nothing may arrive. `proven`: who it is, once the proof was right. */
  | { readonly of: "core"; readonly proven: Proven | null };

export class Handshake {
  readonly #port: HandshakePort;
  readonly #context: SessionContext;
  /** What the peer must answer. */
  readonly #hello: Hello;
  #turn: Turn;

  /** `begin()` says `hello`. */
  constructor(port: HandshakePort, context: SessionContext) {
    this.#port = port;
    this.#context = context;
    this.#hello = {
      type: "hello",
      versionMin: VERSION_MIN,
      versionCurrent: VERSION_CURRENT,
      collectorKey: context.keys.publicKey,
      collectorNonce: context.newNonce(),
    };
    this.#turn = this.#peersTurn(false);
  }

  begin(): void {
    this.#port.send(encode(this.#hello));
  }

  /** Who the peer is, as soon as it has proven it; null before. */
  get proven(): Proven | null {
    return this.#turn.of === "core" ? this.#turn.proven : null;
  }

  /** Whether it was the peer's turn for too long at monotonic `nowMs`. */
  isLate(nowMs: number): boolean {
    return this.#turn.of === "peer" && nowMs > this.#turn.deadlineMs;
  }

  /** One text frame arrived. */
  receive(text: string): void {
    if (this.#turn.of === "core") {
      this.#port.end("bad_message", "a message before the collector's answer");
      return;
    }
    const opening = judgeOpening(text);
    if (!opening.ok) {
      this.#port.end(opening.end, opening.problem);
      return;
    }
    const message = opening.value;
    switch (message.type) {
      case "enroll":
        if (this.#turn.enrolled) this.#port.end("bad_message", "a second enroll");
        else this.#enroll(message);
        return;
      case "prove":
        this.#prove(message);
        return;
      default:
        unreachable(message);
    }
  }

  #peersTurn(enrolled: boolean): Turn {
    const deadlineMs = this.#context.nowMs() + this.#context.limits.handshakeMs;
    return { of: "peer", deadlineMs, enrolled };
  }

  #enroll(enroll: Enroll): void {
    const context = this.#context;
    const judged = judgeEnroll(this.#hello, enroll, context.findEnrollment(enroll.tokenId));
    if (!judged.ok) {
      this.#port.end(judged.end, judged.problem);
      return;
    }
    const { secretHash } = judged.value;
    this.#turn = { of: "core", proven: null };
    this.#port.ask(
      {
        type: "agent_enrolled",
        enrollmentId: enroll.tokenId,
        publicKey: enroll.agentKey,
        newServerId: context.newId(),
        hostName: enroll.hostName,
        agentVersion: enroll.agentVersion,
        peerAddress: this.#port.peerAddress,
      },
      (reply) => this.#enrollAnswered(enroll, secretHash, reply),
    );
  }

  #enrollAnswered(enroll: Enroll, secretHash: string, reply: Reply): void {
    const port = this.#port;
    // Closed meanwhile: the key may be pinned all the same; the agent asks again with it and uses the token no further.
    if (port.isEnding) return;
    if (!reply.ok) {
      port.end(reply.code === "agent_key_taken" ? "key_taken" : "token_refused", reply.code);
      return;
    }
    const serverId = reply.id;
    if (serverId === undefined) {
      // Ours to mend, not the agent's: it may try again.
      port.log("error", "enroll_reply_without_server", {});
      port.end("going_away", "no server id from the core");
      return;
    }
    this.#turn = this.#peersTurn(true);
    port.log("info", "agent_enrolled", { serverId });
    const mac = tokenMac(secretHash, enrolledTranscript(this.#hello, enroll, serverId));
    port.send(encode({ type: "enrolled", serverId, mac }));
  }

  #prove(prove: Prove): void {
    const context = this.#context;
    const judged = judgeProve(this.#hello, prove, context.findAgent(prove.agentKey));
    if (!judged.ok) {
      this.#port.end(judged.end, judged.problem);
      return;
    }
    const proven: Proven = { serverId: judged.value.serverId, sessionId: context.newId() };
    this.#turn = { of: "core", proven };
    this.#port.nameSession(proven.sessionId);
    this.#port.ask(
      {
        type: "agent_connected",
        ...proven,
        bootId: prove.bootId,
        agentVersion: prove.agentVersion,
        agentStartedBootMs: prove.agentStartedBootMs,
        peerAddress: this.#port.peerAddress,
        features: featuresOf(prove.features),
      },
      (reply) => this.#proveAnswered(prove, proven, reply),
      () => context.sessionEnded(proven.sessionId),
    );
  }

  #proveAnswered(prove: Prove, proven: Proven, reply: Reply): void {
    const port = this.#port;
    const context = this.#context;
    if (!reply.ok) {
      context.sessionEnded(proven.sessionId);
      port.end(reply.code === "server_not_found" ? "removed" : "going_away", reply.code);
      return;
    }
    port.proved(proven, featuresOf(prove.features));
    if (port.isEnding) return;
    const { heartbeatIntervalMs, ackTimeoutMs, healthIntervalMs } = context.rhythm;
    const claim = { sessionId: proven.sessionId, heartbeatIntervalMs, ackTimeoutMs, healthIntervalMs };
    port.log("debug", "session_opened", { agentVersion: prove.agentVersion });
    const signature = context.keys.sign(welcomeTranscript(this.#hello, prove, claim));
    port.send(encode({ type: "welcome", ...claim, signature, features: [...knownFeatures] }));
  }
}
