/**
 * A wall clock that can be wrong and step, for one process: libfaketime, told by a file.
 * Must not: touch any other clock; a step of the wall clock moves neither the monotonic nor the boot clock.
 */
import { existsSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";

/** Distributions keep it in a folder named after the machine. This one of its two files is for programs with threads. */
const LIBRARIES = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map(
  (folder) => `/usr/lib/${folder}/faketime/libfaketimeMT.so.1`,
);

/** Where it lies; null: it is not installed (the package is called `libfaketime`). */
export function fakeTimeLibrary(): string | null {
  return LIBRARIES.find((path) => existsSync(path)) ?? null;
}

/** The environment of a process whose wall clock the file rules. */
export function fakeTimeSettings(clockFile: string): Readonly<Record<string, string>> {
  const library = fakeTimeLibrary();
  if (library === null) throw new Error("libfaketime is not installed");
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: clockFile,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  };
}

/** So many seconds off from now on. */
export async function writeClock(clockFile: string, seconds: number): Promise<void> {
  // Renamed into place: the library reads the file at any moment, and would take an empty one for garbage.
  await writeFile(`${clockFile}.new`, `${seconds < 0 ? "" : "+"}${seconds}\n`);
  await rename(`${clockFile}.new`, clockFile);
}
