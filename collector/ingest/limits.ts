/**
 * What one collector gives to its peers: each limit with its reason and what happens at it.
 * Why apart from shared/wire.ts: those are agreed by both ends; these are this end's own and may be tuned.
 * Must not: hold a limit that nothing enforces.
 */
import { limits } from "../../shared/wire.ts";

export interface IngestLimits {
  /** One message, bytes of UTF-8. Above: 1009. */
  readonly messageBytesMax: number;
  /** Frames of one message. Above: 1008. */
  readonly fragmentsMax: number;
  /** Chunks of the network that one unfinished frame may wait in. Above: 1008. */
  readonly bufferedChunksMax: number;
  /** From the opened socket (or `enrolled`) to the peer's next opening message, ms. After: 4408. */
  readonly handshakeMs: number;
  /** How long a close may take, ms. After: the socket is destroyed. */
  readonly closeMs: number;
  /** Messages and pings of one session within one heartbeat interval, less the answers it was asked for. Above: 4429. */
  readonly messagesPerIntervalMax: number;
  /**
   * Sockets whose session is not open yet, over all. A socket holds about 10 KB, so 4,096 hold 40 MB; a storm of 5,000
   * agents spread over the first second of back-off stays below it. Above: 503 with Retry-After.
   */
  readonly pendingMax: number;
  /**
   * The same from one address: an eighth, so that one peer cannot shut the others out, and still enough for a company
   * whose branches all come through one NAT. Above: 503 with Retry-After.
   */
  readonly pendingPerAddressMax: number;
  /**
   * Bytes that a peer has let pile up without reading. An ack is under 50 bytes; 256 KiB are some 5,000 unread ones:
   * that peer does not read any more. Above: the socket is destroyed.
   */
  readonly bufferedBytesMax: number;
  /** What a 503 asks for: as long as the oldest pending socket can last. */
  readonly retryAfterSeconds: number;
}

export const ingestLimits: IngestLimits = {
  messageBytesMax: limits.messageBytesMax,
  fragmentsMax: limits.fragmentsMax,
  bufferedChunksMax: limits.bufferedChunksMax,
  handshakeMs: limits.handshakeMs,
  closeMs: limits.closeMs,
  messagesPerIntervalMax: limits.messagesPerIntervalMax,
  pendingMax: 4_096,
  pendingPerAddressMax: 512,
  bufferedBytesMax: 256 * 1024,
  retryAfterSeconds: Math.ceil(limits.handshakeMs / 1000),
};

/** The rhythm of one session, all derived from the heartbeat interval η, in whole ms. */
export interface Rhythm {
  readonly heartbeatIntervalMs: number;
  /** 8/3 η: two lost heartbeats and their answers; the agent then redials well before it is suspect at 3 η. */
  readonly ackTimeoutMs: number;
  /** 4 η: each minute at 15 s. */
  readonly healthIntervalMs: number;
  /** 10/3 η: after the agent's own ack timeout, so the agent is the first to give up a half-open socket. */
  readonly idleMs: number;
}

/** The rhythm for a heartbeat interval in ms. */
export function rhythmOf(heartbeatIntervalMs: number): Rhythm {
  return {
    heartbeatIntervalMs,
    ackTimeoutMs: Math.round((heartbeatIntervalMs * 8) / 3),
    healthIntervalMs: heartbeatIntervalMs * 4,
    idleMs: Math.round((heartbeatIntervalMs * 10) / 3),
  };
}
