/**
 * What one agent's session is given: its socket, and what all sessions of one ingest share.
 * Why apart from agent-session.ts: it is the seam. Real sockets and a real loop on one side, a test on the other.
 * Must not: hold code that decides.
 */
import type { EventBody, Reply } from "../core/types.ts";
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

/** How loudly the end of a session is logged: what staff can act on is `info`, a stranger's noise is not. */
export const endLevels: Record<CloseName, "debug" | "info" | "warn"> = {
  bad_message: "info",
  bad_proof: "warn",
  unknown_agent: "info",
  token_refused: "info",
  version_unsupported: "info",
  key_taken: "info",
  handshake_timeout: "debug",
  replaced: "info",
  removed: "info",
  too_fast: "warn",
  going_away: "debug",
  normal: "debug",
  protocol_error: "info",
  binary_refused: "info",
  not_utf8: "info",
  too_many_parts: "info",
  too_large: "info",
};
