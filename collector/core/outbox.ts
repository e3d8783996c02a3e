/**
 * What must be told: rows of an outage, of its end, and of both at once.
 * Why in the core: "exactly once" is decided here, in the same commit as the incident, not by whoever sends.
 * Must not: render text, choose who is told (telling), or know when and how a row is sent (delivery).
 */
import { isBeside, tellsOutage, traitsOf } from "./channels.ts";
import type { Draft } from "./draft.ts";
import type { Incident, NotifyReason, TimelineEntry } from "./types/incident.ts";
import type { Recipient } from "./types/registry.ts";
import type { Message, Notification, Step } from "./types/telling.ts";

/** Steps about a server as such, or about nothing that is wrong: their rows belong to no incident and are dropped once told. */
const stepsWithoutIncident: ReadonlySet<Step> = new Set<Step>([
  "never_came",
  "flapping",
  "flapping_digest",
  "flapping_over",
  "duplicate",
  "duplicate_over",
  "recipient_lost",
  "channel_lost",
  "channel_back",
  "drill",
  "digest",
  "report",
  "board",
]);

export function isWithoutIncident(step: Step): boolean {
  return stepsWithoutIncident.has(step);
}

/** What could not be told for so long is told to the route's fallback recipients too. */
export const FALLBACK_MS = 300_000;

/** Rows of one recipient with the same subject keep their order. */
export function subjectOf(row: Pick<Notification, "id" | "serverId" | "incidentId" | "step">): string {
  if (isBeside(row.step)) return row.id;
  if (row.serverId !== null) return row.serverId;
  // Messages about a flapping site are numbered; they are about one thing.
  return isWithoutIncident(row.step) ? row.incidentId.replace(/-\d+$/, "") : row.incidentId;
}

/** Timeline lines of one incident; the middle of a very long one is not worth a full disk. */
export const TIMELINE_MAX = 200;

/** `which` tells rows of one step apart: the second repeat, the edit of a recovery. */
export function rowId(incidentId: string, step: Step, recipient: Recipient, which = ""): string {
  return `${incidentId}/${step}${which && `-${which}`}/${recipient.id}/${recipient.channel}`;
}

/** Appends a line; at the limit the newest line replaces the last one, and the first ones stay. */
export function withLine(incident: Incident, wallMs: number, what: TimelineEntry["what"]): Incident {
  const timeline =
    incident.timeline.length < TIMELINE_MAX
      ? incident.timeline
      : incident.timeline.slice(0, TIMELINE_MAX - 1);
  return { ...incident, timeline: [...timeline, { wallMs, what }] };
}

/** Writes a line into the incident if it still lives. */
export function note(draft: Draft, incidentId: string, what: TimelineEntry["what"]): void {
  const incident = draft.get("incident", incidentId);
  if (incident) draft.put("incident", incidentId, withLine(incident, draft.at.wallMs, what));
}

/** Rows of an incident for one recipient, oldest first, as this decision leaves them. */
export function rowsOf(draft: Draft, incidentId: string): Notification[] {
  const ids = new Set(draft.state.derived.notificationsOf.get(incidentId));
  const rows: Notification[] = [];
  for (const id of ids) {
    const row = draft.get("notification", id);
    if (row) rows.push(row);
  }
  for (const row of draft.created) {
    const current = draft.get("notification", row);
    if (current?.incidentId === incidentId && !ids.has(row)) rows.push(current);
  }
  return rows.sort((a, b) => a.sequence - b.sequence);
}

/** One row for one recipient; a row of the same id is never written twice. */
export function enqueue(
  draft: Draft,
  row: {
    readonly incidentId: string;
    readonly serverId: string | null;
    readonly step: Step;
    readonly recipient: Recipient;
    readonly reason: NotifyReason;
    readonly message: Message;
    readonly repeat?: boolean;
    readonly notBeforeCoreMs?: number;
    /** The place in the order of a row that this one stands for; otherwise the last. */
    readonly sequence?: number;
    /** See `rowId`. */
    readonly which?: string;
    readonly editOf?: string;
    /** null: it is a fallback itself, or was told to one. */
    readonly fallbackCoreMs?: number | null;
  },
): void {
  const id = rowId(row.incidentId, row.step, row.recipient, row.which);
  if (draft.get("notification", id)) {
    note(draft, row.incidentId, {
      type: "notify",
      recipientName: row.recipient.name,
      reason: row.reason,
      send: false,
    });
    return;
  }
  const meta = draft.meta();
  if (row.sequence === undefined)
    draft.put("meta", "", { ...meta, nextNotificationSequence: meta.nextNotificationSequence + 1 });
  draft.create({
    id,
    incidentId: row.incidentId,
    serverId: row.serverId,
    step: row.step,
    recipientId: row.recipient.id,
    channel: row.recipient.channel,
    reason: row.reason,
    message: row.message,
    status: "queued",
    attempts: 0,
    notBeforeCoreMs: row.notBeforeCoreMs ?? draft.nowMs,
    leaseUntilCoreMs: null,
    repeat: row.repeat ?? false,
    repeated: false,
    externalId: null,
    folded: false,
    alone: false,
    editOf: row.editOf ?? null,
    stale: false,
    fallbackCoreMs:
      row.fallbackCoreMs === undefined
        ? tellsOutage(row.step)
          ? draft.nowMs + FALLBACK_MS
          : null
        : row.fallbackCoreMs,
    lastError: null,
    sequence: row.sequence ?? meta.nextNotificationSequence,
    queuedWallMs: draft.at.wallMs,
    settledWallMs: null,
  });
  if (!isBeside(row.step))
    note(draft, row.incidentId, {
      type: "notify",
      recipientName: row.recipient.name,
      reason: row.reason,
      send: true,
    });
  draft.effect({ type: "wake_outbox" });
}

/** A step for all of them. */
export type RowForMany = Omit<Parameters<typeof enqueue>[1], "recipient">;

/** A step for each of them who can be reached; says so in the timeline when there is nobody. */
export function enqueueFor(draft: Draft, recipients: readonly Recipient[], row: RowForMany): void {
  if (enqueueEach(draft, recipients, row) === 0) notTold(draft, row.incidentId, null, "no_recipients");
}

/** A step for each of them who can be reached, and how many those are. */
export function enqueueEach(draft: Draft, recipients: readonly Recipient[], row: RowForMany): number {
  let told = 0;
  for (const recipient of recipients) {
    if (!recipient.enabled) {
      notTold(draft, row.incidentId, recipient.name, "recipient_disabled");
      continue;
    }
    told += 1;
    enqueue(draft, { ...row, recipient });
  }
  return told;
}

/** A line of the timeline: somebody (null: everybody) is not told, and why. */
export function notTold(
  draft: Draft,
  incidentId: string,
  recipientName: string | null,
  reason: NotifyReason,
): void {
  note(draft, incidentId, { type: "notify", recipientName, reason, send: false });
}

/**
 * The server is back: each recipient who was (or may have been) told of the outage learns of its end, once. Of `concerned`
 * those who were not are named in the timeline.
 * `message(step)` makes the text's data for a plain recovery or for both at once.
 */
export function enqueueRecovery(
  draft: Draft,
  incident: Incident,
  concerned: readonly Recipient[],
  message: (step: "recovered" | "told_late") => Message,
): void {
  for (const recipient of [...draft.all("recipient")]) {
    const rows = outageRows(draft, incident.id, recipient.id);
    // That it goes on is no news any more.
    supersedeRepeats(draft, incident.id, recipient.id);
    // What tells this recipient of the outage: the down, or a worsening for whom no down was there (or none could be taken).
    const opening = rows.find((row) => row.status !== "rejected" && row.status !== "superseded");
    if (!opening) {
      if (rows.length > 0 || (recipient.enabled && concerned.some((one) => one.id === recipient.id)))
        neverKnew(draft, incident.id, recipient);
      continue;
    }
    // A worsening that was not sent yet says nothing any more.
    for (const row of rows)
      if (row !== opening && isWaiting(row)) draft.put("notification", row.id, superseded(draft, row));
    if (isWaiting(opening) && isUnheard(opening)) {
      tellBothLate(draft, opening, recipient, message("told_late"));
      continue;
    }
    // Sent; sent twice and confirmed never (most likely known); to be tried again as the same message; or under way:
    // `mergeWithRecovery` looks after that.
    enqueue(draft, {
      incidentId: incident.id,
      serverId: incident.serverId,
      recipient,
      step: "recovered",
      reason: "recovered",
      message: message("recovered"),
    });
  }
}

function supersedeRepeats(draft: Draft, incidentId: string, recipientId: string): void {
  for (const row of rowsOf(draft, incidentId))
    if (row.step === "repeat" && row.recipientId === recipientId && isWaiting(row))
      draft.put("notification", row.id, superseded(draft, row));
}

/** Rows that tell one recipient of an outage, not of its end; oldest first. */
export function outageRows(draft: Draft, incidentId: string, recipientId: string): Notification[] {
  return rowsOf(draft, incidentId).filter(
    (row) => row.recipientId === recipientId && (row.step === "down" || row.step === "worse"),
  );
}

/** Not under way, and still to be sent (again). */
export function isWaiting(row: Notification): boolean {
  return row.status === "queued" || row.status === "retry" || (row.status === "unknown" && !row.repeated);
}

/**
 * Another message may tell what this one would have told. Not where the other side knows each by its id and one was tried: it
 * may have come, and would be told again by the other.
 */
function isUnheard(row: Notification): boolean {
  return row.attempts === 0 || !traitsOf(row.channel).isIdempotent;
}

/** Outage and end become one message; the mark says that the outage may have been told before. */
function tellBothLate(draft: Draft, opening: Notification, recipient: Recipient, message: Message): void {
  draft.put("notification", opening.id, superseded(draft, opening));
  enqueue(draft, {
    incidentId: opening.incidentId,
    serverId: opening.serverId,
    step: "told_late",
    recipient,
    reason: "told_late",
    message,
    repeat: opening.repeat || opening.status === "unknown",
    notBeforeCoreMs: opening.notBeforeCoreMs,
    // A newer outage of the same server may wait already: this one is told first.
    sequence: opening.sequence,
    fallbackCoreMs: opening.fallbackCoreMs,
  });
}

function neverKnew(draft: Draft, incidentId: string, recipient: Recipient): void {
  notTold(draft, incidentId, recipient.name, "receiver_never_knew");
}

/** Nothing of it is sent any more. */
export function superseded(draft: Draft, row: Notification): Notification {
  return { ...row, status: "superseded", leaseUntilCoreMs: null, settledWallMs: draft.at.wallMs };
}

/** Staff closed the incident: what was not sent is not sent any more. A send under way is left to settle. */
export function supersedeWaiting(draft: Draft, incidentId: string): void {
  for (const row of rowsOf(draft, incidentId))
    if (isWaiting(row)) draft.put("notification", row.id, superseded(draft, row));
}

/**
 * A row of the outage was not sent, and the recovery waits behind it. If the recipient knows of the outage otherwise,
 * the row is spared; if not, both become one message; and if it can never be sent, the end is not told either.
 */
export function mergeWithRecovery(draft: Draft, rowId: string): void {
  const row = draft.get("notification", rowId);
  if (!row || (row.step !== "down" && row.step !== "worse")) return;
  const recipient = draft.get("recipient", row.recipientId);
  const recovered = rowsOf(draft, row.incidentId).find(
    (other) =>
      other.step === "recovered" && other.recipientId === row.recipientId && other.status === "queued",
  );
  if (!recovered || !recipient) return;
  const knows = outageRows(draft, row.incidentId, row.recipientId).some(
    (other) => other.status === "sent" || (other.status === "unknown" && other.repeated),
  );
  if (knows) {
    if (isWaiting(row)) draft.put("notification", row.id, superseded(draft, row));
    return;
  }
  const isMerged = isWaiting(row) && isUnheard(row);
  if (!isMerged && row.status !== "rejected") return;
  draft.put("notification", recovered.id, superseded(draft, recovered));
  if (row.status === "rejected") neverKnew(draft, row.incidentId, recipient);
  else tellBothLate(draft, row, recipient, { ...recovered.message, step: "told_late" });
}
