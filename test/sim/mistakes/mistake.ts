/**
 * A mistake that somebody could make in the product, as a small change of its text.
 * Why text: what is run is what would have been written; a wrapper around the core could not reach most of these places.
 * Must not: be applied to the sources on the disk (`patched.ts` changes what the bundler reads).
 */
import type { Story } from "../scenario.ts";

export interface Edit {
  /** From the repository's root. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly was: string;
  readonly now: string;
}

export interface Mistake {
  /** What is wrong with it, as a person would say it. */
  readonly name: string;
  readonly edits: readonly Edit[];
  /**
   * The circumstances that show it, where they are too rare for drawn worlds: two things in one moment, or a setting that
   * few have. Absent: drawn worlds catch it.
   */
  readonly story?: () => Story;
}

/** A mistake in one place. */
export function mistake(name: string, file: string, was: string, now: string, story?: () => Story): Mistake {
  return { name, edits: [{ file, was, now }], ...(story === undefined ? {} : { story }) };
}
