/**
 * A small branch in two network namespaces of its own: the agent's server on one end of a cable, everything else (its
 * gateway, the collector, the internet, another server) on the other. A program; started by `unshare -n`, so that it and
 * what it starts can reach nobody outside. It cuts things, and prints what the collector was told as JSON lines.
 * Why: what a cut line looks like to the agent can only be had from a network that is really cut.
 * Must not: be started without a namespace of its own, or leave a process behind.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { journalFolderName } from "../../agent/journal.ts";
import { recordsOf, type JournalRecord } from "../../agent/journal-record.ts";
import { journalEntriesOf, type JournalEntry } from "../../shared/journal.ts";
import { AgentProcess } from "./agent-process.ts";
import { CollectorDouble, type SeenSocket } from "./collector-double.ts";

/** Looks need half a second; η leaves them that. */
const intervalMs = 1_000;
const rhythm = { heartbeatIntervalMs: intervalMs, ackTimeoutMs: 2_667, healthIntervalMs: 4_000 };

export const addresses = {
  agent: "10.9.0.2",
  gateway: "10.9.0.1",
  collector: "10.9.9.9",
  server: "10.9.1.5",
  nobody: "10.9.1.77",
  internet: ["1.1.1.1", "8.8.8.8"],
} as const;

const [agentScript = "", stateDir = ""] = process.argv.slice(2);

function ip(...words: readonly string[]): void {
  execFileSync("ip", words, { stdio: ["ignore", "ignore", "inherit"] });
}

function say(name: string, value: object): void {
  process.stdout.write(`${JSON.stringify({ event: name, value })}\n`);
}

async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(20_000);
  while (!(await look())) {
    if (deadline.aborted) throw new Error(`not within 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The agent's own namespace, held by a process that does nothing. /sys shows the interfaces of who mounted it. */
async function agentNamespace(): Promise<ChildProcess> {
  const script = "mount -t sysfs none /sys && echo ready && exec sleep 300";
  const holder = spawn("unshare", ["-n", "-m", "sh", "-c", script], { stdio: ["ignore", "pipe", "inherit"] });
  await once(holder.stdout, "data", { signal: AbortSignal.timeout(10_000) });
  return holder;
}

function cable(holderPid: string): readonly string[] {
  const inside = ["nsenter", "-t", holderPid, "-n", "-m"];
  const within = (...words: readonly string[]): void => {
    execFileSync(inside[0] ?? "", [...inside.slice(1), "ip", ...words], { stdio: "inherit" });
  };
  ip("link", "set", "lo", "up");
  ip("link", "add", "branch0", "type", "veth", "peer", "name", "agent0");
  ip("link", "set", "agent0", "netns", holderPid);
  ip("addr", "add", `${addresses.gateway}/24`, "dev", "branch0");
  ip("link", "set", "branch0", "up");
  for (const address of [addresses.collector, addresses.server, ...addresses.internet])
    ip("addr", "add", `${address}/32`, "dev", "lo");
  within("link", "set", "lo", "up");
  within("addr", "add", `${addresses.agent}/24`, "dev", "agent0");
  within("link", "set", "agent0", "up");
  within("route", "add", "default", "via", addresses.gateway);
  return inside;
}

async function kept(): Promise<JournalRecord[]> {
  const folder = join(stateDir, journalFolderName);
  const names = (await readdir(folder).catch(() => [])).sort();
  return recordsOf((await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")))).join(""));
}

/** So many records that are not acknowledged and look like this, since the record `after`. */
async function unheard(after: number, count: number, looks: (one: JournalRecord) => boolean): Promise<void> {
  await until("records of the cut", async () => {
    const records = (await kept()).filter((one) => one.sequence > after && one.collector !== "ok");
    return records.filter(looks).length >= count;
  });
}

async function told(collector: CollectorDouble, before: SeenSocket | undefined): Promise<JournalEntry[]> {
  const socket = await collector.until(
    "the whole journal",
    () => {
      const { newest } = collector;
      return newest !== before && newest?.journals.at(-1)?.more === false ? newest : null;
    },
    20_000,
  );
  return socket.journals.flatMap((message) => journalEntriesOf(message));
}

async function scenes(collector: CollectorDouble): Promise<void> {
  const newest = async (): Promise<number> => (await kept()).at(-1)?.sequence ?? 0;
  const calm = (): Promise<void> =>
    until("calm", async () => (await kept()).slice(-6).every((one) => one.collector === "ok"));
  const bothLooked = (one: JournalRecord): boolean => one.gateway === "ok" && one.internet === "ok";

  // The first calm look says what usually answers.
  await until("a calm look", async () => (await kept()).some(bothLooked));
  say("calm", (await kept()).filter(bothLooked));

  // The branch's line: the gateway is fine, nothing beyond it answers.
  let socket = collector.newest;
  let from = await newest();
  const beyond = [addresses.collector, ...addresses.internet];
  for (const address of beyond) ip("addr", "del", `${address}/32`, "dev", "lo");
  await unheard(from, 3, (one) => one.internet === "failed");
  for (const address of beyond) ip("addr", "add", `${address}/32`, "dev", "lo");
  say("line", await told(collector, socket));

  await calm();
  // Only the collector: everything else answers.
  socket = collector.newest;
  from = await newest();
  ip("addr", "del", `${addresses.collector}/32`, "dev", "lo");
  await unheard(from, 3, (one) => one.internet === "ok");
  ip("addr", "add", `${addresses.collector}/32`, "dev", "lo");
  say("collector", await told(collector, socket));

  await calm();
  // The cable at its other end.
  socket = collector.newest;
  from = await newest();
  ip("link", "set", "branch0", "down");
  await unheard(from, 3, (one) => one.link === "down" && one.gateway === "failed");
  ip("link", "set", "branch0", "up");
  say("cable", await told(collector, socket));

  await witness(collector);
}

async function witness(collector: CollectorDouble): Promise<void> {
  const speaking = createServer((one) => one.on("error", () => undefined).end("SSH-2.0-Branch\r\n"));
  await new Promise<void>((resolve) => speaking.listen(22, addresses.server, resolve));
  collector.probe({
    roundId: "witness",
    timeLimitMs: 4_000,
    requests: [
      { kind: "icmp", host: addresses.server },
      { kind: "banner", host: addresses.server, port: 22 },
      { kind: "tcp", host: addresses.server, port: 23 },
      { kind: "icmp", host: addresses.nobody },
      { kind: "banner", host: addresses.nobody, port: 22 },
      { kind: "icmp", host: addresses.agent },
      { kind: "tcp", host: "10.9.0.255", port: 22 },
      { kind: "tcp", host: "127.0.0.1", port: 22 },
    ],
  });
  const answered = await collector.until("probed", () => collector.newest?.probed[0]);
  say("witness", answered.results);
  const beats = collector.newest?.beats.length ?? 0;
  await collector.until("two more beats", () => (collector.newest?.beats.length ?? 0) >= beats + 2);
  speaking.close();
}

async function main(): Promise<void> {
  const holder = await agentNamespace();
  const collector = new CollectorDouble(rhythm);
  let agent: AgentProcess | undefined;
  try {
    const inside = cable(String(holder.pid));
    await collector.open(8080, addresses.collector);
    const environment = { DETAK_STATE_DIR: stateDir };
    const words = ["enroll", "--collector", collector.url, "--token", collector.addToken()];
    const enrolling = new AgentProcess(agentScript, words, environment, inside);
    await enrolling.exited();
    if (enrolling.exitCode !== 0) throw new Error(enrolling.text);
    agent = new AgentProcess(agentScript, ["run"], environment, inside);
    await scenes(collector);
    // Of the last session: from its first beat on with a journal to tell and probes to make.
    const beatsAtMs = collector.newest?.beats.map((beat) => beat.atMs) ?? [];
    const waits = beatsAtMs.slice(1).map((atMs, index) => atMs - (beatsAtMs[index] ?? 0));
    say("end", { misuses: collector.misuses, longestWaitMs: Math.max(...waits) });
  } finally {
    await agent?.end();
    holder.kill("SIGKILL");
    await collector.close();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
