/**
 * The pages as HTML: both languages, hostile names, empty states, forms and errors.
 * Must not: judge how a page looks; the browser tests and eyes do.
 */
import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createPanelUnderTest, loggedIn, person } from "./panel-under-test.ts";
import { panelsPerTest, readable } from "./panels.ts";
import {
  aliveProbe,
  makeIncident,
  makeMaintenance,
  makeProbe,
  makeDrillRow,
  makeRecipient,
  makeRoute,
  makeServer,
  makeSite,
  START_MS,
} from "./view-samples.ts";
import { fillTelling } from "./telling-world.ts";
import { fillTroubles } from "./troubled-world.ts";
import { fillWorld } from "./world.ts";

const pages = [
  "/",
  "/?kiosk",
  "/servers",
  "/servers?status=down&site=sby&q=kasir&sort=disk",
  "/servers/add",
  `/servers/add/waiting?since=${START_MS}`,
  "/servers/sby-1",
  "/servers/bdg-5",
  "/servers/sby-1/edit",
  "/servers/sby-1/remove",
  "/incidents",
  "/incidents?open=1&kind=host_down&from=2026-11-01&to=2026-11-30",
  "/incidents/i42",
  "/incidents/i3",
  "/sites",
  "/sites/sby",
  "/sites/add",
  "/sites/sby/edit",
  "/sites/sby/remove",
  "/sites/bdg",
  "/sites/mdn",
  "/servers/bdg-1",
  "/servers/jkt-01",
  "/servers/jkt-03",
  "/servers/jyp-4",
  "/servers/jyp-4/edit",
  "/servers?q=jkt",
  "/incidents/i30",
  "/incidents/i31",
  "/incidents/i50",
  "/incidents/i51",
  "/incidents/i52",
  "/maintenance",
  "/maintenance?server=jyp-4",
  "/maintenance?site=mks",
  "/maintenance/m2/remove",
  "/notifications",
  "/notifications/add",
  "/notifications/r1",
  "/notifications/r3",
  "/notifications/r4",
  "/notifications/r5",
  "/notifications/r6",
  "/notifications/r1/remove",
  "/notifications/routes/add",
  "/notifications/routes/default",
  "/notifications/routes/malam",
  "/notifications/routes/malam/remove",
  "/incidents/i41/announce",
  "/incidents/i42/announce",
  "/incidents/i42/announce?over=1",
  "/system",
];

const panelUnderTest = panelsPerTest();

describe("every page", () => {
  it.each(["id", "en"] as const)(
    "is whole in the language %s, with its landmarks and the strict policy",
    async (language) => {
      const panel = await panelUnderTest();
      fillWorld(panel.source);
      fillTroubles(panel.source);
      await fillTelling(panel.source);
      const visitor = await loggedIn(panel, "admin", language);
      for (const path of pages) {
        const response = await visitor.get(path);
        const html = await response.text();
        expect(response.status, path).toBe(200);
        expect(html, path).toMatch(new RegExp(`^<!doctype html><html lang="${language}"`));
        expect(html.match(/<h1/g), path).toHaveLength(1);
        expect(html.match(/<main/g), path).toHaveLength(1);
        // Nothing inline, nothing foreign, nothing that was forgotten.
        expect(html, path).not.toMatch(/<script(?![^>]*\bsrc="\/assets\/)|<style|\sstyle=|\son[a-z]+=/i);
        expect(readable(html), path).not.toMatch(/undefined|\[object|NaN|null|Infinity|=>/);
        const policy = response.headers.get("content-security-policy") ?? "";
        expect(policy).toMatch(/default-src 'none'/);
        expect(policy).not.toMatch(/unsafe|\*|https?:/);
        expect(response.headers.get("x-content-type-options")).toBe("nosniff");
        expect(response.headers.get("x-frame-options")).toBe("DENY");
        expect(response.headers.get("referrer-policy")).toBe("same-origin");
        expect(response.headers.get("cache-control")).toBe("no-store");
      }
    },
  );

  it("shows no raw ids and no machine words", async () => {
    const panel = await panelUnderTest();
    fillWorld(panel.source);
    fillTroubles(panel.source);
    await fillTelling(panel.source);
    const visitor = await loggedIn(panel, "admin", "en");
    for (const path of pages) {
      const text = readable(await visitor.html(path));
      expect(text, path).not.toMatch(/first_name|\bi\d\d\b|\br\d\b|\bm\d\b|\bmalam\b/);
      // A machine word without a text is shown with spaces.
      expect(text, path).not.toMatch(
        /host (down|hung|crash|suspended)|agent down|group over|answered for all|repeat due|announced over|asked for$/,
      );
    }
  });

  it("speaks the reader's language: the own choice, then the browser, then the setting", async () => {
    const panel = await panelUnderTest();
    const visitor = person(panel, { "accept-language": "fr, en-US;q=0.8, id;q=0.5" });
    expect(await visitor.html("/login")).toContain('<html lang="en"');
    expect(await person(panel, { "accept-language": "fr" }).html("/login")).toContain('<html lang="id"');
    expect(await person(panel, { "accept-language": "in-ID" }).html("/login")).toContain('<html lang="id"');
    await visitor.post("/language", { language: "id", back: "/login" });
    expect(await visitor.html("/login")).toContain('<html lang="id"');
    const admin = await loggedIn(panel, "admin", "id");
    await admin.post("/language", { language: "en", back: "/servers" }, "/servers");
    const elsewhere = person(panel, { "accept-language": "id" });
    await elsewhere.post("/login", { username: "admin-id", password: "sandi yang panjang" });
    expect(await elsewhere.html("/")).toContain('<html lang="en"');
  });
});

describe("hostile text", () => {
  /** What a hostile name would need to become markup. */
  const hostile = fc.oneof(
    fc.constantFrom(
      "<script>alert(1)</script>",
      '"><img src=x onerror=alert(1)>',
      "' onmouseover='alert(1)",
      "</title><svg onload=alert(1)>",
      "&lt;script&gt;",
      "{{constructor}}",
      "javascript:alert(1)",
      "\u202egnp.exe",
      "<!--",
      "]]>",
    ),
    fc.string({ unit: fc.constantFrom("<", ">", '"', "'", "&", "/", "=", "a", " ", "`"), maxLength: 30 }),
    fc.string({ unit: "grapheme", maxLength: 30 }),
  );

  it("never becomes markup, wherever it is shown", { timeout: 120_000 }, async () => {
    const panel = await panelUnderTest();
    const visitor = await loggedIn(panel, "admin");
    const ids = { site: "c1", server: "s1" };
    const tagsOf = (html: string) =>
      [...html.matchAll(/<\/?([a-z][a-z0-9]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/gi)].map(
        ([, name, attributes]) => [
          name,
          [...(attributes ?? "").replace(/"[^"]*"/g, '""').matchAll(/([a-z-]+)=/gi)].map(
            ([, attribute]) => attribute,
          ),
        ],
      );
    const shown = [
      "/",
      "/servers",
      "/servers/s1",
      "/servers/s1/edit",
      "/servers/s1/remove",
      "/incidents",
      "/incidents/i1",
      "/sites",
      "/sites/c1",
      "/sites/c1/edit",
      "/maintenance",
      "/maintenance?server=s1",
      "/maintenance/m1/remove",
      "/incidents/i1/announce",
      "/notifications",
      "/notifications/add",
      "/notifications/r1",
      "/notifications/r2",
      "/notifications/routes/add",
      "/notifications/routes/x",
      "/notifications/routes/x/remove",
      "/system",
    ];
    const fill = (text: string) => {
      panel.source.setSite(
        makeSite({
          id: ids.site,
          name: text,
          code: text,
          address: text,
          contact: text,
          provider: text,
          circuitId: text,
          gatewayAddress: text,
        }),
      );
      panel.source.setServer(
        makeServer({
          id: ids.server,
          name: text,
          siteId: ids.site,
          siteName: text,
          address: text,
          tags: [text],
          status: "down",
          openIncidentId: "i1",
          probes: [{ ...aliveProbe, kind: "banner", target: text, detail: "connected", banner: text }],
          mode: "ping",
          check: { type: "http", url: text, expectedStatus: null, expectedText: text },
          marks: {
            flapping: { sinceMs: START_MS, incidents: 3 },
            unstable: { suspicions: 3 },
            duplicate: { sinceMs: START_MS, addresses: [text] },
            maintenance: { endsAtMs: START_MS + 1_000, note: text },
          },
          agent: {
            version: text,
            enrolledAtMs: START_MS,
            inventory: {
              hostName: text,
              platform: text,
              osName: text,
              kernel: text,
              arch: text,
              cpuModel: text,
              cpuCount: 1,
              manufacturer: text,
              model: text,
            },
          },
          health: { atMs: START_MS, sample: { disks: [{ mount: text, sizeBytes: 10, usedBytes: 5 }] } },
        }),
      );
      panel.source.setIncident({
        incident: makeIncident({
          number: 1,
          serverId: ids.server,
          serverName: text,
          siteId: ids.site,
          siteName: text,
          kind: text,
          cause: text,
          variant: text,
          finalCause: text,
          memberIds: [ids.server],
          acknowledgedBy: text,
          quiet: { by: text, untilMs: null },
          checked: {
            by: text,
            atMs: START_MS,
            evidence: [{ type: "gateway", address: text, verdict: "none", atMs: START_MS }],
          },
          evidence: [
            { type: "gateway", address: text, verdict: "dead", atMs: START_MS },
            { type: "sentinels", alive: [text], failed: [text], atMs: START_MS },
            { type: "journal", finding: { type: "collector", problem: text }, atMs: START_MS },
            {
              type: "probe",
              from: "witness",
              by: text,
              atMs: START_MS,
              result: { ...aliveProbe, target: text, detail: text },
            },
          ],
        }),
        timeline: [
          { type: "note", by: text, text, atMs: START_MS },
          { type: "joined", serverName: text, atMs: START_MS },
          { type: "cause_corrected", from: text, to: text, atMs: START_MS },
          { type: "delivery_failed", recipientName: text, step: text, error: text, atMs: START_MS },
        ],
        notifications: [
          {
            id: "n",
            recipientName: text,
            channel: text,
            step: text,
            reason: text,
            status: "rejected",
            attempts: 1,
            lastError: text,
            repeat: false,
            queuedAtMs: START_MS,
            settledAtMs: null,
          },
        ],
        members: [
          {
            serverId: ids.server,
            serverName: text,
            siteName: text,
            incidentId: null,
            backAtMs: null,
          },
        ],
      });
      panel.source.setMaintenance(
        makeMaintenance({ id: "m1", serverId: ids.server, note: text, createdBy: text }),
      );
      panel.source.setServerLog(ids.server, [
        { atMs: START_MS, what: { type: "goodbye", reason: text } },
        { atMs: START_MS, what: { type: "duplicate", addresses: [text] } },
      ]);
      panel.source.setRecipient(
        makeRecipient({ id: "r1", address: text, name: text, enabled: false, disabledReason: text }),
      );
      panel.source.setRecipient(
        makeRecipient({
          id: "r2",
          channel: "ntfy",
          address: text,
          name: text,
          timeZone: text,
          quietHours: { fromMinute: 0, toMinute: 60 },
        }),
      );
      panel.source.setRoute(
        makeRoute({
          id: "x",
          name: text,
          tags: [text],
          kinds: [text],
          siteIds: [ids.site],
          steps: [{ afterSeconds: 0, to: ["r2"] }],
          fallbackRecipientIds: ["r1"],
        }),
      );
      panel.source.setUntold([{ place: { type: "site", siteId: ids.site }, what: "all" }]);
      panel.source.setDrill([
        makeDrillRow({ recipientId: "r2", recipientName: text, by: text, lastError: text }),
      ]);
      panel.source.setAnnouncement({
        to: [{ recipientId: "r1", name: text, channel: "telegram", language: "id" }],
        texts: [{ language: "id", text }],
      });
      panel.source.setSystem({
        telegram: { state: "failing", detail: text, sinceMs: START_MS, botUsername: text },
        store: { state: "failing", detail: text, notices: [text] },
      });
    };
    fill("biasa");
    const tame = new Map<string, unknown>();
    for (const path of shown) tame.set(path, tagsOf(await visitor.html(path)));
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        // An empty or blank name is a tame case of its own with other markup (nothing to show).
        fc.pre(text.trim() !== "");
        fill(text);
        for (const path of shown) {
          const html = await visitor.html(path);
          expect(tagsOf(html), `${path} with ${JSON.stringify(text)}`).toEqual(tame.get(path));
        }
      }),
      { numRuns: 25 },
    );
  });

  it("in a query or a form comes back as text", async () => {
    const panel = await panelUnderTest();
    fillWorld(panel.source);
    const visitor = await loggedIn(panel, "admin");
    const text = '"><script>alert(1)</script>';
    for (const html of [
      await visitor.html(`/servers?q=${encodeURIComponent(text)}&sort=${encodeURIComponent(text)}`),
      await visitor.html(`/incidents?server=${encodeURIComponent(text)}&kind=${encodeURIComponent(text)}`),
      await visitor.html(`/${encodeURIComponent(text)}`),
      await visitor.html(`/?done=${encodeURIComponent(text)}`),
      await (
        await visitor.post("/sites/add", { name: text, latitude: text, timeZone: text }, "/sites/add")
      ).text(),
      await (await person(panel).post("/login", { username: text, password: "x", next: text })).text(),
    ])
      expect(html).not.toContain("<script>alert");
  });
});

describe("the page Now", () => {
  it("says it in one sentence", async () => {
    const panel = await panelUnderTest();
    const visitor = await loggedIn(panel, "viewer");
    const sentence = async () => /<h1[^>]*>([^<]*)</.exec(await visitor.html("/"))?.[1];
    expect(await sentence()).toBe("Belum ada server yang dipantau");
    panel.source.setSite(makeSite({ id: "c1" }));
    panel.source.setServer(makeServer({ id: "a", siteId: "c1", status: "new", lastHeartbeatMs: null }));
    expect(await sentence()).toBe("Menunggu detak pertama dari 1 server");
    panel.source.setServer(makeServer({ id: "a", siteId: "c1" }));
    expect(await sentence()).toBe("Satu-satunya server sehat");
    panel.source.setServer(makeServer({ id: "b", siteId: "c1" }));
    expect(await sentence()).toBe("Semua 2 server sehat");
    panel.source.setServer(makeServer({ id: "b", siteId: "c1", status: "suspect" }));
    expect(await sentence()).toBe("Belum ada yang mati · 1 server diragukan");
    panel.source.setServer(makeServer({ id: "b", siteId: "c1", status: "paused" }));
    expect(await sentence()).toBe("Tidak ada masalah · 1 server sehat");
    panel.source.setServer(makeServer({ id: "b", siteId: "c1", status: "down" }));
    expect(await sentence()).toBe("1 cabang bermasalah · 1 server");
    panel.source.setServer(makeServer({ id: "c", status: "down" }));
    expect(await sentence()).toBe("1 cabang bermasalah · 2 server");
  });

  it("warns when the watching itself is in trouble", async () => {
    const panel = await panelUnderTest();
    fillWorld(panel.source);
    await panel.source.removeRecipient("r2");
    const visitor = await loggedIn(panel, "viewer", "en");
    expect(await visitor.html("/")).not.toContain('class="notice ');
    panel.source.setSystem({
      hearing: "isolated",
      store: { state: "failing", detail: "ENOSPC", notices: [] },
      telegram: { state: "unauthorized", detail: null, sinceMs: START_MS, botUsername: null },
    });
    panel.source.setRecipient(makeRecipient({ id: "r1", enabled: false }));
    const html = await visitor.html("/servers");
    expect(html.match(/class="notice /g)).toHaveLength(4);
    expect(html).toContain("The collector cannot hear since");
  });

  it("says no more of what cannot be told than is so", async () => {
    // It said that Telegram did not work while messages arrived, and that there was no recipient yet when one had blocked the bot.
    const panel = await panelUnderTest();
    fillWorld(panel.source);
    const visitor = await loggedIn(panel, "viewer", "en");
    const notices = async () =>
      [...(await visitor.html("/")).matchAll(/class="notice notice-(\w+)"><span>([^<]*)</g)].map(
        ([, level, text]) => `${level}: ${text}`,
      );
    await panel.source.removeRecipient("r2");
    const telegram = { state: "other_poller", detail: null, sinceMs: START_MS, botUsername: null } as const;
    panel.source.setSystem({ telegram });
    expect(await notices()).toEqual([
      "wait: Another program uses this Telegram bot&#39;s token: messages are still sent, but buttons and commands are not read.",
    ]);
    panel.source.setSystem({ telegram: { ...telegram, state: "ok" } });
    const lost = { enabled: false, disabledReason: "403: Forbidden: bot was blocked by the user" };
    panel.source.setRecipient(makeRecipient({ id: "r2", name: "Rani", ...lost }));
    expect(await notices()).toEqual(["wait: Rani cannot be reached."]);
    panel.source.setRecipient(makeRecipient({ id: "r3", name: "Budi", ...lost }));
    panel.source.setRecipient(makeRecipient({ id: "r1", enabled: false }));
    expect(await notices()).toEqual([
      "bad: Rani and 1 other recipient cannot be reached. Nobody will be told when a server goes down.",
    ]);
    for (const id of ["r2", "r3"]) panel.source.setRecipient(makeRecipient({ id, enabled: false }));
    expect(await notices()).toEqual([
      "wait: All recipients are switched off: nobody will be told when a server goes down.",
    ]);
  });
});

describe("the page Servers", () => {
  it("stays within 60 kB compressed with 2,000 servers, and pages them", { timeout: 60_000 }, async () => {
    const panel = await panelUnderTest();
    const visitor = await loggedIn(panel, "viewer");
    for (let n = 0; n < 2_000; n += 1)
      panel.source.setServer(
        makeServer({
          id: `srv${n}`,
          name: `cabang-${n % 97}-server-${n}`,
          status: n % 50 === 0 ? "down" : "up",
          health: {
            atMs: START_MS,
            sample: {
              cpu: (n % 100) / 100,
              memoryTotalBytes: 100,
              memoryUsedBytes: n % 100,
              disks: [{ mount: "/", sizeBytes: 100, usedBytes: (n * 7) % 100 }],
            },
          },
        }),
      );
    await visitor.html("/servers");
    const from = performance.now();
    const html = await visitor.html("/servers");
    const elapsedMs = performance.now() - from;
    expect(gzipSync(html).length).toBeLessThan(60_000);
    expect(gzipSync(await visitor.html("/")).length).toBeLessThan(60_000);
    // The budget is 50 ms to the first byte; ten times that is only a guard against a slip on a busy machine.
    expect(elapsedMs).toBeLessThan(500);
    expect(html).toContain("1–100 dari 2.000");
    expect(html.match(/data-fragment="servers-row-/g)).toHaveLength(100);
    // Worst first.
    expect(html.match(/class="row-down"/g)).toHaveLength(40);
    const last = await visitor.html("/servers?page=20");
    expect(last).toContain("1.901–2.000 dari 2.000");
    expect(await visitor.html("/servers?page=999")).toContain("1.901–2.000 dari 2.000");
  });

  it("finds by words, filters and sorts", async () => {
    const panel = await panelUnderTest();
    fillWorld(panel.source);
    const visitor = await loggedIn(panel, "viewer");
    const names = async (query: string) =>
      [
        ...(await visitor.html(`/servers?${query}`)).matchAll(/<th scope="row"><a href="[^"]*">([^<]*)</g),
      ].map(([, name]) => name);
    expect(await names("q=kasir+sura")).toEqual(["sby-kasir-1", "sby-kasir-2"]);
    expect(await names("q=10.4.0.2")).toEqual(["sby-kasir-1"]);
    expect(await names("status=suspect")).toEqual(["mdn-kasir-2"]);
    expect(await names("site=jyp&sort=name")).toEqual([
      "jyp-berkas",
      "jyp-cctv",
      "jyp-domain",
      "jyp-kasir-1",
      "jyp-kasir-2",
    ]);
    expect((await names("site=jyp&sort=name&order=desc"))[0]).toBe("jyp-kasir-2");
    expect((await names("site=jyp&sort=disk"))[0]).toBe("jyp-domain");
    expect(await names("q=tidakada")).toEqual([]);
    expect(await visitor.html("/servers?q=tidakada")).toContain("Tidak ada server yang cocok");
  });
});

describe("adding a server", () => {
  it("gives one command for each system, once, and turns green when the first heartbeat comes", async () => {
    const panel = await panelUnderTest();
    fillWorld(panel.source);
    panel.source.setSystem({ publicUrl: "https://detak.contoh.id" });
    const visitor = await loggedIn(panel, "operator");
    const fields = { agentName: "", agentSiteId: "sby", uses: "1", expiresInSeconds: "3600" };
    const html = await (await visitor.post("/servers/add/agent", fields, "/servers/add")).text();
    expect(html).toMatch(
      /sudo detak-agent enroll --collector https:\/\/detak\.contoh\.id --token e\d+\.rahasia-yang-panjang-sekali &amp;&amp; sudo detak-agent run/,
    );
    expect(html).toContain("detak-agent.exe enroll");
    expect(html).toContain("node dist/agent.cjs enroll");
    expect(html).toContain("Menunggu detak pertama");
    const path = decodeURIComponent(/data-live="\/live\?view=([^&"]+)/.exec(html)?.[1] ?? "");
    panel.clock.nowMs += 5_000;
    const agent = { version: "0.1.0", enrolledAtMs: panel.clock.nowMs, inventory: null };
    panel.source.setServer(
      makeServer({
        id: "baru",
        name: "sby-baru",
        siteId: "sby",
        status: "new",
        lastHeartbeatMs: null,
        agent,
      }),
    );
    expect(await visitor.html(path)).toContain("sby-baru sudah terdaftar");
    panel.source.setServer(
      makeServer({ id: "baru", name: "sby-baru", siteId: "sby", lastHeartbeatMs: panel.clock.nowMs, agent }),
    );
    const arrived = await visitor.html(path);
    expect(arrived).toContain("sby-baru sudah terdengar");
    expect(arrived).toContain('href="/servers/baru"');
  });

  it("registers a named server first, and waits for that one", async () => {
    const panel = await panelUnderTest();
    const visitor = await loggedIn(panel, "operator");
    const fields = { agentName: "kasir baru", agentSiteId: "", uses: "10", expiresInSeconds: "3600" };
    const html = await (await visitor.post("/servers/add/agent", fields, "/servers/add")).text();
    expect(panel.source.servers().map(({ name, status }) => [name, status])).toEqual([["kasir baru", "new"]]);
    expect(html).toContain("server%3Ds0001");
    expect(html).toContain("hanya berlaku di mesin ini sendiri");
  });

  it("tries an address before it is kept, says what is wrong, and keeps what was typed", async () => {
    const panel = await panelUnderTest();
    const visitor = await loggedIn(panel, "operator");
    const fields = { name: "Router Medan", siteId: "", address: "10.0.9.1", probePorts: "22, 443" };
    const tried = await (await visitor.post("/servers/add/try", fields, "/servers/add")).text();
    expect(tried).toContain("Ada jawaban: server ini bisa dipantau.");
    expect(tried).toContain('value="Router Medan"');
    panel.source.setProbes([makeProbe({ verdict: "none", detail: "no_program", roundTripMs: null })]);
    expect(await (await visitor.post("/servers/add/try", fields, "/servers/add")).text()).toContain(
      "belum ada bukti apa pun",
    );
    const bad = await visitor.post(
      "/servers/add/ping",
      { ...fields, name: "", address: "-oProxyCommand=x", probePorts: "22, x" },
      "/servers/add",
    );
    const html = await bad.text();
    expect(bad.status).toBe(422);
    expect(html).toContain("Nama: wajib diisi");
    expect(html).toContain("Alamat: alamat IP atau nama mesin");
    expect(html).toContain("Port TCP: nomor port");
    expect(html).toContain('value="22, x"');
    expect(panel.source.servers()).toEqual([]);
    const good = await visitor.post("/servers/add/ping", fields, "/servers/add");
    expect(good.headers.get("location")).toBe("/servers/s0001?done=added");
    expect(panel.source.server("s0001")).toMatchObject({
      mode: "ping",
      address: "10.0.9.1",
      probePorts: [22, 443],
    });
  });
});

describe("forms", () => {
  it("change a server and keep what was typed when the collector refuses", async () => {
    const panel = await panelUnderTest();
    fillWorld(panel.source);
    const visitor = await loggedIn(panel, "operator");
    const fields = {
      name: "Kasir Satu",
      siteId: "mdn",
      mode: "agent",
      address: "10.9.9.9",
      probePorts: "22",
      downAfterSeconds: "60",
      tags: "a, b",
      latitude: "-7,25",
      longitude: "112.75",
      parentId: "",
    };
    const refused = await visitor.post("/servers/sby-1/edit", fields, "/servers/sby-1/edit");
    expect(refused.status).toBe(422);
    expect(await refused.text()).toContain("tidak boleh lebih pendek daripada setelan kolektor");
    const saved = await visitor.post(
      "/servers/sby-1/edit",
      { ...fields, downAfterSeconds: "300" },
      "/servers/sby-1/edit",
    );
    expect(saved.headers.get("location")).toBe("/servers/sby-1?done=saved");
    expect(panel.source.server("sby-1")).toMatchObject({
      name: "Kasir Satu",
      siteId: "mdn",
      downAfterSeconds: 300,
      tags: ["a", "b"],
      latitude: -7.25,
      longitude: 112.75,
    });
    expect(await visitor.html("/servers/sby-1?done=saved")).toContain("Tersimpan.");
  });

  it("remove only when the name is typed", async () => {
    const panel = await panelUnderTest();
    fillWorld(panel.source);
    const visitor = await loggedIn(panel, "admin");
    expect(
      (await visitor.post("/servers/mdn-1/remove", { typedName: "mdn" }, "/servers/mdn-1/remove")).status,
    ).toBe(422);
    expect(panel.source.server("mdn-1")).not.toBeNull();
    expect(
      (await visitor.post("/servers/mdn-1/remove", { typedName: "mdn-kasir-1" }, "/servers/mdn-1/remove"))
        .status,
    ).toBe(303);
    expect(panel.source.server("mdn-1")).toBeNull();
    const full = await visitor.post(
      "/sites/sby/remove",
      { typedName: "Cabang Surabaya Darmo" },
      "/sites/sby/remove",
    );
    expect(await full.text()).toContain("Cabang ini masih punya server");
  });

  it("make and change a site", async () => {
    const panel = await panelUnderTest();
    const visitor = await loggedIn(panel, "admin");
    const fields = {
      name: "Cabang Ambon",
      code: "AMB",
      address: "",
      latitude: "-3.69",
      longitude: "",
      timeZone: "Asia/Ambon",
      gatewayAddress: "",
      contact: "",
      provider: "",
      circuitId: "",
    };
    const bad = await (await visitor.post("/sites/add", fields, "/sites/add")).text();
    expect(bad).toContain("zona waktu tidak dikenal");
    const half = await (
      await visitor.post("/sites/add", { ...fields, timeZone: "Asia/Jayapura" }, "/sites/add")
    ).text();
    expect(half).toContain("isi keduanya, lintang dan bujur");
    const good = await visitor.post(
      "/sites/add",
      { ...fields, timeZone: "Asia/Jayapura", longitude: "128.18" },
      "/sites/add",
    );
    expect(good.headers.get("location")).toBe("/sites/c0001?done=added");
    expect(panel.source.site("c0001")).toMatchObject({
      latitude: -3.69,
      longitude: 128.18,
      gatewayAddress: null,
    });
  });

  it("acknowledge from any page and go back there, note and check", async () => {
    const panel = await panelUnderTest();
    fillWorld(panel.source);
    const visitor = await loggedIn(panel, "operator");
    const acknowledged = await visitor.post("/incidents/i42/acknowledge", { back: "/servers/sby-1" }, "/");
    expect(acknowledged.headers.get("location")).toBe("/servers/sby-1?done=acknowledged");
    expect(await visitor.html("/")).toContain("Ditangani operator-id");
    expect((await visitor.post("/incidents/i42/acknowledge", {}, "/")).status).toBe(409);
    await visitor.post("/incidents/i42/note", { text: "Sudah menelepon PLN." }, "/incidents/i42");
    expect(await visitor.html("/incidents/i42")).toContain("Sudah menelepon PLN.");
    expect((await visitor.post("/incidents/i42/note", { text: "  " }, "/incidents/i42")).status).toBe(422);
    const checked = await visitor.post("/incidents/i42/check", { back: "/" }, "/");
    expect(checked.headers.get("location")).toBe("/incidents/i42?done=checked");
    expect(await visitor.html("/incidents/i42")).toContain("menjawab, 3,4 ms");
  });

  it("link a chat: deep link when the bot is known, words when not; add, disable, remove", async () => {
    const panel = await panelUnderTest();
    const visitor = await loggedIn(panel, "admin");
    const link = async () =>
      (
        await visitor.post(
          "/notifications/link",
          { linkName: "Grup IT", linkLanguage: "id" },
          "/notifications",
        )
      ).text();
    const known = await link();
    expect(known).toContain("https://t.me/detak_contoh_bot?start=KODE0001");
    expect(known).toContain("/link KODE0001");
    panel.source.setSystem({
      telegram: { state: "starting", detail: null, sinceMs: START_MS, botUsername: null },
    });
    expect(await link()).toContain("/start KODE0002");
    expect(
      (
        await visitor.post(
          "/notifications/add",
          { address: "budi", name: "Budi", language: "id" },
          "/notifications",
        )
      ).status,
    ).toBe(422);
    await visitor.post(
      "/notifications/add",
      { address: "-1001", name: "Budi", language: "id" },
      "/notifications",
    );
    const twice = await visitor.post(
      "/notifications/add",
      { address: "-1001", name: "Lagi", language: "id" },
      "/notifications",
    );
    expect(await twice.text()).toContain("sudah terdaftar");
    const [recipient] = panel.source.recipients();
    await visitor.post(`/notifications/${recipient!.id}/disable`, {}, "/notifications");
    expect(panel.source.recipients()[0]).toMatchObject({ enabled: false });
    await visitor.post(`/notifications/${recipient!.id}/remove`, {}, "/notifications");
    expect(panel.source.recipients()).toEqual([]);
  });
});

describe("errors", () => {
  it("say what happened, in the reader's language, without internals", async () => {
    const panel = await createPanelUnderTest();
    const visitor = await loggedIn(panel, "admin", "en");
    for (const path of ["/nowhere", "/servers/x", "/incidents/x", "/sites/x", "/servers/add/waiting"]) {
      const response = await visitor.get(path);
      expect(response.status, path).toBe(404);
      expect(await response.text()).toContain("Nothing here");
    }
    panel.source.system = () => {
      throw new Error("secret detail: /var/lib/detak");
    };
    const broken = await visitor.get("/system");
    expect(broken.status).toBe(500);
    const text = await broken.text();
    expect(text).not.toContain("secret detail");
    expect(text).toContain("Monitoring and notifications run apart from it");
    expect(panel.errors).toHaveLength(1);
    panel.close();
  });

  it("a failing store refuses changes and keeps the pages readable", async () => {
    const panel = await panelUnderTest();
    fillWorld(panel.source);
    const visitor = await loggedIn(panel, "admin");
    panel.source.failStore(true);
    panel.clock.nowMs += 3_600_000;
    expect((await visitor.get("/")).status).toBe(200);
    const refused = await visitor.post("/servers/mdn-1/pause", {}, "/");
    expect(refused.status).toBe(503);
    expect(await refused.text()).toContain("Penyimpanan sedang gagal");
  });

  it("a form that is too large is refused", async () => {
    const panel = await panelUnderTest();
    const visitor = await loggedIn(panel, "admin");
    const response = await visitor.post("/sites/add", { name: "x".repeat(70_000) }, "/sites/add");
    expect(response.status).toBe(413);
  });
});

describe("the panel's own files", () => {
  it("are named by their content and kept for ever; the script is within its budget", async () => {
    const panel = await panelUnderTest();
    const html = await person(panel).html("/login");
    const files = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, url]) => url ?? "");
    expect(files).toHaveLength(3);
    for (const url of files) {
      const response = await panel.app.request(url);
      expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      const body = await response.text();
      if (url.endsWith(".js")) expect(gzipSync(body).length).toBeLessThan(15 * 1024);
    }
    expect((await panel.app.request("/assets/../panel.tsx")).status).toBe(404);
    expect((await panel.app.request("/assets/panel.js")).status).toBe(404);
  });
});
