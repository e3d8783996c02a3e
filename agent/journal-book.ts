/**
 * What the journal remembers while it runs: the numbers of its records, and which of them the collector is owed.
 * Why pure and apart from the files: the simulator keeps thousands of journals in memory by exactly these rules, and
 * every gap, restart and lost acknowledgement can be tried without a disk.
 * Must not: read a clock, hold the records themselves, or grow.
 */
import type { CollectorReach } from "../shared/journal.ts";
import type { JournalRecord } from "./journal-record.ts";
import type { OpenState, Problem, SessionState } from "./session-types.ts";

export const bookLimits = {
  /** A gap in the acknowledgements of at least so many η is told (PROTOCOL.md [P37]). */
  gapIntervals: 2,
  /**
   * A tick is acknowledged when the newest ack is at most so many η old: beats come each 4/3 η at the latest, and a
   * third more is a slow link's round trip.
   */
  acknowledgedIntervals: 5 / 3,
  /**
   * Told from so many records before the last acknowledged one: by the rule above the record after the last ack is
   * still called acknowledged, and two before it are to be told.
   */
  recordsBefore: 3,
} as const;

/** Changes only by the functions below; a record a tick is all that a steady journal costs. */
export interface JournalBook {
  readonly bootId: string;
  /** Of the newest record; 0: none yet. */
  readonly sequence: number;
  /** The newest record that was written while the collector acknowledged, or that it has taken in; null: none is known. */
  readonly acknowledged: Pick<JournalRecord, "sequence" | "bootMs"> | null;
  /** The first record that the collector has not taken in; null: none that it needs. */
  readonly owedFrom: number | null;
}

/** What one record says, besides its number and its boot. */
export type JournalFacts = Omit<JournalRecord, "sequence" | "bootId" | "owedFrom">;

/** What the records of earlier programs say; both null: there are none. */
export interface JournalPast {
  readonly newest: JournalRecord | null;
  readonly acknowledged: JournalRecord | null;
}

/** The book of a program that has just started. Its own start is news, so the collector is owed from here on. */
export function openBook(bootId: string, past: JournalPast): JournalBook {
  const { newest, acknowledged } = past;
  const owedFrom = newest?.owedFrom ?? firstOwed(acknowledged);
  return { bootId, sequence: newest?.sequence ?? 0, acknowledged, owedFrom };
}

/** Never acknowledged: everything there is. */
function firstOwed(acknowledged: JournalBook["acknowledged"]): number {
  return Math.max(1, (acknowledged?.sequence ?? 0) - bookLimits.recordsBefore);
}

/** The next record, and the book that holds it. */
export function nextRecord(
  book: JournalBook,
  facts: JournalFacts,
): { readonly book: JournalBook; readonly record: JournalRecord } {
  const sequence = book.sequence + 1;
  // Spelled out: simulated agents write these by the million, and a spread costs five times as much.
  const record: JournalRecord = {
    event: facts.event,
    bootMs: facts.bootMs,
    wallMs: facts.wallMs,
    lateMs: facts.lateMs,
    sleptMs: facts.sleptMs,
    link: facts.link,
    gateway: facts.gateway,
    dns: facts.dns,
    internet: facts.internet,
    collector: facts.collector,
    sequence,
    bootId: book.bootId,
    owedFrom: book.owedFrom,
  };
  const acknowledged = facts.collector === "ok" ? { sequence, bootMs: facts.bootMs } : book.acknowledged;
  return {
    book: { bootId: book.bootId, sequence, acknowledged, owedFrom: book.owedFrom },
    record,
  };
}

/**
 * Called when a session orders `read_journal`: from which record on the collector is told, in `owedFrom`; null: it
 * missed nothing worth telling. `bootMs`: now, on the boot clock.
 */
export function withDebt(book: JournalBook, bootMs: number, heartbeatIntervalMs: number): JournalBook {
  if (book.owedFrom !== null) return book;
  const { acknowledged } = book;
  const missed =
    acknowledged === null || bootMs - acknowledged.bootMs >= bookLimits.gapIntervals * heartbeatIntervalMs;
  return missed ? { ...book, owedFrom: firstOwed(acknowledged) } : book;
}

/**
 * The collector took in everything up to `sequence`; `complete`: that was all there was to tell, and what was before is
 * not told again. `bootMs`: now, on the boot clock.
 */
export function withDelivery(
  book: JournalBook,
  sequence: number,
  complete: boolean,
  bootMs: number,
): JournalBook {
  if (complete) return { ...book, owedFrom: null, acknowledged: { sequence, bootMs } };
  if (book.owedFrom === null || sequence < book.owedFrom) return book;
  return { ...book, owedFrom: sequence + 1 };
}

/**
 * How the agent stands with its collector at this moment, for a tick's record. `ackedAtMs`: the newest ack of any
 * session, on the events' clock; null: none in this program.
 */
export function collectorReach(state: SessionState, ackedAtMs: number | null, nowMs: number): CollectorReach {
  const ackDueMs = bookLimits.acknowledgedIntervals * state.standing.heartbeatIntervalMs;
  if (ackedAtMs !== null && nowMs - ackedAtMs <= ackDueMs) return "ok";
  if (state.kind === "open") return waitsForAck(state, nowMs, ackDueMs);
  const { problem } = state.standing;
  return problem === null ? "unknown" : problemReach(problem);
}

/** A session that has just opened has had no time for an ack: what was wrong before it is still the newest that is known. */
function waitsForAck(state: OpenState, nowMs: number, ackDueMs: number): CollectorReach {
  if (nowMs - state.openedAtMs > ackDueMs) return "timeout";
  const { problem } = state.standing;
  return problem === null ? "unknown" : problemReach(problem);
}

/** By errno. What is not here was something else than the network's or the collector's doing. */
const reachByDetail: Readonly<Record<string, CollectorReach>> = {
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EHOSTDOWN: "unreachable",
  ENETDOWN: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  ETIMEDOUT: "timeout",
  ENOTFOUND: "name",
  EAI_AGAIN: "name",
  ENODATA: "name",
  // Something that speaks no TLS, or no HTTP, answers in the collector's place.
  EPROTO: "proxy",
  ERR_SSL_WRONG_VERSION_NUMBER: "proxy",
  // The collector's own words for "not now" (PROTOCOL.md §1); any other status is somebody else's.
  "HTTP 429": "rejected",
  "HTTP 503": "rejected",
};

/** The errors of OpenSSL about certificates, as Node names them. */
const CERTIFICATE =
  /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER|GET_CRL)|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED|INVALID_(?:CA|PURPOSE)|CRL_/;

/** Why there is no session, in the journal's words. */
export function problemReach(problem: Problem): CollectorReach {
  const { code, detail } = problem;
  switch (code) {
    case "not_reached":
      if (reachByDetail[detail] !== undefined) return reachByDetail[detail];
      if (CERTIFICATE.test(detail)) return "certificate";
      return /^HTTP \d|^HPE_/.test(detail) ? "proxy" : "unknown";
    case "dial_timed_out":
    case "opening_timed_out":
    case "ack_missing":
      return "timeout";
    case "collector_key_wrong":
    case "collector_proof_wrong":
      // Not TLS's certificate but ours: somebody answers who is not the collector that was pinned.
      return "certificate";
    case "garbage":
      return "proxy";
    case "version_unknown":
      return "rejected";
    case "closed":
      // 4503: the collector stops, which says nothing against us; without a code of ours the socket was just lost.
      return problem.closeCode !== undefined && problem.closeCode !== 4503 && problem.closeCode >= 4400
        ? "rejected"
        : "unknown";
    case "stalled":
    case "slept":
      return "unknown";
  }
}

/** A tick's `collector`, corrected by the name look-up: a dial that ran out of time while DNS was silent failed for the name. */
export function reachWithName(reach: CollectorReach, dns: JournalRecord["dns"]): CollectorReach {
  return reach === "timeout" && dns === "failed" ? "name" : reach;
}
