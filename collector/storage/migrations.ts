/**
 * How records of an older version become today's: one step for each version of the tables in core/types.ts.
 * Why each old record is listed field by field: the compiler then refuses a field that was added to core/types.ts and forgotten
 * here. When version 3 comes, step 1 ends in records of version 2, listed likewise, and a step 2 is added.
 * Must not: drop or judge anything; what an old record did not know becomes what it would be with nothing to say.
 */
import type {
  AgentRecord,
  ArchivedIncident,
  Baseline,
  ClockRecord,
  Detector,
  Enrollment,
  Evidence,
  Heard,
  Hearing,
  Incident,
  LinkCode,
  Message,
  Meta,
  Notification,
  ProbeResult,
  ProbeRound,
  Recipient,
  Server,
  Silence,
  Site,
  StoredHealth,
  Tables,
  TimelineEntry,
} from "../core/types.ts";
import type { Migration, RawDocument } from "./codec.ts";

// ── Version 1: the fields that its records had ───────────────────────────────────────────────────────

type Site1 = Pick<
  Site,
  | "id"
  | "name"
  | "code"
  | "address"
  | "latitude"
  | "longitude"
  | "timeZone"
  | "gatewayAddress"
  | "contact"
  | "provider"
  | "circuitId"
  | "createdWallMs"
>;
type Server1 = Pick<
  Server,
  | "id"
  | "name"
  | "siteId"
  | "mode"
  | "address"
  | "probePorts"
  | "downAfterMs"
  | "latitude"
  | "longitude"
  | "parentId"
  | "tags"
  | "createdWallMs"
>;
type Agent1 = Pick<AgentRecord, "serverId" | "publicKey" | "enrolledWallMs" | "version" | "inventory">;
type Enrollment1 = Pick<
  Enrollment,
  "id" | "secretHash" | "serverId" | "siteId" | "usesLeft" | "expiresWallMs" | "createdWallMs" | "usedBy"
>;
type Recipient1 = Pick<
  Recipient,
  | "id"
  | "channel"
  | "address"
  | "name"
  | "language"
  | "enabled"
  | "disabledReason"
  | "createdWallMs"
  | "nextSendCoreMs"
>;
type LinkCode1 = Pick<LinkCode, "codeHash" | "name" | "language" | "expiresWallMs">;
type Meta1 = Pick<
  Meta,
  "nextIncidentNumber" | "nextNotificationSequence" | "random" | "startedCoreMs" | "stoppedCoreMs"
>;

interface DetectorBase1 {
  readonly serverId: string;
  readonly sinceCoreMs: number;
  readonly sinceWallMs: number;
}
type DetectorOf<Status> = Extract<Detector, { readonly status: Status }>;
type Detector1 = DetectorBase1 &
  (
    | Pick<DetectorOf<"new">, "status" | "told">
    | Pick<DetectorOf<"up">, "status">
    | Pick<DetectorOf<"suspect">, "status">
    | Pick<DetectorOf<"down">, "status" | "incidentId">
    | Pick<
        DetectorOf<"recovering">,
        "status" | "incidentId" | "firstBeatCoreMs" | "firstBeatWallMs" | "beats"
      >
    | Pick<DetectorOf<"planned">, "status" | "reason" | "deadlineCoreMs">
    | Pick<DetectorOf<"paused">, "status">
  );

type ProbeResult1 = Pick<ProbeResult, "kind" | "target" | "verdict" | "detail" | "roundTripMs">;
type EvidenceOf<Type> = Extract<Evidence, { readonly type: Type }>;
type Evidence1 =
  | Pick<EvidenceOf<"last_heard">, "type" | "wallMs" | "silentMs">
  | (Pick<EvidenceOf<"probe">, "type" | "wallMs"> & {
      readonly from: "collector";
      readonly result: ProbeResult1;
    })
  | Pick<EvidenceOf<"socket">, "type" | "state" | "wallMs">
  | Pick<EvidenceOf<"reboot">, "type" | "clean" | "wallMs">
  | Pick<EvidenceOf<"agent_restarted">, "type" | "wallMs">;

type What = TimelineEntry["what"];
type OtherWhat1 = Extract<
  What,
  {
    readonly type:
      | "opened"
      | "kind_changed"
      | "notify"
      | "delivered"
      | "delivery_failed"
      | "acknowledged"
      | "note"
      | "heard_again"
      | "silent_again"
      | "closed";
  }
>;
interface TimelineEntry1 {
  readonly wallMs: number;
  readonly what: OtherWhat1 | { readonly type: "evidence"; readonly evidence: Evidence1 };
}
type Incident1 = Pick<
  Incident,
  | "id"
  | "number"
  | "kind"
  | "variant"
  | "serverId"
  | "siteId"
  | "serverName"
  | "siteName"
  | "groupedUnder"
  | "startedWallMs"
  | "startedCoreMs"
  | "detectedWallMs"
  | "detectedCoreMs"
  | "endedWallMs"
  | "endedCoreMs"
  | "closeReason"
  | "confidence"
  | "cause"
  | "finalCause"
  | "acknowledgedBy"
  | "minutes"
  | "bootIdBefore"
  | "agentStartedBootMsBefore"
> & { readonly evidence: readonly Evidence1[]; readonly timeline: readonly TimelineEntry1[] };
type Message1 = Pick<
  Message,
  | "step"
  | "incidentNumber"
  | "kind"
  | "variant"
  | "serverName"
  | "siteName"
  | "siteAddress"
  | "latitude"
  | "longitude"
  | "timeZone"
  | "startedWallMs"
  | "detectedWallMs"
  | "endedWallMs"
  | "durationMs"
  | "confidence"
  | "cause"
  | "finalCause"
  | "panelUrl"
> & { readonly evidence: readonly Evidence1[] };
type Notification1 = Pick<
  Notification,
  | "id"
  | "incidentId"
  | "serverId"
  | "step"
  | "recipientId"
  | "channel"
  | "reason"
  | "status"
  | "attempts"
  | "notBeforeCoreMs"
  | "leaseUntilCoreMs"
  | "repeat"
  | "repeated"
  | "externalId"
  | "lastError"
  | "sequence"
  | "queuedWallMs"
  | "settledWallMs"
> & { readonly message: Message1 };
interface ArchivedIncident1 {
  readonly incident: Incident1;
  readonly notifications: readonly Notification1[];
}

type Heard1 = Pick<
  Heard,
  | "serverId"
  | "coreMs"
  | "hearingMs"
  | "wallMs"
  | "sessionId"
  | "bootId"
  | "sequence"
  | "agentStartedBootMs"
  | "connected"
  | "disconnectedWallMs"
  | "announced"
>;
type ProbeRound1 = Pick<ProbeRound, "roundId" | "startedCoreMs" | "finishedCoreMs"> & {
  readonly results: readonly ProbeResult1[];
};
type Silence1 = Pick<
  Silence,
  "serverId" | "roundsStarted" | "openRoundId" | "nextProbeCoreMs" | "lastAliveCoreMs"
> & { readonly rounds: readonly ProbeRound1[] };
type Baseline1 = Pick<
  Baseline,
  "serverId" | "icmpAsked" | "icmpAnswered" | "tcpAsked" | "tcpAnswered" | "nextCoreMs"
> & { readonly pending: ProbeRound1 | null };
type Health1 = Pick<StoredHealth, "serverId" | "wallMs" | "sample">;
type Hearing1 = Pick<
  Hearing,
  "state" | "sinceCoreMs" | "untilCoreMs" | "hearingMs" | "lostAtCoreMs" | "lastTickCoreMs"
>;
type Clock1 = Pick<ClockRecord, "coreMs" | "hostBootId" | "monotonicMs" | "bootMs" | "wallMs">;

// ── Version 1 → 2 ────────────────────────────────────────────────────────────────────────────────────

const detectorFrom = (old: Detector1): Detector =>
  old.status === "down" ? { ...old, aloneFromCoreMs: null } : old;

const evidenceFrom = (old: Evidence1): Evidence => (old.type === "probe" ? { ...old, by: null } : old);

const timelineEntryFrom = ({ wallMs, what }: TimelineEntry1): TimelineEntry => ({
  wallMs,
  what: what.type === "evidence" ? { ...what, evidence: evidenceFrom(what.evidence) } : what,
});

const incidentFrom = (old: Incident1): Incident => ({
  ...old,
  evidence: old.evidence.map(evidenceFrom),
  timeline: old.timeline.map(timelineEntryFrom),
  goodbye: null,
  group: null,
  muted: false,
  causeDueCoreMs: null,
});

const messageFrom = (old: Message1): Message => ({
  ...old,
  evidence: old.evidence.map(evidenceFrom),
  members: [],
  memberCount: 1,
  siteCount: 1,
  flapping: null,
  addresses: [],
});

const notificationFrom = (old: Notification1): Notification => ({
  ...old,
  message: messageFrom(old.message),
});

/** null: an incident that is to leave its month's file. */
const archivedFrom = (old: ArchivedIncident1 | null): ArchivedIncident | null =>
  old && { incident: incidentFrom(old.incident), notifications: old.notifications.map(notificationFrom) };

const roundFrom = (old: ProbeRound1): ProbeRound => ({ ...old, witnesses: [] });

/** By table, so that the compiler sees each record of today made from its fields of then. */
const recordFrom = {
  site: (old: Site1): Site => old,
  server: (old: Server1): Server => ({ ...old, check: null }),
  agent: (old: Agent1): AgentRecord => old,
  enrollment: (old: Enrollment1): Enrollment => old,
  recipient: (old: Recipient1): Recipient => old,
  linkCode: (old: LinkCode1): LinkCode => old,
  detector: detectorFrom,
  incident: incidentFrom,
  notification: notificationFrom,
  meta: (old: Meta1): Meta => old,
  archive: archivedFrom,
  heard: (old: Heard1): Heard => ({ ...old, ownHost: false, features: [] }),
  silence: (old: Silence1): Silence => ({
    ...old,
    rounds: old.rounds.map(roundFrom),
    witnessIds: [],
    witnesses: [],
  }),
  baseline: (old: Baseline1): Baseline => ({
    ...old,
    banners: {},
    pending: old.pending && roundFrom(old.pending),
  }),
  health: (old: Health1): StoredHealth => old,
  hearing: (old: Hearing1): Hearing => ({ ...old, awayUntilCoreMs: 0 }),
  clock: (old: Clock1): ClockRecord => old,
  look: (old: { readonly coreMs: number }): Tables["look"] => old,
  mark: (old: { readonly serverId: string; readonly atCoreMs: number }): Tables["mark"] => old,
};

function migrateFrom1({ tables }: RawDocument): RawDocument {
  // The file's checksum held and its version is 1, so its records are what version 1 wrote. Of other rooms' tables
  // (the shelf) and of an index nothing is known, and nothing changed.
  const steps = new Map(Object.entries(recordFrom)) as ReadonlyMap<string, (record: unknown) => unknown>;
  return {
    tables: Object.fromEntries(
      Object.entries(tables).map(([table, records]) => {
        const step = steps.get(table);
        return [table, step ? records.map(([key, record]) => [key, step(record)] as const) : records];
      }),
    ),
  };
}

export const migrations: readonly Migration[] = [{ fromVersion: 1, migrate: migrateFrom1 }];
