/**
 * How records of version 1 become version 2: checks, groups, maintenance, flapping, journals; witnesses and gateways in the evidence.
 * Must not: drop or judge anything; what an old record did not know becomes what it would be with nothing to say.
 */
import { migrationByRecords } from "./step.ts";
import type {
  Detector1,
  Evidence1,
  Incident1,
  Message1,
  Notification1,
  ProbeRound1,
  Tables1,
  TimelineEntry1,
} from "./tables-1.ts";
import type {
  Detector2,
  Evidence2,
  Incident2,
  Message2,
  Notification2,
  ProbeRound2,
  Tables2,
  TimelineEntry2,
} from "./tables-2.ts";

const detectorFrom = (old: Detector1): Detector2 =>
  old.status === "down" ? { ...old, aloneFromCoreMs: null } : old;

const evidenceFrom = (old: Evidence1): Evidence2 => (old.type === "probe" ? { ...old, by: null } : old);

const timelineEntryFrom = ({ wallMs, what }: TimelineEntry1): TimelineEntry2 => ({
  wallMs,
  what: what.type === "evidence" ? { ...what, evidence: evidenceFrom(what.evidence) } : what,
});

const incidentFrom = (old: Incident1): Incident2 => ({
  ...old,
  evidence: old.evidence.map(evidenceFrom),
  timeline: old.timeline.map(timelineEntryFrom),
  goodbye: null,
  group: null,
  muted: false,
  causeDueCoreMs: null,
});

const messageFrom = (old: Message1): Message2 => ({
  ...old,
  evidence: old.evidence.map(evidenceFrom),
  members: [],
  memberCount: 1,
  siteCount: 1,
  flapping: null,
  addresses: [],
});

const notificationFrom = (old: Notification1): Notification2 => ({
  ...old,
  message: messageFrom(old.message),
});

const roundFrom = (old: ProbeRound1): ProbeRound2 => ({ ...old, witnesses: [] });

type Added =
  | "maintenance"
  | "flapping"
  | "serverLog"
  | "gateway"
  | "sentinel"
  | "sentinelPlan"
  | "mass"
  | "identity"
  | "journal"
  | "unstable";

export const from1 = migrationByRecords<Tables1, Tables2, Added>(1, {
  site: (old) => old,
  server: (old) => ({ ...old, check: null }),
  agent: (old) => old,
  enrollment: (old) => old,
  recipient: (old) => old,
  linkCode: (old) => old,
  detector: detectorFrom,
  incident: incidentFrom,
  notification: notificationFrom,
  meta: (old) => old,
  archive: (old) =>
    old && {
      incident: incidentFrom(old.incident),
      notifications: old.notifications.map(notificationFrom),
    },
  heard: (old) => ({ ...old, ownHost: false, features: [] }),
  silence: (old) => ({ ...old, rounds: old.rounds.map(roundFrom), witnessIds: [], witnesses: [] }),
  baseline: (old) => ({ ...old, banners: {}, pending: old.pending && roundFrom(old.pending) }),
  health: (old) => old,
  hearing: (old) => ({ ...old, awayUntilCoreMs: 0 }),
  clock: (old) => old,
  look: (old) => old,
  mark: (old) => old,
});
