/**
 * Who is told of what and when: routes, next recipients, repeats, quiet, and who stands in.
 * Must not: know a channel's texts; what counts here is which rows were sent to whom.
 */
import { describe, expect, test } from "vitest";
import { DEFAULT_ROUTE_ID } from "../../collector/core/routes.ts";
import { hour, minute, routeOf, second } from "./records.ts";
import { createHearingStage } from "./stage.ts";
import type { Stage, StageOptions } from "./stage.ts";
import {
  fall,
  gone,
  houseWith,
  only,
  reasons,
  refused,
  rise,
  route,
  sent,
  told,
  unknown,
} from "./telling-house.ts";

/** It shut us out an hour ago; how many messages there were until now. */
function shutOut(stage: Stage, recipientId: string): number {
  stage.sendRule = only(recipientId, gone);
  fall(stage, "x0");
  rise(stage, "x0");
  stage.pass(hour);
  return told(stage).length;
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

  test("[R2] [R6] nobody first can be told and nobody stands in: the next are told at once, those after them at their time", () => {
    const stage = chain();
    const before = shutOut(stage, "a");
    fall(stage, "x0");
    expect(told(stage).slice(before)).toEqual(["down b"]);
    stage.pass(21 * minute);
    expect(told(stage).slice(before)).toEqual(["down b", "down c"]);
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

  test("[R4] a reminder under way that is refused is not tried again when somebody took it meanwhile", () => {
    // Random schedules: decided before, it reminded again of what was in hand.
    const stage = chain({ repeats: true });
    fall(stage, "x0");
    stage.pass(29 * minute);
    stage.sendDelayMs = minute;
    stage.sendRule = () => refused;
    stage.pass(90 * second);
    stage.push({ type: "incident_acknowledged", incidentId: "i1", by: "Rani" });
    stage.pass(hour);
    const reminders = stage.attempts.filter(({ notification }) => notification.step === "repeat");
    expect(reminders.map(({ recipient }) => recipient.id)).toEqual(["a", "b", "c"]);
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

  test("[R6] known to be out of reach, or switched off with nobody else: the fallback is told at once, and nothing says that nobody is", () => {
    // Simulated (seed 101798): the only first recipient had blocked the bot before, and nobody was told for the next step's 7 minutes.
    const stage = withFallback();
    const before = shutOut(stage, "a");
    fall(stage, "x0");
    expect(told(stage).slice(before)).toEqual(["down f"]);
    rise(stage, "x0");
    expect(told(stage).slice(before)).toEqual(["down f", "recovered f"]);

    const off = withFallback();
    off.link("a", { enabled: false });
    fall(off, "x0");
    expect(told(off)).toEqual(["down f"]);
    expect(reasons(off)).not.toContain("nobody no_recipients false");
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

  test("[O4] [R7] told again after it was shut out, what may have arrived before carries the mark", () => {
    // Random schedules: nobody answered the first, then another was refused, and letting the bot in told the first anew, unmarked.
    const stage = houseWith({ a: {} }, 2);
    stage.sendRule = (row) => (row.serverId === "x0" ? unknown : gone);
    stage.stopAgent("x0");
    stage.pass(30 * second);
    fall(stage, "x1");
    stage.sendRule = () => sent;
    stage.push({ type: "recipient_returned", recipientId: "a", shelf: [] });
    stage.pass(10 * second);
    const newest = stage.attempts.slice(-2).map(({ notification }) => notification);
    expect(newest.map(({ serverId, repeat }) => [serverId, repeat])).toEqual([
      ["x0", true],
      ["x1", false],
    ]);
  });

  test("[R14] a token that Telegram refuses is told by the other channels, once, and that it works again; over a restart", () => {
    const stage = houseWith({ a: {}, n: { channel: "ntfy" }, w: { channel: "webhook", enabled: false } });
    const answered = (refused: string | null) =>
      stage.push({ type: "channel_answered", channel: "telegram", refused }).reply;
    expect(answered(null)).toEqual({ ok: false, code: "already_so" });
    expect(answered("401: Unauthorized").ok).toBe(true);
    stage.pass(minute);
    stage.restart({ awayMs: minute, redialMs: second });
    expect(answered("401: Unauthorized")).toEqual({ ok: false, code: "already_so" });
    expect(told(stage)).toEqual(["channel_lost n"]);
    expect(stage.attempts[0]?.notification.message.channel).toEqual({
      name: "telegram",
      reason: "401: Unauthorized",
    });
    answered(null);
    stage.pass(minute);
    answered("401: Unauthorized");
    stage.pass(minute);
    expect(told(stage)).toEqual(["channel_lost n", "channel_back n", "channel_lost n"]);
    expect(stage.rows()).toEqual([]);
  });

  test("[R7] one that staff switched off stays off", () => {
    const stage = houseWith({ a: { enabled: false } });
    expect(stage.push({ type: "recipient_returned", recipientId: "a", shelf: [] }).reply.ok).toBe(false);
    expect(stage.state.tables.recipient.get("a")?.enabled).toBe(false);
  });
});
