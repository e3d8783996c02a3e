/**
 * The checker is checked: each mistake that somebody could make is caught, by drawn worlds or by its story, and the same
 * worlds hold without it.
 * Why the recorded world first: it costs a second; when the core or the draws changed, the others are tried, up to the number
 * that is promised.
 */
import { describe, expect, test } from "vitest";
import { giveWay } from "../../give-way.ts";
import { heldWithout, hunted, MISTAKE_SIZE, roughestSeeds, SEEDS_MAX } from "./hunt.ts";
import { mistakes } from "./list.ts";
import record from "./record.json" with { type: "json" };

giveWay();

/** All of the promised worlds, on a slow machine. */
const LIMIT = { timeout: 240_000 };

const recorded: Readonly<
  Record<string, { readonly seed: number | null; readonly rules: readonly string[] }>
> = record;

describe("mistakes put in on purpose", () => {
  test("the worlds that catch them hold without them", LIMIT, async () => {
    const seeds = [...new Set(Object.values(recorded).flatMap(({ seed }) => seed ?? []))];
    expect(await heldWithout({ seeds, size: MISTAKE_SIZE })).toBeNull();
    for (const { story } of mistakes) if (story) expect(await heldWithout({ story: story() })).toBeNull();
  });

  test("none is missing in the record, and none is left in it", () => {
    expect(Object.keys(recorded)).toEqual(mistakes.map(({ name }) => name));
    expect(mistakes.length).toBeGreaterThanOrEqual(40);
  });

  test.each(mistakes)("$name", LIMIT, async (mistake) => {
    const known = recorded[mistake.name]?.seed;
    const caught =
      (known == null ? null : await hunted(mistake, [known])) ?? (await hunted(mistake, roughestSeeds()));
    expect(caught, `not seen in ${SEEDS_MAX} worlds`).not.toBeNull();
    expect(caught?.rules.length).toBeGreaterThan(0);
  });
});
