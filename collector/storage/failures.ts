/**
 * What the world can do to a file, put into one clear line for a person.
 * Why one place: every failure says which file, why, and what to do, in the same words.
 * Must not: decide whether something is tried again; the loop does.
 */
import { StoreError, StoreFailure } from "./storage.ts";

/** What an operator can do about an error code of the system. */
const advice: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full. Free some space on it",
  EDQUOT: "the disk quota is used up. Free some space or raise the quota",
  EACCES:
    "the permission is missing. Make the folder and its files belong to the user that runs the collector",
  EPERM: "it is not permitted. Make the folder and its files belong to the user that runs the collector",
  EROFS: "the file system is read-only. Mount it writable or choose another folder",
  EIO: "the disk reported an error. Check the disk and the system's log",
  ENOTDIR: "a part of the path is a file, not a folder. Choose another folder or move that file away",
  EEXIST: "there is a file where a folder is needed. Choose another folder or move that file away",
  EISDIR: "there is a folder where a file is needed. Move that folder away",
  ENOENT: "it is not there (any more). Check that the folder exists and is mounted",
  ESTALE: "the network share was lost. Mount it again",
  EMFILE: "too many files are open in this process. Raise its limit of open files",
  ENFILE: "too many files are open on this machine. Raise the machine's limit of open files",
};

/** The error code of the system (`ENOSPC` …), or null when this is no system error. */
export function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  const code: unknown = error.code;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : null;
}

/**
 * Turns an error of the system into a `StoreFailure` that names the file and the way out. Store errors pass through.
 * Anything else is a bug of ours and comes back as it is.
 */
export function storeFailure(error: unknown, doing: string, path: string): Error {
  if (error instanceof StoreError) return error;
  const code = systemCode(error);
  if (code === null) return error instanceof Error ? error : new Error(String(error));
  const reason = advice[code] ?? `the system answered ${code}. Look this code up and mend its cause`;
  return new StoreFailure(`Could not ${doing} ${path}: ${reason} (${code}). Nothing was changed.`, {
    cause: error,
  });
}
