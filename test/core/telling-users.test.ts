/**
 * What users of a site are told, and the telling about the telling: digests, drills, recipients that are gone.
 * Must not: know a channel's texts; what counts here is which rows were sent to whom.
 */
import { describe, expect, test } from "vitest";
import { minute, pastOf, recipientOf, second } from "./records.ts";
import { createHearingStage } from "./stage.ts";
import type { Stage } from "./stage.ts";
import { fall, houseWith, only, refused, rise, sent, told } from "./telling-house.ts";

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
