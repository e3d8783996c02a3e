/**
 * Webhooks before a strict receiver: signatures, ids, what is told, and when a receiver wants no more.
 */
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createWebhookChannel } from "../../collector/notify/webhook/webhook-channel.ts";
import { FAKE_PATH, FAKE_SECRET, startFakeWebhook, type FakeWebhook } from "../fakes/webhook/webhook.ts";
import { LONG_LIMIT_MS, messageToTell, recipientAt, requestTo } from "./channel-contract-fixtures.ts";
import { keptLog } from "./fixtures.ts";

const OTHER_SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

function channelAt(nowMs: () => number = Date.now) {
  const log = keptLog();
  return { log, channel: createWebhookChannel({ log, now: nowMs, sendLimitMs: LONG_LIMIT_MS }) };
}

describe("a webhook", () => {
  let fake: FakeWebhook;
  beforeEach(async () => {
    fake = await startFakeWebhook();
  });
  afterEach(() => fake.close());
  const recipientHere = (secret: string | null = FAKE_SECRET) => recipientAt("webhook", fake.url, secret);

  it("is signed for the receiver's key, over the very bytes that are sent, at the time of the attempt", async () => {
    const nowMs = Date.now();
    const { channel } = channelAt(() => nowMs);
    const request = requestTo(recipientHere(), { message: messageToTell({ serverName: "srv-kasir é 🖥️" }) });
    expect(await channel.send(request)).toEqual({
      type: "sent",
      externalId: "msg_i12__down__recipient1__channel",
    });
    expect(fake.ledger).toHaveLength(1);
    expect(fake.ledger[0]).toMatchObject({ isSigned: true, data: { serverName: "srv-kasir é 🖥️" } });
    const [seen] = fake.requests;
    expect(seen?.headers).toMatchObject({
      "webhook-id": "msg_i12__down__recipient1__channel",
      "webhook-timestamp": String(Math.floor(nowMs / 1_000)),
      "content-type": "application/json",
    });
    const signature = new Webhook(FAKE_SECRET).sign(
      "msg_i12__down__recipient1__channel",
      new Date(nowMs),
      seen?.body ?? "",
    );
    expect(seen?.headers["webhook-signature"]).toBe(signature);
  });

  it("is refused with another key and goes through when the keys are the same again", async () => {
    const { channel, log } = channelAt();
    fake.secret = OTHER_SECRET;
    const outcome = await channel.send(requestTo(recipientHere()));
    expect(outcome).toMatchObject({ type: "retry", retryAfterMs: null });
    expect(channel.health().state).toBe("unauthorized");
    expect(fake.ledger).toHaveLength(0);
    expect(JSON.stringify([outcome, log.lines, channel.health()])).not.toContain(FAKE_SECRET.slice(6));
    fake.secret = FAKE_SECRET;
    expect((await channel.send(requestTo(recipientHere()))).type).toBe("sent");
    expect(channel.health().state).toBe("ok");
  });

  it("of a clock that is ten minutes off is refused, in both directions", async () => {
    for (const offMs of [-600_000, 600_000]) {
      const { channel } = channelAt(() => Date.now() + offMs);
      expect((await channel.send(requestTo(recipientHere()))).type).toBe("retry");
      expect(fake.requests.at(-1)?.outcome).toBe(401);
    }
    expect(fake.ledger).toHaveLength(0);
  });

  it("without a key goes unsigned", async () => {
    fake.secret = null;
    const { channel } = channelAt();
    expect((await channel.send(requestTo(recipientHere(null)))).type).toBe("sent");
    expect(fake.ledger[0]?.isSigned).toBe(false);
    expect(fake.requests[0]?.headers).not.toHaveProperty("webhook-signature");
    expect(fake.requests[0]?.headers).toHaveProperty("webhook-id");
  });

  it("with a key that is none never goes unsigned: nobody is asked, and a person must look", async () => {
    for (const secret of ["", "whsec_", "whsec_not base64!", "päßwort"]) {
      const { channel, log } = channelAt();
      const outcome = await channel.send(requestTo(recipientHere(secret)));
      expect(outcome, secret).toMatchObject({ type: "retry" });
      expect(channel.health().state).toBe("unauthorized");
      if (secret.length > 6) expect(JSON.stringify([outcome, log.lines])).not.toContain(secret);
    }
    expect(fake.requests).toHaveLength(0);
  });

  it("that was accepted without our knowing is known again by its id, at each attempt", async () => {
    const { channel } = channelAt();
    fake.faults.push({ kind: "drop", when: "after" }, { kind: "half_body" });
    const request = requestTo(recipientHere());
    const outcomes = [];
    for (let attempt = 0; attempt < 3; attempt += 1) outcomes.push((await channel.send(request)).type);
    expect(outcomes).toEqual(["unknown", "unknown", "sent"]);
    expect(fake.ledger).toHaveLength(1);
    expect(fake.duplicates).toEqual([fake.ledger[0]?.id, fake.ledger[0]?.id]);
  });

  it("of another row has another id", async () => {
    const { channel } = channelAt();
    for (const id of ["i1/down/a/webhook", "i1/down-2/a/webhook", "i1_down/a/webhook", "i1/down/A/webhook"])
      await channel.send(requestTo(recipientHere(), { id }));
    expect(fake.ledger).toHaveLength(4);
    expect(fake.duplicates).toEqual([]);
  });

  it("to a receiver that is gone switches the recipient off, in words that say so", async () => {
    fake.gone = true;
    const { channel } = channelAt();
    expect(await channel.send(requestTo(recipientHere()))).toEqual({
      type: "rejected",
      error: "HTTP 410: the receiver asked not to be sent any more",
      scope: "recipient",
    });
    expect(channel.health().state).toBe("ok");
    expect(fake.ledger).toHaveLength(0);
  });

  it("waits until the date that a 429 or a 503 names", async () => {
    const nowMs = Date.UTC(2026, 10, 22, 2, 5);
    for (const status of [429, 503]) {
      const { channel } = channelAt(() => nowMs);
      const until = new Date(nowMs + 90_000).toUTCString();
      fake.faults.push({ kind: "raw", status, body: "", headers: { "retry-after": until } });
      expect(await channel.send(requestTo(recipientHere()))).toMatchObject({
        type: "retry",
        retryAfterMs: 90_000,
      });
    }
  });

  it("does not follow a redirect, to wherever it leads", async () => {
    const elsewhere = await startFakeWebhook({ secret: null });
    try {
      const { channel, log } = channelAt();
      for (const status of [301, 302, 303, 307, 308]) {
        const headers = { location: elsewhere.url };
        fake.faults.push({ kind: "raw", status, body: "", headers });
        const outcome = await channel.send(requestTo(recipientHere()));
        expect(outcome).toMatchObject({
          type: "retry",
          error: expect.stringContaining("redirect") as string,
        });
        expect(JSON.stringify([outcome, log.lines])).not.toContain("secret-path");
      }
      expect(elsewhere.requests).toHaveLength(0);
      expect(fake.ledger).toHaveLength(0);
    } finally {
      await elsewhere.close();
    }
  });

  it("tells one thing: several are refused as a message, so that the outbox sends each by itself", async () => {
    const { channel } = channelAt();
    const outcome = await channel.send(requestTo(recipientHere(), { id: "a" }, { id: "b" }));
    expect(outcome).toMatchObject({ type: "rejected", scope: "message" });
    expect(fake.requests).toHaveLength(0);
  });

  it("that cannot be put together is a message that cannot be taken; nobody is asked", async () => {
    const { channel, log } = channelAt();
    const outcome = await channel.send(requestTo(recipientHere(), { queuedWallMs: NaN }));
    expect(outcome).toMatchObject({ type: "rejected", scope: "message" });
    expect(fake.requests).toHaveLength(0);
    expect(log.lines[0]).toMatch(/^error webhook send failed inside /);
  });

  it("hides the path and what is asked behind it, wherever an error quotes them", async () => {
    const { channel, log } = channelAt();
    await fake.refuse();
    const outcome = await channel.send(
      requestTo(recipientAt("webhook", `${fake.url}?token=0123456789abcdef`, FAKE_SECRET)),
    );
    const seen = JSON.stringify([outcome, log.lines, channel.health()]);
    expect(seen).toContain("ECONNREFUSED 127.0.0.1");
    for (const hidden of [FAKE_PATH, "T024F8PATH", "0123456789abcdef"]) expect(seen).not.toContain(hidden);
  });
});

describe("the README for whoever writes a receiver", () => {
  const readme = readFileSync(new URL("../../collector/notify/webhook/README.md", import.meta.url), "utf8");
  const block = (language: string) =>
    new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\n\`\`\``).exec(readme)?.[1] ?? "";

  it("shows a body as it is sent", async () => {
    const fake = await startFakeWebhook();
    await channelAt().channel.send(requestTo(recipientAt("webhook", fake.url, FAKE_SECRET)));
    await fake.close();
    expect(JSON.parse(block("json"))).toEqual(JSON.parse(fake.requests[0]?.body ?? ""));
  });

  it("has a signature to check one's own by, which is right", () => {
    const key = /whsec_[A-Za-z0-9+/=]{20,}/.exec(readme)?.[0] ?? "";
    const seconds = Number(/timestamp `(\d{10})`/.exec(readme)?.[1]);
    const id = /id\n`(msg_[^`]+)`/.exec(readme)?.[1] ?? "";
    const signature = /signature `(v1,[^`]+)`/.exec(readme)?.[1];
    expect(new Webhook(key).sign(id, new Date(seconds * 1_000), block(""))).toBe(signature);
  });
});
