/**
 * The store in memory: the contract, and the faults a simulator may order.
 */
import { describe, expect, test } from "vitest";
import {
  type CodecMoment,
  type CommitFault,
  createMemoryDisk,
  openMemoryStorage,
  SimulatedCrash,
} from "../../collector/storage/memory.ts";
import { StoreFailure } from "../../collector/storage/storage.ts";
import { storageContract, type StoreFixture } from "./contract.ts";
import { sampleArchived, sampleDetector, sampleServer } from "./samples.ts";

function openFixture(codec: CodecMoment): StoreFixture {
  const disk = createMemoryDisk(codec);
  let fault: CommitFault = "none";
  const takeFault = (): CommitFault => {
    const taken = fault;
    fault = "none";
    return taken;
  };
  return {
    open: async (schema) =>
      openMemoryStorage({ disk, commitFault: takeFault, ...(schema === undefined ? {} : { schema }) }),
    kill: async (storage) => {
      if (disk.owner === storage) disk.owner.crashNow();
    },
    failNextCommit: () => void (fault = "fail"),
    peek: async () =>
      openMemoryStorage({
        disk: {
          ...disk,
          tables: new Map([...disk.tables].map(([table, records]) => [table, new Map(records)])),
          owner: null,
        },
      }).loadNow(),
    discard: async () => undefined,
  };
}

storageContract("memory, encoding at each commit", async () => openFixture("at_commit"));
storageContract("memory, encoding at load", async () => openFixture("at_load"));

describe("the faults of the store in memory", () => {
  const detector = { table: "detector", key: "s1", value: sampleDetector(1) } as const;

  test("[ST1] a crash just after a commit keeps it, though nobody was told", () => {
    const disk = createMemoryDisk("at_load");
    const storage = openMemoryStorage({ disk, commitFault: () => "crash_after" });
    expect(() => storage.commitNow([detector])).toThrow(SimulatedCrash);
    expect(openMemoryStorage({ disk }).loadNow().detector.get("s1")).toEqual(sampleDetector(1));
  });

  test("[ST2] a crash just before a commit keeps nothing of it", () => {
    const disk = createMemoryDisk();
    const storage = openMemoryStorage({ disk, commitFault: () => "crash_before" });
    expect(() => storage.commitNow([detector])).toThrow(SimulatedCrash);
    expect(() => storage.loadNow()).toThrow(SimulatedCrash);
    expect(openMemoryStorage({ disk }).loadNow().detector.size).toBe(0);
  });

  test("[ST4] an ordered failure is a StoreFailure and passes", () => {
    const faults: CommitFault[] = ["fail", "none"];
    const storage = openMemoryStorage({ commitFault: () => faults.shift() ?? "none" });
    expect(() => storage.commitNow([detector])).toThrow(StoreFailure);
    storage.commitNow([detector]);
    expect(storage.loadNow().detector.size).toBe(1);
  });

  test("[ST5] what the caller did not flush is lost in a crash, and only that", () => {
    const disk = createMemoryDisk("at_load");
    const storage = openMemoryStorage({ disk, flush: "by_caller" });
    storage.later([{ table: "look", key: "s1", value: { coreMs: 1 } }]);
    storage.flushNow();
    storage.later([{ table: "look", key: "s1", value: { coreMs: 2 } }]);
    storage.commitNow([detector]);
    expect(storage.loadNow().look.get("s1")).toEqual({ coreMs: 2 });
    storage.crashNow();
    const snapshot = openMemoryStorage({ disk }).loadNow();
    expect(snapshot.look.get("s1")).toEqual({ coreMs: 1 });
    expect(snapshot.detector.size).toBe(1);
  });

  test("[ST6] a value changed after its commit does not leak into the store", () => {
    const storage = openMemoryStorage();
    const tags = ["a"];
    storage.commitNow([{ table: "server", key: "s1", value: { ...sampleServer(1), tags } }]);
    tags.push("b");
    expect(storage.loadNow().server.get("s1")?.tags).toEqual(["a"]);
  });

  test("[ST8] the archive answers without promises too", () => {
    const storage = openMemoryStorage({ disk: createMemoryDisk("at_load") });
    storage.commitNow([{ table: "archive", key: "i1", value: sampleArchived(1) }]);
    expect(storage.archivedIncidentNow("i1")).toEqual(sampleArchived(1));
    expect(
      storage.archivedIncidentsNow({ fromWallMs: 0, toWallMs: Number.MAX_SAFE_INTEGER, limit: 1 }),
    ).toEqual([sampleArchived(1)]);
  });

  test("[ST12] after closeNow every call throws", () => {
    const storage = openMemoryStorage();
    storage.closeNow();
    storage.closeNow();
    expect(() => storage.commitNow([detector])).toThrow("This store is closed.");
  });
});
