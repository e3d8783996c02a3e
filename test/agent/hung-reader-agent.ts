/**
 * An agent whose readers misbehave in every way: for the test that beats do not care. Its one argument: the state folder.
 */
import { bootClockMs, readBootId } from "../../agent/boot.ts";
import type { HealthReader } from "../../agent/health/reader.ts";
import { loadIdentity } from "../../agent/identity.ts";
import { createLog } from "../../agent/log.ts";
import { serve } from "../../agent/serve.ts";
import type { StopReason } from "../../agent/session-types.ts";

const readers: readonly HealthReader[] = [
  { name: "hangs", rhythm: 1, timeLimitMs: 5_000, read: () => new Promise(() => undefined) },
  {
    name: "throws",
    rhythm: 1,
    timeLimitMs: 5_000,
    read: () => {
      throw new Error("broken");
    },
  },
  {
    name: "late",
    rhythm: 1,
    timeLimitMs: 5_000,
    read: () => new Promise((resolve) => setTimeout(resolve, 60_000, {})),
  },
  { name: "load", rhythm: 1, timeLimitMs: 5_000, read: () => ({ load: [1, 2, 3] }) },
];

async function main(stateDir: string): Promise<void> {
  const identity = await loadIdentity(stateDir, () => undefined);
  if (identity === null) throw new Error("not enrolled");
  await serve({
    stateDir,
    identity,
    bootId: await readBootId(stateDir),
    log: createLog(
      "info",
      (line) => process.stdout.write(line),
      () => Date.now(),
    ),
    now: () => performance.now(),
    bootClock: bootClockMs,
    wallClock: () => Date.now(),
    publicAddresses: null,
    stop: new Promise<StopReason>((resolve) => process.on("SIGTERM", () => resolve("agent_stopped"))),
    readers,
  });
  process.exit(0);
}

void main(process.argv[2] ?? "");
