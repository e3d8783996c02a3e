/**
 * A message with a picture: the text below it, and the text alone wherever the picture cannot go.
 * Why so many ways out: a picture is worth no message; whatever is wrong with it, the text arrives, and once.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Message } from "../../collector/core/types/telling.ts";
import { render } from "../../collector/notify/rendering/render.ts";
import { samplePng } from "../fakes/telegram/rehearsal.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { SUMMARY } from "./channel-contract-fixtures.ts";
import { sending, type How } from "./channel-sending.ts";
import { channelTo, fakeWithChats, FORUM, PRIVATE, TOPIC } from "./harness.ts";

const REPORT = { step: "report", incidentNumber: 0, summary: SUMMARY } as const;
/** Longer than a caption may be. */
const LONG: Partial<Message> = {
  kind: "mass_outage",
  members: Array.from({ length: 30 }, (_, at) => ({
    serverName: `srv-kasir-nomor-${at}-yang-panjang`,
    siteName: `Cabang Makassar Bagian ${at}`,
  })),
  memberCount: 30,
  siteCount: 30,
};

describe("a message with a picture", () => {
  let fake: FakeTelegram;
  beforeEach(async () => {
    fake = await fakeWithChats();
  });
  afterEach(() => fake.close());

  async function send(
    says: Partial<Message> = REPORT,
    how: How = {},
    picture: () => Promise<Uint8Array | null> = () => Promise.resolve(samplePng()),
  ) {
    const { channel, log, health } = channelTo(fake.apiRoot, fake.token, undefined, picture);
    const outcome = await channel.send(sending(says, how));
    const seen = JSON.stringify([outcome, log.lines, health.current()]);
    expect(seen).not.toContain(fake.token.split(":")[1]);
    return outcome;
  }
  const methods = () => fake.requests.map(({ method }) => method);
  const last = () => fake.ledger.at(-1)!;
  const textOf = (says: Partial<Message>) => {
    const { tellings, recipient } = sending(says);
    return render(tellings, recipient).text;
  };

  it("has its text below the picture, its buttons, its reply, its sound or none", async () => {
    expect(await send({ step: "down" })).toEqual({ type: "sent", externalId: "1" });
    expect(last()).toMatchObject({ method: "sendPhoto", text: textOf({}), silent: false });
    expect(last().photo).toMatchObject({ width: 320, height: 120 });
    expect(last().entities.length).toBeGreaterThan(0);
    expect(last().buttons.flat().length).toBeGreaterThan(3);
    await send(REPORT, { silent: true, replyToExternalId: "1" });
    expect(last()).toMatchObject({ silent: true, replyTo: 1, text: textOf(REPORT) });
    expect(methods()).toEqual(["sendPhoto", "sendPhoto"]);
  });

  it("that is too long for a caption goes alone, and the picture is not even sent up", async () => {
    expect(textOf(LONG).length).toBeGreaterThan(1024);
    expect((await send(LONG)).type).toBe("sent");
    expect(methods()).toEqual(["sendMessage"]);
    expect(last()).toMatchObject({ photo: null, text: textOf(LONG) });
  });

  it("that is too long for a caption, and whose markup is refused: asked twice, as without a picture", async () => {
    fake.faults.add("sendMessage", { kind: "parse_error" });
    expect((await send(LONG)).type).toBe("sent");
    expect(methods()).toEqual(["sendMessage", "sendMessage"]);
    expect(last().entities).toEqual([]);
  });

  it("whose picture Telegram cannot read: the text with its markup", async () => {
    const broken = samplePng().slice(0, 200);
    expect((await send(REPORT, {}, () => Promise.resolve(broken))).type).toBe("sent");
    expect(methods()).toEqual(["sendPhoto", "sendMessage"]);
    expect(fake.ledger).toHaveLength(1);
    expect(last().text).toBe(textOf(REPORT));
    expect(last().entities.length).toBeGreaterThan(0);
  });

  it.each([
    [400, "Bad Request: IMAGE_PROCESS_FAILED"],
    [400, "Bad Request: PHOTO_INVALID_DIMENSIONS"],
    [400, "Bad Request: not enough rights to send photos to the chat"],
    [400, "Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN"],
    [413, "Request Entity Too Large"],
  ])("refused with %d %s: the text, once, and the recipient stays", async (status, description) => {
    fake.faults.add("sendPhoto", { kind: "refusal", status, description });
    expect((await send()).type).toBe("sent");
    expect(methods()).toEqual(["sendPhoto", "sendMessage"]);
    expect(fake.ledger).toHaveLength(1);
  });

  it("whose markup is refused with the picture and without: plain at last", async () => {
    fake.faults.add("*", { kind: "parse_error" }, 2);
    expect((await send()).type).toBe("sent");
    expect(methods()).toEqual(["sendPhoto", "sendMessage", "sendMessage"]);
    expect(fake.ledger).toHaveLength(1);
    expect(last().entities).toEqual([]);
  });

  it("in a chat that is gone: the recipient is gone, with the picture and without", async () => {
    fake.world.chat(PRIVATE)!.membership = "blocked";
    expect(await send()).toMatchObject({ type: "rejected", scope: "recipient" });
    expect(fake.ledger).toEqual([]);
  });

  it.each([
    [{ kind: "drop", when: "after" }, "unknown", 1],
    [{ kind: "server_error", when: "after" }, "unknown", 1],
    [{ kind: "drop", when: "before" }, "unknown", 0],
    [{ kind: "too_many_requests", retryAfterSeconds: 5 }, "retry", 0],
  ] as const)("met by %j: %s, and no text is sent after it", async (fault, type, accepted) => {
    fake.faults.add("sendPhoto", fault);
    expect((await send()).type).toBe(type);
    expect(methods()).toEqual(["sendPhoto"]);
    expect(fake.ledger).toHaveLength(accepted);
  });

  it("whose picture cannot be made is sent without one", async () => {
    expect((await send(REPORT, {}, () => Promise.reject(new Error("no font")))).type).toBe("sent");
    expect((await send(REPORT, {}, () => Promise.resolve(null))).type).toBe("sent");
    expect(methods()).toEqual(["sendMessage", "sendMessage"]);
  });

  it("comes in the topic; where that is gone, in the chat, with the picture", async () => {
    const to = { address: `${FORUM}/${TOPIC}` };
    await send(REPORT, { to });
    fake.world.chat(FORUM)!.topics.delete(TOPIC);
    expect((await send(REPORT, { to })).type).toBe("sent");
    expect(fake.ledger.map(({ threadId, photo }) => [threadId, photo !== null])).toEqual([
      [TOPIC, true],
      [null, true],
    ]);
  });

  it("is not painted for what is only shown anew, or is a place", async () => {
    const painted: string[] = [];
    const picture = () => {
      painted.push("painted");
      return Promise.resolve(samplePng());
    };
    await send({}, {});
    await send({}, { step: "edit", editsExternalId: "1" }, picture);
    await send({}, { step: "pin" }, picture);
    expect(painted).toEqual([]);
  });
});
