/**
 * Mistakes about the outbox: lost, doubled, unmarked, out of order, told to the wrong people.
 */
import { mistake, type Mistake } from "./mistake.ts";

const delivery = "collector/core/delivery.ts";
const outbox = "collector/core/outbox.ts";

export const mistakesOfDelivery: readonly Mistake[] = [
  mistake(
    "marked sent before it was sent",
    delivery,
    '...row,\n    status: "sending",\n    attempts: row.attempts + 1,',
    '...row,\n    status: "sent",\n    attempts: row.attempts + 1,',
  ),
  mistake(
    "an unknown fate is taken for not sent",
    delivery,
    'case "unknown":\n      unknownFate(draft, row, outcome.error);',
    'case "unknown":\n      draft.put("notification", row.id, { ...row, status: "retry", notBeforeCoreMs: draft.nowMs + 1_000, leaseUntilCoreMs: null });',
  ),
  mistake(
    "an unknown fate is taken for sent",
    delivery,
    'case "unknown":\n      unknownFate(draft, row, outcome.error);',
    'case "unknown":\n      delivered(draft, row, "");',
  ),
  mistake(
    "a repeat carries no mark",
    delivery,
    'repeat: row.repeat || row.status === "unknown",',
    "repeat: row.repeat,",
  ),
  mistake(
    "an unknown fate is repeated again and again",
    delivery,
    'repeated: row.repeated || row.status === "unknown",',
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
    "const waitMs =\n        outcome.retryAfterMs ??\n        Math.max(",
    "const waitMs =\n        Math.max(",
  ),
  mistake(
    "after a refusal it is not tried again for an hour",
    delivery,
    "export const RETRY_CAP_MS = 25_000;",
    "export const RETRY_CAP_MS = 36_000_000;",
  ),
  mistake("a later row overtakes one that waits", delivery, "blocked.add(order);", "void order;"),
  mistake(
    "several sends to one recipient at once",
    delivery,
    'for (const row of rows) if (row.status === "sending") busy.add(row.recipientId);',
    "",
  ),
  mistake(
    "no pace: everything to a chat at once",
    delivery,
    'const paceMs = recipient.address.startsWith("-") ? PACE_GROUP_MS : PACE_PRIVATE_MS;',
    'const paceMs = recipient.address.startsWith("-") ? PACE_GROUP_MS - 3_000 : PACE_PRIVATE_MS - 1_000;',
  ),
  mistake(
    "a message that a chat refused is tried for ever",
    delivery,
    'status: "rejected",\n    leaseUntilCoreMs: null,',
    'status: "retry",\n    notBeforeCoreMs: draft.nowMs + 1_000,\n    leaseUntilCoreMs: null,',
  ),
  mistake(
    "a chat that blocked the bot stays a recipient",
    delivery,
    'if (outcome.scope === "recipient") {',
    'if (outcome.scope === "recipient" && outcome.error === "") {',
  ),
  mistake(
    "a chat that moved is written to at its old address",
    delivery,
    'draft.put("recipient", recipient.id, { ...recipient, address });\n',
    "",
  ),
  mistake(
    "the recovery of an outage nobody was told of is told",
    outbox,
    "if (!opening) {\n      if (rows.length > 0 || recipient.enabled) neverKnew(draft, incident.id, recipient);\n      continue;",
    'if (!opening) {\n      enqueue(draft, { incidentId: incident.id, serverId: incident.serverId, recipient, step: "recovered", reason: "recovered", message: message("recovered") });\n      continue;',
  ),
  mistake(
    "an outage and its end that are told late are two messages",
    outbox,
    'if (isWaiting(opening)) {\n      tellBothLate(draft, opening, recipient, message("told_late"));\n      continue;\n    }',
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
    'enqueueForAll(draft, incidentId, incident.serverId, "down", reason, message);',
    'if (reason !== "first") enqueueForAll(draft, incidentId, incident.serverId, "down", reason, message);',
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
