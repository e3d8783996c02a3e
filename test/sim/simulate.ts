/**
 * `npm run simulate`: one world told in full, or many on all cores.
 * Why: a release is trusted by server-years without a violation, and a failed seed must be repeated by one command.
 * Must not: decide what a violation is (oracle, checks), or leave a process or a file behind.
 *
 * Exit code: 0 all worlds hold, 1 a violation, 2 wrong arguments.
 */
import { fork, type ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleOf } from "./bundle.ts";
import { commandOf, runSeed, type Summary } from "./run.ts";
import { parseArguments, usage, type SimulateArguments } from "./simulate-arguments.ts";
import type { Assignment, Outcome } from "./simulate-worker.ts";
import { add, linesOf, newTotals, type Totals } from "./totals.ts";

/** A worker has its core to itself: its compiler and collector of garbage are not to run on the others' cores. */
const WORKER_FLAGS = ["--single-threaded", "--max-semi-space-size=64"];
/** Failed worlds told while the others run on; the rest are in the list at the end. */
const FAILURES_SHOWN_MAX = 10;
/** Of each of them: the first ones show what it is; the command that repeats it tells all. */
const VIOLATIONS_SHOWN_MAX = 5;

const parsed = parseArguments(process.argv.slice(2));
if (!parsed.ok) {
  process.stderr.write(`simulate: ${parsed.mistake}\n\n${usage}\n`);
  process.exit(2);
}
process.exitCode = parsed.arguments.single ? runOne(parsed.arguments) : await runMany(parsed.arguments);

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

function tellViolations(summary: Summary, countMax: number): void {
  for (const { atMs, rule, server, sentence } of summary.violations.slice(0, countMax))
    tell(`  ${(atMs / 1000).toFixed(1)} s  ${rule}  ${server ?? "–"}  ${sentence}`);
  const hidden = summary.violationCount - Math.min(countMax, summary.violations.length);
  if (hidden > 0) tell(`  … and ${hidden} more`);
}

function runOne({ firstSeed, size }: SimulateArguments): number {
  const before = process.cpuUsage();
  const summary = runSeed(firstSeed, size);
  const used = process.cpuUsage(before);
  const totals = newTotals();
  add(totals, summary, (used.user + used.system) / 1_000);
  tell(`seed           ${firstSeed}, ${size.hours} h, ${size.servers} servers`);
  for (const line of linesOf(totals)) tell(line);
  tellViolations(summary, Number.POSITIVE_INFINITY);
  tell(`trace          ${summary.hash}`);
  if (summary.violationCount === 0) return 0;
  tell(`repeat it:     ${commandOf(firstSeed, size)}`);
  return 1;
}

async function runMany(options: SimulateArguments): Promise<number> {
  const { firstSeed, lastSeed, size } = options;
  const totals = newTotals();
  const count = lastSeed - firstSeed + 1;
  let next = firstSeed;
  const bar = process.stderr.isTTY;
  const progress = (): void => {
    if (bar) process.stderr.write(`\r${barOf(totals, count)}`);
    else if (totals.worlds % Math.max(1, Math.floor(count / 20)) === 0)
      process.stderr.write(`${barOf(totals, count)}\n`);
  };
  const children = new Set<ChildProcess>();
  const folder = await mkdtemp(join(tmpdir(), "detak-simulate-"));
  const program = join(folder, "worker.mjs");
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(program, { serialization: "advanced", execArgv: WORKER_FLAGS });
      children.add(child);
      let running: number | null = null;
      const give = (): void => {
        if (next > lastSeed) {
          running = null;
          child.disconnect();
          return;
        }
        running = next;
        const assignment: Assignment = { seed: next, size };
        next += 1;
        child.send(assignment);
      };
      child.on("message", ({ summary, processorMs }: Outcome) => {
        add(totals, summary, processorMs);
        if (summary.violationCount > 0 && totals.failed.length <= FAILURES_SHOWN_MAX) {
          if (bar) process.stderr.write("\r");
          tell(`seed ${summary.seed} failed: ${commandOf(summary.seed, size)}`);
          tellViolations(summary, VIOLATIONS_SHOWN_MAX);
        }
        progress();
        give();
      });
      child.on("exit", (code, signal) => {
        children.delete(child);
        if (running === null) resolve();
        else
          reject(
            new Error(
              `a worker ended with ${String(signal ?? code)} in seed ${running}: ${commandOf(running, size)}`,
            ),
          );
      });
      give();
    });
  try {
    await writeFile(program, await bundleOf("test/sim/simulate-worker.ts"));
    await Promise.all(Array.from({ length: Math.min(options.jobs, count) }, work));
  } catch (error) {
    for (const child of children) child.kill();
    tell(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  if (bar) process.stderr.write("\n");
  tell(`seeds          ${firstSeed} to ${lastSeed}, ${size.hours} h, ${size.servers} servers each`);
  for (const line of linesOf(totals)) tell(line);
  if (totals.failed.length === 0) return 0;
  const failed = totals.failed.toSorted((a, b) => a - b);
  tell(`failed seeds   ${failed.slice(0, 50).join(", ")}${failed.length > 50 ? ", …" : ""}`);
  tell(`repeat one:    ${commandOf(failed[0] as number, size)}`);
  return 1;
}

function barOf(totals: Totals, count: number): string {
  const width = 30;
  const filled = Math.round((width * totals.worlds) / count);
  const years = totals.serverYears.toFixed(1);
  return `[${"#".repeat(filled)}${".".repeat(width - filled)}] ${totals.worlds}/${count} worlds, ${years} server-years, ${totals.failed.length} failed`;
}
