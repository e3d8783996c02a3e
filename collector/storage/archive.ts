/**
 * Closed incidents in files by month, and small facts of all of them in memory.
 * Why facts: a query is answered from memory and reads only the parts that hold its page.
 * Why an index file: starting reads the index of each month and the last line of each part, not a year of incidents. The
 * index is only a copy of what the parts say; one that is missing or stale is made again from them.
 * Must not: hold anything that is not also durable elsewhere before `write` resolved; lowdb.ts keeps it until then.
 */
import type { ArchivedIncident } from "../core/types/tables.ts";
import { type ArchiveIndex, openArchiveIndex } from "./archive-index.ts";
import {
  archiveTable,
  type ArchivePart,
  createArchivePart,
  type FileContext,
  parsePartName,
  partFileName,
} from "./archive-part.ts";
import { type ArchiveFacts, factsOf, matchesQuery, newestFirst } from "./archive-query.ts";
import { decodeRecord } from "./codec.ts";
import { sameSeal } from "./seal.ts";
import { createSlicer } from "./slice.ts";
import { type ArchiveQuery, StoreCorrupt } from "./storage.ts";
import type { TableDocument } from "./table-document.ts";

/** A part takes no more incidents above this: some hundred of them, written and parsed in a few milliseconds. */
const partByteCountMax = 262_144;
/** Parts whose records stay in memory: some pages of the panel, 4 MB of text. */
const loadedPartsMax = 16;

/** An archived incident with its encoded text; null: removed. */
export type ArchiveChange = { readonly value: ArchivedIncident; readonly text: string } | null;

export interface Archive {
  /** True when no incident was ever archived here. */
  isEmpty(): boolean;
  /** Durable when it resolves; the same change again is harmless. Rejects with StoreFailure; ask again then. */
  write(changes: ReadonlyMap<string, ArchiveChange>): Promise<void>;
  /** `recent` are changes that are not in the files yet, or perhaps are; they win. */
  query(
    query: ArchiveQuery,
    recent: ReadonlyMap<string, ArchiveChange>,
  ): Promise<readonly ArchivedIncident[]>;
  find(id: string): Promise<ArchivedIncident | null>;
  /** Writes the index where it is stale. Losing it loses nothing. */
  flushIndex(): Promise<void>;
}

interface PartEntry {
  readonly part: ArchivePart;
  readonly facts: Map<string, ArchiveFacts>;
  /** Why it can't be read, as StoreCorrupt said it; null while fine. */
  damage: StoreCorrupt | null;
  /** False: damaged before its facts were known. */
  known: boolean;
  /** The index file says something else about it, or nothing. */
  indexed: boolean;
}

/** Opens the archive in `context.folder`. Rejects with StoreTooNew or StoreFailure; a damaged part is only a notice. */
export async function openArchive(context: FileContext): Promise<Archive> {
  const entries = new Map<string, PartEntry>();
  const homeOf = new Map<string, PartEntry>();
  const indexes = new Map<string, ArchiveIndex>();
  const staleMonths = new Set<string>();
  let loaded: readonly ArchivePart[] = [];
  let sorted: readonly ArchiveFacts[] | null = null;
  const writing = new Set<ArchivePart>();

  // ── Opening ──

  async function openAll(): Promise<void> {
    const names = await context.files.list(context.folder);
    const found = new Map<string, { readonly month: string; readonly ordinal: number }>();
    for (const name of names) {
      const parsed = parsePartName(name);
      if (parsed !== null) found.set(partFileName(parsed.month, parsed.ordinal), parsed);
    }
    const slicer = createSlicer();
    const inOrder = [...found.values()].sort(
      (left, right) => left.month.localeCompare(right.month) || left.ordinal - right.ordinal,
    );
    for (const { month, ordinal } of inOrder) {
      const entry = addPart(month, ordinal);
      const index = await indexOf(month);
      const remembered = index.get(entry.part.fileName);
      const seal = await entry.part.readSealOnDisk();
      if (remembered !== null && seal !== null && sameSeal(remembered.seal, seal)) {
        for (const facts of remembered.facts) setFacts(entry, facts);
        entry.indexed = true;
        await slicer.spend(remembered.facts.length * 100);
      } else {
        await readFacts(entry);
      }
    }
  }

  async function readFacts(entry: PartEntry): Promise<void> {
    staleMonths.add(entry.part.month);
    entry.indexed = false;
    const document = await readPart(entry);
    if (document === null) {
      entry.known = false;
      return;
    }
    for (const [, text] of document.entries(archiveTable)) {
      setFacts(entry, factsOf(decodeRecord(text) as ArchivedIncident));
    }
  }

  function addPart(month: string, ordinal: number): PartEntry {
    const part = createArchivePart(context, month, ordinal);
    const entry: PartEntry = { part, facts: new Map(), damage: null, known: true, indexed: false };
    entries.set(part.fileName, entry);
    return entry;
  }

  // ── Parts ──

  /** The part's records; null when both its copies are damaged, which is said once. */
  async function readPart(entry: PartEntry): Promise<TableDocument | null> {
    if (entry.damage !== null) return null;
    try {
      const document = await entry.part.read();
      keepLoaded(entry.part);
      return document;
    } catch (error) {
      if (!(error instanceof StoreCorrupt)) throw error;
      entry.damage = error;
      context.onNotice(error.message);
      return null;
    }
  }

  function keepLoaded(part: ArchivePart): void {
    const kept = [part, ...loaded.filter((other) => other !== part)];
    for (const old of kept.slice(loadedPartsMax)) if (!writing.has(old)) old.forget();
    loaded = kept.slice(0, loadedPartsMax);
  }

  function setFacts(entry: PartEntry, facts: ArchiveFacts): void {
    const before = homeOf.get(facts.id);
    if (before !== undefined && before !== entry) before.facts.delete(facts.id);
    homeOf.set(facts.id, entry);
    entry.facts.set(facts.id, facts);
    sorted = null;
  }

  function removeFacts(entry: PartEntry, id: string): void {
    entry.facts.delete(id);
    if (homeOf.get(id) === entry) homeOf.delete(id);
    sorted = null;
  }

  // ── Writing ──

  /** The part an incident lives in, or the one it should go to; null: a removal of what is not here. */
  async function homeFor(
    id: string,
    change: ArchiveChange,
    planned: Map<PartEntry, number>,
  ): Promise<PartEntry | null> {
    const home = homeOf.get(id);
    if (home !== undefined && (await readPart(home)) !== null) return home;
    if (home !== undefined) removeFacts(home, id); // Its part is damaged: it is kept as it is, this one goes elsewhere.
    if (change === null) return null;
    const month = monthOf(change.value.incident.startedWallMs);
    const ofMonth = [...entries.values()].filter((entry) => entry.part.month === month);
    for (const entry of ofMonth.toReversed()) {
      if ((await readPart(entry)) === null) continue;
      const byteCount = entry.part.byteCount() + (planned.get(entry) ?? 0);
      if (byteCount >= partByteCountMax) break; // Those before it are full too.
      planned.set(entry, (planned.get(entry) ?? 0) + change.text.length);
      return entry;
    }
    const ordinal = Math.max(0, ...ofMonth.map((entry) => entry.part.ordinal)) + 1;
    const entry = addPart(month, ordinal);
    planned.set(entry, change.text.length);
    return entry;
  }

  async function write(changes: ReadonlyMap<string, ArchiveChange>): Promise<void> {
    const planned = new Map<PartEntry, number>();
    const byPart = new Map<PartEntry, Map<string, ArchiveChange>>();
    for (const [id, change] of changes) {
      const entry = await homeFor(id, change, planned);
      if (entry === null) continue;
      const group = byPart.get(entry) ?? new Map<string, ArchiveChange>();
      byPart.set(entry, group.set(id, change));
    }
    for (const [entry, group] of byPart) await writePart(entry, group);
  }

  async function writePart(entry: PartEntry, group: ReadonlyMap<string, ArchiveChange>): Promise<void> {
    const texts = new Map([...group].map(([id, change]) => [id, change?.text ?? null]));
    writing.add(entry.part);
    try {
      await entry.part.write(texts);
    } finally {
      writing.delete(entry.part);
    }
    keepLoaded(entry.part);
    for (const [id, change] of group) {
      if (change === null) removeFacts(entry, id);
      else setFacts(entry, factsOf(change.value));
    }
    staleMonths.add(entry.part.month);
    entry.indexed = false;
  }

  // ── Reading ──

  function sortedFacts(): readonly ArchiveFacts[] {
    sorted ??= [...entries.values()].flatMap((entry) => [...entry.facts.values()]).sort(newestFirst);
    return sorted;
  }

  async function query(
    asked: ArchiveQuery,
    recent: ReadonlyMap<string, ArchiveChange>,
  ): Promise<readonly ArchivedIncident[]> {
    for (const entry of entries.values()) {
      // Nobody knows what is in there: an answer without it could be silently wrong.
      if (entry.damage !== null && !entry.known && monthStartWallMs(entry.part.month) < asked.toWallMs) {
        throw entry.damage;
      }
    }
    const matching: ArchiveFacts[] = [];
    for (const facts of sortedFacts()) {
      if (matching.length === asked.limit) break;
      if (!recent.has(facts.id) && matchesQuery(facts, asked)) matching.push(facts);
    }
    const values = new Map<string, ArchivedIncident>();
    for (const change of recent.values()) {
      if (change === null || !matchesQuery(factsOf(change.value), asked)) continue;
      values.set(change.value.incident.id, change.value);
      matching.push(factsOf(change.value));
    }
    const answer: ArchivedIncident[] = [];
    for (const { id } of matching.sort(newestFirst).slice(0, asked.limit)) {
      const value = values.get(id) ?? (await find(id));
      if (value !== null) answer.push(value);
    }
    return answer;
  }

  async function find(id: string): Promise<ArchivedIncident | null> {
    const home = homeOf.get(id);
    if (home === undefined) {
      for (const entry of entries.values()) if (entry.damage !== null && !entry.known) throw entry.damage;
      return null;
    }
    const document = await readPart(home);
    if (document === null) throw home.damage ?? new StoreCorrupt(`${home.part.fileName} can't be read.`);
    const text = document.get(archiveTable, id);
    // Its part fell back to the copy before it, which did not have it yet; the notice said so.
    return text === undefined ? null : (decodeRecord(text) as ArchivedIncident);
  }

  // ── Index ──

  async function indexOf(month: string): Promise<ArchiveIndex> {
    const index = indexes.get(month) ?? (await openArchiveIndex(context, month));
    indexes.set(month, index);
    return index;
  }

  async function flushIndex(): Promise<void> {
    for (const month of [...staleMonths]) {
      const index = await indexOf(month);
      const ofMonth = [...entries.values()].filter((entry) => entry.part.month === month);
      // Parts that an operator took away leave the index too.
      index.keepOnly(new Set(ofMonth.map((entry) => entry.part.fileName)));
      for (const entry of ofMonth) {
        if (entry.indexed) continue;
        const seal = entry.damage === null ? entry.part.seal() : null;
        index.put(entry.part.fileName, seal === null ? null : { seal, facts: [...entry.facts.values()] });
        entry.indexed = true;
      }
      staleMonths.delete(month);
      await index.write().catch((error: unknown) => {
        staleMonths.add(month);
        throw error;
      });
    }
  }

  await openAll();
  return { isEmpty: () => entries.size === 0, write, query, find, flushIndex };
}

// ── Months ───────────────────────────────────────────────────────────────────────────────────────────

/** `YYYY-MM` in UTC. A clock that stood outside the years 1970 to 9999 files under its nearer end. */
function monthOf(wallMs: number): string {
  const inRange = Math.min(Math.max(wallMs, 0), Date.UTC(9999, 11, 31));
  return new Date(inRange).toISOString().slice(0, 7);
}

const monthStartWallMs = (month: string): number => Date.parse(`${month}-01T00:00:00Z`);
