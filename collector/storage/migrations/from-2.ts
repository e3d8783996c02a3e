/**
 * How records of version 2 become version 3: routes; what staff did about an incident; recipients with wishes of their own.
 * Must not: drop or judge anything; what an old record did not know becomes what it would be with nothing to say.
 */
import type { Incident } from "../../core/types/incident.ts";
import type { Recipient } from "../../core/types/registry.ts";
import type { Message, Notification } from "../../core/types/telling.ts";
import { migrationByRecords, type TablesToday } from "./step.ts";
import type { Incident2, Message2, Notification2, Tables2 } from "./tables-2.ts";

/** Everything as it is told to one about whom staff chose nothing. */
const recipientFrom = (old: Tables2["recipient"]): Recipient => ({
  ...old,
  secret: null,
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
  failures: 0,
  boardExternalId: null,
  digestedDay: null,
  reportedMonth: null,
});

/** No route pursues it: whom it was told, its rows say. */
const incidentFrom = (old: Incident2): Incident => ({
  ...old,
  quiet: null,
  checked: null,
  announcement: null,
  pursuits: [],
});

const messageFrom = (old: Message2): Message => ({
  ...old,
  closeReason: null,
  handling: { acknowledgedBy: null, quiet: null, checked: null, announced: false },
  repeat: null,
  summary: null,
  lost: null,
  channel: null,
});

const notificationFrom = (old: Notification2): Notification => ({
  ...old,
  message: messageFrom(old.message),
  folded: false,
  alone: false,
  editOf: null,
  stale: false,
  fallbackCoreMs: null,
});

export const from2 = migrationByRecords<Tables2, TablesToday, "route">(2, {
  site: (old) => old,
  server: (old) => old,
  agent: (old) => old,
  enrollment: (old) => old,
  recipient: recipientFrom,
  linkCode: (old) => ({ ...old, audience: "staff", siteIds: [] }),
  detector: (old) => old,
  incident: incidentFrom,
  notification: notificationFrom,
  meta: (old) => ({ ...old, refusedChannels: [] }),
  maintenance: (old) => old,
  flapping: (old) => old,
  serverLog: (old) => old,
  archive: (old) =>
    old && {
      incident: incidentFrom(old.incident),
      notifications: old.notifications.map(notificationFrom),
    },
  heard: (old) => old,
  silence: (old) => old,
  baseline: (old) => old,
  gateway: (old) => old,
  sentinel: (old) => old,
  sentinelPlan: (old) => old,
  mass: (old) => old,
  identity: (old) => old,
  journal: (old) => old,
  unstable: (old) => old,
  health: (old) => old,
  hearing: (old) => old,
  clock: (old) => old,
  look: (old) => old,
  mark: (old) => old,
});
