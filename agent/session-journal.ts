/**
 * The journal's part of an open session: one message at a time, each after the acknowledgement of the one before.
 * Why apart: it runs once after an outage, never in a steady session, and knows nothing of what the journal says.
 * Must not: send anything before the first ack, or hold back a beat (PROTOCOL.md [P37], [P38]).
 */
import type { Feature, Journal } from "../shared/wire.ts";
import { misuse, noEffects, stay } from "./session-redial.ts";
import type { JournalTurn, OpenState, SessionEffect, SessionState, Step } from "./session-types.ts";

/** Of η, from one journal message to the next: at most five in one interval ([P38]). */
const restShare = 1 / 4;

const none: JournalTurn = { kind: "none" };
const unheard: JournalTurn = { kind: "unheard" };
const reading: JournalTurn = { kind: "reading" };

/** Where a session begins. */
export function firstJournal(features: readonly Feature[]): JournalTurn {
  return features.includes("journal") ? unheard : none;
}

/** The first ack came: the agent is heard, and may tell. */
export function whenHeard(turn: JournalTurn): JournalTurn {
  return turn.kind === "unheard" ? reading : turn;
}

/** When `time_passed` matters for it; `Infinity`: it waits for somebody. */
export function journalDueMs(turn: JournalTurn): number {
  return turn.kind === "resting" ? turn.dueAtMs : Number.POSITIVE_INFINITY;
}

/** Time passed: the rest after the last message may be over. */
export function readJournal(state: OpenState, nowMs: number): Step {
  if (nowMs < journalDueMs(state.journal)) return stay(state);
  const effects: readonly SessionEffect[] = [{ type: "read_journal", link: state.standing.link }];
  return { state: { ...state, journal: reading }, effects };
}

/** The answer to `read_journal`; null: nothing is owed. */
export function journalRead(state: SessionState, nowMs: number, message: Journal | null): Step {
  if (state.kind !== "open" || state.journal.kind !== "reading") return stay(state);
  const sequence = message?.entries.at(-1)?.sequence;
  if (message === null || sequence === undefined)
    return {
      state: { ...state, journal: none },
      effects: noEffects,
    };
  return {
    state: { ...state, journal: { kind: "unacked", sequence, sentAtMs: nowMs, more: message.more } },
    effects: [{ type: "send_journal", link: state.standing.link, message }],
  };
}

/** The collector took entries in. Less than all that was sent, or once more what it said before: waits on. */
export function journalAcked(state: OpenState, nowMs: number, sequence: number): Step {
  if (!state.features.includes("journal")) return misuse(state, nowMs, "journal_ack without the feature");
  const turn = state.journal;
  if (turn.kind !== "unacked" || sequence < turn.sequence) return stay(state);
  if (sequence > turn.sequence)
    return misuse(state, nowMs, `journal_ack of ${sequence}, last sent was ${turn.sequence}`);
  const next: JournalTurn = turn.more
    ? { kind: "resting", dueAtMs: turn.sentAtMs + restShare * state.standing.heartbeatIntervalMs }
    : none;
  const delivered: SessionEffect = { type: "journal_delivered", sequence, complete: !turn.more };
  return { state: { ...state, journal: next }, effects: [delivered] };
}
