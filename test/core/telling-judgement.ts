/**
 * What is wrong with what people were told over a schedule, as sentences; by a ledger of what the other side accepted.
 * Must not: know how the outbox decides, or trust a row's status.
 */
import type { Incident } from "../../collector/core/types/incident.ts";
import { NEXT_AFTER_MS, type Attempt, type Played, recipientIds } from "./telling-life.ts";

/** By a key, in order. */
function groupedBy(
  attempts: readonly Attempt[],
  keyOf: (attempt: Attempt) => string,
): Map<string, Attempt[]> {
  const found = new Map<string, Attempt[]>();
  for (const attempt of attempts) {
    const key = keyOf(attempt);
    found.set(key, [...(found.get(key) ?? []), attempt]);
  }
  return found;
}

/**
 * Each fact once: an outage's beginning, its end, and whatever else is a row. Accepted again only where nobody could know that it
 * was, then with a mark, and a row at most twice.
 */
export function doubled({ attempts }: Played): string[] {
  const isBeginning = ({ row }: Attempt): boolean => row.step === "down" || row.step === "told_late";
  const isEnd = ({ row }: Attempt): boolean => row.step === "recovered" || row.step === "told_late";
  return [
    ...[...groupedBy(attempts.filter(isBeginning), ofIncident)].flatMap(([key, tries]) =>
      again(tries, `${key}, its beginning`),
    ),
    ...[...groupedBy(attempts.filter(isEnd), ofIncident)].flatMap(([key, tries]) =>
      again(tries, `${key}, its end`),
    ),
    ...[...groupedBy(attempts, ({ row }) => row.id)].flatMap(([key, tries]) => [
      ...again(tries, key),
      ...(acceptedIn(tries).length > 2 ? [`${key}: accepted ${acceptedIn(tries).length} times`] : []),
    ]),
  ];
}

/** Where the other side knows a message by its id, the same id is the same message. */
function acceptedIn(tries: readonly Attempt[]): readonly Attempt[] {
  const accepted = tries.filter((one) => one.accepted);
  if (tries[0]?.row.channel !== "webhook") return accepted;
  return accepted.filter(
    ({ row }, index) => accepted.findIndex((other) => other.row.id === row.id) === index,
  );
}

function again(tries: readonly Attempt[], key: string): string[] {
  const accepted = acceptedIn(tries);
  return accepted.flatMap(({ row }, index) => {
    const before = accepted[index - 1];
    if (before === undefined) return [];
    return before.isDoubtful && row.repeat
      ? []
      : [`${key}: accepted again${row.repeat ? "" : ", without a mark"}`];
  });
}

/** A mark says that it may have been told before: of the outage, or of its end; then somebody must have had reason to think so. */
export function falselyMarked({ attempts }: Played): string[] {
  return [...groupedBy(attempts, ofIncident)].flatMap(([key, tries]) => {
    const first = tries.findIndex(({ row }) => row.repeat);
    return first >= 0 && !tries.slice(0, first).some((one) => one.isDoubtful)
      ? [`${key}: marked without a doubt`]
      : [];
  });
}

const ofIncident = ({ row, recipientId }: Attempt): string => `${row.incidentId} to ${recipientId}`;

/** What was decided to be told, and neither arrived nor was left for a good reason. */
export function lost({ stage, attempts, shutOut }: Played): string[] {
  const tried = groupedBy(attempts, ofIncident);
  return [...stage.archived.values()].flatMap(({ incident, notifications }) =>
    recipientIds.flatMap((recipientId) => {
      // Shut out, or refused in any form: the row is kept, another recipient and the panel say so.
      const rows = notifications.filter((row) => row.recipientId === recipientId);
      if (shutOut.has(recipientId) || rows.some(({ status }) => status === "rejected")) return [];
      const tries = tried.get(`${incident.id} to ${recipientId}`) ?? [];
      const isThere = (...steps: readonly string[]): boolean => {
        const some = tries.filter(({ row }) => steps.includes(row.step));
        // Twice of unknown fate, it is left at that.
        return some.some((one) => one.accepted) || some.filter((one) => one.isDoubtful).length >= 2;
      };
      const key = `${incident.id} to ${recipientId}`;
      const isTold = rows.some(({ step }) => step === "down");
      // Grouped meanwhile, its end is the group's.
      const hasEnd = incident.closeReason === "recovered" && incident.groupedUnder === null;
      return [
        ...(isTold && !isThere("down", "told_late", "worse") && !isSpared(incident)
          ? [`${key}: its beginning is lost`]
          : []),
        ...(isTold && hasEnd && !isThere("recovered", "told_late") ? [`${key}: its end is lost`] : []),
      ];
    }),
  );
}

/** Joined a group before it could be told by itself. */
function isSpared(incident: Incident): boolean {
  return incident.groupedUnder !== null;
}

/** Ends without a beginning. */
export function baseless({ attempts }: Played): string[] {
  const known = new Set<string>();
  const found: string[] = [];
  for (const attempt of attempts) {
    const key = ofIncident(attempt);
    const { step } = attempt.row;
    if (step === "down" || step === "worse" || step === "announced") {
      if (attempt.accepted || attempt.isDoubtful) known.add(`${key} ${step === "announced"}`);
    } else if ((step === "recovered" || step === "announced_over") && attempt.accepted)
      if (!known.has(`${key} ${step === "announced_over"}`))
        found.push(`${key}: ${step} without a beginning`);
  }
  return found;
}

/** Of one outage nothing after its end; of one server nothing of an outage after a newer one's. */
export function disordered({ attempts }: Played): string[] {
  const accepted = attempts.filter((one) => one.accepted && /^i\d+$/.test(one.row.incidentId));
  const found: string[] = [];
  for (const [key, tries] of groupedBy(accepted, ofIncident)) {
    const steps = tries.map(({ row }) => row.step);
    const end = steps.findIndex((step) => step === "recovered" || step === "told_late");
    const late =
      end < 0 ? [] : steps.slice(end + 1).filter((step) => ["down", "worse", "repeat"].includes(step));
    if (late.length > 0) found.push(`${key}: ${steps.join(", ")}`);
  }
  const ofServer = accepted.filter(({ row }) => row.serverId !== null);
  for (const [key, tries] of groupedBy(
    ofServer,
    ({ row, recipientId }) => `${row.serverId ?? ""} to ${recipientId}`,
  )) {
    const numbers = tries.map(({ row }) => row.message.incidentNumber);
    if (numbers.some((number, index) => number < (numbers[index - 1] ?? 0)))
      found.push(`${key}: of incidents ${numbers.join(", ")}`);
  }
  return found;
}

/** Told to whom no route, no next step, no fallback and no announcement names. */
export function strangers({ stage, attempts }: Played): string[] {
  const incidents = new Map(stage.allIncidents().map((incident) => [incident.id, incident]));
  return attempts.flatMap(({ row, recipientId }) => {
    const incident = incidents.get(row.incidentId);
    if (incident === undefined) {
      // News of a server that is no incident is its routes'; digests are asked for; who is lost is told to all staff.
      const isForAll = row.step === "digest" || row.step === "recipient_lost";
      return recipientId === "usr" || (recipientId === "out" && !isForAll)
        ? [`${row.id} told to ${recipientId}`]
        : [];
    }
    const touchesA = incident.siteId === "a" || incident.group?.siteIds.includes("a") === true;
    const isAnnounced = row.step === "announced" || row.step === "announced_over";
    const isMeant = {
      ann: touchesA && !isAnnounced,
      eve: touchesA && !isAnnounced,
      fay: touchesA && !isAnnounced,
      grp: !isAnnounced,
      net: !isAnnounced,
      hook: !isAnnounced,
      usr: touchesA && isAnnounced,
      out: false,
    }[recipientId];
    return isMeant === true ? [] : [`${row.id} told to ${recipientId}`];
  });
}

/** Reminders and next recipients after somebody took it, or in the quiet that was asked for; next ones too early. */
export function importunate({ stage, attempts, takenAt, quietAt, shutOut }: Played): string[] {
  const incidents = new Map(stage.allIncidents().map((incident) => [incident.id, incident]));
  return attempts.flatMap(({ row, wallMs }) => {
    const isReminder = row.step === "repeat";
    const isNext = row.reason === "escalated";
    if (!isReminder && !isNext && row.step !== "worse") return [];
    const found: string[] = [];
    const takenMs = takenAt.get(row.incidentId);
    if (row.step !== "worse" && takenMs !== undefined && wallMs > takenMs)
      found.push(`${row.id} after it was taken`);
    for (const { fromWallMs, untilWallMs } of quietAt.get(row.incidentId) ?? [])
      if (wallMs > fromWallMs && wallMs < (untilWallMs ?? Infinity))
        found.push(`${row.id} in the quiet asked for`);
    const detectedMs = incidents.get(row.incidentId)?.detectedWallMs ?? 0;
    // Neither the first nor whoever stands in could be told: the next is not waited for.
    const isOut = (id: string): boolean =>
      (shutOut.get(id) ?? []).some((span) => span.fromWallMs <= wallMs && wallMs <= span.untilWallMs);
    const isNobodyFirst = isOut("ann") && isOut("fay");
    if (isNext && wallMs < detectedMs + NEXT_AFTER_MS && !isNobodyFirst)
      found.push(`${row.id} before its time`);
    return found;
  });
}
