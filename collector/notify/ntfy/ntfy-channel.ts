/**
 * ntfy as a channel: one request is one message to a topic, at ntfy.sh or a server of one's own.
 * Why as JSON to the server's root: headers carry no Unicode, and a title has names in it.
 * Must not: show a message anew (ntfy has no edit), write texts, or retry.
 */
import type { Channel, SendRequest } from "../channel.ts";
import type { Answer, Post } from "../http/exchange.ts";
import {
  createHttpChannel,
  rejected,
  retry,
  unknown,
  type HttpChannelOptions,
  type Verdict,
} from "../http/http-channel.ts";
import { retryAfterMs } from "../http/retry-after.ts";
import { publicationOf, type NtfyText } from "./publication.ts";
import { topicOf } from "./topic.ts";

export interface NtfyChannelOptions extends HttpChannelOptions {
  /** All tellings of the request in the recipient's language, without markup. */
  readonly render: (request: SendRequest) => NtfyText;
}

/** ntfy's codes for a name that no server, or not this one, takes as a topic. */
const TOPIC_REFUSED: ReadonlySet<number> = new Set([40009, 40010]);

/** fetch quotes a header that it refuses, and this one is a secret. */
const TOKEN = /^[\x21-\x7e]+$/;

/** The fields of an object that came as JSON; empty when it did not. */
function fieldsOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** `{"code": 40401, "http": 404, "error": "page not found"}`; null: somebody else answered, a proxy mostly. */
function refusalOf({ status, body }: Answer): { readonly code: number; readonly words: string } | null {
  const { code, http, error } = fieldsOf(body);
  if (http !== status) return null;
  return { code: typeof code === "number" ? code : 0, words: typeof error === "string" ? `: ${error}` : "" };
}

function prepare(request: SendRequest, render: NtfyChannelOptions["render"]): Post | Verdict {
  const { tellings, recipient } = request;
  const shownAnew = tellings.find(
    ({ step, editsExternalId }) =>
      step === "edit" || step === "pin" || step === "board" || editsExternalId !== null,
  );
  if (shownAnew) return rejected("message", `ntfy cannot show a message anew (${shownAnew.step})`, null);
  const topic = topicOf(recipient.address);
  if (!topic) return rejected("recipient", "not the address of a topic, like https://ntfy.sh/topic", null);
  const token = recipient.secret?.trim() ?? null;
  if (token !== null && !TOKEN.test(token))
    return retry("the token has characters that no header carries", "unauthorized");
  return {
    url: topic.root,
    headers: {
      "content-type": "application/json",
      "user-agent": "Detak",
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(publicationOf(topic.name, request, render(request))),
  };
}

function accepted({ status, body }: Answer): Verdict {
  const { id } = fieldsOf(body);
  if (typeof id === "string" && id !== "") return { outcome: { type: "sent", externalId: id }, way: "ok" };
  return unknown(`HTTP ${status} without a message id`, "failing");
}

function judge(answer: Answer, nowWallMs: number): Verdict {
  const { status } = answer;
  if (status >= 200 && status < 300) return accepted(answer);
  const refusal = refusalOf(answer);
  const said = `HTTP ${status}${refusal?.words ?? ""}`;
  if (status >= 500) return unknown(said, "failing");
  switch (status) {
    case 401:
    case 403:
      // A wrong token is a person's to put right; the rows wait for that.
      return retry(said, "unauthorized");
    case 429:
      return retry(said, "ok", retryAfterMs(answer.retryAfter, nowWallMs));
    case 404:
      if (refusal) return rejected("recipient", said, "ok");
      break;
    case 400:
    case 413:
      if (refusal) return rejected(TOPIC_REFUSED.has(refusal.code) ? "recipient" : "message", said, "ok");
      break;
  }
  // A redirect, or a refusal that is not ntfy's own: nobody accepted anything, nobody is to blame.
  return retry(said, "failing");
}

export function createNtfyChannel(options: NtfyChannelOptions): Channel {
  return createHttpChannel(
    {
      name: "ntfy",
      prepare: (request) => prepare(request, options.render),
      judge: (answer, _request, nowWallMs) => judge(answer, nowWallMs),
    },
    options,
  );
}
