/**
 * When the collector could hear, as seen from outside, and what detection.md grants for each time that it could not.
 * Why again here: the oracle must know by itself from when on a verdict is allowed and until when it is due; the core's
 * own hearing clock is what is being judged.
 * Must not: read the core's state.
 *
 * All bounds are pairs, as the moments of ticks are not known exactly: `Min` never too late, `Max` never too early.
 */
import type { Plan } from "./plan.ts";

/** Rounding, and the commit a tick may wait behind. */
const SLOP_MS = 100;
/** Volatile facts that a restart may have lost count as heard: η/3 (SPEC H8). */
const LOSS_INTERVALS = 1 / 3;

export class HearingTruth {
  readonly #plan: Plan;
  readonly #tickMs: number;
  /** No verdict before this: a grace, and one fresh round. */
  earliestMs = 0;
  /** A verdict that was due before is due now: the end of grace or drain. */
  latestMs = 0;
  /** Since when it says that it is cut off; null: it is not. */
  isolatedSinceMs: number | null = null;
  /** The newest time at which hearing was disturbed in any way. */
  disturbedMs = 0;
  #graceEndMinMs = 0;
  #graceEndMaxMs = 0;
  /** When the newest gap may have been seen. */
  #gapSeenMs = Number.NEGATIVE_INFINITY;
  #drainStartMs = 0;
  #drainEndMaxMs = 0;

  constructor(plan: Plan, tickMs: number) {
    this.#plan = plan;
    this.#tickMs = tickMs;
  }

  /** The collector came up. Returns what that does to each server's silence. */
  started(nowMs: number): void {
    this.#grace(nowMs, this.#plan.downAfterMs / 2);
  }

  /** The collector found itself cut off: nobody may be judged until it is not, and a grace later. */
  isolated(nowMs: number): void {
    this.isolatedSinceMs ??= nowMs;
    this.disturbedMs = nowMs;
    this.latestMs = Number.POSITIVE_INFINITY;
  }

  /** It hears again: grace, as after a long gap. `certain`: not perhaps in the grace of a start meanwhile. */
  rejoined(nowMs: number, certain: boolean): void {
    this.isolatedSinceMs = null;
    this.latestMs = 0;
    if (certain) this.#grace(nowMs, (5 / 12) * this.#plan.downAfterMs);
    else this.perhapsRejoined(nowMs);
  }

  /** It may have been cut off until now without a word of it (a full disk, a start in between). */
  perhapsRejoined(nowMs: number): void {
    this.disturbedMs = Math.max(this.disturbedMs, nowMs);
    this.#perhapsGrace(nowMs, (5 / 12) * this.#plan.downAfterMs);
  }

  /** No grace or drain lasts beyond this. */
  get windowEndMs(): number {
    return Math.max(this.#graceEndMaxMs, this.#drainEndMaxMs);
  }

  /** In a grace, or cut off and said so: whatever it does then it does without hearing. `asOfMs`: when it decided. */
  isDeaf(asOfMs: number): boolean {
    return this.isolatedSinceMs !== null || asOfMs < this.#graceEndMinMs - this.#tickMs - SLOP_MS;
  }

  get lossMs(): number {
    return this.#plan.heartbeatIntervalMs * LOSS_INTERVALS;
  }

  /**
   * The process got no time from … to, or took no tick: then one that was stamped up to `slackMs` later may have waited. Returns the milliseconds of silence that count for nobody: at least and at most,
   * or "all counts" (`reset`) when a grace began, or perhaps did, after which all real time counts.
   */
  away(
    fromMs: number,
    toMs: number,
    slackMs: number,
  ): { readonly minMs: number; readonly maxMs: number; readonly reset: "yes" | "perhaps" | "no" } {
    const { heartbeatIntervalMs: interval, downAfterMs } = this.#plan;
    this.disturbedMs = toMs;
    const lateMaxMs = toMs - fromMs + SLOP_MS;
    const lateMinMs = toMs - fromMs - this.#tickMs - SLOP_MS - slackMs;
    const stallMs = interval / 3;
    const gapMs = (8 / 3) * interval;
    const gapGraceMs = (5 / 12) * downAfterMs;
    // No tick came since the gap before: it is seen only now.
    if (fromMs - this.#gapSeenMs <= this.#tickMs + SLOP_MS) this.#perhapsGrace(toMs, gapGraceMs);
    if (lateMaxMs <= stallMs) {
      this.latestMs = Math.max(this.latestMs, toMs);
      return { minMs: 0, maxMs: 0, reset: "no" };
    }
    if (lateMinMs > gapMs) {
      this.#grace(toMs, gapGraceMs);
      this.#gapSeenMs = toMs;
      return { minMs: 0, maxMs: 0, reset: "yes" };
    }
    const certainlyDrain = lateMinMs > stallMs && lateMaxMs <= gapMs;
    const drained = this.#drain(fromMs, toMs, certainlyDrain, slackMs);
    if (lateMaxMs > gapMs) {
      this.#perhapsGrace(toMs, gapGraceMs);
      this.#gapSeenMs = toMs;
      // Then what a stall before it took counts again, too.
      return { ...drained, minMs: 0, reset: "perhaps" };
    }
    return { ...drained, reset: "no" };
  }

  /** A grace that may have begun; it allows nothing to be sooner. */
  #perhapsGrace(nowMs: number, forMs: number): void {
    this.#graceEndMaxMs = Math.max(this.#graceEndMaxMs, nowMs + forMs + 2 * this.#tickMs);
    this.latestMs = Math.max(this.latestMs, this.#graceEndMaxMs + 2 * this.#plan.heartbeatIntervalMs);
  }

  #grace(nowMs: number, forMs: number): void {
    const { heartbeatIntervalMs: interval } = this.#plan;
    this.disturbedMs = nowMs;
    this.#graceEndMinMs = nowMs + forMs;
    this.#graceEndMaxMs = nowMs + forMs + 2 * this.#tickMs;
    this.earliestMs = Math.max(this.earliestMs, this.#graceEndMinMs + 2 * interval - this.#tickMs - SLOP_MS);
    this.latestMs = Math.max(this.latestMs, this.#graceEndMaxMs + 2 * interval);
  }

  #drain(
    fromMs: number,
    toMs: number,
    certain: boolean,
    slackMs: number,
  ): { readonly minMs: number; readonly maxMs: number } {
    const { heartbeatIntervalMs: interval } = this.#plan;
    const drainMs = (4 / 3) * interval;
    const lengthMs = toMs - fromMs;
    if (fromMs < this.#graceEndMaxMs) {
      // A stall during grace lengthens it; what passed counts once the grace is over.
      this.#graceEndMaxMs = Math.max(this.#graceEndMaxMs, toMs + drainMs + this.#tickMs);
      this.latestMs = Math.max(this.latestMs, this.#graceEndMaxMs + 2 * interval);
      const unsure = fromMs >= this.#graceEndMinMs - this.#tickMs;
      return { minMs: 0, maxMs: unsure ? lengthMs + this.#tickMs : 0 };
    }
    // What passed of a drain before, broken off by this stall, is counted for nobody either.
    const brokenMs = Math.max(0, Math.min(fromMs, this.#drainEndMaxMs) - this.#drainStartMs);
    this.#drainStartMs = toMs;
    this.#drainEndMaxMs = toMs + drainMs + 2 * this.#tickMs;
    this.latestMs = Math.max(this.latestMs, this.#drainEndMaxMs);
    return {
      minMs: certain ? Math.max(0, lengthMs - this.#tickMs - SLOP_MS - slackMs) : 0,
      maxMs: lengthMs + this.#tickMs + (this.#drainStartMs > 0 ? brokenMs : 0),
    };
  }
}
