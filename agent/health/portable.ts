/**
 * The readers for platforms other than Linux: processors and memory from node:os, the rest from the child, rarely.
 * Why rarely: each of those readings starts programs (PowerShell, df, netstat …), hundreds of milliseconds of CPU.
 * Must not: be used on Linux, where linux.ts reads the same for next to nothing.
 */
import { cpus, freemem, loadavg, totalmem, uptime } from "node:os";
import { networkRates, type InterfaceCounters } from "./linux-text.ts";
import { busyShare, type ProcessorTimes } from "./linux-text.ts";
import type { HealthPart, HealthReader } from "./reader.ts";
import { childLimits, type ChildAnswer } from "./system-child.ts";

/** node:os answers from the kernel at once. */
const memoryLimitMs = 1_000;
/** Five health intervals, 5 minutes: about 1 s of CPU each on Windows, under 5 minutes a day. */
const childRhythm = 5;

/** Uptime, on every platform. */
export function uptimeReader(): HealthReader {
  return {
    name: "uptime",
    rhythm: 1,
    timeLimitMs: memoryLimitMs,
    read: () => ({ uptimeSeconds: uptime() }),
  };
}

/** `ask` puts the question `figures` to the child. */
export function portableReaders(
  platformName: NodeJS.Platform,
  ask: () => Promise<ChildAnswer>,
): HealthReader[] {
  const readers = [processorReader(), figuresReader(ask)];
  // macOS counts as free only what was never used: there the child's figure is the right one.
  if (platformName !== "darwin") readers.push(memoryReader());
  if (platformName !== "win32") readers.push(loadReader());
  return readers;
}

function processorReader(): HealthReader {
  let before: ProcessorTimes | undefined;
  return {
    name: "processor",
    rhythm: 1,
    timeLimitMs: memoryLimitMs,
    read(): HealthPart {
      let busy = 0;
      let total = 0;
      for (const { times } of cpus()) {
        const active = times.user + times.nice + times.sys + times.irq;
        busy += active;
        total += active + times.idle;
      }
      const now: ProcessorTimes = { busy, total };
      const share = before === undefined ? undefined : busyShare(before, now);
      before = now;
      return { cpu: share };
    },
  };
}

function memoryReader(): HealthReader {
  return {
    name: "memory",
    rhythm: 1,
    timeLimitMs: memoryLimitMs,
    read: () => ({ memoryTotalBytes: totalmem(), memoryUsedBytes: totalmem() - freemem() }),
  };
}

function loadReader(): HealthReader {
  return {
    name: "load",
    rhythm: 1,
    timeLimitMs: memoryLimitMs,
    read(): HealthPart {
      const [one = 0, five = 0, fifteen = 0] = loadavg();
      return { load: [one, five, fifteen] };
    },
  };
}

function figuresReader(ask: () => Promise<ChildAnswer>): HealthReader {
  let before: { readonly atMs: number; readonly counters: Map<string, InterfaceCounters> } | undefined;
  return {
    name: "figures",
    rhythm: childRhythm,
    timeLimitMs: childLimits.timeLimitMs + 1_000,
    async read(nowMs): Promise<HealthPart> {
      const result = await ask();
      if (!result.ok) throw new Error(result.problem);
      const health = result.answer["health"];
      const receivedBytes = result.answer["receivedBytes"];
      const sentBytes = result.answer["sentBytes"];
      let rates: ReturnType<typeof networkRates>;
      if (typeof receivedBytes === "number" && typeof sentBytes === "number") {
        const counters = new Map([["all", { receivedBytes, sentBytes }]]);
        if (before !== undefined) rates = networkRates(before.counters, counters, nowMs - before.atMs);
        before = { atMs: nowMs, counters };
      }
      return {
        // Every field is checked against the shared schema before it is sent (clipped.ts).
        ...(typeof health === "object" ? health : {}),
        networkReceivedBytesPerSecond: rates?.receivedBytesPerSecond,
        networkSentBytesPerSecond: rates?.sentBytesPerSecond,
      };
    },
  };
}
