/**
 * The collector's key file, on a real file system, and the checks of signatures and MACs.
 * Must not: leave files behind.
 */
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  collectorKeyFileName,
  CollectorKeyError,
  collectorKeysFromPem,
  createCollectorKeys,
  loadOrCreateCollectorKeys,
  macsAreEqual,
  signatureIsValid,
  tokenMac,
} from "../../collector/ingest/keys.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "detak-keys-"));
  path = join(folder, collectorKeyFileName);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = Buffer.from("something signed");

describe("the collector's key", () => {
  test("is made once, kept for its owner alone, and is the same after a restart", async () => {
    const first = await loadOrCreateCollectorKeys(folder);
    const written = await readFile(path, "utf8");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual([collectorKeyFileName]);
    const second = await loadOrCreateCollectorKeys(folder);
    expect(second.publicKey).toBe(first.publicKey);
    expect(await readFile(path, "utf8")).toBe(written);
    expect(signatureIsValid(first.publicKey, bytes, second.sign(bytes))).toBe(true);
  });

  test("is 32 raw bytes, and its signatures verify with the standard's own words", () => {
    const { keys, privateKeyPem } = createCollectorKeys();
    expect(Buffer.from(keys.publicKey, "base64url").length).toBe(32);
    const publicKey = createPublicKey(privateKeyPem);
    expect(verify(null, bytes, publicKey, Buffer.from(keys.sign(bytes), "base64url"))).toBe(true);
    expect(collectorKeysFromPem(privateKeyPem).publicKey).toBe(keys.publicKey);
    expect(createCollectorKeys().keys.publicKey).not.toBe(keys.publicKey);
  });

  test("a half-written file of a crash before is replaced, not taken", async () => {
    await writeFile(`${path}.new`, "-----BEGIN PRI", { mode: 0o644 });
    const keys = await loadOrCreateCollectorKeys(folder);
    expect(await readdir(folder)).toEqual([collectorKeyFileName]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await loadOrCreateCollectorKeys(folder)).publicKey).toBe(keys.publicKey);
  });

  test("a copy put back with loose permissions is tightened", async () => {
    const { keys, privateKeyPem } = createCollectorKeys();
    await writeFile(path, privateKeyPem);
    await chmod(path, 0o644);
    expect((await loadOrCreateCollectorKeys(folder)).publicKey).toBe(keys.publicKey);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  const pemOf = (type: "ec" | "rsa" | "x25519"): string => {
    const { privateKey } =
      type === "ec"
        ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : type === "rsa"
          ? generateKeyPairSync("rsa", { modulusLength: 2_048 })
          : generateKeyPairSync("x25519");
    return privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  };
  test.each([
    ["empty", () => ""],
    ["garbage", () => "not a key\n"],
    ["torn", () => createCollectorKeys().privateKeyPem.slice(0, 60)],
    [
      "a public key",
      () =>
        String(createPublicKey(createCollectorKeys().privateKeyPem).export({ format: "pem", type: "spki" })),
    ],
    ["an EC key", () => pemOf("ec")],
    ["an RSA key", () => pemOf("rsa")],
    ["an X25519 key", () => pemOf("x25519")],
  ])("a file that is %s is refused with one clear sentence, and left as it is", async (_name, content) => {
    const text = content();
    await writeFile(path, text);
    const error = await loadOrCreateCollectorKeys(folder).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CollectorKeyError);
    expect(String(error)).toContain(path);
    expect(String(error)).toContain("not an Ed25519 private key");
    expect(await readFile(path, "utf8")).toBe(text);
  });

  test("a file that cannot be read is refused with its reason, never replaced", async () => {
    await mkdir(path);
    const error = await loadOrCreateCollectorKeys(folder).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CollectorKeyError);
    expect(String(error)).toContain("EISDIR");
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  test("a folder that is not there is the file system's error", async () => {
    await expect(loadOrCreateCollectorKeys(join(folder, "missing"))).rejects.toMatchObject({
      code: "ENOENT",
    });
  });
});

describe("proofs", () => {
  test("a signature fits one key and one list of bytes; a malformed key or signature is only wrong", () => {
    const { keys } = createCollectorKeys();
    const signature = keys.sign(bytes);
    expect(signature.length).toBe(86);
    expect(signatureIsValid(keys.publicKey, bytes, signature)).toBe(true);
    expect(signatureIsValid(createCollectorKeys().keys.publicKey, bytes, signature)).toBe(false);
    expect(signatureIsValid(keys.publicKey, Buffer.from("something else"), signature)).toBe(false);
    for (const key of ["", "A", "!".repeat(43), keys.publicKey.slice(1)]) {
      expect(signatureIsValid(key, bytes, signature)).toBe(false);
    }
    for (const wrong of ["", "A", signature.slice(0, -4), "A".repeat(86)]) {
      expect(signatureIsValid(keys.publicKey, bytes, wrong)).toBe(false);
    }
  });

  test("a MAC fits one key and one list of bytes; comparing takes any length", () => {
    const hash = "A".repeat(43);
    const mac = tokenMac(hash, bytes);
    expect(mac.length).toBe(43);
    expect(macsAreEqual(mac, tokenMac(hash, bytes))).toBe(true);
    expect(macsAreEqual(mac, tokenMac("B".repeat(42) + "A", bytes))).toBe(false);
    expect(macsAreEqual(mac, tokenMac(hash, Buffer.from("other")))).toBe(false);
    expect(macsAreEqual(mac, "")).toBe(false);
    expect(macsAreEqual(mac, mac.slice(1))).toBe(false);
  });
});
