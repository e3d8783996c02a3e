/**
 * The collector's own key pair, and the checks of what agents sign and authenticate.
 * Why a key: the agent pins it at enrollment, so a foreign collector can never take its heartbeats.
 * Must not: know messages; it is given bytes (shared/proof.ts). Must never log or return a private key it loaded.
 */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  timingSafeEqual,
  verify,
  type KeyObject,
} from "node:crypto";
import { chmod, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";

export interface CollectorKeys {
  /** Raw Ed25519 public key, base64url: what agents pin. */
  readonly publicKey: string;
  /** Ed25519 signature of `bytes`, base64url. */
  sign(bytes: Uint8Array): string;
}

export const collectorKeyFileName = "collector-key.pem";

/** The key file is there and cannot be used. `message` is one sentence for the operator; nothing was changed. */
export class CollectorKeyError extends Error {
  override readonly name = "CollectorKeyError";
}

/** Makes a new key pair: PKCS#8 PEM, for a file that nobody else reads. */
export function createCollectorKeys(): { readonly privateKeyPem: string; readonly keys: CollectorKeys } {
  const { privateKey } = generateKeyPairSync("ed25519");
  return {
    privateKeyPem: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    keys: keysOf(privateKey),
  };
}

/** The keys of a PEM text. Throws when it is no private key, or not Ed25519. */
export function collectorKeysFromPem(privateKeyPem: string): CollectorKeys {
  return keysOf(createPrivateKey(privateKeyPem));
}

function keysOf(privateKey: KeyObject): CollectorKeys {
  const publicKey =
    privateKey.asymmetricKeyType === "ed25519"
      ? createPublicKey(privateKey).export({ format: "jwk" }).x
      : undefined;
  if (publicKey === undefined) throw new Error(`not an Ed25519 key: ${String(privateKey.asymmetricKeyType)}`);
  return { publicKey, sign: (bytes) => sign(null, bytes, privateKey).toString("base64url") };
}

/**
 * The keys in `<dataDir>/collector-key.pem`; made on the first start, never replaced: with another key every agent
 * would have to enroll again. The caller holds the folder's lock. Throws CollectorKeyError when the file cannot be
 * read or holds something else, and the file system's error when it cannot be written.
 */
export async function loadOrCreateCollectorKeys(dataDir: string): Promise<CollectorKeys> {
  const path = join(dataDir, collectorKeyFileName);
  let pem: string;
  try {
    pem = await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return writeNewKeys(dataDir, path);
    throw new CollectorKeyError(
      `the collector's key ${path} cannot be read (${errorCode(error)}): make it readable for the collector, or put back a copy`,
      { cause: error },
    );
  }
  let keys: CollectorKeys;
  try {
    keys = collectorKeysFromPem(pem);
  } catch (error) {
    throw new CollectorKeyError(
      `the collector's key ${path} is not an Ed25519 private key in PEM: put back a copy; only if there is none, remove it, and every agent must enroll again`,
      { cause: error },
    );
  }
  // A restored copy is often readable for all. Windows keeps no such bits; a foreign owner's file is not ours to change.
  await chmod(path, 0o600).catch(() => undefined);
  return keys;
}

/** Whole or not at all: written beside, synced, renamed, and the folder synced. */
async function writeNewKeys(dataDir: string, path: string): Promise<CollectorKeys> {
  const { privateKeyPem, keys } = createCollectorKeys();
  const temporary = `${path}.new`;
  const file = await open(temporary, "w", 0o600);
  try {
    // An older file of that name keeps its mode otherwise.
    await file.chmod(0o600);
    await file.writeFile(privateKeyPem);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  if (process.platform !== "win32") {
    const folder = await open(dataDir, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
  return keys;
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}

/** Whether `signature` over `bytes` was made by the holder of `publicKey` (both base64url). A malformed key: false. */
export function signatureIsValid(publicKey: string, bytes: Uint8Array, signature: string): boolean {
  try {
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: publicKey }, format: "jwk" });
    return verify(null, bytes, key, Buffer.from(signature, "base64url"));
  } catch {
    return false;
  }
}

/** HMAC-SHA-256 of `bytes`, base64url. The key is the raw hash of a token's secret; `secretHash` is its base64url. */
export function tokenMac(secretHash: string, bytes: Uint8Array): string {
  return createHmac("sha256", Buffer.from(secretHash, "base64url")).update(bytes).digest("base64url");
}

/** Compares two base64url MACs without telling by time how far they agree. */
export function macsAreEqual(left: string, right: string): boolean {
  const a = Buffer.from(left, "base64url");
  const b = Buffer.from(right, "base64url");
  return a.length === b.length && timingSafeEqual(a, b);
}
