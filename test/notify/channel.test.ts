/**
 * Where a send goes: chats that are gone, groups that moved, topics, the message it answers, the buttons it may have.
 * Why on the fake's ledger: what arrived where is what people see.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import type { Membership } from "../fakes/telegram/world.ts";
import { sending } from "./channel-sending.ts";
import { channelTo, fakeWithChats, FORUM, GROUP, PRIVATE, TOPIC } from "./harness.ts";

describe("a send and its chat", () => {
  let fake: FakeTelegram;
  beforeEach(async () => {
    fake = await fakeWithChats();
  });
  afterEach(() => fake.close());

  const GONE: readonly (readonly [Membership, number])[] = [
    ["blocked", PRIVATE],
    ["deactivated", PRIVATE],
    ["kicked", GROUP],
    ["deleted", GROUP],
    ["muted", GROUP],
  ];
  for (const [membership, chatId] of GONE) {
    it(`a bot that is ${membership} is a recipient that cannot be reached`, async () => {
      const chat = fake.world.chat(chatId);
      if (chat) chat.membership = membership;
      const { channel, health } = channelTo(fake.apiRoot, fake.token);
      const outcome = await channel.send(sending({}, { to: { address: String(chatId) } }));
      expect(outcome).toMatchObject({ type: "rejected", scope: "recipient" });
      expect(fake.requests).toHaveLength(1);
      expect(health.current().state).toBe("ok");
    });
  }

  it("a chat that does not exist is a recipient that cannot be reached", async () => {
    const { channel } = channelTo(fake.apiRoot, fake.token);
    const outcome = await channel.send(sending({}, { to: { address: "999" } }));
    expect(outcome).toMatchObject({
      type: "rejected",
      scope: "recipient",
      error: expect.stringContaining("chat not found") as string,
    });
    expect(fake.requests).toHaveLength(1);
  });

  it("an address that is no chat id costs no request", async () => {
    const { channel } = channelTo(fake.apiRoot, fake.token);
    const outcome = await channel.send(sending({}, { to: { address: "pak budi" } }));
    expect(outcome).toMatchObject({ type: "rejected", scope: "recipient" });
    expect(fake.requests).toHaveLength(0);
  });

  it("a group that became a supergroup gives its new address", async () => {
    fake.world.migrate(GROUP, -1009009);
    const { channel } = channelTo(fake.apiRoot, fake.token);
    const outcome = await channel.send(sending({}, { to: { address: String(GROUP) } }));
    expect(outcome).toEqual({ type: "moved", address: "-1009009" });
    expect(fake.ledger).toHaveLength(0);
  });

  it("a topic gets its message in the topic; a topic that is gone or closed gets it in the chat", async () => {
    const { channel } = channelTo(fake.apiRoot, fake.token);
    const toTopic = sending({}, { to: { address: `${FORUM}/${TOPIC}` } });
    expect((await channel.send(toTopic)).type).toBe("sent");
    fake.world.chat(FORUM)!.topics.get(TOPIC)!.closed = true;
    expect((await channel.send(toTopic)).type).toBe("sent");
    fake.world.chat(FORUM)!.topics.delete(TOPIC);
    expect((await channel.send(toTopic)).type).toBe("sent");
    expect(fake.ledger.map(({ threadId }) => threadId)).toEqual([TOPIC, null, null]);
    expect(fake.ledger[1]?.entities.length).toBeGreaterThan(0);
    expect(fake.requests).toHaveLength(5);
  });

  it("the General topic is asked without a thread, as Telegram wants it", async () => {
    const { channel } = channelTo(fake.apiRoot, fake.token);
    const toGeneral = sending({}, { to: { address: `${FORUM}/1` } });
    expect((await channel.send(toGeneral)).type).toBe("sent");
    expect(fake.requests).toHaveLength(1);
  });

  it("markup that fails in a topic keeps the topic", async () => {
    fake.faults.add("sendMessage", { kind: "parse_error" });
    const { channel } = channelTo(fake.apiRoot, fake.token);
    await channel.send(sending({}, { to: { address: `${FORUM}/${TOPIC}` } }));
    expect(fake.ledger.map(({ threadId }) => threadId)).toEqual([TOPIC]);
  });

  it("a recovery answers the down message, and is sent all the same when that is gone", async () => {
    const { channel } = channelTo(fake.apiRoot, fake.token);
    const down = await channel.send(sending());
    const recovered = {
      step: "recovered",
      endedWallMs: Date.UTC(2026, 10, 22, 3),
      durationMs: 60_000,
    } as const;
    const downId = down.type === "sent" ? down.externalId : null;
    await channel.send(sending(recovered, { replyToExternalId: downId }));
    await channel.send(sending(recovered, { replyToExternalId: "777" }));
    await channel.send(sending(recovered, { replyToExternalId: "not a number" }));
    expect(fake.ledger.map(({ replyTo }) => replyTo)).toEqual([null, Number(downId), null, null]);
    expect(fake.requests).toHaveLength(4);
  });

  it("a panel that only the office can open is named in the text, never as a button Telegram would refuse", async () => {
    const { channel } = channelTo(fake.apiRoot, fake.token);
    for (const panelUrl of [
      "http://localhost:7373/incidents/i12",
      "http://10.1.2.3:7373/incidents/i12",
      "http://panel/incidents/i12",
      "http://[fd00::1]:7373/incidents/i12",
      "http://192.168.1.4/incidents/i12",
      "http://172.20.0.1/incidents/i12",
      "http://detak.local/incidents/i12",
    ]) {
      expect((await channel.send(sending({ panelUrl }))).type, panelUrl).toBe("sent");
      expect(fake.ledger.at(-1)?.text).toContain(panelUrl);
      expect(
        fake.ledger
          .at(-1)
          ?.buttons.flat()
          .flatMap(({ text, url }) => (url === null ? [] : [text])),
      ).toEqual(["📍 Peta"]);
    }
    expect(fake.requests).toHaveLength(7);
  });
});
