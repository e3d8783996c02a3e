/**
 * Records as a collector keeps them, of the size a real one has.
 * Why: the contract, the crash tests and the bench should move what the product moves.
 * Must not: be random by itself; the number decides everything.
 */
import type { Incident } from "../../collector/core/types/incident.ts";
import type { Server, Site } from "../../collector/core/types/registry.ts";
import type { Detector } from "../../collector/core/types/server.ts";
import type { ArchivedIncident, Write } from "../../collector/core/types/tables.ts";
import type { Message, Notification } from "../../collector/core/types/telling.ts";

/** 2026-01-15T00:00:00Z */
export const startWallMs = Date.UTC(2026, 0, 15);
export const dayMs = 86_400_000;

export function sampleServer(number: number): Server {
  return {
    id: `s${number}`,
    name: `srv-cabang-${number}`,
    siteId: `site${number % 200}`,
    mode: "agent",
    address: `10.${number >> 8}.${number & 255}.2`,
    probePorts: [22, 443],
    check: null,
    downAfterMs: null,
    latitude: -6.2,
    longitude: 106.816_666,
    parentId: null,
    tags: ["cabang", "produksi"],
    createdWallMs: startWallMs,
  };
}

export function sampleSite(number: number): Site {
  return {
    id: `site${number}`,
    name: `Cabang ${number} — “Jalan Merdeka”`,
    code: `C${number}`,
    address: `Jalan Merdeka ${number}, Makassar`,
    latitude: -5.14,
    longitude: 119.42,
    timeZone: "Asia/Makassar",
    gatewayAddress: "10.0.0.1",
    contact: "Ibu Sari +62 811 000 000",
    provider: "Telkom",
    circuitId: `AST-${number}`,
    createdWallMs: startWallMs,
  };
}

export function sampleDetector(number: number, status: "up" | "suspect" = "up", sinceCoreMs = 0): Detector {
  return { serverId: `s${number}`, status, sinceCoreMs, sinceWallMs: startWallMs + sinceCoreMs };
}

export function sampleIncident(number: number, changes: Partial<Incident> = {}): Incident {
  const startedWallMs = changes.startedWallMs ?? startWallMs;
  const endedWallMs = startedWallMs + 7 * 60_000;
  return {
    id: `i${number}`,
    number,
    kind: "host_down",
    variant: null,
    serverId: `s${number % 50}`,
    siteId: `site${number % 7}`,
    serverName: `srv-cabang-${number % 50}`,
    siteName: `Cabang ${number % 7}`,
    groupedUnder: null,
    startedWallMs,
    startedCoreMs: 1_000,
    detectedWallMs: startedWallMs + 180_000,
    detectedCoreMs: 181_000,
    endedWallMs,
    endedCoreMs: 421_000,
    closeReason: "recovered",
    confidence: "high",
    cause: "host_crash_or_power",
    finalCause: "host_crash_or_power",
    evidence: [
      { type: "last_heard", wallMs: startedWallMs, silentMs: 180_000 },
      {
        type: "probe",
        from: "collector",
        by: null,
        wallMs: startedWallMs + 170_000,
        result: { kind: "icmp", target: "10.0.4.2", verdict: "dead", detail: "timeout", roundTripMs: null },
      },
    ],
    acknowledgedBy: null,
    timeline: [
      {
        wallMs: startedWallMs + 180_000,
        what: { type: "opened", kind: "host_down", confidence: "high", cause: "host_crash_or_power" },
      },
      {
        wallMs: startedWallMs + 181_000,
        what: { type: "notify", recipientName: "Budi", reason: "first", send: true },
      },
      { wallMs: endedWallMs, what: { type: "heard_again" } },
    ],
    minutes: { server: 7, link: 0, planned: 0, collector: 0 },
    bootIdBefore: "2f1c9a52-52c8-4a4c-8c42-2b5c5d1a9f10",
    agentStartedBootMsBefore: 12_000,
    goodbye: null,
    group: null,
    muted: false,
    quiet: null,
    checked: null,
    announcement: null,
    pursuits: [],
    causeDueCoreMs: null,
    ...changes,
  };
}

function sampleMessage(incident: Incident): Message {
  return {
    step: "down",
    incidentNumber: incident.number,
    kind: incident.kind,
    variant: null,
    serverName: incident.serverName,
    siteName: incident.siteName,
    siteAddress: "Jalan Merdeka 1, Makassar",
    latitude: -5.14,
    longitude: 119.42,
    timeZone: "Asia/Makassar",
    startedWallMs: incident.startedWallMs,
    detectedWallMs: incident.detectedWallMs,
    endedWallMs: null,
    durationMs: null,
    confidence: incident.confidence,
    cause: incident.cause,
    finalCause: null,
    evidence: incident.evidence,
    members: [],
    memberCount: 1,
    siteCount: 1,
    flapping: null,
    addresses: [],
    closeReason: null,
    handling: { acknowledgedBy: null, quiet: null, checked: null, announced: false },
    repeat: null,
    summary: null,
    lost: null,
    channel: null,
    panelUrl: null,
  };
}

export function sampleNotification(incident: Incident, sequence: number): Notification {
  return {
    id: `${incident.id}/down/r${sequence}/telegram`,
    incidentId: incident.id,
    serverId: incident.serverId,
    step: "down",
    recipientId: `r${sequence}`,
    channel: "telegram",
    reason: "first",
    message: sampleMessage(incident),
    status: "sent",
    attempts: 1,
    notBeforeCoreMs: 0,
    leaseUntilCoreMs: null,
    repeat: false,
    repeated: false,
    externalId: "4711",
    folded: false,
    alone: false,
    editOf: null,
    stale: false,
    fallbackCoreMs: null,
    lastError: null,
    sequence,
    queuedWallMs: incident.detectedWallMs,
    settledWallMs: incident.detectedWallMs + 800,
  };
}

export function sampleArchived(number: number, changes: Partial<Incident> = {}): ArchivedIncident {
  const incident = sampleIncident(number, changes);
  return { incident, notifications: [sampleNotification(incident, 1)] };
}

/** What the core commits when an incident is over and told. */
export function archiveWrites(archived: ArchivedIncident): readonly Write[] {
  const { incident, notifications } = archived;
  return [
    { table: "archive", key: incident.id, value: archived },
    { table: "incident", key: incident.id, value: null },
    ...notifications.map((row): Write => ({ table: "notification", key: row.id, value: null })),
  ];
}

/** A fleet: a site for 25 servers, and what the collector keeps of each server. */
export function fleetWrites(serverCount: number): readonly Write[] {
  const writes: Write[] = [];
  for (let number = 0; number < serverCount / 25; number++) {
    writes.push({ table: "site", key: `site${number}`, value: sampleSite(number) });
  }
  for (let number = 0; number < serverCount; number++) {
    const serverId = `s${number}`;
    writes.push(
      { table: "server", key: serverId, value: sampleServer(number) },
      { table: "detector", key: serverId, value: sampleDetector(number) },
      {
        table: "agent",
        key: serverId,
        value: {
          serverId,
          publicKey: Buffer.from(`key of ${number}`.padEnd(32, ".")).toString("base64url"),
          enrolledWallMs: startWallMs,
          version: "0.1.0",
          inventory: {
            hostName: `srv-cabang-${number}`,
            platform: "linux",
            osName: "Debian GNU/Linux 12 (bookworm)",
            kernel: "6.1.0-31-amd64",
            arch: "x64",
            cpuModel: "Intel(R) Xeon(R) E-2336 CPU @ 2.90GHz",
            cpuCount: 12,
            memoryTotalBytes: 33_567_465_472,
            manufacturer: "Dell Inc.",
            model: "PowerEdge T150",
            virtual: false,
          },
        },
      },
    );
  }
  return writes;
}
