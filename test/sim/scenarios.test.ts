/**
 * Stories of detection.md, told to the real core in a world without chance: what must be told, and what must not.
 */
import { describe, expect, test } from "vitest";
import type { Fault, KillBoundary, TelegramFailure } from "./plan-faults.ts";
import { fineCollector, HOUR, lastMoment, MINUTE, play, SECOND, type End, type Story } from "./scenario.ts";

/** Long enough after the start for a baseline of what probes usually say. */
const AT = 40 * MINUTE;
const T = 180 * SECOND;

function expectNothing(story: Story): End {
  const end = play(story);
  expect(end.violations).toEqual([]);
  expect(end.incidents).toEqual([]);
  expect(end.ledger).toEqual([]);
  return end;
}

function expectHeld(story: Story): End {
  const end = play(story);
  expect(end.violations).toEqual([]);
  return end;
}

const steps = (end: End): string[] => end.ledger.map(({ step, serverName }) => `${step} ${serverName}`);
const kinds = (end: End): string[] =>
  end.incidents.map(({ firstKind, serverId }) => `${firstKind} ${serverId}`);

describe("one server", () => {
  test("[D2] a power cut is told as host_down between T and T + 2 s after the last heartbeat, and its end once", () => {
    const end = expectHeld({ faults: [{ kind: "power_cut", atMs: AT, server: 0, forMs: 20 * MINUTE }] });
    expect(kinds(end)).toEqual(["host_down s0"]);
    expect(end.incidents[0]).toMatchObject({ confidence: "high", finalCause: "host_crash_or_power" });
    expect(end.incidents[0]?.silentMs).toBeGreaterThanOrEqual(T);
    expect(end.incidents[0]?.silentMs).toBeLessThanOrEqual(T + 2 * SECOND);
    expect(steps(end)).toEqual(["down s0", "recovered s0"]);
  });

  test("[E5] a panic with a quick reboot is no alert", () => {
    expectNothing({ faults: [{ kind: "rebooted", atMs: AT, server: 0, forMs: 40 * SECOND, clean: false }] });
  });

  test("[D8] a clean reboot that is back in time is no alert; one that never returns is not_back after 10 minutes", () => {
    expectNothing({ faults: [{ kind: "rebooted", atMs: AT, server: 0, forMs: 5 * MINUTE, clean: true }] });
    const end = expectHeld({
      faults: [{ kind: "rebooted", atMs: AT, server: 0, forMs: 30 * MINUTE, clean: true }],
    });
    expect(kinds(end)).toEqual(["not_back s0"]);
    expect(end.incidents[0]?.openedMs).toBeGreaterThanOrEqual(AT + 10 * MINUTE);
    expect(end.incidents[0]?.openedMs).toBeLessThanOrEqual(AT + 10 * MINUTE + 3 * SECOND);
  });

  test("[D8] a shutdown that was announced is never an alert", () => {
    expectNothing({
      faults: [{ kind: "agent_stopped", atMs: AT, server: 0, forMs: 60 * MINUTE, reason: "shutdown" }],
    });
  });

  test("[D8] [S9] what was announced holds over every restart of the collector", () => {
    expectNothing({
      hours: 4,
      faults: [
        { kind: "agent_stopped", atMs: AT, server: 0, forMs: 3 * HOUR, reason: "shutdown" },
        { kind: "agent_stopped", atMs: AT, server: 1, forMs: 3 * HOUR, reason: "agent_stopped" },
        ...[10, 20, 40, 70].map((minutes): Fault => ({
          kind: "collector_killed",
          atMs: AT + minutes * MINUTE,
          forMs: 5 * SECOND,
          boundary: "now",
        })),
      ],
    });
  });

  test("[D8] an agent that was stopped is no alert while its host answers, and host_down when it dies", () => {
    const stopped: Fault = {
      kind: "agent_stopped",
      atMs: AT,
      server: 0,
      forMs: 3 * HOUR,
      reason: "agent_stopped",
    };
    expectNothing({ faults: [stopped] });
    const end = expectHeld({
      hours: 3,
      faults: [stopped, { kind: "power_cut", atMs: AT + 30 * MINUTE, server: 0, forMs: 3 * HOUR }],
    });
    expect(kinds(end)).toEqual(["host_down s0"]);
    expect(end.incidents[0]?.openedMs).toBeGreaterThanOrEqual(AT + 30 * MINUTE + T / 3);
    expect(end.incidents[0]?.openedMs).toBeLessThanOrEqual(AT + 30 * MINUTE + 2 * T);
  });

  test("[D1] an agent that is killed and back in 5 s is no alert", () => {
    expectNothing({ faults: [{ kind: "agent_killed", atMs: AT, server: 0, forMs: 5 * SECOND }] });
  });

  test("[E1] an agent that is killed for good is agent_down, as its host answers", () => {
    const end = expectHeld({ faults: [{ kind: "agent_killed", atMs: AT, server: 0, forMs: 10 * MINUTE }] });
    expect(kinds(end)).toEqual(["agent_down s0"]);
    expect(end.incidents[0]).toMatchObject({ confidence: "high", finalCause: "agent_stopped" });
  });

  test("[E1] a frozen agent, its TCP connection open, is agent_down no sooner than T", () => {
    const end = expectHeld({ faults: [{ kind: "agent_frozen", atMs: AT, server: 1, forMs: 10 * MINUTE }] });
    expect(kinds(end)).toEqual(["agent_down s1"]);
    expect(end.incidents[0]?.silentMs).toBeGreaterThanOrEqual(T);
    expect(end.incidents[0]?.silentMs).toBeLessThanOrEqual(T + 2 * SECOND);
    expect(steps(end)).toEqual(["down s1", "recovered s1"]);
  });

  test("[E1] a hung host that still answers ping is told all the same: ping success silences nothing", () => {
    const end = expectHeld({
      servers: [{ probePorts: [] }, {}, {}],
      faults: [{ kind: "host_hung", atMs: AT, server: 0, forMs: 10 * MINUTE }],
    });
    expect(kinds(end)).toEqual(["agent_down s0"]);
    expect(end.incidents[0]).toMatchObject({ confidence: "low" });
  });

  test("[E2] where ICMP is blocked and no port answers, a dead host is host_down with low confidence", () => {
    const end = expectHeld({
      servers: [{ icmpBlocked: true, probePorts: [] }, {}, {}],
      faults: [{ kind: "power_cut", atMs: AT, server: 0, forMs: 10 * MINUTE }],
    });
    expect(end.incidents).toMatchObject([{ firstKind: "host_down", confidence: "low", serverId: "s0" }]);
  });

  test("[E3] without a ping program a dead host is told in time, with low confidence", () => {
    const end = expectHeld({
      servers: [{ probePorts: [] }, {}],
      plan: { collector: { ...fineCollector, pingProgram: false } },
      faults: [{ kind: "power_cut", atMs: AT, server: 0, forMs: 10 * MINUTE }],
    });
    expect(end.incidents).toMatchObject([{ firstKind: "host_down", confidence: "low", serverId: "s0" }]);
    expect(end.incidents[0]?.silentMs).toBeLessThanOrEqual(T + 2 * SECOND);
  });

  test("[E4] an agent that is down and then its host too is told once more as worse", () => {
    const end = expectHeld({
      faults: [
        { kind: "agent_killed", atMs: AT, server: 0, forMs: 40 * MINUTE },
        { kind: "power_cut", atMs: AT + 15 * MINUTE, server: 0, forMs: 10 * MINUTE },
      ],
    });
    expect(steps(end)).toEqual(["down s0", "worse s0", "repeat s0", "recovered s0"]);
    expect(end.incidents).toHaveLength(1);
  });

  test("[D11] a ping-only server is told when it disappears and when it is back", () => {
    const end = expectHeld({
      servers: [{ mode: "ping" }, {}],
      faults: [{ kind: "power_cut", atMs: AT, server: 0, forMs: 10 * MINUTE }],
    });
    expect(steps(end)).toEqual(["down s0", "recovered s0"]);
    expect(end.incidents[0]?.silentMs).toBeLessThanOrEqual(T + 2 * SECOND);
  });

  test.each([6, 8, 12])("[D11] [D12] a ping-only server is told in time with T = %s η", (intervals) => {
    const downAfterMs = intervals * 15 * SECOND;
    const end = expectHeld({
      servers: [{ mode: "ping" }, {}],
      plan: { downAfterMs },
      faults: [{ kind: "power_cut", atMs: AT, server: 0, forMs: 10 * MINUTE }],
    });
    expect(steps(end)).toEqual(["down s0", "recovered s0"]);
    expect(end.incidents[0]?.silentMs).toBeLessThanOrEqual(downAfterMs + 2 * SECOND);
  });

  test("[D10] a server that comes back for a moment continues the same incident", () => {
    const end = expectHeld({
      faults: [
        { kind: "path_cut", atMs: AT, server: 0, forMs: 5 * MINUTE, direction: "both" },
        {
          kind: "path_cut",
          atMs: AT + 5 * MINUTE + 42 * SECOND,
          server: 0,
          forMs: 10 * MINUTE,
          direction: "both",
        },
      ],
    });
    expect(end.incidents.length).toBeLessThanOrEqual(2);
    expect(steps(end).at(-1)).toBe("recovered s0");
  });

  test("[D14] pausing a server that is down ends it without a message", () => {
    const end = expectHeld({
      faults: [
        { kind: "power_cut", atMs: AT, server: 0, forMs: 30 * MINUTE },
        { kind: "paused_by_staff", atMs: AT + 10 * MINUTE, server: 0, forMs: 40 * MINUTE },
      ],
    });
    expect(steps(end)).toEqual(["down s0"]);
  });

  test("[D14] removing a server that is down ends it without a message", () => {
    const end = expectHeld({
      faults: [
        { kind: "power_cut", atMs: AT, server: 0, forMs: 30 * MINUTE },
        { kind: "removed_by_staff", atMs: AT + 10 * MINUTE, server: 0 },
      ],
    });
    expect(steps(end)).toEqual(["down s0"]);
  });
});

describe("the network", () => {
  test("[S1] loss of 10 % and jitter of 300 ms for a day are no alert", () => {
    const path = { delayMs: 60, jitterMs: 300, lossShare: 0.1 };
    const end = expectNothing({ servers: Array.from({ length: 6 }, () => ({ path })), hours: 24 });
    expect(end.world.beatsSent).toBeGreaterThan(6 * 24 * 200);
  });

  test.each([true, false])("[S1] a NAT that forgets the mapping (reset: %s) is no alert", (reset) => {
    expectNothing({
      faults: Array.from({ length: 20 }, (_, index) => ({
        kind: "connection_forgotten",
        atMs: AT + index * 3 * MINUTE,
        server: index % 3,
        reset,
      })),
    });
  });

  test.each(["both", "up", "down"] as const)(
    "[S3] a path cut (%s) of 60 s is no alert, of 6 minutes it is",
    (direction) => {
      expectNothing({ faults: [{ kind: "path_cut", atMs: AT, server: 0, forMs: MINUTE, direction }] });
      const end = expectHeld({
        faults: [{ kind: "path_cut", atMs: AT, server: 0, forMs: 6 * MINUTE, direction }],
      });
      expect(kinds(end)).toEqual(["host_down s0"]);
      expect(end.incidents[0]).toMatchObject({ finalCause: "host_network" });
    },
  );

  test("[S8] [S9] an old session's heartbeats and goodbyes, and beats said twice, change nothing", () => {
    expectNothing({
      faults: Array.from({ length: 30 }, (_, index) => ({
        kind: "old_session_speaks",
        atMs: AT + index * MINUTE,
        server: index % 3,
      })),
    });
  });

  test("[L1] a thousand agents redial at once after a restart: nothing is told, all are back within 60 s", () => {
    const servers = Array.from({ length: 1_000 }, (_, index) => ({ site: index % 40 }));
    let back = 0;
    const upMs = 10 * MINUTE + 20 * SECOND + 500;
    const end = play(
      {
        servers,
        hours: 0.25,
        faults: [{ kind: "collector_restarted", atMs: 10 * MINUTE, forMs: 20 * SECOND }],
      },
      {},
      (world) =>
        world.callAt(upMs + 60 * SECOND, () => {
          back = servers.filter((_, index) => world.oracle.lastSignMs(index) > upMs).length;
        }),
    );
    expect(end.violations).toEqual([]);
    expect(end.incidents).toEqual([]);
    expect(back).toBe(1_000);
  });
});

describe("the collector", () => {
  test("[H6] a restart of 20 s is no alert", () => {
    expectNothing({ faults: [{ kind: "collector_killed", atMs: AT, forMs: 20 * SECOND, boundary: "now" }] });
    expectNothing({ faults: [{ kind: "collector_restarted", atMs: AT, forMs: 20 * SECOND }] });
  });

  test("[H7] off for an hour while 3 of 8 servers die: 3 alerts within 120 s of the start, no others", () => {
    const deaths = [0, 3, 7].map((server, index): Fault => ({
      kind: "power_cut",
      atMs: AT + (index + 1) * 10 * MINUTE,
      server,
      forMs: 3 * HOUR,
    }));
    const end = expectHeld({
      servers: Array.from({ length: 8 }, () => ({})),
      hours: 3,
      faults: [{ kind: "collector_killed", atMs: AT, forMs: HOUR, boundary: "now" }, ...deaths],
    });
    expect(kinds(end).toSorted()).toEqual(["host_down s0", "host_down s3", "host_down s7"]);
    for (const incident of end.incidents)
      expect(incident.openedMs).toBeLessThanOrEqual(AT + HOUR + 500 + 122 * SECOND);
  });

  test("[S6] a restart while a server is down repeats nothing, and its end is told", () => {
    const end = expectHeld({
      faults: [
        { kind: "power_cut", atMs: AT, server: 0, forMs: 30 * MINUTE },
        { kind: "collector_killed", atMs: AT + 10 * MINUTE, forMs: 20 * SECOND, boundary: "now" },
      ],
    });
    expect(steps(end)).toEqual(["down s0", "recovered s0"]);
  });

  test("[H5] suspended for two hours: nothing for servers", () => {
    expectNothing({ hours: 4, faults: [{ kind: "collector_suspended", atMs: AT, forMs: 2 * HOUR }] });
  });

  test.each([4, 60, 170])("[H4] a stall of %s s is no alert", (stallS) => {
    expectNothing({
      faults: Array.from({ length: 5 }, (_, index) => ({
        kind: "collector_stalled",
        atMs: AT + index * 10 * MINUTE,
        forMs: stallS * SECOND,
      })),
    });
  });

  test.each([
    ["an hour ahead", HOUR],
    ["an hour back", -HOUR],
    ["to 1970", -1_759_000_000_000],
  ])("[H2] the wall clock is set %s: nothing is told, and an outage is told in time", (_, byMs) => {
    expectNothing({ faults: [{ kind: "wall_clock_stepped", atMs: AT, byMs }] });
    const end = expectHeld({
      faults: [
        { kind: "power_cut", atMs: AT, server: 0, forMs: 10 * MINUTE },
        { kind: "wall_clock_stepped", atMs: AT + MINUTE, byMs },
      ],
    });
    expect(end.incidents[0]?.silentMs).toBeGreaterThanOrEqual(T);
    expect(end.incidents[0]?.silentMs).toBeLessThanOrEqual(T + 2 * SECOND);
  });

  test("[F1] [F2] a disk that is full for 5 minutes: no alert for servers that live, nothing lost for one that dies", () => {
    expectNothing({ faults: [{ kind: "disk_full", atMs: AT, forMs: 5 * MINUTE }] });
    const end = expectHeld({
      faults: [
        { kind: "disk_full", atMs: AT, forMs: 5 * MINUTE },
        { kind: "power_cut", atMs: AT + 10 * SECOND, server: 0, forMs: 20 * MINUTE },
      ],
    });
    expect(steps(end)).toEqual(["down s0", "recovered s0"]);
    expect(end.incidents[0]?.openedMs).toBeLessThanOrEqual(AT + 5 * MINUTE + 5 * SECOND);
  });

  test("[D1] a heartbeat that waits in a socket when T passes is read before anybody is judged", () => {
    const end = expectHeld(lastMoment());
    expect(end.incidents).toEqual([]);
  });
});

describe("Telegram", () => {
  const outage: Fault = { kind: "power_cut", atMs: AT, server: 0, forMs: 90 * MINUTE };
  const failing = (how: TelegramFailure, forMs: number): Fault => ({
    kind: "telegram_fails",
    atMs: AT - MINUTE,
    forMs,
    how,
  });

  test("[L1] Telegram is down for 30 minutes: told once, within a minute of its return", () => {
    const end = expectHeld({ hours: 3, faults: [outage, failing("refused", 30 * MINUTE)] });
    expect(steps(end)).toEqual(["down s0", "repeat s0", "recovered s0"]);
    expect(end.ledger[0]?.atMs).toBeLessThanOrEqual(AT + 30 * MINUTE);
  });

  test("[O7] a server dies and recovers while Telegram is down: one message, told late", () => {
    const end = expectHeld({
      hours: 3,
      faults: [{ ...outage, forMs: 10 * MINUTE }, failing("refused", 60 * MINUTE)],
    });
    expect(steps(end)).toEqual(["told_late s0"]);
    expect(end.ledger[0]?.repeat).toBe(false);
  });

  test("[O3] 429 is honoured, and order holds", () => {
    const end = expectHeld({
      hours: 3,
      servers: [{}, {}, {}, {}],
      faults: [
        outage,
        { ...outage, server: 1, forMs: 30 * MINUTE },
        { kind: "telegram_limits", atMs: AT + T - MINUTE, recipient: 0, retryAfterMs: 7 * MINUTE },
      ],
    });
    expect(end.ledger[0]?.atMs).toBeGreaterThan(AT + T + 6 * MINUTE - 2 * SECOND);
    expect(steps(end).filter((line) => line.startsWith("down"))).toEqual(["down s0", "down s1"]);
  });

  test.each(["timeout_after", "reset_after", "server_error_after", "hang_accepted"] as const)(
    "[O4] accepted, but %s: at most one marked repeat",
    (how) => {
      const end = expectHeld({
        hours: 3,
        faults: [outage, { kind: "telegram_stumbles", atMs: AT + MINUTE, how, count: 1 }],
      });
      const downs = end.ledger.filter(({ step }) => step === "down");
      expect(downs.length).toBeLessThanOrEqual(2);
      expect(downs.slice(1).every(({ repeat }) => repeat)).toBe(true);
      expect(steps(end).at(-1)).toBe("recovered s0");
    },
  );

  test("[O9] one chat blocked the bot: the other chat is told, the first is switched off", () => {
    const end = expectHeld({
      hours: 3,
      recipients: ["1000", "-2000"],
      faults: [{ kind: "chat_blocked", atMs: MINUTE, recipient: 0 }, outage],
    });
    expect(end.ledger.map(({ chat, step }) => `${chat} ${step}`)).toEqual([
      "-2000 down",
      "-2000 recipient_lost",
      "-2000 repeat",
      "-2000 recovered",
    ]);
    const recipients = end.world.collector.state?.tables.recipient;
    expect(["r0", "r1"].map((id) => recipients?.get(id)?.enabled)).toEqual([false, true]);
  });

  test("[O10] a chat that moved is followed", () => {
    const end = expectHeld({
      hours: 3,
      faults: [{ kind: "chat_moved", atMs: MINUTE, recipient: 0 }, outage],
    });
    expect(end.ledger.map(({ chat, step }) => `${chat} ${step}`)).toEqual([
      "-10001000 down",
      "-10001000 repeat",
      "-10001000 recovered",
    ]);
  });

  const boundaries: readonly KillBoundary[] = [
    "before_commit",
    "after_commit",
    "half_of_effects",
    "after_send",
  ];
  test.each(boundaries)(
    "[O5] kill −9 %s, at each of the commits of an alert: nothing lost, nothing doubled unmarked",
    (boundary) => {
      for (let skip = 0; skip < 8; skip += 1) {
        const end = expectHeld({
          hours: 1.5,
          recipients: ["1000", "-2000"],
          faults: [
            { ...outage, forMs: 20 * MINUTE },
            { kind: "collector_killed", atMs: AT + 2 * MINUTE, forMs: 10 * SECOND, boundary, skip },
          ],
        });
        for (const chat of ["1000", "-2000"]) {
          const mine = end.ledger.filter((one) => one.chat === chat);
          expect(mine.map(({ step }) => step)).toContain("down");
          expect(mine.at(-1)?.step).toBe("recovered");
          expect(mine.length).toBeLessThanOrEqual(3);
        }
      }
    },
  );
});
