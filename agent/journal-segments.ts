/**
 * The files of the journal as names and sizes: which one is written to, which one holds a record, which go.
 * Why several: only whole files can be removed cheaply at the old end, and a damaged one costs only itself.
 * Must not: touch a disk.
 */

export const journalLimits = {
  /** What is kept at most (detection.md); older records are not sent either. */
  keptMs: 7 * 24 * 3_600_000,
  /** Of one file. At 50 bytes a record and η = 15 s that is 5 hours; it is read whole to find a record. */
  segmentBytesMax: 64 * 1024,
  /** A slow rhythm fills a file in weeks; so that the age can be kept, a file is at most a day long. */
  segmentSpanMs: 24 * 3_600_000,
  /** Of all files together: 7 days at η = 15 s are 2 MB, at η = 10 s 3 MB. A faster rhythm keeps less. */
  bytesMax: 4 * 1024 * 1024,
} as const;

export interface Segment {
  /** Of its first record; also its name. */
  readonly firstSequence: number;
  readonly bytes: number;
}

const nameForm = /^journal-(\d{16})\.jsonl$/;

/** Sixteen digits hold every safe integer, so that names sort as numbers do. */
export function segmentName(firstSequence: number): string {
  return `journal-${String(firstSequence).padStart(16, "0")}.jsonl`;
}

/** The number in a file's name; null: not a file of the journal. */
export function segmentNumber(name: string): number | null {
  const digits = nameForm.exec(name)?.[1];
  const number = digits === undefined ? 0 : Number(digits);
  return Number.isSafeInteger(number) && number > 0 ? number : null;
}

/** How many of the oldest go, so that all together with `moreBytes` stay within the limit. The newest always stays. */
export function surplusSegments(segments: readonly Segment[], moreBytes: number): number {
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, moreBytes);
  let count = 0;
  while (bytes > journalLimits.bytesMax && count < segments.length - 1) {
    bytes -= segments[count]?.bytes ?? 0;
    count += 1;
  }
  return count;
}

/** The index of the file in which to look for `sequence` first: the last that begins at or before it; 0 when none does. */
export function segmentIndexOf(segments: readonly Segment[], sequence: number): number {
  const after = segments.findIndex((segment) => segment.firstSequence > sequence);
  return Math.max(0, (after === -1 ? segments.length : after) - 1);
}
