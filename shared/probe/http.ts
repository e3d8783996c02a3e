/**
 * One HTTP or HTTPS request, and whether the answer is what staff expect of it.
 * Why: "answers on port 80" says little of a web application; its status and a word of its page do.
 * Must not: follow a redirect (its target is chosen by the other end), send anything but a GET without credentials,
 * read without end, or look up names.
 */
import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type Socket } from "node:net";
import { startDeadline } from "./deadline.ts";
import type { ProbeAnswer, ProbeDetail, ProbeVerdict } from "./result.ts";
import { speechOf } from "./speech.ts";
import { tcpFailure } from "./tcp.ts";

export interface HttpQuestion {
  /** `http:` or `https:`; names path and Host header. The connection goes to the address handed over beside it. */
  readonly url: string;
  /** Null: any below 400. */
  readonly expectedStatus: number | null;
  /** Must occur in the first `HTTP_BODY_BYTES_MAX` of the body, byte for byte in UTF-8. Null: any body. */
  readonly expectedText: string | null;
}

export interface HttpOptions {
  /** From the first packet to the end of the judgement. */
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A slow application may think for seconds; one that takes longer is not well. */
export const HTTP_LIMIT_MAX_MS = 10_000;
/** Connection, TLS and answer are three to four round trips. */
export const HTTP_LIMIT_MIN_MS = 400;
/** Enough to find a word in a page; a probe each 15 s must not move megabytes. What comes after is not read. */
export const HTTP_BODY_BYTES_MAX = 64 * 1024;
/** As much as a status line and its headers may take; Node's own limit for servers. */
const HEADER_BYTES_MAX = 16 * 1024;

/**
 * Asks `address` (an IP address as `probeAddress` returns it) on `port`. Alive and `expected`, `status_503`,
 * `text_missing` (a whole answer, less what was expected) or `no_answer` (accepted, but no whole HTTP answer came);
 * else as `askTcp`. `asExpected` is true for `expected` alone, and absent when nothing could be asked. Never rejects.
 */
export function askHttp(
  address: string,
  port: number,
  question: HttpQuestion,
  options: HttpOptions,
): Promise<ProbeAnswer> {
  const url = URL.canParse(question.url) ? new URL(question.url) : null;
  const none = (detail: ProbeDetail): ProbeAnswer => ({ verdict: "none", detail, roundTripMs: null });
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:"))
    return Promise.resolve(none("bad_address"));
  const { signal } = options;
  if (signal?.aborted === true) return Promise.resolve(none("cancelled"));

  return new Promise((resolve) => {
    const startedMs = performance.now();
    const elapsedMs = (): number => Math.round((performance.now() - startedMs) * 1_000) / 1_000;
    let roundTripMs: number | null = null;
    let banner: string | null = null;
    let settled = false;

    const request = send(address, port, url);
    const settle = (verdict: ProbeVerdict, detail: ProbeDetail): void => {
      if (settled) return;
      settled = true;
      stopDeadline();
      signal?.removeEventListener("abort", cancel);
      request.destroy();
      resolve({
        verdict,
        detail,
        roundTripMs: verdict === "alive" ? (roundTripMs ?? elapsedMs()) : null,
        ...(verdict === "alive" && banner !== null ? { banner } : {}),
        ...(verdict === "none" ? {} : { asExpected: detail === "expected" }),
      });
    };
    const cancel = (): void => settle("none", "cancelled");
    const isAccepted = (): boolean => roundTripMs !== null;
    const stopDeadline = startDeadline(options.limitMs, () =>
      isAccepted() ? settle("alive", "no_answer") : settle("dead", "timeout"),
    );
    signal?.addEventListener("abort", cancel);

    request.once("socket", (socket: Socket) => {
      socket.once("connect", () => (roundTripMs = elapsedMs()));
    });
    request.once("response", (response) => {
      banner = `HTTP ${String(response.statusCode ?? 0)}`;
      judge(response, question, settle);
    });
    // Not `once`: an error after the settlement must not end the process.
    request.on("error", (error: NodeJS.ErrnoException & { readonly rawPacket?: unknown }) => {
      if (!isAccepted()) return settle(...tcpFailure(error.code));
      // Bytes that are no HTTP, or no TLS: still bytes of a program.
      if (error.rawPacket instanceof Buffer) banner ??= speechOf(error.rawPacket);
      else if (error.code === "EPROTO" || error.code?.startsWith("ERR_SSL_") === true) banner ??= "binary";
      settle("alive", "no_answer");
    });
    request.end();
  });
}

function send(address: string, port: number, url: URL): ClientRequest {
  const options: RequestOptions = {
    host: address,
    port,
    method: "GET",
    path: `${url.pathname}${url.search}`,
    headers: {
      host: url.host,
      accept: "*/*",
      // The text is looked for in the bytes as they come.
      "accept-encoding": "identity",
      "user-agent": "detak",
    },
    // A connection of its own: one that was kept open would prove less.
    agent: false,
    maxHeaderSize: HEADER_BYTES_MAX,
  };
  if (url.protocol === "http:") return httpRequest(options);
  const name = url.hostname.replace(/^\[|\]$/g, "");
  return httpsRequest({
    ...options,
    // Not verified: branch devices have certificates of their own making, and we ask whether the service answers, not
    // who it is. Nothing secret is sent and nothing received is believed, so there is nothing to steal.
    rejectUnauthorized: false,
    ...(isIP(name) === 0 ? { servername: name } : {}),
  });
}

/** Reads no more of the body than it needs. */
function judge(
  response: IncomingMessage,
  question: HttpQuestion,
  settle: (verdict: ProbeVerdict, detail: ProbeDetail) => void,
): void {
  const status = response.statusCode ?? 0;
  const { expectedStatus, expectedText } = question;
  const isExpected = expectedStatus === null ? status < 400 : status === expectedStatus;
  if (!isExpected) return settle("alive", `status_${status}`);
  if (expectedText === null) return settle("alive", "expected");

  const wanted = Buffer.from(expectedText);
  let body = Buffer.alloc(0);
  response.on("data", (piece: Buffer) => {
    body = Buffer.concat([body, piece.subarray(0, HTTP_BODY_BYTES_MAX - body.length)]);
    if (body.includes(wanted)) settle("alive", "expected");
    else if (body.length >= HTTP_BODY_BYTES_MAX) settle("alive", "text_missing");
  });
  response.once("end", () => settle("alive", wanted.length === 0 ? "expected" : "text_missing"));
  // The connection was lost in the middle of the body.
  response.once("error", () => settle("alive", "no_answer"));
}
