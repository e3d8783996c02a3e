/**
 * The judgement of an opening message: is it a message, of a version we speak, and are its proofs right?
 * Why apart: no state, no socket, no clock; a verdict with the one close code of each mistake.
 * Must not: change anything. What a good message leads to is decided in handshake.ts and the core.
 */
import * as z from "zod";
import type { CloseName } from "../../shared/close-codes.ts";
import { enrollTokenTranscript, enrollTranscript, proveTranscript } from "../../shared/proof.ts";
import {
  agentOpening,
  parse,
  VERSION_CURRENT,
  VERSION_MIN,
  type AgentOpening,
  type Enroll,
  type Hello,
  type Prove,
} from "../../shared/wire.ts";
import { macsAreEqual, signatureIsValid, tokenMac } from "./keys.ts";

export type Judged<T> =
  | { readonly ok: true; readonly value: T }
  /** `problem` is a sentence for the log; the peer gets only the close code. */
  | { readonly ok: false; readonly end: CloseName; readonly problem: string };

function refused(end: CloseName, problem: string): { ok: false; end: CloseName; problem: string } {
  return { ok: false, end, problem };
}

/** Only enough of an opening message to tell another version from nonsense. */
const openingOfAnyVersion = z.object({
  type: z.enum(["enroll", "prove"]),
  version: z.number().int().min(1),
});

/** One text frame as an opening message. A later version may look different: its number is looked at first. */
export function judgeOpening(text: string): Judged<AgentOpening> {
  const parsed = parse(agentOpening, text);
  const stated = parsed.ok ? parsed : parse(openingOfAnyVersion, text);
  if (stated.ok) {
    const { version } = stated.message;
    if (version < VERSION_MIN || version > VERSION_CURRENT) {
      return refused("version_unsupported", `version ${version}`);
    }
  }
  return parsed.ok ? { ok: true, value: parsed.message } : refused("bad_message", parsed.problem);
}

/**
 * The token first, then the key. An unknown token and a wrong secret are refused alike: ids cannot be listed. Gives the
 * hash of the token's secret, which also authenticates the answer.
 */
export function judgeEnroll(
  hello: Hello,
  enroll: Enroll,
  enrollment: { readonly secretHash: string } | null,
): Judged<{ readonly secretHash: string }> {
  if (enrollment === null) return refused("token_refused", "unknown token");
  const { secretHash } = enrollment;
  if (!macsAreEqual(tokenMac(secretHash, enrollTokenTranscript(hello, enroll)), enroll.mac)) {
    return refused("token_refused", "wrong secret");
  }
  if (!signatureIsValid(enroll.agentKey, enrollTranscript(hello, enroll), enroll.signature)) {
    return refused("bad_proof", "signature of enroll");
  }
  return { ok: true, value: { secretHash } };
}

/** A stranger first, as it costs no signature check; then the proof. Gives the server the key is pinned for. */
export function judgeProve(
  hello: Hello,
  prove: Prove,
  agent: { readonly serverId: string } | null,
): Judged<{ readonly serverId: string }> {
  if (agent === null) return refused("unknown_agent", "unknown key");
  if (!signatureIsValid(prove.agentKey, proveTranscript(hello, prove), prove.signature)) {
    return refused("bad_proof", "signature of prove");
  }
  return { ok: true, value: { serverId: agent.serverId } };
}
