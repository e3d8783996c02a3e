/**
 * A small file in which the running agent says how it is, and its reading for `detak-agent status`.
 * Why a file: the agent opens no port; whoever may read the state folder may ask.
 * Must not: delay a heartbeat or wear out a disk: it is written apart, seldom, without fsync.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createLane, type Lane } from "./lane.ts";
import type { Problem } from "./session-types.ts";
import { writeWholeFile } from "./whole-file.ts";

export interface AgentStatus {
  readonly pid: number;
  readonly agentVersion: string;
  readonly collectorUrl: string;
  readonly serverId: string;
  /** Wall times, RFC 3339; null where it never happened. */
  readonly writtenAt: string;
  readonly connectedSince: string | null;
  readonly lastAckAt: string | null;
  readonly redialAt: string | null;
  /** Why there is no session now; null in an open one. */
  readonly problem: Problem | null;
  /** The newest problem since the start, also when it is over. */
  readonly lastProblem: Problem | null;
  readonly lastProblemAt: string | null;
}

const statusFileName = "status.json";

export const statusLimits = {
  /** Between two writings: 10 s bounds what a session that comes and goes may write. */
  leastBetweenMs: 10_000,
  /** While only acks come: a minute's truth for `status`, 1,440 writings of 500 bytes a day. */
  calmBetweenMs: 60_000,
} as const;

export interface StatusWriter {
  /** The status has changed. `urgent`: more than another ack. */
  changed(urgent: boolean): void;
  /** Writes the status a last time and ends; idempotent. */
  close(): Promise<void>;
}

/**
 * `compose` is asked for the status when it is written; `now` is monotonic, ms. Failures are told once to `warn`. `lane`:
 * shared with whatever else writes to the same disk.
 */
export function openStatus(
  stateDir: string,
  compose: () => AgentStatus,
  now: () => number,
  warn: (detail: string) => void,
  lane: Lane = createLane(),
): StatusWriter {
  const path = join(stateDir, statusFileName);
  // As if written long enough ago for news, not for a program that has only begun to dial.
  let writtenAtMs = now() - statusLimits.leastBetweenMs;
  let timer: NodeJS.Timeout | undefined;
  let dueAtMs = Number.POSITIVE_INFINITY;
  let writing: Promise<void> | undefined;
  let again = false;
  let closed = false;
  let warned = false;

  const write = (): void => {
    clearTimeout(timer);
    dueAtMs = Number.POSITIVE_INFINITY;
    if (writing !== undefined) {
      again = true;
      return;
    }
    writtenAtMs = now();
    const text = `${JSON.stringify(compose(), null, 2)}\n`;
    writing = lane
      .run(() => writeWholeFile(path, text, { durable: false }))
      .catch((error: unknown) => {
        if (!warned) warn(error instanceof Error ? error.message : String(error));
        warned = true;
      })
      .finally(() => {
        writing = undefined;
        if (again && !closed) plan(statusLimits.leastBetweenMs);
        again = false;
      });
  };
  const plan = (betweenMs: number): void => {
    const atMs = Math.max(now(), writtenAtMs + betweenMs);
    if (closed || atMs >= dueAtMs) return;
    clearTimeout(timer);
    dueAtMs = atMs;
    const delayMs = atMs - now();
    if (delayMs <= 0) {
      write();
      return;
    }
    timer = setTimeout(write, delayMs);
    timer.unref();
  };

  return {
    changed: (urgent) => plan(urgent ? statusLimits.leastBetweenMs : statusLimits.calmBetweenMs),
    async close() {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      await writing;
      write();
      await writing;
    },
  };
}

/** What the agent last said; null when it never did, or something unreadable. */
export async function readStatus(stateDir: string): Promise<AgentStatus | null> {
  try {
    const status: unknown = JSON.parse(await readFile(join(stateDir, statusFileName), "utf8"));
    return isStatus(status) ? status : null;
  } catch {
    return null;
  }
}

function isStatus(value: unknown): value is AgentStatus {
  if (typeof value !== "object" || value === null) return false;
  const status = value as Partial<Record<keyof AgentStatus, unknown>>;
  return (
    typeof status.pid === "number" &&
    typeof status.collectorUrl === "string" &&
    typeof status.writtenAt === "string" &&
    (status.problem === null || typeof status.problem === "object")
  );
}
