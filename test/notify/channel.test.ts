/**
 * One send, one request, one outcome: every fault at every step, counted on the fake's own request log and ledger.
 */
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SendRequest } from "../../collector/notify/channel.ts";
import type { DeliveryOutcome } from "../../collector/core/types.ts";
import type { Fault } from "../fakes/telegram/faults.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import type { Membership } from "../fakes/telegram/world.ts";
import { message, recipient } from "./fixtures.ts";
import { channelTo, fakeWithChats, FORUM, GROUP, HANG_LIMIT_MS, PRIVATE, TOPIC } from "./harness.ts";

function request(changes: Partial<SendRequest> = {}): SendRequest {
  return {
    message: message(),
    recipient: recipient(),
    reason: "first",
    repeat: false,
    replyToExternalId: null,
    ...changes,
  };
}

/** What did the client get, how often did it ask, what did Telegram accept? */
interface Row {
  readonly name: string;
  readonly fault: Fault;
  readonly outcome: DeliveryOutcome["type"];
  readonly accepted: 0 | 1;
  readonly requests: 1 | 2;
  readonly health: string;
  readonly retryAfterMs?: number | null;
}

const ROWS: readonly Row[] = [
  {
    name: "429 with a time",
    fault: { kind: "too_many_requests", retryAfterSeconds: 7 },
    outcome: "retry",
    accepted: 0,
    requests: 1,
    health: "ok",
    retryAfterMs: 7_000,
  },
  {
    name: "429 for hours",
    fault: { kind: "too_many_requests", retryAfterSeconds: 14_400 },
    outcome: "retry",
    accepted: 0,
    requests: 1,
    health: "ok",
    retryAfterMs: 14_400_000,
  },
  {
    name: "429 without a time",
    fault: { kind: "too_many_requests" },
    outcome: "retry",
    accepted: 0,
    requests: 1,
    health: "ok",
    retryAfterMs: null,
  },
  {
    name: "502 in JSON before accepting",
    fault: { kind: "server_error", when: "before" },
    outcome: "unknown",
    accepted: 0,
    requests: 1,
    health: "failing",
  },
  {
    name: "502 in HTML before accepting",
    fault: { kind: "server_error", when: "before", body: "html" },
    outcome: "unknown",
    accepted: 0,
    requests: 1,
    health: "failing",
  },
  {
    name: "500 after accepting",
    fault: { kind: "server_error", when: "after", status: 500 },
    outcome: "unknown",
    accepted: 1,
    requests: 1,
    health: "failing",
  },
  {
    name: "504 in HTML after accepting",
    fault: { kind: "server_error", when: "after", status: 504, body: "html" },
    outcome: "unknown",
    accepted: 1,
    requests: 1,
    health: "failing",
  },
  {
    name: "a reset before accepting",
    fault: { kind: "drop", when: "before" },
    outcome: "unknown",
    accepted: 0,
    requests: 1,
    health: "unreachable",
  },
  {
    name: "a reset after accepting",
    fault: { kind: "drop", when: "after" },
    outcome: "unknown",
    accepted: 1,
    requests: 1,
    health: "unreachable",
  },
  {
    name: "half an answer",
    fault: { kind: "half_body" },
    outcome: "unknown",
    accepted: 1,
    requests: 1,
    health: "failing",
  },
  {
    name: "no answer, not accepted",
    fault: { kind: "hang", when: "before" },
    outcome: "unknown",
    accepted: 0,
    requests: 1,
    health: "unreachable",
  },
  {
    name: "no answer, accepted",
    fault: { kind: "hang", when: "after" },
    outcome: "unknown",
    accepted: 1,
    requests: 1,
    health: "unreachable",
  },
  {
    name: "HTML with 200, not accepted",
    fault: { kind: "html", when: "before" },
    outcome: "unknown",
    accepted: 0,
    requests: 1,
    health: "failing",
  },
  {
    name: "HTML with 200, accepted",
    fault: { kind: "html", when: "after" },
    outcome: "unknown",
    accepted: 1,
    requests: 1,
    health: "failing",
  },
  {
    name: "200 with null",
    fault: { kind: "raw", status: 200, body: "null" },
    outcome: "unknown",
    accepted: 0,
    requests: 1,
    health: "failing",
  },
  {
    name: "200 with ok and no message",
    fault: { kind: "raw", status: 200, body: '{"ok":true,"result":true}' },
    outcome: "unknown",
    accepted: 0,
    requests: 1,
    health: "failing",
  },
  {
    name: "200 with ok false and no code",
    fault: { kind: "raw", status: 200, body: '{"ok":false}' },
    outcome: "unknown",
    accepted: 0,
    requests: 1,
    health: "failing",
  },
  {
    name: "an empty 200",
    fault: { kind: "raw", status: 200, body: "" },
    outcome: "unknown",
    accepted: 0,
    requests: 1,
    health: "failing",
  },
  {
    name: "500 that claims to be a 400",
    fault: {
      kind: "raw",
      status: 500,
      body: '{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}',
    },
    outcome: "unknown",
    accepted: 0,
    requests: 1,
    health: "failing",
  },
  {
    name: "a proxy's 403 in HTML",
    fault: { kind: "raw", status: 403, body: "<html>blocked</html>" },
    outcome: "retry",
    accepted: 0,
    requests: 1,
    health: "failing",
    retryAfterMs: null,
  },
  {
    name: "a redirect, not followed",
    fault: { kind: "raw", status: 307, body: "", headers: { location: "/elsewhere" } },
    outcome: "retry",
    accepted: 0,
    requests: 1,
    health: "failing",
    retryAfterMs: null,
  },
  {
    name: "401",
    fault: { kind: "refusal", status: 401, description: "Unauthorized" },
    outcome: "retry",
    accepted: 0,
    requests: 1,
    health: "unauthorized",
    retryAfterMs: null,
  },
  {
    name: "404",
    fault: { kind: "refusal", status: 404, description: "Not Found" },
    outcome: "retry",
    accepted: 0,
    requests: 1,
    health: "unauthorized",
    retryAfterMs: null,
  },
  {
    name: "409",
    fault: { kind: "refusal", status: 409, description: "Conflict" },
    outcome: "retry",
    accepted: 0,
    requests: 1,
    health: "failing",
    retryAfterMs: null,
  },
  {
    name: "400 can't parse entities",
    fault: { kind: "parse_error" },
    outcome: "sent",
    accepted: 1,
    requests: 2,
    health: "ok",
  },
  {
    name: "400 message is too long",
    fault: { kind: "refusal", status: 400, description: "Bad Request: message is too long" },
    outcome: "sent",
    accepted: 1,
    requests: 2,
    health: "ok",
  },
  {
    name: "400 wrong button",
    fault: {
      kind: "refusal",
      status: 400,
      description: "Bad Request: inline keyboard button URL 'x' is invalid",
    },
    outcome: "sent",
    accepted: 1,
    requests: 2,
    health: "ok",
  },
  {
    name: "413",
    fault: { kind: "refusal", status: 413, description: "Request Entity Too Large" },
    outcome: "sent",
    accepted: 1,
    requests: 2,
    health: "ok",
  },
];

describe("a send and a fault", () => {
  let fake: FakeTelegram;
  beforeEach(async () => {
    fake = await fakeWithChats();
  });
  afterEach(() => fake.close());

  for (const row of ROWS) {
    it(`${row.name}: ${row.outcome}, ${row.requests} request(s), ${row.accepted} accepted`, async () => {
      fake.faults.add("sendMessage", row.fault);
      const limitMs = row.fault.kind === "hang" ? HANG_LIMIT_MS : undefined;
      const { channel, health, log } = channelTo(fake.apiRoot, fake.token, limitMs);
      const outcome = await channel.send(request());
      expect(outcome.type).toBe(row.outcome);
      if (outcome.type === "retry") expect(outcome.retryAfterMs).toBe(row.retryAfterMs);
      expect(fake.requests.map(({ method }) => method)).toEqual(Array(row.requests).fill("sendMessage"));
      expect(fake.ledger).toHaveLength(row.accepted);
      expect(health.current().state).toBe(row.health);
      expect(JSON.stringify([outcome, log.lines, health.current()])).not.toContain(fake.token.split(":")[1]);
    });
  }

  it("an accepted message comes back with its message id", async () => {
    const { channel, health } = channelTo(fake.apiRoot, fake.token);
    const outcome = await channel.send(request());
    expect(outcome).toEqual({ type: "sent", externalId: String(fake.ledger[0]?.messageId) });
    expect(fake.requests).toHaveLength(1);
    expect(fake.ledger[0]?.text).toMatch(/^🔴 MATI · srv-kasir — Cabang Makassar\n/);
    expect(health.current().state).toBe("ok");
  });

  it("the same fault again and again still costs one request a send", async () => {
    fake.faults.add("sendMessage", { kind: "drop", when: "before" }, 3);
    const { channel } = channelTo(fake.apiRoot, fake.token);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect((await channel.send(request())).type).toBe("unknown");
      expect(fake.requests).toHaveLength(attempt);
    }
    expect((await channel.send(request())).type).toBe("sent");
    expect(fake.ledger).toHaveLength(1);
  });

  it("a message that no form of is taken is rejected after the plain one, the recipient stays", async () => {
    fake.faults.add("sendMessage", { kind: "refusal", status: 400, description: "Bad Request: whatever" }, 9);
    const { channel } = channelTo(fake.apiRoot, fake.token);
    expect(await channel.send(request())).toMatchObject({ type: "rejected", scope: "message" });
    expect(fake.requests).toHaveLength(2);
  });

  it("a plain text sent in place of markup says the same, with its links written out", async () => {
    fake.faults.add("sendMessage", { kind: "parse_error" });
    const { channel } = channelTo(fake.apiRoot, fake.token);
    await channel.send(request({ message: message({ serverName: "a<b>&c" }) }));
    const [accepted] = fake.ledger;
    expect(accepted?.text).toMatch(/^🔴 MATI · a<b>&c — Cabang Makassar\n/);
    expect(accepted?.text).toContain("https://www.google.com/maps/search/?api=1&query=");
    expect(accepted?.entities).toEqual([]);
    expect(accepted?.buttons).toEqual([]);
  });

  it("a fault after the refused markup leaves the fate of the plain text unknown, and asks no third time", async () => {
    fake.faults.add("sendMessage", { kind: "parse_error" });
    fake.faults.add("sendMessage", { kind: "drop", when: "after" });
    const { channel } = channelTo(fake.apiRoot, fake.token);
    expect((await channel.send(request())).type).toBe("unknown");
    expect(fake.requests).toHaveLength(2);
    expect(fake.ledger).toHaveLength(1);
  });

  it("a refused connection is known not sent, and the next send goes through when it is open again", async () => {
    const { channel, health } = channelTo(fake.apiRoot, fake.token);
    await fake.refuse();
    const outcome = await channel.send(request());
    expect(outcome).toMatchObject({ type: "retry", retryAfterMs: null });
    expect(JSON.stringify(outcome)).toContain("ECONNREFUSED");
    expect(health.current().state).toBe("unreachable");
    await fake.accept();
    expect((await channel.send(request())).type).toBe("sent");
    expect(health.current().state).toBe("ok");
    expect(fake.requests).toHaveLength(1);
  });

  it("a wrong token keeps the row and heals when the token is right again", async () => {
    const { channel, health } = channelTo(fake.apiRoot, fake.token);
    const right = fake.token;
    fake.token = "7000000001:another-token-entirely-0123456789abcdef";
    expect((await channel.send(request())).type).toBe("retry");
    expect(health.current().state).toBe("unauthorized");
    fake.token = right;
    expect((await channel.send(request())).type).toBe("sent");
    expect(health.current().state).toBe("ok");
  });

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
      const outcome = await channel.send(request({ recipient: recipient({ address: String(chatId) }) }));
      expect(outcome).toMatchObject({ type: "rejected", scope: "recipient" });
      expect(fake.requests).toHaveLength(1);
      expect(health.current().state).toBe("ok");
    });
  }

  it("a chat that does not exist is a recipient that cannot be reached", async () => {
    const { channel } = channelTo(fake.apiRoot, fake.token);
    const outcome = await channel.send(request({ recipient: recipient({ address: "999" }) }));
    expect(outcome).toMatchObject({
      type: "rejected",
      scope: "recipient",
      error: expect.stringContaining("chat not found") as string,
    });
    expect(fake.requests).toHaveLength(1);
  });

  it("an address that is no chat id costs no request", async () => {
    const { channel } = channelTo(fake.apiRoot, fake.token);
    const outcome = await channel.send(request({ recipient: recipient({ address: "pak budi" }) }));
    expect(outcome).toMatchObject({ type: "rejected", scope: "recipient" });
    expect(fake.requests).toHaveLength(0);
  });

  it("a group that became a supergroup gives its new address", async () => {
    fake.world.migrate(GROUP, -1009009);
    const { channel } = channelTo(fake.apiRoot, fake.token);
    const outcome = await channel.send(request({ recipient: recipient({ address: String(GROUP) }) }));
    expect(outcome).toEqual({ type: "moved", address: "-1009009" });
    expect(fake.ledger).toHaveLength(0);
  });

  it("a topic gets its message in the topic; a topic that is gone or closed gets it in the chat", async () => {
    const { channel } = channelTo(fake.apiRoot, fake.token);
    const toTopic = request({ recipient: recipient({ address: `${FORUM}/${TOPIC}` }) });
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
    const toGeneral = request({ recipient: recipient({ address: `${FORUM}/1` }) });
    expect((await channel.send(toGeneral)).type).toBe("sent");
    expect(fake.requests).toHaveLength(1);
  });

  it("markup that fails in a topic keeps the topic", async () => {
    fake.faults.add("sendMessage", { kind: "parse_error" });
    const { channel } = channelTo(fake.apiRoot, fake.token);
    await channel.send(request({ recipient: recipient({ address: `${FORUM}/${TOPIC}` }) }));
    expect(fake.ledger.map(({ threadId }) => threadId)).toEqual([TOPIC]);
  });

  it("a recovery answers the down message, and is sent all the same when that is gone", async () => {
    const { channel } = channelTo(fake.apiRoot, fake.token);
    const down = await channel.send(request());
    const recovered = message({
      step: "recovered",
      endedWallMs: Date.UTC(2026, 10, 22, 3),
      durationMs: 60_000,
    });
    const downId = down.type === "sent" ? down.externalId : null;
    await channel.send(request({ message: recovered, replyToExternalId: downId }));
    await channel.send(request({ message: recovered, replyToExternalId: "777" }));
    await channel.send(request({ message: recovered, replyToExternalId: "not a number" }));
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
      expect((await channel.send(request({ message: message({ panelUrl }) }))).type, panelUrl).toBe("sent");
      expect(fake.ledger.at(-1)?.text).toContain(panelUrl);
      expect(
        fake.ledger
          .at(-1)
          ?.buttons.flat()
          .map(({ text }) => text),
      ).toEqual(["📍 Peta"]);
    }
    expect(fake.requests).toHaveLength(7);
  });

  it("close gives up a send under way as unknown", async () => {
    fake.faults.add("sendMessage", { kind: "hang", when: "after" });
    const { channel } = channelTo(fake.apiRoot, fake.token, 60_000);
    const sending = channel.send(request());
    await fake.waitUntil(() => fake.requests[0]?.outcome === "hung");
    await channel.close();
    expect((await sending).type).toBe("unknown");
  });
});

describe("a send that never leaves", () => {
  let server: Server | null = null;
  afterEach(() => server?.close());
  const token = "7000000001:FAKE-token_for_tests-0123456789abcdef";

  async function listener(onConnection: Parameters<typeof createServer>[1]): Promise<number> {
    const made = createServer(onConnection);
    server = made;
    await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
    return (made.address() as AddressInfo).port;
  }

  it("a name that does not exist is known not sent", async () => {
    const { channel } = channelTo("http://no-such-host.invalid", token, 10_000);
    expect((await channel.send(request())).type).toBe("retry");
  });

  it("a reset in the TLS handshake is known not sent, though the error is the same ECONNRESET as later", async () => {
    const port = await listener((socket) => socket.once("data", () => socket.resetAndDestroy()));
    const { channel, health } = channelTo(`https://127.0.0.1:${port}`, token);
    const outcome = await channel.send(request());
    expect(outcome.type).toBe("retry");
    expect(JSON.stringify(outcome)).toContain("ECONNRESET");
    expect(health.current().state).toBe("unreachable");
  });

  it("a TLS handshake that never ends is known not sent", async () => {
    const port = await listener(() => {});
    const { channel } = channelTo(`https://127.0.0.1:${port}`, token, 300);
    expect((await channel.send(request())).type).toBe("retry");
  });

  it("a malformed API root is known not sent and does not show the token", async () => {
    const { channel, log } = channelTo("htp:/ /broken", token);
    const outcome = await channel.send(request());
    expect(outcome.type).toBe("retry");
    expect(JSON.stringify([outcome, log.lines])).not.toContain("FAKE-token_for_tests");
  });
});
