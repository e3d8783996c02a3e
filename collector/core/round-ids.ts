/**
 * The names of rounds of probes: whom they ask, and since when.
 * Why in the name: an answer finds its way back, also from a witness, without a table of what is under way.
 * Must not: be parsed anywhere else.
 */

/** `subject` may hold dots; the core's time at the begin comes last. */
export function roundIdOf(subject: string, nowMs: number): string {
  return `${subject}.${Math.round(nowMs)}`;
}

export function subjectOfRound(roundId: string): string {
  return roundId.slice(0, roundId.lastIndexOf("."));
}

/** Core time at its begin. */
export function startOfRound(roundId: string): number {
  return Number(roundId.slice(roundId.lastIndexOf(".") + 1));
}
