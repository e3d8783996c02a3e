/**
 * Numbers in English texts.
 * Must not: round; what is counted is whole.
 */
import { number } from "../format.ts";

/** `1234` → `1,234`. */
export const count = (value: number): string => number("en", value);

/** `1 server`, `2 servers`. */
export const plural = (value: number, one: string, many: string): string =>
  `${count(value)} ${value === 1 ? one : many}`;
