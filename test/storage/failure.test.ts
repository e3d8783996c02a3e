/**
 * When the world fails: full disks, missing permissions, read-only and broken disks. Nothing changes, one clear line says
 * what to do, and it goes on as soon as the world is well again.
 */
import { execFileSync } from "node:child_process";
import { promises as node } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openLowdbStorage } from "../../collector/storage/lowdb.ts";
import { type Storage, StoreFailure } from "../../collector/storage/storage.ts";
import { until } from "./contract.ts";
import { buildDriver, type Driver } from "./driver-process.ts";
import { makeFolder, removeFolder } from "./folders.ts";
import { createMemoryFileSystem, type MemoryFileSystem } from "./memory-file-system.ts";
import { archiveWrites, sampleArchived } from "./samples.ts";

const isRoot = process.getuid?.() === 0;
const directory = "/store";
const always = { fromWallMs: 0, toWallMs: Number.MAX_SAFE_INTEGER, limit: 1_000 };

const open = (files: MemoryFileSystem, laterFlushMs = 3_600_000): Promise<Storage> =>
  openLowdbStorage({
    directory,
    files,
    laterFlushMs,
    lock: async () => ({ notice: null, close: () => Promise.resolve() }),
  });

const failure = (code: string): Error => Object.assign(new Error(code), { code });

describe("a failure at a step of a write", () => {
  test.each(["ENOSPC", "EACCES", "EROFS", "EIO", "EDQUOT"])(
    "[ST4] %s at any step rejects with StoreFailure, changes nothing, leaves no rubbish, and passes",
    async (code) => {
      let failedSteps = 0;
      for (let failAt = 0; ; failAt++) {
        const files = createMemoryFileSystem();
        const storage = await open(files);
        await storage.commit([{ table: "shelf", key: "a", value: "before" }]);
        let step = 0;
        const failedLines: string[] = [];
        files.beforeStep = async (line) => {
          if (step++ !== failAt || line.startsWith("remove")) return;
          failedLines.push(line);
          throw failure(code);
        };
        const outcome = await storage
          .commit([{ table: "shelf", key: "a", value: "after" }])
          .catch((error: unknown) => error);
        files.beforeStep = () => Promise.resolve();
        if (failedLines.length > 0) {
          failedSteps++;
          expect(outcome).toBeInstanceOf(StoreFailure);
          expect(String(outcome)).toMatch(
            new RegExp(
              `^StoreFailure: Could not write /store/state\\.json: .*\\(${code}\\)\\. Nothing was changed\\.$`,
            ),
          );
          expect(files.paths()).not.toContain("/store/state.json.new");
          expect((await storage.load()).shelf.get("a")).toBe("before");
          expect((await (await open(copyOf(files))).load()).shelf.get("a")).toBe("before");
          await storage.commit([{ table: "shelf", key: "b", value: "next" }]);
          const { shelf } = await (await open(copyOf(files))).load();
          expect([...shelf]).toEqual([
            ["a", "before"],
            ["b", "next"],
          ]);
        }
        await storage.close();
        if (step <= failAt) break;
      }
      // create, write in two halves, sync, link, 2 renames, sync of the folder.
      expect(failedSteps).toBe(8);
    },
  );

  test("[ST4] a file system without hard links is served by renaming", async () => {
    const files = createMemoryFileSystem();
    files.beforeStep = async (line) => {
      if (line.startsWith("link")) throw failure("EPERM");
    };
    const storage = await open(files);
    await storage.commit([{ table: "shelf", key: "a", value: 1 }]);
    await storage.commit([{ table: "shelf", key: "a", value: 2 }]);
    await storage.close();
    expect(files.peek("/store/state.json.previous")?.toString()).toContain('["a",1]');
    expect((await (await open(files)).load()).shelf.get("a")).toBe(2);
  });

  test("[ST5] volatile records that could not be written are told once and written later", async () => {
    const files = createMemoryFileSystem();
    const storage = await open(files, 1);
    let refusals = 0;
    files.beforeStep = async (line) => {
      if (!line.includes("latest.json")) return;
      refusals++;
      throw failure("ENOSPC");
    };
    storage.later([{ table: "look", key: "s1", value: { coreMs: 7 } }]);
    await until(() => refusals >= 3);
    expect(storage.notices).toHaveLength(1);
    expect(storage.notices[0]).toContain("latest.json: the disk is full");
    files.beforeStep = () => Promise.resolve();
    await until(() => files.peek("/store/latest.json")?.toString().includes('"coreMs":7') ?? false);
    await storage.close();
  });

  test("[ST8] an archived incident that can't reach its month waits in state.json and is found all the same", async () => {
    const files = createMemoryFileSystem();
    let storage = await open(files, 1);
    let refusals = 0;
    files.beforeStep = async (line) => {
      if (!line.includes("incidents-")) return;
      refusals++;
      throw failure("EIO");
    };
    await storage.commit(archiveWrites(sampleArchived(1)));
    await until(() => refusals >= 2);
    expect(await storage.archivedIncidents(always)).toEqual([sampleArchived(1)]);
    await storage.close();
    storage = await open(copyOf(files), 1);
    expect(await storage.archivedIncidents(always)).toEqual([sampleArchived(1)]);
    await storage.close();
    expect(files.peek("/store/archive/incidents-2026-01.json")).toBeUndefined();
    files.beforeStep = () => Promise.resolve();
    storage = await open(files, 1);
    await until(() => files.peek("/store/archive/incidents-2026-01.json") !== undefined);
    await storage.close();
    expect(files.peek("/store/state.json")?.toString()).not.toContain('"i1"');
    expect(await (await open(files)).archivedIncidents(always)).toEqual([sampleArchived(1)]);
  });
});

function copyOf(files: MemoryFileSystem): MemoryFileSystem {
  const copy = createMemoryFileSystem();
  for (const path of files.paths()) copy.put(path, files.peek(path)!);
  return copy;
}

describe("a real disk", () => {
  let folder: string;
  let driver: Driver;
  beforeAll(async () => {
    driver = await buildDriver();
  });
  afterAll(() => driver.close());
  beforeEach(async () => {
    folder = await makeFolder();
  });
  afterEach(() => removeFolder(folder));

  test("[ST4] a full disk (a small tmpfs; needs root) refuses clearly, and takes the next commit once there is space", async (context) => {
    if (!isRoot) return context.skip("mounting a tmpfs needs root");
    const mount = join(folder, "small");
    await node.mkdir(mount);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", mount], { stdio: "pipe" });
    } catch (error) {
      return context.skip(`this machine mounts no tmpfs: ${String(error)}`);
    }
    try {
      const directory = join(mount, "data");
      const storage = await openLowdbStorage({ directory });
      await storage.commit([{ table: "shelf", key: "a", value: "before" }]);
      await expect(
        storage.commit([{ table: "shelf", key: "a", value: "x".repeat(2_000_000) }]),
      ).rejects.toThrow(
        /state\.json: the disk is full\. Free some space on it \(ENOSPC\)\. Nothing was changed\./,
      );
      expect((await node.readdir(directory)).filter((name) => name.endsWith(".new"))).toEqual([]);
      // So full that not even the small state fits: fill the rest.
      await node.writeFile(join(mount, "rubbish"), Buffer.alloc(2_000_000)).catch(() => undefined);
      await expect(storage.commit([{ table: "shelf", key: "b", value: "y".repeat(8_192) }])).rejects.toThrow(
        "ENOSPC",
      );
      await node.unlink(join(mount, "rubbish"));
      await storage.commit([{ table: "shelf", key: "b", value: "next" }]);
      await storage.close();
      const again = await openLowdbStorage({ directory });
      expect([...(await again.load()).shelf]).toEqual([
        ["a", "before"],
        ["b", "next"],
      ]);
      await again.close();
    } finally {
      execFileSync("umount", ["-l", mount], { stdio: "pipe" });
    }
  });

  test("[ST4] a folder that may not be written is refused at open, by its name (a user without rights)", async () => {
    const directory = join(folder, "data");
    await node.mkdir(directory);
    await node.chmod(folder, 0o755);
    await node.chmod(directory, 0o555);
    const refused = isRoot ? driver.startAsNobody(directory, "hold") : driver.start(directory, "hold");
    expect(await refused.said("refused")).toContain(
      `Could not lock ${directory}: the permission is missing. Make the folder and its files belong to the user that runs the collector (EACCES)`,
    );
    await refused.kill();
    await node.chmod(directory, 0o755);
  });

  test("[ST4] a state file that may not be read is refused, and not begun anew (a user without rights)", async () => {
    const directory = join(folder, "data");
    await (await openLowdbStorage({ directory })).close();
    await node.chmod(folder, 0o755);
    await node.chmod(directory, 0o777);
    await node.chmod(join(directory, "state.json"), 0);
    const before = await node.readdir(directory);
    const refused = isRoot ? driver.startAsNobody(directory, "hold") : driver.start(directory, "hold");
    expect(await refused.said("refused")).toContain(
      `Could not read ${join(directory, "state.json")}: the permission is missing`,
    );
    await refused.kill();
    expect(await node.readdir(directory)).toEqual(before);
  });

  test("[ST4] a folder that is a file, and a file that is a folder, are refused by their names", async () => {
    const file = join(folder, "file");
    await node.writeFile(file, "");
    await expect(openLowdbStorage({ directory: file })).rejects.toThrow(
      `Could not make the folder ${file}: there is a file where a folder is needed`,
    );
    await expect(openLowdbStorage({ directory: join(file, "data") })).rejects.toThrow(
      "a part of the path is a file",
    );
    const directory = join(folder, "data");
    await node.mkdir(join(directory, "state.json"), { recursive: true });
    await expect(openLowdbStorage({ directory })).rejects.toThrow(
      `Could not read ${join(directory, "state.json")}: there is a folder where a file is needed`,
    );
  });

  test("[ST6] files are for their owner alone: folders 0700, files 0600, whatever the umask", async () => {
    const before = process.umask(0);
    try {
      const directory = join(folder, "data");
      const storage = await openLowdbStorage({ directory });
      storage.later([{ table: "look", key: "s1", value: { coreMs: 1 } }]);
      await storage.commit(archiveWrites(sampleArchived(1)));
      await storage.close();
      const modeOf = async (...names: readonly string[]): Promise<string> =>
        ((await node.stat(join(directory, ...names))).mode & 0o777).toString(8);
      expect(await modeOf()).toBe("700");
      expect(await modeOf("archive")).toBe("700");
      for (const name of [
        "state.json",
        "state.json.previous",
        "latest.json",
        "archive/incidents-2026-01.json",
      ]) {
        expect(await modeOf(name), name).toBe("600");
      }
    } finally {
      process.umask(before);
    }
  });
});
