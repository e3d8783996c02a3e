/**
 * Which boot of the host this is, and the clock that runs through its sleep.
 * Why: a new boot id tells the collector of a reboot; the boot clock against the monotonic one tells of a suspend.
 * Must not: use the wall clock where the kernel has something better.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { uptime } from "node:os";
import { join } from "node:path";
import { writeWholeFile } from "./whole-file.ts";

/** Boot times that differ by less are the same boot: the wall clock they are computed from is mended by NTP. */
const sameBootMs = 2 * 60_000;

/** Since the host booted, time asleep included, ms. */
export function bootClockMs(): number {
  return uptime() * 1000;
}

/** When this program started, on the boot clock. */
export function agentStartedBootMs(): number {
  return Math.max(0, Math.round(bootClockMs() - process.uptime() * 1000));
}

/**
 * The same until the host boots again. Linux says it; elsewhere it is a random id kept in the state folder beside the
 * boot time it belongs to. A folder that cannot be written there gives a new id at each start: a reboot too many is
 * shown, nothing worse.
 */
export async function readBootId(stateDir: string): Promise<string> {
  if (process.platform === "linux") {
    try {
      const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      if (bootId !== "") return bootId;
    } catch {
      // A sandbox without it: as on other platforms.
    }
  }
  return keptBootId(stateDir, Date.now() - bootClockMs());
}

/** `bootedAtMs`: wall time of the boot, as now computed. Exported for its test. */
export async function keptBootId(stateDir: string, bootedAtMs: number): Promise<string> {
  const path = join(stateDir, "boot.json");
  try {
    const kept = JSON.parse(await readFile(path, "utf8")) as { bootId?: unknown; bootedAtMs?: unknown };
    if (typeof kept.bootId === "string" && kept.bootId !== "" && typeof kept.bootedAtMs === "number") {
      if (Math.abs(kept.bootedAtMs - bootedAtMs) < sameBootMs) return kept.bootId;
    }
  } catch {
    // None yet, or damaged: a new one.
  }
  const bootId = randomUUID();
  await writeWholeFile(path, JSON.stringify({ bootId, bootedAtMs }), { durable: false }).catch(
    () => undefined,
  );
  return bootId;
}
