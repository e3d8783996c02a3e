/**
 * Methods about the bot's menu of commands: lists by scope and language.
 * Must not: invent leniency; what the real server refuses is refused here with the same words.
 */
import type { MethodAnswer } from "./answer.ts";
import type { Parameters } from "./body.ts";
import {
  badRequest,
  chatFor,
  isRefusal,
  structured,
  textParameter,
  YES,
  type Method,
  type MethodContext,
} from "./call.ts";
import type { BotCommand, Scope } from "./command-lists.ts";
import { NOT_JSON } from "./keyboard.ts";

const COMMANDS_MAX = 100;
const COMMAND_LENGTH_MAX = 32;
const DESCRIPTION_LENGTH_MAX = 256;

const WIDE = ["default", "all_private_chats", "all_group_chats", "all_chat_administrators"] as const;
const NARROW = ["chat", "chat_administrators", "chat_member"] as const;

function oneOf<const T extends readonly string[]>(words: T, word: unknown): T[number] | null {
  return words.find((one) => one === word) ?? null;
}

/** A chat or person in a scope; a string is what cannot be parsed about it. */
function idIn(fields: Readonly<Record<string, unknown>>, key: string): number | string {
  const value = fields[key];
  if (value === undefined) return `Can't find field "${key}"`;
  if (value === "") return `Empty ${key} specified`;
  return Number(value);
}

function readScope(parameters: Parameters, context: MethodContext): Scope | MethodAnswer {
  const given = structured(parameters, "scope");
  if (given === null) return { type: "default" };
  if (given === NOT_JSON) return badRequest("can't parse BotCommandScope JSON object");
  const unparsed = (what: string) => badRequest(`can't parse BotCommandScope: ${what}`);
  if (typeof given !== "object") return unparsed("BotCommandScope must be an Object");
  const fields = given as Readonly<Record<string, unknown>>;
  if (typeof fields["type"] !== "string") return unparsed(`Can't find field "type"`);
  const wide = oneOf(WIDE, fields["type"]);
  if (wide) return { type: wide };
  const narrow = oneOf(NARROW, fields["type"]);
  if (!narrow) return unparsed("Unsupported type specified");
  const chatId = idIn(fields, "chat_id");
  if (typeof chatId === "string") return unparsed(chatId);
  const userId = narrow === "chat_member" ? idIn(fields, "user_id") : 1;
  if (typeof userId === "string") return unparsed(userId);
  if (!(userId > 0)) return unparsed("Invalid user_id specified");
  const chat = chatFor(
    { values: new Map([["chat_id", String(chatId)]]), files: new Map() },
    context.world,
    "members",
  );
  if (isRefusal(chat)) return chat;
  if (chat.type === "private" && narrow !== "chat") {
    return badRequest("can't use specified scope in private chats");
  }
  if (chat.type === "channel") return badRequest("can't change commands in channel chats");
  return narrow === "chat_member" ? { type: narrow, chatId, userId } : { type: narrow, chatId };
}

/** The list asked for; a string is the refusal without its prefix. */
function readCommands(given: unknown): readonly BotCommand[] | string {
  if (given === NOT_JSON) return "can't parse commands JSON object";
  if (given !== null && !Array.isArray(given)) return "expected an Array of BotCommand";
  const commands: BotCommand[] = [];
  for (const one of (given ?? []) as unknown[]) {
    const parsing = "can't parse BotCommand: ";
    if (typeof one !== "object" || one === null) return `${parsing}expected an Object`;
    const fields = one as { command?: unknown; description?: unknown };
    if (typeof fields.command !== "string") return `${parsing}Can't find field "command"`;
    if (typeof fields.description !== "string") return `${parsing}Can't find field "description"`;
    const command = fields.command.trim().replace(/^\//, "");
    const description = fields.description.trim();
    if (command === "") return "command must be non-empty";
    if (Array.from(command).length > COMMAND_LENGTH_MAX)
      return `command length must not exceed ${COMMAND_LENGTH_MAX}`;
    if (description === "") return "command description must be non-empty";
    if (Array.from(description).length > DESCRIPTION_LENGTH_MAX) {
      return `command description length must not exceed ${DESCRIPTION_LENGTH_MAX}`;
    }
    if (!/^[a-z0-9_]+$/.test(command)) return "BOT_COMMAND_INVALID";
    commands.push({ command, description });
  }
  return commands.length > COMMANDS_MAX ? "BOT_COMMANDS_TOO_MUCH" : commands;
}

/** Scope and language of any of the three methods. */
function placeOfList(
  parameters: Parameters,
  context: MethodContext,
): { readonly scope: Scope; readonly languageCode: string } | MethodAnswer {
  const scope = readScope(parameters, context);
  if (isRefusal(scope)) return scope;
  const languageCode = textParameter(parameters, "language_code");
  if (!/^([a-z]{2})?$/.test(languageCode)) return badRequest("invalid language code specified");
  return { scope, languageCode };
}

export const setMyCommands: Method = (parameters, context) => {
  const commands = readCommands(structured(parameters, "commands"));
  if (typeof commands === "string") return badRequest(commands);
  const place = placeOfList(parameters, context);
  if (isRefusal(place)) return place;
  context.commandLists.set({ ...place, commands });
  return YES;
};

export const getMyCommands: Method = (parameters, context) => {
  const place = placeOfList(parameters, context);
  if (isRefusal(place)) return place;
  return { status: 200, result: context.commandLists.get(place.scope, place.languageCode) };
};

export const deleteMyCommands: Method = (parameters, context) => {
  const place = placeOfList(parameters, context);
  if (isRefusal(place)) return place;
  context.commandLists.remove(place.scope, place.languageCode);
  return YES;
};
