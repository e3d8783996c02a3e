/**
 * What every method reads from a call: the chat it may reach, the topic, the reply, the text, the message it is about.
 * Must not: invent leniency; a parameter the real server refuses is refused here with the same words.
 */
import { refusal, type MethodAnswer } from "./answer.ts";
import type { Parameters } from "./body.ts";
import type { CommandLists } from "./command-lists.ts";
import { cleanFormatted, parseHtml, type Entity } from "./entities.ts";
import { NOT_JSON, readKeyboard } from "./keyboard.ts";
import { messageJson, type BotIdentity } from "./message.ts";
import type { Queries } from "./queries.ts";
import { quotaRefusal } from "./quota.ts";
import type { UpdateQueue } from "./updates.ts";
import type { Button, Chat, NewMessage, StoredMessage, World } from "./world.ts";

/** After entities are parsed. */
export const TEXT_LENGTH_MAX = 4096;
const CAPTION_LENGTH_MAX = 1024;

export interface MethodContext {
  readonly world: World;
  readonly updates: UpdateQueue;
  readonly queries: Queries;
  readonly commandLists: CommandLists;
  readonly bot: BotIdentity;
  readonly inlineMode: boolean;
  webhookUrl: string;
  readonly now: () => number;
  readonly enforceQuota: boolean;
  readonly requestIndex: number;
  readonly gone: AbortSignal;
}

export type Method = (parameters: Parameters, context: MethodContext) => MethodAnswer | Promise<MethodAnswer>;

export const YES: MethodAnswer = { status: 200, result: true };

export function badRequest(what: string): MethodAnswer {
  return refusal(400, `Bad Request: ${what}`);
}

export function isRefusal(value: object): value is MethodAnswer {
  return "status" in value;
}

export function textParameter(parameters: Parameters, key: string): string {
  return parameters.values.get(key) ?? "";
}

export function integer(parameters: Parameters, key: string): number | null {
  const value = parameters.values.get(key);
  return value !== undefined && /^-?\d{1,17}$/.test(value) ? Number(value) : null;
}

export function flag(parameters: Parameters, key: string): boolean {
  return ["true", "yes", "1"].includes(textParameter(parameters, key).trim().toLowerCase());
}

/** A JSON value; null when it was not given, `NOT_JSON` when it is none. */
export function structured(parameters: Parameters, key: string): unknown {
  const value = textParameter(parameters, key);
  if (value === "") return null;
  try {
    return JSON.parse(value);
  } catch {
    return NOT_JSON;
  }
}

/**
 * What a method does with a chat. `mark` (pin, delete) needs no right to write, `read` reaches also chats that cannot be
 * written to, `members` asks who is in it.
 */
type Access = "write" | "mark" | "read" | "members";

/** The refusal that stands in the way; null when there is none. */
function accessRefusal(chat: Chat, access: Access, what: string): MethodAnswer | null {
  const isBasic = chat.type === "group";
  const writes = access === "write" || access === "mark" || (access === "members" && isBasic);
  // The list of members of a supergroup, and anything in it, is closed to who is not in it.
  const closed = writes || (!isBasic && chat.type !== "private");
  if (chat.migratedTo !== null) {
    const parameters = { migrate_to_chat_id: chat.migratedTo };
    const text = "Bad Request: group chat was upgraded to a supergroup chat";
    return writes ? refusal(400, text, parameters) : null;
  }
  switch (chat.membership) {
    case "member":
      return null;
    case "blocked":
      return writes ? refusal(403, "Forbidden: bot was blocked by the user") : null;
    case "kicked":
      return closed ? refusal(403, `Forbidden: bot was kicked from the ${chat.type} chat`) : null;
    case "left":
      return closed ? refusal(403, `Forbidden: bot is not a member of the ${chat.type} chat`) : null;
    case "deactivated":
      return writes ? refusal(403, "Forbidden: user is deactivated") : null;
    case "deleted":
      return writes ? refusal(403, "Forbidden: the group chat was deleted") : null;
    case "muted":
      return access === "write" ? badRequest(`not enough rights to send ${what} to the chat`) : null;
  }
}

/** The chat when the bot may do this there, otherwise the refusal. */
export function chatFor(
  parameters: Parameters,
  world: World,
  access: Access,
  what = "text messages",
): Chat | MethodAnswer {
  if (!parameters.values.get("chat_id")) return badRequest("chat_id is empty");
  const id = integer(parameters, "chat_id");
  const chat = id === null ? null : world.chat(id);
  if (!chat) return badRequest("chat not found");
  return accessRefusal(chat, access, what) ?? chat;
}

/** The topic a message goes to; null: the chat itself. */
export function threadOf(parameters: Parameters, chat: Chat): number | null | MethodAnswer {
  const threadId = integer(parameters, "message_thread_id");
  if (threadId === null) return null;
  const topic = chat.topics.get(threadId);
  if (!topic) return badRequest("message thread not found");
  if (topic.closed) return badRequest("TOPIC_CLOSED");
  return threadId;
}

function replyOf(parameters: Parameters, chat: Chat, world: World): number | null | MethodAnswer {
  const given = structured(parameters, "reply_parameters");
  if (given === NOT_JSON) return badRequest("can't parse reply parameters JSON object");
  const reply = given as { message_id?: number; allow_sending_without_reply?: boolean } | null;
  if (reply?.message_id === undefined) return null;
  if (world.message(chat.id, reply.message_id)) return reply.message_id;
  if (reply.allow_sending_without_reply === true) return null;
  return badRequest("message to be replied not found");
}

export interface Formatted {
  readonly text: string;
  readonly entities: readonly Entity[];
}

/** Text with its entities as it will be shown; a string is the refusal without its prefix. */
export function formatted(source: string, parseMode: string): Formatted | string {
  const mode = parseMode.toLowerCase();
  if (mode !== "" && mode !== "html") return "unsupported parse_mode";
  const parsed = mode === "html" ? parseHtml(source) : { ok: true as const, text: source, entities: [] };
  if (!parsed.ok) return parsed.description.replace(/^Bad Request: /, "");
  return cleanFormatted(parsed.text, parsed.entities);
}

/** The `text` of a message. */
export function messageText(parameters: Parameters): Formatted | MethodAnswer {
  const text = formatted(textParameter(parameters, "text"), textParameter(parameters, "parse_mode"));
  if (typeof text === "string") return badRequest(text);
  if (text.text === "") return badRequest("message text is empty");
  if (text.text.length > TEXT_LENGTH_MAX) return badRequest("message is too long");
  return text;
}

/** The `caption` of a picture; it may be empty. */
export function captionText(parameters: Parameters): Formatted | MethodAnswer {
  const text = formatted(textParameter(parameters, "caption"), textParameter(parameters, "parse_mode"));
  if (typeof text === "string") return badRequest(text);
  if (text.text.length > CAPTION_LENGTH_MAX) return badRequest("message caption is too long");
  return text;
}

export function keyboardOf(parameters: Parameters): readonly (readonly Button[])[] | MethodAnswer {
  const keyboard = readKeyboard(structured(parameters, "reply_markup"));
  return keyboard.ok ? keyboard.buttons : refusal(400, keyboard.description);
}

/** Where a new message goes and what it answers; `what` is what the bot must be allowed to send. */
export function placeOf(
  parameters: Parameters,
  context: MethodContext,
  what?: string,
): { readonly chat: Chat; readonly threadId: number | null; readonly replyTo: number | null } | MethodAnswer {
  const chat = chatFor(parameters, context.world, "write", what);
  if (isRefusal(chat)) return chat;
  const threadId = threadOf(parameters, chat);
  if (typeof threadId === "object" && threadId !== null) return threadId;
  const replyTo = replyOf(parameters, chat, context.world);
  if (typeof replyTo === "object" && replyTo !== null) return replyTo;
  return { chat, threadId, replyTo };
}

/** The refusal when one more message or edit now would be too many. */
export function overQuota(context: MethodContext, chat: Chat): MethodAnswer | null {
  return context.enforceQuota ? quotaRefusal(chat, context.now()) : null;
}

type Sent = Pick<NewMessage, "threadId" | "replyTo" | "text" | "entities" | "buttons" | "venue" | "photo">;

/** The last step of every sending method: quota, ledger, answer. */
export function accept(
  parameters: Parameters,
  context: MethodContext,
  chat: Chat,
  method: string,
  content: Sent,
): MethodAnswer {
  const over = overQuota(context, chat);
  if (over) return over;
  chat.acceptedAtMs.push(context.now());
  const message = context.world.keep({
    ...content,
    chatId: chat.id,
    fromBot: true,
    method,
    requestIndex: context.requestIndex,
    atMs: context.now(),
    silent: flag(parameters, "disable_notification"),
  });
  const reply = message.replyTo === null ? null : context.world.message(chat.id, message.replyTo);
  return { status: 200, result: messageJson(message, chat, context.bot, reply) };
}

/** The message a call is about, and its chat. */
export function targetOf(
  parameters: Parameters,
  context: MethodContext,
  verb: string,
  access: Access = "write",
): { readonly chat: Chat; readonly message: StoredMessage } | MethodAnswer {
  const chat = chatFor(parameters, context.world, access);
  if (isRefusal(chat)) return chat;
  const message = context.world.message(chat.id, integer(parameters, "message_id") ?? -1);
  return message ? { chat, message } : badRequest(`message to ${verb} not found`);
}
