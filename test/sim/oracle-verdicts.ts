/**
 * Judges verdicts: each incident that was committed, and each that was not, by what is true of its server.
 * Why apart: the oracle collects what happened; here is what had to follow from it, and when.
 * Must not: read the core's state, or know messages.
 */
import type { Incident } from "../../collector/core/types/incident.ts";
import { counted, newFigures, seconds, type Figures, type IncidentSeen, type Violate } from "./figures.ts";
import type { HearingTruth } from "./hearing-truth.ts";
import { finalCausesOf, kindsOf } from "./labels.ts";
import type { GroupOracle } from "./oracle-groups.ts";
import type { Truth } from "./truth.ts";
import type { Silence, Watch } from "./watch.ts";
import type { World } from "./world.ts";

/** Longest commit between a decision and its durability, beside the plan's own. */
const COMMIT_SLOP_MS = 100;
/** The boot clock counts in steps of 10 ms; over a restart or sleep a silence is known no better. */
const BOOT_CLOCK_STEP_MS = 10;
/** After a full disk: the retry each second, what was kept, and a tick. */
const DISK_BACK_MS = 10_000;

/** A truth that has stood for so much of T was met by a round of probes of a silent agent's host, at 2T/3 or later. */
const SURE_SHARE = 0.55;
/** Signs further apart than this, in η, are not of one recovery. */
const PAUSE_INTERVALS = 3.5;
/** After a goodbye of an agent that was stopped: as long as T, and rounds that found out. */
const ROUNDS_AFTER_GOODBYE = 3;

export class VerdictOracle {
  readonly figures: Figures = newFigures();
  readonly history: IncidentSeen[] = [];
  readonly toleranceMs: number;
  readonly #world: World;
  readonly #truth: Truth;
  readonly #hearing: HearingTruth;
  readonly #violate: Violate;
  readonly #groups: GroupOracle;
  /** From the last sign before an outage to the first after it. */
  readonly #spans = new Map<string, { readonly fromMs: number; readonly toMs: number }>();
  readonly #judgedCauses = new Set<string>();
  #diskFailedMs = Number.NEGATIVE_INFINITY;

  constructor(world: World, truth: Truth, hearing: HearingTruth, groups: GroupOracle, violate: Violate) {
    this.#world = world;
    this.#groups = groups;
    this.#truth = truth;
    this.#hearing = hearing;
    this.#violate = violate;
    // detection.md: committed at most 2 s (at η = 15 s) after T; scaled like the tick.
    this.toleranceMs = 2 * world.tickMs + world.plan.collector.commitMs[1] + COMMIT_SLOP_MS;
  }

  /** Until then the disk may have refused something. */
  get diskTroubledMs(): number {
    return this.#diskFailedMs + DISK_BACK_MS;
  }

  #diskTroubled(): boolean {
    this.#watchDisk();
    return this.#world.nowMs < this.diskTroubledMs + this.toleranceMs;
  }

  #watchDisk(): void {
    const { collector, nowMs } = this.#world;
    if (collector.holds.diskFull > 0 || collector.holds.diskLocked > 0 || collector.commitMsNow !== null)
      this.#diskFailedMs = nowMs;
    else this.#diskFailedMs = Math.max(this.#diskFailedMs, collector.storeFailedMs);
  }

  // ── What was committed ─────────────────────────────────────────────────────────────────────────────

  /** An incident was written: opened, changed or closed. */
  written(watch: Watch, incident: Incident, decidedMs: number, nowMs: number): void {
    this.seen(incident, nowMs);
    if (incident.endedWallMs !== null) {
      if (watch.open?.id === incident.id) this.#closed(watch, incident);
      if (incident.causeDueCoreMs === null) this.#judgeCause(watch, incident);
      return;
    }
    if (watch.open?.id === incident.id) return;
    if (watch.open)
      this.#violate("S4", watch.server.id, `incident ${incident.id} opened while ${watch.open.id} is open`);
    this.#opened(watch, incident, decidedMs, nowMs);
  }

  /** Keeps what became of an incident, for whoever reads the history. */
  seen(incident: Incident, nowMs: number): IncidentSeen | null {
    const seen = this.history.findLast((one) => one.id === incident.id);
    if (!seen) return null;
    seen.kind = incident.kind;
    seen.variant = incident.variant;
    seen.groupedUnder = incident.groupedUnder;
    seen.finalCause = incident.finalCause;
    if (incident.endedWallMs !== null) seen.closedMs ??= nowMs;
    return seen;
  }

  /** An incident of several servers, or of the collector: only counted here. */
  sharedWritten(incident: Incident, nowMs: number): void {
    if (this.seen(incident, nowMs) !== null) return;
    counted(
      this.figures.byKind,
      incident.variant === null ? incident.kind : `${incident.kind} ${incident.variant}`,
    );
    this.#remember(incident, nowMs, nowMs);
  }

  #remember(incident: Incident, lastSignMs: number, nowMs: number): void {
    this.history.push({
      id: incident.id,
      number: incident.number,
      serverId: incident.serverId,
      firstKind: incident.kind,
      firstVariant: incident.variant,
      confidence: incident.confidence,
      openedMs: nowMs,
      silentMs: nowMs - lastSignMs,
      kind: incident.kind,
      variant: incident.variant,
      groupedUnder: incident.groupedUnder,
      closedMs: null,
      finalCause: null,
    });
  }

  #opened(watch: Watch, incident: Incident, decidedMs: number, nowMs: number): void {
    const { figures } = this;
    const { id } = watch.server;
    figures.incidents += 1;
    counted(figures.byKind, incident.groupedUnder === null ? incident.kind : `${incident.kind} (grouped)`);
    const judged = watch.judged ?? watch.silence;
    const { lastSignMs } = judged;
    watch.open = { id: incident.id, number: incident.number, openedMs: nowMs, lastSignMs, signsMs: [] };
    watch.closeDueMs = Number.POSITIVE_INFINITY;
    // Heard while the verdict was on its way to the disk: the first sign of its recovery.
    if (watch.lastSignMs > lastSignMs && watch.judged) watch.open.signsMs.push(watch.lastSignMs);
    watch.judged = null;
    this.#remember(incident, lastSignMs, nowMs);
    const silence = `${seconds(decidedMs - lastSignMs)} after its last sign of life`;
    switch (watch.state) {
      case "unborn":
      case "paused":
      case "removed":
        return this.#violate("S1", id, `${incident.kind} of a server that is ${watch.state}`);
      case "planned":
        return this.#openedWhilePlanned(watch, incident, decidedMs, nowMs);
      case "watched":
        break;
    }
    if (watch.goodbyeSaid !== null && incident.kind !== "not_back")
      this.#violate("S9", id, `${incident.kind} though it said goodbye for ${watch.goodbyeSaid.reason}`);
    const earliestMs = watch.earliestMs(this.#hearing, judged);
    if (decidedMs < earliestMs - BOOT_CLOCK_STEP_MS) {
      figures.early += 1;
      this.#violate("S1", id, `${incident.kind} ${silence}, ${seconds(earliestMs - decidedMs)} too early`);
    }
    const dueMs = this.#dueMs(watch, judged) + this.#groups.holdMs(watch, nowMs);
    if (nowMs > dueMs && !this.#diskTroubled()) {
      figures.late += 1;
      this.#violate("L1", id, `${incident.kind} ${silence}, ${seconds(nowMs - dueMs)} too late`);
    }
    const { goodSinceMs } = watch;
    if (goodSinceMs !== null && decidedMs - goodSinceMs > watch.redialMs) {
      figures.falseAlarms += 1;
      this.#violate(
        "S1",
        id,
        `${incident.kind} of a server that has been fine for ${seconds(decidedMs - goodSinceMs)}`,
      );
    }
    const disturbedMs = Math.max(this.#hearing.disturbedMs, this.diskTroubledMs, watch.unaskableMs);
    if (disturbedMs < lastSignMs && !this.#diskTroubled() && this.#groups.holdMs(watch, nowMs) === 0) {
      const delayMs = nowMs - lastSignMs - watch.downAfterMs;
      figures.delayMinMs = Math.min(figures.delayMinMs, delayMs);
      figures.delayMaxMs = Math.max(figures.delayMaxMs, delayMs);
    }
    if (watch.unaskableSinceMs !== null && decidedMs - watch.unaskableSinceMs > watch.downAfterMs / 3)
      this.#violate("E3", id, `${incident.kind} though no probe could be asked`);
    this.#checkKind(watch, incident, decidedMs);
  }

  #openedWhilePlanned(watch: Watch, incident: Incident, decidedMs: number, nowMs: number): void {
    const { planned } = watch;
    const { id } = watch.server;
    watch.state = "watched";
    if (planned === null) return;
    if (incident.kind === "not_back") {
      if (planned.dueMs === null || decidedMs < planned.dueMs - BOOT_CLOCK_STEP_MS)
        this.#violate(
          "S9",
          id,
          `not_back ${seconds(decidedMs - planned.atMs)} after a goodbye for ${planned.reason}`,
        );
      return;
    }
    if (planned.reason !== "agent_stopped")
      return this.#violate("S9", id, `${incident.kind} though it said goodbye for ${planned.reason}`);
    // Its agent was stopped on purpose; only the death of its host is news, and three rounds of probes must have met it.
    const longAgo = nowMs - watch.answersChangedMs >= watch.downAfterMs / 2;
    if (watch.answers === longAgo)
      this.#violate("S1", id, `${incident.kind} while its agent is stopped and its host answers`);
  }

  #checkKind(watch: Watch, incident: Incident, decidedMs: number): void {
    const { figures } = this;
    if (incident.kind === "not_back") return;
    const cover = this.#groups.incidents.get(incident.groupedUnder ?? "")?.incident;
    // Of a mass outage nobody asks witnesses: its members' kinds are not told, and need not be exact.
    const kinds = cover?.kind === "mass_outage" ? null : kindsOf(this.#world, this.#truth, watch, decidedMs);
    if (kinds === null) {
      figures.kindUnsure += 1;
      return;
    }
    if (kinds.has(incident.kind)) {
      figures.kindRight += 1;
      return;
    }
    figures.kindWrong += 1;
    const truth = `${[...kinds].join(" or ")} (${watch.reasons})`;
    counted(figures.wrong, `kind ${incident.kind}, though ${truth}`);
    const disturbedMs = Math.max(this.#hearing.disturbedMs, this.diskTroubledMs);
    const stableMs = decidedMs - watch.truthChangedMs;
    // Which witnesses were free to answer is not promised.
    if (
      !kinds.has("path_down") &&
      stableMs > watch.downAfterMs * (watch.server.plan.mode === "agent" ? SURE_SHARE : 1) &&
      disturbedMs < watch.lastSignMs
    )
      this.#violate("E1", watch.server.id, `told as ${incident.kind}, though in truth it is ${truth}`);
  }

  /** The cause is final: right, wrong, unknown, or nobody could tell. */
  #judgeCause(watch: Watch, incident: Incident): void {
    if (incident.closeReason !== "recovered" || incident.finalCause === null) return;
    if (this.#judgedCauses.has(incident.id)) return;
    this.#judgedCauses.add(incident.id);
    const { figures } = this;
    const span = this.#spans.get(incident.id);
    const causes = span ? finalCausesOf(this.#world, watch, incident, span.fromMs, span.toMs) : null;
    if (causes === null || causes.size === 0) figures.causeUnsure += 1;
    else if (causes.has(incident.finalCause)) figures.causeRight += 1;
    else if (incident.finalCause === "unknown") figures.causeUnknown += 1;
    else {
      figures.causeWrong += 1;
      counted(
        figures.wrong,
        `cause ${incident.finalCause} of ${incident.kind}, though ${[...causes][0] ?? ""}`,
      );
    }
  }

  #closed(watch: Watch, incident: Incident): void {
    const open = watch.open;
    const firstMs = open?.signsMs.at(0) ?? this.#world.nowMs;
    if (open) this.#spans.set(incident.id, { fromMs: open.lastSignMs, toMs: firstMs });
    watch.open = null;
    watch.closeDueMs = Number.POSITIVE_INFINITY;
    if (incident.closeReason !== "recovered" || open === null) return;
    this.figures.recoveries += 1;
    const { heartbeatIntervalMs } = this.#world.plan;
    const spacingMs = (2 / 3) * heartbeatIntervalMs;
    const last = open.signsMs.at(-1);
    // Of the recovery that closed it: an earlier try that ended in silence is none. A disturbed collector may have been
    // the one that paused, and in a grace or drain a pause that ends with it is nobody's silence.
    const pauseMs =
      PAUSE_INTERVALS *
      heartbeatIntervalMs *
      (watch.server.plan.mode === "ping" ? watch.downAfterMs / (3 * heartbeatIntervalMs) : 1);
    const undisturbed = Math.max(this.#hearing.disturbedMs, this.diskTroubledMs);
    const isAnew = (atMs: number, index: number): boolean => {
      const before = open.signsMs[index - 1];
      return (
        before !== undefined &&
        before > undisturbed &&
        atMs > this.#hearing.windowEndMs &&
        atMs - before > pauseMs
      );
    };
    const first = open.signsMs.findLast(isAnew) ?? open.signsMs.at(0);
    if (first === undefined || last === undefined || last - first < spacingMs - 10)
      this.#violate(
        "D9",
        watch.server.id,
        `${incident.id} closed without two heartbeats ${seconds(spacingMs)} apart`,
      );
  }

  /** Heard while down: three signs close together must have closed it. */
  heardWhileDown(watch: Watch, signsMs: number[], nowMs: number): void {
    const interval = this.#world.plan.heartbeatIntervalMs;
    signsMs.push(nowMs);
    // What was heard while the disk refused is decided again later, partly: only what came after it counts for certain.
    const [first, second] = signsMs.slice(-3).filter((atMs) => atMs > this.diskTroubledMs);
    if (signsMs.length < 3 || first === undefined || second === undefined) return;
    if (second - first > 2.5 * interval || nowMs - second > 2.5 * interval) return;
    if (nowMs - first < (4 / 3) * interval) return;
    if (watch.closeDueMs === Number.POSITIVE_INFINITY) watch.closeDueMs = nowMs + 2 * this.toleranceMs;
  }

  // ── What did not happen ────────────────────────────────────────────────────────────────────────────

  /** Looks at one server for what should have been committed by now. */
  look(watch: Watch, nowMs: number): void {
    this.#watchDisk();
    if (watch.server.plan.mode === "ping" && !this.#truth.askable(watch.server)) {
      watch.unaskableMs = nowMs;
      watch.unaskableSinceMs ??= nowMs;
    } else watch.unaskableSinceMs = null;
    if (watch.state === "watched" && watch.open === null) this.expectTold(watch, nowMs);
    if (watch.state === "planned") this.#expectNotBack(watch, nowMs);
    if (watch.open === null || nowMs <= watch.closeDueMs || this.#diskTroubled()) return;
    watch.closeDueMs = Number.POSITIVE_INFINITY;
    if (this.#hearing.disturbedMs < watch.lastSignMs - 3 * this.#world.plan.heartbeatIntervalMs)
      this.#violate("L1", watch.server.id, `${watch.open.id} stays open though it was heard again`);
  }

  #dueMs(watch: Watch, silence: Silence): number {
    const { plan, tickMs } = this.#world;
    const { disturbedMs } = this.#hearing;
    // What was credited after a grace was so by the T of then; staff made it longer since.
    const editedMs = disturbedMs >= watch.lastSignMs ? watch.editedMs + watch.downAfterMs : 0;
    const askedMs = watch.askedAnewMs + watch.downAfterMs;
    const onTimeMs = Math.max(watch.latestMs(this.#hearing, silence), editedMs, askedMs) + this.toleranceMs;
    if (watch.server.plan.mode === "agent") return onTimeMs;
    // Two failed probes, the newest among them, must be there first.
    const probeMs = watch.downAfterMs / 12 + plan.heartbeatIntervalMs + tickMs;
    const foundMs = watch.downAfterMs / 3 + 2 * probeMs;
    const disturbed = disturbedMs >= watch.lastSignMs;
    return Math.max(
      onTimeMs + (disturbed ? foundMs : 0),
      watch.unaskableMs + watch.downAfterMs / 3 + 6 * probeMs + this.toleranceMs,
    );
  }

  /** It has been silent: by now it must have been told. */
  expectTold(watch: Watch, nowMs: number): void {
    if (watch.missed || nowMs <= this.#dueMs(watch, watch.silence) || this.#diskTroubled()) return;
    if (nowMs <= this.#dueMs(watch, watch.silence) + this.#groups.holdMs(watch, nowMs)) return;
    if (watch.server.plan.mode === "ping" && !this.#truth.askable(watch.server)) return;
    watch.missed = true;
    this.figures.missed += 1;
    this.#violate(
      "S3",
      watch.server.id,
      `silent for ${seconds(nowMs - watch.lastSignMs)} and nobody was told; due ${seconds(nowMs - this.#dueMs(watch, watch.silence))} ago`,
    );
  }

  /** Its agent was stopped and its host answered after that: when the host falls silent, people must hear of it. */
  #expectHostMissed(watch: Watch, goodbyeMs: number, nowMs: number): void {
    // Behind NAT its router answers in its place, for ever (SPEC.md, gaps).
    if (watch.missed || watch.answers || watch.server.plan.behindNat || this.#diskTroubled()) return;
    const { heartbeatIntervalMs } = this.#world.plan;
    const roundMs = watch.downAfterMs / 3 + heartbeatIntervalMs;
    // Long enough that a round met it alive, and nothing in between that hides a round.
    if (watch.answersChangedMs - goodbyeMs < 2 * roundMs || watch.edited) return;
    if (Math.max(this.#hearing.disturbedMs, watch.unaskableMs) >= goodbyeMs) return;
    const dueMs = watch.answersChangedMs + watch.downAfterMs + ROUNDS_AFTER_GOODBYE * roundMs;
    if (nowMs <= dueMs + this.toleranceMs || !this.#truth.askable(watch.server)) return;
    watch.missed = true;
    this.#violate(
      "S3",
      watch.server.id,
      `its agent was stopped, and its host is silent unnoticed for ${seconds(nowMs - watch.answersChangedMs)}`,
    );
  }

  #expectNotBack(watch: Watch, nowMs: number): void {
    const { planned } = watch;
    if (planned?.reason === "agent_stopped") return this.#expectHostMissed(watch, planned.atMs, nowMs);
    if (planned?.dueMs == null || watch.missed || this.#diskTroubled()) return;
    const dueMs = Math.max(planned.latestMs, this.#hearing.latestMs) + this.toleranceMs + this.#world.tickMs;
    if (nowMs <= dueMs) return;
    watch.missed = true;
    this.#violate(
      "S3",
      watch.server.id,
      `not back ${seconds(nowMs - planned.atMs)} after a goodbye for ${planned.reason}`,
    );
  }
}
