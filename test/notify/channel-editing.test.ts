/**
 * A told message shown anew: its text, its buttons, the reaction that says who is on it or that it is over.
 * Why every refusal here: an edit that fell back to a new message would ring phones about what they know already.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Message } from "../../collector/core/types/telling.ts";
import type { SendRequest } from "../../collector/notify/channel.ts";
import { mainKeyboard } from "../../collector/notify/rendering/keyboard.ts";
import { render } from "../../collector/notify/rendering/render.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { HANDLED, sending, TAKEN, type How } from "./channel-sending.ts";
import { message, recipient } from "./fixtures.ts";
import {
  channelTo,
  fakeWithChats,
  FORUM,
  GROUP,
  HANG_LIMIT_MS,
  TOPIC,
  type ChannelUnderTest,
} from "./harness.ts";

const ENDED: Partial<Message> = {
  endedWallMs: Date.UTC(2026, 10, 22, 3),
  durationMs: 60_000,
  finalCause: "unknown",
};

describe("an edit", () => {
  let fake: FakeTelegram;
  let under: ChannelUnderTest;
  let id: string;
  beforeEach(async () => {
    fake = await fakeWithChats();
    under = channelTo(fake.apiRoot, fake.token);
    const outcome = await under.channel.send(sending());
    id = outcome.type === "sent" ? outcome.externalId : expect.fail(JSON.stringify(outcome));
  });
  afterEach(() => {
    const seen = JSON.stringify([under.log.lines, under.channel.health()]);
    expect(seen).not.toContain(fake.token.split(":")[1]);
    return fake.close();
  });

  const edit = (says: Partial<Message>, how: How = {}): SendRequest =>
    sending(says, { step: "edit", editsExternalId: id, ...how });
  const shown = () => fake.ledger[0]!;
  const textOf = (request: SendRequest) => render(request.tellings, request.recipient).text;
  /** Since the message was told. */
  const methods = () => fake.requests.slice(1).map(({ method }) => method);

  it("shows the message as things are: the text, the buttons, and that somebody is on it", async () => {
    const taken = edit({ handling: TAKEN });
    const before = shown().text;
    expect(await under.channel.send(taken)).toEqual({ type: "sent", externalId: id });
    expect(shown().text).toBe(textOf(taken));
    expect(shown().edits.map(({ text }) => text)).toEqual([before]);
    expect(shown().buttons.map((row) => row.map(({ text }) => text))).toEqual(
      mainKeyboard(message({ handling: TAKEN }), recipient()).map((row) => row.map(({ text }) => text)),
    );
    expect(shown().buttons.flat()[0]?.text).toContain("Sari");
    expect(shown().reactions).toEqual(["👀"]);
    expect(methods()).toEqual(["editMessageText", "setMessageReaction"]);
    expect(fake.ledger).toHaveLength(1);
  });

  it("is what sets a reaction: a message that is new says by itself who is on it", async () => {
    await under.channel.send(sending({ handling: TAKEN }));
    expect(fake.ledger.at(-1)).toMatchObject({ reactions: [], history: [] });
    expect(methods()).toEqual(["sendMessage"]);
  });

  it("of what is over: the end, only links below, and the reaction of a thing done", async () => {
    await under.channel.send(edit({ handling: TAKEN }));
    const over = edit({ ...ENDED, handling: TAKEN });
    expect((await under.channel.send(over)).type).toBe("sent");
    expect(shown().text).toBe(textOf(over));
    expect(shown().reactions).toEqual(["👌"]);
    expect(
      shown()
        .buttons.flat()
        .every(({ callbackData }) => callbackData === null),
    ).toBe(true);
  });

  it("of a check, or a quiet, that nobody took: no reaction", async () => {
    await under.channel.send(edit({ handling: { ...HANDLED, quiet: { by: "Sari", untilWallMs: null } } }));
    expect(shown().edits).toHaveLength(1);
    expect(methods()).toEqual(["editMessageText"]);
  });

  it("of a recovery that was told: its text, and no reaction", async () => {
    const recovered = { ...ENDED, step: "recovered" } as const;
    const end = await under.channel.send(sending(recovered));
    const endId = end.type === "sent" ? end.externalId : "";
    const corrected = edit({ ...recovered, finalCause: "host_rebooted" }, { editsExternalId: endId });
    expect(await under.channel.send(corrected)).toEqual({ type: "sent", externalId: endId });
    expect(fake.ledger[1]?.text).toBe(textOf(corrected));
    expect(fake.requestsOf("setMessageReaction")).toEqual([]);
  });

  it("to what is there already is as good as made, and the reaction is set all the same", async () => {
    const taken = edit({ handling: TAKEN });
    fake.faults.add("setMessageReaction", { kind: "drop", when: "before" });
    expect((await under.channel.send(taken)).type).toBe("sent");
    expect(shown().reactions).toEqual([]);
    expect(await under.channel.send(taken)).toEqual({ type: "sent", externalId: id });
    expect(shown().edits).toHaveLength(1);
    expect(shown().reactions).toEqual(["👀"]);
    expect(under.channel.health()).toMatchObject({ state: "ok", detail: null });
  });

  it("of a message that somebody deleted: rejected, the recipient stays, and no new one is made", async () => {
    shown().deletedAtMs = 1;
    const outcome = await under.channel.send(edit({ handling: TAKEN }));
    expect(outcome).toMatchObject({
      type: "rejected",
      scope: "message",
      error: expect.stringContaining("message to edit not found") as string,
    });
    expect(methods()).toEqual(["editMessageText"]);
    expect(fake.ledger).toHaveLength(1);
    expect(under.health.current().state).toBe("ok");
  });

  it("of somebody else's message: rejected", async () => {
    fake.people.say({ chatId: 4001, text: "halo" });
    const theirs = String(fake.world.messages.at(-1)?.messageId);
    expect(await under.channel.send(edit({}, { editsExternalId: theirs }))).toMatchObject({
      type: "rejected",
      scope: "message",
      error: expect.stringContaining("can't be edited") as string,
    });
  });

  it("whose markup is refused: rejected after one request, and the message stays as it was, with its buttons", async () => {
    const before = { text: shown().text, buttons: shown().buttons };
    fake.faults.add("editMessageText", { kind: "parse_error" });
    expect(await under.channel.send(edit({ handling: TAKEN }))).toMatchObject({
      type: "rejected",
      scope: "message",
    });
    expect(methods()).toEqual(["editMessageText"]);
    expect(shown()).toMatchObject(before);
  });

  it.each([null, "", "not a number", "1e3", "-5"])(
    "of a message that is not known (%j): rejected, and nobody is asked",
    async (editsExternalId) => {
      expect(await under.channel.send(edit({ handling: TAKEN }, { editsExternalId }))).toMatchObject({
        type: "rejected",
        scope: "message",
      });
      expect(methods()).toEqual([]);
      expect(fake.ledger).toHaveLength(1);
    },
  );

  it.each([
    [
      { kind: "too_many_requests", retryAfterSeconds: 9 },
      { type: "retry", retryAfterMs: 9_000 },
    ],
    [{ kind: "server_error", when: "after" }, { type: "unknown" }],
    [{ kind: "drop", when: "before" }, { type: "unknown" }],
    [
      { kind: "refusal", status: 403, description: "Forbidden: bot was blocked by the user" },
      { type: "rejected", scope: "recipient" },
    ],
    [{ kind: "refusal", status: 401, description: "Unauthorized" }, { type: "retry" }],
  ] as const)("met by %j is %j, after one request", async (fault, outcome) => {
    fake.faults.add("editMessageText", fault);
    expect(await under.channel.send(edit({ handling: TAKEN }))).toMatchObject(outcome);
    expect(methods()).toEqual(["editMessageText"]);
  });

  it("in a group that moved gives the new address", async () => {
    const told = await under.channel.send(sending({}, { to: { address: String(GROUP) } }));
    fake.world.migrate(GROUP, -1009009);
    const to = {
      to: { address: String(GROUP) },
      editsExternalId: told.type === "sent" ? told.externalId : "",
    };
    expect(await under.channel.send(edit({ handling: TAKEN }, to))).toEqual({
      type: "moved",
      address: "-1009009",
    });
  });

  it("in a topic needs no topic, also when that is closed by now", async () => {
    const to = { address: `${FORUM}/${TOPIC}` };
    const told = await under.channel.send(sending({}, { to }));
    fake.world.chat(FORUM)!.topics.get(TOPIC)!.closed = true;
    const editsExternalId = told.type === "sent" ? told.externalId : "";
    expect((await under.channel.send(edit({ handling: TAKEN }, { to, editsExternalId }))).type).toBe("sent");
    expect(fake.ledger[1]).toMatchObject({ threadId: TOPIC, reactions: ["👀"] });
    expect(fake.requestsOf("editMessageText")).toHaveLength(1);
  });

  const ASIDE = [
    { kind: "refusal", status: 400, description: "Bad Request: REACTION_INVALID" },
    { kind: "too_many_requests", retryAfterSeconds: 30 },
    { kind: "drop", when: "before" },
    { kind: "hang", when: "before" },
  ] as const;
  for (const fault of ASIDE) {
    it(`whose reaction meets ${fault.kind} was made all the same`, async () => {
      fake.faults.add("setMessageReaction", fault);
      const shortly = channelTo(fake.apiRoot, fake.token, fault.kind === "hang" ? HANG_LIMIT_MS : undefined);
      expect(await shortly.channel.send(edit({ handling: TAKEN }))).toEqual({ type: "sent", externalId: id });
      expect(shortly.health.current().state).toBe("ok");
      expect(fake.requestsOf("setMessageReaction")).toHaveLength(1);
      expect(shortly.log.lines.join()).not.toContain(fake.token.split(":")[1]);
    });
  }
});
