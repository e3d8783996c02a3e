/**
 * A real process that uses the store and can be stopped before any step of any write, to be killed there.
 * Why a process: only the kernel knows what a SIGKILL leaves of files, handles and locks.
 * Run by crash.test.ts and lock.test.ts, bundled. Arguments: folder, task, and for `life` the step to stop at:
 * its number, or its words.
 * It says on stdout, one line each: `asked N`, `resolved N`, `stopped <step>`, `open`, `refused <name>`, `done`.
 */
import { existsSync, writeSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type FileSystem, nodeFileSystem } from "../../collector/storage/file-system.ts";
import { openLowdbStorage } from "../../collector/storage/lowdb.ts";
import { type Storage, StoreInUse } from "../../collector/storage/storage.ts";
import { lifeCommits } from "./crash-life.ts";

/** Synchronous: it is with the reader before the process can die. */
const say = (line: string): void => void writeSync(1, `${line}\n`);

/** Stops for good before step `stopAt` (its number or its words); the process lives on until somebody kills it. */
function stoppingFileSystem(stopAt: string): FileSystem {
  let steps = 0;
  const step = async (...words: readonly string[]): Promise<void> => {
    const name = words.join(" ");
    if (String(steps++) !== stopAt && name !== stopAt) return;
    say(`stopped ${name}`);
    setInterval(() => undefined, 1_000);
    await new Promise<never>(() => undefined);
  };
  return {
    ...nodeFileSystem,
    async create(path) {
      const name = basename(path);
      await step("create", name);
      const file = await nodeFileSystem.create(path);
      return {
        ...file,
        async write(chunks) {
          const bytes = Buffer.concat(chunks);
          const half = bytes.byteLength >> 1;
          await step("write", name);
          await file.write([bytes.subarray(0, half)]);
          await step("write the rest of", name);
          await file.write([bytes.subarray(half)]);
        },
        async sync() {
          await step("sync", name);
          await file.sync();
        },
      };
    },
    async link(from, to) {
      await step("link", basename(from), basename(to));
      await nodeFileSystem.link(from, to);
    },
    async rename(from, to) {
      await step("rename", basename(from), basename(to));
      await nodeFileSystem.rename(from, to);
    },
    async remove(path) {
      await step("remove", basename(path));
      await nodeFileSystem.remove(path);
    },
    async makeFolder(path) {
      await step("make folder", basename(path));
      await nodeFileSystem.makeFolder(path);
    },
    async openFolder(path) {
      const folder = await nodeFileSystem.openFolder(path);
      return {
        ...folder,
        async sync() {
          await step("sync folder", basename(path));
          await folder.sync();
        },
      };
    },
  };
}

/** Opens, commits everything of crash-life.ts, waits in between until closed incidents reached their month, closes. */
async function live(directory: string, stopAt: string): Promise<void> {
  const storage = await openLowdbStorage({ directory, laterFlushMs: 1, files: stoppingFileSystem(stopAt) });
  for (const [index, { writes, awaitFile }] of lifeCommits.entries()) {
    storage.later([{ table: "look", key: "s1", value: { coreMs: index } }]);
    say(`asked ${index + 1}`);
    await storage.commit(writes);
    say(`resolved ${index + 1}`);
    while (awaitFile !== null && !existsSync(join(directory, awaitFile))) await wait(2);
  }
  await storage.close();
}

/** Commits a counter as fast as it can, until it is killed. */
async function countUp(directory: string): Promise<void> {
  const storage: Storage = await openLowdbStorage({ directory, laterFlushMs: 1 });
  const before = (await storage.load()).shelf.get("counter");
  say("open");
  for (let counter = typeof before === "number" ? before + 1 : 1; ; counter++) {
    say(`asked ${counter}`);
    await storage.commit([
      { table: "shelf", key: "counter", value: counter },
      { table: "shelf", key: `of ${counter % 10}`, value: String(counter).repeat(2_000) },
    ]);
    say(`resolved ${counter}`);
  }
}

/** Opens and holds the store until it is killed; or says that it was refused. */
async function hold(directory: string): Promise<void> {
  try {
    await openLowdbStorage({ directory });
    say("open");
    setInterval(() => undefined, 1_000);
  } catch (error) {
    say(`refused ${error instanceof StoreInUse ? error.name : String(error)}`);
  }
}

const [directory = "", task = "", stopAt = "-1"] = process.argv.slice(2);
switch (task) {
  case "life":
    await live(directory, stopAt);
    say("done");
    break;
  case "count":
    await countUp(directory);
    break;
  case "hold":
    await hold(directory);
    break;
  default:
    throw new Error(`unknown task ${task}`);
}
