/**
 * The index of one month of closed incidents, `index-2026-03.json`: of each part the seal it had and the small facts in it.
 * Why: a start reads this instead of all incidents; an entry counts only while its part still has that seal.
 * Must not: be believed more than the parts: one that is damaged, missing or of another version is simply empty.
 */
import { Low } from "lowdb";
import { join } from "node:path";
import type { FileContext } from "./archive-part.ts";
import type { ArchiveFacts } from "./archive-query.ts";
import { decodeDocument, decodeRecord, encodeDocument, encodeRecord, type Schema } from "./codec.ts";
import { createJsonFile } from "./json-file.ts";
import type { Seal } from "./seal.ts";
import { createTableDocument, type TableDocument } from "./table-document.ts";

export interface ArchiveIndexEntry {
  readonly seal: Seal;
  readonly facts: readonly ArchiveFacts[];
}

export interface ArchiveIndex {
  get(fileName: string): ArchiveIndexEntry | null;
  /** null: forgets the part. */
  put(fileName: string, entry: ArchiveIndexEntry | null): void;
  keepOnly(fileNames: ReadonlySet<string>): void;
  /** Rejects with StoreFailure; losing it loses nothing. */
  write(): Promise<void>;
}

/** The only table of an index; key: file name of the part. */
const indexTable = "part";
/** As written: without the names of the fields, which would be longer than what they hold. */
type FactsRow = readonly [
  id: string,
  number: number,
  startedWallMs: number,
  endedWallMs: number | null,
  siteId: string | null,
  serverId: string | null,
  kind: string,
];

/** Rejects with StoreFailure when the file is there but can't be read. */
export async function openArchiveIndex(context: FileContext, month: string): Promise<ArchiveIndex> {
  // It has the version of the tables and no migrations: after an upgrade the facts are taken from the parts anew, once.
  const indexSchema: Schema = { version: context.schema.version, migrations: [] };
  const file = createJsonFile<TableDocument>({
    path: join(context.folder, `index-${month}.json`),
    files: context.files,
    careful: false,
    onNotice: () => undefined, // It is made again from the parts; nothing was lost.
    encode: (document) => encodeDocument(document, "detak-archive-index", indexSchema.version),
    decode: (bytes) => {
      const decoded = decodeDocument(bytes, "detak-archive-index", [indexTable], indexSchema);
      return decoded.type === "too_new" ? { type: "damaged", why: "it is of another version" } : decoded;
    },
  });
  const low = new Low<TableDocument>(file, createTableDocument([indexTable]));
  await low.read();
  return {
    get(fileName) {
      const text = low.data.get(indexTable, fileName);
      return text === undefined ? null : parseEntry(text);
    },
    put: (fileName, entry) =>
      low.data.put(indexTable, fileName, entry === null ? null : encodeRecord(rowsOf(entry))),
    keepOnly(fileNames) {
      for (const [fileName] of [...low.data.entries(indexTable)]) {
        if (!fileNames.has(fileName)) low.data.put(indexTable, fileName, null);
      }
    },
    write: () => low.write(),
  };
}

interface EntryRecord {
  readonly seal: Seal;
  readonly rows: readonly FactsRow[];
}

function rowsOf({ seal, facts }: ArchiveIndexEntry): EntryRecord {
  return {
    seal: { byteCount: seal.byteCount, crc32: seal.crc32 },
    rows: facts.map(({ id, number, startedWallMs, endedWallMs, siteId, serverId, kind }) => [
      id,
      number,
      startedWallMs,
      endedWallMs,
      siteId,
      serverId,
      kind,
    ]),
  };
}

/** The file's checksum held and its version is ours, so its shape is too. */
function parseEntry(text: string): ArchiveIndexEntry {
  const { seal, rows } = decodeRecord(text) as EntryRecord;
  const facts = rows.map(
    ([id, number, startedWallMs, endedWallMs, siteId, serverId, kind]): ArchiveFacts => ({
      id,
      number,
      startedWallMs,
      endedWallMs,
      siteId,
      serverId,
      kind,
    }),
  );
  return { seal, facts };
}
