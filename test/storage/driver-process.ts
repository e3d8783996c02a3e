/**
 * Starts crash-driver.ts as a process of its own and reads what it says.
 * Must not: end any process but its own.
 */
import { build } from "esbuild";
import { type ChildProcess, spawn } from "node:child_process";
import { promises as node } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeFolder, removeFolder } from "./folders.ts";

/** One bundle for all processes of a test file: a plain node starts many times faster than one that compiles. */
export interface Driver {
  start(...args: readonly string[]): DriverProcess;
  /** The same as a user without rights; only root may. */
  startAsNobody(...args: readonly string[]): DriverProcess;
  close(): Promise<void>;
}

export interface DriverProcess {
  readonly pid: number;
  readonly lines: readonly string[];
  /** Resolves with the first line (also an earlier one) that begins so; rejects when the process ends before, or at the deadline. */
  said(begin: string): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, and the end of the process. */
  kill(): Promise<void>;
  /** Resolves with the exit code; null after a signal. */
  readonly ended: Promise<number | null>;
}

const deadlineMs = 20_000;

export async function buildDriver(): Promise<Driver> {
  const folder = await makeFolder();
  const outfile = join(folder, "crash-driver.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("crash-driver.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    outfile,
    logLevel: "error",
  });
  const started = new Set<DriverProcess>();
  await node.chmod(folder, 0o755);
  const start = (args: readonly string[], options: { readonly uid?: number }): DriverProcess => {
    const driver = startProcess(outfile, args, options);
    started.add(driver);
    return driver;
  };
  return {
    start: (...args) => start(args, {}),
    startAsNobody: (...args) => start(args, { uid: 65_534 }),
    async close() {
      for (const driver of started) await driver.kill();
      await removeFolder(folder);
    },
  };
}

function startProcess(
  program: string,
  args: readonly string[],
  options: { readonly uid?: number },
): DriverProcess {
  const child: ChildProcess = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    ...options,
  });
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  let rest = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    tell();
  });
  let over = false;
  // `close` comes after the last byte of stdout was read.
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", (code) => {
      over = true;
      resolve(code);
      tell();
    });
  });
  return {
    pid: child.pid ?? 0,
    lines,
    ended,
    said(begin) {
      return new Promise((resolve, reject) => {
        const finish = (act: () => void): void => {
          listeners.delete(look);
          clearTimeout(timer);
          act();
        };
        const look = (): void => {
          const line = lines.find((candidate) => candidate.startsWith(begin));
          if (line !== undefined) finish(() => resolve(line));
          else if (over)
            finish(() => reject(new Error(`ended before it said "${begin}": ${lines.join("; ")}`)));
        };
        const timer = setTimeout(
          () => finish(() => reject(new Error(`did not say "${begin}" in time: ${lines.join("; ")}`))),
          deadlineMs,
        );
        listeners.add(look);
        look();
      });
    },
    signal: (name) => void child.kill(name),
    async kill() {
      if (!over) child.kill("SIGKILL");
      await ended;
    },
  };
}

/** The number in the last line that begins so; 0 when there is none. */
export function lastNumber(driver: DriverProcess, begin: string): number {
  const line = driver.lines.findLast((candidate) => candidate.startsWith(begin));
  return line === undefined ? 0 : Number(line.slice(begin.length));
}
