/**
 * A store of version 1, as it really was written (version-1/), read by today's program.
 * Must not: make the old files anew; a migration is proven by files that it did not see being written.
 */
import { promises as node } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { apply } from "../../collector/core/apply.ts";
import { decide } from "../../collector/core/decide.ts";
import { createState } from "../../collector/core/state.ts";
import type { EventBody, Instant, TableName, Write } from "../../collector/core/types.ts";
import { currentSchema, isVolatile, tableNames } from "../../collector/storage/codec.ts";
import { openLowdbStorage } from "../../collector/storage/lowdb.ts";
import { type Snapshot, type Storage, StoreTooNew } from "../../collector/storage/storage.ts";
import { makeFolder, removeFolder } from "./folders.ts";

const fixture = fileURLToPath(new URL("version-1/", import.meta.url));
const fileNames = [
  "state.json",
  "state.json.previous",
  "latest.json",
  "archive/incidents-2026-01.json",
  "archive/incidents-2026-02.json",
  "archive/index-2026-01.json",
  "archive/index-2026-02.json",
];
const always = { fromWallMs: 0, toWallMs: Number.MAX_SAFE_INTEGER, limit: 1_000 };

let folder: string;
let open: Storage[];
beforeEach(async () => {
  folder = await makeFolder();
  open = [];
  await node.mkdir(join(folder, "archive"));
  for (const name of fileNames) await node.copyFile(join(fixture, `${name}.txt`), join(folder, name));
});
afterEach(async () => {
  for (const storage of open) await storage.close();
  await removeFolder(folder);
});

async function openStore(schema = currentSchema): Promise<Storage> {
  const storage = await openLowdbStorage({ directory: folder, laterFlushMs: 10, schema });
  open.push(storage);
  return storage;
}

interface Document {
  readonly version: number;
  readonly tables: Record<string, [key: string, record: Record<string, unknown> | null][]>;
}
async function documentOf(name: string): Promise<Document> {
  return JSON.parse(await node.readFile(join(folder, name), "utf8")) as Document;
}
const versionsOf = async (): Promise<Record<string, number>> =>
  Object.fromEntries(
    await Promise.all(
      fileNames
        .filter((name) => !name.endsWith(".previous"))
        .map(async (name) => [name, (await documentOf(name)).version] as const),
    ),
  );

/** Everything that `old` says, `now` says too, however deep; arrays are as long as they were. */
function expectKept(old: unknown, now: unknown, where: string): void {
  if (typeof old !== "object" || old === null) return expect(now, where).toBe(old);
  expect(Array.isArray(now), where).toBe(Array.isArray(old));
  if (Array.isArray(old)) expect(now, where).toHaveLength(old.length);
  for (const [name, value] of Object.entries(old))
    expectKept(value, (now as Record<string, unknown>)[name], `${where}.${name}`);
}

/** The names of all fields in a record of `now` that `old` did not have, with what they hold. */
function addedTo(old: unknown, now: unknown, where = ""): [name: string, value: unknown][] {
  if (typeof now !== "object" || now === null || typeof old !== "object" || old === null) return [];
  return Object.entries(now).flatMap(([name, value]): [string, unknown][] => {
    const path = Array.isArray(now) ? where : where === "" ? name : `${where}.${name}`;
    return name in old
      ? addedTo((old as Record<string, unknown>)[name], value, path)
      : [[path, value as unknown]];
  });
}

/** What version 2 knows and version 1 did not, by table: the whole list. */
const news: Partial<Record<TableName, Record<string, unknown>>> = {
  server: { check: null },
  detector: { aloneFromCoreMs: null },
  incident: {
    goodbye: null,
    group: null,
    muted: false,
    causeDueCoreMs: null,
    "evidence.by": null,
    "timeline.what.evidence.by": null,
  },
  notification: {
    "message.members": [],
    "message.memberCount": 1,
    "message.siteCount": 1,
    "message.flapping": null,
    "message.addresses": [],
    "message.evidence.by": null,
  },
  heard: { ownHost: false, features: [] },
  silence: { witnessIds: [], witnesses: [], "rounds.witnesses": [] },
  baseline: { banners: {}, "pending.witnesses": [] },
  hearing: { awayUntilCoreMs: 0 },
};

function expectMigrated(table: string, old: unknown, now: unknown): void {
  expectKept(old, now, table);
  for (const [name, value] of addedTo(old, now)) {
    expect(news[table as TableName], `${table}.${name}`).toHaveProperty([name]);
    expect(value, `${table}.${name}`).toEqual(news[table as TableName]?.[name]);
  }
}

describe("a store of version 1", () => {
  test("[ST10] is read: every record says what it said, and nothing of what version 1 did not know", async () => {
    const files = await Promise.all(["state.json", "latest.json"].map(documentOf));
    expect(files.map(({ version }) => version)).toEqual([1, 1]);
    const snapshot = await (await openStore()).load();
    let seen = 0;
    const added = new Set<string>();
    for (const { tables } of files) {
      for (const [table, records] of Object.entries(tables)) {
        if (table === "archive") continue;
        const now = snapshot[table as TableName] as ReadonlyMap<string, unknown>;
        expect([...now.keys()].sort(), table).toEqual(records.map(([key]) => key).sort());
        for (const [key, old] of records) {
          expectMigrated(table, old, now.get(key));
          for (const [name] of addedTo(old, now.get(key))) added.add(`${table}.${name}`);
          seen += 1;
        }
      }
    }
    expect(seen).toBe(26 + 13);
    // The fixture has every record that changed: none of the fields above is untried.
    expect([...added].sort()).toEqual(
      Object.entries(news)
        .flatMap(([table, fields]) => Object.keys(fields).map((name) => `${table}.${name}`))
        .sort(),
    );
    for (const table of tableNames) if (!(table in allTables(files))) expect(snapshot[table].size).toBe(0);
  });

  test("[ST10] has today's fields where version 1 had none: one record of each kind that changed", async () => {
    const snapshot = await (await openStore()).load();
    expect(snapshot.server.get("s6")).toMatchObject({ mode: "ping", check: null });
    expect(snapshot.detector.get("s1")).toEqual({
      serverId: "s1",
      sinceCoreMs: 1_000_000,
      sinceWallMs: 1_770_084_000_000,
      status: "down",
      incidentId: "i5",
      aloneFromCoreMs: null,
    });
    expect(snapshot.detector.get("s2")).not.toHaveProperty("aloneFromCoreMs");
    expect(snapshot.incident.get("i5")?.evidence[1]).toMatchObject({ type: "probe", by: null });
    expect(snapshot.silence.get("s1")?.rounds.map(({ witnesses }) => witnesses)).toEqual([[], []]);
    expect(snapshot.baseline.get("s3")).toMatchObject({ pending: null, banners: {} });
    expect(snapshot.hearing.get("")).toMatchObject({ state: "hearing", awayUntilCoreMs: 0 });
    expect(snapshot.shelf.get("panel/user/sari")).toEqual({
      name: "sari",
      check: [1, null],
      rounds: [{ results: [] }],
    });
  });

  test("[ST10] is said to become version 2, once for each file that is not of the archive", async () => {
    expect((await openStore()).notices).toEqual([
      "state.json was of version 1 and becomes version 2.",
      "latest.json was of version 1 and becomes version 2.",
    ]);
  });

  test("[ST8] [ST10] has its closed incidents in today's shape, those in their months and the one still under way", async () => {
    const old = new Map<string, unknown>();
    for (const name of ["state.json", "archive/incidents-2026-01.json", "archive/incidents-2026-02.json"]) {
      for (const [id, record] of (await documentOf(name)).tables["archive"] ?? []) old.set(id, record);
    }
    let storage = await openStore();
    for (const life of [1, 2, 3]) {
      const found = await storage.archivedIncidents(always);
      expect(
        found.map(({ incident }) => incident.id),
        `life ${life}`,
      ).toEqual(["i4", "i3", "i2", "i1"]);
      for (const now of found) {
        const { incident, notifications } = old.get(now.incident.id) as typeof now;
        expectMigrated("incident", incident, now.incident);
        notifications.forEach((row, index) => expectMigrated("notification", row, now.notifications[index]));
        expect(now.incident).toMatchObject({ group: null, muted: false, causeDueCoreMs: null });
        expect(now.incident.timeline[0]?.what).toMatchObject({ type: "evidence", evidence: { by: null } });
        expect(await storage.archivedIncident(now.incident.id)).toEqual(now);
      }
      await storage.close();
      storage = await openStore();
    }
  });

  test("[ST10] becomes version 2 file by file as it is written; months that nobody touches stay, and their index is made anew once", async () => {
    let storage = await openStore();
    const before = plain(await storage.load());
    await storage.commit([{ table: "shelf", key: "notify/offset", value: 18 }]);
    storage.later([{ table: "look", key: "s1", value: { coreMs: 5 } }]);
    await storage.close();
    expect(await versionsOf()).toEqual({
      "state.json": 2,
      "latest.json": 2,
      "archive/incidents-2026-01.json": 1,
      // The incident that was under way went there.
      "archive/incidents-2026-02.json": 2,
      "archive/index-2026-01.json": 2,
      "archive/index-2026-02.json": 2,
    });
    const index = await node.readFile(join(folder, "archive/index-2026-01.json"));
    storage = await openStore();
    expect(storage.notices).toEqual([]);
    const after = plain(await storage.load());
    expect(after).toEqual({
      ...before,
      shelf: { ...before["shelf"], "notify/offset": 18 },
      look: { s1: { coreMs: 5 } },
    });
    await storage.close();
    expect((await node.readFile(join(folder, "archive/index-2026-01.json"))).equals(index)).toBe(true);
  });

  test("[ST10] [ST11] with a torn state.json falls back to its copy of version 1, migrated, and says so", async () => {
    await node.writeFile(join(folder, "state.json"), "torn");
    const storage = await openStore();
    expect(storage.notices[0]).toBe("state.json was of version 1 and becomes version 2.");
    expect(storage.notices[1]).toContain("The copy before it was used");
    expect((await storage.load()).server.get("s1")?.check).toBeNull();
  });

  test("[ST10] once it is version 2, a program of version 1 refuses it and touches nothing", async () => {
    const storage = await openStore();
    await storage.commit([
      {
        table: "maintenance",
        key: "m1",
        value: {
          id: "m1",
          siteId: null,
          serverId: null,
          startsWallMs: 1,
          endsWallMs: 2,
          note: "",
          createdBy: "sari",
          createdWallMs: 0,
        },
      },
    ]);
    await storage.close();
    const before = await node.readFile(join(folder, "state.json"));
    await expect(openStore({ version: 1, migrations: [] })).rejects.toThrow(StoreTooNew);
    expect((await node.readFile(join(folder, "state.json"))).equals(before)).toBe(true);
  });

  test("[ST10] a collector starts on it: statuses and open incidents go on, nobody is told again, an hour passes", async () => {
    const storage = await openStore();
    const state = createState({
      heartbeatIntervalMs: 15_000,
      downAfterMs: 180_000,
      language: "id",
      timeZone: "Asia/Jakarta",
      publicUrl: null,
    });
    const snapshot = await storage.load();
    for (const table of tableNames) {
      apply(
        state,
        [...snapshot[table]].map(([key, value]) => ({ table, key, value }) as Write),
      );
    }
    let monotonicMs = 0;
    const happens = (body: EventBody): readonly Write[] => {
      const at: Instant = {
        monotonicMs,
        bootMs: 9_010_000 + monotonicMs,
        wallMs: 1_770_084_310_000 + monotonicMs,
      };
      const decision = decide(state, { ...body, at });
      apply(state, decision.commit);
      apply(state, decision.later);
      return [...decision.commit, ...decision.later];
    };
    const written = [...happens({ type: "collector_started", hostBootId: "host-boot", seed: 1 })];
    expect(state.tables.detector.get("s1")?.status).toBe("down");
    expect([...state.tables.incident.keys()].sort()).toEqual(["i5", "i6"]);
    for (monotonicMs = 1_000; monotonicMs <= 3_600_000; monotonicMs += 1_000) {
      written.push(...happens({ type: "tick" }), ...happens({ type: "sockets_drained" }));
    }
    const rowsOfOld = written.filter(({ table, key }) => table === "notification" && key.startsWith("i5/"));
    expect(rowsOfOld.map(({ key }) => key).filter((key) => key.includes("/down/"))).toEqual([]);
    // What the core wrote is what the store takes, and gives back.
    await storage.commit(written.filter(({ table }) => !isVolatile(table)));
    storage.later(written.filter(({ table }) => isVolatile(table)));
    await storage.close();
    expect((await (await openStore()).load()).detector.get("s1")).toEqual(state.tables.detector.get("s1"));
  });
});

function allTables(files: readonly Document[]): Document["tables"] {
  return Object.assign({}, ...files.map(({ tables }) => tables)) as Document["tables"];
}

function plain(snapshot: Snapshot): Record<string, Record<string, unknown>> {
  return Object.fromEntries(tableNames.map((table) => [table, Object.fromEntries(snapshot[table])]));
}
