/**
 * The panel in a real Chromium: accessible, legible on a phone, alive, usable by keyboard and without script.
 * Must not: reach anything but loopback, or wait for a fixed time.
 */
import AxeBuilder from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAs, startBrowser } from "./browser.ts";
import { makeServer, START_MS } from "./view-samples.ts";
import { servePanel, type ServedPanel } from "./served-panel.ts";
import { fillTelling } from "./telling-world.ts";
import { fillTroubles } from "./troubled-world.ts";
import { fillWorld } from "./world.ts";

const pages = [
  "/",
  "/?kiosk",
  "/servers",
  "/servers/add",
  "/servers/sby-1",
  "/servers/sby-1/edit",
  "/servers/sby-1/remove",
  "/incidents",
  "/incidents/i42",
  "/sites",
  "/sites/sby",
  "/sites/sby/edit",
  "/sites/bdg",
  "/servers/jkt-01",
  "/servers/jkt-03",
  "/servers/jyp-4",
  "/servers/jyp-4/edit",
  "/servers?q=jkt",
  "/incidents/i30",
  "/incidents/i50",
  "/incidents/i51",
  "/maintenance",
  "/maintenance/m2/remove",
  "/notifications",
  "/notifications/add",
  "/notifications/r3",
  "/notifications/r4",
  "/notifications/r6",
  "/notifications/r7",
  "/notifications/routes/add",
  "/notifications/routes/malam",
  "/incidents/i41/announce",
  "/incidents/i42/announce?over=1",
  "/system",
  "/nowhere",
];

let panel: ServedPanel;
/** The same with everything that can be wrong: what pages look like at their worst. */
let troubled: ServedPanel;
let browser: Browser;

beforeAll(async () => {
  panel = await servePanel();
  fillWorld(panel.source);
  troubled = await servePanel();
  fillWorld(troubled.source);
  fillTroubles(troubled.source);
  await fillTelling(troubled.source);
  for (const served of [panel, troubled]) await served.addUser("budi", "admin");
  browser = await startBrowser();
}, 120_000);

afterAll(async () => {
  await browser.close();
  for (const served of [panel, troubled]) {
    await served.stop();
    expect(served.errors).toEqual([]);
  }
});

/** A browser of its own in which budi has logged in by the form. */
const openPage = (options: BrowserContextOptions = {}, served = panel) => openAs(browser, served, options);

const closeOf = (page: Page) => page.context().close();

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page })
    // There are no frames; without this each analysis opens another page, which takes a second.
    .setLegacyMode(true)
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  return found.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ""}`).join(" | ")}`,
  );
}

describe("every page", () => {
  for (const colorScheme of ["light", "dark"] as const)
    for (const width of [1280, 360])
      it(
        `breaks no rule of accessibility and never scrolls sideways, ${colorScheme}, ${width} wide`,
        { timeout: 240_000 },
        async () => {
          const page = await openPage({ colorScheme, viewport: { width, height: 800 } }, troubled);
          const problems: string[] = [];
          for (const path of pages) {
            await page.goto(troubled.url + path);
            problems.push(...(await violations(page)).map((problem) => `${path}: ${problem}`));
            const overflow = await page.evaluate(
              "document.documentElement.scrollWidth - document.documentElement.clientWidth",
            );
            if (Number(overflow) > 0) problems.push(`${path}: ${String(overflow)} px too wide`);
          }
          expect(problems).toEqual([]);
          await closeOf(page);
        },
      );

  it("of the gate is accessible too", { timeout: 60_000 }, async () => {
    const context = await browser.newContext({ viewport: { width: 360, height: 640 } });
    const page = await context.newPage();
    for (const path of ["/login", "/setup/salah"]) {
      await page.goto(panel.url + path);
      expect(await violations(page), path).toEqual([]);
    }
    await context.close();
  });

  it(
    "loads nothing from elsewhere and breaks no rule of the content policy",
    { timeout: 60_000 },
    async () => {
      const page = await openPage({}, troubled);
      const complaints: string[] = [];
      page.on("console", (message) => {
        // A page that is not there says so in the console, which is right.
        if (message.type() === "error" && !message.text().includes("404")) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("request", (request) => {
        if (!request.url().startsWith(troubled.url)) complaints.push(request.url());
      });
      for (const path of pages) await page.goto(troubled.url + path);
      expect(complaints).toEqual([]);
      await closeOf(page);
    },
  );
});

describe("an open page", () => {
  it("shows a change within a second, and keeps the focus", { timeout: 60_000 }, async () => {
    const page = await openPage();
    await page.waitForSelector('html[data-live-state="on"]');
    await page.focus('[data-focus="/incidents/i42/acknowledge"]');
    const before = panel.source.server("bdg-2")!;
    const seen = page.waitForSelector('.tile[title="bdg-kasir-2: mati"]');
    const fromMs = performance.now();
    panel.source.setServer({ ...before, status: "down", statusSinceMs: START_MS });
    await seen;
    expect(performance.now() - fromMs).toBeLessThan(1_000);
    expect(await page.textContent("h1")).toContain("4 cabang bermasalah");
    expect(await page.evaluate("document.activeElement.dataset.focus")).toBe("/incidents/i42/acknowledge");
    panel.source.setServer(before);
    await closeOf(page);
  });

  it("shows a lost connection, heals it and misses nothing", { timeout: 60_000 }, async () => {
    const page = await openPage();
    await page.waitForSelector('html[data-live-state="on"]');
    await page.context().setOffline(true);
    panel.cut();
    await page.waitForSelector('html[data-live-state="lost"]');
    expect(await page.textContent(".lost-strip")).toContain("Halaman ini tidak diperbarui");
    const before = panel.source.server("bdg-2")!;
    panel.source.setServer({ ...before, status: "down", statusSinceMs: START_MS });
    await page.context().setOffline(false);
    await page.waitForSelector('html[data-live-state="on"]', { timeout: 40_000 });
    await page.waitForSelector('.tile[title="bdg-kasir-2: mati"]');
    expect((await page.textContent(".lost-strip"))?.trim()).toBe("");
    panel.source.setServer(before);
    await closeOf(page);
  });

  it(
    "turns green by itself when the first heartbeat of a new server comes",
    { timeout: 60_000 },
    async () => {
      const page = await openPage();
      await page.goto(`${panel.url}/servers/add`);
      await page.selectOption("#agentSiteId", "mks");
      await page.click('form[action="/servers/add/agent"] button');
      await page.waitForSelector('html[data-live-state="on"]');
      expect(await page.textContent(".command code")).toContain("detak-agent enroll");
      panel.source.setServer(
        makeServer({
          id: "baru",
          name: "mks-baru",
          siteId: "mks",
          lastHeartbeatMs: START_MS + 1_000,
          agent: { version: "0.1.0", enrolledAtMs: START_MS + 500, inventory: null },
        }),
      );
      await page.waitForSelector(".waiting-arrived");
      await page.click(".waiting-arrived a.button");
      expect(await page.textContent("h1")).toBe("mks-baru");
      await panel.source.removeServer("baru", "x");
      await closeOf(page);
    },
  );

  it("keeps what somebody is typing", { timeout: 60_000 }, async () => {
    const page = await openPage();
    await page.goto(`${panel.url}/incidents/i42`);
    await page.waitForSelector('html[data-live-state="on"]');
    await page.fill("#text", "Sedang menelepon");
    await panel.source.noteIncident("i42", "sari", "Listrik padam");
    await page.getByText("Catatan dari sari:").waitFor();
    expect(await page.inputValue("#text")).toBe("Sedang menelepon");
    await closeOf(page);
  });

  it("keeps its ages true, by the server's clock", { timeout: 60_000 }, async () => {
    const page = await openPage();
    await page.goto(`${panel.url}/servers/sby-1`);
    await page.waitForSelector('html[data-live-state="on"]');
    // The browser's clock is far from the test's; the page must not show that.
    expect(await page.textContent(".server-status [data-ago]")).toBe("12 menit yang lalu");
    await closeOf(page);
  });
});

describe("maintenance", () => {
  it("is planned with the browser's own fields, and the list lives", { timeout: 60_000 }, async () => {
    const page = await openPage({ viewport: { width: 360, height: 800 } });
    await page.goto(`${panel.url}/sites/jyp`);
    await page.getByRole("link", { name: "Pemeliharaan" }).last().click();
    await page.waitForURL(/maintenance\?site=jyp/);
    expect(await page.inputValue("#startsAt")).toBe("2026-11-22T12:00");
    await page.fill("#endsAt", "2026-11-22T14:30");
    await page.fill("#note", "Ganti UPS");
    await page.getByRole("button", { name: "Simpan jadwal" }).click();
    await page.getByText("22 Nov, 12.00 WIT – 22 Nov, 14.30 WIT").waitFor();
    await page.waitForSelector('html[data-live-state="on"]');
    const [window] = panel.source.maintenance();
    await panel.source.removeMaintenance(window!.id);
    await page.getByText("Tidak ada pemeliharaan.").waitFor();
    await closeOf(page);
  });
});

describe("the keyboard", () => {
  it(
    "reaches everything primary on the page Now, in order, with the focus seen",
    { timeout: 60_000 },
    async () => {
      const page = await openPage();
      const reached: string[] = [];
      for (let step = 0; step < 40; step += 1) {
        await page.keyboard.press("Tab");
        const [label, outlined] = await page.evaluate<[string, boolean]>(
          "[document.activeElement.textContent.trim(), getComputedStyle(document.activeElement).outlineStyle !== 'none']",
        );
        expect(outlined, label).toBe(true);
        reached.push(label);
        if (label === "Periksa lagi") break;
      }
      const wanted = [
        "Langsung ke isi",
        "Detak",
        "Sekarang",
        "Server",
        "Insiden",
        "Cabang",
        "Pemeliharaan",
        "Notifikasi",
        "Sistem",
        "sby-kasir-1 · Server mati",
        "Saya tangani",
        "Periksa lagi",
      ];
      expect(reached.filter((label) => wanted.includes(label))).toEqual(wanted);
      await closeOf(page);
    },
  );

  it(
    "skips to the content, finds with a slash, opens and closes the account",
    { timeout: 60_000 },
    async () => {
      const page = await openPage();
      await page.goto(`${panel.url}/servers`);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      expect(await page.evaluate("document.activeElement.id")).toBe("content");
      await page.keyboard.press("/");
      await page.keyboard.type("kasir-1");
      await page.keyboard.press("Enter");
      await page.waitForURL(/q=kasir-1/);
      expect(await page.locator("tbody tr").count()).toBe(5);
      await page.focus(".account summary");
      await page.keyboard.press("Enter");
      await page.getByText("Masuk sebagai budi").waitFor();
      await closeOf(page);
    },
  );
});

describe("without script", () => {
  it("everything is read, and a form still works", { timeout: 60_000 }, async () => {
    const worst = await openPage({ javaScriptEnabled: false }, troubled);
    for (const path of pages.filter((path) => path !== "/nowhere")) {
      await worst.goto(troubled.url + path);
      expect((await worst.locator("h1").textContent())?.trim(), path).not.toBe("");
    }
    // Only what the chosen check needs is shown, by the stylesheet alone.
    await worst.goto(`${troubled.url}/servers/jyp-4/edit`);
    expect(await worst.locator("#checkUrl").isVisible()).toBe(true);
    expect(await worst.locator("#checkPort").isVisible()).toBe(false);
    await worst.selectOption("#checkType", "tcp");
    expect(await worst.locator("#checkUrl").isVisible()).toBe(false);
    expect(await worst.locator("#checkPort").isVisible()).toBe(true);
    await worst.selectOption("#mode", "agent");
    expect(await worst.locator("#checkType").isVisible()).toBe(false);
    await closeOf(worst);
    const page = await openPage({ javaScriptEnabled: false });
    await page.goto(panel.url);
    await page.locator('[formaction="/incidents/i42/acknowledge"]').click();
    await page.getByText("Tercatat: Anda yang menangani.").waitFor();
    expect(await page.getByText("Ditangani budi").count()).toBe(2);
    await page.goto(`${panel.url}/servers?q=sby`);
    expect(await page.locator("tbody tr").count()).toBe(5);
    await closeOf(page);
  });
});
