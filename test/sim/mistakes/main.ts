/**
 * `npm run mistakes`: which world catches each mistake, and by which rules; as a table.
 * With `--record` what was seen is written to `record.json`, where the tests begin.
 * Must not: call a mistake caught that a world without it would show as well.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { format } from "prettier";
import { heldWithout, hunted, MISTAKE_SIZE, roughestSeeds, SEEDS_DRAWN, SEEDS_MAX } from "./hunt.ts";
import { mistakes } from "./list.ts";
import type { Caught } from "./worlds.ts";

const { values } = parseArgs({
  options: {
    record: { type: "boolean" },
    /** Only those whose name contains this. */
    only: { type: "string" },
  },
});

const seeds = roughestSeeds();
const whole = await heldWithout({ seeds, size: MISTAKE_SIZE });
if (whole !== null) {
  process.stderr.write(`mistakes: without any mistake seed ${whole.seed ?? ""} breaks ${whole.sentence}\n`);
  process.exit(1);
}

const chosen = mistakes.filter(({ name }) => name.includes(values.only ?? ""));
const record: Record<string, Pick<Caught, "seed" | "rules">> = {};
for (const mistake of chosen) {
  const caught = await hunted(mistake, seeds).catch((error: unknown) => String(error));
  if (caught === null || typeof caught === "string") {
    process.stdout.write(`MISSED  ${mistake.name}  ${caught ?? ""}\n`);
    continue;
  }
  record[mistake.name] = { seed: caught.seed, rules: caught.rules };
  const world = caught.seed === null ? "story" : String(caught.seed);
  process.stdout.write(
    `${world.padStart(5)}  ${caught.rules.join(" ").padEnd(12)}  ${mistake.name}  (${caught.sentence})\n`,
  );
}
const caughtCount = Object.keys(record).length;
process.stdout.write(
  `\n${caughtCount} of ${chosen.length} mistakes caught by their story or within the ${SEEDS_MAX} roughest of ${SEEDS_DRAWN} worlds of ${MISTAKE_SIZE.hours} h and ${MISTAKE_SIZE.servers} servers\n`,
);
if (values.record === true)
  await writeFile(
    new URL("record.json", import.meta.url),
    await format(JSON.stringify(record), { parser: "json" }),
  );
process.exitCode = caughtCount === chosen.length ? 0 : 1;
