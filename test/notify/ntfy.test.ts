/**
 * ntfy before a strict server: what is published, and what its refusals mean.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Recipient } from "../../collector/core/types/registry.ts";
import type { SendRequest } from "../../collector/notify/channel.ts";
import { createNtfyChannel } from "../../collector/notify/ntfy/ntfy-channel.ts";
import type { NtfyText } from "../../collector/notify/ntfy/publication.ts";
import { FAKE_TOKEN, FAKE_TOPIC, startFakeNtfy, type FakeNtfy } from "../fakes/ntfy/ntfy.ts";
import { LONG_LIMIT_MS, messageToTell, recipientAt, requestTo } from "./channel-contract-fixtures.ts";
import { keptLog } from "./fixtures.ts";

/** The simplest thing that tells all. */
function simple({ tellings }: SendRequest): NtfyText {
  return {
    title: tellings.map(({ message, step }) => `${step} ${message.serverName}`).join(", "),
    text: tellings.map(({ message }) => `${message.siteName ?? ""} #${message.incidentNumber}`).join("\n"),
  };
}

function channelOf(render: (request: SendRequest) => NtfyText = simple) {
  const log = keptLog();
  return { log, channel: createNtfyChannel({ log, now: Date.now, sendLimitMs: LONG_LIMIT_MS, render }) };
}

describe("ntfy", () => {
  let fake: FakeNtfy;
  beforeEach(async () => {
    fake = await startFakeNtfy();
  });
  afterEach(() => fake.close());
  const here = (changes: Partial<Recipient> = {}) =>
    recipientAt("ntfy", fake.topicUrl(), FAKE_TOKEN, changes);

  it("publishes to the server's root, with the token, in any script, and gives the server's id", async () => {
    const { channel } = channelOf();
    const message = messageToTell({ serverName: "srv-kasir é 🖥️", siteName: "Cabang Makassar" });
    const outcome = await channel.send(requestTo(here(), { message }));
    expect(outcome).toEqual({ type: "sent", externalId: fake.ledger[0]?.id });
    expect(fake.ledger).toEqual([
      {
        id: "m00000000001",
        topic: FAKE_TOPIC,
        title: "down srv-kasir é 🖥️",
        message: "Cabang Makassar #12",
        priority: 4,
        tags: ["rotating_light"],
        click: "https://panel.perusahaan.co.id/incidents/i12",
        isAttachment: false,
      },
    ]);
    expect(fake.requests[0]).toMatchObject({
      method: "POST",
      path: "/",
      headers: { authorization: `Bearer ${FAKE_TOKEN}` },
    });
  });

  it("publishes without a token where none is needed", async () => {
    fake.token = null;
    const { channel } = channelOf();
    expect((await channel.send(requestTo(here({ secret: null })))).type).toBe("sent");
    expect(fake.requests[0]?.headers).not.toHaveProperty("authorization");
  });

  it("takes the topic's address with a slash behind it too", async () => {
    const { channel } = channelOf();
    expect((await channel.send(requestTo(here({ address: ` ${fake.topicUrl()}/ ` })))).type).toBe("sent");
    expect(fake.ledger[0]?.topic).toBe(FAKE_TOPIC);
  });

  it("waits for a person when the token is wrong or missing, and heals when it is right", async () => {
    const { channel, log } = channelOf();
    fake.token = "tk_another";
    for (const secret of [FAKE_TOKEN, null]) {
      const outcome = await channel.send(requestTo(here({ secret })));
      expect(outcome).toMatchObject({ type: "retry", retryAfterMs: null });
      expect(channel.health().state).toBe("unauthorized");
      expect(JSON.stringify([outcome, log.lines, channel.health()])).not.toContain(FAKE_TOKEN);
    }
    expect(fake.requests.map(({ outcome }) => outcome)).toEqual([401, 403]);
    fake.token = FAKE_TOKEN;
    expect((await channel.send(requestTo(here()))).type).toBe("sent");
    expect(channel.health().state).toBe("ok");
  });

  it("with a token that no header carries asks nobody, and does not show it", async () => {
    for (const secret of ["tk_with\nline", "tk_schlüssel", "tk with space", "tk_\u0000zero"]) {
      const { channel, log } = channelOf();
      const outcome = await channel.send(requestTo(here({ secret })));
      expect(outcome).toMatchObject({ type: "retry" });
      expect(channel.health().state).toBe("unauthorized");
      expect(JSON.stringify([outcome, log.lines])).not.toContain(JSON.stringify(secret).slice(1, -1));
    }
    expect(fake.requests).toHaveLength(0);
  });

  it("says in the server's words why it was refused, and never the topic", async () => {
    const { channel, log } = channelOf();
    fake.faults.push({ kind: "refusal", status: 404, description: `no page for /${FAKE_TOPIC}` });
    const outcome = await channel.send(requestTo(here()));
    expect(outcome).toEqual({
      type: "rejected",
      error: "HTTP 404: no page for /‹address›",
      scope: "recipient",
    });
    expect(JSON.stringify(log.lines)).not.toContain(FAKE_TOPIC);
  });

  it("takes a topic that the server keeps for itself for a recipient that cannot be reached", async () => {
    const { channel } = channelOf();
    const outcome = await channel.send(requestTo(here({ address: fake.topicUrl("docs") })));
    expect(outcome).toMatchObject({ type: "rejected", scope: "recipient" });
    expect(fake.ledger).toHaveLength(0);
  });

  it("tells several things by one message, as urgent as the most urgent of them", async () => {
    const { channel } = channelOf();
    const request = requestTo(
      here(),
      { id: "a", step: "recovered", message: messageToTell({ panelUrl: null }) },
      {
        id: "b",
        step: "down",
        message: messageToTell({ kind: "site_down", panelUrl: "https://p.test/i13" }),
      },
      { id: "c", step: "down", message: messageToTell({ panelUrl: "https://p.test/i14" }) },
    );
    expect((await channel.send(request)).type).toBe("sent");
    expect(fake.ledger).toHaveLength(1);
    expect(fake.ledger[0]).toMatchObject({
      priority: 5,
      tags: ["white_check_mark", "rotating_light"],
      click: "https://p.test/i13",
      message: "Cabang Makassar #12\nCabang Makassar #12\nCabang Makassar #12",
    });
  });

  it("refuses a message of several when one of them is to be shown anew", async () => {
    const { channel } = channelOf();
    const request = requestTo(here(), { id: "a" }, { id: "b", step: "edit", editsExternalId: "m1" });
    expect(await channel.send(request)).toMatchObject({ type: "rejected", scope: "message" });
    expect(fake.requests).toHaveLength(0);
  });

  it("is never an attachment and never too large, whatever the texts are", async () => {
    const texts: readonly string[] = [
      "x".repeat(9_000),
      "é".repeat(4_000),
      "👩‍👩‍👧‍👦 ".repeat(600),
      '"\\'.repeat(4_000),
      "\n\t".repeat(4_000),
      `a${'\n\t"'.repeat(4_000)}z`,
      `\u0001\u0002`.repeat(4_000),
      "\ud800".repeat(4_000),
    ];
    for (const text of texts) {
      const { channel } = channelOf(() => ({ title: text, text }));
      expect((await channel.send(requestTo(here()))).type, JSON.stringify(text.slice(0, 6))).toBe("sent");
    }
    expect(fake.ledger).toHaveLength(texts.length);
    expect(fake.ledger.filter(({ isAttachment }) => isAttachment)).toEqual([]);
  });

  it("that cannot be rendered is a message that cannot be taken; nobody is asked", async () => {
    const { channel, log } = channelOf(() => {
      throw new Error(`no words for ${FAKE_TOKEN}`);
    });
    const outcome = await channel.send(requestTo(here()));
    expect(outcome).toEqual({ type: "rejected", error: "no words for ‹secret›", scope: "message" });
    expect(fake.requests).toHaveLength(0);
    expect(log.lines[0]).toMatch(/^error ntfy send failed inside /);
  });
});
