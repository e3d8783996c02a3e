/**
 * The few things the store asks of a file system, and node's answer to them.
 * Why an interface: tests stop it at every step, let it fail, and cut its power; nothing else may go around it.
 * Must not: know what is in the files, retry, or put errors into words (failures.ts does).
 */
import { constants, promises as node } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "./failures.ts";

/** Which file this is and how long; another program's write changes one of them. */
export interface FileIdentity {
  readonly inode: bigint;
  readonly byteCount: number;
}

/** A new file that is being written. */
export interface NewFile {
  /** Appends the chunks, all of them. They must not change before it resolves. */
  write(chunks: readonly Uint8Array[]): Promise<void>;
  /** fsync: what was written survives the loss of power. */
  sync(): Promise<void>;
  identity(): Promise<FileIdentity>;
  close(): Promise<void>;
}

/** A folder at hand to be fsynced. */
export interface OpenFolder {
  /** fsync: the names in it survive the loss of power. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FileSystem {
  /** Makes the folder and its parents, mode 0700; one that is there stays as it is. */
  makeFolder(path: string): Promise<void>;
  /** Opens a new empty file, mode 0600; what was there under this name is gone. */
  create(path: string): Promise<NewFile>;
  /** The whole file; null when it is not there. */
  read(path: string): Promise<Uint8Array | null>;
  /** The last bytes of the file, at most `byteCountMax`; null when it is not there. */
  readEnd(path: string, byteCountMax: number): Promise<Uint8Array | null>;
  identify(path: string): Promise<FileIdentity | null>;
  /** Names in the folder; empty when it is not there. */
  list(path: string): Promise<readonly string[]>;
  link(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file; one that is not there is fine. */
  remove(path: string): Promise<void>;
  openFolder(path: string): Promise<OpenFolder>;
}

/** Buffers in one writev call: Linux takes at most 1,024 (IOV_MAX), other systems too. */
const buffersPerWriteMax = 512;

export const nodeFileSystem: FileSystem = {
  async makeFolder(path) {
    const first = await node.mkdir(path, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    // Their names must survive a loss of power too. Where the parent can't be opened, that is all one can do.
    for (let made = path; made.length >= first.length; made = dirname(made)) {
      await syncFolder(dirname(made)).catch(() => undefined);
    }
  },
  async create(path) {
    const handle = await node.open(path, "w", 0o600);
    return {
      write: (chunks) => writeAll(handle, chunks),
      sync: () => handle.sync(),
      identity: async () => identityOf(await handle.stat({ bigint: true })),
      close: () => handle.close(),
    };
  },
  read: (path) => orNull(() => node.readFile(path)),
  readEnd: (path, byteCountMax) =>
    orNull(async () => {
      const handle = await node.open(path, "r");
      try {
        const { size } = await handle.stat();
        const end = new Uint8Array(Math.min(size, byteCountMax));
        const { bytesRead } = await handle.read(end, 0, end.byteLength, size - end.byteLength);
        return end.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    }),
  identify: (path) => orNull(async () => identityOf(await node.stat(path, { bigint: true }))),
  async list(path) {
    return (await orNull(() => node.readdir(path))) ?? [];
  },
  link: (from, to) => node.link(from, to),
  rename: (from, to) => node.rename(from, to),
  async remove(path) {
    await orNull(() => node.unlink(path));
  },
  async openFolder(path) {
    // Windows can't open a folder; there NTFS journals names by itself.
    if (process.platform === "win32")
      return { sync: () => Promise.resolve(), close: () => Promise.resolve() };
    const handle = await node.open(path, constants.O_RDONLY);
    return { sync: () => syncNames(handle), close: () => handle.close() };
  },
};

function identityOf(stats: { readonly ino: bigint; readonly size: bigint }): FileIdentity {
  return { inode: stats.ino, byteCount: Number(stats.size) };
}

async function syncNames(folder: FileHandle): Promise<void> {
  try {
    await folder.sync();
  } catch (error) {
    // Some network shares and FUSE file systems know no fsync of a folder: they have nothing better to offer.
    const code = systemCode(error);
    if (code !== "EINVAL" && code !== "ENOTSUP" && code !== "EOPNOTSUPP") throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await nodeFileSystem.openFolder(path);
  await folder.sync().finally(() => folder.close());
}

async function orNull<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}

async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  for (let from = 0; from < chunks.length; from += buffersPerWriteMax) {
    const part = chunks.slice(from, from + buffersPerWriteMax);
    const byteCount = part.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    const { bytesWritten } = await handle.writev(part);
    // A short write is legal (a signal, an almost full disk); the rest goes on from there or brings the error.
    if (bytesWritten < byteCount) await writeRest(handle, Buffer.concat(part).subarray(bytesWritten));
  }
}

async function writeRest(handle: FileHandle, rest: Uint8Array): Promise<void> {
  let left = rest;
  while (left.byteLength > 0) {
    const { bytesWritten } = await handle.write(left, 0, left.byteLength);
    left = left.subarray(bytesWritten);
  }
}
