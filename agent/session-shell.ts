/**
 * Runs one pure session on real time and a real WebSocket: tells it what happened, performs what it orders.
 * Why apart from serve.ts: enrolling and serving run the same shell with other keys and other listeners.
 * Must not: decide anything about the session, or let an error of the network leave it as an exception.
 */
import { setDefaultAutoSelectFamilyAttemptTimeout } from "node:net";
import WebSocket, { type ClientOptions, type RawData } from "ws";
import {
  SUBPROTOCOL,
  collectorMessage,
  encode,
  limits,
  parse,
  type AgentMessage,
  type AgentOpening,
  type Enrolled,
  type Feature,
  type Hello,
  type Journal,
  type Probe,
  type Probed,
  type Welcome,
} from "../shared/wire.ts";
import { unreachable } from "../shared/assert.ts";
import type { Log } from "./log.ts";
import type { NameLookup } from "./network-looks.ts";
import { sessionLimits } from "./session-redial.ts";
import { nextDeadlineMs, startSession, step } from "./session.ts";
import type {
  Outcome,
  Problem,
  SessionEffect,
  SessionEvent,
  SessionSettings,
  SessionState,
} from "./session-types.ts";

export const shellLimits = {
  /** A suspend is looked for at least this often. Also far below the largest delay that a timer takes. */
  timerMs: 30_000,
  /** The boot clock ran ahead of the monotonic one by more: the host slept. Its own reading is exact to 1 s. */
  sleptMs: 5_000,
  /** A timer that is later than this may have acks waiting behind it (detection.md: a deadline timer lies after a stall). */
  lateMs: 250,
  /** One address of several gets this long. Node's own 250 ms cut off every satellite link. */
  addressAttemptMs: 4_000,
} as const;

/** What differs between enrolling and serving. */
export interface SessionParts {
  makeOpening(
    as: "prove" | "enroll",
    hello: Hello,
    version: number,
    features: readonly Feature[],
  ): AgentOpening;
  welcomeIsRight(welcome: Welcome): boolean;
  enrolledIsRight(enrolled: Enrolled): boolean;
  storeIdentity(serverId: string, collectorKey: string): Promise<void>;
  /** The message for a beat or an inventory; null: there is nothing to send. */
  makeBeat(sequence: number, health: boolean): AgentMessage;
  makeInventory(): AgentMessage | null;
  setHealthRhythm(intervalMs: number): void;
  /** `answer` is told the next journal message, or null: nothing is owed. At any time, or never. */
  readJournal(answer: (message: Journal | null) => void): void;
  /** The collector has everything up to `sequence`; `complete`: all that it was owed. */
  journalDelivered(sequence: number, complete: boolean): void;
  /** `answer` is told what was found, at any time, or never. */
  askWitness(probe: Probe, answer: (message: Probed) => void): void;
  /** After each event that changed the state. */
  stateChanged(state: SessionState): void;
}

export interface ShellOptions {
  readonly settings: SessionSettings;
  readonly collectorUrl: string;
  /** PEM; the system's authorities count when it is absent. */
  readonly ca?: string;
  readonly agentVersion: string;
  readonly log: Log;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Since boot, sleep included, ms. */
  readonly bootClock: () => number;
  /** Finds the collector's name; default: the system's look-up. */
  readonly lookup?: NameLookup;
  readonly parts: SessionParts;
}

export interface SessionEnd {
  readonly outcome: Outcome;
  readonly problem: Problem | null;
}

type OwnEvent = Extract<SessionEvent, { readonly type: "health_read" | "inventory_read" | "stop_requested" }>;

export interface SessionShell {
  /** Resolves when the session is finished; rejects only when an identity could not be stored, or on a bug. */
  readonly ended: Promise<SessionEnd>;
  tell(event: OwnEvent): void;
}

interface Link {
  readonly number: number;
  readonly socket: WebSocket;
  /** What an error event said before the close event came. */
  detail: string;
  retryAfterMs: number | undefined;
}

/** Starts the session at once. */
export function runSession(options: ShellOptions): SessionShell {
  const running = new RunningSession(options);
  running.tell({ type: "started", nowMs: options.now() });
  return { ended: running.ended, tell: (event) => running.tell(event) };
}

class RunningSession {
  readonly ended: Promise<SessionEnd>;
  private readonly options: ShellOptions;
  private state: SessionState;
  private readonly queue: SessionEvent[] = [];
  private telling = false;
  private link: Link | undefined;
  private timer: NodeJS.Timeout | undefined;
  private timerDueMs = Number.POSITIVE_INFINITY;
  private bootAheadMs: number;
  private resolveEnded!: (end: SessionEnd) => void;
  private rejectEnded!: (error: unknown) => void;

  constructor(options: ShellOptions) {
    this.options = options;
    this.state = startSession(options.settings);
    this.bootAheadMs = options.bootClock() - options.now();
    this.ended = new Promise((resolve, reject) => {
      this.resolveEnded = resolve;
      this.rejectEnded = reject;
    });
    setDefaultAutoSelectFamilyAttemptTimeout(shellLimits.addressAttemptMs);
  }

  /** One event at a time, in order, also when performing an effect brings the next one at once. */
  tell(event: SessionEvent): void {
    this.queue.push(event);
    if (this.telling) return;
    this.telling = true;
    try {
      for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
        const before = this.state;
        const { state, effects } = step(before, next);
        this.state = state;
        for (const effect of effects) this.perform(effect);
        if (state !== before) this.options.parts.stateChanged(state);
      }
    } catch (error) {
      this.end();
      this.rejectEnded(error);
    } finally {
      this.telling = false;
    }
    this.setTimer();
  }

  private perform(effect: SessionEffect): void {
    const { parts } = this.options;
    switch (effect.type) {
      case "dial":
        return this.dial(effect.link);
      case "send_opening":
        return this.send(
          effect.link,
          parts.makeOpening(effect.as, effect.hello, effect.version, effect.features),
        );
      case "check_welcome":
        return this.checked(effect.link, parts.welcomeIsRight(effect.welcome));
      case "check_enrolled":
        return this.checked(effect.link, parts.enrolledIsRight(effect.enrolled));
      case "store_identity":
        parts.storeIdentity(effect.serverId, effect.collectorKey).then(
          () => this.tell({ type: "identity_stored", nowMs: this.options.now() }),
          (error: unknown) => {
            this.end();
            this.rejectEnded(error);
          },
        );
        return;
      case "send_beat":
        return this.send(effect.link, parts.makeBeat(effect.sequence, effect.health));
      case "send_inventory": {
        const message = parts.makeInventory();
        if (message !== null) this.send(effect.link, message);
        return;
      }
      case "read_journal":
        return parts.readJournal((message) =>
          this.tell({ type: "journal_read", nowMs: this.options.now(), link: effect.link, message }),
        );
      case "journal_delivered":
        return parts.journalDelivered(effect.sequence, effect.complete);
      case "ask_witness":
        return parts.askWitness(effect.probe, (message) =>
          this.tell({ type: "probe_answered", nowMs: this.options.now(), link: effect.link, message }),
        );
      case "send_journal":
      case "send_probed":
        return this.send(effect.link, effect.message);
      case "send_goodbye":
        return this.send(effect.link, { type: "goodbye", sequence: effect.sequence, reason: effect.reason });
      case "close":
        // `closeTimeout` destroys the socket when the other end does not answer.
        if (this.link?.number === effect.link) this.link.socket.close(effect.code, effect.reason);
        return;
      case "terminate":
        if (this.link?.number === effect.link) this.link.socket.terminate();
        return;
      case "set_health_rhythm":
        return parts.setHealthRhythm(effect.intervalMs);
      case "finished":
        this.end();
        return this.resolveEnded({ outcome: effect.outcome, problem: effect.problem });
      case "log":
        return this.options.log(effect.level, effect.event, effect.details);
      default:
        return unreachable(effect);
    }
  }

  private checked(link: number, right: boolean): void {
    this.tell({ type: "collector_checked", nowMs: this.options.now(), link, right });
  }

  private send(link: number, message: AgentOpening | AgentMessage): void {
    if (this.link?.number !== link) return;
    // A socket that is closing calls back with an error; its close event tells the session.
    this.link.socket.send(encode(message), () => undefined);
  }

  private dial(number: number): void {
    this.link?.socket.terminate();
    // Options that @types/ws does not know yet; `ws` has them since 8.21.
    const bounds: ClientOptions & {
      closeTimeout: number;
      maxFragments: number;
      maxBufferedChunks: number;
      lookup?: NameLookup;
    } = {
      perMessageDeflate: false,
      followRedirects: false,
      // The session's own deadline comes first; this one is only there so that no socket can outlive it.
      handshakeTimeout: sessionLimits.dialMs + 1_000,
      maxPayload: limits.messageBytesMax,
      maxFragments: limits.fragmentsMax,
      maxBufferedChunks: limits.bufferedChunksMax,
      closeTimeout: limits.closeMs,
      headers: { "User-Agent": `detak-agent/${this.options.agentVersion}` },
      ...(this.options.ca === undefined ? {} : { ca: this.options.ca }),
      ...(this.options.lookup === undefined ? {} : { lookup: this.options.lookup }),
    };
    const socket = new WebSocket(this.options.collectorUrl, SUBPROTOCOL, bounds);
    const link: Link = { number, socket, detail: "", retryAfterMs: undefined };
    this.link = link;
    const now = this.options.now;
    socket.on("open", () => this.tell({ type: "socket_opened", nowMs: now(), link: number }));
    socket.on("message", (data, isBinary) => this.received(number, data, isBinary));
    socket.on("error", (error: Error & { code?: unknown }) => {
      if (link.detail === "") link.detail = typeof error.code === "string" ? error.code : error.message;
    });
    socket.on("unexpected-response", (_request, response) => {
      link.detail = `HTTP ${response.statusCode ?? 0}`;
      const seconds = Number(response.headers["retry-after"]);
      if (Number.isFinite(seconds) && seconds > 0) link.retryAfterMs = seconds * 1000;
      socket.terminate();
    });
    socket.on("close", (code, reason) => {
      const { retryAfterMs } = link;
      this.tell({
        type: "socket_closed",
        nowMs: now(),
        link: number,
        code,
        detail: link.detail === "" ? reason.toString("utf8") : link.detail,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      });
    });
  }

  private received(link: number, data: RawData, isBinary: boolean): void {
    const nowMs = this.options.now();
    if (isBinary) return this.tell({ type: "garbage_received", nowMs, link, problem: "a binary frame" });
    // `binaryType` is left at nodebuffer, so the data is one Buffer.
    const parsed = parse(collectorMessage, (data as Buffer).toString("utf8"));
    if (parsed.ok) this.tell({ type: "message_received", nowMs, link, message: parsed.message });
    else this.tell({ type: "garbage_received", nowMs, link, problem: parsed.problem });
  }

  private setTimer(): void {
    if (this.state.kind === "finished") return;
    const nowMs = this.options.now();
    const dueMs = Math.min(nextDeadlineMs(this.state), nowMs + shellLimits.timerMs);
    // A timer that is set for earlier looks again when it fires; an ack need not set a new one.
    if (this.timer !== undefined && this.timerDueMs <= dueMs) return;
    clearTimeout(this.timer);
    this.timerDueMs = dueMs;
    this.timer = setTimeout(() => this.timerFired(), Math.max(0, Math.ceil(dueMs - nowMs)));
  }

  private timerFired(): void {
    this.timer = undefined;
    const lateMs = this.options.now() - this.timerDueMs;
    if (lateMs <= shellLimits.lateMs) return this.timePassed();
    // Two turns of the event loop: what has already arrived is read before anything is concluded from silence.
    setImmediate(() => setImmediate(() => this.timePassed()));
  }

  private timePassed(): void {
    if (this.state.kind === "finished") return;
    const nowMs = this.options.now();
    const bootAheadMs = this.options.bootClock() - nowMs;
    const sleptMs = bootAheadMs - this.bootAheadMs;
    this.bootAheadMs = bootAheadMs;
    if (sleptMs > shellLimits.sleptMs) this.tell({ type: "machine_slept", nowMs, sleptMs });
    this.tell({ type: "time_passed", nowMs });
  }

  private end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.state = { kind: "finished", standing: this.state.standing, random: this.state.random };
    const socket = this.link?.socket;
    if (socket !== undefined && socket.readyState !== WebSocket.CLOSING) socket.terminate();
  }
}
