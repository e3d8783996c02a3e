/**
 * The command `npm run simulate`: its arguments, and what a person reads.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { EventQueue } from "./event-queue.ts";
import { parseArguments } from "./simulate-arguments.ts";

const program = fileURLToPath(new URL("simulate.ts", import.meta.url));
const loader = fileURLToPath(new URL("../../node_modules/tsx/dist/cli.mjs", import.meta.url));

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

function simulate(...words: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [loader, program, ...words], { timeout: 60_000 }, (error, out, said) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, error: said });
    });
  });
}

describe("arguments", () => {
  test("one seed, and a range with its size", () => {
    expect(parseArguments(["--seed", "7"])).toMatchObject({
      ok: true,
      arguments: { firstSeed: 7, lastSeed: 7, single: true, size: { hours: 24, servers: 20 } },
    });
    expect(
      parseArguments(["--seeds", "1..40", "--hours", "0.5", "--servers", "3", "--jobs", "2"]),
    ).toMatchObject({
      ok: true,
      arguments: { firstSeed: 1, lastSeed: 40, single: false, size: { hours: 0.5, servers: 3 }, jobs: 2 },
    });
  });

  test.each([
    [[], "give either --seed N or --seeds A..B"],
    [["--seed", "1", "--seeds", "1..2"], "give either --seed N or --seeds A..B"],
    [["--seed", "x"], '--seed must be a whole number from 0 to 2147483647, not "x"'],
    [["--seed", "1.5"], '--seed must be a whole number from 0 to 2147483647, not "1.5"'],
    [["--seeds", "1-4"], '--seeds must look like 1..1000, not "1-4"'],
    [["--seeds", "5..1"], "--seeds 5..1 counts backwards"],
    [["--seed", "1", "--hours", "0"], '--hours must be a number from 0.1 to 8784, not "0"'],
    [["--seed", "1", "--servers", "9999"], '--servers must be a whole number from 1 to 5000, not "9999"'],
    [["--seeds", "1..2", "--jobs", "0"], '--jobs must be a whole number from 1 to 256, not "0"'],
    [["--speed", "1"], "Unknown option '--speed'"],
    [["7"], "Unexpected argument '7'"],
  ])("%j is refused: %s", (words, mistake) => {
    const parsed = parseArguments(words);
    expect(parsed.ok ? "" : parsed.mistake).toContain(mistake);
  });
});

describe("the program", () => {
  test("one world is told in full, twice the same", async () => {
    const words = ["--seed", "3", "--hours", "2", "--servers", "4"];
    const [first, second] = await Promise.all([simulate(...words), simulate(...words)]);
    expect(first.error).toBe("");
    expect(first.code).toBe(0);
    expect(first.out).toMatch(/^seed {11}3, 2 h, 4 servers$/m);
    expect(first.out).toMatch(/^violations {5}0$/m);
    const trace = /^trace {10}([0-9a-f]{16})$/m;
    expect(trace.exec(first.out)?.[1]).toBe(trace.exec(second.out)?.[1]);
  });

  test("many worlds run in processes of their own and are summed up", async () => {
    const { code, out } = await simulate("--seeds", "1..4", "--hours", "1", "--servers", "3", "--jobs", "2");
    expect(out).toMatch(/^worlds {9}4 \(0 failed\), 0\.00 server-years$/m);
    expect(code).toBe(0);
  });

  test("a wrong argument is one clear line and exit code 2", async () => {
    const { code, out, error } = await simulate("--seeds", "5..1");
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(error.split("\n")[0]).toBe("simulate: --seeds 5..1 counts backwards");
  });
});

describe("the queue", () => {
  test("entries come out by time, and by order within a time, however they were put in", () => {
    const queue = new EventQueue();
    const times = Array.from({ length: 5_000 }, (_, index) => (index * 7_919) % 613);
    for (const [index, atMs] of times.entries()) queue.put(atMs, 0, null, index, null);
    const seen: [number, number][] = [];
    while (queue.next()) seen.push([queue.atMs, queue.value]);
    const expected = times
      .map((atMs, index): [number, number] => [atMs, index])
      .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    expect(seen).toEqual(expected);
    expect(queue.nextMs).toBe(Number.POSITIVE_INFINITY);
  });
});
