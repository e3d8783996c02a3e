/**
 * The running journal: writes down each η how the agent stands, and composes what the collector is told after a gap.
 * Why one place: clocks, looks, book and files meet here; each of them knows nothing of the others.
 * Must not: make a beat wait, or need its disk: without one it remembers the last hour.
 */
import { join } from "node:path";
import { journalBatch } from "../shared/journal.ts";
import { limits, type Journal } from "../shared/wire.ts";
import {
  collectorReach,
  nextRecord,
  openBook,
  reachWithName,
  withDebt,
  withDelivery,
  type JournalBook,
  type JournalFacts,
} from "./journal-book.ts";
import { entryOf, type JournalClocks } from "./journal-record.ts";
import { openJournalStore, storeLimits, type JournalStore } from "./journal-store.ts";
import type { Lane } from "./lane.ts";
import { createLinkReader, type LinkReader, type LinkState } from "./link-state.ts";
import type { Log } from "./log.ts";
import { lookLimits, type NetworkLooks } from "./network-looks.ts";
import type { SessionState } from "./session-types.ts";

export const tickLimits = {
  /** A timer is always a little late; from here on the machine or the program stood still. */
  lateMs: 250,
  /** Two readings of the boot clock may each be off by a second. */
  sleptMs: 2_000,
  /** Of η, for a look: its answers are there when the next tick writes them down. */
  lookShare: 0.6,
  /** A look is never given less: below it even a near host's silence says nothing. */
  lookMs: 500,
} as const;

/** The journal's folder within the state folder. */
export const journalFolderName = "journal";

export interface JournalOptions {
  readonly stateDir: string;
  readonly bootId: string;
  readonly lane: Lane;
  readonly looks: NetworkLooks;
  readonly log: Log;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Since boot, sleep included, ms. */
  readonly bootClock: () => number;
  /** Unix time, ms. */
  readonly wallClock: () => number;
  readonly link?: LinkReader;
}

export interface RunningJournal {
  /** After each change of the session; cheap. */
  sessionChanged(state: SessionState): void;
  /** The next message of what the collector is owed; null: nothing. Rejects when the files cannot be read. */
  nextMessage(): Promise<Journal | null>;
  delivered(sequence: number, complete: boolean): void;
  /** Writes the last record: the program ends in order. Idempotent; resolves when it is on the disk. */
  stop(): Promise<void>;
}

/** Starts at once with the record of the start. */
export function startJournal(options: JournalOptions): RunningJournal {
  return new Writing(options);
}

class Writing implements RunningJournal {
  private readonly options: JournalOptions;
  private readonly store: JournalStore;
  private readonly link: LinkReader;
  private linkState: LinkState = "unknown";
  /** Settled when the numbers of earlier programs are known. */
  private readonly opened: Promise<void>;
  private book: JournalBook | undefined;
  /** What was seen before that; a disk that does not answer keeps the oldest hour waiting. */
  private early: JournalFacts[] = [];
  private state: SessionState | undefined;
  /** Of any session of this program. */
  private ackedAtMs: number | null = null;
  private timer: NodeJS.Timeout | undefined;
  /** η as it was planned with; 0 before the first session. */
  private intervalMs = 0;
  private dueAtMs: number;
  private tickedAtMs: number;
  private bootAheadMs: number;
  private calmLookAtMs = Number.NEGATIVE_INFINITY;
  private stopped: Promise<void> | undefined;

  constructor(options: JournalOptions) {
    this.options = options;
    this.link = options.link ?? createLinkReader();
    this.store = openJournalStore({
      folder: join(options.stateDir, journalFolderName),
      lane: options.lane,
      clocks: () => this.clocks(),
      onTrouble: (detail) => options.log("warn", "journal_not_written", { detail }),
      onMended: (lost) => options.log("info", "journal_written_again", { lost }),
    });
    this.tickedAtMs = options.now();
    this.dueAtMs = this.tickedAtMs;
    this.bootAheadMs = options.bootClock() - this.tickedAtMs;
    this.note("start");
    this.opened = this.open();
  }

  private async open(): Promise<void> {
    const past = await this.store.past().catch((error: unknown) => {
      this.options.log("warn", "journal_not_read", {
        detail: error instanceof Error ? error.message : String(error),
      });
      return { newest: null, acknowledged: null };
    });
    if (past.acknowledged !== null) this.options.looks.remember(past.acknowledged);
    this.book = openBook(this.options.bootId, past);
    for (const facts of this.early.splice(0)) this.write(this.book, facts);
  }

  private clocks(): JournalClocks {
    const { bootId, bootClock, wallClock } = this.options;
    return { bootId, bootMs: bootClock(), wallMs: wallClock() };
  }

  sessionChanged(state: SessionState): void {
    this.state = state;
    if (state.kind === "open" && state.ackedAtMs !== null) this.ackedAtMs = state.ackedAtMs;
    const { heartbeatIntervalMs } = state.standing;
    if (heartbeatIntervalMs === this.intervalMs || this.stopped !== undefined) return;
    // The first session, or a welcome with another η.
    this.intervalMs = heartbeatIntervalMs;
    this.plan();
  }

  private plan(): void {
    clearTimeout(this.timer);
    const nowMs = this.options.now();
    this.dueAtMs = Math.max(nowMs, this.tickedAtMs + this.intervalMs);
    this.timer = setTimeout(() => {
      this.tick();
      this.plan();
    }, this.dueAtMs - nowMs);
    this.timer.unref();
  }

  private tick(): void {
    const facts = this.note("tick");
    const nowMs = this.tickedAtMs;
    const calm = facts.collector === "ok";
    if (calm && nowMs - this.calmLookAtMs < lookLimits.calmEveryMs) return;
    this.calmLookAtMs = nowMs;
    this.options.looks.look(Math.max(tickLimits.lookMs, tickLimits.lookShare * this.intervalMs));
  }

  /** How long the machine slept since the newest record, ms. */
  private sleptMs(): number {
    return this.options.bootClock() - this.options.now() - this.bootAheadMs;
  }

  /** Writes down how things stand now. */
  private note(event: JournalFacts["event"]): JournalFacts {
    const nowMs = this.options.now();
    const clocks = this.clocks();
    const bootAheadMs = clocks.bootMs - nowMs;
    const lateMs = event === "tick" ? nowMs - this.dueAtMs : 0;
    const sleptMs = bootAheadMs - this.bootAheadMs;
    const reach = this.state === undefined ? "unknown" : collectorReach(this.state, this.ackedAtMs, nowMs);
    // While not acknowledged only what was looked at since counts: the answers of the calm time before say nothing.
    const sinceMs = reach === "ok" ? Number.NEGATIVE_INFINITY : (this.ackedAtMs ?? Number.NEGATIVE_INFINITY);
    const looks = this.options.looks.newest(sinceMs);
    // Whoever is acknowledged has a link: it is read only where it was not up before.
    if (reach !== "ok" || this.linkState !== "up") this.linkState = this.link.read();
    const facts: JournalFacts = {
      event,
      bootMs: clocks.bootMs,
      wallMs: clocks.wallMs,
      lateMs: lateMs > tickLimits.lateMs ? lateMs : 0,
      sleptMs: sleptMs > tickLimits.sleptMs ? sleptMs : 0,
      link: this.linkState,
      ...looks,
      collector: reachWithName(reach, looks.dns),
    };
    this.tickedAtMs = nowMs;
    this.bootAheadMs = bootAheadMs;
    if (this.book !== undefined) this.write(this.book, facts);
    else {
      this.early.push(facts);
      if (this.early.length > storeLimits.pendingMax) this.early.splice(1, 1);
    }
    return facts;
  }

  private write(book: JournalBook, facts: JournalFacts): void {
    const next = nextRecord(book, facts);
    this.book = next.book;
    this.store.append(next.record);
  }

  async nextMessage(): Promise<Journal | null> {
    await this.opened;
    if (this.book === undefined) return null;
    this.book = withDebt(this.book, this.options.bootClock(), this.intervalMs);
    const { owedFrom } = this.book;
    if (owedFrom === null) return null;
    // A machine that woke redials at once, and the tick that would say how long it slept comes only later.
    if (this.sleptMs() > tickLimits.sleptMs) this.note("tick");
    const { records, more } = await this.store.read(owedFrom, limits.journalEntriesMax);
    if (records.length === 0) {
      // All of it is lost or too old.
      this.delivered(this.book.sequence, true);
      return null;
    }
    const clocks = this.clocks();
    return journalBatch(
      records.map((record) => entryOf(record, clocks)),
      more,
    ).message;
  }

  delivered(sequence: number, complete: boolean): void {
    if (this.book !== undefined)
      this.book = withDelivery(this.book, sequence, complete, this.options.bootClock());
  }

  stop(): Promise<void> {
    this.stopped ??= this.finish();
    return this.stopped;
  }

  private async finish(): Promise<void> {
    clearTimeout(this.timer);
    this.note("stop");
    await this.opened;
    await this.store.close();
  }
}
