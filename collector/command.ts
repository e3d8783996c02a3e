/**
 * The collector as a command: settings in, a running collector, signals, and an exit code for all that can go wrong.
 * People read stdout (a few lines); programs read stderr (one JSON line per event).
 * Must not: wire the rooms (main does) or decide anything.
 */
import { pino, type Logger } from "pino";
import { readConfig, type Config } from "./config.ts";
import { CollectorKeyError } from "./ingest/keys.ts";
import { StoreError } from "./storage/storage.ts";
import { collectorVersion } from "./version.ts";

/** Stopping takes at most this long; then the process ends anyway: everything that matters is durable already. */
const STOP_MS = 8_000;

const EXIT_COULD_NOT = 1;
const EXIT_SETTINGS = 2;

export interface Collector {
  /** Where people and agents reach it from this machine, e.g. `http://localhost:7373`. */
  readonly url: string;
  /** Path and token of the one-time set-up link; null: an admin exists. */
  readonly setupPath: string | null;
  /** What an operator should read at start. */
  readonly notices: readonly string[];
  close(): Promise<void>;
}

/** Rejects with StoreError, CollectorKeyError or the listening server's error. */
export type StartCollector = (
  config: Config,
  log: Logger,
  onBug: (error: unknown) => void,
) => Promise<Collector>;

/** Runs until a signal. Exit codes: 0 stopped, 1 could not, 2 wrong settings. */
export async function runCollector(startCollector: StartCollector): Promise<void> {
  if (process.argv.includes("--version")) {
    process.stdout.write(`${collectorVersion}\n`);
    return;
  }
  const result = readConfig(process.env, process.argv.slice(2));
  if (!result.ok) {
    for (const mistake of result.mistakes) process.stderr.write(`${mistake}\n`);
    process.exitCode = EXIT_SETTINGS;
    return;
  }
  const { config } = result;
  const log = pino(
    { level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );

  let collector: Collector | null = null;
  let stopping = false;
  const stop = (code: number): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(code), STOP_MS).unref();
    Promise.resolve(collector?.close()).then(
      () => process.exit(code),
      (error: unknown) => {
        log.error({ event: "stop_failed", err: error }, "stopping failed");
        process.exit(EXIT_COULD_NOT);
      },
    );
  };
  process.on("SIGINT", () => stop(0));
  process.on("SIGTERM", () => stop(0));
  // A bug: better dead and started again clean than telling somebody something untrue.
  const onBug = (error: unknown): void => {
    if (error instanceof StoreError) process.stderr.write(`${error.message}\n`);
    log.fatal({ event: "cannot_go_on", err: error }, "stopping at once");
    process.exit(EXIT_COULD_NOT);
  };
  process.on("uncaughtException", onBug);
  process.on("unhandledRejection", onBug);

  try {
    collector = await startCollector(config, log, onBug);
  } catch (error) {
    const sentence = startFailure(error, config.host, config.port);
    if (sentence === null) {
      onBug(error);
      return;
    }
    process.stderr.write(`${sentence}\n`);
    process.exitCode = EXIT_COULD_NOT;
    setTimeout(() => process.exit(EXIT_COULD_NOT), STOP_MS).unref();
    return;
  }
  const address = config.publicUrl ?? collector.url;
  process.stdout.write(`Detak ${collectorVersion}: ${address}\n`);
  if (collector.setupPath !== null)
    process.stdout.write(`First admin / admin pertama (one-time link): ${address}${collector.setupPath}\n`);
  for (const notice of collector.notices) process.stdout.write(`Note: ${notice}\n`);
  log.info({ event: "started", version: collectorVersion, address }, "started");
}

/** One clear line for what the world may do at start; null: a bug. */
function startFailure(error: unknown, host: string, port: number): string | null {
  if (error instanceof StoreError || error instanceof CollectorKeyError) return error.message;
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return null;
  const where = `${host}:${String(port)}`;
  if (error.syscall === "listen" || error.syscall === "getaddrinfo" || error.syscall === "bind")
    switch (error.code) {
      case "EADDRINUSE":
        return `DETAK_PORT: ${where} is in use by another program; stop it or choose another port`;
      case "EACCES":
        return `DETAK_PORT: not permitted to listen on ${where}; choose a port above 1023`;
      default:
        return `DETAK_HOST: cannot listen on ${where} (${String(error.code)})`;
    }
  return null;
}
