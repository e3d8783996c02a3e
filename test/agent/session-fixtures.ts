/**
 * Sessions in every state, and an event of every kind, for the table and the property tests.
 * Why driven and not written down: a state that no events lead to would be tested for nothing.
 */
import { nextDeadlineMs, startSession, step } from "../../agent/session.ts";
import type { SessionEvent, SessionSettings, SessionState } from "../../agent/session-types.ts";
import type {
  CollectorMessage,
  Enrolled,
  Hello,
  Journal,
  Probe,
  Probed,
  Welcome,
} from "../../shared/wire.ts";

export const collectorKey = "A".repeat(43);
export const nowMs = 1_000_000;

export const hello: Hello = {
  type: "hello",
  versionMin: 1,
  versionCurrent: 1,
  collectorKey,
  collectorNonce: "B".repeat(42) + "A",
};
export const welcome: Welcome = {
  type: "welcome",
  sessionId: "session_1",
  signature: "C".repeat(85) + "A",
  heartbeatIntervalMs: 15_000,
  ackTimeoutMs: 40_000,
  healthIntervalMs: 60_000,
};
/** Of a collector that knows all there is. */
export const fullWelcome: Welcome = { ...welcome, features: ["witness", "journal", "telepathy"] };
export const probe: Probe = {
  type: "probe",
  roundId: "round_1",
  requests: [{ kind: "icmp", host: "10.0.4.2" }],
  timeLimitMs: 5_000,
};
export const probed: Probed = { type: "probed", roundId: "round_1", results: [] };
/** One message with one entry. */
export const journal = (sequence: number, more = false): Journal => ({
  type: "journal",
  bootIds: ["boot"],
  entries: [{ sequence, boot: 0, event: "tick", ageMs: 0 }],
  more,
});
export const enrolled: Enrolled = { type: "enrolled", serverId: "server_1", mac: "D".repeat(42) + "A" };

/** An agent of before: without features. */
export const serving: SessionSettings = { purpose: "serve", collectorKey, seed: 7 };
export const able: SessionSettings = { ...serving, features: ["witness", "journal"] };
export const enrolling: SessionSettings = { purpose: "enroll", collectorKey: null, seed: 7 };

/** The state after these events. */
export function driven(settings: SessionSettings, ...events: readonly SessionEvent[]): SessionState {
  return events.reduce((state, event) => step(state, event).state, startSession(settings));
}

export const started: SessionEvent = { type: "started", nowMs };
export const opened: Extract<SessionEvent, { type: "socket_opened" }> = {
  type: "socket_opened",
  nowMs,
  link: 1,
};
export const message = (message: CollectorMessage, link = 1): SessionEvent => ({
  type: "message_received",
  nowMs,
  link,
  message,
});
export const ack = (sequence: number, atMs = nowMs, link = 1): SessionEvent => ({
  type: "message_received",
  nowMs: atMs,
  link,
  message: { type: "ack", sequence },
});
export const checked = (right: boolean, link = 1): SessionEvent => ({
  type: "collector_checked",
  nowMs,
  link,
  right,
});
export const closedWith = (code: number, atMs = nowMs, link = 1): SessionEvent => ({
  type: "socket_closed",
  nowMs: atMs,
  link,
  code,
  detail: "gone",
});
export const journalRead = (message: Journal | null, atMs = nowMs, link = 1): SessionEvent => ({
  type: "journal_read",
  nowMs: atMs,
  link,
  message,
});
export const journalAck = (sequence: number, atMs = nowMs, link = 1): SessionEvent => ({
  type: "message_received",
  nowMs: atMs,
  link,
  message: { type: "journal_ack", sequence },
});
export const stopped: Extract<SessionEvent, { type: "stop_requested" }> = {
  type: "stop_requested",
  nowMs,
  reason: "agent_stopped",
};

const toOpen = [started, opened, message(hello), message(welcome), checked(true)];
const toAbleOpen = [started, opened, message(hello), message(fullWelcome), checked(true)];

export const states = {
  idle: driven(serving),
  dialing: driven(serving, started),
  proving_hello: driven(serving, started, opened),
  proving_welcome: driven(serving, started, opened, message(hello)),
  proving_check: driven(serving, started, opened, message(hello), message(welcome)),
  enrolling_hello: driven(enrolling, started, opened),
  enrolling_enrolled: driven(enrolling, started, opened, message(hello)),
  enrolling_check: driven(enrolling, started, opened, message(hello), message(enrolled)),
  enrolling_stored: driven(enrolling, started, opened, message(hello), message(enrolled), checked(true)),
  open: driven(serving, ...toOpen),
  open_acked: driven(serving, ...toOpen, ack(1)),
  able_unheard: driven(able, ...toAbleOpen),
  able_reading: driven(able, ...toAbleOpen, ack(1)),
  able_unacked: driven(able, ...toAbleOpen, ack(1), journalRead(journal(7, true))),
  able_last: driven(able, ...toAbleOpen, ack(1), journalRead(journal(7))),
  able_resting: driven(able, ...toAbleOpen, ack(1), journalRead(journal(7, true)), journalAck(7)),
  able_told: driven(able, ...toAbleOpen, ack(1), journalRead(null)),
  closing: driven(serving, ...toOpen, ack(1), stopped),
  waiting: driven(serving, started, closedWith(1006)),
  finished: driven(serving, started, stopped),
} as const satisfies Record<string, SessionState>;
export type StateName = keyof typeof states;

/** One event of each kind; what comes from a socket comes from the state's own. */
export function eventsFor(state: SessionState) {
  const link = state.standing.link;
  const deadlineMs = nextDeadlineMs(state);
  return {
    started,
    socket_opened: { ...opened, link },
    hello: message(hello, link),
    welcome: message(welcome, link),
    enrolled: message(enrolled, link),
    ack_of_1: ack(1, nowMs, link),
    ack_of_2: ack(2, nowMs, link),
    garbage_received: { type: "garbage_received", nowMs, link, problem: "not JSON" },
    checked_right: checked(true, link),
    checked_wrong: checked(false, link),
    identity_stored: { type: "identity_stored", nowMs },
    socket_closed: closedWith(1006, nowMs, link),
    closed_for_good: closedWith(4403, nowMs, link),
    time_passed_early: { type: "time_passed", nowMs },
    time_passed: { type: "time_passed", nowMs: Number.isFinite(deadlineMs) ? deadlineMs : nowMs + 1e9 },
    machine_slept: { type: "machine_slept", nowMs, sleptMs: 7_200_000 },
    health_read: { type: "health_read", nowMs },
    inventory_read: { type: "inventory_read", nowMs },
    probe: message(probe, link),
    probe_answered: { type: "probe_answered", nowMs, link, message: probed },
    journal_read: journalRead(journal(8), nowMs, link),
    journal_read_empty: journalRead(null, nowMs, link),
    journal_ack_of_6: journalAck(6, nowMs, link),
    journal_ack_of_7: journalAck(7, nowMs, link),
    journal_ack_of_8: journalAck(8, nowMs, link),
    stop_requested: stopped,
    old_socket_opened: { ...opened, link: link - 1 },
    old_socket_said_hello: message(hello, link - 1),
    old_socket_checked: checked(true, link - 1),
    old_socket_read_journal: journalRead(journal(8), nowMs, link - 1),
    old_socket_probe_answered: { type: "probe_answered", nowMs, link: link - 1, message: probed },
    old_socket_closed: closedWith(4403, nowMs, link - 1),
  } as const satisfies Record<string, SessionEvent>;
}
export type EventName = keyof ReturnType<typeof eventsFor>;
