/**
 * Live pages and the API's events: what changed arrives, nothing is missed, nobody is held up.
 * Must not: wait for a fixed time; a test waits for what must come, within a bound.
 */
import { describe, expect, it } from "vitest";
import { API_TOKEN, loggedIn, type PanelUnderTest, type Person } from "./panel-under-test.ts";
import { panelsPerTest } from "./panels.ts";
import { makeIncident, makeServer, START_MS } from "./view-samples.ts";
import { fillWorld } from "./world.ts";

/** Whatever must come comes within this, also on a busy machine. */
const COMES_WITHIN_MS = 10_000;

interface ServerEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string | undefined;
}

/** Reads one event stream; `next` waits for an event that satisfies. */
function reading(response: Response) {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const next = async (satisfies: (event: ServerEvent) => boolean): Promise<ServerEvent> => {
    const deadline = AbortSignal.timeout(COMES_WITHIN_MS);
    const late = new Promise<never>((_, reject) =>
      deadline.addEventListener("abort", () =>
        reject(new Error(`nothing came; so far: ${text.slice(-500)}`)),
      ),
    );
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end !== -1) {
        const lines = text.slice(0, end).split("\n");
        text = text.slice(end + 2);
        const field = (name: string) =>
          lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        const event = { event: field("event") ?? "", data: field("data") ?? "", id: field("id") };
        if (event.event !== "" && satisfies(event)) return event;
        continue;
      }
      const { done, value } = await Promise.race([reader.read(), late]);
      if (done) return { event: "end", data: "", id: undefined };
      text += value;
    }
  };
  return { next, cancel: () => reader.cancel() };
}

interface DrawnFragment {
  readonly name: string;
  readonly html: string | null;
}
const fragmentsOf = (event: ServerEvent) => JSON.parse(event.data) as readonly DrawnFragment[];
const holds =
  (name: string, text = "") =>
  (event: ServerEvent) =>
    event.event === "fragments" &&
    fragmentsOf(event).some((fragment) => fragment.name === name && (fragment.html ?? "").includes(text));

const emptyPanel = panelsPerTest();
async function panelUnderTest() {
  const panel = await emptyPanel();
  fillWorld(panel.source);
  return panel;
}

async function liveAddress(visitor: Person, path: string): Promise<string> {
  return /data-live="([^"]+)"/.exec(await visitor.html(path))?.[1]?.replaceAll("&amp;", "&") ?? "";
}

describe("a live page", () => {
  it("gets what changed, drawn as the page draws it, and only that", async () => {
    const panel = await panelUnderTest();
    const visitor = await loggedIn(panel, "viewer");
    const stream = reading(await visitor.get(await liveAddress(visitor, "/servers/mdn-1")));
    await stream.next(({ event }) => event === "ping");
    panel.source.setServer({ ...panel.source.server("mdn-1")!, status: "down" });
    panel.source.setServer({ ...panel.source.server("bdg-1")!, status: "down" });
    const event = await stream.next(holds("server-head"));
    const head = fragmentsOf(event).find(({ name }) => name === "server-head")!.html!;
    expect(head).toContain("mati");
    expect(await visitor.html("/servers/mdn-1")).toContain(head.slice(0, 200));
    expect(fragmentsOf(event).map(({ name }) => name)).not.toContain("now-summary");
    await stream.cancel();
  });

  it("of a site follows its servers, its gateway and its own incident, and nobody else's", async () => {
    const panel = await panelUnderTest();
    const visitor = await loggedIn(panel, "viewer");
    const stream = reading(await visitor.get(await liveAddress(visitor, "/sites/mdn")));
    await stream.next(({ event }) => event === "ping");
    panel.source.setServer({ ...panel.source.server("bdg-1")!, status: "down" });
    panel.source.setSite({
      ...panel.source.site("mdn")!,
      gateway: { asked: 9, answered: 9, last: { verdict: "dead", atMs: START_MS } },
    });
    const first = await stream.next(({ event }) => event === "fragments");
    expect(fragmentsOf(first).map(({ name }) => name)).not.toContain("site-servers");
    expect(holds("site-facts", "tidak menjawab saat terakhir ditanya")(first)).toBe(true);
    panel.source.setServer({ ...panel.source.server("mdn-1")!, status: "down" });
    await stream.next(holds("site-servers", "mati"));
    panel.source.setIncident({
      incident: makeIncident({
        number: 60,
        kind: "site_down",
        siteId: "mdn",
        siteName: "Cabang Medan Petisah",
        memberIds: ["mdn-1"],
      }),
      timeline: [],
      notifications: [],
    });
    await stream.next(holds("site-incidents", "Insiden #60"));
    await stream.cancel();
  });

  it("misses nothing between its drawing and its connection, nor while the connection was lost", async () => {
    const panel = await panelUnderTest();
    const visitor = await loggedIn(panel, "viewer");
    const address = await liveAddress(visitor, "/");
    panel.source.setServer({ ...panel.source.server("mdn-3")!, status: "down" });
    const stream = reading(await visitor.get(address));
    const event = await stream.next(holds("now-summary", "4 cabang bermasalah"));
    await stream.cancel();
    panel.source.setServer({ ...panel.source.server("bdg-1")!, status: "down" });
    const again = reading(await visitor.get(address, { "last-event-id": event.id ?? "" }));
    await again.next(holds("now-summary", "5 cabang bermasalah"));
    await again.cancel();
  });

  it("is drawn anew as a whole when it comes from another run of the collector", async () => {
    const panel = await panelUnderTest();
    const visitor = await loggedIn(panel, "viewer");
    const stream = reading(await visitor.get("/live?view=%2F&since=lain-17"));
    const names = fragmentsOf(await stream.next(({ event }) => event === "fragments")).map(
      ({ name }) => name,
    );
    expect(names.sort()).toEqual(["notices", "now-incidents", "now-sites", "now-summary"]);
    await stream.cancel();
  });

  it("gathers a storm of changes into few messages", async () => {
    const panel = await panelUnderTest();
    const visitor = await loggedIn(panel, "viewer");
    const stream = reading(await visitor.get(await liveAddress(visitor, "/")));
    await stream.next(({ event }) => event === "ping");
    for (let n = 0; n < 500; n += 1)
      panel.source.setServer(makeServer({ id: `x${n}`, name: `x${n}`, status: n % 2 === 0 ? "up" : "down" }));
    let messages = 0;
    await stream.next((event) => {
      if (event.event === "fragments") messages += 1;
      return holds("now-summary", "253 server")(event);
    });
    expect(messages).toBeLessThanOrEqual(3);
    await stream.cancel();
  });

  it("follows a server that moves to another site, and one that is removed", async () => {
    const panel = await panelUnderTest();
    const visitor = await loggedIn(panel, "viewer");
    const stream = reading(await visitor.get(await liveAddress(visitor, "/")));
    await stream.next(({ event }) => event === "ping");
    panel.source.setServer({ ...panel.source.server("mdn-1")!, siteId: "bdg" });
    await stream.next(holds("now-sites", "6 server"));
    await panel.source.removeServer("mdn-1", "x");
    await stream.next(holds("now-sites", "4 server"));
    await stream.cancel();
  });

  it("a heartbeat draws one row, and only where it is shown", async () => {
    const panel = await panelUnderTest();
    const visitor = await loggedIn(panel, "viewer");
    const stream = reading(await visitor.get(await liveAddress(visitor, "/servers?site=mdn")));
    await stream.next(({ event }) => event === "ping");
    panel.clock.nowMs += 30_000;
    panel.source.beat("bdg-1", panel.clock.nowMs);
    panel.source.beat("mdn-1", panel.clock.nowMs);
    const event = await stream.next(({ event }) => event === "fragments");
    expect(fragmentsOf(event).map(({ name }) => name)).toEqual(["servers-row-mdn-1"]);
    await stream.cancel();
  });

  it("shows nobody a button of a higher role, though both watch the same page", async () => {
    const panel = await panelUnderTest();
    const [viewer, operator] = [await loggedIn(panel, "viewer"), await loggedIn(panel, "operator", "en")];
    const streams = [
      reading(await viewer.get(await liveAddress(viewer, "/"))),
      reading(await operator.get(await liveAddress(operator, "/"))),
    ] as const;
    for (const stream of streams) await stream.next(({ event }) => event === "ping");
    panel.source.publish({ topic: "incident", id: "i42" });
    const [seen, offered] = await Promise.all(streams.map((stream) => stream.next(holds("now-incidents"))));
    expect(seen!.data).not.toContain("<button");
    expect(seen!.data).toContain("Belum ada yang menangani");
    expect(offered!.data).toContain("I'll handle it".replace("'", "&#39;"));
    expect(offered!.data).not.toContain("csrf");
    for (const stream of streams) await stream.cancel();
  });

  it("needs a session and a known view, and leaves nothing behind when it is closed", async () => {
    const panel = await panelUnderTest();
    expect((await panel.app.request("/live?view=%2F")).status).toBe(204);
    const visitor = await loggedIn(panel, "viewer");
    for (const view of ["/login", "//jahat.example/", "/servers/a/b/c", ""])
      expect((await visitor.get(`/live?view=${encodeURIComponent(view)}`)).status, view).toBe(404);
    const stream = reading(await visitor.get("/live?view=%2F"));
    await stream.next(({ event }) => event === "ping");
    panel.close();
    expect((await stream.next(({ event }) => event === "end")).event).toBe("end");
    expect(panel.source.listeners()).toBe(0);
    expect((await visitor.get("/live?view=%2F")).status).toBe(503);
  });
});

describe("the API's events", () => {
  const open = async (panel: PanelUnderTest, query = "") =>
    reading(
      await panel.app.request(`/api/v1/events${query}`, {
        headers: { authorization: `Bearer ${API_TOKEN}` },
      }),
    );

  it("carry each change with its object, in order", async () => {
    const panel = await panelUnderTest();
    const stream = await open(panel);
    panel.source.beat("mdn-1", START_MS);
    panel.source.setServer({ ...panel.source.server("mdn-1")!, status: "suspect" });
    panel.source.publish({ topic: "incident", id: "i42" });
    panel.source.publish({ topic: "hearing", id: "" });
    const all = [];
    for (let n = 0; n < 3; n += 1)
      all.push(JSON.parse((await stream.next(({ event }) => event === "change")).data));
    expect(all).toMatchObject([
      { topic: "server", id: "mdn-1", server: { status: "suspect" }, at: "2026-11-22T03:00:00.000Z" },
      { topic: "incident", id: "i42", incident: { number: 42 } },
      { topic: "hearing", id: "" },
    ]);
    await stream.cancel();
  });

  it("are chosen by topic; an unknown one is refused", async () => {
    const panel = await panelUnderTest();
    const stream = await open(panel, "?topics=heartbeat");
    panel.source.setServer({ ...panel.source.server("mdn-1")!, status: "suspect" });
    panel.source.beat("mdn-1", START_MS);
    expect(JSON.parse((await stream.next(({ event }) => event === "change")).data)).toMatchObject({
      topic: "heartbeat",
    });
    await stream.cancel();
    const refused = await panel.app.request("/api/v1/events?topics=oops", {
      headers: { authorization: `Bearer ${API_TOKEN}` },
    });
    expect(refused.status).toBe(400);
  });

  it("a reader that is too slow is told that it lost something, and cut off", async () => {
    const panel = await panelUnderTest();
    const stream = await open(panel);
    for (let n = 0; n < 3_000; n += 1) panel.source.publish({ topic: "site", id: `c${n}` });
    expect((await stream.next(({ event }) => event === "lost")).event).toBe("lost");
    expect((await stream.next(({ event }) => event === "end")).event).toBe("end");
    await expect.poll(() => panel.source.listeners(), { timeout: COMES_WITHIN_MS }).toBe(1);
  });
});
