/**
 * More of what can be, on top of `fillWorld`: groups, marks, a log, maintenance, odd gateways.
 * Why apart from world.ts: most tests want a company on a plain day.
 * Must not: be random; what a test sees is the same each time.
 */
import type { TestSource } from "./panel-source.ts";
import { deadProbe, makeIncident, makeMaintenance, makeProbe, noMarks, START_MS } from "./view-samples.ts";
import { changerOf } from "./world.ts";
import type { SiteView } from "../../web/source-servers.ts";

/**
 * A branch that is down as a whole, a mass outage and the collector's own trouble that are over, servers with each mark,
 * a log, gateways, windows in force, planned and over.
 */
export function fillTroubles(source: TestSource): void {
  addSiteDown(source);
  addMassOutage(source);
  addCollectorTrouble(source);
  markServers(source);
  addLog(source);
  askGateways(source);
  addMaintenance(source);
}

/** A branch that is down, its servers under it, one of them back. */
function addSiteDown(source: TestSource): void {
  const change = changerOf(source);
  const downMs = START_MS - 900_000;
  const members = ["bdg-1", "bdg-2", "bdg-3"];
  const bandung = { siteId: "bdg", siteName: "Cabang Bandung Dago" };
  source.setIncident({
    incident: makeIncident({
      number: 50,
      kind: "site_down",
      variant: "link_or_power",
      cause: "site_link_or_power",
      confidence: "medium",
      ...bandung,
      startedAtMs: downMs,
      detectedAtMs: downMs + 180_000,
      memberIds: members,
      siteIds: ["bdg"],
      evidence: [
        { type: "gateway", address: "10.4.0.1", verdict: "dead", atMs: downMs + 170_000 },
        {
          type: "probe",
          from: "witness",
          by: "mks-domain",
          atMs: downMs + 171_000,
          result: { ...deadProbe, target: "10.4.4.2" },
        },
      ],
    }),
    timeline: [
      {
        type: "opened",
        atMs: downMs + 180_000,
        kind: "site_down",
        confidence: "medium",
        cause: "site_link_or_power",
      },
      { type: "joined", atMs: downMs + 190_000, serverName: "bdg-berkas" },
      { type: "member_back", atMs: START_MS - 60_000, serverName: "bdg-kasir-2" },
    ],
    notifications: [],
    members: members.map((serverId, index) => ({
      serverId,
      serverName: source.server(serverId)?.name ?? null,
      siteName: bandung.siteName,
      incidentId: `i${51 + index}`,
      backAtMs: index === 1 ? START_MS - 60_000 : null,
    })),
  });
  for (const [index, id] of members.entries()) {
    const back = index === 1;
    source.setIncident({
      incident: makeIncident({
        number: 51 + index,
        kind: "host_down",
        serverId: id,
        serverName: source.server(id)?.name ?? "",
        ...bandung,
        groupedUnder: "i50",
        startedAtMs: downMs,
        detectedAtMs: downMs + 180_000,
        ...(back ? { endedAtMs: START_MS - 60_000, finalCause: "site_link" } : {}),
      }),
      timeline: [
        { type: "grouped", atMs: downMs + 180_000, incidentId: "i50", number: 50 },
        { type: "notify", atMs: downMs + 180_000, recipientName: null, reason: "grouped", send: false },
      ],
      notifications: [],
    });
    if (!back)
      change(id, {
        status: "down",
        statusSinceMs: downMs + 180_000,
        lastHeartbeatMs: downMs,
        openIncidentId: `i${51 + index}`,
      });
  }
}

/** Over; one of its members is not known any more. */
function addMassOutage(source: TestSource): void {
  source.setIncident({
    incident: makeIncident({
      number: 30,
      kind: "mass_outage",
      cause: "path_or_provider",
      confidence: "low",
      finalCause: "path_or_provider",
      startedAtMs: START_MS - 90_000_000,
      detectedAtMs: START_MS - 89_820_000,
      endedAtMs: START_MS - 88_000_000,
      durationMs: 2_000_000,
      memberIds: ["sby-1", "sby-2", "mdn-1", "mdn-2", "mdn-3", "mks-1", "mks-2", "jyp-1", "jyp-2", "gone"],
      siteIds: ["sby", "mdn", "mks", "jyp"],
      minutes: { server: 0, link: 33, planned: 0, collector: 0 },
      evidence: [
        { type: "sentinels", alive: ["1.1.1.1:443"], failed: ["10.0.0.1"], atMs: START_MS - 89_820_000 },
        {
          type: "journal",
          finding: { type: "internet", reached: true },
          atMs: START_MS - 87_900_000,
        },
        {
          type: "journal",
          finding: { type: "collector", problem: "timeout" },
          atMs: START_MS - 87_900_000,
        },
      ],
    }),
    timeline: [
      {
        type: "cause_corrected",
        atMs: START_MS - 87_900_000,
        from: "site_link_or_power",
        to: "path_or_provider",
      },
    ],
    notifications: [],
    members: [
      { serverId: "sby-1", serverName: "sby-kasir-1", siteName: "Cabang Surabaya Darmo" },
      { serverId: "gone", serverName: null, siteName: null },
    ].map((member) => ({ ...member, incidentId: null, backAtMs: null })),
  });
}

function addCollectorTrouble(source: TestSource): void {
  source.setIncident({
    incident: makeIncident({
      number: 31,
      kind: "collector_trouble",
      variant: "uplink",
      cause: "collector",
      finalCause: "collector",
      startedAtMs: START_MS - 50_000_000,
      detectedAtMs: START_MS - 49_970_000,
      endedAtMs: START_MS - 49_000_000,
      minutes: { server: 0, link: 0, planned: 0, collector: 17 },
      evidence: [
        {
          type: "sentinels",
          alive: ["10.0.0.1"],
          failed: ["1.1.1.1:443", "9.9.9.9:53"],
          atMs: START_MS - 49_970_000,
        },
      ],
    }),
    timeline: [],
    notifications: [],
  });
}

/** Each mark; a hypervisor that others depend on, a service check and what its probes saw. */
function markServers(source: TestSource): void {
  const change = changerOf(source);
  change("jkt-01", { marks: { ...noMarks, flapping: { sinceMs: START_MS - 2_400_000, incidents: 4 } } });
  change("jkt-02", { marks: { ...noMarks, unstable: { suspicions: 3 } }, parentId: "jkt-01" });
  change("jkt-03", {
    marks: {
      ...noMarks,
      duplicate: { sinceMs: START_MS - 600_000, addresses: ["10.9.0.3", "10.31.7.9"] },
    },
    parentId: "jkt-01",
  });
  change("jyp-4", {
    marks: {
      ...noMarks,
      maintenance: { endsAtMs: START_MS + 3_600_000, note: "Ganti UPS, tiket 4711" },
    },
    check: {
      type: "http",
      url: "http://10.4.3.5:8080/status",
      expectedStatus: 200,
      expectedText: "ok",
    },
    probes: [
      makeProbe({ target: "10.4.3.5" }),
      makeProbe({
        kind: "banner",
        target: "10.4.3.5:22",
        detail: "connected",
        banner: "SSH-2.0-dropbear_2022.83",
      }),
      makeProbe({ kind: "banner", target: "10.4.3.5:443", detail: "connected" }),
      makeProbe({ kind: "http", target: "10.4.3.5:8080", detail: "status_503", asExpected: false }),
    ],
  });
}

/** One entry of each kind. */
function addLog(source: TestSource): void {
  const agoMs = (hours: number) => START_MS - hours * 3_600_000;
  source.setServerLog("jkt-01", [
    { atMs: agoMs(1), what: { type: "flapping", incidents: 3 } },
    { atMs: agoMs(2), what: { type: "unstable_link", suspicions: 3 } },
    { atMs: agoMs(20), what: { type: "duplicate_over", address: "10.9.0.3" } },
    { atMs: agoMs(21), what: { type: "duplicate", addresses: ["10.9.0.3", "10.31.7.9"] } },
    { atMs: agoMs(30), what: { type: "flapping_over", incidents: 5 } },
    { atMs: agoMs(44), what: { type: "rebooted", clean: false } },
    { atMs: agoMs(45), what: { type: "rebooted", clean: true } },
    { atMs: agoMs(46), what: { type: "goodbye", reason: "reboot" } },
    { atMs: agoMs(70), what: { type: "agent_restarted" } },
    { atMs: agoMs(90), what: { type: "rebooted", clean: null } },
  ]);
}

function askGateways(source: TestSource): void {
  const site = (id: string, next: Partial<SiteView>) => {
    const known = source.site(id);
    if (known) source.setSite({ ...known, ...next });
  };
  site("bdg", {
    gateway: { asked: 120, answered: 118, last: { verdict: "dead", atMs: START_MS - 40_000 } },
  });
  site("sby", { gateway: { asked: 0, answered: 0, last: null } });
  site("mdn", { gateway: { asked: 20, answered: 0, last: { verdict: "none", atMs: START_MS - 90_000 } } });
}

/** In force, planned, over, and of a server that is gone. */
function addMaintenance(source: TestSource): void {
  source.setMaintenance(
    makeMaintenance({ id: "m1", serverId: "jyp-4", note: "Ganti UPS, tiket 4711", createdBy: "sari" }),
  );
  source.setMaintenance(
    makeMaintenance({
      id: "m2",
      siteId: "mks",
      startsAtMs: START_MS + 36_000_000,
      endsAtMs: START_MS + 50_400_000,
    }),
  );
  source.setMaintenance(
    makeMaintenance({ id: "m3", startsAtMs: START_MS - 90_000_000, endsAtMs: START_MS - 86_400_000 }),
  );
  source.setMaintenance(makeMaintenance({ id: "m4", serverId: "gone", endsAtMs: START_MS - 1_000 }));
}
