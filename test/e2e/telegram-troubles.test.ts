/**
 * What can be wrong between a collector and Telegram: each is said in the panel in words, in both languages, heals by itself
 * when its cause goes, and an outage meanwhile is told afterwards, once.
 * Must not: look inside the collector; what counts is what the panel's pages say, and the ledger of the fake Bot API.
 */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { en } from "../../web/i18n/en.ts";
import { id } from "../../web/i18n/id.ts";
import { startFakeWebhook } from "../fakes/webhook/webhook.ts";
import { startBrowser } from "../web/browser.ts";
import { STORY, STORY_LIMIT_MS, downIncident, recovered, told } from "./story.ts";
import { CHAT_ID, built, inWorld, type World } from "./world.ts";
import { until } from "./wait.ts";

type State = Exclude<keyof typeof en.telegram, "off" | "starting" | "ok">;
const languages = { en, id };
const PASSWORD = "tiga-menit-sunyi";
/** A refused token is tried again after 40 s at the latest, another poller after 60 s; a poll lasts 30 s. */
const HEAL_LIMIT_MS = 180_000;

let browser: Browser;
beforeAll(async () => {
  await built();
  browser = await startBrowser();
}, 120_000);
afterAll(() => browser.close());

/** The panel as its first admin sees it: Now, open all the time in Indonesian, and any page in both languages. */
interface Panel {
  readonly now: Page;
  /** The text of a page as it is served, each stretch of white space as one. */
  read(path: string, language: keyof typeof languages): Promise<string>;
  /** Pages' sources that were seen so far. */
  readonly sources: readonly string[];
}

async function panelOf(world: World, context: BrowserContext): Promise<Panel> {
  const now = await context.newPage();
  now.setDefaultTimeout(STORY_LIMIT_MS);
  await now.goto(`${world.collector.url}${world.collector.setupPath ?? "no set-up link was printed"}`);
  await now.fill("[name=username]", "wati");
  await now.fill("[name=password]", PASSWORD);
  await now.fill("[name=passwordAgain]", PASSWORD);
  await now.click("form[action^='/setup/'] button[type=submit]");
  await now.waitForURL((url) => !url.pathname.startsWith("/setup/"));
  await now.goto(`${world.collector.url}/`);
  const sources: string[] = [];
  return {
    now,
    sources,
    async read(path, language) {
      const answer = await context.request.get(`${world.collector.url}${path}`, {
        headers: { "accept-language": language },
      });
      expect([path, answer.status()]).toEqual([path, 200]);
      const source = await answer.text();
      sources.push(source);
      const page = await context.newPage();
      try {
        await page.setContent(source);
        return (await page.locator("body").innerText()).replaceAll(/\s+/g, " ");
      } finally {
        await page.close();
      }
    },
  };
}

/** A world with its panel open; at its end nothing that was shown or logged holds the token's secret. */
async function inPanel(use: (world: World, panel: Panel) => Promise<void>): Promise<void> {
  await inWorld(async (world) => {
    const context = await browser.newContext({ locale: "id-ID" });
    const first = world.collector.program;
    try {
      const panel = await panelOf(world, context);
      const secret = world.telegram.token.split(":")[1] ?? "";
      expect(secret.length).toBeGreaterThan(20);
      await use(world, panel);
      panel.now.setDefaultTimeout(STORY_LIMIT_MS);
      const logged = [first, world.collector.program].flatMap(({ output, errors }) => [...output, ...errors]);
      for (const text of [...panel.sources, await panel.now.content(), ...logged])
        expect(text.includes(secret), text.slice(0, 300)).toBe(false);
    } finally {
      await context.close();
    }
  });
}

const noticeOf = ({ notice, telegram }: typeof en, state: State): string =>
  state === "other_poller" ? notice.telegramDeaf : notice.telegram(telegram[state]);

/** The notice appears on the open page; System and Notifications say it with what to do. */
async function said(panel: Panel, state: State): Promise<void> {
  await panel.now.getByText(noticeOf(id, state)).waitFor();
  for (const language of ["en", "id"] as const) {
    const texts = languages[language];
    expect(await panel.read("/", language)).toContain(noticeOf(texts, state));
    for (const path of ["/system", "/notifications"]) {
      const text = await panel.read(path, language);
      expect(text).toContain(texts.telegram[state]);
      expect(text).toContain(texts.telegramAdvice[state]);
    }
  }
}

/** The notice goes by itself from the open page. */
async function healed(panel: Panel, state: State): Promise<void> {
  await panel.now.getByText(noticeOf(id, state)).waitFor({ state: "detached", timeout: HEAL_LIMIT_MS });
  expect(await panel.read("/system", "en")).toContain(en.telegram.ok);
}

describe.concurrent("trouble with Telegram", () => {
  it("a token that was revoked, and is valid again", STORY, () =>
    inPanel(async (world, panel) => {
      const { agent, server } = await world.addAgent("toko-ambon");
      await world.telegram.setToken("123456:another-secret-that-nobody-here-knows");
      await agent.kill();
      await downIncident(world, server.id);
      await said(panel, "unauthorized");
      expect(await world.telegram.ledger()).toEqual([]);
      await world.telegram.setToken(world.telegram.token);
      await healed(panel, "unauthorized");
      const [message] = await told(world, 1);
      expect(message?.text).toContain("toko-ambon");
      world.startAgent("toko-ambon");
      await recovered(world, server.id);
      await told(world, 2);
    }),
  );

  it(
    "a token that was wrong from the start, and is put right: the other channels are told of both",
    STORY,
    () =>
      inPanel(async (world, panel) => {
        const hook = await startFakeWebhook();
        hook.secret = null;
        await world.api.post("recipients", {
          channel: "webhook",
          address: hook.url,
          name: "Tiket",
          language: "id",
        });
        await world.collector.program.stop();
        await world.telegram.setToken("123456:another-secret-that-nobody-here-knows");
        await world.startCollector();
        await panel.now.goto(`${world.collector.url}/`);
        await said(panel, "unauthorized");
        await hook.waitUntil(() => hook.ledger.length === 1, STORY_LIMIT_MS);
        await world.telegram.setToken(world.telegram.token);
        await healed(panel, "unauthorized");
        await hook.waitUntil(() => hook.ledger.length === 2, STORY_LIMIT_MS);
        expect(hook.ledger.map(({ type, data }) => [type, data["channel"], data["reason"]])).toEqual([
          ["channel.lost", "telegram", "401: Unauthorized"],
          ["channel.back", "telegram", null],
        ]);
        await hook.close();
      }),
  );

  it("another program that polls: messages arrive all the same", STORY, () =>
    inPanel(async (world, panel) => {
      const { agent, server } = await world.addAgent("toko-ternate");
      const { apiRoot, token } = world.telegram;
      let isPolling = true;
      const polling = (async () => {
        while (isPolling)
          await fetch(`${apiRoot}/bot${token}/getUpdates?timeout=1`, {
            signal: AbortSignal.timeout(STORY_LIMIT_MS),
          }).then(
            (answer) => answer.body?.cancel(),
            () => undefined,
          );
      })();
      try {
        await said(panel, "other_poller");
        await agent.kill();
        await downIncident(world, server.id);
        await told(world, 1);
        await panel.now.getByText(noticeOf(id, "other_poller")).waitFor();
      } finally {
        isPolling = false;
        await polling;
      }
      await healed(panel, "other_poller");
    }),
  );

  it("no internet at the start: an outage meanwhile is told when there is", STORY, () =>
    inPanel(async (world, panel) => {
      const { agent, server } = await world.addAgent("toko-sorong");
      await world.collector.program.stop();
      await world.telegram.refuse();
      await world.startCollector();
      await panel.now.goto(`${world.collector.url}/`);
      await said(panel, "unreachable");
      await until(
        "it is up again",
        STORY_LIMIT_MS,
        async () => (await world.api.server(server.id)).status === "up",
      );
      await agent.kill();
      await downIncident(world, server.id);
      await world.telegram.accept();
      await healed(panel, "unreachable");
      await told(world, 1);
      // Its buttons are listened to again.
      const polls = await world.telegram.calls("getUpdates");
      await until(
        "it polls again",
        STORY_LIMIT_MS,
        async () => (await world.telegram.calls("getUpdates")) > polls,
      );
    }),
  );

  it("a person who blocked the bot: shown on the recipient; let in again, told what is still so", STORY, () =>
    inPanel(async (world, panel) => {
      const { agent, server } = await world.addAgent("toko-biak");
      await world.telegram.block(CHAT_ID);
      await agent.kill();
      await downIncident(world, server.id);
      for (const language of ["en", "id"] as const) {
        const { lost, notice } = languages[language];
        await until("the recipient is shown as lost", STORY_LIMIT_MS, async () =>
          (await panel.read("/notifications", language)).includes(lost.blocked),
        );
        expect(await panel.read("/", language)).toContain(
          `${notice.lost("Siaga", 0)} ${notice.nobodyIsTold}`,
        );
      }
      expect(await world.telegram.ledger()).toEqual([]);
      await world.telegram.unblock(CHAT_ID);
      const [message] = await told(world, 1);
      expect(message?.text).toContain("toko-biak");
      expect(await panel.read("/notifications", "en")).not.toContain(en.lost.title);
      await panel.now.getByText(id.notice.lost("Siaga", 0)).waitFor({ state: "detached" });
    }),
  );
});
