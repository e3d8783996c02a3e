/**
 * Programs for probes to meet: each answers a connection in its own manner, on a port of its own on loopback.
 * Must not: keep a socket after `close`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { EventEmitter } from "node:events";

export interface Speaker {
  readonly port: number;
  /** What it heard so far, of all connections. */
  readonly heard: () => Buffer;
  readonly connections: () => number;
  close(): Promise<void>;
}

/** Any server of Node, listening on a free port (or `port`) of 127.0.0.1 (or `host`). */
export async function speakerOf(
  server: Server | (EventEmitter & Pick<Server, "listen" | "address" | "close">),
  where: { readonly port?: number; readonly host?: string } = {},
): Promise<Speaker> {
  const sockets = new Set<Socket>();
  let heard = Buffer.alloc(0);
  let connections = 0;
  server.on("connection", (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (piece: Buffer) => (heard = Buffer.concat([heard, piece])));
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(where.port ?? 0, where.host ?? "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    heard: () => heard,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** One that does with each connection what `speak` says. */
export function speaker(
  speak: (socket: Socket) => void,
  where: { readonly port?: number; readonly host?: string } = {},
): Promise<Speaker> {
  return speakerOf(createServer(speak), where);
}

export interface SshLike {
  readonly port: number;
  readonly pid: number;
  /** The process stands still: its kernel goes on accepting connections for it. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

const SSH_LIKE = `
  const server = require("node:net").createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\\r\\n");
  });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

/** A process of its own that greets like sshd. */
export async function startSshLike(): Promise<SshLike> {
  const child = spawn(process.execPath, ["-e", SSH_LIKE], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return {
    port: Number(line.toString()),
    pid: child.pid ?? 0,
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    close: async () => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}
