/**
 * To the users of a branch: that a disturbance is known, and that it is over.
 * Why only when staff say so: users are told by people, with one press; the machine only remembers to say the end.
 * Must not: tell staff, or anything of the inside (names of servers, addresses, evidence).
 */
import type { Draft } from "./draft.ts";
import { messageOf } from "./messages.ts";
import { enqueue, note, rowsOf, superseded } from "./outbox.ts";
import { subjectOfIncident } from "./routes.ts";
import type { Incident } from "./types/incident.ts";
import type { Recipient } from "./types/registry.ts";

/** The users' chats of the incident's sites. */
export function usersOf(draft: Draft, incident: Incident): Recipient[] {
  const { siteIds } = subjectOfIncident(draft, incident);
  return [...draft.all("recipient")].filter(
    (recipient) =>
      recipient.audience === "users" &&
      recipient.enabled &&
      (recipient.siteIds.length === 0 || recipient.siteIds.some((id) => siteIds.includes(id))),
  );
}

/** Each chat once; said again it reaches those that were not told yet. */
export function announce(draft: Draft, incident: Incident, by: string): void {
  const announcement = incident.announcement ?? { by, wallMs: draft.at.wallMs, overWallMs: null };
  draft.put("incident", incident.id, { ...incident, announcement });
  note(draft, incident.id, { type: "announced", by, over: false });
  const now = draft.get("incident", incident.id) ?? incident;
  for (const recipient of usersOf(draft, incident))
    enqueue(draft, {
      incidentId: incident.id,
      serverId: incident.serverId,
      step: "announced",
      recipient,
      reason: "announced",
      message: messageOf(draft, now, "announced"),
    });
}

/** It is over: whoever was told of it by an announcement learns that too. `by`: empty when it recovered by itself. */
export function announceOver(draft: Draft, incidentId: string, by: string): void {
  const incident = draft.get("incident", incidentId);
  if (incident?.announcement?.overWallMs !== null) return;
  const announcement = { ...incident.announcement, overWallMs: draft.at.wallMs };
  draft.put("incident", incidentId, { ...incident, announcement });
  note(draft, incidentId, { type: "announced", by, over: true });
  const now = draft.get("incident", incidentId) ?? incident;
  for (const row of rowsOf(draft, incidentId)) {
    const recipient = row.step === "announced" ? draft.get("recipient", row.recipientId) : undefined;
    if (!recipient || row.status === "rejected" || row.status === "superseded") continue;
    // Who was not told that it began is spared both.
    if (row.status === "queued" || row.status === "retry") {
      draft.put("notification", row.id, superseded(draft, row));
      continue;
    }
    enqueue(draft, {
      incidentId,
      serverId: incident.serverId,
      step: "announced_over",
      recipient,
      reason: "announced",
      message: messageOf(draft, now, "announced_over"),
    });
  }
}
