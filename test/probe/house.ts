/**
 * A house with a line: two network namespaces of our own, one where a prober lives, one that is its router and the
 * whole internet behind it. Well-known addresses can be asked there, and nobody outside hears of it.
 * Why two: only a prober whose packets all go through a router can be lied to by one.
 * Must not: touch any network that was there before; everything it makes is gone after `close`.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ProbeRequest, ProbeResult } from "../../collector/core/types/evidence.ts";
import type { SentinelAnswer } from "../../collector/probe/sentinels.ts";
import type { Order } from "./house-inside.ts";

const execute = promisify(execFile);
let made = 0;

export interface House {
  /** Far away: answers ICMP; SSH greets on 22, a page with "welcome" moves on 80, 443 accepts and keeps quiet. */
  readonly server: "198.18.0.5";
  readonly serverSix: "2001:2::5";
  /** Far away, and no such host. */
  readonly nobody: "198.18.0.99";
  run(requests: readonly ProbeRequest[]): Promise<readonly ProbeResult[]>;
  askSentinels(): Promise<readonly SentinelAnswer[]>;
  gateways(): Promise<readonly string[]>;
  /** The prober's clock goes on by so much. */
  forward(passedMs: number): Promise<void>;
  /** The router answers for every address there is, or stops doing so. */
  answerForAll(answers: boolean): Promise<void>;
  /** Beyond the router nobody is left: "network unreachable". */
  cutLine(): Promise<void>;
  mendLine(): Promise<void>;
  /** The cable to the router. */
  unplug(): Promise<void>;
  plugIn(): Promise<void>;
  close(): Promise<void>;
}

/** Everybody out there; each address is on the router's loopback. */
const INTERNET = ["1.1.1.1/32", "8.8.8.8/32", "149.154.167.220/32", "198.18.0.5/32"];

const PROGRAMS = `
  const net = require("node:net");
  const serve = (port, speak) =>
    new Promise((ready) =>
      net.createServer((socket) => { socket.on("error", () => undefined); speak(socket); }).listen(port, "::", ready));
  const page = "HTTP/1.1 302 Found\\r\\nLocation: /login\\r\\nContent-Length: 7\\r\\nConnection: close\\r\\n\\r\\nwelcome";
  Promise.all([
    serve(22, (socket) => socket.write("SSH-2.0-OpenSSH_9.2p1\\r\\n")),
    serve(80, (socket) => socket.once("data", () => socket.end(page))),
    serve(443, (socket) => socket.resume()),
  ]).then(() => console.log("ready"));
`;

export async function createHouse(): Promise<House> {
  made += 1;
  const label = `dth${process.pid.toString(36)}${made.toString(36)}`;
  const [inside, outside] = [`${label}h`, `${label}r`];
  const ip = async (...words: readonly string[]): Promise<void> => {
    await execute("ip", words, { timeout: 10_000 });
  };
  const children: { kill(signal: "SIGKILL"): boolean; readonly ended: Promise<unknown> }[] = [];
  const start = (namespace: string, ...words: readonly string[]) => {
    const child = spawn("ip", ["netns", "exec", namespace, process.execPath, ...words], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    children.push({ kill: (signal) => child.kill(signal), ended: once(child, "exit") });
    return child;
  };
  const close = async (): Promise<void> => {
    for (const child of children.splice(0)) {
      child.kill("SIGKILL");
      await child.ended;
    }
    await ip("netns", "del", inside).catch(() => undefined);
    await ip("netns", "del", outside).catch(() => undefined);
  };
  const plugIn = async (): Promise<void> => {
    await ip("-n", inside, "link", "set", "eth0", "up");
    // An interface that goes down forgets its IPv6 addresses.
    await ip("-n", inside, "addr", "replace", "fd42::2/64", "dev", "eth0", "nodad");
    await ip("-n", inside, "route", "replace", "default", "via", "10.0.0.1");
    await ip("-n", inside, "-6", "route", "replace", "default", "via", "fd42::1");
  };
  const mendLine = async (): Promise<void> => {
    for (const address of INTERNET) await ip("-n", outside, "addr", "replace", address, "dev", "lo");
  };
  try {
    await ip("netns", "add", inside);
    await ip("netns", "add", outside);
    await ip(
      ...["link", "add", "eth0", "netns", inside, "type", "veth", "peer", "name", "eth0", "netns", outside],
    );
    for (const [namespace, four, six] of [
      [inside, "10.0.0.2/24", "fd42::2/64"],
      [outside, "10.0.0.1/24", "fd42::1/64"],
    ] as const) {
      await ip("-n", namespace, "link", "set", "lo", "up");
      await ip("-n", namespace, "addr", "add", four, "dev", "eth0");
      await ip("-n", namespace, "addr", "add", six, "dev", "eth0", "nodad");
      await ip("-n", namespace, "link", "set", "eth0", "up");
    }
    const forwarding =
      "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding";
    await ip("netns", "exec", outside, "sh", "-c", forwarding);
    await ip("-n", outside, "addr", "add", "2001:2::5/128", "dev", "lo");
    await mendLine();
    await plugIn();

    const programs = start(outside, "-e", PROGRAMS);
    await once(programs.stdout, "data");
    const prober = start(
      inside,
      "--import",
      "tsx",
      fileURLToPath(new URL("house-inside.ts", import.meta.url)),
    );
    const lines = createInterface({ input: prober.stdout })[Symbol.asyncIterator]();
    const order = async <T>(words: Order): Promise<T> => {
      prober.stdin.write(`${JSON.stringify(words)}\n`);
      const line = await lines.next();
      if (line.done === true) throw new Error("the prober in the house ended");
      return JSON.parse(line.value) as T;
    };

    return {
      server: "198.18.0.5",
      serverSix: "2001:2::5",
      nobody: "198.18.0.99",
      run: (requests) => order({ type: "run", requests }),
      askSentinels: () => order({ type: "ask_sentinels" }),
      gateways: () => order({ type: "gateways" }),
      forward: (passedMs) => order({ type: "forward", passedMs }),
      answerForAll: async (answers) => {
        // Among the usual routes: as a last resort, after those to the house.
        const verb = answers ? "replace" : "del";
        await ip("-n", outside, "route", verb, "local", "0.0.0.0/0", "dev", "lo", "table", "main");
        await ip("-n", outside, "-6", "route", verb, "local", "::/0", "dev", "lo", "table", "main");
      },
      cutLine: async () => {
        for (const address of INTERNET) await ip("-n", outside, "addr", "del", address, "dev", "lo");
      },
      mendLine,
      unplug: () => ip("-n", inside, "link", "set", "eth0", "down"),
      plugIn,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
