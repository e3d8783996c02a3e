/**
 * The fake's menu of commands, members of chats, leaving, and chat actions.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BUDI, FORUM, GROUP, rehearse, SARI, type Rehearsal } from "../fakes/telegram/rehearsal.ts";

const ANI = 4006;

let stage: Rehearsal;
beforeEach(async () => {
  stage = await rehearse();
});
afterEach(() => stage.fake.close());

describe("the fake's menu of commands", () => {
  const list = (...names: string[]) => names.map((command) => ({ command, description: `d ${command}` }));
  const set = (commands: unknown, more: object = {}) => stage.call("setMyCommands", { commands, ...more });
  const refused = async (commands: unknown, more: object = {}) => (await set(commands, more)).description;
  const get = async (more: object = {}) =>
    ((await stage.call("getMyCommands", { ...more })).result as { command: string }[]).map(
      ({ command }) => command,
    );

  it("is kept by scope and language", async () => {
    await set(list("status", "/down"));
    await set(list("keadaan"), { language_code: "id" });
    await set(list("server"), { scope: { type: "all_private_chats" } });
    await set(list("papan"), { scope: { type: "chat", chat_id: GROUP } });
    expect(await get()).toEqual(["status", "down"]);
    expect(await get({ scope: { type: "default" }, language_code: "id" })).toEqual(["keadaan"]);
    expect(await get({ language_code: "en" })).toEqual([]);
    expect(await get({ scope: { type: "chat", chat_id: GROUP } })).toEqual(["papan"]);
    await set(list("status"));
    expect(await get()).toEqual(["status"]);
    await stage.call("deleteMyCommands", { language_code: "id" });
    expect(stage.fake.commands.map(({ command }) => command)).toEqual(["status", "server", "papan"]);
  });

  it("is seen by each person by the narrowest scope, in their language or in none", async () => {
    stage.fake.world.addChat({
      id: GROUP,
      type: "group",
      title: "Divisi IT",
      people: [{ id: ANI, name: "Ani", status: "administrator" }],
    });
    const seen = (chatId: number, userId: number, language: string) =>
      stage.fake.commandLists
        .seenIn(stage.fake.world.chat(chatId)!, userId, language)
        .map(({ command }) => command);
    await set(list("umum"));
    await set(list("general"), { language_code: "en" });
    await set(list("pribadi"), { scope: { type: "all_private_chats" } });
    await set(list("pengurus"), { scope: { type: "chat_administrators", chat_id: GROUP } });
    await set(list("ku"), {
      scope: { type: "chat_member", chat_id: GROUP, user_id: BUDI },
      language_code: "id",
    });
    expect(seen(SARI, SARI, "en")).toEqual(["pribadi"]);
    expect(seen(FORUM, SARI, "en")).toEqual(["general"]);
    expect(seen(GROUP, ANI, "id")).toEqual(["pengurus"]);
    expect(seen(GROUP, BUDI, "id")).toEqual(["ku"]);
    expect(seen(GROUP, BUDI, "fr")).toEqual(["umum"]);
  });

  it("refuses names, descriptions and lists that Telegram refuses", async () => {
    const one = (command: unknown, description: unknown = "d") => refused([{ command, description }]);
    expect(await one("Status")).toBe("Bad Request: BOT_COMMAND_INVALID");
    expect(await one("lihat-semua")).toBe("Bad Request: BOT_COMMAND_INVALID");
    expect(await one("/")).toBe("Bad Request: command must be non-empty");
    expect(await one("x".repeat(33))).toBe("Bad Request: command length must not exceed 32");
    expect(await one("x", " ")).toBe("Bad Request: command description must be non-empty");
    expect(await one("x", "é".repeat(257))).toBe(
      "Bad Request: command description length must not exceed 256",
    );
    expect(await set([{ command: "x".repeat(32), description: "é".repeat(256) }])).toMatchObject({
      ok: true,
    });
    expect(await one("x", null)).toBe(`Bad Request: can't parse BotCommand: Can't find field "description"`);
    expect(await one(undefined)).toBe(`Bad Request: can't parse BotCommand: Can't find field "command"`);
    expect(await refused(["x"])).toBe("Bad Request: can't parse BotCommand: expected an Object");
    expect(await refused({})).toBe("Bad Request: expected an Array of BotCommand");
    expect(await refused("[")).toBe("Bad Request: can't parse commands JSON object");
    const many = Array.from({ length: 101 }, (_, index) => ({ command: `c${index}`, description: "d" }));
    expect(await refused(many)).toBe("Bad Request: BOT_COMMANDS_TOO_MUCH");
  });

  it("refuses scopes and languages that Telegram refuses", async () => {
    const scope = (value: unknown) => refused(list("x"), { scope: value });
    const parsing = "Bad Request: can't parse BotCommandScope";
    expect(await scope("{")).toBe(`${parsing} JSON object`);
    expect(await scope(5)).toBe(`${parsing}: BotCommandScope must be an Object`);
    expect(await scope({})).toBe(`${parsing}: Can't find field "type"`);
    expect(await scope({ type: "everyone" })).toBe(`${parsing}: Unsupported type specified`);
    expect(await scope({ type: "chat" })).toBe(`${parsing}: Can't find field "chat_id"`);
    expect(await scope({ type: "chat", chat_id: "" })).toBe(`${parsing}: Empty chat_id specified`);
    expect(await scope({ type: "chat_member", chat_id: GROUP })).toBe(
      `${parsing}: Can't find field "user_id"`,
    );
    expect(await scope({ type: "chat_member", chat_id: GROUP, user_id: 0 })).toBe(
      `${parsing}: Invalid user_id specified`,
    );
    expect(await scope({ type: "chat", chat_id: 5 })).toBe("Bad Request: chat not found");
    expect(await scope({ type: "chat_administrators", chat_id: SARI })).toBe(
      "Bad Request: can't use specified scope in private chats",
    );
    expect(await refused(list("x"), { language_code: "ind" })).toBe(
      "Bad Request: invalid language code specified",
    );
    expect(await stage.refusal("getMyCommands", { language_code: "ID" })).toBe(
      "Bad Request: invalid language code specified",
    );
  });
});

describe("the fake's members", () => {
  beforeEach(() => {
    stage.fake.world.addChat({
      id: GROUP,
      type: "group",
      title: "Divisi IT",
      people: [
        { id: ANI, name: "Ani", status: "creator" },
        { id: BUDI, name: "Budi" },
      ],
    });
  });
  const status = async (chat_id: number, user_id: number) =>
    ((await stage.call("getChatMember", { chat_id, user_id })).result as { status: string }).status;

  it("are told one by one, the bot among them", async () => {
    const bot = ((await stage.call("getMe")).result as { id: number }).id;
    expect(await status(GROUP, ANI)).toBe("creator");
    expect(await status(GROUP, BUDI)).toBe("member");
    expect(await status(FORUM, BUDI)).toBe("left");
    expect(await status(SARI, SARI)).toBe("member");
    expect(await status(GROUP, bot)).toBe("member");
    stage.fake.people.promoteBot({ chatId: GROUP, canPin: true });
    expect((await stage.call("getChatMember", { chat_id: GROUP, user_id: bot })).result).toMatchObject({
      status: "administrator",
      can_pin_messages: true,
      can_delete_messages: false,
    });
    stage.fake.world.chat(GROUP)!.membership = "muted";
    expect(await status(GROUP, bot)).toBe("restricted");
    expect(await stage.refusal("getChatMember", { chat_id: GROUP, user_id: 99 })).toBe(
      "Bad Request: user not found",
    );
    expect(await stage.refusal("getChatMember", { chat_id: GROUP })).toBe(
      "Bad Request: invalid user_id specified",
    );
  });

  it("administrators are the owner, those with rights, and the bot when it is one", async () => {
    const names = async () =>
      (
        (await stage.call("getChatAdministrators", { chat_id: GROUP })).result as {
          user: { first_name: string };
        }[]
      ).map(({ user }) => user.first_name);
    expect(await names()).toEqual(["Ani"]);
    stage.fake.world.chat(GROUP)!.canDelete = true;
    expect(await names()).toEqual(["Ani", "Detak"]);
    expect(await stage.refusal("getChatAdministrators", { chat_id: SARI })).toBe(
      "Bad Request: there are no administrators in the private chat",
    );
    stage.fake.world.chat(GROUP)!.membership = "kicked";
    expect(await stage.refusal("getChatAdministrators", { chat_id: GROUP })).toBe(
      "Forbidden: bot was kicked from the group chat",
    );
    expect(await stage.call("getChat", { chat_id: GROUP })).toMatchObject({ ok: true });
  });

  it("the bot leaves, and is told so", async () => {
    expect(await stage.call("leaveChat", { chat_id: FORUM })).toMatchObject({ result: true });
    expect(await stage.updates()).toMatchObject([
      {
        my_chat_member: {
          from: { is_bot: true },
          old_chat_member: { status: "member" },
          new_chat_member: { status: "left" },
        },
      },
    ]);
    expect(await stage.refusal("sendMessage", { chat_id: FORUM, text: "x" })).toBe(
      "Forbidden: bot is not a member of the supergroup chat",
    );
    expect(await stage.refusal("getChat", { chat_id: FORUM })).toBe(
      "Forbidden: bot is not a member of the supergroup chat",
    );
    expect(await stage.refusal("leaveChat", { chat_id: SARI })).toBe(
      "Bad Request: chat member status can't be changed in private chats",
    );
  });
});

describe("the fake's chat actions", () => {
  it("are the documented ones, in chats where the bot may write", async () => {
    for (const action of ["typing", "upload_photo", "FIND_LOCATION"]) {
      expect(await stage.call("sendChatAction", { chat_id: SARI, action }), action).toMatchObject({
        result: true,
      });
    }
    expect(await stage.refusal("sendChatAction", { chat_id: SARI, action: "singing" })).toBe(
      "Bad Request: wrong parameter action in request",
    );
    stage.fake.people.blockBot({ chatId: SARI });
    expect(await stage.refusal("sendChatAction", { chat_id: SARI, action: "typing" })).toBe(
      "Forbidden: bot was blocked by the user",
    );
  });
});
