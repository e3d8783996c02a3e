/**
 * A small company in a test source: branches, servers in every status, incidents open and over, recipients.
 * Must not: be random; what a test sees is the same each time.
 */
import {
  aliveProbe,
  deadProbe,
  makeIncident,
  makeMaintenance,
  makeProbe,
  makeServer,
  makeSite,
  noMarks,
  START_MS,
  type TestSource,
} from "./panel-source.ts";
import type { EvidenceView } from "../../web/source-incidents.ts";

const GIB = 2 ** 30;

const inventory = {
  hostName: "sby-kasir-1",
  platform: "linux",
  osName: "Debian GNU/Linux 12 (bookworm)",
  kernel: "6.1.0-26-amd64",
  arch: "x64",
  cpuModel: "Intel Xeon E-2314",
  cpuCount: 4,
  memoryTotalBytes: 16 * GIB,
  manufacturer: "Dell Inc.",
  model: "PowerEdge T150",
  virtual: false,
};

function health(cpu: number, memory: number, disk: number) {
  return {
    atMs: START_MS - 20_000,
    sample: {
      cpu,
      load: [0.42, 0.37, 0.31] as [number, number, number],
      memoryTotalBytes: 16 * GIB,
      memoryUsedBytes: 16 * GIB * memory,
      swapTotalBytes: 2 * GIB,
      swapUsedBytes: 0.1 * GIB,
      disks: [
        { mount: "/", sizeBytes: 220 * GIB, usedBytes: 220 * GIB * disk },
        { mount: "/srv/data", sizeBytes: 930 * GIB, usedBytes: 500 * GIB },
      ],
      networkReceivedBytesPerSecond: 182_000,
      networkSentBytesPerSecond: 34_000,
      temperatureCelsius: 51,
      uptimeSeconds: 1_900_000,
    },
  };
}

const agent = { version: "0.1.0", enrolledAtMs: START_MS - 40 * 86_400_000, inventory };

const branches = [
  [
    "sby",
    "Cabang Surabaya Darmo",
    "SBY-01",
    "Jl. Raya Darmo 45, Surabaya",
    -7.2855,
    112.7388,
    "Asia/Jakarta",
  ],
  ["mdn", "Cabang Medan Petisah", "MDN-01", "Jl. Gatot Subroto 12, Medan", 3.5896, 98.6561, "Asia/Jakarta"],
  [
    "mks",
    "Cabang Makassar Panakkukang",
    "MKS-02",
    "Jl. Boulevard 8, Makassar",
    -5.1563,
    119.4473,
    "Asia/Makassar",
  ],
  ["jyp", "Cabang Jayapura", "JYP-01", "Jl. Percetakan 3, Jayapura", -2.5337, 140.7181, "Asia/Jayapura"],
  [
    "bdg",
    "Cabang Bandung Dago",
    "BDG-03",
    "Jl. Ir. H. Juanda 101, Bandung",
    -6.8858,
    107.6135,
    "Asia/Jakarta",
  ],
] as const;

/** Fills the source: five branches, 39 servers, two open incidents, some over, two recipients. */
export function fillWorld(source: TestSource): void {
  for (const [id, name, code, address, latitude, longitude, timeZone] of branches)
    source.setSite(
      makeSite({
        id,
        name,
        code,
        address,
        latitude,
        longitude,
        timeZone,
        gatewayAddress: "10.4.0.1",
        contact: "Bu Sari, 0812-5550-0123, jam 8–17",
        provider: "Telkom Astinet",
        circuitId: "4700-118-22",
      }),
    );
  const names = ["kasir-1", "kasir-2", "berkas", "cctv", "domain"];
  for (const [index, [siteId]] of branches.entries())
    for (const [position, name] of names.entries())
      source.setServer(
        makeServer({
          id: `${siteId}-${position + 1}`,
          name: `${siteId}-${name}`,
          siteId,
          address: `10.4.${index}.${position + 2}`,
          tags: position < 2 ? ["kasir"] : [],
          mode: name === "cctv" ? "ping" : "agent",
          agent: name === "cctv" ? null : agent,
          health:
            name === "cctv"
              ? null
              : health(0.07 + position * 0.11, 0.41 + index * 0.06, 0.55 + position * 0.1),
        }),
      );
  for (let number = 1; number <= 14; number += 1)
    source.setServer(
      makeServer({
        id: `jkt-${String(number).padStart(2, "0")}`,
        name: `jkt-app-${String(number).padStart(2, "0")}`,
        agent,
        health: health(0.2, 0.6, 0.83),
      }),
    );
  const change = (id: string, next: Partial<ReturnType<typeof makeServer>>) => {
    const server = source.server(id);
    if (server) source.setServer({ ...server, ...next });
  };
  change("sby-1", {
    status: "down",
    statusSinceMs: START_MS - 540_000,
    lastHeartbeatMs: START_MS - 720_000,
    openIncidentId: "i42",
    probes: [
      { ...deadProbe, target: "10.4.0.2" },
      { ...deadProbe, kind: "banner", target: "10.4.0.2:22", detail: "unreachable" },
    ],
  });
  change("mks-3", {
    status: "down",
    statusSinceMs: START_MS - 3_000_000,
    lastHeartbeatMs: START_MS - 3_180_000,
    openIncidentId: "i41",
  });
  change("mdn-2", {
    status: "suspect",
    statusSinceMs: START_MS - 30_000,
    lastHeartbeatMs: START_MS - 75_000,
  });
  change("jyp-5", { status: "planned", statusSinceMs: START_MS - 300_000 });
  change("bdg-4", { status: "paused", statusSinceMs: START_MS - 86_400_000 });
  change("bdg-5", { status: "new", lastHeartbeatMs: null, agent: null, health: null });
  change("jyp-1", { status: "recovering", statusSinceMs: START_MS - 10_000 });
  change("mdn-1", { probes: [aliveProbe] });

  const evidence: readonly EvidenceView[] = [
    { type: "last_heard", atMs: START_MS - 720_000, silentMs: 180_000 },
    { type: "socket", state: "closed", atMs: START_MS - 700_000 },
    {
      type: "probe",
      from: "collector",
      by: null,
      atMs: START_MS - 545_000,
      result: { ...deadProbe, target: "10.4.0.2" },
    },
  ];
  source.setIncident({
    incident: makeIncident({
      number: 42,
      serverId: "sby-1",
      serverName: "sby-kasir-1",
      siteId: "sby",
      siteName: "Cabang Surabaya Darmo",
      evidence,
    }),
    timeline: [
      {
        atMs: START_MS - 540_000,
        type: "opened",
        kind: "host_down",
        confidence: "high",
        cause: "host_crash_or_power",
      },
      ...evidence.map((entry) => ({ atMs: START_MS - 540_000, type: "evidence" as const, evidence: entry })),
      {
        atMs: START_MS - 540_000,
        type: "notify",
        recipientName: "Grup Divisi IT",
        reason: "first",
        send: true,
      },
      {
        atMs: START_MS - 538_000,
        type: "delivered",
        recipientName: "Grup Divisi IT",
        step: "down",
        repeat: false,
      },
      {
        atMs: START_MS - 400_000,
        type: "note",
        by: "budi",
        text: "Sudah menelepon Bu Sari.\nListrik ruko padam.",
      },
    ],
    notifications: [
      {
        id: "i42/down/r1/telegram",
        recipientName: "Grup Divisi IT",
        channel: "telegram",
        step: "down",
        reason: "first",
        status: "sent",
        attempts: 1,
        lastError: null,
        repeat: false,
        queuedAtMs: START_MS - 540_000,
        settledAtMs: START_MS - 538_000,
      },
      {
        id: "i42/down/r2/telegram",
        recipientName: "Pak Hendra",
        channel: "telegram",
        step: "down",
        reason: "first",
        status: "retry",
        attempts: 3,
        lastError: "429 Too Many Requests: retry after 31",
        repeat: false,
        queuedAtMs: START_MS - 540_000,
        settledAtMs: null,
      },
    ],
  });
  source.setIncident({
    incident: makeIncident({
      number: 41,
      kind: "agent_down",
      cause: "agent_stopped",
      confidence: "medium",
      serverId: "mks-3",
      serverName: "mks-berkas",
      siteId: "mks",
      siteName: "Cabang Makassar Panakkukang",
      startedAtMs: START_MS - 3_180_000,
      detectedAtMs: START_MS - 3_000_000,
      acknowledgedBy: "budi",
      evidence: [{ type: "last_heard", atMs: START_MS - 3_180_000, silentMs: 180_000 }],
    }),
    timeline: [],
    notifications: [],
  });
  for (let number = 1; number <= 6; number += 1)
    source.setIncident({
      incident: makeIncident({
        number,
        serverId: "mdn-1",
        serverName: "mdn-kasir-1",
        siteId: "mdn",
        siteName: "Cabang Medan Petisah",
        startedAtMs: START_MS - number * 86_400_000,
        endedAtMs: START_MS - number * 86_400_000 + number * 400_000,
        durationMs: number * 400_000,
        finalCause: "host_rebooted",
        minutes: { server: number * 6, link: number, planned: 0, collector: 0 },
      }),
      timeline: [],
      notifications: [],
    });
  source.setRecipient({
    id: "r1",
    channel: "telegram",
    address: "-1001234567890",
    name: "Grup Divisi IT",
    language: "id",
    enabled: true,
    disabledReason: null,
  });
  source.setRecipient({
    id: "r2",
    channel: "telegram",
    address: "55501234",
    name: "Pak Hendra",
    language: "id",
    enabled: false,
    disabledReason: "Forbidden: bot was blocked by the user",
  });
}

/**
 * More of what can be: a branch that is down as a whole and its servers under it, a mass outage and the collector's own
 * trouble that are over, servers with each mark, a hypervisor, a service check, a log, windows in force, planned and over.
 * On top of `fillWorld`.
 */
export function fillTroubles(source: TestSource): void {
  const change = (id: string, next: Partial<ReturnType<typeof makeServer>>) => {
    const server = source.server(id);
    if (server) source.setServer({ ...server, ...next });
  };
  const site = (id: string, next: Partial<ReturnType<typeof makeSite>>) => {
    const known = source.site(id);
    if (known) source.setSite({ ...known, ...next });
  };
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
  site("bdg", {
    gateway: { asked: 120, answered: 118, last: { verdict: "dead", atMs: START_MS - 40_000 } },
  });
  site("sby", { gateway: { asked: 0, answered: 0, last: null } });
  site("mdn", { gateway: { asked: 20, answered: 0, last: { verdict: "none", atMs: START_MS - 90_000 } } });
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
