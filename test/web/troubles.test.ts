/**
 * Groups, causes and what is odd about a server, as a person reads them.
 * Must not: judge; what is grouped and why is the core's, and tested there.
 */
import { describe, expect, it } from "vitest";
import { en } from "../../web/i18n/en.ts";
import { id } from "../../web/i18n/id.ts";
import { loggedIn } from "./panel-under-test.ts";
import { panelsPerTest, readable } from "./panels.ts";
import { START_MS } from "./view-samples.ts";
import { fillTroubles } from "./troubled-world.ts";
import { fillWorld } from "./world.ts";

const panelUnderTest = panelsPerTest();

describe("groups and causes", () => {
  async function troubled(role: "viewer" | "operator" | "admin" = "viewer", language: "id" | "en" = "en") {
    const panel = await panelUnderTest();
    fillWorld(panel.source);
    fillTroubles(panel.source);
    return { panel, visitor: await loggedIn(panel, role, language) };
  }
  /** As a person reads it, each stretch of white space as one. */
  const said = (html: string) =>
    readable(html)
      .replaceAll(/\s+/g, " ")
      .replaceAll(/ ([.,;:!?)])/g, "$1");

  it("one cause is one card on the page Now; what is under it comes back when its group is over", async () => {
    const { panel, visitor } = await troubled();
    const cards = async () =>
      [...(await visitor.html("/")).matchAll(/id="incident-(\d+)"/g)].map(([, number]) => Number(number));
    expect(await cards()).toEqual([50, 42, 41]);
    const group = await panel.source.incident("i50");
    panel.source.setIncident({ ...group!, incident: { ...group!.incident, endedAtMs: START_MS } });
    expect(await cards()).toEqual([53, 51, 42, 41]);
  });

  it("a group says how much it holds, who, and who is back; each member leads to it and back", async () => {
    const { visitor } = await troubled();
    const card = said(await visitor.html("/"));
    expect(card).toContain("Cabang Bandung Dago · Site down");
    expect(card).toContain("3 servers");
    const group = await visitor.html("/incidents/i50");
    expect(said(group)).toContain("bdg-kasir-1 not back its own incident");
    expect(said(group)).toContain("bdg-kasir-2 back 22 Nov, 09:59 its own incident");
    expect(said(group)).toContain("Gateway 10.4.0.1: no answer.");
    expect(said(group)).toContain("Ping from the agent mks-domain (another site) to 10.4.4.2: no answer");
    expect(said(group)).toContain("bdg-berkas fell silent too.");
    expect(group).toContain('href="/incidents/i51"');
    const member = await visitor.html("/incidents/i51");
    expect(said(member)).toContain("Part of Incident #50");
    expect(said(member)).toContain("Nobody is told: told by the incident it belongs to.");
    expect(member).toContain('href="/incidents/i50"');
    expect(said(await visitor.html("/servers/bdg-1"))).toContain("Part of incident #50");
    expect(said(await visitor.html("/incidents?kind=site_down"))).toContain(
      "Cabang Bandung Dago Site down open 3 servers",
    );
  });

  it("the final cause is a plain sentence with what proves it, and the minutes are split", async () => {
    const { visitor } = await troubled();
    const mass = said(await visitor.html("/incidents/i30"));
    expect(mass).toContain(
      "Why The path between the site and the collector, or its provider, failed. " +
        "The agent's journal: the internet was reached. The agent's journal: the collector did not answer.",
    );
    expect(mass).toContain("The collector reaches 1.1.1.1:443. The collector does not reach 10.0.0.1.");
    expect(mass).toContain("link 33");
    expect(mass).toContain("a server that was removed");
    expect(mass).toContain("after the agent's journal came");
    // Said once: with the cause, not again among the other evidence.
    expect(mass.match(/the internet was reached/g)).toHaveLength(1);
    expect(said(await visitor.html("/incidents/i42"))).not.toContain("Why");
    expect(said(await visitor.html("/incidents/i31"))).toContain("Collector cut off from outside");
  });

  it("the totals count one cause once, and no minute twice", async () => {
    const { panel, visitor } = await troubled();
    const text = said(await visitor.html("/incidents"));
    const all = await panel.source.incidents({ limit: 100 });
    // 8 of the first world, and of the second the branch, the mass outage and the collector's own.
    expect(text).toContain("Incidents 11 ");
    const own = all.filter(({ memberIds }) => memberIds.length === 0);
    const total = own.reduce(
      (sum, { minutes }) => sum + minutes.server + minutes.link + minutes.collector,
      0,
    );
    expect(own).toHaveLength(all.length - 2);
    expect(text).toContain(`Minutes down ${total} `);
  });

  it("every cause has a plain sentence of its own in both languages", () => {
    for (const texts of [id, en]) {
      const sentences = Object.values(texts.causeSentence);
      expect(Object.keys(texts.causeSentence)).toEqual(Object.keys(texts.cause));
      expect(new Set(sentences).size).toBe(sentences.length);
      for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*\.$/);
    }
  });

  it("a collector that can not hear says so on every page, since when, and on System", async () => {
    const { panel, visitor } = await troubled();
    panel.source.setSystem({ hearing: "isolated", hearingSinceMs: START_MS - 600_000 });
    for (const path of ["/", "/servers", "/maintenance"])
      expect(said(await visitor.html(path)), path).toContain(
        "The collector cannot hear since 22 Nov, 09:50: it is cut off from its own network.",
      );
    expect(said(await visitor.html("/system"))).toContain("cannot hear: the collector itself is cut off");
  });
});

describe("what is odd about a server", () => {
  async function troubled() {
    const panel = await panelUnderTest();
    fillWorld(panel.source);
    fillTroubles(panel.source);
    return { panel, visitor: await loggedIn(panel, "operator", "en") };
  }

  it("is a tag in lists and a sentence with what to do on its page", async () => {
    const { visitor } = await troubled();
    const list = await visitor.html("/servers?q=jkt&sort=name");
    for (const mark of ["mark-flapping", "mark-unstable", "mark-duplicate"]) expect(list).toContain(mark);
    expect(readable(await visitor.html("/servers/jkt-01"))).toContain("Flapping since");
    expect(readable(await visitor.html("/servers/jkt-02"))).toContain("Silent for a moment 3 times");
    expect(readable(await visitor.html("/servers/jkt-03"))).toContain(
      "Two machines use this agent's identity, from 10.9.0.3, 10.31.7.9.",
    );
    expect(readable(await visitor.html("/servers/jyp-4"))).toContain(
      "incidents are recorded, but nobody is told. Ganti UPS, tiket 4711",
    );
    expect(await visitor.html("/sites/jyp")).toContain("mark-maintenance");
    expect(await visitor.html("/servers/jkt-04")).not.toContain('class="marks"');
  });

  it("its log tells what happened and was no incident, newest first", async () => {
    const { visitor } = await troubled();
    const text = readable(await visitor.html("/servers/jkt-01"));
    const lines = [
      "Began to flap: 3 incidents within an hour.",
      "Unstable link: silent for a moment 3 times within an hour, then heard again.",
      "Only one machine uses its identity now, from 10.9.0.3.",
      "Two machines use its identity, from 10.9.0.3, 10.31.7.9.",
      "Calm again after 5 incidents.",
      "Started again after stopping abruptly.",
      "Rebooted cleanly.",
      "Said goodbye: rebooting.",
      "Its agent was restarted.",
      "Rebooted.",
    ];
    const places = lines.map((line) => text.indexOf(line));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(readable(await visitor.html("/servers/jkt-04"))).toContain("Nothing yet.");
  });

  it("its parent and what depends on it are links; its check is told in words with what it said", async () => {
    const { visitor } = await troubled();
    const parent = await visitor.html("/servers/jkt-01");
    expect(parent).toContain('<a href="/servers/jkt-02">jkt-app-02</a>');
    expect(parent).toContain('<a href="/servers/jkt-03">jkt-app-03</a>');
    expect(await visitor.html("/servers/jkt-02")).toContain('<a href="/servers/jkt-01">jkt-app-01</a>');
    const checked = readable(await visitor.html("/servers/jyp-4"));
    expect(checked).toContain("http://10.4.3.5:8080/status answers with status 200 and holds “ok”");
    expect(checked).toContain("said “SSH-2.0-dropbear_2022.83”");
    expect(checked).toContain("connected, but its program is silent");
    expect(checked).toContain("answers, 3.4 ms, not as expected");
    expect(checked).toContain("answered with status 503");
  });

  it("a site says what its gateway answers, and shows its own incident", async () => {
    const { visitor } = await troubled();
    const text = async (id: string) => readable(await visitor.html(`/sites/${id}`)).replaceAll(/\s+/g, " ");
    expect(await text("bdg")).toContain("no answer when last asked, 40 seconds ago · usually answers 98%");
    expect(await text("sby")).toContain("never asked yet");
    expect(await text("mdn")).toContain("never answers, so its silence proves nothing");
    expect(await text("bdg")).toContain("Site down");
    expect(await text("sby")).not.toContain("Incident #42");
  });
});
