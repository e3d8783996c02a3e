/**
 * The first step of every npm script, on a small project of its own that needs no network: one package in a file.
 * Must not: touch this checkout's node_modules.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root, startProgram, type ProgramEnd } from "./program.ts";

const execute = promisify(execFile);
let folder: string;
const installed = async (
  ...nodeOptions: readonly string[]
): Promise<{ readonly end: ProgramEnd; readonly text: string }> => {
  const program = startProgram([...nodeOptions, join(folder, "collector/start/installed.mjs")], { folder });
  const end = await program.ended;
  return { end, text: [...program.output, ...program.errors].join("\n") };
};
const isThere = (path: string): Promise<boolean> =>
  stat(join(folder, path)).then(
    () => true,
    () => false,
  );

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "detak-installation-"));
  await cp(join(root, "collector/start"), join(folder, "collector/start"), { recursive: true });
  const part = join(folder, "part");
  await mkdir(part);
  await writeFile(join(part, "package.json"), JSON.stringify({ name: "part", version: "1.0.0" }));
  const npm = (...words: readonly string[]) =>
    execute("npm", [...words, "--offline"], { cwd: folder, timeout: 60_000 });
  await npm("pack", "./part");
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ name: "small", version: "1.0.0", dependencies: { part: "file:part-1.0.0.tgz" } }),
  );
  await npm("install", "--package-lock-only", "--no-audit", "--no-fund");
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("what package-lock.json names", () => {
  it(
    "is installed with a line of progress; who comes meanwhile waits; the lock file stays as it was",
    { timeout: 90_000 },
    async () => {
      const lock = await readFile(join(folder, "package-lock.json"), "utf8");
      const both = await Promise.all([installed(), installed()]);
      expect(both.map(({ end }) => end.code)).toEqual([0, 0]);
      expect(
        both.filter(({ text }) => /installing what package-lock\.json names … \d+ s, done/.test(text)),
      ).toHaveLength(1);
      expect(await isThere("node_modules/part/package.json")).toBe(true);
      expect(await readFile(join(folder, "package-lock.json"), "utf8")).toBe(lock);
      expect(await isThere("dist/.installing")).toBe(false);
    },
  );

  it("is not touched when all of it is there, and nothing is said", { timeout: 60_000 }, async () => {
    const note = join(folder, "node_modules/.package-lock.json");
    const before = (await stat(note)).mtimeMs;
    expect(await installed()).toEqual({ end: { code: 0, signal: null }, text: "" });
    expect((await stat(note)).mtimeMs).toBe(before);
  });

  it("is installed again when a part is gone", { timeout: 60_000 }, async () => {
    await rm(join(folder, "node_modules/part"), { recursive: true });
    const { end, text } = await installed();
    expect(end.code).toBe(0);
    expect(text).toContain("done");
    expect(await isThere("node_modules/part/package.json")).toBe(true);
  });

  it("the lock of an installation that was killed is taken over", { timeout: 60_000 }, async () => {
    await rm(join(folder, "node_modules"), { recursive: true });
    const dead = startProgram(["-e", ""]);
    await dead.ended;
    await mkdir(join(folder, "dist/.installing"), { recursive: true });
    await writeFile(join(folder, "dist/.installing/owner"), String(dead.pid));
    expect((await installed()).end.code).toBe(0);
    expect(await isThere("node_modules/part/package.json")).toBe(true);
  });

  it("cannot be installed: npm's words, a hint, exit 1", { timeout: 60_000 }, async () => {
    await rm(join(folder, "node_modules"), { recursive: true });
    const lockFile = join(folder, "package-lock.json");
    const lock = await readFile(lockFile, "utf8");
    // The package is not the one that the lock file means.
    await writeFile(lockFile, lock.replace(/sha512-[^"]+/, `sha512-${"A".repeat(86)}==`));
    const { end, text } = await installed();
    await writeFile(lockFile, lock);
    expect(end.code).toBe(1);
    expect(text).toContain("failed");
    expect(text).toContain("npm could not install the packages");
  });
});

describe("a Node that is too old", () => {
  it("is named, with the one that is needed, exit 1", async () => {
    const older = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.18.9" } });`;
    const { end, text } = await installed("--import", `data:text/javascript,${encodeURIComponent(older)}`);
    expect(end.code).toBe(1);
    expect(text).toMatch(/needs Node 20\.19 or newer; this is Node 20\.18\.9/);
  });
});
