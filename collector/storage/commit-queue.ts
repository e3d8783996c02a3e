/**
 * Commits of one document: one write after the other, those that wait meanwhile together in the next one.
 * Why: ten commits asked at once cost one fsync, and a later commit never overtakes an earlier one.
 * Must not: touch the document while it is being written.
 */
import type { Low } from "lowdb";
import type { Write } from "../core/types/tables.ts";
import { archiveTable } from "./archive-part.ts";
import { encodeRecord, isVolatile } from "./codec.ts";
import { createSlicer } from "./slice.ts";
import type { TableDocument } from "./table-document.ts";

/** One write with the text that goes into the document; null: the record leaves it. */
export interface EncodedWrite {
  readonly write: Write;
  readonly text: string | null;
}

export interface CommitQueue {
  /** Durable when it resolves. Rejects with the file's error and then changed nothing. */
  commit(writes: readonly Write[]): Promise<void>;
  /** Runs `work` between two writes, after everything asked before. */
  inTurn<T>(work: () => Promise<T> | T): Promise<T>;
  /** Resolves when everything asked before is done. */
  settled(): Promise<void>;
}

/** A commit that waits for its turn. */
interface Asked {
  readonly writes: readonly Write[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** `onCommitted` is told what became durable, before those who asked. */
export function createCommitQueue(
  low: Low<TableDocument>,
  onCommitted: (texts: readonly EncodedWrite[]) => void,
): CommitQueue {
  const waiting: Asked[] = [];
  let turn: Promise<void> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T> | T): Promise<T> {
    const result = turn.then(work);
    turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  async function writeWaiting(): Promise<void> {
    const accepted: Asked[] = [];
    const texts: EncodedWrite[] = [];
    for (const asked of waiting.splice(0)) {
      try {
        const encoded = await encodeWrites(asked.writes);
        for (const text of encoded) texts.push(text);
        accepted.push(asked);
      } catch (error) {
        asked.reject(error); // A bug in this one; the others are fine.
      }
    }
    if (accepted.length === 0) return;
    try {
      await writeOrUndo(low, texts);
    } catch (error) {
      for (const asked of accepted) asked.reject(error);
      return;
    }
    onCommitted(texts);
    for (const asked of accepted) asked.resolve();
  }

  return {
    commit: (writes) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ writes, resolve, reject });
        // The first of those that wait brings all of them; the turns of the others then find nothing to do.
        void inTurn(writeWaiting);
      }),
    inTurn,
    settled: () => turn,
  };
}

async function writeOrUndo(low: Low<TableDocument>, texts: readonly EncodedWrite[]): Promise<void> {
  const before: { readonly table: string; readonly key: string; readonly text: string | null }[] = [];
  for (const { write, text } of texts) {
    before.push({ table: write.table, key: write.key, text: low.data.get(write.table, write.key) ?? null });
    low.data.put(write.table, write.key, text);
  }
  try {
    await low.write();
  } catch (error) {
    for (const { table, key, text } of before.reverse()) low.data.put(table, key, text);
    throw error;
  }
}

/** A removal is an absent record, except in the archive: there it has to reach the month's file first. */
const removedFromArchive = "null";

async function encodeWrites(writes: readonly Write[]): Promise<readonly EncodedWrite[]> {
  const slicer = createSlicer();
  const encoded: EncodedWrite[] = [];
  for (const write of writes) {
    if (isVolatile(write.table)) throw new Error(`assertion failed: ${write.table} is not a durable table`);
    const removed = write.table === archiveTable ? removedFromArchive : null;
    const text = write.value === null ? removed : encodeRecord(write.value);
    encoded.push({ write, text });
    await slicer.spend(text?.length ?? 0);
  }
  return encoded;
}
