/**
 * One POST and what is known of it afterwards: answered, never sent, or lost on the way.
 * Why apart from the channels: how far a request came is the same for all; what an answer means is each one's own.
 * Must not: retry, follow a redirect, or judge a status.
 */
import type { ReadableStreamDefaultReader } from "node:stream/web";
import { newFlight, track, trackedFetch } from "./flight.ts";
import { describeError, type Redact } from "./error-text.ts";
import { wasNeverWritten } from "./never-written.ts";

/** More of an answer is not read: nothing that we ask for is longer, and memory is ours. */
export const ANSWER_BYTES_MAX = 64 * 1_024;

export interface Post {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  /** At most `ANSWER_BYTES_MAX`; of a refusal perhaps only its beginning. */
  readonly body: string;
}

export type Exchange =
  /** The whole answer came; of a refusal at least its head, which says it all. */
  | { readonly type: "answered"; readonly answer: Answer }
  /** Certainly never written to the wire. */
  | { readonly type: "never_sent"; readonly error: string }
  /** Written, and no whole answer; `status` when its head came. */
  | { readonly type: "lost"; readonly error: string; readonly status: number | null };

/** The body up to the limit; throws when it breaks off. What goes beyond is left unread. */
async function readBody(response: Response): Promise<string> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  if (!reader) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytesLeft = ANSWER_BYTES_MAX;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value.subarray(0, bytesLeft), { stream: true });
    bytesLeft -= value.length;
    if (bytesLeft <= 0) {
      // The connection goes with it; whether that works is nobody's concern.
      await reader.cancel().catch(() => {});
      return text;
    }
  }
}

/** One request, ended by `signal` wherever it is. */
export async function exchange(post: Post, signal: AbortSignal, redact: Redact): Promise<Exchange> {
  if (signal.aborted) return { type: "never_sent", error: "the channel is closed" };
  const flight = newFlight();
  let response: Response;
  try {
    response = await track(flight, () =>
      trackedFetch(post.url, { method: "POST", headers: post.headers, body: post.body, signal }),
    );
  } catch (error) {
    const text = describeError(error, redact);
    if (wasNeverWritten(error, flight)) return { type: "never_sent", error: text };
    return { type: "lost", error: text, status: flight.status };
  }
  const { status } = response;
  const retryAfter = response.headers.get("retry-after");
  try {
    return { type: "answered", answer: { status, retryAfter, body: await readBody(response) } };
  } catch (error) {
    // A refusal is one with half a page behind it too; "accepted" is believed only whole.
    if (status >= 300) return { type: "answered", answer: { status, retryAfter, body: "" } };
    return { type: "lost", error: `${describeError(error, redact)} (HTTP ${status})`, status };
  }
}
