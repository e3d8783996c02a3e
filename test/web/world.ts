/**
 * A small company in a test source: branches, servers in every status, incidents open and over, recipients.
 * Must not: be random; what a test sees is the same each time.
 */
import type { TestSource } from "./panel-source.ts";
import {
  aliveProbe,
  deadProbe,
  makeIncident,
  makeRecipient,
  makeServer,
  makeSite,
  START_MS,
} from "./view-samples.ts";
import type { EvidenceView } from "../../web/source-incidents.ts";
import type { ServerView } from "../../web/source-servers.ts";

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
  addBranches(source);
  addServers(source);
  changeStatuses(source);
  addOpenIncidents(source);
  addPastIncidents(source);
  addRecipients(source);
}

/** Changes some of a server that is there. */
export function changerOf(source: TestSource) {
  return (id: string, next: Partial<ServerView>): void => {
    const server = source.server(id);
    if (server) source.setServer({ ...server, ...next });
  };
}

function addBranches(source: TestSource): void {
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
}

/** Five at each branch, one of them ping-only, and fourteen without a branch. */
function addServers(source: TestSource): void {
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
}

/** One server in each status. */
function changeStatuses(source: TestSource): void {
  const change = changerOf(source);
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
}

function addOpenIncidents(source: TestSource): void {
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
}

function addPastIncidents(source: TestSource): void {
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
}

function addRecipients(source: TestSource): void {
  source.setRecipient(makeRecipient({ id: "r1", name: "Grup Divisi IT" }));
  source.setRecipient(
    makeRecipient({
      id: "r2",
      address: "55501234",
      name: "Pak Hendra",
      enabled: false,
      disabledReason: "Forbidden: bot was blocked by the user",
    }),
  );
}
