/**
 * The fake's pins and reactions: rights, the real list of emoji, and what the history says.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { REACTION_EMOJI } from "../fakes/telegram/marking.ts";
import { FORUM, GROUP, rehearse, SARI, TOPIC, type Rehearsal } from "../fakes/telegram/rehearsal.ts";

let stage: Rehearsal;
beforeEach(async () => {
  stage = await rehearse();
});
afterEach(() => stage.fake.close());

const NO_RIGHT = "Bad Request: not enough rights to manage pinned messages in the chat";

describe("the fake's pins", () => {
  const pin = (chat_id: number, message_id: number, more: object = {}) =>
    stage.call("pinChatMessage", { chat_id, message_id, ...more });

  it("need no right in private, and a right in every group", async () => {
    const id = await stage.send("papan");
    expect(await pin(SARI, id, { disable_notification: true })).toMatchObject({ result: true });
    expect(stage.fake.ledger).toMatchObject([{ pinned: true, history: [{ kind: "pinned", silent: true }] }]);
    for (const chatId of [GROUP, FORUM]) {
      const there = await stage.send("papan", { chat_id: chatId });
      expect(await pin(chatId, there)).toMatchObject({ error_code: 400, description: NO_RIGHT });
      stage.fake.world.chat(chatId)!.canPin = true;
      expect(await pin(chatId, there)).toMatchObject({ ok: true });
      stage.fake.world.chat(chatId)!.canPin = false;
      expect(await stage.refusal("unpinChatMessage", { chat_id: chatId, message_id: there })).toBe(NO_RIGHT);
    }
  });

  it("leave a line of Telegram's own in the chat, which takes a message id", async () => {
    const id = await stage.send("papan");
    await pin(SARI, id);
    expect(await stage.send("berikut")).toBe(id + 2);
    expect(stage.fake.world.messages[1]).toMatchObject({ service: "Detak pinned #1", fromBot: false });
    expect(stage.fake.ledger).toHaveLength(2);
  });

  it("are shown by getChat, the newest, and unpinned by number or without", async () => {
    const ids = [await stage.send("satu"), await stage.send("dua")];
    for (const id of ids) await pin(SARI, id);
    const shown = async () =>
      ((await stage.call("getChat", { chat_id: SARI })).result as { pinned_message?: { text: string } })
        .pinned_message?.text;
    expect(await shown()).toBe("dua");
    await stage.call("unpinChatMessage", { chat_id: SARI });
    expect(await shown()).toBe("satu");
    await stage.call("unpinChatMessage", { chat_id: SARI, message_id: ids[0] });
    expect(await shown()).toBeUndefined();
    expect(await stage.refusal("unpinChatMessage", { chat_id: SARI })).toBe(
      "Bad Request: message to unpin not found",
    );
    expect(stage.fake.ledger[0]?.history.map(({ kind }) => kind)).toEqual(["pinned", "unpinned"]);
  });

  it("want a message that is there", async () => {
    expect(await stage.refusal("pinChatMessage", { chat_id: SARI, message_id: 9 })).toBe(
      "Bad Request: message to pin not found",
    );
    expect(await stage.refusal("unpinChatMessage", { chat_id: SARI, message_id: 9 })).toBe(
      "Bad Request: message to unpin not found",
    );
    expect(await stage.refusal("pinChatMessage", { chat_id: SARI })).toBe(
      "Bad Request: message to pin not found",
    );
  });

  it("end with the message", async () => {
    const id = await stage.send("papan");
    await pin(SARI, id);
    await stage.call("deleteMessage", { chat_id: SARI, message_id: id });
    expect(await stage.refusal("unpinChatMessage", { chat_id: SARI })).toBe(
      "Bad Request: message to unpin not found",
    );
  });
});

describe("the fake's reactions of the bot", () => {
  const react = (reaction: unknown, message_id = 1) =>
    stage.call("setMessageReaction", { chat_id: SARI, message_id, reaction });
  const refused = async (reaction: unknown) => (await react(reaction)).description;

  it("are one of the emoji that the Bot API lists", async () => {
    await stage.send("x");
    expect(REACTION_EMOJI.size).toBe(73);
    for (const emoji of REACTION_EMOJI) {
      expect(await react([{ type: "emoji", emoji }]), emoji).toMatchObject({ ok: true });
    }
    for (const emoji of ["✅", "🏦", "❤️", "", "👍👍"]) {
      expect(await refused([{ type: "emoji", emoji }]), emoji).toBe("Bad Request: REACTION_INVALID");
    }
    expect(await refused([{ type: "custom_emoji", custom_emoji_id: "5" }])).toBe(
      "Bad Request: REACTION_INVALID",
    );
  });

  it("are one at most, and none takes it away", async () => {
    await stage.send("x");
    const like = { type: "emoji", emoji: "👍" };
    expect(await refused([like, { type: "emoji", emoji: "👀" }])).toBe("Bad Request: REACTIONS_TOO_MANY");
    await react([like]);
    expect(stage.fake.ledger[0]?.reactions).toEqual(["👍"]);
    await react([]);
    expect(stage.fake.ledger[0]).toMatchObject({
      reactions: [],
      history: [
        { kind: "reacted", by: null, emoji: ["👍"] },
        { kind: "reacted", by: null, emoji: [] },
      ],
    });
  });

  it("are refused with the words for what is wrong about them", async () => {
    await stage.send("x");
    expect(await refused("{")).toBe("Bad Request: can't parse reaction types JSON object");
    expect(await refused({ type: "emoji" })).toBe("Bad Request: expected an Array of ReactionType");
    expect(await refused(["👍"])).toBe("Bad Request: can't parse ReactionType: expected an Object");
    expect(await refused([{ emoji: "👍" }])).toBe(
      `Bad Request: can't parse ReactionType: Can't find field "type"`,
    );
    expect(await refused([{ type: "smile" }])).toBe(
      "Bad Request: can't parse ReactionType: invalid reaction type specified",
    );
    expect((await react([], 9)).description).toBe("Bad Request: message to react not found");
  });

  it("reach people's messages, in topics too, and a group where the bot may not write", async () => {
    stage.fake.people.say({ chatId: FORUM, threadId: TOPIC, fromId: SARI, text: "halo" });
    stage.fake.world.chat(FORUM)!.membership = "muted";
    const reaction = [{ type: "emoji", emoji: "👀" }];
    expect(await stage.call("setMessageReaction", { chat_id: FORUM, message_id: 1, reaction })).toMatchObject(
      {
        ok: true,
      },
    );
    stage.fake.world.chat(FORUM)!.membership = "kicked";
    expect(await stage.refusal("setMessageReaction", { chat_id: FORUM, message_id: 1, reaction })).toBe(
      "Forbidden: bot was kicked from the supergroup chat",
    );
  });
});
