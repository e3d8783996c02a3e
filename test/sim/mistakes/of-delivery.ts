/**
 * Mistakes about the outbox: lost, doubled, unmarked, out of order, told to the wrong people.
 */
import { mistake, type Mistake } from "./mistake.ts";

const delivery = "collector/core/delivery.ts";
const claiming = "collector/core/claiming.ts";
const outbox = "collector/core/outbox.ts";

export const mistakesOfDelivery: readonly Mistake[] = [
  mistake(
    "marked sent before it was sent",
    claiming,
    '...row,\n      status: "sending",\n      attempts: row.attempts + 1,',
    '...row,\n      status: "sent",\n      attempts: row.attempts + 1,',
  ),
  mistake(
    "an unknown fate is taken for not sent",
    delivery,
    'if (outcome.type === "unknown" && !isIdempotent) return unknownFate(draft, row, outcome.error);',
    "void isIdempotent;",
  ),
  mistake(
    "an unknown fate is taken for sent",
    delivery,
    'if (outcome.type === "unknown" && !isIdempotent) return unknownFate(draft, row, outcome.error);',
    'if (outcome.type === "unknown" && !isIdempotent) return delivered(draft, row, "1");',
  ),
  mistake("a repeat carries no mark", claiming, "repeat: row.repeat || isRepeat,", "repeat: row.repeat,"),
  mistake(
    "an unknown fate is repeated again and again",
    claiming,
    "repeated: row.repeated || isRepeat,",
    "repeated: row.repeated,",
  ),
  mistake(
    "an unknown fate is repeated at once, before a slow answer can come",
    delivery,
    "notBeforeCoreMs: draft.nowMs + UNKNOWN_REPEAT_MS,",
    "notBeforeCoreMs: draft.nowMs,",
  ),
  mistake(
    "a send that a crash interrupted is queued again in silence",
    "collector/core/lifecycle.ts",
    "delivery.expireLeases(draft, true);",
    'for (const id of state.derived.openNotifications) {\n    const row = draft.get("notification", id);\n    if (row?.status === "sending") draft.put("notification", id, { ...row, status: "queued", leaseUntilCoreMs: null });\n  }',
  ),
  mistake(
    "a send without an answer is waited for for ever",
    delivery,
    "if (all || (row.leaseUntilCoreMs ?? 0) <= draft.nowMs) {",
    "if (all) {",
  ),
  mistake(
    "retry_after is not honoured",
    delivery,
    'const asked = outcome.type === "retry" ? outcome.retryAfterMs : null;',
    "const asked = null;",
  ),
  mistake(
    "after a refusal it is not tried again for an hour",
    "collector/core/times.ts",
    "retryCapMs: Math.min(25_000, Math.max(1_000, (5 / 36) * downAfterMs)),",
    "retryCapMs: 36_000_000,",
  ),
  mistake("a later row overtakes one that waits", claiming, "blocked.add(order);", "void order;"),
  mistake(
    "several sends to one recipient at once",
    claiming,
    'for (const row of rows) if (row.status === "sending") busy.set(row.recipientId, row.channel);',
    "",
  ),
  mistake(
    "no pace: everything to a chat at once",
    claiming,
    "nextSendCoreMs: draft.nowMs + paceMs(recipient.address) };",
    "nextSendCoreMs: draft.nowMs };",
  ),
  mistake(
    "a message that a chat refused is tried for ever",
    delivery,
    'status: "rejected",\n    leaseUntilCoreMs: null,',
    'status: "retry",\n    notBeforeCoreMs: draft.nowMs + 1_000,\n    leaseUntilCoreMs: null,',
  ),
  mistake(
    "a chat that blocked the bot stays a recipient",
    "collector/core/recipients.ts",
    'draft.put("recipient", recipientId, { ...recipient, enabled: false, disabledReason: reason });',
    "",
  ),
  mistake(
    "a chat that moved is written to at its old address",
    delivery,
    'draft.put("recipient", recipientId, { ...recipient, address, boardExternalId: null });\n',
    "",
  ),
  mistake(
    "the recovery of an outage nobody was told of is told",
    outbox,
    "if (!opening) {\n      if (rows.length > 0 || (recipient.enabled && concerned.some((one) => one.id === recipient.id)))\n        neverKnew(draft, incident.id, recipient);\n      continue;",
    'if (!opening) {\n      enqueue(draft, { incidentId: incident.id, serverId: incident.serverId, recipient, step: "recovered", reason: "recovered", message: message("recovered") });\n      continue;',
  ),
  mistake(
    "an outage and its end that are told late are two messages",
    outbox,
    'if (isWaiting(opening) && isUnheard(opening)) {\n      tellBothLate(draft, opening, recipient, message("told_late"));\n      continue;\n    }',
    "",
  ),
  mistake(
    "an outage that was told late loses the mark of a perhaps earlier one",
    outbox,
    'repeat: opening.repeat || opening.status === "unknown",',
    "repeat: opening.repeat,",
  ),
  mistake(
    "an end is not told when its outage's send is under way",
    outbox,
    'const opening = rows.find((row) => row.status !== "rejected" && row.status !== "superseded");',
    'const opening = rows.find((row) => row.status !== "rejected" && row.status !== "superseded" && row.status !== "sending");',
  ),
  mistake(
    "what staff closed is still sent",
    "collector/core/incident-endings.ts",
    "supersedeWaiting(draft, incidentId);",
    "",
  ),
  mistake(
    "an incident is archived with rows that wait: they are never sent",
    "collector/core/archiving.ts",
    "if (notifications.some(isOpen)) return;",
    "void isOpen;",
  ),
  mistake(
    "an archived incident's rows stay behind",
    "collector/core/archiving.ts",
    'for (const row of notifications) draft.put("notification", row.id, null);',
    "",
  ),
  mistake(
    "an incident leaves without an archive",
    "collector/core/archiving.ts",
    'draft.put("archive", incidentId, { incident, notifications });\n',
    "",
  ),
  mistake(
    "an incident without its rows",
    "collector/core/incidents.ts",
    'tellByRoutes(draft, incidentId, reason, messageOf(draft, incident, "down"));',
    'if (reason !== "first") tellByRoutes(draft, incidentId, reason, messageOf(draft, incident, "down"));',
  ),
  mistake(
    "only the first recipient is told",
    outbox,
    "told += 1;\n    enqueue(draft,",
    "told += 1;\n    if (told > 1) continue;\n    enqueue(draft,",
  ),
  mistake(
    "the end is told by the name of another outage",
    "collector/core/incidents.ts",
    "nextIncidentNumber: meta.nextIncidentNumber + 1 });",
    "nextIncidentNumber: meta.nextIncidentNumber + (meta.nextIncidentNumber % 7 === 0 ? 0 : 1) });",
  ),
];
