/**
 * The shape of numbers, durations, days and counts in a language.
 * Must not: round or compute (numbers.ts and moments.ts do).
 */

export interface MeasureTexts {
  readonly duration: {
    readonly seconds: (count: number) => string;
    readonly minutes: (count: number) => string;
    readonly hours: (count: number) => string;
    readonly days: (count: number) => string;
  };
  /** Short names, Sunday first; January first. */
  readonly weekdays: readonly string[];
  readonly months: readonly string[];
  readonly monthsWhole: readonly string[];
  /** `1234` with the language's mark between thousands. */
  readonly count: (value: number) => string;
  /** Between a whole number and its decimals. */
  readonly decimalMark: string;
  readonly percent: (digits: string) => string;
  /** How much an outage of several servers holds. */
  readonly servers: (count: number) => string;
  readonly serversAtSites: (servers: number, sites: number) => string;
  /** Behind the names that are listed. */
  readonly andOthers: (count: number) => string;
  /** "a, b and c". */
  readonly listed: (names: readonly string[]) => string;
  readonly noSite: string;
  readonly unnamed: string;
}
