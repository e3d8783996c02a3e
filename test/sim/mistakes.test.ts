/**
 * The checker is checked: each mistake put in on purpose is caught by its story, which holds without the mistake.
 */
import { describe, expect, test } from "vitest";
import { mistakes } from "./mistakes.ts";
import { play } from "./scenario.ts";

describe("mistakes put in on purpose", () => {
  test.each(mistakes)("[$rule] is violated by: $name", ({ story, options, rule }) => {
    expect(play(story()).violations).toEqual([]);
    const caught = play(story(), options).world.oracle.violations.map((violation) => violation.rule);
    expect(caught).toContain(rule);
  });
});
