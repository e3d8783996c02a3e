/**
 * Telegram's quota for a bot: one message a second in a chat, twenty a minute in a group.
 */
import { refusal, type MethodAnswer } from "./answer.ts";
import type { Chat } from "./world.ts";

const PER_CHAT_MS = 1_000;
const PER_GROUP_COUNT = 20;
const PER_GROUP_MS = 60_000;

/** The refusal when one more message now would be too many; null when it may go. */
export function quotaRefusal(chat: Chat, nowMs: number): MethodAnswer | null {
  const inLastSecond = chat.acceptedAtMs.filter((at) => nowMs - at < PER_CHAT_MS);
  const inLastMinute = chat.acceptedAtMs.filter((at) => nowMs - at < PER_GROUP_MS);
  const groupFull = chat.type !== "private" && inLastMinute.length >= PER_GROUP_COUNT;
  if (inLastSecond.length === 0 && !groupFull) return null;
  const freeAtMs = groupFull ? (inLastMinute[0] ?? nowMs) + PER_GROUP_MS : nowMs + PER_CHAT_MS;
  const seconds = Math.max(1, Math.ceil((freeAtMs - nowMs) / 1000));
  return refusal(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });
}
