/**
 * What the records of version 1 held, field by field.
 * Why written out: a record of then must not become today's by itself when core/types changes; the compiler shows what a step
 * still has to say.
 * Must not: change any more, or say how a record becomes the next version's (from-1.ts).
 */
import type { Baseline, ProbeResult, ProbeRound } from "../../core/types/evidence.ts";
import type { Evidence, Incident, TimelineEntry } from "../../core/types/incident.ts";
import type {
  AgentRecord,
  Enrollment,
  LinkCode,
  Recipient,
  Server,
  Site,
} from "../../core/types/registry.ts";
import type { Detector, Heard, Silence } from "../../core/types/server.ts";
import type { Hearing, Meta, StoredHealth } from "../../core/types/tables.ts";
import type { Message, Notification } from "../../core/types/telling.ts";
import type { ClockRecord } from "../../core/types/time.ts";

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
export type Detector1 = DetectorBase1 &
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
export type Evidence1 =
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
export interface TimelineEntry1 {
  readonly wallMs: number;
  readonly what: OtherWhat1 | { readonly type: "evidence"; readonly evidence: Evidence1 };
}
export type Incident1 = Pick<
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
export type Message1 = Pick<
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
export type Notification1 = Pick<
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
export interface ArchivedIncident1 {
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
export type ProbeRound1 = Pick<ProbeRound, "roundId" | "startedCoreMs" | "finishedCoreMs"> & {
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

export interface Tables1 {
  site: Site1;
  server: Server1;
  agent: Agent1;
  enrollment: Enrollment1;
  recipient: Recipient1;
  linkCode: LinkCode1;
  detector: Detector1;
  incident: Incident1;
  notification: Notification1;
  meta: Meta1;
  /** null: an incident that is to leave its month's file. */
  archive: ArchivedIncident1 | null;
  heard: Heard1;
  silence: Silence1;
  baseline: Baseline1;
  health: Health1;
  hearing: Hearing1;
  clock: Clock1;
  look: { readonly coreMs: number };
  mark: { readonly serverId: string; readonly atCoreMs: number };
}
