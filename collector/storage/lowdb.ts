/**
 * The store of one collector: JSON files in one folder, through lowdb.
 *
 *   state.json                what must never be lost; every commit writes it, fsynced, with a previous copy
 *   latest.json               what may be lost for some seconds; written together every `laterFlushMs`
 *   archive/incidents-*.json  closed incidents by month (archive.ts)
 *
 * Why an archived incident first goes into state.json: a commit is then always one file and so all or nothing. Every
 * `laterFlushMs` the incidents that wait there move to their month: the month's file first, then, with the next commit,
 * out of state.json. A crash between leaves the same record in both; the one in state.json wins until it moved again.
 * Must not: know what a record means, or start a second write of a file before the first one ended.
 */
import { Low } from "lowdb";
import { join } from "node:path";
import type { ArchivedIncident, TableName, Tables, Write } from "../core/types.ts";
import { type ArchiveChange, openArchive } from "./archive.ts";
import { archiveTable, type FileContext } from "./archive-part.ts";
import { assertArchiveQuery } from "./archive-query.ts";
import {
  currentSchema,
  decodeDocument,
  decodeRecord,
  type DocumentFormat,
  durableTableNames,
  encodeDocument,
  encodeRecord,
  isVolatile,
  type Schema,
  tableNames,
  volatileTableNames,
} from "./codec.ts";
import { storeFailure } from "./failures.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { createJsonFile } from "./json-file.ts";
import { type Lock, lockFolder } from "./lock.ts";
import { createSlicer } from "./slice.ts";
import { type ArchiveQuery, type Snapshot, type Storage, StoreCorrupt, StoreError } from "./storage.ts";
import { createTableDocument, type TableDocument } from "./table-document.ts";

export interface LowdbStorageOptions {
  /** Made with mode 0700 when it is not there. */
  readonly directory: string;
  /** Volatile writes are on disk at the latest after this. 5 s: what a crash may take from the "last seen" times. */
  readonly laterFlushMs?: number;
  /** Told what an operator should know as it happens; the same lines are in `notices`. */
  readonly onNotice?: (notice: string) => void;
  /** For tests: another file system, another version of the tables, no lock. */
  readonly files?: FileSystem;
  readonly schema?: Schema;
  readonly lock?: (folder: string) => Promise<Lock>;
}

/** 5 s: a third of the usual heartbeat interval, so a crash hardly ever takes more than the newest heartbeat. */
const laterFlushMsDefault = 5_000;
/** Different notices of one run; more are not told: the first ones say what is wrong. */
const noticesMax = 100;

/**
 * Opens the store in `directory` for this process alone. Rejects with StoreInUse, StoreTooNew, StoreCorrupt or
 * StoreFailure, and then changed nothing.
 */
export async function openLowdbStorage(options: LowdbStorageOptions): Promise<Storage> {
  const { directory } = options;
  const files = options.files ?? nodeFileSystem;
  await files.makeFolder(directory).catch((error: unknown) => {
    throw storeFailure(error, "make the folder", directory);
  });
  const lock = await (options.lock ?? ((folder: string) => lockFolder({ folder })))(directory);
  try {
    return await openLocked(options, files, lock);
  } catch (error) {
    await lock.close();
    throw storeFailure(error, "open", directory);
  }
}

/** A commit that waits for its turn. */
interface Asked {
  readonly writes: readonly Write[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

type VolatileValues = Map<string, Map<string, unknown>>;

async function openLocked(options: LowdbStorageOptions, files: FileSystem, lock: Lock): Promise<Storage> {
  const { directory, laterFlushMs = laterFlushMsDefault } = options;
  const schema = options.schema ?? currentSchema;
  const notices: string[] = [];
  const onNotice = (notice: string): void => {
    if (notices.includes(notice) || notices.length >= noticesMax) return;
    notices.push(notice);
    options.onNotice?.(notice);
  };
  if (lock.notice !== null) onNotice(lock.notice);

  const root: FileContext = { folder: directory, files, schema, onNotice };
  const state = openDocument(root, "state.json", "detak-state", durableTableNames, true);
  const latest = openDocument(root, "latest.json", "detak-latest", volatileTableNames, false);
  const archiveContext = { ...root, folder: join(directory, "archive") };

  const fresh = !(await state.read());
  const hasLatest = await latest.read();
  const archive = await openArchive(archiveContext);
  if (fresh && (hasLatest || !archive.isEmpty())) {
    throw new StoreCorrupt(
      `${join(directory, "state.json")} is missing, but other files of this store are in the folder. ` +
        `Restore state.json from a backup, or move the folder away to begin anew. Nothing was overwritten.`,
    );
  }
  await files.makeFolder(archiveContext.folder);
  // From the first moment on a missing state.json means damage; and a folder that can't be written is known now.
  if (fresh) await state.low.write();

  // ── Commits: one after the other, those that wait together ──

  const waiting: Asked[] = [];
  const recent = new Map<string, ArchiveChange>(recentChanges(state.low.data));
  /** The end of everything that was asked of state.json so far. */
  let turn: Promise<void> = Promise.resolve();
  /** A record left the document without a commit of its own. */
  let stateStale = false;

  function inTurn<T>(work: () => Promise<T> | T): Promise<T> {
    const result = turn.then(work);
    turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  async function writeWaiting(): Promise<void> {
    const group = waiting.splice(0);
    const accepted: Asked[] = [];
    const texts: EncodedWrite[] = [];
    const slicer = createSlicer();
    for (const asked of group) {
      const own: EncodedWrite[] = [];
      try {
        for (const encoded of encodeWrites(asked.writes)) {
          own.push(encoded);
          await slicer.spend(encoded.text?.length ?? 0);
        }
      } catch (error) {
        asked.reject(error);
        continue;
      }
      for (const encoded of own) texts.push(encoded);
      accepted.push(asked);
    }
    if (accepted.length > 0) await writeGroup(accepted, texts);
  }

  async function writeGroup(group: readonly Asked[], texts: readonly EncodedWrite[]): Promise<void> {
    const document = state.low.data;
    const undo: { readonly table: string; readonly key: string; readonly text: string | null }[] = [];
    for (const { write, text } of texts) {
      undo.push({ table: write.table, key: write.key, text: document.get(write.table, write.key) ?? null });
      document.put(write.table, write.key, text);
    }
    try {
      await state.low.write();
    } catch (error) {
      for (const { table, key, text } of undo.reverse()) document.put(table, key, text);
      for (const asked of group) asked.reject(error);
      return;
    }
    stateStale = false;
    for (const { write, text } of texts) {
      if (write.table !== archiveTable) continue;
      recent.set(write.key, write.value === null || text === null ? null : { value: write.value, text });
      flushSoon();
    }
    for (const asked of group) asked.resolve();
  }

  // ── What is written later ──

  const pending: VolatileValues = new Map(
    volatileTableNames.map((table) => [table, new Map<string, unknown>()]),
  );
  let timer: NodeJS.Timeout | null = null;
  let flushing: Promise<void> | null = null;
  /** The document holds more than its file. */
  let latestStale = false;
  let closing: Promise<void> | null = null;

  function flushSoon(): void {
    if (timer !== null || closing !== null) return;
    timer = setTimeout(() => {
      timer = null;
      void flush();
    }, laterFlushMs);
    timer.unref();
  }

  /** Writes what waits. What can't be written now stays and is tried again after `laterFlushMs`; a notice says so. */
  function flush(): Promise<void> {
    flushing ??= flushAll().finally(() => (flushing = null));
    return flushing;
  }

  async function flushAll(): Promise<void> {
    for (const write of [flushLatest, moveArchived]) {
      await write().catch((error: unknown) => {
        onNotice(
          `Not everything could be written: ${error instanceof Error ? error.message : String(error)}`,
        );
        flushSoon();
      });
    }
  }

  async function flushLatest(): Promise<void> {
    const slicer = createSlicer();
    let count = 0;
    for (const [table, values] of pending) {
      for (const [key, value] of [...values]) {
        values.delete(key);
        const text = value === null ? null : encodeVolatile(table, key, value, onNotice);
        latest.low.data.put(table, key, text);
        count++;
        await slicer.spend(text?.length ?? 0);
      }
    }
    if (count > 0) latestStale = true;
    if (!latestStale) return;
    await latest.low.write();
    latestStale = false;
  }

  async function moveArchived(): Promise<void> {
    const moving = new Map(recent);
    if (moving.size > 0) {
      await archive.write(moving);
      await inTurn(() => {
        for (const [id, change] of moving) {
          if (recent.get(id) !== change) continue; // Archived once more meanwhile.
          recent.delete(id);
          state.low.data.put(archiveTable, id, null);
          stateStale = true;
        }
      });
    }
    await archive.flushIndex();
  }

  // ── Reading ──

  function snapshot(): Snapshot {
    const tables: Record<string, Map<string, unknown>> = {};
    for (const table of tableNames) tables[table] = new Map();
    for (const { low } of [state, latest]) {
      for (const table of low.data.tables) {
        if (table === archiveTable) continue;
        for (const [key, text] of low.data.entries(table)) tables[table]?.set(key, decodeRecord(text));
      }
    }
    for (const [table, values] of pending) {
      for (const [key, value] of values) {
        if (value === null) tables[table]?.delete(key);
        else tables[table]?.set(key, value);
      }
    }
    return tables as { [K in TableName]: Map<string, Tables[K]> };
  }

  // ── Closing ──

  const refuseClosed = (): Promise<never> | null =>
    closing === null ? null : Promise.reject(new StoreError(`The store in ${directory} is closed.`));

  async function closeAll(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    try {
      await turn;
      if (flushing !== null) await flushing;
      await flushLatest();
      // An incident that can't move now waits in state.json: nothing is lost.
      await moveArchived().catch(() => undefined);
      if (stateStale) await state.low.write().catch(() => undefined);
    } finally {
      await lock.close();
    }
  }

  if (recent.size > 0) flushSoon();

  return {
    notices,
    load: () => refuseClosed() ?? inTurn(snapshot),
    commit(writes) {
      const refused = refuseClosed();
      if (refused !== null) return refused;
      return new Promise<void>((resolve, reject) => {
        waiting.push({ writes, resolve, reject });
        // The first of those that wait brings all of them; the turns of the others then find nothing to do.
        void inTurn(writeWaiting);
      });
    },
    later(writes) {
      if (closing !== null) throw new StoreError(`The store in ${directory} is closed.`);
      for (const { table, key, value } of writes) {
        const values = pending.get(table);
        if (values === undefined) throw new Error(`assertion failed: ${table} is not a volatile table`);
        values.set(key, value);
      }
      if (writes.length > 0) flushSoon();
    },
    archivedIncidents(query: ArchiveQuery) {
      const refused = refuseClosed();
      if (refused !== null) return refused;
      return Promise.resolve().then(() => {
        assertArchiveQuery(query);
        return archive.query(query, recent);
      });
    },
    archivedIncident(id: string) {
      const refused = refuseClosed();
      if (refused !== null) return refused;
      const change = recent.get(id);
      return change === undefined ? archive.find(id) : Promise.resolve(change === null ? null : change.value);
    },
    close: () => (closing ??= closeAll()),
  };
}

interface OpenDocument {
  readonly low: Low<TableDocument>;
  /** False: there was no file. */
  read(): Promise<boolean>;
}

function openDocument(
  context: FileContext,
  fileName: string,
  format: DocumentFormat,
  tables: readonly string[],
  careful: boolean,
): OpenDocument {
  const { schema, files, folder, onNotice } = context;
  const file = createJsonFile<TableDocument>({
    path: join(folder, fileName),
    files,
    careful,
    onNotice,
    encode: (document) => encodeDocument(document, format, schema.version),
    decode(bytes) {
      const decoded = decodeDocument(bytes, format, tables, schema);
      if (decoded.type === "whole" && decoded.fromVersion < schema.version) {
        onNotice(`${fileName} was of version ${decoded.fromVersion} and becomes version ${schema.version}.`);
      }
      return decoded;
    },
  });
  const empty = createTableDocument(tables);
  const low = new Low<TableDocument>(file, empty);
  return {
    low,
    async read() {
      await low.read();
      return low.data !== empty;
    },
  };
}

/** Archived incidents that had not moved to their month when the collector ended. */
function* recentChanges(document: TableDocument): Iterable<readonly [string, ArchiveChange]> {
  for (const [id, text] of document.entries(archiveTable)) {
    const value = decodeRecord(text) as ArchivedIncident | null;
    yield [id, value === null ? null : { value, text }];
  }
}

/** A removal is an absent record, except in the archive: there it has to reach the month's file first. */
const removedFromArchive = "null";

interface EncodedWrite {
  readonly write: Write;
  readonly text: string | null;
}

function* encodeWrites(writes: readonly Write[]): Iterable<EncodedWrite> {
  for (const write of writes) {
    if (isVolatile(write.table)) throw new Error(`assertion failed: ${write.table} is not a durable table`);
    const removed = write.table === archiveTable ? removedFromArchive : null;
    yield { write, text: write.value === null ? removed : encodeRecord(write.value) };
  }
}

/** A volatile value that can't be stored is a bug, but not one that may stop the collector: it is left out. */
function encodeVolatile(
  table: string,
  key: string,
  value: unknown,
  onNotice: (notice: string) => void,
): string | null {
  try {
    return encodeRecord(value);
  } catch (error) {
    onNotice(
      `A record of ${table} (${key}) was left out: ${error instanceof Error ? error.message : String(error)}`,
    );
    return null;
  }
}
