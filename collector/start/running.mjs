/**
 * Runs the built collector and this machine's own agent beside it, shows people what they need, and ends both.
 * Why the agent is started here and not by the collector: it is the same program as on every branch server, with a
 * state folder and an enrollment of its own.
 * Must not: kill anything but these two processes; print a token.
 */
import { spawn } from "node:child_process";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { openLog } from "./log-file.mjs";

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));

/** From the word "stop" to SIGKILL, for each of the two: the agent's goodbye and the last commit take milliseconds. */
const STOP_MS = 5_000;
/** A collector with a year of incidents is ready within 3 s (design: budgets); a slow disk takes its time. */
const READY_MS = 60_000;
const LOOK_AGAIN_MS = 100;
const LAST_LINES = 10;
/** An agent that ended is started again after 1 s, 2 s, 4 s … up to a minute. */
const RESTART_MS = { first: 1_000, most: 60_000 };

const say = (line) => process.stdout.write(`${line}\n`);

/** Resolves with the exit code when all has ended: 0 after Ctrl-C, else the collector's own. */
export async function run(words) {
  const { readConfig } = await import(new URL("../../dist/settings.js", import.meta.url).href);
  const settings = readConfig(process.env, words);
  // With wrong settings the collector names the mistakes itself, and ends.
  const config = settings.ok ? settings.config : null;
  const folder = resolve(config?.dataDirectory ?? ".");
  const tokenFile = join(folder, "own-agent.token");
  const logs = config === null ? null : openLog(join(folder, "collector.log"));
  if (config !== null) await rm(tokenFile, { force: true }).catch(() => {});

  const stop = stopRequested();
  const collector = startCollector(words, tokenFile, logs);
  let agent = null;
  try {
    const first = await Promise.race([
      collector.ended,
      stop.requested,
      config === null ? never() : ready(config, collector, stop),
    ]);
    if (first === "ready") {
      agent = superviseAgent({ url: collectorUrl(config, collector), folder, tokenFile, stop });
      await Promise.race([collector.ended, stop.requested]);
    }
  } finally {
    const byItself = collector.exitCode() !== null && !stop.isRequested();
    await agent?.stop();
    await collector.stop();
    await rm(tokenFile, { force: true }).catch(() => {});
    if (byItself) collector.explain();
    logs?.close();
  }
  return stop.isRequested() ? 0 : (collector.exitCode() ?? 1);
}

function startCollector(words, tokenFile, logs) {
  const child = startChild([join(dist, "collector.js"), ...words], {
    ...process.env,
    DETAK_OWN_AGENT_TOKEN_FILE: tokenFile,
  });
  const shown = [];
  const last = [];
  let toldPeople = false;
  linesOf(child.stdout, (line) => {
    shown.push(line);
    if (shown.length > 100) shown.shift();
    say(line);
  });
  linesOf(child.stderr, (line) => {
    // The log is JSON, for machines and for later; anything else is meant for whoever sits here.
    if (!line.startsWith("{")) {
      toldPeople = true;
      process.stderr.write(`${line}\n`);
    }
    last.push(line);
    if (last.length > LAST_LINES) last.shift();
    logs?.write(line);
  });
  return {
    ...child,
    shown,
    explain() {
      if (child.exitCode() === 0 || toldPeople) return;
      process.stderr.write(`the collector ended with code ${child.exitCode()}. Its last words:\n`);
      for (const line of last) process.stderr.write(`  ${line}\n`);
      if (logs !== null) process.stderr.write(`All of them: ${logs.file}\n`);
    },
  };
}

/** Resolves with "ready" when the collector answers; never, when it does not within its time. */
async function ready(config, collector, stop) {
  const deadline = performance.now() + READY_MS;
  while (performance.now() < deadline && collector.exitCode() === null && !stop.isRequested()) {
    const url = collectorUrl(config, collector);
    if (url !== null && (await answers(url))) return "ready";
    await delay(LOOK_AGAIN_MS);
  }
  if (collector.exitCode() === null && !stop.isRequested())
    say("the collector does not answer on this machine; its own agent is not started");
  return never();
}

async function answers(url) {
  try {
    const answer = await fetch(new URL("/healthz", url), { signal: AbortSignal.timeout(5_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

/** Where the collector is reached from this machine. */
function collectorUrl(config, collector) {
  // Behind a certificate only the name in it will do.
  if (config.tls !== null && config.publicUrl !== null) return config.publicUrl;
  // Port 0: any free one; the collector says which.
  const said = /\bhttps?:\/\/[^\s/]+:(\d+)/.exec(collector.shown.join("\n"))?.[1];
  const port = config.port === 0 ? said : config.port;
  if (port === undefined) return null;
  const host = ["0.0.0.0", "::"].includes(config.host) ? "127.0.0.1" : config.host;
  return `${config.tls === null ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Keeps one agent running. It is told to stop by `stop()`. */
function superviseAgent({ url, folder, tokenFile, stop }) {
  const state = join(folder, "agent");
  const log = openLog(join(folder, "agent.log"));
  let child = null;
  let stopping = false;
  const pausing = new AbortController();
  let connected = false;
  let lastEnd = "";

  const heard = (line) => {
    log.write(line);
    const event = eventOf(line);
    if (event === "session_opened") {
      if (!connected) say("this machine's agent: connected");
      connected = true;
    }
    if (event === "session_lost") {
      if (connected) say("this machine's agent: connection lost, dialling again");
      connected = false;
    }
  };

  const live = async () => {
    for (let pauseMs = RESTART_MS.first; !stopping; pauseMs = Math.min(pauseMs * 2, RESTART_MS.most)) {
      const token = await takeToken(tokenFile, state, url);
      const startedMs = performance.now();
      const environment = { ...process.env, DETAK_COLLECTOR_URL: url, DETAK_STATE_DIR: state };
      // Levels are named otherwise there, and "connected" is read from its log.
      delete environment.DETAK_LOG_LEVEL;
      if (token !== null) environment.DETAK_ENROLL_TOKEN = token;
      const last = [];
      child = startChild([join(dist, "agent.cjs"), "run"], environment);
      for (const stream of [child.stdout, child.stderr])
        linesOf(stream, (line) => {
          last.push(line);
          if (last.length > LAST_LINES) last.shift();
          heard(line);
        });
      await child.ended;
      if (stopping) return;
      connected = false;
      const end = `this machine's agent ended with code ${child.exitCode()}: ${last.at(-1) ?? "without a word"}`;
      if (end !== lastEnd) say(end);
      lastEnd = end;
      if (performance.now() - startedMs > RESTART_MS.most) pauseMs = RESTART_MS.first;
      await Promise.race([delay(pauseMs, null, { signal: pausing.signal }).catch(() => {}), stop.requested]);
      if (stop.isRequested()) return;
    }
  };
  const life = live();
  return {
    async stop() {
      stopping = true;
      pausing.abort();
      await child?.stop();
      await life;
      log.close();
    },
  };
}

/**
 * The token that the collector wrote, which is removed; null: none is needed, this agent is enrolled already.
 */
async function takeToken(tokenFile, state, url) {
  const token = await readFile(tokenFile, "utf8").catch(() => "");
  await rm(tokenFile, { force: true }).catch(() => {});
  if (await moveIdentity(join(state, "identity.json"), url)) return null;
  await mkdir(state, { recursive: true, mode: 0o700 });
  return token.trim() === "" ? null : token.trim();
}

/**
 * The agent remembers its collector's address. This one may have got another port since, yet it is the same collector
 * (its key stays pinned): the address moves with it. False: there is no identity.
 */
async function moveIdentity(file, url) {
  let identity;
  try {
    identity = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    // An identity that cannot be read is the agent's to complain about.
    return error.code !== "ENOENT";
  }
  const address = `${url.replace(/^http/, "ws")}/agent`;
  if (identity.collectorUrl === address) return true;
  await writeFile(`${file}.moved`, `${JSON.stringify({ ...identity, collectorUrl: address }, null, 2)}\n`, {
    mode: 0o600,
  });
  await rename(`${file}.moved`, file);
  return true;
}

function startChild(words, environment) {
  const child = spawn(process.execPath, words, {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own: Ctrl-C reaches only this process, which then ends the two in their order.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  let exitCode = null;
  const ended = new Promise((settle) => {
    child.once("error", (error) => {
      process.stderr.write(`cannot start ${words[0]}: ${error.message}\n`);
      exitCode ??= 1;
      settle("ended");
    });
    // `close`, not `exit`: its last lines have been read by then.
    child.once("close", (code) => {
      exitCode ??= code ?? 1;
      settle("ended");
    });
  });
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    exitCode: () => exitCode,
    async stop() {
      if (exitCode !== null) return;
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Ctrl-C, `kill`, or a terminal that closes. Asked twice (npm passes Ctrl-C on) it is still one request. */
function stopRequested() {
  let isRequested = false;
  const requested = new Promise((settle) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
      process.on(signal, () => {
        isRequested = true;
        settle("stop");
      });
  });
  return { requested, isRequested: () => isRequested };
}

function linesOf(stream, each) {
  createInterface({ input: stream, crlfDelay: Infinity }).on("line", each);
}

function eventOf(line) {
  try {
    return JSON.parse(line).event;
  } catch {
    return undefined;
  }
}

function never() {
  return new Promise(() => {});
}
