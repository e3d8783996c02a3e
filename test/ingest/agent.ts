/**
 * An agent for tests, as well-behaved or as rude as a test wants: a `ws` client with queues to wait on.
 * Why not the product's agent: that one refuses to misbehave. Must not: wait without a deadline.
 */
import {
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
  type KeyObject,
} from "node:crypto";
import { WebSocket, type ClientOptions } from "ws";
import {
  enrollTokenTranscript,
  enrollTranscript,
  proveTranscript,
  welcomeTranscript,
} from "../../shared/proof.ts";
import {
  collectorMessage,
  encode,
  parse,
  SUBPROTOCOL,
  type CollectorMessage,
  type Enroll,
  type Hello,
  type Prove,
  type Welcome,
} from "../../shared/wire.ts";
import { tokenId, tokenSecret } from "./host.ts";

export interface Identity {
  readonly privateKey: KeyObject;
  readonly publicKey: string;
}

export function createIdentity(): Identity {
  const { privateKey } = generateKeyPairSync("ed25519");
  return { privateKey, publicKey: createPublicKey(privateKey).export({ format: "jwk" }).x ?? "" };
}

export function enrollMessage(
  hello: Hello,
  identity: Identity,
  change: Partial<Enroll> = {},
  secret = tokenSecret,
): Enroll {
  const claim = {
    version: 1,
    tokenId,
    agentKey: identity.publicKey,
    agentNonce: randomBytes(32).toString("base64url"),
    hostName: "cabang-1",
    agentVersion: "0.1.0",
    ...change,
  };
  const hash = createHash("sha256").update(secret).digest();
  return {
    type: "enroll",
    signature: sign(null, enrollTranscript(hello, claim), identity.privateKey).toString("base64url"),
    mac: createHmac("sha256", hash).update(enrollTokenTranscript(hello, claim)).digest("base64url"),
    ...claim,
  };
}

export function proveMessage(hello: Hello, identity: Identity, change: Partial<Prove> = {}): Prove {
  const claim = {
    version: 1,
    agentKey: identity.publicKey,
    agentNonce: randomBytes(32).toString("base64url"),
    bootId: "boot-1",
    agentVersion: "0.1.0",
    ...change,
  };
  return {
    type: "prove",
    signature: sign(null, proveTranscript(hello, claim), identity.privateKey).toString("base64url"),
    agentStartedBootMs: 61_234.5,
    ...claim,
  };
}

export function welcomeIsGenuine(hello: Hello, prove: Prove, welcome: Welcome): boolean {
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: hello.collectorKey }, format: "jwk" });
  return verify(
    null,
    welcomeTranscript(hello, prove, welcome),
    key,
    Buffer.from(welcome.signature, "base64url"),
  );
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export interface TestAgent {
  readonly socket: WebSocket;
  /** The next message of the collector; rejects when the socket closes first or after 20 s. */
  next(): Promise<CollectorMessage>;
  nextOf<T extends CollectorMessage["type"]>(type: T): Promise<Extract<CollectorMessage, { type: T }>>;
  /** Sends text as it is, or a message as JSON. */
  send(message: string | Buffer | object): void;
  /** Resolves when the socket is gone. */
  readonly closed: Promise<Closed>;
  /** Messages that nobody has taken yet. */
  readonly unread: readonly CollectorMessage[];
}

/** Only for a test that would otherwise hang: wide enough for a busy machine. */
const deadlineMs = 20_000;

/** Dials; resolves when the socket is open. Rejects with the HTTP status in the message when it is refused. */
export async function dial(
  port: number,
  options: ClientOptions = {},
  host = "127.0.0.1",
): Promise<TestAgent> {
  const socket = new WebSocket(`ws://${host}:${port}/agent`, SUBPROTOCOL, {
    perMessageDeflate: false,
    ...options,
  });
  const unread: CollectorMessage[] = [];
  const waiting: { resolve: (message: CollectorMessage) => void; reject: (error: Error) => void }[] = [];
  let gone: Closed | null = null;
  const closed = new Promise<Closed>((resolve) => {
    socket.on("close", (code, reason) => {
      gone = { code, reason: reason.toString() };
      for (const waiter of waiting.splice(0)) waiter.reject(new Error(`closed with ${code} ${gone.reason}`));
      resolve(gone);
    });
  });
  socket.on("message", (data: Buffer) => {
    const parsed = parse(collectorMessage, data.toString());
    if (!parsed.ok) throw new Error(`the collector sent: ${data.toString()}: ${parsed.problem}`);
    const waiter = waiting.shift();
    if (waiter === undefined) unread.push(parsed.message);
    else waiter.resolve(parsed.message);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  // A collector that drops the socket shows as a reset here; `closed` tells.
  socket.on("error", () => undefined);
  const next = (): Promise<CollectorMessage> => {
    const ready = unread.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    if (gone !== null) return Promise.reject(new Error(`closed with ${gone.code} ${gone.reason}`));
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("no message in time")), deadlineMs);
      waiting.push({
        resolve: (message) => {
          clearTimeout(late);
          resolve(message);
        },
        reject: (error) => {
          clearTimeout(late);
          reject(error);
        },
      });
    });
  };
  return {
    socket,
    next,
    async nextOf<T extends CollectorMessage["type"]>(type: T) {
      const message = await next();
      if (message.type !== type) throw new Error(`expected ${type}, got ${JSON.stringify(message)}`);
      return message as Extract<CollectorMessage, { type: T }>;
    },
    send(message) {
      socket.send(
        typeof message === "string" || Buffer.isBuffer(message) ? message : JSON.stringify(message),
      );
    },
    closed,
    unread,
  };
}

export interface OpenAgent extends TestAgent {
  readonly identity: Identity;
  readonly hello: Hello;
  readonly prove: Prove;
  readonly welcome: Welcome;
}

/** Dials and proves an identity that the host has already pinned. */
export async function openSession(
  port: number,
  identity: Identity,
  options: ClientOptions = {},
  change: Partial<Prove> = {},
): Promise<OpenAgent> {
  const agent = await dial(port, options);
  const hello = await agent.nextOf("hello");
  const prove = proveMessage(hello, identity, change);
  agent.send(encode(prove));
  const welcome = await agent.nextOf("welcome");
  return { ...agent, identity, hello, prove, welcome };
}

/** Waits until `condition` holds, looking again on each turn of the event loop; fails after 20 s. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const startMs = performance.now();
  while (!condition()) {
    if (performance.now() - startMs > deadlineMs) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
