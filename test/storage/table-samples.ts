/**
 * One record of every table that a commit or `later` may write.
 * Why typed by table: the compiler refuses a table that was forgotten, so that each kind of record goes through every store.
 * Must not: hold archived incidents; those leave the tables (samples.ts has them).
 */
import type { TableName, Tables, Write } from "../../collector/core/types.ts";
import { isVolatile, tableNames } from "../../collector/storage/codec.ts";
import { sampleIncident, sampleNotification, sampleServer, sampleSite, startWallMs } from "./samples.ts";

type Kept = Exclude<TableName, "archive">;

const round = {
  roundId: "s1/2",
  startedCoreMs: 120_000,
  finishedCoreMs: 121_500.25,
  results: [
    {
      kind: "banner",
      target: "10.0.1.2:22",
      verdict: "alive",
      detail: "connected",
      roundTripMs: 3.5,
      banner: "SSH-2.0-OpenSSH_9.2",
    },
    {
      kind: "http",
      target: "10.0.1.2:80",
      verdict: "alive",
      detail: "status_503",
      roundTripMs: 9,
      asExpected: false,
    },
  ],
  witnesses: [
    {
      serverId: "s2",
      serverName: "srv-cabang-2",
      sameSite: false,
      results: [
        { kind: "icmp", target: "10.0.1.2", verdict: "none", detail: "not_allowed", roundTripMs: null },
      ],
    },
  ],
} as const;

const incident = sampleIncident(7, {
  kind: "site_down",
  variant: "link_or_power",
  serverId: null,
  groupedUnder: null,
  goodbye: "agent_stopped",
  muted: true,
  causeDueCoreMs: 700_000,
  group: {
    type: "site",
    siteIds: ["site1"],
    serverIds: ["s1", "s2"],
    backCoreMs: null,
    endings: [{ serverId: "s1", cause: "site_power", backCoreMs: 500_000, rebootedUnclean: true }],
  },
  evidence: [
    { type: "probe", from: "witness", by: "srv-cabang-2", result: round.results[0], wallMs: startWallMs },
    { type: "gateway", address: "10.0.0.1", verdict: "dead", wallMs: startWallMs },
    { type: "sentinels", alive: ["10.0.0.254"], failed: ["1.1.1.1:443"], wallMs: startWallMs },
    { type: "journal", finding: { type: "internet", reached: false }, wallMs: startWallMs },
  ],
});
const row = sampleNotification(incident, 3);

const records: { readonly [K in Kept]: Tables[K] } = {
  site: sampleSite(1),
  server: {
    ...sampleServer(1),
    mode: "ping",
    check: {
      type: "http",
      url: "http://10.0.1.2/health",
      expectedStatus: 200,
      expectedText: "“sehat”",
    },
  },
  agent: {
    serverId: "s1",
    publicKey: "A".repeat(43),
    enrolledWallMs: startWallMs,
    version: "0.1.0",
    inventory: null,
  },
  enrollment: {
    id: "e1",
    secretHash: "A".repeat(43),
    serverId: null,
    siteId: "site1",
    usesLeft: 3,
    expiresWallMs: startWallMs + 1,
    createdWallMs: startWallMs,
    usedBy: ["A".repeat(43)],
  },
  recipient: {
    id: "r1",
    channel: "telegram",
    address: "-1001/7",
    name: "Budi",
    language: "id",
    enabled: true,
    disabledReason: null,
    createdWallMs: startWallMs,
    nextSendCoreMs: 12.5,
  },
  linkCode: { codeHash: "A".repeat(43), name: "Sari", language: "en", expiresWallMs: startWallMs },
  detector: {
    serverId: "s1",
    sinceCoreMs: 181_000,
    sinceWallMs: startWallMs,
    status: "down",
    incidentId: "i7",
    aloneFromCoreMs: 300_000,
  },
  incident,
  notification: {
    ...row,
    message: {
      ...row.message,
      members: [{ serverName: "srv-cabang-1", siteName: "Cabang 1" }],
      memberCount: 2,
      flapping: { incidents: 3, sinceWallMs: startWallMs, downNow: true },
      addresses: ["10.0.1.2", "fd00::2"],
    },
  },
  meta: {
    nextIncidentNumber: 8,
    nextNotificationSequence: 4,
    random: -17,
    startedCoreMs: 3,
    stoppedCoreMs: null,
  },
  shelf: { any: ["thing", null] },
  maintenance: {
    id: "m1",
    siteId: "site1",
    serverId: null,
    startsWallMs: startWallMs,
    endsWallMs: startWallMs + 3_600_000,
    note: "Ganti UPS",
    createdBy: "sari",
    createdWallMs: startWallMs,
  },
  flapping: {
    subject: "s1",
    openedCoreMs: [1_000, 2_000.5, 3_000],
    sinceCoreMs: 3_000,
    incidents: 3,
    incidentsDigested: 1,
    nextDigestCoreMs: 1_803_000,
    told: 1,
  },
  serverLog: {
    serverId: "s1",
    entries: [
      { wallMs: startWallMs, what: { type: "rebooted", clean: null } },
      { wallMs: startWallMs + 1, what: { type: "duplicate", addresses: ["10.0.1.2", "10.0.1.3"] } },
    ],
    duplicate: true,
  },
  heard: {
    serverId: "s1",
    coreMs: 45_000,
    hearingMs: 45_000,
    wallMs: startWallMs,
    sessionId: "session",
    bootId: "boot",
    sequence: 3,
    agentStartedBootMs: 5_000.5,
    connected: false,
    disconnectedWallMs: startWallMs,
    announced: { bootId: "boot-2", agentStartedBootMs: 1 },
    ownHost: true,
    features: ["witness", "journal"],
  },
  silence: {
    serverId: "s1",
    roundsStarted: 2,
    openRoundId: "s1/3",
    witnessIds: ["s2", "s3"],
    witnesses: round.witnesses,
    rounds: [round],
    nextProbeCoreMs: null,
    lastAliveCoreMs: 120_000,
  },
  baseline: {
    serverId: "s1",
    icmpAsked: 20,
    icmpAnswered: 19,
    tcpAsked: 0,
    tcpAnswered: 0,
    banners: { "10.0.1.2:22": { asked: 20, spoke: 20 } },
    nextCoreMs: 900_000,
    pending: round,
  },
  gateway: {
    siteId: "site1",
    address: "10.0.0.1",
    asked: 9,
    answered: 8,
    pending: { isAlive: true, finishedCoreMs: 59_000 },
    openRoundId: null,
    rounds: [round],
    nextCoreMs: 60_000,
  },
  sentinel: { target: "1.1.1.1:443", near: false, lastAliveCoreMs: null, failedInRow: 2 },
  sentinelPlan: { openRoundId: "sentinels/4", openedCoreMs: 60_000, nextCoreMs: 120_000 },
  mass: { flaggedCoreMs: 60_000, fromCoreMs: 15_000, untilCoreMs: 240_000 },
  identity: {
    serverId: "s1",
    seen: [{ bootId: "boot", agentStartedBootMs: 5_000, peerAddress: "10.0.1.2", coreMs: 1_000 }],
    duplicateSinceCoreMs: null,
    lastFlipCoreMs: 0,
  },
  journal: {
    serverId: "s1",
    fromCoreMs: 30_000,
    complete: false,
    lastSequence: 813,
    lastEntryCoreMs: 100_000,
    lastBootId: "boot-2",
    ticks: 4,
    gapMs: 31_000,
    gapsMs: 45_000,
    sleptMs: 0,
    reboots: 1,
    cleanReboot: false,
    rebootedCoreMs: 95_000,
    restarts: 0,
    stopped: false,
    linkDown: 0,
    gatewayOk: 3,
    gatewayFailed: 1,
    internetOk: 0,
    internetFailed: 4,
    dnsFailed: 4,
    collectorErrors: { timeout: 3, name: 1 },
  },
  unstable: { serverId: "s1", endedCoreMs: [1_000, 2_000], loggedCoreMs: null },
  health: { serverId: "s1", wallMs: startWallMs, sample: { cpu: 0.25, load: [1, 2, 3] } },
  hearing: {
    state: "isolated",
    sinceCoreMs: 100_000,
    untilCoreMs: 0,
    hearingMs: 90_000,
    lostAtCoreMs: 95_000,
    awayUntilCoreMs: 10_000,
    lastTickCoreMs: 101_000,
  },
  clock: { coreMs: 101_000, hostBootId: "host", monotonicMs: 1, bootMs: 2, wallMs: startWallMs },
  look: { coreMs: 4 },
  mark: { serverId: "s1", atCoreMs: 4 },
};

/** A write of each table that is kept so; the keys are all "1": a store does not look at them. */
export function oneOfEach(kind: "durable" | "volatile"): readonly Write[] {
  return tableNames
    .filter((table) => table !== "archive" && isVolatile(table) === (kind === "volatile"))
    .map((table) => ({ table, key: "1", value: records[table as Kept] }) as Write);
}
