/**
 * What becomes of rows that were sent: settled, tried again, merged, given up.
 * Why apart from the outbox: that says what must be told; this says what an answer, or none, makes of it.
 * Must not: mark anything sent that was not answered as sent, or decide who is told.
 */
import { unreachable } from "../../shared/assert.ts";
import { fullJitterMs } from "../../shared/backoff.ts";
import { isOpen } from "./apply.ts";
import type { Draft } from "./draft.ts";
import { boardGone, boardShown } from "./boards.ts";
import { isBeside, isNews, traitsOf } from "./channels.ts";
import { isWithoutIncident, mergeWithRecovery, note, superseded } from "./outbox.ts";
import { recipientLost } from "./recipients.ts";
import { forgetMessages, pinPlace, refreshAgain, refreshRow } from "./refresh.ts";
import { isQuiet, tellFallback } from "./telling.ts";
import type { Incident } from "./types/incident.ts";
import type { DeliveryOutcome, Notification, Step } from "./types/telling.ts";

/** A send whose fate is unknown is repeated, once and marked, not sooner than this: a slow answer may still come. */
export const UNKNOWN_REPEAT_MS = 60_000;
/** No answer from the worker for so long: it will not come. Above the channel's own 30 s time-out. */
export const LEASE_MS = 90_000;
/** First wait before a retry; the longest is the channel's. */
export const RETRY_BASE_MS = 1_000;

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

/**
 * One attempt ended, for each row that it told. An answer to another attempt than the present one changes nothing. One that came
 * after its lease still tells its fate: "sent" spares the repeat, "not sent" lets it be tried again without a mark.
 */
export function settle(
  draft: Draft,
  attempts: readonly { readonly notificationId: string; readonly attempt: number }[],
  outcome: DeliveryOutcome,
): void {
  const rows = attempts.flatMap(({ notificationId, attempt }) => {
    const row = draft.get("notification", notificationId);
    if (row?.attempts !== attempt) return [];
    const isLate = row.status === "unknown" && outcome.type !== "unknown";
    return row.status === "sending" || isLate ? [row] : [];
  });
  const [first] = rows;
  if (!first) return;
  const address = outcome.type === "moved" ? move(draft, first.recipientId, outcome.address) : null;
  if (outcome.type === "retry" || outcome.type === "unknown") failed(draft, first.recipientId, outcome);
  else if (outcome.type === "sent") worked(draft, first.recipientId);
  if (outcome.type === "rejected" && outcome.scope === "recipient")
    recipientLost(draft, first.recipientId, outcome.error);
  const waitMs = draft.get("recipient", first.recipientId)?.nextSendCoreMs ?? draft.nowMs;
  for (const row of rows) {
    settleRow(draft, row, outcome, attempts.length > 1, waitMs, address);
    withdraw(draft, row.id);
    draft.publish("notification", row.incidentId);
  }
  draft.effect({ type: "wake_outbox" });
}

function settleRow(
  draft: Draft,
  row: Notification,
  outcome: DeliveryOutcome,
  isFolded: boolean,
  waitUntilCoreMs: number,
  moved: string | null,
): void {
  const { isIdempotent, giveUpMs } = traitsOf(row.channel);
  switch (outcome.type) {
    case "sent":
      return delivered(draft, row, outcome.externalId);
    case "retry":
    case "unknown": {
      if (outcome.type === "unknown" && !isIdempotent) return unknownFate(draft, row, outcome.error);
      const ageMs = draft.at.wallMs - row.queuedWallMs;
      if (giveUpMs !== null && ageMs > giveUpMs)
        return reject(draft, row, `given up after a day: ${outcome.error}`);
      return retried(draft, row, outcome.error, waitUntilCoreMs);
    }
    case "rejected":
      // One of them cannot be told like that; each by itself shows which.
      if (outcome.scope === "message" && isFolded)
        return retried(draft, { ...row, alone: true }, outcome.error, draft.nowMs);
      return reject(draft, row, outcome.error);
    case "moved":
      if (moved !== null) return reject(draft, row, moved);
      return retried(draft, row, "the chat moved to a new id", draft.nowMs);
    default:
      return unreachable(outcome);
  }
}

/** The next attempt to this recipient, whatever it tells, waits longer with each that fails. */
function failed(
  draft: Draft,
  recipientId: string,
  outcome: Extract<DeliveryOutcome, { type: "retry" | "unknown" }>,
): void {
  const recipient = draft.get("recipient", recipientId);
  if (!recipient) return;
  const failures = recipient.failures + 1;
  const capMs = traitsOf(recipient.channel).retryCapMs ?? draft.state.times.retryCapMs;
  const asked = outcome.type === "retry" ? outcome.retryAfterMs : null;
  const waitMs =
    asked ?? Math.max(RETRY_BASE_MS / 2, fullJitterMs(failures, RETRY_BASE_MS, capMs, draft.random()));
  draft.put("recipient", recipientId, {
    ...recipient,
    failures,
    // A short wait that the channel asks for is no leave to go faster than the chat's pace.
    nextSendCoreMs: Math.max(recipient.nextSendCoreMs, draft.nowMs + waitMs),
  });
}

function worked(draft: Draft, recipientId: string): void {
  const recipient = draft.get("recipient", recipientId);
  if (recipient && recipient.failures > 0) draft.put("recipient", recipientId, { ...recipient, failures: 0 });
}

function retried(draft: Draft, row: Notification, error: string, notBeforeCoreMs: number): void {
  draft.put("notification", row.id, {
    ...row,
    status: "retry",
    notBeforeCoreMs,
    leaseUntilCoreMs: null,
    lastError: error,
  });
  if (row.attempts === 1) failedLine(draft, row, error);
  mergeWithRecovery(draft, row.id);
}

/** The chat has another address now, and rows go there; unless that one is told anyway: then why they do not. */
function move(draft: Draft, recipientId: string, address: string): string | null {
  const recipient = draft.get("recipient", recipientId);
  if (!recipient) return "the recipient was removed";
  draft.publish("recipient", recipientId);
  const twin = [...draft.all("recipient")].some(
    (other) => other.id !== recipientId && other.channel === recipient.channel && other.address === address,
  );
  if (!twin) {
    draft.put("recipient", recipientId, { ...recipient, address, boardExternalId: null });
    forgetMessages(draft, recipientId);
    return null;
  }
  const disabledReason = "this chat became another one that is linked already";
  draft.put("recipient", recipientId, { ...recipient, enabled: false, disabledReason });
  return disabledReason;
}

/** Its reason went while this row was under way: it is not tried again. */
function withdraw(draft: Draft, id: string): void {
  const row = draft.get("notification", id);
  const incident = row && draft.get("incident", row.incidentId);
  if (row && incident && isOpen(row) && isWithdrawn(draft, row, incident))
    draft.put("notification", id, superseded(draft, row));
}

/** Staff closed the incident; or of a reminder: somebody took it, it is over, or it is to be quiet. */
function isWithdrawn(draft: Draft, row: Notification, incident: Incident): boolean {
  const { closeReason, acknowledgedBy } = incident;
  if (row.step === "repeat")
    return acknowledgedBy !== null || closeReason !== null || isQuiet(draft, incident);
  return closeReason !== null && closeReason !== "recovered" && !isSaidAfterwards(row);
}

/** What an end by staff does not make untrue. */
function isSaidAfterwards(row: Notification): boolean {
  return row.step === "edit" || row.step === "announced_over";
}

function delivered(draft: Draft, row: Notification, externalId: string): void {
  draft.put("notification", row.id, {
    ...row,
    status: "sent",
    externalId,
    leaseUntilCoreMs: null,
    fallbackCoreMs: null,
    lastError: null,
    settledWallMs: draft.at.wallMs,
  });
  const settled = draft.get("notification", row.id) ?? row;
  if (isBeside(row.step)) {
    boardShown(draft, row, externalId);
    return refreshAgain(draft, settled);
  }
  const recipientName = draft.get("recipient", row.recipientId)?.name ?? row.recipientId;
  note(draft, row.incidentId, { type: "delivered", recipientName, step: row.step, repeat: row.repeat });
  const incident = draft.get("incident", row.incidentId);
  if (!incident) return;
  pinPlace(draft, settled);
  refreshRow(draft, incident, settled);
}

/** News is repeated once; what only shows or reminds waits for the next change. An edit says the same twice: it is made again. */
function unknownFate(draft: Draft, row: Notification, error: string): void {
  // Sent again it is the same one, whatever it says; also what a crash interrupted.
  if (traitsOf(row.channel).isIdempotent) return retried(draft, row, error, draft.nowMs);
  if (row.step === "edit" || row.step === "board")
    return retried(draft, row, error, draft.nowMs + UNKNOWN_REPEAT_MS);
  const isFinal = row.repeated || !isNews(row.step);
  draft.put("notification", row.id, {
    ...row,
    status: "unknown",
    repeated: isFinal,
    notBeforeCoreMs: draft.nowMs + UNKNOWN_REPEAT_MS,
    leaseUntilCoreMs: null,
    lastError: error,
    settledWallMs: isFinal ? draft.at.wallMs : null,
  });
  failedLine(draft, row, error);
  // Twice of unknown fate: somebody else should know.
  const settled = draft.get("notification", row.id) ?? row;
  if (isFinal) tellFallback(draft, settled);
  mergeWithRecovery(draft, row.id);
}

export function reject(draft: Draft, row: Notification, error: string): void {
  draft.put("notification", row.id, {
    ...row,
    status: "rejected",
    leaseUntilCoreMs: null,
    lastError: error,
    settledWallMs: draft.at.wallMs,
  });
  failedLine(draft, row, error);
  tellFallback(draft, draft.get("notification", row.id) ?? row);
  mergeWithRecovery(draft, row.id);
  boardGone(draft, row);
}

function failedLine(draft: Draft, row: Notification, error: string): void {
  // That a message could not be shown anew is nobody's news.
  if (isBeside(row.step)) return;
  const recipientName = draft.get("recipient", row.recipientId)?.name ?? row.recipientId;
  note(draft, row.incidentId, { type: "delivery_failed", recipientName, step: row.step, error });
}

/** The result of a drill is kept until the next one, a board as long as it is wanted. */
const keptSteps: ReadonlySet<Step> = new Set<Step>(["drill", "board"]);

/** Messages that belong to no incident are dropped once settled. */
export function dropToldWithoutIncident(draft: Draft): void {
  for (const id of draft.state.derived.openNotifications) {
    const row = draft.get("notification", id);
    if (row && isWithoutIncident(row.step) && !keptSteps.has(row.step) && !isOpen(row))
      draft.put("notification", id, null);
  }
}
