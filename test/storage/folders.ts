/**
 * Temporary folders for the tests of the store, and a copy of one as a kill −9 would leave it.
 */
import { promises as node } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export function makeFolder(): Promise<string> {
  return node.mkdtemp(join(tmpdir(), "detak-storage-"));
}

export function removeFolder(folder: string): Promise<void> {
  return node.rm(folder, { recursive: true, force: true });
}

/** What a fresh process finds if this one died now: the files as they are; sockets of the dead answer nobody. */
export async function copyAsKilled(folder: string): Promise<string> {
  const copy = await makeFolder();
  await copyFiles(folder, copy);
  return copy;
}

async function copyFiles(from: string, to: string): Promise<void> {
  for (const entry of await node.readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) {
      await node.mkdir(target);
      await copyFiles(source, target);
    } else if (entry.isFile()) {
      // A temporary file may be gone by now; a file under its last name never is.
      const bytes = await node.readFile(source).catch(() => null);
      if (bytes !== null) await node.writeFile(target, bytes);
    }
  }
}
