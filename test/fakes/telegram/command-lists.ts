/**
 * The bot's lists of commands by scope and language, and which of them a person sees.
 * Must not: check commands; commands.ts does.
 */
import type { Chat } from "./world.ts";

export interface BotCommand {
  readonly command: string;
  readonly description: string;
}

export type Scope =
  | {
      readonly type: "default" | "all_private_chats" | "all_group_chats" | "all_chat_administrators";
    }
  | { readonly type: "chat" | "chat_administrators"; readonly chatId: number }
  | { readonly type: "chat_member"; readonly chatId: number; readonly userId: number };

export interface CommandList {
  readonly scope: Scope;
  /** Empty: everybody without a list of their own language. */
  readonly languageCode: string;
  readonly commands: readonly BotCommand[];
}

export interface CommandLists {
  /** Every list that stands, in the order they were first set. */
  readonly all: readonly CommandList[];
  set(list: CommandList): void;
  get(scope: Scope, languageCode: string): readonly BotCommand[];
  remove(scope: Scope, languageCode: string): void;
  /** What the menu of this person shows in this chat, by the documented order of scopes and languages. */
  seenIn(chat: Chat, userId: number, languageCode: string): readonly BotCommand[];
}

function keyOf(scope: Scope, languageCode: string): string {
  return JSON.stringify([
    scope.type,
    "chatId" in scope ? scope.chatId : null,
    "userId" in scope ? scope.userId : null,
    languageCode,
  ]);
}

/** From the narrowest scope to the widest. */
function scopesOf(chat: Chat, userId: number): readonly Scope[] {
  if (chat.type === "private") {
    return [{ type: "chat", chatId: chat.id }, { type: "all_private_chats" }, { type: "default" }];
  }
  const status = chat.people.get(userId)?.status;
  const isAdministrator = status === "creator" || status === "administrator";
  const administrators: readonly Scope[] = isAdministrator
    ? [{ type: "chat_administrators", chatId: chat.id }]
    : [];
  const allAdministrators: readonly Scope[] = isAdministrator ? [{ type: "all_chat_administrators" }] : [];
  return [
    { type: "chat_member", chatId: chat.id, userId },
    ...administrators,
    { type: "chat", chatId: chat.id },
    ...allAdministrators,
    { type: "all_group_chats" },
    { type: "default" },
  ];
}

export function createCommandLists(): CommandLists {
  const lists = new Map<string, CommandList>();
  return {
    get all() {
      return [...lists.values()];
    },
    set(list) {
      lists.set(keyOf(list.scope, list.languageCode), list);
    },
    get(scope, languageCode) {
      return lists.get(keyOf(scope, languageCode))?.commands ?? [];
    },
    remove(scope, languageCode) {
      lists.delete(keyOf(scope, languageCode));
    },
    seenIn(chat, userId, languageCode) {
      for (const scope of scopesOf(chat, userId)) {
        for (const language of new Set([languageCode, ""])) {
          const list = lists.get(keyOf(scope, language));
          if (list && list.commands.length > 0) return list.commands;
        }
      }
      return [];
    },
  };
}
