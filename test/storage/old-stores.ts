/**
 * The stores of older versions, as they really were written (version-1/, version-2/), and what today's program knows beyond each.
 * Why a list of every added field with its value: a migration that says more, or less, or something else fails.
 * Must not: make the old files anew; a migration is proven by files that it did not see being written.
 */
import { promises as node } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TableName } from "../../collector/core/types/tables.ts";
import { openLowdbStorage } from "../../collector/storage/lowdb.ts";
import { currentSchema, type Schema } from "../../collector/storage/codec.ts";
import type { Storage } from "../../collector/storage/storage.ts";
import { makeFolder, removeFolder } from "./folders.ts";

/** By table: where a field was added, and what it holds in every record. */
export type AddedFields = Readonly<Partial<Record<TableName, Readonly<Record<string, unknown>>>>>;

export interface OldStore {
  readonly version: number;
  /** Records of state.json and latest.json but for those of the archive. */
  readonly recordCount: number;
  /** Newest first. The newest had not moved to its month, 2026-02, when the process was killed. */
  readonly archivedIds: readonly string[];
  readonly added: AddedFields;
}

export const fileNames = [
  "state.json",
  "state.json.previous",
  "latest.json",
  "archive/incidents-2026-01.json",
  "archive/incidents-2026-02.json",
  "archive/index-2026-01.json",
  "archive/index-2026-02.json",
] as const;

const addedBy2 = {
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
} satisfies AddedFields;

const addedBy3 = {
  recipient: {
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
    failures: 0,
    boardExternalId: null,
    digestedDay: null,
    reportedMonth: null,
  },
  linkCode: { audience: "staff", siteIds: [] },
  incident: { quiet: null, checked: null, announcement: null, pursuits: [] },
  notification: {
    "message.closeReason": null,
    "message.handling": { acknowledgedBy: null, quiet: null, checked: null, announced: false },
    "message.repeat": null,
    "message.summary": null,
    "message.lost": null,
    "message.channel": null,
    folded: false,
    alone: false,
    editOf: null,
    stale: false,
    fallbackCoreMs: null,
  },
  meta: { refusedChannels: [] },
} satisfies AddedFields;

export const oldStores: readonly OldStore[] = [
  {
    version: 1,
    recordCount: 26 + 13,
    archivedIds: ["i4", "i3", "i2", "i1"],
    added: {
      ...addedBy2,
      ...addedBy3,
      incident: { ...addedBy2.incident, ...addedBy3.incident },
      notification: { ...addedBy2.notification, ...addedBy3.notification },
    },
  },
  {
    version: 2,
    recordCount: 91 + 73,
    archivedIds: ["i12", "i11", "i6", "i5", "i4", "i2", "i1"],
    added: addedBy3,
  },
];

/** A document of the store as JSON says it. */
export interface PlainDocument {
  readonly version: number;
  readonly tables: Readonly<
    Record<string, readonly (readonly [key: string, record: Readonly<Record<string, unknown>> | null])[]>
  >;
}

/** A folder with the files of that version; stores opened in it are closed before it is removed. */
export interface OldFolder {
  readonly path: string;
  open(schema?: Schema): Promise<Storage>;
  document(fileName: string): Promise<PlainDocument>;
  remove(): Promise<void>;
}

export async function makeOldFolder(version: number): Promise<OldFolder> {
  const path = await makeFolder();
  const kept = fileURLToPath(new URL(`version-${version}/`, import.meta.url));
  await node.mkdir(join(path, "archive"));
  for (const name of fileNames) await node.copyFile(join(kept, `${name}.txt`), join(path, name));
  const opened: Storage[] = [];
  return {
    path,
    async open(schema = currentSchema) {
      const storage = await openLowdbStorage({ directory: path, laterFlushMs: 10, schema });
      opened.push(storage);
      return storage;
    },
    async document(fileName) {
      return JSON.parse(await node.readFile(join(path, fileName), "utf8")) as PlainDocument;
    },
    async remove() {
      for (const storage of opened) await storage.close();
      await removeFolder(path);
    },
  };
}
