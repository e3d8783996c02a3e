/**
 * A small, strict collector for the agent's tests: a real WebSocket server that keeps to PROTOCOL.md and notes every
 * misuse, and that can misbehave on command.
 * Why its own proofs: it builds the transcripts from the protocol's text, so that both ends cannot share a mistake.
 * Must not: forgive; a test ends by looking at `misuses`.
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
import { EventEmitter, once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import {
  agentMessage,
  agentOpening,
  parse,
  type Beat,
  type Enroll,
  type Goodbye,
  type InventoryMessage,
  type Journal,
  type Probe,
  type Probed,
  type Prove,
} from "../../shared/wire.ts";
import { until, type Found } from "./until.ts";

export interface DoubleSettings {
  readonly heartbeatIntervalMs: number;
  readonly ackTimeoutMs: number;
  readonly healthIntervalMs: number;
}

/** One socket, as the collector saw it. */
export interface SeenSocket {
  readonly number: number;
  readonly headers: IncomingMessage["headers"];
  enroll: Enroll | null;
  prove: Prove | null;
  readonly beats: (Beat & { readonly atMs: number })[];
  readonly inventories: InventoryMessage[];
  readonly journals: (Journal & { readonly atMs: number })[];
  readonly probed: (Probed & { readonly atMs: number })[];
  goodbye: Goodbye | null;
  closeCode: number | null;
}

interface Keys {
  readonly privateKey: KeyObject;
  readonly publicKey: string;
}

function newKeys(): Keys {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return { privateKey, publicKey: publicKey.export({ format: "jwk" }).x ?? "" };
}

/** PROTOCOL.md, section 6: length, big endian, then UTF-8, for each field. */
function transcript(...fields: readonly (string | number)[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const text = Buffer.from(String(field), "utf8");
      const length = Buffer.alloc(4);
      length.writeUInt32BE(text.length);
      return [length, text];
    }),
  );
}

export class CollectorDouble {
  /** Orders to misbehave, changed by tests at any time. */
  readonly behaviour = {
    /** Beats and goodbyes are acknowledged. */
    acks: true,
    /** Journals are acknowledged. */
    acksJournals: true,
    /** What `welcome` says; null: a collector that was written before there were features. */
    features: ["witness", "journal"] as readonly string[] | null,
    /** A socket gets its hello. */
    hellos: true,
    /** `welcome` carries a right signature. */
    proves: true,
    /** `enrolled` is sent; else the socket is cut after the key was pinned. */
    answersEnroll: true,
    /** `enrolled` carries a right mac. */
    rightMac: true,
    /** Sent instead of hello. */
    garbage: null as string | null,
    /** Upgrades are refused with this status. */
    refuses: null as number | null,
    /** `prove` is closed with this code. */
    closesProveWith: null as number | null,
  };
  readonly sockets: SeenSocket[] = [];
  /** What the agent did against the protocol; a test expects none. */
  readonly misuses: string[] = [];
  readonly pinned = new Map<string, string>();
  private keys = newKeys();
  /** Sockets that got an ack. */
  private readonly heard = new Set<number>();
  private newestSocket: WebSocket | undefined;
  private readonly tokens = new Map<string, { readonly hash: Buffer; usedBy: string | null }>();
  private readonly changes = new EventEmitter();
  private readonly settings: DoubleSettings;
  private server: Server | undefined;
  private upgrades: WebSocketServer | undefined;
  port = 0;
  private host = "127.0.0.1";

  constructor(settings: DoubleSettings) {
    this.settings = settings;
    this.changes.setMaxListeners(100);
  }

  get url(): string {
    return `http://${this.host}:${this.port}`;
  }

  get publicKey(): string {
    return this.keys.publicKey;
  }

  /** A join token, good for one agent. */
  addToken(): string {
    const id = randomBytes(6).toString("hex");
    const secret = randomBytes(16).toString("base64url");
    this.tokens.set(id, { hash: createHash("sha256").update(secret).digest(), usedBy: null });
    return `${id}.${secret}`;
  }

  /** Another collector at the same address. */
  becomeAnother(): void {
    this.keys = newKeys();
  }

  /** `host`: where it listens; anything but this machine's own loopback only in a network namespace of the test's. */
  async open(port = 0, host = "127.0.0.1"): Promise<void> {
    this.server = createServer((_request, response) => {
      response.writeHead(404).end();
    });
    const upgrades = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: 65_536,
      handleProtocols: (offered) => (offered.has("detak.v1") ? "detak.v1" : false),
    });
    this.upgrades = upgrades;
    this.server.on("upgrade", (request, socket, head) => {
      if (request.url !== "/agent") this.misuses.push(`path ${String(request.url)}`);
      if (request.headers.origin !== undefined) this.misuses.push("Origin header");
      if (request.headers["sec-websocket-extensions"] !== undefined) this.misuses.push("extensions offered");
      if (this.behaviour.refuses !== null) {
        socket.end(`HTTP/1.1 ${this.behaviour.refuses} No\r\nConnection: close\r\nRetry-After: 1\r\n\r\n`);
        this.changes.emit("change");
        return;
      }
      upgrades.handleUpgrade(request, socket, head, (ws) => this.accept(ws, request));
    });
    this.server.listen(port, host);
    this.host = host;
    await once(this.server, "listening");
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Stops listening and cuts every socket; `open(port)` brings it back. */
  async close(): Promise<void> {
    for (const client of this.upgrades?.clients ?? []) client.terminate();
    const server = this.server;
    this.server = undefined;
    if (server === undefined) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  }

  /** Cuts the sockets without a word, as a lost network would. */
  cut(): void {
    for (const client of this.upgrades?.clients ?? []) client.terminate();
  }

  /** Resolves with the first truthy answer; looks again after each thing that happens. */
  until<T>(what: string, look: () => Found<T>, limitMs?: number): Promise<T> {
    const said = () => `${what}; misuses: ${this.misuses.join(", ") || "none"}`;
    return until(this.changes, look, said, limitMs);
  }

  get newest(): SeenSocket | undefined {
    return this.sockets.at(-1);
  }

  private accept(ws: WebSocket, request: IncomingMessage): void {
    const seen: SeenSocket = {
      number: this.sockets.length + 1,
      headers: request.headers,
      enroll: null,
      prove: null,
      beats: [],
      inventories: [],
      journals: [],
      probed: [],
      goodbye: null,
      closeCode: null,
    };
    this.sockets.push(seen);
    this.newestSocket = ws;
    ws.on("close", (code) => {
      seen.closeCode = code;
      this.changes.emit("change");
    });
    ws.on("error", (error) => this.misuses.push(`socket ${seen.number}: ${error.message}`));
    this.changes.emit("change");
    if (this.behaviour.garbage !== null) ws.send(this.behaviour.garbage);
    if (!this.behaviour.hellos || this.behaviour.garbage !== null) return;
    const collectorNonce = randomBytes(32).toString("base64url");
    const helloFields = [1, 1, this.keys.publicKey, collectorNonce] as const;
    ws.send(
      JSON.stringify({
        type: "hello",
        versionMin: 1,
        versionCurrent: 1,
        collectorKey: this.keys.publicKey,
        collectorNonce,
      }),
    );
    ws.on("message", (data: Buffer, isBinary) => {
      if (isBinary) this.misuse(ws, seen, "binary frame");
      else if (seen.prove === null) this.opening(ws, seen, helloFields, data.toString("utf8"));
      else this.message(ws, seen, data.toString("utf8"));
      this.changes.emit("change");
    });
  }

  private misuse(ws: WebSocket, seen: SeenSocket, what: string): void {
    this.misuses.push(`socket ${seen.number}: ${what}`);
    ws.close(4400, "bad_message");
  }

  private opening(
    ws: WebSocket,
    seen: SeenSocket,
    helloFields: readonly (string | number)[],
    text: string,
  ): void {
    const parsed = parse(agentOpening, text);
    if (!parsed.ok) return this.misuse(ws, seen, parsed.problem);
    const { message } = parsed;
    if (message.type === "enroll") this.enroll(ws, seen, helloFields, message);
    else this.prove(ws, seen, helloFields, message);
  }

  private enroll(
    ws: WebSocket,
    seen: SeenSocket,
    helloFields: readonly (string | number)[],
    message: Enroll,
  ): void {
    if (seen.enroll !== null) return this.misuse(ws, seen, "second enroll");
    seen.enroll = message;
    const { version, agentKey, agentNonce, tokenId, hostName, agentVersion, mac } = message;
    const fields = [...helloFields, version, agentKey, agentNonce, tokenId, hostName, agentVersion];
    const token = this.tokens.get(tokenId);
    const authenticated = (bytes: Buffer) =>
      createHmac("sha256", token?.hash ?? "")
        .update(bytes)
        .digest("base64url");
    if (
      token === undefined ||
      mac !== authenticated(transcript("detak.v1 enroll token", ...fields)) ||
      (token.usedBy !== null && token.usedBy !== agentKey)
    ) {
      return ws.close(4404, "token_refused");
    }
    if (!signed(agentKey, transcript("detak.v1 enroll", ...fields), message.signature)) {
      return this.misuse(ws, seen, "enroll.signature");
    }
    token.usedBy = agentKey;
    const serverId = this.pinned.get(agentKey) ?? `server_${this.pinned.size + 1}`;
    this.pinned.set(agentKey, serverId);
    if (!this.behaviour.answersEnroll) return ws.terminate();
    const right = authenticated(transcript("detak.v1 enrolled", ...fields, serverId));
    const wrong = randomBytes(32).toString("base64url");
    ws.send(JSON.stringify({ type: "enrolled", serverId, mac: this.behaviour.rightMac ? right : wrong }));
  }

  private prove(
    ws: WebSocket,
    seen: SeenSocket,
    helloFields: readonly (string | number)[],
    message: Prove,
  ): void {
    const { version, agentKey, agentNonce, bootId, agentVersion } = message;
    const fields = [...helloFields, version, agentKey, agentNonce, bootId, agentVersion];
    if (!this.pinned.has(agentKey)) return ws.close(4403, "unknown_agent");
    if (!signed(agentKey, transcript("detak.v1 prove", ...fields), message.signature)) {
      return this.misuse(ws, seen, "prove.signature");
    }
    if (this.behaviour.closesProveWith !== null) return ws.close(this.behaviour.closesProveWith);
    seen.prove = message;
    const sessionId = `session_${seen.number}`;
    const { heartbeatIntervalMs, ackTimeoutMs, healthIntervalMs } = this.settings;
    const welcomeFields = [
      agentKey,
      agentNonce,
      sessionId,
      heartbeatIntervalMs,
      ackTimeoutMs,
      healthIntervalMs,
    ];
    const bytes = transcript("detak.v1 welcome", ...helloFields, ...welcomeFields);
    const signature = sign(null, bytes, this.behaviour.proves ? this.keys.privateKey : newKeys().privateKey);
    ws.send(
      JSON.stringify({
        type: "welcome",
        sessionId,
        signature: signature.toString("base64url"),
        ...this.settings,
        ...(this.behaviour.features === null ? {} : { features: this.behaviour.features }),
      }),
    );
  }

  /** Sends `probe` on the newest socket. */
  probe(probe: Omit<Probe, "type">): void {
    this.tell({ type: "probe", ...probe });
  }

  /** Sends anything on the newest socket. */
  tell(message: object): void {
    this.newestSocket?.send(JSON.stringify(message));
  }

  private message(ws: WebSocket, seen: SeenSocket, text: string): void {
    const parsed = parse(agentMessage, text);
    if (!parsed.ok) return this.misuse(ws, seen, parsed.problem);
    if (!this.behaviour.proves) return this.misuse(ws, seen, `${parsed.message.type} after a wrong proof`);
    if (seen.goodbye !== null) return this.misuse(ws, seen, "a message after goodbye");
    const { message } = parsed;
    if (message.type === "inventory") {
      seen.inventories.push(message);
      return;
    }
    if (message.type === "journal") return this.journal(ws, seen, message);
    if (message.type === "probed") {
      seen.probed.push({ ...message, atMs: performance.now() });
      return;
    }
    const expected = (seen.beats.at(-1)?.sequence ?? 0) + 1;
    if (message.sequence !== expected)
      return this.misuse(ws, seen, `sequence ${message.sequence}, not ${expected}`);
    if (message.type === "goodbye") seen.goodbye = message;
    else seen.beats.push({ ...message, atMs: performance.now() });
    if (!this.behaviour.acks) return;
    ws.send(JSON.stringify({ type: "ack", sequence: message.sequence }));
    this.heard.add(seen.number);
  }

  /** PROTOCOL.md [P37] and [P38]. */
  private journal(ws: WebSocket, seen: SeenSocket, message: Journal): void {
    if (this.behaviour.features?.includes("journal") !== true)
      return this.misuse(ws, seen, "journal without the feature");
    if (!this.heard.has(seen.number)) return this.misuse(ws, seen, "journal before the first ack");
    const before = seen.journals.at(-1);
    const atMs = performance.now();
    // Both clocks and the way between may be off by some milliseconds.
    const leastMs = this.settings.heartbeatIntervalMs / 4 - 20;
    if (before !== undefined && atMs - before.atMs < leastMs)
      this.misuses.push(`journal after ${Math.round(atMs - before.atMs)} ms`);
    if (before?.more === false) this.misuses.push("journal after the last one");
    const last = message.entries.at(-1)?.sequence ?? 0;
    if ((before?.entries.at(-1)?.sequence ?? 0) >= (message.entries[0]?.sequence ?? 0))
      this.misuses.push("journal that does not go on");
    seen.journals.push({ ...message, atMs });
    if (this.behaviour.acksJournals) ws.send(JSON.stringify({ type: "journal_ack", sequence: last }));
  }
}

function signed(agentKey: string, bytes: Buffer, signature: string): boolean {
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: agentKey }, format: "jwk" });
  return verify(null, bytes, key, Buffer.from(signature, "base64url"));
}
