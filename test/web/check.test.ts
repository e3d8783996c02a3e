/**
 * The service check of a ping-only server in the forms: typed, tried, kept, refused; and the parent beside it.
 */
import { describe, expect, it } from "vitest";
import { loggedIn } from "./panel-under-test.ts";
import { panelsPerTest, readable } from "./panels.ts";
import { makeProbe, makeServer } from "./view-samples.ts";

const panelUnderTest = panelsPerTest();

describe("a service check", () => {
  const router = {
    name: "Router",
    siteId: "",
    mode: "ping",
    address: "10.0.9.1",
    probePorts: "",
    downAfterSeconds: "",
    tags: "",
    latitude: "",
    longitude: "",
    parentId: "",
    checkType: "http",
    checkPort: "",
    checkUrl: "http://10.0.9.1:8080/masuk",
    checkExpectedStatus: "200",
    checkExpectedText: "Selamat datang",
  };

  it("is typed when a ping-only server is added, tried with it, and kept", async () => {
    const panel = await panelUnderTest();
    const visitor = await loggedIn(panel, "operator");
    panel.source.setProbes([
      makeProbe(),
      makeProbe({ kind: "http", target: "10.0.9.1:8080", detail: "text_missing", asExpected: false }),
    ]);
    const tried = await (await visitor.post("/servers/add/try", router, "/servers/add")).text();
    expect(readable(tried)).toContain("layanannya tidak bekerja sebagaimana diharapkan");
    expect(readable(tried)).toContain("teks yang diharapkan tidak ada");
    expect(tried).toContain('value="http://10.0.9.1:8080/masuk"');
    const check = {
      type: "http",
      url: "http://10.0.9.1:8080/masuk",
      expectedStatus: 200,
      expectedText: "Selamat datang",
    };
    expect(panel.source.tried.input).toMatchObject({ address: "10.0.9.1", probePorts: [], check });
    await visitor.post("/servers/add/ping", router, "/servers/add");
    expect(panel.source.server("s0001")).toMatchObject({ mode: "ping", check });
  });

  it("is changed and tried on the edit page, and leaves with the choice of an agent", async () => {
    const panel = await panelUnderTest();
    const visitor = await loggedIn(panel, "operator");
    await visitor.post("/servers/add/ping", router, "/servers/add");
    const path = "/servers/s0001/edit";
    expect(await visitor.html(path)).toContain('<option value="http" selected="">');
    const tcp = { ...router, checkType: "tcp", checkPort: "8291" };
    panel.source.setProbes([makeProbe({ kind: "tcp", detail: "connected", asExpected: true })]);
    const tried = await (await visitor.post("/servers/s0001/try", tcp, path)).text();
    expect(readable(tried)).toContain("Ada jawaban: server ini bisa dipantau.");
    expect(readable(tried)).toContain("sesuai harapan");
    expect(panel.source.server("s0001")).toMatchObject({ check: { type: "http" } });
    await visitor.post(path, tcp, path);
    expect(panel.source.server("s0001")?.check).toEqual({ type: "tcp", port: 8291 });
    await visitor.post(path, { ...tcp, mode: "agent" }, path);
    expect(panel.source.server("s0001")).toMatchObject({ mode: "agent", check: null });
  });

  it("that can not be asked is refused beside its field, and keeps what was typed", async () => {
    const panel = await panelUnderTest();
    const visitor = await loggedIn(panel, "operator");
    const wrong = async (change: Record<string, string>) => {
      const answer = await visitor.post("/servers/add/ping", { ...router, ...change }, "/servers/add");
      expect(answer.status).toBe(422);
      return answer.text();
    };
    expect(await wrong({ checkType: "tcp", checkPort: "0" })).toContain("Port layanan: nomor port 1–65535");
    expect(await wrong({ checkType: "tcp", checkPort: "" })).toContain('href="#checkPort"');
    expect(await wrong({ checkExpectedStatus: "99" })).toContain("Status yang diharapkan: angka 100–599");
    expect(await wrong({ checkExpectedText: "x".repeat(201) })).toContain("paling panjang 200 huruf");
    expect(await wrong({ checkType: "icmp" })).toContain("Pemeriksaan layanan: pilihan tidak dikenal");
    for (const checkUrl of ["", "ftp://a/b", "//a", "http://u:p@a/", "http://a b/", "javascript:alert(1)"])
      expect(await wrong({ checkUrl }), checkUrl).toContain("Alamat halaman: alamat lengkap");
    expect(panel.source.servers()).toEqual([]);
  });

  it("a circle of parents is refused beside the field", async () => {
    const panel = await panelUnderTest();
    panel.source.setServer(makeServer({ id: "a", name: "hub" }));
    panel.source.setServer(makeServer({ id: "b", name: "vm", parentId: "a" }));
    const visitor = await loggedIn(panel, "operator");
    const html = await visitor.html("/servers/a/edit");
    // Only itself is not offered; the collector knows chains.
    expect(html).not.toContain('<option value="a"');
    const answer = await visitor.post(
      "/servers/a/edit",
      { ...router, name: "hub", mode: "agent", checkType: "", parentId: "b" },
      "/servers/a/edit",
    );
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain("Bergantung pada: Server itu sendiri bergantung pada server ini");
  });
});
