/**
 * The programs of one world, and everything that has to be taken down after it, in the reverse order.
 * Must not: end a program that it was not handed.
 */
import { basename, join } from "node:path";
import { mkdir, writeFile } from "node:fs/promises";
import { startProgram, type Program } from "../e2e/program.ts";
import { until } from "../e2e/wait.ts";
import { inside } from "./namespaces.ts";

/** A Node program that has not begun within this is not coming. */
export const BEGIN_LIMIT_MS = 40_000;

export interface Crew {
  /** Takes a program in. `name` is for its log. */
  keep(name: string, program: Program): Program;
  /** Starts one of the campaign's own programs inside a namespace; resolves when it says a line that begins so. */
  run(namespace: string, words: readonly string[], greeting: string): Promise<Program>;
  /** Something to undo at the end, when no program runs any more. */
  atEnd(step: () => Promise<unknown>): void;
  /** One file for each program, with its last words. */
  writeLogs(folder: string): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

export function createCrew(): Crew {
  const programs: { readonly name: string; readonly program: Program }[] = [];
  const steps: (() => Promise<unknown>)[] = [];
  const keep = (name: string, program: Program): Program => {
    programs.push({ name, program });
    return program;
  };
  return {
    keep,
    async run(namespace, words, greeting) {
      const name = basename(words[0] ?? "", ".mjs");
      const program = keep(name, startProgram(words, { through: inside(namespace), input: true }));
      await until(
        `${name} says ${greeting}`,
        BEGIN_LIMIT_MS,
        () => {
          if (program.end !== null) throw new Error(`it ended: ${program.errors.slice(-5).join(" | ")}`);
          return program.output.some((line) => line.startsWith(greeting));
        },
        20,
      );
      return program;
    },
    atEnd: (step) => void steps.unshift(step),
    async writeLogs(folder) {
      await mkdir(folder, { recursive: true });
      for (const [index, { name, program }] of programs.entries()) {
        const text = [...program.output, ...program.errors].join("\n");
        // Servers may be called anything; files may not.
        const file = `${index + 1}-${name.replaceAll(/[^\w-]+/g, "_")}.log`;
        await writeFile(join(folder, file), `${text}\n`);
      }
    },
    async close() {
      await Promise.all(programs.map(({ program }) => program.kill().catch(() => undefined)));
      for (const step of steps.splice(0)) await step();
    },
  };
}
