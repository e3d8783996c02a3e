/**
 * The address of a chat: a group, a person, a topic of a forum.
 * Must not: know what is sent there.
 */

export interface ChatAddress {
  /** A number as text, or `@name` of a public group or channel. */
  readonly chatId: string;
  /** A topic of a forum; null: the chat itself (also for the General topic). */
  readonly threadId: number | null;
}

/** `<chat id>`, `<chat id>/<topic id>` or `@name`; null when it is none of them. */
export function parseChatAddress(address: string): ChatAddress | null {
  const match = /^(-?\d{1,16}|@[A-Za-z][A-Za-z0-9_]{3,31})(?:\/(\d{1,10}))?$/.exec(address.trim());
  if (!match?.[1]) return null;
  const threadId = match[2] === undefined ? null : Number(match[2]);
  // Topic 1 is General: Telegram refuses it as a thread.
  return { chatId: match[1], threadId: threadId === null || threadId <= 1 ? null : threadId };
}

/** The address a chat is kept under. */
export function chatAddress(chatId: number, threadId: number | null): string {
  return threadId === null ? String(chatId) : `${chatId}/${threadId}`;
}
