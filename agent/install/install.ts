/**
 * `install` and `uninstall`: checks that they can be done, then performs the platform's plan.
 * Why checks first: half an installation is worse than a sentence.
 * Must not: install an agent that is not enrolled; it would only restart for ever.
 */
import { existsSync } from "node:fs";
import { randomInt } from "node:crypto";
import { AgentFailure } from "../failure.ts";
import { selfCommand } from "../health/system-child.ts";
import { publicAddressesText, type PublicAddress } from "../public-addresses.ts";
import { stateDirOf, type PlatformFacts } from "../state-dir.ts";
import type { Sentence } from "../words.ts";
import { installableProgram, planInstall, planUninstall, type InstallPlatform } from "./plan.ts";
import { performSteps, runCommand } from "./steps.ts";

/** Between these a machine's service waits before it starts again. */
const restartSeconds = { least: 3, most: 8 } as const;

export interface InstallOptions {
  readonly caFile: string | null;
  /** What the service shall be told of the internet; null: the usual. */
  readonly publicAddresses: readonly PublicAddress[] | null;
  readonly say: (sentence: Sentence) => Promise<void>;
  /** Enrolls into the folder when there is no identity in it yet; throws AgentFailure when it cannot. */
  readonly ensureEnrolled: (stateDir: string) => Promise<void>;
}

/** Throws AgentFailure with what is missing. */
export async function install(facts: PlatformFacts, options: InstallOptions): Promise<void> {
  const platform = checkedPlatform(facts);
  const program = installableProgram(selfCommand());
  if (program === null) {
    throw new AgentFailure({
      id: "Yang dapat dipasang hanya program jadi (agent.cjs), bukan sumbernya.",
      en: "Only the built program (agent.cjs) can be installed, not its sources.",
    });
  }
  const stateDir = serviceStateDir(facts);
  await options.ensureEnrolled(stateDir);
  const plan = planInstall(platform, {
    program,
    caFile: options.caFile,
    internetTargets: options.publicAddresses === null ? null : publicAddressesText(options.publicAddresses),
    stateDir,
    restartSeconds: randomInt(restartSeconds.least, restartSeconds.most + 1),
    programFiles: programFilesOf(facts),
  });
  await performSteps(plan, "", runCommand);
  await options.say({
    id: "Agen terpasang dan berjalan; ia juga mulai sendiri saat server menyala.",
    en: "The agent is installed and running; it also starts with the machine.",
  });
}

/** Removes the service, the program and the identity; what is not there is no error. */
export async function uninstall(
  facts: PlatformFacts,
  say: (sentence: Sentence) => Promise<void>,
): Promise<void> {
  const platform = checkedPlatform(facts);
  await performSteps(planUninstall(platform, serviceStateDir(facts), programFilesOf(facts)), "", runCommand);
  await say({
    id: "Agen dan identitasnya sudah dihapus dari server ini.",
    en: "The agent and its identity are removed from this server.",
  });
}

/** The service always uses the platform's own folder, whatever DETAK_STATE_DIR says in this shell. */
function serviceStateDir(facts: PlatformFacts): string {
  return stateDirOf({ ...facts, environment: { ...facts.environment, DETAK_STATE_DIR: undefined } });
}

function programFilesOf(facts: PlatformFacts): string {
  return facts.environment["ProgramFiles"] ?? "C:\\Program Files";
}

function checkedPlatform(facts: PlatformFacts): InstallPlatform {
  const { platform } = facts;
  if (platform !== "linux" && platform !== "darwin" && platform !== "win32") {
    throw new AgentFailure({
      id: `Pemasangan belum ada untuk ${platform}; jalankan "detak-agent run" dari pengelola layanannya.`,
      en: `There is no installation for ${platform}; run "detak-agent run" from its service manager.`,
    });
  }
  // Windows says no by itself, in its own words, when the shell is not elevated.
  if (platform !== "win32" && !facts.isRoot) {
    throw new AgentFailure({
      id: "Perintah ini memerlukan root (sudo).",
      en: "This command needs root (sudo).",
    });
  }
  if (platform === "linux" && !existsSync("/run/systemd/system")) {
    throw new AgentFailure({
      id: 'systemd tidak berjalan di sini; jalankan "detak-agent run" dari pengelola layanan yang ada.',
      en: 'systemd does not run here; run "detak-agent run" from the service manager there is.',
    });
  }
  return platform;
}
