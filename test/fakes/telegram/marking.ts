/**
 * Methods that mark a message: pins and the bot's reactions.
 * Must not: invent leniency; what the real server refuses is refused here with the same words.
 */
import { refusal, type MethodAnswer } from "./answer.ts";
import {
  badRequest,
  chatFor,
  flag,
  integer,
  isRefusal,
  structured,
  targetOf,
  YES,
  type Method,
  type MethodContext,
} from "./call.ts";
import { NOT_JSON } from "./keyboard.ts";
import type { Chat, StoredMessage } from "./world.ts";

/** A bot may put one reaction on a message. */
const REACTIONS_MAX = 1;

/** The emoji the Bot API documents for ReactionTypeEmoji; anything else, also a variant of one, is refused. */
export const REACTION_EMOJI: ReadonlySet<string> = new Set(
  (
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤\u200d🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 " +
    "😴 😭 🤓 👻 👨\u200d💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷\u200d♂ 🤷 🤷\u200d♀ 😡"
  ).split(" "),
);

/** In private anybody pins; in a group the bot needs the right. */
function pinRefusal(chat: Chat): MethodAnswer | null {
  if (chat.type === "private" || chat.canPin) return null;
  return badRequest("not enough rights to manage pinned messages in the chat");
}

export const pinChatMessage: Method = (parameters, context) => {
  const target = targetOf(parameters, context, "pin", "mark");
  if (isRefusal(target)) return target;
  const { chat, message } = target;
  const refused = pinRefusal(chat);
  if (refused) return refused;
  const silent = flag(parameters, "disable_notification");
  message.pinned = true;
  context.world.note(message, context.now(), { kind: "pinned", silent });
  // Telegram's own line in the chat takes a message id, as a message does.
  context.world.keep({
    chatId: chat.id,
    threadId: message.threadId,
    fromBot: false,
    service: `${context.bot.name} pinned #${message.messageId}`,
    method: "service",
    requestIndex: context.requestIndex,
    atMs: context.now(),
    text: "",
    entities: [],
    replyTo: null,
    buttons: [],
    silent,
    venue: null,
  });
  return YES;
};

/** The message that is shown as pinned: the newest of them. */
export function pinnedIn(context: MethodContext, chat: Chat): StoredMessage | undefined {
  return context.world.messages.findLast((message) => message.chatId === chat.id && message.pinned);
}

export const unpinChatMessage: Method = (parameters, context) => {
  const chat = chatFor(parameters, context.world, "mark");
  if (isRefusal(chat)) return chat;
  const named = (integer(parameters, "message_id") ?? 0) > 0;
  const target = named ? targetOf(parameters, context, "unpin", "mark") : null;
  if (target && isRefusal(target)) return target;
  const message = target?.message ?? pinnedIn(context, chat);
  if (!message) return badRequest("message to unpin not found");
  const refused = pinRefusal(chat);
  if (refused) return refused;
  if (message.pinned) context.world.note(message, context.now(), { kind: "unpinned" });
  message.pinned = false;
  return YES;
};

/** The emoji asked for; a string is the refusal without its prefix. */
function reactionsOf(given: unknown): readonly string[] | string {
  if (given === null) return [];
  if (given === NOT_JSON) return "can't parse reaction types JSON object";
  if (!Array.isArray(given)) return "expected an Array of ReactionType";
  const emoji: string[] = [];
  for (const one of given as unknown[]) {
    const parsing = "can't parse ReactionType: ";
    if (typeof one !== "object" || one === null) return `${parsing}expected an Object`;
    const { type, emoji: shown } = one as { type?: unknown; emoji?: unknown };
    if (typeof type !== "string") return `${parsing}Can't find field "type"`;
    // Custom emoji are for chats that allow them, and for premium accounts.
    if (type === "custom_emoji" || type === "paid") return "REACTION_INVALID";
    if (type !== "emoji") return `${parsing}invalid reaction type specified`;
    if (typeof shown !== "string") return `${parsing}Can't find field "emoji"`;
    emoji.push(shown);
  }
  return emoji;
}

export const setMessageReaction: Method = (parameters, context) => {
  const emoji = reactionsOf(structured(parameters, "reaction"));
  if (typeof emoji === "string") return badRequest(emoji);
  const target = targetOf(parameters, context, "react", "read");
  if (isRefusal(target)) return target;
  const { chat, message } = target;
  if (chat.membership === "blocked") return refusal(403, "Forbidden: bot was blocked by the user");
  if (emoji.length > REACTIONS_MAX) return badRequest("REACTIONS_TOO_MANY");
  if (emoji.some((one) => !REACTION_EMOJI.has(one))) return badRequest("REACTION_INVALID");
  message.reactions = emoji;
  context.world.note(message, context.now(), { kind: "reacted", by: null, emoji });
  return YES;
};
