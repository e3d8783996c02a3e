/**
 * Writes a file whole or not at all, and durably when asked: temporary file, fsync, rename, fsync of the folder.
 * Why: a power cut at any moment leaves the old identity or the new one, never half of one.
 * Must not: leave what it writes readable for others, or follow a temporary file that somebody else put there.
 */
import { constants } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** `durable`: on the disk when it resolves. Rejects with the file system's error; the old file is then still whole. */
export async function writeWholeFile(
  path: string,
  content: string,
  options: { readonly durable: boolean },
): Promise<void> {
  const temporary = `${path}.${process.pid}.new`;
  await rm(temporary, { force: true });
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  const file = await open(temporary, flags, 0o600);
  try {
    await file.chmod(0o600);
    await ownAsFolder(dirname(path), (uid, gid) => file.chown(uid, gid));
    await file.writeFile(content);
    if (options.durable) await file.sync();
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
  await file.close();
  await rename(temporary, path);
  if (options.durable && process.platform !== "win32") {
    const folder = await open(dirname(path), "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}

/** The service may run as a user of its own: what root writes into its folder must stay readable for it. */
export async function ownAsFolder(
  folder: string,
  chown: (uid: number, gid: number) => Promise<void>,
): Promise<void> {
  if (process.platform === "win32" || process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(folder);
  if (uid !== 0) await chown(uid, gid);
}
