/**
 * What `detak-agent status` prints, from the identity, the lock and the status file.
 * Why apart from status.ts: the running agent writes, this one reads and speaks.
 * Must not: change anything, or show a key.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { readBootId } from "./boot.ts";
import { loadIdentity } from "./identity.ts";
import { journalFolderName } from "./journal.ts";
import { lockHolder } from "./lock.ts";
import { readStatus, type AgentStatus } from "./status.ts";
import { problemSentence, type Language, type Sentence } from "./words.ts";

export interface StatusDescription {
  readonly lines: readonly string[];
  /** Enrolled, running, and in an open session. */
  readonly healthy: boolean;
}

/** Throws AgentFailure when there is an identity that cannot be used. */
export async function describeStatus(stateDir: string, language: Language): Promise<StatusDescription> {
  const say = (sentence: Sentence) => sentence[language];
  const identity = await loadIdentity(stateDir, () => undefined);
  if (identity === null) {
    return {
      lines: [say({ id: "Agen ini belum terdaftar.", en: "This agent is not enrolled." })],
      healthy: false,
    };
  }
  const lines = [
    say({
      id: `Terdaftar di: ${identity.collectorUrl} (server ${identity.serverId})`,
      en: `Enrolled with: ${identity.collectorUrl} (server ${identity.serverId})`,
    }),
  ];
  const pid = lockHolder(stateDir, await readBootId(stateDir));
  const written = await readStatus(stateDir);
  const running = pid !== null;
  // A status of an earlier process tells of the past, not of now.
  const current = running && written?.pid === pid ? written : null;
  const connected = current?.connectedSince ?? null;
  if (current !== null && current.collectorUrl !== identity.collectorUrl) {
    lines.push(say({ id: `Menghubungi: ${current.collectorUrl}`, en: `Dials: ${current.collectorUrl}` }));
  }
  if (!running) lines.push(say({ id: "Agen tidak berjalan.", en: "The agent is not running." }));
  else if (connected !== null) {
    lines.push(say({ id: `Tersambung sejak: ${connected}`, en: `Connected since: ${connected}` }));
  } else lines.push(say(notConnected(current)));

  const never = say({ id: "belum pernah", en: "never" });
  const ackAt = written?.lastAckAt ?? never;
  lines.push(
    say({ id: `Detak terakhir yang dibalas: ${ackAt}`, en: `Last acknowledged heartbeat: ${ackAt}` }),
  );
  if (written !== null && written.lastProblem !== null) {
    const when = written.lastProblemAt ?? "";
    const why = say(problemSentence(written.lastProblem));
    lines.push(say({ id: `Masalah terakhir: ${why} [${when}]`, en: `Last problem: ${why} [${when}]` }));
  }
  const bytes = await journalBytes(stateDir);
  if (bytes > 0) lines.push(say({ id: `Jurnal: ${sizeText(bytes)}`, en: `Journal: ${sizeText(bytes)}` }));
  return { lines, healthy: connected !== null };
}

/** Of all its files; 0 when there are none. */
async function journalBytes(stateDir: string): Promise<number> {
  const folder = join(stateDir, journalFolderName);
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function sizeText(bytes: number): string {
  return bytes < 100_000 ? `${Math.ceil(bytes / 1_000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function notConnected(status: AgentStatus | null): Sentence {
  const redialAt = status?.redialAt ?? null;
  if (redialAt === null) return { id: "Sedang menyambung.", en: "Connecting." };
  return {
    id: `Tidak tersambung; mencoba lagi pada ${redialAt}`,
    en: `Not connected; trying again at ${redialAt}`,
  };
}
