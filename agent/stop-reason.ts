/**
 * Why the agent is being stopped: does the whole machine go down, or only this program?
 * Why: a goodbye that says `reboot` is a planned silence; one that says `agent_stopped` keeps the probes running.
 * Must not: take longer than its limits (the goodbye itself must leave within 3 s of SIGTERM); when in doubt, the
 * program alone is stopped.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { StopReason } from "./session-types.ts";

/** systemd and sysvinit answer in 10 ms; a machine that goes down under load gets 50 times that. */
const answerLimitMs = 500;
/** A list of all jobs of a shutdown is a few KB. */
const answerBytesMax = 256 * 1024;

/** Never rejects; within `answerLimitMs`, and a little. */
export async function findStopReason(signal: NodeJS.Signals): Promise<StopReason> {
  // Ctrl-C is a person at a terminal; only Linux can be asked.
  if (signal !== "SIGTERM" || process.platform !== "linux") return "agent_stopped";
  const answers = await Promise.all([
    existsSync("/run/systemd/system") ? output("systemctl", ["list-jobs", "--no-legend", "--no-pager"]) : "",
    readFile("/run/systemd/shutdown/scheduled", "utf8").catch(() => ""),
    existsSync("/run/systemd/system") ? "" : output("runlevel", []),
  ]);
  return reasonFrom(answers[0], answers[1], answers[2]);
}

/**
 * From what `systemctl list-jobs`, systemd's scheduled shutdown and sysvinit's `runlevel` say. A schedule alone proves
 * nothing (it may be hours away): it only names the mode once a shutdown has begun.
 */
export function reasonFrom(jobs: string, scheduled: string, runlevel: string): StopReason {
  if (/\b(reboot|kexec|soft-reboot)\.target\b/.test(jobs)) return "reboot";
  if (/\b(poweroff|halt)\.target\b/.test(jobs)) return "shutdown";
  if (/\bshutdown\.target\b/.test(jobs))
    return /^MODE=(reboot|kexec)$/m.test(scheduled) ? "reboot" : "shutdown";
  const level = /^\S+ (\S)$/m.exec(runlevel.trim())?.[1];
  if (level === "6") return "reboot";
  if (level === "0") return "shutdown";
  return "agent_stopped";
}

function output(file: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      file,
      words,
      { timeout: answerLimitMs, killSignal: "SIGKILL", maxBuffer: answerBytesMax },
      (error, stdout) => resolve(error === null ? stdout : ""),
    );
  });
}
