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
import type { ArchivedIncident, TableName, Tables } from "../core/types/tables.ts";
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
  type Schema,
  tableNames,
  volatileTableNames,
} from "./codec.ts";
import { createCommitQueue } from "./commit-queue.ts";
import { storeFailure } from "./failures.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { createJsonFile } from "./json-file.ts";
import { type Lock, lockFolder } from "./lock.ts";
import { type ArchiveQuery, type Snapshot, type Storage, StoreCorrupt, StoreError } from "./storage.ts";
import { createTableDocument, type TableDocument } from "./table-document.ts";
import { createVolatileBuffer } from "./volatile-buffer.ts";

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

  // ── Writing ──

  /** Archived, but perhaps not in the file of its month yet. */
  const recent = new Map<string, ArchiveChange>(recentChanges(state.low.data));
  /** A record left the document without a commit of its own. */
  let stateStale = false;
  let timer: NodeJS.Timeout | null = null;
  let flushing: Promise<void> | null = null;
  let closing: Promise<void> | null = null;

  const queue = createCommitQueue(state.low, (texts) => {
    stateStale = false;
    for (const { write, text } of texts) {
      if (write.table !== archiveTable) continue;
      recent.set(write.key, write.value === null || text === null ? null : { value: write.value, text });
      flushSoon();
    }
  });
  const buffer = createVolatileBuffer(latest.low, onNotice);

  function flushSoon(): void {
    if (timer !== null || closing !== null) return;
    timer = setTimeout(() => {
      timer = null;
      flushing ??= flush().finally(() => (flushing = null));
    }, laterFlushMs);
    timer.unref();
  }

  /** Writes what waits. What can't be written now stays and is tried again after `laterFlushMs`; a notice says so. */
  async function flush(): Promise<void> {
    for (const write of [() => buffer.flush(), moveArchived]) {
      await write().catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        onNotice(`Not everything could be written yet, it is tried again: ${reason}`);
        flushSoon();
      });
    }
  }

  async function moveArchived(): Promise<void> {
    const moving = new Map(recent);
    if (moving.size > 0) {
      await archive.write(moving);
      await queue.inTurn(() => {
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
    for (const [table, key, value] of buffer.entries()) {
      if (value === null) tables[table]?.delete(key);
      else tables[table]?.set(key, value);
    }
    return tables as { [K in TableName]: Map<string, Tables[K]> };
  }

  // ── Closing ──

  const refuseClosed = (): Promise<never> | null =>
    closing === null ? null : Promise.reject(new StoreError(`The store in ${directory} is closed.`));

  async function closeAll(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    try {
      await queue.settled();
      if (flushing !== null) await flushing;
      await buffer.flush();
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
    load: () => refuseClosed() ?? queue.inTurn(snapshot),
    commit: (writes) => refuseClosed() ?? queue.commit(writes),
    later(writes) {
      if (closing !== null) throw new StoreError(`The store in ${directory} is closed.`);
      buffer.put(writes);
      if (writes.length > 0) flushSoon();
    },
    async archivedIncidents(query: ArchiveQuery) {
      await refuseClosed();
      assertArchiveQuery(query);
      return archive.query(query, recent);
    },
    async archivedIncident(id: string) {
      await refuseClosed();
      const change = recent.get(id);
      return change === undefined ? archive.find(id) : (change?.value ?? null);
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
