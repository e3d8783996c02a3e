/**
 * One running agent per state folder: a file that names the process, and heals by itself after a crash.
 * Why: two agents with one identity would take the session from each other all day.
 * Must not: believe a process number alone; after a reboot it may be anybody's.
 */
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AgentFailure, errorCode } from "./failure.ts";

export interface StateLock {
  /** False: the folder takes no file now (full, read-only), so nothing keeps a second agent away. */
  readonly held: boolean;
  /** Idempotent. */
  close(): void;
}

interface Holder {
  readonly pid: number;
  readonly bootId: string;
  /** Linux: when the process started, in ticks since boot; empty elsewhere. */
  readonly startedTicks: string;
}

const lockFileName = "agent.lock";
/** Two starters that heal the same stale lock at once: one of them finds the other's after at most this many tries. */
const triesMax = 3;

/** Takes the lock. Throws AgentFailure when a living agent holds it, or the folder is not ours to write. */
export function lockStateDir(stateDir: string, bootId: string): StateLock {
  const path = join(stateDir, lockFileName);
  const own: Holder = { pid: process.pid, bootId, startedTicks: startedTicks(process.pid) };
  const content = JSON.stringify(own);
  const temporary = `${path}.${process.pid}.new`;
  try {
    // Written first and linked then: nobody ever reads half a lock.
    writeFileSync(temporary, content, { mode: 0o600 });
    for (let tries = 0; tries < triesMax; tries += 1) {
      if (linked(temporary, path)) return { held: true, close: () => release(path, content) };
      const found = readLock(path);
      const holder = found === null ? null : parseHolder(found);
      if (holder !== null && isAlive(holder, bootId)) throw held(stateDir, holder.pid);
      // Stale. Only what was judged is removed.
      if (readLock(path) === found) rmSync(path, { force: true });
    }
    throw held(stateDir, 0);
  } catch (error) {
    if (error instanceof AgentFailure) throw error;
    // A server whose disk is full is one to be heard of: beats need no disk.
    if (diskTakesNothing.has(errorCode(error))) return { held: false, close: () => undefined };
    throw new AgentFailure(
      {
        id: `Folder ${stateDir} tidak dapat ditulis (${errorCode(error)}).`,
        en: `The folder ${stateDir} cannot be written (${errorCode(error)}).`,
      },
      error,
    );
  } finally {
    removed(temporary);
  }
}

const diskTakesNothing: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EROFS"]);

function removed(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A disk that takes nothing may give nothing away either.
  }
}

/** The process number of the living agent that holds the folder; null when none does. */
export function lockHolder(stateDir: string, bootId: string): number | null {
  const found = readLock(join(stateDir, lockFileName));
  const holder = found === null ? null : parseHolder(found);
  return holder !== null && isAlive(holder, bootId) ? holder.pid : null;
}

function held(stateDir: string, pid: number): AgentFailure {
  const who = pid === 0 ? "" : ` (pid ${pid})`;
  return new AgentFailure({
    id: `Agen lain${who} sudah berjalan dengan folder ${stateDir}.`,
    en: `Another agent${who} is already running with the folder ${stateDir}.`,
  });
}

function linked(temporary: string, path: string): boolean {
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

function readLock(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}

function release(path: string, content: string): void {
  try {
    if (readLock(path) === content) rmSync(path, { force: true });
  } catch {
    // The next start heals it.
  }
}

function parseHolder(text: string): Holder | null {
  try {
    const record = JSON.parse(text) as Partial<Holder>;
    const { pid, bootId, startedTicks: ticks } = record;
    if (typeof pid !== "number" || !Number.isInteger(pid) || pid <= 0) return null;
    if (typeof bootId !== "string" || typeof ticks !== "string") return null;
    return { pid, bootId, startedTicks: ticks };
  } catch {
    return null;
  }
}

function isAlive(holder: Holder, bootId: string): boolean {
  if (holder.bootId !== bootId) return false;
  // An earlier process that had our number: in a container the agent is process 1 each time.
  if (holder.pid === process.pid) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives, as somebody else.
    if (errorCode(error) !== "EPERM") return false;
  }
  return holder.startedTicks === "" || startedTicks(holder.pid) === holder.startedTicks;
}

/** Field 22 of /proc/<pid>/stat; the name before it may hold spaces and brackets, so counted from its last bracket. */
function startedTicks(pid: number): string {
  if (process.platform !== "linux") return "";
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
