/**
 * The Bot API methods the fake answers, each as strict as the real one where a client could be wrong.
 * Must not: invent leniency; a parameter the real server refuses is refused here with the same words.
 */
import { refusal, type MethodAnswer } from "./answer.ts";
import type { Parameters } from "./body.ts";
import { cleanText, parseHtml, type Entity } from "./entities.ts";
import { quotaRefusal } from "./quota.ts";
import { chatJson, messageJson, readKeyboard } from "./message.ts";
import type { UpdateQueue } from "./updates.ts";
import type { Chat, StoredMessage, World } from "./world.ts";

/** After entities are parsed. */
export const TEXT_LENGTH_MAX = 4096;
/** A press on a button may be answered so long. */
const PRESS_KEPT_MS = 150_000;

export interface MethodContext {
  readonly world: World;
  readonly updates: UpdateQueue;
  readonly presses: Map<string, number>;
  readonly bot: { readonly id: number; readonly username: string; readonly name: string };
  readonly commands: unknown[];
  webhookUrl: string;
  readonly now: () => number;
  readonly enforceQuota: boolean;
  readonly requestIndex: number;
  readonly gone: AbortSignal;
}

type Method = (parameters: Parameters, context: MethodContext) => MethodAnswer | Promise<MethodAnswer>;

function integer(parameters: Parameters, key: string): number | null {
  const value = parameters.values.get(key);
  return value !== undefined && /^-?\d{1,17}$/.test(value) ? Number(value) : null;
}

function structured(parameters: Parameters, key: string): unknown {
  const value = parameters.values.get(key);
  if (value === undefined) return null;
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}

/** The chat when the bot may write there, otherwise the refusal. */
function writableChat(parameters: Parameters, world: World): Chat | MethodAnswer {
  if (!parameters.values.get("chat_id")) return refusal(400, "Bad Request: chat_id is empty");
  const id = integer(parameters, "chat_id");
  const chat = id === null ? null : world.chat(id);
  if (!chat) return refusal(400, "Bad Request: chat not found");
  if (chat.migratedTo !== null) {
    return refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", {
      migrate_to_chat_id: chat.migratedTo,
    });
  }
  switch (chat.membership) {
    case "member":
      return chat;
    case "blocked":
      return refusal(403, "Forbidden: bot was blocked by the user");
    case "kicked":
      return refusal(403, `Forbidden: bot was kicked from the ${chat.type} chat`);
    case "deactivated":
      return refusal(403, "Forbidden: user is deactivated");
    case "deleted":
      return refusal(403, "Forbidden: the group chat was deleted");
    case "muted":
      return refusal(400, "Bad Request: not enough rights to send text messages to the chat");
  }
}

function isRefusal(value: object): value is MethodAnswer {
  return "status" in value;
}

/** The topic a message goes to; null: the chat itself. */
function threadOf(parameters: Parameters, chat: Chat): number | null | MethodAnswer {
  const threadId = integer(parameters, "message_thread_id");
  if (threadId === null) return null;
  const topic = chat.topics.get(threadId);
  if (!topic) return refusal(400, "Bad Request: message thread not found");
  if (topic.closed) return refusal(400, "Bad Request: TOPIC_CLOSED");
  return threadId;
}

function replyOf(parameters: Parameters, chat: Chat, world: World): number | null | MethodAnswer {
  const reply = structured(parameters, "reply_parameters") as {
    message_id?: number;
    allow_sending_without_reply?: boolean;
  } | null;
  if (reply?.message_id === undefined) return null;
  if (world.message(chat.id, reply.message_id)) return reply.message_id;
  if (reply.allow_sending_without_reply === true) return null;
  return refusal(400, "Bad Request: message to be replied not found");
}

function textOf(
  parameters: Parameters,
): { readonly text: string; readonly entities: readonly Entity[] } | MethodAnswer {
  const source = parameters.values.get("text") ?? "";
  const mode = (parameters.values.get("parse_mode") ?? "").toLowerCase();
  if (mode !== "" && mode !== "html") return refusal(400, "Bad Request: unsupported parse_mode");
  const parsed = mode === "html" ? parseHtml(source) : { ok: true as const, text: source, entities: [] };
  if (!parsed.ok) return refusal(400, parsed.description);
  const text = cleanText(parsed.text);
  if (text === "") return refusal(400, "Bad Request: message text is empty");
  if (text.length > TEXT_LENGTH_MAX) return refusal(400, "Bad Request: message is too long");
  return { text, entities: parsed.entities };
}

const sendMessage: Method = (parameters, context) => {
  const chat = writableChat(parameters, context.world);
  if (isRefusal(chat)) return chat;
  const threadId = threadOf(parameters, chat);
  if (typeof threadId === "object" && threadId !== null) return threadId;
  const replyTo = replyOf(parameters, chat, context.world);
  if (typeof replyTo === "object" && replyTo !== null) return replyTo;
  const content = textOf(parameters);
  if (isRefusal(content)) return content;
  const keyboard = readKeyboard(structured(parameters, "reply_markup"));
  if (!keyboard.ok) return refusal(400, keyboard.description);
  const over = context.enforceQuota ? quotaRefusal(chat, context.now()) : null;
  if (over) return over;
  return accept(context, chat, "sendMessage", {
    threadId,
    replyTo,
    text: content.text,
    entities: content.entities,
    buttons: keyboard.buttons,
    silent: parameters.values.get("disable_notification") === "true",
    venue: null,
  });
};

const sendVenue: Method = (parameters, context) => {
  const chat = writableChat(parameters, context.world);
  if (isRefusal(chat)) return chat;
  const threadId = threadOf(parameters, chat);
  if (typeof threadId === "object" && threadId !== null) return threadId;
  const latitude = Number(parameters.values.get("latitude") ?? NaN);
  const longitude = Number(parameters.values.get("longitude") ?? NaN);
  const title = parameters.values.get("title") ?? "";
  const address = parameters.values.get("address") ?? "";
  if (!(Math.abs(latitude) <= 90) || !(Math.abs(longitude) <= 180)) {
    return refusal(400, "Bad Request: wrong latitude or longitude specified");
  }
  if (title === "" || address === "") return refusal(400, "Bad Request: VENUE_TITLE_EMPTY");
  const over = context.enforceQuota ? quotaRefusal(chat, context.now()) : null;
  if (over) return over;
  return accept(context, chat, "sendVenue", {
    threadId,
    replyTo: null,
    text: "",
    entities: [],
    buttons: [],
    silent: parameters.values.get("disable_notification") === "true",
    venue: { latitude, longitude, title, address },
  });
};

function accept(
  context: MethodContext,
  chat: Chat,
  method: string,
  content: Pick<StoredMessage, "threadId" | "replyTo" | "text" | "entities" | "buttons" | "silent" | "venue">,
): MethodAnswer {
  chat.acceptedAtMs.push(context.now());
  const message = context.world.keep({
    ...content,
    chatId: chat.id,
    fromBot: true,
    method,
    requestIndex: context.requestIndex,
    atMs: context.now(),
  });
  return { status: 200, result: messageJson(message, chat, context.bot) };
}

/** The bot's own message an edit, pin or reaction is about. */
function targetOf(
  parameters: Parameters,
  context: MethodContext,
  verb: string,
): StoredMessage | MethodAnswer {
  const chat = writableChat(parameters, context.world);
  if (isRefusal(chat)) return chat;
  const message = context.world.message(chat.id, integer(parameters, "message_id") ?? -1);
  return message ?? refusal(400, `Bad Request: message to ${verb} not found`);
}

const editMessageText: Method = (parameters, context) => {
  const message = targetOf(parameters, context, "edit");
  if (isRefusal(message)) return message;
  if (!message.fromBot) return refusal(400, "Bad Request: message can't be edited");
  const content = textOf(parameters);
  if (isRefusal(content)) return content;
  const keyboard = readKeyboard(structured(parameters, "reply_markup"));
  if (!keyboard.ok) return refusal(400, keyboard.description);
  const same =
    message.text === content.text &&
    JSON.stringify(message.entities) === JSON.stringify(content.entities) &&
    JSON.stringify(message.buttons) === JSON.stringify(keyboard.buttons);
  if (same) {
    return refusal(
      400,
      "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
    );
  }
  message.edits.push({ atMs: context.now(), text: message.text });
  message.text = content.text;
  message.entities = content.entities;
  message.buttons = keyboard.buttons;
  const chat = context.world.chat(message.chatId);
  return { status: 200, result: chat ? messageJson(message, chat, context.bot) : true };
};

const pinChatMessage: Method = (parameters, context) => {
  const message = targetOf(parameters, context, "pin");
  if (isRefusal(message)) return message;
  message.pinned = true;
  return { status: 200, result: true };
};

const setMessageReaction: Method = (parameters, context) => {
  const message = targetOf(parameters, context, "react");
  if (isRefusal(message)) return message;
  const reactions = structured(parameters, "reaction");
  const emoji = Array.isArray(reactions)
    ? reactions.map((reaction) => (reaction as { emoji?: string }).emoji ?? "")
    : [];
  if (emoji.length > 1) return refusal(400, "Bad Request: REACTIONS_TOO_MANY");
  if (emoji.some((one) => !["👍", "👎", "👀", "👌", "🎉", "🔥", "🫡", "🙏", "⚡"].includes(one))) {
    return refusal(400, "Bad Request: REACTION_INVALID");
  }
  message.reactions = emoji;
  return { status: 200, result: true };
};

const answerCallbackQuery: Method = (parameters, context) => {
  const id = parameters.values.get("callback_query_id") ?? "";
  const pressedAtMs = context.presses.get(id);
  if (pressedAtMs === undefined || context.now() - pressedAtMs > PRESS_KEPT_MS) {
    return refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid");
  }
  if ((parameters.values.get("text") ?? "").length > 200) {
    return refusal(400, "Bad Request: MESSAGE_TOO_LONG");
  }
  context.presses.delete(id);
  return { status: 200, result: true };
};

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
      timeoutSeconds: Math.min(integer(parameters, "timeout") ?? 0, 50),
      allowed: Array.isArray(allowed) ? allowed.map(String) : null,
    },
    context.gone,
  );
};

const setMyCommands: Method = (parameters, context) => {
  const commands = structured(parameters, "commands");
  if (!Array.isArray(commands)) return refusal(400, "Bad Request: can't parse commands");
  for (const one of commands as { command?: string; description?: string }[]) {
    if (!/^[a-z0-9_]{1,32}$/.test(one.command ?? "")) {
      return refusal(400, "Bad Request: BOT_COMMAND_INVALID");
    }
    const length = one.description?.length ?? 0;
    if (length < 1 || length > 256) return refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID");
  }
  context.commands.push(...(commands as unknown[]));
  return { status: 200, result: true };
};

const METHODS: Readonly<Record<string, Method>> = {
  getme: (_parameters, { bot }) => ({
    status: 200,
    result: {
      id: bot.id,
      is_bot: true,
      first_name: bot.name,
      username: bot.username,
      can_join_groups: true,
      can_read_all_group_messages: false,
      supports_inline_queries: false,
    },
  }),
  getupdates: getUpdates,
  sendmessage: sendMessage,
  sendvenue: sendVenue,
  editmessagetext: editMessageText,
  pinchatmessage: pinChatMessage,
  setmessagereaction: setMessageReaction,
  answercallbackquery: answerCallbackQuery,
  setmycommands: setMyCommands,
  deletewebhook: (_parameters, context) => {
    context.webhookUrl = "";
    return { status: 200, result: true };
  },
  getwebhookinfo: (_parameters, context) => ({
    status: 200,
    result: {
      url: context.webhookUrl,
      has_custom_certificate: false,
      pending_update_count: context.updates.unconfirmed.length,
    },
  }),
  sendchataction: (parameters, context) => {
    const chat = writableChat(parameters, context.world);
    if (isRefusal(chat)) return chat;
    const known = ["typing", "upload_photo", "find_location", "upload_document"];
    return known.includes(parameters.values.get("action") ?? "")
      ? { status: 200, result: true }
      : refusal(400, "Bad Request: wrong parameter action in request");
  },
  getchat: (parameters, context) => {
    const chat = writableChat(parameters, context.world);
    return isRefusal(chat) ? chat : { status: 200, result: chatJson(chat) };
  },
};

/** Carries out one call; method names are case-insensitive, as in the real server. */
export function callMethod(
  name: string,
  parameters: Parameters,
  context: MethodContext,
): MethodAnswer | Promise<MethodAnswer> {
  const method = METHODS[name.toLowerCase()];
  return method ? method(parameters, context) : refusal(404, "Not Found: method not found");
}
