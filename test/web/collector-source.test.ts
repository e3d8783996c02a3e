/**
 * What the panel is shown of the real core: groups, causes, marks, logs, gateways, maintenance; and what it commands.
 * Why with the core's own stage: a view of a made-up record proves nothing of what the core keeps.
 * Must not: judge pages; the other tests do, on a source in memory.
 */
import { describe, expect, it } from "vitest";
import type { PanelSource } from "../../web/source.ts";
import type { ServerInput } from "../../web/source-servers.ts";
import { entryOf } from "../core/records.ts";
import { company, MINUTE_MS } from "./desk.ts";

const inputOf = (change: Partial<ServerInput> = {}): ServerInput => ({
  name: "Router",
  siteId: null,
  mode: "ping",
  address: "10.0.0.7",
  probePorts: [22],
  check: null,
  downAfterSeconds: null,
  latitude: null,
  longitude: null,
  parentId: null,
  tags: [],
  ...change,
});

describe("a site that is down", () => {
  it("is one incident with its members, each with its own under it, and keeps them when it is archived", async () => {
    const { stage, source, archive } = company();
    stage.probeRule = () => "dead";
    stage.gatewayRule = () => "dead";
    for (const id of ["x", "y", "z"]) stage.stopAgent(id);
    stage.pass(4 * MINUTE_MS);
    const group = source.openIncidents().find(({ serverId }) => serverId === null);
    expect(group).toMatchObject({
      kind: "site_down",
      variant: "link_or_power",
      siteId: "s",
      memberIds: ["x", "y", "z"],
      siteIds: ["s"],
      groupedUnder: null,
    });
    expect(source.openIncidents()).toHaveLength(4);
    const detail = await source.incident(group!.id);
    expect(detail?.members.map(({ serverName, backAtMs }) => [serverName, backAtMs])).toEqual([
      ["Server x", null],
      ["Server y", null],
      ["Server z", null],
    ]);
    expect(detail?.incident.evidence).toContainEqual(
      expect.objectContaining({ type: "gateway", address: "10.9.1.254", verdict: "dead" }),
    );
    const own = await source.incident(detail?.members[0]?.incidentId ?? "");
    expect(own).toMatchObject({
      incident: { serverId: "x", groupedUnder: group!.id, memberIds: [] },
      group: { id: group!.id, number: group!.number },
    });
    expect(own?.timeline).toContainEqual(
      expect.objectContaining({ type: "grouped", number: group!.number, incidentId: group!.id }),
    );
    expect(source.site("s")?.gateway).toMatchObject({ last: { verdict: "dead" } });
    expect(source.site("s")!.gateway!.last!.atMs).toBeLessThanOrEqual(stage.now.wallMs);
    expect(stage.now.wallMs - source.site("s")!.gateway!.last!.atMs).toBeLessThan(2 * MINUTE_MS);

    stage.probeRule = () => "alive";
    const backMs = stage.now.wallMs;
    for (const id of ["x", "y", "z"]) stage.playAgent(id);
    stage.pass(10 * MINUTE_MS);
    await archive();
    const over = await source.incident(group!.id);
    expect(over?.incident).toMatchObject({ memberIds: ["x", "y", "z"] });
    expect(over?.incident.endedAtMs).not.toBeNull();
    expect(over?.incident.finalCause).not.toBeNull();
    for (const member of over?.members ?? []) {
      expect(member.serverName).toMatch(/^Server [xyz]$/);
      expect(member.backAtMs! - backMs).toBeGreaterThanOrEqual(0);
      expect(member.backAtMs! - backMs).toBeLessThan(2 * MINUTE_MS);
    }
    expect(source.openIncidents()).toEqual([]);
    expect((await source.incidents({ limit: 10 })).map(({ number }) => number)).toEqual([4, 3, 2, 1]);
  });

  it("what hangs under a parent is its member too", async () => {
    const { stage, source } = company();
    stage.add("vm", { siteId: "t", parentId: "w" });
    stage.playAgent("vm");
    stage.add("far", { siteId: "t" });
    stage.playAgent("far");
    stage.pass(5 * MINUTE_MS);
    stage.probeRule = (_request, serverId) => (serverId === "far" ? "alive" : "dead");
    for (const id of ["w", "vm"]) stage.stopAgent(id);
    stage.pass(5 * MINUTE_MS);
    const parent = source.openIncidents().find(({ serverId }) => serverId === "w");
    expect(parent).toMatchObject({ kind: "host_down", memberIds: ["vm"], siteIds: [] });
    expect((await source.incident(parent!.id))?.members).toMatchObject([
      { serverId: "vm", serverName: "Server vm", backAtMs: null },
    ]);
  });
});

describe("causes", () => {
  it("what an agent's journal says reaches the page as evidence, and corrects the cause", async () => {
    const { stage, source, archive } = company();
    stage.stopAgent("x");
    stage.pass(5 * MINUTE_MS);
    stage.playAgent("x");
    stage.tellJournal(
      "x",
      Array.from({ length: 22 }, (_, index) =>
        entryOf({
          sequence: index + 1,
          ageMs: (22 - index) * 15_000,
          bootId: "boot-of-x",
          gateway: "ok",
          internet: "failed",
          collector: index < 2 ? "ok" : "timeout",
        }),
      ),
    );
    stage.pass(10 * MINUTE_MS);
    await archive();
    const [incident] = await source.incidents({ limit: 1 });
    expect(incident?.serverId).toBe("x");
    expect(incident?.finalCause).not.toBeNull();
    const findings = incident?.evidence.flatMap((item) => (item.type === "journal" ? [item.finding] : []));
    expect(findings).toContainEqual({ type: "ran_all_along" });
    expect(findings).toContainEqual({ type: "internet", reached: false });
    const minutes = incident!.minutes;
    expect(minutes.server + minutes.link + minutes.planned + minutes.collector).toBeGreaterThan(0);
  });
});

describe("marks and the log", () => {
  it("a server that fails again and again flaps, and its log says so", () => {
    const { stage, source } = company();
    expect(source.server("w")?.marks).toEqual({
      flapping: null,
      unstable: null,
      duplicate: null,
      maintenance: null,
    });
    stage.add("v", { siteId: "t" });
    stage.playAgent("v");
    stage.pass(MINUTE_MS);
    for (let round = 0; round < 3; round += 1) {
      stage.stopAgent("w");
      stage.pass(4 * MINUTE_MS);
      stage.playAgent("w");
      stage.pass(3 * MINUTE_MS);
    }
    const { flapping } = source.server("w")!.marks;
    expect(flapping?.incidents).toBe(3);
    expect(flapping!.sinceMs).toBeGreaterThan(stage.now.wallMs - 30 * MINUTE_MS);
    expect(flapping!.sinceMs).toBeLessThan(stage.now.wallMs);
    expect(source.serverLog("w")[0]).toMatchObject({ what: { type: "flapping", incidents: 3 } });
    expect(source.serverLog("nobody")).toEqual([]);
  });

  it("suspicions that end well are an unstable link, as long as the hour lasts", () => {
    const { stage, source } = company();
    for (let round = 0; round < 3; round += 1) {
      stage.stopAgent("w");
      stage.pass(MINUTE_MS);
      stage.playAgent("w");
      stage.pass(MINUTE_MS);
    }
    expect(source.server("w")?.marks.unstable).toEqual({ suspicions: 3 });
    stage.pass(61 * MINUTE_MS);
    expect(source.server("w")?.marks.unstable).toBeNull();
  });

  it("two machines with one identity are marked with where they are, and the log keeps it", () => {
    const { stage, source } = company();
    stage.stopAgent("w");
    const [one, two] = [
      { bootId: "boot-1", peerAddress: "10.1.1.1" },
      { bootId: "boot-2", peerAddress: "10.2.2.2" },
    ] as const;
    for (const facts of [one, two, one, two]) {
      stage.beat("w", stage.connect("w", facts), 1);
      stage.pass(10_000);
    }
    stage.pass(MINUTE_MS);
    expect(source.server("w")?.marks.duplicate?.addresses.toSorted()).toEqual(
      expect.arrayContaining(["10.1.1.1", "10.2.2.2"]),
    );
    expect(source.serverLog("w").map(({ what }) => what.type)).toContain("duplicate");
  });

  it("the window that ends last is the one a server shows; others and those over do not count", async () => {
    const { stage, source } = company();
    const now = stage.now.wallMs;
    const save = (siteId: string | null, serverId: string | null, minutes: number, note: string) =>
      source.saveMaintenance(
        null,
        { siteId, serverId, startsAtMs: now - 1_000, endsAtMs: now + minutes * MINUTE_MS, note },
        "sari",
      );
    await save("s", null, 30, "site");
    await save(null, "x", 60, "server");
    await save(null, null, 10, "everything");
    const shown = () =>
      ["x", "y", "w"].map(
        (id) => source.servers().find((server) => server.id === id)?.marks.maintenance?.note,
      );
    expect(shown()).toEqual(["server", "site", "everything"]);
    stage.pass(11 * MINUTE_MS);
    expect(shown()).toEqual(["server", "site", undefined]);
    expect(source.server("x")?.marks.maintenance).toEqual({
      endsAtMs: now + 60 * MINUTE_MS,
      note: "server",
    });
  });
});

describe("commands", () => {
  it("maintenance is kept, changed by id, refused with the core's word, and mutes", async () => {
    const { stage, source } = company();
    const input = {
      siteId: null,
      serverId: "w",
      startsAtMs: stage.now.wallMs - MINUTE_MS,
      endsAtMs: stage.now.wallMs + 60 * MINUTE_MS,
      note: "UPS",
    };
    const saved = await source.saveMaintenance(null, input, "sari");
    const id = saved.ok ? saved.value : "";
    expect(source.maintenance()).toMatchObject([{ id, ...input, createdBy: "sari" }]);
    stage.stopAgent("w");
    stage.pass(5 * MINUTE_MS);
    expect(source.openIncidents()).toMatchObject([{ serverId: "w", muted: true }]);
    expect(stage.told()).toEqual([]);
    const ended = { ...input, endsAtMs: stage.now.wallMs };
    expect(await source.saveMaintenance(id, ended, "budi")).toEqual({ ok: true, value: id });
    expect(source.maintenance()).toMatchObject([{ id, createdBy: "sari", endsAtMs: ended.endsAtMs }]);
    stage.pass(MINUTE_MS);
    expect(stage.told()).toHaveLength(1);
    expect(source.openIncidents()).toMatchObject([{ serverId: "w", muted: false }]);
    const refused = async (result: ReturnType<PanelSource["saveMaintenance"]>) => {
      const answer = await result;
      return answer.ok ? "" : answer.code;
    };
    expect(await refused(source.saveMaintenance("nowhere", input, "x"))).toBe("maintenance_not_found");
    expect(await refused(source.saveMaintenance(null, { ...input, serverId: "q" }, "x"))).toBe(
      "server_not_found",
    );
    expect(await refused(source.saveMaintenance(null, { ...input, endsAtMs: input.startsAtMs }, "x"))).toBe(
      "maintenance_ends_before_it_starts",
    );
    expect(await source.removeMaintenance(id)).toMatchObject({ ok: true });
    expect(await source.removeMaintenance(id)).toEqual({ ok: false, code: "maintenance_not_found" });
  });

  it("a server keeps its check and parent; a circle is refused", async () => {
    const { source } = company();
    const check = { type: "tcp", port: 8291 } as const;
    const hub = await source.saveServer(null, inputOf({ name: "Hub", check }));
    const hubId = hub.ok ? hub.value : "";
    expect(source.server(hubId)).toMatchObject({ check, parentId: null });
    const vm = await source.saveServer(null, inputOf({ name: "VM", parentId: hubId }));
    const vmId = vm.ok ? vm.value : "";
    expect(source.server(vmId)).toMatchObject({ parentId: hubId });
    expect(await source.saveServer(hubId, inputOf({ parentId: vmId }))).toEqual({
      ok: false,
      code: "parent_circle",
    });
    expect(await source.saveServer(hubId, inputOf({ parentId: "nowhere" }))).toEqual({
      ok: false,
      code: "parent_not_found",
    });
  });

  it("a try asks what the core would: ping, what speaks on each port, and the check", async () => {
    const { source, asked } = company();
    const check = {
      type: "http",
      url: "https://10.0.0.7:8443/masuk",
      expectedStatus: 200,
      expectedText: "Selamat",
    } as const;
    const tried = await source.tryProbe({ address: "10.0.0.7", probePorts: [22], check });
    expect(asked).toMatchObject([
      { kind: "icmp", host: "10.0.0.7" },
      { kind: "banner", host: "10.0.0.7", port: 22 },
      { kind: "http", host: "10.0.0.7", port: 8443, url: check.url, expectedStatus: 200 },
    ]);
    expect(tried).toMatchObject({
      ok: true,
      value: [
        { kind: "icmp", verdict: "alive", asExpected: null, banner: null },
        { kind: "banner", detail: "refused" },
        { kind: "http", asExpected: true },
      ],
    });
  });

  it("more incidents than the store gives at once are all given, newest first, and never more than asked for", async () => {
    // The page of incidents asks for 5,000 to count its totals: the store answers at most 1,000 and asserts that.
    const { stage, source, archive, storage } = company();
    stage.stopAgent("w");
    stage.pass(10 * MINUTE_MS);
    stage.playAgent("w");
    stage.pass(10 * MINUTE_MS);
    await archive();
    const archived = [...stage.archived.values()][0]!;
    const numbers = Array.from({ length: 2_200 }, (_, index) => index + 10);
    await storage.commit(
      numbers.map((number) => {
        const incident = { ...archived.incident, id: `i${number}`, number };
        return { table: "archive", key: incident.id, value: { ...archived, incident } } as const;
      }),
    );
    const all = await source.incidents({ limit: 5_000 });
    expect(all.map(({ number }) => number)).toEqual([...numbers.toReversed(), archived.incident.number]);
    expect(await source.incidents({ limit: 1_500 })).toHaveLength(1_500);
    expect(await source.incidents({ limit: 1_000 })).toHaveLength(1_000);
  });

  it("the state of hearing comes with the moment it began", () => {
    const { stage, source } = company();
    const { hearing, hearingSinceMs } = source.system();
    expect(hearing).toBe("hearing");
    expect(stage.now.wallMs - hearingSinceMs!).toBeGreaterThan(9 * MINUTE_MS);
    expect(stage.now.wallMs - hearingSinceMs!).toBeLessThan(13 * MINUTE_MS);
  });
});
