/**
 * What every store must be able to do, and the contract each one is tested against (test/storage/contract.ts).
 * Why an interface: memory for simulation, lowdb for one collector, PostgreSQL for many; the loop knows only this.
 * Must not: decide anything about servers, incidents or messages.
 *
 * The contract (rules named ST so that they are not mistaken for the safety rules S1… of core/SPEC.md):
 * - **[ST1]** What `commit` resolved for is there after a kill −9 and a fresh `open`, whole.
 * - **[ST2]** A commit is all or nothing: no load ever shows a part of it.
 * - **[ST3]** Commits are applied in the order they were asked for; a later write to a key wins.
 * - **[ST4]** A commit that rejected changed nothing that a later `load` shows, and the next one may succeed.
 * - **[ST5]** `later` never waits and never rejects; it is on disk at the latest after `laterFlushMs` or at `close`; losing it loses nothing else.
 * - **[ST6]** `load` gives back what was committed, value for value; volatile tables as of some recent moment.
 * - **[ST7]** A record written with `null` is gone.
 * - **[ST8]** Archived incidents leave the living state and are found by `archivedIncidents`, newest first, each once.
 * - **[ST9]** A second collector on the same store is refused with `StoreInUse` while the first lives, and not after it died.
 * - **[ST10]** Data of an unknown newer version is refused with `StoreTooNew`, untouched; an older one migrates.
 * - **[ST11]** A torn or corrupt newest copy: the last good copy is used and said so in `notices`; none good: `StoreCorrupt`, nothing overwritten.
 * - **[ST12]** After `close` (idempotent) everything asked before is durable; a call after it rejects.
 */
import type { ArchivedIncident, TableName, Tables, Write } from "../core/types/tables.ts";

/** All records by table and key, as given back at start. */
export type Snapshot = { readonly [K in TableName]: ReadonlyMap<string, Tables[K]> };

export interface ArchiveQuery {
  /** Only incidents that overlap [fromWallMs, toWallMs). */
  readonly fromWallMs: number;
  readonly toWallMs: number;
  readonly siteId?: string;
  readonly serverId?: string;
  readonly kind?: string;
  /** Only incidents with a smaller number: the cursor of a page. */
  readonly beforeNumber?: number;
  /** At most so many, 1 to 1,000. */
  readonly limit: number;
}

export interface Storage {
  /** Everything that is kept; once, at start. */
  load(): Promise<Snapshot>;
  /** Durable when it resolves. Rejects with `StoreFailure` (passing: retry) and then changed nothing. */
  commit(writes: readonly Write[]): Promise<void>;
  /** Volatile writes, coalesced by key. */
  later(writes: readonly Write[]): void;
  /** Closed incidents, newest number first. */
  archivedIncidents(query: ArchiveQuery): Promise<readonly ArchivedIncident[]>;
  archivedIncident(id: string): Promise<ArchivedIncident | null>;
  /** What an operator should know about the last open, e.g. that an older copy was used. */
  readonly notices: readonly string[];
  close(): Promise<void>;
}

/** The base of all storage errors; `message` is one clear line for a person. */
export class StoreError extends Error {
  override readonly name: string = "StoreError";
}
/** The world failed (no space, read-only, disk error): nothing was changed; try again. */
export class StoreFailure extends StoreError {
  override readonly name = "StoreFailure";
}
export class StoreInUse extends StoreError {
  override readonly name = "StoreInUse";
}
export class StoreTooNew extends StoreError {
  override readonly name = "StoreTooNew";
}
export class StoreCorrupt extends StoreError {
  override readonly name = "StoreCorrupt";
}
