/**
 * What a health reader is, and the few words all of them share.
 * Why: linux.ts and portable.ts offer readers; sampler.ts runs them, each apart from the others and from the beats.
 * Must not: read anything itself.
 */
import type { HealthSample } from "../../shared/health.ts";

/** What one reader contributes. A field it could not read is absent. */
export type HealthPart = { [Field in keyof HealthSample]?: HealthSample[Field] | undefined };

export interface HealthReader {
  readonly name: string;
  /** Read once per this many health intervals: what changes slowly or costs much is read less often. */
  readonly rhythm: number;
  /** A reading that takes longer is given up; the next one starts only after it has really ended. */
  readonly timeLimitMs: number;
  /** `nowMs`: the monotonic time of this reading, for what is counted per second. May throw, hang or be slow. */
  read(nowMs: number): HealthPart | Promise<HealthPart>;
}
