/**
 * How the suite runs. What: one vitest configuration for unit, contract, simulation, process and browser tests.
 * Why here: the top level of the house is fixed. Must not: hide slow or failing tests behind retries.
 */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./longest-first.ts";

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    pool: "forks",
    // More than the cores of a build machine: the longest files wait for collectors that wait.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    retry: 0,
    reporters: ["default", "./test/closing-line-reporter.ts"],
  },
});
