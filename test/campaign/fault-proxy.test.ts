/**
 * The fault proxy fails as it is told to: what the campaign does to connections must really happen to them.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../e2e/wait.ts";
import { startFaultProxy, type FaultProxy } from "./fault-proxy.ts";

const LIMIT_MS = 5_000;
const HOST = "127.0.0.1";

/** Answers each piece with the same piece; remembers its sockets. */
let echo: Server;
let served: Socket[];
let proxy: FaultProxy;
let port: number;
const clients: Socket[] = [];

beforeEach(async () => {
  served = [];
  echo = createServer((socket) => {
    served.push(socket);
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => echo.listen(0, HOST, resolve));
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, HOST, resolve));
  port = (free.address() as AddressInfo).port;
  await new Promise<void>((resolve) => void free.close(() => resolve()));
  const to = { host: HOST, port: (echo.address() as AddressInfo).port };
  proxy = await startFaultProxy([{ listen: { host: HOST, port }, to }]);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  for (const socket of served) socket.destroy();
  await new Promise<void>((resolve) => void echo.close(() => resolve()));
});

interface Client {
  readonly socket: Socket;
  readonly heard: () => string;
  readonly isClosed: () => boolean;
}

async function dial(): Promise<Client> {
  const socket = connect(port, HOST);
  clients.push(socket);
  let text = "";
  let closed = false;
  socket.on("data", (bytes) => (text += bytes.toString("utf8")));
  socket.on("error", () => undefined);
  socket.on("close", () => (closed = true));
  // One that is reset at once may never have been connected.
  await new Promise((resolve) => socket.once("connect", resolve).once("close", resolve));
  return { socket, heard: () => text, isClosed: () => closed };
}
async function echoes(client: Client, word: string): Promise<void> {
  client.socket.write(word);
  await until(`${word} comes back`, LIMIT_MS, () => client.heard().endsWith(word), 5);
}

describe("the fault proxy", () => {
  it("passes both ways, and passes an end on", async () => {
    const client = await dial();
    await echoes(client, "satu");
    client.socket.end();
    await until("the connection is over at both ends", LIMIT_MS, () => client.isClosed(), 5);
    expect(served.every((socket) => socket.destroyed || socket.readableEnded)).toBe(true);
    expect(proxy.connectionCount).toBe(0);
  });

  it("half open: nothing goes through, nobody is told, and it never goes on", async () => {
    const client = await dial();
    await echoes(client, "satu");
    await proxy.setFault({ type: "half_open" });
    client.socket.write("dua");
    const second = await dial();
    second.socket.write("tiga");
    await proxy.setFault({ type: "pass" });
    const third = await dial();
    await echoes(third, "empat");
    expect(client.heard()).toBe("satu");
    expect(client.isClosed()).toBe(false);
    expect(second.heard()).toBe("");
    expect(second.isClosed()).toBe(false);
  });

  it("buffer: what was said arrives later, in its order", async () => {
    const client = await dial();
    await echoes(client, "satu");
    await proxy.setFault({ type: "buffer" });
    client.socket.write("dua");
    const other = await dial();
    other.socket.write("lain");
    await until("both are held", LIMIT_MS, () => proxy.connectionCount === 2, 5);
    expect(client.heard()).toBe("satu");
    await proxy.setFault({ type: "pass" });
    await until("it arrives", LIMIT_MS, () => client.heard() === "satudua" && other.heard() === "lain", 5);
  });

  it("forget: what exists is lost without a word, what is new passes", async () => {
    const client = await dial();
    await echoes(client, "satu");
    await proxy.setFault({ type: "forget" });
    client.socket.write("dua");
    const fresh = await dial();
    await echoes(fresh, "tiga");
    expect(client.heard()).toBe("satu");
    expect(client.isClosed()).toBe(false);
  });

  it("delay: everything arrives, later and in its order", async () => {
    await proxy.setFault({ type: "delay", forMs: 60, jitterMs: 80 });
    const client = await dial();
    const sentAtMs = performance.now();
    for (const word of ["a", "b", "c", "d"]) client.socket.write(word);
    await until("all of it arrives", LIMIT_MS, () => client.heard() === "abcd", 5);
    // There and back.
    expect(performance.now() - sentAtMs).toBeGreaterThanOrEqual(120);
  });

  it("cut_idle and cut_old: a connection is reset once it is quiet, or old", async () => {
    const idle = await dial();
    await echoes(idle, "satu");
    await proxy.setFault({ type: "cut_idle", afterMs: 100 });
    await until("the quiet one is cut", LIMIT_MS, () => idle.isClosed(), 5);

    await proxy.setFault({ type: "cut_old", afterMs: 300 });
    const old = await dial();
    const talking = setInterval(() => old.socket.write("."), 20);
    await until("the old one is cut though it talks", LIMIT_MS, () => old.isClosed(), 5);
    clearInterval(talking);
    expect(old.heard().length).toBeGreaterThan(0);
  });

  it("refuse: what exists is cut, what is new is reset", async () => {
    const client = await dial();
    await echoes(client, "satu");
    await proxy.setFault({ type: "refuse" });
    await until("it is cut", LIMIT_MS, () => client.isClosed(), 5);
    const late = await dial();
    await until("the new one is reset", LIMIT_MS, () => late.isClosed(), 5);
    expect(served).toHaveLength(1);
  });

  it("answer: it speaks HTTP itself, and nothing reaches the other side", async () => {
    const client = await dial();
    await echoes(client, "satu");
    await proxy.setFault({ type: "answer", status: 502 });
    await until("it is cut", LIMIT_MS, () => client.isClosed(), 5);
    const late = await dial();
    late.socket.write("GET / HTTP/1.1\r\n\r\n");
    await until("the proxy answers", LIMIT_MS, () => late.heard().startsWith("HTTP/1.1 502"), 5);
    await until("and ends it", LIMIT_MS, () => late.isClosed(), 5);
    expect(served).toHaveLength(1);
  });

  it("closed: nobody listens; and somebody does again", async () => {
    const client = await dial();
    await echoes(client, "satu");
    await proxy.setFault({ type: "closed" });
    await until("it is cut", LIMIT_MS, () => client.isClosed(), 5);
    const refused = connect(port, HOST);
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => refused.once("error", resolve));
    expect(error.code).toBe("ECONNREFUSED");
    await proxy.setFault({ type: "pass" });
    await echoes(await dial(), "dua");
  });
});
