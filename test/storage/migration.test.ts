/**
 * Stores of older versions, as they really were written (old-stores.ts), read by today's program.
 * Must not: look at records through the program that is tested only; the old files are read as plain JSON beside it.
 */
import { promises as node } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { apply } from "../../collector/core/apply.ts";
import { decide } from "../../collector/core/decide.ts";
import { createState } from "../../collector/core/state.ts";
import type { EventBody } from "../../collector/core/types/events.ts";
import type { TableName, Write } from "../../collector/core/types/tables.ts";
import type { Instant } from "../../collector/core/types/time.ts";
import { isVolatile, tableNames } from "../../collector/storage/codec.ts";
import { type Snapshot, StoreTooNew } from "../../collector/storage/storage.ts";
import {
  type AddedFields,
  fileNames,
  makeOldFolder,
  type OldFolder,
  oldStores,
  type PlainDocument,
} from "./old-stores.ts";
import { oneOfEach } from "./table-samples.ts";

const always = { fromWallMs: 0, toWallMs: Number.MAX_SAFE_INTEGER, limit: 1_000 };
const today = 3;

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

function expectMigrated(added: AddedFields, table: TableName, old: unknown, now: unknown): void {
  expectKept(old, now, table);
  for (const [name, value] of addedTo(old, now)) {
    expect(added[table], `${table}.${name}`).toHaveProperty([name]);
    expect(value, `${table}.${name}`).toEqual(added[table]?.[name]);
  }
}

const tablesOf = (files: readonly PlainDocument[]): PlainDocument["tables"] =>
  Object.assign({}, ...files.map(({ tables }) => tables)) as PlainDocument["tables"];

const plain = (snapshot: Snapshot): Record<string, Record<string, unknown>> =>
  Object.fromEntries(tableNames.map((table) => [table, Object.fromEntries(snapshot[table])]));

let folder: OldFolder;
afterEach(() => folder.remove());

describe.each(oldStores)("a store of version $version", ({ version, recordCount, archivedIds, added }) => {
  beforeEach(async () => {
    folder = await makeOldFolder(version);
  });

  test("[ST10] is read: every record says what it said, and nothing of what its version did not know", async () => {
    const files = await Promise.all(["state.json", "latest.json"].map((name) => folder.document(name)));
    expect(files.map((file) => file.version)).toEqual([version, version]);
    const snapshot = await (await folder.open()).load();
    let seen = 0;
    const found = new Set<string>();
    for (const [name, records] of Object.entries(tablesOf(files))) {
      if (name === "archive") continue;
      const table = name as TableName;
      const now = snapshot[table] as ReadonlyMap<string, unknown>;
      expect([...now.keys()].sort(), table).toEqual(records.map(([key]) => key).sort());
      for (const [key, old] of records) {
        expectMigrated(added, table, old, now.get(key));
        for (const [field] of addedTo(old, now.get(key))) found.add(`${table}.${field}`);
        seen += 1;
      }
    }
    expect(seen).toBe(recordCount);
    // The store has every record that changed: none of the added fields is untried.
    expect([...found].sort()).toEqual(
      Object.entries(added)
        .flatMap(([table, fields]) => Object.keys(fields).map((name) => `${table}.${name}`))
        .sort(),
    );
    for (const table of tableNames) if (!(table in tablesOf(files))) expect(snapshot[table].size).toBe(0);
  });

  test("[ST10] is said to become today's, once for each file that is not of the archive", async () => {
    expect((await folder.open()).notices).toEqual([
      `state.json was of version ${version} and becomes version ${today}.`,
      `latest.json was of version ${version} and becomes version ${today}.`,
    ]);
  });

  test("[ST8] [ST10] has its closed incidents in today's shape, those in their months and the one still under way", async () => {
    const old = new Map<string, unknown>();
    // What waited in state.json is newer than what its month holds.
    for (const name of ["archive/incidents-2026-01.json", "archive/incidents-2026-02.json", "state.json"]) {
      for (const [id, record] of (await folder.document(name)).tables["archive"] ?? []) old.set(id, record);
    }
    let storage = await folder.open();
    for (const life of [1, 2, 3]) {
      const found = await storage.archivedIncidents(always);
      expect(
        found.map(({ incident }) => incident.id),
        `life ${life}`,
      ).toEqual(archivedIds);
      for (const now of found) {
        const { incident, notifications } = old.get(now.incident.id) as typeof now;
        expectMigrated(added, "incident", incident, now.incident);
        expect(now.notifications).toHaveLength(notifications.length);
        notifications.forEach((row, index) =>
          expectMigrated(added, "notification", row, now.notifications[index]),
        );
        expect(now.incident).toMatchObject({ quiet: null, pursuits: [] });
        expect(await storage.archivedIncident(now.incident.id)).toEqual(now);
      }
      await storage.close();
      storage = await folder.open();
    }
  });

  test("[ST10] becomes today's file by file as it is written; months that nobody touches stay, and their index is made anew once", async () => {
    let storage = await folder.open();
    const before = plain(await storage.load());
    await storage.commit([{ table: "shelf", key: "notify/offset", value: 18 }]);
    storage.later([{ table: "look", key: "s1", value: { coreMs: 5 } }]);
    await storage.close();
    const versions: [string, number][] = [];
    for (const name of fileNames) versions.push([name, (await folder.document(name)).version]);
    expect(Object.fromEntries(versions)).toEqual({
      "state.json": today,
      // It was written more than once: the commit, and the incident that left.
      "state.json.previous": today,
      "latest.json": today,
      "archive/incidents-2026-01.json": version,
      // The incident that was under way went there.
      "archive/incidents-2026-02.json": today,
      "archive/index-2026-01.json": today,
      "archive/index-2026-02.json": today,
    });
    const indexPath = join(folder.path, "archive/index-2026-01.json");
    const index = await node.readFile(indexPath);
    storage = await folder.open();
    expect(storage.notices).toEqual([]);
    expect(plain(await storage.load())).toEqual({
      ...before,
      shelf: { ...before["shelf"], "notify/offset": 18 },
      look: { ...before["look"], s1: { coreMs: 5 } },
    });
    await storage.close();
    expect((await node.readFile(indexPath)).equals(index)).toBe(true);
  });

  test("[ST10] [ST11] with a torn state.json falls back to its copy of the same version, migrated, and says so", async () => {
    await node.writeFile(join(folder.path, "state.json"), "torn");
    const storage = await folder.open();
    expect(storage.notices[0]).toBe(`state.json was of version ${version} and becomes version ${today}.`);
    expect(storage.notices[1]).toContain("The copy before it was used");
    expect((await storage.load()).recipient.get("r1")).toMatchObject({ audience: "staff", failures: 0 });
  });

  test("[ST10] once it is today's, a program of its version refuses it and touches nothing", async () => {
    const storage = await folder.open();
    await storage.commit(oneOfEach("durable").filter(({ table }) => table === "route"));
    await storage.close();
    const before = await node.readFile(join(folder.path, "state.json"));
    await expect(folder.open({ version, migrations: [] })).rejects.toThrow(StoreTooNew);
    expect((await node.readFile(join(folder.path, "state.json"))).equals(before)).toBe(true);
  });

  test("[ST10] a collector starts on it: statuses and open incidents go on, nobody is told again, an hour passes", async () => {
    const storage = await folder.open();
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
    // The collector was away for fifteen seconds; its host ran on.
    const stopped = snapshot.clock.get("")!;
    let monotonicMs = 0;
    const happens = (body: EventBody): readonly Write[] => {
      const at: Instant = {
        monotonicMs,
        bootMs: stopped.bootMs + 15_000 + monotonicMs,
        wallMs: stopped.wallMs + 15_000 + monotonicMs,
      };
      const decision = decide(state, { ...body, at });
      apply(state, decision.commit);
      apply(state, decision.later);
      return [...decision.commit, ...decision.later];
    };
    const written = [...happens({ type: "collector_started", hostBootId: stopped.hostBootId, seed: 1 })];
    // A suspicion is taken back when the silence it rests on is shorter than was thought.
    const statuses = (detectors: Snapshot["detector"]): unknown =>
      [...detectors.values()].map(({ serverId, status }) => [serverId, status === "suspect" ? "up" : status]);
    expect(statuses(state.tables.detector)).toEqual(statuses(snapshot.detector));
    expect([...state.tables.incident.keys()]).toEqual([...snapshot.incident.keys()]);
    for (monotonicMs = 1_000; monotonicMs <= 3_600_000; monotonicMs += 1_000) {
      written.push(...happens({ type: "tick" }), ...happens({ type: "sockets_drained" }));
    }
    const isTold = (key: string): boolean => snapshot.notification.get(key)?.status === "sent";
    const toldAgain = written.filter(
      (write) =>
        write.table === "notification" &&
        write.value?.step === "down" &&
        snapshot.incident.has(write.value.incidentId) &&
        (isTold(write.key) ? write.value.status !== "sent" : !snapshot.notification.has(write.key)),
    );
    expect(toldAgain).toEqual([]);
    // What the core wrote is what the store takes, and gives back.
    await storage.commit(written.filter(({ table }) => !isVolatile(table)));
    storage.later(written.filter(({ table }) => isVolatile(table)));
    await storage.close();
    const after = await (await folder.open()).load();
    expect([...after.detector].sort()).toEqual([...state.tables.detector].sort());
    expect([...after.incident.keys()].sort()).toEqual([...state.tables.incident.keys()].sort());
  });
});

describe("one record of each kind that changed, in today's words", () => {
  test("[ST10] from version 1", async () => {
    folder = await makeOldFolder(1);
    const snapshot = await (await folder.open()).load();
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
    expect(snapshot.incident.get("i5")).toMatchObject({ muted: false, quiet: null, pursuits: [] });
    expect(snapshot.notification.get("i6/down/r1/telegram")).toMatchObject({
      status: "queued",
      folded: false,
      message: { memberCount: 1, handling: { announced: false } },
    });
    expect(snapshot.silence.get("s1")?.rounds.map(({ witnesses }) => witnesses)).toEqual([[], []]);
    expect(snapshot.baseline.get("s3")).toMatchObject({ pending: null, banners: {} });
    expect(snapshot.hearing.get("")).toMatchObject({ state: "hearing", awayUntilCoreMs: 0 });
    expect(snapshot.recipient.get("r1")).toMatchObject({ name: "Budi", audience: "staff", detail: "full" });
    expect(snapshot.shelf.get("panel/user/sari")).toEqual({
      name: "sari",
      check: [1, null],
      rounds: [{ results: [] }],
    });
  });

  test("[ST10] from version 2", async () => {
    folder = await makeOldFolder(2);
    const storage = await folder.open();
    const snapshot = await storage.load();
    expect(snapshot.recipient.get("r1")).toEqual({
      id: "r1",
      channel: "telegram",
      address: "-1001234/5",
      name: "Budi",
      language: "id",
      secret: null,
      audience: "staff",
      siteIds: [],
      detail: "full",
      pin: false,
      timeZone: null,
      quietHours: null,
      digestMinute: null,
      monthlyReport: false,
      board: false,
      allowedPeople: [],
      enabled: true,
      disabledReason: null,
      createdWallMs: 0,
      nextSendCoreMs: 5_654_000,
      failures: 0,
      boardExternalId: null,
      digestedDay: null,
      reportedMonth: null,
    });
    expect(snapshot.linkCode.get("c1")).toEqual({
      codeHash: "c1",
      name: "Sari",
      language: "en",
      audience: "staff",
      siteIds: [],
      expiresWallMs: 1_769_990_400_000,
    });
    expect(snapshot.incident.get("i7")).toMatchObject({
      kind: "site_down",
      acknowledgedBy: "sari",
      group: { type: "site", serverIds: ["a1", "a2"] },
      quiet: null,
      checked: null,
      announcement: null,
      pursuits: [],
    });
    // Acknowledged after it was told: what the message said was not changed by hindsight.
    expect(snapshot.notification.get("i7/down/r2/telegram")).toMatchObject({
      status: "sending",
      message: {
        memberCount: 2,
        handling: { acknowledgedBy: null, quiet: null, checked: null, announced: false },
        repeat: null,
        summary: null,
        lost: null,
        channel: null,
      },
      folded: false,
      alone: false,
      editOf: null,
      stale: false,
      fallbackCoreMs: null,
    });
    expect(snapshot.maintenance.get("mw1")).toMatchObject({ serverId: "m1", note: "Ganti UPS" });
    expect(snapshot.flapping.get("f1")?.sinceCoreMs).not.toBeNull();
    expect(snapshot.serverLog.get("d1")?.entries.map(({ what }) => what.type)).toContain("duplicate");
    expect(snapshot.route.size).toBe(0);
    // Other rooms' own words are theirs, whatever they are called.
    expect(snapshot.shelf.get("panel/user/sari")).toEqual({
      name: "sari",
      quiet: [1, null],
      pursuits: [{ steps: [] }],
    });
    expect((await storage.archivedIncident("i1"))?.notifications[0]).toMatchObject({
      incidentId: "i1",
      folded: false,
      message: { handling: { announced: false } },
    });
  });
});
