/**
 * Which accepted message a row answers, and which it shows anew: read from the rows that are there.
 * Must not: decide whether anything is sent.
 */
import type { Recipient } from "../core/types/registry.ts";
import type { Notification } from "../core/types/telling.ts";
import type { Telling } from "./channel.ts";

/** `rowsOf`: all rows of an incident. The channel's ids of messages; null: none, or not known. */
export function targetsOf(
  row: Notification,
  recipient: Pick<Recipient, "id" | "boardExternalId">,
  rowsOf: (incidentId: string) => Iterable<Notification>,
): Pick<Telling, "replyToExternalId" | "editsExternalId"> {
  if (row.step === "board") return { replyToExternalId: null, editsExternalId: recipient.boardExternalId };
  let down: string | null = null;
  let announced: string | null = null;
  let edited: string | null = null;
  for (const other of rowsOf(row.incidentId)) {
    if (other.recipientId !== recipient.id || other.externalId === null) continue;
    if (other.step === "down") down = other.externalId;
    if (other.step === "announced") announced = other.externalId;
    if (other.id === row.editOf) edited = other.externalId;
  }
  if (row.step === "edit") return { replyToExternalId: null, editsExternalId: edited };
  const isItself = row.step === "down" || row.step === "announced";
  const answers = row.step === "announced_over" ? announced : down;
  return { replyToExternalId: isItself ? null : answers, editsExternalId: null };
}
