/**
 * Who comes in, how long they stay, and what they may do.
 * Must not: reach around the guards; a test sends what a browser would send.
 */
import { describe, expect, it } from "vitest";
import { completeSetup, ensureAdmin, ensureSetupLink } from "../../web/auth/first-admin.ts";
import { addressGroup, createLoginThrottle } from "../../web/auth/login-throttle.ts";
import { hashPassword, verifyPassword } from "../../web/auth/password.ts";
import { originOf } from "../../web/auth/same-origin.ts";
import { SESSION_ABSOLUTE_MS, SESSION_IDLE_MS } from "../../web/auth/sessions.ts";
import { users } from "../../web/auth/users.ts";
import { ownPath } from "../../web/paths.ts";
import { createTestSource } from "./panel-source.ts";
import { START_MS } from "./view-samples.ts";
import { createPanelUnderTest, loggedIn, PASSWORD, person, tokenOf, WEAK_COST } from "./panel-under-test.ts";
import { fillWorld } from "./world.ts";

const counter = (prefix: string) => {
  let n = 0;
  return () => `${prefix}${(n += 1)}`;
};

describe("passwords", () => {
  it("verify only what was hashed, with a salt of their own and the cost beside the hash", async () => {
    const [one, two] = await Promise.all([
      hashPassword("kata sandi", WEAK_COST),
      hashPassword("kata sandi", WEAK_COST),
    ]);
    expect(one).not.toBe(two);
    expect(one).toMatch(/^scrypt\$2\$1\$1\$/);
    expect(await verifyPassword("kata sandi", one)).toBe(true);
    expect(await verifyPassword("kata sandI", one)).toBe(false);
    expect(await verifyPassword("", one)).toBe(false);
    expect(await verifyPassword("kata sandi", null, WEAK_COST)).toBe(false);
    expect(await verifyPassword("kata sandi", "scrypt$oops", WEAK_COST)).toBe(false);
  });

  it("are the same password in both Unicode forms", async () => {
    const stored = await hashPassword("cafe\u0301", WEAK_COST);
    expect(await verifyPassword("caf\u00e9", stored)).toBe(true);
  });

  it("more than four at once wait in line, and all are answered", async () => {
    const stored = await hashPassword("x", WEAK_COST);
    const answers = await Promise.all(Array.from({ length: 30 }, () => verifyPassword("x", stored)));
    expect(answers).toEqual(Array(30).fill(true));
  });

  it("an unknown user costs the same work as a wrong password", async () => {
    const cost = { N: 2 ** 12, r: 8, p: 1 };
    const stored = await hashPassword("x", cost);
    const time = async (hash: string | null) => {
      const from = performance.now();
      await verifyPassword("y", hash, cost);
      return performance.now() - from;
    };
    // The quickest of some: noise only ever adds.
    const quickest = async (hash: string | null) =>
      Math.min(...(await Promise.all([1, 2, 3, 4].map(() => time(hash)))));
    const [known, unknown] = [await quickest(stored), await quickest(null)];
    expect(unknown).toBeGreaterThan(known / 4);
  });
});

describe("the first admin", () => {
  it("comes by a link that works once, and only the newest one", async () => {
    const source = createTestSource(() => START_MS);
    const randomId = counter("token-");
    const first = await ensureSetupLink(source, randomId);
    const second = await ensureSetupLink(source, randomId);
    const input = { username: "Admin", password: PASSWORD, id: "u1", nowMs: START_MS, cost: WEAK_COST };
    expect(await completeSetup(source, { ...input, token: first ?? "" })).toEqual({
      ok: false,
      code: "setup_link_used",
    });
    expect(await completeSetup(source, { ...input, token: second ?? "" })).toMatchObject({ ok: true });
    expect(await completeSetup(source, { ...input, token: second ?? "" })).toEqual({
      ok: false,
      code: "setup_link_used",
    });
    expect(await ensureSetupLink(source, randomId)).toBeNull();
    expect(users(source).map(({ username, role }) => [username, role])).toEqual([["admin", "admin"]]);
  });

  it("is one, also when two browsers send the form at the same moment", async () => {
    const source = createTestSource(() => START_MS);
    const token = (await ensureSetupLink(source, counter("token-"))) ?? "";
    const results = await Promise.all(
      ["a", "b", "c"].map((username) =>
        completeSetup(source, {
          token,
          username,
          password: PASSWORD,
          id: username,
          nowMs: START_MS,
          cost: WEAK_COST,
        }),
      ),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(users(source)).toHaveLength(1);
  });

  it("keeps no readable token on the shelf", async () => {
    const source = createTestSource(() => START_MS);
    const token = (await ensureSetupLink(source, counter("token-geheim-"))) ?? "";
    expect(JSON.stringify(source.shelf.list("panel/"))).not.toContain(token);
  });

  it("comes by settings when there is none, and never overwrites one", async () => {
    const source = createTestSource(() => START_MS);
    const input = { username: "it", now: () => START_MS, randomId: counter("u"), cost: WEAK_COST };
    expect(await ensureAdmin(source, { ...input, password: "" })).toMatchObject({ outcome: "refused" });
    expect(await ensureAdmin(source, { ...input, password: "pendek" })).toEqual({
      outcome: "created",
      problem: "password_short",
    });
    const before = users(source);
    expect(await ensureAdmin(source, { ...input, password: PASSWORD })).toEqual({
      outcome: "exists",
      problem: null,
    });
    expect(users(source)).toEqual(before);
  });

  it("is made on the set-up page, is logged in at once, and the page is gone", async () => {
    const panel = await createPanelUnderTest();
    const token = (await ensureSetupLink(panel.source, () => "tautan-rahasia")) ?? "";
    const visitor = person(panel);
    expect((await visitor.get(`/setup/${token}`)).status).toBe(200);
    const short = await visitor.post(`/setup/${token}`, { username: "a", password: "x", passwordAgain: "x" });
    expect(short.status).toBe(422);
    const differs = await visitor.post(`/setup/${token}`, {
      username: "a",
      password: PASSWORD,
      passwordAgain: "lain",
    });
    expect(differs.status).toBe(422);
    const good = await visitor.post(`/setup/${token}`, {
      username: "a",
      password: PASSWORD,
      passwordAgain: PASSWORD,
    });
    expect([good.status, good.headers.get("location")]).toEqual([303, "/"]);
    expect((await visitor.get("/")).status).toBe(200);
    expect((await person(panel).get(`/setup/${token}`)).status).toBe(410);
    expect((await person(panel).get("/setup/salah")).status).toBe(410);
  });
});

describe("sessions", () => {
  it("begin with a login, in a cookie that script can not read, with a new token each time", async () => {
    const panel = await createPanelUnderTest();
    await panel.addUser("budi", "admin");
    const visitor = person(panel);
    const response = await visitor.post("/login", { username: " Budi ", password: PASSWORD });
    const cookie = response.headers.getSetCookie().find((line) => line.startsWith("detak_session=")) ?? "";
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect(cookie).not.toMatch(/Secure/);
    const first = visitor.cookies.get("detak_session") ?? "";
    await visitor.post("/login", { username: "budi", password: PASSWORD });
    const second = visitor.cookies.get("detak_session") ?? "";
    expect(second).not.toBe(first);
    const old = await panel.app.request("/", { headers: { cookie: `detak_session=${first}` } });
    expect(old.headers.get("location")).toBe("/login");
    expect(JSON.stringify(panel.source.shelf.list("panel/"))).not.toContain(second);
    panel.close();
  });

  it("are bound to the host and to TLS where there is TLS", async () => {
    const panel = await createPanelUnderTest({ trustProxy: true });
    await panel.addUser("budi", "admin");
    const visitor = person(panel, { "x-forwarded-proto": "https" });
    const response = await visitor.post("/login", { username: "budi", password: PASSWORD });
    const cookie = response.headers.getSetCookie().find((line) => line.includes("detak_session=")) ?? "";
    expect(cookie).toMatch(/^__Host-detak_session=.*Secure/);
    panel.close();
  });

  it("end after half a day unused, and after a month in any case", async () => {
    const panel = await createPanelUnderTest();
    const visitor = await loggedIn(panel, "viewer");
    panel.clock.nowMs += SESSION_IDLE_MS - 1_000;
    expect((await visitor.get("/")).status).toBe(200);
    panel.clock.nowMs += SESSION_IDLE_MS - 1_000;
    expect((await visitor.get("/")).status).toBe(200);
    panel.clock.nowMs += SESSION_IDLE_MS + 1_000;
    expect((await visitor.get("/")).status).toBe(303);

    const busy = await loggedIn(panel, "operator");
    const step = SESSION_IDLE_MS / 2;
    for (let passed = 0; passed < SESSION_ABSOLUTE_MS - step; passed += step) {
      expect((await busy.get("/")).status).toBe(200);
      panel.clock.nowMs += step;
    }
    panel.clock.nowMs += step;
    expect((await busy.get("/")).status).toBe(303);
    panel.close();
  });

  it("end with a logout, on the shelf as well", async () => {
    const panel = await createPanelUnderTest();
    const visitor = await loggedIn(panel, "admin");
    const cookie = `detak_session=${visitor.cookies.get("detak_session") ?? ""}`;
    const out = await visitor.post("/logout", {}, "/");
    expect(out.headers.get("location")).toBe("/login?out");
    expect((await panel.app.request("/", { headers: { cookie } })).status).toBe(303);
    expect(panel.source.shelf.list("panel/session/")).toEqual([]);
    panel.close();
  });

  it("lead to where one wanted to go, but never out of the panel", async () => {
    const panel = await createPanelUnderTest();
    await panel.addUser("budi", "viewer");
    const stopped = await person(panel).get("/servers?status=down");
    expect(stopped.headers.get("location")).toBe("/login?next=%2Fservers%3Fstatus%3Ddown");
    for (const [next, expected] of [
      ["/servers?status=down", "/servers?status=down"],
      ["https://jahat.example/", "/"],
      ["//jahat.example/", "/"],
      ["/\\jahat.example/", "/"],
      ["/%09/jahat.example", "/%09/jahat.example"],
      ["javascript:alert(1)", "/"],
    ] as const) {
      const response = await person(panel).post("/login", { username: "budi", password: PASSWORD, next });
      expect(response.headers.get("location"), next).toBe(expected);
    }
    expect(ownPath("/a\n/b")).toBeNull();
    expect(ownPath("/..//jahat.example")).toBeNull();
    panel.close();
  });
});

describe("guessing passwords", () => {
  const wrong = { username: "budi", password: "salah" };

  it("is slowed down per account and address, and says how long", async () => {
    const panel = await createPanelUnderTest({ clientAddress: () => "203.0.113.7" });
    await panel.addUser("budi", "admin");
    const guesser = person(panel);
    for (let n = 0; n < 5; n += 1) expect((await guesser.post("/login", wrong)).status).toBe(401);
    const slowed = await guesser.post("/login", wrong);
    expect(slowed.status).toBe(429);
    expect(Number(slowed.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await slowed.text()).toContain("Terlalu banyak percobaan");
    panel.close();
  });

  it("never locks out the owner: not from another address, and not on a browser that is known", async () => {
    let address = "203.0.113.7";
    const panel = await createPanelUnderTest({ clientAddress: () => address });
    await panel.addUser("budi", "admin");
    const owner = person(panel);
    await owner.post("/login", { username: "budi", password: PASSWORD });
    const guesser = person(panel);
    for (let n = 0; n < 8; n += 1) await guesser.post("/login", wrong);
    // The same address: only a known browser passes.
    expect((await person(panel).post("/login", { username: "budi", password: PASSWORD })).status).toBe(429);
    expect((await owner.post("/login", { username: "budi", password: PASSWORD })).status).toBe(303);
    address = "198.51.100.4";
    expect((await person(panel).post("/login", { username: "budi", password: PASSWORD })).status).toBe(303);
    panel.close();
  });

  it("counts tries that are sent at the same time", async () => {
    const panel = await createPanelUnderTest({ clientAddress: () => "203.0.113.7" });
    await panel.addUser("budi", "admin");
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => (await person(panel).post("/login", wrong)).status),
    );
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    panel.close();
  });

  it("is forgotten by a right password, and a whole office that logs in is not slowed", () => {
    const throttle = createLoginThrottle();
    const attempt = { username: "a", address: "203.0.113.7", device: null };
    for (let n = 0; n < 200; n += 1) {
      expect(throttle.waitMs({ ...attempt, username: `u${n}` }, START_MS)).toBe(0);
      throttle.failed({ ...attempt, username: `u${n}` }, START_MS);
      throttle.succeeded({ ...attempt, username: `u${n}` });
    }
  });

  it("from one address over many accounts is slowed as well, and waits grow", () => {
    const throttle = createLoginThrottle();
    const attempt = (n: number) => ({ username: `u${n}`, address: "203.0.113.7", device: null });
    for (let n = 0; n < 30; n += 1) throttle.failed(attempt(n), START_MS);
    const first = throttle.waitMs(attempt(99), START_MS);
    throttle.failed(attempt(99), START_MS);
    expect(first).toBeGreaterThan(0);
    expect(throttle.waitMs(attempt(98), START_MS)).toBeGreaterThan(first);
    expect(throttle.waitMs(attempt(98), START_MS + 2 * 3_600_000)).toBe(0);
  });

  it("takes an IPv6 subscriber for one address", () => {
    expect(addressGroup("2001:db8:1:2:3:4:5:6")).toBe(addressGroup("2001:db8:1:2::9"));
    expect(addressGroup("2001:db8:1:3::9")).not.toBe(addressGroup("2001:db8:1:2::9"));
    expect(addressGroup("::ffff:203.0.113.7")).toBe("203.0.113.7");
  });
});

describe("requests from elsewhere", () => {
  it("are told by the headers only browsers set", () => {
    const host = "panel.example:7373";
    const none = { fetchSite: undefined, origin: undefined, host };
    expect(originOf({ ...none, fetchSite: "same-origin" })).toBe("same");
    expect(originOf({ ...none, fetchSite: "same-site" })).toBe("other");
    expect(originOf({ ...none, fetchSite: "cross-site" })).toBe("other");
    expect(originOf({ ...none, origin: "http://panel.example:7373" })).toBe("same");
    expect(originOf({ ...none, origin: "http://panel.example" })).toBe("other");
    expect(originOf({ ...none, origin: "null" })).toBe("other");
    expect(originOf(none)).toBe("unknown");
  });

  it("change nothing: no token, a wrong token, another person's token, another site", async () => {
    const panel = await createPanelUnderTest();
    fillWorld(panel.source);
    const admin = await loggedIn(panel, "admin");
    const other = await loggedIn(panel, "operator");
    const path = "/servers/mdn-1/pause";
    expect((await admin.post(path, {})).status).toBe(403);
    expect((await admin.post(path, { csrf: "x.y" })).status).toBe(403);
    expect((await admin.post(path, { csrf: tokenOf(await other.html("/")) })).status).toBe(403);
    const crossSite = await panel.app.request(path, {
      method: "POST",
      body: new URLSearchParams({ csrf: tokenOf(await admin.html("/")) }),
      headers: {
        cookie: `detak_session=${admin.cookies.get("detak_session") ?? ""}`,
        "sec-fetch-site": "cross-site",
      },
    });
    expect(crossSite.status).toBe(403);
    for (const path of ["/login", "/setup/x", "/logout", "/language"]) {
      const response = await panel.app.request(path, {
        method: "POST",
        body: new URLSearchParams({}),
        headers: {
          cookie: `detak_session=${admin.cookies.get("detak_session") ?? ""}`,
          origin: "https://jahat.example",
          host: "localhost",
        },
      });
      expect(response.status, path).toBe(403);
    }
    expect(panel.source.calls).toEqual([]);
    expect((await admin.post(path, {}, "/servers/mdn-1")).status).toBe(303);
    expect(panel.source.calls).toEqual(["pauseServer admin-id"]);
    panel.close();
  });

  it("get another token on each page, and all of them are good", async () => {
    const panel = await createPanelUnderTest();
    const admin = await loggedIn(panel, "admin");
    const [one, two] = [tokenOf(await admin.html("/")), tokenOf(await admin.html("/"))];
    expect(one).not.toBe(two);
    for (const csrf of [one, two])
      expect((await admin.post("/language", { csrf, language: "en", back: "/" })).status).toBe(303);
    panel.close();
  });
});

describe("roles", () => {
  const changing = [
    ["operator", "/servers/mdn-1/pause"],
    ["operator", "/servers/bdg-4/resume"],
    ["operator", "/servers/mdn-1/check"],
    ["operator", "/servers/mdn-1/enroll"],
    ["operator", "/servers/mdn-1/edit"],
    ["operator", "/servers/mdn-1/remove"],
    ["operator", "/servers/add/agent"],
    ["operator", "/servers/add/ping"],
    ["operator", "/servers/add/try"],
    ["operator", "/servers/mdn-1/try"],
    ["operator", "/maintenance/add"],
    ["operator", "/maintenance/m1/end"],
    ["operator", "/maintenance/m1/remove"],
    ["operator", "/incidents/i42/acknowledge"],
    ["operator", "/incidents/i42/note"],
    ["operator", "/incidents/i42/check"],
    ["admin", "/sites/add"],
    ["admin", "/sites/sby/edit"],
    ["admin", "/sites/sby/remove"],
    ["admin", "/notifications/link"],
    ["admin", "/notifications/add"],
    ["admin", "/notifications/r1/disable"],
    ["admin", "/notifications/r2/enable"],
    ["admin", "/notifications/r1/remove"],
  ] as const;

  it("a viewer reads everything and changes nothing; an operator nothing of the admin's", async () => {
    const panel = await createPanelUnderTest();
    fillWorld(panel.source);
    const viewer = await loggedIn(panel, "viewer");
    const operator = await loggedIn(panel, "operator");
    for (const path of [
      "/",
      "/servers",
      "/servers/sby-1",
      "/incidents",
      "/incidents/i42",
      "/sites",
      "/sites/sby",
      "/maintenance",
      "/notifications",
      "/system",
    ])
      expect((await viewer.get(path)).status, path).toBe(200);
    for (const [needed, path] of changing) {
      expect((await viewer.post(path, {}, "/")).status, `viewer ${path}`).toBe(403);
      if (needed === "admin")
        expect((await operator.post(path, {}, "/")).status, `operator ${path}`).toBe(403);
    }
    expect(panel.source.calls).toEqual([]);
    panel.close();
  });

  it("nobody sees a button that would be refused", async () => {
    const panel = await createPanelUnderTest();
    fillWorld(panel.source);
    const viewer = await loggedIn(panel, "viewer");
    for (const path of [
      "/",
      "/servers/sby-1",
      "/incidents/i42",
      "/sites/sby",
      "/maintenance",
      "/notifications",
    ]) {
      const html = await viewer.html(path);
      const targets = [...html.matchAll(/(?:formaction|action)="([^"]+)"/g)].map(([, target]) => target);
      expect(
        targets.filter(
          (target) => !["/language", "/logout", "/servers", "/incidents"].includes(target ?? ""),
        ),
        path,
      ).toEqual([]);
    }
    panel.close();
  });

  it("every page and every change needs a login", async () => {
    const panel = await createPanelUnderTest();
    fillWorld(panel.source);
    for (const { method, path } of panel.app.routes) {
      if (method === "ALL" || path.includes("*")) continue;
      if (
        ["/healthz", "/readyz", "/assets/:file", "/login", "/logout", "/language", "/setup/:token"].includes(
          path,
        )
      )
        continue;
      const response = await panel.app.request(path.replace(":id", "sby-1"), {
        method,
        headers: { "sec-fetch-site": "same-origin" },
      });
      const open = path === "/live" ? response.status === 204 : [303, 401].includes(response.status);
      expect(open, `${method} ${path} → ${response.status}`).toBe(true);
    }
    expect(panel.source.calls).toEqual([]);
    panel.close();
  });
});
