/**
 * Who this agent is: its key pair, the pinned collector, the server it stands for; kept in the state folder, 0600.
 * Why two files: the key pair is kept as *pending* before it is offered, so that a lost answer can be asked for again
 * with the same key; only a proven answer makes it the identity.
 * Must not: overwrite, move or mend an identity that it cannot read; that is for a person to decide.
 */
import { chmod, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { AgentFailure, errorCode } from "./failure.ts";
import { agentKeyOf, createAgentKeys, type AgentKeys } from "./keys.ts";
import { writeWholeFile } from "./whole-file.ts";

export interface Identity {
  readonly serverId: string;
  /** `ws(s)://host/agent`. */
  readonly collectorUrl: string;
  /** Raw Ed25519 public key, base64url: pinned at enrollment. */
  readonly collectorKey: string;
  readonly keys: AgentKeys;
}

const identityFileName = "identity.json";
const pendingFileName = "pending-identity.json";
const formatVersion = 1;

/** The identity in the folder; null when there is none. Throws AgentFailure when there is one that cannot be used. */
export async function loadIdentity(
  stateDir: string,
  warn: (event: string) => void,
): Promise<Identity | null> {
  const path = join(stateDir, identityFileName);
  const record = await readRecord(path);
  if (record === null) return null;
  const { serverId, collectorUrl, collectorKey, agentKey, privateKey } = record;
  const keys = keysOf(agentKey, privateKey);
  if (keys === null || !isText(serverId) || !isText(collectorUrl) || !isText(collectorKey))
    throw unusable(path);
  await mendMode(path, warn);
  return { serverId, collectorUrl, collectorKey, keys };
}

/** Keeps the identity durably and forgets the pending one. */
export async function storeIdentity(stateDir: string, identity: Identity): Promise<void> {
  const record = {
    version: formatVersion,
    serverId: identity.serverId,
    collectorUrl: identity.collectorUrl,
    collectorKey: identity.collectorKey,
    agentKey: identity.keys.agentKey,
    privateKey: identity.keys.privateKeyPem,
  };
  await writeDurably(join(stateDir, identityFileName), record);
  await rm(join(stateDir, pendingFileName), { force: true });
}

/**
 * The key pair to enroll with, durable before anything is sent: the pending one when it was made for the same token and
 * collector, else a new one (a key that another token may have pinned is of no use).
 */
export async function pendingKeys(
  stateDir: string,
  tokenId: string,
  collectorUrl: string,
): Promise<AgentKeys> {
  const path = join(stateDir, pendingFileName);
  // A pending file that cannot be used is not worth keeping: nothing is pinned to it that could not be enrolled anew.
  const record = await readRecord(path).catch(() => null);
  if (record !== null && record["tokenId"] === tokenId && record["collectorUrl"] === collectorUrl) {
    const keys = keysOf(record["agentKey"], record["privateKey"]);
    if (keys !== null) return keys;
  }
  const keys = createAgentKeys();
  await writeDurably(path, {
    version: formatVersion,
    tokenId,
    collectorUrl,
    agentKey: keys.agentKey,
    privateKey: keys.privateKeyPem,
  });
  return keys;
}

async function writeDurably(path: string, record: Readonly<Record<string, unknown>>): Promise<void> {
  try {
    await writeWholeFile(path, `${JSON.stringify(record, null, 2)}\n`, { durable: true });
  } catch (error) {
    throw new AgentFailure(
      {
        id: `${path} tidak dapat ditulis (${errorCode(error)}).`,
        en: `${path} cannot be written (${errorCode(error)}).`,
      },
      error,
    );
  }
}

async function readRecord(path: string): Promise<Record<string, unknown> | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw new AgentFailure(
      {
        id: `Identitas ${path} tidak dapat dibaca (${errorCode(error)}). Jalankan sebagai pengguna yang memilikinya.`,
        en: `The identity ${path} cannot be read (${errorCode(error)}). Run this as the user who owns it.`,
      },
      error,
    );
  }
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    throw unusable(path);
  }
  if (typeof record !== "object" || record === null || Array.isArray(record)) throw unusable(path);
  const fields = record as Record<string, unknown>;
  if (fields["version"] !== formatVersion) throw unusable(path);
  return fields;
}

function unusable(path: string): AgentFailure {
  return new AgentFailure({
    id: `Identitas ${path} rusak atau dibuat oleh versi lain; tidak ada yang diubah. Kembalikan salinannya, atau hapus berkas itu dan daftarkan ulang.`,
    en: `The identity ${path} is damaged or of another version; nothing was changed. Put back a copy, or remove the file and enroll again.`,
  });
}

function keysOf(agentKey: unknown, privateKeyPem: unknown): AgentKeys | null {
  if (!isText(agentKey) || !isText(privateKeyPem)) return null;
  try {
    return agentKeyOf(privateKeyPem) === agentKey ? { agentKey, privateKeyPem } : null;
  } catch {
    return null;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** A restored copy is often readable for all. Windows keeps no such bits; its folder's rights protect it. */
async function mendMode(path: string, warn: (event: string) => void): Promise<void> {
  if (process.platform === "win32") return;
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return;
  warn("identity_was_readable_by_others");
  await chmod(path, 0o600).catch(() => undefined);
}
