/** A seed for a session's jitter. Why from the system: agents that boot at the same second must not jitter alike. */
import { randomInt } from "node:crypto";

/** A whole number from 0 to 2^31 - 1. */
export function randomSeed(): number {
  return randomInt(2 ** 31);
}
