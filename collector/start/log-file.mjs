/**
 * A log file that never grows without end: one file being written, one before it.
 * Why: the terminal of `npm start` is for people; what happened in detail must still be found afterwards.
 * Must not: stop the program it writes for when the disk is full.
 */
import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Weeks of a calm collector; with the file before it at most twice this. */
const BYTES_MAX = 10 * 1024 * 1024;

/** Begins a new file; the last one is kept as `<file>.1`. A file that cannot be written is a log that is not kept. */
export function openLog(file) {
  let descriptor = null;
  let bytes = 0;
  const begin = () => {
    try {
      mkdirSync(dirname(file), { recursive: true });
      if (sizeOf(file) > 0) renameSync(file, `${file}.1`);
      descriptor = openSync(file, "w", 0o600);
      bytes = 0;
    } catch {
      descriptor = null;
    }
  };
  const end = () => {
    if (descriptor !== null) closeSync(descriptor);
    descriptor = null;
  };
  begin();
  return {
    file,
    /** False: not kept. */
    write(line) {
      if (descriptor === null) return false;
      if (bytes > BYTES_MAX) {
        end();
        begin();
        if (descriptor === null) return false;
      }
      try {
        bytes += writeSync(descriptor, `${line}\n`);
        return true;
      } catch {
        return false;
      }
    },
    close: end,
  };
}

function sizeOf(file) {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}
