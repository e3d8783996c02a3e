/**
 * Who is told, in a real Chromium: alive, by keyboard, on a phone, and without script.
 * Why apart from browser.test.ts: that looks at every page; this goes through what an admin and an operator do.
 * Must not: reach anything but loopback, or wait for a fixed time.
 */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAs, startBrowser } from "./browser.ts";
import { servePanel, type ServedPanel } from "./served-panel.ts";
import { fillTelling } from "./telling-world.ts";
import { makeDrillRow, makeRecipient, START_MS } from "./view-samples.ts";
import { fillWorld } from "./world.ts";

let panel: ServedPanel;
let browser: Browser;

beforeAll(async () => {
  panel = await servePanel();
  fillWorld(panel.source);
  await fillTelling(panel.source);
  await panel.addUser("budi", "admin");
  browser = await startBrowser();
}, 120_000);

afterAll(async () => {
  await browser.close();
  await panel.stop();
  expect(panel.errors).toEqual([]);
});

const openPage = (options: BrowserContextOptions = {}) => openAs(browser, panel, options);
const closeOf = (page: Page) => page.context().close();

describe("the list of recipients", () => {
  it(
    "shows how a test goes, within a second, and the chat that a code links",
    { timeout: 60_000 },
    async () => {
      const page = await openPage({ viewport: { width: 360, height: 800 } });
      await page.goto(`${panel.url}/notifications`);
      await page.getByRole("button", { name: "Kirim uji: ntfy jaga" }).click();
      await page.waitForURL(/done=drilled/);
      await page.waitForSelector('html[data-live-state="on"]');
      await page.getByText("uji sedang dikirim…").waitFor();
      const fromMs = performance.now();
      panel.source.setDrill([
        makeDrillRow({ recipientId: "r5", queuedAtMs: START_MS, settledAtMs: START_MS + 1_400 }),
      ]);
      await page.getByText("uji sampai dalam 1,4 detik").waitFor();
      expect(performance.now() - fromMs).toBeLessThan(1_000);

      await page.goto(`${panel.url}/notifications/add`);
      await page.fill("#linkName", "Grup Baru");
      await page.getByRole("button", { name: "Buat kode" }).click();
      await page.getByRole("img", { name: "Kode QR dari tautan itu" }).waitFor();
      await page.waitForSelector('html[data-live-state="on"]');
      panel.source.setRecipient(makeRecipient({ id: "r9", name: "Grup Baru", address: "-100999" }));
      await page.getByRole("heading", { name: "Grup Baru" }).waitFor();
      await panel.source.removeRecipient("r9");
      await closeOf(page);
    },
  );
});

describe("the forms", () => {
  for (const javaScriptEnabled of [true, false])
    it(
      `show only what the choice needs, and save it, ${javaScriptEnabled ? "with" : "without"} script`,
      { timeout: 60_000 },
      async () => {
        const page = await openPage({ javaScriptEnabled, viewport: { width: 360, height: 800 } });
        await page.goto(`${panel.url}/notifications/r3`);
        expect(await page.getByLabel("Cabang Jayapura").isVisible()).toBe(false);
        expect(await page.locator("#digestAt").isVisible()).toBe(true);
        await page.selectOption("#audience", "users");
        expect(await page.getByLabel("Cabang Jayapura").isVisible()).toBe(true);
        expect(await page.locator("#digestAt").isVisible()).toBe(false);
        await page.selectOption("#audience", "staff");
        await page.fill("#quietFrom", "20:15");
        await page.getByRole("button", { name: "Simpan" }).click();
        await page.getByText("Tersimpan.").waitFor();
        expect(await page.inputValue("#quietFrom")).toBe("20:15");

        await page.goto(`${panel.url}/notifications/routes/add`);
        const first = page.locator(".step").first();
        expect(await first.getByLabel("Budi Santoso").isVisible()).toBe(false);
        await first.getByLabel("Semua penerima untuk staf").uncheck();
        await first.getByLabel("Budi Santoso").check();
        // The next step unfolds with the keyboard.
        await page.locator("summary", { hasText: "Langkah 2" }).press("Enter");
        await page.fill("#step2After", "20");
        await page.locator(".step").nth(1).getByLabel("Semua penerima untuk staf").check();
        await page.fill("#name", `Rute ${String(javaScriptEnabled)}`);
        await page.getByRole("button", { name: "Simpan" }).click();
        await page
          .getByText("Semua insiden → Budi Santoso; bila 20 menit belum ditangani → semua penerima;")
          .first()
          .waitFor();
        await closeOf(page);
      },
    );
});

describe("an incident on a phone", () => {
  it("is quieted, checked and announced by keyboard and without script", { timeout: 60_000 }, async () => {
    const page = await openPage({ javaScriptEnabled: false, viewport: { width: 360, height: 800 } });
    await page
      .getByRole("button", { name: "Tenangkan sampai 07.00: mks-berkas · Agen berhenti" })
      .press("Enter");
    await page.getByText("Tenang sampai 23 Nov, 07.00, diminta budi").waitFor();
    await page.getByRole("button", { name: "Periksa lagi: mks-berkas · Agen berhenti" }).press("Enter");
    await page.getByText("Diperiksa oleh budi").waitFor();
    await page.getByRole("link", { name: "Umumkan ke pengguna…" }).press("Enter");
    await page.getByText("Divisi IT sudah tahu dan sedang menanganinya.").waitFor();
    await page.getByRole("button", { name: "Kirim pengumuman" }).press("Enter");
    await page.getByText("Pengumuman sedang dikirim.").waitFor();
    expect((await panel.source.incident("i41"))?.incident).toMatchObject({
      quiet: { by: "budi", untilMs: Date.UTC(2026, 10, 22, 23) },
      checked: { by: "budi" },
      announcement: { by: "budi", overAtMs: null },
    });
    await closeOf(page);
  });
});
