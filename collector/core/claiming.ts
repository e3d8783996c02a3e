/**
 * Whose turn it is: rows are claimed in order, one message at a time per recipient, paced; several at once when many wait.
 * Why apart from delivery: that settles what was sent; this chooses what is sent next.
 * Must not: send anything without a durable claim, or let a row overtake an older one about the same server.
 */
import { isOpen } from "./apply.ts";
import { isBeside, isFoldable, traitsOf } from "./channels.ts";
import { LEASE_MS, reject } from "./delivery.ts";
import type { Draft } from "./draft.ts";
import { subjectOf } from "./outbox.ts";
import type { ChannelName, Recipient } from "./types/registry.ts";
import type { Notification } from "./types/telling.ts";

/** As many as this wait for one recipient: they are told by one message. A person reads one list, not four messages. */
export const FOLD_FROM = 4;

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

/** Claims what may be sent now: one message at a time per recipient, so many per channel, in order, paced; folded when many wait. */
export function claim(draft: Draft): void {
  const { openNotifications } = draft.state.derived;
  if (openNotifications.size === 0 && draft.created.length === 0) return;
  const rows: Notification[] = [];
  // Rows made in this decision too (a lease that ran out just now may have merged two): they hold back what is newer.
  for (const id of new Set([...openNotifications, ...draft.created])) {
    const row = draft.get("notification", id);
    if (row && isOpen(row)) rows.push(row);
  }
  // What shows a message anew waits for all news.
  rows.sort((a, b) => Number(isBeside(a.step)) - Number(isBeside(b.step)) || a.sequence - b.sequence);
  const busy = new Map<string, ChannelName>();
  for (const row of rows) if (row.status === "sending") busy.set(row.recipientId, row.channel);
  const blocked = new Set<string>();
  const turns = new Map<string, Notification[]>();
  for (const row of rows) {
    const order = `${row.recipientId} ${subjectOf(row)}`;
    if (row.status !== "sending" && !busy.has(row.recipientId) && !blocked.has(order)) {
      const recipient = draft.get("recipient", row.recipientId);
      if (!recipient?.enabled) {
        // Told again when it is let in: as what may have been told before.
        const doubted = { ...row, repeat: row.repeat || isDoubted(row) };
        reject(draft, doubted, recipient?.disabledReason ?? "the recipient was removed or switched off");
        continue;
      }
      if (row.notBeforeCoreMs <= draft.nowMs && recipient.nextSendCoreMs <= draft.nowMs) {
        const turn = turns.get(row.recipientId);
        if (turn) turn.push(row);
        else turns.set(row.recipientId, [row]);
      }
    }
    // A later row about the same server waits for this one.
    blocked.add(order);
  }
  const underWay = new Map<ChannelName, number>();
  for (const channel of busy.values()) underWay.set(channel, (underWay.get(channel) ?? 0) + 1);
  for (const [recipientId, due] of turns) {
    const recipient = draft.get("recipient", recipientId);
    if (!recipient) continue;
    const { channel } = recipient;
    const count = underWay.get(channel) ?? 0;
    // One that hangs holds up its own channel only; the others' turn comes with the next answer.
    if (count >= traitsOf(channel).atOnceMax) continue;
    underWay.set(channel, count + 1);
    send(draft, together(due), recipient);
  }
}

/** The first of those whose turn it is; with others that wait when they are many. */
function together(due: readonly Notification[]): readonly Notification[] {
  const [first] = due;
  if (!first || !isFoldable(first.step) || first.alone) return due.slice(0, 1);
  const foldable = due.filter((row) => isFoldable(row.step) && !row.alone);
  if (foldable.length < FOLD_FROM) return due.slice(0, 1);
  return foldable.slice(0, traitsOf(first.channel).foldMax);
}

function send(draft: Draft, rows: readonly Notification[], recipient: Recipient): void {
  const { paceMs } = traitsOf(recipient.channel);
  const notifications = rows.map((row): Notification => {
    const isRepeat = isDoubted(row);
    const sending: Notification = {
      ...row,
      status: "sending",
      attempts: row.attempts + 1,
      repeat: row.repeat || isRepeat,
      repeated: row.repeated || isRepeat,
      folded: rows.length > 1,
      leaseUntilCoreMs: draft.nowMs + LEASE_MS,
    };
    draft.put("notification", row.id, sending);
    draft.publish("notification", row.incidentId);
    return sending;
  });
  const paced: Recipient = { ...recipient, nextSendCoreMs: draft.nowMs + paceMs(recipient.address) };
  draft.put("recipient", recipient.id, paced);
  draft.effect({ type: "send_notification", notifications, recipient: paced });
}

/** Nobody knows whether it arrived. Where a second one is known to be the same one, that is no matter. */
function isDoubted(row: Notification): boolean {
  return row.status === "unknown" && !traitsOf(row.channel).isIdempotent;
}
