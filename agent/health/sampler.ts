/**
 * Runs the health readers, each at its own rhythm, and keeps the newest sample for the next beat that carries one.
 * Why so: a beat takes what is there and never waits; a reader that hangs, fails or is slow costs only its own fields.
 * Must not: start a reader whose last reading has not ended, or let a strange value make a message invalid.
 */
import type { HealthSample } from "../../shared/health.ts";
import type { HealthPart, HealthReader } from "./reader.ts";
import { clippedSample } from "./clipped.ts";

export const samplerLimits = {
  /** Before a welcome tells the rhythm (`healthIntervalMs`). */
  intervalMs: 60_000,
  /** After the first reading: the share of the processors and the bytes per second need two. */
  secondReadingMs: 1_000,
  /** A value older than this many rhythms of its reader is left out: nobody may take it for the present. */
  staleAfterRhythms: 3,
} as const;

export interface HealthTrouble {
  readonly reader: string;
  readonly trouble: "failed" | "too_slow";
  readonly detail: string;
}

export interface SamplerOptions {
  readonly readers: readonly HealthReader[];
  /** Monotonic, ms. */
  readonly now: () => number;
  /** After the second round of readings has been begun and whatever answered at once is there: once. */
  readonly onReady: () => void;
  /** Told once per reader until it has worked again. */
  readonly onTrouble: (trouble: HealthTrouble) => void;
}

export interface HealthSampler {
  /** The newest values that are fresh enough; undefined when there are none. Never waits. */
  newest(): HealthSample | undefined;
  setInterval(intervalMs: number): void;
  close(): void;
}

interface Kept {
  readonly part: HealthPart;
  readonly atMs: number;
}

class RunningReader {
  readonly reader: HealthReader;
  private readonly options: SamplerOptions;
  private intervalMs: number = samplerLimits.intervalMs;
  private timer: NodeJS.Timeout | undefined;
  private reading = false;
  private readings = 0;
  private troubled = false;
  private closed = false;
  private kept: Kept | undefined;

  constructor(reader: HealthReader, options: SamplerOptions) {
    this.reader = reader;
    this.options = options;
  }

  private get everyMs(): number {
    return this.intervalMs * this.reader.rhythm;
  }

  private plan(delayMs: number): void {
    if (this.closed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.read(), delayMs);
    this.timer.unref();
  }

  setInterval(intervalMs: number): void {
    if (intervalMs === this.intervalMs) return;
    this.intervalMs = intervalMs;
    if (this.readings > 1) this.plan(this.everyMs);
  }

  /** One reading. Resolves when it has ended or its time is over, whichever is first; never rejects. */
  async read(): Promise<void> {
    if (this.closed) return;
    this.readings += 1;
    // A slow reader's second reading, for its rates, waits for its rhythm.
    const second = this.readings === 1 && this.reader.rhythm === 1;
    this.plan(second ? Math.min(samplerLimits.secondReadingMs, this.everyMs) : this.everyMs);
    if (this.reading) return;
    this.reading = true;

    const atMs = this.options.now();
    // `then` and not a direct call: a reader that throws at once is a failed reading like any other.
    const ended = Promise.resolve()
      .then(() => this.reader.read(atMs))
      .then(
        (part) => {
          this.kept = { part, atMs: this.options.now() };
          this.troubled = false;
        },
        (error: unknown) => this.tell("failed", error instanceof Error ? error.message : String(error)),
      )
      .finally(() => {
        this.reading = false;
      });
    await Promise.race([ended, this.limit(ended)]);
  }

  private limit(ended: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.tell("too_slow", `no answer within ${this.reader.timeLimitMs} ms`);
        resolve();
      }, this.reader.timeLimitMs);
      timer.unref();
      void ended.finally(() => clearTimeout(timer));
    });
  }

  private tell(trouble: HealthTrouble["trouble"], detail: string): void {
    if (this.troubled || this.closed) return;
    this.troubled = true;
    this.options.onTrouble({ reader: this.reader.name, trouble, detail });
  }

  fresh(nowMs: number): HealthPart | undefined {
    if (this.kept === undefined) return undefined;
    const staleAfterMs = samplerLimits.staleAfterRhythms * this.everyMs + this.reader.timeLimitMs;
    return nowMs - this.kept.atMs <= staleAfterMs ? this.kept.part : undefined;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }
}

/** Starts all readers at once. Their timers do not keep the process alive. */
export function startSampler(options: SamplerOptions): HealthSampler {
  const running = options.readers.map((reader) => new RunningReader(reader, options));
  for (const one of running) void one.read();
  const ready = setTimeout(options.onReady, samplerLimits.secondReadingMs + 200);
  ready.unref();
  return {
    newest() {
      const nowMs = options.now();
      const merged: HealthPart = {};
      for (const one of running) Object.assign(merged, one.fresh(nowMs));
      return clippedSample(merged);
    },
    setInterval(intervalMs) {
      for (const one of running) one.setInterval(intervalMs);
    },
    close() {
      clearTimeout(ready);
      for (const one of running) one.close();
    },
  };
}
