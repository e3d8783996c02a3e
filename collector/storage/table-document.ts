/**
 * Records by table and key, as encoded text, grouped into pages that keep their bytes.
 * Why: a commit writes the whole file, but encodes only what changed: the bytes of untouched pages are used again.
 * Must not: know what a record means, or touch a file.
 */

/** Characters of text in a page. Small: little is encoded again for one record. Large: few buffers for one write. */
const pageCharCountMax = 32_768;

interface Page {
  readonly texts: Map<string, string>;
  charCount: number;
  /** The page as it stands in the file; null when a record of it changed since. */
  bytes: Uint8Array | null;
}

interface Table {
  readonly pageOf: Map<string, Page>;
  readonly pages: Set<Page>;
  /** Pages that can take another record. */
  readonly roomy: Set<Page>;
}

export interface TableDocument {
  readonly tables: readonly string[];
  get(table: string, key: string): string | undefined;
  /** Writes a record's text, or removes the record with null. */
  put(table: string, key: string, text: string | null): void;
  keyCount(table: string): number;
  entries(table: string): Iterable<readonly [key: string, text: string]>;
  /** The pages of a table that stand in need of `pageBytes`, with their size. */
  pages(table: string): Iterable<DocumentPage>;
}

export interface DocumentPage {
  readonly charCount: number;
  /** True when `bytes` has to encode; false when they are at hand. */
  readonly changed: boolean;
  /** `["key",record]` lines joined with comma and newline. The bytes never change afterwards. */
  bytes(): Uint8Array;
}

export function createTableDocument(tableNames: readonly string[]): TableDocument {
  const tables = new Map<string, Table>(
    tableNames.map((name) => [name, { pageOf: new Map(), pages: new Set(), roomy: new Set() }]),
  );
  const tableOf = (name: string): Table => {
    const table = tables.get(name);
    if (table === undefined) throw new Error(`assertion failed: no table ${name} in this document`);
    return table;
  };
  return {
    tables: tableNames,
    get: (name, key) => tableOf(name).pageOf.get(key)?.texts.get(key),
    put(name, key, text) {
      if (text === null) removeRecord(tableOf(name), key);
      else putRecord(tableOf(name), key, text);
    },
    keyCount: (name) => tableOf(name).pageOf.size,
    *entries(name) {
      for (const page of tableOf(name).pages) yield* page.texts;
    },
    *pages(name) {
      for (const page of tableOf(name).pages) {
        yield {
          charCount: page.charCount,
          changed: page.bytes === null,
          bytes: () => (page.bytes ??= encodePage(page)),
        };
      }
    },
  };
}

function putRecord(table: Table, key: string, text: string): void {
  const page = table.pageOf.get(key) ?? roomyPage(table);
  const before = page.texts.get(key);
  if (before === text) return;
  page.texts.set(key, text);
  table.pageOf.set(key, page);
  changed(table, page, text.length - (before?.length ?? -key.length));
}

function removeRecord(table: Table, key: string): void {
  const page = table.pageOf.get(key);
  const before = page?.texts.get(key);
  if (page === undefined || before === undefined) return;
  page.texts.delete(key);
  table.pageOf.delete(key);
  changed(table, page, -before.length - key.length);
  if (page.texts.size > 0) return;
  table.pages.delete(page);
  table.roomy.delete(page);
}

function changed(table: Table, page: Page, charCount: number): void {
  page.charCount += charCount;
  page.bytes = null;
  if (page.charCount < pageCharCountMax) table.roomy.add(page);
  else table.roomy.delete(page);
}

function roomyPage(table: Table): Page {
  for (const page of table.roomy) return page;
  const page: Page = { texts: new Map(), charCount: 0, bytes: null };
  table.pages.add(page);
  table.roomy.add(page);
  return page;
}

function encodePage(page: Page): Uint8Array {
  const lines: string[] = [];
  for (const [key, text] of page.texts) lines.push(`[${JSON.stringify(key)},${text}]`);
  return Buffer.from(lines.join(",\n"));
}
