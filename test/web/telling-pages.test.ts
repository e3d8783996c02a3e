/**
 * Notifications, a recipient, routes and drills as pages: what they say, and what their forms do.
 * Must not: judge how a page looks; the browser tests and eyes do.
 */
import { create } from "qrcode";
import { describe, expect, it } from "vitest";
import { en } from "../../web/i18n/en.ts";
import { id } from "../../web/i18n/id.ts";
import { lostWords } from "../../web/parts/recipient-words.ts";
import { loggedIn } from "./panel-under-test.ts";
import { panelsPerTest, readable } from "./panels.ts";
import { fillTelling } from "./telling-world.ts";
import { makeDrillRow, makeRecipient, makeRoute, START_MS } from "./view-samples.ts";
import { fillWorld } from "./world.ts";

const panelUnderTest = panelsPerTest();

async function world(role: "viewer" | "operator" | "admin" = "admin", language: "id" | "en" = "id") {
  const panel = await panelUnderTest();
  fillWorld(panel.source);
  await fillTelling(panel.source);
  return { panel, visitor: await loggedIn(panel, role, language) };
}
/** As a person reads it, each stretch of white space as one. */
const said = (html: string) =>
  readable(html)
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ ([.,;:!?)])/g, "$1");
const valueOf = (html: string, name: string) =>
  new RegExp(`id="${name}"[^>]*value="([^"]*)"`).exec(html)?.[1] ?? "";

describe("how Telegram is", () => {
  it.each(["id", "en"] as const)(
    "is told in words with what to do, and that it heals by itself, in %s",
    async (language) => {
      const { panel, visitor } = await world("viewer", language);
      const texts = language === "id" ? id : en;
      const heals = language === "id" ? "pulih sendiri" : "heals by itself";
      for (const state of ["unauthorized", "other_poller", "unreachable", "failing"] as const) {
        panel.source.setSystem({
          telegram: { state, detail: "409 Conflict", sinceMs: START_MS - 600_000, botUsername: null },
        });
        const html = said(await visitor.html("/notifications"));
        expect(html).toContain(texts.telegram[state]);
        expect(html).toContain(texts.telegramAdvice[state]);
        expect(texts.telegramAdvice[state]).toContain(heals);
        expect(html).toMatch(
          language === "id" ? /sejak 22 Nov, 09\.50 \( ?10 menit\)/ : /since 22 Nov, 09:50 \( ?10 minutes\)/,
        );
      }
      panel.source.setSystem({
        telegram: { state: "ok", detail: null, sinceMs: START_MS - 600_000, botUsername: "detak_bot" },
      });
      expect(said(await visitor.html("/notifications"))).toMatch(
        language === "id"
          ? /berfungsi · @detak_bot · sejak 22 Nov, 09\.50/
          : /working · @detak_bot · since 22 Nov, 09:50/,
      );
    },
  );
});

describe("recipients", () => {
  it("say who they are, what they get, by which routes and when, and how their test went", async () => {
    const { visitor } = await world("viewer");
    const html = said(await visitor.html("/notifications"));
    expect(html).toContain("Budi Santoso Telegram · Staf · Bahasa Indonesia · 771234 aktif");
    expect(html).toContain(
      "kabar singkat · pin peta · papan tersemat · ringkasan tiap hari 07.00 WITA · laporan bulanan · tanpa suara 22.00–05.30 WITA · 2 orang boleh menekan tombol",
    );
    expect(html).toContain("Dikabari oleh rute “Semua insiden”, “Kasir” (setelah 15 menit).");
    expect(html).toContain("Dikabari oleh rute “Semua insiden”, “Kasir” (cadangan).");
    expect(html).toContain("hanya pengumuman untuk Cabang Surabaya Darmo");
    expect(html).toContain("hanya pengumuman untuk semua cabang · dengan token");
    expect(html).toContain("kabar lengkap sebagai JSON · ditandatangani");
    expect(html).toContain("uji sampai dalam 0,8 detik · 09.59.00");
    expect(html).toContain(
      "uji belum sampai setelah 3 percobaan, dicoba lagi · 09.59.00 429 Too Many Requests",
    );
    expect(html).toContain("uji ditolak · 09.59.00 HTTP 410");
    expect(html).toContain("uji tidak pasti sampai");
    expect(html).toContain("Uji terakhir: 1 dari 4 sampai. 22 Nov, 09.59, oleh budi");
  });

  it("whoever cannot be reached stands first, with what to do", async () => {
    const { panel, visitor } = await world("viewer", "en");
    const html = await visitor.html("/notifications");
    expect(/<article[^>]*aria-labelledby="recipient-([^"]+)"/.exec(html)?.[1]).toBe("r2");
    expect(said(html)).toContain(
      "cannot be reached The bot is blocked in this chat. Unblock it in Telegram and write anything to it: this recipient is active again by itself. The channel's words: Forbidden: bot was blocked by the user",
    );
    panel.source.setRecipient(makeRecipient({ id: "r2", name: "Pak Hendra", enabled: false }));
    expect(said(await visitor.html("/notifications"))).toContain("switched off by staff");
  });

  it.each([
    ["Forbidden: bot was blocked by the user", "blocked"],
    ["Forbidden: bot was kicked from the supergroup chat", "kicked"],
    ["Forbidden: bot is not a member of the channel chat", "kicked"],
    ["Bad Request: chat not found", "gone"],
    ["Forbidden: user is deactivated", "gone"],
    ["Bad Request: not enough rights to send text messages to the chat", "rights"],
    ["Bad Request: have no rights to send a message", "rights"],
    ["this chat became another one that is linked already", "twin"],
    ["HTTP 410: the receiver asked not to be sent any more", "refusedByReceiver"],
    ["not an http or https address without a password in it", "address"],
    ["not the address of a topic, like https://ntfy.sh/topic", "address"],
    ["something new", "other"],
  ] as const)("“%s” is said as %s", (reason, words) => {
    expect(lostWords(id, reason)).toBe(id.lost[words]);
    expect(lostWords(en, reason)).toBe(en.lost[words]);
  });

  it("one that no active route tells is marked so", async () => {
    const { panel, visitor } = await world();
    panel.source.setRoute(makeRoute({ enabled: false }));
    panel.source.setRoute(makeRoute({ id: "malam", steps: [{ afterSeconds: 0, to: ["r1"] }] }));
    const html = said(await visitor.html("/notifications"));
    expect(html.match(/Tidak ada rute aktif yang mengabari penerima ini/g)).toHaveLength(4);
  });

  it("all wishes are saved by one form, and it shows them again", async () => {
    const { panel, visitor } = await world();
    const path = "/notifications/r1";
    const fields = {
      name: "Grup IT",
      address: "-1009",
      audience: "staff",
      language: "en",
      detail: "short",
      pin: "1",
      quietFrom: "21:30",
      quietTo: "06.00",
      timeZone: "Asia/Jayapura",
      digestAt: "07:15",
      monthlyReport: "1",
      board: "1",
      allowedPeople: "11, 22",
      siteIds: ["sby"],
    };
    const saved = await visitor.post(path, fields, path);
    expect(saved.headers.get("location")).toBe(`${path}?done=saved`);
    expect(panel.source.recipients().find((one) => one.id === "r1")).toEqual(
      makeRecipient({
        id: "r1",
        name: "Grup IT",
        address: "-1009",
        language: "en",
        detail: "short",
        pin: true,
        quietHours: { fromMinute: 1_290, toMinute: 360 },
        timeZone: "Asia/Jayapura",
        digestMinute: 435,
        monthlyReport: true,
        board: true,
        allowedPeople: ["11", "22"],
      }),
    );
    const html = await visitor.html(path);
    const shown = ["quietFrom", "quietTo", "digestAt", "timeZone", "allowedPeople"].map((name) =>
      valueOf(html, name),
    );
    expect(shown).toEqual(["21:30", "06:00", "07:15", "Asia/Jayapura", "11, 22"]);
    expect(html.match(/<input type="checkbox" name="(?:pin|monthlyReport|board)"[^>]*checked/g)).toHaveLength(
      3,
    );
    // Users have no board and no summary: what was ticked before is not wished for any more.
    await visitor.post(path, { ...fields, audience: "users" }, path);
    expect(panel.source.recipients().find((one) => one.id === "r1")).toMatchObject({
      audience: "users",
      siteIds: ["sby"],
      board: false,
      pin: false,
      digestMinute: null,
      monthlyReport: false,
    });
  });

  it("a wrong wish is named beside its field, and nothing typed is lost", async () => {
    const { panel, visitor } = await world();
    const path = "/notifications/r1";
    const good = { name: "Grup", address: "-1", audience: "staff", language: "id", detail: "full" };
    const wrong = async (change: Record<string, string>) => {
      const answer = await visitor.post(path, { ...good, allowedPeople: "11", ...change }, path);
      expect(answer.status).toBe(422);
      const html = await answer.text();
      expect(valueOf(html, "allowedPeople")).toBe(change.allowedPeople ?? "11");
      return said(html);
    };
    expect(await wrong({ quietFrom: "22:00" })).toContain("Sampai pukul: jam, misalnya 22:00");
    expect(await wrong({ quietFrom: "22:00", quietTo: "22:00" })).toContain(
      "awal dan akhir jam tenang harus berbeda",
    );
    expect(await wrong({ digestAt: "25:00" })).toContain("Ringkasan harian pukul: jam, misalnya 22:00");
    expect(await wrong({ timeZone: "Asia/Ambon" })).toContain("Zona waktu: zona waktu tidak dikenal");
    expect(await wrong({ address: "grup" })).toContain("Alamat: ID obrolan berupa angka");
    expect(await wrong({ allowedPeople: "budi" })).toContain("ID pengguna berupa angka");
    expect(await wrong({ name: "" })).toContain("Nama: wajib diisi");
    expect(await wrong({ address: "771234" })).toContain("Alamat: Alamat ini sudah terdaftar");
    expect(panel.source.recipients().find((one) => one.id === "r1")?.name).toBe("Grup Divisi IT");
  });

  it("a token stays when none is typed, is replaced by one, and goes when that is ticked", async () => {
    const { panel, visitor } = await world();
    await panel.source.saveRecipient("r7", {
      ...panel.source.recipients().find((one) => one.id === "r7")!,
      secret: "tk_lama",
    });
    const path = "/notifications/r7";
    const fields = {
      name: "Kantor",
      address: "https://ntfy.sh/kantor",
      audience: "users",
      language: "en",
      detail: "full",
    };
    await visitor.post(path, { ...fields, token: "" }, path);
    expect(panel.source.secretOf("r7")).toBe("tk_lama");
    expect(await visitor.html(path)).not.toContain("tk_lama");
    await visitor.post(path, { ...fields, token: "tk_baru" }, path);
    expect(panel.source.secretOf("r7")).toBe("tk_baru");
    await visitor.post(path, { ...fields, token: "", tokenRemove: "1" }, path);
    expect(panel.source.secretOf("r7")).toBeNull();
  });

  it("a webhook's key is shown when it is made, and never again", async () => {
    const { panel, visitor } = await world();
    const fields = {
      channel: "webhook",
      address: "https://baru.contoh.id/x",
      name: "Baru",
      language: "id",
      audience: "staff",
    };
    const made = await (await visitor.post("/notifications/add", fields, "/notifications/add")).text();
    const { id: key } = panel.source.recipients().find(({ name }) => name === "Baru")!;
    const secret = panel.source.secretOf(key) ?? "?";
    expect(said(made)).toContain(secret);
    expect(said(made)).toContain("hanya ditampilkan sekali ini");
    const path = `/notifications/${key}`;
    expect(await visitor.html(path)).not.toContain("whsec_");
    expect(await visitor.html("/notifications")).not.toContain("whsec_");
    const renewed = await (await visitor.post(`${path}/secret`, {}, path)).text();
    expect(panel.source.secretOf(key)).not.toBe(secret);
    expect(renewed).toContain(panel.source.secretOf(key));
    expect(await visitor.html(path)).not.toContain("whsec_");
  });

  it("a wrong address says what that channel wants; a topic is added with its token", async () => {
    const { panel, visitor } = await world();
    const add = async (change: Record<string, string>) =>
      visitor.post(
        "/notifications/add",
        { name: "N", language: "id", audience: "staff", ...change },
        "/notifications/add",
      );
    const webhook = await add({ channel: "webhook", address: "10.0.0.1" });
    expect(webhook.status).toBe(422);
    expect(said(await webhook.text())).toContain("Alamat: alamat http atau https yang lengkap");
    expect(said(await (await add({ channel: "ntfy", address: "https://ntfy.sh/" })).text())).toContain(
      "Alamat: alamat satu topik",
    );
    const token = { channel: "ntfy", address: "https://ntfy.sh/jaga", token: "dua kata" };
    expect(said(await (await add(token)).text())).toContain("Token akses ntfy: token tanpa spasi");
    const added = await add({ ...token, token: "tk_1" });
    expect(added.headers.get("location")).toBe("/notifications?done=added");
    const { id: key } = panel.source.recipients().find(({ address }) => address === "https://ntfy.sh/jaga")!;
    expect(panel.source.secretOf(key)).toBe("tk_1");
  });

  it("a code for users carries their sites; its link is there as a QR code that reads as the link", async () => {
    const { panel, visitor } = await world();
    const fields = {
      linkName: "Warga",
      linkLanguage: "id",
      linkAudience: "users",
      linkSiteIds: ["sby", "mdn"],
    };
    const html = await (await visitor.post("/notifications/link", fields, "/notifications/add")).text();
    expect(panel.source.calls).toContain("createLinkCode users sby,mdn");
    const link = /https:\/\/t\.me\/detak_contoh_bot\?start=KODE\d+/.exec(html)?.[0] ?? "";
    const { modules } = create(link, { errorCorrectionLevel: "M" });
    const [, path = ""] = /<path d="([^"]+)" fill="#000"/.exec(html) ?? [];
    const dark = new Set<string>();
    for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
      for (let step = 0; step < Number(length); step += 1) dark.add(`${Number(x) + step} ${Number(y)}`);
    const expected = new Set<string>();
    for (let row = 0; row < modules.size; row += 1)
      for (let column = 0; column < modules.size; column += 1)
        if (modules.get(row, column) === 1) expected.add(`${column + 4} ${row + 4}`);
    expect(dark).toEqual(expected);
    expect(html).toContain(`viewBox="0 0 ${modules.size + 8} ${modules.size + 8}"`);
    // Sites that are ticked and then hidden, because it is for staff, are not wished for.
    await visitor.post("/notifications/link", { ...fields, linkAudience: "staff" }, "/notifications/add");
    expect(panel.source.calls).toContain("createLinkCode staff");
  });

  it("are tested one by one and all at once; the answer to both is the list", async () => {
    const { panel, visitor } = await world();
    const one = await visitor.post("/notifications/r5/drill", {}, "/notifications");
    expect(one.headers.get("location")).toBe("/notifications?done=drilled");
    expect(panel.source.drills().map(({ recipientId }) => recipientId)).toEqual(["r5"]);
    expect(said(await visitor.html("/notifications"))).toContain("uji sedang dikirim… · 10.00.00");
    await visitor.post("/notifications/drill", {}, "/notifications");
    expect(panel.source.drills().map(({ recipientId }) => recipientId)).toEqual(["r1", "r3", "r4", "r5"]);
    panel.source.setDrill([makeDrillRow({ recipientId: "r5", settledAtMs: START_MS - 18_000 })]);
    expect(said(await visitor.html("/notifications/r5"))).toContain("uji sampai dalam 42 detik");
  });

  it("a viewer reads one without a form; an operator too", async () => {
    for (const role of ["viewer", "operator"] as const) {
      const { visitor } = await world(role);
      const html = await visitor.html("/notifications/r3");
      expect(html).not.toContain('action="/notifications/r3"');
      expect(said(html)).toContain("ringkasan tiap hari 07.00 WITA");
      expect(await visitor.html("/notifications")).not.toMatch(/formaction="\/notifications/);
      for (const path of ["/notifications/add", "/notifications/routes/add", "/notifications/routes/malam"])
        expect((await visitor.get(path)).status, path).toBe(403);
      expect((await visitor.post("/notifications/r3", {}, "/")).status).toBe(403);
      expect((await visitor.post("/notifications/drill", {}, "/")).status).toBe(403);
      expect((await visitor.post("/notifications/r4/secret", {}, "/")).status).toBe(403);
    }
  });
});

describe("routes", () => {
  it("are each one sentence", async () => {
    const { visitor } = await world("viewer");
    const html = said(await visitor.html("/notifications"));
    expect(html).toContain(
      "Semua insiden bawaan Semua insiden → semua penerima; ulangi setelah 30 menit, 2 jam, 6 jam, lalu tiap 1 hari.",
    );
    expect(html).toContain(
      "Kasir Server mati, Cabang mati di Cabang Surabaya Darmo atau Cabang Medan Petisah bertanda kasir → Grup Divisi IT; bila 15 menit belum ditangani → Budi Santoso, Sistem tiket; bila 1 jam belum ditangani → semua penerima; ulangi tiap 30 menit; bila tidak sampai dalam 5 menit → ntfy jaga.",
    );
    expect(html).toContain(
      "Uji coba nonaktif Semua insiden di Cabang Jayapura → semua penerima; tidak diulang.",
    );
    const english = await world("viewer", "en");
    expect(said(await english.visitor.html("/notifications"))).toContain(
      "Server down, Site down at Cabang Surabaya Darmo or Cabang Medan Petisah tagged kasir → Grup Divisi IT; if nobody handles it within 15 minutes → Budi Santoso, Sistem tiket;",
    );
  });

  it("name few and count the rest; what is gone is said to be gone", async () => {
    const { panel, visitor } = await world("viewer");
    panel.source.setRoute(
      makeRoute({
        id: "malam",
        siteIds: ["sby", "mdn", "mks", "jyp", "bdg", "x", "y"],
        steps: [{ afterSeconds: 0, to: [] }],
        fallbackRecipientIds: ["gone"],
      }),
    );
    expect(said(await visitor.html("/notifications"))).toContain(
      "di Cabang Surabaya Darmo, Cabang Medan Petisah, Cabang Makassar Panakkukang, Cabang Jayapura, Cabang Bandung Dago dan 2 lagi → tidak ada siapa pun;",
    );
    expect(said(await visitor.html("/notifications"))).toContain("→ penerima yang sudah dihapus.");
  });

  it("what no active route takes is warned of above everything", async () => {
    const { panel, visitor } = await world("viewer");
    const html = said(await visitor.html("/notifications"));
    expect(html).toContain("Tidak dikabarkan ke siapa pun: Cabang Bandung Dago, server tanpa cabang.");
    expect(html).toContain(
      "Hanya sebagian dikabarkan: Cabang Makassar Panakkukang, gangguan kolektor sendiri.",
    );
    expect(html.indexOf("Tidak dikabarkan")).toBeLessThan(html.indexOf("Penerima Uji"));
    panel.source.setUntold([]);
    expect(said(await visitor.html("/notifications"))).not.toMatch(/Tidak dikabarkan|Hanya sebagian/);
    // With every route off nobody is told of anything: that stands above every page.
    for (const route of panel.source.routes()) panel.source.setRoute({ ...route, enabled: false });
    expect(said(await visitor.html("/servers"))).toContain(
      "Semua rute dinonaktifkan: server mati tidak akan dikabarkan",
    );
  });

  it("a company whose only chats are of users tells nobody of an outage, and says so above every page", async () => {
    const panel = await panelUnderTest();
    fillWorld(panel.source);
    const visitor = await loggedIn(panel, "viewer");
    const warning = "Belum ada penerima notifikasi: server mati tidak akan dikabarkan ke siapa pun.";
    expect(said(await visitor.html("/servers"))).not.toContain(warning);
    for (const { id } of panel.source.recipients())
      panel.source.setRecipient(makeRecipient({ id, audience: "users" }));
    expect(said(await visitor.html("/servers"))).toContain(warning);
  });

  it("one is made from the form: rows that nobody filled in are no steps", async () => {
    const { panel, visitor } = await world();
    const path = "/notifications/routes/add";
    expect(await visitor.html(path)).toContain('name="step4After"');
    const fields = {
      name: "Jaga malam",
      kinds: ["host_down", "site_down"],
      siteIds: ["jyp"],
      tags: "kasir, windows",
      step1To: ["r1", "r4"],
      step2After: "15",
      step2To: "r3",
      step3After: "45",
      step3Everyone: "1",
      step3To: "r3",
      step4After: "",
      repeats: "30, 120",
      fallbackRecipientIds: "r5",
    };
    const added = await visitor.post(path, fields, path);
    expect(added.headers.get("location")).toBe("/notifications?done=added");
    const route = panel.source.routes().find(({ name }) => name === "Jaga malam")!;
    expect(route).toMatchObject({
      enabled: true,
      kinds: ["host_down", "site_down"],
      siteIds: ["jyp"],
      tags: ["kasir", "windows"],
      steps: [
        { afterSeconds: 0, to: ["r1", "r4"] },
        { afterSeconds: 900, to: ["r3"] },
        { afterSeconds: 2_700, to: "everyone" },
      ],
      repeatSeconds: [1_800, 7_200],
      fallbackRecipientIds: ["r5"],
    });
    // Its own page shows it so that saving it changes nothing.
    const own = `/notifications/routes/${route.id}`;
    const html = await visitor.html(own);
    expect([valueOf(html, "step2After"), valueOf(html, "step3After"), valueOf(html, "repeats")]).toEqual([
      "15",
      "45",
      "30, 120",
    ]);
    expect(html.match(/<details class="step" open/g)).toHaveLength(2);
    await visitor.post(own, { ...fields, step1To: [], step1Everyone: "1", step2After: "", step2To: [] }, own);
    expect(panel.source.routes().find((one) => one.id === route.id)?.steps).toEqual([
      { afterSeconds: 0, to: "everyone" },
      { afterSeconds: 2_700, to: "everyone" },
    ]);
  });

  it("a wrong one keeps what was typed and says what is wrong", async () => {
    const { panel, visitor } = await world();
    const path = "/notifications/routes/malam";
    const good = { name: "Kasir", step1Everyone: "1", repeats: "", tags: "kasir" };
    const wrong = async (change: Record<string, string>) => {
      const answer = await visitor.post(path, { ...good, ...change }, path);
      expect(answer.status).toBe(422);
      const html = await answer.text();
      expect(valueOf(html, "tags")).toBe("kasir");
      return said(html);
    };
    expect(
      await wrong({ step2After: "30", step2Everyone: "1", step3After: "15", step3Everyone: "1" }),
    ).toContain(
      "Siapa, dan kapan: Langkah pertama harus segera, dan menit langkah berikutnya tidak boleh mundur.",
    );
    expect(await wrong({ step1Everyone: "", step2After: "30" })).toContain(
      "Siapa, dan kapan: pilih paling sedikit satu penerima",
    );
    expect(await wrong({ step2After: "setengah", step2Everyone: "1" })).toContain(
      "Siapa, dan kapan: harus berupa angka",
    );
    expect(await wrong({ step2Everyone: "1", step2After: "" })).toContain(
      "Siapa, dan kapan: harus berupa angka",
    );
    expect(await wrong({ repeats: "30, x" })).toContain("Ulangi setelah (menit): harus berupa angka");
    expect(await wrong({ repeats: "0" })).toContain("Ulangi setelah (menit): paling sedikit 1 menit");
    expect(await wrong({ name: "" })).toContain("Nama: wajib diisi");
    expect(panel.source.routes().find((one) => one.id === "malam")?.name).toBe("Kasir");
  });

  it("are switched off and on; the default one is not removed, another only after a page in between", async () => {
    const { panel, visitor } = await world();
    const enabled = (key: string) => panel.source.routes().find((one) => one.id === key)?.enabled;
    const off = await visitor.post("/notifications/routes/default/disable", {}, "/notifications");
    expect(off.headers.get("location")).toBe("/notifications?done=routeDisabled");
    expect(enabled("default")).toBe(false);
    await visitor.post("/notifications/routes/default/enable", {}, "/notifications");
    expect(enabled("default")).toBe(true);
    const html = await visitor.html("/notifications/routes/default");
    expect(html).not.toContain("/notifications/routes/default/remove");
    expect(said(html)).toContain("Rute bawaan bisa dinonaktifkan, tidak bisa dihapus.");
    expect((await visitor.get("/notifications/routes/default/remove")).status).toBe(409);
    expect((await visitor.post("/notifications/routes/default/remove", {}, "/")).status).toBe(409);
    expect(enabled("default")).toBe(true);
    expect(said(await visitor.html("/notifications/routes/malam/remove"))).toContain(
      "→ Grup Divisi IT; bila 15 menit",
    );
    const removed = await visitor.post(
      "/notifications/routes/malam/remove",
      {},
      "/notifications/routes/malam/remove",
    );
    expect(removed.headers.get("location")).toBe("/notifications?done=removed");
    expect(enabled("malam")).toBeUndefined();
    expect((await visitor.get("/notifications/routes/malam")).status).toBe(404);
  });
});
