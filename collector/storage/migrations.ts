/**
 * How records of an older version become today's: one step for each version of the tables in core/types.
 * Why each old record is listed field by field (migrations/tables-N.ts): the compiler then refuses a field that was added to
 * core/types and forgotten in a step. When version 4 comes, step 2 ends in records of version 3, listed likewise in
 * migrations/tables-3.ts, and a step 3 is added, which ends in today's.
 * Must not: hold a step of its own.
 */
import type { Migration } from "./codec.ts";
import { from1 } from "./migrations/from-1.ts";
import { from2 } from "./migrations/from-2.ts";

export const migrations: readonly Migration[] = [from1, from2];
