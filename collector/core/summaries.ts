/**
 * How things are, as data: for a daily digest, a monthly report and a pinned board.
 * Why in the core: what is open now is known here; a digest of the same day is given once, in the commit that says so.
 * Must not: know a calendar (the shell says when it is due and hands in the past).
 */
import type { Draft } from "./draft.ts";
import { refusal } from "./draft.ts";
import { emptyMessage } from "./messages.ts";
import { enqueue } from "./outbox.ts";
import type { Decision } from "./types/effects.ts";
import type { Event } from "./types/events.ts";
import type { Incident } from "./types/incident.ts";
import type { Recipient } from "./types/registry.ts";
import type { Summary, SummaryPast } from "./types/telling.ts";

/** Open incidents that a summary names. */
const NAMED_MAX = 30;

export function summaryDue(draft: Draft, event: Extract<Event, { type: "summary_due" }>): Decision {
  const recipient = draft.get("recipient", event.recipientId);
  if (!recipient) return refusal("recipient_not_found");
  const { step, given } = event;
  const newest = step === "digest" ? recipient.digestedDay : recipient.reportedMonth;
  if (newest !== null && newest >= given) return refusal("already_so");
  const next: Recipient =
    step === "digest" ? { ...recipient, digestedDay: given } : { ...recipient, reportedMonth: given };
  draft.put("recipient", recipient.id, next);
  if (recipient.enabled)
    enqueue(draft, {
      incidentId: `${step}-${given}`,
      serverId: null,
      step,
      recipient: next,
      reason: "scheduled",
      message: { ...emptyMessage(draft, step), summary: summaryOf(draft, event.period, event.past) },
    });
  return draft.done();
}

/** Of all servers, as this decision leaves them. */
export function summaryOf(draft: Draft, period: string | null, past: SummaryPast | null): Summary {
  let servers = 0;
  let up = 0;
  for (const detector of draft.all("detector")) {
    if (detector.status === "paused") continue;
    servers += 1;
    if (detector.status === "up" || detector.status === "suspect") up += 1;
  }
  const open: Incident[] = [];
  for (const incident of draft.all("incident"))
    if (incident.endedWallMs === null && incident.groupedUnder === null) open.push(incident);
  open.sort((a, b) => a.number - b.number);
  return {
    wallMs: draft.at.wallMs,
    period,
    servers,
    up,
    open: open.slice(0, NAMED_MAX).map((incident) => ({
      number: incident.number,
      kind: incident.kind,
      variant: incident.variant,
      serverName: incident.serverName,
      siteName: incident.siteName,
      startedWallMs: incident.startedWallMs,
      memberCount: Math.max(1, incident.group?.serverIds.length ?? 1),
      acknowledgedBy: incident.acknowledgedBy,
    })),
    openCount: open.length,
    past,
  };
}
