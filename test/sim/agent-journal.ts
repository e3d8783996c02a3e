/**
 * The agent's journal on simulated time: the real book (agent/journal-book.ts) decides what is owed; records are kept in
 * memory, and of quiet times only those that would ever be told.
 * Why not agent/journal.ts itself: it lives on timers and files and writes a record each η; a simulated year has no time
 * for them. What is written, told and when is the same.
 * Must not: know the truth beyond what an agent can look at, or outlive a disk (it survives reboots, as a disk does).
 */
import {
  bookLimits,
  collectorReach,
  nextRecord,
  openBook,
  reachWithName,
  withDebt,
  withDelivery,
  type JournalBook,
  type JournalFacts,
} from "../../agent/journal-book.ts";
import { entryOf, type JournalClocks, type JournalRecord } from "../../agent/journal-record.ts";
import type { SessionState } from "../../agent/session-types.ts";
import { journalBatch, type Reached } from "../../shared/journal.ts";
import { limits, type Journal } from "../../shared/wire.ts";
import type { Place } from "./network.ts";
import type { SimulatedServer } from "./server.ts";
import type { World } from "./world.ts";

/** Seven days of records at 15 s are 40,000; a world's outages are hours. */
const RECORDS_MAX = 6_000;
/** As agent/journal.ts: less is a timer's usual lateness, or the rounding of clocks. */
const LATE_MS = 250;
const SLEPT_MS = 2_000;
/** Of a quiet time: as many as are told from before a gap, and one. */
const QUIET_KEPT = bookLimits.recordsBefore + 1;

/** The public addresses that agents ask; not those of the collector, which fail one by one. */
const AGENTS_PUBLIC_PLACE: Place = { type: "far", index: 1_000 };

type Looks = Pick<JournalFacts, "gateway" | "dns" | "internet">;
const unseen: Looks = { gateway: "unknown", dns: "unknown", internet: "unknown" };

export class AgentJournal {
  readonly #server: SimulatedServer;
  readonly #world: World;
  #records: JournalRecord[] = [];
  #book: JournalBook | null = null;
  #state: SessionState | null = null;
  #ackedAtMs: number | null = null;
  // Ticks, by the clock that stops while the host sleeps.
  #ticking = false;
  #tickToken = 0;
  #dueMs = 0;
  #tickedMs = 0;
  /** All sleep of the host when the last record was written. */
  #sleptMs = 0;
  #look: { readonly beganMs: number; readonly looks: Looks } | null = null;

  constructor(server: SimulatedServer, world: World) {
    this.#server = server;
    this.#world = world;
  }

  get on(): boolean {
    return this.#server.plan.features.includes("journal");
  }

  /** The program started. */
  started(): void {
    if (!this.on) return;
    const acknowledged = this.#records.findLast((record) => record.collector === "ok") ?? null;
    this.#book = openBook(this.#server.bootId, { newest: this.#records.at(-1) ?? null, acknowledged });
    this.#state = null;
    this.#ackedAtMs = null;
    this.#look = null;
    this.#tickedMs = this.#monotonicMs;
    this.#dueMs = this.#tickedMs;
    this.#sleptMs = this.#server.sleptMs;
    this.#note("start");
    this.watch();
  }

  /** The program ended: in order (it could write so), or not. */
  ended(inOrder: boolean): void {
    if (!this.on || this.#book === null) return;
    this.#catchUp();
    this.#ticking = false;
    this.#tickToken += 1;
    if (inOrder) this.#note("stop");
    this.#book = null;
  }

  sessionChanged(state: SessionState): void {
    this.#state = state;
    if (state.kind === "open" && state.ackedAtMs !== null) this.#ackedAtMs = state.ackedAtMs;
  }

  /** From now on each interval is written down, until all is well again. */
  watch(): void {
    if (!this.on || this.#ticking || this.#book === null) return;
    this.#catchUp();
    this.#ticking = true;
    this.#dueMs = this.#tickedMs + this.#world.plan.heartbeatIntervalMs;
    this.#schedule();
  }

  /** All is well: what would be written now is never told. */
  rest(): void {
    this.#ticking = false;
    this.#tickToken += 1;
  }

  /** The program is given time again. */
  resumed(): void {
    if (this.#ticking) this.#tick(this.#tickToken);
    else this.watch();
  }

  /** The next message of what the collector is owed; null: nothing. */
  nextMessage(): Journal | null {
    if (this.#book === null) return null;
    const clocks = this.#clocks();
    this.#book = withDebt(this.#book, clocks.bootMs, this.#world.plan.heartbeatIntervalMs);
    const { owedFrom } = this.#book;
    if (owedFrom === null) return null;
    if (this.#server.sleptMs - this.#sleptMs > SLEPT_MS) this.#note("tick");
    const waiting = this.#records.filter((record) => record.sequence >= owedFrom);
    const records = waiting.slice(0, limits.journalEntriesMax);
    if (records.length === 0) {
      this.delivered(this.#book.sequence, true);
      return null;
    }
    const taken = records.map((record) => entryOf(record, clocks));
    return journalBatch(taken, waiting.length > records.length).message;
  }

  delivered(sequence: number, complete: boolean): void {
    if (this.#book === null) return;
    this.#book = withDelivery(this.#book, sequence, complete, this.#clocks().bootMs);
    if (complete) this.#records = this.#records.slice(-2 * QUIET_KEPT);
  }

  get #monotonicMs(): number {
    return this.#world.nowMs - this.#server.sleptMs;
  }

  #clocks(): JournalClocks {
    const { bootId, bootedMs, wallOffsetMs } = this.#server;
    const { nowMs } = this.#world;
    return { bootId, bootMs: nowMs - bootedMs, wallMs: WALL_START_MS + nowMs + wallOffsetMs };
  }

  /** What was not written down since the last record: quiet intervals, of which the newest are kept. */
  #catchUp(): void {
    const { heartbeatIntervalMs: intervalMs } = this.#world.plan;
    const missed = Math.floor((this.#monotonicMs - this.#tickedMs) / intervalMs);
    if (this.#ticking || missed <= 0 || this.#book === null) return;
    const kept = Math.min(missed, QUIET_KEPT);
    this.#book = { ...this.#book, sequence: this.#book.sequence + missed - kept };
    const agoMs = this.#monotonicMs - this.#tickedMs;
    const clocks = this.#clocks();
    for (let number = missed - kept + 1; number <= missed; number += 1) {
      const beforeMs = agoMs - number * intervalMs;
      this.#write({
        event: "tick",
        bootMs: clocks.bootMs - beforeMs,
        wallMs: clocks.wallMs - beforeMs,
        lateMs: 0,
        sleptMs: 0,
        link: "up",
        gateway: this.#knowsGateway ? "ok" : "unknown",
        dns: this.#knowsInternet ? "ok" : "unknown",
        internet: this.#knowsInternet ? "ok" : "unknown",
        collector: "ok",
      });
    }
    this.#tickedMs += missed * intervalMs;
    this.#sleptMs = this.#server.sleptMs;
  }

  #schedule(): void {
    const token = this.#tickToken;
    this.#world.callAt(Math.max(this.#world.nowMs, this.#dueMs + this.#server.sleptMs), () =>
      this.#tick(token),
    );
  }

  #tick(token: number): void {
    if (token !== this.#tickToken || !this.#ticking || this.#server.frozen) return;
    if (this.#monotonicMs < this.#dueMs) return this.#schedule();
    this.#tickToken += 1;
    const facts = this.#note("tick");
    if (facts?.collector !== "ok") this.#look = { beganMs: this.#tickedMs, looks: this.#looksNow() };
    this.#dueMs = this.#tickedMs + this.#world.plan.heartbeatIntervalMs;
    this.#schedule();
  }

  /** Writes down how things stand now (agent/journal.ts, `note`). */
  #note(event: JournalFacts["event"]): JournalFacts | null {
    const nowMs = this.#monotonicMs;
    const { bootMs, wallMs } = this.#clocks();
    const lateMs = event === "tick" ? nowMs - this.#dueMs : 0;
    const sleptMs = this.#server.sleptMs - this.#sleptMs;
    const reach = this.#state === null ? "unknown" : collectorReach(this.#state, this.#ackedAtMs, nowMs);
    const look =
      this.#look !== null && this.#look.beganMs >= (this.#ackedAtMs ?? 0) ? this.#look.looks : unseen;
    const looks = reach === "ok" ? this.#looksNow() : look;
    const { cutUp, cutDown } = this.#server.path;
    const facts: JournalFacts = {
      event,
      bootMs,
      wallMs,
      lateMs: lateMs > LATE_MS ? lateMs : 0,
      sleptMs: sleptMs > SLEPT_MS ? sleptMs : 0,
      link: cutUp > 0 && cutDown > 0 ? "down" : "up",
      gateway: looks.gateway,
      dns: looks.dns,
      internet: looks.internet,
      collector: reachWithName(reach, looks.dns),
    };
    this.#tickedMs = nowMs;
    this.#sleptMs = this.#server.sleptMs;
    this.#write(facts);
    return facts;
  }

  #write(facts: JournalFacts): void {
    if (this.#book === null) return;
    const { book, record } = nextRecord(this.#book, facts);
    this.#book = book;
    this.#records.push(record);
    if (this.#records.length > RECORDS_MAX) this.#records.splice(0, RECORDS_MAX / 2);
  }

  get #knowsGateway(): boolean {
    return this.#world.network.siteOf(this.#server)?.plan.gateway !== "filtered";
  }

  /** A closed network has no public address that ever answered. */
  get #knowsInternet(): boolean {
    return this.#world.plan.collector.farSentinels.some((one) => one === "answers");
  }

  #looksNow(): Looks {
    const { network } = this.#world;
    const site = network.siteOf(this.#server);
    const { place } = this.#server;
    const said = (reached: boolean): Reached => (reached ? "ok" : "failed");
    const near = site === null ? null : network.answered(place, { type: "gateway", site });
    const far = network.answered(place, AGENTS_PUBLIC_PLACE);
    const named = site?.loginFailing.at(-1) !== "name";
    return {
      gateway: near === null || !this.#knowsGateway ? "unknown" : said(near),
      dns: this.#knowsInternet ? said(far && named) : "unknown",
      internet: this.#knowsInternet ? said(far) : "unknown",
    };
  }
}

/** The wall clock at the begin of every world, as collector.ts has it. */
const WALL_START_MS = 1_760_000_000_000;
