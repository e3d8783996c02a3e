/**
 * One line of the journal as it is kept on the disk, and how it becomes an entry that is sent.
 * Why a form of its own: 40,000 lines of a week must stay small, and how long ago a line was is only known when it is
 * sent: the line keeps the clocks, the entry has an age.
 * Must not: touch a disk, or fail on what a torn or foreign line says.
 */
import type { CollectorReach, JournalEntry, Reached } from "../shared/journal.ts";

export interface JournalRecord extends Omit<JournalEntry, "ageMs"> {
  /** Since the host booted, sleep included, ms. */
  readonly bootMs: number;
  /** Unix time, ms; only compared over boots, where there is nothing better. */
  readonly wallMs: number;
  /** The first record that the collector had not taken in yet when this one was written; null: it had all it needed. */
  readonly owedFrom: number | null;
}

/** The two clocks that say how long ago a record was. */
export interface JournalClocks {
  readonly bootId: string;
  readonly bootMs: number;
  readonly wallMs: number;
}

const events = ["tick", "start", "stop"] as const;
const links = ["up", "down", "unknown"] as const;
const reaches = ["ok", "failed", "unknown"] as const satisfies readonly Reached[];
/** Their places are what the disk holds: only ever added to at the end. */
const collectorReaches = [
  "ok",
  "timeout",
  "refused",
  "unreachable",
  "name",
  "certificate",
  "proxy",
  "rejected",
  "unknown",
] as const satisfies readonly CollectorReach[];

/** A line is never longer: eight numbers, a boot id of at most 128 characters that may need escaping. */
export const recordBytesMax = 1_024;

/**
 * The line, with its end: a JSON array of numbers, about 50 bytes. The boot id stands only where it `begins`: in the
 * first line of a file and of a program.
 */
export function recordLine(record: JournalRecord, begins: boolean): string {
  const words = [
    record.sequence,
    Math.round(record.bootMs),
    Math.round(record.wallMs),
    events.indexOf(record.event),
    Math.round(record.lateMs),
    Math.round(record.sleptMs),
    // Five small figures in one number; unknown everywhere is 22228.
    Number(
      [
        links.indexOf(record.link),
        reaches.indexOf(record.gateway),
        reaches.indexOf(record.dns),
        reaches.indexOf(record.internet),
        collectorReaches.indexOf(record.collector),
      ].join(""),
    ),
    record.owedFrom ?? 0,
    ...(begins ? [record.bootId] : []),
  ];
  return `${JSON.stringify(words)}\n`;
}

/** The record of a line without its end; null: torn, or nothing of ours. `bootId`: of the line before; null: none known. */
export function recordOf(line: string, bootId: string | null): JournalRecord | null {
  if (!line.startsWith("[") || !line.endsWith("]")) return null;
  let words: unknown;
  try {
    words = JSON.parse(line);
  } catch {
    return null;
  }
  if (!Array.isArray(words) || words.length < 8 || words.length > 9) return null;
  const numbers: unknown[] = words.slice(0, 8);
  if (!numbers.every((word): word is number => Number.isSafeInteger(word))) return null;
  const [sequence = 0, bootMs = 0, wallMs = 0, event = 0, lateMs = 0, sleptMs = 0, seen = 0, owedFrom = 0] =
    numbers;
  const ownBootId: unknown = words[8] ?? bootId;
  const [link, gateway, dns, internet, collector] = [10_000, 1_000, 100, 10, 1].map(
    (place) => Math.floor(seen / place) % 10,
  );
  const whole = {
    event: events[event],
    link: links[link ?? -1],
    gateway: reaches[gateway ?? -1],
    dns: reaches[dns ?? -1],
    internet: reaches[internet ?? -1],
    collector: collectorReaches[collector ?? -1],
  };
  if (sequence < 1 || bootMs < 0 || lateMs < 0 || sleptMs < 0 || owedFrom < 0 || seen < 0 || seen > 99_999)
    return null;
  if (typeof ownBootId !== "string" || !isBootId(ownBootId)) return null;
  const { event: kind, link: linked, gateway: near, dns: name, internet: far, collector: reach } = whole;
  if (!kind || !linked || !near || !name || !far || !reach) return null;
  return {
    sequence,
    bootMs,
    wallMs,
    event: kind,
    lateMs,
    sleptMs,
    link: linked,
    gateway: near,
    dns: name,
    internet: far,
    collector: reach,
    owedFrom: owedFrom === 0 ? null : owedFrom,
    bootId: ownBootId,
  };
}

/** What the wire takes as one (PROTOCOL.md, line(128)). */
function isBootId(text: string): boolean {
  return text.length > 0 && text.length <= 128 && !/[\p{Cc}\p{Cs}]/u.test(text);
}

/** All that can be read of a file's text, in order; what is torn, repeated or out of order is left out. */
export function recordsOf(text: string): JournalRecord[] {
  const records: JournalRecord[] = [];
  let bootId: string | null = null;
  let last = 0;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const record = recordOf(line, bootId);
    // A torn line may have named a boot: what follows it counts only from the next line that names one. The writer
    // names it after whatever may have been torn.
    bootId = record?.bootId ?? null;
    if (record === null || record.sequence <= last) continue;
    last = record.sequence;
    records.push(record);
  }
  return records;
}

/**
 * How long ago a record was, ms: by the boot clock within one boot, by the wall clock over boots, where a step of the
 * wall clock makes it wrong, but never younger than this boot.
 */
export function ageOf(
  record: Pick<JournalRecord, "bootId" | "bootMs" | "wallMs">,
  clocks: JournalClocks,
): number {
  if (record.bootId === clocks.bootId) return Math.max(0, clocks.bootMs - record.bootMs);
  return Math.max(clocks.wallMs - record.wallMs, clocks.bootMs, 0);
}

/** The entry as it is told at this moment. */
export function entryOf(record: JournalRecord, clocks: JournalClocks): JournalEntry {
  const { sequence, bootId, event, lateMs, sleptMs, link, gateway, dns, internet, collector } = record;
  const ageMs = ageOf(record, clocks);
  return { sequence, ageMs, bootId, event, lateMs, sleptMs, link, gateway, dns, internet, collector };
}
