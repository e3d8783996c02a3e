/**
 * The words of the agent's session: its states, the events it is told and the effects it orders.
 * Why apart: main.ts, the simulator and the tests speak them; session.ts alone decides what follows from them.
 * Must not: hold behaviour.
 *
 * EVENTS — past facts, told by a shell. Each carries `nowMs`, a monotonic time that never goes back; what comes from a
 * socket also carries `link`, the number the `dial` effect gave that socket, so that a late word of an old socket is
 * ignored.
 *   started             once, first of all.
 *   socket_opened       the upgrade to a WebSocket is done.
 *   message_received    a frame that `wire.parse(collectorMessage, …)` accepted.
 *   garbage_received    a frame that it refused, or a binary one.
 *   collector_checked   the answer to `check_welcome` / `check_enrolled`: did the signature (or mac) prove the collector?
 *   identity_stored     the answer to `store_identity`: it is on the disk, synced. Counts also when its socket is gone.
 *   socket_closed       the socket is gone, for whatever reason, opened or not. Once per link. `code` is the close code
 *                       (1006: none came); `detail` the errno or the peer's reason; `retryAfterMs` what a refused
 *                       upgrade asked for.
 *   time_passed         `nextDeadlineMs(state)` was reached (later is fine, earlier is harmless). Before it tells of a
 *                       late timer the shell lets the sockets be read, so that an ack that is already here counts.
 *   machine_slept       the boot clock ran ahead of the monotonic clock: the host was suspended.
 *   health_read         there is a first health sample to carry; telling it again is harmless.
 *   inventory_read      there is a new inventory to send.
 *   journal_read        the answer to `read_journal`: the next message of the journal, or null: nothing (more) is owed.
 *   probe_answered      the answer to `ask_witness`; late ones are dropped with their socket.
 *   stop_requested      the program was asked to end, with the reason to give.
 *
 * EFFECTS — orders, performed in the order given. `link` says on which socket.
 *   dial                open a socket; there is never another one, the shell terminates a leftover first.
 *   send_opening        sign the hello and send `prove` (or `enroll`).
 *   check_welcome, check_enrolled   verify, then tell `collector_checked`.
 *   store_identity      write the pinned identity durably, then tell `identity_stored`.
 *   send_beat           send a beat; with `health: true` it carries the newest sample there is.
 *   send_inventory, send_goodbye    send that message.
 *   read_journal        compose the next journal message, then tell `journal_read`. First after the first ack of a
 *                       session, then after each `journal_ack`, never sooner than η/4 after the last was sent.
 *   send_journal, send_probed       send that message.
 *   journal_delivered   the collector took in everything up to `sequence`; `complete`: that was all it was owed.
 *   ask_witness         probe what the collector asks for, then tell `probe_answered` (or never).
 *   close               send a close frame; terminate at `limits.closeMs`.
 *   terminate           destroy the socket now.
 *   set_health_rhythm   read health this often from now on.
 *   finished            the session is over; nothing more will be ordered.
 *   log                 one line for the operator.
 */
import type {
  CollectorMessage,
  Enrolled,
  Feature,
  Goodbye,
  Hello,
  Journal,
  Probe,
  Probed,
  Welcome,
} from "../shared/wire.ts";

/** Why the agent is not in an open session, or was not lately. `words.ts` has a sentence for each. */
export type ProblemCode =
  | "not_reached"
  | "dial_timed_out"
  | "opening_timed_out"
  | "collector_key_wrong"
  | "collector_proof_wrong"
  | "version_unknown"
  | "garbage"
  | "ack_missing"
  | "closed"
  | "stalled"
  | "slept";

export interface Problem {
  readonly code: ProblemCode;
  /** The WebSocket close code, for `closed`. */
  readonly closeCode?: number;
  /** The errno, the peer's reason or what was wrong with a frame; for people, never parsed. */
  readonly detail: string;
}

export type StopReason = Goodbye["reason"];

export interface SessionSettings {
  /** `enroll` ends as soon as the identity is stored; `serve` keeps a session open until it is stopped. */
  readonly purpose: "enroll" | "serve";
  /** The key pinned at enrollment; null only while enrolling. */
  readonly collectorKey: string | null;
  /** Any number; the same seed gives the same jitter. */
  readonly seed: number;
  /** What this agent can do besides; said in `prove`. Absent: nothing, as agents of before. */
  readonly features?: readonly Feature[];
  /** When enrolling: give up (`finished: gave_up`) this long after `started`. Absent: never. */
  readonly giveUpAfterMs?: number;
}

/** What rarely changes, shared by all states so that a steady beat copies little. */
export interface Standing {
  readonly settings: SessionSettings;
  /** The number of the newest socket; 0 before the first. */
  readonly link: number;
  /** Sockets lost since the last session that lasted 2 η. */
  readonly attempt: number;
  /** η as the last welcome gave it; the default before. */
  readonly heartbeatIntervalMs: number;
  readonly healthReady: boolean;
  readonly inventoryReady: boolean;
  /** The last problem; null from an acknowledged beat on. */
  readonly problem: Problem | null;
  /** When `giveUpAfterMs` ends, on the events' clock. */
  readonly giveUpAtMs: number;
}

interface StateBase {
  readonly standing: Standing;
  /** The seeded generator's state (shared/rng.ts). */
  readonly random: number;
}

export interface UnackedBeat {
  readonly sequence: number;
  readonly sentAtMs: number;
}

/**
 * Where the telling of the journal stands in this session. `none`: nothing (more) to tell, or the collector does not
 * know journals. `unheard`: waits for the first ack. `reading`: waits for `journal_read`. `unacked`: waits for the
 * collector. `resting`: the next is read at `dueAtMs`.
 */
export type JournalTurn =
  | { readonly kind: "none" | "unheard" | "reading" }
  | {
      readonly kind: "unacked";
      /** Of the last entry sent. */
      readonly sequence: number;
      readonly sentAtMs: number;
      readonly more: boolean;
    }
  | { readonly kind: "resting"; readonly dueAtMs: number };

export interface IdleState extends StateBase {
  readonly kind: "idle";
}
export interface DialingState extends StateBase {
  readonly kind: "dialing";
  readonly deadlineMs: number;
}
/** From the opened socket to the proven welcome. */
export interface ProvingState extends StateBase {
  readonly kind: "proving";
  readonly awaiting: "hello" | "welcome" | "check";
  readonly welcome: Welcome | null;
  readonly deadlineMs: number;
}
/** From the opened socket to the stored identity. */
export interface EnrollingState extends StateBase {
  readonly kind: "enrolling";
  readonly awaiting: "hello" | "enrolled" | "check" | "stored";
  readonly hello: Hello | null;
  readonly enrolled: Enrolled | null;
  readonly deadlineMs: number;
}
export interface OpenState extends StateBase {
  readonly kind: "open";
  readonly sessionId: string;
  readonly openedAtMs: number;
  readonly ackTimeoutMs: number;
  readonly healthIntervalMs: number;
  /** Of the last beat sent. */
  readonly sequence: number;
  /** The newest sequence the collector has processed. */
  readonly ackedSequence: number;
  /** When the newest ack came; null before the first. */
  readonly ackedAtMs: number | null;
  /** Oldest first, at most `unackedBeatsMax`. */
  readonly unacked: readonly UnackedBeat[];
  readonly beatDueAtMs: number;
  readonly healthDueAtMs: number;
  /** What both sides said; one array for the whole session. */
  readonly features: readonly Feature[];
  readonly journal: JournalTurn;
}
/** Goodbye is said; waits for its ack. */
export interface ClosingState extends StateBase {
  readonly kind: "closing";
  readonly goodbyeSequence: number;
  readonly deadlineMs: number;
}
export interface WaitingState extends StateBase {
  readonly kind: "waiting";
  readonly redialAtMs: number;
}
export interface FinishedState extends StateBase {
  readonly kind: "finished";
}
export type SessionState =
  | IdleState
  | DialingState
  | ProvingState
  | EnrollingState
  | OpenState
  | ClosingState
  | WaitingState
  | FinishedState;

export type SessionEvent =
  | { readonly type: "started"; readonly nowMs: number }
  | { readonly type: "socket_opened"; readonly nowMs: number; readonly link: number }
  | {
      readonly type: "message_received";
      readonly nowMs: number;
      readonly link: number;
      readonly message: CollectorMessage;
    }
  | {
      readonly type: "garbage_received";
      readonly nowMs: number;
      readonly link: number;
      readonly problem: string;
    }
  | {
      readonly type: "collector_checked";
      readonly nowMs: number;
      readonly link: number;
      readonly right: boolean;
    }
  | { readonly type: "identity_stored"; readonly nowMs: number }
  | {
      readonly type: "socket_closed";
      readonly nowMs: number;
      readonly link: number;
      readonly code: number;
      readonly detail: string;
      readonly retryAfterMs?: number;
    }
  | { readonly type: "time_passed"; readonly nowMs: number }
  | { readonly type: "machine_slept"; readonly nowMs: number; readonly sleptMs: number }
  | { readonly type: "health_read"; readonly nowMs: number }
  | { readonly type: "inventory_read"; readonly nowMs: number }
  | {
      readonly type: "journal_read";
      readonly nowMs: number;
      readonly link: number;
      readonly message: Journal | null;
    }
  | {
      readonly type: "probe_answered";
      readonly nowMs: number;
      readonly link: number;
      readonly message: Probed;
    }
  | { readonly type: "stop_requested"; readonly nowMs: number; readonly reason: StopReason };

/** How a session ended. `refused`: the collector will not have us (enrolling only). */
export type Outcome = "stopped" | "enrolled" | "refused" | "gave_up";

export type SessionEffect =
  | { readonly type: "dial"; readonly link: number }
  | {
      readonly type: "send_opening";
      readonly link: number;
      readonly as: "prove" | "enroll";
      readonly hello: Hello;
      readonly version: number;
      /** For `prove`. */
      readonly features: readonly Feature[];
    }
  | { readonly type: "check_welcome"; readonly link: number; readonly welcome: Welcome }
  | { readonly type: "check_enrolled"; readonly link: number; readonly enrolled: Enrolled }
  | {
      readonly type: "store_identity";
      readonly link: number;
      readonly serverId: string;
      readonly collectorKey: string;
    }
  | {
      readonly type: "send_beat";
      readonly link: number;
      readonly sequence: number;
      readonly health: boolean;
    }
  | { readonly type: "send_inventory"; readonly link: number }
  | { readonly type: "read_journal"; readonly link: number }
  | { readonly type: "send_journal"; readonly link: number; readonly message: Journal }
  | { readonly type: "journal_delivered"; readonly sequence: number; readonly complete: boolean }
  | { readonly type: "ask_witness"; readonly link: number; readonly probe: Probe }
  | { readonly type: "send_probed"; readonly link: number; readonly message: Probed }
  | {
      readonly type: "send_goodbye";
      readonly link: number;
      readonly sequence: number;
      readonly reason: StopReason;
    }
  | { readonly type: "close"; readonly link: number; readonly code: number; readonly reason: string }
  | { readonly type: "terminate"; readonly link: number }
  | { readonly type: "set_health_rhythm"; readonly intervalMs: number }
  | { readonly type: "finished"; readonly outcome: Outcome; readonly problem: Problem | null }
  | {
      readonly type: "log";
      readonly level: "info" | "warn" | "error";
      readonly event: string;
      readonly details: Readonly<Record<string, string | number>>;
    };

export interface Step {
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}
