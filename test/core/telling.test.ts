/**
 * Who is told of what and when: routes, next recipients, repeats, quiet, fallbacks, several at once, and messages shown anew.
 * Must not: know a channel's texts; what counts here is which rows were sent to whom.
 */
import { describe, expect, test } from "vitest";
import { FOLD_FROM } from "../../collector/core/claiming.ts";
import { DEFAULT_ROUTE_ID } from "../../collector/core/routes.ts";
import type { DeliveryOutcome, Recipient } from "../../collector/core/types.ts";
import { hour, minute, pastOf, recipientOf, routeOf, second } from "./records.ts";
import { createHearingStage } from "./stage.ts";
import type { SendRule, Stage, StageOptions } from "./stage.ts";

const sent: DeliveryOutcome = { type: "sent", externalId: "m1" };
const refused: DeliveryOutcome = { type: "retry", error: "connection refused", retryAfterMs: null };
const unknown: DeliveryOutcome = { type: "unknown", error: "timeout" };
const gone: DeliveryOutcome = { type: "rejected", error: "blocked", scope: "recipient" };

/** Servers x0, x1, … that beat, and recipients. */
function houseWith(
  recipients: Readonly<Record<string, Partial<Recipient>>>,
  servers = 1,
  options: StageOptions = {},
): Stage {
  const stage = createHearingStage(options);
  for (const [id, changes] of Object.entries(recipients)) stage.link(id, changes);
  for (let index = 0; index < servers; index += 1) stage.add(`x${index}`);
  for (let index = 0; index < servers; index += 1) stage.playAgent(`x${index}`);
  stage.pass(5 * minute);
  return stage;
}

function fall(stage: Stage, ...serverIds: string[]): void {
  for (const id of serverIds) stage.stopAgent(id);
  stage.pass(184 * second);
  for (const id of serverIds) expect(stage.status(id)).toBe("down");
}

function rise(stage: Stage, ...serverIds: string[]): void {
  for (const id of serverIds) stage.playAgent(id);
  stage.pass(20 * second);
}

/** `step recipient`, in order. */
const told = (stage: Stage) => stage.sent().map(({ step, recipientId }) => `${step} ${recipientId}`);
const only = (recipientId: string, outcome: DeliveryOutcome | null): SendRule => {
  return (_row, recipient) => (recipient.id === recipientId ? outcome : sent);
};

function reasons(stage: Stage, serverId = "x0"): string[] {
  return stage
    .incident(serverId)
    .timeline.flatMap(({ what }) =>
      what.type === "notify" ? [`${what.recipientName ?? "nobody"} ${what.reason} ${what.send}`] : [],
    );
}

function route(stage: Stage, id: string, changes: Parameters<typeof routeOf>[1]): void {
  expect(stage.push({ type: "route_saved", route: routeOf(id, changes) }).reply.ok).toBe(true);
}

describe("routes", () => {
  test("[R1] from the first start there is a route of all incidents to everybody for staff; users and fallbacks are not in it", () => {
    const stage = houseWith({ a: {}, b: { channel: "webhook" }, u: { audience: "users" } });
    fall(stage, "x0");
    expect(told(stage)).toEqual(["down a", "down b"]);
  });

  test("[R1] it can be narrowed and switched off, not removed; what no route takes is told to nobody, and says so", () => {
    const stage = houseWith({ a: {} });
    expect(stage.push({ type: "route_removed", routeId: DEFAULT_ROUTE_ID }).reply).toEqual({
      ok: false,
      code: "route_is_default",
    });
    route(stage, DEFAULT_ROUTE_ID, { enabled: false });
    fall(stage, "x0");
    expect(told(stage)).toEqual([]);
    expect(reasons(stage)).toEqual(["nobody no_route false"]);
    rise(stage, "x0");
    expect(stage.archived.has("i1")).toBe(true);
  });

  test("[R1] by site, tag and kind: each list that is not empty must hold one; several routes tell each recipient once", () => {
    const stage = createHearingStage();
    for (const id of ["site", "tag", "kind", "both"]) stage.link(id);
    stage.addSite("s1", {});
    stage.add("x0", { siteId: "s1", tags: ["toko"] });
    stage.add("x1", { tags: ["gudang"] });
    for (const id of ["x0", "x1"]) stage.playAgent(id);
    route(stage, DEFAULT_ROUTE_ID, { enabled: false });
    const to = (...ids: string[]) => ({ steps: [{ afterMs: 0, to: ids }] });
    route(stage, "r1", { siteIds: ["s1"], ...to("site", "both") });
    route(stage, "r2", { tags: ["gudang"], ...to("tag", "both") });
    route(stage, "r3", { kinds: ["path_down"], ...to("kind") });
    route(stage, "r4", { siteIds: ["s1"], tags: ["gudang"], ...to("kind") });
    stage.pass(5 * minute);
    fall(stage, "x1");
    expect(told(stage)).toEqual(["down tag", "down both"]);
    stage.attempts.length = 0;
    fall(stage, "x0");
    expect(told(stage).sort()).toEqual(["down both", "down site"]);
  });

  test("[R1] a route's steps begin at once and ascend; whom it names must be there", () => {
    const stage = houseWith({ a: {} });
    const refusal = (changes: Parameters<typeof routeOf>[1]) =>
      stage.push({ type: "route_saved", route: routeOf("r", changes) }).reply;
    for (const steps of [
      [],
      [{ afterMs: 5, to: ["a"] }],
      [
        { afterMs: 0, to: ["a"] },
        { afterMs: -1, to: ["a"] },
      ],
    ])
      expect(refusal({ steps })).toEqual({ ok: false, code: "route_steps_wrong" });
    expect(refusal({ repeatMs: [0] })).toEqual({ ok: false, code: "route_steps_wrong" });
    expect(refusal({ steps: [{ afterMs: 0, to: ["b"] }] })).toEqual({
      ok: false,
      code: "recipient_not_found",
    });
    expect(refusal({ siteIds: ["nowhere"] })).toEqual({ ok: false, code: "site_not_found" });
  });

  test("[R1] a removed recipient is named by no route; a removed site switches its own route off instead of widening it", () => {
    const stage = houseWith({ a: {}, b: {} });
    stage.addSite("s1", {});
    route(stage, "r", {
      siteIds: ["s1"],
      steps: [{ afterMs: 0, to: ["a", "b"] }],
      fallbackRecipientIds: ["b"],
    });
    stage.push({ type: "recipient_removed", recipientId: "b" });
    expect(stage.state.tables.route.get("r")).toMatchObject({
      steps: [{ afterMs: 0, to: ["a"] }],
      fallbackRecipientIds: [],
      enabled: true,
    });
    stage.push({ type: "site_removed", siteId: "s1" });
    expect(stage.state.tables.route.get("r")).toMatchObject({ siteIds: [], enabled: false });
  });
});

describe("while nobody takes it", () => {
  const steps = [
    { afterMs: 0, to: ["a"] },
    { afterMs: 10 * minute, to: ["b"] },
    { afterMs: 20 * minute, to: ["c"] },
  ];
  const chain = (options: StageOptions = {}) => {
    const stage = houseWith({ a: {}, b: {}, c: {} }, 1, options);
    route(stage, DEFAULT_ROUTE_ID, { steps, repeatMs: [30 * minute, 2 * hour] });
    return stage;
  };

  test("[R2] the next recipients are told at their time, with the reason; the end reaches all who were told", () => {
    const stage = chain();
    fall(stage, "x0");
    expect(told(stage)).toEqual(["down a"]);
    stage.pass(9 * minute);
    expect(told(stage)).toEqual(["down a"]);
    stage.pass(2 * minute);
    expect(told(stage)).toEqual(["down a", "down b"]);
    expect(reasons(stage)).toContain("Chat b escalated true");
    rise(stage, "x0");
    expect(told(stage)).toEqual(["down a", "down b", "recovered a", "recovered b"]);
  });

  test("[R3] repeats reply at growing waits to those who were told, the last wait again and again", () => {
    const stage = chain({ repeats: true });
    fall(stage, "x0");
    stage.pass(31 * minute);
    expect(told(stage).slice(3)).toEqual(["repeat a", "repeat b", "repeat c"]);
    stage.pass(2 * hour);
    expect(told(stage).slice(6)).toEqual(["repeat a", "repeat b", "repeat c"]);
    stage.pass(2 * hour);
    expect(told(stage)).toHaveLength(12);
    expect(stage.attempts.at(-1)?.notification.message.repeat?.count).toBe(3);
    expect(new Set(stage.rows().map((row) => row.id)).size).toBe(12);
  });

  test("[R4] whoever takes it ends repeats and next recipients, not the recovery", () => {
    const stage = chain();
    fall(stage, "x0");
    stage.push({ type: "incident_acknowledged", incidentId: "i1", by: "Rani" });
    stage.pass(5 * hour);
    expect(told(stage)).toEqual(["down a"]);
    expect(stage.state.derived.pursuedIncidents.size).toBe(0);
    rise(stage, "x0");
    expect(told(stage)).toEqual(["down a", "recovered a"]);
  });

  test("[R5] asked for quiet: no repeat, no next recipient, no worsening until then; what is due comes after it", () => {
    const stage = chain();
    stage.probeRule = () => "alive";
    fall(stage, "x0");
    const untilWallMs = (stage.state.tables.clock.get("")?.wallMs ?? 0) + hour;
    stage.push({ type: "incident_quieted", incidentId: "i1", by: "Rani", untilWallMs });
    stage.probeRule = () => "dead";
    stage.pass(55 * minute);
    expect(told(stage)).toEqual(["down a"]);
    expect(reasons(stage)).toContain("nobody muted false");
    stage.pass(10 * minute);
    expect(told(stage).slice(0, 3)).toEqual(["down a", "down b", "down c"]);
  });

  test("[R5] quiet until it has recovered: nothing more but the end", () => {
    const stage = chain();
    fall(stage, "x0");
    stage.push({ type: "incident_quieted", incidentId: "i1", by: "Rani", untilWallMs: null });
    stage.pass(26 * hour);
    expect(told(stage)).toEqual(["down a"]);
    rise(stage, "x0");
    expect(told(stage)).toEqual(["down a", "recovered a"]);
  });

  test("[R2] [R3] not while it recovers, nor while nothing can be heard, nor in a window", () => {
    const stage = chain();
    fall(stage, "x0");
    stage.window("w", 3 * hour, { serverId: "x0" });
    stage.pass(2.5 * hour);
    expect(told(stage)).toEqual(["down a"]);
    stage.pass(hour);
    expect(told(stage).slice(1, 3)).toEqual(["down b", "down c"]);
  });

  test("[R2] [S13] a restart in between forgets nothing and tells nobody twice", () => {
    const stage = chain();
    fall(stage, "x0");
    stage.pass(5 * minute);
    stage.restart({ awayMs: 30 * second, lost: "everything" });
    stage.pass(30 * minute);
    expect(
      told(stage)
        .filter((line) => line.startsWith("down"))
        .sort(),
    ).toEqual(["down a", "down b", "down c"]);
  });

  test("[R3] who was not told yet, or has older news to come, gets no repeat", () => {
    const stage = houseWith({ a: {}, b: {} });
    route(stage, DEFAULT_ROUTE_ID, { repeatMs: [10 * minute] });
    stage.sendRule = only("a", refused);
    fall(stage, "x0");
    stage.pass(35 * minute);
    expect(told(stage)).toEqual(["down b", "repeat b", "repeat b", "repeat b"]);
    stage.sendRule = () => sent;
    stage.pass(minute);
    expect(told(stage).at(-1)).toBe("down a");
  });
});

describe("in somebody's place", () => {
  const withFallback = () => {
    const stage = houseWith({ a: {}, f: { channel: "ntfy" } });
    route(stage, DEFAULT_ROUTE_ID, { fallbackRecipientIds: ["f"] });
    return stage;
  };

  test("[R6] what could not be told for five minutes is told to the route's fallback, once; both learn of the end", () => {
    const stage = withFallback();
    stage.sendRule = only("a", refused);
    fall(stage, "x0");
    stage.pass(4.5 * minute);
    expect(told(stage)).toEqual([]);
    stage.pass(minute);
    expect(told(stage)).toEqual(["down f"]);
    stage.pass(20 * minute);
    stage.sendRule = () => sent;
    stage.pass(minute);
    expect(told(stage)).toEqual(["down f", "down a"]);
    rise(stage, "x0");
    expect(told(stage).slice(2).sort()).toEqual(["recovered a", "recovered f"]);
    expect(reasons(stage)).toContain("Chat f fallback true");
  });

  test("[R6] at once when the recipient is gone, and when the fate was unknown twice", () => {
    const blocked = withFallback();
    blocked.sendRule = only("a", gone);
    fall(blocked, "x0");
    expect(told(blocked)).toContain("down f");
    const lost = withFallback();
    lost.sendRule = only("a", unknown);
    fall(lost, "x0");
    lost.pass(50 * second);
    expect(told(lost)).toEqual([]);
    lost.pass(15 * second);
    expect(told(lost)).toEqual(["down f"]);
  });

  test("[R6] over before anybody could be told: the fallback learns of both at once", () => {
    // Simulated (seed 320091): the down was of unknown fate twice, the second time after the server was back.
    const stage = withFallback();
    stage.sendRule = only("a", null);
    fall(stage, "x0");
    stage.sendDelayMs = 40 * second;
    stage.sendRule = only("a", unknown);
    rise(stage, "x0");
    stage.pass(10 * minute);
    expect(told(stage)).toEqual(["told_late f"]);
    expect(stage.archived.has("i1")).toBe(true);
  });

  test("[R6] told in time, it is nobody else's business", () => {
    const stage = withFallback();
    fall(stage, "x0");
    stage.pass(hour);
    rise(stage, "x0");
    expect(told(stage)).toEqual(["down a", "recovered a"]);
  });

  test("[R7] a recipient that is gone is told to all others for staff, once; when it can be reached again it learns what is still so", () => {
    const stage = houseWith({ a: {}, b: {}, u: { audience: "users" } }, 2);
    stage.sendRule = only("a", gone);
    fall(stage, "x0");
    rise(stage, "x0");
    fall(stage, "x1");
    expect(told(stage)).toEqual(["down b", "recipient_lost b", "recovered b", "down b"]);
    expect(
      stage.attempts.find(({ notification }) => notification.step === "recipient_lost")?.notification.message
        .lost,
    ).toEqual({ recipientName: "Chat a", reason: "blocked" });
    stage.sendRule = () => sent;
    stage.push({
      type: "recipient_returned",
      recipientId: "a",
      shelf: [{ key: "telegram/offset", value: 9 }],
    });
    stage.pass(5 * second);
    expect(stage.state.tables.recipient.get("a")).toMatchObject({ enabled: true, disabledReason: null });
    expect(stage.state.tables.shelf.get("telegram/offset")).toBe(9);
    expect(told(stage).slice(4)).toEqual(["down a"]);
    rise(stage, "x1");
    expect(told(stage).slice(5).sort()).toEqual(["recovered a", "recovered b"]);
  });

  test("[R7] one that staff switched off stays off", () => {
    const stage = houseWith({ a: { enabled: false } });
    expect(stage.push({ type: "recipient_returned", recipientId: "a", shelf: [] }).reply.ok).toBe(false);
    expect(stage.state.tables.recipient.get("a")?.enabled).toBe(false);
  });
});

describe("several at once", () => {
  test(`[R8] ${FOLD_FROM} that wait for one recipient are one message, in order, and each row keeps its own fate`, () => {
    const stage = houseWith({ a: {} }, 6);
    fall(stage, "x0", "x1", "x2", "x3", "x4", "x5");
    expect(stage.sends.filter((ids) => ids.length > 1)).toHaveLength(1);
    expect(stage.sent()).toHaveLength(6);
    expect(stage.rows().every((row) => row.status === "sent")).toBe(true);
    const numbers = stage.attempts.map((attempt) => attempt.notification.message.incidentNumber);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });

  test("[R8] after an outage of the channel: nothing is dropped, opened and closed is one line told late", () => {
    const stage = houseWith({ a: {} }, 8);
    stage.sendRule = () => refused;
    fall(stage, "x0", "x1", "x2", "x3", "x4");
    rise(stage, "x0", "x1", "x2");
    stage.pass(10 * minute);
    stage.sendRule = () => sent;
    stage.pass(minute);
    expect(told(stage).sort()).toEqual([
      ...Array<string>(2).fill("down a"),
      ...Array<string>(3).fill("told_late a"),
    ]);
    expect(stage.sends.at(-1)).toHaveLength(5);
  });

  test("[R8] of unknown fate: each line comes once more, marked, whatever it is told with", () => {
    const stage = houseWith({ a: {} }, 6);
    let asked = 0;
    stage.sendRule = () => ((asked += 1) === 1 ? unknown : sent);
    fall(stage, "x0", "x1", "x2", "x3", "x4");
    stage.pass(2 * minute);
    const repeats = stage.sent().filter((entry) => entry.repeat);
    expect(repeats).toHaveLength(5);
    expect(stage.sent()).toHaveLength(5);
  });

  test("[R8] one that cannot be told with others is told alone, and the others too", () => {
    const stage = houseWith({ a: {} }, 5);
    stage.sendRule = (row) => {
      const together = [...stage.state.tables.notification.values()].filter(
        ({ status }) => status === "sending",
      );
      if (together.length > 1) return { type: "rejected", error: "message is too long", scope: "message" };
      return row.serverId === "x2" ? { type: "rejected", error: "no", scope: "message" } : sent;
    };
    fall(stage, "x0", "x1", "x2", "x3", "x4");
    stage.pass(30 * second);
    expect(stage.sent()).toHaveLength(4);
    expect(
      stage
        .rows()
        .map((row) => row.status)
        .sort(),
    ).toEqual(["rejected", "sent", "sent", "sent", "sent"]);
  });

  test("[R8] [V1] 500 servers of 50 sites lost at once: at most a message a site and two more, the first within 5 s", () => {
    const stage = createHearingStage({ checkedWhole: false });
    stage.link("group", { address: "-1001" });
    const ids = Array.from({ length: 500 }, (_, index) => `x${index}`);
    for (let site = 0; site < 50; site += 1) stage.addSite(`s${site}`, { name: `Cabang ${site}` });
    for (const [index, id] of ids.entries()) stage.add(id, { siteId: `s${index % 50}` });
    for (const id of ids) stage.playAgent(id);
    stage.pass(2 * minute);
    for (const id of ids) stage.stopAgent(id);
    stage.pass(10 * minute);
    expect(ids.every((id) => stage.status(id) === "down")).toBe(true);
    const firstMs = Math.min(...stage.openings.map((opening) => opening.worldMs));
    expect((stage.attempts[0]?.worldMs ?? Number.POSITIVE_INFINITY) - firstMs).toBeLessThanOrEqual(
      5 * second,
    );
    expect(new Set(stage.attempts.map(({ worldMs }) => worldMs)).size).toBeLessThanOrEqual(52);
  });

  test("[R8] a webhook gets each by itself", () => {
    const stage = houseWith({ a: { channel: "webhook", address: "https://x.example/" } }, 6);
    fall(stage, "x0", "x1", "x2", "x3", "x4", "x5");
    expect(stage.sends.every((ids) => ids.length === 1)).toBe(true);
    expect(stage.sent()).toHaveLength(6);
  });

  test("[O4] where the other side knows a message by its id, an unknown fate is tried again unmarked, for a day", () => {
    const stage = houseWith({ a: { channel: "webhook", address: "https://x.example/" } });
    stage.sendRule = () => unknown;
    fall(stage, "x0");
    stage.pass(3 * hour);
    expect(stage.attempts.length).toBeGreaterThan(5);
    expect(stage.attempts.every(({ notification }) => !notification.repeat)).toBe(true);
    stage.pass(23 * hour);
    expect(stage.rows().find((row) => row.step === "down")?.status).toBe("rejected");
  });

  test("[O4] [O7] where a message is known by its id, one that was tried is never told by another", () => {
    // A property found it: the down had come, its answer had not; the end made it a second message, told late.
    const stage = houseWith({ a: { channel: "webhook", address: "https://x.example/" } });
    stage.sendRule = () => unknown;
    fall(stage, "x0");
    rise(stage, "x0");
    stage.sendRule = () => sent;
    stage.pass(40 * minute);
    expect(told(stage)).toEqual(["down a", "recovered a"]);
    expect(new Set(stage.attempts.map(({ notification }) => notification.id)).size).toBe(2);
  });
});

describe("shown as things are", () => {
  const edits = (stage: Stage) => stage.beside.filter(({ notification }) => notification.step === "edit");

  test("[R9] who took it, what a check found and that it is over are edits of the first message", () => {
    const stage = houseWith({ a: {} });
    fall(stage, "x0");
    expect(edits(stage)).toEqual([]);
    stage.push({ type: "incident_acknowledged", incidentId: "i1", by: "Rani" });
    stage.pass(5 * second);
    expect(edits(stage).at(-1)?.notification).toMatchObject({
      editOf: "i1/down/a/telegram",
      message: { step: "down", handling: { acknowledgedBy: "Rani" }, endedWallMs: null },
    });
    stage.push({ type: "incident_checked", incidentId: "i1", by: "Rani", evidence: [] });
    stage.pass(5 * second);
    expect(edits(stage).at(-1)?.notification.message.handling.checked?.by).toBe("Rani");
    rise(stage, "x0");
    expect(edits(stage).at(-1)?.notification.message.endedWallMs).not.toBeNull();
    expect(edits(stage)).toHaveLength(3);
    expect(
      stage.archived
        .get("i1")
        ?.notifications.map((row) => row.step)
        .sort(),
    ).toEqual(["down", "edit", "recovered"]);
  });

  test("[R9] an edit of unknown fate is made again, as often as it takes; news goes before it", () => {
    const stage = houseWith({ a: {} });
    fall(stage, "x0");
    stage.besideRule = () => unknown;
    stage.push({ type: "incident_acknowledged", incidentId: "i1", by: "Rani" });
    stage.pass(5 * minute);
    expect(edits(stage).length).toBeGreaterThan(2);
    rise(stage, "x0");
    expect(told(stage)).toEqual(["down a", "recovered a"]);
    stage.besideRule = () => sent;
    stage.pass(3 * minute);
    expect(stage.archived.has("i1")).toBe(true);
  });

  test("[R9] changed while an edit is under way: one more, with the newest; changed before it was sent: one", () => {
    const stage = houseWith({ a: {} });
    fall(stage, "x0");
    stage.sendDelayMs = 8 * second;
    stage.push({ type: "incident_acknowledged", incidentId: "i1", by: "Rani" });
    stage.pass(4 * second);
    for (const by of ["Sari", "Budi"]) stage.push({ type: "incident_acknowledged", incidentId: "i1", by });
    stage.pass(minute);
    expect(edits(stage).map(({ notification }) => notification.message.handling.acknowledgedBy)).toEqual([
      "Rani",
      "Budi",
    ]);
  });

  test("[R9] what waits to be told says what is so when it is sent", () => {
    const stage = houseWith({ a: {} });
    stage.sendRule = () => refused;
    fall(stage, "x0");
    stage.push({ type: "incident_acknowledged", incidentId: "i1", by: "Rani" });
    stage.sendRule = () => sent;
    stage.pass(minute);
    expect(stage.attempts.at(-1)?.notification.message.handling.acknowledgedBy).toBe("Rani");
    expect(edits(stage)).toEqual([]);
  });

  test("[R9] a line of several, a webhook, and who was switched off are not edited", () => {
    const stage = houseWith({ a: {}, w: { channel: "webhook", address: "https://x.example/" } }, 5);
    fall(stage, "x0", "x1", "x2", "x3", "x4");
    stage.push({ type: "incident_acknowledged", incidentId: "i1", by: "Rani" });
    stage.pass(minute);
    expect(edits(stage)).toEqual([]);
  });

  test("[R10] the pin follows the outage of one place, to whoever wants it, once; of unknown fate it is let be", () => {
    const stage = createHearingStage();
    stage.link("a", { pin: true });
    stage.link("b");
    stage.addSite("s1", {});
    stage.add("x0", { siteId: "s1" });
    stage.playAgent("x0");
    stage.pass(5 * minute);
    stage.besideRule = () => unknown;
    fall(stage, "x0");
    stage.pass(10 * minute);
    const pins = stage.beside.filter(({ notification }) => notification.step === "pin");
    expect(pins.map(({ recipient }) => recipient.id)).toEqual(["a"]);
  });
});

describe("to users, and about the telling", () => {
  const withUsers = () => {
    const stage = createHearingStage();
    stage.link("a");
    stage.addSite("s1", {});
    stage.addSite("s2", {});
    stage.link("here", { audience: "users", siteIds: ["s1"] });
    stage.link("all", { audience: "users" });
    stage.link("there", { audience: "users", siteIds: ["s2"] });
    stage.add("x0", { siteId: "s1" });
    stage.playAgent("x0");
    stage.pass(5 * minute);
    fall(stage, "x0");
    return stage;
  };
  const announce = (stage: Stage, over = false) =>
    stage.push({ type: "incident_announced", incidentId: "i1", by: "Rani", over }).reply;

  test("[R11] users of the site are told when staff announce it, and of its end by itself", () => {
    const stage = withUsers();
    expect(told(stage)).toEqual(["down a"]);
    expect(announce(stage)).toEqual({ ok: true });
    expect(announce(stage)).toEqual({ ok: false, code: "already_so" });
    stage.pass(5 * second);
    expect(told(stage).slice(1).sort()).toEqual(["announced all", "announced here"]);
    rise(stage, "x0");
    expect(told(stage).slice(3).sort()).toEqual(["announced_over all", "announced_over here", "recovered a"]);
    expect(stage.incident("x0").announcement?.overWallMs).not.toBeNull();
  });

  test("[R11] users of a site that is removed are told of no other one", () => {
    const stage = createHearingStage();
    stage.addSite("s1", {});
    stage.addSite("s2", {});
    stage.link("one", { audience: "users", siteIds: ["s1"] });
    stage.link("two", { audience: "users", siteIds: ["s1", "s2"] });
    stage.push({ type: "site_removed", siteId: "s1" });
    expect(stage.state.tables.recipient.get("one")).toMatchObject({ siteIds: [], enabled: false });
    expect(stage.state.tables.recipient.get("two")).toMatchObject({ siteIds: ["s2"], enabled: true });
  });

  test("[R11] that it is over can be said before; who was not told that it began is spared both", () => {
    const stage = withUsers();
    stage.sendRule = only("here", refused);
    announce(stage);
    stage.pass(30 * second);
    expect(announce(stage, true)).toEqual({ ok: true });
    expect(announce(stage, true)).toEqual({ ok: false, code: "already_so" });
    stage.sendRule = () => sent;
    stage.pass(minute);
    expect(told(stage).slice(1)).toEqual(["announced all", "announced_over all"]);
    rise(stage, "x0");
    expect(told(stage).slice(3)).toEqual(["recovered a"]);
  });

  test("[R11] paused by staff: its users are not told an end that nobody knows of, and the message says that it is not watched", () => {
    const stage = withUsers();
    announce(stage);
    stage.pass(5 * second);
    stage.push({ type: "server_paused", serverId: "x0", by: "Rani" });
    stage.pass(minute);
    expect(told(stage).filter((line) => line.startsWith("announced_over"))).toEqual([]);
    const edit = stage.beside.findLast(({ notification }) => notification.step === "edit");
    expect(edit?.notification.message.closeReason).toBe("paused_by_staff");
  });

  test("[R11] with nobody there it is refused; its end is not said of what was not announced", () => {
    const stage = houseWith({ a: {} });
    fall(stage, "x0");
    expect(announce(stage)).toEqual({ ok: false, code: "nobody_to_announce_to" });
    expect(announce(stage, true)).toEqual({ ok: false, code: "not_announced" });
  });

  test("[R12] a digest is given once for its day, with what is open; to one that is switched off it is not", () => {
    const stage = houseWith({ a: {}, b: { enabled: false } });
    fall(stage, "x0");
    const due = (recipientId: string) =>
      stage.push({
        type: "summary_due",
        recipientId,
        step: "digest",
        given: "2025-01-06",
        period: "2025-01-05",
        past: pastOf({ incidents: 3 }),
      }).reply;
    expect(due("a")).toEqual({ ok: true });
    expect(due("a")).toEqual({ ok: false, code: "already_so" });
    due("b");
    stage.pass(10 * second);
    expect(told(stage)).toEqual(["down a", "digest a"]);
    expect(stage.attempts.at(-1)?.notification.message.summary).toMatchObject({
      servers: 1,
      up: 0,
      openCount: 1,
      open: [{ number: 1, serverName: "Server x0" }],
      past: { incidents: 3 },
    });
    expect(stage.rows().filter((row) => row.step === "digest")).toEqual([]);
  });

  test("[R12] a drill goes the whole way, and what became of it is kept until the next", () => {
    const stage = houseWith({ a: {}, b: {} });
    stage.sendRule = only("b", refused);
    stage.push({ type: "drill_started", drillId: "d1", recipientIds: ["a", "b"], by: "Rani" });
    stage.pass(10 * second);
    expect(stage.rows().map((row) => `${row.recipientId} ${row.status}`)).toEqual(["a sent", "b retry"]);
    stage.sendRule = () => sent;
    stage.push({ type: "drill_started", drillId: "d2", recipientIds: ["a"], by: "Rani" });
    stage.pass(10 * second);
    expect(stage.rows().map((row) => row.id)).toEqual(["drill-d2/drill/a/telegram"]);
    expect(stage.push({ type: "drill_started", drillId: "d3", recipientIds: [], by: "x" }).reply.ok).toBe(
      false,
    );
  });

  test("[R7] recipients keep what the channel learned when staff save them; another address begins anew", () => {
    const stage = houseWith({ a: {} });
    stage.sendRule = () => refused;
    fall(stage, "x0");
    expect(stage.state.tables.recipient.get("a")?.failures).toBeGreaterThan(0);
    const before = stage.state.tables.recipient.get("a");
    stage.link("a", { name: "Renamed" });
    expect(stage.state.tables.recipient.get("a")).toMatchObject({
      failures: before?.failures,
      name: "Renamed",
    });
    stage.push({ type: "recipient_saved", recipient: recipientOf("a", { address: "77" }) });
    expect(stage.state.tables.recipient.get("a")?.failures).toBe(0);
  });
});

describe("a board", () => {
  const boards = (stage: Stage) => stage.beside.filter(({ notification }) => notification.step === "board");

  test("[R13] it shows what is open now, in one message that is edited; changes in a short time are one", () => {
    const stage = houseWith({ a: { board: true }, b: {} }, 3);
    stage.besideRule = () => ({ type: "sent", externalId: "b1" });
    stage.pass(minute);
    const before = boards(stage).length;
    expect(before).toBeGreaterThan(0);
    expect(stage.state.tables.recipient.get("a")?.boardExternalId).toBe("shown");
    fall(stage, "x0", "x1");
    stage.pass(30 * second);
    const shown = boards(stage).slice(before);
    expect(shown.at(-1)?.notification.message.summary).toMatchObject({ servers: 3, up: 1, openCount: 2 });
    expect(shown.length).toBeLessThanOrEqual(2);
    const count = boards(stage).length;
    stage.pass(hour);
    expect(boards(stage)).toHaveLength(count);
    rise(stage, "x0", "x1");
    stage.pass(30 * second);
    expect(boards(stage).at(-1)?.notification.message.summary).toMatchObject({ up: 3, openCount: 0 });
    expect(boards(stage).every(({ recipient }) => recipient.id === "a")).toBe(true);
  });

  test("[R13] a board that somebody deleted is made anew; one that is not wanted any more is let be", () => {
    const stage = houseWith({ a: { board: true } });
    let asked = 0;
    stage.besideRule = (_row, recipient) => {
      asked += 1;
      if (recipient.boardExternalId !== null)
        return { type: "rejected", error: "message to edit not found", scope: "message" };
      return { type: "sent", externalId: "b2" };
    };
    fall(stage, "x0");
    stage.pass(minute);
    expect(stage.state.tables.recipient.get("a")?.boardExternalId).toBe("b2");
    expect(asked).toBe(2);
    stage.link("a", { board: false });
    stage.pass(minute);
    expect(stage.allRows().filter((row) => row.step === "board")).toEqual([]);
    expect(stage.state.tables.recipient.get("a")?.boardExternalId).toBeNull();
  });
});
