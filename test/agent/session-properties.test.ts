/**
 * What holds for every sequence of events, also senseless ones: the shell, the network and the collector may do anything.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { nextDeadlineMs, startSession, step } from "../../agent/session.ts";
import { sessionLimits } from "../../agent/session-redial.ts";
import type { SessionEvent, SessionSettings, SessionState } from "../../agent/session-types.ts";
import type { CollectorMessage } from "../../shared/wire.ts";
import { collectorKey, fullWelcome, hello, journal, welcome } from "./session-fixtures.ts";

interface Move {
  readonly kind: SessionEvent["type"] | "deadline";
  /** How far behind the newest link this event's is. */
  readonly behind: number;
  readonly afterMs: number;
  readonly message: CollectorMessage;
  readonly right: boolean;
  readonly code: number;
}

const messages = fc.oneof(
  fc.constant<CollectorMessage>(hello),
  fc.constant<CollectorMessage>({ ...hello, collectorKey: "Z".repeat(42) + "A" }),
  fc.constant<CollectorMessage>({ ...hello, versionMin: 4, versionCurrent: 5 }),
  fc
    .record({
      heartbeatIntervalMs: fc.integer({ min: 100, max: 3_600_000 }),
      ackTimeoutMs: fc.integer({ min: 100, max: 3_600_000 }),
      healthIntervalMs: fc.integer({ min: 100, max: 3_600_000 }),
    })
    .map((rhythm): CollectorMessage => ({ ...fullWelcome, ...rhythm })),
  fc.constant<CollectorMessage>({ type: "enrolled", serverId: "server_1", mac: "D".repeat(42) + "A" }),
  fc.integer({ min: 1, max: 30 }).map((sequence): CollectorMessage => ({ type: "ack", sequence })),
  fc.integer({ min: 1, max: 4 }).map((sequence): CollectorMessage => ({ type: "journal_ack", sequence })),
  fc.constant<CollectorMessage>({
    type: "probe",
    roundId: "r",
    requests: [{ kind: "icmp", host: "10.0.4.2" }],
    timeLimitMs: 5_000,
  }),
);

const moves: fc.Arbitrary<Move> = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant("deadline" as const) },
    { weight: 8, arbitrary: fc.constantFrom("socket_opened", "message_received", "collector_checked") },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        "started",
        "garbage_received",
        "identity_stored",
        "socket_closed",
        "time_passed",
        "machine_slept",
        "health_read",
        "inventory_read",
        "journal_read",
        "probe_answered",
      ),
    },
    { weight: 1, arbitrary: fc.constant("stop_requested" as const) },
  ),
  behind: fc.oneof(
    { weight: 9, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) },
  ),
  afterMs: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 100_000 })),
  message: messages,
  right: fc.boolean(),
  code: fc.constantFrom(1000, 1006, 4400, 4403, 4409, 4503, 4999),
});

function eventOf(move: Move, state: SessionState, nowMs: number): SessionEvent {
  const link = state.standing.link - move.behind;
  switch (move.kind) {
    case "deadline": {
      const deadlineMs = nextDeadlineMs(state);
      return {
        type: "time_passed",
        nowMs: Number.isFinite(deadlineMs) ? Math.max(nowMs, deadlineMs) : nowMs,
      };
    }
    case "socket_opened":
      return { type: "socket_opened", nowMs, link };
    case "message_received":
      return { type: "message_received", nowMs, link, message: move.message };
    case "garbage_received":
      return { type: "garbage_received", nowMs, link, problem: "x".repeat(move.code) };
    case "collector_checked":
      return { type: "collector_checked", nowMs, link, right: move.right };
    case "socket_closed":
      return { type: "socket_closed", nowMs, link, code: move.code, detail: "", retryAfterMs: move.afterMs };
    case "journal_read":
      return { type: "journal_read", nowMs, link, message: move.right ? journal(move.behind + 1) : null };
    case "probe_answered":
      return { type: "probe_answered", nowMs, link, message: { type: "probed", roundId: "r", results: [] } };
    case "machine_slept":
      return { type: "machine_slept", nowMs, sleptMs: move.afterMs };
    case "stop_requested":
      return { type: "stop_requested", nowMs, reason: "agent_stopped" };
    case "started":
    case "identity_stored":
    case "time_passed":
    case "health_read":
    case "inventory_read":
      return { type: move.kind, nowMs };
  }
}

/** What an outside observer knows: sockets that exist, which of them were checked, beats without an answer. */
class Observer {
  private readonly sockets = new Set<number>();
  private checkedLink = 0;
  private beats: number[] = [];
  private goodbyeSaid = false;
  private finished = false;

  see(event: SessionEvent, before: SessionState, effects: ReturnType<typeof step>["effects"]): void {
    const link = before.standing.link;
    const ours = "link" in event && event.link === link;
    if (event.type === "socket_closed") this.sockets.delete(event.link);
    if (event.type === "collector_checked" && ours && event.right) this.checkedLink = event.link;
    if (event.type === "message_received" && ours && event.message.type === "ack") {
      const { sequence } = event.message;
      this.beats = this.beats.filter((beat) => beat > sequence);
    }
    for (const effect of effects) {
      expect(this.finished).toBe(false);
      switch (effect.type) {
        case "dial":
          // The shell destroys a socket that was told to close before it dials; one that was not must be gone.
          expect([...this.sockets]).toEqual([]);
          expect(effect.link).toBeGreaterThan(link);
          this.sockets.add(effect.link);
          this.beats = [];
          break;
        case "close":
        case "terminate":
          this.sockets.delete(effect.link);
          break;
        case "send_beat":
          expect(effect.link).toBe(this.checkedLink);
          expect(this.goodbyeSaid).toBe(false);
          this.beats.push(effect.sequence);
          expect(this.beats.length).toBeLessThanOrEqual(sessionLimits.unackedBeatsMax);
          break;
        case "send_inventory":
          expect(effect.link).toBe(this.checkedLink);
          break;
        case "send_goodbye":
          expect(effect.link).toBe(this.checkedLink);
          this.goodbyeSaid = true;
          break;
        case "finished":
          expect([...this.sockets]).toEqual([]);
          this.finished = true;
          break;
        default:
          break;
      }
    }
  }
}

function play(settings: SessionSettings, sequence: readonly Move[]): SessionState {
  let state = startSession(settings);
  let nowMs = 0;
  const observer = new Observer();
  const first: Move = { kind: "started", behind: 0, afterMs: 0, message: hello, right: true, code: 1006 };
  for (const move of [first, ...sequence]) {
    nowMs += move.afterMs;
    const event = eventOf(move, state, nowMs);
    nowMs = event.nowMs;
    const before = state;
    const { state: next, effects } = step(before, event);
    observer.see(event, before, effects);
    state = next;
    if (next.kind === "open") expect(next.unacked.length).toBeLessThanOrEqual(sessionLimits.unackedBeatsMax);
    // Something always comes next, unless it is over.
    expect(Number.isFinite(nextDeadlineMs(next))).toBe(next.kind !== "finished" && next.kind !== "idle");
  }
  return state;
}

test("no sequence of events throws, opens two sockets, beats before the proof or lets unanswered beats pile up", () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(moves, { maxLength: 80 }), (seed, sequence) => {
      play({ purpose: "serve", collectorKey, seed }, sequence);
    }),
    { numRuns: 2_000 },
  );
});

test("enrolling never beats and ends only once, whatever happens", () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(moves, { maxLength: 60 }), (seed, sequence) => {
      const state = play({ purpose: "enroll", collectorKey: null, seed, giveUpAfterMs: 600_000 }, sequence);
      expect(["proving", "open", "closing"]).not.toContain(state.kind);
    }),
    { numRuns: 1_000 },
  );
});

test("the same seed and events give the same states", () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(moves, { maxLength: 40 }), (seed, sequence) => {
      const settings: SessionSettings = { purpose: "serve", collectorKey, seed };
      expect(play(settings, sequence)).toEqual(play(settings, sequence));
    }),
    { numRuns: 200 },
  );
});

test("left alone with a collector that answers, every session comes to be open and stays so", () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(moves, { maxLength: 40 }), (seed, sequence) => {
      let state = play(
        { purpose: "serve", collectorKey, seed },
        sequence.filter((move) => move.kind !== "stop_requested"),
      );
      let nowMs = 1e12;
      let beats = 0;
      for (let turn = 0; turn < 60; turn += 1) {
        nowMs = Math.max(nowMs, Math.min(nextDeadlineMs(state), nowMs + 3_600_000));
        const link = () => state.standing.link;
        const tell = (event: SessionEvent) => {
          const result = step(state, event);
          state = result.state;
          for (const effect of result.effects) {
            if (effect.type === "dial") tell({ type: "socket_opened", nowMs, link: link() });
            if (effect.type === "check_welcome")
              tell({ type: "collector_checked", nowMs, link: link(), right: true });
            if (effect.type === "send_beat") {
              beats += 1;
              tell({
                type: "message_received",
                nowMs,
                link: link(),
                message: { type: "ack", sequence: effect.sequence },
              });
            }
            if (effect.type === "send_opening") {
              tell({ type: "message_received", nowMs, link: link(), message: welcome });
            }
          }
        };
        tell({ type: "time_passed", nowMs });
        if (state.kind === "proving") tell({ type: "message_received", nowMs, link: link(), message: hello });
      }
      expect(state.kind).toBe("open");
      expect(beats).toBeGreaterThan(20);
    }),
    { numRuns: 300 },
  );
});
