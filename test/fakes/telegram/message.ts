/**
 * Messages, chats and members as the Bot API writes them.
 */
import { keyboardJson } from "./keyboard.ts";
import {
  botIsAdministrator,
  type Chat,
  type Person,
  type PersonStatus,
  type StoredMessage,
} from "./world.ts";

export { readKeyboard, type Keyboard } from "./keyboard.ts";

export interface BotIdentity {
  readonly id: number;
  readonly username: string;
  readonly name: string;
}

type Json = Readonly<Record<string, unknown>>;

export function chatJson(chat: Chat): Json {
  return {
    id: chat.id,
    type: chat.type,
    ...(chat.type === "private" ? { first_name: chat.title } : { title: chat.title }),
    ...(chat.topics.size > 0 ? { is_forum: true } : {}),
  };
}

export function botJson(bot: BotIdentity): Json {
  return { id: bot.id, is_bot: true, first_name: bot.name, username: bot.username };
}

export function personJson(person: Person): Json {
  return {
    id: person.id,
    is_bot: false,
    first_name: person.name,
    ...(person.username === undefined ? {} : { username: person.username }),
    ...(person.languageCode === undefined ? {} : { language_code: person.languageCode }),
  };
}

/** The sizes of a photo, the largest last, as the real server scales them. */
function photoJson(photo: NonNullable<StoredMessage["photo"]>): readonly Json[] {
  const { fileId, fileUniqueId, width, height, fileSize } = photo;
  const scale = Math.min(1, 320 / Math.max(width, height));
  const small = {
    file_id: `${fileId}-s`,
    file_unique_id: `${fileUniqueId}s`,
    file_size: Math.ceil(fileSize * scale * scale),
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
  const whole = { file_id: fileId, file_unique_id: fileUniqueId, file_size: fileSize, width, height };
  return scale < 1 ? [small, whole] : [whole];
}

function contentJson(message: StoredMessage): Json {
  if (message.venue) return { venue: message.venue };
  if (!message.photo) return { text: message.text, entities: message.entities };
  return {
    photo: photoJson(message.photo),
    ...(message.text === "" ? {} : { caption: message.text, caption_entities: message.entities }),
  };
}

/** `reply`: the message it answers, written without its own. */
export function messageJson(
  message: StoredMessage,
  chat: Chat,
  bot: BotIdentity,
  reply: StoredMessage | null = null,
): Json {
  const changed = message.history.findLast((entry) => entry.kind === "edited" && entry.what !== "keyboard");
  return {
    message_id: message.messageId,
    ...(message.threadId === null ? {} : { message_thread_id: message.threadId, is_topic_message: true }),
    from: message.from ? personJson(message.from) : botJson(bot),
    chat: chatJson(chat),
    date: Math.floor(message.atMs / 1000),
    ...contentJson(message),
    ...(changed ? { edit_date: Math.floor(changed.atMs / 1000) } : {}),
    ...(reply ? { reply_to_message: messageJson(reply, chat, bot) } : {}),
    ...(message.buttons.length > 0 ? { reply_markup: keyboardJson(message.buttons) } : {}),
  };
}

function rightsJson(chat: Chat, all: boolean): Json {
  return {
    can_be_edited: false,
    is_anonymous: false,
    can_manage_chat: true,
    can_change_info: all,
    can_delete_messages: all || chat.canDelete,
    can_invite_users: all,
    can_restrict_members: all,
    ...(chat.type === "channel" ? {} : { can_pin_messages: all || chat.canPin }),
    ...(chat.type === "supergroup" ? { can_manage_topics: all } : {}),
    can_promote_members: all,
    can_manage_video_chats: all,
    can_post_stories: all,
    can_edit_stories: all,
    can_delete_stories: all,
  };
}

/** A person as a member of a chat. */
export function personMemberJson(chat: Chat, person: Person, status: PersonStatus): Json {
  return {
    user: personJson(person),
    status,
    ...(status === "creator" ? { is_anonymous: false } : {}),
    ...(status === "administrator" ? rightsJson(chat, true) : {}),
    ...(status === "kicked" ? { until_date: 0 } : {}),
  };
}

/** The bot as a member of a chat, as it stands now. */
export function botMemberJson(chat: Chat, bot: BotIdentity): Json {
  const user = botJson(bot);
  switch (chat.membership) {
    case "member":
      return botIsAdministrator(chat) && chat.type !== "private"
        ? { user, status: "administrator", ...rightsJson(chat, false) }
        : { user, status: "member" };
    case "muted":
      return {
        user,
        status: "restricted",
        is_member: true,
        until_date: 0,
        can_send_messages: false,
        can_send_photos: false,
        can_send_other_messages: false,
        can_pin_messages: false,
      };
    case "blocked":
    case "kicked":
      return { user, status: "kicked", until_date: 0 };
    case "left":
    case "deactivated":
    case "deleted":
      return { user, status: "left" };
  }
}
