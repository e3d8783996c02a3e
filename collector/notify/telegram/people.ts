/**
 * Who in a chat may do what.
 * Why: a chat that is not linked learns nothing, a chat of users only its announcements, and a company may want that only some
 * people of a big group act.
 * Must not: guess; a person is a Telegram user id.
 */
import type { Recipient } from "../../core/types/registry.ts";
import { parseChatAddress } from "./addresses.ts";
import type { Person, Place } from "./incoming.ts";

const telegramOnly = (recipients: readonly Recipient[]): readonly Recipient[] =>
  recipients.filter(({ channel }) => channel === "telegram");

/**
 * The linked chat or topic; of a topic that is not linked itself the chat, if that is. One that staff switched off is as if it
 * were not linked; in one that only could not be reached people act all the same.
 */
export function recipientOf(recipients: readonly Recipient[], place: Place): Recipient | null {
  const linked = telegramOnly(recipients).filter(
    ({ enabled, disabledReason }) => enabled || disabledReason !== null,
  );
  return (
    linked.find(({ address }) => address === place.address) ??
    linked.find(({ address }) => address === place.answerTo.chatId) ??
    null
  );
}

/** All that is linked of one chat: itself and its topics. */
export function recipientsOfChat(recipients: readonly Recipient[], chatId: string): readonly Recipient[] {
  return telegramOnly(recipients).filter(({ address }) => parseChatAddress(address)?.chatId === chatId);
}

export function mayAct(recipient: Recipient, person: Person | null): boolean {
  if (recipient.audience !== "staff") return false;
  if (recipient.allowedPeople.length === 0) return true;
  return person !== null && recipient.allowedPeople.includes(person.id);
}

/** Anywhere, as in a search from another chat: whoever has the bot in private for staff, or is named for one of its chats. */
export function isStaff(recipients: readonly Recipient[], person: Person): Recipient | null {
  return (
    telegramOnly(recipients).find(
      (recipient) =>
        recipient.enabled &&
        recipient.audience === "staff" &&
        (recipient.address === person.id
          ? mayAct(recipient, person)
          : recipient.allowedPeople.includes(person.id)),
    ) ?? null
  );
}
