/**
 * Takes away what a campaign made, found by its name and its maker's process id: at an interrupt, and after one that was
 * itself killed.
 * Must not: touch anything whose name does not say that a campaign made it.
 */
import { execFile } from "node:child_process";
import { readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { clearNamespace, ourNamespaces } from "./namespaces.ts";

const execute = promisify(execFile);
const FOLDER = /^detak-campaign-(\d+)$/;

/** The folder of all worlds of this campaign. */
export function campaignFolder(): string {
  return join(tmpdir(), `detak-campaign-${process.pid}`);
}

/** Namespaces with the programs in them, small disks and folders of the makers that `isGone` names. */
export async function removeLeftovers(isGone: (maker: number) => boolean | Promise<boolean>): Promise<void> {
  for (const { name, maker } of await ourNamespaces()) if (await isGone(maker)) await clearNamespace(name);
  for (const entry of await readdir(tmpdir())) {
    const maker = FOLDER.exec(entry)?.[1];
    if (maker === undefined || !(await isGone(Number(maker)))) continue;
    const folder = join(tmpdir(), entry);
    for (const mount of await mountsBelow(folder)) await execute("umount", ["--lazy", mount]);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether no process of this id runs. */
export async function isNotRunning(pid: number): Promise<boolean> {
  return readFile(`/proc/${pid}/stat`, "utf8").then(
    (stat) => stat.includes(") Z "),
    () => true,
  );
}

async function mountsBelow(folder: string): Promise<readonly string[]> {
  const lines = (await readFile("/proc/self/mounts", "utf8")).split("\n");
  return lines.map((line) => line.split(" ")[1] ?? "").filter((path) => path.startsWith(`${folder}/`));
}
