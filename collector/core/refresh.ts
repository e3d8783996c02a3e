/**
 * Told messages show things as they are: edits of what was accepted, new words for what still waits, and the pin on the map.
 * Why rows: an edit is kept, paced and tried again like any message; it may be sent twice, for it says the same.
 * Must not: tell news. An edit makes no sound; who needs to know gets a message.
 */
import { traitsOf } from "./channels.ts";
import type { Draft } from "./draft.ts";
import { messageOf } from "./messages.ts";
import { enqueue, isWaiting, rowsOf } from "./outbox.ts";
import type { Incident } from "./types/incident.ts";
import type { Message, Notification, Step } from "./types/telling.ts";

/** Steps whose message is kept as things are. */
const shown: ReadonlySet<Step> = new Set<Step>(["down", "recovered", "told_late"]);

/** The incident changed in a way that people see: what was told of it says so. */
export function refreshTold(draft: Draft, incidentId: string): void {
  const incident = draft.get("incident", incidentId);
  if (!incident || incident.groupedUnder !== null) return;
  for (const row of rowsOf(draft, incidentId)) refreshRow(draft, incident, row);
}

/** Once for all who joined in this decision: five thousand servers may join one outage in a tick. */
export function refreshJoined(draft: Draft): void {
  for (const id of draft.joined) refreshTold(draft, id);
}

/** One told or waiting message of the incident. Called for itself when it was accepted: things may have changed on its way. */
export function refreshRow(draft: Draft, incident: Incident, row: Notification): void {
  if (!shown.has(row.step)) return;
  const message: Message = { ...messageOf(draft, incident, row.step), flapping: row.message.flapping };
  if (isWaiting(row)) {
    if (!same(row.message, message)) draft.put("notification", row.id, { ...row, message });
    return;
  }
  if (row.status !== "sent" || row.externalId === null || row.folded) return;
  const recipient = draft.get("recipient", row.recipientId);
  if (!recipient?.enabled || !traitsOf(row.channel).canEdit) return;
  const edit = rowsOf(draft, incident.id).find((other) => other.editOf === row.id);
  if (same((edit ?? row).message, message)) return;
  if (!edit) {
    enqueue(draft, {
      incidentId: incident.id,
      serverId: row.serverId,
      step: "edit",
      which: row.step,
      editOf: row.id,
      recipient,
      reason: "changed",
      message,
    });
    return;
  }
  draft.put("notification", edit.id, {
    ...edit,
    message,
    ...(edit.status === "sending" ? { stale: true } : requeued(draft, edit)),
  });
  draft.effect({ type: "wake_outbox" });
}

/** An edit that was under way while things changed is made once more. */
export function refreshAgain(draft: Draft, edit: Notification): void {
  if (edit.stale) draft.put("notification", edit.id, { ...edit, stale: false, ...requeued(draft, edit) });
}

function requeued(
  draft: Draft,
  edit: Notification,
): Pick<Notification, "status" | "notBeforeCoreMs" | "settledWallMs" | "repeated"> {
  const waits = edit.status === "retry" ? edit.notBeforeCoreMs : draft.nowMs;
  return { status: "queued", notBeforeCoreMs: waits, settledWallMs: null, repeated: false };
}

/**
 * It is somewhere else now, where its messages have other ids or are not: what was told there is neither shown anew nor answered.
 * An old id may be another message's in the new place.
 */
export function forgetMessages(draft: Draft, recipientId: string): void {
  for (const row of [...draft.all("notification")])
    if (row.recipientId === recipientId && row.externalId !== null)
      draft.put("notification", row.id, { ...row, externalId: null });
}

/** The outage of one place was told: its pin follows, to whoever wants it. */
export function pinPlace(draft: Draft, row: Notification): void {
  const recipient = draft.get("recipient", row.recipientId);
  const { latitude, longitude, kind } = row.message;
  if (row.step !== "down" || row.folded || recipient?.pin !== true || !traitsOf(row.channel).canEdit) return;
  if (latitude === null || longitude === null || kind === "mass_outage" || kind === "collector_trouble")
    return;
  const { incidentId, serverId, message } = row;
  enqueue(draft, { incidentId, serverId, step: "pin", recipient, reason: "first", message });
}

/** Plain data: equal when it reads the same. */
function same(a: Message, b: Message): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
