/**
 * What stays in view in a chat: the place of an outage on the map, and the pinned board.
 * Why silent: neither is news; a board that rang at each change would be unpinned by the first who sleeps.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Message } from "../../collector/core/types/telling.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { SUMMARY } from "./channel-contract-fixtures.ts";
import { sending, type How } from "./channel-sending.ts";
import {
  channelTo,
  fakeWithChats,
  FORUM,
  GROUP,
  HANG_LIMIT_MS,
  PRIVATE,
  TOPIC,
  type ChannelUnderTest,
} from "./harness.ts";

let fake: FakeTelegram;
let under: ChannelUnderTest;
beforeEach(async () => {
  fake = await fakeWithChats();
  under = channelTo(fake.apiRoot, fake.token);
});
afterEach(() => {
  expect(JSON.stringify([under.log.lines, under.channel.health()])).not.toContain(fake.token.split(":")[1]);
  return fake.close();
});
const last = () => fake.ledger.at(-1)!;
const methods = () => fake.requests.map(({ method }) => method);

describe("a pin on the map", () => {
  const pin = (says: Partial<Message> = {}, how: How = {}) => sending(says, { step: "pin", ...how });

  it("is a venue with its name and address that answers the down message, without a sound", async () => {
    const down = await under.channel.send(sending());
    const replyToExternalId = down.type === "sent" ? down.externalId : null;
    expect(await under.channel.send(pin({}, { replyToExternalId }))).toEqual({
      type: "sent",
      externalId: String(last().messageId),
    });
    expect(last()).toMatchObject({
      method: "sendVenue",
      chatId: PRIVATE,
      replyTo: Number(replyToExternalId),
      silent: true,
      buttons: [],
      venue: {
        latitude: -5.135399,
        longitude: 119.42379,
        title: "srv-kasir — Cabang Makassar",
        address: "Jl. Ahmad Yani 5, Makassar",
      },
    });
    expect(fake.requests).toHaveLength(2);
  });

  it("of a whole site is named by the site; without an address by what is known", async () => {
    await under.channel.send(pin({ kind: "site_down", siteAddress: null }));
    expect(last().venue).toMatchObject({ title: "Cabang Makassar", address: "Cabang Makassar" });
    await under.channel.send(pin({ serverName: "", siteName: null, siteAddress: " " }));
    expect(last().venue?.title).not.toBe("");
    expect(last().venue?.address).toBe("-5.135399, 119.42379");
  });

  it("whose down message is gone is sent all the same", async () => {
    expect((await under.channel.send(pin({}, { replyToExternalId: "777" }))).type).toBe("sent");
    expect(last().replyTo).toBeNull();
  });

  it.each([
    [null, 119],
    [-5, null],
    [91, 119],
    [-5, 181],
    [NaN, 119],
  ])("at no place on the map (%j, %j): rejected, and nobody is asked", async (latitude, longitude) => {
    expect(await under.channel.send(pin({ latitude, longitude }))).toMatchObject({
      type: "rejected",
      scope: "message",
    });
    expect(fake.requests).toEqual([]);
  });

  it("comes in the topic; where that is closed or gone, in the chat, as the message did", async () => {
    const to = { address: `${FORUM}/${TOPIC}` };
    await under.channel.send(pin({}, { to }));
    fake.world.chat(FORUM)!.topics.get(TOPIC)!.closed = true;
    expect((await under.channel.send(pin({}, { to }))).type).toBe("sent");
    fake.world.chat(FORUM)!.topics.delete(TOPIC);
    expect((await under.channel.send(pin({}, { to }))).type).toBe("sent");
    expect(fake.ledger.map(({ threadId }) => threadId)).toEqual([TOPIC, null, null]);
    expect(fake.requests).toHaveLength(5);
  });

  it.each([
    [
      { kind: "refusal", status: 400, description: "Bad Request: VENUE_TITLE_EMPTY" },
      { type: "rejected", scope: "message" },
    ],
    [
      { kind: "refusal", status: 403, description: "Forbidden: bot was kicked" },
      { type: "rejected", scope: "recipient" },
    ],
    [
      { kind: "too_many_requests", retryAfterSeconds: 3 },
      { type: "retry", retryAfterMs: 3_000 },
    ],
    [{ kind: "drop", when: "after" }, { type: "unknown" }],
    [{ kind: "raw", status: 200, body: '{"ok":true,"result":true}' }, { type: "unknown" }],
  ] as const)("met by %j is %j, after one request", async (fault, outcome) => {
    fake.faults.add("sendVenue", fault);
    expect(await under.channel.send(pin())).toMatchObject(outcome);
    expect(methods()).toEqual(["sendVenue"]);
  });
});

describe("a board", () => {
  const board = (openCount: number, editsExternalId: string | null = null, how: How = {}) =>
    sending(
      {
        step: "board",
        incidentNumber: 0,
        panelUrl: null,
        summary: { ...SUMMARY, period: null, past: null, openCount },
      },
      { editsExternalId, ...how },
    );
  async function first(how: How = {}): Promise<string> {
    const outcome = await under.channel.send(board(1, null, how));
    return outcome.type === "sent" ? outcome.externalId : expect.fail(JSON.stringify(outcome));
  }

  it("that is new comes without a sound, and is pinned without one", async () => {
    const id = await first();
    expect(last()).toMatchObject({ messageId: Number(id), silent: true, pinned: true, reactions: [] });
    expect(last().history).toMatchObject([{ kind: "pinned", silent: true }]);
    expect(methods()).toEqual(["sendMessage", "pinChatMessage"]);
  });

  it("that is there is edited: the same message, pinned once, without a reaction", async () => {
    const id = await first();
    const before = last().text;
    expect(await under.channel.send(board(2, id))).toEqual({ type: "sent", externalId: id });
    expect(fake.ledger).toHaveLength(1);
    expect(last().text).not.toBe(before);
    expect(last().edits.map(({ text }) => text)).toEqual([before]);
    expect(methods()).toEqual(["sendMessage", "pinChatMessage", "editMessageText"]);
  });

  it("that says what it said is as good as edited", async () => {
    const id = await first();
    expect(await under.channel.send(board(1, id))).toEqual({ type: "sent", externalId: id });
    expect(last().edits).toEqual([]);
  });

  it("where the bot may not pin is sent all the same; where it may, it is pinned", async () => {
    await first({ to: { address: String(GROUP) } });
    expect(last()).toMatchObject({ chatId: GROUP, pinned: false, silent: true });
    expect(under.log.lines.join()).toContain("not enough rights to manage pinned messages");
    expect(under.channel.health().state).toBe("ok");
    fake.world.chat(GROUP)!.canPin = true;
    await first({ to: { address: String(GROUP) } });
    expect(last().pinned).toBe(true);
  });

  it("whose pin is never answered was sent all the same", async () => {
    under = channelTo(fake.apiRoot, fake.token, HANG_LIMIT_MS);
    fake.faults.add("pinChatMessage", { kind: "hang", when: "before" });
    await first();
    expect(fake.ledger).toHaveLength(1);
  });

  it("that somebody deleted: rejected as a message, so that a new one is made of it", async () => {
    const id = await first();
    last().deletedAtMs = 1;
    expect(await under.channel.send(board(2, id))).toMatchObject({ type: "rejected", scope: "message" });
    expect(fake.ledger).toHaveLength(1);
    expect(fake.requestsOf("pinChatMessage")).toHaveLength(1);
  });

  it("is pinned in the topic it is wanted in", async () => {
    fake.world.chat(FORUM)!.canPin = true;
    await first({ to: { address: `${FORUM}/${TOPIC}` } });
    expect(last()).toMatchObject({ threadId: TOPIC, pinned: true });
  });
});
