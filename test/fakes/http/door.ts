/**
 * What every fake that serves HTTP has: a port on loopback that can be closed and opened again, and a wait for what it sees.
 * Must not: know what is served, or be reachable from outside this machine.
 */
import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface Door {
  readonly port: number;
  /** Closes the listening socket and all connections: new ones are refused until `accept`. */
  readonly refuse: () => Promise<void>;
  readonly accept: () => Promise<void>;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Opens it; `wanted` 0: any port. */
export async function openDoor(server: Server, wanted = 0): Promise<Door> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const port = await listen(server, wanted);
  return {
    port,
    async refuse() {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async accept() {
      if (!server.listening) await listen(server, port);
    },
  };
}

export interface Watch {
  /** Something changed: whoever waits looks. */
  readonly changed: () => void;
  /** Resolves when `condition` holds, looked at after each change; rejects after `limitMs` (10 s) with what `seen` says. */
  until(condition: () => boolean, limitMs?: number): Promise<void>;
}

export function createWatch(seen: () => string): Watch {
  const watchers = new Set<() => void>();
  return {
    changed() {
      for (const watcher of [...watchers]) watcher();
    },
    until(condition, limitMs = 10_000) {
      if (condition()) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const look = () => {
          if (!condition()) return;
          clearTimeout(limit);
          watchers.delete(look);
          resolve();
        };
        const limit = setTimeout(() => {
          watchers.delete(look);
          reject(new Error(`not so after ${limitMs} ms: ${seen()}`));
        }, limitMs);
        watchers.add(look);
      });
    },
  };
}
