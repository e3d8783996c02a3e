/**
 * A matrix of runs: what each is killed at, how so many go side by side, and one test for each with what was found in all.
 * Why side by side: a run waits a minute for each second that it works; the test machine has two cores.
 * Must not: know what a run does.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { built } from "../e2e/world.ts";
import type { Verdict } from "./judgement.ts";

/** When the collector is killed, about the send that the run is about. */
export const killNames = ["never", "before the send", "during it", "just after acceptance"] as const;
export type KillName = (typeof killNames)[number];

/** As many collectors as two cores bear while they wait. */
const AT_ONCE = 30;
/** All of it; a budget of four minutes, and a machine that has other things to do. */
const LIMIT_MS = 900_000;

/** Twice the shortest T: thirty collectors at once starve each other, and their devices, for seconds now and then. */
export const SETTINGS_OF_RUNS = { DETAK_DOWN_AFTER_SECONDS: "12" } as const;

export interface Matrix<Plan> {
  readonly name: string;
  /** The longest first. */
  readonly plans: readonly Plan[];
  nameOf(plan: Plan): string;
  run(plan: Plan): Promise<Verdict>;
}

export function describeMatrix<Plan>(matrix: Matrix<Plan>): void {
  const { name, plans } = matrix;
  describe(name, () => {
    let runs: readonly Promise<Verdict>[] = [];
    let startedMs = 0;
    beforeAll(async () => {
      await built();
      startedMs = performance.now();
      runs = sideBySide(
        plans.map((plan) => () => matrix.run(plan)),
        AT_ONCE,
      );
      // Each is waited for by the test of its name.
      for (const one of runs) one.catch(() => undefined);
    });
    afterAll(async () => {
      const verdicts = (await Promise.allSettled(runs)).flatMap((one) =>
        one.status === "fulfilled" ? [one.value] : [],
      );
      const sum = (of: (verdict: Verdict) => number): number =>
        verdicts.reduce((total, verdict) => total + of(verdict), 0);
      const seconds = Math.round((performance.now() - startedMs) / 1_000);
      process.stdout.write(
        `${name}: ${sum(({ cells }) => cells)} cells, ${sum(({ messages }) => messages)} messages, ` +
          `${sum(({ marked }) => marked)} marked repeats, ${sum(({ lost }) => lost)} lost, ` +
          `${sum(({ doubled }) => doubled)} doubled, in ${seconds} s\n`,
      );
    });
    for (const [index, plan] of plans.entries())
      it(
        `[O2] [O3] [O4] [O5] [S6] [S7] ${matrix.nameOf(plan)}: nothing lost, nothing doubled`,
        { timeout: LIMIT_MS },
        async () => {
          const { problems } = (await runs[index]) ?? { problems: ["it was not run"] };
          expect(problems).toEqual([]);
        },
      );
  });
}

/** Begins each work in its order; every answer can be waited for by itself. */
function sideBySide<T>(works: readonly (() => Promise<T>)[], atOnce: number): readonly Promise<T>[] {
  const free: (() => void)[] = [];
  let running = 0;
  const turn = async (): Promise<void> => {
    if (running >= atOnce) await new Promise<void>((resolve) => free.push(resolve));
    else running += 1;
  };
  const done = (): void => {
    const next = free.shift();
    if (next === undefined) running -= 1;
    else next();
  };
  return works.map(async (work) => {
    await turn();
    try {
      return await work();
    } finally {
      done();
    }
  });
}
