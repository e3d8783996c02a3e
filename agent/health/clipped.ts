/**
 * Makes what the readers found fit the shared schema, field by field.
 * Why: one strange value (a broken sensor, a mount point of 300 characters) must cost its own field, never the beat.
 * Must not: invent a value; what does not fit is left out.
 */
import { healthSample, type DiskSample, type HealthSample } from "../../shared/health.ts";
import type { HealthPart } from "./reader.ts";

/** As the schema allows: the largest are the ones people look for. */
const disksMax = 32;

/** A valid sample, or undefined when no field is left. */
export function clippedSample(part: HealthPart): HealthSample | undefined {
  const candidate: HealthPart = {
    ...part,
    cpu: typeof part.cpu === "number" ? rounded(part.cpu, 3) : undefined,
    disks: Array.isArray(part.disks) ? largestDisks(part.disks) : undefined,
    uptimeSeconds: typeof part.uptimeSeconds === "number" ? Math.round(part.uptimeSeconds) : undefined,
  };
  const fitting: Record<string, unknown> = {};
  for (const [field, schema] of Object.entries(healthSample.shape)) {
    const value = candidate[field as keyof HealthSample];
    if (value === undefined) continue;
    const result = schema.safeParse(value);
    if (result.success) fitting[field] = result.data;
  }
  return Object.keys(fitting).length === 0 ? undefined : fitting;
}

function largestDisks(disks: readonly DiskSample[]): DiskSample[] {
  const element = healthSample.shape.disks.unwrap().element;
  return disks
    .filter((disk) => element.safeParse(disk).success)
    .sort((left, right) => right.sizeBytes - left.sizeBytes)
    .slice(0, disksMax);
}

function rounded(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.min(1, Math.max(0, Math.round(value * scale) / scale));
}
