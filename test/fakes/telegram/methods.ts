/**
 * The Bot API methods the fake answers, each as strict as the real one where a client could be wrong.
 * Must not: invent leniency; a parameter the real server refuses is refused here with the same words.
 */
import { answerCallbackQuery, answerInlineQuery } from "./answering.ts";
import { refusal, type MethodAnswer } from "./answer.ts";
import type { Parameters } from "./body.ts";
import { integer, structured, YES, type Method, type MethodContext } from "./call.ts";
import { getChat, getChatAdministrators, getChatMember, leaveChat } from "./chats.ts";
import { deleteMyCommands, getMyCommands, setMyCommands } from "./commands.ts";
import { deleteMessage, editMessageCaption, editMessageReplyMarkup, editMessageText } from "./editing.ts";
import { pinChatMessage, setMessageReaction, unpinChatMessage } from "./marking.ts";
import { botJson } from "./message.ts";
import { sendChatAction, sendMessage, sendPhoto, sendVenue } from "./sending.ts";

/** A long poll is answered after so long, whatever was asked. */
const POLL_SECONDS_MAX = 50;

const getMe: Method = (_parameters, { bot, inlineMode }) => ({
  status: 200,
  result: {
    ...botJson(bot),
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_inline_queries: inlineMode,
  },
});

const getUpdates: Method = (parameters, context) => {
  if (context.webhookUrl !== "") {
    return refusal(
      409,
      "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    );
  }
  const allowed = structured(parameters, "allowed_updates");
  return context.updates.poll(
    {
      offset: integer(parameters, "offset"),
      limit: integer(parameters, "limit"),
      timeoutSeconds: Math.min(integer(parameters, "timeout") ?? 0, POLL_SECONDS_MAX),
      allowed: Array.isArray(allowed) ? allowed.map(String) : null,
    },
    context.gone,
  );
};

const deleteWebhook: Method = (_parameters, context) => {
  context.webhookUrl = "";
  return YES;
};

const getWebhookInfo: Method = (_parameters, context) => ({
  status: 200,
  result: {
    url: context.webhookUrl,
    has_custom_certificate: false,
    pending_update_count: context.updates.unconfirmed.length,
  },
});

const METHODS = {
  getMe,
  getUpdates,
  deleteWebhook,
  getWebhookInfo,
  sendMessage,
  sendPhoto,
  sendVenue,
  sendChatAction,
  editMessageText,
  editMessageCaption,
  editMessageReplyMarkup,
  deleteMessage,
  pinChatMessage,
  unpinChatMessage,
  setMessageReaction,
  answerCallbackQuery,
  answerInlineQuery,
  setMyCommands,
  getMyCommands,
  deleteMyCommands,
  getChat,
  getChatMember,
  getChatAdministrators,
  leaveChat,
} as const satisfies Readonly<Record<string, Method>>;

/** As they are written in the documentation. */
export const METHOD_NAMES: readonly string[] = Object.keys(METHODS);

const BY_LOWER_NAME: ReadonlyMap<string, Method> = new Map(
  Object.entries(METHODS).map(([name, method]) => [name.toLowerCase(), method]),
);

/** Carries out one call; method names are case-insensitive, as in the real server. */
export function callMethod(
  name: string,
  parameters: Parameters,
  context: MethodContext,
): MethodAnswer | Promise<MethodAnswer> {
  const method = BY_LOWER_NAME.get(name.toLowerCase());
  return method ? method(parameters, context) : refusal(404, "Not Found: method not found");
}
