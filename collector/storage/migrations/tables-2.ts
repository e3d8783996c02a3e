/**
 * What the records of version 2 held, field by field.
 * Why written out: a record of then must not become today's by itself when core/types changes; the compiler shows what a step
 * still has to say.
 * Must not: change any more, or say how a record becomes the next version's (from-2.ts).
 */
import type {
  Baseline,
  Gateway,
  ProbeResult,
  ProbeRound,
  Sentinel,
  SentinelPlan,
  WitnessReport,
} from "../../core/types/evidence.ts";
import type {
  Evidence,
  GroupFacts,
  Incident,
  IncidentMinutes,
  JournalFinding,
  TimelineEntry,
} from "../../core/types/incident.ts";
import type { JournalDigest } from "../../core/types/journal.ts";
import type {
  AgentRecord,
  Enrollment,
  LinkCode,
  Maintenance,
  Recipient,
  Server,
  ServerCheck,
  Site,
} from "../../core/types/registry.ts";
import type {
  Detector,
  Flapping,
  Heard,
  Identity,
  MassFlag,
  ServerLog,
  ServerLogEntry,
  Silence,
} from "../../core/types/server.ts";
import type { Hearing, Meta, StoredHealth, Tables } from "../../core/types/tables.ts";
import type { Message, Notification } from "../../core/types/telling.ts";
import type { ClockRecord } from "../../core/types/time.ts";

// ── What staff and agents registered ─────────────────────────────────────────────────────────────────

type Site2 = Pick<
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
type CheckOf<Type> = Extract<ServerCheck, { readonly type: Type }>;
type ServerCheck2 =
  | Pick<CheckOf<"tcp">, "type" | "port">
  | Pick<CheckOf<"http">, "type" | "url" | "expectedStatus" | "expectedText">;
type Server2 = Pick<
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
> & { readonly check: ServerCheck2 | null };
type Agent2 = Pick<AgentRecord, "serverId" | "publicKey" | "enrolledWallMs" | "version" | "inventory">;
type Enrollment2 = Pick<
  Enrollment,
  "id" | "secretHash" | "serverId" | "siteId" | "usesLeft" | "expiresWallMs" | "createdWallMs" | "usedBy"
>;
type Recipient2 = Pick<
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
type LinkCode2 = Pick<LinkCode, "codeHash" | "name" | "language" | "expiresWallMs">;
type Maintenance2 = Pick<
  Maintenance,
  "id" | "siteId" | "serverId" | "startsWallMs" | "endsWallMs" | "note" | "createdBy" | "createdWallMs"
>;
type Meta2 = Pick<
  Meta,
  "nextIncidentNumber" | "nextNotificationSequence" | "random" | "startedCoreMs" | "stoppedCoreMs"
>;

// ── What was judged of a server ──────────────────────────────────────────────────────────────────────

type DetectorOf<Status> = Extract<Detector, { readonly status: Status }>;
interface DetectorBase2 {
  readonly serverId: string;
  readonly sinceCoreMs: number;
  readonly sinceWallMs: number;
}
export type Detector2 = DetectorBase2 &
  (
    | Pick<DetectorOf<"new">, "status" | "told">
    | Pick<DetectorOf<"up">, "status">
    | Pick<DetectorOf<"suspect">, "status">
    | Pick<DetectorOf<"down">, "status" | "incidentId" | "aloneFromCoreMs">
    | Pick<
        DetectorOf<"recovering">,
        "status" | "incidentId" | "firstBeatCoreMs" | "firstBeatWallMs" | "beats"
      >
    | Pick<DetectorOf<"planned">, "status" | "reason" | "deadlineCoreMs">
    | Pick<DetectorOf<"paused">, "status">
  );
type Flapping2 = Pick<
  Flapping,
  "subject" | "openedCoreMs" | "sinceCoreMs" | "incidents" | "incidentsDigested" | "nextDigestCoreMs" | "told"
>;
type LoggedOf<Type> = Extract<ServerLogEntry["what"], { readonly type: Type }>;
interface ServerLogEntry2 {
  readonly wallMs: number;
  readonly what:
    | Pick<LoggedOf<"rebooted">, "type" | "clean">
    | Pick<LoggedOf<"agent_restarted">, "type">
    | Pick<LoggedOf<"goodbye">, "type" | "reason">
    | Pick<LoggedOf<"unstable_link">, "type" | "suspicions">
    | Pick<LoggedOf<"duplicate">, "type" | "addresses">
    | Pick<LoggedOf<"duplicate_over">, "type" | "address">
    | Pick<LoggedOf<"flapping">, "type" | "incidents">
    | Pick<LoggedOf<"flapping_over">, "type" | "incidents">;
}
type ServerLog2 = Pick<ServerLog, "serverId" | "duplicate"> & {
  readonly entries: readonly ServerLogEntry2[];
};

// ── Incidents ────────────────────────────────────────────────────────────────────────────────────────

type ProbeResult2 = Pick<
  ProbeResult,
  "kind" | "target" | "verdict" | "detail" | "roundTripMs" | "banner" | "asExpected"
>;
type FindingOf<Type> = Extract<JournalFinding, { readonly type: Type }>;
type JournalFinding2 =
  | Pick<FindingOf<"ran_all_along">, "type">
  | Pick<FindingOf<"stood_still">, "type" | "forMs">
  | Pick<FindingOf<"slept">, "type" | "forMs">
  | Pick<FindingOf<"stopped_in_order">, "type">
  | Pick<FindingOf<"gateway">, "type" | "reached">
  | Pick<FindingOf<"internet">, "type" | "reached">
  | Pick<FindingOf<"link_down">, "type">
  | Pick<FindingOf<"collector">, "type" | "problem">;
type EvidenceOf<Type> = Extract<Evidence, { readonly type: Type }>;
export type Evidence2 =
  | Pick<EvidenceOf<"last_heard">, "type" | "wallMs" | "silentMs">
  | (Pick<EvidenceOf<"probe">, "type" | "from" | "by" | "wallMs"> & { readonly result: ProbeResult2 })
  | Pick<EvidenceOf<"gateway">, "type" | "address" | "verdict" | "wallMs">
  | Pick<EvidenceOf<"sentinels">, "type" | "alive" | "failed" | "wallMs">
  | (Pick<EvidenceOf<"journal">, "type" | "wallMs"> & { readonly finding: JournalFinding2 })
  | Pick<EvidenceOf<"socket">, "type" | "state" | "wallMs">
  | Pick<EvidenceOf<"reboot">, "type" | "clean" | "wallMs">
  | Pick<EvidenceOf<"agent_restarted">, "type" | "wallMs">;

type WhatOf<Type> = Extract<TimelineEntry["what"], { readonly type: Type }>;
export interface TimelineEntry2 {
  readonly wallMs: number;
  readonly what:
    | Pick<WhatOf<"opened">, "type" | "kind" | "confidence" | "cause">
    | Pick<WhatOf<"kind_changed">, "type" | "from" | "to">
    | Pick<WhatOf<"variant_changed">, "type" | "from" | "to">
    | Pick<WhatOf<"joined">, "type" | "serverName">
    | Pick<WhatOf<"member_back">, "type" | "serverName">
    | Pick<WhatOf<"grouped">, "type" | "incidentId" | "number">
    | Pick<WhatOf<"ungrouped">, "type" | "number">
    | Pick<WhatOf<"cause_corrected">, "type" | "from" | "to">
    | (Pick<WhatOf<"evidence">, "type"> & { readonly evidence: Evidence2 })
    | Pick<WhatOf<"notify">, "type" | "recipientName" | "reason" | "send">
    | Pick<WhatOf<"delivered">, "type" | "recipientName" | "step" | "repeat">
    | Pick<WhatOf<"delivery_failed">, "type" | "recipientName" | "step" | "error">
    | Pick<WhatOf<"acknowledged">, "type" | "by">
    | Pick<WhatOf<"note">, "type" | "by" | "text">
    | Pick<WhatOf<"heard_again">, "type">
    | Pick<WhatOf<"silent_again">, "type">
    | Pick<WhatOf<"closed">, "type" | "reason" | "finalCause">;
}
type GroupFacts2 = Pick<GroupFacts, "type" | "siteIds" | "serverIds" | "backCoreMs"> & {
  readonly endings: readonly Pick<
    GroupFacts["endings"][number],
    "serverId" | "cause" | "backCoreMs" | "rebootedUnclean"
  >[];
};
type IncidentMinutes2 = Pick<IncidentMinutes, "server" | "link" | "planned" | "collector">;
export type Incident2 = Pick<
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
  | "bootIdBefore"
  | "agentStartedBootMsBefore"
  | "goodbye"
  | "muted"
  | "causeDueCoreMs"
> & {
  readonly evidence: readonly Evidence2[];
  readonly timeline: readonly TimelineEntry2[];
  readonly minutes: IncidentMinutes2 | null;
  readonly group: GroupFacts2 | null;
};

type Flaps = NonNullable<Message["flapping"]>;
export type Message2 = Pick<
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
  | "memberCount"
  | "siteCount"
  | "addresses"
  | "panelUrl"
> & {
  readonly evidence: readonly Evidence2[];
  readonly members: readonly Pick<Message["members"][number], "serverName" | "siteName">[];
  readonly flapping: Pick<Flaps, "incidents" | "sinceWallMs" | "downNow"> | null;
};
export type Notification2 = Pick<
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
> & { readonly message: Message2 };
export interface ArchivedIncident2 {
  readonly incident: Incident2;
  readonly notifications: readonly Notification2[];
}

// ── What may be lost for some seconds ────────────────────────────────────────────────────────────────

type Announced = NonNullable<Heard["announced"]>;
type Heard2 = Pick<
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
  | "ownHost"
  | "features"
> & {
  readonly announced: Pick<Announced, "bootId" | "agentStartedBootMs"> | null;
};
type WitnessReport2 = Pick<WitnessReport, "serverId" | "serverName" | "sameSite"> & {
  readonly results: readonly ProbeResult2[];
};
export type ProbeRound2 = Pick<ProbeRound, "roundId" | "startedCoreMs" | "finishedCoreMs"> & {
  readonly results: readonly ProbeResult2[];
  readonly witnesses: readonly WitnessReport2[];
};
type Silence2 = Pick<
  Silence,
  "serverId" | "roundsStarted" | "openRoundId" | "witnessIds" | "nextProbeCoreMs" | "lastAliveCoreMs"
> & {
  readonly witnesses: readonly WitnessReport2[];
  readonly rounds: readonly ProbeRound2[];
};
type Baseline2 = Pick<
  Baseline,
  "serverId" | "icmpAsked" | "icmpAnswered" | "tcpAsked" | "tcpAnswered" | "nextCoreMs"
> & {
  readonly banners: Readonly<Record<string, Pick<Baseline["banners"][string], "asked" | "spoke">>>;
  readonly pending: ProbeRound2 | null;
};
type Gateway2 = Pick<Gateway, "siteId" | "address" | "asked" | "answered" | "openRoundId" | "nextCoreMs"> & {
  readonly pending: Pick<NonNullable<Gateway["pending"]>, "isAlive" | "finishedCoreMs"> | null;
  readonly rounds: readonly ProbeRound2[];
};
type Sentinel2 = Pick<Sentinel, "target" | "near" | "lastAliveCoreMs" | "failedInRow">;
type SentinelPlan2 = Pick<SentinelPlan, "openRoundId" | "openedCoreMs" | "nextCoreMs">;
type Mass2 = Pick<MassFlag, "flaggedCoreMs" | "fromCoreMs" | "untilCoreMs">;
type Identity2 = Pick<Identity, "serverId" | "duplicateSinceCoreMs" | "lastFlipCoreMs"> & {
  readonly seen: readonly Pick<
    Identity["seen"][number],
    "bootId" | "agentStartedBootMs" | "peerAddress" | "coreMs"
  >[];
};
type Journal2 = Pick<
  JournalDigest,
  | "serverId"
  | "fromCoreMs"
  | "complete"
  | "lastSequence"
  | "lastEntryCoreMs"
  | "lastBootId"
  | "ticks"
  | "gapMs"
  | "gapsMs"
  | "sleptMs"
  | "reboots"
  | "cleanReboot"
  | "rebootedCoreMs"
  | "restarts"
  | "stopped"
  | "linkDown"
  | "gatewayOk"
  | "gatewayFailed"
  | "internetOk"
  | "internetFailed"
  | "dnsFailed"
  | "collectorErrors"
>;
type Unstable2 = Pick<Tables["unstable"], "serverId" | "endedCoreMs" | "loggedCoreMs">;
type Health2 = Pick<StoredHealth, "serverId" | "wallMs" | "sample">;
type Hearing2 = Pick<
  Hearing,
  | "state"
  | "sinceCoreMs"
  | "untilCoreMs"
  | "hearingMs"
  | "lostAtCoreMs"
  | "awayUntilCoreMs"
  | "lastTickCoreMs"
>;
type Clock2 = Pick<ClockRecord, "coreMs" | "hostBootId" | "monotonicMs" | "bootMs" | "wallMs">;

export interface Tables2 {
  site: Site2;
  server: Server2;
  agent: Agent2;
  enrollment: Enrollment2;
  recipient: Recipient2;
  linkCode: LinkCode2;
  detector: Detector2;
  incident: Incident2;
  notification: Notification2;
  meta: Meta2;
  maintenance: Maintenance2;
  flapping: Flapping2;
  serverLog: ServerLog2;
  /** null: an incident that is to leave its month's file. */
  archive: ArchivedIncident2 | null;
  heard: Heard2;
  silence: Silence2;
  baseline: Baseline2;
  gateway: Gateway2;
  sentinel: Sentinel2;
  sentinelPlan: SentinelPlan2;
  mass: Mass2;
  identity: Identity2;
  journal: Journal2;
  unstable: Unstable2;
  health: Health2;
  hearing: Hearing2;
  clock: Clock2;
  look: { readonly coreMs: number };
  mark: { readonly serverId: string; readonly atCoreMs: number };
}
