/**
 * The JSON API of who is told, and of what is done about an incident: shapes, refusals with stable codes, roles.
 * Must not: know more than the API's answers; the collector's own rules are tested there.
 */
/* What comes is judged by what it is, not by a type that claims it: answers are `any` here, on purpose. */
/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-explicit-any */
import { describe, expect, it } from "vitest";
import { en } from "../../web/i18n/en.ts";
import { caller } from "./api-caller.ts";
import { loggedIn } from "./panel-under-test.ts";
import { panelsPerTest } from "./panels.ts";
import { fillTelling } from "./telling-world.ts";
import { makeRoute, START_MS } from "./view-samples.ts";
import { fillWorld } from "./world.ts";

const panelUnderTest = panelsPerTest();
const HOUR_MS = 3_600_000;

async function world() {
  const panel = await panelUnderTest();
  fillWorld(panel.source);
  const call = caller(panel);
  /** "code", then "field code" of each field. */
  const wrong = async (method: string, path: string, body: unknown, status = 422) => {
    const answer = await call(method, path, body);
    expect(answer.status, JSON.stringify(answer.json)).toBe(status);
    expect(answer.type).toContain("application/problem+json");
    for (const { message } of answer.json.errors) expect(message).not.toBe("");
    return [answer.json.code, ...answer.json.errors.map((error: any) => `${error.field} ${error.code}`)];
  };
  return { panel, call, wrong };
}

const everything = {
  channel: "telegram",
  address: "-100777/5",
  name: "Grup",
  language: "en",
  enabled: true,
  audience: "staff",
  siteIds: [],
  detail: "short",
  pin: true,
  timeZone: "Asia/Jayapura",
  quietHours: { fromMinute: 1_320, toMinute: 330 },
  digestMinute: 420,
  monthlyReport: true,
  board: true,
  allowedPeople: ["771", "772"],
};

describe("recipients", () => {
  it("keep every field, and a PATCH of one leaves the others", async () => {
    const { call } = await world();
    const made = await call("POST", "recipients", everything);
    const shape = { ...everything, id: made.json.id, disabledReason: null, hasSecret: false };
    expect(made).toMatchObject({ status: 201, json: shape });
    const path = `recipients/${made.json.id}`;
    expect((await call("GET", path)).json).toEqual(shape);
    expect((await call("PATCH", path, { quietHours: null, name: "Grup 2" })).json).toEqual({
      ...shape,
      quietHours: null,
      name: "Grup 2",
    });
    // Numbers that look like ids are taken as well, and each person once.
    expect((await call("PATCH", path, { allowedPeople: [771, "771"] })).json.allowedPeople).toEqual(["771"]);
  });

  it("a secret goes in and never comes out again, but for the key that was made for a webhook", async () => {
    const { panel, call, wrong } = await world();
    const webhook = { channel: "webhook", address: "https://tiket.contoh.id/masuk", name: "Tiket" };
    const made = await call("POST", "recipients", webhook);
    expect(made).toMatchObject({ status: 201, json: { hasSecret: true } });
    const { id, secret } = made.json;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]+=*$/);
    expect(panel.source.secretOf(id)).toBe(secret);
    const path = `recipients/${id}`;
    for (const answer of [
      await call("GET", path),
      await call("PATCH", path, { name: "Tiket 2" }),
      await call("GET", "recipients"),
    ])
      expect(JSON.stringify(answer.json)).not.toContain("whsec_");
    expect(panel.source.secretOf(id)).toBe(secret);
    const renewed = await call("POST", `${path}/secret`);
    expect(renewed.status).toBe(200);
    expect(renewed.json.secret).not.toBe(secret);
    expect(panel.source.secretOf(id)).toBe(renewed.json.secret);
    const own = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
    const changed = await call("PATCH", path, { secret: own });
    expect([changed.json.secret, panel.source.secretOf(id)]).toEqual([undefined, own]);
    expect((await call("PATCH", path, { secret: null })).json.hasSecret).toBe(false);
    expect(panel.source.secretOf(id)).toBeNull();
    expect(await wrong("POST", "recipients/r1/secret", {}, 409)).toEqual(["key_only_for_webhooks"]);
    expect(await wrong("POST", "recipients/nobody/secret", {}, 404)).toEqual(["recipient_not_found"]);
  });

  it("each channel has its own addresses and secrets; what one does not have is refused by name", async () => {
    const { wrong } = await world();
    const post = (change: object) => wrong("POST", "recipients", { name: "x", ...change });
    const cases: readonly (readonly [object, string])[] = [
      [{ address: "budi" }, "address chat_id"],
      [{ address: "-100/0" }, "address chat_id"],
      [{ channel: "webhook", address: "10.0.0.1" }, "address webhook_url"],
      [{ channel: "webhook", address: "https://a:b@c.id/" }, "address webhook_url"],
      [{ channel: "webhook", address: "ftp://c.id/" }, "address webhook_url"],
      [{ channel: "webhook", address: "https://c.id/ a" }, "address webhook_url"],
      [{ channel: "ntfy", address: "https://ntfy.sh/" }, "address ntfy_topic"],
      [{ channel: "ntfy", address: "https://ntfy.sh/a/b" }, "address ntfy_topic"],
      [{ channel: "ntfy", address: "https://ntfy.sh/a?x=1" }, "address ntfy_topic"],
      [{ address: "1", secret: "x" }, "secret no_secret"],
      [{ channel: "webhook", address: "https://c.id/", secret: "geheim" }, "secret webhook_secret"],
      [{ channel: "webhook", address: "https://c.id/", secret: "whsec_aGFp" }, "secret webhook_secret"],
      [{ channel: "ntfy", address: "https://ntfy.sh/a", secret: "dua kata" }, "secret ntfy_token"],
      [{ channel: "ntfy", address: "https://ntfy.sh/a", board: true }, "board telegram_only"],
      [{ channel: "ntfy", address: "https://ntfy.sh/a", pin: true }, "pin telegram_only"],
      [{ channel: "webhook", address: "https://c.id/", allowedPeople: ["1"] }, "allowedPeople telegram_only"],
      [{ address: "1", audience: "users", board: true }, "board staff_only"],
      [{ address: "1", audience: "users", digestMinute: 0 }, "digestMinute staff_only"],
      [{ address: "1", audience: "users", monthlyReport: true }, "monthlyReport staff_only"],
      [{ address: "1", siteIds: ["sby"] }, "siteIds users_only"],
      [{ address: "1", quietHours: { fromMinute: 60, toMinute: 60 } }, "quietHours quiet_same"],
      [{ address: "1", quietHours: { fromMinute: 0, toMinute: 1_440 } }, "quietHours.toMinute time_of_day"],
      [{ address: "1", digestMinute: 7.5 }, "digestMinute time_of_day"],
      [{ address: "1", timeZone: "Asia/Ambon" }, "timeZone time_zone"],
      [{ address: "1", allowedPeople: ["budi"] }, "allowedPeople.0 person_ids"],
    ];
    for (const [change, field] of cases)
      expect(await post(change), JSON.stringify(change)).toEqual(["invalid_body", field]);
    // What is missing does not hide what is wrong.
    expect(await wrong("POST", "recipients", { name: "", address: "budi" })).toEqual([
      "invalid_body",
      "name required",
      "address chat_id",
    ]);
  });

  it("the collector's refusals name their field", async () => {
    const { wrong } = await world();
    expect(await wrong("PATCH", "recipients/r1", { channel: "ntfy", address: "https://ntfy.sh/a" })).toEqual([
      "channel_fixed",
      "channel channel_fixed",
    ]);
    const users = { name: "x", address: "1", audience: "users", siteIds: ["nowhere"] };
    expect(await wrong("POST", "recipients", users)).toEqual(["site_not_found", "siteIds site_not_found"]);
    const twin = { name: "x", address: "-1001234567890" };
    expect(await wrong("POST", "recipients", twin, 409)).toEqual([
      "recipient_exists",
      "address recipient_exists",
    ]);
  });

  it("a link code is for staff, or for the users of sites", async () => {
    const { panel, call, wrong } = await world();
    const users = { name: "Warga", audience: "users", siteIds: ["sby", "mdn"] };
    expect((await call("POST", "recipients/link-codes", users)).status).toBe(201);
    expect(panel.source.calls).toContain("createLinkCode users sby,mdn");
    expect(await wrong("POST", "recipients/link-codes", { name: "x", siteIds: ["sby"] })).toEqual([
      "invalid_body",
      "siteIds users_only",
    ]);
    expect(await wrong("POST", "recipients/link-codes", { ...users, siteIds: ["nowhere"] })).toEqual([
      "site_not_found",
      "siteIds site_not_found",
    ]);
  });

  it("a drill says how it stands, and to whom it went", async () => {
    const { panel, call, wrong } = await world();
    expect((await call("GET", "recipients/drill")).json).toEqual({ startedAt: null, by: null, results: [] });
    const started = await call("POST", "recipients/drill", {});
    expect(started).toMatchObject({
      status: 202,
      json: {
        startedAt: "2026-11-22T03:00:00.000Z",
        by: "API",
        results: [{ recipientId: "r1", status: "queued", settledAt: null, tookSeconds: null }],
      },
    });
    await fillTelling(panel.source);
    expect((await call("GET", "recipients/drill")).json.results).toMatchObject([
      { recipientId: "r1", status: "sent", settledAt: "2026-11-22T02:59:00.800Z", tookSeconds: 0.8 },
      {
        recipientId: "r3",
        status: "retry",
        attempts: 3,
        tookSeconds: null,
        lastError: "429 Too Many Requests",
      },
      { recipientId: "r4", status: "rejected" },
      { recipientId: "r5", status: "unknown" },
    ]);
    const one = await call("POST", "recipients/drill", { recipientIds: ["r6"] });
    expect(one.json.results).toMatchObject([{ recipientId: "r6" }]);
    expect(await wrong("POST", "recipients/drill", { recipientIds: ["nobody"] })).toEqual([
      "recipient_not_found",
      "recipientIds recipient_not_found",
    ]);
    expect(await wrong("POST", "recipients/drill", { recipientIds: [] })).toEqual([
      "invalid_body",
      "recipientIds someone",
    ]);
    for (const { id } of panel.source.recipients()) await call("DELETE", `recipients/${id}`);
    expect(await wrong("POST", "recipients/drill", {}, 409)).toEqual(["nobody_to_drill"]);
  });
});

describe("routes", () => {
  const input = {
    name: "Malam",
    siteIds: ["sby"],
    tags: ["kasir"],
    kinds: ["host_down"],
    steps: [
      { afterSeconds: 0, to: ["r1"] },
      { afterSeconds: 900, to: "everyone" },
    ],
    repeatSeconds: [1_800],
    fallbackRecipientIds: ["r2"],
  };

  it("are made, listed, read, changed and removed", async () => {
    const { call, wrong } = await world();
    const made = await call("POST", "routes", input);
    const shape = { ...input, id: made.json.id, enabled: true, isDefault: false };
    expect(made).toMatchObject({ status: 201, json: shape });
    const path = `routes/${made.json.id}`;
    expect((await call("GET", path)).json).toEqual(shape);
    expect((await call("PATCH", path, { enabled: false, tags: [] })).json).toEqual({
      ...shape,
      enabled: false,
      tags: [],
    });
    expect((await call("GET", "routes")).json).toMatchObject({
      items: [{ id: "default", isDefault: true }, { id: made.json.id }],
      nextCursor: null,
    });
    const first = await call("GET", "routes?limit=1");
    expect((await call("GET", `routes?cursor=${first.json.nextCursor}`)).json.items).toMatchObject([
      { id: made.json.id },
    ]);
    expect((await call("DELETE", path)).status).toBe(204);
    expect(await wrong("DELETE", path, undefined, 404)).toEqual(["route_not_found"]);
    expect((await call("GET", path)).status).toBe(404);
    // Only what must be is asked for: all incidents, nobody else, no repeats.
    const plain = { name: "Semua", steps: [{ afterSeconds: 0, to: "everyone" }] };
    expect((await call("POST", "routes", plain)).json).toMatchObject({
      siteIds: [],
      tags: [],
      kinds: [],
      repeatSeconds: [],
      fallbackRecipientIds: [],
      enabled: true,
    });
  });

  it("the default one can be switched off and narrowed, not removed", async () => {
    const { call, wrong } = await world();
    expect(await wrong("DELETE", "routes/default", undefined, 409)).toEqual(["route_is_default"]);
    expect((await call("PATCH", "routes/default", { enabled: false, siteIds: ["mdn"] })).json).toMatchObject({
      enabled: false,
      siteIds: ["mdn"],
    });
  });

  it("that are wrong are refused with a stable code and the field", async () => {
    const { wrong } = await world();
    const post = (change: object) => wrong("POST", "routes", { ...input, ...change });
    const step = (afterSeconds: unknown, to: unknown = "everyone") => ({ afterSeconds, to });
    const cases: readonly (readonly [object, readonly string[]])[] = [
      [{ steps: [step(60)] }, ["route_steps_wrong", "steps route_steps_wrong"]],
      [{ steps: [step(0), step(900), step(60)] }, ["route_steps_wrong", "steps route_steps_wrong"]],
      [{ steps: [step(0, ["nobody"])] }, ["recipient_not_found", "steps recipient_not_found"]],
      [
        { fallbackRecipientIds: ["nobody"] },
        ["recipient_not_found", "fallbackRecipientIds recipient_not_found"],
      ],
      [{ siteIds: ["nowhere"] }, ["site_not_found", "siteIds site_not_found"]],
      [{ steps: [] }, ["invalid_body", "steps someone"]],
      [{ steps: undefined }, ["invalid_body", "steps required"]],
      [{ steps: [step(0, [])] }, ["invalid_body", "steps.0.to someone"]],
      [{ steps: [step(0, "somebody")] }, ["invalid_body", "steps.0.to someone"]],
      [{ steps: [step(-1)] }, ["invalid_body", "steps.0.afterSeconds step_time"]],
      [{ steps: [step("0")] }, ["invalid_body", "steps.0.afterSeconds number"]],
      [{ steps: [step(0), step(8 * 86_400)] }, ["invalid_body", "steps.1.afterSeconds step_time"]],
      [{ steps: Array.from({ length: 11 }, () => step(0)) }, ["invalid_body", "steps too_big"]],
      [{ repeatSeconds: [59] }, ["invalid_body", "repeatSeconds.0 repeat_wait"]],
      [{ kinds: ["fire"] }, ["invalid_body", "kinds.0 choice"]],
      [{ name: " " }, ["invalid_body", "name required"]],
    ];
    for (const [change, codes] of cases) expect(await post(change), JSON.stringify(change)).toEqual(codes);
  });

  it("one whose recipient is gone can still be renamed and switched off, though not saved whole", async () => {
    const { panel, call, wrong } = await world();
    const steps = [{ afterSeconds: 0, to: [] }];
    panel.source.setRoute(makeRoute({ id: "sepi", name: "Sepi", steps }));
    expect((await call("PATCH", "routes/sepi", { name: "Sunyi", enabled: false })).json).toMatchObject({
      name: "Sunyi",
      enabled: false,
      steps,
    });
    expect(await wrong("PATCH", "routes/sepi", { steps })).toEqual(["invalid_body", "steps.0.to someone"]);
  });
});

describe("an open incident", () => {
  it("has what was done about it beside the promised fields", async () => {
    const { panel, call } = await world();
    expect((await call("GET", "incidents/i42")).json).toMatchObject({
      quiet: null,
      checked: null,
      announcement: null,
      acknowledgedBy: null,
    });
    await fillTelling(panel.source);
    const { json } = await call("GET", "incidents/i42");
    expect(json).toMatchObject({
      acknowledgedBy: "budi",
      quiet: { by: "budi", untilAt: "2026-11-22T04:00:00.000Z" },
      checked: {
        by: "sari",
        at: "2026-11-22T02:58:00.000Z",
        evidence: [{ type: "probe", from: "collector", by: null, result: { verdict: "dead" } }, {}],
      },
      announcement: { by: "sari", at: "2026-11-22T02:55:00.000Z", overAt: null },
    });
    expect(json.timeline.slice(7, 10)).toEqual([
      { at: "2026-11-22T02:53:20.000Z", type: "quieted", by: "budi", untilAt: "2026-11-22T04:00:00.000Z" },
      { at: "2026-11-22T02:55:00.000Z", type: "announced", by: "sari", over: false },
      { at: "2026-11-22T02:58:00.000Z", type: "checked", by: "sari", verdict: "dead" },
    ]);
    expect(JSON.stringify(json)).not.toMatch(/AtMs"|untilMs|WallMs/);
  });

  it("is quieted until a moment, until it recovers, and no longer", async () => {
    const { call, wrong } = await world();
    const quiet = (untilAt: unknown) => call("POST", "incidents/i42/quiet", { untilAt });
    const iso = (ms: number) => new Date(ms).toISOString();
    expect((await quiet(iso(START_MS + HOUR_MS))).json.quiet).toEqual({
      by: "API",
      untilAt: "2026-11-22T04:00:00.000Z",
    });
    expect((await quiet("2026-11-22T12:00:00+07:00")).json.quiet.untilAt).toBe("2026-11-22T05:00:00.000Z");
    expect((await quiet(null)).json.quiet).toEqual({ by: "API", untilAt: null });
    expect((await quiet(iso(START_MS))).json.quiet).toBeNull();
    for (const untilAt of [undefined, "tomorrow", "2026-11-22", 5, {}])
      expect(await wrong("POST", "incidents/i42/quiet", { untilAt })).toEqual([
        "invalid_body",
        "untilAt moment",
      ]);
    expect(
      await wrong("POST", "incidents/i42/quiet", { untilAt: iso(START_MS + 32 * 24 * HOUR_MS) }),
    ).toEqual(["invalid_body", "untilAt too_long_window"]);
    expect(await wrong("POST", "incidents/i3/quiet", { untilAt: null }, 409)).toEqual(["incident_closed"]);
    expect(await wrong("POST", "incidents/i999/quiet", { untilAt: null }, 404)).toEqual([
      "incident_not_found",
    ]);
  });

  it("is announced to its users, once, and its end once", async () => {
    const { panel, call, wrong } = await world();
    const path = "incidents/i42/announce";
    expect(await wrong("POST", path, {}, 409)).toEqual(["nobody_to_announce_to"]);
    expect(await wrong("POST", path, { over: true }, 409)).toEqual(["not_announced"]);
    const text = "Gangguan di Surabaya.";
    const to = [{ recipientId: "r6", name: "Warga", channel: "telegram", language: "id" } as const];
    panel.source.setAnnouncement({ to, texts: [{ language: "id", text }] });
    expect(await call("GET", path)).toMatchObject({
      status: 200,
      json: { to, texts: [{ language: "id", text }] },
    });
    expect((await call("POST", path, {})).json.announcement).toEqual({
      by: "API",
      at: "2026-11-22T03:00:00.000Z",
      overAt: null,
    });
    expect(await wrong("POST", path, {}, 409)).toEqual(["already_so"]);
    expect((await call("POST", path, { over: true })).json.announcement.overAt).toBe(
      "2026-11-22T03:00:00.000Z",
    );
    expect(await wrong("POST", path, { over: true }, 409)).toEqual(["already_so"]);
    expect(await wrong("POST", path, { over: "yes" })).toEqual(["invalid_body", "over invalid_type"]);
    expect(await wrong("POST", "incidents/i3/announce", {}, 409)).toEqual(["incident_closed"]);
  });

  it("a check is written into it", async () => {
    const { call, wrong } = await world();
    const { json } = await call("POST", "incidents/i42/check");
    expect(json).toMatchObject({
      probes: [{ kind: "icmp", verdict: "alive" }],
      evidence: [{ type: "probe", from: "collector", by: null, at: "2026-11-22T03:00:00.000Z" }],
    });
    const incident = (await call("GET", "incidents/i42")).json;
    expect(incident.checked).toEqual({ by: "API", at: "2026-11-22T03:00:00.000Z", evidence: json.evidence });
    expect(incident.timeline.at(-1)).toMatchObject({ type: "checked", by: "API", verdict: "alive" });
    expect(await wrong("POST", "incidents/i3/check", {}, 409)).toEqual(["incident_closed"]);
  });
});

describe("who may", () => {
  it("a viewer reads, an operator handles incidents, an admin changes who is told", async () => {
    const { panel } = await world();
    await fillTelling(panel.source);
    const as = async (role: "viewer" | "operator" | "admin") => {
      const person = await loggedIn(panel, role);
      const cookie = `detak_session=${person.cookies.get("detak_session") ?? ""}`;
      return caller(panel, { cookie, "sec-fetch-site": "same-origin" });
    };
    const changes: readonly (readonly [string, string, unknown])[] = [
      ["POST", "recipients", { name: "x", address: "1" }],
      ["PATCH", "recipients/r1", { name: "x" }],
      ["POST", "recipients/r4/secret", {}],
      ["POST", "recipients/drill", {}],
      ["POST", "recipients/link-codes", { name: "x" }],
      ["POST", "routes", { name: "x", steps: [{ afterSeconds: 0, to: "everyone" }] }],
      ["PATCH", "routes/malam", { name: "x" }],
      ["DELETE", "routes/malam", undefined],
      ["DELETE", "recipients/r6", undefined],
    ];
    const handling: readonly (readonly [string, string, unknown])[] = [
      ["POST", "incidents/i41/quiet", { untilAt: null }],
      ["POST", "incidents/i41/check", {}],
      ["GET", "incidents/i41/announce", undefined],
      ["POST", "incidents/i41/announce", {}],
    ];
    const [viewer, operator, admin] = [await as("viewer"), await as("operator"), await as("admin")];
    const reads = ["recipients", "recipients/r1", "recipients/drill", "routes", "routes/malam"];
    for (const path of reads) expect((await viewer("GET", path)).status, path).toBe(200);
    for (const [method, path, body] of [...changes, ...handling])
      expect((await viewer(method, path, body)).status, `viewer ${method} ${path}`).toBe(403);
    for (const [method, path, body] of changes)
      expect((await operator(method, path, body)).status, `operator ${method} ${path}`).toBe(403);
    for (const [method, path, body] of handling)
      expect((await operator(method, path, body)).status, `operator ${method} ${path}`).toBe(200);
    for (const [method, path, body] of changes)
      expect((await admin(method, path, body)).status, `admin ${method} ${path}`).toBeLessThan(300);
  });

  it("the address of a webhook and of a topic are whole for admins alone", async () => {
    const { panel, call } = await world();
    await fillTelling(panel.source);
    const addresses = (json: any) =>
      Object.fromEntries(json.items.map(({ id, address }: { id: string; address: string }) => [id, address]));
    expect(addresses((await call("GET", "recipients")).json)).toMatchObject({
      r4: "https://tiket.contoh.id/masuk?kunci=rahasia",
      r5: "https://ntfy.sh/topik-rahasia",
    });
    for (const role of ["viewer", "operator"] as const) {
      const person = await loggedIn(panel, role);
      const cookie = `detak_session=${person.cookies.get("detak_session") ?? ""}`;
      const { json } = await caller(panel, { cookie })("GET", "recipients");
      expect(addresses(json)).toMatchObject({
        r1: "-1001234567890",
        r4: "https://tiket.contoh.id/…",
        r5: "https://ntfy.sh/…",
      });
      for (const path of ["/notifications", "/notifications/r4", "/notifications/r5"])
        expect(await person.html(path), `${role} ${path}`).not.toMatch(/kunci=rahasia|topik-rahasia/);
    }
  });
});

describe("refusals", () => {
  it("each have a sentence of their own in both languages", () => {
    const codes = [
      "channel_fixed",
      "key_only_for_webhooks",
      "nobody_to_drill",
      "nothing_to_check",
      "nobody_to_announce_to",
      "not_announced",
      "route_is_default",
      "route_steps_wrong",
      "route_not_found",
    ];
    const sentences = codes.map((code) => en.refusal[code as keyof typeof en.refusal]);
    expect(sentences).not.toContain(undefined);
    expect(new Set([...sentences, en.refusal.unknown]).size).toBe(codes.length + 1);
  });
});
