/**
 * The agent's keys and its half of every proof: making `enroll` and `prove`, checking `enrolled` and `welcome`.
 * Why apart: session.ts only orders these; here is all of the agent's cryptography.
 * Must not: keep, log or return a private key beyond the PEM that identity.ts stores.
 */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";
import {
  enrollTokenTranscript,
  enrollTranscript,
  enrolledTranscript,
  proveTranscript,
  welcomeTranscript,
} from "../shared/proof.ts";
import {
  limits,
  type Enroll,
  type Enrolled,
  type Feature,
  type Hello,
  type Prove,
  type Welcome,
} from "../shared/wire.ts";

export interface AgentKeys {
  /** Raw Ed25519 public key, base64url. */
  readonly agentKey: string;
  /** PKCS#8 PEM. */
  readonly privateKeyPem: string;
}

/** A new Ed25519 pair. */
export function createAgentKeys(): AgentKeys {
  const { privateKey } = generateKeyPairSync("ed25519");
  const privateKeyPem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  return { agentKey: agentKeyOf(privateKeyPem), privateKeyPem };
}

/** The public key of a PEM text. Throws when it is no Ed25519 private key. */
export function agentKeyOf(privateKeyPem: string): string {
  const key = createPrivateKey(privateKeyPem);
  const agentKey =
    key.asymmetricKeyType === "ed25519" ? createPublicKey(key).export({ format: "jwk" }).x : undefined;
  if (agentKey === undefined) throw new Error("not an Ed25519 private key");
  return agentKey;
}

/** A join token, taken apart. The secret never crosses the wire; both ends know its hash. */
export interface JoinToken {
  readonly tokenId: string;
  /** SHA-256 of the secret's UTF-8, raw. */
  readonly secretHash: Buffer;
}

/** `<id>.<secret>` (PROTOCOL.md, enroll); null when it cannot be one. */
export function parseJoinToken(text: string): JoinToken | null {
  const match = /^([A-Za-z0-9_-]{1,64})\.(.+)$/.exec(text.trim());
  if (match?.[1] === undefined || match[2] === undefined) return null;
  return { tokenId: match[1], secretHash: createHash("sha256").update(match[2], "utf8").digest() };
}

export interface EnrollFacts {
  readonly keys: AgentKeys;
  readonly token: JoinToken;
  readonly hostName: string;
  readonly agentVersion: string;
}

/** A signed and authenticated `enroll` for this hello, with a fresh nonce. */
export function makeEnroll(hello: Hello, version: number, facts: EnrollFacts): Enroll {
  const claim = {
    version,
    tokenId: facts.token.tokenId,
    agentKey: facts.keys.agentKey,
    agentNonce: freshNonce(),
    hostName: facts.hostName,
    agentVersion: facts.agentVersion,
  };
  return {
    type: "enroll",
    ...claim,
    signature: signed(enrollTranscript(hello, claim), facts.keys.privateKeyPem),
    mac: authenticated(enrollTokenTranscript(hello, claim), facts.token.secretHash).toString("base64url"),
  };
}

/** Whether the collector that said `hello` holds the token's hash: only then may its key be pinned. */
export function enrolledIsRight(hello: Hello, enroll: Enroll, enrolled: Enrolled, token: JoinToken): boolean {
  const expected = authenticated(enrolledTranscript(hello, enroll, enrolled.serverId), token.secretHash);
  const given = Buffer.from(enrolled.mac, "base64url");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

export interface ProveFacts {
  readonly keys: AgentKeys;
  readonly bootId: string;
  readonly agentVersion: string;
  readonly agentStartedBootMs: number;
  /** Absent: none, as agents of before. */
  readonly features?: readonly Feature[];
}

/** A signed `prove` for this hello, with a fresh nonce. */
export function makeProve(hello: Hello, version: number, facts: ProveFacts): Prove {
  const claim = {
    version,
    agentKey: facts.keys.agentKey,
    agentNonce: freshNonce(),
    bootId: facts.bootId,
    agentVersion: facts.agentVersion,
  };
  return {
    type: "prove",
    ...claim,
    signature: signed(proveTranscript(hello, claim), facts.keys.privateKeyPem),
    agentStartedBootMs: facts.agentStartedBootMs,
    ...(facts.features === undefined ? {} : { features: [...facts.features] }),
  };
}

/** Whether `welcome` was signed by the holder of the pinned key, for this hello and this prove. */
export function welcomeIsRight(collectorKey: string, hello: Hello, prove: Prove, welcome: Welcome): boolean {
  try {
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: collectorKey }, format: "jwk" });
    const bytes = welcomeTranscript(hello, prove, welcome);
    return (
      hello.collectorKey === collectorKey &&
      verify(null, bytes, key, Buffer.from(welcome.signature, "base64url"))
    );
  } catch {
    return false;
  }
}

function freshNonce(): string {
  return randomBytes(limits.nonceBytes).toString("base64url");
}

function signed(bytes: Uint8Array, privateKeyPem: string): string {
  return sign(null, bytes, createPrivateKey(privateKeyPem)).toString("base64url");
}

function authenticated(bytes: Uint8Array, secretHash: Buffer): Buffer {
  return createHmac("sha256", secretHash).update(bytes).digest();
}
