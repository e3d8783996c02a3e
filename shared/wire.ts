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
  /**
   * Messages and pings of a session within one heartbeat interval. Within the rules an agent sends at most 2 beats, 5
   * journal messages, `prove`, `inventory` and `goodbye`: twice that. Answers that it was asked for do not count.
   */
  messagesPerIntervalMax: 20,
  /** Words in `features`. There are two; room for the years in which old and new speak with each other. */
  featuresMax: 16,
  /** Requests of one `probe`, and so results of one `probed`: a server's ICMP and its ports. */
  probeRequestsMax: 16,
  /**
   * Rounds that a session was asked and has not answered. 16 probes of the greatest size are under the bytes by which a
   * peer counts as one that does not read; the agent's own limit is lower.
   */
  probeRoundsOpenMax: 16,
  /** A round whose answer comes later than this after its time limit is forgotten, ms. */
  probeLateMs: 5_000,
  /** Entries of one `journal`: with 16 boot ids the greatest message stays under 64 KiB (a test adds it up). */
  journalEntriesMax: 200,
  /** Boots that one `journal` may tell of. */
  journalBootsMax: 16,
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
/** What a side can do beyond what every peer of this version can; words that are not known are ignored. */
const features = z.array(z.string().regex(/^[a-z_]{1,32}$/)).max(limits.featuresMax);

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
  /** Not signed; PROTOCOL.md says why. */
  features: features.optional(),
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
  /** Not signed; PROTOCOL.md says why. */
  features: features.optional(),
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

const roundId = line(128);
const port = z.number().int().min(1).max(65_535);
const host = line(255);
/** One question of a `probe`. A whole HTTP answer is nobody's to fetch for another: it is not among the kinds. */
const witnessRequest = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("icmp"), host }),
  z.object({ kind: z.enum(["tcp", "banner"]), host, port }),
]);
/** collector → agent that said `witness`: ask these for us. */
export const probe = z.object({
  type: z.literal("probe"),
  roundId,
  requests: z.array(witnessRequest).min(1).max(limits.probeRequestsMax),
  /** From the message's arrival to the answer. */
  timeLimitMs: z.number().int().min(100).max(60_000),
});
const witnessResult = z.object({
  kind: z.enum(["icmp", "tcp", "banner"]),
  /** The host as it was asked, for tcp and banner with its port: `10.0.4.2:22`, `[fd00::2]:22`. */
  target: line(270),
  verdict: z.enum(["alive", "dead", "none"]),
  detail: z.string().regex(/^[a-z0-9_]{1,32}$/),
  roundTripMs: millis.optional(),
  /** What a program said first, one line. */
  banner: line(120).optional(),
});
/** agent → collector: what it found. */
export const probed = z.object({
  type: z.literal("probed"),
  roundId,
  results: z.array(witnessResult).max(limits.probeRequestsMax),
});

const reached = z.enum(["ok", "failed"]);
/** One line of the journal. What is left out is 0, or not known. */
const journalLine = z.object({
  /** The journal's own, over restarts of the program. */
  sequence,
  /** Which of the message's `bootIds`, from 0. */
  boot: z
    .number()
    .int()
    .min(0)
    .max(limits.journalBootsMax - 1),
  event: z.enum(["tick", "start", "stop"]),
  /** How long ago when the message was made. */
  ageMs: millis,
  lateMs: millis.optional(),
  sleptMs: millis.optional(),
  link: z.enum(["up", "down"]).optional(),
  gateway: reached.optional(),
  dns: reached.optional(),
  internet: reached.optional(),
  collector: z
    .enum(["ok", "timeout", "refused", "unreachable", "name", "certificate", "proxy", "rejected"])
    .optional(),
});
/** agent → collector, when both said `journal`: what it saw while it was not acknowledged. */
export const journal = z
  .object({
    type: z.literal("journal"),
    bootIds: z.array(bootId).min(1).max(limits.journalBootsMax),
    entries: z.array(journalLine).min(1).max(limits.journalEntriesMax),
    /** Another message follows, after the `journal_ack` of this one. */
    more: z.boolean(),
  })
  .refine(({ bootIds, entries }) => entries.every(({ boot }) => boot < bootIds.length), {
    path: ["entries"],
    message: "a boot that is not listed",
  })
  .refine(({ entries }) => entries.every(({ sequence: own }, at) => own > (entries[at - 1]?.sequence ?? 0)), {
    path: ["entries"],
    message: "sequences that do not grow",
  });
/** collector → agent: everything up to `sequence` was taken in. */
export const journalAck = z.object({ type: z.literal("journal_ack"), sequence });

/** What an agent may send, by where the session stands: before it is proven, and after. */
export const agentOpening = z.discriminatedUnion("type", [enroll, prove]);
export const agentMessage = z.discriminatedUnion("type", [beat, inventoryMessage, goodbye, probed, journal]);
export const collectorMessage = z.discriminatedUnion("type", [
  hello,
  enrolled,
  welcome,
  ack,
  probe,
  journalAck,
]);

export type Hello = z.infer<typeof hello>;
export type Enroll = z.infer<typeof enroll>;
export type Enrolled = z.infer<typeof enrolled>;
export type Prove = z.infer<typeof prove>;
export type Welcome = z.infer<typeof welcome>;
export type Beat = z.infer<typeof beat>;
export type InventoryMessage = z.infer<typeof inventoryMessage>;
export type Goodbye = z.infer<typeof goodbye>;
export type Ack = z.infer<typeof ack>;
export type Probe = z.infer<typeof probe>;
export type WitnessRequest = Probe["requests"][number];
export type Probed = z.infer<typeof probed>;
export type WitnessResult = Probed["results"][number];
export type Journal = z.infer<typeof journal>;
export type JournalLine = Journal["entries"][number];
export type JournalAck = z.infer<typeof journalAck>;
export type AgentOpening = z.infer<typeof agentOpening>;
export type AgentMessage = z.infer<typeof agentMessage>;
export type CollectorMessage = z.infer<typeof collectorMessage>;

/**
 * `witness`: the agent asks on request what the collector cannot see from where it stands. `journal`: the agent tells
 * afterwards what it saw while it was not heard. Used in a session only when both sides said the word.
 */
export const knownFeatures = ["witness", "journal"] as const;
export type Feature = (typeof knownFeatures)[number];

/** The features of a peer's list that this code knows, each once, in the order above; none for a peer without a list. */
export function featuresOf(words: readonly string[] | undefined): Feature[] {
  return knownFeatures.filter((feature) => words?.includes(feature) ?? false);
}

/** How a result names what was asked: `10.0.4.2`, `10.0.4.2:22`, `[fd00::2]:22`. The host stands as it was asked. */
export function witnessTarget(request: WitnessRequest): string {
  if (request.kind === "icmp") return request.host;
  const { host: asked, port: askedPort } = request;
  return asked.includes(":") ? `[${asked}]:${askedPort}` : `${asked}:${askedPort}`;
}

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
