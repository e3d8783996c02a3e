/**
 * Numbers of agreement: from how many servers "many at once" begins, and how often or by how many a thing must be said.
 * Why in the state and not beside their use: `npm run sweep` runs worlds with other ones, as it does with times.
 * Must not: be a setting, or hold a time.
 */
export interface Thresholds {
  /** The share of living servers, the number, and the number of sites from which "many at once" begins (detection.md). */
  readonly massShare: number;
  readonly massServers: number;
  readonly massSites: number;
  /** Rounds that a sentinel failed in a row: one may be a lost packet or a place that reboots. */
  readonly sentinelFailures: number;
  /** As many witnesses must agree before they count: one may lie, or see another machine behind the same address. */
  readonly witnessesAgree: number;
}

export const thresholds: Thresholds = {
  massShare: 0.3,
  massServers: 3,
  massSites: 2,
  sentinelFailures: 2,
  witnessesAgree: 2,
};
