/**
 * An agent's journal between its two forms: whole entries as both programs keep them, and the shorter lines of the wire.
 * Why here: a day's journal is thousands of lines, mostly of defaults and one boot id; both ends must leave out and put
 * back the same.
 * Must not: decide what is sent and when, or know a clock.
 */
import { assert } from "./assert.ts";
import { limits, type Journal, type JournalLine } from "./wire.ts";

export type Reached = "ok" | "failed" | "unknown";
/** `ok`: acknowledged. Otherwise why not, as far as the agent could tell. */
export type CollectorReach =
  "ok" | "timeout" | "refused" | "unreachable" | "name" | "certificate" | "proxy" | "rejected" | "unknown";

/** One line of an agent's journal: what it saw in one interval. The core's type of this name is the same. */
export interface JournalEntry {
  /** The journal's own, over restarts of the program; grows. */
  readonly sequence: number;
  /** How long ago when the message was made, ms. */
  readonly ageMs: number;
  readonly bootId: string;
  readonly event: "tick" | "start" | "stop";
  /** Later than it should have been, ms, sleep not counted. */
  readonly lateMs: number;
  /** The machine slept since the entry before, ms. */
  readonly sleptMs: number;
  readonly link: "up" | "down" | "unknown";
  readonly gateway: Reached;
  readonly dns: Reached;
  readonly internet: Reached;
  readonly collector: CollectorReach;
}

/** The entries that a message took from the front of a list, so that the sender knows where the next begins. */
export interface JournalBatch {
  readonly message: Journal;
  readonly taken: number;
}

/**
 * The next message for `entries`, which are in order and not empty: as many from the front as one message may hold (200
 * entries, 16 boots); `more` says that some are left, or that the caller knows of others (`moreAfter`). It always fits
 * into 64 KiB. Durations below 0 are written as 0.
 */
export function journalBatch(entries: readonly JournalEntry[], moreAfter = false): JournalBatch {
  assert(entries.length > 0, "a journal message has at least one entry");
  const bootIds: string[] = [];
  const lines: JournalLine[] = [];
  for (const entry of entries) {
    if (lines.length === limits.journalEntriesMax) break;
    let boot = bootIds.indexOf(entry.bootId);
    if (boot === -1) {
      if (bootIds.length === limits.journalBootsMax) break;
      boot = bootIds.push(entry.bootId) - 1;
    }
    lines.push(lineOf(entry, boot));
  }
  const more = moreAfter || lines.length < entries.length;
  return { message: { type: "journal", bootIds, entries: lines, more }, taken: lines.length };
}

function lineOf(entry: JournalEntry, boot: number): JournalLine {
  const { sequence, event, lateMs, sleptMs, link, gateway, dns, internet, collector } = entry;
  return {
    sequence,
    boot,
    event,
    ageMs: Math.max(0, entry.ageMs),
    ...(lateMs > 0 && { lateMs }),
    ...(sleptMs > 0 && { sleptMs }),
    ...(link !== "unknown" && { link }),
    ...(gateway !== "unknown" && { gateway }),
    ...(dns !== "unknown" && { dns }),
    ...(internet !== "unknown" && { internet }),
    ...(collector !== "unknown" && { collector }),
  };
}

/** The entries of a message that `parse` let through. */
export function journalEntriesOf(message: Journal): JournalEntry[] {
  return message.entries.map((line) => {
    const bootId = message.bootIds[line.boot];
    assert(bootId !== undefined, "parse lets no line through whose boot is not listed");
    return {
      sequence: line.sequence,
      ageMs: line.ageMs,
      bootId,
      event: line.event,
      lateMs: line.lateMs ?? 0,
      sleptMs: line.sleptMs ?? 0,
      link: line.link ?? "unknown",
      gateway: line.gateway ?? "unknown",
      dns: line.dns ?? "unknown",
      internet: line.internet ?? "unknown",
      collector: line.collector ?? "unknown",
    };
  });
}
