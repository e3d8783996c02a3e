/**
 * The program's commands: what each does, what it prints, how it ends.
 * Why: this is the agent's outer surface; exit code 0 fine, 1 could not (one line says why), 2 bad usage or settings.
 * Must not: hold the work itself; enroll.ts, serve.ts and install/ do it.
 */
import { readFile } from "node:fs/promises";
import { agentStartedBootMs, bootClockMs, readBootId } from "./boot.ts";
import { enroll, enrollGiveUpMs } from "./enroll.ts";
import { AgentFailure, errorCode } from "./failure.ts";
import { answerSystemQuestion, isSystemQuestion, systemArgument } from "./health/system-questions.ts";
import { childLimits } from "./health/system-child.ts";
import { loadIdentity, type Identity } from "./identity.ts";
import { install, uninstall } from "./install/install.ts";
import { lockStateDir } from "./lock.ts";
import { createLog, type Log } from "./log.ts";
import { serve } from "./serve.ts";
import type { StopReason } from "./session-types.ts";
import { readCommand, type Command, type CommonSettings } from "./settings.ts";
import { ensureStateDir, platformFacts, stateDirOf } from "./state-dir.ts";
import { describeStatus } from "./status-words.ts";
import { findStopReason } from "./stop-reason.ts";
import { agentVersion } from "./version.ts";
import { languageOf, type Language, type Sentence } from "./words.ts";

type ExitCode = 0 | 1 | 2;
type CommandOf<Name extends Command["name"]> = Extract<Command, { readonly name: Name }>;

/** Performs one command line and ends the process with its exit code. Never rejects. */
export async function run(words: readonly string[]): Promise<void> {
  // A log nobody reads any more must not end the agent.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  const language = languageOf(process.env);
  let code: ExitCode;
  try {
    code = await perform(words, language);
  } catch (error) {
    const text = error instanceof AgentFailure ? error.sentence[language] : failureText(error);
    await printed(process.stderr, `detak-agent: ${text}\n`);
    code = 1;
  }
  end(code);
}

/** Set when a call to the disk never came back: leaving in order would wait for it without end. */
let diskHangs = false;

function end(code: ExitCode): never {
  // At its exit Node waits for its threads, also for one that hangs in a dead disk.
  if (diskHangs) process.kill(process.pid, "SIGKILL");
  process.exit(code);
}

/** A bug: its place is what a maintainer needs. */
function failureText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function printed(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    stream.write(text, () => resolve());
  });
}

async function perform(words: readonly string[], language: Language): Promise<ExitCode> {
  if (words[0] === systemArgument && isSystemQuestion(words[1])) {
    await answerSystemQuestion(words[1], childLimits.timeLimitMs);
    return 0;
  }
  const read = readCommand(words, process.env);
  if (!read.ok) {
    const lines = read.mistakes.map((mistake) => `detak-agent: ${mistake[language]}\n`);
    await printed(process.stderr, `${lines.join("")}${usage[language]}\n`);
    return 2;
  }
  const { command } = read;
  switch (command.name) {
    case "version":
      await printed(process.stdout, `detak-agent ${agentVersion}\n`);
      return 0;
    case "usage":
      await printed(process.stdout, `${usage[language]}\n`);
      return 0;
    case "enroll":
      return enrollCommand(command, language);
    case "run":
      return runCommand(command, language);
    case "status":
      return statusCommand(language);
    case "install":
      return installCommand(command, language);
    case "uninstall":
      await uninstall(platformFacts(), (sentence) => printed(process.stdout, `${sentence[language]}\n`));
      return 0;
  }
}

const usage: Sentence = {
  id: `Pemakaian:
  detak-agent enroll --collector URL --token TOKEN [--replace]
  detak-agent run [--collector URL --token TOKEN]
  detak-agent status
  detak-agent install [--collector URL --token TOKEN]
  detak-agent uninstall
  detak-agent --version
Lingkungan: DETAK_COLLECTOR_URL, DETAK_ENROLL_TOKEN, DETAK_STATE_DIR, DETAK_CA_FILE, DETAK_INTERNET_TARGETS,
  DETAK_LOG_LEVEL`,
  en: `Usage:
  detak-agent enroll --collector URL --token TOKEN [--replace]
  detak-agent run [--collector URL --token TOKEN]
  detak-agent status
  detak-agent install [--collector URL --token TOKEN]
  detak-agent uninstall
  detak-agent --version
Environment: DETAK_COLLECTOR_URL, DETAK_ENROLL_TOKEN, DETAK_STATE_DIR, DETAK_CA_FILE, DETAK_INTERNET_TARGETS,
  DETAK_LOG_LEVEL`,
};

function monotonicMs(): number {
  return performance.now();
}

/** PEM text of `DETAK_CA_FILE`; null: none named; undefined: it cannot be used, and that was said. */
async function readCa(common: CommonSettings, language: Language): Promise<string | null | undefined> {
  if (common.caFile === null) return null;
  let problem: string;
  try {
    const text = await readFile(common.caFile, "utf8");
    if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
    problem = "PEM";
  } catch (error) {
    problem = errorCode(error);
  }
  const sentence: Sentence = {
    id: `DETAK_CA_FILE ${common.caFile} tidak dapat dipakai (${problem}).`,
    en: `DETAK_CA_FILE ${common.caFile} cannot be used (${problem}).`,
  };
  await printed(process.stderr, `detak-agent: ${sentence[language]}\n`);
  return undefined;
}

function logTo(stream: NodeJS.WriteStream, common: CommonSettings): Log {
  return createLog(
    common.logLevel,
    (line) => stream.write(line),
    () => Date.now(),
  );
}

async function enrollCommand(command: CommandOf<"enroll">, language: Language): Promise<ExitCode> {
  const ca = await readCa(command.common, language);
  if (ca === undefined) return 2;
  const stateDir = stateDirOf(platformFacts());
  const log = logTo(process.stderr, { ...command.common, logLevel: "error" });
  const existing = await loadIdentity(stateDir, () => undefined);
  if (existing !== null && !command.replace) throw alreadyEnrolled(existing);
  await ensureStateDir(stateDir);
  // Another pending key would be made by a second enroller at the same moment.
  const lock = lockStateDir(stateDir, await readBootId(stateDir));
  try {
    await enroll({
      stateDir,
      collectorUrl: command.collectorUrl,
      token: command.token,
      ...(ca === null ? {} : { ca }),
      log,
      now: monotonicMs,
      bootClock: bootClockMs,
      giveUpAfterMs: enrollGiveUpMs,
      signal: new AbortController().signal,
    });
  } finally {
    lock.close();
  }
  const done: Sentence = {
    id: `Agen terdaftar di ${command.collectorUrl}.`,
    en: `The agent is enrolled with ${command.collectorUrl}.`,
  };
  await printed(process.stdout, `${done[language]}\n`);
  return 0;
}

function alreadyEnrolled(identity: Identity): AgentFailure {
  return new AgentFailure({
    id: `Agen ini sudah terdaftar di ${identity.collectorUrl}. Tambahkan --replace untuk mendaftarkannya ulang.`,
    en: `This agent is already enrolled with ${identity.collectorUrl}. Add --replace to enroll it anew.`,
  });
}

async function runCommand(command: CommandOf<"run">, language: Language): Promise<ExitCode> {
  const ca = await readCa(command.common, language);
  if (ca === undefined) return 2;
  const log = logTo(process.stdout, command.common);
  surviveRejections(log);
  const stateDir = stateDirOf(platformFacts());
  const stopping = new AbortController();
  const stop = stopRequested(stopping, log);

  const existing = await loadIdentity(stateDir, (event) => log("warn", event));
  if (existing === null && command.enrollment === null) throw notEnrolled();
  await ensureStateDir(stateDir);
  const bootId = await readBootId(stateDir);
  const lock = lockStateDir(stateDir, bootId);
  if (!lock.held) log("warn", "state_folder_not_locked", { stateDir });
  const world = {
    stateDir,
    ...(ca === null ? {} : { ca }),
    log,
    now: monotonicMs,
    bootClock: bootClockMs,
  };
  try {
    log("info", "agent_started", { agentVersion, pid: process.pid, startedBootMs: agentStartedBootMs() });
    let identity = existing;
    if (identity === null && command.enrollment !== null) {
      identity = await enroll({ ...world, ...command.enrollment, signal: stopping.signal });
    }
    if (identity !== null) {
      const collectorUrl = command.collectorUrl ?? identity.collectorUrl;
      const diskAnswers = await serve({
        ...world,
        identity: { ...identity, collectorUrl },
        bootId,
        wallClock: () => Date.now(),
        publicAddresses: command.publicAddresses,
        stop,
      });
      if (!diskAnswers) {
        diskHangs = true;
        log("error", "state_folder_hangs", { stateDir });
      }
    }
  } finally {
    // Of a disk that hangs the lock is left: it heals by itself.
    if (!diskHangs) lock.close();
  }
  log("info", "agent_stopped");
  return 0;
}

function notEnrolled(): AgentFailure {
  return new AgentFailure({
    id: "Agen ini belum terdaftar. Jalankan: detak-agent enroll --collector URL --token TOKEN",
    en: "This agent is not enrolled. Run: detak-agent enroll --collector URL --token TOKEN",
  });
}

/** Resolves at the first signal to end, with the reason for the goodbye. A second signal ends the program at once. */
function stopRequested(stopping: AbortController, log: Log): Promise<StopReason> {
  return new Promise((resolve) => {
    const onSignal = (signal: NodeJS.Signals): void => {
      if (stopping.signal.aborted) process.exit(0);
      stopping.abort();
      log("info", "stop_requested", { signal });
      void findStopReason(signal).then(resolve);
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
    // A closed terminal or console window.
    process.on("SIGHUP", onSignal);
    if (process.platform === "win32") process.on("SIGBREAK", onSignal);
  });
}

/** A forgotten rejection is a bug, but a running agent is worth more than a clean end; an exception still ends it. */
function surviveRejections(log: Log): void {
  process.on("unhandledRejection", (reason) =>
    log("error", "unhandled_rejection", { detail: failureText(reason) }),
  );
}

async function statusCommand(language: Language): Promise<ExitCode> {
  const stateDir = stateDirOf(platformFacts());
  const { lines, healthy } = await describeStatus(stateDir, language);
  await printed(process.stdout, `${lines.join("\n")}\n`);
  return healthy ? 0 : 1;
}

async function installCommand(command: CommandOf<"install">, language: Language): Promise<ExitCode> {
  const facts = platformFacts();
  const ca = await readCa(command.common, language);
  if (ca === undefined) return 2;
  await install(facts, {
    caFile: command.common.caFile,
    publicAddresses: command.publicAddresses,
    say: (sentence) => printed(process.stdout, `${sentence[language]}\n`),
    async ensureEnrolled(stateDir) {
      if ((await loadIdentity(stateDir, () => undefined)) !== null) return;
      if (command.enrollment === null) throw notEnrolled();
      await ensureStateDir(stateDir);
      await enroll({
        stateDir,
        ...command.enrollment,
        ...(ca === null ? {} : { ca }),
        log: logTo(process.stderr, { ...command.common, logLevel: "error" }),
        now: monotonicMs,
        bootClock: bootClockMs,
        giveUpAfterMs: enrollGiveUpMs,
        signal: new AbortController().signal,
      });
    },
  });
  return 0;
}
