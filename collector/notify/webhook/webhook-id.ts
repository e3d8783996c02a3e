/**
 * A row's id as a `webhook-id`: what a receiver knows a message by, over all attempts.
 * Why not as it is: the id is signed between full stops and sent in a header; Standard Webhooks forbids `.` in it, and
 * receivers keep it in columns, file names and URLs.
 * Must not: give two rows one id; a receiver would drop the second one as told.
 */
import { createHash } from "node:crypto";

/** As many characters as a receiver may be trusted to keep: the usual longest column. */
export const WEBHOOK_ID_LENGTH_MAX = 255;

/**
 * Letters, digits and `-` stay, `/` is `__`, any other UTF-16 unit is `_` and four hex digits: it can be read back, so
 * it is never the same for two rows. A longer one is its SHA-256, under a beginning of its own.
 */
export function webhookId(rowId: string): string {
  const safe = rowId.replaceAll(/[^A-Za-z0-9-]/g, (unit) =>
    unit === "/" ? "__" : `_${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const id = `msg_${safe}`;
  if (id.length <= WEBHOOK_ID_LENGTH_MAX) return id;
  return `msgh_${createHash("sha256").update(id).digest("hex")}`;
}
