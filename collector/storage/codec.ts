/**
 * Records ⇄ JSON text, and tables ⇄ one sealed JSON document with a schema version.
 * Why: a file is believed only when it is whole, of a known version and of the right shape; otherwise it says why not.
 * Must not: read or write files, or know what a record means.
 *
 * A document, one record a line (so that people can read, search and compare it):
 *   {"format":"detak-state","version":1,"tables":{
 *   "server":[
 *   ["s1",{…}],
 *   ["s2",{…}]],
 *   "site":[]},
 *   "seal":{"bytes":1234,"crc32":"0123abcd"}}
 */
import type { DurableTables, TableName, VolatileTables } from "../core/types/tables.ts";
import { migrations } from "./migrations.ts";
import { sealFault } from "./seal.ts";
import { createSlicer } from "./slice.ts";
import { createTableDocument, type TableDocument } from "./table-document.ts";

/** Written as records so that the compiler refuses a table that was forgotten here. */
const durable = {
  site: true,
  server: true,
  agent: true,
  enrollment: true,
  recipient: true,
  route: true,
  linkCode: true,
  detector: true,
  incident: true,
  notification: true,
  meta: true,
  shelf: true,
  maintenance: true,
  flapping: true,
  serverLog: true,
  archive: true,
} as const satisfies Record<keyof DurableTables, true>;
const volatile = {
  heard: true,
  silence: true,
  baseline: true,
  gateway: true,
  sentinel: true,
  sentinelPlan: true,
  mass: true,
  identity: true,
  journal: true,
  unstable: true,
  health: true,
  hearing: true,
  clock: true,
  look: true,
  mark: true,
} as const satisfies Record<keyof VolatileTables, true>;

export const durableTableNames = Object.keys(durable) as readonly (keyof DurableTables)[];
export const volatileTableNames = Object.keys(volatile) as readonly (keyof VolatileTables)[];
export const tableNames: readonly TableName[] = [...durableTableNames, ...volatileTableNames];

export const isVolatile = (table: TableName): boolean => table in volatile;

// ── Schema ───────────────────────────────────────────────────────────────────────────────────────────

/** A document as parsed, before its records are believed to have today's shape. */
export interface RawDocument {
  readonly tables: Readonly<Record<string, readonly (readonly [key: string, record: unknown])[]>>;
}

/** One step from a version to the next. It is handed every kind of document of the store. */
export interface Migration {
  readonly fromVersion: number;
  migrate(document: RawDocument, format: DocumentFormat): RawDocument;
}

export interface Schema {
  readonly version: number;
  /** One for each version that can still be read, except the present. */
  readonly migrations: readonly Migration[];
}

/**
 * The version of the tables in core/types. A change of their shape adds a migration (migrations.ts) and counts up.
 * 1: the foundation. 2: checks, groups, maintenance, flapping, journals; witnesses and gateways in the evidence.
 * 3: routes; what staff did about an incident; recipients with wishes of their own.
 */
export const currentSchema: Schema = { version: 3, migrations };

export type DocumentFormat = "detak-state" | "detak-latest" | "detak-archive" | "detak-archive-index";

// ── Records ──────────────────────────────────────────────────────────────────────────────────────────

/** The text of one record. Throws (a bug) when the value would not come back as it was: NaN, Date, Map, function … */
export function encodeRecord(value: unknown): string {
  assertStorable(value);
  return JSON.stringify(value);
}

export function decodeRecord(text: string): unknown {
  return JSON.parse(text) as unknown;
}

/** Throws (a bug) when JSON would not give the value back as it is. */
export function assertStorable(value: unknown): void {
  switch (typeof value) {
    case "string":
    case "boolean":
      return;
    case "number":
      // JSON writes null for these: a deadline would silently become "no deadline".
      if (!Number.isFinite(value)) throw new Error(`assertion failed: ${value} can't be stored`);
      return;
    case "object":
      if (value === null) return;
      if (Array.isArray(value)) {
        for (const item of value) assertStorable(item);
        return;
      }
      assertPlain(value);
      // An absent field may be written as undefined: JSON leaves it out, and it comes back absent.
      for (const item of Object.values(value)) if (item !== undefined) assertStorable(item);
      return;
    default:
      throw new Error(`assertion failed: a ${typeof value} can't be stored`);
  }
}

function assertPlain(value: object): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return;
  throw new Error(`assertion failed: a ${value.constructor.name} can't be stored`);
}

// ── Documents ────────────────────────────────────────────────────────────────────────────────────────

const head = (format: DocumentFormat, version: number): string =>
  `{"format":"${format}","version":${version},"tables":{`;

/**
 * The bytes of a document up to its seal. Encodes only pages that changed, in short turns; the document must not change
 * before it resolves. The chunks themselves never change.
 */
export async function encodeDocument(
  document: TableDocument,
  format: DocumentFormat,
  version: number,
): Promise<readonly Uint8Array[]> {
  const slicer = createSlicer();
  for (const table of document.tables) {
    for (const page of document.pages(table)) {
      if (!page.changed) continue;
      page.bytes();
      await slicer.spend(page.charCount);
    }
  }
  return encodeDocumentNow(document, format, version);
}

/** The same at once, for documents that are small or already encoded. */
export function encodeDocumentNow(
  document: TableDocument,
  format: DocumentFormat,
  version: number,
): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let before = `${head(format, version)}\n`;
  for (const table of document.tables) {
    before += `${JSON.stringify(table)}:[`;
    let separator = "\n";
    for (const page of document.pages(table)) {
      chunks.push(Buffer.from(before + separator), page.bytes());
      before = "";
      separator = ",\n";
    }
    before += "],\n";
  }
  chunks.push(Buffer.from(`${before.slice(0, -2)}},\n`));
  return chunks;
}

/** What a file turned out to be. `damaged.why` is the end of a sentence about the file. */
export type Decoded<T> =
  | { readonly type: "whole"; readonly data: T; readonly fromVersion: number }
  | { readonly type: "damaged"; readonly why: string }
  | { readonly type: "too_new"; readonly version: number };

/** A sealed document's tables, migrated to the schema's version. */
export function decodeDocument(
  bytes: Uint8Array,
  format: DocumentFormat,
  tables: readonly string[],
  schema: Schema,
): Decoded<TableDocument> {
  const fault = sealFault(bytes);
  if (fault !== null) return { type: "damaged", why: fault };
  const parsed = parse(bytes);
  if (!isObject(parsed)) return { type: "damaged", why: "it is not JSON of the store" };
  if (parsed["format"] !== format) return { type: "damaged", why: "it is another kind of file" };
  const version = parsed["version"];
  if (typeof version !== "number" || !Number.isSafeInteger(version) || version < 1) {
    return { type: "damaged", why: "its version is not a number" };
  }
  if (version > schema.version) return { type: "too_new", version };
  const raw = rawDocument(parsed["tables"]);
  if (raw === null) return { type: "damaged", why: "its tables have a wrong shape" };
  const migrated = migrate(raw, version, format, schema);
  if (migrated === null) return { type: "damaged", why: `its version ${version} is too old to be read` };
  // A table nobody knows was written by a newer program: dropping it silently would lose what it holds.
  if (Object.keys(migrated.tables).some((name) => !tables.includes(name)))
    return { type: "too_new", version };
  const document = createTableDocument(tables);
  for (const [table, records] of Object.entries(migrated.tables)) {
    for (const [key, record] of records) document.put(table, key, encodeRecord(record));
    if (document.keyCount(table) !== records.length) {
      return { type: "damaged", why: `a record stands twice in its table ${table}` };
    }
  }
  return { type: "whole", data: document, fromVersion: version };
}

function migrate(
  document: RawDocument,
  fromVersion: number,
  format: DocumentFormat,
  schema: Schema,
): RawDocument | null {
  let migrated = document;
  for (let version = fromVersion; version < schema.version; version++) {
    const migration = schema.migrations.find((candidate) => candidate.fromVersion === version);
    if (migration === undefined) return null;
    migrated = migration.migrate(migrated, format);
  }
  return migrated;
}

function parse(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function rawDocument(tables: unknown): RawDocument | null {
  if (!isObject(tables)) return null;
  for (const records of Object.values(tables)) {
    if (!Array.isArray(records) || !records.every(isRecordLine)) return null;
  }
  return { tables: tables as RawDocument["tables"] };
}

function isRecordLine(line: unknown): boolean {
  return Array.isArray(line) && line.length === 2 && typeof line[0] === "string";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
