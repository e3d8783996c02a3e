/**
 * What one agent's session is given: its socket, and what all sessions of one ingest share.
 * Why apart from agent-session.ts: it is the seam. Real sockets and a real loop on one side, a test on the other.
 * Must not: hold code that decides.
 */
import type { Reply } from "../core/types/effects.ts";
import type { EventBody } from "../core/types/events.ts";
import type { CloseName } from "../../shared/close-codes.ts";
import type { AgentSession } from "./agent-session.ts";
import type { CollectorKeys } from "./keys.ts";
import type { IngestLimits, Rhythm } from "./limits.ts";

/** All that a session needs of a socket. */
export interface SessionSocket {
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Ends it at once, without a close frame. */
  terminate(): void;
  /** Bytes that the peer has not taken yet. */
  readonly bufferedAmount: number;
}

/** What all sessions of one ingest share. */
export interface SessionContext {
  readonly keys: CollectorKeys;
  readonly limits: IngestLimits;
  readonly rhythm: Rhythm;
  /** Monotonic, ms. */
  nowMs(): number;
  newId(): string;
  /** 32 fresh random bytes, base64url. */
  newNonce(): string;
  push(event: EventBody): Promise<Reply>;
  findAgent(publicKey: string): { readonly serverId: string } | null;
  findEnrollment(id: string): { readonly secretHash: string } | null;
  log(level: "debug" | "info" | "warn" | "error", event: string, fields: LogFields): void;
  /** From now on the core may name this session; until `sessionEnded`. */
  sessionProven(sessionId: string, session: AgentSession): void;
  /** The session is open, or never will be: it no longer counts as pending. Called once. */
  openingEnded(session: AgentSession): void;
  sessionEnded(sessionId: string): void;
  /** The collector is stopping: it ends the sessions itself and need not tell the core. */
  isStopping(): boolean;
}

export type LogFields = Record<string, string | number | boolean | null>;

/** Ends that any stranger can cause at will: worth a line only in a session that was proven. */
const strangersNoise: ReadonlySet<CloseName> = new Set<CloseName>([
  "bad_message",
  "too_fast",
  "protocol_error",
  "binary_refused",
  "not_utf8",
  "too_many_parts",
  "too_large",
]);
/** Ends that belong to every day, whoever causes them. */
const everydayEnds: ReadonlySet<CloseName> = new Set<CloseName>([
  "normal",
  "going_away",
  "handshake_timeout",
]);

/** How loudly an end is logged: what staff can act on is `info`; a stranger's noise must not fill the log. */
export function endLevel(name: CloseName, proven: boolean): "debug" | "info" {
  return everydayEnds.has(name) || (!proven && strangersNoise.has(name)) ? "debug" : "info";
}
