/**
 * The contract of channels, over each that is one POST.
 */
import { createNtfyChannel } from "../../collector/notify/ntfy/ntfy-channel.ts";
import { createWebhookChannel } from "../../collector/notify/webhook/webhook-channel.ts";
import { FAKE_TOKEN, FAKE_TOPIC, startFakeNtfy } from "../fakes/ntfy/ntfy.ts";
import type { HttpFault, Serving } from "../fakes/http/serving.ts";
import { FAKE_PATH, FAKE_SECRET, startFakeWebhook } from "../fakes/webhook/webhook.ts";
import { channelContract, type Opened } from "./channel-contract.ts";
import { refused, retried, sent } from "./channel-contract-faults.ts";
import { LONG_LIMIT_MS, recipientAt } from "./channel-contract-fixtures.ts";
import { keptLog } from "./fixtures.ts";

/** What a fake of ours has in common with the contract. */
function side(
  fake: Serving & { readonly ledger: readonly unknown[] },
): Pick<Opened, "script" | "acceptedCount" | "requestCount" | "waitUntil" | "refuse" | "accept" | "close"> {
  return {
    script: (fault: HttpFault) => fake.faults.push(fault),
    get acceptedCount() {
      return fake.ledger.length;
    },
    get requestCount() {
      return fake.requests.length;
    },
    waitUntil: (condition) => fake.waitUntil(condition),
    refuse: () => fake.refuse(),
    accept: () => fake.accept(),
    close: () => fake.close(),
  };
}

const NO_WEB_ADDRESSES = [
  "",
  "pak budi",
  "hooks.example.test/detak",
  "ftp://example.test/detak-hooks",
  "file:///etc/passwd",
  "javascript:alert(1)",
  "http://",
  "http://[::1/detak",
  "https://sari:p4ssw0rd@example.test/detak",
  `https://example.test/${"x".repeat(2_000)}`,
];

channelContract({
  name: "webhook",
  async open() {
    const fake = await startFakeWebhook();
    return Object.assign(side(fake), {
      recipient: recipientAt("webhook", fake.url, FAKE_SECRET),
      secrets: [FAKE_SECRET, FAKE_SECRET.slice("whsec_".length), FAKE_PATH, "b-very-secret-path"],
      at: (root: string) => recipientAt("webhook", `${root}${FAKE_PATH}`, FAKE_SECRET),
      channel({ sendLimitMs = LONG_LIMIT_MS } = {}) {
        const log = keptLog();
        return { log, channel: createWebhookChannel({ log, now: Date.now, sendLimitMs }) };
      },
    });
  },
  differs: {
    // Any 2xx is "taken", whatever stands in it.
    "an answer of two megabytes": sent(1),
    "HTML with 200, not accepted": sent(0),
    "HTML with 200, accepted": sent(1),
    "an empty 200": sent(0),
    "200 with null": sent(0),
    "204": sent(0),
    // Sent again it is still one, so the time that is asked for may be kept.
    "503 with a time": retried("failing", 30_000),
    "410": refused("recipient"),
    // A receiver is somebody's program: what it refuses today it may take when it is mended. The outbox gives up after a day.
    "400": retried("failing"),
    "400 can't parse": retried("failing"),
    "404": retried("failing"),
    "413": retried("failing"),
  },
  wrongAddresses: NO_WEB_ADDRESSES,
});

channelContract({
  name: "ntfy",
  async open() {
    const fake = await startFakeNtfy();
    return Object.assign(side(fake), {
      recipient: recipientAt("ntfy", fake.topicUrl(), FAKE_TOKEN),
      secrets: [FAKE_TOKEN, FAKE_TOPIC],
      at: (root: string) => recipientAt("ntfy", `${root}/${FAKE_TOPIC}`, FAKE_TOKEN),
      channel({ sendLimitMs = LONG_LIMIT_MS } = {}) {
        const log = keptLog();
        const render = () => ({ title: "MATI · srv-kasir", text: "Cabang Makassar\nsejak 10.02 WITA" });
        return { log, channel: createNtfyChannel({ log, now: Date.now, sendLimitMs, render }) };
      },
    });
  },
  differs: {},
  wrongAddresses: [
    ...NO_WEB_ADDRESSES,
    "https://ntfy.example.test/",
    "https://ntfy.example.test/a/topic",
    "https://ntfy.example.test/kantor%20pusat",
    "https://ntfy.example.test/kantor?auth=abc",
    `https://ntfy.example.test/${"x".repeat(65)}`,
  ],
});
