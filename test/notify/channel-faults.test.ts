/**
 * One send, one request, one outcome: every fault at every step, counted on the fake's own request log and ledger.
 * Why each row has its count of requests: a second one that nobody asked for is a second alert.
 */
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { FAULT_ROWS } from "./channel-fault-rows.ts";
import { sending } from "./channel-sending.ts";
import { channelTo, fakeWithChats, HANG_LIMIT_MS } from "./harness.ts";

describe("a send and a fault", () => {
  let fake: FakeTelegram;
  beforeEach(async () => {
    fake = await fakeWithChats();
  });
  afterEach(() => fake.close());

  for (const row of FAULT_ROWS) {
    it(`${row.name}: ${row.outcome}, ${row.requests} request(s), ${row.accepted} accepted`, async () => {
      fake.faults.add("sendMessage", row.fault);
      const limitMs = row.fault.kind === "hang" ? HANG_LIMIT_MS : undefined;
      const { channel, health, log } = channelTo(fake.apiRoot, fake.token, limitMs);
      const outcome = await channel.send(sending());
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
    const outcome = await channel.send(sending());
    expect(outcome).toEqual({ type: "sent", externalId: String(fake.ledger[0]?.messageId) });
    expect(fake.requests).toHaveLength(1);
    expect(fake.ledger[0]?.text).toMatch(/^🔴 MATI · srv-kasir — Cabang Makassar\n/);
    expect(health.current().state).toBe("ok");
  });

  it("the same fault again and again still costs one request a send", async () => {
    fake.faults.add("sendMessage", { kind: "drop", when: "before" }, 3);
    const { channel } = channelTo(fake.apiRoot, fake.token);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect((await channel.send(sending())).type).toBe("unknown");
      expect(fake.requests).toHaveLength(attempt);
    }
    expect((await channel.send(sending())).type).toBe("sent");
    expect(fake.ledger).toHaveLength(1);
  });

  it("a message that no form of is taken is rejected after the plain one, the recipient stays", async () => {
    fake.faults.add("sendMessage", { kind: "refusal", status: 400, description: "Bad Request: whatever" }, 9);
    const { channel } = channelTo(fake.apiRoot, fake.token);
    expect(await channel.send(sending())).toMatchObject({ type: "rejected", scope: "message" });
    expect(fake.requests).toHaveLength(2);
  });

  it("a plain text sent in place of markup says the same, with its links written out", async () => {
    fake.faults.add("sendMessage", { kind: "parse_error" });
    const { channel } = channelTo(fake.apiRoot, fake.token);
    await channel.send(sending({ serverName: "a<b>&c" }));
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
    expect((await channel.send(sending())).type).toBe("unknown");
    expect(fake.requests).toHaveLength(2);
    expect(fake.ledger).toHaveLength(1);
  });

  it("a refused connection is known not sent, and the next send goes through when it is open again", async () => {
    const { channel, health } = channelTo(fake.apiRoot, fake.token);
    await fake.refuse();
    const outcome = await channel.send(sending());
    expect(outcome).toMatchObject({ type: "retry", retryAfterMs: null });
    expect(JSON.stringify(outcome)).toContain("ECONNREFUSED");
    expect(health.current().state).toBe("unreachable");
    await fake.accept();
    expect((await channel.send(sending())).type).toBe("sent");
    expect(health.current().state).toBe("ok");
    expect(fake.requests).toHaveLength(1);
  });

  it("a wrong token keeps the row and heals when the token is right again", async () => {
    const { channel, health } = channelTo(fake.apiRoot, fake.token);
    const right = fake.token;
    fake.token = "7000000001:another-token-entirely-0123456789abcdef";
    expect((await channel.send(sending())).type).toBe("retry");
    expect(health.current().state).toBe("unauthorized");
    fake.token = right;
    expect((await channel.send(sending())).type).toBe("sent");
    expect(health.current().state).toBe("ok");
  });

  it("close gives up a send under way as unknown", async () => {
    fake.faults.add("sendMessage", { kind: "hang", when: "after" });
    const { channel } = channelTo(fake.apiRoot, fake.token, 60_000);
    const underWay = channel.send(sending());
    await fake.waitUntil(() => fake.requests[0]?.outcome === "hung");
    await channel.close();
    expect((await underWay).type).toBe("unknown");
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
    expect((await channel.send(sending())).type).toBe("retry");
  });

  it("a reset in the TLS handshake is known not sent, though the error is the same ECONNRESET as later", async () => {
    const port = await listener((socket) => socket.once("data", () => socket.resetAndDestroy()));
    const { channel, health } = channelTo(`https://127.0.0.1:${port}`, token);
    const outcome = await channel.send(sending());
    expect(outcome.type).toBe("retry");
    expect(JSON.stringify(outcome)).toContain("ECONNRESET");
    expect(health.current().state).toBe("unreachable");
  });

  it("a TLS handshake that never ends is known not sent", async () => {
    const port = await listener(() => {});
    const { channel } = channelTo(`https://127.0.0.1:${port}`, token, 300);
    expect((await channel.send(sending())).type).toBe("retry");
  });

  it("a malformed API root is known not sent and does not show the token", async () => {
    const { channel, log } = channelTo("htp:/ /broken", token);
    const outcome = await channel.send(sending());
    expect(outcome.type).toBe("retry");
    expect(JSON.stringify([outcome, log.lines])).not.toContain("FAKE-token_for_tests");
  });
});
