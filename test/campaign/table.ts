/**
 * The campaign's table: one line for each scenario and run, and a closing line.
 * Must not: know how a verdict came about.
 */
import type { Verdict } from "./run.ts";

export interface Skipped {
  readonly scenario: string;
  readonly reason: string;
}

export function lineOf({ scenario, seconds, problems, slowestSeconds }: Verdict, width: number): string {
  const slowest = slowestSeconds === null ? "—" : `${slowestSeconds.toFixed(2)} s`;
  const verdict = problems.length === 0 ? "passed" : "FAILED";
  return `${scenario.padEnd(width)}  ${seconds.toFixed(1).padStart(6)} s  ${slowest.padStart(8)}  ${verdict}`;
}

/** All of it: columns are the scenario, how long it took, its slowest verdict after the last heartbeat, and how it ended. */
export function tableOf(verdicts: readonly Verdict[], skipped: readonly Skipped[], seconds: number): string {
  const width = Math.max(8, ...[...verdicts, ...skipped].map(({ scenario }) => scenario.length));
  const failed = verdicts.filter(({ problems }) => problems.length > 0);
  return [
    `${"scenario".padEnd(width)}  ${"took".padStart(8)}  ${"slowest".padStart(8)}  verdict`,
    ...verdicts.map((verdict) => lineOf(verdict, width)),
    ...skipped.map(
      ({ scenario, reason }) => `${scenario.padEnd(width)}  ${"".padStart(18)}  skipped: ${reason}`,
    ),
    "",
    ...failed.flatMap(({ scenario, problems }) => [
      `${scenario}:`,
      ...problems.map((problem) => `  ${problem}`),
    ]),
    `${verdicts.length - failed.length} passed, ${failed.length} failed, ${skipped.length} skipped in ${seconds.toFixed(0)} s`,
  ].join("\n");
}
