/**
 * An upgrade that is refused: which HTTP answer, and how it is written.
 * Why before any WebSocket: a stranger, a browser or an old agent costs one short answer and no session.
 * Must not: count or remember peers (server.ts does).
 */
import { STATUS_CODES, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { SUBPROTOCOL } from "../../shared/wire.ts";

export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The only path of agents, with nothing after it: a query would end up in the logs of proxies. */
const agentPath = "/agent";

/** What is wrong with this request as such; null: nothing. `ws` checks the handshake headers itself (400, 405). */
export function refusalOf(request: IncomingMessage): Refusal | null {
  if (request.url !== agentPath) return { status: 404, headers: {} };
  // Browsers always send it, programs need not: no page that staff happen to open can reach agents' socket.
  if (request.headers.origin !== undefined) return { status: 403, headers: {} };
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  if (!offered.includes(SUBPROTOCOL)) {
    return { status: 426, headers: { Upgrade: "websocket", "Sec-WebSocket-Protocol": SUBPROTOCOL } };
  }
  return null;
}

/** Answers and lets go of the socket, whether or not the peer reads. */
export function refuse(socket: Duplex, refusal: Refusal): void {
  socket.on("error", () => socket.destroy());
  socket.once("finish", () => socket.destroy());
  const reason = STATUS_CODES[refusal.status] ?? "";
  const headers = { ...refusal.headers, Connection: "close", "Content-Length": "0" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${refusal.status} ${reason}`, ...lines, "", ""].join("\r\n"));
}
