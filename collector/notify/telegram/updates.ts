/**
 * What an update does: links a chat by its code, follows a group that moved; everything else is passed over.
 * Why our own offset: it is written in the same commit as the effect of the update, so a restart neither repeats nor
 * loses one. An update without an effect needs no commit: Telegram forgets it at the next poll.
 * Must not: tell a chat that is not linked anything about the company, or decide who may be linked (the core does).
 */
import { createHash } from "node:crypto";
import type { Update } from "node-telegram-bot-api";
import type { EventBody, Language, Recipient, Reply, ShelfValue } from "../../core/types.ts";
import type { Log } from "../log.ts";
import { parseChatAddress, type ChatAddress } from "./addresses.ts";
import { commandIn, type Command } from "./command.ts";
import { describeError, type Redact } from "./redaction.ts";
import { textsOf } from "./render.ts";

/** Next update wanted, on the shelf. */
export const OFFSET_KEY = "telegram/offset";
/**
 * An update id just below the offset was handled already. Far below it, Telegram has begun a new numbering (it does
 * after a quiet week). One answer holds at most 100 updates.
 */
const DUPLICATE_WINDOW = 1_000;
/** Wrong codes of one chat that are looked at in ten minutes; then it is left alone. */
export const WRONG_CODES_MAX = 5;
const WRONG_CODES_MS = 600_000;
/** Chats remembered for that; the oldest is forgotten. */
const WRONG_CHATS_MAX = 1_000;

export interface UpdateHandlerOptions {
  readonly push: (event: EventBody) => Promise<Reply>;
  readonly shelfGet: (key: string) => ShelfValue | undefined;
  readonly findRecipients: () => readonly Recipient[];
  /** For those whose language is not known. */
  readonly language: Language;
  readonly say: (address: ChatAddress, text: string) => Promise<void>;
  readonly redact: Redact;
  readonly log: Log;
  readonly now: () => number;
  readonly newId: () => string;
}

export interface UpdateHandler {
  /** The first update not handled yet; null: any. */
  readonly nextUpdateId: number | null;
  /** Resolves when the effect is durable; rejects with `NotTaken` when the store refused and nothing was done. */
  handle(update: Update, botUsername: string): Promise<void>;
}

/** The store did not take the effect; the update must be asked for again. */
export class NotTaken extends Error {}

export function createUpdateHandler(options: UpdateHandlerOptions): UpdateHandler {
  const { push, log, now, redact } = options;
  const wrongCodes = new Map<string, number[]>();
  const kept = options.shelfGet(OFFSET_KEY);
  let offset = typeof kept === "number" ? kept : null;

  function linkedChats(): readonly Recipient[] {
    // Read as text: there is one channel today, and an address of another one must never be taken for a chat.
    return options
      .findRecipients()
      .filter(({ channel }: { readonly channel: string }) => channel === "telegram");
  }

  /** Pushes what must be durable before the update counts as handled. */
  async function commit(event: EventBody): Promise<Reply> {
    const reply = await push(event);
    if (!reply.ok && reply.code === "store_failing") throw new NotTaken("the store did not take an update");
    return reply;
  }

  /** False: this chat has tried too many wrong codes lately. */
  function mayTry(chatId: string): boolean {
    const recent = (wrongCodes.get(chatId) ?? []).filter((at) => now() - at < WRONG_CODES_MS);
    return recent.length < WRONG_CODES_MAX;
  }

  function triedWrong(chatId: string): void {
    const recent = (wrongCodes.get(chatId) ?? []).filter((at) => now() - at < WRONG_CODES_MS);
    wrongCodes.delete(chatId);
    wrongCodes.set(chatId, [...recent, now()]);
    const oldest = wrongCodes.keys().next();
    if (wrongCodes.size > WRONG_CHATS_MAX && oldest.done !== true) wrongCodes.delete(oldest.value);
  }

  async function link(command: Extract<Command, { type: "link" }>, next: number): Promise<void> {
    const { answerTo } = command;
    if (!mayTry(answerTo.chatId)) return;
    const reply = await commit({
      type: "chat_linked",
      codeHash: createHash("sha256").update(command.code).digest("base64url"),
      recipientId: options.newId(),
      address: command.address,
      chatName: command.chatName,
      shelf: [{ key: OFFSET_KEY, value: next }],
    });
    const recipient = linkedChats().find(({ address }) => address === command.address);
    const texts = textsOf(recipient?.language ?? options.language);
    if (!reply.ok) triedWrong(answerTo.chatId);
    const answer = reply.ok ? texts.linked : recipient?.enabled ? texts.alreadyLinked : texts.codeRefused;
    log.info({ chat: command.address, linked: reply.ok }, "a chat sent a link code");
    // Not awaited: a slow answer must not hold up the next update; the effect is durable already.
    void options.say(answerTo, answer);
  }

  async function move(command: Extract<Command, { type: "moved" }>, next: number): Promise<void> {
    const moved = linkedChats().filter(
      ({ address }) => parseChatAddress(address)?.chatId === command.fromChatId,
    );
    if (moved.length === 0) return;
    for (const recipient of moved) {
      const reply = await commit({
        type: "recipient_saved",
        recipient: { ...recipient, address: command.toChatId },
      });
      // The new chat is linked already: keeping both would tell it everything twice.
      if (!reply.ok && reply.code === "recipient_exists") {
        await commit({ type: "recipient_removed", recipientId: recipient.id });
      }
      log.info({ from: command.fromChatId, to: command.toChatId }, "a linked chat moved");
    }
    await commit({ type: "shelf_written", writes: [{ key: OFFSET_KEY, value: next }] });
  }

  /** An update of a shape nobody knows is passed over: it must not stop all that come after it. */
  function readable(update: Update, botUsername: string): Command | null {
    try {
      return commandIn(update, botUsername);
    } catch (error) {
      log.warn(
        { update: update.update_id, error: describeError(error, redact) },
        "telegram update not understood",
      );
      return null;
    }
  }

  return {
    get nextUpdateId() {
      return offset;
    },
    async handle(update, botUsername) {
      const updateId: unknown = update.update_id;
      if (typeof updateId !== "number") throw new TypeError("an update without an id");
      if (offset !== null && updateId < offset && updateId >= offset - DUPLICATE_WINDOW) return;
      const command = readable(update, botUsername);
      if (command?.type === "link") await link(command, updateId + 1);
      if (command?.type === "moved") await move(command, updateId + 1);
      offset = updateId + 1;
    },
  };
}
