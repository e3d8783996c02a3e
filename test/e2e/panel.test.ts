/**
 * The panel in a real browser against a real collector: from the set-up link to a server that is seen to fail and recover.
 * Why no reload: what a person stares at at night must change by itself.
 */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBrowser } from "../web/browser.ts";
import { root, startProgram, type Program } from "./program.ts";
import { built, createWorld, type World } from "./world.ts";

/** Each change needs at most T and what a busy machine adds. */
const CHANGE_LIMIT_MS = 45_000;
const PASSWORD = "tiga-menit-sunyi";

let world: World;
let browser: Browser;
const programs: Program[] = [];
beforeAll(async () => {
  await built();
  [world, browser] = await Promise.all([createWorld(), startBrowser()]);
}, 120_000);
afterAll(async () => {
  await browser.close();
  await Promise.all(programs.map((program) => program.kill()));
  await world.close();
});

const startAgent = (token?: string): Program => {
  const program = startProgram([join(root, "dist/agent.cjs"), "run"], {
    environment: {
      DETAK_STATE_DIR: join(world.folder, "agent-of-the-panel"),
      ...(token === undefined ? {} : { DETAK_COLLECTOR_URL: world.collector.url, DETAK_ENROLL_TOKEN: token }),
    },
  });
  programs.push(program);
  return program;
};
/** Says whether the page was loaded anew since `mark`. */
const mark = (page: Page): Promise<void> =>
  page.evaluate(() => {
    (globalThis as { notReloaded?: boolean }).notReloaded = true;
  });
const marked = (page: Page): Promise<boolean> =>
  page.evaluate(() => (globalThis as { notReloaded?: boolean }).notReloaded === true);

describe("the panel", () => {
  it("set-up, a server added, seen green, seen to fail, seen to recover", { timeout: 240_000 }, async () => {
    const context = await browser.newContext({ locale: "en-US" });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const broken: string[] = [];
    page.on("pageerror", (error) => broken.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") broken.push(message.text());
    });

    // The set-up link, once.
    const setup = `${world.collector.url}${world.collector.setupPath ?? "no set-up link was printed"}`;
    await page.goto(setup);
    await page.fill("[name=username]", "wati");
    await page.fill("[name=password]", PASSWORD);
    await page.fill("[name=passwordAgain]", PASSWORD);
    await page.click("form[action^='/setup/'] button[type=submit]");
    await page.waitForURL((url) => !url.pathname.startsWith("/setup/"));
    expect((await (await browser.newContext()).request.get(setup)).status()).toBe(410);

    // A server by its agent: the page shows the command and turns green by itself.
    await page.goto(`${world.collector.url}/servers/add`);
    await page.fill("[name=agentName]", "toko-pontianak");
    await page.click("form[action='/servers/add/agent'] button[type=submit]");
    await page.waitForSelector("[data-copy]");
    const token = /--token ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)/.exec(await page.content())?.[1];
    expect(token, "no join token on the page").toBeDefined();
    await mark(page);
    const agent = startAgent(token);
    await page.waitForSelector(".waiting-arrived", { timeout: CHANGE_LIMIT_MS });
    expect(await marked(page)).toBe(true);
    await page.click(".waiting-arrived a");
    await page.waitForSelector(".server-status.status-up", { timeout: CHANGE_LIMIT_MS });
    expect(await page.textContent("h1")).toContain("toko-pontianak");

    // It fails and recovers before one's eyes.
    await mark(page);
    await agent.kill();
    await page.waitForSelector(".server-status.status-suspect", { timeout: CHANGE_LIMIT_MS });
    await page.waitForSelector(".server-status.status-down", { timeout: CHANGE_LIMIT_MS });
    startAgent();
    await page.waitForSelector(".server-status.status-up", { timeout: CHANGE_LIMIT_MS });
    expect(await marked(page)).toBe(true);

    // Every page that the frame leads to, over the real store: the page of incidents once failed on each of them.
    const links = await page.locator("nav a[href^='/']").all();
    const paths = new Set(await Promise.all(links.map((link) => link.getAttribute("href"))));
    expect(paths.size).toBeGreaterThanOrEqual(6);
    for (const path of [...paths, "/maintenance", "/system"])
      expect([path, (await page.goto(`${world.collector.url}${path ?? ""}`))?.status()]).toEqual([path, 200]);
    expect(broken).toEqual([]);
    await context.close();
  });
});
