/**
 * Where the agent keeps what it must not forget, by platform.
 * Why one place: enroll, run, status, install and uninstall must all mean the same folder.
 * Must not: create anything before a command needs it.
 */
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { AgentFailure, errorCode } from "./failure.ts";

export interface PlatformFacts {
  readonly platform: NodeJS.Platform;
  readonly isRoot: boolean;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Of this process. */
export function platformFacts(): PlatformFacts {
  return {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    home: homedir(),
    environment: process.env,
  };
}

/** The folder that `DETAK_STATE_DIR` names, or the platform's place for it. */
export function stateDirOf(facts: PlatformFacts): string {
  const chosen = facts.environment["DETAK_STATE_DIR"];
  if (chosen !== undefined && chosen !== "") return chosen;
  switch (facts.platform) {
    case "win32":
      return join(facts.environment["ProgramData"] ?? "C:\\ProgramData", "Detak Agent");
    case "darwin":
      return facts.isRoot
        ? "/Library/Application Support/detak-agent"
        : join(facts.home, "Library/Application Support/detak-agent");
    default:
      if (facts.isRoot) return "/var/lib/detak-agent";
      return join(facts.environment["XDG_STATE_HOME"] ?? join(facts.home, ".local/state"), "detak-agent");
  }
}

/** Makes the folder, for its owner only, where it is missing. Throws AgentFailure when it cannot be made. */
export async function ensureStateDir(stateDir: string): Promise<void> {
  try {
    await mkdir(stateDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new AgentFailure(
      {
        id: `Folder ${stateDir} tidak dapat dibuat (${errorCode(error)}). Pilih folder lain dengan DETAK_STATE_DIR.`,
        en: `The folder ${stateDir} cannot be made (${errorCode(error)}). Choose another with DETAK_STATE_DIR.`,
      },
      error,
    );
  }
}
