/**
 * A disk of a few kilobytes, where the system lets us have one: a tmpfs, mounted and unmounted by the test.
 * Must not: leave it mounted; every test that opens one closes it.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TinyDisk {
  readonly path: string;
  close(): void;
}

export function openTinyDisk(kilobytes: number): TinyDisk {
  const path = mkdtempSync(join(tmpdir(), "detak-agent-disk-"));
  mkdirSync(path, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "none", path], { stdio: "pipe" });
  let open = true;
  return {
    path,
    close() {
      if (!open) return;
      open = false;
      execFileSync("umount", ["-l", path], { stdio: "pipe" });
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Why there is none here, for the name of the test that is skipped; empty: there is. */
export function noTinyDisk(): string {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return " (skipped: mounting needs root on Linux)";
  try {
    openTinyDisk(64).close();
    return "";
  } catch {
    return " (skipped: this system does not let root mount a tmpfs)";
  }
}
