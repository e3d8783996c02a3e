/**
 * What the oracle knows of one server: its last sign of life that a living collector could read, from when on a verdict
 * is allowed and until when it is due, and the incident that is open.
 * Why apart: bounds in time are arithmetic on truth; the oracle compares them with what was committed.
 * Must not: read the core's state.
 */
import type { Server } from "../../collector/core/types/registry.ts";
import type { GoodbyeReason } from "./plan-faults.ts";
import type { HearingTruth } from "./hearing-truth.ts";
import type { SimulatedServer } from "./server.ts";

/** How long a goodbye's promise lasts (detection.md). */
const PLANNED_MS: Readonly<Record<GoodbyeReason, number | null>> = {
  reboot: 600_000,
  upgrade: 120_000,
  shutdown: null,
  suspend: null,
  agent_stopped: null,
};

export interface OpenIncident {
  readonly id: string;
  readonly number: number;
  readonly openedMs: number;
  /** The last sign before it. */
  readonly lastSignMs: number;
  /** Signs of life since. */
  readonly signsMs: number[];
}

/** What a restart of the collector means for silences. */
export interface Restart {
  /** Of its absence the collector cannot know so much. */
  readonly unknownMs: number;
  readonly diedMs: number;
  /** Who was not suspect for certain when it died counts as heard until then: the last heartbeats may be lost (H8). */
  readonly heardMs: number;
  /** Before this nobody can be suspect for certain. */
  readonly certainMs: number;
  /** What was read after this may not have been decided when it died. */
  readonly undecidedMs: number;
  /** The newest moment at which volatile facts reached the disk, and for how long after it everybody counts as heard (H8). */
  readonly flushedMs: number;
  readonly lossMs: number;
}

/** What is known of a silence; see `earliestMs` and `latestMs`. */
export interface Silence {
  readonly lastSignMs: number;
  readonly latestSignMs: number;
  readonly freeMinMs: number;
  readonly freeMaxMs: number;
}

/** An announced absence. `dueMs`: not_back is allowed from then on; `latestMs`: and due by then, as the commit came late. */
interface Planned {
  readonly reason: GoodbyeReason;
  readonly atMs: number;
  readonly dueMs: number | null;
  latestMs: number;
}

/** Of the agent: dial and opening limits, and packets lost on the way, that do not scale with η. */
const REDIAL_FIXED_MS = 30_000;
/** ack time-out, redial and a late beat, in η: 8/3 + 2 + 4/3. */
const REDIAL_INTERVALS = 6;
/** Changes of truth that are remembered: the newest outages. */
const SEGMENTS_MAX = 400;

export class Watch {
  readonly server: SimulatedServer;
  /** All that have its identity: a clone is another. */
  readonly machines: readonly SimulatedServer[];
  downAfterMs: number;
  /** As long as a redial can take after everything is mended, ms. */
  readonly redialMs: number;
  /** Silent for 3 η it is suspect, and that is committed within the next half. */
  readonly #suspectMs: number;
  state: "unborn" | "watched" | "planned" | "paused" | "removed" = "unborn";
  session = "";
  lastSignMs = Number.NEGATIVE_INFINITY;
  #firstSignMs = 0;
  /** Silence that counts for nobody since the last sign: at least, at most. */
  #freeMinMs = 0;
  #freeMaxMs = 0;
  /** Of which: what restarts on another boot of the host cannot know. */
  #unknownMs = 0;
  /** The last sign as the store may know it, for the latest moment of a verdict. */
  #latestSignMs = 0;
  planned: Planned | null = null;
  /** When staff resumed it last: the collector goes on with what it last heard of it. */
  resumedMs = Number.NEGATIVE_INFINITY;
  /** The absence that the newest sign ended, until a commit says so: a crash before that goes on with it. */
  endedPlan: Planned | null = null;
  /** A goodbye of its own session that reached the collector; whether it was kept shows in a commit. */
  goodbyeSaid: { readonly reason: GoodbyeReason; readonly atMs: number } | null = null;
  /** What staff ever asked for. */
  readonly orders = new Set<"pause" | "resume" | "remove">();
  open: OpenIncident | null = null;
  /** Flagged as missed in this silence. */
  missed = false;
  /** It and its way to the collector and back have been all right since; null: they are not. */
  goodSinceMs: number | null = null;
  /** A probe would be answered (or not) since. */
  answers = false;
  answersChangedMs = 0;
  /** Anything that kinds or causes depend on changed then. */
  truthChangedMs = 0;
  /** Why it can't be heard now, and since the outage began or some time before. */
  reasons = "";
  segments: { readonly atMs: number; readonly reasons: string }[] = [];
  /** Since when it is heard without a longer pause. */
  runSinceMs = Number.POSITIVE_INFINITY;
  /** When a silence that may have made it suspect ended last. */
  backMs = Number.NEGATIVE_INFINITY;
  /** When it was first heard of all; staff changed what probes ask of it since. */
  bornMs = Number.POSITIVE_INFINITY;
  edited = false;
  editedMs = Number.NEGATIVE_INFINITY;
  /** Of a ping-only server: since when it is asked what it is asked now; it has a full T from then on. */
  askedAnewMs = Number.NEGATIVE_INFINITY;
  #asked = "";
  /** The newest time at which no probe could even be asked; of a ping-only server. */
  unaskableMs = Number.NEGATIVE_INFINITY;
  unaskableSinceMs: number | null = null;
  /** Closing is due, when it is open and enough was heard. */
  closeDueMs = Number.POSITIVE_INFINITY;

  /** The last sign that was decided for certain; a crash may take the newest. */
  #earliestSignMs = Number.NEGATIVE_INFINITY;
  /** The sign before the newest. */
  #beforeMs = Number.NEGATIVE_INFINITY;
  /** The silence in which a verdict was decided that is not committed yet; a sign may come meanwhile. */
  judged: Silence | null = null;

  constructor(machines: readonly SimulatedServer[], settingMs: number, intervalMs: number) {
    const server = machines[0] as SimulatedServer;
    this.server = server;
    this.machines = machines;
    this.#suspectMs = 3.5 * intervalMs;
    this.redialMs = REDIAL_INTERVALS * intervalMs + REDIAL_FIXED_MS;
    this.downAfterMs = Math.max(settingMs, server.plan.downAfterMs ?? 0);
  }

  /** Why it can't be heard from now on. */
  because(reasons: string, nowMs: number): void {
    if (reasons === this.reasons) return;
    this.reasons = reasons;
    this.segments.push({ atMs: nowMs, reasons });
    if (this.segments.length > SEGMENTS_MAX) this.segments.splice(0, SEGMENTS_MAX / 2);
  }

  /** How long each set of reasons held between two moments, ms. */
  held(fromMs: number, toMs: number): Map<string, number> {
    const found = new Map<string, number>();
    for (const [index, segment] of this.segments.entries()) {
      const endMs = Math.min(toMs, this.segments[index + 1]?.atMs ?? toMs);
      const ms = endMs - Math.max(fromMs, segment.atMs);
      if (ms > 0) found.set(segment.reasons, (found.get(segment.reasons) ?? 0) + ms);
    }
    return found;
  }

  sign(nowMs: number): void {
    if (nowMs - this.lastSignMs > this.#suspectMs) this.runSinceMs = nowMs;
    if (nowMs - this.lastSignMs > this.#suspectMs / 2) this.backMs = nowMs;
    this.#beforeMs = this.lastSignMs;
    if (this.bornMs === Number.POSITIVE_INFINITY) this.bornMs = nowMs;
    if (this.state === "unborn" || this.state === "planned") {
      this.endedPlan = this.planned;
      this.state = "watched";
      this.planned = null;
      this.#firstSignMs = nowMs;
      this.runSinceMs = nowMs;
    }
    this.lastSignMs = nowMs;
    this.#earliestSignMs = nowMs;
    this.goodbyeSaid = null;
    this.#latestSignMs = nowMs;
    this.#freeMinMs = 0;
    this.#freeMaxMs = 0;
    this.#unknownMs = 0;
    this.missed = false;
  }

  /** Staff changed its record: its own T, and what probes ask. */
  recorded(record: Server, settingMs: number, nowMs: number): void {
    const asked = JSON.stringify([record.address, record.probePorts, record.check]);
    if (this.bornMs !== Number.POSITIVE_INFINITY) {
      this.edited = true;
      this.editedMs = nowMs;
      if (record.mode === "ping" && asked !== this.#asked) this.askedAnewMs = nowMs;
    }
    this.#asked = asked;
    this.downAfterMs = Math.max(settingMs, record.downAfterMs ?? 0);
  }

  goodbye(reason: GoodbyeReason, saidMs: number, committedMs: number): void {
    if (this.state !== "watched" && this.state !== "unborn" && this.state !== "planned") return;
    if (this.open !== null) return;
    const awayMs = PLANNED_MS[reason];
    this.state = "planned";
    const dueMs = awayMs === null ? null : saidMs + awayMs;
    this.planned = { reason, atMs: saidMs, dueMs, latestMs: committedMs + (awayMs ?? 0) };
  }

  /** Heard while down, and gone again by its own word: its recovery begins anew. */
  leftAgain(): void {
    if (this.open === null) return;
    this.open.signsMs.length = 0;
    this.closeDueMs = Number.POSITIVE_INFINITY;
  }

  resumed(nowMs: number): void {
    if (this.lastSignMs === Number.NEGATIVE_INFINITY) {
      this.state = "unborn";
      return;
    }
    this.state = "watched";
    this.sign(nowMs);
    // While it was paused its beats counted for nobody, its site included.
    this.runSinceMs = nowMs;
    this.resumedMs = nowMs;
  }

  /** Part of the present silence, up to `toMs`, counts for nobody. What came before the last sign was read meanwhile is no part of it. */
  free(minMs: number, maxMs: number, reset: "yes" | "perhaps" | "no", toMs: number): void {
    if (reset !== "no") this.#freeMinMs = 0;
    if (reset === "yes") this.#freeMaxMs = this.#unknownMs;
    this.#freeMinMs += Math.min(minMs, Math.max(0, toMs - this.lastSignMs));
    this.#freeMaxMs += maxMs;
  }

  /** The collector restarted. */
  restarted(nowMs: number, restart: Restart): void {
    this.#freeMinMs = 0;
    if (this.endedPlan !== null && this.state === "watched") {
      this.planned = this.endedPlan;
      this.state = "planned";
    }
    this.endedPlan = null;
    if (this.lastSignMs >= restart.undecidedMs) this.#earliestSignMs = this.#beforeMs;
    // The disk refused volatile facts for longer than H8 allows for: what was heard since is lost.
    const keptMs = restart.flushedMs + restart.lossMs;
    if (this.lastSignMs > keptMs) this.#earliestSignMs = Math.min(this.#earliestSignMs, keptMs);
    if (Math.max(restart.certainMs, this.lastSignMs + this.#freeMaxMs + this.#suspectMs) >= restart.diedMs)
      this.#latestSignMs = Math.max(this.#latestSignMs, restart.heardMs);
    this.#unknownMs += restart.unknownMs;
    this.#freeMaxMs = this.#unknownMs;
    if (this.planned) this.planned.latestMs += restart.unknownMs;
    // Nothing of it was on the disk yet: silence is counted from now.
    if (this.#firstSignMs > restart.flushedMs) this.#latestSignMs = nowMs;
  }

  /** The present silence. */
  get silence(): Silence {
    return {
      lastSignMs: Math.min(this.lastSignMs, this.#earliestSignMs),
      latestSignMs: this.#latestSignMs,
      freeMinMs: this.#freeMinMs,
      freeMaxMs: this.#freeMaxMs,
    };
  }

  /** No verdict before this. */
  earliestMs(hearing: HearingTruth, silence: Silence): number {
    return Math.max(silence.lastSignMs + this.downAfterMs + silence.freeMinMs, hearing.earliestMs);
  }

  /** A verdict by this, before tolerances. */
  latestMs(hearing: HearingTruth, silence: Silence): number {
    return Math.max(silence.latestSignMs + this.downAfterMs + silence.freeMaxMs, hearing.latestMs);
  }
}
