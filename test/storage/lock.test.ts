/**
 * One collector on one folder: real processes, killed, stopped and started at once.
 */
import { accessSync, constants, promises as node } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { lockFolder } from "../../collector/storage/lock.ts";
import { openLowdbStorage } from "../../collector/storage/lowdb.ts";
import { StoreInUse } from "../../collector/storage/storage.ts";
import { buildDriver, type Driver } from "./driver-process.ts";
import { makeFolder, removeFolder } from "./folders.ts";

let driver: Driver;
let folder: string;
beforeAll(async () => {
  driver = await buildDriver();
});
afterAll(() => driver.close());
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => removeFolder(folder));

const lockNames = async (): Promise<readonly string[]> =>
  (await node.readdir(folder)).filter((name) => name.includes(".lock"));

function canWriteInSys(): boolean {
  try {
    accessSync("/sys/kernel", constants.W_OK);
    return process.platform === "linux";
  } catch {
    return false;
  }
}

describe("the lock of a folder", () => {
  test("[ST9] another process is refused while the first lives, by its number, and accepted at once after kill -9", async () => {
    const first = driver.start(folder, "hold");
    await first.said("open");
    await expect(openLowdbStorage({ directory: folder })).rejects.toThrow(StoreInUse);
    await expect(openLowdbStorage({ directory: folder })).rejects.toThrow(`process ${first.pid}`);
    const second = driver.start(folder, "hold");
    expect(await second.said("refused")).toBe("refused StoreInUse");
    await first.kill();
    const third = driver.start(folder, "hold");
    await third.said("open");
    await third.kill();
    const storage = await openLowdbStorage({ directory: folder });
    // Only the living one's socket and marker are left; the dead were tidied up.
    expect(await lockNames()).toHaveLength(2);
    await storage.close();
    expect(await lockNames()).toEqual([]);
  });

  test("[ST9] a process that is stopped (SIGSTOP) still holds the store", async () => {
    const first = driver.start(folder, "hold");
    await first.said("open");
    first.signal("SIGSTOP");
    await expect(lockFolder({ folder })).rejects.toThrow(StoreInUse);
    first.signal("SIGCONT");
    await first.kill();
    await (await lockFolder({ folder })).close();
  });

  test("[ST9] of six processes started at once exactly one gets the store, also over the remains of a dead one", async () => {
    for (let round = 0; round < 4; round++) {
      const processes = Array.from({ length: 6 }, () => driver.start(folder, "hold"));
      const answers = await Promise.all(
        processes.map((process) =>
          Promise.race([process.said("open"), process.said("refused").catch(() => "open")]),
        ),
      );
      expect(answers.toSorted()).toEqual(["open", ...Array.from({ length: 5 }, () => "refused StoreInUse")]);
      await Promise.all(processes.map((process) => process.kill()));
    }
  }, 60_000);

  test("[ST9] twenty starters in one process: never two owners, and always one", async () => {
    for (let round = 0; round < 10; round++) {
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder({ folder })));
      const owners = outcomes.filter((outcome) => outcome.status === "fulfilled");
      expect(owners).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(StoreInUse);
      }
      for (const owner of owners) await owner.value.close();
    }
  });

  test("[ST9] files of a dead owner, sockets or anything else under their names, hold nothing", async () => {
    await node.writeFile(join(folder, "collector-1-0000000000000000.lock"), "left by a restored backup");
    const lock = await lockFolder({ folder });
    expect(await lockNames()).toHaveLength(2);
    await lock.close();
    expect(await lockNames()).toEqual([]);
  });

  test("[ST9] a folder with a path too long for a socket is locked all the same", async () => {
    const deep = join(folder, "cabang-".repeat(20), "data");
    const lock = await lockFolder({ folder: deep });
    expect(lock.notice).toBeNull();
    await expect(lockFolder({ folder: deep })).rejects.toThrow(StoreInUse);
    await lock.close();
    await (await lockFolder({ folder: deep })).close();
  });

  test("[ST9] two ways to the same folder are one folder", async () => {
    const link = `${folder}-link`;
    await node.symlink(folder, link);
    const lock = await lockFolder({ folder });
    await expect(lockFolder({ folder: link })).rejects.toThrow(StoreInUse);
    await lock.close();
    await node.unlink(link);
  });

  test.runIf(canWriteInSys())(
    "[ST9] where the folder can't hold sockets the second place is taken, and a notice says so (needs root and a writable /sys)",
    async () => {
      // sysfs takes no sockets: the kernel answers as FAT does.
      const meetingFolders = ["/sys/kernel", folder] as const;
      const lock = await lockFolder({ folder: "/data", meetingFolders });
      expect(lock.notice).toContain("can't hold sockets");
      await expect(lockFolder({ folder: "/data", meetingFolders })).rejects.toThrow(StoreInUse);
      await lock.close();
    },
  );

  test("[ST9] close is idempotent and frees the folder", async () => {
    const lock = await lockFolder({ folder });
    await Promise.all([lock.close(), lock.close()]);
    await (await lockFolder({ folder })).close();
  });

  test("[ST9] a collector that can't see the lock is stopped before it overwrites what another one wrote", async () => {
    const noLock = async () => ({ notice: null, close: () => Promise.resolve() });
    const one = await openLowdbStorage({ directory: folder, lock: noLock });
    const other = await openLowdbStorage({ directory: folder, lock: noLock });
    await one.commit([{ table: "shelf", key: "a", value: "one" }]);
    await expect(other.commit([{ table: "shelf", key: "a", value: "other" }])).rejects.toThrow(StoreInUse);
    await one.commit([{ table: "shelf", key: "b", value: "one" }]);
    await other.close();
    await one.close();
    const storage = await openLowdbStorage({ directory: folder });
    expect([...(await storage.load()).shelf]).toEqual([
      ["a", "one"],
      ["b", "one"],
    ]);
    await storage.close();
  });
});
