/**
 * The readers for Linux: straight from /proc and /sys, a fraction of a millisecond each.
 * Why not systeminformation: it starts programs for the same figures (agent/health/README.md has the cost).
 * Must not: keep more than one of the four threads of Node's pool busy for disks and one for sensors. A dead disk can
 * hold a thread for hours, and name look-ups need one too.
 */
import { existsSync, readFileSync } from "node:fs";
import { readFile, readdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { DiskSample } from "../../shared/health.ts";
import {
  busyShare,
  chooseInterfaces,
  hottestCelsius,
  networkRates,
  parseInterfaces,
  parseLoad,
  parseLocalMounts,
  parseMemory,
  parseProcessorTimes,
  type InterfaceCounters,
  type ProcessorTimes,
} from "./linux-text.ts";
import type { HealthPart, HealthReader } from "./reader.ts";

/** /proc answers from the kernel's memory, so these are read synchronously and the limit is never met. */
const memoryLimitMs = 1_000;
/** A disk that spins up takes several seconds; one that needs longer is not well, and its field is left out. */
const disksLimitMs = 10_000;
/** Some sensor buses answer in hundreds of milliseconds each. */
const sensorsLimitMs = 5_000;
/** More sensors than this are not asked. */
const sensorsMax = 64;

/** `root` is "/" outside tests. */
export function linuxReaders(root = "/"): HealthReader[] {
  return [
    processorReader(root),
    loadReader(root),
    memoryReader(root),
    networkReader(root),
    disksReader(root),
    temperatureReader(root),
  ];
}

function processorReader(root: string): HealthReader {
  let before: ProcessorTimes | undefined;
  return {
    name: "processor",
    rhythm: 1,
    timeLimitMs: memoryLimitMs,
    read(): HealthPart {
      const now = parseProcessorTimes(readFileSync(join(root, "proc/stat"), "utf8"));
      const share = before !== undefined && now !== undefined ? busyShare(before, now) : undefined;
      before = now;
      return { cpu: share };
    },
  };
}

function loadReader(root: string): HealthReader {
  return {
    name: "load",
    rhythm: 1,
    timeLimitMs: memoryLimitMs,
    read: () => ({ load: parseLoad(readFileSync(join(root, "proc/loadavg"), "utf8")) }),
  };
}

function memoryReader(root: string): HealthReader {
  return {
    name: "memory",
    rhythm: 1,
    timeLimitMs: memoryLimitMs,
    read(): HealthPart {
      const sizes = parseMemory(readFileSync(join(root, "proc/meminfo"), "utf8"));
      if (sizes === undefined) return {};
      return {
        memoryTotalBytes: sizes.totalBytes,
        memoryUsedBytes: sizes.totalBytes - sizes.availableBytes,
        swapTotalBytes: sizes.swapTotalBytes,
        swapUsedBytes: sizes.swapTotalBytes - sizes.swapFreeBytes,
      };
    },
  };
}

function networkReader(root: string): HealthReader {
  let before: { readonly atMs: number; readonly counters: Map<string, InterfaceCounters> } | undefined;
  return {
    name: "network",
    rhythm: 1,
    timeLimitMs: memoryLimitMs,
    read(nowMs): HealthPart {
      const all = parseInterfaces(readFileSync(join(root, "proc/net/dev"), "utf8"));
      const hasHardware = (name: string) => existsSync(join(root, "sys/class/net", name, "device"));
      const counted = new Set(chooseInterfaces([...all.keys()], hasHardware));
      const counters = new Map([...all].filter(([name]) => counted.has(name)));
      const rates =
        before === undefined ? undefined : networkRates(before.counters, counters, nowMs - before.atMs);
      before = { atMs: nowMs, counters };
      return {
        networkReceivedBytesPerSecond: rates?.receivedBytesPerSecond,
        networkSentBytesPerSecond: rates?.sentBytesPerSecond,
      };
    },
  };
}

function disksReader(root: string): HealthReader {
  return {
    name: "disks",
    rhythm: 1,
    timeLimitMs: disksLimitMs,
    async read(): Promise<HealthPart> {
      const mounts = parseLocalMounts(await readFile(join(root, "proc/self/mountinfo"), "utf8"));
      const disks: DiskSample[] = [];
      // One after the other: see "Must not" above.
      for (const mount of mounts) {
        const disk = await readDisk(mount);
        if (disk !== undefined) disks.push(disk);
      }
      return { disks };
    },
  };
}

/** Used is what no ordinary program can get any more: with the part kept for root counted in, full is 100 %. */
async function readDisk(mount: string): Promise<DiskSample | undefined> {
  try {
    const figures = await statfs(mount);
    const sizeBytes = figures.blocks * figures.bsize;
    if (sizeBytes <= 0) return undefined;
    return { mount, sizeBytes, usedBytes: Math.max(0, sizeBytes - figures.bavail * figures.bsize) };
  } catch {
    // Gone since the list was read, or not for our eyes.
    return undefined;
  }
}

function temperatureReader(root: string): HealthReader {
  return {
    name: "temperature",
    rhythm: 1,
    timeLimitMs: sensorsLimitMs,
    async read(): Promise<HealthPart> {
      const sensors = await listSensors(root);
      const texts: string[] = [];
      for (const sensor of sensors.slice(0, sensorsMax)) {
        texts.push(await readFile(sensor, "utf8").catch(() => ""));
      }
      return { temperatureCelsius: hottestCelsius(texts) };
    },
  };
}

/** Hardware monitors; where there are none (boards, some VMs), the thermal zones. */
async function listSensors(root: string): Promise<string[]> {
  const monitors = await listFolder(join(root, "sys/class/hwmon"));
  const inputs: string[] = [];
  for (const monitor of monitors) {
    const files = await listFolder(monitor);
    inputs.push(...files.filter((file) => /\/temp\d+_input$/.test(file)));
  }
  if (inputs.length > 0) return inputs;
  const zones = await listFolder(join(root, "sys/class/thermal"));
  return zones.filter((zone) => /\/thermal_zone\d+$/.test(zone)).map((zone) => join(zone, "temp"));
}

async function listFolder(path: string): Promise<string[]> {
  const names = await readdir(path).catch(() => []);
  return names.map((name) => join(path, name));
}
