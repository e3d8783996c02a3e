/**
 * Rows on their way: claim, send, settle.
 * Why apart from the outbox: that says what must be told; this says how often and when it is tried.
 * Must not: mark anything sent that was not answered as sent, or decide who is told.
 */
import { unreachable } from "../../shared/assert.ts";
import { fullJitterMs } from "../../shared/backoff.ts";
import { isOpen } from "./apply.ts";
import type { Draft } from "./draft.ts";
import { isWithoutIncident, mergeWithRecovery, note, subjectOf, superseded } from "./outbox.ts";
import type { DeliveryOutcome, Notification, Recipient } from "./types.ts";

/** A send whose fate is unknown is repeated, once and marked, not sooner than this: a slow answer may still come. */
export const UNKNOWN_REPEAT_MS = 60_000;
/** No answer from the worker for so long: it will not come. Above the channel's own 30 s time-out. */
export const LEASE_MS = 90_000;
/** First wait before a retry, and the longest: delivery within 60 s of Telegram being back allows one missed try. */
export const RETRY_BASE_MS = 1_000;
export const RETRY_CAP_MS = 25_000;
/** Telegram: at most 1 message a second and chat, 20 a minute and group. */
const PACE_PRIVATE_MS = 1_000;
const PACE_GROUP_MS = 3_000;
/** Leases that ran out, and sends that a crash interrupted: their fate is unknown. */
export function expireLeases(draft: Draft, all: boolean): void {
  for (const id of draft.state.derived.openNotifications) {
    const row = draft.get("notification", id);
    if (row?.status !== "sending") continue;
    if (all || (row.leaseUntilCoreMs ?? 0) <= draft.nowMs) {
      unknownFate(draft, row, all ? "the collector stopped while sending" : "no answer in time");
      withdraw(draft, row.id);
    }
  }
}

/** The core's clock was lost: moments to come mean nothing any more. What waits is tried at once, an unknown fate after its time. */
export function forgetWaits(draft: Draft): void {
  for (const id of draft.state.derived.openNotifications) {
    const row = draft.get("notification", id);
    if (!row || !isOpen(row)) continue;
    const latestMs = draft.nowMs + (row.status === "unknown" ? UNKNOWN_REPEAT_MS : 0);
    draft.put("notification", id, { ...row, notBeforeCoreMs: Math.min(row.notBeforeCoreMs, latestMs) });
  }
  for (const recipient of draft.state.tables.recipient.values())
    if (recipient.nextSendCoreMs > draft.nowMs)
      draft.put("recipient", recipient.id, { ...recipient, nextSendCoreMs: draft.nowMs });
}

/** True when a row may be claimed, or its lease has run out. */
export function isDue(draft: Draft): boolean {
  for (const id of draft.state.derived.openNotifications) {
    const row = draft.get("notification", id);
    if (!row) continue;
    if (
      row.status === "sending"
        ? (row.leaseUntilCoreMs ?? 0) <= draft.nowMs
        : row.notBeforeCoreMs <= draft.nowMs
    )
      return true;
  }
  return false;
}

/** Claims every row whose turn it is: one at a time per recipient, in order, paced. */
export function claim(draft: Draft): void {
  const { openNotifications } = draft.state.derived;
  if (openNotifications.size === 0 && draft.created.length === 0) return;
  const rows: Notification[] = [];
  // Rows made in this decision too (a lease that ran out just now may have merged two): they hold back what is newer.
  for (const id of new Set([...openNotifications, ...draft.created])) {
    const row = draft.get("notification", id);
    if (row && isOpen(row)) rows.push(row);
  }
  rows.sort((a, b) => a.sequence - b.sequence);
  const busy = new Set<string>();
  for (const row of rows) if (row.status === "sending") busy.add(row.recipientId);
  const blocked = new Set<string>();
  for (const row of rows) {
    const order = `${row.recipientId} ${subjectOf(row)}`;
    if (row.status !== "sending" && !busy.has(row.recipientId) && !blocked.has(order)) {
      const recipient = draft.get("recipient", row.recipientId);
      if (!recipient?.enabled) {
        reject(draft, row, recipient?.disabledReason ?? "the recipient was removed or switched off");
        continue;
      }
      if (row.notBeforeCoreMs <= draft.nowMs && recipient.nextSendCoreMs <= draft.nowMs) {
        busy.add(row.recipientId);
        send(draft, row, recipient);
        continue;
      }
    }
    // A later row about the same server waits for this one.
    blocked.add(order);
  }
}

function send(draft: Draft, row: Notification, recipient: Recipient): void {
  const sending: Notification = {
    ...row,
    status: "sending",
    attempts: row.attempts + 1,
    repeat: row.repeat || row.status === "unknown",
    repeated: row.repeated || row.status === "unknown",
    leaseUntilCoreMs: draft.nowMs + LEASE_MS,
  };
  const paceMs = recipient.address.startsWith("-") ? PACE_GROUP_MS : PACE_PRIVATE_MS;
  const paced: Recipient = { ...recipient, nextSendCoreMs: draft.nowMs + paceMs };
  draft.put("notification", row.id, sending);
  draft.put("recipient", recipient.id, paced);
  draft.effect({ type: "send_notification", notification: sending, recipient: paced });
  draft.publish("notification", row.incidentId);
}

/**
 * One attempt ended. An answer to another attempt than the present one changes nothing. One that came after its lease still
 * tells its fate: "sent" spares the repeat, "not sent" lets it be tried again without a mark.
 */
export function settle(
  draft: Draft,
  notificationId: string,
  attempt: number,
  outcome: DeliveryOutcome,
): void {
  const row = draft.get("notification", notificationId);
  if (row?.attempts !== attempt) return;
  const isLate = row.status === "unknown" && outcome.type !== "unknown";
  if (row.status !== "sending" && !isLate) return;
  switch (outcome.type) {
    case "sent":
      delivered(draft, row, outcome.externalId);
      break;
    case "retry": {
      const waitMs =
        outcome.retryAfterMs ??
        Math.max(RETRY_BASE_MS / 2, fullJitterMs(row.attempts, RETRY_BASE_MS, RETRY_CAP_MS, draft.random()));
      const notBeforeCoreMs = draft.nowMs + waitMs;
      draft.put("notification", row.id, {
        ...row,
        status: "retry",
        notBeforeCoreMs,
        leaseUntilCoreMs: null,
        lastError: outcome.error,
      });
      if (row.attempts === 1) failedLine(draft, row, outcome.error);
      mergeWithRecovery(draft, row.id);
      if (outcome.retryAfterMs !== null) {
        const recipient = draft.get("recipient", row.recipientId);
        if (recipient)
          draft.put("recipient", recipient.id, {
            ...recipient,
            // A short wait that the channel asks for is no leave to go faster than the chat's pace.
            nextSendCoreMs: Math.max(recipient.nextSendCoreMs, notBeforeCoreMs),
          });
      }
      break;
    }
    case "unknown":
      unknownFate(draft, row, outcome.error);
      break;
    case "rejected":
      if (outcome.scope === "recipient") {
        const recipient = draft.get("recipient", row.recipientId);
        if (recipient) {
          draft.put("recipient", recipient.id, {
            ...recipient,
            enabled: false,
            disabledReason: outcome.error,
          });
          draft.publish("recipient", recipient.id);
        }
      }
      reject(draft, row, outcome.error);
      break;
    case "moved":
      moved(draft, row, outcome.address);
      break;
    default:
      unreachable(outcome);
  }
  withdraw(draft, row.id);
  draft.publish("notification", row.incidentId);
  draft.effect({ type: "wake_outbox" });
}

/** The chat has another address now; the row goes there, unless that one is told anyway. */
function moved(draft: Draft, row: Notification, address: string): void {
  const recipient = draft.get("recipient", row.recipientId);
  if (!recipient) return reject(draft, row, "the recipient was removed");
  draft.publish("recipient", recipient.id);
  // One channel for now: an address belongs to it.
  const twin = [...draft.all("recipient")].some(
    (other) => other.id !== recipient.id && other.address === address,
  );
  if (twin) {
    const disabledReason = "this chat became another one that is linked already";
    draft.put("recipient", recipient.id, { ...recipient, enabled: false, disabledReason });
    return reject(draft, row, disabledReason);
  }
  draft.put("recipient", recipient.id, { ...recipient, address });
  draft.put("notification", row.id, {
    ...row,
    status: "retry",
    notBeforeCoreMs: draft.nowMs,
    leaseUntilCoreMs: null,
    lastError: "the chat moved to a new id",
  });
  mergeWithRecovery(draft, row.id);
}

/** Staff closed the incident while this row was under way: it is not tried again. */
function withdraw(draft: Draft, id: string): void {
  const row = draft.get("notification", id);
  const reason = row && draft.get("incident", row.incidentId)?.closeReason;
  if (row && reason != null && reason !== "recovered" && isOpen(row))
    draft.put("notification", id, superseded(draft, row));
}

function delivered(draft: Draft, row: Notification, externalId: string): void {
  draft.put("notification", row.id, {
    ...row,
    status: "sent",
    externalId,
    leaseUntilCoreMs: null,
    lastError: null,
    settledWallMs: draft.at.wallMs,
  });
  const recipientName = draft.get("recipient", row.recipientId)?.name ?? row.recipientId;
  note(draft, row.incidentId, { type: "delivered", recipientName, step: row.step, repeat: row.repeat });
}

function unknownFate(draft: Draft, row: Notification, error: string): void {
  draft.put("notification", row.id, {
    ...row,
    status: "unknown",
    notBeforeCoreMs: draft.nowMs + UNKNOWN_REPEAT_MS,
    leaseUntilCoreMs: null,
    lastError: error,
    settledWallMs: row.repeated ? draft.at.wallMs : null,
  });
  failedLine(draft, row, error);
  mergeWithRecovery(draft, row.id);
}

function reject(draft: Draft, row: Notification, error: string): void {
  draft.put("notification", row.id, {
    ...row,
    status: "rejected",
    leaseUntilCoreMs: null,
    lastError: error,
    settledWallMs: draft.at.wallMs,
  });
  failedLine(draft, row, error);
  mergeWithRecovery(draft, row.id);
}

function failedLine(draft: Draft, row: Notification, error: string): void {
  const recipientName = draft.get("recipient", row.recipientId)?.name ?? row.recipientId;
  note(draft, row.incidentId, { type: "delivery_failed", recipientName, step: row.step, error });
}

/** Messages that belong to no incident (a server that never came) are dropped once settled. */
export function dropToldWithoutIncident(draft: Draft): void {
  for (const id of draft.state.derived.openNotifications) {
    const row = draft.get("notification", id);
    if (row && isWithoutIncident(row.step) && !isOpen(row)) draft.put("notification", id, null);
  }
}
