/**
 * The collector's end of `GET /agent`: who may upgrade, how many, and the sockets' care until they are gone.
 * Why apart from agent-session.ts: here is HTTP, `ws`, addresses and timers; there is what peers say.
 * Must not: read a message, judge a server, or answer any other path with more than a refusal.
 */
import { randomBytes as cryptoRandomBytes } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import type { Server as SecureServer } from "node:https";
import type { Duplex } from "node:stream";
import { nanoid } from "nanoid";
import { WebSocketServer, type WebSocket } from "ws";
import type { Effect, Reply } from "../core/types/effects.ts";
import type { EventBody } from "../core/types/events.ts";
import { assert, unreachable } from "../../shared/assert.ts";
import type { CloseName } from "../../shared/close-codes.ts";
import { limits as wireLimits, SUBPROTOCOL } from "../../shared/wire.ts";
import { AgentSession } from "./agent-session.ts";
import type { CollectorKeys } from "./keys.ts";
import { ingestLimits, rhythmOf, type IngestLimits } from "./limits.ts";
import { peerAddressOf } from "./peer-address.ts";
import { refusalOf, refuse, type Refusal } from "./refusal.ts";
import type { LogFields, SessionContext } from "./session-context.ts";

export interface IngestHost {
  /**
   * Puts an event into the loop, in the order of the calls; resolves with the core's reply after the commit, rejects
   * when the event could not be taken.
   */
  push(event: EventBody): Promise<Reply>;
  /** The server that this Ed25519 public key (raw, base64url) is pinned for. */
  findAgent(publicKey: string): { readonly serverId: string } | null;
  /** The join token of this id. Whether it has expired or is used up is the core's to say. */
  findEnrollment(id: string): { readonly secretHash: string } | null;
  readonly heartbeatIntervalMs: number;
  log(level: "debug" | "info" | "warn" | "error", event: string, fields: LogFields): void;
}

/** What the core orders of a session. */
export type IngestEffect = Extract<
  Effect,
  { type: "send_ack" | "close_session" | "ask_witness" | "ack_journal" }
>;

export interface Ingest {
  /**
   * Effects the core orders. A session that is gone already, or does not have the feature, is no mistake: nothing happens.
   */
  perform(effect: IngestEffect): void;
  /** Proven sessions whose socket is not gone. */
  readonly sessionCount: number;
  /** Says 4503 to all, waits at most closeMs, then terminates. New upgrades get 503. Idempotent. */
  close(): Promise<void>;
}

export interface IngestOptions {
  /** Take the peer's address from the last hop of X-Forwarded-For. Only behind a proxy that sets it. */
  readonly trustProxy?: boolean;
  readonly limits?: Partial<IngestLimits>;
  /** Monotonic, ms. */
  readonly nowMs?: () => number;
  /** For sessions and new servers: 1 to 64 of A–Z a–z 0–9 _ -, never twice. */
  readonly newId?: () => string;
  readonly randomBytes?: (count: number) => Uint8Array;
}

/** What close_session means on the wire. */
const closeNames = {
  replaced: "replaced",
  removed: "removed",
  goodbye: "normal",
} as const satisfies Record<Extract<Effect, { type: "close_session" }>["reason"], CloseName>;

/** Four of them, the health interval, are the hour that `welcome` can say at most. */
const heartbeatIntervalMsMax = 900_000;

/** How often deadlines are looked at, ms at most: a handshake may last this much longer than its limit. */
const sweepMsMax = 1_000;

/** Attaches the agents' endpoint to an HTTP or HTTPS server. It answers every upgrade of that server.
 * The host's heartbeat interval is a whole number of 100 to 900,000 ms; anything else is a bug of the caller. */
export function attachIngest(
  server: Server | SecureServer,
  keys: CollectorKeys,
  host: IngestHost,
  options: IngestOptions = {},
): Ingest {
  assert(
    Number.isInteger(host.heartbeatIntervalMs) &&
      host.heartbeatIntervalMs >= 100 &&
      host.heartbeatIntervalMs <= heartbeatIntervalMsMax,
    "the heartbeat interval is a whole number of 100 to 900,000 ms",
  );
  const limits: IngestLimits = { ...ingestLimits, ...options.limits };
  const rhythm = rhythmOf(host.heartbeatIntervalMs);
  const nowMs = options.nowMs ?? (() => performance.now());
  const newId = options.newId ?? (() => nanoid());
  const randomBytes = options.randomBytes ?? cryptoRandomBytes;
  const trustProxy = options.trustProxy ?? false;

  /** Every socket until it is gone. */
  const sockets = new Set<AgentSession>();
  /** The proven ones, by session id, for the core's effects. */
  const sessions = new Map<string, AgentSession>();
  let pendingCount = 0;
  const pendingByAddress = new Map<string, number>();
  let closing: Promise<void> | null = null;
  /** Called when the last socket is gone, while closing. */
  let allGone: () => void = () => undefined;

  const context: SessionContext = {
    keys,
    limits,
    rhythm,
    nowMs,
    newId,
    newNonce: () => Buffer.from(randomBytes(wireLimits.nonceBytes)).toString("base64url"),
    push: (event) => host.push(event),
    findAgent: (publicKey) => host.findAgent(publicKey),
    findEnrollment: (id) => host.findEnrollment(id),
    log: (level, event, fields) => host.log(level, event, fields),
    sessionProven: (sessionId, session) => sessions.set(sessionId, session),
    sessionEnded: (sessionId) => sessions.delete(sessionId),
    openingEnded: (session) => endPending(session.peerAddress),
    isStopping: () => closing !== null,
  };

  // 8.23 knows closeTimeout; its types do not yet, so the options are not a fresh literal at the call.
  const webSocketOptions = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.messageBytesMax,
    maxFragments: limits.fragmentsMax,
    maxBufferedChunks: limits.bufferedChunksMax,
    closeTimeout: limits.closeMs,
    handleProtocols: () => SUBPROTOCOL,
  };
  const webSocketServer = new WebSocketServer(webSocketOptions);

  function endPending(peerAddress: string): void {
    pendingCount -= 1;
    const left = (pendingByAddress.get(peerAddress) ?? 1) - 1;
    if (left > 0) pendingByAddress.set(peerAddress, left);
    else pendingByAddress.delete(peerAddress);
  }

  /** Who may not come in, and why; null: come in. The order is PROTOCOL.md's. */
  function judgeUpgrade(request: IncomingMessage, peerAddress: string): Refusal | null {
    const refusal = refusalOf(request);
    if (refusal !== null) return refusal;
    if (
      closing !== null ||
      pendingCount >= limits.pendingMax ||
      (pendingByAddress.get(peerAddress) ?? 0) >= limits.pendingPerAddressMax
    ) {
      return { status: 503, headers: { "Retry-After": String(limits.retryAfterSeconds) } };
    }
    return null;
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const peerAddress = peerAddressOf(request, trustProxy);
    const refusal = judgeUpgrade(request, peerAddress);
    if (refusal !== null) {
      host.log("debug", "upgrade_refused", { peerAddress, status: refusal.status });
      refuse(socket, refusal);
      return;
    }
    webSocketServer.handleUpgrade(request, socket, head, (webSocket) => {
      pendingCount += 1;
      pendingByAddress.set(peerAddress, (pendingByAddress.get(peerAddress) ?? 0) + 1);
      openSession(webSocket, peerAddress);
    });
  }

  function openSession(webSocket: WebSocket, peerAddress: string): void {
    const session = new AgentSession(context, webSocket, peerAddress);
    sockets.add(session);
    webSocket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) session.end("binary_refused");
      else session.receive(data.toString());
    });
    webSocket.on("ping", () => session.receiveControl());
    webSocket.on("pong", () => session.receiveControl());
    webSocket.on("error", (error) => {
      // A broken frame: `ws` closes with the frame's code by itself. A broken pipe: `close` follows.
      session.noteEnd(frameErrorName(error), error.message);
    });
    webSocket.on("close", () => {
      sockets.delete(session);
      session.socketClosed();
      if (sockets.size === 0) allGone();
    });
  }

  /**
   * A timer that fires after a stall lies: the messages may be waiting in the sockets. So a deadline is marked first,
   * and judged after two turns of the event loop in which the sockets were read.
   */
  const sweep = setInterval(
    () => {
      const markedMs = nowMs();
      setImmediate(() => {
        setImmediate(() => {
          for (const session of sockets) session.sweep(markedMs);
        });
      });
    },
    Math.max(1, Math.min(sweepMsMax, limits.handshakeMs / 4, rhythm.idleMs / 4)),
  );
  sweep.unref();
  server.on("upgrade", upgrade);

  async function closeAll(): Promise<void> {
    for (const session of sockets) session.end("going_away");
    if (sockets.size > 0) {
      const gone = new Promise<void>((resolve) => (allGone = resolve));
      const late = setTimeout(() => {
        for (const session of sockets) session.terminate("the peer did not close in time");
      }, limits.closeMs);
      await gone;
      clearTimeout(late);
    }
    clearInterval(sweep);
  }

  return {
    perform(effect) {
      const session = sessions.get(effect.sessionId);
      if (session === undefined) return;
      switch (effect.type) {
        case "send_ack":
          session.openSession?.acknowledge(effect.sequence);
          return;
        case "close_session":
          session.end(closeNames[effect.reason]);
          return;
        case "ask_witness":
          session.openSession?.askWitness(effect, nowMs());
          return;
        case "ack_journal":
          session.openSession?.acknowledgeJournal(effect.sequence);
          return;
        default:
          unreachable(effect);
      }
    },
    get sessionCount() {
      return sessions.size;
    },
    close() {
      closing ??= Promise.resolve().then(closeAll);
      return closing;
    },
  };
}

/** The close code that `ws` 8.23 sends for an error it found in a frame (its receiver.js), by our name for it. */
function frameErrorName(error: Error): CloseName {
  switch ("code" in error ? error.code : undefined) {
    case "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH":
    case "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH":
      return "too_large";
    case "WS_ERR_TOO_MANY_BUFFERED_PARTS":
      return "too_many_parts";
    case "WS_ERR_INVALID_UTF8":
      return "not_utf8";
    default:
      return "protocol_error";
  }
}
