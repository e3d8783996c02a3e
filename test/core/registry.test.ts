/**
 * What staff and join tokens change, and each refusal with its code.
 * Must not: know secrets or roles; the shell has checked those.
 */
import { describe, expect, test } from "vitest";
import { PROBE_PORTS_USUAL } from "../../collector/core/registry.ts";
import type { Reply } from "../../collector/core/types/effects.ts";
import type { EventBody } from "../../collector/core/types/events.ts";
import type { Enrollment } from "../../collector/core/types/registry.ts";
import { hour, minute, recipientOf, serverOf, siteUsual } from "./records.ts";
import { createHearingStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

/** The answer; a refusal must have changed nothing. */
function ask(stage: Stage, body: EventBody): Reply {
  const { reply, commit, later, effects } = stage.push(body);
  if (!reply.ok && body.type !== "chat_linked")
    expect({ commit, later, effects }).toEqual({ commit: [], later: [], effects: [] });
  return reply;
}

function refused(code: string): Reply {
  return { ok: false, code } as Reply;
}

function token(stage: Stage, changes: Partial<Enrollment> = {}): Enrollment {
  const enrollment: Enrollment = {
    id: "t",
    secretHash: "h",
    serverId: null,
    siteId: null,
    usesLeft: 1,
    expiresWallMs: stage.now.wallMs + hour,
    createdWallMs: stage.now.wallMs,
    usedBy: [],
    ...changes,
  };
  stage.push({ type: "enrollment_created", enrollment });
  return enrollment;
}

function enrolled(
  publicKey: string,
  changes: Partial<Extract<EventBody, { type: "agent_enrolled" }>> = {},
): EventBody {
  return {
    type: "agent_enrolled",
    enrollmentId: "t",
    publicKey,
    newServerId: `server-of-${publicKey}`,
    hostName: "srv-makassar-1",
    agentVersion: "1.0.0",
    peerAddress: "192.0.2.7",
    ...changes,
  };
}

describe("join tokens", () => {
  test("a token without a server makes one, named after its host, at the token's site, with an address to probe", () => {
    const stage = createHearingStage();
    stage.push({ type: "site_saved", site: siteUsual });
    token(stage, { siteId: "site1" });
    expect(ask(stage, enrolled("k1"))).toEqual({ ok: true, id: "server-of-k1" });
    expect(stage.state.tables.server.get("server-of-k1")).toMatchObject({
      name: "srv-makassar-1",
      siteId: "site1",
      mode: "agent",
      address: "192.0.2.7",
      probePorts: PROBE_PORTS_USUAL,
    });
    expect(stage.status("server-of-k1")).toBe("new");
    expect(stage.state.derived.serverByAgentKey.get("k1")).toBe("server-of-k1");
  });

  test("the same key may ask again, also after the token is used up: its first answer may have been lost", () => {
    const stage = createHearingStage();
    token(stage);
    const first = ask(stage, enrolled("k1"));
    expect(ask(stage, enrolled("k1", { newServerId: "another" }))).toEqual(first);
    expect(stage.state.tables.server.size).toBe(1);
    expect(ask(stage, enrolled("k2"))).toEqual(refused("enrollment_used_up"));
  });

  test("a token of three uses enrolls three and no more", () => {
    const stage = createHearingStage();
    token(stage, { usesLeft: 3 });
    expect(["k1", "k2", "k3", "k4"].map((key) => ask(stage, enrolled(key)).ok)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  test("an unknown or expired token, and a key that another server has, are refused", () => {
    const stage = createHearingStage();
    expect(ask(stage, enrolled("k1"))).toEqual(refused("enrollment_not_found"));
    token(stage, { usesLeft: 5 });
    expect(ask(stage, enrolled("k1")).ok).toBe(true);
    stage.add("x");
    token(stage, { id: "u", serverId: "x" });
    expect(ask(stage, enrolled("k1", { enrollmentId: "u" }))).toEqual(refused("agent_key_taken"));
    stage.pass(hour + minute);
    expect(ask(stage, enrolled("k9"))).toEqual(refused("enrollment_expired"));
  });

  test("[D5] another key for the same server ends the session of the one before, and the old key is forgotten", () => {
    const stage = createHearingStage();
    stage.add("x");
    stage.playAgent("x");
    stage.pass(minute);
    const session = stage.stopAgent("x");
    stage.effects.length = 0;
    stage.enroll("x", "new-key");
    expect(stage.effects).toContainEqual({ type: "close_session", sessionId: session, reason: "removed" });
    expect([...stage.state.derived.serverByAgentKey]).toEqual([["new-key", "x"]]);
  });

  test("[D5] [S8] heartbeats that the session of the replaced key still had in its socket change nothing", () => {
    const stage = createHearingStage();
    stage.add("x");
    stage.playAgent("x");
    stage.pass(minute);
    const session = stage.stopAgent("x");
    const sequence = stage.state.tables.heard.get("x")?.sequence ?? 0;
    stage.enroll("x", "new-key");
    stage.pass(10_000);
    expect(stage.beat("x", session, sequence + 1).reply).toEqual(refused("session_not_current"));
  });

  test("a token for a ping-only or unknown server, or an unknown site, is refused", () => {
    const stage = createHearingStage();
    stage.add("p", { mode: "ping" });
    const bare: Enrollment = {
      id: "t",
      secretHash: "h",
      serverId: null,
      siteId: null,
      usesLeft: 1,
      expiresWallMs: stage.now.wallMs + 1,
      createdWallMs: 0,
      usedBy: [],
    };
    const create = (changes: Partial<Enrollment>): Reply =>
      ask(stage, { type: "enrollment_created", enrollment: { ...bare, ...changes } });
    expect(create({ serverId: "p" })).toEqual(refused("server_not_found"));
    expect(create({ serverId: "nobody" })).toEqual(refused("server_not_found"));
    expect(create({ siteId: "nowhere" })).toEqual(refused("site_not_found"));
  });

  test("a token made for an agent does not enroll one after the server became ping-only", () => {
    const stage = createHearingStage();
    stage.push({ type: "server_saved", server: serverOf("x") });
    token(stage, { serverId: "x" });
    stage.push({ type: "server_saved", server: serverOf("x", { mode: "ping" }) });
    expect(ask(stage, enrolled("k1")).ok).toBe(false);
    expect(stage.state.tables.agent.has("x")).toBe(false);
  });

  test("[S14] expired tokens and codes are swept when new ones are made", () => {
    const stage = createHearingStage();
    for (let index = 0; index < 20; index += 1) {
      token(stage, { id: `t${index}` });
      stage.push({
        type: "link_code_created",
        linkCode: {
          codeHash: `c${index}`,
          name: "",
          language: "id",
          audience: "staff",
          siteIds: [],
          expiresWallMs: stage.now.wallMs + minute,
        },
      });
      stage.pass(hour);
    }
    expect(stage.state.tables.enrollment.size).toBeLessThanOrEqual(2);
    expect(stage.state.tables.linkCode.size).toBeLessThanOrEqual(2);
  });
});

describe("sites and servers", () => {
  test("a site that has servers stays; an empty one goes; an unknown one is refused", () => {
    const stage = createHearingStage();
    stage.add("x", { siteId: "site1" });
    const remove: EventBody = { type: "site_removed", siteId: "site1" };
    expect(ask(stage, remove)).toEqual(refused("site_not_empty"));
    stage.push({ type: "server_saved", server: serverOf("x", { siteId: null }) });
    expect(ask(stage, remove)).toEqual({ ok: true });
    expect(ask(stage, remove)).toEqual(refused("site_not_found"));
  });

  test("a server at an unknown site is refused", () => {
    const stage = createHearingStage();
    expect(ask(stage, { type: "server_saved", server: serverOf("x", { siteId: "nowhere" }) })).toEqual(
      refused("site_not_found"),
    );
  });

  test("pausing twice, resuming what is not paused, and anything about nobody are refused", () => {
    const stage = createHearingStage();
    stage.add("x");
    expect(ask(stage, { type: "server_resumed", serverId: "x", by: "s" })).toEqual(refused("already_so"));
    expect(ask(stage, { type: "server_paused", serverId: "x", by: "s" }).ok).toBe(true);
    expect(ask(stage, { type: "server_paused", serverId: "x", by: "s" })).toEqual(refused("already_so"));
    for (const type of ["server_paused", "server_resumed", "server_removed"] as const)
      expect(ask(stage, { type, serverId: "nobody", by: "s" })).toEqual(refused("server_not_found"));
  });

  test("removing a parent leaves its children, without a parent", () => {
    const stage = createHearingStage();
    stage.add("hypervisor");
    stage.add("guest", { parentId: "hypervisor" });
    stage.push({ type: "server_removed", serverId: "hypervisor", by: "s" });
    expect(stage.state.tables.server.get("guest")?.parentId).toBeNull();
  });

  test("another address or other ports begin a new baseline; another name does not", () => {
    const stage = createHearingStage();
    stage.add("x");
    stage.playAgent("x");
    stage.pass(5 * minute);
    const server = stage.state.tables.server.get("x");
    if (!server) throw new Error("gone");
    stage.push({ type: "server_saved", server: { ...server, name: "other" } });
    expect(stage.state.tables.baseline.get("x")?.icmpAsked).toBeGreaterThan(0);
    stage.push({ type: "server_saved", server: { ...server, probePorts: [22, 443] } });
    expect(stage.state.tables.baseline.get("x")).toMatchObject({ icmpAsked: 0, tcpAsked: 0, pending: null });
  });
});

describe("recipients and chats", () => {
  test("two recipients with one address are refused; the same one may be saved again", () => {
    const stage = createHearingStage();
    const save = (id: string): Reply =>
      ask(stage, { type: "recipient_saved", recipient: recipientOf(id, { address: "5" }) });
    expect(save("a")).toEqual({ ok: true, id: "a" });
    expect(save("a")).toEqual({ ok: true, id: "a" });
    expect(save("b")).toEqual(refused("recipient_exists"));
    expect(ask(stage, { type: "recipient_removed", recipientId: "b" })).toEqual(
      refused("recipient_not_found"),
    );
  });

  test("[O6] saving a recipient's name while messages are sent does not break the pace", () => {
    const stage = createHearingStage();
    stage.link("a", { address: "-1005" });
    for (const serverId of ["x", "y"]) stage.add(serverId);
    for (const serverId of ["x", "y"]) stage.playAgent(serverId);
    stage.pass(minute);
    for (const serverId of ["x", "y"]) stage.stopAgent(serverId);
    for (let step = 0; stage.attempts.length === 0 && step < 2_000; step += 1) stage.pass(100);
    stage.push({
      type: "recipient_saved",
      recipient: recipientOf("a", { address: "-1005", name: "renamed", nextSendCoreMs: 0 }),
    });
    stage.pass(minute);
    const [first, second] = stage.attempts.map((attempt) => attempt.worldMs);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(3_000);
  });

  test("a chat that sends a code is linked once; the update's offset is committed with it", () => {
    const stage = createHearingStage();
    stage.push({
      type: "link_code_created",
      linkCode: {
        codeHash: "c",
        name: "IT",
        language: "en",
        audience: "staff",
        siteIds: [],
        expiresWallMs: stage.now.wallMs + minute,
      },
    });
    const link = (offset: number): EventBody => ({
      type: "chat_linked",
      codeHash: "c",
      recipientId: "r",
      address: "77",
      chatName: "Somebody",
      shelf: [{ key: "telegram/offset", value: offset }],
    });
    expect(ask(stage, link(1))).toEqual({ ok: true, id: "r" });
    expect(stage.state.tables.recipient.get("r")).toMatchObject({
      name: "IT",
      language: "en",
      address: "77",
      enabled: true,
    });
    const again = stage.push(link(2));
    expect(again.reply).toEqual(refused("link_code_not_found"));
    expect(again.commit).toEqual([{ table: "shelf", key: "telegram/offset", value: 2 }]);
    expect(stage.state.tables.shelf.get("telegram/offset")).toBe(2);
  });

  test("an expired code links nobody, and its update is not handled twice", () => {
    const stage = createHearingStage();
    stage.push({
      type: "link_code_created",
      linkCode: {
        codeHash: "c",
        name: "",
        language: "id",
        audience: "staff",
        siteIds: [],
        expiresWallMs: stage.now.wallMs + minute,
      },
    });
    stage.pass(2 * minute);
    const decision = stage.push({
      type: "chat_linked",
      codeHash: "c",
      recipientId: "r",
      address: "77",
      chatName: "Somebody",
      shelf: [{ key: "telegram/offset", value: 3 }],
    });
    expect(decision.reply).toEqual(refused("link_code_expired"));
    expect(stage.state.tables.recipient.size).toBe(0);
    expect(stage.state.tables.shelf.get("telegram/offset")).toBe(3);
  });

  test("a chat that was switched off and sends a new code is the same recipient, and reachable again", () => {
    const stage = createHearingStage();
    stage.link("a", { address: "77", enabled: false, disabledReason: "blocked" });
    stage.push({
      type: "link_code_created",
      linkCode: {
        codeHash: "c",
        name: "",
        language: "id",
        audience: "staff",
        siteIds: [],
        expiresWallMs: stage.now.wallMs + minute,
      },
    });
    expect(
      ask(stage, {
        type: "chat_linked",
        codeHash: "c",
        recipientId: "r",
        address: "77",
        chatName: "",
        shelf: [],
      }),
    ).toEqual({ ok: true, id: "a" });
    expect(stage.state.tables.recipient.get("a")).toMatchObject({ enabled: true, disabledReason: null });
  });

  test("other rooms' records are carried as they are and removed on demand", () => {
    const stage = createHearingStage();
    stage.push({ type: "shelf_written", writes: [{ key: "panel/user", value: { roles: ["staff"] } }] });
    expect(stage.state.tables.shelf.get("panel/user")).toEqual({ roles: ["staff"] });
    stage.push({ type: "shelf_written", writes: [{ key: "panel/user", value: null, remove: true }] });
    expect(stage.state.tables.shelf.has("panel/user")).toBe(false);
  });
});
