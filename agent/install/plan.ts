/**
 * The steps of installing and of removing, by platform.
 * Why a copy of the program: what was downloaded may lie in a home or temporary folder, which the service's own user
 * cannot read and which somebody may clean.
 * Must not: touch the system; steps.ts performs.
 */
import { posix, win32 } from "node:path";
import type { SelfCommand } from "../health/system-child.ts";
import { launchdLabel, launchdPlist } from "./launchd.ts";
import type { Step } from "./steps.ts";
import { serviceName, systemdUnit } from "./systemd.ts";
import { localServiceSid, taskName, windowsTask } from "./windows-task.ts";

export interface InstallFacts {
  /** Node and the bundled program as they run now, absolute. */
  readonly program: { readonly node: string; readonly script: string };
  readonly caFile: string | null;
  /** What `DETAK_INTERNET_TARGETS` shall say for the service; null: nothing. */
  readonly internetTargets: string | null;
  readonly stateDir: string;
  readonly restartSeconds: number;
  /** Windows only: %ProgramFiles%. */
  readonly programFiles: string;
}

export type InstallPlatform = "linux" | "darwin" | "win32";

const programDir = "/usr/local/lib/detak-agent";
const wrapperPath = "/usr/local/bin/detak-agent";
const unitPath = `/etc/systemd/system/${serviceName}`;
const plistPath = `/Library/LaunchDaemons/${launchdLabel}.plist`;
const systemEnvironmentKey = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment";
const macLogFile = "/Library/Logs/detak-agent.log";

/** The script and its flags of the running program; null when it is not the built one. */
export function installableProgram(command: SelfCommand): InstallFacts["program"] | null {
  const script = command.arguments.at(-1);
  return script !== undefined && /\.c?js$/.test(script) ? { node: command.file, script } : null;
}

/** Safe to perform again: an installation that is there is replaced and restarted. */
export function planInstall(platform: InstallPlatform, facts: InstallFacts): Step[] {
  switch (platform) {
    case "linux": {
      const { steps, command, caFile } = placeUnixProgram(facts);
      const { internetTargets, restartSeconds } = facts;
      const unit = systemdUnit({ command, caFile, internetTargets, restartSeconds });
      return [
        ...steps,
        { type: "write_file", path: unitPath, content: unit, mode: 0o644 },
        run("systemctl", ["daemon-reload"]),
        run("systemctl", ["enable", serviceName]),
        // Also when it runs already: the new program and the new unit count from now on.
        run("systemctl", ["restart", serviceName]),
      ];
    }
    case "darwin": {
      const { steps, command, caFile } = placeUnixProgram(facts);
      const { internetTargets, stateDir } = facts;
      const plist = launchdPlist({ command, caFile, internetTargets, stateDir, logFile: macLogFile });
      return [
        ...steps,
        optional("launchctl", ["bootout", `system/${launchdLabel}`]),
        { type: "write_file", path: plistPath, content: plist, mode: 0o644 },
        run("launchctl", ["bootstrap", "system", plistPath]),
      ];
    }
    case "win32":
      return planWindowsInstall(facts);
  }
}

/** Leaves nothing of the agent; what is not there is no failure. */
export function planUninstall(platform: InstallPlatform, stateDir: string, programFiles: string): Step[] {
  switch (platform) {
    case "linux":
      return [
        optional("systemctl", ["disable", "--now", serviceName]),
        { type: "remove", path: unitPath },
        optional("systemctl", ["daemon-reload"]),
        optional("systemctl", ["reset-failed", serviceName]),
        ...removeUnixProgram(),
        // With DynamicUser the state folder is a link to the one under private.
        { type: "remove", path: stateDir },
        { type: "remove", path: "/var/lib/private/detak-agent" },
      ];
    case "darwin":
      return [
        optional("launchctl", ["bootout", `system/${launchdLabel}`]),
        { type: "remove", path: plistPath },
        { type: "remove", path: macLogFile },
        ...removeUnixProgram(),
        { type: "remove", path: stateDir },
      ];
    case "win32":
      return [
        optional("schtasks", ["/End", "/TN", taskName]),
        optional("schtasks", ["/Delete", "/F", "/TN", taskName]),
        optional("reg", ["delete", systemEnvironmentKey, "/F", "/V", "DETAK_CA_FILE"]),
        optional("reg", ["delete", systemEnvironmentKey, "/F", "/V", "DETAK_INTERNET_TARGETS"]),
        { type: "remove", path: windowsProgramDir(programFiles) },
        { type: "remove", path: stateDir },
      ];
  }
}

function run(file: string, words: readonly string[]): Step {
  return { type: "run", file, arguments: words, optional: false };
}

function optional(file: string, words: readonly string[]): Step {
  return { type: "run", file, arguments: words, optional: true };
}

interface Placed {
  readonly steps: Step[];
  readonly command: readonly string[];
  readonly caFile: string | null;
}

function placeUnixProgram(facts: InstallFacts): Placed {
  const script = posix.join(programDir, "agent.cjs");
  const steps: Step[] = [{ type: "copy_file", from: facts.program.script, to: script, mode: 0o644 }];
  let node = facts.program.node;
  // A version manager's Node lies in somebody's home, where the service's user may not go.
  if (/^\/(root|home|Users|tmp|var\/tmp|run)\//.test(node)) {
    steps.push({ type: "copy_file", from: node, to: posix.join(programDir, "node"), mode: 0o755 });
    node = posix.join(programDir, "node");
  }
  let caFile: string | null = null;
  if (facts.caFile !== null) {
    caFile = posix.join(programDir, "ca.pem");
    steps.push({ type: "copy_file", from: facts.caFile, to: caFile, mode: 0o644 });
  }
  const wrapper = `#!/bin/sh\nexec ${shellQuoted(node)} ${shellQuoted(script)} "$@"\n`;
  steps.push({ type: "write_file", path: wrapperPath, content: wrapper, mode: 0o755 });
  return { steps, command: [node, script], caFile };
}

function removeUnixProgram(): Step[] {
  return [
    { type: "remove", path: wrapperPath },
    { type: "remove", path: programDir },
  ];
}

function shellQuoted(word: string): string {
  return `'${word.replace(/'/g, "'\\''")}'`;
}

function windowsProgramDir(programFiles: string): string {
  return win32.join(programFiles, "Detak Agent");
}

function planWindowsInstall(facts: InstallFacts): Step[] {
  const folder = windowsProgramDir(facts.programFiles);
  const script = win32.join(folder, "agent.cjs");
  const node = win32.join(folder, "node.exe");
  const taskFile = win32.join(folder, "task.xml");
  const steps: Step[] = [
    // A task that runs holds its program; ended first, so that it can be replaced.
    optional("schtasks", ["/End", "/TN", taskName]),
    { type: "copy_file", from: facts.program.script, to: script, mode: 0o644 },
    { type: "copy_file", from: facts.program.node, to: node, mode: 0o755 },
  ];
  if (facts.caFile !== null) {
    steps.push({ type: "copy_file", from: facts.caFile, to: win32.join(folder, "ca.pem"), mode: 0o644 });
    // A task has no environment of its own.
    steps.push(run("setx", ["/M", "DETAK_CA_FILE", win32.join(folder, "ca.pem")]));
  }
  if (facts.internetTargets !== null)
    steps.push(run("setx", ["/M", "DETAK_INTERNET_TARGETS", facts.internetTargets]));
  const task = windowsTask({ command: [node, script] });
  return [
    ...steps,
    // schtasks wants the encoding that the XML names.
    { type: "write_file", path: taskFile, content: Buffer.from(`\ufeff${task}`, "utf16le"), mode: 0o644 },
    // Only administrators and the agent may read its identity.
    run("icacls", [
      facts.stateDir,
      "/inheritance:r",
      "/grant",
      `*${localServiceSid}:(OI)(CI)F`,
      "*S-1-5-18:(OI)(CI)F",
      "*S-1-5-32-544:(OI)(CI)F",
    ]),
    run("schtasks", ["/Create", "/F", "/TN", taskName, "/XML", taskFile]),
    run("schtasks", ["/Run", "/TN", taskName]),
  ];
}
