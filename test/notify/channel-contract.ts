/**
 * What every channel promises the outbox, as one suite: each fault, what the channel says of it, and what the other side
 * has accepted.
 * Why one: an outcome that one channel guesses differently loses or doubles alerts there.
 * How: a test file calls `channelContract` with a way to open its channel before a fake; `differs` says where the channel
 * rightly judges otherwise, so that the difference is written down.
 */
import { createServer, type AddressInfo, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Recipient } from "../../collector/core/types/registry.ts";
import type { DeliveryOutcome } from "../../collector/core/types/telling.ts";
import type { Channel } from "../../collector/notify/channel.ts";
import type { HttpFault } from "../fakes/http/serving.ts";
import { FAULTS, type Expected, type FaultName } from "./channel-contract-faults.ts";
import { HANG_LIMIT_MS, isShownAnew, LONG_LIMIT_MS, requestTo, STEPS } from "./channel-contract-fixtures.ts";
import type { KeptLog } from "./fixtures.ts";

/** A channel, and the other side of it. */
export interface Opened {
  /** Whom the other side knows and takes messages for. */
  readonly recipient: Recipient;
  /** Never in an outcome, a log line or health. */
  readonly secrets: readonly string[];
  channel(options?: { readonly sendLimitMs?: number }): { readonly channel: Channel; readonly log: KeptLog };
  /** The same recipient somewhere else. */
  at(root: string): Recipient;
  script(fault: HttpFault): void;
  readonly acceptedCount: number;
  readonly requestCount: number;
  waitUntil(condition: () => boolean): Promise<void>;
  refuse(): Promise<void>;
  accept(): Promise<void>;
  close(): Promise<void>;
}

export interface ChannelContract {
  readonly name: string;
  open(): Promise<Opened>;
  /** Faults that this channel rightly judges otherwise. */
  readonly differs: Readonly<Partial<Record<FaultName, Expected>>>;
  /** Addresses that are none. */
  readonly wrongAddresses: readonly string[];
}

function matching(expected: Expected): Partial<Record<string, unknown>> {
  const { outcome, scope, retryAfterMs } = expected;
  return {
    type: outcome,
    ...(scope === undefined ? {} : { scope }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

export function channelContract(contract: ChannelContract): void {
  describe(`${contract.name} keeps the contract of channels`, () => {
    let opened: Opened;
    let listening: Server | null = null;
    beforeEach(async () => {
      opened = await contract.open();
    });
    afterEach(async () => {
      listening?.close();
      listening = null;
      await opened.close();
    });

    async function listener(onConnection: Parameters<typeof createServer>[1]): Promise<number> {
      const made = createServer(onConnection);
      listening = made;
      await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
      return (made.address() as AddressInfo).port;
    }

    function hidesSecrets(...seen: readonly unknown[]): void {
      const text = JSON.stringify(seen);
      for (const secret of opened.secrets) expect(text).not.toContain(secret);
    }

    it("without a fault: sent, with an id, one request, one accepted, healthy", async () => {
      const { channel, log } = opened.channel();
      expect(channel.health().state).toBe("ok");
      const outcome = await channel.send(requestTo(opened.recipient));
      expect(outcome).toMatchObject({ type: "sent", externalId: expect.stringMatching(/./) as string });
      expect([opened.requestCount, opened.acceptedCount]).toEqual([1, 1]);
      expect(channel.health()).toMatchObject({ state: "ok", detail: null });
      expect(log.lines).toEqual([]);
    });

    for (const [name, { fault, usual }] of Object.entries(FAULTS)) {
      const expected = contract.differs[name as FaultName] ?? usual;
      const title = `${expected.outcome}, one request, ${expected.accepted} accepted, then ${expected.health}`;
      it(`${name}: ${title}`, async () => {
        opened.script(fault);
        const isEndless = fault.kind === "hang" || fault.kind === "slow_body";
        const { channel, log } = opened.channel({ sendLimitMs: isEndless ? HANG_LIMIT_MS : LONG_LIMIT_MS });
        const outcome = await channel.send(requestTo(opened.recipient));
        expect(outcome).toMatchObject(matching(expected));
        expect([opened.requestCount, opened.acceptedCount]).toEqual([1, expected.accepted]);
        expect(channel.health().state).toBe(expected.health);
        // A failure is logged once, and nothing of it holds a secret.
        expect(log.lines).toHaveLength(expected.outcome === "sent" ? 0 : 1);
        hidesSecrets(outcome, log.lines, channel.health());
        if (outcome.type !== "rejected") {
          expect((await channel.send(requestTo(opened.recipient, { id: "another" }))).type).toBe("sent");
          expect(channel.health()).toMatchObject({ state: "ok", detail: null });
        }
      });
    }

    it("a refused connection is known not sent, and the next send goes through when it is open again", async () => {
      const { channel, log } = opened.channel();
      await opened.refuse();
      const outcome = await channel.send(requestTo(opened.recipient));
      expect(outcome).toMatchObject({ type: "retry", retryAfterMs: null });
      expect(JSON.stringify(outcome)).toContain("ECONNREFUSED");
      expect(channel.health().state).toBe("unreachable");
      hidesSecrets(outcome, log.lines, channel.health());
      await opened.accept();
      expect((await channel.send(requestTo(opened.recipient))).type).toBe("sent");
      expect(channel.health().state).toBe("ok");
      expect(opened.requestCount).toBe(1);
    });

    it("one recipient that cannot be reached is not hidden by another one that can", async () => {
      const { channel } = opened.channel();
      const port = await listener((socket) => socket.destroy());
      const lost = { ...opened.at(`http://127.0.0.1:${port}`), id: "lost" };
      await channel.send(requestTo(lost));
      await channel.send(requestTo(opened.recipient));
      expect(channel.health().state).toBe("unreachable");
    });

    const NEVER_SENT: Readonly<Record<string, () => Promise<string>>> = {
      "a name that does not exist": async () => "http://no-such-host.invalid",
      "a reset in the TLS handshake": async () =>
        `https://127.0.0.1:${await listener((socket) => socket.once("data", () => socket.resetAndDestroy()))}`,
      "a TLS handshake that never ends": async () => `https://127.0.0.1:${await listener(() => {})}`,
      "plain HTTP where TLS is spoken": async () =>
        `https://127.0.0.1:${await listener((socket) => socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")))}`,
      "a port that fetch never asks": async () => "http://127.0.0.1:6000",
    };
    for (const [name, rootOf] of Object.entries(NEVER_SENT)) {
      it(`${name}: known not sent`, async () => {
        const root = await rootOf();
        const { channel, log } = opened.channel({ sendLimitMs: 2_000 });
        const outcome = await channel.send(requestTo(opened.at(root)));
        expect(outcome).toMatchObject({ type: "retry", retryAfterMs: null });
        expect(channel.health().state).toBe("unreachable");
        hidesSecrets(outcome, log.lines, channel.health());
      });
    }

    for (const address of contract.wrongAddresses) {
      it(`no address, no request: ${JSON.stringify(address.slice(0, 60))}`, async () => {
        const { channel, log } = opened.channel();
        const outcome = await channel.send(requestTo({ ...opened.recipient, address }));
        expect(outcome).toMatchObject({ type: "rejected", scope: "recipient" });
        expect(opened.requestCount).toBe(0);
        expect(channel.health().state).toBe("ok");
        if (address !== "")
          expect(JSON.stringify([outcome, log.lines])).not.toContain(JSON.stringify(address));
      });
    }

    for (const step of STEPS) {
      it(`${step}: ${isShownAnew(step) ? "refused as a message, nobody is asked" : "sent"}`, async () => {
        const { channel } = opened.channel();
        const outcome = await channel.send(requestTo(opened.recipient, { step }));
        const expected: Partial<DeliveryOutcome> = isShownAnew(step)
          ? { type: "rejected", scope: "message" }
          : { type: "sent" };
        expect(outcome).toMatchObject(expected);
        expect(opened.requestCount).toBe(isShownAnew(step) ? 0 : 1);
      });
    }

    it("close gives up a send under way as unknown, and a send after it is known not sent", async () => {
      opened.script({ kind: "hang", when: "after" });
      const { channel } = opened.channel({ sendLimitMs: 60_000 });
      const sending = channel.send(requestTo(opened.recipient));
      await opened.waitUntil(() => opened.requestCount === 1);
      await channel.close();
      await channel.close();
      expect((await sending).type).toBe("unknown");
      expect((await channel.send(requestTo(opened.recipient))).type).toBe("retry");
      expect(opened.requestCount).toBe(1);
    });
  });
}
