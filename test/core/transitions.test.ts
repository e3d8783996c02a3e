/**
 * Executes every cell of the table in transitions.ts.
 * Must not: know what the answer is; the table does.
 */
import { describe, expect, test } from "vitest";
import type { EventType } from "../../collector/core/types/events.ts";
import type { ProbeVerdict } from "../../collector/core/types/evidence.ts";
import type { Status } from "../../collector/core/types/server.ts";
import { entryOf, pastOf, recipientOf, resultOf, routeOf, siteUsual } from "./records.ts";
import { createHearingStage } from "./stage.ts";
import type { Stage } from "./stage.ts";
import { eventCases, pingCases, pingTransitions, transitions } from "./transitions.ts";
import type { Cell, EventCase, PingCase, PingStatus } from "./transitions.ts";

/** A server in a status, with an old session, and a current one that has beaten `sequence` times. */
interface Scene {
  readonly stage: Stage;
  readonly oldSession: string;
  readonly session: string;
  readonly sequence: number;
}

const statuses = Object.keys(transitions) as Status[];
const pingStatuses = Object.keys(pingTransitions) as PingStatus[];

function sceneOf(status: Status): Scene {
  const stage = createHearingStage();
  stage.link("a");
  stage.add("x");
  const oldSession = stage.connect("x");
  const session = stage.connect("x");
  // Rounds stay open, so that a case can answer them.
  stage.probeRule = () => null;
  let sequence = 0;
  const beat = (): void => void stage.beat("x", session, (sequence += 1));
  if (status !== "new") beat();
  switch (status) {
    case "new":
    case "up":
      break;
    case "suspect":
      stage.pass(stage.times.downAfterMs / 3 + 2 * stage.times.tickMs);
      break;
    case "down":
      stage.pass(stage.times.downAfterMs + stage.times.probeFailingEveryMs + 3 * stage.times.tickMs);
      break;
    case "recovering":
      stage.pass(stage.times.downAfterMs + stage.times.probeFailingEveryMs + 3 * stage.times.tickMs);
      beat();
      break;
    case "planned":
      sequence += 1;
      stage.push({
        type: "goodbye_received",
        serverId: "x",
        sessionId: session,
        sequence,
        reason: "reboot",
        awayForMs: null,
      });
      break;
    case "paused":
      stage.push({ type: "server_paused", serverId: "x", by: "staff" });
      break;
  }
  expect(stage.status("x")).toBe(status);
  return { stage, oldSession, session, sequence };
}

/** Runs `act`; true when anything was committed meanwhile. */
function committedBy(stage: Stage, act: () => void): boolean {
  const before = stage.commits;
  act();
  return stage.commits > before;
}

type Perform = (scene: Scene) => void;

function beatOf(sessionId: string, sequence: number): Perform {
  return ({ stage }) =>
    stage.push({ type: "heartbeat_received", serverId: "x", sessionId, sequence, health: null });
}

const inventory = {
  hostName: "x",
  platform: "linux",
  osName: "Debian",
  kernel: "6",
  arch: "x64",
  cpuModel: "one",
  cpuCount: 1,
};

function answer(verdict: ProbeVerdict): Perform {
  return ({ stage }) => {
    const roundId = stage.state.tables.silence.get("x")?.openRoundId ?? "x.0";
    const results = [resultOf({ kind: "icmp", host: "10.0.0.1", port: null }, verdict)];
    stage.push({ type: "probe_finished", serverId: "x", roundId, results });
  };
}

function saved(changes: { name?: string; address?: string; mode?: "ping" }): Perform {
  return ({ stage }) => {
    const server = stage.state.tables.server.get("x");
    if (!server) throw new Error("the server is gone");
    stage.push({ type: "server_saved", server: { ...server, ...changes } });
  };
}

/** How each case is brought about. The compiler wants every case. */
const performed: Record<EventCase, Perform> = {
  "collector_started: from the disk": ({ stage }) => stage.restart(),
  "collector_started: after it stopped by itself": ({ stage }) => stage.restart({ byItself: true }),
  "collector_stopping: by itself": ({ stage }) => stage.push({ type: "collector_stopping" }),
  "tick: at once": ({ stage }) => stage.tickNow(),
  "tick: after a gap": ({ stage }) => {
    stage.stall(4 * stage.times.intervalMs);
    stage.tickNow();
  },
  "tick: 3 η pass in silence": ({ stage }) => stage.pass(stage.times.suspectMs + 2 * stage.times.tickMs),
  "tick: a day passes in silence": ({ stage }) => stage.pass(86_400_000 + 2 * stage.times.baselineEveryMs),
  "sockets_drained: at once": ({ stage }) => stage.push({ type: "sockets_drained" }),
  "sockets_drained: T passes in silence": ({ stage }) =>
    stage.pass(stage.times.downAfterMs + 3 * stage.times.tickMs),
  "sockets_drained: 10 min pass in silence": ({ stage }) => stage.pass(600_000 + 3 * stage.times.tickMs),
  "agent_connected: same version": ({ stage }) => stage.connect("x"),
  "agent_connected: another version": ({ stage }) => stage.connect("x", { version: "2.0.0" }),
  "heartbeat_received: same session": (scene) => beatOf(scene.session, scene.sequence + 1)(scene),
  "heartbeat_received: same sequence": (scene) => beatOf(scene.session, scene.sequence)(scene),
  "heartbeat_received: old session": (scene) => beatOf(scene.oldSession, 99)(scene),
  "heartbeat_received: new session": (scene) => beatOf(scene.stage.connect("x"), 1)(scene),
  "heartbeat_received: 2/3 η later": (scene) => {
    scene.stage.pass(scene.stage.times.recoverySpacingMs);
    beatOf(scene.session, scene.sequence + 1)(scene);
  },
  "inventory_received: same session": ({ stage, session }) =>
    stage.push({ type: "inventory_received", serverId: "x", sessionId: session, inventory }),
  "inventory_received: old session": ({ stage, oldSession }) =>
    stage.push({ type: "inventory_received", serverId: "x", sessionId: oldSession, inventory }),
  "goodbye_received: same session": goodbyeOf((scene) => [scene.session, scene.sequence + 1]),
  "goodbye_received: same sequence": goodbyeOf((scene) => [scene.session, scene.sequence]),
  "goodbye_received: old session": goodbyeOf((scene) => [scene.oldSession, 99]),
  "agent_disconnected: same session": ({ stage, session }) =>
    stage.push({ type: "agent_disconnected", serverId: "x", sessionId: session }),
  "agent_disconnected: old session": ({ stage, oldSession }) =>
    stage.push({ type: "agent_disconnected", serverId: "x", sessionId: oldSession }),
  "probe_finished: alive": answer("alive"),
  "probe_finished: dead": answer("dead"),
  "probe_finished: no evidence": answer("none"),
  "probe_finished: of another round": ({ stage }) =>
    stage.push({ type: "probe_finished", serverId: "x", roundId: "x.77", results: [] }),
  "gateway_probed: of no site": ({ stage }) =>
    stage.push({ type: "gateway_probed", siteId: "nowhere", roundId: "gateway.nowhere.1", results: [] }),
  "witness_answered: of another round": ({ stage, session }) =>
    stage.push({
      type: "witness_answered",
      serverId: "x",
      sessionId: session,
      roundId: "x.77",
      results: [resultOf({ kind: "icmp", host: "10.0.0.1", port: null }, "alive")],
    }),
  "witness_answered: old session": ({ stage, oldSession }) =>
    stage.push({
      type: "witness_answered",
      serverId: "x",
      sessionId: oldSession,
      roundId: stage.state.tables.silence.get("x")?.openRoundId ?? "x.77",
      results: [resultOf({ kind: "icmp", host: "10.0.0.1", port: null }, "alive")],
    }),
  "journal_received: same session": ({ stage, session }) =>
    stage.tellJournal("x", [entryOf({ sequence: 1, ageMs: 60_000, collector: "timeout" })], false, session),
  "journal_received: old session": ({ stage, oldSession }) =>
    stage.tellJournal("x", [entryOf({ sequence: 1 })], false, oldSession),
  "sentinels_answered: of another round": ({ stage }) =>
    stage.push({
      type: "sentinels_answered",
      roundId: "sentinels.77",
      answers: [{ target: "192.0.2.77:443", near: false, verdict: "dead" }],
    }),
  "maintenance_saved: for it": ({ stage }) => stage.window("w", 60_000, { serverId: "x" }),
  "maintenance_saved: of nobody": ({ stage }) => stage.window("w", 60_000, { serverId: "nobody" }),
  "maintenance_removed: for it": ({ stage }) => {
    stage.window("w", 60_000, { serverId: "x" });
    stage.push({ type: "maintenance_removed", maintenanceId: "w" });
  },
  "maintenance_removed: of none": ({ stage }) =>
    stage.push({ type: "maintenance_removed", maintenanceId: "w" }),
  "outbox_woken: nothing waits": ({ stage }) => stage.push({ type: "outbox_woken" }),
  "delivery_finished: of no row": ({ stage }) =>
    stage.push({
      type: "delivery_finished",
      rows: [{ notificationId: "i9/down/a/telegram", attempt: 1 }],
      outcome: { type: "sent", externalId: "1" },
    }),
  "agent_enrolled: another key": ({ stage }) => stage.enroll("x", "another-key"),
  "agent_enrolled: the same key": ({ stage }) =>
    stage.push({
      type: "agent_enrolled",
      enrollmentId: "token-for-key-of-x",
      publicKey: "key-of-x",
      newServerId: "unused",
      hostName: "unused",
      agentVersion: "1.0.0",
      peerAddress: "192.0.2.9",
    }),
  "enrollment_created: for it": ({ stage }) =>
    stage.push({
      type: "enrollment_created",
      enrollment: {
        id: "another",
        secretHash: "hash",
        serverId: "x",
        siteId: null,
        usesLeft: 1,
        expiresWallMs: stage.now.wallMs + 1,
        createdWallMs: stage.now.wallMs,
        usedBy: [],
      },
    }),
  "site_saved: any": ({ stage }) => stage.push({ type: "site_saved", site: siteUsual }),
  "site_removed: without servers": ({ stage }) => {
    stage.push({ type: "site_saved", site: siteUsual });
    stage.push({ type: "site_removed", siteId: siteUsual.id });
  },
  "server_saved: another name": saved({ name: "another" }),
  "server_saved: another address": saved({ address: "10.0.0.99" }),
  "server_saved: another mode": saved({ mode: "ping" }),
  "server_paused: by staff": ({ stage }) => stage.push({ type: "server_paused", serverId: "x", by: "staff" }),
  "server_resumed: by staff": ({ stage }) =>
    stage.push({ type: "server_resumed", serverId: "x", by: "staff" }),
  "server_removed: by staff": ({ stage }) =>
    stage.push({ type: "server_removed", serverId: "x", by: "staff" }),
  "incident_acknowledged: the first": ({ stage }) =>
    stage.push({ type: "incident_acknowledged", incidentId: "i1", by: "staff" }),
  "incident_quieted: the first": ({ stage }) =>
    stage.push({ type: "incident_quieted", incidentId: "i1", by: "staff", untilWallMs: null }),
  "incident_checked: the first": ({ stage }) =>
    stage.push({ type: "incident_checked", incidentId: "i1", by: "staff", evidence: [] }),
  "incident_announced: to nobody": ({ stage }) =>
    stage.push({ type: "incident_announced", incidentId: "i1", by: "staff", over: false }),
  "channel_answered: refused": ({ stage }) =>
    stage.push({ type: "channel_answered", channel: "telegram", refused: "401: Unauthorized" }),
  "channel_answered: as before": ({ stage }) =>
    stage.push({ type: "channel_answered", channel: "telegram", refused: null }),
  "recipient_returned: the only one": ({ stage }) =>
    stage.push({ type: "recipient_returned", recipientId: "a", shelf: [] }),
  "route_saved: any": ({ stage }) => stage.push({ type: "route_saved", route: routeOf("r") }),
  "route_removed: of none": ({ stage }) => stage.push({ type: "route_removed", routeId: "r" }),
  "drill_started: to the only one": ({ stage }) =>
    stage.push({ type: "drill_started", drillId: "d", recipientIds: ["a"], by: "staff" }),
  "summary_due: a digest": ({ stage }) =>
    stage.push({
      type: "summary_due",
      recipientId: "a",
      step: "digest",
      given: "2025-01-06",
      period: "2025-01-05",
      past: pastOf(),
    }),
  "incident_noted: the first": ({ stage }) =>
    stage.push({ type: "incident_noted", incidentId: "i1", by: "staff", text: "on my way" }),
  "recipient_saved: another": ({ stage }) =>
    stage.push({ type: "recipient_saved", recipient: recipientOf("b") }),
  "recipient_removed: the only one": ({ stage }) =>
    stage.push({ type: "recipient_removed", recipientId: "a" }),
  "link_code_created: any": ({ stage }) => linkCode(stage),
  "chat_linked: with a code": ({ stage }) => {
    linkCode(stage);
    chatLinked(stage);
  },
  "chat_linked: without a code": ({ stage }) => chatLinked(stage),
  "shelf_written: any": ({ stage }) =>
    stage.push({ type: "shelf_written", writes: [{ key: "panel/1", value: 1 }] }),
};

function linkCode(stage: Stage): void {
  stage.push({
    type: "link_code_created",
    linkCode: {
      codeHash: "code",
      name: "",
      language: "id",
      audience: "staff",
      siteIds: [],
      expiresWallMs: stage.now.wallMs + 60_000,
    },
  });
}

function chatLinked(stage: Stage): void {
  stage.push({
    type: "chat_linked",
    codeHash: "code",
    recipientId: "c",
    address: "4242",
    chatName: "Chat",
    shelf: [{ key: "telegram/offset", value: 5 }],
  });
}

function goodbyeOf(which: (scene: Scene) => [string, number]): Perform {
  return (scene) => {
    const [sessionId, sequence] = which(scene);
    scene.stage.push({
      type: "goodbye_received",
      serverId: "x",
      sessionId,
      sequence,
      reason: "reboot",
      awayForMs: null,
    });
  };
}

function expectCell(stage: Stage, expected: Cell, committed: boolean): void {
  expect(`${stage.status("x") ?? "gone"}${committed ? "!" : ""}`).toBe(expected);
}

describe.each(statuses)("status %s", (status) => {
  for (const type of Object.keys(eventCases) as EventType[])
    for (const circumstance of eventCases[type]) {
      const eventCase = `${type}: ${circumstance}` as EventCase;
      const expected = transitions[status][eventCase];
      test(`on ${eventCase} becomes ${expected}`, () => {
        const scene = sceneOf(status);
        const committed = committedBy(scene.stage, () => performed[eventCase](scene));
        expectCell(scene.stage, expected, committed);
      });
    }
});

function pingSceneOf(status: PingStatus): Stage {
  const stage = createHearingStage();
  let verdict: ProbeVerdict = "alive";
  stage.link("a");
  stage.probeRule = () => verdict;
  stage.probeDelayMs = 200;
  if (status === "new") verdict = "none";
  stage.add("x", { mode: "ping" });
  stage.pass(3_000);
  const until = (wanted: Status): void => {
    for (let step = 0; stage.status("x") !== wanted; step += 1) {
      if (step > 400) throw new Error(`never became ${wanted}`);
      stage.pass(stage.times.tickMs);
    }
  };
  switch (status) {
    case "new":
    case "up":
      break;
    case "suspect":
      verdict = "dead";
      until("suspect");
      break;
    case "down":
      verdict = "dead";
      until("down");
      break;
    case "recovering":
      verdict = "dead";
      until("down");
      verdict = "alive";
      until("recovering");
      break;
    case "paused":
      stage.push({ type: "server_paused", serverId: "x", by: "staff" });
      break;
  }
  // The message of the outage is out of the way.
  verdict = status === "down" || status === "suspect" ? "dead" : status === "new" ? "none" : "alive";
  stage.probeRule = () => verdict;
  stage.pass(500);
  expect(stage.status("x")).toBe(status);
  return stage;
}

/** Until the next round was asked and answered; a paused server is asked nothing, so time is bounded. */
function oneProbe(stage: Stage, verdict: ProbeVerdict): void {
  stage.probeRule = () => verdict;
  const before = stage.rounds.length;
  for (let step = 0; stage.rounds.length === before && step < 70; step += 1) stage.pass(stage.times.tickMs);
  stage.pass(stage.probeDelayMs);
}

const pingPerformed: Record<PingCase, (stage: Stage) => void> = {
  "a probe succeeds": (stage) => oneProbe(stage, "alive"),
  "a probe fails": (stage) => oneProbe(stage, "dead"),
  "a probe can't be made": (stage) => oneProbe(stage, "none"),
  "probes succeed 1 η apart": (stage) => {
    oneProbe(stage, "alive");
    stage.pass(stage.times.intervalMs);
    oneProbe(stage, "alive");
  },
  "probes fail for T": (stage) => {
    stage.probeRule = () => "dead";
    stage.pass(stage.times.downAfterMs + stage.times.probeEveryMs);
  },
  "probes can't be made for T": (stage) => {
    stage.probeRule = () => "none";
    stage.pass(stage.times.downAfterMs + stage.times.probeEveryMs);
  },
};

describe.each(pingStatuses)("ping-only, status %s", (status) => {
  for (const pingCase of pingCases) {
    const expected = pingTransitions[status][pingCase];
    test(`[D11] when ${pingCase} it becomes ${expected}`, () => {
      const stage = pingSceneOf(status);
      const committed = committedBy(stage, () => pingPerformed[pingCase](stage));
      expectCell(stage, expected, committed);
    });
  }
});
