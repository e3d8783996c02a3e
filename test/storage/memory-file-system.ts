/**
 * A file system in memory that knows what was fsynced and what was not, and whose power can be cut at any step.
 * Why: a kill −9 leaves the page cache, so only a loss of power shows whether every fsync stands where it must.
 * Must not: be kinder than a disk: what was not fsynced may come back old, new, cut, zeroed or empty, each name by itself.
 */
import { dirname, join } from "node:path";
import type { FileSystem } from "../../collector/storage/file-system.ts";

interface Inode {
  readonly number: bigint;
  bytes: Buffer;
  synced: Buffer;
}

export interface MemoryFileSystem extends FileSystem {
  /** Asked before each step with a line about it; a promise that never settles stops the world there. */
  beforeStep: (step: string) => Promise<void>;
  /** The file's bytes now; undefined: not there. */
  peek(path: string): Buffer | undefined;
  /** Puts a file there, durable. */
  put(path: string, bytes: Uint8Array): void;
  paths(): readonly string[];
  /** The disk after a loss of power now. `random` draws from [0, 1). */
  afterPowerCut(random: () => number): MemoryFileSystem;
}

const failure = (code: string): Error => Object.assign(new Error(code), { code });

export function createMemoryFileSystem(): MemoryFileSystem {
  let nextNumber = 1n;
  const names = new Map<string, Inode>();
  const syncedNames = new Map<string, Inode>();
  const step = (line: string): Promise<void> => files.beforeStep(line);
  const makeInode = (bytes: Buffer, synced: Buffer): Inode => ({ number: nextNumber++, bytes, synced });

  function putDurable(path: string, bytes: Uint8Array): void {
    const inode = makeInode(Buffer.from(bytes), Buffer.from(bytes));
    names.set(path, inode);
    syncedNames.set(path, inode);
  }

  const files: MemoryFileSystem = {
    beforeStep: () => Promise.resolve(),
    peek: (path) => names.get(path)?.bytes,
    put: putDurable,
    paths: () => [...names.keys()],
    afterPowerCut(random) {
      const after = createMemoryFileSystem();
      const contents = new Map<Inode, Buffer>();
      for (const path of new Set([...names.keys(), ...syncedNames.keys()])) {
        const inode = random() < 0.5 ? names.get(path) : syncedNames.get(path);
        if (inode === undefined) continue;
        const bytes = contents.get(inode) ?? afterCut(inode, random);
        contents.set(inode, bytes);
        after.put(path, bytes);
      }
      return after;
    },
    makeFolder: () => Promise.resolve(),
    async create(path) {
      await step(`create ${path}`);
      const inode = makeInode(Buffer.alloc(0), Buffer.alloc(0));
      names.set(path, inode);
      return {
        async write(chunks) {
          const bytes = Buffer.concat(chunks);
          const half = bytes.byteLength >> 1;
          await step(`write ${path}`);
          inode.bytes = Buffer.concat([inode.bytes, bytes.subarray(0, half)]);
          await step(`write the rest of ${path}`);
          inode.bytes = Buffer.concat([inode.bytes, bytes.subarray(half)]);
        },
        async sync() {
          await step(`sync ${path}`);
          inode.synced = inode.bytes;
        },
        identity: async () => ({ inode: inode.number, byteCount: inode.bytes.byteLength }),
        close: () => Promise.resolve(),
      };
    },
    read: async (path) => names.get(path)?.bytes ?? null,
    readEnd: async (path, byteCountMax) => names.get(path)?.bytes.subarray(-byteCountMax) ?? null,
    identify: async (path) => {
      const inode = names.get(path);
      return inode === undefined ? null : { inode: inode.number, byteCount: inode.bytes.byteLength };
    },
    list: async (path) =>
      [...names.keys()]
        .filter((name) => dirname(name) === path)
        .map((name) => name.slice(join(path, "/").length)),
    async link(from, to) {
      await step(`link ${from} ${to}`);
      const inode = names.get(from);
      if (inode === undefined) throw failure("ENOENT");
      if (names.has(to)) throw failure("EEXIST");
      names.set(to, inode);
    },
    async rename(from, to) {
      await step(`rename ${from} ${to}`);
      const inode = names.get(from);
      if (inode === undefined) throw failure("ENOENT");
      if (names.get(to) === inode) return; // POSIX: two names of one file, nothing happens.
      names.delete(from);
      names.set(to, inode);
    },
    async remove(path) {
      await step(`remove ${path}`);
      names.delete(path);
    },
    openFolder: async (path) => ({
      async sync() {
        await step(`sync folder ${path}`);
        for (const name of new Set([...names.keys(), ...syncedNames.keys()])) {
          if (dirname(name) !== path) continue;
          const inode = names.get(name);
          if (inode === undefined) syncedNames.delete(name);
          else syncedNames.set(name, inode);
        }
      },
      close: () => Promise.resolve(),
    }),
  };
  return files;
}

function afterCut(inode: Inode, random: () => number): Buffer {
  if (inode.synced.equals(inode.bytes)) return inode.bytes;
  const length = inode.bytes.byteLength;
  switch (Math.floor(random() * 5)) {
    case 0:
      return inode.synced;
    case 1:
      return inode.bytes;
    case 2:
      return inode.bytes.subarray(0, Math.floor(random() * length));
    case 3: {
      const zeroed = Buffer.from(inode.bytes);
      return zeroed.fill(0, Math.floor(random() * length));
    }
    default:
      return Buffer.alloc(0);
  }
}
