/**
 * Asks one request: from its host to an address, to a free slot, to the probe of its kind.
 * Why apart: rounds and negative controls ask in the same way.
 * Must not: judge an answer, or keep one.
 */
import type { ProbeRequest } from "../core/types/evidence.ts";
import { probeAddress } from "../../shared/probe/address.ts";
import { BANNER_LIMIT_MAX_MS, BANNER_LIMIT_MIN_MS, askBanner } from "../../shared/probe/banner.ts";
import { HTTP_LIMIT_MAX_MS, HTTP_LIMIT_MIN_MS, askHttp } from "../../shared/probe/http.ts";
import type { ProbeAnswer } from "../../shared/probe/result.ts";
import { TCP_LIMIT_MAX_MS, TCP_LIMIT_MIN_MS, askTcp } from "../../shared/probe/tcp.ts";
import type { IcmpAsker } from "./icmp-asker.ts";
import type { Names } from "./names.ts";
import type { Slots } from "./slots.ts";
import { STARTED, none, timeLeftMs, type Turn } from "./turn.ts";

/** An answer, and the IP address it is about; null: none was found. */
export interface Asked {
  readonly answer: ProbeAnswer;
  readonly address: string | null;
}

export interface AskerParts {
  /** Monotonic ms. */
  readonly now: () => number;
  readonly sockets: Slots;
  readonly names: Names;
  readonly icmp: IcmpAsker;
}

type SocketRequest = Exclude<ProbeRequest, { readonly kind: "icmp" }>;

const LIMITS: Readonly<Record<SocketRequest["kind"], { readonly minMs: number; readonly maxMs: number }>> = {
  tcp: { minMs: TCP_LIMIT_MIN_MS, maxMs: TCP_LIMIT_MAX_MS },
  banner: { minMs: BANNER_LIMIT_MIN_MS, maxMs: BANNER_LIMIT_MAX_MS },
  http: { minMs: HTTP_LIMIT_MIN_MS, maxMs: HTTP_LIMIT_MAX_MS },
};

/** The function that asks. It never rejects. */
export function createAsker(parts: AskerParts): (request: ProbeRequest, turn: Turn) => Promise<Asked> {
  const { now, sockets, names, icmp } = parts;

  const askBySocket = async (address: string, request: SocketRequest, turn: Turn): Promise<ProbeAnswer> => {
    const release = await sockets.take(turn.waiting);
    if (release === null) return none("not_asked");
    try {
      const { minMs, maxMs } = LIMITS[request.kind];
      const limitMs = Math.min(maxMs, timeLeftMs(turn, now()));
      if (limitMs < minMs) return none("not_asked");
      turn.open = STARTED;
      return await askSocket(address, request, limitMs, turn.working);
    } finally {
      release();
    }
  };

  return async (request, turn) => {
    const host = probeAddress(request.host);
    if (host === null) return { answer: none("bad_address"), address: null };
    if (request.kind !== "icmp" && !isPort(request.port))
      return { answer: none("bad_address"), address: null };
    turn.open = "name_not_found";
    const address = host.type === "ip" ? host.text : await names.address(host.text, turn.waiting);
    if (address === null) return { answer: none("name_not_found"), address };
    turn.open = "not_asked";
    const answer =
      request.kind === "icmp" ? await icmp.ask(address, turn) : await askBySocket(address, request, turn);
    return { answer, address };
  };
}

async function askSocket(
  address: string,
  request: SocketRequest,
  limitMs: number,
  signal: AbortSignal,
): Promise<ProbeAnswer> {
  switch (request.kind) {
    case "tcp": {
      const answer = await askTcp(address, request.port, { limitMs, signal });
      // A bare connection is asked for where a server must accept one.
      return answer.verdict === "none" ? answer : { ...answer, asExpected: answer.detail === "connected" };
    }
    case "banner":
      return askBanner(address, request.port, { limitMs, signal, name: request.host });
    case "http":
      return askHttp(address, request.port, request, { limitMs, signal });
  }
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port <= 65_535;
}
