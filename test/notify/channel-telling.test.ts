/**
 * How a send is told: several at once, without a sound at night, and the one marked repeat of a send whose fate is unknown.
 * Why the repeat asks first: there is only one, and it must not be spent while the way is known to be shut.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { render } from "../../collector/notify/rendering/render.ts";
import { textsOf } from "../../collector/notify/texts/languages.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { sending, sendingSeveral } from "./channel-sending.ts";
import { telling } from "./fixtures.ts";
import { channelTo, fakeWithChats, FORUM, HANG_LIMIT_MS, TOPIC, type ChannelUnderTest } from "./harness.ts";

let fake: FakeTelegram;
let under: ChannelUnderTest;
beforeEach(async () => {
  fake = await fakeWithChats();
  under = channelTo(fake.apiRoot, fake.token);
});
afterEach(() => fake.close());
const last = () => fake.ledger.at(-1)!;
const methods = () => fake.requests.map(({ method }) => method);

describe("several in one message", () => {
  const names = (count: number) => Array.from({ length: count }, (_, at) => `srv-${at + 1}`);
  const several = (count: number) => {
    const [first, ...others] = names(count).map((serverName) => ({ serverName }));
    return sendingSeveral([first!, ...others]);
  };

  it("are one request and one message that names each, in their order, without buttons", async () => {
    const request = several(5);
    expect(await under.channel.send(request)).toEqual({ type: "sent", externalId: "1" });
    expect(methods()).toEqual(["sendMessage"]);
    expect(last().text).toBe(render(request.tellings, request.recipient).text);
    const places = names(5).map((name) => last().text.indexOf(name));
    expect(places.every((at) => at >= 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(last().buttons).toEqual([]);
  });

  it("are as many as the outbox may fold: all of them named, and Telegram takes it", async () => {
    expect((await under.channel.send(several(20))).type).toBe("sent");
    for (const name of names(20)) expect(last().text).toContain(name);
  });

  it("that are refused as they are go plain, and still name each", async () => {
    fake.faults.add("sendMessage", { kind: "parse_error" });
    expect((await under.channel.send(several(4))).type).toBe("sent");
    for (const name of names(4)) expect(last().text).toContain(name);
    expect(last().entities).toEqual([]);
  });

  it("that are refused in any form are rejected as a message, so that each is tried alone", async () => {
    fake.faults.add("sendMessage", { kind: "refusal", status: 400, description: "Bad Request: whatever" }, 2);
    expect(await under.channel.send(several(4))).toMatchObject({ type: "rejected", scope: "message" });
  });
});

describe("in silent hours", () => {
  it("a message makes no sound, whatever form it takes; otherwise it does", async () => {
    await under.channel.send(sending({}, { silent: true }));
    expect(last().silent).toBe(true);
    fake.faults.add("sendMessage", { kind: "parse_error" });
    await under.channel.send(sending({}, { silent: true }));
    expect(last()).toMatchObject({ silent: true, entities: [] });
    fake.world.chat(FORUM)!.topics.get(TOPIC)!.closed = true;
    await under.channel.send(sending({}, { silent: true, to: { address: `${FORUM}/${TOPIC}` } }));
    expect(last()).toMatchObject({ silent: true, chatId: FORUM });
    await under.channel.send(sending());
    expect(last().silent).toBe(false);
  });
});

describe("the repeat of a send whose fate is unknown", () => {
  const mark = textsOf("id").repeat;
  const repeat = () => sending({}, { repeat: true });
  const hidesToken = (outcome: unknown) =>
    expect(JSON.stringify([outcome, under.log.lines, under.channel.health()])).not.toContain(
      fake.token.split(":")[1],
    );

  it("asks who the bot is first, and is sent with its mark when that is answered", async () => {
    expect((await under.channel.send(repeat())).type).toBe("sent");
    expect(methods()).toEqual(["getMe", "sendMessage"]);
    expect(last().text).toContain(mark);
  });

  it("what is no repeat asks nothing first, and has no mark", async () => {
    await under.channel.send(sending());
    expect(methods()).toEqual(["sendMessage"]);
    expect(last().text).not.toContain(mark);
  });

  it("one of several is asked for as well", async () => {
    const { recipient } = sending();
    const tellings = [telling(), telling({ incidentNumber: 13 }, { repeat: true })] as const;
    await under.channel.send({ tellings, recipient, silent: false });
    expect(methods()).toEqual(["getMe", "sendMessage"]);
  });

  it("while nothing can be reached is not spent: known not sent, and sent when the way is open", async () => {
    await fake.refuse();
    const outcome = await under.channel.send(repeat());
    expect(outcome).toMatchObject({ type: "retry", retryAfterMs: null });
    expect(under.channel.health().state).toBe("unreachable");
    hidesToken(outcome);
    await fake.accept();
    expect((await under.channel.send(repeat())).type).toBe("sent");
    expect(fake.ledger).toHaveLength(1);
    expect(under.channel.health().state).toBe("ok");
  });

  const SHUT = [
    [{ kind: "drop", when: "before" }, null, "unreachable"],
    [{ kind: "drop", when: "after" }, null, "unreachable"],
    [{ kind: "hang", when: "before" }, null, "unreachable"],
    [{ kind: "server_error", when: "before" }, null, "failing"],
    [{ kind: "html", when: "before" }, null, "failing"],
    [{ kind: "half_body" }, null, "failing"],
    [{ kind: "refusal", status: 401, description: "Unauthorized" }, null, "unauthorized"],
    [{ kind: "too_many_requests", retryAfterSeconds: 8 }, 8_000, "ok"],
    [{ kind: "refusal", status: 400, description: "Bad Request: whatever" }, null, "ok"],
  ] as const;
  for (const [fault, retryAfterMs, health] of SHUT) {
    it(`while asking meets ${JSON.stringify(fault)} is not spent: retry, then ${health}`, async () => {
      fake.faults.add("getMe", fault);
      under = channelTo(fake.apiRoot, fake.token, fault.kind === "hang" ? HANG_LIMIT_MS : undefined);
      const outcome = await under.channel.send(repeat());
      expect(outcome).toMatchObject({ type: "retry", retryAfterMs });
      expect(methods()).toEqual(["getMe"]);
      expect(fake.ledger).toEqual([]);
      expect(under.channel.health().state).toBe(health);
      hidesToken(outcome);
    });
  }

  it("whose own fate is unknown again says so, after one send", async () => {
    fake.faults.add("sendMessage", { kind: "drop", when: "after" });
    expect((await under.channel.send(repeat())).type).toBe("unknown");
    expect(methods()).toEqual(["getMe", "sendMessage"]);
    expect(fake.ledger).toHaveLength(1);
  });
});
