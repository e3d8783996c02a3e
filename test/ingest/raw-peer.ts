/**
 * A peer that writes its own bytes: upgrades and frames that no WebSocket library would send.
 * Must not: wait without a deadline.
 */
import { connect, type Socket } from "node:net";

export interface RawPeer {
  readonly socket: Socket;
  /** What came back so far, as bytes. */
  received(): Buffer;
  /** Resolves with all that came back once `enough` says so or the other side ended; rejects after 10 s. */
  readUntil(enough: (received: Buffer) => boolean): Promise<Buffer>;
}

export const upgradeHeaders: Readonly<Record<string, string>> = {
  Host: "collector",
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Protocol": "detak.v1",
};

/** Connects and writes one request. A header of `undefined` is left out. */
export async function rawRequest(
  port: number,
  change: Readonly<Record<string, string | undefined>> = {},
  requestLine = "GET /agent HTTP/1.1",
): Promise<RawPeer> {
  const socket = connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  // A reset is one of the ways a collector drops a peer.
  socket.on("error", () => undefined);
  let bytes = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => (bytes = Buffer.concat([bytes, chunk])));
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  const headers = Object.entries({ ...upgradeHeaders, ...change }).filter(([, value]) => value !== undefined);
  socket.write(
    [requestLine, ...headers.map(([name, value]) => `${name}: ${value ?? ""}`), "", ""].join("\r\n"),
  );
  return {
    socket,
    received: () => bytes,
    readUntil(enough) {
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`not in time: ${bytes.toString("latin1")}`)), 10_000);
        const look = (ended: boolean): void => {
          if (!ended && !enough(bytes)) return;
          clearTimeout(late);
          resolve(bytes);
        };
        socket.on("data", () => look(false));
        socket.on("close", () => look(true));
        look(socket.destroyed);
      });
    },
  };
}

/** The status line's number and the headers, lower case, of an answer that ended. */
export async function answerOf(peer: RawPeer): Promise<{ status: number; headers: Map<string, string> }> {
  const text = (await peer.readUntil(() => false)).toString("latin1");
  const [statusLine = "", ...lines] = text.split("\r\n\r\n")[0]?.split("\r\n") ?? [];
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(statusLine.split(" ")[1]), headers };
}

/** Upgrades and takes the `hello`. */
export async function rawWebSocket(port: number): Promise<RawPeer> {
  const peer = await rawRequest(port);
  await peer.readUntil((bytes) => bytes.includes('"type":"hello"') && bytes.includes("}"));
  return peer;
}

/** The close code of the last frame that came back; null when the socket ended without one. */
export async function closeCodeOf(peer: RawPeer): Promise<number | null> {
  const bytes = await peer.readUntil((received) => closeFrameIn(received) !== null);
  return closeFrameIn(bytes);
}

/** Walks the server's frames (unmasked, short) after the HTTP head. */
function closeFrameIn(bytes: Buffer): number | null {
  let offset = bytes.indexOf("\r\n\r\n") + 4;
  while (offset + 2 <= bytes.length) {
    const opcode = bytes.readUInt8(offset) & 0x0f;
    let length = bytes.readUInt8(offset + 1) & 0x7f;
    offset += 2;
    if (length === 126) {
      length = bytes.readUInt16BE(offset);
      offset += 2;
    }
    if (opcode === 8) return bytes.readUInt16BE(offset);
    offset += length;
  }
  return null;
}

/** A client's frame: masked with zeros, so that the payload is legible. */
export function frame(firstByte: number, payload: Buffer): Buffer {
  const head =
    payload.length < 126
      ? Buffer.from([firstByte, 0x80 | payload.length])
      : Buffer.from([firstByte, 0x80 | 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}
