/**
 * One whole view of each kind, to be changed where a test needs it: `makeServer({ id: "s1", status: "down" })`.
 * Why: a test names what matters to it; the rest is something plain.
 * Must not: know a source or a panel.
 */
import type { MaintenanceView, SystemView } from "../../web/source.ts";
import type { IncidentView } from "../../web/source-incidents.ts";
import type { DrillRowView, RecipientView, RouteView } from "../../web/source-recipients.ts";
import type { ProbeView, ServerMarks, ServerView, SiteView } from "../../web/source-servers.ts";

/** Where the clock of every test stands: a Sunday, 10.00 in Jakarta. */
export const START_MS = Date.UTC(2026, 10, 22, 3, 0, 0);

export function makeSystem(change: Partial<SystemView> = {}): SystemView {
  return {
    version: "0.1.0",
    startedAtMs: START_MS - 86_400_000,
    hearing: "hearing",
    hearingSinceMs: START_MS - 86_000_000,
    hearingUntilMs: null,
    store: { state: "ok", detail: null, notices: [] },
    telegram: { state: "ok", detail: null, sinceMs: START_MS - 80_000_000, botUsername: "detak_contoh_bot" },
    icmp: "ok",
    heartbeatSeconds: 15,
    downAfterSeconds: 180,
    language: "id",
    timeZone: "Asia/Jakarta",
    publicUrl: null,
    outboxWaiting: 0,
    ...change,
  };
}

export function makeSite(change: Partial<SiteView> & { readonly id: string }): SiteView {
  return {
    name: `Cabang ${change.id}`,
    code: "",
    address: "",
    latitude: null,
    longitude: null,
    timeZone: "Asia/Jakarta",
    gatewayAddress: null,
    contact: "",
    provider: "",
    circuitId: "",
    gateway: null,
    ...change,
  };
}

export const noMarks: ServerMarks = { flapping: null, unstable: null, duplicate: null, maintenance: null };

export function makeServer(change: Partial<ServerView> & { readonly id: string }): ServerView {
  return {
    name: `server-${change.id}`,
    siteId: null,
    siteName: null,
    address: "10.0.0.2",
    probePorts: [],
    check: null,
    mode: "agent",
    status: "up",
    statusSinceMs: START_MS - 3_600_000,
    lastHeartbeatMs: START_MS - 7_000,
    downAfterSeconds: 180,
    ownDownAfterSeconds: null,
    latitude: null,
    longitude: null,
    parentId: null,
    tags: [],
    openIncidentId: null,
    agent: null,
    health: null,
    probes: [],
    marks: noMarks,
    ...change,
  };
}

export function makeIncident(change: Partial<IncidentView> & { readonly number: number }): IncidentView {
  return {
    id: `i${change.number}`,
    kind: "host_down",
    variant: null,
    serverId: null,
    serverName: "",
    siteId: null,
    siteName: "",
    groupedUnder: null,
    startedAtMs: START_MS - 720_000,
    detectedAtMs: START_MS - 540_000,
    endedAtMs: null,
    durationMs: null,
    confidence: "high",
    cause: "host_crash_or_power",
    finalCause: null,
    evidence: [],
    acknowledgedBy: null,
    memberIds: [],
    siteIds: [],
    muted: false,
    quiet: null,
    checked: null,
    announcement: null,
    minutes: { server: 12, link: 0, planned: 0, collector: 0 },
    ...change,
  };
}

export function makeMaintenance(change: Partial<MaintenanceView> & { readonly id: string }): MaintenanceView {
  return {
    siteId: null,
    serverId: null,
    startsAtMs: START_MS - 3_600_000,
    endsAtMs: START_MS + 3_600_000,
    note: "",
    createdBy: "budi",
    createdAtMs: START_MS - 7_200_000,
    ...change,
  };
}

export function makeRecipient(change: Partial<RecipientView> & { readonly id: string }): RecipientView {
  return {
    channel: "telegram",
    address: "-1001234567890",
    name: `Penerima ${change.id}`,
    language: "id",
    enabled: true,
    disabledReason: null,
    hasSecret: false,
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
  };
}

/** The one that is there from the start, unless it is changed. */
export function makeRoute(change: Partial<RouteView> = {}): RouteView {
  return {
    id: "default",
    isDefault: change.id === undefined,
    name: "Semua insiden",
    enabled: true,
    siteIds: [],
    tags: [],
    kinds: [],
    steps: [{ afterSeconds: 0, to: "everyone" }],
    repeatSeconds: [1_800, 7_200, 21_600, 86_400],
    fallbackRecipientIds: [],
    ...change,
  };
}

export function makeDrillRow(change: Partial<DrillRowView> & { readonly recipientId: string }): DrillRowView {
  return {
    recipientName: "",
    by: "budi",
    status: "sent",
    attempts: 1,
    queuedAtMs: START_MS - 60_000,
    settledAtMs: START_MS - 59_200,
    lastError: null,
    ...change,
  };
}

export function makeProbe(change: Partial<ProbeView> = {}): ProbeView {
  return {
    kind: "icmp",
    target: "10.0.0.2",
    verdict: "alive",
    detail: "reply",
    roundTripMs: 3.4,
    banner: null,
    asExpected: null,
    ...change,
  };
}
export const aliveProbe: ProbeView = makeProbe();
/** As `makeProbe`, of a question nobody answered. */
export const deadProbe: ProbeView = makeProbe({ verdict: "dead", detail: "timeout", roundTripMs: null });
