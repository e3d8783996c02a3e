/**
 * Methods that change or take away what is already in a chat.
 * Why strict about keyboards: an edit without `reply_markup` takes the keyboard away, and that is how buttons get lost.
 * Must not: invent leniency; what the real server refuses is refused here with the same words.
 */
import type { MethodAnswer } from "./answer.ts";
import type { Parameters } from "./body.ts";
import {
  badRequest,
  captionText,
  integer,
  isRefusal,
  keyboardOf,
  messageText,
  overQuota,
  targetOf,
  textParameter,
  YES,
  type Formatted,
  type Method,
  type MethodContext,
} from "./call.ts";
import { messageJson } from "./message.ts";
import type { Button, Chat, StoredMessage } from "./world.ts";

/** Afterwards only an administrator may take a message away. */
const DELETABLE_MS = 48 * 3_600_000;

const NOT_MODIFIED =
  "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";

type Edited = "text" | "caption" | "keyboard";

/** The bot's own message an edit is about. */
function editable(
  parameters: Parameters,
  context: MethodContext,
): { readonly chat: Chat; readonly message: StoredMessage } | MethodAnswer {
  if (textParameter(parameters, "chat_id") === "" && textParameter(parameters, "message_id") === "") {
    // Messages sent by inline mode have ids of their own; nobody sends one here.
    return badRequest(
      textParameter(parameters, "inline_message_id") === ""
        ? "message identifier is not specified"
        : "MESSAGE_ID_INVALID",
    );
  }
  const target = targetOf(parameters, context, "edit");
  if (isRefusal(target)) return target;
  return target.message.fromBot ? target : badRequest("message can't be edited");
}

function change(
  context: MethodContext,
  target: { readonly chat: Chat; readonly message: StoredMessage },
  what: Edited,
  content: Formatted,
  buttons: readonly (readonly Button[])[],
): MethodAnswer {
  const { chat, message } = target;
  const same =
    message.text === content.text &&
    JSON.stringify(message.entities) === JSON.stringify(content.entities) &&
    JSON.stringify(message.buttons) === JSON.stringify(buttons);
  if (same) return badRequest(NOT_MODIFIED);
  const over = overQuota(context, chat);
  if (over) return over;
  chat.acceptedAtMs.push(context.now());
  const before = { text: message.text, entities: message.entities, buttons: message.buttons };
  context.world.note(message, context.now(), { kind: "edited", what, before });
  if (what !== "keyboard") message.edits.push({ atMs: context.now(), text: message.text });
  message.text = content.text;
  message.entities = content.entities;
  message.buttons = buttons;
  const reply = message.replyTo === null ? null : context.world.message(chat.id, message.replyTo);
  return { status: 200, result: messageJson(message, chat, context.bot, reply) };
}

export const editMessageText: Method = (parameters, context) => {
  const content = messageText(parameters);
  if (isRefusal(content)) return content;
  const buttons = keyboardOf(parameters);
  if (isRefusal(buttons)) return buttons;
  const target = editable(parameters, context);
  if (isRefusal(target)) return target;
  const { photo, venue } = target.message;
  if (photo ?? venue) return badRequest("there is no text in the message to edit");
  return change(context, target, "text", content, buttons);
};

export const editMessageCaption: Method = (parameters, context) => {
  const content = captionText(parameters);
  if (isRefusal(content)) return content;
  const buttons = keyboardOf(parameters);
  if (isRefusal(buttons)) return buttons;
  const target = editable(parameters, context);
  if (isRefusal(target)) return target;
  if (!target.message.photo) return badRequest("there is no caption in the message to edit");
  return change(context, target, "caption", content, buttons);
};

export const editMessageReplyMarkup: Method = (parameters, context) => {
  const buttons = keyboardOf(parameters);
  if (isRefusal(buttons)) return buttons;
  const target = editable(parameters, context);
  if (isRefusal(target)) return target;
  return change(context, target, "keyboard", target.message, buttons);
};

/** Own messages everywhere, others' in private, everything where the bot has the right; not after two days without it. */
function mayDelete(chat: Chat, message: StoredMessage, nowMs: number): boolean {
  if (chat.type !== "private" && chat.canDelete) return true;
  if (nowMs - message.atMs > DELETABLE_MS) return false;
  return message.fromBot || chat.type === "private";
}

export const deleteMessage: Method = (parameters, context) => {
  if (textParameter(parameters, "chat_id") === "") return badRequest("chat identifier is not specified");
  if ((integer(parameters, "message_id") ?? 0) <= 0) {
    return badRequest("message identifier is not specified");
  }
  const target = targetOf(parameters, context, "delete", "mark");
  if (isRefusal(target)) return target;
  const { chat, message } = target;
  if (!mayDelete(chat, message, context.now())) {
    return badRequest(
      message.fromBot || chat.type === "private"
        ? "message can't be deleted for everyone"
        : "message can't be deleted",
    );
  }
  message.deletedAtMs = context.now();
  message.pinned = false;
  context.world.note(message, context.now(), { kind: "deleted" });
  return YES;
};
