/**
 * Torn and corrupt files, at every kind of boundary: the copy before is used and said so, or it is refused loudly.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { currentSchema } from "../../collector/storage/codec.ts";
import { openLowdbStorage } from "../../collector/storage/lowdb.ts";
import { type Storage, StoreCorrupt, StoreTooNew } from "../../collector/storage/storage.ts";
import { createMemoryFileSystem, type MemoryFileSystem } from "./memory-file-system.ts";
import { archiveWrites, sampleArchived } from "./samples.ts";

const directory = "/store";
const state = "/store/state.json";
const previous = "/store/state.json.previous";
const always = { fromWallMs: 0, toWallMs: Number.MAX_SAFE_INTEGER, limit: 1_000 };

const open = (files: MemoryFileSystem): Promise<Storage> =>
  openLowdbStorage({
    directory,
    files,
    lock: async () => ({ notice: null, close: () => Promise.resolve() }),
  });

/** The same files once more, so that each damage begins with good ones. */
function copyOf(files: MemoryFileSystem): MemoryFileSystem {
  const copy = createMemoryFileSystem();
  for (const path of files.paths()) copy.put(path, files.peek(path)!);
  return copy;
}

function contentOf(files: MemoryFileSystem): Readonly<Record<string, string>> {
  return Object.fromEntries(files.paths().map((path) => [path, files.peek(path)!.toString("hex")]));
}

/** Every way to hurt a file: [what, damaged bytes]. `all`: at each byte; otherwise at each 200th part and the ends. */
function* damagesOf(bytes: Buffer, all: boolean): Iterable<readonly [string, Buffer]> {
  const length = bytes.byteLength;
  const stride = all ? 1 : Math.ceil(length / 200);
  const offsets = new Set<number>([1, 2, length - 2, length - 1]);
  for (let offset = 0; offset < length; offset += stride) offsets.add(offset);
  for (const offset of offsets) {
    yield [`cut at ${offset}`, bytes.subarray(0, offset)];
    const zeroed = Buffer.from(bytes).fill(0, offset);
    yield [`zeroes from ${offset}`, zeroed];
    const flipped = Buffer.from(bytes);
    flipped[offset] = flipped[offset]! ^ (1 << (offset % 8));
    yield [`a flipped bit at ${offset}`, flipped];
    const doubled = Buffer.concat([bytes.subarray(0, offset), bytes.subarray(Math.max(0, offset - 1))]);
    yield [`a doubled byte at ${offset}`, doubled];
  }
  yield ["garbage behind it", Buffer.concat([bytes, Buffer.from("garbage")])];
  yield ["a newline behind it", Buffer.concat([bytes, Buffer.from("\n")])];
  yield ["zeroes behind it", Buffer.concat([bytes, Buffer.alloc(4_096)])];
  yield ["itself behind it", Buffer.concat([bytes, bytes])];
}

let small: MemoryFileSystem;
let large: MemoryFileSystem;

beforeAll(async () => {
  small = createMemoryFileSystem();
  let storage = await open(small);
  await storage.commit([{ table: "shelf", key: "a", value: "before" }]);
  await storage.commit([{ table: "shelf", key: "a", value: "after" }]);
  await storage.close();
  large = createMemoryFileSystem();
  storage = await open(large);
  await storage.commit(
    Array.from({ length: 400 }, (_, index) => ({
      table: "shelf",
      key: `k${index}`,
      value: `value ${index}`,
    })),
  );
  await storage.commit([{ table: "shelf", key: "a", value: "after" }]);
  await storage.close();
});

describe("state.json", () => {
  test("[ST11] hurt at any byte of a small file: the copy before it is used, and a notice says so", async () => {
    let count = 0;
    for (const [what, bytes] of damagesOf(small.peek(state)!, true)) {
      if (bytes.equals(small.peek(state)!)) continue;
      const files = copyOf(small);
      files.put(state, bytes);
      const storage = await open(files);
      expect((await storage.load()).shelf.get("a"), what).toBe("before");
      expect(storage.notices, what).toHaveLength(1);
      expect(storage.notices[0]).toMatch(/^state\.json can't be used: .* The copy before it was used/);
      count++;
      await storage.close();
    }
    expect(count).toBeGreaterThan(1_000);
  }, 60_000);

  test("[ST11] hurt anywhere in a large file: the copy before it is used", async () => {
    for (const [what, bytes] of damagesOf(large.peek(state)!, false)) {
      if (bytes.equals(large.peek(state)!)) continue;
      const files = copyOf(large);
      files.put(state, bytes);
      const storage = await open(files);
      const { shelf } = await storage.load();
      expect(shelf.size, what).toBe(400);
      expect(shelf.has("a"), what).toBe(false);
      expect(storage.notices, what).toHaveLength(1);
      await storage.close();
    }
  }, 60_000);

  test("[ST11] both copies hurt: refused with StoreCorrupt, and not a byte is overwritten", async () => {
    for (const [what, bytes] of damagesOf(small.peek(state)!, false)) {
      const files = copyOf(small);
      files.put(state, Buffer.from(bytes.equals(small.peek(state)!) ? "x" : bytes));
      const old = small.peek(previous)!;
      files.put(previous, old.subarray(0, old.byteLength >> 1));
      const before = contentOf(files);
      await expect(open(files), what).rejects.toThrow(StoreCorrupt);
      expect(contentOf(files)).toEqual(before);
    }
  }, 60_000);

  test("[ST11] after a fall back the damaged file is kept aside and the good copy is not lost", async () => {
    const files = copyOf(small);
    const torn = Buffer.from("torn");
    files.put(state, torn);
    let storage = await open(files);
    await storage.commit([{ table: "shelf", key: "a", value: "again" }]);
    expect(files.peek("/store/state.json.damaged")).toEqual(torn);
    await storage.close();
    files.put(state, torn);
    storage = await open(files);
    expect((await storage.load()).shelf.get("a")).toBe("before");
    await storage.close();
  });

  test("[ST11] state.json gone but the copy before it there: used, with a notice", async () => {
    const files = copyOf(small);
    await files.remove(state);
    const storage = await open(files);
    expect((await storage.load()).shelf.get("a")).toBe("before");
    expect(storage.notices[0]).toContain("it is missing");
    await storage.commit([{ table: "shelf", key: "a", value: "again" }]);
    await storage.close();
    expect((await (await open(files)).load()).shelf.get("a")).toBe("again");
  });

  test("[ST11] both state files gone while other files are there: refused, not begun anew", async () => {
    const files = createMemoryFileSystem();
    let storage = await open(files);
    await storage.commit(archiveWrites(sampleArchived(1)));
    await storage.close();
    await files.remove(state);
    await files.remove(previous);
    const before = contentOf(files);
    await expect(open(files)).rejects.toThrow(StoreCorrupt);
    expect(contentOf(files)).toEqual(before);
    storage = await open(createMemoryFileSystem());
    expect(storage.notices).toEqual([]);
    await storage.close();
  });

  test("[ST10] a newer version is refused untouched, whole or beside a torn one", async () => {
    const newer = createMemoryFileSystem();
    const storage = await openLowdbStorage({
      directory,
      files: newer,
      schema: { version: currentSchema.version + 1, migrations: [] },
      lock: async () => ({ notice: null, close: () => Promise.resolve() }),
    });
    await storage.commit([{ table: "shelf", key: "a", value: 1 }]);
    await storage.close();
    for (const hurt of [false, true]) {
      const files = copyOf(newer);
      if (hurt) files.put(state, Buffer.from("torn"));
      const before = contentOf(files);
      await expect(open(files)).rejects.toThrow(StoreTooNew);
      expect(contentOf(files)).toEqual(before);
    }
  });
});

describe("the other files", () => {
  test("[ST5] a hurt latest.json loses only itself, and a notice says so", async () => {
    const files = createMemoryFileSystem();
    const first = await open(files);
    first.later([{ table: "look", key: "s1", value: { coreMs: 1 } }]);
    await first.commit([{ table: "shelf", key: "a", value: 1 }]);
    await first.close();
    for (const [what, bytes] of damagesOf(files.peek("/store/latest.json")!, false)) {
      if (bytes.equals(files.peek("/store/latest.json")!)) continue;
      const hurt = copyOf(files);
      hurt.put("/store/latest.json", bytes);
      const storage = await open(hurt);
      const { look, shelf } = await storage.load();
      expect(look.size, what).toBe(0);
      expect(shelf.get("a")).toBe(1);
      expect(storage.notices).toHaveLength(1);
      await storage.close();
    }
  }, 60_000);

  test("[ST11] a hurt month falls back to its copy before; with both hurt it is refused, kept, and monitoring goes on", async () => {
    const files = createMemoryFileSystem();
    for (const number of [1, 2]) {
      const storage = await open(files);
      await storage.commit(archiveWrites(sampleArchived(number)));
      await storage.close();
    }
    const part = "/store/archive/incidents-2026-01.json";
    const torn = files.peek(part)!.subarray(0, 100);
    files.put(part, torn);
    const fallen = copyOf(files);
    let storage = await open(fallen);
    expect((await storage.archivedIncidents(always)).map(({ incident }) => incident.number)).toEqual([1]);
    expect(storage.notices[0]).toContain("incidents-2026-01.json can't be used");
    await storage.close();

    files.put(`${part}.previous`, torn);
    storage = await open(files);
    expect(storage.notices[0]).toContain("incidents-2026-01.json can't be used");
    await expect(storage.archivedIncidents(always)).rejects.toThrow(StoreCorrupt);
    await expect(storage.archivedIncident("i1")).rejects.toThrow(StoreCorrupt);
    // A window that ends before that month can be answered.
    expect(await storage.archivedIncidents({ ...always, toWallMs: Date.UTC(2026, 0, 1) })).toEqual([]);
    await storage.commit(archiveWrites(sampleArchived(3)));
    await storage.close();
    expect(files.peek(part)).toEqual(torn);
    expect(files.peek("/store/archive/incidents-2026-01.2.json")?.toString()).toContain('"i3"');
  });

  test("[ST8] a hurt, stale or missing index of the archive changes no answer", async () => {
    const files = createMemoryFileSystem();
    let storage = await open(files);
    await storage.commit([...archiveWrites(sampleArchived(1)), ...archiveWrites(sampleArchived(2))]);
    await storage.close();
    const index = "/store/archive/index-2026-01.json";
    const stale = files.peek(index)!;
    storage = await open(files);
    await storage.commit(archiveWrites(sampleArchived(3)));
    await storage.close();
    for (const bytes of [stale, stale.subarray(0, 50), Buffer.alloc(0), null]) {
      const hurt = copyOf(files);
      if (bytes === null) await hurt.remove(index);
      else hurt.put(index, bytes);
      storage = await open(hurt);
      expect((await storage.archivedIncidents(always)).map(({ incident }) => incident.number)).toEqual([
        3, 2, 1,
      ]);
      expect(storage.notices).toEqual([]);
      await storage.close();
    }
  });
});
