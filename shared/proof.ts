/**
 * The bytes that are signed and authenticated when a session opens: five transcripts, each of a domain and fields.
 * Why here: both ends must build the same bytes to the last one; PROTOCOL.md shows them with a worked example.
 * Must not: sign, verify or hash anything, or import `node:`; each end does that with its own keys.
 */
import type { Enroll, Enrolled, Hello, Prove, Welcome } from "./wire.ts";

/** Each transcript begins with its domain, so that one made for one purpose is never good for another. */
export const proofDomains = {
  enroll: "detak.v1 enroll",
  enrollToken: "detak.v1 enroll token",
  enrolled: "detak.v1 enrolled",
  prove: "detak.v1 prove",
  welcome: "detak.v1 welcome",
} as const;

/** What `enroll` says besides its two proofs. */
export type EnrollClaim = Pick<
  Enroll,
  "version" | "tokenId" | "agentKey" | "agentNonce" | "hostName" | "agentVersion"
>;
/** What the proof of `prove` covers. `agentStartedBootMs` is a fraction that languages print differently: left out. */
export type ProveClaim = Pick<Prove, "version" | "agentKey" | "agentNonce" | "bootId" | "agentVersion">;
/** The agent as it named itself in `enroll` or `prove`. */
export type AgentNamed = Pick<Prove, "agentKey" | "agentNonce">;
/** What the signature of `welcome` covers. `features` came later and is left out at both ends: see PROTOCOL.md [P33]. */
export type WelcomeClaim = Pick<
  Welcome,
  "sessionId" | "heartbeatIntervalMs" | "ackTimeoutMs" | "healthIntervalMs"
>;

const encoder = new TextEncoder();

/**
 * One transcript: for each field its length in bytes as 4 bytes, big endian, then its UTF-8. Keys and nonces go in as
 * the base64url text of the message, whole numbers in decimal. The lengths make every list of fields its own bytes.
 */
export function transcript(domain: string, fields: readonly (string | number)[]): Uint8Array {
  const parts = [domain, ...fields].map((field) => encoder.encode(String(field)));
  const bytes = new Uint8Array(parts.reduce((total, part) => total + 4 + part.length, 0));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const part of parts) {
    view.setUint32(offset, part.length);
    bytes.set(part, offset + 4);
    offset += 4 + part.length;
  }
  return bytes;
}

/** The collector's side of every transcript: what this `hello` said, so that no answer fits another socket. */
function helloFields(hello: Hello): (string | number)[] {
  return [hello.versionMin, hello.versionCurrent, hello.collectorKey, hello.collectorNonce];
}

function enrollFields(hello: Hello, claim: EnrollClaim): (string | number)[] {
  return [
    ...helloFields(hello),
    claim.version,
    claim.agentKey,
    claim.agentNonce,
    claim.tokenId,
    claim.hostName,
    claim.agentVersion,
  ];
}

/** What the agent signs in `enroll.signature` (Ed25519, its own key). */
export function enrollTranscript(hello: Hello, claim: EnrollClaim): Uint8Array {
  return transcript(proofDomains.enroll, enrollFields(hello, claim));
}

/** What the agent authenticates in `enroll.mac` (HMAC-SHA-256; the key is the raw 32 bytes of SHA-256(secret)). */
export function enrollTokenTranscript(hello: Hello, claim: EnrollClaim): Uint8Array {
  return transcript(proofDomains.enrollToken, enrollFields(hello, claim));
}

/** What the collector authenticates in `enrolled.mac` (HMAC-SHA-256, the same key). */
export function enrolledTranscript(
  hello: Hello,
  claim: EnrollClaim,
  serverId: Enrolled["serverId"],
): Uint8Array {
  return transcript(proofDomains.enrolled, [...enrollFields(hello, claim), serverId]);
}

/** What the agent signs in `prove.signature` (Ed25519, its own key). */
export function proveTranscript(hello: Hello, claim: ProveClaim): Uint8Array {
  return transcript(proofDomains.prove, [
    ...helloFields(hello),
    claim.version,
    claim.agentKey,
    claim.agentNonce,
    claim.bootId,
    claim.agentVersion,
  ]);
}

/** What the collector signs in `welcome.signature` (Ed25519, the key of its `hello`, which the agent has pinned). */
export function welcomeTranscript(hello: Hello, agent: AgentNamed, claim: WelcomeClaim): Uint8Array {
  return transcript(proofDomains.welcome, [
    ...helloFields(hello),
    agent.agentKey,
    agent.agentNonce,
    claim.sessionId,
    claim.heartbeatIntervalMs,
    claim.ackTimeoutMs,
    claim.healthIntervalMs,
  ]);
}
