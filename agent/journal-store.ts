/**
 * The journal's files: appended to in the background, read back in order, cut at the old end.
 * Why without fsync for each line: a power cut may take the last half minute, which tells nothing that the next start
 * does not; 6,000 syncs a day would wear out the small disks of branch servers. Before anything is told it is synced,
 * so that a number once told is never given to another record.
 * Must not: make anybody wait for a write, fail the agent, or hold more than `pendingMax` records in memory.
 */
import { chown, mkdir, open, readFile, readdir, rm, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { openAppendFile, type AppendFile } from "./append-file.ts";
import {
  ageOf,
  recordBytesMax,
  recordLine,
  recordsOf,
  type JournalClocks,
  type JournalRecord,
} from "./journal-record.ts";
import type { JournalPast } from "./journal-book.ts";
import {
  journalLimits,
  segmentIndexOf,
  segmentName,
  segmentNumber,
  surplusSegments,
  type Segment,
} from "./journal-segments.ts";
import type { Lane } from "./lane.ts";
import { ownAsFolder } from "./whole-file.ts";

export const storeLimits = {
  /** What waits for a disk that is full or does not answer: an hour at η = 15 s, 50 KB. Then the oldest are lost. */
  pendingMax: 256,
  /** Each so manieth line names the boot: a file that was damaged or removed under our hands is soon readable again. */
  bootNamedEach: 16,
} as const;

export interface JournalStoreOptions {
  readonly folder: string;
  /** Shared with whatever else writes to the same disk. */
  readonly lane: Lane;
  readonly clocks: () => JournalClocks;
  /** A write failed; not told again before one has succeeded. */
  readonly onTrouble: (detail: string) => void;
  /** A write succeeded after trouble; `lost`: the records that memory could not hold so long. */
  readonly onMended: (lost: number) => void;
}

export interface JournalPage {
  /** In order, from the number asked for on. */
  readonly records: readonly JournalRecord[];
  /** There are newer ones. */
  readonly more: boolean;
}

export interface JournalStore {
  /** What earlier programs wrote: the newest record, and the newest acknowledged one. Asked once, before any append. */
  past(): Promise<JournalPast>;
  /** Returns at once; the record is in memory until it is in the file. */
  append(record: JournalRecord): void;
  /**
   * Up to `count` records from number `from` on, none older than is kept, also those that only memory holds. What the
   * file holds is on the disk when this resolves. Rejects with the file system's error.
   */
  read(from: number, count: number): Promise<JournalPage>;
  /** Resolves when all that could be written is written and synced; never rejects. */
  flush(): Promise<void>;
  /** Flushes, and lets the file go. */
  close(): Promise<void>;
}

/** Opens nothing yet; the folder is made by the first record. */
export function openJournalStore(options: JournalStoreOptions): JournalStore {
  return new Store(options);
}

class Store implements JournalStore {
  private readonly options: JournalStoreOptions;
  private segments: Segment[] = [];
  /** Oldest first; stay here until the file holds them. */
  private pending: JournalRecord[] = [];
  private writing: Promise<void> | undefined;
  /** What ends the newest file may be torn: by an earlier program, or by a write that failed. */
  private torn = true;
  /** Of the newest file; opened by the next write when it is not. */
  private file: AppendFile | undefined;
  private troubled = false;
  private lost = 0;
  /** The clocks of the first record of the newest file; null: not known. */
  private newestBegan: Pick<JournalRecord, "bootId" | "bootMs" | "wallMs"> | null = null;

  constructor(options: JournalStoreOptions) {
    this.options = options;
  }

  async past(): Promise<JournalPast> {
    return this.options.lane.run(async () => {
      this.segments = await this.list();
      let newest: JournalRecord | null = null;
      // Newest file first; an outage of days has none that were acknowledged in it.
      for (const [index, segment] of [...this.segments].reverse().entries()) {
        const records = recordsOf(await this.text(segment));
        if (index === 0) this.newestBegan = records[0] ?? null;
        newest ??= records.at(-1) ?? null;
        const acknowledged = records.findLast((record) => record.collector === "ok") ?? null;
        if (acknowledged !== null) return { newest, acknowledged };
      }
      return { newest, acknowledged: null };
    });
  }

  append(record: JournalRecord): void {
    this.pending.push(record);
    if (this.pending.length > storeLimits.pendingMax) {
      this.pending.shift();
      this.lost += 1;
    }
    this.write();
  }

  /** Starts a write of all that waits, unless one is under way. */
  private write(): void {
    if (this.writing !== undefined || this.pending.length === 0) return;
    this.writing = this.options.lane
      .run(() => this.writePending())
      .then(
        () => {
          if (this.troubled || this.lost > 0) this.options.onMended(this.lost);
          this.troubled = false;
          this.lost = 0;
          return true;
        },
        (error: unknown) => {
          this.torn = true;
          if (!this.troubled) this.options.onTrouble(error instanceof Error ? error.message : String(error));
          this.troubled = true;
          return false;
        },
      )
      .then((worked) => {
        this.writing = undefined;
        // What came meanwhile; after a failure the next record tries again.
        if (worked) this.write();
      });
  }

  private async writePending(): Promise<void> {
    const [first] = this.pending;
    if (first === undefined) return;
    await this.rotate(first);
    const segment = this.segments.at(-1);
    const records = [...this.pending];
    const last = records.at(-1)?.sequence ?? 0;
    // A line of its own ends what may be torn before; the boot is named wherever the line before cannot be trusted.
    const begins = this.torn || segment === undefined || segment.bytes === 0;
    const named = (record: JournalRecord): boolean =>
      record.event === "start" || record.sequence % storeLimits.bootNamedEach === 0;
    const lines = records.map((record, index) =>
      recordLine(record, (index === 0 && begins) || named(record)),
    );
    const text = `${this.torn ? "\n" : ""}${lines.join("")}`;
    const target = segment ?? { firstSequence: first.sequence, bytes: 0 };
    await this.appended(target, text, records.some(named));
    this.torn = false;
    const grown = { ...target, bytes: target.bytes + Buffer.byteLength(text) };
    this.segments = [...this.segments.filter((one) => one.firstSequence !== target.firstSequence), grown];
    if (target.bytes === 0) this.newestBegan = first;
    this.pending = this.pending.filter((record) => record.sequence > last);
  }

  private async appended(segment: Segment, text: string, namesBoot: boolean): Promise<void> {
    // Opened anew after what may have torn it, and now and then: somebody may have removed it under our hands.
    if (this.torn || namesBoot) await this.closeFile();
    this.file ??= await this.openFile(segment);
    await this.file.append(text);
  }

  private async openFile(segment: Segment): Promise<AppendFile> {
    const { folder } = this.options;
    await makeFolder(folder);
    const file = await openAppendFile(this.path(segment));
    if (segment.bytes === 0) await ownFile(this.path(segment), folder);
    return file;
  }

  private async closeFile(): Promise<void> {
    await this.file?.close();
    this.file = undefined;
  }

  /** Before `next` is written: a new file where the newest is full, and room for it. */
  private async rotate(next: JournalRecord): Promise<void> {
    const newest = this.segments.at(-1);
    if (newest === undefined) return;
    const clocks = this.options.clocks();
    const full = newest.bytes >= journalLimits.segmentBytesMax;
    const long = this.newestBegan !== null && ageOf(this.newestBegan, clocks) >= journalLimits.segmentSpanMs;
    if (!full && !long) return;
    let gone = surplusSegments(this.segments, journalLimits.segmentBytesMax);
    // The file before the second's first record holds nothing younger than that.
    for (let second = this.segments[gone + 1]; second !== undefined; second = this.segments[gone + 1]) {
      const began = await this.firstRecord(second);
      if (began === null || ageOf(began, clocks) < journalLimits.keptMs) break;
      gone += 1;
    }
    for (const segment of this.segments.slice(0, gone)) await rm(this.path(segment), { force: true });
    this.segments = [...this.segments.slice(gone), { firstSequence: next.sequence, bytes: 0 }];
    await this.closeFile();
    this.newestBegan = null;
    this.torn = false;
  }

  async read(from: number, count: number): Promise<JournalPage> {
    await this.flush();
    const clocks = this.options.clocks();
    const records: JournalRecord[] = [];
    let last = from - 1;
    const take = (found: readonly JournalRecord[]): void => {
      for (const record of found) {
        if (record.sequence <= last) continue;
        last = record.sequence;
        if (ageOf(record, clocks) <= journalLimits.keptMs) records.push(record);
        if (records.length > count) return;
      }
    };
    await this.options.lane.run(async () => {
      for (const segment of this.segments.slice(segmentIndexOf(this.segments, from))) {
        if (records.length > count) return;
        take(recordsOf(await this.text(segment)));
      }
    });
    if (records.length <= count) take(this.pending);
    return { records: records.slice(0, count), more: records.length > count };
  }

  async flush(): Promise<void> {
    await this.settled();
    this.write();
    await this.settled();
    await this.options.lane.run(async () => this.file?.sync()).catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.flush();
    await this.options.lane.run(() => this.closeFile());
  }

  /** No write is under way. */
  private async settled(): Promise<void> {
    for (let writing = this.writing; writing !== undefined; writing = this.writing) await writing;
  }

  private path(segment: Segment): string {
    return join(this.options.folder, segmentName(segment.firstSequence));
  }

  private async list(): Promise<Segment[]> {
    const names = await readdir(this.options.folder).catch(() => []);
    const segments: Segment[] = [];
    for (const name of names) {
      const firstSequence = segmentNumber(name);
      if (firstSequence === null) continue;
      segments.push({ firstSequence, bytes: (await stat(join(this.options.folder, name))).size });
    }
    return segments.sort((one, other) => one.firstSequence - other.firstSequence);
  }

  /** A file that cannot be read costs its own records only; one larger than all of ours together is none of ours. */
  private async text(segment: Segment): Promise<string> {
    if (segment.bytes > journalLimits.bytesMax) return "";
    return readFile(this.path(segment), "utf8").catch(() => "");
  }

  private async firstRecord(segment: Segment): Promise<JournalRecord | null> {
    let file: FileHandle | undefined;
    try {
      file = await open(this.path(segment), "r");
      const { buffer, bytesRead } = await file.read(Buffer.alloc(recordBytesMax), 0, recordBytesMax, 0);
      return recordsOf(buffer.toString("utf8", 0, bytesRead))[0] ?? null;
    } catch {
      return null;
    } finally {
      await file?.close();
    }
  }
}

async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made !== undefined) await ownFile(folder, join(folder, ".."));
}

async function ownFile(path: string, folder: string): Promise<void> {
  await ownAsFolder(folder, (uid, gid) => chown(path, uid, gid));
}
