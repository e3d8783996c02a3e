/**
 * The kinds of entries in the event queue, and what travels over a simulated connection.
 * Why numbers: the queue keeps them in typed arrays and one switch in world.ts hands them out.
 * Must not: hold behaviour.
 */
import type {
  Goodbye,
  Hello,
  InventoryMessage,
  Journal,
  JournalAck,
  Probe,
  Probed,
  Prove,
  Welcome,
} from "../../shared/wire.ts";

export const entries = {
  /** The agent's next deadline. Subject: the server; value: the timer's token. */
  agentTimer: 0,
  /** A heartbeat reaches the collector's host. Subject: the connection; value: the sequence; payload: health or null. */
  upBeat: 1,
  /** Any other word on its way up. Payload: an UpWord. */
  upWord: 2,
  /** An ack reaches the server's host. Value: the sequence. */
  downAck: 3,
  /** Any other word on its way down. Payload: a DownWord. */
  downWord: 4,
  /** The collector's clock ticks. Value: the process's number. */
  tick: 5,
  /** Calls its payload. For everything rare. */
  call: 6,
  /** A heartbeat that left while all was well. Subject: the server; value: the token of this beat. */
  steadyBeat: 7,
  /** The collector's end of a connection may have been idle for too long. Subject: the connection. */
  idleLook: 8,
} as const;

export type UpWord =
  | { readonly type: "upgrade" }
  | Prove
  | InventoryMessage
  | Goodbye
  | Probed
  | Journal
  /** End of the stream: FIN or RST. */
  | { readonly type: "closed" };

export type DownWord =
  | { readonly type: "opened" }
  | Hello
  | Welcome
  | Probe
  | JournalAck
  | { readonly type: "closed"; readonly code: number; readonly reason: string };

/** A call with its process number: what belongs to a dead process is not carried out. */
export type Call = () => void;
