/**
 * Webhooks as a channel: one telling is one signed POST, as Standard Webhooks says.
 * Why: a company's own program may take an outage further. It knows a message by its `webhook-id`, so one whose fate is
 * unknown may be sent again.
 * Must not: send unsigned what has a key, follow a redirect, or retry.
 */
import { Webhook } from "standardwebhooks";
import type { Channel, SendRequest } from "../channel.ts";
import { httpUrl } from "../http/address.ts";
import type { Answer, Post } from "../http/exchange.ts";
import {
  createHttpChannel,
  rejected,
  retry,
  unknown,
  type HttpChannelOptions,
  type HttpEdge,
  type Verdict,
} from "../http/http-channel.ts";
import { retryAfterMs } from "../http/retry-after.ts";
import { webhookBody } from "./body.ts";
import { webhookId } from "./webhook-id.ts";

export type WebhookChannelOptions = HttpChannelOptions;

/** The key of a recipient's `whsec_…`; null when it is none. */
function signerOf(secret: string): Webhook | null {
  try {
    return new Webhook(secret);
  } catch {
    return null;
  }
}

function prepare({ tellings, recipient }: SendRequest, nowWallMs: number): Post | Verdict {
  const [telling, ...others] = tellings;
  // One id is one message to a receiver. Refused as such, the outbox sends each by itself.
  if (others.length > 0) return rejected("message", "a webhook tells one thing at a time", null);
  const url = httpUrl(recipient.address);
  if (!url) return rejected("recipient", "not an http or https address without a password in it", null);
  const body = webhookBody(telling);
  if (!body) return rejected("message", `a webhook cannot show a message anew (${telling.step})`, null);
  const payload = JSON.stringify(body);
  const id = webhookId(telling.id);
  const headers = {
    "content-type": "application/json",
    "user-agent": "Detak",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(nowWallMs / 1_000)),
  };
  if (recipient.secret === null) return { url, headers, body: payload };
  const signer = signerOf(recipient.secret);
  // A person must put it right; until then nothing leaves that a receiver could take for forged.
  if (!signer) return retry("the key is not whsec_ and base64", "unauthorized");
  const signature = signer.sign(id, new Date(nowWallMs), payload);
  return { url, headers: { ...headers, "webhook-signature": signature }, body: payload };
}

function judge({ status, retryAfter }: Answer, { tellings }: SendRequest, nowWallMs: number): Verdict {
  const said = `HTTP ${status}`;
  if (status >= 200 && status < 300)
    return { outcome: { type: "sent", externalId: webhookId(tellings[0].id) }, way: "ok" };
  const waitMs = retryAfterMs(retryAfter, nowWallMs);
  switch (status) {
    case 410:
      return rejected("recipient", `${said}: the receiver asked not to be sent any more`, "ok");
    case 429:
      return retry(`${said}: too many requests`, "ok", waitMs);
    case 401:
    case 403:
      return retry(`${said}: the receiver does not accept the signature or the sender`, "unauthorized");
    case 503:
      // It may have been accepted, but the receiver knows it again by its id, and it said when to come.
      if (waitMs !== null) return retry(`${said}: not now`, "failing", waitMs);
      break;
  }
  if (status >= 500) return unknown(said, "failing");
  return retry(status < 400 ? `${said}: redirects are not followed` : said, "failing");
}

const edge: HttpEdge = { name: "webhook", prepare, judge };

export function createWebhookChannel(options: WebhookChannelOptions): Channel {
  return createHttpChannel(edge, options);
}
