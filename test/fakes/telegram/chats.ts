/**
 * Methods about a chat and who is in it.
 * Must not: invent leniency; what the real server refuses is refused here with the same words.
 */
import { badRequest, chatFor, integer, isRefusal, YES, type Method } from "./call.ts";
import { pinnedIn } from "./marking.ts";
import { botJson, botMemberJson, chatJson, messageJson, personMemberJson } from "./message.ts";
import { botIsAdministrator } from "./world.ts";

export const getChat: Method = (parameters, context) => {
  const chat = chatFor(parameters, context.world, "read");
  if (isRefusal(chat)) return chat;
  const pinned = pinnedIn(context, chat);
  return {
    status: 200,
    result: {
      ...chatJson(chat),
      max_reaction_count: 11,
      accent_color_id: 0,
      ...(pinned ? { pinned_message: messageJson(pinned, chat, context.bot) } : {}),
    },
  };
};

export const getChatMember: Method = (parameters, context) => {
  const userId = integer(parameters, "user_id");
  if (userId === null || userId <= 0) return badRequest("invalid user_id specified");
  const isBot = userId === context.bot.id;
  const chat = chatFor(parameters, context.world, isBot ? "read" : "members");
  if (isRefusal(chat)) return chat;
  if (isBot) return { status: 200, result: botMemberJson(chat, context.bot) };
  const person = context.world.people.get(userId);
  if (!person) return badRequest("user not found");
  const status =
    chat.type === "private"
      ? userId === chat.id
        ? "member"
        : "left"
      : (chat.people.get(userId)?.status ?? "left");
  return { status: 200, result: personMemberJson(chat, person, status) };
};

export const getChatAdministrators: Method = (parameters, context) => {
  const chat = chatFor(parameters, context.world, "members");
  if (isRefusal(chat)) return chat;
  if (chat.type === "private") return badRequest("there are no administrators in the private chat");
  const people = [...chat.people.values()].filter(
    ({ status }) => status === "creator" || status === "administrator",
  );
  return {
    status: 200,
    result: [
      ...people.map(({ person, status }) => personMemberJson(chat, person, status)),
      ...(botIsAdministrator(chat) ? [botMemberJson(chat, context.bot)] : []),
    ],
  };
};

export const leaveChat: Method = (parameters, context) => {
  const chat = chatFor(parameters, context.world, "read");
  if (isRefusal(chat)) return chat;
  if (chat.type === "private") return badRequest("chat member status can't be changed in private chats");
  const before = botMemberJson(chat, context.bot);
  chat.membership = "left";
  Object.assign(chat, { administrator: false, canPin: false, canDelete: false });
  context.updates.push("my_chat_member", {
    chat: chatJson(chat),
    from: botJson(context.bot),
    date: Math.floor(context.now() / 1000),
    old_chat_member: before,
    new_chat_member: botMemberJson(chat, context.bot),
  });
  return YES;
};
