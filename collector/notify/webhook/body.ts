/**
 * A telling as the JSON that a receiver gets; README.md beside this describes it field by field.
 * Why shapes of its own: other people's programs are written against them, so they must not change when the core's types do.
 * Must not: drop, rename or retype a field within a version (adding one is fine), or tell users of a branch anything of the inside.
 */
import type { Message, Step, Summary } from "../../core/types/telling.ts";
import type { Telling } from "../channel.ts";

export const BODY_VERSION = 1;

export interface WebhookBody {
  readonly type: string;
  readonly version: number;
  /** When it was decided that this be told; the same at each attempt. */
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const time = (wallMs: number) => new Date(wallMs).toISOString();
const timeOrNull = (wallMs: number | null) => (wallMs === null ? null : time(wallMs));
const seconds = (ms: number) => ms / 1_000;
const secondsOrNull = (ms: number | null) => (ms === null ? null : seconds(ms));
/** The core says "none" of a name by an empty one. */
const nameOrNull = (name: string | null) => name || null;

function place(message: Message) {
  return {
    siteName: nameOrNull(message.siteName),
    siteAddress: nameOrNull(message.siteAddress),
    latitude: message.latitude,
    longitude: message.longitude,
    timeZone: message.timeZone,
  };
}

function flapping({ flapping }: Message) {
  if (flapping === null) return null;
  const { incidents, sinceWallMs, downNow } = flapping;
  return { incidents, since: time(sinceWallMs), downNow };
}

function handling({ handling: { acknowledgedBy, quiet, checked, announced } }: Message) {
  return {
    acknowledgedBy,
    quiet: quiet === null ? null : { by: quiet.by, until: timeOrNull(quiet.untilWallMs) },
    checked: checked === null ? null : { by: checked.by, at: time(checked.wallMs) },
    announced,
  };
}

function incidentData({ message, reason, repeat }: Telling) {
  return {
    incidentNumber: message.incidentNumber,
    kind: message.kind,
    variant: message.variant,
    cause: message.cause,
    finalCause: message.finalCause,
    confidence: message.confidence,
    serverName: nameOrNull(message.serverName),
    ...place(message),
    startedAt: time(message.startedWallMs),
    detectedAt: time(message.detectedWallMs),
    endedAt: timeOrNull(message.endedWallMs),
    durationSeconds: secondsOrNull(message.durationMs),
    members: message.members.map(({ serverName, siteName }) => ({
      serverName,
      siteName: nameOrNull(siteName),
    })),
    memberCount: message.memberCount,
    siteCount: message.siteCount,
    handling: handling(message),
    repeat:
      message.repeat === null
        ? null
        : { count: message.repeat.count, silentSeconds: seconds(message.repeat.silentMs) },
    flapping: flapping(message),
    reason,
    maybeToldBefore: repeat,
    panelUrl: message.panelUrl,
  };
}

/** For users of a branch: when and where, and nothing else. */
function announcementData({ message }: Telling) {
  return {
    incidentNumber: message.incidentNumber,
    siteName: nameOrNull(message.siteName),
    timeZone: message.timeZone,
    startedAt: time(message.startedWallMs),
    endedAt: timeOrNull(message.endedWallMs),
    durationSeconds: secondsOrNull(message.durationMs),
  };
}

function serverData({ message, reason, repeat }: Telling) {
  return {
    serverName: nameOrNull(message.serverName),
    ...place(message),
    startedAt: time(message.startedWallMs),
    flapping: flapping(message),
    addresses: message.addresses,
    reason,
    maybeToldBefore: repeat,
    panelUrl: message.panelUrl,
  };
}

function summary(of: Summary) {
  return {
    at: time(of.wallMs),
    period: of.period,
    servers: of.servers,
    up: of.up,
    openCount: of.openCount,
    open: of.open.map((incident) => ({
      incidentNumber: incident.number,
      kind: incident.kind,
      variant: incident.variant,
      serverName: nameOrNull(incident.serverName),
      siteName: nameOrNull(incident.siteName),
      startedAt: time(incident.startedWallMs),
      memberCount: incident.memberCount,
      acknowledgedBy: incident.acknowledgedBy,
    })),
    past:
      of.past === null
        ? null
        : {
            incidents: of.past.incidents,
            availability: of.past.availability,
            outageSeconds: {
              server: of.past.minutes.server * 60,
              link: of.past.minutes.link * 60,
              planned: of.past.minutes.planned * 60,
              collector: of.past.minutes.collector * 60,
            },
            worst: of.past.worst.map(({ name, incidents, minutes }) => ({
              name,
              incidents,
              outageSeconds: minutes * 60,
            })),
          },
  };
}

function summaryData({ message }: Telling) {
  return { summary: message.summary === null ? null : summary(message.summary), panelUrl: message.panelUrl };
}

interface Form {
  readonly type: string;
  readonly data: (telling: Telling) => Readonly<Record<string, unknown>>;
}

function channelData({ message: { channel, panelUrl } }: Telling): Readonly<Record<string, unknown>> {
  return { channel: channel?.name ?? null, reason: channel?.reason ?? null, panelUrl };
}

/** null: shows an earlier message anew, which a webhook cannot. A step that is added does not compile before it has a form. */
const FORMS: Readonly<Record<Step, Form | null>> = {
  down: { type: "incident.down", data: incidentData },
  worse: { type: "incident.worse", data: incidentData },
  repeat: { type: "incident.repeat", data: incidentData },
  recovered: { type: "incident.recovered", data: incidentData },
  told_late: { type: "incident.told_late", data: incidentData },
  announced: { type: "incident.announced", data: announcementData },
  announced_over: { type: "incident.announced_over", data: announcementData },
  never_came: { type: "server.never_came", data: serverData },
  flapping: { type: "server.flapping", data: serverData },
  flapping_digest: { type: "server.flapping_digest", data: serverData },
  flapping_over: { type: "server.flapping_over", data: serverData },
  duplicate: { type: "server.duplicate", data: serverData },
  duplicate_over: { type: "server.duplicate_over", data: serverData },
  recipient_lost: {
    type: "recipient.lost",
    data: ({ message: { lost, panelUrl } }) => ({
      recipientName: lost?.recipientName ?? null,
      reason: lost?.reason ?? null,
      panelUrl,
    }),
  },
  channel_lost: { type: "channel.lost", data: channelData },
  channel_back: { type: "channel.back", data: channelData },
  drill: { type: "drill.sent", data: ({ message: { panelUrl } }) => ({ panelUrl }) },
  digest: { type: "summary.digest", data: summaryData },
  report: { type: "summary.report", data: summaryData },
  edit: null,
  pin: null,
  board: null,
};

/** null: this step is not told by a webhook. */
export function webhookBody(telling: Telling): WebhookBody | null {
  const form = FORMS[telling.step];
  if (form === null) return null;
  const timestamp = time(telling.queuedWallMs);
  return { type: form.type, version: BODY_VERSION, timestamp, data: form.data(telling) };
}
