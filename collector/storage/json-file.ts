/**
 * One sealed file behind lowdb's `Adapter`: written so that at every instant one good copy stands on the disk.
 * Why: lowdb's own file adapter renames without fsync; after a loss of power the file may be empty.
 * Must not: know tables or records, or hide a damage: it is said in a notice, or refused.
 *
 * A careful write:
 *   1. write `x.new` and fsync it; at the same time link `x` as `x.previous.new` and rename that to `x.previous`
 *   2. rename `x.new` to `x`
 *   3. fsync the folder
 * A careless one only writes `x.new` and renames it: lost by a loss of power, perhaps, but not torn by a crash.
 */
import { basename, dirname } from "node:path";
import type { Adapter } from "lowdb";
import type { Decoded } from "./codec.ts";
import { storeFailure, systemCode } from "./failures.ts";
import type { FileIdentity, FileSystem, OpenFolder } from "./file-system.ts";
import { emptySeal, extendSeal, readSeal, type Seal, sealLine } from "./seal.ts";
import { StoreCorrupt, StoreInUse, StoreTooNew } from "./storage.ts";

export interface JsonFileOptions<T> {
  readonly path: string;
  readonly files: FileSystem;
  /** The bytes up to the seal; the chunks must not change afterwards. */
  readonly encode: (data: T) => Promise<readonly Uint8Array[]>;
  readonly decode: (bytes: Uint8Array) => Decoded<T>;
  /** True: fsynced, with a previous copy, refused when damaged. False: only atomic; a damaged one counts as absent. */
  readonly careful: boolean;
  /** Told what an operator should know: that a copy was damaged and what was done. */
  readonly onNotice: (notice: string) => void;
}

export interface JsonFile<T> extends Adapter<T> {
  /** The seal of the file as it was last read or written here; null before. */
  seal(): Seal | null;
}

/** Bytes handed to one write, 512 KiB: while the disk takes them, the checksum of the next ones is reckoned. */
const writeByteCount = 524_288;

interface Known {
  readonly identity: FileIdentity;
  readonly seal: Seal;
}

interface Prepared {
  readonly previousKept: boolean;
  readonly folder: OpenFolder | null;
}

/** Opened during a write, to be closed at its end however it ends. */
type OpenHandles = { close(): Promise<void> }[];

/** What a name holds. */
type Copy<T> =
  | { readonly type: "absent" }
  | { readonly type: "damaged"; readonly why: string }
  | { readonly type: "whole"; readonly data: T; readonly seal: Seal };

/**
 * `read` answers null when neither copy is there. It rejects with StoreCorrupt (both are bad; nothing is overwritten),
 * StoreTooNew or StoreFailure. `write` rejects with StoreFailure and then left the old content, or with StoreInUse when
 * somebody else wrote the file meanwhile.
 */
export function createJsonFile<T>(options: JsonFileOptions<T>): JsonFile<T> {
  const { path, files, careful } = options;
  const name = basename(path);
  const newPath = `${path}.new`;
  const previousPath = `${path}.previous`;
  const previousNewPath = `${path}.previous.new`;
  const damagedPath = `${path}.damaged`;
  /** The file under `path` as this program knows it; null: not there, or not known to be good. */
  let known: Known | null = null;
  /** The file under `path` was found damaged: it must never become the previous copy. */
  let damaged = false;

  async function readCopy(copyPath: string): Promise<Copy<T>> {
    const bytes = await files.read(copyPath);
    if (bytes === null) return { type: "absent" };
    const decoded = options.decode(bytes);
    if (decoded.type === "damaged") return decoded;
    if (decoded.type === "too_new") {
      throw new StoreTooNew(
        `${copyPath} was written by a newer version of Detak (format ${decoded.version}). ` +
          `Start that version again, or restore a backup. Nothing was changed.`,
      );
    }
    const seal = readSeal(bytes) ?? emptySeal;
    return { type: "whole", data: decoded.data, seal };
  }

  async function read(): Promise<T | null> {
    const newest = await readCopy(path);
    if (newest.type === "whole") {
      const identity = await files.identify(path);
      known = identity === null ? null : { identity, seal: newest.seal };
      return newest.data;
    }
    if (!careful) {
      if (newest.type === "damaged")
        options.onNotice(`${name} was damaged (${newest.why}) and is made anew.`);
      return null;
    }
    const previous = await readCopy(previousPath);
    if (previous.type === "whole") {
      damaged = newest.type === "damaged";
      options.onNotice(fallbackNotice(newest));
      return previous.data;
    }
    if (newest.type === "absent" && previous.type === "absent") return null;
    throw new StoreCorrupt(
      `${path} can't be used: ${faultOf(newest)}. The copy before it, ${previousPath}, can't be used either: ` +
        `${faultOf(previous)}. Restore both from a backup, or move them away to begin anew. Nothing was overwritten.`,
    );
  }

  function fallbackNotice(newest: Copy<T>): string {
    const kept = newest.type === "damaged" ? ` The damaged file is kept as ${name}.damaged.` : "";
    return (
      `${name} can't be used: ${faultOf(newest)}. The copy before it was used; what was stored last may be missing.` +
      kept
    );
  }

  /** Refuses to write over a file that somebody else put here since: a second collector, or a restored backup. */
  async function assertStillOurs(): Promise<void> {
    if (known === null) return;
    const now = await files.identify(path);
    if (now === null) return; // Somebody removed it: everything is in memory and is written again.
    if (now.inode === known.identity.inode && now.byteCount === known.identity.byteCount) return;
    throw new StoreInUse(
      `${path} was changed by another program while this collector was running. ` +
        `Stop the other one, then start this collector again. Nothing was overwritten.`,
    );
  }

  /** The present file also becomes the previous copy. False: no hard links here. */
  async function keepPrevious(): Promise<boolean> {
    await assertStillOurs();
    if (damaged) return true;
    try {
      await linkPrevious();
    } catch (error) {
      const code = systemCode(error);
      if (code === "ENOENT") return true; // The first write: there is nothing to keep.
      if (code === null || !linkRefusals.has(code)) throw error;
      return false;
    }
    await files.rename(previousNewPath, previousPath);
    return true;
  }

  async function linkPrevious(): Promise<void> {
    try {
      await files.link(path, previousNewPath);
    } catch (error) {
      // A crash between link and rename leaves it; so does a rename of a file onto itself, which does nothing.
      if (systemCode(error) !== "EEXIST") throw error;
      await files.remove(previousNewPath);
      await files.link(path, previousNewPath);
    }
  }

  /** After the new file already took its name but the folder could not be fsynced: the old content comes back. */
  async function putBack(): Promise<void> {
    known = null;
    try {
      await files.link(previousPath, newPath);
      await files.rename(newPath, path);
    } catch {
      // No links here, or the disk refuses everything. In the second case the old content, which memory still holds,
      // comes back with the next write that succeeds; until then a crash would show what was rejected.
      await files.rename(previousPath, path).catch(() => undefined);
    }
  }

  /** Writes the new file, whole and (if careful) fsynced. */
  async function writeNew(data: T, open: OpenHandles): Promise<Known> {
    const chunks = await options.encode(data);
    const file = await files.create(newPath);
    open.push(file);
    const seal = await writeSealed(chunks, (part) => file.write(part));
    const [identity] = await both(file.identity(), careful ? file.sync() : Promise.resolve());
    return { identity, seal };
  }

  /** What else a careful write needs, done while the new file is written: it halves the extra time. */
  async function prepare(open: OpenHandles): Promise<Prepared> {
    if (!careful) return { previousKept: true, folder: null };
    const folder = await files.openFolder(dirname(path));
    open.push(folder);
    return { previousKept: await keepPrevious(), folder };
  }

  /** Gives the new file its name. What stood there is the previous copy already, or moves out of the way now. */
  async function publish(previousKept: boolean): Promise<void> {
    // Without hard links (exFAT, some shares) only the previous copy stands for a moment; it is good.
    if (damaged) await moveAside(damagedPath);
    else if (!previousKept) await moveAside(previousPath);
    damaged = false;
    await files.rename(newPath, path);
  }

  async function moveAside(to: string): Promise<void> {
    try {
      await files.rename(path, to);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error; // The first write, or somebody took it away: nothing to move.
    }
  }

  async function write(data: T): Promise<void> {
    const open: OpenHandles = [];
    let renamed = false;
    try {
      const [written, { previousKept, folder }] = await both(writeNew(data, open), prepare(open));
      await publish(previousKept);
      renamed = true;
      known = written;
      await folder?.sync();
    } catch (error) {
      if (renamed) await putBack();
      await files.remove(newPath).catch(() => undefined);
      throw storeFailure(error, "write", path);
    } finally {
      // What had to reach the disk did, or the write already failed: closing can add nothing, and nobody waits for it.
      for (const handle of open) void handle.close().catch(() => undefined);
    }
  }

  return {
    read: () => read().catch((error: unknown) => Promise.reject(storeFailure(error, "read", path))),
    write,
    seal: () => known?.seal ?? null,
  };
}

/** What `link` answers where the file system has no hard links, or no more of them. */
const linkRefusals: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

const faultOf = (copy: Copy<unknown>): string => (copy.type === "damaged" ? copy.why : "it is missing");

/** Both results; when one fails, the other has still come to its end. */
async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<readonly [A, B]> {
  const [one, two] = await Promise.allSettled([first, second]);
  if (one.status === "rejected") throw one.reason;
  if (two.status === "rejected") throw two.reason;
  return [one.value, two.value];
}

/** Writes the chunks and their seal, reckoning the checksum while the disk works. */
async function writeSealed(
  chunks: readonly Uint8Array[],
  write: (part: readonly Uint8Array[]) => Promise<void>,
): Promise<Seal> {
  let seal = emptySeal;
  let part: Uint8Array[] = [];
  let partByteCount = 0;
  let writing: Promise<void> = Promise.resolve();
  for (const chunk of chunks) {
    seal = extendSeal(seal, chunk);
    part.push(chunk);
    partByteCount += chunk.byteLength;
    if (partByteCount < writeByteCount) continue;
    await writing;
    writing = write(part);
    part = [];
    partByteCount = 0;
  }
  await writing;
  await write([...part, sealLine(seal)]);
  return seal;
}
