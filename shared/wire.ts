/**
 * The messages of `detak.v1` as schemas and types, with their limits; parse and encode. PROTOCOL.md says the same in
 * prose, with each side's duties.
 * Why one file: both ends compile against the same words; a golden file holds each message.
 * Must not: know sockets, keys or clocks.
 */
import * as z from "zod";
import { healthSample, inventory } from "./health.ts";

export const SUBPROTOCOL = "detak.v1";
/** Inclusive window of protocol versions this code speaks. */
export const VERSION_MIN = 1;
export const VERSION_CURRENT = 1;

export const limits = {
  /** One message, bytes of UTF-8. A heartbeat with 32 disks is under 8 KiB; 64 KiB leaves room for inventory. */
  messageBytesMax: 64 * 1024,
  /** Frames of one message. Real senders use 1; proxies may split. */
  fragmentsMax: 16,
  /** `ws` buffered chunks of one message. */
  bufferedChunksMax: 256,
  /** From the opened socket to a proven session. */
  handshakeMs: 5_000,
  /** After a close frame was sent. */
  closeMs: 2_000,
  /** Heartbeats above the agreed rhythm that are tolerated at once; see `ingest`. */
  messagesPerIntervalMax: 20,
  nonceBytes: 32,
  publicKeyBytes: 32,
  signatureBytes: 64,
} as const;

/**
 * base64url without padding of exactly `count` bytes, in its one canonical spelling: the last character's unused bits
 * are zero. So a key is one string, and comparing strings compares keys.
 */
function encodedBytes(count: number) {
  const whole = Math.floor(count / 3) * 4;
  const tail = ["", "[A-Za-z0-9_-][AQgw]", "[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048]"][count % 3] ?? "";
  return z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${whole}}${tail}$`), `base64url of ${count} bytes`);
}
/** One line that is signed: well-formed Unicode without control characters, so both ends see the same bytes. */
const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, "one line of text");
const nonce = encodedBytes(limits.nonceBytes);
const publicKey = encodedBytes(limits.publicKeyBytes);
const signature = encodedBytes(limits.signatureBytes);
const mac = encodedBytes(32);
const identifier = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const sequence = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const millis = z.number().min(0).max(1e15);
/** Boot ids differ by platform; a UUID on Linux. */
const bootId = line(128);

/** collector → agent, first of all. */
export const hello = z.object({
  type: z.literal("hello"),
  versionMin: z.number().int().min(1),
  versionCurrent: z.number().int().min(1),
  collectorKey: publicKey,
  collectorNonce: nonce,
});
/** agent → collector: become known, with a join token that never crosses the wire. */
export const enroll = z.object({
  type: z.literal("enroll"),
  version: z.number().int().min(1),
  tokenId: identifier,
  agentKey: publicKey,
  agentNonce: nonce,
  /** Ed25519 by the agent's key: it holds the key it wants pinned. */
  signature,
  /** HMAC-SHA-256 keyed with SHA-256(secret): it holds the token. */
  mac,
  hostName: line(255),
  agentVersion: line(64),
});
/** collector → agent: pinned. */
export const enrolled = z.object({
  type: z.literal("enrolled"),
  serverId: identifier,
  /** The collector holds the token's hash too: the agent may pin `collectorKey`. */
  mac,
});
/** agent → collector: open a session. */
export const prove = z.object({
  type: z.literal("prove"),
  version: z.number().int().min(1),
  agentKey: publicKey,
  agentNonce: nonce,
  signature,
  bootId,
  agentVersion: line(64),
  /** Since the agent's host booted, when this program started. */
  agentStartedBootMs: millis,
});
/** collector → agent: the session is open. */
export const welcome = z.object({
  type: z.literal("welcome"),
  sessionId: identifier,
  signature,
  heartbeatIntervalMs: z.number().int().min(100).max(3_600_000),
  ackTimeoutMs: z.number().int().min(100).max(3_600_000),
  /** Every so often a heartbeat carries a health sample. */
  healthIntervalMs: z.number().int().min(100).max(3_600_000),
});
/** agent → collector, each η ± ⅓. */
export const beat = z.object({
  type: z.literal("beat"),
  sequence,
  health: healthSample.optional(),
});
/** agent → collector: after welcome, then once a day. */
export const inventoryMessage = z.object({ type: z.literal("inventory"), inventory });
/** agent → collector: a planned silence. */
export const goodbye = z.object({
  type: z.literal("goodbye"),
  sequence,
  reason: z.enum(["reboot", "shutdown", "suspend", "upgrade", "agent_stopped"]),
  /** How long it means to be away. */
  awayForMs: millis.optional(),
});
/** collector → agent: everything up to `sequence` was processed. */
export const ack = z.object({ type: z.literal("ack"), sequence });

/** What an agent may send, by where the session stands: before it is proven, and after. */
export const agentOpening = z.discriminatedUnion("type", [enroll, prove]);
export const agentMessage = z.discriminatedUnion("type", [beat, inventoryMessage, goodbye]);
export const collectorMessage = z.discriminatedUnion("type", [hello, enrolled, welcome, ack]);

export type Hello = z.infer<typeof hello>;
export type Enroll = z.infer<typeof enroll>;
export type Enrolled = z.infer<typeof enrolled>;
export type Prove = z.infer<typeof prove>;
export type Welcome = z.infer<typeof welcome>;
export type Beat = z.infer<typeof beat>;
export type InventoryMessage = z.infer<typeof inventoryMessage>;
export type Goodbye = z.infer<typeof goodbye>;
export type Ack = z.infer<typeof ack>;
export type AgentOpening = z.infer<typeof agentOpening>;
export type AgentMessage = z.infer<typeof agentMessage>;
export type CollectorMessage = z.infer<typeof collectorMessage>;

export type Parsed<T> =
  { readonly ok: true; readonly message: T } | { readonly ok: false; readonly problem: string };

/**
 * Parses one text frame. Unknown fields are dropped; an unknown type, a missing field or a value out of range is a
 * problem (a sentence for the log), never an exception.
 */
export function parse<T>(schema: z.ZodType<T>, text: string): Parsed<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, problem: "not JSON" };
  }
  const result = schema.safeParse(json);
  if (result.success) return { ok: true, message: result.data };
  const issue = result.error.issues[0];
  return { ok: false, problem: issue ? `${issue.path.join(".") || "message"}: ${issue.message}` : "invalid" };
}

/** One message as a text frame. */
export function encode(message: AgentOpening | AgentMessage | CollectorMessage): string {
  return JSON.stringify(message);
}
