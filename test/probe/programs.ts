/**
 * Ping programs for tests: which real ones are here, and small ones that misbehave on command.
 */
import { access, chmod, constants, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** The full path of a program in PATH; null: not here. */
export async function installed(name: string): Promise<string | null> {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const file = join(folder, name);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return null;
}

export interface ProgramFolder {
  readonly path: string;
  /** A shell script under this name. */
  script(name: string, ...lines: readonly string[]): Promise<string>;
  link(name: string, target: string): Promise<string>;
  close(): Promise<void>;
}

/** A folder to be used as PATH. */
export async function createProgramFolder(): Promise<ProgramFolder> {
  const path = await mkdtemp(join(tmpdir(), "detak-programs-"));
  return {
    path,
    async script(name, ...lines) {
      const file = join(path, name);
      await writeFile(file, ["#!/bin/sh", ...lines, ""].join("\n"));
      await chmod(file, 0o755);
      return file;
    },
    async link(name, target) {
      await symlink(target, join(path, name));
      return join(path, name);
    },
    close: () => rm(path, { recursive: true, force: true }),
  };
}

/** True while a process with this id exists. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
