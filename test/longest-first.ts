/**
 * The order of test files: those that last longest begin first, so that none of them is left alone at the end.
 * Why a list: vitest knows how long a file lasted only where it ran before; on a new machine it begins with the largest ones.
 * Must not: leave a file out, or matter to what a test sees.
 */
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * A minute and more. One that keeps a core busy stands between two that start dozens of collectors: those two at once starved their
 * own devices for seconds, and were told of outages that were none of the test's.
 */
const longest = [
  "test/sim/mistakes/mistakes.test.ts",
  "test/telling/telegram-matrix.test.ts",
  "test/sim/sim.test.ts",
  "test/web/browser.test.ts",
  "test/telling/http-matrix.test.ts",
  "test/e2e/telegram-troubles.test.ts",
  "test/telling/outage.test.ts",
  "test/e2e/collector-restart.test.ts",
];

function rankOf({ moduleId }: TestSpecification): number {
  const place = longest.findIndex((file) => moduleId.replaceAll("\\", "/").endsWith(file));
  return place < 0 ? longest.length : place;
}

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}
