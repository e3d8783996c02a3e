/**
 * Pinned boards: one message per chat that wants it, always as things are now.
 * Why a row that stays: the board is shown anew as often as things change, and forgotten by no restart.
 * Must not: tell news (it makes no sound), or cost anything where nobody wants a board.
 */
import { traitsOf } from "./channels.ts";
import type { Draft } from "./draft.ts";
import { emptyMessage } from "./messages.ts";
import { enqueue, rowId } from "./outbox.ts";
import { summaryOf } from "./summaries.ts";
import type { State } from "./state.ts";
import type { Recipient } from "./types/registry.ts";
import type { Message, Notification } from "./types/telling.ts";

/** Boards belong to no incident. */
const BOARD = "board";
/** Looked at so often: changes within it are one. */
const LOOK_MS = 5_000;
/** When they are looked at next, among the looks at servers and groups. */
const LOOK = "boards";

export function boardsDue(state: State, nowMs: number): boolean {
  return state.derived.boards.size > 0 && (state.tables.look.get(LOOK)?.coreMs ?? 0) <= nowMs;
}

/** Boards that no longer show what is so are queued to be shown anew. Called by ticks, for a sign of life must not need the disk. */
export function lookAtBoards(draft: Draft): void {
  if (!boardsDue(draft.state, draft.nowMs)) return;
  draft.put("look", LOOK, { coreMs: draft.nowMs + LOOK_MS });
  let message: Message | null = null;
  for (const recipient of [...draft.all("recipient")]) {
    const id = rowId(BOARD, "board", recipient);
    const row = draft.get("notification", id);
    if (!recipient.board || !traitsOf(recipient.channel).canEdit || !recipient.enabled) continue;
    message ??= { ...emptyMessage(draft, "board"), summary: summaryOf(draft, null, null) };
    if (!row) {
      enqueue(draft, {
        incidentId: BOARD,
        serverId: null,
        step: "board",
        recipient,
        reason: "changed",
        message,
      });
    } else if (!isSame(row.message, message)) {
      draft.put("notification", id, {
        ...row,
        message,
        ...(row.status === "sending" ? { stale: true } : again(draft, row)),
      });
      draft.effect({ type: "wake_outbox" });
    }
  }
}

function again(
  draft: Draft,
  row: Notification,
): Pick<Notification, "status" | "notBeforeCoreMs" | "settledWallMs"> {
  const waits = row.status === "retry" ? row.notBeforeCoreMs : draft.nowMs;
  return { status: "queued", notBeforeCoreMs: waits, settledWallMs: null };
}

/** It is not wanted any more, or nobody is there. */
export function forgetBoard(draft: Draft, recipient: Recipient): void {
  const id = rowId(BOARD, "board", recipient);
  const row = draft.get("notification", id);
  if (row && row.status !== "sending") draft.put("notification", id, null);
}

/** It was accepted: this is the message that is shown anew from now on. */
export function boardShown(draft: Draft, row: Notification, externalId: string): void {
  const recipient = draft.get("recipient", row.recipientId);
  if (row.step !== "board" || !recipient || recipient.boardExternalId === externalId) return;
  draft.put("recipient", recipient.id, { ...recipient, boardExternalId: externalId });
}

/** Its message is gone (somebody deleted it): a new one is made. */
export function boardGone(draft: Draft, row: Notification): void {
  const recipient: Recipient | undefined = draft.get("recipient", row.recipientId);
  if (row.step !== "board" || !recipient?.enabled || recipient.boardExternalId === null) return;
  draft.put("recipient", recipient.id, { ...recipient, boardExternalId: null });
  const fresh = draft.get("notification", row.id) ?? row;
  draft.put("notification", row.id, { ...fresh, ...again(draft, fresh) });
}

/** As of when it is says nothing new by itself. */
function isSame(a: Message, b: Message): boolean {
  const still = (message: Message) =>
    JSON.stringify({ ...message.summary, wallMs: 0, time: message.timeZone, url: message.panelUrl });
  return still(a) === still(b);
}
