/**
 * One file of closed incidents: a part of a month, `incidents-2026-03.json`, `incidents-2026-03.2.json`, …
 * Why parts: archiving one incident writes one part, and reading one parses one part; both stay short however many
 * incidents a month has.
 * Must not: decide which incident goes where (archive.ts does).
 */
import { Low } from "lowdb";
import { join } from "node:path";
import { decodeDocument, encodeDocument, type Schema } from "./codec.ts";
import type { FileSystem } from "./file-system.ts";
import { createJsonFile, type JsonFile } from "./json-file.ts";
import { readSeal, type Seal, sealByteCountMax } from "./seal.ts";
import { createTableDocument, type TableDocument } from "./table-document.ts";

/** The only table of a part; key: incident id. */
export const archiveTable = "archive";

/** What every file of the store needs. */
export interface FileContext {
  readonly folder: string;
  readonly files: FileSystem;
  readonly schema: Schema;
  readonly onNotice: (notice: string) => void;
}

export interface ArchivePart {
  readonly fileName: string;
  /** `YYYY-MM`, UTC, of the incidents' begin. */
  readonly month: string;
  /** 1 for the first part of the month. */
  readonly ordinal: number;
  /** Bytes of the file, without its seal. */
  byteCount(): number;
  /** The seal in the file as it stands on the disk; null when it has none or is not there. */
  readSealOnDisk(): Promise<Seal | null>;
  seal(): Seal | null;
  /** Rejects with StoreCorrupt when neither copy can be used. */
  read(): Promise<TableDocument>;
  /** All or nothing, durable. */
  write(changes: ReadonlyMap<string, string | null>): Promise<void>;
  /** Forgets the records; they are read again when they are needed. */
  forget(): void;
}

const namePattern = /^incidents-(\d{4}-\d{2})(?:\.(\d{1,6}))?\.json(?:\.previous)?$/;

export const partFileName = (month: string, ordinal: number): string =>
  ordinal === 1 ? `incidents-${month}.json` : `incidents-${month}.${ordinal}.json`;

/** The month and ordinal of a part by the name of its file or of its previous copy; null: another file. */
export function parsePartName(name: string): { readonly month: string; readonly ordinal: number } | null {
  const match = namePattern.exec(name);
  if (match?.[1] === undefined) return null;
  return { month: match[1], ordinal: match[2] === undefined ? 1 : Number(match[2]) };
}

export function createArchivePart(context: FileContext, month: string, ordinal: number): ArchivePart {
  const fileName = partFileName(month, ordinal);
  const path = join(context.folder, fileName);
  const file: JsonFile<TableDocument> = createJsonFile<TableDocument>({
    path,
    files: context.files,
    careful: true,
    onNotice: context.onNotice,
    encode: (document) => encodeDocument(document, "detak-archive", context.schema.version),
    decode: (bytes) => decodeDocument(bytes, "detak-archive", [archiveTable], context.schema),
  });
  let low: Low<TableDocument> | null = null;
  /** At most one read at a time, shared by all who ask meanwhile. */
  let reading: Promise<Low<TableDocument>> | null = null;

  function open(): Promise<Low<TableDocument>> {
    if (low !== null) return Promise.resolve(low);
    reading ??= readFile().finally(() => (reading = null));
    return reading;
  }

  async function readFile(): Promise<Low<TableDocument>> {
    const opened = new Low<TableDocument>(file, createTableDocument([archiveTable]));
    await opened.read();
    low = opened;
    return opened;
  }

  async function write(changes: ReadonlyMap<string, string | null>): Promise<void> {
    const opened = await open();
    const before = new Map<string, string | null>();
    for (const [id, text] of changes) {
      const old = opened.data.get(archiveTable, id) ?? null;
      if (old !== text) before.set(id, old);
      opened.data.put(archiveTable, id, text);
    }
    // Moved already, before a crash: the same texts stand here, nothing has to be written.
    if (before.size === 0 && file.seal() !== null) return;
    try {
      await opened.write();
    } catch (error) {
      for (const [id, text] of before) opened.data.put(archiveTable, id, text);
      throw error;
    }
  }

  return {
    fileName,
    month,
    ordinal,
    byteCount: () => file.seal()?.byteCount ?? 0,
    readSealOnDisk: async () => {
      const end = await context.files.readEnd(path, sealByteCountMax);
      return end === null ? null : readSeal(end);
    },
    seal: () => file.seal(),
    read: async () => (await open()).data,
    write,
    forget: () => (low = null),
  };
}
