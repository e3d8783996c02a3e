/**
 * Starts a real Chromium for tests: the one that lies inside an npm package, so that nothing is downloaded.
 * Why our own flags: the package's are made for another place and crash here. Why a lock: the package unpacks itself into
 * the temporary folder, and two test processes must not run a half-written program.
 * Must not: reach anything but loopback.
 */
import chromium from "@sparticuz/chromium";
import { mkdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { chromium as launcher, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { PASSWORD } from "./panel-under-test.ts";

const LOCK = join(tmpdir(), "detak-test-chromium.lock");
/** Unpacking takes about 5 s here; a lock older than this was left by a killed test. */
const LOCK_STALE_MS = 60_000;
const LOCK_POLL_MS = 100;

async function unpacked(): Promise<string> {
  const deadlineMs = Date.now() + 2 * LOCK_STALE_MS;
  for (;;) {
    try {
      await mkdir(LOCK);
      break;
    } catch (error) {
      if (Date.now() > deadlineMs) throw error;
      const age = await stat(LOCK).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      if (age > LOCK_STALE_MS) await rm(LOCK, { recursive: true, force: true });
      else await wait(LOCK_POLL_MS);
    }
  }
  try {
    return await chromium.executablePath();
  } finally {
    await rm(LOCK, { recursive: true, force: true });
  }
}

/** A headless Chromium; the caller closes it. */
export async function startBrowser(): Promise<Browser> {
  return launcher.launch({
    executablePath: await unpacked(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--headless=shell",
      "--no-zygote",
      "--disable-background-networking",
      "--font-render-hinting=none",
    ],
  });
}

/** A browser of its own in which budi, who must be a user of the panel, has logged in by the form. */
export async function openAs(
  browser: Browser,
  panel: { readonly url: string },
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ locale: "id-ID", ...options });
  const page = await context.newPage();
  await page.goto(`${panel.url}/login`);
  await page.fill("#username", "budi");
  await page.fill("#password", PASSWORD);
  await page.click("main button[type=submit]");
  await page.waitForURL(`${panel.url}/`);
  return page;
}
