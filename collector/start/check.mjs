/**
 * `npm run check`: formatting, types, lint, house rules; one line each, all of them even when one fails.
 * Why two at a time: the usual small machine has two cores, and the type-aware lint alone takes most of the time.
 * Must not: change a file (`npm run format` does).
 */
import "./node-version.mjs";
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const OUTPUT_CHARACTERS_MAX = 200_000;

/** The longest first, so that the end is not one step alone. */
const steps = [
  { name: "lint", script: "eslint/bin/eslint.js", words: ["-c", "test/eslint.config.js", "."] },
  { name: "types of the house", script: "typescript/bin/tsc", words: ["-p", "."] },
  {
    name: "tidy",
    script: "vitest/vitest.mjs",
    words: ["run", "--config", "test/vitest.config.ts", "test/tidy.test.ts"],
  },
  { name: "formatting", script: "prettier/bin/prettier.cjs", words: ["--check", "--log-level", "warn", "."] },
  {
    name: "types of the core (no Node, no timers)",
    script: "typescript/bin/tsc",
    words: ["-p", "collector/core"],
  },
  { name: "types of the islands (browser)", script: "typescript/bin/tsc", words: ["-p", "web/islands"] },
];

const failed = [];
const queue = [...steps];
async function work() {
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
    const { code, output, seconds } = await run(step);
    process.stdout.write(`${code === 0 ? "ok  " : "FAIL"}  ${step.name}  ${seconds.toFixed(1)} s\n`);
    if (code !== 0) failed.push({ name: step.name, output });
  }
}
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));

for (const { name, output } of failed) process.stdout.write(`\n── ${name} ──\n${output.trim()}\n`);
if (failed.length > 0) {
  process.stdout.write(
    `\n${failed.length} of ${steps.length} checks failed: ${failed.map((step) => step.name).join(", ")}\n`,
  );
  process.exitCode = 1;
}

function run({ script, words }) {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, "node_modules", script), ...words], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => {
        output = (output + text).slice(0, OUTPUT_CHARACTERS_MAX);
      });
    const end = (code, problem = "") =>
      resolve({ code, output: output + problem, seconds: (performance.now() - startedMs) / 1000 });
    child.on("error", (error) => end(1, error.message));
    child.on("close", (code) => end(code ?? 1));
  });
}
