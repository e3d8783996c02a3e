/**
 * One TCP connection, and whether a program speaks on it.
 * Why: a frozen system still accepts connections, its kernel does that alone; only bytes prove that programs run.
 * Must not: look up names, log in, send where nobody waits to be spoken to, or leave a socket open.
 */
import { connect } from "node:net";
import { startDeadline } from "./deadline.ts";
import { helloOf, isSshPort } from "./hello.ts";
import type { ProbeAnswer, ProbeDetail, ProbeVerdict } from "./result.ts";
import { isWholeSpeech, speechOf } from "./speech.ts";
import { TCP_LIMIT_MAX_MS, tcpFailure } from "./tcp.ts";

export interface BannerOptions {
  /** For connection and speech together; at least `BANNER_LIMIT_MIN_MS`. */
  readonly limitMs: number;
  /** The host as people call it, for programs that serve several by name. Default: the address. */
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A satellite link's round trip of 0.7 s, once lost (sent again after 1 s), leaves a second for the program. */
const SPEECH_MAX_MS = 3_000;
/** A program that speaks first does so at once; one that does not would only keep us waiting. */
const UNASKED_SPEECH_MAX_MS = 2_000;
/** Bytes came, but no line end yet: the proof is there, the rest of the line is only nice to have. */
const REST_OF_LINE_MS = 250;
/** The connection may take so much of the limit: the speech must have its share, or silence would say nothing. */
const CONNECTION_SHARE = TCP_LIMIT_MAX_MS / (TCP_LIMIT_MAX_MS + SPEECH_MAX_MS);

export const BANNER_LIMIT_MAX_MS = TCP_LIMIT_MAX_MS + SPEECH_MAX_MS;
/** Under this, silence says nothing about a host far away. */
export const BANNER_LIMIT_MIN_MS = 200;

/**
 * Asks `address` (an IP address as `probeAddress` returns it). Alive with a `banner`: a program spoke. Alive and
 * `connected`: accepted, and not a byte within the time. `closed`: accepted, then ended without a byte. Else as
 * `askTcp`. `roundTripMs` is the connection's. Never rejects.
 */
export function askBanner(address: string, port: number, options: BannerOptions): Promise<ProbeAnswer> {
  const { limitMs, signal } = options;
  if (signal?.aborted === true)
    return Promise.resolve({ verdict: "none", detail: "cancelled", roundTripMs: null });
  return new Promise((resolve) => {
    const startedMs = performance.now();
    const socket = connect({ host: address, port });
    let heard = Buffer.alloc(0);
    let roundTripMs: number | null = null;

    const settle = (verdict: ProbeVerdict, detail: ProbeDetail): void => {
      stopDeadline();
      signal?.removeEventListener("abort", cancel);
      socket.destroy();
      const banner = verdict === "alive" ? speechOf(heard) : null;
      resolve({
        verdict,
        detail,
        roundTripMs: verdict === "alive" ? roundTripMs : null,
        ...(banner === null ? {} : { banner }),
      });
    };
    const elapsedMs = (): number => Math.round((performance.now() - startedMs) * 1_000) / 1_000;
    const cancel = (): void => settle("none", "cancelled");
    /** The connection ended by itself after it stood. */
    const end = (detail: ProbeDetail): void => settle("alive", heard.length > 0 ? "connected" : detail);

    const connectionLimitMs = Math.min(TCP_LIMIT_MAX_MS, limitMs * CONNECTION_SHARE);
    let stopDeadline = startDeadline(connectionLimitMs, () => settle("dead", "timeout"));
    /** From now on silence is the kernel's: it accepted. */
    const waitForSpeech = (waitMs: number): void => {
      stopDeadline();
      stopDeadline = startDeadline(waitMs, () => settle("alive", "connected"));
    };
    signal?.addEventListener("abort", cancel);

    socket.once("connect", () => {
      roundTripMs = elapsedMs();
      const hello = helloOf(port, options.name ?? address);
      if (hello !== null) socket.write(hello);
      const speechMs = hello !== null || isSshPort(port) ? SPEECH_MAX_MS : UNASKED_SPEECH_MAX_MS;
      waitForSpeech(Math.min(speechMs, limitMs - roundTripMs));
    });
    socket.on("data", (piece) => {
      if (heard.length === 0) waitForSpeech(REST_OF_LINE_MS);
      heard = Buffer.concat([heard, piece]);
      if (isWholeSpeech(heard)) settle("alive", "connected");
    });
    socket.once("end", () => end("closed"));
    // Not `once`: an error after the settlement must not end the process.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      // A reset is the other end's deed, also when it overtook the news of the connection; only what was accepted can
      // be reset. Any other failure after the connection came from the way between.
      const isReset = error.code === "ECONNRESET" || error.code === "EPIPE";
      const isAccepted = roundTripMs !== null || isReset;
      roundTripMs ??= elapsedMs();
      if (isAccepted) end(isReset ? "closed" : "connected");
      else settle(...tcpFailure(error.code));
    });
  });
}
