/**
 * The store of files: the contract on a real folder.
 */
import { openLowdbStorage } from "../../collector/storage/lowdb.ts";
import { nodeFileSystem } from "../../collector/storage/file-system.ts";
import type { Storage } from "../../collector/storage/storage.ts";
import { storageContract, type StoreFixture } from "./contract.ts";
import { copyAsKilled, makeFolder, removeFolder } from "./folders.ts";

async function openFixture(): Promise<StoreFixture> {
  const laterFlushMs = 20;
  const folders = [await makeFolder()];
  const opened: Storage[] = [];
  let failures = 0;
  const files = {
    ...nodeFileSystem,
    create: async (path: string) => {
      if (failures > 0 && path.endsWith("state.json.new")) {
        failures--;
        throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      }
      return nodeFileSystem.create(path);
    },
  };
  return {
    async open(schema) {
      const directory = folders[0]!;
      const options = { directory, laterFlushMs, files };
      const storage = await openLowdbStorage(schema === undefined ? options : { ...options, schema });
      opened.push(storage);
      return storage;
    },
    async kill() {
      folders.unshift(await copyAsKilled(folders[0]!));
    },
    failNextCommit() {
      failures++;
    },
    async peek() {
      const copy = await copyAsKilled(folders[0]!);
      const storage = await openLowdbStorage({ directory: copy });
      const snapshot = await storage.load();
      await storage.close();
      await removeFolder(copy);
      return snapshot;
    },
    async discard() {
      for (const storage of opened) await storage.close();
      for (const folder of folders) await removeFolder(folder);
    },
  };
}

storageContract("lowdb", openFixture);
