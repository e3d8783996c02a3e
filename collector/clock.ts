/**
 * Reads the three clocks of this machine.
 * Why three: only together they tell a stall from sleep from a stepped wall clock.
 * Must not: be used to judge anything here; the core does, from the readings.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { uptime } from "node:os";
import { performance } from "node:perf_hooks";
import type { Instant } from "./core/types/time.ts";

/** The boot clock costs a file read; in between it is carried on by the monotonic one. */
const BOOT_CLOCK_AGE_MAX_MS = 900;
/** Wall and monotonic clock part by more than this: sleep or a step, so the boot clock is read at once. */
const CLOCKS_APART_MS = 400;

/** A reader of the three clocks; cheap enough for each heartbeat. */
export function createClock(): () => Instant {
  let read: Instant = { monotonicMs: performance.now(), bootMs: uptime() * 1000, wallMs: Date.now() };
  return () => {
    const monotonicMs = performance.now();
    const wallMs = Date.now();
    const passedMs = monotonicMs - read.monotonicMs;
    const apartMs = Math.abs(wallMs - read.wallMs - passedMs);
    if (passedMs > BOOT_CLOCK_AGE_MAX_MS || apartMs > CLOCKS_APART_MS)
      read = { monotonicMs, bootMs: uptime() * 1000, wallMs };
    return { monotonicMs, bootMs: read.bootMs + (monotonicMs - read.monotonicMs), wallMs };
  };
}

/**
 * An id that is the same for all programs of one boot of this host. Where the system has none (not Linux), a new one:
 * the time a collector was away is then unknown, and counts as none.
 */
export function hostBootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return randomUUID();
  }
}
