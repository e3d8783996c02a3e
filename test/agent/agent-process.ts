/**
 * The agent as a real process: bundled as it is released, started, listened to, ended by its own number.
 * Must not: leave a process behind; every test calls `end()`.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { EventEmitter } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { until, type Found } from "./until.ts";

/** A new empty folder. */
export function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "detak-agent-test-"));
}

/** One file of CommonJS, minified, as the release is; `entry` is relative to the repository. */
export async function bundle(entry: string, folder: string, name = "agent.cjs"): Promise<string> {
  // Loaded only here: programs of these tests are bundled themselves, and a bundler is nothing to bundle.
  const { build } = await import("esbuild");
  const repository = resolve(import.meta.dirname, "../..");
  const outfile = join(folder, name);
  await build({
    entryPoints: [join(repository, entry)],
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["esbuild"],
    logOverride: { "empty-import-meta": "silent" },
    outfile,
    logLevel: "error",
  });
  return outfile;
}

export interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly [detail: string]: unknown;
}

export class AgentProcess {
  readonly logs: LogLine[] = [];
  /** Lines on stdout that are no JSON, and all of stderr. */
  text = "";
  exitCode: number | null = null;
  signal: NodeJS.Signals | null = null;
  private ended = false;
  private readonly changes = new EventEmitter();
  private readonly child: ChildProcess;

  /** `through`: a program and its words that starts the agent in its place, e.g. in a network namespace. */
  constructor(
    script: string,
    words: readonly string[],
    environment: Readonly<Record<string, string>>,
    through: readonly string[] = [],
  ) {
    const [file = "", ...rest] = [...through, process.execPath, script, ...words];
    this.child = spawn(file, rest, {
      env: { PATH: process.env["PATH"] ?? "", ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let unread = "";
    this.child.stdout?.on("data", (chunk: Buffer) => {
      const lines = (unread + chunk.toString("utf8")).split("\n");
      unread = lines.pop() ?? "";
      for (const line of lines) this.take(line);
      this.changes.emit("change");
    });
    this.child.stderr?.on("data", (chunk: Buffer) => {
      this.text += chunk.toString("utf8");
      this.changes.emit("change");
    });
    this.child.on("close", (code, signal) => {
      if (unread !== "") this.take(unread);
      this.exitCode = code;
      this.signal = signal;
      this.ended = true;
      this.changes.emit("change");
    });
  }

  private take(line: string): void {
    try {
      this.logs.push(JSON.parse(line) as LogLine);
    } catch {
      this.text += `${line}\n`;
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  until<T>(what: string, look: () => Found<T>, limitMs?: number): Promise<T> {
    return until(this.changes, look, () => `${what}\n${this.text}\n${JSON.stringify(this.logs)}`, limitMs);
  }

  logged(event: string, limitMs?: number): Promise<LogLine> {
    return this.until(`log line ${event}`, () => this.logs.find((line) => line.event === event), limitMs);
  }

  /** The exit code, once it has ended by itself. */
  async exited(limitMs?: number): Promise<number | null> {
    await this.until("exit", () => this.ended, limitMs);
    return this.exitCode;
  }

  /** Ended for certain; idempotent. */
  async end(): Promise<void> {
    if (!this.ended) this.child.kill("SIGKILL");
    await this.until("exit", () => this.ended);
  }
}
