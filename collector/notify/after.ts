/**
 * A timer as an argument: tests hand in their own and never wait.
 */

/** Calls back once after so many ms; returns the way to stop it. */
export type After = (delayMs: number, run: () => void) => () => void;

export const realAfter: After = (delayMs, run) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};
