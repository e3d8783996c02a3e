/**
 * The sockets of the lock: listening on one, and finding out whether anybody listens on another.
 * Why only listening counts: the kernel takes a connection for a process that is busy or stopped, and refuses it for one
 * that is dead; nobody has to answer in time.
 * Must not: decide who owns a folder (lock.ts does).
 */
import { connect, createServer, type Server } from "node:net";
import { systemCode } from "./failures.ts";

/** Listens, and hangs up on whoever calls. Does not keep the process running. Rejects with the system's error. */
export function listen(address: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", reject);
    server.listen(address, () => {
      server.off("error", reject);
      // A connection that could not be taken (too many open files) is no reason to stop a collector.
      server.on("error", () => undefined);
      server.unref();
      resolve(server);
    });
  });
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Does a living process listen there? Only "nobody listens" and "no such file" say no; every doubt says yes. */
export function isListening(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path: address });
    const settle = (listening: boolean): void => {
      socket.destroy();
      resolve(listening);
    };
    socket.once("connect", () => settle(true));
    // Not `once`: a late error of a settled socket must not go unheard, or it would end the process.
    socket.on("error", (error) => {
      const code = systemCode(error);
      settle(code !== "ECONNREFUSED" && code !== "ENOENT");
    });
  });
}
