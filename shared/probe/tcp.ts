/**
 * One TCP connection attempt.
 * Why refused means alive: only a living system sends the reset.
 * Must not: send a byte, look up names, or leave a socket open.
 */
import { connect } from "node:net";
import { startDeadline } from "./deadline.ts";
import type { ProbeAnswer, ProbeDetail, ProbeVerdict } from "./result.ts";

export interface TcpOptions {
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Longer waiting finds nobody more: the system asks again after 1 and 3 s, so a host had three chances.
 */
export const TCP_LIMIT_MAX_MS = 4_000;
/** Under this, silence says nothing about a host far away. */
export const TCP_LIMIT_MIN_MS = 100;

/** What a failed attempt says, by the system's word for it. Anything else is `local_error`, no evidence. */
const FAILURES: Readonly<Record<string, readonly [ProbeVerdict, ProbeDetail]>> = {
  ECONNREFUSED: ["alive", "refused"],
  ECONNRESET: ["alive", "refused"],
  ETIMEDOUT: ["dead", "timeout"],
  EHOSTUNREACH: ["dead", "unreachable"],
  ENETUNREACH: ["dead", "unreachable"],
  EHOSTDOWN: ["dead", "unreachable"],
  ENETDOWN: ["none", "local_error"],
  EACCES: ["none", "no_permission"],
  EPERM: ["none", "no_permission"],
  EMFILE: ["none", "no_resources"],
  ENFILE: ["none", "no_resources"],
  ENOBUFS: ["none", "no_resources"],
  ENOMEM: ["none", "no_resources"],
  EADDRNOTAVAIL: ["none", "no_resources"],
  ENOTFOUND: ["none", "name_not_found"],
  EAI_AGAIN: ["none", "name_not_found"],
};

/** Asks `address` (an IP address as `probeAddress` returns it) whether it lives, on `port`. Never rejects. */
export function askTcp(address: string, port: number, options: TcpOptions): Promise<ProbeAnswer> {
  const { signal } = options;
  if (signal?.aborted === true)
    return Promise.resolve({ verdict: "none", detail: "cancelled", roundTripMs: null });
  return new Promise((resolve) => {
    const startedMs = performance.now();
    const socket = connect({ host: address, port });
    const settle = (verdict: ProbeVerdict, detail: ProbeDetail): void => {
      stopDeadline();
      signal?.removeEventListener("abort", cancel);
      socket.destroy();
      const elapsedMs = Math.round((performance.now() - startedMs) * 1_000) / 1_000;
      resolve({ verdict, detail, roundTripMs: verdict === "alive" ? elapsedMs : null });
    };
    const cancel = (): void => settle("none", "cancelled");
    const stopDeadline = startDeadline(options.limitMs, () => settle("dead", "timeout"));
    signal?.addEventListener("abort", cancel);
    socket.once("connect", () => settle("alive", "connected"));
    // Not `once`: an error after the settlement must not end the process.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      settle(...tcpFailure(error.code));
    });
  });
}

/** Exported for its table test: several of these failures cannot be brought about on demand. */
export function tcpFailure(code: string | undefined): readonly [ProbeVerdict, ProbeDetail] {
  return FAILURES[code ?? ""] ?? ["none", "local_error"];
}
