/**
 * Chats as such: linked by a code, moved to another id, left by the bot, entered again.
 * Must not: tell a chat that is not linked anything about the company, or decide who may be linked (the core does).
 */
import { createHash } from "node:crypto";
import type { ShelfWrite } from "../../core/types/events.ts";
import type { Recipient } from "../../core/types/registry.ts";
import type { Log } from "../log.ts";
import type { Answer } from "../rendering/answer-facts.ts";
import { renderAnswer } from "../rendering/answers.ts";
import type { Desk } from "./desk.ts";
import type { Incoming, Place } from "./incoming.ts";
import { recipientsOfChat } from "./people.ts";
import type { Speaker } from "./speaker.ts";
import { committed } from "./taken.ts";

/** Wrong codes of one chat that are looked at in ten minutes; then it is left alone. */
export const WRONG_CODES_MAX = 5;
const WRONG_CODES_MS = 600_000;
/** Chats remembered for that; the oldest is forgotten. */
const WRONG_CHATS_MAX = 1_000;

type Of<T extends Incoming["type"]> = Extract<Incoming, { readonly type: T }>;

export function createChats(desk: Desk, speaker: Speaker, log: Log) {
  const wrongCodes = new Map<string, number[]>();

  const recent = (chatId: string): number[] =>
    (wrongCodes.get(chatId) ?? []).filter((at) => desk.now() - at < WRONG_CODES_MS);

  function triedWrong(chatId: string): void {
    const tries = [...recent(chatId), desk.now()];
    wrongCodes.delete(chatId);
    wrongCodes.set(chatId, tries);
    const oldest = wrongCodes.keys().next();
    if (wrongCodes.size > WRONG_CHATS_MAX && oldest.done !== true) wrongCodes.delete(oldest.value);
  }

  /** Not awaited by whoever calls: a slow answer must not hold up the next update; the effect is durable already. */
  function say(place: Place, answer: Answer, recipient: Recipient | undefined): void {
    const setting = {
      language: recipient?.language ?? desk.language,
      timeZone: recipient?.timeZone ?? desk.timeZone,
      nowMs: desk.now(),
    };
    void speaker.say(place.answerTo, renderAnswer(answer, setting));
  }

  const linkedAt = (address: string): Recipient | undefined =>
    desk.recipients().find((one) => one.channel === "telegram" && one.address === address);

  async function link({ code, place, chatName }: Of<"link">, shelf: readonly ShelfWrite[]): Promise<void> {
    const { chatId } = place.answerTo;
    if (recent(chatId).length >= WRONG_CODES_MAX) return;
    const reply = await committed(
      desk.push({
        type: "chat_linked",
        codeHash: createHash("sha256").update(code).digest("base64url"),
        recipientId: desk.newId(),
        address: place.address,
        chatName,
        shelf,
      }),
    );
    const recipient = linkedAt(place.address);
    if (!reply.ok) triedWrong(chatId);
    log.info({ chat: place.address, linked: reply.ok }, "a chat sent a link code");
    if (reply.ok) say(place, { type: "linked", audience: recipient?.audience ?? "staff" }, recipient);
    else say(place, { type: recipient?.enabled === true ? "already_linked" : "code_refused" }, recipient);
  }

  async function move({ fromChatId, toChatId }: Of<"moved">, shelf: readonly ShelfWrite[]): Promise<void> {
    for (const recipient of recipientsOfChat(desk.recipients(), fromChatId)) {
      const moved = { ...recipient, address: toChatId };
      const reply = await committed(desk.push({ type: "recipient_saved", recipient: moved, shelf }));
      // The new chat is linked already: keeping both would tell it everything twice.
      if (!reply.ok && reply.code === "recipient_exists")
        await committed(desk.push({ type: "recipient_removed", recipientId: recipient.id }));
      log.info({ from: fromChatId, to: toChatId }, "a linked chat moved");
    }
  }

  /** Unblocked, or added again: it is told again. That it was blocked is learned by the next send, which is judged there. */
  async function membership(
    { chatId, mayWrite }: Of<"membership">,
    shelf: readonly ShelfWrite[],
  ): Promise<void> {
    if (!mayWrite) return;
    for (const recipient of recipientsOfChat(desk.recipients(), chatId)) {
      if (recipient.enabled || recipient.disabledReason === null) continue;
      await committed(desk.push({ type: "recipient_returned", recipientId: recipient.id, shelf }));
      log.info({ chat: recipient.address }, "a chat can be reached again");
    }
  }

  return { link, move, membership };
}
