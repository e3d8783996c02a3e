/**
 * What is done about an incident on its page and on cards: taken, checked, quieted, announced; and what the page says of it.
 * Must not: judge how a page looks; the browser tests and eyes do.
 */
import { describe, expect, it } from "vitest";
import { loggedIn } from "./panel-under-test.ts";
import { panelsPerTest, readable } from "./panels.ts";
import { fillTelling } from "./telling-world.ts";
import { fillTroubles } from "./troubled-world.ts";
import { makeProbe, START_MS } from "./view-samples.ts";
import { fillWorld } from "./world.ts";

const panelUnderTest = panelsPerTest();

async function world(role: "viewer" | "operator" | "admin" = "operator", language: "id" | "en" = "id") {
  const panel = await panelUnderTest();
  fillWorld(panel.source);
  fillTroubles(panel.source);
  return { panel, visitor: await loggedIn(panel, role, language) };
}
const said = (html: string) =>
  readable(html)
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ ([.,;:!?)])/g, "$1");

describe("quiet", () => {
  it("for an hour, until seven where the incident is, until it recovers; then it can be ended", async () => {
    const { panel, visitor } = await world();
    const press = async (id: string, until: string) => {
      const answer = await visitor.post(`/incidents/${id}/quiet/${until}`, { back: "/" }, "/");
      const { incident } = (await panel.source.incident(id))!;
      return [answer.headers.get("location"), incident.quiet?.untilMs];
    };
    expect(await press("i42", "hour")).toEqual(["/?done=quieted", START_MS + 3_600_000]);
    expect(await press("i42", "end")).toEqual(["/?done=unquieted", undefined]);
    // It is 10.00 in Jakarta and 11.00 in Makassar: seven is tomorrow in both, an hour earlier in Makassar.
    expect(await press("i42", "morning")).toEqual(["/?done=quieted", Date.UTC(2026, 10, 23, 0)]);
    expect(await press("i41", "morning")).toEqual(["/?done=quieted", Date.UTC(2026, 10, 22, 23)]);
    expect(await press("i50", "recovered")).toEqual(["/?done=quieted", null]);
    expect((await visitor.post("/incidents/i42/quiet/forever", {}, "/")).status).toBe(404);
    expect((await visitor.post("/incidents/i3/quiet/hour", {}, "/")).status).toBe(409);
    const card = said(await visitor.html("/"));
    expect(card).toContain("Tenang sampai 23 Nov, 07.00, diminta operator-id");
    expect(card).toContain("Tenang sampai pulih, diminta operator-id");
    // One button ends it; the three that begin it are gone.
    const html = await visitor.html("/incidents/i42");
    expect(html).toContain('formaction="/incidents/i42/quiet/end"');
    expect(html).not.toContain('formaction="/incidents/i42/quiet/hour"');
  });
});

describe("a check", () => {
  it("is written down and shown, and a branch's servers are told by their names", async () => {
    const { panel, visitor } = await world();
    const address = panel.source.server("bdg-1")!.address!;
    panel.source.setProbes([
      makeProbe({ target: address, verdict: "dead", detail: "timeout", roundTripMs: null }),
      makeProbe({
        kind: "banner",
        target: `${address}:22`,
        verdict: "dead",
        detail: "refused",
        roundTripMs: null,
      }),
      makeProbe({ target: "10.99.99.99" }),
    ]);
    const checked = await visitor.post("/incidents/i50/check", { back: "/" }, "/");
    expect(checked.headers.get("location")).toBe("/incidents/i50?done=checked");
    const page = said(await visitor.html("/incidents/i50"));
    expect(page).toContain("Diperiksa oleh operator-id 22 Nov, 10.00");
    expect(page).toContain(`bdg-kasir-1: Ping dari kolektor ke ${address}: tidak menjawab`);
    expect(page).toContain(`bdg-kasir-1: Sapaan layanan dari kolektor ke ${address}:22: tidak menjawab`);
    expect(page).toMatch(/[^:] Ping dari kolektor ke 10\.99\.99\.99: menjawab/);
    expect(page).toContain("operator-id memeriksa lagi: tidak menjawab.");
    panel.source.setProbes([]);
    await visitor.post("/incidents/i42/check", {}, "/");
    expect(said(await visitor.html("/incidents/i42"))).toContain(
      "Tidak ada yang bisa ditanya: alamatnya belum diisi.",
    );
  });

  it("of one that is over, or by a viewer, is refused", async () => {
    const { visitor } = await world();
    const over = await visitor.post("/incidents/i3/check", {}, "/");
    expect([over.status, said(await over.text())]).toEqual([
      409,
      expect.stringContaining("Insiden ini sudah ditutup."),
    ]);
    const reader = await world("viewer");
    expect((await reader.visitor.post("/incidents/i42/check", {}, "/")).status).toBe(403);
    for (const path of ["/", "/incidents/i42"])
      expect(await reader.visitor.html(path)).not.toMatch(/formaction="\/incidents|\/announce"/);
  });
});

describe("an announcement", () => {
  it("is shown word for word with those who get it, sent by a button, and its end after it", async () => {
    const { panel, visitor } = await world();
    const text = "Gangguan di Cabang Surabaya Darmo sejak 09.48.\nSedang ditangani <IT>.";
    panel.source.setAnnouncement({
      to: [{ recipientId: "r6", name: "Warga Darmo", channel: "telegram", language: "id" }],
      texts: [{ language: "id", text }],
    });
    const path = "/incidents/i42/announce";
    expect(await visitor.html("/")).toContain(`href="${path}"`);
    const html = await visitor.html(path);
    expect(html).toContain(
      `<blockquote class="note" lang="id">${text.replace("<IT>", "&lt;IT&gt;")}</blockquote>`,
    );
    expect(said(html)).toContain("Dikirim ke Warga Darmo Telegram · Bahasa Indonesia");
    const sent = await visitor.post(path, {}, path);
    expect(sent.headers.get("location")).toBe("/incidents/i42?done=announced");
    const page = await visitor.html("/incidents/i42");
    expect(said(page)).toContain("Diumumkan ke pengguna oleh operator-id, 22 Nov, 10.00");
    expect(said(page)).toContain("operator-id mengumumkannya ke pengguna.");
    expect(page).toContain(`href="${path}?over=1"`);
    expect(said(await visitor.html(path))).toContain("Sudah diumumkan oleh operator-id, 22 Nov, 10.00.");
    expect((await visitor.post(path, {}, `${path}?over=1`)).status).toBe(409);
    expect((await visitor.post(path, { over: "1" }, `${path}?over=1`)).status).toBe(303);
    const after = await visitor.html("/incidents/i42");
    expect(said(after)).toContain("Pulihnya diumumkan ke pengguna, 22 Nov, 10.00");
    expect(after).not.toContain("/announce");
    expect(said(await visitor.html(`${path}?over=1`))).toContain("Akhirnya sudah diumumkan");
  });

  it("without anybody to tell says so and how to have somebody; of what was never announced there is no end", async () => {
    const { visitor } = await world("admin");
    const html = await visitor.html("/incidents/i42/announce");
    expect(said(html)).toContain("Belum ada obrolan pengguna untuk cabang ini.");
    expect(html).toContain('href="/notifications/add"');
    expect(html).not.toContain('action="/incidents/i42/announce"');
    expect((await visitor.post("/incidents/i42/announce", {}, "/")).status).toBe(409);
    expect(said(await visitor.html("/incidents/i42/announce?over=1"))).toContain("belum pernah diumumkan");
    expect((await visitor.get("/incidents/i3/announce")).status).toBe(409);
    const reader = await world("viewer");
    expect((await reader.visitor.get("/incidents/i42/announce")).status).toBe(403);
  });
});

describe("the page of an incident", () => {
  it.each([
    [
      "id",
      [
        "budi minta tenang sampai 22 Nov, 11.00.",
        "budi minta tenang sampai pulih.",
        "budi mengakhiri tenang.",
        "sari memeriksa lagi: tidak menjawab.",
        "sari mengumumkannya ke pengguna.",
        "sari mengumumkan ke pengguna bahwa sudah pulih.",
        "Pulihnya diumumkan ke pengguna.",
        "09.53.21 · belum ada yang menangani, giliran berikutnya",
        "Telegram · pesan diperbarui",
        "isinya berubah",
      ],
    ],
    [
      "en",
      [
        "budi asked for quiet until 22 Nov, 11:00.",
        "budi asked for quiet until it has recovered.",
        "budi ended the quiet.",
        "sari checked again: no answer.",
        "sari announced it to the users.",
        "sari announced to the users that it is over.",
        "The recovery was announced to the users.",
        "nobody is handling it, so the next are told",
        "Telegram · message updated",
        "what it says has changed",
      ],
    ],
  ] as const)("tells each thing that was done in a sentence, in %s", async (language, sentences) => {
    const { panel, visitor } = await world("viewer", language);
    await fillTelling(panel.source);
    const page = said(await visitor.html("/incidents/i42"));
    for (const sentence of sentences) expect(page).toContain(sentence);
  });

  it("of the collector's own trouble offers neither a check nor an announcement", async () => {
    const { panel, visitor } = await world();
    const detail = (await panel.source.incident("i31"))!;
    panel.source.setIncident({ ...detail, incident: { ...detail.incident, endedAtMs: null } });
    const html = await visitor.html("/incidents/i31");
    expect(html).toContain('formaction="/incidents/i31/acknowledge"');
    expect(html).toContain('formaction="/incidents/i31/quiet/hour"');
    expect(html).not.toMatch(/\/incidents\/i31\/(?:check|announce)/);
    expect((await visitor.post("/incidents/i31/check", {}, "/")).status).toBe(409);
  });
});
