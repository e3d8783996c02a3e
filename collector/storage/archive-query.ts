/**
 * Which archived incidents a query means, and in which order: one rule for every store.
 * Must not: read anything; it judges small facts that are at hand.
 */
import { assert } from "../../shared/assert.ts";
import type { ArchivedIncident } from "../core/types/tables.ts";
import type { ArchiveQuery } from "./storage.ts";

/** What a query asks about; small, so that all of them stay in memory. */
export interface ArchiveFacts {
  readonly id: string;
  readonly number: number;
  readonly startedWallMs: number;
  readonly endedWallMs: number | null;
  readonly siteId: string | null;
  readonly serverId: string | null;
  readonly kind: string;
}

export function factsOf(archived: ArchivedIncident): ArchiveFacts {
  const { id, number, startedWallMs, endedWallMs, siteId, serverId, kind } = archived.incident;
  return { id, number, startedWallMs, endedWallMs, siteId, serverId, kind };
}

/** At most so many incidents in one answer: a page of the panel or the API, see storage.ts. */
export const archiveLimitMax = 1_000;

export function assertArchiveQuery(query: ArchiveQuery): void {
  assert(
    Number.isInteger(query.limit) && query.limit >= 1 && query.limit <= archiveLimitMax,
    `limit is 1 to ${archiveLimitMax}`,
  );
}

/**
 * Does the outage [started, ended) overlap [from, to), and do the other conditions hold? One that ended in the moment it
 * started counts where it started.
 */
export function matchesQuery(facts: ArchiveFacts, query: ArchiveQuery): boolean {
  const endedWallMs = facts.endedWallMs ?? Number.POSITIVE_INFINITY;
  return (
    facts.startedWallMs < query.toWallMs &&
    (endedWallMs > query.fromWallMs || facts.startedWallMs >= query.fromWallMs) &&
    (query.siteId === undefined || facts.siteId === query.siteId) &&
    (query.serverId === undefined || facts.serverId === query.serverId) &&
    (query.kind === undefined || facts.kind === query.kind) &&
    (query.beforeNumber === undefined || facts.number < query.beforeNumber)
  );
}

/** Newest number first; equal numbers (which the core never gives) by id, so that the order is always the same. */
export function newestFirst(left: ArchiveFacts, right: ArchiveFacts): number {
  if (left.number !== right.number) return right.number - left.number;
  return left.id < right.id ? 1 : left.id > right.id ? -1 : 0;
}
