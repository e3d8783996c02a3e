/**
 * Compares what came of a scenario with what must come of it; pure.
 * Why strict: one incident or one message more than expected is a failure. Only that makes "nothing" an expectation.
 * Must not: look at the world; it is handed the facts.
 */
import type { IncidentAnswer } from "../e2e/api.ts";
import type { AcceptedMessage } from "../e2e/telegram.ts";
import { readMessage } from "./message-reading.ts";
import {
  DOWN_AFTER_SECONDS,
  HEARTBEAT_SECONDS,
  type Expected,
  type ExpectedIncident,
  type ExpectedMessage,
  type Subject,
} from "./scenario.ts";

export interface Facts {
  readonly incidents: readonly IncidentAnswer[];
  readonly ledger: readonly AcceptedMessage[];
  /** Unix ms. */
  readonly marks: ReadonlyMap<string, number>;
  readonly hosts: readonly string[];
  readonly sites: readonly string[];
  /** By recipient. */
  readonly chatIds: ReadonlyMap<string, number>;
  /** By host; deleted ones are missing. */
  readonly statuses: ReadonlyMap<string, string>;
  /** By host: the types of its log's lines, the oldest first. */
  readonly logs: ReadonlyMap<string, readonly string[]>;
}

/** The verdict is committed within 2 s after T (design: commit tolerance). */
const TOLERANCE_SECONDS = 2;
/**
 * Each stall of a busy machine over η/3 (0.33 s here, 5 s unscaled) adds a drain of 4/3 η. With several worlds on two
 * cores two of them fit.
 */
const BUSY_SECONDS = 3;
/** Clocks of the same machine, read by several processes. */
const CLOCK_SECONDS = 0.05;
/** A heartbeat that was under way when the fault began may still arrive; a frozen or slow machine adds to it. */
const UNDER_WAY_SECONDS = 1;
/** Jitter is a third of η. */
const LAST_HEARTBEAT_SECONDS = (4 / 3) * HEARTBEAT_SECONDS + UNDER_WAY_SECONDS;

const SILENCE_SECONDS = [
  DOWN_AFTER_SECONDS - CLOCK_SECONDS,
  DOWN_AFTER_SECONDS + TOLERANCE_SECONDS + BUSY_SECONDS,
] as const;

/** What is wrong, one line each; none: it came as expected. */
export function problemsOf(expected: Expected, facts: Facts): readonly string[] {
  return [
    ...incidentProblems(expected.incidents, facts),
    ...eitherProblems(expected, facts),
    ...statusProblems(expected, facts),
    ...logProblems(expected, facts),
  ];
}

// ── Incidents ────────────────────────────────────────────────────────────────────────────────────────

export function subjectOf(incident: IncidentAnswer): Subject {
  if (incident.kind === "collector_trouble") return "collector";
  if (incident.kind === "mass_outage") return "mass";
  return incident.kind === "site_down" ? `site:${incident.siteName}` : incident.serverName;
}

function incidentProblems(expected: readonly ExpectedIncident[], facts: Facts): string[] {
  const left = new Set(facts.incidents);
  const problems: string[] = [];
  for (const one of expected) {
    const count = one.count ?? 1;
    const near = [...left].filter(
      (incident) =>
        subjectOf(incident) === one.about && groupOf(incident, facts) === (one.groupedUnder ?? null),
    );
    for (const incident of near.slice(0, count)) {
      left.delete(incident);
      problems.push(
        ...wrongWith(incident, one, facts).map((what) => `${incidentWords(incident, facts)}: ${what}`),
      );
    }
    if (near.length < count)
      problems.push(`incidents of ${expectedWords(one)}: ${near.length}, expected ${count}`);
  }
  for (const incident of left) problems.push(`not expected: ${incidentWords(incident, facts)}`);
  return problems;
}

function groupOf(incident: IncidentAnswer, facts: Facts): Subject | null {
  if (incident.groupedUnder === null) return null;
  const group = facts.incidents.find(({ id }) => id === incident.groupedUnder);
  return group === undefined ? "an incident that is not there" : subjectOf(group);
}

function wrongWith(incident: IncidentAnswer, expected: ExpectedIncident, facts: Facts): string[] {
  const problems: string[] = [];
  const among = (
    what: string,
    found: string | null,
    allowed: readonly (string | null)[] | undefined,
  ): void => {
    if (allowed !== undefined && !allowed.includes(found))
      problems.push(
        `${what} is ${found ?? "none"}, expected ${allowed.map((one) => one ?? "none").join(" or ")}`,
      );
  };
  among("kind", incident.kind, expected.kinds);
  among("variant", incident.variant, expected.variants);
  among("confidence", incident.confidence, expected.confidences);
  among("cause", incident.cause, expected.causes);
  among("final cause", incident.finalCause, expected.finalCauses);
  const open = incident.endedAt === null;
  if (open !== (expected.open ?? false)) problems.push(open ? "it is still open" : "it is over");

  const startedMs = Date.parse(incident.startedAt);
  const silence = (Date.parse(incident.detectedAt) - startedMs) / 1_000;
  const [from, to] = expected.silence === false ? [0, Infinity] : (expected.silence ?? SILENCE_SECONDS);
  if (silence < from || silence > to)
    problems.push(`told after ${silence.toFixed(2)} s of silence, expected ${from} to ${to}`);
  if (expected.since !== undefined) {
    const late = (startedMs - markOf(facts, expected.since)) / 1_000;
    if (
      late < -(expected.leading ?? LAST_HEARTBEAT_SECONDS) ||
      late > (expected.trailing ?? UNDER_WAY_SECONDS)
    )
      problems.push(`it began ${late.toFixed(2)} s after "${expected.since}"`);
  }
  return problems;
}

function markOf(facts: Facts, mark: string): number {
  const atMs = facts.marks.get(mark);
  if (atMs === undefined) throw new Error(`no step is marked "${mark}"`);
  return atMs;
}

function expectedWords({ about, kinds, groupedUnder }: ExpectedIncident): string {
  return `${about} (${kinds.join(" or ")}${groupedUnder === undefined ? "" : `, under ${groupedUnder}`})`;
}

function incidentWords(incident: IncidentAnswer, facts: Facts): string {
  const group = groupOf(incident, facts);
  const kind = incident.variant === null ? incident.kind : `${incident.kind}/${incident.variant}`;
  return `#${incident.number} ${subjectOf(incident)} ${kind}${group === null ? "" : ` under ${group}`}`;
}

// ── Messages ─────────────────────────────────────────────────────────────────────────────────────────

function eitherProblems({ messages, orMessages }: Expected, facts: Facts): string[] {
  const problems = messageProblems(messages, facts);
  if (problems.length === 0 || orMessages === undefined) return problems;
  return messageProblems(orMessages, facts).length === 0 ? [] : problems;
}

function messageProblems(expected: readonly ExpectedMessage[], facts: Facts): string[] {
  const problems: string[] = [];
  const left = new Set<AcceptedMessage>(facts.ledger);
  const read = new Map(facts.ledger.map((message) => [message, readMessage(message.text, facts)]));
  for (const one of expected) {
    const count = one.count ?? 1;
    const to = one.to ?? [...facts.chatIds.keys()][0] ?? "";
    const words = `${one.step} of ${one.about} to ${to}`;
    const near = [...left].filter((message) => {
      const meaning = read.get(message);
      return (
        message.chatId === facts.chatIds.get(to) && meaning?.step === one.step && meaning.about === one.about
      );
    });
    for (const message of near.slice(0, count)) {
      left.delete(message);
      problems.push(...wrongWithMessage(message, one, facts).map((what) => `${words}: ${what}`));
    }
    if (near.length < count) problems.push(`${words}: ${near.length}, expected ${count}`);
    const repeats = near.slice(0, count).filter((message) => read.get(message)?.repeat === true).length;
    const allowed = one.repeats ?? [0];
    if (!allowed.includes(repeats))
      problems.push(`${words}: ${repeats} marked as repeat, expected ${allowed.join(" or ")}`);
  }
  for (const message of left)
    problems.push(`not expected to ${message.chatId}: ${message.text.split("\n")[0] ?? ""}`);
  return problems;
}

function wrongWithMessage(message: AcceptedMessage, expected: ExpectedMessage, facts: Facts): string[] {
  const problems: string[] = [];
  const kind = readMessage(message.text, facts)?.kind ?? null;
  if (expected.kinds !== undefined && (kind === null || !expected.kinds.includes(kind)))
    problems.push(`it says ${kind ?? "no kind"}, expected ${expected.kinds.join(" or ")}`);
  if (expected.contains !== undefined && !message.text.includes(expected.contains))
    problems.push(`it does not say "${expected.contains}": ${message.text.replaceAll("\n", " | ")}`);
  if (expected.lacks !== undefined && message.text.includes(expected.lacks))
    problems.push(`it says "${expected.lacks}": ${message.text.replaceAll("\n", " | ")}`);
  if (expected.after !== undefined) {
    const [from, to] = expected.after.seconds;
    const seconds = (message.atMs - markOf(facts, expected.after.mark)) / 1_000;
    if (seconds < from || seconds > to)
      problems.push(
        `accepted ${seconds.toFixed(2)} s after "${expected.after.mark}", expected ${from} to ${to}`,
      );
  }
  return problems;
}

// ── Servers ──────────────────────────────────────────────────────────────────────────────────────────

function statusProblems(expected: Expected, facts: Facts): string[] {
  return [...facts.statuses].flatMap(([host, status]) => {
    const wanted = expected.statuses?.[host] ?? "up";
    return status === wanted ? [] : [`${host} is ${status}, expected ${wanted}`];
  });
}

function logProblems(expected: Expected, facts: Facts): string[] {
  return Object.entries(expected.log ?? {}).flatMap(([host, wanted]) => {
    const found = facts.logs.get(host) ?? [];
    const missing = wanted.filter((type) => !found.includes(type));
    return missing.length === 0
      ? []
      : [`the log of ${host} lacks ${missing.join(", ")}; it has ${found.join(", ") || "nothing"}`];
  });
}
