/**
 * Runs one program of the system to its end, bounded in time and output.
 * Why: ping programs are the only way to ICMP without privileges of our own, and any program may hang.
 * Must not: use a shell, read from the program what it did not print, or leave a process behind.
 */
import { spawn } from "node:child_process";

export type ProgramRun =
  | {
      readonly type: "ended";
      readonly exitCode: number | null;
      readonly stdout: string;
      readonly stderr: string;
      /** It had to be killed at the time limit: what it printed may be incomplete. */
      readonly killed: boolean;
    }
  | { readonly type: "not_started"; readonly reason: "no_program" | "no_permission" | "no_resources" }
  | { readonly type: "cancelled" };

export interface ProgramOptions {
  /** The program is gone by then. */
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Searched for the program. Default: the PATH of this process. */
  readonly path?: string | undefined;
  /** Asked after each piece of standard output; true: enough was said, the program is ended. */
  readonly enough?: (stdout: string) => boolean;
}

/**
 * Ping programs print what they know when interrupted, so they are interrupted this long before they are killed:
 * 100 times what that takes on an idle machine.
 */
export const INTERRUPT_BEFORE_MS = 250;
/** Of each stream; a batch of 64 hosts prints under 16 KiB. What comes after is dropped. */
const OUTPUT_CHARACTERS_MAX = 64 * 1024;
/** A killed process that the kernel does not let go (it hangs in a driver) is no longer waited for after this. */
const GIVE_UP_MS = 1_000;

/** Never rejects. When it resolves the process has ended (or hangs in the kernel, killed). */
export function runProgram(
  file: string,
  programArguments: readonly string[],
  options: ProgramOptions,
): Promise<ProgramRun> {
  const { signal } = options;
  if (signal?.aborted === true) return Promise.resolve({ type: "cancelled" });
  return new Promise((resolve) => {
    const output = { stdout: "", stderr: "" };
    let killed = false;
    let settled = false;
    let giveUp: NodeJS.Timeout | undefined;

    let child;
    try {
      child = spawn(file, programArguments, {
        stdio: ["ignore", "pipe", "pipe"],
        windowsHide: true,
        // The parsers read the programs' English.
        env: { ...process.env, PATH: options.path ?? process.env["PATH"] ?? "", LC_ALL: "C", LANGUAGE: "C" },
      });
    } catch (error) {
      resolve({ type: "not_started", reason: startFailure(error) });
      return;
    }
    const running = child;

    const settle = (run: ProgramRun): void => {
      if (settled) return;
      settled = true;
      clearTimeout(interruptTimer);
      clearTimeout(killTimer);
      clearTimeout(giveUp);
      signal?.removeEventListener("abort", kill);
      resolve(run);
    };
    const ended = (exitCode: number | null): ProgramRun =>
      signal?.aborted === true ? { type: "cancelled" } : { type: "ended", exitCode, ...output, killed };
    const kill = (): void => {
      running.kill("SIGKILL");
      giveUp ??= setTimeout(() => settle(ended(null)), GIVE_UP_MS);
    };

    // Windows has no interrupt to send: there it would be a kill that hides what was printed.
    const interruptTimer =
      process.platform === "win32"
        ? undefined
        : setTimeout(() => running.kill("SIGINT"), Math.max(0, options.limitMs - INTERRUPT_BEFORE_MS));
    const killTimer = setTimeout(() => {
      killed = true;
      kill();
    }, options.limitMs);
    signal?.addEventListener("abort", kill);

    for (const name of ["stdout", "stderr"] as const) {
      running[name].setEncoding("utf8").on("data", (piece: string) => {
        const room = OUTPUT_CHARACTERS_MAX - output[name].length;
        output[name] += piece.slice(0, Math.max(0, room));
        if (name === "stdout" && options.enough?.(output.stdout) === true) kill();
      });
    }
    running.on("error", (error) => {
      // Also comes when a signal could not be sent; then the process still ends by its own deadline.
      if (running.pid === undefined) settle({ type: "not_started", reason: startFailure(error) });
    });
    running.on("close", (exitCode) => settle(ended(exitCode)));
  });
}

function startFailure(error: unknown): "no_program" | "no_permission" | "no_resources" {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT" || code === "ENOTDIR" || code === "ENOEXEC") return "no_program";
  if (code === "EACCES" || code === "EPERM") return "no_permission";
  return "no_resources";
}
