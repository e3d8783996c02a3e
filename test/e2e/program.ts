/**
 * A real process under test: started, read line by line, signalled and ended by its own id.
 * Must not: know what program it is, or ever end a process by name.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Program {
  readonly pid: number;
  /** Standard output and error, line by line, as far as they came. */
  readonly output: readonly string[];
  readonly errors: readonly string[];
  readonly ended: Promise<ProgramEnd>;
  /** Null while it runs. */
  readonly end: ProgramEnd | null;
  signal(name: NodeJS.Signals): void;
  /** One line to its standard input; only with the option `input`. */
  write(line: string): void;
  /** SIGKILL, and its end. Idempotent. */
  kill(): Promise<ProgramEnd>;
  /** SIGTERM, and its end; SIGKILL after ten seconds. */
  stop(): Promise<ProgramEnd>;
}

export interface ProgramOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** Words of a command that ends by becoming the one behind it (`ip netns exec x`): its process id is the program's. */
  readonly through?: readonly string[];
  /** It reads lines from its standard input. */
  readonly input?: boolean;
}

const STOP_MS = 10_000;
/** What the tests look at lies near the end. */
const LINES_MAX = 5_000;

/** `words`: what Node runs. Settings of the caller's environment (`DETAK_…`) are not passed on. */
export function startProgram(words: readonly string[], options: ProgramOptions = {}): Program {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:DETAK_|VITEST|NODE_OPTIONS|NODE_ENV)/.test(name)),
  );
  const [file, ...first] = [...(options.through ?? []), process.execPath] as unknown as [string, ...string[]];
  const child = spawn(file, [...first, ...words], {
    cwd: options.folder ?? root,
    env: { ...inherited, LANG: "C", ...options.environment },
    stdio: [options.input === true ? "pipe" : "ignore", "pipe", "pipe"],
  });
  // Whoever writes to a program that has just ended learns it from its end.
  child.stdin?.on("error", () => undefined);
  const output: string[] = [];
  const errors: string[] = [];
  const read = (stream: NodeJS.ReadableStream | null, lines: string[]): void => {
    if (stream === null) return;
    createInterface({ input: stream, crlfDelay: Infinity }).on("line", (line) => {
      lines.push(line);
      if (lines.length > LINES_MAX) lines.shift();
    });
  };
  read(child.stdout, output);
  read(child.stderr, errors);

  let end: ProgramEnd | null = null;
  const ended = new Promise<ProgramEnd>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      end = { code, signal };
      resolve(end);
    });
  });
  // Who waits for the end sees the failure; nobody waiting is no crash of the test process.
  ended.catch(() => undefined);
  const signal = (name: NodeJS.Signals): void => {
    if (end === null) child.kill(name);
  };
  return {
    pid: child.pid ?? -1,
    output,
    errors,
    ended,
    get end() {
      return end;
    },
    signal,
    write(line) {
      child.stdin?.write(`${line}\n`);
    },
    kill() {
      signal("SIGKILL");
      return ended;
    },
    async stop() {
      // A stopped process (SIGSTOP) hears SIGTERM only when it goes on.
      signal("SIGCONT");
      signal("SIGTERM");
      const timer = setTimeout(() => signal("SIGKILL"), STOP_MS);
      try {
        return await ended;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
