/**
 * The queue between the world and the core, with a real store in memory, real turns of the event loop and clocks moved
 * by hand: commit before effect, order, sockets read before a verdict, and a disk that refuses for a while.
 * Must not: wait for time to pass, except where the loop's own ticker is meant.
 */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { apply, applySnapshot } from "../../collector/core/apply.ts";
import { decide } from "../../collector/core/decide.ts";
import { afterFailedCommit } from "../../collector/core/failed-commit.ts";
import { hearingOf } from "../../collector/core/hearing.ts";
import { stateViolations } from "../../collector/core/invariants.ts";
import { createState } from "../../collector/core/state.ts";
import type { Reply } from "../../collector/core/types/effects.ts";
import type { Event, EventBody } from "../../collector/core/types/events.ts";
import type { Write } from "../../collector/core/types/tables.ts";
import type { Instant } from "../../collector/core/types/time.ts";
import { StoreFailure } from "../../collector/storage/storage.ts";
import { imageOf, minute, recipientOf, second, serverOf, settingsUsual } from "./records.ts";
import { createHearingStage } from "./stage.ts";
import { houseOf, steadyHouse, heldBack, turn, until } from "./house.ts";

describe("the order of things", () => {
  test("a decision is durable first, then in the state, then its effects run, then the answer comes", async () => {
    let hold: ReturnType<typeof heldBack> | undefined;
    const house = houseOf((storage) => (hold = heldBack(storage)));
    await house.push({ type: "collector_started", hostBootId: "b", seed: 1 });
    if (!hold) throw new Error("no store");
    hold.held = true;
    house.done.length = 0;
    let answered = false;
    const reply = house.push({ type: "server_saved", server: serverOf("x") });
    void reply.then(() => {
      answered = true;
      house.done.push("answered");
    });
    await turn();
    await turn();
    expect(house.done).toEqual(["commit asked"]);
    expect(answered).toBe(false);
    expect(house.state.tables.server.has("x")).toBe(false);
    hold.waiting.shift()?.();
    expect(await reply).toEqual({ ok: true, id: "x" });
    await until(() => answered, "the answer");
    expect(house.done).toEqual(["commit asked", "commit durable", "publish", "answered"]);
    expect(house.state.tables.server.has("x")).toBe(true);
  });

  test("what comes during a commit waits for it and is decided in its order", async () => {
    let hold: ReturnType<typeof heldBack> | undefined;
    const house = houseOf((storage) => (hold = heldBack(storage)));
    await house.push({ type: "collector_started", hostBootId: "b", seed: 1 });
    if (!hold) throw new Error("no store");
    hold.held = true;
    const replies = [
      house.push({ type: "recipient_saved", recipient: recipientOf("a", { address: "1" }) }),
      house.push({ type: "recipient_saved", recipient: recipientOf("b", { address: "1" }) }),
      house.push({ type: "recipient_removed", recipientId: "a" }),
      house.push({ type: "recipient_saved", recipient: recipientOf("c", { address: "1" }) }),
    ];
    for (let index = 0; index < 3; index += 1) {
      await until(() => (hold?.waiting.length ?? 0) > 0, "a commit");
      hold.waiting.shift()?.();
    }
    expect(await Promise.all(replies)).toEqual([
      { ok: true, id: "a" },
      { ok: false, code: "recipient_exists" },
      { ok: true },
      { ok: true, id: "c" },
    ]);
  });

  test("[D7] [H8] a steady heartbeat asks for no commit; suspicion does, and is on the disk", async () => {
    const house = await steadyHouse();
    house.done.length = 0;
    await house.pass(5 * minute);
    expect(house.done).not.toContain("commit asked");
    house.silence("x");
    await house.pass(minute);
    expect(house.status("x")).toBe("suspect");
    expect(house.done.filter((word) => word === "commit asked")).toHaveLength(1);
    const loaded = createState(settingsUsual);
    applySnapshot(loaded, house.memory.loadNow());
    expect(loaded.tables.detector.get("x")?.status).toBe("suspect");
    expect(house.bugs).toEqual([]);
  });

  test("[O2] a message is handed to the channel only after its claim is durable", async () => {
    const house = await steadyHouse("a");
    house.silence("x");
    await house.pass(178 * second);
    house.done.length = 0;
    await house.pass(5 * second);
    expect(house.ledger).toEqual(["x down"]);
    const sentAt = house.done.indexOf("send_notification");
    const durable = house.done.slice(0, sentAt).filter((word) => word === "commit durable");
    expect(durable).toHaveLength(2);
  });

  test("many wishes to wake the outbox are one", async () => {
    const house = houseOf();
    await house.start();
    await house.push({ type: "recipient_saved", recipient: recipientOf("a") });
    for (let index = 0; index < 20; index += 1) await house.add(`x${index}`);
    for (let index = 0; index < 20; index += 1) await house.dial(`x${index}`);
    await house.pass(minute);
    for (let index = 0; index < 20; index += 1) house.silence(`x${index}`);
    await house.pass(4 * minute);
    expect(house.ledger).toHaveLength(20);
    expect(new Set(house.ledger).size).toBe(20);
  });

  test("[S13] what the store gives back after all of this is the durable state", async () => {
    const house = houseOf();
    await house.start();
    await house.push({ type: "recipient_saved", recipient: recipientOf("a") });
    for (let index = 0; index < 5; index += 1) await house.add(`x${index}`);
    for (let index = 0; index < 5; index += 1) await house.dial(`x${index}`);
    await house.pass(minute);
    house.silence("x1");
    await house.goodbye("x2", "upgrade");
    await house.pass(5 * minute);
    const loaded = createState(settingsUsual);
    applySnapshot(loaded, house.memory.loadNow());
    const bare = (state: typeof loaded): unknown => {
      const { schedule: _schedule, ...rest } = imageOf(state) as { schedule: unknown };
      return JSON.parse(JSON.stringify(rest));
    };
    expect(bare(loaded)).toEqual(bare(house.state));
    expect(stateViolations(loaded)).toEqual([]);
  });
});

describe("reading the sockets before a verdict", () => {
  test("[D1] a heartbeat that lies in a real socket while the tick marks is read before anybody is judged", async () => {
    const house = await steadyHouse();
    house.silence("x");
    const heard = house.state.tables.heard.get("x");
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    const [accepted] = (await once(server, "connection")) as [Socket];
    accepted.on("data", () => {
      void house.push({
        type: "heartbeat_received",
        serverId: "x",
        sessionId: heard?.sessionId ?? "",
        sequence: (heard?.sequence ?? 0) + 1,
        health: null,
      });
    });
    await house.pass(179 * second);
    expect(house.status("x")).toBe("suspect");
    // The bytes are in the kernel, unread; the tick comes first.
    socket.write("beat");
    house.move(2 * second);
    await house.push({ type: "tick" });
    expect(house.state.tables.mark.has("x")).toBe(true);
    await until(() => !house.state.tables.mark.has("x"), "the verdict");
    expect(house.status("x")).toBe("up");
    expect(house.state.tables.incident.size).toBe(0);
    socket.destroy();
    server.close();
    await once(server, "close");
  });

  test("[D1] the sockets get two turns of the event loop", async () => {
    const house = await steadyHouse();
    house.silence("x");
    await house.pass(179 * second);
    house.move(2 * second);
    await house.push({ type: "tick" });
    expect(house.state.tables.mark.has("x")).toBe(true);
    await turn();
    expect(house.status("x")).toBe("suspect");
    await until(() => house.status("x") === "down", "the verdict");
  });

  test("[S14] a long queue is decided in portions, with the sockets read in between", async () => {
    let hold: ReturnType<typeof heldBack> | undefined;
    const house = houseOf((storage) => (hold = heldBack(storage)));
    await house.start();
    await house.add("x");
    await house.dial("x");
    await house.pass(20 * second);
    if (!hold) throw new Error("no store");
    hold.held = true;
    const heard = house.state.tables.heard.get("x");
    void house.push({ type: "site_removed", siteId: "none" });
    const saved = house.push({ type: "recipient_saved", recipient: recipientOf("a") });
    const first = (heard?.sequence ?? 0) + 1;
    const last = first + 4_999;
    for (let sequence = first; sequence <= last; sequence += 1)
      void house.push({
        type: "heartbeat_received",
        serverId: "x",
        sessionId: heard?.sessionId ?? "",
        sequence,
        health: null,
      });
    const decidedByTurn: number[] = [];
    hold.waiting.shift()?.();
    await saved;
    await until(() => {
      decidedByTurn.push(house.state.tables.heard.get("x")?.sequence ?? 0);
      return decidedByTurn.at(-1) === last;
    }, "all heartbeats are decided");
    expect(new Set(decidedByTurn).size).toBeGreaterThan(5);
  });
});

describe("bounds", () => {
  test("[S14] when the queue is full, heartbeats are dropped and counted; commands and endings are not", async () => {
    let hold: ReturnType<typeof heldBack> | undefined;
    const house = houseOf((storage) => (hold = heldBack(storage)));
    await house.start();
    await house.add("x");
    await house.dial("x");
    await house.pass(20 * second);
    if (!hold) throw new Error("no store");
    hold.held = true;
    const heard = house.state.tables.heard.get("x");
    const saved = house.push({ type: "recipient_saved", recipient: recipientOf("a") });
    const beat = (sequence: number): Promise<Reply> =>
      house.push({
        type: "heartbeat_received",
        serverId: "x",
        sessionId: heard?.sessionId ?? "",
        sequence,
        health: null,
      });
    for (let sequence = 100; sequence < 100_100; sequence += 1) void beat(sequence);
    expect(house.loop.droppedHeartbeats).toBe(0);
    expect((await beat(200_000)).ok).toBe(false);
    expect(house.loop.droppedHeartbeats).toBe(1);
    const ended = house.push({
      type: "agent_disconnected",
      serverId: "x",
      sessionId: heard?.sessionId ?? "",
    });
    hold.held = false;
    hold.waiting.shift()?.();
    expect(await saved).toEqual({ ok: true, id: "a" });
    expect(await ended).toEqual({ ok: true });
    expect(house.state.tables.heard.get("x")).toMatchObject({ connected: false, sequence: 100_099 });
    expect((await beat(200_001)).ok).toBe(true);
  });

  test("a bug stops the house: it is handed to whoever ends the process", async () => {
    const house = houseOf();
    await house.start();
    void house.push({ type: "nonsense" } as unknown as EventBody);
    await until(() => house.bugs.length === 1, "the bug is told");
    expect(String(house.bugs[0])).toContain("unreachable");
  });

  test("it ticks by itself, one tick at a time, and not after it was closed", async () => {
    const house = houseOf(undefined, { ...settingsUsual, heartbeatIntervalMs: 300, downAfterMs: 3_600 });
    await house.push({ type: "collector_started", hostBootId: "b", seed: 1 });
    const before = house.state.tables.clock.get("")?.coreMs ?? 0;
    house.loop.start();
    house.loop.start();
    house.move(40);
    const deadline = performance.now() + 10_000;
    while ((house.state.tables.clock.get("")?.coreMs ?? 0) === before) {
      if (performance.now() > deadline) throw new Error("no tick came");
      await turn();
    }
    await house.loop.close();
    await house.loop.close();
    const ticked = house.state.tables.clock.get("");
    house.move(40);
    for (let waited = performance.now(); performance.now() - waited < 100;) await turn();
    expect(house.state.tables.clock.get("")).toBe(ticked);
  });

  test("closing resolves when everything that was pushed before is decided", async () => {
    let hold: ReturnType<typeof heldBack> | undefined;
    const house = houseOf((storage) => (hold = heldBack(storage)));
    await house.push({ type: "collector_started", hostBootId: "b", seed: 1 });
    if (!hold) throw new Error("no store");
    hold.held = true;
    void house.push({ type: "server_saved", server: serverOf("x") });
    void house.push({ type: "server_saved", server: serverOf("y") });
    let closed = false;
    const closing = house.loop.close().then(() => (closed = true));
    await turn();
    expect(closed).toBe(false);
    hold.waiting.shift()?.();
    await until(() => (hold?.waiting.length ?? 0) > 0, "the second commit");
    expect(closed).toBe(false);
    // What the loop itself writes at its end is not held back.
    hold.held = false;
    hold.waiting.shift()?.();
    await closing;
    expect(house.state.tables.server.has("y")).toBe(true);
  });
});

describe("a disk that refuses", () => {
  test("[F1] [F2] full for five minutes: no server alert, commands refused, what died meanwhile is told after", async () => {
    const house = houseOf();
    await house.start();
    await house.push({ type: "recipient_saved", recipient: recipientOf("a") });
    for (const serverId of ["x", "y", "z"]) await house.add(serverId);
    for (const serverId of ["x", "y", "z"]) await house.dial(serverId);
    await house.pass(minute);
    house.disk.full = true;
    house.silence("y");
    expect(await house.push({ type: "recipient_saved", recipient: recipientOf("b") })).toEqual({
      ok: false,
      code: "store_failing",
    });
    expect(house.loop.storeError).not.toBeNull();
    expect(house.storeChanges).toHaveLength(1);
    await house.pass(5 * minute);
    expect(house.ledger).toEqual([]);
    expect(house.state.tables.incident.size).toBe(0);
    expect(house.status("x")).toBe("up");
    expect(hearingOf(house.state).state).toBe("hearing");
    expect(house.state.tables.recipient.has("b")).toBe(false);
    house.disk.full = false;
    await house.pass(5 * second);
    expect(house.ledger).toEqual(["y down"]);
    expect(house.loop.storeError).toBeNull();
    expect(house.storeChanges.at(-1)).toBeNull();
    await house.pass(5 * minute);
    expect(house.ledger).toEqual(["y down"]);
    expect(house.bugs).toEqual([]);
  });

  test("[F2] a goodbye that the disk refused is kept and decided when it is back: no alert for it", async () => {
    const house = await steadyHouse("a");
    house.disk.full = true;
    let answered: Reply | null = null;
    void house.goodbye("x", "reboot").then((reply) => (answered = reply));
    await house.pass(minute);
    expect(answered).toBeNull();
    expect(house.status("x")).not.toBe("planned");
    house.disk.full = false;
    await house.pass(4 * minute);
    expect(answered).toEqual({ ok: true });
    expect(house.status("x")).toBe("planned");
    expect(house.ledger).toEqual([]);
  });

  test("[F2] a goodbye that is kept until T has passed is decided before anybody is judged", async () => {
    const house = await steadyHouse("a");
    house.disk.full = true;
    void house.goodbye("x", "reboot");
    await house.pass(4 * minute);
    house.disk.full = false;
    await house.pass(minute);
    expect(house.ledger).toEqual([]);
    expect(house.status("x")).toBe("planned");
  });

  test("[F2] [F3] [S1] a planned server that came back while the disk was full is not told as not back", async () => {
    // The moment at which the disk is back is tried at each half second around the deadline.
    for (let halfSeconds = 0; halfSeconds < 8; halfSeconds += 1) {
      const house = await steadyHouse("a");
      await house.goodbye("x", "upgrade");
      await house.pass(10 * second);
      house.disk.full = true;
      await house.dial("x");
      await house.pass(2 * minute);
      await house.pass(halfSeconds * second);
      // Back in the middle of a second, so that not only a tick can be the first to find it so.
      house.move(second);
      void house.push({ type: "tick" });
      for (let turns = 0; turns < halfSeconds; turns += 1) await turn();
      house.disk.full = false;
      await house.pass(2 * minute);
      expect(house.ledger).toEqual([]);
      expect(house.status("x")).toBe("up");
      await house.loop.close();
    }
  });

  test("[F2] kept facts are decided in the order in which they came", async () => {
    const house = await steadyHouse();
    house.disk.full = true;
    const order: string[] = [];
    const heard = house.state.tables.heard.get("x");
    const sessionId = heard?.sessionId ?? "";
    const inventory = (hostName: string): EventBody => ({
      type: "inventory_received",
      serverId: "x",
      sessionId,
      inventory: {
        hostName,
        platform: "linux",
        osName: "",
        kernel: "",
        arch: "",
        cpuModel: "",
        cpuCount: 1,
      },
    });
    for (const name of ["one", "two", "three"]) void house.push(inventory(name)).then(() => order.push(name));
    await house.pass(10 * second);
    expect(order).toEqual([]);
    house.disk.full = false;
    await house.pass(3 * second);
    expect(order).toEqual(["one", "two", "three"]);
    expect(house.state.tables.agent.get("x")?.inventory?.hostName).toBe("three");
  });

  test("[F2] [S1] an agent that was upgraded while the disk was full beats on and is not reported", async () => {
    const house = await steadyHouse("a");
    house.disk.full = true;
    house.silence("x");
    // It dials again and again, each time with its new version, as an agent does that gets no welcome.
    for (let dials = 0; dials < 10; dials += 1) {
      void house.dial("x", "2");
      await house.pass(30 * second);
    }
    house.disk.full = false;
    await house.pass(2 * minute);
    expect(house.ledger).toEqual([]);
    expect(house.status("x")).toBe("up");
  });

  test("[F2] [F3] [S1] a suspect server that is heard again while the disk is full is not reported, then or after", async () => {
    const house = await steadyHouse("a");
    house.silence("x");
    await house.pass(70 * second);
    expect(house.status("x")).toBe("suspect");
    house.disk.full = true;
    await house.dial("x");
    await house.pass(6 * minute);
    house.disk.full = false;
    await house.pass(4 * minute);
    expect(house.ledger).toEqual([]);
    expect(house.status("x")).toBe("up");
  });

  test("[F2] [L1] a server that falls silent when the disk is back is told T after its last heartbeat", async () => {
    const house = await steadyHouse("a");
    house.silence("x");
    await house.pass(70 * second);
    house.disk.full = true;
    await house.dial("x");
    await house.pass(3 * minute);
    house.silence("x");
    await house.pass(2 * minute);
    house.disk.full = false;
    // At most η passed between its last heartbeat and its end.
    await house.pass(minute - 16 * second);
    expect(house.ledger).toEqual([]);
    await house.pass(20 * second);
    expect(house.ledger).toEqual(["x down"]);
  });

  test.each(["new", "planned"] as const)(
    "[F3] [S3] a %s server that was first heard while the disk was full is up after the next start, and judged",
    async (status) => {
      const house = houseOf();
      await house.start();
      await house.add("x");
      if (status === "planned") {
        await house.dial("x");
        await house.pass(minute);
        await house.goodbye("x", "shutdown");
      }
      expect(house.status("x")).toBe(status);
      house.disk.full = true;
      await house.dial("x");
      await house.pass(2 * minute);
      expect(house.status("x")).toBe("up");
      house.disk.full = false;
      await house.pass(10 * minute);
      // The collector is killed, and the server dies in the same moment: nobody beats any more.
      const loaded = createState(settingsUsual);
      applySnapshot(loaded, house.memory.loadNow());
      const started: Event = {
        type: "collector_started",
        hostBootId: "boot",
        seed: 1,
        at: { ...house.clock, bootMs: house.clock.bootMs + minute, monotonicMs: 5 },
      };
      const decision = decide(loaded, started);
      apply(loaded, [...decision.commit, ...decision.later]);
      expect(loaded.tables.detector.get("x")?.status).toBe("up");
    },
  );

  test("[F1] a server that recovers while the disk is full is told recovered once, after", async () => {
    const house = await steadyHouse("a");
    house.silence("x");
    await house.pass(200 * second);
    expect(house.ledger).toEqual(["x down"]);
    house.disk.full = true;
    await house.dial("x");
    await house.pass(5 * minute);
    expect(house.ledger).toEqual(["x down"]);
    house.disk.full = false;
    await house.pass(minute);
    expect(house.status("x")).toBe("up");
    expect(house.ledger).toEqual(["x down", "x recovered"]);
  });

  test("[F1] a store that answers each commit with another error is told of each, and never stops the loop", async () => {
    let fails = true;
    let count = 0;
    const house = houseOf((storage) => ({
      ...storage,
      async commit(writes) {
        count += 1;
        if (fails && count > 3) throw new StoreFailure(`failure ${Math.floor(count / 4)}`);
        await storage.commit(writes);
      },
    }));
    await house.start();
    for (let index = 0; index < 12; index += 1) {
      await house.push({ type: "recipient_saved", recipient: recipientOf(`r${index}`) });
      await house.pass(2 * second);
    }
    expect(house.storeChanges.length).toBeGreaterThan(1);
    fails = false;
    await house.pass(2 * second);
    expect(await house.push({ type: "recipient_saved", recipient: recipientOf("last") })).toEqual({
      ok: true,
      id: "last",
    });
    expect(house.storeChanges.at(-1)).toBeNull();
    expect(house.bugs).toEqual([]);
  });
});

describe("what becomes of a decision that could not be committed", () => {
  const at: Instant = { monotonicMs: 1, bootMs: 1, wallMs: 1 };

  test("[F1] no durable write of any event is applied, and no effect that relies on one is ordered", () => {
    const stage = createHearingStage();
    stage.link("a");
    stage.add("x");
    stage.playAgent("x");
    stage.pass(minute);
    const session = stage.stopAgent("x");
    stage.pass(4 * minute);
    stage.beat("x", session, 50);
    for (const { body } of stage.pushed) {
      const event: Event = { ...body, at: { ...stage.now } };
      const decision = decide(stage.state, event);
      if (decision.commit.length === 0) continue;
      const after = afterFailedCommit(event, decision);
      const durable = new Set<Write>(decision.commit);
      expect(after.apply.filter((write) => durable.has(write))).toEqual([]);
      // A session that opens (its version is said again) replaces another; everything else orders only questions.
      const volatileOnly = ["start_probe", "cancel_probe", "drain_sockets"];
      const harmless = event.type === "agent_connected" ? ["close_session", "publish"] : volatileOnly;
      for (const effect of after.effects) expect(harmless).toContain(effect.type);
    }
  });

  test("[F1] time goes on: a tick and a drain that could not be committed still move the clock and the hearing", () => {
    const stage = createHearingStage();
    stage.add("x");
    stage.playAgent("x");
    stage.pass(minute);
    stage.stopAgent("x");
    stage.pass(179 * second);
    stage.stall(2 * second);
    const tick: Event = { type: "tick", at: { ...stage.now } };
    const ticked = afterFailedCommit(tick, decide(stage.state, tick));
    expect(ticked.apply.map((write) => write.table)).toEqual(
      expect.arrayContaining(["clock", "hearing", "mark"]),
    );
    stage.tickNow();
    const drained: Event = { type: "sockets_drained", at: { ...stage.now } };
    const decision = decide(stage.state, drained);
    expect(decision.commit.length).toBeGreaterThan(0);
    const after = afterFailedCommit(drained, decision);
    expect(after.apply.map((write) => write.table).sort()).toEqual(["clock", "hearing"]);
    expect(after).toMatchObject({ effects: [], event: "drop" });
  });

  test("[F2] a session opens all the same: what it is is volatile, and only what it said durably is dropped", () => {
    const stage = createHearingStage();
    stage.add("x", { address: null });
    const event: Event = {
      type: "agent_connected",
      serverId: "x",
      sessionId: "s",
      bootId: "b",
      agentVersion: "9",
      agentStartedBootMs: 1,
      peerAddress: "192.0.2.1",
      features: [],
      at: { ...stage.now },
    };
    const decision = decide(stage.state, event);
    expect(decision.commit.map((write) => write.table).sort()).toEqual(["agent", "server"]);
    const after = afterFailedCommit(event, decision);
    expect(after.reply).toEqual({ ok: true });
    const heard = after.apply.find((write) => write.table === "heard");
    expect(heard?.value?.sessionId).toBe("s");
    // What its facts were is kept too: they tell two machines that share an identity (Q6).
    expect(after.apply.map((write) => write.table).sort()).toEqual(["heard", "identity"]);
  });

  test.each([
    ["heartbeat_received", "keep"],
    ["agent_connected", "drop"],
    ["agent_disconnected", "keep"],
    ["goodbye_received", "keep"],
    ["inventory_received", "keep"],
    ["probe_finished", "keep"],
    ["delivery_finished", "keep"],
    ["tick", "drop"],
    ["sockets_drained", "drop"],
    ["outbox_woken", "drop"],
    ["server_saved", "refuse"],
    ["server_removed", "refuse"],
    ["agent_enrolled", "refuse"],
    ["recipient_saved", "refuse"],
    ["chat_linked", "refuse"],
    ["shelf_written", "refuse"],
    ["incident_acknowledged", "refuse"],
  ] as const)("[F2] %s: %s", (type, fate) => {
    const event = { type, at } as Event;
    // Anything durable but a status that holds in memory too.
    const commit: Write[] = [{ table: "shelf", key: "k", value: 1 }];
    const decision = { commit, later: [], effects: [], reply: { ok: true } } as const;
    expect(afterFailedCommit(event, decision).event).toBe(fate);
  });
});
