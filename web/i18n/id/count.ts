/**
 * Numbers in Indonesian texts.
 * Must not: round; what is counted is whole.
 */
import { number } from "../format.ts";

/** `1234` → `1.234`. Indonesian has no plural. */
export const count = (value: number): string => number("id", value);
