/**
 * A TCP proxy between agents and their collector that fails as proxies, firewalls and NAT do; a process of its own.
 * Why our own: each fault is one of detection.md's list, and is switched by a line on standard input while it runs.
 * Must not: understand what it carries.
 *
 * Run: `fault-proxy <JSON: ProxyRoute[]>`. Says `listening` when all routes are. A line of input is a ProxyFault as JSON,
 * for every route, answered by `done`.
 */
import { rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ProxyFault } from "./scenario.ts";

/** Where it listens (an address, or the path of a socket that is a file) and where that leads. */
export interface ProxyRoute {
  readonly listen: { readonly host: string; readonly port: number } | { readonly path: string };
  readonly to: { readonly host: string; readonly port: number };
}

export interface FaultProxy {
  setFault(fault: ProxyFault): Promise<void>;
  /** Connections that are open, on the near side. */
  readonly connectionCount: number;
  close(): Promise<void>;
}

/** A held connection keeps this much at most, then it is cut: nobody says more in a test. */
const HELD_BYTES_MAX = 4 * 1024 * 1024;
/** How often ages are looked at, ms; the shortest fault is some hundred. */
const SWEEP_MS = 50;

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  readonly openedAtMs: number;
  movedAtMs: number;
  /** Both ends are kept, and nothing they say will arrive. */
  forgotten: boolean;
  /** What waits to be delivered; null: the end of what that side says. */
  readonly held: { readonly to: Socket; readonly bytes: Buffer | null }[];
  heldBytes: number;
  /** The order of what is under way: nothing overtakes. */
  lastDueMs: number;
}

/** Listens on every route. Rejects when one cannot. */
export async function startFaultProxy(
  routes: readonly ProxyRoute[],
  now: () => number = () => performance.now(),
  random: () => number = Math.random,
): Promise<FaultProxy> {
  const pairs = new Set<Pair>();
  let fault: ProxyFault = { type: "pass" };

  const cut = (pair: Pair): void => {
    pairs.delete(pair);
    for (const end of [pair.near, pair.far]) reset(end);
  };
  const deliver = (pair: Pair, to: Socket, bytes: Buffer | null): void => {
    pair.movedAtMs = now();
    if (to.destroyed || !to.writable) return;
    if (bytes === null) to.end();
    else to.write(bytes);
  };
  const carry = (pair: Pair, to: Socket, bytes: Buffer | null): void => {
    if (pair.forgotten) return;
    if (fault.type === "buffer") {
      pair.heldBytes += bytes?.length ?? 0;
      if (pair.heldBytes > HELD_BYTES_MAX) return cut(pair);
      pair.held.push({ to, bytes });
      return;
    }
    if (fault.type !== "delay") return deliver(pair, to, bytes);
    pair.lastDueMs = Math.max(pair.lastDueMs, now() + fault.forMs + random() * fault.jitterMs);
    setTimeout(() => deliver(pair, to, bytes), Math.max(0, pair.lastDueMs - now()));
  };
  const opened = (near: Socket, to: ProxyRoute["to"]): void => {
    near.on("error", () => undefined);
    if (fault.type === "refuse") return reset(near);
    if (fault.type === "answer") {
      const { status } = fault;
      near.once("data", () =>
        near.end(`HTTP/1.1 ${status} Proxy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`),
      );
      return;
    }
    const far = connect({ ...to, allowHalfOpen: true });
    const atMs = now();
    const pair: Pair = {
      near,
      far,
      openedAtMs: atMs,
      movedAtMs: atMs,
      forgotten: fault.type === "half_open",
      held: [],
      heldBytes: 0,
      lastDueMs: 0,
    };
    pairs.add(pair);
    far.on("error", () => undefined);
    for (const [from, other] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("data", (bytes) => carry(pair, other, bytes));
      from.on("end", () => carry(pair, other, null));
      from.on("close", (failed) => {
        // Half open is just this: the other end is never told.
        if (near.destroyed && far.destroyed) pairs.delete(pair);
        else if (failed && !pair.forgotten) cut(pair);
      });
    }
  };

  const servers = routes.map((route) => ({
    route,
    server: createServer({ noDelay: true, allowHalfOpen: true }, (socket) => opened(socket, route.to)),
  }));
  const listen = async (): Promise<void> => {
    for (const { route, server } of servers)
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        if ("path" in route.listen) rmSync(route.listen.path, { force: true });
        server.listen(route.listen, resolve);
      });
  };
  /** Resolves when nobody listens any more; connections that are open keep it waiting. */
  const deafen = (): Promise<unknown> =>
    Promise.all(
      servers.map(({ server }) => new Promise<void>((resolve) => void server.close(() => resolve()))),
    );
  await listen();
  const sweep = setInterval(() => {
    for (const pair of pairs) {
      if (fault.type === "cut_idle" && now() - pair.movedAtMs > fault.afterMs) cut(pair);
      if (fault.type === "cut_old" && now() - pair.openedAtMs > fault.afterMs) cut(pair);
    }
  }, SWEEP_MS);

  return {
    async setFault(next) {
      const before = fault;
      fault = next;
      if (["refuse", "closed", "answer"].includes(next.type)) for (const pair of [...pairs]) cut(pair);
      if (next.type === "closed" && before.type !== "closed") await deafen();
      if (before.type === "closed" && next.type !== "closed") await listen();
      if (next.type === "forget" || next.type === "half_open")
        for (const pair of pairs) pair.forgotten = true;
      if (next.type !== "buffer")
        for (const pair of pairs) {
          for (const { to, bytes } of pair.held.splice(0)) carry(pair, to, bytes);
          pair.heldBytes = 0;
        }
    },
    get connectionCount() {
      return pairs.size;
    },
    async close() {
      clearInterval(sweep);
      for (const pair of [...pairs]) cut(pair);
      if (fault.type !== "closed") await deafen();
    },
  };
}

/** A reset, not an end: a proxy that gives up does not say goodbye for anybody. */
function reset(socket: Socket): void {
  if (socket.destroyed) return;
  // A socket that is a file cannot be reset.
  if (socket.remoteFamily === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const proxy = await startFaultProxy(JSON.parse(process.argv[2] ?? "[]") as ProxyRoute[]);
  createInterface({ input: process.stdin }).on("line", (line) => {
    void proxy.setFault(JSON.parse(line) as ProxyFault).then(() => process.stdout.write("done\n"));
  });
  process.stdout.write("listening\n");
}
