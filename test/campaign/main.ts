/**
 * The real campaign: real collectors and agents in networks of their own, real faults, and what people were told compared
 * with what was done. `npm run campaign -- [--only name]… [--list] [--times 3] [--at-once 7] [--keep]`.
 * Must not: leave anything behind, also when it is interrupted; or call a scenario passed that did not run.
 */
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fakeTimeLibrary } from "./fake-time.ts";
import { campaignFolder, isNotRunning, removeLeftovers } from "./leftovers.ts";
import { canFilterPackets, namespacesObstacle } from "./namespaces.ts";
import { buildPrograms } from "./programs.ts";
import { runScenario, type Verdict } from "./run.ts";
import type { Need, Scenario } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";
import { lineOf, tableOf, type Skipped } from "./table.ts";

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const width = Math.max(...scenarios.map(({ name }) => name.length));

const has: Readonly<Record<Need, boolean>> = {
  libfaketime: fakeTimeLibrary() !== null,
  nftables: await canFilterPackets(),
};

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    list: { type: "boolean", default: false },
    times: { type: "string", default: "1" },
    "at-once": { type: "string", default: "7" },
    keep: { type: "boolean", default: false },
  },
});
process.exitCode = await campaign();

async function campaign(): Promise<number> {
  if (values.list) {
    for (const { name, rule } of scenarios) say(`${name.padEnd(width)}  ${rule}`);
    return 0;
  }
  const times = Number(values.times);
  const atOnce = Number(values["at-once"]);
  if (!(Number.isInteger(times) && times >= 1 && Number.isInteger(atOnce) && atOnce >= 1)) {
    say("--times and --at-once are whole numbers from 1 on");
    return 2;
  }
  const unknown = values.only?.filter((name) => !scenarios.some((scenario) => scenario.name === name)) ?? [];
  if (unknown.length > 0) {
    say(`no such scenario: ${unknown.join(", ")}; --list names them`);
    return 2;
  }
  const obstacle = await namespacesObstacle();
  if (obstacle !== null) {
    say(`campaign skipped: ${obstacle}`);
    return 0;
  }
  await removeLeftovers(isNotRunning);
  const interrupted = (): void => {
    say("interrupted: taking down what was put up");
    void removeLeftovers((maker) => maker === process.pid).finally(() => process.exit(130));
  };
  process.once("SIGINT", interrupted);
  process.once("SIGTERM", interrupted);
  try {
    return await runAll(
      scenarios.filter(({ name }) => values.only?.includes(name) ?? true),
      times,
      atOnce,
    );
  } finally {
    await removeLeftovers((maker) => maker === process.pid);
  }
}

async function runAll(wanted: readonly Scenario[], times: number, atOnce: number): Promise<number> {
  const folder = campaignFolder();
  await mkdir(folder, { mode: 0o700 });
  const programs = await buildPrograms(folder);
  const logs = join(tmpdir(), `detak-campaign-logs-${process.pid}`);
  let number = 0;
  let failures = 0;
  for (let run = 1; run <= times; run += 1) {
    if (times > 1) say(`run ${run} of ${times}`);
    const startedMs = performance.now();
    const verdicts: Verdict[] = [];
    const skipped = wanted.flatMap((scenario) => skippedFor(scenario) ?? []);
    const waiting = wanted.filter((scenario) => skippedFor(scenario) === null);
    const worker = async (): Promise<void> => {
      for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift()) {
        number += 1;
        const verdict = await runScenario(
          { number, scenario, programs, folder, logFolder: join(logs, String(run), scenario.name) },
          { keepTraces: values.keep },
        );
        verdicts.push(verdict);
        say(lineOf(verdict, width));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    verdicts.sort((a, b) => indexOf(wanted, a) - indexOf(wanted, b));
    failures += verdicts.filter(({ problems }) => problems.length > 0).length;
    say(`\n${tableOf(verdicts, skipped, (performance.now() - startedMs) / 1_000)}\n`);
  }
  if (failures > 0 || values.keep) say(`what the programs said lies in ${logs}`);
  return failures > 0 ? 1 : 0;
}

function indexOf(wanted: readonly Scenario[], verdict: Verdict): number {
  return wanted.findIndex(({ name }) => name === verdict.scenario);
}

/** What this machine lacks for it; null: nothing. */
function skippedFor({ name, needs }: Scenario): Skipped | null {
  const missing = needs?.find((need) => !has[need]);
  if (missing === undefined) return null;
  return { scenario: name, reason: `${missing} is not installed (apt-get install ${missing})` };
}
