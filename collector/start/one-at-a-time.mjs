/**
 * Lets one process of this checkout do something while others wait.
 * Why: two npm scripts at once would each empty node_modules, or write half of dist, under the other.
 * Must not: import a package (it guards their installation).
 */
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Longer than any installation; then the holder is thought to hang and the caller gives up. */
const WAIT_MS = 15 * 60_000;
const LOOK_AGAIN_MS = 200;

/**
 * Runs `work` while no other process runs one under the same `folder`; the folder is the lock and is removed after.
 * `onWait` is called once when somebody else is at it. The lock of a process that died is taken over.
 */
export async function oneAtATime(folder, work, onWait = () => {}) {
  await mkdir(dirname(folder), { recursive: true });
  const deadline = Date.now() + WAIT_MS;
  let waited = false;
  while (!(await take(folder))) {
    if (await removeAbandoned(folder)) continue;
    if (!waited) onWait();
    waited = true;
    if (Date.now() > deadline)
      throw new Error(`another process has held ${folder} for 15 minutes; if it is gone, remove that folder`);
    await delay(LOOK_AGAIN_MS);
  }
  // A folder whose owner dies without a farewell (SIGKILL) is taken over by the next; Ctrl-C is common enough to tidy up.
  try {
    return await work();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function take(folder) {
  // Prepared aside and renamed into place, so that the owner is in it from its first moment on.
  const prepared = `${folder}.${process.pid}`;
  await mkdir(prepared, { recursive: true });
  await writeFile(join(prepared, "owner"), String(process.pid));
  try {
    await rename(prepared, folder);
    return true;
  } catch {
    await rm(prepared, { recursive: true, force: true });
    return false;
  }
}

async function removeAbandoned(folder) {
  const owner = await ownerOf(folder);
  if (owner === null || isRunning(owner)) return false;
  // Two may find it abandoned: the rename lets one of them win. Should a third have taken it anew in between, it is
  // put back.
  const aside = `${folder}.abandoned.${process.pid}`;
  try {
    await rename(folder, aside);
  } catch {
    return true;
  }
  if ((await ownerOf(aside)) !== owner) await rename(aside, folder).catch(() => {});
  await rm(aside, { recursive: true, force: true });
  return true;
}

async function ownerOf(folder) {
  try {
    return Number(await readFile(join(folder, "owner"), "utf8"));
  } catch {
    return null;
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
