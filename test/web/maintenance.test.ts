/**
 * Maintenance windows on their page: planned in the time of their place, ended, removed, refused.
 */
import { describe, expect, it } from "vitest";
import { loggedIn } from "./panel-under-test.ts";
import { panelsPerTest, readable } from "./panels.ts";
import { makeMaintenance, START_MS } from "./view-samples.ts";
import { fillWorld } from "./world.ts";

const panelUnderTest = panelsPerTest();

describe("maintenance", () => {
  const hour = 3_600_000;
  const world = async (role: "viewer" | "operator" = "operator") => {
    const panel = await panelUnderTest();
    fillWorld(panel.source);
    return { panel, visitor: await loggedIn(panel, role) };
  };
  const field = (html: string, name: string) =>
    new RegExp(`id="${name}"[^>]*value="([^"]*)"`).exec(html)?.[1] ?? "";

  it("is planned in the time of its place, and shown in it", async () => {
    const { panel, visitor } = await world();
    const html = await visitor.html("/maintenance?site=jyp");
    // 10.00 in Jakarta is 12.00 in Jayapura; an hour is offered.
    expect([field(html, "startsAt"), field(html, "endsAt")]).toEqual([
      "2026-11-22T12:00",
      "2026-11-22T13:00",
    ]);
    expect(html).toContain('<option value="site:jyp" selected="">');
    const added = await visitor.post(
      "/maintenance/add",
      { scope: "site:jyp", startsAt: "2026-11-22T22:00", endsAt: "2026-11-23T01:30", note: "Ganti UPS" },
      "/maintenance",
    );
    expect(added.headers.get("location")).toBe("/maintenance?done=added");
    expect(panel.source.maintenance()).toMatchObject([
      {
        siteId: "jyp",
        serverId: null,
        startsAtMs: Date.UTC(2026, 10, 22, 13, 0),
        endsAtMs: Date.UTC(2026, 10, 22, 16, 30),
        note: "Ganti UPS",
        createdBy: "operator-id",
      },
    ]);
    const list = readable(await visitor.html("/maintenance")).replaceAll(/\s+/g, " ");
    expect(list).toContain("Akan datang Cabang Jayapura 22 Nov, 22.00 WIT – 23 Nov, 01.30 WIT");
  });

  it("of one server is chosen on its page; of everything it is told above every page", async () => {
    const { panel, visitor } = await world();
    expect(await visitor.html("/servers/mks-1")).toContain('href="/maintenance?server=mks-1"');
    const html = await visitor.html("/maintenance?server=mks-1");
    expect(html).toContain('<option value="server:mks-1" selected="">Server mks-kasir-1</option>');
    expect(field(html, "startsAt")).toBe("2026-11-22T11:00");
    const fields = { startsAt: "2026-11-22T10:00", endsAt: "2026-11-22T11:00", note: "" };
    await visitor.post("/maintenance/add", { scope: "server:mks-1", ...fields }, "/maintenance");
    expect(panel.source.maintenance()).toMatchObject([{ serverId: "mks-1", endsAtMs: START_MS }]);
    expect(await visitor.html("/")).not.toContain("Pemeliharaan untuk semua server");
    await visitor.post("/maintenance/add", { scope: "", ...fields }, "/maintenance");
    expect(readable(await visitor.html("/"))).toContain(
      "Pemeliharaan untuk semua server sampai 22 Nov, 11.00",
    );
    panel.clock.nowMs += hour;
    expect(await visitor.html("/")).not.toContain("Pemeliharaan untuk semua server");
  });

  it("is ended now or removed; what is over stays to be read", async () => {
    const { panel, visitor } = await world();
    panel.source.setMaintenance(makeMaintenance({ id: "m1", siteId: "sby" }));
    panel.source.setMaintenance(
      makeMaintenance({ id: "m2", startsAtMs: START_MS + hour, endsAtMs: START_MS + 2 * hour }),
    );
    const ended = await visitor.post("/maintenance/m1/end", {}, "/maintenance");
    expect(ended.headers.get("location")).toBe("/maintenance?done=ended");
    expect(panel.source.maintenance()[0]).toMatchObject({ id: "m1", endsAtMs: START_MS, createdBy: "budi" });
    expect((await visitor.post("/maintenance/m1/end", {}, "/maintenance")).status).toBe(409);
    expect(readable(await visitor.html("/maintenance"))).toContain("Sudah selesai");
    expect(await visitor.html("/maintenance/m2/remove")).toContain("dikabarkan segera");
    await visitor.post("/maintenance/m2/remove", {}, "/maintenance");
    expect(panel.source.maintenance().map(({ id }) => id)).toEqual(["m1"]);
    expect((await visitor.post("/maintenance/m2/remove", {}, "/maintenance")).status).toBe(404);
  });

  it("says what is wrong beside the field and keeps what was typed", async () => {
    const { panel, visitor } = await world();
    const good = { scope: "", startsAt: "2026-11-22T10:00", endsAt: "2026-11-22T12:00", note: "UPS" };
    const wrong = async (change: Record<string, string>) => {
      const answer = await visitor.post("/maintenance/add", { ...good, ...change }, "/maintenance");
      expect(answer.status).toBe(422);
      const html = await answer.text();
      expect(field(html, "note")).toBe("UPS");
      return readable(html);
    };
    expect(await wrong({ startsAt: "besok" })).toContain("Mulai: tanggal dan jam");
    expect(await wrong({ endsAt: "" })).toContain("Berakhir: tanggal dan jam");
    expect(await wrong({ endsAt: "2026-11-22T09:59" })).toContain("Berakhir: sudah lewat");
    expect(await wrong({ startsAt: "2026-11-22T13:00" })).toContain("Berakhir: Akhirnya harus sesudah");
    expect(await wrong({ endsAt: "2026-12-30T10:00" })).toContain("Berakhir: paling lama 31 hari");
    expect(await wrong({ startsAt: "2028-01-01T10:00", endsAt: "2028-01-01T11:00" })).toContain(
      "Mulai: paling jauh setahun",
    );
    expect(await wrong({ scope: "site:nowhere" })).toContain("Berlaku untuk: Cabang itu sudah tidak ada.");
    expect(panel.source.maintenance()).toEqual([]);
  });

  it("is read by a viewer and changed by an operator", async () => {
    const { panel, visitor } = await world("viewer");
    panel.source.setMaintenance(makeMaintenance({ id: "m1" }));
    const html = await visitor.html("/maintenance");
    expect(readable(html)).toContain("Semua server");
    expect(html).not.toContain("/maintenance/m1/end");
    expect(html).not.toContain('action="/maintenance/add"');
    expect((await visitor.get("/maintenance/m1/remove")).status).toBe(403);
    expect((await visitor.post("/maintenance/m1/end", {}, "/maintenance")).status).toBe(403);
    expect((await visitor.post("/maintenance/add", {}, "/maintenance")).status).toBe(403);
  });
});
