/**
 * What the tests of this room share: messages, recipients, a log that keeps its lines, a timer that a test moves.
 * Must not: imitate any module of the room.
 */
import type { ProbeResult } from "../../collector/core/types/evidence.ts";
import type { Recipient } from "../../collector/core/types/registry.ts";
import type { Message, Notification } from "../../collector/core/types/telling.ts";
import type { After } from "../../collector/notify/after.ts";
import type { Telling } from "../../collector/notify/channel.ts";
import type { Log } from "../../collector/notify/log.ts";
import type { Pace } from "../../collector/notify/telegram/pace.ts";

/** Sunday 22 November 2026, 10:02:15 in Makassar (UTC+8). */
export const STARTED_MS = Date.UTC(2026, 10, 22, 2, 2, 15);
export const DETECTED_MS = STARTED_MS + 180_000;

export const ping = (verdict: ProbeResult["verdict"], detail: string): ProbeResult => ({
  kind: "icmp",
  target: "10.20.4.2",
  verdict,
  detail,
  roundTripMs: verdict === "alive" ? 12.4 : null,
});

export const tcp = (port: number, verdict: ProbeResult["verdict"], detail: string): ProbeResult => ({
  kind: "tcp",
  target: `10.20.4.2:${port}`,
  verdict,
  detail,
  roundTripMs: verdict === "alive" ? 11.6 : null,
});

/** A port where a program is expected to speak; `said` null: nothing came. */
export const banner = (
  port: number,
  verdict: ProbeResult["verdict"],
  detail: string,
  said: string | null = null,
): ProbeResult => ({
  kind: "banner",
  target: `10.20.4.2:${port}`,
  verdict,
  detail,
  roundTripMs: verdict === "alive" ? 11.6 : null,
  ...(said === null ? {} : { banner: said }),
});

/** As the collector found it, or an agent that it asked: `by` names that one. */
export const probed = (
  result: ProbeResult,
  from: "collector" | "witness" | "neighbour" = "collector",
  by: string | null = null,
) => ({ type: "probe", from, by, result, wallMs: DETECTED_MS - 5_000 }) as const;

export const UNTOUCHED: Message["handling"] = {
  acknowledgedBy: null,
  quiet: null,
  checked: null,
  announced: false,
};

export function message(changes: Partial<Message> = {}): Message {
  return {
    step: "down",
    incidentNumber: 12,
    kind: "host_down",
    variant: null,
    serverName: "srv-kasir",
    siteName: "Cabang Makassar",
    siteAddress: "Jl. Ahmad Yani 5, Makassar",
    latitude: -5.135399,
    longitude: 119.42379,
    timeZone: "Asia/Makassar",
    startedWallMs: STARTED_MS,
    detectedWallMs: DETECTED_MS,
    endedWallMs: null,
    durationMs: null,
    confidence: "high",
    cause: "host_crash_or_power",
    finalCause: null,
    evidence: [
      { type: "last_heard", wallMs: STARTED_MS, silentMs: 180_000 },
      probed(ping("dead", "timeout")),
      probed(tcp(22, "dead", "timeout")),
    ],
    members: [],
    memberCount: 1,
    siteCount: 1,
    flapping: null,
    addresses: [],
    closeReason: null,
    handling: UNTOUCHED,
    repeat: null,
    summary: null,
    lost: null,
    channel: null,
    panelUrl: "https://panel.perusahaan.co.id/incidents/i12",
    ...changes,
  };
}

/** A message on its way to somebody; its step is the message's own. */
export function telling(
  changes: Partial<Message> = {},
  about: Partial<Pick<Telling, "reason" | "repeat" | "queuedWallMs">> = {},
): Telling {
  const told = message(changes);
  return {
    id: `i${told.incidentNumber}/${told.step}/recipient1/telegram`,
    step: told.step,
    message: told,
    reason: "first",
    repeat: false,
    queuedWallMs: DETECTED_MS,
    replyToExternalId: null,
    editsExternalId: null,
    ...about,
  };
}

export function recipient(changes: Partial<Recipient> = {}): Recipient {
  return {
    id: "recipient1",
    channel: "telegram",
    address: "4001",
    name: "Divisi IT",
    language: "id",
    enabled: true,
    disabledReason: null,
    createdWallMs: STARTED_MS,
    nextSendCoreMs: 0,
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
    ...changes,
  };
}

export function notification(changes: Partial<Notification> = {}): Notification {
  return {
    id: "i12/down/recipient1/telegram",
    incidentId: "i12",
    serverId: "server1",
    step: "down",
    recipientId: "recipient1",
    channel: "telegram",
    reason: "first",
    message: message(),
    status: "sending",
    attempts: 1,
    notBeforeCoreMs: 0,
    leaseUntilCoreMs: 90_000,
    repeat: false,
    repeated: false,
    externalId: null,
    folded: false,
    alone: false,
    editOf: null,
    stale: false,
    fallbackCoreMs: null,
    lastError: null,
    sequence: 1,
    queuedWallMs: DETECTED_MS,
    settledWallMs: null,
    ...changes,
  };
}

export interface KeptLog extends Log {
  readonly lines: string[];
}

export function keptLog(): KeptLog {
  const lines: string[] = [];
  const write = (level: string) => (fields: Readonly<Record<string, unknown>>, text: string) => {
    lines.push(`${level} ${text} ${JSON.stringify(fields)}`);
  };
  return { lines, info: write("info"), warn: write("warn"), error: write("error") };
}

export interface Timers {
  readonly after: After;
  /** Delays asked for and not stopped, in the order they were asked. */
  readonly waiting: readonly number[];
  /** Resolves when a timer with such a delay is waiting. */
  waitingFor(accepts: (delayMs: number) => boolean): Promise<number>;
  /** Runs the first waiting timer with such a delay. */
  fire(accepts: (delayMs: number) => boolean): void;
}

/** For what is not about the bot's pace. */
export const unpaced: Pace = { turn: () => Promise.resolve() };

/** Timers that run only when a test says so. */
export function manualTimers(): Timers {
  const timers: { delayMs: number; run: () => void }[] = [];
  const watchers = new Set<() => void>();
  const remove = (timer: (typeof timers)[number]) => {
    const at = timers.indexOf(timer);
    if (at >= 0) timers.splice(at, 1);
  };
  return {
    after(delayMs, run) {
      const timer = { delayMs, run };
      timers.push(timer);
      for (const watcher of [...watchers]) watcher();
      return () => remove(timer);
    },
    get waiting() {
      return timers.map(({ delayMs }) => delayMs);
    },
    waitingFor(accepts) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = timers.find(({ delayMs }) => accepts(delayMs));
          if (!found) return;
          watchers.delete(look);
          clearTimeout(limit);
          resolve(found.delayMs);
        };
        const limit = setTimeout(() => {
          watchers.delete(look);
          reject(new Error(`no such timer; waiting: ${timers.map(({ delayMs }) => delayMs).join(", ")}`));
        }, 10_000);
        watchers.add(look);
        look();
      });
    },
    fire(accepts) {
      const timer = timers.find(({ delayMs }) => accepts(delayMs));
      if (!timer)
        throw new Error(`no such timer; waiting: ${timers.map(({ delayMs }) => delayMs).join(", ")}`);
      remove(timer);
      timer.run();
    },
  };
}
