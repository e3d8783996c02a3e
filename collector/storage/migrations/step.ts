/**
 * One step from a version of the tables to the next, as one function a table.
 * Why by table: the compiler sees each newer record made from the older one's fields, and refuses a table that was forgotten.
 * Must not: know any version.
 */
import type { ArchivedIncident, TableName, Tables } from "../../core/types/tables.ts";
import type { Migration, RawDocument } from "../codec.ts";

/** Today's records as a store holds them. Of the shelf nothing is known: it is other rooms' JSON. */
export type TablesToday = { [K in Exclude<TableName, "shelf" | "archive">]: Tables[K] } & {
  /** null: an incident that is to leave its month's file. */
  archive: ArchivedIncident | null;
};

/** `Added`: the tables that the older version did not have. */
export type RecordSteps<
  Older extends Record<Exclude<keyof Newer, Added>, unknown>,
  Newer,
  Added extends keyof Newer,
> = {
  readonly [K in Exclude<keyof Newer, Added>]: (older: Older[K]) => Newer[K];
};

export function migrationByRecords<
  Older extends Record<Exclude<keyof Newer, Added>, unknown>,
  Newer,
  Added extends keyof Newer,
>(fromVersion: number, recordSteps: RecordSteps<Older, Newer, Added>): Migration {
  // The file's checksum held and its version is `fromVersion`, so its records are what that version wrote. Of other rooms'
  // tables (the shelf) and of an index nothing is known, and nothing changed.
  const steps = new Map(Object.entries(recordSteps)) as ReadonlyMap<string, (record: unknown) => unknown>;
  return {
    fromVersion,
    migrate({ tables }: RawDocument): RawDocument {
      return {
        tables: Object.fromEntries(
          Object.entries(tables).map(([table, records]) => {
            const step = steps.get(table);
            return [table, step ? records.map(([key, record]) => [key, step(record)] as const) : records];
          }),
        ),
      };
    },
  };
}
