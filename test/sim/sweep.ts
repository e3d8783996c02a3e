/**
 * `npm run sweep`: every judged setting with other values, over the same worlds, as tables.
 * Why: a setting that nobody compared is a guess; these are the figures behind the ones in SPEC.md.
 * Must not: judge a value, or run on more than one core.
 *
 * Exit code: 0 the tables stand, 1 a rule was broken with today's values or the program itself failed, 2 wrong arguments.
 */
import { parseSweepArguments, usage, type SweepArguments } from "./sweep-arguments.ts";
import { Sweeper } from "./sweep-run.ts";
import { familyLines, tableOf } from "./sweep-tables.ts";

const parsed = parseSweepArguments(process.argv.slice(2));
if (!parsed.ok) {
  process.stderr.write(`sweep: ${parsed.mistake}\n\n${usage}\n`);
  process.exit(2);
}
process.exitCode = sweepAll(parsed.arguments);

function tell(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

function sweepAll({ settings, firstSeed, lastSeed, size }: SweepArguments): number {
  const seeds = Array.from({ length: lastSeed - firstSeed + 1 }, (_, index) => firstSeed + index);
  const families = [...new Set(settings.flatMap((setting) => setting.families))];
  const total =
    settings.reduce((sum, one) => sum + one.families.length * one.values.length, 0) * seeds.length;
  const sweeper = new Sweeper(size);
  const failures: string[] = [];
  let worlds = 0;
  const done = (): void => {
    worlds += 1;
    if (worlds % seeds.length === 0 || process.stderr.isTTY)
      process.stderr.write(
        `${process.stderr.isTTY ? "\r" : ""}${worlds}/${total} worlds${process.stderr.isTTY ? "" : "\n"}`,
      );
  };
  tell([
    `Seeds ${firstSeed} to ${lastSeed}, ${size.hours} h, ${size.servers} servers each. Today's value is bold.`,
    "",
    ...familyLines(families),
    "",
  ]);
  for (const setting of settings)
    for (const family of setting.families) {
      const { rows } = sweeper.sweep(setting, family, seeds, done);
      tell(tableOf(setting, family, rows));
      for (const { name, today } of setting.values)
        for (const line of [
          ...(rows.get(name)?.bugs ?? []),
          ...(today ? (rows.get(name)?.broken ?? []) : []),
        ])
          failures.push(
            today ? `today's values, ${family}: ${line}` : `${setting.key} ${name}, ${family}: ${line}`,
          );
    }
  if (process.stderr.isTTY) process.stderr.write("\n");
  tell([...new Set(failures)].map((line) => `failed         ${line}`));
  return failures.length === 0 ? 0 : 1;
}
