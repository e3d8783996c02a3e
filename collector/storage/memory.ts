/**
 * A store in memory: for simulations of many server-years and for tests.
 * Why it goes through the codec of the files: a value that would not survive a restart of the real store must not survive
 * one here either.
 * Must not: touch a file, a timer or a clock; the simulator says when volatile writes reach the disk and when it crashes.
 */
import type { ArchivedIncident, TableName, Tables, Write } from "../core/types/tables.ts";
import {
  type ArchiveFacts,
  assertArchiveQuery,
  factsOf,
  matchesQuery,
  newestFirst,
} from "./archive-query.ts";
import {
  assertStorable,
  currentSchema,
  decodeDocument,
  decodeRecord,
  encodeDocumentNow,
  encodeRecord,
  isVolatile,
  type Schema,
  tableNames,
} from "./codec.ts";
import { emptySeal, extendSeal, sealLine } from "./seal.ts";
import {
  type ArchiveQuery,
  type Snapshot,
  type Storage,
  StoreCorrupt,
  StoreError,
  StoreFailure,
  StoreInUse,
  StoreTooNew,
} from "./storage.ts";
import { createTableDocument } from "./table-document.ts";

/**
 * `at_commit`: each written record is encoded when it is written, so a later change of the value can't leak in.
 * `at_load`: values are kept as they are and all go through the codec at the next `load`. Much cheaper per commit.
 */
export type CodecMoment = "at_commit" | "at_load";

/** What survives a crash. Hand the same one to the next `openMemoryStorage`. */
export interface MemoryDisk {
  readonly codec: CodecMoment;
  /** Values with `at_load`, texts with `at_commit`. */
  readonly tables: ReadonlyMap<TableName, Map<string, unknown>>;
  readonly archived: Map<string, { readonly facts: ArchiveFacts; readonly record: unknown }>;
  /** The version of the tables on it. */
  version: number;
  /** The storage that has it open; null: nobody. */
  owner: MemoryStorage | null;
}

export function createMemoryDisk(
  codec: CodecMoment = "at_commit",
  version = currentSchema.version,
): MemoryDisk {
  return {
    codec,
    tables: new Map(tableNames.map((table) => [table, new Map()])),
    archived: new Map(),
    version,
    owner: null,
  };
}

/** What becomes of one commit: kept; refused by the disk; the process dies just before, or just after it was durable. */
export type CommitFault = "none" | "fail" | "crash_before" | "crash_after";

export interface MemoryStorageOptions {
  /** Default: a new one. */
  readonly disk?: MemoryDisk;
  /** Asked at each commit. Default: never a fault. */
  readonly commitFault?: (writes: readonly Write[]) => CommitFault;
  /** When volatile writes reach the disk: with the call, or with `flushNow` and `close`. A crash takes what did not. */
  readonly flush?: "at_once" | "by_caller";
  readonly schema?: Schema;
}

/** Thrown by the call in which the simulated process died, and by every call after it. */
export class SimulatedCrash extends StoreError {
  override readonly name = "SimulatedCrash";
}

/** The same store without promises, for a simulator that has none. Each throws what its async twin rejects with. */
export interface MemoryStorage extends Storage {
  readonly disk: MemoryDisk;
  loadNow(): Snapshot;
  commitNow(writes: readonly Write[]): void;
  archivedIncidentsNow(query: ArchiveQuery): readonly ArchivedIncident[];
  archivedIncidentNow(id: string): ArchivedIncident | null;
  /** Volatile writes reach the disk. */
  flushNow(): void;
  /** The process dies: what did not reach the disk is lost, and the disk is free for the next one. */
  crashNow(): void;
  closeNow(): void;
}

/** Throws StoreInUse while another one has the disk, StoreTooNew or StoreCorrupt as the files' store would. */
export function openMemoryStorage(options: MemoryStorageOptions = {}): MemoryStorage {
  const disk = options.disk ?? createMemoryDisk();
  const schema = options.schema ?? currentSchema;
  const flushAtOnce = (options.flush ?? "at_once") === "at_once";
  if (disk.owner !== null) throw new StoreInUse("This memory is in use by another collector.");
  if (disk.version > schema.version) throw new StoreTooNew(`This memory is of version ${disk.version}.`);
  if (disk.version < schema.version) migrate(disk, schema);

  const unflushed = new Map<string, Write>();
  let ended: "closed" | "crashed" | null = null;
  const keep = (value: unknown): unknown => {
    if (disk.codec === "at_commit") return encodeRecord(value);
    assertStorable(value);
    return value;
  };

  function assertOpen(): void {
    if (ended === "crashed") throw new SimulatedCrash("The simulated collector died.");
    if (ended === "closed") throw new StoreError("This store is closed.");
  }

  function put(write: Write, record: unknown): void {
    if (write.table === "archive") {
      if (write.value === null) disk.archived.delete(write.key);
      else disk.archived.set(write.key, { facts: factsOf(write.value), record });
      return;
    }
    if (write.value === null) tableOf(disk, write.table).delete(write.key);
    else tableOf(disk, write.table).set(write.key, record);
  }

  function commitNow(writes: readonly Write[]): void {
    assertOpen();
    const records = writes.map((write) => {
      if (isVolatile(write.table)) throw new Error(`assertion failed: ${write.table} is not a durable table`);
      return write.value === null ? null : keep(write.value);
    });
    const fault = options.commitFault?.(writes) ?? "none";
    if (fault === "fail") throw new StoreFailure("The simulated disk refused. Nothing was changed.");
    if (fault !== "crash_before") writes.forEach((write, index) => put(write, records[index]));
    if (fault !== "none") {
      crashNow();
      assertOpen();
    }
  }

  function later(writes: readonly Write[]): void {
    assertOpen();
    for (const write of writes) {
      if (!isVolatile(write.table))
        throw new Error(`assertion failed: ${write.table} is not a volatile table`);
      unflushed.set(`${write.table} ${write.key}`, write);
    }
    if (flushAtOnce) flushNow();
  }

  function flushNow(): void {
    assertOpen();
    for (const write of unflushed.values()) put(write, write.value === null ? null : keep(write.value));
    unflushed.clear();
  }

  function loadNow(): Snapshot {
    assertOpen();
    const texts = textsOf(disk);
    for (const write of unflushed.values()) {
      const table = texts.get(write.table);
      if (write.value === null) table?.delete(write.key);
      else table?.set(write.key, encodeRecord(write.value));
    }
    return snapshotOf(throughDocument(texts, schema.version, schema));
  }

  function archivedIncidentsNow(query: ArchiveQuery): readonly ArchivedIncident[] {
    assertOpen();
    assertArchiveQuery(query);
    return [...disk.archived.values()]
      .filter(({ facts }) => matchesQuery(facts, query))
      .sort((left, right) => newestFirst(left.facts, right.facts))
      .slice(0, query.limit)
      .map(({ record }) => valueOf(disk, record) as ArchivedIncident);
  }

  function archivedIncidentNow(id: string): ArchivedIncident | null {
    assertOpen();
    const found = disk.archived.get(id);
    return found === undefined ? null : (valueOf(disk, found.record) as ArchivedIncident);
  }

  function end(how: "closed" | "crashed"): void {
    ended ??= how;
    if (disk.owner === storage) disk.owner = null;
  }

  const crashNow = (): void => end("crashed");

  function closeNow(): void {
    if (ended !== null) return;
    flushNow();
    end("closed");
  }

  const storage: MemoryStorage = {
    disk,
    notices: [],
    loadNow,
    commitNow,
    archivedIncidentsNow,
    archivedIncidentNow,
    flushNow,
    crashNow,
    closeNow,
    load: () => attempt(loadNow),
    commit: (writes) => attempt(() => commitNow(writes)),
    later,
    archivedIncidents: (query) => attempt(() => archivedIncidentsNow(query)),
    archivedIncident: (id) => attempt(() => archivedIncidentNow(id)),
    close: () => attempt(closeNow),
  };
  disk.owner = storage;
  return storage;
}

/** A throw becomes a rejection, now and not later: the order of calls is the order of effects. */
function attempt<T>(act: () => T): Promise<T> {
  return new Promise((resolve) => resolve(act()));
}

function tableOf(disk: MemoryDisk, table: TableName): Map<string, unknown> {
  const records = disk.tables.get(table);
  if (records === undefined) throw new Error(`assertion failed: no table ${table}`);
  return records;
}

/** A value of its own for each caller, as a file would give it. */
function valueOf(disk: MemoryDisk, record: unknown): unknown {
  return decodeRecord(disk.codec === "at_commit" ? (record as string) : encodeRecord(record));
}

type Texts = Map<TableName, Map<string, string>>;

function textsOf(disk: MemoryDisk): Texts {
  const texts: Texts = new Map();
  for (const [table, records] of disk.tables) {
    const encoded = new Map<string, string>();
    for (const [key, record] of records) {
      encoded.set(key, disk.codec === "at_commit" ? (record as string) : encodeRecord(record));
    }
    texts.set(table, encoded);
  }
  return texts;
}

/** Through the bytes of a sealed document and back: what a restart does to the files. */
function throughDocument(texts: Texts, fromVersion: number, schema: Schema): Texts {
  const document = createTableDocument(tableNames);
  for (const [table, records] of texts) for (const [key, text] of records) document.put(table, key, text);
  const chunks = encodeDocumentNow(document, "detak-state", fromVersion);
  const seal = chunks.reduce(extendSeal, emptySeal);
  const bytes = Buffer.concat([...chunks, sealLine(seal)]);
  const decoded = decodeDocument(bytes, "detak-state", tableNames, schema);
  if (decoded.type === "too_new") throw new StoreTooNew(`This memory is of version ${decoded.version}.`);
  if (decoded.type === "damaged") throw new StoreCorrupt(`This memory can't be used: ${decoded.why}.`);
  return new Map(tableNames.map((table) => [table, new Map(decoded.data.entries(table))]));
}

function snapshotOf(texts: Texts): Snapshot {
  const tables: Record<string, Map<string, unknown>> = {};
  for (const table of tableNames) {
    const records = new Map<string, unknown>();
    for (const [key, text] of texts.get(table) ?? []) records.set(key, decodeRecord(text));
    tables[table] = records;
  }
  return tables as { [K in TableName]: Map<string, Tables[K]> };
}

function migrate(disk: MemoryDisk, schema: Schema): void {
  const migrated = throughDocument(textsOf(disk), disk.version, schema);
  for (const [table, records] of migrated) {
    const target = tableOf(disk, table);
    target.clear();
    for (const [key, text] of records) {
      target.set(key, disk.codec === "at_commit" ? text : decodeRecord(text));
    }
  }
  disk.version = schema.version;
}
