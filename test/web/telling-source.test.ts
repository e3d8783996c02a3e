/**
 * Who is told, as the panel asks and commands it of the real core: wishes and keys, routes, drills, quiet, checks, announcements.
 * Must not: judge who is told of what; the core's tests do. Here it is what the panel says of it.
 */
import { describe, expect, it } from "vitest";
import type { CommandResult } from "../../web/source.ts";
import type { RecipientInput, RouteInput } from "../../web/source-recipients.ts";
import { addressOf, company, MINUTE_MS, type Desk } from "./desk.ts";

const wishes = (change: Partial<RecipientInput> = {}): RecipientInput => ({
  channel: "telegram",
  address: "-100777",
  name: "Grup",
  language: "id",
  enabled: true,
  audience: "staff",
  siteIds: [],
  detail: "full",
  pin: false,
  timeZone: null,
  quietHours: null,
  digestMinute: null,
  monthlyReport: false,
  board: false,
  allowedPeople: [],
  ...change,
});

const routeInput = (change: Partial<RouteInput> = {}): RouteInput => ({
  name: "Rute",
  enabled: true,
  siteIds: [],
  tags: [],
  kinds: [],
  steps: [{ afterSeconds: 0, to: "everyone" }],
  repeatSeconds: [],
  fallbackRecipientIds: [],
  ...change,
});

const codeOf = async (result: Promise<CommandResult<unknown>>) => {
  const answer = await result;
  return answer.ok ? "ok" : answer.code;
};
async function added({ source }: Desk, change: Partial<RecipientInput>): Promise<string> {
  const saved = await source.saveRecipient(null, wishes(change));
  if (!saved.ok) throw new Error(saved.code);
  return saved.value.id;
}
const viewOf = ({ source }: Desk, id: string) => source.recipients().find((one) => one.id === id);
const secretOf = ({ stage }: Desk, id: string) => stage.state.tables.recipient.get(id)?.secret;

describe("recipients", () => {
  it("keep every wish, and a secret that no view carries; saved without one they keep it", async () => {
    const desk = company();
    const all = wishes({
      detail: "short",
      pin: true,
      timeZone: "Asia/Makassar",
      quietHours: { fromMinute: 1_320, toMinute: 330 },
      digestMinute: 420,
      monthlyReport: true,
      board: true,
      allowedPeople: ["77"],
    });
    const id = await added(desk, all);
    const { secret: _, ...shown } = { ...all, id, disabledReason: null, hasSecret: false };
    expect(viewOf(desk, id)).toEqual(shown);
    const ntfy = await added(desk, { channel: "ntfy", address: "https://ntfy.sh/a", secret: "tk_1" });
    expect(viewOf(desk, ntfy)?.hasSecret).toBe(true);
    expect(JSON.stringify(desk.source.recipients())).not.toContain("tk_1");
    const change = { channel: "ntfy", address: "https://ntfy.sh/b" } as const;
    expect(await codeOf(desk.source.saveRecipient(ntfy, wishes(change)))).toBe("ok");
    expect(secretOf(desk, ntfy)).toBe("tk_1");
    expect(await codeOf(desk.source.saveRecipient(ntfy, wishes({ ...change, secret: null })))).toBe("ok");
    expect([secretOf(desk, ntfy), viewOf(desk, ntfy)?.hasSecret]).toEqual([null, false]);
  });

  it("a webhook without a key gets one of 32 random bytes, told once; a renewed one is another", async () => {
    const desk = company();
    const input = wishes({ channel: "webhook", address: "https://a.contoh.id/x" });
    const saved = await desk.source.saveRecipient(null, input);
    const { id, madeSecret } = saved.ok ? saved.value : { id: "", madeSecret: null };
    expect(madeSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(secretOf(desk, id)).toBe(madeSecret);
    const again = await desk.source.saveRecipient(id, input);
    expect(again).toEqual({ ok: true, value: { id, madeSecret: null } });
    expect(secretOf(desk, id)).toBe(madeSecret);
    const renewed = await desk.source.renewSecret(id);
    expect(renewed.ok && renewed.value).not.toBe(madeSecret);
    expect(secretOf(desk, id)).toBe(renewed.ok ? renewed.value : "");
    const unsigned = { channel: "webhook", address: "https://b.contoh.id", secret: null } as const;
    expect(secretOf(desk, await added(desk, unsigned))).toBeNull();
  });

  it("are refused with a word: another channel, a twin, a site that is gone, a key for a chat", async () => {
    const desk = company();
    const id = await added(desk, {});
    const other = { channel: "ntfy", address: "https://ntfy.sh/a" } as const;
    expect(await codeOf(desk.source.saveRecipient(id, wishes(other)))).toBe("channel_fixed");
    expect(await codeOf(desk.source.saveRecipient(null, wishes()))).toBe("recipient_exists");
    expect(await codeOf(desk.source.saveRecipient("nobody", wishes()))).toBe("recipient_not_found");
    const users = { address: "9", audience: "users", siteIds: ["nowhere"] } as const;
    expect(await codeOf(desk.source.saveRecipient(null, wishes(users)))).toBe("site_not_found");
    expect(await codeOf(desk.source.renewSecret(id))).toBe("key_only_for_webhooks");
    expect(await codeOf(desk.source.renewSecret("nobody"))).toBe("recipient_not_found");
  });

  it("switched on again they are not lost any more; the channel's pace and board are not touched", async () => {
    const desk = company();
    const id = await added(desk, { board: true });
    const kept = { nextSendCoreMs: 99, failures: 2, boardExternalId: "m9" };
    const { recipient } = desk.stage.state.tables;
    recipient.set(id, { ...recipient.get(id)!, ...kept, enabled: false, disabledReason: "kicked" });
    expect(await codeOf(desk.source.saveRecipient(id, wishes({ board: true, enabled: false })))).toBe("ok");
    expect(viewOf(desk, id)?.disabledReason).toBe("kicked");
    expect(await codeOf(desk.source.saveRecipient(id, wishes({ board: true })))).toBe("ok");
    expect(viewOf(desk, id)).toMatchObject({ enabled: true, disabledReason: null });
    expect(recipient.get(id)).toMatchObject(kept);
  });

  it("a code links a chat for those it was made for", async () => {
    const { source, stage } = company();
    const made = await source.createLinkCode({
      name: "Warga",
      language: "en",
      audience: "users",
      siteIds: ["s"],
    });
    expect(made.ok && made.value.expiresAtMs).toBe(stage.now.wallMs + 15 * MINUTE_MS);
    const [code] = [...stage.state.tables.linkCode.values()];
    expect(code).toMatchObject({ name: "Warga", language: "en", audience: "users", siteIds: ["s"] });
    expect(code?.codeHash).not.toContain(made.ok ? made.value.code : "?");
    const gone = { name: "x", language: "id", audience: "users", siteIds: ["nowhere"] } as const;
    expect(await codeOf(source.createLinkCode(gone))).toBe("site_not_found");
  });
});

describe("routes", () => {
  it("are the core's, in seconds; the default one leads and stays", async () => {
    const { source } = company();
    expect(source.routes()).toMatchObject([
      { id: "default", isDefault: true, steps: [{ afterSeconds: 0, to: "everyone" }] },
    ]);
    const steps = [
      { afterSeconds: 0, to: ["a"] },
      { afterSeconds: 900, to: "everyone" as const },
    ];
    const saved = await source.saveRoute(null, routeInput({ steps, repeatSeconds: [1_800], siteIds: ["s"] }));
    const id = saved.ok ? saved.value : "";
    expect(source.routes()[1]).toEqual({
      ...routeInput({ steps, repeatSeconds: [1_800], siteIds: ["s"] }),
      id,
      isDefault: false,
    });
    expect(await codeOf(source.removeRoute("default"))).toBe("route_is_default");
    expect(await codeOf(source.saveRoute(id, routeInput({ steps: [...steps].reverse() })))).toBe(
      "route_steps_wrong",
    );
    expect(await codeOf(source.saveRoute(id, routeInput({ fallbackRecipientIds: ["q"] })))).toBe(
      "recipient_not_found",
    );
    expect(await codeOf(source.saveRoute("nowhere", routeInput()))).toBe("route_not_found");
    expect(await codeOf(source.removeRoute(id))).toBe("ok");
    expect(await codeOf(source.removeRoute(id))).toBe("route_not_found");
  });

  it("the places that none takes are those where nobody is told in truth", async () => {
    const desk = company();
    const { source, stage } = desk;
    stage.add("alone", {});
    stage.playAgent("alone");
    expect(source.untold()).toEqual([]);
    const only = routeInput({ siteIds: ["s"] });
    expect(await codeOf(source.saveRoute("default", only))).toBe("ok");
    expect(source.untold()).toEqual([
      { place: { type: "site", siteId: "t" }, what: "all" },
      { place: { type: "no_site" }, what: "all" },
      { place: { type: "collector" }, what: "all" },
    ]);
    stage.pass(10 * MINUTE_MS);
    for (const id of ["x", "w"]) stage.stopAgent(id);
    stage.pass(5 * MINUTE_MS);
    expect(stage.allRows().map(({ step, serverId }) => `${step} ${serverId ?? ""}`)).toEqual(["down x"]);
    // Part of a site: one kind is taken, the others are not.
    expect(await codeOf(source.saveRoute("default", routeInput({ kinds: ["host_down"] })))).toBe("ok");
    expect(source.untold().map(({ what }) => what)).toEqual(["part", "part", "part", "all"]);
    expect(await codeOf(source.saveRoute("default", routeInput({ enabled: false })))).toBe("ok");
    expect(source.untold()).toHaveLength(4);
  });

  it("a route whose people are all switched off tells nobody; without anybody at all that is another trouble", async () => {
    const desk = company();
    const id = await added(desk, { enabled: false });
    const steps = [{ afterSeconds: 0, to: [id] }];
    expect(await codeOf(desk.source.saveRoute("default", routeInput({ steps })))).toBe("ok");
    expect(desk.source.untold().map(({ what }) => what)).toEqual(["all", "all", "all"]);
    expect(await codeOf(desk.source.removeRecipient("a"))).toBe("ok");
    expect(desk.source.untold()).toEqual([]);
  });
});

describe("drills", () => {
  it("go the whole way to those asked for, by default to staff that is on, and say what came of it", async () => {
    const desk = company();
    const { source, stage } = desk;
    expect(source.drills()).toEqual([]);
    const off = await added(desk, { address: "1", enabled: false });
    await added(desk, { address: "2", audience: "users" });
    const startedMs = stage.now.wallMs;
    expect(await codeOf(source.startDrill(null, "sari"))).toBe("ok");
    expect(source.drills()).toMatchObject([
      { recipientId: "a", recipientName: "Chat a", by: "sari", settledAtMs: null, queuedAtMs: startedMs },
    ]);
    stage.pass(10_000);
    const [row] = source.drills();
    expect(row).toMatchObject({ status: "sent", attempts: 1, lastError: null });
    expect(row!.settledAtMs! - row!.queuedAtMs).toBeGreaterThanOrEqual(0);
    expect(row!.settledAtMs! - row!.queuedAtMs).toBeLessThan(10_000);
    // The next one replaces it; whoever is off says why.
    expect(await codeOf(source.startDrill([off], "budi"))).toBe("ok");
    stage.pass(10_000);
    expect(source.drills()).toMatchObject([{ recipientId: off, by: "budi", status: "rejected" }]);
    expect(await codeOf(source.startDrill(["nobody"], "x"))).toBe("recipient_not_found");
    await source.removeRecipient("a");
    expect(await codeOf(source.startDrill(null, "x"))).toBe("nobody_to_drill");
  });

  it("of a drill that is still on its way nothing is shown in the next", async () => {
    const desk = company();
    const { source, stage } = desk;
    await added(desk, { address: "3" });
    stage.sendRule = () => null;
    expect(await codeOf(source.startDrill(["a"], "sari"))).toBe("ok");
    stage.pass(2_000);
    const other = source.recipients().find(({ address }) => address === "3")!;
    expect(await codeOf(source.startDrill([other.id], "sari"))).toBe("ok");
    expect(source.drills().map(({ recipientId }) => recipientId)).toEqual([other.id]);
  });
});

describe("an open incident", () => {
  function fallen() {
    const desk = company();
    desk.stage.stopAgent("w");
    desk.stage.pass(5 * MINUTE_MS);
    const id = desk.source.openIncidents()[0]!.id;
    return { ...desk, id };
  }

  it("is quiet until then, and says so only as long as it lasts", async () => {
    const { source, stage, id } = fallen();
    const untilMs = stage.now.wallMs + 30 * MINUTE_MS;
    const quiet = async () => (await source.incident(id))?.incident.quiet;
    expect(await codeOf(source.quietIncident(id, { untilMs }, "sari"))).toBe("ok");
    expect(await quiet()).toEqual({ by: "sari", untilMs });
    stage.pass(31 * MINUTE_MS);
    expect(await quiet()).toBeNull();
    expect(await codeOf(source.quietIncident(id, null, "budi"))).toBe("ok");
    expect(await quiet()).toEqual({ by: "budi", untilMs: null });
    // A moment that is over ends it.
    expect(await codeOf(source.quietIncident(id, { untilMs: stage.now.wallMs }, "budi"))).toBe("ok");
    expect(await quiet()).toBeNull();
    const lines = (await source.incident(id))!.timeline.filter(({ type }) => type === "quieted");
    expect(lines).toMatchObject([{ untilMs }, { untilMs: null }, { untilMs: stage.now.wallMs }]);
    expect(await codeOf(source.quietIncident("i99", null, "x"))).toBe("incident_not_found");
  });

  it("is checked as the core would, and what was found is written down", async () => {
    const { source, stage, asked, answers, id } = fallen();
    answers.set("host-w", "dead");
    asked.length = 0;
    const result = await source.checkIncident(id, "sari");
    expect(asked).toMatchObject([
      { kind: "icmp", host: "host-w" },
      { kind: "banner", host: "host-w", port: 22 },
    ]);
    const dead = { type: "probe", from: "collector", by: null, result: { verdict: "dead" } };
    const found = [dead, dead];
    expect(result).toMatchObject({ ok: true, value: found });
    const detail = await source.incident(id);
    expect(detail?.incident.checked).toMatchObject({ by: "sari", atMs: stage.now.wallMs, evidence: found });
    expect(detail?.timeline.at(-1)).toMatchObject({ type: "checked", by: "sari", verdict: "dead" });
    stage.playAgent("w");
    stage.pass(MINUTE_MS);
    expect(["incident_closed", "incident_not_found"]).toContain(
      await codeOf(source.checkIncident(id, "sari")),
    );
  });

  it("of a branch is checked by its gateway and at most five of its servers, those that are away first", async () => {
    const desk = company();
    const { source, stage, asked, answers } = desk;
    for (const id of ["k", "l", "m", "n"]) {
      stage.add(id, { siteId: "s", address: addressOf(id) });
      stage.playAgent(id);
    }
    stage.pass(10 * MINUTE_MS);
    stage.probeRule = () => "dead";
    stage.gatewayRule = () => "dead";
    for (const id of ["x", "y", "z", "k", "l", "m", "n"]) stage.stopAgent(id);
    stage.pass(5 * MINUTE_MS);
    const group = source.openIncidents().find(({ kind }) => kind === "site_down")!;
    // The last of them comes back: it is not worth a question while others are away.
    const backFirst = group.memberIds[0]!;
    stage.playAgent(backFirst);
    stage.pass(30_000);
    expect(source.openIncidents().map(({ id }) => id)).toContain(group.id);
    asked.length = 0;
    answers.set("10.9.1.254", "dead");
    const result = await source.checkIncident(group.id, "API");
    const away = group.memberIds.filter((id) => id !== backFirst).slice(0, 5);
    expect(asked.filter(({ kind }) => kind === "icmp").map(({ host }) => host)).toEqual([
      "10.9.1.254",
      ...away.map(addressOf),
    ]);
    expect(result.ok && result.value[0]).toMatchObject({
      type: "gateway",
      address: "10.9.1.254",
      verdict: "dead",
    });
    expect((await source.incident(group.id))?.timeline.at(-1)).toMatchObject({
      type: "checked",
      verdict: "alive",
    });
  });

  it("of several branches is checked by one server of each before a second of the same", async () => {
    const desk = company();
    const { source, stage, asked } = desk;
    for (const [siteId, count] of [
      ["t", 2],
      ["u", 2],
    ] as const) {
      if (siteId === "u") stage.addSite("u", { gatewayAddress: "10.9.3.254" });
      for (let index = 0; index < count; index += 1) {
        stage.add(`${siteId}${index}`, { siteId, address: addressOf(`${siteId}${index}`) });
        stage.playAgent(`${siteId}${index}`);
      }
    }
    stage.pass(10 * MINUTE_MS);
    stage.probeRule = () => "dead";
    for (const { id } of source.servers()) stage.stopAgent(id);
    stage.pass(5 * MINUTE_MS);
    const mass = source.openIncidents().find(({ kind }) => kind === "mass_outage");
    if (!mass) throw new Error("the stage tells no mass outage of this");
    asked.length = 0;
    expect(await codeOf(source.checkIncident(mass.id, "sari"))).toBe("ok");
    const siteOf = new Map(source.servers().map(({ address, siteId }) => [address, siteId]));
    const sites = asked.flatMap(({ kind, host }) => (kind === "icmp" ? (siteOf.get(host) ?? []) : []));
    expect(sites.slice(0, 3).toSorted()).toEqual(["s", "t", "u"]);
    expect(sites).toHaveLength(5);
    expect(asked.filter(({ host }) => host.endsWith(".254"))).toHaveLength(3);
  });

  it("is announced to its users with the words they will read; its end too", async () => {
    const desk = fallen();
    const { source, stage, id } = desk;
    expect(source.announcement(id, false)).toEqual({
      to: [],
      texts: [{ language: "id", text: "id announced Site t" }],
    });
    expect(await codeOf(source.announceIncident(id, false, "sari"))).toBe("nobody_to_announce_to");
    const here = await added(desk, { address: "11", audience: "users", siteIds: ["t"], language: "en" });
    await added(desk, { address: "12", audience: "users", siteIds: ["s"] });
    const all = await added(desk, { address: "13", audience: "users" });
    expect(source.announcement(id, false)).toMatchObject({
      to: [{ recipientId: here }, { recipientId: all }],
      texts: [
        { language: "en", text: "en announced Site t" },
        { language: "id", text: "id announced Site t" },
      ],
    });
    expect(source.announcement(id, true)?.to).toEqual([]);
    expect(await codeOf(source.announceIncident(id, true, "sari"))).toBe("not_announced");
    expect(await codeOf(source.announceIncident(id, false, "sari"))).toBe("ok");
    expect(await codeOf(source.announceIncident(id, false, "sari"))).toBe("already_so");
    stage.pass(MINUTE_MS);
    expect(source.announcement(id, true)).toMatchObject({
      to: [{ recipientId: here }, { recipientId: all }],
      texts: [{ text: "en announced_over Site t" }, { text: "id announced_over Site t" }],
    });
    expect((await source.incident(id))?.incident.announcement).toMatchObject({ by: "sari", overAtMs: null });
    expect(await codeOf(source.announceIncident(id, true, "budi"))).toBe("ok");
    expect((await source.incident(id))?.incident.announcement?.overAtMs).toBe(stage.now.wallMs);
    expect(source.announcement("i99", false)).toBeNull();
  });
});
