/**
 * What installing consists of: a few files and a few commands, as data, and their performer.
 * Why data: a test can perform the plan under another root and see every file and every command.
 * Must not: continue after a step that failed, unless the step says that its failure is no matter.
 */
import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AgentFailure, errorCode } from "../failure.ts";

export type Step =
  | {
      readonly type: "write_file";
      readonly path: string;
      readonly content: string | Buffer;
      readonly mode: number;
    }
  | { readonly type: "copy_file"; readonly from: string; readonly to: string; readonly mode: number }
  | { readonly type: "remove"; readonly path: string }
  | {
      readonly type: "run";
      readonly file: string;
      readonly arguments: readonly string[];
      /** Its failure is no matter: what it should undo is not there. */
      readonly optional: boolean;
    };

/** Enabling and starting a service takes seconds; a service manager that needs longer does not answer at all. */
const commandLimitMs = 30_000;

/** Performs a command; rejects with its own words when it fails. */
export function runCommand(file: string, words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(file, words, { timeout: commandLimitMs, killSignal: "SIGKILL" }, (error, _stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(stderr.trim() === "" ? error.message : stderr.trim()));
    });
  });
}

/** `root` is "" outside tests. Throws AgentFailure at the first step that fails. */
export async function performSteps(
  steps: readonly Step[],
  root: string,
  run: (file: string, words: readonly string[]) => Promise<void>,
): Promise<void> {
  for (const step of steps) {
    try {
      await perform(step, root, run);
    } catch (error) {
      if (step.type === "run" && step.optional) continue;
      throw failed(step, error);
    }
  }
}

async function perform(
  step: Step,
  root: string,
  run: (file: string, words: readonly string[]) => Promise<void>,
): Promise<void> {
  const placed = (path: string) => (root === "" ? path : join(root, path));
  switch (step.type) {
    case "write_file":
      await mkdir(dirname(placed(step.path)), { recursive: true });
      await writeFile(placed(step.path), step.content);
      return chmod(placed(step.path), step.mode);
    case "copy_file": {
      const to = placed(step.to);
      if (step.from === to) return;
      await mkdir(dirname(to), { recursive: true });
      // A program that runs cannot be overwritten, but its name can be given to another file.
      await rm(to, { force: true });
      await copyFile(step.from, to);
      return chmod(to, step.mode);
    }
    case "remove":
      return rm(placed(step.path), { recursive: true, force: true });
    case "run":
      return run(step.file, step.arguments);
  }
}

function failed(step: Step, error: unknown): AgentFailure {
  const what =
    step.type === "run"
      ? [step.file, ...step.arguments].join(" ")
      : step.type === "copy_file"
        ? step.to
        : step.path;
  const code = errorCode(error);
  const why = code === "unknown error" && error instanceof Error ? error.message : code;
  return new AgentFailure(
    {
      id: `Langkah ini tidak berhasil: ${what} (${why}).`,
      en: `This step did not succeed: ${what} (${why}).`,
    },
    error,
  );
}
