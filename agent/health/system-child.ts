/**
 * The parent's side: asks a short-lived child one question (system-questions.ts) and bounds everything about it.
 * Why so strict: the child runs other people's programs; it may hang, shout or die, and the agent must not notice.
 * Must not: trust the answer; callers check each field.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { systemArgument, type SystemQuestion } from "./system-questions.ts";

export const childLimits = {
  /** PowerShell on a busy Windows server takes 10 s and more. The child also ends itself at this time. */
  timeLimitMs: 30_000,
  /** An answer is about 1 KB. */
  outputBytesMax: 64 * 1024,
} as const;

/** How to start this program again. */
export interface SelfCommand {
  readonly file: string;
  readonly arguments: readonly string[];
}

/** The running program: Node, its own flags (a loader in development) and the script. */
export function selfCommand(): SelfCommand {
  const script = process.argv[1];
  return {
    file: process.execPath,
    arguments: [...process.execArgv, ...(script === undefined ? [] : [script])],
  };
}

export type ChildAnswer =
  | { readonly ok: true; readonly answer: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly problem: string };

/** Asks once. Never rejects; the child is gone when it resolves. `signal` ends it early (the agent stops). */
export function askSystem(
  question: SystemQuestion,
  command: SelfCommand,
  signal: AbortSignal,
  timeLimitMs: number = childLimits.timeLimitMs,
): Promise<ChildAnswer> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve({ ok: false, problem: "stopped" });
      return;
    }
    let child: ChildProcess;
    try {
      child = spawn(command.file, [...command.arguments, systemArgument, question], {
        stdio: ["ignore", "pipe", "ignore"],
        env: childEnvironment(process.env),
        windowsHide: true,
        // A group of its own, so that the programs it started can be ended with it.
        detached: process.platform !== "win32",
      });
    } catch (error) {
      resolve({ ok: false, problem: error instanceof Error ? error.message : "not started" });
      return;
    }

    let settled = false;
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (answer: ChildAnswer) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      resolve(answer);
    };
    const end = (problem: string) => {
      killGroup(child);
      child.stdout?.destroy();
      settle({ ok: false, problem });
    };
    const onAbort = () => end("stopped");
    const timer = setTimeout(() => end(`no answer within ${timeLimitMs} ms`), timeLimitMs);
    timer.unref();
    signal.addEventListener("abort", onAbort);

    child.on("error", (error) => end(error.message));
    child.stdout?.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > childLimits.outputBytesMax) end("answer too long");
      else chunks.push(chunk);
    });
    child.on("close", (code) => {
      // What it started and left behind goes too.
      killGroup(child);
      settle(
        code === 0 ? parsed(Buffer.concat(chunks)) : { ok: false, problem: `ended with ${String(code)}` },
      );
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill("SIGKILL");
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    // Already gone.
  }
}

/** Everything but our own settings: a token is nothing for other people's programs. */
function childEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("DETAK_")));
}

function parsed(output: Buffer): ChildAnswer {
  try {
    const answer: unknown = JSON.parse(output.toString("utf8"));
    if (typeof answer === "object" && answer !== null && !Array.isArray(answer)) {
      return { ok: true, answer: answer as Record<string, unknown> };
    }
  } catch {
    // Falls through: one sentence for both.
  }
  return { ok: false, problem: "the answer is not a JSON object" };
}
