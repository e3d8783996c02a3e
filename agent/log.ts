/**
 * One JSON line per event on stdout.
 * Why not a library: the agent logs a few lines a day, and its memory is counted.
 * Must not: fail the agent when nobody reads the log, or ever write a key or a token.
 */
export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

export type Log = (
  level: LogLevel,
  event: string,
  details?: Readonly<Record<string, string | number | boolean | null>>,
) => void;

/** Whether a setting names a level. */
export function isLogLevel(text: string): text is LogLevel {
  return logLevels.some((level) => level === text);
}

/** `write` takes one line with its end; `now` is wall time, ms. */
export function createLog(least: LogLevel, write: (line: string) => void, now: () => number): Log {
  const from = logLevels.indexOf(least);
  return (level, event, details = {}) => {
    if (logLevels.indexOf(level) < from) return;
    write(`${JSON.stringify({ time: new Date(now()).toISOString(), level, event, ...details })}\n`);
  };
}
