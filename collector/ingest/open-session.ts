/**
 * A session that is open: what its agent may say, and what the core tells it, until the socket ends.
 * Why apart from agent-session.ts: there a peer is still to be proven and a socket to be kept in order; here a proven agent
 * speaks.
 * Must not: know the opening, deadlines or how a socket ends; one mistake is one `end`.
 */
import type { Effect } from "../core/types/effects.ts";
import type { EventBody } from "../core/types/events.ts";
import { unreachable } from "../../shared/assert.ts";
import type { CloseName } from "../../shared/close-codes.ts";
import { journalEntriesOf } from "../../shared/journal.ts";
import {
  agentMessage,
  encode,
  parse,
  type CollectorMessage,
  type Feature,
  type Goodbye,
  type Journal,
  type Probed,
} from "../../shared/wire.ts";
import type { LogFields } from "./session-context.ts";
import {
  closeRound,
  openRound,
  probeMessage,
  type WitnessRound,
  type WitnessRounds,
} from "./witness-rounds.ts";

/** A proven identity and the session opened for it. */
export interface Proven {
  readonly serverId: string;
  readonly sessionId: string;
}

/** What an open session asks of the socket it lives on. */
export interface OpenSessionPort {
  send(text: string): void;
  /** Gives the core an event, in the order of the calls. */
  report(event: EventBody): void;
  end(name: CloseName, problem: string): void;
  /** The message just received was asked for and takes nothing of the allowance. */
  messageWasAsked(): void;
  log(level: "debug" | "warn", event: string, fields: LogFields): void;
}

export class OpenSession {
  readonly proven: Proven;
  /** Monotonic time of the last message, ms. */
  heardMs: number;
  readonly #port: OpenSessionPort;
  /** What both ends said they can do. */
  readonly #features: readonly Feature[];
  /** The highest sequence given to the core, and the highest that it has processed. 0: none. */
  #sequenceReceived = 0;
  #sequenceProcessed = 0;
  /** After its goodbye a session says nothing more. */
  #saidGoodbye = false;
  /** Probes that the agent was asked for and has not answered; null: it never was. Most never are. */
  #rounds: WitnessRounds | null = null;
  /** The last entry of the journal message that the core has not acknowledged; null: none is on its way. */
  #journalSequence: number | null = null;

  constructor(port: OpenSessionPort, proven: Proven, features: readonly Feature[], nowMs: number) {
    this.#port = port;
    this.proven = proven;
    this.#features = features;
    this.heardMs = nowMs;
  }

  /** One text frame arrived at monotonic `nowMs`. */
  receive(text: string, nowMs: number): void {
    const parsed = parse(agentMessage, text);
    if (!parsed.ok) {
      this.#port.end("bad_message", parsed.problem);
      return;
    }
    if (this.#saidGoodbye) {
      this.#port.end("bad_message", "a message after goodbye");
      return;
    }
    this.heardMs = nowMs;
    const message = parsed.message;
    switch (message.type) {
      case "beat":
        if (!this.#sequenceGrows(message.sequence)) return;
        this.#port.report({
          type: "heartbeat_received",
          ...this.proven,
          sequence: message.sequence,
          health: message.health ?? null,
        });
        return;
      case "inventory":
        this.#port.report({ type: "inventory_received", ...this.proven, inventory: message.inventory });
        return;
      case "goodbye":
        this.#receiveGoodbye(message);
        return;
      case "probed":
        this.#receiveProbed(message, nowMs);
        return;
      case "journal":
        this.#receiveJournal(message);
        return;
      default:
        unreachable(message);
    }
  }

  /** The core has processed everything up to `sequence`. */
  acknowledge(sequence: number): void {
    this.#sequenceProcessed = Math.max(this.#sequenceProcessed, sequence);
    this.#say({ type: "ack", sequence: this.#sequenceProcessed });
  }

  /** Asks the agent to probe. One that can't, is leaving or has too much to do is not asked: no answer will come. */
  askWitness(effect: Extract<Effect, { type: "ask_witness" }>, nowMs: number): void {
    if (this.#saidGoodbye || !this.#features.includes("witness")) return;
    const message = probeMessage(effect);
    if (typeof message === "string") {
      this.#port.log("warn", "probe_not_sayable", { roundId: effect.roundId, problem: message });
      return;
    }
    this.#rounds ??= new Map<string, WitnessRound>();
    if (openRound(this.#rounds, message, nowMs)) this.#say(message);
    else this.#port.log("debug", "witness_busy", { roundId: effect.roundId });
  }

  /** The core has taken in the journal up to `sequence`; the agent may send more. */
  acknowledgeJournal(sequence: number): void {
    if (this.#journalSequence === null || sequence < this.#journalSequence) return;
    this.#say({ type: "journal_ack", sequence: this.#journalSequence });
    this.#journalSequence = null;
  }

  #receiveGoodbye(goodbye: Goodbye): void {
    if (!this.#sequenceGrows(goodbye.sequence)) return;
    this.#saidGoodbye = true;
    this.#port.report({
      type: "goodbye_received",
      ...this.proven,
      sequence: goodbye.sequence,
      reason: goodbye.reason,
      awayForMs: goodbye.awayForMs ?? null,
    });
  }

  #receiveProbed(probed: Probed, nowMs: number): void {
    if (!this.#features.includes("witness")) {
      this.#port.end("bad_message", "probed, from an agent that is no witness");
      return;
    }
    const results = this.#rounds && closeRound(this.#rounds, probed, nowMs);
    if (results === null) return;
    this.#port.messageWasAsked();
    this.#port.report({ type: "witness_answered", ...this.proven, roundId: probed.roundId, results });
  }

  #receiveJournal(journal: Journal): void {
    if (!this.#features.includes("journal")) {
      this.#port.end("bad_message", "journal, from an agent that keeps none");
      return;
    }
    if (this.#journalSequence !== null) {
      this.#port.end("bad_message", "a journal before the one before was acknowledged");
      return;
    }
    this.#journalSequence = journal.entries.at(-1)?.sequence ?? null;
    this.#port.report({
      type: "journal_received",
      ...this.proven,
      entries: journalEntriesOf(journal),
      more: journal.more,
    });
  }

  /** Never twice: a sequence that does not grow is only told again how far the core is. */
  #sequenceGrows(sequence: number): boolean {
    if (sequence > this.#sequenceReceived) {
      this.#sequenceReceived = sequence;
      return true;
    }
    // Nothing processed yet: the answer to the first one is still on its way.
    if (this.#sequenceProcessed > 0) this.#say({ type: "ack", sequence: this.#sequenceProcessed });
    return false;
  }

  #say(message: CollectorMessage): void {
    this.#port.send(encode(message));
  }
}
