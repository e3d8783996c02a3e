/**
 * A file that is kept open and only ever added to.
 * Why not `appendFile` of node:fs/promises: that opens and closes each time, three turns of the thread pool and a handle
 * for 50 bytes, 6,000 times a day; this is one.
 * Must not: be used for what must be whole or nothing (whole-file.ts).
 */
import { close, fdatasync, open, write } from "node:fs";

export interface AppendFile {
  /** Resolves when the system has all of it; rejects with its error, after which any part of the text may be there. */
  append(text: string): Promise<void>;
  /** Resolves when it is on the disk. */
  sync(): Promise<void>;
  /** Idempotent; never rejects. */
  close(): Promise<void>;
}

/** Made, for its owner only, when it is not there. Rejects with the file system's error. */
export function openAppendFile(path: string): Promise<AppendFile> {
  return new Promise((resolve, reject) => {
    open(path, "a", 0o600, (error, descriptor) => {
      if (error === null) resolve(appendFileOf(descriptor));
      else reject(error);
    });
  });
}

function appendFileOf(descriptor: number): AppendFile {
  let open = true;
  return {
    append: (text) => written(descriptor, Buffer.from(text, "utf8")),
    sync: () =>
      new Promise((resolve, reject) => {
        fdatasync(descriptor, (error) => (error === null ? resolve() : reject(error)));
      }),
    close: () =>
      new Promise((resolve) => {
        if (!open) return resolve();
        open = false;
        close(descriptor, () => resolve());
      }),
  };
}

/** A disk that is nearly full takes a part, and says so only by its number; the next part then has the error. */
function written(descriptor: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (from: number): void => {
      write(descriptor, bytes, from, bytes.length - from, null, (error, count) => {
        if (error !== null) reject(error);
        else if (from + count < bytes.length) next(from + count);
        else resolve();
      });
    };
    next(0);
  });
}
