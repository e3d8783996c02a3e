/**
 * Incidents: one commit, numbers, beginning and end, the timeline and the archive.
 * Must not: look at how messages are tried (outbox.test.ts).
 */
import { describe, expect, test } from "vitest";
import { minutesOf } from "../../collector/core/causes.ts";
import { TIMELINE_MAX, withLine } from "../../collector/core/outbox.ts";
import type { Incident } from "../../collector/core/types/incident.ts";
import { minute, second } from "./records.ts";
import { createHearingStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

function steady(): Stage {
  const stage = createHearingStage();
  stage.link("a");
  stage.link("b");
  stage.add("x", { siteId: "site1" });
  stage.playAgent("x");
  stage.pass(5 * minute);
  return stage;
}

function commitOf(stage: Stage, from: number, wanted: (tables: readonly string[]) => boolean): string[] {
  for (const { decision } of stage.pushed.slice(from)) {
    const written = decision.commit.map((write) => `${write.table} ${write.key}`);
    if (wanted(decision.commit.map((write) => write.table))) return written;
  }
  throw new Error("no such commit");
}

test("[I1] [S5] incident, status and a row for each recipient are one commit", () => {
  const stage = steady();
  const from = stage.pushed.length;
  stage.stopAgent("x");
  stage.pass(4 * minute);
  expect(commitOf(stage, from, (tables) => tables.includes("incident"))).toEqual(
    expect.arrayContaining([
      "incident i1",
      "detector x",
      "notification i1/down/a/telegram",
      "notification i1/down/b/telegram",
    ]),
  );
});

test("[I1] [S5] the end of an incident, the status and the rows of the recovery are one commit", () => {
  const stage = steady();
  stage.stopAgent("x");
  stage.pass(4 * minute);
  const from = stage.pushed.length;
  stage.playAgent("x");
  stage.pass(minute);
  expect(
    commitOf(stage, from, (tables) => tables.includes("notification") && tables.includes("detector")),
  ).toEqual(
    expect.arrayContaining([
      "incident i1",
      "detector x",
      "notification i1/recovered/a/telegram",
      "notification i1/recovered/b/telegram",
    ]),
  );
});

test("[I2] [S4] incidents of a server alternate, and numbers grow by one over servers and restarts", () => {
  const stage = steady();
  stage.add("y");
  stage.playAgent("y");
  for (let index = 0; index < 4; index += 1) {
    const serverId = index % 2 === 0 ? "x" : "y";
    stage.stopAgent(serverId);
    stage.pass(5 * minute);
    stage.playAgent(serverId);
    stage.pass(2 * minute);
    stage.restart({ awayMs: 10 * second });
    stage.pass(3 * minute);
  }
  expect(stage.openings.map((opening) => opening.incident.number)).toEqual([1, 2, 3, 4]);
  for (const serverId of ["x", "y"]) {
    const incidents = stage.incidents(serverId);
    expect(incidents).toHaveLength(2);
    expect(incidents.every((incident) => incident.endedCoreMs !== null)).toBe(true);
    expect(incidents[1]?.startedCoreMs ?? 0).toBeGreaterThan(incidents[0]?.endedCoreMs ?? 0);
  }
});

test("[I3] the outage begins at the last heartbeat and ends at the first of the recovery, not at its verdicts", () => {
  const stage = steady();
  const wallAtLast = stage.now.wallMs - (stage.worldMs - (stage.lastBeatWorldMs.get("x") ?? 0));
  stage.stopAgent("x");
  stage.pass(10 * minute);
  stage.playAgent("x");
  const wallAtFirst = stage.now.wallMs;
  stage.pass(minute);
  const incident = stage.incident("x");
  expect(incident.startedWallMs).toBe(wallAtLast);
  expect(incident.endedWallMs).toBe(wallAtFirst);
  const told = stage.attempts.at(-1)?.notification.message;
  expect(told?.durationMs).toBe(wallAtFirst - wallAtLast);
  expect(told?.timeZone).toBe("Asia/Makassar");
  expect(told?.panelUrl).toBe("https://detak.example/incidents/i1");
});

test("[I3] a recovery that broke off is part of the outage", () => {
  const stage = steady();
  stage.stopAgent("x");
  stage.pass(5 * minute);
  stage.beat("x", stage.connect("x"), 1);
  stage.pass(5 * minute);
  stage.playAgent("x");
  const wallAtFirst = stage.now.wallMs;
  stage.pass(minute);
  expect(stage.incident("x").endedWallMs).toBe(wallAtFirst);
});

test("[I4] a closed incident leaves the living state with its rows, in one commit, when the last row settled", () => {
  const stage = steady();
  stage.stopAgent("x");
  stage.pass(5 * minute);
  stage.sendRule = (notification) =>
    notification.recipientId === "b"
      ? { type: "retry", error: "connection refused", retryAfterMs: null }
      : { type: "sent", externalId: "1" };
  stage.playAgent("x");
  stage.pass(2 * minute);
  expect(stage.incident("x").endedCoreMs).not.toBeNull();
  expect(stage.archived.size).toBe(0);
  expect(stage.state.tables.incident.has("i1")).toBe(true);
  const from = stage.pushed.length;
  stage.sendRule = () => ({ type: "sent", externalId: "2" });
  stage.pass(minute);
  expect(commitOf(stage, from, (tables) => tables.includes("archive"))).toEqual(
    expect.arrayContaining(["archive i1", "incident i1", "notification i1/down/a/telegram"]),
  );
  expect(stage.state.tables.incident.size).toBe(0);
  expect(stage.state.tables.notification.size).toBe(0);
  expect(stage.state.derived.notificationsOf.size).toBe(0);
  const archived = stage.archived.get("i1");
  expect(archived?.notifications.map((row) => `${row.step} ${row.status}`).sort()).toEqual([
    "down sent",
    "down sent",
    "edit sent",
    "edit sent",
    "recovered sent",
    "recovered sent",
  ]);
  expect(archived?.incident.timeline.filter((line) => line.what.type === "delivered")).toHaveLength(4);
});

test("[I4] with nobody to tell, a closed incident moves to the archive at once and says so", () => {
  const stage = createHearingStage();
  stage.add("x");
  stage.playAgent("x");
  stage.pass(minute);
  stage.stopAgent("x");
  stage.pass(5 * minute);
  stage.playAgent("x");
  stage.pass(minute);
  expect(stage.archived.has("i1")).toBe(true);
  expect(stage.state.tables.incident.size).toBe(0);
  expect(stage.incident("x").timeline.map((line) => line.what)).toContainEqual({
    type: "notify",
    recipientName: null,
    reason: "no_recipients",
    send: false,
  });
});

test("[I5] a timeline keeps its first lines and its newest, and never more than 200", () => {
  const stage = steady();
  stage.stopAgent("x");
  stage.pass(4 * minute);
  for (let index = 0; index < 500; index += 1)
    stage.push({ type: "incident_noted", incidentId: "i1", by: "staff", text: `note ${index}` });
  const { timeline } = stage.incident("x");
  expect(timeline).toHaveLength(TIMELINE_MAX);
  expect(timeline[0]?.what.type).toBe("opened");
  expect(timeline.at(-1)?.what).toEqual({ type: "note", by: "staff", text: "note 499" });
  stage.playAgent("x");
  stage.pass(minute);
  const closed = stage.incident("x").timeline;
  expect(closed).toHaveLength(TIMELINE_MAX);
  expect(closed[0]?.what.type).toBe("opened");
});

test("[I5] the limit holds exactly at its edge", () => {
  const bare = { timeline: [] as Incident["timeline"] } as Incident;
  let incident = bare;
  for (let index = 1; index <= TIMELINE_MAX + 5; index += 1) {
    incident = withLine(incident, index, { type: "heard_again" });
    expect(incident.timeline).toHaveLength(Math.min(index, TIMELINE_MAX));
    expect(incident.timeline.at(-1)?.wallMs).toBe(index);
  }
  expect(incident.timeline[TIMELINE_MAX - 2]?.wallMs).toBe(TIMELINE_MAX - 1);
});

describe("staff", () => {
  test("an incident is acknowledged once by the same person, and not after its end", () => {
    const stage = steady();
    stage.stopAgent("x");
    stage.pass(4 * minute);
    const acknowledge = (by: string): unknown =>
      stage.push({ type: "incident_acknowledged", incidentId: "i1", by }).reply;
    expect(acknowledge("rina")).toEqual({ ok: true });
    expect(acknowledge("rina")).toEqual({ ok: false, code: "already_so" });
    expect(acknowledge("budi")).toEqual({ ok: true });
    expect(stage.incident("x").acknowledgedBy).toBe("budi");
    stage.sendRule = () => ({ type: "retry", error: "refused", retryAfterMs: null });
    stage.playAgent("x");
    stage.pass(minute);
    expect(acknowledge("rina")).toEqual({ ok: false, code: "incident_closed" });
    expect(stage.push({ type: "incident_acknowledged", incidentId: "i9", by: "x" }).reply).toEqual({
      ok: false,
      code: "incident_not_found",
    });
  });

  test("the minutes belong to whose cause it was", () => {
    expect(minutesOf("connection", 90_000, null)).toEqual({ server: 0, link: 1.5, planned: 0, collector: 0 });
    expect(minutesOf("planned", 60_000, null)).toEqual({ server: 0, link: 0, planned: 1, collector: 0 });
    expect(minutesOf("collector", 6_000, null)).toEqual({ server: 0, link: 0, planned: 0, collector: 0.1 });
    expect(minutesOf("host_rebooted", 0, null)).toEqual({ server: 0, link: 0, planned: 0, collector: 0 });
    expect(minutesOf("unknown", 120_000, null)).toEqual({ server: 2, link: 0, planned: 0, collector: 0 });
  });

  test("[D14] the incident of a removed server can still be read: it keeps the names", () => {
    const stage = steady();
    stage.stopAgent("x");
    stage.pass(4 * minute);
    stage.push({ type: "server_removed", serverId: "x", by: "staff" });
    stage.push({ type: "site_removed", siteId: "site1" });
    expect(stage.incident("x")).toMatchObject({
      serverName: "Server x",
      siteName: "Cabang Makassar",
      closeReason: "removed_by_staff",
    });
    expect(stage.incident("x").endedWallMs ?? 0).toBeGreaterThan(stage.incident("x").startedWallMs);
  });
});
