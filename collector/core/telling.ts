/**
 * Who is told of what: by routes, at once; then, while nobody takes it, the next ones, and the same ones again; and somebody
 * else in the place of a recipient who cannot be told.
 * Why apart from the outbox: that keeps each row's promise; this chooses whom rows are for.
 * Must not: judge anybody, or send anything twice: a row's id is its incident, step and recipient.
 */
import { hearingIn } from "./hearing.ts";
import { inMaintenance } from "./maintenance.ts";
import type { Draft } from "./draft.ts";
import { messageOf } from "./messages.ts";
import {
  enqueue,
  enqueueEach,
  enqueueFor,
  isWaiting,
  notTold,
  outageRows,
  rowsOf,
  superseded,
  type RowForMany,
} from "./outbox.ts";
import {
  fallbacksFor,
  firstRecipients,
  firstSteps,
  recipientsOf,
  routesFor,
  subjectOfIncident,
  subjectOfServer,
  type Subject,
} from "./routes.ts";
import type { State } from "./state.ts";
import type { Incident, NotifyReason, Pursuit } from "./types/incident.ts";
import type { Recipient, Route } from "./types/registry.ts";
import type { Message, Notification, Step } from "./types/telling.ts";

/** Tells an open incident's outage to whom its routes name first, and begins to pursue it. */
export function tellByRoutes(draft: Draft, incidentId: string, reason: NotifyReason, message: Message): void {
  const incident = draft.get("incident", incidentId);
  if (!incident) return;
  const routes = routesFor(draft, subjectOfIncident(draft, incident));
  if (routes.length === 0) return notTold(draft, incidentId, null, "no_route");
  const row = { incidentId, serverId: incident.serverId, step: "down", reason, message } as const;
  const first = firstRecipients(draft, subjectOfIncident(draft, incident));
  let told = enqueueEach(draft, first, row) + standIn(draft, incident, first, row);
  const pursuits = routes.map((route) => {
    const { pursuit, toldNext } = begun(draft, route, row);
    told += toldNext;
    return pursuit;
  });
  if (told === 0) notTold(draft, incidentId, null, "no_recipients");
  const now = draft.get("incident", incidentId) ?? incident;
  if (now.acknowledgedBy === null) draft.put("incident", incidentId, { ...now, pursuits });
}

/** A route's part in an incident. When nobody whom it names first can be told, and nobody stands in, the next are not waited for. */
function begun(draft: Draft, route: Route, row: RowForMany): { pursuit: Pursuit; toldNext: number } {
  const stands = route.fallbackRecipientIds.some((id) => draft.get("recipient", id)?.enabled === true);
  const isTold = (steps: number): boolean =>
    recipientsOf(draft, route, 0, steps).some(({ enabled }) => enabled);
  let steps = firstSteps(route);
  let toldNext = 0;
  while (!stands && steps < route.steps.length && !isTold(steps)) {
    const next = recipientsOf(draft, route, steps, steps + 1);
    toldNext += enqueueEach(draft, next, { ...row, reason: "escalated" });
    steps += 1;
  }
  const { nowMs } = draft;
  const pursuit = { routeId: route.id, toldCoreMs: nowMs, steps, repeats: 0, repeatedCoreMs: nowMs };
  return { pursuit, toldNext };
}

/**
 * Of `recipients` some are known to be out of reach, or nobody of them can be told: whoever stands in is told in their place. How
 * many those are.
 */
function standIn(
  draft: Draft,
  incident: Incident,
  recipients: readonly Recipient[],
  row: RowForMany,
): number {
  const subject = subjectOfIncident(draft, incident);
  const isNobody = !recipients.some(({ enabled }) => enabled);
  const found = new Map<string, Recipient>();
  for (const lost of recipients)
    if (!lost.enabled && (isNobody || lost.disabledReason !== null))
      for (const one of fallbacksFor(draft, subject, lost.id)) found.set(one.id, one);
  const fresh = [...found.values()].filter(
    (one) => one.enabled && outageRows(draft, incident.id, one.id).length === 0,
  );
  return enqueueEach(draft, fresh, { ...row, reason: "fallback", fallbackCoreMs: null });
}

/** It became worse: those who know of it, and those whom its routes name now. */
export function tellWorse(draft: Draft, incident: Incident): void {
  if (isQuiet(draft, incident)) return notTold(draft, incident.id, null, "muted");
  const subject = subjectOfIncident(draft, incident);
  const recipients = new Map(firstRecipients(draft, subject).map((one) => [one.id, one]));
  for (const row of rowsOf(draft, incident.id)) {
    const recipient = row.step === "down" ? draft.get("recipient", row.recipientId) : undefined;
    if (recipient && row.status !== "rejected") recipients.set(recipient.id, recipient);
  }
  enqueueFor(draft, [...recipients.values()], {
    incidentId: incident.id,
    serverId: incident.serverId,
    step: "worse",
    reason: "worse",
    message: messageOf(draft, incident, "worse"),
  });
}

/** News about a server (or a site) that is no incident. */
export function tellNotice(
  draft: Draft,
  id: string,
  step: Step,
  message: Message,
  about: { readonly serverId: string | null; readonly subject?: Subject },
): void {
  const subject = about.subject ?? subjectOfServer(draft, about.serverId, message.kind);
  enqueueFor(draft, firstRecipients(draft, subject), {
    incidentId: id,
    serverId: about.serverId,
    step,
    // Of news without an incident the step is the reason.
    reason: step as NotifyReason,
    message,
  });
}

/** Whom the incident concerns so far: first recipients, and those whom its pursuit has reached. */
export function concernedBy(draft: Draft, incident: Incident): Recipient[] {
  const found = new Map(
    firstRecipients(draft, subjectOfIncident(draft, incident)).map((one) => [one.id, one]),
  );
  for (const pursuit of incident.pursuits) {
    const route = draft.get("route", pursuit.routeId);
    if (route) for (const one of recipientsOf(draft, route, 0, pursuit.steps)) found.set(one.id, one);
  }
  return [...found.values()];
}

/** Rows of repeats that are kept beside the newest. */
const REPEATS_KEPT = 8;

// ── While nobody takes it ────────────────────────────────────────────────────────────────────────────

/** Staff asked for quiet about it, now. */
export function isQuiet(draft: Draft, incident: Incident): boolean {
  const { quiet } = incident;
  return quiet !== null && (quiet.untilWallMs === null || draft.at.wallMs < quiet.untilWallMs);
}

/** When the route has something to do for the incident next; null: never. */
function nextMs(route: Route | undefined, pursuit: Pursuit): number | null {
  if (!route?.enabled) return null;
  const step = route.steps[pursuit.steps];
  const wait = route.repeatMs[Math.min(pursuit.repeats, route.repeatMs.length - 1)];
  const times = [
    ...(step ? [pursuit.toldCoreMs + step.afterMs] : []),
    ...(wait === undefined ? [] : [pursuit.repeatedCoreMs + wait]),
  ];
  return times.length === 0 ? null : Math.min(...times);
}

/** Whether a tick has anything to do with those who are pursued; keeps a quiet tick quiet. */
export function pursuitsDue(state: State, nowMs: number): boolean {
  for (const id of state.derived.pursuedIncidents)
    for (const pursuit of state.tables.incident.get(id)?.pursuits ?? []) {
      const atMs = nextMs(state.tables.route.get(pursuit.routeId), pursuit);
      if (atMs !== null && atMs <= nowMs) return true;
    }
  return false;
}

/** Incidents that nobody took: the next recipients, or the same ones once more. Called by ticks. */
export function lookAtPursuits(draft: Draft): void {
  const hearing = hearingIn(draft);
  for (const id of draft.state.derived.pursuedIncidents) {
    const incident = draft.get("incident", id);
    if (!incident || incident.endedWallMs !== null || incident.pursuits.length === 0) continue;
    // What cannot be heard is not said to be down still. The collector's own trouble is that it cannot hear.
    if (hearing.state !== "hearing" && incident.kind !== "collector_trouble") continue;
    if (draft.get("detector", incident.serverId ?? "")?.status === "recovering") continue;
    if (isQuiet(draft, incident) || inMaintenance(draft, incident)) continue;
    // Grouped meanwhile: its group is pursued.
    if (incident.groupedUnder !== null) continue;
    const pursuits = incident.pursuits.map((pursuit) => pursued(draft, incident, pursuit));
    if (pursuits.every((pursuit, index) => pursuit === incident.pursuits[index])) continue;
    const now = draft.get("incident", id) ?? incident;
    draft.put("incident", id, { ...now, pursuits });
    draft.publish("incident", id);
  }
}

function pursued(draft: Draft, incident: Incident, pursuit: Pursuit): Pursuit {
  const route = draft.get("route", pursuit.routeId);
  const atMs = nextMs(route, pursuit);
  if (!route || atMs === null || atMs > draft.nowMs) return pursuit;
  const step = route.steps[pursuit.steps];
  if (step && pursuit.toldCoreMs + step.afterMs <= draft.nowMs) {
    const next = recipientsOf(draft, route, pursuit.steps, pursuit.steps + 1);
    const message = messageOf(draft, incident, "down");
    const { id: incidentId, serverId } = incident;
    const row = { incidentId, serverId, step: "down", reason: "escalated", message } as const;
    const told = enqueueEach(draft, next, row) + standIn(draft, incident, next, row);
    if (told === 0) notTold(draft, incidentId, null, "no_recipients");
    return { ...pursuit, steps: pursuit.steps + 1 };
  }
  repeat(draft, incident, recipientsOf(draft, route, 0, pursuit.steps), pursuit.repeats + 1);
  return { ...pursuit, repeats: pursuit.repeats + 1, repeatedCoreMs: draft.nowMs };
}

/** It is still down: to those who were told, and who have nothing older of it to come. */
function repeat(draft: Draft, incident: Incident, recipients: readonly Recipient[], count: number): void {
  const message: Message = {
    ...messageOf(draft, incident, "repeat"),
    repeat: { count, silentMs: Math.max(0, draft.nowMs - incident.startedCoreMs) },
  };
  for (const recipient of recipients) {
    if (!recipient.enabled) continue;
    const rows = rowsOf(draft, incident.id).filter((row) => row.recipientId === recipient.id);
    const knows = rows.some((row) => row.step === "down" && row.status === "sent");
    if (!knows || rows.some((row) => row.step === "worse" && isWaiting(row))) continue;
    const repeats = rows.filter((row) => row.step === "repeat");
    for (const row of repeats) if (isWaiting(row)) draft.put("notification", row.id, superseded(draft, row));
    // What was down for a year was said to be so each day; the newest of that are enough to know.
    for (const row of repeats.slice(0, -REPEATS_KEPT))
      if (row.status !== "sending") draft.put("notification", row.id, null);
    enqueue(draft, {
      incidentId: incident.id,
      serverId: incident.serverId,
      step: "repeat",
      which: String(count),
      recipient,
      reason: "repeat_due",
      message,
    });
  }
}

// ── In somebody's place ──────────────────────────────────────────────────────────────────────────────

/** Rows that could not be told for too long: their routes' fallback recipients are told. Called by ticks. */
export function lookAtFallbacks(draft: Draft): void {
  for (const id of draft.state.derived.openNotifications) {
    const row = draft.get("notification", id);
    if (row?.fallbackCoreMs != null && row.fallbackCoreMs <= draft.nowMs) tellFallback(draft, row);
  }
}

/** Tells the row's news to whoever stands in for its recipient, once. */
export function tellFallback(draft: Draft, row: Notification): void {
  if (row.fallbackCoreMs === null) return;
  draft.put("notification", row.id, { ...row, fallbackCoreMs: null });
  const incident = draft.get("incident", row.incidentId);
  // Closed by staff: nothing of it is told any more.
  if (incident?.closeReason != null && incident.closeReason !== "recovered") return;
  const subject = incident
    ? subjectOfIncident(draft, incident)
    : subjectOfServer(draft, row.serverId, row.message.kind);
  // Over meanwhile: they learn of both at once.
  const isOver = incident !== undefined && incident.endedWallMs !== null;
  const step = isOver ? "told_late" : row.step;
  const message = isOver ? messageOf(draft, incident, step) : row.message;
  for (const recipient of fallbacksFor(draft, subject, row.recipientId)) {
    if (!recipient.enabled) continue;
    // Told of the outage otherwise: nothing to add.
    if (outageRows(draft, row.incidentId, recipient.id).some((other) => isOver || other.step === step))
      continue;
    enqueue(draft, {
      incidentId: row.incidentId,
      serverId: row.serverId,
      step,
      recipient,
      reason: "fallback",
      message,
      fallbackCoreMs: null,
    });
  }
}

/** It can be told again: what is still so and never reached it is told now. */
export function tellReturned(draft: Draft, recipient: Recipient): void {
  for (const incident of draft.state.tables.incident.values()) {
    const now = draft.get("incident", incident.id);
    if (!now || now.endedWallMs !== null || now.groupedUnder !== null || now.muted) continue;
    const rows = rowsOf(draft, now.id);
    if (rows.length === 0 || !concernedBy(draft, now).some((one) => one.id === recipient.id)) continue;
    const own = outageRows(draft, now.id, recipient.id);
    if (own.some((row) => row.status !== "rejected" && row.status !== "superseded")) continue;
    const before = own.find((row) => row.step === "down");
    const message = messageOf(draft, now, "down");
    if (!before) {
      enqueue(draft, {
        incidentId: now.id,
        serverId: now.serverId,
        step: "down",
        recipient,
        reason: "receiver_back",
        message,
      });
      continue;
    }
    draft.put("notification", before.id, {
      ...before,
      status: "queued",
      reason: "receiver_back",
      message,
      repeat: own.some((row) => row.repeat),
      notBeforeCoreMs: draft.nowMs,
      settledWallMs: null,
    });
    draft.effect({ type: "wake_outbox" });
  }
}
