/**
 * Draws from a seeded generator, as plans need them.
 * Must not: keep a state of its own.
 */

export type Random = () => number;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

export function between(random: Random, low: number, high: number): number {
  return Math.round(low + random() * (high - low));
}

/** Log-uniform: as many short ones as long ones. */
export function spread(random: Random, low: number, high: number): number {
  return Math.round(low * (high / low) ** random());
}

/** Log-uniform and not rounded: for shares and weights, which whole numbers would mostly turn into none. */
export function factor(random: Random, low: number, high: number): number {
  return low * (high / low) ** random();
}

export function index(random: Random, length: number): number {
  return Math.floor(random() * length);
}
