/**
 * What the tests of channels tell, and to whom.
 * Must not: know a channel.
 */
import type { ChannelName, Recipient } from "../../collector/core/types/registry.ts";
import type { Message, Step, Summary } from "../../collector/core/types/telling.ts";
import type { SendRequest, Telling } from "../../collector/notify/channel.ts";
import { DETECTED_MS, message, recipient, STARTED_MS } from "./fixtures.ts";

/** Long enough for a slow, busy machine; a test of a hang hands in less. */
export const LONG_LIMIT_MS = 20_000;
export const HANG_LIMIT_MS = 500;

const steps: Readonly<Record<Step, true>> = {
  down: true,
  worse: true,
  repeat: true,
  recovered: true,
  told_late: true,
  edit: true,
  pin: true,
  announced: true,
  announced_over: true,
  never_came: true,
  flapping: true,
  flapping_digest: true,
  flapping_over: true,
  duplicate: true,
  duplicate_over: true,
  recipient_lost: true,
  channel_lost: true,
  channel_back: true,
  drill: true,
  digest: true,
  report: true,
  board: true,
};
export const STEPS = Object.keys(steps) as readonly Step[];

export const isShownAnew = (step: Step): boolean => step === "edit" || step === "pin" || step === "board";

/** A month in which things happened, and one outage that goes on. */
export const SUMMARY: Summary = {
  wallMs: DETECTED_MS,
  period: "2026-10",
  servers: 41,
  up: 40,
  open: [
    {
      number: 12,
      kind: "host_down",
      variant: null,
      serverName: "srv-kasir",
      siteName: "Cabang Makassar",
      startedWallMs: STARTED_MS,
      memberCount: 1,
      acknowledgedBy: "sari",
    },
  ],
  openCount: 1,
  past: {
    incidents: 7,
    minutes: { server: 90, link: 240, planned: 30, collector: 0 },
    availability: 0.9987,
    worst: [{ name: "srv-kasir", incidents: 3, minutes: 61 }],
  },
};

export function messageToTell(changes: Partial<Message> = {}): Message {
  return message({
    handling: { acknowledgedBy: null, quiet: null, checked: null, announced: false },
    repeat: null,
    summary: null,
    lost: null,
    channel: null,
    ...changes,
  });
}

export function tellingOf(changes: Partial<Telling> = {}): Telling {
  return {
    id: "i12/down/recipient1/channel",
    step: "down",
    message: messageToTell(),
    reason: "first",
    repeat: false,
    queuedWallMs: DETECTED_MS,
    replyToExternalId: null,
    editsExternalId: null,
    ...changes,
  };
}

export function recipientAt(
  channel: ChannelName,
  address: string,
  secret: string | null,
  changes: Partial<Recipient> = {},
): Recipient {
  return recipient({
    channel,
    address,
    secret,
    language: "id",
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
  });
}

export function requestTo(to: Recipient, ...tellings: readonly Partial<Telling>[]): SendRequest {
  const [first, ...others] = tellings.map(tellingOf);
  return { tellings: [first ?? tellingOf(), ...others], recipient: to, silent: false };
}
