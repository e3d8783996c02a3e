/**
 * The health sample and the inventory: names, units and ranges both ends agree on.
 * Why schemas: everything an agent sends is hostile text until it has been parsed here.
 * Must not: read any system; the agent's readers do that.
 */
import * as z from "zod";

/** Bytes, up to 2^53. */
const bytes = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const ratio = z.number().min(0).max(1);
const text = (max: number) => z.string().max(max);

export const diskSample = z.object({
  /** Mount point or drive letter. */
  mount: text(200),
  sizeBytes: bytes,
  usedBytes: bytes,
});

/** What a heartbeat carries now and then. A field that could not be read is absent, never zero. */
export const healthSample = z.object({
  /** Share of all processors that was busy since the sample before, 0 to 1. */
  cpu: ratio.optional(),
  /** Load averages of 1, 5 and 15 minutes (not on Windows). */
  load: z.tuple([z.number().min(0), z.number().min(0), z.number().min(0)]).optional(),
  memoryTotalBytes: bytes.optional(),
  /** Total less what is available to new programs. */
  memoryUsedBytes: bytes.optional(),
  swapTotalBytes: bytes.optional(),
  swapUsedBytes: bytes.optional(),
  /** Real file systems only, largest first, at most 32. */
  disks: z.array(diskSample).max(32).optional(),
  /** Bytes per second over all real interfaces since the sample before. */
  networkReceivedBytesPerSecond: bytes.optional(),
  networkSentBytesPerSecond: bytes.optional(),
  /** The hottest sensor, °C. */
  temperatureCelsius: z.number().min(-100).max(300).optional(),
  /** Since the host booted. */
  uptimeSeconds: z.number().min(0).max(1e10).optional(),
});
export type HealthSample = z.infer<typeof healthSample>;
export type DiskSample = z.infer<typeof diskSample>;

/** What rarely changes: sent after a session begins and then once a day. */
export const inventory = z.object({
  hostName: text(255),
  /** Node's names: linux, win32, darwin … */
  platform: text(32),
  /** e.g. `Debian GNU/Linux 12 (bookworm)`. */
  osName: text(200),
  kernel: text(200),
  arch: text(32),
  cpuModel: text(200),
  cpuCount: z.number().int().min(0).max(100_000),
  memoryTotalBytes: bytes.optional(),
  manufacturer: text(200).optional(),
  model: text(200).optional(),
  virtual: z.boolean().optional(),
});
export type Inventory = z.infer<typeof inventory>;
